//! Writes: the tables of locks and idempotency keys, how what was made is looked for, and what documents
//! say of all that in words. Assumes a checked model: an index that points nowhere is left out.

use super::{literal, modules, pages, policies, words};
use crate::model::{
    Answer, Api, Effect, IdempotencyKey, Lock, Method, Place, Reconcile, Replay, SendAt,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The statics of an API.
pub(super) fn emit(api: &Api) -> TokenStream {
    let locks = api.locks.iter().map(|lock| emit_lock(api, lock));
    let keys = api.keys.iter().map(emit_key);
    quote! { #(#locks)* #(#keys)* }
}

fn emit_lock(api: &Api, lock: &Lock) -> TokenStream {
    let constant = lock_constant(lock);
    let (name, required) = (&lock.name.wire, lock.required);
    let (send, from) = (pages::send_at(&lock.send), policies::place(&lock.from));
    let (before, after) = (literal::wire(&lock.before), literal::wire(&lock.after));
    let case = api.cases.get(lock.stale);
    let status = Literal::u16_unsuffixed(case.map_or(412, |case| case.status));
    let code = policies::option_text(case.and_then(|case| case.code.as_ref()));
    quote! {
        static #constant: Lock = Lock {
            name: #name,
            send: #send,
            from: #from,
            before: #before,
            after: #after,
            required: #required,
            stale: #status,
            stale_code: #code,
        };
    }
}

fn lock_constant(lock: &Lock) -> proc_macro2::Ident {
    format_ident!("{}_LOCK", lock.name.rust)
}

fn emit_key(key: &IdempotencyKey) -> TokenStream {
    let constant = format_ident!("{}", key.constant);
    let at = pages::send_at(&key.at);
    let within = match &key.within {
        Some(within) => {
            let length = policies::duration(within.value);
            quote! { Some(#length) }
        }
        None => quote! { None },
    };
    let replay = match key.replay {
        Some(Replay { status, done }) => {
            let status = Literal::u16_unsuffixed(status);
            let means = format_ident!("{}", if done { "Done" } else { "InProgress" });
            quote! { Some(Replay { status: #status, means: ReplayMeans::#means }) }
        }
        None => quote! { None },
    };
    quote! {
        static #constant: IdempotencyKey = IdempotencyKey { at: #at, within: #within, replay: #replay };
    }
}

/// What the row of an operation says about its writes.
pub(super) fn entries(api: &Api, method: &Method) -> Vec<TokenStream> {
    let mut entries = Vec::new();
    if let Some(lock) = lock(api, method) {
        let constant = lock_constant(lock);
        entries.push(quote! { lock: Some(&#constant) });
    }
    if let Some(reconcile) = &method.reconcile
        && let Some(list) = find(api, &reconcile.list)
    {
        let list = format_ident!("{}", list.constant);
        let by = reconcile.by.iter().map(|(member, param)| {
            let (member, param) = (literal::wire(member), policies::option_text(param.as_ref()));
            quote! { (#member, #param) }
        });
        entries.push(quote! { reconcile: Some(&Reconcile { list: &#list, by: &[#(#by),*] }) });
    }
    entries
}

/// `Effect::Keyed(&TOKEN_KEY)`
pub(super) fn effect(api: &Api, method: &Method) -> TokenStream {
    match method.effect {
        Effect::Read => quote! { Effect::Read },
        Effect::Idempotent => quote! { Effect::Idempotent },
        Effect::Once => quote! { Effect::Once },
        Effect::Keyed(_) => {
            let key = key(api, method).map_or("", |key| key.constant.as_str());
            let key = format_ident!("{key}");
            quote! { Effect::Keyed(&#key) }
        }
    }
}

/// The statics of the API's file that the row of an operation names.
pub(super) fn constants(api: &Api, method: &Method) -> Vec<String> {
    let lock = lock(api, method).map(|lock| lock_constant(lock).to_string());
    let key = key(api, method).map(|key| key.constant.clone());
    lock.into_iter().chain(key).collect()
}

/// The tables that give a generated call its options.
pub(super) fn options(
    method: &Method,
    call: &proc_macro2::Ident,
    out: &TokenStream,
) -> TokenStream {
    let keyed = matches!(method.effect, Effect::Keyed(_));
    let keyed = keyed.then(|| quote! { runtime::keyed! { #call } });
    let locked = (method.lock.is_some() && method.effect != Effect::Read)
        .then(|| quote! { runtime::locked! { #call } });
    let reconciled = method.reconcile.is_some();
    let reconciled = reconciled.then(|| quote! { runtime::reconciled! { #call => #out } });
    quote! { #keyed #locked #reconciled }
}

fn lock<'a>(api: &'a Api, method: &Method) -> Option<&'a Lock> {
    method.lock.and_then(|lock| api.locks.get(lock))
}

fn key<'a>(api: &'a Api, method: &Method) -> Option<&'a IdempotencyKey> {
    match method.effect {
        Effect::Keyed(key) => api.keys.get(key),
        Effect::Read | Effect::Idempotent | Effect::Once => None,
    }
}

fn find<'a>(api: &'a Api, operation: &str) -> Option<&'a Method> {
    let mut methods = modules::all_resources(api)
        .into_iter()
        .flat_map(|resource| &resource.methods);
    methods.find(|method| method.operation == operation)
}

/// What a method's documentation says about its effect, where it bears a key.
pub(super) fn keyed_words(api: &Api, method: &Method) -> String {
    let Some(key) = key(api, method) else {
        return String::new();
    };
    let within = match &key.within {
        Some(within) => {
            let (time, mark) = (words::duration(within.value), mark(within.doc.trust));
            format!("; remembered for {time}{mark}")
        }
        None => String::new(),
    };
    let replay = match key.replay {
        Some(Replay { status, done: true }) if method.answer == Answer::None => {
            format!("; {status} to a repetition means that it was done before, which is a success")
        }
        Some(Replay { status, done: true }) => format!(
            "; {status} to a repetition means that it was done before ([`AlreadyProcessed`](crate::Kind::AlreadyProcessed))"
        ),
        Some(Replay {
            status,
            done: false,
        }) => {
            format!("; {status} to a repetition means that it is still being done")
        }
        None => "; a repetition gets the first answer".to_owned(),
    };
    let option = option(method, "with_idempotency_key");
    format!(
        "once for each idempotency key ({}), which is made anew for each call unless {option} gives it{within}{replay}",
        sent(&key.at)
    )
}

/// What a document says of an API's keys and locks.
pub(super) fn of_api(api: &Api) -> Vec<String> {
    let keys = api.keys.iter().map(|key| {
        let at = sent(&key.at);
        format!("A write that bears an idempotency key ({at}) is sent again with the same key.")
    });
    let locks = api.locks.iter().map(|lock| {
        let (name, at) = (&lock.name.wire, sent(&lock.send));
        format!("`{name}`: a write names the version that was read ({at}), and fails where there is a newer one.")
    });
    keys.chain(locks).collect()
}

/// Lines about locks and about looking for what was made.
pub(super) fn lines(api: &Api, method: &Method) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(lock) = lock(api, method) {
        lines.push(format!("* **Version**: {}", version(api, lock, method)));
    }
    if let Some(reconcile) = &method.reconcile {
        lines.push(format!(
            "* **In doubt**: {}",
            in_doubt(api, reconcile, method)
        ));
    }
    lines
}

fn version(api: &Api, lock: &Lock, method: &Method) -> String {
    let from = match &lock.from {
        Place::Header(name) => format!("the header {}", words::code(name)),
        Place::Body(pointer) => format!("{} of the answer", words::code(pointer)),
        Place::Link(relation) => format!("the link {}", words::code(relation)),
    };
    if method.effect == Effect::Read {
        return format!(
            "`send_raw()` gives it with [`version`](crate::Reply::version), from {from}."
        );
    }
    let given = if lock.required {
        "`version` is what was read".to_owned()
    } else {
        format!("{} names what was read", option(method, "with_version"))
    };
    let stale = api.cases.get(lock.stale).map_or_else(String::new, |case| {
        let case = &case.name.rust;
        format!("; a newer one is [`{case}`](super::Fault::{case})")
    });
    let otherwise = if lock.required {
        ""
    } else {
        "; without it, changes of others are not noticed"
    };
    let doc = words::escape(&lock.doc.text).join(" ");
    let doc = if doc.is_empty() {
        doc
    } else {
        format!(" {}", words::sentence(&doc))
    };
    format!(
        "{given} ({}, read from {from}){stale}{otherwise}.{doc}",
        sent(&lock.send)
    )
}

fn in_doubt(api: &Api, reconcile: &Reconcile, method: &Method) -> String {
    let members = reconcile.by.iter().map(|(member, _)| words::code(member));
    let members = members.collect::<Vec<_>>().join(" and ");
    let list = find(api, &reconcile.list).map_or_else(String::new, |list| list.name.rust.clone());
    let walks = reconcile.by.iter().all(|(_, param)| param.is_none());
    let walks = if walks { ", page by page," } else { "" };
    format!(
        "{} searches `{list}`{walks} for an item of the same {members}{}.",
        option(method, "reconcile"),
        mark(reconcile.doc.trust)
    )
}

/// A link to an option of a call, which is its own type's or `Call`'s.
fn option(method: &Method, name: &str) -> String {
    match &method.call_type {
        Some(call) => format!("[`{name}`]({call}::{name})"),
        None => format!("[`{name}`](crate::Call::{name})"),
    }
}

fn sent(at: &SendAt) -> String {
    match at {
        SendAt::Query(name) => format!("parameter {}", words::code(name)),
        SendAt::Header(name) => format!("header {}", words::code(name)),
        SendAt::Body(pointer) => format!("{} of the body", words::code(pointer)),
    }
}

fn mark(trust: crate::model::Trust) -> String {
    words::trust(trust)
        .map(|mark| format!(" ({mark})"))
        .unwrap_or_default()
}
