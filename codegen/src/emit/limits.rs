//! Limits: the tables of buckets, of what a refusal is, and of how many requests go at once.
//! Assumes a checked model: numbers fit into their columns. Must not decide what holds where a
//! description says nothing: lowering did.

use super::policies::{duration, option_text, place};
use super::{literal, types};
use crate::model::{
    Api, Bucket, Concurrency, Hint, Learn, Number, RateLimitPolicy, Refusal, Scope, Unit,
    WaitSource, Window,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The statics of buckets, of the refusal and of the concurrency.
pub(super) fn emit(api: &Api) -> TokenStream {
    let buckets = api.buckets.iter().map(|bucket| emit_bucket(api, bucket));
    let refusal = api.refusal.as_ref().map(emit_refusal);
    let concurrency = api.concurrency.as_ref().map(emit_concurrency);
    quote! { #(#buckets)* #refusal #concurrency }
}

fn emit_bucket(api: &Api, bucket: &Bucket) -> TokenStream {
    let constant = format_ident!("{}_BUCKET", bucket.name.rust);
    let name = &bucket.name.wire;
    let scope = bucket.scope.iter().map(|scope| match scope {
        Scope::Credential => quote! { Scope::Credential },
        Scope::Client(at) => {
            let name = api
                .client
                .get(*at)
                .map_or("", |param| param.name.wire.as_str());
            quote! { Scope::Client(#name) }
        }
    });
    let window = match &bucket.window {
        Window::Unknown => quote! { None },
        Window::Of { max, per } => {
            let count = Literal::u64_unsuffixed(max.value);
            let length = duration(per.value);
            let (max_config, per_config) = (
                option_text(max.config.as_ref()),
                option_text(per.config.as_ref()),
            );
            quote! {
                Some(Window { max: #count, max_config: #max_config, per: #length, per_config: #per_config })
            }
        }
    };
    let learn = match &bucket.learn {
        Some(learn) => emit_learn(learn),
        None => quote! { None },
    };
    quote! {
        static #constant: Bucket = Bucket { name: #name, scope: &[#(#scope),*], window: #window, learn: #learn };
    }
}

fn emit_learn(learn: &Learn) -> TokenStream {
    let mut entries = Vec::new();
    let places = [
        ("limit", &learn.limit),
        ("used", &learn.used),
        ("remaining", &learn.remaining),
    ];
    for (field, at) in places {
        if let Some(at) = at {
            let (field, at) = (format_ident!("{field}"), place(at));
            entries.push(quote! { #field: Some(#at) });
        }
    }
    if let Some(reset) = &learn.reset {
        let (from, unit) = (place(&reset.from), unit(reset.unit));
        entries.push(quote! { reset: Some((#from, #unit)) });
    }
    if let Some(policy) = &learn.rate_limit {
        let policy = match policy {
            RateLimitPolicy::Any => quote! { None },
            RateLimitPolicy::Named(name) => option_text(Some(name)),
        };
        entries.push(quote! { fields: Some(RateLimitFields { policy: #policy }) });
    }
    quote! { Some(Learn { #(#entries,)* ..Learn::NEW }) }
}

fn emit_refusal(refusal: &Refusal) -> TokenStream {
    let statuses = refusal
        .statuses
        .iter()
        .map(|status| Literal::u16_unsuffixed(*status));
    let mut entries = vec![quote! { statuses: &[#(#statuses),*] }];
    if !refusal.codes.is_empty() {
        let codes = refusal.codes.iter().map(|code| literal::wire(code));
        entries.push(quote! { codes: &[#(#codes),*] });
    }
    if !refusal.headers.is_empty() {
        let headers = refusal.headers.iter().map(|(name, value)| {
            let (name, value) = (name.to_ascii_lowercase(), literal::wire(value));
            quote! { (#name, #value) }
        });
        entries.push(quote! { headers: &[#(#headers),*] });
    }
    if refusal.processed {
        entries.push(quote! { processed: true });
    }
    let wait = refusal.wait.iter().map(wait_source);
    entries.push(quote! { wait: &[#(#wait),*] });
    if refusal.hold_client {
        entries.push(quote! { hold: Hold::Client });
    }
    if let Some(halve) = &refusal.halve {
        let grow_after = duration(halve.grow_after.value);
        entries.push(quote! { then: Some(Then { grow_after: #grow_after }) });
    }
    let max_wait = duration(refusal.max_wait.value);
    entries.push(quote! { max_wait: #max_wait });
    quote! { static REFUSAL: Refusal = Refusal { #(#entries,)* ..Refusal::NEW }; }
}

fn wait_source(source: &WaitSource) -> TokenStream {
    match source {
        WaitSource::From(from, of) => {
            let (from, of) = (place(from), unit(*of));
            quote! { Wait::From(#from, #of) }
        }
        WaitSource::Fixed(number) => {
            let length = duration(number.value);
            quote! { Wait::Fixed(#length) }
        }
    }
}

fn emit_concurrency(concurrency: &Concurrency) -> TokenStream {
    let count = |number: &Number| Literal::u64_unsuffixed(number.value);
    let optional = |number: &Option<Number>| match number {
        Some(number) => {
            let number = count(number);
            quote! { Some(#number) }
        }
        None => quote! { None },
    };
    let (start, min) = (count(&concurrency.start), count(&concurrency.min));
    let (max, slow) = (
        optional(&concurrency.max),
        optional(&concurrency.slow_milli),
    );
    quote! {
        static CONCURRENCY: Concurrency = Concurrency { start: #start, min: #min, max: #max, slow_milli: #slow };
    }
}

/// `Wait::From(Place::Header("x-backoff"), Unit::Seconds)`
pub(super) fn hint(hint: &Hint) -> TokenStream {
    let (from, of) = (place(&hint.from), unit(hint.unit));
    quote! { Wait::From(#from, #of) }
}

fn unit(unit: Unit) -> TokenStream {
    let unit = types::variant(&unit);
    quote! { Unit::#unit }
}
