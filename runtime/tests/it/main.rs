//! The pipeline as a whole, over a scripted transport in virtual time; `wire` alone uses sockets.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod answers;
mod api;
mod auth;
mod auth_bench;
mod auth_flight;
mod auth_oauth;
mod auth_processes;
mod auth_secrets;
mod auth_store;
mod bodies;
mod breaker;
mod cache;
mod concurrency;
mod dropped;
mod events;
mod keyed;
mod keyed_reconcile;
mod locks;
mod macros;
mod paging;
mod paging_api;
mod paging_hostile;
mod paging_kinds;
mod paging_random;
mod paging_resume;
mod refusals;
mod requests;
mod secrets;
mod tcp;
mod tcp_child;
mod tcp_faults;
mod tcp_pool;
mod tcp_tls;
mod waits;
mod wire;
mod writes;
