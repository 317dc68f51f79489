//! Families of policies that nobody could keep: limits, costs, retries.

use super::family::{Expect, Family, api, family};
use Expect::{Code, Loads};

pub(crate) fn families() -> Vec<Family> {
    vec![limits(), costs(), retries(), senders()]
}

const REFUSED: &str = "  refused: {when: {status: [429]}, processed: false, wait: [{fixed: 1s}]}\ndefaults: {limit: [b]}\n";

/// Rows I26 and B3.
fn limits() -> Family {
    let window = |max: &str, per: &str| {
        api(&format!(
            "limits:\n  buckets: {{b: {{scope: [credential], window: {{max: {max}, per: {per}}}}}}}\n{REFUSED}"
        ))
    };
    family("limits", &["I26", "B3"], Code("E080"), [
        ("no calls", window("0", "1s")),
        ("no time", window("1", "0s")),
        ("too many calls", window("1000000001", "1s")),
        ("10^12 calls", window("1000000000000", "1s")),
        ("2^64 - 1 calls", window("18446744073709551615", "1s")),
        ("more than a year", window("1", "367d")),
        ("no calls, configurable", window("{config: quota, default: 0}", "1s")),
        ("no calls, with trust", window("{value: 0, trust: observed}", "1s")),
        ("a scope twice", api(&format!("limits:\n  buckets: {{b: {{scope: [credential, credential], window: {{max: 1, per: 1s}}}}}}\n{REFUSED}"))),
    ])
    .and(Code("E024"), [("a hundred years and a day", window("1", "36601d")), ("2^64 days", window("1", "18446744073709551616d"))])
    .and(Loads, [("one call", window("1", "1ms")), ("many calls", window("1000000000", "366d"))])
    .and(Code("E084"), [
        ("a wait of nothing", api("limits:\n  refused: {when: {status: [429]}, wait: [{fixed: 0s}]}\n")),
        ("a wait of a year", api("limits:\n  refused: {when: {status: [429]}, wait: [{fixed: 1s}], max_wait: 365d}\n")),
        ("a fixed wait above the longest", api("limits:\n  refused: {when: {status: [429]}, wait: [{fixed: 20m}], max_wait: 15m}\n")),
        ("no timeout", api("defaults: {timeout: 0s}\n")),
        ("a timeout of a day", api("defaults: {timeout: 1d}\n")),
    ])
}

fn costs() -> Family {
    let cost = |cost: &str| {
        api(&format!(
            "limits:\n  buckets: {{b: {{scope: [credential], window: {{max: 10, per: 1s}}}}}}\n  refused: {{when: {{status: [429]}}, wait: [{{fixed: 1s}}]}}\ndefaults: {{limit: [{{bucket: b, cost: {cost}}}]}}\n"
        ))
    };
    family(
        "costs",
        &["I26", "B3"],
        Code("E080"),
        [("nothing", cost("0")), ("more than there is", cost("11"))],
    )
    .and(Loads, [("all there is", cost("10"))])
}

fn retries() -> Family {
    let retry = |retry: &str| {
        api(&format!(
            "retry: {{r: {{{retry}}}}}\ndefaults: {{retry: r}}\n"
        ))
    };
    let backoff = |backoff: &str| {
        retry(&format!(
            "attempts: 2, when: [network], backoff: {{{backoff}}}"
        ))
    };
    family("retries", &["I26", "I20"], Code("E081"), [
        ("no attempt", retry("attempts: 0, when: [network]")),
        ("21 attempts", retry("attempts: 21, when: [network]")),
        ("2^64 - 1 attempts", retry("attempts: 18446744073709551615, when: [network]")),
        ("nothing to retry", retry("attempts: 2, when: []")),
        ("no first wait", backoff("first: 0s, factor: 2, max: 1s")),
        ("first above max", backoff("first: 2s, factor: 2, max: 1s")),
        ("a wait of a year", backoff("first: 2s, factor: 2, max: 366d")),
        ("a factor of 10.001", backoff("first: 1s, factor: 10.001, max: 1s")),
    ])
    .and(Code("E061"), [
        ("a factor of 0", backoff("first: 1s, factor: 0, max: 1s")),
        ("a factor of 0.5", backoff("first: 1s, factor: 0.5, max: 1s")),
        ("a factor of -2", backoff("first: 1s, factor: -2, max: 1s")),
        ("a factor of 1000", backoff("first: 1s, factor: 1000, max: 1s")),
        ("a factor of 2^64 - 1", backoff("first: 1s, factor: 18446744073709551615, max: 1s")),
        ("a factor of four places", backoff("first: 1s, factor: 1.0001, max: 1s")),
    ])
    .and(Code("E082"), [
        ("a success", retry("attempts: 2, when: [200]")),
        ("a 404", retry("attempts: 2, when: [404]")),
        ("a 401", retry("attempts: 2, when: [401]")),
    ])
    .and(Loads, [
        ("20 attempts", retry("attempts: 20, when: [network, 503], backoff: {first: 1ms, factor: 1.5, max: 1h}")),
        ("a failure twice", retry("attempts: 2, when: [network, network]")),
    ])
}

/// Row I24: what a policy sends goes into no header that frames or signs a request.
fn senders() -> Family {
    let page = |at: &str| {
        api(&format!(
            "page: {{p: {{kind: page, send: {{page: {at}}}}}}}\nresources: {{a: {{path: /a, fields: {{id: int}}, methods: {{list: {{page: p}}}}}}}}\n"
        ))
    };
    let lock = |at: &str| {
        api(&format!(
            "errors: {{cases: {{Stale: {{status: 412}}}}}}\nlocks: {{l: {{send: {at}, from: {{header: ETag}}, stale: Stale}}}}\nresources: {{a: {{path: /a, methods: {{run: {{http: POST ./run, lock: l}}}}}}}}\n"
        ))
    };
    let keyed = |at: &str| {
        api(&format!(
            "resources: {{a: {{path: /a, methods: {{run: {{http: POST ./run, effect: {{keyed: {{at: {at}}}}}}}}}}}}}\n"
        ))
    };
    let all = |name: &str, at: &str| {
        let label = |what: &str| format!("{name} as {what}");
        [
            (label("the position of a page"), page(at)),
            (label("a version"), lock(at)),
            (label("a key"), keyed(at)),
        ]
    };
    let headers = [
        "Authorization",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Content-Type",
    ];
    let headers = headers.map(|name| all(name, &format!("{{header: {name}}}")));
    family(
        "places of policies",
        &["I24"],
        Code("E075"),
        headers.into_iter().flatten(),
    )
    .and(Code("E077"), all("a blank", "{query: \"a b\"}"))
    .and(Loads, all("a header", "{header: X-Own}"))
    .and(Loads, all("a parameter", "own"))
}
