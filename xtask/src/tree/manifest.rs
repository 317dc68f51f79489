//! The manifest: which files the last run wrote, and the SHA-256 of each.
//! It lies in the tree and is committed, so it passes through merges and hands; it is read as
//! untrusted text. Must not decide anything: what a difference means is the plan's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Failure, path};

/// The manifest's name in the tree.
pub const NAME: &str = "generated.lock";

const HEADER: &str =
    "# Written by `cargo xtask generate`: the SHA-256 of every file it wrote. Do not edit.\n";

/// Hashes by path. A path has more than one only after a merge that left both.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Manifest {
    /// The manifest of the tree at `tree`; empty where there is none.
    pub(crate) fn read(tree: &Path) -> Result<Manifest, Failure> {
        let (manifest, strange) = parse(&read_text(tree)?);
        match strange {
            None => Ok(manifest),
            Some(line) => Err(Failure::Manifest {
                path: tree.join(NAME),
                line,
            }),
        }
    }

    /// As [`Manifest::read`], keeping every line that can be read, such as both sides of a merge.
    pub(super) fn read_forgiving(tree: &Path) -> Result<Manifest, Failure> {
        Ok(parse(&read_text(tree)?).0)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub(crate) fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether a run wrote `content` to `path`.
    pub(super) fn vouches(&self, path: &str, content: &[u8]) -> bool {
        self.files
            .get(path)
            .is_some_and(|hashes| hashes.contains(&hash(content)))
    }
}

/// The manifest's text for a tree of `files`.
pub(super) fn render(files: &BTreeMap<String, String>) -> String {
    let mut text = HEADER.to_owned();
    for (path, content) in files {
        writeln!(text, "{}  {path}", hash(content.as_bytes()))
            .expect("writing to a string never fails");
    }
    text
}

fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Bytes as small hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
    }
    text
}

fn read_text(tree: &Path) -> Result<String, Failure> {
    let path = tree.join(NAME);
    match fs::read(&path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(Failure::io("read", &path)(cause)),
    }
}

/// Every line that can be read, and the number of the first that cannot.
fn parse(text: &str) -> (Manifest, Option<usize>) {
    let mut manifest = Manifest::default();
    let mut strange = None;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let entry = line.split_once("  ").filter(|(hash, path)| {
            hash.len() == 64
                && hash
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                && path::check(path).is_ok()
        });
        let Some((hash, path)) = entry else {
            strange = strange.or(Some(index + 1));
            continue;
        };
        let hashes = manifest.files.entry(path.to_owned()).or_default();
        if !hashes.insert(hash.to_owned()) || hashes.len() > 1 {
            strange = strange.or(Some(index + 1));
        }
    }
    (manifest, strange)
}

#[cfg(test)]
mod tests {
    use super::{HEADER, parse, render};
    use std::collections::BTreeMap;

    fn files() -> BTreeMap<String, String> {
        [("a.rs", "one\n"), ("b/c.rs", "")]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into()
    }

    #[test]
    fn what_is_rendered_is_read_back() {
        let text = render(&files());
        assert!(text.starts_with(HEADER));
        let (manifest, strange) = parse(&text);
        assert_eq!(strange, None);
        assert_eq!(manifest.paths().collect::<Vec<_>>(), ["a.rs", "b/c.rs"]);
        assert!(manifest.vouches("a.rs", b"one\n"));
        assert!(!manifest.vouches("a.rs", b"two\n"));
        assert!(!manifest.vouches("x.rs", b"one\n"));
        // The digest of nothing, FIPS 180-4.
        assert!(text.contains("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }

    #[test]
    fn a_merge_leaves_both_sides_readable() {
        let entry = render(&files()).lines().nth(1).expect("a line").to_owned();
        let other = format!("{}  a.rs", "0".repeat(64));
        let text = format!("<<<<<<< ours\n{entry}\n=======\n{other}\n>>>>>>> theirs\n");
        let (manifest, strange) = parse(&text);
        assert_eq!(strange, Some(1));
        assert!(manifest.vouches("a.rs", b"one\n"));
    }

    /// Row J1: a manifest is text that anyone may have written.
    #[test]
    fn row_j1_paths_in_the_manifest_are_checked() {
        for path in ["../x", "/etc/passwd", ".git/config", ""] {
            let (manifest, strange) = parse(&format!("{}  {path}\n", "0".repeat(64)));
            assert_eq!(strange, Some(1), "{path}");
            assert_eq!(manifest.paths().count(), 0);
        }
        for line in ["x", "00  a.rs", &format!("{}  a.rs", "G".repeat(64))] {
            assert_eq!(parse(line).1, Some(1), "{line}");
        }
    }
}
