//! The stand-ins held to the vendors' references, over the wire.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

mod cleverfox;
mod cleverfox_writes;
mod client;
mod faults;
mod hive;
mod hive_orders;
mod hive_skus;
mod hive_stock;
mod hive_v2;
mod hostile;
mod users;
mod zengine;
mod zengine_oauth;
mod zengine_things;
mod zengine_writes;
