//! Whole files are recognised; cut, swollen and arbitrary ones are refused in words, and cost nothing.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::models::{Kind, Pooling};

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

/// A GGUF file with one small tensor.
pub(in crate::models) fn tiny_gguf(name: &str) -> Vec<u8> {
    let mut file = [&b"GGUF"[..], &3_u32.to_le_bytes(), &1_u64.to_le_bytes(), &5_u64.to_le_bytes()].concat();
    for (key, value) in [("general.architecture", "llama"), ("general.name", name), ("general.license", "mit")] {
        file.extend([text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat());
    }
    file.extend([text("llama.context_length"), 4_u32.to_le_bytes().to_vec(), 2048_u32.to_le_bytes().to_vec()].concat());
    // A list of texts, as vocabularies are.
    file.extend([text("tokenizer.ggml.tokens"), 9_u32.to_le_bytes().to_vec(), 8_u32.to_le_bytes().to_vec()].concat());
    file.extend([2_u64.to_le_bytes().to_vec(), text("a"), text("b")].concat());
    // 256 values of type Q4_K.
    file.extend([text("t"), 1_u32.to_le_bytes().to_vec(), 256_u64.to_le_bytes().to_vec()].concat());
    file.extend([12_u32.to_le_bytes().to_vec(), 0_u64.to_le_bytes().to_vec()].concat());
    file.resize(file.len().next_multiple_of(32) + 144, 1);
    file
}

pub(in crate::models) fn tiny_safetensors() -> Vec<u8> {
    let head = br#"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    [&(head.len() as u64).to_le_bytes()[..], head, &[7; 16]].concat()
}

fn gguf(bytes: &[u8]) -> Result<Header, Why> {
    read_header(Cursor::new(bytes), bytes.len() as u64)
}

fn tensors(bytes: &[u8]) -> Result<(), Why> {
    tensors::check(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn a_gguf_file_says_what_it_is() {
    let header = gguf(&tiny_gguf("Tiny")).unwrap();
    assert_eq!(
        header,
        Header {
            name: Some("Tiny".into()),
            architecture: Some("llama".into()),
            context: Some(2048),
            licence: Some("mit".into()),
            languages: Vec::new(),
        }
    );
}

#[test]
fn every_cut_is_noticed() {
    let whole = tiny_gguf("Tiny");
    for end in 0..whole.len() {
        let why = gguf(&whole[..end]).unwrap_err();
        assert!(end < 4 || why.contains("cut short"), "{end}: {why}");
    }
    let whole = tiny_safetensors();
    assert!(tensors(&whole).is_ok());
    for end in 0..whole.len() {
        let why = tensors(&whole[..end]).unwrap_err();
        assert!(why.contains("cut short"), "{end}: {why}");
    }
    assert!(tensors(&[&whole[..], b"more"].concat()).unwrap_err().contains("should be"));
}

#[test]
fn numbers_that_promise_too_much_are_not_believed() {
    let promise = |tensors: u64, pairs: u64, rest: &[u8]| {
        gguf(&[&b"GGUF"[..], &3_u32.to_le_bytes(), &tensors.to_le_bytes(), &pairs.to_le_bytes(), rest].concat())
    };
    assert!(promise(0, 0, &[]).unwrap_err().contains("no weights"));
    let split = [text("split.count"), 2_u32.to_le_bytes().to_vec(), 3_u16.to_le_bytes().to_vec()].concat();
    assert!(promise(1, 1, &split).unwrap_err().contains("one of 3 parts"));
    assert!(promise(u64::MAX, 0, &[]).unwrap_err().contains("announces"));
    assert!(promise(1, 1, &u64::MAX.to_le_bytes()).is_err());
    // A list of 2^63 lists of lists.
    let list = [text("k"), 9_u32.to_le_bytes().to_vec(), 9_u32.to_le_bytes().to_vec()].concat();
    assert!(promise(1, 1, &[list, (1_u64 << 63).to_le_bytes().to_vec()].concat()).is_err());
    assert!(tensors(&[&u64::MAX.to_le_bytes()[..], b"{}"].concat()).is_err());
    assert!(gguf(b"<html>log in</html>").unwrap_err().contains("not those of a GGUF file"));
}

#[test]
fn a_folder_says_its_kind() {
    let of = |config: &'static str, pooling: Option<&'static str>| {
        facts(&move |name| match name {
            "config.json" => Some(config.into()),
            "1_Pooling/config.json" => pooling.map(Into::into),
            "sentence_bert_config.json" => Some(br#"{"max_seq_length": 128}"#.to_vec()),
            _ => None,
        })
    };
    let bert = r#"{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384}"#;
    let found = of(bert, Some(r#"{"pooling_mode_cls_token": true}"#)).unwrap();
    assert_eq!((found.kind, found.dimensions, found.max_tokens), (Kind::Embedder, Some(384), Some(128)));
    assert_eq!(found.pooling, Some(Pooling::Cls));
    let scores = r#"{"architectures": ["XLMRobertaForSequenceClassification"], "model_type": "xlm-roberta"}"#;
    assert_eq!(of(scores, None).unwrap().kind, Kind::Reranker);
    assert!(of(r#"{"model_type": "llama"}"#, None).unwrap_err().contains("\"llama\""));
    assert!(of(bert, Some("{}")).unwrap_err().contains("neither mean nor cls"));
    assert!(of("[", None).unwrap_err().contains("config.json: line 1"));
    assert!(facts(&|_| None).unwrap_err().contains("no config.json"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_in_words(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!gguf(&bytes).unwrap_err().is_empty());
        prop_assert!(!tensors(&bytes).unwrap_err().is_empty());
    }

    #[test]
    fn a_changed_byte_never_breaks_the_reader(at in 0_usize..600, byte in any::<u8>()) {
        for mut file in [tiny_gguf("Tiny"), tiny_safetensors()] {
            let at = at % file.len();
            file[at] = byte;
            let _ = (gguf(&file), tensors(&file));
        }
    }
}
