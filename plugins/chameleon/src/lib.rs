//! Operators of many versions in one component: what they do is said by the four digits of a mark in its bytes, which tests of swapping write over. The component is built once.

use sluicebox_sdk::data::{Batch, Field};
use sluicebox_sdk::prelude::*;
use sluicebox_sdk::state::{Binding, Operator, Outcome, Stateful, Update, Work};

/// The last four digits are the version.
static MARK: [u8; 24] = *b"sluicebox-chameleon-0001";

/// The version: read where the compiler can't know what it is.
fn version() -> i64 {
    // SAFETY: it is a static of plain bytes.
    let mark = unsafe { std::ptr::read_volatile(&raw const MARK) };
    mark[20..].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

/// The last three digits of a version that breaks down at some rows, or at all, or never ends.
const TRAPS_AT_POISON: i64 = 901;
const TRAPS: i64 = 902;
const NEVER_ENDS: i64 = 903;
const REJECTS: i64 = 904;
/// From this one on, state has a second column.
const SECOND_STATE: i64 = 5000;

#[derive(Row)]
struct Tagged {
    value: i64,
    version: i64,
}

/// A value, and the version that saw it.
#[map]
fn tag(value: i64) -> Result<Tagged, Reject> {
    let version = version();
    match version % 1000 {
        TRAPS_AT_POISON => assert!(value % 1000 != 13, "{value} is poison"),
        TRAPS => panic!("version {version} always breaks down"),
        NEVER_ENDS => loop {
            std::hint::black_box(value);
        },
        REJECTS => return Err(reject!("version {version} takes no rows")),
        _ => {}
    }
    Ok(Tagged { value, version })
}

/// What is kept of a key since the second version of its state.
#[derive(Row, Default)]
struct Sum {
    sum: i64,
    /// The version of the operator that saw the key last.
    seen: i64,
}

/// The sum of a key's values: the first version of its state.
#[map_with_state(input = ["value"], output = ["key", "sum", "seen"], version = 1)]
fn total_once(key: i64, value: Option<i64>, state: &mut State<i64>) -> Option<(i64, i64, i64)> {
    let sum = state.get().copied().unwrap_or(0) + value?;
    state.update(sum);
    Some((key, sum, version()))
}

/// The sum of a key's values, and who saw it.
#[map_with_state(input = ["value"], output = ["key", "sum", "seen"], version = 2, migrate = before)]
fn total_now(key: i64, value: Option<i64>, state: &mut State<Sum>) -> Option<(i64, i64, i64)> {
    let sum = state.get().map_or(0, |state| state.sum) + value?;
    state.update(Sum { sum, seen: version() });
    Some((key, sum, version()))
}

fn before(sum: i64) -> Sum {
    Sum { sum, seen: 0 }
}

/// One or the other, by the component's version.
struct Total;

impl Stateful for Total {
    fn describe() -> Operator {
        let described = if version() < SECOND_STATE { total_once::describe() } else { total_now::describe() };
        Operator { name: "total".to_owned(), ..described }
    }

    fn bind(config: &str, keys: &[Field], input: &[Field]) -> Result<Binding, Error> {
        if version() < SECOND_STATE {
            total_once::bind(config, keys, input)
        } else {
            total_now::bind(config, keys, input)
        }
    }

    fn open(context: &Context, config: &str, keys: &[Field], input: &[Field]) -> Result<Box<dyn Update>, Error> {
        let open = if version() < SECOND_STATE { total_once::open } else { total_now::open };
        let opened = open(context, config, keys, input)?;
        if version() < SECOND_STATE { Ok(Box::new(AndBack(opened))) } else { Ok(opened) }
    }
}

/// The first version, which knows how to do without what the second keeps.
struct AndBack(Box<dyn Update>);

impl Update for AndBack {
    fn update(&self, work: &Work) -> Result<Outcome, Error> {
        self.0.update(work)
    }

    fn migrate(&self, from: u32, _: &[Field], old: &Batch) -> Result<Batch, Error> {
        if from != 2 || version() % 2 == 0 {
            return Err(sluicebox_sdk::state::unknown_version(from));
        }
        // The first column's node, and its two buffers.
        Ok(Batch { rows: old.rows, nodes: old.nodes[..1].to_vec(), buffers: old.buffers[..2].to_vec() })
    }
}

plugin! {
    transforms: [tag],
    states: [Total],
}
