//! What stands between the wire and an API: the ledger, the limit, the key and the faults.
//!
//! It decides what becomes of one request and how the connection goes on. It knows no API; what
//! differs between them comes through `Api`. It holds its lock only between two awaits.

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::sync::watch;

use crate::clock::{Now, Pause, skew};
use crate::connection::{Ending, Outcome};
use crate::fault::{Answer, Awaiting, Fault, html_page, take};
use crate::ledger::{Arrival, Credential, MAIN, bearer};
use crate::limit::{Limit, Limiter, Usage, arrive_at_all};

/// The largest body that a stand-in reads.
const BODY_CAP: usize = 64 << 20;

/// An answer with its whole body.
pub(crate) type Reply = Response<Bytes>;

/// What one API has of its own.
pub(crate) trait Api: Send + Sync + 'static {
    /// The path before all its resources.
    fn prefix(&self) -> &'static str;
    /// Its handlers, below the prefix.
    fn routes(&self) -> Router;
    /// What it serves at another of its doors, from the root on.
    fn routes_at(&self, _door: &'static str) -> Router {
        Router::new()
    }
    /// What a request says about who sent it; `key` is the one that the stand-in was set to.
    fn credential(&self, _door: &'static str, head: &Parts, key: &str) -> Credential {
        bearer(&head.headers, |token| token == key)
    }
    /// Whether a request gets in with such a credential.
    fn admits(&self, _door: &'static str, _head: &Parts, credential: Credential) -> bool {
        credential == Credential::Right
    }
    /// The buckets of the limit that a request draws from, each by the name of whom it is for.
    fn buckets(&self, _door: &'static str, _head: &Parts, _credential: Credential) -> Vec<String> {
        vec![String::new()]
    }
    /// How soon it turns to a request that found so many others at the same door, still unanswered.
    fn pace(&self, _door: &'static str, _ahead: usize, _at: SystemTime) -> Pace {
        Pace::AtOnce
    }
    /// What it answers to a missing or wrong key.
    fn unauthorized(&self) -> Reply;
    /// What it answers to a request over the limit.
    fn too_many(&self, usage: &Usage) -> Reply;
    /// How it tells the state of the limit on every answer.
    fn tell_limit(&self, usage: &Usage, headers: &mut HeaderMap);
    /// All its records, by collection.
    fn state(&self) -> Value;
}

/// How soon an API turns to a request.
pub(crate) enum Pace {
    AtOnce,
    After(Duration),
    /// Not at all; it answers this.
    Never(Reply),
}

type Rule = Arc<dyn Fn(&Arrival) -> Option<Fault> + Send + Sync>;

pub(crate) struct Stage {
    pub(crate) api: Box<dyn Api>,
    routers: BTreeMap<&'static str, Router>,
    key: String,
    now: Now,
    /// How far what the API believes the time to be is from `now`.
    skew_seconds: i64,
    tells_limit: bool,
    tells_date: bool,
    pause: Pause,
    limit: Option<Limit>,
    books: Mutex<Books>,
    arrived: watch::Sender<usize>,
}

pub(crate) struct Books {
    pub(crate) arrivals: Vec<Arrival>,
    sequence: u64,
    limiters: BTreeMap<String, Limiter>,
    pub(crate) faults: Vec<Awaiting>,
    pub(crate) rule: Option<Rule>,
    in_flight: BTreeMap<&'static str, usize>,
    pub(crate) most_at_once: usize,
}

/// How a stage is set up.
pub(crate) struct Setup {
    pub(crate) key: String,
    pub(crate) now: Now,
    pub(crate) skew_seconds: i64,
    pub(crate) limit: Option<Limit>,
    pub(crate) tells_limit: bool,
    pub(crate) tells_date: bool,
    pub(crate) pause: Pause,
    /// The doors beside the main one.
    pub(crate) doors: Vec<&'static str>,
}

/// One request that is being answered; its end is noted however it comes.
struct Visit<'a> {
    stage: &'a Stage,
    door: &'static str,
    sequence: u64,
    admitted: bool,
    pace: Pace,
    usage: Option<Usage>,
    fault: Option<Fault>,
}

impl Stage {
    pub(crate) fn new(api: Box<dyn Api>, setup: Setup) -> Self {
        let main = (MAIN, Router::new().nest(api.prefix(), api.routes()));
        let others = setup.doors.iter().map(|&door| (door, api.routes_at(door)));
        let routers = others.chain([main]).collect();
        Self {
            api,
            routers,
            key: setup.key,
            now: setup.now,
            skew_seconds: setup.skew_seconds,
            tells_limit: setup.tells_limit,
            tells_date: setup.tells_date,
            pause: setup.pause,
            limit: setup.limit,
            books: Mutex::new(Books {
                arrivals: Vec::new(),
                sequence: 0,
                limiters: BTreeMap::new(),
                faults: Vec::new(),
                rule: None,
                in_flight: BTreeMap::new(),
                most_at_once: 0,
            }),
            arrived: watch::Sender::new(0),
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves once as many arrivals are on the books.
    pub(crate) async fn arrived(&self, count: usize) {
        let mut arrived = self.arrived.subscribe();
        arrived
            .wait_for(|so_far| *so_far >= count)
            .await
            .expect("the stage itself holds the sender");
    }

    pub(crate) fn reset_arrivals(&self) {
        let mut books = self.books();
        books.arrivals.clear();
        books.most_at_once = books.in_flight.values().sum();
        self.arrived.send_replace(0);
    }

    /// Answers one request from the wire, or stays silent until the client goes away.
    pub(crate) async fn answer(&self, door: &'static str, request: Request<Body>) -> Outcome {
        let (head, body) = request.into_parts();
        let mut visit = self.enter(door, &head);
        let Ok(body) = to_bytes(body, BODY_CAP).await else {
            return Outcome::End(Ending::Close);
        };
        visit.note(|arrival| arrival.take_body(&body, &head, &self.key));
        if let Pace::After(length) = visit.pace {
            visit.note(|arrival| arrival.slowed = length);
            self.pause.pass(length).await;
        }
        let request = Request::from_parts(head, body);
        let outcome = match visit.fault.take() {
            None => Outcome::Reply(visit.serve(request).await),
            Some(fault) => visit.misbehave(fault, request).await,
        };
        if let Outcome::Reply(reply) = &outcome {
            let status = reply.status().as_u16();
            visit.note(|arrival| arrival.status = Some(status));
        }
        outcome
    }

    /// Runs a request against the API itself: no key, limit, fault or ledger.
    pub(crate) async fn perform(&self, door: &'static str, request: Request<Bytes>) -> Reply {
        let router = self.routers.get(door).cloned().unwrap_or_default();
        let service = TowerToHyperService::new(router);
        let response = match service.call(request.map(Body::from)).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (mut head, body) = response.into_parts();
        // The body may yet be changed, so its length is told when it is sent.
        head.headers.remove(header::CONTENT_LENGTH);
        let body = to_bytes(body, usize::MAX)
            .await
            .expect("handlers answer from memory");
        Response::from_parts(head, body)
    }

    fn enter(&self, door: &'static str, head: &Parts) -> Visit<'_> {
        let credential = self.api.credential(door, head, &self.key);
        let admitted = self.api.admits(door, head, credential);
        let buckets = self.api.buckets(door, head, credential);
        let (arrival, usage, pace, fault, rule) = {
            let mut books = self.books();
            books.sequence += 1;
            let mut arrival = Arrival::new(books.sequence, (self.now)(), head, credential);
            arrival.door = door;
            let believed = skew(arrival.at, self.skew_seconds);
            let usage = self
                .limit
                .and_then(|limit| books.count(&buckets, limit, believed));
            let ahead = books.in_flight.get(door).copied().unwrap_or(0);
            let pace = if admitted {
                self.api.pace(door, ahead, believed)
            } else {
                Pace::AtOnce
            };
            let fault = take(&mut books.faults, &arrival);
            books.arrivals.push(arrival.clone());
            *books.in_flight.entry(door).or_default() += 1;
            let in_flight = books.in_flight.values().sum();
            books.most_at_once = books.most_at_once.max(in_flight);
            self.arrived.send_replace(books.arrivals.len());
            (arrival, usage, pace, fault, books.rule.clone())
        };
        // The rule is the test's own code and may ask this stage for something.
        let fault = fault.or_else(|| rule.and_then(|rule| rule(&arrival)));
        Visit {
            stage: self,
            door,
            sequence: arrival.sequence,
            admitted,
            pace,
            usage,
            fault,
        }
    }
}

impl Books {
    /// Counts a request in its buckets; one that has none is not limited.
    fn count(&mut self, buckets: &[String], limit: Limit, at: SystemTime) -> Option<Usage> {
        for bucket in buckets {
            let limiter = self.limiters.entry(bucket.clone());
            limiter.or_insert_with(|| Limiter::new(limit));
        }
        let drawn = self.limiters.iter_mut();
        let drawn = drawn.filter(|(name, _)| buckets.contains(name));
        let mut drawn: Vec<&mut Limiter> = drawn.map(|(_, limiter)| limiter).collect();
        arrive_at_all(&mut drawn, at)
    }
}

impl Visit<'_> {
    fn note(&self, change: impl FnOnce(&mut Arrival)) {
        let mut books = self.stage.books();
        // The test may have reset the arrivals meanwhile.
        let found = books
            .arrivals
            .iter_mut()
            .rfind(|arrival| arrival.sequence == self.sequence);
        if let Some(arrival) = found {
            change(arrival);
        }
    }

    async fn serve(&self, request: Request<Bytes>) -> Reply {
        let reply = self.carry_out(request).await;
        self.finish(reply)
    }

    async fn carry_out(&self, request: Request<Bytes>) -> Reply {
        let api = &self.stage.api;
        if let Some(usage) = self.usage.filter(|usage| usage.denied) {
            return api.too_many(&usage);
        }
        if !self.admitted {
            return api.unauthorized();
        }
        if let Pace::Never(reply) = &self.pace {
            return reply.clone();
        }
        let reply = self.stage.perform(self.door, request).await;
        if reply.status().is_success() {
            self.note(|arrival| arrival.applied = true);
        }
        reply
    }

    /// Adds what every answer has, unless the answer says it already.
    fn finish(&self, mut reply: Reply) -> Reply {
        let stage = self.stage;
        let mut common = HeaderMap::new();
        if stage.tells_date {
            let date = httpdate::fmt_http_date(skew((stage.now)(), stage.skew_seconds));
            let date = HeaderValue::from_str(&date).expect("a date is ASCII");
            common.insert(header::DATE, date);
        }
        if let Some(usage) = self.usage.filter(|_| stage.tells_limit) {
            stage.api.tell_limit(&usage, &mut common);
        }
        for (name, value) in &common {
            reply.headers_mut().entry(name).or_insert(value.clone());
        }
        reply
    }

    async fn misbehave(&self, fault: Fault, request: Request<Bytes>) -> Outcome {
        let reply = match fault {
            Fault::Answer(answer) => {
                return Outcome::Reply(self.answer_with(answer, request).await);
            }
            Fault::Html => self.finish(html_page()),
            Fault::ResetBefore => return Outcome::End(Ending::Reset),
            Fault::CloseBefore => return Outcome::End(Ending::Close),
            Fault::StallBefore => pending().await,
            Fault::ResetAfter => {
                self.serve(request).await;
                return Outcome::End(Ending::Reset);
            }
            Fault::CloseAfter => {
                self.serve(request).await;
                return Outcome::End(Ending::Close);
            }
            Fault::StallAfter => {
                self.serve(request).await;
                pending().await
            }
            Fault::Truncate { keep } => {
                let reply = self.serve(request).await;
                return Outcome::End(Ending::cut(&reply, keep, Ending::Close));
            }
            Fault::StallBody { keep } => {
                let reply = self.serve(request).await;
                return Outcome::End(Ending::cut(&reply, keep, Ending::Stall));
            }
            Fault::Hold(gate) => {
                let reply = self.serve(request).await;
                gate.passed().await;
                reply
            }
            Fault::Malformed => {
                let mut reply = self.serve(request).await;
                let body = reply.body_mut();
                body.truncate(body.len().saturating_sub(1));
                reply
            }
            Fault::Patch(change) => {
                let mut reply = self.serve(request).await;
                patch(&mut reply, &*change);
                reply
            }
            Fault::Headers(headers) => {
                let mut reply = self.serve(request).await;
                set_headers(reply.headers_mut(), headers);
                reply
            }
            Fault::WithoutHeaders(names) => {
                let mut reply = self.serve(request).await;
                for name in names {
                    reply.headers_mut().remove(name);
                }
                reply
            }
        };
        Outcome::Reply(reply)
    }

    async fn answer_with(&self, answer: Answer, request: Request<Bytes>) -> Reply {
        if answer.applies {
            self.serve(request).await;
        }
        let reply = answer.reply();
        if answer.bare {
            reply
        } else {
            self.finish(reply)
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let mut books = self.stage.books();
        let in_flight = books.in_flight.get_mut(self.door);
        *in_flight.expect("it was counted when it entered") -= 1;
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("prefix", &self.api.prefix())
            .finish_non_exhaustive()
    }
}

/// Takes the place of what was there; the same name twice is sent twice.
fn set_headers(headers: &mut HeaderMap, set: Vec<(HeaderName, HeaderValue)>) {
    for (name, _) in &set {
        headers.remove(name);
    }
    for (name, value) in set {
        headers.append(name, value);
    }
}

fn patch(reply: &mut Reply, change: &dyn Fn(&mut Value)) {
    let mut body: Value =
        serde_json::from_slice(reply.body()).expect("only an answer of JSON can be patched");
    change(&mut body);
    *reply.body_mut() = Bytes::from(body.to_string());
}
