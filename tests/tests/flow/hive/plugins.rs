//! Row B2: two buckets at once, one for the token and one for the token with its plugin. A call
//! takes both or none, and neither server window is ever exceeded.

use std::collections::BTreeMap;
use std::time::Duration;

use etiquette_apis::Limits;
use etiquette_cases::limits::Client;
use futures::{StreamExt, TryStreamExt};
use runtime::clock::Moment;
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};

const WINDOW: Duration = Duration::from_secs(300);

/// The largest number of arrivals in any window `[t, t + length)`; each counts as much as it costs.
fn most(arrivals: &[(Duration, usize)]) -> usize {
    let inside = |first: usize| -> usize {
        let end = arrivals[first].0 + WINDOW;
        arrivals[first..]
            .iter()
            .take_while(|(at, _)| *at < end)
            .map(|(_, cost)| cost)
            .sum()
    };
    (0..arrivals.len()).map(inside).max().unwrap_or(0)
}

struct World {
    clock: VirtualClock,
    script: Script,
    limits: Limits,
}

impl World {
    fn new(latency: Duration) -> World {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let ok = ScriptReply::json(200, r#"{"id":1}"#).after(latency);
        script.respond_with(move |_| ok.clone());
        World {
            clock,
            script,
            limits: Limits::default(),
        }
    }

    fn client(&self, plugin: &str, token_requests: u32) -> Client {
        let builder = Client::builder()
            .key("key")
            .plugin(plugin)
            .token_requests(token_requests);
        let builder = builder
            .with_transport(self.script.clone())
            .with_clock(self.clock.clone());
        builder.with_limits(self.limits.clone()).build().unwrap()
    }

    /// The arrivals of each plugin and of all together, by their cost in the plugin's bucket.
    fn by_plugin(&self) -> BTreeMap<String, Vec<(Duration, usize)>> {
        let mut all = BTreeMap::<String, Vec<(Duration, usize)>>::new();
        for request in self.script.requests() {
            let at = request.arrived.since(Moment::START);
            let plugin = request.header("x-plugin").unwrap().to_owned();
            all.entry(plugin).or_default().push((at, cost(&request)));
            all.entry("all".to_owned()).or_default().push((at, 1));
        }
        all
    }
}

fn cost(request: &RecordedRequest) -> usize {
    if request.path().ends_with("/export") {
        5
    } else {
        1
    }
}

async fn gets(api: &Client, count: usize, at_once: usize) {
    let things = api.things();
    let calls = futures::stream::iter(0..count).map(|_| things.get(1));
    calls
        .buffer_unordered(at_once)
        .try_for_each(async |_| Ok(()))
        .await
        .unwrap();
}

async fn exports(api: &Client, count: usize) {
    let things = api.things();
    let calls = futures::stream::iter(0..count).map(|_| things.export());
    calls
        .buffer_unordered(4)
        .try_for_each(async |_| Ok(()))
        .await
        .unwrap();
}

/// The token's bucket is shared by its plugins: both together never make more than it allows.
#[test]
fn plugins_share_the_tokens_bucket() {
    for latency in [0, 40, 700].map(Duration::from_millis) {
        let world = World::new(latency);
        let (one, other) = (world.client("one", 250), world.client("other", 250));
        world.clock.run(async {
            futures::join!(gets(&one, 300, 8), gets(&other, 300, 8));
        });
        let arrivals = world.by_plugin();
        assert_eq!(arrivals["all"].len(), 600);
        assert_eq!(
            most(&arrivals["all"]),
            250,
            "{latency:?}: all of it is used"
        );
    }
}

/// Each plugin has a bucket of its own below the token's, which here allows more than one of them.
#[test]
fn each_plugin_has_its_own_bucket() {
    let world = World::new(Duration::from_millis(40));
    let (one, other) = (world.client("one", 400), world.client("other", 400));
    world.clock.run(async {
        futures::join!(gets(&one, 500, 8), gets(&other, 100, 8));
    });
    let arrivals = world.by_plugin();
    assert_eq!(most(&arrivals["one"]), 250);
    assert_eq!(most(&arrivals["other"]), 100);
    assert!(most(&arrivals["all"]) <= 400);
}

/// A call that costs five takes five or none.
#[test]
fn a_dear_call_takes_all_of_its_cost_or_nothing() {
    let world = World::new(Duration::from_millis(40));
    let api = world.client("one", 250);
    world.clock.run(async {
        futures::join!(exports(&api, 60), gets(&api, 200, 8));
    });
    let arrivals = world.by_plugin();
    assert_eq!(arrivals["one"].len(), 260);
    let most = most(&arrivals["one"]);
    assert!((240..=250).contains(&most), "{most}");
}

/// A plugin that has used up its own does not hold another one up.
#[test]
fn a_full_bucket_holds_up_only_those_who_need_it() {
    let world = World::new(Duration::ZERO);
    let (one, other) = (world.client("one", 400), world.client("other", 400));
    world.clock.run(gets(&one, 250, 1));
    let before = runtime::clock::Clock::now(&world.clock);
    world.clock.run(async {
        let mut waiting = std::pin::pin!(gets(&one, 1, 1));
        assert!(futures::poll!(&mut waiting).is_pending());
        gets(&other, 100, 1).await;
    });
    assert_eq!(runtime::clock::Clock::now(&world.clock), before);
}
