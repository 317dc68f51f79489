//! Policies: the static tables of an API, the common row of its operations, and the words that say
//! how a call behaves.

use super::{credentials, limits, literal, pages, sensitive, writes};
use crate::model::{Api, Backoff, Charge, ErrorShape, Failure, Place, Retry};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// All statics of an API.
pub(super) fn emit(api: &Api) -> TokenStream {
    let credentials = api.credentials.iter().map(credentials::emit);
    let params = api.client.iter().map(|param| {
        let constant = param_constant(&param.name.rust);
        let (name, in_header, wire) = (&param.name.wire, param.in_header, literal::wire(&param.param));
        quote! {
            static #constant: ClientParam = ClientParam { name: #name, in_header: #in_header, param: #wire };
        }
    });
    let retries = api.retries.iter().map(emit_retry);
    let pages = api.pages.iter().map(pages::emit);
    let limits = limits::emit(api);
    let writes = writes::emit(api);
    let table = emit_api(api);
    let read = emit_read(api);
    quote! { #table #(#credentials)* #(#params)* #limits #(#retries)* #(#pages)* #writes #read }
}

fn param_constant(rust: &str) -> proc_macro2::Ident {
    format_ident!("{}_PARAM", rust.trim_end_matches('_').to_ascii_uppercase())
}

fn emit_api(api: &Api) -> TokenStream {
    let (name, title) = (&api.name, literal::wire(&api.title));
    let base = api
        .environments
        .first()
        .map_or("", |environment| environment.url.as_str());
    let base = literal::wire(base);
    let vars = super::client::variables(api).into_iter().map(|var| {
        let (name, default) = (&var.name.wire, option_text(var.default.as_ref()));
        quote! { (#name, #default) }
    });
    let credentials = api
        .credentials
        .iter()
        .map(|one| format_ident!("{}_CREDENTIAL", one.constant));
    let client = api
        .client
        .iter()
        .map(|param| param_constant(&param.name.rust));
    let buckets = api
        .buckets
        .iter()
        .map(|bucket| format_ident!("{}_BUCKET", bucket.name.rust));
    let mut entries = vec![
        quote! { name: #name },
        quote! { title: #title },
        quote! { base: #base },
    ];
    let mut list = |field: &str, values: Vec<TokenStream>| {
        if !values.is_empty() {
            let field = format_ident!("{field}");
            entries.push(quote! { #field: &[#(#values),*] });
        }
    };
    list("vars", vars.collect());
    list(
        "credentials",
        credentials.map(|one| quote! { &#one }).collect(),
    );
    list("client", client.map(|one| quote! { &#one }).collect());
    list("buckets", buckets.map(|one| quote! { &#one }).collect());
    list(
        "errors",
        api.errors.shapes.iter().map(error_shape).collect(),
    );
    list("sensitive", sensitive::names(api));
    if api.refusal.is_some() {
        entries.push(quote! { refusal: Some(&REFUSAL) });
    }
    if let Some(header) = &api.errors.request_id {
        let header = header.to_ascii_lowercase();
        entries.push(quote! { request_id: Some(#header) });
    }
    if let Some(reference) = &api.errors.reference {
        let after = literal::wire(&reference.after);
        entries.push(quote! { reference: Some(#after) });
    }
    if !api.hints.is_empty() {
        let hints = api.hints.iter().map(limits::hint);
        entries.push(quote! { hints: &[#(#hints),*] });
    }
    if api.concurrency.is_some() {
        entries.push(quote! { concurrency: Some(&CONCURRENCY) });
    }
    quote! { static API: Api = Api { #(#entries,)* ..Api::NEW }; }
}

fn error_shape(shape: &ErrorShape) -> TokenStream {
    match shape {
        ErrorShape::Object {
            message,
            code,
            messages,
            fields,
        } => {
            let message = message.iter().map(|at| pointer(at));
            let (code, fields) = (
                option_pointer(code.as_ref()),
                option_pointer(fields.as_ref()),
            );
            let messages = match messages {
                Some(messages) => {
                    let (each, text) = (pointer(&messages.each), pointer(&messages.text));
                    let target = option_pointer(messages.target.as_ref());
                    quote! { Some(Messages { each: #each, text: #text, target: #target }) }
                }
                None => quote! { None },
            };
            quote! {
                ErrorShape::Object { message: &[#(#message),*], code: #code, messages: #messages, fields: #fields }
            }
        }
        ErrorShape::String => quote! { ErrorShape::String },
        ErrorShape::Text => quote! { ErrorShape::Text },
        ErrorShape::Empty => quote! { ErrorShape::Empty },
    }
}

fn emit_retry(retry: &Retry) -> TokenStream {
    let constant = format_ident!("{}_RETRY", retry.name.rust);
    let name = &retry.name.wire;
    let attempts = Literal::u64_unsuffixed(retry.attempts.value);
    let network = retry.when.contains(&Failure::Network);
    let statuses = retry.when.iter().filter_map(|failure| match failure {
        Failure::Network => None,
        Failure::Status(status) => Some(Literal::u16_unsuffixed(*status)),
    });
    let Backoff {
        first,
        factor_milli,
        max,
    } = &retry.backoff;
    let (first, max) = (duration(first.value), duration(max.value));
    let factor = Literal::u64_unsuffixed(factor_milli.value);
    let max_elapsed = match &retry.max_elapsed {
        Some(number) => {
            let length = duration(number.value);
            quote! { Some(#length) }
        }
        None => quote! { None },
    };
    quote! {
        static #constant: Retry = Retry {
            name: #name,
            attempts: #attempts,
            network: #network,
            statuses: &[#(#statuses),*],
            first: #first,
            factor_milli: #factor,
            max: #max,
            max_elapsed: #max_elapsed,
        };
    }
}

fn emit_read(api: &Api) -> TokenStream {
    let common = &api.common;
    let (limit, retry) = (
        charges(api, &common.charges),
        retry_reference(api, common.retry),
    );
    let (timeout, security) = (duration(common.timeout_ms), security(api, &common.security));
    quote! {
        /// What the operations of this API have in common.
        const READ: Operation = Operation {
            api: &API,
            limit: #limit,
            retry: #retry,
            timeout: #timeout,
            security: #security,
            ..Operation::NEW
        };
    }
}

/// `&[Charge { bucket: &KEY_BUCKET, cost: 1 }]`
pub(super) fn charges(api: &Api, charges: &[Charge]) -> TokenStream {
    let charges = charges.iter().filter_map(|charge| {
        let bucket = format_ident!("{}_BUCKET", api.buckets.get(charge.bucket)?.name.rust);
        let cost = Literal::u32_unsuffixed(charge.cost);
        Some(quote! { Charge { bucket: &#bucket, cost: #cost } })
    });
    quote! { &[#(#charges),*] }
}

/// `Some(&GENTLE_RETRY)`
pub(super) fn retry_reference(api: &Api, retry: Option<usize>) -> TokenStream {
    match retry.and_then(|at| api.retries.get(at)) {
        Some(retry) => {
            let constant = format_ident!("{}_RETRY", retry.name.rust);
            quote! { Some(&#constant) }
        }
        None => quote! { None },
    }
}

/// `&[&[&KEY_CREDENTIAL]]`
pub(super) fn security(api: &Api, alternatives: &[Vec<usize>]) -> TokenStream {
    let alternatives = alternatives.iter().map(|all| {
        let all = all.iter().filter_map(|at| api.credentials.get(*at));
        let all = all.map(|credential| format_ident!("{}_CREDENTIAL", credential.constant));
        quote! { &[#(&#all),*] }
    });
    quote! { &[#(#alternatives),*] }
}

/// `&[("x-app", "whole")]`
pub(super) fn pairs(pairs: &[(String, String)]) -> TokenStream {
    let pairs = pairs.iter().map(|(name, value)| {
        let (name, value) = (literal::wire(name), literal::wire(value));
        quote! { (#name, #value) }
    });
    quote! { &[#(#pairs),*] }
}

/// `Duration::from_secs(30)`
pub(super) fn duration(ms: u64) -> TokenStream {
    if ms.is_multiple_of(1000) {
        let seconds = Literal::u64_unsuffixed(ms / 1000);
        quote! { Duration::from_secs(#seconds) }
    } else {
        let ms = Literal::u64_unsuffixed(ms);
        quote! { Duration::from_millis(#ms) }
    }
}

/// The segments of a JSON pointer, unescaped (RFC 6901 §4).
pub(super) fn segments(pointer: &str) -> Vec<Literal> {
    let segments = pointer.split('/').skip(1);
    segments
        .map(|segment| literal::wire(&segment.replace("~1", "/").replace("~0", "~")))
        .collect()
}

/// `&["data"]`
pub(super) fn pointer(pointer: &str) -> TokenStream {
    let segments = segments(pointer);
    quote! { &[#(#segments),*] }
}

pub(super) fn option_pointer(at: Option<&String>) -> TokenStream {
    match at {
        Some(at) => {
            let at = pointer(at);
            quote! { Some(#at) }
        }
        None => quote! { None },
    }
}

pub(super) fn option_text(text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => {
            let text = literal::wire(text);
            quote! { Some(#text) }
        }
        None => quote! { None },
    }
}

pub(super) fn place(at: &Place) -> TokenStream {
    match at {
        Place::Header(header) => {
            let header = header.to_ascii_lowercase();
            quote! { Place::Header(#header) }
        }
        Place::Body(at) => {
            let at = pointer(at);
            quote! { Place::Body(#at) }
        }
        Place::Link(relation) => {
            let relation = literal::wire(relation);
            quote! { Place::Link(#relation) }
        }
    }
}
