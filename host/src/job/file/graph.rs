//! How streams and outputs hang together: names that don't exist, circles, and what nobody reads.

use std::collections::{HashMap, HashSet};

use crate::job::nearest::did_you_mean;
use crate::plugin::Grants;

use super::operation::Read;
use super::output::Output;
use super::report::Report;
use super::stream::Stream;
use super::table::Table;

/// Report names of streams that no stream has.
pub fn check_names(streams: &[Stream<'_>], tables: &[&str], outputs: &[Output<'_>], report: &Report) {
    let of_streams = streams.iter().flat_map(|stream| &stream.reads);
    for Read { stream: read, value } in of_streams.chain(outputs.iter().filter_map(|output| output.read.as_ref())) {
        if streams.iter().any(|stream| stream.name == read) || tables.contains(&read.as_str()) {
            continue;
        }
        let names = streams.iter().map(|stream| stream.name).chain(tables.iter().copied());
        let help = did_you_mean(read, names, "streams");
        let mistake = value.place().wrong(format!("{}: there is no stream \"{read}\"", value.label()));
        report.missing(mistake.help(help));
    }
}

/// Warn of values that no plugin may read.
pub fn warn_of_unread_broadcasts(broadcasts: &[(&str, Option<Table<'_>>)], granted: &[&Grants], report: &Report) {
    for (name, table) in broadcasts {
        let Some(table) = table else { continue };
        if !granted.iter().any(|grants| grants.broadcasts.iter().any(|granted| granted == name)) {
            let message = format!("{} is granted to no plugin", table.label());
            let help = format!("remove it, or add grants = {{ broadcasts = [\"{name}\"] }} to a plugin");
            report.warn(table.place().wrong(message).help(help));
        }
    }
}

/// Report tables that are called as streams are, and warn of those that no stream reads.
pub fn check_tables(
    streams: &[Stream<'_>],
    tables: &[(&str, Option<Table<'_>>)],
    granted: &[&Grants],
    report: &Report,
) {
    let is_granted = |name: &str| granted.iter().any(|grants| grants.tables.iter().any(|granted| granted == name));
    for (name, table) in tables {
        let Some(table) = table else { continue };
        if streams.iter().any(|stream| stream.name == *name) {
            let message = format!("{}: there is a stream \"{name}\" too", table.label());
            report.wrong(table.place().wrong(message).help("streams and tables share their names: rename one of them"));
        } else if !streams.iter().flat_map(|stream| &stream.reads).any(|read| read.stream == *name) && !is_granted(name)
        {
            let message = format!("{} is read by no stream", table.label());
            report.warn(table.place().wrong(message).help("remove it, or read it by sql or as the `with` of a join"));
        }
    }
}

/// Report streams that read themselves through others, each circle once.
pub fn check_circles(streams: &[Stream<'_>], report: &Report) {
    let index: HashMap<&str, usize> = streams.iter().enumerate().map(|(idx, stream)| (stream.name, idx)).collect();
    let mut done = vec![false; streams.len()];
    for start in 0..streams.len() {
        // A walk in depth, with the next read to follow of each stream on the way, so that long chains need no stack.
        let mut path: Vec<(usize, usize)> = if done[start] { vec![] } else { vec![(start, 0)] };
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let Some(read) = streams[at].reads.get(*next) else {
                done[at] = true;
                path.pop();
                continue;
            };
            *next += 1;
            let Some(&target) = index.get(read.stream.as_str()) else { continue };
            if let Some(from) = path.iter().position(|(idx, _)| *idx == target) {
                let circle: Vec<&str> =
                    path[from..].iter().chain([&path[from]]).map(|(idx, _)| streams[*idx].name).collect();
                let message =
                    format!("{}: streams read each other in a circle: {}", read.value.label(), circle.join(" <- "));
                report.wrong(read.value.place().wrong(message).help("let one of them read something else"));
            } else if !done[target] {
                path.push((target, 0));
            }
        }
    }
}

/// Warn of streams that reach no output: nothing asks for their rows, so they don't run.
pub fn warn_of_unread(streams: &[Stream<'_>], outputs: &[Output<'_>], report: &Report) {
    let index: HashMap<&str, &Stream<'_>> = streams.iter().map(|stream| (stream.name, stream)).collect();
    let mut read: HashSet<&str> = HashSet::new();
    let mut open: Vec<&str> = outputs.iter().filter_map(|output| Some(output.read.as_ref()?.stream.as_str())).collect();
    while let Some(name) = open.pop() {
        if read.insert(name) {
            open.extend(index.get(name).iter().flat_map(|stream| stream.reads.iter().map(|read| read.stream.as_str())));
        }
    }
    for stream in streams.iter().filter(|stream| !read.contains(stream.name)) {
        let message = format!("[stream.{}] reaches no output, and will not run", stream.name);
        report.warn(stream.place.wrong(message).help("remove it, or add an output for it"));
    }
}
