//! The whole vocabulary of generated code. Nobody else names it, and it promises nothing between versions.
//! Must not define anything: it only names what lives elsewhere.

pub use std::collections::BTreeMap;
pub use std::ops::RangeBounds;
pub use std::time::Duration;

pub use http::StatusCode;
pub use jiff::civil::{Date, DateTime, Time};
pub use jiff::{SignedDuration, Timestamp};
pub use serde;

pub use crate::auth::{CredentialSource, CredentialValue};
pub use crate::cache::Cache;
pub use crate::call::{
    ByStatus, Call, NotThat, PendingReply, Reconciled, Reconciling, is_fault, unlisted, whole,
};
pub use crate::client::{Builder, Core, Setting};
pub use crate::clock::{Clock, Spawn};
pub use crate::encode::{AsJson, BadValue, Digits, Param, key_text};
pub use crate::error::{Error, Result};
pub use crate::events::Event;
pub use crate::format::{
    EpochMillis, EpochSeconds, Format, Millis, Naive, NaiveUtc, OffsetNoColon, Seconds, Space, Text,
};
pub use crate::limit::{Limits, LimitsSnapshot};
pub use crate::operation::{
    Api, Bucket, Charge, ClientParam, Concurrency, Credential, CredentialKind, Effect, ErrorShape,
    Hold, IdempotencyKey, Learn, Lock, Messages, OAuth2, Operation, Paging, PagingKind, Place,
    RateLimitFields, Reconcile, Refusal, Replay, ReplayMeans, Retry, Scope, SendAt, Stop, Then,
    TokenPlace, Unit, Verb, Wait, Window,
};
pub use crate::page::{Checkpoint, Estimate, Items, ListCall, Page, Pages};
pub use crate::patch::Patch;
pub use crate::record::{Out, Read, Write};
pub use crate::request::Request;
pub use crate::response::Reply;
pub use crate::transport::Transport;
pub use crate::value::{
    Base64, Decimal, Json, SecretString, UnknownObject, UnknownValue, Url, Uuid,
};
