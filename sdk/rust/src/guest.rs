//! What the generated bindings need from a runtime: constructors, memory for arguments, memory for results.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::ptr::{self, NonNull};

/// Run the module's constructors before the first call. Naming the function keeps the linker from wrapping
/// every export with a call to it.
#[cfg(target_arch = "wasm32")]
pub fn run_ctors_once() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static DONE: AtomicBool = AtomicBool::new(false);
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    if !DONE.swap(true, Ordering::Relaxed) {
        // SAFETY: the linker makes this function, and it is called once.
        unsafe { __wasm_call_ctors() }
    }
}

/// The bindings name it; [`crate::plugin!`] exports the allocator itself, so there is nothing to link.
pub fn maybe_link_cabi_realloc() {}

/// The allocator that the host calls to hand over arguments.
///
/// # Safety
/// As the canonical ABI says: `old` is null with `old_len` 0, or came from here with `old_len` and `align`.
pub unsafe fn cabi_realloc(old: *mut u8, old_len: usize, align: usize, new_len: usize) -> *mut u8 {
    if new_len == 0 {
        return ptr::without_provenance_mut(align);
    }
    // SAFETY: align is a power of two and sizes are below 2^32, by the ABI.
    let new = unsafe {
        if old_len == 0 {
            alloc(Layout::from_size_align_unchecked(new_len, align))
        } else {
            realloc(old, Layout::from_size_align_unchecked(old_len, align), new_len)
        }
    };
    if new.is_null() {
        // No import may be called from here, so there is no way to say more; the host knows which limit was met.
        std::process::abort();
    }
    new
}

/// Memory for a result, given back by the bindings' post-return functions.
pub struct Cleanup {
    start: NonNull<u8>,
    layout: Layout,
}

impl Cleanup {
    /// Allocate. No memory and a null pointer for a layout of size 0.
    pub fn new(layout: Layout) -> (*mut u8, Option<Cleanup>) {
        if layout.size() == 0 {
            return (ptr::null_mut(), None);
        }
        // SAFETY: the layout's size is not 0.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => (start.as_ptr(), Some(Cleanup { start, layout })),
            None => handle_alloc_error(layout),
        }
    }

    /// Leave the memory to whoever has the pointer.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and not forgotten.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// Sets of flags, as the bindings declare them.
pub mod bitflags {
    /// A set of flags: what the crate of this name makes, as far as the bindings need it.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __flags {
        (
            $(#[$about:meta])* pub struct $Set:ident: $Bits:ty {
                $($(#[$about_flag:meta])* const $FLAG:ident = $bit:expr;)*
            }
        ) => {
            $(#[$about])*
            pub struct $Set($Bits);

            impl $Set {
                $($(#[$about_flag])* pub const $FLAG: Self = Self($bit);)*

                /// None of them.
                pub const fn empty() -> Self {
                    Self(0)
                }

                /// The flags as bits.
                pub const fn bits(&self) -> $Bits {
                    self.0
                }

                /// Flags of bits, also of those without a name.
                pub const fn from_bits_retain(bits: $Bits) -> Self {
                    Self(bits)
                }

                /// Whether all of `other` are among them.
                pub const fn contains(&self, other: Self) -> bool {
                    self.0 & other.0 == other.0
                }
            }

            impl ::core::ops::BitOr for $Set {
                type Output = Self;

                fn bitor(self, other: Self) -> Self {
                    Self(self.0 | other.0)
                }
            }
        };
    }

    pub use crate::__flags as bitflags;
}
