//! Turns a client's events into metrics with OpenTelemetry's names: a histogram of attempts and counters of what was
//! waited for, refused and sent again. The server is a stand-in on loopback; the minutes are virtual.
//!
//! `cargo run --package etiquette-tests --example metrics`

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use etiquette_apis::events::{Event, Outcome};
use etiquette_apis::users::{self, NewUser};
use etiquette_standins::{Answer, Fault, Limit, Now, users as standin};
use runtime::testing::VirtualClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = run().await?;
    println!("count  sum, s  at most 0.1 s, 1 s, 10 s, longer  metric");
    for (name, row) in metrics {
        let [short, second, ten, longer] = row.buckets;
        let (count, sum) = (row.count, row.sum);
        println!("{count:>5} {sum:>7.0} {short:>14} {second:>4} {ten:>5} {longer:>7}  {name}");
    }
    Ok(())
}

/// The bounds of a histogram's buckets in seconds: some of those that OpenTelemetry advises.
const BOUNDS: [f64; 3] = [0.1, 1.0, 10.0];

/// One row of a metric: how often, how much together, and how it is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) count: u64,
    pub(crate) sum: f64,
    pub(crate) buckets: [u64; BOUNDS.len() + 1],
}

/// A name with its attributes. All of them have few values: templates, verbs, statuses, words.
pub(crate) type Metrics = BTreeMap<String, Row>;

/// What a real application would hand to its OpenTelemetry meter.
#[derive(Clone, Default)]
struct Meter(Arc<Mutex<Metrics>>);

impl Meter {
    fn add(&self, name: &str, attributes: &[(&str, &str)], value: f64) {
        let attributes: Vec<String> = attributes
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut metrics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = metrics
            .entry(format!("{name} {}", attributes.join(" ")))
            .or_default();
        row.count += 1;
        row.sum += value;
        row.buckets[BOUNDS.iter().filter(|bound| value > **bound).count()] += 1;
    }

    fn record(&self, event: &Event<'_>) {
        let about = event.about();
        let route = [
            ("http.request.method", about.verb),
            ("url.template", about.template),
        ];
        let with = |more: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            let all = route.iter().chain(more);
            all.map(|(name, value)| (*name, (*value).to_owned()))
                .collect()
        };
        let (name, attributes, value) = match event {
            // The one metric that the semantic conventions ask of HTTP clients: one sample for each message.
            Event::AttemptEnded {
                status,
                error_type,
                duration,
                ..
            } => {
                let status = status.map(|status| status.to_string());
                let mut more = Vec::new();
                more.extend(
                    status
                        .as_deref()
                        .map(|it| ("http.response.status_code", it)),
                );
                more.extend(error_type.map(|it| ("error.type", it)));
                ("http.client.request.duration", with(&more), *duration)
            }
            Event::WaitEnded {
                reason, duration, ..
            } => {
                let reason = ("etiquette.wait.reason", reason.as_str());
                ("etiquette.client.wait.duration", with(&[reason]), *duration)
            }
            Event::Refused { hold, .. } => ("etiquette.client.refusals", with(&[]), *hold),
            Event::Retried { delay, .. } => ("etiquette.client.retries", with(&[]), *delay),
            Event::RequestEnded {
                outcome, duration, ..
            } => {
                let outcome = match outcome {
                    Outcome::Done { .. } => "done",
                    Outcome::Failed { .. } => "failed",
                    _ => "dropped",
                };
                (
                    "etiquette.client.call.duration",
                    with(&[("outcome", outcome)]),
                    *duration,
                )
            }
            _ => return,
        };
        let attributes: Vec<_> = attributes.iter().map(|(a, b)| (*a, b.as_str())).collect();
        self.add(name, &attributes, value.as_secs_f64());
    }
}

/// Gives what was measured while a server limits, fails and answers.
pub(crate) async fn run() -> Result<Metrics, Box<dyn std::error::Error>> {
    // Both sides read the same clock. It stands still while a request is on the wire and jumps over waits.
    let clock = VirtualClock::over_sockets();
    let reading = clock.clone();
    let now: Now = Arc::new(move || -> SystemTime { reading.now_system() });
    let mut config = standin::Config {
        users: 100,
        ..standin::Config::default()
    };
    config.settings.limit = Some(Limit::fixed(20, Duration::from_secs(60)));
    let server = standin::start(config, now).await?;
    let meter = Meter::default();
    let told = meter.clone();
    let api = users::Client::builder()
        .key(server.key())
        .with_base_url(server.url())
        .with_clock(clock)
        .with_seed(1)
        .with_events(move |event| told.record(event))
        .build()?;

    let charlie = api
        .users()
        .create(&NewUser::new("Charlie Brown", "charlie@example.com"))
        .await?;
    server.next(Fault::status(503));
    api.users().get(&charlie.id).await?;
    server.next(Fault::Answer(Answer::new(429).header("retry-after", "30")));
    api.users().get(&charlie.id).await?;
    if api.users().get("nobody").await.is_ok() {
        return Err("somebody is called nobody".into());
    }
    let mut all = api.users().list().limit(4).items();
    while all.try_next().await?.is_some() {}
    server.stop().await;
    let metrics = meter.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(metrics.clone())
}
