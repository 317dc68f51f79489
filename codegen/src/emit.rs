//! Emission: the model becomes the files of the generated crate. It cannot fail.
//!
//! Each child emits one noun. Emitters print what the model says; what they would have to decide
//! belongs into lowering, what they could not print belongs into the checks.

mod behaviour;
mod bodies;
mod calls;
mod choices;
mod client;
mod credentials;
mod docs;
mod filters;
mod imports;
mod limits;
mod literal;
mod makers;
mod manifest;
mod many;
mod masks;
mod methods;
mod mock;
mod models;
mod modules;
mod pace;
mod pages;
mod params;
mod policies;
mod replacements;
mod scenarios;
mod sensitive;
mod types;
mod webhooks;
mod words;
mod writes;

use crate::format::format;
use crate::model;
use proc_macro2::TokenStream;

/// A file that is still to be written, by its path; each is written for itself, whatever the others hold.
pub(crate) type Unwritten<'a> = (String, Box<dyn Fn() -> String + Send + Sync + 'a>);

/// What makes the tokens of a file.
type Tokens<'a> = Box<dyn Fn() -> TokenStream + Send + Sync + 'a>;

/// All files of the generated crate.
pub(crate) fn emit(apis: &[model::Api]) -> Vec<Unwritten<'_>> {
    let library = || format("schema/", modules::library(apis));
    let scenarios = || format("schema/", modules::all_scenarios(apis));
    let mut files: Vec<Unwritten<'_>> = vec![
        ("Cargo.toml".to_owned(), Box::new(|| manifest::emit(apis))),
        ("README.md".to_owned(), Box::new(|| docs::readme(apis))),
        ("src/lib.rs".to_owned(), Box::new(library)),
        ("src/scenarios.rs".to_owned(), Box::new(scenarios)),
    ];
    for api in apis {
        plan_api(api, &mut files);
    }
    files
}

fn plan_api<'a>(api: &'a model::Api, files: &mut Vec<Unwritten<'a>>) {
    let name = &api.name;
    files.push((format!("docs/{name}.md"), Box::new(|| docs::api(api))));
    let mut plan = |path: String, tokens: Tokens<'a>| {
        files.push((path, Box::new(move || format(&api.schema, tokens()))));
    };
    plan(format!("src/{name}.rs"), Box::new(|| modules::api(api)));
    let home = model::Home::Types;
    if types::lives_in(api, &home).next().is_some() {
        let path = format!("src/{name}/types.rs");
        plan(path, Box::new(|| modules::types(api)));
    }
    let path = format!("src/{name}/scenarios.rs");
    plan(path, Box::new(|| modules::scenarios(api)));
    plan(format!("src/{name}/mock.rs"), Box::new(|| mock::emit(api)));
    if webhooks::has_any(api) {
        let path = format!("src/{name}/webhooks.rs");
        plan(path, Box::new(|| webhooks::emit(api)));
    }
    for resource in modules::all_resources(api) {
        let path = format!("src/{name}/{}.rs", resource.module);
        plan(path, Box::new(move || modules::resource(api, resource)));
    }
}
