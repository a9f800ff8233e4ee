//! Reads files of records of a fixed length, which have nothing between them.
//!
//! A part of a file has the records that begin in it, so that no record is split between partitions. A file that ends inside a record is not what it is said to
//! be, and none of its records is taken: which of them is the broken one can't be known.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{BinaryArray, RecordBatch};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::SchemaRef;

/// The records of a part of a file, some at a time.
#[derive(Debug)]
pub struct Records<F> {
    file: F,
    length: usize,
    /// Records that are left.
    left: u64,
    /// The most records at a time.
    at_once: usize,
}

impl<F: Read + Seek> Records<F> {
    /// The records of `length` bytes that begin in `part` of a file of `size` bytes, about `bytes` at a time.
    ///
    /// # Errors
    /// When the file ends inside a record, and those of the file.
    pub fn new(mut file: F, size: u64, part: Range<u64>, length: NonZeroU32, bytes: usize) -> Result<Self> {
        let each = u64::from(length.get());
        if !size.is_multiple_of(each) {
            let message = format!("it has {size} bytes, which is no multiple of record-length, {each}");
            return Err(Error::new(ErrorKind::InvalidData, message));
        }
        let (first, end) = (part.start.div_ceil(each), part.end.min(size).div_ceil(each));
        file.seek(SeekFrom::Start(first * each))?;
        let length = usize::try_from(length.get()).map_err(Error::other)?;
        Ok(Self { file, length, left: end.saturating_sub(first), at_once: (bytes / length).max(1) })
    }

    /// The next records, as rows of `schema`; none at the end of the part.
    ///
    /// # Errors
    /// Those of the file, also when it ends early.
    pub fn next(&mut self, schema: &SchemaRef) -> Result<Option<RecordBatch>> {
        let n = usize::try_from(self.left).map_or(self.at_once, |left| left.min(self.at_once));
        if n == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; n * self.length];
        self.file.read_exact(&mut bytes)?;
        self.left -= n as u64;
        let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(self.length, n));
        let values = BinaryArray::try_new(offsets, Buffer::from_vec(bytes), None).map_err(Error::other)?;
        RecordBatch::try_new(schema.clone(), vec![Arc::new(values)]).map(Some).map_err(Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiver::messages;
    use arrow::array::AsArray;
    use std::io::Cursor;

    fn read(content: &str, part: Range<u64>, length: u32) -> Result<Vec<String>> {
        let length = NonZeroU32::new(length).unwrap();
        let mut records = Records::new(Cursor::new(content), content.len() as u64, part, length, 7)?;
        let mut read = vec![];
        while let Some(rows) = records.next(&messages::schema())? {
            let values = rows.column(0).as_binary::<i32>();
            read.extend(values.iter().flatten().map(|record| String::from_utf8(record.to_vec()).unwrap()));
        }
        Ok(read)
    }

    #[test]
    fn every_record_is_in_one_part_whatever_the_parts() {
        let content = "aaabbbcccdddeeefff";
        let whole = ["aaa", "bbb", "ccc", "ddd", "eee", "fff"];
        assert_eq!(read(content, 0..18, 3).unwrap(), whole);
        for cut in 0..=18 {
            let parts = [read(content, 0..cut, 3).unwrap(), read(content, cut..18, 3).unwrap()];
            assert_eq!(parts.concat(), whole, "cut at {cut}");
        }
        assert_eq!(read(content, 4..5, 3).unwrap(), [""; 0], "none begins there");
        assert_eq!(read(content, 0..18, 18).unwrap(), [content], "longer than what is read at a time");
    }

    #[test]
    fn a_file_that_ends_inside_a_record_is_refused_in_all_parts() {
        for part in [0..4, 4..8] {
            let error = read("aaabbbcc", part, 3).unwrap_err().to_string();
            assert_eq!(error, "it has 8 bytes, which is no multiple of record-length, 3");
        }
    }
}
