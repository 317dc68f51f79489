//! Scenarios: good ones pass, and each expectation has a twin that differs in one field and has to fail with words that
//! name it. Without the twins a runner that looks at nothing would pass as well.

use std::time::Duration;

use etiquette_runtime::codegen::{
    Effect, IdempotencyKey, Operation, Place, Scenario, ScenarioEnd, ScenarioExpect, ScenarioReply,
    ScenarioRun, SendAt, Unit,
};

use crate::api::{Any, CHANGE, CREATE, GET, LIST_OFFSET, REMOVE, RETRY};

const fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

static KEYED: Operation = Operation {
    effect: Effect::Keyed(&IdempotencyKey {
        at: SendAt::Header("idempotency-key"),
        within: None,
        replay: None,
    }),
    retry: Some(&RETRY),
    ..CREATE
};

/// A refusal that is waited out; the second request is looked at from all sides.
const EXPECT: ScenarioExpect = ScenarioExpect {
    not_before: seconds(30),
    not_after: seconds(40),
    method: Some("PATCH"),
    path: Some("/orders/a%2Fb"),
    query: &[("dry run", "ü & more")],
    headers: &[("x-mark", "1")],
    body: Some(r#"{"b": [1], "a": null}"#),
    same: &[
        SendAt::Query("dry run"),
        SendAt::Header("x-mark"),
        SendAt::Body(&["b"]),
    ],
};
const REFUSED: ScenarioReply = ScenarioReply {
    status: 429,
    later: &[(
        Place::Header("retry-after"),
        Duration::from_secs(30),
        Unit::RetryAfter,
    )],
    json: Some(r#"{"error": "slow down"}"#),
    ..ScenarioReply::NEW
};
const WAITED: Scenario = Scenario {
    name: "a refusal is waited out",
    operation: &CHANGE,
    keys: &["a/b"],
    query: &[("dry run", "ü & more")],
    headers: &[("x-mark", "1")],
    body: Some(r#"{"a": null, "b": [1]}"#),
    send: |request, body| ScenarioRun::of::<Any>(request.json(body).call()),
    replies: &[REFUSED, answered(EXPECT)],
    then: ScenarioEnd {
        requests: 2,
        ..ScenarioEnd::NEW
    },
    ..Scenario::NEW
};
const WALKED: Scenario = Scenario {
    name: "a walk ends with the total",
    operation: &LIST_OFFSET,
    size: Some(2),
    send: |request, _| ScenarioRun::walk::<Any>(request.list()),
    replies: &[
        page(r#"{"data": [1, 2], "total": 3}"#),
        page(r#"{"data": [3], "total": 3}"#),
    ],
    then: ScenarioEnd {
        requests: 2,
        items: Some(3),
        ..ScenarioEnd::NEW
    },
    ..Scenario::NEW
};
const LOST: Scenario = Scenario {
    name: "a write whose answer is lost",
    operation: &CREATE,
    body: Some("{}"),
    send: |request, body| ScenarioRun::of::<Any>(request.json(body).call()),
    replies: &[ScenarioReply {
        reset: true,
        ..ScenarioReply::NEW
    }],
    then: ScenarioEnd {
        error: Some("Ambiguous"),
        ..ScenarioEnd::NEW
    },
    ..Scenario::NEW
};
/// The bucket of the shop lets 100 requests go in a minute.
const CROWD: Scenario = Scenario {
    name: "what fits into a bucket goes at once",
    operation: &GET,
    used: &[("minute", 98)],
    keys: &["7"],
    times: 3,
    send: |request, _| ScenarioRun::of::<Any>(request.call()),
    replies: &[
        ScenarioReply {
            times: 2,
            ..answered(ScenarioExpect {
                not_after: seconds(0),
                ..ScenarioExpect::NEW
            })
        },
        answered(ScenarioExpect {
            not_before: seconds(60),
            ..ScenarioExpect::NEW
        }),
    ],
    then: ScenarioEnd {
        requests: 3,
        ..ScenarioEnd::NEW
    },
    ..Scenario::NEW
};
const SAME_KEY: Scenario = Scenario {
    name: "a write with a key is sent again with the same key",
    operation: &KEYED,
    replies: &[
        ScenarioReply {
            stall: true,
            ..ScenarioReply::NEW
        },
        answered(ScenarioExpect {
            same: &[SendAt::Header("idempotency-key")],
            not_before: seconds(30),
            ..ScenarioExpect::NEW
        }),
    ],
    then: ScenarioEnd {
        requests: 2,
        ..ScenarioEnd::NEW
    },
    ..LOST
};

const fn answered(expect: ScenarioExpect) -> ScenarioReply {
    ScenarioReply {
        json: Some(r#"{"id": 7}"#),
        expect,
        ..ScenarioReply::NEW
    }
}

const fn page(json: &'static str) -> ScenarioReply {
    ScenarioReply {
        json: Some(json),
        ..ScenarioReply::NEW
    }
}

fn run(scenario: Scenario) -> Result<(), String> {
    let scenario: &'static Scenario = Box::leak(Box::new(scenario));
    scenario.run().map_err(|failure| failure.to_string())
}

/// The same with another expectation of its second request.
fn expecting(expect: ScenarioExpect) -> Scenario {
    Scenario {
        replies: Box::leak(Box::new([REFUSED, answered(expect)])),
        ..WAITED
    }
}

fn ending(of: Scenario, then: ScenarioEnd) -> Scenario {
    Scenario { then, ..of }
}

#[test]
fn good_scenarios_pass() {
    let removed = Scenario {
        name: "an answer without a body",
        operation: &REMOVE,
        keys: &["7"],
        replies: &[ScenarioReply {
            status: 204,
            ..ScenarioReply::NEW
        }],
        ..Scenario::NEW
    };
    for scenario in [WAITED, WALKED, LOST, CROWD, SAME_KEY, removed] {
        assert_eq!(run(scenario), Ok(()));
    }
}

/// Each differs in one field from a scenario that passes.
fn twins() -> Vec<(&'static str, Scenario)> {
    let expect = EXPECT;
    vec![
        (
            "request 2 (reply 2): not_before: expected 41s, got 3",
            expecting(ScenarioExpect {
                not_before: seconds(41),
                not_after: None,
                ..expect
            }),
        ),
        (
            "request 2 (reply 2): not_after: expected 29s, got 3",
            expecting(ScenarioExpect {
                not_before: None,
                not_after: seconds(29),
                ..expect
            }),
        ),
        (
            "method: expected PUT, got PATCH",
            expecting(ScenarioExpect {
                method: Some("PUT"),
                ..expect
            }),
        ),
        (
            "path: expected /orders/a, got /orders/a%2Fb",
            expecting(ScenarioExpect {
                path: Some("/orders/a"),
                ..expect
            }),
        ),
        (
            "query `dry run`: expected no, got ü & more",
            expecting(ScenarioExpect {
                query: &[("dry run", "no")],
                ..expect
            }),
        ),
        (
            "query `wet`: expected 1, got nothing",
            expecting(ScenarioExpect {
                query: &[("wet", "1")],
                ..expect
            }),
        ),
        (
            "header `x-mark`: expected 2, got 1",
            expecting(ScenarioExpect {
                headers: &[("x-mark", "2")],
                ..expect
            }),
        ),
        (
            "header `x-none`: expected 1, got nothing",
            expecting(ScenarioExpect {
                headers: &[("x-none", "1")],
                ..expect
            }),
        ),
        (
            r#"body: expected {"a": null}, got {"a":null,"b":[1]}"#,
            expecting(ScenarioExpect {
                body: Some(r#"{"a": null}"#),
                ..expect
            }),
        ),
        (
            "same header `x-none`: expected nothing, got nothing",
            expecting(ScenarioExpect {
                same: &[SendAt::Header("x-none")],
                ..expect
            }),
        ),
        (
            "same body `/c`",
            expecting(ScenarioExpect {
                same: &[SendAt::Body(&["c"])],
                ..expect
            }),
        ),
        (
            "same query `offset`: expected nothing, got 2",
            Scenario {
                replies: const {
                    &[
                        page(r#"{"data": [1, 2], "total": 3}"#),
                        ScenarioReply {
                            expect: ScenarioExpect {
                                same: &[SendAt::Query("offset")],
                                ..ScenarioExpect::NEW
                            },
                            ..page(r#"{"data": [3], "total": 3}"#)
                        },
                    ]
                },
                ..WALKED
            },
        ),
        (
            "items: expected 4, got 3",
            ending(
                WALKED,
                ScenarioEnd {
                    items: Some(4),
                    ..WALKED.then
                },
            ),
        ),
        (
            "requests: expected 3, got 2",
            ending(
                WALKED,
                ScenarioEnd {
                    requests: 3,
                    ..WALKED.then
                },
            ),
        ),
        (
            "the call: expected ok, got Ambiguous",
            ending(LOST, ScenarioEnd::NEW),
        ),
        (
            "the call: expected Api, got Ambiguous",
            ending(
                LOST,
                ScenarioEnd {
                    error: Some("Api"),
                    ..ScenarioEnd::NEW
                },
            ),
        ),
        (
            "the call: expected Api, got ok",
            ending(
                WALKED,
                ScenarioEnd {
                    error: Some("Api"),
                    ..WALKED.then
                },
            ),
        ),
        (
            "request 2: GET /users has no reply",
            Scenario {
                replies: const { &[page(r#"{"data": [1, 2], "total": 3}"#)] },
                ..WALKED
            },
        ),
        (
            "replies: expected all to be used, got 1 of 2 unused, from reply 2 on",
            Scenario {
                replies: const { &[page(r#"{"data": [1], "total": 1}"#), page("{}")] },
                ..WALKED
            },
        ),
        (
            "call 3: expected Decode, got ok",
            ending(
                CROWD,
                ScenarioEnd {
                    error: Some("Decode"),
                    ..CROWD.then
                },
            ),
        ),
        (
            "request 2 (reply 1): not_after: expected 0s, got 6",
            Scenario {
                used: &[("minute", 99)],
                ..CROWD
            },
        ),
        (
            "request 3 (reply 2): not_before: expected 60s, got 0s",
            Scenario { used: &[], ..CROWD },
        ),
        (
            "the client cannot be made: this cannot be sent: `none` is no parameter",
            Scenario {
                client: &[("none", "1")],
                ..LOST
            },
        ),
        (
            "the call: expected ok, got Decode",
            Scenario {
                replies: const {
                    &[
                        REFUSED,
                        ScenarioReply {
                            json: None,
                            text: Some("no JSON"),
                            ..answered(EXPECT)
                        },
                    ]
                },
                ..WAITED
            },
        ),
        (
            "not_before: expected 30s, got 1",
            Scenario {
                replies: const {
                    &[
                        ScenarioReply {
                            later: &[(
                                Place::Header("retry-after"),
                                Duration::from_secs(10),
                                Unit::RetryAfter,
                            )],
                            ..REFUSED
                        },
                        answered(EXPECT),
                    ]
                },
                ..WAITED
            },
        ),
    ]
}

#[test]
fn each_twin_fails_and_says_what_differs() {
    for (words, scenario) in twins() {
        let said = run(scenario).expect_err(words);
        assert!(said.contains(words), "expected {words:?} in:\n{said}");
        assert!(
            said.starts_with(&format!("shop: {}\n    ", scenario.name)),
            "{said}"
        );
    }
}

/// Everything that differs is said at once.
#[test]
fn a_failure_names_all_differences() {
    let said = run(expecting(ScenarioExpect {
        method: Some("PUT"),
        path: Some("/"),
        ..EXPECT
    }));
    assert_eq!(
        said.unwrap_err(),
        "shop: a refusal is waited out\n    \
         request 2 (reply 2): method: expected PUT, got PATCH\n    \
         request 2 (reply 2): path: expected /, got /orders/a%2Fb"
    );
}

/// Nothing of one run is left for the next: no quota, no hold, no breaker.
#[test]
fn a_scenario_plays_the_same_twice() {
    for _ in 0..3 {
        assert_eq!(run(CROWD), Ok(()));
        assert_eq!(run(WAITED), Ok(()));
    }
}
