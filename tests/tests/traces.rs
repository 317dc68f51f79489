//! What we and the libraries below us trace, looked through for secrets.
//!
//! A process of its own, because `tracing` remembers for all threads whether anyone listens.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

#[path = "flow/world.rs"]
#[allow(dead_code, reason = "the flow tests need more of it")]
mod world;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use etiquette_apis::users::NewUser;
use etiquette_standins::Fault as Play;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use world::{KEY, live_users};

const EMAIL: &str = "canary.person@example.com";

/// Writes down all that any span or event says.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Everything {
    fn note(&self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0.lock().unwrap(), "{line}").unwrap();
    }
}

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(format_args!("  {} = {value:?}", field.name()));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(format_args!("span {}", span.metadata().name()));
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(format_args!("event {}", event.metadata().name()));
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Row K2: all that we and the libraries below us trace, at the finest level, over TCP.
#[tokio::test]
async fn traces_show_no_key_and_no_email() {
    let everything = Everything::default();
    let listening = tracing::subscriber::set_default(everything.clone());
    let live = live_users().await;
    live.server.next(Play::status(503));
    live.api.users().get("user_123").await.unwrap();
    live.api
        .users()
        .create(&NewUser::new("Canary", EMAIL))
        .await
        .unwrap();
    live.api
        .users()
        .create(&NewUser::new("Canary", EMAIL))
        .await
        .unwrap_err();
    live.api.users().list().offset(77_777).await.unwrap();
    drop(listening);
    let said = everything.0.lock().unwrap().clone();
    let (key, _) = KEY.split_once('+').unwrap();
    for secret in [key, "Y2FuYXJ5LTdmM2E5", "canary.person"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    assert!(
        said.contains("/users/{user_id}"),
        "the control: something was traced: {said}"
    );
    assert!(
        !said.contains("user_123") && !said.contains("77777"),
        "{said}"
    );
}
