//! Quotas that only the server knows: learned from headers, with a reset (the users API) and without one (Hive, where
//! the server allows less than is declared).
//!
//! The server counts in fixed windows of its own phase, or in sliding ones, refuses what is too much, and its clock is
//! off by up to ten years. Refusals are counted; what is accepted must be almost all that the server would accept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::stream::{FuturesUnordered, StreamExt};
use runtime::clock::{Clock, Moment};
use runtime::testing::{RecordedRequest, ScriptReply};

use crate::quota;
use crate::seeds::{each_seed, number_from, replay};
use crate::server::{Arrivals, MINUTE, World, success, user};
use crate::wire::{Latency, Wire};

const RUN: Duration = Duration::from_secs(3_600);
const HOURS: u64 = 10;

/// A server with fixed windows that tells limit, remaining and reset.
#[derive(Clone, Copy, Debug)]
struct Fixed {
    max: u32,
    window: Duration,
    /// How much of the first window is over at the start.
    phase: Duration,
    /// How far the server's clock is ahead, or behind.
    skew: i64,
    /// Resets are rounded up to whole seconds, or down.
    rounds_up: bool,
    /// Refusals carry `Retry-After`; otherwise only the reset.
    tells_wait: bool,
}

impl Fixed {
    fn any(rng: &mut fastrand::Rng) -> Fixed {
        let window = Duration::from_secs([30, 60, 60, 300][rng.usize(0..4)]);
        Fixed {
            max: rng.u32(20..=300),
            window,
            phase: window.mul_f64(rng.f64()),
            skew: [0, 1, -1, 3_600, -3_600, 315_576_000, -315_576_000][rng.usize(0..7)],
            rounds_up: rng.bool(),
            tells_wait: rng.bool(),
        }
    }

    /// The number of the window and how long it lasts from then on.
    fn window_at(&self, at: Moment) -> (u64, Duration) {
        let passed = (at + self.phase) - Moment::START;
        let number = passed.as_nanos() / self.window.as_nanos();
        let end = self.window * u32::try_from(number + 1).expect("it is a short run");
        (
            u64::try_from(number).expect("it is a short run"),
            end - passed,
        )
    }

    fn headers(
        &self,
        reply: ScriptReply,
        now: SystemTime,
        used: u32,
        left: Duration,
    ) -> ScriptReply {
        let shift = Duration::from_secs(self.skew.unsigned_abs());
        let own = if self.skew < 0 {
            now - shift
        } else {
            now + shift
        };
        let end = (own + left)
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("it is after 1970");
        let up = u64::from(self.rounds_up && end.subsec_nanos() > 0);
        reply
            .header("date", &httpdate::fmt_http_date(own))
            .header("x-ratelimit-limit", &self.max.to_string())
            .header(
                "x-ratelimit-remaining",
                &self.max.saturating_sub(used).to_string(),
            )
            .header("x-ratelimit-reset", &(end.as_secs() + up).to_string())
    }
}

/// What a server has counted.
#[derive(Clone, Default)]
struct Counted {
    accepted: Arrivals,
    refused: Arrivals,
}

struct Found {
    requests: usize,
    refused: usize,
    utilisation: f64,
}

fn with_reset(seed: u64) -> (String, Found) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let server = Fixed::any(&mut rng);
    let callers = rng.usize(4..=16);
    // Enough that the callers could ask for twice the quota.
    let longest = server
        .window
        .mul_f64(callers as f64 / f64::from(server.max) / 2.0);
    let latency = Latency::any(&mut rng, longest.min(Duration::from_secs(1)));
    let world = World::new();
    let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
    let (counted, clock) = (Counted::default(), world.clock.clone());
    let (mut window, mut used) = (0, 0);
    let log = counted.clone();
    world.script.respond_with(move |request| {
        let (number, left) = server.window_at(request.arrived);
        if number != window {
            (window, used) = (number, 0);
        }
        let now = clock.now_system();
        if used < server.max {
            used += 1;
            log.accepted.push(request.arrived);
            return server.headers(user(200), now, used, left);
        }
        log.refused.push(request.arrived);
        let reply = server.headers(
            ScriptReply::json(429, r#"{"error":"slow down"}"#),
            now,
            used,
            left,
        );
        match server.tells_wait {
            true => reply.header("retry-after", &left.as_secs_f64().ceil().to_string()),
            false => reply,
        }
    });
    let client = world.users(&wire, seed).build().expect("a client");
    let end = Moment::START + RUN;
    let caller = || async {
        while world.clock.now() < end {
            client
                .users()
                .get("u1")
                .await
                .expect("a refusal is waited out");
        }
    };
    let callers: FuturesUnordered<_> = (0..callers).map(|_| caller()).collect();
    let about = format!("{server:?}, {} callers, {latency:?}", callers.len());
    world.clock.run(callers.collect::<()>());
    let found = Found {
        requests: counted.accepted.all().len() + counted.refused.all().len(),
        refused: counted.refused.all().len(),
        utilisation: counted
            .accepted
            .utilisation(server.max as usize, server.window, end),
    };
    (about, found)
}

fn runs_of(hours: u64) -> u64 {
    hours.div_ceil(RUN.as_secs() / 3_600)
}

fn report(runs: &[(u64, Found)]) {
    let requests: usize = runs.iter().map(|(_, found)| found.requests).sum();
    let refused: usize = runs.iter().map(|(_, found)| found.refused).sum();
    let least = runs
        .iter()
        .map(|(_, found)| found.utilisation)
        .fold(f64::INFINITY, f64::min);
    let most = runs
        .iter()
        .map(|(_, found)| found.refused)
        .max()
        .unwrap_or(0);
    println!(
        "{} virtual hours: {requests} requests, {refused} refused (at most {most} in one), utilisation at least {least:.4}",
        runs.len() as u64 * RUN.as_secs() / 3_600,
    );
}

/// Rows B1, B9 and R4: limit, remaining and reset, by a clock that is off by up to ten years. Utilisation at least
/// 0.90, and what is refused is at most a hundredth.
#[test]
fn a_quota_with_a_reset_is_learned() {
    const TEST: &str = "a_quota_with_a_reset_is_learned";
    let runs = each_seed(
        TEST,
        runs_of(number_from("ETIQUETTE_HOURS", HOURS)),
        |seed| {
            let (about, found) = with_reset(seed);
            let (used, replay) = (found.utilisation, replay(TEST, seed));
            assert!(used >= 0.90, "utilisation {used:.4}; {about}; {replay}");
            let refused = found.refused;
            assert!(
                refused * 100 <= found.requests,
                "{refused} of {} refused; {about}; {replay}",
                found.requests
            );
            found
        },
    );
    report(&runs);
}

/// How a server without a reset counts.
#[derive(Clone, Copy, Debug)]
enum Counting {
    Sliding,
    Fixed(Duration),
}

/// The number of the fixed window in which this moment lies.
fn window(at: Moment, phase: Duration) -> u128 {
    (at - Moment::START + phase).as_nanos() / MINUTE.as_nanos()
}

/// Hive's server, which allows `max` in a minute and tells what is used.
struct Hive {
    max: usize,
    counting: Counting,
    /// What others use of it, in each minute.
    others: usize,
    accepted: Vec<Moment>,
    log: Counted,
}

impl Hive {
    fn used(&self, now: Moment) -> usize {
        let is_counted = |at: &&Moment| match self.counting {
            Counting::Sliding => now - **at < MINUTE,
            Counting::Fixed(phase) => window(**at, phase) == window(now, phase),
        };
        self.others + self.accepted.iter().rev().take_while(is_counted).count()
    }

    fn answer(&mut self, request: &RecordedRequest) -> ScriptReply {
        let now = request.arrived;
        let used = self.used(now);
        let reply = if used < self.max {
            self.accepted.push(now);
            self.log.accepted.push(now);
            success(request)
        } else {
            self.log.refused.push(now);
            ScriptReply::text(429, "slow down").header("retry-after", "5")
        };
        reply
            .header("x-rate-limit-max", &self.max.to_string())
            .header("x-rate-limit-used", &self.used(now).to_string())
    }
}

fn without_reset(seed: u64, others: usize) -> (String, Found) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let max = rng.usize(30..100);
    let counting = match rng.bool() {
        true => Counting::Sliding,
        false => Counting::Fixed(MINUTE.mul_f64(rng.f64())),
    };
    let callers = rng.usize(2..=16);
    let latency = Latency::any(&mut rng, Duration::from_secs(1));
    let world = World::new();
    let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
    let log = Counted::default();
    let server = Hive {
        max,
        counting,
        others,
        accepted: Vec::new(),
        log: log.clone(),
    };
    let server = Arc::new(Mutex::new(server));
    world.script.respond_with(move |request| {
        server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answer(request)
    });
    let client = world.hive(&wire, seed).build().expect("a client");
    let end = Moment::START + RUN;
    world
        .clock
        .run(quota::saturate(&world, &client, callers, end));
    let about = format!("at most {max}, {counting:?}, {callers} callers, {latency:?}");
    let found = Found {
        requests: log.accepted.all().len() + log.refused.all().len(),
        refused: log.refused.all().len(),
        utilisation: log.accepted.utilisation(max - others, MINUTE, end),
    };
    (about, found)
}

/// Row B11: a server that allows less than is declared. After the first answer nothing is refused, and the lower quota
/// is used up.
#[test]
fn a_lower_quota_than_the_declared_one_is_learned() {
    const TEST: &str = "a_lower_quota_than_the_declared_one_is_learned";
    let runs = each_seed(
        TEST,
        runs_of(number_from("ETIQUETTE_HOURS", HOURS)),
        |seed| {
            let (about, found) = without_reset(seed, 0);
            let (used, replay) = (found.utilisation, replay(TEST, seed));
            assert!(used >= 0.95, "utilisation {used:.4}; {about}; {replay}");
            assert_eq!(found.refused, 0, "{about}; {replay}");
            found
        },
    );
    report(&runs);
}

/// Row B11: others use ten slots of each window. What is refused because of them is at most what they use, and the
/// rest of the quota is used up.
#[test]
fn others_cost_no_more_than_they_use() {
    const TEST: &str = "others_cost_no_more_than_they_use";
    const OTHERS: usize = 10;
    let runs = each_seed(TEST, 20, |seed| {
        let (about, found) = without_reset(seed, OTHERS);
        let (used, replay) = (found.utilisation, replay(TEST, seed));
        assert!(used >= 0.90, "utilisation {used:.4}; {about}; {replay}");
        let minutes = usize::try_from(RUN.as_secs() / 60).expect("it is small");
        assert!(
            found.refused <= OTHERS * (minutes + 1),
            "{} refused; {about}; {replay}",
            found.refused
        );
        found
    });
    report(&runs);
}
