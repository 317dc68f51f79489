//! Idle connections, and the polling of those that are in use.
//!
//! A client talks to one origin, so the idle ones stand in one short list, and the one used last is used next. A
//! connection is moved on by whoever waits for its answer, not by a task of its own. It comes back only when hyper has
//! read the body to its end and asks for the next request; whatever else becomes of it closes it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Handle, Id};
use tokio::task::{unconstrained, yield_now};

use super::connect::{Connector, Place, Stream};
use super::hyper::body_failed;
use super::{Failure, Payload, TransportError};

/// The longest head of an answer. Its headers are 100 at most: hyper's own bound, which costs an allocation when it is
/// set.
const HEAD_BYTES: usize = 64 * 1024;
/// More idle connections than this are closed, the oldest first.
const MOST_IDLE: usize = 64;
/// After so long the socket may have news that tokio has not asked the system for.
const FRESH: Duration = Duration::from_millis(1);

/// The head of an answer, or why there is none.
type Answered = Result<Response<Incoming>, TrySendError<Request<Payload>>>;

/// The connections of a transport and its clones.
pub(super) struct Pool {
    connector: Connector,
    idle_timeout: Duration,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    links: Vec<(Instant, Box<Link>)>,
    /// A task is there that closes what was idle for too long.
    is_swept: bool,
}

impl Pool {
    pub(super) fn new(connector: Connector, idle_timeout: Duration) -> Pool {
        Pool {
            connector,
            idle_timeout,
            idle: Mutex::default(),
        }
    }

    /// An idle connection that nothing is known against.
    pub(super) async fn take(&self, place: &Place, runtime: Id) -> Option<Box<Link>> {
        loop {
            let (idle, mut link) = self.pop(place, runtime)?;
            if idle >= FRESH {
                // The scheduler looks at the sockets before it comes back here. Without this a thread that did not wait
                // for anything since would not see that the server has closed.
                yield_now().await;
                link.drive(&mut unheard());
            }
            if link.is_idle() {
                return Some(link);
            }
        }
    }

    fn pop(&self, place: &Place, runtime: Id) -> Option<(Duration, Box<Link>)> {
        let links = &mut self.idle().links;
        // Of a connection that belongs to another runtime nobody here hears anything.
        let fits = |link: &Link| link.place == *place && link.runtime == runtime;
        let at = links.iter().rposition(|(_, link)| fits(link))?;
        let (since, link) = links.remove(at);
        let idle = since.elapsed();
        // Those before it are older still.
        (idle < self.idle_timeout).then_some((idle, link))
    }

    fn put(self: &Arc<Pool>, link: Box<Link>) {
        let mut idle = self.idle();
        let surplus = (idle.links.len() >= MOST_IDLE).then(|| idle.links.remove(0));
        idle.links.push((Instant::now(), link));
        if !idle.is_swept
            && let Ok(runtime) = Handle::try_current()
        {
            idle.is_swept = true;
            runtime.spawn(sweep(Sweeper(Arc::downgrade(self)), self.idle_timeout));
        }
        drop(idle);
        drop(surplus);
    }

    /// Takes out what was idle for too long or was closed by the server; tells whether anything is left.
    fn clear(&self) -> bool {
        let mut idle = self.idle();
        let gone: Vec<_> = idle
            .links
            .extract_if(.., |(since, link)| {
                link.drive(&mut unheard());
                since.elapsed() >= self.idle_timeout || !link.is_idle()
            })
            .collect();
        idle.is_swept = !idle.links.is_empty();
        let is_swept = idle.is_swept;
        drop(idle);
        drop(gone);
        is_swept
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes idle connections in time, until none are left.
async fn sweep(mut sweeper: Sweeper, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        if !sweeper.0.upgrade().is_some_and(|pool| pool.clear()) {
            sweeper.0 = Weak::new();
            return;
        }
    }
}

/// When its runtime ends before the connections do, another one has to take its place.
struct Sweeper(Weak<Pool>);

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.idle().is_swept = false;
        }
    }
}

/// A connection.
pub(super) struct Link {
    place: Place,
    runtime: Id,
    sender: SendRequest<Payload>,
    /// `None` once it has ended.
    connection: Option<Connection<TokioIo<Stream>, Payload>>,
}

impl Link {
    pub(super) async fn dial(
        pool: &Pool,
        place: &Place,
        runtime: Id,
    ) -> Result<Box<Link>, TransportError> {
        let stream = pool.connector.dial(place).await?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES)
            .max_header_size(HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| TransportError::not_sent(Failure::Connect, &error.to_string()))?;
        Ok(Box::new(Link {
            place: place.clone(),
            runtime,
            sender,
            connection: Some(connection),
        }))
    }

    /// Sends a request when it is polled with `poll_answer`; the error gives it back when none of it was written.
    pub(super) fn answer(
        &mut self,
        request: Request<Payload>,
    ) -> impl Future<Output = Answered> + use<> {
        // Without tokio's budget, because a poll that lacks it asks to be woken, and nobody hears that.
        unconstrained(self.sender.try_send_request(request))
    }

    /// Moves the connection on and looks for the head. Only this does, so nobody has to wake the task for it.
    pub(super) fn poll_answer(
        &mut self,
        answer: Pin<&mut impl Future<Output = Answered>>,
        cx: &mut Context<'_>,
    ) -> Poll<Answered> {
        drive(&mut self.connection, cx);
        answer.poll(&mut unheard())
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.connection, cx);
    }

    /// hyper asks for the next request: the last one is written and its answer is read, to their ends.
    fn is_idle(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready()
    }
}

/// Reads and writes what can be. An error goes to whoever waits for the head or the body.
fn drive(connection: &mut Option<Connection<TokioIo<Stream>, Payload>>, cx: &mut Context<'_>) {
    if let Some(open) = connection
        && Pin::new(open).poll(cx).is_ready()
    {
        *connection = None;
    }
}

/// For polling where nobody waits.
fn unheard() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// The body of an answer with the connection that it comes over.
pub(super) struct Arriving {
    body: Incoming,
    link: Option<Box<Link>>,
    pool: Arc<Pool>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, link: Box<Link>, pool: Arc<Pool>) -> Arriving {
        Arriving {
            body,
            link: Some(link),
            pool,
        }
    }

    pub(super) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let mut is_driven = false;
        loop {
            match Pin::new(&mut self.body).poll_frame(&mut unheard()) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers mean nothing to us (RFC 9110 §6.5).
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    self.link = None;
                    return Poll::Ready(Some(Err(body_failed(&error))));
                }
                Poll::Ready(None) => {
                    self.release();
                    return Poll::Ready(None);
                }
                Poll::Pending => match &mut self.link {
                    Some(link) if !is_driven => {
                        link.drive(cx);
                        is_driven = true;
                    }
                    _ => return Poll::Pending,
                },
            }
        }
    }

    /// Gives the connection back, or closes it.
    fn release(&mut self) {
        if let Some(link) = self.link.take()
            && link.is_idle()
        {
            self.pool.put(link);
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.release();
        }
    }
}
