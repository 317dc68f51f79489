//! Warnings about what nothing refers to: mostly a name that was mistyped elsewhere.
//! Assumes that every name was resolved, so that whatever no position points at is unused. Must not
//! find errors: a description with all of these still generates.

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Method, Name, Origin};

use super::reach::{self, Types};
use super::{place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    if walk::methods(api).is_empty() {
        // Then nothing can be used, and saying so once is enough.
        let message = format!("the API `{}` has no methods", api.name);
        let help = "write `resources: {users: {path: /users, methods: [list, get]}}`";
        diagnostics.push(Diagnostic::new("W006", &place::of(&api.origin), message).help(help));
        return;
    }
    for resource in walk::resources(api) {
        if resource.methods.is_empty() && resource.children.is_empty() {
            let message = format!(
                "the resource `{}` has neither methods nor children",
                resource.name.wire
            );
            let found = Diagnostic::new("W006", &place::of(&resource.origin), message);
            diagnostics.push(found.help("list its `methods`, or remove it"));
        }
    }
    check_types(api, diagnostics);
    check_policies(api, diagnostics);
}

fn warn(
    code: &'static str,
    what: &str,
    name: &str,
    help: &str,
    origin: &Origin,
    diagnostics: &mut Diagnostics,
) {
    let message = format!("nothing uses the {what} `{name}`");
    diagnostics.push(Diagnostic::new(code, &place::of(origin), message).help(help));
}

fn check_types(api: &Api, diagnostics: &mut Diagnostics) {
    let reached = reach::reached(api, &Types::of(api));
    for described in &api.types {
        let name = described.name.wire.as_str();
        if !reached.contains(name) {
            warn(
                "W001",
                "type",
                name,
                "refer to it, or remove it",
                &described.origin,
                diagnostics,
            );
        }
    }
}

/// Positions that some method refers to, in a list of the API.
fn used(api: &Api, of: impl Fn(&Method) -> Vec<usize>) -> BTreeSet<usize> {
    let methods = walk::methods(api).into_iter();
    methods.flat_map(|(_, method)| of(method)).collect()
}

fn check_policies(api: &Api, diagnostics: &mut Diagnostics) {
    let mut check = |code, what, used: &BTreeSet<usize>, list: Vec<(&Name, &Origin)>, help| {
        for (index, (name, origin)) in list.into_iter().enumerate() {
            if !used.contains(&index) {
                warn(code, what, &name.wire, help, origin, diagnostics);
            }
        }
    };
    let pages = used(api, |method| method.page.into_iter().collect());
    let list = api
        .pages
        .iter()
        .map(|policy| (&policy.name, &policy.origin));
    let help = "write `page: <name>` in a method or in `defaults.methods.list`, or remove it";
    check("W002", "page policy", &pages, list.collect(), help);

    let locks = used(api, |method| method.lock.into_iter().collect());
    let list = api.locks.iter().map(|lock| (&lock.name, &lock.origin));
    let help = "write `lock: <name>` in a method or in `defaults.methods.get`, or remove it";
    check("W002", "lock", &locks, list.collect(), help);

    let retries = used(api, |method| method.retry.into_iter().collect());
    let list = api
        .retries
        .iter()
        .map(|policy| (&policy.name, &policy.origin));
    let help = "write `retry: <name>` in a method or in `defaults`, or remove it";
    check("W002", "retry policy", &retries, list.collect(), help);

    let buckets = used(api, |method| {
        method.charges.iter().map(|charge| charge.bucket).collect()
    });
    let list = api
        .buckets
        .iter()
        .map(|bucket| (&bucket.name, &bucket.origin));
    let help = "write `limit: [<name>]` in a method or in `defaults`, or remove it";
    check("W003", "bucket", &buckets, list.collect(), help);

    let cases = used(api, |method| method.cases.clone());
    let list = api.cases.iter().map(|case| (&case.name, &case.origin));
    let help = "write `cases: [<name>]` in a method or in `defaults`, or remove it";
    check("W004", "error case", &cases, list.collect(), help);

    let credentials = used(api, |method| {
        method.security.iter().flatten().copied().collect()
    });
    let list = api
        .credentials
        .iter()
        .map(|credential| (&credential.name, &credential.origin));
    let help = "write `security: [[<name>]]` at the top or in a method, or remove it";
    check("W005", "credential", &credentials, list.collect(), help);
}
