//! All logs of CleverFox into a file: a walk of hours that is broken off again and again, while new logs push all
//! others back and the server refuses now and then. Each log is in the file once.
//!
//! `ETIQUETTE_LOGS=100000` walks as many as the stand-in begins with; twenty thousand are walked otherwise.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use etiquette_apis::ExportReport;
use etiquette_apis::cleverfox::Log;
use etiquette_standins::cleverfox::Config;
use etiquette_standins::{Answer, Fault as Play};
use fastrand::Rng;
use futures::future::{Either, join_all, select};
use http::Method;
use runtime::clock::Clock;
use serde_json::Value;

use super::inside::{Inside, PAUSE, silences, taking};
use crate::flow::world::MINUTE;

const SIZE: u64 = 100;
const REFUSED: &str = "Your request was denied due to a usage violation. You can track this request with support by referencing CF-0000AA";

/// An export's files in a folder of their own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("etiquette-fox-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("logs.jsonl")
    }

    /// How often each log from 1 on is there, and how many lines there are. Some lines are read as logs.
    fn counts(&self) -> (Vec<u8>, u64) {
        let (mut counts, mut lines) = (Vec::new(), 0);
        for line in BufReader::new(File::open(self.file()).unwrap()).lines() {
            let line = line.unwrap();
            // The items of a log bear its id too, so that the first one is right wherever it stands.
            let id = line.split("\"LogId\":").nth(1).unwrap();
            let digits = id.len() - id.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let id: usize = id[..digits].parse().unwrap();
            if lines % 499 == 0 {
                let log: Log = serde_json::from_str(&line).unwrap();
                assert_eq!(usize::try_from(log.log_id).unwrap(), id);
            }
            lines += 1;
            counts.resize(counts.len().max(id + 1), 0);
            counts[id] += 1;
        }
        (counts, lines)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn export(world: &Inside, folder: &Folder) -> etiquette_apis::Export {
    world
        .api
        .logs()
        .list()
        .page_size(SIZE)
        .export(folder.file())
}

/// Runs the export until so many requests more have reached the server, or to its end.
fn live(world: &Inside, folder: &Folder, requests: usize) -> Option<ExportReport> {
    let until = world.server.arrivals().len() + requests;
    let export = export(world, folder);
    world.clock.run(async {
        match select(export, pin!(world.server.arrived(until))).await {
            Either::Left((report, _)) => Some(report.unwrap()),
            Either::Right(((), _)) => None,
        }
    })
}

/// What a process leaves that is killed while it writes: some bytes of the page that came next, and of a state.
fn tear(world: &Inside, folder: &Folder, rng: &mut Rng) {
    let (_, lines) = folder.counts();
    let path = format!("/logs?PageNo={}&PageSize={SIZE}", lines / SIZE + 1);
    let page = world.clock.run(world.server.act(Method::GET, &path, None));
    let page: Value = serde_json::from_slice(page.body()).unwrap();
    let items = page["data"].as_array().unwrap();
    let items: String = items.iter().map(|item| format!("{item}\n")).collect();
    let torn = &items.as_bytes()[..rng.usize(1..=items.len())];
    let mut file = OpenOptions::new().append(true).open(folder.file()).unwrap();
    file.write_all(torn).unwrap();
    let state = folder.0.join("logs.jsonl.state");
    let state = std::fs::read(state).unwrap();
    let half = &state[..rng.usize(..state.len())];
    std::fs::write(folder.0.join("logs.jsonl.state.new"), half).unwrap();
}

/// All logs that were there when the export began are in the file once, and younger ones at most once.
fn is_whole(folder: &Folder, logs: u64, report: &ExportReport) {
    let (counts, lines) = folder.counts();
    let logs = usize::try_from(logs).unwrap();
    assert_eq!(counts[0], 0);
    let missing = (1..=logs).filter(|id| counts[*id] == 0).count();
    assert_eq!(missing, 0, "missing");
    assert!(
        counts.iter().all(|count| *count <= 1),
        "some are there twice"
    );
    assert_eq!(report.items, lines);
    assert_eq!(
        report.bytes,
        std::fs::metadata(folder.file()).unwrap().len()
    );
}

/// Row H5: a whole walk through six crashes at seeded places, each leaving a torn line, with a new log every 700 ms
/// and hours between the lives, and with refusals on the way.
#[test]
fn a_whole_walk_through_crashes() {
    let logs = std::env::var("ETIQUETTE_LOGS").map_or(20_000, |logs| logs.parse().unwrap());
    let world = Inside::new(Config {
        logs,
        log_every: Some(Duration::from_millis(700)),
        ..Config::default()
    });
    let clock = world.clock.clone();
    world.server.on_each(move |arrival| {
        let is_unlucky = arrival.sequence % 97 == 40;
        let refused = is_unlucky.then(|| Play::Answer(Answer::new(429).body(REFUSED)));
        Some(refused.unwrap_or_else(|| taking(&clock)))
    });
    let folder = Folder::new("whole");
    let mut rng = Rng::with_seed(7);
    let pages = usize::try_from(logs / SIZE).unwrap();
    let mut lives = 1;
    for _ in 0..6 {
        // The first life is long enough for the estimate.
        let requests = rng.usize(2..pages / 5) + if lives == 1 { 30 } else { 0 };
        if live(&world, &folder, requests).is_some() {
            break;
        }
        lives += 1;
        tear(&world, &folder, &mut rng);
        world.clock.advance(Duration::from_secs(rng.u64(1..1_200)));
    }
    let report = world.clock.run(export(&world, &folder)).unwrap();
    is_whole(&folder, logs, &report);

    let arrivals = world.server.arrivals();
    let refused = arrivals
        .iter()
        .filter(|one| one.status == Some(429))
        .count();
    println!(
        "{logs} logs in {lives} lives: {report:?}; {} requests at the server, {refused} refused, {} at once, {:?} of virtual time",
        arrivals.len(),
        world.server.most_at_once(),
        world.passed()
    );
    assert_eq!(lives, 7, "it was killed six times");
    assert_eq!(world.server.most_at_once(), 1, "one page at a time");
    assert!(refused >= 2);
    let silences = silences(&arrivals);
    assert!(
        silences.iter().all(|length| *length >= PAUSE),
        "{silences:?}"
    );
    // The shift costs pages that are known, and a crash the page that was under way.
    let shifted = report.repeated.div_ceil(SIZE);
    let least = report.items.div_ceil(SIZE);
    assert!(
        (least..=least + shifted + lives).contains(&report.pages),
        "{report:?}"
    );
    let waste = arrivals.len() as u64 - report.pages;
    assert!(
        waste <= lives + 40 + refused as u64,
        "{waste} requests gave no page"
    );
    let estimate = report.estimate.unwrap().items.unwrap();
    assert!((logs..logs + 200).contains(&estimate), "{estimate}");
    // It is over: once more sends nothing.
    let again = world.clock.run(export(&world, &folder)).unwrap();
    assert_eq!((again.items, again.bytes), (report.items, report.bytes));
    assert_eq!(world.server.arrivals().len(), arrivals.len());
}

/// Row H5: twelve seeds, each with its own places to die: also before the first page, and every few requests.
#[test]
fn crashes_at_many_places() {
    for seed in 0..12 {
        let mut rng = Rng::with_seed(seed);
        let logs = rng.u64(301..1_500);
        let world = Inside::new(Config {
            logs,
            log_every: Some(Duration::from_millis(rng.u64(50..5_000))),
            ..Config::default()
        });
        let folder = Folder::new(&format!("seed-{seed}"));
        let mut lives = 1;
        let report = loop {
            match live(&world, &folder, rng.usize(1..24)) {
                Some(report) => break report,
                None if lives > 40 => break world.clock.run(export(&world, &folder)).unwrap(),
                None => {}
            }
            lives += 1;
            if rng.bool() && folder.0.join("logs.jsonl.state").exists() {
                tear(&world, &folder, &mut rng);
            }
            world.clock.advance(Duration::from_secs(rng.u64(0..60)));
        };
        is_whole(&folder, logs, &report);
        assert_eq!(world.server.most_at_once(), 1);
    }
}

/// Others fill the account's queue: the export stands still as long as it is told to, and loses nothing.
#[test]
fn what_others_do_is_waited_out() {
    let world = Inside::new(Config {
        logs: 3_000,
        ..Config::default()
    });
    let folder = Folder::new("others");
    let export = export(&world, &folder);
    let report = world.clock.run(async {
        let others = pin!(async {
            loop {
                world
                    .clock
                    .sleep(world.clock.now() + Duration::from_secs(1))
                    .await;
                join_all((0..12).map(|_| world.barge("/plans"))).await;
                world.clock.sleep(world.clock.now() + 5 * MINUTE).await;
            }
        });
        match select(export, others).await {
            Either::Left((report, _)) => report.unwrap(),
            Either::Right((never, _)) => never,
        }
    });
    is_whole(&folder, 3_000, &report);
    let mut arrivals = world.server.arrivals();
    arrivals.retain(|one| one.path == "/api/logs");
    let silences = silences(&arrivals);
    assert!(!silences.is_empty(), "it was refused");
    assert!(
        silences.iter().all(|length| *length >= PAUSE),
        "{silences:?}"
    );
    assert!(report.waited >= PAUSE);
    assert_eq!(
        report.requests,
        arrivals.len() as u64,
        "the report counts what the server counts"
    );
}
