//! Reads a request's JSON field by field. What is wrong with it is said with the field's name, the value and what it has to
//! be, in plain words; nothing is reserved because a number says so.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::fault::Fault;

/// What a client is answered, and the field it is about.
#[derive(Debug)]
pub(in crate::http) struct Refused {
    pub fault: Fault,
    pub param: Option<String>,
}

pub(in crate::http) type Result<T, E = Refused> = std::result::Result<T, E>;

/// An object of a request; each field is taken once. `null` is as good as nothing.
#[derive(Debug)]
pub(in crate::http) struct Fields {
    map: Map<String, Value>,
    /// What stands before the fields' names, such as `options.`
    path: String,
}

/// Of a value, so much is repeated to whoever sent it.
const SHOWN: usize = 60;

impl Refused {
    pub(in crate::http) fn new(param: impl Into<String>, what: impl Into<String>) -> Refused {
        Refused { fault: Fault::caller("invalid_value", what), param: Some(param.into()) }
    }

    pub(in crate::http) fn hint(self, hint: impl Into<String>) -> Refused {
        Refused { fault: self.fault.hint(hint), ..self }
    }

    /// Understood, and nothing that docent does.
    pub(in crate::http) fn unsupported(param: impl Into<String>, what: impl Into<String>) -> Refused {
        Refused { fault: Fault::caller("unsupported_value", what), param: Some(param.into()) }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        match refused.param {
            Some(param) => refused.fault.because_of(Param(param)),
            None => refused.fault,
        }
    }
}

/// The field that a fault is about, for the dialect that names it beside what happened.
#[derive(Debug)]
pub(in crate::http) struct Param(pub String);

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Param {}

impl Fields {
    /// A whole body.
    pub(in crate::http) fn read(body: &[u8]) -> Result<Fields> {
        let not_json = |what: String| {
            let fault = Fault::caller("invalid_json", what).hint("send one JSON object, in UTF-8");
            Refused { fault, param: None }
        };
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(not_json("the body is empty".to_owned()));
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            tracing::debug!(%error, "a body is not JSON");
            not_json(format!("the body is not JSON: line {}, column {}", error.line(), error.column()))
        })?;
        match value {
            Value::Object(map) => Ok(Fields { map, path: String::new() }),
            other => Err(not_json(format!("the body is {}, and has to be an object", shown(&other)))),
        }
    }

    /// An object somewhere inside, called `path` by people.
    pub(in crate::http) fn of(map: Map<String, Value>, path: &str) -> Fields {
        Fields { map, path: format!("{path}.") }
    }

    pub(in crate::http) fn name(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }

    pub(in crate::http) fn take(&mut self, field: &str) -> Option<Value> {
        self.map.remove(field).filter(|value| !value.is_null())
    }

    pub(in crate::http) fn wrong(&self, field: &str, value: &Value, expects: &str) -> Refused {
        let name = self.name(field);
        let what = format!("{name} is {}, and has to be {expects}", shown(value));
        Refused::new(name, what)
    }

    pub(in crate::http) fn missing(&self, field: &str) -> Refused {
        let name = self.name(field);
        let what = format!("{name} is missing");
        Refused::new(name, what)
    }

    pub(in crate::http) fn text(&mut self, field: &str) -> Result<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(field, &other, "a text")),
        }
    }

    pub(in crate::http) fn flag(&mut self, field: &str) -> Result<Option<bool>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(field, &other, "true or false")),
        }
    }

    pub(in crate::http) fn number(&mut self, field: &str, range: RangeInclusive<f64>) -> Result<Option<f32>> {
        let Some(value) = self.take(field) else { return Ok(None) };
        match value.as_f64().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number as f32)),
            None => {
                let expects = match (*range.start(), *range.end()) {
                    (f64::MIN, f64::MAX) => "a number".to_owned(),
                    (start, f64::MAX) => format!("a number from {start}"),
                    (start, end) => format!("a number from {start} to {end}"),
                };
                Err(self.wrong(field, &value, &expects))
            }
        }
    }

    /// A whole number, also where it is written with a point; beyond the largest, the largest.
    pub(in crate::http) fn whole(&mut self, field: &str, range: RangeInclusive<i64>) -> Result<Option<i64>> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let number = value.as_i64().or_else(|| value.as_f64().filter(|number| number.fract() == 0.0).map(|n| n as i64));
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => {
                let expects = match (*range.start(), *range.end()) {
                    (i64::MIN, i64::MAX) => "a whole number".to_owned(),
                    (start, i64::MAX) => format!("a whole number from {start}"),
                    (start, end) => format!("a whole number from {start} to {end}"),
                };
                Err(self.wrong(field, &value, &expects))
            }
        }
    }

    pub(in crate::http) fn list(&mut self, field: &str) -> Result<Option<Vec<Value>>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(other) => Err(self.wrong(field, &other, "a list")),
        }
    }

    pub(in crate::http) fn object(&mut self, field: &str) -> Result<Option<Fields>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Fields::of(map, &self.name(field)))),
            Some(other) => Err(self.wrong(field, &other, "an object")),
        }
    }

    /// One text or a list of some.
    pub(in crate::http) fn texts(&mut self, field: &str, most: usize) -> Result<Option<Vec<String>>> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let texts = match &value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        match texts {
            Some(texts) if texts.len() > most => {
                let name = self.name(field);
                let what = format!("{name} has {} texts, and may have {most}", texts.len());
                Err(Refused::new(name, what))
            }
            Some(texts) => Ok(Some(texts)),
            None => Err(self.wrong(field, &value, "a text or a list of texts")),
        }
    }

    /// Refuses anything but these values, for what would change the answer and is not done.
    pub(in crate::http) fn only(&mut self, field: &str, harmless: &[Value], hint: &str) -> Result<()> {
        match self.take(field) {
            Some(value) if !harmless.contains(&value) => {
                let name = self.name(field);
                Err(Refused::unsupported(name.clone(), format!("{name} is not supported")).hint(hint))
            }
            _ => Ok(()),
        }
    }
}

/// A value as it stands, if it is short.
pub(in crate::http) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Null => "null".to_owned(),
        other => {
            let whole = other.to_string();
            let end = whole.floor_char_boundary(SHOWN);
            if end < whole.len() { format!("{}…", &whole[..end]) } else { whole }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Fields {
        Fields::read(value.to_string().as_bytes()).unwrap()
    }

    fn said<T: std::fmt::Debug>(refused: Result<T>) -> (String, Option<String>) {
        let refused = refused.unwrap_err();
        (refused.fault.what, refused.param)
    }

    #[test]
    fn wrong_values_are_named() {
        let mut read = fields(&json!({"a": "hot", "b": -1, "c": 1.5, "d": [1], "e": {"f": "x"}, "g": 7}));
        assert_eq!(said(read.number("a", 0.0..=2.0)).0, "a is \"hot\", and has to be a number from 0 to 2");
        assert_eq!(said(read.whole("b", 1..=i64::MAX)).0, "b is -1, and has to be a whole number from 1");
        assert_eq!(said(read.whole("c", i64::MIN..=i64::MAX)).0, "c is 1.5, and has to be a whole number");
        assert_eq!(said(read.text("d")).0, "d is a list, and has to be a text");
        let mut inner = read.object("e").unwrap().unwrap();
        assert_eq!(said(inner.flag("f")), ("e.f is \"x\", and has to be true or false".into(), Some("e.f".into())));
        assert_eq!(said(read.texts("g", 4)).0, "g is 7, and has to be a text or a list of texts");
    }

    #[test]
    fn null_is_nothing_and_large_numbers_are_the_largest() {
        let mut read = fields(&json!({"a": null, "b": 5.0, "c": 1e300, "d": u64::MAX, "e": "x"}));
        assert_eq!(read.text("a").unwrap(), None);
        assert_eq!(read.whole("b", 0..=9).unwrap(), Some(5));
        assert_eq!(read.whole("c", 0..=i64::MAX).unwrap(), Some(i64::MAX));
        assert_eq!(read.whole("d", 0..=i64::MAX).unwrap(), Some(i64::MAX));
        assert_eq!(read.texts("e", 1).unwrap(), Some(vec!["x".to_owned()]));
        assert_eq!(read.texts("f", 1).unwrap(), None);
    }

    #[test]
    fn bodies_that_are_no_objects() {
        for body in [&b""[..], b" \n", b"{", b"[]", b"\"x\"", b"{\"a\":\xff}", b"nul", b"{\"a\":1e999}"] {
            let refused = Fields::read(body).unwrap_err();
            assert_eq!(refused.fault.code, "invalid_json");
        }
        let deep = "[".repeat(100_000);
        assert!(Fields::read(deep.as_bytes()).unwrap_err().fault.what.starts_with("the body is not JSON"));
    }

    #[test]
    fn long_values_are_not_repeated_whole() {
        let mut read = fields(&json!({"a": "ñ".repeat(1000)}));
        let (what, _) = said(read.flag("a"));
        assert!(what.len() < 120 && what.contains('…'), "{what}");
    }

    proptest! {
        #[test]
        fn whatever_comes_nothing_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::read(&body);
        }
    }
}
