//! The token endpoint's side: what is sent to it, what is believed of it, and how often it is asked.

use std::time::{Duration, SystemTime};

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Kind, OAuthClient};

use crate::auth_bench::{
    APP, Fault, GIVEN, LOGIN, Login, OAUTH, READ, REFRESH, SECRET, THINGS, call, form, login,
};

static IN_BODY: OAuth2 = OAuth2 {
    basic: false,
    scopes: &[],
    ..OAUTH_LIKE
};
static IN_QUERY: OAuth2 = OAuth2 {
    method: Verb::Get,
    form: false,
    basic: false,
    sign: TokenPlace::Query {
        param: "access_token",
    },
    ..OAUTH_LIKE
};
static IN_HEADER: OAuth2 = OAuth2 {
    form: false,
    sign: TokenPlace::Header {
        header: "x-token",
        prefix: "",
    },
    ..OAUTH_LIKE
};
const OAUTH_LIKE: OAuth2 = OAuth2 {
    token_url: "https://login.example/oauth/token?tenant=7",
    method: Verb::Post,
    form: true,
    basic: true,
    scopes: &["one"],
    sign: TokenPlace::Header {
        header: "authorization",
        prefix: "Token ",
    },
};
static BODY: Credential = Credential {
    name: "body",
    kind: CredentialKind::RefreshToken(&IN_BODY),
    env: None,
};
static QUERY: Credential = Credential {
    name: "query",
    kind: CredentialKind::ClientCredentials(&IN_QUERY),
    env: None,
};
static HEADER: Credential = Credential {
    name: "header",
    kind: CredentialKind::ClientCredentials(&IN_HEADER),
    env: None,
};
static SHAPES: Api = Api {
    name: "shapes",
    base: "https://things.example/v1",
    credentials: &[&BODY, &QUERY, &HEADER],
    ..Api::NEW
};
static GET: Operation = Operation {
    api: &SHAPES,
    name: "get",
    path: "/thing",
    security: &[&[&BODY], &[&QUERY], &[&HEADER]],
    ..Operation::NEW
};

const BASIC: &str = "Basic bXkrYXBwOnMzY3JldCtjYW5hcnklMkIlMkYlMjJx";

/// RFC 6749 §2.3.1, §4.4.2 and §6: where everything stands, and nothing else is sent.
#[test]
fn requests_are_those_of_the_rfc() {
    let bench = Login::new();
    bench.run(call(&bench.logged_in(), &READ)).unwrap();
    let app = OAuthClient::new("my app", SECRET).with_scopes(["a b", "c"]);
    bench.run(call(&bench.client(&APP, app), &READ)).unwrap();
    let sent = bench.script.requests();
    let body = |number: usize| String::from_utf8(sent[number].body.to_vec()).unwrap();
    assert_eq!(
        body(0),
        format!(
            "grant_type=refresh_token&refresh_token={}&scope=things%3Aread+things%3Awrite",
            form(REFRESH)
        )
    );
    assert_eq!(body(2), "grant_type=client_credentials&scope=a+b+c");
    for request in [&sent[0], &sent[2]] {
        assert_eq!(request.method, "POST");
        assert_eq!(request.uri.to_string(), "https://login.example/oauth/token");
        assert_eq!(request.header("authorization"), Some(BASIC));
        assert!(request.headers["authorization"].is_sensitive());
        assert_eq!(
            request.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("host"), Some("login.example"));
        assert!(
            request
                .header("user-agent")
                .unwrap()
                .starts_with("etiquette/")
        );
        assert_eq!(request.headers.len(), 5);
    }
}

#[test]
fn other_places_are_as_the_description_says() {
    let secret = form(SECRET);
    for (credential, client, url, body, sent_as) in [
        (
            &BODY,
            login(),
            "https://login.example/oauth/token?tenant=7".to_owned(),
            format!(
                "grant_type=refresh_token&refresh_token={}&client_id=my+app&client_secret={secret}",
                form(REFRESH)
            ),
            ("authorization", "Token t 1", None),
        ),
        (
            &QUERY,
            OAuthClient::new("my app", SECRET),
            format!(
                "https://login.example/oauth/token?tenant=7&grant_type=client_credentials&scope=one\
                 &client_id=my+app&client_secret={secret}"
            ),
            String::new(),
            ("x", "", Some("access_token=t%201")),
        ),
        (
            &HEADER,
            OAuthClient::new("my app", SECRET).with_token_url("http://127.0.0.1:9/token"),
            "http://127.0.0.1:9/token?grant_type=client_credentials&scope=one".to_owned(),
            String::new(),
            ("x-token", "t 1", None),
        ),
    ] {
        let bench = Login::new();
        let mut builder = Builder::new(&SHAPES);
        builder.credential(credential, client);
        builder.transport(bench.script.clone());
        builder.clock(bench.clock.clone());
        builder.spawn(bench.clock.clone());
        let core = builder.build().unwrap();
        bench
            .script
            .reply(ScriptReply::json(200, r#"{"access_token":"t 1"}"#));
        bench.script.reply(ScriptReply::empty(200));
        bench.run(call(&core, &GET)).unwrap();
        let sent = bench.script.requests();
        assert_eq!(sent[0].uri.to_string(), url);
        assert_eq!(sent[0].body, body);
        assert_eq!(
            sent[0].method,
            if url.contains("client_id") {
                "GET"
            } else {
                "POST"
            }
        );
        let (name, value, query) = sent_as;
        assert_eq!(sent[1].header(name).unwrap_or_default(), value);
        assert_eq!(sent[1].uri.query(), query);
    }
}

/// What comes back when the token endpoint does this, each time; and when its requests arrived, in milliseconds.
fn ask(
    credential: &'static Credential,
    client: OAuthClient,
    replies: &[ScriptReply],
) -> (Result<()>, Vec<u64>) {
    let bench = Login::new();
    bench
        .server()
        .faults
        .extend(replies.iter().cloned().map(Fault::Instead));
    let core = bench.client(credential, client);
    let result = bench.run(call(&core, &READ));
    let arrivals = bench.arrivals().into_iter();
    let tokens = arrivals
        .filter(|(name, _)| name == "token")
        .map(|(_, at)| at);
    (result, tokens.collect())
}

/// The endpoint is asked three times at most, and one that may have used a refresh token up, twice.
#[test]
fn attempts_are_few_and_apart() {
    let app = || OAuthClient::new("my app", SECRET);
    let away = || ScriptReply::empty(503);
    let wait = |seconds: &str| ScriptReply::empty(429).header("retry-after", seconds);
    for (reply, by_app, by_login) in [
        (ScriptReply::reset(), vec![0, 500, 1_500], vec![0, 500]),
        (away(), vec![0, 500, 1_500], vec![0, 500]),
        (
            ScriptReply::stalls(),
            vec![0, 30_500, 61_500],
            vec![0, 30_500],
        ),
        (wait("7"), vec![0, 7_000, 14_000], vec![0, 7_000, 14_000]),
        (
            wait("60"),
            vec![0, 60_000, 120_000],
            vec![0, 60_000, 120_000],
        ),
        (wait("61"), vec![0], vec![0]),
        (wait("18446744073709551616"), vec![0], vec![0]),
        (ScriptReply::empty(400), vec![0], vec![0]),
        (
            ScriptReply::empty(302).header("location", "https://evil.example/"),
            vec![0],
            vec![0],
        ),
        (
            ScriptReply::bytes(200, vec![b' '; 1024 * 1024 + 1]),
            vec![0],
            vec![0],
        ),
    ] {
        let replies = vec![reply; 4];
        for (credential, client, wanted) in [(&APP, app(), &by_app), (&LOGIN, login(), &by_login)] {
            let (result, arrivals) = ask(credential, client, &replies);
            assert_eq!(result.unwrap_err().kind(), Kind::Auth, "{replies:?}");
            assert_eq!(arrivals, *wanted, "{replies:?}");
        }
        let (result, arrivals) = ask(&APP, app(), &replies[..1]);
        assert_eq!(result.is_ok(), by_app.len() > 1);
        assert_eq!(arrivals, by_app[..by_app.len().min(2)]);
    }
    // What was not sent may be sent again, a refresh token too.
    let refused = vec![ScriptReply::not_sent(); 3];
    let (result, arrivals) = ask(&LOGIN, login(), &refused[..2]);
    assert!(result.is_ok() && arrivals == [1_500]);
    let error = ask(&LOGIN, login(), &refused).0.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (Kind::Connect, true));
}

/// A server that asks to be left alone is, and the error says until when.
#[test]
fn a_long_wait_is_told_and_kept() {
    let bench = Login::new();
    let reply = ScriptReply::empty(503).header("retry-after", "600");
    bench.server().faults.push_back(Fault::Instead(reply));
    let core = bench.logged_in();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_673_776_800);
    for passed in [0, 1_000, 599_000] {
        bench.run(bench.sleep(passed - bench.clock_millis()));
        let error = bench.run(call(&core, &READ)).unwrap_err();
        assert_eq!(error.retry_at(), Some(start + Duration::from_secs(600)));
        assert_eq!(bench.issued_and_asked(), (0, 1));
    }
    bench.run(bench.sleep(1_000));
    bench.run(call(&core, &READ)).unwrap();
}

/// What the server says is shown; who it was, and with which status.
#[test]
fn errors_say_what_the_server_said() {
    let text = r#"{"error":"invalid_client","error_description":"no such\nclient"}"#;
    let error = ask(&LOGIN, login(), &[ScriptReply::json(401, text)])
        .0
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "not authenticated: GET /thing: the credential `login`: its token endpoint answered with \
         status 401: invalid_client: no such\\u{a}client"
    );
    assert!(!error.may_have_happened());
    for (reply, wanted) in [
        (
            ScriptReply::json(200, r#"{"error":"slow_down"}"#),
            "status 200: slow_down",
        ),
        (
            ScriptReply::json(200, r#"{"access_token":"t","token_type":"mac"}"#),
            "no bearer token",
        ),
        (ScriptReply::text(200, "<html>"), "no JSON object"),
        (ScriptReply::json(200, "{}"), "without an access token"),
        (ScriptReply::empty(307), "a redirect that is not followed"),
    ] {
        let text = ask(&LOGIN, login(), &[reply]).0.unwrap_err().to_string();
        assert!(text.contains(wanted), "{text}");
    }
}

/// A token of three seconds is of use, and renewed in time.
#[test]
fn short_lives_work() {
    let bench = Login::new();
    bench.server().lifetime = Some(3);
    let core = bench.logged_in();
    bench.run(async {
        for _ in 0..100 {
            call(&core, &READ).await.unwrap();
            bench.sleep(100).await;
        }
    });
    assert_eq!(bench.issued_and_rejections(), (4, 0));
}

/// What can be known without asking is an error of the builder.
#[test]
fn mistakes_are_found_when_the_client_is_made() {
    let client = || OAuthClient::new("id", "canary");
    for (credential, client, wanted) in [
        (&LOGIN, client(), "needs a refresh token, or a store"),
        (
            &APP,
            client().with_refresh_token("canary"),
            "takes no refresh token",
        ),
        (&GIVEN, client(), "is no OAuth 2 token"),
        (&APP, OAuthClient::new("", "canary"), "is empty"),
        (&APP, OAuthClient::new("id", "canary\n"), "printable ASCII"),
        (
            &LOGIN,
            client().with_refresh_token("canary\0"),
            "printable ASCII",
        ),
        (
            &APP,
            client().with_token_url("http://login.example/t"),
            "must begin with https://",
        ),
        (
            &APP,
            client().with_token_url("https://u:canary@login.example/t"),
            "names a user",
        ),
        (
            &APP,
            client().with_token_url("ftp://login.example/t"),
            "must begin with https://",
        ),
        (
            &APP,
            client().with_token_url("/token"),
            "has no scheme and host",
        ),
        (
            &APP,
            client().with_token_url("https://login.example/t?a#b"),
            "fragment",
        ),
    ] {
        let mut builder = Builder::new(&THINGS);
        builder.credential(credential, client);
        let error = builder.build().unwrap_err();
        assert!(!format!("{error}{error:?}").contains("canary"), "{error}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert_eq!(OAUTH.token_url, crate::auth_bench::TOKEN_URL);
}
