//! What may be imported arrives whole; everything else leaves the shelf as it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::models::error::ModelsError;
use crate::models::recognise::tests::{tiny_gguf, tiny_safetensors};
use crate::models::{Catalogue, Installed, Kind, Pooling, Shelf, State, Sum};

const NOW: Timestamp = Timestamp(1_000);

struct Room {
    folder: tempfile::TempDir,
    shelf: Shelf,
}

impl Room {
    fn new() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&folder.path().join("data"));
        Room { folder, shelf }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A folder as sentence-transformers leaves it.
    fn encoder(&self, name: &str) {
        let config = r#"{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 8}"#;
        self.write(&format!("{name}/config.json"), config);
        self.write(&format!("{name}/tokenizer.json"), r#"{"model": {}}"#);
        self.write(&format!("{name}/model.safetensors"), tiny_safetensors());
        self.write(&format!("{name}/sentence_bert_config.json"), r#"{"max_seq_length": 64}"#);
        self.write(&format!("{name}/1_Pooling/config.json"), r#"{"pooling_mode_cls_token": true}"#);
        self.write(&format!("{name}/train.py"), "print('not taken')");
    }

    fn import(&self, name: &str) -> Result<Vec<Installed>, ModelsError> {
        import(&self.shelf, &Catalogue::built_in(), &self.path(name), None, NOW)
    }

    #[track_caller]
    fn refuses(&self, name: &str, why: &str) {
        let error = self.import(name).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(self.shelf.survey().0.is_empty() && self.shelf.survey().1.is_empty());
    }
}

#[test]
fn a_folder_of_an_encoder_is_taken_with_what_it_says() {
    let room = Room::new();
    room.encoder("my model");
    let model = room.import("my model").unwrap().remove(0);
    assert_eq!((model.name.as_str(), model.kind), ("my-model", Kind::Embedder));
    assert_eq!((model.entry.max_tokens, model.entry.pooling), (Some(64), Some(Pooling::Cls)));
    assert!(!model.folder.join("train.py").exists() && model.folder.join("1_Pooling/config.json").exists());
    assert!(model.verify().unwrap().iter().all(|checked| checked.state == State::Sound));
    let error = room.import("my model").unwrap_err();
    assert!(matches!(error, ModelsError::AlreadyInstalled { .. }), "{error}");
}

#[test]
fn a_folder_named_as_the_catalogue_does_must_be_that_model() {
    let room = Room::new();
    room.encoder("all-MiniLM-L6-v2");
    let error = room.import("all-MiniLM-L6-v2").unwrap_err();
    assert!(matches!(error, ModelsError::SumDiffers { .. }), "{error}");
    let own = import(&room.shelf, &Catalogue::built_in(), &room.path("all-MiniLM-L6-v2"), Some("other"), NOW);
    assert_eq!(own.unwrap()[0].name, "other");
}

#[test]
fn folders_that_are_no_encoder_are_refused_in_words() {
    let room = Room::new();
    room.encoder("cut");
    room.write("cut/model.safetensors", &tiny_safetensors()[..40]);
    room.refuses("cut", "cut short");
    room.encoder("page");
    room.write("page/tokenizer.json", "<html>log in</html>");
    room.refuses("page", "line 1 is not JSON");
    room.encoder("pickled");
    fs::rename(room.path("pickled/model.safetensors"), room.path("pickled/pytorch_model.bin")).unwrap();
    room.refuses("pickled", "pytorch_model.bin");
    room.encoder("gguf");
    room.write("gguf/model.safetensors", tiny_gguf("x"));
    room.refuses("gguf", "not those of a safetensors file");
    room.write("empty/notes.txt", "nothing");
    room.refuses("empty", "neither a config.json nor a GGUF file");
    room.refuses("gone", "entity not found");
}

#[test]
fn a_gguf_file_is_taken_alone_or_in_its_folder() {
    let room = Room::new();
    room.write("downloads/model.Q4_K_M.gguf", tiny_gguf("Tiny Llama 2"));
    let model = room.import("downloads/model.Q4_K_M.gguf").unwrap().remove(0);
    assert_eq!((model.name.as_str(), model.kind), ("Tiny-Llama-2", Kind::Generator));
    assert_eq!((model.entry.architecture.as_deref(), model.entry.context), (Some("llama"), Some(2048)));
    assert!(matches!(room.import("downloads"), Err(ModelsError::AlreadyInstalled { .. })));
    room.write("known/Llama-3.2-1B-Instruct-Q4_K_M.gguf", tiny_gguf("whatever"));
    let known = room.import("known").unwrap().remove(0);
    assert_eq!((known.name.as_str(), known.entry.stop.len()), ("Llama-3.2-1B-Instruct", 3));
}

#[test]
fn a_gguf_that_is_cut_short_is_refused() {
    let room = Room::new();
    let whole = tiny_gguf("x");
    room.write("x.gguf", &whole[..whole.len() - 1]);
    room.refuses("x.gguf", "cut short");
    room.write("pipe.txt", "hello");
    room.refuses("pipe.txt", "neither a GGUF file nor a bundle");
}

/// A hub's cache with one snapshot whose files are links to blobs.
#[cfg(unix)]
fn cache(room: &Room) -> PathBuf {
    use std::os::unix::fs::symlink;
    let commit = "0123456789012345678901234567890123456789";
    let root = room.path("hub/models--me--Some-Encoder");
    let snapshot = root.join("snapshots").join(commit);
    room.encoder("plain");
    fs::create_dir_all(snapshot.join("1_Pooling")).unwrap();
    fs::create_dir_all(root.join("blobs")).unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        let bytes = fs::read(room.path("plain").join(name)).unwrap();
        let (sum, _) = Sum::of(&bytes[..]).unwrap();
        let blob = if name == "model.safetensors" { sum.to_string() } else { name.replace('/', "-") };
        fs::write(root.join("blobs").join(&blob), bytes).unwrap();
        let up = if name.contains('/') { "../../../blobs" } else { "../../blobs" };
        symlink(Path::new(up).join(&blob), snapshot.join(name)).unwrap();
    }
    room.write("hub/models--me--Some-Encoder/refs/main", commit);
    snapshot
}

#[cfg(unix)]
#[test]
fn a_snapshot_in_a_cache_is_followed_to_its_blobs() {
    let room = Room::new();
    let snapshot = cache(&room);
    let found = import(&room.shelf, &Catalogue::built_in(), &snapshot, None, NOW).unwrap().remove(0);
    assert_eq!(found.name, "Some-Encoder");
    assert_eq!(found.entry.repo.as_deref(), Some("me/Some-Encoder"));
    assert_eq!(found.revision.as_deref(), Some("0123456789012345678901234567890123456789"));
    room.shelf.remove(&found).unwrap();
    assert_eq!(room.import("hub/models--me--Some-Encoder").unwrap()[0].name, "Some-Encoder");
}

#[cfg(unix)]
#[test]
fn a_blob_that_is_not_what_its_name_says_is_refused() {
    let room = Room::new();
    let snapshot = cache(&room);
    let mut altered = tiny_safetensors();
    *altered.last_mut().unwrap() ^= 1;
    fs::write(snapshot.join("model.safetensors"), altered).unwrap();
    room.refuses("hub/models--me--Some-Encoder", "is not the file that its sender promised");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_refused() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    room.write("secret.json", "{}");
    for (name, to) in [("near", "../secret.json"), ("far", "/etc/hostname"), ("odd", "1_Pooling/../../secret.json")] {
        room.encoder(name);
        let path = room.path(name).join("tokenizer.json");
        fs::remove_file(&path).unwrap();
        symlink(to, &path).unwrap();
        room.refuses(name, "is a link out of its folder");
    }
    let snapshot = cache(&room);
    fs::remove_file(snapshot.join("tokenizer.json")).unwrap();
    symlink("../../../../secret.json", snapshot.join("tokenizer.json")).unwrap();
    room.refuses("hub/models--me--Some-Encoder", "is a link out of its folder");
}

/// Two models in one file, as bytes.
fn bundle() -> Vec<u8> {
    let room = Room::new();
    room.encoder("mine");
    room.write("tiny.gguf", tiny_gguf("Tiny"));
    let models = [room.import("mine").unwrap(), room.import("tiny.gguf").unwrap()].concat();
    let file = room.path("both.models");
    let mut heard = 0;
    let bytes = export(&models, &file, Overwrite::Refuse, &mut |block| heard += block).unwrap();
    assert_eq!(bytes, fs::metadata(&file).unwrap().len());
    assert_eq!(heard, models.iter().map(|model| model.bytes).sum::<u64>());
    assert!(matches!(export(&models, &file, Overwrite::Refuse, &mut |_| ()), Err(ModelsError::Exists { .. })));
    export(&models, &file, Overwrite::Replace, &mut |_| ()).unwrap();
    fs::read(file).unwrap()
}

#[test]
fn a_bundle_carries_models_to_another_machine() {
    let room = Room::new();
    room.write("both.models", bundle());
    let names: Vec<String> = room.import("both.models").unwrap().into_iter().map(|model| model.name).collect();
    assert_eq!(names, ["mine", "Tiny"]);
    for model in room.shelf.installed() {
        assert!(model.verify().unwrap().iter().all(|checked| checked.state == State::Sound));
    }
}

#[test]
fn a_damaged_model_does_not_travel() {
    let room = Room::new();
    room.encoder("mine");
    let models = room.import("mine").unwrap();
    let path = models[0].folder.join("tokenizer.json");
    fs::write(&path, r#"{"model": []}"#).unwrap();
    let error = export(&models, &room.path("out"), Overwrite::Refuse, &mut |_| ()).unwrap_err();
    assert!(matches!(error, ModelsError::Damaged { .. }) && !room.path("out").exists(), "{error}");
}

#[test]
fn a_bundle_that_was_cut_short_or_made_longer_is_refused_whole() {
    let room = Room::new();
    let whole = bundle();
    for end in [0, 5, 16, 20, 60, 200, whole.len() / 2, whole.len() - 1] {
        room.write("cut.models", &whole[..end]);
        let error = room.import("cut.models").unwrap_err();
        assert!(end < 14 || matches!(error, ModelsError::Bundle { .. }), "{end}: {error}");
        assert!(room.shelf.survey().0.is_empty());
    }
    room.write("long.models", [&whole[..], b"x"].concat());
    room.refuses("long.models", "more in it");
}

#[test]
fn a_head_that_lies_is_refused() {
    let room = Room::new();
    let whole = bundle();
    let at = whole.windows(10).position(|window| window == b"Tiny\",\"kin").unwrap();
    let mut altered = whole.clone();
    altered[at] = b'X';
    room.write("altered.models", altered);
    room.refuses("altered.models", "its head was altered");
    let mut newer = whole;
    newer[14] = b'2';
    room.write("newer.models", newer);
    room.refuses("newer.models", "newer docent");
}

static BUNDLE: OnceLock<Vec<u8>> = OnceLock::new();

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_bundle_in_which_one_byte_was_altered_is_refused(at in any::<prop::sample::Index>(), by in 1_u8..) {
        let mut file = BUNDLE.get_or_init(bundle).clone();
        let at = at.index(file.len());
        file[at] ^= by;
        let room = Room::new();
        room.write("altered.models", file);
        prop_assert!(room.import("altered.models").is_err());
        prop_assert!(room.shelf.survey().0.is_empty() && room.shelf.survey().1.is_empty());
    }

    #[test]
    fn arbitrary_bytes_after_the_first_line_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = format::MAGIC.to_vec();
        file.extend(bytes);
        prop_assert!(format::read_head(&mut &file[..]).is_err());
    }
}
