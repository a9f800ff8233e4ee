//! Sessions of users: a user's clicks are counted until there has been none for half an hour, and the session is emitted then.

use sluicebox_sdk::prelude::*;

/// How many clicks a user's session had, once it is over.
#[map_with_state(output = ["user", "clicks"], state = "clicks", timeout = "30min")]
fn sessions<'a>(user: &'a str, click: Option<&str>, clicks: &mut State<i64>) -> Option<(&'a str, i64)> {
    let n = clicks.get().copied().unwrap_or(0);
    match click {
        Some(_) => {
            clicks.update(n + 1);
            None
        }
        None => Some((user, n)),
    }
}

plugin! {
    states: [sessions],
}
