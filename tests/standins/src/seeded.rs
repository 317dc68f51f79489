//! Misbehaviour by a seed: which arrivals a fault is played on, and which fault.
//!
//! The choice hangs on the seed and on the arrival's number alone, so that a run can be repeated.
//! Nothing here stalls: a client that waits for ever would tell nothing more than a timeout does.

use crate::fault::{Answer, Fault};

/// Chooses faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mischief {
    seed: u64,
    of_a_thousand: u16,
}

impl Mischief {
    pub(crate) fn new(seed: u64, of_a_thousand: u16) -> Self {
        Self {
            seed,
            of_a_thousand,
        }
    }

    /// The fault of an arrival, if it has one.
    pub(crate) fn at(self, sequence: u64) -> Option<Fault> {
        let drawn = mix(self.seed ^ mix(sequence));
        if drawn % 1000 >= u64::from(self.of_a_thousand) {
            return None;
        }
        let choice = drawn / 1000;
        Some(match choice % 10 {
            0 => Fault::ResetBefore,
            1 => Fault::ResetAfter,
            2 => Fault::CloseBefore,
            3 => Fault::CloseAfter,
            4 => Fault::Truncate { keep: 7 },
            5 => Fault::Html,
            6 => Fault::Answer(Answer::new(502).body("bad gateway").after_applying()),
            7 => Fault::status(500),
            8 => Fault::Answer(Answer::new(503).header("retry-after", "2")),
            _ => Fault::Malformed,
        })
    }
}

/// The finalizer of SplitMix64: every bit of what goes in moves half of those that come out.
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_always_chooses_the_same_and_all_kinds_come_up() {
        let run = |seed, rate| -> Vec<String> {
            let mischief = Mischief::new(seed, rate);
            (1..=2000)
                .map(|number| format!("{:?}", mischief.at(number)))
                .collect()
        };
        assert_eq!(run(7, 100), run(7, 100));
        assert_ne!(run(7, 100), run(8, 100));
        let faults = run(7, 100).iter().filter(|fault| *fault != "None").count();
        assert!((140..260).contains(&faults), "{faults}");
        let kinds: BTreeSet<String> = run(7, 1000).into_iter().collect();
        assert_eq!(kinds.len(), 10);
        assert!(run(7, 0).iter().all(|fault| fault == "None"));
    }
}
