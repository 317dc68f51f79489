//! Calls: the types of calls with optional parameters, their setters and filters, and the enums of
//! calls with several outcomes.

use super::methods::{inner_call, output};
use super::{literal, params, policies, types, words, writes};
use crate::model::{
    Answer, Api, Argument, ArgumentKind, Filter, Method, Outcome, ParamPlace, Resource,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

fn setters(method: &Method) -> impl Iterator<Item = &Argument> {
    method
        .arguments
        .iter()
        .filter(|argument| argument.kind == ArgumentKind::Setter)
}

/// The type of a call with optional parameters, its setters and its options.
pub(super) fn emit_call(api: &Api, resource: &Resource, method: &Method) -> TokenStream {
    let Some(call_type) = &method.call_type else {
        return TokenStream::new();
    };
    let (name, inner, out) = (
        format_ident!("{call_type}"),
        inner_call(method),
        output(&method.answer),
    );
    let setters = setters(method).map(|argument| emit_setter(api, &name, argument));
    let filters = method
        .filters
        .iter()
        .map(|filter| emit_filter(api, &name, filter));
    let listed = matches!(method.answer, Answer::Page { .. });
    let sentence = if listed {
        "`.await` gives one page, [`items`](Self::items) all."
    } else {
        "`.await` sends it."
    };
    let doc = words::line(&format!(
        "[`{}::{}`] before it is sent: {sentence}",
        resource.handle, method.name.rust
    ));
    let table = if listed {
        quote! { list_call }
    } else {
        quote! { call }
    };
    let options = writes::options(method, &name, &out);
    let deprecated = words::deprecation(&method.doc);
    quote! {
        #doc
        #deprecated
        #[must_use = "a call is sent when it is awaited"]
        #[derive(Clone, Debug)]
        pub struct #name(#inner);
        impl #name {
            #(#setters)*
            #(#filters)*
        }
        runtime::#table! { #name => #out }
        #options
    }
}

fn emit_setter(api: &Api, call: &proc_macro2::Ident, argument: &Argument) -> TokenStream {
    let name = format_ident!("{}", argument.name.rust);
    let doc = words::lines(&setter_doc(argument));
    let deprecated = words::deprecation(&argument.doc);
    let set = params::set(api, argument, &quote! { self.0.request_mut() });
    let ty = match argument.list {
        Some(_) => {
            let (element, _) = params::elements(api, &argument.ty);
            quote! { impl IntoIterator<Item = #element> }
        }
        None => {
            params::one(
                api,
                &argument.name.rust,
                &argument.ty,
                argument.format,
                argument.bools,
            )
            .ty
        }
    };
    quote! {
        #doc
        #deprecated
        pub fn #name(mut self, #name: #ty) -> #call {
            #set
            self
        }
    }
}

fn setter_doc(argument: &Argument) -> Vec<String> {
    let otherwise = match argument.place {
        ParamPlace::PageStart => "Starts at this position instead of the first",
        ParamPlace::PageCursor => "Starts here instead of at the first page",
        ParamPlace::PageSize => "Asks for pages of this size",
        ParamPlace::Path | ParamPlace::Query | ParamPlace::Header | ParamPlace::Version => "Sets",
    };
    let mut lines = words::paragraphs(&argument.doc, otherwise);
    let place = if argument.place == ParamPlace::Header {
        "header "
    } else {
        ""
    };
    if let Some(first) = lines.first_mut() {
        let text = first.trim_end_matches('.');
        *first = format!("{text} ({place}{}).", words::code(&argument.name.wire));
    }
    lines
}

fn emit_filter(api: &Api, call: &proc_macro2::Ident, filter: &Filter) -> TokenStream {
    let range = filter.range.as_ref().map(|names| {
        let name = format_ident!("{}", filter.field.rust);
        let ty = types::tokens(&filter.ty);
        let params = names.iter().map(|name| literal::wire(name));
        let mut lines = words::paragraphs(
            &filter.doc,
            &format!(
                "Only those whose {} is in this range",
                words::code(&filter.field.wire)
            ),
        );
        if let Some(first) = lines.first_mut() {
            *first = format!(
                "{}, such as `a..` ({} and others).",
                first.trim_end_matches('.'),
                words::code(&names[3])
            );
        }
        let doc = words::lines(&lines);
        quote! {
            #doc
            pub fn #name(mut self, #name: impl RangeBounds<#ty>) -> #call {
                self.0.request_mut().range([#(#params),*], &#name);
                self
            }
        }
    });
    let ops = filter.ops.iter().map(|op| {
        let name = format_ident!("{}", op.rust);
        let doc = words::line(&format!(
            "Only those whose {} {} ({}).",
            words::code(&filter.field.wire),
            op_words(&op.op),
            words::code(&op.param)
        ));
        let (ty, set) = match op.list {
            Some(style) => {
                let (element, _) = params::elements(api, &filter.ty);
                let set = params::set_list(
                    api,
                    &filter.ty,
                    filter.format,
                    style,
                    &op.param,
                    &name,
                    &quote! { self.0.request_mut() },
                );
                (quote! { impl IntoIterator<Item = #element> }, set)
            }
            None => {
                let value = params::one(api, &op.rust, &filter.ty, filter.format, filter.bools);
                let (param, show) = (literal::wire(&op.param), value.show);
                (
                    value.ty,
                    quote! { self.0.request_mut().query(#param, #show); },
                )
            }
        };
        quote! {
            #doc
            pub fn #name(mut self, #name: #ty) -> #call {
                #set
                self
            }
        }
    });
    quote! { #range #(#ops)* }
}

fn op_words(op: &str) -> &'static str {
    match op {
        "eq" => "equals this",
        "ne" => "differs from this",
        "lt" => "is less than this",
        "le" => "is at most this",
        "gt" => "is greater than this",
        "ge" => "is at least this",
        "in" => "is one of these",
        "contains" => "contains this",
        "starts_with" => "starts with this",
        "ends_with" => "ends with this",
        "like" => "is like this",
        "exists" => "exists, or does not",
        "not_in" => "is none of these",
        "not_contains" => "does not contain this",
        "not_starts_with" => "does not start with this",
        "not_ends_with" => "does not end with this",
        "not_like" => "is not like this",
        _ => "compares so with this",
    }
}

/// The enum of a call with several outcomes.
pub(super) fn emit_outcomes(method: &Method) -> TokenStream {
    let Answer::Outcomes { rust, outcomes } = &method.answer else {
        return TokenStream::new();
    };
    let name = format_ident!("{rust}");
    let variants = outcomes.iter().map(|outcome| {
        let variant = format_ident!("{}", outcome.name.rust);
        let doc = words::line(&format!(
            "{}: {}",
            outcome.status,
            words::escape(&outcome.name.wire).join(" ")
        ));
        let inner = inner(outcome).map(|ty| quote! { (#ty) });
        quote! { #doc #variant #inner, }
    });
    let entries = outcomes.iter().map(|outcome| {
        let variant = format_ident!("{}", outcome.name.rust);
        let status = Literal::u16_unsuffixed(outcome.status);
        let inner = inner(outcome).map(|ty| quote! { (#ty) });
        let from = match &outcome.answer {
            Answer::Value { from, .. } | Answer::List { from, .. } if !from.is_empty() => {
                let segments = policies::segments(from);
                Some(quote! { at #(#segments)&* })
            }
            Answer::None
            | Answer::Value { .. }
            | Answer::List { .. }
            | Answer::Page { .. }
            | Answer::Outcomes { .. } => None,
        };
        quote! { #variant #inner = #status #from, }
    });
    let doc = words::line(&format!("What `{}` did.", method.operation));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* }
        runtime::outcomes! { #name: #(#entries)* }
    }
}

fn inner(outcome: &Outcome) -> Option<TokenStream> {
    match &outcome.answer {
        Answer::None => None,
        answer @ (Answer::Value { .. }
        | Answer::List { .. }
        | Answer::Page { .. }
        | Answer::Outcomes { .. }) => Some(output(answer)),
    }
}
