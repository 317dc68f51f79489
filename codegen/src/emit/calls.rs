//! Calls: the types of calls with optional parameters, their setters and filters, and the enums of
//! calls with several outcomes.

use super::methods::{inner_call, output};
use super::{filters, literal, many, masks, params, policies, types, words, writes};
use crate::model::{
    Answer, Api, Argument, ArgumentKind, Filter, Method, Outcome, ParamPlace, Plain, Resource,
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
    if let Some(bulk) = many::emit_bulk(api, resource, method) {
        return bulk;
    }
    let (name, inner, out) = (
        format_ident!("{call_type}"),
        inner_call(method),
        output(&method.answer),
    );
    let streamed = method.answer == Answer::Plain(Plain::Stream);
    let chain = Chain::of(&name);
    let selects = masks::chain(method);
    let setters = setters(method).map(|argument| match &selects {
        Some((by, selected)) if *by == argument.name.rust => {
            masks::emit_selecting(api, selected, argument)
        }
        Some(_) | None => emit_setter(api, &chain, argument),
    });
    let filters = method
        .filters
        .iter()
        .map(|filter| emit_filter(api, &chain, filter));
    let own = setters.chain(filters).collect::<Vec<_>>();
    let own = (!own.is_empty()).then(|| quote! { impl #name { #(#own)* } });
    let listed = matches!(method.answer, Answer::Page { .. });
    let sentence = match &method.follow {
        Some(_) => "`.await` sends it, [`download`](Self::download) gets what the answer leads to.",
        None if streamed => "`.await` sends it and gives the body as it comes.",
        None if listed => "`.await` gives one page, [`items`](Self::items) all.",
        None => "`.await` sends it.",
    };
    let doc = words::line(&format!(
        "[`{}::{}`] before it is sent: {sentence}",
        resource.handle, method.name.rust
    ));
    let table = match &method.follow {
        Some(_) => quote! { following! { #name => #out } },
        None if streamed => quote! { downloading! { #name } },
        None if listed => quote! { list_call! { #name => #out } },
        None => quote! { call! { #name => #out } },
    };
    let options = writes::options(method, &name, &out);
    let polled = many::polled(api, method, &name);
    let masked = masks::emit(resource, method);
    let deprecated = words::deprecation(&method.doc);
    quote! {
        #doc
        #deprecated
        #[must_use = "a call is sent when it is awaited"]
        #[derive(Clone, Debug)]
        pub struct #name(#inner);
        #own
        runtime::#table
        #options
        #polled
        #masked
    }
}

/// How a setter takes its call, where it writes, and what it gives.
pub(super) struct Chain {
    pub(super) takes: TokenStream,
    pub(super) begins: TokenStream,
    pub(super) request: TokenStream,
    pub(super) gives: TokenStream,
    pub(super) ends: TokenStream,
}

impl Chain {
    fn of(call: &proc_macro2::Ident) -> Self {
        Self {
            takes: quote! { mut self },
            begins: TokenStream::new(),
            request: quote! { self.0.request_mut() },
            gives: quote! { #call },
            ends: quote! { self },
        }
    }
}

pub(super) fn emit_setter(api: &Api, chain: &Chain, argument: &Argument) -> TokenStream {
    emit_documented(api, chain, argument, &setter_doc(argument))
}

/// A setter with words of its own.
pub(super) fn emit_documented(
    api: &Api,
    chain: &Chain,
    argument: &Argument,
    doc: &[String],
) -> TokenStream {
    let Chain {
        takes,
        begins,
        request,
        gives,
        ends,
    } = chain;
    let name = format_ident!("{}", argument.name.rust);
    let doc = words::lines(doc);
    let deprecated = words::deprecation(&argument.doc);
    let set = params::set(api, argument, request);
    let ty = params::argument(api, argument);
    quote! {
        #doc
        #deprecated
        pub fn #name(#takes, #name: #ty) -> #gives {
            #begins
            #set
            #ends
        }
    }
}

pub(super) fn setter_doc(argument: &Argument) -> Vec<String> {
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

pub(super) fn emit_filter(api: &Api, chain: &Chain, filter: &Filter) -> TokenStream {
    let Chain {
        takes,
        begins,
        request,
        gives,
        ends,
    } = chain;
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
            pub fn #name(#takes, #name: impl RangeBounds<#ty>) -> #gives {
                #begins
                #request.range([#(#params),*], &#name);
                #ends
            }
        }
    });
    let ops = filter
        .ops
        .iter()
        .map(|op| filters::emit_op(api, chain, filter, op));
    quote! { #range #(#ops)* }
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
            | Answer::Plain(_)
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
        answer @ (Answer::Plain(_)
        | Answer::Value { .. }
        | Answer::List { .. }
        | Answer::Page { .. }
        | Answer::Outcomes { .. }) => Some(output(answer)),
    }
}
