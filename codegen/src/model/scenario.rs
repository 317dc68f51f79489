//! Scenarios: what is called, how the server answers, what has to come of it.
//!
//! Values are texts as they stand on the wire, JSON is printed already. A scenario that nobody wrote has no origin.

use super::{Origin, Place, SendAt, Unit};

/// One scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// What is called.
    pub call: ScenarioCall,
    /// Client parameters by their described names.
    pub client: Vec<(String, String)>,
    /// Slots that somebody else has used, by the bucket's described name.
    pub used: Vec<(String, u64)>,
    /// All pages are walked.
    pub walk: bool,
    /// How often the call is made at once.
    pub times: u64,
    /// In the order of requests.
    pub replies: Vec<ScenarioReply>,
    /// The kind of each call's error, as the runtime names it; `None`: each ends well.
    pub error: Option<String>,
    /// How many requests arrive.
    pub requests: u64,
    /// How many items come.
    pub items: Option<u64>,
    /// Where it is described.
    pub origin: Option<Origin>,
}

/// A call with its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioCall {
    /// `users.get`
    pub operation: String,
    /// The keys of the path, outermost first.
    pub keys: Vec<String>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Query parameters without a value.
    pub flags: Vec<String>,
    /// Headers, lower case.
    pub headers: Vec<(String, String)>,
    /// The first position of a list by number.
    pub start: Option<u64>,
    /// The first position of a list by a text.
    pub cursor: Option<String>,
    /// The size of a page.
    pub size: Option<u64>,
    /// The version that a write names.
    pub version: Option<String>,
    /// A JSON text: the value that the method wraps and encodes.
    pub body: Option<String>,
}

/// What the server does with a request.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioReply {
    /// How many requests are answered so.
    pub times: u64,
    /// The status.
    pub status: u16,
    /// Headers, lower case.
    pub headers: Vec<(String, String)>,
    /// A JSON body.
    pub json: Option<String>,
    /// A plain body.
    pub text: Option<String>,
    /// Times: where they stand, how many milliseconds from the answer, in what unit.
    pub later: Vec<(Place, u64, Unit)>,
    /// Nothing comes back ever.
    pub stall: bool,
    /// The connection breaks before the answer.
    pub reset: bool,
    /// What is expected of the request.
    pub expect: ScenarioExpect,
}

/// What is expected of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioExpect {
    /// Milliseconds from the scenario's beginning.
    pub not_before_ms: Option<u64>,
    /// Milliseconds from the scenario's beginning.
    pub not_after_ms: Option<u64>,
    /// The verb.
    pub method: Option<String>,
    /// The path below the base URL.
    pub path: Option<String>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Headers, lower case.
    pub headers: Vec<(String, String)>,
    /// A JSON text.
    pub body: Option<String>,
    /// Places that hold the same as in the request before.
    pub same: Vec<SendAt>,
}
