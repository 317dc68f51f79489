//! What spans and events say. A process of its own, because `tracing` remembers for all threads whether anyone listens.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

#[path = "it/api.rs"]
#[allow(dead_code, reason = "the other tests need more of it")]
mod api;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use etiquette_runtime::codegen::{Operation, Request};
use etiquette_runtime::testing::ScriptReply;
use futures::StreamExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use api::{Any, Bench, CANARY, LIST_OFFSET, QUERY, READ};

static BY_QUERY: Operation = Operation {
    name: "query",
    security: &[&[&QUERY]],
    ..READ
};

/// Writes down all that any span or event says.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "  {} = {value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        writeln!(self.0.lock().unwrap(), "span {}", span.metadata().name()).unwrap();
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        writeln!(self.0.lock().unwrap(), "event {}", event.metadata().name()).unwrap();
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Rows K2, K5: all spans and events at every level show the route's template and no URL.
#[test]
fn spans_show_no_secret_and_no_url() {
    let everything = Everything::default();
    let bench = Bench::with(|builder| builder.credential(&QUERY, CANARY));
    tracing::subscriber::with_default(everything.clone(), || {
        bench
            .script
            .reply(ScriptReply::not_sent())
            .reply(ScriptReply::text(503, CANARY).header("retry-after", "3"));
        bench
            .script
            .respond_with(|_| ScriptReply::json(200, r#"{"data":[1],"total":1}"#));
        let mut call = Request::new(&bench.core, &BY_QUERY)
            .key(&"key-4711")
            .call::<Any>()
            .with_header("x-h", CANARY);
        call.request_mut().query("secret", &CANARY);
        bench.run(call).unwrap();
        let _: Vec<_> = bench.run(
            Request::new(&bench.core, &LIST_OFFSET)
                .list::<Any>()
                .items()
                .collect(),
        );
    });
    let seen = everything.0.lock().unwrap().clone();
    for spelling in ["canary", "Y2FuYXJ5"] {
        assert!(!seen.contains(spelling), "{spelling} is in {seen}");
    }
    for wanted in [
        "span request",
        "span attempt",
        "span wait",
        "http.request.method = \"GET\"",
        "url.template = \"/orders/{id}\"",
        "http.request.resend_count = 2",
        "http.response.status_code = 503",
        "server.address = \"shop.example\"",
        "server.port = 443",
        "otel.kind = \"client\"",
        "otel.kind = \"internal\"",
        "otel.name = GET /orders/{id}",
        "otel.status_code = \"ERROR\"",
        "error.type = \"connect\"",
        "error.type = \"503\"",
        "etiquette.wait.reason = \"backoff\"",
    ] {
        assert!(seen.contains(wanted), "{wanted} is missing in {seen}");
    }
    assert!(
        !seen.contains("key-4711") && !seen.contains("https://"),
        "{seen}"
    );
}
