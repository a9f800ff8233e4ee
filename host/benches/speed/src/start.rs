//! The start of the program: from the making of the process until its sources run and the first batch is armed, which it logs.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::measure::{Result, Times, duration, head, row};

/// Starts timed.
const STARTS: usize = 20;

/// Print the table.
///
/// # Errors
/// If the program doesn't start.
pub fn table(program: &Path, component: &Path) -> Result<()> {
    let columns = ["what", "median", "best", "nine of ten", "target"];
    let about = format!("The network word count, {STARTS} times; the program's other verbs for comparison.");
    head("The start of the program", &about, &columns, 1);
    let folder = tempfile::tempdir()?;
    // Nobody needs to be met there: a receiver connects, and gets nothing.
    let server = TcpListener::bind("127.0.0.1:0")?;
    let job = folder.path().join("job.toml");
    std::fs::write(&job, job_file(&component.canonicalize()?, &server.local_addr()?.to_string()))?;
    let cold = started(program, &job, folder.path())?;
    let (mut version, mut warm) = (Times::default(), Times::default());
    for _ in 0..STARTS {
        version.0.push(said_its_version(program)?);
        warm.0.push(started(program, &job, folder.path())?);
    }
    print("`--version`", &version, "");
    print("`run`, until armed, compiled code cached", &warm, "300 ms");
    print("the same, the component compiled", &Times(vec![cold]), "");
    Ok(())
}

fn print(name: &str, times: &Times, target: &str) {
    let cells = [duration(times.median()), duration(times.best()), duration(times.at(0.9))];
    row(&[&[name.to_owned()], &cells[..], &[target.to_owned()]].concat());
}

fn job_file(component: &Path, address: &str) -> String {
    format!(
        r#"
        [job]
        name = "speed"
        batch-interval = "1s"

        [plugin.speed]
        component = {component:?}

        [stream.lines]
        source = {{ type = "socket", address = "{address}" }}

        [stream.words]
        input = "lines"
        flat-map = "speed/split"

        [stream.counts]
        input = "words"
        reduce-by-key = {{ key = ["word"], with = "count" }}

        [output.console]
        input = "counts"
        sink = {{ type = "print", rows = 10 }}
        "#
    )
}

fn said_its_version(program: &Path) -> Result<f64> {
    let start = Instant::now();
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).status()?;
    match status.success() {
        true => Ok(start.elapsed().as_secs_f64()),
        false => Err(format!("{}: {status}", program.display()).into()),
    }
}

/// Seconds until the job has started; then it is killed.
fn started(program: &Path, job: &Path, cache: &Path) -> Result<f64> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(["--log-format", "json", "run"])
        .arg(job)
        .env("SLUICEBOX_CACHE", cache.join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut log = String::new();
    let mut seconds = None;
    for line in child.stderr.take().into_iter().flat_map(|log| BufReader::new(log).lines()) {
        let line = line?;
        if line.contains("\"sluicebox::job\"") && line.contains("\"started\"") {
            seconds = Some(start.elapsed().as_secs_f64());
            break;
        }
        log = log + &line + "\n";
    }
    // It may have ended by itself.
    let _ = child.kill();
    child.wait()?;
    seconds.ok_or_else(|| format!("{} did not start the job:\n{log}", program.display()).into())
}
