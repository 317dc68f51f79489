//! Who a request comes from: a token, a plugin, or a client of public resources.
//!
//! Here stand the tokens that the authorization server has given out; the one that the stand-in
//! was set to is always good.

use http::request::Parts;
use http::{HeaderMap, header};

use super::last_values;
use super::store::Store;
use crate::ledger::token;
use crate::query;

pub(super) const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
const CODE_LIVES: i64 = 30 * SECOND;

pub(super) enum Sent {
    Nothing,
    Token(String),
    /// More than one credential (RFC 6750, section 2), or something else than a bearer token.
    Nonsense,
}

pub(super) fn token_of(head: &Parts) -> Sent {
    let pairs = query::pairs(head.uri.query()).unwrap_or_default();
    let mut in_query = pairs.into_iter().filter(|(name, _)| name == "access_token");
    let in_header = head.headers.contains_key(header::AUTHORIZATION);
    match (in_query.next(), in_query.next(), in_header) {
        (None, _, false) => Sent::Nothing,
        (None, _, true) => match token(&head.headers, "bearer") {
            Some(token) => Sent::Token(token.to_owned()),
            None => Sent::Nonsense,
        },
        (Some((_, token)), None, false) => Sent::Token(token),
        _ => Sent::Nonsense,
    }
}

/// The client that asks for something public. Only the templates are.
pub(super) fn client_of_public(head: &Parts) -> Option<String> {
    let path = head.uri.path().trim_start_matches("/v1/");
    let public = path.split(['/', '.']).next() == Some("app_templates");
    let pairs = query::pairs(head.uri.query()).filter(|_| public && head.method.is_safe())?;
    last_values(pairs).remove("client_id")
}

/// The plugin that a request is made for: at the API it says so in a header, which is chosen here;
/// at the plugins' own origin it stands in the path behind the workspace.
pub(super) fn plugin_of(at_api: bool, head: &Parts) -> Option<String> {
    let found = if at_api {
        plugin_header(&head.headers)
    } else {
        head.uri
            .path()
            .split('/')
            .nth(3)
            .filter(|name| !name.is_empty())
    };
    found.map(str::to_owned)
}

fn plugin_header(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-plugin").and_then(|name| name.to_str().ok())
}

/// What the authorization server has given out.
#[derive(Default)]
pub(super) struct Grants {
    /// Codes with their ends, of one use.
    codes: Vec<(String, i64)>,
    /// Tokens with their ends.
    tokens: Vec<(String, i64)>,
    refresh_tokens: Vec<String>,
    /// The API keys that users have made, which are ids of clients too.
    pub(super) client_keys: Vec<String>,
    made: u64,
}

/// An access token of the server flow, with its refresh token.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Store {
    pub(super) fn knows_token(&self, token: &str) -> bool {
        let now = self.now();
        let mut known = self.grants.tokens.iter();
        known.any(|(known, ends)| known == token && now < *ends)
    }

    pub(super) fn knows_client(&self, id: &str) -> bool {
        id == self.config.client_id || self.grants.client_keys.iter().any(|key| key == id)
    }

    pub(super) fn make_code(&mut self) -> String {
        let code = self.make_secret("code");
        let ends = self.now() + CODE_LIVES;
        self.grants.codes.push((code.clone(), ends));
        code
    }

    /// A code is gone with its first use, even one that comes too late.
    pub(super) fn use_code(&mut self, code: &str) -> Option<Pair> {
        let place = self
            .grants
            .codes
            .iter()
            .position(|(known, _)| known == code)?;
        let (_, ends) = self.grants.codes.remove(place);
        (self.now() < ends).then(|| {
            let refresh = self.make_refresh_token();
            self.make_pair(refresh)
        })
    }

    pub(super) fn use_refresh_token(&mut self, token: &str) -> Option<Pair> {
        let place = self
            .grants
            .refresh_tokens
            .iter()
            .position(|known| known == token)?;
        let refresh = if self.config.rotates_refresh_tokens {
            self.grants.refresh_tokens.remove(place);
            self.make_refresh_token()
        } else {
            token.to_owned()
        };
        Some(self.make_pair(refresh))
    }

    /// The token of the client flow, without a refresh token.
    pub(super) fn make_short_token(&mut self) -> String {
        self.make_token(HOUR)
    }

    fn make_pair(&mut self, refresh: String) -> Pair {
        let access = self.make_token(24 * HOUR);
        Pair { access, refresh }
    }

    fn make_token(&mut self, lives: i64) -> String {
        let token = self.make_secret("token");
        let ends = self.now() + lives;
        self.grants.tokens.push((token.clone(), ends));
        token
    }

    fn make_refresh_token(&mut self) -> String {
        let token = self.make_secret("refresh");
        self.grants.refresh_tokens.push(token.clone());
        token
    }

    /// Not to be guessed by a client, yet the same each time for a test.
    pub(super) fn make_secret(&mut self, what: &str) -> String {
        self.grants.made += 1;
        let made = self.grants.made;
        let seed = format!("zengine {what} {made}");
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{what}-{made}-{hash:016x}")
    }
}
