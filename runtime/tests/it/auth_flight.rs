//! One renewal for all who need it, whoever of them gives up.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use etiquette_runtime::codegen::{Builder, Core};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::{CredentialProvider, CredentialValue, Kind};
use futures::future::{Either, join_all, select};

use crate::auth_bench::{CREATE, Fault, GIVEN, LOGIN, Login, READ, SLOWLY, THINGS, call, login};

/// Row E7: a 401 makes one renewal and one replay, of a write too, and only that.
#[test]
fn a_rejected_token_is_renewed_and_the_call_sent_again_once() {
    for operation in [&READ, &CREATE] {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.run(call(&core, &READ)).unwrap();
        bench.server().access = None;
        bench.run(call(&core, operation)).unwrap();
        assert_eq!(bench.issued_and_rejections(), (2, 1));
        let sent = bench.script.requests();
        let paths: Vec<&str> = sent.iter().map(RecordedRequest::path).collect();
        assert_eq!(
            paths,
            [
                "/oauth/token",
                "/v1/thing",
                "/v1/thing",
                "/oauth/token",
                "/v1/thing"
            ]
        );
        assert_eq!(sent[2].body, sent[4].body);
        let of = |number: usize| sent[number].header("authorization").unwrap().to_owned();
        assert_eq!(of(1), of(2));
        assert!(of(4) != of(2) && of(4).starts_with("Bearer access-2"));
    }
}

/// Row E7: a second 401 is the call's end; and nothing goes where the challenge points.
#[test]
fn a_second_rejection_fails_the_call() {
    for operation in [&READ, &CREATE] {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.script.respond_with(|request| match request.path() {
            "/oauth/token" => ScriptReply::json(200, r#"{"access_token":"never good"}"#),
            _ => ScriptReply::empty(401)
                .header("www-authenticate", r#"Bearer realm="https://evil.example""#),
        });
        let error = bench.run(call(&core, operation)).unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Auth, Some(401)));
        let sent = bench.script.requests();
        let hosts: Vec<_> = sent
            .iter()
            .map(|request| request.uri.host().unwrap())
            .collect();
        let (login, api) = ("login.example", "things.example");
        assert_eq!(hosts, [login, api, login, api]);
    }
}

/// An API that rejects whatever is issued costs its token endpoint a few requests, not one for each call.
#[test]
fn tokens_that_are_never_good_make_pauses() {
    let bench = Login::new();
    let core = bench.logged_in();
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    bench.script.respond_with(move |request| {
        if request.path() != "/oauth/token" {
            return ScriptReply::empty(401);
        }
        let number = counted.fetch_add(1, Ordering::SeqCst);
        ScriptReply::json(200, format!(r#"{{"access_token":"t-{number}"}}"#))
    });
    bench.run(async {
        for _ in 0..1_000 {
            call(&core, &READ).await.unwrap_err();
            bench.sleep(10).await;
        }
    });
    let asked = asked.load(Ordering::SeqCst);
    assert!((5..12).contains(&asked), "{asked} in ten seconds");
}

/// Row E8: a thousand at once, one renewal.
#[test]
fn a_thousand_rejections_at_once_make_one_renewal() {
    let bench = Login::new();
    let core = bench.logged_in();
    bench.run(call(&core, &READ)).unwrap();
    bench.server().access = None;
    bench.server().latency = (50, 200);
    let results = bench.run(join_all((0..1_000).map(|_| call(&core, &READ))));
    assert!(results.iter().all(Result::is_ok));
    let server = bench.server();
    assert_eq!(
        (server.issued, server.asked, server.rejections),
        (2, 2, 1_000)
    );
}

/// Row E8: whatever the order in which calls, rejections and the new token cross, a token is renewed once, and no
/// call fails.
#[test]
fn rejections_in_any_order_make_one_renewal() {
    let mut crossed = 0;
    for seed in 0..2_000 {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.run(call(&core, &READ)).unwrap();
        let mut random = fastrand::Rng::with_seed(seed);
        bench.server().latency = (random.u64(0..40), random.u64(0..40));
        bench.server().random = random.fork();
        let calls = join_all((0..12).map(|_| {
            let (core, start) = (core.clone(), bench.sleep(random.u64(0..60)));
            async move {
                start.await;
                call(&core, &READ).await
            }
        }));
        let revoked = async {
            bench.sleep(30).await;
            bench.server().access = None;
        };
        let (results, ()) = bench.run(futures::future::join(calls, revoked));
        assert!(results.iter().all(Result::is_ok), "seed {seed}");
        let server = bench.server();
        let wanted = 1 + u32::from(server.rejections > 0);
        assert_eq!(
            (server.issued, server.asked),
            (wanted, wanted),
            "seed {seed}"
        );
        crossed += u32::from(server.rejections > 1);
    }
    assert!(
        crossed > 1_000,
        "the control: only {crossed} runs had more than one rejection"
    );
}

/// Whichever of six callers give up during a renewal: it is carried out once, and the others succeed.
#[test]
fn every_subset_of_callers_may_give_up() {
    for leaving in 0..64_u32 {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.server().latency = (0, 1_000);
        let callers = (0..6).map(|number| {
            let (call, patience) = (call(&core, &READ), bench.sleep(1 + number));
            async move {
                if leaving >> number & 1 == 0 {
                    return Some(call.await);
                }
                match select(pin!(call.into_future()), pin!(patience)).await {
                    Either::Left((result, _)) => Some(result),
                    Either::Right(_) => None,
                }
            }
        });
        let results = bench.run(async {
            let results = join_all(callers).await;
            bench.sleep(5_000).await;
            results
        });
        for (number, result) in results.iter().enumerate() {
            let is_gone = leaving >> number & 1 == 1;
            assert_eq!(result.is_none(), is_gone, "{leaving:06b}");
            assert!(result.as_ref().is_none_or(Result::is_ok), "{leaving:06b}");
        }
        let before = bench.script.count();
        bench.run(call(&core, &READ)).unwrap();
        assert_eq!(
            bench.script.count(),
            before + 1,
            "the token is there: {leaving:06b}"
        );
        assert_eq!(bench.issued_and_asked(), (1, 1));
    }
}

/// A future that gives up after so many polls.
struct Polls<F> {
    future: F,
    left: u32,
}

impl<F: Future + Unpin> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Pin::new(&mut self.future).poll(cx).map(Some)
    }
}

/// A call that is cancelled at any of its polls leaves a client that works, and a token that is not asked for twice.
#[test]
fn cancellation_at_every_poll_leaves_no_trace() {
    let mut polls = 0;
    for left in 0.. {
        let bench = Login::new();
        let core = bench.logged_in();
        bench.server().latency = (20, 20);
        bench.run(call(&core, &READ)).unwrap();
        bench.server().access = None;
        let future = call(&core, &READ).into_future();
        let ended = bench.run(async {
            let ended = Polls { future, left }.await;
            bench.sleep(1_000).await;
            ended
        });
        bench.run(call(&core, &READ)).unwrap();
        assert_eq!(bench.issued_and_asked(), (2, 2), "poll {left}");
        if ended.is_some() {
            break;
        }
        polls = left;
    }
    assert!(polls >= 3, "the control: it was cancelled at {polls} polls");
}

/// Row B20: a renewal takes no quota and waits in no line, and a token that ends while its call waits for quota is
/// renewed before it is sent.
#[test]
fn renewals_have_a_lane_of_their_own() {
    let bench = Login::new();
    bench.server().lifetime = Some(10);
    let core = bench.logged_in();
    let results = bench.run(join_all((0..3).map(|_| call(&core, &SLOWLY))));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(bench.server().rejections, 0);
    let arrivals = bench.arrivals();
    let names: Vec<&str> = arrivals.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "token",
            "/v1/thing",
            "token",
            "/v1/thing",
            "token",
            "/v1/thing"
        ]
    );
    // Each token came at the moment at which its call had its slot, and the call went out at once.
    for pair in arrivals.chunks(2) {
        assert_eq!(pair[0].1, pair[1].1);
    }
    assert!(arrivals[3].1 - arrivals[1].1 >= 60_000);
}

/// Row E10: a token endpoint that is away fails the calls that need it, and the session outlives it.
#[test]
fn an_endpoint_that_is_away_wipes_no_session() {
    let bench = Login::new();
    let core = bench.logged_in();
    bench.run(call(&core, &READ)).unwrap();
    let good = bench.server().access.take();
    let away = || Fault::Instead(ScriptReply::text(503, "canary"));
    bench.server().faults.extend((0..2).map(|_| away()));
    let error = bench.run(call(&core, &READ)).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    let text = error.to_string();
    assert!(
        text.contains("the credential `login`: its token endpoint answered with status 503"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
    // The old token is still there: the API may take it again.
    let asked = bench.server().asked;
    bench.server().access = good;
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.server().asked, asked);
    // Once the pause is over, so is the outage.
    bench.server().access = None;
    bench.run(bench.sleep(2_000));
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.server().issued, 2);
}

/// Row E10: callers one after the other do not make as many requests to an endpoint that is away.
#[test]
fn an_outage_costs_few_token_requests() {
    let bench = Login::new();
    let core = bench.logged_in();
    bench
        .server()
        .faults
        .extend((0..5_000).map(|_| Fault::Instead(ScriptReply::empty(500))));
    bench.run(async {
        for _ in 0..1_000 {
            let error = call(&core, &READ).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Auth);
            bench.sleep(10).await;
        }
    });
    let asked = bench.server().asked;
    assert!((4..20).contains(&asked), "{asked} in ten seconds");
    assert_eq!(bench.script.count(), asked as usize, "no call was sent");
}

/// Row E10: the answer to a renewal is lost, and the server has replaced the refresh token.
#[test]
fn a_lost_answer_is_asked_for_once_more() {
    let bench = Login::new();
    let core = bench.logged_in();
    bench.server().rotates = false;
    bench.server().faults.push_back(Fault::Lost);
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (2, 2));
    // Twice lost: a third request could be one too many.
    bench.server().access = None;
    bench.server().faults.extend([Fault::Lost, Fault::Lost]);
    let error = bench.run(call(&core, &READ)).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(bench.issued_and_asked(), (4, 4));
}

/// A provider is asked for the first value, when one has ended, and when one was rejected; and told which it is.
#[test]
fn a_provider_is_asked_when_it_has_to_be() {
    let bench = Login::new();
    let calls = Arc::new(AtomicU32::new(0));
    let (counted, server) = (Arc::clone(&calls), Arc::clone(&bench.server));
    let provider = CredentialProvider::new(move |wanted| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        assert_eq!(wanted.credential(), "given");
        assert_eq!(wanted.was_rejected(), number == 2);
        let token = format!("given-{number}");
        server.lock().unwrap().access = Some(token.clone());
        async move { Ok(CredentialValue::new(token)?.valid_for(Duration::from_secs(100))) }
    });
    let core = bench.client(&GIVEN, provider);
    assert_eq!(calls.load(Ordering::SeqCst), 0, "nobody needs a value yet");
    bench.run(async {
        call(&core, &READ).await.unwrap();
        bench.sleep(89_000).await;
        call(&core, &READ).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        bench.sleep(1_500).await;
        call(&core, &READ).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        bench.server().access = None;
        call(&core, &READ).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    });
    assert_eq!(bench.server().rejections, 1);
}

/// Rows A22, E11: a provider that panics, fails, or gives what cannot be sent makes errors and nothing worse.
#[test]
fn a_bad_provider_makes_errors() {
    let bench = Login::new();
    let turn = Arc::new(AtomicU32::new(0));
    let (counted, server) = (Arc::clone(&turn), Arc::clone(&bench.server));
    let provider = CredentialProvider::new(move |_| {
        let turn = counted.fetch_add(1, Ordering::SeqCst);
        assert!(turn != 0, "canary");
        let server = Arc::clone(&server);
        async move {
            assert!(turn != 1, "canary");
            match turn {
                2 => Err("the vault is sealed".into()),
                3 => Ok("canary\r\n".into()),
                4 => Ok("canär".into()),
                5 => Ok("".into()),
                6 => Ok(CredentialValue::from("canary").valid_until(std::time::UNIX_EPOCH)),
                _ => {
                    server.lock().unwrap().access = Some("good".to_owned());
                    Ok("good".into())
                }
            }
        }
    });
    let core = bench.client(&GIVEN, provider);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut texts = Vec::new();
    for _ in 0..7 {
        let error = bench.run(call(&core, &READ)).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        texts.push(format!("{error} {error:?}"));
        bench.run(bench.sleep(60_000));
    }
    std::panic::set_hook(before);
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(turn.load(Ordering::SeqCst), 8);
    assert!(
        texts
            .iter()
            .all(|text| !text.contains("canar") && text.contains("`given`")),
        "{texts:?}"
    );
    assert!(
        texts[0].contains("panicked") && texts[1].contains("panicked"),
        "{texts:?}"
    );
    assert!(texts[2].contains("the vault is sealed"), "{texts:?}");
    assert_eq!(bench.script.count(), 1, "only the good value was sent");
}

/// Where nothing can run the task, calls fail instead of waiting for ever.
#[test]
fn without_a_runtime_a_renewal_is_an_error() {
    let bench = Login::new();
    let mut builder = Builder::new(&THINGS);
    builder.credential(&LOGIN, login());
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    let core: Core = builder.build().unwrap();
    let error = bench.run(call(&core, &READ)).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Auth, 0));
    assert!(error.to_string().contains("given up"), "{error}");
}

/// A deadline bounds the wait for a renewal, which goes on.
#[test]
fn a_deadline_bounds_the_wait() {
    let bench = Login::new();
    let core = bench.logged_in();
    bench.server().latency = (0, 20_000);
    let error = bench
        .run(call(&core, &READ).with_deadline(Duration::from_millis(1)))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline);
    assert_eq!(bench.clock_millis(), 1);
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.server().asked, 1);
}
