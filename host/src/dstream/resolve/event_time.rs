//! Resolving what is about event time: the streams that have it, windows of it, late rows.

use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::{Reported, Resolution, project};
use crate::clock::millis;
use crate::dstream::drop_duplicates::{DropDuplicates, MOMENT};
use crate::dstream::event_window::{ClosedWindows, EventFolding, LateRows, OpenWindows, Watermark};
use crate::dstream::graph::EventTime;
use crate::dstream::stateful::KeyedState;
use crate::engine::assign_windows::{Windows, assigned_schema};
use crate::engine::event_time::is_event_time;
use crate::engine::state::{StateOperator, Stateful};
use crate::engine::state_builtin::SEEN;
use crate::error::Error;
use crate::job::definition::{
    AggregateDefinition, EventTimeDefinition, EventWindowDefinition, EventWindows, OperationDefinition, StreamBody,
    StreamDefinition,
};
use crate::job::types::TypeName;
use crate::plugin::{StateBinding, StateKind, crossing_schema};

/// Windows that a row is in, at most.
const MAX_WINDOWS: u128 = 1000;

impl Resolution<'_> {
    /// The event time that a stream with these columns says it has.
    pub(super) fn event_time(
        &mut self,
        definition: &StreamDefinition,
        schema: &SchemaRef,
    ) -> Result<Option<EventTime>, Reported> {
        let Some(EventTimeDefinition { column, delay, place }) = &definition.event_time else { return Ok(None) };
        let at = StreamDefinition { place: place.clone(), ..definition.clone() };
        let name = column;
        let column = self.column(&at, name, schema)?;
        let of = schema.field(column).data_type();
        if !is_event_time(of) {
            let message = format!(
                "stream \"{}\": event-time: column \"{name}\" is of type {}, not a timestamp or a date",
                definition.name,
                TypeName(of)
            );
            return self.fail(place.wrong(message).help("make a timestamp of it first, in sql with to_timestamp(...)"));
        }
        Ok(Some(EventTime { column, delay_ms: millis(*delay) }))
    }

    /// Where a stream's rows have their event time, and how far it has come.
    fn event_column(&mut self, definition: &StreamDefinition, parent: usize) -> Result<(usize, Watermark), Reported> {
        let mut sources: Vec<usize> = vec![];
        let mut looked_at = vec![parent];
        while let Some(idx) = looked_at.pop() {
            match &self.streams[idx].event_time {
                Some(_) if sources.contains(&idx) => {}
                Some(_) => sources.push(idx),
                None => looked_at.extend(self.streams[idx].parents.iter().copied()),
            }
        }
        sources.sort_unstable();
        let input = self.streams[parent].name.clone();
        let Some(first) = sources.first() else {
            let message = format!("stream \"{}\": the rows of \"{input}\" have no event time", definition.name);
            let help = format!(
                "add event-time = {{ column = \"at\", delay = \"10s\" }} to [stream.{input}], or to a stream that it is made of"
            );
            return self.fail(definition.place.wrong(message).help(help));
        };
        let name_in = |idx: usize| {
            let stream = &self.streams[idx];
            stream.event_time.map(|of| stream.schema.field(of.column).name().clone()).unwrap_or_default()
        };
        let name = name_in(*first);
        if let Some(other) = sources.iter().find(|idx| name_in(**idx) != name) {
            let message = format!(
                "stream \"{}\": the event time of \"{input}\" is \"{name}\" by \"{}\" and \"{}\" by \"{}\"",
                definition.name,
                self.streams[*first].name,
                name_in(*other),
                self.streams[*other].name
            );
            return self.fail(definition.place.wrong(message).help("give the column the same name in both"));
        }
        let schema = self.streams[parent].schema.clone();
        let column = match schema.column_with_name(&name) {
            Some((column, field)) if is_event_time(field.data_type()) => column,
            _ => {
                let message = format!(
                    "stream \"{}\": \"{input}\" has no column \"{name}\" with the event time that \"{}\" has",
                    definition.name, self.streams[*first].name
                );
                let help = format!(
                    "keep the column \"{name}\" on the way to [stream.{input}], or give that stream an event-time of its own"
                );
                return self.fail(definition.place.wrong(message).help(help));
            }
        };
        let delay = |idx: &usize| {
            let stream = &self.streams[*idx];
            (stream.name.clone(), stream.event_time.map_or(0, |of| of.delay_ms))
        };
        Ok((column, Watermark { streams: sources.iter().map(delay).collect() }))
    }

    /// The steps of event-time-window: the last of them, and in `parents` the stream that it reads.
    pub(super) fn event_window(
        &mut self,
        definition: &StreamDefinition,
        key: &[String],
        with: &AggregateDefinition,
        window: &EventWindowDefinition,
        parents: &mut Vec<usize>,
    ) -> Result<ClosedWindows, Reported> {
        let parent = parents.first().copied().ok_or(Reported)?;
        let input = self.streams[parent].schema.clone();
        let (column, watermark) = self.event_column(definition, parent)?;
        let windows = self.windows(definition, &window.windows)?;
        let mut key = self.key(definition, key, &input)?;
        let with = self.fold(definition, with, &input, &key)?;
        let assigned =
            assigned_schema(&input, column).map_err(|error| Error::invalid(crate::engine::error::plain(&error)));
        let assigned = self.reported(assigned, definition)?;
        let n_columns = input.fields().len();
        key.extend([n_columns, n_columns + 1]);
        let max_session = match window.windows {
            EventWindows::Session { max_length, .. } => Some(millis(max_length)),
            EventWindows::Sliding { .. } => None,
        };
        let (ignored, partitions) = (vec![column], window.partitions);
        let folding =
            EventFolding { with, assigned, key, ignored, column, windows, max_session, watermark, partitions };
        let folding = Arc::new(folding);
        let name = format!("{}#open", definition.name).into();
        *parents = vec![self.step(definition, name, Box::new(OpenWindows(folding.clone())), parents)?];
        Ok(ClosedWindows { folding, filter: window.filter.clone() })
    }

    fn windows(&mut self, definition: &StreamDefinition, windows: &EventWindows) -> Result<Windows, Reported> {
        let wrong = |message: &str| format!("stream \"{}\": {message}", definition.name);
        let shown = |duration: Duration| humantime::format_duration(duration).to_string();
        match *windows {
            EventWindows::Sliding { length, slide } => {
                let slide = slide.unwrap_or(length);
                let n_windows = length.as_millis().div_ceil(slide.as_millis().max(1));
                if n_windows > MAX_WINDOWS {
                    let message = wrong(&format!(
                        "windows of {} every {}: a row is in {n_windows} of them; {MAX_WINDOWS} are the most",
                        shown(length),
                        shown(slide)
                    ));
                    return self
                        .fail(definition.place.wrong(message).help("make the slide longer, or the window shorter"));
                }
                Ok(Windows::Sliding { length: millis(length), slide: millis(slide) })
            }
            EventWindows::Session { gap, max_length } if max_length < gap => {
                let message = wrong(&format!("sessions of at most {}, with gaps of {}", shown(max_length), shown(gap)));
                self.fail(definition.place.wrong(message).help("max-length is at least as long as gap"))
            }
            EventWindows::Session { gap, .. } => Ok(Windows::Session { gap: millis(gap) }),
        }
    }

    /// The first row of each key: with a time-to-live, the most bytes of state, and partitions.
    pub(super) fn drop_duplicates(
        &mut self,
        definition: &StreamDefinition,
        key: &[String],
        (time_to_live, state_size, partitions): (Option<Duration>, Option<u64>, Option<usize>),
        parents: &[usize],
    ) -> Result<DropDuplicates, Reported> {
        let parent = parents.first().copied().ok_or(Reported)?;
        let input = self.streams[parent].schema.clone();
        let all = (0..input.fields().len()).collect::<Vec<_>>();
        let keys = if key.is_empty() { all.clone() } else { self.key(definition, key, &input)? };
        self.check_keys(definition, &keys, &input)?;
        let event_time = match time_to_live {
            Some(_) => None,
            None if self.has_event_time(parent) => Some(self.event_column(definition, parent)?),
            None => {
                let message = format!(
                    "stream \"{}\": keys would be remembered for ever: the rows of \"{}\" have no event time",
                    definition.name, self.streams[parent].name
                );
                let help = "add time-to-live = \"1h\", or an event-time to the stream that is read, or to one that it is made of";
                return self.fail(definition.place.wrong(message).help(help));
            }
        };
        let of_keys = crossing_schema(&project(&input, &keys)).map_err(Error::invalid);
        let of_keys = Arc::new(self.reported(of_keys, definition)?);
        let binding = StateBinding {
            kind: StateKind::MapWithState,
            key_order: (0..keys.len()).collect(),
            keys: of_keys,
            columns: all.clone(),
            input: input.clone(),
            state: Arc::new(Schema::new(vec![Field::new(SEEN, DataType::Boolean, false)])),
            version: 1,
            output: input,
            timeout: None,
        };
        let delay = event_time.as_ref().map(|(_, watermark)| watermark.longest_delay());
        let stateful = Stateful {
            operator: StateOperator::First,
            binding,
            keys,
            values: all,
            timeout_ms: None,
            time_to_live_ms: delay.or(time_to_live.map(millis)),
            state_size,
        };
        let seen = KeyedState { stateful: Arc::new(stateful), partitions, initial: None };
        Ok(DropDuplicates { seen, event_time })
    }

    /// Whether a stream, or one that it is made of, has event times.
    fn has_event_time(&self, idx: usize) -> bool {
        let stream = &self.streams[idx];
        stream.event_time.is_some() || stream.parents.iter().any(|parent| self.has_event_time(*parent))
    }

    /// The rows that are late for the stream `of`; in `parents` the stream that they are of.
    pub(super) fn late_rows(
        &mut self,
        definition: &StreamDefinition,
        of: &str,
        parents: &mut Vec<usize>,
    ) -> Result<LateRows, Reported> {
        let windows = self.definition.streams.iter().find(|stream| stream.name == of);
        let (input, windows) = match windows.map(|stream| &stream.body) {
            Some(StreamBody::Operation { inputs, operation: OperationDefinition::EventTimeWindow { window, .. } }) => {
                (inputs.first().cloned().unwrap_or_default(), Some(window.windows))
            }
            Some(StreamBody::Operation {
                inputs,
                operation: OperationDefinition::DropDuplicates { time_to_live: None, .. },
            }) => (inputs.first().cloned().unwrap_or_default(), None),
            _ => {
                let message = format!(
                    "stream \"{}\": nothing is late for \"{of}\", which has neither an event-time-window nor drop-duplicates by event time",
                    definition.name
                );
                return self.fail(definition.place.wrong(message).help("name a stream that has one"));
            }
        };
        let parent = self.index_of(&input).ok_or(Reported)?;
        let (column, watermark) = self.event_column(definition, parent)?;
        let windows = windows.map_or(Ok(MOMENT), |windows| self.windows(definition, &windows))?;
        *parents = vec![parent];
        Ok(LateRows { column, windows, watermark })
    }
}
