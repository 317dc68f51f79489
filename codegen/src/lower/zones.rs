//! Civil datetimes whose zone another member names: the methods that join the two.
//! Assumes laid out members. Must not lead through anything but objects: which zone of a list would be meant?

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::Spanned;
use crate::model::{How, Member, Shape, Ty, Zone};

use super::catalogue::{Catalogue, Expr, Field, Object};
use super::naming::{Taken, unknown};

/// The methods of one struct; those whose way is not in it are left out.
pub(super) fn lower(
    types: &Catalogue,
    object: &Object,
    shape: Shape,
    members: &[Member],
) -> Vec<Zone> {
    if !matches!(shape, Shape::Read | Shape::Partial | Shape::Both) {
        return Vec::new();
    }
    let zoned = object
        .fields
        .iter()
        .filter_map(|field| Some((field, field.zone.as_ref()?)));
    let zones = zoned.filter_map(|(field, name)| {
        let held = |field: &Field| {
            members
                .iter()
                .find(|member| member.field == field.field.name.wire)
        };
        let member = held(field)?;
        let way = find_way(types, object, name).ok()?;
        let mut path = Vec::with_capacity(way.len());
        for (at, step) in way.iter().enumerate() {
            // Only the first is a member of this struct; the others are read whole.
            let optional = match at {
                0 => held(step)?.how != How::Required,
                _ => step.field.nullable || step.field.optional,
            };
            path.push((step.field.name.rust.clone(), optional));
        }
        Some(Zone {
            method: method(field),
            member: member.name.rust.clone(),
            optional: member.how != How::Required,
            path,
        })
    });
    zones.collect()
}

fn method(field: &Field) -> String {
    format!("{}_zoned", field.field.name.rust.trim_end_matches('_'))
}

/// Refuses ways that lead nowhere; objects are lowered already.
pub(super) fn check(types: &Catalogue, diagnostics: &mut Diagnostics) {
    for id in types.ids() {
        let Some(object) = types.object(id) else {
            continue;
        };
        let mut taken = Taken::default();
        for field in &object.fields {
            let what = format!("the field `{}`", field.described);
            // Fields that share a name were reported with the object.
            taken.take(
                &field.field.name.rust,
                &field.place,
                &what,
                &mut Diagnostics::default(),
            );
        }
        for field in &object.fields {
            let Some(name) = &field.zone else { continue };
            if let Err(found) = find_way(types, object, name) {
                diagnostics.push(*found);
            }
            let what = format!("the method of `{}` in its zone", field.described);
            taken.take(&method(field), &name.place, &what, diagnostics);
        }
    }
}

/// The fields from the object to the zone's name, `device.time_zone_id`.
fn find_way<'t>(
    types: &'t Catalogue,
    mut object: &'t Object,
    name: &Spanned<String>,
) -> Result<Vec<&'t Field>, Box<Diagnostic>> {
    let mut way = Vec::new();
    let mut steps = name.value.split('.').peekable();
    while let Some(step) = steps.next() {
        let Some(field) = object.fields.iter().find(|field| field.described == step) else {
            let known = object.fields.iter().map(|field| field.described.as_str());
            let step = Spanned {
                value: step.to_owned(),
                place: name.place.clone(),
            };
            return Err(Box::new(unknown("E042", "a field", &step, known)));
        };
        way.push(field);
        match (&field.read, steps.peek()) {
            (Expr::Scalar(Ty::String), None) | (Expr::Broken, _) => return Ok(way),
            (Expr::Named(id), Some(_)) => match types.object(*id) {
                Some(inner) => object = inner,
                None => break,
            },
            _ => break,
        }
    }
    let message = format!("`{}` names no time zone", name.value);
    let help =
        "write a field of the type `string`, perhaps in an object: `{field: device.time_zone_id}`";
    Err(Box::new(
        Diagnostic::new("E126", &name.place, message).help(help),
    ))
}
