//! Filters: what may be asked of which field of a list, and the parameters that ask it.
//! Assumes that the fields of all objects are lowered. Must not invent a parameter for an operation
//! that the style does not spell, except the bare field for equality and lists.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, FilterOps, FilterStyle, Op, Spanned};
use crate::model::{Filter, FilterOp, Format, ListStyle, Name, Ty};
use crate::names;

use super::catalogue::{Catalogue, Expr, TypeId};
use super::conventions::{self, Conventions};
use super::keys;
use super::naming::unknown;

/// The four operators that together make a range, in the model's order.
const RANGE: [Op; 4] = [Op::Lt, Op::Le, Op::Gt, Op::Ge];

/// The filters of one resource.
pub(super) struct Filters<'d> {
    pub(super) conventions: &'d Conventions,
    pub(super) styles: &'d document::Named<FilterStyle>,
    pub(super) written: &'d Spanned<document::ResourceFilters>,
    pub(super) of: Option<TypeId>,
    pub(super) module: &'d str,
}

/// All filters, each with the place of its field.
pub(super) fn lower(
    types: &mut Catalogue,
    filters: &Filters<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<(Filter, Place)> {
    let style = find_style(filters, diagnostics);
    let mut lowered = Vec::with_capacity(filters.written.fields.len());
    for (name, field) in &filters.written.fields {
        lowered.push((
            lower_one(types, filters, style, name, field, diagnostics),
            name.place.clone(),
        ));
    }
    if let Some(written) = &filters.written.dynamic {
        let dynamic = lower_dynamic(types, filters, style, written, diagnostics);
        lowered.extend(dynamic.map(|filter| (filter, written.place.clone())));
    }
    lowered
}

/// Stands for the key in the name of a parameter; no description holds it.
const KEY: char = '\0';

/// Filters of members whose names are data: their setters take the key first.
fn lower_dynamic(
    types: &mut Catalogue,
    filters: &Filters<'_>,
    style: Option<&FilterStyle>,
    written: &Spanned<document::DynamicFilters>,
    diagnostics: &mut Diagnostics,
) -> Option<Filter> {
    let object = filters.of.and_then(|of| types.object(of));
    let Some(dynamic) = object.and_then(|object| object.dynamic.clone()) else {
        let message = "the type of the resource has no `dynamic` members";
        let help = "describe them at the type: `dynamic: {prefix: field, key: int, value: json}`";
        diagnostics.push(Diagnostic::new("E062", &written.place, message).help(help));
        return None;
    };
    let (expr, format) = match &written.value.r#type {
        Some(text) => {
            let value = keys::of_type(types, filters.conventions, text, diagnostics);
            (value.expr, value.format)
        }
        None => (Expr::Scalar(Ty::String), Format::Usual),
    };
    let ty = keys::parameter_ty(types, &expr, filters.module);
    let wire = format!("{}{KEY}", dynamic.prefix);
    let mut ops = Vec::new();
    for op in list_ops(style, &written.value.ops) {
        let Some((param, list)) = param_of(filters, style, &wire, &op, diagnostics) else {
            continue;
        };
        let rust = match op.value.op {
            Op::Eq if !op.value.negated => names::setter_name(&dynamic.member),
            _ => names::setter_name(&format!("{}_{}", dynamic.member, word(op.value))),
        };
        let (param, after) = param.split_once(KEY).unwrap_or((&param, ""));
        ops.push(FilterOp {
            op: word(op.value),
            rust,
            param: param.to_owned(),
            after: after.to_owned(),
            list,
            separator: separator(style, &ty, list),
        });
    }
    Some(Filter {
        field: Name {
            wire: dynamic.prefix,
            rust: dynamic.member,
        },
        ty,
        format: plain(format),
        bools: filters.conventions.style.bools,
        range: None,
        ops,
        key: Some(dynamic.key),
        doc: crate::model::Doc::default(),
    })
}

/// Where lists are joined in the bare field, a single value with the separator would be several.
fn separator(style: Option<&FilterStyle>, ty: &Ty, list: Option<ListStyle>) -> Option<char> {
    let style = style.filter(|_| list.is_none())?;
    let is_in = |op: &document::FilterOp| op.op == Op::In && !op.negated;
    let may_hold = matches!(ty, Ty::String | Ty::Url | Ty::Item(_));
    if !may_hold || style.ops.iter().any(|(op, _)| is_in(&op.value)) {
        return None;
    }
    match conventions::arrays(style.lists.as_ref()?.value) {
        ListStyle::Pipe => Some('|'),
        ListStyle::Comma => Some(','),
        ListStyle::Repeat | ListStyle::Brackets => None,
    }
}

/// The style that is named, or the only one.
fn find_style<'d>(filters: &Filters<'d>, diagnostics: &mut Diagnostics) -> Option<&'d FilterStyle> {
    let known = || filters.styles.iter().map(|(name, _)| name.value.as_str());
    if let Some(name) = &filters.written.r#use {
        let found = filters.styles.get(&name.value);
        if found.is_none() {
            diagnostics.push(unknown("E041", "a filter style", name, known()));
        }
        return found;
    }
    match filters.styles.list.as_slice() {
        [(_, only)] => Some(only),
        [] | [_, _, ..] => None,
    }
}

fn lower_one(
    types: &mut Catalogue,
    filters: &Filters<'_>,
    style: Option<&FilterStyle>,
    name: &Spanned<String>,
    field: &document::FilterField,
    diagnostics: &mut Diagnostics,
) -> Filter {
    let value = match &field.r#type {
        Some(text) => keys::of_type(types, filters.conventions, text, diagnostics),
        None => keys::of_field(types, filters.conventions, filters.of, name, diagnostics),
    };
    let expr = match value.expr.split_null().0 {
        Expr::List(element) => (**element).clone(),
        other => other.clone(),
    };
    let wire = wire_name(types, filters, name, field);
    let mut asked = Vec::new();
    let ty = keys::parameter_ty(types, &expr, filters.module);
    for op in list_ops(style, &field.ops) {
        let param = param_of(filters, style, &wire, &op, diagnostics);
        asked.extend(param.map(|(param, list)| Asked {
            op: op.value,
            param,
            list,
        }));
    }
    let range = find_range(&asked);
    let described = &name.value;
    let single = asked
        .into_iter()
        .filter(|asked| range.is_none() || !asked.is_bound());
    let ops = single.map(|asked| FilterOp {
        op: word(asked.op),
        // A range has the field's bare name.
        rust: match asked.op.op {
            Op::Eq if !asked.op.negated && range.is_none() => names::setter_name(described),
            _ => names::setter_name(&format!("{described}_{}", word(asked.op))),
        },
        param: asked.param,
        after: String::new(),
        list: asked.list,
        separator: separator(style, &ty, asked.list),
    });
    Filter {
        ops: ops.collect(),
        field: Name {
            wire,
            rust: names::setter_name(described),
        },
        ty,
        format: plain(value.format),
        bools: filters.conventions.style.bools,
        range,
        key: None,
        doc: crate::model::Doc::default(),
    }
}

/// One operator with its parameter.
struct Asked {
    op: document::FilterOp,
    param: String,
    list: Option<ListStyle>,
}

impl Asked {
    fn is(&self, op: Op) -> bool {
        self.op.op == op && !self.op.negated
    }

    fn is_bound(&self) -> bool {
        RANGE.iter().any(|op| self.is(*op))
    }
}

/// The parameters of a range, if all four are there.
fn find_range(asked: &[Asked]) -> Option<[String; 4]> {
    let found = RANGE.map(|op| {
        asked
            .iter()
            .find(|asked| asked.is(op))
            .map(|asked| asked.param.clone())
    });
    match found {
        [Some(lt), Some(le), Some(gt), Some(ge)] => Some([lt, le, gt, ge]),
        _ => None,
    }
}

/// Forms of other types than datetimes hold in a query as well.
fn plain(format: Format) -> Format {
    match format {
        Format::Text => Format::Usual,
        other => other,
    }
}

fn wire_name(
    types: &Catalogue,
    filters: &Filters<'_>,
    name: &Spanned<String>,
    field: &document::FilterField,
) -> String {
    if let Some(wire) = &field.wire {
        return wire.value.clone();
    }
    let object = filters.of.and_then(|of| types.object(of));
    let own = object.and_then(|object| {
        object
            .fields
            .iter()
            .find(|field| field.described == name.value)
    });
    own.map_or_else(
        || names::wire_name(&name.value, filters.conventions.case),
        |field| field.field.name.wire.clone(),
    )
}

/// The operators that are listed, or all that the style has.
fn list_ops(
    style: Option<&FilterStyle>,
    ops: &Spanned<FilterOps>,
) -> Vec<Spanned<document::FilterOp>> {
    let place = &ops.place;
    match &ops.value {
        FilterOps::List(list) => list.clone(),
        FilterOps::All => {
            let equal = document::FilterOp {
                op: Op::Eq,
                negated: false,
            };
            let known = style
                .iter()
                .flat_map(|style| &style.ops)
                .map(|(op, _)| op.value);
            let others = known.filter(|op| *op != equal);
            std::iter::once(equal)
                .chain(others)
                .map(|value| Spanned {
                    value,
                    place: place.clone(),
                })
                .collect()
        }
    }
}

/// The whole name of the parameter on the wire, and the style of its values if it takes several.
fn param_of(
    filters: &Filters<'_>,
    style: Option<&FilterStyle>,
    wire: &str,
    op: &Spanned<document::FilterOp>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Option<ListStyle>)> {
    let lists = style
        .and_then(|style| style.lists.as_ref())
        .map(|lists| conventions::arrays(lists.value));
    let list = (op.op == Op::In).then(|| lists.unwrap_or(filters.conventions.style.arrays));
    let said = style.and_then(|style| style.ops.iter().find(|(known, _)| known.value == op.value));
    let param = match (said, style) {
        (Some((_, word)), Some(style)) => style
            .form
            .value
            .replace("{field}", wire)
            .replace("{op}", &word.value),
        // The bare field asks for equality, and a list of values for one of them.
        _ if !op.negated && matches!(op.op, Op::Eq | Op::In) => wire.to_owned(),
        (_, style) => {
            refuse_op(filters, style, op, diagnostics);
            return None;
        }
    };
    let param = if list == Some(ListStyle::Brackets) {
        param + "[]"
    } else {
        param
    };
    Some((param, list))
}

fn refuse_op(
    filters: &Filters<'_>,
    style: Option<&FilterStyle>,
    op: &Spanned<document::FilterOp>,
    diagnostics: &mut Diagnostics,
) {
    let word = word(op.value);
    let found = match (style, &filters.written.r#use) {
        (Some(_), _) => {
            let message = format!("the filter style does not say what `{word}` is on the wire");
            Diagnostic::new("E062", &op.place, message)
                .help(format!("add `{word}: …` to the `ops` of the style"))
        }
        // The unknown name of the style was reported.
        (None, Some(_)) => return,
        (None, None) => {
            let message = "nothing says how filters are written";
            let help = "write `use: <style>` beside `fields`, and describe the style in `filters` of the API";
            Diagnostic::new("E062", &filters.written.place, message).help(help)
        }
    };
    diagnostics.push(found);
}

fn word(op: document::FilterOp) -> String {
    let word = Op::WORDS[op.op as usize];
    if op.negated {
        format!("not_{word}")
    } else {
        word.to_owned()
    }
}
