//! What applications test with: generated mocks, samples of models, and calls that are answered already.
//!
//! The clients are those of the cases. Nothing here opens a socket or waits on the real clock.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod mocks {
    mod application;
    mod kinds;
    mod ready;
}
