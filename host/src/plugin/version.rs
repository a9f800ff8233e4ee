//! The versions of the WIT package `sluicebox:operator` that this host speaks, and what it takes of others.
//!
//! A component names the version that it was built against in each of its imports and exports. Versions are one series as long as semantic versioning says that they are compatible: `0.1.x` is one,
//! `0.2.x` another, from `1.0.0` on a major version is one; a pre-release is its own. Of a series that is hosted every version is taken, earlier or later: what a later one has added, and this host doesn't
//! have, is found out when the component is linked.
//!
//! [`HOSTED`] is the whole list. There is one series so far, and all that speaks with guests speaks its types; what another takes beside an entry here is this. Its WIT files, in a folder of their own, and a
//! module of [`super::bindings`] for each of its worlds. In [`super::component`], its interfaces in the linker, and which series each of a component's worlds is of. [`super::world`] for its worlds, and what
//! calls them ([`super::operators`], [`super::transform`], [`super::aggregate`], [`super::state`], [`super::sink`], [`super::receiver`], [`super::reference`]) and [`super::convert`] for its types, as far as
//! they aren't the first's. Nothing outside of this folder: jobs, checkpoints and the control API name components by digest, and operators by name.

use std::fmt;
use std::str::FromStr;

use super::error::shown;

/// The package.
const PACKAGE: &str = "sluicebox:operator/";
/// The interfaces of the package that components export, each of which has a world.
pub const INTERFACES: [&str; 5] = ["transform", "aggregate", "state", "receiver", "sink"];
/// The interfaces of the package that components import.
const GIVEN: [&str; 5] = ["data", "logging", "counters", "tables", "broadcasts"];

/// A series of versions that this host speaks.
#[derive(Debug)]
pub struct Hosted {
    /// The latest version of it that this host knows.
    pub version: Version,
    /// The first version of sluicebox that spoke it.
    pub since: &'static str,
}

/// The series that this host speaks, in their order.
pub static HOSTED: [Hosted; 1] = [Hosted { version: Version::new(0, 1, 0), since: "0.1.0" }];

/// A version of the package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    /// What stands after a hyphen: a version that isn't released.
    pre: Option<String>,
}

impl Version {
    const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, pre: None }
    }

    /// Whether both are of one series: what is built against the one can be given the other, as far as it has what was added in between.
    fn is_in_series_of(&self, other: &Self) -> bool {
        match (self.major, self.minor) {
            _ if self.pre.is_some() || other.pre.is_some() => self == other,
            (0, 0) => self == other,
            (0, minor) => other.major == 0 && other.minor == minor,
            (major, _) => other.major == major,
        }
    }

    /// The series, as one writes it: `0.1`.
    pub fn series(&self) -> String {
        match (self.major, self.minor) {
            _ if self.pre.is_some() => self.to_string(),
            (0, 0) => self.to_string(),
            (0, minor) => format!("0.{minor}"),
            (major, _) => major.to_string(),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch, pre } = self;
        write!(f, "{major}.{minor}.{patch}")?;
        pre.iter().try_for_each(|pre| write!(f, "-{pre}"))
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // What stands after a plus says nothing about what is in it.
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) => (numbers, Some(pre.to_owned())),
            None => (text, None),
        };
        let numbers: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().map_err(drop)?;
        match numbers[..] {
            [major, minor, patch] => Ok(Self { major, minor, patch, pre }),
            _ => Err(()),
        }
    }
}

/// The version of the package's interface that `name` is, and which; none for a name of something else.
fn parsed(name: &str) -> Option<(&str, Version)> {
    let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    Some((interface, version.parse().ok()?))
}

/// The series that is hosted, of which `version` is one.
pub fn hosted(version: &Version) -> Option<&'static Hosted> {
    HOSTED.iter().find(|hosted| hosted.version.is_in_series_of(version))
}

/// Whether a component may import `name`: an interface of the package that is given to plugins, in a series that is hosted.
pub fn is_given(name: &str) -> bool {
    parsed(name).is_some_and(|(interface, version)| GIVEN.contains(&interface) && hosted(&version).is_some())
}

/// Whether `name` is of the package, in whatever version.
pub fn is_of_package(name: &str) -> bool {
    parsed(name).is_some()
}

/// The hosted interfaces among the names of exports, in the order of [`INTERFACES`].
pub fn worlds(exports: &[String]) -> Vec<&'static str> {
    let has = |world: &&str| {
        exports.iter().any(|name| {
            parsed(name).is_some_and(|(interface, version)| interface == *world && hosted(&version).is_some())
        })
    };
    INTERFACES.into_iter().filter(has).collect()
}

/// The versions of the package among the names of imports and exports, the latest first.
pub fn versions<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<Version> {
    let mut versions: Vec<Version> = names.into_iter().filter_map(|name| Some(parsed(name)?.1)).collect();
    versions.sort();
    versions.dedup();
    versions.reverse();
    versions
}

/// The series that this host speaks, in words: `0.1 (as of 0.1.0)`.
pub fn spoken() -> String {
    let each = HOSTED.iter().map(|Hosted { version, .. }| format!("{} (as of {version})", version.series()));
    each.collect::<Vec<_>>().join(" and ")
}

/// The full name of an interface in the latest version that is hosted.
pub fn full_name(interface: &str) -> String {
    format!("{PACKAGE}{interface}@{}", latest())
}

/// The latest version that is hosted.
pub fn latest() -> &'static Version {
    let [.., Hosted { version, .. }] = &HOSTED;
    version
}

/// Why a component of these versions of the package, none of which is hosted, isn't taken, and what to do.
pub fn unspoken(versions: &[Version]) -> String {
    let names: Vec<String> = versions.iter().map(|version| shown(&version.to_string(), 64)).collect();
    let is_later = versions.iter().min() > Some(latest());
    let what = match is_later {
        true => "run it by a sluicebox that speaks that, or build it with an SDK of this one",
        false => "build it anew with an SDK of this sluicebox",
    };
    format!(
        "it is built against sluicebox:operator@{}, and this sluicebox {} speaks {}; {what}",
        names.join(", "),
        env!("CARGO_PKG_VERSION"),
        spoken()
    )
}

/// What to do about a component of these versions whose functions aren't the host's.
pub fn mismatched(versions: &[Version]) -> String {
    // The latest comes first.
    match versions.iter().find(|version| hosted(version).is_none_or(|hosted| hosted.version != **version)) {
        Some(other) => {
            let known = hosted(other).map(|hosted| &hosted.version);
            let is_later = known.is_some_and(|known| other > known);
            let hosted = known.map_or_else(spoken, ToString::to_string);
            let what = match is_later {
                true => "run it by a sluicebox that knows that, or build it with an SDK of this one",
                false => "build it anew with an SDK of this sluicebox",
            };
            format!("it is built against sluicebox:operator@{other}, and this sluicebox speaks {hosted}; {what}")
        }
        None => format!("build it against the WIT package of sluicebox {}", env!("CARGO_PKG_VERSION")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn series_are_those_of_semantic_versioning() {
        let one = |a: &str, b: &str| version(a).is_in_series_of(&version(b));
        for (a, b) in [("0.1.0", "0.1.9"), ("1.0.0", "1.7.3"), ("2.1.0", "2.0.4"), ("0.1.0-rc.1", "0.1.0-rc.1")] {
            assert!(one(a, b) && one(b, a), "{a} and {b}");
        }
        for (a, b) in [
            ("0.1.0", "0.2.0"),
            ("0.1.0", "1.1.0"),
            ("1.0.0", "2.0.0"),
            ("0.0.1", "0.0.2"),
            ("0.1.0", "0.1.1-rc.1"),
            ("0.1.0-rc.1", "0.1.0-rc.2"),
        ] {
            assert!(!one(a, b) && !one(b, a), "{a} and {b}");
        }
    }

    #[test]
    fn names_are_read_strictly() {
        assert_eq!(parsed("sluicebox:operator/transform@0.1.7"), Some(("transform", version("0.1.7"))));
        assert_eq!(version("0.1.7+build.5"), version("0.1.7"));
        for name in [
            "sluicebox:operator/transform",
            "sluicebox:operator/transform@0.1",
            "sluicebox:operator/transform@0.1.x",
            "other:operator/transform@0.1.0",
            "transform",
            "",
        ] {
            assert_eq!(parsed(name), None, "{name}");
        }
    }

    #[test]
    fn each_series_is_hosted_once() {
        for (idx, Hosted { version, .. }) in HOSTED.iter().enumerate() {
            assert!(HOSTED[..idx].iter().all(|other| !other.version.is_in_series_of(version)), "{version}");
        }
        assert!(HOSTED.is_sorted_by_key(|hosted| hosted.version.clone()), "the latest is the last");
    }

    #[test]
    fn what_is_hosted_is_released() {
        let released = include_str!("../../../wit/RELEASED");
        for Hosted { version, .. } in &HOSTED {
            assert!(released.lines().any(|line| line.starts_with(&format!("{version} "))), "{version}");
        }
    }

    #[test]
    fn what_to_do_depends_on_which_is_later() {
        let told = unspoken(&[version("0.2.0")]);
        assert!(
            told.ends_with("run it by a sluicebox that speaks that, or build it with an SDK of this one"),
            "{told}"
        );
        assert!(unspoken(&[version("0.0.9")]).ends_with("build it anew with an SDK of this sluicebox"));
        assert!(
            mismatched(&[version("0.1.3"), version("0.1.0")]).starts_with(
                "it is built against sluicebox:operator@0.1.3, and this sluicebox speaks 0.1.0; run it by"
            )
        );
        assert!(mismatched(&[version("0.1.0")]).starts_with("build it against the WIT package"));
    }
}
