//! A frame of the log of received blocks: a header of 64 bytes, then what the header says. All numbers are little-endian.
//!
//! ```text
//!  0   8  "SLUICEWL"
//!  8   1  version, 1
//!  9   1  kind: 1 segment, 2 block, 3 position, 4 seal
//! 10   2  bytes of the stream's name
//! 12   4  bytes of the position
//! 16   8  bytes of the payload
//! 24   8  number: the block's; of a segment or a seal, the segment's
//! 32   4  receiver
//! 36   4  rows
//! 40   8  group: where in the segment the frames begin that were made safe together with this one
//! 48   8  CRC-64/NVME of the stream's name, the position and the payload
//! 56   8  CRC-64/NVME of the 56 bytes before
//! 64      the stream's name, the position, zeros up to a multiple of 64, the payload, zeros up to a multiple of 64
//! ```
//!
//! A CRC of 64 bits, since a frame may have many megabytes; the header has its own, so that what it says of lengths is known to be right before the rest is looked at.

use std::io;

use arrow::buffer::Buffer;
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest, checksum};

/// Bytes of a header, and what frames and payloads are aligned to, so that a payload's buffers can be used as they were read.
pub const ALIGN: u64 = 64;
/// The version of the format that is written; all up to it are read.
pub const VERSION: u8 = 1;

const HEADER: usize = ALIGN as usize;
const MAGIC: &[u8; 8] = b"SLUICEWL";
const CHECKSUM: CrcAlgorithm = CrcAlgorithm::Crc64Nvme;
/// Read at a time where only the checksum is of interest.
const PIECE: usize = 256 << 10;
static ZEROS: [u8; HEADER] = [0; HEADER];

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first of a segment; the payload says where streams stand.
    Segment,
    /// A received block; the payload is its rows.
    Block,
    /// A receiver stands at the position, without rows since the block before.
    Position,
    /// Nothing comes after it: another driver has taken over.
    Seal,
}

impl Kind {
    const ALL: [(u8, Self); 4] = [(1, Self::Segment), (2, Self::Block), (3, Self::Position), (4, Self::Seal)];

    fn code(self) -> u8 {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or(0, |(code, _)| *code)
    }
}

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// The block's number, or the segment's.
    pub number: u64,
    /// The receiver's number.
    pub receiver: u32,
    /// The block's rows.
    pub rows: u32,
    /// Where in the segment its group begins.
    pub group: u64,
    /// Bytes of the payload.
    pub payload: u64,
    stream: u16,
    position: u32,
    body_checksum: u64,
}

impl Header {
    /// From the frame's begin to its payload's.
    pub fn payload_offset(&self) -> u64 {
        ALIGN + padded(u64::from(self.stream) + u64::from(self.position))
    }

    /// Bytes of the whole frame.
    pub fn frame(&self) -> u64 {
        self.payload_offset().saturating_add(padded(self.payload))
    }

    fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8] = VERSION;
        bytes[9] = self.kind.code();
        bytes[10..12].copy_from_slice(&self.stream.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.position.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.payload.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.number.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.receiver.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.rows.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.group.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.body_checksum.to_le_bytes());
        let sum = checksum(CHECKSUM, &bytes[..56]);
        bytes[56..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// None where these aren't the bytes of a header.
    fn parse(bytes: &[u8; HEADER]) -> Result<Option<Self>, Newer> {
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        let short = |range| u32::try_from(number(range)).unwrap_or(u32::MAX);
        if &bytes[..8] != MAGIC || checksum(CHECKSUM, &bytes[..56]) != number(56..64) {
            return Ok(None);
        }
        if bytes[8] > VERSION {
            return Err(Newer(bytes[8]));
        }
        let kind = Kind::ALL.iter().find(|(code, _)| *code == bytes[9]);
        Ok(kind.map(|(_, kind)| Self {
            kind: *kind,
            number: number(24..32),
            receiver: short(32..36),
            rows: short(36..40),
            group: number(40..48),
            payload: number(16..24),
            stream: u16::try_from(number(10..12)).unwrap_or(u16::MAX),
            position: short(12..16),
            body_checksum: number(48..56),
        }))
    }
}

/// A frame of a later version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer(pub u8);

fn padded(bytes: u64) -> u64 {
    bytes.checked_next_multiple_of(ALIGN).unwrap_or(u64::MAX)
}

fn padding(bytes: u64) -> usize {
    usize::try_from(padded(bytes) - bytes).unwrap_or(0)
}

/// What is to be written as a frame.
#[derive(Debug, Clone)]
pub struct NewFrame<'a> {
    /// What it is.
    pub kind: Kind,
    /// The stream's name.
    pub stream: &'a str,
    /// The receiver's number.
    pub receiver: u32,
    /// The block's number, or the segment's.
    pub number: u64,
    /// Rows.
    pub rows: usize,
    /// Where the receiver stands after it.
    pub position: &'a [u8],
    /// The payload, in pieces that aren't copied.
    pub payload: Vec<Buffer>,
}

impl NewFrame<'_> {
    /// The frame's bytes, in pieces, in a group that begins at `group`, and how many they are.
    ///
    /// # Errors
    /// When it has more of something than a frame can say.
    pub fn encode(self, group: u64, out: &mut Vec<Buffer>) -> Result<u64, String> {
        let Self { kind, stream, receiver, number, rows, position, payload } = self;
        let too_many = |what: &'static str| {
            move |_: std::num::TryFromIntError| format!("block {number} has too many {what} for the log")
        };
        let mut digest = Digest::new(CHECKSUM);
        digest.update(stream.as_bytes());
        digest.update(position);
        payload.iter().for_each(|piece| digest.update(piece));
        let header = Header {
            kind,
            number,
            receiver,
            rows: u32::try_from(rows).map_err(too_many("rows"))?,
            group,
            payload: payload.iter().map(|piece| piece.len() as u64).sum(),
            stream: u16::try_from(stream.len()).map_err(too_many("bytes in its stream's name"))?,
            position: u32::try_from(position.len()).map_err(too_many("bytes in its position"))?,
            body_checksum: digest.finalize(),
        };
        let mut first = Vec::with_capacity(HEADER + stream.len() + position.len() + HEADER);
        first.extend_from_slice(&header.bytes());
        first.extend_from_slice(stream.as_bytes());
        first.extend_from_slice(position);
        first.resize(usize::try_from(header.payload_offset()).map_err(too_many("bytes"))?, 0);
        out.push(Buffer::from_vec(first));
        out.extend(payload);
        out.push(Buffer::from_slice_ref(&ZEROS[..padding(header.payload)]));
        Ok(header.frame())
    }
}

/// Bytes that can be read at any place: a segment.
pub trait ReadAt {
    /// How many there are.
    fn length(&self) -> u64;

    /// Fill `into` from `offset` on.
    ///
    /// # Errors
    /// When there are fewer, or they can't be read.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = start.checked_add(into.len()).and_then(|end| self.get(start..end));
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A frame that was read, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its header.
    pub header: Header,
    /// The stream's name.
    pub stream: String,
    /// Where the receiver stands after it.
    pub position: Vec<u8>,
}

/// What is at a place of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A frame, with the right checksums.
    Frame(Frame),
    /// A frame's header, and not what it says.
    Damaged(Header),
    /// No frame's header.
    Nothing,
    /// A frame of a later version.
    Newer(Newer),
}

/// Look at the frame at `offset`, and at all of its bytes.
///
/// # Errors
/// When the segment can't be read.
pub fn look(segment: &dyn ReadAt, offset: u64) -> io::Result<Found> {
    let header = match header(segment, offset)? {
        Ok(Some(header)) => header,
        Ok(None) => return Ok(Found::Nothing),
        Err(newer) => return Ok(Found::Newer(newer)),
    };
    if offset.saturating_add(header.payload_offset()).saturating_add(header.payload) > segment.length() {
        return Ok(Found::Damaged(header));
    }
    let mut names = vec![0; usize::from(header.stream) + header.position as usize];
    segment.read_at(offset + ALIGN, &mut names)?;
    let mut digest = Digest::new(CHECKSUM);
    digest.update(&names);
    let (mut at, mut left) = (offset + header.payload_offset(), header.payload);
    let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
    while left > 0 {
        let n = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        segment.read_at(at, &mut piece[..n])?;
        digest.update(&piece[..n]);
        (at, left) = (at + n as u64, left - n as u64);
    }
    let position = names.split_off(usize::from(header.stream));
    match String::from_utf8(names) {
        Ok(stream) if digest.finalize() == header.body_checksum => Ok(Found::Frame(Frame { header, stream, position })),
        _ => Ok(Found::Damaged(header)),
    }
}

/// The header at `offset`, if there is one.
///
/// # Errors
/// When the segment can't be read.
pub fn header(segment: &dyn ReadAt, offset: u64) -> io::Result<Result<Option<Header>, Newer>> {
    if offset.saturating_add(ALIGN) > segment.length() {
        return Ok(Ok(None));
    }
    let mut bytes = [0; HEADER];
    segment.read_at(offset, &mut bytes)?;
    Ok(Header::parse(&bytes))
}

/// The payload of the frame at `offset`; none where that isn't whole any more.
///
/// # Errors
/// When the segment can't be read.
pub fn payload(segment: &dyn ReadAt, offset: u64) -> io::Result<Option<(Frame, Buffer)>> {
    let Found::Frame(frame) = look(segment, offset)? else { return Ok(None) };
    let length = usize::try_from(frame.header.payload).map_err(io::Error::other)?;
    let mut bytes = arrow::buffer::MutableBuffer::from_len_zeroed(length);
    segment.read_at(offset + frame.header.payload_offset(), bytes.as_slice_mut())?;
    Ok(Some((frame, bytes.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: &[&[u8]], position: &[u8]) -> Vec<u8> {
        let payload = payload.iter().map(|piece| Buffer::from(*piece)).collect();
        let new = NewFrame { kind: Kind::Block, stream: "lines", receiver: 3, number: 17, rows: 2, position, payload };
        let mut out = vec![];
        let length = new.encode(640, &mut out).unwrap();
        let bytes: Vec<u8> = out.iter().flat_map(|piece| piece.to_vec()).collect();
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    #[test]
    fn a_frame_comes_back() {
        for (pieces, position) in [(&[&b"to be"[..], b" or not"][..], &b"p"[..]), (&[][..], &b""[..])] {
            let segment = Bytes::from([vec![7; 64], frame(pieces, position)].concat());
            let Found::Frame(found) = look(&segment, 64).unwrap() else { panic!("{:?}", look(&segment, 64)) };
            assert_eq!((found.stream.as_str(), found.position.as_slice()), ("lines", position));
            let header = found.header;
            assert_eq!((header.number, header.receiver, header.rows, header.group), (17, 3, 2, 640));
            assert_eq!(header.frame() + 64, segment.length());
            let (again, payload) = payload(&segment, 64).unwrap().unwrap();
            assert_eq!((again, payload.as_slice()), (found, pieces.concat().as_slice()));
        }
    }

    #[test]
    fn any_other_bit_and_any_missing_byte_is_noticed() {
        let whole = frame(&[&[9; 100]], b"here");
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = look(&Bytes::from(bytes), 0).unwrap();
            let is_padding = (64 + 9..128).contains(&(bit / 8)) || bit / 8 >= 228;
            assert_eq!(matches!(found, Found::Frame(_)), is_padding, "bit {bit}: {found:?}");
        }
        for length in 0..228 {
            let found = look(&Bytes::from(whole[..length].to_vec()), 0);
            assert!(!matches!(found, Ok(Found::Frame(_))), "{length} bytes: {found:?}");
        }
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let mut bytes = frame(&[], b"");
        bytes[8] = VERSION + 1;
        let sum = checksum(CHECKSUM, &bytes[..56]);
        bytes[56..64].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(look(&Bytes::from(bytes), 0).unwrap(), Found::Newer(Newer(VERSION + 1)));
    }
}
