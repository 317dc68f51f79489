//! The write ledger (rows A1 to A12, A23, A24, E7 and R1): every fault point before and after every kind of write, and
//! a server that counts how often it has carried each of them out. It remembers keys, checks versions, and rejects
//! credentials that were revoked.
//!
//! A call that succeeds was carried out: once if it counts each time, at least once if it is idempotent. An error that
//! says that nothing happened is right, and where the client can know that, it says so. 20 000 writes by default,
//! `ETIQUETTE_WRITES` on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use etiquette_apis::hive;
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};
use runtime::clock::{Clock, Moment};
use runtime::testing::{RecordedRequest, ScriptReply};
use runtime::{Error, Kind};

use crate::faults::{FAULTS, Fault, Special, Success};
use crate::seeds::{each_seed, number_from};
use crate::server::World;
use crate::wire::{Latency, Wire};
use crate::writes::{ALL, Clients, Write};

const WRITES: u64 = 20_000;
/// Writes of one run, with clients and budgets of their own.
const RUN: u64 = 100;
const CALLERS: u64 = 4;

/// What an attempt looks like that must be as the first one was.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    method: http::Method,
    /// With its query, where a key may stand.
    uri: http::Uri,
    key: Option<http::HeaderValue>,
    body: bytes::Bytes,
}

impl Look {
    fn of(request: &RecordedRequest) -> Look {
        Look {
            method: request.method.clone(),
            uri: request.uri.clone(),
            key: request.headers.get("idempotency-key").cloned(),
            body: request.body.clone(),
        }
    }
}

/// What the server knows of one logical write, and what is to happen to its attempts.
struct Entry {
    write: Write,
    plan: VecDeque<&'static Fault>,
    met: Vec<&'static Fault>,
    /// Effects.
    applied: u32,
    /// Effects that no client could prevent: a proxy has delivered a request once more.
    by_proxy: u32,
    first: Option<Look>,
    /// Keys that were seen, and when.
    keys: BTreeMap<String, Moment>,
}

impl Entry {
    fn new(write: Write, plan: VecDeque<&'static Fault>) -> Entry {
        Entry {
            write,
            plan,
            met: Vec::new(),
            applied: 0,
            by_proxy: 0,
            first: None,
            keys: BTreeMap::new(),
        }
    }

    /// Lets the server act, unless it knows better; gives what it would answer.
    fn carry_out(&mut self, request: &RecordedRequest) -> Success {
        let answer = |status, body| Success { status, body };
        if let Some((key, known_for)) = self.write.key(request) {
            let now = request.arrived;
            if let Some(first) = self
                .keys
                .get(&key)
                .filter(|first| now - **first < known_for)
            {
                return match self.write {
                    Write::Book => answer(409, r#"{"message":"done before"}"#),
                    Write::Confirm if now - *first < Duration::from_secs(3) => answer(425, "{}"),
                    _ => self.write.success(),
                };
            }
            self.keys.insert(key, now);
        }
        let version = self.write.version(request);
        if version.is_some_and(|version| version != (1 + self.applied).to_string()) {
            return answer(409, r#"{"code":"changed"}"#);
        }
        if self.write == Write::DeleteSku && self.applied > 0 {
            return answer(404, "{}");
        }
        self.applied += 1;
        self.write.success()
    }
}

#[derive(Default)]
struct Ledger {
    entries: BTreeMap<u64, Entry>,
    /// Fault points by kind of write.
    met: BTreeMap<(&'static str, Write), u64>,
    revoked: BTreeSet<http::HeaderValue>,
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
        if request.method == http::Method::GET {
            let applied = self.entry(&request.headers).applied;
            return ScriptReply::json(200, Write::listed(applied));
        }
        let credential = request.headers.get("authorization");
        if credential.is_some_and(|it| self.revoked.contains(it)) {
            return ScriptReply::json(401, "{}");
        }
        let fault = self.meet(&request.headers);
        if fault.is_some_and(|fault| fault.special == Special::Revoked) {
            self.revoked.extend(credential.cloned());
        }
        let entry = self.entry(&request.headers);
        let this = Look::of(request);
        let first = entry.first.get_or_insert_with(|| this.clone());
        assert_eq!(*first, this, "an attempt differs from the first");
        let Some(fault) = fault else {
            return entry.carry_out(request).reply();
        };
        if !fault.applies {
            let reply = fault.reply(entry.write.success());
            return reply.expect("it has arrived, so the server answers");
        }
        let answer = entry.carry_out(request);
        if fault.special == Special::Twice {
            let before = entry.applied;
            entry.carry_out(request);
            entry.by_proxy += entry.applied - before;
        }
        let reply = fault.reply(answer);
        reply.expect("it has arrived, so the server answers")
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
        let next = if place == 0 {
            first
        } else {
            &FAULTS[rng.usize(0..FAULTS.len())]
        };
        faults.extend(Some(next).filter(|next| write.meets(next)));
    }
    (write, faults)
}

/// Outcomes of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    ok: u64,
    again: u64,
    already: u64,
    unhappened: u64,
    /// Of those, the ones that the breaker let fail at once.
    open: u64,
    unknown: u64,
    ambiguous: u64,
    cancelled: u64,
    applied: u64,
    by_proxy: u64,
    foreign: u64,
}

impl std::ops::AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Tally) {
        self.ok += other.ok;
        self.again += other.again;
        self.already += other.already;
        self.open += other.open;
        self.by_proxy += other.by_proxy;
        self.foreign += other.foreign;
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
    tally.by_proxy += u64::from(entry.by_proxy);
    if write.is_single() && applied > 1 + entry.by_proxy {
        return Err("a duplicate");
    }
    let is_foreign = |fault: &&Fault| fault.special == Special::Foreign;
    match told {
        None => tally.cancelled += 1,
        Some(Ok(())) if applied == 0 && entry.met.iter().any(is_foreign) => tally.foreign += 1,
        Some(Ok(())) if applied == 0 => return Err("a lost write"),
        Some(Err(error)) if error.kind() == Kind::AlreadyProcessed => {
            if applied == 0 {
                return Err("a lost write");
            }
            if !error.may_have_happened() {
                return Err("it is said not to have happened");
            }
            tally.already += 1;
        }
        Some(Ok(())) => {
            tally.ok += 1;
            tally.again += u64::from(!entry.met.is_empty());
        }
        Some(Err(error)) if error.may_have_happened() => {
            if entry.met.iter().all(|fault| write.is_clear(fault)) {
                return Err("it is clear that nothing happened, and that is not said");
            }
            if write.is_single() && error.is_retryable() {
                return Err("the error invites to a duplicate");
            }
            let is_ambiguous = error.kind() == Kind::Ambiguous;
            tally.ambiguous += u64::from(is_ambiguous);
            tally.unknown += u64::from(!is_ambiguous);
        }
        Some(Err(_)) if applied > 0 => return Err("it is said not to have happened"),
        Some(Err(error)) => {
            tally.unhappened += 1;
            tally.open += u64::from(error.kind() == Kind::CircuitOpen);
        }
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
        lock(&ledger)
            .entries
            .insert(number, Entry::new(write, plan));
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
    // A repetition with a known key is answered as if it had been carried out, and a proxy's is no request of its own.
    assert!(
        world.script.applied() as u64 + tally.by_proxy >= tally.applied,
        "the script counts otherwise"
    );
    (tally, found)
}

/// Rows A1 to A12, A23, A24, E7 and R1: no write is lost, duplicated or misreported.
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
            for write in ALL.into_iter().filter(|write| write.meets(fault)) {
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
        let mut entry = Entry::new(write, VecDeque::new());
        entry.applied = applied;
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
