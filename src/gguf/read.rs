//! Reads a head once, front to back. Nothing is reserved because a number in the file says so.

use std::collections::HashMap;
use std::io::Read;

use super::budget::Head;
use super::{BadGguf, Contents, Kind, Tensor, Value};

const MOST_NOTES: u64 = 1 << 16;
const MOST_TENSORS: u64 = 1 << 16;
const MOST_DIMENSIONS: u32 = 8;
const MOST_ALIGNMENT: i64 = 1 << 20;
/// Lists inside lists.
const DEEPEST: u32 = 4;

/// All tensors of a file of `length` bytes, and the notes that are `wanted`. A list of lists is never kept.
pub fn read(reader: impl Read, length: u64, wanted: impl Fn(&str) -> bool) -> Result<Contents, BadGguf> {
    let mut head = Head::new(reader, length);
    let (tensors, notes) = start(&mut head)?;
    let mut found = Found { notes: HashMap::new(), alignment: 32 };
    for _ in 0..notes {
        note(&mut head, &mut found, &wanted)?;
    }
    let mut announced = Vec::new();
    for _ in 0..tensors {
        announced.push(tensor(&mut head)?);
    }
    let begins = head.at.next_multiple_of(found.alignment);
    let tensors = placed(announced, begins, length)?;
    Ok(Contents { notes: found.notes, tensors })
}

struct Found {
    notes: HashMap<String, Value>,
    alignment: u64,
}

/// How many tensors and notes there are.
fn start<R: Read>(head: &mut Head<R>) -> Result<(u64, u64), BadGguf> {
    if &head.bytes::<4>()? != b"GGUF" {
        return Err(BadGguf::wrong("its first bytes are not those of a GGUF file"));
    }
    let version = head.u32()?;
    if (1..=3).contains(&version.swap_bytes()) {
        return Err(BadGguf::wrong("its numbers are written big end first, and docent reads the other order only"));
    }
    if !(2..=3).contains(&version) {
        return Err(BadGguf::wrong(format!("it has GGUF version {version}, and docent knows 2 and 3")));
    }
    let (tensors, notes) = (head.u64()?, head.u64()?);
    if tensors == 0 {
        return Err(BadGguf::wrong("it holds no weights"));
    }
    if tensors > MOST_TENSORS || notes > MOST_NOTES {
        return Err(BadGguf::wrong(format!("its head announces {tensors} tensors and {notes} notes")));
    }
    Ok((tensors, notes))
}

fn note<R: Read>(head: &mut Head<R>, found: &mut Found, wanted: &impl Fn(&str) -> bool) -> Result<(), BadGguf> {
    let key = head.name("note")?;
    let kind = head.u32()?;
    let is_wanted = wanted(&key);
    let is_ours = matches!(key.as_str(), "split.count" | "general.alignment");
    if !is_wanted && !is_ours {
        return skip_value(head, kind, DEEPEST);
    }
    let Some(value) = value(head, kind)? else { return Ok(()) };
    match (key.as_str(), &value) {
        ("split.count", Value::Integer(parts)) if *parts > 1 => {
            let why = format!("it is one of {parts} parts, and docent reads models in one file");
            return Err(BadGguf::wrong(why));
        }
        ("general.alignment", Value::Integer(bytes)) => {
            let bytes = *bytes;
            found.alignment = u64::try_from(bytes)
                .ok()
                .filter(|aligned| aligned.is_power_of_two() && bytes <= MOST_ALIGNMENT)
                .ok_or_else(|| BadGguf::wrong(format!("its alignment is {bytes}, which is no power of two")))?;
        }
        _ => {}
    }
    if is_wanted {
        match found.notes.insert(key, value) {
            Some(_) => return Err(BadGguf::wrong("it says one thing twice in its notes")),
            None => head.keep((size_of::<(String, Value)>()) as u64)?,
        }
    }
    Ok(())
}

/// `None`: a list of lists.
fn value<R: Read>(head: &mut Head<R>, kind: u32) -> Result<Option<Value>, BadGguf> {
    if kind != LIST {
        return Ok(Some(match kind {
            TEXT => Value::Text(head.text()?),
            FLAG => Value::Bool(head.bytes::<1>()? != [0]),
            kind if is_float(kind) => Value::Float(float(head, kind)?),
            kind => Value::Integer(integer(head, kind)?),
        }));
    }
    let (kind, count) = (head.u32()?, head.u64()?);
    Ok(Some(match kind {
        LIST => {
            skip_list(head, kind, count, DEEPEST)?;
            return Ok(None);
        }
        TEXT => Value::Texts(list(head, count, 0, Head::text)?),
        FLAG => Value::Bools(list(head, count, 1, |head| Ok(head.bytes::<1>()? != [0]))?),
        kind if is_float(kind) => Value::Floats(list(head, count, 4, |head| Ok(float(head, kind)? as f32))?),
        kind => Value::Integers(list(head, count, 8, |head| integer(head, kind))?),
    }))
}

/// Each entry takes some bytes of the file and of the budget, so that this ends.
fn list<R: Read, T>(
    head: &mut Head<R>,
    count: u64,
    kept: u64,
    mut entry: impl FnMut(&mut Head<R>) -> Result<T, BadGguf>,
) -> Result<Vec<T>, BadGguf> {
    let mut entries = Vec::new();
    for _ in 0..count {
        head.keep(kept)?;
        entries.push(entry(head)?);
    }
    Ok(entries)
}

fn skip_value<R: Read>(head: &mut Head<R>, kind: u32, deepest: u32) -> Result<(), BadGguf> {
    match (kind, width(kind)) {
        (_, Some(width)) => head.skip(width),
        (TEXT, _) => head.skip_text(),
        (LIST, _) if deepest > 0 => {
            let (kind, count) = (head.u32()?, head.u64()?);
            skip_list(head, kind, count, deepest)
        }
        (LIST, _) => Err(BadGguf::wrong("a note holds lists in lists in lists")),
        (kind, _) => Err(unknown(kind)),
    }
}

fn skip_list<R: Read>(head: &mut Head<R>, kind: u32, count: u64, deepest: u32) -> Result<(), BadGguf> {
    match width(kind) {
        Some(width) => head.skip(count.saturating_mul(width)),
        None => (0..count).try_for_each(|_| skip_value(head, kind, deepest - 1)),
    }
}

/// Where it lies is counted from where all data begins.
fn tensor<R: Read>(head: &mut Head<R>) -> Result<Tensor, BadGguf> {
    let name = head.name("tensor")?;
    let dimensions = head.u32()?;
    if dimensions > MOST_DIMENSIONS {
        return Err(BadGguf::wrong(format!("its tensor {name:?} has {dimensions} dimensions")));
    }
    let shape = list(head, dimensions.into(), 8, Head::u64)?;
    let (kind, offset) = (Kind::from_number(head.u32()?), head.u64()?);
    head.keep(size_of::<Tensor>() as u64)?;
    let too_large = || BadGguf::wrong(format!("its tensor {name:?} has the impossible shape {shape:?}"));
    let values = shape.iter().try_fold(1_u64, |values, &next| values.checked_mul(next)).ok_or_else(too_large)?;
    // Of a type that is newer than this docent at least the beginning must be there.
    let (block, bytes) = kind.block().unwrap_or((1, 0));
    if !shape.first().unwrap_or(&1).is_multiple_of(block as u64) {
        return Err(BadGguf::wrong(format!(
            "its tensor {name:?} of shape {shape:?} cannot be made of blocks of {block}"
        )));
    }
    let bytes = (values / block as u64).checked_mul(bytes as u64).ok_or_else(too_large)?;
    let end = offset.checked_add(bytes).ok_or_else(too_large)?;
    let shape = shape.iter().map(|&next| usize::try_from(next)).collect::<Result<_, _>>().map_err(|_| too_large())?;
    Ok(Tensor { name, shape, kind, bytes: offset..end })
}

/// With their places counted from the file's first byte.
fn placed(mut tensors: Vec<Tensor>, begins: u64, length: u64) -> Result<Vec<Tensor>, BadGguf> {
    let ends = tensors.iter().map(|tensor| tensor.bytes.end).max().unwrap_or(0);
    let needed = begins.saturating_add(ends);
    if needed > length {
        return Err(BadGguf::CutShort { length, needed: Some(needed) });
    }
    for tensor in &mut tensors {
        tensor.bytes = begins + tensor.bytes.start..begins + tensor.bytes.end;
    }
    let mut names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(BadGguf::wrong(format!("it has two tensors named {:?}", twice[0])));
    }
    Ok(tensors)
}

const FLAG: u32 = 7;
const TEXT: u32 = 8;
const LIST: u32 = 9;

fn unknown(kind: u32) -> BadGguf {
    BadGguf::wrong(format!("a note has the unknown type {kind}"))
}

fn is_float(kind: u32) -> bool {
    matches!(kind, 6 | 12)
}

fn float<R: Read>(head: &mut Head<R>, kind: u32) -> Result<f64, BadGguf> {
    Ok(if kind == 6 { f32::from_le_bytes(head.bytes()?).into() } else { f64::from_le_bytes(head.bytes()?) })
}

fn integer<R: Read>(head: &mut Head<R>, kind: u32) -> Result<i64, BadGguf> {
    Ok(match kind {
        0 => u8::from_le_bytes(head.bytes()?).into(),
        1 => i8::from_le_bytes(head.bytes()?).into(),
        2 => u16::from_le_bytes(head.bytes()?).into(),
        3 => i16::from_le_bytes(head.bytes()?).into(),
        4 => head.u32()?.into(),
        5 => i32::from_le_bytes(head.bytes()?).into(),
        10 => head.u64()?.try_into().unwrap_or(i64::MAX),
        11 => i64::from_le_bytes(head.bytes()?),
        kind => return Err(unknown(kind)),
    })
}

/// Bytes of a value of one of the plain types.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | FLAG => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}
