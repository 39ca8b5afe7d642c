//! The catalogue that is compiled in is sound, and a bad local one is a clear error.

use super::*;
use crate::models::{Format, Pooling};

#[test]
fn the_catalogue_that_is_compiled_in_is_whole() {
    let entries = parse(Path::new("models.toml"), BUILT_IN).unwrap();
    for kind in Kind::ALL {
        assert_eq!(entries.iter().filter(|entry| entry.kind == kind && entry.is_default).count(), 1, "{kind}");
    }
    for entry in &entries {
        let name = &entry.name;
        assert!(entry.repo.is_some() && entry.licence.is_some() && !entry.languages.is_empty(), "{name}");
        assert!(entry.weights().is_some(), "{name}");
        match entry.kind {
            Kind::Embedder => assert!(entry.dimensions.is_some() && entry.pooling.is_some(), "{name}"),
            Kind::Reranker => assert!(entry.max_tokens.is_some(), "{name}"),
            Kind::Generator => {
                assert!(entry.context.is_some() && entry.architecture.is_some() && !entry.stop.is_empty(), "{name}");
            }
        }
    }
    let count = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
    assert_eq!((count(Kind::Embedder), count(Kind::Reranker), count(Kind::Generator)), (3, 3, 12));
}

#[test]
fn the_default_embedder_reads_128_tokens_and_e5_wants_its_prefixes() {
    let catalogue = Catalogue::built_in();
    let default = catalogue.default_of(Kind::Embedder).unwrap();
    assert_eq!((default.name.as_str(), default.max_tokens), ("paraphrase-multilingual-MiniLM-L12-v2", Some(128)));
    let e5 = catalogue.find("multilingual-e5-small").unwrap();
    assert_eq!((e5.query_prefix.as_str(), e5.passage_prefix.as_str()), ("query: ", "passage: "));
    assert_eq!((e5.pooling, e5.normalize, e5.format), (Some(Pooling::Mean), true, Format::Safetensors));
}

#[test]
fn names_are_found_as_people_write_them() {
    let catalogue = Catalogue::built_in();
    for (typed, name) in [
        ("all-minilm-l6-v2", "all-MiniLM-L6-v2"),
        ("ms-marco-MiniLM-L-6-v2", "ms-marco-MiniLM-L6-v2"),
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("smollm2_360m_instruct", "SmolLM2-360M-Instruct"),
    ] {
        assert_eq!(catalogue.named(typed).unwrap().name, name);
    }
    let error = catalogue.named("all-MiniLM-L5-v2").unwrap_err();
    assert!(matches!(&error, ModelsError::Unknown { nearest: Some(nearest), .. } if nearest == "all-MiniLM-L6-v2"));
    assert!(matches!(catalogue.named("xyz"), Err(ModelsError::Unknown { nearest: None, .. })));
}

fn local(toml: &str) -> Result<Catalogue> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("models.toml"), toml).unwrap();
    Catalogue::load(folder.path())
}

#[test]
fn a_local_catalogue_adds_and_replaces() {
    let toml = "[mine]\nkind = \"generator\"\nfiles = [{ name = \"m.gguf\" }]\n\n\
                [All-minilm-l6-v2]\nkind = \"embedder\"\nrepo = \"me/mine\"\ndefault = true\n";
    let catalogue = local(toml).unwrap();
    assert_eq!(catalogue.entries().len(), Catalogue::built_in().entries().len() + 1);
    assert_eq!(catalogue.named("all-MiniLM-L6-v2").unwrap().repo.as_deref(), Some("me/mine"));
    assert_eq!(catalogue.default_of(Kind::Embedder).unwrap().repo.as_deref(), Some("me/mine"));
    assert_eq!(catalogue.named("mine").unwrap().weights(), Some("m.gguf"));
}

#[test]
fn a_bad_local_catalogue_names_line_and_reason() {
    let generator = "[g]\nkind = \"generator\"\n";
    for (toml, line, why) in [
        ("[a]\nkind = \n", 2, "not TOML"),
        ("a = 1\n", 1, "no table"),
        ("\n[\"a/b\"]\nkind = \"embedder\"\n", 2, "cannot be a model's name"),
        ("[a]\n", 1, "has no kind"),
        ("[a]\nkind = \"painter\"\n", 2, "one of embedder, reranker, generator"),
        ("[a]\nkind = \"embedder\"\npoolng = \"mean\"\n", 3, "did you mean pooling?"),
        ("[a]\nkind = \"embedder\"\nmax_tokens = -1\n", 3, "a whole number above 0"),
        ("[a]\nkind = \"embedder\"\nrepo = \"a/../b\"\n", 3, "owner/name"),
        ("[a]\nkind = \"embedder\"\nrevision = \"main\"\n", 3, "40 hexadecimal digits"),
        ("[a]\nkind = \"embedder\"\nlanguages = \"es\"\n", 3, "a list of texts"),
        ("[a]\nkind = \"embedder\"\nformat = \"gguf\"\n", 1, "no embedder is kept as gguf"),
        ("[a]\nkind = \"embedder\"\nfiles = [{ name = \"config.json\" }]\n", 1, "needs the file tokenizer.json"),
        ("[a]\nkind = \"embedder\"\n[A]\nkind = \"embedder\"\n", 3, "cannot be told from"),
        (&format!("{generator}files = []\n"), 1, "exactly one file"),
        (&format!("{generator}files = [{{ name = \"../m.gguf\" }}]\n"), 3, "stays in the model's folder"),
        (&format!("{generator}files = [\n  {{ name = \"m.gguf\", sha256 = \"12\" }}\n]\n"), 4, "64 hexadecimal"),
        (&format!("{generator}files = [{{ name = \"m.gguf\", size = 1 }}]\n"), 3, "has no \"size\""),
        (&format!("{generator}files = [{{ name = \"m.gguf\" }}, {{ name = \"M.gguf\" }}]\n"), 1, "exactly one"),
    ] {
        let error = local(toml).unwrap_err();
        let ModelsError::Catalogue { line: found, why: reason, .. } = &error else { panic!("{toml}: {error:?}") };
        assert!(*found == line && reason.contains(why), "{toml}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("models.toml"), b"# \n\n\xff").unwrap();
    assert!(matches!(Catalogue::load(folder.path()), Err(ModelsError::Catalogue { line: 3, .. })));
}
