//! Where in the package does each part lie? Relationships say so; without them, the usual places.

use crate::domain::Format;
use crate::read::Problem;
use crate::read::draft::tidied;
use crate::read::package::Package;
use crate::read::titles::is_made_up;
use crate::read::xml::{Step, Xml};

pub(super) struct Parts {
    pub(super) document: String,
    pub(super) styles: Option<String>,
    pub(super) numbering: Option<String>,
    pub(super) footnotes: Option<String>,
    pub(super) endnotes: Option<String>,
    pub(super) properties: Option<String>,
}

impl Parts {
    pub(super) fn find(package: &mut Package<'_>) -> Result<Parts, Problem> {
        let roots = relations(package, "_rels/.rels", "")?;
        let document = target(&roots, "/officeDocument").unwrap_or_else(|| "word/document.xml".into());
        let (folder, file) = document.rsplit_once('/').unwrap_or(("", &document));
        let relations = relations(package, &format!("{folder}/_rels/{file}.rels"), folder)?;
        let part =
            |kind: &str| target(&relations, &format!("/{kind}")).or_else(|| Some(format!("{folder}/{kind}.xml")));
        Ok(Parts {
            styles: part("styles"),
            numbering: part("numbering"),
            footnotes: part("footnotes"),
            endnotes: part("endnotes"),
            properties: target(&roots, "/core-properties").or_else(|| Some("docProps/core.xml".into())),
            document,
        })
    }
}

/// What kind of part, and where.
type Relation = (String, String);

fn target(relations: &[Relation], kind: &str) -> Option<String> {
    relations.iter().find(|(other, _)| other.ends_with(kind)).map(|(_, target)| target.clone())
}

fn relations(package: &mut Package<'_>, name: &str, folder: &str) -> Result<Vec<Relation>, Problem> {
    let Some(text) = package.part(name)? else { return Ok(Vec::new()) };
    let mut xml = Xml::new(&text, Format::Docx);
    let mut found = Vec::new();
    while let Ok(Some(step)) = xml.step() {
        if let Step::Open(element) = step
            && element.name == "Relationship"
            && element.get("TargetMode").as_deref() != Some("External")
            && let (Some(kind), Some(target)) = (element.get("Type"), element.get("Target"))
        {
            found.push((kind, resolved(folder, &target)));
        }
    }
    Ok(found)
}

fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(path.pop()),
            "." | "" => {}
            part => path.push(part),
        }
    }
    path.join("/")
}

/// The title among the properties, unless a program made it up.
pub(super) fn title(properties: &str) -> Option<String> {
    let mut xml = Xml::new(properties, Format::Docx);
    let (mut inside, mut title) = (false, String::new());
    while let Ok(Some(step)) = xml.step() {
        match step {
            Step::Open(element) => inside = element.name == "title",
            Step::Close(_) => inside = false,
            Step::Text(text) if inside => title.push_str(&text),
            Step::Text(_) => {}
        }
    }
    let title = tidied(&title);
    (!is_made_up(&title)).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_from_their_folder() {
        assert_eq!(resolved("word", "styles.xml"), "word/styles.xml");
        assert_eq!(resolved("word", "../custom/./s.xml"), "custom/s.xml");
        assert_eq!(resolved("", "/word/document2.xml"), "word/document2.xml");
        assert_eq!(resolved("a", "../../../b"), "b");
    }
}
