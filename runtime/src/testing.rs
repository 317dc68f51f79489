//! For tests of applications: a transport without a network and a clock without waiting.
//! Assumes nothing about the API under test. Must not open a socket or read the real clock, and no policy of the client
//! may behave otherwise because of it.

pub mod clock;
#[doc(hidden)]
pub mod exchange;
#[doc(hidden)]
pub mod fuzz;
mod mock;
mod sample;
pub mod scenario;
mod script;

pub use clock::VirtualClock;
pub use mock::{Answer, Asked, MockError};
#[doc(hidden)]
pub use mock::{Outcome, Route, Told, described, followed};
pub use sample::Sample;
#[doc(hidden)]
pub use sample::{Examples, Hint, member};
pub use script::{RecordedRequest, Script, ScriptReply};
