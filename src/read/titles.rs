//! Did a person give this title, or a program?

/// Programs write the file's name, the template's or nothing of use where a title should stand.
pub(super) fn is_made_up(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    const PREFIXES: [&str; 13] = [
        "microsoft word",
        "microsoft powerpoint",
        "microsoft excel",
        "untitled",
        "sin título",
        "sem título",
        "document",
        "documento",
        "presentation",
        "presentación",
        "apresentação",
        "powerpoint",
        "powerpoint presentation",
    ];
    const ENDS: [&str; 12] =
        [".doc", ".docx", ".docm", ".dotx", ".pdf", ".tex", ".dvi", ".indd", ".qxd", ".odt", ".rtf", ".pptx"];
    let short = lower.chars().filter(|c| c.is_alphabetic()).count() < 3;
    let numbered =
        |prefix: &str| lower.strip_prefix(prefix).is_some_and(|rest| rest.chars().all(|c| !c.is_alphabetic()));
    short
        || lower.starts_with("microsoft ")
        || PREFIXES.iter().any(|prefix| numbered(prefix))
        || (ENDS.iter().any(|end| lower.ends_with(end)) && !lower.contains(' '))
        || title.contains('\u{fffd}')
        || title.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_programs_are_known() {
        for made in [
            "Microsoft Word - tesis.doc",
            "Untitled",
            "untitled-1",
            "Document1",
            "a.tex",
            "",
            "  ",
            "C:\\x\\y.docx",
            "ñ",
        ] {
            assert!(is_made_up(made), "{made}");
        }
        for given in ["Document management", "El pulmón", "Notes on file.doc formats", "Presentación de resultados"] {
            assert!(!is_made_up(given), "{given}");
        }
    }
}
