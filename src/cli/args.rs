//! What was typed: the words every command shares, and the list of commands.

use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::screen::Loudness;
use super::{
    add, ask, backup, bench, cache, chat, completions, config, demo, doctor, embed, eval, list, models, prefetch,
    remove, restore, search, serve, show, topics,
};
use crate::settings::{Flags, LogLevel, Origin, Settings};

#[derive(Debug, Parser)]
#[command(
    name = "docent",
    version,
    about = "Answers questions from your own documents, on your own machine, with no network",
    after_help = "Start with `docent demo`, or `docent add FOLDER` and `docent ask \"your question\"`.\n\
                  `docent COMMAND --help` shows examples.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct Typed {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// The folder that holds the library [also: DOCENT_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Settings are read from this file instead of docent.toml in the data folder
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Opens no connection to anything but this machine [also: DOCENT_OFFLINE]
    #[arg(long, global = true)]
    offline: bool,
    /// Says more on stderr; twice for the log's details
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Says nothing on stderr but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Colours: where the terminal has them, always, or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Colour,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

impl From<Colour> for ColorChoice {
    fn from(colour: Colour) -> ColorChoice {
        match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        }
    }
}

impl Global {
    pub(super) fn flags(&self) -> Flags {
        Flags { data_dir: self.data_dir.clone(), config: self.config.clone(), offline: self.offline }
    }

    pub(super) fn loudness(&self) -> Loudness {
        match (self.quiet, self.verbose) {
            (true, _) => Loudness::Quiet,
            (false, 0) => Loudness::Plain,
            (false, _) => Loudness::Verbose,
        }
    }

    /// `-v` and `-q` win over a level that was set.
    pub(super) fn log_level(&self, settings: &Settings) -> LogLevel {
        match (self.quiet, self.verbose) {
            (true, _) => LogLevel::Error,
            (false, 0) => settings.log_level.value,
            (false, _) if settings.log_level.origin != Origin::Default && settings.log_level.value > LogLevel::Info => {
                settings.log_level.value
            }
            (false, 1) => LogLevel::Info,
            (false, 2) => LogLevel::Debug,
            (false, _) => LogLevel::Trace,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Demo(demo::DemoArgs),
    Add(add::AddArgs),
    Sync(add::SyncArgs),
    Ask(ask::AskArgs),
    Search(search::SearchArgs),
    Embed(embed::EmbedArgs),
    Chat(chat::ChatArgs),
    Serve(serve::ServeArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Remove(remove::RemoveArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Eval(eval::EvalArgs),
    Bench(bench::BenchArgs),
    Models(models::ModelsArgs),
    Topics(topics::TopicsArgs),
    Prefetch(prefetch::PrefetchArgs),
    Cache(cache::CacheArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
}
