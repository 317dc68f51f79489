//! A call that is dropped before or after any of its polls, wherever it stands: while its credential is renewed, in
//! line for a permit, as the breaker's probe, between two attempts with one idempotency key.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};
use etiquette_runtime::{CredentialProvider, CredentialValue, Kind};
use futures::future::{join, join_all};

use crate::api::{RETRY, ok};

static TOKEN: Credential = Credential {
    name: "token",
    kind: CredentialKind::Bearer { prefix: "Bearer " },
    env: None,
};
static FIVE: Bucket = Bucket {
    name: "five",
    scope: &[Scope::Credential],
    window: Some(Window {
        max: 5,
        max_config: None,
        per: Duration::from_secs(60),
        per_config: None,
    }),
    learn: None,
};
static TWO: Concurrency = Concurrency {
    start: 2,
    min: 1,
    max: Some(2),
    slow_milli: None,
};
static STRICT: Api = Api {
    name: "strict",
    base: "https://strict.example",
    credentials: &[&TOKEN],
    buckets: &[&FIVE],
    concurrency: Some(&TWO),
    ..Api::NEW
};
const CALL: Operation = Operation {
    api: &STRICT,
    name: "things.list",
    path: "/things",
    limit: &[Charge {
        bucket: &FIVE,
        cost: 1,
    }],
    retry: Some(&RETRY),
    security: &[&[&TOKEN]],
    ..Operation::NEW
};
static READ: Operation = CALL;
static FREE: Operation = Operation {
    limit: &[],
    retry: None,
    ..CALL
};
static CREATE: Operation = Operation {
    name: "things.create",
    verb: Verb::Post,
    effect: Effect::Keyed(&IdempotencyKey {
        at: SendAt::Header("idempotency-key"),
        within: None,
        replay: None,
    }),
    ..CALL
};

/// Polls a future so often and then drops it: right after the last poll, or when it would be polled once more.
struct Cut<F> {
    future: Option<Pin<Box<F>>>,
    left: u32,
    waits_for_wake: bool,
}

impl<F: Future> Future for Cut<F> {
    type Output = bool;

    /// Whether it was cut.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.left > 0 {
            self.left -= 1;
            let future = self.future.as_mut().unwrap();
            if future.as_mut().poll(cx).is_ready() {
                return Poll::Ready(false);
            }
            if self.left > 0 || self.waits_for_wake {
                return Poll::Pending;
            }
        }
        self.future = None;
        Poll::Ready(true)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scene {
    ARenewal,
    ARejection,
    InLineForAPermit,
    AProbe,
    AKeyedWrite,
}

/// What the server does with one that bears the victim's mark, by how many of these there were before.
fn answer(scene: Scene, number: u32) -> ScriptReply {
    let second = Duration::from_secs(1);
    match (scene, number) {
        (Scene::ARejection, 0) => ScriptReply::empty(401).after(second),
        (Scene::AKeyedWrite, 0) => ScriptReply::lost().after(second),
        (Scene::AKeyedWrite, 1) => ScriptReply::empty(503).after(second),
        _ => ok().after(second),
    }
}

struct World {
    clock: VirtualClock,
    script: Script,
    client: Core,
}

fn world(scene: Scene) -> World {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let mut number = 0;
    script.respond_with(move |request| {
        if request.header("x-victim").is_none() {
            return ok().after(Duration::from_secs(1));
        }
        number += 1;
        answer(scene, number - 1)
    });
    let (mut given, timer) = (0, clock.clone());
    let given = Arc::new(Mutex::new(move || {
        given += 1;
        format!("token-{given}")
    }));
    let provider = CredentialProvider::new(move |_| {
        let (token, timer) = (given.lock().unwrap()(), timer.clone());
        async move {
            timer.sleep(timer.now() + Duration::from_secs(1)).await;
            Ok(CredentialValue::from(token).valid_for(Duration::from_secs(100_000)))
        }
    });
    let mut builder = Builder::new(&STRICT);
    builder.credential(&TOKEN, provider);
    builder.transport(script.clone());
    builder.clock(clock.clone());
    builder.spawn(clock.clone());
    builder.seed(7);
    World {
        clock,
        script,
        client: builder.build().unwrap(),
    }
}

impl World {
    fn call(&self) -> Call<()> {
        Request::new(&self.client, &READ).call_empty()
    }

    async fn others(&self, count: usize) {
        for result in join_all((0..count).map(|_| self.call())).await {
            result.unwrap();
        }
    }

    /// Opens the breaker and lets the pause pass.
    async fn outage(&self) {
        for _ in 0..10 {
            self.script.reply(ScriptReply::reset());
            let call: Call<()> = Request::new(&self.client, &FREE).call_empty();
            assert_eq!(call.await.unwrap_err().kind(), Kind::Truncated);
        }
        let error = self.call().await.unwrap_err();
        assert_eq!(error.kind(), Kind::CircuitOpen);
        let at = self.clock.now() + Duration::from_secs(100);
        self.clock.sleep(at).await;
    }
}

fn act(scene: Scene, polls: u32, waits_for_wake: bool) -> bool {
    let about = format!("{scene:?}, {polls} polls, waits for a wake: {waits_for_wake}");
    let world = world(scene);
    let victim = Cut {
        future: Some(Box::pin(async {
            let operation = if scene == Scene::AKeyedWrite {
                &CREATE
            } else {
                &READ
            };
            let call = Request::new(&world.client, operation).call_empty();
            call.with_header("x-victim", "1").await.unwrap();
        })),
        left: polls,
        waits_for_wake,
    };
    let was_cut = world.clock.run(async {
        let was_cut = match scene {
            Scene::ARenewal | Scene::ARejection => join(victim, world.others(3)).await.0,
            Scene::InLineForAPermit => join(world.others(3), victim).await.1,
            Scene::AKeyedWrite => victim.await,
            Scene::AProbe => {
                world.outage().await;
                victim.await
            }
        };
        // Long after, all of the quota is there for others, the breaker lets them pass, and two are on their way at once.
        let later = world.clock.now() + Duration::from_secs(1_000);
        world.clock.sleep(later).await;
        world.others(1).await;
        let began = world.clock.now();
        world.others(4).await;
        assert_eq!(world.clock.now() - began, Duration::from_secs(2), "{about}");
        was_cut
    });
    let snapshot = world.client.limits_snapshot();
    assert_eq!((snapshot.queued, snapshot.held), (0, None), "{about}");
    assert!(
        snapshot.buckets.iter().all(|bucket| bucket.in_flight == 0),
        "{about}"
    );
    assert!(
        snapshot.concurrency.iter().all(|pool| pool.in_flight == 0),
        "{about}"
    );
    let requests = world.script.requests();
    let key = |request: &RecordedRequest| request.header("idempotency-key").map(str::to_owned);
    let keys: BTreeSet<_> = requests.iter().filter_map(key).collect();
    assert!(keys.len() <= 1, "{about}: {keys:?}");
    was_cut
}

/// Row A21: every poll of every scene.
#[test]
fn a_call_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    for (scene, least) in [
        (Scene::ARenewal, 4),
        (Scene::ARejection, 6),
        (Scene::InLineForAPermit, 4),
        (Scene::AProbe, 3),
        (Scene::AKeyedWrite, 8),
    ] {
        let mut cuts = 0;
        for waits_for_wake in [false, true] {
            cuts += (0..)
                .take_while(|polls| act(scene, *polls, waits_for_wake))
                .count();
        }
        assert!(
            cuts >= least,
            "{scene:?} has too few polls to be what it says: {cuts}"
        );
    }
}
