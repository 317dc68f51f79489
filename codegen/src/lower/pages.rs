//! Page policies, complete: what is sent, where it is read, and everything that ends a walk.
//! Assumes the API's conventions. Must not judge sizes or whether a walk can end, which the checks
//! do, nor look for the fields of `by` and `unique_by`, which only a list's items can tell.

use crate::diagnostics::{Diagnostic, Diagnostics, Place as At};
use crate::document::{self, PageKind, PageRead, PageSend, RequestPlace, ResponsePlace, Spanned};
use crate::model::{Name, Paging, PagingKind, Place, SendAt, Stop};
use crate::names;

use super::conventions::Conventions;
use super::words;

/// A key of `send` or `read` by its word.
type Key<T, P> = (&'static str, fn(&T) -> Option<&Spanned<P>>);

const SENT: [Key<PageSend, RequestPlace>; 5] = [
    ("offset", |send| send.offset.as_ref()),
    ("page", |send| send.page.as_ref()),
    ("cursor", |send| send.cursor.as_ref()),
    ("after", |send| send.after.as_ref()),
    ("size", |send| send.size.as_ref()),
];

const READ: [Key<PageRead, ResponsePlace>; 5] = [
    ("next", |read| read.next.as_ref()),
    ("page", |read| read.page.as_ref()),
    ("pages", |read| read.pages.as_ref()),
    ("total", |read| read.total.as_ref()),
    ("size", |read| read.size.as_ref()),
];

/// What a kind sends as the position, what it reads, and what it cannot do without.
struct Rules {
    position: Option<&'static str>,
    reads: &'static [&'static str],
    needs_next: bool,
}

fn rules(kind: PageKind) -> Rules {
    let (position, reads, needs_next): (_, &[&str], _) = match kind {
        PageKind::Offset => (Some("offset"), &["next", "total", "size"], false),
        PageKind::Page => (Some("page"), &["page", "pages", "total", "size"], false),
        PageKind::Cursor => (Some("cursor"), &["next", "total"], true),
        PageKind::NextUrl => (None, &["next", "total"], true),
        PageKind::Keyset => (Some("after"), &["total"], false),
    };
    Rules {
        position,
        reads,
        needs_next,
    }
}

fn word(kind: PageKind) -> &'static str {
    PageKind::WORDS[kind as usize]
}

pub(super) fn lower(
    api: &document::Api,
    conventions: &Conventions,
    diagnostics: &mut Diagnostics,
) -> Vec<Paging> {
    let pages = api.page.iter();
    pages
        .map(|(name, page)| lower_one(conventions, name, page, diagnostics))
        .collect()
}

fn lower_one(
    conventions: &Conventions,
    name: &Spanned<String>,
    page: &document::Page,
    diagnostics: &mut Diagnostics,
) -> Paging {
    let rules = rules(page.kind.value);
    check_keys(name, page, &rules, diagnostics);
    let sent = |wanted: &str| {
        let send = page.send.as_ref()?;
        let (_, place) = SENT.iter().find(|(word, _)| *word == wanted)?;
        place(send).map(|place| send_at(&place.value))
    };
    let mut read = |wanted: &str| {
        let read = page.read.as_ref()?;
        let (_, place) = READ.iter().find(|(word, _)| *word == wanted)?;
        lower_place(page.kind.value, place(read)?, diagnostics)
    };
    let (total, next, pages) = (read("total"), read("next"), read("pages"));
    // The placeholder of what is missing is one that no check complains about.
    let missing = || rules.needs_next.then(|| Place::Body("/next".to_owned()));
    let next = next.or_else(missing);
    let (number, size_read) = (read("page"), read("size"));
    let size = sent("size");
    let stop = match &page.stop {
        Some(words) => words.iter().map(|word| stop_of(word.value)).collect(),
        None => default_stop(
            page.kind.value,
            total.is_some(),
            next.is_some(),
            pages.is_some(),
        ),
    };
    let size_of = |written: fn(&document::PageSize) -> Option<&document::Judged<u64>>| {
        let size = page.size.as_ref().and_then(written);
        size.map(|size| words::number(size, |size| *size))
    };
    let first = u64::from(page.kind.value == PageKind::Page);
    let member = |field: &Spanned<String>| names::wire_name(&field.value, conventions.case);
    // The key of a resource is known when its methods are.
    let unique_by = |field: &Spanned<String>| {
        if field.value == super::answers::OWN_KEY {
            field.value.clone()
        } else {
            member(field)
        }
    };
    let headers = page.headers.iter();
    Paging {
        name: constant(name),
        kind: kind(page, &member, name, diagnostics),
        start: rules.position.and_then(sent),
        size,
        items: items(page, diagnostics).unwrap_or_else(|| conventions.envelope.list.clone()),
        first: page.first.as_ref().map_or(first, |first| first.value.value),
        total,
        next,
        page: number,
        pages,
        size_read,
        default_size: size_of(|size| size.default.as_ref()),
        min_size: size_of(|size| size.min.as_ref()),
        max_size: size_of(|size| size.max.as_ref()),
        unique_by: page.unique_by.as_ref().map(unique_by),
        headers: headers
            .map(|(name, value)| (name.value.0.to_ascii_lowercase(), value.value.clone()))
            .collect(),
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

fn kind(
    page: &document::Page,
    member: &dyn Fn(&Spanned<String>) -> String,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> PagingKind {
    match page.kind.value {
        PageKind::Offset => PagingKind::Offset,
        PageKind::Page => PagingKind::Page,
        PageKind::Cursor => PagingKind::Cursor,
        PageKind::NextUrl => PagingKind::NextUrl {
            // RFC 3986, section 5.1.3: what is relative is so to what was asked for.
            from_request: page
                .relative_to
                .as_ref()
                .is_none_or(|said| said.value == document::RelativeTo::Request),
        },
        PageKind::Keyset => {
            if page.by.is_none() {
                let name = &name.value;
                let message =
                    format!("the page policy `{name}` does not say which field orders the list");
                let help = "write `by: <field>`, a field of the items whose last value asks for the next page";
                diagnostics.push(Diagnostic::new("E056", &page.kind.place, message).help(help));
            }
            PagingKind::Keyset {
                by: page.by.as_ref().map(member).unwrap_or_default(),
            }
        }
    }
}

/// Each kind has its own keys; one that another kind has is a mistake and not ignored.
fn check_keys(
    name: &Spanned<String>,
    page: &document::Page,
    rules: &Rules,
    diagnostics: &mut Diagnostics,
) {
    check_send(name, page, rules, diagnostics);
    check_read(name, page, rules, diagnostics);
    let is = |kinds: &[PageKind]| kinds.contains(&page.kind.value);
    let (first, by) = (page.first.as_ref(), page.by.as_ref());
    let said = page.relative_to.as_ref();
    let keys = [
        (
            "first",
            first.map(|first| &first.value.place),
            is(&[PageKind::Offset, PageKind::Page]),
        ),
        ("by", by.map(|by| &by.place), is(&[PageKind::Keyset])),
        (
            "relative_to",
            said.map(|said| &said.place),
            is(&[PageKind::NextUrl]),
        ),
    ];
    for (key, place, fits) in keys {
        if let (Some(place), false) = (place, fits) {
            let kind = word(page.kind.value);
            let message = format!("`{key}` says nothing in a policy of the kind `{kind}`");
            refuse(place, message, "remove it, or change `kind`", diagnostics);
        }
    }
}

fn refuse(place: &At, message: String, help: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::new("E056", place, message).help(help));
}

fn check_send(
    name: &Spanned<String>,
    page: &document::Page,
    rules: &Rules,
    diagnostics: &mut Diagnostics,
) {
    let kind = word(page.kind.value);
    let mut has_position = false;
    for (key, place) in SENT {
        let Some(place) = page.send.as_ref().and_then(place) else {
            continue;
        };
        has_position |= key != "size";
        if key != "size" && Some(key) != rules.position {
            let message = format!("a policy of the kind `{kind}` sends no `{key}`");
            let help = match rules.position {
                Some(position) => format!("write `{position}` instead, or change `kind`"),
                None => "remove it: the answer gives the whole URL".to_owned(),
            };
            refuse(&place.place, message, &help, diagnostics);
        }
    }
    if let (Some(position), false) = (rules.position, has_position) {
        let name_of = &name.value;
        let message = format!("the page policy `{name_of}` does not say how `{position}` is sent");
        let help = format!("write `send: {{{position}: <parameter>}}`");
        refuse(&name.place, message, &help, diagnostics);
    }
}

fn check_read(
    name: &Spanned<String>,
    page: &document::Page,
    rules: &Rules,
    diagnostics: &mut Diagnostics,
) {
    for (key, place) in READ {
        let Some(place) = page.read.as_ref().and_then(place) else {
            continue;
        };
        if !rules.reads.contains(&key) {
            let kind = word(page.kind.value);
            let known: Vec<String> = rules.reads.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("a policy of the kind `{kind}` reads no `{key}`");
            let help = format!(
                "remove it, or change `kind`; this one reads {}",
                known.join(", ")
            );
            refuse(&place.place, message, &help, diagnostics);
        }
    }
    let next = page.read.as_ref().and_then(|read| read.next.as_ref());
    if rules.needs_next && next.is_none() {
        let name_of = &name.value;
        let message =
            format!("the page policy `{name_of}` does not say where the next page is told");
        let help = match page.kind.value {
            PageKind::NextUrl => "write `read: {next: {link: next}}`, or a pointer to the URL",
            _ => "write `read: {next: /next_cursor}`",
        };
        refuse(&name.place, message, help, diagnostics);
    }
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
fn default_stop(kind: PageKind, total: bool, next: bool, pages: bool) -> Vec<Stop> {
    let mut stop = Vec::new();
    match kind {
        // An empty page in between is no end where the server says what comes next.
        PageKind::Cursor | PageKind::NextUrl => return vec![Stop::NoNext],
        PageKind::Offset => {
            stop.extend(total.then_some(Stop::TotalReached));
            stop.extend(next.then_some(Stop::NoNext));
        }
        PageKind::Page if pages => stop.push(Stop::LastPage),
        PageKind::Page => stop.extend(total.then_some(Stop::TotalReached)),
        PageKind::Keyset => {}
    }
    if stop.is_empty() {
        stop.push(Stop::ShortPage);
    }
    stop.push(Stop::EmptyPage);
    stop
}

/// Where the items stand: they are always in the body.
fn items(page: &document::Page, diagnostics: &mut Diagnostics) -> Option<String> {
    let from = page.from.as_ref()?;
    if let ResponsePlace::Pointer(pointer) = &from.value {
        return Some(pointer.0.clone());
    }
    let message = "the items of a page stand in the body";
    let help = "write a pointer into the body, such as `/items`";
    diagnostics.push(Diagnostic::new("E056", &from.place, message).help(help));
    None
}

/// A place of a page in an answer; the target of a link is a URL and nothing else (RFC 8288).
fn lower_place(
    kind: PageKind,
    place: &Spanned<ResponsePlace>,
    diagnostics: &mut Diagnostics,
) -> Option<Place> {
    match &place.value {
        ResponsePlace::Pointer(pointer) => Some(Place::Body(pointer.0.clone())),
        ResponsePlace::Header(header) => Some(Place::Header(header.to_ascii_lowercase())),
        ResponsePlace::Link(relation) if kind == PageKind::NextUrl => {
            Some(Place::Link(relation.clone()))
        }
        ResponsePlace::Link(_) => {
            let message = "a link holds a URL, which only a policy of the kind `next_url` follows";
            let help = "write `kind: next_url`, or the place of the value";
            diagnostics.push(Diagnostic::new("E056", &place.place, message).help(help));
            None
        }
    }
}

/// A place in a request, names of headers in lower case (RFC 9110, section 5.1).
pub(super) fn send_at(place: &RequestPlace) -> SendAt {
    match place {
        RequestPlace::Query(param) => SendAt::Query(param.clone()),
        RequestPlace::Header(header) => SendAt::Header(header.to_ascii_lowercase()),
        RequestPlace::Body(pointer) => SendAt::Body(pointer.0.clone()),
    }
}
