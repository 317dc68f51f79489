//! The policies of this module in virtual time, against servers that count arrivals.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::*;
use crate::clock::{BoxFuture, Clock};
use crate::testing::VirtualClock;

mod cancel;
mod concurrency;
mod crowd;
mod fields;
mod learned;
mod order;
mod permits;
mod simulation;
mod slow;

const MINUTE: Duration = Duration::from_secs(60);
const FOREVER: Duration = Duration::MAX;

fn at(seconds: u64) -> Moment {
    Moment::START + Duration::from_secs(seconds)
}

fn key(bucket: &'static str) -> BucketKey {
    BucketKey {
        api: "api",
        bucket,
        scope: 0,
    }
}

fn claim(bucket: &'static str, cost: u32, max: u32) -> Claim {
    Claim {
        key: key(bucket),
        cost,
        window: Some((max, MINUTE)),
        learns: false,
    }
}

fn entry(claims: &[Claim]) -> Entry {
    entry_of(1, claims, None)
}

fn entry_of(client: u64, claims: &[Claim], share: Option<Share>) -> Entry {
    Entry {
        demand: Demand::new(client, claims.to_vec(), share),
        max_wait: FOREVER,
    }
}

const RULES: Concurrency = Concurrency {
    start: 2,
    min: 1,
    max: Some(4),
    slow_milli: Some(2_000),
};

const PLACE: ShareKey = ShareKey {
    api: "api",
    place: 0,
};

/// The same with a permit.
fn shared(rules: Concurrency, claims: &[Claim]) -> Entry {
    let share = Share {
        key: PLACE,
        rules,
        operation: "op",
    };
    entry_of(1, claims, Some(share))
}

/// Polls a ticket as a task that does not care about being woken.
fn poll(ticket: &mut Ticket, now: Moment) -> Poll<Result<Lease, NotAdmitted>> {
    ticket.poll_admit(&mut Context::from_waker(Waker::noop()), now)
}

fn admitted(ticket: &mut Ticket, now: Moment) -> Option<Lease> {
    match poll(ticket, now) {
        Poll::Ready(Ok(lease)) => Some(lease),
        Poll::Ready(Err(reason)) => panic!("not admitted: {reason:?}"),
        Poll::Pending => None,
    }
}

/// Waits as the pipeline does: until woken, or until the moment that the ticket names.
async fn wait_turn(clock: &VirtualClock, ticket: &mut Ticket) -> Result<Lease, NotAdmitted> {
    let mut sleeping: Vec<BoxFuture<'static, ()>> = Vec::new();
    poll_fn(move |cx| {
        loop {
            if let Poll::Ready(result) = ticket.poll_admit(cx, clock.now()) {
                return Poll::Ready(result);
            }
            // The last sleep goes when the next one begins.
            sleeping.clear();
            let Some(until) = ticket.next_wake() else {
                return Poll::Pending;
            };
            // Row B22: a wait of no length would spin.
            assert!(until > clock.now(), "it waits until {until:?}");
            let mut sleep = clock.sleep(until);
            if sleep.as_mut().poll(cx).is_pending() {
                sleeping.push(sleep);
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Runs all callers, each of them polled only when it is woken.
async fn run_all<F: Future>(callers: impl Iterator<Item = F>) -> Vec<F::Output> {
    callers.collect::<FuturesUnordered<F>>().collect().await
}

/// A server that notes when requests arrive.
#[derive(Clone, Default)]
struct Arrivals(Arc<Mutex<Vec<Moment>>>);

impl Arrivals {
    fn note(&self, now: Moment) {
        self.0.lock().unwrap().push(now);
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The most arrivals in any closed window of this length.
    fn most_in_sliding(&self, window: Duration) -> usize {
        let mut all = self.0.lock().unwrap().clone();
        all.sort_unstable();
        let mut first = 0;
        let mut most = 0;
        for (last, arrival) in all.iter().enumerate() {
            while *arrival - all[first] > window {
                first += 1;
            }
            most = most.max(last - first + 1);
        }
        most
    }

    /// The most arrivals in any window of a server whose windows begin at `phase`.
    fn most_in_fixed(&self, window: Duration, phase: Duration) -> usize {
        let mut counts = BTreeMap::new();
        for arrival in self.0.lock().unwrap().iter() {
            let number = (*arrival + phase).nanos() / u64::try_from(window.as_nanos()).unwrap();
            *counts.entry(number).or_insert(0) += 1;
        }
        counts.into_values().max().unwrap_or(0)
    }
}

fn random_wait(rng: &mut fastrand::Rng, most: Duration) -> Duration {
    most.mul_f64(rng.f64())
}
