//! The body of a response, from the client's thread to the guest: one piece at a time, so that no more is read of a connection than the guest takes.

use std::io;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::super::bindings::wasi::http::types::ErrorCode;
use super::super::poll::Pollable;
use super::fields::Headers;
use super::level::Level;

/// The body of one response.
#[derive(Debug, Default)]
pub struct Incoming {
    state: Mutex<State>,
    /// Told when there is room for a piece.
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The piece that waits for the guest.
    piece: Bytes,
    /// How it ended, with its trailers.
    ended: Option<Result<Option<Headers>, ErrorCode>>,
    /// Whether the guest wants nothing but the trailers.
    discards: bool,
    /// Up while there is a piece, or nothing comes any more.
    readable: Level,
}

/// There is nothing to read.
#[derive(Debug)]
pub enum Nothing {
    /// And nothing comes any more.
    End,
    /// It broke off.
    Broken(ErrorCode),
}

impl State {
    fn tell(&mut self) {
        self.readable.set(!self.piece.is_empty() || self.ended.is_some());
    }
}

impl Incoming {
    /// Hand a piece over, once the one before it was taken.
    pub async fn push(&self, piece: Bytes) {
        loop {
            {
                let mut state = self.state.lock();
                if state.discards || piece.is_empty() {
                    return;
                }
                if state.piece.is_empty() {
                    state.piece = piece;
                    state.tell();
                    return;
                }
            }
            // Told meanwhile, it is at once.
            self.room.notified().await;
        }
    }

    /// Nothing comes any more; the first time counts.
    pub fn end(&self, result: Result<Option<Headers>, ErrorCode>) {
        let mut state = self.state.lock();
        state.ended.get_or_insert(result);
        state.tell();
    }

    /// Bytes that are there, `len` at most; none where more may come.
    pub fn read(&self, len: usize) -> Result<Bytes, Nothing> {
        let mut state = self.state.lock();
        if state.piece.is_empty() {
            return match &state.ended {
                None => Ok(Bytes::new()),
                Some(Ok(_)) => Err(Nothing::End),
                Some(Err(code)) => Err(Nothing::Broken(code.clone())),
            };
        }
        let len = len.min(state.piece.len());
        let bytes = state.piece.split_to(len);
        if state.piece.is_empty() {
            state.tell();
            self.room.notify_one();
        }
        Ok(bytes)
    }

    /// What still comes is of no interest, but for what it ends with.
    pub fn discard(&self) {
        let mut state = self.state.lock();
        state.discards = true;
        state.piece.clear();
        state.tell();
        self.room.notify_one();
    }

    /// How it ended.
    pub fn ended(&self) -> Option<Result<Option<Headers>, ErrorCode>> {
        self.state.lock().ended.clone()
    }

    /// Ready while there is something to read, or its end.
    ///
    /// # Errors
    /// As [`Level::pollable`].
    pub fn pollable(&self) -> io::Result<Pollable> {
        self.state.lock().readable.pollable()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn one_piece_waits_at_a_time() {
        let body = Arc::new(Incoming::default());
        body.push(Bytes::from_static(b"to be")).await;
        let pushed = tokio::spawn({
            let body = body.clone();
            async move {
                body.push(Bytes::from_static(b" or not")).await;
                body.end(Ok(None));
            }
        });
        tokio::task::yield_now().await;
        assert!(!pushed.is_finished());
        assert_eq!(body.read(2).unwrap(), "to");
        tokio::task::yield_now().await;
        assert!(!pushed.is_finished() && body.ended().is_none());
        assert_eq!(body.read(100).unwrap(), " be");
        pushed.await.unwrap();
        assert_eq!(body.read(100).unwrap(), " or not");
        assert!(matches!(body.read(100), Err(Nothing::End)));
    }

    #[tokio::test]
    async fn what_isnt_wanted_is_passed_over() {
        let body = Incoming::default();
        body.push(Bytes::from_static(b"to be")).await;
        body.discard();
        for _ in 0..3 {
            body.push(Bytes::from_static(b"or not")).await;
        }
        assert!(body.read(1).unwrap().is_empty() && body.ended().is_none());
        body.end(Err(ErrorCode::HttpResponseIncomplete));
        body.end(Ok(None));
        assert!(matches!(body.ended(), Some(Err(ErrorCode::HttpResponseIncomplete))));
        assert!(matches!(body.read(1), Err(Nothing::Broken(ErrorCode::HttpResponseIncomplete))));
    }
}
