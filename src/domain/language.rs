//! The languages docent has rules for; everything else is `Other` and is treated by its script alone.

use std::fmt;

macro_rules! languages {
    ($($variant:ident $tag:literal $name:literal)*) => {
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Language {
            $($variant,)*
            /// Not recognised, or one we have no rules for.
            #[default]
            Other,
        }

        impl Language {
            /// All that have rules of their own.
            pub const KNOWN: &[Language] = &[$(Language::$variant),*];

            /// ISO 639-1, `und` for [`Language::Other`].
            pub fn tag(self) -> &'static str {
                match self {
                    $(Language::$variant => $tag,)*
                    Language::Other => "und",
                }
            }

            pub fn english_name(self) -> &'static str {
                match self {
                    $(Language::$variant => $name,)*
                    Language::Other => "unknown",
                }
            }
        }
    };
}

languages! {
    English "en" "English"
    Spanish "es" "Spanish"
    Portuguese "pt" "Portuguese"
    French "fr" "French"
    Italian "it" "Italian"
    Catalan "ca" "Catalan"
    Romanian "ro" "Romanian"
    German "de" "German"
    Dutch "nl" "Dutch"
    Danish "da" "Danish"
    Norwegian "no" "Norwegian"
    Swedish "sv" "Swedish"
    Finnish "fi" "Finnish"
    Hungarian "hu" "Hungarian"
    Turkish "tr" "Turkish"
    Polish "pl" "Polish"
    Czech "cs" "Czech"
    Russian "ru" "Russian"
    Ukrainian "uk" "Ukrainian"
    Greek "el" "Greek"
    Arabic "ar" "Arabic"
    Hebrew "he" "Hebrew"
    Hindi "hi" "Hindi"
    Tamil "ta" "Tamil"
    Thai "th" "Thai"
    Chinese "zh" "Chinese"
    Japanese "ja" "Japanese"
    Korean "ko" "Korean"
    Vietnamese "vi" "Vietnamese"
}

impl Language {
    pub fn from_tag(tag: &str) -> Option<Language> {
        if tag == "und" {
            return Some(Language::Other);
        }
        Language::KNOWN.iter().copied().find(|language| language.tag() == tag)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_unique_and_round_trip() {
        for &language in Language::KNOWN {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("xx"), None);
    }
}
