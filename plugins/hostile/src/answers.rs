//! What an operator can return that is wrong.

use crate::acts::{Act, Deeds};
use crate::memory::misplace;
use crate::rows::{made, set_offsets};
use sluicebox_sdk::bindings::transform::exports::sluicebox::operator::transform::{
    Binding, Expansion, Output, Rejection, Rows,
};
use sluicebox_sdk::data::{Batch, DataType, Field};

/// A binding, with what is to be wrong with it.
pub fn binding(deeds: &Deeds, mut binding: Binding) -> Binding {
    let nested = |data_type, children| Field { name: "c".to_owned(), data_type, nullable: true, children };
    match deeds.act {
        Act::BindColumnBeyond => binding.columns = vec![7],
        Act::BindManyColumns => {
            binding.output =
                (0..20_000).map(|n| Field { name: format!("c{n}"), ..nested(DataType::Int64, 0) }).collect();
        }
        Act::BindDeep => {
            binding.output = vec![nested(DataType::List, 1); 1000];
            binding.output.push(nested(DataType::Int64, 0));
        }
        Act::BindNoName => binding.output[0].name.clear(),
        Act::BindLongName => binding.output[0].name = "long".repeat(250_000),
        _ => {}
    }
    binding
}

/// What a call for `n_rows` rows returns, with what is to be wrong with it. There are at least two rows.
pub fn output(deeds: &Deeds, mut output: Output, n_rows: u32) -> Output {
    let all = || (0..n_rows).collect::<Vec<u32>>();
    let reject = |rows: &[u32], reason: &str| {
        rows.iter().map(|row| Rejection { row: *row, reason: reason.to_owned() }).collect::<Vec<_>>()
    };
    match (deeds.act, &mut output.rows) {
        (Act::OtherRows, Rows::Made(_)) => output.rows = Rows::Kept(all()),
        (Act::OtherRows, Rows::Kept(_)) => output.rows = Rows::Made(made(&[1])),
        (Act::OtherRows, Rows::Expanded(expansion)) => output.rows = Rows::Made(expansion.rows.clone()),
        (Act::Expanded, rows) => {
            *rows = Rows::Expanded(Expansion { rows: made(&vec![0; n_rows as usize]), ends: (1..=n_rows).collect() });
        }
        (act, Rows::Expanded(Expansion { ends, .. })) if act.is_of_ends() => spoil_ends(act, ends),
        (Act::KeptBeyond, _) => output.rows = Rows::Kept(vec![0, n_rows]),
        (Act::KeptDescend, _) => output.rows = Rows::Kept(vec![1, 0]),
        (Act::KeptTwice, _) => output.rows = Rows::Kept(vec![1, 1]),
        (Act::RejectedBeyond, _) => output.rejected = reject(&[0, u32::MAX], "why not"),
        (Act::RejectedDescend, _) => output.rejected = reject(&[1, 0], "why not"),
        (Act::KeptAndRejected, _) => output.rejected = reject(&[1], "why not"),
        (Act::RejectedAtLength, Rows::Made(batch)) => {
            *batch = made(&vec![0; n_rows as usize - 1]);
            output.rejected = reject(&[0], &"\u{1b}[31mno\n".repeat(125_000));
        }
        (act, Rows::Made(batch) | Rows::Expanded(Expansion { rows: batch, .. })) => spoil(act, batch),
        _ => {}
    }
    if deeds.act == Act::EndsOfRejected {
        output.rejected = reject(&[1], "why not");
    }
    output
}

/// Spoil where each row's rows end; there is one of each.
fn spoil_ends(act: Act, ends: &mut Vec<u32>) {
    match act {
        Act::EndsMissing => ends.clear(),
        Act::EndsTooMany => ends.extend(ends.last().copied()),
        Act::EndsDescend => ends[0] = 3,
        Act::EndsBeyond => ends.iter_mut().for_each(|end| *end = u32::MAX),
        Act::EndsBefore => ends.iter_mut().for_each(|end| *end -= 1),
        _ => {}
    }
}

/// Spoil rows that were made.
pub fn spoil(act: Act, batch: &mut Batch) {
    let n_rows = batch.rows as usize;
    match act {
        Act::MoreRows => *batch = made(&vec![0; n_rows + 1]),
        Act::FewerRows => *batch = made(&[]),
        Act::RowsDiffer => batch.nodes[1].length += 1,
        Act::OffsetsDescend => set_offsets(batch, &[0, 2, 1]),
        Act::OffsetsBeyond => {
            let mut offsets = vec![i32::MAX; n_rows + 1];
            offsets[0] = 0;
            set_offsets(batch, &offsets);
        }
        Act::OffsetsNegative => set_offsets(batch, &[i32::MIN]),
        Act::OffsetsShort => batch.buffers[3].truncate(n_rows * 4),
        Act::NoUtf8 => batch.buffers[4].fill(0xff),
        Act::CharacterCut => {
            let end = batch.buffers[4].len();
            batch.buffers[4].clear();
            batch.buffers[4].resize(end, b'a');
            batch.buffers[4][..4].copy_from_slice("aéa".as_bytes());
            set_offsets(batch, &[0, 2]);
        }
        Act::Null => {
            batch.nodes[1].null_count = 1;
            batch.buffers[2] = vec![0xff; n_rows.div_ceil(8)];
            batch.buffers[2][0] = 0xfe;
        }
        Act::NullCount => batch.nodes[0].null_count = u32::MAX,
        Act::ColumnMissing => {
            batch.nodes.truncate(1);
            batch.buffers.truncate(2);
        }
        Act::BufferTooMany => batch.buffers.push(vec![1, 2, 3]),
        Act::ValuesShort => batch.buffers[1].truncate(n_rows * 8 - 1),
        Act::Output => {
            batch.buffers[4] = vec![b'a'; 8 << 20];
            set_offsets(batch, &[0, 8 << 20]);
        }
        Act::Buffers => batch.buffers = vec![vec![]; 1_000_000],
        _ => misplace(act, batch),
    }
}

/// What comes at the end of a partition.
pub fn held_back(deeds: &Deeds) -> Option<Batch> {
    match deeds.act {
        Act::HeldBack => Some(made(&[1])),
        Act::HeldBackNothing => Some(made(&[])),
        _ => None,
    }
}
