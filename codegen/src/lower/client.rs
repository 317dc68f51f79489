//! What a client is built with: environments, parameters given once, and credentials.
//! Assumes nothing but the written names and the catalogue. Must not read a variable of the
//! environment: its name is kept, and the generated client reads it.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, AuthKind, RequestPlace, Spanned};
use crate::model::{
    ClientParam, Credential, CredentialKind, Environment, EnvironmentVariable, Name, Ty,
};
use crate::names;

use super::catalogue::{Catalogue, Expr, Mode};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::Taken;
use super::words;

pub(super) fn lower_environments(api: &document::Api) -> Vec<Environment> {
    let lower = |(name, environment): &(Spanned<String>, document::Environment)| Environment {
        name: setter(name),
        url: environment.url.value.trim_end_matches('/').to_owned(),
        vars: environment
            .vars
            .iter()
            .map(|(name, variable)| EnvironmentVariable {
                name: setter(name),
                default: variable
                    .default
                    .as_ref()
                    .map(|default| default.value.clone()),
                doc: words::text(variable.doc.as_ref()),
            })
            .collect(),
        doc: words::text(environment.doc.as_ref()),
        origin: words::origin(&name.place),
    };
    api.environments.value.iter().map(lower).collect()
}

/// A method of the client's builder.
pub(super) fn setter(name: &Spanned<String>) -> Name {
    let rust = names::method_name(&name.value);
    let rust = if names::is_client_function(&rust) {
        rust + "_"
    } else {
        rust
    };
    Name {
        wire: name.value.clone(),
        rust,
    }
}

pub(super) fn lower_params(
    api: &document::Api,
    conventions: &Conventions,
    types: &mut Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<ClientParam> {
    let mut params = Vec::with_capacity(api.client.len());
    for (name, written) in &api.client {
        let (in_header, param) = match &written.at.value {
            RequestPlace::Header(header) => (true, header.to_ascii_lowercase()),
            RequestPlace::Query(param) => (false, param.clone()),
            RequestPlace::Body(_) => {
                let message =
                    "a parameter of the client cannot stand in bodies, which not every call has";
                let help = "write `{header: X-…}` or `{query: …}`";
                diagnostics.push(Diagnostic::new("E056", &written.at.place, message).help(help));
                continue;
            }
        };
        let scalars = Scalars::usual(conventions.style.datetime);
        let expr = expressions::resolve(types, &written.r#type, &scalars, diagnostics);
        let ty = match expr {
            // A placeholder that no later check complains about.
            Expr::Broken => Ty::String,
            expr => types.require(&expr, Mode::New, None),
        };
        let doc = words::text(written.doc.as_ref());
        params.push(ClientParam {
            name: setter(name),
            ty,
            in_header,
            param,
            doc,
            origin: words::origin(&name.place),
        });
    }
    params
}

pub(super) fn lower_credentials(
    api: &document::Api,
    diagnostics: &mut Diagnostics,
) -> Vec<Credential> {
    let lower = |(name, auth): &(Spanned<String>, document::Auth)| Credential {
        name: setter(name),
        constant: names::constant_name(&name.value),
        kind: credential_kind(name, auth, diagnostics),
        env: auth.env.as_ref().map(|env| env.value.clone()),
        doc: words::text(auth.doc.as_ref()),
        origin: words::origin(&name.place),
    };
    api.auth.iter().map(lower).collect()
}

fn credential_kind(
    name: &Spanned<String>,
    auth: &document::Auth,
    diagnostics: &mut Diagnostics,
) -> CredentialKind {
    check_credential_keys(auth, diagnostics);
    let mut missing = |key: &str| {
        let message = format!("the credential `{}` does not say its `{key}`", name.value);
        diagnostics
            .push(Diagnostic::new("E060", &name.place, message).help(format!("add `{key}: …`")));
        // A placeholder that no check complains about.
        "missing".to_owned()
    };
    let prefix = auth.prefix.as_ref().map(|prefix| prefix.value.clone());
    match auth.kind.value {
        AuthKind::Bearer => CredentialKind::Bearer {
            prefix: prefix.unwrap_or_else(|| "Bearer ".to_owned()),
        },
        AuthKind::Basic => CredentialKind::Basic {
            user_only: auth.user_only.as_ref().is_some_and(|said| said.value),
        },
        AuthKind::Header => {
            let header = auth
                .header
                .as_ref()
                .map(|header| header.value.0.to_ascii_lowercase());
            let header = header.unwrap_or_else(|| missing("header"));
            CredentialKind::Header {
                header,
                prefix: prefix.unwrap_or_default(),
            }
        }
        AuthKind::Query => {
            let param = auth.param.as_ref().map(|param| param.value.clone());
            CredentialKind::Query {
                param: param.unwrap_or_else(|| missing("param")),
            }
        }
    }
}

fn check_credential_keys(auth: &document::Auth, diagnostics: &mut Diagnostics) {
    let kind = auth.kind.value;
    let allowed: &[&str] = match kind {
        AuthKind::Bearer => &["prefix"],
        AuthKind::Basic => &["user_only"],
        AuthKind::Header => &["header", "prefix"],
        AuthKind::Query => &["param"],
    };
    let said = [
        ("header", auth.header.as_ref().map(|said| &said.place)),
        ("param", auth.param.as_ref().map(|said| &said.place)),
        ("prefix", auth.prefix.as_ref().map(|said| &said.place)),
        ("user_only", auth.user_only.as_ref().map(|said| &said.place)),
    ];
    for (key, place) in said {
        let Some(place) = place.filter(|_| !allowed.contains(&key)) else {
            continue;
        };
        let word = AuthKind::WORDS[kind as usize];
        let message = format!("a credential of the kind `{word}` has no `{key}`");
        diagnostics.push(
            Diagnostic::new("E060", place, message)
                .help(format!("remove `{key}`, or change `kind`")),
        );
    }
}

/// Everything that the builder has a method for shares one set of names, and so do the variables of
/// one environment.
pub(super) fn check_setters(api: &document::Api, diagnostics: &mut Diagnostics) {
    const HELP: &str = "give one of them another name";
    let mut taken = Taken::default();
    let mut take = |name: &Spanned<String>, what: &str, diagnostics: &mut Diagnostics| {
        let what = format!("{what} `{}`", name.value);
        taken.take_or(&setter(name).rust, &name.place, &what, HELP, diagnostics);
    };
    for (name, _) in &api.auth {
        take(name, "the credential", diagnostics);
    }
    for (name, _) in &api.client {
        take(name, "the client's parameter", diagnostics);
    }
    for (name, environment) in &api.environments.value {
        take(name, "the environment", diagnostics);
        let mut variables = Taken::default();
        for (name, _) in &environment.vars {
            let what = format!("the variable `{}`", name.value);
            variables.take_or(&setter(name).rust, &name.place, &what, HELP, diagnostics);
        }
    }
    let mut configs: Vec<&Spanned<String>> = Vec::new();
    for config in list_configs(api) {
        // One setter may stand for the same number of several buckets.
        if !configs.iter().any(|known| known.value == config.value) {
            configs.push(config);
            take(config, "the setter", diagnostics);
        }
    }
}

fn list_configs(api: &document::Api) -> Vec<&Spanned<String>> {
    let buckets = api.limits.iter().flat_map(|limits| &limits.buckets);
    let mut found = Vec::new();
    for (_, bucket) in buckets {
        if let document::Window::Counted { max, per } = &bucket.window.value {
            found.extend(max.config.as_ref().into_iter().chain(&per.config));
        }
    }
    found
}
