//! `docent completions`: what a shell needs to complete our words.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::args::Typed;
use super::ending::{Ending, Failure, Outcome};
use super::screen::Screen;

/// Writes completions for a shell to stdout
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    docent completions bash > ~/.local/share/bash-completion/completions/docent\n  \
    docent completions zsh > \"${fpath[1]}/_docent\"\n  \
    docent completions fish > ~/.config/fish/completions/docent.fish")]
pub(super) struct CompletionsArgs {
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, screen: &mut Screen) -> Outcome {
    // clap_complete panics when it cannot write, so it writes to memory first.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Typed::command(), "docent", &mut script);
    std::io::Write::write_all(screen.stdout(), &script).map_err(Failure::Stdout)?;
    Ok(Ending::Fine)
}
