//! Secrets and personal data: the key and emails are looked for in all that a client prints
//! or says when it fails. What it traces is looked through in a test binary of its own.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use etiquette_apis::users::{self, NewUser};
use etiquette_standins::{Answer, Fault as Play};
use runtime::testing::ScriptReply;

use crate::flow::world::{KEY, live_users, scripted_users, user};

const EMAIL: &str = "canary.person@example.com";

/// The key and the email in the spellings in which they could come through.
fn assert_clean(what: &str, text: &str) {
    let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = KEY.chars().rev().collect();
    for spelling in [
        "canary-7f3a9",
        // Base64 of the key's beginning.
        "Y2FuYXJ5LTdmM2E5",
        &hex,
        &reversed,
        "canary.person",
    ] {
        assert!(!text.contains(spelling), "{what} shows {spelling}: {text}");
    }
}

/// The error with all that it can be asked for, except its body.
fn shown(error: &etiquette_apis::Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} {:?}", error.messages());
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        write!(shown, " {inner} {inner:?}").unwrap();
        source = inner.source();
    }
    shown
}

/// Rows J11, K1: `Debug` of models that hold an email, of bodies, calls, clients and builders.
#[tokio::test]
async fn nothing_prints_a_key_or_an_email() {
    let live = live_users().await;
    let new = NewUser::new("Canary", EMAIL);
    let builder = users::Client::builder().key(KEY);
    let call = live.api.users().create(&new);
    let mut text = format!("{builder:?} {builder:#?} {call:?} {call:#?} {new:?} {new:#?}");
    let reply = call.send_raw().await.unwrap();
    assert_eq!(reply.value.email, EMAIL, "the control: it is there");
    let page = live.api.users().list().await.unwrap();
    assert!(page.items.iter().any(|user| user.email == EMAIL));
    let user = live.api.users().get(&reply.value.id).await.unwrap();
    let (api, list, limits) = (&live.api, live.api.users().list(), live.api.limits());
    write!(
        text,
        "{reply:?} {page:?} {page:#?} {user:?} {user:#?} {api:?} {list:?}"
    )
    .unwrap();
    write!(
        text,
        "{:?} {:?} {limits:?} {:?}",
        list.clone().items(),
        list.pages(),
        api.users()
    )
    .unwrap();
    assert_clean("a public type", &text);
    assert!(text.contains("Canary"), "what is not sensitive is shown");
}

/// Rows K1, K3, G12: errors of every kind; a server may echo the key in all its spellings.
#[tokio::test]
async fn errors_show_no_key() {
    let echo = |status: u16| Answer::new(status).json(&format!(r#"{{"error":"bad {KEY}"}}"#));
    for fault in [
        Play::Answer(echo(400)),
        Play::Answer(echo(401)),
        Play::Answer(echo(403)),
        Play::Answer(Answer::new(404).body(format!("Bearer {KEY}"))),
        Play::Answer(Answer::new(422).json(&format!(r#"{{"error":{{"token":"{KEY}"}}}}"#))),
        Play::Answer(Answer::new(200).json(&format!(r#"{{"id":"{KEY}"}}"#))),
        Play::Answer(Answer::new(200).body(format!("<html>{KEY}</html>"))),
        Play::Answer(Answer::new(200).json(&format!("{{\"{KEY}\":1,}}"))),
        Play::Answer(Answer::new(302).header("location", &format!("https://evil.example/{KEY}"))),
        Play::ResetBefore,
        Play::Truncate { keep: 3 },
    ] {
        let live = live_users().await;
        live.server.next(fault.clone());
        let call = live.api.users().get("user_123").with_attempts(1);
        let error = call.await.unwrap_err();
        assert_clean(&format!("{fault:?}"), &shown(&error));
        let body = error.body_as::<serde_json::Value>().unwrap_or_default();
        assert_clean("the body of an error", &body.to_string());
    }
}

/// Row G12: what is left of an echoed key.
#[tokio::test]
async fn an_echoed_key_is_redacted() {
    let live = live_users().await;
    let answer = Answer::new(403).json(&format!(r#"{{"error":"{KEY} may not"}}"#));
    live.server.next(Play::Answer(answer));
    let error = live.api.users().get("user_123").await.unwrap_err();
    assert_eq!(error.messages()[0].text, "[REDACTED] may not");
}

/// Row J11: a decoding error of an answer with an email in it.
#[tokio::test]
async fn errors_of_decoding_show_no_email() {
    let live = live_users().await;
    for fault in [
        Play::set("/name", serde_json::json!([EMAIL])),
        Play::set("/createdAt", EMAIL.into()),
        Play::Malformed,
    ] {
        live.server.next(fault);
        let error = live.api.users().get("user_123").await.unwrap_err();
        assert_clean("an error of decoding", &shown(&error));
        assert!(!error.to_string().contains("alice@example.com"), "{error}");
    }
}

/// Row K3: the error of a refused connection names no key, no path and no query.
#[tokio::test]
async fn a_refused_connection_shows_no_url() {
    let live = live_users().await;
    let api = live.api.clone();
    live.server.stop().await;
    let call = api.users().list().offset(77_777).limit(5).with_attempts(1);
    let error = call.await.unwrap_err();
    let shown = shown(&error);
    assert_clean("a refused connection", &shown);
    assert!(
        !shown.contains("77777") && !shown.contains("http://"),
        "{shown}"
    );
}

/// Row K4: what panics below us does not name a key, and the client stays as it was.
#[test]
fn panics_show_no_key() {
    let said = Arc::new(Mutex::new(String::new()));
    let (kept, here) = (Arc::clone(&said), std::thread::current().id());
    let others = std::panic::take_hook();
    // Other tests run at the same time; what they say is theirs.
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == here {
            write!(kept.lock().unwrap(), "{info}").unwrap();
        } else {
            others(info);
        }
    }));
    let world = scripted_users();
    world.script.respond_with(|_| panic!("a server's closure"));
    let call = world.api.users().create(&NewUser::new("Canary", EMAIL));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run(call).is_ok()));
    drop(std::panic::take_hook());
    let said = said.lock().unwrap().clone();
    assert!(
        result.is_err() && said.contains("a server's closure"),
        "{said}"
    );
    assert_clean("a panic", &said);
    world.reply([ScriptReply::json(200, user(1))]);
    world.run(world.api.users().get("user_1")).unwrap();
}
