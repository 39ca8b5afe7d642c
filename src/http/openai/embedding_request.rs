//! What a client of embeddings sends.

use serde_json::Value;

use crate::assistant::Texts;
use crate::http::talk::{Asked, Fields, Refused, Result, schemas, tokens};
use crate::inference::Role;

#[derive(Debug)]
pub(super) struct Call {
    pub texts: Texts,
    pub is_base64: bool,
}

/// As many as others take at once.
const MOST_TEXTS: usize = 2048;

pub(super) fn read(body: &[u8]) -> Result<Call> {
    let mut fields = Fields::read(body)?;
    let model = fields.text("model")?.ok_or_else(|| fields.missing("model"))?;
    let texts = texts(&mut fields)?;
    let is_base64 = match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            let other = Value::String(other.to_owned());
            return Err(fields.wrong("encoding_format", &other, "float or base64"));
        }
    };
    let dimensions = fields.whole("dimensions", 1..=i64::MAX)?.map(tokens);
    let role = match fields.text("input_type")?.as_deref() {
        None | Some("passage" | "document" | "search_document") => Role::Passage,
        Some("query" | "question" | "search_query") => Role::Question,
        Some(other) => {
            let other = Value::String(other.to_owned());
            return Err(fields.wrong("input_type", &other, "query or passage"));
        }
    };
    let model = Asked::model(&model, "`docent` answers questions and makes no embeddings", NAME_ONE)?;
    Ok(Call { texts: Texts { texts, model: Some(model), role, dimensions }, is_base64 })
}

const NAME_ONE: &str = "name an embedder; `GET /v1/models` lists what is installed";

fn texts(fields: &mut Fields) -> Result<Vec<String>> {
    let list = match fields.take("input") {
        None => return Err(fields.missing("input")),
        Some(one @ Value::String(_)) => vec![one],
        Some(Value::Array(list)) => list,
        Some(other) => return Err(fields.wrong("input", &other, "a text or a list of texts")),
    };
    if list.is_empty() || list.len() > MOST_TEXTS {
        let what = format!("input has {} texts, and has to have 1 to {MOST_TEXTS}", list.len());
        return Err(Refused::new("input", what));
    }
    list.into_iter().enumerate().map(|(at, text)| one(fields, at, text)).collect()
}

fn one(fields: &Fields, at: usize, text: Value) -> Result<String> {
    match text {
        Value::String(text) if text.is_empty() => Err(Refused::new("input", format!("input[{at}] is empty"))),
        Value::String(text) => Ok(text),
        Value::Number(_) | Value::Array(_) => {
            let what = format!("input[{at}] is a token or a list of tokens, and docent reads text only");
            Err(Refused::unsupported("input", what)
                .hint("send the texts themselves (`check_embedding_ctx_length=False` in LangChain)"))
        }
        other => Err(fields.wrong(&format!("input[{at}]"), &other, "a text")),
    }
}

schemas! {
    /// Texts that become vectors.
    EmbeddingRequest = {
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "description": "An embedder's name"},
            "input": {
                "oneOf": [
                    {"type": "string", "minLength": 1},
                    {"type": "array", "minItems": 1, "maxItems": 2048, "items": {"type": "string", "minLength": 1}}
                ]
            },
            "encoding_format": {"type": ["string", "null"], "enum": ["float", "base64", null]},
            "dimensions": {"type": ["integer", "null"], "minimum": 1, "description": "Only as many as the model makes"},
            "input_type": {
                "type": ["string", "null"],
                "enum": ["query", "question", "search_query", "passage", "document", "search_document", null],
                "description": "What the texts are, for models that want to be told; docent's own"
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::talk::fields_are_read;

    fn right() -> Value {
        json!({"model": "e", "input": "text"})
    }

    fn with(field: &str, value: Value) -> Result<Call> {
        let mut body = right();
        body[field] = value;
        read(body.to_string().as_bytes())
    }

    #[test]
    fn every_field_of_the_schema_is_read() {
        fields_are_read::<EmbeddingRequest>(&right(), &|body| read(body.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn texts_are_read_and_tokens_refused() {
        assert_eq!(with("input", json!(["a", "b"])).unwrap().texts.texts, ["a", "b"]);
        assert!(with("encoding_format", json!("base64")).unwrap().is_base64);
        assert_eq!(with("input_type", json!("query")).unwrap().texts.role, Role::Question);
        assert_eq!(with("dimensions", json!(384)).unwrap().texts.dimensions, Some(384));
        for (field, value, code) in [
            ("input", json!([]), "invalid_value"),
            ("input", json!(""), "invalid_value"),
            ("input", json!(["a", ""]), "invalid_value"),
            ("input", json!([1, 2]), "unsupported_value"),
            ("input", json!([[1, 2]]), "unsupported_value"),
            ("input", json!(vec!["x"; 2049]), "invalid_value"),
            ("encoding_format", json!("int8"), "invalid_value"),
            ("dimensions", json!(0), "invalid_value"),
            ("input_type", json!("poem"), "invalid_value"),
            ("model", json!("docent"), "wrong_kind_of_model"),
        ] {
            let refused = with(field, value.clone()).unwrap_err();
            assert_eq!((refused.fault.code, refused.param.as_deref()), (code, Some(field)), "{value}");
        }
    }
}
