//! Page policies: what each kind has to say, what it may not say, and what ends its walks.

use super::{codes, good, method};
use crate::model::{ArgumentKind, Format, PagingKind, ParamPlace, Place, SendAt, Stop, Ty};

fn page(policy: &str) -> String {
    format!("page: {{p: {policy}}}")
}

fn stops(policy: &str) -> Vec<Stop> {
    good(&page(policy)).pages[0].stop.clone()
}

#[test]
fn each_kind_sends_its_position_and_no_other() {
    for wrong in [
        "{kind: offset}",
        "{kind: page, send: {page: p, offset: o}}",
        "{kind: cursor, send: {after: a}, read: {next: /n}}",
        "{kind: next_url, send: {page: p}, read: {next: {link: next}}}",
        "{kind: keyset, by: id, send: {cursor: c}}",
        "{kind: keyset, send: {after: a}}",
        "{kind: cursor, send: {cursor: c}}",
        "{kind: next_url}",
    ] {
        assert_eq!(codes(&page(wrong)), ["E056"], "{wrong}");
    }
}

#[test]
fn keys_of_another_kind_are_mistakes() {
    for wrong in [
        "{kind: page, send: {page: p}, read: {next: /n}}",
        "{kind: offset, send: {offset: o}, read: {pages: /n}}",
        "{kind: keyset, by: id, send: {after: a}, read: {size: /n}}",
        "{kind: cursor, send: {cursor: c}, read: {next: {link: next}}}",
        "{kind: cursor, send: {cursor: c}, read: {next: /n}, first: 1}",
        "{kind: page, send: {page: p}, by: id}",
        "{kind: page, send: {page: p}, relative_to: base}",
        "{kind: page, send: {page: p}, from: {header: X-Items}}",
    ] {
        assert_eq!(codes(&page(wrong)), ["E056"], "{wrong}");
    }
}

#[test]
fn walks_end_by_what_the_kind_is_told() {
    use Stop::{EmptyPage, LastPage, NoNext, ShortPage, TotalReached};
    let table: [(&str, &[Stop]); 9] = [
        ("{kind: offset, send: {offset: o}}", &[ShortPage, EmptyPage]),
        (
            "{kind: offset, send: {offset: o}, read: {total: /t}}",
            &[TotalReached, EmptyPage],
        ),
        (
            "{kind: offset, send: {offset: o}, read: {next: /n}}",
            &[NoNext, EmptyPage],
        ),
        ("{kind: page, send: {page: p}}", &[ShortPage, EmptyPage]),
        (
            "{kind: page, send: {page: p}, read: {total: /t}}",
            &[TotalReached, EmptyPage],
        ),
        (
            "{kind: page, send: {page: p}, read: {pages: /p, total: /t}}",
            &[LastPage, EmptyPage],
        ),
        (
            "{kind: cursor, send: {cursor: c}, read: {next: /n, total: /t}}",
            &[NoNext],
        ),
        ("{kind: next_url, read: {next: {link: next}}}", &[NoNext]),
        (
            "{kind: keyset, by: id, send: {after: a}}",
            &[ShortPage, EmptyPage],
        ),
    ];
    for (policy, expected) in table {
        assert_eq!(stops(policy), expected, "{policy}");
    }
    assert_eq!(
        stops("{kind: page, send: {page: p}, stop: [empty_page]}"),
        [EmptyPage]
    );
}

#[test]
fn places_may_be_anywhere_in_requests_and_answers() {
    let api = good(
        "
page:
  a: {kind: cursor, send: {cursor: {body: /at/cursor}, size: {header: X-Size}}, read: {next: {header: X-Next}}, headers: {X-Style: b}}
  b: {kind: next_url, read: {next: {link: NEXT}}}
  c: {kind: next_url, read: {next: /next}, relative_to: base}
",
    );
    let [a, b, c] = &api.pages[..] else {
        panic!("three policies")
    };
    assert_eq!(a.start, Some(SendAt::Body("/at/cursor".to_owned())));
    assert_eq!(a.size, Some(SendAt::Header("x-size".to_owned())));
    assert_eq!(a.next, Some(Place::Header("x-next".to_owned())));
    assert_eq!(a.headers, [("x-style".to_owned(), "b".to_owned())]);
    assert_eq!(
        (&b.start, &b.next),
        (&None, &Some(Place::Link("NEXT".to_owned())))
    );
    assert_eq!(b.kind, PagingKind::NextUrl { from_request: true });
    assert_eq!(
        c.kind,
        PagingKind::NextUrl {
            from_request: false
        }
    );
}

#[test]
fn the_key_of_a_keyset_is_typed_as_the_field() {
    let api = good(
        "
wire: {case: camel}
page: {p: {kind: keyset, by: changed_at, send: {after: changedAfter, size: limit}}}
resources: {a: {path: /a, fields: {id: int, changed_at: {type: datetime | null, format: epoch_millis}}, methods: {list: {page: p}}}}
",
    );
    assert_eq!(
        api.pages[0].kind,
        PagingKind::Keyset {
            by: "changedAt".to_owned()
        }
    );
    let list = method(&api, "a.list");
    let [after, limit] = &list.arguments[..] else {
        panic!("two setters")
    };
    assert_eq!(
        (after.name.rust.as_str(), after.place),
        ("changed_after", ParamPlace::PageCursor)
    );
    assert_eq!(
        (&after.ty, after.format),
        (&Ty::Timestamp, Format::EpochMillis)
    );
    assert_eq!(
        (limit.place, limit.kind),
        (ParamPlace::PageSize, ArgumentKind::Setter)
    );
}

#[test]
fn fields_of_a_policy_are_fields_of_the_items() {
    for key in [
        "kind: page, send: {page: p}, unique_by: idd",
        "kind: keyset, send: {after: a}, by: idd",
    ] {
        let text = format!(
            "
page: {{p: {{{key}}}}}
resources: {{a: {{path: /a, fields: {{id: int}}, methods: {{list: {{page: p}}}}}}}}
"
        );
        assert_eq!(codes(&text), ["E042"], "{key}");
    }
}

#[test]
fn what_a_policy_sends_is_no_parameter() {
    let list = |send: &str, list: &str| {
        format!(
            "
page: {{p: {{kind: page, send: {{page: {send}}}}}}}
resources: {{a: {{path: /a, fields: {{id: int}}, methods: {{list: {{page: p, {list}}}}}}}}}
"
        )
    };
    let constant = "{type: int, const: 1}";
    assert_eq!(codes(&list("at", "query: {at: int}")), ["E055"]);
    assert_eq!(
        codes(&list("at", &format!("query: {{at: {constant}}}"))),
        ["E055"]
    );
    assert_eq!(codes(&list("{header: At}", "headers: {at: int}")), ["E055"]);
    // The same name elsewhere is something else.
    assert_eq!(
        codes(&list("{header: At}", "query: {\"at?\": int}")),
        ["E043"]
    );
    assert_eq!(codes(&list("{header: X-At}", "query: {at: int}")), [""; 0]);
}
