//! A conversation in the form that a model was trained on. The form is a small program that came with the model, so it is
//! given little to work with: so many steps, so much to write, and nothing outside of it.

use std::error::Error as _;
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::python;
use crate::inference::contain::contained;

#[derive(Debug)]
pub(super) struct Template {
    environment: Environment<'static>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

/// What a template is told besides the conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    /// What the first and the last mark are called.
    pub(super) first: &'a str,
    pub(super) last: &'a str,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unreadable {
        line: Option<usize>,
    },
    /// The template itself says why.
    Raised(String),
    Endless,
    TooLong {
        most: usize,
    },
    Failed {
        line: Option<usize>,
    },
}

const NAME: &str = "chat";

/// Steps of a template; a turn takes some twenty.
const FUEL: u64 = 5_000_000;

/// Of a template, and of what it writes beside the turns.
const LONGEST: usize = 1 << 20;

/// Levels of loops, macros and expressions inside each other.
const DEEPEST: usize = 100;

impl Template {
    pub(super) fn new(source: &str) -> Result<Template, Refusal> {
        if source.len() > LONGEST {
            return Err(Refusal::Unreadable { line: None });
        }
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|_| Refusal::Unreadable { line: None })?);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEEPEST);
        python::add(&mut environment, source);
        let source = python::without_training(source);
        let added = contained(|| {
            let added = environment.add_template_owned(NAME, source);
            added.map(|()| environment)
        });
        match added {
            Ok(Ok(environment)) => Ok(Template { environment }),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a chat template cannot be read");
                Err(Refusal::Unreadable { line: error.line() })
            }
            Err(_) => Err(Refusal::Unreadable { line: None }),
        }
    }

    pub(super) fn render(&self, turns: &[Turn<'_>], around: Around<'_>) -> Result<String, Refusal> {
        let said: usize = turns.iter().map(|turn| turn.content.len()).sum();
        let most = said.saturating_mul(4).saturating_add(LONGEST);
        let mut written = Bounded { text: Vec::new(), most, is_over: false };
        let values = context! {
            messages => turns.iter().map(message).collect::<Value>(),
            add_generation_prompt => true,
            bos_token => around.first,
            eos_token => around.last,
            tools => (),
            documents => (),
            // Thinking is slow, and the sources were found already.
            enable_thinking => false,
        };
        let rendered = contained(|| {
            let template = self.environment.get_template(NAME)?;
            template.render_captured_to(values, &mut written).map(drop)
        });
        match rendered {
            Ok(Ok(())) => String::from_utf8(written.text).map_err(|_| Refusal::Failed { line: None }),
            Ok(Err(_)) if written.is_over => Err(Refusal::TooLong { most }),
            Ok(Err(error)) => Err(why(&error)),
            Err(_) => Err(Refusal::Failed { line: None }),
        }
    }
}

fn message(turn: &Turn<'_>) -> Value {
    context! { role => turn.role, content => turn.content }
}

fn why(error: &Error) -> Refusal {
    tracing::debug!(%error, "a chat template fails");
    if let Some(message) = python::raised(error) {
        let end = message.floor_char_boundary(200);
        return Refusal::Raised(message[..end].to_owned());
    }
    let mut below = error.source();
    let mut is_endless = error.kind() == ErrorKind::OutOfFuel;
    while let Some(cause) = below {
        is_endless |= cause.downcast_ref::<Error>().is_some_and(|error| error.kind() == ErrorKind::OutOfFuel);
        below = cause.source();
    }
    if is_endless { Refusal::Endless } else { Refusal::Failed { line: error.line() } }
}

impl Refusal {
    pub(super) fn text(&self) -> String {
        let at = |line: &Option<usize>| line.map_or_else(String::new, |line| format!(" at line {line}"));
        match self {
            Refusal::Unreadable { line } => format!("its chat template cannot be read{}", at(line)),
            Refusal::Raised(message) => format!("its chat template refuses the conversation: {message}"),
            Refusal::Endless => "its chat template does not come to an end".to_owned(),
            Refusal::TooLong { most } => format!("its chat template writes more than {most} bytes"),
            Refusal::Failed { line } => format!("its chat template fails{}", at(line)),
        }
    }
}

/// Takes so much and no more.
struct Bounded {
    text: Vec<u8>,
    most: usize,
    is_over: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.most {
            self.is_over = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
