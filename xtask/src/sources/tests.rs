//! What the search for descriptions takes, leaves and refuses, on a real folder.
//! Assumes a file system; links only on a Unix. Must leave nothing behind.

use std::fs;
use std::path::PathBuf;

use super::read;
use crate::Exit;
use crate::arguments::Given;
use crate::project::Project;

struct Root(PathBuf);

impl Root {
    fn new(name: &str) -> Root {
        let name = format!("etiquette-sources-{name}-{}", std::process::id());
        let path = fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        fs::create_dir_all(path.join("schema")).unwrap();
        Root(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn project(&self, schema: &str) -> Project {
        let schema = PathBuf::from(schema);
        let given = [("--root", self.0.as_path()), ("--schema", &schema)];
        Project::find(&Given::with_paths(&given)).unwrap()
    }

    fn paths(&self) -> Vec<String> {
        let found = read(&self.project("schema")).unwrap();
        found
            .sources
            .into_iter()
            .map(|source| source.path)
            .collect()
    }

    fn refusal(&self) -> String {
        let stop = read(&self.project("schema")).unwrap_err();
        assert_eq!(stop.exit, Exit::Problem);
        stop.message
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn descriptions_are_found_at_any_depth_and_sorted_by_path() {
    let root = Root::new("sorted");
    for path in ["b.yaml", "a/z.yaml", "a/api.yaml", "a-b.yaml", "a.yaml"] {
        root.write(&format!("schema/{path}"), path);
    }
    let paths = [
        "schema/a-b.yaml",
        "schema/a.yaml",
        "schema/a/api.yaml",
        "schema/a/z.yaml",
        "schema/b.yaml",
    ];
    assert_eq!(root.paths(), paths);
    let found = read(&root.project("schema")).unwrap();
    assert_eq!(found.sources[2].text, b"a/api.yaml");
}

#[test]
fn other_files_are_left_out_and_near_misses_are_told() {
    let root = Root::new("others");
    for path in [
        "a.yaml",
        "README.md",
        "etiquette.schema.json",
        ".a.yaml.swp",
        ".hidden.yaml",
        ".git/x.yaml",
        "waivers.yaml",
        "b.yml",
    ] {
        root.write(&format!("schema/{path}"), "x\n");
    }
    let found = read(&root.project("schema")).unwrap();
    assert_eq!(found.sources.len(), 1);
    assert_eq!(found.notes.len(), 1);
    assert!(found.notes[0].contains("b.yml"), "{:?}", found.notes);
    // Only the schema folder itself has waivers; deeper, the name is like any other.
    root.write("schema/a/waivers.yaml", "x\n");
    assert_eq!(root.paths(), ["schema/a.yaml", "schema/a/waivers.yaml"]);
}

#[test]
fn a_folder_elsewhere_changes_no_path() {
    let (root, other) = (Root::new("here"), Root::new("there"));
    other.write("texts/a.yaml", "x\n");
    let project = root.project(other.0.join("texts").to_str().unwrap());
    assert_eq!(read(&project).unwrap().sources[0].path, "schema/a.yaml");
}

/// Row I8: a link is followed inside the schema folder only, and a circle is named.
#[cfg(unix)]
#[test]
fn row_i8_links_stay_in_the_schema_folder() {
    use std::os::unix::fs::symlink;

    let root = Root::new("links");
    root.write("schema/a/api.yaml", "x\n");
    root.write("secret.yaml", "s\n");
    symlink("a/api.yaml", root.0.join("schema/again.yaml")).unwrap();
    assert_eq!(root.paths(), ["schema/a/api.yaml", "schema/again.yaml"]);

    let link = root.0.join("schema/link.yaml");
    for target in ["../secret.yaml", "/etc/passwd", "..", "/etc"] {
        symlink(target, &link).unwrap();
        let refusal = root.refusal();
        assert!(
            refusal.contains("link.yaml leads out"),
            "{target}: {refusal}"
        );
        fs::remove_file(&link).unwrap();
    }
    symlink("nothing.yaml", &link).unwrap();
    assert!(root.refusal().contains("link.yaml"));
    fs::remove_file(&link).unwrap();

    symlink(".", root.0.join("schema/a/loop")).unwrap();
    assert!(root.refusal().contains("a/loop leads back to"));
    fs::remove_file(root.0.join("schema/a/loop")).unwrap();
    symlink("link.yaml", &link).unwrap();
    assert!(root.refusal().contains("link.yaml"));
}

#[cfg(unix)]
#[test]
fn a_device_and_an_unending_nest_are_refused() {
    let root = Root::new("strange");
    let pipe = root.0.join("schema/pipe.yaml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    assert!(root.refusal().contains("pipe.yaml is not a plain file"));
    fs::remove_file(pipe).unwrap();
    root.write(&format!("schema/{}x.yaml", "d/".repeat(20)), "x\n");
    assert!(root.refusal().contains("folders deep"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;

    let root = Root::new("bytes");
    let name = std::ffi::OsStr::from_bytes(b"\xff.yaml");
    fs::write(root.0.join("schema").join(name), "x\n").unwrap();
    assert!(root.refusal().contains("is not text"));
}

#[test]
fn a_file_beyond_all_measure_is_not_read() {
    let root = Root::new("large");
    let path = root.0.join("schema/a.yaml");
    let file = fs::File::create(path).unwrap();
    file.set_len(super::LARGEST + 1).unwrap();
    let refusal = root.refusal();
    assert!(
        refusal.contains("a.yaml") && refusal.contains("64 MiB"),
        "{refusal}"
    );
}
