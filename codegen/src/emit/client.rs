//! The client of an API, its builder and its named errors.
//! Assumes that setters of all kinds have distinct names. Must not write behaviour: each function
//! hands its argument to the runtime's builder and returns.

use super::{credentials, methods, modules, pace, types, words};
use crate::model::{Api, ClientParam, Environment, EnvironmentVariable, Number, Ty, Window};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// `Client`, `ClientBuilder` and `Fault`.
pub(super) fn emit(api: &Api) -> TokenStream {
    let client = emit_client(api);
    let builder = emit_builder(api);
    let fault = emit_fault(api);
    quote! { #client #builder #fault }
}

fn emit_client(api: &Api) -> TokenStream {
    let doc = client_doc(api);
    let accessors = api
        .resources
        .iter()
        .map(|resource| methods::emit_root_accessor(api, resource));
    let from_env_doc = from_env_doc(api);
    let log_in = credentials::needs_oauth2(api).then(|| quote! { runtime::logs_in! { Client } });
    let new = modules::only_credential(api).map(|credential| {
        let name = format_ident!("{}", credential.name.rust);
        let doc = words::line(&format!(
            "A client with this credential, {}.",
            credentials::in_words(&credential.kind)
        ));
        let errors = " If the credential could not stand in a header.";
        quote! {
            #doc
            ///
            /// # Errors
            ///
            #[doc = #errors]
            pub fn new(#name: impl Into<CredentialSource>) -> Result<Client> {
                Client::builder().#name(#name).build()
            }
        }
    });
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct Client(Core);
        impl Client {
            #from_env_doc
            pub fn from_env() -> Result<Client> {
                Client::builder().build()
            }
            #new
            /// Everything that can be chosen.
            pub fn builder() -> ClientBuilder {
                ClientBuilder(Builder::new(&API))
            }
            /// What is known of the limits now: quota, waits, queue.
            pub fn limits(&self) -> LimitsSnapshot {
                self.0.limits_snapshot()
            }
            #(#accessors)*
        }
        #log_in
    }
}

/// What is true of all calls together: how fast they go and what a refusal does.
fn client_doc(api: &Api) -> TokenStream {
    let title = words::escape(&api.title).join(" ");
    let mut lines = vec![format!(
        "{title}. Cheap to clone; clones share limits and connections."
    )];
    let pace = pace::lines(api);
    if !pace.is_empty() {
        lines.push(String::new());
        lines.extend(pace.iter().map(|line| format!("* {line}")));
    }
    words::lines(&lines)
}

fn from_env_doc(api: &Api) -> TokenStream {
    let names = api.credentials.iter().map(credentials::variables);
    let names = names
        .filter(|names| !names.is_empty())
        .map(|names| credentials::listed(&names))
        .collect::<Vec<_>>();
    let text = if names.is_empty() {
        "A client with everything as it is described.".to_owned()
    } else {
        format!("A client with its credential from {}.", names.join(" or "))
    };
    words::lines(&[
        text,
        String::new(),
        "# Errors".to_owned(),
        String::new(),
        "If a variable holds what could not stand in a header.".to_owned(),
    ])
}

fn emit_builder(api: &Api) -> TokenStream {
    let credentials = api.credentials.iter().map(credentials::emit_setter);
    let environments = api.environments.iter().map(emit_environment);
    let variables = variables(api).into_iter().map(emit_variable);
    let params = api.client.iter().map(emit_param);
    let settings = settings(api)
        .into_iter()
        .map(|(name, setting)| emit_setting(&name, &setting));
    quote! {
        /// Makes a [`Client`].
        #[must_use = "a builder makes nothing until `build`"]
        #[derive(Debug)]
        pub struct ClientBuilder(Builder);
        impl ClientBuilder {
            #(#credentials)*
            #(#environments)*
            #(#variables)*
            #(#params)*
            #(#settings)*
        }
        runtime::builder! { ClientBuilder => Client }
    }
}

fn emit_environment(environment: &Environment) -> TokenStream {
    let (name, url) = (
        format_ident!("{}", environment.name.rust),
        super::literal::wire(&environment.url),
    );
    let mut lines = words::paragraphs(
        &environment.doc,
        &format!("Talks to `{}`", environment.name.wire),
    );
    if let Some(first) = lines.first_mut() {
        *first = words::sentence(first);
    }
    lines.extend([String::new(), words::code(&environment.url)]);
    let doc = words::lines(&lines);
    quote! {
        #doc
        pub fn #name(mut self) -> ClientBuilder {
            self.0.base(#url);
            self
        }
    }
}

/// The variables of all environments, once each.
pub(super) fn variables(api: &Api) -> Vec<&EnvironmentVariable> {
    let mut all: Vec<&EnvironmentVariable> = Vec::new();
    for var in api
        .environments
        .iter()
        .flat_map(|environment| &environment.vars)
    {
        if all.iter().all(|known| known.name != var.name) {
            all.push(var);
        }
    }
    all
}

fn emit_variable(var: &EnvironmentVariable) -> TokenStream {
    let (name, wire) = (format_ident!("{}", var.name.rust), &var.name.wire);
    let mut lines = words::paragraphs(&var.doc, &format!("`{wire}` of the base URL"));
    if let Some(first) = lines.first_mut() {
        let default = var
            .default
            .as_ref()
            .map(|default| format!(" {} unless said.", words::code(default)));
        *first = format!("{}{}", words::sentence(first), default.unwrap_or_default());
    }
    let doc = words::lines(&lines);
    quote! {
        #doc
        pub fn #name(mut self, #name: impl AsRef<str>) -> ClientBuilder {
            self.0.var(#wire, #name.as_ref());
            self
        }
    }
}

fn emit_param(param: &ClientParam) -> TokenStream {
    let (name, constant) = (
        format_ident!("{}", param.name.rust),
        format_ident!(
            "{}_PARAM",
            param.name.rust.trim_end_matches('_').to_ascii_uppercase()
        ),
    );
    let place = if param.in_header { "header" } else { "query" };
    let mut lines = words::paragraphs(
        &param.doc,
        &format!("Sends `{}` with each request", param.name.wire),
    );
    if let Some(first) = lines.first_mut() {
        *first = words::sentence(first);
    }
    lines.extend([
        String::new(),
        format!("In the {place} as {}.", words::code(&param.param)),
    ]);
    let doc = words::lines(&lines);
    let (ty, show) = match &param.ty {
        Ty::String => (quote! { impl AsRef<str> }, quote! { &#name.as_ref() }),
        other => (types::tokens(other), quote! { &#name }),
    };
    quote! {
        #doc
        pub fn #name(mut self, #name: #ty) -> ClientBuilder {
            self.0.param(&#constant, #show);
            self
        }
    }
}

enum Setting {
    Count(Number),
    Length(Number),
}

/// Numbers of limits that the caller may replace, by name, once each.
fn settings(api: &Api) -> Vec<(String, Setting)> {
    let mut all: Vec<(String, Setting)> = Vec::new();
    for bucket in &api.buckets {
        let Window::Of { max, per } = &bucket.window else {
            continue;
        };
        for (config, setting) in [
            (&max.config, Setting::Count(max.clone())),
            (&per.config, Setting::Length(per.clone())),
        ] {
            if let Some(name) = config
                .as_ref()
                .filter(|name| all.iter().all(|(known, _)| known != *name))
            {
                all.push((name.clone(), setting));
            }
        }
    }
    all
}

fn emit_setting(wire: &str, setting: &Setting) -> TokenStream {
    let name = format_ident!("{wire}");
    match setting {
        Setting::Count(number) => {
            let doc = words::line(&format!(
                "How many requests a window allows; {} unless said.",
                number.value
            ));
            quote! {
                #doc
                pub fn #name(mut self, #name: u32) -> ClientBuilder {
                    self.0.setting(#wire, #name);
                    self
                }
            }
        }
        Setting::Length(number) => {
            let doc = words::line(&format!(
                "How long a window is; {} unless said.",
                words::duration(number.value)
            ));
            quote! {
                #doc
                pub fn #name(mut self, #name: Duration) -> ClientBuilder {
                    self.0.setting(#wire, #name);
                    self
                }
            }
        }
    }
}

fn emit_fault(api: &Api) -> TokenStream {
    if api.cases.is_empty() {
        return TokenStream::new();
    }
    let variants = api.cases.iter().map(|case| {
        let variant = format_ident!("{}", case.name.rust);
        let code = case
            .code
            .as_ref()
            .map(|code| format!(" with the code {}", words::code(code)))
            .unwrap_or_default();
        let mut lines = words::paragraphs(&case.doc, &case.name.wire);
        if let Some(first) = lines.first_mut() {
            *first = format!("{}{code}: {}", case.status, words::sentence(first));
        }
        if let Some(details) = &case.details {
            let details = types::tokens(details);
            lines.extend([
                String::new(),
                format!("Its body reads as `{details}` with `Error::body_as`."),
            ]);
        }
        let doc = words::lines(&lines);
        quote! { #doc #variant, }
    });
    let entries = api.cases.iter().map(|case| {
        let variant = format_ident!("{}", case.name.rust);
        let status = Literal::u16_unsuffixed(case.status);
        let code = case.code.as_ref().map(|code| super::literal::wire(code));
        quote! { #variant = #status #code, }
    });
    quote! {
        /// Errors that the API names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault { #(#variants)* }
        runtime::faults! { Fault: #(#entries)* }
    }
}
