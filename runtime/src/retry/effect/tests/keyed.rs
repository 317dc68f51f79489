//! The table's column for writes with an idempotency key, and what only such writes and locked ones know.

use super::*;
use crate::operation::{IdempotencyKey, SendAt};

const KEY: IdempotencyKey = IdempotencyKey {
    at: SendAt::Header("idempotency-key"),
    within: None,
    replay: None,
};
const KEYED: Effect = Effect::Keyed(&KEY);
const SECOND: Duration = Duration::from_secs(1);

/// Rows A6, A7: the column itself, with a lost attempt before and without.
#[test]
fn the_column() {
    use ReplayMeans::{Done, InProgress};
    use Said::{Again, AlreadyDone, Ambiguous, Fail, Refresh, Refused};
    let refused = |processed| Evidence::Refused { processed };
    let rows = [
        (Evidence::NotSent, Again(5), Again(5)),
        (refused(false), Refused, Refused),
        (refused(true), Refused, Refused),
        (status(401), Refresh, Refresh),
        (status(408), Again(5), Again(5)),
        (status(500), Again(10), Again(10)),
        (status(502), Again(10), Again(10)),
        (status(503), Again(10), Again(10)),
        (status(504), Again(10), Again(10)),
        (Evidence::Lost, Again(10), Again(10)),
        (Evidence::Malformed, Fail, Fail),
        (status(400), Fail, Fail),
        (status(422), Fail, Fail),
        (status(507), Ambiguous, Ambiguous),
        (status(501), Fail, Fail),
        (Evidence::Kept, Fail, Fail),
        (Evidence::Replayed(Done), Fail, AlreadyDone),
        (Evidence::Replayed(InProgress), Fail, Again(5)),
        (Evidence::Stale, Fail, Ambiguous),
    ];
    for (evidence, first, later) in rows {
        for (lost_before, wanted) in [(false, first), (true, later)] {
            let facts = Facts {
                lost_before,
                ..facts(KEYED, evidence)
            };
            assert_eq!(say(&facts), wanted, "{evidence:?} {lost_before}");
        }
    }
}

/// Row A9: a key of the caller's may be in use already.
#[test]
fn a_key_that_was_given_may_be_in_progress() {
    let facts = Facts {
        key_is_given: true,
        ..facts(KEYED, Evidence::Replayed(ReplayMeans::InProgress))
    };
    assert_eq!(say(&facts), Said::Again(5));
    let verdict = classify(
        &Facts {
            attempts: 4,
            ..facts
        },
        &Budget::new(),
    );
    let (phase, decision) = (Phase::Unknown, Decision::Ambiguous);
    assert_eq!(verdict, Verdict { phase, decision });
    let done = Facts {
        evidence: Evidence::Replayed(ReplayMeans::Done),
        ..facts
    };
    assert_eq!(
        say(&done),
        Said::Fail,
        "the API's own error, as far as this call knows"
    );
}

/// What remains in doubt is ambiguous; an answer to the same key is not.
#[test]
fn the_end_of_a_keyed_call() {
    let end = |evidence, lost_before| {
        let facts = Facts {
            attempts: 4,
            lost_before,
            ..facts(KEYED, evidence)
        };
        say(&facts)
    };
    assert_eq!(end(Evidence::Lost, false), Said::Ambiguous);
    assert_eq!(end(status(503), false), Said::Ambiguous);
    assert_eq!(end(Evidence::NotSent, false), Said::Fail);
    assert_eq!(end(Evidence::NotSent, true), Said::Ambiguous);
    assert_eq!(end(status(408), true), Said::Ambiguous);
    assert_eq!(end(status(422), true), Said::Fail);
}

/// Row A7: a key that the server has forgotten when the repetition is sent is as good as none.
#[test]
fn a_key_has_its_time() {
    let now = Moment::START + SECOND * 10;
    let with = |evidence, key_until| Facts {
        now,
        key_until: Some(key_until),
        ..facts(KEYED, evidence)
    };
    let delay = Duration::from_millis(100);
    for evidence in [Evidence::Lost, status(503)] {
        let just = now + delay + Duration::from_nanos(1);
        assert_eq!(say(&with(evidence, just)), Said::Again(10));
        assert_eq!(say(&with(evidence, now + delay)), Said::Ambiguous);
        assert_eq!(say(&with(evidence, Moment::START)), Said::Ambiguous);
    }
    let refused = Evidence::Refused { processed: true };
    assert_eq!(say(&with(refused, Moment::START)), Said::Ambiguous);
    // What was certainly not carried out needs no key, unless an earlier attempt may have been.
    let not_sent = with(Evidence::NotSent, Moment::START);
    assert_eq!(say(&not_sent), Said::Again(5));
    let lost = Facts {
        lost_before: true,
        ..not_sent
    };
    assert_eq!(say(&lost), Said::Ambiguous);
}

/// Row A12: a stale version after an attempt that may have made it stale, whatever the effect.
#[test]
fn stale_after_doubt_is_doubt() {
    for effect in [Effect::Idempotent, Effect::Once, KEYED] {
        let stale = |lost_before| {
            let facts = Facts {
                lost_before,
                ..facts(effect, Evidence::Stale)
            };
            say(&facts)
        };
        assert_eq!((stale(false), stale(true)), (Said::Fail, Said::Ambiguous));
    }
}
