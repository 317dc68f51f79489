//! Replacements: a read model as the body of a replacing write, member by member.
//! Assumes that lowering linked the read model only to a body whose members it can fill. Must not
//! add or leave out a member: what is not written back would be cleared on the server.

use super::models::written;
use super::{types, words};
use crate::model::{Api, How, Member, Struct, Ty, TypeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The read model as the body of a replacing write, member by member.
pub(super) fn emit_replacement(api: &Api, item: &Struct, put: &str, method: &str) -> TokenStream {
    let (name, put_ident, method_ident) = (
        format_ident!("{}", item.rust),
        format_ident!("{put}"),
        format_ident!("{method}"),
    );
    let doc = words::line(&format!(
        "The [`{put}`] that writes back what was read, to be changed before it is sent."
    ));
    let members = struct_named(api, put)
        .into_iter()
        .flat_map(written)
        .filter_map(|to| {
            let from = item.members.iter().find(|from| from.field == to.field)?;
            let member = format_ident!("{}", to.name.rust);
            let source = format_ident!("{}", from.name.rust);
            let (from, to) = (wrapped(from), wrapped(to));
            let value = written_back(quote! { self.#source }, &from, &to, &method_ident);
            Some(quote! { #member: #value, })
        });
    quote! {
        impl #name {
            #doc
            #[must_use]
            pub fn #method_ident(&self) -> #put_ident {
                #put_ident { #(#members)* }
            }
        }
    }
}

/// Values that are copied; `clone` on them would be noise.
fn is_copy(ty: &Ty) -> bool {
    match ty {
        Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime
        | Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid => true,
        Ty::Nullable(inner) => is_copy(inner),
        Ty::String
        | Ty::Decimal
        | Ty::Url
        | Ty::Bytes
        | Ty::Json
        | Ty::Secret
        | Ty::File
        | Ty::List(_)
        | Ty::Map(_)
        | Ty::Item(_)
        | Ty::Boxed(_) => false,
    }
}

fn struct_named<'a>(api: &'a Api, rust: &str) -> Option<&'a Struct> {
    api.types.iter().find_map(|ty| match &ty.kind {
        TypeKind::Object(object) => object.structs.iter().find(|item| item.rust == rust),
        TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => None,
    })
}

/// The member's whole type, presence included.
fn wrapped(member: &Member) -> Ty {
    match member.how {
        How::Required => member.ty.clone(),
        How::Optional | How::Nullable | How::Patch => Ty::Nullable(Box::new(member.ty.clone())),
        How::List => Ty::List(Box::new(member.ty.clone())),
    }
}

/// A value that was read, as it is written: nested objects take their own replacing form.
fn written_back(
    value: TokenStream,
    from: &Ty,
    to: &Ty,
    method: &proc_macro2::Ident,
) -> TokenStream {
    match (from, to) {
        _ if from == to && is_copy(from) => value,
        _ if from == to => quote! { #value.clone() },
        (Ty::Nullable(from), Ty::Nullable(_)) if matches!(**from, Ty::Item(_)) => {
            let item = types::tokens(from);
            quote! { #value.as_ref().map(#item::#method) }
        }
        (Ty::List(from), Ty::List(_)) if matches!(**from, Ty::Item(_)) => {
            let item = types::tokens(from);
            quote! { #value.iter().map(#item::#method).collect() }
        }
        (Ty::Nullable(from), Ty::Nullable(to)) => {
            let inner = written_back(quote! { value }, from, to, method);
            quote! { #value.as_ref().map(|value| #inner) }
        }
        (Ty::List(from), Ty::List(to)) => {
            let inner = written_back(quote! { value }, from, to, method);
            quote! { #value.iter().map(|value| #inner).collect() }
        }
        (Ty::Map(from), Ty::Map(to)) => {
            let inner = written_back(quote! { value }, from, to, method);
            quote! { #value.iter().map(|(key, value)| (key.clone(), #inner)).collect() }
        }
        (Ty::Nullable(from), to) => {
            let inner = written_back(quote! { value }, from, to, method);
            quote! { #value.as_ref().map(|value| #inner).unwrap_or_default() }
        }
        (from, Ty::Nullable(to)) => {
            let inner = written_back(value, from, to, method);
            quote! { Some(#inner) }
        }
        (Ty::Boxed(_), Ty::Boxed(_)) => quote! { Box::new(#value.#method()) },
        (_, _) => quote! { #value.#method() },
    }
}
