//! Two trees of files, A and B, that share some paths, some contents and neither all.
//! Assumes nothing. Must stay free of other modules: an example includes this file too.

use std::collections::BTreeMap;

/// Tree `letter` of about `count` files of two to four kilobytes each.
pub(crate) fn files(letter: char, count: usize) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for n in 0..count {
        // A third differs, a third is the same in both, a third belongs to one of them.
        let (path, text) = match n % 3 {
            0 => (format!("src/both_{n}.rs"), format!("{letter} {n}")),
            1 => (format!("src/same_{n}.rs"), format!("same {n}")),
            _ => (format!("src/only_{letter}/file_{n}.rs"), format!("{n}")),
        };
        files.insert(path, format!("// {text}\n").repeat(350));
    }
    files.insert("Cargo.toml".to_owned(), format!("# {letter}\n"));
    files
}
