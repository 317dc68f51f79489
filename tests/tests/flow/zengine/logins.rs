//! Logins at Zengine over TCP: a code for tokens, refreshes by GET, tokens that end, and where a token stands.

use std::time::Duration;

use bytes::Bytes;
use etiquette_apis::zengine::{AppLogin, Client, Fault};
use etiquette_apis::{Kind, OAuthClient};
use etiquette_standins::zengine::AUTH;
use etiquette_standins::{Arrival, Credential};
use http::{Method, Request};

use crate::flow::world::{KEY, Live, live_zengine, zengine_at};

const BACK: &str = "https://app.example.com/callback";
const SECRET: &str = "zengine-secret";
const DAY: Duration = Duration::from_secs(86_400);

fn app(live: &Live<Client>) -> OAuthClient {
    let door = live.server.url_of(AUTH).unwrap();
    let app = OAuthClient::new("zengine-client", SECRET);
    app.with_token_url(format!("{door}/oauth2/v1/grant"))
}

/// Where the authorization server sends the browser that was sent there.
async fn redirected(live: &Live<Client>, url: &str) -> String {
    let query = url
        .strip_prefix("https://auth.zenginehq.com/oauth2/v1/authorize?")
        .unwrap();
    let request = Request::get(format!("/oauth2/v1/authorize?{query}"));
    let request = request.body(Bytes::new()).unwrap();
    let reply = live.server.answer(AUTH, request).await.unwrap();
    assert_eq!(reply.status(), 302);
    reply.headers()["location"].to_str().unwrap().to_owned()
}

async fn logged_in(live: &Live<Client>) -> Client {
    let login = AppLogin::begin(&app(live), BACK).unwrap();
    let back = redirected(live, &login.url()).await;
    let session = login.finish(&back).unwrap();
    zengine_at((&live.server, &live.clock), |builder| builder.app(session))
}

/// What arrived where tokens are given.
fn grants(live: &Live<Client>) -> Vec<Arrival> {
    let arrivals = live.server.arrivals().into_iter();
    arrivals
        .filter(|one| one.door == AUTH && one.path.ends_with("/grant"))
        .collect()
}

/// The code is posted as a form, and refreshes travel by GET; each refresh token is used once.
#[tokio::test]
async fn a_person_logs_in_and_stays_in() {
    let live = live_zengine().await;
    let api = logged_in(&live).await;
    api.log_in().await.unwrap();
    assert_eq!(api.users().me().await.unwrap().id, 1);
    for _ in 0..2 {
        live.clock.advance(DAY + Duration::from_secs(1));
        assert_eq!(api.tasks().count().await.unwrap(), 30);
    }
    let grants = grants(&live);
    let methods: Vec<&Method> = grants.iter().map(|one| &one.method).collect();
    assert_eq!(methods, [Method::POST, Method::GET, Method::GET]);
    assert!(grants.iter().all(|one| one.status == Some(200)));
    assert_eq!(
        grants[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(grants[0].query, None);
    let code = String::from_utf8_lossy(&grants[0].body);
    assert!(code.contains("grant_type=authorization_code"), "{code}");
    let refresh = grants[1].query.as_deref().unwrap();
    assert!(refresh.contains("grant_type=refresh_token"), "{refresh}");
    // No lifetime is told, so that a token ends with a rejection, and the call goes out again.
    let calls = live.server.arrivals().into_iter();
    let statuses: Vec<_> = calls
        .filter(|one| one.door != AUTH)
        .map(|one| (one.credential, one.status.unwrap()))
        .collect();
    let (right, wrong) = ((Credential::Right, 200), (Credential::Wrong, 401));
    assert_eq!(statuses, [right, wrong, right, wrong, right]);
}

/// Callers who find the token at its end make one refresh together.
#[tokio::test]
async fn a_token_that_ended_is_refreshed_once() {
    let live = live_zengine().await;
    let api = logged_in(&live).await;
    api.log_in().await.unwrap();
    live.clock.advance(DAY + Duration::from_secs(1));
    let tasks = api.tasks();
    let calls = (0..8).map(|_| tasks.count().into_future());
    let all = futures::future::try_join_all(calls).await.unwrap();
    assert_eq!(all, [30; 8]);
    assert_eq!(grants(&live).len(), 2);
}

/// A redirect of another login is not taken, and a code that came too late gives nothing.
#[tokio::test]
async fn a_redirect_belongs_to_its_login() {
    let live = live_zengine().await;
    let (one, other) = (
        AppLogin::begin(&app(&live), BACK).unwrap(),
        AppLogin::begin(&app(&live), BACK).unwrap(),
    );
    let back = redirected(&live, &one.url()).await;
    let error = other.finish(&back).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.to_string().contains("of another login"), "{error}");
    assert!(grants(&live).is_empty());

    let session = one.finish(&back).unwrap();
    live.clock.advance(Duration::from_secs(31));
    let api = zengine_at((&live.server, &live.clock), |builder| builder.app(session));
    let error = api.log_in().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(!format!("{error} {error:?}").contains(SECRET));
    assert_eq!(grants(&live).len(), 1, "a code is used once");
}

/// The client flow: a token for an hour, and nothing renews it.
#[tokio::test]
async fn a_token_from_the_fragment_lives_for_an_hour() {
    let live = live_zengine().await;
    let login = AppLogin::begin_implicit("zengine-client", BACK).unwrap();
    let back = redirected(&live, &login.url()).await;
    let token = login.finish(&back).unwrap();
    let api = zengine_at((&live.server, &live.clock), |builder| builder.app(token));
    assert_eq!(api.tasks().count().await.unwrap(), 30);
    live.clock.advance(Duration::from_secs(3_601));
    let error = api.tasks().count().await.unwrap_err();
    let known = Fault::of(&error) == Some(Fault::Unauthorized);
    assert!(known || error.kind() == Kind::Auth, "{error:?}");
    assert!(grants(&live).is_empty());
}

/// A token in the address ends up in logs: it stands there only when nothing can stand in the header.
#[tokio::test]
async fn a_header_is_preferred_to_the_address() {
    let live = live_zengine().await;
    let both = zengine_at((&live.server, &live.clock), |builder| {
        builder.link(KEY).token(KEY)
    });
    both.tasks().count().await.unwrap();
    let link = zengine_at((&live.server, &live.clock), |builder| builder.link(KEY));
    link.tasks().count().await.unwrap();
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals[0].secrets, ["header authorization"]);
    assert_eq!(arrivals[0].query, None);
    assert_eq!(arrivals[1].secrets, ["query access_token"]);
    assert_eq!(arrivals[1].header("authorization"), None);
    assert!(!format!("{arrivals:?}").contains(KEY));

    let wrong = zengine_at((&live.server, &live.clock), |builder| {
        builder.token("wrong")
    });
    let error = wrong.tasks().count().await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Unauthorized));
}
