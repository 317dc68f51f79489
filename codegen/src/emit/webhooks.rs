//! Webhooks: verifiers, enums of events, and their tables, in a file behind the feature `webhooks`.
//! Assumes names that collide with nothing the file imports. Must not write behaviour: the runtime's
//! macros make it from the tables.

use super::{credentials, imports, literal, policies, types, words};
use crate::model::{Api, Content, Proof, Webhook, WebhookEvent};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Whether the API sends something by itself.
pub(super) fn has_any(api: &Api) -> bool {
    !api.webhooks.is_empty()
}

/// `src/<api>/webhooks.rs`
pub(super) fn emit(api: &Api) -> TokenStream {
    let items = api.webhooks.iter().map(|webhook| emit_one(api, webhook));
    let items = items.collect::<TokenStream>();
    let imports = imports::of_webhooks(api);
    quote! {
        //! What the API sends by itself: where a delivery comes from is checked, then it is read.
        #imports
        #items
    }
}

fn emit_one(api: &Api, webhook: &Webhook) -> TokenStream {
    let name = format_ident!("{}", webhook.name.rust);
    let table = format_ident!("{}_WEBHOOK", webhook.constant);
    let doc = words::lines(&doc_lines(api, webhook));
    let env = webhook.env.as_ref().map(|_| quote! { , env from_env });
    let newest = webhook.newest.as_ref().map(types::tokens);
    let (kind, ty, more, events) = match &webhook.content {
        Content::Payload { ty, newest_by } => {
            let by = newest_by.as_ref().map(|member| {
                let member = format_ident!("{member}");
                quote! { , newest #member: #newest }
            });
            (quote! { payload }, types::tokens(ty), by, None)
        }
        Content::Events { rust, events, .. } => {
            let rust = format_ident!("{rust}");
            let events = emit_events(webhook, &rust, events);
            (quote! { event }, quote! { #rust }, None, Some(events))
        }
    };
    let statics = emit_table(webhook, &table);
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name(WebhookVerifier);
        runtime::webhook! { #name: #kind #ty, #table #env #more }
        #events
        #statics
    }
}

fn emit_events(
    webhook: &Webhook,
    rust: &proc_macro2::Ident,
    events: &[WebhookEvent],
) -> TokenStream {
    let doc = words::line(&format!(
        "What {} is told. Newer servers may tell more.",
        words::code(&webhook.name.wire)
    ));
    let variants = events.iter().map(|event| {
        let (variant, inner) = (
            format_ident!("{}", event.name.rust),
            types::tokens(&event.ty),
        );
        let doc = words::line(&words::code(&event.name.wire));
        quote! { #doc #variant(#inner), }
    });
    let entries = events.iter().map(|event| {
        let (variant, inner) = (
            format_ident!("{}", event.name.rust),
            types::tokens(&event.ty),
        );
        let wire = literal::wire(&event.name.wire);
        let by = event.newest_by.as_ref().map(|member| {
            let member = format_ident!("{member}");
            quote! { by #member }
        });
        quote! { #variant(#inner) = #wire #by }
    });
    let newest = webhook.newest.as_ref().map(|time| {
        let time = types::tokens(time);
        quote! { ; newest #time }
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #rust {
            #(#variants)*
            /// An event that this crate does not name, with the whole body.
            Unknown(UnknownObject),
        }
        runtime::webhook_events! { #rust: #(#entries),* #newest }
    }
}

fn emit_table(webhook: &Webhook, table: &proc_macro2::Ident) -> TokenStream {
    let (name, header) = (&webhook.name.wire, &webhook.header);
    let proof = match &webhook.proof {
        Proof::HmacSha256 { in_base64, prefix } => {
            let encoding = if *in_base64 {
                quote! { Base64 }
            } else {
                quote! { Hex }
            };
            quote! { HmacSha256 { encoding: WebhookEncoding::#encoding, prefix: #prefix } }
        }
        Proof::SharedSecret => quote! { SharedSecret },
    };
    let env = policies::option_text(webhook.env.as_ref());
    let at = match &webhook.content {
        Content::Payload { .. } => "",
        Content::Events { at, .. } => at.as_str(),
    };
    let (event, payload) = (policies::pointer(at), policies::pointer(&webhook.from));
    quote! {
        static #table: WebhookTable = WebhookTable {
            name: #name,
            header: #header,
            proof: WebhookProof::#proof,
            env: #env,
            event: #event,
            payload: #payload,
        };
    }
}

/// What to know of a webhook: its words, how it proves where it comes from, and what that does not prove.
fn doc_lines(api: &Api, webhook: &Webhook) -> Vec<String> {
    let mut lines = words::paragraphs(
        &webhook.doc,
        &format!("Deliveries of {}.", words::code(&webhook.name.wire)),
    );
    lines.extend([
        String::new(),
        format!("{}.", proof(api, webhook)),
        String::new(),
    ]);
    let replay = match &webhook.proof {
        Proof::HmacSha256 { .. } => {
            "The signature says nothing of when it was made: whoever saw a delivery can send it again."
        }
        Proof::SharedSecret => {
            "That says nothing of the body: whoever saw a delivery can send another one."
        }
    };
    let newest = match (&webhook.newest, &webhook.content) {
        (None, _) => "ask the API how things are, or compare what deliveries hold".to_owned(),
        (Some(_), Content::Events { .. }) => {
            "give `newest_by` of each to a [`Newest`](crate::Newest)".to_owned()
        }
        (Some(_), Content::Payload { .. }) => format!(
            "give [`{}::newest_by`] of each to a [`Newest`](crate::Newest)",
            webhook.name.rust
        ),
    };
    lines.push(format!(
        "{replay} Deliveries may also come twice and in any order, so do nothing twice, and {newest}."
    ));
    lines
}

/// How a delivery proves where it comes from, in words.
pub(super) fn proof(api: &Api, webhook: &Webhook) -> String {
    let header = words::code(&webhook.header);
    let secret = match webhook.credential.and_then(|at| api.credentials.get(at)) {
        Some(credential) => format!(
            "the value of the credential {}",
            words::code(&credential.name.wire)
        ),
        None => "the secret".to_owned(),
    };
    let env = webhook.env.as_ref();
    let env = env
        .map(|env| format!(", by itself from {}", words::code(env)))
        .unwrap_or_default();
    match &webhook.proof {
        Proof::HmacSha256 { in_base64, .. } => {
            let digits = if *in_base64 { "base64" } else { "hexadecimal" };
            format!(
                "{header} holds the HMAC-SHA256 of the raw body in {digits}; the key is {secret}{env}"
            )
        }
        Proof::SharedSecret => format!("{header} holds {secret}{env}"),
    }
}

/// What a webhook tells, in words.
pub(super) fn told(webhook: &Webhook) -> String {
    match &webhook.content {
        Content::Payload { ty, .. } => words::code(&types::tokens(ty).to_string().replace(' ', "")),
        Content::Events { events, .. } => {
            let names: Vec<String> = events
                .iter()
                .map(|event| words::code(&event.name.wire))
                .collect();
            credentials::listed(&names)
        }
    }
}
