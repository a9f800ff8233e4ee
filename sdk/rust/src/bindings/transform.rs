// Written by scripts/bindings from the WIT package; don't edit.
#[allow(dead_code, clippy::all)]
pub mod sluicebox {
    pub mod operator {
        /// Lines for the host's log, with the plugin, operator, batch and partition added by the host.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod logging {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Level {
                Debug,
                Info,
                Warn,
                Error,
            }
            impl ::core::fmt::Debug for Level {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Level::Debug => f.debug_tuple("Level::Debug").finish(),
                        Level::Info => f.debug_tuple("Level::Info").finish(),
                        Level::Warn => f.debug_tuple("Level::Warn").finish(),
                        Level::Error => f.debug_tuple("Level::Error").finish(),
                    }
                }
            }
            impl Level {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> Level {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Level::Debug,
                        1 => Level::Info,
                        2 => Level::Warn,
                        3 => Level::Error,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Log one line. Never fails: what is over the plugin's limit of bytes or lines for a task is dropped and counted.
            #[allow(async_fn_in_trait)]
            pub fn log(level: Level, message: &str) -> () {
                unsafe {
                    let vec0 = message;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/logging@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "log"]
                        fn wit_import1(_: i32, _: *mut u8, _: usize);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import1(_: i32, _: *mut u8, _: usize) {
                        unreachable!()
                    }
                    wit_import1(level.clone() as i32, ptr0.cast_mut(), len0);
                }
            }
        }
        /// The operator's own metrics.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod counters {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            #[allow(unused_unsafe, clippy::all)]
            /// Add to the counter `name`, which begins at 0 with the job, and is summed over partitions and batches. Counts of a task that
            /// fails, or is retried, don't count. Names are at most 64 bytes of `a-z`, `0-9`, `_`; at most 64 of them an operator; what is
            /// over that, or not such a name, is dropped and logged once. A sum stays at its highest value rather than wrap.
            #[allow(async_fn_in_trait)]
            pub fn add(name: &str, count: u64) -> () {
                unsafe {
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/counters@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "add"]
                        fn wit_import1(_: *mut u8, _: usize, _: i64);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import1(_: *mut u8, _: usize, _: i64) {
                        unreachable!()
                    }
                    wit_import1(ptr0.cast_mut(), len0, _rt::as_i64(&count));
                }
            }
        }
        /// How rows, columns and schemas cross between host and guest.
        ///
        /// Data crosses as the buffers of Arrow arrays, without Arrow's own framing: a guest needs no Arrow library, only
        /// byte lists and the layout written here. A schema is agreed on once (see `transform.bind`, `aggregate.bind`),
        /// and never repeated with the data.
        ///
        /// A schema is a list of fields, depth first: a field of a nested type is followed by its `children` fields, each
        /// with its own children. A batch has one `node` per field, in the same order, and the buffers of every node, in
        /// the same order.
        ///
        /// The buffers of one node, little-endian:
        ///
        /// | type | buffers after the validity buffer | children |
        /// |---|---|---|
        /// | `boolean` | one bit a row, least significant bit first | |
        /// | integers, floats, decimal, date, time, timestamp, interval | values, of the type's width | |
        /// | `fixed-size-binary(n)` | n bytes a row | |
        /// | `utf8`, `binary` | offsets: `length + 1` of s32, from 0, ascending; bytes | |
        /// | `list` | offsets: `length + 1` of s32, into the child | 1, the item |
        /// | `fixed-size-list(n)` | none; the child has `n * length` rows | 1, the item |
        /// | `struct` | none; each child has `length` rows | the fields |
        /// | `map` | offsets: `length + 1` of s32, into the child | 1, a non-null struct of a non-null key and a value |
        ///
        /// Every node has a validity buffer first: one bit a row, least significant bit first, set where the row is not
        /// null. It is empty exactly when `null-count` is 0. Bytes beyond the last row's bit, and the values of null rows, mean nothing.
        ///
        /// Who owns what: a list handed over belongs to the receiver; nothing is shared. A buffer's address has no alignment promised beyond
        /// one byte, and an empty buffer may point nowhere: read values from bytes, don't cast the pointer. Buffers are not
        /// padded. Offsets begin at 0 and end at the length of what they point into.
        ///
        /// The host checks all of this of every batch a guest returns, also that `utf8` bytes are UTF-8, and that rows,
        /// null counts and lengths agree; a batch that fails is an error of the operator, and nothing of it is used.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod data {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            /// The unit of a time or timestamp.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum TimeUnit {
                Second,
                Millisecond,
                Microsecond,
                Nanosecond,
            }
            impl ::core::fmt::Debug for TimeUnit {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        TimeUnit::Second => f.debug_tuple("TimeUnit::Second").finish(),
                        TimeUnit::Millisecond => {
                            f.debug_tuple("TimeUnit::Millisecond").finish()
                        }
                        TimeUnit::Microsecond => {
                            f.debug_tuple("TimeUnit::Microsecond").finish()
                        }
                        TimeUnit::Nanosecond => {
                            f.debug_tuple("TimeUnit::Nanosecond").finish()
                        }
                    }
                }
            }
            impl TimeUnit {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> TimeUnit {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => TimeUnit::Second,
                        1 => TimeUnit::Millisecond,
                        2 => TimeUnit::Microsecond,
                        3 => TimeUnit::Nanosecond,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// The shape of an interval: months (s32); days and milliseconds (s32, s32); months, days and nanoseconds
            /// (s32, s32, s64).
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum IntervalUnit {
                YearMonth,
                DayTime,
                MonthDayNano,
            }
            impl ::core::fmt::Debug for IntervalUnit {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        IntervalUnit::YearMonth => {
                            f.debug_tuple("IntervalUnit::YearMonth").finish()
                        }
                        IntervalUnit::DayTime => {
                            f.debug_tuple("IntervalUnit::DayTime").finish()
                        }
                        IntervalUnit::MonthDayNano => {
                            f.debug_tuple("IntervalUnit::MonthDayNano").finish()
                        }
                    }
                }
            }
            impl IntervalUnit {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> IntervalUnit {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => IntervalUnit::YearMonth,
                        1 => IntervalUnit::DayTime,
                        2 => IntervalUnit::MonthDayNano,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// A decimal of 128 bits: the value is the integer times ten to the power of `-scale`.
            #[repr(C)]
            #[derive(Clone, Copy, Eq, PartialEq)]
            pub struct DecimalType {
                /// Digits in all, 1 to 38.
                pub precision: u8,
                /// Digits behind the point; may be negative.
                pub scale: i8,
            }
            impl ::core::fmt::Debug for DecimalType {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("DecimalType")
                        .field("precision", &self.precision)
                        .field("scale", &self.scale)
                        .finish()
                }
            }
            /// A point in time since 1970-01-01T00:00:00, as s64 of `unit`; in UTC, shown in `zone`, where there is one,
            /// else a wall-clock time of no zone.
            #[derive(Clone, Eq, PartialEq)]
            pub struct TimestampType {
                pub unit: TimeUnit,
                /// A name of the IANA database, or an offset such as `+02:00`.
                pub zone: ::core::option::Option<_rt::String>,
            }
            impl ::core::fmt::Debug for TimestampType {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("TimestampType")
                        .field("unit", &self.unit)
                        .field("zone", &self.zone)
                        .finish()
                }
            }
            /// The type of a column. Others don't cross: a job that would need one is refused when it is checked.
            #[derive(Clone, Eq, PartialEq)]
            pub enum DataType {
                Boolean,
                Int8,
                Int16,
                Int32,
                Int64,
                Uint8,
                Uint16,
                Uint32,
                Uint64,
                Float32,
                Float64,
                Decimal128(DecimalType),
                Utf8,
                Binary,
                FixedSizeBinary(u32),
                /// Days since 1970-01-01, s32.
                Date32,
                /// Milliseconds since 1970-01-01, s64, whole days.
                Date64,
                /// Time since midnight, s32 for seconds and milliseconds, s64 for the others.
                Time(TimeUnit),
                Timestamp(TimestampType),
                /// Elapsed time, s64.
                Duration(TimeUnit),
                Interval(IntervalUnit),
                List,
                FixedSizeList(u32),
                Struct,
                Map,
            }
            impl ::core::fmt::Debug for DataType {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        DataType::Boolean => f.debug_tuple("DataType::Boolean").finish(),
                        DataType::Int8 => f.debug_tuple("DataType::Int8").finish(),
                        DataType::Int16 => f.debug_tuple("DataType::Int16").finish(),
                        DataType::Int32 => f.debug_tuple("DataType::Int32").finish(),
                        DataType::Int64 => f.debug_tuple("DataType::Int64").finish(),
                        DataType::Uint8 => f.debug_tuple("DataType::Uint8").finish(),
                        DataType::Uint16 => f.debug_tuple("DataType::Uint16").finish(),
                        DataType::Uint32 => f.debug_tuple("DataType::Uint32").finish(),
                        DataType::Uint64 => f.debug_tuple("DataType::Uint64").finish(),
                        DataType::Float32 => f.debug_tuple("DataType::Float32").finish(),
                        DataType::Float64 => f.debug_tuple("DataType::Float64").finish(),
                        DataType::Decimal128(e) => {
                            f.debug_tuple("DataType::Decimal128").field(e).finish()
                        }
                        DataType::Utf8 => f.debug_tuple("DataType::Utf8").finish(),
                        DataType::Binary => f.debug_tuple("DataType::Binary").finish(),
                        DataType::FixedSizeBinary(e) => {
                            f.debug_tuple("DataType::FixedSizeBinary").field(e).finish()
                        }
                        DataType::Date32 => f.debug_tuple("DataType::Date32").finish(),
                        DataType::Date64 => f.debug_tuple("DataType::Date64").finish(),
                        DataType::Time(e) => {
                            f.debug_tuple("DataType::Time").field(e).finish()
                        }
                        DataType::Timestamp(e) => {
                            f.debug_tuple("DataType::Timestamp").field(e).finish()
                        }
                        DataType::Duration(e) => {
                            f.debug_tuple("DataType::Duration").field(e).finish()
                        }
                        DataType::Interval(e) => {
                            f.debug_tuple("DataType::Interval").field(e).finish()
                        }
                        DataType::List => f.debug_tuple("DataType::List").finish(),
                        DataType::FixedSizeList(e) => {
                            f.debug_tuple("DataType::FixedSizeList").field(e).finish()
                        }
                        DataType::Struct => f.debug_tuple("DataType::Struct").finish(),
                        DataType::Map => f.debug_tuple("DataType::Map").finish(),
                    }
                }
            }
            /// One column, or one child of a nested column.
            #[derive(Clone, Eq, PartialEq)]
            pub struct Field {
                /// Not empty, at most 256 bytes; unique among its siblings. An operator's declared input is the exception: there the
                /// empty name means "the column in this position, whatever it is called".
                pub name: _rt::String,
                pub data_type: DataType,
                /// Whether rows may be null. A null in a field that says no is an invalid batch. An operator's declared input that says no takes a column that says yes too: a null
                /// that comes is an error then.
                pub nullable: bool,
                /// How many of the fields that follow, each with its own children, are this field's.
                pub children: u32,
            }
            impl ::core::fmt::Debug for Field {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Field")
                        .field("name", &self.name)
                        .field("data-type", &self.data_type)
                        .field("nullable", &self.nullable)
                        .field("children", &self.children)
                        .finish()
                }
            }
            /// Fields, depth first. At most 10,000 of them, nested at most 32 deep.
            pub type Schema = _rt::Vec<Field>;
            /// One array of a batch.
            #[repr(C)]
            #[derive(Clone, Copy, Eq, PartialEq)]
            pub struct Node {
                pub length: u32,
                pub null_count: u32,
            }
            impl ::core::fmt::Debug for Node {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Node")
                        .field("length", &self.length)
                        .field("null-count", &self.null_count)
                        .finish()
                }
            }
            /// Rows, as columns, of a schema agreed on before.
            #[derive(Clone, Eq, PartialEq)]
            pub struct Batch {
                pub rows: u32,
                /// One per field of the schema, in its order.
                pub nodes: _rt::Vec<Node>,
                /// All nodes' buffers, in the order of the nodes.
                pub buffers: _rt::Vec<_rt::Vec<u8>>,
            }
            impl ::core::fmt::Debug for Batch {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Batch")
                        .field("rows", &self.rows)
                        .field("nodes", &self.nodes)
                        .field("buffers", &self.buffers)
                        .finish()
                }
            }
            /// What the call is about. The same work done again has the same context but for `attempt`.
            #[derive(Clone, Eq, PartialEq)]
            pub struct Context {
                /// The job's name.
                pub job: _rt::String,
                /// The stream that this operator makes.
                pub stream: _rt::String,
                /// The batch's time in milliseconds since 1970-01-01T00:00:00Z.
                pub batch_time_ms: i64,
                /// The partition of the operator's input, from 0.
                pub partition: u32,
                /// Partitions of the operator's input in this batch.
                pub partitions: u32,
                /// Higher each time the same work is done again, by this process; of a sink by any process, so that it tells what one attempt has left behind
                /// from what another has. Numbers may be left out, and nothing else follows from them.
                pub attempt: u32,
            }
            impl ::core::fmt::Debug for Context {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Context")
                        .field("job", &self.job)
                        .field("stream", &self.stream)
                        .field("batch-time-ms", &self.batch_time_ms)
                        .field("partition", &self.partition)
                        .field("partitions", &self.partitions)
                        .field("attempt", &self.attempt)
                        .finish()
                }
            }
            /// Why an operator won't do what it is asked.
            #[derive(Clone, Eq, PartialEq)]
            pub enum Error {
                /// The configuration in the job file is wrong; the message names the key and what is allowed.
                InvalidConfig(_rt::String),
                /// The input's columns don't suit the operator; the message names the column and what is expected.
                InvalidInput(_rt::String),
                /// Anything else. It is taken to happen again on the same input, and is not retried.
                Failed(_rt::String),
                /// Something outside that the operator was granted can't be had right now, such as a server that doesn't answer. It is tried again, as a
                /// call that took too long is: some times where a batch waits for it, without end where a receiver does.
                Unavailable(_rt::String),
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Error::InvalidConfig(e) => {
                            f.debug_tuple("Error::InvalidConfig").field(e).finish()
                        }
                        Error::InvalidInput(e) => {
                            f.debug_tuple("Error::InvalidInput").field(e).finish()
                        }
                        Error::Failed(e) => {
                            f.debug_tuple("Error::Failed").field(e).finish()
                        }
                        Error::Unavailable(e) => {
                            f.debug_tuple("Error::Unavailable").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Error {}
        }
    }
}
#[allow(dead_code, clippy::all)]
pub mod exports {
    pub mod sluicebox {
        pub mod operator {
            /// Operators from rows to rows, without memory between partitions: map, flat-map, filter, map-partitions.
            ///
            /// An instance works on one partition of one batch: `open`, then `process` for each chunk of the partition's rows in order, then
            /// `finish`. The host may use an instance for another partition afterwards, which begins with `open` again: what
            /// an operator keeps, it keeps from `open` to `finish`. `describe` and `bind` may come at any time, in an instance of their own,
            /// which reaches nothing outside, whatever the plugin is granted.
            ///
            /// Calls of an instance come one after the other. An error or trap ends the instance: no call follows. The host may make the call that failed again,
            /// on another instance, after `open`; what came of a partition that failed in the end is not used.
            ///
            /// A component may export several interfaces, of which each has its own operators: its world includes the worlds of all.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod transform {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                pub type Batch = super::super::super::super::sluicebox::operator::data::Batch;
                pub type Context = super::super::super::super::sluicebox::operator::data::Context;
                pub type Error = super::super::super::super::sluicebox::operator::data::Error;
                pub type Schema = super::super::super::super::sluicebox::operator::data::Schema;
                #[repr(u8)]
                #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
                pub enum Kind {
                    /// One row out for each row in, in order (less those rejected).
                    Map,
                    /// Any number of rows out for each row in, in the order of the rows in.
                    FlatMap,
                    /// Says which rows stay; the host keeps all columns of those.
                    Filter,
                    /// Rows of the whole partition to rows; may hold rows back until `finish`.
                    MapPartitions,
                }
                impl ::core::fmt::Debug for Kind {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        match self {
                            Kind::Map => f.debug_tuple("Kind::Map").finish(),
                            Kind::FlatMap => f.debug_tuple("Kind::FlatMap").finish(),
                            Kind::Filter => f.debug_tuple("Kind::Filter").finish(),
                            Kind::MapPartitions => {
                                f.debug_tuple("Kind::MapPartitions").finish()
                            }
                        }
                    }
                }
                impl Kind {
                    #[doc(hidden)]
                    pub unsafe fn _lift(val: u8) -> Kind {
                        if !cfg!(debug_assertions) {
                            return unsafe { ::core::mem::transmute(val) };
                        }
                        match val {
                            0 => Kind::Map,
                            1 => Kind::FlatMap,
                            2 => Kind::Filter,
                            3 => Kind::MapPartitions,
                            _ => panic!("invalid enum discriminant"),
                        }
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Operator {
                    /// `a-z`, `0-9`, `-`, beginning with a letter; at most 64 bytes; unique in the plugin.
                    pub name: _rt::String,
                    pub kind: Kind,
                    /// What it does, in a sentence.
                    pub doc: _rt::String,
                    /// The columns it reads, found in the stream by name (by position where the name is empty: then the stream must have exactly as many columns).
                    /// None: it looks at the stream's columns in `bind`.
                    pub input: ::core::option::Option<Schema>,
                }
                impl ::core::fmt::Debug for Operator {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Operator")
                            .field("name", &self.name)
                            .field("kind", &self.kind)
                            .field("doc", &self.doc)
                            .field("input", &self.input)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Binding {
                    /// Which of the columns offered it reads, by index, in the order in which it wants them. No other column is handed over.
                    pub columns: _rt::Vec<u32>,
                    /// The columns it makes. Empty for a filter.
                    pub output: Schema,
                }
                impl ::core::fmt::Debug for Binding {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Binding")
                            .field("columns", &self.columns)
                            .field("output", &self.output)
                            .finish()
                    }
                }
                /// A row the operator will have nothing to do with. The host applies the operator's `on-reject` policy.
                #[derive(Clone, Eq, PartialEq)]
                pub struct Rejection {
                    /// Index of the row in the chunk given to this call. Ascending, each row once.
                    pub row: u32,
                    /// For the log and the dead letters; the host keeps the first 1,024 bytes.
                    pub reason: _rt::String,
                }
                impl ::core::fmt::Debug for Rejection {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Rejection")
                            .field("row", &self.row)
                            .field("reason", &self.reason)
                            .finish()
                    }
                }
                /// Rows made of the rows of a chunk, any number of each.
                #[derive(Clone, Eq, PartialEq)]
                pub struct Expansion {
                    /// Rows in the schema of `binding.output`, in the order of the rows they were made of.
                    pub rows: Batch,
                    /// For each row of the chunk, how many rows were made of it and of those before it: as many numbers as the chunk has rows, none below the one
                    /// before, the last the number of rows made. Nothing is made of a row that is rejected.
                    pub ends: _rt::Vec<u32>,
                }
                impl ::core::fmt::Debug for Expansion {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Expansion")
                            .field("rows", &self.rows)
                            .field("ends", &self.ends)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub enum Rows {
                    /// For a map and a map-partitions, and no other: rows in the schema of `binding.output`.
                    Made(Batch),
                    /// For a flat-map, and no other.
                    Expanded(Expansion),
                    /// For a filter, and no other: the indices of the rows that stay, ascending, each once.
                    Kept(_rt::Vec<u32>),
                }
                impl ::core::fmt::Debug for Rows {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        match self {
                            Rows::Made(e) => {
                                f.debug_tuple("Rows::Made").field(e).finish()
                            }
                            Rows::Expanded(e) => {
                                f.debug_tuple("Rows::Expanded").field(e).finish()
                            }
                            Rows::Kept(e) => {
                                f.debug_tuple("Rows::Kept").field(e).finish()
                            }
                        }
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Output {
                    pub rows: Rows,
                    pub rejected: _rt::Vec<Rejection>,
                }
                impl ::core::fmt::Debug for Output {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Output")
                            .field("rows", &self.rows)
                            .field("rejected", &self.rejected)
                            .finish()
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_describe_cabi<T_: Guest>() -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::describe() };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        let vec12 = result0;
                        let len12 = vec12.len();
                        let layout12 = _rt::alloc::Layout::from_size_align(
                                vec12.len() * (8 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result12, _cleanup12) = crate::guest::Cleanup::new(
                            layout12,
                        );
                        if let Some(cleanup) = _cleanup12 {
                            cleanup.forget();
                        }
                        for (i, e) in vec12.into_iter().enumerate() {
                            let base = result12
                                .add(i * (8 * ::core::mem::size_of::<*const u8>()));
                            {
                                let Operator {
                                    name: name2,
                                    kind: kind2,
                                    doc: doc2,
                                    input: input2,
                                } = e;
                                let vec3 = (name2.into_bytes()).into_boxed_slice();
                                let ptr3 = vec3.as_ptr().cast::<u8>();
                                let len3 = vec3.len();
                                ::core::mem::forget(vec3);
                                *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len3;
                                *base.add(0).cast::<*mut u8>() = ptr3.cast_mut();
                                *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (kind2.clone() as i32) as u8;
                                let vec4 = (doc2.into_bytes()).into_boxed_slice();
                                let ptr4 = vec4.as_ptr().cast::<u8>();
                                let len4 = vec4.len();
                                ::core::mem::forget(vec4);
                                *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len4;
                                *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr4.cast_mut();
                                match input2 {
                                    Some(e) => {
                                        *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec11 = e;
                                        let len11 = vec11.len();
                                        let layout11 = _rt::alloc::Layout::from_size_align(
                                                vec11.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                                ::core::mem::size_of::<*const u8>(),
                                            )
                                            .unwrap();
                                        let (result11, _cleanup11) = crate::guest::Cleanup::new(
                                            layout11,
                                        );
                                        if let Some(cleanup) = _cleanup11 {
                                            cleanup.forget();
                                        }
                                        for (i, e) in vec11.into_iter().enumerate() {
                                            let base = result11
                                                .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let super::super::super::super::sluicebox::operator::data::Field {
                                                    name: name5,
                                                    data_type: data_type5,
                                                    nullable: nullable5,
                                                    children: children5,
                                                } = e;
                                                let vec6 = (name5.into_bytes()).into_boxed_slice();
                                                let ptr6 = vec6.as_ptr().cast::<u8>();
                                                let len6 = vec6.len();
                                                ::core::mem::forget(vec6);
                                                *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>() = len6;
                                                *base.add(0).cast::<*mut u8>() = ptr6.cast_mut();
                                                use super::super::super::super::sluicebox::operator::data::DataType as V10;
                                                match data_type5 {
                                                    V10::Boolean => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                    V10::Int8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                    }
                                                    V10::Int16 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (2i32) as u8;
                                                    }
                                                    V10::Int32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (3i32) as u8;
                                                    }
                                                    V10::Int64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (4i32) as u8;
                                                    }
                                                    V10::Uint8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (5i32) as u8;
                                                    }
                                                    V10::Uint16 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (6i32) as u8;
                                                    }
                                                    V10::Uint32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (7i32) as u8;
                                                    }
                                                    V10::Uint64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (8i32) as u8;
                                                    }
                                                    V10::Float32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (9i32) as u8;
                                                    }
                                                    V10::Float64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (10i32) as u8;
                                                    }
                                                    V10::Decimal128(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (11i32) as u8;
                                                        let super::super::super::super::sluicebox::operator::data::DecimalType {
                                                            precision: precision7,
                                                            scale: scale7,
                                                        } = e;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (_rt::as_i32(precision7)) as u8;
                                                        *base
                                                            .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (_rt::as_i32(scale7)) as u8;
                                                    }
                                                    V10::Utf8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (12i32) as u8;
                                                    }
                                                    V10::Binary => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (13i32) as u8;
                                                    }
                                                    V10::FixedSizeBinary(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (14i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<i32>() = _rt::as_i32(e);
                                                    }
                                                    V10::Date32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (15i32) as u8;
                                                    }
                                                    V10::Date64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (16i32) as u8;
                                                    }
                                                    V10::Time(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (17i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V10::Timestamp(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (18i32) as u8;
                                                        let super::super::super::super::sluicebox::operator::data::TimestampType {
                                                            unit: unit8,
                                                            zone: zone8,
                                                        } = e;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (unit8.clone() as i32) as u8;
                                                        match zone8 {
                                                            Some(e) => {
                                                                *base
                                                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<u8>() = (1i32) as u8;
                                                                let vec9 = (e.into_bytes()).into_boxed_slice();
                                                                let ptr9 = vec9.as_ptr().cast::<u8>();
                                                                let len9 = vec9.len();
                                                                ::core::mem::forget(vec9);
                                                                *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>() = len9;
                                                                *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>() = ptr9.cast_mut();
                                                            }
                                                            None => {
                                                                *base
                                                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<u8>() = (0i32) as u8;
                                                            }
                                                        };
                                                    }
                                                    V10::Duration(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (19i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V10::Interval(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (20i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V10::List => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (21i32) as u8;
                                                    }
                                                    V10::FixedSizeList(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (22i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<i32>() = _rt::as_i32(e);
                                                    }
                                                    V10::Struct => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (23i32) as u8;
                                                    }
                                                    V10::Map => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (24i32) as u8;
                                                    }
                                                }
                                                *base
                                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (match nullable5 {
                                                    true => 1,
                                                    false => 0,
                                                }) as u8;
                                                *base
                                                    .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(children5);
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *base
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result11;
                                    }
                                    None => {
                                        *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                    }
                                };
                            }
                        }
                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<usize>() = len12;
                        *ptr1.add(0).cast::<*mut u8>() = result12;
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_describe<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = *arg0.add(0).cast::<*mut u8>();
                        let l1 = *arg0
                            .add(::core::mem::size_of::<*const u8>())
                            .cast::<usize>();
                        let base16 = l0;
                        let len16 = l1;
                        for i in 0..len16 {
                            let base = base16
                                .add(i * (8 * ::core::mem::size_of::<*const u8>()));
                            {
                                let l2 = *base.add(0).cast::<*mut u8>();
                                let l3 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l2, l3, 1);
                                let l4 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l4, l5, 1);
                                let l6 = i32::from(
                                    *base
                                        .add(5 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                match l6 {
                                    0 => {}
                                    _ => {
                                        let l7 = *base
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l8 = *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base15 = l7;
                                        let len15 = l8;
                                        for i in 0..len15 {
                                            let base = base15
                                                .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let l9 = *base.add(0).cast::<*mut u8>();
                                                let l10 = *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                _rt::cabi_dealloc(l9, l10, 1);
                                                let l11 = i32::from(
                                                    *base
                                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                match l11 {
                                                    0 => {}
                                                    1 => {}
                                                    2 => {}
                                                    3 => {}
                                                    4 => {}
                                                    5 => {}
                                                    6 => {}
                                                    7 => {}
                                                    8 => {}
                                                    9 => {}
                                                    10 => {}
                                                    11 => {}
                                                    12 => {}
                                                    13 => {}
                                                    14 => {}
                                                    15 => {}
                                                    16 => {}
                                                    17 => {}
                                                    18 => {
                                                        let l12 = i32::from(
                                                            *base
                                                                .add(4 * ::core::mem::size_of::<*const u8>())
                                                                .cast::<u8>(),
                                                        );
                                                        match l12 {
                                                            0 => {}
                                                            _ => {
                                                                let l13 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l14 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                _rt::cabi_dealloc(l13, l14, 1);
                                                            }
                                                        }
                                                    }
                                                    19 => {}
                                                    20 => {}
                                                    21 => {}
                                                    22 => {}
                                                    23 => {}
                                                    _ => {}
                                                }
                                            }
                                        }
                                        _rt::cabi_dealloc(
                                            base15,
                                            len15 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                            ::core::mem::size_of::<*const u8>(),
                                        );
                                    }
                                }
                            }
                        }
                        _rt::cabi_dealloc(
                            base16,
                            len16 * (8 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        );
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_bind_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                    arg2: *mut u8,
                    arg3: usize,
                    arg4: *mut u8,
                    arg5: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result22 = {
                            let len0 = arg1;
                            let bytes0 = _rt::Vec::from_raw_parts(
                                arg0.cast(),
                                len0,
                                len0,
                            );
                            let len1 = arg3;
                            let bytes1 = _rt::Vec::from_raw_parts(
                                arg2.cast(),
                                len1,
                                len1,
                            );
                            let base21 = arg4;
                            let len21 = arg5;
                            let mut result21 = _rt::Vec::with_capacity(len21);
                            for i in 0..len21 {
                                let base = base21
                                    .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                let e21 = {
                                    let l2 = *base.add(0).cast::<*mut u8>();
                                    let l3 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len4 = l3;
                                    let bytes4 = _rt::Vec::from_raw_parts(
                                        l2.cast(),
                                        len4,
                                        len4,
                                    );
                                    let l5 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    use super::super::super::super::sluicebox::operator::data::DataType as V18;
                                    let v18 = match l5 {
                                        0 => V18::Boolean,
                                        1 => V18::Int8,
                                        2 => V18::Int16,
                                        3 => V18::Int32,
                                        4 => V18::Int64,
                                        5 => V18::Uint8,
                                        6 => V18::Uint16,
                                        7 => V18::Uint32,
                                        8 => V18::Uint64,
                                        9 => V18::Float32,
                                        10 => V18::Float64,
                                        11 => {
                                            let e18 = {
                                                let l6 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l7 = i32::from(
                                                    *base
                                                        .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::DecimalType {
                                                    precision: l6 as u8,
                                                    scale: l7 as i8,
                                                }
                                            };
                                            V18::Decimal128(e18)
                                        }
                                        12 => V18::Utf8,
                                        13 => V18::Binary,
                                        14 => {
                                            let e18 = {
                                                let l8 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l8 as u32
                                            };
                                            V18::FixedSizeBinary(e18)
                                        }
                                        15 => V18::Date32,
                                        16 => V18::Date64,
                                        17 => {
                                            let e18 = {
                                                let l9 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                    l9 as u8,
                                                )
                                            };
                                            V18::Time(e18)
                                        }
                                        18 => {
                                            let e18 = {
                                                let l10 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l11 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimestampType {
                                                    unit: super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                        l10 as u8,
                                                    ),
                                                    zone: match l11 {
                                                        0 => None,
                                                        1 => {
                                                            let e = {
                                                                let l12 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l13 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                let len14 = l13;
                                                                let bytes14 = _rt::Vec::from_raw_parts(
                                                                    l12.cast(),
                                                                    len14,
                                                                    len14,
                                                                );
                                                                _rt::string_lift(bytes14)
                                                            };
                                                            Some(e)
                                                        }
                                                        _ => _rt::invalid_enum_discriminant(),
                                                    },
                                                }
                                            };
                                            V18::Timestamp(e18)
                                        }
                                        19 => {
                                            let e18 = {
                                                let l15 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                    l15 as u8,
                                                )
                                            };
                                            V18::Duration(e18)
                                        }
                                        20 => {
                                            let e18 = {
                                                let l16 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::IntervalUnit::_lift(
                                                    l16 as u8,
                                                )
                                            };
                                            V18::Interval(e18)
                                        }
                                        21 => V18::List,
                                        22 => {
                                            let e18 = {
                                                let l17 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l17 as u32
                                            };
                                            V18::FixedSizeList(e18)
                                        }
                                        23 => V18::Struct,
                                        n => {
                                            debug_assert_eq!(n, 24, "invalid enum discriminant");
                                            V18::Map
                                        }
                                    };
                                    let l19 = i32::from(
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l20 = *base
                                        .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    super::super::super::super::sluicebox::operator::data::Field {
                                        name: _rt::string_lift(bytes4),
                                        data_type: v18,
                                        nullable: _rt::bool_lift(l19 as u8),
                                        children: l20 as u32,
                                    }
                                };
                                result21.push(e21);
                            }
                            _rt::cabi_dealloc(
                                base21,
                                len21 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::bind(
                                _rt::string_lift(bytes0),
                                _rt::string_lift(bytes1),
                                result21,
                            )
                        };
                        let ptr23 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result22 {
                            Ok(e) => {
                                *ptr23.add(0).cast::<u8>() = (0i32) as u8;
                                let Binding { columns: columns24, output: output24 } = e;
                                let vec25 = <_ as Into<_rt::Vec<_>>>::into(columns24)
                                    .into_boxed_slice();
                                let ptr25 = vec25.as_ptr().cast::<u8>();
                                let len25 = vec25.len();
                                ::core::mem::forget(vec25);
                                *ptr23
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len25;
                                *ptr23
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr25.cast_mut();
                                let vec32 = output24;
                                let len32 = vec32.len();
                                let layout32 = _rt::alloc::Layout::from_size_align(
                                        vec32.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result32, _cleanup32) = crate::guest::Cleanup::new(
                                    layout32,
                                );
                                if let Some(cleanup) = _cleanup32 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec32.into_iter().enumerate() {
                                    let base = result32
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::sluicebox::operator::data::Field {
                                            name: name26,
                                            data_type: data_type26,
                                            nullable: nullable26,
                                            children: children26,
                                        } = e;
                                        let vec27 = (name26.into_bytes()).into_boxed_slice();
                                        let ptr27 = vec27.as_ptr().cast::<u8>();
                                        let len27 = vec27.len();
                                        ::core::mem::forget(vec27);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len27;
                                        *base.add(0).cast::<*mut u8>() = ptr27.cast_mut();
                                        use super::super::super::super::sluicebox::operator::data::DataType as V31;
                                        match data_type26 {
                                            V31::Boolean => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (0i32) as u8;
                                            }
                                            V31::Int8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (1i32) as u8;
                                            }
                                            V31::Int16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (2i32) as u8;
                                            }
                                            V31::Int32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (3i32) as u8;
                                            }
                                            V31::Int64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (4i32) as u8;
                                            }
                                            V31::Uint8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (5i32) as u8;
                                            }
                                            V31::Uint16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (6i32) as u8;
                                            }
                                            V31::Uint32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (7i32) as u8;
                                            }
                                            V31::Uint64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (8i32) as u8;
                                            }
                                            V31::Float32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (9i32) as u8;
                                            }
                                            V31::Float64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (10i32) as u8;
                                            }
                                            V31::Decimal128(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (11i32) as u8;
                                                let super::super::super::super::sluicebox::operator::data::DecimalType {
                                                    precision: precision28,
                                                    scale: scale28,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(precision28)) as u8;
                                                *base
                                                    .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(scale28)) as u8;
                                            }
                                            V31::Utf8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (12i32) as u8;
                                            }
                                            V31::Binary => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (13i32) as u8;
                                            }
                                            V31::FixedSizeBinary(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (14i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V31::Date32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (15i32) as u8;
                                            }
                                            V31::Date64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (16i32) as u8;
                                            }
                                            V31::Time(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (17i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V31::Timestamp(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (18i32) as u8;
                                                let super::super::super::super::sluicebox::operator::data::TimestampType {
                                                    unit: unit29,
                                                    zone: zone29,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (unit29.clone() as i32) as u8;
                                                match zone29 {
                                                    Some(e) => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                        let vec30 = (e.into_bytes()).into_boxed_slice();
                                                        let ptr30 = vec30.as_ptr().cast::<u8>();
                                                        let len30 = vec30.len();
                                                        ::core::mem::forget(vec30);
                                                        *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>() = len30;
                                                        *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>() = ptr30.cast_mut();
                                                    }
                                                    None => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                };
                                            }
                                            V31::Duration(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (19i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V31::Interval(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (20i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V31::List => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (21i32) as u8;
                                            }
                                            V31::FixedSizeList(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (22i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V31::Struct => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (23i32) as u8;
                                            }
                                            V31::Map => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (24i32) as u8;
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (match nullable26 {
                                            true => 1,
                                            false => 0,
                                        }) as u8;
                                        *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(children26);
                                    }
                                }
                                *ptr23
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len32;
                                *ptr23
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result32;
                            }
                            Err(e) => {
                                *ptr23.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::sluicebox::operator::data::Error as V37;
                                match e {
                                    V37::InvalidConfig(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec33 = (e.into_bytes()).into_boxed_slice();
                                        let ptr33 = vec33.as_ptr().cast::<u8>();
                                        let len33 = vec33.len();
                                        ::core::mem::forget(vec33);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len33;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr33.cast_mut();
                                    }
                                    V37::InvalidInput(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec34 = (e.into_bytes()).into_boxed_slice();
                                        let ptr34 = vec34.as_ptr().cast::<u8>();
                                        let len34 = vec34.len();
                                        ::core::mem::forget(vec34);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len34;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr34.cast_mut();
                                    }
                                    V37::Failed(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec35 = (e.into_bytes()).into_boxed_slice();
                                        let ptr35 = vec35.as_ptr().cast::<u8>();
                                        let len35 = vec35.len();
                                        ::core::mem::forget(vec35);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len35;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr35.cast_mut();
                                    }
                                    V37::Unavailable(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec36 = (e.into_bytes()).into_boxed_slice();
                                        let ptr36 = vec36.as_ptr().cast::<u8>();
                                        let len36 = vec36.len();
                                        ::core::mem::forget(vec36);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len36;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr36.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr23
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_bind<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base3 = l1;
                                let len3 = l2;
                                _rt::cabi_dealloc(base3, len3 * 4, 4);
                                let l4 = *arg0
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *arg0
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base12 = l4;
                                let len12 = l5;
                                for i in 0..len12 {
                                    let base = base12
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l6 = *base.add(0).cast::<*mut u8>();
                                        let l7 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l6, l7, 1);
                                        let l8 = i32::from(
                                            *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<u8>(),
                                        );
                                        match l8 {
                                            0 => {}
                                            1 => {}
                                            2 => {}
                                            3 => {}
                                            4 => {}
                                            5 => {}
                                            6 => {}
                                            7 => {}
                                            8 => {}
                                            9 => {}
                                            10 => {}
                                            11 => {}
                                            12 => {}
                                            13 => {}
                                            14 => {}
                                            15 => {}
                                            16 => {}
                                            17 => {}
                                            18 => {
                                                let l9 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                match l9 {
                                                    0 => {}
                                                    _ => {
                                                        let l10 = *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>();
                                                        let l11 = *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>();
                                                        _rt::cabi_dealloc(l10, l11, 1);
                                                    }
                                                }
                                            }
                                            19 => {}
                                            20 => {}
                                            21 => {}
                                            22 => {}
                                            23 => {}
                                            _ => {}
                                        }
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base12,
                                    len12 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l13 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l13 {
                                    0 => {
                                        let l14 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l15 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l14, l15, 1);
                                    }
                                    1 => {
                                        let l16 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l17 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l16, l17, 1);
                                    }
                                    2 => {
                                        let l18 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l19 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l18, l19, 1);
                                    }
                                    _ => {
                                        let l20 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l21 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l20, l21, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_open_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                    arg2: *mut u8,
                    arg3: usize,
                    arg4: i64,
                    arg5: i32,
                    arg6: i32,
                    arg7: i32,
                    arg8: *mut u8,
                    arg9: usize,
                    arg10: *mut u8,
                    arg11: usize,
                    arg12: *mut u8,
                    arg13: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result24 = {
                            let len0 = arg1;
                            let bytes0 = _rt::Vec::from_raw_parts(
                                arg0.cast(),
                                len0,
                                len0,
                            );
                            let len1 = arg3;
                            let bytes1 = _rt::Vec::from_raw_parts(
                                arg2.cast(),
                                len1,
                                len1,
                            );
                            let len2 = arg9;
                            let bytes2 = _rt::Vec::from_raw_parts(
                                arg8.cast(),
                                len2,
                                len2,
                            );
                            let len3 = arg11;
                            let bytes3 = _rt::Vec::from_raw_parts(
                                arg10.cast(),
                                len3,
                                len3,
                            );
                            let base23 = arg12;
                            let len23 = arg13;
                            let mut result23 = _rt::Vec::with_capacity(len23);
                            for i in 0..len23 {
                                let base = base23
                                    .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                let e23 = {
                                    let l4 = *base.add(0).cast::<*mut u8>();
                                    let l5 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len6 = l5;
                                    let bytes6 = _rt::Vec::from_raw_parts(
                                        l4.cast(),
                                        len6,
                                        len6,
                                    );
                                    let l7 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    use super::super::super::super::sluicebox::operator::data::DataType as V20;
                                    let v20 = match l7 {
                                        0 => V20::Boolean,
                                        1 => V20::Int8,
                                        2 => V20::Int16,
                                        3 => V20::Int32,
                                        4 => V20::Int64,
                                        5 => V20::Uint8,
                                        6 => V20::Uint16,
                                        7 => V20::Uint32,
                                        8 => V20::Uint64,
                                        9 => V20::Float32,
                                        10 => V20::Float64,
                                        11 => {
                                            let e20 = {
                                                let l8 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l9 = i32::from(
                                                    *base
                                                        .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::DecimalType {
                                                    precision: l8 as u8,
                                                    scale: l9 as i8,
                                                }
                                            };
                                            V20::Decimal128(e20)
                                        }
                                        12 => V20::Utf8,
                                        13 => V20::Binary,
                                        14 => {
                                            let e20 = {
                                                let l10 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l10 as u32
                                            };
                                            V20::FixedSizeBinary(e20)
                                        }
                                        15 => V20::Date32,
                                        16 => V20::Date64,
                                        17 => {
                                            let e20 = {
                                                let l11 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                    l11 as u8,
                                                )
                                            };
                                            V20::Time(e20)
                                        }
                                        18 => {
                                            let e20 = {
                                                let l12 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l13 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimestampType {
                                                    unit: super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                        l12 as u8,
                                                    ),
                                                    zone: match l13 {
                                                        0 => None,
                                                        1 => {
                                                            let e = {
                                                                let l14 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l15 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                let len16 = l15;
                                                                let bytes16 = _rt::Vec::from_raw_parts(
                                                                    l14.cast(),
                                                                    len16,
                                                                    len16,
                                                                );
                                                                _rt::string_lift(bytes16)
                                                            };
                                                            Some(e)
                                                        }
                                                        _ => _rt::invalid_enum_discriminant(),
                                                    },
                                                }
                                            };
                                            V20::Timestamp(e20)
                                        }
                                        19 => {
                                            let e20 = {
                                                let l17 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::TimeUnit::_lift(
                                                    l17 as u8,
                                                )
                                            };
                                            V20::Duration(e20)
                                        }
                                        20 => {
                                            let e20 = {
                                                let l18 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::sluicebox::operator::data::IntervalUnit::_lift(
                                                    l18 as u8,
                                                )
                                            };
                                            V20::Interval(e20)
                                        }
                                        21 => V20::List,
                                        22 => {
                                            let e20 = {
                                                let l19 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l19 as u32
                                            };
                                            V20::FixedSizeList(e20)
                                        }
                                        23 => V20::Struct,
                                        n => {
                                            debug_assert_eq!(n, 24, "invalid enum discriminant");
                                            V20::Map
                                        }
                                    };
                                    let l21 = i32::from(
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l22 = *base
                                        .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    super::super::super::super::sluicebox::operator::data::Field {
                                        name: _rt::string_lift(bytes6),
                                        data_type: v20,
                                        nullable: _rt::bool_lift(l21 as u8),
                                        children: l22 as u32,
                                    }
                                };
                                result23.push(e23);
                            }
                            _rt::cabi_dealloc(
                                base23,
                                len23 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::open(
                                super::super::super::super::sluicebox::operator::data::Context {
                                    job: _rt::string_lift(bytes0),
                                    stream: _rt::string_lift(bytes1),
                                    batch_time_ms: arg4,
                                    partition: arg5 as u32,
                                    partitions: arg6 as u32,
                                    attempt: arg7 as u32,
                                },
                                _rt::string_lift(bytes2),
                                _rt::string_lift(bytes3),
                                result23,
                            )
                        };
                        let ptr25 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result24 {
                            Ok(_) => {
                                *ptr25.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr25.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::sluicebox::operator::data::Error as V30;
                                match e {
                                    V30::InvalidConfig(e) => {
                                        *ptr25
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec26 = (e.into_bytes()).into_boxed_slice();
                                        let ptr26 = vec26.as_ptr().cast::<u8>();
                                        let len26 = vec26.len();
                                        ::core::mem::forget(vec26);
                                        *ptr25
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len26;
                                        *ptr25
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr26.cast_mut();
                                    }
                                    V30::InvalidInput(e) => {
                                        *ptr25
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec27 = (e.into_bytes()).into_boxed_slice();
                                        let ptr27 = vec27.as_ptr().cast::<u8>();
                                        let len27 = vec27.len();
                                        ::core::mem::forget(vec27);
                                        *ptr25
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len27;
                                        *ptr25
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr27.cast_mut();
                                    }
                                    V30::Failed(e) => {
                                        *ptr25
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec28 = (e.into_bytes()).into_boxed_slice();
                                        let ptr28 = vec28.as_ptr().cast::<u8>();
                                        let len28 = vec28.len();
                                        ::core::mem::forget(vec28);
                                        *ptr25
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len28;
                                        *ptr25
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr28.cast_mut();
                                    }
                                    V30::Unavailable(e) => {
                                        *ptr25
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec29 = (e.into_bytes()).into_boxed_slice();
                                        let ptr29 = vec29.as_ptr().cast::<u8>();
                                        let len29 = vec29.len();
                                        ::core::mem::forget(vec29);
                                        *ptr25
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len29;
                                        *ptr25
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr29.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr25
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_open<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {}
                            _ => {
                                let l1 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l1 {
                                    0 => {
                                        let l2 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l3 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l2, l3, 1);
                                    }
                                    1 => {
                                        let l4 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l5 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l4, l5, 1);
                                    }
                                    2 => {
                                        let l6 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l7 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l6, l7, 1);
                                    }
                                    _ => {
                                        let l8 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l9 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l8, l9, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_process_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: *mut u8,
                    arg4: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result5 = {
                            let len0 = arg2;
                            let base4 = arg3;
                            let len4 = arg4;
                            let mut result4 = _rt::Vec::with_capacity(len4);
                            for i in 0..len4 {
                                let base = base4
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e4 = {
                                    let l1 = *base.add(0).cast::<*mut u8>();
                                    let l2 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len3 = l2;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l1.cast(), len3, len3))
                                };
                                result4.push(e4);
                            }
                            _rt::cabi_dealloc(
                                base4,
                                len4 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::process(super::super::super::super::sluicebox::operator::data::Batch {
                                rows: arg0 as u32,
                                nodes: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(arg1.cast(), len0, len0)),
                                buffers: result4,
                            })
                        };
                        let ptr6 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result5 {
                            Ok(e) => {
                                *ptr6.add(0).cast::<u8>() = (0i32) as u8;
                                let Output { rows: rows7, rejected: rejected7 } = e;
                                match rows7 {
                                    Rows::Made(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let super::super::super::super::sluicebox::operator::data::Batch {
                                            rows: rows8,
                                            nodes: nodes8,
                                            buffers: buffers8,
                                        } = e;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(rows8);
                                        let vec9 = <_ as Into<_rt::Vec<_>>>::into(nodes8)
                                            .into_boxed_slice();
                                        let ptr9 = vec9.as_ptr().cast::<u8>();
                                        let len9 = vec9.len();
                                        ::core::mem::forget(vec9);
                                        *ptr6
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len9;
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr9.cast_mut();
                                        let vec11 = buffers8;
                                        let len11 = vec11.len();
                                        let layout11 = _rt::alloc::Layout::from_size_align(
                                                vec11.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                                ::core::mem::size_of::<*const u8>(),
                                            )
                                            .unwrap();
                                        let (result11, _cleanup11) = crate::guest::Cleanup::new(
                                            layout11,
                                        );
                                        if let Some(cleanup) = _cleanup11 {
                                            cleanup.forget();
                                        }
                                        for (i, e) in vec11.into_iter().enumerate() {
                                            let base = result11
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let vec10 = <_ as Into<_rt::Vec<_>>>::into(e)
                                                    .into_boxed_slice();
                                                let ptr10 = vec10.as_ptr().cast::<u8>();
                                                let len10 = vec10.len();
                                                ::core::mem::forget(vec10);
                                                *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>() = len10;
                                                *base.add(0).cast::<*mut u8>() = ptr10.cast_mut();
                                            }
                                        }
                                        *ptr6
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr6
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result11;
                                    }
                                    Rows::Expanded(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let Expansion { rows: rows12, ends: ends12 } = e;
                                        let super::super::super::super::sluicebox::operator::data::Batch {
                                            rows: rows13,
                                            nodes: nodes13,
                                            buffers: buffers13,
                                        } = rows12;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(rows13);
                                        let vec14 = <_ as Into<_rt::Vec<_>>>::into(nodes13)
                                            .into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *ptr6
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                        let vec16 = buffers13;
                                        let len16 = vec16.len();
                                        let layout16 = _rt::alloc::Layout::from_size_align(
                                                vec16.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                                ::core::mem::size_of::<*const u8>(),
                                            )
                                            .unwrap();
                                        let (result16, _cleanup16) = crate::guest::Cleanup::new(
                                            layout16,
                                        );
                                        if let Some(cleanup) = _cleanup16 {
                                            cleanup.forget();
                                        }
                                        for (i, e) in vec16.into_iter().enumerate() {
                                            let base = result16
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let vec15 = <_ as Into<_rt::Vec<_>>>::into(e)
                                                    .into_boxed_slice();
                                                let ptr15 = vec15.as_ptr().cast::<u8>();
                                                let len15 = vec15.len();
                                                ::core::mem::forget(vec15);
                                                *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>() = len15;
                                                *base.add(0).cast::<*mut u8>() = ptr15.cast_mut();
                                            }
                                        }
                                        *ptr6
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len16;
                                        *ptr6
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result16;
                                        let vec17 = <_ as Into<_rt::Vec<_>>>::into(ends12)
                                            .into_boxed_slice();
                                        let ptr17 = vec17.as_ptr().cast::<u8>();
                                        let len17 = vec17.len();
                                        ::core::mem::forget(vec17);
                                        *ptr6
                                            .add(8 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len17;
                                        *ptr6
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr17.cast_mut();
                                    }
                                    Rows::Kept(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec18 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr18 = vec18.as_ptr().cast::<u8>();
                                        let len18 = vec18.len();
                                        ::core::mem::forget(vec18);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len18;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr18.cast_mut();
                                    }
                                }
                                let vec21 = rejected7;
                                let len21 = vec21.len();
                                let layout21 = _rt::alloc::Layout::from_size_align(
                                        vec21.len() * (3 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result21, _cleanup21) = crate::guest::Cleanup::new(
                                    layout21,
                                );
                                if let Some(cleanup) = _cleanup21 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec21.into_iter().enumerate() {
                                    let base = result21
                                        .add(i * (3 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let Rejection { row: row19, reason: reason19 } = e;
                                        *base.add(0).cast::<i32>() = _rt::as_i32(row19);
                                        let vec20 = (reason19.into_bytes()).into_boxed_slice();
                                        let ptr20 = vec20.as_ptr().cast::<u8>();
                                        let len20 = vec20.len();
                                        ::core::mem::forget(vec20);
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len20;
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr20.cast_mut();
                                    }
                                }
                                *ptr6
                                    .add(10 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len21;
                                *ptr6
                                    .add(9 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result21;
                            }
                            Err(e) => {
                                *ptr6.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::sluicebox::operator::data::Error as V26;
                                match e {
                                    V26::InvalidConfig(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec22 = (e.into_bytes()).into_boxed_slice();
                                        let ptr22 = vec22.as_ptr().cast::<u8>();
                                        let len22 = vec22.len();
                                        ::core::mem::forget(vec22);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len22;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr22.cast_mut();
                                    }
                                    V26::InvalidInput(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec23 = (e.into_bytes()).into_boxed_slice();
                                        let ptr23 = vec23.as_ptr().cast::<u8>();
                                        let len23 = vec23.len();
                                        ::core::mem::forget(vec23);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len23;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr23.cast_mut();
                                    }
                                    V26::Failed(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec24 = (e.into_bytes()).into_boxed_slice();
                                        let ptr24 = vec24.as_ptr().cast::<u8>();
                                        let len24 = vec24.len();
                                        ::core::mem::forget(vec24);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len24;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr24.cast_mut();
                                    }
                                    V26::Unavailable(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec25 = (e.into_bytes()).into_boxed_slice();
                                        let ptr25 = vec25.as_ptr().cast::<u8>();
                                        let len25 = vec25.len();
                                        ::core::mem::forget(vec25);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len25;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr25.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr6
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_process<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l1 {
                                    0 => {
                                        let l2 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l3 = *arg0
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base4 = l2;
                                        let len4 = l3;
                                        _rt::cabi_dealloc(base4, len4 * 8, 4);
                                        let l5 = *arg0
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *arg0
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base10 = l5;
                                        let len10 = l6;
                                        for i in 0..len10 {
                                            let base = base10
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let l7 = *base.add(0).cast::<*mut u8>();
                                                let l8 = *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let base9 = l7;
                                                let len9 = l8;
                                                _rt::cabi_dealloc(base9, len9 * 1, 1);
                                            }
                                        }
                                        _rt::cabi_dealloc(
                                            base10,
                                            len10 * (2 * ::core::mem::size_of::<*const u8>()),
                                            ::core::mem::size_of::<*const u8>(),
                                        );
                                    }
                                    1 => {
                                        let l11 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l12 = *arg0
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base13 = l11;
                                        let len13 = l12;
                                        _rt::cabi_dealloc(base13, len13 * 8, 4);
                                        let l14 = *arg0
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l15 = *arg0
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base19 = l14;
                                        let len19 = l15;
                                        for i in 0..len19 {
                                            let base = base19
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let l16 = *base.add(0).cast::<*mut u8>();
                                                let l17 = *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let base18 = l16;
                                                let len18 = l17;
                                                _rt::cabi_dealloc(base18, len18 * 1, 1);
                                            }
                                        }
                                        _rt::cabi_dealloc(
                                            base19,
                                            len19 * (2 * ::core::mem::size_of::<*const u8>()),
                                            ::core::mem::size_of::<*const u8>(),
                                        );
                                        let l20 = *arg0
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l21 = *arg0
                                            .add(8 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base22 = l20;
                                        let len22 = l21;
                                        _rt::cabi_dealloc(base22, len22 * 4, 4);
                                    }
                                    _ => {
                                        let l23 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l24 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base25 = l23;
                                        let len25 = l24;
                                        _rt::cabi_dealloc(base25, len25 * 4, 4);
                                    }
                                }
                                let l26 = *arg0
                                    .add(9 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l27 = *arg0
                                    .add(10 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base30 = l26;
                                let len30 = l27;
                                for i in 0..len30 {
                                    let base = base30
                                        .add(i * (3 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l28 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l29 = *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l28, l29, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base30,
                                    len30 * (3 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l31 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l31 {
                                    0 => {
                                        let l32 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l33 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l32, l33, 1);
                                    }
                                    1 => {
                                        let l34 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l35 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l34, l35, 1);
                                    }
                                    2 => {
                                        let l36 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l37 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l36, l37, 1);
                                    }
                                    _ => {
                                        let l38 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l39 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l38, l39, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_finish_cabi<T_: Guest>() -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::finish() };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result0 {
                            Ok(e) => {
                                *ptr1.add(0).cast::<u8>() = (0i32) as u8;
                                match e {
                                    Some(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let super::super::super::super::sluicebox::operator::data::Batch {
                                            rows: rows2,
                                            nodes: nodes2,
                                            buffers: buffers2,
                                        } = e;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(rows2);
                                        let vec3 = <_ as Into<_rt::Vec<_>>>::into(nodes2)
                                            .into_boxed_slice();
                                        let ptr3 = vec3.as_ptr().cast::<u8>();
                                        let len3 = vec3.len();
                                        ::core::mem::forget(vec3);
                                        *ptr1
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len3;
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr3.cast_mut();
                                        let vec5 = buffers2;
                                        let len5 = vec5.len();
                                        let layout5 = _rt::alloc::Layout::from_size_align(
                                                vec5.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                                ::core::mem::size_of::<*const u8>(),
                                            )
                                            .unwrap();
                                        let (result5, _cleanup5) = crate::guest::Cleanup::new(
                                            layout5,
                                        );
                                        if let Some(cleanup) = _cleanup5 {
                                            cleanup.forget();
                                        }
                                        for (i, e) in vec5.into_iter().enumerate() {
                                            let base = result5
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let vec4 = <_ as Into<_rt::Vec<_>>>::into(e)
                                                    .into_boxed_slice();
                                                let ptr4 = vec4.as_ptr().cast::<u8>();
                                                let len4 = vec4.len();
                                                ::core::mem::forget(vec4);
                                                *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>() = len4;
                                                *base.add(0).cast::<*mut u8>() = ptr4.cast_mut();
                                            }
                                        }
                                        *ptr1
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len5;
                                        *ptr1
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result5;
                                    }
                                    None => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                    }
                                };
                            }
                            Err(e) => {
                                *ptr1.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::sluicebox::operator::data::Error as V10;
                                match e {
                                    V10::InvalidConfig(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec6 = (e.into_bytes()).into_boxed_slice();
                                        let ptr6 = vec6.as_ptr().cast::<u8>();
                                        let len6 = vec6.len();
                                        ::core::mem::forget(vec6);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len6;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr6.cast_mut();
                                    }
                                    V10::InvalidInput(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec7 = (e.into_bytes()).into_boxed_slice();
                                        let ptr7 = vec7.as_ptr().cast::<u8>();
                                        let len7 = vec7.len();
                                        ::core::mem::forget(vec7);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len7;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr7.cast_mut();
                                    }
                                    V10::Failed(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec8 = (e.into_bytes()).into_boxed_slice();
                                        let ptr8 = vec8.as_ptr().cast::<u8>();
                                        let len8 = vec8.len();
                                        ::core::mem::forget(vec8);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len8;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr8.cast_mut();
                                    }
                                    V10::Unavailable(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec9 = (e.into_bytes()).into_boxed_slice();
                                        let ptr9 = vec9.as_ptr().cast::<u8>();
                                        let len9 = vec9.len();
                                        ::core::mem::forget(vec9);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len9;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr9.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_finish<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l1 {
                                    0 => {}
                                    _ => {
                                        let l2 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l3 = *arg0
                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base4 = l2;
                                        let len4 = l3;
                                        _rt::cabi_dealloc(base4, len4 * 8, 4);
                                        let l5 = *arg0
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *arg0
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base10 = l5;
                                        let len10 = l6;
                                        for i in 0..len10 {
                                            let base = base10
                                                .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let l7 = *base.add(0).cast::<*mut u8>();
                                                let l8 = *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                let base9 = l7;
                                                let len9 = l8;
                                                _rt::cabi_dealloc(base9, len9 * 1, 1);
                                            }
                                        }
                                        _rt::cabi_dealloc(
                                            base10,
                                            len10 * (2 * ::core::mem::size_of::<*const u8>()),
                                            ::core::mem::size_of::<*const u8>(),
                                        );
                                    }
                                }
                            }
                            _ => {
                                let l11 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l11 {
                                    0 => {
                                        let l12 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l13 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l12, l13, 1);
                                    }
                                    1 => {
                                        let l14 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l15 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l14, l15, 1);
                                    }
                                    2 => {
                                        let l16 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l17 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l16, l17, 1);
                                    }
                                    _ => {
                                        let l18 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l19 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l18, l19, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                pub trait Guest {
                    /// The operators offered. Always the same for the same component.
                    #[allow(async_fn_in_trait)]
                    fn describe() -> _rt::Vec<Operator>;
                    /// Agree on the schemas, when a job is checked and when it starts. `config` is the table `config` of the plugin in the job file, as a JSON object, `{}` where there is none.
                    /// `input` has the columns that `operator.input` asks for, in its order, or all of the stream's. Always the same answer for the same arguments.
                    /// Errors: `invalid-config`, `invalid-input`; `failed` for an operator that isn't offered.
                    #[allow(async_fn_in_trait)]
                    fn bind(
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<Binding, Error>;
                    /// Begin a partition. `input` holds the columns bound, in that order. The arguments are those that `bind` took and gave.
                    #[allow(async_fn_in_trait)]
                    fn open(
                        context: Context,
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<(), Error>;
                    /// Work on a chunk: at least one row, at most 65,536, in the order of the partition.
                    /// A map returns as many rows as it got, less those rejected.
                    #[allow(async_fn_in_trait)]
                    fn process(input: Batch) -> ::core::result::Result<Output, Error>;
                    /// The partition has ended: rows held back, if any, come now. Only map-partitions may return some, and no batch without rows; it is then called again, until it
                    /// returns none, so that many rows can come in several batches. Other kinds always return none.
                    #[allow(async_fn_in_trait)]
                    fn finish() -> ::core::result::Result<
                        ::core::option::Option<Batch>,
                        Error,
                    >;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_sluicebox_operator_transform_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "sluicebox:operator/transform@0.1.0#describe")] unsafe extern "C"
                        fn export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/transform@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/transform@0.1.0#bind")] unsafe extern "C" fn
                        export_bind(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize, arg4 : * mut u8, arg5 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_bind_cabi::<$ty > (arg0, arg1, arg2,
                        arg3, arg4, arg5) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/transform@0.1.0#bind")] unsafe
                        extern "C" fn _post_return_bind(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_bind::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/transform@0.1.0#open")] unsafe extern "C" fn
                        export_open(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize, arg4 : i64, arg5 : i32, arg6 : i32, arg7 : i32, arg8 : *
                        mut u8, arg9 : usize, arg10 : * mut u8, arg11 : usize, arg12 : *
                        mut u8, arg13 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_open_cabi::<$ty > (arg0, arg1, arg2,
                        arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11, arg12,
                        arg13) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/transform@0.1.0#open")] unsafe
                        extern "C" fn _post_return_open(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_open::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/transform@0.1.0#process")] unsafe extern "C"
                        fn export_process(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3
                        : * mut u8, arg4 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_process_cabi::<$ty > (arg0, arg1,
                        arg2, arg3, arg4) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/transform@0.1.0#process")] unsafe
                        extern "C" fn _post_return_process(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_process::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/transform@0.1.0#finish")] unsafe extern "C"
                        fn export_finish() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_finish_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/transform@0.1.0#finish")] unsafe
                        extern "C" fn _post_return_finish(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_finish::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_sluicebox_operator_transform_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 11 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 11
                        * ::core::mem::size_of::<*const u8>()],
                );
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub fn as_i64<T: AsI64>(t: T) -> i64 {
        t.as_i64()
    }
    pub trait AsI64 {
        fn as_i64(self) -> i64;
    }
    impl<'a, T: Copy + AsI64> AsI64 for &'a T {
        fn as_i64(self) -> i64 {
            (*self).as_i64()
        }
    }
    impl AsI64 for i64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    impl AsI64 for u64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    pub use alloc_crate::string::String;
    pub use alloc_crate::vec::Vec;
    #[cfg(target_arch = "wasm32")]
    pub fn run_ctors_once() {
        crate::guest::run_ctors_once();
    }
    pub fn as_i32<T: AsI32>(t: T) -> i32 {
        t.as_i32()
    }
    pub trait AsI32 {
        fn as_i32(self) -> i32;
    }
    impl<'a, T: Copy + AsI32> AsI32 for &'a T {
        fn as_i32(self) -> i32 {
            (*self).as_i32()
        }
    }
    impl AsI32 for i32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for char {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for usize {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    pub use alloc_crate::alloc;
    pub unsafe fn cabi_dealloc(ptr: *mut u8, size: usize, align: usize) {
        if size == 0 {
            return;
        }
        unsafe {
            let layout = alloc::Layout::from_size_align_unchecked(size, align);
            alloc::dealloc(ptr, layout);
        }
    }
    pub unsafe fn string_lift(bytes: Vec<u8>) -> String {
        if cfg!(debug_assertions) {
            String::from_utf8(bytes).unwrap()
        } else {
            unsafe { String::from_utf8_unchecked(bytes) }
        }
    }
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
        }
    }
    pub unsafe fn bool_lift(val: u8) -> bool {
        if cfg!(debug_assertions) {
            match val {
                0 => false,
                1 => true,
                _ => panic!("invalid bool discriminant"),
            }
        } else {
            val != 0
        }
    }
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! export_transform{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_transform!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_transform_plugin_impl {
    ($ty:ident) => {
        self::export_transform!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::sluicebox::operator::transform::__export_sluicebox_operator_transform_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::sluicebox::operator::transform);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:transform-plugin:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1743] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xc8\x0c\x01A\x02\x01\
A\x0c\x01B\x04\x01m\x04\x05debug\x04info\x04warn\x05error\x04\0\x05level\x03\0\0\
\x01@\x02\x05level\x01\x07messages\x01\0\x04\0\x03log\x01\x02\x03\0\x20sluicebox\
:operator/logging@0.1.0\x05\0\x01B\x02\x01@\x02\x04names\x05countw\x01\0\x04\0\x03\
add\x01\0\x03\0!sluicebox:operator/counters@0.1.0\x05\x01\x01B\x1a\x01m\x04\x06s\
econd\x0bmillisecond\x0bmicrosecond\x0ananosecond\x04\0\x09time-unit\x03\0\0\x01\
m\x03\x0ayear-month\x08day-time\x0emonth-day-nano\x04\0\x0dinterval-unit\x03\0\x02\
\x01r\x02\x09precision}\x05scale~\x04\0\x0cdecimal-type\x03\0\x04\x01ks\x01r\x02\
\x04unit\x01\x04zone\x06\x04\0\x0etimestamp-type\x03\0\x07\x01q\x19\x07boolean\0\
\0\x04int8\0\0\x05int16\0\0\x05int32\0\0\x05int64\0\0\x05uint8\0\0\x06uint16\0\0\
\x06uint32\0\0\x06uint64\0\0\x07float32\0\0\x07float64\0\0\x0adecimal128\x01\x05\
\0\x04utf8\0\0\x06binary\0\0\x11fixed-size-binary\x01y\0\x06date32\0\0\x06date64\
\0\0\x04time\x01\x01\0\x09timestamp\x01\x08\0\x08duration\x01\x01\0\x08interval\x01\
\x03\0\x04list\0\0\x0ffixed-size-list\x01y\0\x06struct\0\0\x03map\0\0\x04\0\x09d\
ata-type\x03\0\x09\x01r\x04\x04names\x09data-type\x0a\x08nullable\x7f\x08childre\
ny\x04\0\x05field\x03\0\x0b\x01p\x0c\x04\0\x06schema\x03\0\x0d\x01r\x02\x06lengt\
hy\x0anull-county\x04\0\x04node\x03\0\x0f\x01p\x10\x01p}\x01p\x12\x01r\x03\x04ro\
wsy\x05nodes\x11\x07buffers\x13\x04\0\x05batch\x03\0\x14\x01r\x06\x03jobs\x06str\
eams\x0dbatch-time-msx\x09partitiony\x0apartitionsy\x07attempty\x04\0\x07context\
\x03\0\x16\x01q\x04\x0einvalid-config\x01s\0\x0dinvalid-input\x01s\0\x06failed\x01\
s\0\x0bunavailable\x01s\0\x04\0\x05error\x03\0\x18\x03\0\x1dsluicebox:operator/d\
ata@0.1.0\x05\x02\x02\x03\0\x02\x05batch\x02\x03\0\x02\x07context\x02\x03\0\x02\x05\
error\x02\x03\0\x02\x06schema\x01B)\x02\x03\x02\x01\x03\x04\0\x05batch\x03\0\0\x02\
\x03\x02\x01\x04\x04\0\x07context\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x05error\x03\
\0\x04\x02\x03\x02\x01\x06\x04\0\x06schema\x03\0\x06\x01m\x04\x03map\x08flat-map\
\x06filter\x0emap-partitions\x04\0\x04kind\x03\0\x08\x01k\x07\x01r\x04\x04names\x04\
kind\x09\x03docs\x05input\x0a\x04\0\x08operator\x03\0\x0b\x01py\x01r\x02\x07colu\
mns\x0d\x06output\x07\x04\0\x07binding\x03\0\x0e\x01r\x02\x03rowy\x06reasons\x04\
\0\x09rejection\x03\0\x10\x01r\x02\x04rows\x01\x04ends\x0d\x04\0\x09expansion\x03\
\0\x12\x01q\x03\x04made\x01\x01\0\x08expanded\x01\x13\0\x04kept\x01\x0d\0\x04\0\x04\
rows\x03\0\x14\x01p\x11\x01r\x02\x04rows\x15\x08rejected\x16\x04\0\x06output\x03\
\0\x17\x01p\x0c\x01@\0\0\x19\x04\0\x08describe\x01\x1a\x01j\x01\x0f\x01\x05\x01@\
\x03\x08operators\x06configs\x05input\x07\0\x1b\x04\0\x04bind\x01\x1c\x01j\0\x01\
\x05\x01@\x04\x07context\x03\x08operators\x06configs\x05input\x07\0\x1d\x04\0\x04\
open\x01\x1e\x01j\x01\x18\x01\x05\x01@\x01\x05input\x01\0\x1f\x04\0\x07process\x01\
\x20\x01k\x01\x01j\x01!\x01\x05\x01@\0\0\"\x04\0\x06finish\x01#\x04\0\"sluicebox\
:operator/transform@0.1.0\x05\x07\x04\0)sluicebox:operator/transform-plugin@0.1.\
0\x04\0\x0b\x16\x01\0\x10transform-plugin\x03\0\0\0G\x09producers\x01\x0cprocess\
ed-by\x02\x0dwit-component\x070.258.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_transform_plugin_impl as export_transform;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:transform-plugin-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1217] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x9a\x08\x01A\x02\x01\
A\x06\x01B\x04\x01m\x04\x05debug\x04info\x04warn\x05error\x04\0\x05level\x03\0\0\
\x01@\x02\x05level\x01\x07messages\x01\0\x04\0\x03log\x01\x02\x03\0\x20sluicebox\
:operator/logging@0.1.0\x05\0\x01B\x02\x01@\x02\x04names\x05countw\x01\0\x04\0\x03\
add\x01\0\x03\0!sluicebox:operator/counters@0.1.0\x05\x01\x01B\x1a\x01m\x04\x06s\
econd\x0bmillisecond\x0bmicrosecond\x0ananosecond\x04\0\x09time-unit\x03\0\0\x01\
m\x03\x0ayear-month\x08day-time\x0emonth-day-nano\x04\0\x0dinterval-unit\x03\0\x02\
\x01r\x02\x09precision}\x05scale~\x04\0\x0cdecimal-type\x03\0\x04\x01ks\x01r\x02\
\x04unit\x01\x04zone\x06\x04\0\x0etimestamp-type\x03\0\x07\x01q\x19\x07boolean\0\
\0\x04int8\0\0\x05int16\0\0\x05int32\0\0\x05int64\0\0\x05uint8\0\0\x06uint16\0\0\
\x06uint32\0\0\x06uint64\0\0\x07float32\0\0\x07float64\0\0\x0adecimal128\x01\x05\
\0\x04utf8\0\0\x06binary\0\0\x11fixed-size-binary\x01y\0\x06date32\0\0\x06date64\
\0\0\x04time\x01\x01\0\x09timestamp\x01\x08\0\x08duration\x01\x01\0\x08interval\x01\
\x03\0\x04list\0\0\x0ffixed-size-list\x01y\0\x06struct\0\0\x03map\0\0\x04\0\x09d\
ata-type\x03\0\x09\x01r\x04\x04names\x09data-type\x0a\x08nullable\x7f\x08childre\
ny\x04\0\x05field\x03\0\x0b\x01p\x0c\x04\0\x06schema\x03\0\x0d\x01r\x02\x06lengt\
hy\x0anull-county\x04\0\x04node\x03\0\x0f\x01p\x10\x01p}\x01p\x12\x01r\x03\x04ro\
wsy\x05nodes\x11\x07buffers\x13\x04\0\x05batch\x03\0\x14\x01r\x06\x03jobs\x06str\
eams\x0dbatch-time-msx\x09partitiony\x0apartitionsy\x07attempty\x04\0\x07context\
\x03\0\x16\x01q\x04\x0einvalid-config\x01s\0\x0dinvalid-input\x01s\0\x06failed\x01\
s\0\x0bunavailable\x01s\0\x04\0\x05error\x03\0\x18\x03\0\x1dsluicebox:operator/d\
ata@0.1.0\x05\x02\x04\0Isluicebox:operator/transform-plugin-with-all-of-its-expo\
rts-removed@0.1.0\x04\0\x0b6\x01\00transform-plugin-with-all-of-its-exports-remo\
ved\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10\
wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
