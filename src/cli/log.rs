//! The log on stderr: quiet unless something is wrong or somebody asks.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::screen::Screen;
use crate::settings::LogLevel;

pub(super) fn start(level: LogLevel, logs_access: bool, screen: &Screen) {
    let filter = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(screen.stderr_has_colour())
        .with_target(false)
        .without_time();
    // Other crates speak of their own affairs.
    let mut ours = Targets::new().with_target("docent", filter);
    if logs_access {
        ours = ours.with_target("docent::access", LevelFilter::INFO);
    }
    // Fails only where a log was started before, and then that one serves.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}
