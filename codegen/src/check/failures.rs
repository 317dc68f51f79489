//! Errors: named cases and the shapes of their bodies.
//!
//! The first shape that fits wins, so one behind a shape that takes everything is never read.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Case, ErrorShape};

use super::{headers, place};

/// No API has more ways to fail; each shape is compared with all before it.
const MOST_SHAPES: usize = 64;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    check_cases(api, diagnostics);
    check_shapes(api, diagnostics);
    if let Some(header) = &api.errors.request_id {
        headers::check_read_name(header, &api.origin, diagnostics);
    }
    if let Some(reference) = &api.errors.reference
        && (reference.after.trim().is_empty() || reference.after.contains(char::is_control))
    {
        let message = "nothing can be found behind these words";
        let help =
            "write the words before a reference as they stand in messages: `\"by referencing \"`";
        let at = place::of(&reference.origin);
        diagnostics.push(Diagnostic::new("E056", &at, message).help(help));
    }
}

fn check_cases(api: &Api, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<(u16, Option<&str>), &Case> = BTreeMap::new();
    for case in &api.cases {
        let name = &case.name.wire;
        if !(300..=599).contains(&case.status) {
            let at = place::of_word(&case.origin, &case.status.to_string());
            let message = format!(
                "the case `{name}` has the status {}, which is no error",
                case.status
            );
            let help = "write a status from 300 to 599; successes belong to `outcomes`";
            diagnostics.push(Diagnostic::new("E082", &at, message).help(help));
        }
        let Some(first) = seen.insert((case.status, case.code.as_deref()), case) else {
            continue;
        };
        let message = format!(
            "the cases `{}` and `{name}` cannot be told apart",
            first.name.wire
        );
        let help = "give one of them a `code` of its own, or remove it";
        let found = Diagnostic::new("E088", &place::of(&case.origin), message).help(help);
        diagnostics.push(found.also(&place::of(&first.origin), "the other one"));
    }
}

fn check_shapes(api: &Api, diagnostics: &mut Diagnostics) {
    let shapes = &api.errors.shapes;
    if shapes.len() > MOST_SHAPES {
        let message = format!("the errors have {} shapes", shapes.len());
        let help = format!("write at most {MOST_SHAPES}; each is tried for each error");
        diagnostics.push(
            Diagnostic::new("E089", &place::of_word(&api.origin, "shapes"), message).help(help),
        );
        return;
    }
    for (index, shape) in shapes.iter().enumerate() {
        if let Some(before) = shapes[..index]
            .iter()
            .position(|earlier| takes_all_of(earlier, shape))
        {
            let message = format!(
                "shape {} of the errors is never reached: shape {} takes all that it would",
                index + 1,
                before + 1
            );
            let help =
                "write the narrower shape first: objects, then `string`, then `text`, then `empty`";
            diagnostics.push(
                Diagnostic::new("E089", &place::of_word(&api.origin, "shapes"), message).help(help),
            );
        }
    }
}

/// Whether a body of the later shape would always be read by the earlier one.
fn takes_all_of(earlier: &ErrorShape, later: &ErrorShape) -> bool {
    match (earlier, later) {
        // Any body that is not empty is a text.
        (ErrorShape::Text, ErrorShape::Object { .. } | ErrorShape::String | ErrorShape::Text) => {
            true
        }
        (ErrorShape::String, ErrorShape::String) | (ErrorShape::Empty, ErrorShape::Empty) => true,
        (
            ErrorShape::Object { message: known, .. },
            ErrorShape::Object {
                message,
                code,
                messages,
                fields,
            },
        ) => {
            let covered =
                !message.is_empty() && message.iter().all(|pointer| known.contains(pointer));
            earlier == later
                || (covered && code.is_none() && messages.is_none() && fields.is_none())
        }
        (ErrorShape::Text, ErrorShape::Empty) => false,
        (ErrorShape::String, ErrorShape::Object { .. } | ErrorShape::Text | ErrorShape::Empty) => {
            false
        }
        (ErrorShape::Empty, ErrorShape::Object { .. } | ErrorShape::String | ErrorShape::Text) => {
            false
        }
        (ErrorShape::Object { .. }, ErrorShape::String | ErrorShape::Text | ErrorShape::Empty) => {
            false
        }
    }
}
