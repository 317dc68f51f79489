//! The mock of an API: a trait with a function for each operation, and what samples of its models take from examples
//! and bounds. Both are tables; what they mean is the runtime's.
//! Assumes a checked model. Types are named by their paths, so that no API's name can hide the trait.

use super::{literal, modules, policies, scenarios};
use crate::model::{
    Answer, Api, Body, Field, Home, Method, ObjectType, Plain, Resource, Ty, Type, TypeKind,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// `src/<api>/mock.rs`
pub(super) fn emit(api: &Api) -> TokenStream {
    let resources = modules::all_resources(api);
    let follows = |resource: &&Resource| resource.methods.iter().any(|one| one.follow.is_some());
    let followed = resources.iter().any(follows).then(|| quote! { ; followed });
    let functions = functions(api);
    let entries = functions
        .iter()
        .map(|(resource, method, name)| entry(resource, method, name));
    let samples = samples(api);
    let samples =
        (!samples.is_empty()).then(|| quote! { runtime::samples! { examples: #(#samples,)* } });
    quote! {
        //! A mock: what the API answers is written by a test, and a real client asks it in virtual time.
        runtime::mock! { Mock: #(#entries,)* #followed }
        #samples
    }
}

/// The trait's function of each method.
pub(super) fn functions(api: &Api) -> Vec<(&Resource, &Method, String)> {
    let mut taken = BTreeSet::from(["followed".to_owned()]);
    let mut functions = Vec::new();
    for resource in modules::all_resources(api) {
        for method in &resource.methods {
            // Two names in one may meet those of another resource; the later one moves aside.
            let (of, own) = (
                resource.module.trim_matches('_'),
                method.name.rust.trim_matches('_'),
            );
            let mut name = format!("{of}_{own}");
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            functions.push((resource, method, name));
        }
    }
    functions
}

/// `users_get: value super::users::User = users GET at "data"`
fn entry(resource: &Resource, method: &Method, name: &str) -> TokenStream {
    let (name, module, constant) = (
        format_ident!("{name}"),
        format_ident!("{}", resource.module),
        format_ident!("{}", method.constant),
    );
    let (how, from) = match &method.answer {
        Answer::None => (quote! { none }, ""),
        Answer::Plain(Plain::Text) => (quote! { text }, ""),
        Answer::Plain(Plain::Bytes | Plain::Stream) => (quote! { bytes }, ""),
        Answer::Value { ty, from } => {
            let ty = scenarios::qualified(ty);
            (quote! { value #ty }, from.as_str())
        }
        Answer::List { item, from } => {
            let item = scenarios::qualified(item);
            (quote! { list #item }, from.as_str())
        }
        Answer::Page { item, from } => {
            let item = scenarios::qualified(item);
            (quote! { page #item }, from.as_str())
        }
        Answer::Outcomes { rust, .. } => {
            let outcome = format_ident!("{rust}");
            (quote! { outcome super::#module::#outcome }, "")
        }
    };
    let at = place(&format_ident!("at"), from);
    let within = match &method.body {
        Body::Json { at, .. } => place(&format_ident!("within"), at),
        Body::None
        | Body::Form { .. }
        | Body::Multipart { .. }
        | Body::Text { .. }
        | Body::Bytes { .. }
        | Body::File { .. } => None,
    };
    quote! { #name: #how = #module #constant #at #within }
}

fn place(word: &proc_macro2::Ident, pointer: &str) -> Option<TokenStream> {
    let segments = policies::segments(pointer);
    (!pointer.is_empty()).then(|| quote! { #word #(#segments)&* })
}

/// `users User(id = "user_123")`: only what a type does not say by itself.
fn samples(api: &Api) -> Vec<TokenStream> {
    let mut entries = Vec::new();
    for ty in &api.types {
        match &ty.kind {
            TypeKind::Object(object) => entries.extend(objects(ty, object)),
            TypeKind::Alias(alias) => {
                if let Some(example) = &alias.example {
                    let example = literal::wire(example);
                    entries.push(sample(ty, &ty.name.rust, &[quote! { it = #example }]));
                }
            }
            TypeKind::Enum(_) | TypeKind::Union(_) => {}
        }
    }
    entries
}

fn objects<'a>(ty: &'a Type, object: &'a ObjectType) -> impl Iterator<Item = TokenStream> + 'a {
    object.structs.iter().filter_map(move |item| {
        let members = item.members.iter().filter(|one| one.constant.is_none());
        let texts = members.filter_map(|member| {
            let mut fields = object.fields.iter();
            let field = fields.find(|field| field.name.wire == member.field)?;
            let text = literal::wire(&text(field, &member.name.rust)?);
            let name = format_ident!("{}", member.name.rust);
            Some(quote! { #name = #text })
        });
        let texts = Vec::from_iter(texts);
        (!texts.is_empty()).then(|| sample(ty, &item.rust, &texts))
    })
}

fn sample(ty: &Type, rust: &str, texts: &[TokenStream]) -> TokenStream {
    let module = match &ty.home {
        Home::Types => format_ident!("types"),
        Home::Resource(module) => format_ident!("{module}"),
    };
    let name = format_ident!("{rust}");
    quote! { #module #name (#(#texts),*) }
}

/// The example of a field, or what its bounds ask for where a sample would else lie outside of them.
fn text(field: &Field, name: &str) -> Option<String> {
    if matches!(field.ty, Ty::List(_) | Ty::Map(_)) {
        return None;
    }
    if field.example.is_some() {
        return field.example.clone();
    }
    let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    let (min, max) = (bound(&field.min), bound(&field.max));
    match field.ty {
        Ty::Int | Ty::Uint | Ty::Float | Ty::Decimal => match (min, max) {
            (Some(min), _) if min > 1.0 => field.min.clone(),
            (_, Some(max)) if max < 1.0 => field.max.clone(),
            _ => None,
        },
        Ty::String => {
            let length = |text: &Option<String>| text.as_ref()?.parse::<usize>().ok();
            let count = name.chars().count();
            let (min, max) = (length(&field.min), length(&field.max));
            if let Some(min) = min.filter(|min| count < *min) {
                return Some(name.chars().cycle().take(min).collect());
            }
            let max = max.filter(|max| count > *max)?;
            Some(name.chars().take(max).collect())
        }
        Ty::Bool
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
        | Ty::List(_)
        | Ty::Map(_)
        | Ty::Nullable(_)
        | Ty::Item(_)
        | Ty::Boxed(_) => None,
    }
}
