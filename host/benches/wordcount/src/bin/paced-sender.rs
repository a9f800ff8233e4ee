//! Sends a text over TCP to one client, at a rate, over and over; the driver of the word count steers it.
//!
//! Every tick it sends a line `@MICROSECONDS`, the time at which the tick was due (and not when the client let it be sent, so that waiting for a slow
//! client counts as latency), and then lines of the text, so many that the rate is kept. It does nothing but write slices of memory that it holds: what
//! it takes from the engine's two processors is the kernel's copying.
//!
//! Commands, a line each on standard input: `rate BYTES_PER_SECOND` sends from now on at that rate, forgetting any backlog; `blast` sends the
//! text once, without marks, as fast as the client takes it; `stop` sends no more. After these two the connection stays open until standard input closes.
//! On standard output: `port PORT`, `connected`, ten times a second `status TIME_US BYTES WORDS LAG_US`, and at the end `done BYTES WORDS SECONDS`.
//!
//! usage: paced-sender FILE

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TICK: Duration = Duration::from_millis(5);
const STATUS: Duration = Duration::from_millis(100);
/// A client that takes nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(20);

enum Command {
    Rate(f64),
    Blast,
    Stop,
}

/// The text, and where its lines end.
struct Text {
    bytes: Vec<u8>,
    /// The end of each line, and the words of all lines up to it.
    lines: Vec<(usize, u64)>,
}

impl Text {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let bytes = std::fs::read(path)?;
        let (mut lines, mut start, mut words) = (Vec::new(), 0, 0);
        for end in memchr::memchr_iter(b'\n', &bytes) {
            words += bytes[start..end].split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count() as u64;
            lines.push((end + 1, words));
            start = end + 1;
        }
        if lines.is_empty() {
            return Err(format!("{path} has no line").into());
        }
        Ok(Self { bytes, lines })
    }
}

/// The client, and what it has been sent.
struct Sending<'a> {
    client: TcpStream,
    text: &'a Text,
    /// Lines of the text sent in this round.
    line: usize,
    bytes: u64,
    words: u64,
}

impl Sending<'_> {
    /// Sends lines of at least so many bytes.
    fn lines(&mut self, mut wanted: u64) -> io::Result<()> {
        let lines = &self.text.lines;
        while wanted > 0 {
            let (start, words_before) = self.line.checked_sub(1).map_or((0, 0), |last| lines[last]);
            let target = start.saturating_add(usize::try_from(wanted).unwrap_or(usize::MAX));
            let last = (self.line + lines[self.line..].partition_point(|(end, _)| *end < target)).min(lines.len() - 1);
            let (end, words) = lines[last];
            self.client.write_all(&self.text.bytes[start..end])?;
            self.bytes += (end - start) as u64;
            self.words += words - words_before;
            wanted = wanted.saturating_sub((end - start) as u64);
            self.line = (last + 1) % lines.len();
        }
        Ok(())
    }

    fn mark(&mut self, due: SystemTime) -> io::Result<()> {
        let line = format!("@{}\n", due.duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_micros());
        self.client.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        self.words += 1;
        Ok(())
    }

    fn status(&self, lag: Duration) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        say(format_args!("status {} {} {} {}", now.as_micros(), self.bytes, self.words, lag.as_micros()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: paced-sender FILE")?;
    let text = Text::read(&path)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    say(format_args!("port {}", listener.local_addr()?.port()))?;
    let (client, _) = listener.accept()?;
    // Nobody else is waited for: a second connection is refused and not left hanging.
    drop(listener);
    client.set_nodelay(true)?;
    client.set_write_timeout(Some(PATIENCE))?;
    say(format_args!("connected"))?;

    let (sender, commands) = channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let command = match line.split_once(' ') {
                Some(("rate", rate)) => rate.parse().ok().filter(|rate| *rate > 0.0).map(Command::Rate),
                None if line == "blast" => Some(Command::Blast),
                None if line == "stop" => Some(Command::Stop),
                _ => None,
            };
            let Some(command) = command else {
                eprintln!("paced-sender: `{line}` is not a command");
                continue;
            };
            if sender.send(command).is_err() {
                return;
            }
        }
    });

    let mut sending = Sending { client, text: &text, line: 0, bytes: 0, words: 0 };
    let started = Instant::now();
    run(&mut sending, &commands)?;
    say(format_args!("done {} {} {:.6}", sending.bytes, sending.words, started.elapsed().as_secs_f64()))?;
    // Some engines drop a window that is open when the stream ends, so the driver says when it may.
    while commands.recv().is_ok() {}
    Ok(sending.client.shutdown(std::net::Shutdown::Write)?)
}

fn run(sending: &mut Sending<'_>, commands: &Receiver<Command>) -> io::Result<()> {
    let Ok(mut next) = commands.recv() else { return Ok(()) };
    loop {
        match next {
            Command::Stop => return Ok(()),
            Command::Blast => return sending.lines(sending.text.bytes.len() as u64),
            Command::Rate(rate) => match pace(sending, rate, commands)? {
                Some(command) => next = command,
                None => return Ok(()),
            },
        }
    }
}

/// Sends at a rate until the next command, which it returns; none: there will be no more.
fn pace(sending: &mut Sending<'_>, rate: f64, commands: &Receiver<Command>) -> io::Result<Option<Command>> {
    let (started, started_at, before) = (Instant::now(), SystemTime::now(), sending.bytes);
    let mut told = started;
    for tick in 0_u32.. {
        let due = TICK * tick;
        match commands.recv_timeout(due.saturating_sub(started.elapsed())) {
            Ok(command) => return Ok(Some(command)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
        sending.mark(started_at + due)?;
        let wanted = (rate * (due + TICK).as_secs_f64()) as u64;
        sending.lines(wanted.saturating_sub(sending.bytes - before))?;
        if told.elapsed() >= STATUS {
            told = Instant::now();
            sending.status(started.elapsed().saturating_sub(due))?;
        }
    }
    Ok(None)
}

fn say(line: std::fmt::Arguments<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
