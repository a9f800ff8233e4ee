//! Tries what it is told to do with files, whether or not it is granted, and says what came of it. The host's tests run it.

use std::io::{Read, Seek, SeekFrom};

use sluicebox_sdk::bindings::files::wasi::filesystem::preopens::get_directories;
use sluicebox_sdk::bindings::files::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
use sluicebox_sdk::bindings::sockets::wasi::io::streams::StreamError;
use sluicebox_sdk::fs::{self, File};
use sluicebox_sdk::prelude::*;

/// What a row asks for: `what`, or `what where`.
#[map(output = "answer")]
fn attempt(row: &str) -> String {
    let (what, place) = row.split_once(' ').unwrap_or((row, ""));
    match what {
        "read" => fs::read_to_string(place).unwrap_or_else(|error| error.to_string()),
        "list" => list(place).unwrap_or_else(|error| error.to_string()),
        "kind" => fs::metadata(place).map_or_else(|error| error.to_string(), |known| format!("{:?}", known.kind)),
        "end" => end(place).unwrap_or_else(|error| error.to_string()),
        "directories" => get_directories().into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" "),
        "change" => change(),
        "files" => {
            let files: Vec<_> = (0..1000).map_while(|_| File::open(place).ok()).collect();
            format!("{} files", files.len())
        }
        "stream" => stream(place),
        "resources" => {
            format!("{} resources", (0..100_000).map(|_| get_directories()).map(|all| all.len()).sum::<usize>())
        }
        "keep" => {
            let all: Vec<_> = (0..100_000).map(|_| get_directories()).collect();
            format!("{} kept", all.len())
        }
        _ => "nothing".to_owned(),
    }
}

fn list(place: &str) -> std::io::Result<String> {
    let mut names = fs::read_dir(place)?.map(|entry| entry.map(|entry| entry.name)).collect::<Result<Vec<_>, _>>()?;
    names.sort();
    Ok(names.join(" "))
}

/// The last three bytes of a file.
fn end(place: &str) -> std::io::Result<String> {
    let mut file = File::open(place)?;
    file.seek(SeekFrom::End(-3))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Everything that would change the first directory or its file `text`; what succeeded, or answered anything but `read-only`.
fn change() -> String {
    let (directory, _) = get_directories().remove(0);
    let none = PathFlags::empty();
    let open = |open_flags, flags| directory.open_at(none, "text", open_flags, flags).map(drop);
    let file = match directory.open_at(none, "text", OpenFlags::empty(), DescriptorFlags::READ) {
        Ok(file) => file,
        Err(error) => return format!("{error:?}"),
    };
    let now = || NewTimestamp::Now;
    let attempts = [
        ("create", open(OpenFlags::CREATE, DescriptorFlags::READ)),
        ("exclusive", open(OpenFlags::EXCLUSIVE, DescriptorFlags::READ)),
        ("truncate", open(OpenFlags::TRUNCATE, DescriptorFlags::READ)),
        ("open to write", open(OpenFlags::empty(), DescriptorFlags::WRITE)),
        ("open to mutate", open(OpenFlags::DIRECTORY, DescriptorFlags::MUTATE_DIRECTORY)),
        ("write", file.write(b"x", 0).map(drop)),
        ("write via stream", file.write_via_stream(0).map(drop)),
        ("append via stream", file.append_via_stream().map(drop)),
        ("set size", file.set_size(0)),
        ("set times", file.set_times(now(), now())),
        ("set times at", directory.set_times_at(none, "text", now(), now())),
        ("create directory", directory.create_directory_at("new")),
        ("link", directory.link_at(none, "text", &directory, "new")),
        ("rename", directory.rename_at("text", &directory, "new")),
        ("symlink", directory.symlink_at("text", "new")),
        ("remove directory", directory.remove_directory_at("in")),
        ("unlink", directory.unlink_file_at("text")),
    ];
    let other = |result: &Result<(), ErrorCode>| *result != Err(ErrorCode::ReadOnly);
    let others: Vec<_> = attempts.iter().filter(|(_, result)| other(result)).map(|(what, _)| *what).collect();
    format!("{} attempts, done: [{}]", attempts.len(), others.join(", "))
}

/// A file's bytes by WASI's stream, to its end, and again by another name.
fn stream(place: &str) -> String {
    let (directory, _) = get_directories().remove(0);
    let Ok(file) = directory.open_at(PathFlags::SYMLINK_FOLLOW, place, OpenFlags::empty(), DescriptorFlags::READ)
    else {
        return "not opened".to_owned();
    };
    let by_stream = |file: &Descriptor| {
        let stream = file.read_via_stream(2).ok()?;
        let mut bytes = vec![];
        loop {
            match stream.blocking_read(5) {
                Ok(read) => bytes.extend(read),
                Err(StreamError::Closed) => return String::from_utf8(bytes).ok(),
                Err(StreamError::LastOperationFailed(_)) => return None,
            }
        }
    };
    let same = directory
        .open_at(PathFlags::empty(), place, OpenFlags::empty(), DescriptorFlags::READ)
        .is_ok_and(|other| file.is_same_object(&other) && !file.is_same_object(&directory));
    let hashes = file.metadata_hash().is_ok_and(|hash| {
        let other = directory.metadata_hash_at(PathFlags::empty(), place);
        other.is_ok_and(|other| (hash.lower, hash.upper) == (other.lower, other.upper))
    });
    format!("{:?} {same} {hashes}", by_stream(&file))
}

plugin! {
    transforms: [attempt],
}
