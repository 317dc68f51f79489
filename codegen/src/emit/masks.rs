//! Calls whose members were selected: the setter that selects, and the type of the call after it.
//! Assumes a model whose partial structs are laid out. Must not give that type setters: the selection comes last.

use super::calls::{Chain, emit_documented, setter_doc};
use super::methods::{call_of, output};
use super::words;
use crate::model::{Answer, Api, Argument, Method, Resource};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The parameter that selects, and what its setter gives.
pub(super) fn chain(method: &Method) -> Option<(&str, Chain)> {
    let mask = method.mask.as_ref()?;
    let call = format_ident!("{}", mask.call_type);
    let chain = Chain {
        takes: quote! { mut self },
        begins: TokenStream::new(),
        request: quote! { self.0.request_mut() },
        gives: quote! { #call },
        ends: quote! { #call(self.0.select()) },
    };
    Some((&mask.by, chain))
}

/// The setter that selects.
pub(super) fn emit_selecting(api: &Api, chain: &Chain, argument: &Argument) -> TokenStream {
    let mut lines = setter_doc(argument);
    lines.extend([
        String::new(),
        "What is not selected is `None` then; set everything else before.".to_owned(),
    ]);
    emit_documented(api, chain, argument, &lines)
}

/// The type of the call then.
pub(super) fn emit(resource: &Resource, method: &Method) -> Option<TokenStream> {
    let mask = method.mask.as_ref()?;
    let (name, inner, out) = (
        format_ident!("{}", mask.call_type),
        call_of(&mask.answer),
        output(&mask.answer),
    );
    let doc = words::line(&format!(
        "[`{}::{}`] with selected members, before it is sent.",
        resource.handle, method.name.rust
    ));
    let table = if matches!(mask.answer, Answer::Page { .. }) {
        quote! { list_call }
    } else {
        quote! { call }
    };
    Some(quote! {
        #doc
        #[must_use = "a call is sent when it is awaited"]
        #[derive(Clone, Debug)]
        pub struct #name(#inner);
        runtime::#table! { #name => #out }
    })
}
