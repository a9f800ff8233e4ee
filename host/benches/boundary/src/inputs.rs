//! Made-up data, the same in every run, and what the workloads make of it by hand.

use crate::shapes::{Line, Node, Number};

/// A column of text as Arrow has it.
pub struct TextColumn {
    pub offsets: Vec<u32>,
    pub bytes: Vec<u8>,
}

impl TextColumn {
    pub fn rows(&self) -> u32 {
        self.offsets.len() as u32 - 1
    }

    pub fn node(&self) -> Node {
        Node { length: self.rows(), null_count: 0 }
    }

    pub fn offset_bytes(&self) -> Vec<u8> {
        self.offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect()
    }

    pub fn strings(&self) -> Vec<String> {
        let ends = self.offsets.windows(2);
        ends.map(|ends| String::from_utf8_lossy(&self.bytes[ends[0] as usize..ends[1] as usize]).into_owned()).collect()
    }

    pub fn lines(&self) -> Vec<Line<String>> {
        self.strings().into_iter().map(|value| Line { value }).collect()
    }

    /// Every row's words, split at each blank.
    pub fn split(&self) -> TextColumn {
        let mut words = TextColumn {
            offsets: Vec::with_capacity(self.bytes.len() / 4 + 2),
            bytes: Vec::with_capacity(self.bytes.len()),
        };
        words.offsets.push(0);
        for ends in self.offsets.windows(2) {
            for word in self.bytes[ends[0] as usize..ends[1] as usize].split(|byte| *byte == b' ') {
                words.bytes.extend_from_slice(word);
                words.offsets.push(words.bytes.len() as u32);
            }
        }
        words
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Rows of ten words, 59 bytes on average: 17,800 rows are 1 MiB.
pub fn text(rows: usize) -> TextColumn {
    let mut random = Random(12_345);
    let mut column = TextColumn { offsets: vec![0], bytes: Vec::new() };
    for _ in 0..rows {
        let words: Vec<String> =
            (0..10).map(|_| format!("w{}", (random.next() % 5_000) * (random.next() % 3))).collect();
        column.bytes.extend_from_slice(words.join(" ").as_bytes());
        column.offsets.push(column.bytes.len() as u32);
    }
    column
}

/// An int64 column; small enough numbers that JavaScript's are exact, and their sum too.
pub fn ints(rows: usize) -> Vec<i64> {
    let mut random = Random(54_321);
    (0..rows).map(|_| (random.next() % 2_000_001) as i64 - 1_000_000).collect()
}

pub fn int_bytes(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub fn numbers(values: &[i64]) -> Vec<Number> {
    values.iter().map(|value| Number { value: *value }).collect()
}
