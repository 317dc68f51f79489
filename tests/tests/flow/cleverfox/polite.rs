//! The slow-down queue of CleverFox's account: many callers behind one client go on at the server's pace, and what it
//! refuses it refuses rarely.

use std::time::Duration;

use etiquette_apis::Kind;
use etiquette_apis::cleverfox::{Fault, NewCompany};
use etiquette_standins::Fault as Play;
use etiquette_standins::cleverfox::{Config, Queue};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::inside::{AT_ONCE, Inside, PAUSE, basic, silences};
use crate::flow::world::{KEY, MINUTE};

/// Reads companies, so many callers at once.
async fn read(world: &Inside, calls: i64, callers: usize) {
    let companies = world.api.companies();
    let all = futures::stream::iter(0..calls).map(|call| companies.get(1 + call % 12));
    let all = all.buffer_unordered(callers);
    all.try_for_each(async |_| Ok(())).await.unwrap();
}

/// Without manners the same queue refuses: the control of what the tests below show.
#[test]
fn the_queue_refuses_who_has_no_manners() {
    let world = Inside::new(Config::default());
    let refused = world.clock.run(async {
        let all = futures::stream::iter(0..200).map(|_| world.barge("/companies/1"));
        let all = all.buffer_unordered(16).collect::<Vec<bool>>();
        all.await.into_iter().filter(|refused| *refused).count()
    });
    assert!(refused > 150, "{refused} of 200");
    assert_eq!(basic("Aladdin"), "Basic QWxhZGRpbjo=");
}

/// Row B15: sixteen callers, 1 500 calls: never more at once than is declared, at most a handful of refusals, and
/// nothing arrives in the pause after one.
#[test]
fn sixteen_callers_meet_a_handful_of_refusals() {
    for (slow_by, most_slowed, most_waiting) in
        [(400, 60, 8), (400, 20, 3), (2_000, 60, 8), (50, 40, 4)]
    {
        let world = Inside::new(Config {
            queue: Queue {
                slow_by: Duration::from_millis(slow_by),
                most_slowed,
                most_waiting,
                ..Queue::default()
            },
            ..Config::default()
        });
        world.clock.run(read(&world, 1_500, 16));
        let arrivals = world.server.arrivals();
        let refused = arrivals.len() - 1_500;
        let slowed = arrivals.iter().filter(|one| !one.slowed.is_zero()).count();
        println!(
            "slow by {slow_by} ms, {most_slowed} slowed: {} requests, {refused} refused, {slowed} slowed, {} at once, {:?}",
            arrivals.len(),
            world.server.most_at_once(),
            world.passed(),
        );
        assert!(world.server.most_at_once() <= AT_ONCE);
        assert!(refused <= 5, "{refused} refusals");
        let silences = silences(&arrivals);
        assert!(
            silences.iter().all(|length| *length >= PAUSE),
            "{silences:?}"
        );
    }
}

/// Row B15: somebody else fills the account's queue; the client pauses, halves, and grows again only after ten minutes.
#[test]
fn what_others_do_is_waited_out() {
    let world = Inside::new(Config::default());
    world.clock.run(async {
        read(&world, 40, 4).await;
        let crowd = futures::future::join_all((0..12).map(|_| world.barge("/plans")));
        futures::join!(crowd, read(&world, 400, 16));
    });
    let arrivals = world.server.arrivals();
    let own: Vec<_> = arrivals
        .into_iter()
        .filter(|one| one.path.starts_with("/api/companies"))
        .collect();
    let refused = own.iter().filter(|one| one.status == Some(429)).count();
    assert!((1..=4).contains(&refused), "{refused}");
    assert!(silences(&own).iter().all(|length| *length >= PAUSE));
    let permits = world.api.limits().concurrency[0].limit;
    assert!(permits <= 2, "{permits}");
}

/// The words of a refusal, as text and as JSON, with the reference that the support asks for.
#[test]
fn a_refusal_keeps_its_reference() {
    for refuses_in_json in [false, true] {
        let world = Inside::new(Config {
            refuses_in_json,
            queue: Queue {
                most_waiting: 0,
                ..Queue::default()
            },
            ..Config::default()
        });
        let error = world.clock.run(async {
            // With two at once the second one finds the first one.
            let companies = world.api.companies();
            let (one, other) = futures::join!(
                companies.get(1).with_max_wait(MINUTE),
                companies.get(2).with_max_wait(MINUTE)
            );
            one.and(other).unwrap_err()
        });
        assert_eq!((error.kind(), error.status()), (Kind::Refused, Some(429)));
        assert_eq!(error.reference(), Some("CF-8F3A21"));
        let at = error.retry_at().unwrap();
        let at = at.duration_since(world.clock.now_system()).unwrap();
        assert!(at > PAUSE && at < PAUSE + MINUTE / 6, "{at:?}");
        assert!(!format!("{error} {error:?}").contains(KEY));
        assert_eq!(
            world.server.arrivals().len(),
            2,
            "the pause is not waited for in parts"
        );
    }
}

/// A refused write was not carried out; it goes out again after the pause, with the same token, and is made once.
#[test]
fn a_refused_create_is_made_once() {
    let world = Inside::new(Config::default());
    let words = "Your request was denied due to a usage violation. You can track this request with support by referencing CF-000007";
    let refusal = etiquette_standins::Answer::new(429).body(words);
    world.server.next(Play::Answer(refusal));
    let made = world
        .clock
        .run(world.api.companies().create(&NewCompany::new(1, 2, "Late")));
    let made = made.unwrap();
    let writes = world.server.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0].body, writes[1].body);
    assert_eq!((writes[0].applied, writes[1].applied), (false, true));
    assert!(writes[1].at.duration_since(writes[0].at).unwrap() >= PAUSE);
    let token = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["Token"].clone();
    assert!(token(&writes[0].body).as_str().unwrap().len() >= 20);
    let known = world
        .clock
        .run(world.api.companies().get(made.company_id))
        .unwrap();
    assert_eq!(known.name, "Late");
    let missing = world.clock.run(world.api.companies().get(999)).unwrap_err();
    assert_eq!(Fault::of(&missing), Some(Fault::NotFound));
}
