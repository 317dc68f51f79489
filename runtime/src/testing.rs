//! For tests of applications: a transport without a network and a clock without waiting.
//! Assumes nothing about the API under test. Must not open a socket or read the real clock, and no policy of the client
//! may behave otherwise because of it.

pub mod clock;
#[doc(hidden)]
pub mod fuzz;
mod script;

pub use clock::VirtualClock;
pub use script::{RecordedRequest, Script, ScriptReply};
