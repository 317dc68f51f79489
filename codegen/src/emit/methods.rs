//! Methods: the handle of a resource, its calls, and their rows of the operation table.
//!
//! A call is a plain function over the runtime's request. What it costs, when it is sent again and
//! how sure we are stands in its documentation, in words.

use super::{behaviour, bodies, literal, many, params, policies, types, words, writes};
use crate::model::{
    Answer, Api, Argument, ArgumentKind, Effect, Follow, Method, ParamPlace, Plain, Resource, Verb,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The handle with its calls and children.
pub(super) fn emit_handle(api: &Api, resource: &Resource) -> TokenStream {
    let handle = format_ident!("{}", resource.handle);
    let doc = handle_doc(resource);
    let deprecated = words::deprecation(&resource.doc);
    let methods = resource
        .methods
        .iter()
        .map(|method| emit_method(api, resource, method));
    let children = resource
        .children
        .iter()
        .map(|child| emit_accessor(api, child, resource));
    let (definition, new) = if resource.parent_keys.is_empty() {
        let new = quote! {
            pub(super) fn new(core: &Core) -> #handle {
                #handle(core.clone())
            }
        };
        (quote! { pub struct #handle(Core); }, new)
    } else {
        let names = resource
            .parent_keys
            .iter()
            .map(|key| format_ident!("{}", key.name.rust))
            .collect::<Vec<_>>();
        let fields = names.iter().map(|name| quote! { #name: String, });
        let arguments = names.iter().map(|name| quote! { #name: String });
        let new = quote! {
            pub(super) fn new(core: &Core, #(#arguments),*) -> #handle {
                #handle { core: core.clone(), #(#names),* }
            }
        };
        (
            quote! { pub struct #handle { core: Core, #(#fields)* } },
            new,
        )
    };
    quote! {
        #doc
        #deprecated
        #[derive(Clone, Debug)]
        #definition
        impl #handle {
            #new
            #(#methods)*
            #(#children)*
        }
    }
}

fn handle_doc(resource: &Resource) -> TokenStream {
    let mut lines = words::paragraphs(
        &resource.doc,
        &format!("Calls on `{}`.", resource.name.wire),
    );
    for note in &resource.notes {
        lines.push(String::new());
        lines.extend(words::paragraphs(&note.doc, ""));
    }
    words::lines(&lines)
}

/// A function that gives a handle: on the client or on a parent.
pub(super) fn emit_accessor(api: &Api, child: &Resource, parent: &Resource) -> TokenStream {
    let own = child
        .parent_keys
        .get(parent.parent_keys.len()..)
        .unwrap_or_default();
    let inherited = parent.parent_keys.iter().map(|key| {
        let name = format_ident!("{}", key.name.rust);
        quote! { self.#name.clone() }
    });
    let core = if parent.parent_keys.is_empty() {
        quote! { &self.0 }
    } else {
        quote! { &self.core }
    };
    accessor(
        api,
        child,
        own,
        &core,
        &inherited.collect::<Vec<_>>(),
        &quote! { super:: },
    )
}

/// The accessor of a resource at the top.
pub(super) fn emit_root_accessor(api: &Api, resource: &Resource) -> TokenStream {
    accessor(
        api,
        resource,
        &resource.parent_keys,
        &quote! { &self.0 },
        &[],
        &TokenStream::new(),
    )
}

fn accessor(
    api: &Api,
    child: &Resource,
    keys: &[Argument],
    core: &TokenStream,
    inherited: &[TokenStream],
    path: &TokenStream,
) -> TokenStream {
    let (name, handle) = (
        format_ident!("{}", child.name.rust),
        format_ident!("{}", child.handle),
    );
    let doc = words::of(&child.doc, &format!("Calls on `{}`.", child.name.wire));
    let deprecated = words::deprecation(&child.doc);
    let arguments = keys.iter().map(|key| positional(api, key));
    let values = keys.iter().map(|key| {
        let show = params::one(api, &key.name.rust, &key.ty, key.format, key.bools).show;
        quote! { key_text(#show) }
    });
    quote! {
        #doc
        #deprecated
        pub fn #name(&self, #(#arguments),*) -> #path #handle {
            #path #handle::new(#core, #(#inherited,)* #(#values),*)
        }
    }
}

fn positional(api: &Api, argument: &Argument) -> TokenStream {
    let name = format_ident!("{}", argument.name.rust);
    if argument.place == ParamPlace::Version {
        return quote! { #name: impl Into<String> };
    }
    let ty = params::argument(api, argument);
    quote! { #name: #ty }
}

fn emit_method(api: &Api, resource: &Resource, method: &Method) -> TokenStream {
    let (name, constant) = (
        format_ident!("{}", method.name.rust),
        format_ident!("{}", method.constant),
    );
    let doc = method_doc(api, method);
    let deprecated = words::deprecation(&method.doc);
    let arguments = positional_arguments(method).map(|argument| positional(api, argument));
    let body = bodies::argument(method);
    let result = result_type(method);
    let core = if resource.parent_keys.is_empty() {
        quote! { &self.0 }
    } else {
        quote! { &self.core }
    };
    let inherited = resource.parent_keys.iter().map(|key| {
        let name = format_ident!("{}", key.name.rust);
        quote! { .key(&self.#name) }
    });
    let keys = positional_arguments(method)
        .filter(|argument| argument.place == ParamPlace::Path)
        .map(|argument| {
            let show = params::one(
                api,
                &argument.name.rust,
                &argument.ty,
                argument.format,
                argument.bools,
            )
            .show;
            quote! { .key(#show) }
        });
    let request = quote! { Request::new(#core, &#constant) #(#inherited)* #(#keys)* };
    let sets = positional_arguments(method)
        .filter(|argument| !matches!(argument.place, ParamPlace::Path | ParamPlace::Version))
        .map(|argument| params::set(api, argument, &quote! { request }))
        .collect::<Vec<_>>();
    let finish = finish(method);
    let guarded = many::guarded(api, method);
    let sent = bodies::step(method);
    let steps = if sets.is_empty() {
        wrap(method, &quote! { #request #sent #finish #guarded })
    } else {
        let wrapped = wrap(method, &quote! { request #sent #finish #guarded });
        quote! { let mut request = #request; #(#sets)* #wrapped }
    };
    quote! {
        #doc
        #deprecated
        pub fn #name(&self, #(#arguments,)* #body) -> #result {
            #steps
        }
    }
}

fn positional_arguments(method: &Method) -> impl Iterator<Item = &Argument> {
    method
        .arguments
        .iter()
        .filter(|argument| argument.kind == ArgumentKind::Positional)
}

/// The last step of a request: how its answer is read.
fn finish(method: &Method) -> TokenStream {
    let call = match &method.follow {
        Some(_) => follow_answer(method),
        None => finish_answer(&method.answer),
    };
    // A write that has to name a version is given it like any other.
    let version = positional_arguments(method).find(|one| one.place == ParamPlace::Version);
    match version {
        Some(version) => {
            let version = format_ident!("{}", version.name.rust);
            quote! { #call.with_version(#version) }
        }
        None => call,
    }
}

fn follow_answer(method: &Method) -> TokenStream {
    let at = match &method.answer {
        Answer::Value { from, .. } => policies::pointer(from),
        // Refused by a check: only a value leads somewhere.
        Answer::None
        | Answer::Plain(_)
        | Answer::Page { .. }
        | Answer::List { .. }
        | Answer::Outcomes { .. } => policies::pointer(""),
    };
    let constant = follow_constant(method);
    quote! { .follow(#at, &#constant) }
}

fn follow_constant(method: &Method) -> proc_macro2::Ident {
    format_ident!("{}_FOLLOW", method.constant)
}

/// Where the answer of a method leads.
pub(super) fn emit_follow(method: &Method) -> Option<TokenStream> {
    let Follow {
        url,
        expires,
        origins,
    } = method.follow.as_ref()?;
    let constant = follow_constant(method);
    let (url, expires) = (
        policies::pointer(url),
        policies::option_pointer(expires.as_ref()),
    );
    let origins = origins.iter().map(|origin| literal::wire(origin));
    Some(quote! {
        static #constant: Follow = Follow {
            url: #url,
            expires: #expires,
            origins: &[#(#origins),*],
        };
    })
}

pub(super) fn finish_answer(answer: &Answer) -> TokenStream {
    match answer {
        Answer::Plain(Plain::Text) => quote! { .call_text() },
        Answer::Plain(Plain::Bytes) => quote! { .call_bytes() },
        Answer::Plain(Plain::Stream) => quote! { .download() },
        Answer::None => quote! { .call_empty() },
        Answer::Value { from, .. } | Answer::List { from, .. } if from.is_empty() => {
            quote! { .call() }
        }
        Answer::Value { from, .. } | Answer::List { from, .. } => {
            let from = policies::pointer(from);
            quote! { .call_at(#from) }
        }
        Answer::Page { .. } => quote! { .list() },
        Answer::Outcomes { rust, .. } => {
            let name = format_ident!("{rust}");
            quote! { .call_with(#name::__read) }
        }
    }
}

fn wrap(method: &Method, call: &TokenStream) -> TokenStream {
    match &method.call_type {
        Some(name) => {
            let name = format_ident!("{name}");
            quote! { #name(#call) }
        }
        None => call.clone(),
    }
}

fn result_type(method: &Method) -> TokenStream {
    match &method.call_type {
        Some(name) => {
            let name = format_ident!("{name}");
            let unfiltered = method.bulk.is_some().then(|| quote! { <Unfiltered> });
            quote! { #name #unfiltered }
        }
        None => inner_call(method),
    }
}

pub(super) fn inner_call(method: &Method) -> TokenStream {
    let out = output(&method.answer);
    if method.bulk.is_some() {
        return quote! { BulkWrite<#out, F> };
    }
    if method.follow.is_some() {
        return quote! { Following<#out> };
    }
    call_of(&method.answer)
}

/// The runtime's call of an answer.
pub(super) fn call_of(answer: &Answer) -> TokenStream {
    let out = output(answer);
    match answer {
        Answer::Plain(Plain::Stream) => quote! { Downloading },
        Answer::Page { .. } => quote! { ListCall<#out> },
        Answer::None
        | Answer::Plain(Plain::Text | Plain::Bytes)
        | Answer::Value { .. }
        | Answer::List { .. }
        | Answer::Outcomes { .. } => quote! { Call<#out> },
    }
}

/// What a call gives; of a page the item.
pub(super) fn output(answer: &Answer) -> TokenStream {
    match answer {
        Answer::None => quote! { () },
        Answer::Plain(Plain::Text) => quote! { String },
        Answer::Plain(Plain::Bytes) => quote! { Bytes },
        Answer::Plain(Plain::Stream) => quote! { Download },
        Answer::Value { ty, .. } => types::tokens(ty),
        Answer::List { item, .. } => {
            let item = types::tokens(item);
            quote! { Vec<#item> }
        }
        Answer::Page { item, .. } => types::tokens(item),
        Answer::Outcomes { rust, .. } => {
            let name = format_ident!("{rust}");
            quote! { #name }
        }
    }
}

fn method_doc(api: &Api, method: &Method) -> TokenStream {
    let path = format!("`{} {}`", verb(method.verb), method.path);
    let mut lines = words::paragraphs(&method.doc, &format!("Sends {path}."));
    lines.extend([String::new(), path, String::new()]);
    lines.extend(behaviour::behaviour(api, method));
    words::lines(&lines)
}

pub(super) fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "GET",
        Verb::Head => "HEAD",
        Verb::Options => "OPTIONS",
        Verb::Post => "POST",
        Verb::Put => "PUT",
        Verb::Patch => "PATCH",
        Verb::Delete => "DELETE",
    }
}

/// The row of the operation table; what equals the API's common row is left out.
pub(super) fn emit_operation(api: &Api, method: &Method) -> TokenStream {
    let constant = format_ident!("{}", method.constant);
    let (name, path) = (&method.operation, literal::wire(&method.path));
    let common = &api.common;
    let mut entries = vec![quote! { name: #name }];
    if method.verb != Verb::Get {
        let verb = types::variant(&method.verb);
        entries.push(quote! { verb: Verb::#verb });
    }
    entries.push(quote! { path: #path });
    if method.effect != Effect::Read {
        let effect = writes::effect(api, method);
        entries.push(quote! { effect: #effect });
    }
    if method.charges != common.charges {
        let limit = policies::charges(api, &method.charges);
        entries.push(quote! { limit: #limit });
    }
    if method.retry != common.retry {
        let retry = policies::retry_reference(api, method.retry);
        entries.push(quote! { retry: #retry });
    }
    if method.timeout_ms != common.timeout_ms {
        let timeout = policies::duration(method.timeout_ms);
        entries.push(quote! { timeout: #timeout });
    }
    if method.security != common.security {
        let security = policies::security(api, &method.security);
        entries.push(quote! { security: #security });
    }
    if !method.success.is_empty() {
        let statuses = method
            .success
            .iter()
            .map(|status| Literal::u16_unsuffixed(*status));
        entries.push(quote! { success: &[#(#statuses),*] });
    }
    if let Some(page) = method.page.and_then(|at| api.pages.get(at)) {
        let page = format_ident!("{}_PAGES", page.name.rust);
        entries.push(quote! { page: Some(&#page) });
    }
    for (field, pairs) in [("headers", &method.headers), ("query", &method.query)] {
        if !pairs.is_empty() {
            let (field, pairs) = (format_ident!("{field}"), policies::pairs(pairs));
            entries.push(quote! { #field: #pairs });
        }
    }
    entries.extend(writes::entries(api, method));
    entries.extend(many::entry(api, method));
    if method.answer == Answer::None {
        entries.push(quote! { reads_body: false });
    }
    quote! { pub(super) static #constant: Operation = Operation { #(#entries,)* ..READ }; }
}
