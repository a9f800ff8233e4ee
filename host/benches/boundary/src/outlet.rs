//! The import through which a guest can hand over its output while it runs: in the host's function the guest's memory can be read in
//! place, so bytes are copied once, to wherever they should be.

use crate::host::Host;
use crate::shapes::{BatchVec, BatchView, BodyOut};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use wasmtime::component::{Linker, WasmList};
use wasmtime::{Result, StoreContextMut};

/// What is done with an emitted batch.
#[derive(Clone, Copy)]
pub enum Outlet {
    /// Copied from the guest's memory into new buffers aligned as Arrow's are.
    Aligned,
    /// Copied from the guest's memory into buffers that are used again.
    Again,
    /// Lifted by wasmtime into vectors.
    Lifted,
}

/// What a guest has emitted.
#[derive(Default)]
pub struct Emitted {
    pub aligned: Vec<Aligned>,
    pub lifted: Vec<Vec<u8>>,
}

impl Emitted {
    pub fn clear(&mut self) {
        self.aligned.clear();
        self.lifted.clear();
    }
}

thread_local! {
    static POOL: std::cell::RefCell<Vec<Vec<u8>>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Bytes at an address that is a multiple of 64, as Arrow allocates them.
pub struct Aligned {
    at: std::ptr::NonNull<u8>,
    layout: Layout,
}

// SAFETY: the bytes belong to this value alone.
unsafe impl Send for Aligned {}

impl Aligned {
    fn from_slice(bytes: &[u8]) -> Self {
        let layout = Layout::from_size_align(bytes.len().max(1), 64).expect("a guest's list is smaller than 4 GiB");
        // SAFETY: the layout's size isn't zero; the new bytes are as many as are copied, and belong to nobody else.
        unsafe {
            let Some(at) = std::ptr::NonNull::new(alloc(layout)) else { handle_alloc_error(layout) };
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), at.as_ptr(), bytes.len());
            Aligned { at, layout }
        }
    }
}

impl Drop for Aligned {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and dropped once.
        unsafe { dealloc(self.at.as_ptr(), self.layout) }
    }
}

impl Outlet {
    pub fn link(self, linker: &mut Linker<Host>) -> Result<()> {
        let mut outlet = linker.instance("sluicebox-bench:boundary/outlet@0.1.0")?;
        match self {
            Outlet::Aligned => outlet.func_wrap("emit", |cx: StoreContextMut<'_, Host>, (batch,): (BatchView,)| {
                let buffers = batch.buffers.iter().map(|list| Aligned::from_slice(list.as_le_slice(&cx))).collect();
                keep_aligned(cx, buffers)
            })?,
            Outlet::Again => outlet.func_wrap("emit", |cx: StoreContextMut<'_, Host>, (batch,): (BatchView,)| {
                POOL.with_borrow_mut(|pool| {
                    pool.resize_with(pool.len().max(batch.buffers.len()), Vec::new);
                    for (to, list) in pool.iter_mut().zip(&batch.buffers) {
                        to.clear();
                        to.extend_from_slice(list.as_le_slice(&cx));
                    }
                });
                Ok(())
            })?,
            Outlet::Lifted => {
                outlet.func_wrap("emit", |mut cx: StoreContextMut<'_, Host>, (batch,): (BatchVec,)| {
                    cx.data_mut().emitted.lifted = batch.buffers;
                    Ok(())
                })?
            }
        }
        outlet.func_wrap("emit-body", |cx: StoreContextMut<'_, Host>, (body,): (BodyOut<WasmList<u8>>,)| {
            let buffers = vec![Aligned::from_slice(body.bytes.as_le_slice(&cx))];
            keep_aligned(cx, buffers)
        })
    }
}

fn keep_aligned(mut cx: StoreContextMut<'_, Host>, buffers: Vec<Aligned>) -> Result<()> {
    cx.data_mut().emitted.aligned = buffers;
    Ok(())
}
