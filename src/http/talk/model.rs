//! Who is asked? A generator by its name, or the documents.

use super::fields::{Refused, Result};
use crate::domain::CollectionName;
use crate::fault::Fault;

/// What a client calls a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Asked {
    /// `docent`, or `docent/COLLECTION`: answers from the documents.
    Documents(Option<CollectionName>),
    /// As it is written on the shelf.
    Model(String),
}

/// The name under which the documents answer.
pub(in crate::http) const DOCENT: &str = "docent";
/// Some clients cannot be stopped from adding it.
const ANY_TAG: &str = ":latest";

impl Asked {
    pub(in crate::http) fn read(name: &str) -> Result<Asked> {
        let plain = name.strip_suffix(ANY_TAG).unwrap_or(name);
        if plain == DOCENT {
            return Ok(Asked::Documents(None));
        }
        match plain.strip_prefix(DOCENT).and_then(|rest| rest.strip_prefix('/')) {
            None if plain.is_empty() => Err(unknown(name)),
            None => Ok(Asked::Model(plain.to_owned())),
            Some(collection) => match CollectionName::new(collection) {
                Ok(collection) => Ok(Asked::Documents(Some(collection))),
                Err(_) => Err(unknown(name)),
            },
        }
    }
}

impl Asked {
    /// The name of a model, where documents cannot do what is wanted: `what` says so.
    pub(in crate::http) fn model(name: &str, what: &str, hint: &str) -> Result<String> {
        match Asked::read(name)? {
            Asked::Model(name) => Ok(name),
            Asked::Documents(_) => {
                let fault = Fault::caller("wrong_kind_of_model", what).hint(hint);
                Err(Refused { fault, param: Some("model".to_owned()) })
            }
        }
    }
}

fn unknown(name: &str) -> Refused {
    let shown: String = name.chars().take(100).collect();
    let fault = Fault::caller("no_such_model", format!("there is no model {shown:?}"))
        .hint("`docent` answers from the documents, `docent/COLLECTION` from one collection");
    Refused { fault, param: Some("model".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_who_is_asked() {
        let collection = |name| Asked::Documents(Some(CollectionName::new(name).unwrap()));
        for (name, asked) in [
            ("docent", Asked::Documents(None)),
            ("docent:latest", Asked::Documents(None)),
            ("docent/lab", collection("lab")),
            ("docent/lab:latest", collection("lab")),
            ("docents", Asked::Model("docents".to_owned())),
            ("Qwen2.5-1.5B-Instruct", Asked::Model("Qwen2.5-1.5B-Instruct".to_owned())),
            ("Qwen2.5-1.5B-Instruct:latest", Asked::Model("Qwen2.5-1.5B-Instruct".to_owned())),
        ] {
            assert_eq!(Asked::read(name).unwrap(), asked, "{name}");
        }
        for name in ["", ":latest", "docent/", "docent/a/b", "docent/../x"] {
            let refused = Asked::read(name).unwrap_err();
            assert_eq!((refused.fault.code, refused.param.as_deref()), ("no_such_model", Some("model")), "{name}");
        }
    }
}
