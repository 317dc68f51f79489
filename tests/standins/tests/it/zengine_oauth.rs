//! The Zengine stand-in's other origins: the authorization server, and the plugins.

use std::time::Duration;

use etiquette_standins::Standin;
use etiquette_standins::zengine::{Config, PLUGINS};
use serde_json::{Value, json};

use crate::client::{Reply, exchange, get, send};
use crate::zengine::begin;

/// A request to another door.
pub(crate) async fn at(
    standin: &Standin,
    door: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let url = standin.url_of(door).unwrap();
    let host = url.strip_prefix("http://").unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let answer = exchange(host.parse().unwrap(), request.as_bytes())
        .await
        .unwrap();
    Reply::parse(&answer).unwrap()
}

const CLIENT: &str = "client_id=zengine-client&client_secret=zengine-secret";

async fn code(zengine: &Standin) -> String {
    let path = "/oauth2/v1/authorize?client_id=zengine-client&response_type=code&state=a%26b";
    let reply = at(zengine, "auth", "GET", path, &[], "").await;
    assert_eq!(reply.status, 302);
    let to = reply.header("location").unwrap();
    let (before, state) = to.split_once("&state=").unwrap();
    assert_eq!(state, "a%26b");
    let code = before.strip_prefix("https://app.example.com/callback?code=");
    code.unwrap().to_owned()
}

async fn grant(zengine: &Standin, code: &str) -> Reply {
    let body = format!(
        "{CLIENT}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback\
         &grant_type=authorization_code&code={code}"
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    at(zengine, "auth", "POST", "/oauth2/v1/grant", &form, &body).await
}

async fn refresh(zengine: &Standin, token: &Value) -> Reply {
    let token = token.as_str().unwrap();
    let path = format!("/oauth2/v1/grant?{CLIENT}&grant_type=refresh_token&refresh_token={token}");
    at(zengine, "auth", "GET", &path, &[], "").await
}

async fn status_with(zengine: &Standin, token: &Value) -> u16 {
    let header = format!("Bearer {}", token.as_str().unwrap());
    let headers = [("authorization", header.as_str())];
    send(zengine, "GET", "/tasks/count", &headers, "")
        .await
        .unwrap()
        .status
}

#[tokio::test]
async fn a_code_lives_half_a_minute_and_once() {
    let (zengine, clock) = begin(Config::default()).await;
    let first = code(&zengine).await;
    clock.advance(Duration::from_secs(29));
    let granted = grant(&zengine, &first).await;
    assert_eq!(granted.status, 200);
    let members: Vec<String> = granted
        .json()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(members, ["access_token", "refresh_token"]);
    assert_eq!(
        status_with(&zengine, &granted.json()["access_token"]).await,
        200
    );
    let again = grant(&zengine, &first).await;
    assert_eq!(
        (again.status, again.json()),
        (400, json!({ "error": "invalid_grant" }))
    );
    let late = code(&zengine).await;
    clock.advance(Duration::from_secs(30));
    assert_eq!(
        grant(&zengine, &late).await.json()["error"],
        "invalid_grant"
    );
    let arrivals = zengine.arrivals();
    let grants: Vec<_> = arrivals
        .iter()
        .filter(|one| one.path.ends_with("/grant"))
        .collect();
    assert_eq!(grants[0].secrets, ["body client_secret", "body code"]);
    let body = String::from_utf8(grants[0].body.to_vec()).unwrap();
    assert!(
        body.contains("client_secret=hidden&") && body.ends_with("code=hidden"),
        "{body}"
    );
    assert_eq!(grants[0].door, "auth");
}

#[tokio::test]
async fn a_token_lives_a_day_and_is_refreshed_by_a_get() {
    let (zengine, clock) = begin(Config::default()).await;
    let old = grant(&zengine, &code(&zengine).await).await.json();
    clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(status_with(&zengine, &old["access_token"]).await, 401);
    let new = refresh(&zengine, &old["refresh_token"]).await.json();
    assert_eq!(status_with(&zengine, &new["access_token"]).await, 200);
    // It was good for one use.
    assert_eq!(refresh(&zengine, &old["refresh_token"]).await.status, 400);
    assert_eq!(refresh(&zengine, &new["refresh_token"]).await.status, 200);
    let path = format!(
        "/oauth2/v1/token?access_token={}",
        new["access_token"].as_str().unwrap()
    );
    let info = at(&zengine, "auth", "GET", &path, &[], "").await;
    assert_eq!(info.json(), json!({ "client_id": "zengine-client" }));
    let config = Config {
        rotates_refresh_tokens: false,
        ..Config::default()
    };
    let (zengine, _) = begin(config).await;
    let old = grant(&zengine, &code(&zengine).await).await.json();
    for _ in 0..2 {
        assert_eq!(refresh(&zengine, &old["refresh_token"]).await.status, 200);
    }
}

#[tokio::test]
async fn strangers_get_nothing() {
    let (zengine, clock) = begin(Config::default()).await;
    for path in [
        "/oauth2/v1/authorize?client_id=other&response_type=code",
        "/oauth2/v1/authorize?client_id=zengine-client&response_type=code&redirect_uri=https://evil.example",
        "/oauth2/v1/grant?client_id=zengine-client&client_secret=x&grant_type=password",
        "/oauth2/v1/token?access_token=other",
    ] {
        let reply = at(&zengine, "auth", "GET", path, &[], "").await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (400, None),
            "{path}"
        );
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "client_id=zengine-client&client_secret=wrong&grant_type=authorization_code&code=x";
    let refused = at(&zengine, "auth", "POST", "/oauth2/v1/grant", &form, body).await;
    assert_eq!(
        (refused.status, refused.json()),
        (401, json!({ "error": "invalid_client" }))
    );
    let path = "/oauth2/v1/authorize?client_id=zengine-client&response_type=token&state=s";
    let short = at(&zengine, "auth", "GET", path, &[], "").await;
    let to = short.header("location").unwrap();
    let token = to
        .split_once("#access_token=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(status_with(&zengine, &json!(token)).await, 200);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(status_with(&zengine, &json!(token)).await, 401);
}

#[tokio::test]
async fn a_plugin_is_called_at_an_origin_of_its_own() {
    let (zengine, _) = begin(Config::default()).await;
    let key = format!("Bearer {}", zengine.key());
    let headers = [
        ("authorization", key.as_str()),
        ("x-plugin-draft", "developer-token"),
    ];
    let path = "/workspaces/10001/matcher/match/all";
    let reply = at(&zengine, PLUGINS, "POST", path, &headers, r#"{"a":1}"#)
        .await
        .json();
    assert_eq!(
        reply["data"],
        json!({
            "workspace": { "id": 10_001 }, "plugin": "matcher", "route": "match/all",
            "method": "POST", "draft": true, "sent": { "a": 1 },
        })
    );
    assert_eq!(
        at(&zengine, PLUGINS, "GET", path, &[], "").await.status,
        401
    );
    let unknown = "/workspaces/10001/other/match";
    assert_eq!(
        at(&zengine, PLUGINS, "GET", unknown, &headers, "")
            .await
            .status,
        404
    );
    assert_eq!(get(&zengine, "/workspaces/10001").await.status, 200);
    let first = &zengine.arrivals()[0];
    assert_eq!(
        first.secrets,
        ["header authorization", "header x-plugin-draft"]
    );
    assert_eq!(
        (first.door, first.header("x-plugin-draft")),
        (PLUGINS, Some("hidden"))
    );
}
