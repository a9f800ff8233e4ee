//! How long lines and messages of sockets may be.
//!
//! While a line or a message is read it is held by its socket, and then once more by the block it becomes part of. Sockets wait for memory, so the longest
//! lines and messages of all of them have to fit into the memory that blocks may take, twice: else they would wait for each other for ever.

use bytesize::ByteSize;

use crate::error::Diagnostic;
use crate::job::definition::{Definition, Framing, SourceDefinition, StreamBody, StreamDefinition};
use crate::memory::{MemoryBudget, Share};
use crate::receiver::socket::DEFAULT_MAX_LENGTH;

/// What a socket needs besides its lines: what is read at a time, and the offsets of lines.
const BESIDES: u64 = 1 << 20;

/// The most bytes of a line or a message where a job doesn't say: as usual, or what its memory allows.
pub(super) fn default(definition: &Definition, memory: &MemoryBudget) -> usize {
    let n_sockets = sockets(definition).count().max(1) as u64;
    let fits = memory.limit_of(Share::Blocks) / 4 / n_sockets;
    usize::try_from(fits).unwrap_or(usize::MAX).min(DEFAULT_MAX_LENGTH)
}

/// What is wrong, if the longest lines and messages don't fit; at the stream with the longest.
pub(super) fn mistake(definition: &Definition, memory: &MemoryBudget) -> Option<Diagnostic> {
    let default = default(definition, memory);
    let length = |socket: &Socket<'_>| socket.max_length.unwrap_or(default) as u64;
    let needed: u64 = sockets(definition).map(|socket| 2 * length(&socket) + BESIDES).sum();
    let limit = memory.limit_of(Share::Blocks);
    let longest = sockets(definition).max_by_key(length).filter(|_| needed > limit)?;
    let (name, key, is) = (&longest.stream.name, longest.framing.max_length_key(), ByteSize::b(length(&longest)));
    let only_lines = sockets(definition).all(|socket| socket.framing == Framing::Lines);
    let pieces = if only_lines { "lines" } else { "lines and messages" };
    let (needed, limit) = (ByteSize::b(needed), ByteSize::b(limit));
    let message = format!(
        "stream \"{name}\": {key} is {is}: the longest {pieces} of all sockets take {needed} while they are received, and blocks may have half of \
         [job] memory, {limit}"
    );
    Some(longest.stream.place.wrong(message).help(format!("lower {key}, or raise [job] memory")))
}

/// A stream of a socket.
struct Socket<'a> {
    stream: &'a StreamDefinition,
    framing: Framing,
    max_length: Option<usize>,
}

fn sockets(definition: &Definition) -> impl Iterator<Item = Socket<'_>> {
    definition.streams.iter().filter_map(|stream| match &stream.body {
        StreamBody::Source(SourceDefinition::Socket { framing, max_length, .. }) => {
            Some(Socket { stream, framing: *framing, max_length: *max_length })
        }
        _ => None,
    })
}
