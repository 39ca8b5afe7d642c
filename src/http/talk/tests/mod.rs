//! Both dialects, through the router and without a socket.

mod fields;
mod hostile;
mod ollama;
mod openai;

pub(in crate::http) use self::fields::fields_are_read;

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use crossbeam_channel::{Receiver, Sender, unbounded};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_stream::StreamExt;
use tower::ServiceExt;

use crate::assistant::{Choice, Engines, Sending, Sent, put};
use crate::clock::{Clock, SystemClock};
use crate::http::app::App;
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Reason, Urgency};
use crate::library::Library;
use crate::settings::{Environment, Flags, Settings};

/// A server with a few documents, and a generator that does what its prompt says.
struct Home {
    app: App,
    runtime: Runtime,
    generator: Arc<Obedient>,
    _folder: tempfile::TempDir,
}

/// What came back.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

const LAB: &str = "The laboratory opens at eight in the morning and closes at six.\n\n\
    If a chemical gets into the eyes, rinse them at the eyewash for fifteen minutes. Then tell the supervisor.\n";
const EYES: &str = "How long do I rinse my eyes at the eyewash?";

impl Home {
    fn new() -> Home {
        Home::with(&[])
    }

    fn with(variables: &[(&str, &str)]) -> Home {
        Home::built(variables, true)
    }

    /// Without the generator: the documents answer in their own sentences.
    fn without_generator() -> Home {
        Home::built(&[], false)
    }

    fn built(variables: &[(&str, &str)], has_generator: bool) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let mut pairs = vec![("DOCENT_DATA_DIR", folder.path().to_str().unwrap()), ("DOCENT_SERVER_RATE", "0")];
        pairs.extend_from_slice(variables);
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        let settings = Settings::load(&Flags::default(), &Environment::of(pairs)).unwrap();
        let library = Library::open(folder.path()).unwrap();
        add(&library, &settings);
        let generator = Arc::new(Obedient::default());
        let lent = Arc::clone(&generator);
        let choice = Choice { name: "obedient".to_owned(), id: "obedient@1".to_owned(), languages: Vec::new() };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut engines = settings.engines(&clock);
        if has_generator {
            engines = engines.with_generator(choice, move || Ok(Arc::clone(&lent) as _));
        }
        let app = App::new(settings, library, engines, clock, "key").unwrap();
        Home { app, runtime: Runtime::new().unwrap(), generator, _folder: folder }
    }

    fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
        Request::builder().method(method).uri(path).header("host", "127.0.0.1:7700").body(body.into()).unwrap()
    }

    fn call(&self, method: Method, path: &str, body: impl Into<Body>) -> Answered {
        self.runtime.block_on(async {
            let request = Home::request(method, path, body);
            let response = crate::http::router(&self.app).oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let mut bytes = Vec::new();
            let mut stream = body.into_data_stream();
            while let Some(piece) = stream.next().await {
                bytes.extend_from_slice(&piece.unwrap());
            }
            Answered { status: head.status, headers: head.headers, body: String::from_utf8(bytes).unwrap() }
        })
    }

    fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, Body::empty())
    }

    fn post(&self, path: &str, body: &Value) -> Answered {
        self.call(Method::POST, path, body.to_string())
    }

    /// Hears the beginning of a stream and goes away; how long it took until the generator was free again.
    fn hang_up(&self, path: &str, body: &Value) -> Duration {
        let left = self.runtime.block_on(async {
            let request = Home::request(Method::POST, path, body.to_string());
            let response = crate::http::router(&self.app).oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let mut stream = response.into_body().into_data_stream();
            stream.next().await.unwrap().unwrap();
            SystemClock.instant()
        });
        let (reason, free) = self.generator.ended.1.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(reason, Reason::Stopped);
        free.saturating_duration_since(left)
    }
}

fn add(library: &Library, settings: &Settings) {
    let options = settings.adding(None, Engines::none());
    let sent = Sent { source: "lab.txt".to_owned(), title: None, content: Sending::Text(LAB.to_owned()) };
    let kept = put(library, vec![sent], &options, &SystemClock, &mut |_| {}, &AtomicBool::new(false)).unwrap();
    assert!(kept[0].is_ok(), "{kept:?}");
}

impl Answered {
    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The error's text, whichever dialect it is in.
    #[track_caller]
    fn refused(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_str::<Value>(&self.body).unwrap()["error"].take()
    }

    fn lines(&self) -> Vec<Value> {
        self.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The events of a stream; the last has to be the end.
    #[track_caller]
    fn events(&self) -> Vec<Value> {
        assert_eq!(self.headers["content-type"], "text/event-stream", "{}", self.body);
        let mut events: Vec<&str> =
            self.body.split_terminator("\n\n").filter(|event| !event.starts_with(':')).collect();
        assert_eq!(events.pop(), Some("data: [DONE]"), "{}", self.body);
        events.iter().map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()).collect()
    }
}

type Ended = (Reason, Instant);

/// Says what it was told to say; `!` commands make it do something else.
#[derive(Debug)]
struct Obedient {
    limits: Mutex<Vec<Limits>>,
    ended: (Sender<Ended>, Receiver<Ended>),
}

impl Default for Obedient {
    fn default() -> Obedient {
        Obedient { limits: Mutex::default(), ended: unbounded() }
    }
}

impl Generator for Obedient {
    fn id(&self) -> &str {
        "obedient@1"
    }

    fn context(&self) -> usize {
        4096
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.len().div_ceil(4)
    }

    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        _: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        self.limits.lock().unwrap().push(limits.clone());
        let said = match prompt {
            Prompt::Chat(messages) => messages.last().unwrap().text.clone(),
            Prompt::Text(text) => text.clone(),
            Prompt::Tokens(_) => panic!("nobody sends tokens"),
        };
        let model = "obedient@1".to_owned();
        let mut pieces = 0;
        let mut reason = if said.ends_with("!cut") { Reason::Length } else { Reason::End };
        for piece in said.split_inclusive(' ') {
            pieces += 1;
            match piece {
                "!fail" => return Err(InferenceError::Failed { model, why: "it was told to".to_owned() }),
                "!busy" => return Err(InferenceError::Busy { model }),
                "!long" => return Err(InferenceError::TooLong { model, tokens: 9, context: 8 }),
                // As a model does that has much to say: a word now and then, until nobody listens.
                "!endless" => {
                    let never = crossbeam_channel::never::<()>();
                    while listener("on ").is_continue() {
                        let _ = never.recv_timeout(Duration::from_millis(5));
                    }
                    reason = Reason::Stopped;
                }
                _ if listener(piece).is_break() => reason = Reason::Stopped,
                _ => {}
            }
        }
        let _ = self.ended.0.send((reason, SystemClock.instant()));
        let (prompt_tokens, generated_tokens) = (self.count_tokens(&said), pieces);
        Ok(Finish { reason, prompt_tokens, reused_tokens: 0, generated_tokens, first_token: None })
    }

    fn warm(&self, _: &Prompt, _: Urgency) -> Result<(), InferenceError> {
        Ok(())
    }
}
