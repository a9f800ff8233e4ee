//! Going on where an earlier run of the job stopped: what it took is not taken again, and what it took for a batch that isn't done has to be as it was.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::FileSource;
use super::listing::{Directory, difference};
use super::scan::OnBadFile;
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::receiver::{FileVersion, InputRange, Past};

impl FileSource {
    /// Take up what the batch log knows of the source. A stream that is new in the job has no past, and starts as it would for the first time.
    pub(super) async fn go_on(&self, past: Past) -> Result<()> {
        if past.standing.is_none() && past.given.is_empty() {
            return Ok(());
        }
        let mut given: Vec<(BatchTime, bool, Vec<FileVersion>)> = Vec::with_capacity(past.given.len());
        for input in past.given {
            let files = match input.range {
                InputRange::Files(files) => files,
                other => other.files(&self.stream)?.to_vec(),
            };
            given.push((input.batch, input.again, files));
        }
        let (directory, policy, stream) =
            (Arc::clone(&self.directory), self.options.on_bad_file, Arc::clone(&self.stream));
        let taken = tokio::task::spawn_blocking(move || {
            if policy == OnBadFile::Fail {
                check(&given).map_err(|reason| Error::failed(format_args!("stream \"{stream}\", {reason}")))?;
            }
            take(&mut directory.lock(), past.standing.as_deref(), &given)
                .map_err(|reason| Error::failed(format_args!("stream \"{stream}\": {reason}")))
        });
        taken.await.map_err(|e| Error::failed(format_args!("stream \"{}\": {e}", self.stream)))??;
        self.has_past.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Whether what has to be read again is there: to know it now is better than after other batches have run.
fn check(given: &[(BatchTime, bool, Vec<FileVersion>)]) -> Result<(), String> {
    for (batch, _, files) in given.iter().filter(|(_, again, _)| *again) {
        for file in files {
            if let Some(difference) = difference(file) {
                return Err(format!(
                    "batch {batch}: file {}, which the batch was given and has to read again: {difference}; files must stay as they are until their batch is done: \
                     put it back with the time it had, or set on-bad-file = \"skip\" to go on without it",
                    file.path
                ));
            }
        }
    }
    Ok(())
}

fn take(
    directory: &mut Directory,
    standing: Option<&[u8]>,
    given: &[(BatchTime, bool, Vec<FileVersion>)],
) -> Result<(), String> {
    let recovered = directory.recover(standing, given.iter().flat_map(|(_, _, files)| files));
    recovered.map_err(|reason| {
        format!(
            "what it had read when the batch log was compacted can't be told from its {} bytes there: {reason}",
            standing.map_or(0, <[u8]>::len)
        )
    })
}

#[cfg(test)]
mod tests;
