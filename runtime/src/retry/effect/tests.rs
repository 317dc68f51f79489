//! The whole table: every evidence with every effect, and the gates before another attempt.

use super::*;

mod keyed;

const RETRY: Retry = Retry {
    name: "gentle",
    attempts: 4,
    network: true,
    statuses: &[408, 425, 429, 500, 502, 503, 504],
    first: Duration::from_millis(100),
    factor_milli: 2_000,
    max: Duration::from_secs(30),
    max_elapsed: Some(Duration::from_secs(120)),
};

fn facts(effect: Effect, evidence: Evidence) -> Facts<'static> {
    Facts {
        effect,
        verb: Verb::Post,
        evidence,
        retry: Some(&RETRY),
        attempts: 1,
        lost_before: false,
        key_until: None,
        key_is_given: false,
        may_refresh: true,
        replayable: true,
        elapsed: Duration::ZERO,
        now: Moment::START,
        deadline: None,
        hint: Hint::Missing,
        fraction: 1.0,
    }
}

fn status(status: u16) -> Evidence {
    Evidence::Answer {
        status,
        success: false,
    }
}

fn decide(facts: &Facts<'_>) -> Decision {
    classify(facts, &Budget::new()).decision
}

/// What the table says, without numbers.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Said {
    Done,
    /// At this price.
    Again(usize),
    Refresh,
    Refused,
    Ambiguous,
    AlreadyDone,
    Fail,
}

fn say(facts: &Facts<'_>) -> Said {
    let budget = Budget::new();
    match classify(facts, &budget).decision {
        Decision::Done => Said::Done,
        Decision::AlreadyGone => panic!("no delete here"),
        Decision::AlreadyDone => Said::AlreadyDone,
        Decision::Again { .. } => Said::Again(100 - std::iter::from_fn(|| budget.spend(1)).count()),
        Decision::Refresh => Said::Refresh,
        Decision::Refused => Said::Refused,
        Decision::Ambiguous => Said::Ambiguous,
        Decision::Fail => Said::Fail,
    }
}

/// Rows A1 to A6 and A14: the table itself, for `read` and `idempotent`, and for `once`.
#[test]
fn the_table() {
    use Said::{Again, Ambiguous, Done, Fail, Refresh, Refused};
    let rows = [
        (
            Evidence::Answer {
                status: 200,
                success: true,
            },
            Phase::Final,
            Done,
            Done,
        ),
        (
            Evidence::Answer {
                status: 404,
                success: true,
            },
            Phase::Final,
            Done,
            Done,
        ),
        (Evidence::NotSent, Phase::NotSent, Again(5), Again(5)),
        (
            Evidence::Refused { processed: false },
            Phase::NotProcessed,
            Refused,
            Refused,
        ),
        (
            Evidence::Refused { processed: true },
            Phase::Unknown,
            Refused,
            Ambiguous,
        ),
        (status(401), Phase::NotProcessed, Refresh, Refresh),
        (status(408), Phase::NotProcessed, Again(5), Fail),
        (status(500), Phase::Unknown, Again(10), Ambiguous),
        (status(502), Phase::Unknown, Again(10), Ambiguous),
        (status(503), Phase::Unknown, Again(10), Ambiguous),
        (status(504), Phase::Unknown, Again(10), Ambiguous),
        (Evidence::Lost, Phase::Unknown, Again(10), Ambiguous),
        (Evidence::Malformed, Phase::Final, Fail, Fail),
        // Named by the description, so reads are repeated; a write that counts each time is not.
        (status(425), Phase::Final, Again(10), Fail),
        (status(429), Phase::Final, Again(10), Fail),
        // Not named by the description.
        (status(507), Phase::Unknown, Fail, Ambiguous),
        (status(599), Phase::Unknown, Fail, Ambiguous),
        (status(501), Phase::Final, Fail, Fail),
        (status(505), Phase::Final, Fail, Fail),
    ];
    for (evidence, phase, repeatable, once) in rows {
        for (effect, expected) in [
            (Effect::Read, repeatable),
            (Effect::Idempotent, repeatable),
            (Effect::Once, once),
        ] {
            let facts = facts(effect, evidence);
            assert_eq!(say(&facts), expected, "{effect:?} {evidence:?}");
            assert_eq!(
                classify(&facts, &Budget::new()).phase,
                phase,
                "{evidence:?}"
            );
        }
    }
}

/// Every other answer is the end of it, for everyone.
#[test]
fn other_answers_are_final() {
    for code in (100..400).chain((400..500).filter(|code| ![401, 408, 425, 429].contains(code))) {
        for effect in [Effect::Read, Effect::Idempotent, Effect::Once] {
            let verdict = classify(&facts(effect, status(code)), &Budget::new());
            assert_eq!(
                verdict,
                Verdict {
                    phase: Phase::Final,
                    decision: Decision::Fail
                },
                "{code}"
            );
        }
    }
}

/// A write that counts each time is sent again only when it was certainly not carried out, whatever the description
/// names and however many attempts remain.
#[test]
fn a_write_is_never_doubled() {
    for code in 100..600 {
        for evidence in [
            status(code),
            Evidence::Lost,
            Evidence::Malformed,
            Evidence::Refused { processed: true },
        ] {
            let statuses: &[u16] = Box::leak(Box::new([code]));
            let retry = Retry {
                statuses,
                attempts: u32::MAX,
                ..RETRY
            };
            let decision = decide(&Facts {
                retry: Some(&retry),
                ..facts(Effect::Once, evidence)
            });
            let may_be_sent_again = matches!(
                decision,
                Decision::Again { .. } | Decision::Refused | Decision::Refresh
            );
            assert!(!may_be_sent_again || code == 401, "{code} {evidence:?}");
        }
    }
}

/// Without a policy nothing is repeated; the ambiguity stays.
#[test]
fn no_policy_no_retry() {
    for evidence in [Evidence::NotSent, Evidence::Lost, status(503), status(408)] {
        let read = Facts {
            retry: None,
            ..facts(Effect::Read, evidence)
        };
        assert_eq!(decide(&read), Decision::Fail);
    }
    assert_eq!(
        decide(&Facts {
            retry: None,
            ..facts(Effect::Once, Evidence::Lost)
        }),
        Decision::Ambiguous
    );
    assert_eq!(
        decide(&Facts {
            retry: None,
            ..facts(Effect::Once, Evidence::NotSent)
        }),
        Decision::Fail
    );
    let quiet = Retry {
        network: false,
        statuses: &[],
        ..RETRY
    };
    for evidence in [Evidence::NotSent, Evidence::Lost, status(503)] {
        assert_eq!(
            decide(&Facts {
                retry: Some(&quiet),
                ..facts(Effect::Read, evidence)
            }),
            Decision::Fail
        );
    }
}

#[test]
fn attempts_run_out() {
    for (attempts, goes_on) in [(1, true), (3, true), (4, false), (u32::MAX, false)] {
        let decision = decide(&Facts {
            attempts,
            ..facts(Effect::Read, Evidence::Lost)
        });
        assert_eq!(
            matches!(decision, Decision::Again { .. }),
            goes_on,
            "{attempts}"
        );
    }
}

/// Row A13: a body that cannot be sent again ends the call, wherever it failed.
#[test]
fn a_body_that_is_gone() {
    for evidence in [
        Evidence::NotSent,
        status(401),
        status(503),
        Evidence::Refused { processed: false },
    ] {
        assert_eq!(
            decide(&Facts {
                replayable: false,
                ..facts(Effect::Read, evidence)
            }),
            Decision::Fail
        );
    }
    assert_eq!(
        decide(&Facts {
            replayable: false,
            ..facts(Effect::Once, Evidence::Lost)
        }),
        Decision::Ambiguous
    );
}

#[test]
fn one_refresh_only() {
    assert_eq!(
        decide(&Facts {
            may_refresh: false,
            ..facts(Effect::Once, status(401))
        }),
        Decision::Fail
    );
    assert_eq!(
        decide(&Facts {
            retry: None,
            ..facts(Effect::Once, status(401))
        }),
        Decision::Refresh
    );
}

/// Row A10: only a delete, only its 404, and only after an attempt that may have done it.
#[test]
fn what_is_gone_is_gone() {
    let gone = |verb, lost_before, code| {
        decide(&Facts {
            verb,
            lost_before,
            ..facts(Effect::Idempotent, status(code))
        }) == Decision::AlreadyGone
    };
    assert!(gone(Verb::Delete, true, 404));
    assert!(!gone(Verb::Delete, false, 404));
    assert!(!gone(Verb::Delete, true, 410));
    assert!(!gone(Verb::Put, true, 404));
}

/// Row A20: when the next attempt would come too late, the call ends now, and the budget is not touched.
#[test]
fn no_sleep_without_an_attempt_after_it() {
    let now = Moment::START + Duration::from_secs(1_000);
    let lost = Facts {
        now,
        ..facts(Effect::Read, Evidence::Lost)
    };
    let again = |facts: Facts<'_>| matches!(decide(&facts), Decision::Again { .. });
    let delay = Duration::from_millis(100);
    assert!(again(Facts {
        deadline: Some(now + delay + Duration::from_nanos(1)),
        ..lost
    }));
    assert!(!again(Facts {
        deadline: Some(now + delay),
        ..lost
    }));
    assert!(!again(Facts {
        deadline: Some(Moment::START),
        ..lost
    }));
    assert!(again(Facts {
        elapsed: Duration::from_secs(120) - delay - Duration::from_nanos(1),
        ..lost
    }));
    assert!(!again(Facts {
        elapsed: Duration::from_secs(120) - delay,
        ..lost
    }));
    assert!(!again(Facts {
        elapsed: Duration::MAX,
        ..lost
    }));
    let endless = Retry {
        max_elapsed: None,
        ..RETRY
    };
    assert!(again(Facts {
        elapsed: Duration::MAX,
        retry: Some(&endless),
        ..lost
    }));
    let budget = Budget::new();
    let _ = classify(
        &Facts {
            deadline: Some(now),
            ..lost
        },
        &budget,
    );
    assert_eq!(std::iter::from_fn(|| budget.spend(1)).count(), 100);
}

/// Row A19: never sooner than the server asks; what is too long ends the call.
#[test]
fn the_server_is_waited_for() {
    let endless = Retry {
        max_elapsed: None,
        ..RETRY
    };
    let with = |hint| match decide(&Facts {
        hint,
        retry: Some(&endless),
        ..facts(Effect::Read, status(503))
    }) {
        Decision::Again { delay, .. } => Some(delay.as_millis()),
        _ => None,
    };
    assert_eq!(with(Hint::Missing), Some(100));
    assert_eq!(with(Hint::Invalid), Some(100));
    assert_eq!(with(Hint::After(Duration::ZERO)), Some(100));
    assert_eq!(with(Hint::After(Duration::from_secs(7))), Some(7_000));
    assert_eq!(with(Hint::After(LONGEST_WAIT)), Some(900_000));
    assert_eq!(
        with(Hint::After(LONGEST_WAIT + Duration::from_nanos(1))),
        None
    );
    assert_eq!(with(Hint::OverCap), None);
    let hint = Hint::After(Duration::from_secs(120));
    assert_eq!(
        decide(&Facts {
            hint,
            ..facts(Effect::Read, status(503))
        }),
        Decision::Fail
    );
    // Row A6: a hint does not make a write repeatable.
    assert_eq!(
        decide(&Facts {
            hint,
            ..facts(Effect::Once, status(503))
        }),
        Decision::Ambiguous
    );
}

/// Row A15: without budget there is no retry, and the failure is the original one.
#[test]
fn an_empty_budget_ends_retries() {
    let budget = Budget::new();
    while budget.spend(1).is_some() {}
    let fails =
        |evidence| classify(&facts(Effect::Read, evidence), &budget).decision == Decision::Fail;
    assert!(
        [Evidence::NotSent, Evidence::Lost, status(408), status(503)]
            .into_iter()
            .all(fails)
    );
    // What costs nothing goes on.
    let free = |evidence| classify(&facts(Effect::Once, evidence), &budget).decision;
    assert_eq!(
        free(Evidence::Refused { processed: false }),
        Decision::Refused
    );
    assert_eq!(free(status(401)), Decision::Refresh);
}

/// A budget that is refunded does not run dry while retries succeed (row A16).
#[test]
fn retries_that_succeed_cost_nothing() {
    let budget = Budget::new();
    for _ in 0..1_000 {
        match classify(&facts(Effect::Read, Evidence::Lost), &budget).decision {
            Decision::Again { spent, .. } => budget.refund(spent),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn phases_are_ordered_by_what_may_have_happened() {
    assert!(
        Phase::NotSent < Phase::NotProcessed
            && Phase::NotProcessed < Phase::Final
            && Phase::Final < Phase::Unknown
    );
}
