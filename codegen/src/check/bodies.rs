//! What a method sends and answers: that the verb carries it, that there is something in it, and
//! that the status leaves room for it.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Answer, Api, Body, Effect, Method, Shape, Struct, Type, TypeKind, Verb};

use super::reach::{self, Types};
use super::{place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for (_, method) in walk::methods(api) {
        check_body(&types, method, diagnostics);
        check_answer(method, diagnostics);
        check_effect(method, diagnostics);
    }
}

fn check_body(types: &Types<'_>, method: &Method, diagnostics: &mut Diagnostics) {
    if method.body == Body::None {
        return;
    }
    if let Some(verb) = bodiless(method.verb) {
        let message = format!("`{}` sends a body with {verb}", method.operation);
        let help = "write `body: none`, or another verb; RFC 9110, section 9.3 gives such a body no meaning";
        diagnostics.push(
            Diagnostic::new("E097", &place::of_word(&method.origin, "body"), message).help(help),
        );
    }
    let mut items = Vec::new();
    if let Some(ty) = method.body.ty() {
        reach::items(ty, &mut items);
    }
    for item in items {
        let Some(described) = types.find(item) else {
            continue;
        };
        let TypeKind::Object(object) = &described.kind else {
            continue;
        };
        let Some(written) = object
            .structs
            .iter()
            .find(|written| written.rust == item.rust)
        else {
            continue;
        };
        check_content(method, described, written, diagnostics);
    }
}

fn bodiless(verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::Get => Some("GET"),
        Verb::Head => Some("HEAD"),
        Verb::Options | Verb::Post | Verb::Put | Verb::Patch | Verb::Delete => None,
    }
}

fn check_content(
    method: &Method,
    described: &Type,
    written: &Struct,
    diagnostics: &mut Diagnostics,
) {
    let what = match written.shape {
        // An object without access marks may be empty: `{}` is what it says.
        Shape::Read | Shape::Partial | Shape::Both => return,
        Shape::New => "create with",
        Shape::Put | Shape::Explicit => "replace",
        Shape::Patch => "change",
    };
    if written.members.is_empty() && written.dynamic.is_none() && !written.keep_extra {
        let message = format!(
            "`{}` has no field that `{}` could {what}",
            described.name.wire, method.operation
        );
        let help = "give a field an `access` that lets it be written, or write `body: none`";
        let found = Diagnostic::new("E097", &place::of(&method.origin), message).help(help);
        diagnostics.push(found.also(&place::of(&described.origin), "the type"));
    }
}

fn check_answer(method: &Method, diagnostics: &mut Diagnostics) {
    for (index, status) in method.success.iter().enumerate() {
        let at = place::of_word(&method.origin, &status.to_string());
        if !(200..=299).contains(status) {
            let message = format!("{status} is no success of `{}`", method.operation);
            let help = "write a status from 200 to 299; errors belong to `cases`";
            diagnostics.push(Diagnostic::new("E082", &at, message).help(help));
        }
        if method.success[..index].contains(status) {
            let message = format!("the status {status} stands twice in `{}`", method.operation);
            diagnostics.push(Diagnostic::new("E082", &at, message).help("write each status once"));
        }
    }
    if method.verb == Verb::Head && reads_body(&method.answer) {
        let message = format!(
            "`{}` would read the body of an answer to HEAD, which has none",
            method.operation
        );
        let at = place::of(&method.origin);
        diagnostics.push(
            Diagnostic::new("E082", &at, message).help("write `out: none`, or `http: GET …`"),
        );
    }
    match &method.answer {
        Answer::Outcomes { outcomes, .. } => {
            for outcome in outcomes
                .iter()
                .filter(|outcome| reads_body(&outcome.answer))
            {
                check_room(method, outcome.status, diagnostics);
            }
        }
        Answer::Plain(_) | Answer::Value { .. } | Answer::Page { .. } | Answer::List { .. } => {
            for &status in &method.success {
                check_room(method, status, diagnostics);
            }
        }
        Answer::None => {}
    }
}

/// RFC 9110, sections 15.3.5 and 15.3.6: answers with 204 and 205 have no content.
fn check_room(method: &Method, status: u16, diagnostics: &mut Diagnostics) {
    if matches!(status, 204 | 205) {
        let message = format!(
            "an answer with {status} has no body that `{}` could read",
            method.operation
        );
        let at = place::of_word(&method.origin, &status.to_string());
        diagnostics.push(
            Diagnostic::new("E082", &at, message)
                .help("write `out: none` for this status, or another status"),
        );
    }
}

fn reads_body(answer: &Answer) -> bool {
    match answer {
        Answer::None => false,
        Answer::Plain(_) | Answer::Value { .. } | Answer::Page { .. } | Answer::List { .. } => true,
        Answer::Outcomes { outcomes, .. } => {
            outcomes.iter().any(|outcome| reads_body(&outcome.answer))
        }
    }
}

/// RFC 9110, section 9.2: whoever sends a safe request again must not change anything by it.
fn check_effect(method: &Method, diagnostics: &mut Diagnostics) {
    let safe = matches!(method.verb, Verb::Get | Verb::Head | Verb::Options);
    if safe && method.effect != Effect::Read {
        let message = format!(
            "`{}` changes something with a verb that promises not to",
            method.operation
        );
        let help = "write `effect: read` if it only reads; otherwise say so in `doc` and allow this finding";
        diagnostics.push(Diagnostic::new("W011", &place::of(&method.origin), message).help(help));
    }
}
