//! Which tokens may come next in one answer, and is it complete? Lives on the engine's thread, where it never waits.

use std::fmt;

use llguidance::Matcher;
use llguidance::toktrie::TokEnv;

pub(in crate::inference::generator) struct Guide {
    matcher: Matcher,
    tokens: TokEnv,
    is_over: bool,
}

/// There is no token that could come next: what is left of the shape became more than may be kept in mind, or the
/// vocabulary has no token for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference::generator) struct Lost;

impl Guide {
    pub(super) fn new(matcher: Matcher, tokens: TokEnv) -> Guide {
        Guide { matcher, tokens, is_over: false }
    }

    /// Looks for what the answer may begin with, which is better found too much now than when it is written.
    pub(super) fn begin(&mut self) -> Result<(), Lost> {
        // What went wrong in one is said by the next.
        self.matcher.compute_mask().and_then(|_| self.matcher.compute_mask()).map(drop).map_err(lost)
    }

    /// Costs less than to look for all that may.
    pub(in crate::inference::generator) fn allows(&mut self, token: u32) -> Result<bool, Lost> {
        if self.tokens.tok_trie().eos_tokens().contains(&token) {
            return self.matcher.is_accepting().map_err(lost);
        }
        // What is no text leads nowhere, and would be taken for going on.
        if self.tokens.tok_trie().token(token).is_empty() {
            return Ok(false);
        }
        self.matcher.validate_tokens(&[token]).map(|valid| valid == 1).map_err(lost)
    }

    /// What may not come next becomes less likely than anything.
    pub(in crate::inference::generator) fn rule_out(&mut self, logits: &mut [f32]) -> Result<(), Lost> {
        let mask = self.matcher.compute_mask().map_err(lost)?;
        let words = mask.as_slice();
        for (at, scores) in logits.chunks_mut(32).enumerate() {
            match words.get(at).copied().unwrap_or(0) {
                0 => scores.fill(f32::NEG_INFINITY),
                u32::MAX => {}
                word => {
                    for (bit, score) in scores.iter_mut().enumerate() {
                        *score = if word >> bit & 1 == 1 { *score } else { f32::NEG_INFINITY };
                    }
                }
            }
        }
        Ok(())
    }

    pub(in crate::inference::generator) fn take(&mut self, token: u32) -> Result<(), Lost> {
        self.matcher.consume_token(token).map_err(lost)?;
        let tree = self.tokens.tok_trie();
        let last = tree.token(token).last().copied();
        // A number may go on. Whatever else is complete is so for good: spaces could follow, and nobody needs them.
        let may_go_on = last.is_some_and(|byte| byte.is_ascii_digit());
        self.is_over = self.matcher.is_stopped() || !may_go_on && self.matcher.is_accepting().map_err(lost)?;
        Ok(())
    }

    /// All of the shape is written.
    pub(in crate::inference::generator) fn is_over(&self) -> bool {
        self.is_over
    }
}

fn lost(error: impl fmt::Display) -> Lost {
    tracing::debug!(%error, "a shape cannot be kept to");
    Lost
}

impl fmt::Debug for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guide").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}
