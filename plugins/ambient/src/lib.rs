//! Asks for what run-times give every program, whether or not it is granted, and says what it got. The host's tests run it.

use sluicebox_sdk::prelude::*;
use wasip2::cli::{environment, exit, stderr, stdin, stdout, terminal_stdin, terminal_stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::filesystem::preopens;
use wasip2::io::poll;
use wasip2::io::streams::{OutputStream, StreamError};
use wasip2::random::{insecure, insecure_seed, random};

/// What a row asks for: `what`, or `what how-much`.
#[map(output = "answer")]
fn ask(row: &str) -> String {
    let (what, rest) = row.split_once(' ').unwrap_or((row, ""));
    match what {
        "time" => {
            let now = wall_clock::now();
            format!("{}.{:09}", now.seconds, now.nanoseconds)
        }
        "clock" => (0..3).map(|_| monotonic_clock::now().to_string()).collect::<Vec<_>>().join(" "),
        "sleep" => sleep(number(rest)),
        "until" => until(number(rest)),
        "poll" => polled(),
        "random" => {
            let bytes = random::get_random_bytes(4);
            let (a, b) = insecure_seed::insecure_seed();
            format!(
                "{bytes:02x?} {:016x} {:016x} {a:016x} {b:016x}",
                random::get_random_u64(),
                insecure::get_insecure_random_u64()
            )
        }
        "bytes" => random::get_random_bytes(number(rest)).len().to_string(),
        "environment" => {
            format!(
                "{:?} {:?} {:?}",
                environment::get_environment(),
                environment::get_arguments(),
                environment::initial_cwd()
            )
        }
        "files" => preopens::get_directories().len().to_string(),
        "input" => match stdin::get_stdin().blocking_read(10) {
            Err(StreamError::Closed) => "at its end".to_owned(),
            other => format!("{other:?}"),
        },
        "terminal" => {
            format!(
                "{} {}",
                terminal_stdin::get_terminal_stdin().is_some(),
                terminal_stdout::get_terminal_stdout().is_some()
            )
        }
        "print" => print(&stdout::get_stdout(), &unescaped(rest)),
        "complain" => print(&stderr::get_stderr(), &unescaped(rest)),
        "flood" => {
            let out = stdout::get_stdout();
            (0..number(rest)).for_each(|n| drop(print(&out, &format!("line {n}\n"))));
            "done".to_owned()
        }
        "exit" => {
            print(&stderr::get_stderr(), "enough is enough");
            exit::exit(Err(()));
            "went on".to_owned()
        }
        "trap" => {
            print(&stderr::get_stderr(), "it said why\nin two lines\n");
            std::process::abort()
        }
        _ => "nothing".to_owned(),
    }
}

/// The numbers that each chunk of rows begins with, in each row.
#[map(output = ["number", "row"])]
fn draw(row: i64) -> (i64, i64) {
    (random::get_random_u64() as i64, row)
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\r", "\r")
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

/// How far the clock goes while something is waited for.
fn sleep(nanos: u64) -> String {
    let before = monotonic_clock::now();
    monotonic_clock::subscribe_duration(nanos).block();
    (monotonic_clock::now() - before).to_string()
}

/// How often the clock is read until so much time has passed.
fn until(nanos: u64) -> String {
    let end = monotonic_clock::now() + nanos;
    let mut reads = 0;
    while monotonic_clock::now() < end {
        reads += 1;
    }
    reads.to_string()
}

/// Which of several times comes first, and which have come by then.
fn polled() -> String {
    let now = monotonic_clock::now();
    let times = [3_000_000_000, 1_000_000_000, 2_000_000_000, 1_000_000_000];
    let all: Vec<_> = times.iter().map(|after| monotonic_clock::subscribe_instant(now + after)).collect();
    let first = poll::poll(&all.iter().collect::<Vec<_>>());
    let ready: Vec<bool> = all.iter().map(|time| time.ready()).collect();
    format!("{first:?} {ready:?} {}", monotonic_clock::now() - now)
}

fn print(to: &OutputStream, text: &str) -> String {
    match text.as_bytes().chunks(4096).try_for_each(|chunk| to.blocking_write_and_flush(chunk)) {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

plugin! {
    transforms: [ask, draw],
}
