//! What came back: the value with all that the answer and its way here tell.
//! Assumes that a body is as long as the server likes: it must not be read beyond the cap, nor memory taken on the word
//! of `Content-Length` alone. Decoding is not its matter.

use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap};

use crate::transport::{Body, TransportError};

/// A value and how it was got.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The API's own name for the request.
    pub request_id: Option<String>,
    /// How many attempts were made, this answer's included.
    pub attempts: u32,
    /// How long the call waited for quota, refusals and backoffs together.
    pub waited: Duration,
}

/// The answer before it is decoded.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
}

impl Raw {
    pub(crate) fn reply<T>(self, value: T, request_id: Option<&'static str>) -> Reply<T> {
        let request_id = request_id.and_then(|name| self.headers.get(name));
        Reply {
            value,
            status: self.status.as_u16(),
            request_id: request_id
                .and_then(|id| id.to_str().ok())
                .map(str::to_owned),
            headers: self.headers,
            attempts: self.attempts,
            waited: self.waited,
        }
    }
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum Unread {
    Broken(TransportError),
    TooLarge,
}

/// The most memory that is taken on the word of a `Content-Length`.
const ON_TRUST: u64 = 64 * 1024;

/// Reads a body of at most `cap` bytes. One that came in one piece is not copied.
pub(crate) async fn read_body(
    mut body: Body,
    headers: &HeaderMap,
    cap: usize,
) -> Result<Bytes, Unread> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > cap as u64) {
        return Err(Unread::TooLarge);
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    std::future::poll_fn(|cx| {
        loop {
            match body.poll_chunk(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(Unread::Broken(error))),
                Poll::Ready(Some(Ok(chunk))) => {
                    if first.len() + all.len() + chunk.len() > cap {
                        return Poll::Ready(Err(Unread::TooLarge));
                    }
                    if first.is_empty() && all.is_empty() {
                        first = chunk;
                        continue;
                    }
                    if all.is_empty() {
                        all.reserve(
                            usize::try_from(length.unwrap_or(0).min(ON_TRUST)).unwrap_or(0),
                        );
                        all.extend_from_slice(&std::mem::take(&mut first));
                    }
                    all.extend_from_slice(&chunk);
                }
            }
        }
    })
    .await?;
    Ok(if all.is_empty() { first } else { all.freeze() })
}
