//! Makers of unions that are sent: from each variant, and for objects with few required members a function that takes
//! these, so that nested values are written as one expression.
//! Assumes that the variants' structs are emitted elsewhere. Must not make what only answers hold.

use super::{models, types, words};
use crate::model::{Api, Constructor, How, Item, Member, Struct, Ty, TypeKind, UnionType, Variant};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// `From` of the variants, and the functions.
pub(super) fn emit(api: &Api, name: &Ident, kind: &UnionType) -> TokenStream {
    let alone = |variant: &&Variant| {
        let same = kind
            .variants
            .iter()
            .filter(|other| unboxed(&other.ty) == unboxed(&variant.ty));
        same.count() == 1
    };
    let entries = kind.variants.iter().filter(alone).map(|variant| {
        let (ident, ty) = (
            format_ident!("{}", variant.name.rust),
            types::tokens(&unboxed(&variant.ty)),
        );
        let how = match variant.ty {
            Ty::String => quote! { text },
            Ty::Boxed(_) => quote! { boxed },
            _ => TokenStream::new(),
        };
        quote! { #ident(#ty) #how, }
    });
    let entries = entries.collect::<Vec<_>>();
    let from =
        (!entries.is_empty()).then(|| quote! { runtime::from_variants! { #name: #(#entries)* } });
    let functions = kind
        .variants
        .iter()
        .filter_map(|variant| function(name, variant, find(api, &variant.ty)?))
        .collect::<Vec<_>>();
    let functions = (!functions.is_empty()).then(|| quote! { impl #name { #(#functions)* } });
    quote! { #from #functions }
}

/// What stands in a box is found by the same name.
fn unboxed(ty: &Ty) -> Ty {
    match ty {
        Ty::Boxed(item) => Ty::Item(item.clone()),
        other => other.clone(),
    }
}

/// The struct of a variant that is made by `new`.
fn find<'a>(api: &'a Api, ty: &Ty) -> Option<&'a Struct> {
    let (Ty::Item(Item { rust, .. }) | Ty::Boxed(Item { rust, .. })) = ty else {
        return None;
    };
    api.types
        .iter()
        .find_map(|described| match &described.kind {
            TypeKind::Object(object) => object
                .structs
                .iter()
                .find(|item| item.rust == *rust && item.constructor == Constructor::New),
            TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => None,
        })
}

fn function(name: &Ident, variant: &Variant, item: &Struct) -> Option<TokenStream> {
    let (ident, made) = (
        format_ident!("{}", variant.name.rust),
        format_ident!("{}", item.rust),
    );
    let required: Vec<&Member> = models::written(item)
        .filter(|member| member.how == How::Required)
        .collect();
    if required.is_empty() || variant.maker.is_empty() {
        return None;
    }
    let function = format_ident!("{}", variant.maker);
    let given: Vec<Ident> = required
        .iter()
        .map(|member| format_ident!("{}", member.name.rust))
        .collect();
    let arguments = required
        .iter()
        .zip(&given)
        .map(|(member, given)| match &member.ty {
            Ty::List(inner) => {
                let inner = types::tokens(inner);
                quote! { #given: impl IntoIterator<Item = impl Into<#inner>> }
            }
            ty => {
                let ty = types::tokens(ty);
                quote! { #given: impl Into<#ty> }
            }
        });
    let doc = words::line(&format!("[`{made}`] with all that it needs."));
    let value = quote! { #made::new(#(#given),*) };
    let value = match variant.ty {
        Ty::Boxed(_) => quote! { #name::#ident(Box::new(#value)) },
        _ => quote! { #name::#ident(#value) },
    };
    Some(quote! {
        #doc
        pub fn #function(#(#arguments),*) -> #name {
            #value
        }
    })
}
