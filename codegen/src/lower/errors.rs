//! How errors are read, and the errors that have names.
//! Assumes that types have their numbers. Must not judge whether cases can be told apart: that
//! needs all of them, and the checks look at it.

use crate::diagnostics::Diagnostics;
use crate::document;
use crate::model::{Case, ErrorShape, Errors, Messages, Name, Reference};
use crate::names;

use super::catalogue::{Catalogue, Mode};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::Taken;
use super::words;

pub(super) fn lower(api: &document::Api) -> Errors {
    let Some(errors) = &api.errors else {
        return Errors::default();
    };
    Errors {
        shapes: errors
            .shapes
            .iter()
            .map(|shape| lower_shape(&shape.value))
            .collect(),
        request_id: errors
            .request_id
            .as_ref()
            .map(|id| id.header.value.0.to_ascii_lowercase()),
        reference: errors.reference.as_ref().map(|reference| Reference {
            after: reference.after.value.clone(),
            origin: words::origin(&reference.after.place),
        }),
    }
}

fn lower_shape(shape: &document::ErrorShape) -> ErrorShape {
    match shape {
        document::ErrorShape::String => ErrorShape::String,
        document::ErrorShape::Text => ErrorShape::Text,
        document::ErrorShape::Empty => ErrorShape::Empty,
        document::ErrorShape::Object(object) => ErrorShape::Object {
            message: object
                .message
                .list
                .iter()
                .map(|pointer| pointer.value.0.clone())
                .collect(),
            code: object.code.as_ref().map(|pointer| pointer.value.0.clone()),
            messages: object.messages.as_ref().map(|messages| Messages {
                each: messages.each.value.0.clone(),
                text: messages
                    .text
                    .as_ref()
                    .map(|pointer| pointer.value.0.clone())
                    .unwrap_or_default(),
                target: messages
                    .target
                    .as_ref()
                    .map(|pointer| pointer.value.0.clone()),
            }),
            fields: object
                .fields
                .as_ref()
                .map(|pointer| pointer.value.0.clone()),
        },
    }
}

/// Named errors, sorted by status and then by name.
pub(super) fn lower_cases(
    api: &document::Api,
    conventions: &Conventions,
    types: &mut Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<Case> {
    let Some(errors) = &api.errors else {
        return Vec::new();
    };
    let mut taken = Taken::default();
    let mut cases = Vec::with_capacity(errors.cases.len());
    for (name, case) in &errors.cases {
        let rust = names::type_name(&name.value);
        let what = format!("the case `{}`", name.value);
        taken.take_or(
            &rust,
            &name.place,
            &what,
            "give one of them another name",
            diagnostics,
        );
        let details = case.details.as_ref().map(|text| {
            let scalars = Scalars::usual(conventions.datetime_read);
            let expr = expressions::resolve(types, text, &scalars, diagnostics);
            types.require(&expr, Mode::Read, None)
        });
        cases.push(Case {
            name: Name {
                wire: name.value.clone(),
                rust,
            },
            status: case.status.value,
            code: case.code.as_ref().map(|code| code.value.clone()),
            details,
            doc: words::text(case.doc.as_ref()),
            origin: words::origin(&name.place),
        });
    }
    cases.sort_by(|a, b| (a.status, &a.name.wire).cmp(&(b.status, &b.name.wire)));
    cases
}
