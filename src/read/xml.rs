//! What stands in an XML part, one step at a time? Names without their prefixes, text with its entities resolved.
//! Nothing outside of the text is ever fetched, and no entity of the document's own is expanded.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Problem;
use crate::domain::Format;

#[derive(Debug)]
pub(super) enum Step<'x> {
    Open(Element<'x>),
    /// The name of what ends here.
    Close(String),
    Text(String),
}

#[derive(Debug)]
pub(super) struct Element<'x> {
    pub(super) name: String,
    tag: BytesStart<'x>,
}

impl Element<'_> {
    /// The value of the first attribute of this name, whatever its prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.tag.attributes();
        attributes.with_checks(false);
        let found = attributes.flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
        Some(match found.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => found.value.into_owned(),
        })
    }

    /// A switch is on when it is there, unless it says otherwise.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.get("val").as_deref(), Some("0" | "false" | "off"))
    }
}

pub(super) struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    format: Format,
    depth: usize,
}

/// Honest documents stay far below; the parsers above keep something for every open element.
const DEPTH: usize = 2000;

impl<'x> Xml<'x> {
    pub(super) fn new(text: &'x str, format: Format) -> Xml<'x> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Xml { reader, format, depth: 0 }
    }

    /// The next step; none at the end.
    pub(super) fn step(&mut self) -> Result<Option<Step<'x>>, Problem> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|error| Problem::damaged_by(self.format, "a part of it is not well-formed", error))?;
            return Ok(Some(match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(Problem::TooDeep { limit: DEPTH });
                    }
                    Step::Open(Element { name: tag.local_name().as_ref().to_owned(), tag })
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    Step::Close(tag.local_name().as_ref().to_owned())
                }
                Event::Text(text) => Step::Text(text.into_inner().into_owned()),
                Event::CData(text) => Step::Text(text.into_inner().into_owned()),
                Event::GeneralRef(reference) => {
                    let known = match reference.resolve_char_ref() {
                        Ok(Some(c)) => Some(c),
                        _ => entity(&reference.into_inner()),
                    };
                    match known {
                        Some(c) => Step::Text(c.to_string()),
                        None => continue,
                    }
                }
                Event::Eof => return Ok(None),
                _ => continue,
            }));
        }
    }

    /// Passes over everything in the element that was just opened.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside && self.step()?.is_some() {}
        Ok(())
    }
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_its_own_are_never_expanded() {
        let text = "<!DOCTYPE a [<!ENTITY b \"boom\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><a x='1&amp;2'>&b;&f;&#241;&lt;<![CDATA[<c>]]></a>";
        let mut xml = Xml::new(text, Format::Docx);
        let (mut found, mut value) = (String::new(), None);
        while let Some(step) = xml.step().unwrap() {
            match step {
                Step::Text(text) => found.push_str(&text),
                Step::Open(element) => value = element.get("x"),
                Step::Close(_) => {}
            }
        }
        assert_eq!((found.as_str(), value.as_deref()), ("ñ<<c>", Some("1&2")));
    }

    #[test]
    fn depth_is_an_error() {
        let text = "<a>".repeat(5000);
        let mut xml = Xml::new(&text, Format::Docx);
        let failed =
            std::iter::from_fn(|| xml.step().transpose()).any(|step| matches!(step, Err(Problem::TooDeep { .. })));
        assert!(failed);
    }
}
