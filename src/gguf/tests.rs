//! Whole files are read as they were written; cut, swollen, changed and arbitrary ones are refused in words, and cost nothing.

use std::io::Read;

use proptest::prelude::*;

use super::written::Written;
use super::*;

fn whole() -> Written {
    let mut file = Written::default();
    for (key, value) in values() {
        file.note(key, value);
    }
    file.tensor("a", &[256, 2], Kind::Q4K, vec![3; 288]);
    file.tensor("b", &[3], Kind::F32, vec![4; 12]);
    file.tensor("c", &[5, 2], Kind::Other(999), Vec::new());
    file
}

fn values() -> [(&'static str, Value); 9] {
    [
        ("text", Value::Text("olá".into())),
        ("flag", Value::Bool(true)),
        ("count", Value::Integer(4_000_000_000)),
        ("below", Value::Integer(-5)),
        ("number", Value::Float(0.5)),
        ("texts", Value::Texts(vec!["a".into(), String::new(), "ñ".into()])),
        ("flags", Value::Bools(vec![true, false])),
        ("numbers", Value::Integers(vec![1, -1])),
        ("floats", Value::Floats(vec![1.5, -0.25])),
    ]
}

fn all(bytes: &[u8]) -> Result<Contents, BadGguf> {
    read(bytes, bytes.len() as u64, |_| true)
}

#[track_caller]
fn refused(bytes: &[u8], reason: &str) {
    let why = all(bytes).unwrap_err().to_string();
    assert!(why.contains(reason), "{why}");
}

/// A file with one tensor whose notes are these bytes.
fn with_notes(count: u64, notes: &[u8]) -> Vec<u8> {
    [&b"GGUF"[..], &3_u32.to_le_bytes(), &1_u64.to_le_bytes(), &count.to_le_bytes(), notes].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let bytes = whole().bytes();
    let contents = all(&bytes).unwrap();
    for (key, value) in values() {
        assert_eq!(contents.notes[key], value, "{key}");
    }
    assert_eq!(contents.tensors.len(), 3);
    for (name, shape, kind, content) in whole().tensors {
        let tensor = contents.tensor(&name).unwrap();
        assert_eq!((&tensor.shape, tensor.kind), (&shape, kind), "{name}");
        let place = tensor.bytes.start as usize..tensor.bytes.end as usize;
        assert_eq!(bytes[place], content, "{name}");
    }
    assert_eq!((contents.text("text"), contents.flag("flag")), (Some("olá"), Some(true)));
    assert_eq!((contents.integer("below"), contents.float("below")), (Some(-5), Some(-5.0)));
    assert_eq!((contents.float("number"), contents.integer("number")), (Some(0.5), None));
    assert_eq!(contents.floats("floats"), Some(&[1.5, -0.25][..]));
    assert_eq!((contents.flags("flags").unwrap().len(), contents.integers("numbers").unwrap().len()), (2, 2));
    assert_eq!(contents.texts("texts").unwrap()[2], "ñ");
}

#[test]
fn only_what_is_wanted_is_kept() {
    let bytes = whole().bytes();
    let contents = read(&bytes[..], bytes.len() as u64, |key| key == "flag").unwrap();
    assert_eq!(contents.notes.len(), 1);
    assert_eq!(contents.tensors, all(&bytes).unwrap().tensors);
}

#[test]
fn every_number_type_is_understood() {
    let note = |name: &str, kind: u32, bytes: &[u8]| [&text(name)[..], &kind.to_le_bytes(), bytes].concat();
    let notes = [
        note("u8", 0, &[255]),
        note("i8", 1, &[255]),
        note("u16", 2, &[255, 255]),
        note("i16", 3, &[254, 255]),
        note("u32", 4, &[255; 4]),
        note("i32", 5, &[253, 255, 255, 255]),
        note("f32", 6, &1.5_f32.to_le_bytes()),
        note("u64", 10, &[255; 8]),
        note("i64", 11, &[255; 8]),
        note("f64", 12, &0.1_f64.to_le_bytes()),
    ];
    let tensor = [&text("t")[..], &1_u32.to_le_bytes(), &1_u64.to_le_bytes(), &24_u32.to_le_bytes(), &[0; 8]].concat();
    let mut file = with_notes(notes.len() as u64, &[notes.concat(), tensor].concat());
    file.resize(file.len().next_multiple_of(32) + 1, 7);
    let contents = all(&file).unwrap();
    let found = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64"].map(|key| contents.integer(key).unwrap());
    assert_eq!(found, [255, -1, 65535, -2, 4_294_967_295, -3, i64::MAX, -1]);
    assert_eq!((contents.float("f32"), contents.float("f64")), (Some(1.5), Some(0.1)));
}

#[test]
fn kinds_have_their_numbers_back() {
    for kind in Kind::KNOWN {
        assert_eq!(Kind::from_number(kind.number()), kind);
        let (values, bytes) = kind.block().unwrap();
        assert!(bytes >= values / 4, "{kind} of {values} values in {bytes} bytes");
    }
    assert_eq!(Kind::from_number(23), Kind::Other(23));
    assert_eq!((Kind::Other(23).to_string(), Kind::Other(23).block()), ("IQ4_XS".to_owned(), Some((256, 136))));
    assert_eq!((Kind::Other(5).block(), Kind::Other(5).to_string()), (None, "type 5".to_owned()));
}

#[test]
fn every_cut_is_noticed() {
    let whole = whole().bytes();
    let ends = all(&whole).unwrap().tensor("c").unwrap().bytes.end as usize;
    for end in 4..ends {
        refused(&whole[..end], "cut short");
    }
    assert!(all(&whole[..ends]).is_ok());
}

#[test]
fn what_is_something_else_is_said() {
    refused(b"<html>log in</html>", "not those of a GGUF file");
    refused(&[&b"GGUF"[..], &3_u32.to_be_bytes(), &[0; 16]].concat(), "big end first");
    refused(&[&b"GGUF"[..], &1_u32.to_le_bytes(), &[0; 16]].concat(), "version 1");
    let mut split = whole();
    split.note("split.count", Value::Integer(3));
    refused(&split.bytes(), "one of 3 parts");
    split.note("split.count", Value::Integer(1));
    assert!(all(&split.bytes()).is_ok());
}

#[test]
fn numbers_that_promise_too_much_are_not_believed() {
    let promise = |tensors: u64, notes: u64| {
        [&b"GGUF"[..], &3_u32.to_le_bytes(), &tensors.to_le_bytes(), &notes.to_le_bytes()].concat()
    };
    refused(&promise(0, 0), "no weights");
    refused(&promise(u64::MAX, 0), "announces");
    refused(&promise(1, u64::MAX), "announces");
    refused(&with_notes(1, &u64::MAX.to_le_bytes()), "cut short");
    let list =
        |of: u32, count: u64| [&text("k")[..], &9_u32.to_le_bytes(), &of.to_le_bytes(), &count.to_le_bytes()].concat();
    for of in [0, 4, 6, 7, 8, 9, 12] {
        refused(&with_notes(1, &list(of, u64::MAX)), "cut short");
        refused(&with_notes(1, &list(of, 1 << 40)), "cut short");
    }
    refused(&with_notes(1, &list(77, 1)), "unknown type 77");
    let nest = [9_u32.to_le_bytes().to_vec(), 1_u64.to_le_bytes().to_vec()].concat().repeat(1000);
    refused(&with_notes(1, &[text("k"), 9_u32.to_le_bytes().to_vec(), nest].concat()), "lists in lists");
}

#[test]
fn impossible_tensors_are_refused() {
    let of = |shape: &[usize], kind: Kind| {
        let mut file = Written::default();
        file.tensor("t", shape, kind, vec![0; 64]);
        file.bytes()
    };
    assert!(all(&of(&[16], Kind::F32)).is_ok());
    refused(&of(&[17], Kind::F32), "cut short: ");
    refused(&of(&[usize::MAX, usize::MAX], Kind::F32), "impossible shape");
    refused(&of(&[1 << 62], Kind::F32), "impossible shape");
    refused(&of(&[33], Kind::Q8_0), "blocks of 32");
    refused(&of(&[1; 9], Kind::F32), "9 dimensions");
    let mut twice = whole();
    twice.tensor("a", &[1], Kind::F32, vec![0; 4]);
    refused(&twice.bytes(), "two tensors named \"a\"");
    let note = [text("k"), 0_u32.to_le_bytes().to_vec(), vec![1]].concat();
    refused(&with_notes(2, &note.repeat(2)), "twice");
    let mut odd = whole();
    odd.note("general.alignment", Value::Integer(24));
    refused(&odd.bytes(), "no power of two");
}

/// Says that it is longer than any disk, and goes on as long as it is read.
struct Endless(Vec<u8>, u64);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        for byte in out.iter_mut() {
            *byte = self.0.get(self.1 as usize).copied().unwrap_or(0);
            self.1 += 1;
        }
        Ok(out.len())
    }
}

#[test]
fn a_head_without_end_is_read_within_a_budget() {
    let list = |of: u32| [&text("k")[..], &9_u32.to_le_bytes(), &of.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
    for (of, kept) in [(8, true), (0, true), (4, true), (8, false), (4, false)] {
        let mut file = Endless(with_notes(1, &list(of)), 0);
        let why = read(&mut file, u64::MAX, |_| kept).unwrap_err().to_string();
        assert!(why.contains("any model") || why.contains("cut short"), "{why}");
        assert!(file.1 <= 257 << 20, "{} bytes were read", file.1);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_in_words(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!all(&bytes).unwrap_err().to_string().is_empty());
        let begun = [&b"GGUF\x03\0\0\0"[..], &bytes].concat();
        let _ = all(&begun);
    }

    #[test]
    fn changed_bytes_never_break_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = whole().bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(contents) = all(&bytes) {
            for tensor in contents.tensors {
                prop_assert!(tensor.bytes.start <= tensor.bytes.end && tensor.bytes.end <= bytes.len() as u64);
                if let Some((values, wide)) = tensor.kind.block() {
                    let length = tensor.bytes.end - tensor.bytes.start;
                    let count: usize = tensor.shape.iter().product();
                    prop_assert_eq!(length, (count / values * wide) as u64);
                }
            }
        }
    }
}
