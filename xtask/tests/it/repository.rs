//! This repository keeps its own rules. The same check runs as a command in continuous integration;
//! here it fails where one works. Assumes a checkout with git. Must not write.

use std::process::Command;

use crate::commands::repository;

#[test]
fn the_repository_is_tidy() {
    let output = Command::new(env!("CARGO_BIN_EXE_etiquette-xtask"))
        .arg("tidy")
        .current_dir(repository())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
