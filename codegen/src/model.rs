//! The model: what a description means. Resolved, complete, ordered, plain data.
//!
//! Lowering makes it, checks read it, emitters and the diff answer from it. Nothing here computes,
//! nothing here knows YAML or Rust tokens; every `rust` string is an identifier that `names` made.

use std::fmt;
use std::sync::Arc;

pub mod api;
pub mod many;
pub mod method;
pub mod page;
pub mod policy;
pub mod scenario;
pub mod types;
pub mod webhook;
pub mod write;

pub use api::{
    Api, Authorize, ClientParam, Common, Credential, CredentialKind, Environment,
    EnvironmentVariable, Grant, Note, OAuth2, Resource, TokenPlace, WireStyle,
};
pub use many::Poll;
pub use method::{
    Answer, Argument, ArgumentKind, Body, BoolStyle, Effect, Filter, FilterOp, Follow, ListStyle,
    Mask, Method, Outcome, ParamPlace, Plain, Verb,
};
pub use page::{Paging, PagingKind, Stop};
pub use policy::{
    Backoff, Bucket, Case, Charge, Concurrency, ErrorShape, Errors, Failure, Halve, Hint, Learn,
    Messages, Number, Place, RateLimitPolicy, Reference, Refusal, Reset, Retry, Scope, SendAt,
    Unit, WaitSource, Window,
};
pub use scenario::{Scenario, ScenarioCall, ScenarioExpect, ScenarioReply};
pub use types::{
    Access, AliasType, Constructor, Discriminator, Dynamic, EnumType, EnumValue, Field, Format,
    Forms, Home, How, Item, JsonKind, Member, Moment, ObjectType, Shape, Struct, Ty, Type,
    TypeKind, UnionType, Variant, Zone,
};
pub use webhook::{Content, Proof, Webhook, WebhookEvent};
pub use write::{IdempotencyKey, Lock, Reconcile, Replay};

/// Where something was written, for checks and reports. Shows itself as `path:line:column`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file, `schema/users.yaml`; shared by all that stands in it.
    pub path: Arc<str>,
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub width: usize,
    /// `resources.users.methods.list`.
    pub yaml_path: String,
    /// The line itself, for the marked copy in a diagnostic; a whole description may be one line.
    pub source_line: Arc<str>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// A name on the wire and its name in Rust. Shows itself as `"wire" as Rust`.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    /// As sent and received.
    pub wire: String,
    /// A valid identifier in the casing of its position, keywords with a trailing `_`.
    pub rust: String,
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} as {}", self.wire, self.rust)
    }
}

/// Words for people, screened and normalised: no fences, no HTML, LF only. Empty if there are none.
/// Shows itself on one line, without what it does not say.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Doc {
    /// Plain text; emitters escape it for rustdoc.
    pub text: String,
    /// Whether and how sure the fact is.
    pub trust: Trust,
    /// Where the fact was read, if said.
    pub source: Option<String>,
    /// The reason, if it should no longer be used.
    pub deprecated: Option<String>,
}

impl fmt::Debug for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)?;
        if self.trust != Trust::Documented {
            write!(f, " ({:?})", self.trust)?;
        }
        if let Some(source) = &self.source {
            write!(f, " from {source:?}")?;
        }
        if let Some(reason) = &self.deprecated {
            write!(f, " deprecated {reason:?}")?;
        }
        Ok(())
    }
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The vendor's documentation says so.
    #[default]
    Documented,
    /// Seen in practice.
    Observed,
    /// Nobody says so; we assume it.
    Assumed,
    /// An open question.
    Unknown,
}
