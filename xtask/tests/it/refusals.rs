//! What stops a run: links that lead away, things that are no files, missing permission, a limit on
//! file size, another process. Every time the old tree stays as it is and nothing stays beside it.
//! Assumes a Unix; runs as another user where the tests run as root, who may do everything.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use etiquette_xtask::tree::{Failure, Force, compare, replace};

use crate::folder::{Folder, produced, read_tree};
use crate::process::{Replacing, example};
use crate::trees;

/// The user that owns nothing.
const NOBODY: u32 = 65_534;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs the example once, as a user whom permissions bind.
fn run_bound(folder: &Folder, out: &Path, letter: &str) -> Output {
    let program = folder.join("replace_tree");
    fs::copy(example(), &program).unwrap();
    let mut command = Command::new(&program);
    command.arg(out).args(["6", letter]);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output().unwrap()
}

/// Row J1: neither the tree, nor a folder in it, nor a file may be a link.
#[test]
fn row_j1_links_are_refused_and_what_they_name_stays() {
    let files = produced(&[("src/lib.rs", "ours\n"), ("Cargo.toml", "ours\n")]);
    for link in [
        "generated",
        "generated/src",
        "generated/src/lib.rs",
        "generated/generated.lock",
        "generated/foreign",
    ] {
        for force in [Force::No, Force::Yes] {
            let folder = Folder::new("link");
            let outside = Folder::new("outside");
            outside.write("lib.rs", "theirs\n");
            let target = if link.ends_with(".rs") || link.ends_with(".lock") {
                outside.join("lib.rs")
            } else {
                outside.path().to_path_buf()
            };
            let at = folder.join(link);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            symlink(&target, &at).unwrap();
            let out = folder.join("generated");
            let failure = replace(&out, &files, force).unwrap_err();
            assert!(
                matches!(failure, Failure::Obstacle { .. }),
                "{link}: {failure}"
            );
            assert!(compare(&out, &files).is_err(), "{link}");
            assert_eq!(outside.names(), ["lib.rs"], "{link}");
            assert_eq!(outside.read("lib.rs"), "theirs\n", "{link}");
            assert_eq!(fs::read_link(&at).unwrap(), target, "{link}");
            assert_eq!(folder.names(), ["generated"], "{link}");
        }
    }
}

/// Row J1: links planted under the names that a run uses beside the tree are not followed.
#[test]
fn row_j1_planted_siblings_are_not_followed() {
    let files = produced(&[("a.rs", "ours\n")]);
    let outside = Folder::new("planted-outside");
    outside.write("keep/x", "theirs\n");
    for name in [".generated.new-1", ".generated.old-1"] {
        let folder = Folder::new("planted");
        folder.write("generated/foreign", "x\n");
        symlink(outside.join("keep"), folder.join(name)).unwrap();
        replace(&folder.join("generated"), &files, Force::No).unwrap();
        assert_eq!(folder.names(), ["generated"]);
        assert_eq!(outside.read("keep/x"), "theirs\n");
    }
    for name in [".generated.ready-1", ".generated.pid"] {
        let folder = Folder::new("planted");
        symlink(outside.join("keep"), folder.join(name)).unwrap();
        assert!(
            replace(&folder.join("generated"), &files, Force::No).is_err(),
            "{name}"
        );
        assert!(!folder.join("generated").exists());
        assert_eq!(outside.read("keep/x"), "theirs\n");
    }
}

#[test]
fn a_pipe_or_a_file_in_the_way_is_refused() {
    let files = produced(&[("a.rs", "ours\n")]);
    let folder = Folder::new("pipe");
    folder.write("generated/b.rs", "x\n");
    let pipe = folder.join("generated/a.rs");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(matches!(
        replace(&folder.join("generated"), &files, Force::Yes),
        Err(Failure::Obstacle { .. })
    ));
    let failure = replace(&folder.join("generated/b.rs"), &files, Force::Yes).unwrap_err();
    assert!(failure.to_string().contains("is not a folder"), "{failure}");
    let failure = replace(&folder.join("missing/generated"), &files, Force::Yes).unwrap_err();
    assert!(failure.to_string().contains("missing"), "{failure}");
}

/// Row J3: a parent in which nothing may be made.
#[test]
fn row_j3_an_unwritable_parent_is_named_with_its_cause() {
    let folder = Folder::new("parent");
    fs::create_dir(folder.join("closed")).unwrap();
    let out = folder.join("closed/generated");
    replace(&out, &trees::files('a', 6), Force::No).unwrap();
    let before = read_tree(&out);
    set_mode(&folder.join("closed"), 0o555);
    let output = run_bound(&folder, &out, "b");
    set_mode(&folder.join("closed"), 0o755);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("closed/.generated.pid") && said.contains("Permission denied"),
        "{said}"
    );
    assert_eq!(read_tree(&out), before);
    assert_eq!(fs::read_dir(folder.join("closed")).unwrap().count(), 1);
}

/// Row J3: a file of the tree that may not be read.
#[test]
fn row_j3_an_unreadable_file_is_named_with_its_cause() {
    let folder = Folder::new("unreadable");
    fs::create_dir(folder.join("open")).unwrap();
    set_mode(&folder.join("open"), 0o777);
    let out = folder.join("open/generated");
    replace(&out, &trees::files('a', 6), Force::No).unwrap();
    let secret = out.join("src/both_0.rs");
    set_mode(&secret, 0o000);
    let output = run_bound(&folder, &out, "b");
    set_mode(&secret, 0o644);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("src/both_0.rs") && said.contains("Permission denied"),
        "{said}"
    );
    assert!(compare(&out, &trees::files('a', 6)).unwrap().is_fresh());
    assert_eq!(fs::read_dir(folder.join("open")).unwrap().count(), 1);
}

/// Row J3: what its owner made read-only is not replaced behind their back.
#[test]
fn row_j3_read_only_files_and_folders_stop_the_run() {
    for path in ["generated", "generated/src", "generated/src/lib.rs"] {
        let folder = Folder::new("read-only");
        let out = folder.join("generated");
        replace(
            &out,
            &produced(&[("src/lib.rs", "1\n"), ("b.rs", "2\n")]),
            Force::No,
        )
        .unwrap();
        let path = folder.join(path);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        set_mode(&path, mode & !0o222);
        let files = produced(&[("src/lib.rs", "one\n"), ("b.rs", "2\n")]);
        let failure = replace(&out, &files, Force::No).unwrap_err().to_string();
        set_mode(&path, mode);
        assert!(failure.contains(path.to_str().unwrap()), "{failure}");
        assert!(failure.contains("read-only"), "{failure}");
        assert_eq!(folder.read("generated/src/lib.rs"), "1\n");
        assert_eq!(folder.names(), ["generated"]);
    }
}

/// Row J3: a write that fails in the middle, here by the limit on a file's size.
#[test]
fn row_j3_a_write_that_fails_leaves_the_old_tree() {
    let folder = Folder::new("limit");
    let out = folder.join("generated");
    let small = produced(&[("src/both_0.rs", "// small\n"), ("Cargo.toml", "# small\n")]);
    replace(&out, &small, Force::No).unwrap();
    let before = read_tree(folder.path());
    // Without the signal, the write itself fails. The limit is one block of 512 or 1024 bytes.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(example())
        .arg(&out)
        .args(["6", "b"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("cannot write") && said.contains(".generated.new-"),
        "{said}"
    );
    assert!(said.contains("File too large"), "{said}");
    assert_eq!(
        read_tree(folder.path()),
        before,
        "the old tree, and nothing beside it"
    );
}

/// Row J4: a second run fails at once and names the first, and a reader is told too.
#[test]
fn row_j4_a_second_run_names_the_first() {
    let folder = Folder::new("busy");
    let out = folder.join("generated");
    let mut process = Replacing::start(&out, 30, "forever");
    process.wait_for_replacement();
    process.stop_while_writing();
    let before = read_tree(folder.path());
    let files = trees::files('b', 30);
    for outcome in [
        replace(&out, &files, Force::Yes).map(|_| ()),
        compare(&out, &files).map(|_| ()),
    ] {
        let failure = outcome.unwrap_err();
        let Failure::Busy { owner, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!(owner, Some(process.id()));
        assert!(failure.to_string().contains(&process.id().to_string()));
    }
    assert_eq!(
        read_tree(folder.path()),
        before,
        "the second run touched nothing"
    );
    process.kill();
    replace(&out, &files, Force::No).unwrap();
    assert_eq!(
        folder.names(),
        ["generated"],
        "the lock of the dead is no lock"
    );
}
