//! The lines that a job is given: `NUMBER EVENT-MILLIS KEY WORD...`, each with a number of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;

use super::seed::Seed;

/// Words and keys are of these, so that each comes often.
const WORDS: &[&str] = &[
    "apple",
    "birch",
    "cedar",
    "dune",
    "elm",
    "fern",
    "gorse",
    "heath",
    "iris",
    "juniper",
    "kelp",
    "long-lived-larch",
];

/// Makes lines.
#[derive(Debug)]
pub struct Lines {
    seed: Seed,
    n: u64,
}

impl Lines {
    /// None has been made.
    pub fn new(seed: Seed) -> Self {
        Self { seed, n: 0 }
    }

    /// The next lines, some of them of late events.
    pub fn take(&mut self, n: u64) -> Vec<String> {
        (0..n).map(|_| self.line()).collect()
    }

    fn line(&mut self) -> String {
        self.n += 1;
        let seed = &mut self.seed;
        // Events are twenty milliseconds apart, and come in some disorder; one of twenty is too late for its window.
        let late = if seed.within(0..20) == 0 { seed.within(3000..9000) } else { seed.within(0..600) };
        let at = 1_700_000_000_000 + (self.n * 20).saturating_sub(late);
        let mut line = format!("{} {at} k{}", self.n, seed.within(0..5));
        for _ in 0..seed.within(0..6) {
            line = line + " " + seed.one_of(WORDS);
        }
        line
    }

    /// A last line, of an event so much later that all windows of event time close.
    pub fn last(&mut self) -> String {
        self.n += 1;
        format!("{} {} k0 zinnia", self.n, 1_700_000_000_000 + self.n * 20 + 3_600_000)
    }
}

/// Takes lines to where a job finds them.
pub trait Carrier: Send + 'static {
    /// Take these; they go in together, if at all possible. Returns when they are there to stay, and what was lost on the way was sent again.
    fn carry(&mut self, lines: &[String]);
}

impl Carrier for Box<dyn Carrier> {
    fn carry(&mut self, lines: &[String]) {
        self.as_mut().carry(lines);
    }
}

/// Moves files into a directory.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    n: u64,
}

impl Files {
    /// Into this directory.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("the folder can be made");
        Self { folder: folder.to_owned(), n: 0 }
    }
}

impl Carrier for Files {
    fn carry(&mut self, lines: &[String]) {
        self.n += 1;
        let hidden = self.folder.join(".being-written");
        std::fs::write(&hidden, lines.join("\n") + "\n").expect("the file can be written");
        std::fs::rename(hidden, self.folder.join(format!("lines-{:06}", self.n))).expect("the file can be renamed");
    }
}

/// Gives a job lines until it is told to stop, on a thread of its own.
#[derive(Debug)]
pub struct Feeder {
    stop: Sender<()>,
    fed: JoinHandle<Vec<String>>,
}

impl Feeder {
    /// Begin.
    pub fn start(mut seed: Seed, mut carrier: impl Carrier) -> Self {
        let (stop, stopped) = channel();
        let fed = std::thread::spawn(move || feed(&mut seed, &mut carrier, &stopped));
        Self { stop, fed }
    }

    /// Give it the last lines, and return all that were given.
    ///
    /// # Panics
    /// When they could not be given.
    pub fn finish(self) -> Vec<String> {
        drop(self.stop);
        self.fed.join().expect("all lines can be given")
    }
}

fn feed(seed: &mut Seed, carrier: &mut impl Carrier, stopped: &Receiver<()>) -> Vec<String> {
    let mut lines = Lines::new(seed.fork());
    let mut fed = vec![];
    loop {
        let next = lines.take(seed.within(1..12));
        carrier.carry(&next);
        fed.extend(next);
        match stopped.recv_timeout(seed.millis(5..60)) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => break,
        }
    }
    let last = vec![lines.last()];
    carrier.carry(&last);
    fed.extend(last);
    fed
}
