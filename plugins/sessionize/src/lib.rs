//! Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one.

use sluicebox_sdk::prelude::*;

/// When sessions end.
#[config]
struct Gap {
    /// The longest time between two rows of a session, in milliseconds.
    gap_ms: i64,
}

/// Sessions that are over: their first and last time, and how many rows they had. A row that comes late belongs to the session that is open.
#[map_with_state(input = ["at"], output = ["start", "end", "count"], state = ["start", "end", "count"])]
fn sessionize(
    _key: &str,
    at: Option<i64>,
    session: &mut State<(i64, i64, i64)>,
    #[config] gap: &Gap,
) -> Option<(i64, i64, i64)> {
    let at = at?;
    match session.get().copied() {
        Some((start, end, count)) if at <= end.saturating_add(gap.gap_ms) => {
            session.update((start.min(at), end.max(at), count + 1));
            None
        }
        before => {
            session.update((at, at, 1));
            before
        }
    }
}

plugin! {
    states: [sessionize],
}
