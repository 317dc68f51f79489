//! An API that delays first and then refuses (rows B15, B16 and R7), and a generated client that has to find out how
//! many requests at once it serves best.
//!
//! The server serves `best` requests at once and queues the others; each that waits makes the next one slower, and one
//! that finds the queue full is refused. The client knows none of that. 50 servers by default, `ETIQUETTE_RUNS`
//! on demand.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use etiquette_cases::refusals;
use futures::future::join_all;
use runtime::clock::{Clock, Moment};
use runtime::testing::ScriptReply;

use crate::seeds::{each_seed, number_from, replay};
use crate::server::{MINUTE, World};
use crate::wire::{Latency, Wire};

const RUNS: u64 = 50;
/// What the description says: how long to pause after a refusal, and from when on more is tried again.
const PAUSE: Duration = Duration::from_secs(180);
const FROZEN: Duration = Duration::from_secs(600);
const CALLERS: usize = 8;
/// The longest round trip besides the time at the server.
const TRAVEL: Duration = Duration::from_millis(100);

struct Server {
    rng: fastrand::Rng,
    best: usize,
    /// A request more than so many behind those that are served is refused.
    room: usize,
    /// How long a request is served.
    service: Duration,
    /// When each worker is done.
    busy_until: Vec<Moment>,
    /// When each request that is there leaves.
    leaves: Vec<Moment>,
    /// Others fill the queue: everything is refused.
    crowd: Range<Moment>,
    /// It is five times as slow.
    slow: Range<Moment>,
    arrivals: Vec<Moment>,
    refusals: Vec<Moment>,
}

impl Server {
    fn any(mut rng: fastrand::Rng) -> Server {
        let best = rng.usize(1..=4);
        let crowd = at(rng.u64(30..180));
        Server {
            best,
            room: rng.usize(2..=4),
            service: Duration::from_millis(rng.u64(1_000..5_000)),
            busy_until: vec![Moment::START; best],
            leaves: Vec::new(),
            crowd: crowd..crowd + Duration::from_secs(6),
            slow: Moment::NEVER..Moment::NEVER,
            arrivals: Vec::new(),
            refusals: Vec::new(),
            rng,
        }
    }

    fn serve(&mut self, now: Moment) -> ScriptReply {
        self.arrivals.push(now);
        self.leaves.retain(|leaves| *leaves > now);
        if self.crowd.contains(&now) || self.leaves.len() >= self.best + self.room {
            self.refusals.push(now);
            let refusal = ScriptReply::json(429, r#"{"error":{"code":"slow_down"}}"#);
            return refusal
                .header("x-kind", "limit")
                .header("x-scope", "shop/1");
        }
        let waiting = (self.leaves.len() + 1).saturating_sub(self.best);
        let worker = self.busy_until.iter_mut().min().expect("it has a worker");
        let times = if self.slow.contains(&now) { 5.0 } else { 1.0 };
        let spread = 0.9 + 0.2 * self.rng.f64();
        let service = self
            .service
            .mul_f64(times * spread * (1.0 + 0.05 * waiting as f64));
        *worker = (*worker).max(now) + service;
        self.leaves.push(*worker);
        ScriptReply::json(200, "{}").after(*worker - now)
    }
}

fn at(seconds: u64) -> Moment {
    Moment::START + Duration::from_secs(seconds)
}

fn lock(server: &Mutex<Server>) -> MutexGuard<'_, Server> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer, and the limit right after it.
type Step = (Moment, u32);

/// Callers that ask again at once until `end`: what they saw, and the server.
fn run(seed: u64, end: Duration, set: impl FnOnce(&mut Server)) -> (Vec<Step>, Server) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let world = World::new();
    let wire = Wire::new(
        &world.script,
        &world.clock,
        Latency::Uniform(TRAVEL),
        &mut rng,
    );
    let mut server = Server::any(rng.fork());
    set(&mut server);
    let server = Arc::new(Mutex::new(server));
    let serving = Arc::clone(&server);
    world
        .script
        .respond_with(move |request| lock(&serving).serve(request.arrived));
    let builder = refusals::Client::builder()
        .key("key")
        .with_transport(wire)
        .with_clock(world.clock.clone());
    let client = builder.with_seed(seed).build().expect("a client");
    let steps = Mutex::new(Vec::new());
    let callers = (0..CALLERS).map(|_| async {
        while world.clock.now() - Moment::START < end {
            client
                .things()
                .ping()
                .await
                .expect("refusals are waited for");
            let limit = client.limits().concurrency[0].limit;
            let mut steps = steps.lock().unwrap_or_else(PoisonError::into_inner);
            steps.push((world.clock.now(), limit));
        }
    });
    world.clock.run(join_all(callers));
    drop(world);
    let server = std::mem::replace(&mut *lock(&server), Server::any(rng));
    let steps = steps.into_inner().unwrap_or_else(PoisonError::into_inner);
    (steps, server)
}

/// What one run found.
struct Found {
    best: usize,
    /// Answers until the limit was near the best: at first, and from when on more is tried after the refusal.
    at_first: Option<usize>,
    afterwards: Option<usize>,
    /// How much of the steady time the limit was near the best.
    near: f64,
    /// Answers as a part of those that an oracle gets: in the steady time, and in the whole run.
    steady: f64,
    whole: f64,
    is_refused_again: bool,
}

fn is_near(limit: u32, best: usize) -> bool {
    usize::try_from(limit).expect("it is small").abs_diff(best) <= 1
}

fn explore(seed: u64) -> Found {
    let length = 45 * MINUTE;
    let (steps, server) = run(seed, length, |_| {});
    let best = server.best;
    let first = *server.refusals.first().expect("others have filled it");
    // What had been sent before the refusal was known arrives within a round trip.
    let paused = first + 2 * TRAVEL..first + PAUSE;
    let early = server.arrivals.iter().filter(|at| paused.contains(at));
    assert_eq!(early.count(), 0, "arrivals during the pause");
    let until_near = |steps: &[Step]| steps.iter().position(|(_, limit)| is_near(*limit, best));
    let from = |moment| &steps[steps.partition_point(|(at, _)| *at < moment)..];
    let grows = server.refusals.iter().rfind(|at| **at < paused.end);
    let thawed = from(*grows.expect("there was one") + FROZEN + 2 * TRAVEL);
    let afterwards = until_near(thawed);
    let settled = &thawed[afterwards.unwrap_or(0)..];
    let near = settled.iter().filter(|(_, limit)| is_near(*limit, best));
    let end = Moment::START + length;
    let part = |steps: &[Step], from: Moment| {
        let answers = steps.iter().filter(|(at, _)| *at < end).count();
        let each = server.service + TRAVEL / 2;
        answers as f64 * each.as_secs_f64() / (best as f64 * (end - from).as_secs_f64())
    };
    let begun = settled.first().map_or(end, |(at, _)| *at);
    let again = paused.end..paused.end + 30 * MINUTE;
    Found {
        best,
        at_first: until_near(&steps),
        afterwards,
        near: near.count() as f64 / settled.len().max(1) as f64,
        steady: part(settled, begun),
        whole: part(&steps, Moment::START),
        is_refused_again: server.refusals.iter().any(|at| again.contains(at)),
    }
}

/// Rows B15 and R7: after a refusal nothing arrives during the pause. Within sixty answers the limit is within one of
/// the best, at first and when it may grow again; then at least nine tenths of what an oracle gets that knows the best;
/// and fewer than one run in twenty is refused again within half an hour.
#[test]
fn an_api_that_slows_down_is_used_as_well_as_it_can_be() {
    const TEST: &str = "an_api_that_slows_down_is_used_as_well_as_it_can_be";
    let runs = number_from("ETIQUETTE_RUNS", RUNS);
    let runs = each_seed(TEST, runs, explore);
    for best in 1..=4 {
        let of = || {
            runs.iter()
                .map(|(_, run)| run)
                .filter(|run| run.best == best)
        };
        let least = |value: fn(&Found) -> f64| of().map(value).fold(f64::INFINITY, f64::min);
        let most = |value: fn(&Found) -> Option<usize>| of().map(value).max().flatten();
        println!(
            "best {best}, {} servers: near after at most {:?} and {:?} answers, then {:.3} of the time; at least {:.3} of the oracle, {:.3} with the pause; {} refused again",
            of().count(),
            most(|run| run.at_first),
            most(|run| run.afterwards),
            least(|run| run.near),
            least(|run| run.steady),
            least(|run| run.whole),
            of().filter(|run| run.is_refused_again).count(),
        );
    }
    let again = runs.iter().filter(|(_, run)| run.is_refused_again).count();
    assert!(
        again * 20 <= runs.len(),
        "{again} of {} refused again",
        runs.len()
    );
    for (seed, run) in &runs {
        let about = format!("best {}; {}", run.best, replay(TEST, *seed));
        for answers in [run.at_first, run.afterwards] {
            assert!(
                answers.is_some_and(|answers| answers <= 60),
                "{answers:?} answers; {about}"
            );
        }
        assert!(run.steady >= 0.9, "{} of the oracle; {about}", run.steady);
        assert!(
            run.near >= 0.9,
            "near for {} of the time; {about}",
            run.near
        );
    }
}

/// Row B16: an API that becomes five times as slow without refusing anything. The limit falls within ten answers, and
/// it never grows meanwhile.
#[test]
fn an_api_that_only_becomes_slow_is_asked_for_less() {
    const TEST: &str = "an_api_that_only_becomes_slow_is_asked_for_less";
    let falls = each_seed(TEST, 10, |seed| {
        // After ten minutes alone, what is slow would be usual.
        let slow = at(900)..at(1_400);
        let (steps, server) = run(seed, 30 * MINUTE, |server| {
            server.crowd = Moment::NEVER..Moment::NEVER;
            server.slow = slow.clone();
            // Five times as long behind a queue, it is still within the timeout.
            server.service /= 4;
        });
        assert!(server.refusals.is_empty());
        let from = |moment| steps.partition_point(|(at, _)| *at < moment);
        let before = steps[from(slow.start) - 1].1;
        // Answers to what has arrived since then; the others say nothing of it.
        let first = slow.start + server.service * 5;
        let slowed = &steps[from(first)..from(slow.end)];
        assert!(slowed.len() >= 10, "too few answers to say anything");
        let fell = slowed.iter().position(|(_, limit)| *limit < before);
        assert!(
            before == 1 || fell.is_some_and(|answers| answers < 10),
            "{before}: {slowed:?}"
        );
        let limits: Vec<u32> = slowed.iter().map(|(_, limit)| *limit).collect();
        assert!(
            limits.windows(2).all(|pair| pair[1] <= pair[0]),
            "it grew: {limits:?}"
        );
        fell.map(|answers| (before, answers + 1))
    });
    let fell: Vec<_> = falls.iter().filter_map(|(_, fell)| *fell).collect();
    println!("limits that fell, and after how many answers: {fell:?}");
    assert!(
        fell.len() * 2 > falls.len() || falls.len() == 1,
        "nothing was tested"
    );
}
