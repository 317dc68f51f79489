//! Pages: the table of a page policy, and what documents say of it in words.
//! Assumes a checked model. Must not promise what a kind cannot do: only positions that are numbers can
//! be asked for ahead.

use super::{literal, policies, words};
use crate::model::{Paging, PagingKind, SendAt, Stop, Trust};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// `static BY_PAGE_PAGES: Paging`
pub(super) fn emit(page: &Paging) -> TokenStream {
    let constant = format_ident!("{}_PAGES", page.name.rust);
    let (name, kind) = (&page.name.wire, kind(&page.kind));
    let mut entries = vec![quote! { name: #name }, quote! { kind: #kind }];
    let mut set = |field: &str, value: TokenStream| {
        let field = format_ident!("{field}");
        entries.push(quote! { #field: #value });
    };
    for (field, at) in [("start", &page.start), ("size", &page.size)] {
        if let Some(at) = at {
            let at = send_at(at);
            set(field, quote! { Some(#at) });
        }
    }
    if !page.items.is_empty() {
        set("items", policies::pointer(&page.items));
    }
    if page.first != 0 {
        let first = Literal::u64_unsuffixed(page.first);
        set("first", quote! { #first });
    }
    let places = [
        ("total", &page.total),
        ("next", &page.next),
        ("page", &page.page),
        ("pages", &page.pages),
        ("size_read", &page.size_read),
    ];
    for (field, at) in places {
        if let Some(at) = at {
            let at = policies::place(at);
            set(field, quote! { Some(#at) });
        }
    }
    let sizes = [
        ("default_size", &page.default_size),
        ("min_size", &page.min_size),
        ("max_size", &page.max_size),
    ];
    for (field, size) in sizes {
        if let Some(size) = size {
            let size = Literal::u64_unsuffixed(size.value);
            set(field, quote! { Some(#size) });
        }
    }
    if let Some(unique_by) = &page.unique_by {
        let unique_by = literal::wire(unique_by);
        set("unique_by", quote! { Some(#unique_by) });
    }
    if !page.headers.is_empty() {
        let pairs = policies::pairs(&page.headers);
        set("headers", pairs);
    }
    let stop = page.stop.iter().map(super::types::variant);
    set("stop", quote! { &[#(Stop::#stop),*] });
    quote! { static #constant: Paging = Paging { #(#entries,)* ..Paging::NEW }; }
}

fn kind(kind: &PagingKind) -> TokenStream {
    match kind {
        PagingKind::Offset => quote! { PagingKind::Offset },
        PagingKind::Page => quote! { PagingKind::Page },
        PagingKind::Cursor => quote! { PagingKind::Cursor },
        PagingKind::NextUrl { from_request } => {
            quote! { PagingKind::NextUrl { from_request: #from_request } }
        }
        PagingKind::Keyset { by } => {
            let by = literal::wire(by);
            quote! { PagingKind::Keyset { by: #by } }
        }
    }
}

/// `SendAt::Header("x-page")`
pub(super) fn send_at(at: &SendAt) -> TokenStream {
    match at {
        SendAt::Query(name) => {
            let name = literal::wire(name);
            quote! { SendAt::Query(#name) }
        }
        SendAt::Header(name) => {
            let name = literal::wire(name);
            quote! { SendAt::Header(#name) }
        }
        SendAt::Body(pointer) => {
            let pointer = policies::pointer(pointer);
            quote! { SendAt::Body(#pointer) }
        }
    }
}

/// How a list is walked, for the documentation of its method.
pub(super) fn words(page: &Paging) -> String {
    let mut parts = vec![advance(page)];
    if let Some(size) = &page.default_size {
        let (count, mark) = (size.value, mark(size.doc.trust));
        parts.push(format!("{count} items unless said otherwise{mark}"));
    }
    if let Some(size) = &page.max_size {
        parts.push(format!("{} at most{}", size.value, mark(size.doc.trust)));
    }
    if let Some(member) = &page.unique_by {
        let member = words::code(member);
        parts.push(format!("an item whose {member} was seen is skipped"));
    }
    let doc = words::escape(&page.doc.text).join(" ");
    let doc = if doc.is_empty() {
        doc
    } else {
        format!(" {}", words::sentence(&doc))
    };
    format!("{}; {}.{doc}", parts.join(", "), end(&page.stop))
}

fn advance(page: &Paging) -> String {
    match &page.kind {
        PagingKind::Offset => "by offset".to_owned(),
        PagingKind::Page => "by number".to_owned(),
        PagingKind::Cursor => "by a cursor, which each page gives for the next".to_owned(),
        PagingKind::NextUrl { .. } => "by a link to the next, within the same origin".to_owned(),
        PagingKind::Keyset { by } => {
            let by = words::code(by);
            format!("by the {by} of the last item, in whose order the list has to be")
        }
    }
}

fn end(stop: &[Stop]) -> String {
    let rules = stop.iter().map(|stop| match stop {
        Stop::TotalReached => "when the total is reached",
        Stop::NoNext => "when no next page is named",
        Stop::ShortPage => "with a page that is not full",
        Stop::EmptyPage => "with an empty page",
        Stop::LastPage => "with the last page",
    });
    let rules = rules.collect::<Vec<_>>();
    format!("the walk ends {}", rules.join(" or "))
}

/// One line about a policy, for the document of an API.
/// One line for each policy; those that differ by a resource's key alone are one.
pub(super) fn lines(pages: &[Paging]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let first = pages.iter().filter(|page| seen.insert(&page.name.wire));
    first.map(line).collect()
}

fn line(page: &Paging) -> String {
    let total = page.total.as_ref().map_or("", |_| " Pages tell the total.");
    format!("`{}`: {}{total}", page.name.wire, words(page))
}

fn mark(trust: Trust) -> String {
    words::trust(trust)
        .map(|mark| format!(" ({mark})"))
        .unwrap_or_default()
}
