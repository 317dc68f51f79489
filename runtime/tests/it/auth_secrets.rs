//! Where credentials must never be seen: in what is printed, and at foreign servers.

use std::fmt::Write as _;

use etiquette_runtime::codegen::{Builder, CredentialSource, Operation};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::{CredentialProvider, FileTokenStore, StoredToken};

use crate::auth_bench::{
    Fault, LOGIN, Login, OAUTH, READ, REFRESH, SECRET, THINGS, call, form, login,
};

const TOKENS: [&str; 4] = [SECRET, REFRESH, "access-1 canary+/", "refresh-1 canary+/"];

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    let digit = |chunk: &[u8]| {
        let chunk = format!("{:0<6}", std::str::from_utf8(chunk).unwrap());
        char::from(DIGITS[usize::from_str_radix(&chunk, 2).unwrap()])
    };
    bits.as_bytes().chunks(6).map(digit).collect()
}

/// A secret raw, in base64, percent-encoded, form-encoded and in JSON.
fn spellings(secret: &str) -> [String; 5] {
    let form = form(secret);
    [
        secret.to_owned(),
        base64(secret),
        form.replace('+', "%20"),
        form,
        serde_json::to_string(secret)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
    ]
}

fn assert_clean(what: &str, text: &str) {
    for secret in TOKENS {
        for spelling in spellings(secret) {
            assert!(!text.contains(&spelling), "{what} shows {spelling}: {text}");
        }
    }
}

/// Row K1: no public type shows what it holds.
#[test]
fn debug_shows_no_secret() {
    let bench = Login::new();
    let client = login().with_store(FileTokenStore::new("/nowhere/token"));
    let source = CredentialSource::from(client.clone());
    let provider = CredentialProvider::new(|_| async { Ok(SECRET.into()) });
    let json = serde_json::json!({
        "access_token": TOKENS[2], "refresh_token": REFRESH, "issued": 1, "client": "1",
    });
    let token = StoredToken::from_json(&json.to_string()).unwrap();
    let mut builder = Builder::new(&THINGS);
    builder.credential(&LOGIN, source.clone());
    let core = bench.logged_in();
    bench.run(call(&core, &READ)).unwrap();
    let text = format!(
        "{client:?} {client:#?} {source:?} {provider:?} {token:?} {:?} {builder:?} {core:?} {core:#?} {:?}",
        token.to_json(),
        core.limits_snapshot(),
    );
    assert_clean("a public type", &text);
    let sent = format!("{:?}", bench.script.requests()[1].headers);
    assert_clean("a request", &sent);
    assert!(
        bench.script.requests()[1]
            .header("authorization")
            .unwrap()
            .contains("access-1"),
        "the control"
    );
}

/// Rows K1, G12: servers that echo what they were sent, in any spelling, at either place.
#[test]
fn errors_show_no_secret() {
    for secret in TOKENS {
        for spelling in spellings(secret) {
            let echo = serde_json::json!({"error": spelling, "error_description": format!("({spelling})")});
            // As it stands, where that is JSON: what was escaped for us comes back unescaped.
            let raw = format!(r#"{{"error":"x","error_description":"{spelling}"}}"#);
            let is_json = serde_json::from_str::<serde_json::Value>(&raw).is_ok();
            for body in [Some(echo.to_string()), is_json.then_some(raw)]
                .into_iter()
                .flatten()
            {
                let bench = Login::new();
                let core = bench.logged_in();
                bench.run(call(&core, &READ)).unwrap();
                // The token endpoint echoes.
                bench.server().access = None;
                let reply = ScriptReply::json(400, body.clone());
                bench.server().faults.push_back(Fault::Instead(reply));
                let mut text = shown(&bench.run(call(&core, &READ)).unwrap_err());
                // The API echoes.
                bench.run(bench.sleep(5_000));
                bench.script.reply(ScriptReply::text(400, body));
                text.push_str(&shown(&bench.run(call(&core, &READ)).unwrap_err()));
                assert_clean("an error", &text);
                assert!(text.contains("[REDACTED]"), "the control: {text}");
            }
        }
    }
}

fn shown(error: &etiquette_runtime::Error) -> String {
    let body = error.body_as::<serde_json::Value>();
    let mut text = format!("{error} {error:?} {:?} {body:?}", error.messages());
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        write!(text, "{inner} {inner:?}").unwrap();
        source = inner.source();
    }
    text
}

/// Rows E1, E6: a redirect within the origin is signed anew, and one to anywhere else is not followed.
#[test]
fn a_token_never_leaves_its_origin() {
    for (place, is_followed) in [
        ("/v1/other", true),
        ("https://things.example/v1/other", true),
        ("https://things.example:443/v1/other", true),
        ("https://evil.example/v1/other", false),
        ("//evil.example/v1/other", false),
        ("http://things.example/v1/other", false),
        ("https://things.example:8443/v1/other", false),
        ("https://things.example@evil.example/", false),
        ("https://sub.things.example/v1/other", false),
        ("\\\\evil.example", false),
        ("https://login.example/oauth/token", false),
    ] {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.run(call(&core, &READ)).unwrap();
        bench
            .script
            .reply(ScriptReply::empty(302).header("location", place));
        let result = bench.run(call(&core, &READ));
        assert_eq!(result.is_ok(), is_followed, "{place}");
        let sent = bench.script.requests();
        assert_eq!(sent.len(), if is_followed { 4 } else { 3 }, "{place}");
        let host = |request: &RecordedRequest| request.uri.host().map(str::to_owned);
        assert!(
            sent[1..]
                .iter()
                .all(|request| host(request).as_deref() == Some("things.example"))
        );
        assert!(
            sent[1..]
                .iter()
                .all(|request| request.header("authorization") == Some("Bearer access-1 canary+/"))
        );
    }
}

/// Row E12: cookies are not kept, whoever sets them.
#[test]
fn cookies_are_not_kept() {
    let bench = Login::new();
    let core = bench.logged_in();
    let token = r#"{"access_token":"t","expires_in":1}"#;
    for _ in 0..3 {
        bench
            .script
            .reply(ScriptReply::json(200, token).header("set-cookie", "a=b"));
        bench
            .script
            .reply(ScriptReply::empty(200).header("set-cookie", "c=d; Path=/"));
        bench.run(call(&core, &READ)).unwrap();
        bench.run(bench.sleep(1_000));
    }
    let sent = bench.script.requests();
    assert_eq!(sent.len(), 6);
    assert!(
        sent.iter()
            .all(|request| !request.headers.contains_key("cookie"))
    );
}

/// Row B2: a quota that is counted by credential stays the same quota when the token changes.
#[test]
fn a_renewed_token_has_the_quota_of_the_old_one() {
    static READS: &[&Operation] = &[&crate::auth_bench::SLOWLY];
    let bench = Login::new();
    let core = bench.logged_in();
    bench.run(call(&core, READS[0])).unwrap();
    bench.server().access = None;
    bench.run(call(&core, READS[0])).unwrap();
    // The rejected attempt took a slot, and so did its replay.
    assert!(bench.clock_millis() >= 120_000, "{}", bench.clock_millis());
    assert_eq!(OAUTH.scopes.len(), 2);
}
