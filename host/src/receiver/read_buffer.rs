//! Bytes as they are read from a source, in a buffer that grows for a long piece and goes back to its usual size after it.

use std::io::{self, Read};

/// What was read and isn't consumed.
#[derive(Debug)]
pub struct ReadBuffer {
    /// Space that was read into, up to `filled`.
    space: Vec<u8>,
    filled: usize,
    /// How much space there is when no piece is long.
    usual: usize,
    /// How much space there is at most for a long piece.
    most: usize,
    /// Where `space` begins in the stream.
    position: u64,
}

impl ReadBuffer {
    /// An empty buffer of `usual` bytes, at least 1, which grows to `most` bytes if those are more.
    pub fn new(usual: usize, most: usize) -> Self {
        Self { space: vec![0; usual], filled: 0, usual, most, position: 0 }
    }

    /// The bytes that were read and aren't consumed.
    pub fn read(&self) -> &[u8] {
        &self.space[..self.filled]
    }

    /// Where they begin, in bytes from the start of the stream.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Bytes of memory it holds.
    pub fn capacity(&self) -> usize {
        self.space.len()
    }

    /// How many bytes it must grow by before more can be read; 0 while there is room. It is doubled, and not made as large as it may be at once.
    pub fn wants(&self) -> usize {
        match self.space.len() {
            full if self.filled == full => full.min(self.most.saturating_sub(full)),
            _ => 0,
        }
    }

    /// Grow by as much as it wants.
    pub fn grow(&mut self) {
        let capacity = self.space.len() + self.wants();
        self.space.reserve_exact(self.wants());
        self.space.resize(capacity, 0);
    }

    /// Go back to its usual size after a long piece; says whether it did.
    pub fn shrink(&mut self) -> bool {
        let shrinks = self.space.len() > self.usual && self.filled <= self.usual / 2;
        if shrinks {
            self.space.truncate(self.usual);
            self.space.shrink_to_fit();
        }
        shrinks
    }

    /// As [`ReadBuffer::read_from`], at most `most` bytes, which are at least 1.
    ///
    /// # Errors
    /// Those of the source.
    pub fn read_at_most(&mut self, most: usize, source: &mut impl Read) -> io::Result<usize> {
        let end = self.filled.saturating_add(most.max(1)).min(self.space.len());
        let n = source.read(&mut self.space[self.filled..end])?;
        self.filled += n;
        Ok(n)
    }

    /// Read once; 0 bytes is the end of the stream, where there was room.
    ///
    /// # Errors
    /// Those of the source.
    pub fn read_from(&mut self, source: &mut impl Read) -> io::Result<usize> {
        self.read_at_most(usize::MAX, source)
    }

    /// Forget the first `n` bytes.
    pub fn consume(&mut self, n: usize) {
        self.space.copy_within(n..self.filled, 0);
        self.filled -= n;
        self.position += n as u64;
    }
}
