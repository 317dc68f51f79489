//! Unchanged input generates nothing, and whatever did change is seen: a description, a file of the tree,
//! the manifest, the editors' schema. Works with `target/`, which holds the note of the last run.

use std::fs;
use std::process::Command;

use crate::folder::Folder;

const NOTE: &str = "target/etiquette-generate.stamp";

const API: &str = "etiquette: 1
api: a
environments: {production: {url: \"https://a.example.com\"}}
resources: {users: {path: /users, fields: {id: int}, key: id, methods: [list, get]}}
";

/// The exit code, and all that was said.
fn generate(folder: &Folder, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_etiquette-xtask"))
        .arg("generate")
        .args(words)
        .current_dir(folder.path())
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// A project with a fresh tree and the note of it.
fn project(name: &str, text: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("Cargo.toml", "[workspace]\n");
    folder.write("schema/a.yaml", text);
    fs::create_dir(folder.join("target")).unwrap();
    let (code, said) = generate(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    folder
}

#[test]
fn a_run_over_unchanged_input_says_that_all_is_fresh() {
    let folder = project("stamp-fresh", API);
    let note = folder.read(NOTE);
    let (code, said) = generate(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("Fresh generated: all "), "{said}");
    assert_eq!(folder.read(NOTE), note);
}

#[test]
fn a_changed_description_is_generated() {
    let folder = project("stamp-description", API);
    folder.write(
        "schema/a.yaml",
        &API.replace("[list, get]", "[list, get, delete]"),
    );
    let (code, said) = generate(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("Generated generated: "), "{said}");
    assert!(
        folder
            .read("generated/src/a/users.rs")
            .contains("fn delete")
    );
}

#[test]
fn a_hand_edit_is_seen_although_the_note_is_there() {
    let folder = project("stamp-edit", API);
    let path = "generated/src/a/users.rs";
    let text = folder.read(path);
    folder.write(path, &text.replace("list", "tsil"));
    let (code, said) = generate(&folder, &[]);
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = generate(&folder, &["--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(folder.read(path), text);
}

#[test]
fn what_is_missing_is_written_again() {
    let folder = project("stamp-missing", API);
    for path in [
        "generated/src/a/users.rs",
        "generated/generated.lock",
        "schema/etiquette.schema.json",
    ] {
        let text = folder.read(path);
        fs::remove_file(folder.join(path)).unwrap();
        let (_, said) = generate(&folder, &["--force"]);
        assert_eq!(folder.read(path), text, "{said}");
    }
    folder.write("schema/etiquette.schema.json", "{}\n");
    let (code, said) = generate(&folder, &["--check"]);
    assert_eq!(code, Some(1), "{said}");
    generate(&folder, &[]);
    assert_ne!(folder.read("schema/etiquette.schema.json"), "{}\n");
}

/// A check generates whatever the note says.
#[test]
fn a_check_does_not_trust_the_note() {
    let folder = project("stamp-check", API);
    // The tree and the manifest agree, and only the generator knows that they are wrong.
    let path = "generated/src/a/users.rs";
    let (before, lock) = (folder.read(path), folder.read("generated/generated.lock"));
    folder.write("schema/a.yaml", &API.replace("/users,", "/people,"));
    generate(&folder, &[]);
    let note = folder.read(NOTE);
    folder.write("schema/a.yaml", API);
    let (code, said) = generate(&folder, &["--check"]);
    assert_eq!(code, Some(1), "{said}");
    folder.write(path, &before);
    folder.write("generated/generated.lock", &lock);
    folder.write(NOTE, &note);
    let (code, said) = generate(&folder, &["--check"]);
    assert_eq!((code, folder.read(path)), (Some(1), before), "{said}");
}

#[test]
fn warnings_are_shown_each_time() {
    let text = format!("{API}types: {{Unused: {{fields: {{id: int}}}}}}\n");
    let folder = project("stamp-warning", &text);
    for _ in 0..2 {
        let (code, said) = generate(&folder, &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("W001"), "{said}");
    }
    assert!(!folder.join(NOTE).exists());
}

#[test]
fn without_a_target_folder_there_is_no_note() {
    let folder = project("stamp-none", API);
    fs::remove_dir_all(folder.join("target")).unwrap();
    let (code, said) = generate(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(folder.names(), ["Cargo.toml", "generated", "schema"]);
}
