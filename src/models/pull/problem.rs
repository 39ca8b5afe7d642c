//! What a hub can answer that is not a model, in words, and what to do about it.

use std::fmt;

/// Which hub, and what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hubs {
    /// The address of what was asked for, without what is secret in it.
    pub url: String,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Its licence has to be accepted first.
    Gated {
        token: bool,
    },
    /// The token is wrong, or there is none.
    Denied {
        token: bool,
    },
    /// No such repository, revision or file.
    NotThere,
    /// Another refusal.
    Said(u16),
    /// No answer, or one that broke off, as often as it was tried.
    Unreachable {
        why: String,
        tries: u32,
    },
    /// An answer that no hub gives.
    Nonsense(String),
    /// From a protected connection to one that everybody can read.
    Downgrade,
    BadEndpoint,
    BadProxy,
    /// A token that cannot stand in a request.
    BadToken,
}

impl fmt::Display for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.problem {
            Problem::Gated { .. } => write!(f, "{url} is kept for those who accepted its licence"),
            Problem::Denied { token: true } => write!(f, "{url} was refused: the hub does not take the token"),
            Problem::Denied { token: false } => write!(f, "{url} was refused: the hub asks who you are"),
            Problem::NotThere => write!(f, "{url} is not there"),
            Problem::Said(status) => write!(f, "{url} was refused with status {status}"),
            Problem::Unreachable { why, tries: 0 | 1 } => write!(f, "{url} cannot be had: {why}"),
            Problem::Unreachable { why, tries } => write!(f, "{url} cannot be had: {why}, {tries} times"),
            Problem::Nonsense(what) => write!(f, "{url} gave no answer of a hub: {what}"),
            Problem::Downgrade => write!(f, "{url} leads from a protected connection to one that is not"),
            Problem::BadEndpoint => write!(f, "{url:?} is no address of a hub"),
            Problem::BadProxy => write!(f, "{url:?} is no address of a proxy"),
            Problem::BadToken => write!(f, "the token for {url} holds spaces or other signs that no token has"),
        }
    }
}

impl Hubs {
    pub(in crate::models) fn code(&self) -> &'static str {
        match self.problem {
            Problem::Gated { .. } => "model_gated",
            Problem::Denied { .. } => "hub_denied",
            Problem::NotThere => "not_at_hub",
            Problem::Unreachable { .. } => "hub_unreachable",
            Problem::BadEndpoint | Problem::BadProxy | Problem::BadToken => "bad_network",
            Problem::Said(_) | Problem::Nonsense(_) | Problem::Downgrade => "hub_refused",
        }
    }

    pub(in crate::models) fn next_step(&self) -> String {
        match self.problem {
            Problem::Gated { token: false } => {
                "accept the licence on the model's page, make a token there, and set it as HF_TOKEN".to_owned()
            }
            Problem::Gated { token: true } => {
                "accept the licence on the model's page with the account that the token in HF_TOKEN belongs to"
                    .to_owned()
            }
            Problem::Denied { token: true } => "make a new token and set it as HF_TOKEN, or unset it".to_owned(),
            Problem::Denied { token: false } => {
                "check `repo` in models.toml; for a model that is not public, set HF_TOKEN".to_owned()
            }
            Problem::NotThere => "the hub may have moved it: check `repo` and `files` in models.toml".to_owned(),
            Problem::Unreachable { .. } => "check the connection and run it again; what is already here is kept. \
                                            Behind a proxy, set HTTPS_PROXY; for a mirror, HF_ENDPOINT"
                .to_owned(),
            Problem::Said(_) | Problem::Nonsense(_) | Problem::Downgrade => {
                "check HF_ENDPOINT and the proxy; a page to log in on may stand in between".to_owned()
            }
            Problem::BadEndpoint => "HF_ENDPOINT takes an address such as https://huggingface.co".to_owned(),
            Problem::BadToken => "copy it again and set it as HF_TOKEN, or unset it".to_owned(),
            Problem::BadProxy => "a proxy looks like http://host:3128 or socks5://host:1080".to_owned(),
        }
    }
}
