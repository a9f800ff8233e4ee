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
            /// Outputs. Rows of a partition are written and prepared first; when the batch's result is recorded, what its partitions prepared is committed.
            ///
            /// `open`, `write` for each chunk, `prepare` happen in one instance, a fresh one for each partition. `commit` and `abort` come in other instances, perhaps in
            /// another process. Batches are committed in their order: none before the one before it is.
            ///
            /// A batch is committed only once the host has its result on record, with all that its partitions prepared, and from then on it is never run again. A host that crashes between
            /// that and the end of `commit` asks again when it is back, in another instance, however much later, and with the same committables: so a commit that did its work and wasn't
            /// heard of comes a second time, and is to change nothing. That is all it takes for each row to be seen once.
            ///
            /// A batch whose result isn't on record yet may be run again. What an earlier attempt prepared is then aborted, or was never heard of: a partition whose `write` or `prepare`
            /// failed has no committable to abort, and a host that crashed aborts nothing. So what lies about of an attempt must do no harm to the next; their `context.attempt`
            /// tells them apart.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod sink {
                #[used]
                #[doc(hidden)]
                static __FORCE_SECTION_REF: fn() = super::super::super::super::__link_custom_section_describing_imports;
                use super::super::super::super::_rt;
                pub type Batch = super::super::super::super::__with_name2::Batch;
                pub type Context = super::super::super::super::__with_name2::Context;
                pub type Error = super::super::super::super::__with_name2::Error;
                pub type Schema = super::super::super::super::__with_name2::Schema;
                #[derive(Clone, Eq, PartialEq)]
                pub struct Operator {
                    /// As `transform.operator.name`.
                    pub name: _rt::String,
                    /// What it does, in a sentence.
                    pub doc: _rt::String,
                    /// As `transform.operator.input`.
                    pub input: ::core::option::Option<Schema>,
                }
                impl ::core::fmt::Debug for Operator {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Operator")
                            .field("name", &self.name)
                            .field("doc", &self.doc)
                            .field("input", &self.input)
                            .finish()
                    }
                }
                /// What `commit` needs to make a partition's rows seen, or `abort` to remove them: at most 64 KiB. It is kept with the batch's result, so rows
                /// themselves belong elsewhere. It may be given to a later component of the plugin, which should know its form.
                pub type Committable = _rt::Vec<u8>;
                /// A batch of an output.
                #[derive(Clone, Eq, PartialEq)]
                pub struct Target {
                    /// The job's name.
                    pub job: _rt::String,
                    /// The output's name.
                    pub output: _rt::String,
                    /// As `context.batch-time-ms`. Later batches have later times.
                    pub batch_time_ms: i64,
                }
                impl ::core::fmt::Debug for Target {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Target")
                            .field("job", &self.job)
                            .field("output", &self.output)
                            .field("batch-time-ms", &self.batch_time_ms)
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
                                vec12.len() * (7 * ::core::mem::size_of::<*const u8>()),
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
                                .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                            {
                                let Operator { name: name2, doc: doc2, input: input2 } = e;
                                let vec3 = (name2.into_bytes()).into_boxed_slice();
                                let ptr3 = vec3.as_ptr().cast::<u8>();
                                let len3 = vec3.len();
                                ::core::mem::forget(vec3);
                                *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len3;
                                *base.add(0).cast::<*mut u8>() = ptr3.cast_mut();
                                let vec4 = (doc2.into_bytes()).into_boxed_slice();
                                let ptr4 = vec4.as_ptr().cast::<u8>();
                                let len4 = vec4.len();
                                ::core::mem::forget(vec4);
                                *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len4;
                                *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr4.cast_mut();
                                match input2 {
                                    Some(e) => {
                                        *base
                                            .add(4 * ::core::mem::size_of::<*const u8>())
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
                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = result11;
                                    }
                                    None => {
                                        *base
                                            .add(4 * ::core::mem::size_of::<*const u8>())
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
                                .add(i * (7 * ::core::mem::size_of::<*const u8>()));
                            {
                                let l2 = *base.add(0).cast::<*mut u8>();
                                let l3 = *base
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l2, l3, 1);
                                let l4 = *base
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *base
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                _rt::cabi_dealloc(l4, l5, 1);
                                let l6 = i32::from(
                                    *base
                                        .add(4 * ::core::mem::size_of::<*const u8>())
                                        .cast::<u8>(),
                                );
                                match l6 {
                                    0 => {}
                                    _ => {
                                        let l7 = *base
                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l8 = *base
                                            .add(6 * ::core::mem::size_of::<*const u8>())
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
                            len16 * (7 * ::core::mem::size_of::<*const u8>()),
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
                                let vec24 = <_ as Into<_rt::Vec<_>>>::into(e)
                                    .into_boxed_slice();
                                let ptr24 = vec24.as_ptr().cast::<u8>();
                                let len24 = vec24.len();
                                ::core::mem::forget(vec24);
                                *ptr23
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len24;
                                *ptr23
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr24.cast_mut();
                            }
                            Err(e) => {
                                *ptr23.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V29;
                                match e {
                                    V29::InvalidConfig(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec25 = (e.into_bytes()).into_boxed_slice();
                                        let ptr25 = vec25.as_ptr().cast::<u8>();
                                        let len25 = vec25.len();
                                        ::core::mem::forget(vec25);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len25;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr25.cast_mut();
                                    }
                                    V29::InvalidInput(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec26 = (e.into_bytes()).into_boxed_slice();
                                        let ptr26 = vec26.as_ptr().cast::<u8>();
                                        let len26 = vec26.len();
                                        ::core::mem::forget(vec26);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len26;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr26.cast_mut();
                                    }
                                    V29::Failed(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec27 = (e.into_bytes()).into_boxed_slice();
                                        let ptr27 = vec27.as_ptr().cast::<u8>();
                                        let len27 = vec27.len();
                                        ::core::mem::forget(vec27);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len27;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr27.cast_mut();
                                    }
                                    V29::Unavailable(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec28 = (e.into_bytes()).into_boxed_slice();
                                        let ptr28 = vec28.as_ptr().cast::<u8>();
                                        let len28 = vec28.len();
                                        ::core::mem::forget(vec28);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len28;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr28.cast_mut();
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
                            }
                            _ => {
                                let l4 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l4 {
                                    0 => {
                                        let l5 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l5, l6, 1);
                                    }
                                    1 => {
                                        let l7 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l8 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l7, l8, 1);
                                    }
                                    2 => {
                                        let l9 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l10 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l9, l10, 1);
                                    }
                                    _ => {
                                        let l11 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l12 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l11, l12, 1);
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
                            )
                        };
                        let ptr25 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result24 {
                            Ok(_) => {
                                *ptr25.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr25.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V30;
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
                pub unsafe fn _export_write_cabi<T_: Guest>(
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
                            T_::write(super::super::super::super::__with_name2::Batch {
                                rows: arg0 as u32,
                                nodes: <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(arg1.cast(), len0, len0)),
                                buffers: result4,
                            })
                        };
                        let ptr6 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result5 {
                            Ok(_) => {
                                *ptr6.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr6.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V11;
                                match e {
                                    V11::InvalidConfig(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec7 = (e.into_bytes()).into_boxed_slice();
                                        let ptr7 = vec7.as_ptr().cast::<u8>();
                                        let len7 = vec7.len();
                                        ::core::mem::forget(vec7);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len7;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr7.cast_mut();
                                    }
                                    V11::InvalidInput(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec8 = (e.into_bytes()).into_boxed_slice();
                                        let ptr8 = vec8.as_ptr().cast::<u8>();
                                        let len8 = vec8.len();
                                        ::core::mem::forget(vec8);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len8;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr8.cast_mut();
                                    }
                                    V11::Failed(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec9 = (e.into_bytes()).into_boxed_slice();
                                        let ptr9 = vec9.as_ptr().cast::<u8>();
                                        let len9 = vec9.len();
                                        ::core::mem::forget(vec9);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len9;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr9.cast_mut();
                                    }
                                    V11::Unavailable(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec10 = (e.into_bytes()).into_boxed_slice();
                                        let ptr10 = vec10.as_ptr().cast::<u8>();
                                        let len10 = vec10.len();
                                        ::core::mem::forget(vec10);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len10;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr10.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr6
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_write<T_: Guest>(arg0: *mut u8) {
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
                pub unsafe fn _export_prepare_cabi<T_: Guest>() -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::prepare() };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result0 {
                            Ok(e) => {
                                *ptr1.add(0).cast::<u8>() = (0i32) as u8;
                                let vec2 = <_ as Into<_rt::Vec<_>>>::into(e)
                                    .into_boxed_slice();
                                let ptr2 = vec2.as_ptr().cast::<u8>();
                                let len2 = vec2.len();
                                ::core::mem::forget(vec2);
                                *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len2;
                                *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr2.cast_mut();
                            }
                            Err(e) => {
                                *ptr1.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V7;
                                match e {
                                    V7::InvalidConfig(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec3 = (e.into_bytes()).into_boxed_slice();
                                        let ptr3 = vec3.as_ptr().cast::<u8>();
                                        let len3 = vec3.len();
                                        ::core::mem::forget(vec3);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len3;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr3.cast_mut();
                                    }
                                    V7::InvalidInput(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec4 = (e.into_bytes()).into_boxed_slice();
                                        let ptr4 = vec4.as_ptr().cast::<u8>();
                                        let len4 = vec4.len();
                                        ::core::mem::forget(vec4);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len4;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr4.cast_mut();
                                    }
                                    V7::Failed(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec5 = (e.into_bytes()).into_boxed_slice();
                                        let ptr5 = vec5.as_ptr().cast::<u8>();
                                        let len5 = vec5.len();
                                        ::core::mem::forget(vec5);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len5;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr5.cast_mut();
                                    }
                                    V7::Unavailable(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
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
                                }
                            }
                        };
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_prepare<T_: Guest>(arg0: *mut u8) {
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
                                _rt::cabi_dealloc(base3, len3 * 1, 1);
                            }
                            _ => {
                                let l4 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l4 {
                                    0 => {
                                        let l5 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l6 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l5, l6, 1);
                                    }
                                    1 => {
                                        let l7 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l8 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l7, l8, 1);
                                    }
                                    2 => {
                                        let l9 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l10 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l9, l10, 1);
                                    }
                                    _ => {
                                        let l11 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l12 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l11, l12, 1);
                                    }
                                }
                            }
                        }
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_commit_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                    arg2: *mut u8,
                    arg3: usize,
                    arg4: i64,
                    arg5: *mut u8,
                    arg6: usize,
                    arg7: *mut u8,
                    arg8: usize,
                    arg9: *mut u8,
                    arg10: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result8 = {
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
                            let len2 = arg6;
                            let bytes2 = _rt::Vec::from_raw_parts(
                                arg5.cast(),
                                len2,
                                len2,
                            );
                            let len3 = arg8;
                            let bytes3 = _rt::Vec::from_raw_parts(
                                arg7.cast(),
                                len3,
                                len3,
                            );
                            let base7 = arg9;
                            let len7 = arg10;
                            let mut result7 = _rt::Vec::with_capacity(len7);
                            for i in 0..len7 {
                                let base = base7
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e7 = {
                                    let l4 = *base.add(0).cast::<*mut u8>();
                                    let l5 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len6 = l5;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l4.cast(), len6, len6))
                                };
                                result7.push(e7);
                            }
                            _rt::cabi_dealloc(
                                base7,
                                len7 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::commit(
                                Target {
                                    job: _rt::string_lift(bytes0),
                                    output: _rt::string_lift(bytes1),
                                    batch_time_ms: arg4,
                                },
                                _rt::string_lift(bytes2),
                                _rt::string_lift(bytes3),
                                result7,
                            )
                        };
                        let ptr9 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result8 {
                            Ok(_) => {
                                *ptr9.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr9.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V14;
                                match e {
                                    V14::InvalidConfig(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec10 = (e.into_bytes()).into_boxed_slice();
                                        let ptr10 = vec10.as_ptr().cast::<u8>();
                                        let len10 = vec10.len();
                                        ::core::mem::forget(vec10);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len10;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr10.cast_mut();
                                    }
                                    V14::InvalidInput(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec11 = (e.into_bytes()).into_boxed_slice();
                                        let ptr11 = vec11.as_ptr().cast::<u8>();
                                        let len11 = vec11.len();
                                        ::core::mem::forget(vec11);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr11.cast_mut();
                                    }
                                    V14::Failed(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V14::Unavailable(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr9
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_commit<T_: Guest>(arg0: *mut u8) {
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
                pub unsafe fn _export_abort_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                    arg2: *mut u8,
                    arg3: usize,
                    arg4: i64,
                    arg5: *mut u8,
                    arg6: usize,
                    arg7: *mut u8,
                    arg8: usize,
                    arg9: *mut u8,
                    arg10: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result8 = {
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
                            let len2 = arg6;
                            let bytes2 = _rt::Vec::from_raw_parts(
                                arg5.cast(),
                                len2,
                                len2,
                            );
                            let len3 = arg8;
                            let bytes3 = _rt::Vec::from_raw_parts(
                                arg7.cast(),
                                len3,
                                len3,
                            );
                            let base7 = arg9;
                            let len7 = arg10;
                            let mut result7 = _rt::Vec::with_capacity(len7);
                            for i in 0..len7 {
                                let base = base7
                                    .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                let e7 = {
                                    let l4 = *base.add(0).cast::<*mut u8>();
                                    let l5 = *base
                                        .add(::core::mem::size_of::<*const u8>())
                                        .cast::<usize>();
                                    let len6 = l5;
                                    <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l4.cast(), len6, len6))
                                };
                                result7.push(e7);
                            }
                            _rt::cabi_dealloc(
                                base7,
                                len7 * (2 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            );
                            T_::abort(
                                Target {
                                    job: _rt::string_lift(bytes0),
                                    output: _rt::string_lift(bytes1),
                                    batch_time_ms: arg4,
                                },
                                _rt::string_lift(bytes2),
                                _rt::string_lift(bytes3),
                                result7,
                            )
                        };
                        let ptr9 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result8 {
                            Ok(_) => {
                                *ptr9.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr9.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V14;
                                match e {
                                    V14::InvalidConfig(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec10 = (e.into_bytes()).into_boxed_slice();
                                        let ptr10 = vec10.as_ptr().cast::<u8>();
                                        let len10 = vec10.len();
                                        ::core::mem::forget(vec10);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len10;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr10.cast_mut();
                                    }
                                    V14::InvalidInput(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec11 = (e.into_bytes()).into_boxed_slice();
                                        let ptr11 = vec11.as_ptr().cast::<u8>();
                                        let len11 = vec11.len();
                                        ::core::mem::forget(vec11);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr11.cast_mut();
                                    }
                                    V14::Failed(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V14::Unavailable(e) => {
                                        *ptr9
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr9
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr9
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr9
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_abort<T_: Guest>(arg0: *mut u8) {
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
                pub trait Guest {
                    /// The operators offered. Always the same for the same component.
                    #[allow(async_fn_in_trait)]
                    fn describe() -> _rt::Vec<Operator>;
                    /// Which columns it writes, as `transform.binding.columns`. Errors as `transform.bind`.
                    #[allow(async_fn_in_trait)]
                    fn bind(
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<_rt::Vec<u32>, Error>;
                    /// Begin a partition of a batch; `input` has the columns bound, in the order that `bind` gave them. `context.stream` is the output's name.
                    #[allow(async_fn_in_trait)]
                    fn open(
                        context: Context,
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<(), Error>;
                    /// Take a chunk: at least one row, at most 65,536, in the order of the partition. Nothing of it may be seen by the output's readers yet.
                    #[allow(async_fn_in_trait)]
                    fn write(input: Batch) -> ::core::result::Result<(), Error>;
                    /// All chunks were written; of a partition without rows, none. What was written must be safe now: it is `commit` that shows it, in another instance, and it can't be written again.
                    #[allow(async_fn_in_trait)]
                    fn prepare() -> ::core::result::Result<Committable, Error>;
                    /// Make what the partitions of a batch prepared seen by the output's readers, as one: `committables` has them all, in the order of the
                    /// partitions. Called again for the same batch with the same committables, also after a crash and by two instances at a time, it changes nothing. After `unavailable` it is
                    /// asked again some times; then, as after any other error, the job fails, and one that keeps its log asks again when it starts again.
                    #[allow(async_fn_in_trait)]
                    fn commit(
                        target: Target,
                        operator: _rt::String,
                        config: _rt::String,
                        committables: _rt::Vec<Committable>,
                    ) -> ::core::result::Result<(), Error>;
                    /// Remove what some partitions of an attempt at a batch prepared, or do nothing where there is nothing. The attempt is never committed.
                    #[allow(async_fn_in_trait)]
                    fn abort(
                        target: Target,
                        operator: _rt::String,
                        config: _rt::String,
                        committables: _rt::Vec<Committable>,
                    ) -> ::core::result::Result<(), Error>;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_sluicebox_operator_sink_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "sluicebox:operator/sink@0.1.0#describe")] unsafe extern "C" fn
                        export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#bind")]
                        unsafe extern "C" fn export_bind(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : * mut u8, arg5 : usize,) ->
                        * mut u8 { unsafe { $($path_to_types)*:: _export_bind_cabi::<$ty
                        > (arg0, arg1, arg2, arg3, arg4, arg5) } } #[unsafe (export_name
                        = "cabi_post_sluicebox:operator/sink@0.1.0#bind")] unsafe extern
                        "C" fn _post_return_bind(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_bind::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#open")]
                        unsafe extern "C" fn export_open(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : i64, arg5 : i32, arg6 :
                        i32, arg7 : i32, arg8 : * mut u8, arg9 : usize, arg10 : * mut u8,
                        arg11 : usize, arg12 : * mut u8, arg13 : usize,) -> * mut u8 {
                        unsafe { $($path_to_types)*:: _export_open_cabi::<$ty > (arg0,
                        arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10,
                        arg11, arg12, arg13) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#open")] unsafe extern
                        "C" fn _post_return_open(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_open::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#write")]
                        unsafe extern "C" fn export_write(arg0 : i32, arg1 : * mut u8,
                        arg2 : usize, arg3 : * mut u8, arg4 : usize,) -> * mut u8 {
                        unsafe { $($path_to_types)*:: _export_write_cabi::<$ty > (arg0,
                        arg1, arg2, arg3, arg4) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#write")] unsafe extern
                        "C" fn _post_return_write(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_write::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#prepare")]
                        unsafe extern "C" fn export_prepare() -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_prepare_cabi::<$ty > () } } #[unsafe
                        (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#prepare")] unsafe extern
                        "C" fn _post_return_prepare(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_prepare::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#commit")]
                        unsafe extern "C" fn export_commit(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : i64, arg5 : * mut u8, arg6
                        : usize, arg7 : * mut u8, arg8 : usize, arg9 : * mut u8, arg10 :
                        usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_commit_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7, arg8, arg9, arg10) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#commit")] unsafe extern
                        "C" fn _post_return_commit(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_commit::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/sink@0.1.0#abort")]
                        unsafe extern "C" fn export_abort(arg0 : * mut u8, arg1 : usize,
                        arg2 : * mut u8, arg3 : usize, arg4 : i64, arg5 : * mut u8, arg6
                        : usize, arg7 : * mut u8, arg8 : usize, arg9 : * mut u8, arg10 :
                        usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_abort_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7, arg8, arg9, arg10) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/sink@0.1.0#abort")] unsafe extern
                        "C" fn _post_return_abort(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_abort::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_sluicebox_operator_sink_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 4 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 4
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
    extern crate alloc as alloc_crate;
}
/// Generates `#[unsafe(no_mangle)]` functions to export the specified type as
/// the root implementation of all generated traits.
///
/// For more information see the documentation of `wit_bindgen::generate!`.
///
/// ```rust
/// # macro_rules! export_sink{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_sink!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_sink_plugin_impl {
    ($ty:ident) => {
        self::export_sink!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::sluicebox::operator::sink::__export_sluicebox_operator_sink_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::sluicebox::operator::sink);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:sink-plugin:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1627] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xd9\x0b\x01A\x02\x01\
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
error\x02\x03\0\x02\x06schema\x01B\"\x02\x03\x02\x01\x03\x04\0\x05batch\x03\0\0\x02\
\x03\x02\x01\x04\x04\0\x07context\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x05error\x03\
\0\x04\x02\x03\x02\x01\x06\x04\0\x06schema\x03\0\x06\x01k\x07\x01r\x03\x04names\x03\
docs\x05input\x08\x04\0\x08operator\x03\0\x09\x01p}\x04\0\x0bcommittable\x03\0\x0b\
\x01r\x03\x03jobs\x06outputs\x0dbatch-time-msx\x04\0\x06target\x03\0\x0d\x01p\x0a\
\x01@\0\0\x0f\x04\0\x08describe\x01\x10\x01py\x01j\x01\x11\x01\x05\x01@\x03\x08o\
perators\x06configs\x05input\x07\0\x12\x04\0\x04bind\x01\x13\x01j\0\x01\x05\x01@\
\x04\x07context\x03\x08operators\x06configs\x05input\x07\0\x14\x04\0\x04open\x01\
\x15\x01@\x01\x05input\x01\0\x14\x04\0\x05write\x01\x16\x01j\x01\x0c\x01\x05\x01\
@\0\0\x17\x04\0\x07prepare\x01\x18\x01p\x0c\x01@\x04\x06target\x0e\x08operators\x06\
configs\x0ccommittables\x19\0\x14\x04\0\x06commit\x01\x1a\x04\0\x05abort\x01\x1a\
\x04\0\x1dsluicebox:operator/sink@0.1.0\x05\x07\x04\0$sluicebox:operator/sink-pl\
ugin@0.1.0\x04\0\x0b\x11\x01\0\x0bsink-plugin\x03\0\0\0G\x09producers\x01\x0cpro\
cessed-by\x02\x0dwit-component\x070.258.3\x10wit-bindgen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_sink_plugin_impl as export_sink;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:sink-plugin-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1207] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x95\x08\x01A\x02\x01\
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
ata@0.1.0\x05\x02\x04\0Dsluicebox:operator/sink-plugin-with-all-of-its-exports-r\
emoved@0.1.0\x04\0\x0b1\x01\0+sink-plugin-with-all-of-its-exports-removed\x03\0\0\
\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10wit-bind\
gen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
