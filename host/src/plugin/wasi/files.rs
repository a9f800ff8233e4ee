//! Files and directories that an instance has open, within the directories it may read.
//!
//! A directory is a capability: paths are resolved below it one part at a time, and neither `..` nor a link leads out of it. Only files and directories are
//! opened, so that nothing is read that blocks, as a pipe does, or does something, as a device may.

use std::io;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, FileType, FileTypeExt, Metadata, MetadataExt, OpenOptions, OpenOptionsExt, ReadDir};
use sha2::{Digest, Sha256};

use super::bindings::wasi::clocks::wall_clock::Datetime;
use super::bindings::wasi::filesystem::types::{DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue};
use super::outside::Token;
use crate::plugin::grants::Directory;

/// The longest path, in bytes, as Linux has it.
const MAX_PATH: usize = 4_095;
/// The most bytes read at a time from a place that the guest names.
const MAX_READ: u64 = 1 << 20;

/// Something open, which a descriptor and its streams share.
#[derive(Debug)]
pub enum Descriptor {
    /// A directory.
    Directory(Arc<OpenDirectory>),
    /// A regular file.
    File(Arc<OpenFile>),
    /// A granted directory that can't be opened, and why.
    Gone(ErrorCode),
}

/// An open directory.
#[derive(Debug)]
pub struct OpenDirectory {
    dir: Dir,
    /// None where it is one of the granted.
    _token: Option<Token>,
}

/// An open file.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    _token: Token,
}

/// The entries of a directory that weren't given yet.
pub struct Entries {
    entries: ReadDir,
    _token: Token,
}

impl Descriptor {
    /// A directory that is granted.
    pub fn granted(directory: &Directory) -> Self {
        match Dir::open_ambient_dir(&directory.path, ambient_authority()) {
            Ok(dir) => Self::Directory(Arc::new(OpenDirectory { dir, _token: None })),
            Err(error) => {
                let path = directory.path.display();
                tracing::warn!(%path, %error, "a directory that a plugin may read can't be opened");
                Self::Gone(error_code(&error))
            }
        }
    }

    /// The same, once more.
    pub fn share(&self) -> Self {
        match self {
            Self::Directory(directory) => Self::Directory(Arc::clone(directory)),
            Self::File(file) => Self::File(Arc::clone(file)),
            Self::Gone(code) => Self::Gone(*code),
        }
    }

    /// It as a file.
    pub fn file(&self) -> Result<&Arc<OpenFile>, ErrorCode> {
        match self {
            Self::File(file) => Ok(file),
            Self::Directory(_) => Err(ErrorCode::IsDirectory),
            Self::Gone(code) => Err(*code),
        }
    }

    /// It as a directory.
    pub fn directory(&self) -> Result<&OpenDirectory, ErrorCode> {
        match self {
            Self::Directory(directory) => Ok(directory),
            Self::File(_) => Err(ErrorCode::NotDirectory),
            Self::Gone(code) => Err(*code),
        }
    }

    /// What is known of it.
    pub fn metadata(&self) -> Result<Metadata, ErrorCode> {
        let metadata = match self {
            Self::Directory(directory) => directory.dir.dir_metadata(),
            Self::File(file) => file.file.metadata(),
            Self::Gone(code) => return Err(*code),
        };
        metadata.map_err(|error| error_code(&error))
    }
}

impl OpenFile {
    /// At most so many bytes from `offset` on, and at most [`MAX_READ`]; none at the end.
    pub fn read_at(&self, length: u64, offset: u64) -> Result<Vec<u8>, ErrorCode> {
        let size = self.file.metadata().map_err(|error| error_code(&error))?.len();
        // No more is there than the file has, unless it is of those that the system makes as they are read, which have no size.
        let left = if size == 0 { MAX_READ } else { size.saturating_sub(offset) };
        let length = usize::try_from(length.min(MAX_READ).min(left)).unwrap_or(0);
        if length == 0 {
            return Ok(vec![]);
        }
        let mut bytes = vec![0; length];
        loop {
            match rustix::io::pread(&self.file, &mut bytes, offset) {
                Ok(n) => {
                    bytes.truncate(n);
                    return Ok(bytes);
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(error_code(&errno.into())),
            }
        }
    }
}

impl OpenDirectory {
    /// Open what is at `path`, for reading.
    pub fn open(&self, path: &str, follow: bool, directory: bool, token: Token) -> Result<Descriptor, ErrorCode> {
        let metadata = self.metadata(path, follow)?;
        let failed = |error: io::Error| error_code(&error);
        if metadata.is_dir() {
            let dir = self.dir.open_dir(path).map_err(failed)?;
            return Ok(Descriptor::Directory(Arc::new(OpenDirectory { dir, _token: Some(token) })));
        }
        if directory {
            return Err(ErrorCode::NotDirectory);
        }
        refuse_special(&metadata)?;
        // What stands there may be something else by now, so it is looked at again, and opening it waits for nothing.
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        let file = self.dir.open_with(path, &options).map_err(failed)?;
        refuse_special(&file.metadata().map_err(failed)?)?;
        Ok(Descriptor::File(Arc::new(OpenFile { file, _token: token })))
    }

    /// What is known of what is at `path`.
    pub fn metadata(&self, path: &str, follow: bool) -> Result<Metadata, ErrorCode> {
        check_path(path)?;
        let metadata = if follow { self.dir.metadata(path) } else { self.dir.symlink_metadata(path) };
        metadata.map_err(|error| error_code(&error))
    }

    /// Where a link leads, as it says.
    pub fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        check_path(path)?;
        let place = self.dir.read_link(path).map_err(|error| error_code(&error))?;
        place.into_os_string().into_string().map_err(|_| ErrorCode::IllegalByteSequence)
    }

    /// What is in it.
    pub fn entries(&self, token: Token) -> Result<Entries, ErrorCode> {
        let entries = self.dir.entries().map_err(|error| error_code(&error))?;
        Ok(Entries { entries, _token: token })
    }
}

impl Entries {
    /// The next one, in the system's order, which is none.
    pub fn next(&mut self) -> Result<Option<(DescriptorType, String)>, ErrorCode> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let entry = entry.map_err(|error| error_code(&error))?;
        let kind = entry.file_type().map_err(|error| error_code(&error))?;
        let name = entry.file_name().into_string().map_err(|_| ErrorCode::IllegalByteSequence)?;
        Ok(Some((type_of(kind), name)))
    }
}

fn check_path(path: &str) -> Result<(), ErrorCode> {
    match path {
        "" => Err(ErrorCode::NoEntry),
        _ if path.len() > MAX_PATH => Err(ErrorCode::NameTooLong),
        _ if path.contains('\0') => Err(ErrorCode::Invalid),
        _ => Ok(()),
    }
}

fn refuse_special(metadata: &Metadata) -> Result<(), ErrorCode> {
    match metadata.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_dir() => Err(ErrorCode::IsDirectory),
        kind if kind.is_symlink() => Err(ErrorCode::Loop),
        _ => Err(ErrorCode::Unsupported),
    }
}

/// What kind of thing it is.
pub fn type_of(kind: FileType) -> DescriptorType {
    match kind {
        kind if kind.is_file() => DescriptorType::RegularFile,
        kind if kind.is_dir() => DescriptorType::Directory,
        kind if kind.is_symlink() => DescriptorType::SymbolicLink,
        kind if kind.is_fifo() => DescriptorType::Fifo,
        kind if kind.is_socket() => DescriptorType::Socket,
        kind if kind.is_block_device() => DescriptorType::BlockDevice,
        kind if kind.is_char_device() => DescriptorType::CharacterDevice,
        _ => DescriptorType::Unknown,
    }
}

/// What WASI tells of a file.
pub fn stat(metadata: &Metadata) -> DescriptorStat {
    // WASI has no times before 1970.
    let time = |seconds: i64, nanos: i64| {
        let (seconds, nanoseconds) = (u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        Some(Datetime { seconds, nanoseconds })
    };
    DescriptorStat {
        type_: type_of(metadata.file_type()),
        link_count: metadata.nlink(),
        size: metadata.len(),
        data_access_timestamp: time(metadata.atime(), metadata.atime_nsec()),
        data_modification_timestamp: time(metadata.mtime(), metadata.mtime_nsec()),
        status_change_timestamp: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// A number that another file has not, and that this one has no more when it has changed.
pub fn hash(metadata: &Metadata) -> MetadataHashValue {
    let mut sha = Sha256::new();
    for part in [metadata.dev(), metadata.ino(), metadata.len()] {
        sha.update(part.to_le_bytes());
    }
    for part in [metadata.mtime(), metadata.mtime_nsec()] {
        sha.update(part.to_le_bytes());
    }
    let digest = sha.finalize();
    let word = |idx: usize| digest[idx * 8..][..8].iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    MetadataHashValue { lower: word(0), upper: word(1) }
}

/// What went wrong, as WASI calls it.
pub fn error_code(error: &io::Error) -> ErrorCode {
    use io::ErrorKind as Kind;
    match (error.kind(), error.raw_os_error()) {
        // What would lead out of a directory is refused before the system is asked.
        (Kind::PermissionDenied, None) => ErrorCode::NotPermitted,
        (_, Some(libc::EPERM | libc::EXDEV)) => ErrorCode::NotPermitted,
        (_, Some(libc::ELOOP)) => ErrorCode::Loop,
        (_, Some(libc::EMFILE | libc::ENFILE)) => ErrorCode::Quota,
        (Kind::PermissionDenied, _) => ErrorCode::Access,
        (Kind::NotFound, _) => ErrorCode::NoEntry,
        (Kind::NotADirectory, _) => ErrorCode::NotDirectory,
        (Kind::IsADirectory, _) => ErrorCode::IsDirectory,
        (Kind::InvalidInput | Kind::InvalidData, _) => ErrorCode::Invalid,
        (Kind::InvalidFilename, _) => ErrorCode::NameTooLong,
        (Kind::Unsupported, _) => ErrorCode::Unsupported,
        (Kind::OutOfMemory, _) => ErrorCode::InsufficientMemory,
        _ => ErrorCode::Io,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::plugin::grants::Grants;
    use crate::plugin::wasi::outside::Outside;

    /// A directory beside which there is a file that it doesn't have.
    fn directory() -> (tempfile::TempDir, Descriptor) {
        let folder = tempfile::tempdir().unwrap();
        let granted = folder.path().join("granted");
        std::fs::create_dir_all(granted.join("in")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(granted.join("in/file"), "to be or not").unwrap();
        let descriptor = Descriptor::granted(&Directory { name: "granted".into(), path: granted });
        (folder, descriptor)
    }

    #[test]
    fn nothing_leads_out_of_a_directory() {
        let (folder, descriptor) = directory();
        let granted = folder.path().join("granted");
        symlink("../secret", granted.join("out")).unwrap();
        symlink(folder.path().join("secret"), granted.join("absolute")).unwrap();
        symlink("..", granted.join("up")).unwrap();
        symlink("in/file", granted.join("inside")).unwrap();
        symlink("round", granted.join("round")).unwrap();
        let directory = descriptor.directory().unwrap();
        let outside = Outside::new(Grants::NONE);
        let open = |path: &str, follow| {
            let opened = directory.open(path, follow, false, outside.file_token().unwrap())?;
            let bytes = opened.file()?.read_at(100, 0)?;
            Ok(String::from_utf8(bytes).unwrap())
        };
        let absolute = folder.path().join("secret");
        for path in [
            "../secret",
            "in/../../secret",
            "out",
            "absolute",
            "up/secret",
            "up",
            "..",
            absolute.to_str().unwrap(),
            "/",
        ] {
            assert_eq!(open(path, true), Err(ErrorCode::NotPermitted), "{path}");
        }
        for path in ["in/file", "in/../in/file", "./in//file", "inside"] {
            assert_eq!(open(path, true).as_deref(), Ok("to be or not"), "{path}");
        }
        assert_eq!(open("inside", false), Err(ErrorCode::Loop));
        assert_eq!(open("round", true), Err(ErrorCode::Loop));
        assert_eq!(open("", true), Err(ErrorCode::NoEntry));
        assert_eq!(open("none", true), Err(ErrorCode::NoEntry));
        assert_eq!(open("in", true), Err(ErrorCode::IsDirectory));
        assert_eq!(open("in/file/more", true), Err(ErrorCode::NotDirectory));
        assert_eq!(open("in\0", true), Err(ErrorCode::Invalid));
        assert_eq!(open(&"x/".repeat(MAX_PATH), true), Err(ErrorCode::NameTooLong));
        assert_eq!(directory.read_link("inside").as_deref(), Ok("in/file"));
        assert_eq!(directory.read_link("absolute"), Err(ErrorCode::NotPermitted));
    }

    #[test]
    fn only_files_are_read_and_nothing_blocks() {
        let (folder, descriptor) = directory();
        let fifo = folder.path().join("granted/fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let directory = descriptor.directory().unwrap();
        let outside = Outside::new(Grants::NONE);
        let token = || outside.file_token().unwrap();
        assert_eq!(directory.open("fifo", true, false, token()).unwrap_err(), ErrorCode::Unsupported);
        assert_eq!(directory.open("in/file", true, true, token()).unwrap_err(), ErrorCode::NotDirectory);
        let mut entries = directory.entries(token()).unwrap();
        let mut all = vec![];
        while let Some(entry) = entries.next().unwrap() {
            all.push(entry);
        }
        all.sort_by(|a, b| a.1.cmp(&b.1));
        assert_eq!(all, [(DescriptorType::Fifo, "fifo".to_owned()), (DescriptorType::Directory, "in".to_owned())]);
    }

    #[test]
    fn a_read_is_bounded_and_a_change_is_seen() {
        let (folder, descriptor) = directory();
        let path = folder.path().join("granted/large");
        std::fs::write(&path, vec![7; 3 << 20]).unwrap();
        let outside = Outside::new(Grants::NONE);
        let directory = descriptor.directory().unwrap();
        let opened = directory.open("large", true, false, outside.file_token().unwrap()).unwrap();
        let file = opened.file().unwrap();
        assert_eq!(file.read_at(u64::MAX, 0).unwrap().len() as u64, MAX_READ);
        assert_eq!(file.read_at(100, (3 << 20) - 1).unwrap(), [7]);
        assert!(file.read_at(100, 3 << 20).unwrap().is_empty());
        assert!(file.read_at(100, u64::MAX).unwrap().is_empty());
        let hash_of = |metadata: Metadata| (hash(&metadata).lower, hash(&metadata).upper);
        let before = hash_of(opened.metadata().unwrap());
        assert_eq!(before, hash_of(directory.metadata("large", true).unwrap()));
        std::fs::write(&path, vec![7; 2 << 20]).unwrap();
        assert_ne!(before, hash_of(opened.metadata().unwrap()));
        assert_eq!(stat(&opened.metadata().unwrap()).size, 2 << 20);
    }

    #[test]
    fn a_directory_that_is_gone_says_so() {
        let descriptor = Descriptor::granted(&Directory { name: "none".into(), path: "/no/such/directory".into() });
        assert_eq!(descriptor.directory().unwrap_err(), ErrorCode::NoEntry);
    }
}
