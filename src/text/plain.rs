//! When are two questions the same one, written differently? Case, spaces, composed letters and the last punctuation do not
//! count; accents and words do.

use unicode_normalization::UnicodeNormalization;

/// Equal for questions that differ in nothing that could change their meaning.
pub fn plain_question(text: &str) -> String {
    let composed: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let is_mark =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '!' | '.' | '…' | '¿' | '¡' | '。' | '؟');
    let mut plain = String::with_capacity(composed.len());
    for word in composed.trim_matches(is_mark).split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !plain.is_empty() {
                plain.push(' ');
            }
            plain.push_str(word);
        }
    }
    if plain.is_empty() { composed.trim().to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_it_is_written_does_not_make_another_question() {
        let same = "qué es una derivada";
        for written in [
            "¿Qué es una derivada?",
            "  qué  es una\tDERIVADA ?! ",
            "Que\u{301} es una derivada...",
            "qué es una derivada。",
        ] {
            assert_eq!(plain_question(written), same, "{written}");
        }
        assert_eq!(plain_question("ＷＨＡＴ is ﬁre？"), "what is fire");
        assert_eq!(plain_question("İstanbul?"), plain_question("i̇stanbul"));
    }

    #[test]
    fn what_may_mean_something_else_is_another_question() {
        let plain: std::collections::HashSet<String> = [
            "papa",
            "papá",
            "el año",
            "el ano",
            "is 3.5 more?",
            "is 35 more?",
            "C++",
            "C#",
            "C",
            "-5",
            "5",
            "a b",
            "ab",
            "?",
            "!",
            "x < y",
            "x > y",
        ]
        .into_iter()
        .map(plain_question)
        .collect();
        assert_eq!(plain.len(), 17, "{plain:?}");
    }

    #[test]
    fn doing_it_twice_changes_nothing() {
        for text in ["¿Qué?", "...", " \u{0} ", "ŒUVRE", "ﬃ ǅ", "?! a ?!"] {
            let once = plain_question(text);
            assert_eq!(plain_question(&once), once, "{text:?}");
        }
    }
}
