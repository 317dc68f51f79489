//! Where a client's requests may go: one origin, and paths below one base.
//!
//! Compared on `http::Uri` after parsing: scheme, host without regard to case, effective port. Caller data never takes
//! part in making an origin (rows E1 to E5 of the fault list name what goes wrong otherwise).

use http::header::HeaderValue;
use http::uri::{Authority, Parts, PathAndQuery, Scheme, Uri};

use crate::error::{Error, Kind, Result};

/// A base URL that was checked.
#[derive(Debug)]
pub(crate) struct Origin {
    uri: Uri,
    /// Without a slash at the end; what a template is put behind.
    pub(crate) base: String,
    pub(crate) host: HeaderValue,
}

impl Origin {
    /// Checks a base URL: `https`, or `http` to this machine, without user, query and fragment.
    pub(crate) fn new(base: &str) -> Result<Origin> {
        let refuse = |why: &str| Err(Error::new(Kind::Parameter, format!("the base URL {why}")));
        if base.contains(['#', '?', '\\']) || base.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
        {
            return refuse("has a query, a fragment, a backslash or a blank");
        }
        if base.contains(['{', '}']) {
            return refuse("has a variable without a value");
        }
        let Ok(uri) = base.parse::<Uri>() else {
            return refuse("is not a URL");
        };
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return refuse("has no scheme and host");
        };
        if authority.as_str().contains('@') {
            return refuse("names a user; credentials are set in the builder");
        }
        let Some(port) = port(authority, scheme).filter(|_| !authority.host().is_empty()) else {
            return refuse("has no host, or a colon without a port");
        };
        if *scheme != Scheme::HTTPS && !(*scheme == Scheme::HTTP && is_loopback(authority.host())) {
            return refuse("must begin with https://, unless it is on this machine");
        }
        if uri.path().split('/').any(is_dots) {
            return refuse("has a path with `.` or `..`");
        }
        let is_default = port == default_port(scheme);
        let host = if is_default {
            authority.host()
        } else {
            authority.as_str()
        };
        let Ok(host) = HeaderValue::from_str(host) else {
            return refuse("has a host that cannot be sent");
        };
        Ok(Origin {
            base: base.trim_end_matches('/').to_owned(),
            host,
            uri,
        })
    }

    /// Resolves a place to which the server points, if it lies within this origin: a whole URL, or one without scheme
    /// or without host (RFC 3986 §4.2). What it gives is spelled with our own scheme and host.
    pub(crate) fn within(&self, place: &str) -> Option<Uri> {
        if place.contains('\\') || !place.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let place = without_fragment(place);
        if place.starts_with('/') && !place.starts_with("//") {
            return self.at(place);
        }
        let uri = if place.starts_with("//") {
            format!("{}:{place}", self.uri.scheme_str()?).parse::<Uri>()
        } else {
            place.parse::<Uri>()
        };
        let uri = uri.ok().filter(|uri| self.is_same(uri))?;
        self.at(uri.path_and_query()?.as_str())
    }

    /// Resolves the URL of a further page: as `within`, and relative ones count from the URL of the request (RFC 3986
    /// §5.2) or else stand behind the base URL. None leads upwards: dots are no part of a page's URL.
    pub(crate) fn next(&self, place: &str, from: Option<&Uri>) -> Option<Uri> {
        let place = without_fragment(place);
        let is_relative = !has_scheme(place) && !place.starts_with("//");
        let whole = match from {
            _ if place.is_empty() => return None,
            None if is_relative && place.starts_with('?') => format!("{}{place}", self.base),
            None if is_relative => format!("{}/{}", self.base, place.trim_start_matches('/')),
            Some(from) if is_relative && place.starts_with('?') => {
                format!("{}{place}", from.path())
            }
            Some(from) if is_relative && !place.starts_with('/') => {
                let folder = from
                    .path()
                    .rfind('/')
                    .map_or("/", |end| &from.path()[..=end]);
                format!("{folder}{place}")
            }
            _ => place.to_owned(),
        };
        self.within(&whole)
            .filter(|uri| !uri.path().split('/').any(is_dots))
    }

    fn at(&self, path_and_query: &str) -> Option<Uri> {
        self.with(path_and_query.parse().ok()?)
    }

    /// Puts a path behind our scheme and host.
    pub(crate) fn with(&self, path_and_query: PathAndQuery) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = self.uri.scheme().cloned();
        parts.authority = self.uri.authority().cloned();
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).ok()
    }

    /// The path of the base, without a slash at the end.
    pub(crate) fn path(&self) -> &str {
        self.uri.path().trim_end_matches('/')
    }

    fn is_same(&self, other: &Uri) -> bool {
        let (Some(ours), Some(theirs)) = (self.uri.authority(), other.authority()) else {
            return false;
        };
        let (Some(scheme), true) = (other.scheme(), self.uri.scheme() == other.scheme()) else {
            return false;
        };
        !theirs.as_str().contains('@')
            && ours.host().eq_ignore_ascii_case(theirs.host())
            && port(theirs, scheme).is_some_and(|theirs| Some(theirs) == port(ours, scheme))
    }

    /// It is on this machine, as stand-ins are.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(self.host())
    }

    /// Host and port, for spans and events.
    pub(crate) fn server(&self) -> (&str, u16) {
        let default = self.uri.scheme().map_or(443, default_port);
        (self.host(), self.uri.port_u16().unwrap_or(default))
    }

    /// The host, for spans.
    pub(crate) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }
}

fn without_fragment(place: &str) -> &str {
    place.split('#').next().unwrap_or_default()
}

/// Letters and a few more before the first colon (RFC 3986 §3.1).
fn has_scheme(place: &str) -> bool {
    place.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// The effective port; none when what stands for it is none. `http` reads a port beyond 65 535 as an absent one.
fn port(authority: &Authority, scheme: &Scheme) -> Option<u16> {
    // Nobody's name stands before the host: that is refused before.
    let behind = authority.as_str().strip_prefix(authority.host())?;
    match behind.strip_prefix(':') {
        None => Some(default_port(scheme)),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        Some(_) => None,
    }
}

fn default_port(scheme: &Scheme) -> u16 {
    if *scheme == Scheme::HTTP { 80 } else { 443 }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Whether a segment of a path is empty of meaning: `.` or `..`, also percent-encoded, however often. One pass: the
/// segment may be as long as a server likes.
pub(crate) fn is_dots(segment: &str) -> bool {
    let mut rest = segment.as_bytes();
    let mut dots = 0;
    while let [first, behind @ ..] = rest {
        rest = match first {
            b'.' => behind,
            b'%' => match without_encoded_dot(behind) {
                Some(behind) => behind,
                None => return false,
            },
            _ => return false,
        };
        dots += 1;
    }
    (1..=2).contains(&dots)
}

/// What follows `2e` behind a percent sign, which may itself be encoded: `%2e`, `%252e`, `%25252e`.
fn without_encoded_dot(mut behind: &[u8]) -> Option<&[u8]> {
    while let Some(deeper) = behind.strip_prefix(b"25") {
        behind = deeper;
    }
    match behind {
        [b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod hostile;

    /// Row E5: what a base URL must not have.
    #[test]
    fn a_base_is_checked() {
        for base in [
            "https://a.example?x=1",
            "https://a.example#f",
            "https://u:p@a.example",
            "http://a.example",
            "a.example",
            "/v1",
            "ftp://a.example",
            "https://",
            "https://a.example/../v1",
            "https://a.example/%2E%2e",
            "https://a b",
            "https://a.example\\@b",
            "https://a.example:",
            "https://a.example:99999",
            "https://a.example:+443",
            "https://{shop}.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://a.example\r\n",
        ] {
            assert_eq!(
                Origin::new(base).err().map(|error| error.kind()),
                Some(Kind::Parameter),
                "{base:?}"
            );
        }
        for (base, host) in [
            ("https://a.example/v1/", "a.example"),
            ("https://a.example:443", "a.example"),
            ("https://a.example:8443", "a.example:8443"),
            ("http://127.0.0.1:80/x", "127.0.0.1"),
            ("http://localhost:8080", "localhost:8080"),
            ("http://[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(Origin::new(base).unwrap().host, host, "{base:?}");
        }
    }

    /// Rows E1 to E3: only the same scheme, host and port, however they are spelled.
    #[test]
    fn places_outside_are_refused() {
        let origin = Origin::new("https://a.example/v1").unwrap();
        for place in [
            "http://a.example/x",
            "https://b.example/x",
            "https://a.example:444/x",
            "//b.example/x",
            "\\\\b.example",
            "https://u@a.example/x",
            "https://a.example@b.example",
            "https://a.example.b.example/",
            "https:b.example",
            "https://a.example./x",
            "https://sub.a.example/",
            "x",
            "?y",
            "",
            "/a b",
            "/a\\b",
            "/a\n",
            "javascript:1",
            "https://a.example:/x",
            "https:///x",
            "///b.example/x",
            "/\u{e9}",
        ] {
            assert_eq!(origin.within(place), None, "{place:?}");
        }
        for (place, wanted) in [
            ("/x?y=1#z", "https://a.example/x?y=1"),
            ("https://A.Example:443/x", "https://a.example/x"),
            ("//a.example/x", "https://a.example/x"),
            ("/%2f%2fevil", "https://a.example/%2f%2fevil"),
        ] {
            assert_eq!(origin.within(place).unwrap().to_string(), wanted);
        }
    }

    #[test]
    fn spans_tell_host_and_port() {
        let server = |base| {
            let origin = Origin::new(base).unwrap();
            (origin.server().0.to_owned(), origin.server().1)
        };
        assert_eq!(
            server("https://a.example/v1"),
            ("a.example".to_owned(), 443)
        );
        assert_eq!(server("http://127.0.0.1"), ("127.0.0.1".to_owned(), 80));
        assert_eq!(
            server("https://a.example:8443"),
            ("a.example".to_owned(), 8443)
        );
    }

    #[test]
    fn a_scheme_begins_with_a_letter() {
        for place in ["https://a.example", "a+b-c.1:x", "x:"] {
            assert!(has_scheme(place), "{place}");
        }
        for place in ["1a:x", "/a:x", "a/b:c", "?x=a:b", ":x", "a"] {
            assert!(!has_scheme(place), "{place}");
        }
    }

    /// Row F2: dots in every spelling.
    #[test]
    fn dots_are_seen_in_every_spelling() {
        for dots in [".", "..", "%2e", "%2E%2e", ".%2e", "%252e", "%25252E."] {
            assert!(is_dots(dots), "{dots}");
        }
        for name in ["...", "a", ".a", "%2f", "%25", "", "%2", ".%20"] {
            assert!(!is_dots(name), "{name}");
        }
    }

    /// Rows E3, F2: a server chooses how long this is, so it is read once from front to back.
    #[test]
    fn dots_are_seen_however_often_they_are_encoded() {
        let deep = |times| format!("%{}2e", "25".repeat(times));
        assert!(is_dots(&deep(1_000_000)));
        assert!(is_dots(&format!("{}{}", deep(500_000), deep(3))));
        assert!(!is_dots(&deep(1_000_000)[..2_000_001]));
        for name in ["%252", "%2525", "2e", "e", "%%2e", "..%2e", ".5", "%25%2e"] {
            assert!(!is_dots(name), "{name}");
        }
    }
}
