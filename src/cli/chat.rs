//! `docent chat`: a conversation on the terminal, or with lines from a pipe.

use std::io::{self, BufRead, IsTerminal};
use std::thread;

use clap::Args;
use crossbeam_channel::{Receiver, bounded, select};

use super::ask;
use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::interrupt::Interrupt;
use super::reach::Reach;
use super::screen::{BOLD, MARK};
use super::show_answer;
use crate::assistant::Question;
use crate::domain::{Answer, CollectionName, Turn};
use crate::local::{HasCollection, Needs};
use crate::settings::parse;

/// Holds a conversation; also with lines from a pipe
#[derive(Debug, Args)]
#[command(
    after_help = "Inside: /sources shows what the last answer came from, /new begins a new conversation, /collection \
                        NAME changes where answers come from, /quit ends. Ctrl-C ends an answer that is being written, \
                        and the conversation where none is.\n\n\
                        Examples:\n  docent chat\n  docent chat --collection biology\n  \
                        printf 'What is mitosis?\\nWhen does it begin?\\n' | docent chat"
)]
pub(super) struct ChatArgs {
    /// Only from this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
}

const HELP: &str = "\
/sources          what the last answer came from
/new              begin a new conversation
/collection NAME  answer from this collection only; without a name from all
/help             these lines
/quit             the end (Ctrl-D too)";

struct Chat {
    reach: Reach,
    collection: Option<CollectionName>,
    history: Vec<Turn>,
    last: Option<Answer>,
}

pub(super) fn run(args: ChatArgs, desk: &mut Desk<'_>) -> Outcome {
    let reach = desk.reach(Needs::ToRead)?;
    if let Some(collection) = &args.collection {
        reach.run(HasCollection { name: collection.to_string() })?;
    }
    let mut chat = Chat { reach, collection: args.collection, history: Vec::new(), last: None };
    let prompts = io::stdin().is_terminal() && desk.screen.width.is_some();
    if prompts {
        desk.screen.note(&"ask something; /help shows what else there is");
    }
    let interrupt = Interrupt::listen()?;
    let lines = lines();
    loop {
        if prompts {
            desk.screen.out(&format_args!("{MARK}› {MARK:#}"))?;
            desk.screen.flush()?;
        }
        let line = select! {
            recv(lines) -> line => line.ok(),
            recv(interrupt.presses()) -> _ => return Ok(Ending::Interrupted),
        };
        let Some(line) = line.transpose().map_err(Failure::from_stdin)? else {
            if prompts {
                desk.screen.line(&"")?;
            }
            return Ok(Ending::Fine);
        };
        match line.trim() {
            "" => {}
            "/quit" | "/exit" | "/q" => return Ok(Ending::Fine),
            line => chat.hear(line, desk, &interrupt)?,
        }
    }
}

/// Read by a thread of its own, so that Ctrl-C ends the wait for a line.
fn lines() -> Receiver<io::Result<String>> {
    let (sender, receiver) = bounded(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let failed = line.is_err();
            if sender.send(line).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

impl Chat {
    fn hear(&mut self, line: &str, desk: &mut Desk<'_>, interrupt: &Interrupt) -> Result<(), Failure> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "/help" => desk.screen.line(&HELP),
            "/new" => {
                self.history.clear();
                self.last = None;
                desk.screen.line(&"a new conversation")
            }
            "/sources" => self.sources(desk),
            "/collection" => self.choose(rest.trim(), desk),
            word if word.starts_with('/') => {
                desk.screen.error(&format_args!("there is no {word}"), Some("/help shows what there is"));
                Ok(())
            }
            _ => self.answer(line, desk, interrupt),
        }
    }

    fn answer(&mut self, line: &str, desk: &mut Desk<'_>, interrupt: &Interrupt) -> Result<(), Failure> {
        let question = Question {
            collection: self.collection.clone(),
            history: self.history.clone(),
            ..desk.settings.question(line.to_owned())
        };
        let answer = ask::aloud(&self.reach, &question, desk, interrupt.flag());
        interrupt.take();
        desk.tell_troubles();
        match answer {
            Ok(answer) => {
                self.history.push(Turn { question: question.text, answer: answer.text.clone() });
                self.last = Some(answer);
                desk.screen.line(&"")?;
                desk.screen.flush()
            }
            // A question that cannot be asked is no reason to end the conversation.
            Err(Failure::Fault(fault)) => {
                desk.screen.error(&fault, fault.hint.as_deref());
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    fn sources(&self, desk: &mut Desk<'_>) -> Result<(), Failure> {
        let citations = self.last.as_ref().map_or(&[][..], |answer| &answer.citations);
        if citations.is_empty() {
            return desk.screen.line(&"the last answer has no sources");
        }
        let width = desk.screen.width;
        show_answer::citations(desk.screen.stdout(), width, citations).map_err(Failure::Stdout)?;
        for citation in citations {
            let source = super::show_text::one_line(&citation.source);
            desk.screen.line(&format_args!("{MARK}[{}]{MARK:#} {} {source}", citation.n, citation.document))?;
        }
        Ok(())
    }

    fn choose(&mut self, name: &str, desk: &mut Desk<'_>) -> Result<(), Failure> {
        if name.is_empty() {
            self.collection = None;
            return desk.screen.line(&"answers come from all collections");
        }
        let chosen = parse::<CollectionName>(name)
            .map_err(|expected| super::ending::wrong_usage(format!("{name:?} is no collection: {expected}")))
            .and_then(|collection| {
                self.reach.run(HasCollection { name: collection.to_string() })?;
                Ok(collection)
            });
        match chosen {
            Ok(collection) => {
                let said = desk.screen.line(&format_args!("answers come from {BOLD}{collection}{BOLD:#}"));
                self.collection = Some(collection);
                said
            }
            Err(fault) => {
                desk.screen.error(&fault, fault.hint.as_deref());
                Ok(())
            }
        }
    }
}
