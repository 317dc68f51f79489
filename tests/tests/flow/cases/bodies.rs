//! Bodies that are no JSON, both ways, from the description to the wire: forms, parts with files, texts, bytes,
//! downloads and the temporary URLs that they may stand behind. What arrived is read from the script.

use std::io;
use std::time::Duration;

use etiquette_cases::bodies::{self, Client, Description, Kind, NewCover, Shelf};
use futures::StreamExt;
use runtime::codegen::Timestamp;
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};
use runtime::{Kind as Failed, Upload};

use super::parts::{Part, field, file, pairs, parts};

const KEY: &str = "canary-7f3a9";
const COVER: &str =
    r#"{"data":{"id":1,"ISBN":"978","kind":"scan","image":"https://i.example.com/1"}}"#;

struct World {
    clock: VirtualClock,
    script: Script,
    api: Client,
}

fn world(replies: impl IntoIterator<Item = ScriptReply>) -> World {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    for reply in replies {
        script.reply(reply);
    }
    let builder = Client::builder().key(KEY).with_transport(script.clone());
    let api = builder.with_clock(clock.clone()).with_seed(7).build();
    World {
        clock,
        script,
        api: api.unwrap(),
    }
}

fn cover(image: Upload) -> NewCover {
    NewCover::new("978", Kind::Scan, image)
}

/// Row F12: names and contents of files and fields that would end a part, a line or a quoted text do not.
#[test]
fn each_member_is_a_part_and_files_come_last() {
    let world = world([ScriptReply::json(201, COVER)]);
    let content = b"\x89PNG\r\n--\r\n\r\n\0".to_vec();
    let image = Upload::from_bytes("../a\"b.png", content.clone()).with_content_type("image/png");
    let new = cover(image)
        .taken_at("2024-05-01T00:00:00Z".parse::<Timestamp>().unwrap())
        .tags(["new", "a\r\n--b"])
        .place(Shelf::new("A").row(3))
        .more([
            Upload::from_bytes("1", vec![1]),
            Upload::from_bytes("2", vec![]),
        ]);
    let made = world.clock.run(world.api.covers().create(&new)).unwrap();
    assert_eq!((made.id, made.kind), (1, Kind::Scan));
    let sent = world.script.requests();
    assert_eq!(sent.len(), 1);
    let expected = [
        field("source", "etiquette"),
        field("ISBN", "978"),
        field("kind", "scan"),
        field("takenAt", "1714521600"),
        field("tags[]", "new"),
        field("tags[]", "a\r\n--b"),
        Part {
            head: vec![
                "Content-Disposition: form-data; name=\"place\"".to_owned(),
                "Content-Type: application/json".to_owned(),
            ],
            content: br#"{"shelf":"A","row":3}"#.to_vec(),
        },
        file("image", "a%22b.png", "image/png", &content),
        file("more", "1", "application/octet-stream", &[1]),
        file("more", "2", "application/octet-stream", &[]),
    ];
    assert_eq!(parts(&sent[0]), expected);
    assert_eq!(
        sent[0].header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
}

#[test]
fn what_is_absent_is_no_part() {
    let world = world([ScriptReply::json(201, COVER), ScriptReply::empty(204)]);
    let image = Upload::from_bytes("a", vec![7]);
    world.clock.run(async {
        world.api.covers().create(&cover(image)).await.unwrap();
        let body = bodies::AttachCoversBody::new().note("n");
        let attach = world.api.covers().attach(5, &body).notify(true);
        attach.await.unwrap();
    });
    let sent = world.script.requests();
    let names = |request: &RecordedRequest| {
        let all = parts(request).into_iter();
        all.map(|part| part.head[0].split('"').nth(1).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&sent[0]), ["source", "ISBN", "kind", "image"]);
    assert_eq!(names(&sent[1]), ["note"]);
    assert_eq!(
        sent[1].uri.to_string(),
        "https://api.example.com/covers/5/attachments?notify=true"
    );
}

/// All shapes of a body have parts: one that a builder makes, and one of what changes.
#[test]
fn builders_and_patches_are_sent_in_parts_too() {
    let world = world([ScriptReply::empty(204), ScriptReply::json(200, COVER)]);
    let pages = ["1", "2"].map(|name| Upload::from_bytes(name, name));
    let body = bodies::PublishCoversBody::builder()
        .isbn("978")
        .language("en")
        .edition(2)
        .pages(pages);
    let patch = bodies::CoverPatch::default().kind(Kind::Photo);
    world.clock.run(async {
        world.api.covers().publish(&body).await.unwrap();
        world.api.covers().update(1, &patch).await.unwrap();
    });
    let sent = world.script.requests();
    let page = |name: &str| file("pages", name, "application/octet-stream", name.as_bytes());
    let expected = [
        field("isbn", "978"),
        field("language", "en"),
        field("edition", "2"),
        page("1"),
        page("2"),
    ];
    assert_eq!(parts(&sent[0]), expected);
    assert_eq!(
        parts(&sent[1]),
        [field("source", "etiquette"), field("kind", "photo")]
    );
}

/// No part at all would say that nothing was given, and an empty list of what to look for would find everything.
#[test]
fn an_empty_list_is_not_sent_as_nothing() {
    let world = world([]);
    let none: [Upload; 0] = [];
    let body = bodies::PublishCoversBody::builder()
        .isbn("978")
        .language("en")
        .edition(2)
        .pages(none.clone());
    let patch = bodies::CoverPatch::default().tags(Vec::<String>::new());
    let (made, changed) = world.clock.run(async {
        let made = world.api.covers().publish(&body).await.unwrap_err();
        (
            made,
            world.api.covers().update(1, &patch).await.unwrap_err(),
        )
    });
    for (error, name) in [(made, "/pages"), (changed, "/tags[]")] {
        assert_eq!(error.kind(), Failed::Parameter);
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(world.script.count(), 0);
}

#[test]
fn a_group_without_any_member_is_not_sent_in_parts_either() {
    let world = world([]);
    let nothing = Description::new("en");
    let error = world.clock.run(world.api.covers().describe(1, &nothing));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Failed::Parameter);
    assert!(error.to_string().contains("summary or blurb"), "{error}");
    assert_eq!(world.script.count(), 0);
    world.script.reply(ScriptReply::empty(204));
    let enough = nothing.blurb("b");
    world
        .clock
        .run(world.api.covers().describe(1, &enough))
        .unwrap();
    assert_eq!(
        parts(&world.script.requests()[0]),
        [field("language", "en"), field("blurb", "b")]
    );
}

/// Row A13: what is in memory is sent again as it was.
#[test]
fn a_file_from_memory_is_sent_again() {
    let world = world([
        ScriptReply::text(503, "later"),
        ScriptReply::json(201, COVER),
    ]);
    let new = cover(Upload::from_bytes("a.png", vec![1, 2, 3]));
    world.clock.run(world.api.covers().create(&new)).unwrap();
    let sent = world.script.requests();
    assert_eq!(sent.len(), 2);
    assert_eq!(parts(&sent[0]), parts(&sent[1]));
}

/// Row A13: a stream that was begun is gone, so the call ends with what the first attempt met.
#[test]
fn a_file_from_a_stream_is_sent_once() {
    let world = world([
        ScriptReply::text(503, "later"),
        ScriptReply::json(201, COVER),
    ]);
    let pieces = ["ab", "", "cd"].map(|piece| io::Result::Ok(piece.into()));
    let stream = futures::stream::iter(pieces);
    let new = cover(Upload::from_stream("a.png", stream, Some(4)));
    let error = world
        .clock
        .run(world.api.covers().create(&new))
        .unwrap_err();
    assert_eq!(error.status(), Some(503), "{error}");
    let sent = world.script.requests();
    assert_eq!(sent.len(), 1);
    assert_eq!(parts(&sent[0])[3].content, b"abcd");
}

#[test]
fn one_file_may_be_the_whole_body() {
    let world = world([ScriptReply::empty(204)]);
    let scan = Upload::from_bytes("scan.tiff", vec![9, 8]).with_content_type("image/tiff");
    world
        .clock
        .run(world.api.covers().replace_scan(3, &scan))
        .unwrap();
    let sent = &world.script.requests()[0];
    assert_eq!(
        (sent.method.as_str(), sent.path()),
        ("PUT", "/covers/3/scan")
    );
    assert_eq!(sent.header("content-type"), Some("image/tiff"));
    assert_eq!(&sent.body[..], [9, 8]);
}

#[test]
fn a_form_has_a_pair_for_each_value() {
    let world = world([
        ScriptReply::json(200, r#"{"data":[]}"#),
        ScriptReply::json(200, r#"{"data":[]}"#),
    ]);
    let full = bodies::SearchCoversBody::new("a&b=c d+é")
        .kinds([Kind::Photo, Kind::Scan])
        .since("1970-01-01T00:01:00Z".parse::<Timestamp>().unwrap())
        .exact(false);
    world.clock.run(async {
        let found = world.api.covers().search(&full).await.unwrap();
        assert_eq!(found, []);
        let least = bodies::SearchCoversBody::new("");
        world.api.covers().search(&least).await.unwrap();
    });
    let sent = world.script.requests();
    for request in &sent {
        assert_eq!(
            request.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
    }
    let text = |index: usize| std::str::from_utf8(&sent[index].body).unwrap();
    let wanted = [
        ("text", "a&b=c d+é"),
        ("kinds", "photo"),
        ("kinds", "scan"),
        ("since", "60"),
        ("exact", "false"),
    ];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(text(0)), wanted);
    assert_eq!(text(1), "text=");
}

#[test]
fn texts_and_bytes_go_both_ways_as_they_are() {
    let png = vec![0x89, b'P', 0, 0xff];
    let replies = [
        ScriptReply::empty(204),
        ScriptReply::text(200, "\"not JSON\" {é"),
        ScriptReply::empty(204),
        ScriptReply::bytes(200, png.clone()).header("content-type", "image/png"),
        ScriptReply::bytes(200, vec![0xff, 0xfe]),
    ];
    let world = world(replies);
    let covers = world.api.covers();
    world.clock.run(async {
        covers.annotate(1, "line\nü").await.unwrap();
        assert_eq!(covers.note(1).await.unwrap(), "\"not JSON\" {é");
        covers.replace_image(1, png.clone()).await.unwrap();
        assert_eq!(covers.thumbnail(1).width(64).await.unwrap(), png);
        let error = covers.note(1).await.unwrap_err();
        assert_eq!(error.kind(), Failed::Decode);
    });
    let sent = world.script.requests();
    let kind = |index: usize| sent[index].header("content-type");
    assert_eq!(kind(0), Some("text/plain; charset=utf-8"));
    assert_eq!(sent[0].body, "line\nü");
    assert_eq!((kind(2), &sent[2].body[..]), (Some("image/png"), &png[..]));
    assert_eq!(sent[3].query("width"), Some("64"));
}

/// Up to its head a download is a call like any other; then its body is handed on whole, or it is an error.
#[test]
fn a_download_is_whole_or_an_error() {
    let long = vec![b'x'; 300_000];
    let replies = [
        ScriptReply::text(503, "later"),
        ScriptReply::bytes(200, long.clone()),
        ScriptReply::bytes(206, long.clone()).truncated_at(100_000),
        ScriptReply::json(404, r#"{"message":"no such backup"}"#),
    ];
    let world = world(replies);
    let backups = world.api.backups();
    world.clock.run(async {
        let mut download = backups.raw("a/b").await.unwrap();
        let mut got = Vec::new();
        while let Some(piece) = download.next().await {
            got.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(got, long);
        let broken = backups.part("b").from(7).await.unwrap();
        let error = broken.bytes(1 << 20).await.unwrap_err();
        assert_eq!(error.kind(), Failed::Truncated, "{error}");
        let error = backups.raw("c").await.unwrap_err();
        assert_eq!(error.status(), Some(404));
        assert!(error.to_string().contains("no such backup"), "{error}");
    });
    let sent = world.script.requests();
    let paths: Vec<_> = sent.iter().map(|one| one.uri.to_string()).collect();
    let base = "https://api.example.com/backups/";
    assert_eq!(
        paths,
        ["a%2Fb/raw", "a%2Fb/raw", "b/part?from=7", "c/raw"].map(|path| format!("{base}{path}"))
    );
}

fn link(url: &str, expires: &str) -> ScriptReply {
    let text = format!(r#"{{"data":{{"url":"{url}","expires_at":"{expires}"}}}}"#);
    ScriptReply::json(200, text)
}

const SIGNED: &str = "https://eu.files.example.com/b?sig=canary-url";

#[test]
fn a_temporary_url_is_fetched_without_anything_of_ours() {
    let replies = [
        link(SIGNED, "2999-01-01T00:00:00Z"),
        link(SIGNED, "2999-01-01T00:00:00Z"),
        ScriptReply::bytes(200, vec![1, 2, 3]),
    ];
    let world = world(replies);
    let backups = world.api.backups();
    let got = world.clock.run(async {
        let answer = backups.link("a").await.unwrap();
        assert_eq!(answer.url.to_string(), SIGNED);
        assert!(!format!("{answer:?}").contains("canary"), "{answer:?}");
        let download = backups.link("a").download().await.unwrap();
        download.bytes(10).await.unwrap()
    });
    assert_eq!(&got[..], [1, 2, 3]);
    let sent = world.script.requests();
    assert_eq!(sent.len(), 3);
    let fetched = &sent[2];
    assert_eq!(
        (fetched.method.as_str(), fetched.uri.to_string()),
        ("GET", SIGNED.to_owned())
    );
    assert_eq!(fetched.header("authorization"), None);
    for (_, value) in &fetched.headers {
        assert!(!value.as_bytes().windows(6).any(|part| part == b"canary"));
    }
}

#[test]
fn a_temporary_url_leads_where_the_description_says_and_only_while_it_lasts() {
    let later = "2999-01-01T00:00:00Z";
    for (reply, kind) in [
        (
            link("https://files.example.com.evil.net/b?sig=canary-url", later),
            Failed::CrossOriginLink,
        ),
        (
            link("https://example.com/b?sig=canary-url", later),
            Failed::CrossOriginLink,
        ),
        (
            link("http://eu.files.example.com/b?sig=canary-url", later),
            Failed::CrossOriginLink,
        ),
        (
            link(
                "https://eu.files.example.com@evil.net/?sig=canary-url",
                later,
            ),
            Failed::CrossOriginLink,
        ),
        (link(SIGNED, "1999-01-01T00:00:00Z"), Failed::Expired),
    ] {
        let world = world([reply]);
        let error = world.clock.run(world.api.backups().link("a").download());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(world.script.count(), 1);
        assert!(
            !format!("{error:?} {error}").contains("canary"),
            "{error:?}"
        );
    }
}

/// A call that makes something is sent once; what it leads to is fetched as often as any read.
#[test]
fn what_a_write_leads_to_is_fetched_like_a_read() {
    let replies = [
        link("https://files.example.net:8443/b", "2999-01-01T00:00:00Z"),
        ScriptReply::reset(),
        ScriptReply::bytes(200, vec![5]),
    ];
    let world = world(replies);
    let fresh = world.api.backups().fresh().full(true);
    let fresh = fresh.with_timeout(Duration::from_secs(5)).download();
    let got = world
        .clock
        .run(async { fresh.await.unwrap().bytes(10).await.unwrap() });
    assert_eq!(&got[..], [5]);
    let sent = world.script.requests();
    let verbs: Vec<_> = sent.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(verbs, ["POST", "GET", "GET"]);
    assert_eq!(sent[0].query("full"), Some("true"));
}
