//! Tokens of OAuth 2, from the description to the wire: how they are asked for, where they travel, and which
//! credential signs where several were given.

use std::time::Duration;

use etiquette_cases::OAuthClient;
use etiquette_cases::oauth::{Client, ClientBuilder};
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};

const SECRET: &str = "canary-s3cret";

struct World {
    clock: VirtualClock,
    script: Script,
    api: Client,
}

/// A server that gives tokens `t1`, `t2` and so on, and rejects those that are in the list.
fn world(
    rejects: &'static [&'static str],
    with: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> World {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let mut given = 0;
    script.respond_with(move |request| {
        if asks_for_a_token(request) {
            given += 1;
            let text =
                format!(r#"{{"access_token":"t{given}","token_type":"bearer","expires_in":3600}}"#);
            return ScriptReply::json(200, text);
        }
        let signed = request.header("authorization").unwrap_or_default();
        if rejects.iter().any(|token| signed.ends_with(token)) {
            return ScriptReply::empty(401);
        }
        ScriptReply::json(200, r#"{"id":1}"#)
    });
    let builder = with(Client::builder())
        .with_transport(script.clone())
        .with_clock(clock.clone())
        .with_spawn(clock.clone());
    World {
        clock,
        script,
        api: builder.build().unwrap(),
    }
}

fn asks_for_a_token(request: &RecordedRequest) -> bool {
    request.uri.host() == Some("auth.example.com")
}

fn app() -> OAuthClient {
    OAuthClient::new("app", SECRET)
}

#[test]
fn a_token_is_asked_for_as_described_and_used_until_it_ends() {
    let world = world(&[], |builder| builder.app(app()));
    world.clock.run(async {
        world.api.things().get(1).await.unwrap();
        world.api.things().get(2).await.unwrap();
    });
    let sent = world.script.requests();
    let [grant, first, second] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(
        grant.uri.to_string(),
        "https://auth.example.com/oauth/token"
    );
    let body = String::from_utf8_lossy(&grant.body);
    assert!(
        body.contains("grant_type=client_credentials")
            && body.contains("scope=things.read+things.write")
            && !body.contains(SECRET),
        "{body}"
    );
    assert!(grant.header("authorization").unwrap().starts_with("Basic "));
    for call in [first, second] {
        assert_eq!(call.header("authorization"), Some("Bearer t1"));
    }
    world.clock.advance(Duration::from_secs(3601));
    world
        .clock
        .run(async { world.api.things().get(3).await.unwrap() });
    let sent = world.script.requests();
    assert_eq!(sent[4].header("authorization"), Some("Bearer t2"));
}

/// Row E7: a 401 leads to one new token and one more attempt, not to a loop.
#[test]
fn a_rejected_token_is_renewed_once() {
    let healed = world(&["t1"], |builder| builder.app(app()));
    healed
        .clock
        .run(async { healed.api.things().get(1).await.unwrap() });
    assert_eq!(healed.script.count(), 4);
    let hopeless = world(&["t1", "t2"], |builder| builder.app(app()));
    let error = hopeless
        .clock
        .run(async { hopeless.api.things().get(1).await.unwrap_err() });
    assert_eq!(error.status(), Some(401));
    assert_eq!(hopeless.script.count(), 4);
    assert!(!format!("{error:?} {error}").contains("canary"));
}

#[test]
fn a_refresh_token_travels_as_its_description_says() {
    let session = || OAuthClient::new("app", SECRET).with_refresh_token("r3fresh");
    let world = world(&[], |builder| builder.session(session()));
    world
        .clock
        .run(async { world.api.things().mine().await.unwrap() });
    let sent = world.script.requests();
    let [grant, call] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((grant.method.as_str(), grant.body.len()), ("GET", 0));
    let asked = ["grant_type", "refresh_token", "client_id", "client_secret"];
    assert_eq!(
        asked.map(|name| grant.query(name)),
        [
            Some("refresh_token"),
            Some("r3fresh"),
            Some("app"),
            Some(SECRET)
        ]
    );
    assert_eq!(grant.header("authorization"), None);
    assert_eq!(call.query("access_token"), Some("t1"));
    assert_eq!(call.header("authorization"), None);
}

/// The order of `security` decides: what may stand in a header does not stand in the query.
#[test]
fn a_header_wins_where_both_were_given() {
    let world = world(&[], |builder| {
        builder.session("in-query").legacy("in-header")
    });
    world.clock.run(async {
        world.api.things().get(1).await.unwrap();
        world.api.things().mine().await.unwrap();
    });
    let sent = world.script.requests();
    assert_eq!(sent[0].header("x-token"), Some("Token in-header"));
    assert_eq!(sent[0].query("access_token"), None);
    assert_eq!(sent[1].query("access_token"), Some("in-query"));
    assert_eq!(sent[1].header("x-token"), None);
}
