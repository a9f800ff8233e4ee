//! The writer of the log: takes all that waits, writes it as one group, says that it is safe, and removes segments that nobody needs.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::buffer::Buffer;

use super::append::{Appender, Written};
use super::frame::{Kind, NewFrame};
use super::index::{Over, Place};
use super::media::Media;
use super::{Entry, Safe, Shared, rows};
use crate::checkpoint::fault_point::{FaultPoint, fault_point};
use crate::engine::node;
use crate::error::{Error, Result};
use crate::receiver::BlockId;

/// Bytes of rows in a group, unless one block has more.
const GROUP_BYTES: usize = 16 << 20;

/// What the writer is to do next.
struct Work {
    group: Vec<Entry>,
    over: Vec<Over>,
    media: Option<Media>,
    is_last: bool,
}

/// Write until the log is closed and everything is written.
pub(super) fn run(shared: &Arc<Shared>, mut appender: Appender) {
    let _ending = Ending(shared);
    let mut is_failed = false;
    loop {
        let Work { group, over, media, is_last } = wait(shared);
        if !group.is_empty()
            && !is_failed
            && let Err(error) = write(shared, &mut appender, &group)
        {
            tracing::error!(target: "sluicebox::checkpoint", %error, "received blocks can't be made safe");
            shared.safe.send_modify(|safe| safe.failed = Some(error.to_string().into()));
            is_failed = true;
        }
        if let Some(media) = media.filter(|_| !is_failed) {
            over.iter().for_each(|over| remove(&media, over));
        }
        if is_last {
            return appender.close();
        }
    }
}

/// Says that nothing becomes safe any more, even if the writer panicked.
struct Ending<'a>(&'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.safe.send_modify(|safe: &mut Safe| {
            if std::thread::panicking() {
                safe.failed = Some("the writer of the log of received blocks panicked".into());
            }
            safe.is_over = true;
        });
    }
}

fn wait(shared: &Shared) -> Work {
    let mut state = shared.state.lock();
    while state.queue.is_empty() && !state.is_closed && !state.index.has_over() {
        shared.work.wait(&mut state);
    }
    let (mut group, mut bytes) = (vec![], 0);
    while let Some(entry) = state.queue.pop_front() {
        bytes += entry.block.as_ref().map_or(0, |(_, rows)| node::bytes_of(rows));
        if bytes > GROUP_BYTES && !group.is_empty() {
            state.queue.push_front(entry);
            break;
        }
        group.push(entry);
    }
    let is_last = state.is_closed && state.queue.is_empty();
    Work { group, over: state.index.over(), media: state.media.clone(), is_last }
}

fn write(shared: &Shared, appender: &mut Appender, group: &[Entry]) -> Result<()> {
    let mut payloads = VecDeque::with_capacity(group.len());
    for Entry { stream, block, .. } in group {
        let encoded = match block {
            Some((number, rows)) => rows::encode(rows)
                .map_err(|error| Error::failed(format_args!("stream \"{stream}\", block {number}: {error}")))?,
            None => vec![],
        };
        payloads.push_back(encoded);
    }
    let bytes: Vec<u64> =
        payloads.iter().map(|payload| payload.iter().map(|piece: &Buffer| piece.len() as u64).sum()).collect();
    let frames = group.iter().zip(payloads).map(|(entry, payload)| new_frame(entry, payload)).collect();
    fault_point(FaultPoint::ReceivedBefore);
    let written = appender.append(frames, || shared.state.lock().index.standing.clone())?;
    fault_point(FaultPoint::ReceivedAfter);
    note(shared, appender, group, &written, &bytes);
    Ok(())
}

fn new_frame(entry: &Entry, payload: Vec<Buffer>) -> NewFrame<'_> {
    let (kind, number, rows) = match &entry.block {
        Some((number, rows)) => (Kind::Block, *number, rows.num_rows()),
        None => (Kind::Position, 0, 0),
    };
    let Entry { stream, receiver, position, .. } = entry;
    NewFrame { kind, stream, receiver: *receiver, number, rows, position, payload }
}

/// The group is safe.
fn note(shared: &Shared, appender: &Appender, group: &[Entry], written: &Written, bytes: &[u64]) {
    let term = appender.run().term;
    let offsets = &written.offsets[usize::from(written.is_new)..];
    {
        let mut state = shared.state.lock();
        if written.is_new {
            state.index.segment(term, written.segment);
        }
        for ((entry, offset), bytes) in group.iter().zip(offsets).zip(bytes) {
            let Entry { ticket, stream, receiver, position, block } = entry;
            if let Some((number, rows)) = block {
                let (rows, bytes) = (rows.num_rows() as u64, *bytes);
                let place = Place { term, segment: written.segment, offset: *offset, receiver: *receiver, rows, bytes };
                state.index.block(BlockId { stream: stream.clone(), number: *number }, place);
            }
            state.index.standing.position(stream, *receiver, position);
            state.positions.insert((stream.clone(), *receiver), (*ticket, position.clone()));
        }
    }
    if let Some(last) = group.last() {
        shared.safe.send_modify(|safe| safe.ticket = last.ticket);
    }
}

fn remove(media: &Media, over: &Over) {
    fault_point(FaultPoint::ReceivedRemove);
    let removed = media.remove_segment(&over.run, over.segment).and_then(|()| match over.is_last {
        true => media.remove_run(&over.run),
        false => Ok(()),
    });
    if let Err(error) = removed {
        // The next driver finds it again, and that nobody needs it.
        tracing::warn!(target: "sluicebox::checkpoint", %error, "a segment that nobody needs could not be removed");
    }
}
