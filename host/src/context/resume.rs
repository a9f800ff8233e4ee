//! Which job file a job goes on with: the one that it is started with, or one that was applied to it since, which its checkpoint has.

use std::sync::Arc;
use std::time::Duration;

use crate::batch::job_file;
use crate::checkpoint::Store;
use crate::checkpoint::log::CheckpointLog;
use crate::clock::SystemClock;
use crate::error::{Diagnostics, Error, Result};
use crate::job::definition::{Definition, FileText};
use crate::job::file;

/// The definition that a job goes on with which is started with `definition`: where another job file was applied while the job ran, and it is started with the same as then, the one that was applied.
///
/// # Errors
/// When the checkpoint can't be read, or what was applied fits no more.
pub async fn going_on(definition: Definition) -> Result<Definition> {
    let (Some(filed), Some(url)) = (definition.filed(), &definition.job.checkpoint) else { return Ok(definition) };
    // A checkpoint that can't be is told of with the rest of what is wrong.
    let Ok(store) = Store::new(url) else { return Ok(definition) };
    if store.local().is_some_and(|folder| !folder.is_dir()) {
        return Ok(definition);
    }
    store.ready().await.map_err(Error::failed)?;
    let log = CheckpointLog::new(store.clone(), Arc::new(SystemClock), Duration::ZERO);
    let (history, _) = log.look().await.map_err(Error::failed)?;
    let Some(applied) =
        history.applied.filter(|applied| applied.filed == filed && Some(applied.digest) != definition.digest())
    else {
        return Ok(definition);
    };
    let path = job_file(&applied.digest);
    let failed = |reason: &dyn std::fmt::Display| {
        Error::failed(format_args!("the job file that was applied to the job, {}/{path}: {reason}", store.url()))
    };
    let bytes = store.get(&path).await.map_err(|error| failed(&error))?.ok_or_else(|| failed(&"it is missing"))?;
    let mut text: FileText = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
    // Paths of files in the same folder are told alike, so that what was read before is known by its path.
    let given = definition.file.as_ref().filter(|given| given.path.parent() == text.path.parent());
    text.folder = given.and_then(|given| given.folder.clone());
    let read = tokio::task::spawn_blocking(move || (file::read_text(&text.path, &text), text)).await;
    let (read, text) = read.map_err(Error::failed)?;
    let read = read.map_err(|mistaken| {
        let Diagnostics(mut mistakes) = mistaken.mistakes;
        for mistake in &mut mistakes {
            mistake.message = format!("in the job file that was applied to the job: {}", mistake.message);
        }
        Error::Invalid(Diagnostics(mistakes))
    })?;
    tracing::info!(
        target: "sluicebox::checkpoint",
        applied = %text.path.display(), digest = %applied.digest,
        "the job goes on with the job file that was applied to it; start it with another than it was started with to have that one"
    );
    Ok(Definition { started_with: Some(filed), ..read.definition })
}
