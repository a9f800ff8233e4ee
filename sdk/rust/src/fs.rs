//! Files, to be read, for plugins that are granted to: `grants = { read = ["data"] }` in the job file.
//!
//! A path begins with the name of a directory as the job file has it: of `read = ["data"]`, `data/prices.csv`. In a plugin files are read through WASI's filesystem; in
//! a native test they are the standard library's, so there a path begins where the test runs. Nothing can be written.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

#[cfg(not(target_arch = "wasm32"))]
use native as system;
#[cfg(target_arch = "wasm32")]
use wasi as system;

/// An open file.
///
/// ```no_run
/// use sluicebox_sdk::fs::File;
/// use std::io::{BufRead, BufReader};
///
/// # fn main() -> std::io::Result<()> {
/// for line in BufReader::new(File::open("data/prices.csv")?).lines() {
///     let price = line?;
/// #   let _ = price;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct File(system::File);

/// What is known of a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Whether it is a file or a directory.
    pub kind: Kind,
    /// A file's size, in bytes.
    pub len: u64,
    /// When it was last changed, by the clock of the machine that changed it.
    pub modified: Option<SystemTime>,
}

/// What something in a directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A link, which may lead to a file or a directory.
    Link,
    /// Something that can't be read, such as a pipe.
    Other,
}

/// Something in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the directory's.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What is in a directory, in no order.
#[derive(Debug)]
pub struct ReadDir(system::ReadDir);

impl File {
    /// Open a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`] where it is not granted, or its path leads out of what is, and why it can't be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        system::File::open(path).map(Self).map_err(about("opening", path))
    }

    /// What is known of it now.
    ///
    /// # Errors
    /// Why that can't be told.
    pub fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata()
    }
}

impl Read for File {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() { Ok(0) } else { self.0.read(bytes) }
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Iterator for ReadDir {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// A file's bytes. The instance's memory bounds how many there can be.
///
/// # Errors
/// As [`File::open`], and why it can't be read.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let mut bytes = vec![];
    File::open(path)?.read_to_end(&mut bytes).map_err(about("reading", path))?;
    Ok(bytes)
}

/// A file's text.
///
/// # Errors
/// As [`read`], and where it isn't UTF-8.
pub fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref();
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text).map_err(about("reading", path))?;
    Ok(text)
}

/// What is in a directory. An entry whose name isn't UTF-8 is an error of its own, after which there are others.
///
/// # Errors
/// As [`File::open`].
pub fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref();
    system::ReadDir::open(path).map(ReadDir).map_err(about("listing", path))
}

/// What is known of what is at a path, links followed.
///
/// # Errors
/// As [`File::open`].
pub fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    let path = path.as_ref();
    system::metadata(path).map_err(about("looking at", path))
}

fn about(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{doing} {}: {error}", path.display()))
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::*;

    #[derive(Debug)]
    pub struct File(std::fs::File);

    impl File {
        pub fn open(path: &Path) -> io::Result<Self> {
            let file = std::fs::File::open(path)?;
            match file.metadata()?.is_dir() {
                true => Err(io::ErrorKind::IsADirectory.into()),
                false => Ok(Self(file)),
            }
        }

        pub fn metadata(&self) -> io::Result<Metadata> {
            self.0.metadata().map(|metadata| known(&metadata))
        }

        pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.0.read(bytes)
        }

        pub fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[derive(Debug)]
    pub struct ReadDir(std::fs::ReadDir);

    impl ReadDir {
        pub fn open(path: &Path) -> io::Result<Self> {
            std::fs::read_dir(path).map(Self)
        }

        pub fn next(&mut self) -> Option<io::Result<Entry>> {
            let entry = |entry: std::fs::DirEntry| {
                let kind = kind(entry.file_type()?);
                let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidFilename)?;
                Ok(Entry { name, kind })
            };
            self.0.next().map(|found| found.and_then(entry))
        }
    }

    pub fn metadata(path: &Path) -> io::Result<Metadata> {
        std::fs::metadata(path).map(|metadata| known(&metadata))
    }

    fn known(metadata: &std::fs::Metadata) -> Metadata {
        let len = if metadata.is_file() { metadata.len() } else { 0 };
        Metadata { kind: kind(metadata.file_type()), len, modified: metadata.modified().ok() }
    }

    fn kind(kind: std::fs::FileType) -> Kind {
        match kind {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Other,
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasi {
    use std::path::{Component, PathBuf};
    use std::time::Duration;

    use super::*;
    use crate::bindings::files::wasi::filesystem::preopens::get_directories;
    use crate::bindings::files::wasi::filesystem::types::{
        Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntryStream, ErrorCode, OpenFlags,
        PathFlags,
    };

    #[derive(Debug)]
    pub struct File {
        descriptor: Descriptor,
        position: u64,
    }

    /// The directory granted that a path begins with, and the rest of the path.
    fn within(path: &Path) -> io::Result<(Descriptor, String)> {
        let path = plain(path);
        let mut nearest: Option<(Descriptor, usize)> = None;
        for (descriptor, name) in get_directories() {
            let name = plain(Path::new(&name));
            let depth = name.components().count();
            // Of a directory and one within it, the inner one.
            if path.starts_with(&name) && nearest.as_ref().is_none_or(|nearest| nearest.1 < depth) {
                nearest = Some((descriptor, depth));
            }
        }
        let (descriptor, depth) = nearest.ok_or_else(not_granted)?;
        let rest: PathBuf = path.components().skip(depth).collect();
        let rest = rest.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        Ok((descriptor, if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }))
    }

    /// The path without the parts that stay where they are.
    fn plain(path: &Path) -> PathBuf {
        path.components().filter(|part| *part != Component::CurDir).collect()
    }

    fn not_granted() -> io::Error {
        let message = "the plugin is not granted to: add its directory to read in its grants";
        io::Error::new(io::ErrorKind::PermissionDenied, message)
    }

    fn error(code: ErrorCode) -> io::Error {
        use io::ErrorKind as Kind;
        let kind = match code {
            ErrorCode::NotPermitted => {
                return io::Error::new(Kind::PermissionDenied, "it leads out of the directory that is granted");
            }
            ErrorCode::Quota => return io::Error::other("too many files are open"),
            ErrorCode::Access => Kind::PermissionDenied,
            ErrorCode::NoEntry => Kind::NotFound,
            ErrorCode::NotDirectory => Kind::NotADirectory,
            ErrorCode::IsDirectory => Kind::IsADirectory,
            ErrorCode::Invalid => Kind::InvalidInput,
            ErrorCode::NameTooLong | ErrorCode::IllegalByteSequence => Kind::InvalidFilename,
            ErrorCode::ReadOnly => Kind::ReadOnlyFilesystem,
            ErrorCode::Unsupported => Kind::Unsupported,
            ErrorCode::InsufficientMemory => Kind::OutOfMemory,
            _ => return io::Error::other(code.message().to_owned()),
        };
        kind.into()
    }

    fn open(path: &Path, flags: OpenFlags) -> io::Result<Descriptor> {
        let (directory, rest) = within(path)?;
        directory.open_at(PathFlags::SYMLINK_FOLLOW, &rest, flags, DescriptorFlags::READ).map_err(error)
    }

    impl File {
        pub fn open(path: &Path) -> io::Result<Self> {
            let descriptor = open(path, OpenFlags::empty())?;
            match descriptor.get_type().map_err(error)? {
                DescriptorType::Directory => Err(io::ErrorKind::IsADirectory.into()),
                _ => Ok(Self { descriptor, position: 0 }),
            }
        }

        pub fn metadata(&self) -> io::Result<Metadata> {
            self.descriptor.stat().map(known).map_err(error)
        }

        pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let (read, _) = self.descriptor.read(bytes.len() as u64, self.position).map_err(error)?;
            // No more than was asked for came.
            let n = read.len().min(bytes.len());
            bytes[..n].copy_from_slice(&read[..n]);
            self.position += n as u64;
            Ok(n)
        }

        pub fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let position = match to {
                SeekFrom::Start(position) => Some(position),
                SeekFrom::End(by) => self.metadata()?.len.checked_add_signed(by),
                SeekFrom::Current(by) => self.position.checked_add_signed(by),
            };
            self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
            Ok(self.position)
        }
    }

    #[derive(Debug)]
    pub struct ReadDir(DirectoryEntryStream);

    impl ReadDir {
        pub fn open(path: &Path) -> io::Result<Self> {
            open(path, OpenFlags::DIRECTORY)?.read_directory().map(Self).map_err(error)
        }

        pub fn next(&mut self) -> Option<io::Result<Entry>> {
            let entry = self.0.read_directory_entry().map_err(error).transpose()?;
            Some(entry.map(|entry| Entry { name: entry.name, kind: kind(entry.type_) }))
        }
    }

    pub fn metadata(path: &Path) -> io::Result<Metadata> {
        let (directory, rest) = within(path)?;
        directory.stat_at(PathFlags::SYMLINK_FOLLOW, &rest).map(known).map_err(error)
    }

    fn known(stat: DescriptorStat) -> Metadata {
        let kind = kind(stat.type_);
        let time = stat.data_modification_timestamp;
        let modified =
            time.and_then(|time| SystemTime::UNIX_EPOCH.checked_add(Duration::new(time.seconds, time.nanoseconds)));
        Metadata { kind, len: if kind == Kind::File { stat.size } else { 0 }, modified }
    }

    fn kind(kind: DescriptorType) -> Kind {
        match kind {
            DescriptorType::RegularFile => Kind::File,
            DescriptorType::Directory => Kind::Directory,
            DescriptorType::SymbolicLink => Kind::Link,
            _ => Kind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_test_has_files_too() {
        let folder = std::env::temp_dir().join(format!("sluicebox-sdk-fs-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("in")).unwrap();
        std::fs::write(folder.join("text"), "to be or not").unwrap();
        let mut file = File::open(folder.join("text")).unwrap();
        file.seek(SeekFrom::End(-3)).unwrap();
        let mut end = String::new();
        file.read_to_string(&mut end).unwrap();
        assert_eq!((end.as_str(), file.metadata().unwrap().len), ("not", 12));
        assert_eq!(read(folder.join("text")).unwrap(), b"to be or not");
        assert_eq!(metadata(folder.join("in")).unwrap().kind, Kind::Directory);
        let mut entries: Vec<_> = read_dir(&folder).unwrap().map(|entry| entry.unwrap()).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let entry = |name: &str, kind| Entry { name: name.to_owned(), kind };
        assert_eq!(entries, [entry("in", Kind::Directory), entry("text", Kind::File)]);
        let error = read_to_string(folder.join("none")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with(&format!("opening {}: ", folder.join("none").display())), "{error}");
        assert_eq!(File::open(folder.join("in")).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
