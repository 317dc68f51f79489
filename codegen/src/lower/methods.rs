//! Methods: the standard ones with their defaults, those that write their own request, and
//! `get_by_…` for each other way to name an item.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, Defaults, Spanned};
use crate::model::{Answer, Argument, ArgumentKind, Doc, Filter, Method, Name, ParamPlace, Verb};
use crate::names::{self, Position};

use super::catalogue::{Catalogue, Expr, TypeId};
use super::conventions::Conventions;
use super::filters::{self, Filters};
use super::inherit::Levels;
use super::naming::{Taken, given_or};
use super::parameters::{self, Parameters};
use super::paths::{self, Base, Target};
use super::policies::Policies;
use super::standard::Standard;
use super::{answers, behaviour, bodies, keys, words};

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
}

/// All methods of a resource, in the order of the file.
pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Lowered> {
    let mut lowered = Vec::new();
    for (name, method) in site
        .resource
        .methods
        .iter()
        .flat_map(|methods| &methods.list)
    {
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
    for (name, alt) in &site.resource.alt_keys {
        lowered.extend(lower_alternative(types, site, name, alt, diagnostics));
    }
    lowered
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
        success,
        page,
    } = answers::lower(types, site, call, levels, diagnostics);
    let own_path = path_arguments(types, site, levels, &path, keys, diagnostics);
    let nouns = nouns(types, site, call, !own_path.is_empty());
    let sent = lower_parameters(types, site, call, levels, (own_path, page), diagnostics);
    let body = bodies::lower(types, site, call, levels, &sent.arguments, diagnostics);
    let optional = sent
        .arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::Setter);
    let wrapped = optional || !sent.filters.is_empty() || matches!(answer, Answer::Page { .. });
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
        arguments: sent.arguments,
        filters: sent.filters,
        body,
        answer,
        success,
        effect: behaviour::effect(levels, call.standard, verb),
        page,
        charges: behaviour::charges(site, levels, diagnostics),
        retry: behaviour::retry(site, levels, diagnostics),
        timeout_ms: behaviour::timeout(levels),
        security: behaviour::security(site, levels, diagnostics),
        cases: behaviour::cases(site, levels, diagnostics),
        headers: sent.headers,
        query: sent.query,
        origin: words::origin(place),
    };
    Lowered {
        method,
        place: place.clone(),
        nouns,
    }
}

/// Everything that a call sends beside its body.
struct Sent {
    arguments: Vec<Argument>,
    filters: Vec<Filter>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

fn lower_parameters(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    (path, page): (Vec<Argument>, Option<usize>),
    diagnostics: &mut Diagnostics,
) -> Sent {
    let place = &call.name.place;
    let paging = page.map(|page| &site.policies.pages[page]);
    let lowered = parameters::lower(
        types,
        site.conventions,
        levels,
        paging,
        &site.module,
        diagnostics,
    );
    let Parameters {
        arguments,
        query,
        headers,
    } = lowered;
    let pages = paging
        .map(|paging| parameters::of_pages(paging, place))
        .unwrap_or_default();
    let path = path.into_iter().map(|key| (key, place.clone()));
    let arguments = order(path.chain(arguments).chain(pages).collect());
    let filters = lower_filters(types, site, call, levels, diagnostics);
    check_arguments(&call.operation, &arguments, &filters, diagnostics);
    Sent {
        arguments: arguments
            .into_iter()
            .map(|(argument, _)| argument)
            .collect(),
        filters: filters.into_iter().map(|(filter, _)| filter).collect(),
        query,
        headers,
    }
}

/// The placeholders of the path that are not a parent's, then those that are described and missing.
fn path_arguments(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    path: &str,
    keys: &[Argument],
    diagnostics: &mut Diagnostics,
) -> Vec<Argument> {
    let described = levels.placeholders();
    let in_path = paths::placeholders(path);
    let mut arguments: Vec<Argument> = Vec::new();
    for name in &in_path {
        let has = |argument: &Argument| argument.name.wire == *name;
        if site.parent_keys.iter().chain(&arguments).any(has) {
            continue;
        }
        match described
            .iter()
            .find(|(placeholder, _)| placeholder.value == *name)
        {
            Some((placeholder, text)) => {
                arguments.push(of_text(types, site, placeholder, text, diagnostics));
            }
            None => arguments.extend(keys.iter().find(|key| has(key)).cloned()),
        }
    }
    // The checks say that they do not stand in the path.
    for (placeholder, text) in described
        .iter()
        .filter(|(name, _)| !in_path.contains(&name.value.as_str()))
    {
        arguments.push(of_text(types, site, placeholder, text, diagnostics));
    }
    arguments
}

fn of_text(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    placeholder: &Spanned<String>,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Argument {
    let value = keys::of_type(types, site.conventions, text, diagnostics);
    keys::argument(types, site.conventions, placeholder, &value, &site.module)
}

/// Path keys, then what is required, then what is optional.
fn order(mut arguments: Vec<(Argument, Place)>) -> Vec<(Argument, Place)> {
    arguments.sort_by_key(|(argument, _)| match (argument.place, argument.kind) {
        (ParamPlace::Path, _) => 0,
        (_, ArgumentKind::Positional) => 1,
        (_, ArgumentKind::Setter) => 2,
    });
    arguments
}

fn check_arguments(
    operation: &str,
    arguments: &[(Argument, Place)],
    filters: &[(Filter, Place)],
    diagnostics: &mut Diagnostics,
) {
    const HELP: &str = "give one of them another name, and say its wire name with `wire`";
    let (mut positional, mut setters) = (Taken::default(), Taken::default());
    for (argument, place) in arguments {
        let taken = match argument.kind {
            ArgumentKind::Positional => &mut positional,
            ArgumentKind::Setter => &mut setters,
        };
        let what = format!("the parameter `{}` of `{operation}`", argument.name.wire);
        taken.take_or(&argument.name.rust, place, &what, HELP, diagnostics);
    }
    for (filter, place) in filters {
        let what = format!("the filter `{}` of `{operation}`", filter.field.wire);
        let range = filter.range.as_ref().map(|_| &filter.field.rust);
        for rust in range
            .into_iter()
            .chain(filter.ops.iter().map(|op| &op.rust))
        {
            setters.take_or(rust, place, &what, HELP, diagnostics);
        }
    }
}

/// Lists and counts have the resource's filters unless they say otherwise.
fn lower_filters(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<(Filter, Place)> {
    let said = levels.of_method(|method| method.filters.as_ref());
    let wanted = said.map_or(
        matches!(call.standard, Some(Standard::List | Standard::Count)),
        |said| said.value,
    );
    match (&site.resource.filters, said) {
        (Some(written), _) if wanted => {
            let filters = Filters {
                conventions: site.conventions,
                styles: &site.document.filters,
                written,
                of: site.own_id(),
                module: &site.module,
            };
            filters::lower(types, &filters, diagnostics)
        }
        (None, Some(said)) if wanted => {
            let message = "the resource has no filters";
            let help =
                "write `filters: {fields: {name: [eq]}}` at the resource, or leave it out here";
            diagnostics.push(Diagnostic::new("E062", &said.place, message).help(help));
            Vec::new()
        }
        _ => Vec::new(),
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
