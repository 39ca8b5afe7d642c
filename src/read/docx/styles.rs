//! What does a paragraph's style make of it? Styles inherit from each other; built-in names are English in any language.

use std::collections::HashMap;

use crate::domain::Format;
use crate::read::xml::{Step, Xml};

#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    level: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    /// 1 is the outermost.
    Heading(u8),
    /// A line of a table of contents, which repeats a heading.
    Contents,
    ListItem,
    Text,
}

/// A chain of styles longer than this is a circle.
const CHAIN: usize = 20;

impl Styles {
    pub(super) fn read(text: &str) -> Styles {
        let mut xml = Xml::new(text, Format::Docx);
        let mut styles = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        while let Ok(Some(step)) = xml.step() {
            match step {
                Step::Open(element) if element.name == "style" => {
                    open = element.get("styleId").map(|id| (id, Style::default()));
                }
                Step::Open(element) => {
                    let (Some((_, style)), Some(value)) = (&mut open, element.get("val")) else { continue };
                    match element.name.as_str() {
                        "name" => style.name = value.to_lowercase(),
                        "basedOn" => style.based_on = Some(value),
                        "outlineLvl" => style.outline = value.parse().ok(),
                        "numId" => style.list = Some(value),
                        "ilvl" => style.level = value.parse().ok(),
                        _ => {}
                    }
                }
                Step::Close(name) if name == "style" => styles.extend(open.take()),
                _ => {}
            }
        }
        Styles(styles)
    }

    pub(super) fn role(&self, id: &str) -> Role {
        self.chain(id).find_map(Style::role).unwrap_or_else(|| by_name(&id.to_lowercase()).unwrap_or(Role::Text))
    }

    /// The list, and the level in it, that the style puts its paragraphs in.
    pub(super) fn list(&self, id: &str) -> Option<(String, u8)> {
        let list = self.chain(id).find_map(|style| style.list.clone())?;
        Some((list, self.chain(id).find_map(|style| style.level).unwrap_or(0)))
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        std::iter::successors(self.0.get(id), |style| self.0.get(style.based_on.as_ref()?)).take(CHAIN)
    }
}

impl Style {
    fn role(&self) -> Option<Role> {
        let outlined = self.outline.filter(|level| *level < 9).map(|level| Role::Heading(level + 1));
        by_name(&self.name).or(outlined)
    }
}

fn by_name(name: &str) -> Option<Role> {
    let level = |prefix: &str| name.strip_prefix(prefix)?.trim().parse().ok().filter(|level| (1..=9).contains(level));
    if let Some(level) = level("heading") {
        return Some(Role::Heading(level));
    }
    match name {
        "title" => Some(Role::Title),
        _ if name.starts_with("toc ") && name != "toc heading" => Some(Role::Contents),
        _ if name.starts_with("list ") && !name.starts_with("list table") => Some(Role::ListItem),
        _ => None,
    }
}
