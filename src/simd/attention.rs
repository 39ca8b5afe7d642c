//! Softmax(q kᵀ) v for the heads of one panel, a few rows at a time: the whole table of scores never exists.

use super::lanes::Lanes;
use super::level::kernel;
use super::panels::Row;

/// How a panel is shared by heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heads {
    /// Of 64 columns.
    One,
    /// Of 32 columns.
    Two,
}

/// Room to work in, kept from call to call.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Sixteen rows of k beside each other: block by block, column by column.
    keys: Vec<[f32; 16]>,
    scores: Vec<[f32; 16]>,
}

/// Rows that go together.
const ROWS: usize = 4;

kernel! {
    /// `q` is already scaled. All have the same number of rows, which all see each other.
    pub fn attend(heads: Heads, q: &[Row], k: &[Row], v: &[Row], out: &mut [Row], room: &mut Scores); attend_body
}

#[inline(always)]
fn attend_body<L: Lanes>(heads: Heads, q: &[Row], k: &[Row], v: &[Row], out: &mut [Row], room: &mut Scores) {
    assert!(k.len() == q.len() && v.len() == q.len() && out.len() == q.len(), "attention over unequal rows");
    if q.is_empty() {
        return;
    }
    match heads {
        Heads::One => head::<L, 64, 4>(0, q, k, v, out, room),
        Heads::Two => {
            head::<L, 32, 2>(0, q, k, v, out, room);
            head::<L, 32, 2>(32, q, k, v, out, room);
        }
    }
}

#[inline(always)]
fn head<L: Lanes, const WIDTH: usize, const PARTS: usize>(
    offset: usize,
    q: &[Row],
    k: &[Row],
    v: &[Row],
    out: &mut [Row],
    room: &mut Scores,
) {
    let rows = q.len();
    let blocks = rows.div_ceil(16);
    room.keys.resize(blocks * WIDTH, [0.0; 16]);
    room.scores.resize(ROWS * blocks, [0.0; 16]);
    for (block, columns) in room.keys.chunks_exact_mut(WIDTH).enumerate() {
        for lane in 0..16 {
            // The last rows again where there are none: their scores are thrown away.
            let row = &k[(16 * block + lane).min(rows - 1)][offset..offset + WIDTH];
            for (column, value) in columns.iter_mut().zip(row) {
                column[lane] = *value;
            }
        }
    }
    let mut first = 0;
    while first < rows {
        let at: [usize; ROWS] = std::array::from_fn(|r| (first + r).min(rows - 1));
        let q: [&[f32; WIDTH]; ROWS] =
            at.map(|at| q[at][offset..offset + WIDTH].try_into().expect("a slice has the length it was cut to"));
        let (scores, keys) = (&mut room.scores[..], &room.keys[..]);
        let mut block = 0;
        while block + 1 < blocks {
            score::<L, WIDTH, 2>(&q, &keys[block * WIDTH..], blocks, block, scores);
            block += 2;
        }
        if block < blocks {
            score::<L, WIDTH, 1>(&q, &keys[block * WIDTH..], blocks, block, scores);
        }
        let mut parts = [[L::splat(0.0); PARTS]; ROWS];
        let mut factors = [0.0; ROWS];
        for (scores, factor) in scores.chunks_exact_mut(blocks).zip(&mut factors) {
            *factor = 1.0 / soften::<L>(scores, rows);
        }
        let flat = scores.as_flattened();
        for (j, v) in v.iter().enumerate() {
            let v: [L; PARTS] = std::array::from_fn(|i| {
                L::load(v[offset + 16 * i..offset + 16 * (i + 1)].try_into().expect("a part has 16 columns"))
            });
            for r in 0..ROWS {
                let p = L::splat(flat[16 * blocks * r + j]);
                for i in 0..PARTS {
                    parts[r][i] = p.times_plus(v[i], parts[r][i]);
                }
            }
        }
        for r in 0..ROWS {
            for i in 0..PARTS {
                let to = &mut out[at[r]][offset + 16 * i..offset + 16 * (i + 1)];
                parts[r][i].times(L::splat(factors[r])).store(to.try_into().expect("a part has 16 columns"));
            }
        }
        first += ROWS;
    }
}

/// `COUNT` blocks of scores, of all rows that go together.
#[inline(always)]
fn score<L: Lanes, const WIDTH: usize, const COUNT: usize>(
    q: &[&[f32; WIDTH]; ROWS],
    keys: &[[f32; 16]],
    blocks: usize,
    block: usize,
    scores: &mut [[f32; 16]],
) {
    let keys = &keys[..COUNT * WIDTH];
    let mut sums = [[L::splat(0.0); COUNT]; ROWS];
    for d in 0..WIDTH {
        let k: [L; COUNT] = std::array::from_fn(|c| L::load(&keys[c * WIDTH + d]));
        for r in 0..ROWS {
            let x = L::splat(q[r][d]);
            for c in 0..COUNT {
                sums[r][c] = x.times_plus(k[c], sums[r][c]);
            }
        }
    }
    for r in 0..ROWS {
        for c in 0..COUNT {
            sums[r][c].store(&mut scores[r * blocks + block + c]);
        }
    }
}

/// The exponentials of a row's scores above the highest, and their sum.
#[inline(always)]
fn soften<L: Lanes>(scores: &mut [[f32; 16]], rows: usize) -> f32 {
    if let Some(last) = scores.last_mut() {
        last[(rows - 1) % 16 + 1..].fill(f32::MIN);
    }
    let mut most = L::splat(f32::MIN);
    for block in scores.iter() {
        most = most.at_least(L::load(block));
    }
    let most = L::splat(most.largest());
    let mut sum = L::splat(0.0);
    for block in scores.iter_mut() {
        let value = L::load(block).minus(most).exp();
        sum = sum.plus(value);
        value.store(block);
    }
    if let Some(last) = scores.last_mut() {
        // exp of what is no score is tiny, not nothing.
        last[(rows - 1) % 16 + 1..].fill(0.0);
    }
    sum.sum()
}
