//! The pipeline as a whole, over a scripted transport in virtual time; `wire` alone uses sockets.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod answers;
mod api;
mod auth;
mod macros;
mod paging;
mod requests;
mod secrets;
mod waits;
mod wire;
mod writes;
