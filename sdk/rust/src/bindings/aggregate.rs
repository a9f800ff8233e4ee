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
            /// Operators that fold the rows of a key into one, in parts: `partial` folds rows, `merge` folds what was folded, `finish` makes the result.
            ///
            /// The host holds the partials, as rows of the schema `binding.partial`: it keeps them over batches for windows, spills them, and
            /// hands them to other instances, of this component or of a later one. So nothing is kept in the instance from one call
            /// to the next, and a call's answer depends on its arguments, `open`'s, and nothing else. Partials of the same version have the same meaning, whichever component of
            /// the plugin made them.
            ///
            /// The host sorts rows into groups, one a key; the operator doesn't see the keys. `groups` has, for every row, the number of its group, below
            /// `n-groups`; each group has at least one row. Rows of one group come in the order (source partition, position), and so do partials.
            #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
            pub mod aggregate {
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
                    /// As `transform.operator.input`, of the columns that are not keys. An operator with an empty list reads no column, only how many rows there are.
                    pub input: ::core::option::Option<Schema>,
                    /// Whether `unmerge` works.
                    pub invertible: bool,
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
                            .field("invertible", &self.invertible)
                            .finish()
                    }
                }
                #[derive(Clone, Eq, PartialEq)]
                pub struct Binding {
                    /// As `transform.binding.columns`.
                    pub columns: _rt::Vec<u32>,
                    /// The columns of a partial: at least one.
                    pub partial: Schema,
                    /// The version of a partial's meaning. The host keeps partials longer than a component: those of another version are not given to this one.
                    pub partial_version: u32,
                    /// The columns of a result, at least one; the key's columns come before them in the stream.
                    pub output: Schema,
                }
                impl ::core::fmt::Debug for Binding {
                    fn fmt(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.debug_struct("Binding")
                            .field("columns", &self.columns)
                            .field("partial", &self.partial)
                            .field("partial-version", &self.partial_version)
                            .field("output", &self.output)
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
                                    doc: doc2,
                                    input: input2,
                                    invertible: invertible2,
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
                                *base
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<u8>() = (match invertible2 {
                                    true => 1,
                                    false => 0,
                                }) as u8;
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
                                let Binding {
                                    columns: columns24,
                                    partial: partial24,
                                    partial_version: partial_version24,
                                    output: output24,
                                } = e;
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
                                let vec32 = partial24;
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
                                        let super::super::super::super::__with_name2::Field {
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
                                        use super::super::super::super::__with_name2::DataType as V31;
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
                                                let super::super::super::super::__with_name2::DecimalType {
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
                                                let super::super::super::super::__with_name2::TimestampType {
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
                                *ptr23
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(partial_version24);
                                let vec39 = output24;
                                let len39 = vec39.len();
                                let layout39 = _rt::alloc::Layout::from_size_align(
                                        vec39.len() * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                        ::core::mem::size_of::<*const u8>(),
                                    )
                                    .unwrap();
                                let (result39, _cleanup39) = crate::guest::Cleanup::new(
                                    layout39,
                                );
                                if let Some(cleanup) = _cleanup39 {
                                    cleanup.forget();
                                }
                                for (i, e) in vec39.into_iter().enumerate() {
                                    let base = result39
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let super::super::super::super::__with_name2::Field {
                                            name: name33,
                                            data_type: data_type33,
                                            nullable: nullable33,
                                            children: children33,
                                        } = e;
                                        let vec34 = (name33.into_bytes()).into_boxed_slice();
                                        let ptr34 = vec34.as_ptr().cast::<u8>();
                                        let len34 = vec34.len();
                                        ::core::mem::forget(vec34);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len34;
                                        *base.add(0).cast::<*mut u8>() = ptr34.cast_mut();
                                        use super::super::super::super::__with_name2::DataType as V38;
                                        match data_type33 {
                                            V38::Boolean => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (0i32) as u8;
                                            }
                                            V38::Int8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (1i32) as u8;
                                            }
                                            V38::Int16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (2i32) as u8;
                                            }
                                            V38::Int32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (3i32) as u8;
                                            }
                                            V38::Int64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (4i32) as u8;
                                            }
                                            V38::Uint8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (5i32) as u8;
                                            }
                                            V38::Uint16 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (6i32) as u8;
                                            }
                                            V38::Uint32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (7i32) as u8;
                                            }
                                            V38::Uint64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (8i32) as u8;
                                            }
                                            V38::Float32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (9i32) as u8;
                                            }
                                            V38::Float64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (10i32) as u8;
                                            }
                                            V38::Decimal128(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (11i32) as u8;
                                                let super::super::super::super::__with_name2::DecimalType {
                                                    precision: precision35,
                                                    scale: scale35,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(precision35)) as u8;
                                                *base
                                                    .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (_rt::as_i32(scale35)) as u8;
                                            }
                                            V38::Utf8 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (12i32) as u8;
                                            }
                                            V38::Binary => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (13i32) as u8;
                                            }
                                            V38::FixedSizeBinary(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (14i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V38::Date32 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (15i32) as u8;
                                            }
                                            V38::Date64 => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (16i32) as u8;
                                            }
                                            V38::Time(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (17i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V38::Timestamp(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (18i32) as u8;
                                                let super::super::super::super::__with_name2::TimestampType {
                                                    unit: unit36,
                                                    zone: zone36,
                                                } = e;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (unit36.clone() as i32) as u8;
                                                match zone36 {
                                                    Some(e) => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (1i32) as u8;
                                                        let vec37 = (e.into_bytes()).into_boxed_slice();
                                                        let ptr37 = vec37.as_ptr().cast::<u8>();
                                                        let len37 = vec37.len();
                                                        ::core::mem::forget(vec37);
                                                        *base
                                                            .add(6 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<usize>() = len37;
                                                        *base
                                                            .add(5 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<*mut u8>() = ptr37.cast_mut();
                                                    }
                                                    None => {
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>() = (0i32) as u8;
                                                    }
                                                };
                                            }
                                            V38::Duration(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (19i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V38::Interval(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (20i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (e.clone() as i32) as u8;
                                            }
                                            V38::List => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (21i32) as u8;
                                            }
                                            V38::FixedSizeList(e) => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (22i32) as u8;
                                                *base
                                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<i32>() = _rt::as_i32(e);
                                            }
                                            V38::Struct => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (23i32) as u8;
                                            }
                                            V38::Map => {
                                                *base
                                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                                    .cast::<u8>() = (24i32) as u8;
                                            }
                                        }
                                        *base
                                            .add(7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (match nullable33 {
                                            true => 1,
                                            false => 0,
                                        }) as u8;
                                        *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>() = _rt::as_i32(children33);
                                    }
                                }
                                *ptr23
                                    .add(7 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len39;
                                *ptr23
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result39;
                            }
                            Err(e) => {
                                *ptr23.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V44;
                                match e {
                                    V44::InvalidConfig(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec40 = (e.into_bytes()).into_boxed_slice();
                                        let ptr40 = vec40.as_ptr().cast::<u8>();
                                        let len40 = vec40.len();
                                        ::core::mem::forget(vec40);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len40;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr40.cast_mut();
                                    }
                                    V44::InvalidInput(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec41 = (e.into_bytes()).into_boxed_slice();
                                        let ptr41 = vec41.as_ptr().cast::<u8>();
                                        let len41 = vec41.len();
                                        ::core::mem::forget(vec41);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len41;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr41.cast_mut();
                                    }
                                    V44::Failed(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec42 = (e.into_bytes()).into_boxed_slice();
                                        let ptr42 = vec42.as_ptr().cast::<u8>();
                                        let len42 = vec42.len();
                                        ::core::mem::forget(vec42);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len42;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr42.cast_mut();
                                    }
                                    V44::Unavailable(e) => {
                                        *ptr23
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec43 = (e.into_bytes()).into_boxed_slice();
                                        let ptr43 = vec43.as_ptr().cast::<u8>();
                                        let len43 = vec43.len();
                                        ::core::mem::forget(vec43);
                                        *ptr23
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len43;
                                        *ptr23
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr43.cast_mut();
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
                                let l13 = *arg0
                                    .add(6 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l14 = *arg0
                                    .add(7 * ::core::mem::size_of::<*const u8>())
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
                                let l22 = i32::from(
                                    *arg0.add(::core::mem::size_of::<*const u8>()).cast::<u8>(),
                                );
                                match l22 {
                                    0 => {
                                        let l23 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l24 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l23, l24, 1);
                                    }
                                    1 => {
                                        let l25 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l26 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l25, l26, 1);
                                    }
                                    2 => {
                                        let l27 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l28 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        _rt::cabi_dealloc(l27, l28, 1);
                                    }
                                    _ => {
                                        let l29 = *arg0
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>();
                                        let l30 = *arg0
                                            .add(3 * ::core::mem::size_of::<*const u8>())
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
                pub unsafe fn _export_partial_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: *mut u8,
                    arg4: usize,
                    arg5: *mut u8,
                    arg6: usize,
                    arg7: i32,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result6 = {
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
                            let len5 = arg6;
                            T_::partial(
                                super::super::super::super::__with_name2::Batch {
                                    rows: arg0 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(arg1.cast(), len0, len0)),
                                    buffers: result4,
                                },
                                <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(arg5.cast(), len5, len5)),
                                arg7 as u32,
                            )
                        };
                        let ptr7 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result6 {
                            Ok(e) => {
                                *ptr7.add(0).cast::<u8>() = (0i32) as u8;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows8,
                                    nodes: nodes8,
                                    buffers: buffers8,
                                } = e;
                                *ptr7
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows8);
                                let vec9 = <_ as Into<_rt::Vec<_>>>::into(nodes8)
                                    .into_boxed_slice();
                                let ptr9 = vec9.as_ptr().cast::<u8>();
                                let len9 = vec9.len();
                                ::core::mem::forget(vec9);
                                *ptr7
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len9;
                                *ptr7
                                    .add(2 * ::core::mem::size_of::<*const u8>())
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
                                *ptr7
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len11;
                                *ptr7
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result11;
                            }
                            Err(e) => {
                                *ptr7.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V16;
                                match e {
                                    V16::InvalidConfig(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V16::InvalidInput(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                    V16::Failed(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec14 = (e.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                    }
                                    V16::Unavailable(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec15 = (e.into_bytes()).into_boxed_slice();
                                        let ptr15 = vec15.as_ptr().cast::<u8>();
                                        let len15 = vec15.len();
                                        ::core::mem::forget(vec15);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len15;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr15.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr7
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_partial<T_: Guest>(arg0: *mut u8) {
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
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_merge_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: *mut u8,
                    arg4: usize,
                    arg5: *mut u8,
                    arg6: usize,
                    arg7: i32,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result6 = {
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
                            let len5 = arg6;
                            T_::merge(
                                super::super::super::super::__with_name2::Batch {
                                    rows: arg0 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(arg1.cast(), len0, len0)),
                                    buffers: result4,
                                },
                                <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(arg5.cast(), len5, len5)),
                                arg7 as u32,
                            )
                        };
                        let ptr7 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result6 {
                            Ok(e) => {
                                *ptr7.add(0).cast::<u8>() = (0i32) as u8;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows8,
                                    nodes: nodes8,
                                    buffers: buffers8,
                                } = e;
                                *ptr7
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows8);
                                let vec9 = <_ as Into<_rt::Vec<_>>>::into(nodes8)
                                    .into_boxed_slice();
                                let ptr9 = vec9.as_ptr().cast::<u8>();
                                let len9 = vec9.len();
                                ::core::mem::forget(vec9);
                                *ptr7
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len9;
                                *ptr7
                                    .add(2 * ::core::mem::size_of::<*const u8>())
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
                                *ptr7
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len11;
                                *ptr7
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result11;
                            }
                            Err(e) => {
                                *ptr7.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V16;
                                match e {
                                    V16::InvalidConfig(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V16::InvalidInput(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                    V16::Failed(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec14 = (e.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                    }
                                    V16::Unavailable(e) => {
                                        *ptr7
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec15 = (e.into_bytes()).into_boxed_slice();
                                        let ptr15 = vec15.as_ptr().cast::<u8>();
                                        let len15 = vec15.len();
                                        ::core::mem::forget(vec15);
                                        *ptr7
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len15;
                                        *ptr7
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr15.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr7
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_merge<T_: Guest>(arg0: *mut u8) {
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
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_unmerge_cabi<T_: Guest>(
                    arg0: i32,
                    arg1: *mut u8,
                    arg2: usize,
                    arg3: *mut u8,
                    arg4: usize,
                    arg5: i32,
                    arg6: *mut u8,
                    arg7: usize,
                    arg8: *mut u8,
                    arg9: usize,
                    arg10: *mut u8,
                    arg11: usize,
                ) -> *mut u8 {
                    unsafe {
                        #[cfg(target_arch = "wasm32")] _rt::run_ctors_once();
                        let result11 = {
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
                            let len5 = arg7;
                            let base9 = arg8;
                            let len9 = arg9;
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
                            let len10 = arg11;
                            T_::unmerge(
                                super::super::super::super::__with_name2::Batch {
                                    rows: arg0 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(arg1.cast(), len0, len0)),
                                    buffers: result4,
                                },
                                super::super::super::super::__with_name2::Batch {
                                    rows: arg5 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(arg6.cast(), len5, len5)),
                                    buffers: result9,
                                },
                                <_ as From<
                                    _rt::Vec<_>,
                                >>::from(
                                    _rt::Vec::from_raw_parts(arg10.cast(), len10, len10),
                                ),
                            )
                        };
                        let ptr12 = (&raw mut _RET_AREA.0).cast::<u8>();
                        match result11 {
                            Ok(e) => {
                                *ptr12.add(0).cast::<u8>() = (0i32) as u8;
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows13,
                                    nodes: nodes13,
                                    buffers: buffers13,
                                } = e;
                                *ptr12
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows13);
                                let vec14 = <_ as Into<_rt::Vec<_>>>::into(nodes13)
                                    .into_boxed_slice();
                                let ptr14 = vec14.as_ptr().cast::<u8>();
                                let len14 = vec14.len();
                                ::core::mem::forget(vec14);
                                *ptr12
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len14;
                                *ptr12
                                    .add(2 * ::core::mem::size_of::<*const u8>())
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
                                *ptr12
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len16;
                                *ptr12
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result16;
                            }
                            Err(e) => {
                                *ptr12.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V21;
                                match e {
                                    V21::InvalidConfig(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec17 = (e.into_bytes()).into_boxed_slice();
                                        let ptr17 = vec17.as_ptr().cast::<u8>();
                                        let len17 = vec17.len();
                                        ::core::mem::forget(vec17);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len17;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr17.cast_mut();
                                    }
                                    V21::InvalidInput(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec18 = (e.into_bytes()).into_boxed_slice();
                                        let ptr18 = vec18.as_ptr().cast::<u8>();
                                        let len18 = vec18.len();
                                        ::core::mem::forget(vec18);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len18;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr18.cast_mut();
                                    }
                                    V21::Failed(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec19 = (e.into_bytes()).into_boxed_slice();
                                        let ptr19 = vec19.as_ptr().cast::<u8>();
                                        let len19 = vec19.len();
                                        ::core::mem::forget(vec19);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len19;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr19.cast_mut();
                                    }
                                    V21::Unavailable(e) => {
                                        *ptr12
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec20 = (e.into_bytes()).into_boxed_slice();
                                        let ptr20 = vec20.as_ptr().cast::<u8>();
                                        let len20 = vec20.len();
                                        ::core::mem::forget(vec20);
                                        *ptr12
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len20;
                                        *ptr12
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr20.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr12
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_unmerge<T_: Guest>(arg0: *mut u8) {
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
                #[doc(hidden)]
                #[allow(non_snake_case, unused_unsafe)]
                pub unsafe fn _export_finish_cabi<T_: Guest>(
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
                            T_::finish(super::super::super::super::__with_name2::Batch {
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
                                let super::super::super::super::__with_name2::Batch {
                                    rows: rows7,
                                    nodes: nodes7,
                                    buffers: buffers7,
                                } = e;
                                *ptr6
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>() = _rt::as_i32(rows7);
                                let vec8 = <_ as Into<_rt::Vec<_>>>::into(nodes7)
                                    .into_boxed_slice();
                                let ptr8 = vec8.as_ptr().cast::<u8>();
                                let len8 = vec8.len();
                                ::core::mem::forget(vec8);
                                *ptr6
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len8;
                                *ptr6
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = ptr8.cast_mut();
                                let vec10 = buffers7;
                                let len10 = vec10.len();
                                let layout10 = _rt::alloc::Layout::from_size_align(
                                        vec10.len() * (2 * ::core::mem::size_of::<*const u8>()),
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
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    {
                                        let vec9 = <_ as Into<_rt::Vec<_>>>::into(e)
                                            .into_boxed_slice();
                                        let ptr9 = vec9.as_ptr().cast::<u8>();
                                        let len9 = vec9.len();
                                        ::core::mem::forget(vec9);
                                        *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len9;
                                        *base.add(0).cast::<*mut u8>() = ptr9.cast_mut();
                                    }
                                }
                                *ptr6
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>() = len10;
                                *ptr6
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>() = result10;
                            }
                            Err(e) => {
                                *ptr6.add(0).cast::<u8>() = (1i32) as u8;
                                use super::super::super::super::__with_name2::Error as V15;
                                match e {
                                    V15::InvalidConfig(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (0i32) as u8;
                                        let vec11 = (e.into_bytes()).into_boxed_slice();
                                        let ptr11 = vec11.as_ptr().cast::<u8>();
                                        let len11 = vec11.len();
                                        ::core::mem::forget(vec11);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len11;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr11.cast_mut();
                                    }
                                    V15::InvalidInput(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (1i32) as u8;
                                        let vec12 = (e.into_bytes()).into_boxed_slice();
                                        let ptr12 = vec12.as_ptr().cast::<u8>();
                                        let len12 = vec12.len();
                                        ::core::mem::forget(vec12);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len12;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr12.cast_mut();
                                    }
                                    V15::Failed(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (2i32) as u8;
                                        let vec13 = (e.into_bytes()).into_boxed_slice();
                                        let ptr13 = vec13.as_ptr().cast::<u8>();
                                        let len13 = vec13.len();
                                        ::core::mem::forget(vec13);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len13;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr13.cast_mut();
                                    }
                                    V15::Unavailable(e) => {
                                        *ptr6
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<u8>() = (3i32) as u8;
                                        let vec14 = (e.into_bytes()).into_boxed_slice();
                                        let ptr14 = vec14.as_ptr().cast::<u8>();
                                        let len14 = vec14.len();
                                        ::core::mem::forget(vec14);
                                        *ptr6
                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                            .cast::<usize>() = len14;
                                        *ptr6
                                            .add(2 * ::core::mem::size_of::<*const u8>())
                                            .cast::<*mut u8>() = ptr14.cast_mut();
                                    }
                                }
                            }
                        };
                        ptr6
                    }
                }
                #[doc(hidden)]
                #[allow(non_snake_case)]
                pub unsafe fn __post_return_finish<T_: Guest>(arg0: *mut u8) {
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
                    /// As `transform.bind`.
                    #[allow(async_fn_in_trait)]
                    fn bind(
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<Binding, Error>;
                    /// Choose the operator for the calls that follow, until the next `open`.
                    #[allow(async_fn_in_trait)]
                    fn open(
                        context: Context,
                        operator: _rt::String,
                        config: _rt::String,
                        input: Schema,
                    ) -> ::core::result::Result<(), Error>;
                    /// Fold rows: `n-groups` partials, partial i of the rows whose group is i.
                    #[allow(async_fn_in_trait)]
                    fn partial(
                        values: Batch,
                        groups: _rt::Vec<u32>,
                        n_groups: u32,
                    ) -> ::core::result::Result<Batch, Error>;
                    /// Fold partials: `n-groups` partials, partial i of those whose group is i, in their order. Folding in one step or in several gives the same result.
                    #[allow(async_fn_in_trait)]
                    fn merge(
                        partials: Batch,
                        groups: _rt::Vec<u32>,
                        n_groups: u32,
                    ) -> ::core::result::Result<Batch, Error>;
                    /// Take partials out again: row i of `partials` is taken from row `groups[i]` of `whole`; the answer has as many rows as `whole`. It
                    /// holds `unmerge(merge(a, b), b) = a`. Called only where `operator.invertible` is true.
                    #[allow(async_fn_in_trait)]
                    fn unmerge(
                        whole: Batch,
                        partials: Batch,
                        groups: _rt::Vec<u32>,
                    ) -> ::core::result::Result<Batch, Error>;
                    /// Results, one for each partial, in their order. The partials stay with the host: they may be folded further, and finished again.
                    #[allow(async_fn_in_trait)]
                    fn finish(partials: Batch) -> ::core::result::Result<Batch, Error>;
                }
                #[doc(hidden)]
                #[macro_export]
                macro_rules! __export_sluicebox_operator_aggregate_0_1_0_cabi {
                    ($ty:ident with_types_in $($path_to_types:tt)*) => {
                        const _ : () = { #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#describe")] unsafe extern "C"
                        fn export_describe() -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_describe_cabi::<$ty > () } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#describe")] unsafe
                        extern "C" fn _post_return_describe(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_describe::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#bind")] unsafe extern "C" fn
                        export_bind(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize, arg4 : * mut u8, arg5 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_bind_cabi::<$ty > (arg0, arg1, arg2,
                        arg3, arg4, arg5) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#bind")] unsafe
                        extern "C" fn _post_return_bind(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_bind::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#open")] unsafe extern "C" fn
                        export_open(arg0 : * mut u8, arg1 : usize, arg2 : * mut u8, arg3
                        : usize, arg4 : i64, arg5 : i32, arg6 : i32, arg7 : i32, arg8 : *
                        mut u8, arg9 : usize, arg10 : * mut u8, arg11 : usize, arg12 : *
                        mut u8, arg13 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_open_cabi::<$ty > (arg0, arg1, arg2,
                        arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11, arg12,
                        arg13) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#open")] unsafe
                        extern "C" fn _post_return_open(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_open::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#partial")] unsafe extern "C"
                        fn export_partial(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3
                        : * mut u8, arg4 : usize, arg5 : * mut u8, arg6 : usize, arg7 :
                        i32,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_partial_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#partial")] unsafe
                        extern "C" fn _post_return_partial(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_partial::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#merge")] unsafe extern "C" fn
                        export_merge(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3 : *
                        mut u8, arg4 : usize, arg5 : * mut u8, arg6 : usize, arg7 : i32,)
                        -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_merge_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#merge")] unsafe
                        extern "C" fn _post_return_merge(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_merge::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#unmerge")] unsafe extern "C"
                        fn export_unmerge(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3
                        : * mut u8, arg4 : usize, arg5 : i32, arg6 : * mut u8, arg7 :
                        usize, arg8 : * mut u8, arg9 : usize, arg10 : * mut u8, arg11 :
                        usize,) -> * mut u8 { unsafe { $($path_to_types)*::
                        _export_unmerge_cabi::<$ty > (arg0, arg1, arg2, arg3, arg4, arg5,
                        arg6, arg7, arg8, arg9, arg10, arg11) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#unmerge")] unsafe
                        extern "C" fn _post_return_unmerge(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_unmerge::<$ty > (arg0) } }
                        #[unsafe (export_name =
                        "sluicebox:operator/aggregate@0.1.0#finish")] unsafe extern "C"
                        fn export_finish(arg0 : i32, arg1 : * mut u8, arg2 : usize, arg3
                        : * mut u8, arg4 : usize,) -> * mut u8 { unsafe {
                        $($path_to_types)*:: _export_finish_cabi::<$ty > (arg0, arg1,
                        arg2, arg3, arg4) } } #[unsafe (export_name =
                        "cabi_post_sluicebox:operator/aggregate@0.1.0#finish")] unsafe
                        extern "C" fn _post_return_finish(arg0 : * mut u8,) { unsafe {
                        $($path_to_types)*:: __post_return_finish::<$ty > (arg0) } } };
                    };
                }
                #[doc(hidden)]
                pub use __export_sluicebox_operator_aggregate_0_1_0_cabi;
                #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                struct _RetArea(
                    [::core::mem::MaybeUninit<
                        u8,
                    >; 8 * ::core::mem::size_of::<*const u8>()],
                );
                static mut _RET_AREA: _RetArea = _RetArea(
                    [::core::mem::MaybeUninit::uninit(); 8
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
/// # macro_rules! export_aggregate{ ($($t:tt)*) => (); }
/// # trait Guest {}
/// struct MyType;
///
/// impl Guest for MyType {
///     // ...
/// }
///
/// export_aggregate!(MyType);
/// ```
#[allow(unused_macros)]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_aggregate_plugin_impl {
    ($ty:ident) => {
        self::export_aggregate!($ty with_types_in self);
    };
    ($ty:ident with_types_in $($path_to_types_root:tt)*) => {
        $($path_to_types_root)*::
        exports::sluicebox::operator::aggregate::__export_sluicebox_operator_aggregate_0_1_0_cabi!($ty
        with_types_in $($path_to_types_root)*:: exports::sluicebox::operator::aggregate);
        const _ : () = { #[cfg(target_arch = "wasm32")] #[unsafe (link_section =
        "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:aggregate-plugin:imports and exports")]
        #[doc(hidden)] #[allow(clippy::octal_escapes)] pub static
        __WIT_BINDGEN_COMPONENT_TYPE : [u8; 1696] = *
        b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\x99\x0c\x01A\x02\x01\
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
error\x02\x03\0\x02\x06schema\x01B\x20\x02\x03\x02\x01\x03\x04\0\x05batch\x03\0\0\
\x02\x03\x02\x01\x04\x04\0\x07context\x03\0\x02\x02\x03\x02\x01\x05\x04\0\x05err\
or\x03\0\x04\x02\x03\x02\x01\x06\x04\0\x06schema\x03\0\x06\x01k\x07\x01r\x04\x04\
names\x03docs\x05input\x08\x0ainvertible\x7f\x04\0\x08operator\x03\0\x09\x01py\x01\
r\x04\x07columns\x0b\x07partial\x07\x0fpartial-versiony\x06output\x07\x04\0\x07b\
inding\x03\0\x0c\x01p\x0a\x01@\0\0\x0e\x04\0\x08describe\x01\x0f\x01j\x01\x0d\x01\
\x05\x01@\x03\x08operators\x06configs\x05input\x07\0\x10\x04\0\x04bind\x01\x11\x01\
j\0\x01\x05\x01@\x04\x07context\x03\x08operators\x06configs\x05input\x07\0\x12\x04\
\0\x04open\x01\x13\x01j\x01\x01\x01\x05\x01@\x03\x06values\x01\x06groups\x0b\x08\
n-groupsy\0\x14\x04\0\x07partial\x01\x15\x01@\x03\x08partials\x01\x06groups\x0b\x08\
n-groupsy\0\x14\x04\0\x05merge\x01\x16\x01@\x03\x05whole\x01\x08partials\x01\x06\
groups\x0b\0\x14\x04\0\x07unmerge\x01\x17\x01@\x01\x08partials\x01\0\x14\x04\0\x06\
finish\x01\x18\x04\0\"sluicebox:operator/aggregate@0.1.0\x05\x07\x04\0)sluicebox\
:operator/aggregate-plugin@0.1.0\x04\0\x0b\x16\x01\0\x10aggregate-plugin\x03\0\0\
\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10wit-bind\
gen-rust\x060.61.1";
        };
    };
}
#[doc(inline)]
pub use __export_aggregate_plugin_impl as export_aggregate;
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:aggregate-plugin-with-all-of-its-exports-removed:encoded world"
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
ata@0.1.0\x05\x02\x04\0Isluicebox:operator/aggregate-plugin-with-all-of-its-expo\
rts-removed@0.1.0\x04\0\x0b6\x01\00aggregate-plugin-with-all-of-its-exports-remo\
ved\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-component\x070.258.3\x10\
wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
