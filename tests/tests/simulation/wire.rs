//! The wire between a client and a scripted server: each request takes a random time to arrive, each answer a random
//! time to come back.
//!
//! A request that is given up on its way arrives all the same, as it would at a real server, and its arrival is
//! counted. Failures before the server are injected here; the script knows nothing of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use runtime::clock::{Clock, Moment};
use runtime::testing::{Script, VirtualClock};
use runtime::transport::{Body, BoxFuture, Failure, Payload, Transport, TransportError};

/// How long a request and its answer are on their way together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Latency {
    None,
    Constant(Duration),
    /// Anything up to this.
    Uniform(Duration),
    /// One in ten takes the whole, the others a tenth.
    Bimodal(Duration),
}

impl Latency {
    /// One of the models, with round trips of at most `longest`.
    pub(crate) fn any(rng: &mut fastrand::Rng, longest: Duration) -> Latency {
        let length = longest.mul_f64(rng.f64());
        match rng.u8(0..4) {
            0 => Latency::Constant(length),
            1 => Latency::Uniform(length),
            2 => Latency::Bimodal(length),
            _ => Latency::Uniform(longest),
        }
    }

    /// The way there and the way back.
    fn draw(self, rng: &mut fastrand::Rng) -> (Duration, Duration) {
        let whole = match self {
            Latency::None => return (Duration::ZERO, Duration::ZERO),
            Latency::Constant(length) => length,
            Latency::Uniform(length) => length.mul_f64(rng.f64()),
            Latency::Bimodal(length) => length / if rng.u8(0..10) == 0 { 1 } else { 10 },
        };
        let there = whole.mul_f64(rng.f64());
        (there, whole - there)
    }
}

/// A failure before anything reached the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotSent {
    pub(crate) kind: Failure,
    pub(crate) after: Duration,
}

type Break = Box<dyn FnMut(&http::Request<Payload>) -> Option<NotSent> + Send>;
type Land = Box<dyn FnMut(&http::HeaderMap) + Send>;

struct State {
    rng: fastrand::Rng,
    latency: Latency,
    /// Attempts that were handed to the transport, whatever became of them.
    attempts: u64,
    broken: Break,
    landed: Land,
    /// When requests arrived, or will, although they had been given up on their way.
    strays: Vec<Moment>,
}

/// See the module. Clones share everything.
#[derive(Clone)]
pub(crate) struct Wire {
    script: Script,
    clock: VirtualClock,
    state: Arc<Mutex<State>>,
}

impl Wire {
    pub(crate) fn new(
        script: &Script,
        clock: &VirtualClock,
        latency: Latency,
        rng: &mut fastrand::Rng,
    ) -> Wire {
        let state = State {
            rng: rng.fork(),
            latency,
            attempts: 0,
            broken: Box::new(|_| None),
            landed: Box::new(|_| {}),
            strays: Vec::new(),
        };
        Wire {
            script: script.clone(),
            clock: clock.clone(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Asks before each attempt whether there is a connection.
    pub(crate) fn breaks_with(
        &self,
        broken: impl FnMut(&http::Request<Payload>) -> Option<NotSent> + Send + 'static,
    ) {
        self.lock().broken = Box::new(broken);
    }

    /// Is told of each head right before the client gets it.
    pub(crate) fn lands_with(&self, landed: impl FnMut(&http::HeaderMap) + Send + 'static) {
        self.lock().landed = Box::new(landed);
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.lock().attempts
    }

    pub(crate) fn strays(&self) -> Vec<Moment> {
        self.lock().strays.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, length: Duration) {
        if !length.is_zero() {
            self.clock.sleep(self.clock.now() + length).await;
        }
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        let wire = self.clone();
        let (broken, (there, back)) = {
            let state = &mut *self.lock();
            state.attempts += 1;
            ((state.broken)(&request), state.latency.draw(&mut state.rng))
        };
        Box::pin(async move {
            if let Some(NotSent { kind, after }) = broken {
                wire.wait(after).await;
                return Err(TransportError::not_sent(kind, "no connection"));
            }
            let mut crossing = Crossing {
                wire: &wire,
                arrives: Some(wire.clock.now() + there),
            };
            wire.wait(there).await;
            crossing.arrives = None;
            let answer = wire.script.send(request).await;
            wire.wait(back).await;
            if let Ok(answer) = &answer {
                (wire.lock().landed)(answer.headers());
            }
            answer
        })
    }
}

/// A request on its way to the server.
struct Crossing<'a> {
    wire: &'a Wire,
    arrives: Option<Moment>,
}

impl Drop for Crossing<'_> {
    fn drop(&mut self) {
        if let Some(arrives) = self.arrives {
            self.wire.lock().strays.push(arrives);
        }
    }
}
