//! Types: a resolved type expression as Rust tokens, and what a file has to import for it.
//! Assumes names that `names` made and homes that lowering settled. Must not choose a Rust type by
//! anything but the model's, and matches it whole, so that a new one cannot be forgotten.

use crate::model::{Api, Home, Item, Ty, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The types whose items live in this module.
pub(super) fn lives_in<'a>(api: &'a Api, home: &'a Home) -> impl Iterator<Item = &'a Type> {
    api.types.iter().filter(move |ty| &ty.home == home)
}

/// The variant's name: enums of the model and of the runtime's tables are spelt alike.
pub(super) fn variant(value: &impl std::fmt::Debug) -> proc_macro2::Ident {
    let name = format!("{value:?}");
    format_ident!("{name}")
}

/// The Rust type.
pub(super) fn tokens(ty: &Ty) -> TokenStream {
    match ty {
        Ty::String => quote! { String },
        Ty::Int => quote! { i64 },
        Ty::Uint => quote! { u64 },
        Ty::Float => quote! { f64 },
        Ty::Decimal => quote! { Decimal },
        Ty::Bool => quote! { bool },
        Ty::Timestamp => quote! { Timestamp },
        Ty::CivilDateTime => quote! { DateTime },
        Ty::Date => quote! { Date },
        Ty::Time => quote! { Time },
        Ty::Duration => quote! { SignedDuration },
        Ty::Uuid => quote! { Uuid },
        Ty::Url => quote! { Url },
        Ty::Bytes => quote! { Base64 },
        Ty::Json => quote! { Json },
        Ty::Secret => quote! { SecretString },
        Ty::File => quote! { Upload },
        Ty::List(inner) => {
            let inner = tokens(inner);
            quote! { Vec<#inner> }
        }
        Ty::Map(inner) => {
            let inner = tokens(inner);
            quote! { BTreeMap<String, #inner> }
        }
        Ty::Nullable(inner) => {
            let inner = tokens(inner);
            quote! { Option<#inner> }
        }
        Ty::Item(item) => ident(item),
        Ty::Boxed(item) => {
            let item = ident(item);
            quote! { Box<#item> }
        }
    }
}

/// The item by its path from another file of the API.
pub(super) fn path(item: &Item) -> TokenStream {
    let module = match &item.home {
        Home::Types => format_ident!("types"),
        Home::Resource(module) => format_ident!("{module}"),
    };
    let name = format_ident!("{}", item.rust);
    quote! { super::#module::#name }
}

fn ident(item: &Item) -> TokenStream {
    let name = format_ident!("{}", item.rust);
    quote! { #name }
}

/// The name that the runtime's vocabulary has for this type, if it is not Rust's own.
pub(super) fn foreign(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Decimal => Some("Decimal"),
        Ty::Timestamp => Some("Timestamp"),
        Ty::CivilDateTime => Some("DateTime"),
        Ty::Date => Some("Date"),
        Ty::Time => Some("Time"),
        Ty::Duration => Some("SignedDuration"),
        Ty::Uuid => Some("Uuid"),
        Ty::Url => Some("Url"),
        Ty::Bytes => Some("Base64"),
        Ty::Json => Some("Json"),
        Ty::Secret => Some("SecretString"),
        Ty::File => Some("Upload"),
        Ty::Map(_) => Some("BTreeMap"),
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Bool
        | Ty::List(_)
        | Ty::Nullable(_)
        | Ty::Item(_)
        | Ty::Boxed(_) => None,
    }
}

/// Calls `see` with the type and everything inside it.
pub(super) fn walk<'a>(ty: &'a Ty, see: &mut dyn FnMut(&'a Ty)) {
    see(ty);
    match ty {
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => walk(inner, see),
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Decimal
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime
        | Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Url
        | Ty::Bytes
        | Ty::Json
        | Ty::Secret
        | Ty::File
        | Ty::Item(_)
        | Ty::Boxed(_) => {}
    }
}
