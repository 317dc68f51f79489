//! Seeds: which runs are made, on as many threads as there are processors, and how a failure is replayed.
//!
//! A run must take everything random from its seed and share nothing with other runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A number from the environment.
pub(crate) fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}")),
        Err(_) => default,
    }
}

/// Makes `count` runs, or only that of `ETIQUETTE_SEED`, and gives what they found in the order of their seeds.
///
/// A run that panics has its seed printed.
pub(crate) fn each_seed<T: Send>(
    test: &str,
    count: u64,
    run: impl Fn(u64) -> T + Sync,
) -> Vec<(u64, T)> {
    let seeds: Vec<u64> = match std::env::var_os("ETIQUETTE_SEED") {
        Some(_) => vec![number_from("ETIQUETTE_SEED", 0)],
        None => (0..count).collect(),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(seeds.len()) {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _replay = Replay { test, seed: *seed };
                    let result = run(*seed);
                    found
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((*seed, result));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(seed, _)| *seed);
    found
}

/// The command that repeats a run.
pub(crate) fn replay(test: &str, seed: u64) -> String {
    format!(
        "replay with ETIQUETTE_SEED={seed} cargo test -p etiquette-tests --test simulation {test}"
    )
}

struct Replay<'a> {
    test: &'a str,
    seed: u64,
}

impl Drop for Replay<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", replay(self.test, self.seed));
        }
    }
}
