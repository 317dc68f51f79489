//! Page policies: sizes, first positions and what ends a walk; and filters of what is no list.
//! Assumes a policy whose kind, parameters and pointers lowering settled. Must not look for
//! parameters that a method describes although its policy sends them: lowering found those.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Answer, Api, Effect, Method, Paging, PagingKind, Stop, Ty};

use super::{place, walk};

/// More items than any page has; above, somebody meant another number.
const LARGEST_PAGE: u64 = 1_000_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for policy in &api.pages {
        check_sizes(policy, diagnostics);
        check_stop(policy, diagnostics);
    }
    for (_, method) in walk::methods(api) {
        check_method(method, diagnostics);
    }
}

fn check_sizes(policy: &Paging, diagnostics: &mut Diagnostics) {
    let name = &policy.name.wire;
    let mut refuse = |word: &str, message: String, help: &str| {
        let at = place::of_word(&policy.origin, word);
        diagnostics.push(Diagnostic::new("E085", &at, message).help(help));
    };
    let sizes = [
        ("min", &policy.min_size),
        ("default", &policy.default_size),
        ("max", &policy.max_size),
    ];
    let given: Vec<(&str, u64)> = sizes
        .iter()
        .filter_map(|(word, size)| size.as_ref().map(|size| (*word, size.value)))
        .collect();
    for (word, value) in &given {
        if !(1..=LARGEST_PAGE).contains(value) {
            refuse(
                word,
                format!("`{word}` of the sizes of `{name}` is {value}"),
                "write a number from 1 to 1000000",
            );
        }
    }
    for pair in given.windows(2) {
        let ((less, least), (more, greatest)) = (pair[0], pair[1]);
        if least > greatest {
            let message =
                format!("`{less}` of the sizes of `{name}` is {least}, and `{more}` is {greatest}");
            refuse(
                less,
                message,
                "write sizes so that `min` ≤ `default` ≤ `max`",
            );
        }
    }
    // Whoever cannot send a size cannot keep to its bounds.
    let bounded = policy.min_size.is_some() || policy.max_size.is_some();
    if policy.size.is_none() && bounded {
        let help = "write `size` below `send`, or only `size: {default: …}`";
        refuse(
            "size",
            format!("`{name}` has bounds for a size that it does not send"),
            help,
        );
    }
    let kind = if policy.kind == PagingKind::Page {
        "page"
    } else {
        "item"
    };
    if policy.first > 1 {
        let message = format!("the first {kind} of `{name}` is number {}", policy.first);
        refuse("first", message, "write 0 or 1");
    }
}

fn check_stop(policy: &Paging, diagnostics: &mut Diagnostics) {
    let name = &policy.name.wire;
    let at = |word: &str| place::of_word(&policy.origin, word);
    if policy.stop.is_empty() {
        let message = format!("nothing ends a walk with `{name}`");
        diagnostics.push(
            Diagnostic::new("E086", &at("stop"), message)
                .help("write `stop: [empty_page]`, or leave `stop` out"),
        );
    }
    for (index, stop) in policy.stop.iter().enumerate() {
        let (word, known, help) = match stop {
            Stop::TotalReached => {
                // Elsewhere nobody knows how many items stand before the page.
                let counts = matches!(policy.kind, PagingKind::Offset | PagingKind::Page);
                (
                    "total_reached",
                    policy.total.is_some() && counts,
                    "write `total` below `read` of a policy of the kind `offset` or `page`",
                )
            }
            Stop::NoNext => (
                "no_next",
                policy.next.is_some(),
                "write `next` below `read`",
            ),
            Stop::LastPage => {
                let known = policy.pages.is_some() && policy.kind == PagingKind::Page;
                (
                    "last_page",
                    known,
                    "write `pages` below `read` of a policy of the kind `page`",
                )
            }
            Stop::ShortPage => {
                let sized = policy.size_read.is_some() || policy.size.is_some();
                // Beside `empty_page` it does no harm: the walk ends one request later.
                let known = sized
                    || policy.default_size.is_some()
                    || policy.stop.contains(&Stop::EmptyPage);
                (
                    "short_page",
                    known,
                    "write `size` below `read` or `send`, or `size: {default: …}`",
                )
            }
            Stop::EmptyPage => ("empty_page", true, ""),
        };
        if !known {
            let message = format!("`{name}` cannot tell when `{word}` is so");
            diagnostics.push(Diagnostic::new("E086", &at(word), message).help(help));
        }
        if policy.stop[..index].contains(stop) {
            let message = format!("`{word}` stands twice in `stop` of `{name}`");
            diagnostics
                .push(Diagnostic::new("E086", &at(word), message).help("write each word once"));
        }
    }
}

fn check_method(method: &Method, diagnostics: &mut Diagnostics) {
    // Writes with filters are judged with writes over many rows.
    let reads = method.effect == Effect::Read;
    if reads && !method.filters.is_empty() && !takes_filters(&method.answer) {
        let operation = &method.operation;
        let message = format!("`{operation}` takes filters and answers neither a list nor a count");
        let help = "write `filters: false`, or describe parameters below `query`";
        let at = place::of_word(&method.origin, "filters");
        diagnostics.push(Diagnostic::new("E087", &at, message).help(help));
    }
}

fn takes_filters(answer: &Answer) -> bool {
    match answer {
        Answer::Page { .. } | Answer::List { .. } => true,
        Answer::Value { ty, .. } => matches!(ty, Ty::Int | Ty::Uint),
        Answer::None | Answer::Plain(_) | Answer::Outcomes { .. } => false,
    }
}
