//! An API that may have carried out what it refuses, as a hand would fill its tables: no description here has one.
//!
//! It is like `users` otherwise: retries on the network, a wait in `Retry-After`.

use std::time::Duration;

use runtime::codegen::{
    Api, Builder, Call, Core, Effect, ErrorShape, Hold, Json, Operation, Place, Refusal, Request,
    Retry, Unit, Verb, Wait,
};

use crate::server::World;
use crate::wire::Wire;

static REFUSAL: Refusal = Refusal {
    processed: true,
    wait: &[Wait::From(Place::Header("retry-after"), Unit::RetryAfter)],
    hold: Hold::Client,
    ..Refusal::NEW
};

static API: Api = Api {
    name: "odd",
    title: "Refused and yet done",
    base: "https://odd.example",
    refusal: Some(&REFUSAL),
    errors: &[ErrorShape::Text, ErrorShape::Empty],
    ..Api::NEW
};

static RETRY: Retry = Retry {
    name: "standard",
    attempts: 4,
    network: true,
    statuses: &[502, 503, 504],
    first: Duration::from_millis(100),
    factor_milli: 2_000,
    max: Duration::from_secs(30),
    max_elapsed: None,
};

static CREATE: Operation = Operation {
    api: &API,
    name: "things.create",
    verb: Verb::Post,
    path: "/things",
    effect: Effect::Once,
    retry: Some(&RETRY),
    ..Operation::NEW
};

static REPLACE: Operation = Operation {
    name: "things.replace",
    verb: Verb::Put,
    path: "/things/{id}",
    effect: Effect::Idempotent,
    ..CREATE
};

/// Its client.
pub(crate) struct Odd(Core);

impl Odd {
    pub(crate) fn new(world: &World, wire: &Wire, seed: u64, body_cap: usize) -> Odd {
        let mut builder = Builder::new(&API);
        builder.body_cap(body_cap);
        builder.transport(wire.clone());
        builder.clock(world.clock.clone());
        builder.seed(seed);
        Odd(builder.build().expect("a client"))
    }

    pub(crate) fn create(&self, name: &str) -> Call<Json> {
        Request::new(&self.0, &CREATE).json(&name.to_owned()).call()
    }

    pub(crate) fn replace(&self, id: i64, name: &str) -> Call<Json> {
        Request::new(&self.0, &REPLACE)
            .key(&id)
            .json(&name.to_owned())
            .call()
    }
}
