//! What a client of chat completions sends.

use serde_json::{Value, json};

use super::messages;
use super::options::{self, Call};
use crate::http::talk::{Fields, Result, schemas, with};
use crate::inference::{Prompt, Shape};

pub(super) fn read(body: &[u8]) -> Result<Call> {
    let mut fields = Fields::read(body)?;
    let messages = messages::read(&mut fields)?;
    let shape = shape(&mut fields)?;
    options::read(&mut fields, Prompt::Chat(messages), shape)
}

fn shape(fields: &mut Fields) -> Result<Option<Shape>> {
    let Some(mut format) = fields.object("response_format")? else { return Ok(None) };
    let kind = format.text("type")?.ok_or_else(|| format.missing("type"))?;
    match kind.as_str() {
        "text" => Ok(None),
        "json_object" => Ok(Some(Shape::AnyObject)),
        "json_schema" => {
            let mut named = format.object("json_schema")?.ok_or_else(|| format.missing("json_schema"))?;
            match named.take("schema") {
                Some(schema @ Value::Object(_)) => Ok(Some(Shape::Schema(schema.to_string()))),
                Some(other) => Err(named.wrong("schema", &other, "a JSON schema")),
                None => Err(named.missing("schema")),
            }
        }
        _ => {
            let kind = Value::String(kind);
            Err(format.wrong("type", &kind, "text, json_object or json_schema"))
        }
    }
}

schemas! {
    /// A conversation to go on with.
    ChatRequest = (with(
        json!({
            "type": "object",
            "required": ["model", "messages"],
            "properties": {
                "messages": messages::described(),
                "response_format": {
                    "oneOf": [
                        {
                            "type": "object",
                            "required": ["type"],
                            "properties": {"type": {"type": "string", "enum": ["text", "json_object"]}}
                        },
                        {
                            "type": "object",
                            "required": ["type", "json_schema"],
                            "properties": {
                                "type": {"type": "string", "enum": ["json_schema"]},
                                "json_schema": {
                                    "type": "object",
                                    "required": ["schema"],
                                    "properties": {"schema": {"type": "object"}}
                                }
                            }
                        },
                        {"type": "null"}
                    ]
                }
            }
        }),
        options::described(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Speaker;
    use crate::http::talk::{Asked, fields_are_read};

    fn right() -> Value {
        json!({"model": "docent", "messages": [{"role": "user", "content": "why?"}]})
    }

    fn call(field: &str, value: Value) -> Result<Call> {
        let mut body = right();
        body[field] = value;
        read(body.to_string().as_bytes())
    }

    #[test]
    fn every_field_of_the_schema_is_read() {
        fields_are_read::<ChatRequest>(&right(), &|body| read(body.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn a_chat_is_read() {
        let call = read(right().to_string().as_bytes()).unwrap();
        assert_eq!((call.wanted.asked, call.model.as_str()), (Asked::Documents(None), "docent"));
        let Prompt::Chat(messages) = call.wanted.prompt else { panic!("no chat") };
        assert_eq!((messages[0].speaker, messages[0].text.as_str()), (Speaker::User, "why?"));
    }

    #[test]
    fn forms_are_understood_or_refused() {
        let shape = |format: Value| call("response_format", format).map(|call| call.wanted.shape);
        assert_eq!(shape(json!({"type": "text"})).unwrap(), None);
        assert_eq!(shape(json!({"type": "json_object"})).unwrap(), Some(Shape::AnyObject));
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
        let named = json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
        assert_eq!(shape(named).unwrap(), Some(Shape::Schema(schema.to_string())));
        for (format, param) in [
            (json!("json"), "response_format"),
            (json!({}), "response_format.type"),
            (json!({"type": "xml"}), "response_format.type"),
            (json!({"type": "json_schema"}), "response_format.json_schema"),
            (json!({"type": "json_schema", "json_schema": {"name": "x"}}), "response_format.json_schema.schema"),
            (json!({"type": "json_schema", "json_schema": {"schema": 5}}), "response_format.json_schema.schema"),
        ] {
            assert_eq!(shape(format.clone()).unwrap_err().param.as_deref(), Some(param), "{format}");
        }
    }
}
