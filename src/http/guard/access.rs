//! What somebody shows, and what they may do for it. Tokens are kept as sums, and sums are compared in constant time.

use blake3::Hash;

use crate::fault::{Fault, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Nobody,
    User,
    Administrator,
    /// Who can read the data folder: the command line on the same machine.
    Owner,
}

/// No token itself is in here, and nothing in here is shown.
pub(super) struct Access {
    user: Option<Hash>,
    admin: Option<Hash>,
    owner: Hash,
}

/// Shorter ones are guessed.
const SHORTEST: usize = 8;
const SUM: &str = "blake3:";

impl Access {
    pub(super) fn new(user: Option<&str>, admin: Option<&str>, own_key: &str) -> Result<Access> {
        let owner = blake3::hash(own_key.as_bytes());
        Ok(Access { user: user.map(sum).transpose()?, admin: admin.map(sum).transpose()?, owner })
    }

    pub(super) fn has_tokens(&self) -> bool {
        self.user.is_some() || self.admin.is_some()
    }

    /// `is_here`: the client is a program on this machine.
    pub(super) fn role(&self, shown: Option<&str>, is_here: bool) -> Result<Role> {
        let shown = shown.map(|token| blake3::hash(token.as_bytes()));
        // All are compared, always: how long it takes says nothing.
        let is = |known: Option<Hash>| shown.is_some_and(|shown| known.is_some_and(|known| known == shown));
        let (owner, admin, user) = (is(Some(self.owner)), is(self.admin), is(self.user));
        if owner && is_here {
            return Ok(Role::Owner);
        }
        if admin {
            return Ok(Role::Administrator);
        }
        if user {
            return Ok(Role::User);
        }
        // Clients made for other servers always send something.
        if !self.has_tokens() {
            return Ok(if is_here { Role::Administrator } else { Role::User });
        }
        match shown {
            Some(_) => Err(Fault::caller("wrong_token", "the token is not the one this server knows")
                .hint("ask whoever runs the server for it")),
            None if self.user.is_none() && is_here => Ok(Role::User),
            None => Ok(Role::Nobody),
        }
    }
}

/// Of a token, or written as one.
fn sum(token: &str) -> Result<Hash> {
    if let Some(hex) = token.strip_prefix(SUM) {
        return Hash::from_hex(hex).map_err(|error| {
            let what = "a token that begins with \"blake3:\" is not a sum of 64 hexadecimal digits";
            Fault::caller("settings", what).hint("`b3sum` writes one, or set the token itself").because_of(error)
        });
    }
    if token.chars().count() < SHORTEST {
        let what = format!("a token has fewer than {SHORTEST} characters");
        return Err(Fault::caller("settings", what).hint("`openssl rand -hex 32` makes a good one"));
    }
    Ok(blake3::hash(token.as_bytes()))
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("user", &self.user.is_some()).field("admin", &self.admin.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a key nobody knows";

    fn role(access: &Access, shown: Option<&str>, is_here: bool) -> Result<Role, &'static str> {
        access.role(shown, is_here).map_err(|fault| fault.code)
    }

    #[test]
    fn each_token_opens_its_own_door() {
        let hashed = format!("blake3:{}", blake3::hash(b"the admin's").to_hex());
        let access = Access::new(Some("the user's"), Some(&hashed), KEY).unwrap();
        for here in [true, false] {
            assert_eq!(role(&access, None, here), Ok(Role::Nobody));
            assert_eq!(role(&access, Some("the user's"), here), Ok(Role::User));
            assert_eq!(role(&access, Some("the admin's"), here), Ok(Role::Administrator));
            assert_eq!(role(&access, Some("the users"), here), Err("wrong_token"));
            assert_eq!(role(&access, Some(&hashed), here), Err("wrong_token"), "a sum is no token");
        }
        assert_eq!(role(&access, Some(KEY), true), Ok(Role::Owner));
        assert_eq!(role(&access, Some(KEY), false), Err("wrong_token"));
        assert!(!format!("{access:?}").contains("user's"));
    }

    #[test]
    fn without_tokens_whoever_is_here_administers() {
        let access = Access::new(None, None, KEY).unwrap();
        assert_eq!(role(&access, None, true), Ok(Role::Administrator));
        assert_eq!(role(&access, Some("sk-whatever"), true), Ok(Role::Administrator));
        assert_eq!(role(&access, None, false), Ok(Role::User));
    }

    #[test]
    fn an_administrators_token_alone_keeps_strangers_out() {
        let access = Access::new(None, Some("the admin's"), KEY).unwrap();
        assert_eq!(role(&access, None, true), Ok(Role::User));
        assert_eq!(role(&access, None, false), Ok(Role::Nobody));
    }

    #[test]
    fn tokens_that_can_be_guessed_are_refused() {
        for bad in ["short", "blake3:abc"] {
            assert_eq!(Access::new(Some(bad), None, KEY).unwrap_err().code, "settings", "{bad}");
        }
    }
}
