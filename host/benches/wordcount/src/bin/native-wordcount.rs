//! The floor: the word count of everything that a TCP server sends, by hand, with threads and a hash map each.
//!
//! Without INTERVAL_MS, all of it is counted once, and one line says how much it was and how long it took. With it, what has come in is counted
//! every INTERVAL_MS on an epoch-aligned grid, as a micro-batch engine does: a line `words N` and each word that begins with `@`, by which
//! the driver measures latency.
//!
//! usage: `native-wordcount HOST:PORT THREADS [INTERVAL_MS]`

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Counts = hashbrown::HashMap<Box<[u8]>, u64>;

/// Bytes asked of the socket at a time, and blocks that may wait for a counting thread.
const BLOCK_BYTES: usize = 1 << 20;
const BLOCKS_WAITING: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: native-wordcount HOST:PORT THREADS [INTERVAL_MS]";
    let mut args = std::env::args().skip(1);
    let address = args.next().ok_or(usage)?;
    let threads: usize = args.next().ok_or(usage)?.parse()?;
    let interval = args.next().map(|ms| ms.parse()).transpose()?.map(Duration::from_millis);
    if threads == 0 || interval == Some(Duration::ZERO) {
        return Err(usage.into());
    }

    let socket = TcpStream::connect(address)?;
    let started = Instant::now();
    let (sender, receiver) = sync_channel(BLOCKS_WAITING);
    let blocks = Mutex::new(receiver);
    let maps: Vec<Mutex<Counts>> = (0..threads).map(|_| Mutex::default()).collect();
    let ended = (Mutex::new(false), Condvar::new());
    let (bytes, total) = std::thread::scope(|scope| -> io::Result<(u64, Counts)> {
        let workers: Vec<_> = maps.iter().map(|map| scope.spawn(|| count(&blocks, map))).collect();
        let (maps, ended) = (&maps, &ended);
        let ticker = interval.map(|interval| scope.spawn(move || tick(interval, maps, ended)));
        let bytes = read(socket, sender);
        for worker in workers {
            worker.join().map_err(|_| io::Error::other("a counting thread panicked"))?;
        }
        if let Some(ticker) = ticker {
            *lock(&ended.0) = true;
            ended.1.notify_all();
            ticker.join().map_err(|_| io::Error::other("the ticking thread panicked"))??;
        }
        Ok((bytes?, take(maps)))
    })?;
    if interval.is_some() {
        return Ok(show(&total)?);
    }
    let (words, seconds): (u64, f64) = (total.values().sum(), started.elapsed().as_secs_f64());
    println!(
        "words {words}, {} distinct, {bytes} bytes, {seconds:.3} s, {:.1} MB/s",
        total.len(),
        bytes as f64 / seconds / 1e6
    );
    Ok(())
}

/// Reads to the end of the stream and hands on blocks that end with a line.
fn read(mut socket: TcpStream, blocks: SyncSender<Vec<u8>>) -> io::Result<u64> {
    let (mut tail, mut bytes) = (Vec::new(), 0);
    loop {
        let mut block = std::mem::take(&mut tail);
        let have = block.len();
        block.resize(have + BLOCK_BYTES, 0);
        let n = socket.read(&mut block[have..])?;
        block.truncate(have + n);
        bytes += n as u64;
        let whole = if n == 0 { block.len() } else { memchr::memrchr(b'\n', &block).map_or(0, |end| end + 1) };
        tail = block.split_off(whole);
        if !block.is_empty() && blocks.send(block).is_err() {
            return Err(io::Error::other("no counting thread is left"));
        }
        if n == 0 {
            return Ok(bytes);
        }
    }
}

/// Counts blocks until there are no more.
fn count(blocks: &Mutex<Receiver<Vec<u8>>>, counts: &Mutex<Counts>) {
    loop {
        let Ok(block) = lock(blocks).recv() else { return };
        let mut counts = lock(counts);
        for line in block.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            for word in line.split(|byte| *byte == b' ') {
                match counts.get_mut(word) {
                    Some(n) => *n += 1,
                    None => _ = counts.insert(word.into(), 1),
                }
            }
        }
    }
}

/// At each multiple of the interval, takes what was counted and shows it.
fn tick(interval: Duration, maps: &[Mutex<Counts>], ended: &(Mutex<bool>, Condvar)) -> io::Result<()> {
    let mut over = lock(&ended.0);
    while !*over {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        let past = Duration::from_nanos((since.as_nanos() % interval.as_nanos()) as u64);
        let (guard, wait) = ended.1.wait_timeout(over, interval - past).unwrap_or_else(PoisonError::into_inner);
        over = guard;
        if wait.timed_out() {
            show(&take(maps))?;
        }
    }
    Ok(())
}

fn take(maps: &[Mutex<Counts>]) -> Counts {
    let mut total = Counts::new();
    for map in maps {
        let counts = std::mem::take(&mut *lock(map));
        if total.is_empty() {
            total = counts;
        } else {
            for (word, n) in counts {
                *total.entry(word).or_insert(0) += n;
            }
        }
    }
    total
}

fn show(counts: &Counts) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for mark in counts.keys().filter(|word| word.starts_with(b"@")) {
        out.write_all(mark)?;
        out.write_all(b"\n")?;
    }
    writeln!(out, "words {}", counts.values().sum::<u64>())?;
    out.flush()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
