//! What a client of Ollama's sends to have something written: a prompt, or a conversation.

use serde_json::{Value, json};

use super::options::{self, Call, named};
use crate::domain::{Message, Speaker};
use crate::http::talk::{Fields, Refused, Result, only, schemas, shown, with};
use crate::inference::Prompt;

pub(super) fn generate(body: &[u8]) -> Result<Call> {
    let mut fields = Fields::read(body)?;
    let prompt = fields.text("prompt")?.unwrap_or_default();
    let system = fields.text("system")?.filter(|system| !system.is_empty());
    let is_raw = fields.flag("raw")?.unwrap_or_default();
    fields.only("suffix", &[json!("")], "docent writes on at the end only")?;
    fields.only("template", &[json!("")], "the model's own template is used; send `raw` to do without")?;
    let prompt = match (prompt.is_empty(), is_raw) {
        (true, _) => None,
        (false, true) => Some(Prompt::Text(prompt)),
        (false, false) => {
            let system = system.map(|text| Message { speaker: Speaker::System, text });
            let user = Message { speaker: Speaker::User, text: prompt };
            Some(Prompt::Chat(system.into_iter().chain([user]).collect()))
        }
    };
    options::read(&mut fields, prompt)
}

pub(super) fn chat(body: &[u8]) -> Result<Call> {
    let mut fields = Fields::read(body)?;
    let messages = fields.list("messages")?.unwrap_or_default();
    let messages: Vec<Message> =
        messages.into_iter().enumerate().map(|(at, message)| one(at, message)).collect::<Result<_>>()?;
    let prompt = if messages.is_empty() { None } else { Some(Prompt::Chat(messages)) };
    options::read(&mut fields, prompt)
}

fn one(at: usize, message: Value) -> Result<Message> {
    let path = format!("messages[{at}]");
    let Value::Object(map) = message else {
        let what = format!("{path} is {}, and has to be an object", shown(&message));
        return Err(Refused::new(path, what));
    };
    let mut fields = Fields::of(map, &path);
    let role = fields.text("role")?.ok_or_else(|| fields.missing("role"))?;
    let speaker = match role.as_str() {
        "system" => Speaker::System,
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        "tool" => {
            let what = format!("{path}.role is \"tool\", and docent calls no tools");
            return Err(Refused::unsupported(fields.name("role"), what).hint("leave these messages out"));
        }
        _ => {
            let role = Value::String(role);
            return Err(fields.wrong("role", &role, "system, user or assistant"));
        }
    };
    for field in ["tool_calls", "images"] {
        fields.only(field, &[json!([])], "docent reads and writes text")?;
    }
    let text = fields.text("content")?.unwrap_or_default();
    Ok(Message { speaker, text })
}

schemas! {
    /// A prompt to be answered.
    GenerateRequest = (named(with(
        json!({
            "type": "object",
            "properties": {
                "prompt": {"type": ["string", "null"], "description": "Without one the model is loaded"},
                "system": {"type": ["string", "null"]},
                "raw": {"type": ["boolean", "null"], "description": "The prompt as it stands, in no template"},
                "suffix": only(json!([""])),
                "template": only(json!([""]))
            }
        }),
        options::described(),
    )));
    /// A conversation to go on with.
    OllamaChatRequest = (named(with(
        json!({
            "type": "object",
            "properties": {
                "messages": {
                    "type": ["array", "null"],
                    "items": {
                        "type": "object",
                        "required": ["role"],
                        "properties": {
                            "role": {"type": "string", "enum": ["system", "user", "assistant"]},
                            "content": {"type": ["string", "null"]},
                            "tool_calls": only(json!([[]])),
                            "images": only(json!([[]]))
                        }
                    }
                }
            }
        }),
        options::described(),
    )));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::talk::fields_are_read;

    fn body(value: &Value) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    #[test]
    fn every_field_of_the_schemas_is_read() {
        let right = json!({"model": "docent", "prompt": "why?"});
        fields_are_read::<GenerateRequest>(&right, &|sent| generate(&body(sent)).is_ok());
        let right = json!({"model": "docent", "messages": [{"role": "user", "content": "why?"}]});
        fields_are_read::<OllamaChatRequest>(&right, &|sent| chat(&body(sent)).is_ok());
    }

    #[test]
    fn a_prompt_is_put_into_the_models_form_unless_it_is_raw() {
        let read = |sent: Value| generate(&body(&sent)).unwrap();
        let message = |speaker, text: &str| Message { speaker, text: text.to_owned() };
        let call = read(json!({"model": "m", "prompt": "why?", "system": "be brief"}));
        let both = vec![message(Speaker::System, "be brief"), message(Speaker::User, "why?")];
        assert_eq!(call.wanted.prompt, Prompt::Chat(both));
        let call = read(json!({"model": "m", "prompt": "why?", "raw": true, "context": [1, 2], "template": ""}));
        assert_eq!(call.wanted.prompt, Prompt::Text("why?".to_owned()));
        assert!(read(json!({"model": "m"})).only.is_some());
        for (field, value) in [("suffix", "end"), ("template", "{{ .Prompt }}")] {
            let refused = generate(&body(&json!({"model": "m", "prompt": "x", field: value}))).unwrap_err();
            assert_eq!(refused.fault.code, "unsupported_value");
        }
    }

    #[test]
    fn a_conversation_is_read_or_named_where_it_is_wrong() {
        let read = |messages: Value| chat(&body(&json!({"model": "m", "messages": messages})));
        assert!(read(json!([])).unwrap().only.is_some());
        let Prompt::Chat(messages) =
            read(json!([{"role": "user", "content": "a"}, {"role": "assistant"}])).unwrap().wanted.prompt
        else {
            panic!("no chat")
        };
        assert_eq!((messages.len(), messages[1].text.as_str()), (2, ""));
        for (messages, param) in [
            (json!("x"), "messages"),
            (json!(["x"]), "messages[0]"),
            (json!([{"content": "x"}]), "messages[0].role"),
            (json!([{"role": "tool", "content": "x"}]), "messages[0].role"),
            (json!([{"role": "user", "content": ["x"]}]), "messages[0].content"),
            (json!([{"role": "user", "content": "x", "images": ["aGk="]}]), "messages[0].images"),
        ] {
            assert_eq!(read(messages.clone()).unwrap_err().param.as_deref(), Some(param), "{messages}");
        }
    }
}
