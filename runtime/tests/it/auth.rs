//! Which credential signs, and where.

use etiquette_runtime::Kind;
use etiquette_runtime::codegen::{Builder, Operation};
use etiquette_runtime::testing::ScriptReply;

use crate::api::{Bench, CANARY, KEY, PASSWORD, QUERY, READ, SHOP, TOKEN, ok};

static BASIC: Operation = Operation {
    name: "basic",
    security: &[&[&PASSWORD]],
    ..READ
};
static BOTH: Operation = Operation {
    name: "both",
    security: &[&[&PASSWORD, &TOKEN], &[&QUERY]],
    ..READ
};
static OPEN: Operation = Operation {
    name: "open",
    security: &[],
    ..READ
};
static OPTIONAL: Operation = Operation {
    name: "optional",
    security: &[&[&TOKEN], &[]],
    ..READ
};

#[test]
fn each_kind_signs_in_its_place() {
    let bench = Bench::with(|builder| {
        builder.credential(&PASSWORD, "me:pass word");
        builder.credential(&TOKEN, "t0ken");
        builder.credential(&QUERY, "a b&c");
    });
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&crate::api::GET)).unwrap();
    bench.run(bench.call(&BASIC)).unwrap();
    bench.run(bench.call(&BOTH)).unwrap();
    bench.run(bench.call(&OPEN)).unwrap();
    let sent = bench.script.requests();
    assert_eq!(
        sent[0].header("authorization"),
        Some(format!("Bearer {CANARY}").as_str())
    );
    assert_eq!(
        sent[1].header("authorization"),
        Some("Basic bWU6cGFzcyB3b3Jk")
    );
    assert_eq!(
        (sent[2].header("x-token"), sent[2].uri.query()),
        (Some("v1 t0ken"), None)
    );
    assert_eq!(
        (sent[3].header("authorization"), sent[3].header("x-token")),
        (None, None)
    );
    assert!(
        sent.iter()
            .all(|request| !format!("{:?}", request.headers).contains("canary"))
    );
}

/// The first alternative that was given whole signs.
#[test]
fn the_first_whole_alternative_signs() {
    let bench = Bench::with(|builder| {
        builder.credential(&TOKEN, "t0ken");
        builder.credential(&QUERY, "a b&c");
    });
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&BOTH)).unwrap();
    bench.run(bench.call(&OPTIONAL)).unwrap();
    let sent = bench.script.requests();
    assert_eq!(
        (sent[0].uri.query(), sent[0].header("x-token")),
        (Some("api_key=a%20b%26c"), None)
    );
    assert_eq!(sent[1].header("x-token"), Some("v1 t0ken"));
}

#[test]
fn a_missing_credential_is_named_before_anything_is_sent() {
    let bench = Bench::new();
    let error = bench.run(bench.call(&BOTH)).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Auth, 0));
    let text = error.to_string();
    assert!(
        text.contains(
            "set `password` in the builder and `token` in the builder, or `query` in the builder"
        ),
        "{text}"
    );
    let core = Builder::new(&SHOP).build().unwrap();
    let call = etiquette_runtime::codegen::Request::new(&core, &crate::api::GET)
        .key(&"1")
        .call_empty();
    let text = bench.run(call).unwrap_err().to_string();
    assert!(
        text.contains("`key` in the builder (or ETIQUETTE_TEST_SHOP_KEY in the environment)"),
        "{text}"
    );
}

/// Row E11, at the builder.
#[test]
fn hostile_credentials_are_refused() {
    for value in ["", "canary\r\n", "canary\0", "canär-canary", "  "] {
        let mut builder = Builder::new(&SHOP);
        builder.credential(&KEY, value);
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
}

/// Row E5, at the builder; and environments with variables.
#[test]
fn bases_are_checked() {
    for url in [
        "https://u:canary@a.example",
        "https://a.example?key=canary",
        "https://a.example#canary",
        "http://a.example",
    ] {
        let mut builder = Builder::new(&SHOP);
        builder.base_url(url);
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter);
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
    for (value, good) in [
        ("my-shop", true),
        ("a.b", true),
        ("", false),
        ("evil.example/", false),
        ("a@b", false),
        ("a..b", false),
    ] {
        let mut builder = Builder::new(&SHOP);
        builder.base("https://{shop}.example/v1");
        builder.var("shop", value);
        assert_eq!(builder.build().is_ok(), good, "{value:?}");
    }
    let mut builder = Builder::new(&SHOP);
    builder.base("https://{shop}.example/v1");
    assert!(builder.build().is_err());
}

/// Row F14: the user agent is made of product tokens.
#[test]
fn user_agents_are_tokens() {
    for (product, good) in [
        ("app/1.0", true),
        ("app/1.0 lib/2", true),
        ("app", true),
        ("", false),
        ("a/b/c", false),
        ("a\r\nb", false),
        ("(x)", false),
    ] {
        let mut builder = Builder::new(&SHOP);
        builder.user_agent(product);
        assert_eq!(builder.build().is_ok(), good, "{product:?}");
    }
}

/// A credential in the query goes out with each attempt, once.
#[test]
fn a_query_credential_is_sent_with_each_attempt() {
    let bench = Bench::with(|builder| builder.credential(&QUERY, "k"));
    bench
        .script
        .reply(ScriptReply::not_sent())
        .reply(ScriptReply::text(503, ""))
        .reply(ok());
    bench.run(bench.call(&BOTH)).unwrap();
    assert!(
        bench
            .script
            .requests()
            .iter()
            .all(|request| request.uri.query() == Some("api_key=k"))
    );
}
