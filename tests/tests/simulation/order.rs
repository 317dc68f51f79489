//! Who comes first (rows B2 and B19): calls over two declared buckets, one of the credential and one of the plugin
//! besides. The order is that in which requests arrive at the server, on a wire without latency.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use etiquette_cases::limits;
use futures::future::{LocalBoxFuture, join_all};
use runtime::Limits;
use runtime::clock::{Clock, Moment};
use runtime::testing::ScriptReply;

use crate::seeds::each_seed;
use crate::server::{MINUTE, World, fullest};
use crate::wire::{Latency, Wire};

/// The quota of a plugin in five minutes, as it is declared.
const PLUGIN: usize = 250;
const PLUGIN_WINDOW: Duration = Duration::from_secs(300);

/// One request as it arrived.
#[derive(Clone, Debug)]
struct Arrival {
    number: usize,
    plugin: String,
    /// Slots of the plugin's bucket.
    cost: usize,
    at: Moment,
}

/// Two clients of one credential, for the plugins `a` and `b`, and what arrives from them.
struct Shop {
    world: World,
    plugins: [limits::Client; 2],
    log: Arc<Mutex<Vec<Arrival>>>,
    /// The call whose first request is refused.
    refused: Arc<Mutex<Option<usize>>>,
}

impl Shop {
    fn new(token_requests: u32, seed: u64) -> Shop {
        let mut rng = fastrand::Rng::with_seed(seed);
        let world = World::new();
        let wire = Wire::new(&world.script, &world.clock, Latency::None, &mut rng);
        let log = Arc::new(Mutex::new(Vec::new()));
        let of_server = Arc::clone(&log);
        let refused = Arc::new(Mutex::new(None));
        let to_refuse = Arc::clone(&refused);
        world.script.respond_with(move |request| {
            let number = request
                .header("x-number")
                .and_then(|number| number.parse().ok());
            of_server
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Arrival {
                    number: number.expect("each call is numbered"),
                    plugin: request.header("x-plugin").unwrap_or_default().to_owned(),
                    cost: if request.path().ends_with("/export") {
                        5
                    } else {
                        1
                    },
                    at: request.arrived,
                });
            let mut refused = to_refuse.lock().unwrap_or_else(PoisonError::into_inner);
            if refused.is_some() && *refused == number {
                *refused = None;
                let reply = ScriptReply::json(429, "{}").header("x-kind", "limit");
                let reply = reply.header("x-wait", "2000");
                return reply.after(Duration::from_millis(20));
            }
            ScriptReply::json(200, r#"{"id":1}"#).after(Duration::from_millis(20))
        });
        let shared = Limits::new();
        let plugins = ["a", "b"].map(|plugin| {
            let builder = limits::Client::builder()
                .key("key")
                .plugin(plugin)
                .token_requests(token_requests);
            let builder = builder.token_window(MINUTE).with_transport(wire.clone());
            let builder = builder
                .with_clock(world.clock.clone())
                .with_limits(shared.clone());
            builder.with_seed(seed).build().expect("a client")
        });
        Shop {
            world,
            plugins,
            log,
            refused,
        }
    }

    /// Refuses this call once.
    fn refuses(&self, number: usize) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(number);
    }

    fn get(&self, plugin: usize, number: usize) -> LocalBoxFuture<'static, ()> {
        let call = self.plugins[plugin]
            .things()
            .get(1)
            .with_header("x-number", number.to_string());
        Box::pin(async move {
            call.await.expect("every answer is a success");
        })
    }

    fn export(&self, plugin: usize, number: usize) -> LocalBoxFuture<'static, ()> {
        let call = self.plugins[plugin]
            .things()
            .export()
            .with_header("x-number", number.to_string());
        Box::pin(async move { call.await.expect("every answer is a success") })
    }

    fn arrived(&self) -> Vec<Arrival> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Row B19: in one line, and in two lines that want the same bucket, the call that came first is sent first.
#[test]
fn calls_are_sent_in_the_order_in_which_they_came() {
    for plugins in [1, 2] {
        let shop = Shop::new(10, 1);
        let calls = (0..100).map(|number| shop.get(number % plugins, number));
        shop.world.clock.run(join_all(calls));
        let order: Vec<usize> = shop
            .arrived()
            .iter()
            .map(|arrival| arrival.number)
            .collect();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }
}

/// Row B2: calls whose own bucket is used up do not stop those that have slots in all of theirs.
#[test]
fn a_line_that_cannot_move_stops_no_other() {
    let shop = Shop::new(10_000, 1);
    let exports = (0..60).map(|number| shop.export(0, number));
    let gets = (60..160).map(|number| shop.get(1, number));
    shop.world.clock.run(join_all(exports.chain(gets)));
    let arrived = shop.arrived();
    let late: Vec<_> = arrived
        .iter()
        .filter(|arrival| arrival.at - Moment::START > MINUTE)
        .collect();
    assert_eq!(late.len(), 10, "fifty exports use up the plugin's bucket");
    assert!(
        late.iter()
            .all(|arrival| arrival.plugin == "a" && arrival.at - Moment::START >= PLUGIN_WINDOW)
    );
}

/// Row B19: a call that costs much is not overtaken for ever by those that cost little: none that came later and wants
/// the same bucket is sent before it.
#[test]
fn a_dear_call_is_not_starved_by_cheap_ones() {
    let shop = Shop::new(10_000, 1);
    let (dear, first_later) = (PLUGIN + 20, PLUGIN + 21);
    // The bucket is full and twenty wait for it. Its slots come back one by one, since they were used one by one.
    let mut calls: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
    for number in 0..PLUGIN + 60 {
        let call = if number == dear {
            shop.export(0, number)
        } else {
            shop.get(0, number)
        };
        let clock = shop.world.clock.clone();
        let starts = Moment::START
            + Duration::from_millis(100) * u32::try_from(number).expect("it is small");
        calls.push(Box::pin(async move {
            clock.sleep(starts).await;
            call.await;
        }));
    }
    shop.world.clock.run(join_all(calls));
    let order: Vec<usize> = shop
        .arrived()
        .iter()
        .map(|arrival| arrival.number)
        .collect();
    let place = order
        .iter()
        .position(|number| *number == dear)
        .expect("it was sent");
    assert!(
        order[..place].iter().all(|number| *number < first_later),
        "overtaken: {:?}",
        &order[..place]
    );
    assert_eq!(place, dear);
}

/// Row B19: a call that was refused comes before those that are younger, though all of them wait.
#[test]
fn a_refused_call_keeps_its_place() {
    let shop = Shop::new(10, 1);
    let refused = 5;
    shop.refuses(refused);
    shop.world
        .clock
        .run(join_all((0..100).map(|number| shop.get(0, number))));
    let order: Vec<usize> = shop
        .arrived()
        .iter()
        .map(|arrival| arrival.number)
        .collect();
    let mut expected: Vec<usize> = (0..100).collect();
    expected.insert(10, refused);
    assert_eq!(order, expected);
}

/// Rows B1, B2 and B19: any calls at any time. Neither bucket is ever exceeded, each kind of call of each plugin is
/// sent in its order, and everyone is served.
#[test]
fn random_calls_over_two_buckets() {
    each_seed("random_calls_over_two_buckets", 40, |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let token = rng.usize(20..200);
        let shop = Shop::new(u32::try_from(token).expect("it is small"), seed);
        let count = rng.usize(200..800);
        let span = rng.u64(0..600_000);
        let mut kinds = Vec::new();
        let mut starts: Vec<u64> = (0..count).map(|_| rng.u64(0..=span)).collect();
        starts.sort_unstable();
        let mut calls: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for (number, start) in starts.into_iter().enumerate() {
            let (plugin, is_dear) = (rng.usize(0..2), rng.u8(0..5) == 0);
            kinds.push((plugin, is_dear));
            let call = if is_dear {
                shop.export(plugin, number)
            } else {
                shop.get(plugin, number)
            };
            let clock = shop.world.clock.clone();
            calls.push(Box::pin(async move {
                clock
                    .sleep(Moment::START + Duration::from_millis(start))
                    .await;
                call.await;
            }));
        }
        shop.world.clock.run(join_all(calls));
        let arrived = shop.arrived();
        assert_eq!(
            arrived.len(),
            count,
            "not everyone was served, or someone twice"
        );
        let tokens: Vec<Moment> = arrived.iter().map(|arrival| arrival.at).collect();
        assert!(fullest(&tokens, MINUTE) <= token);
        for plugin in ["a", "b"] {
            let own = arrived.iter().filter(|arrival| arrival.plugin == plugin);
            let slots: Vec<Moment> = own
                .flat_map(|arrival| vec![arrival.at; arrival.cost])
                .collect();
            assert!(fullest(&slots, PLUGIN_WINDOW) <= PLUGIN, "plugin {plugin}");
        }
        for kind in [(0, false), (0, true), (1, false), (1, true)] {
            let order: Vec<usize> = arrived
                .iter()
                .map(|arrival| arrival.number)
                .filter(|number| kinds[*number] == kind)
                .collect();
            assert!(order.is_sorted(), "{kind:?} not in order: {order:?}");
        }
    });
}
