//! A state that another thread keeps, and that the thread of a guest can wait for with its other descriptors.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::super::poll::Pollable;

/// Whether something is so. Whoever has it locks it.
#[derive(Debug, Default)]
pub struct Level {
    is_up: bool,
    /// The guest's end and the other, once somebody waits: a byte is on its way as long as the level is up.
    ends: Option<(Arc<UnixStream>, UnixStream)>,
}

impl Level {
    /// It is so, or isn't any more.
    pub fn set(&mut self, up: bool) {
        if std::mem::replace(&mut self.is_up, up) != up
            && let Some((guests, own)) = &self.ends
        {
            // One byte always finds room, and is there where it was put.
            let moved = if up { (&*own).write(&[1]) } else { (&**guests).read(&mut [0]) };
            debug_assert!(matches!(moved, Ok(1)), "{moved:?}");
        }
    }

    /// What is ready while the level is up, and when whoever sets it is gone.
    ///
    /// # Errors
    /// When the system gives no pair of sockets.
    pub fn pollable(&mut self) -> io::Result<Pollable> {
        if self.ends.is_none() {
            let (guests, own) = UnixStream::pair()?;
            guests.set_nonblocking(true)?;
            own.set_nonblocking(true)?;
            if self.is_up {
                (&own).write_all(&[1])?;
            }
            self.ends = Some((Arc::new(guests), own));
        }
        let ends = self.ends.as_ref().map(|(guests, _)| guests.clone());
        Ok(ends.map_or(Pollable::Ready, Pollable::Told))
    }
}
