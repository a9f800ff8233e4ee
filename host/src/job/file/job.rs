//! `[job]`: what holds for the job as a whole.

use std::time::Duration;

use crate::checkpoint::Store;
use crate::job::definition::{ControlDefinition, JobOptions, Missed};
use crate::job::machine;
use crate::plugin::TrustedKey;
use crate::receiver::rate::PidOptions;

use super::path::Paths;
use super::table::{Key, Table, key};
use super::value::Value;
use super::{backpressure, control, name};

const NAME: Key = key("name", "\"wordcount\"");
const BATCH_INTERVAL: Key = key("batch-interval", "\"1s\"");
const BLOCK_INTERVAL: Key = key("block-interval", "\"200ms\"");
const BLOCK_SIZE: Key = key("block-size", "\"8MiB\"");
const BLOCK_QUEUE: Key = key("block-queue", "2048");
const CHECKPOINT: Key = key("checkpoint", "\"file:///var/lib/sluicebox/wordcount\"");
const PARALLELISM: Key = key("parallelism", "4");
const TRUSTED_KEYS: Key = key("trusted-keys", "[\"RWRYf4AExgBMnrf+1EKz9+gvXENMv1SsYyT+fQJefHsjD1RFmX7NPt/h\"]");
const KEY_GROUPS: Key = key("key-groups", "128");
const MEMORY: Key = key("memory", "\"4GiB\"");
const LEASE: Key = key("lease", "\"10s\"");
const MISSED: Key = key("missed", "\"one batch\"");
const RETAIN: Key = key("retain", "\"1h\"");
const REMEMBER: Key = key("remember", "\"1m\"");
const BACKPRESSURE: Key = key("backpressure", "false");
const MAX_WAITING_BATCHES: Key = key("max-waiting-batches", "8");
const STOP_TIMEOUT: Key = key("stop-timeout", "\"30s\"");
const CONTROL: Key = key("control", "\"127.0.0.1:0\"");

/// The most keys that a job trusts.
const MAX_KEYS: usize = 100;
const SHORTEST: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Read `[job]`.
pub fn read(mut table: Table<'_>, paths: &Paths) -> Option<JobOptions> {
    let name = table.require(NAME).and_then(|value| {
        let name = value.string()?;
        let help = "a name has letters, digits, -, _ and ., at most 128 of them, and doesn't begin with a dot";
        if name::is_job_name(name) {
            Some(name)
        } else {
            value.wrong(format!("\"{name}\" can't be a job's name"), help)
        }
    });
    let batch_interval = table.require(BATCH_INTERVAL).and_then(|value| value.duration(SHORTEST..=DAY));
    let block_interval = block_interval(&mut table, batch_interval);
    let block_size = table.get(BLOCK_SIZE).map(|value| value.size(1 << 10..=1 << 30));
    let block_queue = table.get(BLOCK_QUEUE).map(|value| value.count(1..=1_000_000));
    let parallelism = table.get(PARALLELISM).map(|value| value.count(1..=1024));
    let key_groups =
        table.get(KEY_GROUPS).map(|value| value.integer(1..=32_768).and_then(|groups| u32::try_from(groups).ok()));
    let memory = table.get(MEMORY).map(|value| value.size(64 << 20..=1 << 50));
    let backpressure = table.get(BACKPRESSURE).map(|value| backpressure::read(&value));
    let max_waiting_batches = table.get(MAX_WAITING_BATCHES).map(|value| value.count(1..=10_000));
    let stop_timeout = table.get(STOP_TIMEOUT).map(|value| value.duration(SHORTEST..=DAY));
    let remember = table.get(REMEMBER).map(|value| value.duration(SHORTEST..=DAY));
    let checkpoint = table.get(CHECKPOINT).map(|value| {
        let url = value.string()?;
        match Store::new(url) {
            Ok(_) => Some(url.to_owned()),
            Err(reason) => value.wrong(
                format!("\"{url}\": {reason}"),
                "write for example \"file:///var/lib/sluicebox/wordcount\" or \"s3://bucket/wordcount\"",
            ),
        }
    });
    let trusted_keys = table.get(TRUSTED_KEYS).map(|value| trusted_keys(&value));
    let retain = table.get(RETAIN).map(|value| value.duration(Duration::ZERO..=1000 * DAY));
    let lease = table.get(LEASE).map(|value| value.duration(Duration::from_millis(100)..=DAY));
    let missed = table.get(MISSED).map(|value| match value.string()? {
        "one batch" => Some(Missed::OneBatch),
        "skip" => Some(Missed::Skip),
        "each" => Some(Missed::Each),
        other => value.wrong(
            format!("\"{other}\" isn't what can become of missed batches"),
            "it is \"one batch\", \"skip\" or \"each\"",
        ),
    });
    let control = table.get(CONTROL).map(|value| control::read(&value, paths));
    let place = table.place().clone();
    table.finish();

    let defaults = JobOptions::new(name?, batch_interval?);
    Some(JobOptions {
        block_interval: block_interval.unwrap_or(Some(defaults.block_interval))?,
        block_size: block_size.unwrap_or(Some(defaults.block_size))?,
        block_queue: block_queue.unwrap_or(Some(defaults.block_queue))?,
        parallelism: parallelism.unwrap_or(Some(defaults.parallelism))?,
        key_groups: key_groups.unwrap_or(Some(defaults.key_groups))?,
        memory: memory.unwrap_or(Some(defaults.memory))?,
        backpressure: backpressure.unwrap_or(Some(defaults.backpressure))?,
        max_waiting_batches: max_waiting_batches.unwrap_or(Some(defaults.max_waiting_batches))?,
        stop_timeout: stop_timeout.unwrap_or(Some(defaults.stop_timeout))?,
        checkpoint: checkpoint.map_or(Some(None), |checkpoint| checkpoint.map(Some))?,
        trusted_keys: trusted_keys.unwrap_or(Some(vec![]))?,
        retain: retain.unwrap_or(Some(defaults.retain))?,
        lease: lease.unwrap_or(Some(defaults.lease))?,
        missed: missed.unwrap_or(Some(defaults.missed))?,
        control: control.unwrap_or(Some(defaults.control))?,
        remember: remember.map_or(Some(None), |remember| remember.map(Some))?,
        place,
        ..defaults
    })
}

/// Public keys, at least one.
fn trusted_keys(value: &Value<'_>) -> Option<Vec<TrustedKey>> {
    let mut keys: Vec<TrustedKey> = vec![];
    for (text, item) in value.strings()? {
        match text.parse() {
            Ok(key) if keys.contains(&key) => return item.wrong("the key stands twice", "name each key once"),
            Ok(key) => keys.push(key),
            Err(reason) => {
                let help =
                    "write the second line of the .pub file that `minisign -G` makes, 56 characters that begin with RW";
                return item.wrong(format!("\"{text}\" is not a key: {reason}"), help);
            }
        }
    }
    match keys.len() {
        0 => value
            .wrong("there is no key", "name at least one, or remove the key: without it, components need no signature"),
        n if n > MAX_KEYS => value.wrong(format!("there are {n} keys"), format!("at most {MAX_KEYS} are possible")),
        _ => Some(keys),
    }
}

/// `block-interval`, which is at most the batch interval. The outer option says whether it is there, the inner whether it is right.
fn block_interval(table: &mut Table<'_>, batch_interval: Option<Duration>) -> Option<Option<Duration>> {
    let value = table.get(BLOCK_INTERVAL)?;
    let interval = value.duration(SHORTEST..=DAY);
    match (interval, batch_interval) {
        (Some(block), Some(batch)) if block > batch => {
            let (block, batch) = (humantime::format_duration(block), humantime::format_duration(batch));
            Some(
                value.wrong(
                    format!("\"{block}\" is longer than the batch interval"),
                    format!("it is at most \"{batch}\""),
                ),
            )
        }
        _ => Some(interval),
    }
}

impl JobOptions {
    /// The defaults of a job of this name and batch interval.
    pub fn new(name: impl Into<String>, batch_interval: Duration) -> Self {
        let block_interval = Duration::from_millis(200).min(batch_interval).max(SHORTEST);
        let blocks_by_time = 2 * batch_interval.as_millis() / block_interval.as_millis();
        Self {
            name: name.into(),
            batch_interval,
            block_interval,
            block_size: 8 << 20,
            block_queue: 1024 + usize::try_from(blocks_by_time).unwrap_or(usize::MAX / 2),
            checkpoint: None,
            trusted_keys: vec![],
            missed: Missed::OneBatch,
            lease: Duration::from_secs(10),
            retain: Duration::ZERO,
            parallelism: machine::cores(),
            key_groups: 128,
            memory: machine::memory() / 2,
            remember: None,
            backpressure: Some(PidOptions::default()),
            max_waiting_batches: 8,
            stop_timeout: (10 * batch_interval).max(Duration::from_secs(30)),
            control: Some(ControlDefinition::default()),
            place: Default::default(),
        }
    }
}
