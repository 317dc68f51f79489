//! The commands as a user runs them: exit codes, what is said where, and what is written.
//! Uses the repository's own descriptions as ones that are known to be good. Assumes no terminal,
//! so that output is plain. Must not look at what is generated, only at what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder::{Folder, read_tree};

/// How a command ended.
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run_in(folder: &Path, words: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_etiquette-xtask"))
        .args(words)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Outcome {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(folder: &Folder, words: &[&str]) -> Outcome {
    run_in(folder.path(), words, &[])
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A workspace with the descriptions of this repository.
fn project(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("Cargo.toml", "[workspace]\n");
    for (path, text) in read_tree(&repository().join("schema")) {
        folder.write(&format!("schema/{path}"), &text);
    }
    folder
}

#[test]
fn generate_then_check_then_edit_then_force() {
    let folder = project("journey");
    let check = run(&folder, &["generate", "--check"]);
    assert_eq!(check.code, Some(1));
    assert!(check.err.contains(": new: "), "{}", check.err);
    assert!(
        check.err.contains("`cargo xtask generate`"),
        "{}",
        check.err
    );
    assert_eq!(
        folder.names(),
        ["Cargo.toml", "schema"],
        "a check writes nothing"
    );

    let first = run(&folder, &["generate"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(
        first.out.starts_with("Generated generated: "),
        "{}",
        first.out
    );
    assert!(
        !first.out.contains('\u{1b}'),
        "no colours without a terminal"
    );
    let check = run(&folder, &["generate", "--check"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    let again = run(&folder, &["generate"]);
    assert!(again.out.starts_with("Fresh generated: "), "{}", again.out);

    let tree = read_tree(&folder.join("generated"));
    let path = tree.keys().find(|path| path.ends_with(".rs")).unwrap();
    folder.write(&format!("generated/{path}"), "// mine\n");
    let check = run(&folder, &["generate", "--check"]);
    assert_eq!(check.code, Some(1));
    assert!(
        check
            .err
            .contains(&format!("generated/{path}:1: edited by hand")),
        "{}",
        check.err
    );
    assert!(check.err.contains("- // mine\n"), "{}", check.err);
    let refused = run(&folder, &["generate"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains(path) && refused.err.contains("--force"),
        "{}",
        refused.err
    );
    assert_eq!(folder.read(&format!("generated/{path}")), "// mine\n");
    let forced = run(&folder, &["generate", "--force"]);
    assert_eq!(forced.code, Some(0), "{}", forced.err);
    assert!(forced.out.contains("overwritten"), "{}", forced.out);
    assert_eq!(read_tree(&folder.join("generated")), tree);
    assert_eq!(folder.names(), ["Cargo.toml", "generated", "schema"]);
}

/// Row J7: the folder, the locale, the time zone and the way of naming things change no byte.
#[test]
fn row_j7_output_is_the_same_everywhere() {
    let mut trees = Vec::new();
    for environment in [
        [("LANG", "C"), ("TZ", "UTC"), ("RAYON_NUM_THREADS", "1")],
        [
            ("LANG", "tr_TR.UTF-8"),
            ("TZ", "Asia/Kathmandu"),
            ("RAYON_NUM_THREADS", "7"),
        ],
        [
            ("LANG", "de_DE.UTF-8"),
            ("TZ", "America/St_Johns"),
            ("RAYON_NUM_THREADS", "2"),
        ],
    ] {
        for (name, inside) in [("here", "."), ("a longer name", "deep/er")] {
            let folder = project(name);
            let from = folder.join(inside);
            fs::create_dir_all(&from).unwrap();
            let outcome = run_in(&from, &["generate"], &environment);
            assert_eq!(outcome.code, Some(0), "{}", outcome.err);
            trees.push(read_tree(&folder.join("generated")));
        }
    }
    assert!(trees.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn descriptions_with_a_problem_write_nothing() {
    let folder = project("problem");
    folder.write("schema/zz.yaml", "{ BAD: [\n");
    let outcome = run(&folder, &["generate"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.out);
    assert!(outcome.err.contains("schema/zz.yaml"), "{}", outcome.err);
    assert!(
        !outcome.err.contains('\u{1b}'),
        "no colours without a terminal"
    );
    assert!(
        outcome.err.contains("nothing was written"),
        "{}",
        outcome.err
    );
    assert_eq!(run(&folder, &["generate", "--check"]).code, Some(1));
    assert_eq!(folder.names(), ["Cargo.toml", "schema"]);
}

#[test]
fn a_project_without_descriptions_keeps_its_tree() {
    let folder = Folder::new("none");
    folder.write("Cargo.toml", "[workspace]\n");
    let outcome = run(&folder, &["generate"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.err.contains("schema"), "{}", outcome.err);
    folder.write("schema/README.md", "no description\n");
    folder.write("schema/waivers.yaml", "[]\n");
    folder.write("generated/x.rs", "x\n");
    let outcome = run(&folder, &["generate", "--force"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.err.contains("no description"), "{}", outcome.err);
    assert_eq!(folder.read("generated/x.rs"), "x\n");
}

#[test]
fn the_tree_may_not_hold_the_project_nor_lie_among_the_descriptions() {
    let folder = project("swallow");
    let before = read_tree(folder.path());
    for out in [
        ".",
        "..",
        "schema",
        "schema/generated",
        "/",
        "missing/generated",
    ] {
        let outcome = run(&folder, &["generate", "--force", "--out", out]);
        assert_eq!(outcome.code, Some(1), "{out}: {}", outcome.out);
        assert_eq!(read_tree(folder.path()), before, "{out}");
    }
}

/// Row J1: an output folder that stays in the project as written stays there in fact.
#[cfg(unix)]
#[test]
fn row_j1_a_link_above_the_tree_may_not_leave_the_project() {
    let folder = project("escape");
    let outside = Folder::new("escape-outside");
    std::os::unix::fs::symlink(outside.path(), folder.join("sub")).unwrap();
    let outcome = run(&folder, &["generate", "--out", "sub/generated"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.out);
    assert!(
        outcome.err.contains("leads out of the project"),
        "{}",
        outcome.err
    );
    assert!(outside.names().is_empty());
}

#[test]
fn other_folders_can_be_named() {
    let folder = project("named");
    fs::rename(folder.join("schema"), folder.join("texts")).unwrap();
    let elsewhere = Folder::new("named-from");
    let root = folder.path().to_str().unwrap();
    let words = [
        "generate",
        "--root",
        root,
        "--schema",
        "texts",
        "--out=made",
    ];
    let outcome = run(&elsewhere, &words);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    assert_eq!(folder.names(), ["Cargo.toml", "made", "texts"]);
    let nowhere = run(&elsewhere, &["generate"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.err.contains("--root DIR"), "{}", nowhere.err);
}

#[test]
fn usage_mistakes_end_with_2_and_help_with_0() {
    let folder = Folder::new("usage");
    for words in [
        &[][..],
        &["generat"],
        &["generate", "--chek"],
        &["generate", "--check", "--force"],
    ] {
        let outcome = run(&folder, words);
        assert_eq!(outcome.code, Some(2), "{words:?}");
        assert!(
            outcome.out.is_empty() && outcome.err.starts_with("error: "),
            "{}",
            outcome.err
        );
    }
    assert!(
        run(&folder, &["generat"])
            .err
            .contains("did you mean `generate`?")
    );
    for words in [&["--help"][..], &["generate", "--help"], &["help", "tidy"]] {
        let outcome = run(&folder, words);
        assert_eq!(outcome.code, Some(0), "{words:?}");
        assert!(outcome.out.contains("Usage:") && outcome.err.is_empty());
    }
}

#[test]
fn explain_lists_prints_and_suggests() {
    let folder = Folder::new("explain");
    let list = run(&folder, &["explain"]);
    assert_eq!(list.code, Some(0));
    let code = list
        .out
        .lines()
        .find(|line| line.starts_with("E001  "))
        .unwrap();
    assert!(code.len() > "E001  ".len());
    let page = run(&folder, &["explain", "e001"]);
    assert_eq!(page.code, Some(0));
    assert!(page.out.contains("E001"), "{}", page.out);
    let unknown = run(&folder, &["explain", "E0001"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("did you mean `E001`?"),
        "{}",
        unknown.err
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_went_away_is_no_fault() {
    let outcome = Command::new("sh")
        .args([
            "-c",
            "\"$0\" explain >/dev/full",
            env!("CARGO_BIN_EXE_etiquette-xtask"),
        ])
        .output()
        .unwrap();
    assert_eq!(outcome.status.code(), Some(0));
    assert!(outcome.stderr.is_empty());
}
