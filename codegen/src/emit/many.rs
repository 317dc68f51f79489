//! Calls on many rows and calls that take their time: the type of a write that cannot be sent without a
//! filter, the table of a poll, and what documentation says of both. Assumes a checked model: an operation
//! that is not there is left out.

use super::calls::{Chain, emit_filter, emit_setter};
use super::methods::{inner_call, output};
use super::{literal, modules, policies, words};
use crate::model::{Answer, Api, ArgumentKind, Method, Poll, Resource};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// So many members has the table of a poll; one that names them all has no rest.
const MEMBERS: usize = 8;

/// The type of a write over many rows.
pub(super) fn emit_bulk(api: &Api, resource: &Resource, method: &Method) -> Option<TokenStream> {
    let (_, name) = (method.bulk.as_ref()?, method.call_type.as_ref()?);
    let name = format_ident!("{name}");
    let (inner, out) = (inner_call(method), output(&method.answer));
    let setter = Chain {
        takes: quote! { mut self },
        begins: TokenStream::new(),
        request: quote! { self.0.request_mut() },
        gives: quote! { #name<F> },
        ends: quote! { self },
    };
    let filter = Chain {
        takes: quote! { self },
        begins: quote! { let mut request = self.0.filtered(); },
        request: quote! { request.filter_mut() },
        gives: quote! { #name<Filtered> },
        ends: quote! { #name(request) },
    };
    let setters = method
        .arguments
        .iter()
        .filter(|argument| argument.kind == ArgumentKind::Setter)
        .map(|argument| emit_setter(api, &setter, argument));
    let filters = method
        .filters
        .iter()
        .map(|one| emit_filter(api, &filter, one));
    let doc = words::lines(&[
        format!(
            "[`{}::{}`] before it is sent. It takes a filter first: without one it would touch every row.",
            resource.handle, method.name.rust
        ),
        String::new(),
        "Then `plan()` counts the rows, and `expect(rows)` counts and writes if there are so many."
            .to_owned(),
    ]);
    let deprecated = words::deprecation(&method.doc);
    Some(quote! {
        #doc
        #deprecated
        #[must_use = "a write over many rows is sent when its plan is applied"]
        #[derive(Clone, Debug)]
        pub struct #name<F>(#inner);
        impl<F> #name<F> {
            #(#setters)*
            #(#filters)*
        }
        runtime::bulk! { #name => #out }
    })
}

/// `.bulk(self.count().0)`: the call that counts what a write touches.
pub(super) fn guarded(api: &Api, method: &Method) -> Option<TokenStream> {
    let guard = find(api, method.bulk.as_ref()?)?;
    let name = format_ident!("{}", guard.name.rust);
    let inner = guard.call_type.is_some().then(|| quote! { .0 });
    Some(quote! { .bulk(self.#name() #inner) })
}

/// The table that lets a call be polled, and what it gives then.
pub(super) fn polled(api: &Api, method: &Method, call: &proc_macro2::Ident) -> Option<TokenStream> {
    let poll = method.poll.as_ref()?;
    let out = output(&read(api, method, poll)?.answer);
    Some(quote! { runtime::polled! { #call => #out } })
}

/// What polling a call gives, for whoever needs its type.
pub(super) fn polled_answer<'a>(api: &'a Api, method: &'a Method) -> Option<&'a Answer> {
    let poll = method.poll.as_ref()?;
    Some(&read(api, method, poll)?.answer)
}

/// The entry of an operation's row.
pub(super) fn entry(api: &Api, method: &Method) -> Option<TokenStream> {
    let poll = method.poll.as_ref()?;
    let from = match &read(api, method, poll)?.answer {
        Answer::Value { from, .. } => from.as_str(),
        _ => "",
    };
    let mut entries = Vec::new();
    if let Some(call) = poll.call.as_ref().and_then(|call| find(api, call)) {
        let call = format_ident!("{}", call.constant);
        entries.push(quote! { call: Some(&#call) });
    }
    if !poll.keys.is_empty() {
        let keys = poll.keys.iter().map(|(name, at)| {
            let (name, at) = (literal::wire(name), policies::pointer(at));
            quote! { (#name, #at) }
        });
        entries.push(quote! { keys: &[#(#keys),*] });
    }
    let at = policies::pointer(&poll.at);
    entries.push(quote! { at: #at });
    for (field, words) in [("until", &poll.until), ("fail", &poll.fail)] {
        if !words.is_empty() {
            let field = format_ident!("{field}");
            let words = words.iter().map(|word| literal::wire(word));
            entries.push(quote! { #field: &[#(#words),*] });
        }
    }
    if !from.is_empty() {
        let from = policies::pointer(from);
        entries.push(quote! { from: #from });
    }
    for (field, time) in [("every", &poll.every), ("max", &poll.max)] {
        let (field, time) = (format_ident!("{field}"), policies::duration(time.value));
        entries.push(quote! { #field: #time });
    }
    let rest = (entries.len() < MEMBERS).then(|| quote! { ..PollUntil::NEW });
    Some(quote! { poll: Some(&PollUntil { #(#entries,)* #rest }) })
}

fn read<'a>(api: &'a Api, method: &'a Method, poll: &Poll) -> Option<&'a Method> {
    match &poll.call {
        Some(call) => find(api, call),
        None => Some(method),
    }
}

fn find<'a>(api: &'a Api, operation: &str) -> Option<&'a Method> {
    let mut methods = modules::all_resources(api)
        .into_iter()
        .flat_map(|resource| &resource.methods);
    methods.find(|method| method.operation == operation)
}

/// Lines about writes over many rows and about polls.
pub(super) fn lines(api: &Api, method: &Method) -> Vec<String> {
    let bulk = method.bulk.as_ref().and_then(|guard| find(api, guard));
    let bulk = bulk.map(|guard| {
        format!(
            "* **Rows**: as many as its filters select; `{}` counts them just before, and nothing is sent when there \
             are not as many as expected ([`CountChanged`](crate::Kind::CountChanged)).",
            guard.name.rust
        )
    });
    let poll = method.poll.as_ref().and_then(|poll| {
        let asked = match &poll.call {
            Some(call) => format!("`{}` of what it made", find(api, call)?.name.rust),
            None => "it".to_owned(),
        };
        let list = |words: &[String]| {
            let words = words.iter().map(|word| words::code(word));
            words.collect::<Vec<_>>().join(", ")
        };
        let fail = if poll.fail.is_empty() {
            String::new()
        } else {
            format!("; {} is [`JobFailed`](crate::Kind::JobFailed)", list(&poll.fail))
        };
        let mark = |number: &crate::model::Number| {
            words::trust(number.doc.trust).map(|mark| format!(" ({mark})")).unwrap_or_default()
        };
        Some(format!(
            "* **Polling**: `poll()` asks {asked} every {}{} until {} is {}{fail}, and after {}{} it is \
             [`StillRunning`](crate::Kind::StillRunning).",
            words::duration(poll.every.value),
            mark(&poll.every),
            words::code(&poll.at),
            list(&poll.until),
            words::duration(poll.max.value),
            mark(&poll.max),
        ))
    });
    bulk.into_iter().chain(poll).collect()
}
