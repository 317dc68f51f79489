//! Scenarios: a table behind the feature `testing`, of which each entry names a row of the operation table and decodes as
//! the operation's own function does.
//! Assumes a checked model. Types and operations are named by their paths, so that no API's name can hide a word of ours.

use super::{literal, methods, pages, policies, types};
use crate::model::{
    Answer, Api, Body, Method, Plain, Scenario, ScenarioCall, ScenarioExpect, ScenarioReply, Ty,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// What the tables are made of.
pub(super) const TABLES: &[&str] = &[
    "Duration",
    "Place",
    "Scenario",
    "ScenarioEnd",
    "ScenarioExpect",
    "ScenarioReply",
    "ScenarioRun",
    "SendAt",
    "Unit",
];

/// `static SCENARIOS: &[Scenario]`
pub(super) fn emit(api: &Api) -> TokenStream {
    let scenarios = api
        .scenarios
        .iter()
        .filter_map(|scenario| one(api, scenario));
    let doc = format!(
        " What clients of `{}` do when it behaves in one certain way.",
        api.name
    );
    quote! {
        #[doc = #doc]
        pub static SCENARIOS: &[Scenario] = &[#(#scenarios),*];
    }
}

fn one(api: &Api, scenario: &Scenario) -> Option<TokenStream> {
    let (module, method) = find(api, &scenario.call.operation)?;
    let (home, constant) = (
        format_ident!("{module}"),
        format_ident!("{}", method.constant),
    );
    let name = literal::wire(&scenario.name);
    let mut entries = vec![
        quote! { name: #name },
        quote! { operation: &super::#home::#constant },
    ];
    if !scenario.client.is_empty() {
        let client = policies::pairs(&scenario.client);
        entries.push(quote! { client: #client });
    }
    if !scenario.used.is_empty() {
        let used = scenario.used.iter().map(|(bucket, slots)| {
            let (bucket, slots) = (literal::wire(bucket), Literal::u64_unsuffixed(*slots));
            quote! { (#bucket, #slots) }
        });
        entries.push(quote! { used: &[#(#used),*] });
    }
    entries.extend(call(&scenario.call));
    if scenario.times != 1 {
        let times = Literal::u64_unsuffixed(scenario.times);
        entries.push(quote! { times: #times });
    }
    let send = send(scenario, module, method);
    entries.push(quote! { send: #send });
    let replies = scenario.replies.iter().map(reply);
    entries.push(quote! { replies: &[#(#replies),*] });
    let then = end(scenario);
    entries.push(quote! { then: #then });
    Some(quote! { Scenario { #(#entries,)* ..Scenario::NEW } })
}

/// The method of an operation and the module of its resource.
fn find<'a>(api: &'a Api, operation: &str) -> Option<(&'a str, &'a Method)> {
    let resources = super::modules::all_resources(api).into_iter();
    let mut all = resources.flat_map(|resource| {
        let methods = resource.methods.iter();
        methods.map(|method| (resource.module.as_str(), method))
    });
    all.find(|(_, method)| method.operation == operation)
}

fn call(call: &ScenarioCall) -> Vec<TokenStream> {
    let mut entries = Vec::new();
    let mut set = |field: &str, value: TokenStream| {
        let field = format_ident!("{field}");
        entries.push(quote! { #field: #value });
    };
    for (field, texts) in [("keys", &call.keys), ("flags", &call.flags)] {
        if !texts.is_empty() {
            let texts = texts.iter().map(|text| literal::wire(text));
            set(field, quote! { &[#(#texts),*] });
        }
    }
    for (field, pairs) in [("query", &call.query), ("headers", &call.headers)] {
        if !pairs.is_empty() {
            set(field, policies::pairs(pairs));
        }
    }
    for (field, number) in [("start", call.start), ("size", call.size)] {
        if let Some(number) = number.map(Literal::u64_unsuffixed) {
            set(field, quote! { Some(#number) });
        }
    }
    let texts = [
        ("cursor", &call.cursor),
        ("version", &call.version),
        ("body", &call.body),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            let text = literal::wire(text);
            set(field, quote! { Some(#text) });
        }
    }
    entries
}

/// How the call is sent and its answer decoded.
fn send(scenario: &Scenario, module: &str, method: &Method) -> TokenStream {
    let (body, sent) = match &method.body {
        Body::None | Body::Multipart { .. } | Body::File { .. } => {
            (quote! { _body }, TokenStream::new())
        }
        Body::Json { at, .. } if at.is_empty() => (quote! { body }, quote! { .json(body) }),
        Body::Json { at, .. } => {
            let at = policies::pointer(at);
            (quote! { body }, quote! { .json_at(#at, body) })
        }
        Body::Form { .. } => (quote! { body }, quote! { .form(body) }),
        Body::Text { .. } => (quote! { body }, quote! { .text(ScenarioRun::text(body)) }),
        Body::Bytes { media_type, .. } => {
            let media_type = literal::wire(media_type);
            (
                quote! { body },
                quote! { .bytes(#media_type, ScenarioRun::text(body).to_owned()) },
            )
        }
    };
    let finish = methods::finish_answer(&method.answer);
    let request = quote! { request #sent };
    let run = match &method.answer {
        Answer::None | Answer::Plain(Plain::Text | Plain::Bytes | Plain::Stream) => {
            quote! { ScenarioRun::of(#request #finish) }
        }
        Answer::Value { ty, .. } => {
            let ty = qualified(ty);
            quote! { ScenarioRun::of::<#ty>(#request #finish) }
        }
        Answer::List { item, .. } => {
            let item = qualified(item);
            quote! { ScenarioRun::of::<Vec<#item>>(#request #finish) }
        }
        Answer::Outcomes { rust, .. } => {
            let (module, name) = (format_ident!("{module}"), format_ident!("{rust}"));
            quote! { ScenarioRun::of(#request.call_with(super::#module::#name::__read)) }
        }
        Answer::Page { item, .. } => {
            let item = qualified(item);
            let way = if scenario.walk {
                quote! { walk }
            } else {
                quote! { page }
            };
            quote! { ScenarioRun::#way::<#item>(#request #finish) }
        }
    };
    quote! { |request, #body| #run }
}

/// The Rust type by its path.
pub(super) fn qualified(ty: &Ty) -> TokenStream {
    match ty {
        Ty::Item(item) | Ty::Boxed(item) => types::path(item),
        Ty::List(inner) => {
            let inner = qualified(inner);
            quote! { Vec<#inner> }
        }
        Ty::Map(inner) => {
            let inner = qualified(inner);
            quote! { runtime::codegen::BTreeMap<String, #inner> }
        }
        Ty::Nullable(inner) => {
            let inner = qualified(inner);
            quote! { Option<#inner> }
        }
        other => {
            let own = types::tokens(other);
            match types::foreign(other) {
                Some(_) => quote! { runtime::codegen::#own },
                None => own,
            }
        }
    }
}

fn reply(reply: &ScenarioReply) -> TokenStream {
    let mut entries = Vec::new();
    let mut set = |field: &str, value: TokenStream| {
        let field = format_ident!("{field}");
        entries.push(quote! { #field: #value });
    };
    if reply.times != 1 {
        let times = Literal::u64_unsuffixed(reply.times);
        set("times", quote! { #times });
    }
    if reply.status != 200 {
        let status = Literal::u16_unsuffixed(reply.status);
        set("status", quote! { #status });
    }
    if !reply.headers.is_empty() {
        set("headers", policies::pairs(&reply.headers));
    }
    for (field, text) in [("json", &reply.json), ("text", &reply.text)] {
        if let Some(text) = text {
            let text = literal::wire(text);
            set(field, quote! { Some(#text) });
        }
    }
    if !reply.later.is_empty() {
        let later = reply.later.iter().map(|(place, wait_ms, unit)| {
            let (place, wait) = (policies::place(place), policies::duration(*wait_ms));
            let unit = types::variant(unit);
            quote! { (#place, #wait, Unit::#unit) }
        });
        set("later", quote! { &[#(#later),*] });
    }
    for (field, flag) in [("stall", reply.stall), ("reset", reply.reset)] {
        if flag {
            set(field, quote! { true });
        }
    }
    if reply.expect != ScenarioExpect::default() {
        set("expect", expect(&reply.expect));
    }
    if entries.is_empty() {
        return quote! { ScenarioReply::NEW };
    }
    quote! { ScenarioReply { #(#entries,)* ..ScenarioReply::NEW } }
}

fn expect(expect: &ScenarioExpect) -> TokenStream {
    let mut entries = Vec::new();
    let mut set = |field: &str, value: TokenStream| {
        let field = format_ident!("{field}");
        entries.push(quote! { #field: #value });
    };
    let times = [
        ("not_before", expect.not_before_ms),
        ("not_after", expect.not_after_ms),
    ];
    for (field, time) in times {
        if let Some(time) = time.map(policies::duration) {
            set(field, quote! { Some(#time) });
        }
    }
    let texts = [
        ("method", &expect.method),
        ("path", &expect.path),
        ("body", &expect.body),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            let text = literal::wire(text);
            set(field, quote! { Some(#text) });
        }
    }
    for (field, pairs) in [("query", &expect.query), ("headers", &expect.headers)] {
        if !pairs.is_empty() {
            set(field, policies::pairs(pairs));
        }
    }
    if !expect.same.is_empty() {
        let same = expect.same.iter().map(pages::send_at);
        set("same", quote! { &[#(#same),*] });
    }
    quote! { ScenarioExpect { #(#entries,)* ..ScenarioExpect::NEW } }
}

fn end(scenario: &Scenario) -> TokenStream {
    let mut entries = Vec::new();
    if let Some(kind) = &scenario.error {
        entries.push(quote! { error: Some(#kind) });
    }
    if scenario.requests != 1 {
        let requests = Literal::u64_unsuffixed(scenario.requests);
        entries.push(quote! { requests: #requests });
    }
    if let Some(items) = scenario.items.map(Literal::u64_unsuffixed) {
        entries.push(quote! { items: Some(#items) });
    }
    if entries.is_empty() {
        return quote! { ScenarioEnd::NEW };
    }
    quote! { ScenarioEnd { #(#entries,)* ..ScenarioEnd::NEW } }
}
