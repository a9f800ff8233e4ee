//! `sluicebox swap` and `rollback`: another component for a plugin of a running job.

use std::fs;
use std::io::{BufRead, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::plugin::{Digest, MAX_COMPONENT, check_component, signature};
use crate::server::client::ClientError;
use crate::server::query::encoded;
use crate::server::view::{ComparedStream, Comparison, Made, Operators, Swap, Swaps};

use super::args::{Promote, RollbackArgs, SwapArgs};
use super::control::{Target, block_on, plain};
use super::table::{aligned, counted};
use super::{out, status};

/// How long a swap may take: compiling, and moving state to another version.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// How long trying a component may take: as long as its batches do.
const CANARY_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often a watched file is looked at, and how long it must rest before it is read: who writes it may not be done.
const LOOK: Duration = Duration::from_millis(250);
/// The fewest digits of a digest that are taken for one.
const FEWEST_DIGITS: usize = 6;

/// `swap JOB PLUGIN FILE`.
pub fn swap(args: &SwapArgs) -> Result<()> {
    let target = Target::find(&args.verb.target)?;
    if args.watch {
        return block_on(watch(&target, args))?;
    }
    let bytes = component(&args.file)?;
    if let Some(batches) = args.canary
        && !tried(&target, args, batches, bytes.clone())?
    {
        return Err(Error::failed(format!("plugin \"{}\" stays what it is", args.plugin)));
    }
    let swap = block_on(ask_swap(&target, args, bytes))?.map_err(|error| refused(&target, error))?;
    told(args.verb.json, &swap)
}

/// `rollback JOB PLUGIN [DIGEST]`.
pub fn rollback(args: &RollbackArgs) -> Result<()> {
    let target = Target::find(&args.verb.target)?;
    let swap: Swap = block_on(async {
        let to = match &args.digest {
            Some(digest) => format!("&to={}", whole_digest(&target, &args.plugin, digest).await?),
            None => String::new(),
        };
        let by_and_why = by_and_why(args.why.as_deref());
        let path = format!("/v1/plugins/{}/rollback?{by_and_why}{to}", encoded(&args.plugin));
        target.client.post(&path, TIMEOUT).await.map_err(|error| refused(&target, error))
    })??;
    told(args.verb.json, &swap)
}

/// Try a component beside the plugin's own, show how it did, and say whether the plugin is to be it.
fn tried(target: &Target, args: &SwapArgs, batches: u64, bytes: Bytes) -> Result<bool> {
    let signature = signature(&args.file);
    let path = format!("/v1/plugins/{}/canary?batches={batches}{signature}", encoded(&args.plugin));
    let asking = target.client.ask("POST", &path, Some("application/wasm"), bytes, CANARY_TIMEOUT);
    let answer = block_on(asking)?.and_then(|answer| read::<Comparison>(&answer));
    let comparison = answer.map_err(|error| refused(target, error))?;
    match args.verb.json {
        true => told_as_json(&comparison)?,
        false => out::result(&text_of(&comparison))?,
    }
    match args.promote {
        Promote::Same => Ok(comparison.same),
        Promote::Always => Ok(true),
        Promote::Ask => asked(&comparison),
    }
}

/// Ask who sits there. Nobody says no.
fn asked(comparison: &Comparison) -> Result<bool> {
    let plugin = plain(&comparison.plugin);
    out::result(&format!("swap plugin {plugin} to {}? [y/N] ", plain(&comparison.candidate)))?;
    let mut answer = String::new();
    let read = std::io::stdin().lock().take(100).read_line(&mut answer);
    read.map_err(|error| Error::failed(format!("the answer can't be read: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn text_of(comparison: &Comparison) -> String {
    let Comparison { plugin, current, candidate, batches, streams, not_compared, .. } = comparison;
    let mut text = format!(
        "plugin {}: {} tried beside {}, {}\n",
        plain(plugin),
        plain(candidate),
        plain(current),
        counted(usize::try_from(*batches).unwrap_or(usize::MAX), "batch").replace("batchs", "batches")
    );
    let heading =
        ["stream", "operator", "component", "rows", "rows of it alone", "time", "per row", "memory"].map(str::to_owned);
    let row = |of: &ComparedStream, which: &str, made: &Made| {
        let per_row =
            if made.rows == 0 { "-".to_owned() } else { format!("{:.0} ns", made.took_ms * 1e6 / made.rows as f64) };
        let time = format!("{:.1} ms", made.took_ms);
        let memory = if made.memory_bytes == 0 { "-".to_owned() } else { status::bytes(made.memory_bytes) };
        [
            plain(&of.stream),
            plain(&of.operator),
            which.to_owned(),
            made.rows.to_string(),
            made.only.to_string(),
            time,
            per_row,
            memory,
        ]
    };
    let rows = streams.iter().flat_map(|of| [row(of, "current", &of.current), row(of, "candidate", &of.candidate)]);
    text += &aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>());
    for of in streams {
        let stream = plain(&of.stream);
        if of.differing_batches > 0 {
            text += &format!("{stream}: rows differ in {} of them\n", of.differing_batches);
            text.extend(of.samples.iter().map(|sample| format!("  {}\n", plain(sample))));
        }
        if of.failed_batches > 0 {
            text += &format!("{stream}: the candidate failed in {} of them\n", of.failed_batches);
            text.extend(of.errors.iter().map(|error| format!("  {}\n", plain(error))));
        }
    }
    text.extend(not_compared.iter().map(|(stream, why)| format!("{}: not compared: {}\n", plain(stream), plain(why))));
    text
}

/// A component's bytes, which look like one.
fn component(file: &Path) -> Result<Bytes> {
    let wrong = |what: String| Error::invalid(format!("{}: {what}", file.display()));
    let mut bytes = vec![];
    let opened = fs::File::open(file).map_err(|error| wrong(format!("it can't be read: {error}")))?;
    let read = opened.take(MAX_COMPONENT + 1).read_to_end(&mut bytes);
    read.map_err(|error| wrong(format!("it can't be read: {error}")))?;
    check_component(&bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(Bytes::from(bytes))
}

async fn ask_swap(target: &Target, args: &SwapArgs, bytes: Bytes) -> Result<Swap, ClientError> {
    let (by_and_why, signature) = (by_and_why(args.why.as_deref()), signature(&args.file));
    let path = format!("/v1/plugins/{}/swap?{by_and_why}{signature}", encoded(&args.plugin));
    let answer = target.client.ask("POST", &path, Some("application/wasm"), bytes, TIMEOUT).await?;
    read(&answer)
}

/// The signature that lies beside a component, to be sent with it. Whether there must be one is the job's to say.
fn signature(file: &Path) -> String {
    let text = signature::read(&signature::beside(file)).unwrap_or_default();
    if text.is_empty() { text } else { format!("&signature={}", encoded(&text)) }
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(answer)
        .map_err(|error| ClientError::Odd(format!("it answers what can't be understood: {error}")))
}

/// Who asks, as the system calls them.
pub fn who() -> String {
    // SAFETY: it takes nothing and can't fail.
    let number = unsafe { libc::geteuid() };
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| format!("user {number}"))
}

/// Who asks, and why.
fn by_and_why(why: Option<&str>) -> String {
    format!("by={}&why={}", encoded(&who()), encoded(why.unwrap_or_default()))
}

/// What the server says of a component is the user's to correct; all else isn't.
fn refused(target: &Target, error: ClientError) -> Error {
    match error {
        ClientError::Refused { status: 422, error, help: None } => Error::invalid(error),
        ClientError::Refused { status: 422, error, help: Some(help) } => Error::invalid_with_help(error, help),
        error => target.failed(error),
    }
}

/// The digest that begins so, among those that the plugin was.
async fn whole_digest(target: &Target, plugin: &str, begin: &str) -> Result<String> {
    let begin = begin.to_ascii_lowercase();
    if begin.len() == 64 {
        return begin.parse::<Digest>().map(|digest| digest.to_string()).map_err(Error::invalid);
    }
    if begin.len() < FEWEST_DIGITS {
        let message = format!("\"{begin}\" is too short for a digest: {FEWEST_DIGITS} digits are the fewest");
        return Err(Error::invalid(message));
    }
    let swaps: Swaps = target.client.get("/v1/swaps").await.map_err(|error| target.failed(error))?;
    let of_plugin = swaps.swaps.into_iter().filter(|swap| swap.plugin == plugin);
    let mut known: Vec<String> = of_plugin.flat_map(|swap| [swap.from, swap.to]).collect();
    known.sort();
    known.dedup();
    let (meant, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|digest| digest.starts_with(&begin));
    match meant.as_slice() {
        [one] => Ok(one.clone()),
        [] if others.is_empty() => Err(Error::invalid(format!("plugin \"{plugin}\" was never another component"))),
        [] => Err(Error::invalid_with_help(
            format!("plugin \"{plugin}\" was no component whose digest begins with {begin}"),
            format!("it was {}", others.join(", ")),
        )),
        several => Err(Error::invalid_with_help(
            format!("several components of plugin \"{plugin}\" have a digest that begins with {begin}"),
            format!("write more of it: {}", several.join(", ")),
        )),
    }
}

/// How a file stands, as far as that can be seen from outside.
type Standing = Option<(SystemTime, u64)>;

fn standing(file: &Path) -> Standing {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Swap when the file changes, until the job has ended.
async fn watch(target: &Target, args: &SwapArgs) -> Result<()> {
    // What can't be asked for at all is said at once.
    let operators: Operators = target.client.get("/v1/operators").await.map_err(|error| target.failed(error))?;
    let Some(plugin) = operators.plugins.iter().find(|plugin| plugin.name == args.plugin) else {
        let names: Vec<&str> = operators.plugins.iter().map(|plugin| plugin.name.as_str()).collect();
        let message = format!("the job has no plugin \"{}\"", args.plugin);
        return Err(Error::invalid_with_help(message, format!("it has {}", names.join(", "))));
    };
    let mut known = plugin.digest.clone();
    let mut tried: Standing = None;
    let mut before: Standing = None;
    out::result(&format!("watching {}\n", args.file.display()))?;
    let mut ended = std::pin::pin!(target.ended());
    loop {
        let now = standing(&args.file);
        // It is read once it has stayed as it is from one look to the next.
        if now.is_some() && now == before && now != tried {
            tried = now;
            if let Some((digest, bytes)) = changed(args, known.as_deref()) {
                match ask_swap(target, args, bytes).await {
                    Ok(swap) => told(args.verb.json, &swap)?,
                    Err(ClientError::Gone(error)) => return Err(target.failed(ClientError::Gone(error))),
                    Err(error) => out::any_error(&refused(target, error)),
                }
                known = Some(digest);
            }
        }
        before = now;
        tokio::select! {
            // Nothing tells of a file that changes but looking at it.
            () = tokio::time::sleep(LOOK) => {}
            ended = ended.as_mut() => return ended,
        }
    }
}

/// The file's component, if it is another than was tried last. One that is no component is told of, and waited for.
fn changed(args: &SwapArgs, known: Option<&str>) -> Option<(String, Bytes)> {
    match component(&args.file) {
        Ok(bytes) => {
            let digest = Digest(Sha256::digest(&bytes).into()).to_string();
            (known != Some(digest.as_str())).then_some((digest, bytes))
        }
        Err(error) => {
            out::any_error(&error);
            None
        }
    }
}

fn told_as_json(view: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(view).map_err(|error| Error::failed(error.to_string()))?;
    out::result(&(json + "\n"))
}

fn told(json: bool, swap: &Swap) -> Result<()> {
    if json {
        return told_as_json(swap);
    }
    let after = match swap.after_batch_ms {
        Some(batch) => format!("the batches after {}", status::time_or_dash(Some(batch))),
        None => "the first batch".to_owned(),
    };
    let (plugin, from, to) = (plain(&swap.plugin), plain(&swap.from), plain(&swap.to));
    out::result(&format!("{plugin} was {from}\n{plugin} is {to}, from {after} on\n"))
}
