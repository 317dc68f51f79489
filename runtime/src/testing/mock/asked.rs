//! What a mock is asked: one request, taken apart by the template of its operation.
//! Assumes a request that the pipeline made. Must not show what signs it.

use std::fmt;

use serde::de::DeserializeOwned;

use super::super::RecordedRequest;
use super::super::scenario::{decode_text, query_pairs};
use super::{Answer, MockError};
use crate::decode::{self, Pointer};
use crate::operation::{Operation, SendAt};
use crate::value::Json;

/// One request to a mock.
pub struct Asked<'r> {
    operation: &'static Operation,
    request: &'r RecordedRequest,
    within: Pointer<'static>,
    keys: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    before: usize,
}

impl<'r> Asked<'r> {
    pub(super) fn new(
        operation: &'static Operation,
        request: &'r RecordedRequest,
        within: Pointer<'static>,
        before: usize,
    ) -> Asked<'r> {
        Asked {
            operation,
            request,
            within,
            keys: keys(operation.path, request.path()),
            query: query_pairs(request),
            before,
        }
    }

    /// The operation: `orders.get`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation.name
    }

    /// How often the operation was asked for before this: 0 at first.
    #[must_use]
    pub fn before(&self) -> usize {
        self.before
    }

    /// A key of the path, by the name of its placeholder.
    ///
    /// # Panics
    ///
    /// When the path has no such placeholder: then the mock is wrong.
    #[must_use]
    pub fn key(&self, name: &str) -> &str {
        let found = self.keys.iter().find(|(known, _)| *known == name);
        let Some((_, value)) = found else {
            panic!(
                "`{name}` is no placeholder of `{}`, the path of `{}`",
                self.operation.path, self.operation.name
            );
        };
        value
    }

    /// The first value of a query parameter, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.queries(name).next()
    }

    /// All values of a query parameter, decoded.
    pub fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.query.iter().filter(move |(known, _)| known == name);
        all.map(|(_, value)| value.as_str())
    }

    /// A header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// The body as a value of this type, without what the API wraps it in.
    ///
    /// # Errors
    ///
    /// An answer with status 400, when it is none.
    pub fn json<T: DeserializeOwned>(&self) -> Answer<T> {
        decode::text(&self.request.body)
            .and_then(|text| decode::value_at(text, self.within, decode::read::<T>))
            .map_err(|misfit| MockError::status(400).with_message(format!("the body: {misfit}")))
    }

    /// The request as it arrived.
    #[must_use]
    pub fn request(&self) -> &RecordedRequest {
        self.request
    }

    /// An error that names the operation, for what a test does not expect to be called.
    ///
    /// # Errors
    ///
    /// Always: an answer with status 501.
    pub fn unmocked<T>(&self) -> Answer<T> {
        let (name, verb) = (self.operation.name, self.operation.verb.as_str());
        let text = format!("`{name}` ({verb} {}) is not mocked", self.operation.path);
        Err(MockError::status(501).with_message(text))
    }

    pub(super) fn success(&self) -> u16 {
        let mut all = self.operation.success.iter().copied();
        all.find(|status| !matches!(status, 204 | 205 | 304))
            .unwrap_or(200)
    }

    pub(super) fn table(&self) -> &'static Operation {
        self.operation
    }

    /// What stands at a place of the request.
    pub(super) fn at(&self, place: SendAt) -> Option<String> {
        match place {
            SendAt::Query(name) => self.query(name).map(str::to_owned),
            SendAt::Header(name) => self.header(name).map(str::to_owned),
            SendAt::Body(at) => {
                let text = decode::text(&self.request.body).ok()?;
                match decode::value_at(text, at, decode::read::<Json>).ok()? {
                    Json::String(text) => Some(text),
                    other => Some(other.to_string()),
                }
            }
        }
    }
}

/// Neither a header nor a value of the query: what signs may stand there.
impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("operation", &self.operation.name)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// The keys of a path, decoded. A key is never more than a segment, so that the template is laid on the path's end.
fn keys(template: &'static str, path: &str) -> Vec<(&'static str, String)> {
    let count = template.split('/').count().saturating_sub(1);
    let segments: Vec<&str> = path.rsplitn(count + 1, '/').take(count).collect();
    let templates = template.split('/').skip(1);
    let mut found = Vec::new();
    for (mut template, mut segment) in templates.zip(segments.into_iter().rev()) {
        while let Some((before, after)) = template.split_once('{') {
            let Some((name, rest)) = after.split_once('}') else {
                break;
            };
            segment = segment.strip_prefix(before).unwrap_or(segment);
            let literal = rest.split('{').next().unwrap_or_default();
            let end = if literal.is_empty() {
                segment.len()
            } else {
                segment.find(literal).unwrap_or(segment.len())
            };
            let (value, behind) = segment.split_at(end);
            // Only in a query is a plus sign a blank.
            found.push((name, decode_text(&value.replace('+', "%2B"))));
            (template, segment) = (rest, behind);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn keys_are_taken_out_of_a_path() {
        let of = |template, path| {
            let found = keys(template, path).into_iter();
            Vec::from_iter(found.map(|(name, value)| format!("{name}={value}")))
        };
        let orders = "/shops/{shop}/orders/{id}/cancel";
        assert_eq!(
            of(orders, "/v1/shops/a%2Fb/orders/7+8/cancel"),
            ["shop=a/b", "id=7+8"]
        );
        assert_eq!(of("/{a}-{b}.json", "/x-y.json"), ["a=x", "b=y"]);
        assert_eq!(of("/users", "/v2/users"), [""; 0]);
        assert_eq!(of("", "/v2"), [""; 0]);
    }
}
