//! Polls: a read is asked again and again until its answer says that something is done.
//!
//! Each question is a whole call with its quota, its retries and its waits. What is done, what has failed and how long
//! it is worth asking stands in the operation's table. Nobody is asked sooner than an answer wants it.

use std::sync::Arc;
use std::time::Duration;

use super::reconcile::{is_for_all, keys, placeholders};
use super::{ended, misfit, start};
use crate::clock::Moment;
use crate::decode::{self, Misfit, clip};
use crate::error::{Error, Kind, Result};
use crate::operation::{Operation, PollUntil};
use crate::request::Request;
use crate::response::Raw;
use crate::retry::{Hint, Times, after};
use crate::transport::BoxFuture;
use crate::value::Json;

/// Asks until it is done, and gives the last question with its answer.
pub(crate) fn poll(request: Arc<Request>) -> BoxFuture<'static, Result<(Arc<Request>, Raw)>> {
    Box::pin(async move {
        let Some(poll) = request.operation.poll else {
            let raw = start(Arc::clone(&request)).await?;
            return Ok((request, raw));
        };
        let now = || request.core.clock().now();
        let deadline = request.options.deadline.map(|time| now() + time);
        let Some(read) = poll.call else {
            let until = now() + poll.max;
            return Asking::new(Arc::clone(&request), poll, until, deadline)
                .run(None)
                .await;
        };
        let made = start(Arc::clone(&request)).await?;
        let until = now() + poll.max;
        let ended = match question(&request, read, poll, &made) {
            Ok(asked) => {
                let asking = Asking::new(Arc::new(asked), poll, until, deadline);
                asking.run(Some(&made)).await
            }
            Err(error) => Err(misfit(&request, &made, &error)),
        };
        ended.map_err(|mut error| {
            // What is polled has been made, whatever becomes of the questions.
            error.inner_mut().happened = true;
            error
        })
    })
}

/// The read of what a call has made: keys from the answer, and otherwise those of the call's own path.
fn question(
    request: &Request,
    read: &'static Operation,
    poll: &PollUntil,
    made: &Raw,
) -> Result<Request, Misfit> {
    let text = decode::text(&made.body)?;
    let mut known = Vec::with_capacity(poll.keys.len());
    for (name, at) in poll.keys {
        let value = decode::value_at(text, at, decode::read::<Json>)?;
        let value = word(&value).ok_or_else(|| Misfit::missing(at))?;
        known.push((*name, value));
    }
    let unknown = || Misfit::whole("it does not say what was made");
    let own = keys(request).ok_or_else(unknown)?;
    let mut asked = Request::new(&request.core, read);
    for name in placeholders(read.path) {
        let mut all = known.iter().chain(&own);
        let found = all.find(|(known, _)| *known == name);
        asked = asked.key(&found.ok_or_else(unknown)?.1);
    }
    let headers = request.headers.iter().filter(is_for_all(request));
    asked.headers.extend(headers.cloned());
    asked.options = request.options;
    Ok(asked)
}

/// A text, a number or a truth, as it is compared and sent.
fn word(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// One question, and how long it is asked.
struct Asking {
    request: Arc<Request>,
    poll: &'static PollUntil,
    until: Moment,
    deadline: Option<Moment>,
    attempts: u32,
    waited: Duration,
}

impl Asking {
    fn new(
        request: Arc<Request>,
        poll: &'static PollUntil,
        until: Moment,
        deadline: Option<Moment>,
    ) -> Asking {
        Asking {
            request,
            poll,
            until,
            deadline,
            attempts: 0,
            waited: Duration::ZERO,
        }
    }

    /// `made` is the answer to the call that began it: nobody is asked in the same moment.
    async fn run(mut self, made: Option<&Raw>) -> Result<(Arc<Request>, Raw)> {
        if let Some(made) = made {
            self.attempts = made.attempts;
            self.waited = made.waited;
            self.wait(made, "it has just been made").await?;
        }
        loop {
            let clock = Arc::clone(self.request.core.clock());
            if let Some(deadline) = self.deadline {
                Arc::make_mut(&mut self.request).options.deadline = Some(deadline - clock.now());
            }
            let mut raw = match start(Arc::clone(&self.request)).await {
                Ok(raw) => raw,
                Err(error) => return Err(self.told(error)),
            };
            self.attempts = self.attempts.saturating_add(raw.attempts);
            self.waited = self.waited.saturating_add(raw.waited);
            (raw.attempts, raw.waited) = (self.attempts, self.waited);
            let state = decode::text(&raw.body)
                .and_then(|text| decode::value_at(text, self.poll.at, decode::read::<Json>))
                .map_err(|error| misfit(&self.request, &raw, &error))?;
            let state = word(&state).unwrap_or_default();
            if self.poll.until.contains(&&*state) {
                return Ok((self.request, raw));
            }
            let state = clip(&state, 100);
            if self.poll.fail.contains(&state) {
                let text = format!("it is `{state}`");
                return Err(ended(&self.request, &raw, Kind::JobFailed, &text));
            }
            self.wait(&raw, &format!("it is `{state}`")).await?;
        }
    }

    /// Waits until the next question: as long as the table says, and longer where the answer asks for it
    /// (RFC 9110 §10.2.3).
    async fn wait(&mut self, last: &Raw, state: &str) -> Result<()> {
        let clock = Arc::clone(self.request.core.clock());
        let wall = clock.wall();
        let hint = after::retry_after(&last.headers, Times::of(&last.headers, wall));
        let next = match hint {
            Hint::After(asked) => clock.now() + self.poll.every.max(asked),
            Hint::OverCap => Moment::NEVER,
            Hint::Invalid | Hint::Missing => clock.now() + self.poll.every,
        };
        if next > self.until {
            let text = format!(
                "{state} after {:?}, which is as long as is waited for it",
                self.poll.max
            );
            let mut error = ended(&self.request, last, Kind::StillRunning, &text);
            let inner = error.inner_mut();
            (inner.attempts, inner.waited) = (self.attempts, self.waited);
            inner.retry_at = wall.checked_add(next - clock.now());
            return Err(error);
        }
        if self.deadline.is_some_and(|deadline| next > deadline) {
            let error = Error::of(self.request.operation, Kind::Deadline, state);
            return Err(self.told(error));
        }
        let began = clock.now();
        clock.sleep(next).await;
        self.waited = self.waited.saturating_add(clock.now() - began);
        Ok(())
    }

    /// Counts the questions before the one that has failed.
    fn told(&self, mut error: Error) -> Error {
        let inner = error.inner_mut();
        inner.attempts = inner.attempts.saturating_add(self.attempts);
        inner.waited = inner.waited.saturating_add(self.waited);
        error
    }
}
