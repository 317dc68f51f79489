//! The origin rule over hostile URLs, held against the `url` crate, which follows the WHATWG's rules.
//!
//! We may refuse what it accepts, and never the other way round: what we accept must be the same place to both.

use proptest::prelude::*;
use url::Url;

use super::*;

const BASES: [&str; 4] = [
    "https://good.example/v1",
    "https://good.example:8443",
    "http://127.0.0.1:9000/a/b",
    "https://xn--bcher-kva.example/v1",
];
/// The request's own path below each base.
const REQUEST: &str = "/users/7/list";

/// All shapes of which one must not be followed from `https://good.example/v1`.
fn shapes() -> Vec<String> {
    let hosts = [
        "evil.example",
        "good.example.evil.example",
        "good.example@evil.example",
        "evil.example@good.example",
        "user:pass@good.example",
        "@good.example",
        "good.example:444",
        "good.example:8443",
        "good.example:0443@evil.example",
        "good.example:",
        "good.example:99999",
        "good.example:-1",
        "good.example:80",
        "good.example.",
        "good.example..",
        ".good.example",
        "sub.good.example",
        "good\u{ff0e}example",
        "g\u{f6}\u{f6}d.example",
        "xn--gd-fkaa.example",
        "good%2eexample",
        "good.example%2f.evil.example",
        "good.example%00.evil.example",
        "good.example%40evil.example",
        "good.example\t.evil.example",
        "good.example\\.evil.example",
        "good.example\\@evil.example",
        "good.example;.evil.example",
        "evil.example#@good.example",
        "goo\u{200b}d.example.evil",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.0.0.1",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "2130706433",
        "127.1",
        "localhost",
        "",
    ];
    let mut shapes: Vec<String> = Vec::new();
    for host in hosts {
        for before in [
            "https://",
            "http://",
            "//",
            "https:",
            "https:/",
            "HTTPS:\\\\",
        ] {
            shapes.push(format!("{before}{host}/v1/users?page=2"));
        }
    }
    let others = [
        "\\\\evil.example/x",
        "/\\evil.example/x",
        "\\/evil.example/x",
        "///evil.example/x",
        "////evil.example/x",
        "https:///evil.example",
        "https:////evil.example",
        "https:evil.example",
        "https:@evil.example",
        "ht\ttps://evil.example",
        "ht\ntps://evil.example",
        "\thttps://evil.example",
        " https://evil.example",
        "https://evil.example ",
        "\u{0}https://evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://good.example/x",
        "ws://good.example/x",
        "wss://good.example/x",
        "blob:https://good.example/x",
        "view-source:https://good.example/",
        "x:y",
        "..",
        "../",
        "../users",
        "../../users",
        "./users",
        ".",
        "/../users",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/%2E./admin",
        "/v1/.%2e/admin",
        "/v1/%252e%252e/admin",
        "users/..",
        "users/../../admin?x=1",
        "https://good.example/v1/../admin",
        "https://good.example/..",
        "https://good.example/%2e%2e/x",
        "",
        "#",
        "#/users",
        "/us ers",
        "/us\u{e9}rs",
        "/users?q=\u{e9}",
        "/users?q=a b",
        "/users\r\nHost: evil.example",
        "/users?x=\r\n",
        "/users\u{7f}",
        "/users\u{2028}",
    ];
    shapes.extend(others.map(str::to_owned));
    shapes
}

/// What both say of a place; panics when we accept what is another place to the other.
fn held(origin: &Origin, base: &str, place: &str, from_request: bool) -> Option<Uri> {
    let request: Uri = format!("{base}{REQUEST}?q=1").parse().unwrap();
    let ours = origin.next(place, from_request.then_some(&request))?;
    let base_url = Url::parse(base).unwrap();
    let from = if from_request {
        Url::parse(&request.to_string())
    } else {
        Url::parse(&format!("{base}/"))
    };
    // Behind the base, a place with one slash before it is one without.
    let is_path = place.starts_with('/') && !place.starts_with("//");
    let theirs = match place.strip_prefix('/') {
        Some(rest) if is_path && !from_request => from.unwrap().join(&format!("./{rest}")),
        _ if place.starts_with('?') && !from_request => Url::parse(&format!("{base}{place}")),
        _ => from.unwrap().join(place),
    };
    let mut theirs =
        theirs.unwrap_or_else(|error| panic!("{place:?} is no URL to the other: {error}"));
    theirs.set_fragment(None);
    assert_eq!(
        theirs.origin(),
        base_url.origin(),
        "{place:?} is elsewhere: {theirs}"
    );
    assert_eq!(
        (theirs.username(), theirs.password()),
        ("", None),
        "{place:?}"
    );
    assert_eq!(Url::parse(&ours.to_string()).unwrap(), theirs, "{place:?}");
    assert_eq!(
        ours.authority(),
        base.parse::<Uri>().unwrap().authority(),
        "{place:?}"
    );
    Some(ours)
}

/// Rows E2, E3, D15: more than 200 shapes; nothing that is elsewhere to anybody is followed.
#[test]
fn what_is_elsewhere_is_refused() {
    let shapes = shapes();
    assert!(shapes.len() >= 200);
    let origin = Origin::new(BASES[0]).unwrap();
    for shape in &shapes {
        for from_request in [false, true] {
            let found = held(&origin, BASES[0], shape, from_request);
            assert_eq!(found, None, "{shape:?}");
        }
    }
    // With other bases some of them are at home; then they are so to both.
    for base in BASES {
        let origin = Origin::new(base).unwrap();
        for shape in &shapes {
            held(&origin, base, shape, false);
            held(&origin, base, shape, true);
        }
    }
}

/// Rows E2, E3: what is at home is followed, anywhere in the origin.
#[test]
fn what_is_within_is_followed() {
    let origin = Origin::new(BASES[0]).unwrap();
    for (place, by_request, by_base) in [
        ("https://good.example/v2/x?a=1", "/v2/x?a=1", "/v2/x?a=1"),
        ("HTTPS://GOOD.example:443/x", "/x", "/x"),
        ("//good.example/x#f", "/x", "/x"),
        ("https://good.example", "/", "/"),
        ("https://good.example#@evil.example/x", "/", "/"),
        ("https://good.example?a=1", "/?a=1", "/?a=1"),
        ("/v1/users?a=1", "/v1/users?a=1", "/v1/v1/users?a=1"),
        ("users?a=1", "/v1/users/7/users?a=1", "/v1/users?a=1"),
        ("?a=1:2/3?4", "/v1/users/7/list?a=1:2/3?4", "/v1?a=1:2/3?4"),
        (
            "/%2f%2fevil.example",
            "/%2f%2fevil.example",
            "/v1/%2f%2fevil.example",
        ),
        ("/a//b", "/a//b", "/v1/a//b"),
        ("a/...?x=..", "/v1/users/7/a/...?x=..", "/v1/a/...?x=.."),
        ("/@evil.example", "/@evil.example", "/v1/@evil.example"),
    ] {
        for (from_request, wanted) in [(true, by_request), (false, by_base)] {
            let found = held(&origin, BASES[0], place, from_request);
            let path = found.map(|uri| uri.path_and_query().unwrap().to_string());
            assert_eq!(path.as_deref(), Some(wanted), "{place:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Rows E2, E3: the same over pieces put together at random.
    #[test]
    fn both_agree_on_whatever_is_followed(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "https:", "http:", "HTTPS:", "//", "/", "\\", "good.example", "127.0.0.1", ":9000", ":8443", ":443", ":",
                "@", "evil.example", "?", "#", "%2e", "%2f", "..", ".", "%", "v1", "users", "a=b", "&", "\t", " ", "\u{e9}",
                "[", "]", ";", "=", "'", "\"", "{", "|", "^", "`", "<", "xn--bcher-kva.example",
            ]),
            0..9,
        ),
        base in prop::sample::select(BASES.to_vec()),
        from_request: bool,
    ) {
        held(&Origin::new(base).unwrap(), base, &pieces.concat(), from_request);
    }
}
