//! The hand-written half of an Etiquette client: transport, credentials, quota, retry, paging and errors.
//!
//! Generated crates are built on it and name it through `codegen` only. Nothing here knows an API, a field or a URL by
//! name: what an API is stands in the tables of [`operation`].

#![warn(missing_docs)]

mod auth;
mod cache;
mod call;
mod client;
pub mod clock;
#[doc(hidden)]
#[allow(
    missing_docs,
    reason = "it re-exports what is documented where it stands"
)]
pub mod codegen;
#[cfg(any(feature = "oauth2", feature = "webhooks"))]
mod compare;
mod decode;
mod download;
#[doc(hidden)]
pub mod encode;
mod error;
pub mod events;
mod follow;
#[doc(hidden)]
pub mod format;
mod limit;
#[doc(hidden)]
pub mod operation;
mod page;
#[doc(hidden)]
pub mod patch;
#[doc(hidden)]
pub mod record;
mod request;
mod response;
mod retry;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
mod upload;
pub mod value;
#[cfg(feature = "webhooks")]
mod webhook;

pub use auth::{CredentialProvider, CredentialSource, CredentialValue, Wanted};
#[cfg(feature = "oauth2")]
pub use auth::{
    FileTokenStore, ImplicitLogin, Login, OAuthClient, StoreError, StoreLock, StoredToken,
    TokenStore,
};
pub use cache::Cache;
pub use call::{
    Applying, Call, Filtered, PendingReply, Plan, Planning, Polling, Reconciled, Reconciling,
    Unfiltered,
};
pub use download::{Download, Downloading};
pub use error::{Error, Kind, Message, Result};
pub use follow::{Follow, Following};
pub use limit::{BucketSnapshot, ConcurrencySnapshot, Limits, LimitsSnapshot};
pub use page::{Checkpoint, Estimate, Items, ListCall, Page, Pages};
#[cfg(feature = "export")]
pub use page::{Export, ExportReport};
pub use patch::Patch;
pub use response::Reply;
pub use retry::Phase;
pub use upload::{Multipart, Upload};
#[cfg(feature = "webhooks")]
pub use webhook::{Age, Newest, WebhookError, WebhookFault};
