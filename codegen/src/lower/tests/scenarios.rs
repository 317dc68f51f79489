//! Scenarios: what is written arrives as it stands on the wire, and what is not written follows from the policies.

use super::{codes, good};
use crate::model::{Api, Place, Scenario, SendAt, Unit};

const API: &str = r#"
client: {shop: {type: string, at: {header: X-Shop}}}
limits:
  buckets:
    fast: {window: {max: 2, per: 1s}}
    slow: {window: {max: 4, per: 1m}}
    large: {window: {max: 5000, per: 1h}}
    shop: {scope: [client.shop], window: {max: 3, per: 5m}}
    told: {window: unknown, learn: {used: /used, limit: {header: X-Limit}, reset: {from: {header: X-Reset}, unit: millis}}}
  refused:
    when: {status: [429], code: busy}
    processed: false
    wait: [{from: {header: Retry-After}}, {from: /wait, unit: seconds}, {fixed: 2m}]
  hints: [{from: {header: X-Pause}, unit: epoch_millis}]
errors: {shapes: [{code: /code}]}
retry: {gentle: {attempts: 3, when: [network, 502]}}
filters: {plain: {form: "{field}_{op}", ops: {in: in}, lists: comma}}
page:
  by_page: {kind: page, send: {page: {header: X-Page}, size: size}, read: {pages: {header: X-Pages}, page: /page}, from: /items, first: 1, stop: [last_page, empty_page]}
  by_url: {kind: next_url, read: {next: {link: next}}}
defaults: {retry: gentle, limit: [fast, slow]}
resources:
  shops:
    path: /shops
    key: {shop_id: int}
    fields: {id: int}
    type: Shop
    methods: {list: {page: by_url}}
    children:
      users:
        path: /users
        type: User
        key: id
        fields: {id: uuid, name: string, kind: Kind | null, at: {type: datetime, format: epoch_millis}}
        filters: {use: plain, fields: {kind: [eq, in]}}
        methods:
          list: {page: by_page, query: {tags?: {type: list<string>, arrays: brackets}, flat?: {type: bool, bools: flag}}}
          get: {limit: [{bucket: large, cost: 10}]}
          create: {limit: [shop]}
          replace: {effect: {keyed: {at: {body: /key}}}}
          delete: {limit: [told]}
types: {Kind: [a, b]}
"#;

fn api(scenarios: &str) -> Api {
    let api = API.replace("{shop_id: int}", "{shop_id: id}");
    good(&format!("{api}{scenarios}"))
}

fn find<'a>(api: &'a Api, begins: &str) -> &'a Scenario {
    let names: Vec<_> = api.scenarios.iter().map(|one| &one.name).collect();
    let found = api
        .scenarios
        .iter()
        .find(|one| one.name.starts_with(begins));
    found.unwrap_or_else(|| panic!("no `{begins}` among {names:#?}"))
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn a_call_is_given_its_arguments_by_their_wire_names() {
    let api = api(r#"scenarios:
  - name: all of them
    client: {shop: s}
    call:
      shops.users.list: {shop_id: 7, tags: [x, z], flat: true, kind: a, kind_in: [a, b], X-Page: 3, size: 5}
    walk: true
    times: 2
    replies: [{headers: {X-Pages: 0}, json: {page: 3}, times: 2}]
    then: {ok: true, items: 0}
"#);
    let scenario = find(&api, "all of them");
    let call = &scenario.call;
    assert_eq!(call.keys, ["7"]);
    assert_eq!(
        pairs(&call.query),
        [
            ("tags[]", "x"),
            ("tags[]", "z"),
            ("kind", "a"),
            ("kind_in", "a,b")
        ]
    );
    assert_eq!(call.flags, ["flat"]);
    assert_eq!((call.start, call.size), (Some(3), Some(5)));
    assert_eq!(pairs(&scenario.client), [("shop", "s")]);
    assert_eq!(
        (scenario.times, scenario.requests, scenario.items),
        (2, 2, Some(0))
    );
    assert_eq!(pairs(&scenario.replies[0].headers), [("x-pages", "0")]);
}

/// The unit is that of the policy which reads there.
#[test]
fn times_are_told_where_policies_read_them() {
    let api = api(r#"scenarios:
  - name: times
    call: {shops.users.delete: {shop_id: 7, id: 00000000-0000-4000-8000-000000000001}}
    replies:
      - headers: {Retry-After: "now+1s", X-Reset: "now+2s", X-Pause: "now+3s", X-Text: "now"}
        json: {wait: "now+4s", other: [null, true, 1.50, "1"]}
    then: {ok: true}
"#);
    let reply = &find(&api, "times").replies[0];
    let header = |name: &str| Place::Header(name.to_owned());
    assert_eq!(
        reply.later,
        [
            (header("retry-after"), 1_000, Unit::RetryAfter),
            (header("x-reset"), 2_000, Unit::Millis),
            (header("x-pause"), 3_000, Unit::EpochMillis),
            (Place::Body("/wait".to_owned()), 4_000, Unit::Seconds),
        ]
    );
    assert_eq!(pairs(&reply.headers), [("x-text", "now")]);
    let json = r#"{"wait": 0, "other": [null, true, 1.50, "1"]}"#;
    assert_eq!(reply.json.as_deref(), Some(json));
}

/// A window is shown by the calls that fit into it, whatever other windows stretch them; of a large one most is used.
#[test]
fn each_bucket_is_spent_once() {
    let api = api("");
    let shape = |begins: &str| {
        let scenario = find(&api, begins);
        let replies = scenario.replies.iter();
        let replies: Vec<_> = replies
            .map(|one| (one.times, one.expect.not_after_ms, one.expect.not_before_ms))
            .collect();
        (scenario.times, replies)
    };
    assert_eq!(
        shape("the bucket `fast`"),
        (3, vec![(2, Some(0), None), (1, None, Some(1_000))])
    );
    // Two at once, two a second later, and the fifth a minute after the first.
    assert_eq!(
        shape("the bucket `slow`"),
        (
            5,
            vec![(2, Some(0), None), (2, None, None), (1, None, Some(60_000))]
        )
    );
    assert_eq!(
        shape("the bucket `large`"),
        (101, vec![(100, Some(0), None), (1, None, Some(3_600_000))])
    );
    let large = find(&api, "the bucket `large`");
    assert_eq!(large.used, [("large".to_owned(), 4_000)]);
    assert_eq!(
        shape("the bucket `shop`"),
        (4, vec![(3, Some(0), None), (1, None, Some(300_000))])
    );
    assert_eq!(
        pairs(&find(&api, "the bucket `shop`").client),
        [("shop", "s1")]
    );
}

#[test]
fn each_source_of_a_wait_is_waited_out() {
    let api = api("");
    let waits: Vec<_> = api
        .scenarios
        .iter()
        .filter(|one| one.name.starts_with("a refusal"))
        .map(|one| {
            (
                one.replies[0].json.as_deref(),
                one.replies[1].expect.not_before_ms,
            )
        })
        .collect();
    assert_eq!(
        waits,
        [
            (Some(r#"{"code": "busy"}"#), Some(30_000)),
            (Some(r#"{"code": "busy", "wait": 0}"#), Some(30_000)),
            (Some(r#"{"code": "busy"}"#), Some(120_000)),
        ]
    );
}

#[test]
fn each_end_of_a_walk_is_reached() {
    let api = api("");
    let last = find(&api, "pages of `by_page` are walked until the last page");
    let told: Vec<_> = last.replies.iter().map(|one| pairs(&one.headers)).collect();
    assert_eq!(told, vec![vec![("x-pages", "3")]; 3]);
    assert_eq!(pairs(&last.replies[2].expect.headers), [("x-page", "3")]);
    assert_eq!((last.call.size, last.items), (Some(2), Some(5)));
    let empty = find(&api, "pages of `by_page` are walked until a page is empty");
    assert_eq!((empty.requests, empty.items), (3, Some(4)));
    let linked = find(&api, "pages of `by_url`");
    assert_eq!(
        pairs(&linked.replies[0].headers),
        [("link", "<?scenario=1>; rel=\"next\"")]
    );
    assert!(linked.replies[2].headers.is_empty());
}

#[test]
fn each_effect_fails_once() {
    let api = api("");
    let once = find(&api, "a write that counts once that fails with 502");
    assert_eq!(
        (once.error.as_deref(), once.requests),
        (Some("Ambiguous"), 1)
    );
    let keyed = find(&api, "a write with a key whose answer is lost");
    assert_eq!(
        keyed.replies[1].expect.same,
        [SendAt::Body("/key".to_owned())]
    );
    assert!(keyed.replies[0].reset && keyed.requests == 2);
    for begins in ["a read that fails", "an idempotent write that fails"] {
        assert_eq!(find(&api, begins).requests, 2, "{begins}");
    }
}

/// What a written scenario shows, no other one shows again.
#[test]
fn a_written_scenario_takes_the_place_of_one_that_nobody_wrote() {
    let api = api(r#"scenarios:
  - name: the shop's bucket
    client: {shop: s}
    call: {shops.users.create: {shop_id: 1, body: {id: 00000000-0000-4000-8000-000000000001, name: A, at: 1}}}
    times: 4
    replies: [{times: 3, status: 201}, {status: 201, expect: {not_before: 5m}}]
    then: {error: Decode}
  - name: a refusal
    call: {shops.list: {}}
    walk: true
    replies:
      - {status: 429, json: {code: busy, wait: "now+5s"}}
      - {expect: {not_before: 5s}, json: []}
    then: {ok: true}
  - name: a failure
    call: {shops.users.create: {shop_id: 1, body: {id: 00000000-0000-4000-8000-000000000001, name: A, kind: b, at: 1}}}
    replies: [{status: 500}]
    then: {error: Ambiguous}
"#);
    let names: Vec<_> = api.scenarios.iter().map(|one| one.name.as_str()).collect();
    for gone in [
        "the bucket `shop`",
        "as long as `/wait`",
        "pages of `by_url`",
        "once that fails",
    ] {
        assert!(
            !names.iter().any(|name| name.contains(gone)),
            "{gone} in {names:#?}"
        );
    }
    for there in [
        "the bucket `fast`",
        "as long as `retry-after`",
        "once whose answer",
    ] {
        assert!(
            names.iter().any(|name| name.contains(there)),
            "{there} in {names:#?}"
        );
    }
}

/// A description that is wrong elsewhere gets no scenarios, and nothing fails because of it.
#[test]
fn what_is_wrong_elsewhere_does_no_harm() {
    let text = "limits: {buckets: {none: {window: {max: 0, per: 0s}}}}
defaults: {limit: [none]}
resources: {a: {path: /a, fields: {x: int}, methods: [list]}}
";
    assert!(codes(text).is_empty(), "the checks find it later");
    let wrong = "resources: {a: {path: /a, fields: {x: Nothing}, methods: [list]}}\n";
    assert_eq!(codes(wrong), ["E040"]);
}
