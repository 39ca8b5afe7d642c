//! Which entries does a person mean: `context:*`, `*derivative*`, `answer:lab/?x:*`.

/// `*` stands for any text and `?` for one character; everything else for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl Pattern {
    pub fn new(pattern: &str) -> Pattern {
        let mut chars: Vec<char> = pattern.chars().collect();
        chars.dedup_by(|a, b| *a == '*' && *b == '*');
        Pattern(chars)
    }

    pub fn everything() -> Pattern {
        Pattern(vec!['*'])
    }

    pub fn is_everything(&self) -> bool {
        self.0 == ['*']
    }

    /// In time that grows with the product of the lengths, whatever the pattern.
    pub fn fits(&self, name: &str) -> bool {
        if self.is_everything() {
            return true;
        }
        let (pattern, mut at) = (&self.0, 0);
        let mut rest = name.chars();
        // Where to go on when what follows the last star does not fit.
        let mut back: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            if pattern.get(at) == Some(&'*') {
                at += 1;
                back = Some((at, rest.clone()));
                continue;
            }
            match (rest.next(), pattern.get(at)) {
                (None, None) => return true,
                (Some(c), Some(&wanted)) if wanted == '?' || wanted == c => at += 1,
                (None, Some(_)) => return false,
                (Some(_), _) => {
                    let Some((after, from)) = &mut back else { return false };
                    from.next();
                    (at, rest) = (*after, from.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        let name = "context:calculus/derivatives:9f2c";
        for pattern in ["context:*", "*", "***", "*deriv*", "context:calculus/derivatives:????", "*:9f2c", "*c", name] {
            assert!(Pattern::new(pattern).fits(name), "{pattern}");
        }
        for pattern in ["", "context", "context:", "answer:*", "*x", "?", "context:?", "CONTEXT:*", "*derivx*"] {
            assert!(!Pattern::new(pattern).fits(name), "{pattern}");
        }
        assert!(Pattern::new("").fits("") && Pattern::new("*").fits("") && !Pattern::new("?").fits(""));
        assert!(Pattern::new("a?c").fits("añc"));
        assert!(Pattern::new("*aab").fits("aaaab"), "a star may take what looks like the rest");
    }

    #[test]
    fn no_pattern_takes_long() {
        let name = "a".repeat(2000);
        assert!(!Pattern::new(&"a*".repeat(500)).fits(&format!("{}b", "c".repeat(2000))));
        assert!(!Pattern::new(&format!("{}b", "*a".repeat(500))).fits(&name));
    }
}
