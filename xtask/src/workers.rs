//! The generator's independent pieces of work, on as many threads as there are processors.
//! Each thread takes the next piece that nobody has. Must not know what a piece is, nor their order.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Bounded nesting of descriptions keeps the generator far below this.
pub(crate) const STACK: usize = 64 * 1024 * 1024;

/// More threads gain little: the largest piece is one.
const MOST: usize = 8;

/// Calls `work` once with each number below `count`. A panic in it is the caller's.
pub(crate) fn on_threads(count: usize, work: &(dyn Fn(usize) + Sync)) {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let take_pieces = || {
        while let Some(piece) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < count)
        {
            work(piece);
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..processors.min(count).min(MOST))
            .map(|_| {
                let thread = thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, take_pieces)
            })
            .collect();
        take_pieces();
        // A thread that could not be started leaves its share to the others.
        for other in others.into_iter().flatten() {
            if let Err(panic) = other.join() {
                resume_unwind(panic);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::on_threads;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;

    #[test]
    fn each_piece_is_done_once() {
        for count in [0, 1, 2, 100] {
            let done = Mutex::new(Vec::new());
            on_threads(count, &|piece| done.lock().unwrap().push(piece));
            let mut done = done.into_inner().unwrap();
            done.sort_unstable();
            assert_eq!(done, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_of_a_piece_is_the_callers() {
        let run = || on_threads(5, &|piece| assert_ne!(piece, 3, "the fourth"));
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        let words = panic.downcast_ref::<String>().expect("a message is a text");
        assert!(words.contains("the fourth"), "{words}");
    }
}
