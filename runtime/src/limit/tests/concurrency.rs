//! The limiter alone: latencies and refusals in, a number out.

use proptest::prelude::*;

use super::super::concurrency::{Limiter, Sample};
use super::*;

const WIDE: Concurrency = Concurrency {
    start: 8,
    min: 1,
    max: Some(64),
    slow_milli: Some(2_000),
};

fn sample(millis: u64, in_flight: u32) -> Sample {
    Sample {
        operation: "op",
        latency: Duration::from_millis(millis),
        alone: in_flight == 1,
        in_flight,
    }
}

/// Answers that keep the limit in full use; gives the limits.
fn feed(limiter: &mut Limiter, millis: impl IntoIterator<Item = u64>, now: Moment) -> Vec<u32> {
    let mut limits = Vec::new();
    for millis in millis {
        limiter.answered(&sample(millis, limiter.permits()), now);
        limits.push(limiter.permits());
    }
    limits
}

#[test]
fn it_starts_within_its_bounds() {
    let limit = |start, min, max| {
        let rules = Concurrency {
            start,
            min,
            max,
            slow_milli: None,
        };
        Limiter::new(rules).permits()
    };
    assert_eq!(limit(2, 1, Some(4)), 2);
    assert_eq!(limit(9, 1, Some(4)), 4);
    assert_eq!(limit(1, 3, None), 3);
    assert_eq!(limit(0, 0, Some(0)), 1);
    assert_eq!(limit(u32::MAX, 1, None), u32::MAX);
}

/// One more after four healthy answers for each request of the limit, as long as there is room.
#[test]
fn it_grows_slowly_up_to_its_maximum() {
    let mut limiter = Limiter::new(RULES);
    let limits = feed(&mut limiter, [100; 200], at(0));
    let first = |limit| limits.iter().position(|now| *now == limit).unwrap();
    assert!((8..=12).contains(&first(3)), "{}", first(3));
    assert!((12..=16).contains(&(first(4) - first(3))), "{limits:?}");
    assert_eq!(limiter.permits(), 4);
}

/// Row B18: what is not used does not grow.
#[test]
fn it_does_not_grow_while_less_than_half_is_in_use() {
    let mut limiter = Limiter::new(WIDE);
    for _ in 0..1_000 {
        limiter.answered(&sample(100, 3), at(0));
    }
    assert_eq!(limiter.permits(), 8);
    for _ in 0..40 {
        limiter.answered(&sample(100, 5), at(0));
    }
    assert_eq!(limiter.permits(), 9);
}

/// Row B16: five times the latency and no refusal.
#[test]
fn slow_answers_cut_it_within_ten_and_never_raise_it() {
    for rules in [RULES, WIDE] {
        let mut limiter = Limiter::new(rules);
        feed(
            &mut limiter,
            [100, 110, 105, 120, 100, 115, 110, 100, 105, 110],
            at(0),
        );
        let before = limiter.permits();
        let limits = feed(
            &mut limiter,
            [500, 480, 520, 510, 505].into_iter().cycle().take(400),
            at(1),
        );
        assert!(limits[9] < before, "{limits:?}");
        assert!(
            limits.is_sorted_by(|earlier, later| earlier >= later),
            "{limits:?}"
        );
        assert_eq!(limits.last(), Some(&1));
    }
}

/// Row B16: at most one cut for as many answers as the limit has requests.
#[test]
fn it_is_cut_once_for_a_limits_worth_of_answers() {
    let mut limiter = Limiter::new(Concurrency { start: 40, ..WIDE });
    feed(&mut limiter, [100; 10], at(0));
    let limits = feed(&mut limiter, [900; 100], at(1));
    let cuts: Vec<usize> = (1..limits.len())
        .filter(|i| limits[*i] < limits[i - 1])
        .collect();
    for pair in cuts.windows(2) {
        assert!(pair[1] - pair[0] >= limits[pair[0]] as usize, "{limits:?}");
    }
    assert!(cuts.len() >= 3, "{limits:?}");
}

proptest! {
    /// Row B17: noise below the threshold, a cold start and one answer that takes ten times as long.
    #[test]
    fn one_outlier_moves_nothing(
        noise in prop::collection::vec(100_u64..199, 4..60),
        place in any::<prop::sample::Index>(),
        start in 1_u32..5,
    ) {
        let rules = Concurrency { start, ..RULES };
        let mut latencies = noise;
        let place = place.index(latencies.len());
        latencies[place] *= 10;
        let mut limiter = Limiter::new(rules);
        let limits = feed(&mut limiter, latencies, at(0));
        prop_assert!(limits.is_sorted(), "{:?}", limits);
    }

    /// Whatever comes, it stays within its bounds.
    #[test]
    fn it_stays_within_its_bounds(
        events in prop::collection::vec((0_u8..5, 0_u64..100_000, 0_u32..100), 0..300),
        min in 0_u32..4,
        room in 0_u32..8,
    ) {
        let rules = Concurrency { start: 3, min, max: Some(min + room), slow_milli: Some(1_500) };
        let mut limiter = Limiter::new(rules);
        for (number, (kind, millis, in_flight)) in events.into_iter().enumerate() {
            let now = at(number as u64 * 7);
            match kind {
                0 => limiter.refused(),
                1 => limiter.freeze(now + Duration::from_millis(millis)),
                2 => { limiter.given_up("op", Duration::from_millis(millis)); }
                _ => { limiter.answered(&sample(millis, in_flight), now); }
            }
            let (low, high) = (min.max(1), (min + room).max(min.max(1)));
            prop_assert!((low..=high).contains(&limiter.permits()), "{:?}", limiter);
        }
    }
}

/// Row B15: a refusal halves it, and it does not grow before the time is over.
#[test]
fn a_refusal_halves_it_for_a_while() {
    let mut limiter = Limiter::new(WIDE);
    limiter.refused();
    limiter.freeze(at(600));
    assert_eq!(limiter.permits(), 4);
    feed(&mut limiter, [100; 500], at(599));
    assert_eq!(limiter.permits(), 4);
    feed(&mut limiter, [100; 40], at(600));
    assert!(limiter.permits() > 4);
    for _ in 0..10 {
        limiter.refused();
    }
    assert_eq!(limiter.permits(), 1);
}

/// Slow operations are no slow API.
#[test]
fn operations_have_baselines_of_their_own() {
    let mut limiter = Limiter::new(RULES);
    for _ in 0..50 {
        limiter.answered(&sample(100, 2), at(0));
        limiter.answered(
            &Sample {
                operation: "report",
                ..sample(2_000, 2)
            },
            at(0),
        );
    }
    assert!(limiter.permits() >= 3);
}

/// Under load all latencies are long. Only what was alone says that the API has become slower.
#[test]
fn load_does_not_become_the_baseline() {
    let mut limiter = Limiter::new(Concurrency { min: 2, ..WIDE });
    feed(&mut limiter, [100; 3], at(0));
    let limits = feed(&mut limiter, [500; 100], at(3_600));
    assert_eq!(
        limits.last(),
        Some(&2),
        "an hour later it still knows what is slow"
    );
    for minute in 60..75 {
        limiter.answered(
            &Sample {
                alone: true,
                ..sample(500, 2)
            },
            at(minute * 60),
        );
    }
    let limits = feed(&mut limiter, [500; 100], at(75 * 60));
    assert!(limits.last() > Some(&2), "it was not the load");
}

/// A request that gets no answer at all says that the API is slow, unless it was given up early.
#[test]
fn timeouts_are_slow_answers() {
    let mut limiter = Limiter::new(WIDE);
    feed(&mut limiter, [100; 3], at(0));
    for _ in 0..100 {
        limiter.given_up("op", Duration::from_millis(150));
        limiter.given_up("unknown", Duration::from_secs(30));
    }
    assert_eq!(limiter.permits(), 8);
    for _ in 0..100 {
        limiter.given_up("op", Duration::from_secs(30));
    }
    assert_eq!(limiter.permits(), 1);
}

#[test]
fn without_a_threshold_latency_does_not_matter() {
    let mut limiter = Limiter::new(Concurrency {
        slow_milli: None,
        ..RULES
    });
    let limits = feed(&mut limiter, (1..200).map(|n| n * 100), at(0));
    assert_eq!(limits.last(), Some(&4));
    assert!(limits.is_sorted());
}

/// Row B21: a clock that stands still or steps back.
#[test]
fn a_clock_that_steps_back_does_no_harm() {
    let mut limiter = Limiter::new(RULES);
    for seconds in [10_000, 0, 5_000, 0, 20_000, 1] {
        limiter.answered(&sample(0, 1), at(seconds));
        limiter.answered(&sample(100, 1), at(seconds));
    }
    assert!(limiter.permits() >= 1);
}

/// Row B15: one request too many at a server that takes two at once. Half of the answers wait for nobody, and they are
/// no reason to ask for more.
#[test]
fn answers_that_are_quick_by_luck_do_not_add_up() {
    let mut limiter = Limiter::new(Concurrency { start: 3, ..WIDE });
    limiter.answered(&sample(100, 1), at(0));
    let lucky = (0..2_000).map(|number| if number % 2 == 0 { 100 } else { 195 });
    let limits = feed(&mut limiter, lucky, at(0));
    assert_eq!(limits.iter().max(), Some(&3));
    // A few quick answers in a row are no more than luck either, if they never come to a whole step.
    let rarely = (0..2_000).map(|number| if number % 40 < 5 { 100 } else { 160 });
    assert_eq!(feed(&mut limiter, rarely, at(0)).iter().max(), Some(&3));
}

/// Row B16: nobody was alone for an hour. The first who is, because the API has become slow, does not make what was
/// known before forgotten at once; after ten minutes alone, what is slow is usual.
#[test]
fn the_first_request_that_is_alone_again_makes_nothing_forgotten() {
    let mut limiter = Limiter::new(Concurrency {
        start: 2,
        max: Some(2),
        ..WIDE
    });
    limiter.answered(&sample(100, 1), at(0));
    for minute in 1..60 {
        feed(&mut limiter, [110; 4], at(60 * minute));
    }
    assert_eq!(limiter.permits(), 2);
    for second in 0..480 {
        feed(&mut limiter, [500], at(3_600 + second));
        assert!(second < 10 || limiter.permits() == 1, "after {second} s");
    }
    feed(&mut limiter, [500; 20], at(4_260));
    let grown = (0..600).any(|second| {
        feed(&mut limiter, [500], at(4_260 + second));
        limiter.permits() == 2
    });
    assert!(grown);
}
