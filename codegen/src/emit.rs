//! Emission: the model becomes the files of the generated crate. It cannot fail.
//!
//! Each child emits one noun. Emitters print what the model says; what they would have to decide
//! belongs into lowering, what they could not print belongs into the checks.

mod behaviour;
mod calls;
mod choices;
mod client;
mod credentials;
mod docs;
mod imports;
mod limits;
mod literal;
mod manifest;
mod methods;
mod models;
mod modules;
mod pace;
mod pages;
mod params;
mod policies;
mod replacements;
mod sensitive;
mod types;
mod words;
mod writes;

use crate::files::Files;
use crate::format::format;
use crate::model;

/// All files of the generated crate.
pub(crate) fn emit(apis: &[model::Api]) -> Files {
    let mut files = Files::default();
    files.add("Cargo.toml", manifest::emit(apis));
    files.add("README.md", docs::readme(apis));
    files.add("src/lib.rs", format("schema/", &modules::library(apis)));
    for api in apis {
        emit_api(api, &mut files);
    }
    files
}

fn emit_api(api: &model::Api, files: &mut Files) {
    let name = &api.name;
    files.add(format!("docs/{name}.md"), docs::api(api));
    files.add(
        format!("src/{name}.rs"),
        format(&api.schema, &modules::api(api)),
    );
    let home = model::Home::Types;
    if types::lives_in(api, &home).next().is_some() {
        let tokens = modules::types(api);
        files.add(format!("src/{name}/types.rs"), format(&api.schema, &tokens));
    }
    for resource in modules::all_resources(api) {
        let tokens = modules::resource(api, resource);
        files.add(
            format!("src/{name}/{}.rs", resource.module),
            format(&api.schema, &tokens),
        );
    }
}
