//! Parameters in the query and in headers: arguments, setters and constants.
//! Assumes lowered types and the method's page policy, if it has one. Must not look at parameters
//! in the path, which are keys, nor at filters, which are a resource's.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, OptionalName, Spanned};
use crate::model::{
    Argument, ArgumentKind, BoolStyle, Doc, ListStyle, Name, Paging, ParamPlace, SendAt, Ty,
};
use crate::names::{self, Position};

use super::catalogue::{Catalogue, Expr, Mode};
use super::conventions::{self, Conventions};
use super::formats::{self, Written};
use super::inherit::Levels;
use super::literals::{self, Constant};
use super::naming::given_or;
use super::{keys, words};

/// The parameters of one method.
#[derive(Default)]
pub(super) struct Parameters {
    /// In the order of the description, each with its place.
    pub(super) arguments: Vec<(Argument, Place)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
}

/// Where parameters of a kind go, and what follows from it.
#[derive(Clone, Copy)]
struct Room<'a> {
    conventions: &'a Conventions,
    place: ParamPlace,
    paging: Option<&'a Paging>,
    module: &'a str,
}

pub(super) fn lower(
    types: &mut Catalogue,
    conventions: &Conventions,
    levels: &Levels<'_>,
    paging: Option<&Paging>,
    module: &str,
    diagnostics: &mut Diagnostics,
) -> Parameters {
    let mut lowered = Parameters::default();
    let query = Room {
        conventions,
        place: ParamPlace::Query,
        paging,
        module,
    };
    for (name, param) in levels.params(|method| &method.query, |defaults| &defaults.query) {
        lower_one(types, query, name, param, &mut lowered, diagnostics);
    }
    let header = Room {
        place: ParamPlace::Header,
        ..query
    };
    for (name, param) in levels.params(|method| &method.headers, |defaults| &defaults.headers) {
        lower_one(types, header, name, param, &mut lowered, diagnostics);
    }
    lowered
}

fn lower_one(
    types: &mut Catalogue,
    room: Room<'_>,
    name: &Spanned<OptionalName>,
    param: &document::Param,
    lowered: &mut Parameters,
    diagnostics: &mut Diagnostics,
) {
    let wire = wire_name(room, name, param);
    if refuse_paged(room, &wire, &name.place, diagnostics) {
        return;
    }
    let bools = param
        .bools
        .as_ref()
        .map(|said| conventions::bools(said.value));
    let bools = bools.unwrap_or(room.conventions.style.bools);
    let written = Written {
        format: param.format.as_slice(),
        tz: None,
    };
    let text = &param.r#type;
    let (typed, formats) = formats::lower(types, room.conventions, text, &written, diagnostics);
    if let Some(literal) = &param.r#const {
        let constant = literals::read(types, literal, typed.split_null().0, diagnostics);
        let constants = match room.place {
            ParamPlace::Header => &mut lowered.headers,
            _ => &mut lowered.query,
        };
        constants.extend(constant.map(|constant| (wire, constant_text(constant, bools))));
        return;
    }
    let (ty, list) = lower_type(types, room, param, &typed, diagnostics);
    let (kind, derived) = if is_optional(name, param, &typed) {
        (ArgumentKind::Setter, names::setter_name(&name.value.name))
    } else {
        (
            ArgumentKind::Positional,
            names::argument_name(&name.value.name),
        )
    };
    let rust = given_or(
        param.about.rust.as_ref(),
        Position::Value,
        derived,
        diagnostics,
    );
    let argument = Argument {
        name: Name { wire, rust },
        place: room.place,
        kind,
        ty,
        list,
        format: formats.write,
        bools,
        as_json: param.encode.is_some(),
        sensitive: param.sensitive.as_ref().is_some_and(|said| said.value),
        doc: doc(param),
    };
    lowered.arguments.push((argument, name.place.clone()));
}

/// Null is never sent, so what may be null may be left out.
fn is_optional(name: &Spanned<OptionalName>, param: &document::Param, typed: &Expr) -> bool {
    name.value.optional || typed.split_null().1 || param.default.is_some()
}

/// The type of one value, and how several look.
fn lower_type(
    types: &mut Catalogue,
    room: Room<'_>,
    param: &document::Param,
    typed: &Expr,
    diagnostics: &mut Diagnostics,
) -> (Ty, Option<ListStyle>) {
    let expr = typed.split_null().0;
    let as_json = param.encode.is_some();
    let (element, list) = match expr {
        Expr::List(element) if !as_json => (&**element, Some(list_style(room, param))),
        expr => (expr, None),
    };
    check_arrays(param, list, expr, diagnostics);
    let ty = match element {
        Expr::Broken => Ty::String,
        element if as_json => types.require(element, Mode::New, Some(room.module)),
        element => keys::parameter_ty(types, element, room.module),
    };
    (ty, list)
}

/// Repeated headers are one list with commas anyway (RFC 9110, section 5.3).
fn list_style(room: Room<'_>, param: &document::Param) -> ListStyle {
    match &param.arrays {
        Some(arrays) => conventions::arrays(arrays.value),
        None if room.place == ParamPlace::Header => ListStyle::Comma,
        None => room.conventions.style.arrays,
    }
}

/// `wire.case` touches no headers, and a header's name has no case (RFC 9110, section 5.1).
fn wire_name(room: Room<'_>, name: &Spanned<OptionalName>, param: &document::Param) -> String {
    let written = param.wire.as_ref().map(|wire| wire.value.clone());
    match room.place {
        ParamPlace::Header => written
            .unwrap_or_else(|| name.value.name.clone())
            .to_ascii_lowercase(),
        ParamPlace::Path
        | ParamPlace::Query
        | ParamPlace::PageStart
        | ParamPlace::PageCursor
        | ParamPlace::PageSize
        | ParamPlace::Version => {
            written.unwrap_or_else(|| names::wire_name(&name.value.name, room.conventions.case))
        }
    }
}

fn constant_text(constant: Constant, bools: BoolStyle) -> String {
    match (constant, bools) {
        (Constant::Raw(word), BoolStyle::Digits) if word == "true" => "1".to_owned(),
        (Constant::Raw(word), BoolStyle::Digits) if word == "false" => "0".to_owned(),
        (Constant::Raw(word), BoolStyle::Flag) if word == "true" => String::new(),
        (constant, _) => constant.into_text(),
    }
}

fn check_arrays(
    param: &document::Param,
    list: Option<ListStyle>,
    expr: &Expr,
    diagnostics: &mut Diagnostics,
) {
    if let (Some(arrays), None, false) = (&param.arrays, list, *expr == Expr::Broken) {
        let message = "`arrays` says how a list is written, and this is none";
        let help = "remove `arrays`, or write `list<T>` as the type";
        diagnostics.push(Diagnostic::new("E058", &arrays.place, message).help(help));
    }
}

fn doc(param: &document::Param) -> Doc {
    let mut doc = words::about(&param.about);
    if let Some(default) = &param.default {
        words::add_sentence(
            &mut doc.text,
            &format!("{} if absent.", literals::show(default)),
        );
    }
    doc
}

/// Parameters of the page policy are the policy's. Whether this one is not.
fn refuse_paged(room: Room<'_>, wire: &str, place: &Place, diagnostics: &mut Diagnostics) -> bool {
    let Some(paging) = room.paging else {
        return false;
    };
    let is_same = |at: &SendAt| match (at, room.place) {
        (SendAt::Header(name), ParamPlace::Header) | (SendAt::Query(name), ParamPlace::Query) => {
            name == wire
        }
        _ => false,
    };
    let again = paging.start.iter().chain(&paging.size).any(is_same);
    if again {
        let policy = &paging.name.wire;
        let message = format!("`{wire}` is sent by the page policy `{policy}`");
        let help = "remove the parameter: the list has a setter for it already";
        diagnostics.push(Diagnostic::new("E055", place, message).help(help));
    }
    again
}
