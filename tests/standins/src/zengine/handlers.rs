//! Takes a request apart, and carries it out on the collection or the object that it names.
//!
//! The extension of a path, the ways to say another verb than one's own, and the ways to wrap an
//! answer are those of the reference; of the formats there is JSON alone.

use axum::body::Body;
use axum::extract::{RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use serde_json::Value;

use super::envelope::{Refusal, count, several, single, success, written};
use super::querying::Querying;
use super::schema::{MEMBERS, resolve};
use super::shape::show;
use super::store::{ME, Store, id_of};
use super::write::{self, Target};
use super::{Object, Shared, json_reply, lock, special, uploads};
use crate::ledger::FORM;
use crate::query;
use crate::stage::Reply;

const VERBS: &str = "GET, POST, PUT, DELETE, OPTIONS";

/// What was asked, but for its path.
struct Asked<'a> {
    verb: String,
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
    if method == Method::OPTIONS {
        return options().map(Body::from);
    }
    let asked = Asked {
        verb: verb(&method, &headers, &body),
        query: query.as_deref(),
        headers: &headers,
        body: &body,
    };
    let mut store = lock(&shared);
    let reply = match route(&mut store, uri.path(), &asked) {
        Ok(answer) => wrap(&answer, asked.query),
        Err(refusal) => refusal.reply(),
    };
    reply.map(Body::from)
}

fn options() -> Reply {
    let mut reply = Reply::default();
    let verbs = HeaderValue::from_static(VERBS);
    reply
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_METHODS, verbs);
    reply
}

/// The verb of a `POST` may be another one, by a variable of its form or by a header.
fn verb(method: &Method, headers: &HeaderMap, body: &[u8]) -> String {
    let named = || {
        let form = if is_form(headers) {
            std::str::from_utf8(body).ok()
        } else {
            None
        };
        let pairs = query::pairs(form).unwrap_or_default();
        let variable = pairs.into_iter().find(|(name, _)| name == "_method");
        let header = ["x_http_method_override", "x-http-method-override"];
        let header = header
            .iter()
            .find_map(|name| headers.get(*name)?.to_str().ok());
        let named = variable
            .map(|(_, verb)| verb)
            .or(header.map(str::to_owned))?;
        Some(named.to_ascii_uppercase())
    };
    let named = if *method == Method::POST {
        named()
    } else {
        None
    };
    named.unwrap_or_else(|| method.as_str().to_owned())
}

fn wrap(answer: &Value, raw: Option<&str>) -> Reply {
    let mut reply = json_reply(StatusCode::OK, answer);
    let Ok(querying) = Querying::read(raw, true) else {
        return reply;
    };
    if querying.pretty {
        let pretty = serde_json::to_string_pretty(answer).expect("a JSON value can be written");
        *reply.body_mut() = pretty.into();
    }
    if let Some(callback) = querying.callback {
        let body = String::from_utf8_lossy(reply.body()).into_owned();
        *reply.body_mut() = format!("{callback}({body});").into();
        let kind = HeaderValue::from_static("application/javascript");
        reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    reply
}

fn route(store: &mut Store, path: &str, asked: &Asked<'_>) -> Result<Value, Refusal> {
    if !VERBS.split(", ").any(|verb| verb == asked.verb) {
        return Err(Refusal::NoSuchVerb);
    }
    let path = match path.rsplit_once('.') {
        Some((path, "json")) => path,
        Some((_, "xml" | "csv")) => return Err(Refusal::MediaType),
        _ => path,
    };
    let me = ME.to_string();
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if let ["users", who @ "me", ..] = parts.as_mut_slice() {
        *who = &me;
    }
    match (asked.verb.as_str(), parts.as_slice()) {
        ("GET", ["forms", "permissions"]) => return Ok(special::permissions()),
        ("GET", ["forms", form, "records", "permissions"]) => {
            store.find("forms", form).ok_or(Refusal::NotFound)?;
            return Ok(special::permissions());
        }
        ("GET", ["calculate"]) => return special::calculate(store, asked.query),
        ("POST", parts)
            if uploads::owner(parts).is_some() && uploads::is_multipart(asked.headers) =>
        {
            let owner = uploads::owner(parts).unwrap_or_default();
            if !owner.is_empty() && !store.has_parents(&format!("{owner}/x")) {
                return Err(Refusal::NotFound);
            }
            return uploads::receive(store, parts, asked.headers, asked.body);
        }
        ("POST", parts) if uploads::owner(parts).is_some_and(|owner| !owner.is_empty()) => {
            return Err(Refusal::MediaType);
        }
        _ => {}
    }
    let (collection, ids, last) = resolve(&parts).ok_or(Refusal::NotFound)?;
    let target = Target {
        collection,
        ids: &ids,
    };
    if !store.has_parents(&target.path()) {
        return Err(Refusal::NotFound);
    }
    if asked.verb != "GET" && !collection.verbs.contains(&asked.verb.as_str()) {
        return Err(Refusal::NoSuchVerb);
    }
    let mut querying = Querying::read(asked.query, target.is_of_records())?;
    querying.limit = querying.limit.min(store.config.largest_limit);
    match last {
        None => on_collection(store, target, &querying, asked),
        Some("count") if asked.verb == "GET" => {
            Ok(count(querying.select(store, &target.path()).len()))
        }
        Some(id) => on_object(store, target, &querying, id, asked),
    }
}

fn on_collection(
    store: &mut Store,
    target: Target<'_>,
    querying: &Querying,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    match asked.verb.as_str() {
        "GET" => Ok(list(store, target, querying)),
        "POST" if target.collection.path == MEMBERS => {
            special::join(store, target.ids, &one(read_body(asked)?)?)
        }
        "POST" => match read_body(asked)? {
            Value::Array(list) => {
                let bodies: Result<Vec<Object>, Refusal> = list.into_iter().map(one).collect();
                let made = write::create(store, target, bodies?, true)?;
                let shown = made
                    .iter()
                    .map(|(id, _)| tell(store, target, querying, *id));
                Ok(written(&shown.collect::<Vec<_>>()))
            }
            body => {
                let made = write::create(store, target, vec![one(body)?], false)?;
                let (id, shown_once) = made.into_iter().next().ok_or(Refusal::NotFound)?;
                let invited = shown_once.get("inviteCode").is_some();
                let mut shown = tell(store, target, querying, id);
                if let Value::Object(shown) = &mut shown {
                    shown.extend(shown_once);
                }
                let mut answer = single(&shown);
                if invited {
                    answer["developerMessage"] = "The invite code is shown only once".into();
                }
                Ok(answer)
            }
        },
        // By the query, which may be empty: then it is everything.
        verb => {
            let ids = write::ids(&querying.select(store, &target.path()));
            if verb == "DELETE" {
                write::remove(store, target, &ids);
                return Ok(count(ids.len()));
            }
            write::change(store, target, &ids, one(read_body(asked)?)?)?;
            let shown: Vec<Value> = ids
                .iter()
                .map(|id| tell(store, target, querying, *id))
                .collect();
            Ok(written(&shown))
        }
    }
}

fn on_object(
    store: &mut Store,
    target: Target<'_>,
    querying: &Querying,
    id: &str,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    let found = store.find(&target.path(), id).ok_or(Refusal::NotFound)?;
    let number = id_of(found);
    match asked.verb.as_str() {
        "GET" => Ok(single(&show(
            store,
            target.collection,
            target.ids,
            querying,
            found,
        ))),
        "PUT" => {
            let expected = asked.headers.get("x-if-objectversion-matches");
            let version = found.get("objectVersion").and_then(Value::as_str);
            if target.is_of_records()
                && expected
                    .is_some_and(|expected| Some(expected.as_bytes()) != version.map(str::as_bytes))
            {
                return Err(Refusal::Stale);
            }
            write::change(store, target, &[number], one(read_body(asked)?)?)?;
            Ok(single(&tell(store, target, querying, number)))
        }
        "DELETE" => {
            write::remove(store, target, &[number]);
            Ok(success())
        }
        _ => Err(Refusal::NoSuchVerb),
    }
}

fn list(store: &Store, target: Target<'_>, querying: &Querying) -> Value {
    let found = querying.select(store, &target.path());
    let (total, limit, offset) = (found.len(), querying.limit, querying.offset());
    let page = found.into_iter().skip(offset).take(limit);
    let page = page.map(|object| show(store, target.collection, target.ids, querying, object));
    let mut answer = several(&page.collect::<Vec<_>>(), total, limit, offset);
    if total == 0
        && !store.config.data_when_empty
        && let Some(answer) = answer.as_object_mut()
    {
        answer.remove("data");
        answer.remove("offset");
    }
    answer
}

/// What the answer to a write says of an object: of a record its id alone.
fn tell(store: &Store, target: Target<'_>, querying: &Querying, id: u64) -> Value {
    if target.is_of_records() {
        return id.into();
    }
    let found = store.find(&target.path(), &id.to_string());
    let found = found.map(|object| show(store, target.collection, target.ids, querying, object));
    found.unwrap_or(Value::Null)
}

fn is_form(headers: &HeaderMap) -> bool {
    kind(headers).eq_ignore_ascii_case(FORM)
}

fn kind(headers: &HeaderMap) -> &str {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
}

fn read_body(asked: &Asked<'_>) -> Result<Value, Refusal> {
    if is_form(asked.headers) {
        let pairs = query::pairs(std::str::from_utf8(asked.body).ok());
        let pairs = pairs.ok_or(Refusal::Bad("The form cannot be read"))?;
        let pairs = pairs.into_iter().filter(|(name, _)| name != "_method");
        return Ok(pairs
            .map(|(name, value)| (name, Value::from(value)))
            .collect::<Object>()
            .into());
    }
    if !kind(asked.headers).eq_ignore_ascii_case("application/json") {
        return Err(Refusal::MediaType);
    }
    serde_json::from_slice(asked.body).map_err(|_| Refusal::Bad("The body is not JSON"))
}

fn one(body: Value) -> Result<Object, Refusal> {
    match body {
        Value::Object(object) => Ok(object),
        _ => Err(Refusal::Bad("The body is not an object")),
    }
}
