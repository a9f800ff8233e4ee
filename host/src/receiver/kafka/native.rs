//! Messages of one partition, in the order of their offsets, by librdkafka's simple consumer.
//!
//! The safe client hands out messages one at a time, through an event each; this takes what has arrived many at a time, and knows the offset at which
//! the partition ends. All unsafe code of the source is here and in `topic_ids.rs`: pointers to a topic, a queue and messages, which never outlive the client they came from.

use std::ffi::{CStr, CString, c_char, c_void};
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::bindings as native;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::columns::Message;
use crate::kafka::Context;

/// Messages taken from the client at a time.
const TAKEN: usize = 1024;

/// What comes next of a partition.
#[derive(Debug)]
pub enum Next<'a> {
    /// A message.
    Message(Message<'a>),
    /// There was nothing at this offset or later.
    End(i64),
    /// The client can't go on from this offset.
    Failed(RDKafkaErrorCode, String),
}

/// Fetches a partition, ahead of who reads it.
pub struct Fetcher {
    topic: *mut native::rd_kafka_topic_t,
    partition: i32,
    /// Whether messages have their headers.
    with_headers: bool,
    /// While it fetches.
    queue: Option<ptr::NonNull<native::rd_kafka_queue_t>>,
    /// What was taken from the queue; those before `at` are destroyed.
    taken: Vec<*mut native::rd_kafka_message_t>,
    at: usize,
    /// Lives longer than all pointers, as it is dropped after them.
    client: Arc<BaseConsumer<Context>>,
    positions: TopicPartitionList,
}

// SAFETY: librdkafka's handles may be used from any thread, and messages are owned by whoever took them.
unsafe impl Send for Fetcher {}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("partition", &self.partition).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher that hasn't begun. A client has one fetcher of a partition at a time.
    ///
    /// # Errors
    /// When the client can't have the topic, as where its name is none.
    pub fn new(
        client: Arc<BaseConsumer<Context>>,
        topic: &str,
        partition: i32,
        with_headers: bool,
    ) -> Result<Self, String> {
        let name = CString::new(topic).map_err(|_| "a topic's name has no zero byte".to_owned())?;
        // SAFETY: the client is alive, the name ends with a zero, and no configuration means the client's own.
        let handle =
            unsafe { native::rd_kafka_topic_new(client.client().native_ptr(), name.as_ptr(), ptr::null_mut()) };
        if handle.is_null() {
            return Err(last_error().1);
        }
        let mut positions = TopicPartitionList::with_capacity(1);
        positions.add_partition(topic, partition);
        Ok(Self { topic: handle, partition, with_headers, queue: None, taken: Vec::new(), at: 0, client, positions })
    }

    /// Fetch from `offset` on; what was fetched before is dropped.
    ///
    /// # Errors
    /// As the client says it.
    pub fn start(&mut self, offset: i64) -> Result<(), String> {
        self.stop();
        // SAFETY: the client is alive, and so is the topic; a queue is destroyed once, in `stop`, after the client was told to use it no more.
        unsafe {
            let queue = native::rd_kafka_queue_new(self.client.client().native_ptr());
            let queue = ptr::NonNull::new(queue).ok_or_else(|| last_error().1)?;
            self.queue = Some(queue);
            if native::rd_kafka_consume_start_queue(self.topic, self.partition, offset, queue.as_ptr()) != 0 {
                let (_, reason) = last_error();
                native::rd_kafka_queue_destroy(queue.as_ptr());
                self.queue = None;
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Fetch no more, and drop what was fetched.
    pub fn stop(&mut self) {
        while self.at < self.taken.len() {
            self.advance();
        }
        if let Some(queue) = self.queue.take() {
            // SAFETY: it was started with this queue, which nothing uses after this; messages that are still in it are the queue's.
            unsafe {
                native::rd_kafka_consume_stop(self.topic, self.partition);
                native::rd_kafka_queue_destroy(queue.as_ptr());
            }
        }
    }

    /// What comes next, if it is here.
    pub fn peek(&self) -> Option<Next<'_>> {
        let message = *self.taken.get(self.at)?;
        // SAFETY: it was taken from the queue, and is destroyed by `advance`, which can't be called while what is returned is borrowed.
        Some(unsafe { next(message, self.with_headers) })
    }

    /// Go on to what comes after what [`Fetcher::peek`] returned.
    pub fn advance(&mut self) {
        if let Some(message) = self.taken.get(self.at) {
            // SAFETY: it was taken from the queue, and `at` passes it.
            unsafe { native::rd_kafka_message_destroy(*message) };
            self.at += 1;
        }
        if self.at == self.taken.len() {
            self.taken.clear();
            self.at = 0;
        }
    }

    /// Wait for something to come, so long at most; says whether it has. Everything before must have been passed.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        if self.at < self.taken.len() {
            return true;
        }
        // What is here already first: a call that may wait does so until it has all it may take.
        if self.take(0, TAKEN) == 0 && self.take(i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX), 1) == 1 {
            self.take(0, TAKEN - 1);
        }
        // Its log, and what it says of its connections, come by the way of polling.
        self.client.poll(Duration::ZERO);
        !self.taken.is_empty()
    }

    fn take(&mut self, timeout_ms: i32, n: usize) -> usize {
        let Some(queue) = self.queue else { return 0 };
        let len = self.taken.len();
        self.taken.reserve(n);
        // SAFETY: there is room for n pointers after the first len, and as many as it says are written.
        unsafe {
            let room = self.taken.as_mut_ptr().add(len);
            let taken = native::rd_kafka_consume_batch_queue(queue.as_ptr(), timeout_ms, room, n);
            let taken = usize::try_from(taken).unwrap_or(0).min(n);
            self.taken.set_len(len + taken);
            taken
        }
    }

    /// The offset before which there is nothing more to come, where the client knows: it passes over the marks of transactions without a word.
    pub fn position(&mut self) -> Option<i64> {
        // SAFETY: the client is alive, and so is the list, of which only offsets are written.
        let failed = unsafe { native::rd_kafka_position(self.client.client().native_ptr(), self.positions.ptr()) };
        let known = failed == native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
        self.positions.elements().first().filter(|_| known).and_then(|element| match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        })
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: nothing uses it any more, and the client is alive.
        unsafe { native::rd_kafka_topic_destroy(self.topic) };
    }
}

/// SAFETY: `message` is one that the client gave, and isn't destroyed while what is returned lives.
unsafe fn next<'a>(message: *mut native::rd_kafka_message_t, with_headers: bool) -> Next<'a> {
    use native::rd_kafka_resp_err_t::{RD_KAFKA_RESP_ERR__PARTITION_EOF, RD_KAFKA_RESP_ERR_NO_ERROR};
    unsafe {
        let of = &*message;
        match of.err {
            RD_KAFKA_RESP_ERR_NO_ERROR => Next::Message(Message {
                offset: of.offset,
                key: bytes(of.key, of.key_len),
                value: bytes(of.payload, of.len),
                timestamp_ms: timestamp(message),
                headers: if with_headers { headers(message) } else { vec![] },
            }),
            RD_KAFKA_RESP_ERR__PARTITION_EOF => Next::End(of.offset),
            code => Next::Failed(code.into(), text(native::rd_kafka_message_errstr(message))),
        }
    }
}

/// A message's headers: their names and values.
///
/// SAFETY: `message` is one that the client gave, and isn't destroyed while what is returned lives.
unsafe fn headers<'a>(message: *const native::rd_kafka_message_t) -> Vec<(&'a [u8], Option<&'a [u8]>)> {
    use native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
    let (mut headers, mut all) = (ptr::null_mut(), vec![]);
    unsafe {
        if native::rd_kafka_message_headers(message, &raw mut headers) != RD_KAFKA_RESP_ERR_NO_ERROR {
            return all;
        }
        for idx in 0..native::rd_kafka_header_cnt(headers) {
            let (mut name, mut value, mut size) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0);
            let got = native::rd_kafka_header_get_all(headers, idx, &raw mut name, &raw mut value, &raw mut size);
            if got == RD_KAFKA_RESP_ERR_NO_ERROR && !name.is_null() {
                all.push((CStr::from_ptr(name).to_bytes(), bytes(value, size)));
            }
        }
    }
    all
}

/// SAFETY: `at` is null, or has so many bytes that live as long as what is returned.
unsafe fn bytes<'a>(at: *const c_void, len: usize) -> Option<&'a [u8]> {
    (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at.cast(), len) })
}

/// SAFETY: `message` is one that the client gave.
unsafe fn timestamp(message: *const native::rd_kafka_message_t) -> Option<i64> {
    let mut kind = native::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    let time = unsafe { native::rd_kafka_message_timestamp(message, &raw mut kind) };
    (kind != native::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && time >= 0).then_some(time)
}

/// SAFETY: `at` is null, or a text that ends with a zero.
unsafe fn text(at: *const c_char) -> String {
    if at.is_null() { String::new() } else { unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned() }
}

/// What went wrong in the call before this.
fn last_error() -> (RDKafkaErrorCode, String) {
    // SAFETY: it looks at a number of this thread's.
    let code = RDKafkaErrorCode::from(unsafe { native::rd_kafka_last_error() });
    (code, code.to_string())
}
