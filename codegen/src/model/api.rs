//! An API: its environments, credentials, client parameters, policies, types and resources.
//!
//! Vectors keep file order where it means something and are sorted by name otherwise.

use super::method::{BoolStyle, ListStyle};
use super::{
    Bucket, Case, Charge, Concurrency, Doc, Errors, Format, Hint, IdempotencyKey, Lock, Method,
    Name, Origin, Paging, Refusal, Retry, Scenario, Ty, Type, Webhook,
};

/// One API: one module and one feature of the generated crate.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// `hive`: module, feature, folder.
    pub name: String,
    /// `Hive Merchant API`.
    pub title: String,
    /// `v1`.
    pub version: Option<String>,
    /// Words.
    pub doc: Doc,
    /// `schema/users.yaml` or `schema/hive/`.
    pub schema: String,
    /// The first is the default.
    pub environments: Vec<Environment>,
    /// Given once to the builder.
    pub client: Vec<ClientParam>,
    /// In file order.
    pub credentials: Vec<Credential>,
    /// OR of ANDs for most methods, indices into `credentials`.
    pub security: Vec<Vec<usize>>,
    /// How values look unless said otherwise.
    pub wire: WireStyle,
    /// In file order.
    pub buckets: Vec<Bucket>,
    /// What a refusal is.
    pub refusal: Option<Refusal>,
    /// How many requests may be on their way at once.
    pub concurrency: Option<Concurrency>,
    /// In file order.
    pub hints: Vec<Hint>,
    /// In file order.
    pub retries: Vec<Retry>,
    /// In file order.
    pub pages: Vec<Paging>,
    /// In file order.
    pub locks: Vec<Lock>,
    /// In the order in which methods need them.
    pub keys: Vec<IdempotencyKey>,
    /// How errors are read.
    pub errors: Errors,
    /// Sorted by status, then name.
    pub cases: Vec<Case>,
    /// What most methods share; the row of an operation says only what differs.
    pub common: Common,
    /// In file order.
    pub types: Vec<Type>,
    /// In file order.
    pub resources: Vec<Resource>,
    /// In file order.
    pub webhooks: Vec<Webhook>,
    /// Facts and open questions.
    pub notes: Vec<Note>,
    /// Those that are described, and then those that follow from the policies.
    pub scenarios: Vec<Scenario>,
    /// Findings that the description allows: code, path, reason.
    pub allowed: Vec<(String, String, String)>,
    /// Where it is described.
    pub origin: Origin,
}

/// What most methods of an API share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// What a call costs.
    pub charges: Vec<Charge>,
    /// Index into `Api::retries`.
    pub retry: Option<usize>,
    /// One attempt, in milliseconds.
    pub timeout_ms: u64,
    /// OR of ANDs, indices into `Api::credentials`.
    pub security: Vec<Vec<usize>>,
}

/// A base URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Described name and builder method.
    pub name: Name,
    /// `https://api.example.com/v1`, no trailing slash; `{name}` stands for a variable.
    pub url: String,
    /// Its variables.
    pub vars: Vec<EnvironmentVariable>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// A variable of a base URL.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentVariable {
    /// Described name and builder method.
    pub name: Name,
    /// Used when the builder says nothing.
    pub default: Option<String>,
    /// Words.
    pub doc: Doc,
}

/// A parameter of the client, sent with each request.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientParam {
    /// Described name and builder method.
    pub name: Name,
    /// A scalar.
    pub ty: Ty,
    /// `true`: a header, otherwise the query.
    pub in_header: bool,
    /// The header's or parameter's name.
    pub param: String,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// Described name and builder method; the constant is its upper-case form.
    pub name: Name,
    /// `KEY`.
    pub constant: String,
    /// Which kind.
    pub kind: CredentialKind,
    /// The environment variable.
    pub env: Option<String>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// Kinds of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `Authorization: Bearer …`; the prefix is verbatim, `Bearer ` by default.
    Bearer {
        /// With its trailing blank.
        prefix: String,
    },
    /// `Authorization: Basic …`; `user_only`: no password.
    Basic {
        /// The password is empty.
        user_only: bool,
    },
    /// A header of its own.
    Header {
        /// Lower case.
        header: String,
        /// Verbatim before the value.
        prefix: String,
    },
    /// A query parameter.
    Query {
        /// Its name.
        param: String,
    },
    /// A token that is got first (RFC 6749).
    OAuth2(Box<OAuth2>),
}

/// How a token is got and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// By which grant.
    pub grant: Grant,
    /// The token endpoint.
    pub token_url: String,
    /// `true`: asked with GET, otherwise with POST.
    pub by_get: bool,
    /// `true`: the parameters travel as a form, otherwise in the query.
    pub as_form: bool,
    /// `true`: the client proves itself by HTTP basic, otherwise among the parameters.
    pub by_basic: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where the token travels.
    pub token: TokenPlace,
    /// Where a person lets an application in.
    pub authorize: Option<Authorize>,
}

/// A login page, and what may come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorize {
    /// What begins such a login in Rust, `SessionLogin`.
    pub rust: String,
    /// The authorization endpoint.
    pub url: String,
    /// A code is bound to who asked for it (RFC 7636).
    pub pkce: bool,
    /// It may give a token without a code (RFC 6749, section 4.2).
    pub implicit: bool,
}

/// What a token is got for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The client's own id and secret (RFC 6749, section 4.4).
    ClientCredentials,
    /// A refresh token (RFC 6749, section 6).
    RefreshToken,
}

/// Where a token travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// A header.
    Header {
        /// Lower case.
        header: String,
        /// Verbatim before the token.
        prefix: String,
    },
    /// A query parameter.
    Query {
        /// Its name.
        param: String,
    },
}

/// How values look unless a field or parameter says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct WireStyle {
    /// Several values of a parameter.
    pub arrays: ListStyle,
    /// A `bool` outside of JSON.
    pub bools: BoolStyle,
    /// A `datetime` as written.
    pub datetime: Format,
}

/// A resource: a handle with methods and children.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Described name and accessor, `users`.
    pub name: Name,
    /// The handle, `Users`.
    pub handle: String,
    /// The module and file, `users`; the parent's in front for a child whose own name is taken.
    pub module: String,
    /// The accessor's arguments: keys of the parents' items, outermost first. The handle keeps them.
    pub parent_keys: Vec<super::Argument>,
    /// Words.
    pub doc: Doc,
    /// In file order.
    pub methods: Vec<Method>,
    /// In file order.
    pub children: Vec<Resource>,
    /// Facts and open questions.
    pub notes: Vec<Note>,
    /// Where it is described.
    pub origin: Origin,
}

/// A fact or an open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Words, with how sure they are.
    pub doc: Doc,
}
