//! One list in all kinds and places of paging, and a server that reads the same tables and serves rows by them.
//! The server is honest; tests that need another one change what it says.

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};
use serde_json::{Map, Value, json};

use crate::api::{Bench, CANARY, KEY, READ, SHOP};

/// What the server sends when it is asked for no size.
pub(crate) const SIZE: u64 = 10;

const BASE: Paging = Paging {
    items: &["data"],
    default_size: Some(SIZE),
    min_size: Some(1),
    max_size: Some(1000),
    ..Paging::NEW
};

pub(crate) static OFFSET: Paging = Paging {
    start: Some(SendAt::Query("offset")),
    size: Some(SendAt::Query("limit")),
    total: Some(Place::Header("x-total-count")),
    stop: &[Stop::TotalReached, Stop::EmptyPage],
    ..BASE
};
pub(crate) static OFFSET_IN_BODY: Paging = Paging {
    start: Some(SendAt::Body(&["page", "from"])),
    size: Some(SendAt::Body(&["page", "size"])),
    total: Some(Place::Body(&["hits", "total"])),
    next: Some(Place::Body(&["hits", "next"])),
    items: &["hits", "hits"],
    stop: &[Stop::NoNext],
    ..BASE
};
pub(crate) static PAGE: Paging = Paging {
    kind: PagingKind::Page,
    first: 1,
    start: Some(SendAt::Header("x-page")),
    size: Some(SendAt::Header("x-per-page")),
    page: Some(Place::Header("x-page")),
    pages: Some(Place::Header("x-total-pages")),
    size_read: Some(Place::Header("x-per-page")),
    items: &[],
    stop: &[Stop::LastPage],
    ..BASE
};
pub(crate) static CURSOR: Paging = Paging {
    kind: PagingKind::Cursor,
    start: Some(SendAt::Query("cursor")),
    size: Some(SendAt::Query("limit")),
    next: Some(Place::Body(&["meta", "next"])),
    headers: &[("x-paging", "cursor")],
    stop: &[Stop::NoNext],
    ..BASE
};
pub(crate) static CURSOR_IN_BODY: Paging = Paging {
    start: Some(SendAt::Body(&["page", "after"])),
    size: Some(SendAt::Body(&["page", "size"])),
    next: Some(Place::Body(&["next"])),
    ..copy(&CURSOR)
};
pub(crate) static CURSOR_IN_HEADERS: Paging = Paging {
    start: Some(SendAt::Header("x-cursor")),
    size: Some(SendAt::Header("x-size")),
    next: Some(Place::Header("x-next-cursor")),
    ..copy(&CURSOR)
};
pub(crate) static NEXT_URL: Paging = Paging {
    kind: PagingKind::NextUrl { from_request: true },
    size: Some(SendAt::Query("limit")),
    next: Some(Place::Body(&["links", "next"])),
    stop: &[Stop::NoNext],
    ..BASE
};
pub(crate) static NEXT_BEHIND_BASE: Paging = Paging {
    kind: PagingKind::NextUrl {
        from_request: false,
    },
    ..copy(&NEXT_URL)
};
/// As json-server does: a bare array, `Link` and `X-Total-Count`.
pub(crate) static LINK: Paging = Paging {
    next: Some(Place::Link("next")),
    total: Some(Place::Header("x-total-count")),
    items: &[],
    ..copy(&NEXT_URL)
};
pub(crate) static KEYSET: Paging = Paging {
    kind: PagingKind::Keyset { by: "id" },
    start: Some(SendAt::Query("after")),
    size: Some(SendAt::Query("limit")),
    stop: &[Stop::ShortPage, Stop::EmptyPage],
    ..BASE
};
pub(crate) static KEYSET_IN_BODY: Paging = Paging {
    start: Some(SendAt::Body(&["after"])),
    size: Some(SendAt::Body(&["limit"])),
    ..copy(&KEYSET)
};

const fn copy(of: &Paging) -> Paging {
    Paging {
        kind: of.kind,
        start: of.start,
        size: of.size,
        next: of.next,
        headers: of.headers,
        stop: of.stop,
        ..BASE
    }
}

const fn list(name: &'static str, page: &'static Paging) -> Operation {
    let in_body = matches!(page.start, Some(SendAt::Body(_)));
    Operation {
        name,
        path: "/things",
        verb: if in_body { Verb::Post } else { Verb::Get },
        page: Some(page),
        ..READ
    }
}

pub(crate) static LIST_OFFSET: Operation = list("things.offset", &OFFSET);
pub(crate) static LIST_OFFSET_IN_BODY: Operation = list("things.offset_in_body", &OFFSET_IN_BODY);
pub(crate) static LIST_PAGE: Operation = list("things.page", &PAGE);
pub(crate) static LIST_CURSOR: Operation = list("things.cursor", &CURSOR);
pub(crate) static LIST_CURSOR_IN_BODY: Operation = list("things.cursor_in_body", &CURSOR_IN_BODY);
pub(crate) static LIST_CURSOR_IN_HEADERS: Operation =
    list("things.cursor_in_headers", &CURSOR_IN_HEADERS);
pub(crate) const BY_NEXT_URL: Operation = list("things.next_url", &NEXT_URL);
pub(crate) static LIST_NEXT_URL: Operation = BY_NEXT_URL;
pub(crate) static LIST_BEHIND_BASE: Operation = list("things.behind_base", &NEXT_BEHIND_BASE);
pub(crate) static LIST_LINK: Operation = list("things.link", &LINK);
pub(crate) static LIST_KEYSET: Operation = list("things.keyset", &KEYSET);
pub(crate) static LIST_KEYSET_IN_BODY: Operation = list("things.keyset_in_body", &KEYSET_IN_BODY);

/// All kinds in all places.
pub(crate) static LISTS: [&Operation; 11] = [
    &LIST_OFFSET,
    &LIST_OFFSET_IN_BODY,
    &LIST_PAGE,
    &LIST_CURSOR,
    &LIST_CURSOR_IN_BODY,
    &LIST_CURSOR_IN_HEADERS,
    &LIST_NEXT_URL,
    &LIST_BEHIND_BASE,
    &LIST_LINK,
    &LIST_KEYSET,
    &LIST_KEYSET_IN_BODY,
];

/// A client without worries about quota, whose tasks run on its clock.
pub(crate) fn bench() -> Bench {
    bench_with(|_| {})
}

pub(crate) fn bench_with(set: impl FnOnce(&mut Builder)) -> Bench {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    builder.transport(script.clone());
    builder.clock(clock.clone());
    builder.spawn(clock.clone());
    builder.setting("per_minute", 1_000_000_u64);
    builder.seed(7);
    set(&mut builder);
    Bench {
        core: builder.build().unwrap(),
        clock,
        script,
    }
}

/// The list call of an operation; one with a body gives a query of its own in it.
pub(crate) fn call(bench: &Bench, operation: &'static Operation) -> ListCall<Value> {
    let request = Request::new(&bench.core, operation);
    match operation.verb {
        Verb::Post => request.json(&json!({"query": "all"})).list(),
        _ => request.list(),
    }
}

/// What a page says: all that a server may put into its answer.
pub(crate) struct Said {
    pub(crate) rows: Vec<u64>,
    pub(crate) next: Option<Value>,
    pub(crate) total: Option<u64>,
    pub(crate) page: u64,
    pub(crate) pages: u64,
    pub(crate) size: u64,
}

/// What stands at a place of a request.
pub(crate) fn sent(at: Option<SendAt>, request: &RecordedRequest) -> Option<String> {
    match at? {
        SendAt::Query(name) => request.query(name).map(str::to_owned),
        SendAt::Header(name) => request.header(name).map(str::to_owned),
        SendAt::Body(at) => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            match at.iter().try_fold(&body, |value, key| value.get(*key))? {
                Value::String(text) => Some(text.clone()),
                number => Some(number.to_string()),
            }
        }
    }
}

/// What an honest server says to a request for a page of these rows, which are in the order of their ids.
pub(crate) fn say(paging: &Paging, rows: &[u64], request: &RecordedRequest) -> Said {
    let number = |text: String| text.parse::<u64>().unwrap();
    let size = sent(paging.size, request).map_or(SIZE, number);
    let (count, all) = (usize::try_from(size).unwrap(), rows.len());
    let asked = sent(paging.start, request);
    let from = match paging.kind {
        PagingKind::Offset => usize::try_from(asked.map_or(0, number)).unwrap(),
        PagingKind::Page => {
            usize::try_from((asked.map_or(1, number) - paging.first) * size).unwrap()
        }
        PagingKind::Cursor => {
            asked.map_or(0, |text| text.strip_prefix("c-").unwrap().parse().unwrap())
        }
        PagingKind::NextUrl { .. } => request.query("at").map_or(0, |at| at.parse().unwrap()),
        PagingKind::Keyset { .. } => {
            let after = asked.map(number);
            rows.partition_point(|id| after.is_some_and(|after| *id <= after))
        }
    };
    let to = (from + count).min(all);
    let next = (to < all).then(|| match paging.kind {
        PagingKind::Cursor => json!(format!("c-{to}")),
        PagingKind::NextUrl { from_request: true } => json!(format!("?at={to}&limit={size}")),
        PagingKind::NextUrl { .. } => json!(format!("things?at={to}&limit={size}")),
        PagingKind::Offset | PagingKind::Page | PagingKind::Keyset { .. } => json!(to),
    });
    Said {
        rows: rows.get(from..to).unwrap_or_default().to_vec(),
        next,
        total: Some(all as u64),
        page: from as u64 / size + paging.first,
        pages: (all as u64).div_ceil(size),
        size,
    }
}

/// The answer that says so, everything in its place.
pub(crate) fn answer(paging: &Paging, said: &Said) -> ScriptReply {
    let items: Vec<_> = said
        .rows
        .iter()
        .map(|id| json!({"name": "x", "id": id}))
        .collect();
    let mut body = json!({});
    put(&mut body, paging.items, items.into());
    let mut headers = Vec::new();
    let beside = [
        (paging.next, said.next.clone()),
        (paging.total, said.total.map(Value::from)),
        (paging.page, Some(said.page.into())),
        (paging.pages, Some(said.pages.into())),
        (paging.size_read, Some(said.size.into())),
    ];
    for (place, value) in beside {
        let Some(value) = value else { continue };
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        match place {
            None => {}
            Some(Place::Body(at)) => put(&mut body, at, value),
            Some(Place::Header(name)) => headers.push((name, text)),
            Some(Place::Link(rel)) => headers.push((
                "link",
                format!(r#"</v1/things>; rel="first", <{text}>; title="a, b"; rel="{rel}""#),
            )),
        }
    }
    headers.into_iter().fold(
        ScriptReply::json(200, body.to_string()),
        |reply, (name, value)| reply.header(name, &value),
    )
}

fn put(body: &mut Value, at: &[&str], value: Value) {
    let mut on = body;
    for key in at {
        if !on.is_object() {
            *on = Value::Object(Map::new());
        }
        on = on
            .as_object_mut()
            .unwrap()
            .entry(*key)
            .or_insert(Value::Null);
    }
    *on = value;
}

/// Serves these rows honestly.
pub(crate) fn serve(bench: &Bench, operation: &'static Operation, rows: Vec<u64>) {
    let paging = operation.page.unwrap();
    bench
        .script
        .respond_with(move |request| answer(paging, &say(paging, &rows, request)));
}

pub(crate) fn id(item: &Value) -> u64 {
    item["id"].as_u64().unwrap()
}
