//! Ollama's options, and what its calls that write have in common. Options that are about the machine are docent's to choose
//! and are passed over; what would change the answer and is not done is refused.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::talk::{
    Asked, Fields, LONGEST, MOST_STOPS, Refused, Result, Wanted, chance, only, stops, timeout, tokens,
};
use crate::inference::{Prompt, Sampling, Shape};

/// What is wanted, and how it is to be sent.
#[derive(Debug)]
pub(super) struct Call {
    /// The model's name as the client wrote it.
    pub model: String,
    pub wanted: Wanted,
    pub stream: bool,
    /// Nothing is to be written: the model is to be in memory, or no longer.
    pub only: Option<Only>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    Load,
    Unload,
}

/// As Ollama has them where nothing is said.
const TEMPERATURE: f32 = 0.8;
const TOP_K: i64 = 40;
const TOP_P: f32 = 0.9;
const REPEAT_PENALTY: f32 = 1.1;
const REPEAT_LAST: i64 = 64;

/// Everything but the prompt, which is `None` where there is nothing to answer.
pub(super) fn read(fields: &mut Fields, prompt: Option<Prompt>) -> Result<Call> {
    let model = model(fields)?;
    let stream = fields.flag("stream")?.unwrap_or(true);
    let shape = shape(fields)?;
    let is_over = keep_alive(fields)?;
    let timeout = fields.whole("timeout_ms", 1..=LONGEST)?;
    for field in ["tools", "images"] {
        let hint = "docent reads and writes text; ask for JSON with `format` instead";
        fields.only(field, &[json!([])], hint)?;
    }
    fields.only("think", &[json!(false)], "docent has models answer without thinking aloud")?;
    fields.only("logprobs", &[json!(false)], "leave it out")?;
    let mut options = fields.object("options")?.unwrap_or_else(|| Fields::of(serde_json::Map::new(), "options"));
    let temperature = options.number("temperature", 0.0..=f64::MAX)?;
    let seed = options.whole("seed", i64::MIN..=i64::MAX)?.map(i64::cast_unsigned);
    let max_tokens = options.whole("num_predict", i64::MIN..=i64::MAX)?;
    let stop = options.texts("stop", MOST_STOPS)?.unwrap_or_default();
    let sampling = Sampling {
        temperature: temperature.unwrap_or(TEMPERATURE),
        top_k: tokens(options.whole("top_k", 0..=i64::MAX)?.unwrap_or(TOP_K)),
        top_p: options.number("top_p", 0.0..=1.0)?.unwrap_or(TOP_P),
        min_p: options.number("min_p", 0.0..=1.0)?.unwrap_or(0.0),
        repeat_penalty: options.number("repeat_penalty", 0.0..=f64::MAX)?.unwrap_or(REPEAT_PENALTY),
        repeat_last: tokens(options.whole("repeat_last_n", -1..=i64::MAX)?.unwrap_or(REPEAT_LAST)),
        // 0 stands for any, too.
        seed: seed.filter(|seed| *seed != 0).unwrap_or_else(chance),
        bias: Vec::new(),
    };
    for field in ["presence_penalty", "frequency_penalty", "mirostat"] {
        if options.number(field, f64::MIN..=f64::MAX)?.is_some_and(|number| number != 0.0) {
            let name = options.name(field);
            let what = format!("{name} is not supported");
            return Err(Refused::unsupported(name, what).hint("leave it out, or use repeat_penalty"));
        }
    }
    let only = match (&prompt, is_over) {
        (Some(_), _) => None,
        (None, false) => Some(Only::Load),
        (None, true) => Some(Only::Unload),
    };
    // Last, so that who names a wrong model and a wrong value learns of the value.
    let asked = Asked::read(&model)?;
    let wanted = Wanted {
        asked,
        prompt: prompt.unwrap_or_else(|| Prompt::Text(String::new())),
        // Below zero: as many as there is room for.
        max_tokens: max_tokens.map(tokens),
        sampling,
        temperature: temperature.map(|temperature| temperature.min(2.0)),
        seed: seed.filter(|seed| *seed != 0),
        stop,
        shape,
        timeout: timeout.map(|millis| Duration::from_millis(millis.unsigned_abs())),
    };
    Ok(Call { model, wanted, stream, only })
}

/// Older clients call it `name`.
pub(super) fn model(fields: &mut Fields) -> Result<String> {
    let (new, old) = (fields.text("model")?, fields.text("name")?);
    new.or(old).ok_or_else(|| fields.missing("model"))
}

/// A schema of an object that names a model, by one of two names.
pub(super) fn named(object: Value) -> Value {
    let what = "`docent` and `docent/COLLECTION` stand for the documents; any other name is a model's";
    let new = json!({"type": "string", "description": what, "example": "docent"});
    let nullable = json!({"type": ["string", "null"]});
    let with_new = json!({"type": "object", "required": ["model"], "properties": {"model": new, "name": nullable}});
    let old = json!({"type": "string", "description": "As older clients call it"});
    let with_old = json!({"type": "object", "required": ["name"], "properties": {"name": old, "model": nullable}});
    json!({"allOf": [object, {"anyOf": [with_new, with_old]}]})
}

/// The fields that are read above and below, but for the model's name.
pub(super) fn described() -> Value {
    let any = json!({"type": ["integer", "null"]});
    let some = json!({"type": ["integer", "null"], "minimum": 0});
    let share = json!({"type": ["number", "null"], "minimum": 0, "maximum": 1});
    let positive = json!({"type": ["number", "null"], "minimum": 0});
    let none = json!({"type": ["number", "null"], "minimum": 0, "maximum": 0, "description": "Not supported"});
    json!({
        "stream": {"type": ["boolean", "null"], "description": "JSON lines, which is what comes where nothing is said"},
        "format": {"oneOf": [{"type": "string", "enum": ["", "json"]}, {"type": "object"}, {"type": "null"}]},
        "keep_alive": {"oneOf": [{"type": "string", "pattern": KEEP_ALIVE}, {"type": "number"}, {"type": "null"}]},
        "timeout_ms": timeout(),
        "tools": only(json!([[]])),
        "images": only(json!([[]])),
        "think": only(json!([false])),
        "logprobs": only(json!([false])),
        "options": {
            "type": ["object", "null"],
            "properties": {
                "num_predict": any,
                "temperature": positive,
                "top_k": some,
                "top_p": share,
                "min_p": share,
                "repeat_penalty": positive,
                "repeat_last_n": {"type": ["integer", "null"], "minimum": -1},
                "seed": any,
                "stop": stops(),
                "presence_penalty": none,
                "frequency_penalty": none,
                "mirostat": none
            }
        }
    })
}

/// A number of seconds, or numbers with their units.
const KEEP_ALIVE: &str = "^-?([0-9]+([.][0-9]+)?|([0-9]+([.][0-9]+)?(ns|us|ms|s|m|h))+)$";

/// Whether it says that the model is to go. Models come and go as they are needed, so that nothing else follows from it.
fn keep_alive(fields: &mut Fields) -> Result<bool> {
    const EXPECTS: &str = "a time such as 5m, or a number of seconds";
    match fields.take("keep_alive") {
        None => Ok(false),
        Some(Value::Number(number)) => Ok(number.as_f64() == Some(0.0)),
        Some(Value::String(text)) if is_time(text.strip_prefix('-').unwrap_or(&text)) => {
            Ok(!text.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
        }
        Some(other) => Err(fields.wrong("keep_alive", &other, EXPECTS)),
    }
}

/// As [`KEEP_ALIVE`] has it behind the sign.
fn is_time(mut text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |text: &str| match text.split_once('.') {
        Some((whole, rest)) => is_digits(whole) && is_digits(rest),
        None => is_digits(text),
    };
    if is_number(text) {
        return true;
    }
    if text.is_empty() {
        return false;
    }
    while !text.is_empty() {
        let number = text.find(|c: char| c.is_ascii_lowercase()).unwrap_or(text.len());
        let (before, rest) = text.split_at(number);
        let unit = ["ns", "us", "ms", "s", "m", "h"].into_iter().find(|unit| rest.starts_with(unit));
        match unit {
            Some(unit) if is_number(before) => text = &rest[unit.len()..],
            _ => return false,
        }
    }
    true
}

fn shape(fields: &mut Fields) -> Result<Option<Shape>> {
    match fields.take("format") {
        None => Ok(None),
        Some(Value::String(name)) if name.is_empty() => Ok(None),
        Some(Value::String(name)) if name == "json" => Ok(Some(Shape::AnyObject)),
        Some(schema @ Value::Object(_)) => Ok(Some(Shape::Schema(schema.to_string()))),
        Some(other) => Err(fields.wrong("format", &other, "\"json\" or a JSON schema")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: Value, prompt: Option<&str>) -> Result<Call> {
        let prompt = prompt.map(|text| Prompt::Text(text.to_owned()));
        read(&mut Fields::read(body.to_string().as_bytes())?, prompt)
    }

    fn options(options: Value) -> Result<Call> {
        call(json!({"model": "m", "options": options}), Some("x"))
    }

    #[test]
    fn options_are_taken_and_the_rest_is_usual() {
        let call = options(json!({
            "num_predict": 7, "temperature": 0, "top_k": 3, "top_p": 0.5, "min_p": 0.1, "seed": 9, "stop": "END",
            "repeat_penalty": 1.0, "repeat_last_n": -1, "num_ctx": 99, "num_gpu": 0, "presence_penalty": 0.0,
        }))
        .unwrap();
        let Wanted { max_tokens, sampling, stop, seed, .. } = &call.wanted;
        assert_eq!((*max_tokens, sampling.temperature, sampling.top_k, *seed), (Some(7), 0.0, 3, Some(9)));
        assert_eq!((sampling.top_p, sampling.min_p, sampling.repeat_penalty), (0.5, 0.1, 1.0));
        assert_eq!((sampling.repeat_last, stop.as_slice()), (usize::MAX, &["END".to_owned()][..]));
        let plain = options(json!({})).unwrap();
        assert!(plain.stream && plain.only.is_none() && plain.wanted.max_tokens.is_none());
        assert_eq!((plain.wanted.sampling.temperature, plain.wanted.sampling.top_k), (0.8, 40));
        for endless in [-1, -2] {
            let call = options(json!({"num_predict": endless})).unwrap();
            assert_eq!(call.wanted.max_tokens, Some(usize::MAX));
        }
        let (one, other) = (options(json!({"seed": 0})).unwrap(), options(json!({"seed": 0})).unwrap());
        assert_ne!(one.wanted.sampling.seed, other.wanted.sampling.seed);
    }

    #[test]
    fn nothing_to_answer_loads_or_unloads() {
        for (keep_alive, only) in [
            (Value::Null, Only::Load),
            (json!("5m"), Only::Load),
            (json!(-1), Only::Load),
            (json!("1h30m"), Only::Load),
            (json!(0), Only::Unload),
            (json!("0s"), Only::Unload),
        ] {
            let call = call(json!({"model": "m", "keep_alive": keep_alive}), None).unwrap();
            assert_eq!(call.only, Some(only), "{keep_alive}");
        }
    }

    #[test]
    fn names_forms_and_refusals() {
        assert_eq!(call(json!({"name": "docent:latest"}), None).unwrap().wanted.asked, Asked::Documents(None));
        let shape = |format: Value| call(json!({"model": "m", "format": format}), Some("x")).unwrap().wanted.shape;
        assert_eq!((shape(json!("")), shape(json!("json"))), (None, Some(Shape::AnyObject)));
        assert_eq!(shape(json!({"type": "object"})), Some(Shape::Schema("{\"type\":\"object\"}".to_owned())));
        for (field, value, code) in [
            ("model", json!(7), "invalid_value"),
            ("stream", json!("no"), "invalid_value"),
            ("format", json!("xml"), "invalid_value"),
            ("keep_alive", json!("soon"), "invalid_value"),
            ("options", json!([]), "invalid_value"),
            ("tools", json!([{"type": "function"}]), "unsupported_value"),
            ("images", json!(["aGk="]), "unsupported_value"),
            ("think", json!(true), "unsupported_value"),
            ("think", json!("high"), "unsupported_value"),
        ] {
            let mut body = json!({"model": "m"});
            body[field] = value.clone();
            let refused = call(body, Some("x")).unwrap_err();
            assert_eq!((refused.fault.code, refused.param.as_deref()), (code, Some(field)), "{value}");
        }
        for (field, value, code) in [
            ("temperature", json!("hot"), "invalid_value"),
            ("temperature", json!(-1), "invalid_value"),
            ("top_k", json!(1.5), "invalid_value"),
            ("top_p", json!(2), "invalid_value"),
            ("num_predict", json!("many"), "invalid_value"),
            ("stop", json!(5), "invalid_value"),
            ("frequency_penalty", json!(1), "unsupported_value"),
        ] {
            let refused = options(json!({field: value})).unwrap_err();
            assert_eq!((refused.fault.code, refused.param), (code, Some(format!("options.{field}"))), "{value}");
        }
        assert_eq!(call(json!({}), None).unwrap_err().param.as_deref(), Some("model"));
    }
}
