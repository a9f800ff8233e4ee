//! Cuts bytes into lines of UTF-8 text, fast: newlines are found many bytes at a time, text is validated a buffer at a time, and each byte is
//! copied once, from the buffer it was read into to the block it ends up in.
//!
//! A line ends with `\n`; a `\r` before it belongs to the end. A line that isn't valid UTF-8, or is longer than the limit, is dropped and counted.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, BinaryArray, RecordBatch, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::error::{Error, Result};
use crate::receiver::block::BlockBuilder;
use crate::receiver::messages;
use crate::receiver::read_buffer::ReadBuffer;

/// The schema of a stream of lines: one column, `value`.
pub fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> =
        LazyLock::new(|| Arc::new(Schema::new(vec![Field::new("value", DataType::Utf8, false)])));
    Arc::clone(&SCHEMA)
}

/// Lines, or messages, on their way to be a record batch of one column. Only valid UTF-8 gets in as lines, by [`LineBlock::push`] or from a [`LineBuffer`].
#[derive(Debug)]
pub struct LineBlock {
    data: Vec<u8>,
    /// Where each line ends in `data`, after a leading 0.
    offsets: Vec<i32>,
    /// Whether a message was ever added, which can be any bytes: all rows are bytes then, for good.
    is_bytes: bool,
}

impl Default for LineBlock {
    fn default() -> Self {
        Self { data: Vec::new(), offsets: vec![0], is_bytes: false }
    }
}

impl LineBlock {
    /// The most bytes of text a block can hold: its offsets have 31 bits.
    pub const MAX_BYTES: u64 = i32::MAX as u64;

    /// Add a line. One that isn't valid UTF-8 isn't added; says whether it was.
    pub fn push(&mut self, line: &[u8]) -> bool {
        let valid = simdutf8::basic::from_utf8(line).is_ok();
        if valid {
            self.push_valid(line);
        }
        valid
    }

    /// Add a message, whatever its bytes are.
    pub fn push_message(&mut self, message: &[u8]) {
        self.is_bytes = true;
        self.push_valid(message);
    }

    /// Make room for so many more rows and bytes.
    pub(super) fn reserve(&mut self, rows: usize, bytes: usize) {
        self.data.reserve(bytes);
        self.offsets.reserve(rows);
    }

    /// Add a line that is known to be valid UTF-8, or a message in a block of them. What doesn't fit into 31 bits isn't added: callers keep blocks far smaller.
    #[inline]
    fn push_valid(&mut self, line: &[u8]) {
        if let Ok(end) = i32::try_from(self.data.len() + line.len()) {
            self.data.extend_from_slice(line);
            self.offsets.push(end);
        }
    }
}

impl BlockBuilder for LineBlock {
    type Mark = ();

    fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    fn bytes(&self) -> usize {
        self.data.len() + 4 * self.rows()
    }

    fn take(&mut self) -> Result<(RecordBatch, ())> {
        let rows = self.rows();
        let data = take_buffer(&mut self.data);
        let offsets = ScalarBuffer::from(take_buffer(&mut self.offsets));
        self.offsets.push(0);
        // Checks that they grow, in a small part of the time that copying the lines took.
        let offsets = OffsetBuffer::new(offsets);
        if self.is_bytes {
            let messages = BinaryArray::try_new(offsets, data, None).map_err(Error::failed)?;
            let rows = RecordBatch::try_new(messages::schema(), vec![Arc::new(messages)]);
            return Ok((rows.map_err(Error::failed)?, ()));
        }
        // SAFETY: the offsets grow and end at the data's length, as both are only written by push_valid; the bytes between any two are a whole
        // line, which its callers have validated as UTF-8, since no message was ever added.
        let lines = unsafe { StringArray::new_unchecked(offsets, data, None) };
        debug_assert_eq!(lines.len(), rows);
        Ok((RecordBatch::try_new(schema(), vec![Arc::new(lines)]).map_err(Error::failed)?, ()))
    }

    fn position(_: &()) -> &[u8] {
        &[]
    }
}

/// The vector's content as a buffer. A vector that is less than half full is copied from and kept for the next block, so that a small block
/// doesn't hold a large one's memory.
fn take_buffer<T: arrow::datatypes::ArrowNativeType>(vec: &mut Vec<T>) -> Buffer {
    if vec.len() < vec.capacity() / 2 {
        let buffer = Buffer::from_slice_ref(&*vec);
        vec.clear();
        buffer
    } else {
        let capacity = vec.capacity();
        Buffer::from_vec(std::mem::replace(vec, Vec::with_capacity(capacity)))
    }
}

/// Cuts bytes, as they are read, into pieces that are rows of a [`LineBlock`]: lines or messages.
pub trait Splitter {
    /// What was read, and isn't taken.
    fn buffer(&self) -> &ReadBuffer;

    /// The same, to be read into.
    fn buffer_mut(&mut self) -> &mut ReadBuffer;

    /// Look for whole pieces in what was read.
    fn chunk(&mut self) -> Found;

    /// At the end of the stream: what is left is a piece too where pieces need no end.
    fn finish(&mut self) -> Found;

    /// At the end of the stream, once it is finished: where the piece began that it has cut off, if it has.
    fn cut_off(&self) -> Option<u64>;

    /// Move the pieces that were found to `block`.
    fn take_into(&mut self, block: &mut LineBlock) -> Taken;
}

/// Bytes as they are read, cut into chunks of whole lines.
#[derive(Debug)]
pub struct LineBuffer {
    buffer: ReadBuffer,
    /// How many of the bytes that were read were looked at for newlines.
    scanned: usize,
    /// The most bytes a line may have, without its end.
    max_line: usize,
    /// Whether the line being read is over the limit and dropped up to its end.
    skipping: bool,
    /// Where each line of the current chunk ends in what was read: at its newline.
    ends: Vec<u32>,
}

/// What [`Splitter::chunk`] finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Whole pieces; [`Splitter::take_into`] takes them.
    Lines {
        /// The most bytes that they take in a block.
        bytes: u64,
    },
    /// No piece has ended; read on.
    Nothing,
    /// The piece that began at this position of the stream is over the limit, and is dropped up to its end. Look again.
    TooLong {
        /// In bytes from the start of the stream.
        position: u64,
    },
}

/// What became of a chunk's pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Pieces added.
    pub lines: u64,
    /// Lines dropped as they aren't valid UTF-8, and where in the stream the first began.
    pub invalid: Option<(u64, u64)>,
    /// Lines dropped as they are over the limit, and where in the stream the first began.
    pub too_long: Option<(u64, u64)>,
}

impl LineBuffer {
    /// A buffer that reads up to `capacity` bytes at a time, at least 1, for lines of at most `max_line` bytes, at most 1 GiB.
    pub fn new(capacity: usize, max_line: usize) -> Self {
        let max_line = max_line.min(1 << 30);
        // Two bytes more than a line may have: a carriage return, and one that shows that the line is over the limit.
        let buffer = ReadBuffer::new(capacity.max(1), max_line + 2);
        Self { buffer, scanned: 0, max_line, skipping: false, ends: Vec::new() }
    }

    /// Drop up to the end of a line that is over the limit; says whether it was found.
    fn skip(&mut self) -> bool {
        let end = memchr::memchr(b'\n', self.buffer.read());
        self.consume(end.map_or(self.buffer.read().len(), |at| at + 1));
        self.skipping = end.is_none();
        !self.skipping
    }

    fn consume(&mut self, n: usize) {
        self.buffer.consume(n);
        self.scanned = self.scanned.saturating_sub(n);
        self.ends.clear();
    }
}

impl Splitter for LineBuffer {
    fn buffer(&self) -> &ReadBuffer {
        &self.buffer
    }

    fn buffer_mut(&mut self) -> &mut ReadBuffer {
        &mut self.buffer
    }

    fn chunk(&mut self) -> Found {
        if self.skipping && !self.skip() {
            return Found::Nothing;
        }
        self.ends.clear();
        let (from, read) = (self.scanned, self.buffer.read());
        // The buffer is hardly larger than the longest line, and so its offsets fit into 32 bits.
        self.ends.extend(memchr::memchr_iter(b'\n', &read[from..]).map(|at| (from + at) as u32));
        self.scanned = read.len();
        if let Some(last) = self.ends.last() {
            return Found::Lines { bytes: u64::from(*last) + 4 * self.ends.len() as u64 };
        }
        // A carriage return may yet turn out to belong to the line's end.
        if self.scanned > self.max_line + 1 {
            self.skipping = true;
            let position = self.buffer.position();
            self.consume(self.scanned);
            return Found::TooLong { position };
        }
        Found::Nothing
    }

    fn finish(&mut self) -> Found {
        let n_read = self.buffer.read().len();
        if self.skipping || n_read == 0 {
            return Found::Nothing;
        }
        self.ends.clear();
        self.ends.push(n_read as u32);
        Found::Lines { bytes: n_read as u64 + 4 }
    }

    fn cut_off(&self) -> Option<u64> {
        None
    }

    fn take_into(&mut self, block: &mut LineBlock) -> Taken {
        let Some(last) = self.ends.last().map(|last| *last as usize) else { return Taken::default() };
        let rows = block.rows();
        let mut taken = Taken::default();
        block.reserve(self.ends.len(), last);
        let (read, position) = (self.buffer.read(), self.buffer.position());
        // Newlines are ASCII, so a valid text's lines are valid.
        let valid = simdutf8::basic::from_utf8(&read[..last]).is_ok();
        let (mut start, max_line) = (0, self.max_line);
        for end in &self.ends {
            let end = *end as usize;
            let line = &read[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let dropped = if line.len() > max_line {
                Some(&mut taken.too_long)
            } else if valid {
                block.push_valid(line);
                None
            } else if block.push(line) {
                None
            } else {
                Some(&mut taken.invalid)
            };
            if let Some(dropped) = dropped {
                let at = position + start as u64;
                dropped.get_or_insert((0, at)).0 += 1;
            }
            start = end + 1;
        }
        taken.lines = (block.rows() - rows) as u64;
        self.consume((last + 1).min(self.buffer.read().len()));
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Reads `input` in pieces of `piece` bytes; returns the lines, and how many were invalid and too long.
    fn read(input: &[u8], piece: usize, max_line: usize) -> (Vec<String>, u64, u64) {
        let (mut buffer, mut block) = (LineBuffer::new(piece, max_line), LineBlock::default());
        let (mut invalid, mut too_long) = (0, 0);
        let mut rest = input;
        loop {
            if buffer.buffer.wants() > 0 {
                buffer.buffer.grow();
            }
            assert!(buffer.buffer.capacity() <= (max_line + 2).max(piece));
            let n = buffer.buffer.read_from(&mut (&mut rest).take(piece as u64)).unwrap();
            buffer.buffer.shrink();
            let end = n == 0;
            loop {
                match if end { buffer.finish() } else { buffer.chunk() } {
                    Found::Lines { bytes } => {
                        let before = block.bytes() as u64;
                        let taken = buffer.take_into(&mut block);
                        assert!(block.bytes() as u64 - before <= bytes);
                        invalid += taken.invalid.map_or(0, |(n, _)| n);
                        too_long += taken.too_long.map_or(0, |(n, _)| n);
                    }
                    Found::TooLong { .. } => too_long += 1,
                    Found::Nothing => break,
                }
            }
            if end {
                break;
            }
        }
        let (batch, ()) = block.take().unwrap();
        batch.column(0).to_data().validate_full().unwrap();
        let lines = batch
            .column(0)
            .as_any()
            .downcast_ref::<StringArray>()
            .unwrap()
            .iter()
            .flatten()
            .map(str::to_owned)
            .collect();
        (lines, invalid, too_long)
    }

    #[test]
    fn lines_are_the_same_in_pieces_of_any_size() {
        let input = "a b\r\n\nzwölf\r\r\n\u{1F980}\n\r\nlast".as_bytes();
        for piece in 1..=input.len() {
            let (lines, ..) = read(input, piece, 100);
            assert_eq!(lines, ["a b", "", "zwölf\r", "\u{1F980}", "", "last"], "in pieces of {piece}");
        }
        assert_eq!(read(b"", 10, 100).0, [""; 0]);
        assert_eq!(read(b"\n", 10, 100).0, [""]);
    }

    #[test]
    fn invalid_lines_are_dropped_alone() {
        for piece in [1, 3, 64] {
            // The second is cut within a character, the fourth would be valid only together with the fifth.
            assert_eq!(
                read(b"one\n\xE2\x82\nthree\nx\xC3\n\xA9\nsix\n\xFF", piece, 100),
                (vec!["one".into(), "three".into(), "six".into()], 4, 0)
            );
        }
    }

    #[test]
    fn long_lines_are_dropped_to_their_end() {
        let long = "y".repeat(6);
        let input = format!("short\n{long}\nfits!\r\n{}\nend\n{}", "z".repeat(500), "z".repeat(50));
        for piece in [1, 2, 5, 7, 64, 1000] {
            assert_eq!(
                read(input.as_bytes(), piece, 5),
                (vec!["short".into(), "fits!".into(), "end".into()], 0, 3),
                "in pieces of {piece}"
            );
        }
    }

    #[test]
    fn positions_count_from_the_start_of_the_stream() {
        let (mut buffer, mut block) = (LineBuffer::new(64, 100), LineBlock::default());
        let mut read = |text: &[u8]| {
            let mut text = text;
            buffer.buffer.read_from(&mut text).unwrap();
            assert!(matches!(buffer.chunk(), Found::Lines { .. }));
            buffer.take_into(&mut block)
        };
        assert_eq!(read(b"0123\n"), Taken { lines: 1, ..Taken::default() });
        assert_eq!(read(b"ok\n\xFF\n\xFF\nok\n"), Taken { lines: 2, invalid: Some((2, 8)), too_long: None });
    }

    #[test]
    fn a_small_block_keeps_the_large_vector_for_the_next() {
        let mut block = LineBlock::default();
        block.data.reserve(1 << 20);
        block.push(b"one");
        assert!(block.take().unwrap().0.get_array_memory_size() < 4096);
        assert!(block.data.capacity() >= 1 << 20);
    }
}
