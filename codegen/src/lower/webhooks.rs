//! Webhooks: their proofs, the secrets behind them, and the types of what they hold.
//!
//! Two steps: types are asked for before objects are laid out, members are looked for when they are.
//! Must not judge headers, prefixes or variables: the checks do.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, ProofKey, ProofKind, SignatureDigits, Spanned};
use crate::model::{
    Api, Content, Credential, CredentialKind, How, Name, Proof, Shape, Struct, Ty, TypeKind,
    Webhook, WebhookEvent,
};
use crate::names;

use super::catalogue::{Catalogue, Mode};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::Taken;
use super::policies::find;
use super::types::variant_name;
use super::words;

pub(super) fn lower(
    api: &document::Api,
    conventions: &Conventions,
    credentials: &[Credential],
    types: &mut Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<Webhook> {
    let mut webhooks = Vec::with_capacity(api.webhooks.len());
    for (name, written) in &api.webhooks {
        let mut read = |text: &Spanned<String>, diagnostics: &mut Diagnostics| {
            let scalars = Scalars::usual(conventions.datetime_read);
            let expr = expressions::resolve(types, text, &scalars, diagnostics);
            types.require(&expr, Mode::Read, None)
        };
        let content = lower_content(name, written, &mut read, diagnostics);
        let verify = &written.verify.value;
        let credential = credential(verify, credentials, diagnostics);
        let of_credential = credential.and_then(|at| credentials.get(at)?.env.clone());
        let from = written
            .payload
            .as_ref()
            .and_then(|payload| payload.from.as_ref());
        webhooks.push(Webhook {
            name: Name {
                wire: name.value.clone(),
                rust: names::type_name(&name.value),
            },
            constant: names::constant_name(&name.value),
            header: verify.header.value.0.to_ascii_lowercase(),
            proof: lower_proof(verify, diagnostics),
            credential,
            env: verify
                .env
                .as_ref()
                .map(|env| env.value.clone())
                .or(of_credential),
            content,
            from: from.map(|from| from.value.0.clone()).unwrap_or_default(),
            newest: None,
            doc: words::judged(
                written.doc.as_ref(),
                written.trust.as_ref(),
                written.source.as_ref(),
            ),
            origin: words::origin(&name.place),
        });
    }
    webhooks
}

fn refuse(place: &Place, message: impl Into<String>, help: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::new("E120", place, message.into()).help(help));
}

fn lower_proof(verify: &document::WebhookProof, diagnostics: &mut Diagnostics) -> Proof {
    match verify.kind.value {
        ProofKind::HmacSha256 => Proof::HmacSha256 {
            in_base64: match &verify.encoding {
                Some(digits) => digits.value == SignatureDigits::Base64,
                None => {
                    let message = "nothing says how the signature is written";
                    let help = "add `encoding: hex` or `encoding: base64`";
                    refuse(&verify.kind.place, message, help, diagnostics);
                    false
                }
            },
            prefix: verify
                .prefix
                .as_ref()
                .map(|prefix| prefix.value.clone())
                .unwrap_or_default(),
        },
        ProofKind::SharedSecret => {
            let encoding = verify
                .encoding
                .as_ref()
                .map(|said| ("encoding", &said.place));
            let prefix = verify.prefix.as_ref().map(|said| ("prefix", &said.place));
            for (key, place) in encoding.into_iter().chain(prefix) {
                let message = format!("a proof of the kind `shared_secret` has no `{key}`");
                let help = format!("remove `{key}`, or change `kind`");
                refuse(place, message, &help, diagnostics);
            }
            Proof::SharedSecret
        }
    }
}

/// The credential whose value is the secret.
fn credential(
    verify: &document::WebhookProof,
    credentials: &[Credential],
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let is_credential = |key: &Spanned<ProofKey>| key.value == ProofKey::Credential;
    let Some(key) = verify.key.as_ref().filter(|key| is_credential(key)) else {
        if let Some(named) = &verify.credential {
            let message = "a secret that is given is no credential's value";
            refuse(
                &named.place,
                message,
                "remove it, or write `key: credential`",
                diagnostics,
            );
        }
        return None;
    };
    let found = match &verify.credential {
        Some(named) => {
            let names = credentials.iter().map(|credential| &credential.name);
            find(names, "a credential", named, diagnostics)?
        }
        None if credentials.len() == 1 => 0,
        None => {
            let message = format!(
                "the API has {} credentials, and nothing says which one signs",
                credentials.len()
            );
            let help =
                "add `credential: <name>`, or write `key: given` if the secret is one of its own";
            diagnostics.push(Diagnostic::new("E121", &key.place, message).help(help));
            return None;
        }
    };
    if matches!(credentials[found].kind, CredentialKind::OAuth2(_)) {
        let message = format!(
            "the value of `{}` is renewed, so nothing can be signed with it",
            credentials[found].name.wire
        );
        let help = "write `key: given` if the secret is one of its own";
        diagnostics.push(Diagnostic::new("E121", &key.place, message).help(help));
    }
    Some(found)
}

fn lower_content(
    name: &Spanned<String>,
    written: &document::Webhook,
    read: &mut dyn FnMut(&Spanned<String>, &mut Diagnostics) -> Ty,
    diagnostics: &mut Diagnostics,
) -> Content {
    let one = written
        .payload
        .as_ref()
        .and_then(|payload| payload.r#type.as_ref());
    match (one, &written.event) {
        (Some(text), None) if written.events.is_empty() => {
            return Content::Payload {
                ty: read(text, diagnostics),
                newest_by: None,
            };
        }
        (None, Some(at)) if !written.events.is_empty() => {
            return Content::Events {
                rust: names::join_types(&[&names::type_name(&name.value), "Event"]),
                at: at.value.0.clone(),
                events: lower_events(name, written, read, diagnostics),
            };
        }
        _ => {}
    }
    let message = format!("`{}` does not say what it holds", name.value);
    let help = "write `payload: {type: …}` if that is always the same; otherwise `event`, where its name stands, \
                and `events` with the type for each name";
    refuse(&name.place, message, help, diagnostics);
    Content::Payload {
        ty: Ty::Json,
        newest_by: None,
    }
}

fn lower_events(
    name: &Spanned<String>,
    written: &document::Webhook,
    read: &mut dyn FnMut(&Spanned<String>, &mut Diagnostics) -> Ty,
    diagnostics: &mut Diagnostics,
) -> Vec<WebhookEvent> {
    let mut taken = Taken::default();
    let mut events = Vec::with_capacity(written.events.len());
    for (key, text) in &written.events {
        let rust = variant_name(&key.value.0, true);
        let what = format!(
            "the event `{}` of `{}`",
            key.value.0.escape_debug(),
            name.value
        );
        let help = "such names cannot be told apart in Rust; describe one of them and read the other as unknown";
        taken.take_or(&rust, &key.place, &what, help, diagnostics);
        events.push(WebhookEvent {
            name: Name {
                wire: key.value.0.clone(),
                rust,
            },
            ty: read(text, diagnostics),
            newest_by: None,
        });
    }
    events
}

/// Finds the members that tell times, when all objects are laid out.
pub(super) fn settle(document: &document::Api, api: &mut Api, diagnostics: &mut Diagnostics) {
    for (webhook, (_, written)) in api.webhooks.iter_mut().zip(&document.webhooks) {
        let Some(by) = &written.newest_by else {
            continue;
        };
        let structs = api
            .types
            .iter()
            .filter_map(|described| match &described.kind {
                TypeKind::Object(object) => Some(&object.structs),
                TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => None,
            });
        let structs: Vec<&Struct> = structs.flatten().collect();
        let mut times: Vec<Ty> = Vec::new();
        let mut is_broken = false;
        let mut look = |ty: &Ty| {
            is_broken |= *ty == Ty::Json;
            let (member, time) = time_of(&structs, ty, by)?;
            if !times.contains(&time) {
                times.push(time);
            }
            Some(member)
        };
        match &mut webhook.content {
            Content::Payload { ty, newest_by } => *newest_by = look(ty),
            Content::Events { events, .. } => {
                for event in events {
                    event.newest_by = look(&event.ty);
                }
            }
        }
        let help = "write a field of the payload that is a `datetime`, a `date` or an `int`, the same type wherever it is";
        match times.as_slice() {
            [one] => webhook.newest = Some(one.clone()),
            // A payload that could not be resolved was reported.
            [] if is_broken && diagnostics.has_errors() => {}
            [] => {
                let message = format!(
                    "no payload of `{}` has a time in `{}`",
                    webhook.name.wire, by.value
                );
                diagnostics.push(Diagnostic::new("E122", &by.place, message).help(help));
            }
            _ => {
                let message = format!(
                    "`{}` is not the same in all payloads of `{}`",
                    by.value, webhook.name.wire
                );
                diagnostics.push(Diagnostic::new("E122", &by.place, message).help(help));
            }
        }
    }
}

/// The member of a payload that is called so, and its type, if that has an order in time.
fn time_of(structs: &[&Struct], ty: &Ty, by: &str) -> Option<(String, Ty)> {
    let (Ty::Item(item) | Ty::Boxed(item)) = ty else {
        return None;
    };
    let is_read =
        |one: &&&Struct| one.rust == item.rust && matches!(one.shape, Shape::Read | Shape::Both);
    let found = structs.iter().find(is_read)?;
    let is_it = |member: &&crate::model::Member| {
        member.name.rust.trim_end_matches('_') == by.trim_end_matches('_')
    };
    let member = found.members.iter().find(is_it)?;
    let inner = match &member.ty {
        Ty::Nullable(inner) => inner,
        other => other,
    };
    let is_time = matches!(
        inner,
        Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Int | Ty::Uint
    );
    (is_time && member.how != How::List).then(|| (member.name.rust.clone(), inner.clone()))
}
