//! Exports as applications use them, into real files: estimates, progress, pacing, and files that were broken off.
//! The server counts what arrives; a disk that dies in the middle of a step is the matter of the tests beside the code.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{ExportReport, Kind};
use serde_json::Value;

use crate::api::{Bench, PER_MINUTE, READ};
use crate::paging_api;

/// Pages by number, without a total: only a short page tells the end.
static SHORT: Paging = Paging {
    kind: PagingKind::Page,
    first: 1,
    start: Some(SendAt::Query("page")),
    size: Some(SendAt::Query("size")),
    items: &["data"],
    unique_by: Some("id"),
    stop: &[Stop::ShortPage, Stop::EmptyPage],
    ..Paging::NEW
};
static LOGS: Operation = Operation {
    name: "logs.list",
    path: "/logs",
    page: Some(&SHORT),
    ..READ
};

/// A folder of this test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("etiquette-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("logs.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn serve_logs(bench: &Bench, count: u64) {
    bench.script.respond_with(move |request| {
        let number = |name| {
            request
                .query(name)
                .and_then(|text| text.parse::<u64>().ok())
        };
        let (page, size) = (number("page").unwrap_or(1), number("size").unwrap());
        let ids = (page - 1) * size..(page * size).min(count);
        let data: Vec<String> = ids
            .map(|id| format!(r#"{{"id":{id},"note":"a\nb"}}"#))
            .collect();
        ScriptReply::json(200, format!(r#"{{"data":[{}]}}"#, data.join(",")))
    });
}

fn logs(bench: &Bench, size: u64) -> ListCall<Value> {
    let mut request = Request::new(&bench.core, &LOGS);
    request.size(size);
    request.list()
}

fn ids(path: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let id = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["id"]
            .as_u64()
            .unwrap()
    };
    text.lines().map(id).collect()
}

/// The end of a list without a total is found in few looks, and the walk after it stays inside the quota.
#[test]
fn it_estimates_first_and_walks_politely() {
    let folder = Folder::new("polite");
    let bench = Bench::new();
    serve_logs(&bench, 12_430);
    let told: Arc<Mutex<Vec<ExportReport>>> = Arc::default();
    let seen = Arc::clone(&told);
    let export = logs(&bench, 100).export(folder.file());
    let export = export.on_progress(move |report| seen.lock().unwrap().push(*report));
    let report = bench.run(export).unwrap();
    assert_eq!(ids(&folder.file()), (0..12_430).collect::<Vec<_>>());
    let estimate = report.estimate.unwrap();
    assert_eq!(
        (estimate.items, estimate.requests),
        (Some(12_430), Some(125))
    );
    assert_eq!(
        (report.items, report.pages, report.repeated),
        (12_430, 125, 0)
    );
    let sent = bench.script.count() as u64;
    assert_eq!(report.requests, sent);
    assert!(sent <= 125 + 16, "{sent} requests");
    assert_eq!(report.bytes, folder.file().metadata().unwrap().len());

    let told = told.lock().unwrap();
    assert_eq!(told.len(), 126);
    assert_eq!((told[0].items, told[0].estimate), (0, Some(estimate)));
    assert!(told.windows(2).all(|pair| pair[0].items < pair[1].items));
    assert_eq!(told.last(), Some(&report));

    // 100 a minute, whichever minute one looks at, and one at a time.
    let arrived: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|one| one.arrived)
        .collect();
    let minute = PER_MINUTE.window.unwrap().per;
    for (at, first) in arrived.iter().enumerate() {
        let within = arrived[at..]
            .iter()
            .filter(|one| **one - *first < minute)
            .count();
        assert!(within <= 100, "{within} in a minute");
    }
    assert!(report.waited >= minute, "{:?}", report.waited);
}

/// An estimate alone writes nothing; it is exact at every length, and asks little.
#[test]
fn an_estimate_finds_the_end() {
    for count in [0, 1, 9, 10, 11, 19, 20, 21, 39, 40, 41, 95, 640, 641, 1_000] {
        let folder = Folder::new("estimate");
        let bench = Bench::new();
        serve_logs(&bench, count);
        let export = logs(&bench, 10).export(folder.file());
        let estimate = bench.run(export.estimate()).unwrap();
        assert_eq!(estimate.items, Some(count));
        let pages = count / 10 + 1;
        assert_eq!(estimate.requests, Some(pages), "{count}");
        let most = 3 + 2 * (64 - pages.leading_zeros() as usize);
        assert!(
            bench.script.count() <= most,
            "{count}: {}",
            bench.script.count()
        );
        assert!(!folder.file().exists());
    }
}

/// Where the API tells a total, or leads on by a cursor, no page is asked for the estimate alone.
#[test]
fn a_total_costs_no_request() {
    for (operation, known) in [
        (&paging_api::LIST_OFFSET, Some(45)),
        (&paging_api::LIST_CURSOR, None),
        (&paging_api::LIST_LINK, Some(45)),
    ] {
        let folder = Folder::new("total");
        let bench = paging_api::bench();
        paging_api::serve(&bench, operation, (1..=45).collect());
        let export = paging_api::call(&bench, operation).export(folder.file());
        let report = bench.run(export).unwrap();
        assert_eq!(
            ids(&folder.file()),
            (1..=45).collect::<Vec<_>>(),
            "{}",
            operation.name
        );
        assert_eq!(report.estimate.unwrap().items, known, "{}", operation.name);
        assert_eq!(
            (report.requests, bench.script.count()),
            (5, 5),
            "{}",
            operation.name
        );
    }
}

/// Row H6: broken off by an error it goes on at the page that failed, in every kind of paging.
#[test]
fn it_goes_on_where_it_was_broken_off() {
    for operation in paging_api::LISTS {
        for pages in 0..5 {
            let folder = Folder::new("broken");
            let export = |requests| {
                let bench = paging_api::bench();
                let paging = operation.page.unwrap();
                let rows: Vec<u64> = (1..=45).collect();
                let mut left = requests;
                bench.script.respond_with(move |request| {
                    if left == 0 {
                        return ScriptReply::json(410, "{}");
                    }
                    left -= 1;
                    paging_api::answer(paging, &paging_api::say(paging, &rows, request))
                });
                let export = paging_api::call(&bench, operation).export(folder.file());
                (bench.run(export), bench.script.count())
            };
            let (broken, sent) = export(pages);
            assert_eq!(broken.unwrap_err().status(), Some(410));
            assert_eq!(sent, pages + 1);
            let (report, again) = export(usize::MAX);
            let (report, name) = (report.unwrap(), operation.name);
            assert_eq!(
                ids(&folder.file()),
                (1..=45).collect::<Vec<_>>(),
                "{name} {pages}"
            );
            assert_eq!((report.items, report.pages), (45, 5), "{name} {pages}");
            assert_eq!(again, 5 - pages, "{name} {pages}");
            assert_eq!(report.requests, 6, "{name} {pages}");
        }
    }
}

/// Row H5: real files, cut and garbled at their tails as a crash leaves them; what is missing is fetched again.
#[test]
fn real_files_are_mended() {
    let folder = Folder::new("mended");
    let (file, state) = (folder.file(), folder.0.join("logs.jsonl.state"));
    let bench = Bench::new();
    serve_logs(&bench, 995);
    // It is dropped after four pages.
    let export = logs(&bench, 100).export(&file).without_estimate();
    let mut export = export.with_pause(Duration::from_secs(1));
    bench.run(std::future::poll_fn(|cx| {
        let polled = Pin::new(&mut export).poll(cx);
        assert!(polled.is_pending());
        if bench.script.count() >= 4 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
    drop(export);
    let (lines, known) = (
        std::fs::read(&file).unwrap(),
        std::fs::read(&state).unwrap(),
    );
    assert!(lines.len() > 1_000);
    let resumes = |most: u64, what: &str| {
        let before = bench.script.count() as u64;
        let report = bench
            .run(logs(&bench, 100).export(&file).without_estimate())
            .unwrap();
        let mut found = ids(&file);
        found.sort_unstable();
        assert_eq!(found, (0..995).collect::<Vec<_>>(), "{what}");
        assert_eq!(report.items, 995, "{what}");
        let sent = bench.script.count() as u64 - before;
        assert!(sent <= most, "{what}: {sent} requests");
    };
    let put = |items: &[u8], kept: &[u8]| {
        std::fs::write(&file, items).unwrap();
        std::fs::write(&state, kept).unwrap();
    };
    put(&lines, &known);
    resumes(8, "as it was left");
    for more in [&b"{\"id\":"[..], b"\0\0\0\0", b"{\"id\":7}\n", b"\n\n"] {
        put(&[&lines[..], more].concat(), &known);
        resumes(8, "a tail that does not count");
    }
    for cut in [1, 2, 30, 500] {
        put(&lines[..lines.len() - cut], &known);
        resumes(10, "items that are gone");
        put(&lines, &known[..known.len() - cut.min(known.len())]);
        resumes(10, "a state that is cut");
    }
    put(&lines, b"");
    resumes(10, "an empty state");
}

/// Only its owner reads what was exported; and two cannot write one file.
#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("owner");
    let bench = Bench::new();
    serve_logs(&bench, 5);
    bench.run(logs(&bench, 10).export(folder.file())).unwrap();
    for name in ["logs.jsonl", "logs.jsonl.state"] {
        let mode = folder.0.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let state = std::fs::read_to_string(folder.0.join("logs.jsonl.state")).unwrap();
    assert!(!state.contains(crate::api::CANARY));
    assert!(!folder.0.join("logs.jsonl.state.new").exists());
}

/// What cannot be sent, and a folder that is not there, are told before anything is sent.
#[test]
fn mistakes_send_nothing() {
    let folder = Folder::new("mistakes");
    let bench = Bench::new();
    serve_logs(&bench, 5);
    let mut bad = logs(&bench, 10);
    bad.request_mut().query("when", &f64::NAN);
    let error = bench.run(bad.export(folder.file())).unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert!(!folder.file().exists());
    let nowhere = folder.0.join("none").join("logs.jsonl");
    let error = bench.run(logs(&bench, 10).export(&nowhere)).unwrap_err();
    assert_eq!(error.kind(), Kind::File);
    bench.run(logs(&bench, 10).export(folder.file())).unwrap();
    let sent = bench.script.count();
    let error = bench
        .run(logs(&bench, 5).export(folder.file()))
        .unwrap_err();
    assert_eq!(
        error.kind(),
        Kind::File,
        "another page size is another call"
    );
    assert_eq!(bench.script.count(), sent);
}

/// A rest after each page, in virtual time.
#[test]
fn it_rests_between_pages() {
    let folder = Folder::new("rests");
    let bench = Bench::new();
    serve_logs(&bench, 35);
    let export = logs(&bench, 10).export(folder.file());
    bench
        .run(export.without_estimate().with_pause(Duration::from_secs(5)))
        .unwrap();
    let arrived = bench.script.requests();
    let gaps = arrived
        .windows(2)
        .map(|pair| pair[1].arrived - pair[0].arrived);
    assert!(gaps.eq([Duration::from_secs(5); 3]));
}
