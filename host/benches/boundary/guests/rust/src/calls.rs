//! Echo, split and sum on every shape. A word is what lies between two blanks, also where it is empty.

use crate::exports::sluicebox_bench::boundary::calls::{Batch, Body, Guest, Line, Number, Table};
use crate::sluicebox_bench::boundary::outlet;
use crate::sluicebox_bench::boundary::shapes::{Column, Node, Text};

/// The ends of words, as the shape at hand wants them: numbers, or their bytes.
trait Offsets {
    fn with_room(n_offsets: usize) -> Self;
    fn add(&mut self, offset: u32);
}

impl Offsets for Vec<u32> {
    fn with_room(n_offsets: usize) -> Self {
        Vec::with_capacity(n_offsets)
    }

    fn add(&mut self, offset: u32) {
        self.push(offset);
    }
}

impl Offsets for Vec<u8> {
    fn with_room(n_offsets: usize) -> Self {
        Vec::with_capacity(n_offsets * 4)
    }

    fn add(&mut self, offset: u32) {
        self.extend_from_slice(&offset.to_le_bytes());
    }
}

/// Words as an Arrow text column.
struct Words<O> {
    rows: u32,
    offsets: O,
    bytes: Vec<u8>,
}

impl<O: Offsets> Words<O> {
    /// No words yet; their bytes will be at most `bytes`.
    fn new(bytes: usize) -> Self {
        let mut offsets = O::with_room(bytes / 4 + 2);
        offsets.add(0);
        Words { rows: 0, offsets, bytes: Vec::with_capacity(bytes) }
    }

    fn push(&mut self, row: &[u8]) {
        for word in row.split(|byte| *byte == b' ') {
            self.bytes.extend_from_slice(word);
            self.offsets.add(self.bytes.len() as u32);
            self.rows += 1;
        }
    }

    fn node(&self) -> Node {
        Node { length: self.rows, null_count: 0 }
    }
}

impl From<Words<Vec<u8>>> for Batch {
    fn from(words: Words<Vec<u8>>) -> Self {
        Batch { rows: words.rows, nodes: vec![words.node()], buffers: vec![Vec::new(), words.offsets, words.bytes] }
    }
}

fn u32_at(bytes: &[u8], index: usize) -> usize {
    let at = index * 4;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default()) as usize
}

fn split_rows(offsets: &[u8], bytes: &[u8]) -> Words<Vec<u8>> {
    let mut words = Words::new(bytes.len());
    let rows = (offsets.len() / 4).saturating_sub(1);
    for row in 0..rows {
        words.push(&bytes[u32_at(offsets, row)..u32_at(offsets, row + 1)]);
    }
    words
}

fn sum_bytes(values: &[u8]) -> i64 {
    let (values, _) = values.as_chunks::<8>();
    values.iter().fold(0, |sum: i64, value| sum.wrapping_add(i64::from_le_bytes(*value)))
}

fn range(body: &Body, index: usize) -> &[u8] {
    let (start, end) = body.ranges[index];
    &body.bytes[start as usize..end as usize]
}

impl Guest for crate::Guest {
    fn nothing() {}

    fn take(input: Batch) -> u32 {
        input.rows
    }

    fn take_body(input: Body) -> u32 {
        input.rows
    }

    fn take_table(input: Table) -> u32 {
        input.rows
    }

    fn echo(input: Batch) -> Batch {
        input
    }

    fn echo_body(input: Body) -> Body {
        input
    }

    fn echo_table(input: Table) -> Table {
        input
    }

    fn echo_strings(input: Vec<String>) -> Vec<String> {
        input
    }

    fn echo_lines(input: Vec<Line>) -> Vec<Line> {
        input
    }

    fn echo_numbers(input: Vec<Number>) -> Vec<Number> {
        input
    }

    fn echo_emit(input: Batch) {
        outlet::emit(&input);
    }

    fn echo_emit_body(input: Body) {
        outlet::emit_body(&input);
    }

    fn split(input: Batch) -> Batch {
        split_rows(&input.buffers[1], &input.buffers[2]).into()
    }

    fn split_body(input: Body) -> Body {
        let words = split_rows(range(&input, 1), range(&input, 2));
        let (rows, nodes) = (words.rows, vec![words.node()]);
        let mut bytes = words.offsets;
        let middle = bytes.len() as u32;
        bytes.extend_from_slice(&words.bytes);
        Body { rows, nodes, ranges: vec![(0, 0), (0, middle), (middle, bytes.len() as u32)], bytes }
    }

    fn split_table(input: Table) -> Table {
        let mut columns = Vec::with_capacity(1);
        let mut rows = 0;
        if let Some(Column::Utf8(text)) = input.columns.first() {
            let mut words = Words::<Vec<u32>>::new(text.bytes.len());
            for ends in text.offsets.windows(2) {
                words.push(&text.bytes[ends[0] as usize..ends[1] as usize]);
            }
            rows = words.rows;
            columns.push(Column::Utf8(Text { validity: None, offsets: words.offsets, bytes: words.bytes }));
        }
        Table { rows, columns }
    }

    fn split_strings(input: Vec<String>) -> Vec<String> {
        input.iter().flat_map(|line| line.split(' ')).map(str::to_owned).collect()
    }

    fn split_lines(input: Vec<Line>) -> Vec<Line> {
        input.iter().flat_map(|line| line.value.split(' ')).map(|word| Line { value: word.to_owned() }).collect()
    }

    fn split_emit(input: Batch) {
        outlet::emit(&Batch::from(split_rows(&input.buffers[1], &input.buffers[2])));
    }

    fn sum(input: Batch) -> i64 {
        sum_bytes(&input.buffers[1])
    }

    fn sum_body(input: Body) -> i64 {
        sum_bytes(range(&input, 1))
    }

    fn sum_table(input: Table) -> i64 {
        match input.columns.first() {
            Some(Column::Int64(ints)) => ints.values.iter().fold(0, |sum, value| sum.wrapping_add(*value)),
            _ => 0,
        }
    }

    fn sum_numbers(input: Vec<Number>) -> i64 {
        input.iter().fold(0, |sum, number| sum.wrapping_add(number.value))
    }
}
