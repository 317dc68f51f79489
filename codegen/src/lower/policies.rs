//! The policies of an API, in the order of the file, and how methods find them by name.
//! Assumes the catalogue and the conventions; keeps the order of the file, because methods refer to
//! policies by position. Must not sort or drop one: positions would then point at others.

use crate::diagnostics::Diagnostics;
use crate::document::{self, Spanned};
use crate::model::{
    Bucket, Case, ClientParam, Concurrency, Credential, Environment, Errors, Hint, IdempotencyKey,
    Lock, Name, Paging, Refusal, Retry,
};

use super::catalogue::Catalogue;
use super::conventions::Conventions;
use super::naming::unknown;
use super::{client, constants, credentials, errors, limits, pages, refusals, retries, writes};

/// Everything that methods refer to by name or that holds for all of them.
pub(super) struct Policies {
    pub(super) environments: Vec<Environment>,
    pub(super) client: Vec<ClientParam>,
    pub(super) credentials: Vec<Credential>,
    pub(super) security: Vec<Vec<usize>>,
    pub(super) buckets: Vec<Bucket>,
    pub(super) refusal: Option<Refusal>,
    pub(super) concurrency: Option<Concurrency>,
    pub(super) hints: Vec<Hint>,
    pub(super) retries: Vec<Retry>,
    pub(super) pages: Vec<Paging>,
    pub(super) locks: Vec<Lock>,
    pub(super) keys: Vec<IdempotencyKey>,
    pub(super) errors: Errors,
    pub(super) cases: Vec<Case>,
}

pub(super) fn lower(
    api: &document::Api,
    conventions: &Conventions,
    types: &mut Catalogue,
    diagnostics: &mut Diagnostics,
) -> Policies {
    let client = client::lower_params(api, conventions, types, diagnostics);
    let credentials = credentials::lower(api, diagnostics);
    let buckets = limits::lower_buckets(api, &client, diagnostics);
    let security = match api.security.as_ref().map(|security| &security.value) {
        Some(document::OrNone::Some(security)) => {
            self::security(&credentials, security, diagnostics)
        }
        Some(document::OrNone::None) | None => Vec::new(),
    };
    let cases = errors::lower_cases(api, conventions, types, diagnostics);
    let policies = Policies {
        environments: client::lower_environments(api),
        client,
        credentials,
        security,
        buckets,
        refusal: refusals::lower(api, diagnostics),
        concurrency: limits::lower_concurrency(api, diagnostics),
        hints: limits::lower_hints(api, diagnostics),
        retries: retries::lower(api, diagnostics),
        pages: pages::lower(api, conventions, diagnostics),
        errors: errors::lower(api),
        locks: writes::lower_locks(api, &cases, diagnostics),
        keys: writes::lower_keys(api),
        cases,
    };
    client::check_setters(api, diagnostics);
    constants::check_policies(api, diagnostics);
    policies
}

/// Alternatives of credentials by their positions; unknown ones are left out.
pub(super) fn security(
    credentials: &[Credential],
    written: &document::Security,
    diagnostics: &mut Diagnostics,
) -> Vec<Vec<usize>> {
    let mut alternatives = Vec::with_capacity(written.alternatives.len());
    for together in &written.alternatives {
        let names = credentials.iter().map(|credential| &credential.name);
        let found = together.value.iter();
        alternatives.push(
            found
                .filter_map(|name| find(names.clone(), "a credential", name, diagnostics))
                .collect(),
        );
    }
    alternatives
}

/// The position of the policy of this name.
pub(super) fn find<'a>(
    names: impl Iterator<Item = &'a Name> + Clone,
    what: &str,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let found = names.clone().position(|known| known.wire == name.value);
    if found.is_none() {
        diagnostics.push(unknown(
            "E041",
            what,
            name,
            names.map(|known| known.wire.as_str()),
        ));
    }
    found
}
