//! What a client of plain completions sends: one text to go on from.

use serde_json::{Value, json};

use super::options::{self, Call};
use crate::http::talk::{Fields, Refused, Result, only, schemas, with};
use crate::inference::Prompt;

pub(super) fn read(body: &[u8]) -> Result<Call> {
    let mut fields = Fields::read(body)?;
    let prompt = prompt(&mut fields)?;
    fields.only("suffix", &[json!("")], "docent writes on at the end only")?;
    fields.only("echo", &[json!(false)], "put the prompt before the answer yourself")?;
    options::read(&mut fields, Prompt::Text(prompt), None)
}

fn prompt(fields: &mut Fields) -> Result<String> {
    let mut texts = match fields.take("prompt") {
        None => return Err(fields.missing("prompt")),
        Some(Value::String(text)) => return Ok(text),
        Some(Value::Array(texts)) => texts,
        Some(other) => return Err(fields.wrong("prompt", &other, "a text")),
    };
    match (texts.pop(), texts.len()) {
        (Some(Value::String(text)), 0) => Ok(text),
        (Some(Value::Number(_) | Value::Array(_)), _) => {
            let what = "prompt is a list of tokens, and docent reads text only";
            Err(Refused::unsupported("prompt", what).hint("send the text itself"))
        }
        (Some(Value::String(_)), more) => {
            let what = format!("prompt has {} texts, and docent goes on from one at a time", more + 1);
            Err(Refused::unsupported("prompt", what).hint("call it once for each"))
        }
        (other, _) => Err(fields.wrong("prompt", &other.unwrap_or_default(), "a text")),
    }
}

schemas! {
    /// A text to go on from.
    CompletionRequest = (with(
        json!({
            "type": "object",
            "required": ["model", "prompt"],
            "properties": {
                "prompt": {
                    "oneOf": [
                        {"type": "string"},
                        {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "string"}}
                    ]
                },
                "suffix": only(json!([""])),
                "echo": only(json!([false]))
            }
        }),
        options::described(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::talk::fields_are_read;

    fn with(field: &str, value: Value) -> Result<Call> {
        let mut body = json!({"model": "m", "prompt": "Once"});
        body[field] = value;
        read(body.to_string().as_bytes())
    }

    #[test]
    fn every_field_of_the_schema_is_read() {
        let reads = |body: &Value| read(body.to_string().as_bytes()).is_ok();
        fields_are_read::<CompletionRequest>(&json!({"model": "m", "prompt": "Once"}), &reads);
    }

    #[test]
    fn one_text_is_gone_on_from() {
        for prompt in [json!("Once"), json!(["Once"])] {
            assert_eq!(with("prompt", prompt).unwrap().wanted.prompt, Prompt::Text("Once".to_owned()));
        }
        for (field, value, code) in [
            ("prompt", json!(["a", "b"]), "unsupported_value"),
            ("prompt", json!([1, 2]), "unsupported_value"),
            ("prompt", json!([[1, 2]]), "unsupported_value"),
            ("prompt", json!([]), "invalid_value"),
            ("prompt", json!(true), "invalid_value"),
            ("suffix", json!("end"), "unsupported_value"),
            ("echo", json!(true), "unsupported_value"),
        ] {
            let refused = with(field, value.clone()).unwrap_err();
            assert_eq!((refused.fault.code, refused.param.as_deref()), (code, Some(field)), "{value}");
        }
    }
}
