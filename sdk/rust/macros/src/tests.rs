//! What the attributes say of wrong use. Types that are no columns are the compiler's to refuse; see `attributes` in the SDK.

use crate::functions::{self, Kind};
use crate::{config, impls, reduce, row, state};
use proc_macro2::TokenStream;
use syn::parse_str;

#[track_caller]
fn says(result: syn::Result<TokenStream>, expect: &str) {
    assert_eq!(result.map(|tokens| tokens.to_string()).map_err(|e| e.to_string()), Err(expect.to_owned()));
}

#[track_caller]
fn map(attributes: &str, function: &str, expect: &str) {
    let expand = || functions::expand(Kind::Map, parse_str(attributes)?, parse_str(function)?);
    says(expand(), expect);
}

#[test]
fn functions_that_cant_be_called_for_a_row_are_refused() {
    map("", "async fn f(a: i64) -> i64 { a }", "an operator is not async: it waits for nothing");
    map("", "fn f(&self) -> i64 { 1 }", "an operator is a plain function; it has no `self`");
    map(
        "",
        "fn f<T>(a: T) -> T { a }",
        "an operator has no type parameters: its columns follow from its types, so write one of each",
    );
    map(
        "",
        "fn f(a: &mut String) -> i64 { 1 }",
        "an operator doesn't change its rows in place: take the value, and return another",
    );
    let nine = "fn f(a: i8, b: i8, c: i8, d: i8, e: i8, f: i8, g: i8, h: i8, i: i8) -> i8 { a }";
    map("", nine, "an operator has at most 8 columns as arguments; take a struct under #[derive(Row)]");
}

#[test]
fn configuration_and_context_are_marked_references() {
    map("", "fn f(#[config] c: Conf) -> i64 { 1 }", "configuration is handed over as a reference: put `&` here");
    map("", "fn f(#[context] c: Context) -> i64 { 1 }", "the context is handed over as a reference: put `&` here");
    map(
        "",
        "fn f(a: i64, c: &sluicebox_sdk::Context) -> i64 { a }",
        "mark the context, so that it isn't taken for a column: `#[context]` before the argument",
    );
}

#[test]
fn arguments_of_attributes_are_checked() {
    let f = "fn f(a: i64) -> i64 { a }";
    map(
        "outptu = \"n\"",
        f,
        "unknown key; known are `name`, `input`, `output`, `columns`, `inverse`, of aggregates and state `version`, and of state `state`, `timeout`, `migrate`",
    );
    map("inverse = g", f, "#[map] takes no `inverse`");
    map("output = [\"n\", \"n\"]", f, "two columns have this name");
    map("name = \"F\"", f, "an operator's name is of a-z, 0-9 and -, begins with a letter, and has at most 64 of them");
    map("columns", f, "an operator over columns takes `&mut Rows<T>` last");
    map("columns", "fn f(a: i64, out: &mut Rows<i64>) {}", "an operator over columns takes `Column<'_, T>`");
    says(config::expand(parse_str("strict").unwrap(), parse_str("struct A;").unwrap()), "#[config] takes no arguments");
}

#[test]
fn implementations_and_reductions_have_a_shape() {
    let aggregate = |item: &str| impls::aggregate(parse_str("").unwrap(), parse_str(item).unwrap());
    says(aggregate("impl A {}"), "this goes on an `impl Aggregate for` a type");
    says(aggregate("impl<T> Aggregate for A<T> {}"), "an operator is a named type without parameters");
    says(
        aggregate("impl Aggregate for A { type Config = Conf; }"),
        "with a `Config`, write `open` that makes the operator of it",
    );
    let reduce = |item: &str| reduce::expand(parse_str("").unwrap(), parse_str(item).unwrap());
    let shape =
        "a reduction is a function of two values of a type to one of the same type; an `Aggregate` may have several";
    says(reduce("fn f(a: i64) -> i64 { a }"), shape);
    says(reduce("fn f(a: i64, b: i64) {}"), shape);
}

#[test]
fn rows_are_structs_of_distinct_columns() {
    let row = |item: &str| row::expand(parse_str(item).unwrap());
    says(row("enum A { B }"), "a row is a struct, whose fields are columns");
    says(row("struct A(i64);"), "a row is a struct with named fields; a tuple is a row by itself");
    says(row("struct A {}"), "a row has at least one column; `()` reads none");
    says(row("struct A<T> { a: T }"), "a row has no parameters but one lifetime: its columns have fixed types");
    says(row("struct A { #[row(nam = \"b\")] a: i64 }"), "unknown key; known is `name`");
    says(row("struct A { a: i64, #[row(name = \"a\")] b: i64 }"), "two columns have this name");
}

#[test]
fn lifetimes_of_the_author_are_left_to_inference() {
    let ty = parse_str("Pair<'a, &'a str, fn(&'static [Order<'b>])>").unwrap();
    let packed = crate::elide::elided(&ty).to_string().replace(' ', "");
    assert_eq!(packed, "Pair<'_,&'_str,fn(&'static[Order<'_>])>");
}

#[test]
fn functions_of_state_have_a_shape() {
    let update = |attributes: &str, item: &str| {
        state::expand(state::Kind::UpdateStateByKey, parse_str(attributes).unwrap(), parse_str(item).unwrap())
    };
    let map = |attributes: &str, item: &str| {
        state::expand(state::Kind::MapWithState, parse_str(attributes).unwrap(), parse_str(item).unwrap())
    };
    let shape = "an update is a function of a key, of its new values as `Vec<V>` or `impl Iterator<Item = V>`, and of its state as `Option<S>`, that returns \
                 `Option<S>`";
    for wrong in [
        "fn f(k: &str, v: Vec<i64>) -> Option<i64> { None }",
        "fn f(k: &str, v: i64, s: Option<i64>) -> Option<i64> { None }",
        "fn f(k: &str, v: Vec<i64>, s: i64) -> Option<i64> { None }",
        "fn f(k: &str, v: Vec<i64>, s: Option<i64>, more: i64) -> Option<i64> { None }",
        "fn f(k: &str, v: Vec<i64>, s: Option<i64>) {}",
    ] {
        says(update("", wrong), shape);
    }
    let good =
        "fn f(k: &str, v: impl Iterator<Item = i64>, #[context] c: &Context, s: Option<i64>) -> Option<i64> { None }";
    assert!(update("state = \"sum\", version = 2, migrate = before", good).is_ok());
    let none = "#[update_state_by_key] takes no `timeout`: it is called for every key in every batch";
    says(update("timeout = \"1h\"", good), none);
    says(update("output = \"x\"", good), "#[update_state_by_key] takes no `output`");
    says(
        update("version = 0, migrate = before", good),
        "`migrate` makes state of the version before: `version` is 1 at least",
    );
    let shape = "a map with state is a function of a key, of a value as `Option<V>`, and of `&mut State<S>`, that returns what it emits, as `Option<Out>` or another \
                 iterator";
    for wrong in [
        "fn f(k: &str, v: i64, s: &mut State<i64>) -> Option<i64> { None }",
        "fn f(k: &str, v: Option<i64>, s: &State<i64>) -> Option<i64> { None }",
        "fn f(k: &str, v: Option<i64>, s: &mut i64) -> Option<i64> { None }",
    ] {
        says(map("", wrong), shape);
    }
    let good = "fn f(k: &str, v: Option<i64>, s: &mut State<i64>) -> Option<i64> { None }";
    for timeout in ["1ms", "90s", "30min", "2h", "7days"] {
        assert!(map(&format!("timeout = \"{timeout}\""), good).is_ok(), "{timeout}");
    }
    for timeout in ["", "0s", "1", "min", "1.5h", "-1s", "99999999999999999999days"] {
        says(
            map(&format!("timeout = \"{timeout}\""), good),
            "a timeout is a whole number and its unit: ms, s, min, h or days; for example \"30min\"",
        );
    }
    let function = functions::expand(
        Kind::Map,
        parse_str("timeout = \"1h\"").unwrap(),
        parse_str("fn f(a: i64) -> i64 { a }").unwrap(),
    );
    says(function, "#[map] takes no `timeout`");
}
