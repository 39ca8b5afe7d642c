//! In which writing system is a text, and which language does the system alone give away?

use crate::domain::Language;

/// How many letters of each writing system a text holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Scripts {
    pub(super) latin: u32,
    pub(super) cyrillic: u32,
    greek: u32,
    hebrew: u32,
    arabic: u32,
    /// Letters that Persian and Urdu have and Arabic does not.
    beyond_arabic: u32,
    devanagari: u32,
    tamil: u32,
    thai: u32,
    han: u32,
    kana: u32,
    hangul: u32,
    /// Letters of Bulgarian's neighbours: Serbian, Macedonian, Belarusian.
    pub(super) beyond_russian: u32,
    other: u32,
}

/// A Han sign or a Hangul block says as much as several Latin letters.
const DENSE: u32 = 3;

impl Scripts {
    pub(super) fn add(&mut self, letter: char) {
        let count = match letter {
            'a'..='z' | 'A'..='Z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                &mut self.latin
            }
            '\u{400}'..='\u{52f}' => {
                self.beyond_russian += u32::from(matches!(letter, 'ј' | 'љ' | 'њ' | 'ђ' | 'ћ' | 'џ' | 'ў' | 'ѓ' | 'ќ'));
                &mut self.cyrillic
            }
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => &mut self.greek,
            '\u{590}'..='\u{5ff}' => &mut self.hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                self.beyond_arabic += u32::from(matches!(letter, 'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' | 'ے' | 'ہ' | 'ں'));
                &mut self.arabic
            }
            '\u{900}'..='\u{97f}' => &mut self.devanagari,
            '\u{b80}'..='\u{bff}' => &mut self.tamil,
            '\u{e00}'..='\u{e7f}' => &mut self.thai,
            '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => &mut self.kana,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => {
                &mut self.han
            }
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => &mut self.hangul,
            _ => &mut self.other,
        };
        *count += 1;
    }

    /// The most used system, or `None` where there is not one letter.
    pub(super) fn main(&self) -> Option<Script> {
        let only = Script::Only;
        let east = (self.han + self.kana) * DENSE;
        let japanese = self.kana * 12 > self.han;
        let by_count = [
            (self.latin, Script::Latin),
            (self.cyrillic, Script::Cyrillic),
            (self.greek, only(Language::Greek)),
            (self.hebrew, only(Language::Hebrew)),
            (self.arabic, only(if self.beyond_arabic * 20 > self.arabic { Language::Other } else { Language::Arabic })),
            (self.devanagari, only(Language::Hindi)),
            (self.tamil, only(Language::Tamil)),
            (self.thai, only(Language::Thai)),
            (east, if japanese { only(Language::Japanese) } else { Script::Han }),
            (self.hangul * DENSE, only(Language::Korean)),
            (self.other, only(Language::Other)),
        ];
        // The first of equals: the more common system.
        let most = by_count.iter().map(|(count, _)| *count).max().filter(|&count| count > 0)?;
        by_count.iter().find(|(count, _)| *count == most).map(|(_, script)| *script)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    /// Han signs and no kana: Chinese, or a short piece of Japanese.
    Han,
    /// One language of ours is written so.
    Only(Language),
}
