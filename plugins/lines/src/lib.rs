//! Lines from and to TCP servers: the custom receiver of Spark Streaming's guide as a plugin, and a sink beside it.

mod receive;
mod send;

use receive::Receive;
use send::Send;
use sluicebox_sdk::plugin;

plugin! {
    receivers: [Receive],
    sinks: [Send],
}
