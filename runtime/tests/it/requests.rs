//! What leaves, and what is refused before it could.

use std::time::Duration;

use etiquette_runtime::codegen::{Call, ListCall, Operation, PendingReply, Request};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Items, Kind, Pages};

use crate::api::{
    Any, Bench, CREATE, GET, LIST_OFFSET, LIST_PAGES, PLUGIN, READ, REMOVE, TENANT, ok,
};

static DOT: Operation = Operation {
    name: "dot",
    path: "/files/.{name}/raw",
    ..READ
};
static TWO: Operation = Operation {
    name: "two",
    path: "/a/{b}/c/{d}.json",
    query: &[("v", "1 2")],
    headers: &[("x-v", "2")],
    ..READ
};

fn key(operation: &'static Operation, keys: &[&str]) -> Result<String, Kind> {
    let bench = Bench::new();
    bench.script.respond_with(|_| ok());
    let request = keys
        .iter()
        .fold(Request::new(&bench.core, operation), |request, key| {
            request.key(key)
        });
    let result = bench.run(request.call_empty());
    assert_eq!(
        bench.script.count(),
        usize::from(result.is_ok()),
        "a refused request is not sent"
    );
    result
        .map(|()| bench.script.requests()[0].path().to_owned())
        .map_err(|error| error.kind())
}

/// Rows F1, F2: empty and dots are refused, also when a template completes them.
#[test]
fn empty_and_dotted_keys_are_refused() {
    for bad in ["", ".", "..", "%2e", "%2E%2e", ".%2e", "%252e"] {
        assert_eq!(key(&GET, &[bad]), Err(Kind::Parameter), "{bad:?}");
        assert_eq!(key(&REMOVE, &[bad]), Err(Kind::Parameter), "{bad:?}");
    }
    assert_eq!(key(&DOT, &["%2e"]), Err(Kind::Parameter));
    assert_eq!(key(&DOT, &["x"]), Ok("/v1/files/.x/raw".to_owned()));
    assert_eq!(key(&GET, &["..."]), Ok("/v1/orders/...".to_owned()));
    assert_eq!(key(&TWO, &["1"]), Err(Kind::Parameter), "a key is missing");
    assert_eq!(
        key(&GET, &["1", "2"]),
        Err(Kind::Parameter),
        "there is a key too many"
    );
}

/// Rows F3, F4, E4: everything else is data, also what looks encoded or like a URL.
#[test]
fn keys_are_data() {
    for (given, sent) in [
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2F", "%252F"),
        ("https://evil.example/", "https%3A%2F%2Fevil.example%2F"),
        ("//evil", "%2F%2Fevil"),
        ("\r\n\0", "%0D%0A%00"),
        ("é\u{2028}", "%C3%A9%E2%80%A8"),
        ("@evil", "%40evil"),
        ("a~b-._", "a~b-._"),
        ("../x", "..%2Fx"),
        ("\\", "%5C"),
    ] {
        assert_eq!(
            key(&GET, &[given]),
            Ok(format!("/v1/orders/{sent}")),
            "{given:?}"
        );
    }
    assert_eq!(key(&TWO, &["x", "y"]), Ok("/v1/a/x/c/y.json".to_owned()));
    assert_eq!(
        key(&GET, &[&"x".repeat(64 * 1024)]),
        Err(Kind::Parameter),
        "the URL is too long"
    );
}

#[test]
fn constants_and_client_parameters_are_sent() {
    let bench = Bench::with(|builder| {
        builder.param(&PLUGIN, &"p1");
        builder.param(&TENANT, &"a&b");
        builder.user_agent("app/1.0");
    });
    bench.script.respond_with(|_| ok());
    let mut call = Request::new(&bench.core, &TWO)
        .key(&"x")
        .key(&"y")
        .call_empty();
    call.request_mut().query("q[gt]", &"1+1=2");
    call.request_mut().flag("all", true);
    call.request_mut().flag("none", false);
    call.request_mut().query_joined("ids", ',', [1_i64, 2]);
    call.request_mut().query_joined("no", ',', [0_i64; 0]);
    call.request_mut()
        .range(["lt", "le", "gt", "ge"], &(3_i64..=5));
    bench.run(call).unwrap();
    let request = &bench.script.requests()[0];
    assert_eq!(
        request.uri.to_string(),
        "https://shop.example/v1/a/x/c/y.json?tenant=a%26b&v=1%202&q%5Bgt%5D=1%2B1%3D2&all&ids=1%2C2&ge=3&le=5"
    );
    assert_eq!(request.header("x-v"), Some("2"));
    assert_eq!(request.header("x-plugin"), Some("p1"));
    assert_eq!(request.header("host"), Some("shop.example"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("app/1.0 etiquette/")
    );
    assert_eq!(request.header("content-type"), None);
}

#[test]
fn bodies_are_json() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ok());
    bench
        .run(
            Request::new(&bench.core, &CREATE)
                .json_at(&["data", "user"], &"x\"y")
                .call_empty(),
        )
        .unwrap();
    let request = &bench.script.requests()[0];
    assert_eq!(request.body, r#"{"data":{"user":"x\"y"}}"#);
    assert_eq!(request.header("content-type"), Some("application/json"));
}

/// Row F5: what has no text is refused; a value that holds the separator would become two.
#[test]
fn values_without_a_text_are_refused() {
    let bench = Bench::new();
    let spoilers: [fn(&mut Request); 5] = [
        |request| request.query("q", &f64::NAN),
        |request| request.query("q", &f64::INFINITY),
        |request| request.query_joined("q", ',', ["a", "b,c"]),
        |request| request.header("x-q", &f64::NEG_INFINITY),
        |request| request.range(["a", "b", "c", "d"], &(f64::NAN..)),
    ];
    for spoil in spoilers {
        let mut call = bench.call(&GET);
        spoil(call.request_mut());
        assert_eq!(bench.run(call).unwrap_err().kind(), Kind::Parameter);
    }
    assert_eq!(
        bench
            .run(
                Request::new(&bench.core, &CREATE)
                    .json(&f64::NAN)
                    .call_empty()
            )
            .unwrap_err()
            .kind(),
        Kind::Parameter
    );
    assert_eq!(bench.script.count(), 0);
}

/// Row F6: headers are tokens and printable ASCII, and those of the connection are not the caller's.
#[test]
fn hostile_headers_are_refused() {
    let bench = Bench::new();
    for (name, value) in [
        ("x-a", "a\r\nx-evil: 1"),
        ("x-a", "a\0"),
        ("x-a", "\u{e9}"),
        ("x-a", " a"),
        ("x-a", "a "),
        ("x a", "1"),
        ("x:a", "1"),
        ("", "1"),
        ("Host", "evil.example"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("keep-alive", "1"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("trailer", "x"),
        ("proxy-authorization", "x"),
        ("x-\r\n", "1"),
    ] {
        let error = bench
            .run(bench.call(&GET).with_header(name, value))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter, "{name:?}: {value:?}");
        assert_eq!(error.attempts(), 0);
        assert!(!error.to_string().contains('\r'));
    }
    assert_eq!(bench.script.count(), 0);
    bench.script.respond_with(|_| ok());
    bench
        .run(
            bench
                .call(&GET)
                .with_header("X-A", "a\tb")
                .with_header("authorization", "Bearer other"),
        )
        .unwrap();
    assert_eq!(bench.script.requests()[0].header("x-a"), Some("a\tb"));
    assert!(
        bench.script.requests()[0]
            .header("authorization")
            .unwrap()
            .contains("canary"),
        "our credential wins"
    );
}

#[test]
fn sizes_out_of_range_are_refused() {
    let bench = Bench::new();
    for (size, wanted) in [
        (0, "`per_page` is 0; it can be 1 to 100"),
        (101, "`per_page` is 101; it can be 1 to 100"),
    ] {
        let mut list = Request::new(&bench.core, &LIST_PAGES).list::<Any>();
        list.request_mut().size(size);
        let error = bench.run(list).unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter);
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

/// Nothing is sent before the first poll, and a clone of a call is a call of its own.
#[test]
fn a_call_is_sent_when_it_is_polled() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ok());
    let call = bench.call(&GET);
    let clone = call.clone();
    drop(bench.call(&GET));
    assert_eq!(bench.script.count(), 0);
    bench.run(call).unwrap();
    bench.run(clone).unwrap();
    assert_eq!(bench.script.count(), 2);
}

/// Rows A21, H10: a call that is given up leaves nothing behind that would keep others from being sent.
#[test]
fn a_call_that_is_given_up_gives_its_place_back() {
    let bench = Bench::with(|builder| builder.setting("per_minute", 1_u64));
    bench.script.reply(ScriptReply::stalls()).reply(ok());
    bench.run(async {
        let mut first = bench.call(&GET);
        let mut second = bench.call(&GET);
        std::future::poll_fn(|cx| {
            assert!(std::pin::Pin::new(&mut first).poll(cx).is_pending());
            assert!(std::pin::Pin::new(&mut second).poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(second);
        drop(first);
        bench.call(&GET).await.unwrap();
    });
    assert_eq!(bench.script.count(), 2);
    assert!(
        (60.0..70.0).contains(&bench.seconds()),
        "{}",
        bench.seconds()
    );
}

/// The order of a call's options does not matter, and each of them is kept by lists too.
#[test]
fn lists_have_the_options_of_calls() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ScriptReply::not_sent());
    let list = Request::new(&bench.core, &LIST_OFFSET)
        .list::<Any>()
        .with_attempts(2)
        .with_timeout(Duration::from_secs(1));
    let error = bench
        .run(
            list.with_deadline(Duration::from_secs(9))
                .with_max_wait(Duration::ZERO)
                .with_header("x-a", "1"),
        )
        .unwrap_err();
    assert_eq!(error.attempts(), 2);
}

fn is_a_future<T: Future + Send + Sync + Unpin + 'static>() {}
fn is_a_stream<T: futures::Stream + Send + Unpin + 'static>() {}

#[test]
fn calls_can_go_anywhere() {
    is_a_future::<Call<String>>();
    is_a_future::<PendingReply<String>>();
    is_a_future::<ListCall<String>>();
    is_a_stream::<Items<String>>();
    is_a_stream::<Pages<String>>();
    fn is_small<T: Send + Sync + 'static>(most: usize) {
        assert!(size_of::<T>() <= most, "{}", size_of::<T>());
    }
    is_small::<etiquette_runtime::Error>(size_of::<usize>());
    is_small::<etiquette_runtime::codegen::Core>(size_of::<usize>());
}
