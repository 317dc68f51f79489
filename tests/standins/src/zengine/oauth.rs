//! The authorization server: a redirect with a code that lives half a minute, grants, refreshes by
//! `GET`, and who a token belongs to.
//!
//! It approves at once where the real one shows a form. How it refuses is not documented; it does
//! so as RFC 6749, section 5.2, says.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State as Extract};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::identity::Pair;
use super::store::Store;
use super::{Shared, json_reply, last_values, lock};
use crate::ledger::FORM;
use crate::query;
use crate::stage::Reply;

type Parameters = BTreeMap<String, String>;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/oauth2/v1/authorize", get(authorize))
        .route("/oauth2/v1/grant", get(refresh).post(grant))
        .route("/oauth2/v1/token", get(token))
}

async fn authorize(Extract(shared): Extract<Shared>, RawQuery(raw): RawQuery) -> Response<Body> {
    let sent = read(raw.as_deref());
    let mut store = lock(&shared);
    let redirect = store.config.redirect_uri.clone();
    let given = |name: &str| sent.get(name).map(String::as_str);
    // Nobody is sent to an address that is not the client's own (RFC 6749, section 4.1.2.1).
    if given("client_id") != Some(&*store.config.client_id)
        || given("redirect_uri").is_some_and(|uri| uri != redirect)
    {
        return refusal(StatusCode::BAD_REQUEST, "invalid_request").map(Body::from);
    }
    let state = given("state").map(|state| format!("&state={}", encode(state)));
    let state = state.unwrap_or_default();
    let target = match given("response_type") {
        Some("code") => format!("{redirect}?code={}{state}", store.make_code()),
        Some("token") => {
            let token = store.make_short_token();
            format!("{redirect}#access_token={token}&token_type=bearer&expires_in=3600{state}")
        }
        Some(_) | None => format!("{redirect}?error=unsupported_response_type{state}"),
    };
    let mut reply = Reply::default();
    *reply.status_mut() = StatusCode::FOUND;
    let target = HeaderValue::from_str(&target).expect("an address is ASCII");
    reply.headers_mut().insert(header::LOCATION, target);
    reply.map(Body::from)
}

async fn grant(
    Extract(shared): Extract<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let form = kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == FORM);
    let sent = if form {
        read(std::str::from_utf8(&body).ok())
    } else {
        Parameters::new()
    };
    let mut store = lock(&shared);
    let reply = give(&mut store, &sent).unwrap_or_else(|(status, error)| refusal(status, error));
    reply.map(Body::from)
}

/// The reference documents the refresh as a `GET`.
async fn refresh(Extract(shared): Extract<Shared>, RawQuery(raw): RawQuery) -> Response<Body> {
    let sent = read(raw.as_deref());
    let mut store = lock(&shared);
    let reply = if sent
        .get("grant_type")
        .is_some_and(|kind| kind == "refresh_token")
    {
        give(&mut store, &sent).unwrap_or_else(|(status, error)| refusal(status, error))
    } else {
        refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type")
    };
    reply.map(Body::from)
}

async fn token(Extract(shared): Extract<Shared>, RawQuery(raw): RawQuery) -> Response<Body> {
    let sent = read(raw.as_deref());
    let store = lock(&shared);
    let known = sent
        .get("access_token")
        .is_some_and(|token| *token == store.config.settings.key || store.knows_token(token));
    let reply = if known {
        json_reply(
            StatusCode::OK,
            &json!({ "client_id": store.config.client_id }),
        )
    } else {
        refusal(StatusCode::BAD_REQUEST, "invalid_token")
    };
    reply.map(Body::from)
}

fn give(store: &mut Store, sent: &Parameters) -> Result<Reply, (StatusCode, &'static str)> {
    let given = |name: &str| sent.get(name).map_or("", String::as_str);
    if given("client_id") != store.config.client_id
        || given("client_secret") != store.config.client_secret
    {
        return Err((StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    let redirected = given("redirect_uri") == store.config.redirect_uri;
    let pair = match given("grant_type") {
        "authorization_code" => store.use_code(given("code")).filter(|_| redirected),
        "refresh_token" => store.use_refresh_token(given("refresh_token")),
        _ => return Err((StatusCode::BAD_REQUEST, "unsupported_grant_type")),
    };
    let Pair { access, refresh } = pair.ok_or((StatusCode::BAD_REQUEST, "invalid_grant"))?;
    let body = json!({ "access_token": access, "refresh_token": refresh });
    Ok(json_reply(StatusCode::OK, &body))
}

fn refusal(status: StatusCode, error: &str) -> Reply {
    json_reply(status, &json!({ "error": error }))
}

fn read(raw: Option<&str>) -> Parameters {
    last_values(query::pairs(raw).unwrap_or_default())
}

/// All but the unreserved characters of RFC 3986, section 2.3, by their bytes.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
