//! From a URL that an answer gives to the position of the next page.
//!
//! It stays within the client's origin, and what the pipeline adds to each request is taken out of it: parameters of the
//! client and credentials would else stand there twice, and a checkpoint would keep a secret.

use super::position::Position;
use crate::error::{Error, Kind, Result};
use crate::operation::{CredentialKind, PagingKind, TokenPlace};
use crate::request::Request;

/// The position to which a URL leads.
///
/// # Errors
///
/// When it leads out of the origin, upwards, or nowhere; it is not followed then.
pub(super) fn follow(request: &Request, place: &str) -> Result<Position> {
    let (core, operation) = (&request.core, request.operation);
    let from_request = matches!(
        operation.page.map(|page| page.kind),
        Some(PagingKind::NextUrl { from_request: true })
    );
    let asked = request.uri("")?;
    let Some(uri) = core.origin().next(place, from_request.then_some(&asked)) else {
        let text = "the URL of the next page leads out of the API's origin, upwards, or nowhere";
        return Err(Error::of(operation, Kind::CrossOriginLink, text));
    };
    let mut kept = uri.path().to_owned();
    let mut mark = '?';
    for pair in uri.query().unwrap_or_default().split('&') {
        let name = plain(pair.split('=').next().unwrap_or_default());
        if pair.is_empty() || is_ours(request, &name) || core.scrub().text(pair) != pair {
            continue;
        }
        kept.push(std::mem::replace(&mut mark, '&'));
        kept.push_str(pair);
    }
    Ok(Position::Url(kept.into()))
}

/// The position of a checkpoint, which anybody may have written: a URL leads only a walk that URLs lead, and is looked
/// at as if an answer had given it.
///
/// # Errors
///
/// As [`follow`], and when the walk goes on in another way.
pub(super) fn retrace(request: &Request, position: &Position) -> Result<Position> {
    let kind = request.operation.page.map(|page| page.kind);
    let is_led = matches!(kind, Some(PagingKind::NextUrl { .. }));
    match position {
        Position::Url(place) if is_led => follow(request, place),
        Position::Url(_) => {
            let text = "the checkpoint has a URL, and this list is not walked by URL";
            Err(Error::of(request.operation, Kind::Parameter, text))
        }
        Position::Number(_) | Position::Decimal(_) | Position::Text(_) => Ok(position.clone()),
    }
}

/// Whether each request gets this parameter anyway, or it is where a credential stands.
fn is_ours(request: &Request, name: &str) -> bool {
    let mut constants = request.core.query().split('&');
    constants
        .any(|pair| !pair.is_empty() && plain(pair.split('=').next().unwrap_or_default()) == name)
        || request
            .operation
            .api
            .credentials
            .iter()
            .any(|credential| match credential.kind {
                CredentialKind::Query { param } => param == name,
                CredentialKind::ClientCredentials(oauth) | CredentialKind::RefreshToken(oauth) => {
                    matches!(oauth.sign, TokenPlace::Query { param } if param == name)
                }
                CredentialKind::Bearer { .. }
                | CredentialKind::Basic { .. }
                | CredentialKind::Header { .. } => false,
            })
}

/// A name without its percent-encoding.
fn plain(name: &str) -> String {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [byte, behind @ ..] = rest {
        let hex = behind
            .get(..2)
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) if *byte == b'%' => {
                out.push(decoded);
                rest = &behind[2..];
            }
            _ => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        for (name, wanted) in [
            ("a", "a"),
            ("%61pi%5Fkey", "api_key"),
            ("a+b%", "a b%"),
            ("%zz%4", "%zz%4"),
            ("%+1", "% 1"),
            ("é", "é"),
        ] {
            assert_eq!(plain(name), wanted);
        }
    }
}
