//! The Hive Merchant API, version 1: bare objects, `{"data", "pagination"}` lists, twenty a page,
//! `{"success": false, "errors": […]}`, `X-Rate-Limit-Used` and `-Max`, a fractional `Retry-After`.
//!
//! Where the published reference is silent (the status of a creation, a missing record, cancelling
//! an order, the wording of most complaints) the choice is made here and said where it is.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, patch, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::clock::Now;
use crate::limit::{Limit, Usage};
use crate::server::{Settings, Standin, start as start_server};
use crate::stage::{Api, Reply};

mod fields;
mod listing;
mod order_body;
mod orders;
mod refusal;
mod restocking_shipments;
mod returns;
mod shipments;
mod skus;
mod state;
pub mod v2;
mod warehouses;

use refusal::Refusal;
use state::{Shared, State};

/// How a Hive stand-in is set up.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    /// The records that it begins with. All but SKUs refer to others: orders without a SKU have
    /// no items, and without an order there is neither a shipment nor a return.
    pub skus: usize,
    pub orders: usize,
    pub shipments: usize,
    pub restocking_shipments: usize,
    pub returns: usize,
    /// The `page_count` of a list without records, which the reference does not tell.
    pub page_count_when_empty: usize,
}

impl Default for Config {
    /// A hundred requests a minute in fixed windows, and more than one page of most things.
    fn default() -> Self {
        let limit = Limit::fixed(100, Duration::from_secs(60));
        Self {
            settings: Settings::new("hive-key", limit),
            skus: 25,
            orders: 45,
            shipments: 30,
            restocking_shipments: 7,
            returns: 14,
            page_count_when_empty: 1,
        }
    }
}

/// Starts the stand-in on the current runtime.
///
/// # Errors
/// When the port cannot be had.
pub async fn start(config: Config, now: Now) -> io::Result<Standin> {
    let settings = config.settings.clone();
    start_server(settings, now, |wall| Hive {
        state: State::seeded(&config, wall),
    })
    .await
}

struct Hive {
    state: Shared,
}

impl Api for Hive {
    fn prefix(&self) -> &'static str {
        "/merchant_api/v1"
    }

    fn routes(&self) -> Router {
        Router::new()
            .route("/orders", get(orders::list).post(orders::create))
            .route("/orders/{id}", get(orders::fetch).patch(orders::update))
            .route("/orders/{id}/cancel", post(orders::cancel))
            .route("/skus", get(skus::list).post(skus::create))
            .route("/skus/bulk_upsert", post(skus::bulk_upsert))
            .route("/skus/{id}", patch(skus::update).delete(skus::delete))
            .route("/shipments", get(shipments::list))
            .route("/shipments/{id}", get(shipments::fetch))
            .route(
                "/restocking_shipments",
                get(restocking_shipments::list).post(restocking_shipments::create),
            )
            .route(
                "/restocking_shipments/{id}",
                get(restocking_shipments::fetch).put(restocking_shipments::replace),
            )
            .route("/returns", get(returns::list))
            .route("/returns/{id}", get(returns::fetch))
            .route("/warehouses", get(warehouses::list))
            // A path that exists with another method is no more there than any other.
            .method_not_allowed_fallback(async || Refusal::NotFound)
            .fallback(async || Refusal::NotFound)
            .with_state(Arc::clone(&self.state))
    }

    fn unauthorized(&self) -> Reply {
        refusal::reply(StatusCode::UNAUTHORIZED, &["authentication required"])
    }

    fn too_many(&self, usage: &Usage) -> Reply {
        too_many(usage)
    }

    fn tell_limit(&self, usage: &Usage, headers: &mut HeaderMap) {
        tell_limit(usage, headers);
    }

    fn state(&self) -> Value {
        state::lock(&self.state).all()
    }
}

fn too_many(usage: &Usage) -> Reply {
    let mut reply = refusal::reply(StatusCode::TOO_MANY_REQUESTS, &["too many requests"]);
    let wait = HeaderValue::from_str(&tenths(usage.until_reset()));
    let wait = wait.expect("a number is ASCII");
    reply.headers_mut().insert(header::RETRY_AFTER, wait);
    reply
}

fn tell_limit(usage: &Usage, headers: &mut HeaderMap) {
    headers.insert("x-rate-limit-used", HeaderValue::from(usage.used));
    headers.insert("x-rate-limit-max", HeaderValue::from(usage.max));
}

/// Seconds with one decimal, rounded up: after that long, the request is admitted.
fn tenths(wait: Duration) -> String {
    let tenths = wait.as_nanos().div_ceil(100_000_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a handler answers.
type Answer = Result<Response<Body>, Refusal>;

fn answer(status: StatusCode, body: &Value) -> Answer {
    Ok(json_reply(status, body.to_string()).map(Body::from))
}

fn json_reply(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Bytes::from(body));
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_tenths_and_never_too_short() {
        for (millis, told) in [
            (3_200, "3.2"),
            (3_201, "3.3"),
            (1, "0.1"),
            (60_000, "60.0"),
            (0, "0.0"),
        ] {
            assert_eq!(tenths(Duration::from_millis(millis)), told);
        }
    }
}
