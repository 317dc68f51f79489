//! Names of statics: policies in the API's file, one row of the operation table for each method.
//! Assumes that methods have their final names in Rust. Must not rename a policy, since people find
//! its static by the name in the description: two that collide are an error.

use crate::diagnostics::Diagnostics;
use crate::document::{self, Spanned};
use crate::names;

use super::naming::Taken;
use super::resources::Node;

/// Statics that are not a method's, in the files where rows of the operation table stand. Those of
/// policies, and of URLs that are followed, end in what they are.
const OURS: &[&str] = &["API", "CONCURRENCY", "READ", "REFUSAL"];
const ENDINGS: &[&str] = &[
    "_BUCKET",
    "_CREDENTIAL",
    "_FOLLOW",
    "_KEY",
    "_LOCK",
    "_OAUTH",
    "_PAGES",
    "_PARAM",
    "_RETRY",
];

/// Names the row of each method.
pub(super) fn name_operations(nodes: &mut [Node]) {
    for node in nodes {
        for lowered in &mut node.methods {
            let name = names::constant_name(lowered.method.name.rust.trim_end_matches('_'));
            let ours = OURS.contains(&name.as_str())
                || ENDINGS.iter().any(|ending| name.ends_with(ending));
            lowered.method.constant = if ours { name + "_CALL" } else { name };
        }
        name_operations(&mut node.children);
    }
}

/// Policies of one kind whose constants would be the same.
pub(super) fn check_policies(api: &document::Api, diagnostics: &mut Diagnostics) {
    check(
        "the credential",
        api.auth.iter().map(|(name, _)| name),
        diagnostics,
    );
    check(
        "the client's parameter",
        api.client.iter().map(|(name, _)| name),
        diagnostics,
    );
    let buckets = api.limits.iter().flat_map(|limits| &limits.buckets);
    check("the bucket", buckets.map(|(name, _)| name), diagnostics);
    check(
        "the retry policy",
        api.retry.iter().map(|(name, _)| name),
        diagnostics,
    );
    check(
        "the page policy",
        api.page.iter().map(|(name, _)| name),
        diagnostics,
    );
    check(
        "the lock",
        api.locks.iter().map(|(name, _)| name),
        diagnostics,
    );
}

fn check<'d>(
    what: &str,
    names: impl Iterator<Item = &'d Spanned<String>>,
    diagnostics: &mut Diagnostics,
) {
    let mut taken = Taken::default();
    for name in names {
        let rust = names::constant_name(&name.value);
        let what = format!("{what} `{}`", name.value);
        taken.take_or(
            &rust,
            &name.place,
            &what,
            "give one of them another name",
            diagnostics,
        );
    }
}
