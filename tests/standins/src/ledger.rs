//! What arrived, as the tests' oracle reads it.
//!
//! An arrival is entered when its head has been read, before anything is decided, and is kept
//! whatever becomes of it. A credential is never kept, only whether it was the right one.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, header};

/// One request that reached the stand-in.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Counts from 1 over the stand-in's life, also across a reset of the arrivals.
    pub sequence: u64,
    /// When its head had been read, by the stand-in's clock.
    pub at: SystemTime,
    pub method: Method,
    /// The path as sent, still encoded.
    pub path: String,
    /// The query as sent, still encoded.
    pub query: Option<String>,
    /// Names in lower case, in the order of arrival; `authorization` says only
    /// `right` or `wrong`.
    pub headers: Vec<(String, String)>,
    pub credential: Credential,
    /// Empty until it has been read.
    pub body: Bytes,
    /// The status of the answer; none while there is none, and none for a cut connection.
    pub status: Option<u16>,
    /// Whether the API itself carried the request out with success, whatever the client was told.
    pub applied: bool,
}

/// What the `authorization` header held.
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

    pub(crate) fn new(sequence: u64, at: SystemTime, head: &Parts, key: &str) -> Self {
        let credential = credential(head, key);
        Self {
            sequence,
            at,
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: headers(head, credential),
            credential,
            body: Bytes::new(),
            status: None,
            applied: false,
        }
    }
}

fn headers(head: &Parts, credential: Credential) -> Vec<(String, String)> {
    let shown = match credential {
        Credential::Right => "right",
        Credential::Wrong | Credential::Missing => "wrong",
    };
    head.headers
        .iter()
        .map(|(name, value)| {
            let value = if name == header::AUTHORIZATION {
                shown.to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// The scheme's name has no case (RFC 9110, section 11.1); two credentials are not one.
fn credential(head: &Parts, key: &str) -> Credential {
    let mut sent = head.headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = sent.next() else {
        return Credential::Missing;
    };
    let right = first
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token == key);
    if right && sent.next().is_none() {
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
