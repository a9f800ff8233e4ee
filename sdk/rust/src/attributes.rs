//! The attributes, with their documentation: examples of theirs need this crate, which the crate of the macros can't use.

/// A function that makes one row of each row.
///
/// ```
/// use sluicebox_sdk::prelude::*;
///
/// /// The greatest common divisor.
/// #[map(output = "gcd")]
/// fn gcd(a: i64, b: i64) -> i64 {
///     if b == 0 { a.abs() } else { gcd(b, a % b) }
/// }
///
/// assert_eq!(gcd(12, 18), 6);
/// ```
///
/// The first sentence of the doc comment is what `sluicebox plugin inspect` shows.
///
/// | argument | meaning |
/// |---|---|
/// | `output = "name"`, `output = ["a", "b"]` | the columns made: all of them, or none to have them called `value`, or `_1`, `_2` and so on. A struct's are called as its fields |
/// | `input = ["x", "y"]` | take the columns of these names; without it, the stream's columns by position, whatever they are called |
/// | `name = "..."` | the operator's name, where it isn't the function's in kebab case |
/// | `columns` | call the function once a chunk: it takes a [`Column`](crate::Column) for each argument and [`&mut Rows`](crate::Rows) last, and pushes one row for each that it doesn't reject |
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// Pairs added up, over whole columns.
/// #[map(columns, input = ["x", "y"], output = "sum")]
/// fn sum(x: Column<'_, i64>, y: Column<'_, i64>, out: &mut Rows<i64>) {
///     for (x, y) in x.iter().zip(y.iter()) {
///         out.push(x.wrapping_add(y));
///     }
/// }
///
/// let made = testing::run::<sum, _>("{}", &["x", "y"], [(1_i64, 2_i64), (3, 4)]).unwrap();
/// assert_eq!(made.rows::<i64>(), [3, 7]);
/// ```
///
/// # What does not compile
///
/// A result, or an argument, of a type that no column has: take `i64` for `usize`, or derive [`Row`] for a struct.
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// #[map(output = "length")]
/// fn length(line: &str) -> usize {
///     line.len()
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// struct Point {
///     x: f64,
/// }
///
/// #[map(output = "x")]
/// fn x(point: &Point) -> f64 {
///     point.x
/// }
/// ```
///
/// An error that isn't one of the standard library's: reject a row by [`reject!`](crate::reject).
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// #[map(output = "half")]
/// fn half(n: i64) -> Result<i64, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
/// ```
///
/// Names for more or fewer columns than there are:
///
/// ```compile_fail,E0080
/// # use sluicebox_sdk::prelude::*;
/// #[map(output = "quotient")]
/// fn divide(a: i64, b: i64) -> (i64, i64) {
///     (a / b, a % b)
/// }
///
/// plugin! { transforms: [divide] }
/// # fn main() {}
/// ```
///
/// Configuration or context without its mark, type parameters, `async`, `self`, a row taken as `&mut`:
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[map(output = "batch")]
/// fn batch(_line: &str, context: &Context) -> i64 {
///     context.batch_time_ms
/// }
/// ```
pub use sluicebox_sdk_macros::map;

/// A function that makes any number of rows of each row: it returns an iterator, a `Vec`, an `Option`, or a `Result` of one. Takes what
/// [`macro@map`] takes.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// Lines to words.
/// #[flat_map(output = "word")]
/// fn split(line: &str) -> impl Iterator<Item = &str> {
///     line.split(' ')
/// }
///
/// let made = testing::run::<split, _>("{}", &[], ["to be", "or"]).unwrap();
/// assert_eq!(made.rows::<String>(), ["to", "be", "or"]);
/// ```
///
/// Under `columns`, the function says after each row that what it pushed since was made of it:
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// Numbers as often as they say.
/// #[flat_map(columns, output = "n")]
/// fn repeat(n: Column<'_, i64>, out: &mut Rows<i64>) {
///     for n in n.iter() {
///         (0..n).for_each(|_| out.push(n));
///         out.end_row();
///     }
/// }
///
/// let made = testing::run::<repeat, _>("{}", &[], [2_i64, 0, 1]).unwrap();
/// assert_eq!(made.rows::<i64>(), [2, 2, 1]);
/// ```
///
/// What isn't iterated over doesn't compile:
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// #[flat_map(output = "length")]
/// fn lengths(line: &str) -> i64 {
///     line.len() as i64
/// }
/// ```
pub use sluicebox_sdk_macros::flat_map;

/// A function that says whether a row stays: it returns `bool`, or `Result<bool, Reject>`. The host keeps all columns of the rows that stay,
/// also those that the function doesn't read.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing, transform::Made};
///
/// /// Orders of a euro and more.
/// #[filter(input = ["cents"])]
/// fn large(cents: i64) -> bool {
///     cents >= 100
/// }
///
/// let made = testing::run::<large, _>("{}", &["cents"], [250_i64, 5, 100]).unwrap();
/// assert!(matches!(made.made, Made::Kept(rows) if rows == [0, 2]));
/// ```
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// #[filter]
/// fn large(cents: i64) -> i64 {
///     cents
/// }
/// ```
pub use sluicebox_sdk_macros::filter;

/// An implementation of [`MapPartitions`](crate::MapPartitions): rows of a whole partition to rows, some of them at its end. Takes `name`, `input` and
/// `output` as [`macro@map`] does; the doc comment stands on the `impl`.
///
/// Without `type Config` and `open`, the type is made by `Default`, once a partition:
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[derive(Default)]
/// struct Numbered(i64);
///
/// /// Lines with their numbers in the partition.
/// #[map_partitions(output = ["number", "line"])]
/// impl MapPartitions for Numbered {
///     type Input<'a> = &'a str;
///     type Output = (i64, String);
///
///     fn process(&mut self, line: &str, out: &mut Rows<(i64, String)>) -> Result<(), Reject> {
///         self.0 += 1;
///         out.push((self.0, line));
///         Ok(())
///     }
/// }
///
/// let made = testing::run::<Numbered, _>("{}", &[], ["a", "b"]).unwrap();
/// assert_eq!(made.rows::<(i64, String)>(), [(1, "a".to_owned()), (2, "b".to_owned())]);
/// ```
///
/// A type without `Default` doesn't compile, and with a `Config` of its own, `open` is to be written:
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// struct Numbered(i64);
///
/// #[map_partitions]
/// impl MapPartitions for Numbered {
///     type Input<'a> = &'a str;
///     type Output = i64;
///     fn process(&mut self, _line: &str, out: &mut Rows<i64>) -> Result<(), Reject> {
///         self.0 += 1;
///         out.push(self.0);
///         Ok(())
///     }
/// }
/// ```
pub use sluicebox_sdk_macros::map_partitions;

/// An implementation of [`Aggregate`](crate::Aggregate): rows of a key to one. Takes `name`, `input` and `output` as [`macro@map`] does; the doc comment
/// stands on the `impl`. Where `unmerge` is written, the operator has an inverse.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[derive(Default)]
/// struct Range;
///
/// /// How far a column's values lie apart.
/// #[aggregate(output = "range")]
/// impl Aggregate for Range {
///     type Input<'a> = i64;
///     type Partial = (Option<i64>, Option<i64>);
///     type Output = Option<i64>;
///
///     fn add(&self, range: &mut Self::Partial, value: i64) {
///         self.merge(range, (Some(value), Some(value)));
///     }
///
///     fn merge(&self, whole: &mut Self::Partial, part: Self::Partial) {
///         *whole = (whole.0.into_iter().chain(part.0).min(), whole.1.max(part.1));
///     }
///
///     fn finish(&self, (least, most): Self::Partial) -> Option<i64> {
///         Some(most? - least?)
///     }
/// }
///
/// let ranges: Vec<Option<i64>> = testing::fold::<Range, _, _>("{}", &[], [vec![3_i64, 9, 4], vec![7]]).unwrap();
/// assert_eq!(ranges, [Some(6), Some(0)]);
/// ```
///
/// Without `type Input`, only rows count; without `type Output` and `finish`, the result is the partial:
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[derive(Default)]
/// struct Tally;
///
/// /// How many rows a key has.
/// #[aggregate(output = "count")]
/// impl Aggregate for Tally {
///     type Partial = i64;
///
///     fn add(&self, count: &mut i64, _row: ()) {
///         *count += 1;
///     }
///
///     fn merge(&self, whole: &mut i64, part: i64) {
///         *whole += part;
///     }
/// }
///
/// let counts: Vec<i64> = testing::fold_rows::<Tally, _>("{}", &[3, 1]).unwrap();
/// assert_eq!(counts, [3, 1]);
/// ```
///
/// The host keeps partials, so a partial is a row too; a `HashMap`, say, doesn't compile:
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// # use std::collections::HashSet;
/// #[derive(Default)]
/// struct Distinct;
///
/// #[aggregate]
/// impl Aggregate for Distinct {
///     type Input<'a> = i64;
///     type Partial = HashSet<i64>; // Vec<i64> compiles
///     type Output = i64;
///     fn add(&self, seen: &mut HashSet<i64>, value: i64) {
///         seen.insert(value);
///     }
///     fn merge(&self, whole: &mut HashSet<i64>, part: HashSet<i64>) {
///         whole.extend(part);
///     }
///     fn finish(&self, seen: HashSet<i64>) -> i64 {
///         seen.len() as i64
///     }
/// }
/// ```
pub use sluicebox_sdk_macros::aggregate;

/// A function of two values to one, in any grouping: an aggregate of one column, of several as a tuple, or of a struct's, that keeps their names
/// unless `output` gives others. `inverse = function` names its inverse, with which windows slide.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// The sum, around the ends of its range.
/// #[reduce(inverse = minus)]
/// fn sum(a: i64, b: i64) -> i64 {
///     a.wrapping_add(b)
/// }
///
/// fn minus(whole: i64, part: i64) -> i64 {
///     whole.wrapping_sub(part)
/// }
///
/// let sums: Vec<i64> = testing::fold::<sum, _, _>("{}", &["cents"], [vec![1_i64, 2, 3], vec![4]]).unwrap();
/// assert_eq!(sums, [6, 4]);
/// ```
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[reduce]
/// fn count(so_far: i64, word: &str) -> i64 {
///     so_far + 1
/// }
/// ```
pub use sluicebox_sdk_macros::reduce;

/// A function that updates the state of a key once a batch, as in Spark's `updateStateByKey`: of the key, its new values, and its state if it has some, to its new state. It is called for
/// every key that has state and every key with new values, in every batch; a key for which it returns none has no state any more.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// The cents a customer has spent.
/// #[update_state_by_key(state = "cents")]
/// fn spent(_customer: &str, orders: impl Iterator<Item = i64>, cents: Option<i64>) -> Option<i64> {
///     Some(cents.unwrap_or(0) + orders.sum::<i64>())
/// }
///
/// let mut customers = testing::Keyed::<spent, String, i64>::new("{}", &[]);
/// customers.update(1000, [("Ada".to_owned(), 250_i64), ("Ada".to_owned(), 50)]).unwrap();
/// assert_eq!(customers.state(), [("Ada".to_owned(), 300)]);
/// ```
///
/// The arguments come in this order; one marked `#[config]`, and `#[context] context: &Context`, which has the batch's time, may stand among them.
///
/// | argument of the function | type |
/// |---|---|
/// | the key | a row: a plain type, a tuple of the job's key columns in their order, a struct under `#[derive(Row)]` |
/// | its new values | `Vec<V>` or `impl Iterator<Item = V>` of a row `V`; `()` where only rows count |
/// | its state | `Option<S>`, as what is returned is; `S` is a row |
///
/// | argument of the attribute | meaning |
/// |---|---|
/// | `state = "name"`, `state = ["a", "b"]` | the state's columns; a single one is called `state` without it, and a struct's are called as its fields |
/// | `version = 2` | the version of the state, 1 if not given: a higher one where its columns, or what they mean, have changed |
/// | `migrate = function` | makes state of this version from that of the version before |
/// | `input = [...]`, `name = "..."` | as of [`macro@map`] |
///
/// The state is a row, since the host keeps it; and it is one type:
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// # use std::collections::HashSet;
/// #[update_state_by_key]
/// fn seen(_user: &str, pages: Vec<i64>, seen: Option<HashSet<i64>>) -> Option<HashSet<i64>> {
///     seen
/// }
/// ```
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[update_state_by_key]
/// fn total(_user: &str, cents: Vec<i64>, total: i64) -> i64 {
///     total
/// }
/// ```
pub use sluicebox_sdk_macros::update_state_by_key;

/// A function that is called for each value of a key, in order, and for a key that times out, as in Spark's `mapWithState`: of the key, the value, and a handle on the key's
/// [`State`](crate::State), to what it emits. What it costs follows the values of a batch, however many keys have state.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// Every tenth click of a user.
/// #[map_with_state(output = ["user", "clicks"], state = "clicks", timeout = "30min")]
/// fn tenth(user: &str, click: Option<&str>, clicks: &mut State<i64>) -> Option<(String, i64)> {
///     click?; // The user has timed out.
///     let n = clicks.get().unwrap_or(&0) + 1;
///     clicks.update(n);
///     (n % 10 == 0).then(|| (user.to_owned(), n))
/// }
///
/// let mut users = testing::Keyed::<tenth, String, i64>::new("{}", &[]);
/// let clicks = (0..12).map(|n| ("Ada".to_owned(), format!("page {n}")));
/// let made: Vec<(String, i64)> = users.map(1000, clicks).unwrap();
/// assert_eq!(made, [("Ada".to_owned(), 10)]);
/// assert_eq!(users.state(), [("Ada".to_owned(), 12)]);
/// ```
///
/// With a `timeout`, a key that no batch has refreshed for longer than that is called once more, with no value and [`is_timing_out`](crate::State::is_timing_out); what it returns is emitted, and
/// its state is gone then. A batch refreshes a key when it gives it new state, and, where keys time out, when it has values of a key that has state after it. The job may give another timeout.
///
/// What is returned is an `Option`, a `Vec` or another iterator of rows, whose columns `output` names. All else is as of [`macro@update_state_by_key`].
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[map_with_state]
/// fn count(user: &str, click: &str, clicks: &mut State<i64>) -> Option<i64> {
///     None
/// }
/// ```
pub use sluicebox_sdk_macros::map_with_state;

/// A struct as the operator's configuration, read from the plugin's `config` table of the job file: keys are the fields in
/// kebab case, unknown ones are refused. Fields take the attributes of `serde`, such as `#[serde(default)]`.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[config]
/// struct Mask {
///     keep_last: usize, // config = { keep-last = 4 }
/// }
///
/// #[map(output = "masked")]
/// fn mask(text: &str, #[config] mask: &Mask) -> String {
///     let shown = text.len().saturating_sub(mask.keep_last);
///     text.char_indices().map(|(at, c)| if at < shown { '*' } else { c }).collect()
/// }
///
/// let made = testing::run::<mask, _>(r#"{"keep-last": 4}"#, &[], ["1234567890"]).unwrap();
/// assert_eq!(made.rows::<String>(), ["******7890"]);
/// let refused = testing::run::<mask, _>(r#"{"kep-last": 4}"#, &[], ["1234567890"]).unwrap_err();
/// assert_eq!(refused, Error::invalid_config("config key `kep-last` is unknown; did you mean `keep-last`?"));
/// ```
///
/// It is handed over as a reference:
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[config]
/// struct Mask {
///     keep_last: usize,
/// }
///
/// #[map]
/// fn mask(text: &str, #[config] mask: Mask) -> String {
///     text.chars().take(mask.keep_last).collect()
/// }
/// ```
pub use sluicebox_sdk_macros::config;

/// An output: goes on an `impl Sink for` a type; see [`Sink`](crate::Sink) for an example. Takes `name` and `input` as [`macro@map`] does.
pub use sluicebox_sdk_macros::sink;

/// A source of rows: goes on an `impl Receiver for` a type; see [`Receiver`](crate::Receiver) for an example. Takes `name` and `output` as [`macro@map`] does.
pub use sluicebox_sdk_macros::receiver;

/// A struct as a row: its fields are the columns of their names. It may have one lifetime, for borrowed fields.
/// `#[row(name = "...")]` on a field is the column's name where it isn't the field's.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[derive(Row, Clone)]
/// struct Order<'a> {
///     customer: &'a str,
///     cents: i64,
///     #[row(name = "note to us")]
///     note: Option<&'a str>,
/// }
///
/// /// Orders with a note.
/// #[map]
/// fn noted<'a>(order: Order<'a>) -> Order<'a> {
///     Order { note: order.note.or(Some("none")), ..order }
/// }
///
/// let order = Order { customer: "Ada", cents: 250, note: None };
/// assert_eq!(noted(order.clone()).note, Some("none"));
/// let made = testing::run::<noted, _>("{}", &[], [order]).unwrap();
/// assert_eq!(made.output[2].name, "note to us");
/// ```
///
/// A field of a type that no column has doesn't compile, nor does an enum:
///
/// ```compile_fail,E0277
/// # use sluicebox_sdk::prelude::*;
/// #[derive(Row)]
/// struct Visit {
///     page: String,
///     at: std::time::Instant, // Timestamp compiles
/// }
/// ```
///
/// ```compile_fail
/// # use sluicebox_sdk::prelude::*;
/// #[derive(Row)]
/// enum Answer {
///     Yes,
///     No,
/// }
/// ```
pub use sluicebox_sdk_macros::Row;
