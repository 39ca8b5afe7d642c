//! Files as others write them, for tests.

use super::{Kind, Value};

#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) notes: Vec<(String, Value)>,
    pub(crate) tensors: Vec<(String, Vec<usize>, Kind, Vec<u8>)>,
}

impl Written {
    /// Replaces the note of that name if there is one.
    pub(crate) fn note(&mut self, key: impl Into<String>, value: Value) {
        let key = key.into();
        self.notes.retain(|(other, _)| *other != key);
        self.notes.push((key, value));
    }

    pub(crate) fn tensor(&mut self, name: impl Into<String>, shape: &[usize], kind: Kind, bytes: Vec<u8>) {
        self.tensors.push((name.into(), shape.to_vec(), kind, bytes));
    }

    /// The whole file, version 3.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let counts = [self.tensors.len() as u64, self.notes.len() as u64];
        let mut file =
            [&b"GGUF"[..], &3_u32.to_le_bytes(), &counts[0].to_le_bytes(), &counts[1].to_le_bytes()].concat();
        for (key, value) in &self.notes {
            text(&mut file, key);
            put(&mut file, value);
        }
        let mut data = Vec::new();
        for (name, shape, kind, bytes) in &self.tensors {
            text(&mut file, name);
            file.extend((shape.len() as u32).to_le_bytes());
            file.extend(shape.iter().flat_map(|&numbers| (numbers as u64).to_le_bytes()));
            file.extend(kind.number().to_le_bytes());
            file.extend((data.len() as u64).to_le_bytes());
            data.extend(bytes);
            data.resize(data.len().next_multiple_of(32), 0);
        }
        file.resize(file.len().next_multiple_of(32), 0);
        file.extend(data);
        file
    }
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}

fn put(file: &mut Vec<u8>, value: &Value) {
    let mut list = |kind: u32, count: usize| {
        file.extend(9_u32.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend((count as u64).to_le_bytes());
    };
    match value {
        Value::Texts(texts) => list(8, texts.len()),
        Value::Bools(flags) => list(7, flags.len()),
        Value::Integers(numbers) => list(5, numbers.len()),
        Value::Floats(numbers) => list(6, numbers.len()),
        Value::Text(_) => file.extend(8_u32.to_le_bytes()),
        Value::Bool(_) => file.extend(7_u32.to_le_bytes()),
        Value::Float(_) => file.extend(6_u32.to_le_bytes()),
        Value::Integer(number) if u32::try_from(*number).is_ok() => file.extend(4_u32.to_le_bytes()),
        Value::Integer(_) => file.extend(11_u32.to_le_bytes()),
    }
    match value {
        Value::Texts(texts) => texts.iter().for_each(|one| text(file, one)),
        Value::Bools(flags) => file.extend(flags.iter().map(|&flag| u8::from(flag))),
        Value::Integers(numbers) => file.extend(numbers.iter().flat_map(|&number| (number as i32).to_le_bytes())),
        Value::Floats(numbers) => file.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        Value::Text(one) => text(file, one),
        Value::Bool(flag) => file.push(u8::from(*flag)),
        Value::Float(number) => file.extend((*number as f32).to_le_bytes()),
        Value::Integer(number) => match u32::try_from(*number) {
            Ok(number) => file.extend(number.to_le_bytes()),
            Err(_) => file.extend(number.to_le_bytes()),
        },
    }
}
