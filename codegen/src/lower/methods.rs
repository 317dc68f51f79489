//! Methods: the standard ones with their defaults, those that write their own request, and
//! `get_by_…` for each other way to name an item.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, Defaults, Spanned};
use crate::model::{Answer, Argument, ArgumentKind, Doc, Effect, Method, Name, Verb};
use crate::names::{self, Position};

use super::catalogue::{Catalogue, Expr, TypeId};
use super::conventions::Conventions;
use super::inherit::Levels;
use super::naming::given_or;
use super::paths::{self, Base, Target};
use super::policies::Policies;
use super::standard::Standard;
use super::{answers, behaviour, bodies, keys, many, masks, sent, words, writes};

/// What a method knows of the resource that it belongs to.
pub(super) struct Site<'a, 'd> {
    pub(super) document: &'d document::Api,
    pub(super) conventions: &'a Conventions,
    pub(super) policies: &'a Policies,
    pub(super) resource: &'d document::Resource,
    pub(super) name: &'d Spanned<String>,
    /// `orders.items`
    pub(super) path: String,
    pub(super) module: String,
    /// The resource in names of types: `OrdersItems`.
    pub(super) noun: String,
    pub(super) base: Base,
    pub(super) keys: Vec<Argument>,
    pub(super) parent_keys: Vec<Argument>,
    pub(super) own: OwnType,
    /// Nearest first, the file's last.
    pub(super) defaults: Vec<&'d Defaults>,
}

/// The type of a resource's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnType {
    Known(TypeId),
    /// None is described; a method that needs one complains.
    Missing,
    /// Refused already.
    Broken,
}

impl OwnType {
    pub(super) fn id(self) -> Option<TypeId> {
        match self {
            Self::Known(id) => Some(id),
            Self::Missing | Self::Broken => None,
        }
    }
}

impl Site<'_, '_> {
    pub(super) fn own_id(&self) -> Option<TypeId> {
        self.own.id()
    }

    /// The type of the resource's items, for a method that has to have one.
    pub(super) fn own_type(&self, method: &Spanned<String>, diagnostics: &mut Diagnostics) -> Expr {
        if self.own == OwnType::Missing {
            let message = format!(
                "`{}` needs a type, and the resource `{}` has none",
                method.value, self.name.value
            );
            let help =
                "write `type` or `fields` at the resource, or `body` and `out` at the method";
            let found = Diagnostic::new("E053", &method.place, message).help(help);
            diagnostics.push(found.also(&self.name.place, "the resource"));
        }
        self.own_id().map_or(Expr::Broken, Expr::Named)
    }
}

/// One method while it is being lowered.
pub(super) struct Call<'a> {
    pub(super) name: &'a Spanned<String>,
    pub(super) rust: String,
    pub(super) operation: String,
    pub(super) standard: Option<Standard>,
}

/// A method, and what is needed to name its items.
pub(super) struct Lowered {
    pub(super) method: Method,
    pub(super) place: Place,
    /// What its items may be named after, best first.
    pub(super) nouns: Vec<String>,
    /// The wire name of the key that its page policy drops repeated items by.
    pub(super) unique: Option<String>,
}

/// All methods of a resource, in the order of the file.
pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Lowered> {
    let mut lowered = Vec::new();
    for (name, method) in methods(site) {
        let levels = Levels::new(&name.value, Some(method), &site.defaults);
        let standard = Standard::from_name(&name.value);
        let http = levels.of_method(|method| method.http.as_ref());
        check_request(name, standard, http, diagnostics);
        let otherwise = standard.map_or((Verb::Get, Target::Collection), Standard::request);
        // A request that is missing was reported; its path is not worth a second finding.
        let (verb, path) = if http.is_none() && standard.is_none() {
            (Verb::Get, paths::placeholder(&site.base, name))
        } else {
            paths::lower(http, otherwise, &site.base, name, diagnostics)
        };
        let rust = given_or(
            method.about.rust.as_ref(),
            Position::Value,
            names::method_name(&name.value),
            diagnostics,
        );
        let call = Call {
            name,
            rust,
            operation: format!("{}.{}", site.path, name.value),
            standard,
        };
        let request = Request {
            verb,
            path,
            keys: &site.keys,
        };
        lowered.push(lower_one(types, site, &call, &levels, request, diagnostics));
    }
    for (index, (name, method)) in methods(site).enumerate() {
        let levels = Levels::new(&name.value, Some(method), &site.defaults);
        let reconcile = writes::reconcile(types, site, &levels, &lowered, diagnostics);
        lowered[index].method.reconcile = reconcile;
        lowered[index].method.bulk = many::bulk(site, &levels, &lowered, diagnostics);
        let own = &lowered[index].method;
        let poll = many::poll(types, site, &levels, own, &lowered, diagnostics);
        lowered[index].method.poll = poll;
    }
    for (name, alt) in &site.resource.alt_keys {
        lowered.extend(lower_alternative(types, site, name, alt, diagnostics));
    }
    lowered
}

/// The methods that are described, in the order of the file.
fn methods<'d>(
    site: &Site<'_, 'd>,
) -> impl Iterator<Item = &'d (Spanned<String>, document::Method)> + use<'d> {
    let methods = site.resource.methods.iter();
    methods.flat_map(|methods| &methods.list)
}

fn check_request(
    name: &Spanned<String>,
    standard: Option<Standard>,
    http: Option<&Spanned<String>>,
    diagnostics: &mut Diagnostics,
) {
    if http.is_none() && matches!(standard, None | Some(Standard::Count)) {
        let message = format!("`{}` has to say its request", name.value);
        let help = match standard {
            Some(_) => {
                "write `http: GET ./count`, or another path that answers the number".to_owned()
            }
            None => format!(
                "write `http: POST ./{0}` below the collection or `http: POST */{0}` below the item; \
                 without it there are `list get create update replace delete`",
                name.value
            ),
        };
        diagnostics.push(Diagnostic::new("E052", &name.place, message).help(help));
    }
}

/// `get_by_name`: like `get`, at another path.
fn lower_alternative(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    name: &Spanned<String>,
    alt: &document::AltKey,
    diagnostics: &mut Diagnostics,
) -> Option<Lowered> {
    let Some(path) = &alt.path else {
        let message = format!("the key `{}` does not say its path", name.value);
        let help = format!(
            "add `path: \"/{0}/{{{0}}}\"`, which is below the collection",
            name.value
        );
        diagnostics.push(Diagnostic::new("E053", &name.place, message).help(help));
        return None;
    };
    let mut keys = Vec::with_capacity(alt.fields.len());
    for field in &alt.fields {
        let value = keys::of_field(types, site.conventions, site.own_id(), field, diagnostics);
        keys.push(keys::argument(
            types,
            site.conventions,
            field,
            &value,
            &site.module,
        ));
    }
    let methods = site.resource.methods.as_ref();
    let get = methods.and_then(|methods| methods.list.get("get"));
    let levels = Levels::new("get", get, &site.defaults);
    let name = Spanned {
        value: format!("get_by_{}", name.value),
        place: name.place.clone(),
    };
    let call = Call {
        rust: names::method_name(&name.value),
        operation: format!("{}.{}", site.path, name.value),
        name: &name,
        standard: Some(Standard::Get),
    };
    let request = Request {
        verb: Verb::Get,
        path: format!("{}{}", site.base.collection, path.value),
        keys: &keys,
    };
    let mut lowered = lower_one(types, site, &call, &levels, request, diagnostics);
    let fields: Vec<String> = alt
        .fields
        .iter()
        .map(|field| format!("`{}`", field.value))
        .collect();
    let one = words::spaced(&lowered.nouns[0]);
    lowered.method.doc.text = format!("Gets one {one} by {}.", fields.join(" and "));
    Some(lowered)
}

/// The request of a method, with the keys that may stand in its path.
struct Request<'a> {
    verb: Verb,
    path: String,
    keys: &'a [Argument],
}

fn lower_one(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    request: Request<'_>,
    diagnostics: &mut Diagnostics,
) -> Lowered {
    let place = &call.name.place;
    let Request { verb, path, keys } = request;
    let answers::Lowered {
        answer,
        follow,
        success,
        page,
        after,
        unique,
    } = answers::lower(types, site, call, levels, diagnostics);
    let lock = writes::lock(site, levels, diagnostics);
    let effect = behaviour::effect(site, levels, call.standard, verb, lock);
    let own_path = sent::path_arguments(types, site, levels, &path, keys, diagnostics);
    let nouns = nouns(types, site, call, !own_path.is_empty());
    let needs = sent::Needs {
        path: own_path,
        page,
        after,
        version: lock.filter(|_| effect != Effect::Read),
    };
    let sent = sent::lower(types, site, call, levels, needs, diagnostics);
    let body = bodies::lower(types, site, call, levels, &sent.arguments, diagnostics);
    let optional = sent
        .arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::Setter);
    let wrapped = optional
        || !sent.filters.is_empty()
        || matches!(answer, Answer::Page { .. })
        || many::is_polled(levels);
    let method = Method {
        name: Name {
            wire: call.name.value.clone(),
            rust: call.rust.clone(),
        },
        operation: call.operation.clone(),
        // Both are named when all other items have their names.
        constant: String::new(),
        call_type: wrapped.then(String::new),
        doc: doc(site, call, levels, &nouns),
        verb,
        path,
        mask: masks::lower(types, site, levels, &answer, &sent.arguments, diagnostics),
        arguments: sent.arguments,
        filters: sent.filters,
        body,
        answer,
        follow,
        success,
        effect,
        lock,
        // These look at the other methods, so that they wait for them.
        reconcile: None,
        bulk: None,
        poll: None,
        page,
        charges: behaviour::charges(site, levels, diagnostics),
        retry: behaviour::retry(site, levels, diagnostics),
        timeout_ms: behaviour::timeout(levels),
        security: behaviour::security(site, levels, diagnostics),
        cases: behaviour::cases(
            site,
            levels,
            lock.filter(|_| effect != Effect::Read),
            diagnostics,
        ),
        headers: sent.headers,
        query: sent.query,
        origin: words::origin(place),
    };
    Lowered {
        method,
        place: place.clone(),
        nouns,
        unique,
    }
}

/// Items of a call on one item are named after the type, those of the others after the resource.
fn nouns(types: &Catalogue, site: &Site<'_, '_>, call: &Call<'_>, on_item: bool) -> Vec<String> {
    let of_type = site.own_id().map(|id| types.get(id).name.rust.clone());
    let single = on_item || matches!(call.standard, Some(Standard::Create | Standard::Get));
    of_type
        .filter(|_| single)
        .into_iter()
        .chain([site.noun.clone()])
        .collect()
}

fn doc(site: &Site<'_, '_>, call: &Call<'_>, levels: &Levels<'_>, nouns: &[String]) -> Doc {
    let about = document::About {
        doc: levels
            .of_method(|method| method.about.doc.as_ref())
            .cloned(),
        rust: None,
        deprecated: levels
            .of_method(|method| method.about.deprecated.as_ref())
            .cloned(),
        trust: levels
            .of_method(|method| method.about.trust.as_ref())
            .cloned(),
        source: levels
            .of_method(|method| method.about.source.as_ref())
            .cloned(),
    };
    let mut doc = words::about(&about);
    if let (true, Some(standard)) = (doc.text.is_empty(), call.standard) {
        let one = nouns
            .first()
            .map(|noun| words::spaced(noun))
            .unwrap_or_default();
        doc.text = standard.words(&one, &words::spaced(&site.name.value));
    }
    doc
}
