//! Types that hold themselves by value: those that no value can have are refused, the others get a
//! `Box` at the edge that closes the circle.
//!
//! Walks keep their own stack, because a description may chain more types than a thread's stack
//! has frames for.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{How, Item, Ty, Type, TypeKind};

use super::catalogue::{Catalogue, Expr, Kind, TypeId};

/// Refuses types whose every value would hold another of the same type (row I9).
pub(super) fn refuse_endless(types: &Catalogue, diagnostics: &mut Diagnostics) {
    let needs: Vec<Needs> = types.ids().map(|id| needs_of(types, id)).collect();
    let finite = find_finite(&needs);
    let mut shown = vec![false; needs.len()];
    for start in types.ids().filter(|id| !finite[id.0]) {
        if shown[start.0] {
            continue;
        }
        let circle = find_circle(&needs, &finite, start);
        let fresh = circle.iter().all(|id| !shown[id.0]);
        for id in &circle {
            shown[id.0] = true;
        }
        if fresh {
            refuse(types, &circle, diagnostics);
        }
    }
}

/// What a value cannot be without.
enum Needs {
    /// A value of each of these.
    All(Vec<TypeId>),
    /// A value of one of these.
    One(Vec<TypeId>),
}

fn needs_of(types: &Catalogue, id: TypeId) -> Needs {
    let by_value = |expr: &Expr| match expr {
        Expr::Named(id) => Some(*id),
        Expr::Scalar(_)
        | Expr::Shaped(..)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Nullable(_)
        | Expr::Broken => None,
    };
    match &types.get(id).kind {
        Kind::Object(object) => {
            let given = object
                .fields
                .iter()
                .filter(|field| !field.field.optional && !field.field.nullable);
            Needs::All(given.filter_map(|field| by_value(&field.read)).collect())
        }
        // A union with a scalar, or with variants that nobody has described, is finite.
        Kind::Union(union)
            if !union.open
                && union
                    .variants
                    .iter()
                    .all(|variant| by_value(&variant.expr).is_some()) =>
        {
            Needs::One(
                union
                    .variants
                    .iter()
                    .filter_map(|variant| by_value(&variant.expr))
                    .collect(),
            )
        }
        Kind::Union(_) | Kind::Enum(_) | Kind::Alias { .. } | Kind::Broken => {
            Needs::All(Vec::new())
        }
    }
}

fn find_finite(needs: &[Needs]) -> Vec<bool> {
    let mut missing: Vec<usize> = Vec::with_capacity(needs.len());
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (index, needs) in needs.iter().enumerate() {
        let (Needs::All(inner) | Needs::One(inner)) = needs;
        for id in inner {
            holders[id.0].push(index);
        }
        missing.push(match needs {
            Needs::All(inner) => inner.len(),
            // A union without variants has been refused.
            Needs::One(inner) => inner.len().min(1),
        });
    }
    let mut waiting: Vec<usize> = (0..needs.len())
        .filter(|index| missing[*index] == 0)
        .collect();
    let mut finite = vec![false; needs.len()];
    while let Some(index) = waiting.pop() {
        if std::mem::replace(&mut finite[index], true) {
            continue;
        }
        for &holder in &holders[index] {
            missing[holder] = missing[holder].saturating_sub(1);
            if missing[holder] == 0 {
                waiting.push(holder);
            }
        }
    }
    finite
}

/// The circle that a walk along endless types runs into.
fn find_circle(needs: &[Needs], finite: &[bool], start: TypeId) -> Vec<TypeId> {
    let mut walk = vec![start];
    let mut at = vec![None; needs.len()];
    at[start.0] = Some(0);
    loop {
        let last = walk[walk.len() - 1];
        let (Needs::All(inner) | Needs::One(inner)) = &needs[last.0];
        let Some(&next) = inner.iter().find(|id| !finite[id.0]) else {
            return walk;
        };
        if let Some(from) = at[next.0] {
            return walk.split_off(from);
        }
        at[next.0] = Some(walk.len());
        walk.push(next);
    }
}

fn refuse(types: &Catalogue, circle: &[TypeId], diagnostics: &mut Diagnostics) {
    /// More of a circle would not be read.
    const SHOWN: usize = 8;
    let Some(first) = circle.first() else { return };
    let names: Vec<String> = circle
        .iter()
        .take(SHOWN)
        .chain([first])
        .map(|id| format!("`{}`", types.get(*id).name.wire))
        .collect();
    let message = format!("no value can be finite: {}", names.join(" → "));
    let help = "make a field of the circle optional with `?`, nullable with `| null`, or a list";
    let found = Diagnostic::new("E048", &types.get(*first).place, message).help(help);
    let others = circle.iter().skip(1).take(SHOWN);
    diagnostics.push(others.fold(found, |found, id| {
        found.also(&types.get(*id).place, "part of the circle")
    }));
}

/// A place in an item where another may stand by value.
#[derive(Clone, Copy)]
struct Slot {
    /// The type, and the struct in it; a union has one item.
    item: (usize, usize),
    /// The member or variant.
    index: usize,
}

/// Boxes what closes a circle; which edge that is follows from the order of the file alone.
pub(super) fn box_feedback(types: &mut [Type]) {
    let items = number_items(types);
    let edges: Vec<Vec<(Slot, usize)>> = items
        .list
        .iter()
        .map(|item| edges_of(types, &items.by_name, *item))
        .collect();
    for slot in feedback(&edges) {
        let (ty, item) = slot.item;
        match &mut types[ty].kind {
            TypeKind::Object(object) => {
                put_in_box(&mut object.structs[item].members[slot.index].ty);
            }
            TypeKind::Union(union) => put_in_box(&mut union.variants[slot.index].ty),
            TypeKind::Enum(_) | TypeKind::Alias(_) => {}
        }
    }
}

struct Items {
    list: Vec<(usize, usize)>,
    by_name: BTreeMap<String, usize>,
}

fn number_items(types: &[Type]) -> Items {
    let mut items = Items {
        list: Vec::new(),
        by_name: BTreeMap::new(),
    };
    for (ty, described) in types.iter().enumerate() {
        match &described.kind {
            TypeKind::Object(object) => {
                for (index, item) in object.structs.iter().enumerate() {
                    items.by_name.insert(item.rust.clone(), items.list.len());
                    items.list.push((ty, index));
                }
            }
            TypeKind::Union(_) => {
                items
                    .by_name
                    .insert(described.name.rust.clone(), items.list.len());
                items.list.push((ty, 0));
            }
            TypeKind::Enum(_) | TypeKind::Alias(_) => {}
        }
    }
    items
}

fn edges_of(
    types: &[Type],
    by_name: &BTreeMap<String, usize>,
    item: (usize, usize),
) -> Vec<(Slot, usize)> {
    let held: Vec<Option<&Item>> = match &types[item.0].kind {
        TypeKind::Object(object) => {
            let members = object.structs[item.1].members.iter();
            members
                .map(|member| {
                    if member.how == How::List {
                        None
                    } else {
                        by_value(&member.ty)
                    }
                })
                .collect()
        }
        TypeKind::Union(union) => union
            .variants
            .iter()
            .map(|variant| by_value(&variant.ty))
            .collect(),
        TypeKind::Enum(_) | TypeKind::Alias(_) => Vec::new(),
    };
    let edges = held.into_iter().enumerate().filter_map(|(index, held)| {
        let target = by_name.get(held?.rust.as_str())?;
        Some((Slot { item, index }, *target))
    });
    edges.collect()
}

fn by_value(ty: &Ty) -> Option<&Item> {
    match ty {
        Ty::Item(item) => Some(item),
        Ty::Nullable(inner) => by_value(inner),
        _ => None,
    }
}

/// The edges of a walk in depth that lead back to where the walk came from.
fn feedback(edges: &[Vec<(Slot, usize)>]) -> Vec<Slot> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        let mut walk = if states[start] == State::New {
            vec![(start, 0)]
        } else {
            Vec::new()
        };
        while let Some((node, next)) = walk.pop() {
            states[node] = State::Open;
            let Some(&(slot, target)) = edges[node].get(next) else {
                states[node] = State::Done;
                continue;
            };
            walk.push((node, next + 1));
            match states[target] {
                State::New => walk.push((target, 0)),
                State::Open => found.push(slot),
                State::Done => {}
            }
        }
    }
    found
}

fn put_in_box(ty: &mut Ty) {
    match ty {
        Ty::Nullable(inner) => put_in_box(inner),
        Ty::Item(item) => *ty = Ty::Boxed(item.clone()),
        _ => {}
    }
}
