//! Every text of a description that a person may have pasted something into.
//!
//! What is missing here is not looked through, so each struct with words in it has its lines.

use std::borrow::Cow;

use crate::model::{
    Api, Content, CredentialKind, Doc, Field, Method, Origin, Proof, Resource, Scenario,
    TokenPlace, Type, TypeKind,
};

/// A text, what it is, and the entry that it belongs to.
pub(super) struct Text<'a> {
    pub(super) origin: &'a Origin,
    pub(super) what: &'static str,
    pub(super) text: Cow<'a, str>,
}

/// All of them.
pub(super) fn of(api: &Api) -> Vec<Text<'_>> {
    let mut texts = Texts(Vec::new());
    texts.add_api(api);
    texts.add_client(api);
    texts.add_policies(api);
    texts.add_webhooks(api);
    texts.add_scenarios(api);
    for resource in &api.resources {
        texts.add_resource(resource);
    }
    for described in &api.types {
        texts.add_type(described);
    }
    texts.0
}

struct Texts<'a>(Vec<Text<'a>>);

impl<'a> Texts<'a> {
    fn add(&mut self, origin: &'a Origin, what: &'static str, text: &'a str) {
        let text = Cow::Borrowed(text);
        self.0.push(Text { origin, what, text });
    }

    fn add_some(&mut self, origin: &'a Origin, what: &'static str, text: Option<&'a String>) {
        text.into_iter()
            .for_each(|text| self.add(origin, what, text));
    }

    /// A value beside its name, which may say that it is a secret.
    fn add_pair(
        &mut self,
        origin: &'a Origin,
        what: &'static str,
        (name, value): &(String, String),
    ) {
        let text = Cow::Owned(format!("{name}: {value}"));
        self.0.push(Text { origin, what, text });
    }

    fn add_doc(&mut self, origin: &'a Origin, what: &'static str, doc: &'a Doc) {
        let Doc {
            text,
            trust: _,
            source,
            deprecated,
        } = doc;
        self.add(origin, what, text);
        self.add_some(origin, "a `source`", source.as_ref());
        self.add_some(origin, "a `deprecated`", deprecated.as_ref());
    }

    fn add_api(&mut self, api: &'a Api) {
        self.add(&api.origin, "the title", &api.title);
        self.add_doc(&api.origin, "the `doc` of the API", &api.doc);
        for note in &api.notes {
            self.add_doc(&api.origin, "a note of the API", &note.doc);
        }
        for (_, _, reason) in &api.allowed {
            self.add(&api.origin, "the reason of an `allow`", reason);
        }
    }

    fn add_client(&mut self, api: &'a Api) {
        for environment in &api.environments {
            let origin = &environment.origin;
            self.add(origin, "the url", &environment.url);
            self.add_doc(origin, "the `doc`", &environment.doc);
            for variable in &environment.vars {
                self.add_doc(origin, "the `doc` of a variable", &variable.doc);
                self.add_some(
                    origin,
                    "the default of a variable",
                    variable.default.as_ref(),
                );
            }
        }
        for param in &api.client {
            self.add_doc(&param.origin, "the `doc`", &param.doc);
        }
        for credential in &api.credentials {
            let origin = &credential.origin;
            self.add_doc(origin, "the `doc`", &credential.doc);
            self.add_some(origin, "`env`", credential.env.as_ref());
            match &credential.kind {
                CredentialKind::Bearer { prefix } | CredentialKind::Header { prefix, .. } => {
                    self.add(origin, "the prefix", prefix);
                }
                CredentialKind::Basic { .. } | CredentialKind::Query { .. } => {}
                CredentialKind::OAuth2(oauth2) => {
                    self.add(origin, "the token url", &oauth2.token_url);
                    if let TokenPlace::Header { prefix, .. } = &oauth2.token {
                        self.add(origin, "the prefix", prefix);
                    }
                    if let Some(authorize) = &oauth2.authorize {
                        self.add(origin, "the authorize url", &authorize.url);
                    }
                    for scope in &oauth2.scopes {
                        self.add(origin, "a scope", scope);
                    }
                }
            }
        }
    }

    fn add_policies(&mut self, api: &'a Api) {
        for bucket in &api.buckets {
            self.add_doc(&bucket.origin, "the `doc`", &bucket.doc);
        }
        if let Some(refusal) = &api.refusal {
            for doc in [
                &refusal.processed_doc,
                &refusal.hold_doc,
                &refusal.max_wait.doc,
            ] {
                self.add_doc(&refusal.origin, "the refusal", doc);
            }
            for pair in &refusal.headers {
                self.add_pair(&refusal.origin, "a header's value", pair);
            }
            for code in &refusal.codes {
                self.add(&refusal.origin, "a code", code);
            }
        }
        if let Some(reference) = &api.errors.reference {
            self.add(
                &reference.origin,
                "the words before a reference",
                &reference.after,
            );
        }
        for policy in &api.retries {
            self.add_doc(&policy.origin, "the `doc`", &policy.doc);
        }
        for policy in &api.pages {
            self.add_doc(&policy.origin, "the `doc`", &policy.doc);
        }
        for case in &api.cases {
            self.add_doc(&case.origin, "the `doc`", &case.doc);
        }
    }

    fn add_webhooks(&mut self, api: &'a Api) {
        for webhook in &api.webhooks {
            let origin = &webhook.origin;
            self.add_doc(origin, "the `doc`", &webhook.doc);
            self.add_some(origin, "`env`", webhook.env.as_ref());
            match &webhook.proof {
                Proof::HmacSha256 { prefix, .. } => self.add(origin, "the prefix", prefix),
                Proof::SharedSecret => {}
            }
            if let Content::Events { events, .. } = &webhook.content {
                for event in events {
                    self.add(origin, "an event", &event.name.wire);
                }
            }
        }
    }

    fn add_scenarios(&mut self, api: &'a Api) {
        for scenario in &api.scenarios {
            // Those that follow from the policies hold nothing that nobody wrote.
            if let Some(origin) = &scenario.origin {
                self.add_scenario(origin, scenario);
            }
        }
    }

    fn add_scenario(&mut self, origin: &'a Origin, scenario: &'a Scenario) {
        let call = &scenario.call;
        self.add(origin, "the name of a scenario", &scenario.name);
        for pair in &scenario.client {
            self.add_pair(origin, "a parameter of a scenario's client", pair);
        }
        for value in &call.keys {
            self.add(origin, "a key of a scenario's call", value);
        }
        for pair in call.query.iter().chain(&call.headers) {
            self.add_pair(origin, "an argument of a scenario's call", pair);
        }
        for text in [&call.cursor, &call.version, &call.body] {
            self.add_some(origin, "a scenario's call", text.as_ref());
        }
        for reply in &scenario.replies {
            let expect = &reply.expect;
            for pair in reply
                .headers
                .iter()
                .chain(&expect.headers)
                .chain(&expect.query)
            {
                self.add_pair(origin, "a reply of a scenario", pair);
            }
            for text in [&reply.json, &reply.text, &expect.path, &expect.body] {
                self.add_some(origin, "a reply of a scenario", text.as_ref());
            }
        }
    }

    fn add_resource(&mut self, resource: &'a Resource) {
        self.add_doc(&resource.origin, "the `doc`", &resource.doc);
        for note in &resource.notes {
            self.add_doc(&resource.origin, "a note", &note.doc);
        }
        for method in &resource.methods {
            self.add_method(method);
        }
        for child in &resource.children {
            self.add_resource(child);
        }
    }

    fn add_method(&mut self, method: &'a Method) {
        self.add_doc(&method.origin, "the `doc`", &method.doc);
        self.add(&method.origin, "the path", &method.path);
        for argument in &method.arguments {
            self.add_doc(&method.origin, "the `doc` of a parameter", &argument.doc);
        }
        for pair in method.headers.iter().chain(&method.query) {
            self.add_pair(&method.origin, "a constant parameter", pair);
        }
    }

    fn add_type(&mut self, described: &'a Type) {
        self.add_doc(&described.origin, "the `doc`", &described.doc);
        match &described.kind {
            TypeKind::Object(object) => {
                for field in &object.fields {
                    self.add_field(field);
                }
            }
            TypeKind::Enum(words) => {
                for value in &words.values {
                    self.add(&value.origin, "the value", &value.name.wire);
                    self.add_doc(&value.origin, "the `doc`", &value.doc);
                }
            }
            TypeKind::Alias(alias) => {
                self.add_some(&described.origin, "the example", alias.example.as_ref());
            }
            TypeKind::Union(_) => {}
        }
    }

    fn add_field(&mut self, field: &'a Field) {
        let origin = &field.origin;
        self.add_doc(origin, "the `doc`", &field.doc);
        self.add_some(origin, "the default", field.default.as_ref());
        self.add_some(origin, "the example", field.example.as_ref());
        self.add_some(origin, "the constant", field.constant.as_ref());
        self.add_some(origin, "`null_is`", field.null_is.as_ref());
    }
}
