//! Logins of people: the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636), and the implicit one (§4.2).
//!
//! A login makes a URL for a browser and judges what the browser brings back. It sends nothing itself: the code goes
//! into an `OAuthClient`, whose first renewal exchanges it. The state counts once, because `finish` takes the login.

use std::fmt;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::endpoint::form;
use super::redirect::{Redirect, bad};
use super::{Code, OAuthClient};
use crate::auth::source::fault_of;
use crate::auth::{CredentialValue, sign};
use crate::client::origin::Origin;
use crate::compare::Expected;
use crate::error::{Error, Kind, Result};
use crate::operation::{Authorize, Credential, CredentialKind, OAuth2};
use crate::value;

/// What a browser is sent with, but for the state.
struct Begin {
    url: String,
    client: String,
    redirect: String,
    scope: String,
    state: SecretString,
}

impl Begin {
    fn new(authorize: &Authorize, client: &str, redirect: &str, scope: String) -> Result<Begin> {
        let begin = Begin {
            url: authorize.url.to_owned(),
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            scope,
            state: random()?,
        };
        let refuse = |text: &str| Err(Error::new(Kind::Parameter, format!("a login: {text}")));
        if let Some(fault) = fault_of(&client.into()) {
            return refuse(&format!("the client id {fault}"));
        }
        // RFC 6749 §3.1.2: absolute, without a fragment. An application of a device may have a scheme of its own.
        let has_scheme = redirect
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty());
        if fault_of(&redirect.into()).is_some() || redirect.contains(['#', ' ']) || !has_scheme {
            return refuse("the redirect is no absolute URL without a fragment");
        }
        begin.checked()
    }

    /// As for a token endpoint: what a person types there is their password.
    fn checked(self) -> Result<Begin> {
        let bare = self.url.split('?').next().unwrap_or_default();
        let refuse = |text: String| Error::new(Kind::Parameter, format!("the login page: {text}"));
        Origin::new(bare).map_err(|error| refuse(error.to_string()))?;
        if self.url.contains('#') {
            return Err(refuse("it has a fragment".to_owned()));
        }
        Ok(self)
    }

    fn url(&self, response_type: &str, challenge: Option<&str>) -> String {
        let mut pairs = vec![
            ("response_type", response_type),
            ("client_id", &self.client),
            ("redirect_uri", &self.redirect),
        ];
        if !self.scope.is_empty() {
            pairs.push(("scope", &self.scope));
        }
        pairs.push(("state", self.state.expose_secret()));
        if let Some(challenge) = challenge {
            pairs.push(("code_challenge", challenge));
            pairs.push(("code_challenge_method", "S256"));
        }
        let mut url = self.url.clone();
        let mut mark = if url.contains('?') { '&' } else { '?' };
        for (name, value) in pairs {
            url.push(mark);
            url.push_str(&format!("{name}={}", form(value)));
            mark = '&';
        }
        url
    }

    fn expected(&self) -> Expected {
        Expected::new(self.state.expose_secret().as_bytes())
    }
}

/// A login that was begun: a person is sent to [`url`](Login::url), and what their browser brings back ends it.
///
/// It belongs to one browser: whoever serves several keeps each login in the session of its browser, and takes it out
/// there when the redirect comes, so that a link that somebody else made leads nowhere.
pub struct Login {
    begin: Begin,
    pkce: bool,
    verifier: SecretString,
    client: OAuthClient,
}

impl Login {
    /// Begins a login of this credential.
    ///
    /// # Errors
    ///
    /// The redirect or the client's id cannot be sent, or the machine has no randomness.
    #[doc(hidden)]
    pub fn new(
        credential: &'static Credential,
        authorize: &'static Authorize,
        client: &OAuthClient,
        redirect: &str,
    ) -> Result<Login> {
        let scope = match &client.scopes {
            Some(scopes) => scopes.join(" "),
            None => described_scope(credential),
        };
        Ok(Login {
            begin: Begin::new(authorize, &client.id, redirect, scope)?,
            pkce: authorize.pkce,
            // 32 random bytes are 43 characters, as RFC 7636 §4.1 wants.
            verifier: random()?,
            client: client.clone(),
        })
    }

    /// Sends people to another login page than the described one: `https`, or `http` on this machine.
    ///
    /// # Errors
    ///
    /// It is no such URL.
    pub fn with_authorize_url(mut self, url: impl Into<String>) -> Result<Login> {
        self.begin.url = url.into();
        self.begin = self.begin.checked()?;
        Ok(self)
    }

    /// Where the person is sent. It bears the state, so it is for their browser alone.
    #[must_use]
    pub fn url(&self) -> String {
        // RFC 7636 §4.2.
        let challenge = self.pkce.then(|| {
            let hash = digest(&SHA256, self.verifier.expose_secret().as_bytes());
            url_digits(hash.as_ref())
        });
        self.begin.url("code", challenge.as_deref())
    }

    /// The secrets of this login as a text, for the browser's session at the server, where another process may finish
    /// it. Each text is used once: it is deleted there before [`finish`](Login::finish).
    #[must_use]
    pub fn to_json(&self) -> value::SecretString {
        let (state, verifier) = (
            self.begin.state.expose_secret(),
            self.verifier.expose_secret(),
        );
        let json = json!({ "state": state, "verifier": verifier });
        json.to_string().into()
    }

    /// Goes on with the login whose text this is, begun elsewhere with the same client and redirect.
    ///
    /// # Errors
    ///
    /// The text is something else. The error does not repeat it.
    pub fn resumed(mut self, text: &str) -> Result<Login> {
        let bad = || Error::new(Kind::Auth, "what was kept of a login is none");
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(bad());
        };
        let secret = |name: &str| {
            let text = members.get(name).and_then(Value::as_str)?;
            (text.len() == 43).then(|| SecretString::from(text))
        };
        self.begin.state = secret("state").ok_or_else(bad)?;
        self.verifier = secret("verifier").ok_or_else(bad)?;
        Ok(self)
    }

    /// Takes what the browser was sent back with: the URL, or its path and query as a server sees them. The client that
    /// comes of it gets its tokens with the first call, or with `log_in`, which is soon: codes live for seconds.
    ///
    /// # Errors
    ///
    /// [`Kind::Auth`]: the redirect is of another login, the person or the server refused, or there is no code. Whatever
    /// it is, a new login has to be begun.
    pub fn finish(self, redirected: &str) -> Result<OAuthClient> {
        let redirect = Redirect::from_query(redirected, &self.begin.expected())?;
        let mut client = self.client;
        client.refresh = None;
        client.code = Some(Code {
            code: redirect.secret("code")?,
            redirect: self.begin.redirect,
            verifier: self.pkce.then_some(self.verifier),
        });
        Ok(client)
    }
}

/// A login that ends with a token in the browser and no secret of the client (RFC 6749 §4.2): the token ends soon and
/// cannot be renewed.
pub struct ImplicitLogin {
    begin: Begin,
}

impl ImplicitLogin {
    /// Begins a login of this credential.
    ///
    /// # Errors
    ///
    /// The redirect or the client's id cannot be sent, or the machine has no randomness.
    #[doc(hidden)]
    pub fn new(
        credential: &'static Credential,
        authorize: &'static Authorize,
        client: &str,
        redirect: &str,
    ) -> Result<ImplicitLogin> {
        let begin = Begin::new(authorize, client, redirect, described_scope(credential))?;
        Ok(ImplicitLogin { begin })
    }

    /// Sends people to another login page than the described one: `https`, or `http` on this machine.
    ///
    /// # Errors
    ///
    /// It is no such URL.
    pub fn with_authorize_url(mut self, url: impl Into<String>) -> Result<ImplicitLogin> {
        self.begin.url = url.into();
        self.begin = self.begin.checked()?;
        Ok(self)
    }

    /// Where the person is sent. It bears the state, so it is for their browser alone.
    #[must_use]
    pub fn url(&self) -> String {
        self.begin.url("token", None)
    }

    /// Takes the whole URL that the browser was sent back to, with its fragment, and gives the token.
    ///
    /// # Errors
    ///
    /// [`Kind::Auth`]: the redirect is of another login, the person or the server refused, or there is no bearer token.
    pub fn finish(self, redirected: &str) -> Result<CredentialValue> {
        let redirect = Redirect::from_fragment(redirected, &self.begin.expected())?;
        if redirect
            .get("token_type")
            .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
        {
            return Err(bad("has a token that is no bearer token"));
        }
        let token = CredentialValue::from(redirect.secret("access_token")?);
        let seconds = redirect
            .get("expires_in")
            .and_then(|text| text.parse().ok());
        Ok(match seconds {
            None | Some(0) => token,
            Some(seconds) => token.valid_for(Duration::from_secs(seconds)),
        })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login([REDACTED])")
    }
}

impl fmt::Debug for ImplicitLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImplicitLogin([REDACTED])")
    }
}

fn described_scope(credential: &Credential) -> String {
    let oauth: Option<&OAuth2> = match credential.kind {
        CredentialKind::ClientCredentials(oauth) | CredentialKind::RefreshToken(oauth) => {
            Some(oauth)
        }
        CredentialKind::Bearer { .. }
        | CredentialKind::Basic { .. }
        | CredentialKind::Header { .. }
        | CredentialKind::Query { .. } => None,
    };
    oauth
        .map(|oauth| oauth.scopes.join(" "))
        .unwrap_or_default()
}

/// 256 bits that nobody can guess, as 43 characters that need no encoding.
fn random() -> Result<SecretString> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::new(Kind::Auth, "this machine gives no randomness"))?;
    Ok(url_digits(&bytes).into())
}

/// RFC 4648 §5, without padding.
fn url_digits(bytes: &[u8]) -> String {
    let digits = sign::base64(bytes).replace('+', "-").replace('/', "_");
    digits.trim_end_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = url_digits(&octets);
        assert_eq!(verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let hash = digest(&SHA256, verifier.as_bytes());
        assert_eq!(
            url_digits(hash.as_ref()),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
