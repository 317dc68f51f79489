//! Policies: credentials, limits, retries, pages and errors with their defaults.

use super::{codes, good};
use crate::model::{
    Backoff, CredentialKind, ErrorShape, Failure, ListStyle, Place, Scope, Trust, Unit, WaitSource,
    Window,
};

#[test]
fn environments_and_clients_have_builder_methods() {
    let api = good(
        "
client: {plugin: {type: string, at: {header: X-Plugin}}, locale: {type: string, at: lang}}
wire: {arrays: pipe}
",
    );
    assert_eq!(api.environments[0].name.rust, "production");
    assert_eq!(api.environments[0].url, "https://api.example.com");
    let params: Vec<(bool, &str)> = api
        .client
        .iter()
        .map(|param| (param.in_header, param.param.as_str()))
        .collect();
    assert_eq!(params, [(true, "x-plugin"), (false, "lang")]);
    assert_eq!(api.wire.arrays, ListStyle::Pipe);
}

#[test]
fn credentials_have_the_keys_of_their_kind() {
    let api = good(
        "
auth:
  a: {kind: bearer, env: A}
  b: {kind: bearer, prefix: \"token \"}
  c: {kind: header, header: X-Key}
  d: {kind: query, param: key}
  e: {kind: basic, user_only: true}
",
    );
    let kinds: Vec<&CredentialKind> = api
        .credentials
        .iter()
        .map(|credential| &credential.kind)
        .collect();
    let expected = [
        &CredentialKind::Bearer {
            prefix: "Bearer ".to_owned(),
        },
        &CredentialKind::Bearer {
            prefix: "token ".to_owned(),
        },
        &CredentialKind::Header {
            header: "x-key".to_owned(),
            prefix: String::new(),
        },
        &CredentialKind::Query {
            param: "key".to_owned(),
        },
        &CredentialKind::Basic { user_only: true },
    ];
    assert_eq!(kinds, expected);
    for bad in [
        "{kind: header}",
        "{kind: query}",
        "{kind: basic, prefix: x}",
        "{kind: bearer, header: X-A}",
    ] {
        assert_eq!(codes(&format!("auth: {{key: {bad}}}")), ["E060"], "{bad}");
    }
}

#[test]
fn limits_are_complete() {
    let api = good(
        "
client: {plugin: {type: string, at: {header: X-Plugin}}}
limits:
  buckets:
    counted: {scope: [credential, client.plugin], window: {max: {config: quota, default: {value: 5, trust: assumed}}, per: 1m}}
    learned:
      window: unknown
      learn: {used: /used, reset: {from: {header: X-Reset}, unit: epoch_millis}}
  refused:
    when: {status: [429], code: slow, header: {X-Slow: \"1\"}}
    processed: false
    wait: [{from: {header: Retry-After}}, {from: /wait, unit: seconds}, {fixed: 3m}]
    hold: client
",
    );
    let [counted, learned] = api.buckets.as_slice() else {
        panic!("two buckets")
    };
    assert_eq!(counted.scope, [Scope::Credential, Scope::Client(0)]);
    let Window::Of { max, per } = &counted.window else {
        panic!("a window")
    };
    assert_eq!(
        (max.value, max.config.as_deref(), max.doc.trust),
        (5, Some("quota"), Trust::Assumed)
    );
    assert_eq!((per.value, &per.config), (60_000, &None));
    let learn = learned.learn.as_ref().unwrap();
    assert_eq!(learn.used, Some(Place::Body("/used".to_owned())));
    let reset = learn.reset.as_ref().unwrap();
    assert_eq!(
        (&reset.from, reset.unit),
        (&Place::Header("x-reset".to_owned()), Unit::EpochMillis)
    );
    let refusal = api.refusal.unwrap();
    assert_eq!(
        (refusal.statuses.as_slice(), refusal.code.as_deref()),
        ([429].as_slice(), Some("slow"))
    );
    assert_eq!(refusal.header, Some(("x-slow".to_owned(), "1".to_owned())));
    assert!(!refusal.processed && refusal.hold_client);
    assert_eq!(
        (refusal.max_wait.value, refusal.max_wait.doc.trust),
        (900_000, Trust::Assumed)
    );
    assert_eq!(
        refusal.wait[0],
        WaitSource::From(Place::Header("retry-after".to_owned()), Unit::RetryAfter)
    );
    assert!(matches!(&refusal.wait[2], WaitSource::Fixed(fixed) if fixed.value == 180_000));
}

#[test]
fn limits_that_cannot_be_read_are_refused() {
    let learn = |place: &str| {
        format!(
            "limits: {{buckets: {{a: {{window: unknown, learn: {{reset: {{from: {place}}}}}}}}}}}"
        )
    };
    assert_eq!(codes(&learn("{header: X-Reset}")), ["E061"]);
    assert_eq!(codes(&learn("{link: next}")), ["E056"]);
    assert_eq!(
        codes("limits: {buckets: {a: {scope: [client.nope], window: unknown}}}"),
        ["E041"]
    );
    assert_eq!(
        codes("limits: {refused: {when: {status: [429], code: [a, b]}}}"),
        ["E065"]
    );
}

#[test]
fn retries_have_a_backoff() {
    let api = good(
        "
retry:
  plain: {attempts: 3, when: [network, 503, 503]}
  slow: {attempts: 3, when: [429], backoff: {first: 1s, factor: 1.5, max: 1m}, max_elapsed: 2m}
",
    );
    assert_eq!(
        api.retries[0].when,
        [Failure::Network, Failure::Status(503)]
    );
    let Backoff {
        first,
        factor_milli,
        max,
    } = &api.retries[0].backoff;
    assert_eq!(
        (first.value, *factor_milli, max.value, first.doc.trust),
        (200, 2_000, 20_000, Trust::Assumed)
    );
    let slow = &api.retries[1];
    assert_eq!(
        (
            slow.backoff.factor_milli,
            slow.max_elapsed.as_ref().map(|most| most.value)
        ),
        (1_500, Some(120_000))
    );
    for factor in ["0", "0.5", "1.0001", "101"] {
        let text = format!(
            "retry: {{a: {{attempts: 2, when: [network], backoff: {{first: 1s, factor: {factor}}}}}}}"
        );
        assert_eq!(codes(&text), ["E061"], "{factor}");
    }
}

#[test]
fn errors_are_shapes_and_sorted_cases() {
    let api = good(
        "
types: {Why: {fields: {reason: string}}}
errors:
  shapes: [{message: [/a, /b], code: /code, messages: {each: /list, text: /t}, fields: /f}, {string: true}, {empty: true}]
  cases: {Zed: {status: 400, details: Why}, Gone: {status: 410}, Alpha: {status: 400, code: a}}
  request_id: {header: X-Request-Id}
",
    );
    assert_eq!(api.errors.request_id.as_deref(), Some("x-request-id"));
    let ErrorShape::Object {
        message, messages, ..
    } = &api.errors.shapes[0]
    else {
        panic!("an object")
    };
    assert_eq!(message.as_slice(), ["/a", "/b"]);
    assert_eq!(
        messages.as_ref().map(|messages| messages.text.as_str()),
        Some("/t")
    );
    assert_eq!(
        api.cases
            .iter()
            .map(|case| case.name.rust.as_str())
            .collect::<Vec<_>>(),
        ["Alpha", "Zed", "Gone"]
    );
}

#[test]
fn page_policies_say_what_they_send() {
    let page = |policy: &str| format!("page: {{p: {policy}}}");
    assert_eq!(codes(&page("{kind: offset}")), ["E056"]);
    assert_eq!(
        codes(&page("{kind: page, send: {page: p, offset: o}}")),
        ["E056"]
    );
    assert_eq!(
        codes(&page("{kind: page, send: {page: {header: X-Page}}}")),
        ["E065"]
    );
    assert_eq!(
        codes(&page(
            "{kind: page, send: {page: p}, read: {next: {link: next}}}"
        )),
        ["E065"]
    );
    let unique = "
page: {p: {kind: page, send: {page: p}, unique_by: idd}}
resources: {a: {path: /a, fields: {id: int}, methods: {list: {page: p}}}}
";
    assert_eq!(codes(unique), ["E042"]);
}
