//! Waits that a server asks for (rows B4, B8, B9 and R5): seconds, decimals, milliseconds, dates in all three forms and
//! resets by a clock that is off by years, with refusals and with good answers.
//!
//! While one holds, nothing that it holds is sent; then somebody is sent at once, because callers wait. Sending is
//! seen on the wire, and when a wait ends is reckoned by the server's clock. 2 000 hints by default, `ETIQUETTE_HINTS`
//! on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use etiquette_cases::{limits, refusals};
use futures::future::{LocalBoxFuture, join, join_all};
use runtime::clock::{Clock, Moment};
use runtime::testing::ScriptReply;

use crate::seeds::{each_seed, number_from};
use crate::server::World;
use crate::wire::{Latency, Wire};

const HINTS: u64 = 2_000;
/// Hints of one run, one after the other.
const RUN: u64 = 20;
const CALLERS: u64 = 4;
const YEARS: u64 = 315_576_000;

/// A wait and the answer that asks for it.
struct Hint {
    kind: &'static str,
    reply: ScriptReply,
    /// From the server's answer on.
    wait: Duration,
    /// How many times whole seconds are all that its source can tell. `Date` is one of them.
    coarse: u32,
}

/// What the runs are made of: which client is asked, and by what.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asks {
    /// Everything of a client, with a refusal of the API `refusals`.
    Refusal,
    /// The buckets of the call, with a good answer.
    GoodAnswer,
    /// Everything of a client, with a refusal of the API `limits`.
    OwnHeader,
}

const ASKS: [Asks; 3] = [Asks::Refusal, Asks::GoodAnswer, Asks::OwnHeader];

/// A length between a fifth of a second and nine minutes: as many short ones as long ones.
fn length(rng: &mut fastrand::Rng) -> Duration {
    let exponent = rng.f64() * (540.0_f64 / 0.2).ln();
    Duration::from_millis((200.0 * exponent.exp()) as u64)
}

/// The next whole second of a clock after so long.
fn whole(now: SystemTime, wait: Duration) -> (SystemTime, u64) {
    let since = (now + wait).duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.expect("it is after 1970").as_secs() + 1;
    (
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        seconds,
    )
}

/// A date in one of the three forms of RFC 9110 §5.6.7.
fn date(at: SystemTime, form: u8) -> String {
    let fixed = httpdate::fmt_http_date(at);
    let parts: Vec<&str> = fixed
        .split([' ', ','])
        .filter(|it| !it.is_empty())
        .collect();
    let [day, number, month, year, time, _] = parts[..] else {
        panic!("{fixed}")
    };
    let long = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    match form {
        0 => fixed,
        1 => {
            let day = long
                .iter()
                .find(|long| long.starts_with(day))
                .expect("it is a day");
            format!("{day}, {number}-{month}-{} {time} GMT", &year[2..])
        }
        _ => format!(
            "{day} {month} {:>2} {time} {year}",
            number.trim_start_matches('0')
        ),
    }
}

fn refused(body: &str) -> ScriptReply {
    ScriptReply::json(429, body)
        .header("x-kind", "limit")
        .header("x-scope", "shop/1")
}

impl Hint {
    /// Any hint that this API understands; `now` by the server's clock.
    fn any(asks: Asks, now: SystemTime, rng: &mut fastrand::Rng) -> Hint {
        let wait = length(rng);
        let (kind, reply, wait) = match asks {
            Asks::Refusal => by_refusal(wait, now, rng),
            Asks::GoodAnswer => by_good_answer(wait, rng),
            Asks::OwnHeader => by_own_header(wait, rng),
        };
        let coarse = match kind {
            "a date" => 1,
            "a reset" | "a reset that was cut" => 2,
            _ => 0,
        };
        Hint {
            kind,
            reply,
            wait,
            coarse,
        }
    }
}

/// What kind of hint it is, how it is told, and how long it asks to wait.
type Told = (&'static str, ScriptReply, Duration);

fn decimal(wait: Duration) -> String {
    format!("{}.{:03}", wait.as_secs(), wait.subsec_millis())
}

fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + 1)
}

fn by_refusal(wait: Duration, now: SystemTime, rng: &mut fastrand::Rng) -> Told {
    let (end, epoch) = whole(now, wait);
    let to_end = end.duration_since(now).expect("it is later");
    let plain = refused(r#"{"error":{"code":"slow_down"}}"#);
    match rng.u8(0..9) {
        0 | 1 => {
            let wait = whole_seconds(wait);
            let text = wait.as_secs().to_string();
            ("seconds", plain.header("retry-after", &text), wait)
        }
        2 => (
            "decimals",
            plain.header("retry-after", &decimal(wait)),
            wait,
        ),
        3 | 4 => {
            let text = date(end, rng.u8(0..3));
            ("a date", plain.header("retry-after", &text), to_end)
        }
        5 => {
            let millis = wait.as_millis();
            let body = format!(r#"{{"error":{{"code":"too~many","wait":{millis}}}}}"#);
            ("milliseconds in the body", refused(&body), wait)
        }
        // A server that cuts its reset to whole seconds means a moment up to a second later.
        6 => {
            let text = (epoch - 1).to_string();
            ("a reset that was cut", plain.header("x-reset", &text), wait)
        }
        7 => {
            let text = epoch.to_string();
            ("a reset", plain.header("x-reset", &text), to_end)
        }
        _ => ("nothing", plain, Duration::from_secs(180)),
    }
}

fn by_good_answer(wait: Duration, rng: &mut fastrand::Rng) -> Told {
    match rng.u8(0..3) {
        0 => {
            let wait = whole_seconds(wait);
            let reply = success().header("x-backoff", &wait.as_secs().to_string());
            ("seconds with a success", reply, wait)
        }
        1 => {
            let reply = success().header("x-backoff", &decimal(wait));
            ("decimals with a success", reply, wait)
        }
        _ => {
            let body = format!(r#"{{"id":1,"meta":{{"pause":{}}}}}"#, wait.as_millis());
            let reply = ScriptReply::json(200, body);
            ("milliseconds with a success", reply, wait)
        }
    }
}

fn by_own_header(wait: Duration, rng: &mut fastrand::Rng) -> Told {
    let status = if rng.bool() { 429 } else { 420 };
    let own = |body: &str| ScriptReply::json(status, body).header("x-kind", "limit");
    match rng.u8(0..5) {
        0 | 1 => {
            let reply = own("{}").header("x-wait", &wait.as_millis().to_string());
            ("milliseconds of a header", reply, wait)
        }
        2 | 3 => {
            let reply = own(&format!(r#"{{"wait":{}}}"#, decimal(wait)));
            ("decimals in the body", reply, wait)
        }
        _ => {
            let wait = Duration::from_secs(180);
            ("nothing, and three minutes", own("{}"), wait)
        }
    }
}

fn success() -> ScriptReply {
    ScriptReply::json(200, r#"{"id":1}"#)
}

/// What happened to the hint that is under way.
#[derive(Default)]
struct Round {
    /// The next answer is one.
    is_due: bool,
    kind: &'static str,
    /// When it ends by the server's clock, and how long the client can hold at most, besides its spread.
    ends: Option<(Moment, Duration)>,
    /// When the client got it.
    landed: Option<Moment>,
    /// When another request ended since then, and with it a permit came free, before anything was sent. Only an API with a
    /// limit of concurrency makes anybody wait for that: after a refusal one request at once may be all.
    freed: Option<Moment>,
    /// What it holds that was sent since then.
    sent: Vec<Moment>,
}

fn lock(round: &Mutex<Round>) -> MutexGuard<'_, Round> {
    round.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both clients on one wire.
struct Clients {
    refusals: refusals::Client,
    limits: limits::Client,
}

impl Clients {
    fn new(world: &World, wire: &Wire, seed: u64) -> Clients {
        macro_rules! client {
            ($builder:expr) => {
                $builder
                    .key("key")
                    .with_transport(wire.clone())
                    .with_clock(world.clock.clone())
                    .with_seed(seed)
                    .build()
                    .expect("a client")
            };
        }
        Clients {
            refusals: client!(refusals::Client::builder()),
            limits: client!(limits::Client::builder().token_requests(1_000_000)),
        }
    }

    fn call(&self, asks: Asks) -> LocalBoxFuture<'static, ()> {
        match asks {
            Asks::Refusal => {
                let call = self.refusals.things().ping();
                Box::pin(async move { call.await.expect("a refusal is waited for") })
            }
            Asks::GoodAnswer => {
                let call = self.refusals.things().get(1);
                Box::pin(async move {
                    call.await.expect("all answers are good");
                })
            }
            Asks::OwnHeader => {
                let call = self.limits.things().get(1);
                Box::pin(async move {
                    call.await.expect("a refusal is waited for");
                })
            }
        }
    }
}

fn serve(
    world: &World,
    wire: &Wire,
    round: &Arc<Mutex<Round>>,
    asks: Asks,
    mut rng: fastrand::Rng,
) {
    let skew = [0, 1, 3_600, YEARS][rng.usize(0..4)];
    let (is_behind, clock) = (rng.bool(), world.clock.clone());
    let of_server = Arc::clone(round);
    world.script.respond_with(move |request| {
        let shift = Duration::from_secs(skew);
        let real = clock.now_system();
        let own = if is_behind {
            real - shift
        } else {
            real + shift
        };
        let mut round = lock(&of_server);
        let is_other = asks == Asks::GoodAnswer && request.path().ends_with("/ping");
        let reply = match std::mem::take(&mut round.is_due) && !is_other {
            true => {
                let hint = Hint::any(asks, own, &mut rng);
                let most = hint.wait + Duration::from_secs(u64::from(hint.coarse));
                round.kind = hint.kind;
                round.ends = Some((clock.now() + hint.wait, most));
                hint.reply.header("x-hint", "1")
            }
            false => success(),
        };
        reply.header("date", &httpdate::fmt_http_date(own))
    });
    let (of_wire, clock) = (Arc::clone(round), world.clock.clone());
    wire.lands_with(move |headers| {
        let mut round = lock(&of_wire);
        if headers.contains_key("x-hint") {
            round.landed = Some(clock.now());
        } else if asks != Asks::OwnHeader && round.landed.is_some() && round.sent.is_empty() {
            round.freed = Some(clock.now());
        }
    });
    let (of_wire, clock) = (Arc::clone(round), world.clock.clone());
    wire.breaks_with(move |request| {
        let mut round = lock(&of_wire);
        // A hint with a good answer holds the buckets of the call, and a ping has none.
        let is_held = asks != Asks::GoodAnswer || !request.uri().path().ends_with("/ping");
        if round.landed.is_some() && is_held {
            round.sent.push(clock.now());
        }
        None
    });
}

/// Checks one hint and gives how much later than asked the first request was sent.
fn judge(round: &Round) -> (&'static str, Duration) {
    let kind = round.kind;
    let (ends, most) = round.ends.expect("there was one");
    let landed = round.landed.expect("it has come back");
    let first = *round.sent.iter().min().expect("somebody waits");
    assert!(first >= ends, "{kind}: {:?} too early", ends - first);
    // The client counts from the arrival of the head.
    let latest = landed + most + (most / 10).min(Duration::from_secs(5));
    let latest = round.freed.map_or(latest, |freed| freed.max(latest));
    assert!(
        first <= latest,
        "{kind} of {most:?}: {:?} too late",
        first - latest
    );
    (kind, first - ends)
}

fn hints(seed: u64) -> Vec<(&'static str, Duration)> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let asks = ASKS[usize::try_from(seed).expect("it is small") % ASKS.len()];
    let world = World::new();
    let latency = Latency::any(&mut rng, Duration::from_secs(1));
    let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
    let round = Arc::new(Mutex::new(Round::default()));
    serve(&world, &wire, &round, asks, rng.fork());
    let clients = Clients::new(&world, &wire, seed);
    world.clock.run(async {
        let mut found = Vec::new();
        for _ in 0..RUN {
            *lock(&round) = Round {
                is_due: true,
                ..Round::default()
            };
            let rest = |length: u64| {
                world
                    .clock
                    .sleep(world.clock.now() + Duration::from_nanos(length))
            };
            let starts: Vec<u64> = (0..CALLERS).map(|_| rng.u64(0..300_000_000)).collect();
            let calls = starts.into_iter().map(|start| {
                let rest = rest(start);
                async {
                    rest.await;
                    clients.call(asks).await;
                }
            });
            // One comes when the hint is known, and finds the gate shut.
            let late = async {
                while lock(&round).landed.is_none() {
                    rest(50_000_000).await;
                }
                clients.call(asks).await;
            };
            join(join_all(calls), late).await;
            found.push(judge(&lock(&round)));
            rest(rng.u64(0..30_000_000_000)).await;
        }
        found
    })
}

/// Rows B4, B8, B9 and R5: nothing is sent before an accepted hint ends, and the first not much later.
#[test]
fn a_hint_is_obeyed_to_its_end_and_not_much_longer() {
    const TEST: &str = "a_hint_is_obeyed_to_its_end_and_not_much_longer";
    let runs = number_from("ETIQUETTE_HINTS", HINTS).div_ceil(RUN);
    let runs = each_seed(TEST, runs, hints);
    let mut kinds: BTreeMap<&str, (u64, Duration)> = BTreeMap::new();
    for (kind, late) in runs.iter().flat_map(|(_, found)| found) {
        let (count, latest) = kinds.entry(kind).or_default();
        (*count, *latest) = (*count + 1, (*latest).max(*late));
    }
    println!("{} hints, none was broken", runs.len() as u64 * RUN);
    for (kind, (count, latest)) in &kinds {
        println!("{kind}: {count}, at most {latest:?} after its end");
    }
    assert!(
        kinds.len() == 13 || runs.len() < 90,
        "a kind of hint never came: {kinds:?}"
    );
}
