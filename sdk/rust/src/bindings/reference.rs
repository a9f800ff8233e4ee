// Written by scripts/bindings from the WIT package; don't edit.
#[allow(unfulfilled_lint_expectations, unused_imports)]
use crate::bindings::transform::sluicebox::operator::data as __with_name0;
#[allow(dead_code, clippy::all)]
pub mod sluicebox {
    pub mod operator {
        /// Static tables of the job that the plugin is granted to read, in calls about rows (from `open` on, of every interface). In `describe` and `bind` there is none.
        ///
        /// A batch reads one version of a table throughout, so a call's answer depends on its arguments and the batch alone.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod tables {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            pub type Batch = super::super::super::__with_name0::Batch;
            pub type Schema = super::super::super::__with_name0::Schema;
            #[allow(unused_unsafe, clippy::all)]
            /// A table's columns. None: there is no such table, or it isn't granted.
            #[allow(async_fn_in_trait)]
            pub fn columns(name: &str) -> ::core::option::Option<Schema> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 3 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 3
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/tables@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "columns"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result26 = match l3 {
                        0 => None,
                        1 => {
                            let e = {
                                let l4 = *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base25 = l4;
                                let len25 = l5;
                                let mut result25 = _rt::Vec::with_capacity(len25);
                                for i in 0..len25 {
                                    let base = base25
                                        .add(i * (8 + 7 * ::core::mem::size_of::<*const u8>()));
                                    let e25 = {
                                        let l6 = *base.add(0).cast::<*mut u8>();
                                        let l7 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let len8 = l7;
                                        let bytes8 = _rt::Vec::from_raw_parts(
                                            l6.cast(),
                                            len8,
                                            len8,
                                        );
                                        let l9 = i32::from(
                                            *base
                                                .add(2 * ::core::mem::size_of::<*const u8>())
                                                .cast::<u8>(),
                                        );
                                        use super::super::super::__with_name0::DataType as V22;
                                        let v22 = match l9 {
                                            0 => V22::Boolean,
                                            1 => V22::Int8,
                                            2 => V22::Int16,
                                            3 => V22::Int32,
                                            4 => V22::Int64,
                                            5 => V22::Uint8,
                                            6 => V22::Uint16,
                                            7 => V22::Uint32,
                                            8 => V22::Uint64,
                                            9 => V22::Float32,
                                            10 => V22::Float64,
                                            11 => {
                                                let e22 = {
                                                    let l10 = i32::from(
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    let l11 = i32::from(
                                                        *base
                                                            .add(1 + 3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<i8>(),
                                                    );
                                                    super::super::super::__with_name0::DecimalType {
                                                        precision: l10 as u8,
                                                        scale: l11 as i8,
                                                    }
                                                };
                                                V22::Decimal128(e22)
                                            }
                                            12 => V22::Utf8,
                                            13 => V22::Binary,
                                            14 => {
                                                let e22 = {
                                                    let l12 = *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i32>();
                                                    l12 as u32
                                                };
                                                V22::FixedSizeBinary(e22)
                                            }
                                            15 => V22::Date32,
                                            16 => V22::Date64,
                                            17 => {
                                                let e22 = {
                                                    let l13 = i32::from(
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    super::super::super::__with_name0::TimeUnit::_lift(
                                                        l13 as u8,
                                                    )
                                                };
                                                V22::Time(e22)
                                            }
                                            18 => {
                                                let e22 = {
                                                    let l14 = i32::from(
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    let l15 = i32::from(
                                                        *base
                                                            .add(4 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    super::super::super::__with_name0::TimestampType {
                                                        unit: super::super::super::__with_name0::TimeUnit::_lift(
                                                            l14 as u8,
                                                        ),
                                                        zone: match l15 {
                                                            0 => None,
                                                            1 => {
                                                                let e = {
                                                                    let l16 = *base
                                                                        .add(5 * ::core::mem::size_of::<*const u8>())
                                                                        .cast::<*mut u8>();
                                                                    let l17 = *base
                                                                        .add(6 * ::core::mem::size_of::<*const u8>())
                                                                        .cast::<usize>();
                                                                    let len18 = l17;
                                                                    let bytes18 = _rt::Vec::from_raw_parts(
                                                                        l16.cast(),
                                                                        len18,
                                                                        len18,
                                                                    );
                                                                    _rt::string_lift(bytes18)
                                                                };
                                                                Some(e)
                                                            }
                                                            _ => _rt::invalid_enum_discriminant(),
                                                        },
                                                    }
                                                };
                                                V22::Timestamp(e22)
                                            }
                                            19 => {
                                                let e22 = {
                                                    let l19 = i32::from(
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    super::super::super::__with_name0::TimeUnit::_lift(
                                                        l19 as u8,
                                                    )
                                                };
                                                V22::Duration(e22)
                                            }
                                            20 => {
                                                let e22 = {
                                                    let l20 = i32::from(
                                                        *base
                                                            .add(3 * ::core::mem::size_of::<*const u8>())
                                                            .cast::<u8>(),
                                                    );
                                                    super::super::super::__with_name0::IntervalUnit::_lift(
                                                        l20 as u8,
                                                    )
                                                };
                                                V22::Interval(e22)
                                            }
                                            21 => V22::List,
                                            22 => {
                                                let e22 = {
                                                    let l21 = *base
                                                        .add(3 * ::core::mem::size_of::<*const u8>())
                                                        .cast::<i32>();
                                                    l21 as u32
                                                };
                                                V22::FixedSizeList(e22)
                                            }
                                            23 => V22::Struct,
                                            n => {
                                                debug_assert_eq!(n, 24, "invalid enum discriminant");
                                                V22::Map
                                            }
                                        };
                                        let l23 = i32::from(
                                            *base
                                                .add(7 * ::core::mem::size_of::<*const u8>())
                                                .cast::<u8>(),
                                        );
                                        let l24 = *base
                                            .add(4 + 7 * ::core::mem::size_of::<*const u8>())
                                            .cast::<i32>();
                                        super::super::super::__with_name0::Field {
                                            name: _rt::string_lift(bytes8),
                                            data_type: v22,
                                            nullable: _rt::bool_lift(l23 as u8),
                                            children: l24 as u32,
                                        }
                                    };
                                    result25.push(e25);
                                }
                                _rt::cabi_dealloc(
                                    base25,
                                    len25 * (8 + 7 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                                result25
                            };
                            Some(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result26
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Rows from the row `start` on, counted from 0, in the table's order: at least one, at most `max-rows`, and about a MiB; of each the columns that `wanted` names, in its order. None after
            /// the last row, where `columns` answers none, and where it has no such column.
            #[allow(async_fn_in_trait)]
            pub fn read(
                name: &str,
                wanted: &[_rt::String],
                start: u64,
                max_rows: u32,
            ) -> ::core::option::Option<Batch> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 6 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 6
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let vec2 = wanted;
                    let len2 = vec2.len();
                    let layout2 = _rt::alloc::Layout::from_size_align(
                            vec2.len() * (2 * ::core::mem::size_of::<*const u8>()),
                            ::core::mem::size_of::<*const u8>(),
                        )
                        .unwrap();
                    let (result2, _cleanup2) = crate::guest::Cleanup::new(layout2);
                    for (i, e) in vec2.into_iter().enumerate() {
                        let base = result2
                            .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                        {
                            let vec1 = e;
                            let ptr1 = vec1.as_ptr().cast::<u8>();
                            let len1 = vec1.len();
                            *base
                                .add(::core::mem::size_of::<*const u8>())
                                .cast::<usize>() = len1;
                            *base.add(0).cast::<*mut u8>() = ptr1.cast_mut();
                        }
                    }
                    let ptr3 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/tables@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "read"]
                        fn wit_import4(
                            _: *mut u8,
                            _: usize,
                            _: *mut u8,
                            _: usize,
                            _: i64,
                            _: i32,
                            _: *mut u8,
                        );
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import4(
                        _: *mut u8,
                        _: usize,
                        _: *mut u8,
                        _: usize,
                        _: i64,
                        _: i32,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import4(
                        ptr0.cast_mut(),
                        len0,
                        result2,
                        len2,
                        _rt::as_i64(&start),
                        _rt::as_i32(&max_rows),
                        ptr3,
                    );
                    let l5 = i32::from(*ptr3.add(0).cast::<u8>());
                    let result16 = match l5 {
                        0 => None,
                        1 => {
                            let e = {
                                let l6 = *ptr3
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<i32>();
                                let l7 = *ptr3
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l8 = *ptr3
                                    .add(3 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let len9 = l8;
                                let l10 = *ptr3
                                    .add(4 * ::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l11 = *ptr3
                                    .add(5 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let base15 = l10;
                                let len15 = l11;
                                let mut result15 = _rt::Vec::with_capacity(len15);
                                for i in 0..len15 {
                                    let base = base15
                                        .add(i * (2 * ::core::mem::size_of::<*const u8>()));
                                    let e15 = {
                                        let l12 = *base.add(0).cast::<*mut u8>();
                                        let l13 = *base
                                            .add(::core::mem::size_of::<*const u8>())
                                            .cast::<usize>();
                                        let len14 = l13;
                                        <_ as From<
                                            _rt::Vec<_>,
                                        >>::from(_rt::Vec::from_raw_parts(l12.cast(), len14, len14))
                                    };
                                    result15.push(e15);
                                }
                                _rt::cabi_dealloc(
                                    base15,
                                    len15 * (2 * ::core::mem::size_of::<*const u8>()),
                                    ::core::mem::size_of::<*const u8>(),
                                );
                                super::super::super::__with_name0::Batch {
                                    rows: l6 as u32,
                                    nodes: <_ as From<
                                        _rt::Vec<_>,
                                    >>::from(_rt::Vec::from_raw_parts(l7.cast(), len9, len9)),
                                    buffers: result15,
                                }
                            };
                            Some(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result16
                }
            }
        }
        /// Values of the job that are the same for all its tasks, such as a model or a list of rules, where the plugin is granted to read them. As of tables, a batch sees one version, and
        /// in `describe` and `bind` there is none.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod broadcasts {
            #[used]
            #[doc(hidden)]
            static __FORCE_SECTION_REF: fn() = super::super::super::__link_custom_section_describing_imports;
            use super::super::super::_rt;
            #[allow(unused_unsafe, clippy::all)]
            /// How many bytes a value has. None: there is no such value, or it isn't granted.
            #[allow(async_fn_in_trait)]
            pub fn size(name: &str) -> ::core::option::Option<u64> {
                unsafe {
                    #[repr(align(8))]
                    struct RetArea([::core::mem::MaybeUninit<u8>; 16]);
                    let mut ret_area = RetArea([::core::mem::MaybeUninit::uninit(); 16]);
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/broadcasts@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "size"]
                        fn wit_import2(_: *mut u8, _: usize, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import2(_: *mut u8, _: usize, _: *mut u8) {
                        unreachable!()
                    }
                    wit_import2(ptr0.cast_mut(), len0, ptr1);
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result5 = match l3 {
                        0 => None,
                        1 => {
                            let e = {
                                let l4 = *ptr1.add(8).cast::<i64>();
                                l4 as u64
                            };
                            Some(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result5
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Bytes from the byte `start` on, at most `max-bytes` of them, and at most a MiB. None after the last byte, and where `size` answers none.
            #[allow(async_fn_in_trait)]
            pub fn read(
                name: &str,
                start: u64,
                max_bytes: u32,
            ) -> ::core::option::Option<_rt::Vec<u8>> {
                unsafe {
                    #[cfg_attr(target_pointer_width = "64", repr(align(8)))]
                    #[cfg_attr(target_pointer_width = "32", repr(align(4)))]
                    struct RetArea(
                        [::core::mem::MaybeUninit<
                            u8,
                        >; 3 * ::core::mem::size_of::<*const u8>()],
                    );
                    let mut ret_area = RetArea(
                        [::core::mem::MaybeUninit::uninit(); 3
                            * ::core::mem::size_of::<*const u8>()],
                    );
                    let vec0 = name;
                    let ptr0 = vec0.as_ptr().cast::<u8>();
                    let len0 = vec0.len();
                    let ptr1 = ret_area.0.as_mut_ptr().cast::<u8>();
                    #[cfg(target_arch = "wasm32")]
                    #[link(wasm_import_module = "sluicebox:operator/broadcasts@0.1.0")]
                    unsafe extern "C" {
                        #[link_name = "read"]
                        fn wit_import2(_: *mut u8, _: usize, _: i64, _: i32, _: *mut u8);
                    }
                    #[cfg(not(target_arch = "wasm32"))]
                    unsafe extern "C" fn wit_import2(
                        _: *mut u8,
                        _: usize,
                        _: i64,
                        _: i32,
                        _: *mut u8,
                    ) {
                        unreachable!()
                    }
                    wit_import2(
                        ptr0.cast_mut(),
                        len0,
                        _rt::as_i64(&start),
                        _rt::as_i32(&max_bytes),
                        ptr1,
                    );
                    let l3 = i32::from(*ptr1.add(0).cast::<u8>());
                    let result7 = match l3 {
                        0 => None,
                        1 => {
                            let e = {
                                let l4 = *ptr1
                                    .add(::core::mem::size_of::<*const u8>())
                                    .cast::<*mut u8>();
                                let l5 = *ptr1
                                    .add(2 * ::core::mem::size_of::<*const u8>())
                                    .cast::<usize>();
                                let len6 = l5;
                                <_ as From<
                                    _rt::Vec<_>,
                                >>::from(_rt::Vec::from_raw_parts(l4.cast(), len6, len6))
                            };
                            Some(e)
                        }
                        _ => _rt::invalid_enum_discriminant(),
                    };
                    result7
                }
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub use alloc_crate::vec::Vec;
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
    pub unsafe fn cabi_dealloc(ptr: *mut u8, size: usize, align: usize) {
        if size == 0 {
            return;
        }
        unsafe {
            let layout = alloc::Layout::from_size_align_unchecked(size, align);
            alloc::dealloc(ptr, layout);
        }
    }
    pub use alloc_crate::string::String;
    pub use alloc_crate::alloc;
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
    extern crate alloc as alloc_crate;
}
#[cfg(target_arch = "wasm32")]
#[unsafe(
    link_section = "component-type:wit-bindgen:0.61.1:sluicebox:operator@0.1.0:reference-data:encoded world"
)]
#[doc(hidden)]
#[allow(clippy::octal_escapes)]
pub static __WIT_BINDGEN_COMPONENT_TYPE: [u8; 1257] = *b"\
\0asm\x0d\0\x01\0\0\x19\x16wit-component-encoding\x04\0\x07\xe4\x08\x01A\x02\x01\
A\x08\x01B\x1a\x01m\x04\x06second\x0bmillisecond\x0bmicrosecond\x0ananosecond\x04\
\0\x09time-unit\x03\0\0\x01m\x03\x0ayear-month\x08day-time\x0emonth-day-nano\x04\
\0\x0dinterval-unit\x03\0\x02\x01r\x02\x09precision}\x05scale~\x04\0\x0cdecimal-\
type\x03\0\x04\x01ks\x01r\x02\x04unit\x01\x04zone\x06\x04\0\x0etimestamp-type\x03\
\0\x07\x01q\x19\x07boolean\0\0\x04int8\0\0\x05int16\0\0\x05int32\0\0\x05int64\0\0\
\x05uint8\0\0\x06uint16\0\0\x06uint32\0\0\x06uint64\0\0\x07float32\0\0\x07float6\
4\0\0\x0adecimal128\x01\x05\0\x04utf8\0\0\x06binary\0\0\x11fixed-size-binary\x01\
y\0\x06date32\0\0\x06date64\0\0\x04time\x01\x01\0\x09timestamp\x01\x08\0\x08dura\
tion\x01\x01\0\x08interval\x01\x03\0\x04list\0\0\x0ffixed-size-list\x01y\0\x06st\
ruct\0\0\x03map\0\0\x04\0\x09data-type\x03\0\x09\x01r\x04\x04names\x09data-type\x0a\
\x08nullable\x7f\x08childreny\x04\0\x05field\x03\0\x0b\x01p\x0c\x04\0\x06schema\x03\
\0\x0d\x01r\x02\x06lengthy\x0anull-county\x04\0\x04node\x03\0\x0f\x01p\x10\x01p}\
\x01p\x12\x01r\x03\x04rowsy\x05nodes\x11\x07buffers\x13\x04\0\x05batch\x03\0\x14\
\x01r\x06\x03jobs\x06streams\x0dbatch-time-msx\x09partitiony\x0apartitionsy\x07a\
ttempty\x04\0\x07context\x03\0\x16\x01q\x04\x0einvalid-config\x01s\0\x0dinvalid-\
input\x01s\0\x06failed\x01s\0\x0bunavailable\x01s\0\x04\0\x05error\x03\0\x18\x03\
\0\x1dsluicebox:operator/data@0.1.0\x05\0\x02\x03\0\0\x05batch\x02\x03\0\0\x06sc\
hema\x01B\x0b\x02\x03\x02\x01\x01\x04\0\x05batch\x03\0\0\x02\x03\x02\x01\x02\x04\
\0\x06schema\x03\0\x02\x01k\x03\x01@\x01\x04names\0\x04\x04\0\x07columns\x01\x05\
\x01ps\x01k\x01\x01@\x04\x04names\x06wanted\x06\x05startw\x08max-rowsy\0\x07\x04\
\0\x04read\x01\x08\x03\0\x1fsluicebox:operator/tables@0.1.0\x05\x03\x01B\x07\x01\
kw\x01@\x01\x04names\0\0\x04\0\x04size\x01\x01\x01p}\x01k\x02\x01@\x03\x04names\x05\
startw\x09max-bytesy\0\x03\x04\0\x04read\x01\x04\x03\0#sluicebox:operator/broadc\
asts@0.1.0\x05\x04\x04\0'sluicebox:operator/reference-data@0.1.0\x04\0\x0b\x14\x01\
\0\x0ereference-data\x03\0\0\0G\x09producers\x01\x0cprocessed-by\x02\x0dwit-comp\
onent\x070.258.3\x10wit-bindgen-rust\x060.61.1";
#[inline(never)]
#[doc(hidden)]
pub fn __link_custom_section_describing_imports() {
    crate::guest::maybe_link_cabi_realloc();
}
