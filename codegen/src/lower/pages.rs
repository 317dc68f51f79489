//! Page policies, complete: what is sent, where it is read, and everything that ends a walk.
//! Assumes the API's conventions. Must not judge sizes or whether a walk can end, which the checks
//! do, nor look for the field of `unique_by`, which only a list's items can tell.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, PageKind, RequestPlace, ResponsePlace, Spanned};
use crate::model::{Name, Paging, PagingKind, Stop};
use crate::names;

use super::conventions::Conventions;
use super::words;

pub(super) fn lower(
    api: &document::Api,
    conventions: &Conventions,
    diagnostics: &mut Diagnostics,
) -> Vec<Paging> {
    let mut pages = Vec::with_capacity(api.page.len());
    for (name, page) in &api.page {
        pages.push(lower_one(conventions, name, page, diagnostics));
    }
    pages
}

fn lower_one(
    conventions: &Conventions,
    name: &Spanned<String>,
    page: &document::Page,
    diagnostics: &mut Diagnostics,
) -> Paging {
    let kind = match page.kind.value {
        PageKind::Offset => PagingKind::Offset,
        PageKind::Page => PagingKind::Page,
    };
    let start_param = start_param(kind, name, page.send.as_ref(), diagnostics);
    let size_param = page.send.as_ref().and_then(|send| send.size.as_ref());
    let size_param = size_param.and_then(|place| lower_query(place, diagnostics));
    let mut pointer = |written: fn(&document::PageRead) -> Option<&Spanned<ResponsePlace>>| {
        let place = page.read.as_ref().and_then(written);
        place.and_then(|place| lower_pointer(place, diagnostics))
    };
    let total = pointer(|read| read.total.as_ref());
    let next = pointer(|read| read.next.as_ref());
    let pages = pointer(|read| read.pages.as_ref());
    let (number, size) = (
        pointer(|read| read.page.as_ref()),
        pointer(|read| read.size.as_ref()),
    );
    let items = page
        .from
        .as_ref()
        .and_then(|place| lower_pointer(place, diagnostics));
    let stop = match &page.stop {
        Some(words) => words.iter().map(|word| stop_of(word.value)).collect(),
        None => default_stop(kind, total.is_some(), next.is_some(), pages.is_some()),
    };
    let size_of = |written: fn(&document::PageSize) -> Option<&document::Judged<u64>>| {
        page.size
            .as_ref()
            .and_then(written)
            .map(|size| words::number(size, |size| *size))
    };
    let first = if kind == PagingKind::Offset { 0 } else { 1 };
    let unique_by = page.unique_by.as_ref();
    Paging {
        name: constant(name),
        kind,
        start_param,
        size_param,
        items: items.unwrap_or_else(|| conventions.envelope.list.clone()),
        first: page.first.as_ref().map_or(first, |first| first.value.value),
        total,
        next,
        page: number,
        pages,
        size,
        default_size: size_of(|size| size.default.as_ref()),
        min_size: size_of(|size| size.min.as_ref()),
        max_size: size_of(|size| size.max.as_ref()),
        unique_by: unique_by.map(|field| names::wire_name(&field.value, conventions.case)),
        stop,
        doc: words::text(page.doc.as_ref()),
        origin: words::origin(&name.place),
    }
}

fn constant(name: &Spanned<String>) -> Name {
    Name {
        wire: name.value.clone(),
        rust: names::constant_name(&name.value),
    }
}

/// The parameter of the position; a policy of one kind sends no position of the other.
fn start_param(
    kind: PagingKind,
    name: &Spanned<String>,
    send: Option<&document::PageSend>,
    diagnostics: &mut Diagnostics,
) -> String {
    let offset = send.and_then(|send| send.offset.as_ref());
    let page = send.and_then(|send| send.page.as_ref());
    let (position, start, other, stray) = match kind {
        PagingKind::Offset => ("offset", offset, "page", page),
        PagingKind::Page => ("page", page, "offset", offset),
    };
    if let Some(stray) = stray {
        let message = format!("a policy of the kind `{position}` sends no `{other}`");
        let help = format!("write `{position}` instead, or change `kind`");
        diagnostics.push(Diagnostic::new("E056", &stray.place, message).help(help));
    } else if start.is_none() {
        let message = format!(
            "the page policy `{}` does not say how `{position}` is sent",
            name.value
        );
        let help = format!("write `send: {{{position}: <parameter>}}`");
        diagnostics.push(Diagnostic::new("E056", &name.place, message).help(help));
    }
    // The placeholder of a missing parameter is one that no check complains about.
    start
        .and_then(|start| lower_query(start, diagnostics))
        .unwrap_or_else(|| position.to_owned())
}

fn stop_of(word: document::Stop) -> Stop {
    match word {
        document::Stop::TotalReached => Stop::TotalReached,
        document::Stop::NoNext => Stop::NoNext,
        document::Stop::ShortPage => Stop::ShortPage,
        document::Stop::EmptyPage => Stop::EmptyPage,
        document::Stop::LastPage => Stop::LastPage,
    }
}

/// The table of the language: what is read decides, a short page only where nothing is.
fn default_stop(kind: PagingKind, total: bool, next: bool, pages: bool) -> Vec<Stop> {
    let mut stop = Vec::new();
    match kind {
        PagingKind::Offset => {
            stop.extend(total.then_some(Stop::TotalReached));
            stop.extend(next.then_some(Stop::NoNext));
        }
        PagingKind::Page if pages => stop.push(Stop::LastPage),
        PagingKind::Page => stop.extend(total.then_some(Stop::TotalReached)),
    }
    if stop.is_empty() {
        stop.push(Stop::ShortPage);
    }
    stop.push(Stop::EmptyPage);
    stop
}

fn lower_pointer(place: &Spanned<ResponsePlace>, diagnostics: &mut Diagnostics) -> Option<String> {
    let what = match &place.value {
        ResponsePlace::Pointer(pointer) => return Some(pointer.0.clone()),
        ResponsePlace::Header(_) => "a header",
        ResponsePlace::Link(_) => "a link",
    };
    let message = format!("what {what} says about a page is not read yet");
    let help = "write a pointer into the body, such as `/total`";
    diagnostics.push(Diagnostic::new("E065", &place.place, message).help(help));
    None
}

fn lower_query(place: &Spanned<RequestPlace>, diagnostics: &mut Diagnostics) -> Option<String> {
    let what = match &place.value {
        RequestPlace::Query(param) => return Some(param.clone()),
        RequestPlace::Header(_) => "a header",
        RequestPlace::Body(_) => "the body",
    };
    let message = format!("pages are not asked for in {what} yet");
    let help = "write the name of a query parameter";
    diagnostics.push(Diagnostic::new("E065", &place.place, message).help(help));
    None
}
