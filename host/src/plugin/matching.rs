//! Which of a stream's columns an operator gets: what it declares found in the stream, and what it then chose.

use arrow::datatypes::{DataType, Field, Schema};

use super::convert::schema::{crossing_column, crossing_type, suits};

/// The columns to offer an operator: their places in the stream, and how they are handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// For each column offered, its index in the stream.
    pub columns: Vec<usize>,
    /// The columns, in the same order.
    pub schema: Schema,
}

/// The columns of `stream` that an operator gets which declares `declared`, or all of them where it declares nothing.
///
/// A column that may have nulls suits an operator that takes none: engines say of many columns that they may, which never do. A null that
/// comes is an error then.
///
/// # Errors
/// Which column is missing, or has another type.
pub fn offer(declared: Option<&Schema>, stream: &Schema) -> Result<Offer, String> {
    let Some(declared) = declared else {
        let fields = stream.fields().iter().map(|field| crossing_column(field)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Offer { columns: (0..fields.len()).collect(), schema: Schema::new(fields) });
    };
    let wanted = declared.fields();
    if wanted.iter().any(|field| field.name().is_empty()) && wanted.len() != stream.fields().len() {
        let offered = match stream.fields().len() {
            0 => "none: a key's columns are not among them".to_owned(),
            n => format!("{}: {}", n_columns(n), names(stream)),
        };
        return Err(format!(
            "the operator takes {} of any name, and is offered {offered}; choose columns in a sql stream",
            n_columns(wanted.len()),
        ));
    }
    let mut offer = Offer { columns: Vec::with_capacity(wanted.len()), schema: Schema::empty() };
    let mut fields = Vec::with_capacity(wanted.len());
    for (place, wanted) in wanted.iter().enumerate() {
        let column = if wanted.name().is_empty() { place } else { named(wanted.name(), stream)? };
        let found = stream.field(column);
        fields.push(Field::new(found.name(), handed_over(found, wanted)?, wanted.is_nullable()));
        offer.columns.push(column);
    }
    offer.schema = Schema::new(fields);
    Ok(offer)
}

fn handed_over(found: &Field, wanted: &Field) -> Result<DataType, String> {
    let suiting = crossing_type(found.data_type()).ok().filter(|found| suits(found, wanted.data_type()));
    suiting.map(|_| wanted.data_type().clone()).ok_or_else(|| {
        format!(
            "the operator takes the column {} as {}, and the stream has it as {}; cast it in a sql stream",
            found.name(),
            wanted.data_type(),
            found.data_type()
        )
    })
}

fn named(name: &str, stream: &Schema) -> Result<usize, String> {
    if let Some((column, _)) = stream.column_with_name(name) {
        return Ok(column);
    }
    let nearest = stream.fields().iter().map(|field| (strsim::jaro_winkler(name, field.name()), field.name()));
    let hint = match nearest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((similar, nearest)) if similar > 0.8 => format!("; did it mean {nearest}?"),
        _ => "; rename one in a sql stream".to_owned(),
    };
    Err(format!("the operator takes the column {name}, and the stream has only {}{hint}", names(stream)))
}

fn names(schema: &Schema) -> String {
    let names: Vec<&str> = schema.fields().iter().take(20).map(|field| field.name().as_str()).collect();
    let more = if schema.fields().len() > names.len() { ", ..." } else { "" };
    format!("{}{more}", names.join(", "))
}

fn n_columns(n: usize) -> String {
    if n == 1 { "1 column".to_owned() } else { format!("{n} columns") }
}

/// The columns of `offer` that the guest chose, as indices into the stream, and their schema.
///
/// # Errors
/// If it chose one that isn't there, or one twice.
pub fn chosen(offer: &Offer, choice: &[u32]) -> Result<(Vec<usize>, Schema), String> {
    let n_offered = offer.columns.len();
    let mut taken = vec![false; n_offered];
    let mut columns = Vec::with_capacity(choice.len().min(n_offered));
    let mut fields = Vec::with_capacity(choice.len().min(n_offered));
    for &idx in choice {
        let idx = idx as usize;
        match taken.get_mut(idx) {
            None => return Err(format!("its binding names column {idx}, and it was offered {n_offered}")),
            Some(true) => return Err(format!("its binding names column {idx} twice")),
            Some(taken) => *taken = true,
        }
        columns.push(offer.columns[idx]);
        fields.push(offer.schema.field(idx).clone());
    }
    Ok((columns, Schema::new(fields)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: &[(&str, DataType, bool)]) -> Schema {
        Schema::new(fields.iter().map(|(name, ty, null)| Field::new(*name, ty.clone(), *null)).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_found_by_name_or_by_position() {
        let stream = schema(&[("id", DataType::Int64, false), ("text", DataType::Utf8View, true)]);
        let found = offer(Some(&schema(&[("text", DataType::Utf8, false)])), &stream).unwrap();
        assert_eq!(found, Offer { columns: vec![1], schema: schema(&[("text", DataType::Utf8, false)]) });
        let declared = schema(&[("", DataType::Int64, true), ("", DataType::Utf8, false)]);
        let found = offer(Some(&declared), &stream).unwrap();
        assert_eq!(found.schema, schema(&[("id", DataType::Int64, true), ("text", DataType::Utf8, false)]));
        let all = offer(None, &stream).unwrap();
        assert_eq!(all.schema, schema(&[("id", DataType::Int64, false), ("text", DataType::Utf8, true)]));
        assert_eq!(chosen(&all, &[1]).unwrap(), (vec![1], schema(&[("text", DataType::Utf8, true)])));
        assert_eq!(chosen(&all, &[2]).unwrap_err(), "its binding names column 2, and it was offered 2");
        assert_eq!(chosen(&all, &[0, 0]).unwrap_err(), "its binding names column 0 twice");
    }

    #[test]
    fn columns_that_dont_suit_are_named() {
        let stream = schema(&[("value", DataType::Int64, false), ("odd", DataType::Float16, false)]);
        let wrong = |declared: &[(&str, DataType, bool)]| offer(Some(&schema(declared)), &stream).unwrap_err();
        assert_eq!(
            wrong(&[("vaule", DataType::Int64, false)]),
            "the operator takes the column vaule, and the stream has only value, odd; did it mean value?"
        );
        assert_eq!(
            wrong(&[("value", DataType::Utf8, false)]),
            "the operator takes the column value as Utf8, and the stream has it as Int64; cast it in a sql stream"
        );
        assert_eq!(
            wrong(&[("", DataType::Utf8, false)]),
            "the operator takes 1 column of any name, and is offered 2 columns: value, odd; choose columns in a sql stream"
        );
        assert!(offer(None, &stream).unwrap_err().starts_with("the column odd has the type Float16"));
        let only_value = offer(Some(&schema(&[("value", DataType::Int64, false)])), &stream).unwrap();
        assert_eq!(only_value.columns, [0], "a column that nobody reads may have any type");
    }
}
