//! `wasi:filesystem` over [`super::files`]: what reads works, what would write answers `read-only`. Where nothing is granted there is no directory.

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::wasi::filesystem::preopens;
use super::bindings::wasi::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, Host, HostDescriptor,
    HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use super::files::{Descriptor, Entries, OpenDirectory, hash, stat, type_of};
use super::outside::Token;
use super::streams::{Failure, InputStream, OutputStream};
use crate::plugin::guest::Guest;

/// What files answer.
type Answer<T> = Result<Result<T, ErrorCode>>;

impl Guest {
    fn descriptor(&mut self, this: &Resource<Descriptor>) -> Result<Descriptor> {
        Ok(self.outside().table.get(this)?.share())
    }

    fn file_token(&mut self) -> Result<Token, ErrorCode> {
        self.outside().file_token().ok_or(ErrorCode::Quota)
    }

    /// Do something with a path in a directory; one that leads out of it is said in the log.
    fn at<T>(
        &mut self,
        this: &Resource<Descriptor>,
        path: &str,
        what: impl FnOnce(&OpenDirectory) -> Result<T, ErrorCode>,
    ) -> Answer<T> {
        let answer = self.descriptor(this)?.directory().and_then(what);
        if answer.as_ref().err() == Some(&ErrorCode::NotPermitted) {
            let help = "it leads out of a directory in read in grants";
            self.refused(&format!("look at \"{path}\""), help);
        }
        Ok(answer)
    }

    /// Nothing is changed.
    fn read_only<T>(&mut self) -> Answer<T> {
        self.refused("change files", "this version lets plugins read files and no more");
        Ok(Err(ErrorCode::ReadOnly))
    }
}

impl preopens::Host for Guest {
    fn get_directories(&mut self) -> Result<Vec<(Resource<Descriptor>, String)>> {
        let outside = self.outside();
        let all: Vec<_> =
            outside.directories().iter().map(|(name, directory)| (directory.share(), name.clone())).collect();
        all.into_iter().map(|(directory, name)| Ok((outside.table.push(directory)?, name))).collect()
    }
}

impl Host for Guest {
    fn filesystem_error_code(&mut self, error: Resource<Failure>) -> Result<Option<ErrorCode>> {
        Ok(self.outside().table.get(&error)?.of_a_file)
    }
}

impl HostDirectoryEntryStream for Guest {
    fn read_directory_entry(&mut self, this: Resource<Entries>) -> Answer<Option<DirectoryEntry>> {
        let entry = self.outside().table.get_mut(&this)?.next();
        Ok(entry.map(|entry| entry.map(|(type_, name)| DirectoryEntry { type_, name })))
    }

    fn drop(&mut self, this: Resource<Entries>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl HostDescriptor for Guest {
    fn open_at(
        &mut self,
        this: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Answer<Resource<Descriptor>> {
        let makes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
        let changes = DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY;
        if open_flags.intersects(makes) || flags.intersects(changes) {
            return self.read_only();
        }
        let token = match self.file_token() {
            Ok(token) => token,
            Err(code) => return Ok(Err(code)),
        };
        let follow = path_flags.contains(PathFlags::SYMLINK_FOLLOW);
        let directory = open_flags.contains(OpenFlags::DIRECTORY);
        match self.at(&this, &path, |within| within.open(&path, follow, directory, token))? {
            Ok(opened) => Ok(Ok(self.outside().table.push(opened)?)),
            Err(code) => Ok(Err(code)),
        }
    }

    fn read(&mut self, this: Resource<Descriptor>, length: u64, offset: u64) -> Answer<(Vec<u8>, bool)> {
        let read = self.descriptor(&this)?.file().and_then(|file| file.read_at(length, offset));
        Ok(read.map(|bytes| {
            let end = bytes.is_empty() && length > 0;
            (bytes, end)
        }))
    }

    fn read_via_stream(&mut self, this: Resource<Descriptor>, offset: u64) -> Answer<Resource<InputStream>> {
        let file = match self.descriptor(&this)?.file() {
            Ok(file) => file.clone(),
            Err(code) => return Ok(Err(code)),
        };
        Ok(Ok(self.outside().table.push(InputStream::File { file, offset })?))
    }

    fn read_directory(&mut self, this: Resource<Descriptor>) -> Answer<Resource<Entries>> {
        let token = self.file_token();
        let entries = self.descriptor(&this)?.directory().and_then(|directory| directory.entries(token?));
        match entries {
            Ok(entries) => Ok(Ok(self.outside().table.push(entries)?)),
            Err(code) => Ok(Err(code)),
        }
    }

    fn stat(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorStat> {
        Ok(self.descriptor(&this)?.metadata().map(|metadata| stat(&metadata)))
    }

    fn stat_at(&mut self, this: Resource<Descriptor>, flags: PathFlags, path: String) -> Answer<DescriptorStat> {
        let follow = flags.contains(PathFlags::SYMLINK_FOLLOW);
        self.at(&this, &path, |within| within.metadata(&path, follow).map(|metadata| stat(&metadata)))
    }

    fn metadata_hash(&mut self, this: Resource<Descriptor>) -> Answer<MetadataHashValue> {
        Ok(self.descriptor(&this)?.metadata().map(|metadata| hash(&metadata)))
    }

    fn metadata_hash_at(
        &mut self,
        this: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Answer<MetadataHashValue> {
        let follow = flags.contains(PathFlags::SYMLINK_FOLLOW);
        self.at(&this, &path, |within| within.metadata(&path, follow).map(|metadata| hash(&metadata)))
    }

    fn get_flags(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorFlags> {
        Ok(self.descriptor(&this)?.metadata().map(|_| DescriptorFlags::READ))
    }

    fn get_type(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorType> {
        Ok(self.descriptor(&this)?.metadata().map(|metadata| type_of(metadata.file_type())))
    }

    fn is_same_object(&mut self, this: Resource<Descriptor>, other: Resource<Descriptor>) -> Result<bool> {
        let place = |descriptor: Descriptor| {
            use cap_std::fs::MetadataExt as _;
            descriptor.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
        };
        let (this, other) = (self.descriptor(&this)?, self.descriptor(&other)?);
        let this = place(this);
        Ok(this.is_some() && this == place(other))
    }

    fn readlink_at(&mut self, this: Resource<Descriptor>, path: String) -> Answer<String> {
        self.at(&this, &path, |within| within.read_link(&path))
    }

    fn advise(&mut self, this: Resource<Descriptor>, _: u64, _: u64, _: Advice) -> Answer<()> {
        Ok(self.descriptor(&this)?.file().map(drop))
    }

    fn sync_data(&mut self, this: Resource<Descriptor>) -> Answer<()> {
        Ok(self.descriptor(&this)?.metadata().map(drop))
    }

    fn sync(&mut self, this: Resource<Descriptor>) -> Answer<()> {
        Ok(self.descriptor(&this)?.metadata().map(drop))
    }

    fn write_via_stream(&mut self, _: Resource<Descriptor>, _: u64) -> Answer<Resource<OutputStream>> {
        self.read_only()
    }

    fn append_via_stream(&mut self, _: Resource<Descriptor>) -> Answer<Resource<OutputStream>> {
        self.read_only()
    }

    fn set_size(&mut self, _: Resource<Descriptor>, _: u64) -> Answer<()> {
        self.read_only()
    }

    fn set_times(&mut self, _: Resource<Descriptor>, _: NewTimestamp, _: NewTimestamp) -> Answer<()> {
        self.read_only()
    }

    fn write(&mut self, _: Resource<Descriptor>, _: Vec<u8>, _: u64) -> Answer<u64> {
        self.read_only()
    }

    fn create_directory_at(&mut self, _: Resource<Descriptor>, _: String) -> Answer<()> {
        self.read_only()
    }

    fn set_times_at(
        &mut self,
        _: Resource<Descriptor>,
        _: PathFlags,
        _: String,
        _: NewTimestamp,
        _: NewTimestamp,
    ) -> Answer<()> {
        self.read_only()
    }

    fn link_at(
        &mut self,
        _: Resource<Descriptor>,
        _: PathFlags,
        _: String,
        _: Resource<Descriptor>,
        _: String,
    ) -> Answer<()> {
        self.read_only()
    }

    fn remove_directory_at(&mut self, _: Resource<Descriptor>, _: String) -> Answer<()> {
        self.read_only()
    }

    fn rename_at(&mut self, _: Resource<Descriptor>, _: String, _: Resource<Descriptor>, _: String) -> Answer<()> {
        self.read_only()
    }

    fn symlink_at(&mut self, _: Resource<Descriptor>, _: String, _: String) -> Answer<()> {
        self.read_only()
    }

    fn unlink_file_at(&mut self, _: Resource<Descriptor>, _: String) -> Answer<()> {
        self.read_only()
    }

    fn drop(&mut self, this: Resource<Descriptor>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}
