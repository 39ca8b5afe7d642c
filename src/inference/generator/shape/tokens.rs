//! A model's vocabulary as a tree of bytes, with which schemas are compiled. One of 150,000 tokens takes half a second and
//! 70 MB, so it is made when the first shape is asked for.

use std::fmt;
use std::sync::Arc;
use std::thread::{Builder, scope};

use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::toktrie::{INVALID_TOKEN, TokEnv, TokRxInfo, TokTrie, TokenizerEnv};
use llguidance::{JsonCompileOptions, Matcher, ParserFactory};
use serde_json::Value;

use super::guide::Guide;
use super::schema;
use super::unfit::Unfit;
use crate::inference::Shape;
use crate::inference::contain::{Panicked, contained};
use crate::inference::generator::words::Words;

pub(in crate::inference::generator) struct Shapes {
    pub(super) factory: ParserFactory,
}

/// What one schema may take: of each of these, some milliseconds, or some megabytes.
const LIMITS: ParserLimits = ParserLimits {
    max_items_in_row: 2000,
    initial_lexer_fuel: 1_000_000,
    step_lexer_fuel: 150_000,
    step_max_items: 50_000,
    max_lexer_states: 30_000,
    max_grammar_size: 200_000,
    precompute_large_lexemes: true,
    verbose_errors: false,
};

/// What compiles a schema calls itself for each part inside another one, and for each definition it comes to.
const STACK: usize = 256 << 20;

/// Between two parts of an answer: nothing, a space, or a new line with what stands before it. More would be a way to
/// write without end.
const BETWEEN: &str = r" |\n {0,20}";

/// Such that each text can be written in one way only: a name written twice in two ways would count as two.
const ESCAPES: &str = "nrbtf\\\"";

/// Longer tokens are none that an answer needs.
const LONGEST_TOKEN: usize = 256;

impl Shapes {
    /// `None` when the vocabulary does not make a tree.
    pub(in crate::inference::generator) fn new(words: &Words) -> Option<Shapes> {
        let count = words.vocabulary();
        let ends: Vec<u32> = words.ends().iter().copied().filter(|&end| (end as usize) < count).collect();
        let bytes = |id: u32| {
            let bytes = if words.is_mark(id) || ends.contains(&id) { &[][..] } else { words.text(id) };
            // No character begins with this byte, and the tree has another use for it.
            let is_odd = bytes.first() == Some(&TokTrie::SPECIAL_TOKEN_MARKER) || bytes.len() > LONGEST_TOKEN;
            if is_odd { Vec::new() } else { bytes.to_vec() }
        };
        let made = contained(|| {
            let tokens: Vec<Vec<u8>> = (0..count as u32).map(bytes).collect();
            let info = TokRxInfo::new(count as u32, ends.first().copied().unwrap_or(INVALID_TOKEN));
            let mut tree = TokTrie::from(&info, &tokens);
            if !ends.is_empty() {
                tree = tree.with_eos_tokens(&ends);
            }
            let tree: TokEnv = Arc::new(Tree(tree));
            let mut factory = ParserFactory::new_simple(&tree)?;
            factory.quiet();
            *factory.limits_mut() = LIMITS;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(factory)
        });
        match made {
            Ok(Ok(factory)) => Some(Shapes { factory }),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a vocabulary does not make a tree");
                None
            }
            Err(Panicked) => None,
        }
    }

    /// Compiles what is asked for, on the caller's time.
    pub(in crate::inference::generator) fn guide(&self, shape: &Shape) -> Result<Guide, Unfit> {
        let text = match shape {
            Shape::AnyObject => schema::ANY_OBJECT,
            Shape::Schema(text) => text,
        };
        let compile = || {
            let mut schema = schema::read(text)?;
            options().apply_to(&mut schema);
            let mut guide = self.compile(schema)?;
            guide.begin().map_err(|_| Unfit::whole("it is too large to follow"))?;
            Ok(guide)
        };
        let unknown = || Unfit::whole("it cannot be followed");
        scope(|scope| {
            let thread =
                Builder::new().name("shape".into()).stack_size(STACK).spawn_scoped(scope, || contained(compile));
            let thread = thread.map_err(|error| {
                tracing::warn!(%error, "no thread could be started to compile a schema");
                Unfit::whole("the system gave no thread to compile it")
            })?;
            thread.join().ok().and_then(Result::ok).unwrap_or_else(|| Err(unknown()))
        })
    }

    fn compile(&self, schema: Value) -> Result<Guide, Unfit> {
        let parser = self.factory.create_parser(TopLevelGrammar::from_json_schema(schema));
        let parser = parser.map_err(|error| {
            tracing::debug!(%error, "a schema is not compiled");
            Unfit::whole(why(&format!("{error:#}")))
        })?;
        Ok(Guide::new(Matcher::new(Ok(parser)), self.factory.tok_env().clone()))
    }
}

fn options() -> JsonCompileOptions {
    JsonCompileOptions {
        whitespace_pattern: Some(BETWEEN.to_owned()),
        json_allowed_escapes: Some(ESCAPES.to_owned()),
        ..JsonCompileOptions::default()
    }
}

/// What is said of a schema whose parts are sound each by itself. Its own words are for those who know how it compiles.
fn why(error: &str) -> &'static str {
    let error = error.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if says(&["unsatisfiable"]) {
        "it has nothing that fits it"
    } else if says(&["circular"]) {
        "a \"$ref\" that leads back to itself stands beside other keywords, which is not supported"
    } else if says(&["patternproperty", "disjoint"]) {
        "its \"patternProperties\" overlap, which is not supported"
    } else if says(&["min/maxproperties"]) {
        "\"minProperties\" or \"maxProperties\" beside properties that are not required is not supported"
    } else if says(&["regex", "fuel", "too large", "too big", "too complex", "limit", "exceeded", "size"]) {
        "it is too large to follow"
    } else {
        "its parts cannot be followed together"
    }
}

impl fmt::Debug for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shapes")
            .field("tokens", &self.factory.tok_env().tok_trie().vocab_size())
            .finish_non_exhaustive()
    }
}

/// Tokens are only ever chosen one by one, never cut out of a text.
struct Tree(TokTrie);

impl TokenizerEnv for Tree {
    fn tok_trie(&self) -> &TokTrie {
        &self.0
    }

    fn tokenize_bytes(&self, text: &[u8]) -> Vec<u32> {
        self.0.greedy_tokenize(text)
    }

    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}
