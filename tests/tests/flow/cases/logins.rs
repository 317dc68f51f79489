//! Logins of people, from the description to the wire, and which credential signs where several were given.

use std::time::Duration;

use etiquette_cases::OAuthClient;
use etiquette_cases::logins::{Client, ClientBuilder, PartnerLogin, SessionLogin};
use runtime::testing::{Script, ScriptReply, VirtualClock};

const BACK: &str = "https://app.example/back";
const SECRET: &str = "canary-s3cret";

/// A server that gives tokens `t1`, `t2` and so on, each with a refresh token.
fn world(with: impl FnOnce(ClientBuilder) -> ClientBuilder) -> (VirtualClock, Script, Client) {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let mut given = 0;
    script.respond_with(move |request| {
        if request.uri.host() == Some("api.example.com") {
            return ScriptReply::json(200, r#"{"id":1}"#);
        }
        given += 1;
        let text = format!(
            r#"{{"access_token":"t{given}","refresh_token":"r{given}","expires_in":86400}}"#
        );
        ScriptReply::json(200, text)
    });
    let builder = with(Client::builder())
        .with_transport(script.clone())
        .with_clock(clock.clone())
        .with_spawn(clock.clone());
    (clock, script, builder.build().unwrap())
}

/// One parameter of a URL, as it stands there.
fn part<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let (_, query) = url.split_once('?')?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn app() -> OAuthClient {
    OAuthClient::new("app", SECRET)
}

/// The code is posted as a form, the refresh travels by GET: this API has it so.
#[test]
fn a_person_logs_in_and_stays_in() {
    let login = SessionLogin::begin(&app(), BACK).unwrap();
    let url = login.url();
    assert!(url.starts_with(
        "https://auth.example.com/oauth2/v1/authorize?response_type=code&client_id=app&"
    ));
    assert_eq!(part(&url, "code_challenge"), None);
    let back = format!("/back?state={}&code=c0de", part(&url, "state").unwrap());
    let session = login.finish(&back).unwrap();
    let (clock, script, api) = world(|builder| builder.session(session));
    clock.run(async {
        api.log_in().await.unwrap();
        api.things().get(1).await.unwrap();
    });
    clock.advance(Duration::from_secs(86_401));
    clock.run(async { api.things().get(1).await.unwrap() });
    let sent = script.requests();
    let [code, first, refresh, second] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    let body = String::from_utf8_lossy(&code.body);
    for pair in [
        "grant_type=authorization_code",
        "code=c0de",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fback",
        "client_id=app",
        "client_secret=canary-s3cret",
    ] {
        assert!(
            body.split('&').any(|one| one == pair),
            "{body} has no {pair}"
        );
    }
    assert_eq!((code.method.as_str(), code.uri.query()), ("POST", None));
    assert_eq!(
        (refresh.method.as_str(), refresh.query("refresh_token")),
        ("GET", Some("r1"))
    );
    assert_eq!(first.header("authorization"), Some("Bearer t1"));
    assert_eq!(second.header("authorization"), Some("Bearer t2"));
}

/// Where nothing else is said, the code is bound to the one who asked for it (RFC 7636).
#[test]
fn a_code_is_bound_unless_the_description_says_otherwise() {
    let login = PartnerLogin::begin(&app(), BACK).unwrap();
    let url = login.url();
    assert_eq!(part(&url, "code_challenge_method"), Some("S256"));
    assert_eq!(part(&url, "scope"), Some("things.read"));
    let other = PartnerLogin::begin(&app(), BACK).unwrap();
    let back = format!("/back?code=c0de&state={}", part(&url, "state").unwrap());
    let error = other.finish(&back).unwrap_err();
    assert!(error.to_string().contains("of another login"), "{error}");
    let (clock, script, api) = world(|builder| builder.partner(login.finish(&back).unwrap()));
    clock.run(async { api.things().shared().await.unwrap() });
    let body = script.requests()[0].body.to_vec();
    assert!(String::from_utf8_lossy(&body).contains("code_verifier="));
}

/// The token of the client flow is a bare one: it signs, and nothing renews it.
#[test]
fn a_token_from_the_fragment_signs() {
    let login = SessionLogin::begin_implicit("app", BACK).unwrap();
    let state = part(&login.url(), "state").unwrap().to_owned();
    let back =
        format!("{BACK}#access_token=fr4gment&token_type=bearer&expires_in=3600&state={state}");
    let token = login.finish(&back).unwrap();
    let (clock, script, api) = world(|builder| builder.session(token));
    clock.run(async { api.things().get(1).await.unwrap() });
    let sent = script.requests();
    assert_eq!(
        (sent.len(), sent[0].header("authorization")),
        (1, Some("Bearer fr4gment"))
    );
}

/// The order of `security`: what may stand in a header stands there, whatever else was given, and in whatever order.
#[test]
fn a_header_wins_over_a_token_in_the_query() {
    let both: [fn(ClientBuilder) -> ClientBuilder; 2] = [
        |builder| builder.session("in-header").access_token("in-query"),
        |builder| builder.access_token("in-query").session("in-header"),
    ];
    for with in both {
        let (clock, script, api) = world(with);
        clock.run(async { api.things().get(1).await.unwrap() });
        let sent = script.requests();
        assert_eq!(sent[0].header("authorization"), Some("Bearer in-header"));
        assert_eq!(sent[0].uri.query(), None);
    }
    let (clock, script, api) = world(|builder| builder.access_token("in-query"));
    clock.run(async { api.things().get(1).await.unwrap() });
    let sent = script.requests();
    assert_eq!(
        (
            sent[0].query("access_token"),
            sent[0].header("authorization")
        ),
        (Some("in-query"), None)
    );
}
