//! What does a word processor's document say? Its paragraphs, headings, lists, tables and notes, as they stand accepted.

mod body;
mod numbering;
mod parts;
mod styles;

use super::Problem;
use super::draft::Draft;
use super::formats::Source;
use super::package::Package;
use crate::domain::{Format, Manuscript};
use body::Body;
use numbering::Numbering;
use parts::Parts;
use styles::Styles;

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    let mut package = Package::open(source.bytes, Format::Docx, source.limits)?;
    let parts = Parts::find(&mut package)?;
    let main = package
        .part(&parts.document)?
        .ok_or_else(|| Problem::damaged(Format::Docx, "there is no document inside (another kind of file?)"))?;
    let mut optional = |name: &Option<String>| match name {
        // A damaged side part costs its own content only; one too large to unpack is no accident.
        Some(name) => match package.part(name) {
            Err(problem @ Problem::UnpacksTooLarge { .. }) => Err(problem),
            part => Ok(part.ok().flatten()),
        },
        None => Ok(None),
    };
    let styles = Styles::read(optional(&parts.styles)?.as_deref().unwrap_or(""));
    let numbering = Numbering::read(optional(&parts.numbering)?.as_deref().unwrap_or(""));
    let mut notes = body::notes(optional(&parts.footnotes)?.as_deref().unwrap_or(""), "footnote");
    notes.extend(body::notes(optional(&parts.endnotes)?.as_deref().unwrap_or(""), "endnote"));
    let named = optional(&parts.properties)?.and_then(|properties| parts::title(&properties));

    let mut draft = Draft::new(source.limits);
    let title = Body::new(&mut draft, &styles, numbering, notes, &main).read(&main)?;
    draft.title = title.or(named);
    draft.finish(Format::Docx)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BlockKind::{self, Heading, ListItem, Paragraph, TableRow};
    use crate::read::package::tests::packed;
    use crate::read::{Limits, parse};

    const STYLES: &str = r#"<w:styles xmlns:w="x">
        <w:style w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="Mine"><w:name w:val="My own"/><w:basedOn w:val="Ttulo1"/></w:style>
        <w:style w:styleId="Deep"><w:name w:val="Deep"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
        <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
        <w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
        <w:style w:styleId="T"><w:name w:val="Title"/></w:style></w:styles>"#;
    const NUMBERING: &str = r#"<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="7">
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>
        <w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>
        <w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num></w:numbering>"#;
    const NOTES: &str = r#"<w:footnotes xmlns:w="x"><w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>
        <w:footnote w:id="2"><w:p><w:r><w:t>See there.</w:t></w:r></w:p></w:footnote></w:footnotes>"#;

    fn docx(body: &str) -> Vec<u8> {
        let document = format!("<?xml version='1.0'?><w:document xmlns:w='x'><w:body>{body}</w:body></w:document>");
        packed(&[
            ("word/document.xml", document.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
            ("word/numbering.xml", NUMBERING.as_bytes()),
            ("word/footnotes.xml", NOTES.as_bytes()),
            ("docProps/core.xml", b"<p><dc:title>From the properties</dc:title></p>"),
        ])
    }

    fn paragraph(properties: &str, text: &str) -> String {
        format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>")
    }

    fn styled(style: &str, text: &str) -> String {
        paragraph(&format!("<w:pStyle w:val='{style}'/>"), text)
    }

    fn check(body: &str, expected: &[(BlockKind, &str)]) -> Manuscript {
        let manuscript = parse("a.docx", &docx(body), &Limits::default()).unwrap();
        let found: Vec<(BlockKind, &str)> =
            manuscript.blocks.iter().map(|block| (block.kind, &manuscript.text[block.range.clone()])).collect();
        assert_eq!(found, expected);
        manuscript
    }

    #[test]
    fn styles_make_headings_in_any_language() {
        let body = [
            styled("T", "The title"),
            styled("TOC1", "One ..... 3"),
            styled("Ttulo1", "One"),
            styled("Mine", "Two"),
            styled("Deep", "Three"),
            styled("Loop", "text"),
            paragraph("<w:outlineLvl w:val='1'/>", "Four"),
        ];
        let manuscript = check(
            &body.concat(),
            &[
                (Heading(1), "The title"),
                (Heading(1), "One"),
                (Heading(1), "Two"),
                (Heading(3), "Three"),
                (Paragraph, "text"),
                (Heading(2), "Four"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("The title"));
    }

    #[test]
    fn lists_are_numbered_as_shown() {
        let item = |list: u8, level: u8, text: &str| {
            paragraph(&format!("<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{list}'/></w:numPr>"), text)
        };
        let body =
            [item(1, 0, "a"), item(1, 1, "b"), item(1, 1, "c"), item(1, 0, "d"), item(1, 1, "e"), item(2, 0, "f")];
        let manuscript = check(
            &body.concat(),
            &[
                (ListItem, "1. a"),
                (ListItem, "1.a) b"),
                (ListItem, "1.b) c"),
                (ListItem, "2. d"),
                (ListItem, "2.a) e"),
                (ListItem, "f"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("From the properties"));
    }

    #[test]
    fn changes_notes_boxes_and_fields() {
        check(
            "<w:p><w:r><w:t>Kept</w:t></w:r><w:ins><w:r><w:t> new</w:t></w:r></w:ins><w:del><w:r><w:delText> old</w:delText></w:r></w:del>\
             <w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom><w:r><w:footnoteReference w:id='2'/><w:tab/><w:t>link &amp; x</w:t><w:br/></w:r>\
             <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>\
             <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
             <mc:Fallback><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>\
             <w:r><w:t>Around it</w:t></w:r></w:p>",
            &[
                (Paragraph, "Kept new link & x"),
                (Paragraph, "See there."),
                (Paragraph, "In a box"),
                (Paragraph, "Around it"),
            ],
        );
    }

    #[test]
    fn tables_read_by_row() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let row = |cells: &[&str]| format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
        let merged = "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc><w:p><w:r><w:t>7</w:t></w:r></w:p></w:tc></w:tr>";
        check(
            &format!("<w:tbl>{}{}{merged}</w:tbl>", row(&["Drug", "Dose"]), row(&["A", "5"])),
            &[(TableRow, "Drug: A; Dose: 5"), (TableRow, "Drug: A; Dose: 7")],
        );
        check(&format!("<w:tbl>{}</w:tbl>", row(&["A single cell"])), &[(Paragraph, "A single cell")]);
    }

    #[test]
    fn what_is_no_document_is_a_clear_error() {
        let other = packed(&[("word/other.xml", b"<a/>")]);
        let error = parse("a.docx", &other, &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read a.docx: damaged docx: there is no document inside (another kind of file?)"
        );
        let empty = parse("a.docx", &docx("<w:p/>"), &Limits::default()).unwrap_err();
        assert_eq!(empty.to_string(), "cannot read a.docx: the docx holds no text");
    }

    #[test]
    fn a_bomb_is_refused() {
        let body = paragraph("", &" ".repeat(3 << 20));
        let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
        let error = parse("a.docx", &docx(&body), &limits).unwrap_err();
        assert_eq!(error.to_string(), "cannot read a.docx: unpacks to more than 1 MiB");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let error = parse("a.docx", &docx(&"<w:tbl><w:tr><w:tc>".repeat(30_000)), &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read a.docx: nested deeper than 2000 levels");
    }

    #[test]
    fn cut_or_flipped_it_is_read_or_refused() {
        let bytes = docx(&styled("Ttulo1", "One"));
        for end in 0..bytes.len() {
            assert!(parse("a.docx", &bytes[..end], &Limits::default()).is_err());
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let _ = parse("a.docx", &flipped, &Limits::default());
        }
    }
}
