//! The write ledger (rows A1 to A10 and R1): every fault point before and after every kind of write, and a server that
//! counts how often it has carried each of them out.
//!
//! A call that succeeds was carried out: once if it counts each time, at least once if it is idempotent. An error that
//! says that nothing happened is right, and where the client can know that, it says so. 20 000 writes by default,
//! `ETIQUETTE_WRITES` on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use etiquette_apis::hive;
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};
use runtime::clock::Clock;
use runtime::testing::{RecordedRequest, ScriptReply};
use runtime::{Error, Kind};

use crate::faults::{FAULTS, Fault};
use crate::seeds::{each_seed, number_from};
use crate::server::World;
use crate::wire::{Latency, Wire};
use crate::writes::{ALL, Clients, Write};

const WRITES: u64 = 20_000;
/// Writes of one run, with clients and budgets of their own.
const RUN: u64 = 100;
const CALLERS: u64 = 4;

/// What the server knows of one logical write, and what is to happen to its attempts.
struct Entry {
    write: Write,
    plan: VecDeque<&'static Fault>,
    met: Vec<&'static Fault>,
    applied: u32,
    /// Method, path and body of the first attempt.
    first: Option<(http::Method, String, bytes::Bytes)>,
}

#[derive(Default)]
struct Ledger {
    entries: BTreeMap<u64, Entry>,
    /// Fault points by kind of write.
    met: BTreeMap<(&'static str, Write), u64>,
}

impl Ledger {
    fn entry(&mut self, headers: &http::HeaderMap) -> &mut Entry {
        let number = headers
            .get("x-write")
            .and_then(|number| number.to_str().ok()?.parse().ok());
        self.entries
            .get_mut(&number.expect("each write is numbered"))
            .expect("it was announced")
    }

    fn meet(&mut self, headers: &http::HeaderMap) -> Option<&'static Fault> {
        let entry = self.entry(headers);
        let (fault, write) = (entry.plan.pop_front()?, entry.write);
        entry.met.push(fault);
        *self.met.entry((fault.name, write)).or_default() += 1;
        Some(fault)
    }

    /// What happens to a request that has arrived.
    fn arrive(&mut self, request: &RecordedRequest) -> ScriptReply {
        let fault = self.meet(&request.headers);
        let entry = self.entry(&request.headers);
        let this = (
            request.method.clone(),
            request.path().to_owned(),
            request.body.clone(),
        );
        assert_eq!(
            *entry.first.get_or_insert_with(|| this.clone()),
            this,
            "an attempt differs from the first"
        );
        let success = entry.write.success();
        let reply = match fault.map(|fault| (fault, fault.reply(success))) {
            Some((fault, Some(reply))) if !fault.applies => return reply,
            Some((_, reply)) => reply.expect("it has arrived, so the server answers"),
            None => success.reply(),
        };
        if entry.write == Write::DeleteSku && entry.applied > 0 {
            return ScriptReply::json(404, "{}");
        }
        entry.applied += 1;
        reply
    }
}

/// The faults that a write meets: each point comes first for each kind of write in turn, others follow at random.
fn plan(rng: &mut fastrand::Rng, seed: u64, number: u64) -> (Write, VecDeque<&'static Fault>) {
    let turn = seed * RUN + number;
    let of = |turn: u64, length: usize| usize::try_from(turn).expect("it is small") % length;
    let write = ALL[of(turn, ALL.len())];
    let first = &FAULTS[of(turn / ALL.len() as u64, FAULTS.len())];
    let count = [0, 1, 1, 1, 1, 2, 2, 3, 4, 6][rng.usize(0..10)];
    let mut faults = VecDeque::new();
    for place in 0..count {
        faults.push_back(if place == 0 {
            first
        } else {
            &FAULTS[rng.usize(0..FAULTS.len())]
        });
    }
    (write, faults)
}

/// Outcomes of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    ok: u64,
    again: u64,
    unhappened: u64,
    unknown: u64,
    ambiguous: u64,
    cancelled: u64,
    applied: u64,
}

impl std::ops::AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Tally) {
        self.ok += other.ok;
        self.again += other.again;
        self.unhappened += other.unhappened;
        self.unknown += other.unknown;
        self.ambiguous += other.ambiguous;
        self.cancelled += other.cancelled;
        self.applied += other.applied;
    }
}

/// Compares what a caller was told with what the server did, and says what is wrong.
fn judge(
    entry: &Entry,
    told: Option<&Result<(), Error>>,
    tally: &mut Tally,
) -> Result<(), &'static str> {
    let (write, applied) = (entry.write, entry.applied);
    tally.applied += u64::from(applied);
    if write.is_once() && applied > 1 {
        return Err("a duplicate");
    }
    match told {
        None => tally.cancelled += 1,
        Some(Ok(())) if applied == 0 => return Err("a lost write"),
        Some(Ok(())) => {
            tally.ok += 1;
            tally.again += u64::from(!entry.met.is_empty());
        }
        Some(Err(error)) if error.may_have_happened() => {
            if entry.met.iter().all(|fault| fault.is_clear) {
                return Err("it is clear that nothing happened, and that is not said");
            }
            if write.is_once() && error.is_retryable() {
                return Err("the error invites to a duplicate");
            }
            let is_ambiguous = error.kind() == Kind::Ambiguous;
            tally.ambiguous += u64::from(is_ambiguous);
            tally.unknown += u64::from(!is_ambiguous);
        }
        Some(Err(_)) if applied > 0 => return Err("it is said not to have happened"),
        Some(Err(_)) => tally.unhappened += 1,
    }
    Ok(())
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the writes of one run and gives the ledger.
fn writes(seed: u64) -> (Tally, Ledger) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let world = World::new();
    let wire = Wire::new(
        &world.script,
        &world.clock,
        Latency::Uniform(Duration::from_secs(1)),
        &mut rng,
    );
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for number in 0..RUN {
        let (write, plan) = plan(&mut rng, seed, number);
        let entry = Entry {
            write,
            plan,
            met: Vec::new(),
            applied: 0,
            first: None,
        };
        lock(&ledger).entries.insert(number, entry);
    }
    let of_server = Arc::clone(&ledger);
    world
        .script
        .respond_with(move |request| lock(&of_server).arrive(request));
    let of_wire = Arc::clone(&ledger);
    wire.breaks_with(move |request| {
        let mut ledger = lock(&of_wire);
        let next = ledger.entry(request.headers()).plan.front().copied();
        let broken = next?.not_sent()?;
        ledger.meet(request.headers());
        Some(broken)
    });
    let clients = Clients::new(&world, &wire, seed);
    let caller = |first: u64, mut rng: fastrand::Rng| {
        let (world, clients, ledger) = (&world, &clients, &ledger);
        async move {
            let mut told = Vec::new();
            for number in (first..RUN).step_by(CALLERS as usize) {
                let write = lock(ledger).entries[&number].write;
                let call = clients.send(write, number);
                // One in thirty is given up at some time.
                let patience = if rng.u8(0..30) == 0 {
                    rng.u64(0..40_000)
                } else {
                    3_600_000
                };
                let given_up = world
                    .clock
                    .sleep(world.clock.now() + Duration::from_millis(patience));
                let result = match select(call, given_up).await {
                    Either::Left((result, _)) => Some(result),
                    Either::Right(_) => None,
                };
                let until = result
                    .as_ref()
                    .and_then(|result| result.as_ref().err()?.retry_at());
                if let Some(wait) =
                    until.and_then(|until| until.duration_since(world.clock.now_system()).ok())
                {
                    world.clock.sleep(world.clock.now() + wait).await;
                }
                told.push((number, result));
            }
            told
        }
    };
    let callers: FuturesUnordered<_> = (0..CALLERS)
        .map(|first| caller(first, rng.fork()))
        .collect();
    let told: Vec<_> = world
        .clock
        .run(callers.collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect();
    let mut tally = Tally::default();
    let found = std::mem::take(&mut *lock(&ledger));
    for (number, result) in &told {
        let entry = &found.entries[number];
        judge(entry, result.as_ref(), &mut tally).unwrap_or_else(|wrong| {
            let met: Vec<_> = entry.met.iter().map(|fault| fault.name).collect();
            let (write, applied) = (entry.write, entry.applied);
            panic!(
                "{wrong}: {write:?}, carried out {applied} times, told {result:?}, after {met:?}"
            )
        });
    }
    assert_eq!(told.len() as u64, RUN);
    assert_eq!(
        world.script.applied() as u64,
        tally.applied,
        "the script counts otherwise"
    );
    (tally, found)
}

/// Rows A1 to A10 and R1: no write is lost, duplicated or misreported.
#[test]
fn no_write_is_lost_duplicated_or_misreported() {
    const TEST: &str = "no_write_is_lost_duplicated_or_misreported";
    let runs = number_from("ETIQUETTE_WRITES", WRITES).div_ceil(RUN);
    let runs = each_seed(TEST, runs, |seed| {
        let (tally, ledger) = writes(seed);
        (tally, ledger.met)
    });
    let (mut total, mut met) = (Tally::default(), BTreeMap::<_, u64>::new());
    for (_, (tally, points)) in &runs {
        total += tally;
        points
            .iter()
            .for_each(|(point, count)| *met.entry(*point).or_default() += count);
    }
    println!(
        "{} writes of {} kinds, {} fault points met {} times",
        runs.len() as u64 * RUN,
        ALL.len(),
        FAULTS.len(),
        met.values().sum::<u64>()
    );
    println!("{total:?}");
    if runs.len() * RUN as usize >= 2 * ALL.len() * FAULTS.len() * 10 {
        for fault in FAULTS {
            for write in ALL {
                assert!(
                    met.contains_key(&(fault.name, write)),
                    "{write:?} never met `{}`",
                    fault.name
                );
            }
        }
    }
}

/// The oracle itself: each way of being wrong is found, and nothing else.
#[test]
fn the_ledger_finds_what_is_wrong() {
    let judged = |write, applied, told: Option<&Result<(), Error>>| {
        let (plan, met) = (VecDeque::new(), Vec::new());
        let entry = Entry {
            write,
            plan,
            met,
            applied,
            first: None,
        };
        judge(&entry, told, &mut Tally::default())
    };
    let refused = hive::Client::builder().with_base_url("ftp://x").build();
    let refused = Err(refused.expect_err("no client talks to that"));
    let not = Some(&refused);
    assert_eq!(
        judged(Write::CreateSku, 2, Some(&Ok(()))),
        Err("a duplicate")
    );
    assert_eq!(judged(Write::CreateSku, 2, None), Err("a duplicate"));
    assert_eq!(
        judged(Write::CreateSku, 0, Some(&Ok(()))),
        Err("a lost write")
    );
    assert_eq!(
        judged(Write::DeleteSku, 0, Some(&Ok(()))),
        Err("a lost write")
    );
    assert_eq!(
        judged(Write::DeleteSku, 1, not),
        Err("it is said not to have happened")
    );
    for (write, applied, told) in [
        (Write::CreateSku, 1, Some(&Ok(()))),
        (Write::DeleteSku, 2, Some(&Ok(()))),
        (Write::CreateSku, 0, not),
        (Write::CreateSku, 1, None),
    ] {
        assert_eq!(judged(write, applied, told), Ok(()));
    }
}
