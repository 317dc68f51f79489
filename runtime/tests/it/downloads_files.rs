//! Files on this side: downloads that become one, and uploads from one.

use std::io;

use etiquette_runtime::Kind;
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{Script, ScriptReply, VirtualClock};

use crate::api::{Bench, CANARY, CREATE, KEY, SHOP, ok};
use crate::downloads::{download, sized};

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("etiquette-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn on_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// A file appears when it is whole; what was there stays until then, and nothing half is left behind.
#[test]
fn a_file_is_whole_or_not_there() {
    let folder = folder("save");
    let path = folder.join("a.txt");
    let bench = Bench::new();
    let save = || async { download(&bench).await?.save_to(&path).await };
    bench.script.reply(sized("hel", 5));
    let error = on_tokio(save()).unwrap_err();
    assert_eq!(error.kind(), Kind::Truncated);
    assert_eq!(names(&folder), Vec::<String>::new());
    bench.script.reply(sized("hello", 5));
    assert_eq!(on_tokio(save()).unwrap(), 5);
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    bench.script.reply(sized("HEL", 5));
    on_tokio(save()).unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    bench.script.reply(sized("HELLO", 5));
    on_tokio(save()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"HELLO");
    assert_eq!(names(&folder), ["a.txt"]);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A download that is dropped while it is written leaves nothing.
#[test]
fn a_dropped_download_leaves_no_file() {
    let folder = folder("drop");
    let path = folder.join("a.txt");
    let bench = Bench::new();
    bench.script.reply(sized("hello", 5).stalls_at(3));
    on_tokio(async {
        let got = download(&bench).await.unwrap();
        let mut save = Box::pin(got.save_to(&path));
        while names(&folder).is_empty() {
            assert!(futures::poll!(save.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
        assert!(!path.exists());
        drop(save);
    });
    assert_eq!(names(&folder), Vec::<String>::new());
    std::fs::remove_dir_all(folder).unwrap();
}

/// Where nothing can be written, the error is about the file.
#[test]
fn a_place_that_cannot_be_written_is_an_error() {
    let bench = Bench::new();
    bench.script.respond_with(|_| sized("hello", 5));
    for path in ["/proc/no/such/folder/a", "/", ".."] {
        let error = on_tokio(async { download(&bench).await?.save_to(path).await });
        let error = error.unwrap_err();
        assert_eq!(error.kind(), Kind::File, "{path}");
        assert!(!error.to_string().contains("/proc"), "{error}");
    }
}

/// A file goes up as often as it takes, with its length, and one that has changed is not sent as something else.
#[test]
fn a_file_is_sent_from_its_path() {
    let folder = folder("send");
    let path = folder.join("a b.bin");
    let content: Vec<u8> = (0..300_000_u32).map(|n| (n / 7) as u8).collect();
    std::fs::write(&path, &content).unwrap();
    let put: &'static Operation = Box::leak(Box::new(Operation {
        effect: Effect::Idempotent,
        ..CREATE
    }));
    // Files are read by the real clock, while virtual time would run away.
    let clock = VirtualClock::over_sockets();
    let bench = Bench {
        script: Script::new(clock.clone()),
        ..Bench::new()
    };
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(clock);
    let core = builder.build().unwrap();
    on_tokio(async {
        let upload = Upload::from_path(&path).await.unwrap();
        bench.script.reply(ScriptReply::reset()).reply(ok());
        let call = Request::new(&core, put).upload(&upload).call_empty();
        call.clone().await.unwrap();
        let sent = bench.script.requests();
        assert_eq!((sent.len(), &sent[0].body[..]), (2, &content[..]));
        assert_eq!(sent[0].body, sent[1].body);
        for other in [&content[1..], &b""[..]] {
            std::fs::write(&path, other).unwrap();
            let error = call.clone().await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (Kind::File, 1));
            assert!(error.to_string().contains("another length"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(call.await.unwrap_err().kind(), Kind::File);
        let none = Upload::from_path(&path).await.unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
        Upload::from_path(&folder).await.unwrap_err();
    });
    assert_eq!(bench.script.count(), 2);
    std::fs::remove_dir_all(folder).unwrap();
}
