//! What happens to a request, told to an application's own function while it happens.
//!
//! An event names the route by its template and nothing that a caller or a server has said: no path, no query, no
//! header, no body. Only the error of a request that has failed repeats the API's own messages, on one line and without
//! our secrets, as errors do. A hook must be quick, since the request waits for it; its panic is caught and changes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::operation::Operation;
use crate::retry::Phase;

/// The request that an event belongs to. All of it is constant for a client, except for the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct About<'a> {
    /// The name of the API: `users`.
    pub api: &'static str,
    /// The name of the operation: `users.get`.
    pub operation: &'static str,
    /// The route: `/users/{user_id}`.
    pub template: &'static str,
    /// The verb: `GET`.
    pub verb: &'static str,
    /// The host that the client talks to.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// How many attempts have been begun, the present one included.
    pub attempt: u32,
}

/// Something that happens to a request.
///
/// Each request has one [`RequestStarted`](Event::RequestStarted) and one [`RequestEnded`](Event::RequestEnded), also
/// when it is dropped half way.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call was polled for the first time and can be sent.
    #[non_exhaustive]
    RequestStarted {
        /// The request.
        about: About<'a>,
    },
    /// An attempt is handed to the transport.
    #[non_exhaustive]
    AttemptStarted {
        /// The request.
        about: About<'a>,
    },
    /// An attempt has ended. One that is dropped half way does not end.
    #[non_exhaustive]
    AttemptEnded {
        /// The request.
        about: About<'a>,
        /// The status of the answer, if one came.
        status: Option<u16>,
        /// How far it got; `None`: it was a success.
        phase: Option<Phase>,
        /// The kind of the failure, as OpenTelemetry's `error.type` has it: a status or one of a few words.
        error_type: Option<&'a str>,
        /// From handing it over to the end of the answer's body.
        duration: Duration,
    },
    /// The request waits.
    #[non_exhaustive]
    WaitStarted {
        /// The request.
        about: About<'a>,
        /// For what.
        reason: Waiting,
    },
    /// The wait is over, one way or another. That of a call that is dropped does not end.
    #[non_exhaustive]
    WaitEnded {
        /// The request.
        about: About<'a>,
        /// What it waited for.
        reason: Waiting,
        /// How long it has waited.
        duration: Duration,
    },
    /// An attempt has failed and there will be another one.
    #[non_exhaustive]
    Retried {
        /// The request.
        about: About<'a>,
        /// The backoff before it.
        delay: Duration,
    },
    /// The API has refused the request because of its limits.
    #[non_exhaustive]
    Refused {
        /// The request.
        about: About<'a>,
        /// How long nothing is sent that the refusal concerns.
        hold: Duration,
    },
    /// An answer that is no refusal has asked for a pause.
    #[non_exhaustive]
    Paused {
        /// The request.
        about: About<'a>,
        /// How long nothing is sent that shares a quota with the request.
        hold: Duration,
    },
    /// An answer has told a wait that makes no sense, and it was ignored.
    #[non_exhaustive]
    HintIgnored {
        /// The request.
        about: About<'a>,
        /// How many of them.
        count: u32,
    },
    /// The request has waited for a credential to be renewed.
    #[non_exhaustive]
    CredentialReady {
        /// The request.
        about: About<'a>,
        /// Whether it can be used now.
        ok: bool,
    },
    /// Nearly all attempts of this client fail: for so long, calls fail at once.
    #[non_exhaustive]
    BreakerOpened {
        /// The request that failed last.
        about: About<'a>,
        /// Until a probe may be sent.
        length: Duration,
    },
    /// The probe has found the API well.
    #[non_exhaustive]
    BreakerClosed {
        /// The request that was the probe.
        about: About<'a>,
    },
    /// The request has ended.
    #[non_exhaustive]
    RequestEnded {
        /// The request.
        about: About<'a>,
        /// What came of it. That the answer fits its type is found out later.
        outcome: Outcome<'a>,
        /// From its start.
        duration: Duration,
        /// The part of it that was spent waiting for quota, refusals and backoffs.
        waited: Duration,
    },
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Waiting {
    /// For the delay before another attempt.
    Backoff,
    /// For a slot of a quota, or for those who came before.
    Quota,
    /// For the end of a pause that the API asked for.
    Gate,
    /// For one of the requests on their way to end.
    Concurrency,
    /// For a credential.
    Credential,
}

impl Waiting {
    /// A word for it: `backoff`, `quota`, `gate`, `concurrency`, `credential`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Waiting::Backoff => "backoff",
            Waiting::Quota => "quota",
            Waiting::Gate => "gate",
            Waiting::Concurrency => "concurrency",
            Waiting::Credential => "credential",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// With an answer that is a success.
    #[non_exhaustive]
    Done {
        /// Its status.
        status: u16,
    },
    /// With an error.
    #[non_exhaustive]
    Failed {
        /// The error that the call gives.
        error: &'a Error,
    },
    /// The caller has dropped it.
    Dropped,
}

impl<'a> Event<'a> {
    /// The request that it belongs to.
    #[must_use]
    pub fn about(&self) -> &About<'a> {
        match self {
            Event::RequestStarted { about }
            | Event::AttemptStarted { about }
            | Event::AttemptEnded { about, .. }
            | Event::WaitStarted { about, .. }
            | Event::WaitEnded { about, .. }
            | Event::Retried { about, .. }
            | Event::Refused { about, .. }
            | Event::Paused { about, .. }
            | Event::HintIgnored { about, .. }
            | Event::CredentialReady { about, .. }
            | Event::BreakerOpened { about, .. }
            | Event::BreakerClosed { about }
            | Event::RequestEnded { about, .. } => about,
        }
    }
}

type Listener = dyn Fn(&Event<'_>) + Send + Sync;

/// Who is told, if anyone.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Arc<Listener>>);

impl Hook {
    pub(crate) fn new(hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Hook {
        Hook(Some(Arc::new(hook)))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Tells what happens. No lock of ours is held meanwhile, and nothing of ours is half done, so that a panic of the
    /// hook leaves everything as it is.
    pub(crate) fn tell<'a>(&self, event: impl FnOnce() -> Event<'a>) {
        if let Some(hook) = &self.0 {
            let event = event();
            if catch_unwind(AssertUnwindSafe(|| hook(&event))).is_err() {
                tracing::error!("a hook for events has panicked");
            }
        }
    }
}

impl<'a> About<'a> {
    pub(crate) fn new(
        operation: &'static Operation,
        (host, port): (&'a str, u16),
        attempt: u32,
    ) -> About<'a> {
        About {
            api: operation.api.name,
            operation: operation.name,
            template: operation.path,
            verb: operation.verb.as_str(),
            host,
            port,
            attempt,
        }
    }
}
