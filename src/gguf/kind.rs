//! The ways in which a tensor's numbers are written, and how many bytes each takes.

use std::fmt;

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    /// Known to the format and not to docent, or newer than both.
    Other(u32),
}

impl Kind {
    /// All that docent knows.
    pub const KNOWN: [Kind; 13] = [
        Kind::F32,
        Kind::F16,
        Kind::Bf16,
        Kind::Q4_0,
        Kind::Q4_1,
        Kind::Q5_0,
        Kind::Q5_1,
        Kind::Q8_0,
        Kind::Q2K,
        Kind::Q3K,
        Kind::Q4K,
        Kind::Q5K,
        Kind::Q6K,
    ];

    pub fn from_number(number: u32) -> Kind {
        Kind::KNOWN.into_iter().find(|kind| kind.number() == number).unwrap_or(Kind::Other(number))
    }

    /// What the format calls it in files.
    pub fn number(self) -> u32 {
        match self {
            Kind::F32 => 0,
            Kind::F16 => 1,
            Kind::Q4_0 => 2,
            Kind::Q4_1 => 3,
            Kind::Q5_0 => 6,
            Kind::Q5_1 => 7,
            Kind::Q8_0 => 8,
            Kind::Q2K => 10,
            Kind::Q3K => 11,
            Kind::Q4K => 12,
            Kind::Q5K => 13,
            Kind::Q6K => 14,
            Kind::Bf16 => 30,
            Kind::Other(number) => number,
        }
    }

    /// How many values share how many bytes. `None`: newer than this docent.
    pub fn block(self) -> Option<(usize, usize)> {
        Some(match self.number() {
            0 | 26 => (1, 4),
            1 | 25 | 30 => (1, 2),
            2 | 20 => (32, 18),
            3 => (32, 20),
            6 => (32, 22),
            7 => (32, 24),
            8 => (32, 34),
            9 => (32, 36),
            10 => (256, 84),
            11 | 21 => (256, 110),
            12 => (256, 144),
            13 => (256, 176),
            14 => (256, 210),
            15 => (256, 292),
            16 | 35 => (256, 66),
            17 => (256, 74),
            18 => (256, 98),
            19 => (256, 50),
            22 => (256, 82),
            23 => (256, 136),
            24 => (1, 1),
            27 | 28 => (1, 8),
            29 => (256, 56),
            34 => (256, 54),
            39 => (32, 17),
            40 => (64, 36),
            _ => return None,
        })
    }
}

/// As people know it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Kind::F32 => "F32",
            Kind::F16 => "F16",
            Kind::Bf16 => "BF16",
            Kind::Q4_0 => "Q4_0",
            Kind::Q4_1 => "Q4_1",
            Kind::Q5_0 => "Q5_0",
            Kind::Q5_1 => "Q5_1",
            Kind::Q8_0 => "Q8_0",
            Kind::Q2K => "Q2_K",
            Kind::Q3K => "Q3_K",
            Kind::Q4K => "Q4_K",
            Kind::Q5K => "Q5_K",
            Kind::Q6K => "Q6_K",
            Kind::Other(16) => "IQ2_XXS",
            Kind::Other(17) => "IQ2_XS",
            Kind::Other(18) => "IQ3_XXS",
            Kind::Other(19) => "IQ1_S",
            Kind::Other(20) => "IQ4_NL",
            Kind::Other(21) => "IQ3_S",
            Kind::Other(22) => "IQ2_S",
            Kind::Other(23) => "IQ4_XS",
            Kind::Other(29) => "IQ1_M",
            Kind::Other(34) => "TQ1_0",
            Kind::Other(35) => "TQ2_0",
            Kind::Other(39) => "MXFP4",
            Kind::Other(40) => "NVFP4",
            Kind::Other(number) => return write!(f, "type {number}"),
        };
        f.write_str(name)
    }
}
