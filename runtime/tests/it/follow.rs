//! Temporary URLs in answers: where they may lead, what goes along, and that nobody hears of them.

use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::{Error, Kind};

use crate::api::{Bench, CANARY, KEY, PLUGIN, QUERY, READ, REFUSAL, RETRY, SHOP, TENANT};

static FILES: Follow = Follow {
    url: &["data", "url"],
    expires: Some(&["data", "ends"]),
    origins: &["https://*.files.example", "https://cdn.example:8443"],
};
static EXPORT: Operation = Operation {
    name: "orders.export",
    ..READ
};
/// A signature that nobody but the storage may see.
const SIGNED: &str = "X-Signature=s3cr3t-0f-the-storage";

fn bench() -> Bench {
    Bench::with(|builder| {
        builder.param(&PLUGIN, &"plug");
        builder.param(&TENANT, &"ten");
    })
}

fn following(bench: &Bench) -> Following<Json> {
    let request = Request::new(&bench.core, &EXPORT).key(&"7");
    request.follow::<Json>(&["data"], &FILES)
}

fn answer(url: &str, ends: &str) -> ScriptReply {
    ScriptReply::json(
        200,
        format!(r#"{{"data":{{"url":"{url}","ends":{ends}}}}}"#),
    )
}

fn url(host: &str) -> String {
    format!("https://{host}/a/b.csv?{SIGNED}")
}

fn fetch(bench: &Bench) -> Result<Vec<u8>, Error> {
    bench.run(async {
        let got = following(bench).download().await?;
        Ok(got.bytes(1_000).await?.to_vec())
    })
}

fn says_nothing(error: &Error) {
    let mut said = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        said.push_str(&format!(" {inner} {inner:?}"));
        source = inner.source();
    }
    if let Some(body) = error.body_as::<Json>() {
        said.push_str(&body.to_string());
    }
    for secret in ["s3cr3t", "b.csv", "files.example", CANARY] {
        assert!(!said.contains(secret), "{said}");
    }
}

/// Nothing of ours goes along: no credential, no parameter of the client, no cookie, no header of the caller's.
#[test]
fn nothing_of_ours_goes_along() {
    let bench = bench();
    bench.script.reply(answer(&url("eu.files.example"), "null"));
    bench.script.reply(ScriptReply::text(200, "a,b"));
    let got = bench.run(async {
        let call = following(&bench).with_header("cookie", "session=1");
        call.download().await?.bytes(10).await
    });
    assert_eq!(got.unwrap(), "a,b");
    let sent = bench.script.requests();
    assert_eq!(sent[0].header("cookie"), Some("session=1"));
    assert!(sent[0].header("authorization").is_some() && sent[0].header("x-plugin").is_some());
    assert_eq!(sent[1].uri.to_string(), url("eu.files.example"));
    assert_eq!(sent[1].method, "GET");
    let names: Vec<_> = sent[1]
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    assert_eq!(names, ["user-agent", "host", "accept"]);
    assert_eq!(sent[1].header("host"), Some("eu.files.example"));
    assert!(sent[1].body.is_empty());
}

/// A credential in the query is ours too.
#[test]
fn no_credential_of_a_query_goes_along() {
    static ASKED: Operation = Operation {
        security: &[&[&QUERY]],
        ..EXPORT
    };
    let bench = Bench::with(|builder| builder.credential(&QUERY, "k3y-of-the-query"));
    bench.script.reply(answer(&url("a.files.example"), "null"));
    bench.script.reply(ScriptReply::text(200, "x"));
    let request = Request::new(&bench.core, &ASKED).key(&"7");
    let got = bench.run(request.follow::<Json>(&["data"], &FILES).download());
    assert_eq!(got.unwrap().status(), 200);
    let sent = bench.script.requests();
    assert!(sent[0].uri.to_string().contains("k3y"));
    assert_eq!(sent[1].uri.to_string(), url("a.files.example"));
}

/// The answer itself is a value like any other.
#[test]
fn the_answer_is_a_value() {
    let bench = bench();
    bench
        .script
        .reply(answer("https://elsewhere.example/", "1"));
    let value = bench.run(following(&bench)).unwrap();
    assert_eq!(value["url"], "https://elsewhere.example/");
    assert_eq!(bench.script.count(), 1);
}

/// Rows E1 to E3: a URL leads where the description says or is not fetched.
#[test]
fn other_origins_are_refused() {
    for good in [
        "https://a.files.example/x",
        "https://a.b.files.example/x",
        "https://A.FILES.example:443/x",
        "https://cdn.example:8443/x?y#z",
    ] {
        let bench = bench();
        bench.script.reply(answer(good, "null"));
        bench.script.reply(ScriptReply::text(200, "x"));
        assert_eq!(fetch(&bench).unwrap(), b"x", "{good}");
    }
    for bad in [
        "https://files.example/x",
        "https://.files.example/x",
        "https://a..files.example/x",
        "https://afiles.example/x",
        "https://a.files.example.evil.example/x",
        "https://evil.example/a.files.example",
        "https://evil.example\\\\@a.files.example/x",
        "https://a.files.example@evil.example/x",
        "https://u:p@a.files.example/x",
        "https://a.files.example:8443/x",
        "https://cdn.example/x",
        "https://sub.cdn.example:8443/x",
        "http://a.files.example/x",
        "http://127.0.0.1/x",
        "https://shop.example/v1/orders",
        "//a.files.example/x",
        "/x",
        "file:///etc/passwd",
        "https://a.files.example:/x",
        "https://a.files.example./x",
        "https://a.files.example/x y",
        "",
    ] {
        let bench = bench();
        bench.script.reply(answer(bad, "null"));
        let error = fetch(&bench).unwrap_err();
        assert_eq!(error.kind(), Kind::CrossOriginLink, "{bad}");
        assert_eq!(bench.script.count(), 1, "{bad}");
        says_nothing(&error);
    }
}

/// A URL that has ended is not fetched, and the error says so. The time is the server's.
#[test]
fn a_url_that_has_ended_is_not_fetched() {
    // The wall clock of the bench, and of its server, is 2023-01-15T10:00:00Z.
    let now = 1_673_776_800_i64;
    for ended in [
        "\"2023-01-15T10:00:00Z\"".to_owned(),
        "\"2023-01-15T10:59:59+01:00\"".to_owned(),
        now.to_string(),
        format!("{}", now * 1_000),
        "0".to_owned(),
        "-1".to_owned(),
    ] {
        let bench = bench();
        bench.script.reply(answer(&url("a.files.example"), &ended));
        let error = fetch(&bench).unwrap_err();
        assert_eq!((error.kind(), bench.script.count()), (Kind::Expired, 1));
        assert!(error.to_string().contains("has expired"), "{error}");
        says_nothing(&error);
    }
    for good in [
        "\"2023-01-15T10:00:01Z\"".to_owned(),
        "\"2023-01-15T10:00:01.000\"".to_owned(),
        (now + 1).to_string(),
        format!("{}", now * 1_000 + 1),
        "null".to_owned(),
    ] {
        let bench = bench();
        bench.script.reply(answer(&url("a.files.example"), &good));
        bench.script.reply(ScriptReply::text(200, "x"));
        assert_eq!(fetch(&bench).unwrap(), b"x", "{good}");
    }
    let bench = bench();
    let late = answer(&url("a.files.example"), &(now + 1).to_string());
    bench
        .script
        .reply(late.header("date", "Sun, 15 Jan 2023 10:00:05 GMT"));
    assert_eq!(fetch(&bench).unwrap_err().kind(), Kind::Expired);
    for nonsense in ["\"soon\"", "true", "[]", "1e300"] {
        let bench = self::bench();
        bench
            .script
            .reply(answer(&url("a.files.example"), nonsense));
        let error = fetch(&bench).unwrap_err();
        assert_eq!(
            (error.kind(), bench.script.count()),
            (Kind::Decode, 1),
            "{nonsense}"
        );
        says_nothing(&error);
    }
}

/// An answer without a URL is one that does not fit.
#[test]
fn an_answer_without_a_url_does_not_fit() {
    for text in [
        r#"{"data":{}}"#,
        r#"{"data":{"url":null}}"#,
        r#"{"data":{"url":7}}"#,
        "[]",
    ] {
        let bench = bench();
        bench.script.reply(ScriptReply::json(200, text));
        assert_eq!(fetch(&bench).unwrap_err().kind(), Kind::Decode, "{text}");
    }
}

/// It is fetched as any read is, and what goes wrong there is no news of the API: neither its gate nor its breaker nor
/// its quota hear of it, and no body of an error is kept, since storages repeat the URL in theirs.
#[test]
fn it_is_fetched_like_a_read() {
    let bench = bench();
    bench.script.reply(answer(&url("a.files.example"), "null"));
    let echo = format!("<Error><Resource>/a/b.csv?{SIGNED}</Resource></Error>");
    bench
        .script
        .reply(ScriptReply::not_sent())
        .reply(ScriptReply::reset())
        .reply(ScriptReply::text(503, echo.clone()).header("retry-after", "2"))
        .reply(ScriptReply::text(200, "x"));
    assert_eq!(fetch(&bench).unwrap(), b"x");
    let free = bench.core.limits_snapshot().buckets[0].remaining;
    assert_eq!((free, bench.script.count()), (Some(99), 4));
    for status in [400, 401, 403, 404, 429] {
        let bench = self::bench();
        bench.script.reply(answer(&url("a.files.example"), "null"));
        let reply = ScriptReply::text(status, echo.clone()).header("retry-after", "600");
        bench.script.reply(reply);
        let error = fetch(&bench).unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Api, Some(status)));
        assert!(error.to_string().contains("its temporary URL"), "{error}");
        says_nothing(&error);
        // The next call of the API waits for nothing.
        bench.script.reply(answer("x", "null"));
        bench.run(following(&bench)).unwrap();
        assert_eq!(bench.seconds(), 0.0);
    }
}

/// Row E2: a redirect of it stays within the origins of the description.
#[test]
fn redirects_stay_within_the_origins() {
    let to = |place: &str| ScriptReply::empty(302).header("location", place);
    for (place, wanted) in [
        ("/c?d=e", "https://a.files.example/c?d=e"),
        ("https://b.files.example/c", "https://b.files.example/c"),
        ("c", "https://a.files.example/a/c"),
    ] {
        let bench = bench();
        bench.script.reply(answer(&url("a.files.example"), "null"));
        bench
            .script
            .reply(to(place))
            .reply(ScriptReply::text(200, "x"));
        assert_eq!(fetch(&bench).unwrap(), b"x", "{place}");
        let sent: Vec<RecordedRequest> = bench.script.requests();
        assert_eq!(sent[2].uri.to_string(), wanted);
        let host = wanted[8..].split('/').next();
        assert_eq!(sent[2].header("host"), host);
        assert_eq!(sent[2].headers.len(), 3);
    }
    for place in [
        "https://evil.example/",
        "http://a.files.example/",
        "//evil.example/",
        "https://shop.example/v1/orders",
        "https://files.example/",
    ] {
        let bench = bench();
        bench.script.reply(answer(&url("a.files.example"), "null"));
        bench.script.reply(to(place));
        let error = fetch(&bench).unwrap_err();
        assert_eq!(
            (error.kind(), bench.script.count()),
            (Kind::Redirected, 2),
            "{place}"
        );
        says_nothing(&error);
    }
    let bench = bench();
    bench.script.reply(answer(&url("a.files.example"), "null"));
    bench.script.respond_with(move |_| to("/round"));
    assert_eq!(fetch(&bench).unwrap_err().kind(), Kind::Redirected);
    assert_eq!(bench.script.count(), 5);
}

/// A deadline is about both together.
#[test]
fn a_deadline_is_about_both() {
    let bench = bench();
    let second = Duration::from_secs(1);
    let slow = answer(&url("a.files.example"), "null").after(6 * second);
    bench.script.reply(slow);
    bench
        .script
        .reply(ScriptReply::text(200, "x").after(6 * second));
    let call = following(&bench).with_deadline(10 * second).download();
    let error = bench.run(call).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Deadline, 10.0));
    says_nothing(&error);
}

/// A stand-in on this machine may point to this machine, whatever the description says of the real API.
#[test]
fn a_stand_in_may_point_to_itself() {
    static LOCAL: Api = Api {
        base: "http://127.0.0.1:9",
        refusal: Some(&REFUSAL),
        ..SHOP
    };
    static HERE: Operation = Operation {
        api: &LOCAL,
        retry: Some(&RETRY),
        ..EXPORT
    };
    let bench = Bench::new();
    let mut builder = Builder::new(&LOCAL);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    let core = builder.build().unwrap();
    for (place, is_good) in [
        ("http://127.0.0.1:8080/x", true),
        ("http://localhost:1/x", true),
        ("https://a.files.example/x", true),
        ("http://a.files.example/x", false),
        ("http://127.0.0.1.evil.example/x", false),
        ("https://evil.example/x", false),
    ] {
        bench.script.reply(answer(place, "null"));
        if is_good {
            bench.script.reply(ScriptReply::text(200, "x"));
        }
        let request = Request::new(&core, &HERE).key(&"7");
        let got = bench.run(request.follow::<Json>(&["data"], &FILES).download());
        assert_eq!(got.is_ok(), is_good, "{place}");
    }
    let sent = bench.script.requests();
    assert!(sent[1].header("authorization").is_none());
}
