//! Starts a stand-in on a port of the loopback interface and is its handle.
//!
//! The server runs as a task of the caller's tokio runtime and ends with the handle. The handle
//! reads what happened and says what to do wrong; it changes no API's records.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::{Now, Pause, skew};
use crate::connection::{Outcome, accept};
use crate::fault::{Awaiting, Fault};
use crate::ledger::{Arrival, MAIN, most_in_any_window};
use crate::limit::Limit;
use crate::seeded::Mischief;
use crate::stage::{Api, Reply, Setup, Stage};

/// What every stand-in can be set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key that it accepts.
    pub key: String,
    /// Counted over all requests, those with a wrong key too, unless the API has a bucket for each
    /// caller; none admits everything.
    pub limit: Option<Limit>,
    /// Whether answers tell the state of the limit in headers.
    pub limit_headers: bool,
    /// Whether answers have a `Date`.
    pub date: bool,
    /// How far its own idea of the time (`Date`, its windows, every `created_at`) is from the
    /// clock that arrivals are noted by.
    pub skew_seconds: i64,
    /// The port of the main door; zero takes any that is free, as the other doors always do.
    pub port: u16,
    /// How it lets time pass when it is slow on purpose; at first it only notes how slow it was.
    pub pause: Pause,
}

impl Settings {
    pub(crate) fn new(key: &str, limit: impl Into<Option<Limit>>) -> Self {
        Self {
            key: key.to_owned(),
            limit: limit.into(),
            limit_headers: true,
            date: true,
            skew_seconds: 0,
            port: 0,
            pause: Pause::none(),
        }
    }
}

/// A stand-in that is running; it ends when this is dropped.
#[derive(Debug)]
pub struct Standin {
    stage: Arc<Stage>,
    doors: Doors,
    key: String,
    accepting: Vec<JoinHandle<()>>,
}

/// Where each door is; every one is an origin of its own.
pub(crate) type Doors = BTreeMap<&'static str, SocketAddr>;

/// Binds, then serves the API that `build` makes for the stand-in's idea of the time.
pub(crate) async fn start<A: Api>(
    settings: Settings,
    now: Now,
    build: impl FnOnce(Now) -> A,
) -> io::Result<Standin> {
    start_with_doors(settings, now, &[], |wall, _| build(wall)).await
}

/// The same for an API that has other origins beside its own.
pub(crate) async fn start_with_doors<A: Api>(
    settings: Settings,
    now: Now,
    others: &[&'static str],
    build: impl FnOnce(Now, &Doors) -> A,
) -> io::Result<Standin> {
    let mut doors = Doors::new();
    let mut listeners = Vec::new();
    for &door in [MAIN].iter().chain(others) {
        let port = if door == MAIN { settings.port } else { 0 };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        doors.insert(door, listener.local_addr()?);
        listeners.push((door, listener));
    }
    let skew_seconds = settings.skew_seconds;
    let wall: Now = {
        let now = Arc::clone(&now);
        Arc::new(move || skew(now(), skew_seconds))
    };
    let setup = Setup {
        key: settings.key.clone(),
        now,
        skew_seconds,
        limit: settings.limit,
        tells_limit: settings.limit_headers,
        tells_date: settings.date,
        pause: settings.pause,
        doors: others.to_vec(),
    };
    let api = build(wall, &doors);
    let stage = Arc::new(Stage::new(Box::new(api), setup));
    let accept = |(door, listener)| tokio::spawn(accept(listener, door, Arc::clone(&stage)));
    let accepting = listeners.into_iter().map(accept).collect();
    Ok(Standin {
        stage,
        doors,
        key: settings.key,
        accepting,
    })
}

impl Standin {
    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address(), self.stage.api.prefix())
    }

    /// The root of another door, without a slash at its end.
    pub fn url_of(&self, door: &str) -> Option<String> {
        let address = self.doors.get(door)?;
        Some(format!("http://{address}"))
    }

    /// The names of all doors.
    pub fn doors(&self) -> impl Iterator<Item = &'static str> {
        self.doors.keys().copied()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.doors[MAIN]
    }

    /// The key that it accepts.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// All that arrived, in order.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.stage.books().arrivals.clone()
    }

    /// The arrivals that may change something.
    pub fn writes(&self) -> Vec<Arrival> {
        let books = self.stage.books();
        let writes = books.arrivals.iter().filter(|arrival| arrival.is_write());
        writes.cloned().collect()
    }

    /// Forgets the arrivals, not the limit's count of them.
    pub fn reset_arrivals(&self) {
        self.stage.reset_arrivals();
    }

    /// Resolves once this many requests have arrived since the last reset.
    pub async fn arrived(&self, count: usize) {
        self.stage.arrived(count).await;
    }

    /// The most arrivals in any window `[t, t + length)`, denied ones too.
    pub fn most_in_any_window(&self, length: Duration) -> usize {
        let instants = self.stage.books().arrivals.iter().map(|a| a.at).collect();
        most_in_any_window(instants, length)
    }

    /// The most requests that it was answering at the same time.
    pub fn most_at_once(&self) -> usize {
        self.stage.books().most_at_once
    }

    /// Plays a fault on the next arrival that no earlier fault is waiting for.
    pub fn next(&self, fault: Fault) {
        self.stage.books().faults.push(Awaiting::any(fault));
    }

    /// Plays a fault on the next arrival with this method and a path that ends so.
    pub fn next_for(&self, method: Method, path: &str, fault: Fault) {
        let waiting = Awaiting::only(method, path, fault);
        self.stage.books().faults.push(waiting);
    }

    /// Asks `rule` for a fault on each arrival for which none is waiting.
    pub fn on_each(&self, rule: impl Fn(&Arrival) -> Option<Fault> + Send + Sync + 'static) {
        self.stage.books().rule = Some(Arc::new(rule));
    }

    /// Plays a fault on so many arrivals of a thousand, chosen by the seed and by the arrival's
    /// number alone. It takes the place of the rule of `on_each`.
    pub fn misbehave(&self, seed: u64, of_a_thousand: u16) {
        let mischief = Mischief::new(seed, of_a_thousand);
        self.on_each(move |arrival| mischief.at(arrival.sequence));
    }

    /// The number of faults that are still waiting for their arrival.
    pub fn faults_left(&self) -> usize {
        self.stage.books().faults.len()
    }

    /// All records, by collection, in the order in which they were made.
    pub fn state(&self) -> Value {
        self.stage.api.state()
    }

    /// Does what a request would do, as if somebody else had sent it: no key, limit, fault or
    /// arrival. `path` follows the base URL and may have a query.
    ///
    /// # Panics
    /// When the path is not one of HTTP.
    pub async fn act(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.stage.api.prefix()))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Bytes::new, |body| body.to_string().into()))
            .expect("the path can stand in a request");
        self.stage.perform(MAIN, request).await
    }

    /// Answers a request without a socket, else as one that came in at the door: with ledger, key,
    /// limit and faults. There is no answer when a fault breaks the connection off.
    ///
    /// # Panics
    /// When there is no such door.
    pub async fn answer(&self, door: &str, request: Request<Bytes>) -> Option<Reply> {
        let known = self.doors.get_key_value(door);
        let (&door, _) = known.expect("the stand-in has a door of this name");
        match self.stage.answer(door, request.map(Body::from)).await {
            Outcome::Reply(reply) => Some(reply),
            Outcome::End(_) => None,
        }
    }

    /// Ends it with all its connections; the port is closed when this resolves.
    pub async fn stop(mut self) {
        for accepting in std::mem::take(&mut self.accepting) {
            accepting.abort();
            // The only outcome is that it was aborted.
            let _ = accepting.await;
        }
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        for accepting in &self.accepting {
            accepting.abort();
        }
    }
}
