//! Taking the log over: earlier runs are closed and read, and a new one begins.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::append::{Appender, seal};
use super::frame::{Frame, Kind, ReadAt, payload};
use super::index::{Index, Place};
use super::media::{Media, Run, RunEnd};
use super::scan::{End, Ending, Wrong, scan};
use super::standing::{Standing, Start};
use crate::checkpoint::fault_point::{FaultPoint, fault_point};
use crate::error::{Error, Result};
use crate::receiver::BlockId;

/// The version of `end.json`.
const END_VERSION: u32 = 1;
/// What closes a run of objects is left that long: its writer may have been stopped for as long, and finds it when it goes on.
const CLOSED_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// What is put in a run of objects to close it.
#[derive(Debug, Serialize, Deserialize)]
struct SealNote {
    #[serde(rename = "closed-ms")]
    closed_ms: i64,
}

/// The log, taken over.
#[derive(Debug)]
pub struct Opened {
    /// What is in it.
    pub index: Index,
    /// Writes the new run.
    pub appender: Appender,
}

/// Close all runs of lower terms, find what they have, and begin that of `term`. Blocks of streams that aren't among `streams` are let go of.
///
/// # Errors
/// When there is a run of `term` or a higher one, something is damaged or missing, or the log can't be read or written.
pub fn open(media: &Media, term: u64, streams: &BTreeSet<Arc<str>>, segment_bytes: u64, now_ms: i64) -> Result<Opened> {
    let own = Run { term, is_closed: false };
    let mut index = Index::default();
    let mut appender = Appender::new(media.clone(), own.clone(), segment_bytes);
    index.run(own.clone(), true);
    // It is there before others are looked for: of two drivers that do this at once, one sees the other.
    media.create_run(&own)?;
    if let Media::Objects { .. } = media {
        append_nothing(&mut appender, &mut index, &Standing::default())?;
    }
    for run in media.runs()? {
        match run.term {
            later if later > term => {
                let reason = format!("another driver has taken over the job, in term {later}; this one stops");
                return Err(media.failed(&media.folder_of(&own), reason));
            }
            earlier if earlier < term => read_run(media, &run, &mut index, now_ms)?,
            _ => {}
        }
    }
    for stream in index.found_streams().into_iter().filter(|stream| !streams.contains(stream)) {
        let numbers = index.take_found(&stream);
        let ids = numbers.iter().map(|number| BlockId { stream: stream.clone(), number: *number });
        let (mut rows, mut blocks) = (0, 0);
        for id in ids {
            rows += index.get(&id).map_or(0, |place| place.rows);
            blocks += 1;
            index.release(&id);
        }
        tracing::warn!(target: "sluicebox::checkpoint", stream = &*stream, blocks, rows, "the log has rows of a source that the job has no more: those that no batch has read are left out");
    }
    index.standing.streams.retain(|stream, _| streams.contains(stream));
    let standing = index.standing.clone();
    append_nothing(&mut appender, &mut index, &standing)?;
    Ok(Opened { index, appender })
}

/// Find all blocks that there are, and change nothing: a driver may be at work. What it is about to write, or removes meanwhile, isn't found.
///
/// # Errors
/// When something is damaged, or can't be read.
pub fn look(media: &Media) -> Result<Index> {
    let mut index = Index::default();
    for run in media.runs()? {
        index.run(run.clone(), false);
        for number in media.segments(&run)? {
            // One that is removed meanwhile is one that nobody needs.
            let Ok(segment) = media.open(&run, number) else { continue };
            index.segment(run.term, number);
            let (path, mut wrong) = (media.path_of(&run, number), Ok(()));
            let scanned = scan(segment.as_ref(), Ending::Open, |offset, frame| {
                if wrong.is_ok() {
                    wrong = take(segment.as_ref(), &run, number, offset, &frame, &mut index, 0);
                }
            });
            scanned.map_err(|error| told(media, &path, &error))?;
            wrong.map_err(|reason| media.failed(&path, reason))?;
        }
    }
    Ok(index)
}

/// The run has a segment from now on, which says where streams stand.
fn append_nothing(appender: &mut Appender, index: &mut Index, standing: &Standing) -> Result<()> {
    let written = appender.append_first(standing)?;
    index.segment(appender.run().term, written.segment);
    Ok(())
}

/// Find all blocks of an earlier run, once nothing is added to it any more.
fn read_run(media: &Media, run: &Run, index: &mut Index, now_ms: i64) -> Result<()> {
    let (run, segments, end) = match media {
        Media::Folder { .. } => {
            let run = media.close_folder(run)?;
            let segments = media.segments(&run)?;
            let Some(last) = segments.last().copied() else { return media.remove_run(&run) };
            (run.clone(), segments, Some(end_of(media, &run, last)?))
        }
        Media::Objects { .. } => {
            let note = serde_json::to_vec(&SealNote { closed_ms: now_ms }).map_err(Error::failed)?;
            (run.clone(), seal(media, run, &note)?, None)
        }
    };
    fault_point(FaultPoint::ReceivedClosed);
    index.run(run.clone(), false);
    for number in &segments {
        let path = media.path_of(&run, *number);
        let segment = media.open(&run, *number)?;
        let ending = match end {
            Some(end) if end.segment == *number => Ending::Whole(end.bytes),
            Some(_) => previous(media, &run, *number + 1)?.map_or(Ending::Open, Ending::Whole),
            None => Ending::Whole(segment.length()),
        };
        index.segment(run.term, *number);
        let mut wrong = Ok(());
        let end = scan(segment.as_ref(), ending, |offset, frame| {
            if wrong.is_ok() {
                wrong = take(segment.as_ref(), &run, *number, offset, &frame, index, now_ms);
            }
        });
        let end = end.map_err(|error| told(media, &path, &error))?;
        wrong.map_err(|reason| media.failed(&path, reason))?;
        if ending == Ending::Open && end.torn > 0 {
            return Err(told(media, &path, &Wrong::Damaged { offset: end.at, header: None }));
        }
    }
    Ok(())
}

/// How many bytes the segment before has, by what this one begins with; none where it was never whole.
fn previous(media: &Media, run: &Run, segment: u64) -> Result<Option<u64>> {
    let failed = |error: &dyn std::fmt::Display| media.failed(&media.path_of(run, segment), error);
    let read = payload(media.open(run, segment)?.as_ref(), 0).map_err(|error| failed(&error))?;
    let Some((Frame { header, .. }, json)) = read else { return Ok(None) };
    if header.kind != Kind::Segment {
        return Ok(None);
    }
    serde_json::from_slice(&json).map(|start: Start| Some(start.previous)).map_err(|error| failed(&error))
}

/// Where a closed folder ends. What its writer was about to write is cut off, once.
fn end_of(media: &Media, run: &Run, last: u64) -> Result<RunEnd> {
    if let Some(end) = media.end(run)? {
        if end.version > END_VERSION {
            let reason = format!(
                "its end has version {}, and this program reads up to {END_VERSION}: run a newer one",
                end.version
            );
            return Err(media.failed(&media.folder_of(run), reason));
        }
        if end.segment != last {
            return Err(media.failed(&media.path_of(run, end.segment), "it is missing, and is the run's last"));
        }
        return Ok(end);
    }
    let path = media.path_of(run, last);
    let end = scan(media.open(run, last)?.as_ref(), Ending::Open, |_, _| ());
    let End { at, torn } = end.map_err(|error| told(media, &path, &error))?;
    if torn > 0 {
        tracing::warn!(
            target: "sluicebox::checkpoint",
            segment = path, offset = at, bytes = torn,
            "the log of received blocks ends in a block that was being written when the program or the machine stopped: it was not acknowledged, and is cut off"
        );
    }
    media.set_end(run, RunEnd { version: END_VERSION, segment: last, bytes: at })
}

/// Note what a frame says.
fn take(
    segment: &dyn ReadAt,
    run: &Run,
    number: u64,
    offset: u64,
    frame: &Frame,
    index: &mut Index,
    now_ms: i64,
) -> Result<(), String> {
    let header = frame.header;
    let json = || {
        let read = payload(segment, offset).map_err(|error| error.to_string())?;
        read.map(|(_, payload)| payload).ok_or_else(|| format!("at byte {offset}: it has changed while it was read"))
    };
    match header.kind {
        Kind::Segment | Kind::Seal if header.number != number => {
            return Err(format!("it is segment {}, by what it says", header.number));
        }
        Kind::Segment => {
            let start: Start =
                serde_json::from_slice(&json()?).map_err(|error| format!("at byte {offset}: {error}"))?;
            index.standing.merge(start.standing);
        }
        Kind::Block => {
            let id = BlockId { stream: frame.stream.as_str().into(), number: header.number };
            index.standing.position(&id.stream, header.receiver, &frame.position);
            let place = Place {
                term: run.term,
                segment: number,
                offset,
                receiver: header.receiver,
                rows: header.rows.into(),
                bytes: header.payload,
            };
            if !index.found(id, place) {
                return Err(format!(
                    "at byte {offset}: block {} of stream \"{}\" is there a second time",
                    header.number, frame.stream
                ));
            }
        }
        Kind::Position => {
            index.standing.position(&frame.stream.as_str().into(), header.receiver, &frame.position);
        }
        Kind::Seal => {
            let note: SealNote =
                serde_json::from_slice(&json()?).map_err(|error| format!("at byte {offset}: {error}"))?;
            // It is kept as a block would be, for its time.
            if now_ms.saturating_sub(note.closed_ms) < CLOSED_FOR_MS {
                index.keep(run.term, number);
            }
        }
    }
    Ok(())
}

fn told(media: &Media, path: &str, wrong: &Wrong) -> Error {
    match wrong {
        Wrong::Io(error) => media.failed(path, error),
        Wrong::Newer(version) => media.failed(
            path,
            format_args!(
                "it has version {version} of the format, and this program reads up to {}: run a newer one",
                super::frame::VERSION
            ),
        ),
        Wrong::Damaged { offset, header } => {
            let what = match header {
                Some(header) if header.kind == Kind::Block => {
                    format!(
                        "block {} of receiver {} with {} rows is damaged",
                        header.number, header.receiver, header.rows
                    )
                }
                _ => "what is there is damaged".to_owned(),
            };
            let help = "it was safe once, so rows that were acknowledged are lost: restore the file; or, to go on without what this run has received, move its folder elsewhere";
            media.failed(path, format_args!("at byte {offset}: {what}: {help}"))
        }
    }
}
