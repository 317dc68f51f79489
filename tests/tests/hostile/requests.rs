//! Families that attack what is sent: paths, placeholders, headers, parameters, URLs.

use super::family::{Expect, Family, api, family, methods, quoted};
use Expect::{Code, Loads};
use etiquette_codegen::Source;

pub(crate) fn families() -> Vec<Family> {
    vec![
        paths(),
        placeholders(),
        header_names(),
        header_values(),
        query_names(),
        urls(),
        variables_of_urls(),
    ]
}

fn with_path(path: &str) -> Vec<Source> {
    methods(&format!(
        "      list: {{http: {}}}\n",
        quoted(&format!("GET {path}"))
    ))
}

const PATHS_PATHS: &[&str] = &[
    "/a//b",
    "//evil.example/x",
    "/a?b=1",
    "/a#b",
    "/a/../b",
    "/../a",
    "/..",
    "/a/.",
    "/./a",
    "/%2e%2e/a",
    "/a/%2E./b",
    "/.%2e",
    "/a b",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a\\b",
    "/ä",
    "/a\u{0}",
    "/a\nX: y",
    "/a\u{7f}",
    "/{",
    "/}",
    "/{}",
    "/{a",
    "/a}",
    "/{{a}}",
    "/{a/b}",
    "/{..}",
    "/{ä}",
    "/{a b}",
    "/{9}",
    "/<a>",
    "/a\"b",
    "/a|b",
    "/a^b",
    "/a`b",
];

/// Rows I23 and F2.
fn paths() -> Family {
    let long = [(
        "3 000 letters".to_owned(),
        with_path(&format!("/{}", "a".repeat(3_000))),
    )];
    family(
        "paths",
        &["I23", "F2", "F3"],
        Code("E070"),
        PATHS_PATHS
            .iter()
            .map(|path| (path.escape_debug().to_string(), with_path(path)))
            .chain(long),
    )
    .and(
        Code("E052"),
        ["https://evil.example/a", "a", "../a", "~/a", "\\\\evil\\a"]
            .map(|path| (path, with_path(path))),
    )
    .and(
        Loads,
        [
            ("a trailing slash", with_path("/a/")),
            ("encoded", with_path("/a%20b")),
            ("sub-delimiters", with_path("/a!$&'()*+,;=:@b")),
            ("dots in a segment", with_path("/a/..b/c..")),
            ("a colon", with_path("/a:cancel")),
        ],
    )
}

/// Rows I23 and F1.
fn placeholders() -> Family {
    let with = |path: &str, params: &str| {
        methods(&format!(
            "      find: {{http: {}, params: {{{params}}}}}\n",
            quoted(&format!("GET {path}"))
        ))
    };
    family(
        "placeholders",
        &["I23", "F1"],
        Code("E071"),
        [
            ("twice", with("/x/{a}/{a}", "a: string")),
            ("not described", with("/x/{b}", "")),
            ("not used", with("/x/{b}", "b: string, c: string")),
            ("mistyped", with("/x/{userid}", "user_id: string")),
        ],
    )
    .and(
        Loads,
        [
            ("two", with("/x/{a}/{b}", "a: string, b: string")),
            (
                "in one segment",
                with("/x/{a}-{b}.json", "a: string, b: int"),
            ),
            (
                "as in OData",
                with("/device(uuid='{uuid}')", "uuid: string"),
            ),
        ],
    )
    .and(
        Code("E096"),
        [
            ("a list", with("/x/{a}", "a: list<string>")),
            ("a map", with("/x/{a}", "a: map<string>")),
            ("json", with("/x/{a}", "a: json")),
            ("nullable", with("/x/{a}", "a: string | null")),
            ("an object", with("/x/{a}", "a: Users")),
            ("bytes", with("/x/{a}", "a: bytes")),
        ],
    )
}

const HEADER_NAMES_NAMES: &[&str] = &[
    "Host",
    "host",
    "CONTENT-LENGTH",
    "Transfer-Encoding",
    "Connection",
    "Keep-Alive",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Authorization",
    "Proxy-Authorization",
    "Content-Type",
    "Accept-Encoding",
    "Proxy-Connection",
    "X A",
    "X:A",
    "",
    "X\r\nY",
    "Ä",
    ":path",
    "X-\u{0}",
    "X/A",
    "X\"A",
    "(X)",
];

/// Rows I24 and F6.
fn header_names() -> Family {
    let inputs = HEADER_NAMES_NAMES.iter().map(|name| {
        let wire = quoted(name);
        (
            format!("{name:?}"),
            methods(&format!(
                "      list: {{headers: {{\"h?\": {{type: string, wire: {wire}}}}}}}\n"
            )),
        )
    });
    family("names of headers", &["I24", "F6"], Code("E075"), inputs).and(Code("E027"), [
        ("a place of a client parameter", api("client: {a: {type: string, at: {header: \"X A\"}}}\n")),
        ("a place of an answer", {
            api("limits: {buckets: {b: {scope: [credential], window: unknown, learn: {limit: {header: \"X\\r\\nY\"}}}}}\n")
        }),
        ("a credential", api("auth: {key: {kind: header, header: \"X:Key\"}}\n")),
    ])
}

/// Rows I24 and F6.
fn header_values() -> Family {
    const VALUES: &[&str] = &[
        "a\r\nX-Admin: 1",
        "a\nb",
        "a\rb",
        "a\0b",
        "ä",
        "\u{7f}",
        " a",
        "a ",
        "\u{1b}[2J",
        "💥",
    ];
    let inputs = VALUES.iter().map(|value| {
        let value = quoted(value);
        (
            value.clone(),
            methods(&format!(
                "      list: {{headers: {{h: {{type: string, wire: X-H, const: {value}}}}}}}\n"
            )),
        )
    });
    family("values of headers", &["I24", "F6"], Code("E076"), inputs)
        .and(Loads, [("visible ASCII", methods("      list: {headers: {h: {type: string, wire: X-H, const: \"a; b=\\\"c\\\"\"}}}\n"))])
}

fn query_names() -> Family {
    const NAMES: &[&str] = &[
        "", "a b", "a=b", "a&b", "?a", "a#b", "a%20b", "a\nb", "a\u{a0}b",
    ];
    let with = |name: &str| {
        methods(&format!(
            "      list: {{query: {{\"q?\": {{type: string, wire: {}}}}}}}\n",
            quoted(name)
        ))
    };
    family(
        "names of query parameters",
        &["I24"],
        Code("E077"),
        NAMES.iter().map(|name| (format!("{name:?}"), with(name))),
    )
    .and(
        Loads,
        ["a[b]", "$top", "a.b", "a-b", "a:b", "ä"].map(|name| (name, with(name))),
    )
}

const URLS: &[&str] = &[
    "http://api.example.com",
    "ftp://api.example.com",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "//api.example.com",
    "api.example.com",
    "/v1",
    "",
    "https://",
    "https:///v1",
    "https://user@api.example.com",
    "https://user:pw@api.example.com",
    "https://api.example.com?a=1",
    "https://api.example.com/#a",
    "https://api.example.com:0",
    "https://api.example.com:99999",
    "https://api.example.com:x",
    "https://api example.com",
    "https://api.example.com/a b",
    "https://api.example.com/../a",
    "https://api.example.com/%2e%2e/a",
    "https://api.example.com//a",
    "https://[::1",
    "https://[::g]",
    "https://-a.example",
    "https://a..example",
    "https://.example",
    "https://ä.example",
    "https://a.example\\@evil.example",
    "https://a.example\r\nHost: evil",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://192.168.0.1",
    "https://{tenant.example.com",
    "https://tenant}.example.com",
    "HTTPS://api.example.com ",
];

fn with_url(url: &str, vars: &str) -> Vec<Source> {
    api(&format!(
        "environments: {{production: {{url: {}{vars}}}}}\n",
        quoted(url)
    ))
}

/// Row I24.
fn urls() -> Family {
    const HARMLESS: [&str; 7] = [
        "https://api.example.com",
        "https://api.example.com/v1/",
        "https://api.example.com:8443/v1",
        "http://localhost:3000",
        "http://127.0.0.1/v1",
        "http://[::1]:80",
        "https://[2001:db8::1]/v1",
    ];
    family(
        "urls of environments",
        &["I24", "F3"],
        Code("E073"),
        URLS.iter()
            .map(|url| (format!("{url:?}"), with_url(url, ""))),
    )
    .and(
        Code("E073"),
        [("no environment", api("environments: {}\n"))],
    )
    .and(Loads, HARMLESS.map(|url| (url, with_url(url, ""))))
}

/// Row I24: a variable cannot move a request to another host.
fn variables_of_urls() -> Family {
    let host = |default: &str| {
        with_url(
            "https://{t}.example.com",
            &format!(", vars: {{t: {{default: {}}}}}", quoted(default)),
        )
    };
    let path = |default: &str| {
        with_url(
            "https://a.example/{t}/b",
            &format!(", vars: {{t: {{default: {}}}}}", quoted(default)),
        )
    };
    family(
        "variables of urls",
        &["I24"],
        Code("E073"),
        [
            ("a default that moves the host", host("evil.example/")),
            ("a default with a user", host("a@evil")),
            ("a default with a port", host("evil.example:80#")),
            ("an empty default", host("")),
            ("a default with a line break", host("a\r\nb")),
            ("a default with a query", path("a?b")),
            ("a default of dots", path("..")),
            ("a default of encoded dots", path("%2e%2e")),
            ("a default that is empty in a path", path("")),
        ],
    )
    .and(
        Code("E074"),
        [
            (
                "a variable that is not described",
                with_url("https://{tenant}.example.com", ""),
            ),
            (
                "a variable that is not used",
                with_url("https://a.example", ", vars: {tenant: {default: a}}"),
            ),
            (
                "a variable whose name is mistyped",
                with_url(
                    "https://{tenant}.example.com",
                    ", vars: {tennant: {default: a}}",
                ),
            ),
        ],
    )
    .and(Loads, [("a name", host("www")), ("a version", path("v2"))])
}
