//! What keeps writes from happening twice or over what they have not seen: locks, idempotency keys, and
//! how to look for what was made. Assumes lowered cases. Must not judge whether places fit what a
//! method sends: the checks do, which see all of it.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, OrNone, ResponsePlace, Spanned};
use crate::model::{
    Argument, Case, Effect, IdempotencyKey, Lock, Method, Name, ParamPlace, Place, Reconcile,
    Replay,
};
use crate::names;

use super::catalogue::Catalogue;
use super::inherit::Levels;
use super::methods::{Lowered, Site};
use super::naming::unknown;
use super::{pages, policies, words};

/// The locks, in the order of the file. One whose parts are wrong keeps its position.
pub(super) fn lower_locks(
    api: &document::Api,
    cases: &[Case],
    diagnostics: &mut Diagnostics,
) -> Vec<Lock> {
    let mut locks = Vec::with_capacity(api.locks.len());
    for (name, lock) in &api.locks {
        let (before, after) = frame(lock, diagnostics);
        let known = cases.iter().map(|case| &case.name);
        let stale = policies::find(known, "a case", &lock.stale, diagnostics);
        locks.push(Lock {
            name: Name {
                wire: name.value.clone(),
                rust: names::constant_name(&name.value),
            },
            send: pages::send_at(&lock.send.value),
            from: version_place(&lock.from, diagnostics),
            before,
            after,
            required: lock.required.as_ref().is_some_and(|said| said.value),
            stale: stale.unwrap_or_default(),
            doc: words::text(lock.doc.as_ref()),
            origin: words::origin(&name.place),
        });
    }
    locks
}

/// What stands around a version: an entity tag is quoted (RFC 9110, section 8.8.3).
fn frame(lock: &document::Lock, diagnostics: &mut Diagnostics) -> (String, String) {
    let Some(format) = &lock.format else {
        return (String::new(), String::new());
    };
    match format.value.split_once("{}") {
        Some((before, after)) if !after.contains("{}") => (before.to_owned(), after.to_owned()),
        Some(_) | None => {
            let message = "the format does not hold `{}` once";
            let help = "write what is sent, with `{}` for the version, such as `'\"{}\"'`";
            diagnostics.push(Diagnostic::new("E100", &format.place, message).help(help));
            (String::new(), String::new())
        }
    }
}

fn version_place(from: &Spanned<ResponsePlace>, diagnostics: &mut Diagnostics) -> Place {
    match &from.value {
        ResponsePlace::Header(header) => Place::Header(header.to_ascii_lowercase()),
        ResponsePlace::Pointer(pointer) => Place::Body(pointer.0.clone()),
        ResponsePlace::Link(relation) => {
            let message = "a link is no version";
            let help = "write `{header: ETag}`, or a pointer into the body";
            diagnostics.push(Diagnostic::new("E056", &from.place, message).help(help));
            Place::Link(relation.clone())
        }
    }
}

/// Every key that some method may use, equal ones once; what no method uses is left out later.
pub(super) fn lower_keys(api: &document::Api) -> Vec<IdempotencyKey> {
    fn of_methods<'d>(
        methods: impl Iterator<Item = &'d document::Method>,
        keys: &mut Vec<IdempotencyKey>,
    ) {
        for method in methods {
            if let Some(effect) = &method.effect
                && let document::Effect::Keyed(keyed) = &effect.value
                && !keys.iter().any(|known| is_same(known, keyed))
            {
                let key = lower_key(effect, keyed, keys);
                keys.push(key);
            }
        }
    }
    fn of_defaults(defaults: Option<&document::Defaults>, keys: &mut Vec<IdempotencyKey>) {
        let methods = defaults.into_iter().flat_map(|defaults| &defaults.methods);
        of_methods(methods.map(|(_, method)| method), keys);
    }
    fn of_resource(resource: &document::Resource, keys: &mut Vec<IdempotencyKey>) {
        of_defaults(resource.defaults.as_ref(), keys);
        let methods = resource.methods.iter().flat_map(|methods| &methods.list);
        of_methods(methods.map(|(_, method)| method), keys);
        for (_, child) in &resource.children {
            of_resource(&child.value, keys);
        }
    }
    let mut keys = Vec::new();
    of_defaults(api.defaults.as_ref(), &mut keys);
    for (_, resource) in &api.resources {
        of_resource(&resource.value, &mut keys);
    }
    keys
}

fn lower_key(
    effect: &Spanned<document::Effect>,
    keyed: &document::Keyed,
    known: &[IdempotencyKey],
) -> IdempotencyKey {
    let at = pages::send_at(&keyed.at.value);
    let within = keyed.within.as_ref();
    IdempotencyKey {
        constant: key_constant(at.name(), known),
        at,
        within: within.map(|within| words::number(within, words::millis)),
        replay: replay(keyed),
        origin: words::origin(&effect.place),
    }
}

/// `IDEMPOTENCY_KEY` for `Idempotency-Key`, `TOKEN_KEY` for `Token`; counted where several differ.
fn key_constant(name: &str, known: &[IdempotencyKey]) -> String {
    let ascii = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '_'
        }
    };
    let mut base = names::constant_name(&name.chars().map(ascii).collect::<String>());
    if !base.ends_with("_KEY") {
        base.push_str("_KEY");
    }
    let is_free = |name: &String| known.iter().all(|key| key.constant != *name);
    let counted = (2_usize..).map(|count| format!("{}_{count}_KEY", base.trim_end_matches("_KEY")));
    std::iter::once(base.clone())
        .chain(counted)
        .find(is_free)
        .expect("there are more numbers than keys")
}

fn replay(keyed: &document::Keyed) -> Option<Replay> {
    keyed.replay.as_ref().map(|replay| Replay {
        status: replay.status.value,
        done: replay.means.value == document::ReplayMeans::Done,
    })
}

fn is_same(known: &IdempotencyKey, keyed: &document::Keyed) -> bool {
    let within = keyed.within.as_ref();
    known.at == pages::send_at(&keyed.at.value)
        && known.within == within.map(|within| words::number(within, words::millis))
        && known.replay == replay(keyed)
}

/// The effect of a key, by its position.
pub(super) fn keyed(site: &Site<'_, '_>, keyed: &document::Keyed) -> Effect {
    let keys = &site.policies.keys;
    let found = keys.iter().position(|known| is_same(known, keyed));
    Effect::Keyed(found.expect("all keys of the document were collected"))
}

/// The lock, by its position.
pub(super) fn lock(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let said = levels.of_method(|method| method.lock.as_ref())?;
    let OrNone::Some(name) = &said.value else {
        return None;
    };
    let name = Spanned {
        value: name.clone(),
        place: said.place.clone(),
    };
    let locks = site.policies.locks.iter().map(|lock| &lock.name);
    policies::find(locks, "a lock", &name, diagnostics)
}

/// How to look for what was made. `methods` are all of the resource, in the order of the file.
pub(super) fn reconcile(
    types: &Catalogue,
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    methods: &[Lowered],
    diagnostics: &mut Diagnostics,
) -> Option<Reconcile> {
    let said = levels.of_method(|method| method.reconcile.as_ref())?;
    let OrNone::Some(written) = &said.value else {
        return None;
    };
    let call = written.call.clone().unwrap_or_else(|| Spanned {
        value: "list".to_owned(),
        place: said.place.clone(),
    });
    let wanted = |lowered: &&Lowered| lowered.method.name.wire == call.value;
    let Some(list) = methods.iter().find(wanted) else {
        let known = methods
            .iter()
            .map(|lowered| lowered.method.name.wire.as_str());
        let found = unknown("E102", "a method", &call, known);
        diagnostics.push(found.also(&site.name.place, "the resource"));
        return None;
    };
    let fields = written.by.value.iter();
    let by = fields.filter_map(|name| {
        let wire = wire_name(types, site, name, diagnostics)?;
        let param = find_param(&list.method, &name.value, &wire);
        Some((wire, param))
    });
    Some(Reconcile {
        by: by.collect(),
        list: list.method.operation.clone(),
        doc: words::judged(None, written.trust.as_ref(), written.source.as_ref()),
    })
}

/// What a field of the resource's type is on the wire.
pub(super) fn wire_name(
    types: &Catalogue,
    site: &Site<'_, '_>,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let Some((id, object)) = site.own_id().and_then(|id| Some((id, types.object(id)?))) else {
        return Some(names::wire_name(&name.value, site.conventions.case));
    };
    let mut fields = object.fields.iter();
    if let Some(field) = fields.find(|field| field.described == name.value) {
        return Some(field.field.name.wire.clone());
    }
    let known = object.fields.iter().map(|field| field.described.as_str());
    let found = unknown("E042", "a field", name, known);
    diagnostics.push(found.also(&types.get(id).place, "the type"));
    None
}

/// The query parameter of a list that asks for items with one value of a field.
fn find_param(list: &Method, described: &str, wire: &str) -> Option<String> {
    let rust = names::setter_name(described);
    let filters = list
        .filters
        .iter()
        .filter(|filter| filter.field.rust == rust);
    let equal = filters
        .flat_map(|filter| &filter.ops)
        .find(|op| op.op == "eq" && op.list.is_none())
        .map(|op| op.param.clone());
    equal.or_else(|| {
        let plain = |argument: &&Argument| {
            argument.place == ParamPlace::Query && argument.list.is_none() && !argument.as_json
        };
        let mut arguments = list.arguments.iter().filter(plain);
        let found = arguments.find(|argument| argument.name.wire == wire);
        found.map(|argument| argument.name.wire.clone())
    })
}
