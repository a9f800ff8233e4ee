//! Sinks and receivers that reach nothing: what they do is in the log.

use std::time::Duration;

use sluicebox_sdk::prelude::*;

/// What a journal is told to do wrong.
#[config]
pub struct JournalOptions {
    /// A number at which the first attempt at a partition can't be written.
    #[serde(default)]
    unavailable_at: Option<i64>,
    /// A number at which writing fails for good.
    #[serde(default)]
    fail_at: Option<i64>,
}

/// A partition's numbers.
pub struct Journal {
    options: JournalOptions,
    attempt: u32,
    place: String,
    numbers: Vec<i64>,
}

/// Logs what is committed.
#[sink]
impl Sink for Journal {
    type Config = JournalOptions;
    type Input<'a> = i64;

    fn open(options: JournalOptions, context: &Context) -> Result<Self, Error> {
        let Context { stream, batch_time_ms, partition, partitions, attempt, .. } = context;
        let place = format!("{stream} {batch_time_ms} {partition}/{partitions}");
        Ok(Journal { options, attempt: *attempt, place, numbers: Vec::new() })
    }

    fn write(&mut self, number: i64) -> Result<(), Error> {
        if self.options.fail_at == Some(number) {
            return Err(Error::failed(format!("{number} is not wanted")));
        }
        if self.options.unavailable_at == Some(number) && self.attempt == 0 {
            return Err(Error::unavailable(format!("no room for {number}")));
        }
        count("numbers", 1);
        self.numbers.push(number);
        Ok(())
    }

    fn prepare(self) -> Result<Vec<u8>, Error> {
        Ok(format!("{}: {:?}", self.place, self.numbers).into_bytes())
    }

    fn commit(_options: JournalOptions, batch: &Target, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
        let parts: Vec<_> = prepared.iter().map(|part| String::from_utf8_lossy(part)).collect();
        info!("commit {} {} {}: {}", batch.job, batch.output, batch.batch_time_ms, parts.join("; "));
        Ok(())
    }

    fn abort(_options: JournalOptions, batch: &Target, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
        let parts: Vec<_> = prepared.iter().map(|part| String::from_utf8_lossy(part)).collect();
        info!("abort {} {}: {}", batch.output, batch.batch_time_ms, parts.join("; "));
        Ok(())
    }
}

/// Which numbers come, and when it goes wrong.
#[config]
pub struct CountingOptions {
    /// The first number that doesn't come any more; none: they never end.
    #[serde(default)]
    end: Option<u64>,
    /// A number before which the first start fails.
    #[serde(default)]
    fail_at: Option<u64>,
    /// A number before which the first start panics.
    #[serde(default)]
    panic_at: Option<u64>,
    /// Whether no start succeeds.
    #[serde(default)]
    refuse: bool,
}

/// The next number of those that are this receiver's.
pub struct Counting {
    options: CountingOptions,
    starts: u32,
    next: u64,
    step: u64,
}

/// Numbers from 0, shared among the stream's receivers.
#[receiver(output = ["number", "receiver"])]
impl Receiver for Counting {
    type Config = CountingOptions;
    type Output = (u64, u32);
    const REPLAYABLE: bool = true;

    fn start(options: CountingOptions, context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
        if options.refuse {
            return Err(Error::unavailable("nobody counts here"));
        }
        let next = match position {
            Some(position) => u64::from_le_bytes(position.try_into().map_err(Error::failed)?),
            None => u64::from(context.partition),
        };
        info!("receiver {} starts at {next}, attempt {}", context.partition, context.attempt);
        Ok(Counting { options, starts: context.attempt, next, step: u64::from(context.partitions) })
    }

    fn receive(
        &mut self,
        rows: &mut Rows<(u64, u32)>,
        max_rows: usize,
        _max_time: Duration,
    ) -> Result<Progress, Error> {
        while rows.len() < max_rows && self.options.end.is_none_or(|end| self.next < end) {
            let wrong = |at: Option<u64>| self.starts == 0 && at == Some(self.next);
            if wrong(self.options.panic_at) {
                panic!("no more than {}", self.next);
            }
            if wrong(self.options.fail_at) {
                if !rows.is_empty() {
                    break;
                }
                return Err(Error::failed(format!("can't count past {}", self.next)));
            }
            rows.push((self.next, (self.next % self.step) as u32));
            self.next += self.step;
        }
        let position = self.next.to_le_bytes().to_vec();
        let ended = self.options.end.is_some_and(|end| self.next >= end);
        Ok(if ended { Progress::Ended(position) } else { Progress::At(position) })
    }

    fn ack(&mut self, position: &[u8]) -> Result<(), Error> {
        info!("ack {}", u64::from_le_bytes(position.try_into().map_err(Error::failed)?));
        Ok(())
    }

    fn stop(self) {
        info!("stop at {}", self.next);
    }
}
