//! A description as its author wrote it: strings, optional keys, in the order of the file.
//!
//! Only alternatives that mean the same are joined here (a short and a long form). Names are not
//! resolved, defaults are not inherited, and nothing is checked that needs a second value.

mod auth;
mod common;
mod expression;
mod files;
mod limits;
mod many;
mod methods;
mod names;
mod pages;
mod places;
mod policies;
mod read;
mod resources;
mod scalars;
mod scenarios;
mod schema;
pub(crate) mod types;
mod webhooks;
mod words;
mod writes;

pub(crate) use auth::*;
pub(crate) use common::*;
pub(crate) use files::group;
#[cfg(test)]
pub(crate) use files::read;
pub(crate) use limits::*;
pub(crate) use methods::*;
pub(crate) use names::*;
pub(crate) use pages::*;
pub(crate) use places::*;
pub(crate) use policies::*;
pub(crate) use resources::*;
pub(crate) use scalars::{Literal, Numeral, parse_duration};
pub(crate) use scenarios::*;
pub(crate) use schema::editor_schema;
pub(crate) use types::*;
pub(crate) use webhooks::*;
pub(crate) use words::*;
pub(crate) use writes::*;

use crate::diagnostics::Place;
use read::{document, plain_documents};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

document! {
    /// An API.
    struct Api {
        /// The edition of the language.
        etiquette: required Spanned<u64>,
        /// Its name, which is also that of its file or folder.
        api: required Spanned<String>,
        /// What it is called.
        title: optional Spanned<String>,
        /// Which version of it is described.
        version: optional Spanned<String>,
        /// What it is.
        doc: optional Spanned<String>,
        /// Where it is served.
        environments: required Spanned<Named<Environment>>,
        /// Parameters that are given once.
        client: many Named<ClientParameter>,
        /// Credentials.
        auth: many Named<Auth>,
        /// Which credentials a call needs.
        security: optional Spanned<OrNone<Security>>,
        /// Conventions of the wire.
        wire: optional Wire,
        /// Where the part of a body that matters stands.
        envelope: optional Envelope,
        /// Versions by which writes avoid overwriting what they have not seen.
        locks: many Named<Lock>,
        /// How filters are written.
        filters: many Named<FilterStyle>,
        /// How it pages.
        page: many Named<Page>,
        /// What errors look like.
        errors: optional Errors,
        /// When calls are sent again.
        retry: many Named<Retry>,
        /// How fast it may be called.
        limits: optional Limits,
        /// What all methods inherit.
        defaults: optional Defaults,
        /// Its types.
        types: many Types,
        /// Its resources.
        resources: many Named<Spanned<Resource>>,
        /// What it sends by itself.
        webhooks: many Named<Webhook>,
        /// What its clients do when it behaves in one certain way.
        scenarios: many Vec<Spanned<Scenario>>,
        /// Facts and open questions.
        notes: many Vec<Note>,
        /// Warnings that are allowed.
        allow: many Vec<Allow>,
    }
}

plain_documents! { Api }

#[cfg(test)]
mod tests;
