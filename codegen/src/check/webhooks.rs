//! Webhooks: the header of their proof, what stands before it, and where the secret is kept.
//!
//! What belongs together was judged when they were lowered.

use crate::diagnostics::Diagnostics;
use crate::model::{Api, Proof, Webhook};

use super::{credentials, headers};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for webhook in &api.webhooks {
        check_webhook(api, webhook, diagnostics);
    }
}

fn check_webhook(api: &Api, webhook: &Webhook, diagnostics: &mut Diagnostics) {
    let origin = &webhook.origin;
    headers::check_credential_name(&webhook.header, origin, diagnostics);
    if let Proof::HmacSha256 { prefix, .. } = &webhook.proof {
        headers::check_prefix(prefix, &webhook.name.wire, origin, diagnostics);
    }
    let of_credential = webhook
        .credential
        .and_then(|at| api.credentials.get(at)?.env.as_ref());
    // A credential's own variable was looked at there.
    if let Some(env) = webhook
        .env
        .as_ref()
        .filter(|env| Some(*env) != of_credential)
    {
        credentials::check_env(env, origin, diagnostics);
    }
}
