//! Mocks: a real client whose server is a value with one function for each operation.
//!
//! What a function answers is written as the API would send it, so that the whole pipeline takes part: limits, retries,
//! pages, errors, decoding. All of it runs in virtual time. A function that was not written answers an error that names
//! it. Must not soften any policy, and knows no API by name.

mod answer;
mod asked;
mod error;
mod macros;
mod node;
mod page;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::Thread;

use http::{Request, Response};

use super::scenario::{credential_of, is_for_a_token, token, value_of_variable};
use super::{RecordedRequest, Script, ScriptReply, VirtualClock};
use crate::client::Builder;
use crate::clock::{Clock as _, Spawn, TokioSpawn};
use crate::follow::FETCH;
use crate::operation::{Api, Operation};
use crate::transport::{Body, BoxFuture, Failure, Payload, Transport, TransportError};

pub use answer::{Outcome, Told};
pub use asked::Asked;
pub use error::{MockError, described};

/// What a function of a mock answers.
pub type Answer<T> = Result<T, MockError>;

/// Which function answers an operation; for `mock!`.
#[doc(hidden)]
pub struct Route<M> {
    pub operation: &'static Operation,
    /// Where the value stands in the body that is sent.
    pub within: &'static [&'static str],
    pub answer: fn(&M, &Asked<'_>) -> Told,
}

/// A server made of functions.
struct Mocked<M> {
    api: &'static Api,
    mock: M,
    routes: Vec<(Route<M>, AtomicUsize)>,
    clock: VirtualClock,
}

impl<M> Mocked<M> {
    fn reply(&self, operation: &'static Operation, request: &RecordedRequest) -> ScriptReply {
        let mut routes = self.routes.iter();
        let found = routes.find(|(route, _)| std::ptr::eq(route.operation, operation));
        let Some((route, asked)) = found else {
            let asked = Asked::new(operation, request, &[], 0);
            return asked.unmocked::<()>().map_or_else(
                |error| error.reply_as(self.api),
                |()| ScriptReply::empty(200),
            );
        };
        let before = asked.fetch_add(1, Ordering::Relaxed);
        let asked = Asked::new(operation, request, route.within, before);
        match (route.answer)(&self.mock, &asked) {
            Ok(reply) => reply,
            Err(error) => error.reply_as(self.api),
        }
    }
}

/// The transport of a mock.
struct Mocks<M>(Arc<Mocked<M>>);

impl<M: Send + Sync + 'static> Mocks<M> {
    fn answer(
        &self,
        request: Request<Payload>,
        reply: impl FnOnce(&Mocked<M>, &RecordedRequest) -> ScriptReply + Send + 'static,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        let mocked = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body
                .whole()
                .await
                .map_err(|_| TransportError::unknown(Failure::Unreadable, "the body broke off"))?;
            let recorded = RecordedRequest {
                method: parts.method.clone(),
                uri: parts.uri.clone(),
                headers: parts.headers.clone(),
                body: body.clone(),
                arrived: mocked.clock.now(),
                applied: false,
            };
            // A script of one reply knows how answers look that are late, cut or lost.
            let script = Script::new(mocked.clock.clone());
            script.reply(reply(&mocked, &recorded));
            script
                .send(Request::from_parts(parts, Payload::from(body)))
                .await
        })
    }
}

impl<M: Send + Sync + 'static> Transport for Mocks<M> {
    /// What belongs to no operation asks for a token.
    fn send(
        &self,
        request: Request<Payload>,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        self.answer(request, |mocked, request| {
            if is_for_a_token(mocked.api, request) {
                token()
            } else {
                ScriptReply::text(404, "the mock knows no such request")
            }
        })
    }

    fn send_for(
        &self,
        operation: &'static Operation,
        request: Request<Payload>,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        self.answer(request, move |mocked, request| {
            mocked.reply(operation, request)
        })
    }
}

/// Runs what outlives a call at once, as far as it comes, and the rest in tokio or in a thread: a test of an application
/// need not know that there is such a thing.
struct Beside;

impl Spawn for Beside {
    fn spawn(&self, mut task: BoxFuture<'static, ()>) {
        let cx = &mut Context::from_waker(Waker::noop());
        if task.as_mut().poll(cx).is_ready() {
            return;
        }
        if tokio::runtime::Handle::try_current().is_ok() {
            return TokioSpawn.spawn(task);
        }
        std::thread::spawn(move || {
            let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
            let cx = &mut Context::from_waker(&waker);
            while task.as_mut().poll(cx).is_pending() {
                std::thread::park();
            }
        });
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Builder {
    /// Talks to a mock, in virtual time, with a credential of its own where none was given; for `mock!`.
    #[doc(hidden)]
    pub fn mock<M: Send + Sync + 'static>(&mut self, mock: M, routes: Vec<Route<M>>) {
        let api = self.api();
        let clock = VirtualClock::new();
        for credential in api.credentials {
            if !self.has_credential(credential) {
                self.credential(credential, credential_of(credential));
            }
        }
        for (name, default) in api.vars {
            if default.is_none() && !self.has_var(name) {
                self.var(name, value_of_variable());
            }
        }
        self.seed(7);
        self.clock(clock.clone());
        self.spawn(Beside);
        let routes = routes.into_iter().map(|route| (route, AtomicUsize::new(0)));
        self.transport(Mocks(Arc::new(Mocked {
            api,
            mock,
            routes: routes.collect(),
            clock,
        })));
    }
}

/// The operation of what a temporary URL in an answer leads to; for `mock!`.
#[doc(hidden)]
#[must_use]
pub fn followed() -> &'static Operation {
    &FETCH
}

impl<M> fmt::Debug for Mocks<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mocks")
            .field("api", &self.0.api.name)
            .finish_non_exhaustive()
    }
}
