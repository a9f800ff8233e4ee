//! Lines from and to TCP servers: the custom receiver of Spark Streaming's guide as a plugin, one of a server that waits for acknowledgements, and a sink beside them.

mod acknowledged;
mod receive;
mod send;

use acknowledged::Acknowledged;
use receive::Receive;
use send::Send;
use sluicebox_sdk::plugin;

plugin! {
    receivers: [Receive, Acknowledged],
    sinks: [Send],
}
