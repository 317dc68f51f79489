//! What a client is built with: environments, parameters given once, and the names of all setters.
//! Assumes nothing but the written names and the catalogue. Must not judge urls, which the checks do.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, RequestPlace, Spanned};
use crate::model::{ClientParam, Environment, EnvironmentVariable, Name, Ty};
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
