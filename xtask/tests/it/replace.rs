//! What `replace` and `compare` make of new, changed, stale, edited and foreign files, each way of
//! exchanging trees alike. Assumes a file system that works. Must look at the disk, never only at
//! the report.

use std::fs;
use std::time::{Duration, SystemTime};

use etiquette_xtask::tree::{Exchange, Failure, Force, Mismatch, compare, replace, replace_by};

use crate::folder::{Folder, produced, read_tree};

const BOTH: [Exchange; 2] = [Exchange::Atomic, Exchange::Renames];

fn without_manifest(folder: &Folder) -> Vec<(String, String)> {
    read_tree(&folder.join("generated"))
        .into_iter()
        .filter(|(path, _)| path != "generated.lock")
        .collect()
}

fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
    produced(files).into_iter().collect()
}

#[test]
fn the_first_run_makes_the_tree_and_the_second_does_nothing() {
    for exchange in BOTH {
        let folder = Folder::new("first");
        let out = folder.join("generated");
        let files = produced(&[("Cargo.toml", "x\n"), ("src/lib.rs", "y\n")]);
        assert_eq!(compare(&out, &files).unwrap().new.len(), 2);
        assert!(!out.exists(), "comparing writes nothing");

        let report = replace_by(&out, &files, Force::No, exchange).unwrap();
        assert_eq!(report.plan.new, ["Cargo.toml", "src/lib.rs"]);
        assert_eq!(
            without_manifest(&folder),
            pairs(&[("Cargo.toml", "x\n"), ("src/lib.rs", "y\n")])
        );
        assert_eq!(folder.names(), ["generated"], "nothing stays beside it");
        assert!(compare(&out, &files).unwrap().is_fresh());

        let before = fs::metadata(out.join("generated.lock"))
            .unwrap()
            .modified()
            .unwrap();
        let report = replace_by(&out, &files, Force::No, exchange).unwrap();
        assert!(report.plan.is_fresh());
        assert_eq!(report.plan.unchanged, 2);
        let after = fs::metadata(out.join("generated.lock"))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(before, after);
    }
}

/// Row J5: what is no longer produced goes, if nobody touched it; folders that are empty go too.
#[test]
fn row_j5_new_changed_and_stale_files() {
    for exchange in BOTH {
        let folder = Folder::new("stale");
        let out = folder.join("generated");
        let old = produced(&[("a.rs", "1\n"), ("b.rs", "2\n"), ("old/c.rs", "3\n")]);
        replace(&out, &old, Force::No).unwrap();
        let files = produced(&[("a.rs", "1\n"), ("b.rs", "two\n"), ("d.rs", "4\n")]);

        let plan = compare(&out, &files).unwrap();
        let report = replace_by(&out, &files, Force::No, exchange).unwrap();
        for plan in [plan, report.plan] {
            assert_eq!(plan.new, ["d.rs"]);
            assert_eq!(plan.stale, ["old/c.rs"]);
            assert_eq!((plan.unchanged, plan.changed.len()), (1, 1));
            assert_eq!(plan.changed[0].path, "b.rs");
            assert_eq!(plan.changed[0].difference.line, 1);
            assert_eq!(plan.changed[0].difference.there.as_deref(), Some("2\n"));
        }
        assert_eq!(read_tree(&out).len(), 4);
        assert!(!out.join("old").exists());
        assert_eq!(folder.names(), ["generated"]);
    }
}

/// Row J6: a hand edit stops the run, and only force overwrites it.
#[test]
fn row_j6_hand_edits_stop_the_run() {
    let folder = Folder::new("edit");
    let out = folder.join("generated");
    let old = produced(&[("a.rs", "1\n"), ("gone.rs", "2\n"), ("same.rs", "3\n")]);
    replace(&out, &old, Force::No).unwrap();
    folder.write("generated/a.rs", "mine\n");
    folder.write("generated/gone.rs", "mine\n");
    folder.write("generated/taken.rs", "mine\n");
    // An edit that is what is produced now needs nobody's attention.
    folder.write("generated/same.rs", "three\n");
    let files = produced(&[
        ("a.rs", "one\n"),
        ("same.rs", "three\n"),
        ("taken.rs", "4\n"),
    ]);
    let before = read_tree(folder.path());

    let Err(Failure::Edited(edits)) = replace(&out, &files, Force::No) else {
        panic!("an edit must stop the run");
    };
    let found: Vec<_> = edits
        .iter()
        .map(|edit| (edit.path.as_str(), edit.mismatch))
        .collect();
    let wanted = [
        ("a.rs", Mismatch::Edited),
        ("taken.rs", Mismatch::Unrecorded),
        ("gone.rs", Mismatch::EditedAndStale),
    ];
    assert_eq!(found, wanted);
    let message = Failure::Edited(edits).to_string();
    assert!(
        message.contains("a.rs") && message.contains("generate --force"),
        "{message}"
    );
    assert_eq!(read_tree(folder.path()), before, "nothing was written");

    let report = replace(&out, &files, Force::Yes).unwrap();
    assert_eq!(report.plan.edited.len(), 3);
    assert_eq!(
        without_manifest(&folder),
        pairs(&[
            ("a.rs", "one\n"),
            ("same.rs", "three\n"),
            ("taken.rs", "4\n")
        ])
    );
    assert!(compare(&out, &files).unwrap().is_fresh());
}

#[test]
fn a_file_that_was_deleted_by_hand_is_written_again() {
    let folder = Folder::new("deleted");
    let out = folder.join("generated");
    let files = produced(&[("a.rs", "1\n"), ("b.rs", "2\n")]);
    replace(&out, &files, Force::No).unwrap();
    fs::remove_file(out.join("a.rs")).unwrap();
    let report = replace(&out, &files, Force::No).unwrap();
    assert_eq!(report.plan.new, ["a.rs"]);
    assert_eq!(folder.read("generated/a.rs"), "1\n");
}

#[test]
fn foreign_files_stay_untouched_and_unchanged_ones_keep_their_time() {
    for exchange in BOTH {
        let folder = Folder::new("foreign");
        let out = folder.join("generated");
        replace(
            &out,
            &produced(&[("a.rs", "1\n"), ("b.rs", "2\n")]),
            Force::No,
        )
        .unwrap();
        folder.write("generated/notes/mine.txt", "mine\n");
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for path in ["notes/mine.txt", "a.rs"] {
            let file = fs::File::options()
                .write(true)
                .open(out.join(path))
                .unwrap();
            file.set_modified(old).unwrap();
        }
        let files = produced(&[("a.rs", "1\n"), ("b.rs", "two\n")]);
        replace_by(&out, &files, Force::Yes, exchange).unwrap();
        assert_eq!(folder.read("generated/notes/mine.txt"), "mine\n");
        for path in ["notes/mine.txt", "a.rs"] {
            assert_eq!(
                fs::metadata(out.join(path)).unwrap().modified().unwrap(),
                old,
                "{path}"
            );
        }
        assert_eq!(folder.read("generated/b.rs"), "two\n");
    }
}

#[test]
fn a_foreign_file_where_a_folder_must_be_stops_even_force() {
    for (foreign, path) in [
        ("src", "src/lib.rs"),
        ("lib/x.rs", "lib"),
        ("generated.lock/x", "a.rs"),
    ] {
        let folder = Folder::new("obstacle");
        folder.write(&format!("generated/{foreign}"), "mine\n");
        let files = produced(&[(path, "1\n")]);
        let before = read_tree(folder.path());
        assert!(
            replace(&folder.join("generated"), &files, Force::Yes).is_err(),
            "{foreign}"
        );
        assert_eq!(read_tree(folder.path()), before);
        assert_eq!(folder.names(), ["generated"]);
    }
}

#[test]
fn a_manifest_with_both_sides_of_a_merge_needs_force_and_is_healed() {
    let folder = Folder::new("merge");
    let out = folder.join("generated");
    replace(
        &out,
        &produced(&[("a.rs", "1\n"), ("stale.rs", "2\n")]),
        Force::No,
    )
    .unwrap();
    let manifest = folder.read("generated/generated.lock");
    let merged = format!("{manifest}<<<<<<< ours\n=======\n>>>>>>> theirs\n");
    folder.write("generated/generated.lock", &merged);
    let files = produced(&[("a.rs", "one\n")]);
    let failure = replace(&out, &files, Force::No).unwrap_err();
    assert!(
        matches!(failure, Failure::Manifest { line: 4, .. }),
        "{failure}"
    );
    assert!(compare(&out, &files).is_err());
    replace(&out, &files, Force::Yes).unwrap();
    assert_eq!(without_manifest(&folder), pairs(&[("a.rs", "one\n")]));
}

/// Row J7: the same files give the same bytes, wherever the tree lies and whatever was there.
#[test]
fn row_j7_the_tree_depends_on_the_files_alone() {
    let files = produced(&[("z.rs", "1\n"), ("a/b.rs", "2\n"), ("a.rs", "3\n")]);
    let (one, other) = (Folder::new("same"), Folder::new("same-elsewhere"));
    let (first, second) = (one.join("generated"), other.join("deep-name"));
    replace(&first, &files, Force::No).unwrap();
    replace(
        &second,
        &produced(&[("a.rs", "old\n"), ("q.rs", "\n")]),
        Force::No,
    )
    .unwrap();
    replace_by(&second, &files, Force::No, Exchange::Renames).unwrap();
    assert_eq!(read_tree(&first), read_tree(&second));
    let manifest = one.read("generated/generated.lock");
    let paths: Vec<&str> = manifest.lines().skip(1).map(|line| &line[66..]).collect();
    assert_eq!(paths, ["a.rs", "a/b.rs", "z.rs"]);
}

/// Row J2: whatever a killed run left, the next run clears it, and finishes what was promised.
#[test]
fn row_j2_leftovers_of_killed_runs_are_cleared() {
    let folder = Folder::new("leftovers");
    let out = folder.join("generated");
    let (old, new) = (produced(&[("a.rs", "1\n")]), produced(&[("a.rs", "2\n")]));
    replace(&out, &old, Force::No).unwrap();
    folder.write(".generated.new-1/half", "x");
    folder.write(".generated.old-2/a.rs", "x");
    folder.write(".generated.pid", "3\n");
    folder.write(".generated.new-not-ours/x", "x");
    replace(&out, &new, Force::No).unwrap();
    assert_eq!(folder.names(), [".generated.new-not-ours", "generated"]);
    assert_eq!(folder.read("generated/a.rs"), "2\n");

    // Died between the two renames: the old tree is away, the new one ready.
    fs::rename(&out, folder.join(".generated.ready-7")).unwrap();
    folder.write(".generated.old-7/a.rs", "1\n");
    assert!(matches!(
        compare(&out, &new),
        Err(Failure::Unfinished { .. })
    ));
    assert!(replace(&out, &new, Force::No).unwrap().plan.is_fresh());
    assert_eq!(folder.names(), [".generated.new-not-ours", "generated"]);

    // The only whole tree is never removed as a leftover.
    fs::rename(&out, folder.join(".generated.old-8")).unwrap();
    assert!(replace(&out, &new, Force::No).unwrap().plan.is_fresh());
    assert_eq!(folder.read("generated/a.rs"), "2\n");
}
