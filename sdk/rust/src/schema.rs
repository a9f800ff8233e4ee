//! Schemas: whether the columns offered are those an operator reads.

use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::Read;
use crate::write::Write;

/// The columns that a row of type `T` is read from.
pub fn input_of<'a, T: Read<'a>>(names: &[&str]) -> Vec<Field> {
    let mut fields = Vec::new();
    T::fields(names, &mut fields);
    fields
}

/// The columns that a row of type `T` is written to.
pub fn output_of<T: Write>(names: &[&str]) -> Vec<Field> {
    let mut fields = Vec::new();
    T::fields(names, &mut fields);
    fields
}

/// Refuse, while the author's crate is compiled, an attribute that names some of a row's columns. It is called in the function that the attribute
/// calls, since the compiler points at that call.
pub const fn named_all_or_none(n_given: usize, n_names: usize) {
    assert!(
        n_given == 0 || n_given == n_names,
        "`input` and `output` name each column of a row, or aren't there; the fields of a struct under #[derive(Row)] name themselves"
    );
}

/// The columns that a row of type `T` is read from, of the names in an attribute.
pub fn named_input<'a, T: Read<'a>, const N: usize>(names: &[&str; N]) -> Vec<Field> {
    const { named_all_or_none(N, T::N_NAMES) }
    input_of::<T>(names)
}

/// The columns that a row of type `T` is written to, of the names in an attribute.
pub fn named_output<T: Write, const N: usize>(names: &[&str; N]) -> Vec<Field> {
    const { named_all_or_none(N, T::N_NAMES) }
    output_of::<T>(names)
}

/// The columns made by a reduction that names none: a single one keeps its name.
pub fn kept_output<T: Write>(input: &[Field]) -> Vec<Field> {
    output_of::<T>(&trees(input).map(|tree| tree[0].name.as_str()).collect::<Vec<_>>())
}

/// The fields at the top, each with its own and its children's: a schema is a list of trees, depth first.
pub(crate) fn trees(schema: &[Field]) -> impl Iterator<Item = &[Field]> {
    let mut rest = schema;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (tree, after) = rest.split_at(tree_len(rest));
        rest = after;
        Some(tree)
    })
}

/// The same columns, with nulls wherever a value can be null: of an operator that rejects a row whose null it has no room for, so that
/// such a row is the operator's to reject and not the host's to fail on.
pub fn taking_nulls(mut schema: Vec<Field>) -> Vec<Field> {
    take_nulls(&mut schema);
    schema
}

fn take_nulls(mut schema: &mut [Field]) {
    while !schema.is_empty() {
        let len = tree_len(schema);
        let (tree, rest) = schema.split_at_mut(len);
        tree[0].nullable = true;
        if tree[0].data_type == DataType::Map {
            // Entries and their keys are never null.
            let key_len = tree.get(2..).map_or(0, tree_len);
            take_nulls(tree.get_mut(2 + key_len..).unwrap_or_default());
        } else {
            take_nulls(&mut tree[1..]);
        }
        schema = rest;
    }
}

/// How many fields the first tree has.
fn tree_len(schema: &[Field]) -> usize {
    let (mut len, mut open) = (0, 1_usize);
    while open > 0 && len < schema.len() {
        open = open - 1 + schema[len].children as usize;
        len += 1;
    }
    len
}

/// The names of the columns, for messages.
pub(crate) fn names(schema: &[Field]) -> Vec<String> {
    trees(schema).map(|tree| tree[0].name.clone()).collect()
}

/// The indices of the columns that are read: all that are offered, in their order, if they are those expected.
pub(crate) fn bind(expected: &[Field], offered: &[Field]) -> Result<Vec<u32>, Error> {
    let (n_expected, n_offered) = (trees(expected).count(), trees(offered).count());
    if n_expected != n_offered {
        return Err(Error::invalid_input(format!("the operator reads {n_expected} columns, but gets {n_offered}")));
    }
    for (expected, offered) in trees(expected).zip(trees(offered)) {
        let name = &offered[0].name;
        if !expected[0].name.is_empty() && expected[0].name != *name {
            return Err(Error::invalid_input(format!(
                "the operator reads column `{}`, not `{name}`",
                expected[0].name
            )));
        }
        if !same_type(expected, offered) {
            let (is, wanted) = (describe(offered), describe(expected));
            return Err(Error::invalid_input(format!("column `{name}` is {is}, the operator reads {wanted}")));
        }
    }
    Ok((0..n_offered as u32).collect())
}

/// Whether two trees have the same types. Names count only within structs; nulls are looked at row by row.
fn same_type(expected: &[Field], offered: &[Field]) -> bool {
    let named = expected[0].data_type == DataType::Struct;
    expected[0].data_type == offered[0].data_type
        && expected[0].children == offered[0].children
        && trees(&expected[1..])
            .zip(trees(&offered[1..]))
            .all(|(a, b)| (!named || a[0].name == b[0].name) && same_type(a, b))
}

/// A tree's type in words, such as `list<struct<x: int64>>`.
fn describe(tree: &[Field]) -> String {
    let children = |named: bool| {
        let child = |tree: &[Field]| match named {
            true => format!("{}: {}", tree[0].name, describe(tree)),
            false => describe(tree),
        };
        trees(&tree[1..]).map(child).collect::<Vec<_>>().join(", ")
    };
    match &tree[0].data_type {
        DataType::List => format!("list<{}>", children(false)),
        DataType::FixedSizeList(n) => format!("list<{}; {n}>", children(false)),
        DataType::Struct => format!("struct<{}>", children(true)),
        DataType::Map => format!("map<{}>", children(false)),
        DataType::Utf8 => "string".to_owned(),
        DataType::Decimal128(decimal) => format!("decimal({}, {})", decimal.precision, decimal.scale),
        DataType::FixedSizeBinary(n) => format!("binary({n})"),
        DataType::Time(unit) => format!("time({})", short(&format!("{unit:?}"))),
        DataType::Duration(unit) => format!("duration({})", short(&format!("{unit:?}"))),
        DataType::Timestamp(timestamp) => match &timestamp.zone {
            Some(zone) => format!("timestamp({}, {zone})", short(&format!("{:?}", timestamp.unit))),
            None => format!("timestamp({})", short(&format!("{:?}", timestamp.unit))),
        },
        DataType::Interval(unit) => format!("interval({})", short(&format!("{unit:?}"))),
        other => short(&format!("{other:?}")),
    }
}

/// `Int64` of the bindings' `DataType::Int64`, in lower case.
fn short(debug: &str) -> String {
    debug.rsplit("::").next().unwrap_or(debug).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_other_types_are_refused_in_words() {
        let refuse = |expected: Vec<Field>, offered: Vec<Field>| match bind(&expected, &offered) {
            Err(Error::InvalidInput(message)) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refuse(input_of::<(i64, i64)>(&[]), output_of::<i64>(&[])),
            "the operator reads 2 columns, but gets 1"
        );
        assert_eq!(
            refuse(input_of::<&str>(&[]), output_of::<Vec<(i64, bool)>>(&["points"])),
            "column `points` is list<struct<_1: int64, _2: boolean>>, the operator reads string"
        );
        assert_eq!(refuse(input_of::<i64>(&["x"]), output_of::<i64>(&["y"])), "the operator reads column `x`, not `y`");
        assert_eq!(bind(&input_of::<(i64, &str)>(&[]), &output_of::<(Option<i64>, String)>(&[])), Ok(vec![0, 1]));
    }
}
