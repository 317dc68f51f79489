//! Processes killed at any moment: the tree is the old one or the new one, whole, and the next run
//! succeeds. `ETIQUETTE_KILLS` sets how many, 20 without it. The points are drawn from a fixed
//! seed and reached by watching the process. Must not depend on which point is hit.

use std::collections::BTreeMap;
use std::path::Path;

use etiquette_xtask::tree::{Failure, Force, compare, replace};

use crate::folder::{Folder, read_tree};
use crate::process::Replacing;
use crate::trees;

const FILES: usize = 30;

/// Numbers that look random and are the same in every run: SplitMix64 of Steele, Lea and Flood.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn kills() -> usize {
    match std::env::var("ETIQUETTE_KILLS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => 20,
    }
}

/// What the disk must hold: the files, the foreign file, and the manifest of a quiet run.
fn whole(letter: char) -> BTreeMap<String, String> {
    let quiet = Folder::new("quiet");
    replace(
        &quiet.join("generated"),
        &trees::files(letter, FILES),
        Force::No,
    )
    .unwrap();
    let mut files = read_tree(&quiet.join("generated"));
    files.insert("foreign.txt".to_owned(), "mine\n".to_owned());
    files
}

fn kill_one(out: &Path, work: &str, numbers: &mut Numbers) {
    let mut process = Replacing::start(out, FILES, work);
    // Only renames leave a ready tree or an old one beside the tree.
    let kinds = if work == "forever" { 3 } else { 5 };
    match numbers.below(kinds) {
        0 => {
            // While it builds its first tree, or clears what was there.
            process.wait_for_staged(usize::try_from(numbers.below(FILES as u64)).unwrap());
        }
        1 => {
            for _ in 0..=numbers.below(2) {
                process.wait_for_replacement();
            }
            process.wait_for_staged(usize::try_from(numbers.below(FILES as u64)).unwrap());
        }
        2 => {
            process.wait_for_replacement();
            for _ in 0..numbers.below(30_000_000) {
                std::hint::spin_loop();
            }
        }
        3 => process.wait_for_sibling(".ready-"),
        _ => process.wait_for_sibling(".old-"),
    }
    process.kill();
}

fn kill_many(work: &str, seed: u64, check: impl Fn(&Folder, &str)) {
    let mut numbers = Numbers(seed);
    let folder = Folder::new(work);
    let out = folder.join("generated");
    folder.write("generated/foreign.txt", "mine\n");
    replace(&out, &trees::files('a', FILES), Force::No).unwrap();
    let (a, b) = (whole('a'), whole('b'));
    for kill in 0..kills() {
        let name = format!("seed {seed}, kill {kill}");
        kill_one(&out, work, &mut numbers);
        check(&folder, &name);
        let (letter, wanted) = if numbers.below(2) == 0 {
            ('a', &a)
        } else {
            ('b', &b)
        };
        if let Err(failure) = replace(&out, &trees::files(letter, FILES), Force::No) {
            panic!("{name}: {failure}");
        }
        assert_eq!(&read_tree(&out), wanted, "{name}");
        assert_eq!(folder.names(), ["generated"], "{name}: nothing stays");
    }
}

/// Row J2: with one exchange, the tree is whole at every moment.
#[test]
fn row_j2_killed_at_any_moment_the_tree_is_old_or_new() {
    let (a, b) = (whole('a'), whole('b'));
    kill_many("forever", 1, |folder, name| {
        let there = read_tree(&folder.join("generated"));
        assert!(
            there == a || there == b,
            "{name}: a mix of {} files",
            there.len()
        );
    });
}

/// Row J2: with renames, the tree is whole or away for the moment, and readers are told.
#[test]
fn row_j2_killed_between_renames_the_next_run_completes() {
    let (a, b) = (whole('a'), whole('b'));
    kill_many("forever-by-renames", 2, |folder, name| {
        let out = folder.join("generated");
        if out.exists() {
            let there = read_tree(&out);
            assert!(
                there == a || there == b,
                "{name}: a mix of {} files",
                there.len()
            );
        } else {
            let outcome = compare(&out, &trees::files('a', FILES));
            assert!(matches!(outcome, Err(Failure::Unfinished { .. })), "{name}");
        }
    });
}

/// Row J2: where there was no tree, there is none or the whole one.
#[test]
fn row_j2_killed_in_the_first_run_there_is_no_tree_or_the_new_one() {
    let mut numbers = Numbers(3);
    let mut a = whole('a');
    let mut b = whole('b');
    a.remove("foreign.txt");
    b.remove("foreign.txt");
    for kill in 0..kills().div_ceil(4) {
        let folder = Folder::new("first-kill");
        let out = folder.join("generated");
        let mut process = Replacing::start(&out, FILES, "forever");
        process.wait_for_staged(usize::try_from(numbers.below(FILES as u64)).unwrap());
        process.kill();
        if out.exists() {
            let there = read_tree(&out);
            assert!(there == a || there == b, "kill {kill}");
        }
        replace(&out, &trees::files('b', FILES), Force::No).unwrap();
        assert_eq!(read_tree(&out), b, "kill {kill}");
        assert_eq!(folder.names(), ["generated"], "kill {kill}");
    }
}
