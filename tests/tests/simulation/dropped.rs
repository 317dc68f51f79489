//! Cancellation of every public future besides a plain call's (rows A21, H10 and R8): dropped before and after each of
//! its polls, while a token is renewed, a permit is wanted, the breaker is probed, a write bears a key, a list runs
//! ahead of its reader, or what became of a create is looked up.
//!
//! Afterwards others go on as if nothing had been, no request is made for what was dropped, and nothing waits for it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use etiquette_cases::{OAuthClient, keyed, oauth, paging, refusals};
use futures::future::{join, join_all};
use runtime::clock::{Clock, Moment};
use runtime::testing::{RecordedRequest, ScriptReply};
use runtime::transport::Failure;
use runtime::value::Decimal;
use runtime::{CredentialProvider, CredentialValue, Error, Kind, LimitsSnapshot};

use crate::cancellation::{Cut, Ended, nothing_is_left, run};
use crate::seeds::each_seed;
use crate::server::{MINUTE, World};
use crate::wire::{Latency, NotSent, Wire};

const SECOND: Duration = Duration::from_secs(1);

/// Where to drop the victim.
#[derive(Clone, Copy)]
struct At {
    polls: u32,
    waits_for_wake: bool,
}

impl At {
    fn cut<F: Future>(self, future: F) -> Cut<F> {
        Cut::new(future, self.polls, self.waits_for_wake)
    }
}

type Scene = fn(At, &str) -> Ended;

const SCENES: [(&str, Scene); 11] = [
    ("a credential is renewed", renewed),
    ("a token is got", token),
    ("few at once", few),
    ("the probe behind the breaker", probe),
    ("a write with a key", keyed_write),
    ("a list that runs ahead", ahead),
    ("a step of a list", step),
    ("a page", page),
    ("an estimate", estimate),
    ("a create that is looked up", looked_up),
    ("a raw reply", raw),
];

fn world() -> (World, Wire) {
    let world = World::new();
    let latency = Latency::Constant(SECOND);
    let wire = Wire::new(
        &world.script,
        &world.clock,
        latency,
        &mut fastrand::Rng::with_seed(1),
    );
    (world, wire)
}

macro_rules! client {
    ($builder:expr, $world:expr, $wire:expr) => {
        $builder
            .with_transport($wire.clone())
            .with_clock($world.clock.clone())
            .with_spawn($world.clock.clone())
            .with_seed(1)
            .build()
            .expect("a client")
    };
}

/// After a while, which every request on its way survives, nothing is left: no slot, no permit, no sleeper.
async fn settled(world: &World, limits: impl Fn() -> LimitsSnapshot, about: &str) {
    world.clock.sleep(world.clock.now() + 2 * MINUTE).await;
    nothing_is_left(&limits(), about);
    // `run` has one sleeper of its own.
    let clock = format!("{:?}", world.clock);
    assert!(clock.contains("sleepers: 1 "), "{about}: {clock}");
}

/// Calls that have to succeed, and the time that all of them take.
async fn others(
    world: &World,
    calls: impl Iterator<Item = impl Future<Output = Result<(), Error>>>,
    about: &str,
) -> Duration {
    let begun = world.clock.now();
    for result in join_all(calls).await {
        assert!(result.is_ok(), "{about}: {result:?}");
    }
    world.clock.now() - begun
}

fn ok(request: &RecordedRequest) -> ScriptReply {
    match request.path().ends_with("/ping") {
        true => ScriptReply::empty(204),
        false => ScriptReply::json(200, r#"{"id":1}"#),
    }
}

/// The first token is rejected, so that both getting one and renewing it are waited for.
fn renewed(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    world
        .script
        .respond_with(|request| match request.header("authorization") {
            Some("Bearer t1") => ScriptReply::json(401, "{}"),
            _ => ok(request),
        });
    let (asked, clock) = (Arc::new(AtomicUsize::new(0)), world.clock.clone());
    let counted = Arc::clone(&asked);
    let provider = CredentialProvider::new(move |_| {
        let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
        let slow = clock.sleep(clock.now() + SECOND);
        async move {
            slow.await;
            Ok(CredentialValue::new(format!("t{number}"))?)
        }
    });
    let client = client!(refusals::Client::builder().key(provider), world, wire);
    run(&world, about, async {
        let victim = client.things().ping();
        let both = (0..2).map(|_| async { client.things().ping().await });
        let (ended, took) = join(at.cut(victim), others(&world, both, about)).await;
        let four = (0..4).map(|_| async { client.things().ping().await });
        let then = others(&world, four, about).await;
        assert!(took + then < 20 * SECOND, "{about}: {took:?} and {then:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 2, "{about}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

fn token(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    world
        .script
        .respond_with(|request| match request.uri.host() {
            Some("auth.example.com") => {
                let body = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;
                ScriptReply::json(200, body).after(SECOND)
            }
            _ => ok(request),
        });
    let app = OAuthClient::new("app", "secret");
    let client = client!(oauth::Client::builder().app(app), world, wire);
    run(&world, about, async {
        let ended = at.cut(client.things().get(1)).await;
        let two = (0..2).map(|_| async { client.things().get(1).await.map(drop) });
        let took = others(&world, two, about).await;
        assert!(took < 10 * SECOND, "{about}: {took:?}");
        let tokens = world.script.requests();
        let tokens = tokens
            .iter()
            .filter(|it| it.uri.host() == Some("auth.example.com"));
        assert_eq!(tokens.count(), 1, "{about}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

/// Two at once, and three who want to: the fourth waits for a permit first.
fn few(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    world.script.respond_with(ok);
    let client = client!(refusals::Client::builder().key("key"), world, wire);
    run(&world, about, async {
        let three = (0..3).map(|_| async { client.things().ping().await });
        let victim = async {
            world.clock.sleep(world.clock.now() + SECOND / 2).await;
            client.things().ping().await
        };
        let (_, ended) = join(others(&world, three, about), at.cut(victim)).await;
        let eight = (0..8).map(|_| async { client.things().ping().await });
        let took = others(&world, eight, about).await;
        // With one permit instead of two or more it takes eight seconds.
        assert!(took <= 5 * SECOND, "{about}: {took:?}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

fn probe(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    world.script.respond_with(ok);
    let (clock, down) = (world.clock.clone(), Moment::START + MINUTE);
    wire.breaks_with(move |_| {
        (clock.now() < down).then_some(NotSent {
            kind: Failure::Connect,
            after: Duration::from_millis(1),
        })
    });
    let client = client!(refusals::Client::builder().key("key"), world, wire);
    run(&world, about, async {
        let until = loop {
            let error = client
                .things()
                .ping()
                .await
                .expect_err("nothing gets through");
            if error.kind() == Kind::CircuitOpen && world.clock.now() >= down {
                break error.retry_at().expect("it says when to come again");
            }
            world.clock.sleep(world.clock.now() + SECOND).await;
        };
        let left = until
            .duration_since(world.clock.now_system())
            .unwrap_or_default();
        world.clock.sleep(world.clock.now() + left).await;
        let ended = at.cut(client.things().ping()).await;
        // Whoever comes next is the probe, and then the breaker is closed.
        let one = others(&world, [client.things().ping()].into_iter(), about).await;
        let four = (0..4).map(|_| async { client.things().ping().await });
        let took = others(&world, four, about).await;
        assert!(one + took <= 5 * SECOND, "{about}: {one:?} and {took:?}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

/// The first answer is lost, so that it is sent again with its key.
fn keyed_write(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    let mut keys = Vec::new();
    let (effects, mut is_first) = (Arc::new(AtomicUsize::new(0)), true);
    let counted = Arc::clone(&effects);
    world.script.respond_with(move |request| {
        let key = request.header("idempotency-key").map(str::to_owned);
        if !keys.contains(&key) {
            keys.push(key);
            counted.fetch_add(1, Ordering::Relaxed);
        }
        match std::mem::take(&mut is_first) {
            true => ScriptReply::lost(),
            false => ScriptReply::json(200, r#"{"id":1,"amount":1}"#),
        }
    });
    let client = client!(keyed::Client::builder(), world, wire);
    run(&world, about, async {
        let payment = keyed::NewPayment::new(Decimal::from(1));
        let ended = at.cut(client.payments().create(&payment)).await;
        world.clock.sleep(world.clock.now() + MINUTE).await;
        assert!(effects.load(Ordering::Relaxed) <= 1, "{about}");
        let two = (0..2).map(|_| async { client.payments().create(&payment).await.map(drop) });
        others(&world, two, about).await;
        assert!(effects.load(Ordering::Relaxed) <= 3, "{about}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

const PAGES: usize = 5;

/// Five pages of two rows each.
fn rows(world: &World) {
    world.script.respond_with(|request| {
        let skip: usize = request
            .query("skip")
            .map_or(0, |skip| skip.parse().expect("a number"));
        let row = |id: usize| format!(r#"{{"id":{id},"name":"n"}}"#);
        let items: Vec<String> = (skip..2 * PAGES).take(2).map(row).collect();
        let total = 2 * PAGES;
        let body = format!(
            r#"{{"items":[{}],"meta":{{"total":{total}}}}}"#,
            items.join(",")
        );
        ScriptReply::json(200, body)
    });
}

/// What was on its way arrives, and nothing after it.
async fn silent(world: &World, wire: &Wire, about: &str) {
    let attempts = wire.attempts();
    world.clock.sleep(world.clock.now() + MINUTE).await;
    assert_eq!(wire.attempts(), attempts, "{about}: somebody still sends");
}

fn ahead(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    rows(&world);
    let client = client!(paging::Client::builder(), world, wire);
    run(&world, about, async {
        let walk = client.offsets().list().take(2).with_prefetch(2).items();
        let reader = async {
            let mut walk = walk;
            while walk.try_next().await.expect("all pages are good").is_some() {
                world.clock.sleep(world.clock.now() + SECOND / 3).await;
            }
        };
        let ended = at.cut(reader).await;
        // Its task learns of it when it is polled again.
        world
            .clock
            .sleep(world.clock.now() + Duration::from_millis(1))
            .await;
        silent(&world, &wire, about).await;
        let again = client.offsets().list().take(2).items().collect_at_most(100);
        let again = again.await.expect("all pages are good");
        assert_eq!(again.len(), 2 * PAGES, "{about}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

/// One step of the walk is dropped; the walk goes on and misses nothing.
fn step(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    rows(&world);
    let client = client!(paging::Client::builder(), world, wire);
    run(&world, about, async {
        let mut walk = client.offsets().list().take(2).items();
        let mut ids = Vec::new();
        for _ in 0..2 {
            let row = walk.try_next().await.expect("all pages are good");
            ids.extend(row.map(|row| row.id));
        }
        let mut got = None;
        let ended = at
            .cut(async { got = walk.try_next().await.expect("all pages are good") })
            .await;
        ids.extend(got.map(|row| row.id));
        while let Some(row) = walk.try_next().await.expect("all pages are good") {
            ids.push(row.id);
        }
        assert_eq!(ids, (0..10).collect::<Vec<_>>(), "{about}");
        drop(walk);
        settled(&world, || client.limits(), about).await;
        ended
    })
}

fn page(at: At, about: &str) -> Ended {
    listed(at, about, |list| async { drop(list.await) })
}

fn estimate(at: At, about: &str) -> Ended {
    listed(at, about, |list| async { drop(list.estimate().await) })
}

fn listed<F: Future<Output = ()>>(at: At, about: &str, act: fn(paging::ListOffsets) -> F) -> Ended {
    let (world, wire) = world();
    rows(&world);
    let client = client!(paging::Client::builder(), world, wire);
    run(&world, about, async {
        let ended = at.cut(act(client.offsets().list().take(2))).await;
        silent(&world, &wire, about).await;
        let two = (0..2).map(|_| async { client.offsets().list().await.map(drop) });
        others(&world, two, about).await;
        settled(&world, || client.limits(), about).await;
        ended
    })
}

fn looked_up(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    let mut made = 0;
    world.script.respond_with(move |request| {
        let user = r#"{"id":1,"email":"a@example.com","name":"n","team_id":1}"#;
        if request.method == http::Method::GET {
            return ScriptReply::json(200, format!("[{user}]"));
        }
        made += 1;
        match made {
            1 => ScriptReply::lost(),
            _ => ScriptReply::json(201, user),
        }
    });
    let client = client!(keyed::Client::builder(), world, wire);
    run(&world, about, async {
        let user = keyed::NewUser::new("a@example.com", "n", 1);
        let ended = at.cut(client.users().create(&user).reconcile()).await;
        silent(&world, &wire, about).await;
        let posts = world.script.requests();
        let posts = posts
            .iter()
            .filter(|it| it.method == http::Method::POST)
            .count();
        assert!(posts <= 1, "{about}: it was sent again");
        let two =
            (0..2).map(|_| async { client.users().create(&user).reconcile().await.map(drop) });
        others(&world, two, about).await;
        settled(&world, || client.limits(), about).await;
        ended
    })
}

fn raw(at: At, about: &str) -> Ended {
    let (world, wire) = world();
    let mut is_first = true;
    world
        .script
        .respond_with(move |request| match std::mem::take(&mut is_first) {
            // A refusal, and a gate that stays shut for some time.
            true => ScriptReply::json(429, r#"{"error":{"code":"slow_down"}}"#)
                .header("x-kind", "limit")
                .header("x-scope", "shop/1")
                .header("retry-after", "70"),
            false => ok(request),
        });
    let client = client!(refusals::Client::builder().key("key"), world, wire);
    run(&world, about, async {
        let ended = at.cut(client.things().get(1).send_raw()).await;
        let four = (0..4).map(|_| async { client.things().ping().await });
        let took = others(&world, four, about).await;
        assert!(took <= 100 * SECOND, "{about}: {took:?}");
        settled(&world, || client.limits(), about).await;
        ended
    })
}

/// Rows A21, H10 and R8: every poll of every scene. A seed is the number of a scene.
#[test]
fn a_future_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    const TEST: &str = "a_future_that_is_dropped_at_any_poll_leaves_nothing_behind";
    let places = each_seed(TEST, SCENES.len() as u64, |seed| {
        let (name, scene) = SCENES[usize::try_from(seed).expect("it is small") % SCENES.len()];
        let mut cuts = 0;
        for waits_for_wake in [false, true] {
            for polls in 0.. {
                let about = format!("{name}, {polls} polls, waits for a wake: {waits_for_wake}");
                let at = At {
                    polls,
                    waits_for_wake,
                };
                if scene(at, &about) == Ended::ByItself {
                    break;
                }
                cuts += 1;
            }
        }
        assert!(cuts >= 4, "{name} has too few polls to be what it says");
        (name, cuts)
    });
    for (_, (name, cuts)) in &places {
        println!("{name}: dropped at {cuts} places");
    }
    let all: u32 = places.iter().map(|(_, (_, cuts))| cuts).sum();
    println!("{all} places in {} scenes", places.len());
}
