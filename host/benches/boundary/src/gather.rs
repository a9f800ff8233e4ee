//! Several host buffers lowered as one WIT `list<u8>` without putting them together first. wasmtime has no public way to do this: the
//! hidden half of its traits is implemented by hand. It is here to know what the body shape would be worth at best, not as something the product does.

use std::mem::MaybeUninit;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lower};
use wasmtime::{Result, ValRaw};

/// Buffers that become one list, each beginning at a multiple of `ALIGNMENT`.
#[derive(Clone, Copy)]
pub struct Gather<'a>(pub &'a [&'a [u8]]);

/// As Arrow aligns its buffers.
pub const ALIGNMENT: usize = 64;

/// Where each of the buffers lies in the list, and how long the list is.
pub fn ranges(buffers: &[&[u8]]) -> (Vec<(u32, u32)>, usize) {
    let mut at = 0_usize;
    let ranges = buffers
        .iter()
        .map(|buffer| {
            let start = at;
            at = (at + buffer.len()).next_multiple_of(ALIGNMENT);
            (start as u32, (start + buffer.len()) as u32)
        })
        .collect();
    (ranges, at)
}

impl Gather<'_> {
    fn copy<T>(&self, cx: &mut LowerContext<'_, T>) -> Result<(usize, usize)> {
        let len = self.0.iter().map(|buffer| buffer.len().next_multiple_of(ALIGNMENT)).sum();
        let to = cx.realloc(0, 0, 1, len)?;
        // `realloc` has checked that these bytes are the guest's.
        let mut memory = &mut cx.as_slice_mut()[to..to + len];
        for buffer in self.0 {
            let (head, tail) = memory.split_at_mut(buffer.len().next_multiple_of(ALIGNMENT));
            head[..buffer.len()].copy_from_slice(buffer);
            memory = tail;
        }
        Ok((to, len))
    }
}

// SAFETY: everything the trait says about the type is taken from `[u8]`, the type whose place it takes.
unsafe impl ComponentType for Gather<'_> {
    type Lower = <[u8] as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = <[u8] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <[u8] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: a list is lowered as its address and length, both written, and the bytes they name are the guest's.
unsafe impl Lower for Gather<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let (at, len) = self.copy(cx)?;
        dst.write([ValRaw::i64(at as i64), ValRaw::i64(len as i64)]);
        Ok(())
    }

    fn linear_lower_to_memory<T>(&self, cx: &mut LowerContext<'_, T>, _ty: InterfaceType, offset: usize) -> Result<()> {
        let (at, len) = self.copy(cx)?;
        *cx.get(offset) = (at as u32).to_le_bytes();
        *cx.get(offset + 4) = (len as u32).to_le_bytes();
        Ok(())
    }
}
