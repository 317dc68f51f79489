//! What callers hand in: keys of paths, headers, credentials and base URLs. What cannot be sent as
//! it was given is an error before anything is sent; what can arrives as it was given.

use etiquette_apis::Kind;
use etiquette_apis::users::{self, Fault, NewUser};
use etiquette_standins::users as standin;

use crate::flow::world::{Live, decoded, live_users, live_users_with, scripted_users};

async fn unlimited() -> Live<users::Client> {
    let mut config = standin::Config::default();
    config.settings.limit = None;
    live_users_with(config).await
}

/// Rows F1, F2: nothing that would name another resource leaves the client, in any spelling that a
/// proxy may decode once more.
#[tokio::test]
async fn empty_and_dotted_keys_are_refused_before_they_are_sent() {
    let live = live_users().await;
    for key in ["", ".", "..", "%2e", "%2E%2e", ".%2e", "%252e."] {
        let error = live.api.users().get(key).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (Kind::Parameter, 0),
            "{key:?}"
        );
        assert!(!error.may_have_happened());
    }
    assert!(live.server.arrivals().is_empty());
}

/// Row F4: an encoded slash is data and is encoded once more; so is a dot that is not alone.
#[tokio::test]
async fn encoded_input_has_no_second_meaning() {
    let live = live_users().await;
    for (key, sent) in [
        ("%2F", "%252F"),
        ("a%2Fb", "a%252Fb"),
        ("%2e%2e%2F", "%252e%252e%252F"),
        ("a%2e", "a%252e"),
        ("%00", "%2500"),
    ] {
        live.server.reset_arrivals();
        let error = live.api.users().get(key).await.unwrap_err();
        assert_eq!(Fault::of(&error), Some(Fault::NotFound), "{key}: {error}");
        assert_eq!(live.server.arrivals()[0].path, format!("/v1/users/{sent}"));
    }
}

/// Rows F3, E4: all that is not unreserved is encoded, and the server reads what was given.
#[tokio::test]
async fn a_key_arrives_as_it_was_given() {
    let live = unlimited().await;
    let mut keys: Vec<String> = [
        "/",
        "\\",
        "?",
        "#",
        "%",
        ";",
        "&",
        "=",
        "+",
        ":",
        "@",
        "\0",
        "\r\n",
        "\t",
        " ",
        "...",
        "\u{2028}",
        "🦀",
        "é",
        "a/../b",
        "https://evil.example/users",
        "//evil.example",
        "user 1",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut random = fastrand::Rng::with_seed(11);
    keys.extend((0..200).map(|_| {
        let length = random.usize(1..20);
        (0..length)
            .map(|_| random.char('\0'..char::MAX))
            .collect::<String>()
    }));
    for key in &keys {
        live.server.reset_arrivals();
        let error = live.api.users().get(key.as_str()).await.unwrap_err();
        assert_eq!(Fault::of(&error), Some(Fault::NotFound), "{key:?}");
        let path = live.server.arrivals()[0].path.clone();
        let segment = path.strip_prefix("/v1/users/").unwrap();
        assert!(!segment.contains(['/', '?', '#']), "{path}");
        assert_eq!(decoded(segment), *key);
    }
}

/// Row F3: a URL has a longest length.
#[tokio::test]
async fn a_key_that_is_too_long_is_refused() {
    let live = live_users().await;
    let error = live.api.users().get("x".repeat(65_536)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert!(live.server.arrivals().is_empty());
    let error = live.api.users().get("x".repeat(8_000)).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

/// Row F6: bytes that end a header, and headers that frame the message.
#[tokio::test]
async fn headers_that_cannot_be_sent_are_refused() {
    let live = live_users().await;
    let call = || live.api.users().get("user_123");
    for value in [
        "a\r\nx-evil: 1",
        "a\nb",
        "a\rb",
        "a\0b",
        "caf\u{e9}",
        " a",
        "a ",
    ] {
        let error = call().with_header("x-note", value).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{value:?}");
    }
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "connection",
        "te",
        "upgrade",
        "",
        "x note",
        "x:note",
        "x\r\nnote",
    ] {
        let error = call().with_header(name, "1").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{name:?}");
    }
    assert!(live.server.arrivals().is_empty());
    call().with_header("X-Note", "a\tb").await.unwrap();
    assert_eq!(live.server.arrivals()[0].header("x-note"), Some("a\tb"));
}

#[tokio::test]
async fn a_header_of_the_caller_does_not_replace_the_credential() {
    let live = live_users().await;
    let call = live
        .api
        .users()
        .get("user_123")
        .with_header("Authorization", "Bearer other");
    call.await.unwrap();
    let arrivals = live.server.arrivals();
    let sent = arrivals[0]
        .headers
        .iter()
        .filter(|(name, _)| name == "authorization");
    assert_eq!(
        sent.map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ["right"]
    );
}

/// Row F5: a page size outside of what the API takes, and offsets of any size.
#[tokio::test]
async fn sizes_that_the_api_does_not_take_are_refused() {
    let live = live_users().await;
    for limit in [0, 101, u64::MAX] {
        let error = live.api.users().list().limit(limit).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{limit}");
    }
    assert!(live.server.arrivals().is_empty());
    let page = live
        .api
        .users()
        .list()
        .offset(1 << 53)
        .limit(100)
        .await
        .unwrap();
    assert!(page.items.is_empty());
}

/// Row E5: a base URL with more in it than a place.
#[test]
fn base_urls_with_more_than_a_place_are_refused() {
    for url in [
        "https://api.example.com/v1?key=canary-1",
        "https://api.example.com/v1#canary-1",
        "https://user:canary-1@api.example.com/v1",
        "http://api.example.com/v1",
        "ftp://api.example.com",
        "//api.example.com",
        "api.example.com",
        "https://api.example.com/a/../b",
        "https://api.example.com\\@evil.example",
        "https://api.example.com/a b",
        "",
    ] {
        let built = users::Client::builder()
            .key("key")
            .with_base_url(url)
            .build();
        let error = built.err().unwrap_or_else(|| panic!("{url:?} was taken"));
        assert_eq!(error.kind(), Kind::Parameter, "{url:?}");
        assert!(
            !format!("{error} {error:?}").contains("canary-1"),
            "{error}"
        );
    }
    for url in [
        "https://api.example.com/v1/",
        "http://127.0.0.1:9/v1",
        "http://[::1]:9",
    ] {
        users::Client::builder()
            .key("key")
            .with_base_url(url)
            .build()
            .unwrap();
    }
}

/// Row E11: a credential that could not stand in a header; the error does not repeat it.
#[test]
fn credentials_that_cannot_be_sent_are_refused() {
    let long = "canary-1".repeat(8_192);
    for key in [
        "canary-1\r\nx: y",
        "canary-1\n",
        "canary-1\0",
        "canary-1\u{e9}",
        " canary-1",
        "",
        long.as_str(),
    ] {
        let error = users::Client::new(key)
            .err()
            .unwrap_or_else(|| panic!("{key:?} was taken"));
        assert_eq!(error.kind(), Kind::Auth);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary-1"), "{shown}");
    }
}

/// Row F3 in bodies: text arrives as it was given, whatever it is.
#[tokio::test]
async fn a_body_arrives_as_it_was_given() {
    let live = unlimited().await;
    for (number, name) in [
        "\"\\\u{7f}\u{2028}",
        "a\0b",
        "🦀",
        "</script>",
        "\u{fffd}é\t\r\n.",
    ]
    .into_iter()
    .enumerate()
    {
        let new = NewUser::new(name, format!("u{number}@example.com"));
        live.api.users().create(&new).await.unwrap();
        let arrival = live.server.arrivals().pop().unwrap();
        let body: serde_json::Value = serde_json::from_slice(&arrival.body).unwrap();
        assert_eq!(body["name"], name);
        assert_eq!(
            arrival.header("content-length"),
            Some(arrival.body.len().to_string().as_str())
        );
    }
}

/// A call does nothing before it is polled, and a clone of it is another call.
#[test]
fn a_call_is_sent_when_it_is_awaited() {
    let world = scripted_users();
    let call = world.api.users().get("user_1");
    let again = call.clone();
    assert_eq!(world.script.count(), 0);
    let reply = runtime::testing::ScriptReply::json(200, crate::flow::world::user(1));
    world.reply([reply.clone(), reply]);
    world.run(call).unwrap();
    world.run(again).unwrap();
    assert_eq!(world.script.count(), 2);
}
