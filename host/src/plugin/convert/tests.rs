//! Rows that cross come back the same; whatever else a guest returns is an error or a sound array, and never a panic.

use std::sync::Arc;

use arrow::array::types::Int32Type;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, FixedSizeListArray, Int64Array, LargeStringArray,
    ListArray, ListViewArray, RecordBatch, StringArray, StringViewArray, StructArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};

use super::generate::{Random, batch, flat_types};
use super::lift::{Invalid, lift};
use super::lower::{as_result, lower};
use super::schema::{Origin, crossing_column, crossing_type, from_wit, to_wit};
use crate::plugin::bindings::data as wit;

const PLENTY: u64 = 1 << 30;

/// What a guest would return to give a schema back.
fn returned(schema: &Schema) -> Vec<wit::FieldResult> {
    use wit::{DataTypeParam as P, DataTypeResult as R};
    let data_type = |from: &P| match from {
        P::Boolean => R::Boolean,
        P::Int8 => R::Int8,
        P::Int16 => R::Int16,
        P::Int32 => R::Int32,
        P::Int64 => R::Int64,
        P::Uint8 => R::Uint8,
        P::Uint16 => R::Uint16,
        P::Uint32 => R::Uint32,
        P::Uint64 => R::Uint64,
        P::Float32 => R::Float32,
        P::Float64 => R::Float64,
        P::Decimal128(d) => R::Decimal128(*d),
        P::Utf8 => R::Utf8,
        P::Binary => R::Binary,
        P::FixedSizeBinary(n) => R::FixedSizeBinary(*n),
        P::Date32 => R::Date32,
        P::Date64 => R::Date64,
        P::Time(u) => R::Time(*u),
        P::Timestamp(t) => R::Timestamp(wit::TimestampTypeResult { unit: t.unit, zone: t.zone.map(str::to_owned) }),
        P::Duration(u) => R::Duration(*u),
        P::Interval(u) => R::Interval(*u),
        P::List => R::List,
        P::FixedSizeList(n) => R::FixedSizeList(*n),
        P::Struct => R::Struct,
        P::Map => R::Map,
    };
    let fields = to_wit(schema).unwrap();
    let field = |f: &wit::FieldParam| wit::FieldResult {
        name: f.name.to_owned(),
        data_type: data_type(&f.data_type),
        nullable: f.nullable,
        children: f.children,
    };
    fields.iter().map(field).collect()
}

#[test]
fn rows_and_schemas_of_all_types_come_back_the_same() {
    let mut random = Random(1);
    for _ in 0..600 {
        let batch = batch(&mut random);
        let schema = batch.schema();
        assert_eq!(&from_wit(&returned(&schema), Origin::Made).unwrap(), schema.as_ref());
        let lowered = lower(batch.columns(), batch.num_rows(), &schema).unwrap();
        let back = lift(as_result(&lowered), &schema, PLENTY).unwrap();
        for column in back.columns() {
            column.to_data().validate_full().unwrap();
        }
        assert_eq!(back, batch);
    }
}

#[test]
fn no_change_to_a_batch_makes_an_unsound_array() {
    let mut random = Random(2);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..4000 {
        let batch = batch(&mut random);
        let schema = batch.schema();
        let mut changed = as_result(&lower(batch.columns(), batch.num_rows(), &schema).unwrap());
        for _ in 0..=random.below(2) {
            change(&mut random, &mut changed);
        }
        match lift(changed, &schema, 1 << 20) {
            Err(_) => refused += 1,
            Ok(batch) => {
                taken += 1;
                batch.columns().iter().for_each(|column| column.to_data().validate_full().unwrap());
            }
        }
    }
    // Values may change freely; lengths and offsets may not.
    assert!(refused > 1000 && taken > 100, "{refused} were refused, {taken} taken");
}

/// One change, anywhere in the batch.
fn change(random: &mut Random, batch: &mut wit::BatchResult) {
    if batch.nodes.is_empty() || batch.buffers.is_empty() {
        return;
    }
    let odd = [0, 1, 2, 8, 65, 0x7fff_ffff, 0x8000_0000, u32::MAX][random.below(8)];
    let node = random.below(batch.nodes.len());
    let idx = random.below(batch.buffers.len());
    let n_bytes = batch.buffers[idx].len();
    match random.below(9) {
        0 => batch.rows = odd,
        1 => batch.nodes[node].length = odd,
        2 => batch.nodes[node].null_count = odd,
        3 => drop(batch.buffers.remove(idx)),
        4 => batch.buffers[idx].truncate(n_bytes / 2),
        5 => batch.buffers[idx].push(random.next() as u8),
        6 => drop(batch.nodes.remove(node)),
        7 if n_bytes >= 4 => {
            let at = random.below(n_bytes / 4) * 4;
            batch.buffers[idx][at..at + 4].copy_from_slice(&odd.to_le_bytes());
        }
        _ if n_bytes > 0 => batch.buffers[idx][random.below(n_bytes)] ^= 1 << random.below(8),
        _ => batch.rows ^= 1,
    }
}

fn one(name: &str, data_type: DataType, nullable: bool) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(name, data_type, nullable)]))
}

fn broken(data_type: DataType, nullable: bool, length: u32, null_count: u32, buffers: &[&[u8]]) -> String {
    let buffers = buffers.iter().map(|bytes| bytes.to_vec()).collect();
    let batch = wit::BatchResult { rows: length, nodes: vec![wit::Node { length, null_count }], buffers };
    match lift(batch, &one("c", data_type, nullable), PLENTY) {
        Err(Invalid::Broken(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_with_a_batch_is_named() {
    let offsets = |offsets: &[i32]| offsets.iter().flat_map(|o| o.to_le_bytes()).collect::<Vec<u8>>();
    let text = |rows, at: &[i32], bytes: &[u8]| broken(DataType::Utf8, false, rows, 0, &[&[], &offsets(at), bytes]);
    assert_eq!(text(2, &[0, 2, 1], b"a"), "the column \"c\": its offsets descend in row 1, from 2 to 1");
    assert_eq!(text(1, &[1, 1], b"a"), "the column \"c\": its offsets begin at 1, and 0 is expected");
    assert_eq!(text(1, &[0, 9], b"a"), "the column \"c\": its offsets end at 9, and its data at 1");
    assert_eq!(text(1, &[0], b"a"), "the column \"c\": its offsets have 4 bytes, and 8 are expected");
    assert!(text(2, &[0, 1, 2], b"a\xff").starts_with("the column \"c\": it is not UTF-8 in row 1, at byte 1"));
    assert_eq!(
        text(2, &[0, 1, 2], "é".as_bytes()),
        "the column \"c\": row 1 begins within a character, at byte 1 of its data"
    );
    let int = |nullable, rows, nulls, buffers: &[&[u8]]| broken(DataType::Int32, nullable, rows, nulls, buffers);
    assert_eq!(int(false, 1, 1, &[&[0], &[0; 4]]), "the column \"c\": it has 1 nulls, and its field is not nullable");
    assert_eq!(int(true, 1, 1, &[&[1], &[0; 4]]), "the column \"c\": it has 0 nulls, and says 1");
    assert_eq!(
        int(true, 1, 1, &[&[0, 0], &[0; 4]]),
        "the column \"c\": its validity bits have 2 bytes, and 1 are expected"
    );
    assert_eq!(
        int(true, 1, 0, &[&[1], &[0; 4]]),
        "the column \"c\": its validity bits, where nothing is null, have 1 bytes, and 0 are expected"
    );
    assert_eq!(int(true, 1, 0, &[&[]]), "the batch has 1 nodes and 1 buffers, and its schema 1 and 2");
    let decimal = broken(DataType::Decimal128(2, 0), false, 1, 0, &[&[], &100_i128.to_le_bytes()]);
    assert_eq!(decimal, "the column \"c\": row 0 has the value 100, and at most 2 digits are allowed");
    let date = broken(DataType::Date64, false, 1, 0, &[&[], &5_i64.to_le_bytes()]);
    assert_eq!(date, "the column \"c\": row 0 has the value 5, which is not a whole day");
    let rows_of_nothing = wit::BatchResult { rows: 200, nodes: vec![], buffers: vec![] };
    assert_eq!(lift(rows_of_nothing, &Arc::new(Schema::empty()), 100), Err(Invalid::TooLarge(200)));
}

#[test]
fn other_layouts_of_a_type_cross_as_the_plain_one() {
    let texts = vec![Some("one"), None, Some("a text that is longer than a view holds"), Some("")];
    let plain: ArrayRef = Arc::new(StringArray::from(texts.clone()));
    let lists: ListViewArray =
        ListViewArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
    let columns: Vec<(ArrayRef, ArrayRef)> = vec![
        (Arc::new(StringViewArray::from(texts.clone())), plain.clone()),
        (Arc::new(LargeStringArray::from(texts.clone())), plain.clone()),
        (Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>()), plain),
        (Arc::new(lists.clone()), cast(&lists, &crossing_type(lists.data_type()).unwrap()).unwrap()),
    ];
    for (column, plain) in columns {
        let (column, plain) = (column.slice(1, 2), plain.slice(1, 2));
        let field = crossing_column(&Field::new("c", column.data_type().clone(), true)).unwrap();
        let schema = Arc::new(Schema::new(vec![field]));
        let lowered = lower(&[column], 2, &schema).unwrap();
        let back = lift(as_result(&lowered), &schema, PLENTY).unwrap();
        assert_eq!(back.column(0), &plain);
    }
}

#[test]
fn every_other_layout_crosses_without_change() {
    let text: ArrayRef =
        Arc::new(StringArray::from(vec![Some("a"), None, Some("a text that is longer than a view holds")]));
    let binary = cast(&text, &DataType::Binary).unwrap();
    let number: ArrayRef = Arc::new(
        arrow::array::Decimal128Array::from(vec![Some(12), None, Some(-7)]).with_precision_and_scale(5, 2).unwrap(),
    );
    let list: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]));
    let item = || Arc::new(Field::new("item", DataType::Int32, true));
    let dictionary = |of| DataType::Dictionary(Box::new(DataType::Int16), Box::new(of));
    let cases: Vec<(&ArrayRef, Vec<DataType>)> = vec![
        (
            &text,
            vec![DataType::LargeUtf8, DataType::Utf8View, dictionary(DataType::Utf8), dictionary(DataType::LargeUtf8)],
        ),
        (&binary, vec![DataType::LargeBinary, DataType::BinaryView, dictionary(DataType::Binary)]),
        (&number, vec![DataType::Decimal32(5, 2), DataType::Decimal64(5, 2)]),
        (&list, vec![DataType::LargeList(item()), DataType::ListView(item()), DataType::LargeListView(item())]),
    ];
    for (plain, odd) in cases {
        for odd in odd {
            let column = cast(plain, &odd).unwrap();
            let whole = Fields::from(vec![Field::new("inner", odd.clone(), true)]);
            let nested: ArrayRef = Arc::new(StructArray::new(whole, vec![column.clone()], None));
            let expected = Fields::from(vec![Field::new("inner", plain.data_type().clone(), true)]);
            let expected: ArrayRef = Arc::new(StructArray::new(expected, vec![plain.clone()], None));
            for (column, plain) in [(&column, plain), (&nested, &expected)] {
                let field = crossing_column(&Field::new("c", column.data_type().clone(), true)).unwrap();
                let schema = Arc::new(Schema::new(vec![field]));
                let lowered = lower(&[column.slice(1, 2)], 2, &schema).unwrap();
                assert_eq!(lift(as_result(&lowered), &schema, PLENTY).unwrap().column(0), &plain.slice(1, 2), "{odd}");
            }
        }
    }
}

#[test]
fn a_slice_hands_over_nothing_of_other_rows() {
    let secret: ArrayRef = Arc::new(StringArray::from(vec!["secret", "mine", "secret"]));
    let lowered = lower(&[secret.slice(1, 1)], 1, &one("c", DataType::Utf8, false)).unwrap();
    assert_eq!(lowered.slices(), [&b""[..], &[0, 0, 0, 0, 4, 0, 0, 0], b"mine"]);
    let bits: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(true), Some(true)]));
    let lowered = lower(&[bits.slice(1, 2)], 2, &one("c", DataType::Boolean, true)).unwrap();
    assert_eq!(lowered.slices()[0], [0b10], "the bit of the row behind the slice is not there");
    let plain: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let lowered = lower(std::slice::from_ref(&plain), 3, &one("c", DataType::Int64, false)).unwrap();
    assert_eq!(
        lowered.buffers[1].as_ptr(),
        plain.as_primitive::<arrow::datatypes::Int64Type>().values().inner().as_ptr()
    );
}

#[test]
fn a_null_crosses_only_where_it_may() {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let error = lower(std::slice::from_ref(&column), 2, &one("c", DataType::Int64, false)).unwrap_err();
    assert!(error.starts_with("the column c: row 1 of the chunk has no value for c"), "{error}");
    // Behind a struct's null, there is nothing to miss.
    let fields = Fields::from(vec![Field::new("x", DataType::Int64, false)]);
    let whole = StructArray::new(fields.clone(), vec![column], Some(NullBuffer::from(vec![true, false])));
    let lowered = lower(&[Arc::new(whole)], 2, &one("s", DataType::Struct(fields), true)).unwrap();
    assert_eq!(lowered.nodes.iter().map(|node| node.null_count).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_null_beneath_a_null_needs_no_room_of_its_own() {
    let number = || Arc::new(Field::new("x", DataType::Int64, false));
    let pairs = DataType::FixedSizeList(number(), 2);
    let inner = Fields::from(vec![Field::new("pair", pairs, false)]);
    let outer = Fields::from(vec![Field::new("inner", DataType::Struct(inner), false)]);
    let schema = one("outer", DataType::Struct(outer), true);
    let column = arrow::array::new_null_array(schema.field(0).data_type(), 3);
    let lowered = lower(&[Arc::clone(&column)], 3, &schema).unwrap();
    assert_eq!(lowered.nodes.iter().map(|node| node.null_count).collect::<Vec<_>>(), [3, 0, 0, 0]);
    assert_eq!(lift(as_result(&lowered), &schema, PLENTY).unwrap().column(0), &column);
    let items =
        FixedSizeListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>([Some([Some(1), None]), None], 2);
    let column: ArrayRef = Arc::new(items);
    let error = lower(&[column], 2, &one("pair", DataType::FixedSizeList(number(), 2), true)).unwrap_err();
    assert!(error.starts_with("the column pair: row 1 of the chunk has no value for x"), "{error}");
}

#[test]
fn types_that_dont_cross_are_refused_by_name() {
    let union = DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float16, true)), 2);
    let error = crossing_column(&Field::new("c", union, true)).unwrap_err();
    assert!(error.starts_with("the column c has the type Float16, within FixedSizeList("), "{error}");
    assert!(crossing_type(&DataType::Null).is_err());
    assert!(crossing_type(&DataType::Struct(Fields::empty())).is_err());
    for data_type in flat_types() {
        assert_eq!(crossing_type(&data_type).unwrap(), data_type);
    }
}

#[test]
fn a_guests_schema_is_checked() {
    let field = |name: &str, data_type, children| wit::FieldResult {
        name: name.to_owned(),
        data_type,
        nullable: false,
        children,
    };
    use wit::DataTypeResult as T;
    let made = |fields: &[wit::FieldResult]| from_wit(fields, Origin::Made).unwrap_err();
    assert_eq!(made(&[field("a", T::Int8, 0), field("a", T::Int8, 0)]), "two fields have the name \"a\"");
    assert_eq!(made(&[field("", T::Int8, 0)]), "a field has an empty name");
    assert_eq!(
        made(&[field("a", T::Int8, 1), field("b", T::Int8, 0)]),
        "the field \"a\" has 1 children, and its type has 0"
    );
    assert_eq!(made(&[field("a", T::List, 1)]), "the schema ends before the last field's children");
    assert_eq!(made(&[field("a", T::Struct, 0)]), "the field \"a\" has 0 children, and its type has 1 or more");
    assert!(made(&[field("a", T::Struct, u32::MAX)]).contains("ends before"));
    assert!(
        made(&[field("a", T::Decimal128(wit::DecimalType { precision: 39, scale: 0 }), 0)]).contains("precision 39")
    );
    assert!(made(&vec![field("a", T::List, 1); 40]).contains("nested more than 32 deep"));
    assert!(made(&vec![field("a", T::Int8, 0); 10_001]).contains("at most 10000"));
    let zone =
        T::Timestamp(wit::TimestampTypeResult { unit: wit::TimeUnit::Second, zone: Some("Mars/Olympus".to_owned()) });
    assert!(made(&[field("a", zone, 0)]).contains("unknown time zone"));
    let map = [field("m", T::Map, 1), field("e", T::Struct, 1), field("k", T::Int8, 0)];
    assert!(made(&map).contains("non-null struct of a non-null key"));
    assert_eq!(from_wit(&[field("", T::Int8, 0), field("", T::Int8, 0)], Origin::Declared).unwrap().fields().len(), 2);
}

#[test]
fn a_record_batch_of_no_columns_keeps_its_rows() {
    let schema = Arc::new(Schema::empty());
    let lowered = lower(&[], 3, &schema).unwrap();
    let back: RecordBatch = lift(as_result(&lowered), &schema, PLENTY).unwrap();
    assert_eq!(back.num_rows(), 3);
}
