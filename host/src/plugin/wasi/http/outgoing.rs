//! The body of a request, from the guest to the client's thread, through a buffer of a fixed size.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use parking_lot::Mutex;

use super::super::bindings::wasi::http::types::ErrorCode;
use super::super::poll::Pollable;
use super::level::Level;
use super::{BUFFER, MAX_BODY};

/// The body of one request.
#[derive(Debug)]
pub struct Outgoing(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Bytes that the connection hasn't taken.
    waiting: Vec<u8>,
    /// How many were written.
    written: u64,
    /// How many there are to be, where the request's header says so.
    length: Option<u64>,
    /// Whether all was written; none: more may come.
    ended: Option<Whole>,
    /// Whether nobody takes anything any more.
    is_closed: bool,
    taker: Option<Waker>,
    /// Up while there is room, or no use for any.
    writable: Level,
}

/// Whether a body that has ended is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

/// Why nothing is written.
#[derive(Debug)]
pub enum Refused {
    /// Nobody takes it any more.
    Closed,
    /// It is more than there is room for.
    NoRoom,
    /// It is more than the request may have, or than its header says.
    TooLong(ErrorCode),
}

impl Outgoing {
    /// Nothing was written. The request's header may say how long it is.
    pub fn new(length: Option<u64>) -> Self {
        let mut writable = Level::default();
        writable.set(true);
        Self(Mutex::new(State {
            waiting: vec![],
            written: 0,
            length,
            ended: None,
            is_closed: false,
            taker: None,
            writable,
        }))
    }

    /// How many bytes can be written now.
    ///
    /// # Errors
    /// Where nobody takes any.
    pub fn room(&self) -> Result<usize, Refused> {
        let state = self.0.lock();
        match state.is_closed || state.ended.is_some() {
            true => Err(Refused::Closed),
            false => Ok(BUFFER - state.waiting.len()),
        }
    }

    /// Write all of these bytes.
    ///
    /// # Errors
    /// Why none was.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Refused> {
        let mut state = self.0.lock();
        let written = state.written.saturating_add(bytes.len() as u64);
        let most = state.length.unwrap_or(MAX_BODY).min(MAX_BODY);
        if state.is_closed || state.ended.is_some() {
            return Err(Refused::Closed);
        }
        if bytes.len() > BUFFER - state.waiting.len() {
            return Err(Refused::NoRoom);
        }
        if written > most {
            return Err(Refused::TooLong(ErrorCode::HttpRequestBodySize(Some(most))));
        }
        state.written = written;
        state.waiting.extend_from_slice(bytes);
        state.tell();
        Ok(())
    }

    /// All was written.
    ///
    /// # Errors
    /// Where that is less than the header says; it is broken off then.
    pub fn finish(&self) -> Result<(), ErrorCode> {
        let mut state = self.0.lock();
        let is_short = state.length.is_some_and(|length| state.written < length);
        let whole = if is_short { Whole::No } else { Whole::Yes };
        state.ended.get_or_insert(whole);
        state.tell();
        if is_short { Err(ErrorCode::HttpRequestBodySize(Some(state.written))) } else { Ok(()) }
    }

    /// Whether nothing is in it, once that is known.
    pub async fn is_empty(&self) -> bool {
        std::future::poll_fn(|context| {
            let mut state = self.0.lock();
            match state.ended {
                None if state.waiting.is_empty() => {
                    state.taker = Some(context.waker().clone());
                    Poll::Pending
                }
                ended => Poll::Ready(state.waiting.is_empty() && ended == Some(Whole::Yes)),
            }
        })
        .await
    }

    /// What was written isn't all of it, and nothing more comes.
    pub fn break_off(&self) {
        let mut state = self.0.lock();
        state.ended.get_or_insert(Whole::No);
        state.tell();
    }

    /// Ready while something can be written, or nobody takes it.
    ///
    /// # Errors
    /// As [`Level::pollable`].
    pub fn pollable(&self) -> io::Result<Pollable> {
        self.0.lock().writable.pollable()
    }
}

impl State {
    fn tell(&mut self) {
        self.writable.set(self.is_closed || self.ended.is_some() || self.waiting.len() < BUFFER);
        if let Some(taker) = self.taker.take() {
            taker.wake();
        }
    }
}

/// The connection's end of a body; none: the request has none.
#[derive(Debug)]
pub struct Taken(pub Option<Arc<Outgoing>>);

impl Body for Taken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(body) = &self.0 else { return Poll::Ready(None) };
        let mut state = body.0.lock();
        if !state.waiting.is_empty() {
            let bytes = std::mem::take(&mut state.waiting);
            state.tell();
            return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
        }
        match state.ended {
            Some(Whole::Yes) => Poll::Ready(None),
            Some(Whole::No) => {
                Poll::Ready(Some(Err(io::Error::other("the plugin did not write all of the request's body"))))
            }
            None => {
                state.taker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|body| {
            let state = body.0.lock();
            state.waiting.is_empty() && state.ended == Some(Whole::Yes)
        })
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        let Some(body) = &self.0 else { return hyper::body::SizeHint::with_exact(0) };
        let state = body.0.lock();
        match state.ended {
            // All that there is is here already.
            Some(Whole::Yes) => hyper::body::SizeHint::with_exact(state.waiting.len() as u64),
            _ => hyper::body::SizeHint::default(),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(body) = &self.0 {
            let mut state = body.0.lock();
            state.is_closed = true;
            state.waiting = vec![];
            state.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(body: &mut Taken) -> Poll<Option<io::Result<Bytes>>> {
        let mut context = Context::from_waker(Waker::noop());
        let frame = Pin::new(body).poll_frame(&mut context);
        frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
    }

    #[test]
    fn a_buffer_is_filled_and_emptied() {
        let body = Arc::new(Outgoing::new(None));
        let mut taker = Taken(Some(body.clone()));
        assert!(taken(&mut taker).is_pending());
        body.write(&[1; BUFFER]).unwrap();
        assert_eq!(body.room().unwrap(), 0);
        assert!(matches!(body.write(&[1]), Err(Refused::NoRoom)));
        assert!(matches!(taken(&mut taker), Poll::Ready(Some(Ok(bytes))) if bytes.len() == BUFFER));
        body.write(b"to be").unwrap();
        body.finish().unwrap();
        assert!(matches!(body.room(), Err(Refused::Closed)) && !taker.is_end_stream());
        assert!(matches!(taken(&mut taker), Poll::Ready(Some(Ok(bytes))) if &bytes[..] == b"to be"));
        assert!(matches!(taken(&mut taker), Poll::Ready(None)) && taker.is_end_stream());
    }

    #[test]
    fn a_body_has_the_length_that_its_header_says() {
        let body = Arc::new(Outgoing::new(Some(3)));
        body.write(b"to").unwrap();
        assert!(matches!(body.write(b"be"), Err(Refused::TooLong(ErrorCode::HttpRequestBodySize(Some(3))))));
        assert!(matches!(body.finish(), Err(ErrorCode::HttpRequestBodySize(Some(2)))));
        let mut taker = Taken(Some(body));
        assert!(matches!(taken(&mut taker), Poll::Ready(Some(Ok(_)))));
        assert!(matches!(taken(&mut taker), Poll::Ready(Some(Err(_)))));
    }

    #[tokio::test]
    async fn whether_a_body_is_empty_is_known_when_it_begins_or_ends() {
        let body = Arc::new(Outgoing::new(None));
        let asked = tokio::spawn({
            let body = body.clone();
            async move { body.is_empty().await }
        });
        tokio::task::yield_now().await;
        assert!(!asked.is_finished());
        body.finish().unwrap();
        assert!(asked.await.unwrap());
        let body = Outgoing::new(None);
        body.write(b"to be").unwrap();
        assert!(!body.is_empty().await);
        let body = Outgoing::new(None);
        body.break_off();
        assert!(!body.is_empty().await);
    }

    #[test]
    fn a_body_is_bounded_and_ends_with_its_connection() {
        let body = Arc::new(Outgoing::new(None));
        let mut taker = Taken(Some(body.clone()));
        for _ in 0..MAX_BODY / BUFFER as u64 {
            body.write(&[0; BUFFER]).unwrap();
            assert!(taken(&mut taker).is_ready());
        }
        assert!(matches!(body.write(&[0]), Err(Refused::TooLong(ErrorCode::HttpRequestBodySize(Some(MAX_BODY))))));
        drop(taker);
        assert!(matches!(body.write(&[]), Err(Refused::Closed)));
    }
}
