//! The log of received blocks: what it takes to make blocks safe, beside plain appends to the same disk, and what a word count over a socket pays for it.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sluicebox::arrow::array::RecordBatch;
use sluicebox::checkpoint::Store;
use sluicebox::clock::SystemClock;
use sluicebox::context::{Options, StreamingContext};
use sluicebox::engine::BlockStore;
use sluicebox::job::definition::{Framing, SourceDefinition};
use sluicebox::memory::MemoryBudget;
use sluicebox::receiver::wal::{ReceivedLog, StreamLog};
use sluicebox::receiver::{BlockId, Past};
use tokio::runtime::Runtime;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, Nowhere};
use crate::measure::{Result, Times, bytes, case, head, in_turns, ratio, row};
use crate::plugins::{MEMORY, PARALLELISM};

/// Bytes of text made safe in a round.
const ROUND: usize = 32 << 20;
/// Blocks that wait at a time where several do.
const TOGETHER: usize = 16;
/// Bytes of text that a socket sends.
const SENT: usize = 64 << 20;
/// How often each job is run.
const RUNS: usize = 5;
/// A line of the text that is sent.
const LINE: &str = "the quick brown fox jumps over the lazy dog and runs away from it all\n";

/// Print the tables.
///
/// # Errors
/// If the disk can't be written, or a job fails.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    // Beside the build: the disk that a job would have, not one in memory.
    let folder = tempfile::tempdir_in(component.parent().ok_or("the component has a folder")?)?;
    let runtime = jobs::runtime()?;
    let about = format!(
        "Blocks of lines, made safe one by one, or {TOGETHER} at a time; {} in a round. Plain: the same bytes appended to a file and synced (`fdatasync`) as often, the file as it grows, or made as large before.",
        bytes(ROUND as u64)
    );
    let columns = ["blocks", "at a time", "the log", "plain, as it grows", "plain, made before", "of the faster plain"];
    head("The log of received blocks", &about, &columns, 2);
    for (size, together) in
        [(64 << 10, 1), (64 << 10, TOGETHER), (1 << 20, 1), (1 << 20, TOGETHER), (8 << 20, 1), (8 << 20, 4)]
    {
        Blocks::new(folder.path(), &runtime, size, together)?.measure(budget)?;
    }
    sockets(&runtime, component, folder.path())
}

/// Blocks of one size, and the log they go to.
struct Blocks<'a> {
    folder: &'a Path,
    runtime: &'a Runtime,
    log: ReceivedLog,
    stream: StreamLog,
    rows: RecordBatch,
    size: usize,
    together: usize,
    next: AtomicU64,
}

impl<'a> Blocks<'a> {
    fn new(folder: &'a Path, runtime: &'a Runtime, size: usize, together: usize) -> Result<Self> {
        let checkpoint = folder.join(format!("log-{size}-{together}"));
        let store = Store::new(&format!("file://{}", checkpoint.display()))?;
        let mut rows = inputs::lines(&mut Numbers::new(), size / 60)?;
        while rows.get_array_memory_size() > size + size / 8 {
            rows = inputs::lines(&mut Numbers::new(), rows.num_rows() * 7 / 8)?;
        }
        let log = ReceivedLog::new(store.clone(), Arc::new(SystemClock), Duration::ZERO);
        let memory = MemoryBudget::new(MEMORY);
        let stream = StreamLog::new(&log, "lines".into(), rows.schema(), BlockStore::new(), memory, true);
        runtime.block_on(async {
            store.ready().await?;
            log.open(1).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        })?;
        stream.recover(&Past::default())?;
        Ok(Self { folder, runtime, log, stream, rows, size, together, next: AtomicU64::new(0) })
    }

    fn measure(self, budget: Duration) -> Result<()> {
        let n_groups = (ROUND / self.size / self.together).clamp(1, 64);
        let bytes = vec![b'x'; self.rows.get_array_memory_size()];
        let logged = case(|| self.logged(n_groups));
        let grows = case(|| self.plain(&bytes, n_groups, false));
        let made = case(|| self.plain(&bytes, n_groups, true));
        let times = in_turns(budget * 2, vec![logged, grows, made])?;
        let [logged, grows, made] = &times[..] else { return Err("three things were timed".into()) };
        let sum = (bytes.len() * n_groups * self.together) as f64;
        let rate = |times: &Times| format!("{:.0} MB/s", sum / times.median() / 1e6);
        let faster = if made.median() < grows.median() { made } else { grows };
        row(&[
            format!("{} KiB", self.size >> 10),
            self.together.to_string(),
            rate(logged),
            rate(grows),
            rate(made),
            ratio(1.0 / logged.ratio_to(faster)),
        ]);
        self.runtime.block_on(self.log.close());
        Ok(())
    }

    fn logged(&self, n_groups: usize) -> Result<()> {
        self.runtime.block_on(async {
            for _ in 0..n_groups {
                let numbers: Vec<u64> = (0..self.together).map(|_| self.next.fetch_add(1, Ordering::Relaxed)).collect();
                let mut last = 0;
                for number in &numbers {
                    last = self.stream.append(0, *number, self.rows.clone(), b"")?;
                }
                if self.stream.safe(last).await < last {
                    return Err("the log can't be written".into());
                }
                let ids: Vec<_> =
                    numbers.into_iter().map(|number| BlockId { stream: "lines".into(), number }).collect();
                self.stream.release(&ids);
            }
            Ok(())
        })
    }

    fn plain(&self, bytes: &[u8], n_groups: usize, is_made: bool) -> Result<()> {
        let path = self.folder.join("plain");
        let mut file = File::create(&path)?;
        if is_made {
            // As the log does it for a segment.
            let sum = (bytes.len() * n_groups * self.together) as u64;
            sluicebox::receiver::wal::append::reserve(&file, sum)?;
            file.sync_all()?;
        }
        for _ in 0..n_groups {
            (0..self.together).try_for_each(|_| file.write_all(bytes))?;
            file.sync_data()?;
        }
        Ok(std::fs::remove_file(path)?)
    }
}

/// What becomes of a job's received blocks.
const KINDS: [(&str, Option<bool>); 3] =
    [("no checkpoint", None), ("a checkpoint, `log = false`", Some(false)), ("a checkpoint", Some(true))];

fn sockets(runtime: &Runtime, component: &Path, folder: &Path) -> Result<()> {
    let about = format!(
        "{} of text from a socket, split by a guest and counted by key, batches of 200 ms; from the start until the last batch is done, {RUNS} runs of each, in turns.",
        bytes(SENT as u64)
    );
    head(
        "A word count over a socket, and the log",
        &about,
        &["received blocks are", "median", "beside no checkpoint"],
        1,
    );
    let mut times = vec![Times::default(); KINDS.len()];
    for run in 0..RUNS {
        for ((_, log), times) in KINDS.iter().zip(&mut times) {
            let checkpoint = log.map(|log| (folder.join(format!("job-{run}-{log}")), log));
            times.0.push(runtime.block_on(word_count(component, checkpoint))?);
        }
    }
    for ((name, _), of) in KINDS.iter().zip(&times) {
        let rate = format!("{:.0} MB/s", SENT as f64 / of.median() / 1e6);
        row(&[(*name).to_owned(), rate, ratio(of.ratio_to(&times[0]))]);
    }
    Ok(())
}

async fn word_count(component: &Path, checkpoint: Option<(std::path::PathBuf, bool)>) -> Result<f64> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = server.local_addr()?.to_string();
    let sending = std::thread::spawn(move || {
        let (mut client, _) = server.accept()?;
        let piece = LINE.repeat((1 << 20) / LINE.len());
        (0..SENT / piece.len()).try_for_each(|_| client.write_all(piece.as_bytes()))
    });
    let options = Options { drain: true, ..Options::default() };
    let context = StreamingContext::with_options("speed", Duration::from_millis(200), options);
    let log = checkpoint.as_ref().is_none_or(|(_, log)| *log);
    context.job(|job| {
        (job.parallelism, job.memory) = (PARALLELISM, MEMORY);
        job.checkpoint = checkpoint.map(|(folder, _)| format!("file://{}", folder.display()));
    })?;
    context.plugin("speed", component)?;
    let socket = SourceDefinition::Socket { address, framing: Framing::Lines, max_length: None, log };
    let words = context.source("lines", socket)?.flat_map("words", "speed/split")?;
    words.reduce_by_key("counts", &["word"], "count")?.write_to("nowhere", Arc::new(Nowhere::default()))?;
    let start = Instant::now();
    let job = context.start().await?;
    job.await_termination().await?;
    let took = start.elapsed().as_secs_f64();
    sending.join().map_err(|_| "the sender panicked")??;
    Ok(took)
}
