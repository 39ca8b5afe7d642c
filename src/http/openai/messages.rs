//! The messages of a chat, as text.

use serde_json::{Value, json};

use crate::domain::{Message, Speaker};
use crate::http::talk::{Fields, Refused, Result, only, shown};

/// At least one.
pub(super) fn read(fields: &mut Fields) -> Result<Vec<Message>> {
    let messages = fields.list("messages")?.ok_or_else(|| fields.missing("messages"))?;
    if messages.is_empty() {
        return Err(Refused::new("messages", "messages is empty, and has to have at least one"));
    }
    messages.into_iter().enumerate().map(|(at, message)| one(at, message)).collect()
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
        "system" | "developer" => Speaker::System,
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        "tool" | "function" => {
            let what = format!("{path}.role is {role:?}, and docent calls no tools");
            return Err(Refused::unsupported(fields.name("role"), what).hint("leave these messages out"));
        }
        _ => {
            let role = Value::String(role);
            return Err(fields.wrong("role", &role, "system, developer, user or assistant"));
        }
    };
    for field in ["tool_calls", "function_call", "audio"] {
        fields.only(field, &[Value::Array(Vec::new())], "docent calls no tools and hears no sound")?;
    }
    let refusal = fields.text("refusal")?;
    let text = match fields.take("content") {
        Some(Value::String(text)) => text,
        Some(Value::Array(parts)) => parts
            .into_iter()
            .enumerate()
            .map(|(at, part)| part_text(&fields.name(&format!("content[{at}]")), part))
            .collect::<Result<Vec<_>>>()?
            .join("\n"),
        Some(other) => return Err(fields.wrong("content", &other, "a text or a list of parts")),
        // An assistant that only refused, or said nothing.
        None if speaker == Speaker::Assistant => refusal.unwrap_or_default(),
        None => return Err(fields.missing("content")),
    };
    Ok(Message { speaker, text })
}

/// Nothing but text: what stands in for tools has to be empty.
pub(super) fn described() -> Value {
    let text = json!({"type": "string"});
    let nullable = json!({"type": ["string", "null"]});
    let part = |kind: &str| {
        let mut part = json!({"type": "object", "required": ["type", kind], "properties": {}});
        part["properties"] = json!({"type": {"type": "string", "enum": [kind]}, kind: text});
        part
    };
    let content = json!([text, {"type": "array", "items": {"oneOf": [part("text"), part("refusal")]}}]);
    let message = |roles: Value, required: Value, mut content: Value| {
        if required.as_array().is_some_and(|fields| fields.len() == 1) {
            content.as_array_mut().expect("written as a list above").push(json!({"type": "null"}));
        }
        json!({
            "type": "object",
            "required": required,
            "properties": {
                "role": {"type": "string", "enum": roles},
                "content": {"oneOf": content},
                "refusal": nullable,
                "tool_calls": only(json!([[]])),
                "function_call": only(json!([[]])),
                "audio": only(json!([[]]))
            }
        })
    };
    let own = message(json!(["system", "developer", "user"]), json!(["role", "content"]), content.clone());
    let assistants = message(json!(["assistant"]), json!(["role"]), content);
    json!({"type": "array", "minItems": 1, "items": {"oneOf": [own, assistants]}})
}

fn part_text(path: &str, part: Value) -> Result<String> {
    let Value::Object(map) = part else {
        let what = format!("{path} is {}, and has to be an object", shown(&part));
        return Err(Refused::new(path, what));
    };
    let mut fields = Fields::of(map, path);
    let kind = fields.text("type")?.ok_or_else(|| fields.missing("type"))?;
    let field = match kind.as_str() {
        "text" => "text",
        "refusal" => "refusal",
        _ => {
            let kind: String = kind.chars().take(40).collect();
            let what = format!("{path}.type is {kind:?}, and docent reads text only");
            return Err(Refused::unsupported(fields.name("type"), what).hint("send parts of the type \"text\""));
        }
    };
    fields.text(field)?.ok_or_else(|| fields.missing(field))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn messages(messages: Value) -> Result<Vec<Message>> {
        read(&mut Fields::read(json!({"messages": messages}).to_string().as_bytes())?)
    }

    #[test]
    fn texts_and_parts_become_messages() {
        let read = messages(json!([
            {"role": "developer", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "ana"},
            {"role": "assistant", "content": null, "refusal": "no", "tool_calls": []},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "still no"}]},
            {"role": "user", "content": ""},
        ]))
        .unwrap();
        let said: Vec<(Speaker, &str)> = read.iter().map(|message| (message.speaker, message.text.as_str())).collect();
        let (system, user, assistant) = (Speaker::System, Speaker::User, Speaker::Assistant);
        assert_eq!(
            said,
            [(system, "be brief"), (user, "a\nb"), (assistant, "no"), (assistant, "still no"), (user, "")]
        );
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (sent, code, param) in [
            (json!([]), "invalid_value", "messages"),
            (json!("hi"), "invalid_value", "messages"),
            (json!([7]), "invalid_value", "messages[0]"),
            (json!([{"content": "x"}]), "invalid_value", "messages[0].role"),
            (json!([{"role": "king", "content": "x"}]), "invalid_value", "messages[0].role"),
            (json!([{"role": "tool", "content": "x"}]), "unsupported_value", "messages[0].role"),
            (json!([{"role": "user"}]), "invalid_value", "messages[0].content"),
            (json!([{"role": "user", "content": 5}]), "invalid_value", "messages[0].content"),
            (json!([{"role": "user", "content": ["x"]}]), "invalid_value", "messages[0].content[0]"),
            (
                json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]),
                "unsupported_value",
                "messages[0].content[1].type",
            ),
            (json!([{"role": "user", "content": [{"type": "text"}]}]), "invalid_value", "messages[0].content[0].text"),
            (
                json!([{"role": "assistant", "content": null, "tool_calls": [{"id": "x"}]}]),
                "unsupported_value",
                "messages[0].tool_calls",
            ),
        ] {
            let refused = messages(sent.clone()).unwrap_err();
            assert_eq!((refused.fault.code, refused.param.as_deref()), (code, Some(param)), "{sent}");
        }
    }

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z_]{0,8}".prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        let names = prop_oneof!["role|content|type|text|refusal|tool_calls", ".{0,6}"];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(names.clone(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(sent in anything()) {
            if let Err(refused) = messages(sent) {
                prop_assert!(refused.param.is_some_and(|param| param.starts_with("messages")));
            }
        }
    }
}
