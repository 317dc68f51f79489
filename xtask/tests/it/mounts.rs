//! File systems that tests make for themselves: a full one, a read-only one, an overlay.
//! Needs `unshare` and the right to mount in a namespace of its own; says loudly where it has
//! neither, and then proves nothing. Must not touch the mounts of the system.

use std::fs;
use std::process::Command;

use crate::folder::{Folder, read_tree};
use crate::process::example;
use crate::trees;

/// Runs a script with a mount namespace of its own: `$1` is an empty folder to mount on, `$2` the
/// example, `$3` a folder that outlives the namespace. `None` where that is not possible.
fn run_in_namespace(folder: &Folder, mount: &str, script: &str) -> Option<()> {
    for name in ["mount", "result"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    // 99 says that the mount is what failed.
    let script = format!("{mount} || exit 99\nset -e\n{script}");
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let output = command
        .args(["sh", "-c", &script, "sh"])
        .args([folder.join("mount"), example(), folder.join("result")])
        .output();
    let said = match output {
        Ok(output) if output.status.success() => return Some(()),
        Ok(output) if output.status.code() == Some(99) || output.stderr.starts_with(b"unshare") => {
            String::from_utf8_lossy(&output.stderr).into_owned()
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(cause) => cause.to_string(),
    };
    eprintln!("NOT TESTED, because this system allows no mount: {said}");
    None
}

/// Row J3: a disk of one mebibyte that is full in the middle of the new tree.
#[test]
fn row_j3_a_full_disk_leaves_the_old_tree() {
    let folder = Folder::new("full");
    let done = run_in_namespace(
        &folder,
        r#"mount -t tmpfs -o size=1m tmpfs "$1""#,
        r#""$2" "$1/generated" 30 a
           "$2" "$1/generated" 900 b 2>"$3/said" && exit 1
           cp -r "$1/." "$3/after""#,
    );
    if done.is_none() {
        return;
    }
    let said = folder.read("result/said");
    assert!(said.contains("mount/.generated.new-"), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    let mut after = read_tree(&folder.join("result/after/generated"));
    assert!(after.remove("generated.lock").is_some());
    assert_eq!(after, trees::files('a', 30));
    let beside = fs::read_dir(folder.join("result/after")).unwrap().count();
    assert_eq!(beside, 1, "nothing stays beside the tree");
}

/// Row J3: a file system that takes no write at all.
#[test]
fn row_j3_a_read_only_file_system_is_named_with_its_cause() {
    let folder = Folder::new("frozen");
    let done = run_in_namespace(
        &folder,
        r#"mount -t tmpfs -o size=1m tmpfs "$1""#,
        r#""$2" "$1/generated" 6 a
           mount -o remount,ro "$1"
           "$2" "$1/generated" 6 b 2>"$3/said" && exit 1
           cp -r "$1/." "$3/after""#,
    );
    if done.is_none() {
        return;
    }
    let said = folder.read("result/said");
    assert!(said.contains("mount/.generated.pid"), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    let mut after = read_tree(&folder.join("result/after/generated"));
    assert!(after.remove("generated.lock").is_some());
    assert_eq!(after, trees::files('a', 6));
}

/// In a container, the tree may come from a lower layer, whose folders cannot be renamed.
/// An overlay that cannot even rename a folder of its own, as in some user namespaces, proves
/// nothing here.
#[test]
fn a_tree_from_a_lower_layer_of_an_overlay_is_replaced() {
    let folder = Folder::new("overlay");
    let done = run_in_namespace(
        &folder,
        r#"mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir lower upper work all &&
           "$2" lower/generated 6 a && echo mine >lower/generated/foreign.txt &&
           mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work all &&
           mkdir all/x && mv all/x all/y && rmdir all/y"#,
        r#""$2" all/generated 6 b
           cp -r all/. "$3/after""#,
    );
    if done.is_none() {
        return;
    }
    let mut after = read_tree(&folder.join("result/after/generated"));
    assert!(after.remove("generated.lock").is_some());
    assert_eq!(after.remove("foreign.txt").as_deref(), Some("mine\n"));
    assert_eq!(after, trees::files('b', 6));
    let beside = fs::read_dir(folder.join("result/after")).unwrap().count();
    assert_eq!(beside, 1, "nothing stays beside the tree");
}
