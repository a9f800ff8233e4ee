//! Memory that breaks rules: how the host gets room for what it hands over, what it is given back from, and when that is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::acts::Act;
use sluicebox_sdk::data::Batch;

/// What is done wrong from now on, as a number of the kind [`ATTACKS`] has.
static ATTACK: AtomicUsize = AtomicUsize::new(0);
/// Where all is put that is put in one place.
#[cfg(target_arch = "wasm32")]
static PLACE: AtomicUsize = AtomicUsize::new(0);

const ATTACKS: [Act; 6] = [
    Act::AllocateLoop,
    Act::AllocateTrap,
    Act::AllocateBeyond,
    Act::AllocateUnaligned,
    Act::AllocateSame,
    Act::FreeLoop,
];
/// Nothing is freed.
const KEEP: usize = 100;

/// Do it from now on, if it is one of these.
pub fn arm(act: Act) {
    if let Some(attack) = ATTACKS.iter().position(|attack| *attack == act) {
        ATTACK.store(attack + 1, Ordering::Relaxed);
    }
}

fn attack() -> Option<Act> {
    ATTACKS.get(ATTACK.load(Ordering::Relaxed).wrapping_sub(1)).copied()
}

struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

// SAFETY: the system's allocator does all of it, but for what isn't freed.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if attack() == Some(Act::FreeLoop) {
            crate::acts::endless_on_purpose();
        }
        if ATTACK.load(Ordering::Relaxed) != KEEP {
            // SAFETY: as the caller says.
            unsafe { System.dealloc(place, layout) }
        }
    }
}

/// How the host gets room for what it hands over.
#[cfg(target_arch = "wasm32")]
#[unsafe(export_name = "cabi_realloc")]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_len: usize, align: usize, new_len: usize) -> *mut u8 {
    // SAFETY: as the host says.
    let allocate = || unsafe { sluicebox_sdk::guest::cabi_realloc(old, old_len, align, new_len) };
    match attack() {
        Some(Act::AllocateLoop) => crate::acts::endless_on_purpose(),
        Some(Act::AllocateTrap) => std::process::abort(),
        Some(Act::AllocateBeyond) => 0xffff_ff00_usize as *mut u8,
        Some(Act::AllocateUnaligned) => allocate().wrapping_add(usize::from(align > 1)),
        Some(Act::AllocateSame) => match PLACE.load(Ordering::Relaxed) {
            0 => {
                let place = Vec::<u8>::leak(vec![0; 1 << 20]).as_mut_ptr();
                PLACE.store(place as usize, Ordering::Relaxed);
                place
            }
            place => place as *mut u8,
        },
        _ => allocate(),
    }
}

/// A batch whose buffers aren't where buffers are.
pub fn misplace(act: Act, batch: &mut Batch) {
    match act {
        Act::BuffersBeyond => {
            ATTACK.store(KEEP, Ordering::Relaxed);
            // SAFETY: none; the host is to find out.
            batch.buffers[4] = unsafe { Vec::from_raw_parts(0xffff_0000_usize as *mut u8, 1 << 20, 1 << 20) };
        }
        Act::BuffersOverlap => {
            ATTACK.store(KEEP, Ordering::Relaxed);
            // The texts are the first bytes of the numbers.
            let (place, length) = (batch.buffers[1].as_mut_ptr(), batch.buffers[4].len());
            // SAFETY: it is read only, and neither is freed.
            batch.buffers[4] = unsafe { Vec::from_raw_parts(place, length, length) };
        }
        _ => {}
    }
}
