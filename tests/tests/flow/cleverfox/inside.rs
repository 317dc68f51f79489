//! A CleverFox stand-in without sockets: requests are handed to it, and all that takes time takes virtual time.
//!
//! Here requests are under way at the same time as they would be on a wire, so that its queue grows and slows. It may
//! be driven only by the clock that it shares with the client.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use etiquette_apis::cleverfox;
use etiquette_standins::cleverfox::{Config, start};
use etiquette_standins::{Arrival, Fault, Gate, Pause, Standin};
use http::{Request, Response};
use runtime::clock::{Clock, Spawn};
use runtime::testing::VirtualClock;
use runtime::transport::{Body, BoxFuture, Failure, Payload, Transport, TransportError};

use crate::flow::world::{KEY, reading};

/// How long a request takes to the server, and its answer back.
pub(crate) const TRANSIT: Duration = Duration::from_millis(40);
/// How long the server takes for a request that it does not slow.
pub(crate) const SERVICE: Duration = Duration::from_millis(60);
/// What the description waits for after a refusal.
pub(crate) const PAUSE: Duration = Duration::from_secs(180);
/// How many requests the description allows at once.
pub(crate) const AT_ONCE: usize = 4;

/// A client and its server in one virtual time.
pub(crate) struct Inside {
    pub(crate) clock: VirtualClock,
    pub(crate) server: Arc<Standin>,
    pub(crate) api: cleverfox::Client,
    /// The server was started on it, and nothing else is.
    _sockets: tokio::runtime::Runtime,
}

struct Hall {
    clock: VirtualClock,
    server: Arc<Standin>,
}

impl Inside {
    pub(crate) fn new(mut config: Config) -> Inside {
        let clock = VirtualClock::new();
        let sockets = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        KEY.clone_into(&mut config.settings.key);
        let slow = clock.clone();
        config.settings.pause = Pause::new(move |length| slow.sleep(slow.now() + length));
        let server = sockets.block_on(start(config, reading(&clock))).unwrap();
        let server = Arc::new(server);
        serve_in_time(&server, &clock);
        let hall = Hall {
            clock: clock.clone(),
            server: Arc::clone(&server),
        };
        let builder = cleverfox::Client::builder().key(KEY).with_transport(hall);
        let builder = builder.with_base_url(server.url());
        let api = builder.with_clock(clock.clone()).with_seed(7).build();
        Inside {
            clock,
            server,
            api: api.unwrap(),
            _sockets: sockets,
        }
    }

    /// How much virtual time has passed.
    pub(crate) fn passed(&self) -> Duration {
        let start = VirtualClock::new().now_system();
        self.clock.now_system().duration_since(start).unwrap()
    }

    /// Sends without any manners, as somebody else with the same key would; true when it was refused.
    pub(crate) async fn barge(&self, path: &str) -> bool {
        let request = Request::get(format!("{}{path}", self.server.url()))
            .header("authorization", basic(KEY))
            .body(Bytes::new())
            .unwrap();
        let reply = self.server.answer("main", request).await;
        reply.is_some_and(|reply| reply.status() == 429)
    }
}

/// Every answer that is not told otherwise takes its time, in which its request counts as waiting.
fn serve_in_time(server: &Standin, clock: &VirtualClock) {
    let clock = clock.clone();
    server.on_each(move |_| Some(taking(&clock)));
}

/// The true answer, after as long as the server takes for one.
pub(crate) fn taking(clock: &VirtualClock) -> Fault {
    let gate = Gate::new();
    let (opens, until) = (gate.clone(), clock.now() + SERVICE);
    let sleep = clock.sleep(until);
    clock.spawn(Box::pin(async move {
        sleep.await;
        opens.open();
    }));
    Fault::Hold(gate)
}

/// After each refusal among these arrivals, how long nothing more came. What was under way when the client learned of
/// it does not count, nor does another refusal that came meanwhile.
pub(crate) fn silences(arrivals: &[Arrival]) -> Vec<Duration> {
    let refused = arrivals.iter().filter(|one| one.status == Some(429));
    let learned: Vec<SystemTime> = refused.map(|one| one.at + SERVICE + TRANSIT).collect();
    let next = |after: &SystemTime| {
        let later = arrivals.iter().filter(|one| one.at > *after + TRANSIT);
        later.map(|one| one.at).min()
    };
    learned
        .iter()
        .filter_map(|after| Some(next(after)?.duration_since(*after).unwrap()))
        .collect()
}

impl Transport for Hall {
    fn send(
        &self,
        request: Request<Payload>,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        let (clock, server) = (self.clock.clone(), Arc::clone(&self.server));
        Box::pin(async move {
            clock.sleep(clock.now() + TRANSIT).await;
            let (head, mut payload) = request.into_parts();
            let mut body = Vec::new();
            while let Some(chunk) = poll_fn(|cx| payload.poll_chunk(cx)).await {
                body.extend_from_slice(&chunk.unwrap());
            }
            let request = Request::from_parts(head, Bytes::from(body));
            let reply = server.answer("main", request).await;
            clock.sleep(clock.now() + TRANSIT).await;
            let broken = || TransportError::unknown(Failure::Reset, "connection reset");
            Ok(reply.ok_or_else(broken)?.map(Body::whole))
        })
    }
}

/// RFC 7617 §2, by an encoder that shares nothing with ours.
pub(crate) fn basic(user: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pair = format!("{user}:");
    let groups = pair.as_bytes().chunks(3).map(|group| {
        let at = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        let digit = |place: usize| {
            let six = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            let is_there = place <= group.len();
            if is_there {
                char::from(DIGITS[six])
            } else {
                '='
            }
        };
        (0..4).map(digit).collect::<String>()
    });
    format!("Basic {}", groups.collect::<String>())
}
