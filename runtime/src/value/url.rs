//! Absolute addresses, kept as they came.
//! Assumes nothing: the text comes from a server. Must not normalise it, since it is written back as it came, nor take
//! it for safe to call with a credential.

use std::fmt;

/// An absolute URL: a scheme, and for `http` and `https` a host. The text is kept as it came.
///
/// ```
/// use etiquette_runtime::value::Url;
///
/// let url: Url = "https://example.com/a?b=c".parse()?;
/// assert_eq!(url.as_str(), "https://example.com/a?b=c");
/// assert!("/a".parse::<Url>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Url(Box<str>);

impl Url {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Url {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// RFC 3986 §3: `scheme ":" hier-part`. Characters beyond ASCII are let through, as servers send them.
fn parse(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_clean = !text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || "<>\"\\^`{|}".contains(c));
    let has_host = !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        || rest.strip_prefix("//").is_some_and(has_host);
    (is_scheme && is_clean && !rest.is_empty() && has_host).then(|| Url(text.into()))
}

/// RFC 3986 §3.2: `[userinfo "@"] host [":" port]`.
fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let (host, port) = match place.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((host, port)) => (host, port),
            None => return false,
        },
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    !host.is_empty() && (port.is_empty() || port.parse::<u16>().is_ok())
}

super::text_value!(Url, "an absolute URL", parse);
