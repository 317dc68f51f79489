//! Exports over a disk that dies: at every step, at every byte of a step, and with what a power failure makes of files.
//! The server counts what arrives. Real files are the matter of the black-box tests.

mod drive;

use std::collections::BTreeSet;

use super::*;
use crate::client::Builder;
use crate::operation::{Api, Operation, Paging, Place as At, SendAt, Stop};
use crate::request::Request;
use crate::testing::{Script, ScriptReply, VirtualClock};

use drive::Drive;

static API: Api = Api {
    name: "rows",
    base: "https://rows.example",
    ..Api::NEW
};
static BY_ITEM: Paging = Paging {
    start: Some(SendAt::Query("offset")),
    size: Some(SendAt::Query("limit")),
    items: &["data"],
    total: Some(At::Body(&["total"])),
    stop: &[Stop::TotalReached, Stop::EmptyPage],
    ..Paging::NEW
};
static BY_ID: Paging = Paging {
    unique_by: Some("id"),
    start: Some(SendAt::Query("offset")),
    size: Some(SendAt::Query("limit")),
    items: &["data"],
    total: Some(At::Body(&["total"])),
    stop: &[Stop::TotalReached, Stop::EmptyPage],
    ..Paging::NEW
};
const fn list(page: &'static Paging) -> Operation {
    Operation {
        api: &API,
        name: "rows.list",
        path: "/rows",
        page: Some(page),
        ..Operation::NEW
    }
}
static LIST_BY_ITEM: Operation = list(&BY_ITEM);
static LIST_BY_ID: Operation = list(&BY_ID);

/// A server with rows, and a client of it.
struct Bench {
    clock: VirtualClock,
    script: Script,
    core: crate::client::Core,
    size: u64,
}

impl Bench {
    fn new(rows: Vec<u64>, size: u64) -> Bench {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        script.respond_with(move |request| {
            let number = |name| request.query(name).and_then(|text| text.parse().ok());
            let (from, limit) = (
                number("offset").unwrap_or(0_usize),
                number("limit").unwrap(),
            );
            let page = rows.iter().skip(from).take(limit);
            // Broken over lines, as some servers print it.
            let page: Vec<String> = page.map(|id| format!("{{\"id\":\n {id}}}")).collect();
            let total = rows.len();
            ScriptReply::json(
                200,
                format!(r#"{{"total":{total},"data":[{}]}}"#, page.join(",")),
            )
        });
        let mut builder = Builder::new(&API);
        builder.transport(script.clone());
        builder.clock(clock.clone());
        let core = builder.build().unwrap();
        Bench {
            clock,
            script,
            core,
            size,
        }
    }

    fn export(&self, operation: &'static Operation, drive: &Drive) -> Result<ExportReport> {
        let mut request = Request::new(&self.core, operation);
        request.size(self.size);
        let setup = Setup {
            list: ListCall::new(request),
            path: "rows.jsonl".into(),
            progress: None,
            estimates: true,
            pause: Duration::ZERO,
        };
        self.clock.run(run(setup, drive.clone()))
    }
}

fn rows(count: u64) -> Vec<u64> {
    (0..count).map(|n| 3 * n + 1).collect()
}

fn lines(ids: &[u64]) -> String {
    ids.iter().map(|id| format!("{{\"id\": {id}}}\n")).collect()
}

/// Row H5: killed at every byte that it writes, it goes on and has each item once, in the server's order, and asks for
/// no page twice but the one that was not safe.
#[test]
fn killed_at_any_byte_it_has_each_item_once() {
    let (all, size) = (rows(23), 5);
    let mut killed = 0;
    for life in 0.. {
        let drive = Drive::new();
        drive.dies_after(life);
        let bench = Bench::new(all.clone(), size);
        let died = bench.export(&LIST_BY_ITEM, &drive).is_err();
        drive.revive();
        let report = bench.export(&LIST_BY_ITEM, &drive).unwrap();
        assert_eq!(drive.text(), lines(&all), "life {life}");
        assert_eq!(
            (report.items, report.bytes),
            (23, drive.text().len() as u64)
        );
        let most = if died { 6 } else { 5 };
        assert!((5..=most).contains(&bench.script.count()), "life {life}");
        // Once more: it is over, and nothing is sent.
        let before = bench.script.count();
        assert_eq!(bench.export(&LIST_BY_ITEM, &drive).unwrap(), report);
        assert_eq!(bench.script.count(), before);
        if !died {
            break;
        }
        killed = life + 1;
    }
    assert!(killed > 900, "{killed} moments to die");
}

/// Rows H5 and H6: thousands of items, killed before and into every step, again and again, with everything that was not
/// synced lost, cut or turned into zeros.
#[test]
fn a_power_failure_at_every_step_costs_nothing() {
    let all = rows(2_000);
    let pages = 10;
    let steps = {
        let drive = Drive::new();
        Bench::new(all.clone(), 200)
            .export(&LIST_BY_ID, &drive)
            .unwrap();
        drive.steps()
    };
    assert!(steps > 5 * pages);
    for step in 0..steps {
        let drive = Drive::new();
        let bench = Bench::new(all.clone(), 200);
        let mut random = fastrand::Rng::with_seed(step);
        drive.dies_at_step(step);
        let mut crashes = 1;
        while bench.export(&LIST_BY_ID, &drive).is_err() {
            crashes += 1;
            drive.power_fails(&mut random);
            drive.dies_at_step(if crashes < 4 {
                random.u64(1..60)
            } else {
                u64::MAX
            });
        }
        assert_eq!(drive.text(), lines(&all), "step {step}");
        let sent = bench.script.count() as u64;
        assert!(sent <= pages + crashes, "step {step}: {sent} requests");
    }
}

/// Row H5: rows that come in front while it is broken off shift all pages, and none is written twice; known by a
/// member, also when it has changed otherwise.
#[test]
fn rows_that_shift_the_pages_are_known_again() {
    for operation in [&LIST_BY_ITEM, &LIST_BY_ID] {
        let drive = Drive::new();
        drive.dies_at_step(22);
        assert!(Bench::new(rows(400), 20).export(operation, &drive).is_err());
        let before = drive.text().lines().count();
        assert!(before > 0 && before < 400);
        drive.revive();
        let grown: Vec<u64> = (1_000_000..1_000_030).chain(rows(400)).collect();
        let report = Bench::new(grown, 20).export(operation, &drive).unwrap();
        let text = drive.text();
        let once: BTreeSet<&str> = text.lines().collect();
        assert_eq!(once.len(), text.lines().count());
        for id in rows(400) {
            assert!(once.contains(&*format!("{{\"id\": {id}}}")), "{id}");
        }
        assert!(report.repeated >= 30);
    }
}

/// A state that somebody has spoiled is not believed: what is whole in the file stays, and the walk passes over it.
#[test]
fn spoiled_files_are_mended() {
    let all = rows(300);
    let (state, items) = {
        let drive = Drive::new();
        drive.dies_at_step(30);
        let bench = Bench::new(all.clone(), 20);
        assert!(bench.export(&LIST_BY_ID, &drive).is_err());
        (
            drive.bytes(disk::Part::State),
            drive.bytes(disk::Part::Items),
        )
    };
    let half = || {
        let drive = Drive::new();
        drive.put(disk::Part::State, &state);
        drive.put(disk::Part::Items, &items);
        drive
    };
    assert!(items.len() > 500 && state.len() > 50);
    let mends = |drive: &Drive, what: &str| {
        let bench = Bench::new(all.clone(), 20);
        let report = bench.export(&LIST_BY_ID, drive).unwrap();
        let mut found: Vec<&str> = Vec::new();
        let text = drive.text();
        found.extend(text.lines());
        assert_eq!(found.len(), 300, "{what}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 300, "{what}");
        assert_eq!(report.items, 300, "{what}");
        assert!(bench.script.count() <= 16, "{what}");
    };
    for cut in 0..state.len() {
        let drive = half();
        drive.put(disk::Part::State, &state[..cut]);
        mends(&drive, &format!("the state has {cut} bytes"));
    }
    for at in (0..state.len()).step_by(3) {
        let drive = half();
        let mut garbled = state.clone();
        garbled[at] ^= 0x15;
        drive.put(disk::Part::State, &garbled);
        mends(&drive, &format!("byte {at} of the state is another"));
    }
    for cut in (0..items.len()).rev().take(200) {
        let drive = half();
        drive.put(disk::Part::Items, &items[..cut]);
        mends(&drive, &format!("the items have {cut} bytes"));
        let drive = half();
        let mut garbled = items.clone();
        garbled[cut..].fill(0);
        drive.put(disk::Part::Items, &garbled);
        mends(&drive, &format!("the items are zero from {cut} on"));
    }
}

/// What looks whole and is another text than was written is refused, and so are files of others; nothing is sent and
/// nothing changed.
#[test]
fn files_of_others_are_refused() {
    let bench = Bench::new(rows(30), 10);
    let drive = Drive::new();
    drive.put(disk::Part::Items, b"dear diary\n");
    let refused = |drive: &Drive, operation, words: &str| {
        let before = drive.bytes(disk::Part::Items);
        let error = bench.export(operation, drive).unwrap_err();
        assert_eq!(error.kind(), Kind::File, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains("rows.jsonl"), "{error}");
        assert_eq!(drive.bytes(disk::Part::Items), before);
    };
    refused(&drive, &LIST_BY_ID, "not written by an export");
    assert_eq!(bench.script.count(), 0);

    let drive = Drive::new();
    bench.export(&LIST_BY_ID, &drive).unwrap();
    let mut bytes = drive.bytes(disk::Part::Items);
    let digit = bytes.iter().rposition(u8::is_ascii_digit).unwrap();
    bytes[digit] = if bytes[digit] == b'0' { b'1' } else { b'0' };
    drive.put(disk::Part::Items, &bytes);
    let sent = bench.script.count();
    refused(&drive, &LIST_BY_ID, "changed after it was written");
    static OTHER: Operation = Operation {
        name: "rows.other",
        ..list(&BY_ID)
    };
    refused(&drive, &OTHER, "other parameters");
    drive.is_locked(true);
    refused(&drive, &LIST_BY_ID, "another export");
    assert_eq!(bench.script.count(), sent);
}

/// Equal items of one page are two: nothing shifts within a page.
#[test]
fn equal_items_of_one_page_are_kept() {
    let bench = Bench::new(vec![1, 1, 2, 2, 3, 4, 4], 3);
    let drive = Drive::new();
    let report = bench.export(&LIST_BY_ITEM, &drive).unwrap();
    assert_eq!(drive.text(), lines(&[1, 1, 2, 3, 4]));
    assert_eq!((report.items, report.repeated, report.pages), (5, 2, 3));
}

/// A future that was dropped while it wrote may still hold the lock for a moment.
#[test]
fn a_lock_that_comes_free_is_waited_for() {
    let bench = Bench::new(rows(3), 10);
    let drive = Drive::new();
    drive.is_locked(true);
    drive.unlocks_after(5);
    let report = bench.export(&LIST_BY_ID, &drive).unwrap();
    assert_eq!(report.items, 3);
    assert!(bench.clock.now_system() > VirtualClock::new().now_system());
}
