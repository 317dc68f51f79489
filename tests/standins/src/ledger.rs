//! What arrived, as the tests' oracle reads it.
//!
//! An arrival is entered when its head has been read, before anything is decided, and is kept
//! whatever becomes of it. A credential is never kept, only where it stood and, at the place where
//! it belongs, whether it was the right one.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, header};

/// One request that reached the stand-in.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// At which of the stand-in's doors; `main` is the API's own.
    pub door: &'static str,
    /// Counts from 1 over the stand-in's life, also across a reset of the arrivals.
    pub sequence: u64,
    /// When its head had been read, by the stand-in's clock.
    pub at: SystemTime,
    pub method: Method,
    /// The path as sent, still encoded.
    pub path: String,
    /// The query as sent, still encoded; of a credential in it only `right` or `wrong` is kept.
    pub query: Option<String>,
    /// Names in lower case, in the order of arrival; `authorization` says only
    /// `right` or `wrong`.
    pub headers: Vec<(String, String)>,
    pub credential: Credential,
    /// Where it bore something secret: `header authorization`, `query access_token`,
    /// `body client_secret`. The stand-in's key is found wherever it stands.
    pub secrets: Vec<String>,
    /// How long its answer was put off because the API was busy.
    pub slowed: Duration,
    /// Empty until it has been read; the credentials of a form in it are `hidden`.
    pub body: Bytes,
    /// The status of the answer; none while there is none, and none for a cut connection.
    pub status: Option<u16>,
    /// Whether the API itself carried the request out with success, whatever the client was told.
    pub applied: bool,
}

/// What the place of the credential held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    Right,
    Wrong,
    Missing,
}

impl Arrival {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
    }

    /// Whether its method may change something (RFC 9110, section 9.2.1 lists those that do not).
    pub fn is_write(&self) -> bool {
        !self.method.is_safe()
    }

    pub(crate) fn new(sequence: u64, at: SystemTime, head: &Parts, credential: Credential) -> Self {
        Self {
            door: MAIN,
            sequence,
            at,
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(|query| veil(query, shown(credential))),
            headers: headers(head, credential),
            credential,
            secrets: secrets_of_head(head),
            slowed: Duration::ZERO,
            body: Bytes::new(),
            status: None,
            applied: false,
        }
    }

    /// Notes the body and the secrets in it; `key` is looked for everywhere but in `authorization`.
    pub(crate) fn take_body(&mut self, body: &Bytes, head: &Parts, key: &str) {
        let form = self.header("content-type").is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case(FORM)
        });
        let text = std::str::from_utf8(body).unwrap_or_default();
        if form {
            let names = text.split('&').filter_map(|pair| pair.split_once('='));
            let secret = names.filter(|(name, _)| SECRETS.contains(name));
            self.secrets
                .extend(secret.map(|(name, _)| format!("body {name}")));
            self.body = veil(text, "hidden").into();
        } else {
            let members = SECRETS[..3].iter().chain(&SECRET_MEMBERS);
            let held = members.filter(|name| text.contains(&format!("\"{name}\"")));
            self.secrets.extend(held.map(|name| format!("body {name}")));
            self.body = body.clone();
        }
        if key.len() < SHORTEST_KEY {
            return;
        }
        let others = head
            .headers
            .iter()
            .filter(|(name, _)| *name != header::AUTHORIZATION);
        let holds = |bytes: &[u8]| bytes.windows(key.len()).any(|part| part == key.as_bytes());
        let found = others.filter(|(_, value)| holds(value.as_bytes()));
        let mut found: Vec<String> = found.map(|(name, _)| format!("header {name}")).collect();
        if holds(head.uri.path().as_bytes()) {
            found.push("path".to_owned());
        }
        if head
            .uri
            .query()
            .is_some_and(|query| holds(query.as_bytes()))
        {
            found.push("query".to_owned());
        }
        if holds(body) {
            found.push("body".to_owned());
        }
        self.secrets.extend(found);
    }
}

/// The door of the API's own base URL.
pub(crate) const MAIN: &str = "main";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Zengine's header with the token of a plugin's developer.
const DRAFT: &str = "x-plugin-draft";
/// Parameters of a query or of a form that are credentials (RFC 6749, appendix A); the last one is
/// a common word elsewhere.
const SECRETS: [&str; 4] = ["access_token", "client_secret", "refresh_token", "code"];
/// Members of a JSON body that are.
const SECRET_MEMBERS: [&str; 3] = ["Password", "password", "secretKey"];
/// A shorter key would be found by chance.
const SHORTEST_KEY: usize = 6;

fn secrets_of_head(head: &Parts) -> Vec<String> {
    let headers = [
        header::AUTHORIZATION,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        HeaderName::from_static(DRAFT),
    ];
    let headers = headers
        .iter()
        .filter(|name| head.headers.contains_key(*name));
    let query = head.uri.query().unwrap_or_default().split('&');
    let query = query.map(|pair| pair.split('=').next().unwrap_or_default());
    let query = query.filter(|name| SECRETS.contains(name));
    let headers = headers.map(|name| format!("header {name}"));
    headers
        .chain(query.map(|name| format!("query {name}")))
        .collect()
}

/// The pairs with the value of each credential replaced.
fn veil(pairs: &str, shown: &str) -> String {
    let pairs = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRETS.contains(&name) => format!("{name}={shown}"),
        Some(_) | None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn shown(credential: Credential) -> &'static str {
    match credential {
        Credential::Right => "right",
        Credential::Wrong | Credential::Missing => "wrong",
    }
}

fn headers(head: &Parts, credential: Credential) -> Vec<(String, String)> {
    let shown = shown(credential);
    head.headers
        .iter()
        .map(|(name, value)| {
            let value = if name == header::AUTHORIZATION {
                shown.to_owned()
            } else if name == DRAFT {
                "hidden".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// What the one `authorization` header says after the name of its scheme.
///
/// The scheme's name has no case (RFC 9110, section 11.1); two credentials are not one.
pub(crate) fn token<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (first, None) = (sent.next()?, sent.next()) else {
        return None;
    };
    let (named, token) = first.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then_some(token)
}

/// The bearer token that `headers` hold against those that are right.
pub(crate) fn bearer(headers: &HeaderMap, right: impl Fn(&str) -> bool) -> Credential {
    if !headers.contains_key(header::AUTHORIZATION) {
        Credential::Missing
    } else if token(headers, "bearer").is_some_and(right) {
        Credential::Right
    } else {
        Credential::Wrong
    }
}

/// The largest number of instants in any window `[t, t + length)`.
pub(crate) fn most_in_any_window(mut instants: Vec<SystemTime>, length: Duration) -> usize {
    instants.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (last, &at) in instants.iter().enumerate() {
        while first < last && at.duration_since(instants[first]).unwrap_or_default() >= length {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_window_does_not_include_its_end() {
        let minute = Duration::from_secs(60);
        let at = |seconds: &[u64]| -> Vec<SystemTime> {
            let instant = |s: &u64| UNIX_EPOCH + Duration::from_secs(*s);
            seconds.iter().map(instant).collect()
        };
        assert_eq!(most_in_any_window(at(&[]), minute), 0);
        assert_eq!(most_in_any_window(at(&[0, 60, 120]), minute), 1);
        assert_eq!(most_in_any_window(at(&[119, 0, 59, 60, 61]), minute), 3);
        assert_eq!(most_in_any_window(at(&[118, 0, 59, 60, 61]), minute), 4);
        assert_eq!(most_in_any_window(at(&[7, 7, 7]), minute), 3);
    }
}
