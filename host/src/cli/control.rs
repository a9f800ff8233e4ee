//! Which running job a verb is about, and how it is asked.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::error::{Error, Result};
use crate::server::client::{Client, ClientError};
use crate::server::registry::{self, Entry, Registry};
use crate::server::token::{self, Token};
use crate::server::view::End;

use super::args::TargetArgs;

/// Asks for the job's end, and waits for half a minute.
const END: &str = "/v1/end?timeout_ms=30000";
/// How long the answer to that is waited for.
const END_TIMEOUT: Duration = Duration::from_secs(40);

/// A running job.
#[derive(Debug)]
pub struct Target {
    /// Asks it.
    pub client: Client,
    /// What errors call it.
    name: String,
}

impl Target {
    /// The job that the command line names.
    ///
    /// # Errors
    /// When there is no such job on this machine, or its address or token can't be.
    pub fn find(args: &TargetArgs) -> Result<Self> {
        let TargetArgs { job, pid, token_file } = args;
        if let Some(address) = job.strip_prefix("http://") {
            let address = with_port(address.trim_end_matches('/'))?;
            let token = token_file.as_deref().map(read_token).transpose()?;
            return Ok(Self { client: Client::new(address, token), name: job.clone() });
        }
        if job.contains("://") {
            let help = "a control server speaks plain HTTP, http://HOST:PORT: reach one far away through a tunnel";
            return Err(Error::invalid_with_help(format!("\"{job}\" is not the address of a control server"), help));
        }
        if token_file.is_some() {
            let help = "leave it out: the registry has the token of a job on this machine";
            return Err(Error::invalid_with_help("--token-file goes with the address of a job, not its name", help));
        }
        Self::of_entry(&registry::find(&Registry::of_user(), job, *pid)?)
    }

    /// A job of the registry.
    ///
    /// # Errors
    /// When its token can't be one.
    pub fn of_entry(entry: &Entry) -> Result<Self> {
        let name = format!("job \"{}\", process {}", entry.name, entry.pid);
        let token = Token::parse(&entry.token).map_err(|error| Error::failed(format!("{name}: its token: {error}")))?;
        Ok(Self { client: Client::new(&*entry.address, Some(token)), name })
    }

    /// Returns when the job has ended.
    ///
    /// # Errors
    /// Why it failed, if it did, or that it doesn't answer any more.
    pub async fn ended(&self) -> Result<()> {
        loop {
            let end: End = self.client.get_within(END, END_TIMEOUT).await.map_err(|error| self.failed(error))?;
            match end {
                End { ended: true, error: None } => return Ok(()),
                End { ended: true, error: Some(error) } => {
                    return Err(Error::failed(format!("the job has failed: {}", plain(&error))));
                }
                _ => {}
            }
        }
    }

    /// What to say when it doesn't answer as it should.
    pub fn failed(&self, error: ClientError) -> Error {
        Error::failed(format!("{}: {error}", self.name))
    }
}

fn with_port(address: &str) -> Result<String> {
    let parsed = address.parse::<hyper::http::uri::Authority>();
    match parsed.ok().filter(|authority| !authority.as_str().contains('@')) {
        Some(authority) if authority.port_u16().is_some() => Ok(authority.to_string()),
        Some(authority) if authority.as_str() == authority.host() => Ok(format!("{authority}:80")),
        _ => Err(Error::invalid_with_help(
            format!("\"http://{address}\" is not the address of a control server"),
            "write http://HOST:PORT, without a path",
        )),
    }
}

fn read_token(file: &Path) -> Result<Token> {
    let wrong = |error: String| Error::invalid(format!("the token in {}: {error}", file.display()));
    Token::parse(&token::read(file).map_err(|error| wrong(error.to_string()))?).map_err(wrong)
}

/// Wait for what a verb asks.
///
/// # Errors
/// When no thread can be had for it.
pub fn block_on<T>(asking: impl Future<Output = T>) -> Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    Ok(runtime.block_on(asking))
}

/// Text from elsewhere, on one line, with nothing in it that a terminal would obey.
pub fn plain(text: &str) -> String {
    let letter = |letter: char| match letter.is_control() {
        true => letter.escape_default().collect::<String>(),
        false => letter.to_string(),
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_port() {
        assert_eq!(with_port("localhost:8090").unwrap(), "localhost:8090");
        assert_eq!(with_port("[::1]").unwrap(), "[::1]:80");
        for odd in ["", "a/b", "u@h:1", "h:x"] {
            assert!(with_port(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn terminals_obey_nothing() {
        assert_eq!(plain("a\u{1b}[2J\nö"), "a\\u{1b}[2J\\nö");
    }
}
