//! Parameters: how an argument of a generated function is typed, and how its value is handed on.
//!
//! Text is taken as anything that reads as `str`, newtypes as anything that converts into them, so
//! that callers write literals; everything is encoded when the function is called.

use super::{literal, types};
use crate::model::{
    AliasType, Api, Argument, BoolStyle, Format, Item, ListStyle, Moment, Ty, TypeKind,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// A value on its way into a request: its type as a parameter and the expression that shows it.
pub(super) struct Value {
    /// `impl AsRef<str>`
    pub(super) ty: TokenStream,
    /// `&id.as_ref()`, where `id` is the name that was given
    pub(super) show: TokenStream,
}

/// One value by this name.
pub(super) fn one(api: &Api, name: &str, ty: &Ty, format: Format, bools: BoolStyle) -> Value {
    let name = format_ident!("{name}");
    let plain = plain(api, &name, ty);
    let show = match format_marker(format) {
        Some(marker) => {
            let marker = format_ident!("{marker}");
            let value = &plain.show;
            quote! { &#marker::show(#value) }
        }
        None if *ty == Ty::Bool && bools == BoolStyle::Digits => quote! { &Digits(#name) },
        None => plain.show,
    };
    Value { ty: plain.ty, show }
}

fn plain(api: &Api, name: &proc_macro2::Ident, ty: &Ty) -> Value {
    match ty {
        Ty::String => Value {
            ty: quote! { impl AsRef<str> },
            show: quote! { &#name.as_ref() },
        },
        Ty::Item(item) if takes_into(api, item) => {
            let item = types::tokens(ty);
            Value {
                ty: quote! { impl Into<#item> },
                show: quote! { &#name.into() },
            }
        }
        Ty::Decimal
        | Ty::Url
        | Ty::Json
        | Ty::Secret
        | Ty::Bytes
        | Ty::File
        | Ty::List(_)
        | Ty::Map(_) => {
            let ty = types::tokens(ty);
            Value {
                ty: quote! { &#ty },
                show: quote! { #name },
            }
        }
        Ty::Nullable(inner) => plain(api, name, inner),
        Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime
        | Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Item(_)
        | Ty::Boxed(_) => {
            let ty = types::tokens(ty);
            Value {
                ty: quote! { #ty },
                show: quote! { &#name },
            }
        }
    }
}

/// Newtypes are taken as anything that converts into them.
fn takes_into(api: &Api, item: &Item) -> bool {
    let named = api.types.iter().find(|ty| ty.name.rust == item.rust);
    matches!(
        named.map(|ty| &ty.kind),
        Some(TypeKind::Alias(AliasType { .. }))
    )
}

/// The type of an argument as a parameter of its function.
pub(super) fn argument(api: &Api, argument: &Argument) -> TokenStream {
    if argument.list.is_some() {
        let (element, _) = elements(api, &argument.ty);
        return quote! { impl IntoIterator<Item = #element> };
    }
    if argument.as_json {
        // Whatever it is, it is written as it stands.
        return match &argument.ty {
            Ty::String => quote! { &str },
            Ty::List(item) => {
                let item = types::tokens(item);
                quote! { &[#item] }
            }
            other => {
                let ty = types::tokens(other);
                quote! { &#ty }
            }
        };
    }
    let (ty, format) = (&argument.ty, argument.format);
    one(api, &argument.name.rust, ty, format, argument.bools).ty
}

/// The element type of a setter that takes several values, and the closure that shows one.
pub(super) fn elements(api: &Api, ty: &Ty) -> (TokenStream, TokenStream) {
    match ty {
        Ty::String => (quote! { impl AsRef<str> }, quote! { .as_ref() }),
        Ty::Item(item) if takes_into(api, item) => {
            let item = types::tokens(ty);
            (quote! { impl Into<#item> }, quote! { .into() })
        }
        other => (types::tokens(other), TokenStream::new()),
    }
}

/// The statement that puts an argument of a setter into the request.
pub(super) fn set(api: &Api, argument: &Argument, receiver: &TokenStream) -> TokenStream {
    let name = format_ident!("{}", argument.name.rust);
    let wire = literal::wire(&argument.name.wire);
    match argument.place {
        crate::model::ParamPlace::PageStart => return quote! { #receiver.start(#name); },
        crate::model::ParamPlace::PageSize => return quote! { #receiver.size(#name); },
        crate::model::ParamPlace::PageCursor => {
            let (ty, format) = (&argument.ty, argument.format);
            let show = one(api, &argument.name.rust, ty, format, argument.bools).show;
            return quote! { #receiver.cursor(#show); };
        }
        crate::model::ParamPlace::Path
        | crate::model::ParamPlace::Query
        | crate::model::ParamPlace::Header
        | crate::model::ParamPlace::Version => {}
    }
    if let Some(style) = argument.list {
        return set_list(
            api,
            &argument.ty,
            argument.format,
            style,
            &list_name(&argument.name.wire, style),
            &name,
            receiver,
        );
    }
    if argument.ty == Ty::Bool && argument.bools == BoolStyle::Flag {
        return quote! { #receiver.flag(#wire, #name); };
    }
    if argument.as_json {
        return quote! { #receiver.query(#wire, &AsJson(#name)); };
    }
    let show = one(
        api,
        &argument.name.rust,
        &argument.ty,
        argument.format,
        argument.bools,
    )
    .show;
    if argument.place == crate::model::ParamPlace::Header {
        let wire = argument.name.wire.to_ascii_lowercase();
        return quote! { #receiver.header(#wire, #show); };
    }
    quote! { #receiver.query(#wire, #show); }
}

/// The name of a parameter with several values, which brackets end.
fn list_name(param: &str, style: ListStyle) -> TokenStream {
    let brackets = style == ListStyle::Brackets && !param.ends_with("[]");
    let name = literal::wire(&if brackets {
        format!("{param}[]")
    } else {
        param.to_owned()
    });
    quote! { #name }
}

/// The statement that puts several values into the request; of brackets, the name has them already.
pub(super) fn set_list(
    api: &Api,
    ty: &Ty,
    format: Format,
    style: ListStyle,
    param: &TokenStream,
    name: &proc_macro2::Ident,
    receiver: &TokenStream,
) -> TokenStream {
    let (_, convert) = elements(api, ty);
    let shown = match format_marker(format) {
        Some(marker) => {
            let marker = format_ident!("{marker}");
            quote! { #marker::show(&value #convert) }
        }
        None => quote! { value #convert },
    };
    match style {
        ListStyle::Repeat | ListStyle::Brackets => quote! {
            for value in #name {
                #receiver.query(#param, &#shown);
            }
        },
        ListStyle::Comma | ListStyle::Pipe => {
            let separator = if style == ListStyle::Comma { ',' } else { '|' };
            let values = joined(api, ty, format, name);
            quote! { #receiver.query_joined(#param, #separator, #values); }
        }
    }
}

/// The values of a joined parameter, owned.
fn joined(api: &Api, ty: &Ty, format: Format, name: &proc_macro2::Ident) -> TokenStream {
    match (format_marker(format), ty) {
        (Some(marker), _) => {
            let marker = format_ident!("{marker}");
            quote! { #name.into_iter().map(|value| key_text(&#marker::show(&value))) }
        }
        (None, Ty::String) => quote! { #name.into_iter().map(|value| value.as_ref().to_owned()) },
        (None, Ty::Item(item)) if takes_into(api, item) => {
            let item = types::tokens(ty);
            quote! { #name.into_iter().map(Into::<#item>::into) }
        }
        (None, _) => quote! { #name },
    }
}

/// The runtime's marker of a wire form.
pub(super) fn format_marker(format: Format) -> Option<&'static str> {
    match format {
        Format::Usual => None,
        Format::Text => Some("Text"),
        Format::EpochSeconds => Some("EpochSeconds"),
        Format::EpochMillis => Some("EpochMillis"),
        Format::Naive => Some("Naive"),
        Format::NaiveUtc => Some("NaiveUtc"),
        Format::Space => Some("Space"),
        Format::OffsetNoColon => Some("OffsetNoColon"),
        Format::Seconds => Some("Seconds"),
        Format::Millis => Some("Millis"),
        // A parameter is written in one form; `format_type` is for members.
        Format::Several(forms) => format_marker(forms.write.format()),
    }
}

/// The runtime's type of a wire form, as it stands in a table.
pub(super) fn format_type(format: Format) -> TokenStream {
    let Format::Several(forms) = format else {
        let marker = format_ident!("{}", format_marker(format).unwrap_or("Rfc3339"));
        return quote! { #marker };
    };
    let one = |form: Moment| {
        let marker = format_ident!("{}", moment_marker(form));
        quote! { #marker }
    };
    let rest = forms.also.iter().flatten().rev().fold(None, |rest, form| {
        let form = one(*form);
        Some(rest.map_or(form.clone(), |rest| quote! { Forms<#form, #rest> }))
    });
    let write = one(forms.write);
    rest.map_or(write.clone(), |rest| quote! { Forms<#write, #rest> })
}

/// The names of the runtime's vocabulary that a wire form needs.
pub(super) fn format_names(format: Format) -> Vec<&'static str> {
    match format {
        Format::Several(forms) => std::iter::once(forms.write)
            .chain(forms.also.into_iter().flatten())
            .map(moment_marker)
            .chain(["Forms"])
            .collect(),
        one => format_marker(one).into_iter().collect(),
    }
}

fn moment_marker(form: Moment) -> &'static str {
    format_marker(form.format()).unwrap_or("Rfc3339")
}
