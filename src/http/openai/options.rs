//! What all of OpenAI's calls that write have in common: how long, how freely, until where. What would change the answer and
//! is not done is refused; what changes nothing is passed over.

use std::time::Duration;

use serde_json::{Map, Value, json};

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
    /// Whether a stream ends with how many tokens there were.
    pub include_usage: bool,
}

/// Words so unlikely beside the likeliest are noise of a small model, unless a client chooses for itself.
const MIN_P: f32 = 0.05;
/// More single tokens than anybody weighs.
const MOST_BIASES: usize = 1024;

/// Everything but the prompt.
pub(super) fn read(fields: &mut Fields, prompt: Prompt, shape: Option<Shape>) -> Result<Call> {
    let model = fields.text("model")?.ok_or_else(|| fields.missing("model"))?;
    let temperature = fields.number("temperature", 0.0..=2.0)?;
    let top_p = fields.number("top_p", 0.0..=1.0)?;
    let seed = fields.whole("seed", i64::MIN..=i64::MAX)?.map(i64::cast_unsigned);
    let newer = fields.whole("max_completion_tokens", 1..=i64::MAX)?;
    let older = fields.whole("max_tokens", 1..=i64::MAX)?;
    let stop = fields.texts("stop", MOST_STOPS)?.unwrap_or_default();
    let timeout = fields.whole("timeout_ms", 1..=LONGEST)?;
    let stream = fields.flag("stream")?.unwrap_or_default();
    let include_usage = match fields.object("stream_options")? {
        Some(mut options) => options.flag("include_usage")?.unwrap_or_default(),
        None => false,
    };
    let bias = bias(fields)?;
    one_answer(fields)?;
    let sampling = Sampling {
        temperature: temperature.unwrap_or(1.0),
        top_p: top_p.unwrap_or(1.0),
        min_p: if top_p.is_none() { MIN_P } else { 0.0 },
        seed: seed.unwrap_or_else(chance),
        bias,
        ..Sampling::greedy()
    };
    // Last, so that who names a wrong model and a wrong value learns of the value.
    let asked = Asked::read(&model)?;
    let wanted = Wanted {
        asked,
        prompt,
        max_tokens: newer.or(older).map(tokens),
        sampling,
        temperature,
        seed,
        stop,
        shape,
        timeout: timeout.map(|millis| Duration::from_millis(millis.unsigned_abs())),
    };
    Ok(Call { model, wanted, stream, include_usage })
}

/// The fields that are read above and below.
pub(super) fn described() -> Value {
    let flag = json!({"type": ["boolean", "null"]});
    let tokens = json!({"type": ["integer", "null"], "minimum": 1});
    let one = json!({"type": ["integer", "null"], "minimum": 1, "maximum": 1, "description": "One answer at a time"});
    let none = json!({"type": ["number", "null"], "minimum": 0, "maximum": 0, "description": "Not supported"});
    json!({
        "model": {
            "type": "string",
            "description": "`docent` and `docent/COLLECTION` answer from the documents; a generator's name means it alone",
            "example": "docent"
        },
        "stream": {"type": ["boolean", "null"], "description": "Server-sent events instead of one answer"},
        "stream_options": {"type": ["object", "null"], "properties": {"include_usage": flag}},
        "max_completion_tokens": tokens,
        "max_tokens": tokens,
        "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2},
        "top_p": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "seed": {"type": ["integer", "null"]},
        "stop": stops(),
        "logit_bias": {
            "type": ["object", "null"],
            "maxProperties": MOST_BIASES,
            "propertyNames": {"type": "string", "pattern": "^[0-9]{1,9}$"},
            "additionalProperties": {"type": ["number", "null"], "minimum": -100, "maximum": 100}
        },
        "timeout_ms": timeout(),
        "n": one,
        "best_of": one,
        "presence_penalty": none,
        "frequency_penalty": none,
        "logprobs": only(json!([0, 0.0, false])),
        "top_logprobs": only(json!([0, 0.0])),
        "tools": only(json!([[], {}])),
        "functions": only(json!([[], {}])),
        "modalities": only(json!([["text"]])),
        "audio": only(json!([]))
    })
}

fn one_answer(fields: &mut Fields) -> Result<()> {
    for field in ["n", "best_of"] {
        if fields.whole(field, 1..=i64::MAX)?.is_some_and(|number| number > 1) {
            let what = format!("{field} is more than 1, and docent writes one answer at a time");
            return Err(Refused::unsupported(field, what).hint("call it as often as you want answers"));
        }
    }
    let nothing = [json!(0), json!(0.0), json!(false), json!([]), json!({})];
    for field in ["presence_penalty", "frequency_penalty"] {
        fields.number(field, -2.0..=2.0)?.filter(|penalty| *penalty != 0.0).map_or(Ok(()), |_| {
            let what = format!("{field} is not supported");
            Err(Refused::unsupported(field, what).hint("leave it out, or send 0"))
        })?;
    }
    fields.only("logprobs", &nothing[..3], "leave it out")?;
    fields.only("top_logprobs", &nothing[..2], "leave it out")?;
    for field in ["tools", "functions"] {
        fields.only(field, &nothing[3..], "docent calls no tools; ask for JSON with `response_format` instead")?;
    }
    fields.only("modalities", &[json!(["text"])], "docent writes text only")?;
    fields.only("audio", &[], "docent writes text only")
}

/// `{"50256": -100}`: added to a token's score.
fn bias(fields: &mut Fields) -> Result<Vec<(u32, f32)>> {
    let map = match fields.take("logit_bias") {
        None => return Ok(Vec::new()),
        Some(Value::Object(map)) => map,
        Some(other) => return Err(fields.wrong("logit_bias", &other, "an object")),
    };
    if map.len() > MOST_BIASES {
        let what = format!("logit_bias names {} tokens, and may name {MOST_BIASES}", map.len());
        return Err(Refused::new("logit_bias", what));
    }
    map.into_iter().map(|(token, bias)| one_bias(&token, bias)).collect()
}

fn one_bias(token: &str, bias: Value) -> Result<(u32, f32)> {
    let is_number = (1..=9).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    let id = token.parse::<u32>().ok().filter(|_| is_number).ok_or_else(|| {
        let token: String = token.chars().take(40).collect();
        Refused::new("logit_bias", format!("logit_bias names {token:?}, and a token is a number"))
    })?;
    let mut one = Fields::of(Map::from_iter([(token.to_owned(), bias)]), "logit_bias");
    Ok((id, one.number(token, -100.0..=100.0)?.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_call(body: Value) -> Result<Call> {
        let mut fields = Fields::read(body.to_string().as_bytes())?;
        read(&mut fields, Prompt::Text("x".to_owned()), None)
    }

    fn refused(body: Value) -> (&'static str, String) {
        let refused = read_call(body).unwrap_err();
        (refused.fault.code, refused.param.unwrap_or_default())
    }

    #[test]
    fn what_is_said_is_taken_and_the_rest_is_usual() {
        let call = read_call(json!({
            "model": "m", "temperature": 0.25, "top_p": 0.5, "seed": -1, "max_tokens": 7, "stop": ["a", "b"],
            "logit_bias": {"3": -100, "4": 2.5}, "timeout_ms": 1500, "stream": true, "n": 1, "tools": [],
            "stream_options": {"include_usage": true}, "presence_penalty": 0, "frequency_penalty": 0.0, "user": "x",
            "logprobs": false, "something": {"new": 1},
        }))
        .unwrap();
        let Wanted { max_tokens, sampling, temperature, seed, stop, timeout, .. } = &call.wanted;
        assert_eq!((*max_tokens, *temperature, *seed), (Some(7), Some(0.25), Some(u64::MAX)));
        assert_eq!((stop.len(), *timeout), (2, Some(Duration::from_millis(1500))));
        assert_eq!((sampling.top_p, sampling.min_p, sampling.seed), (0.5, 0.0, u64::MAX));
        assert_eq!(sampling.bias, [(3, -100.0), (4, 2.5)]);
        assert!(call.stream && call.include_usage);

        let plain =
            read_call(json!({"model": "m", "max_completion_tokens": 3, "max_tokens": 9, "stop": null})).unwrap();
        assert_eq!((plain.wanted.max_tokens, plain.wanted.sampling.temperature), (Some(3), 1.0));
        assert!(!plain.stream && plain.wanted.sampling.min_p > 0.0 && plain.wanted.timeout.is_none());
        let again = read_call(json!({"model": "m"})).unwrap();
        assert_ne!(plain.wanted.sampling.seed, again.wanted.sampling.seed);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (field, value) in [
            ("temperature", json!("hot")),
            ("temperature", json!(2.1)),
            ("top_p", json!(-0.1)),
            ("seed", json!("x")),
            ("max_tokens", json!(0)),
            ("max_completion_tokens", json!(1.5)),
            ("stop", json!([1])),
            ("stop", json!(vec!["x"; 17])),
            ("stream", json!("yes")),
            ("stream_options", json!(true)),
            ("n", json!(0)),
            ("logit_bias", json!({"x": 1})),
            ("logit_bias", json!([1])),
            ("timeout_ms", json!(0)),
        ] {
            let (code, param) = refused(json!({"model": "m", field: value}));
            assert_eq!((code, param.as_str()), ("invalid_value", field), "{value}");
        }
        assert_eq!(refused(json!({})), ("invalid_value", "model".to_owned()));
        assert_eq!(refused(json!({"model": 5})), ("invalid_value", "model".to_owned()));
        assert_eq!(refused(json!({"model": ""})), ("no_such_model", "model".to_owned()));
        assert_eq!(refused(json!({"model": "m", "logit_bias": {"1": 101}})).1, "logit_bias.1");
    }

    #[test]
    fn what_is_not_done_is_refused_and_not_passed_over() {
        for (field, value) in [
            ("n", json!(2)),
            ("best_of", json!(3)),
            ("presence_penalty", json!(0.5)),
            ("frequency_penalty", json!(-1)),
            ("logprobs", json!(true)),
            ("logprobs", json!(3)),
            ("tools", json!([{"type": "function"}])),
            ("functions", json!([{"name": "f"}])),
            ("modalities", json!(["text", "audio"])),
        ] {
            assert_eq!(
                refused(json!({"model": "m", field: value})),
                ("unsupported_value", field.to_owned()),
                "{value}"
            );
        }
    }
}
