//! Pieces of bytes that say nothing of what is in them: one column, `value`. Cuts bytes into messages that each follow their length, as four bytes, the highest
//! first.
//!
//! A message that is longer than the limit is dropped and counted, and what follows it is read on; so is one that the end of the stream cuts off.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::block::BlockBuilder;
use super::lines::{Found, LineBlock, Splitter, Taken};
use super::read_buffer::ReadBuffer;

/// Bytes of a length.
const PREFIX: usize = 4;

/// The schema of a stream of pieces of bytes: one column, `value`.
pub fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> =
        LazyLock::new(|| Arc::new(Schema::new(vec![Field::new("value", DataType::Binary, false)])));
    Arc::clone(&SCHEMA)
}

/// Bytes as they are read, cut into chunks of whole messages.
#[derive(Debug)]
pub struct MessageBuffer {
    /// What was read begins with a length, unless a message is being dropped.
    buffer: ReadBuffer,
    /// The most bytes a message may have, without its length.
    max_message: usize,
    /// Bytes of the message over the limit that are still to be dropped.
    to_skip: u64,
    /// Where each message of the current chunk ends in what was read.
    ends: Vec<usize>,
}

impl MessageBuffer {
    /// A buffer that reads up to `capacity` bytes at a time, at least 4, for messages of at most `max_message` bytes, at most 1 GiB.
    pub fn new(capacity: usize, max_message: usize) -> Self {
        let max_message = max_message.min(1 << 30);
        let buffer = ReadBuffer::new(capacity.max(PREFIX), max_message + PREFIX);
        Self { buffer, max_message, to_skip: 0, ends: vec![] }
    }

    /// The length that stands at `at`, if all of it was read.
    fn length_at(&self, at: usize) -> Option<usize> {
        let prefix = self.buffer.read()[at..].first_chunk::<PREFIX>()?;
        usize::try_from(u32::from_be_bytes(*prefix)).ok()
    }

    /// Drop what was read of the message that is over the limit; says whether that was all of it.
    fn skip(&mut self) -> bool {
        let n_read = self.buffer.read().len();
        let n = usize::try_from(self.to_skip).map_or(n_read, |left| left.min(n_read));
        self.consume(n);
        self.to_skip -= n as u64;
        self.to_skip == 0
    }

    fn consume(&mut self, n: usize) {
        self.buffer.consume(n);
        self.ends.clear();
    }
}

impl Splitter for MessageBuffer {
    fn buffer(&self) -> &ReadBuffer {
        &self.buffer
    }

    fn buffer_mut(&mut self) -> &mut ReadBuffer {
        &mut self.buffer
    }

    fn chunk(&mut self) -> Found {
        if !self.skip() {
            return Found::Nothing;
        }
        self.ends.clear();
        let mut at = 0;
        while let Some(length) = self.length_at(at) {
            let is_whole = length <= self.buffer.read().len() - at - PREFIX;
            if length > self.max_message && at == 0 {
                let position = self.buffer.position();
                self.to_skip = (PREFIX + length) as u64;
                self.skip();
                return Found::TooLong { position };
            }
            if length > self.max_message || !is_whole {
                break;
            }
            at += PREFIX + length;
            self.ends.push(at);
        }
        // A row's offset takes as much as its length does.
        if at == 0 { Found::Nothing } else { Found::Lines { bytes: at as u64 } }
    }

    fn finish(&mut self) -> Found {
        Found::Nothing
    }

    fn cut_off(&self) -> Option<u64> {
        // What was over the limit is counted already.
        (!self.buffer.read().is_empty() && self.to_skip == 0).then_some(self.buffer.position())
    }

    fn take_into(&mut self, block: &mut LineBlock) -> Taken {
        let Some(last) = self.ends.last().copied() else { return Taken::default() };
        let rows = block.rows();
        block.reserve(self.ends.len(), last);
        let mut start = 0;
        for end in &self.ends {
            block.push_message(&self.buffer.read()[start + PREFIX..*end]);
            start = *end;
        }
        self.consume(last);
        Taken { lines: (block.rows() - rows) as u64, ..Taken::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use arrow::array::AsArray;

    use super::*;

    fn framed(messages: &[&[u8]]) -> Vec<u8> {
        let framed = |message: &&[u8]| [&u32::try_from(message.len()).unwrap().to_be_bytes(), *message].concat();
        messages.iter().flat_map(framed).collect()
    }

    /// Reads `input` in pieces of `piece` bytes; returns the messages, where those over the limit began, and where one was cut off.
    fn read(input: &[u8], piece: usize, max_message: usize) -> (Vec<Vec<u8>>, Vec<u64>, Option<u64>) {
        let (mut buffer, mut block) = (MessageBuffer::new(piece, max_message), LineBlock::default());
        let (mut too_long, mut rest) = (vec![], input);
        loop {
            if buffer.buffer.wants() > 0 {
                buffer.buffer.grow();
            }
            assert!(buffer.buffer.capacity() <= (max_message + PREFIX).max(piece));
            let n = buffer.buffer.read_from(&mut (&mut rest).take(piece as u64)).unwrap();
            if n == 0 {
                break;
            }
            loop {
                match buffer.chunk() {
                    Found::Lines { bytes } => {
                        let before = block.bytes() as u64;
                        buffer.take_into(&mut block);
                        assert!(block.bytes() as u64 - before <= bytes);
                    }
                    Found::TooLong { position } => too_long.push(position),
                    Found::Nothing => break,
                }
            }
            buffer.buffer.shrink();
        }
        assert_eq!(buffer.finish(), Found::Nothing);
        let read = match block.rows() {
            0 => vec![],
            _ => block.take().unwrap().0.column(0).as_binary::<i32>().iter().flatten().map(<[u8]>::to_vec).collect(),
        };
        (read, too_long, buffer.cut_off())
    }

    #[test]
    fn messages_are_the_same_in_pieces_of_any_size() {
        let messages: [&[u8]; 5] = [b"one", b"", b"\xFF\xFE\n\0", b"0123456789", b"last"];
        let input = framed(&messages);
        for piece in 1..=input.len() {
            let (read, too_long, cut_off) = read(&input, piece, 10);
            assert_eq!((read.as_slice(), too_long.len(), cut_off), (messages.map(<[u8]>::to_vec).as_slice(), 0, None));
        }
    }

    #[test]
    fn long_messages_are_dropped_to_their_end() {
        let long = [b'x'; 500];
        let input = framed(&[b"before", &long[..7], b"fits!!", &long, &long, b"after"]);
        for piece in [1, 3, 4, 5, 64, 1000, 2000] {
            let (read, too_long, cut_off) = read(&input, piece, 6);
            assert_eq!(read, [b"before".to_vec(), b"fits!!".to_vec(), b"after".to_vec()], "in pieces of {piece}");
            assert_eq!((too_long, cut_off), (vec![10, 31, 535], None));
        }
        // The longest that can be said, of which nothing comes.
        assert_eq!(read(&[0xFF; 4], 64, 6), (vec![], vec![0], None));
    }

    #[test]
    fn what_the_end_cuts_off_is_told() {
        let input = framed(&[b"whole", b"cut off"]);
        for end in 10..input.len() {
            assert_eq!(read(&input[..end], 4, 100), (vec![b"whole".to_vec()], vec![], Some(9)), "{end}");
        }
        assert_eq!(read(&input[..9], 4, 100), (vec![b"whole".to_vec()], vec![], None));
    }

    #[test]
    fn a_block_that_had_a_message_never_is_text() {
        let mut block = LineBlock::default();
        block.push_message(b"\xFF");
        block.take().unwrap();
        block.push(b"text");
        assert_eq!(block.take().unwrap().0.schema(), schema());
    }
}
