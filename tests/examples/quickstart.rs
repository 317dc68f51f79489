//! Creates a user, reads it, and walks 1 000 users in pages of 5 while the server allows 60 requests
//! a minute. The server is a stand-in on loopback; the minutes are virtual.
//!
//! `cargo run --package etiquette-tests --example quickstart`

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use etiquette_apis::users::{self, NewUser};
use etiquette_standins::{Limit, Now, Standin, users as standin};
use runtime::testing::VirtualClock;

const WINDOW: Duration = Duration::from_secs(60);
const MAX: u32 = 60;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    run().await?;
    Ok(())
}

/// Gives what the server has counted: the requests in each of its windows.
pub(crate) async fn run() -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    // Both sides read the same clock. It stands still while a request is on the wire and jumps over waits.
    let clock = VirtualClock::over_sockets();
    let server = start(&clock).await?;
    let api = users::Client::builder()
        .key(server.key())
        .with_base_url(server.url())
        .with_clock(clock.clone())
        .build()?;

    create_and_read(&api).await?;
    walk(&api, &clock).await?;
    let counts = report(&server);
    server.stop().await;
    Ok(counts)
}

async fn start(clock: &VirtualClock) -> std::io::Result<Standin> {
    let reading = clock.clone();
    let now: Now = Arc::new(move || reading.now_system());
    let mut config = standin::Config {
        users: 1_000,
        ..standin::Config::default()
    };
    config.settings.limit = Some(Limit::fixed(MAX, WINDOW));
    standin::start(config, now).await
}

async fn create_and_read(api: &users::Client) -> Result<(), Box<dyn std::error::Error>> {
    let new = NewUser::new("Charlie Brown", "charlie@example.com");
    let id = match api.users().create(&new).await {
        Ok(user) => user.id,
        Err(e) if users::Fault::of(&e) == Some(users::Fault::Conflict) => {
            return Err("taken".into());
        }
        Err(e) if e.may_have_happened() => {
            return Err(format!("unclear: look {} up", new.email).into());
        }
        Err(e) => return Err(e.into()),
    };
    let user = api.users().get(&id).await?;
    println!("created {} as {id}, changed {}", user.name, user.updated_at);
    Ok(())
}

async fn walk(api: &users::Client, clock: &VirtualClock) -> Result<(), Box<dyn std::error::Error>> {
    let start = clock.now_system();
    let mut pages = api.users().list().limit(5).pages();
    let (mut seen, mut last) = (0, start);
    while let Some(page) = pages.try_next().await? {
        seen += page.items.len();
        let now = clock.now_system();
        let waited = now.duration_since(last)?;
        if waited > Duration::from_secs(1) {
            let at = now.duration_since(start)?;
            println!(
                "{:>4} s: waited {} s after {} users",
                at.as_secs(),
                waited.as_secs(),
                seen - page.items.len()
            );
            println!("        {}", limits(api));
        }
        last = now;
    }
    println!(
        "{seen} users in {} s of virtual time",
        last.duration_since(start)?.as_secs()
    );
    Ok(())
}

fn limits(api: &users::Client) -> String {
    let snapshot = api.limits();
    let buckets = snapshot.buckets.iter().map(|bucket| {
        format!(
            "bucket {}: limit {:?}, remaining {:?}",
            bucket.name, bucket.limit, bucket.remaining
        )
    });
    buckets.collect::<Vec<_>>().join("; ")
}

/// What the server counted, window by window.
fn report(server: &Standin) -> Vec<u32> {
    let mut windows = BTreeMap::<u64, u32>::new();
    for arrival in server.arrivals() {
        let since = arrival
            .at
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("after 1970");
        *windows
            .entry(since.as_secs() / WINDOW.as_secs())
            .or_default() += 1;
    }
    let counts = windows
        .values()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    println!(
        "the server counted {counts} requests in its windows of {} s",
        WINDOW.as_secs()
    );
    let refused = server
        .arrivals()
        .iter()
        .filter(|arrival| arrival.status == Some(429))
        .count();
    assert!(
        windows.values().all(|count| *count <= MAX),
        "never more than the API allows"
    );
    println!("refused: {refused}");
    windows.into_values().collect()
}
