//! Bodies: the argument of a call that sends one, the step that hands it on, and the table of parts.
//! Assumes that a check has refused what an encoding cannot carry. Must not decide how anything is
//! written: the runtime does, by the words of the tables.

use super::{literal, modules, params, policies, types};
use crate::model::{Answer, Api, Body, Format, How, Member, Method, Plain, Struct, Ty, TypeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The argument that takes what is sent.
pub(super) fn argument(method: &Method) -> Option<TokenStream> {
    let (name, ty) = match &method.body {
        Body::None => return None,
        Body::Text { rust } => (rust, quote! { impl AsRef<str> }),
        Body::Bytes { rust, .. } => (rust, quote! { impl Into<Bytes> }),
        Body::File { rust } => (rust, quote! { &Upload }),
        Body::Json { rust, ty, .. } | Body::Form { rust, ty } | Body::Multipart { rust, ty } => {
            let ty = match ty {
                Ty::List(item) => {
                    let item = types::tokens(item);
                    quote! { [#item] }
                }
                other => types::tokens(other),
            };
            (rust, quote! { &#ty })
        }
    };
    let name = format_ident!("{name}");
    Some(quote! { #name: #ty })
}

/// The step of a request that takes its body.
pub(super) fn step(method: &Method) -> Option<TokenStream> {
    let step = match &method.body {
        Body::None => return None,
        Body::Json { rust, ty, at } => {
            let name = format_ident!("{rust}");
            // A slice is no trait object; a reference to one is.
            let name = if matches!(ty, Ty::List(_)) {
                quote! { &#name }
            } else {
                quote! { #name }
            };
            if at.is_empty() {
                quote! { .json(#name) }
            } else {
                let at = policies::pointer(at);
                quote! { .json_at(#at, #name) }
            }
        }
        Body::Form { rust, .. } => {
            let name = format_ident!("{rust}");
            quote! { .form(#name) }
        }
        Body::Multipart { rust, .. } => {
            let name = format_ident!("{rust}");
            quote! { .multipart(#name.__parts()) }
        }
        Body::Text { rust } => {
            let name = format_ident!("{rust}");
            quote! { .text(#name.as_ref()) }
        }
        Body::Bytes { rust, media_type } => {
            let (name, media_type) = (format_ident!("{rust}"), literal::wire(media_type));
            quote! { .bytes(#media_type, #name) }
        }
        Body::File { rust } => {
            let name = format_ident!("{rust}");
            quote! { .upload(#name) }
        }
    };
    Some(step)
}

/// What documentation says of a body that is no JSON.
pub(super) fn line(api: &Api, method: &Method) -> Option<String> {
    let line = match &method.body {
        Body::None | Body::Json { .. } => return None,
        Body::Form { .. } => "sent as a form.".to_owned(),
        Body::Text { .. } => "sent as plain text.".to_owned(),
        Body::Bytes { media_type, .. } => format!("sent as `{media_type}`."),
        Body::Multipart { ty, .. } if sends_file(api, ty) => format!("sent in parts; {FILE}"),
        Body::File { .. } => format!("sent as it is; {FILE}"),
        Body::Multipart { .. } => "sent in parts.".to_owned(),
    };
    Some(format!("* **Body**: {line}"))
}

/// Whether some call sends a file or downloads one, which may be wanted from and to the disk.
pub(super) fn move_files(api: &Api) -> bool {
    let resources = modules::all_resources(api);
    let mut methods = resources.iter().flat_map(|resource| &resource.methods);
    methods.any(|method| {
        let sent = match &method.body {
            Body::File { .. } => true,
            Body::Multipart { ty, .. } => sends_file(api, ty),
            Body::None
            | Body::Json { .. }
            | Body::Form { .. }
            | Body::Text { .. }
            | Body::Bytes { .. } => false,
        };
        sent || method.follow.is_some() || method.answer == Answer::Plain(Plain::Stream)
    })
}

const FILE: &str =
    "a file is read while it is sent, and one that is given as a stream is sent once.";

fn sends_file(api: &Api, ty: &Ty) -> bool {
    let Ty::Item(item) = ty else { return false };
    let structs = api.types.iter().flat_map(|ty| match &ty.kind {
        TypeKind::Object(object) => object.structs.as_slice(),
        TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => &[],
    });
    structs
        .filter(|one| one.rust == item.rust)
        .any(|one| one.members.iter().any(|member| member.ty.holds_file()))
}

/// The table of parts of a struct that is sent so. Files come last, so that a server that stores them
/// while they arrive knows everything else by then.
pub(super) fn parts(api: &Api, item: &Struct, one_of: &[Vec<String>]) -> Option<TokenStream> {
    if !item.in_parts {
        return None;
    }
    let name = format_ident!("{}", item.rust);
    let given = || {
        item.members
            .iter()
            .filter(|member| member.constant.is_none())
    };
    let fields = given().filter(|member| !member.ty.holds_file());
    let files = given().filter(|member| member.ty.holds_file());
    let entries = fields.chain(files).map(|member| entry(api, member));
    let tail = super::models::ends(item, one_of);
    Some(quote! { runtime::parts! { #name: #(#entries)* #tail } })
}

/// `how kind name as Format = "wire",`
fn entry(api: &Api, member: &Member) -> TokenStream {
    let name = format_ident!("{}", member.name.rust);
    let (how, ty) = match (member.how, &member.ty) {
        (How::Required, Ty::List(inner)) => ("full_list", &**inner),
        (How::Optional, Ty::List(inner)) => ("some_list", &**inner),
        (How::Required, ty) => ("required", ty),
        (How::List, ty) => ("list", ty),
        (How::Optional | How::Nullable | How::Patch, ty) => ("optional", ty),
    };
    let (how, kind) = (format_ident!("{how}"), format_ident!("{}", kind(api, ty)));
    let format = (member.format != Format::Usual).then(|| {
        let marker = params::format_marker(member.format).map(|marker| format_ident!("{marker}"));
        quote! { as #marker }
    });
    let wire = (member.name.wire != member.name.rust).then(|| {
        let wire = literal::wire(&member.name.wire);
        quote! { = #wire }
    });
    quote! { #how #kind #name #format #wire, }
}

/// As what a part is written: OpenAPI 3.1 has the same rule, single values as text and all others as JSON.
fn kind(api: &Api, ty: &Ty) -> &'static str {
    match ty {
        Ty::File => "file",
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
        | Ty::Secret => "text",
        Ty::Bytes | Ty::Json | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Boxed(_) => "json",
        Ty::Item(item) => {
            let found = api.types.iter().find(|known| known.name.rust == item.rust);
            match found.map(|known| &known.kind) {
                Some(TypeKind::Enum(_) | TypeKind::Alias(_)) => "text",
                Some(TypeKind::Object(_) | TypeKind::Union(_)) | None => "json",
            }
        }
    }
}
