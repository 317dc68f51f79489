//! Cancellation (rows A21 and R8): a call is dropped before and after each of its polls, wherever it stands: in line,
//! at a gate, as the probe behind it, on the wire, in a backoff, in a body that stalls.
//!
//! Afterwards nothing may be missing: other callers go on, the quota is used up again and never exceeded, counting
//! also requests that arrive although they were given up, and `limits()` shows nothing in flight.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use etiquette_apis::{hive, users};
use futures::future::{Either, join, select};
use futures::stream::{FuturesUnordered, StreamExt};
use runtime::LimitsSnapshot;
use runtime::clock::{Clock, Moment};
use runtime::testing::ScriptReply;

use crate::quota::saturate;
use crate::seeds::each_seed;
use crate::server::{MINUTE, World, fullest, success, user, warehouses};
use crate::wire::{Latency, Wire};

const QUOTA: usize = 10;

/// Polls a future so often and then drops it: right after the last poll, or when it would be polled once more.
pub(crate) struct Cut<F> {
    future: Option<Pin<Box<F>>>,
    left: u32,
    waits_for_wake: bool,
}

impl<F: Future> Cut<F> {
    pub(crate) fn new(future: F, polls: u32, waits_for_wake: bool) -> Cut<F> {
        Cut {
            future: Some(Box::pin(future)),
            left: polls,
            waits_for_wake,
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Cut,
    ByItself,
}

impl<F: Future> Future for Cut<F> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        if self.left == 0 {
            self.future = None;
            return Poll::Ready(Ended::Cut);
        }
        self.left -= 1;
        let future = self
            .future
            .as_mut()
            .expect("it is not polled after its end");
        if future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ended::ByItself);
        }
        if self.left == 0 && !self.waits_for_wake {
            self.future = None;
            return Poll::Ready(Ended::Cut);
        }
        Poll::Pending
    }
}

/// What happens to the victim's first attempt, or before it.
#[derive(Clone, Copy, Debug)]
enum Scene {
    OnTheWire,
    InLine,
    AtAGate,
    AsAProbe,
    InABackoff,
    InAStalledBody,
    WithoutConnection,
}

const SCENES: [Scene; 7] = [
    Scene::OnTheWire,
    Scene::InLine,
    Scene::AtAGate,
    Scene::AsAProbe,
    Scene::InABackoff,
    Scene::InAStalledBody,
    Scene::WithoutConnection,
];

impl Scene {
    fn first_reply(self) -> ScriptReply {
        match self {
            Scene::OnTheWire | Scene::InLine | Scene::WithoutConnection => warehouses(),
            Scene::AtAGate => ScriptReply::text(429, "").header("retry-after", "5"),
            Scene::AsAProbe => ScriptReply::text(429, "").header("retry-after", "90"),
            Scene::InABackoff => ScriptReply::empty(503),
            Scene::InAStalledBody => warehouses().stalls_at(7),
        }
    }
}

pub(crate) fn nothing_is_left(limits: &LimitsSnapshot, about: &str) {
    assert_eq!(limits.queued, 0, "{about}");
    assert_eq!(limits.held, None, "{about}");
    for pool in &limits.concurrency {
        assert_eq!(pool.in_flight, 0, "{about}");
    }
    for bucket in &limits.buckets {
        assert_eq!((bucket.in_flight, bucket.queued), (0, 0), "{about}");
        assert_eq!(bucket.held, None, "{about}");
    }
}

/// Drives a scene to its end. Where something is missing for ever, callers would look for it for ever.
pub(crate) fn run<T>(world: &World, about: &str, scene: impl Future<Output = T>) -> T {
    let too_late = world.clock.sleep(Moment::START + 120 * MINUTE);
    match world.clock.run(select(pin!(scene), too_late)) {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => panic!("{about}: somebody waits for ever"),
    }
}

async fn some_calls(client: &hive::Client, callers: usize, calls: usize) {
    let caller = || async {
        for _ in 0..calls {
            client
                .warehouses()
                .list()
                .await
                .expect("every answer to them is a success");
        }
    };
    (0..callers)
        .map(|_| caller())
        .collect::<FuturesUnordered<_>>()
        .collect::<()>()
        .await;
}

fn act(scene: Scene, polls: u32, waits_for_wake: bool) -> Ended {
    let about = format!("{scene:?}, {polls} polls, waits for a wake: {waits_for_wake}");
    let mut rng = fastrand::Rng::with_seed(u64::from(polls));
    let world = World::new();
    let wire = Wire::new(
        &world.script,
        &world.clock,
        Latency::Uniform(Duration::from_secs(1)),
        &mut rng,
    );
    let (arrivals, mut first) = (world.arrivals.clone(), true);
    world.script.respond_with(move |request| {
        arrivals.push(request.arrived);
        match request.header("x-victim").is_some() && std::mem::take(&mut first) {
            true => scene.first_reply(),
            false => success(request),
        }
    });
    let mut breaks = matches!(scene, Scene::WithoutConnection);
    wire.breaks_with(move |request| {
        let breaks = request.headers().contains_key("x-victim") && std::mem::take(&mut breaks);
        breaks.then_some(crate::wire::NotSent {
            kind: runtime::transport::Failure::Connect,
            after: Duration::from_secs(1),
        })
    });
    let quota = u32::try_from(QUOTA).expect("it is small");
    let client = world
        .hive(&wire, 1)
        .requests_per_window(quota)
        .build()
        .expect("a client");
    let victim = client
        .warehouses()
        .list()
        .with_header("x-victim", "1")
        .with_timeout(Duration::from_secs(5));
    let victim = Cut::new(victim, polls, waits_for_wake);
    let (ended, from, end) = run(&world, &about, async {
        let ended = match scene {
            // The quota is used up before it comes, and more come after it.
            Scene::InLine => {
                join(
                    some_calls(&client, 12, 2),
                    join(victim, some_calls(&client, 3, 2)),
                )
                .await
                .1
                .0
            }
            Scene::OnTheWire | Scene::AtAGate | Scene::AsAProbe => {
                join(victim, some_calls(&client, 4, 2)).await.0
            }
            Scene::InABackoff | Scene::InAStalledBody | Scene::WithoutConnection => {
                join(victim, some_calls(&client, 2, 2)).await.0
            }
        };
        let from = world.clock.now() + 3 * MINUTE;
        saturate(&world, &client, 4, from + 30 * MINUTE).await;
        (ended, from, from + 30 * MINUTE)
    });
    nothing_is_left(&client.limits(), &about);
    let mut arrived = world.arrivals.all();
    arrived.extend(wire.strays());
    arrived.sort_unstable();
    assert!(
        fullest(&arrived, MINUTE) <= QUOTA,
        "{about}: more than the quota"
    );
    let served = arrived
        .iter()
        .filter(|at| **at >= from && **at < end)
        .count();
    // One slot of ten that is lost takes a tenth away; what latency takes is less than that.
    assert!(
        served * 100 >= 95 * 30 * QUOTA,
        "{about}: only {served} in half an hour"
    );
    ended
}

/// Rows A21 and R8: every poll of every scene. A seed is the number of a scene.
#[test]
fn a_call_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    const TEST: &str = "a_call_that_is_dropped_at_any_poll_leaves_nothing_behind";
    let places = each_seed(TEST, SCENES.len() as u64, |seed| {
        let scene = SCENES[usize::try_from(seed).expect("it is small") % SCENES.len()];
        let mut cuts = 0;
        for waits_for_wake in [false, true] {
            for polls in 0.. {
                if act(scene, polls, waits_for_wake) == Ended::ByItself {
                    break;
                }
                cuts += 1;
            }
        }
        assert!(cuts >= 6, "{scene:?} has too few polls to be what it says");
        (scene, cuts)
    });
    for (_, (scene, cuts)) in places {
        println!("{scene:?}: dropped at {cuts} places");
    }
}

/// Row A21: the only request of a quota that is not known yet is dropped, and those behind it must not wait for ever.
#[test]
fn the_first_request_of_an_unknown_quota_may_be_dropped() {
    let mut cuts = 0;
    for polls in 0.. {
        let mut rng = fastrand::Rng::with_seed(u64::from(polls));
        let world = World::new();
        let latency = Latency::Constant(Duration::from_millis(500));
        let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
        let mut used = 0;
        world.script.respond_with(move |_| {
            used += 1;
            user(200)
                .header("x-ratelimit-limit", "1000")
                .header("x-ratelimit-remaining", &(1_000 - used).to_string())
        });
        let client = world.users(&wire, 1).build().expect("a client");
        let victim = Cut::new(client.users().get("u1"), polls, false);
        let others = async {
            let calls = (0..20).map(|_| client.users().get("u1"));
            calls
                .collect::<FuturesUnordered<_>>()
                .collect::<Vec<Result<users::User, _>>>()
                .await
        };
        let about = format!("{polls} polls");
        let (ended, answers) = run(&world, &about, join(victim, others));
        assert!(answers.iter().all(Result::is_ok), "{about}");
        assert!(
            world.clock.now() < Moment::START + MINUTE,
            "{about}: the others waited too long"
        );
        nothing_is_left(&client.limits(), &about);
        if ended == Ended::ByItself {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 2);
}
