//! What an attempt came to and what follows: a value, an error, or another attempt.
//!
//! It gathers the facts, asks `retry`, and carries the decision out. It never waits: it says until when.

use std::cell::OnceCell;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderMap, LOCATION};

use super::{Flight, hidden};
use crate::clock::Moment;
use crate::error::{Error, Kind};
use crate::limit::{Held, learn};
use crate::operation::{Effect, Hold, Refusal, Verb};
use crate::response::Raw;
use crate::retry::{Decision, Evidence, Facts, Hint, Phase, Times, after, classify};
use crate::transport::{Body, Failure, TransportError};

const MOST_HOPS: u32 = 3;

/// What follows from an attempt.
pub(super) enum Next {
    Done(Raw),
    Fail(Error),
    Again,
}

/// The head of an answer.
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) at: Moment,
}

/// How an attempt ended.
pub(super) enum End {
    Whole(Bytes),
    /// Its body is handed on.
    Open(Box<Body>),
    Failed(TransportError),
    TimedOut,
    TooLarge,
    /// Its body comes in a coding that was not asked for.
    Coded,
}

impl Flight<'_> {
    pub(super) fn succeed(&mut self, head: Head, body: Bytes) -> Next {
        let (head, body) = match self.remember(head, body) {
            Ok(answer) => answer,
            Err(error) => return Next::Fail(error),
        };
        self.settle_budget();
        Next::Done(self.raw(head, body))
    }

    /// A success, which pays back what its last attempt has cost.
    pub(super) fn settle_budget(&mut self) {
        let budget = self.request.core.budget();
        if self.made == 1 {
            budget.success();
        }
        if let Some(spent) = self.spent.take() {
            budget.refund(spent);
        }
    }

    pub(super) fn raw(&self, head: Head, body: Bytes) -> Raw {
        Raw {
            status: head.status,
            headers: head.headers,
            body,
            attempts: self.made,
            waited: self.waited,
            key: self.extra.key.clone(),
            rest: None,
        }
    }

    /// Before an attempt: whether it may still be made. A key that the server has forgotten makes a second request of
    /// what was to be a repetition.
    pub(super) fn check_key(&mut self, now: Moment) -> Result<(), Error> {
        if !matches!(self.operation.effect, Effect::Keyed(_)) {
            return Ok(());
        }
        self.key_since.get_or_insert(now);
        if !self.lost || self.key_until().is_none_or(|until| now < until) {
            return Ok(());
        }
        let text = "the API may have forgotten the key of the first attempt";
        let error = self.last.take();
        let error = error.unwrap_or_else(|| self.error(Kind::Ambiguous, text));
        Err(self.ambiguous(error))
    }

    fn key_until(&self) -> Option<Moment> {
        match self.operation.effect {
            Effect::Keyed(key) => Some(self.key_since? + key.within?),
            Effect::Read | Effect::Idempotent | Effect::Once => None,
        }
    }

    /// What an answer that is neither a success nor a refusal is to this call.
    fn evidence(&mut self, error: &Error, status: u16, body: &Bytes) -> Evidence {
        if let Effect::Keyed(key) = self.operation.effect {
            if status == 500 && !body.is_empty() {
                let saved = self.saved.replace(body.clone());
                if saved.is_some_and(|saved| saved == *body) {
                    return Evidence::Kept;
                }
            }
            if let Some(replay) = key.replay.filter(|replay| replay.status == status) {
                return Evidence::Replayed(replay.means);
            }
        }
        if error.is_stale() {
            return Evidence::Stale;
        }
        Evidence::Answer {
            status,
            success: false,
        }
    }

    /// A whole answer that is no success.
    pub(super) fn answered(&mut self, head: &Head, body: &Bytes, now: Moment) -> Next {
        if let Some(next) = self.redirected(head) {
            return next;
        }
        let core = &self.request.core;
        let status = head.status.as_u16();
        let is_ours = self.request.fetch.is_none();
        let is_auth = status == 401 && is_ours;
        let mut error = self.error(if is_auth { Kind::Auth } else { Kind::Api }, "");
        error.inner_mut().status = Some(head.status);
        error.inner_mut().request_id = core.request_id(&head.headers);
        // A storage repeats the URL in its errors, which is a secret.
        if is_ours {
            error.read_body(hidden::hide(self.request, core.scrub().bytes(body.clone())));
        }
        let times = Times::of(&head.headers, core.clock().wall());
        let refusal = self
            .operation
            .api
            .refusal
            .filter(|refusal| is_refusal(refusal, head, &error));
        let Some(refusal) = refusal else {
            let hint = after::retry_after(&head.headers, times);
            let evidence = self.evidence(&error, status, body);
            return self.judge(error, evidence, hint, now);
        };
        self.refused(error, refusal, head, body, now)
    }

    /// A refusal: the gate is shut in any case, and the call waits for it or fails.
    fn refused(
        &mut self,
        mut error: Error,
        refusal: &Refusal,
        head: &Head,
        body: &Bytes,
        now: Moment,
    ) -> Next {
        let core = &self.request.core;
        let times = Times::of(&head.headers, core.clock().wall());
        error.inner_mut().kind = Kind::Refused;
        let scalars = Scalars::new(body);
        let asked = after::wait(refusal.wait, &head.headers, &|at| scalars.at(at), times);
        let before = self.refusals.waited();
        let claims = &self.demand.charges;
        let window = claims
            .iter()
            .filter_map(|claim| Some(claim.window?.1))
            .max();
        let pause = self.refusals.decide(asked.hint, window, self.max_wait);
        let keys = learn::refused(
            self.operation.limit,
            claims,
            &head.headers,
            &|at| scalars.at(at),
            times,
            head.at,
        );
        let held = match refusal.hold {
            Hold::Bucket if !keys.is_empty() => Held::Buckets(&keys),
            Hold::Bucket | Hold::Client => Held::Client(core.id()),
        };
        let opens = core.limits().hold(held, now, pause.hold, core.fraction());
        error.inner_mut().retry_at = core.clock().wall().checked_add(opens - now);
        self.refused = Some(opens - now);
        let evidence = Evidence::Refused {
            processed: refusal.processed,
        };
        if !pause.again {
            let (phase, decision) = self.verdict(evidence, Hint::OverCap, now);
            error.inner_mut().phase = phase;
            let is_ambiguous = decision == Decision::Ambiguous;
            return Next::Fail(if is_ambiguous {
                self.ambiguous(error)
            } else {
                self.told(error)
            });
        }
        // The gate opens a little later than was asked, and that is no reason to fail.
        self.gate_wait = self.max_wait.saturating_sub(before).max(opens - now);
        self.judge(error, evidence, Hint::Missing, now)
    }

    /// No whole answer came.
    pub(super) fn lost(
        &mut self,
        head: Option<&Head>,
        error: Option<TransportError>,
        now: Moment,
    ) -> Next {
        let is_over = self.deadline.is_some_and(|deadline| now >= deadline);
        let (kind, evidence) = match &error {
            Some(error) if error.phase() == Phase::NotSent => (Kind::Connect, Evidence::NotSent),
            Some(error) => (
                match error.kind() {
                    Failure::Timeout => Kind::Timeout,
                    Failure::TooLarge => Kind::TooLarge,
                    Failure::Stalled => Kind::Stalled,
                    Failure::Unreadable => Kind::File,
                    _ => Kind::Truncated,
                },
                Evidence::Lost,
            ),
            None if is_over => (Kind::Deadline, Evidence::Lost),
            None => (Kind::Timeout, Evidence::Lost),
        };
        let text = match &error {
            // A transport of the application's might name the URL, which is a secret.
            Some(_) if self.request.fetch.is_some() => "it could not be reached".to_owned(),
            Some(error) => self.request.core.scrub().text(error.text()),
            None if is_over => "the deadline is over".to_owned(),
            None => "no answer within the timeout".to_owned(),
        };
        let mut failed = self.error(kind, &text);
        let inner = failed.inner_mut();
        inner.status = head.map(|head| head.status);
        inner.request_id = head.and_then(|head| self.request.core.request_id(&head.headers));
        inner.source = error.map(|error| error.with_text(&text));
        // A success whose body was lost has happened, whatever becomes of the call.
        self.lost |= head.is_some();
        self.is_unreadable |= kind == Kind::File;
        self.judge(failed, evidence, Hint::Missing, now)
    }

    /// A success whose body is not read.
    pub(super) fn unread(&mut self, head: &Head, kind: Kind, why: &str, now: Moment) -> Next {
        let mut error = self.error(kind, why);
        let inner = error.inner_mut();
        inner.status = Some(head.status);
        inner.request_id = self.request.core.request_id(&head.headers);
        error.inner_mut().phase = self.verdict(Evidence::Malformed, Hint::Missing, now).0;
        self.lost = true;
        Next::Fail(self.told(error))
    }

    /// A redirect, unless the description calls it a success: followed for reads within the origin, else an error.
    fn redirected(&mut self, head: &Head) -> Option<Next> {
        let status = head.status.as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let is_read = self.operation.effect == Effect::Read
            && matches!(self.operation.verb, Verb::Get | Verb::Head);
        let place = head
            .headers
            .get(LOCATION)
            .and_then(|place| place.to_str().ok());
        let place = place.and_then(|place| match &self.request.fetch {
            None => self.request.core.origin().within(place),
            Some(fetch) => fetch.redirected(&self.uri, place),
        });
        let why = match place {
            Some(uri) if is_read && self.hops < MOST_HOPS => {
                self.hops += 1;
                self.tries -= 1;
                self.uri = uri;
                return Some(Next::Again);
            }
            _ if !is_read => "a redirect of a write is never followed",
            Some(_) => "it redirects again and again",
            None => "it redirects to another origin, or nowhere",
        };
        let mut error = self.error(Kind::Redirected, why);
        let inner = error.inner_mut();
        inner.status = Some(head.status);
        inner.phase = Phase::Final;
        inner.request_id = self.request.core.request_id(&head.headers);
        // These may follow upon a write that was carried out (RFC 9110 §15.4.4).
        self.lost |= matches!(status, 301..=303);
        Some(Next::Fail(self.told(error)))
    }

    /// Applies the decision about an attempt that failed.
    fn judge(&mut self, mut error: Error, evidence: Evidence, hint: Hint, now: Moment) -> Next {
        let (phase, decision) = self.verdict(evidence, hint, now);
        error.inner_mut().phase = phase;
        self.lost |= phase == Phase::Unknown;
        match decision {
            Decision::Again { delay, spent } => {
                self.spent = Some(spent);
                self.elapsed += delay;
                self.not_before = Some(now + delay);
                self.last = Some(self.told(error));
                Next::Again
            }
            Decision::Refused => {
                self.tries -= 1;
                self.last = Some(self.told(error));
                Next::Again
            }
            // With several successes nobody knows which it was.
            Decision::AlreadyGone | Decision::AlreadyDone
                if !self.operation.reads_body && self.operation.success.len() < 2 =>
            {
                let status = error.inner_mut().status.unwrap_or(StatusCode::OK);
                let headers = HeaderMap::new();
                let at = now;
                self.succeed(
                    Head {
                        status,
                        headers,
                        at,
                    },
                    Bytes::new(),
                )
            }
            Decision::AlreadyDone => {
                error.inner_mut().kind = Kind::AlreadyProcessed;
                Next::Fail(self.told(error))
            }
            Decision::Refresh => {
                let (api, stamp) = (self.operation.api, self.stamp.take());
                if let Some(stamp) = stamp {
                    self.request
                        .core
                        .credentials()
                        .rejected(api, self.signers, stamp);
                }
                self.refreshed = true;
                self.tries -= 1;
                self.last = Some(self.told(error));
                Next::Again
            }
            Decision::Ambiguous | Decision::Fail if self.is_begun(phase) => {
                let text = &mut error.inner_mut().text;
                text.push_str(if text.is_empty() { "" } else { "; " });
                text.push_str("its body was a stream, which is not sent again once it was begun");
                Next::Fail(match decision {
                    Decision::Ambiguous => self.ambiguous(error),
                    _ => self.told(error),
                })
            }
            Decision::Ambiguous => Next::Fail(self.ambiguous(error)),
            Decision::Fail | Decision::Done | Decision::AlreadyGone => Next::Fail(self.told(error)),
        }
    }

    fn verdict(&self, evidence: Evidence, hint: Hint, now: Moment) -> (Phase, Decision) {
        let core = &self.request.core;
        let retry = self.retry();
        let facts = Facts {
            effect: self.operation.effect,
            verb: self.operation.verb,
            evidence,
            retry: retry.as_ref(),
            attempts: self.tries,
            lost_before: self.lost,
            key_until: self.key_until(),
            key_is_given: self.extra.is_given,
            may_refresh: !self.refreshed
                && core
                    .credentials()
                    .may_refresh(self.operation.api, self.signers),
            replayable: self.is_replayable(),
            elapsed: self.elapsed,
            now,
            deadline: self.deadline,
            hint,
            fraction: core.fraction(),
        };
        let verdict = classify(&facts, core.budget());
        (verdict.phase, verdict.decision)
    }

    /// The body is there for another attempt.
    fn is_replayable(&self) -> bool {
        let outgoing = self.request.outgoing.as_ref();
        !self.is_unreadable && outgoing.is_none_or(|outgoing| outgoing.is_replayable())
    }

    /// It is the body that keeps the call from being sent again.
    fn is_begun(&self, phase: Phase) -> bool {
        phase != Phase::Final && !self.is_unreadable && !self.is_replayable()
    }

    /// The error of a call that is not sent again. A write with a key that was lost before is in doubt, whatever it is
    /// that keeps it from being sent.
    pub(super) fn unsent(&self, mut error: Error) -> Error {
        if self.lost && matches!(self.operation.effect, Effect::Keyed(_)) {
            error.inner_mut().kind = Kind::Ambiguous;
        }
        self.told(error)
    }

    fn ambiguous(&mut self, mut error: Error) -> Error {
        self.lost = true;
        error.inner_mut().kind = Kind::Ambiguous;
        self.told(error)
    }
}

fn is_refusal(refusal: &Refusal, head: &Head, error: &Error) -> bool {
    let header = |(name, value): (&str, &str)| {
        head.headers
            .get(name)
            .is_some_and(|found| found.as_bytes() == value.as_bytes())
    };
    refusal.statuses.contains(&head.status.as_u16())
        && (refusal.codes.is_empty()
            || error
                .code()
                .is_some_and(|code| refusal.codes.contains(&code)))
        && refusal.headers.iter().all(|pair| header(*pair))
}

/// How long the body is, as its head says.
pub(super) fn length_of(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Numbers and texts in a body, which is parsed when the first is asked for.
pub(super) struct Scalars<'a> {
    body: &'a Bytes,
    json: OnceCell<serde_json::Value>,
}

impl<'a> Scalars<'a> {
    pub(super) fn new(body: &'a Bytes) -> Scalars<'a> {
        Scalars {
            body,
            json: OnceCell::new(),
        }
    }

    pub(super) fn at(&self, pointer: &[&str]) -> Option<String> {
        let json = self
            .json
            .get_or_init(|| serde_json::from_slice(self.body).unwrap_or_default());
        match pointer
            .iter()
            .try_fold(json, |value, key| value.get(*key))?
        {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}
