//! Components in the checkpoint, by their digests, each with what vouches for it beside it: what is restored is looked at as what comes into a job is.

use bytes::Bytes;

use super::driver::Driver;
use crate::checkpoint::{Store, StoreError};
use crate::error::{Error, Result};
use crate::plugin::{Digest, TrustedKey, signature};

/// A component, and its signature where the job wants one.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// Its bytes.
    pub bytes: Bytes,
    /// The text of the signature's file.
    pub signature: Option<String>,
}

/// Where a component is, below the checkpoint.
pub fn component(digest: &Digest) -> String {
    format!("components/{digest}.wasm")
}

/// Where its signature is.
fn signature_of(digest: &Digest) -> String {
    format!("components/{digest}.minisig")
}

/// Put a component into the checkpoint, the signature first: whoever finds the one finds the other. An earlier signature may be by a key that the job trusts no more.
pub async fn keep(store: &Store, digest: &Digest, vouched: &Vouched) -> Result<(), StoreError> {
    if let Some(text) = &vouched.signature {
        store.put(&signature_of(digest), Bytes::copy_from_slice(text.as_bytes())).await?;
    }
    store.create(&component(digest), vouched.bytes.clone()).await.map(drop)
}

/// Remove a component from the checkpoint.
pub async fn remove(store: &Store, digest: &Digest) -> Result<(), StoreError> {
    store.delete(&component(digest)).await?;
    store.delete(&signature_of(digest)).await
}

/// The bytes of a component that the checkpoint has.
///
/// # Errors
/// Why they can't be had.
pub async fn fetch(store: &Store, digest: &Digest) -> Result<Bytes, String> {
    let path = component(digest);
    let bytes = store.get(&path).await.map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or_else(|| format!("its component is missing: {}/{path}", store.url()))?;
    match Digest::of(&bytes) {
        found if found == *digest => Ok(bytes),
        found => Err(format!("{}/{path} is damaged: its digest is {found}", store.url())),
    }
}

/// See that one of the keys, if there are any, signed a component that the checkpoint has: its signature, if there is one.
///
/// # Errors
/// What is wrong with the signature.
pub async fn check(
    store: &Store,
    keys: &[TrustedKey],
    digest: &Digest,
    bytes: &[u8],
) -> Result<Option<String>, String> {
    let path = signature_of(digest);
    let text = store.get(&path).await.map_err(|error| error.to_string())?;
    let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
    let checked = signature::check(keys, bytes, text.as_deref());
    checked.map(|()| text).map_err(|reason| format!("its component's signature {}/{path} {reason}", store.url()))
}

impl Driver {
    /// Put a component into the checkpoint, if there is one.
    pub(super) async fn keep_component(&self, digest: &Digest, vouched: &Vouched) -> Result<()> {
        match &self.parts.checkpoint {
            Some(store) => keep(store, digest, vouched).await.map_err(Error::failed),
            None => Ok(()),
        }
    }

    /// Load a component that the checkpoint has, if someone the job trusts vouches for it: else the inner error says what is wrong.
    pub(super) async fn restore_component(&self, store: &Store, digest: &Digest) -> Result<Result<(), String>, String> {
        let bytes = fetch(store, digest).await?;
        // Before anything is done with them.
        let edition = self.edition();
        let signature = match check(store, &edition.definition().job.trusted_keys, digest, &bytes).await {
            Ok(signature) => signature,
            Err(reason) => return Ok(Err(reason)),
        };
        let host = self.parts.plugins.clone();
        let added = tokio::task::spawn_blocking(move || host.add(&bytes)).await.map_err(|error| error.to_string())?;
        added.map_err(|error| error.to_string())?;
        self.parts.plugins.keep_signature(digest, signature.as_deref());
        Ok(Ok(()))
    }
}
