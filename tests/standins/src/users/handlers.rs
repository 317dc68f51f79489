//! The three operations on users.
//!
//! Each checks what it was sent the way the reference describes it, in a fixed order, and answers
//! the first thing that is wrong.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde_json::{Value, json};

use super::records::{Records, User};
use super::{answer, failure};
use crate::query;
use crate::stage::Reply;

pub(super) type Shared = Arc<Mutex<Records>>;

/// The page size without a `limit`, as in the reference's example.
const DEFAULT_LIMIT: usize = 10;
/// Not documented; chosen here.
const LARGEST_LIMIT: usize = 100;

pub(super) fn lock(records: &Shared) -> MutexGuard<'_, Records> {
    records.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn list(
    State(records): State<Shared>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let reply = match read_stretch(query.as_deref()) {
        Ok((limit, offset)) => {
            let records = lock(&records);
            let body = json!({
                "data": records.stretch(offset, limit),
                "total": records.count(),
                "limit": limit,
                "offset": offset,
            });
            answer(StatusCode::OK, &body)
        }
        Err(message) => failure(StatusCode::BAD_REQUEST, message),
    };
    reply.map(Body::from)
}

pub(super) async fn fetch(State(records): State<Shared>, Path(id): Path<String>) -> Response<Body> {
    let reply = match lock(&records).find(&id) {
        Some(user) => answer(StatusCode::OK, &user.whole()),
        None => failure(StatusCode::NOT_FOUND, "User not found"),
    };
    reply.map(Body::from)
}

pub(super) async fn create(
    State(records): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut records = lock(&records);
    let key = headers.get("idempotency-key");
    let reply = match key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned()) {
        Some(key) => create_once(&mut records, key, &headers, &body),
        None => add(&mut records, &headers, &body),
    };
    reply.map(Body::from)
}

/// The answer to a key is the first success that it had. Another body under the same key is a
/// mistake of the caller (draft-ietf-httpapi-idempotency-key-header-07, section 2.7).
fn create_once(records: &mut Records, key: String, headers: &HeaderMap, body: &Bytes) -> Reply {
    if let Some((first, reply)) = records.remembered.get(&key) {
        return if first == body {
            reply.clone()
        } else {
            let message = "Idempotency-Key was used with another body";
            failure(StatusCode::UNPROCESSABLE_ENTITY, message)
        };
    }
    let reply = add(records, headers, body);
    if reply.status().is_success() {
        records
            .remembered
            .insert(key, (body.clone(), reply.clone()));
    }
    reply
}

fn add(records: &mut Records, headers: &HeaderMap, body: &[u8]) -> Reply {
    match read_new(headers, body) {
        Ok((_, email)) if records.has_email(&email) => {
            failure(StatusCode::CONFLICT, "Email already exists")
        }
        Ok((name, email)) => {
            let user: &User = records.add(&name, &email);
            answer(StatusCode::CREATED, &user.summary())
        }
        Err(message) => failure(StatusCode::BAD_REQUEST, message),
    }
}

/// The name and the email of a user to be created. Other members are ignored.
fn read_new(headers: &HeaderMap, body: &[u8]) -> Result<(String, String), &'static str> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err("Content-Type must be application/json");
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| "Malformed JSON")?;
    if !body.is_object() {
        return Err("Body must be an object");
    }
    let text = |member: &str| {
        let text = body[member].as_str().map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let name = text("name").ok_or("name is required")?;
    let email = text("email").ok_or("email is required")?;
    if is_email(&email) {
        Ok((name, email))
    } else {
        Err("email is invalid")
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}

fn read_stretch(query: Option<&str>) -> Result<(usize, usize), &'static str> {
    let pairs = query::pairs(query).ok_or("query is malformed")?;
    let last = |name: &str| {
        let found = pairs.iter().rfind(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let limit = match last("limit") {
        None => Some(DEFAULT_LIMIT),
        Some(text) => digits(text).filter(|limit| (1..=LARGEST_LIMIT).contains(limit)),
    };
    let offset = match last("offset") {
        None => Some(0),
        Some(text) => digits(text),
    };
    Ok((
        limit.ok_or("limit must be between 1 and 100")?,
        offset.ok_or("offset must be 0 or more")?,
    ))
}

/// Rust reads `+5` as a number too; a query does not.
fn digits(text: &str) -> Option<usize> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
