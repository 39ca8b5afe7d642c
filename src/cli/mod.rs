//! The command line: what was typed becomes a call to a lower floor, and what comes back is printed.
//!
//! stdout carries results only; progress, logs and errors go to stderr. One file per command; [`run`] is the whole door.

mod args;
mod desk;
mod ending;
mod flow;
mod interrupt;
mod json;
mod log;
mod progress;
mod reach;
mod screen;
mod show_answer;
mod show_text;
mod through;
mod watch;

mod add;
mod ask;
mod backup;
mod bench;
mod cache;
mod chat;
mod completions;
mod config;
mod demo;
mod doctor;
mod embed;
mod eval;
mod list;
mod models;
mod prefetch;
mod remove;
mod restore;
mod search;
mod serve;
mod show;
mod topics;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Command, Typed};
use self::desk::Desk;
use self::ending::{Ending, Failure, Outcome};
use self::screen::Screen;
use crate::settings::{Environment, Settings};

/// Runs one command. `typed` begins with the program's name.
pub fn run(typed: impl IntoIterator<Item = OsString>, environment: &Environment) -> ExitCode {
    let typed = match Typed::try_parse_from(typed) {
        Ok(typed) => typed,
        Err(error) => return ending::misread(&error).into(),
    };
    let mut screen = Screen::open(typed.global.color, typed.global.loudness());
    let outcome = start(typed, environment, &mut screen);
    screen.end(outcome).into()
}

fn start(typed: Typed, environment: &Environment, screen: &mut Screen) -> Outcome {
    let Some(command) = typed.command else {
        screen.out(&Typed::command().render_long_help().ansi())?;
        return Ok(Ending::Fine);
    };
    // Before the settings: a shell asks for these while it starts.
    if let Command::Completions(args) = command {
        return completions::run(&args, screen);
    }
    let settings = Settings::load(&typed.global.flags(), environment).map_err(|error| Failure::Fault(error.into()))?;
    let logs_access = matches!(&command, Command::Serve(args) if serve::logs_access(args, &settings));
    log::start(typed.global.log_level(&settings), logs_access, screen);
    let mut desk = Desk::new(settings, screen);
    let outcome = work(command, environment, &mut desk);
    // What was found is seen before anything is written down.
    desk.screen.flush()?;
    desk.settle();
    outcome
}

fn work(command: Command, environment: &Environment, desk: &mut Desk<'_>) -> Outcome {
    match command {
        Command::Completions(_) => Ok(Ending::Fine),
        Command::Demo(args) => demo::run(args, desk),
        Command::Add(args) => add::run(args, desk),
        Command::Sync(args) => add::run_sync(args, desk),
        Command::List(args) => list::run(args, desk),
        Command::Show(args) => show::run(args, desk),
        Command::Remove(args) => remove::run(args, desk),
        Command::Embed(args) => embed::run(args, desk),
        Command::Search(args) => search::run(args, desk),
        Command::Ask(args) => ask::run(args, desk),
        Command::Chat(args) => chat::run(args, desk),
        Command::Eval(args) => eval::run(args, desk),
        Command::Bench(args) => bench::run(args, desk),
        Command::Models(args) => models::run(args, desk),
        Command::Topics(args) => topics::run(args, desk),
        Command::Prefetch(args) => prefetch::run(args, desk),
        Command::Cache(args) => cache::run(args, desk),
        Command::Config(args) => config::run(&args, desk),
        Command::Doctor(args) => doctor::run(args, desk),
        Command::Backup(args) => backup::run(args, desk),
        Command::Restore(args) => restore::run(args, desk),
        Command::Serve(args) => serve::run(args, environment, desk),
    }
}
