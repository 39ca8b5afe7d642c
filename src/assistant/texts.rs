//! Vectors for programs that bring their own texts.

use std::ops::ControlFlow;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};

use crate::assistant::apart::{Came, apart, wait};
use crate::assistant::engines::Engines;
use crate::assistant::pool::Lease;
use crate::clock::Clock;
use crate::domain::Event;
use crate::fault::{Fault, Result};
use crate::inference::{Embedder, InferenceError, Role, Urgency};

/// What is to be embedded.
#[derive(Clone, Debug)]
pub struct Texts {
    pub texts: Vec<String>,
    /// The embedder's name; `None`: the one that was chosen.
    pub model: Option<String>,
    pub role: Role,
    /// Only as the embedder makes them.
    pub dimensions: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// The embedder's name as the shelf has it.
    pub model: String,
    /// One for each text, in order.
    pub vectors: Vec<Vec<f32>>,
    /// Of all texts.
    pub tokens: usize,
}

/// So many texts go to the embedder at once; between them it is asked whether anybody still waits.
const SLICE: usize = 32;
/// Few texts are a question that a person waits for; many are somebody's documents, and let questions pass.
const FEW: usize = 4;
/// Nobody waits so long for a slice.
const PATIENCE: Duration = Duration::from_secs(60);

/// The listener is asked several times a second whether it goes on; `None` when it broke.
pub fn vectors(
    engines: &Engines,
    wanted: Texts,
    clock: &dyn Clock,
    listener: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Vectors>> {
    let coming = engines.lend_embedder(wanted.model.as_deref())?;
    let model = coming.choice.name.clone();
    let mut is_still_wanted = |_: Event| listener();
    let until = clock.instant() + PATIENCE;
    let embedder = match wait(&coming.receiver, until, clock, &mut is_still_wanted) {
        Came::Here(embedder) => embedder?,
        Came::Gone => return Ok(None),
        Came::Late => return Err(late(&model)),
        Came::Lost => return Err(lost(&model)),
    };
    if let Some(dimensions) = wanted.dimensions.filter(|dimensions| *dimensions != embedder.dimensions()) {
        let what = format!("{model} makes vectors of {} numbers, and {dimensions} are wanted", embedder.dimensions());
        return Err(Fault::caller("bad_dimensions", what).hint("leave `dimensions` out"));
    }
    let slices = slices(engines.clone(), coming.choice.id.clone(), embedder, wanted.texts, wanted.role);
    let mut made = Vectors { model, vectors: Vec::new(), tokens: 0 };
    loop {
        let until = clock.instant() + PATIENCE;
        match wait(&slices, until, clock, &mut is_still_wanted) {
            Came::Here(Slice::Made { vectors, tokens }) => {
                made.vectors.extend(vectors);
                made.tokens += tokens;
            }
            Came::Here(Slice::Failed(error)) => return Err(error.into()),
            Came::Here(Slice::Done) => return Ok(Some(made)),
            Came::Gone => return Ok(None),
            Came::Late => return Err(late(&made.model)),
            Came::Lost => return Err(lost(&made.model)),
        }
    }
}

enum Slice {
    Made { vectors: Vec<Vec<f32>>, tokens: usize },
    Failed(InferenceError),
    Done,
}

/// On a thread of its own, which ends when nobody takes them.
fn slices(
    engines: Engines,
    id: String,
    embedder: Lease<dyn Embedder>,
    texts: Vec<String>,
    role: Role,
) -> Receiver<Slice> {
    let (sender, receiver) = unbounded();
    let are_many = role == Role::Passage && texts.len() > FEW;
    let urgency = if are_many { Urgency::Add } else { Urgency::Ask };
    apart(move || {
        for slice in texts.chunks(SLICE) {
            let slice: Vec<&str> = slice.iter().map(String::as_str).collect();
            let make = |wanted: &[&str]| sound(&*embedder, wanted, role, urgency);
            let told = match engines.embed_by(&id, &slice, role, urgency, make) {
                Ok(vectors) => {
                    let tokens = slice.iter().map(|text| embedder.count_tokens(text)).sum();
                    sender.send(Slice::Made { vectors, tokens })
                }
                Err(error) => {
                    let _ = sender.send(Slice::Failed(error));
                    return;
                }
            };
            if told.is_err() {
                return;
            }
        }
        let _ = sender.send(Slice::Done);
    });
    receiver
}

fn sound(
    embedder: &dyn Embedder,
    texts: &[&str],
    role: Role,
    urgency: Urgency,
) -> Result<Vec<Vec<f32>>, InferenceError> {
    let vectors = embedder.embed(texts, role, urgency)?;
    let is_sound =
        |vector: &Vec<f32>| vector.len() == embedder.dimensions() && vector.iter().all(|value| value.is_finite());
    if vectors.len() == texts.len() && vectors.iter().all(is_sound) {
        return Ok(vectors);
    }
    Err(InferenceError::Failed { model: embedder.id().to_owned(), why: "it gave no usable numbers".to_owned() })
}

fn late(name: &str) -> Fault {
    Fault::busy("embedder_late", format!("{name} is busy with others")).hint("ask again in a moment")
}

fn lost(name: &str) -> Fault {
    Fault::bug("embedder_lost", format!("{name} ended without a word")).hint("run it again")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::assistant::fake::{FakeEmbedder, broken_engines};
    use crate::cache::{Cache, Setup};
    use crate::clock::SystemClock;

    fn texts(count: usize) -> Texts {
        let texts = (0..count).map(|n| format!("text number {n}")).collect();
        Texts { texts, model: None, role: Role::Passage, dimensions: None }
    }

    fn run(engines: &Engines, wanted: Texts) -> Result<Vectors> {
        let made = vectors(engines, wanted, &SystemClock, &mut || ControlFlow::Continue(()))?;
        Ok(made.unwrap())
    }

    #[test]
    fn every_text_has_its_vector_in_order() {
        let fake = Arc::new(FakeEmbedder::new());
        let made = run(&fake.engines(), texts(70)).unwrap();
        assert_eq!((made.model.as_str(), made.vectors.len()), ("fake", 70));
        assert!(made.tokens >= 140, "{}", made.tokens);
        for (n, vector) in made.vectors.iter().enumerate() {
            let alone = fake.embed(&[&format!("text number {n}")], Role::Passage, Urgency::Ask).unwrap();
            assert_eq!(vector, &alone[0]);
        }
        assert!(run(&fake.engines(), texts(0)).unwrap().vectors.is_empty());
    }

    #[test]
    fn a_name_chooses_and_wrong_ones_are_said() {
        let engines = Arc::new(FakeEmbedder::new()).engines();
        let named = |name: &str| Texts { model: Some(name.to_owned()), ..texts(1) };
        assert_eq!(run(&engines, named("fake")).unwrap().vectors.len(), 1);
        assert_eq!(run(&engines, named("other")).unwrap_err().code, "no_such_model");
        assert_eq!(run(&Engines::none(), texts(1)).unwrap_err().code, "no_model");
        assert_eq!(run(&broken_engines(), texts(1)).unwrap_err().code, "model_damaged");
        assert_eq!(run(&engines, Texts { dimensions: Some(7), ..texts(1) }).unwrap_err().code, "bad_dimensions");
        assert!(run(&engines, Texts { dimensions: Some(256), ..texts(1) }).is_ok());
    }

    #[test]
    fn what_was_embedded_before_is_remembered_under_its_embedder() {
        let cache = Cache::open(Setup::new(None), Arc::new(SystemClock));
        let fake = Arc::new(FakeEmbedder::new());
        let engines = fake.engines().with_cache(cache.clone());
        let first = run(&engines, texts(40)).unwrap();
        assert_eq!(fake.count(), 40);
        assert_eq!(run(&engines, texts(41)).unwrap().vectors[..40], first.vectors);
        assert_eq!(fake.count(), 41, "only the new one");
        let question = Texts { role: Role::Question, ..texts(1) };
        assert_eq!(run(&engines, question).unwrap().vectors.len(), 1);
        let other = Arc::new(FakeEmbedder::named("other@1"));
        run(&other.engines().with_cache(cache), texts(6)).unwrap();
        assert_eq!(other.count(), 6, "another embedder's are of no use");
    }

    #[test]
    fn a_failing_embedder_is_an_error() {
        let fake = Arc::new(FakeEmbedder::new());
        fake.fails.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(run(&fake.engines(), texts(3)).unwrap_err().code, "model_failed");
    }
}
