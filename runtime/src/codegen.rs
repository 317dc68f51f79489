//! The whole vocabulary of generated code. Nobody else names it, and it promises nothing between versions.
//! Must not define anything: it only names what lives elsewhere.

pub use std::collections::BTreeMap;
pub use std::ops::RangeBounds;
pub use std::time::Duration;

pub use bytes::Bytes;
pub use http::StatusCode;
pub use jiff::civil::{Date, DateTime, Time};
pub use jiff::{SignedDuration, Timestamp, Zoned};
pub use serde;

pub use crate::auth::{CredentialSource, CredentialValue};
#[cfg(feature = "oauth2")]
pub use crate::auth::{ImplicitLogin, Login, OAuthClient};
pub use crate::cache::Cache;
pub use crate::call::{
    Applying, BulkWrite, Filtered, HasFilter, Plan, Planning, Polling, Unfiltered,
};
pub use crate::call::{
    ByStatus, Call, NotThat, PendingReply, Reconciled, Reconciling, is_fault, unlisted, whole,
};
pub use crate::client::{Builder, Core, Setting};
pub use crate::clock::{Clock, Spawn};
pub use crate::download::{Download, Downloading};
pub use crate::encode::{AsJson, BadValue, Digits, Param, key_text, name_with};
pub use crate::error::{Error, Kind, Result};
pub use crate::events::Event;
pub use crate::follow::{Follow, Following};
pub use crate::format::{
    EpochMillis, EpochSeconds, Format, Forms, Millis, Naive, NaiveUtc, OffsetNoColon, Rfc3339,
    Seconds, Space, Text,
};
pub use crate::limit::{Limits, LimitsSnapshot};
pub use crate::operation::{
    Api, Authorize, Bucket, Charge, ClientParam, Concurrency, Credential, CredentialKind, Effect,
    ErrorShape, Hold, IdempotencyKey, Learn, Lock, Messages, OAuth2, Operation, Paging, PagingKind,
    Place, PollUntil, RateLimitFields, Reconcile, Refusal, Replay, ReplayMeans, Retry, Scope,
    SendAt, Stop, Then, TokenPlace, Unit, Verb, Wait, Window,
};
#[cfg(feature = "webhooks")]
pub use crate::operation::{WebhookEncoding, WebhookProof, WebhookTable};
pub use crate::page::{Checkpoint, Estimate, Items, ListCall, Page, Pages};
#[cfg(feature = "export")]
pub use crate::page::{Export, ExportReport};
pub use crate::patch::Patch;
pub use crate::record::{Out, Read, Write};
pub use crate::request::Request;
pub use crate::response::Reply;
#[cfg(feature = "testing")]
pub use crate::testing::scenario::{
    Scenario, ScenarioEnd, ScenarioExpect, ScenarioReply, ScenarioRun,
};
pub use crate::transport::Transport;
pub use crate::upload::{Multipart, Upload};
pub use crate::value::{
    Base64, Decimal, Json, SecretString, UnknownObject, UnknownValue, Url, Uuid,
};
#[cfg(feature = "webhooks")]
pub use crate::webhook::{Delivery, WebhookError, WebhookEvent, WebhookVerifier};
#[cfg(feature = "webhooks")]
pub use http::HeaderMap;
