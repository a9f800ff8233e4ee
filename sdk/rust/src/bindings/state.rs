// Written by scripts/bindings from the WIT package; don't edit.
#[allow(unfulfilled_lint_expectations, unused_imports)]
use crate::bindings::transform::sluicebox::operator::logging as __with_name0;
#[allow(unfulfilled_lint_expectations, unused_imports)]
use crate::bindings::transform::sluicebox::operator::counters as __with_name1;
#[allow(unfulfilled_lint_expectations, unused_imports)]
use crate::bindings::transform::sluicebox::operator::data as __with_name2;
#[allow(dead_code, clippy::all)]
pub mod exports {
    pub mod sluicebox {
        pub mod operator {
            /// Operators over keyed state: update-state-by-key and map-with-state.
            ///
            /// The host holds the state, one row a key, and calls once for a partition's keys with their new values and old state, as columns. Nothing
            /// is kept in the instance from one call to the next. Keys come in an order that is the same when the batch is run again. State counts once its batch is done: what a
            /// call returned for a batch that is run again was never there.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod state {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                pub type Batch = super::super::super::super::__with_name2::Batch;
                pub type Context = super::super::super::super::__with_name2::Context;
                pub type Error = super::super::super::super::__with_name2::Error;
                pub type Schema = super::super::super::super::__with_name2::Schema;
                #[repr(u8)]
                #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
                pub enum Kind {
                    /// Called for every known key in every batch, also without new values. The stream's rows are the keys that have state
                    /// after the batch, each with its state: the host makes them.
                    UpdateStateByKey,
                    /// Called for keys with new values, and once for a key that has timed out. The stream's rows are those emitted.
                    MapWithState,
                }
                impl ::core::fmt::Debug for Kind {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        match self {
                            Kind::UpdateStateByKey => {
                                f.debug_tuple("Kind::UpdateStateByKey").finish()
                            }
                            Kind::MapWithState => {
                                f.debug_tuple("Kind::MapWithState").finish()
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
                            0 => Kind::UpdateStateByKey,
                            1 => Kind::MapWithState,
                            _ => panic!("invalid enum discriminant"),
                        }
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Operator {
                    /// As `transform.operator.name`.
                    pub name: _rt::String,
                    pub kind: Kind,
                    /// What it does, in a sentence.
                    pub doc: _rt::String,
                    /// The columns of a key. As `transform.operator.input`, among the columns that the job names as the key.
                    pub keys: ::core::option::Option<Schema>,
                    /// As `aggregate.operator.input`.
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
                            .field("keys", &self.keys)
                            .field("input", &self.input)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Binding {
                    /// As `transform.binding.columns`, of the columns that are not keys. All of the key's columns are handed over, in the order in which `operator.keys` has them, or the job.
                    pub columns: _rt::Vec<u32>,
                    /// The columns of a key's state: at least one.
                    pub state: Schema,
                    /// The version of the state's meaning and columns. State of another version goes through `migrate` first.
                    pub state_version: u32,
                    /// The columns of the rows emitted. Empty for update-state-by-key.
                    pub output: Schema,
                    /// A key that was not refreshed for longer than this times out; the job may say otherwise. A batch refreshes a key by new state, and, where keys
                    /// time out, by values of a key that has state after it. None: never, and always of update-state-by-key.
                    pub timeout_ms: ::core::option::Option<u64>,
                }
                impl ::core::fmt::Debug for Binding {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Binding")
                            .field("columns", &self.columns)
                            .field("state", &self.state)
                            .field("state-version", &self.state_version)
                            .field("output", &self.output)
                            .field("timeout-ms", &self.timeout_ms)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Work {
                    /// One row a key, each key once.
                    pub keys: Batch,
                    /// New values, those of key 0 first, each key's in the order (source partition, position).
                    pub values: Batch,
                    /// For each key, where its values end in `values`: ascending, the last is `values.rows`. A key without new values ends where the key before it does.
                    pub value_ends: _rt::Vec<u32>,
                    /// State of the keys that have some, in the order of the keys.
                    pub old: Batch,
                    /// For each row of `old`, the index of its key: ascending, each once.
                    pub old_keys: _rt::Vec<u32>,
                    /// Indices of the keys that have timed out: ascending, each once; they have state and no values, and their state is
                    /// removed after the call whatever the answer says.
                    pub timed_out: _rt::Vec<u32>,
                }
                impl ::core::fmt::Debug for Work {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Work")
                            .field("keys", &self.keys)
                            .field("values", &self.values)
                            .field("value-ends", &self.value_ends)
                            .field("old", &self.old)
                            .field("old-keys", &self.old_keys)
                            .field("timed-out", &self.timed_out)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Outcome {
                    /// New state.
                    pub state: Batch,
                    /// For each row of `state`, the index of its key: ascending, each once, none of the timed out.
                    pub state_keys: _rt::Vec<u32>,
                    /// Keys whose state is removed: ascending, each once, none with new state, none of the timed out; a key may be named that has no state. The state of
                    /// a key named neither here nor in `state-keys` stays as it is.
                    pub removed: _rt::Vec<u32>,
                    /// Rows emitted, in order. None, and no columns, of update-state-by-key.
                    pub emitted: Batch,
                }
                impl ::core::fmt::Debug for Outcome {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Outcome")
                            .field("state", &self.state)
                            .field("state-keys", &self.state_keys)
                            .field("removed", &self.removed)
                            .field("emitted", &self.emitted)
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
                        let vec19 = result0;
                        let len19 = vec19.len();
                        let layout19 = _rt::alloc::Layout::from_size_align(
                                vec19.len() * (11 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result19, _cleanup19) = crate::guest::Cleanup::new(
                            layout19,
                        );
                        if let Some(cleanup) = _cleanup19 {
                            cleanup.forget();
                        }
                        for (i, e) in vec19.into_iter().enumerate() {
                            let base = result19
                                .add(i * (11 * ::core::mem::size_of::<*const u8>()));
                            {
                                let Operator {
                                    name: name2,
                                    kind: kind2,
                                    doc: doc2,
                                    keys: keys2,
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
                                match keys2 {
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
                                                let super::super::super::super::__with_name2::Field {
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
                                                use super::super::super::super::__with_name2::DataType as V10;
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
                                                        let super::super::super::super::__with_name2::DecimalType {
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
                                                        let super::super::super::super::__with_name2::TimestampType {
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
                                match input2 {
                                    Some(e) => {
                                        *base
                                            .add(8 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec18 = e;
                                        let len18 = vec18.len();
                                        let layout18 = _rt::alloc::Layout::from_size_align(
                                                vec18.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                                ::core::mem::size_of::<*const u8>(),
                                            )
                                            .unwrap();
                                        let (result18, _cleanup18) = crate::guest::Cleanup::new(
                                            layout18,
                                        );
                                        if let Some(cleanup) = _cleanup18 {
                                            cleanup.forget();
                                        }
                                        for (i, e) in vec18.into_iter().enumerate() {
                                            let base = result18
                                                .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let super::super::super::super::__with_name2::Field {
                                                    name: name12,
                                                    data_type: data_type12,
                                                    nullable: nullable12,
                                                    children: children12,
                                                } = e;
                                                let vec13 = (name12.into_bytes()).into_boxed_slice();
                                                let ptr13 = vec13.as_ptr().cast::<u8>();
                                                let len13 = vec13.len();
                                                ::core::mem::forget(vec13);
                                                *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>() = len13;
                                                *base.add(0).cast::<*mut u8>() = ptr13.cast_mut();
                                                use super::super::super::super::__with_name2::DataType as V17;
                                                match data_type12 {
                                                    V17::Boolean => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                    V17::Int8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                    }
                                                    V17::Int16 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (2i32) as u8;
                                                    }
                                                    V17::Int32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (3i32) as u8;
                                                    }
                                                    V17::Int64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (4i32) as u8;
                                                    }
                                                    V17::Uint8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (5i32) as u8;
                                                    }
                                                    V17::Uint16 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (6i32) as u8;
                                                    }
                                                    V17::Uint32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (7i32) as u8;
                                                    }
                                                    V17::Uint64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (8i32) as u8;
                                                    }
                                                    V17::Float32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (9i32) as u8;
                                                    }
                                                    V17::Float64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (10i32) as u8;
                                                    }
                                                    V17::Decimal128(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (11i32) as u8;
                                                        let super::super::super::super::__with_name2::DecimalType {
                                                            precision: precision14,
                                                            scale: scale14,
                                                        } = e;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (_rt::as_i32(precision14)) as u8;
                                                        *base
                                                            .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (_rt::as_i32(scale14)) as u8;
                                                    }
                                                    V17::Utf8 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (12i32) as u8;
                                                    }
                                                    V17::Binary => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (13i32) as u8;
                                                    }
                                                    V17::FixedSizeBinary(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (14i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<i32>() = _rt::as_i32(e);
                                                    }
                                                    V17::Date32 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (15i32) as u8;
                                                    }
                                                    V17::Date64 => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (16i32) as u8;
                                                    }
                                                    V17::Time(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (17i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V17::Timestamp(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (18i32) as u8;
                                                        let super::super::super::super::__with_name2::TimestampType {
                                                            unit: unit15,
                                                            zone: zone15,
                                                        } = e;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (unit15.clone() as i32) as u8;
                                                        match zone15 {
                                                            Some(e) => {
                                                                *base
                                                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<u8>() = (1i32) as u8;
                                                                let vec16 = (e.into_bytes()).into_boxed_slice();
                                                                let ptr16 = vec16.as_ptr().cast::<u8>();
                                                                let len16 = vec16.len();
                                                                ::core::mem::forget(vec16);
                                                                *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>() = len16;
                                                                *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>() = ptr16.cast_mut();
                                                            }
                                                            None => {
                                                                *base
                                                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<u8>() = (0i32) as u8;
                                                            }
                                                        };
                                                    }
                                                    V17::Duration(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (19i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V17::Interval(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (20i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (e.clone() as i32) as u8;
                                                    }
                                                    V17::List => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (21i32) as u8;
                                                    }
                                                    V17::FixedSizeList(e) => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (22i32) as u8;
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<i32>() = _rt::as_i32(e);
                                                    }
                                                    V17::Struct => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (23i32) as u8;
                                                    }
                                                    V17::Map => {
                                                        *base
                                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (24i32) as u8;
                                                    }
                                                }
                                                *base
                                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (match nullable12 {
                                                    true => 1,
                                                    false => 0,
                                                }) as u8;
                                                *base
                                                    .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(children12);
                                            }
                                        }
                                        *base
                                            .add(10 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len18;
                                        *base
                                            .add(9 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result18;
                                    }
                                    None => {
                                        *base
                                            .add(8 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                    }
                                };
                            }
                        }
                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<usize>() = len19;
                        *ptr1.add(0).cast::<*mut u8>() = result19;
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
                        let base26 = l0;
                        let len26 = l1;
                        for i in 0..len26 {
                            let base = base26
                                .add(i * (11 * ::core::mem::size_of::<*const u8>()));
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
                                let l16 = i32::from(
                                    *base
                                        .add(8 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                match l16 {
                                    0 => {}
                                    _ => {
                                        let l17 = *base
                                            .add(9 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l18 = *base
                                            .add(10 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base25 = l17;
                                        let len25 = l18;
                                        for i in 0..len25 {
                                            let base = base25
                                                .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                            {
                                                let l19 = *base.add(0).cast::<*mut u8>();
                                                let l20 = *base
                                                    .add(::core::mem::size_of::<*const u8>())
                                                    .cast::<usize>();
                                                _rt::cabi_dealloc(l19, l20, 1);
                                                let l21 = i32::from(
                                                    *base
                                                        .add(2 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                match l21 {
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
                                                        let l22 = i32::from(
                                                            *base
                                                                .add(4 * ::core::mem::size_of::<*const u8>())
                                                                .cast::<u8>(),
                                                        );
                                                        match l22 {
                                                            0 => {}
                                                            _ => {
                                                                let l23 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l24 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                _rt::cabi_dealloc(l23, l24, 1);
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
                                            base25,
                                            len25 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                            ::core::mem::size_of::<*const u8>(),
                                        );
                                    }
                                }
                            }
                        }
                        _rt::cabi_dealloc(
                            base26,
                            len26 * (11 * ::core::mem::size_of::<*const u8>()),
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
                    arg6: *mut u8,
                    arg7: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result42 = {
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
                                    use super::super::super::super::__with_name2::DataType as V18;
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
                                                super::super::super::super::__with_name2::DecimalType {
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
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::TimestampType {
                                                    unit: super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::IntervalUnit::_lift(
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
                                    super::super::super::super::__with_name2::Field {
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
                            let base41 = arg6;
                            let len41 = arg7;
                            let mut result41 = _rt::Vec::with_capacity(len41);
                            for i in 0..len41 {
                                let base = base41
                                    .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                let e41 = {
                                    let l22 = *base.add(0).cast::<*mut u8>();
                                    let l23 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len24 = l23;
                                    let bytes24 = _rt::Vec::from_raw_parts(
                                        l22.cast(),
                                        len24,
                                        len24,
                                    );
                                    let l25 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    use super::super::super::super::__with_name2::DataType as V38;
                                    let v38 = match l25 {
                                        0 => V38::Boolean,
                                        1 => V38::Int8,
                                        2 => V38::Int16,
                                        3 => V38::Int32,
                                        4 => V38::Int64,
                                        5 => V38::Uint8,
                                        6 => V38::Uint16,
                                        7 => V38::Uint32,
                                        8 => V38::Uint64,
                                        9 => V38::Float32,
                                        10 => V38::Float64,
                                        11 => {
                                            let e38 = {
                                                let l26 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l27 = i32::from(
                                                    *base
                                                        .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i8>(),
                                                );
                                                super::super::super::super::__with_name2::DecimalType {
                                                    precision: l26 as u8,
                                                    scale: l27 as i8,
                                                }
                                            };
                                            V38::Decimal128(e38)
                                        }
                                        12 => V38::Utf8,
                                        13 => V38::Binary,
                                        14 => {
                                            let e38 = {
                                                let l28 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l28 as u32
                                            };
                                            V38::FixedSizeBinary(e38)
                                        }
                                        15 => V38::Date32,
                                        16 => V38::Date64,
                                        17 => {
                                            let e38 = {
                                                let l29 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l29 as u8,
                                                )
                                            };
                                            V38::Time(e38)
                                        }
                                        18 => {
                                            let e38 = {
                                                let l30 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l31 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimestampType {
                                                    unit: super::super::super::super::__with_name2::TimeUnit::_lift(
                                                        l30 as u8,
                                                    ),
                                                    zone: match l31 {
                                                        0 => None,
                                                        1 => {
                                                            let e = {
                                                                let l32 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l33 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                let len34 = l33;
                                                                let bytes34 = _rt::Vec::from_raw_parts(
                                                                    l32.cast(),
                                                                    len34,
                                                                    len34,
                                                                );
                                                                _rt::string_lift(bytes34)
                                                            };
                                                            Some(e)
                                                        }
                                                        _ => _rt::invalid_enum_discriminant(),
                                                    },
                                                }
                                            };
                                            V38::Timestamp(e38)
                                        }
                                        19 => {
                                            let e38 = {
                                                let l35 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l35 as u8,
                                                )
                                            };
                                            V38::Duration(e38)
                                        }
                                        20 => {
                                            let e38 = {
                                                let l36 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::IntervalUnit::_lift(
                                                    l36 as u8,
                                                )
                                            };
                                            V38::Interval(e38)
                                        }
                                        21 => V38::List,
                                        22 => {
                                            let e38 = {
                                                let l37 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l37 as u32
                                            };
                                            V38::FixedSizeList(e38)
                                        }
                                        23 => V38::Struct,
                                        n => {
                                            debug_assert_eq!(n, 24, "invalid enum discriminant");
                                            V38::Map
                                        }
                                    };
                                    let l39 = i32::from(
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l40 = *base
                                        .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    super::super::super::super::__with_name2::Field {
                                        name: _rt::string_lift(bytes24),
                                        data_type: v38,
                                        nullable: _rt::bool_lift(l39 as u8),
                                        children: l40 as u32,
                                    }
                                };
                                result41.push(e41);
                            }
                            _rt::cabi_dealloc(
                                base41,
                                len41 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::bind(
                                _rt::string_lift(bytes0),
                                _rt::string_lift(bytes1),
                                result21,
                                result41,
                            )
                        };
                        let ptr43 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result42 {
                            Ok(e) => {
                                *ptr43.add(0).cast::<u8>() = (0i32) as u8;
                                let Binding {
                                    columns: columns44,
                                    state: state44,
                                    state_version: state_version44,
                                    output: output44,
                                    timeout_ms: timeout_ms44,
                                } = e;
                                let vec45 = <_ as Into<_rt::Vec<_>>>::into(columns44)
                                    .into_boxed_slice();
                                let ptr45 = vec45.as_ptr().cast::<u8>();
                                let len45 = vec45.len();
                                ::core::mem::forget(vec45);
                                *ptr43
                                    .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len45;
                                *ptr43.add(8).cast::<*mut u8>() = ptr45.cast_mut();
                                let vec52 = state44;
                                let len52 = vec52.len();
                                let layout52 = _rt::alloc::Layout::from_size_align(
                                        vec52.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result52, _cleanup52) = crate::guest::Cleanup::new(
                                    layout52,
                                );
                                if let Some(cleanup) = _cleanup52 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec52.into_iter().enumerate() {
                                    let base = result52
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::__with_name2::Field {
                                            name: name46,
                                            data_type: data_type46,
                                            nullable: nullable46,
                                            children: children46,
                                        } = e;
                                        let vec47 = (name46.into_bytes()).into_boxed_slice();
                                        let ptr47 = vec47.as_ptr().cast::<u8>();
                                        let len47 = vec47.len();
                                        ::core::mem::forget(vec47);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len47;
                                        *base.add(0).cast::<*mut u8>() = ptr47.cast_mut();
                                        use super::super::super::super::__with_name2::DataType as V51;
                                        match data_type46 {
                                            V51::Boolean => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (0i32) as u8;
                                            }
                                            V51::Int8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (1i32) as u8;
                                            }
                                            V51::Int16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (2i32) as u8;
                                            }
                                            V51::Int32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (3i32) as u8;
                                            }
                                            V51::Int64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (4i32) as u8;
                                            }
                                            V51::Uint8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (5i32) as u8;
                                            }
                                            V51::Uint16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (6i32) as u8;
                                            }
                                            V51::Uint32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (7i32) as u8;
                                            }
                                            V51::Uint64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (8i32) as u8;
                                            }
                                            V51::Float32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (9i32) as u8;
                                            }
                                            V51::Float64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (10i32) as u8;
                                            }
                                            V51::Decimal128(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (11i32) as u8;
                                                let super::super::super::super::__with_name2::DecimalType {
                                                    precision: precision48,
                                                    scale: scale48,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(precision48)) as u8;
                                                *base
                                                    .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(scale48)) as u8;
                                            }
                                            V51::Utf8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (12i32) as u8;
                                            }
                                            V51::Binary => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (13i32) as u8;
                                            }
                                            V51::FixedSizeBinary(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (14i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V51::Date32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (15i32) as u8;
                                            }
                                            V51::Date64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (16i32) as u8;
                                            }
                                            V51::Time(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (17i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V51::Timestamp(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (18i32) as u8;
                                                let super::super::super::super::__with_name2::TimestampType {
                                                    unit: unit49,
                                                    zone: zone49,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (unit49.clone() as i32) as u8;
                                                match zone49 {
                                                    Some(e) => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                        let vec50 = (e.into_bytes()).into_boxed_slice();
                                                        let ptr50 = vec50.as_ptr().cast::<u8>();
                                                        let len50 = vec50.len();
                                                        ::core::mem::forget(vec50);
                                                        *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>() = len50;
                                                        *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>() = ptr50.cast_mut();
                                                    }
                                                    None => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                };
                                            }
                                            V51::Duration(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (19i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V51::Interval(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (20i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V51::List => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (21i32) as u8;
                                            }
                                            V51::FixedSizeList(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (22i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V51::Struct => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (23i32) as u8;
                                            }
                                            V51::Map => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (24i32) as u8;
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (match nullable46 {
                                            true => 1,
                                            false => 0,
                                        }) as u8;
                                        *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(children46);
                                    }
                                }
                                *ptr43
                                    .add(8 + 3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len52;
                                *ptr43
                                    .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result52;
                                *ptr43
                                    .add(8 + 4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(state_version44);
                                let vec59 = output44;
                                let len59 = vec59.len();
                                let layout59 = _rt::alloc::Layout::from_size_align(
                                        vec59.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result59, _cleanup59) = crate::guest::Cleanup::new(
                                    layout59,
                                );
                                if let Some(cleanup) = _cleanup59 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec59.into_iter().enumerate() {
                                    let base = result59
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::__with_name2::Field {
                                            name: name53,
                                            data_type: data_type53,
                                            nullable: nullable53,
                                            children: children53,
                                        } = e;
                                        let vec54 = (name53.into_bytes()).into_boxed_slice();
                                        let ptr54 = vec54.as_ptr().cast::<u8>();
                                        let len54 = vec54.len();
                                        ::core::mem::forget(vec54);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len54;
                                        *base.add(0).cast::<*mut u8>() = ptr54.cast_mut();
                                        use super::super::super::super::__with_name2::DataType as V58;
                                        match data_type53 {
                                            V58::Boolean => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (0i32) as u8;
                                            }
                                            V58::Int8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (1i32) as u8;
                                            }
                                            V58::Int16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (2i32) as u8;
                                            }
                                            V58::Int32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (3i32) as u8;
                                            }
                                            V58::Int64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (4i32) as u8;
                                            }
                                            V58::Uint8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (5i32) as u8;
                                            }
                                            V58::Uint16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (6i32) as u8;
                                            }
                                            V58::Uint32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (7i32) as u8;
                                            }
                                            V58::Uint64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (8i32) as u8;
                                            }
                                            V58::Float32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (9i32) as u8;
                                            }
                                            V58::Float64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (10i32) as u8;
                                            }
                                            V58::Decimal128(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (11i32) as u8;
                                                let super::super::super::super::__with_name2::DecimalType {
                                                    precision: precision55,
                                                    scale: scale55,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(precision55)) as u8;
                                                *base
                                                    .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(scale55)) as u8;
                                            }
                                            V58::Utf8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (12i32) as u8;
                                            }
                                            V58::Binary => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (13i32) as u8;
                                            }
                                            V58::FixedSizeBinary(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (14i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V58::Date32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (15i32) as u8;
                                            }
                                            V58::Date64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (16i32) as u8;
                                            }
                                            V58::Time(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (17i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V58::Timestamp(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (18i32) as u8;
                                                let super::super::super::super::__with_name2::TimestampType {
                                                    unit: unit56,
                                                    zone: zone56,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (unit56.clone() as i32) as u8;
                                                match zone56 {
                                                    Some(e) => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                        let vec57 = (e.into_bytes()).into_boxed_slice();
                                                        let ptr57 = vec57.as_ptr().cast::<u8>();
                                                        let len57 = vec57.len();
                                                        ::core::mem::forget(vec57);
                                                        *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>() = len57;
                                                        *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>() = ptr57.cast_mut();
                                                    }
                                                    None => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                };
                                            }
                                            V58::Duration(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (19i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V58::Interval(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (20i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V58::List => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (21i32) as u8;
                                            }
                                            V58::FixedSizeList(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (22i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V58::Struct => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (23i32) as u8;
                                            }
                                            V58::Map => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (24i32) as u8;
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (match nullable53 {
                                            true => 1,
                                            false => 0,
                                        }) as u8;
                                        *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(children53);
                                    }
                                }
                                *ptr43
                                    .add(8 + 6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len59;
                                *ptr43
                                    .add(8 + 5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result59;
                                match timeout_ms44 {
                                    Some(e) => {
                                        *ptr43
                                            .add(16 + 6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        *ptr43
                                            .add(24 + 6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i64>() = _rt::as_i64(e);
                                    }
                                    None => {
                                        *ptr43
                                            .add(16 + 6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                    }
                                };
                            }
                            Err(e) => {
                                *ptr43.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V64;
                                match e {
                                    V64::InvalidConfig(e) => {
                                        *ptr43.add(8).cast::<u8>() = (0i32) as u8;
                                        let vec60 = (e.into_bytes()).into_boxed_slice();
                                        let ptr60 = vec60.as_ptr().cast::<u8>();
                                        let len60 = vec60.len();
                                        ::core::mem::forget(vec60);
                                        *ptr43
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len60;
                                        *ptr43
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr60.cast_mut();
                                    }
                                    V64::InvalidInput(e) => {
                                        *ptr43.add(8).cast::<u8>() = (1i32) as u8;
                                        let vec61 = (e.into_bytes()).into_boxed_slice();
                                        let ptr61 = vec61.as_ptr().cast::<u8>();
                                        let len61 = vec61.len();
                                        ::core::mem::forget(vec61);
                                        *ptr43
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len61;
                                        *ptr43
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr61.cast_mut();
                                    }
                                    V64::Failed(e) => {
                                        *ptr43.add(8).cast::<u8>() = (2i32) as u8;
                                        let vec62 = (e.into_bytes()).into_boxed_slice();
                                        let ptr62 = vec62.as_ptr().cast::<u8>();
                                        let len62 = vec62.len();
                                        ::core::mem::forget(vec62);
                                        *ptr43
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len62;
                                        *ptr43
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr62.cast_mut();
                                    }
                                    V64::Unavailable(e) => {
                                        *ptr43.add(8).cast::<u8>() = (3i32) as u8;
                                        let vec63 = (e.into_bytes()).into_boxed_slice();
                                        let ptr63 = vec63.as_ptr().cast::<u8>();
                                        let len63 = vec63.len();
                                        ::core::mem::forget(vec63);
                                        *ptr43
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len63;
                                        *ptr43
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr63.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr43
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_bind<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0.add(8).cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base3 = l1;
                                let len3 = l2;
                                _rt::cabi_dealloc(base3, len3 * 4, 4);
                                let l4 = *arg0
                                    .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *arg0
                                    .add(8 + 3 * ::core::mem::size_of::<*const u8>())
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
                                let l13 = *arg0
                                    .add(8 + 5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l14 = *arg0
                                    .add(8 + 6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base21 = l13;
                                let len21 = l14;
                                for i in 0..len21 {
                                    let base = base21
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l15 = *base.add(0).cast::<*mut u8>();
                                        let l16 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l15, l16, 1);
                                        let l17 = i32::from(
                                            *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<u8>(),
                                        );
                                        match l17 {
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
                                                let l18 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                match l18 {
                                                    0 => {}
                                                    _ => {
                                                        let l19 = *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>();
                                                        let l20 = *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>();
                                                        _rt::cabi_dealloc(l19, l20, 1);
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
                                    base21,
                                    len21 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l22 = i32::from(*arg0.add(8).cast::<u8>());
                                match l22 {
                                    0 => {
                                        let l23 = *arg0
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l24 = *arg0
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l23, l24, 1);
                                    }
                                    1 => {
                                        let l25 = *arg0
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l26 = *arg0
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l25, l26, 1);
                                    }
                                    2 => {
                                        let l27 = *arg0
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l28 = *arg0
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l27, l28, 1);
                                    }
                                    _ => {
                                        let l29 = *arg0
                                            .add(8 + 1 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l30 = *arg0
                                            .add(8 + 2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l29, l30, 1);
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
                    arg14: *mut u8,
                    arg15: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result44 = {
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
                                    use super::super::super::super::__with_name2::DataType as V20;
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
                                                super::super::super::super::__with_name2::DecimalType {
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
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::TimestampType {
                                                    unit: super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
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
                                                super::super::super::super::__with_name2::IntervalUnit::_lift(
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
                                    super::super::super::super::__with_name2::Field {
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
                            let base43 = arg14;
                            let len43 = arg15;
                            let mut result43 = _rt::Vec::with_capacity(len43);
                            for i in 0..len43 {
                                let base = base43
                                    .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                let e43 = {
                                    let l24 = *base.add(0).cast::<*mut u8>();
                                    let l25 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len26 = l25;
                                    let bytes26 = _rt::Vec::from_raw_parts(
                                        l24.cast(),
                                        len26,
                                        len26,
                                    );
                                    let l27 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    use super::super::super::super::__with_name2::DataType as V40;
                                    let v40 = match l27 {
                                        0 => V40::Boolean,
                                        1 => V40::Int8,
                                        2 => V40::Int16,
                                        3 => V40::Int32,
                                        4 => V40::Int64,
                                        5 => V40::Uint8,
                                        6 => V40::Uint16,
                                        7 => V40::Uint32,
                                        8 => V40::Uint64,
                                        9 => V40::Float32,
                                        10 => V40::Float64,
                                        11 => {
                                            let e40 = {
                                                let l28 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l29 = i32::from(
                                                    *base
                                                        .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i8>(),
                                                );
                                                super::super::super::super::__with_name2::DecimalType {
                                                    precision: l28 as u8,
                                                    scale: l29 as i8,
                                                }
                                            };
                                            V40::Decimal128(e40)
                                        }
                                        12 => V40::Utf8,
                                        13 => V40::Binary,
                                        14 => {
                                            let e40 = {
                                                let l30 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l30 as u32
                                            };
                                            V40::FixedSizeBinary(e40)
                                        }
                                        15 => V40::Date32,
                                        16 => V40::Date64,
                                        17 => {
                                            let e40 = {
                                                let l31 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l31 as u8,
                                                )
                                            };
                                            V40::Time(e40)
                                        }
                                        18 => {
                                            let e40 = {
                                                let l32 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l33 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimestampType {
                                                    unit: super::super::super::super::__with_name2::TimeUnit::_lift(
                                                        l32 as u8,
                                                    ),
                                                    zone: match l33 {
                                                        0 => None,
                                                        1 => {
                                                            let e = {
                                                                let l34 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l35 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                let len36 = l35;
                                                                let bytes36 = _rt::Vec::from_raw_parts(
                                                                    l34.cast(),
                                                                    len36,
                                                                    len36,
                                                                );
                                                                _rt::string_lift(bytes36)
                                                            };
                                                            Some(e)
                                                        }
                                                        _ => _rt::invalid_enum_discriminant(),
                                                    },
                                                }
                                            };
                                            V40::Timestamp(e40)
                                        }
                                        19 => {
                                            let e40 = {
                                                let l37 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l37 as u8,
                                                )
                                            };
                                            V40::Duration(e40)
                                        }
                                        20 => {
                                            let e40 = {
                                                let l38 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::IntervalUnit::_lift(
                                                    l38 as u8,
                                                )
                                            };
                                            V40::Interval(e40)
                                        }
                                        21 => V40::List,
                                        22 => {
                                            let e40 = {
                                                let l39 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l39 as u32
                                            };
                                            V40::FixedSizeList(e40)
                                        }
                                        23 => V40::Struct,
                                        n => {
                                            debug_assert_eq!(n, 24, "invalid enum discriminant");
                                            V40::Map
                                        }
                                    };
                                    let l41 = i32::from(
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l42 = *base
                                        .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    super::super::super::super::__with_name2::Field {
                                        name: _rt::string_lift(bytes26),
                                        data_type: v40,
                                        nullable: _rt::bool_lift(l41 as u8),
                                        children: l42 as u32,
                                    }
                                };
                                result43.push(e43);
                            }
                            _rt::cabi_dealloc(
                                base43,
                                len43 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::open(
                                super::super::super::super::__with_name2::Context {
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
                                result43,
                            )
                        };
                        let ptr45 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result44 {
                            Ok(_) => {
                                *ptr45.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr45.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V50;
                                match e {
                                    V50::InvalidConfig(e) => {
                                        *ptr45
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec46 = (e.into_bytes()).into_boxed_slice();
                                        let ptr46 = vec46.as_ptr().cast::<u8>();
                                        let len46 = vec46.len();
                                        ::core::mem::forget(vec46);
                                        *ptr45
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len46;
                                        *ptr45
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr46.cast_mut();
                                    }
                                    V50::InvalidInput(e) => {
                                        *ptr45
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec47 = (e.into_bytes()).into_boxed_slice();
                                        let ptr47 = vec47.as_ptr().cast::<u8>();
                                        let len47 = vec47.len();
                                        ::core::mem::forget(vec47);
                                        *ptr45
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len47;
                                        *ptr45
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr47.cast_mut();
                                    }
                                    V50::Failed(e) => {
                                        *ptr45
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec48 = (e.into_bytes()).into_boxed_slice();
                                        let ptr48 = vec48.as_ptr().cast::<u8>();
                                        let len48 = vec48.len();
                                        ::core::mem::forget(vec48);
                                        *ptr45
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len48;
                                        *ptr45
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr48.cast_mut();
                                    }
                                    V50::Unavailable(e) => {
                                        *ptr45
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec49 = (e.into_bytes()).into_boxed_slice();
                                        let ptr49 = vec49.as_ptr().cast::<u8>();
                                        let len49 = vec49.len();
                                        ::core::mem::forget(vec49);
                                        *ptr45
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len49;
                                        *ptr45
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr49.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr45
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
                pub unsafe fn _export_update_cabi<T_: Guest>(arg0: *mut u8) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result39 = {
                            let l0 = *arg0.add(0).cast::<i32>();
                            let l1 = *arg0
                                .add(::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l2 = *arg0
                                .add(2 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len3 = l2;
                            let l4 = *arg0
                                .add(3 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l5 = *arg0
                                .add(4 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let base9 = l4;
                            let len9 = l5;
                            let mut result9 = _rt::Vec::with_capacity(len9);
                            for i in 0..len9 {
                                let base = base9
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e9 = {
                                    let l6 = *base.add(0).cast::<*mut u8>();
                                    let l7 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len8 = l7;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l6.cast(), len8, len8))
                                };
                                result9.push(e9);
                            }
                            _rt::cabi_dealloc(
                                base9,
                                len9 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            let l10 = *arg0
                                .add(5 * ::core::mem::size_of::<*const u8>())
                                .cast::<i32>();
                            let l11 = *arg0
                                .add(6 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l12 = *arg0
                                .add(7 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len13 = l12;
                            let l14 = *arg0
                                .add(8 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l15 = *arg0
                                .add(9 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let base19 = l14;
                            let len19 = l15;
                            let mut result19 = _rt::Vec::with_capacity(len19);
                            for i in 0..len19 {
                                let base = base19
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e19 = {
                                    let l16 = *base.add(0).cast::<*mut u8>();
                                    let l17 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len18 = l17;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l16.cast(), len18, len18))
                                };
                                result19.push(e19);
                            }
                            _rt::cabi_dealloc(
                                base19,
                                len19 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            let l20 = *arg0
                                .add(10 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l21 = *arg0
                                .add(11 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len22 = l21;
                            let l23 = *arg0
                                .add(12 * ::core::mem::size_of::<*const u8>())
                                .cast::<i32>();
                            let l24 = *arg0
                                .add(13 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l25 = *arg0
                                .add(14 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len26 = l25;
                            let l27 = *arg0
                                .add(15 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l28 = *arg0
                                .add(16 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let base32 = l27;
                            let len32 = l28;
                            let mut result32 = _rt::Vec::with_capacity(len32);
                            for i in 0..len32 {
                                let base = base32
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e32 = {
                                    let l29 = *base.add(0).cast::<*mut u8>();
                                    let l30 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len31 = l30;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l29.cast(), len31, len31))
                                };
                                result32.push(e32);
                            }
                            _rt::cabi_dealloc(
                                base32,
                                len32 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            let l33 = *arg0
                                .add(17 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l34 = *arg0
                                .add(18 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len35 = l34;
                            let l36 = *arg0
                                .add(19 * ::core::mem::size_of::<*const u8>())
                                .cast::<*mut u8>();
                            let l37 = *arg0
                                .add(20 * ::core::mem::size_of::<*const u8>())
                                .cast::<usize>();
                            let len38 = l37;
                            T_::update(Work {
                                keys: super::super::super::super::__with_name2::Batch {
                                    rows: l0 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l1.cast(), len3, len3)),
                                    buffers: result9,
                                },
                                values: super::super::super::super::__with_name2::Batch {
                                    rows: l10 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(
                                        _rt::Vec::from_raw_parts(l11.cast(), len13, len13),
                                    ),
                                    buffers: result19,
                                },
                                value_ends: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(
                                    _rt::Vec::from_raw_parts(l20.cast(), len22, len22),
                                ),
                                old: super::super::super::super::__with_name2::Batch {
                                    rows: l23 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(
                                        _rt::Vec::from_raw_parts(l24.cast(), len26, len26),
                                    ),
                                    buffers: result32,
                                },
                                old_keys: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(
                                    _rt::Vec::from_raw_parts(l33.cast(), len35, len35),
                                ),
                                timed_out: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(l36.cast(), len38, len38)),
                            })
                        };
                        _rt::cabi_dealloc(
                            arg0,
                            21 * ::core::mem::size_of::<*const u8>(),
                            ::core::mem::size_of::<*const u8>(),
                        );
                        let ptr40 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result39 {
                            Ok(e) => {
                                *ptr40.add(0).cast::<u8>() = (0i32) as u8;
                                let Outcome {
                                    state: state41,
                                    state_keys: state_keys41,
                                    removed: removed41,
                                    emitted: emitted41,
                                } = e;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows42,
                                    nodes: nodes42,
                                    buffers: buffers42,
                                } = state41;
                                *ptr40
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows42);
                                let vec43 = <_ as Into<_rt::Vec<_>>>::into(nodes42)
                                    .into_boxed_slice();
                                let ptr43 = vec43.as_ptr().cast::<u8>();
                                let len43 = vec43.len();
                                ::core::mem::forget(vec43);
                                *ptr40
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len43;
                                *ptr40
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr43.cast_mut();
                                let vec45 = buffers42;
                                let len45 = vec45.len();
                                let layout45 = _rt::alloc::Layout::from_size_align(
                                        vec45.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result45, _cleanup45) = crate::guest::Cleanup::new(
                                    layout45,
                                );
                                if let Some(cleanup) = _cleanup45 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec45.into_iter().enumerate() {
                                    let base = result45
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let vec44 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr44 = vec44.as_ptr().cast::<u8>();
                                        let len44 = vec44.len();
                                        ::core::mem::forget(vec44);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len44;
                                        *base.add(0).cast::<*mut u8>() = ptr44.cast_mut();
                                    }
                                }
                                *ptr40
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len45;
                                *ptr40
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result45;
                                let vec46 = <_ as Into<_rt::Vec<_>>>::into(state_keys41)
                                    .into_boxed_slice();
                                let ptr46 = vec46.as_ptr().cast::<u8>();
                                let len46 = vec46.len();
                                ::core::mem::forget(vec46);
                                *ptr40
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len46;
                                *ptr40
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr46.cast_mut();
                                let vec47 = <_ as Into<_rt::Vec<_>>>::into(removed41)
                                    .into_boxed_slice();
                                let ptr47 = vec47.as_ptr().cast::<u8>();
                                let len47 = vec47.len();
                                ::core::mem::forget(vec47);
                                *ptr40
                                    .add(9 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len47;
                                *ptr40
                                    .add(8 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr47.cast_mut();
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows48,
                                    nodes: nodes48,
                                    buffers: buffers48,
                                } = emitted41;
                                *ptr40
                                    .add(10 * ::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows48);
                                let vec49 = <_ as Into<_rt::Vec<_>>>::into(nodes48)
                                    .into_boxed_slice();
                                let ptr49 = vec49.as_ptr().cast::<u8>();
                                let len49 = vec49.len();
                                ::core::mem::forget(vec49);
                                *ptr40
                                    .add(12 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len49;
                                *ptr40
                                    .add(11 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr49.cast_mut();
                                let vec51 = buffers48;
                                let len51 = vec51.len();
                                let layout51 = _rt::alloc::Layout::from_size_align(
                                        vec51.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result51, _cleanup51) = crate::guest::Cleanup::new(
                                    layout51,
                                );
                                if let Some(cleanup) = _cleanup51 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec51.into_iter().enumerate() {
                                    let base = result51
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let vec50 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr50 = vec50.as_ptr().cast::<u8>();
                                        let len50 = vec50.len();
                                        ::core::mem::forget(vec50);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len50;
                                        *base.add(0).cast::<*mut u8>() = ptr50.cast_mut();
                                    }
                                }
                                *ptr40
                                    .add(14 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len51;
                                *ptr40
                                    .add(13 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result51;
                            }
                            Err(e) => {
                                *ptr40.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V56;
                                match e {
                                    V56::InvalidConfig(e) => {
                                        *ptr40
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec52 = (e.into_bytes()).into_boxed_slice();
                                        let ptr52 = vec52.as_ptr().cast::<u8>();
                                        let len52 = vec52.len();
                                        ::core::mem::forget(vec52);
                                        *ptr40
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len52;
                                        *ptr40
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr52.cast_mut();
                                    }
                                    V56::InvalidInput(e) => {
                                        *ptr40
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec53 = (e.into_bytes()).into_boxed_slice();
                                        let ptr53 = vec53.as_ptr().cast::<u8>();
                                        let len53 = vec53.len();
                                        ::core::mem::forget(vec53);
                                        *ptr40
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len53;
                                        *ptr40
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr53.cast_mut();
                                    }
                                    V56::Failed(e) => {
                                        *ptr40
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec54 = (e.into_bytes()).into_boxed_slice();
                                        let ptr54 = vec54.as_ptr().cast::<u8>();
                                        let len54 = vec54.len();
                                        ::core::mem::forget(vec54);
                                        *ptr40
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len54;
                                        *ptr40
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr54.cast_mut();
                                    }
                                    V56::Unavailable(e) => {
                                        *ptr40
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec55 = (e.into_bytes()).into_boxed_slice();
                                        let ptr55 = vec55.as_ptr().cast::<u8>();
                                        let len55 = vec55.len();
                                        ::core::mem::forget(vec55);
                                        *ptr40
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len55;
                                        *ptr40
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr55.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr40
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_update<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base3 = l1;
                                let len3 = l2;
                                _rt::cabi_dealloc(base3, len3 * 8, 4);
                                let l4 = *arg0
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *arg0
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base9 = l4;
                                let len9 = l5;
                                for i in 0..len9 {
                                    let base = base9
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l6 = *base.add(0).cast::<*mut u8>();
                                        let l7 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base8 = l6;
                                        let len8 = l7;
                                        _rt::cabi_dealloc(base8, len8 * 1, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base9,
                                    len9 * (2 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                                let l10 = *arg0
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l11 = *arg0
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base12 = l10;
                                let len12 = l11;
                                _rt::cabi_dealloc(base12, len12 * 4, 4);
                                let l13 = *arg0
                                    .add(8 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l14 = *arg0
                                    .add(9 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base15 = l13;
                                let len15 = l14;
                                _rt::cabi_dealloc(base15, len15 * 4, 4);
                                let l16 = *arg0
                                    .add(11 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l17 = *arg0
                                    .add(12 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base18 = l16;
                                let len18 = l17;
                                _rt::cabi_dealloc(base18, len18 * 8, 4);
                                let l19 = *arg0
                                    .add(13 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l20 = *arg0
                                    .add(14 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base24 = l19;
                                let len24 = l20;
                                for i in 0..len24 {
                                    let base = base24
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l21 = *base.add(0).cast::<*mut u8>();
                                        let l22 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base23 = l21;
                                        let len23 = l22;
                                        _rt::cabi_dealloc(base23, len23 * 1, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base24,
                                    len24 * (2 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l25 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l25 {
                                    0 => {
                                        let l26 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l27 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l26, l27, 1);
                                    }
                                    1 => {
                                        let l28 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l29 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l28, l29, 1);
                                    }
                                    2 => {
                                        let l30 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l31 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l30, l31, 1);
                                    }
                                    _ => {
                                        let l32 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l33 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l32, l33, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_migrate_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: i32,
                    arg4: *mut u8,
                    arg5: usize,
                    arg6: *mut u8,
                    arg7: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result25 = {
                            let base19 = arg1;
                            let len19 = arg2;
                            let mut result19 = _rt::Vec::with_capacity(len19);
                            for i in 0..len19 {
                                let base = base19
                                    .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                let e19 = {
                                    let l0 = *base.add(0).cast::<*mut u8>();
                                    let l1 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len2 = l1;
                                    let bytes2 = _rt::Vec::from_raw_parts(
                                        l0.cast(),
                                        len2,
                                        len2,
                                    );
                                    let l3 = i32::from(
                                        *base
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    use super::super::super::super::__with_name2::DataType as V16;
                                    let v16 = match l3 {
                                        0 => V16::Boolean,
                                        1 => V16::Int8,
                                        2 => V16::Int16,
                                        3 => V16::Int32,
                                        4 => V16::Int64,
                                        5 => V16::Uint8,
                                        6 => V16::Uint16,
                                        7 => V16::Uint32,
                                        8 => V16::Uint64,
                                        9 => V16::Float32,
                                        10 => V16::Float64,
                                        11 => {
                                            let e16 = {
                                                let l4 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l5 = i32::from(
                                                    *base
                                                        .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i8>(),
                                                );
                                                super::super::super::super::__with_name2::DecimalType {
                                                    precision: l4 as u8,
                                                    scale: l5 as i8,
                                                }
                                            };
                                            V16::Decimal128(e16)
                                        }
                                        12 => V16::Utf8,
                                        13 => V16::Binary,
                                        14 => {
                                            let e16 = {
                                                let l6 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l6 as u32
                                            };
                                            V16::FixedSizeBinary(e16)
                                        }
                                        15 => V16::Date32,
                                        16 => V16::Date64,
                                        17 => {
                                            let e16 = {
                                                let l7 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l7 as u8,
                                                )
                                            };
                                            V16::Time(e16)
                                        }
                                        18 => {
                                            let e16 = {
                                                let l8 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                let l9 = i32::from(
                                                    *base
                                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimestampType {
                                                    unit: super::super::super::super::__with_name2::TimeUnit::_lift(
                                                        l8 as u8,
                                                    ),
                                                    zone: match l9 {
                                                        0 => None,
                                                        1 => {
                                                            let e = {
                                                                let l10 = *base
                                                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<*mut u8>();
                                                                let l11 = *base
                                                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                                                    .cast::<usize>();
                                                                let len12 = l11;
                                                                let bytes12 = _rt::Vec::from_raw_parts(
                                                                    l10.cast(),
                                                                    len12,
                                                                    len12,
                                                                );
                                                                _rt::string_lift(bytes12)
                                                            };
                                                            Some(e)
                                                        }
                                                        _ => _rt::invalid_enum_discriminant(),
                                                    },
                                                }
                                            };
                                            V16::Timestamp(e16)
                                        }
                                        19 => {
                                            let e16 = {
                                                let l13 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::TimeUnit::_lift(
                                                    l13 as u8,
                                                )
                                            };
                                            V16::Duration(e16)
                                        }
                                        20 => {
                                            let e16 = {
                                                let l14 = i32::from(
                                                    *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<u8>(),
                                                );
                                                super::super::super::super::__with_name2::IntervalUnit::_lift(
                                                    l14 as u8,
                                                )
                                            };
                                            V16::Interval(e16)
                                        }
                                        21 => V16::List,
                                        22 => {
                                            let e16 = {
                                                let l15 = *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>();
                                                l15 as u32
                                            };
                                            V16::FixedSizeList(e16)
                                        }
                                        23 => V16::Struct,
                                        n => {
                                            debug_assert_eq!(n, 24, "invalid enum discriminant");
                                            V16::Map
                                        }
                                    };
                                    let l17 = i32::from(
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>(),
                                    );
                                    let l18 = *base
                                        .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                        .cast::<i32>();
                                    super::super::super::super::__with_name2::Field {
                                        name: _rt::string_lift(bytes2),
                                        data_type: v16,
                                        nullable: _rt::bool_lift(l17 as u8),
                                        children: l18 as u32,
                                    }
                                };
                                result19.push(e19);
                            }
                            _rt::cabi_dealloc(
                                base19,
                                len19 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            let len20 = arg5;
                            let base24 = arg6;
                            let len24 = arg7;
                            let mut result24 = _rt::Vec::with_capacity(len24);
                            for i in 0..len24 {
                                let base = base24
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e24 = {
                                    let l21 = *base.add(0).cast::<*mut u8>();
                                    let l22 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len23 = l22;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l21.cast(), len23, len23))
                                };
                                result24.push(e24);
                            }
                            _rt::cabi_dealloc(
                                base24,
                                len24 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::migrate(
                                arg0 as u32,
                                result19,
                                super::super::super::super::__with_name2::Batch {
                                    rows: arg3 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(
                                        _rt::Vec::from_raw_parts(arg4.cast(), len20, len20),
                                    ),
                                    buffers: result24,
                                },
                            )
                        };
                        let ptr26 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result25 {
                            Ok(e) => {
                                *ptr26.add(0).cast::<u8>() = (0i32) as u8;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows27,
                                    nodes: nodes27,
                                    buffers: buffers27,
                                } = e;
                                *ptr26
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows27);
                                let vec28 = <_ as Into<_rt::Vec<_>>>::into(nodes27)
                                    .into_boxed_slice();
                                let ptr28 = vec28.as_ptr().cast::<u8>();
                                let len28 = vec28.len();
                                ::core::mem::forget(vec28);
                                *ptr26
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len28;
                                *ptr26
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr28.cast_mut();
                                let vec30 = buffers27;
                                let len30 = vec30.len();
                                let layout30 = _rt::alloc::Layout::from_size_align(
                                        vec30.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result30, _cleanup30) = crate::guest::Cleanup::new(
                                    layout30,
                                );
                                if let Some(cleanup) = _cleanup30 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec30.into_iter().enumerate() {
                                    let base = result30
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let vec29 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr29 = vec29.as_ptr().cast::<u8>();
                                        let len29 = vec29.len();
                                        ::core::mem::forget(vec29);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len29;
                                        *base.add(0).cast::<*mut u8>() = ptr29.cast_mut();
                                    }
                                }
                                *ptr26
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len30;
                                *ptr26
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result30;
                            }
                            Err(e) => {
                                *ptr26.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V35;
                                match e {
                                    V35::InvalidConfig(e) => {
                                        *ptr26
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec31 = (e.into_bytes()).into_boxed_slice();
                                        let ptr31 = vec31.as_ptr().cast::<u8>();
                                        let len31 = vec31.len();
                                        ::core::mem::forget(vec31);
                                        *ptr26
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len31;
                                        *ptr26
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr31.cast_mut();
                                    }
                                    V35::InvalidInput(e) => {
                                        *ptr26
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec32 = (e.into_bytes()).into_boxed_slice();
                                        let ptr32 = vec32.as_ptr().cast::<u8>();
                                        let len32 = vec32.len();
                                        ::core::mem::forget(vec32);
                                        *ptr26
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len32;
                                        *ptr26
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr32.cast_mut();
                                    }
                                    V35::Failed(e) => {
                                        *ptr26
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec33 = (e.into_bytes()).into_boxed_slice();
                                        let ptr33 = vec33.as_ptr().cast::<u8>();
                                        let len33 = vec33.len();
                                        ::core::mem::forget(vec33);
                                        *ptr26
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len33;
                                        *ptr26
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr33.cast_mut();
                                    }
                                    V35::Unavailable(e) => {
                                        *ptr26
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec34 = (e.into_bytes()).into_boxed_slice();
                                        let ptr34 = vec34.as_ptr().cast::<u8>();
                                        let len34 = vec34.len();
                                        ::core::mem::forget(vec34);
                                        *ptr26
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len34;
                                        *ptr26
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr34.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr26
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_migrate<T_: Guest>(arg0: *mut u8) {
                    unsafe {
                        let l0 = i32::from(*arg0.add(0).cast::<u8>());
                        match l0 {
                            0 => {
                                let l1 = *arg0
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l2 = *arg0
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base3 = l1;
                                let len3 = l2;
                                _rt::cabi_dealloc(base3, len3 * 8, 4);
                                let l4 = *arg0
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *arg0
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base9 = l4;
                                let len9 = l5;
                                for i in 0..len9 {
                                    let base = base9
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l6 = *base.add(0).cast::<*mut u8>();
                                        let l7 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let base8 = l6;
                                        let len8 = l7;
                                        _rt::cabi_dealloc(base8, len8 * 1, 1);
                                    }
                                }
                                _rt::cabi_dealloc(
                                    base9,
                                    len9 * (2 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                            }
                            _ => {
                                let l10 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l10 {
                                    0 => {
                                        let l11 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l12 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l11, l12, 1);
                                    }
                                    1 => {
                                        let l13 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l14 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l13, l14, 1);
                                    }
                                    2 => {
                                        let l15 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l16 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l15, l16, 1);
                                    }
                                    _ => {
                                        let l17 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l18 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l17, l18, 1);
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
                    /// As `transform.bind`; `keys` are the key's columns, `input` the others that `operator.input` asks for.
                    #[allow(async_fn_in_trait)]
                    fn bind(
                        operator: _rt::String,
                        config: _rt::String,
                        keys: Schema,
                        input: Schema,
                    ) -> ::core::result::Result<Binding, Error>;
                    /// Choose the operator for the calls that follow, until the next `open`; `input` has the columns bound.
                    #[allow(async_fn_in_trait)]
                    fn open(
                        context: Context,
                        operator: _rt::String,
                        config: _rt::String,
                        keys: Schema,
                        input: Schema,
                    ) -> ::core::result::Result<(), Error>;
                    /// Work on keys: at least one, at most 65,536 keys and 65,536 values. A key of update-state-by-key that has more values gets them all in one call; one of
                    /// map-with-state gets them in several, in order, each with the state that the one before left.
                    #[allow(async_fn_in_trait)]
                    fn update(work: Work) -> ::core::result::Result<Outcome, Error>;
                    /// State of another version to this one: as many rows, in the same order. `old-schema` has the columns of `old`. `failed` where that version is not known. The operator is
                    /// the one that is open. State is migrated in parts, each once, before the first `update` that sees it; if the job goes back to what was kept before, it is migrated again.
                    #[allow(async_fn_in_trait)]
                    fn migrate(
                        version: u32,
                        old_schema: Schema,
                        old: Batch,
                    ) -> ::core::result::Result<Batch, Error>;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_sluicebox_operator_state_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "sluicebox:operator/state@0.1.0#describe")] unsafe extern "C" fn
                        export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/state@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/state@0.1.0#bind")]
                        unsafe extern "C" fn export_bind(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : * mut u8, arg5 : usize,
                        arg6 : * mut u8, arg7 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_bind_cabi::<$ty > (arg0, arg1, arg2,
                        arg3, arg4, arg5, arg6, arg7) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/state@0.1.0#bind")] unsafe extern
                        "C" fn _post_return_bind(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_bind::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/state@0.1.0#open")]
                        unsafe extern "C" fn export_open(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : i64, arg5 : i32, arg6 :
                        i32, arg7 : i32, arg8 : * mut u8, arg9 : usize, arg10 : * mut u8,
                        arg11 : usize, arg12 : * mut u8, arg13 : usize, arg14 : * mut u8,
                        arg15 : usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_open_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7, arg8, arg9, arg10, arg11, arg12, arg13, arg14, arg15)
                        } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/state@0.1.0#open")] unsafe extern
                        "C" fn _post_return_open(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_open::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/state@0.1.0#update")]
                        unsafe extern "C" fn export_update(arg0 : * mut u8,) -> * mut u8
                        { unsafe { $($path_to_types)*:: _export_update_cabi::<$ty >
                        (arg0) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/state@0.1.0#update")] unsafe extern
                        "C" fn _post_return_update(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_update::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/state@0.1.0#migrate")] unsafe extern "C" fn
                        export_migrate(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3 :
                        i32, arg4 : * mut u8, arg5 : usize, arg6 : * mut u8, arg7 :
                        usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_migrate_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/state@0.1.0#migrate")] unsafe
                        extern "C" fn _post_return_migrate(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_migrate::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_sluicebox_operator_state_0_1_0_cabi;
                #[repr(align(8))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 15 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 15
                        * ::core::mem::size_of::<*const u8>()],
                );
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
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
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! export_state{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_state!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_state_plugin_impl {
    ($ty:ident) => {
        self::export_state!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::sluicebox::operator::state::__export_sluicebox_operator_state_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::sluicebox::operator::state);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:state-plugin:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1790] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xfb\x0c\x01A\x02\x01\
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
error\x02\x03\0\x02\x06schema\x01B$\x02\x03\x02\x01\x03\x04\0\x05batch\x03\0\0\x02\
\x03\x02\x01\x04\x04\0\x07context\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x05error\x03\
\0\x04\x02\x03\x02\x01\x06\x04\0\x06schema\x03\0\x06\x01m\x02\x13update-state-by\
-key\x0emap-with-state\x04\0\x04kind\x03\0\x08\x01k\x07\x01r\x05\x04names\x04kin\
d\x09\x03docs\x04keys\x0a\x05input\x0a\x04\0\x08operator\x03\0\x0b\x01py\x01kw\x01\
r\x05\x07columns\x0d\x05state\x07\x0dstate-versiony\x06output\x07\x0atimeout-ms\x0e\
\x04\0\x07binding\x03\0\x0f\x01r\x06\x04keys\x01\x06values\x01\x0avalue-ends\x0d\
\x03old\x01\x08old-keys\x0d\x09timed-out\x0d\x04\0\x04work\x03\0\x11\x01r\x04\x05\
state\x01\x0astate-keys\x0d\x07removed\x0d\x07emitted\x01\x04\0\x07outcome\x03\0\
\x13\x01p\x0c\x01@\0\0\x15\x04\0\x08describe\x01\x16\x01j\x01\x10\x01\x05\x01@\x04\
\x08operators\x06configs\x04keys\x07\x05input\x07\0\x17\x04\0\x04bind\x01\x18\x01\
j\0\x01\x05\x01@\x05\x07context\x03\x08operators\x06configs\x04keys\x07\x05input\
\x07\0\x19\x04\0\x04open\x01\x1a\x01j\x01\x14\x01\x05\x01@\x01\x04work\x12\0\x1b\
\x04\0\x06update\x01\x1c\x01j\x01\x01\x01\x05\x01@\x03\x07versiony\x0aold-schema\
\x07\x03old\x01\0\x1d\x04\0\x07migrate\x01\x1e\x04\0\x1esluicebox:operator/state\
@0.1.0\x05\x07\x04\0%sluicebox:operator/state-plugin@0.1.0\x04\0\x0b\x12\x01\0\x0c\
state-plugin\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x07\
0.258.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_state_plugin_impl as export_state;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:state-plugin-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1209] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x96\x08\x01A\x02\x01\
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
ata@0.1.0\x05\x02\x04\0Esluicebox:operator/state-plugin-with-all-of-its-exports-\
removed@0.1.0\x04\0\x0b2\x01\0,state-plugin-with-all-of-its-exports-removed\x03\0\
\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10wit-bi\
ndgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
