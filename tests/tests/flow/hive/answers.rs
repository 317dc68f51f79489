//! Answers that are not what they should be: other formats, broken texts, nesting without end,
//! lengths that lie, statuses without bodies, words that would write into a terminal.

use etiquette_apis::hive::{self, Fault};
use etiquette_apis::{Error, Kind};
use etiquette_standins::{Answer, Fault as Play, Hostile};
use runtime::testing::{ScriptReply, VirtualClock};
use serde_json::json;

use crate::flow::world::{KEY, hive_page, live_hive, scripted_hive, warehouse};

/// The error of a list that is answered so, asked for once.
fn error_of(reply: ScriptReply) -> Error {
    let world = scripted_hive();
    world.reply([reply]);
    let error = world.run(world.api.warehouses().list()).unwrap_err();
    assert_eq!(
        world.script.count(),
        1,
        "it is not asked for again: {error}"
    );
    error
}

fn decode_error(text: &str) -> Error {
    let error = error_of(ScriptReply::json(200, text));
    assert_eq!(
        (error.kind(), error.status()),
        (Kind::Decode, Some(200)),
        "{error}"
    );
    error
}

/// Row G8: a page of a proxy, with any status.
#[tokio::test]
async fn html_is_an_error_with_a_piece_of_it() {
    let live = live_hive().await;
    live.server.next(Play::Html);
    let error = live.api.warehouses().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(200)));
    assert!(error.to_string().contains("<!DOCTYPE html>"), "{error}");
    assert!(!error.to_string().contains('\n'), "{error}");
    let page = format!("<html>\u{1b}[31m{}</html>", "x".repeat(5_000));
    let answer = Answer::new(200)
        .body(page)
        .header("content-type", "text/html");
    live.server.next(Play::Answer(answer));
    let error = live.api.orders().get(10_001).await.unwrap_err();
    assert!(error.to_string().len() < 700, "{}", error.to_string().len());
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
    assert_eq!(live.server.arrivals().len(), 2);

    let answer = Answer::new(500)
        .body("<html>oops</html>")
        .header("content-type", "text/html");
    (0..4).for_each(|_| live.server.next(Play::Answer(answer.clone())));
    let error = live.api.orders().get(10_001).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.attempts()),
        (Kind::Api, Some(500), 4)
    );
    assert_eq!(error.messages()[0].text, "<html>oops</html>");
}

/// Row G6: broken texts, each an error that says what.
#[test]
fn broken_texts_are_errors() {
    let page = hive_page(&[warehouse(1)], 1, 1);
    for (text, wanted) in [
        (page[..page.len() - 1].to_owned(), "EOF"),
        (format!("\u{feff}{page}"), "byte order mark"),
        (format!("{page}{page}"), "more than one value"),
        (format!("{page} x"), "more than one value"),
        (page.replace("W 1", "\\ud800"), "at /data/0"),
        (page.replace("\"id\":1", "\"id\":01"), "at /data/0"),
        (page.replace("W 1", "\u{1}"), "at /data/0"),
        (String::new(), "empty"),
        ("null".to_owned(), ""),
        ("[]".to_owned(), ""),
    ] {
        let error = decode_error(&text);
        assert!(error.to_string().contains(wanted), "{text:?}: {error}");
    }
    let broken = [
        b"{\"data\":[{\"id\":1,\"name\":\"".as_slice(),
        b"\xff\xfe\"}]}",
    ]
    .concat();
    let error = error_of(ScriptReply::bytes(200, broken));
    assert!(error.to_string().contains("UTF-8 at byte 25"), "{error}");
}

/// Row G3: a member that stands twice is an error; nobody can say which one counts.
#[test]
fn members_that_stand_twice_are_errors() {
    for (place, text) in [
        (
            "/data/0",
            hive_page(&[r#"{"id":1,"id":2,"name":"W"}"#.to_owned()], 1, 1),
        ),
        (
            "/data",
            r#"{"data":[],"data":[],"pagination":{}}"#.to_owned(),
        ),
    ] {
        let error = decode_error(&text);
        assert!(error.path().unwrap().starts_with(place), "{error}");
    }
    // What is not read may be anything.
    let world = scripted_hive();
    world.reply([ScriptReply::json(200, r#"{"x":1,"x":2,"data":[]}"#)]);
    world.run(world.api.warehouses().list()).unwrap();
}

/// Rows G1, G2: nesting without end, in what is read, what is kept and what is passed over, on a
/// small stack; whether it is ever closed or not.
#[test]
fn nesting_without_end_is_an_error() {
    let work = || {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [200, 200_000] {
                let closed = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                for deep in [open.repeat(depth), closed] {
                    decode_error(&deep);
                    for text in [
                        format!("{{\"x\":{deep}}}"),
                        format!("{{\"data\":{deep}}}"),
                        format!("{{\"data\":[{{\"id\":{deep}}}]}}"),
                        format!("{{\"data\":[{{\"id\":1,\"name\":\"W\",\"kept\":{deep}}}]}}"),
                        format!("{{\"data\":[],\"pagination\":{{\"page_count\":{deep}}}}}"),
                    ] {
                        decode_error(&text);
                    }
                }
            }
        }
    };
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(work).unwrap().join().unwrap();
}

/// Row G5: types that are not those of the description, each with its place.
#[tokio::test]
async fn wrong_types_are_named_by_their_place() {
    let live = live_hive().await;
    for (place, value) in [
        ("/id", json!("10001")),
        ("/id", json!(10_001.0)),
        ("/id", json!(true)),
        ("/id", json!(null)),
        ("/status", json!(null)),
        ("/created_at", json!("yesterday")),
        ("/items/0/quantity", json!(1.5)),
        ("/items/0", json!([])),
        ("/items", json!({})),
        ("/items", json!(null)),
        ("/shipping_address", json!("Berlin")),
        ("/shipping_address/city", json!(null)),
    ] {
        live.server.next(Play::set(place, value.clone()));
        let error = live.api.orders().get(10_001).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (Kind::Decode, Some(place)),
            "{value}: {error}"
        );
        assert!(!error.may_have_happened());
    }
}

/// Row G7: numbers without end are errors, and take no time.
#[test]
fn giant_numbers_are_errors() {
    for number in [
        "1e400".to_owned(),
        "9".repeat(100_000),
        format!("0.{}", "1".repeat(100_000)),
    ] {
        let error = decode_error(&hive_page(
            &[format!(r#"{{"id":{number},"name":"W"}}"#)],
            1,
            1,
        ));
        assert_eq!(error.path(), Some("/data/0/id"));
    }
}

/// Row G10: statuses without a body, where a body is wanted.
#[test]
fn an_answer_without_a_body_is_an_error_where_one_is_wanted() {
    for status in [200, 201, 204] {
        let error = error_of(ScriptReply::empty(status));
        assert_eq!(
            (error.kind(), error.status()),
            (Kind::Decode, Some(status)),
            "{error}"
        );
    }
    let error = error_of(ScriptReply::empty(304));
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(304)));
}

/// Row G9: each shape of an error that Hive may send.
#[tokio::test]
async fn errors_have_one_shape() {
    let live = live_hive().await;
    let json = |text: &str| Answer::new(422).json(text);
    for (answer, wanted) in [
        (
            json(r#"{"success":false,"errors":["a","b"]}"#),
            vec!["a", "b"],
        ),
        (json(r#"{"success":false,"errors":[]}"#), vec![]),
        (json(r#"{"success":false,"errors":"one"}"#), vec!["one"]),
        (
            json(r#"{"errors":[{"field":"x"}]}"#),
            vec![r#"{"field":"x"}"#],
        ),
        (json(r#"{"message":"other"}"#), vec![]),
        (json("{"), vec!["{"]),
        (Answer::new(422).body("slow down\n"), vec!["slow down"]),
        (Answer::new(422), vec![]),
        (Answer::new(422).body(vec![0xff, 0xfe]), vec![]),
    ] {
        let name = format!("{answer:?}");
        live.server.next(Play::Answer(answer));
        let error = live.api.orders().get(10_001).await.unwrap_err();
        assert_eq!(Fault::of(&error), Some(Fault::Invalid), "{name}");
        let words: Vec<_> = error
            .messages()
            .iter()
            .map(|message| message.text.as_str())
            .collect();
        assert_eq!(words, wanted, "{name}");
    }
}

/// Row G11: what would write into a terminal or turn its text around is escaped.
#[tokio::test]
async fn words_are_escaped_where_they_are_shown() {
    let live = live_hive().await;
    let words = "\u{1b}[2J\u{1b}]0;owned\u{7} a\nb\rc \u{202e}evil \u{9b}31m \u{2028}";
    let body = json!({"success": false, "errors": [words]}).to_string();
    live.server.next(Play::Answer(Answer::new(422).json(&body)));
    let error = live.api.orders().get(10_001).await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        let bad = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
        assert!(!shown.contains(bad), "{shown:?}");
        assert!(shown.contains("evil"), "{shown}");
    }
    assert_eq!(
        error.messages()[0].text,
        words,
        "whoever asks gets it as it came"
    );
}

/// Row G11: a long message is cut.
#[tokio::test]
async fn a_long_message_is_cut() {
    let live = live_hive().await;
    let body = json!({"errors": ["é".repeat(100_000)]}).to_string();
    live.server.next(Play::Answer(Answer::new(422).json(&body)));
    let error = live.api.orders().get(10_001).await.unwrap_err();
    assert!(error.to_string().len() < 700, "{}", error.to_string().len());
}

fn client(server: &Hostile, cap: usize) -> hive::Client {
    let builder = hive::Client::builder().key(KEY).with_body_cap(cap);
    let builder = builder.with_base_url(format!("http://{}", server.address()));
    builder
        .with_clock(VirtualClock::over_sockets())
        .build()
        .unwrap()
}

/// Row D5: a body without end and without a length ends at the cap.
#[tokio::test]
async fn a_body_without_end_ends_at_the_cap() {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let script = etiquette_standins::Script::answer(head).repeat(chunk, 200_000);
    let server = Hostile::always(script).await.unwrap();
    let error = client(&server, 1 << 20)
        .warehouses()
        .list()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::TooLarge, Some(200)));
    assert_eq!(server.requests().len(), 1, "it is not asked for again");
    // What the sockets of both sides hold comes on top of the cap.
    assert!(server.sent() < 32 << 20, "{}", server.sent());
}

/// Row D9: a length that lies takes no memory and no time.
#[tokio::test]
async fn a_length_that_lies_is_not_believed() {
    for length in [
        u64::MAX.to_string(),
        (1_u64 << 63).to_string(),
        (1_u64 << 40).to_string(),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{\"data\"");
        let script = etiquette_standins::Script::answer(head).stall();
        let server = Hostile::always(script).await.unwrap();
        let call = client(&server, 32 << 20)
            .warehouses()
            .list()
            .with_attempts(1);
        let error = call.await.unwrap_err();
        let is_refused = matches!(error.kind(), Kind::TooLarge | Kind::Truncated);
        assert!(is_refused, "{length}: {error}");
    }
}

/// Row D9: a length below the cap that is never reached.
#[tokio::test]
async fn a_length_that_is_never_reached_is_a_lost_answer() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 30000000\r\n\r\n{\"data\"";
    let server = Hostile::always(etiquette_standins::Script::answer(head))
        .await
        .unwrap();
    let call = client(&server, 32 << 20)
        .warehouses()
        .list()
        .with_attempts(2);
    let error = call.await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Truncated, 2));
    assert_eq!(server.requests().len(), 2);
}
