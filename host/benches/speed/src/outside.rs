//! Rows through a plugin's receiver, and into a plugin's sink, beside the host's own of the same work.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use futures::StreamExt;
use sluicebox::arrow::array::{Array, RecordBatch, StringArray};
use sluicebox::arrow::compute::cast;
use sluicebox::arrow::datatypes::{DataType, SchemaRef};
use sluicebox::clock::BatchTime;
use sluicebox::context::{StreamRef, StreamingContext, plugin_definition};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::Error;
use sluicebox::job::definition::{ComponentSource, PluginDefinition};
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::plugin::{Directory, Grants, Limits};
use sluicebox::receiver::queue::Queue;

use crate::functions::Text;
use crate::inputs::{self, Numbers};
use crate::jobs::{self, Job};
use crate::measure::{Result, Times, duration, head, rate, ratio, row};

/// Lines of a round.
const LINES: usize = 1_000_000;
/// Lines of a record batch.
const BATCH_LINES: usize = 65_536;
/// A round at least, beside the first, which isn't counted.
const LEAST_ROUNDS: usize = 5;
/// How long it is waited between batches that bring no rows.
const PAUSE: Duration = Duration::from_millis(2);

/// The components, beside the benchmark's own.
#[derive(Debug, Clone, Default)]
pub struct Components {
    /// `plugins/lines`.
    pub lines: PathBuf,
    /// `plugins/tail`.
    pub tail: PathBuf,
    /// `plugins/hostile`.
    pub hostile: PathBuf,
}

/// Print the table.
///
/// # Errors
/// If a job fails, or another number of rows comes than went.
pub fn table(component: &Path, others: &Components, budget: Duration) -> Result<()> {
    let rows = lines()?;
    let text = text(&rows)?;
    let columns = ["what", "built in", "rows", "MB/s", "a plugin's", "rows", "MB/s", "ratio"];
    let about = format!(
        "{LINES} lines, {:.1} MB, in turns: until all of them are in batches that are done. A socket's lines come from a thread of this process; files are in the cache of the system, and \
         in one file.",
        text.len() as f64 / 1e6
    );
    head("Outside", &about, &columns, 1);
    let show = |name: &str, [built_in, plugin]: &[Times; 2]| {
        let figures = |times: &Times| {
            let median = times.median();
            let megabytes = text.len() as f64 / 1e6 / median;
            [duration(median), rate(LINES, median), format!("{megabytes:.0}")]
        };
        let ([time, rows, bytes], [their_time, their_rows, their_bytes]) = (figures(built_in), figures(plugin));
        row(&[
            name.to_owned(),
            time,
            rows,
            bytes,
            their_time,
            their_rows,
            their_bytes,
            ratio(plugin.ratio_to(built_in)),
        ]);
    };
    jobs::runtime()?.block_on(async {
        show("lines of a socket, `lines/receive`", &sockets(component, &others.lines, &text, budget).await?);
        show("lines of a file, `tail/follow`", &files(component, &others.tail, &text, budget).await?);
        show("lines into a sink that makes text of them", &sinks(component, &rows, budget).await?);
        Ok(())
    })
}

/// The lines, in record batches.
fn lines() -> Result<Vec<RecordBatch>> {
    let mut numbers = Numbers::new();
    (0..LINES).step_by(BATCH_LINES).map(|start| inputs::lines(&mut numbers, BATCH_LINES.min(LINES - start))).collect()
}

/// The lines as text.
fn text(rows: &[RecordBatch]) -> Result<Arc<[u8]>> {
    let mut text = vec![];
    for rows in rows {
        let lines = rows.column(0).as_any().downcast_ref::<StringArray>().ok_or("lines are strings")?;
        for line in lines.iter().flatten() {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
    }
    Ok(text.into())
}

/// Time both in turns, for as long as `budget`.
async fn in_turns(budget: Duration, mut both: [Side<'_>; 2]) -> Result<[Times; 2]> {
    let mut times = [Times::default(), Times::default()];
    let mut begin = Instant::now();
    let mut round = 0;
    while round <= LEAST_ROUNDS || begin.elapsed() < budget {
        if round == 1 {
            begin = Instant::now();
        }
        for (side, times) in both.iter_mut().zip(&mut times) {
            let time = side.round(round).await?;
            if round > 0 {
                times.0.push(time);
            }
        }
        round += 1;
    }
    for side in both {
        side.job.stop().await?;
    }
    Ok(times)
}

/// A job, and what makes rows come to it.
struct Side<'a> {
    job: Job,
    send: Box<dyn FnMut(usize) -> Result<()> + 'a>,
    /// Rows that came, where the job's output doesn't say.
    came: Option<Arc<AtomicU64>>,
}

impl Side<'_> {
    /// Let the rows come; how long it took until all of them are done.
    async fn round(&mut self, round: usize) -> Result<f64> {
        let start = Instant::now();
        (self.send)(round)?;
        let mut n_rows = 0;
        while n_rows < LINES as u64 {
            self.job.batch().await?;
            let more = self.came.as_ref().map_or_else(|| self.job.rows(), |came| came.swap(0, Ordering::Relaxed));
            n_rows += more;
            if more == 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
        match n_rows == LINES as u64 {
            true => Ok(start.elapsed().as_secs_f64()),
            false => Err(format!("{n_rows} rows came of {LINES}").into()),
        }
    }
}

/// A plugin that is granted something.
fn granted(name: &str, component: &Path, config: String, grants: Grants) -> PluginDefinition {
    let plugin = plugin_definition(name, ComponentSource::File(component.to_owned()));
    PluginDefinition { config, limits: Limits { grants, ..Limits::default() }, ..plugin }
}

async fn sockets(component: &Path, plugin: &Path, text: &Arc<[u8]>, budget: Duration) -> Result<[Times; 2]> {
    let built_in = |context: &StreamingContext, address: SocketAddr| {
        Ok(context.socket_text_stream("lines", &address.to_string())?)
    };
    let by_plugin = |context: &StreamingContext, address: SocketAddr| {
        let connect = vec![address.to_string().parse()?];
        let config = format!("{{\"address\": \"{address}\"}}");
        context.add_plugin(granted("lines", plugin, config, Grants { connect, ..Grants::NONE }))?;
        Ok(context.receiver_stream("lines", "lines/receive")?)
    };
    let built_in = socket(component, text, built_in).await?;
    in_turns(budget, [built_in, socket(component, text, by_plugin).await?]).await
}

/// A job that receives from a server, which sends the text when it is told to.
async fn socket<'a>(
    component: &Path,
    text: &Arc<[u8]>,
    receive: impl FnOnce(&StreamingContext, SocketAddr) -> Result<StreamRef>,
) -> Result<Side<'a>> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = server.local_addr()?;
    let (job, ()) = Job::start(component, |context| Ok((receive(context, address)?, ()))).await?;
    let (peer, _) = server.accept()?;
    let (go, told) = std::sync::mpsc::channel::<()>();
    let text = Arc::clone(text);
    std::thread::spawn(move || send(peer, &text, &told));
    Ok(Side { job, send: Box::new(move |_| Ok(go.send(())?)), came: None })
}

/// Send the text each time that it is told to; when nobody tells any more, the connection ends.
fn send(mut peer: TcpStream, text: &[u8], told: &std::sync::mpsc::Receiver<()>) {
    while told.recv().is_ok() {
        // Whoever waits for the rows finds out that they don't come.
        if peer.write_all(text).is_err() {
            return;
        }
    }
}

async fn files(component: &Path, plugin: &Path, text: &Arc<[u8]>, budget: Duration) -> Result<[Times; 2]> {
    let folder = tempfile::tempdir()?;
    let make = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).map(|()| path)
    };
    let (plain, followed) = (make("plain")?, make("followed")?);
    let (job, ()) =
        Job::start(component, |context| Ok((context.text_file_stream("lines", plain.clone())?, ()))).await?;
    let built_in = Side { job, send: move_in(&plain, text), came: None };
    let (job, ()) = Job::start(component, |context| {
        let read = vec![Directory { name: "in".to_owned(), path: followed.clone() }];
        let config = r#"{"directory": "in"}"#.to_owned();
        context.add_plugin(granted("tail", plugin, config, Grants { read, ..Grants::NONE }))?;
        Ok((context.receiver_stream("lines", "tail/follow")?, ()))
    })
    .await?;
    in_turns(budget, [built_in, Side { job, send: move_in(&followed, text), came: None }]).await
}

/// Each time, a file of that text in the directory, instead of the one before it.
fn move_in<'a>(folder: &Path, text: &Arc<[u8]>) -> Box<dyn FnMut(usize) -> Result<()> + 'a> {
    let beside = folder.with_extension("whole");
    let (folder, text) = (folder.to_owned(), Arc::clone(text));
    Box::new(move |round| {
        if round == 0 {
            std::fs::write(&beside, &text)?;
            // By the job's clock it is of long ago, and so it is whole.
            std::fs::File::options().append(true).open(&beside)?.set_modified(UNIX_EPOCH)?;
        } else {
            std::fs::remove_file(folder.join((round - 1).to_string()))?;
        }
        Ok(std::fs::hard_link(&beside, folder.join(round.to_string()))?)
    })
}

async fn sinks(component: &Path, rows: &[RecordBatch], budget: Duration) -> Result<[Times; 2]> {
    let to_text = Arc::new(ToText::default());
    let built_in = into_sink(component, rows, |lines| Ok(lines.write_to("text", to_text.clone())?)).await?;
    let plugin = into_sink(component, rows, |lines| Ok(lines.write_with("text", "speed/text")?)).await?;
    in_turns(budget, [built_in, plugin]).await
}

/// A job whose lines, a partition of each record batch, go to the output that `write` adds, and to no other.
async fn into_sink<'a>(
    component: &Path,
    rows: &'a [RecordBatch],
    write: impl FnOnce(&StreamRef) -> Result<()>,
) -> Result<Side<'a>> {
    let (job, queue): (Job, Queue) = Job::start(component, |context| {
        let (lines, queue) = context.queue_stream("lines", inputs::text_schema("value"))?;
        write(&lines)?;
        let (nothing, _) = context.queue_stream("nothing", inputs::text_schema("value"))?;
        Ok((nothing, queue))
    })
    .await?;
    let came = Arc::new(AtomicU64::new(0));
    let counted = came.clone();
    let send = move |_| {
        queue.push(rows.to_vec())?;
        // All rows of a batch are written when it is done.
        counted.store(LINES as u64, Ordering::Relaxed);
        Ok(())
    };
    Ok(Side { job, send: Box::new(send), came: Some(came) })
}

/// Makes text of lines, as the guest does; how much it was.
#[derive(Debug, Default)]
struct ToText(AtomicU64);

#[async_trait::async_trait]
impl Sink for ToText {
    fn bind(&self, _: &SchemaRef) -> sluicebox::error::Result<()> {
        Ok(())
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> sluicebox::error::Result<Staged> {
        let (mut n_rows, mut text) = (0, Text::default());
        while let Some(rows) = rows.next().await {
            let rows = rows.map_err(Error::failed)?;
            let lines = cast(rows.column(0), &DataType::Utf8).map_err(Error::failed)?;
            let lines = lines.as_any().downcast_ref::<StringArray>();
            lines.into_iter().flatten().flatten().for_each(|line| text.push(line));
            n_rows += rows.num_rows() as u64;
        }
        self.0.fetch_add(text.bytes(), Ordering::Relaxed);
        Ok(Staged { id, rows: n_rows, committable: Default::default() })
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }
}
