//! What depends on the whole process: its environment, and who listens to `tracing`. The test starts itself anew.

use std::fmt::{Debug, Write as _};
use std::process::Command;
use std::sync::{Arc, Mutex};

use etiquette_runtime::codegen::{Builder, Request};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::api::{Any, CANARY, CREATE, GET, KEY, SHOP};
use crate::tcp::{Hostile, good, run};

/// Where the child finds its server.
const SERVER: &str = "ETIQUETTE_TEST_SERVER";

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

/// Row K2: at every level, over the real transport with its connections, nothing shows a secret or a URL. In a process
/// of its own it also is the child of the test below.
#[test]
fn the_transport_says_nothing_of_secrets() {
    let Ok(address) = std::env::var(SERVER) else {
        let server = Hostile::new(|peer| peer.say(&good("{}")));
        // Nobody sets a subscriber for all threads of a process that runs other tests.
        return child(&server, &[]);
    };
    let everything = Everything::default();
    tracing::subscriber::set_global_default(everything.clone()).unwrap();
    let mut builder = Builder::new(&SHOP);
    builder.base_url(&format!("http://{address}/v1"));
    builder.credential(&KEY, CANARY);
    let core = builder.build().unwrap();
    run(async {
        for _ in 0..2 {
            let call = Request::new(&core, &GET).key(&"key-4711").call::<Any>();
            call.await.unwrap();
            let call = Request::new(&core, &CREATE).json(&CANARY).call::<Any>();
            call.await.unwrap();
        }
    });
    let text = everything.0.lock().unwrap().clone();
    assert!(text.contains("span attempt"), "the control: {text}");
    for secret in [CANARY, "key-4711", &address] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Runs the test above in a process of its own, with these variables.
fn child(server: &Hostile, variables: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tcp_child::the_transport_says_nothing_of_secrets",
        ])
        .env(SERVER, server.address.to_string())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    assert_eq!((server.requests(), server.connections()), (4, 1), "{said}");
}

/// Row D16: the environment names proxies, and nobody asks them; nor is a key of a session written anywhere.
#[test]
fn the_environment_has_no_say() {
    let proxy = Hostile::new(|peer| peer.say(&good("{}")));
    let server = Hostile::new(|peer| peer.say(&good("{}")));
    let url = format!("http://user:password@{}", proxy.address);
    let variables: Vec<_> = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.to_lowercase()])
        .collect();
    let mut variables: Vec<_> = variables
        .iter()
        .map(|name| (name.as_str(), url.as_str()))
        .collect();
    variables.push(("NO_PROXY", ""));
    variables.push(("no_proxy", ""));
    child(&server, &variables);
    assert_eq!(proxy.connections(), 0);
}
