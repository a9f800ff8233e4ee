//! What a guest may open once: the body of a message, the stream of a body.

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::plugin::guest::Guest;

impl Guest {
    /// Open what a resource has; the second time, as WASI has it, it has nothing.
    ///
    /// # Errors
    /// When the guest has no such resource, or too many others.
    pub fn open_once<T: 'static, U: Send + 'static>(
        &mut self,
        of: &Resource<T>,
        open: impl FnOnce(&mut T) -> Option<U>,
    ) -> Result<Result<Resource<U>, ()>> {
        let table = &mut self.outside().table;
        match open(table.get_mut(of)?) {
            Some(opened) => Ok(Ok(table.push(opened)?)),
            None => Ok(Err(())),
        }
    }
}

/// Whether something is taken for the first time.
pub fn is_first(is_taken: &mut bool) -> bool {
    !std::mem::replace(is_taken, true)
}
