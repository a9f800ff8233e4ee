//! Compiled code kept between runs.
//!
//! Compiled code is run as it is, so an entry must be one that this host wrote: the folder and all in it belong to the host's user alone, and each entry
//! is authenticated with a key that lies beside the folder of entries. An entry is written under another name and renamed; one that is
//! cut short, changed, or of another version of wasmtime is compiled anew and replaced. Losing the folder costs time and nothing else.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::Digest;

/// The largest entry read, in bytes: compiled code is a few times as large as a component may be.
const MAX_ENTRY: u64 = 1 << 30;
const TAG: usize = 32;
/// Changed whenever the form of an entry changes.
const FORM: &[u8] = b"sluicebox compiled code 1";

/// The folder of compiled code.
#[derive(Debug)]
pub struct CodeCache {
    entries: PathBuf,
    key: [u8; 32],
    compatibility: u64,
    n_written: AtomicU64,
}

impl CodeCache {
    /// Use `folder`, made if it isn't there, for code of `engine`.
    ///
    /// # Errors
    /// If it can't be made, written, or kept from other users.
    pub fn open(folder: &Path, engine: &Engine) -> io::Result<Self> {
        let entries = folder.join("code");
        private_folder(folder)?;
        private_folder(&entries)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let key = read_or_make_key(&folder.join("key"))?;
        Ok(Self { entries, key, compatibility: hasher.finish(), n_written: AtomicU64::new(0) })
    }

    /// The compiled code of the component `digest`, if there is a sound entry.
    pub fn load(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let name = self.name(digest);
        let bytes = match read_entry(&self.entries.join(&name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%digest, %error, "compiled code can't be read, the component is compiled again");
                return None;
            }
        };
        let Some((tag, code)) = bytes.split_at_checked(TAG).filter(|(tag, code)| same(tag, &self.tag(&name, code)))
        else {
            tracing::warn!(%digest, entry = %self.entries.join(&name).display(), "compiled code was changed on disk, the component is compiled again");
            return None;
        };
        debug_assert_eq!(tag.len(), TAG);
        // SAFETY: the bytes are those that `store` wrote, which wasmtime made: they are authenticated with a key that only this user can read,
        // and were read into memory before they were checked, so that nothing can change them any more.
        match unsafe { Component::deserialize(engine, code) } {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::info!(%digest, %error, "compiled code doesn't suit this program, the component is compiled again");
                None
            }
        }
    }

    /// Keep the compiled code of `component`. A failure is logged: the next run compiles again.
    pub fn store(&self, digest: &Digest, component: &Component) {
        let stored =
            component.serialize().map_err(io::Error::other).and_then(|code| self.write(&self.name(digest), &code));
        if let Err(error) = stored {
            tracing::warn!(%digest, %error, "compiled code can't be kept, the component is compiled again next time");
        }
    }

    fn write(&self, name: &str, code: &[u8]) -> io::Result<()> {
        let number = self.n_written.fetch_add(1, Ordering::Relaxed);
        let temporary = self.entries.join(format!("{name}.{}.{number}.tmp", std::process::id()));
        let written = (|| {
            let mut file = private_file(&temporary)?;
            file.write_all(&self.tag(name, code))?;
            file.write_all(code)?;
            file.sync_data()?;
            fs::rename(&temporary, self.entries.join(name))
        })();
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn name(&self, digest: &Digest) -> String {
        let mut hash = Sha256::new();
        hash.update(FORM);
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(digest.0);
        hash.update(self.compatibility.to_le_bytes());
        Digest(hash.finalize().into()).to_string()
    }

    /// The tag is of the entry's name too, so that one can't be put in another's place.
    fn tag(&self, name: &str, code: &[u8]) -> [u8; TAG] {
        hmac(&self.key, &[FORM, name.as_bytes(), code])
    }
}

/// HMAC-SHA-256 (RFC 2104) of `parts`, one after the other. The `hmac` crate would turn on a feature of `digest`, and with it build
/// the compiler's crates twice, for these few lines.
fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; TAG] {
    let block = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = parts.iter().fold(Sha256::new_with_prefix(block(0x36)), |hash, part| hash.chain_update(part));
    Sha256::new_with_prefix(block(0x5c)).chain_update(inner.finalize()).finalize().into()
}

/// Equality in a time that says nothing about where two tags differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn private_folder(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() || found.uid() != user() {
        let what = format!("{} must be a folder of the user who runs this, and is not", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn user() -> u32 {
    // SAFETY: it has no arguments and can't fail.
    unsafe { libc::geteuid() }
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn read_entry(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len().min(MAX_ENTRY)).unwrap_or(0));
    file.take(MAX_ENTRY).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The key in `path`, or a new one where there is none, or none that is private.
fn read_or_make_key(path: &Path) -> io::Result<[u8; 32]> {
    if let Some(key) = read_key(path)? {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let _ = fs::remove_file(&temporary);
    private_file(&temporary).and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_data()))?;
    // Another process may make one at the same time: the first stays.
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_key(path)?.ok_or_else(|| io::Error::other("the key was changed while it was made"))
        }
        Err(error) => Err(error),
    }
}

/// None if there is no key, or it was not private: then it is removed, and whatever it signed is not taken.
fn read_key(path: &Path) -> io::Result<Option<[u8; 32]>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let private = found.is_file() && found.uid() == user() && found.mode() & 0o077 == 0;
    let key = if private { fs::read(path)?.try_into().ok() } else { None };
    if key.is_none() {
        fs::remove_file(path)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_the_standard() {
        // RFC 4231, test case 2, whose key is shorter: zeros fill it up to the block either way.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let tag = hmac(&key, &[b"what do ya want ", b"for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(Digest(tag).to_string(), expected);
        assert!(same(&tag, &tag) && !same(&tag, &[0; 32]) && !same(&tag, &[]));
    }

    #[test]
    fn entries_are_taken_back_unless_they_were_changed() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let empty = Component::new(&engine, b"\0asm\x0d\0\x01\0").unwrap();
        let digest = Digest([1; 32]);
        let cache = CodeCache::open(&folder.path().join("cache"), &engine).unwrap();
        assert!(cache.load(&engine, &digest).is_none());
        cache.store(&digest, &empty);
        assert!(cache.load(&engine, &digest).is_some());
        let entry = cache.entries.join(cache.name(&digest));
        assert_eq!(fs::metadata(&entry).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&cache.entries).unwrap().mode() & 0o777, 0o700);
        assert!(CodeCache::open(&folder.path().join("cache"), &engine).unwrap().load(&engine, &digest).is_some());

        fs::copy(&entry, cache.entries.join(cache.name(&Digest([2; 32])))).unwrap();
        assert!(cache.load(&engine, &Digest([2; 32])).is_none(), "an entry of another component");
        let good = fs::read(&entry).unwrap();
        for at in [0, 40, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&entry, bad).unwrap();
            assert!(cache.load(&engine, &digest).is_none(), "byte {at} was changed");
        }
        for length in [0, 31, 32, good.len() / 2] {
            fs::write(&entry, &good[..length]).unwrap();
            assert!(cache.load(&engine, &digest).is_none(), "cut to {length} bytes");
        }
        cache.store(&digest, &empty);
        assert!(cache.load(&engine, &digest).is_some(), "replaced");
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let key = read_or_make_key(&path).unwrap();
        assert_eq!(read_or_make_key(&path).unwrap(), key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(read_or_make_key(&path).unwrap(), key);
        fs::write(&path, b"short").unwrap();
        assert_ne!(read_or_make_key(&path).unwrap(), key);
    }
}
