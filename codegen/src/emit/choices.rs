//! Choices: enums, unions and newtypes with their tables.
//! Assumes that variants and wire values are distinct. Must not write a `match`: the runtime's
//! macros make the code from the table, and the table holds literals, names and types only.

use super::{literal, makers, types, words};
use crate::model::{AliasType, Api, Discriminator, EnumType, JsonKind, Ty, Type, UnionType};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

pub(super) fn emit_enum(ty: &Type, kind: &EnumType) -> TokenStream {
    let name = format_ident!("{}", ty.name.rust);
    let doc = words::of(&ty.doc, &format!("`{}`", ty.name.wire));
    let deprecated = words::deprecation(&ty.doc);
    let variants = kind.values.iter().map(|value| {
        let variant = format_ident!("{}", value.name.rust);
        let doc = words::of(&value.doc, &words::code(&value.name.wire));
        let deprecated = words::deprecation(&value.doc);
        quote! { #doc #deprecated #variant, }
    });
    let unknown = kind.open.then(|| {
        quote! {
            /// A value that this crate does not name; it is kept and written back.
            Unknown(UnknownValue),
        }
    });
    let entries = kind.values.iter().map(|value| {
        let variant = format_ident!("{}", value.name.rust);
        let wire = enum_literal(&value.name.wire, kind.of_int);
        quote! { #variant = #wire, }
    });
    let table = match (kind.open, kind.of_int) {
        (true, false) => quote! { open_enum },
        (false, false) => quote! { closed_enum },
        (true, true) => quote! { open_int_enum },
        (false, true) => quote! { closed_int_enum },
    };
    quote! {
        #doc
        #deprecated
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* #unknown }
        runtime::#table! { #name: #(#entries)* }
    }
}

fn enum_literal(wire: &str, of_int: bool) -> Literal {
    match wire.parse::<i64>() {
        Ok(number) if of_int => Literal::i64_unsuffixed(number),
        Ok(_) | Err(_) => literal::wire(wire),
    }
}

pub(super) fn emit_union(api: &Api, ty: &Type, kind: &UnionType) -> TokenStream {
    let name = format_ident!("{}", ty.name.rust);
    let doc = words::of(&ty.doc, &format!("`{}`", ty.name.wire));
    let variants = kind.variants.iter().map(|variant| {
        let ident = format_ident!("{}", variant.name.rust);
        let inner = types::tokens(&variant.ty);
        let doc = words::line(&if variant.name.wire.is_empty() {
            ident.to_string()
        } else {
            words::code(&variant.name.wire)
        });
        quote! { #doc #ident(#inner), }
    });
    let unknown = kind.open.then(|| {
        quote! {
            /// A variant that this crate does not name; it is kept and written back.
            Unknown(UnknownObject),
        }
    });
    let table = union_table(&name, kind);
    let makers = kind.written.then(|| makers::emit(api, &name, kind));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name { #(#variants)* #unknown }
        #table
        #makers
    }
}

fn union_table(name: &proc_macro2::Ident, kind: &UnionType) -> TokenStream {
    let tried = kind.tried.iter().filter_map(|at| kind.variants.get(*at));
    let entries = tried.map(|variant| {
        let ident = format_ident!("{}", variant.name.rust);
        let inner = types::tokens(&variant.ty);
        match &variant.discriminator {
            Discriminator::Tag => {
                let wire = literal::wire(&variant.name.wire);
                quote! { #ident(#inner) = #wire, }
            }
            Discriminator::Kind(kind) => {
                let kind = format_ident!("{}", json_kind(*kind));
                quote! { #ident(#inner) #kind, }
            }
            Discriminator::Constants(constants) => {
                let pairs = constants.iter().map(|(member, json)| {
                    let (member, json) = (literal::wire(member), Literal::string(json));
                    quote! { #member = #json }
                });
                quote! { #ident(#inner) has #(#pairs)&*, }
            }
            Discriminator::Members(members) => {
                let members = members.iter().map(|member| literal::wire(member));
                quote! { #ident(#inner) has #(#members)&*, }
            }
        }
    });
    let depth = kind.max_depth.map(max_depth);
    let table = table_name(kind);
    match &kind.tag {
        Some(tag) => {
            let tag = literal::wire(tag);
            let content = kind.content.as_ref().map(|content| {
                let content = literal::wire(content);
                quote! { ; content #content }
            });
            let open = kind.open.then(|| quote! { ; open });
            quote! { runtime::#table! { #name, #tag: #(#entries)* #content #open #depth } }
        }
        None => {
            let open = kind.open.then(|| quote! { ; open });
            quote! { runtime::#table! { #name: #(#entries)* #open #depth } }
        }
    }
}

/// Variants may be structs of one direction, so that the union is of no other.
fn table_name(kind: &UnionType) -> proc_macro2::Ident {
    let name = match kind.tag {
        Some(_) => "tagged",
        None => "first_match",
    };
    match (kind.read, kind.written) {
        (true, false) => format_ident!("read_{name}"),
        (false, true) => format_ident!("write_{name}"),
        (true, true) | (false, false) => format_ident!("{name}"),
    }
}

/// The end of a table whose values nest no deeper.
pub(super) fn max_depth(depth: u64) -> TokenStream {
    let depth = Literal::u64_unsuffixed(depth);
    quote! { ; max_depth #depth }
}

fn json_kind(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::Object => "object",
        JsonKind::List => "list",
        JsonKind::String => "string",
        JsonKind::Number => "number",
        JsonKind::Bool => "bool",
    }
}

pub(super) fn emit_alias(ty: &Type, kind: &AliasType) -> TokenStream {
    let name = format_ident!("{}", ty.name.rust);
    let mut lines = words::paragraphs(&ty.doc, &format!("`{}`", ty.name.wire));
    if let Some(example) = &kind.example {
        lines.extend([String::new(), format!("Example: {}.", words::code(example))]);
    }
    let (doc, inner) = (words::lines(&lines), types::tokens(&kind.inner));
    let copy = matches!(kind.inner, Ty::Int | Ty::Uint | Ty::Uuid).then(|| quote! { Copy, });
    quote! {
        #doc
        #[derive(Clone, #copy Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct #name(#inner);
        runtime::alias! { #name: #inner }
    }
}
