//! Files at an origin of their own: whoever has the address gets the file, until it expires.
//!
//! The paths of the two calls that give an address are not documented, nor is what the files'
//! server answers; chosen here. Like others of its kind it wants no second credential beside the
//! signature in the address.

use axum::body::Body;
use axum::extract::{Request, State as Extract};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;

use super::answer::{data, text, typed};
use super::logs::{file_size, item_of, list};
use super::store::Store;
use super::{Shared, lock};
use crate::calendar::naive;
use crate::query;
use crate::stage::Reply;

/// The two files of a log item, as the path of a call and as the path at the files' origin.
pub(super) const FILES: [&str; 2] = ["backupfile", "backuplist"];

/// A log item with the address of one of its files.
pub(super) fn address(store: &Store, number: u64, file: &str) -> Reply {
    let lives = i64::try_from(store.config.download_lives.as_millis()).unwrap_or(i64::MAX);
    let expires = store.now().saturating_add(lives);
    let signature = sign(number, file, expires);
    let url = format!(
        "{}/files/{number}/{file}?expires={expires}&signature={signature:016x}",
        store.files
    );
    let mut item = item_of(store, number);
    item.insert("Url".to_owned(), url.into());
    item.insert("Expires".to_owned(), naive(expires).into());
    data(StatusCode::OK, &Value::Object(item))
}

pub(super) async fn serve(Extract(shared): Extract<Shared>, request: Request) -> Response<Body> {
    let store = lock(&shared);
    let reply =
        file(&store, &request).unwrap_or_else(|(status, words)| text(status, words.to_owned()));
    reply.map(Body::from)
}

fn file(store: &Store, request: &Request) -> Result<Reply, (StatusCode, &'static str)> {
    if request.method() != Method::GET {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"));
    }
    let headers = request.headers();
    if headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE) {
        return Err((StatusCode::BAD_REQUEST, "Only one auth mechanism allowed"));
    }
    let missing = (StatusCode::NOT_FOUND, "No such file");
    let path: Vec<&str> = request.uri().path().split('/').collect();
    let &["", "files", number, file] = path.as_slice() else {
        return Err(missing);
    };
    let number: u64 = number.parse().map_err(|_| missing)?;
    let pairs = query::pairs(request.uri().query()).unwrap_or_default();
    let given = |name: &str| pairs.iter().find(|(known, _)| known == name);
    let expires = given("expires").and_then(|(_, value)| value.parse().ok());
    let signature = given("signature").and_then(|(_, value)| u64::from_str_radix(value, 16).ok());
    let (Some(expires), Some(signature)) = (expires, signature) else {
        return Err((StatusCode::FORBIDDEN, "Not signed"));
    };
    if signature != sign(number, file, expires) {
        return Err((StatusCode::FORBIDDEN, "The signature does not match"));
    }
    if store.now() >= expires {
        return Err((StatusCode::FORBIDDEN, "Request has expired"));
    }
    let (kind, name, body) = if file == FILES[0] {
        let body = backup_file(number, file_size(store, number));
        ("application/octet-stream", format!("{number}.zip"), body)
    } else {
        (
            "text/plain; charset=utf-8",
            format!("{number}.txt"),
            list(number).into(),
        )
    };
    let mut reply = typed(StatusCode::OK, kind, body);
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let name = name.expect("a number is ASCII");
    reply
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, name);
    Ok(reply)
}

/// The bytes of a backup file of this size, each told by the log item and the byte's place.
pub fn backup_file(log_item_id: u64, size: usize) -> Bytes {
    let byte = |place: usize| {
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        let mixed = log_item_id
            .wrapping_add(place.wrapping_mul(31))
            .wrapping_add(place >> 8);
        u8::try_from(mixed & 0xff).expect("eight bits are a byte")
    };
    (0..size).map(byte).collect()
}

/// FNV-1a over what the address says and a word that it does not.
fn sign(number: u64, file: &str, expires: i64) -> u64 {
    let said = format!("fox {number} {file} {expires}");
    said.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
