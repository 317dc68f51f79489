//! Writes that count each time: what may have arrived is never sent again, what certainly did not
//! is. The ledger is the server's.

use std::time::Duration;

use etiquette_apis::Kind;
use etiquette_apis::users::{self, Fault, NewUser};
use etiquette_standins::{Answer, Fault as Play};
use runtime::Phase;
use runtime::testing::ScriptReply;

use crate::flow::world::{Live, live_users, scripted_users, user};

fn new() -> NewUser {
    NewUser::new("Charlie Brown", "charlie@example.com")
}

/// Sends one create over TCP that goes wrong as told; gives the error.
async fn create(live: &Live<users::Client>, fault: Play) -> etiquette_apis::Error {
    live.server.next(fault);
    live.api.users().create(&new()).await.unwrap_err()
}

fn is_there(live: &Live<users::Client>) -> bool {
    live.server.state()["users"]
        .to_string()
        .contains("charlie@example.com")
}

/// Row A2: the connection breaks after the request was read, whether it was carried out or not.
#[tokio::test]
async fn a_lost_answer_to_a_create_is_ambiguous() {
    for (fault, applied) in [
        (Play::ResetAfter, true),
        (Play::CloseAfter, true),
        (Play::ResetBefore, false),
        (Play::CloseBefore, false),
    ] {
        let live = live_users().await;
        let name = format!("{fault:?}");
        let error = create(&live, fault).await;
        assert_eq!(error.kind(), Kind::Ambiguous, "{name}");
        assert_eq!(
            (error.phase(), error.attempts()),
            (Phase::Unknown, 1),
            "{name}"
        );
        assert!(error.may_have_happened() && !error.is_retryable(), "{name}");
        assert_eq!(live.server.writes().len(), 1, "{name}: sent once");
        assert_eq!(is_there(&live), applied, "{name}");
    }
}

/// Rows A4, A6: a gateway's answer says nothing about the origin, with or without `Retry-After`.
#[tokio::test]
async fn a_create_is_not_sent_again_after_a_gateways_answer() {
    for status in [500, 502, 503, 504] {
        for answer in [
            Answer::new(status),
            Answer::new(status).header("retry-after", "1"),
        ] {
            let live = live_users().await;
            let error = create(&live, Play::Answer(answer.after_applying())).await;
            assert_eq!(
                (error.kind(), error.status()),
                (Kind::Ambiguous, Some(status))
            );
            assert!(error.may_have_happened());
            assert_eq!(live.server.writes().len(), 1, "{status}: sent once");
            assert!(is_there(&live));
        }
    }
}

/// Row A3: no answer within the timeout, though the server carries it out later.
#[test]
fn a_create_without_an_answer_in_time_is_ambiguous() {
    let world = scripted_users();
    let late = ScriptReply::json(201, user(1)).after(Duration::from_secs(40));
    world.reply([late]);
    let error = world.run(world.api.users().create(&new())).unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened());
    assert_eq!(
        world.now(),
        Duration::from_secs(30),
        "the description's timeout"
    );
    assert_eq!((world.script.count(), world.script.applied()), (1, 1));

    let world = scripted_users();
    world.reply([ScriptReply::stalls()]);
    let call = world
        .api
        .users()
        .create(&new())
        .with_timeout(Duration::from_secs(3));
    assert_eq!(world.run(call).unwrap_err().kind(), Kind::Ambiguous);
    assert_eq!(
        (world.now(), world.script.count()),
        (Duration::from_secs(3), 1)
    );
}

/// Row A1: what never left is sent again, a create too.
#[test]
fn a_create_that_never_left_is_sent_again() {
    let world = scripted_users();
    let created = ScriptReply::json(201, user(1));
    world.reply([ScriptReply::not_sent(), ScriptReply::not_sent(), created]);
    let reply = world
        .run(world.api.users().create(&new()).send_raw())
        .unwrap();
    assert_eq!(reply.attempts, 3);
    assert_eq!((world.script.count(), world.script.applied()), (1, 1));
}

/// Row A1 over TCP: nobody listens.
#[tokio::test]
async fn a_server_that_is_not_there_has_done_nothing() {
    let live = live_users().await;
    let api = live.api.clone();
    live.server.stop().await;
    let error = api.users().create(&new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (Kind::Connect, Phase::NotSent)
    );
    assert_eq!(error.attempts(), 4, "as the description says");
    assert!(!error.may_have_happened() && error.is_retryable());
}

/// Row A5: a refusal is no processing, so the create is sent again after the wait.
#[tokio::test]
async fn a_refused_create_is_sent_again() {
    let live = live_users().await;
    let refusal = Answer::new(429).json(r#"{"error":"Rate limit exceeded"}"#);
    live.server
        .next(Play::Answer(refusal.header("retry-after", "20")));
    let before = live.clock.now_system();
    let user = live.api.users().create(&new()).await.unwrap();
    assert_eq!(user.email, "charlie@example.com");
    let writes = live.server.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes.iter().filter(|write| write.applied).count(), 1);
    assert_eq!(writes[0].body, writes[1].body);
    let waited = live.clock.now_system().duration_since(before).unwrap();
    assert!((20..=25).contains(&waited.as_secs()), "{waited:?}");
}

/// A refusal after which the answer is lost: the last attempt decides.
#[tokio::test]
async fn a_create_that_is_refused_and_then_lost_is_ambiguous() {
    let live = live_users().await;
    live.server
        .next(Play::Answer(Answer::new(429).header("retry-after", "1")));
    let error = create(&live, Play::ResetAfter).await;
    assert_eq!((error.kind(), error.attempts()), (Kind::Ambiguous, 2));
    assert_eq!(live.server.writes().len(), 2);
    assert!(is_there(&live));
}

/// Row A14: an answer that came and does not fit. The write has happened; it is not sent again.
#[tokio::test]
async fn a_malformed_answer_to_a_create_says_that_it_has_happened() {
    for fault in [
        Play::Malformed,
        Play::set("/id", 7.into()),
        Play::remove("", "createdAt"),
    ] {
        let live = live_users().await;
        let error = create(&live, fault).await;
        assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(201)));
        assert!(error.may_have_happened() && !error.is_retryable());
        assert_eq!(live.server.writes().len(), 1);
        assert!(is_there(&live));
    }
}

/// Row A14: the body of the answer breaks off. The head said that it was created.
#[tokio::test]
async fn a_truncated_answer_to_a_create_is_not_asked_for_again() {
    let live = live_users().await;
    let error = create(&live, Play::Truncate { keep: 10 }).await;
    assert!(error.may_have_happened(), "{error:?}");
    assert_eq!(error.status(), Some(201));
    assert_eq!(live.server.writes().len(), 1);
}

/// A conflict is an answer: the write has not happened, and nothing is unclear.
#[tokio::test]
async fn a_conflict_is_final() {
    let live = live_users().await;
    live.api.users().create(&new()).await.unwrap();
    let error = live.api.users().create(&new()).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Conflict));
    assert_eq!(error.phase(), Phase::Final);
    assert!(!error.may_have_happened());
    assert_eq!(live.server.writes().len(), 2);
}

/// A redirect of a write is never followed.
#[tokio::test]
async fn a_redirected_create_is_an_error() {
    for status in [301, 302, 303, 307, 308] {
        let live = live_users().await;
        let answer = Answer::new(status).header("location", "/v1/users");
        let error = create(&live, Play::Answer(answer)).await;
        assert_eq!(
            (error.kind(), error.status()),
            (Kind::Redirected, Some(status))
        );
        assert_eq!(live.server.arrivals().len(), 1);
    }
}
