//! The binary: hands the process's arguments and environment to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    docent::cli::run(std::env::args_os(), &docent::settings::Environment::of_process())
}
