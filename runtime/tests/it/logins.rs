//! Logins of people: what a browser is sent with, what is believed of what it brings back, and how often a code is sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};
use etiquette_runtime::{FileTokenStore, Kind};
use url::Url as Parsed;

use crate::auth_store::Folder;

/// As Zengine has it: the code by POST, the refresh by GET, the client among the parameters.
static OAUTH: OAuth2 = OAuth2 {
    token_url: "https://auth.example/oauth2/v1/grant",
    method: Verb::Get,
    form: false,
    basic: false,
    scopes: &["things:read", "things:write"],
    sign: TokenPlace::Header {
        header: "authorization",
        prefix: "Bearer ",
    },
};
static PERSON: Credential = Credential {
    name: "person",
    kind: CredentialKind::RefreshToken(&OAUTH),
    env: None,
};
static PKCE: Authorize = Authorize {
    url: "https://auth.example/oauth2/v1/authorize?tenant=7",
    pkce: true,
};
static PLAIN: Authorize = Authorize {
    url: "https://auth.example/oauth2/v1/authorize",
    pkce: false,
};
static THINGS: Api = Api {
    name: "things",
    base: "https://things.example/v1",
    credentials: &[&PERSON],
    errors: &[ErrorShape::Text],
    ..Api::NEW
};
static READ: Operation = Operation {
    api: &THINGS,
    name: "things.get",
    path: "/thing",
    security: &[&[&PERSON]],
    ..Operation::NEW
};

const BACK: &str = "https://app.example/back?from=login";
const SECRET: &str = "canary-s3cret";
const CODE: &str = "canary-code+/=";

fn app() -> OAuthClient {
    OAuthClient::new("my app", SECRET)
}

fn begin(authorize: &'static Authorize) -> Login {
    Login::new(&PERSON, authorize, &app(), BACK).unwrap()
}

fn query(url: &str) -> BTreeMap<String, String> {
    let pairs: Vec<_> = Parsed::parse(url)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    let all: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(
        all.len(),
        pairs.len(),
        "a parameter stands there twice: {url}"
    );
    all
}

/// What the browser is sent back to.
fn redirect(login: &Login, code: &str) -> String {
    let state = &query(&login.url())["state"];
    let mut url = Parsed::parse(BACK).unwrap();
    url.query_pairs_mut()
        .append_pair("code", code)
        .append_pair("state", state);
    url.into()
}

/// A server that exchanges codes once and refresh tokens once, and lets in whoever has the newest access token.
#[derive(Default)]
struct Server {
    issued: u32,
    /// The code, and whether it was exchanged.
    used: bool,
    faults: Vec<ScriptReply>,
    gives_refresh: bool,
}

struct Bench {
    clock: VirtualClock,
    script: Script,
    server: Arc<Mutex<Server>>,
}

impl Bench {
    fn new() -> Bench {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let server = Arc::new(Mutex::new(Server {
            gives_refresh: true,
            ..Server::default()
        }));
        let answering = Arc::clone(&server);
        script.respond_with(move |request| answer(&mut answering.lock().unwrap(), request));
        Bench {
            clock,
            script,
            server,
        }
    }

    fn client(&self, source: impl Into<CredentialSource>) -> Core {
        let mut builder = Builder::new(&THINGS);
        builder.credential(&PERSON, source);
        builder.transport(self.script.clone());
        builder.clock(self.clock.clone());
        builder.spawn(self.clock.clone());
        builder.build().unwrap()
    }

    fn call(&self, core: &Core) -> Result<()> {
        self.clock.run(Request::new(core, &READ).call_empty())
    }

    /// The pairs of each request to the token endpoint, and whether they were posted.
    fn grants(&self) -> Vec<(bool, BTreeMap<String, String>)> {
        let requests = self.script.requests();
        let grants = requests
            .iter()
            .filter(|request| request.path() == "/oauth2/v1/grant");
        let pairs = |request: &RecordedRequest| {
            let is_post = request.method == "POST";
            let text = if is_post {
                String::from_utf8(request.body.to_vec()).unwrap()
            } else {
                request.uri.query().unwrap().to_owned()
            };
            assert_eq!(is_post, request.uri.query().is_none());
            (is_post, query(&format!("https://x/?{text}")))
        };
        grants.map(pairs).collect()
    }
}

fn answer(server: &mut Server, request: &RecordedRequest) -> ScriptReply {
    if request.path() != "/oauth2/v1/grant" {
        let wanted = format!("Bearer canary-access-{}", server.issued);
        let is_in = server.issued > 0 && request.header("authorization") == Some(wanted.as_str());
        return ScriptReply::json(if is_in { 200 } else { 401 }, "{}");
    }
    if let Some(fault) = server.faults.pop() {
        return fault;
    }
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    let is_code = body.contains("grant_type=authorization_code");
    if is_code && std::mem::replace(&mut server.used, true) {
        return ScriptReply::json(400, r#"{"error":"invalid_grant"}"#);
    }
    server.issued += 1;
    let refresh = match server.gives_refresh {
        true => format!(r#","refresh_token":"canary-refresh-{}""#, server.issued),
        false => String::new(),
    };
    let text = format!(
        r#"{{"access_token":"canary-access-{}","expires_in":3600{refresh}}}"#,
        server.issued
    );
    ScriptReply::json(200, text)
}

/// RFC 6749 §4.1.1 and RFC 7636 §4.3: what the browser is sent with, and nothing else.
#[test]
fn the_browser_is_sent_with_what_the_rfcs_say() {
    let url = begin(&PKCE).url();
    assert!(
        url.starts_with("https://auth.example/oauth2/v1/authorize?tenant=7&response_type=code&")
    );
    let sent = query(&url);
    let wanted = [
        ("client_id", "my app"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "things:read things:write"),
        ("tenant", "7"),
    ];
    for (name, value) in wanted {
        assert_eq!(sent[name], value);
    }
    assert_eq!(
        (
            sent["state"].len(),
            sent["code_challenge"].len(),
            sent.len()
        ),
        (43, 43, 8)
    );
    let plain = Login::new(&PERSON, &PLAIN, &app().with_scopes(["one"]), BACK).unwrap();
    let plain = query(&plain.url());
    assert_eq!((plain["scope"].as_str(), plain.len()), ("one", 5));
    let again = query(&begin(&PKCE).url());
    assert!(again["state"] != sent["state"] && again["code_challenge"] != sent["code_challenge"]);
}

/// RFC 6749 §4.1.3: the code is posted once, with its redirect and verifier; what came of it is refreshed by GET, as
/// this API wants it.
#[test]
fn a_login_becomes_tokens_that_are_renewed() {
    let bench = Bench::new();
    let login = begin(&PKCE);
    let challenge = query(&login.url())["code_challenge"].clone();
    let redirect = redirect(&login, CODE);
    let core = bench.client(login.finish(&redirect).unwrap());
    bench.call(&core).unwrap();
    bench.call(&core).unwrap();
    bench.clock.advance(Duration::from_secs(3601));
    bench.call(&core).unwrap();
    bench.clock.advance(Duration::from_secs(3601));
    bench.call(&core).unwrap();
    let grants = bench.grants();
    let [(true, code), (false, first), (false, second)] = grants.as_slice() else {
        panic!("{grants:?}");
    };
    let verifier = &code["code_verifier"];
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    let hash = Base64::from(hash.as_ref()).to_string();
    let hash = hash.replace('+', "-").replace('/', "_").replace('=', "");
    assert_eq!(hash, challenge);
    for (name, wanted) in [
        ("client_id", "my app"),
        ("client_secret", SECRET),
        ("code", CODE),
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
    ] {
        assert_eq!(code[name], wanted);
    }
    assert_eq!(code.len(), 6);
    for (grant, number) in [(first, 1), (second, 2)] {
        assert_eq!(grant["refresh_token"], format!("canary-refresh-{number}"));
        assert_eq!(grant["grant_type"], "refresh_token");
    }
}

/// Row E9: the tokens of a login land in the store, where a client that knows no login goes on; an older login's are
/// replaced.
#[test]
fn a_login_lands_in_the_store() {
    let (bench, folder) = (Bench::new(), Folder::new());
    for round in [1, 4] {
        bench.server.lock().unwrap().used = false;
        let login = Login::new(
            &PERSON,
            &PKCE,
            &app().with_store(FileTokenStore::new(folder.file())),
            BACK,
        );
        let login = login.unwrap();
        let redirect = redirect(&login, CODE);
        let core = bench.client(login.finish(&redirect).unwrap());
        bench.clock.run(core.log_in()).unwrap();
        assert_eq!(bench.server.lock().unwrap().issued, round);
        // Another process, later: it takes the token over, and renews it when it has ended.
        let other = bench.client(app().with_store(FileTokenStore::new(folder.file())));
        bench.call(&other).unwrap();
        assert_eq!(bench.server.lock().unwrap().issued, round);
        bench.clock.advance(Duration::from_secs(3601));
        bench.call(&other).unwrap();
        bench.call(&core).unwrap();
        assert_eq!(bench.server.lock().unwrap().issued, round + 1);
        bench.clock.advance(Duration::from_secs(3601));
        bench.call(&core).unwrap();
        bench.call(&other).unwrap();
        assert_eq!(bench.server.lock().unwrap().issued, round + 2);
    }
    let codes = bench
        .grants()
        .iter()
        .filter(|(is_post, _)| *is_post)
        .count();
    assert_eq!(codes, 2);
}

/// A code counts once (RFC 6749 §4.1.2): what may have arrived is not sent again, what was not looked at is.
#[test]
fn a_code_is_never_sent_twice_after_it_may_have_arrived() {
    for (fault, codes, is_in) in [
        (None, 1, true),
        (Some(ScriptReply::not_sent()), 1, true),
        (Some(ScriptReply::empty(429)), 2, true),
        (Some(ScriptReply::lost()), 1, false),
        (Some(ScriptReply::empty(503)), 1, false),
        (
            Some(ScriptReply::json(400, r#"{"error":"invalid_grant"}"#)),
            1,
            false,
        ),
        (Some(ScriptReply::json(200, "{}")), 1, false),
    ] {
        let bench = Bench::new();
        let shown = format!("{fault:?}");
        bench.server.lock().unwrap().faults.extend(fault);
        let login = begin(&PLAIN);
        let redirect = redirect(&login, CODE);
        let core = bench.client(login.finish(&redirect).unwrap());
        let first = bench.call(&core);
        assert_eq!(first.is_ok(), is_in, "{shown}: {first:?}");
        assert_eq!(bench.grants().len(), codes, "{shown}");
        if let Err(error) = first {
            assert_eq!(error.kind(), Kind::Auth, "{shown}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{shown}");
            // A later call does not try it again either, and says what to do.
            bench.clock.advance(Duration::from_secs(600));
            let error = bench.call(&core).unwrap_err();
            assert!(
                error.to_string().contains("a new login gets one"),
                "{shown}: {error}"
            );
            assert_eq!(bench.grants().len(), codes, "{shown}");
        }
    }
}

/// A token endpoint that is away for long: the code is kept, since nobody has seen it.
#[test]
fn a_code_that_nobody_has_seen_is_kept() {
    let bench = Bench::new();
    let away = [(); 3].map(|()| ScriptReply::not_sent());
    bench.server.lock().unwrap().faults.extend(away);
    let login = begin(&PKCE);
    let redirect = redirect(&login, CODE);
    let core = bench.client(login.finish(&redirect).unwrap());
    let error = bench.clock.run(core.log_in()).unwrap_err();
    assert_eq!((error.kind(), bench.grants().len()), (Kind::Connect, 0));
    bench.clock.advance(Duration::from_secs(600));
    bench.call(&core).unwrap();
    assert_eq!(bench.grants().len(), 1);
    assert!(bench.server.lock().unwrap().faults.is_empty());
}

/// A server that gives no refresh token: the token serves until it ends.
#[test]
fn a_login_without_a_refresh_token_ends_with_its_token() {
    let bench = Bench::new();
    bench.server.lock().unwrap().gives_refresh = false;
    let login = begin(&PKCE);
    let redirect = redirect(&login, CODE);
    let core = bench.client(login.finish(&redirect).unwrap());
    bench.call(&core).unwrap();
    bench.clock.advance(Duration::from_secs(3601));
    let error = bench.call(&core).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(bench.grants().len(), 1);
}

/// Somebody else's link: the state is of no login here, so the code in it is not sent.
#[test]
fn a_redirect_of_another_login_is_refused() {
    let (ours, theirs) = (begin(&PKCE), begin(&PKCE));
    let error = ours.finish(&redirect(&theirs, CODE)).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    let text = format!("{error} {error:?} {:?} {:?}", begin(&PKCE), app());
    assert!(
        text.contains("of another login") && !text.contains("canary"),
        "{text}"
    );
    let ours = begin(&PKCE);
    let state = query(&ours.url())["state"].clone();
    let refused = format!("{BACK}&error=access_denied&error_description=not+today&state={state}");
    let error = ours.finish(&refused).unwrap_err().to_string();
    assert!(error.contains("access_denied: not today"), "{error}");
}

/// Another process of the same application finishes the login that a browser's session has kept.
#[test]
fn a_login_is_kept_and_resumed() {
    let bench = Bench::new();
    let begun = begin(&PKCE);
    let kept = begun.to_json();
    assert!(!format!("{kept:?}").contains("state"));
    let resumed = begin(&PKCE).resumed(kept.expose_secret()).unwrap();
    assert_eq!(resumed.url(), begun.url());
    let redirect = redirect(&begun, CODE);
    let core = bench.client(resumed.finish(&redirect).unwrap());
    bench.call(&core).unwrap();
    for text in [
        "",
        "canary",
        "{}",
        r#"{"state":"canary","verifier":"canary"}"#,
        "[1]",
    ] {
        let error = begin(&PKCE).resumed(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{text}");
    }
}

/// RFC 6749 §4.2.2: the token stands in the fragment, and nothing else of the URL is believed.
#[test]
fn the_implicit_flow_gives_a_token_that_is_not_renewed() {
    let bench = Bench::new();
    bench.server.lock().unwrap().issued = 1;
    let begin = || ImplicitLogin::new(&PERSON, &PLAIN, "my app", BACK).unwrap();
    let login = begin();
    let sent = query(&login.url());
    assert_eq!((sent["response_type"].as_str(), sent.len()), ("token", 5));
    let state = &sent["state"];
    let back = |rest: &str| format!("{BACK}#state={state}&{rest}");
    let good = back("access_token=canary-access-1&token_type=Bearer&expires_in=3600");
    let core = bench.client(login.finish(&good).unwrap());
    bench.call(&core).unwrap();
    assert!(bench.grants().is_empty());
    bench.server.lock().unwrap().issued = 2;
    assert_eq!(bench.call(&core).unwrap_err().status(), Some(401));
    assert!(bench.grants().is_empty());
    assert!(begin().finish(&good).is_err(), "a state of another login");
    for (rest, wanted) in [
        ("token_type=bearer", "no `access_token`"),
        ("access_token=&token_type=bearer", "no `access_token`"),
        ("access_token=canary%0a", "no `access_token`"),
        ("access_token=canary&token_type=mac", "no bearer token"),
        ("access_token=canary&access_token=canary", "twice"),
        (
            "error=access_denied&access_token=canary",
            "refused: access_denied",
        ),
    ] {
        let login = begin();
        let state = query(&login.url())["state"].clone();
        let error = login
            .finish(&format!("{BACK}#state={state}&{rest}"))
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(wanted) && !text.contains("canary"),
            "{rest}: {text}"
        );
    }
    let login = begin();
    let state = query(&login.url())["state"].clone();
    let in_query = format!("{BACK}&state={state}&access_token=canary");
    assert!(login.finish(&in_query).is_err());
}

#[test]
fn what_cannot_begin_a_login_is_refused() {
    for redirect in [
        "",
        "/back",
        "https://app.example/#back",
        "https://app.example/a b",
        "no scheme",
        ":x",
    ] {
        let error = Login::new(&PERSON, &PKCE, &app(), redirect).unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{redirect}");
    }
    assert!(Login::new(&PERSON, &PKCE, &app(), "com.example.app:/back").is_ok());
    for url in [
        "http://auth.example/",
        "https://u:p@auth.example/",
        "auth",
        "https://auth.example/#x",
    ] {
        let error = begin(&PKCE).with_authorize_url(url).unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{url}");
    }
    let local = begin(&PKCE)
        .with_authorize_url("http://127.0.0.1:9/authorize")
        .unwrap();
    assert!(
        local
            .url()
            .starts_with("http://127.0.0.1:9/authorize?response_type=code&")
    );
}
