//! Stand-in servers for the APIs that the tests speak to, and a raw one that plays scripted bytes.
//!
//! They are written from each vendor's published reference alone and share no code with the
//! generator or the runtime, so that a mistake there cannot be repeated here. They keep state,
//! count what arrives by a clock that the test hands in, and misbehave only when told to.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that panics has failed, which is what it is for"
    )
)]

mod calendar;
pub mod cleverfox;
pub mod clock;
mod connection;
mod fault;
pub mod hive;
pub mod hostile;
mod ledger;
mod limit;
pub mod program;
mod query;
mod seeded;
mod server;
mod stage;
pub mod users;
pub mod zengine;

pub use clock::{HandClock, Now, Pause};
pub use fault::{Answer, Fault, Gate, Patch};
pub use hostile::{Hostile, Script};
pub use ledger::{Arrival, Credential};
pub use limit::{Limit, Shape};
pub use server::{Settings, Standin};
