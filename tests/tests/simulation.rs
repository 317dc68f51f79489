//! Deterministic simulations: generated clients against models of servers, in virtual time.
//!
//! Everything random comes from one seed, which a failure prints; `ETIQUETTE_SEED` replays it. What is promised is
//! counted at the server's side, never by the client. `ETIQUETTE_HOURS`, `ETIQUETTE_WRITES`, `ETIQUETTE_HINTS` and
//! `ETIQUETTE_RUNS` ask for long runs.

#[path = "simulation/amplification.rs"]
mod amplification;
#[path = "simulation/cancellation.rs"]
mod cancellation;
#[path = "simulation/dropped.rs"]
mod dropped;
#[path = "simulation/faults.rs"]
mod faults;
#[path = "simulation/hints.rs"]
mod hints;
#[path = "simulation/learned.rs"]
mod learned;
#[path = "simulation/ledger.rs"]
mod ledger;
#[path = "simulation/order.rs"]
mod order;
#[path = "simulation/permits.rs"]
mod permits;
#[path = "simulation/quota.rs"]
mod quota;
#[path = "simulation/seeds.rs"]
mod seeds;
#[path = "simulation/server.rs"]
mod server;
#[path = "simulation/slowdown.rs"]
mod slowdown;
#[path = "simulation/tables.rs"]
mod tables;
#[path = "simulation/wire.rs"]
mod wire;
#[path = "simulation/writes.rs"]
mod writes;
