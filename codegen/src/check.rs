//! Rules that a model has to keep so that it can be generated and will behave.
//!
//! Reads the model, changes nothing and only adds findings: what passes here, an emitter can emit.
//! Names and references are resolved already; whatever needs the document is lowering's to refuse.

mod addresses;
mod bodies;
mod concurrency;
mod credentials;
mod encodings;
mod failures;
mod files;
mod headers;
mod limits;
mod literals;
mod many;
mod members;
mod objects;
mod pages;
mod parameters;
mod paths;
mod place;
mod reach;
mod retries;
mod secrets;
mod size;
mod streams;
mod times;
mod types;
mod unused;
mod walk;
mod webhooks;
mod writes;

use crate::diagnostics::Diagnostics;
use crate::model;

/// Adds what is wrong with the APIs, and what is worth knowing about them.
pub(crate) fn check(apis: &[model::Api], diagnostics: &mut Diagnostics) {
    for api in apis {
        addresses::check(api, diagnostics);
        credentials::check(api, diagnostics);
        webhooks::check(api, diagnostics);
        paths::check(api, diagnostics);
        parameters::check(api, diagnostics);
        bodies::check(api, diagnostics);
        encodings::check(api, diagnostics);
        files::check(api, diagnostics);
        streams::check(api, diagnostics);
        limits::check(api, diagnostics);
        concurrency::check(api, diagnostics);
        retries::check(api, diagnostics);
        pages::check(api, diagnostics);
        members::check(api, diagnostics);
        writes::check(api, diagnostics);
        many::check(api, diagnostics);
        failures::check(api, diagnostics);
        types::check(api, diagnostics);
        objects::check(api, diagnostics);
        secrets::check(api, diagnostics);
        size::check(api, diagnostics);
        // What a broken reference leaves unused is not worth a second finding.
        if !diagnostics.has_errors() {
            unused::check(api, diagnostics);
        }
    }
}
