//! Rows as buffers: numbers read, numbers and texts made.

use sluicebox_sdk::data::{Batch, Node};

/// The numbers of a batch of one column.
pub fn numbers(batch: &Batch) -> Vec<i64> {
    let (values, _) = batch.buffers[1].as_chunks();
    values.iter().map(|value| i64::from_le_bytes(*value)).collect()
}

/// A column of numbers without nulls.
pub fn number_column(numbers: &[i64]) -> Batch {
    let rows = numbers.len() as u32;
    let values = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Batch { rows, nodes: vec![Node { length: rows, null_count: 0 }], buffers: vec![vec![], values] }
}

/// Numbers, and a text for each. The buffers are: validity and values of the numbers; validity, offsets and bytes of the texts.
pub fn made(numbers: &[i64]) -> Batch {
    let texts: Vec<String> = numbers.iter().map(|number| format!("n{number}")).collect();
    let mut batch = number_column(numbers);
    batch.nodes.push(batch.nodes[0]);
    let mut end = 0_u32;
    let ends = texts.iter().map(|text| {
        end += text.len() as u32;
        end
    });
    let offsets = std::iter::once(0).chain(ends).flat_map(u32::to_le_bytes).collect();
    batch.buffers.extend([vec![], offsets, texts.concat().into_bytes()]);
    batch
}

/// The first `n` offsets of a batch that was [`made`] become those.
pub fn set_offsets(batch: &mut Batch, offsets: &[i32]) {
    for (to, offset) in batch.buffers[3].as_chunks_mut().0.iter_mut().zip(offsets) {
        *to = offset.to_le_bytes();
    }
}
