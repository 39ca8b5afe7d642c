//! How long is a text, in words? Fast enough to be asked of everything that is read.

/// A word of average length, its space included, has 6 to 9 letters. Beyond this many characters per word the text is
/// not words (encoded data, an unspaced table), and its characters are counted instead.
const LONGEST_AVERAGE: usize = 12;

/// Signs of scripts without spaces that say about as much as one word.
const HAN_PER_WORD: usize = 2;
const THAI_PER_WORD: usize = 4;

/// Bytes looked at together: few enough to be counted in a byte, many at a time.
const BLOCK: usize = 240;

/// The number of words: what stands between spaces, or a share of the signs where a script has no spaces.
pub fn count_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut count = Count { after_space: true, ..Count::default() };
    for (n, block) in bytes.chunks(BLOCK).enumerate() {
        if block.iter().fold(false, |found, &b| found | (0xe3..=0xf0).contains(&b) | (b == 0xe0) | (b == 0xe1)) {
            count.add_mixed(bytes, n * BLOCK, block.len());
        } else {
            count.add_spaced(block);
        }
    }
    let Count { words, characters, han, thai, .. } = count;
    words.max(characters / LONGEST_AVERAGE) + han.div_ceil(HAN_PER_WORD) + thai.div_ceil(THAI_PER_WORD)
}

#[derive(Default)]
struct Count {
    words: usize,
    characters: usize,
    han: usize,
    thai: usize,
    after_space: bool,
}

impl Count {
    /// A block in which words stand between spaces; the usual, and fast.
    fn add_spaced(&mut self, block: &[u8]) {
        let first = u8::from(self.after_space && block[0] > b' ');
        let pairs = block[..block.len() - 1].iter().zip(&block[1..]);
        let starts = pairs.fold(0u8, |sum, (&one, &next)| sum + u8::from((one <= b' ') & (next > b' ')));
        let characters = block.iter().fold(0u8, |sum, &b| sum + u8::from(is_first(b)));
        self.words += usize::from(first + starts);
        self.characters += usize::from(characters);
        self.after_space = block[block.len() - 1] <= b' ';
    }

    /// A block that may hold scripts without spaces.
    fn add_mixed(&mut self, bytes: &[u8], start: usize, length: usize) {
        for at in (start..start + length).filter(|&at| is_first(bytes[at])) {
            // A first byte of a longer character has its second behind it.
            let is_word = match (bytes[at], bytes.get(at + 1).copied().unwrap_or(0)) {
                (0xe0, 0xb8..=0xbb) | (0xe1, 0x80..=0x82 | 0x9e..=0x9f) => {
                    self.thai += 1;
                    false
                }
                (0xe3..=0xe9, _) | (0xef, 0xa4..=0xab | 0xbc..=0xbf) | (0xf0, 0xa0..=0xb3) => {
                    self.han += 1;
                    false
                }
                (first, _) => first > b' ',
            };
            self.characters += usize::from(is_word || bytes[at] <= b' ');
            self.words += usize::from(is_word && self.after_space);
            self.after_space = !is_word;
        }
    }
}

fn is_first(byte: u8) -> bool {
    (byte as i8) >= -0x40
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
