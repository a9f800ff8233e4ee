//! Reading a segment from its begin: every frame, up to where it ends, is torn, or is damaged.
//!
//! A frame that isn't right may be one that was on its way to the disk when the machine stopped: a torn tail, which nobody relied on. It is not that where the segment isn't its
//! run's last, or where frames after it were only written once it was safe, as their group begins after it; nor in what an earlier reading found to be right. Then it is
//! damage, and an error. The pages of one group may reach the disk in any order, so a right frame after a wrong one proves nothing by itself.

use std::io;

use super::frame::{ALIGN, Found, Frame, Header, ReadAt, header, look};

/// Looked at, at a time, for the last byte that isn't zero.
const PIECE: usize = 64 << 10;

/// How a segment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It must be whole up to there.
    Whole(u64),
    /// It is its run's last, and may be torn.
    Open,
}

/// Where the frames of a segment end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The offset after the last frame.
    pub at: u64,
    /// Bytes after that which are cut off.
    pub torn: u64,
}

/// What is wrong with a segment.
#[derive(Debug)]
pub enum Wrong {
    /// It can't be read.
    Io(io::Error),
    /// It isn't as it was written.
    Damaged {
        /// Where.
        offset: u64,
        /// What should be there, if that can be told.
        header: Option<Header>,
    },
    /// It is of a later version of the format.
    Newer(u8),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Hand each frame to `each`, with its offset.
///
/// # Errors
/// When the segment is damaged, or can't be read.
pub fn scan(segment: &dyn ReadAt, ending: Ending, mut each: impl FnMut(u64, Frame)) -> Result<End, Wrong> {
    let mut at = 0;
    loop {
        if ending == Ending::Whole(at) {
            return Ok(End { at, torn: 0 });
        }
        let header = match look(segment, at)? {
            Found::Frame(frame) if frame.header.group <= at => {
                let length = frame.header.frame();
                each(at, frame);
                at += length;
                continue;
            }
            Found::Newer(newer) => return Err(Wrong::Newer(newer.0)),
            Found::Frame(Frame { header, .. }) | Found::Damaged(header) => Some(header),
            Found::Nothing => None,
        };
        let torn = if ending == Ending::Open { used_after(segment, at)? } else { 0 };
        if ending != Ending::Open || later_group(segment, at, at + torn)? {
            return Err(Wrong::Damaged { offset: at, header });
        }
        return Ok(End { at, torn });
    }
}

/// Whether there is a frame between `wrong` and `end` that was written once what is at `wrong` was safe.
fn later_group(segment: &dyn ReadAt, wrong: u64, end: u64) -> io::Result<bool> {
    let mut at = wrong + ALIGN;
    while at < end {
        if let Ok(Some(header)) = header(segment, at)?
            && header.group > wrong
            && header.group <= at
        {
            return Ok(true);
        }
        at += ALIGN;
    }
    Ok(false)
}

/// Bytes after `at` up to the last that isn't zero: a segment's file is made larger than what is written to it.
fn used_after(segment: &dyn ReadAt, at: u64) -> io::Result<u64> {
    let mut end = segment.length();
    while end > at {
        let n = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; n];
        segment.read_at(end - n as u64, &mut piece)?;
        if let Some(last) = piece.iter().rposition(|byte| *byte != 0) {
            return Ok(end - n as u64 + last as u64 + 1 - at);
        }
        end -= n as u64;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Kind, NewFrame};
    use super::*;
    use arrow::buffer::Buffer;
    use bytes::Bytes;

    /// A segment of groups of so many frames, and where each frame begins.
    fn segment(groups: &[u64]) -> (Vec<u8>, Vec<u64>) {
        let (mut bytes, mut offsets, mut number) = (vec![], vec![], 0);
        for n in groups {
            let group = bytes.len() as u64;
            for _ in 0..*n {
                offsets.push(bytes.len() as u64);
                let payload = vec![Buffer::from(vec![1_u8; 100])];
                let position = b"";
                let new = NewFrame { kind: Kind::Block, stream: "s", receiver: 0, number, rows: 1, position, payload };
                let mut out = vec![];
                new.encode(group, &mut out).unwrap();
                out.iter().for_each(|piece| bytes.extend_from_slice(piece));
                number += 1;
            }
        }
        (bytes, offsets)
    }

    fn scanned(bytes: Vec<u8>, ending: Ending) -> Result<(usize, End), Wrong> {
        let mut n = 0;
        scan(&Bytes::from(bytes), ending, |_, frame| {
            assert_eq!(frame.header.number, n as u64);
            n += 1;
        })
        .map(|end| (n, end))
    }

    #[test]
    fn a_tail_is_cut_and_what_was_safe_is_whole() {
        let (bytes, offsets) = segment(&[2, 2, 3]);
        let whole = bytes.len() as u64;
        assert_eq!(scanned(bytes.clone(), Ending::Open).unwrap(), (7, End { at: whole, torn: 0 }));
        assert_eq!(scanned(bytes.clone(), Ending::Whole(whole)).unwrap().0, 7);
        let with_zeros = [bytes.clone(), vec![0; 1 << 17]].concat();
        assert_eq!(scanned(with_zeros, Ending::Open).unwrap(), (7, End { at: whole, torn: 0 }));
        for length in 0..bytes.len() {
            let (n, end) = scanned(bytes[..length].to_vec(), Ending::Open).unwrap();
            assert!(n as u64 * 256 <= length as u64 + 64 && end.at <= whole, "{length} bytes");
            assert_eq!(end.at, offsets.get(n).copied().unwrap_or(whole));
            assert!(scanned(bytes[..length].to_vec(), Ending::Whole(whole)).is_err() || n == 7, "{length} bytes");
        }
        // The first page of the last group is lost, the others aren't.
        let mut holed = bytes.clone();
        holed[offsets[4] as usize..offsets[5] as usize].fill(0);
        let (n, end) = scanned(holed, Ending::Open).unwrap();
        // Up to the last byte of the last payload: what follows it is zeros.
        assert_eq!((n, end.at, end.at + end.torn), (4, offsets[4], whole - 28));
    }

    #[test]
    fn damage_before_a_later_group_is_no_torn_tail() {
        let (bytes, offsets) = segment(&[2, 2, 3]);
        for (frame, is_torn) in [(0, false), (1, false), (2, false), (3, false), (4, true), (5, true), (6, true)] {
            for at in [0, 9, 50, 64, 128, 200] {
                let mut damaged = bytes.clone();
                damaged[offsets[frame] as usize + at] ^= 0x40;
                match scanned(damaged.clone(), Ending::Open) {
                    Ok((n, end)) => assert!(is_torn && n == frame && end.torn > 0, "frame {frame}, byte {at}"),
                    Err(Wrong::Damaged { offset, header }) => {
                        assert!(!is_torn && offset == offsets[frame], "frame {frame}, byte {at}");
                        assert_eq!(header.map(|header| header.number), (at >= 64).then_some(frame as u64));
                    }
                    Err(other) => panic!("{other:?}"),
                }
                assert!(scanned(damaged, Ending::Whole(bytes.len() as u64)).is_err());
            }
        }
    }
}
