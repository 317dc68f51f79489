//! Methods: the handle of a resource, its calls, and their rows of the operation table.
//!
//! A call is a plain function over the runtime's request. What it costs, when it is sent again and
//! how sure we are stands in its documentation, in words.

use super::{behaviour, literal, params, policies, types, words, writes};
use crate::model::{
    Answer, Api, Argument, ArgumentKind, Body, Effect, Method, ParamPlace, Resource, Ty, Verb,
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
    if argument.list.is_some() {
        let (element, _) = params::elements(api, &argument.ty);
        return quote! { #name: impl IntoIterator<Item = #element> };
    }
    let ty = params::one(
        api,
        &argument.name.rust,
        &argument.ty,
        argument.format,
        argument.bools,
    )
    .ty;
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
    let body = body_argument(method);
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
    let json = json(method);
    let steps = if sets.is_empty() {
        wrap(method, &quote! { #request #json #finish })
    } else {
        let wrapped = wrap(method, &quote! { request #json #finish });
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

fn body_argument(method: &Method) -> Option<TokenStream> {
    match &method.body {
        Body::None => None,
        Body::Json { rust, ty, .. } => {
            let name = format_ident!("{rust}");
            let ty = match ty {
                Ty::List(item) => {
                    let item = types::tokens(item);
                    quote! { [#item] }
                }
                other => types::tokens(other),
            };
            Some(quote! { #name: &#ty })
        }
    }
}

fn json(method: &Method) -> Option<TokenStream> {
    match &method.body {
        Body::None => None,
        Body::Json { rust, ty, at } => {
            let name = format_ident!("{rust}");
            // A slice is no trait object; a reference to one is.
            let name = if matches!(ty, Ty::List(_)) {
                quote! { &#name }
            } else {
                quote! { #name }
            };
            Some(if at.is_empty() {
                quote! { .json(#name) }
            } else {
                let at = policies::pointer(at);
                quote! { .json_at(#at, #name) }
            })
        }
    }
}

/// The last step of a request: how its answer is read.
fn finish(method: &Method) -> TokenStream {
    let call = finish_answer(&method.answer);
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

fn finish_answer(answer: &Answer) -> TokenStream {
    match answer {
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
            quote! { #name }
        }
        None => inner_call(method),
    }
}

pub(super) fn inner_call(method: &Method) -> TokenStream {
    let out = output(&method.answer);
    match method.answer {
        Answer::Page { .. } => quote! { ListCall<#out> },
        Answer::None | Answer::Value { .. } | Answer::List { .. } | Answer::Outcomes { .. } => {
            quote! { Call<#out> }
        }
    }
}

/// What a call gives; of a page the item.
pub(super) fn output(answer: &Answer) -> TokenStream {
    match answer {
        Answer::None => quote! { () },
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
    let common = policies::common(api);
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
    if method.answer == Answer::None {
        entries.push(quote! { reads_body: false });
    }
    quote! { static #constant: Operation = Operation { #(#entries,)* ..READ }; }
}
