//! Scenarios as written: a call, the answers of a server, and what is expected of the client.
//! Values are in wire form and have no type yet. Must not look for what they name: lowering does.

use std::time::Duration;

use super::Spanned;
use super::names::{Entries, Named, WireKey};
use super::places::RequestPlace;
use super::read::{document, plain_documents};
use super::scalars::Literal;
use super::words::{ErrorKind, ExpectedVerb};

/// Texts and numbers under names of the API.
pub(crate) type Pairs = Entries<WireKey, Spanned<Literal>>;

document! {
    /// What a client does when the API behaves in one certain way.
    struct Scenario {
        /// What it shows.
        name: required Spanned<String>,
        /// Parameters of the client.
        client: many Named<Spanned<Literal>>,
        /// The method with its arguments.
        call: required Spanned<Entries<WireKey, Pairs>>,
        /// All pages are walked.
        walk: optional Spanned<bool>,
        /// How often the call is made at once.
        times: optional Spanned<u64>,
        /// What the server answers, one request after the other.
        replies: required Spanned<Vec<Spanned<ScenarioReply>>>,
        /// What has to come of it.
        then: required Spanned<ScenarioEnd>,
    }

    /// What the server does with a request.
    struct ScenarioReply {
        /// How many requests are answered so.
        times: optional Spanned<u64>,
        /// The status.
        status: optional Spanned<u16>,
        /// Its headers.
        headers: many Pairs,
        /// A JSON body.
        json: optional Spanned<Literal>,
        /// A plain body.
        text: optional Spanned<String>,
        /// Nothing comes back ever.
        stall: optional Spanned<bool>,
        /// The connection breaks before the answer.
        reset: optional Spanned<bool>,
        /// What is expected of the request.
        expect: optional ScenarioExpect,
    }

    /// What is expected of a request.
    struct ScenarioExpect {
        /// It does not arrive before so much time has passed.
        not_before: optional Spanned<Duration>,
        /// It does not arrive after that.
        not_after: optional Spanned<Duration>,
        /// The verb.
        method: optional Spanned<ExpectedVerb>,
        /// The path below the environment's URL.
        path: optional Spanned<String>,
        /// Query parameters.
        query: many Pairs,
        /// Headers.
        headers: many Pairs,
        /// The whole body.
        body: optional Spanned<Literal>,
        /// Places that hold the same as in the request before.
        same: many Vec<Spanned<RequestPlace>>,
    }

    /// What has to come of a scenario.
    struct ScenarioEnd {
        /// Each call ends well.
        ok: optional Spanned<bool>,
        /// Each call ends with this kind of error.
        error: optional Spanned<ErrorKind>,
        /// How many requests arrive.
        requests: optional Spanned<u64>,
        /// How many items come.
        items: optional Spanned<u64>,
    }
}

plain_documents! { Scenario ScenarioReply ScenarioExpect ScenarioEnd }
