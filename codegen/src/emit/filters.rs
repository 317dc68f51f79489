//! The setters of filters, one for each operator; those of members whose names are data take the key first.
//! Assumes parameters that lowering spelled whole. Must not send a value that the server would read as several.

use super::calls::Chain;
use super::{literal, params, words};
use crate::model::{Api, Filter, FilterOp, Format};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The setter of one operator.
pub(super) fn emit_op(api: &Api, chain: &Chain, filter: &Filter, op: &FilterOp) -> TokenStream {
    let Chain {
        takes,
        begins,
        request,
        gives,
        ends,
    } = chain;
    let name = format_ident!("{}", op.rust);
    let (field, shown) = match filter.key {
        Some(_) => (
            format!("{} and this key", words::code(&filter.field.wire)),
            words::code(&format!("{}…{}", op.param, op.after)),
        ),
        None => (words::code(&filter.field.wire), words::code(&op.param)),
    };
    let doc = words::line(&format!(
        "Only those whose {field} {} ({shown}).",
        op_words(&op.op)
    ));
    // Beside a key, the value is called so.
    let value = filter.key.as_ref().map_or(op.rust.as_str(), |_| "value");
    let (ty, set) = op_value(api, filter, op, value, request);
    let value = format_ident!("{value}");
    let key = filter.key.as_ref().map(|key| {
        let key = params::one(api, "key", key, Format::Usual, filter.bools);
        let (before, after) = (literal::wire(&op.param), literal::wire(&op.after));
        let (ty, show) = (key.ty, key.show);
        (
            quote! { key: #ty, },
            quote! { let param = name_with([#before, #after], #show); },
        )
    });
    let (key, named) = key.unzip();
    quote! {
        #doc
        pub fn #name(#takes, #key #value: #ty) -> #gives {
            #named
            #begins
            #set
            #ends
        }
    }
}

/// The type of what an operator compares with, and the statement that asks for it.
fn op_value(
    api: &Api,
    filter: &Filter,
    op: &FilterOp,
    name: &str,
    request: &TokenStream,
) -> (TokenStream, TokenStream) {
    let param = match filter.key {
        Some(_) => quote! { &param },
        None => {
            let param = literal::wire(&op.param);
            quote! { #param }
        }
    };
    if let Some(style) = op.list {
        let (element, _) = params::elements(api, &filter.ty);
        let ident = format_ident!("{name}");
        let (ty, format) = (&filter.ty, filter.format);
        let set = params::set_list(api, ty, format, style, &param, &ident, request);
        return (quote! { impl IntoIterator<Item = #element> }, set);
    }
    let value = params::one(api, name, &filter.ty, filter.format, filter.bools);
    let show = value.show;
    let set = match op.separator {
        Some(separator) => quote! { #request.query_joined(#param, #separator, [#show]); },
        None => quote! { #request.query(#param, #show); },
    };
    (value.ty, set)
}

fn op_words(op: &str) -> &'static str {
    match op {
        "eq" => "equals this",
        "ne" => "differs from this",
        "lt" => "is less than this",
        "le" => "is at most this",
        "gt" => "is greater than this",
        "ge" => "is at least this",
        "in" => "is one of these",
        "contains" => "contains this",
        "starts_with" => "starts with this",
        "ends_with" => "ends with this",
        "like" => "is like this",
        "exists" => "exists, or does not",
        "not_in" => "is none of these",
        "not_contains" => "does not contain this",
        "not_starts_with" => "does not start with this",
        "not_ends_with" => "does not end with this",
        "not_like" => "is not like this",
        _ => "compares so with this",
    }
}
