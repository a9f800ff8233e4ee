//! What tells outputs of the same job and name apart, in marks that sinks keep outside: a job that begins anew with an empty checkpoint is another.

use bytes::Bytes;

use crate::checkpoint::{Store, path_name};
use crate::error::{Error, Result};

/// What identities of runs without a checkpoint begin with.
pub const RUN: &str = "run ";

/// The identity that a checkpoint gives to an output; one of this run where there is none.
///
/// # Errors
/// When the checkpoint can't be read or written.
pub async fn identity(store: Option<&Store>, output: &str) -> Result<String> {
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(|error| Error::failed(format_args!("no random numbers: {error}")))?;
    let new: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let Some(store) = store else { return Ok(format!("{RUN}{new}")) };
    let path = format!("staging/{}/identity", path_name(output));
    store.create(&path, Bytes::from(new)).await.map_err(Error::failed)?;
    let bytes = store.get(&path).await.map_err(Error::failed)?;
    bytes
        .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
        .ok_or_else(|| Error::failed(format_args!("checkpoint {}: {path} was written, and can't be read", store.url())))
}
