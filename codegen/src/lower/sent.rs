//! What a call sends beside its body: path keys, parameters, filters, and what its policies add.
//! Assumes lowered policies and the method's answer. Must not give two arguments of a function one
//! name, nor an argument to what a policy sends by itself.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::Spanned;
use crate::model::{
    Argument, ArgumentKind, BoolStyle, Doc, Filter, Format, Lock, Name, Paging, PagingKind,
    ParamPlace, SendAt, Ty,
};
use crate::names;

use super::catalogue::Catalogue;
use super::filters::{self, Filters};
use super::inherit::Levels;
use super::methods::{Call, Site};
use super::naming::Taken;
use super::parameters::{self, Parameters};
use super::standard::Standard;
use super::{keys, paths};

/// Everything that a call sends beside its body.
pub(super) struct Sent {
    pub(super) arguments: Vec<Argument>,
    pub(super) filters: Vec<Filter>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
}

/// What else is needed to know what a call sends.
pub(super) struct Needs {
    /// The placeholders of the path that are the method's own.
    pub(super) path: Vec<Argument>,
    /// The page policy, and the last item's value by which it asks for the next page.
    pub(super) page: Option<usize>,
    pub(super) after: Option<keys::Value>,
    /// The lock whose version it names.
    pub(super) version: Option<usize>,
}

pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    needs: Needs,
    diagnostics: &mut Diagnostics,
) -> Sent {
    let place = &call.name.place;
    let paging = needs.page.map(|page| &site.policies.pages[page]);
    let after = needs.after.map(|value| {
        let ty = keys::parameter_ty(types, value.expr.split_null().0, &site.module);
        (ty, value.format)
    });
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
        .map(|paging| of_pages(paging, after, place))
        .unwrap_or_default();
    let lock = needs.version.map(|lock| &site.policies.locks[lock]);
    let version = lock.filter(|lock| lock.required).map(version);
    let path = needs.path.into_iter().chain(version);
    let path = path.map(|key| (key, place.clone()));
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
pub(super) fn path_arguments(
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
        (ParamPlace::Version, _) => 1,
        (_, ArgumentKind::Positional) => 2,
        (_, ArgumentKind::Setter) => 3,
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

/// The setters of a list that is walked in pages.
fn of_pages(paging: &Paging, after: Option<(Ty, Format)>, place: &Place) -> Vec<(Argument, Place)> {
    let mut arguments = Vec::new();
    let (ty, format) = after.unwrap_or((Ty::String, Format::Usual));
    let first = paging.first;
    let start = match &paging.kind {
        PagingKind::Offset | PagingKind::Page => {
            let text = format!("Where the walk starts; {first} if absent.");
            Some((ParamPlace::PageStart, Ty::Uint, Format::Usual, text))
        }
        PagingKind::Cursor => {
            let text = "Where the walk starts: a cursor that an earlier page gave.".to_owned();
            Some((ParamPlace::PageCursor, Ty::String, Format::Usual, text))
        }
        PagingKind::Keyset { by } => {
            let text = format!("Starts behind the item with this `{by}`.");
            Some((ParamPlace::PageCursor, ty, format, text))
        }
        PagingKind::NextUrl { .. } => None,
    };
    if let (Some(at), Some((place, ty, format, text))) = (&paging.start, start) {
        arguments.push(argument(at, place, (ty, format), text));
    }
    if let Some(at) = &paging.size {
        let form = (Ty::Uint, Format::Usual);
        arguments.push(argument(at, ParamPlace::PageSize, form, size_text(paging)));
    }
    let here = |argument| (argument, place.clone());
    arguments.into_iter().map(here).collect()
}

fn argument(at: &SendAt, place: ParamPlace, (ty, format): (Ty, Format), text: String) -> Argument {
    let text = match at {
        SendAt::Query(_) => text,
        SendAt::Header(_) => format!("{}, in a header.", text.trim_end_matches('.')),
        SendAt::Body(_) => format!("{}, in the body.", text.trim_end_matches('.')),
    };
    Argument {
        name: Name {
            wire: at.name().to_owned(),
            rust: names::wire_setter_name(at.name()),
        },
        place,
        kind: ArgumentKind::Setter,
        ty,
        list: None,
        format,
        bools: BoolStyle::Words,
        as_json: false,
        sensitive: false,
        doc: Doc {
            text,
            ..Doc::default()
        },
    }
}

fn size_text(paging: &Paging) -> String {
    let mut text = "How many items a page has".to_owned();
    if let Some(default) = &paging.default_size {
        text.push_str(&format!("; {} if absent", default.value));
    }
    let (least, most) = (paging.min_size.as_ref(), paging.max_size.as_ref());
    text.push_str(&match (
        least.map(|number| number.value),
        most.map(|number| number.value),
    ) {
        (Some(least), Some(most)) => format!(", {least} to {most}."),
        (Some(least), None) => format!(", at least {least}."),
        (None, Some(most)) => format!(", at most {most}."),
        (None, None) => ".".to_owned(),
    });
    text
}

/// The version that a write has to name.
fn version(lock: &Lock) -> Argument {
    let at = (Ty::String, Format::Usual);
    let version = argument(&lock.send, ParamPlace::Version, at, String::new());
    Argument {
        name: Name {
            wire: "version".to_owned(),
            rust: "version".to_owned(),
        },
        kind: ArgumentKind::Positional,
        ..version
    }
}
