//! In which order do the columns lie? Large ones beside large ones, so that few groups of bytes have a coarse scale.

use super::super::weights::Layer;

/// Place by place, the model's own column.
#[derive(Debug)]
pub(super) struct Order(Vec<usize>);

impl Order {
    /// Largest first, by what the norms make of a column.
    pub(super) fn by_size(hidden: usize, layers: &[Layer<'_>]) -> Order {
        let mut sizes = vec![0.0f32; hidden];
        for layer in layers {
            for norm in [&layer.attention_norm, &layer.output_norm] {
                for ((size, weight), bias) in sizes.iter_mut().zip(&*norm.weight).zip(&*norm.bias) {
                    // A norm's output is mostly within two deviations.
                    *size += bias.abs() + 2.0 * weight.abs();
                }
            }
        }
        let mut columns: Vec<usize> = (0..hidden).collect();
        columns.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
        Order(columns)
    }

    pub(super) fn columns(&self) -> &[usize] {
        &self.0
    }

    pub(super) fn of(&self, values: &[f32]) -> Vec<f32> {
        self.0.iter().map(|&column| values[column]).collect()
    }
}
