//! Settings that are plain words, and those whose words are nobody's business.

use std::fmt;

use super::value::{Plain, Value};

/// An address, a list of hosts; empty where nothing was set. A password in an address is not shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    pub fn new(text: &str) -> Text {
        Text(text.to_owned())
    }

    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }

    fn shown(&self) -> String {
        match (self.0.find("://"), self.0.rfind('@')) {
            (Some(scheme), Some(at)) if at > scheme => format!("{}…{}", &self.0[..scheme + 3], &self.0[at..]),
            _ => self.0.clone(),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown())
    }
}

impl Value for Text {
    fn expects() -> String {
        "a text in quotes".to_owned()
    }

    fn read(text: &str) -> Option<Text> {
        Some(Text(text.trim().to_owned()))
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.shown())
    }
}

/// A token. It is shown as set or not, and never itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(not set)" } else { "Secret(set)" })
    }
}

impl Value for Secret {
    fn expects() -> String {
        "a text in quotes".to_owned()
    }

    fn read(text: &str) -> Option<Secret> {
        Some(Secret(text.trim().to_owned()))
    }

    fn plain(&self) -> Plain {
        Plain::Text(if self.0.is_empty() { "" } else { "(set, not shown)" }.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let token = Secret::read(" hf_abc ").unwrap();
        assert_eq!(token.get(), Some("hf_abc"));
        assert!(!format!("{token:?} {}", token.plain()).contains("abc"));
        let proxy = Text::read("http://me:pass@proxy:3128").unwrap();
        assert_eq!(proxy.plain().to_string(), "http://…@proxy:3128");
        assert!(!format!("{proxy:?}").contains("pass"));
        assert_eq!((Text::read("").unwrap().get(), Secret::read(" ").unwrap().get()), (None, None));
    }
}
