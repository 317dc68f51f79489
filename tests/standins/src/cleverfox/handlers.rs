//! Lists, reads and writes of all resources.
//!
//! A write has to say that it is JSON; one whose `Token` was received within the hour is refused
//! before anything else is looked at. The answers to writes are not documented; chosen here: 201
//! with the record, 200 with it, and 204.

use axum::body::Body;
use axum::extract::{RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use serde_json::Value;

use super::answer::{Refusal, data, page};
use super::downloads::{self, FILES};
use super::fields::{Complaints, Object, Purpose, read};
use super::logs::{ITEMS, item_of, log};
use super::resources::{LOG_ITEMS, LOGS, Resource, named};
use super::store::Store;
use super::{Shared, lock};
use crate::query;
use crate::stage::Reply;

const PAGE_SIZE: u64 = 25;
/// Not documented; chosen here. More is cut down without a word.
const LARGEST_PAGE: u64 = 100;
const LONGEST_TOKEN: usize = 50;

/// What was asked.
struct Asked<'a> {
    method: &'a Method,
    query: Option<&'a str>,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

pub(super) async fn serve(
    Extract(shared): Extract<Shared>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked {
        method: &method,
        query: query.as_deref(),
        headers: &headers,
        body: &body,
    };
    let mut store = lock(&shared);
    let reply = route(&mut store, uri.path(), &asked).unwrap_or_else(Refusal::reply);
    reply.map(Body::from)
}

fn route(store: &mut Store, path: &str, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match *parts.as_slice() {
        [LOGS | LOG_ITEMS, ..] if asked.method != Method::GET => Err(Refusal::NoSuchVerb),
        [LOGS] => list_calculated(store.log_count(), asked, |number| log(store, number)),
        [LOG_ITEMS] => {
            let item = |number| Value::Object(item_of(store, number));
            list_calculated(store.log_count() * ITEMS, asked, item)
        }
        [LOGS, id] => {
            let number = number_up_to(store.log_count(), id)?;
            Ok(data(StatusCode::OK, &log(store, number)))
        }
        [LOG_ITEMS, id] => {
            let number = number_up_to(store.log_count() * ITEMS, id)?;
            Ok(data(StatusCode::OK, &item_of(store, number).into()))
        }
        [LOG_ITEMS, id, file] if FILES.contains(&file) => {
            let number = number_up_to(store.log_count() * ITEMS, id)?;
            Ok(downloads::address(store, number, file))
        }
        [name] => {
            let resource = named(name).ok_or(Refusal::NotFound)?;
            serve_collection(store, resource, asked)
        }
        [name, id] => {
            let resource = named(name).ok_or(Refusal::NotFound)?;
            let id: i64 = id.parse().map_err(|_| Refusal::NotFound)?;
            serve_record(store, resource, id, asked)
        }
        _ => Err(Refusal::NotFound),
    }
}

fn serve_collection(
    store: &mut Store,
    resource: &'static Resource,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    match asked.method.as_str() {
        "GET" => {
            let (number, size) = read_page(asked.query)?;
            let before = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
            let size_here = usize::try_from(size).expect("a page is small");
            let newest_first = store.all_of(resource.path).rev();
            let shown = newest_first.skip(before).take(size_here);
            let shown: Vec<Value> = shown.map(|record| store.show(resource, record)).collect();
            Ok(page(&shown, number, size))
        }
        "POST" if resource.verbs.contains(&"POST") => {
            let (written, token) = read_write(store, resource, Purpose::Creation, asked)?;
            let id = store.add(resource, written);
            Ok(finish(store, resource, id, StatusCode::CREATED, token))
        }
        _ => Err(Refusal::NoSuchVerb),
    }
}

fn serve_record(
    store: &mut Store,
    resource: &'static Resource,
    id: i64,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let known = store.find(resource.path, resource.key, id).is_some();
    match asked.method.as_str() {
        "GET" | "PUT" | "DELETE" if !known => Err(Refusal::NotFound),
        "GET" => Ok(finish(store, resource, id, StatusCode::OK, None)),
        "PUT" if resource.verbs.contains(&"PUT") => {
            let (written, token) = read_write(store, resource, Purpose::Change, asked)?;
            store.change(resource, id, written);
            Ok(finish(store, resource, id, StatusCode::OK, token))
        }
        "DELETE" if resource.verbs.contains(&"DELETE") => {
            store.remove(resource, id)?;
            let mut reply = Reply::default();
            *reply.status_mut() = StatusCode::NO_CONTENT;
            Ok(reply)
        }
        _ => Err(Refusal::NoSuchVerb),
    }
}

/// Only what was carried out makes its token known.
fn finish(
    store: &mut Store,
    resource: &'static Resource,
    id: i64,
    status: StatusCode,
    token: Option<String>,
) -> Reply {
    if let Some(token) = token {
        store.remember_token(token);
    }
    let record = store.find(resource.path, resource.key, id);
    let record = record.expect("it was there a moment ago");
    data(status, &store.show(resource, record))
}

fn read_write(
    store: &mut Store,
    resource: &Resource,
    purpose: Purpose,
    asked: &Asked<'_>,
) -> Result<(Object, Option<String>), Refusal> {
    let kind = asked.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::Bad("Content-Type must be application/json."));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(asked.body) else {
        return Err(Refusal::Bad("The body is not a JSON object."));
    };
    let mut complaints = Complaints::default();
    let token = read_token(&body, &mut complaints);
    if token.as_ref().is_some_and(|token| store.knows_token(token)) {
        return Err(Refusal::Duplicate);
    }
    let written = read(resource.fields, purpose, &body, &mut complaints);
    (resource.whole)(&written, &mut complaints);
    if purpose == Purpose::Creation {
        check_owners(store, resource, &written, &mut complaints);
    }
    if complaints.0.is_empty() {
        Ok((written, token))
    } else {
        Err(Refusal::Invalid(complaints.0))
    }
}

fn read_token(body: &Object, complaints: &mut Complaints) -> Option<String> {
    match body.get("Token") {
        None | Some(Value::Null) => None,
        Some(Value::String(token)) if token.chars().count() <= LONGEST_TOKEN => Some(token.clone()),
        Some(_) => {
            complaints.add("Token", "Must be a string of at most 50 characters");
            None
        }
    }
}

/// Everything that a new record belongs to has to be there.
fn check_owners(store: &Store, resource: &Resource, written: &Object, complaints: &mut Complaints) {
    let parent = (resource.path == "jobitems").then_some(&("", "jobs", "JobId"));
    for (_, collection, key) in resource.embeds.iter().chain(parent) {
        let id = written.get(*key).and_then(Value::as_i64);
        if id.is_some_and(|id| store.find(collection, key, id).is_none()) {
            complaints.add(key, "Not found");
        }
    }
}

/// A page of what has a number from 1 to `count`, the largest first.
fn list_calculated(
    count: u64,
    asked: &Asked<'_>,
    show: impl Fn(u64) -> Value,
) -> Result<Reply, Refusal> {
    let (number, size) = read_page(asked.query)?;
    let newest = count.saturating_sub((number - 1).saturating_mul(size));
    let oldest = newest.saturating_sub(size) + 1;
    let shown: Vec<Value> = (oldest..=newest).rev().map(show).collect();
    Ok(page(&shown, number, size))
}

fn number_up_to(count: u64, id: &str) -> Result<u64, Refusal> {
    let number = id
        .parse()
        .ok()
        .filter(|number| (1..=count).contains(number));
    number.ok_or(Refusal::NotFound)
}

/// The page's number and size. There are no other parameters, and others do nothing.
fn read_page(raw: Option<&str>) -> Result<(u64, u64), Refusal> {
    let pairs = query::pairs(raw).ok_or(Refusal::Bad("The query is malformed."))?;
    let mut complaints = Complaints::default();
    let mut read = |name: &str, otherwise: u64| {
        let Some((_, value)) = pairs.iter().rfind(|(known, _)| known == name) else {
            return otherwise;
        };
        let plain = value.bytes().all(|byte| byte.is_ascii_digit());
        let value = value.parse().ok().filter(|value| plain && *value >= 1);
        value.unwrap_or_else(|| {
            complaints.add(name, "Must be a positive integer");
            otherwise
        })
    };
    let number = read("PageNo", 1);
    let size = read("PageSize", PAGE_SIZE).min(LARGEST_PAGE);
    if complaints.0.is_empty() {
        Ok((number, size))
    } else {
        Err(Refusal::Invalid(complaints.0))
    }
}
