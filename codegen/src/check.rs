//! Rules that a model has to keep so that it can be generated and will behave.
//!
//! Reads the model, changes nothing and only adds findings: what passes here, an emitter can emit.
//! Names and references are resolved already; whatever needs the document is lowering's to refuse.

mod addresses;
mod bodies;
mod failures;
mod headers;
mod limits;
mod literals;
mod objects;
mod pages;
mod parameters;
mod paths;
mod place;
mod reach;
mod retries;
mod secrets;
mod times;
mod types;
mod unused;
mod walk;

use crate::diagnostics::Diagnostics;
use crate::model;

/// Adds what is wrong with the APIs, and what is worth knowing about them.
pub(crate) fn check(apis: &[model::Api], diagnostics: &mut Diagnostics) {
    for api in apis {
        addresses::check(api, diagnostics);
        paths::check(api, diagnostics);
        parameters::check(api, diagnostics);
        bodies::check(api, diagnostics);
        limits::check(api, diagnostics);
        retries::check(api, diagnostics);
        pages::check(api, diagnostics);
        failures::check(api, diagnostics);
        types::check(api, diagnostics);
        objects::check(api, diagnostics);
        secrets::check(api, diagnostics);
        // What a broken reference leaves unused is not worth a second finding.
        if !diagnostics.has_errors() {
            unused::check(api, diagnostics);
        }
    }
}
