//! A credential that is renewed while the client lives: the task that renews it, and the callers who wait.
//!
//! The task belongs to no caller, so nobody's cancellation stops it; whatever becomes of it, those who wait are told.
//! It takes no quota, no permit and no place in line.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::HeaderValue;
use secrecy::SecretString;
use tracing::Instrument as _;

use super::fault::Fault;
use super::sign::{Signer, spellings};
use super::slot::{Entry, Fresh, Reason, Slot};
use crate::clock::{BoxFuture, Clock, Moment, Spawn};
use crate::error::{Result, Scrub};
use crate::operation::Credential;
use crate::transport::Transport;

/// What credentials need of their client.
#[derive(Clone)]
#[cfg_attr(
    not(feature = "oauth2"),
    allow(dead_code, reason = "only OAuth 2 clients send requests of their own")
)]
pub(crate) struct AuthContext {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawn: Arc<dyn Spawn>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) scrub: Arc<Scrub>,
}

/// A value as its source gave it; it was not checked.
pub(super) struct Renewed {
    pub(super) value: SecretString,
    pub(super) from: Moment,
    pub(super) lifetime: Option<Duration>,
}

/// Where new values come from.
pub(super) trait Renew: Send + Sync + 'static {
    fn renew(self: Arc<Self>, reason: Reason) -> BoxFuture<'static, Result<Renewed, Fault>>;

    /// The same for all values of this source, and different from others'.
    fn fingerprint(&self) -> u64;
}

pub(super) struct Session {
    credential: &'static Credential,
    slot: Slot<Signer>,
    source: Arc<dyn Renew>,
    context: AuthContext,
}

impl Session {
    pub(super) fn new(
        credential: &'static Credential,
        source: Arc<dyn Renew>,
        context: AuthContext,
    ) -> Arc<Session> {
        Arc::new(Session {
            credential,
            slot: Slot::new(),
            source,
            context,
        })
    }

    pub(super) fn fingerprint(&self) -> u64 {
        self.source.fingerprint()
    }

    /// What signs now and its generation; `None`: [`ready`](Session::ready) has to be asked.
    pub(super) fn signer(&self, now: Moment) -> Option<(Arc<Signer>, u64)> {
        self.slot.good(now)
    }

    pub(super) fn reject(&self, generation: u64) {
        self.slot.reject(generation, self.context.clock.now());
    }

    /// `None` when it can sign at once; else what to wait for. A renewal begins here and not when the wait is polled.
    pub(super) fn ready(self: &Arc<Session>, now: Moment) -> Option<Waiting> {
        let state = match self.slot.enter(now) {
            Entry::Good => return None,
            Entry::Failed(fault) => State::Failed(Some(fault)),
            Entry::Waits(flight) => State::Waits(flight, None),
            Entry::Begins(flight, reason) => {
                self.begin(reason);
                State::Waits(flight, None)
            }
        };
        Some(Waiting {
            session: Arc::clone(self),
            state,
        })
    }

    fn begin(self: &Arc<Session>, reason: Reason) {
        let landing = Landing(Some(Arc::clone(self)));
        let session = Arc::clone(self);
        let span = tracing::debug_span!("renew", credential = self.credential.name);
        let task = async move {
            let source = Arc::clone(&session.source);
            let renewal = async move { source.renew(reason).await };
            let renewed = Caught(Box::pin(renewal)).await;
            landing.land(renewed.and_then(|renewed| session.accept(&renewed)));
        };
        self.context.spawn.spawn(Box::pin(task.instrument(span)));
    }

    /// Checks a new value and makes it sign. Errors know it before any request bears it.
    fn accept(&self, renewed: &Renewed) -> Result<Fresh<Signer>, Fault> {
        if let Some(fault) = super::source::fault_of(&renewed.value) {
            return Err(Fault::new(format!("what was issued {fault}")));
        }
        let signer = Signer::new(self.credential, &renewed.value)
            .map_err(|_| Fault::new("what was issued cannot sign"))?;
        let mut all = spellings(&renewed.value);
        all.extend_from_slice(signer.spellings());
        self.context.scrub.learn(all);
        Ok(Fresh {
            value: signer,
            from: renewed.from,
            lifetime: renewed.lifetime,
        })
    }
}

/// The duty to end a renewal. Dropped with its task, it tells those who wait.
struct Landing(Option<Arc<Session>>);

impl Landing {
    fn land(mut self, result: Result<Fresh<Signer>, Fault>) {
        self.end(result);
    }

    fn end(&mut self, result: Result<Fresh<Signer>, Fault>) {
        if let Some(session) = self.0.take() {
            session.slot.land(result, session.context.clock.now());
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let text = "its renewal was given up; it needs a runtime that goes on running";
        self.end(Err(Fault::new(text)));
    }
}

/// A renewal whose panic is a fault. What the panic said is not repeated: it may name a secret.
struct Caught(BoxFuture<'static, Result<Renewed, Fault>>);

impl Future for Caught {
    type Output = Result<Renewed, Fault>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let renewal = self.0.as_mut();
        catch_unwind(AssertUnwindSafe(|| renewal.poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(Err(Fault::new("its renewal panicked"))))
    }
}

/// A caller who waits for a renewal.
pub(super) struct Waiting {
    session: Arc<Session>,
    state: State,
}

enum State {
    Failed(Option<Fault>),
    Waits(u64, Option<u64>),
}

impl Future for Waiting {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Waiting { session, state } = self.get_mut();
        let result = match state {
            State::Failed(fault) => {
                Err(fault.take().expect("a future is not polled after its end"))
            }
            State::Waits(flight, place) => {
                std::task::ready!(session.slot.poll_landed(*flight, place, cx))
            }
        };
        Poll::Ready(result.map_err(|fault| fault.error(session.credential)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let State::Waits(_, Some(place)) = self.state {
            self.session.slot.leave(place);
        }
    }
}
