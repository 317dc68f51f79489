//! The two worlds of the flow tests: a script in virtual time, and a stand-in over TCP whose clock
//! is the client's.
//!
//! Both give a client that behaves as an application's would, with its spreads made repeatable.
//! Nothing here looks into a client; what happened is read from the server.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use etiquette_apis::{cleverfox, hive, hive_v2, users, zengine};
use etiquette_standins::hive::{self as hive_standin, v2 as hive_v2_standin};
use etiquette_standins::{
    Now, Pause, Standin, cleverfox as cleverfox_standin, users as users_standin,
    zengine as zengine_standin,
};
use runtime::clock::Moment;
use runtime::testing::{Script, ScriptReply, VirtualClock};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// No request may show it anywhere but in its `authorization`.
pub(crate) const KEY: &str = "canary-7f3a9+/key";

/// A client whose transport is a script, in virtual time.
pub(crate) struct Scripted<C> {
    pub(crate) clock: VirtualClock,
    pub(crate) script: Script,
    pub(crate) api: C,
}

impl<C> Scripted<C> {
    fn new(build: impl FnOnce(Script, VirtualClock) -> C) -> Scripted<C> {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let api = build(script.clone(), clock.clone());
        Scripted { clock, script, api }
    }

    /// Adds replies to the next requests, in their order.
    pub(crate) fn reply(&self, replies: impl IntoIterator<Item = ScriptReply>) -> &Scripted<C> {
        for reply in replies {
            self.script.reply(reply);
        }
        self
    }

    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.clock.run(work)
    }

    /// How much virtual time has passed.
    pub(crate) fn now(&self) -> Duration {
        runtime::clock::Clock::now(&self.clock).since(Moment::START)
    }

    /// When each request arrived.
    pub(crate) fn arrivals(&self) -> Vec<Duration> {
        let requests = self.script.requests();
        let since_start = requests
            .iter()
            .map(|request| request.arrived.since(Moment::START));
        since_start.collect()
    }
}

pub(crate) fn scripted_users() -> Scripted<users::Client> {
    Scripted::new(|script, clock| {
        let builder = users::Client::builder().key(KEY).with_transport(script);
        builder.with_clock(clock).with_seed(7).build().unwrap()
    })
}

pub(crate) fn scripted_hive() -> Scripted<hive::Client> {
    Scripted::new(|script, clock| {
        let builder = hive::Client::builder().key(KEY).with_transport(script);
        builder.with_clock(clock).with_seed(7).build().unwrap()
    })
}

/// A client and a stand-in over TCP. Both read one clock, which stands still on the wire.
pub(crate) struct Live<C> {
    pub(crate) clock: VirtualClock,
    pub(crate) server: Standin,
    pub(crate) api: C,
}

impl<C> Live<C> {
    /// How many requests the server has refused for its limit.
    pub(crate) fn refused(&self) -> usize {
        let arrivals = self.server.arrivals();
        arrivals
            .iter()
            .filter(|arrival| arrival.status == Some(429))
            .count()
    }

    /// The number of arrivals in each of the server's fixed windows, denied ones too.
    pub(crate) fn windows(&self, length: Duration, phase: Duration) -> Vec<usize> {
        let place = |at: SystemTime| {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            (since - phase).as_nanos() / length.as_nanos()
        };
        let arrivals = self.server.arrivals();
        let places: Vec<u128> = arrivals.iter().map(|arrival| place(arrival.at)).collect();
        places
            .chunk_by(|one, other| one == other)
            .map(<[u128]>::len)
            .collect()
    }
}

pub(crate) fn reading(clock: &VirtualClock) -> Now {
    let clock = clock.clone();
    Arc::new(move || clock.now_system())
}

pub(crate) async fn live_users() -> Live<users::Client> {
    live_users_with(users_standin::Config::default()).await
}

pub(crate) async fn live_users_with(mut config: users_standin::Config) -> Live<users::Client> {
    let clock = VirtualClock::over_sockets();
    KEY.clone_into(&mut config.settings.key);
    let server = users_standin::start(config, reading(&clock)).await.unwrap();
    let builder = users::Client::builder()
        .key(KEY)
        .with_base_url(server.url());
    let api = builder
        .with_clock(clock.clone())
        .with_seed(7)
        .build()
        .unwrap();
    Live { clock, server, api }
}

pub(crate) async fn live_hive() -> Live<hive::Client> {
    live_hive_with(hive_standin::Config::default()).await
}

pub(crate) async fn live_hive_with(mut config: hive_standin::Config) -> Live<hive::Client> {
    let clock = VirtualClock::over_sockets();
    KEY.clone_into(&mut config.settings.key);
    let server = hive_standin::start(config, reading(&clock)).await.unwrap();
    let builder = hive::Client::builder().key(KEY).with_base_url(server.url());
    let api = builder
        .with_clock(clock.clone())
        .with_seed(7)
        .build()
        .unwrap();
    Live { clock, server, api }
}

/// Slowness of the server passes at once: the clock stands still while a request is on the wire.
pub(crate) async fn live_cleverfox_with(
    mut config: cleverfox_standin::Config,
) -> Live<cleverfox::Client> {
    let clock = VirtualClock::over_sockets();
    KEY.clone_into(&mut config.settings.key);
    let slow = clock.clone();
    config.settings.pause = Pause::new(move |length| {
        slow.advance(length);
        std::future::ready(())
    });
    let server = cleverfox_standin::start(config, reading(&clock))
        .await
        .unwrap();
    let builder = cleverfox::Client::builder()
        .key(KEY)
        .with_base_url(server.url());
    let api = builder
        .with_clock(clock.clone())
        .with_seed(7)
        .build()
        .unwrap();
    Live { clock, server, api }
}

pub(crate) async fn live_cleverfox() -> Live<cleverfox::Client> {
    live_cleverfox_with(cleverfox_standin::Config::default()).await
}

pub(crate) async fn live_hive_v2() -> Live<hive_v2::Client> {
    live_hive_v2_with(hive_v2_standin::Config::default()).await
}

pub(crate) async fn live_hive_v2_with(
    mut config: hive_v2_standin::Config,
) -> Live<hive_v2::Client> {
    let clock = VirtualClock::over_sockets();
    KEY.clone_into(&mut config.settings.key);
    let server = hive_v2_standin::start(config, reading(&clock))
        .await
        .unwrap();
    let builder = hive_v2::Client::builder()
        .key(KEY)
        .with_base_url(server.url());
    let api = builder
        .with_clock(clock.clone())
        .with_seed(7)
        .build()
        .unwrap();
    Live { clock, server, api }
}

/// A client of Zengine's stand-in, with whatever credential and setting it is given.
pub(crate) fn zengine_at(
    (server, clock): (&Standin, &VirtualClock),
    build: impl FnOnce(zengine::ClientBuilder) -> zengine::ClientBuilder,
) -> zengine::Client {
    let builder = build(zengine::Client::builder()).with_base_url(server.url());
    let builder = builder.with_clock(clock.clone()).with_seed(7);
    builder.build().unwrap()
}

pub(crate) async fn live_zengine() -> Live<zengine::Client> {
    live_zengine_with(zengine_standin::Config::default(), |builder| builder).await
}

pub(crate) async fn live_zengine_with(
    mut config: zengine_standin::Config,
    build: impl FnOnce(zengine::ClientBuilder) -> zengine::ClientBuilder,
) -> Live<zengine::Client> {
    let clock = VirtualClock::over_sockets();
    KEY.clone_into(&mut config.settings.key);
    let server = zengine_standin::start(config, reading(&clock))
        .await
        .unwrap();
    let api = zengine_at((&server, &clock), |builder| build(builder.token(KEY)));
    Live { clock, server, api }
}

/// One user as a list shows it.
pub(crate) fn user(number: u64) -> String {
    format!(
        r#"{{"id":"user_{number}","name":"N {number}","email":"u{number}@example.com","createdAt":"2023-01-15T10:30:00Z","updatedAt":"2023-01-15T10:30:00Z"}}"#
    )
}

/// A page of the users API.
pub(crate) fn user_page(numbers: std::ops::Range<u64>, total: u64, limit: u64) -> String {
    let offset = numbers.start;
    let data: Vec<String> = numbers.map(user).collect();
    let data = data.join(",");
    format!(r#"{{"data":[{data}],"total":{total},"limit":{limit},"offset":{offset}}}"#)
}

/// One warehouse; the smallest record of Hive.
pub(crate) fn warehouse(id: u64) -> String {
    format!(r#"{{"id":{id},"name":"W {id}"}}"#)
}

/// A page of Hive's.
pub(crate) fn hive_page(data: &[String], page: u64, page_count: u64) -> String {
    let (data, count) = (data.join(","), data.len());
    format!(
        r#"{{"data":[{data}],"pagination":{{"current_page":{page},"item_count":{count},"page_count":{page_count},"items_per_page":20}}}}"#
    )
}

/// What a percent-encoded text says (RFC 3986 §2.1), by a decoder that shares nothing with ours.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            let pair = std::str::from_utf8(&pair).unwrap();
            out.push(u8::from_str_radix(pair, 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}
