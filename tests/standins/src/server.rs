//! Starts a stand-in on a port of the loopback interface and is its handle.
//!
//! The server runs as a task of the caller's tokio runtime and ends with the handle. The handle
//! reads what happened and says what to do wrong; it changes no API's records.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::{Now, skew};
use crate::connection::accept;
use crate::fault::{Awaiting, Fault};
use crate::ledger::{Arrival, most_in_any_window};
use crate::limit::{Limit, Limiter};
use crate::stage::{Api, Reply, Setup, Stage};

/// What every stand-in can be set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key that it accepts.
    pub key: String,
    /// Counted over all requests, those with a wrong key too; none admits everything.
    pub limit: Option<Limit>,
    /// Whether answers tell the state of the limit in headers.
    pub limit_headers: bool,
    /// Whether answers have a `Date`.
    pub date: bool,
    /// How far its own idea of the time (`Date`, its windows, every `created_at`) is from the
    /// clock that arrivals are noted by.
    pub skew_seconds: i64,
    /// The port; zero takes any that is free.
    pub port: u16,
}

impl Settings {
    pub(crate) fn new(key: &str, limit: Limit) -> Self {
        Self {
            key: key.to_owned(),
            limit: Some(limit),
            limit_headers: true,
            date: true,
            skew_seconds: 0,
            port: 0,
        }
    }
}

/// A stand-in that is running; it ends when this is dropped.
#[derive(Debug)]
pub struct Standin {
    stage: Arc<Stage>,
    address: SocketAddr,
    key: String,
    accepting: JoinHandle<()>,
}

/// Binds, then serves the API that `build` makes for the stand-in's idea of the time.
pub(crate) async fn start<A: Api>(
    settings: Settings,
    now: Now,
    build: impl FnOnce(Now) -> A,
) -> io::Result<Standin> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await?;
    let address = listener.local_addr()?;
    let skew_seconds = settings.skew_seconds;
    let wall: Now = {
        let now = Arc::clone(&now);
        Arc::new(move || skew(now(), skew_seconds))
    };
    let setup = Setup {
        key: settings.key.clone(),
        now,
        skew_seconds,
        limiter: settings.limit.map(Limiter::new),
        tells_limit: settings.limit_headers,
        tells_date: settings.date,
    };
    let stage = Arc::new(Stage::new(Box::new(build(wall)), setup));
    let accepting = tokio::spawn(accept(listener, Arc::clone(&stage)));
    Ok(Standin {
        stage,
        address,
        key: settings.key,
        accepting,
    })
}

impl Standin {
    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.stage.api.prefix())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
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
        self.stage.perform(request).await
    }

    /// Ends it with all its connections; the port is closed when this resolves.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The only outcome is that it was aborted.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
