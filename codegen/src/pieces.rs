//! Independent pieces of work, done by whoever the caller has for it. Results come in the order of the
//! pieces, so that nothing can tell which was done first. Must not know what does them.

use std::sync::OnceLock;

/// Calls a function once with each number below the count, in any order and on any thread.
pub type Workers<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// One piece after the other, on this thread.
pub fn in_turn(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(work);
}

/// What `work` makes of each piece.
pub(crate) fn map<T, R>(pieces: &[T], workers: Workers<'_>, work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send + Sync,
{
    let done: Vec<OnceLock<R>> = pieces.iter().map(|_| OnceLock::new()).collect();
    workers(pieces.len(), &|at| {
        let before = done[at].set(work(&pieces[at]));
        assert!(before.is_ok(), "a piece is worked on once");
    });
    done.into_iter()
        .map(|one| one.into_inner().expect("each piece is worked on"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{in_turn, map};

    #[test]
    fn results_come_in_the_order_of_the_pieces_whatever_is_done_first() {
        let backwards =
            |count: usize, work: &(dyn Fn(usize) + Sync)| (0..count).rev().for_each(work);
        let pieces = ["a", "bc", ""];
        for workers in [&in_turn as super::Workers<'_>, &backwards] {
            assert_eq!(map(&pieces, workers, |piece| piece.len()), [1, 2, 0]);
        }
    }

    #[test]
    #[should_panic(expected = "each piece is worked on")]
    fn a_piece_that_is_left_out_is_no_result() {
        map(&["a"], &|_, _| {}, |piece| piece.len());
    }
}
