//! The paths that a produced file may have: the last gate before the file system.
//! Assumes nothing about the generator, whose names are validated long before; a refusal here is
//! a fault of ours. Must not ask the file system anything.

use std::collections::BTreeMap;

use super::Failure;
use super::manifest;

/// Linux, macOS and Windows all refuse a longer name.
const LONGEST_NAME: usize = 255;

/// Well inside every system's limit once a checkout's own path is in front.
const LONGEST_PATH: usize = 1024;

/// Names that Windows gives to devices, whatever the extension.
const DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Refuses a set of files of which any may not be written, or of which two are one file on some
/// file system.
pub(super) fn check_all(files: &BTreeMap<String, String>) -> Result<(), Failure> {
    let refuse = |path: &str, reason: String| Failure::Produced {
        path: path.to_owned(),
        reason,
    };
    let mut folded = BTreeMap::new();
    for path in files.keys() {
        check(path).map_err(|reason| refuse(path, reason))?;
        if let Some(twin) = folded.insert(path.to_ascii_lowercase(), path) {
            return Err(refuse(
                path,
                format!("is the same file as {twin:?} where file names ignore case"),
            ));
        }
    }
    for (lower, path) in &folded {
        let parents = lower.match_indices('/').map(|(at, _)| &lower[..at]);
        for parent in parents {
            if let Some(file) = folded.get(parent) {
                return Err(refuse(path, format!("lies below the file {file:?}")));
            }
        }
    }
    Ok(())
}

/// What is wrong with one produced path.
pub(super) fn check(path: &str) -> Result<(), String> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-');
    if path.is_empty() {
        return Err("is empty".to_owned());
    }
    if path.len() > LONGEST_PATH {
        return Err(format!("is longer than {LONGEST_PATH} bytes"));
    }
    if !path.bytes().all(allowed) {
        return Err("holds a character other than letters, digits, `_`, `.`, `-`, `/`".to_owned());
    }
    if path == manifest::NAME {
        return Err("is the manifest's own".to_owned());
    }
    if path == "build.rs" {
        return Err("would run code in every build".to_owned());
    }
    path.split('/').try_for_each(check_name)
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("is absolute or has an empty part".to_owned());
    }
    if name.starts_with('.') {
        return Err("has a part that starts with a dot".to_owned());
    }
    if name.ends_with('.') {
        return Err("has a part that ends with a dot, which Windows drops".to_owned());
    }
    if name.len() > LONGEST_NAME {
        return Err(format!("has a part longer than {LONGEST_NAME} bytes"));
    }
    let stem = name.split('.').next().unwrap_or(name);
    if DEVICES.contains(&stem.to_ascii_lowercase().as_str()) {
        return Err(format!("has the part {name:?}, a device on Windows"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check, check_all};
    use std::collections::BTreeMap;

    /// Row J1: what a hostile name could become, were it to get this far.
    #[test]
    fn row_j1_refuses_paths_that_leave_the_tree_or_change_meaning() {
        for path in [
            "",
            "..",
            "../x",
            "src/../../x",
            "/etc/passwd",
            "src//x.rs",
            "src/",
            "./x",
            ".cargo/config.toml",
            "src/.hidden",
            "build.rs",
            "generated.lock",
            "CON",
            "src/nul.rs",
            "src/Com1.tar.gz",
            "src/a\\b",
            "C:x",
            "src/a b.rs",
            "src/ä.rs",
            "src/x.",
            "src/\0",
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
        assert!(check(&format!("src/{}.rs", "a".repeat(300))).is_err());
        assert!(check(&"abc/".repeat(300)).is_err());
    }

    #[test]
    fn accepts_what_the_generator_writes() {
        for path in [
            "Cargo.toml",
            "README.md",
            "surface.lock",
            "src/lib.rs",
            "src/hive/orders_v2.rs",
            "docs/a-b.md",
            "src/console.rs",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    /// Row J1: two names that are one file on macOS and Windows.
    #[test]
    fn row_j1_refuses_two_paths_for_one_file() {
        let set = |paths: &[&str]| -> BTreeMap<String, String> {
            paths
                .iter()
                .map(|path| ((*path).to_owned(), String::new()))
                .collect()
        };
        assert!(check_all(&set(&["src/User.rs", "src/user.rs"])).is_err());
        assert!(check_all(&set(&["src/user", "src/user/x.rs"])).is_err());
        assert!(check_all(&set(&["src/User", "src/user/x.rs"])).is_err());
        assert!(check_all(&set(&["src/user.rs", "src/user/x.rs"])).is_ok());
    }
}
