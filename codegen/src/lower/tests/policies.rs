//! Policies: credentials, limits, retries, pages and errors with their defaults.

use super::{codes, good};
use crate::model::{
    Backoff, CredentialKind, ErrorShape, Failure, Grant, ListStyle, Place, RateLimitPolicy, Scope,
    TokenPlace, Trust, Unit, WaitSource, Window,
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
        "{kind: bearer, scopes: [a]}",
        "{kind: oauth2_refresh}",
        "{kind: oauth2_refresh, token_url: \"https://a.example\", user_only: true}",
        "{kind: oauth2_refresh, token_url: \"https://a.example\", param: a, prefix: b}",
        "{kind: oauth2_refresh, token_url: \"https://a.example\", method: get, send: form}",
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
    when: {status: [429], code: [slow, busy], header: {X-Slow: \"1\", X-Kind: limit}}
    processed: {value: false, trust: observed}
    wait: [{from: {header: Retry-After}}, {from: /wait, unit: seconds}, {fixed: 3m}]
    hold: {value: client, trust: assumed}
    then: {concurrency: halve, grow_after: 10m}
  concurrency: {start: 2, max: {value: 4, trust: observed}, slow: {times: 1.5, of: baseline}}
  hints: [{from: {header: X-Backoff}, unit: seconds}]
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
        (refusal.statuses.as_slice(), refusal.codes.as_slice()),
        (
            [429].as_slice(),
            ["slow".to_owned(), "busy".to_owned()].as_slice()
        )
    );
    let headers = [("x-slow", "1"), ("x-kind", "limit")];
    assert_eq!(
        refusal.headers,
        headers.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert!(!refusal.processed && refusal.hold_client);
    assert_eq!(
        [refusal.processed_doc.trust, refusal.hold_doc.trust],
        [Trust::Observed, Trust::Assumed]
    );
    assert_eq!(
        refusal.halve.map(|halve| halve.grow_after.value),
        Some(600_000)
    );
    assert_eq!(
        (refusal.max_wait.value, refusal.max_wait.doc.trust),
        (900_000, Trust::Assumed)
    );
    assert_eq!(
        refusal.wait[0],
        WaitSource::From(Place::Header("retry-after".to_owned()), Unit::RetryAfter)
    );
    assert!(matches!(&refusal.wait[2], WaitSource::Fixed(fixed) if fixed.value == 180_000));
    let concurrency = api.concurrency.unwrap();
    let slow = concurrency.slow_milli.unwrap();
    let max = concurrency.max.unwrap();
    assert_eq!(
        [
            concurrency.start.value,
            concurrency.min.value,
            max.value,
            slow.value
        ],
        [2, 1, 4, 1_500]
    );
    assert_eq!(max.doc.trust, Trust::Observed);
    let hint = &api.hints[0];
    assert_eq!(
        (&hint.from, hint.unit),
        (&Place::Header("x-backoff".to_owned()), Unit::Seconds)
    );
}

#[test]
fn the_fields_of_the_draft_name_a_policy_or_none() {
    let learned = |policy: &str| {
        let text = format!(
            "limits: {{buckets: {{a: {{window: unknown, learn: {{rate_limit: {policy}}}}}}}}}"
        );
        let learn = good(&text).buckets.remove(0).learn.unwrap();
        learn.rate_limit.unwrap()
    };
    assert_eq!(learned("any"), RateLimitPolicy::Any);
    assert_eq!(
        learned("hourly"),
        RateLimitPolicy::Named("hourly".to_owned())
    );
}

#[test]
fn a_token_is_got_as_the_standard_says_unless_told_otherwise() {
    let got = |keys: &str| {
        let text = format!("auth: {{a: {{token_url: \"https://a.example/token\", {keys}}}}}");
        match good(&text).credentials.remove(0).kind {
            CredentialKind::OAuth2(oauth2) => *oauth2,
            other => panic!("{other:?}"),
        }
    };
    let header = |header: &str, prefix: &str| TokenPlace::Header {
        header: header.to_owned(),
        prefix: prefix.to_owned(),
    };
    let usual = got("kind: oauth2_client_credentials");
    assert_eq!(usual.grant, Grant::ClientCredentials);
    assert!(!usual.by_get && usual.as_form && usual.by_basic && usual.scopes.is_empty());
    assert_eq!(usual.token, header("authorization", "Bearer "));
    let other = got("kind: oauth2_refresh, method: get, client: body, param: access_token");
    assert_eq!(other.grant, Grant::RefreshToken);
    assert!(other.by_get && !other.as_form && !other.by_basic);
    assert_eq!(
        other.token,
        TokenPlace::Query {
            param: "access_token".to_owned()
        }
    );
    let token = |keys: &str| got(&format!("kind: oauth2_refresh, {keys}")).token;
    assert_eq!(token("header: X-Token"), header("x-token", ""));
    assert_eq!(
        token("prefix: \"Token \""),
        header("authorization", "Token ")
    );
}

#[test]
fn words_of_a_reference_keep_their_blanks() {
    let api = good("errors: {reference: {after: \"by referencing \"}}");
    let reference = api.errors.reference.unwrap();
    assert_eq!(reference.after, "by referencing ");
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
        codes("limits: {hints: [{from: {header: X-Wait}}]}"),
        ["E061"]
    );
    let then = "then: {concurrency: halve, grow_after: 10m}";
    assert_eq!(
        codes(&format!(
            "limits: {{refused: {{when: {{status: [429]}}, {then}}}}}"
        )),
        ["E103"]
    );
    for times in ["1", "0.5", "101", "2.0001"] {
        let text = format!(
            "limits: {{concurrency: {{start: 2, slow: {{times: {times}, of: baseline}}}}}}"
        );
        assert_eq!(codes(&text), ["E103"], "{times}");
    }
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
        (first.value, factor_milli.value, max.value, first.doc.trust),
        (200, 2_000, 20_000, Trust::Assumed)
    );
    let slow = &api.retries[1];
    assert_eq!(
        (
            slow.backoff.factor_milli.value,
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
