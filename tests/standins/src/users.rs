//! The users API: bearer key, `limit` and `offset`, `{"error": …}`, `X-RateLimit-*`.
//!
//! Its published reference is one page. What that leaves open (the default and largest `limit`,
//! the wording of every error but one, the window) is chosen here and said where it is.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::clock::Now;
use crate::limit::{Limit, Usage};
use crate::server::{Settings, Standin, start as start_server};
use crate::stage::{Api, Reply};

mod handlers;
mod records;

use records::Records;

/// How a users stand-in is set up.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    /// The users that it begins with; the first two are those of the reference's example.
    pub users: usize,
}

impl Default for Config {
    /// Two users, and sixty requests a minute in fixed windows.
    fn default() -> Self {
        let limit = Limit::fixed(60, Duration::from_secs(60));
        Self {
            settings: Settings::new("users-key", limit),
            users: 2,
        }
    }
}

/// Starts the stand-in on the current runtime.
///
/// # Errors
/// When the port cannot be had.
pub async fn start(config: Config, now: Now) -> io::Result<Standin> {
    let users = config.users;
    start_server(config.settings, now, |wall| Users {
        records: Arc::new(Mutex::new(Records::seeded(users, wall))),
    })
    .await
}

struct Users {
    records: handlers::Shared,
}

impl Api for Users {
    fn prefix(&self) -> &'static str {
        "/v1"
    }

    fn routes(&self) -> Router {
        Router::new()
            .route("/users", get(handlers::list).post(handlers::create))
            .route("/users/{id}", get(handlers::fetch))
            .method_not_allowed_fallback(async || {
                failure(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed").map(Body::from)
            })
            .fallback(async || failure(StatusCode::NOT_FOUND, "Not found").map(Body::from))
            .with_state(Arc::clone(&self.records))
    }

    fn unauthorized(&self) -> Reply {
        failure(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    fn too_many(&self, _usage: &Usage) -> Reply {
        failure(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded")
    }

    fn tell_limit(&self, usage: &Usage, headers: &mut HeaderMap) {
        let remaining = usage.max.saturating_sub(usage.used);
        // Rounded up: at the second that is told, the window has ended.
        let reset = usage.resets.duration_since(UNIX_EPOCH).unwrap_or_default();
        let reset = reset.as_secs() + u64::from(reset.subsec_nanos() > 0);
        headers.insert("x-ratelimit-limit", HeaderValue::from(usage.max));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
    }

    fn state(&self) -> Value {
        let records = handlers::lock(&self.records);
        json!({ "users": records.all() })
    }
}

/// `{"error": …}`, the only shape of an error here.
fn failure(status: StatusCode, message: &str) -> Reply {
    answer(status, &json!({ "error": message }))
}

fn answer(status: StatusCode, body: &Value) -> Reply {
    let mut reply = Response::new(Bytes::from(body.to_string()));
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

/// Answers that were given to a request with an `Idempotency-Key`, with the body of that request.
type Remembered = BTreeMap<String, (Bytes, Reply)>;
