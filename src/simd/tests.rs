//! Every kernel at every level of this processor, against a plain computation in `f64`.

use proptest::prelude::*;

use super::*;

/// Numbers that look like activations: most small, a few columns large.
struct Draw(u64);

impl Draw {
    fn number(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn row(&mut self) -> Row {
        let mut row = [0.0; PANEL];
        for (column, value) in row.iter_mut().enumerate() {
            *value = self.number() * if column % 29 == 3 { 9.0 } else { 1.0 };
        }
        row
    }

    fn rows(&mut self, count: usize) -> Vec<Row> {
        (0..count).map(|_| self.row()).collect()
    }
}

fn filled(level: Level, rows: usize, groups: usize, values: &[Row]) -> Rows8 {
    let mut left = Rows8::default();
    left.shape(rows, groups);
    for group in 0..groups {
        left.group(group).fill(level, 0, &values[group * rows..(group + 1) * rows]);
    }
    left
}

fn close(level: Level, what: &str, got: f32, expected: f64, tolerance: f64) {
    let off = (f64::from(got) - expected).abs();
    assert!(off <= tolerance, "{level:?} {what}: {got} instead of {expected}, off by {off:e}");
}

#[test]
fn levels_are_named_and_found_by_name() {
    for level in Level::all() {
        assert_eq!(Level::from_name(level.name()), Some(level));
    }
    assert_eq!(Level::from_name("mmx"), None);
    assert_eq!(Level::all()[0], Level::scalar());
}

#[test]
fn rounded_rows_stand_for_their_values() {
    let mut draw = Draw(7);
    for level in Level::all() {
        let values = draw.rows(26);
        let left = filled(level, 13, 2, &values);
        for (at, row) in values.iter().enumerate() {
            let most = row.iter().copied().fold(f32::MIN, f32::max);
            let least = row.iter().copied().fold(f32::MAX, f32::min);
            for (column, value) in row.iter().enumerate() {
                let got = left.value(at % 13, at / 13 * PANEL + column);
                close(level, "byte", got, f64::from(*value), f64::from(most - least) / 255.0 * 0.501);
            }
        }
    }
}

#[test]
fn rows_of_one_value_keep_it() {
    for level in Level::all() {
        for value in [0.0, -3.5, 1e-30] {
            let left = filled(level, 3, 1, &[[value; PANEL]; 3]);
            assert!((0..3).all(|row| left.value(row, 9) == value), "{level:?} {value}");
        }
    }
}

#[test]
fn gelu_is_gelu_rounded() {
    let mut draw = Draw(11);
    for level in Level::all() {
        let values: Vec<Row> = draw.rows(9).iter().map(|row| row.map(|value| value * 3.0)).collect();
        let bias = draw.row();
        let mut left = Rows8::default();
        left.shape(9, 1);
        left.group(0).fill_gelu(level, 0, &values, &bias);
        for (at, row) in values.iter().enumerate() {
            let exact: Vec<f64> =
                row.iter().zip(&bias).map(|(value, bias)| gelu(f64::from(*value) + f64::from(*bias))).collect();
            let most = exact.iter().fold(0.0f64, |most, value| most.max(*value)) + 0.17;
            for (column, exact) in exact.iter().enumerate() {
                close(level, "gelu", left.value(at, column), *exact, most / 255.0 * 0.51 + 1e-3);
            }
        }
    }
}

/// By the series of erf, or its limit.
fn gelu(x: f64) -> f64 {
    let z = x / std::f64::consts::SQRT_2;
    if z.abs() > 4.0 {
        return if z > 0.0 { x } else { 0.0 };
    }
    let (mut term, mut sum) = (z, z);
    for n in 1..80 {
        let n = f64::from(n);
        term *= -z * z / n;
        sum += term / (2.0 * n + 1.0);
    }
    0.5 * x * (1.0 + sum * 2.0 / std::f64::consts::PI.sqrt())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn products_are_exact_but_for_rounding(rows in 0usize..20, groups in 1usize..4, panels in 1usize..3, seed in 1u64..) {
        let mut draw = Draw(seed);
        let (inputs, outputs) = (groups * PANEL, panels * PANEL);
        let weights: Vec<f32> = (0..inputs * outputs).map(|_| draw.number()).collect();
        let matrix = Matrix8::pack(Level::best(), inputs, outputs, |output, to| to.copy_from_slice(&weights[output * inputs..(output + 1) * inputs])).unwrap();
        let values = draw.rows(rows * groups);
        let left = filled(Level::scalar(), rows, groups, &values);
        for level in Level::all() {
            for panel in 0..panels {
                let mut out = vec![[0.0; PANEL]; rows];
                for piece in pieces(rows) {
                    matrix.multiply(level, &left, piece.clone(), panel, &mut out[piece]);
                }
                for (row, out) in out.iter().enumerate() {
                    for (column, got) in out.iter().enumerate() {
                        let output = panel * PANEL + column;
                        let exact: f64 = (0..inputs)
                            .map(|input| f64::from(left.value(row, input)) * f64::from(matrix.weight(output, input)))
                            .sum();
                        close(level, "product", *got, exact, 2e-4 * inputs as f64 / 64.0);
                    }
                }
            }
        }
    }

    #[test]
    fn attention_is_attention(rows in 0usize..131, two: bool, seed in 1u64..) {
        let mut draw = Draw(seed);
        let (q, k, v) = (draw.rows(rows), draw.rows(rows), draw.rows(rows));
        let q: Vec<Row> = q.iter().map(|row| row.map(|value| value * 0.2)).collect();
        let (heads, width) = if two { (Heads::Two, 32) } else { (Heads::One, 64) };
        let mut room = Scores::default();
        for level in Level::all() {
            let mut out = vec![[f32::NAN; PANEL]; rows];
            attend(level, heads, &q, &k, &v, &mut out, &mut room);
            for row in [0, 1, rows / 2, rows.saturating_sub(1)].into_iter().filter(|row| *row < rows) {
                for offset in (0..PANEL).step_by(width) {
                    let columns = offset..offset + width;
                    let scores: Vec<f64> = k
                        .iter()
                        .map(|k| columns.clone().map(|c| f64::from(q[row][c]) * f64::from(k[c])).sum())
                        .collect();
                    let most = scores.iter().copied().fold(f64::MIN, f64::max);
                    let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
                    for c in columns {
                        let exact: f64 =
                            scores.iter().zip(&v).map(|(score, v)| (score - most).exp() / sum * f64::from(v[c])).sum();
                        close(level, "attention", out[row][c], exact, 1e-4);
                    }
                }
            }
        }
    }

    #[test]
    fn norms_are_norms(rows in 0usize..40, panels in 1usize..4, seed in 1u64..) {
        let mut draw = Draw(seed);
        let values = draw.rows(rows * panels);
        let (gamma, beta) = (draw.rows(panels), draw.rows(panels));
        for level in Level::all() {
            let mut out = values.clone();
            norm(level, &mut out, rows, &gamma, &beta, 1e-12);
            for row in 0..rows {
                let all = || (0..panels).flat_map(|panel| values[panel * rows + row]).map(f64::from);
                let width = (panels * PANEL) as f64;
                let mean = all().sum::<f64>() / width;
                let deviation = (all().map(|value| (value - mean).powi(2)).sum::<f64>() / width + 1e-12).sqrt();
                for (panel, column) in [(0, 0), (panels - 1, 63)] {
                    let value = f64::from(values[panel * rows + row][column]);
                    let exact = (value - mean) / deviation * f64::from(gamma[panel][column]) + f64::from(beta[panel][column]);
                    close(level, "norm", out[panel * rows + row][column], exact, 1e-4);
                }
            }
        }
    }

    #[test]
    fn sums_are_sums(rows in 0usize..9, with: bool, seed in 1u64..) {
        let mut draw = Draw(seed);
        let (values, bias) = (draw.rows(rows), draw.row());
        let plus = if with { draw.rows(rows) } else { Vec::new() };
        for level in Level::all() {
            let mut out = values.clone();
            add(level, &mut out, &bias, &plus);
            for (at, row) in out.iter().enumerate() {
                for (column, got) in row.iter().enumerate() {
                    let mut exact = values[at][column] + bias[column];
                    exact += plus.get(at).map_or(0.0, |plus| plus[column]);
                    prop_assert_eq!(*got, exact, "{:?}", level);
                }
            }
        }
    }
}

#[test]
fn what_is_no_matrix_is_refused() {
    let half = |_: usize, to: &mut [f32]| to.fill(0.5);
    assert!(Matrix8::pack(Level::best(), 64, 64, half).is_ok());
    for (inputs, outputs) in [(64, 32), (32, 64), (100, 64), (0, 64), (64, 0)] {
        assert!(Matrix8::pack(Level::best(), inputs, outputs, half).is_err(), "{inputs} {outputs}");
    }
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(Matrix8::pack(Level::best(), 64, 64, |_, to| to[17] = bad).is_err(), "{bad}");
    }
}

#[test]
fn pieces_cover_all_rows_and_differ_by_one_at_most() {
    for rows in 0..40 {
        let pieces: Vec<_> = pieces(rows).collect();
        assert_eq!(pieces.iter().map(ExactSizeIterator::len).sum::<usize>(), rows);
        assert!(
            pieces.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].len().abs_diff(pair[1].len()) <= 1)
        );
        assert!(pieces.iter().all(|piece| (1..=6).contains(&piece.len())));
    }
}
