//! How long lines of sockets may be.
//!
//! While a line is read it is held by its socket, and then once more by the block it becomes part of. Sockets wait for memory, so the longest
//! lines of all of them have to fit into the memory that blocks may take, twice: else they would wait for each other for ever.

use bytesize::ByteSize;

use crate::error::Diagnostic;
use crate::job::definition::{Definition, SourceDefinition, StreamBody, StreamDefinition};
use crate::memory::{MemoryBudget, Share};
use crate::receiver::socket::DEFAULT_MAX_LINE;

/// What a socket needs besides its lines: what is read at a time, and the offsets of lines.
const BESIDES: u64 = 1 << 20;

/// The most bytes of a line where a job doesn't say: as usual, or what its memory allows.
pub(super) fn default(definition: &Definition, memory: &MemoryBudget) -> usize {
    let n_sockets = sockets(definition).count().max(1) as u64;
    let fits = memory.limit_of(Share::Blocks) / 4 / n_sockets;
    usize::try_from(fits).unwrap_or(usize::MAX).min(DEFAULT_MAX_LINE)
}

/// What is wrong, if the longest lines don't fit; at the stream with the longest.
pub(super) fn mistake(definition: &Definition, memory: &MemoryBudget) -> Option<Diagnostic> {
    let default = default(definition, memory);
    let lengths = || sockets(definition).map(|(stream, max_line)| (stream, max_line.unwrap_or(default) as u64));
    let needed: u64 = lengths().map(|(_, max_line)| 2 * max_line + BESIDES).sum();
    let limit = memory.limit_of(Share::Blocks);
    let (stream, max_line) = lengths().max_by_key(|(_, max_line)| *max_line).filter(|_| needed > limit)?;
    let (max_line, needed, limit) = (ByteSize::b(max_line), ByteSize::b(needed), ByteSize::b(limit));
    let message = format!(
        "stream \"{}\": max-line is {max_line}: the longest lines of all sockets take {needed} while they are received, and blocks may have half of \
         [job] memory, {limit}",
        stream.name
    );
    Some(stream.place.wrong(message).help("lower max-line, or raise [job] memory"))
}

fn sockets(definition: &Definition) -> impl Iterator<Item = (&StreamDefinition, Option<usize>)> {
    definition.streams.iter().filter_map(|stream| match &stream.body {
        StreamBody::Source(SourceDefinition::Socket { max_line, .. }) => Some((stream, *max_line)),
        _ => None,
    })
}
