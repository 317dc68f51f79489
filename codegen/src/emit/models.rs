//! Models: structs with their tables, enums, unions and newtypes.
//!
//! A struct is printed plainly, so that people read it; one table beside it carries the wire names
//! and makes reading, writing, constructor and setters.

use super::{bodies, choices, literal, params, replacements, types, words};
use crate::model::{Api, Constructor, Format, How, Member, Shape, Struct, Ty, Type, TypeKind};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use std::str::FromStr;

/// All items of a type.
pub(super) fn emit(api: &Api, ty: &Type) -> TokenStream {
    match &ty.kind {
        TypeKind::Object(object) => object
            .structs
            .iter()
            .map(|item| emit_struct(api, ty, item, &object.one_of))
            .collect(),
        TypeKind::Enum(kind) => choices::emit_enum(ty, kind),
        TypeKind::Union(kind) => choices::emit_union(api, ty, kind),
        TypeKind::Alias(kind) => choices::emit_alias(ty, kind),
    }
}

fn emit_struct(api: &Api, ty: &Type, item: &Struct, one_of: &[Vec<String>]) -> TokenStream {
    let name = format_ident!("{}", item.rust);
    let doc = struct_doc(item, one_of);
    let deprecated = words::deprecation(&ty.doc);
    let derives = derives(item);
    let open = match item.shape {
        Shape::Read | Shape::Partial | Shape::Both | Shape::New | Shape::Patch => {
            quote! { #[non_exhaustive] }
        }
        Shape::Put | Shape::Explicit => TokenStream::new(),
    };
    let members = item
        .members
        .iter()
        .filter(|member| member.constant.is_none())
        .map(emit_member);
    let dynamic = item.dynamic.iter().map(|dynamic| {
        let member = format_ident!("{}", dynamic.member);
        let (key, value) = (types::tokens(&dynamic.key), types::tokens(&dynamic.value));
        let doc = words::line(&format!(
            "Members whose names are {} and a key.",
            words::code(&dynamic.prefix)
        ));
        quote! { #doc pub #member: BTreeMap<#key, #value>, }
    });
    let extra = item.keep_extra.then(|| {
        quote! {
            /// Members that this crate does not name.
            pub extra: BTreeMap<String, Json>,
        }
    });
    let table = table(item, one_of);
    let parts = bodies::parts(api, item, one_of);
    let zones = zones(item);
    let debug = item.sensitive.then(|| debug(item));
    let replacement = item
        .to_put
        .as_ref()
        .map(|(put, method)| replacements::emit_replacement(api, item, put, method));
    quote! {
        #doc
        #deprecated
        #derives
        #open
        pub struct #name {
            #(#members)*
            #(#dynamic)*
            #extra
        }
        #table
        #parts
        #debug
        #zones
        #replacement
    }
}

fn struct_doc(item: &Struct, one_of: &[Vec<String>]) -> TokenStream {
    let mut lines = words::escape(&words::sentence(&item.summary));
    if !item.doc.text.is_empty() && item.doc.text != item.summary {
        lines.push(String::new());
        lines.extend(words::escape(&item.doc.text));
    }
    if let Some(mark) = words::trust(item.doc.trust) {
        lines.extend([String::new(), format!("({mark})")]);
    }
    if !matches!(item.shape, Shape::Read | Shape::Partial) {
        for group in one_of {
            let names = group
                .iter()
                .map(|name| words::code(name))
                .collect::<Vec<_>>()
                .join(", ");
            lines.extend([
                String::new(),
                format!("At least one of {names} must be given."),
            ]);
        }
    }
    words::lines(&lines)
}

fn derives(item: &Struct) -> TokenStream {
    let default = matches!(item.shape, Shape::Patch).then(|| quote! { Default, });
    let debug = (!item.sensitive).then(|| quote! { Debug, });
    // What a file holds is not known before it is read, so that nothing can be said of two.
    let holds_file = item.members.iter().any(|member| member.ty.holds_file());
    let equal = (!holds_file).then(|| quote! { PartialEq });
    quote! { #[derive(Clone, #debug #default #equal)] }
}

fn emit_member(member: &Member) -> TokenStream {
    let name = format_ident!("{}", member.name.rust);
    let doc = words::of(&member.doc, &words::code(&member.name.wire));
    let deprecated = words::deprecation(&member.doc);
    let ty = member_type(member);
    quote! { #doc #deprecated pub #name: #ty, }
}

/// The Rust type of a member: what stands in the table, wrapped as its presence asks.
pub(super) fn member_type(member: &Member) -> TokenStream {
    let ty = types::tokens(&member.ty);
    match member.how {
        How::Required => ty,
        How::Optional | How::Nullable => quote! { Option<#ty> },
        How::List => quote! { Vec<#ty> },
        How::Patch => quote! { Patch<#ty> },
    }
}

/// The table: which macro, and one entry for each member.
fn table(item: &Struct, one_of: &[Vec<String>]) -> TokenStream {
    let name = format_ident!("{}", item.rust);
    let tail = tail(item, one_of);
    match (item.shape, &item.constructor) {
        (Shape::Read | Shape::Partial, _) => {
            let entries = item
                .members
                .iter()
                .map(|member| entry(member, how_read(member)));
            quote! { runtime::record! { #name: #(#entries)* #tail } }
        }
        (Shape::Put | Shape::Explicit, _) => {
            let entries = written(item).map(|member| entry(member, Some(how_put(member))));
            quote! { runtime::put! { #name: #(#entries)* #tail } }
        }
        (Shape::Both | Shape::New | Shape::Patch, Constructor::Staged { module }) => {
            let module = format_ident!("{module}");
            let steps = written(item)
                .filter(|member| member.how == How::Required)
                .map(|member| {
                    let step = format_ident!("{}", step(&member.name.rust));
                    let entry = entry(member, list_mark(member));
                    quote! { #step #entry }
                });
            let rest = optional_entries(item);
            let staged = if item.shape == Shape::Both {
                quote! { both_staged }
            } else {
                quote! { staged }
            };
            quote! { runtime::#staged! { #name, #module: #(#steps)*; #(#rest)* #tail } }
        }
        (Shape::Both | Shape::New | Shape::Patch, Constructor::New | Constructor::None) => {
            let required = written(item).filter(|member| member.how == How::Required);
            let required = required.map(|member| entry(member, list_mark(member)));
            let rest = optional_entries(item);
            let new = if item.shape == Shape::Both {
                quote! { both }
            } else {
                quote! { new }
            };
            quote! { runtime::#new! { #name: #(#required)*; #(#rest)* #tail } }
        }
    }
}

pub(super) fn written(item: &Struct) -> impl Iterator<Item = &Member> {
    item.members
        .iter()
        .filter(|member| member.constant.is_none())
}

fn optional_entries(item: &Struct) -> impl Iterator<Item = TokenStream> + '_ {
    let patch = item.shape == Shape::Patch;
    written(item)
        .filter(|member| member.how != How::Required)
        .map(move |member| {
            let how = match (member.how, &member.ty) {
                (How::Optional, Ty::List(inner)) => {
                    let listed = Member {
                        ty: (**inner).clone(),
                        ..member.clone()
                    };
                    return entry(&listed, Some("some_list"));
                }
                (How::Optional, _) if member.hollow => "hollow",
                (How::List, _) => "list",
                (How::Patch, _) => "patch",
                (How::Optional | How::Required | How::Nullable, _) => "optional",
            };
            debug_assert!(patch || how != "patch", "three states belong to patches");
            entry(member, Some(how))
        })
}

fn how_read(member: &Member) -> Option<&'static str> {
    Some(match member.how {
        How::Required if member.null_is.is_some() => "nulled",
        How::Optional if member.hollow => "hollow",
        How::Required => "required",
        How::Optional | How::Nullable | How::Patch => "optional",
        How::List => "list",
    })
}

fn how_put(member: &Member) -> &'static str {
    match member.how {
        How::Required => "required",
        How::Nullable => "nullable",
        How::Optional | How::Patch => "optional",
        How::List => "list",
    }
}

/// A required list is filled from anything that yields its elements.
fn list_mark(member: &Member) -> Option<&'static str> {
    matches!(member.ty, Ty::List(_)).then_some("list")
}

/// `how name: Type as Format = "wire" => null,`
fn entry(member: &Member, how: Option<&'static str>) -> TokenStream {
    let name = format_ident!("{}", member.name.rust);
    let ty = match (&member.ty, how) {
        (Ty::List(inner), Some("list")) if member.how == How::Required => types::tokens(inner),
        (ty, _) => types::tokens(ty),
    };
    let null = member
        .null_is
        .as_ref()
        .filter(|_| matches!(how, Some("nulled" | "optional")))
        .map(|json| null_value(json));
    let how = how.map(|how| format_ident!("{how}"));
    let format = (member.format != Format::Usual).then(|| {
        let format = params::format_type(member.format);
        quote! { as #format }
    });
    let wire = (member.name.wire != member.name.rust).then(|| {
        let wire = literal::wire(&member.name.wire);
        quote! { = #wire }
    });
    quote! { #how #name: #ty #format #wire #null, }
}

/// The value that null reads as, from its JSON text.
fn null_value(json: &str) -> TokenStream {
    let value = match json {
        "true" => quote! { true },
        "false" => quote! { false },
        text if text.starts_with('"') => {
            let text = text.trim_matches('"');
            let text = literal::wire(text);
            quote! { String::from(#text) }
        }
        number => {
            let number = Literal::from_str(number.trim_start_matches('-'))
                .expect("a checked number is a literal");
            if json.starts_with('-') {
                quote! { -#number }
            } else {
                quote! { #number }
            }
        }
    };
    quote! { => #value }
}

/// What follows the members, each behind a semicolon and in the order of the grammar: unknown
/// members, dynamic ones, constants, groups of which one is given.
fn tail(item: &Struct, one_of: &[Vec<String>]) -> TokenStream {
    let extra = item.keep_extra.then(|| quote! { ; keep extra });
    let dynamic = item.dynamic.as_ref().map(|dynamic| {
        let (member, prefix) = (
            format_ident!("{}", dynamic.member),
            literal::wire(&dynamic.prefix),
        );
        let (key, value) = (types::tokens(&dynamic.key), types::tokens(&dynamic.value));
        quote! { ; dynamic #prefix #member: #key => #value }
    });
    let ends = ends(item, one_of);
    quote! { #extra #dynamic #ends }
}

/// What ends the tables of bodies: constants, and groups of which one is given.
pub(super) fn ends(item: &Struct, one_of: &[Vec<String>]) -> TokenStream {
    let constants = item.members.iter().filter_map(|member| {
        let (wire, json) = (
            literal::wire(&member.name.wire),
            Literal::string(member.constant.as_ref()?),
        );
        Some(quote! { const #wire = #json })
    });
    let constants = constants.collect::<Vec<_>>();
    let constants = (!constants.is_empty()).then(|| quote! { ; #(#constants),* });
    let groups = one_of
        .iter()
        .filter(|_| !matches!(item.shape, Shape::Read | Shape::Partial))
        .filter_map(|group| {
            let names = item
                .members
                .iter()
                .filter(|member| group.contains(&member.field) && member.how != How::Required);
            let names = names
                .map(|member| format_ident!("{}", member.name.rust))
                .collect::<Vec<_>>();
            (names.len() == group.len()).then(|| quote! { one_of(#(#names),*) })
        });
    let groups = groups.collect::<Vec<_>>();
    let groups = (!groups.is_empty()).then(|| quote! { ; #(#groups),* });
    let depth = item
        .max_depth
        .filter(|_| !matches!(item.shape, Shape::Read | Shape::Partial))
        .map(choices::max_depth);
    quote! { #constants #groups #depth }
}

fn debug(item: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.rust);
    let shown = written(item)
        .filter(|member| !member.sensitive)
        .map(|member| format_ident!("{}", member.name.rust));
    let hidden = written(item)
        .filter(|member| member.sensitive)
        .map(|member| format_ident!("{}", member.name.rust));
    let dynamic = item
        .dynamic
        .iter()
        .map(|dynamic| format_ident!("{}", dynamic.member));
    let extra = item.keep_extra.then(|| format_ident!("extra"));
    quote! { runtime::debug! { #name: #(#shown,)*; #(#hidden,)* #(#dynamic,)* #extra } }
}

/// The methods that join civil datetimes with their zones.
fn zones(item: &Struct) -> Option<TokenStream> {
    let word = |optional| {
        if optional {
            format_ident!("optional")
        } else {
            format_ident!("required")
        }
    };
    let entries = item.zones.iter().map(|zone| {
        let (how, method) = (word(zone.optional), format_ident!("{}", zone.method));
        let member = format_ident!("{}", zone.member);
        let path = zone.path.iter().map(|(step, optional)| {
            let (how, step) = (word(*optional), format_ident!("{step}"));
            quote! { #how #step }
        });
        quote! { #how #method = #member in #(#path)&* }
    });
    let entries = entries.collect::<Vec<_>>();
    let name = format_ident!("{}", item.rust);
    (!entries.is_empty()).then(|| quote! { runtime::zoned! { #name: #(#entries,)* } })
}

/// `NeedsFullName`: the step of a builder that takes this member.
fn step(member: &str) -> String {
    let words = member.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    std::iter::once("Needs".to_owned()).chain(words).collect()
}
