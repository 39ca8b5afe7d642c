//! How much may one file cost?

/// What a single file may hold before it is refused. Each bound is far above honest documents and far below harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file itself.
    pub file_bytes: u64,
    /// Size of the text found in it.
    pub text_bytes: usize,
    /// Paragraphs, rows and the like.
    pub blocks: usize,
    /// What a packed file, or one part of it, may unpack to.
    pub unpacked_bytes: u64,
    /// Parts of a package (the entries of a zip).
    pub entries: usize,
    pub pages: usize,
    /// Drawing steps of one PDF: bounds time where a small file asks for endless work.
    pub drawing_steps: u64,
    /// How deep objects may hold objects.
    pub depth: usize,
}

const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 256 * MIB,
            text_bytes: 64 << 20,
            blocks: 4_000_000,
            unpacked_bytes: 256 * MIB,
            entries: 20_000,
            pages: 20_000,
            drawing_steps: 50_000_000,
            depth: 200,
        }
    }
}
