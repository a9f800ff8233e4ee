//! Rows as case files write them, as columns of a schema; strictly.
//!
//! A row is a table by column name, an array in the order of the columns, or, where there is one column, its value. What a value of each type looks like
//! is said in docs/testing.md. A mistake names the row and column, and stands at the value's place.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeBinaryArray, FixedSizeListArray, ListArray,
    MapArray, PrimitiveArray, RecordBatch, RecordBatchOptions, StringArray, StructArray, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::*;

use super::text;
use crate::job::definition::Place;
use crate::job::file::report::Report;
use crate::job::file::tree::{Content, Node};
use crate::job::nearest::did_you_mean;
use crate::job::types::{SchemaNames, TypeName};

/// Rows as a record batch of `schema`; none once a mistake is reported. `about` says whose rows they are.
pub fn rows(schema: &SchemaRef, rows: &[Node], about: &str, report: &Report) -> Option<RecordBatch> {
    let reader = Reader { about, report };
    let columns: Vec<_> = match schema.fields().as_ref() {
        [field] => vec![rows.iter().enumerate().map(|(row, node)| reader.only(field, row, node)).collect()],
        fields => reader.columns(schema, fields, rows)?,
    };
    let columns = schema.fields().iter().zip(columns).map(|(field, slots)| reader.column(field, field.name(), &slots));
    // Every column is looked at, so that all mistakes are told.
    let columns: Vec<Option<ArrayRef>> = columns.collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let made = RecordBatch::try_new_with_options(schema.clone(), columns.into_iter().collect::<Option<_>>()?, &options);
    made.map_err(|error| report.wrong(Place::Program.wrong(format!("{about}: {error}")))).ok()
}

/// What a case file says of a value; nothing where a table leaves the column out.
#[derive(Debug, Clone, Copy)]
struct Slot<'a> {
    node: Option<&'a Node>,
    place: &'a Place,
    /// From 1.
    row: usize,
}

impl<'a> Slot<'a> {
    fn of(node: &'a Node, row: usize) -> Self {
        Self { node: (!is_null(node)).then_some(node), place: &node.place, row }
    }

    fn missing(place: &'a Place, row: usize) -> Self {
        Self { node: None, place, row }
    }
}

/// `{ null = true }`, which is what JSON's null is read as, since TOML has none.
pub fn is_null(node: &Node) -> bool {
    match &node.content {
        Content::Table(entries) => {
            matches!(entries.as_slice(), [only] if only.key == "null" && matches!(only.node.content, Content::Boolean(true)))
        }
        _ => false,
    }
}

struct Reader<'r> {
    about: &'r str,
    report: &'r Report,
}

impl Reader<'_> {
    fn wrong<T>(&self, slot: &Slot<'_>, column: &str, message: &str, help: &str) -> Option<T> {
        let column = if column.is_empty() { String::new() } else { format!(", column \"{column}\"") };
        let message = format!("{}, row {}{column}: {message}", self.about, slot.row);
        let mistake = slot.place.wrong(message);
        self.report.wrong(if help.is_empty() { mistake } else { mistake.help(help) });
        None
    }

    /// The one column's value of a row.
    fn only<'a>(&self, field: &Field, row: usize, node: &'a Node) -> Slot<'a> {
        match &node.content {
            Content::Table(entries) if !is_null(node) => match entries.as_slice() {
                [only] if only.key == *field.name() => Slot::of(&only.node, row + 1),
                _ => Slot::of(node, row + 1),
            },
            _ => Slot::of(node, row + 1),
        }
    }

    /// What each column has of the rows.
    fn columns<'a>(&self, schema: &Schema, fields: &[Arc<Field>], rows: &'a [Node]) -> Option<Vec<Vec<Slot<'a>>>> {
        let mut columns = vec![Vec::with_capacity(rows.len()); fields.len()];
        let mut right = true;
        for (row, node) in rows.iter().enumerate() {
            let slot = Slot { node: Some(node), place: &node.place, row: row + 1 };
            match self.parts(fields, &slot, "", &format!("the columns are ({})", SchemaNames(schema))) {
                Some(parts) => columns.iter_mut().zip(parts).for_each(|(column, part)| column.push(part)),
                None => right = false,
            }
        }
        right.then_some(columns)
    }

    /// A row's or a struct's parts, by name or by position.
    fn parts<'a>(&self, fields: &[Arc<Field>], slot: &Slot<'a>, column: &str, what: &str) -> Option<Vec<Slot<'a>>> {
        let node = slot.node?;
        match &node.content {
            Content::Table(entries) if !is_null(node) => {
                let unknown = entries.iter().find(|entry| !fields.iter().any(|field| *field.name() == entry.key));
                if let Some(unknown) = unknown {
                    let help = did_you_mean(&unknown.key, fields.iter().map(|field| field.name().as_str()), "columns");
                    let at = Slot { place: &unknown.place, ..*slot };
                    return self.wrong(&at, column, &format!("there is no column \"{}\"", unknown.key), &help);
                }
                let part = |field: &Arc<Field>| match entries.iter().find(|entry| entry.key == *field.name()) {
                    Some(entry) => Slot::of(&entry.node, slot.row),
                    None => Slot::missing(slot.place, slot.row),
                };
                Some(fields.iter().map(part).collect())
            }
            Content::Array(items) if items.len() == fields.len() => {
                Some(items.iter().map(|item| Slot::of(item, slot.row)).collect())
            }
            Content::Array(items) => {
                let message = format!("an array of {} stands for {} columns", items.len(), fields.len());
                self.wrong(slot, column, &message, what)
            }
            _ => {
                let message = format!("a table or an array is expected, found {}", node.describe());
                self.wrong(slot, column, &message, what)
            }
        }
    }

    /// A column of values, each null or of the field's type. All mistakes are told.
    fn column(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef> {
        if !field.is_nullable() {
            let nulls: Vec<_> = slots.iter().filter(|slot| slot.node.is_none()).collect();
            for slot in &nulls {
                let help = format!("write {} for it", text::example(field.data_type()));
                let _: Option<()> = self.wrong(slot, name, "a value is missing: the column has no nulls", &help);
            }
            if !nulls.is_empty() {
                // The others are looked at too.
                let filled: Vec<_> = slots.iter().filter(|slot| slot.node.is_some()).copied().collect();
                let _ = self.of_type(field, name, &filled);
                return None;
            }
        }
        self.of_type(field, name, slots)
    }

    fn of_type(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef> {
        let nulls = || NullBuffer::from_iter(slots.iter().map(|slot| slot.node.is_some()));
        Some(match field.data_type() {
            DataType::Boolean => {
                Arc::new(self.values(field, name, slots, text::boolean)?.into_iter().collect::<BooleanArray>())
            }
            DataType::Utf8 => {
                Arc::new(self.values(field, name, slots, text::string)?.into_iter().collect::<StringArray>())
            }
            DataType::Binary => {
                Arc::new(self.values(field, name, slots, text::binary)?.into_iter().collect::<BinaryArray>())
            }
            DataType::FixedSizeBinary(width) => {
                let width = *width;
                let values = self.values(field, name, slots, |node| text::fixed_binary(node, width))?;
                let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values.into_iter(), width);
                self.made(name, array)?
            }
            DataType::Int8 => self.integers::<Int8Type>(field, name, slots)?,
            DataType::Int16 => self.integers::<Int16Type>(field, name, slots)?,
            DataType::Int32 => self.integers::<Int32Type>(field, name, slots)?,
            DataType::Int64 => self.integers::<Int64Type>(field, name, slots)?,
            DataType::UInt8 => self.integers::<UInt8Type>(field, name, slots)?,
            DataType::UInt16 => self.integers::<UInt16Type>(field, name, slots)?,
            DataType::UInt32 => self.integers::<UInt32Type>(field, name, slots)?,
            DataType::UInt64 => self.integers::<UInt64Type>(field, name, slots)?,
            DataType::Float32 => self.primitive::<Float32Type>(field, name, slots, text::float32)?,
            DataType::Float64 => self.primitive::<Float64Type>(field, name, slots, text::float64)?,
            DataType::Decimal128(precision, scale) => {
                self.primitive::<Decimal128Type>(field, name, slots, |node| text::decimal(node, *precision, *scale))?
            }
            DataType::Date32 => self.times::<Date32Type>(field, name, slots)?,
            DataType::Date64 => self.times::<Date64Type>(field, name, slots)?,
            DataType::Time32(TimeUnit::Second) => self.times::<Time32SecondType>(field, name, slots)?,
            DataType::Time32(_) => self.times::<Time32MillisecondType>(field, name, slots)?,
            DataType::Time64(TimeUnit::Nanosecond) => self.times::<Time64NanosecondType>(field, name, slots)?,
            DataType::Time64(_) => self.times::<Time64MicrosecondType>(field, name, slots)?,
            DataType::Timestamp(TimeUnit::Second, _) => self.times::<TimestampSecondType>(field, name, slots)?,
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                self.times::<TimestampMillisecondType>(field, name, slots)?
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.times::<TimestampMicrosecondType>(field, name, slots)?
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                self.times::<TimestampNanosecondType>(field, name, slots)?
            }
            DataType::Duration(TimeUnit::Second) => self.durations::<DurationSecondType>(field, name, slots)?,
            DataType::Duration(TimeUnit::Millisecond) => {
                self.durations::<DurationMillisecondType>(field, name, slots)?
            }
            DataType::Duration(TimeUnit::Microsecond) => {
                self.durations::<DurationMicrosecondType>(field, name, slots)?
            }
            DataType::Duration(TimeUnit::Nanosecond) => self.durations::<DurationNanosecondType>(field, name, slots)?,
            DataType::Interval(IntervalUnit::YearMonth) => {
                self.intervals::<IntervalYearMonthType>(field, name, slots)?
            }
            DataType::Interval(IntervalUnit::DayTime) => self.intervals::<IntervalDayTimeType>(field, name, slots)?,
            DataType::Interval(IntervalUnit::MonthDayNano) => {
                self.intervals::<IntervalMonthDayNanoType>(field, name, slots)?
            }
            DataType::List(item) => {
                let lists = self.lists(field, name, slots)?;
                let items = self.column(item, name, &lists.concat())?;
                let offsets = OffsetBuffer::from_lengths(lists.iter().map(Vec::len));
                self.made(name, ListArray::try_new(item.clone(), offsets, items, Some(nulls())))?
            }
            DataType::FixedSizeList(item, length) => {
                let lists = self.lists(field, name, slots)?;
                let items = self.fixed_items(item, *length, name, slots, lists)?;
                self.made(name, FixedSizeListArray::try_new(item.clone(), *length, items, Some(nulls())))?
            }
            DataType::Struct(fields) => self.structs(fields, name, slots, nulls())?,
            DataType::Map(entries, sorted) => self.maps(field, entries, *sorted, name, slots, nulls())?,
            other => {
                let message = format!("{} can't be written in a case", TypeName(other));
                self.report.wrong(Place::Program.wrong(format!("{}, column \"{name}\": {message}", self.about)));
                return None;
            }
        })
    }

    fn made<A: arrow::array::Array + 'static>(
        &self,
        name: &str,
        array: Result<A, arrow::error::ArrowError>,
    ) -> Option<ArrayRef> {
        match array {
            Ok(array) => Some(Arc::new(array)),
            Err(error) => {
                self.report.wrong(Place::Program.wrong(format!("{}, column \"{name}\": {error}", self.about)));
                None
            }
        }
    }

    fn values<'a, T>(
        &self,
        field: &Field,
        name: &str,
        slots: &[Slot<'a>],
        read: impl Fn(&'a Node) -> Result<T, String>,
    ) -> Option<Vec<Option<T>>> {
        let read = |slot: &Slot<'a>| match slot.node.map(&read).transpose() {
            Ok(value) => Some(value),
            Err(message) => {
                let help = format!(
                    "a value of {} is written as {}",
                    TypeName(field.data_type()),
                    text::example(field.data_type())
                );
                self.wrong(slot, name, &message, &help)
            }
        };
        // All are read, so that all mistakes are told.
        let values: Vec<Option<Option<T>>> = slots.iter().map(read).collect();
        values.into_iter().collect()
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        field: &Field,
        name: &str,
        slots: &[Slot<'_>],
        read: impl Fn(&Node) -> Result<T::Native, String>,
    ) -> Option<ArrayRef> {
        let values = self.values(field, name, slots, read)?;
        Some(Arc::new(values.into_iter().collect::<PrimitiveArray<T>>().with_data_type(field.data_type().clone())))
    }

    fn integers<T: ArrowPrimitiveType>(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef>
    where
        T::Native: TryFrom<i128>,
    {
        self.primitive::<T>(field, name, slots, |node| text::integer(node, field.data_type()))
    }

    fn times<T: ArrowPrimitiveType>(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef>
    where
        T::Native: TryFrom<i128>,
    {
        self.primitive::<T>(field, name, slots, |node| text::time::<T>(node, field.data_type()))
    }

    fn durations<T: ArrowPrimitiveType>(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef>
    where
        T::Native: TryFrom<i128>,
    {
        self.primitive::<T>(field, name, slots, |node| text::duration(node, field.data_type()))
    }

    fn intervals<T: ArrowPrimitiveType>(&self, field: &Field, name: &str, slots: &[Slot<'_>]) -> Option<ArrayRef> {
        self.primitive::<T>(field, name, slots, |node| text::interval::<T>(node, field.data_type()))
    }

    /// The items of each list; none for a null.
    fn lists<'a>(&self, field: &Field, name: &str, slots: &[Slot<'a>]) -> Option<Vec<Vec<Slot<'a>>>> {
        let items = |node: &'a Node| match &node.content {
            Content::Array(items) => Ok(items.as_slice()),
            _ => Err(format!("an array is expected, found {}", node.describe())),
        };
        let lists = self.values(field, name, slots, items)?;
        let slots_of = |(items, slot): (Option<&'a [Node]>, &Slot<'a>)| {
            items.unwrap_or_default().iter().map(|item| Slot::of(item, slot.row)).collect()
        };
        Some(lists.into_iter().zip(slots).map(slots_of).collect())
    }

    fn fixed_items(
        &self,
        item: &Field,
        length: i32,
        name: &str,
        slots: &[Slot<'_>],
        lists: Vec<Vec<Slot<'_>>>,
    ) -> Option<ArrayRef> {
        let n_items = usize::try_from(length).unwrap_or(0);
        let mut right = true;
        for (slot, items) in slots.iter().zip(&lists) {
            if slot.node.is_some() && items.len() != n_items {
                right = false;
                let _: Option<()> = self.wrong(
                    slot,
                    name,
                    &format!("an array of {} stands where {n_items} items belong", items.len()),
                    "",
                );
            }
        }
        if !right {
            return None;
        }
        // A null list has room for its items all the same: nulls, which its own null hides.
        let items = self.column(item, name, &lists.concat())?;
        let mut next = 0..;
        let index = slots.iter().flat_map(|slot| {
            let index: Vec<Option<u64>> = (0..n_items).map(|_| slot.node.and_then(|_| next.next())).collect();
            index
        });
        self.spread(name, &items, &index.collect())
    }

    /// The values at each index, null where there is none.
    fn spread(&self, name: &str, values: &ArrayRef, index: &UInt64Array) -> Option<ArrayRef> {
        let spread = take(values, index, None);
        spread
            .map_err(|error| {
                self.report.wrong(Place::Program.wrong(format!("{}, column \"{name}\": {error}", self.about)))
            })
            .ok()
    }

    fn structs(&self, fields: &Fields, name: &str, slots: &[Slot<'_>], nulls: NullBuffer) -> Option<ArrayRef> {
        let what = format!("the fields are ({})", SchemaNames(&Schema::new(fields.clone())));
        let filled: Vec<Slot<'_>> = slots.iter().filter(|slot| slot.node.is_some()).copied().collect();
        let parts: Vec<_> = filled.iter().map(|slot| self.parts(fields, slot, name, &what)).collect();
        let parts: Vec<Vec<Slot<'_>>> = parts.into_iter().collect::<Option<_>>()?;
        let mut columns = vec![];
        for (idx, field) in fields.iter().enumerate() {
            let column: Vec<Slot<'_>> = parts.iter().map(|parts| parts[idx]).collect();
            columns.push(self.column(field, &format!("{name}.{}", field.name()), &column));
        }
        let columns: Vec<ArrayRef> = columns.into_iter().collect::<Option<_>>()?;
        // Where the struct is null, so are its fields, hidden by its own null.
        let mut next = 0..;
        let index = slots.iter().map(|slot| slot.node.and_then(|_| next.next())).collect();
        let columns = columns.iter().map(|column| self.spread(name, column, &index)).collect::<Option<_>>()?;
        self.made(name, StructArray::try_new_with_length(fields.clone(), columns, Some(nulls), slots.len()))
    }

    fn maps(
        &self,
        field: &Field,
        entries: &Arc<Field>,
        sorted: bool,
        name: &str,
        slots: &[Slot<'_>],
        nulls: NullBuffer,
    ) -> Option<ArrayRef> {
        let DataType::Struct(fields) = entries.data_type() else { return None };
        let [key, value] = fields.as_ref() else { return None };
        // A table's keys are strings, each written as a value so that they are read as any other.
        let pairs = |node: &Node| -> Result<Vec<(Node, Node)>, String> {
            match &node.content {
                Content::Table(entries) => Ok(entries
                    .iter()
                    .map(|entry| {
                        let content = Content::String(entry.key.clone());
                        (Node { place: entry.place.clone(), content }, entry.node.clone())
                    })
                    .collect()),
                Content::Array(pairs) => pairs
                    .iter()
                    .map(|pair| match &pair.content {
                        Content::Array(pair) if pair.len() == 2 => Ok((pair[0].clone(), pair[1].clone())),
                        _ => Err(format!("an entry is an array of key and value, found {}", pair.describe())),
                    })
                    .collect(),
                _ => Err(format!("a table, or an array of entries, is expected, found {}", node.describe())),
            }
        };
        let maps = self.values(field, name, slots, pairs)?;
        let lengths: Vec<usize> = maps.iter().map(|pairs| pairs.as_ref().map_or(0, Vec::len)).collect();
        let entry_slots = |part: fn(&(Node, Node)) -> &Node| -> Vec<Slot<'_>> {
            let entries =
                maps.iter().zip(slots).flat_map(|(pairs, slot)| pairs.iter().flatten().map(|pair| (pair, slot.row)));
            entries.map(|(pair, row)| Slot::of(part(pair), row)).collect()
        };
        let keys = self.column(key, &format!("{name}.{}", key.name()), &entry_slots(|pair| &pair.0));
        let values = self.column(value, &format!("{name}.{}", value.name()), &entry_slots(|pair| &pair.1));
        let both = StructArray::try_new(fields.clone(), vec![keys?, values?], None);
        let offsets = OffsetBuffer::from_lengths(lengths);
        let array = both.and_then(|both| MapArray::try_new(entries.clone(), offsets, both, Some(nulls), sorted));
        self.made(name, array)
    }
}
