//! `docent config`: the settings in force, and who chose each.

use clap::{Args, Subcommand};

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::SettingJson;
use super::screen::{BOLD, DIM};
use super::show_text::harmless;
use crate::settings::{Entry, Origin};

/// Shows the settings in force and where each was set
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "A setting is taken from a flag, else a DOCENT_* variable, else docent.toml, else the default.\n\n\
                        Examples:\n  \
                        docent config show\n  \
                        DOCENT_SEARCH_K=8 docent config show --json\n  \
                        $EDITOR \"$(docent config path)\""
)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every setting, its value, and who chose it
    Show {
        /// One JSON value on stdout
        #[arg(long)]
        json: bool,
    },
    /// Where settings are read from
    Path,
}

pub(super) fn run(args: &ConfigArgs, desk: &mut Desk<'_>) -> Outcome {
    match args.what {
        What::Show { json: true } => {
            let entries = desk.settings.entries();
            desk.screen.json(&entries.iter().map(SettingJson::from).collect::<Vec<_>>())?;
        }
        What::Show { json: false } => table(desk)?,
        What::Path => {
            let (path, is_there) = &desk.settings.file;
            desk.screen.line(&path.display())?;
            if !is_there {
                desk.screen.hint(&"it is not there yet; everything has its default until you write it");
            }
        }
    }
    Ok(Ending::Fine)
}

fn table(desk: &mut Desk<'_>) -> Result<(), super::Failure> {
    let rows: Vec<(Entry, String)> = desk
        .settings
        .entries()
        .into_iter()
        .map(|entry| {
            let value = harmless(&entry.value.to_string()).into_owned();
            (entry, value)
        })
        .collect();
    let keys = rows.iter().map(|(entry, _)| entry.key.name.len()).max().unwrap_or(0);
    let values = rows.iter().map(|(_, value)| value.chars().count()).filter(|&width| width <= 40).max().unwrap_or(0);
    for (entry, value) in rows {
        let style = if entry.origin == Origin::Default { DIM } else { BOLD };
        let origin = harmless(&entry.origin.to_string()).into_owned();
        desk.screen
            .line(&format_args!("{:keys$}  {BOLD}{value:values$}{BOLD:#}  {style}{origin}{style:#}", entry.key.name))?;
        desk.screen.detail(&format_args!("{:keys$}  {} [{}]", "", entry.key.help, entry.key.variable()));
    }
    Ok(())
}
