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
            /// Sources of rows. The host pulls, so a receiver is slowed when the job is; what it may reach is granted in the job file.
            ///
            /// One instance is one receiver: `start`, then `receive` again and again, `ack` in between, `stop` at the end. Calls of an instance come one after the other. After an error
            /// or a trap the host starts a new instance, after a pause that grows, at the position of the last rows it has taken in. A host that begins anew, after a crash too, starts at
            /// the position of the last rows that it has kept, which is the last position acknowledged or a later one.
            ///
            /// Rows are kept once they are in the host's log, or, where it logs none, in a batch that is done. Rows that were received and not kept are received again from a source that is
            /// `replayable`. From any other they are lost with the host, unless the source itself gives what wasn't acknowledged again.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod receiver {
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
                    /// Whether `start` with any position since the last one acknowledged gives the rows after it again, the same ones in the same order. If not, the host logs rows, where the job
                    /// has a place to log them, before it acknowledges them.
                    pub replayable: bool,
                }
                impl ::core::fmt::Debug for Operator {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Operator")
                            .field("name", &self.name)
                            .field("doc", &self.doc)
                            .field("replayable", &self.replayable)
                            .finish()
                    }
                }
                /// A place in the source, in the receiver's own terms: at most 64 KiB. It may be given to a later component of the plugin, which should know its form.
                pub type Position = _rt::Vec<u8>;
                #[derive(Clone, Eq, PartialEq)]
                pub struct Chunk {
                    /// In the schema that `bind` gave.
                    pub rows: Batch,
                    /// Where the source stands after these rows; also where there are none.
                    pub position: Position,
                    /// Whether the source has ended: nothing comes after these rows.
                    pub ended: bool,
                }
                impl ::core::fmt::Debug for Chunk {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Chunk")
                            .field("rows", &self.rows)
                            .field("position", &self.position)
                            .field("ended", &self.ended)
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
                        let vec5 = result0;
                        let len5 = vec5.len();
                        let layout5 = _rt::alloc::Layout::from_size_align(
                                vec5.len() * (5 * ::core::mem::size_of::<*const u8>()),
                                ::core::mem::size_of::<*const u8>(),
                            )
                            .unwrap();
                        let (result5, _cleanup5) = crate::guest::Cleanup::new(layout5);
                        if let Some(cleanup) = _cleanup5 {
                            cleanup.forget();
                        }
                        for (i, e) in vec5.into_iter().enumerate() {
                            let base = result5
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
                            {
                                let Operator {
                                    name: name2,
                                    doc: doc2,
                                    replayable: replayable2,
                                } = e;
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
                                *base
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (match replayable2 {
                                    true => 1,
                                    false => 0,
                                }) as u8;
                            }
                        }
                        *ptr1.add(::core::mem::size_of::<*const u8>()).cast::<usize>() = len5;
                        *ptr1.add(0).cast::<*mut u8>() = result5;
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
                        let base6 = l0;
                        let len6 = l1;
                        for i in 0..len6 {
                            let base = base6
                                .add(i * (5 * ::core::mem::size_of::<*const u8>()));
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
                            }
                        }
                        _rt::cabi_dealloc(
                            base6,
                            len6 * (5 * ::core::mem::size_of::<*const u8>()),
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
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result2 = {
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
                            T_::bind(_rt::string_lift(bytes0), _rt::string_lift(bytes1))
                        };
                        let ptr3 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result2 {
                            Ok(e) => {
                                *ptr3.add(0).cast::<u8>() = (0i32) as u8;
                                let vec10 = e;
                                let len10 = vec10.len();
                                let layout10 = _rt::alloc::Layout::from_size_align(
                                        vec10.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result10, _cleanup10) = crate::guest::Cleanup::new(
                                    layout10,
                                );
                                if let Some(cleanup) = _cleanup10 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec10.into_iter().enumerate() {
                                    let base = result10
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::__with_name2::Field {
                                            name: name4,
                                            data_type: data_type4,
                                            nullable: nullable4,
                                            children: children4,
                                        } = e;
                                        let vec5 = (name4.into_bytes()).into_boxed_slice();
                                        let ptr5 = vec5.as_ptr().cast::<u8>();
                                        let len5 = vec5.len();
                                        ::core::mem::forget(vec5);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len5;
                                        *base.add(0).cast::<*mut u8>() = ptr5.cast_mut();
                                        use super::super::super::super::__with_name2::DataType as V9;
                                        match data_type4 {
                                            V9::Boolean => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (0i32) as u8;
                                            }
                                            V9::Int8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (1i32) as u8;
                                            }
                                            V9::Int16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (2i32) as u8;
                                            }
                                            V9::Int32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (3i32) as u8;
                                            }
                                            V9::Int64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (4i32) as u8;
                                            }
                                            V9::Uint8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (5i32) as u8;
                                            }
                                            V9::Uint16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (6i32) as u8;
                                            }
                                            V9::Uint32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (7i32) as u8;
                                            }
                                            V9::Uint64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (8i32) as u8;
                                            }
                                            V9::Float32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (9i32) as u8;
                                            }
                                            V9::Float64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (10i32) as u8;
                                            }
                                            V9::Decimal128(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (11i32) as u8;
                                                let super::super::super::super::__with_name2::DecimalType {
                                                    precision: precision6,
                                                    scale: scale6,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(precision6)) as u8;
                                                *base
                                                    .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(scale6)) as u8;
                                            }
                                            V9::Utf8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (12i32) as u8;
                                            }
                                            V9::Binary => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (13i32) as u8;
                                            }
                                            V9::FixedSizeBinary(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (14i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V9::Date32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (15i32) as u8;
                                            }
                                            V9::Date64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (16i32) as u8;
                                            }
                                            V9::Time(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (17i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V9::Timestamp(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (18i32) as u8;
                                                let super::super::super::super::__with_name2::TimestampType {
                                                    unit: unit7,
                                                    zone: zone7,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (unit7.clone() as i32) as u8;
                                                match zone7 {
                                                    Some(e) => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                        let vec8 = (e.into_bytes()).into_boxed_slice();
                                                        let ptr8 = vec8.as_ptr().cast::<u8>();
                                                        let len8 = vec8.len();
                                                        ::core::mem::forget(vec8);
                                                        *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>() = len8;
                                                        *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>() = ptr8.cast_mut();
                                                    }
                                                    None => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                };
                                            }
                                            V9::Duration(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (19i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V9::Interval(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (20i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V9::List => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (21i32) as u8;
                                            }
                                            V9::FixedSizeList(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (22i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V9::Struct => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (23i32) as u8;
                                            }
                                            V9::Map => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (24i32) as u8;
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (match nullable4 {
                                            true => 1,
                                            false => 0,
                                        }) as u8;
                                        *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(children4);
                                    }
                                }
                                *ptr3
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len10;
                                *ptr3
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result10;
                            }
                            Err(e) => {
                                *ptr3.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V15;
                                match e {
                                    V15::InvalidConfig(e) => {
                                        *ptr3
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec11 = (e.into_bytes()).into_boxed_slice();
                                        let ptr11 = vec11.as_ptr().cast::<u8>();
                                        let len11 = vec11.len();
                                        ::core::mem::forget(vec11);
                                        *ptr3
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr3
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr11.cast_mut();
                                    }
                                    V15::InvalidInput(e) => {
                                        *ptr3
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr3
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr3
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V15::Failed(e) => {
                                        *ptr3
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr3
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr3
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                    V15::Unavailable(e) => {
                                        *ptr3
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec14 = (e.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *ptr3
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *ptr3
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr3
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
                                let base9 = l1;
                                let len9 = l2;
                                for i in 0..len9 {
                                    let base = base9
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let l3 = *base.add(0).cast::<*mut u8>();
                                        let l4 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l3, l4, 1);
                                        let l5 = i32::from(
                                            *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<u8>(),
                                        );
                                        match l5 {
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
                                                        _rt::cabi_dealloc(l7, l8, 1);
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
                                    base9,
                                    len9 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
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
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_start_cabi<T_: Guest>(
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
                    arg12: i32,
                    arg13: *mut u8,
                    arg14: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result5 = {
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
                            T_::start(
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
                                match arg12 {
                                    0 => None,
                                    1 => {
                                        let e = {
                                            let len4 = arg14;
                                            <_ as From<
                                                _rt::Vec<_>,
                                            >>::from(_rt::Vec::from_raw_parts(arg13.cast(), len4, len4))
                                        };
                                        Some(e)
                                    }
                                    _ => _rt::invalid_enum_discriminant(),
                                },
                            )
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
                pub unsafe fn __post_return_start<T_: Guest>(arg0: *mut u8) {
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
                pub unsafe fn _export_receive_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: i32,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result0 = { T_::receive(arg0 as u32, arg1 as u32) };
                        let ptr1 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result0 {
                            Ok(e) => {
                                *ptr1.add(0).cast::<u8>() = (0i32) as u8;
                                let Chunk {
                                    rows: rows2,
                                    position: position2,
                                    ended: ended2,
                                } = e;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows3,
                                    nodes: nodes3,
                                    buffers: buffers3,
                                } = rows2;
                                *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows3);
                                let vec4 = <_ as Into<_rt::Vec<_>>>::into(nodes3)
                                    .into_boxed_slice();
                                let ptr4 = vec4.as_ptr().cast::<u8>();
                                let len4 = vec4.len();
                                ::core::mem::forget(vec4);
                                *ptr1
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len4;
                                *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr4.cast_mut();
                                let vec6 = buffers3;
                                let len6 = vec6.len();
                                let layout6 = _rt::alloc::Layout::from_size_align(
                                        vec6.len() * (2 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result6, _cleanup6) = crate::guest::Cleanup::new(
                                    layout6,
                                );
                                if let Some(cleanup) = _cleanup6 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec6.into_iter().enumerate() {
                                    let base = result6
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let vec5 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr5 = vec5.as_ptr().cast::<u8>();
                                        let len5 = vec5.len();
                                        ::core::mem::forget(vec5);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len5;
                                        *base.add(0).cast::<*mut u8>() = ptr5.cast_mut();
                                    }
                                }
                                *ptr1
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len6;
                                *ptr1
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result6;
                                let vec7 = <_ as Into<_rt::Vec<_>>>::into(position2)
                                    .into_boxed_slice();
                                let ptr7 = vec7.as_ptr().cast::<u8>();
                                let len7 = vec7.len();
                                ::core::mem::forget(vec7);
                                *ptr1
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len7;
                                *ptr1
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr7.cast_mut();
                                *ptr1
                                    .add(8 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (match ended2 {
                                    true => 1,
                                    false => 0,
                                }) as u8;
                            }
                            Err(e) => {
                                *ptr1.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V12;
                                match e {
                                    V12::InvalidConfig(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
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
                                    V12::InvalidInput(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
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
                                    V12::Failed(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec10 = (e.into_bytes()).into_boxed_slice();
                                        let ptr10 = vec10.as_ptr().cast::<u8>();
                                        let len10 = vec10.len();
                                        ::core::mem::forget(vec10);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len10;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr10.cast_mut();
                                    }
                                    V12::Unavailable(e) => {
                                        *ptr1
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec11 = (e.into_bytes()).into_boxed_slice();
                                        let ptr11 = vec11.as_ptr().cast::<u8>();
                                        let len11 = vec11.len();
                                        ::core::mem::forget(vec11);
                                        *ptr1
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr1
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr11.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr1
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_receive<T_: Guest>(arg0: *mut u8) {
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
                                _rt::cabi_dealloc(base12, len12 * 1, 1);
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
                pub unsafe fn _export_ack_cabi<T_: Guest>(
                    arg0: *mut u8,
                    arg1: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result1 = {
                            let len0 = arg1;
                            T_::ack(
                                <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(arg0.cast(), len0, len0)),
                            )
                        };
                        let ptr2 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result1 {
                            Ok(_) => {
                                *ptr2.add(0).cast::<u8>() = (0i32) as u8;
                            }
                            Err(e) => {
                                *ptr2.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V7;
                                match e {
                                    V7::InvalidConfig(e) => {
                                        *ptr2
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec3 = (e.into_bytes()).into_boxed_slice();
                                        let ptr3 = vec3.as_ptr().cast::<u8>();
                                        let len3 = vec3.len();
                                        ::core::mem::forget(vec3);
                                        *ptr2
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len3;
                                        *ptr2
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr3.cast_mut();
                                    }
                                    V7::InvalidInput(e) => {
                                        *ptr2
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec4 = (e.into_bytes()).into_boxed_slice();
                                        let ptr4 = vec4.as_ptr().cast::<u8>();
                                        let len4 = vec4.len();
                                        ::core::mem::forget(vec4);
                                        *ptr2
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len4;
                                        *ptr2
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr4.cast_mut();
                                    }
                                    V7::Failed(e) => {
                                        *ptr2
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec5 = (e.into_bytes()).into_boxed_slice();
                                        let ptr5 = vec5.as_ptr().cast::<u8>();
                                        let len5 = vec5.len();
                                        ::core::mem::forget(vec5);
                                        *ptr2
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len5;
                                        *ptr2
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr5.cast_mut();
                                    }
                                    V7::Unavailable(e) => {
                                        *ptr2
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec6 = (e.into_bytes()).into_boxed_slice();
                                        let ptr6 = vec6.as_ptr().cast::<u8>();
                                        let len6 = vec6.len();
                                        ::core::mem::forget(vec6);
                                        *ptr2
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len6;
                                        *ptr2
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr6.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr2
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_ack<T_: Guest>(arg0: *mut u8) {
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
                pub unsafe fn _export_stop_cabi<T_: Guest>() {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        { T_::stop() };
                    }
                }
                pub trait Guest {
                    /// The operators offered. Always the same for the same component.
                    #[allow(async_fn_in_trait)]
                    fn describe() -> _rt::Vec<Operator>;
                    /// The columns received. Errors as `transform.bind`. Nothing outside is reached yet: jobs are checked where their sources aren't.
                    #[allow(async_fn_in_trait)]
                    fn bind(
                        operator: _rt::String,
                        config: _rt::String,
                    ) -> ::core::result::Result<Schema, Error>;
                    /// Begin to receive the rows after `position`; none: where the source begins by its configuration. `context.partition` and `context.partitions` tell
                    /// the receivers of one stream apart, `context.stream` is the stream that the rows are for, `context.batch-time-ms` is the time of the start, and `context.attempt` counts the starts
                    /// before it. `position` was given by a receiver of the same stream and `context.partition`, of as many partitions. One after which the source has lost rows, as they were removed,
                    /// is an error, and never passed over.
                    #[allow(async_fn_in_trait)]
                    fn start(
                        context: Context,
                        operator: _rt::String,
                        config: _rt::String,
                        position: ::core::option::Option<Position>,
                    ) -> ::core::result::Result<(), Error>;
                    /// Wait until there is a row, or `max-time-ms` has passed; return at most `max-rows` rows, in order, and no more bytes than the plugin may return in a call: a MiB is plenty.
                    /// Without rows it returns too: the host has acknowledgements to make, and may want to stop. A receiver that can't wait returns at once, and is asked again after a
                    /// while. It isn't called while the job has no room for more rows, and `max-rows` may be less from one call to the next, as the host slows its sources.
                    #[allow(async_fn_in_trait)]
                    fn receive(
                        max_rows: u32,
                        max_time_ms: u32,
                    ) -> ::core::result::Result<Chunk, Error>;
                    /// All rows up to `position` are kept by the host, which won't ask for them again; the source may forget them. Called with positions that `receive` gave, of this instance or of
                    /// one before it, in order, not with each; also after the source has ended. A call may be missing, when the host or the instance ends before it: the next one, or
                    /// `start` with a later position, stands for it too.
                    #[allow(async_fn_in_trait)]
                    fn ack(position: Position) -> ::core::result::Result<(), Error>;
                    /// Let go of the source. No call comes after it. It isn't called where the instance or the host fails, so nothing may depend on it.
                    #[allow(async_fn_in_trait)]
                    fn stop() -> ();
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_sluicebox_operator_receiver_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "sluicebox:operator/receiver@0.1.0#describe")] unsafe extern "C"
                        fn export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/receiver@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/receiver@0.1.0#bind")] unsafe extern "C" fn
                        export_bind(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_bind_cabi::<$ty > (arg0, arg1, arg2, arg3) } } #[unsafe
                        (export_name =
                        "cabi_post_sluicebox:operator/receiver@0.1.0#bind")] unsafe
                        extern "C" fn _post_return_bind(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_bind::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/receiver@0.1.0#start")] unsafe extern "C" fn
                        export_start(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize, arg4 : i64, arg5 : i32, arg6 : i32, arg7 : i32, arg8 : *
                        mut u8, arg9 : usize, arg10 : * mut u8, arg11 : usize, arg12 :
                        i32, arg13 : * mut u8, arg14 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_start_cabi::<$ty > (arg0, arg1,
                        arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11,
                        arg12, arg13, arg14) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/receiver@0.1.0#start")] unsafe
                        extern "C" fn _post_return_start(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_start::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/receiver@0.1.0#receive")] unsafe extern "C"
                        fn export_receive(arg0 : i32, arg1 : i32,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_receive_cabi::<$ty > (arg0, arg1) }
                        } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/receiver@0.1.0#receive")] unsafe
                        extern "C" fn _post_return_receive(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_receive::<$ty > (arg0) } }
                        #[unsafe (export_name = "sluicebox:operator/receiver@0.1.0#ack")]
                        unsafe extern "C" fn export_ack(arg0 : * mut u8, arg1 : usize,)
                        -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_ack_cabi::<$ty > (arg0, arg1) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/receiver@0.1.0#ack")] unsafe extern
                        "C" fn _post_return_ack(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_ack::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/receiver@0.1.0#stop")] unsafe extern "C" fn
                        export_stop() { unsafe { $($path_to_types)*::
                        _export_stop_cabi::<$ty > () } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_sluicebox_operator_receiver_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 9 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 9
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
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
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
/// # macro_rules! export_receiver{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_receiver!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_receiver_plugin_impl {
    ($ty:ident) => {
        self::export_receiver!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::sluicebox::operator::receiver::__export_sluicebox_operator_receiver_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::sluicebox::operator::receiver);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:receiver-plugin:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1598] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xb8\x0b\x01A\x02\x01\
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
error\x02\x03\0\x02\x06schema\x01B\x1f\x02\x03\x02\x01\x03\x04\0\x05batch\x03\0\0\
\x02\x03\x02\x01\x04\x04\0\x07context\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x05err\
or\x03\0\x04\x02\x03\x02\x01\x06\x04\0\x06schema\x03\0\x06\x01r\x03\x04names\x03\
docs\x0areplayable\x7f\x04\0\x08operator\x03\0\x08\x01p}\x04\0\x08position\x03\0\
\x0a\x01r\x03\x04rows\x01\x08position\x0b\x05ended\x7f\x04\0\x05chunk\x03\0\x0c\x01\
p\x09\x01@\0\0\x0e\x04\0\x08describe\x01\x0f\x01j\x01\x07\x01\x05\x01@\x02\x08op\
erators\x06configs\0\x10\x04\0\x04bind\x01\x11\x01k\x0b\x01j\0\x01\x05\x01@\x04\x07\
context\x03\x08operators\x06configs\x08position\x12\0\x13\x04\0\x05start\x01\x14\
\x01j\x01\x0d\x01\x05\x01@\x02\x08max-rowsy\x0bmax-time-msy\0\x15\x04\0\x07recei\
ve\x01\x16\x01@\x01\x08position\x0b\0\x13\x04\0\x03ack\x01\x17\x01@\0\x01\0\x04\0\
\x04stop\x01\x18\x04\0!sluicebox:operator/receiver@0.1.0\x05\x07\x04\0(sluicebox\
:operator/receiver-plugin@0.1.0\x04\0\x0b\x15\x01\0\x0freceiver-plugin\x03\0\0\0\
G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10wit-bindge\
n-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_receiver_plugin_impl as export_receiver;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:receiver-plugin-with-all-of-its-exports-removed:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1215] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x99\x08\x01A\x02\x01\
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
ata@0.1.0\x05\x02\x04\0Hsluicebox:operator/receiver-plugin-with-all-of-its-expor\
ts-removed@0.1.0\x04\0\x0b5\x01\0/receiver-plugin-with-all-of-its-exports-remove\
d\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10\
wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
