//! Pace: what documents say in words about quotas, concurrency, refusals and hints.
//! Assumes a checked model. Must not promise what the runtime does not do, nor show a number of the
//! description without the mark of how sure it is.

use super::words;
use crate::model::{
    Answer, Api, Bucket, Concurrency, Doc, Method, Number, Place, Refusal, WaitSource, Window,
};

/// How fast an API is called, a line each.
pub(super) fn lines(api: &Api) -> Vec<String> {
    let mut lines: Vec<String> = api.buckets.iter().map(bucket).collect();
    lines.extend(api.concurrency.as_ref().map(concurrency));
    lines.extend(api.refusal.as_ref().map(refusal));
    if !api.hints.is_empty() {
        let places = api.hints.iter().map(|hint| place(&hint.from));
        let places = one_of(places.collect());
        lines.push(format!(
            "Any answer may ask for a pause in {places}; it holds the buckets of the call, or \
             the client where there are none."
        ));
    }
    lines
}

/// What one call costs.
pub(super) fn of_method(api: &Api, method: &Method) -> String {
    let each = if matches!(method.answer, Answer::Page { .. }) {
        " for each page"
    } else {
        ""
    };
    let charges = method.charges.iter().filter_map(|charge| {
        let bucket = api.buckets.get(charge.bucket)?;
        let window = match &bucket.window {
            Window::Of { max, per } => {
                let mark = words::trust(max.doc.trust).or(words::trust(per.doc.trust));
                let mark = mark.map(|mark| format!(", {mark}")).unwrap_or_default();
                format!("{} in {}{mark}", max.value, words::duration(per.value))
            }
            Window::Unknown => "learned from answers".to_owned(),
        };
        Some(format!(
            "{} of `{}` ({window})",
            charge.cost, bucket.name.wire
        ))
    });
    let charges = charges.collect::<Vec<_>>();
    let at_once = match &api.concurrency {
        Some(Concurrency { max: Some(max), .. }) => {
            format!("; {} at once at most{}", max.value, mark(&max.doc))
        }
        Some(_) => "; only so many at once as the API bears".to_owned(),
        None => String::new(),
    };
    if charges.is_empty() {
        format!("none known{at_once}.")
    } else {
        format!("{}{each}{at_once}.", charges.join(", "))
    }
}

fn bucket(bucket: &Bucket) -> String {
    let size = match &bucket.window {
        Window::Of { max, per } => {
            let sure = if words::trust(max.doc.trust).is_some() {
                &max.doc
            } else {
                &per.doc
            };
            let learns = if bucket.learn.is_some() {
                "; answers may lower it"
            } else {
                ""
            };
            format!(
                "{} requests in any {}{}{learns}",
                max.value,
                words::duration(per.value),
                mark(sure)
            )
        }
        Window::Unknown => "its size is learned from answers".to_owned(),
    };
    let doc = words::escape(&bucket.doc.text).join(" ");
    format!("`{}`: {size}. {doc}", bucket.name.wire)
        .trim_end()
        .to_owned()
}

fn concurrency(concurrency: &Concurrency) -> String {
    let Concurrency {
        start,
        min,
        max,
        slow_milli,
        origin: _,
    } = concurrency;
    let count = |number: &Number| format!("{}{}", number.value, mark(&number.doc));
    let bounds = match max {
        Some(max) if min.value == 1 => format!("{} at most", count(max)),
        Some(max) => format!("from {} to {}", min.value, count(max)),
        None => format!("never fewer than {}", min.value),
    };
    let slow = slow_milli.as_ref().map(|milli| {
        let times = times(milli.value);
        let mark = mark(&milli.doc);
        format!(", and with fewer when answers take {times} times as long as the quickest{mark}")
    });
    format!(
        "At once: {} requests at first, {bounds}. The client goes on with more while all goes well{}.",
        count(start),
        slow.unwrap_or_default()
    )
}

/// Thousandths as people write them: `2`, `1.5`.
fn times(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn refusal(refusal: &Refusal) -> String {
    let held = if refusal.hold_client {
        "the whole client"
    } else {
        "the buckets of the call"
    };
    let mut text = format!(
        "A refusal ({}) holds {held}{} {}, {} at most.",
        looks(refusal),
        mark(&refusal.hold_doc),
        waits(refusal),
        words::duration(refusal.max_wait.value)
    );
    if let Some(halve) = &refusal.halve {
        text.push_str(&format!(
            " Half as many requests go at once then, and not more for {}{}.",
            words::duration(halve.grow_after.value),
            mark(&halve.grow_after.doc)
        ));
    }
    let sure = mark(&refusal.processed_doc);
    text.push_str(&if refusal.processed {
        format!(" Refused writes are not sent again{sure}.")
    } else {
        format!(" Refused writes were not carried out and are sent again{sure}.")
    });
    text
}

/// `429 or 503 with the code `a` and the header `x-kind: limit``
fn looks(refusal: &Refusal) -> String {
    let statuses = refusal.statuses.iter().map(u16::to_string);
    let mut parts = Vec::new();
    if !refusal.codes.is_empty() {
        let codes = refusal.codes.iter().map(|code| words::code(code));
        parts.push(format!("the code {}", one_of(codes.collect())));
    }
    for (name, value) in &refusal.headers {
        let header = words::code(&format!("{name}: {value}"));
        parts.push(format!("the header {header}"));
    }
    let with = if parts.is_empty() { "" } else { " with " };
    format!(
        "{}{with}{}",
        one_of(statuses.collect()),
        parts.join(" and ")
    )
}

/// How long, source by source.
fn waits(refusal: &Refusal) -> String {
    let told = refusal.wait.iter().filter_map(|source| match source {
        WaitSource::From(from, _) => Some(place(from)),
        WaitSource::Fixed(_) => None,
    });
    let fixed = refusal.wait.iter().find_map(|source| match source {
        WaitSource::Fixed(fixed) => Some(format!(
            "{}{}",
            words::duration(fixed.value),
            mark(&fixed.doc)
        )),
        WaitSource::From(..) => None,
    });
    let told = told.collect::<Vec<_>>();
    match (told.is_empty(), fixed) {
        (true, Some(fixed)) => format!("for {fixed}"),
        (true, None) => "until its window ends".to_owned(),
        (false, Some(fixed)) => format!(
            "as long as {} says, {fixed} where nothing is said",
            told.join(", else ")
        ),
        (false, None) => format!("as long as {} says", told.join(", else ")),
    }
}

fn place(at: &Place) -> String {
    match at {
        Place::Header(name) => words::code(name),
        Place::Body(pointer) => format!("{} of the body", words::code(pointer)),
        Place::Link(relation) => format!("the link {}", words::code(relation)),
    }
}

/// `a, b or c`
fn one_of(mut texts: Vec<String>) -> String {
    match texts.pop() {
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} or {last}", texts.join(", ")),
        None => String::new(),
    }
}

/// ` (assumed)` where that needs saying.
pub(super) fn mark(doc: &Doc) -> String {
    words::trust(doc.trust)
        .map(|mark| format!(" ({mark})"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{one_of, times};

    #[test]
    fn numbers_and_lists_read_as_people_write_them() {
        assert_eq!([2_000, 1_500, 1_125].map(times), ["2", "1.5", "1.125"]);
        let list = |texts: &[&str]| one_of(texts.iter().map(ToString::to_string).collect());
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b or c");
    }
}
