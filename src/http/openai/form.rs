//! A chat's answer as OpenAI's clients read it: whole, or as server-sent events that end with `[DONE]`.

use serde::Serialize;

use super::shapes::{
    ChatChoice, ChatChunk, ChatCompletion, ChatMessage, ChunkChoice, Completion, CompletionChoice, Delta, Usage,
};
use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::http::problem::Dialect;
use crate::http::talk::{Form, Grounds, Over, identity};

/// What stands over every piece.
#[derive(Clone, Debug)]
pub(super) struct Head {
    id: String,
    created: u64,
    model: String,
    include_usage: bool,
}

impl Head {
    pub(super) fn new(prefix: &str, model: String, include_usage: bool, now: Timestamp) -> Head {
        Head { id: identity(prefix), created: now.0 / 1000, model, include_usage }
    }

    pub(super) fn chat(self, text: String, over: &Over) -> ChatCompletion {
        let message = ChatMessage { role: "assistant", content: text, refusal: None };
        ChatCompletion {
            id: self.id,
            object: "chat.completion",
            created: self.created,
            model: self.model,
            choices: vec![ChatChoice { index: 0, message, logprobs: None, finish_reason: over.ended.name() }],
            usage: Usage::from(over),
            grounds: Grounds::from(over.answer.as_ref()),
        }
    }

    pub(super) fn completion(self, text: String, over: &Over) -> Completion {
        let choice = CompletionChoice { index: 0, text, logprobs: None, finish_reason: Some(over.ended.name()) };
        let usage = Some(Some(Usage::from(over)));
        Completion { usage, ..self.piece_of_text(vec![choice], Grounds::from(over.answer.as_ref())) }
    }

    fn piece_of_text(&self, choices: Vec<CompletionChoice>, grounds: Grounds) -> Completion {
        Completion {
            id: self.id.clone(),
            object: "text_completion",
            created: self.created,
            model: self.model.clone(),
            choices,
            usage: self.include_usage.then_some(None),
            grounds,
        }
    }

    fn piece_of_chat(&self, choices: Vec<ChunkChoice>, grounds: Grounds) -> ChatChunk {
        ChatChunk {
            id: self.id.clone(),
            object: "chat.completion.chunk",
            created: self.created,
            model: self.model.clone(),
            choices,
            usage: self.include_usage.then_some(None),
            grounds,
        }
    }
}

/// One server-sent event.
fn event(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("what is answered can be written");
    format!("data: {json}\n\n")
}

const DONE: &str = "data: [DONE]\n\n";
const ALIVE: &str = ": still here\n\n";

/// `{"error": …}` as an event; nothing comes behind it but the end.
fn failure(fault: &Fault) -> String {
    event(&Dialect::OpenAi.error(fault)) + DONE
}

pub(super) struct ChatForm(pub Head);

impl ChatForm {
    fn piece(&self, delta: Delta, finish_reason: Option<&'static str>, grounds: Grounds) -> String {
        let choice = ChunkChoice { index: 0, delta, logprobs: None, finish_reason };
        event(&self.0.piece_of_chat(vec![choice], grounds))
    }
}

impl Form for ChatForm {
    fn begin(&mut self) -> String {
        let delta = Delta { role: Some("assistant"), content: Some(String::new()) };
        self.piece(delta, None, Grounds::default())
    }

    fn text(&mut self, text: &str) -> String {
        self.piece(Delta { role: None, content: Some(text.to_owned()) }, None, Grounds::default())
    }

    fn over(&mut self, over: &Over) -> String {
        let grounds = Grounds::from(over.answer.as_ref());
        let mut written = self.piece(Delta::default(), Some(over.ended.name()), grounds);
        if self.0.include_usage {
            let usage = Some(Some(Usage::from(over)));
            let last = ChatChunk { usage, ..self.0.piece_of_chat(Vec::new(), Grounds::default()) };
            written.push_str(&event(&last));
        }
        written + DONE
    }

    fn failed(&mut self, fault: &Fault) -> String {
        failure(fault)
    }

    fn idle(&self) -> String {
        ALIVE.to_owned()
    }
}

pub(super) struct TextForm(pub Head);

impl TextForm {
    fn piece(&self, text: &str, finish_reason: Option<&'static str>, grounds: Grounds) -> String {
        let choice = CompletionChoice { index: 0, text: text.to_owned(), logprobs: None, finish_reason };
        event(&self.0.piece_of_text(vec![choice], grounds))
    }
}

impl Form for TextForm {
    fn text(&mut self, text: &str) -> String {
        self.piece(text, None, Grounds::default())
    }

    fn over(&mut self, over: &Over) -> String {
        let mut written = self.piece("", Some(over.ended.name()), Grounds::from(over.answer.as_ref()));
        if self.0.include_usage {
            let usage = Some(Some(Usage::from(over)));
            let last = Completion { usage, ..self.0.piece_of_text(Vec::new(), Grounds::default()) };
            written.push_str(&event(&last));
        }
        written + DONE
    }

    fn failed(&mut self, fault: &Fault) -> String {
        failure(fault)
    }

    fn idle(&self) -> String {
        ALIVE.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::http::talk::Ended;

    fn over() -> Over {
        Over {
            ended: Ended::Stop,
            prompt_tokens: 7,
            generated_tokens: 3,
            load: Duration::ZERO,
            read: Duration::ZERO,
            total: Duration::ZERO,
            answer: None,
        }
    }

    fn head(include_usage: bool) -> Head {
        Head::new("chatcmpl", "m".to_owned(), include_usage, Timestamp(5_000))
    }

    /// The events of a stream; the last has to be the end.
    fn events(stream: &str) -> Vec<Value> {
        let mut events: Vec<&str> = stream.split_terminator("\n\n").collect();
        assert_eq!(events.pop(), Some("data: [DONE]"), "{stream}");
        events.iter().map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()).collect()
    }

    #[test]
    fn a_stream_begins_with_the_speaker_and_ends_with_the_reason() {
        let mut form = ChatForm(head(false));
        let stream = [form.begin(), form.text("Hi\n\n"), form.text("data: x"), form.over(&over())].concat();
        let events = events(&stream);
        assert_eq!(events.len(), 4);
        assert_eq!(events[0]["choices"][0]["delta"], serde_json::json!({"role": "assistant", "content": ""}));
        assert_eq!(events[1]["choices"][0]["delta"]["content"], "Hi\n\n");
        assert_eq!(events[3]["choices"][0]["finish_reason"], "stop");
        assert_eq!(events[3]["choices"][0]["delta"], serde_json::json!({}));
        for event in &events {
            assert_eq!((&event["object"], &event["created"]), (&"chat.completion.chunk".into(), &5.into()));
            assert_eq!(event["id"], events[0]["id"]);
            assert!(event.get("usage").is_none() && event.get("citations").is_none());
        }
    }

    #[test]
    fn usage_comes_last_where_it_was_asked_for() {
        let mut form = ChatForm(head(true));
        let chat = events(&[form.begin(), form.text("x"), form.over(&over())].concat());
        assert!(chat[..3].iter().all(|event| event["usage"].is_null() && event.get("usage").is_some()));
        assert_eq!(chat[3]["usage"]["total_tokens"], 10);
        assert_eq!(chat[3]["choices"], serde_json::json!([]));
        let mut form = TextForm(head(true));
        let text = events(&[form.begin(), form.text("x"), form.over(&over())].concat());
        assert_eq!(
            (text[0]["choices"][0]["text"].as_str(), &text[0]["object"]),
            (Some("x"), &"text_completion".into())
        );
        assert_eq!(text[2]["usage"]["prompt_tokens"], 7);
    }

    #[test]
    fn an_error_in_the_middle_has_the_dialects_shape() {
        let fault = Fault::machine("model_failed", "the model m failed").hint("run it again");
        for mut form in [Box::new(ChatForm(head(false))) as Box<dyn Form>, Box::new(TextForm(head(false)))] {
            let events = events(&(form.text("so far") + &form.failed(&fault)));
            assert_eq!(events[1]["error"]["code"], "model_failed");
            assert!(events[1]["error"]["message"].as_str().unwrap().contains("run it again"));
        }
    }

    #[test]
    fn a_whole_answer_is_one_object() {
        let chat = serde_json::to_value(head(false).chat("Hi".to_owned(), &over())).unwrap();
        assert_eq!(chat["choices"][0]["message"]["content"], "Hi");
        assert_eq!((&chat["usage"]["completion_tokens"], &chat["object"]), (&3.into(), &"chat.completion".into()));
        let text = serde_json::to_value(head(false).completion("Hi".to_owned(), &over())).unwrap();
        assert_eq!((text["choices"][0]["text"].as_str(), &text["usage"]["total_tokens"]), (Some("Hi"), &10.into()));
    }
}
