//! Lines of text, or messages that follow their lengths, from a TCP server.
//!
//! The receiver is the client. A thread of its own reads with blocking reads, so that parsing never holds up the I/O runtime; shutting the
//! socket down wakes it. When the server can't be reached or closes, it connects again after a pause, for ever; a job that drains takes the end
//! of the stream as the end of the source instead, and gives up on a server it can't reach.
//!
//! What is lost: lines that aren't valid UTF-8, lines and messages that are over the limit, a message cut off by the end of a connection, a line cut off by a broken one,
//! what stopping cuts off, and what the server had sent but had not arrived when the receiver was stopped. The first three are counted and logged.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::clock::{BatchTime, Clock};
use crate::engine::{BlockScanExec, BlockStore};
use crate::error::{Error, Result};
use crate::job::definition::Framing;
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::receiver::block::{BlockGenerator, BlockOptions};
use crate::receiver::lines::{self, Found, LineBlock, LineBuffer, Splitter};
use crate::receiver::messages::{self, MessageBuffer};
use crate::receiver::rate::{RateLimiter, RateLimits, RowBytes};
use crate::receiver::wal::{self, ReceivedLog, StreamLog};
use crate::receiver::{InputRange, InputStatus, InputStream, Past};

/// Bytes read at a time: large enough that a call costs little, small enough to stay in a core's own cache.
const READ_BYTES: usize = 256 * 1024;

/// The most bytes a line or a message may have, unless a job says otherwise or has little memory.
pub const DEFAULT_MAX_LENGTH: usize = 16 << 20;

/// How a socket is read.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    /// `address`: host:port.
    pub address: String,
    /// `framing`.
    pub framing: Framing,
    /// `max-line` or `max-message`: the most bytes a line may have, without its end, or a message, without its length.
    pub max_length: usize,
    /// The pause before it connects again.
    pub reconnect: Duration,
    /// The end of the stream ends the source.
    pub drain: bool,
    /// How long a draining receiver tries to connect.
    pub give_up_after: Duration,
    /// How blocks are cut.
    pub blocks: BlockOptions,
    /// `max-rate` and `initial-rate`.
    pub rates: RateLimits,
    /// `log`: whether blocks are logged where the job has a checkpoint.
    pub log: bool,
}

impl SocketOptions {
    fn schema(&self) -> SchemaRef {
        match self.framing {
            Framing::Lines => lines::schema(),
            Framing::LengthPrefixed => messages::schema(),
        }
    }

    /// Lines of at most [`DEFAULT_MAX_LENGTH`] bytes, a pause of 2 s, 10 s before a draining receiver gives up.
    pub fn new(address: impl Into<String>, blocks: BlockOptions) -> Self {
        Self {
            address: address.into(),
            framing: Framing::Lines,
            max_length: DEFAULT_MAX_LENGTH,
            reconnect: Duration::from_secs(2),
            drain: false,
            give_up_after: Duration::from_secs(10),
            blocks,
            rates: RateLimits::default(),
            log: true,
        }
    }
}

/// Receives lines or messages; the stream has one column, `value`.
#[derive(Debug)]
pub struct SocketReceiver(Arc<Receiving>);

/// What the receiver and its thread share.
#[derive(Debug)]
struct Receiving {
    stream: Arc<str>,
    options: SocketOptions,
    clock: Arc<dyn Clock>,
    budget: MemoryBudget,
    blocks: BlockGenerator<LineBlock>,
    limiter: RateLimiter,
    /// Of a job with a checkpoint.
    log: Option<Arc<StreamLog>>,
    /// The open connection, to be shut down by [`InputStream::stop`].
    connection: Mutex<Option<TcpStream>>,
    connected: AtomicBool,
    lines_dropped: AtomicU64,
    last_error: Mutex<Option<(i64, String)>>,
    end: watch::Sender<End>,
}

/// Whether the thread is done, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    NotStarted,
    Running,
    Stopped,
    Closed,
    Failed(String),
}

impl SocketReceiver {
    /// A receiver for `stream`, which connects when it is started, and takes part in the `log` of the job's checkpoint; its own part says whether it logs.
    pub fn new(
        stream: Arc<str>,
        options: SocketOptions,
        clock: Arc<dyn Clock>,
        budget: MemoryBudget,
        store: Arc<BlockStore>,
        log: Option<&ReceivedLog>,
    ) -> Self {
        let schema = options.schema();
        let part =
            |log| Arc::new(StreamLog::new(log, stream.clone(), schema, store.clone(), budget.clone(), options.log));
        let log = log.map(part);
        // A block's text has to fit into 31 bits of offsets, with a whole buffer of lines to spare.
        let mut blocks = options.blocks;
        blocks.size = blocks.size.min(LineBlock::MAX_BYTES / 2);
        let limiter = RateLimiter::new(options.rates, blocks.interval, Arc::clone(&clock));
        let blocks = BlockGenerator::new(Arc::clone(&stream), blocks, Arc::clone(&clock), budget.clone(), store)
            .logged(log.clone(), 0);
        Self(Arc::new(Receiving {
            stream,
            options,
            clock,
            budget,
            blocks,
            limiter,
            log,
            connection: Mutex::new(None),
            connected: AtomicBool::new(false),
            lines_dropped: AtomicU64::new(0),
            last_error: Mutex::new(None),
            end: watch::Sender::new(End::NotStarted),
        }))
    }
}

#[async_trait::async_trait]
impl InputStream for SocketReceiver {
    fn schema(&self) -> SchemaRef {
        self.0.options.schema()
    }

    async fn recover(&self, past: Past) -> Result<()> {
        self.0.recover(&past)
    }

    fn standing(&self) -> Result<Option<Vec<u8>>> {
        self.0.log.as_ref().map_or(Ok(None), |log| log.standing())
    }

    fn set_rate(&self, rows_per_second: f64) {
        self.0.limiter.set_rate(rows_per_second);
    }

    fn rate(&self) -> Option<f64> {
        self.0.limiter.rate()
    }

    async fn start(&self) -> Result<()> {
        self.0.recover(&Past::default())?;
        let (receiving, runtime) = (Arc::clone(&self.0), Handle::current());
        self.0.end.send_replace(End::Running);
        let thread = std::thread::Builder::new().name(format!("receive-{}", self.0.stream));
        thread.spawn(move || receiving.run(&runtime)).map(drop).map_err(|e| {
            self.0.end.send_replace(End::NotStarted);
            Error::failed(format_args!("stream \"{}\": can't start a thread to receive on: {e}", self.0.stream))
        })
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        let received = self.0.blocks.allocate_marked().await?.into_iter().map(|(id, ())| id);
        let waiting = self.0.log.as_ref().map(|log| log.take_waiting());
        Ok(InputRange::Blocks(waiting.into_iter().flatten().chain(received).collect()))
    }

    fn rows(&self, range: &InputRange) -> Option<u64> {
        self.0.blocks.rows(range)
    }

    fn plan(&self, _: BatchTime, _: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let blocks = range.blocks(&self.0.stream)?;
        Ok(Arc::new(BlockScanExec::new(Arc::clone(&self.0.stream), blocks.to_vec(), self.schema())))
    }

    fn release(&self, t: BatchTime, range: &InputRange) {
        self.0.blocks.release(range);
        if let (Some(log), InputRange::Blocks(blocks)) = (&self.0.log, range) {
            log.done(t, blocks);
        }
    }

    async fn stop(&self) {
        self.0.blocks.finish();
        if let Some(connection) = self.0.connection.lock().as_ref() {
            // Fails only if the connection is closed already.
            let _ = connection.shutdown(Shutdown::Both);
        }
        // The sender lives as long as self, so this can't fail.
        let _ = self.0.end.subscribe().wait_for(|end| *end != End::Running).await;
        self.0.blocks.stop_adding();
    }

    async fn ended(&self) -> Result<()> {
        let mut end = self.0.end.subscribe();
        let by_itself = |end: &End| matches!(end, End::Closed | End::Failed(_));
        let ended = async {
            match end.wait_for(by_itself).await.as_deref() {
                Ok(End::Failed(reason)) => Err(Error::failed(reason)),
                _ => Ok(()),
            }
        };
        wal::unless_broken(self.0.log.as_deref(), ended).await
    }

    fn status(&self) -> InputStatus {
        InputStatus {
            rows_received: self.0.blocks.rows_received(),
            lines_dropped: self.0.lines_dropped.load(Ordering::Relaxed),
            active: self.0.connected.load(Ordering::Relaxed),
            last_error: self.0.last_error.lock().clone(),
        }
    }
}

/// Why reading from a connection is over.
enum Over {
    Stopped,
    Closed,
    Broken(io::Error),
    Failed(Error),
}

/// Sets the end when the thread is gone, even if it panicked.
struct Ending<'a>(&'a Receiving, End);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.connected.store(false, Ordering::Relaxed);
        *self.0.connection.lock() = None;
        self.0.end.send_replace(std::mem::replace(&mut self.1, End::Stopped));
    }
}

impl Receiving {
    /// Take up what earlier runs have logged, unless that is done.
    fn recover(&self, past: &Past) -> Result<()> {
        if let Some(recovered) = self.log.as_ref().map(|log| log.recover(past)).transpose()?.flatten() {
            self.blocks.number_from(recovered.next);
        }
        Ok(())
    }

    fn run(&self, runtime: &Handle) {
        let panicked = format!("stream \"{}\": the receiver panicked", self.stream);
        let mut ending = Ending(self, End::Failed(panicked));
        ending.1 = self.connect_and_read(runtime);
    }

    /// Connect, read to the end, and again.
    fn connect_and_read(&self, runtime: &Handle) -> End {
        let address = &self.options.address;
        // Connections that failed or ended in a row without a line received: what is logged grows quiet with them.
        let (mut in_vain, mut failing_since) = (0_u64, None);
        while !self.stopping() {
            let over = match runtime.block_on(self.connect()) {
                Ok(Some(connection)) => {
                    failing_since = None;
                    let before = self.blocks.rows_received();
                    let over = self.read(connection, runtime);
                    if self.blocks.rows_received() > before {
                        in_vain = 0;
                    }
                    over
                }
                Ok(None) => Over::Stopped,
                Err(error) => {
                    let now = self.clock.now_ms();
                    let since = *failing_since.get_or_insert(now);
                    let waited = Duration::from_millis(now.saturating_sub(since).unsigned_abs());
                    if self.options.drain && waited >= self.options.give_up_after {
                        let reason = format!(
                            "stream \"{}\": can't connect to {address} for {waited:?}: {error}; start its server first",
                            self.stream
                        );
                        return End::Failed(reason);
                    }
                    self.note(format!("can't connect to {address}: {error}"), in_vain);
                    in_vain += 1;
                    self.pause(runtime);
                    continue;
                }
            };
            match over {
                Over::Stopped => return End::Stopped,
                Over::Failed(error) => return End::Failed(error.to_string()),
                Over::Closed if self.options.drain => return End::Closed,
                Over::Broken(error) if self.options.drain => {
                    let reason = format!("stream \"{}\": the connection to {address} broke: {error}", self.stream);
                    return End::Failed(reason);
                }
                Over::Closed => self.note(format!("{address} closed the connection"), in_vain),
                Over::Broken(error) => self.note(format!("the connection to {address} broke: {error}"), in_vain),
            }
            in_vain += 1;
            self.pause(runtime);
        }
        End::Stopped
    }

    fn stopping(&self) -> bool {
        self.blocks.phase() >= crate::receiver::block::Phase::Finishing
    }

    /// None if it was stopped meanwhile.
    async fn connect(&self) -> io::Result<Option<TcpStream>> {
        let connection = tokio::select! {
            connection = tokio::net::TcpStream::connect(&self.options.address) => connection?.into_std()?,
            () = self.blocks.finishing() => return Ok(None),
        };
        connection.set_nonblocking(false)?;
        // A peer that vanished without a word is noticed after some minutes, and connected to again.
        let keepalive =
            socket2::TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
        socket2::SockRef::from(&connection).set_tcp_keepalive(&keepalive)?;
        *self.connection.lock() = Some(connection.try_clone()?);
        // A stop that came before the connection could be seen has not shut it down.
        Ok((!self.stopping()).then_some(connection))
    }

    /// The pause before it connects again; short where somebody waits for the end.
    fn reconnect(&self) -> Duration {
        let SocketOptions { reconnect, drain, .. } = self.options;
        if drain { reconnect.min(Duration::from_millis(200)) } else { reconnect }
    }

    fn pause(&self, runtime: &Handle) {
        let pause = self.reconnect();
        runtime.block_on(async {
            tokio::select! {
                () = self.clock.pause(pause) => {}
                () = self.blocks.finishing() => {}
            }
        });
    }

    fn read(&self, mut connection: TcpStream, runtime: &Handle) -> Over {
        tracing::info!(stream = &*self.stream, address = self.options.address, "connected");
        self.connected.store(true, Ordering::Relaxed);
        // No more at once than a block may have.
        let bytes = usize::try_from(self.options.blocks.size).unwrap_or(READ_BYTES).clamp(1024, READ_BYTES);
        let longest = self.options.max_length;
        let over = match self.options.framing {
            Framing::Lines => self.read_pieces(&mut connection, LineBuffer::new(bytes, longest), runtime),
            Framing::LengthPrefixed => self.read_pieces(&mut connection, MessageBuffer::new(bytes, longest), runtime),
        };
        let over = over.unwrap_or_else(Over::Failed);
        self.connected.store(false, Ordering::Relaxed);
        *self.connection.lock() = None;
        over
    }

    fn read_pieces(&self, connection: &mut TcpStream, mut buffer: impl Splitter, runtime: &Handle) -> Result<Over> {
        let Some(mut memory) = self.reserve(buffer.buffer().capacity(), runtime)? else { return Ok(Over::Stopped) };
        // Bytes that had arrived when the receiver was stopped, and are still to be read.
        let mut left = None;
        let mut row_bytes = RowBytes::default();
        loop {
            if buffer.buffer().wants() > 0 {
                match self.reserve(buffer.buffer().wants(), runtime)? {
                    Some(more) => memory.absorb(more),
                    None => return Ok(Over::Stopped),
                }
                buffer.buffer_mut().grow();
            }
            let most = row_bytes.of(self.allowed(runtime));
            let (rows_before, n_read);
            let end = match buffer.buffer_mut().read_at_most(most, connection) {
                Ok(n) => {
                    (rows_before, n_read) = (self.blocks.rows_received(), n);
                    left = left.map(|left: u64| left.saturating_sub(n as u64));
                    n == 0
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) if self.stopping() => return Ok(Over::Stopped),
                Err(error) => {
                    self.drop_cut_off(&buffer);
                    return Ok(Over::Broken(error));
                }
            };
            if end && self.stopping() {
                return Ok(Over::Stopped);
            }
            if end {
                self.take(buffer.finish(), &mut buffer, runtime)?;
                self.drop_cut_off(&buffer);
                return Ok(Over::Closed);
            }
            loop {
                match buffer.chunk() {
                    Found::Nothing => break,
                    found => self.take(found, &mut buffer, runtime)?,
                }
            }
            let n_rows = self.blocks.rows_received() - rows_before;
            self.limiter.took(n_rows);
            row_bytes.saw(n_read, n_rows);
            if buffer.buffer_mut().shrink() {
                // Giving back never fails.
                let _ = memory.resize(buffer.buffer().capacity() as u64);
            }
            if self.stopping() && *left.get_or_insert_with(|| arrived(connection)) == 0 {
                return Ok(Over::Stopped);
            }
        }
    }

    /// How many rows may be received now. Waits until the rate allows some; what had arrived when the receiver is stopped is received at once.
    fn allowed(&self, runtime: &Handle) -> u64 {
        self.limiter.now().unwrap_or_else(|| {
            runtime.block_on(async {
                tokio::select! {
                    rows = self.limiter.ready() => rows,
                    () = self.blocks.finishing() => u64::MAX,
                }
            })
        })
    }

    /// None if it was stopped while waiting.
    fn reserve(&self, bytes: usize, runtime: &Handle) -> Result<Option<Reservation>> {
        let bytes = bytes as u64;
        if let Ok(memory) = self.budget.try_reserve(Share::Blocks, bytes) {
            return Ok(Some(memory));
        }
        runtime.block_on(async {
            tokio::select! {
                memory = self.budget.reserve(Share::Blocks, bytes) => {
                    memory.map(Some).map_err(|over| Error::failed(format_args!("stream \"{}\": {over}", self.stream)))
                }
                () = self.blocks.finishing() => Ok(None),
            }
        })
    }

    fn take(&self, found: Found, buffer: &mut impl Splitter, runtime: &Handle) -> Result<()> {
        match found {
            Found::Nothing => {}
            Found::TooLong { position } => self.drop_too_long(1, position),
            Found::Lines { bytes } => {
                let mut taken = Default::default();
                let fill = |block: &mut LineBlock| taken = buffer.take_into(block);
                if let Some(fill) = self.blocks.try_add(bytes, fill)? {
                    runtime.block_on(self.blocks.add(bytes, fill))?;
                }
                if let Some((lines, position)) = taken.invalid {
                    self.drop_pieces(lines, position, "isn't valid UTF-8");
                }
                if let Some((lines, position)) = taken.too_long {
                    self.drop_too_long(lines, position);
                }
            }
        }
        Ok(())
    }

    fn drop_too_long(&self, n: u64, position: u64) {
        self.drop_pieces(n, position, &format!("is longer than {}", self.options.framing.max_length_key()));
    }

    /// At the end of a connection.
    fn drop_cut_off(&self, buffer: &impl Splitter) {
        if let Some(position) = buffer.cut_off() {
            self.drop_pieces(1, position, "was cut off by the end of the connection");
        }
    }

    fn drop_pieces(&self, n: u64, position: u64, reason: &str) {
        let before = self.lines_dropped.fetch_add(n, Ordering::Relaxed);
        let dropped = before + n;
        // Logged when the count passes a power of two, so that a stream of rubbish doesn't fill the log.
        if before == 0 || before.ilog2() < dropped.ilog2() {
            tracing::warn!(
                stream = &*self.stream,
                position,
                dropped_since_start = dropped,
                "left out a {} that {reason}",
                self.options.framing.piece()
            );
        }
    }

    /// Remember an error, and log it, the less the more of them there are in a row.
    fn note(&self, error: String, in_a_row: u64) {
        if in_a_row == 0 || in_a_row.is_power_of_two() {
            let (stream, every) = (&*self.stream, self.reconnect());
            tracing::warn!(stream, attempts = in_a_row + 1, "{error}; connecting again every {every:?}");
        }
        *self.last_error.lock() = Some((self.clock.now_ms(), error));
    }
}

/// Bytes that have arrived and weren't read.
fn arrived(connection: &TcpStream) -> u64 {
    rustix::io::ioctl_fionread(connection).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, SystemClock};
    use arrow::array::{Array, StringArray};
    use std::io::Write;
    use std::net::TcpListener;

    struct Bench {
        receiver: Arc<SocketReceiver>,
        server: TcpListener,
        budget: MemoryBudget,
        store: Arc<BlockStore>,
    }

    fn bench(clock: impl Clock, memory: u64, change: impl FnOnce(&mut SocketOptions)) -> Bench {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let blocks = BlockOptions { interval: Duration::from_millis(200), size: 8 << 20, queue: 1000 };
        let mut options = SocketOptions::new(server.local_addr().unwrap().to_string(), blocks);
        options.reconnect = Duration::from_millis(1);
        change(&mut options);
        let (budget, store) = (MemoryBudget::new(memory), BlockStore::new());
        let receiver =
            SocketReceiver::new("lines".into(), options, Arc::new(clock), budget.clone(), store.clone(), None);
        Bench { receiver: Arc::new(receiver), server, budget, store }
    }

    impl Bench {
        /// Accept a connection, send `text`, and close.
        fn serve(&self, text: impl AsRef<[u8]>) {
            self.server.accept().unwrap().0.write_all(text.as_ref()).unwrap();
        }

        /// Blocks the test's own thread, which the receiver doesn't need, until it has so many rows.
        fn wait_for_rows(&self, rows: u64) {
            while self.receiver.status().rows_received < rows {
                std::thread::yield_now();
            }
        }

        async fn lines(&self) -> Vec<String> {
            let range = self.receiver.allocate(BatchTime(0)).await.unwrap();
            let InputRange::Blocks(blocks) = &range else { panic!("{range:?}") };
            let mut lines = Vec::new();
            for id in blocks {
                let rows = self.store.get(id).unwrap();
                lines.extend(
                    rows.column(0).as_any().downcast_ref::<StringArray>().unwrap().iter().flatten().map(str::to_owned),
                );
            }
            assert_eq!(self.receiver.rows(&range), Some(lines.len() as u64));
            self.receiver.release(BatchTime(0), &range);
            lines
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn lines_arrive_and_the_end_of_a_drained_stream_is_the_sources() {
        let bench = bench(SystemClock, 64 << 20, |options| options.drain = true);
        bench.receiver.start().await.unwrap();
        bench.serve("to be\r\n\nor not\nto be");
        bench.receiver.ended().await.unwrap();
        assert_eq!(bench.lines().await, ["to be", "", "or not", "to be"]);
        bench.receiver.stop().await;
        assert!(bench.store.is_empty());
        assert_eq!(bench.budget.used(), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_connects_again_for_ever() {
        let clock = ManualClock::new(0);
        let bench = bench(clock.clone(), 64 << 20, |options| options.reconnect = Duration::from_secs(2));
        bench.receiver.start().await.unwrap();
        bench.serve("one\ntwo");
        bench.wait_for_rows(2);
        // The pause may begin only after the clock was moved, so it is moved until the receiver is back.
        let moving = tokio::spawn(async move {
            loop {
                clock.advance(Duration::from_secs(2));
                tokio::task::yield_now().await;
            }
        });
        bench.serve("three\n");
        bench.wait_for_rows(3);
        moving.abort();
        assert_eq!(bench.lines().await, ["one", "two", "three"]);
        assert!(bench.receiver.status().last_error.unwrap().1.ends_with("closed the connection"));
        bench.receiver.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn bad_lines_are_dropped_and_counted() {
        let bench = bench(SystemClock, 64 << 20, |options| (options.drain, options.max_length) = (true, 1 << 20));
        bench.receiver.start().await.unwrap();
        let mut text = b"good\n\xFF\xFE\n".to_vec();
        text.extend(vec![b'x'; 5 << 20]);
        text.extend(b"\ngood too\n");
        bench.serve(text);
        bench.receiver.ended().await.unwrap();
        assert_eq!(bench.lines().await, ["good", "good too"]);
        assert_eq!(bench.receiver.status().lines_dropped, 2);
        bench.receiver.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_draining_receiver_gives_up_on_a_server_that_refuses() {
        let clock = ManualClock::new(0);
        let mut bench = bench(clock.clone(), 64 << 20, |options| options.drain = true);
        let address = bench.server.local_addr().unwrap();
        // Its port is bound, but nobody listens, so that no other test gets it.
        let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        bench.server = TcpListener::bind("127.0.0.1:0").unwrap();
        silent.bind(&address.into()).unwrap();
        bench.receiver.start().await.unwrap();
        let moving = tokio::spawn(async move {
            loop {
                clock.advance(Duration::from_millis(100));
                tokio::task::yield_now().await;
            }
        });
        let error = bench.receiver.ended().await.unwrap_err().to_string();
        moving.abort();
        assert!(error.starts_with(&format!("stream \"lines\": can't connect to {address} for ")), "{error}");
        bench.receiver.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stopping_wakes_a_reader_and_keeps_whole_lines() {
        let bench = bench(SystemClock, 64 << 20, |_| ());
        bench.receiver.start().await.unwrap();
        let (mut connection, _) = bench.server.accept().unwrap();
        connection.write_all(b"whole\npart").unwrap();
        bench.wait_for_rows(1);
        bench.receiver.stop().await;
        assert_eq!(bench.lines().await, ["whole"]);
        assert!(!bench.receiver.status().active);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stopping_ends_a_pause_and_a_wait_for_memory() {
        let clock = ManualClock::new(0);
        let idle = bench(clock, 64 << 20, |_| ());
        idle.receiver.start().await.unwrap();
        idle.serve("one\n");
        idle.wait_for_rows(1);
        idle.receiver.stop().await;

        let full = bench(SystemClock, 4 << 20, |_| ());
        full.receiver.start().await.unwrap();
        let (mut connection, _) = full.server.accept().unwrap();
        // The sender is held up by what the receiver has no memory for.
        let sending = std::thread::spawn(move || while connection.write_all(&b"0123456\n".repeat(1 << 15)).is_ok() {});
        while full.budget.waiting() == 0 {
            std::thread::yield_now();
        }
        full.receiver.stop().await;
        sending.join().unwrap();
        let lines = full.lines().await;
        assert!(lines.iter().all(|line| line == "0123456"));
        assert_eq!(lines.len() as u64, full.receiver.status().rows_received);
        assert_eq!(full.budget.used(), 0);
    }
}
