//! Scenarios: what a client does when an API behaves in one certain way, as a table and as a test.
//!
//! A scenario names a row of the operation table, what the call is given, how the server answers, and what has to come
//! of it. It runs over [`Script`] in virtual time through the pipeline that every request takes. Must not soften any
//! policy, and knows no API by name.

mod judge;
mod server;

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{Script, VirtualClock};
use crate::auth::CredentialSource;
use crate::call::Call;
use crate::client::{Builder, Core};
use crate::encode::Param;
use crate::error::{Error, Kind, Result};
use crate::limit::Limits;
use crate::operation::{Api, Credential, CredentialKind, Operation, Place, SendAt, Unit};
use crate::page::ListCall;
use crate::request::Request;
use crate::transport::BoxFuture;
use crate::value::Json;
pub(super) use judge::{decode as decode_text, query_pairs};
use server::Server;
pub(super) use server::{is_for_a_token, token};

/// The value of every credential: no word that a message could have, since it is taken out of messages.
const CREDENTIAL: &str = "scenario-credential";
/// The value of a variable of the base URL that has no default.
const VARIABLE: &str = "scenario";

/// One scenario. Values are as they stand on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it shows, in words.
    pub name: &'static str,
    /// What is called.
    pub operation: &'static Operation,
    /// Client parameters by their names in the description; the others are not set.
    pub client: &'static [(&'static str, &'static str)],
    /// Slots that somebody else has used: a bucket's name and how many.
    pub used: &'static [(&'static str, u32)],
    /// The keys of the path, outermost first.
    pub keys: &'static [&'static str],
    /// Query parameters, filters among them, unencoded.
    pub query: &'static [(&'static str, &'static str)],
    /// Query parameters that have no value.
    pub flags: &'static [&'static str],
    /// Headers of the call.
    pub headers: &'static [(&'static str, &'static str)],
    /// The first position of a list.
    pub start: Option<u64>,
    /// The first position of a list that is walked by texts.
    pub cursor: Option<&'static str>,
    /// The size of a page.
    pub size: Option<u64>,
    /// The version that a write names.
    pub version: Option<&'static str>,
    /// The body as JSON, without what the operation wraps it in.
    pub body: Option<&'static str>,
    /// How often the call is made, each time at once.
    pub times: usize,
    /// Encodes the body, sends, and decodes as the operation's own function does.
    pub send: fn(Request, &Json) -> ScenarioRun,
    /// What the server answers, in the order in which requests arrive. A request beyond them is a failure.
    pub replies: &'static [ScenarioReply],
    /// What has to come of it.
    pub then: ScenarioEnd,
}

impl Scenario {
    /// A call of nothing; tables name what differs.
    pub const NEW: Scenario = Scenario {
        name: "",
        operation: &Operation::NEW,
        client: &[],
        used: &[],
        keys: &[],
        query: &[],
        flags: &[],
        headers: &[],
        start: None,
        cursor: None,
        size: None,
        version: None,
        body: None,
        times: 1,
        send: |request, _| ScenarioRun::of(request.call_empty()),
        replies: &[],
        then: ScenarioEnd::NEW,
    };
}

/// What the server does with one request, or with several.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioReply {
    /// How many requests are answered so.
    pub times: usize,
    /// The status.
    pub status: u16,
    /// Headers, as they are sent.
    pub headers: &'static [(&'static str, &'static str)],
    /// A JSON text as the body.
    pub json: Option<&'static str>,
    /// A plain text as the body.
    pub text: Option<&'static str>,
    /// Times that the answer tells: where, how long from the answer, and in what unit.
    pub later: &'static [(Place, Duration, Unit)],
    /// The request is carried out, and nothing comes back ever.
    pub stall: bool,
    /// The request is carried out, and the connection breaks before the answer.
    pub reset: bool,
    /// What is expected of the request.
    pub expect: ScenarioExpect,
}

impl ScenarioReply {
    /// An empty 200; tables name what differs.
    pub const NEW: ScenarioReply = ScenarioReply {
        times: 1,
        status: 200,
        headers: &[],
        json: None,
        text: None,
        later: &[],
        stall: false,
        reset: false,
        expect: ScenarioExpect::NEW,
    };
}

/// What is expected of a request.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioExpect {
    /// It does not arrive before so much time of the scenario has passed.
    pub not_before: Option<Duration>,
    /// It does not arrive after that.
    pub not_after: Option<Duration>,
    /// The verb.
    pub method: Option<&'static str>,
    /// The path below the base URL, encoded.
    pub path: Option<&'static str>,
    /// Query parameters, decoded; there may be others.
    pub query: &'static [(&'static str, &'static str)],
    /// Headers; there may be others.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body, as a JSON value.
    pub body: Option<&'static str>,
    /// Places that hold the same as in the request before.
    pub same: &'static [SendAt],
}

impl ScenarioExpect {
    /// Anything; tables name what differs.
    pub const NEW: ScenarioExpect = ScenarioExpect {
        not_before: None,
        not_after: None,
        method: None,
        path: None,
        query: &[],
        headers: &[],
        body: None,
        same: &[],
    };
}

/// What has to come of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioEnd {
    /// The kind of each call's error, by the name of [`Kind`]'s variant; none: each call ends well.
    pub error: Option<&'static str>,
    /// How many requests arrive.
    pub requests: usize,
    /// How many items a walk gives.
    pub items: Option<usize>,
}

impl ScenarioEnd {
    /// All is well after one request; tables name what differs.
    pub const NEW: ScenarioEnd = ScenarioEnd {
        error: None,
        requests: 1,
        items: None,
    };
}

/// A call under way; it ends with how many items it gave.
pub struct ScenarioRun(BoxFuture<'static, Result<usize>>);

impl ScenarioRun {
    /// Sends a call and decodes its answer.
    pub fn of<T: Send + 'static>(call: Call<T>) -> ScenarioRun {
        ScenarioRun(Box::pin(async move { call.await.map(|_| 1) }))
    }

    /// The text of a body that is no JSON.
    #[must_use]
    pub fn text(body: &Json) -> &str {
        body.as_str().unwrap_or_default()
    }

    /// Asks for one page.
    pub fn page<T: DeserializeOwned + Send + 'static>(call: ListCall<T>) -> ScenarioRun {
        ScenarioRun(Box::pin(
            async move { call.await.map(|page| page.items.len()) },
        ))
    }

    /// Walks through all pages.
    pub fn walk<T: DeserializeOwned + Send + 'static>(call: ListCall<T>) -> ScenarioRun {
        let mut pages = Box::pin(call.pages());
        let mut items = 0;
        ScenarioRun(Box::pin(poll_fn(move |cx| {
            loop {
                match futures_core::Stream::poll_next(pages.as_mut(), cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Some(Ok(page))) => items += page.items.len(),
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(None) => return Poll::Ready(Ok(items)),
                }
            }
        })))
    }
}

/// What went otherwise than a scenario says: its name, and each difference with the number of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFailure {
    /// `users`.
    pub api: &'static str,
    /// The scenario.
    pub name: &'static str,
    /// What was expected and what came, one sentence each.
    pub differences: Vec<String>,
}

impl fmt::Display for ScenarioFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.api, self.name)?;
        self.differences
            .iter()
            .try_for_each(|difference| write!(f, "\n    {difference}"))
    }
}

impl std::error::Error for ScenarioFailure {}

impl Scenario {
    /// Plays it in virtual time.
    ///
    /// # Errors
    ///
    /// All that went otherwise.
    pub fn run(&'static self) -> Result<(), ScenarioFailure> {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let server = Arc::new(Mutex::new(Server::new(self, clock.clone())));
        script.respond_with(move |request| {
            let mut server = server.lock().expect("a server answers one at a time");
            server.answer(request)
        });
        let differences = match client(self.operation.api, self.client, self.used, &script, &clock)
        {
            Ok((core, base)) => {
                let ended = clock.run(self.calls(&core));
                judge::judge(self, &base, &script.requests(), &ended)
            }
            Err(error) => vec![format!("the client cannot be made: {error}")],
        };
        if differences.is_empty() {
            return Ok(());
        }
        Err(ScenarioFailure {
            api: self.operation.api.name,
            name: self.name,
            differences,
        })
    }

    /// Makes all calls at once, and gives what became of each.
    async fn calls(&self, core: &Core) -> Vec<Result<usize>> {
        let body = self.body.map_or(Ok(Json::Null), serde_json::from_str);
        let body = body.unwrap_or_else(|error| panic!("the body of `{}`: {error}", self.name));
        let mut running: Vec<_> = (0..self.times)
            .map(|_| (Some((self.send)(self.request(core), &body).0), None))
            .collect();
        poll_fn(|cx| {
            for (call, ended) in &mut running {
                if let Some(future) = call
                    && let Poll::Ready(result) = future.as_mut().poll(cx)
                {
                    (*call, *ended) = (None, Some(result));
                }
            }
            if running.iter().any(|(call, _)| call.is_some()) {
                return Poll::Pending;
            }
            Poll::Ready(running.drain(..).filter_map(|(_, ended)| ended).collect())
        })
        .await
    }

    fn request(&self, core: &Core) -> Request {
        let mut request = Request::new(core, self.operation);
        for key in self.keys {
            request = request.key(key as &dyn Param);
        }
        for (name, value) in self.query {
            request.query(name, value as &dyn Param);
        }
        for name in self.flags {
            request.flag(name, true);
        }
        for (name, value) in self.headers {
            request.header(name, value as &dyn Param);
        }
        if let Some(start) = self.start {
            request.start(start);
        }
        if let Some(cursor) = self.cursor {
            request.cursor(&cursor);
        }
        if let Some(size) = self.size {
            request.size(size);
        }
        request.asked.version = self.version.map(Into::into);
        request
    }
}

/// A client that has all credentials and these parameters and of whose slots so many are used, and the path of its base
/// URL.
pub(super) fn client(
    api: &'static Api,
    params: &[(&str, &str)],
    used: &[(&str, u32)],
    script: &Script,
    clock: &VirtualClock,
) -> Result<(Core, String)> {
    let mut builder = Builder::new(api);
    for credential in api.credentials {
        builder.credential(credential, credential_of(credential));
    }
    for (name, default) in api.vars {
        if default.is_none() {
            builder.var(name, VARIABLE);
        }
    }
    for (name, value) in params {
        let known = api.client.iter().find(|param| param.name == *name);
        let Some(param) = known else {
            let text = format!("`{name}` is no parameter of the client");
            return Err(Error::new(Kind::Parameter, text));
        };
        builder.param(param, value as &dyn Param);
    }
    let limits = Limits::new();
    for (bucket, used) in used {
        limits.assume_used(&format!("{}.{bucket}", api.name), *used);
    }
    builder.limits(limits);
    builder.seed(7);
    builder.transport(script.clone());
    builder.clock(clock.clone());
    builder.spawn(clock.clone());
    let core = builder.build()?;
    let base = core.origin().path().to_owned();
    Ok((core, base))
}

/// Something that signs: no word that a message could have.
pub(super) fn credential_of(credential: &Credential) -> CredentialSource {
    match credential.kind {
        CredentialKind::Basic { user_only: false } => format!("{CREDENTIAL}:{CREDENTIAL}").into(),
        #[cfg(feature = "oauth2")]
        CredentialKind::ClientCredentials(_) => oauth_client().into(),
        #[cfg(feature = "oauth2")]
        CredentialKind::RefreshToken(_) => oauth_client().with_refresh_token(CREDENTIAL).into(),
        _ => CREDENTIAL.into(),
    }
}

/// What stands for a variable of the base URL that has no default.
pub(super) fn value_of_variable() -> &'static str {
    VARIABLE
}

#[cfg(feature = "oauth2")]
fn oauth_client() -> crate::auth::OAuthClient {
    crate::auth::OAuthClient::new(CREDENTIAL, CREDENTIAL)
}
