//! Ids of topics, by librdkafka's admin calls: a topic that was deleted and made anew has its name, and another id.
//!
//! The safe client has no such call. As in `native.rs`, pointers never outlive the client they came from, and what is called for is destroyed here.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};
use std::ptr;

use rdkafka::bindings as native;

use crate::kafka::ANSWER_TIMEOUT;

/// The id of no topic, which brokers give that have none: of zeros, in base64.
const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The ids of those of these topics that are there, as brokers write them, in base64; none of brokers that are too old to have ids. Waits for an answer.
///
/// # Errors
/// When there is no answer.
///
/// # Safety
/// `client` is a client's handle, and that client lives until this returns.
pub unsafe fn topic_ids<'a>(
    client: *mut native::rd_kafka_t,
    topics: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, String> {
    // A name with a zero byte is no topic's.
    let names: Vec<CString> = topics.into_iter().filter_map(|topic| CString::new(topic).ok()).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let timeout_ms = i32::try_from(ANSWER_TIMEOUT.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the client is alive, the names live until they are copied into the collection, and what is made here is destroyed once, when nothing of it is used any more.
    unsafe {
        let options =
            native::rd_kafka_AdminOptions_new(client, native::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
        native::rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, ptr::null_mut(), 0);
        let collection = native::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let queue = native::rd_kafka_queue_new(client);
        native::rd_kafka_DescribeTopics(client, collection, options, queue);
        let event = native::rd_kafka_queue_poll(queue, timeout_ms);
        let ids = if event.is_null() { Err("brokers don't answer".to_owned()) } else { of_event(event) };
        if !event.is_null() {
            native::rd_kafka_event_destroy(event);
        }
        native::rd_kafka_queue_destroy(queue);
        native::rd_kafka_TopicCollection_destroy(collection);
        native::rd_kafka_AdminOptions_destroy(options);
        ids
    }
}

/// SAFETY: `event` is one that the client gave, and isn't destroyed until this returns.
unsafe fn of_event(event: *mut native::rd_kafka_event_t) -> Result<BTreeMap<String, String>, String> {
    let mut ids = BTreeMap::new();
    unsafe {
        if native::rd_kafka_event_error(event) != native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(text(native::rd_kafka_event_error_string(event)).unwrap_or_default());
        }
        let result = native::rd_kafka_event_DescribeTopics_result(event);
        if result.is_null() {
            return Err("brokers answer something else".to_owned());
        }
        let mut n = 0;
        let described = native::rd_kafka_DescribeTopics_result_topics(result, &raw mut n);
        for idx in 0..n {
            let topic = *described.add(idx);
            let error = native::rd_kafka_TopicDescription_error(topic);
            let is_there = error.is_null()
                || native::rd_kafka_error_code(error) == native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
            let id = native::rd_kafka_TopicDescription_topic_id(topic);
            if !is_there || id.is_null() {
                continue;
            }
            let id = text(native::rd_kafka_Uuid_base64str(id)).filter(|id| id != NONE);
            ids.extend(text(native::rd_kafka_TopicDescription_name(topic)).zip(id));
        }
    }
    Ok(ids)
}

/// SAFETY: `at` is null, or a text that ends with a zero.
unsafe fn text(at: *const c_char) -> Option<String> {
    (!at.is_null()).then(|| unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned())
}
