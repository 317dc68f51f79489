//! Exchanges: one call of an operation with values in wire form, what arrived for it, and its decoded answer as JSON.
//! The tables of mocks say how each operation is called; conformance vectors are held against what comes out.
//!
//! Assumes that the given values fit the operation. Must not judge, and goes through the pipeline of every request.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::mock::Outcome;
use super::scenario::{client, is_for_a_token, token};
use super::{RecordedRequest, Script, ScriptReply, VirtualClock};
use crate::call::Call;
use crate::client::Core;
use crate::decode::Pointer;
use crate::encode::Param;
use crate::error::{Error, Kind, Result};
use crate::operation::Operation;
use crate::page::ListCall;
use crate::record::Out;
use crate::request::Request;
use crate::transport::BoxFuture;
use crate::value::Json;

/// How an operation is called.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// What is called.
    pub operation: &'static Operation,
    /// Where the value stands in the body that is sent.
    pub within: Pointer<'static>,
    /// Sends, and decodes as the operation's own function does.
    pub send: fn(Request) -> Exchanging,
}

/// What a call is given, by wire names and without encoding.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Parameters of the client.
    pub client: Vec<(String, String)>,
    /// The keys of the path, outermost first.
    pub keys: Vec<String>,
    /// Query parameters, filters among them.
    pub query: Vec<(String, String)>,
    /// Query parameters that have no value.
    pub flags: Vec<String>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The first position of a list.
    pub start: Option<u64>,
    /// The first position of a list that is walked by texts.
    pub cursor: Option<String>,
    /// The size of a page.
    pub size: Option<u64>,
    /// The version that a write names.
    pub version: Option<String>,
    /// The body, without what the operation wraps it in.
    pub body: Option<Json>,
}

/// What came of an exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// All requests but those for tokens.
    pub requests: Vec<RecordedRequest>,
    /// The decoded answer, serialized again; a page is the list of its items.
    pub result: Result<Json>,
}

/// A call under way.
pub struct Exchanging(BoxFuture<'static, Result<Json>>);

impl fmt::Debug for Exchanging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanging").finish_non_exhaustive()
    }
}

impl Exchanging {
    /// One value.
    #[must_use]
    pub fn of<T: Serialize + Send + 'static>(call: Call<T>) -> Exchanging {
        Exchanging(Box::pin(async move { again(&call.await?) }))
    }

    /// One page.
    #[must_use]
    pub fn page<T: DeserializeOwned + Serialize + Send + 'static>(call: ListCall<T>) -> Exchanging {
        Exchanging(Box::pin(async move { again(&call.await?.items) }))
    }

    /// One of several, by status.
    #[must_use]
    pub fn outcome<T: Outcome + Send + 'static>(call: Call<T>) -> Exchanging {
        Exchanging(Box::pin(async move {
            let outcome = call.await?;
            let Some((_, value)) = outcome.told().1 else {
                return Ok(Json::Null);
            };
            let mut out = Out::new();
            value.write(&mut out);
            let text = out.finish().map_err(unsaid)?;
            serde_json::from_slice(&text).map_err(unsaid)
        }))
    }

    /// Bytes, as text.
    #[must_use]
    pub fn bytes(call: Call<Bytes>) -> Exchanging {
        Exchanging(Box::pin(async move {
            let bytes = call.await?;
            Ok(String::from_utf8_lossy(&bytes).into_owned().into())
        }))
    }
}

fn again(value: &impl Serialize) -> Result<Json> {
    serde_json::to_value(value).map_err(unsaid)
}

/// A decoded value that has no form in JSON.
fn unsaid(error: impl fmt::Display) -> Error {
    Error::new(Kind::Parameter, error.to_string())
}

impl Exchange {
    /// Makes the call in virtual time; each request gets the same reply.
    ///
    /// # Errors
    ///
    /// The client cannot be made.
    pub fn run(&self, given: &Given, reply: &ScriptReply) -> Result<Exchanged> {
        let api = self.operation.api;
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let reply = reply.clone();
        script.respond_with(move |request| {
            if is_for_a_token(api, request) {
                token()
            } else {
                reply.clone()
            }
        });
        let params: Vec<_> = given.client.iter().map(pair).collect();
        let (core, _) = client(api, &params, &[], &script, &clock)?;
        let call = (self.send)(self.request(given, &core));
        let result = clock.run(call.0);
        let mut requests = script.requests();
        requests.retain(|request| !is_for_a_token(api, request));
        Ok(Exchanged { requests, result })
    }

    fn request(&self, given: &Given, core: &Core) -> Request {
        let mut request = Request::new(core, self.operation);
        for key in &given.keys {
            request = request.key(key as &dyn Param);
        }
        for (name, value) in &given.query {
            request.query(name, value as &dyn Param);
        }
        for name in &given.flags {
            request.flag(name, true);
        }
        for (name, value) in &given.headers {
            request.header(name, value as &dyn Param);
        }
        if let Some(start) = given.start {
            request.start(start);
        }
        if let Some(cursor) = &given.cursor {
            request.cursor(cursor);
        }
        if let Some(size) = given.size {
            request.size(size);
        }
        request.asked.version = given.version.as_deref().map(Into::into);
        match &given.body {
            Some(body) => request.json_at(self.within, body),
            None => request,
        }
    }
}

fn pair((name, value): &(String, String)) -> (&str, &str) {
    (name, value)
}
