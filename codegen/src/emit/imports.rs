//! Imports: what a file uses of the runtime's vocabulary, of the API's file and of other files.
//! Follows the emitters: whatever they print without a path has to be listed here. Must not import
//! a name that a file does not use, nor one from outside `runtime::codegen` and the API's own
//! files.

use super::{many, params, policies, scenarios, types, writes};
use crate::model::{
    Answer, Api, Argument, Body, BoolStyle, Content, Effect, Format, Home, How, Item, ListStyle,
    Method, Plain,
};
use crate::model::{ParamPlace, Proof, Resource, Shape, Ty, Type, TypeKind, Verb};
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// What the tables of an API are made of.
const TABLES: &[&str] = &[
    "Api",
    "Authorize",
    "Bucket",
    "Charge",
    "ClientParam",
    "Concurrency",
    "Credential",
    "CredentialKind",
    "Duration",
    "Effect",
    "ErrorShape",
    "Hold",
    "IdempotencyKey",
    "Learn",
    "Lock",
    "Messages",
    "OAuth2",
    "Operation",
    "Paging",
    "PagingKind",
    "Place",
    "PollUntil",
    "RateLimitFields",
    "Reconcile",
    "Refusal",
    "Replay",
    "ReplayMeans",
    "Retry",
    "Scope",
    "SendAt",
    "Stop",
    "Then",
    "TokenPlace",
    "Unit",
    "Verb",
    "Wait",
    "Window",
];

pub(super) fn of_api(api: &Api) -> TokenStream {
    let mut names = BTreeSet::from(["Builder", "Core", "LimitsSnapshot", "Result"]);
    if !api.credentials.is_empty() {
        names.insert("CredentialSource");
    }
    collect_named(policies::emit(api), TABLES, &mut names);
    for param in &api.client {
        if let Some(name) = types::foreign(&param.ty) {
            names.insert(name);
        }
    }
    let names = names.iter().map(|name| format_ident!("{name}"));
    quote! { use runtime::codegen::{#(#names),*}; }
}

/// What a table of scenarios uses.
pub(super) fn of_scenarios(table: TokenStream) -> TokenStream {
    let mut names = BTreeSet::new();
    collect_named(table, scenarios::TABLES, &mut names);
    let names = names.iter().map(|name| format_ident!("{name}"));
    quote! { use runtime::codegen::{#(#names),*}; }
}

/// What the file of webhooks is made of, and the types of what they hold.
pub(super) fn of_webhooks(api: &Api) -> TokenStream {
    let mut uses = Uses::default();
    uses.vocabulary
        .extend(["WebhookProof", "WebhookTable", "WebhookVerifier"]);
    for webhook in &api.webhooks {
        if matches!(webhook.proof, Proof::HmacSha256 { .. }) {
            uses.vocabulary.insert("WebhookEncoding");
        }
        webhook.newest.iter().for_each(|time| uses.see_ty(time));
        match &webhook.content {
            Content::Payload { ty, .. } => uses.see_ty(ty),
            Content::Events { events, .. } => {
                uses.vocabulary.insert("UnknownObject");
                events.iter().for_each(|event| uses.see_ty(&event.ty));
            }
        }
    }
    // No item lives there, so all of them are another file's.
    uses.imports(&Home::Resource("webhooks".to_owned()))
}

/// The names that stand without a path before them.
fn collect_named(
    tokens: TokenStream,
    known: &'static [&'static str],
    names: &mut BTreeSet<&'static str>,
) {
    let mut colons = 0;
    for token in tokens {
        match &token {
            TokenTree::Group(group) => collect_named(group.stream(), known, names),
            TokenTree::Ident(ident) if colons < 2 => {
                names.extend(known.iter().find(|known| ident == **known));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        let is_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        colons = if is_colon { colons + 1 } else { 0 };
    }
}

/// What a file uses: names of the runtime's vocabulary, of the API's file, and items of other files.
#[derive(Default)]
pub(super) struct Uses {
    vocabulary: BTreeSet<&'static str>,
    parent: BTreeSet<String>,
    items: BTreeSet<Item>,
}

impl Uses {
    fn see_ty(&mut self, ty: &Ty) {
        types::walk(ty, &mut |inner| {
            self.vocabulary.extend(types::foreign(inner));
            if let Ty::Item(item) | Ty::Boxed(item) = inner {
                self.items.insert(item.clone());
            }
        });
    }

    fn see_format(&mut self, format: Format) {
        self.vocabulary.extend(params::format_names(format));
    }

    pub(super) fn see_type(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Object(object) => {
                for item in &object.structs {
                    for member in item
                        .members
                        .iter()
                        .filter(|member| member.constant.is_none())
                    {
                        self.see_ty(&member.ty);
                        self.see_format(member.format);
                        if member.how == How::Patch {
                            self.vocabulary.insert("Patch");
                        }
                    }
                    if item.keep_extra || item.dynamic.is_some() {
                        self.vocabulary.insert("BTreeMap");
                    }
                    if item.keep_extra {
                        self.vocabulary.insert("Json");
                    }
                    if let Some(dynamic) = &item.dynamic {
                        self.see_ty(&dynamic.value);
                    }
                    if let (Shape::Read | Shape::Both, Some((put, _))) = (item.shape, &item.to_put)
                    {
                        self.items.insert(Item {
                            rust: put.clone(),
                            home: ty.home.clone(),
                        });
                    }
                }
            }
            TypeKind::Enum(kind) => self.vocabulary.extend(kind.open.then_some("UnknownValue")),
            TypeKind::Union(kind) => {
                self.vocabulary.extend(kind.open.then_some("UnknownObject"));
                kind.variants
                    .iter()
                    .for_each(|variant| self.see_ty(&variant.ty));
            }
            TypeKind::Alias(kind) => self.see_ty(&kind.inner),
        }
    }

    pub(super) fn see_resource(&mut self, api: &Api, resource: &Resource) {
        self.vocabulary.insert("Core");
        for child in &resource.children {
            let own = child
                .parent_keys
                .get(resource.parent_keys.len()..)
                .unwrap_or_default();
            own.iter().for_each(|key| self.see_argument(key));
            if !own.is_empty() {
                self.vocabulary.insert("key_text");
            }
        }
        for method in &resource.methods {
            self.see_method(api, method);
        }
    }

    fn see_method(&mut self, api: &Api, method: &Method) {
        self.vocabulary.extend(["Operation", "Request"]);
        self.parent.insert("READ".to_owned());
        if method.verb != Verb::Get {
            self.vocabulary.insert("Verb");
        }
        if method.effect != Effect::Read {
            self.vocabulary.insert("Effect");
        }
        let common = &api.common;
        if method.charges != common.charges && !method.charges.is_empty() {
            self.vocabulary.insert("Charge");
            let buckets = method
                .charges
                .iter()
                .filter_map(|charge| api.buckets.get(charge.bucket));
            self.parent
                .extend(buckets.map(|bucket| format!("{}_BUCKET", bucket.name.rust)));
        }
        if let Some(retry) = method
            .retry
            .filter(|_| method.retry != common.retry)
            .and_then(|at| api.retries.get(at))
        {
            self.parent.insert(format!("{}_RETRY", retry.name.rust));
        }
        if method.timeout_ms != common.timeout_ms {
            self.vocabulary.insert("Duration");
        }
        if method.security != common.security {
            let all = method
                .security
                .iter()
                .flatten()
                .filter_map(|at| api.credentials.get(*at));
            self.parent
                .extend(all.map(|credential| format!("{}_CREDENTIAL", credential.constant)));
        }
        if let Some(page) = method.page.and_then(|at| api.pages.get(at)) {
            self.parent.insert(format!("{}_PAGES", page.name.rust));
        }
        self.parent.extend(writes::constants(api, method));
        if method.reconcile.is_some() {
            self.vocabulary.insert("Reconcile");
        }
        if let Some(answer) = many::polled_answer(api, method) {
            self.vocabulary.insert("PollUntil");
            // Its times.
            self.vocabulary.insert("Duration");
            self.see_given(answer);
        }
        method
            .arguments
            .iter()
            .for_each(|argument| self.see_argument(argument));
        for filter in &method.filters {
            self.see_ty(&filter.ty);
            self.see_format(filter.format);
            if let Some(key) = &filter.key {
                self.vocabulary.insert("name_with");
                self.see_ty(key);
            }
            if filter.range.is_some() {
                self.vocabulary.insert("RangeBounds");
            }
        }
        if let Some(ty) = method.body.ty() {
            self.see_ty(ty);
        }
        match method.body {
            Body::Bytes { .. } => self.vocabulary.extend(["Bytes"]),
            Body::File { .. } => self.vocabulary.extend(["Upload"]),
            Body::None
            | Body::Json { .. }
            | Body::Form { .. }
            | Body::Multipart { .. }
            | Body::Text { .. } => {}
        }
        match &method.follow {
            Some(_) => {
                self.vocabulary.extend(["Follow", "Following"]);
                self.see_given(&method.answer);
            }
            None if method.bulk.is_some() => {
                self.vocabulary
                    .extend(["BulkWrite", "Filtered", "Unfiltered"]);
                self.see_given(&method.answer);
            }
            None => self.see_answer(&method.answer),
        }
        if let Some(mask) = &method.mask {
            self.see_answer(&mask.answer);
        }
    }

    fn see_argument(&mut self, argument: &Argument) {
        if matches!(argument.place, ParamPlace::PageStart | ParamPlace::PageSize) {
            return;
        }
        self.see_ty(&argument.ty);
        self.see_format(argument.format);
        if argument.ty == Ty::Bool && argument.bools == BoolStyle::Digits {
            self.vocabulary.insert("Digits");
        }
        if argument.as_json {
            self.vocabulary.insert("AsJson");
        }
        let is_joined = matches!(argument.list, Some(ListStyle::Comma | ListStyle::Pipe));
        if is_joined && params::format_marker(argument.format).is_some() {
            self.vocabulary.insert("key_text");
        }
    }

    fn see_answer(&mut self, answer: &Answer) {
        match answer {
            Answer::Plain(Plain::Stream) => self.vocabulary.insert("Downloading"),
            Answer::Page { .. } => self.vocabulary.insert("ListCall"),
            Answer::None
            | Answer::Plain(Plain::Text | Plain::Bytes)
            | Answer::Value { .. }
            | Answer::List { .. }
            | Answer::Outcomes { .. } => self.vocabulary.insert("Call"),
        };
        self.see_given(answer);
    }

    /// What a call gives.
    fn see_given(&mut self, answer: &Answer) {
        match answer {
            Answer::None | Answer::Plain(Plain::Text | Plain::Stream) => {}
            Answer::Plain(Plain::Bytes) => {
                self.vocabulary.insert("Bytes");
            }
            Answer::Value { ty, .. }
            | Answer::List { item: ty, .. }
            | Answer::Page { item: ty, .. } => self.see_ty(ty),
            Answer::Outcomes { outcomes, .. } => {
                for outcome in outcomes {
                    self.see_given(&outcome.answer);
                }
            }
        }
    }

    pub(super) fn imports(&self, home: &Home) -> TokenStream {
        let vocabulary = self
            .vocabulary
            .iter()
            .map(|name| format_ident!("{name}"))
            .collect::<Vec<_>>();
        let vocabulary =
            (!vocabulary.is_empty()).then(|| quote! { use runtime::codegen::{#(#vocabulary),*}; });
        let parent = self
            .parent
            .iter()
            .map(|name| format_ident!("{name}"))
            .collect::<Vec<_>>();
        let parent = (!parent.is_empty()).then(|| quote! { use super::{#(#parent),*}; });
        let mut homes = self
            .items
            .iter()
            .map(|item| &item.home)
            .filter(|other| *other != home)
            .collect::<Vec<_>>();
        homes.dedup();
        homes.sort();
        homes.dedup();
        let others = homes.into_iter().map(|other| {
            let module = match other {
                Home::Types => format_ident!("types"),
                Home::Resource(module) => format_ident!("{module}"),
            };
            let names = self
                .items
                .iter()
                .filter(|item| item.home == *other)
                .map(|item| format_ident!("{}", item.rust));
            quote! { use super::#module::{#(#names),*}; }
        });
        let others = others.collect::<Vec<_>>();
        quote! { #parent #(#others)* #vocabulary }
    }
}
