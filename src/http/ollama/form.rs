//! An answer as Ollama's clients read it: whole, or as JSON lines of which the last says that it is done.

use std::sync::Arc;

use serde::Serialize;

use super::shapes::{Chatted, End, Generated, Said};
use crate::clock::{Clock, Timestamp};
use crate::fault::Fault;
use crate::http::problem::Dialect;
use crate::http::talk::{Form, Over};

/// RFC 3339, to the millisecond.
pub(super) fn moment(now: Timestamp) -> String {
    let seconds = now.to_string();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), now.0 % 1000)
}

pub(super) fn line(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string(value).expect("what is answered can be written");
    json.push('\n');
    json
}

/// What stands in every piece.
#[derive(Clone)]
pub(super) struct Head {
    pub model: String,
    pub clock: Arc<dyn Clock>,
}

impl Head {
    pub(super) fn generated(&self, response: String, end: Option<End>) -> Generated {
        Generated {
            model: self.model.clone(),
            created_at: moment(self.clock.now()),
            response,
            done: end.is_some(),
            end: end.unwrap_or_default(),
        }
    }

    pub(super) fn chatted(&self, content: String, end: Option<End>) -> Chatted {
        Chatted {
            model: self.model.clone(),
            created_at: moment(self.clock.now()),
            message: Said { role: "assistant", content },
            done: end.is_some(),
            end: end.unwrap_or_default(),
        }
    }
}

pub(super) struct GenerateForm(pub Head);

impl Form for GenerateForm {
    fn text(&mut self, text: &str) -> String {
        line(&self.0.generated(text.to_owned(), None))
    }

    fn over(&mut self, over: &Over) -> String {
        line(&self.0.generated(String::new(), Some(End::from(over))))
    }

    fn failed(&mut self, fault: &Fault) -> String {
        line(&Dialect::Ollama.error(fault))
    }

    /// A line with no text in it.
    fn idle(&self) -> String {
        line(&self.0.generated(String::new(), None))
    }
}

pub(super) struct ChatForm(pub Head);

impl Form for ChatForm {
    fn text(&mut self, text: &str) -> String {
        line(&self.0.chatted(text.to_owned(), None))
    }

    fn over(&mut self, over: &Over) -> String {
        line(&self.0.chatted(String::new(), Some(End::from(over))))
    }

    fn failed(&mut self, fault: &Fault) -> String {
        line(&Dialect::Ollama.error(fault))
    }

    fn idle(&self) -> String {
        line(&self.0.chatted(String::new(), None))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::clock::SystemClock;
    use crate::http::talk::Ended;

    fn head() -> Head {
        Head { model: "m".to_owned(), clock: Arc::new(SystemClock) }
    }

    fn over() -> Over {
        Over {
            ended: Ended::Length,
            prompt_tokens: 7,
            generated_tokens: 3,
            load: Duration::from_micros(1),
            read: Duration::from_micros(2),
            total: Duration::from_micros(10),
            answer: None,
        }
    }

    #[test]
    fn moments_have_milliseconds() {
        assert_eq!(moment(Timestamp(1_767_225_599_007)), "2025-12-31T23:59:59.007Z");
    }

    #[test]
    fn every_line_is_an_object_and_the_last_is_done() {
        let mut form = ChatForm(head());
        let stream = [form.begin(), form.text("a\nb"), form.idle(), form.over(&over())].concat();
        let lines: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["message"]["content"]), (3, &"a\nb".into()));
        assert!(lines[0].get("done_reason").is_none() && lines[0]["done"] == false);
        assert_eq!((&lines[2]["done"], &lines[2]["done_reason"]), (&true.into(), &"length".into()));
        assert_eq!((&lines[2]["total_duration"], &lines[2]["eval_duration"]), (&10_000.into(), &7_000.into()));
        assert_eq!((&lines[2]["prompt_eval_count"], &lines[2]["eval_count"]), (&7.into(), &3.into()));
        let mut form = GenerateForm(head());
        let lines = form.text("x") + &form.over(&over());
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["response"], &lines[1]["response"]), (&"x".into(), &"".into()));
    }

    #[test]
    fn an_error_in_the_middle_is_a_line_of_its_own() {
        let fault = Fault::machine("model_failed", "the model m failed");
        for mut form in [Box::new(ChatForm(head())) as Box<dyn Form>, Box::new(GenerateForm(head()))] {
            let failed = form.failed(&fault);
            assert!(failed.starts_with("{\"error\":\"the model m failed") && failed.ends_with("\"}\n"), "{failed}");
        }
    }
}
