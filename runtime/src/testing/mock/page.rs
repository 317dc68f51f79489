//! The page of a list that a request asks for: cut out of all items as the API's kind of pages has it, with all that
//! its description says beside them, so that a walk comes to its end.
//! Assumes that the mock gives the whole list each time.

use super::super::ScriptReply;
use super::Asked;
use super::node::Node;
use crate::decode::{self, Pointer};
use crate::encode;
use crate::operation::{Paging, PagingKind, Place};
use crate::value::Json;

/// The parameter of a URL that leads to the next page.
const FROM: &str = "mock_from";

/// Where a page lies among all items.
struct Cut {
    from: usize,
    to: usize,
    size: usize,
    count: usize,
}

pub(super) fn cut(items: &[String], asked: &Asked<'_>, place: Pointer<'static>) -> ScriptReply {
    let Some(paging) = asked.table().page else {
        let list = format!("[{}]", items.join(","));
        return ScriptReply::json(asked.success(), Node::at(place, list));
    };
    let cut = find(paging, items, asked);
    let list = format!("[{}]", items[cut.from..cut.to].join(","));
    let mut node = Node::new();
    node.put(paging.items, list);
    let mut headers = Vec::new();
    let mut tell = |place: Option<Place>, text: &str, json: String| match place {
        None => {}
        Some(Place::Header(name)) => headers.push((name, text.to_owned())),
        Some(Place::Link(relation)) => {
            headers.push(("link", format!("<{text}>; rel=\"{relation}\"")));
        }
        // Where the answer is the list itself, nothing stands beside it.
        Some(Place::Body(_)) if paging.items.is_empty() => {}
        Some(Place::Body(at)) => node.put(at, json),
    };
    let size = cut.size.max(1);
    let number = |number: usize| (number.to_string(), number.to_string());
    let (text, json) = number(cut.count);
    tell(paging.total, &text, json);
    let (text, json) = number(cut.from / size + usize::try_from(paging.first).unwrap_or(0));
    tell(paging.page, &text, json);
    let (text, json) = number(cut.count.div_ceil(size).max(1));
    tell(paging.pages, &text, json);
    let (text, json) = number(size);
    tell(paging.size_read, &text, json);
    if cut.to < cut.count {
        let (text, json) = next(paging, &cut, asked);
        tell(paging.next, &text, json);
    } else if let Some(at @ Place::Body(_)) = paging.next {
        tell(Some(at), "", "null".to_owned());
    }
    let reply = ScriptReply::json(asked.success(), node.json());
    headers
        .iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}

fn find(paging: &Paging, items: &[String], asked: &Asked<'_>) -> Cut {
    let count = items.len();
    let whole = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
    let size = whole(paging.size.and_then(|at| asked.at(at)))
        .or(paging
            .default_size
            .and_then(|size| usize::try_from(size).ok()))
        .unwrap_or(count)
        .max(1);
    let start = paging.start.and_then(|at| asked.at(at));
    let first = usize::try_from(paging.first).unwrap_or(0);
    let from = match paging.kind {
        PagingKind::Offset => whole(start).unwrap_or(first).saturating_sub(first),
        PagingKind::Page => {
            let page = whole(start).unwrap_or(first).saturating_sub(first);
            page.saturating_mul(size)
        }
        PagingKind::Cursor => whole(start).unwrap_or(0),
        PagingKind::NextUrl { .. } => whole(asked.query(FROM).map(str::to_owned)).unwrap_or(0),
        PagingKind::Keyset { by } => start.map_or(0, |key| {
            let is_last = |item: &String| member(item, by).as_ref() == Some(&key);
            items.iter().position(is_last).map_or(0, |at| at + 1)
        }),
    };
    let from = from.min(count);
    Cut {
        from,
        to: from.saturating_add(size).min(count),
        size,
        count,
    }
}

/// A member of an item as it is sent in a request.
fn member(item: &str, by: &'static str) -> Option<String> {
    match decode::value_at(item, &[by], decode::read::<Json>).ok()? {
        Json::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Where the next page begins, as a text and as JSON.
fn next(paging: &Paging, cut: &Cut, asked: &Asked<'_>) -> (String, String) {
    let first = usize::try_from(paging.first).unwrap_or(0);
    let number = match paging.kind {
        PagingKind::Offset => cut.to + first,
        PagingKind::Page => cut.to.div_ceil(cut.size) + first,
        PagingKind::Cursor | PagingKind::Keyset { .. } => {
            let text = cut.to.to_string();
            return (text.clone(), encode::quoted(&text));
        }
        PagingKind::NextUrl { .. } => {
            let uri = &asked.request().uri;
            let pairs = uri.query().unwrap_or_default().split('&');
            let kept = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with(FROM));
            let from = format!("{FROM}={}", cut.to);
            let query = Vec::from_iter(kept.chain([from.as_str()])).join("&");
            let (scheme, host) = (
                uri.scheme_str(),
                uri.authority().map(http::uri::Authority::as_str),
            );
            let origin = format!(
                "{}://{}",
                scheme.unwrap_or("https"),
                host.unwrap_or_default()
            );
            let text = format!("{origin}{}?{query}", uri.path());
            return (text.clone(), encode::quoted(&text));
        }
    };
    (number.to_string(), number.to_string())
}
