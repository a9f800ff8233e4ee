//! Lines, louder.

use sluicebox_sdk::prelude::*;

/// The line in capitals.
#[map(output = "line")]
fn shout(line: &str) -> String {
    line.to_uppercase()
}

plugin! {
    transforms: [shout],
}
