//! How much does nearness in meaning add to what the words of a passage say?

/// How many of the nearest passages are told apart by their nearness; what lies beyond is equally far.
pub const NEAREST: usize = 50;

/// What a cosine is worth for one question, on the scale of [`rate`](crate::rank::rate).
///
/// Cosines are added to rates rather than merged by rank: a rank says nothing of how sure its list is. Over 240
/// paragraphs and an embedder that knows English only, reciprocal rank fusion (with 60 and 1:1) takes recall@1 from 0.950
/// to 0.925 in English, and from 0.939 to 0.692 in Spanish; the sum takes it to 0.966 and 0.940.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    floor: f32,
    /// For embedders whose cosines all lie close together.
    stretch: f32,
}

/// What a whole unit of cosine is worth where the embedder knows the languages of both the question and the passage;
/// from 40 to 60 recall@1 is the same within half a percent, with vectors of English twins for Spanish, German and
/// Romanian too, and across languages.
const FLUENT: f32 = 50.0;
/// Where it does not, names, numbers and borrowed words still say something. From 8 to 25 no language measured lost
/// against words alone.
const HALTING: f32 = 20.0;
/// Cosines whose spread (standard deviation among the nearest) is below this are stretched, up to [`MOST_STRETCH`] times.
const SPREAD: f32 = 0.05;
const MOST_STRETCH: f32 = 3.0;
/// In a library too small to have [`NEAREST`] others, the best is at least this much above the floor.
const LEAST_RISE: f32 = 0.25;

impl Meaning {
    /// `cosines` are those of the nearest passages, best first.
    pub fn of(cosines: &[f32]) -> Meaning {
        let (Some(&best), Some(&last)) = (cosines.first(), cosines.last()) else {
            return Meaning { floor: 1.0, stretch: 1.0 };
        };
        if cosines.len() < NEAREST {
            return Meaning { floor: last.min(best - LEAST_RISE), stretch: 1.0 };
        }
        let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
        let variance = cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / cosines.len() as f32;
        let stretch = (SPREAD / variance.sqrt().max(f32::EPSILON)).clamp(1.0, MOST_STRETCH);
        Meaning { floor: last, stretch }
    }

    /// `fluent`: the embedder knows the languages of the question and of the passage.
    pub fn worth(&self, cosine: f32, fluent: bool) -> f32 {
        if fluent { FLUENT * self.rise(cosine) } else { HALTING * (cosine - self.floor).max(0.0) }
    }

    /// How far a passage stands out from those that are no nearer than most: about 0.5 where it answers the question, 0.3
    /// where it is about the same things.
    pub fn rise(&self, cosine: f32) -> f32 {
        self.stretch * (cosine - self.floor).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From 0.2 upwards, so many, so far apart.
    fn cosines(count: usize, step: f32) -> Vec<f32> {
        (0..count).rev().map(|n| 0.2 + n as f32 * step).collect()
    }

    #[test]
    fn nearer_is_worth_more_and_beyond_the_floor_nothing() {
        let meaning = Meaning::of(&cosines(NEAREST, 0.01));
        assert_eq!(meaning.worth(0.1, true), 0.0);
        assert_eq!(meaning.worth(0.2, true), 0.0);
        let (near, nearer) = (meaning.worth(0.5, true), meaning.worth(0.6, true));
        assert!(nearer > near && near > meaning.worth(0.5, false), "{near} {nearer}");
    }

    #[test]
    fn crowded_cosines_are_stretched_and_not_without_end() {
        let worth = |step: f32| Meaning::of(&cosines(NEAREST, step)).worth(0.21, true);
        let (wide, crowded, same) = (worth(0.01), worth(0.002), worth(0.0));
        assert!(crowded > 1.5 * wide, "{wide} {crowded}");
        assert!(same <= MOST_STRETCH * wide * 1.001, "{wide} {same}");
    }

    #[test]
    fn the_only_passage_is_worth_something() {
        assert!(Meaning::of(&[0.4]).worth(0.4, false) > 0.0);
        assert_eq!(Meaning::of(&[]).worth(0.9, true), 0.0);
    }
}
