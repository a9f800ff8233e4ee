//! Keyed state: what each call sees and does shows in what is made.

use sluicebox_sdk::prelude::*;

/// The sum of a key's numbers; a zero removes the key.
#[update_state_by_key(state = "total")]
pub fn total(_key: &str, values: Vec<i64>, total: Option<i64>) -> Option<i64> {
    (!values.contains(&0)).then(|| total.unwrap_or(0) + values.iter().sum::<i64>())
}

/// A key's values in the order in which they come, and the batches that it was called in.
#[update_state_by_key(state = ["values", "calls"])]
pub fn history(
    _key: &str,
    values: impl Iterator<Item = String>,
    state: Option<(String, i64)>,
    #[context] context: &Context,
) -> Option<(String, i64)> {
    let (mut text, calls) = state.unwrap_or_default();
    values.for_each(|value| text += &value);
    count("calls", 1);
    Some((text, calls * 100 + context.batch_time_ms / 1000))
}

/// Does what the values say to the state: `set TEXT`, `remove`, `remove twice`, `remove and set`, `look`, `fail`, `large MIB`. Makes what it has seen.
#[map_with_state(output = "seen", state = "text")]
pub fn obey(key: &str, value: Option<&str>, state: &mut State<String>) -> Vec<String> {
    let before = state.get().map_or("none", String::as_str);
    let seen = format!("{key}: {} with {before}", value.unwrap_or("nothing"));
    let Some(value) = value else {
        assert!(state.is_timing_out() && state.exists());
        if before == "stubborn" {
            state.update("more".to_owned());
        }
        return vec![seen, format!("{key} is over")];
    };
    match value.split_once(' ') {
        Some(("set", text)) => state.update(text.to_owned()),
        Some(("remove", "twice")) => {
            state.remove();
            state.remove();
        }
        Some(("remove", _)) => {
            state.remove();
            state.update("again".to_owned());
        }
        Some(("large", mib)) => state.update("x".repeat(mib.parse::<usize>().unwrap_or(0) << 20)),
        None if value == "remove" => state.remove(),
        _ => {}
    }
    vec![seen]
}

/// State of two columns, of a key of two, by name.
#[derive(Row)]
pub struct Place<'a> {
    y: i64,
    x: &'a str,
}

/// How often a place was visited, and by whom last.
#[derive(Row, Default)]
pub struct Visits {
    visits: i64,
    last: Option<String>,
}

/// Visits of places, as they were counted before it was of interest who came.
#[update_state_by_key(input = ["who"], version = 2)]
pub fn visits_once(_: Place<'_>, who: Vec<Option<&str>>, state: Option<i64>) -> Option<i64> {
    Some(state.unwrap_or(0) + who.len() as i64)
}

/// Visits of places.
#[update_state_by_key(input = ["who"], version = 3, migrate = before)]
pub fn visits(place: Place<'_>, who: Vec<Option<&str>>, state: Option<Visits>) -> Option<Visits> {
    let mut state = state.unwrap_or_default();
    state.visits += who.len() as i64;
    if let Some(last) = who.last() {
        state.last = last.map(|who| format!("{who} at {}{}", place.x, place.y));
    }
    Some(state)
}

fn before(visits: i64) -> Visits {
    Visits { visits, last: None }
}
