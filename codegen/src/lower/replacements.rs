//! From what was read to the body that replaces it: a read struct knows its replacing one where
//! each member of that can be taken from a member of this.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{How, Item, Member, Shape, Struct, Ty, Type, TypeKind};

/// The method of the read struct.
const METHOD: &str = "to_replacement";

/// Links read structs with their replacing ones.
pub(super) fn link(types: &mut [Type]) {
    let pairs = find_pairs(types);
    for described in types.iter_mut() {
        let TypeKind::Object(object) = &mut described.kind else {
            continue;
        };
        for item in object.structs.iter_mut().filter(|item| is_read(item)) {
            item.to_put = pairs
                .get(&item.rust)
                .map(|put| (put.clone(), METHOD.to_owned()));
        }
    }
}

fn is_read(item: &Struct) -> bool {
    matches!(item.shape, Shape::Read | Shape::Both)
}

/// Names of read structs with those of their replacing ones. All are assumed to fit until one does
/// not; that may take others with it.
fn find_pairs(types: &[Type]) -> BTreeMap<String, String> {
    let mut candidates: Vec<(&Struct, &Struct)> = Vec::new();
    for described in types {
        let TypeKind::Object(object) = &described.kind else {
            continue;
        };
        let read = object.structs.iter().find(|item| is_read(item));
        let put = object.structs.iter().find(|item| item.shape == Shape::Put);
        candidates.extend(
            read.zip(put)
                .filter(|_| object.dynamic.is_none() && !object.keep_extra),
        );
    }
    let mut refused: BTreeSet<&str> = BTreeSet::new();
    loop {
        let fitting = candidates
            .iter()
            .filter(|(read, _)| !refused.contains(read.rust.as_str()));
        let pairs: BTreeMap<String, String> = fitting
            .clone()
            .map(|(read, put)| (read.rust.clone(), put.rust.clone()))
            .collect();
        let bad: Vec<&str> = fitting
            .filter(|(read, put)| !fits(read, put, &pairs))
            .map(|(read, _)| read.rust.as_str())
            .collect();
        if bad.is_empty() {
            return pairs;
        }
        refused.extend(bad);
    }
}

fn fits(read: &Struct, put: &Struct, pairs: &BTreeMap<String, String>) -> bool {
    put.members
        .iter()
        .filter(|to| to.constant.is_none())
        .all(|to| {
            let from = read
                .members
                .iter()
                .find(|from| from.field == to.field && from.constant.is_none());
            from.is_some_and(|from| converts(&whole(from), &whole(to), pairs))
        })
}

/// The member's type with its presence.
fn whole(member: &Member) -> Ty {
    let ty = Box::new(member.ty.clone());
    match member.how {
        How::Required => member.ty.clone(),
        How::Optional | How::Nullable | How::Patch => Ty::Nullable(ty),
        How::List => Ty::List(ty),
    }
}

/// Whether a value of one type becomes one of the other without being made up.
fn converts(from: &Ty, to: &Ty, pairs: &BTreeMap<String, String>) -> bool {
    let known = |from: &Item, to: &Item| pairs.get(&from.rust) == Some(&to.rust);
    match (from, to) {
        _ if from == to => true,
        (Ty::Nullable(from), Ty::Nullable(to))
        | (Ty::List(from), Ty::List(to))
        | (Ty::Map(from), Ty::Map(to)) => converts(from, to, pairs),
        (Ty::Item(from), Ty::Item(to)) | (Ty::Boxed(from), Ty::Boxed(to)) => known(from, to),
        (from, Ty::Nullable(to)) => converts(from, to, pairs),
        _ => false,
    }
}
