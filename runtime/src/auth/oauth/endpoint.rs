//! The lane of token requests: a timeout, a cap and attempts of their own, and no quota, permit or queue.
//!
//! One request goes to one URL with the client's own secret; no redirect is followed. A refresh token that may have
//! been used up by a request whose answer was lost is sent once more at most, until somebody asks for a renewal again.

use std::future::Future as _;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use secrecy::{ExposeSecret, SecretString};

use super::Code;
use super::answer::{self, Answer};
use crate::auth::fault::Fault;
use crate::auth::session::AuthContext;
use crate::auth::sign::base64;
use crate::client::origin::Origin;
use crate::clock::Moment;
use crate::error::{Error, Kind, Result};
use crate::operation::{OAuth2, Verb};
use crate::retry::{Hint, Phase, Times, after};
use crate::transport::{Body, Payload};

const TIMEOUT: Duration = Duration::from_secs(30);
const BODY_CAP: usize = 1024 * 1024;
const ATTEMPTS: u32 = 3;
const BACKOFF: Duration = Duration::from_millis(500);
/// The longest wait that is waited for; who asks for more is left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) struct Endpoint {
    oauth: &'static OAuth2,
    uri: Uri,
    host: HeaderValue,
    id: String,
    secret: SecretString,
    scope: String,
    pub(super) context: AuthContext,
}

/// What a token is asked for with.
#[derive(Clone, Copy)]
pub(super) enum Ask<'a> {
    /// The client's own id and secret.
    Client,
    Refresh(&'a SecretString),
    Code(&'a Code),
}

/// No token.
pub(super) struct Refused {
    pub(super) fault: Fault,
    /// What it was asked for with has certainly not been looked at, so it still counts.
    pub(super) is_unspent: bool,
    /// The server says that the grant is invalid.
    pub(super) is_grant: bool,
}

/// An attempt that brought no token.
struct Failed {
    refused: Refused,
    /// How far it got; `Final`: another would bring none either.
    phase: Phase,
    wait: Duration,
}

impl Endpoint {
    pub(super) fn new(
        oauth: &'static OAuth2,
        url: &str,
        id: String,
        secret: SecretString,
        scope: String,
        context: &AuthContext,
    ) -> Result<Endpoint> {
        // A token endpoint may have a query (RFC 6749 §3.2), other than a base URL.
        let bare = url.split('?').next().unwrap_or_default();
        let bad = |why: &str| Error::new(Kind::Parameter, format!("the token endpoint: {why}"));
        let origin = Origin::new(bare).map_err(|error| bad(&error.to_string()))?;
        let uri: Uri = url.parse().map_err(|_| bad("it is not a URL"))?;
        if url.contains('#') {
            return Err(bad("it has a fragment"));
        }
        let pair = basic(&id, secret.expose_secret());
        context.scrub.add(&[pair.trim_end_matches('=').into()]);
        Ok(Endpoint {
            oauth,
            uri,
            host: origin.host,
            id,
            secret,
            scope,
            context: context.clone(),
        })
    }

    /// Gets a token.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, Refused> {
        let clock = &self.context.clock;
        let (mut attempt, mut lost) = (0, 0);
        let may_lose = match ask {
            Ask::Client => ATTEMPTS,
            Ask::Refresh(_) => 1,
            Ask::Code(_) => 0,
        };
        loop {
            attempt += 1;
            let mut failed = match self.attempt(ask).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            lost += u32::from(failed.phase == Phase::Unknown);
            let is_used_up = lost > may_lose;
            failed.refused.is_unspent = lost == 0 && failed.phase != Phase::Final;
            let is_final = failed.phase == Phase::Final || failed.wait > LONGEST_WAIT;
            if attempt >= ATTEMPTS || is_final || is_used_up {
                return Err(failed.refused);
            }
            let wait = failed.wait.max(BACKOFF * (1 << (attempt - 1)));
            clock.sleep(clock.now() + wait).await;
        }
    }

    async fn attempt(&self, ask: Ask<'_>) -> Result<Answer, Failed> {
        let clock = &self.context.clock;
        let request = self
            .request(ask)
            .map_err(|text| self.failed(text, Phase::Final))?;
        let sent = clock.now();
        let in_flight = clock.attempt();
        let mut exchange = Box::pin(self.exchange(request));
        let mut timer = clock.timer(sent + TIMEOUT);
        let ended = std::future::poll_fn(|cx| match exchange.as_mut().poll(cx) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        })
        .await;
        drop(in_flight);
        match ended {
            None => Err(self.failed("did not answer in time", Phase::Unknown)),
            Some(Err(failed)) => Err(failed),
            Some(Ok((status, headers, body))) => self.judge(status, &headers, &body, sent),
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Failed> {
        let answer = self
            .context
            .transport
            .send(request.map(Payload::from))
            .await
            .map_err(|error| {
                let text = format!("could not be asked: {}", error.text());
                let mut failed = self.failed(&text, error.phase());
                if error.phase() == Phase::NotSent {
                    failed.refused.fault.kind = Kind::Connect;
                }
                failed
            })?;
        let (parts, body) = answer.into_parts();
        match read_body(body).await {
            Ok(body) => Ok((parts.status, parts.headers, body)),
            // The status of a refusal says enough.
            Err(_) if !parts.status.is_success() => Ok((parts.status, parts.headers, Bytes::new())),
            Err((text, phase)) => Err(self.failed(text, phase)),
        }
    }

    fn judge(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        sent: Moment,
    ) -> Result<Answer, Failed> {
        let complaint = answer::complaint(body);
        if status.is_success() && complaint.is_none() {
            return answer::read(body, sent).map_err(|text| self.failed(text, Phase::Final));
        }
        let phase = match status.as_u16() {
            408 | 429 => Phase::NotProcessed,
            500..=599 => Phase::Unknown,
            _ => Phase::Final,
        };
        let mut text = format!("answered with status {}", status.as_u16());
        if status.is_redirection() {
            text.push_str(", a redirect that is not followed");
        }
        let mut failed = match &complaint {
            Some(complaint) => self.failed(&format!("{text}: {}", complaint.text), phase),
            None => self.failed(&text, phase),
        };
        failed.refused.is_grant = complaint.is_some_and(|complaint| complaint.is_grant);
        let wall = self.context.clock.wall();
        failed.wait = match after::retry_after(headers, Times::of(headers, wall)) {
            Hint::After(wait) => wait,
            Hint::OverCap => Duration::MAX,
            Hint::Invalid | Hint::Missing => Duration::ZERO,
        };
        if phase != Phase::Final && !failed.wait.is_zero() {
            failed.refused.fault.wait = Some(failed.wait);
            failed.refused.fault.retry_at = wall.checked_add(failed.wait);
        }
        Err(failed)
    }

    fn failed(&self, text: &str, phase: Phase) -> Failed {
        let text = self
            .context
            .scrub
            .text(&format!("its token endpoint {text}"));
        Failed {
            refused: Refused {
                fault: Fault::new(text),
                is_unspent: false,
                is_grant: false,
            },
            phase,
            wait: Duration::ZERO,
        }
    }

    /// The token request of RFC 6749 §4.1.3, §4.4.2 and §6. A code is always posted as a form, whatever an API wants of
    /// the others; its scope was asked for at the login.
    fn request(&self, ask: Ask<'_>) -> Result<Request<Bytes>, &'static str> {
        let (mut pairs, is_code) = (ask.pairs(), matches!(ask, Ask::Code(_)));
        if !self.scope.is_empty() && !is_code {
            pairs.push(("scope", &self.scope));
        }
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, self.context.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if self.oauth.basic {
            let value = format!("Basic {}", basic(&self.id, self.secret.expose_secret()));
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|_| "cannot be sent the client's id and secret")?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        } else {
            pairs.push(("client_id", &self.id));
            pairs.push(("client_secret", self.secret.expose_secret()));
        }
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", form(value)))
            .collect();
        let pairs = pairs.join("&");
        let is_post = is_code || self.oauth.method != Verb::Get;
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = self.uri.clone();
        if is_code || is_post && self.oauth.form {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, kind);
            *request.body_mut() = pairs.into();
        } else {
            let mark = if self.uri.query().is_some() { '&' } else { '?' };
            let uri = format!("{}{mark}{pairs}", self.uri).parse();
            *request.uri_mut() = uri.map_err(|_| "cannot be sent so long a query")?;
        }
        *request.method_mut() = if is_post { Method::POST } else { Method::GET };
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl<'a> Ask<'a> {
    fn pairs(self) -> Vec<(&'static str, &'a str)> {
        match self {
            Ask::Client => vec![("grant_type", "client_credentials")],
            Ask::Refresh(token) => vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", token.expose_secret()),
            ],
            Ask::Code(code) => {
                let mut pairs = vec![
                    ("grant_type", "authorization_code"),
                    ("code", code.code.expose_secret()),
                    ("redirect_uri", &code.redirect),
                ];
                let verifier = code.verifier.as_ref();
                pairs.extend(verifier.map(|text| ("code_verifier", text.expose_secret())));
                pairs
            }
        }
    }
}

/// The whole body, if it is not too long: this lane knows neither compression nor streams.
async fn read_body(mut body: Body) -> Result<Bytes, (&'static str, Phase)> {
    let mut all = BytesMut::new();
    while let Some(chunk) = std::future::poll_fn(|cx| body.poll_chunk(cx)).await {
        let chunk = chunk.map_err(|_| ("broke its answer off", Phase::Unknown))?;
        if all.len() + chunk.len() > BODY_CAP {
            return Err(("answered with more than 1 MiB", Phase::Final));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

/// The pair of RFC 6749 §2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    base64(format!("{}:{}", form(id), form(secret)))
}

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B): a blank becomes a plus.
pub(super) fn form(text: &str) -> String {
    crate::auth::sign::encoded(text).replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_form_encoded_before_basic() {
        assert_eq!(form("a b+c/é:~"), "a+b%2Bc%2F%C3%A9%3A~");
        // base64 of `my+app:s%3Acret%25`.
        assert_eq!(basic("my app", "s:cret%"), "bXkrYXBwOnMlM0FjcmV0JTI1");
    }
}
