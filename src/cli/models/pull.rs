//! `docent models pull`: the only command that opens a connection to another machine.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select, unbounded};
use indicatif::ProgressBar;

use super::Json;
use super::list::in_use;
use super::shelf::open;
use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Outcome};
use crate::cli::interrupt::Interrupt;
use crate::cli::json::PulledJson;
use crate::cli::progress::bytes_bar;
use crate::cli::screen::Screen;
use crate::cli::show_text::{count, harmless, size};
use crate::models::{Entry, Freshness, Installed, ModelsError, Order, PullEvent, Pulled, Trust, pull};

/// After Ctrl-C, so long for whatever is just being put in place.
const GRACE: Duration = Duration::from_millis(500);

pub(super) fn run(names: &[String], latest: bool, json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    // All are looked up first: a typing error in the last one must not cost the first.
    let mut entries: Vec<Entry> = Vec::new();
    for name in names {
        let entry = catalogue.named(name)?;
        if entries.iter().all(|other| other.name != entry.name) {
            entries.push(entry.clone());
        }
    }
    let interrupt = Interrupt::listen()?;
    let mut pulled = Vec::new();
    for entry in entries {
        let order = Order {
            shelf: shelf.clone(),
            entry,
            network: desk.settings.network(),
            freshness: if latest { Freshness::Latest } else { Freshness::Remembered },
            now: desk.clock.now(),
        };
        let model = match one(order, &interrupt, desk.screen) {
            Ok(model) => model,
            Err(ModelsError::Stopped) => {
                desk.screen.note(&"stopped; what has come is kept, and the same command goes on from there");
                return Ok(Ending::Interrupted);
            }
            Err(error) => return Err(error.into()),
        };
        if !json.wanted {
            say(&model, desk)?;
        }
        pulled.push(PulledJson::from(&model));
    }
    if json.wanted {
        desk.screen.json(&pulled)?;
        return Ok(Ending::Fine);
    }
    let used = in_use(&shelf)?;
    for model in pulled.iter().filter(|model| !used.contains(&model.name)) {
        desk.screen.hint(&format_args!("`docent models use {}` makes it the {} that is used", model.name, model.kind));
    }
    Ok(Ending::Fine)
}

enum Message {
    Event(PullEvent),
    End(Box<Result<Pulled, ModelsError>>),
}

/// The network waits in a thread of its own, so that Ctrl-C does not wait for it.
fn one(order: Order, interrupt: &Interrupt, screen: &mut Screen) -> Result<Pulled, ModelsError> {
    let mut shown = Shown { name: order.entry.name.clone(), bar: None, screen };
    let (tell, told) = unbounded();
    let (stop, stopped) = bounded::<()>(0);
    let is_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_asked);
    let worker = thread::Builder::new().name("pull".to_owned());
    worker.spawn(move || work(&order, &tell, &stopped, &asked)).map_err(|source| ModelsError::Thread { source })?;
    let ended = loop {
        select! {
            recv(told) -> message => match message {
                Ok(Message::Event(event)) => shown.event(event),
                Ok(Message::End(ended)) => break *ended,
                Err(_) => break Err(ModelsError::Thread { source: io::Error::other("it panicked") }),
            },
            recv(interrupt.presses()) -> _ => {
                is_asked.store(true, Ordering::SeqCst);
                drop(stop);
                break last_words(&told);
            }
        }
    };
    shown.end();
    ended
}

fn work(order: &Order, tell: &Sender<Message>, stopped: &Receiver<()>, asked: &AtomicBool) {
    let pause = |longest: Duration| {
        asked.load(Ordering::SeqCst)
            || (!longest.is_zero() && stopped.recv_timeout(longest) == Err(RecvTimeoutError::Disconnected))
    };
    let ended = pull(order, &pause, &mut |event| {
        let _ = tell.send(Message::Event(event));
    });
    let _ = tell.send(Message::End(Box::new(ended)));
}

/// A connection that says nothing is not waited for: it ends with the process.
fn last_words(told: &Receiver<Message>) -> Result<Pulled, ModelsError> {
    loop {
        match told.recv_timeout(GRACE) {
            Ok(Message::Event(_)) => {}
            Ok(Message::End(ended)) => return *ended,
            Err(_) => return Err(ModelsError::Stopped),
        }
    }
}

struct Shown<'a> {
    name: String,
    bar: Option<ProgressBar>,
    screen: &'a mut Screen,
}

impl Shown<'_> {
    fn event(&mut self, event: PullEvent) {
        match event {
            PullEvent::Started { revision, files, bytes } => {
                let of = bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
                let files = count(files as u64, "file");
                self.screen.note(&format_args!("pulling {} at {}: {files}{of}", self.name, &revision[..12]));
                self.bar = self.screen.shows_progress().then(|| bytes_bar(bytes.unwrap_or_default()));
            }
            PullEvent::Bytes(bytes) => {
                if let Some(bar) = &self.bar {
                    bar.set_position(bar.position().saturating_add_signed(bytes));
                }
            }
            PullEvent::File(file) => {
                let said = format!("{} is there, {}, sha256 {}", file.name, size(file.bytes), file.sha256);
                self.beside_the_bar(|screen| screen.detail(&said));
            }
            PullEvent::Waiting { why, wait } => {
                let said = format!("{why}; trying again in {:.1} s", wait.as_secs_f64());
                self.beside_the_bar(|screen| screen.note(&harmless(&said)));
            }
        }
    }

    fn beside_the_bar(&mut self, say: impl FnOnce(&mut Screen)) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(self.screen)),
            None => say(self.screen),
        }
    }

    fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn say(pulled: &Pulled, desk: &mut Desk<'_>) -> Result<(), crate::cli::Failure> {
    let model = match pulled {
        Pulled::Already(model) => {
            let Installed { name, bytes, .. } = model;
            return desk.screen.line(&format_args!("{name} is already here and sound, {}", size(*bytes)));
        }
        Pulled::Installed(model) => model,
    };
    desk.screen.line(&format_args!("pulled {}, {}, {}", model.name, model.kind, size(model.bytes)))?;
    let of = |trust| model.files.iter().filter(|file| file.trust == trust).count() as u64;
    let known = [
        (Trust::Catalogue, "named in the catalogue"),
        (Trust::Remembered, "known from an earlier pull"),
        (Trust::Hub, "announced by the hub"),
    ];
    let mut words: Vec<String> =
        known.iter().filter(|(trust, _)| of(*trust) > 0).map(|(trust, who)| format!("{} {who}", of(*trust))).collect();
    if of(Trust::FirstUse) > 0 {
        words.push(format!("{} taken as they came", of(Trust::FirstUse)));
    }
    desk.screen
        .note(&format_args!("sums: {}; all are remembered, and nothing else is accepted later", words.join(", ")));
    Ok(())
}

impl From<&Pulled> for PulledJson {
    fn from(pulled: &Pulled) -> PulledJson {
        match pulled {
            Pulled::Already(model) => PulledJson::of(model, true),
            Pulled::Installed(model) => PulledJson::of(model, false),
        }
    }
}
