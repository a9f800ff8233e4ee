//! `wasi:io/poll`: waiting, never for longer than the call under way may take, and not at all where no time passes by itself.

use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::{Result, Trap, format_err};

use super::bindings::wasi::io;
use super::tcp::Connection;
use crate::plugin::guest::Guest;

/// The most that is waited for at a time.
const MAX_POLLED: usize = 256;

/// Something to wait for.
#[derive(Debug, Clone)]
pub enum Pollable {
    /// Ready already.
    Ready,
    /// A time of the instance's own clock, in nanoseconds.
    At(u64),
    /// There is something to read, or the end.
    Readable(Arc<Connection>),
    /// Something can be written, or the connection is made or has failed.
    Writable(Arc<Connection>),
    /// The other end of the pair says so by a byte, or is gone.
    Told(Arc<UnixStream>),
}

impl Pollable {
    fn descriptor(&self) -> Option<(RawFd, i16)> {
        match self {
            Self::Ready | Self::At(_) => None,
            Self::Readable(connection) => Some((connection.socket.as_raw_fd(), libc::POLLIN)),
            Self::Writable(connection) => Some((connection.socket.as_raw_fd(), libc::POLLOUT)),
            Self::Told(end) => Some((end.as_raw_fd(), libc::POLLIN)),
        }
    }
}

impl Guest {
    /// Which of these are ready; waits until one is, or `most` has passed.
    ///
    /// # Errors
    /// When the call has taken all the time it may.
    pub fn ready(&mut self, pollables: &[Pollable], most: Duration) -> Result<Vec<u32>> {
        let mut left = most;
        loop {
            let now = self.clock_stands_at();
            let call = self.running.time_left();
            let until = pollables.iter().filter_map(|pollable| match pollable {
                Pollable::Ready => Some(0),
                Pollable::At(at) => Some(at.saturating_sub(now)),
                _ => None,
            });
            let nearest = until.min().map_or(Duration::MAX, Duration::from_nanos);
            // With a clock that stands still, nothing comes before the time: whoever may reach something has another.
            let wait = if self.outside().time_passes() || nearest == Duration::MAX {
                nearest.min(left).min(call)
            } else {
                let forward = nearest.min(left);
                self.put_clock_forward(u64::try_from(forward.as_nanos()).unwrap_or(u64::MAX));
                left -= forward;
                Duration::ZERO
            };
            let watch = crate::clock::Stopwatch::start();
            let readable = poll(pollables, wait)?;
            let now = self.clock_stands_at();
            let is_ready = |(pollable, events): (&Pollable, bool)| match pollable {
                Pollable::Ready => true,
                Pollable::At(at) => *at <= now,
                _ => events,
            };
            let ready: Vec<u32> = (0_u32..)
                .zip(pollables.iter().zip(readable))
                .filter_map(|(idx, pollable)| is_ready(pollable).then_some(idx))
                .collect();
            left = left.saturating_sub(watch.elapsed());
            if !ready.is_empty() || left.is_zero() {
                return Ok(ready);
            }
            if self.running.time_left().is_zero() {
                return Err(Trap::Interrupt.into());
            }
        }
    }

    /// Wait until it is ready.
    ///
    /// # Errors
    /// As [`Guest::ready`].
    pub fn wait_for(&mut self, pollable: Pollable) -> Result<()> {
        self.ready(&[pollable], Duration::MAX).map(drop)
    }

    /// A pollable as a resource.
    ///
    /// # Errors
    /// When the instance has too many resources.
    pub fn subscribe_to(&mut self, pollable: Pollable) -> Result<Resource<Pollable>> {
        Ok(self.outside().table.push(pollable)?)
    }
}

/// Which of these have events, after `wait` at most; those without a descriptor have none.
fn poll(pollables: &[Pollable], wait: Duration) -> Result<Vec<bool>> {
    let mut descriptors: Vec<libc::pollfd> = pollables
        .iter()
        .map(|pollable| {
            let (fd, events) = pollable.descriptor().unwrap_or((-1, 0));
            libc::pollfd { fd, events, revents: 0 }
        })
        .collect();
    // Rounded up: a wait that ends early would only be made again.
    let millis = wait.as_nanos().div_ceil(1_000_000);
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    let n = libc::nfds_t::try_from(descriptors.len())?;
    // SAFETY: it reads and writes the entries of the one list it is given, of that length; a negative descriptor is passed over.
    let result = unsafe { libc::poll(descriptors.as_mut_ptr(), n, millis) };
    if result < 0 {
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(format_err!("waiting failed: {error}"));
        }
        descriptors.iter_mut().for_each(|descriptor| descriptor.revents = 0);
    }
    Ok(descriptors.iter().map(|descriptor| descriptor.revents != 0).collect())
}

impl io::poll::Host for Guest {
    fn poll(&mut self, pollables: Vec<Resource<Pollable>>) -> Result<Vec<u32>> {
        if pollables.is_empty() || pollables.len() > MAX_POLLED {
            return Err(format_err!("{} things are waited for: 1 to {MAX_POLLED} are possible", pollables.len()));
        }
        let table = &self.outside().table;
        let pollables: Vec<Pollable> =
            pollables.iter().map(|pollable| table.get(pollable).cloned()).collect::<Result<_, _>>()?;
        self.ready(&pollables, Duration::MAX)
    }
}

impl io::poll::HostPollable for Guest {
    fn ready(&mut self, this: Resource<Pollable>) -> Result<bool> {
        let pollable = self.outside().table.get(&this)?.clone();
        Ok(!Guest::ready(self, &[pollable], Duration::ZERO)?.is_empty())
    }

    fn block(&mut self, this: Resource<Pollable>) -> Result<()> {
        let pollable = self.outside().table.get(&this)?.clone();
        self.wait_for(pollable)
    }

    fn drop(&mut self, this: Resource<Pollable>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}
