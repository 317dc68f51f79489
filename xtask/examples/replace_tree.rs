//! Replaces a tree once or for ever, for tests that kill, stop or starve the process that does it.
//! `replace_tree OUT COUNT a|b|forever|forever-by-renames`; each finished replacement prints a line.
//! Must not do anything but call the library, or the tests would prove nothing.

#[path = "../tests/it/trees.rs"]
mod trees;

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use etiquette_xtask::tree::{Exchange, Force, replace_by};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().collect();
    let [_, out, count, work] = words.as_slice() else {
        eprintln!("replace_tree OUT COUNT a|b|forever|forever-by-renames");
        return ExitCode::from(2);
    };
    let out = PathBuf::from(out);
    let count: usize = count.parse().expect("the second argument is a number");
    let exchange = match work.as_str() {
        "forever-by-renames" => Exchange::Renames,
        _ => Exchange::Atomic,
    };
    let letters: &[char] = match work.as_str() {
        "a" => &['a'],
        "b" => &['b'],
        _ => &['a', 'b'],
    };
    loop {
        for letter in letters {
            let files = trees::files(*letter, count);
            if let Err(failure) = replace_by(&out, &files, Force::No, exchange) {
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
            println!("{letter}");
            std::io::stdout().flush().expect("somebody reads the lines");
        }
        if letters.len() == 1 {
            return ExitCode::SUCCESS;
        }
    }
}
