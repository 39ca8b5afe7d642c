//! How long is a text, in words? Fast enough to be asked of everything that is read.

/// A word of average length, its space included, has 6 to 9 letters. Beyond this many characters per word the text is
/// not words (encoded data, an unspaced table), and its characters are counted instead.
const LONGEST_AVERAGE: usize = 12;

/// Signs of scripts without spaces that say about as much as one word.
const HAN_PER_WORD: usize = 2;
const THAI_PER_WORD: usize = 4;

/// The number of words: what stands between spaces, or a share of the signs where a script has no spaces.
pub fn count_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut words = 0;
    let mut characters = 0;
    let mut after_space = true;
    let mut dense = Dense::default();
    // Blocks of at most 255 bytes, so that the compiler can count in bytes, many at a time.
    for block in bytes.chunks(240) {
        let first = u8::from(after_space && block[0] > b' ');
        let starts: u8 =
            first + block.windows(2).map(|pair| u8::from((pair[0] <= b' ') & (pair[1] > b' '))).sum::<u8>();
        let heads: u8 = block.iter().map(|&b| u8::from((b as i8) >= -0x40)).sum();
        let has_dense = block.iter().any(|&b| (0xe3..=0xef).contains(&b) | (b == 0xe0) | (b == 0xf0));
        words += usize::from(starts);
        characters += usize::from(heads);
        after_space = block[block.len() - 1] <= b' ';
        dense.any |= has_dense;
    }
    if dense.any {
        dense.count(text);
        words = dense.spaced_words;
        characters -= dense.han + dense.thai;
    }
    words.max(characters / LONGEST_AVERAGE) + dense.han.div_ceil(HAN_PER_WORD) + dense.thai.div_ceil(THAI_PER_WORD)
}

#[derive(Default)]
struct Dense {
    any: bool,
    han: usize,
    thai: usize,
    /// Words outside the signs above.
    spaced_words: usize,
}

impl Dense {
    fn count(&mut self, text: &str) {
        let mut inside = false;
        for c in text.chars() {
            let is_han = matches!(c, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{323af}');
            let is_thai = matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
            let is_word = c > ' ' && !is_han && !is_thai;
            self.han += usize::from(is_han);
            self.thai += usize::from(is_thai);
            self.spaced_words += usize::from(is_word && !inside);
            inside = is_word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_stands_between_spaces() {
        let check = |text: &str, words: usize| assert_eq!(count_words(text), words, "{text:?}");
        check("", 0);
        check(" \n\t ", 0);
        check("uno", 1);
        check("  La función\nderivada,\t¿qué es? ", 5);
        check("sin-guion, con/barra", 2);
        check(&"palabra ".repeat(1000), 1000);
        check(&format!("{}fin", "a ".repeat(119)), 120);
        check(&format!("{}fin", "a ".repeat(120)), 121);
        check("Почему небо голубое", 3);
        check("이것은 한국어 문장입니다", 3);
    }

    #[test]
    fn counts_signs_where_a_script_has_no_spaces() {
        assert_eq!(count_words("什么是导数？"), 3);
        assert_eq!(count_words("GPU 什么是导数"), 4);
        assert_eq!(count_words("ภาษาไทย"), 2);
    }

    #[test]
    fn a_blob_is_not_one_word() {
        assert_eq!(count_words(&"QUJD".repeat(300)), 100);
    }
}
