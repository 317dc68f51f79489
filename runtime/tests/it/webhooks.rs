//! Deliveries as an application gets them: headers and a raw body, through what generated webhooks are made of.

use etiquette_runtime::codegen::*;
use etiquette_runtime::value::UnknownObject;
use etiquette_runtime::{Age, Newest, WebhookFault};
use http::HeaderValue;

#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub(crate) struct Parcel {
    pub(crate) id: i64,
    pub(crate) moved_at: Option<Timestamp>,
    pub(crate) phone: String,
}
etiquette_runtime::record! {
    Parcel: required id: i64, optional moved_at: Timestamp, required phone: String,
}
etiquette_runtime::debug! { Parcel: id, moved_at,; phone, }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(crate) enum ParcelsEvent {
    Moved(Parcel),
    Lost(i64),
    Unknown(UnknownObject),
}
etiquette_runtime::webhook_events! {
    ParcelsEvent: Moved(Parcel) = "moved" by moved_at, Lost(i64) = "lost"; newest Timestamp
}

#[derive(Clone, Debug)]
pub(crate) struct Parcels(WebhookVerifier);
etiquette_runtime::webhook! { Parcels: event ParcelsEvent, PARCELS, env from_env }
static PARCELS: WebhookTable = WebhookTable {
    name: "Parcels",
    header: "x-signature",
    proof: WebhookProof::HmacSha256 {
        encoding: WebhookEncoding::Hex,
        prefix: "",
    },
    env: Some("ETIQUETTE_TEST_WEBHOOK_THAT_IS_NOT_SET"),
    event: &["event"],
    payload: &["data"],
};

#[derive(Clone, Debug)]
pub(crate) struct Lists(WebhookVerifier);
etiquette_runtime::webhook! { Lists: payload Vec<i64>, LISTS }
static LISTS: WebhookTable = WebhookTable {
    name: "Lists",
    header: "x-webhook-key",
    proof: WebhookProof::SharedSecret,
    env: None,
    event: &[],
    payload: &["data"],
};

#[derive(Clone, Debug)]
pub(crate) struct Single(WebhookVerifier);
etiquette_runtime::webhook! { Single: payload Parcel, LISTS, newest moved_at: Timestamp }

const SECRET: &str = "canary-s3cret";

/// The signature is another implementation’s: what `openssl dgst -sha256 -hmac canary-s3cret` prints for [`MOVED`].
const MOVED: &str =
    r#"{"event":"moved","data":{"id":7,"moved_at":"2024-05-01T10:00:00Z","phone":"canary-phone"}}"#;
const MOVED_SIGNED: &str = "43f96a9e5f6f38647ea86acdc53c5c4d44f8d06214cbcfe486ec37ff48f0db36";

fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn signed(body: &str) -> HeaderMap {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, body.as_bytes());
    let digits: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    headers("x-signature", &[digits.as_bytes()])
}

fn parcels() -> Parcels {
    Parcels::new(SECRET).unwrap()
}

fn fault<T: std::fmt::Debug>(result: Result<T, WebhookError>) -> WebhookFault {
    let error = result.unwrap_err();
    let text = format!("{error} {error:?} {error:#?}");
    assert!(!text.contains("canary"), "{text}");
    error.fault()
}

#[test]
fn an_event_is_read_by_its_name() {
    let headers = headers("x-signature", &[MOVED_SIGNED.as_bytes()]);
    let ParcelsEvent::Moved(parcel) = parcels().parse(&headers, MOVED.as_bytes()).unwrap() else {
        panic!("another event");
    };
    assert_eq!((parcel.id, parcel.phone.as_str()), (7, "canary-phone"));
    let lost = r#"{"data": 9, "event": "lost"}"#;
    let event = parcels().parse(&signed(lost), lost.as_bytes()).unwrap();
    assert_eq!(event, ParcelsEvent::Lost(9));
    assert_eq!(event.newest_by(), None);
}

/// An API may send tomorrow what nobody has described today, and the application can look at it.
#[test]
fn an_event_that_nobody_knows_is_kept_whole() {
    let body = r#"{"by":"hand","data":[1],"event":"Moved"}"#;
    let event = parcels().parse(&signed(body), body.as_bytes()).unwrap();
    let ParcelsEvent::Unknown(kept) = &event else {
        panic!("{event:?}");
    };
    assert_eq!(kept.as_json().to_string(), body);
    assert_eq!(event.newest_by(), None);
}

/// Row K8, and rows K1 and K10: what is wrong is told apart, and no secret, signature or value is shown.
#[test]
fn deliveries_that_are_not_believed_are_refused_before_anything_is_read() {
    let signature = MOVED_SIGNED.as_bytes();
    let body = MOVED.as_bytes();
    let other = MOVED.replace('7', "8");
    let parcels = parcels();
    for (values, body, wanted) in [
        (vec![], body, WebhookFault::NoSignature),
        (
            vec![signature, signature],
            body,
            WebhookFault::TwoSignatures,
        ),
        (
            vec![signature, b"canary"],
            body,
            WebhookFault::TwoSignatures,
        ),
        (vec![b"canary"], body, WebhookFault::BadSignature),
        (vec![b""], body, WebhookFault::BadSignature),
        (vec![b"\xff\xfe"], body, WebhookFault::BadSignature),
        (vec![SECRET.as_bytes()], body, WebhookFault::BadSignature),
        (
            vec![signature],
            other.as_bytes(),
            WebhookFault::WrongSignature,
        ),
        (
            vec![signature],
            b"canary, no JSON",
            WebhookFault::WrongSignature,
        ),
        (vec![signature], b"\xff\xfe", WebhookFault::WrongSignature),
    ] {
        let headers = headers("x-signature", &values);
        assert_eq!(fault(parcels.parse(&headers, body)), wanted);
        assert_eq!(fault(parcels.verify(&headers, body)), wanted);
    }
    let elsewhere = headers("x-signature-256", &[signature]);
    assert_eq!(
        fault(parcels.verify(&elsewhere, body)),
        WebhookFault::NoSignature
    );
    let shown = format!(
        "{parcels:?} {:?} {parcels:#?}",
        Parcels::new("canary-2").unwrap()
    );
    assert!(!shown.contains("canary"), "{shown}");
}

/// The cap comes before the hash: a forger gets no work done by sending much.
#[test]
fn a_body_is_bounded() {
    let long = format!("{MOVED}{}", " ".repeat(1024 * 1024));
    assert_eq!(
        fault(parcels().parse(&signed(&long), long.as_bytes())),
        WebhookFault::BodyTooLong
    );
    let wide = parcels().with_body_cap(2 * 1024 * 1024);
    assert!(wide.parse(&signed(&long), long.as_bytes()).is_ok());
    let exact = parcels().with_body_cap(MOVED.len());
    assert!(exact.parse(&signed(MOVED), MOVED.as_bytes()).is_ok());
    let narrow = parcels().with_body_cap(MOVED.len() - 1);
    assert_eq!(
        fault(narrow.parse(&signed(MOVED), MOVED.as_bytes())),
        WebhookFault::BodyTooLong
    );
}

#[test]
fn a_body_that_does_not_fit_is_named_by_its_place() {
    for (body, wanted) in [
        ("canary", "at /: expected value"),
        ("{} canary", "it is no JSON text"),
        ("{\"event\":\"moved\"", "the body does not fit"),
        (r#"{"data":{"id":"canary"}}"#, "at /event: it is missing"),
        (r#"{"event":7,"data":1}"#, "at /event"),
        (r#"{"event":"moved"}"#, "at /data: it is missing"),
        (r#"{"event":"moved","data":{"id":"canary"}}"#, "at /data/id"),
        (
            r#"{"event":"lost","event":"moved","data":1}"#,
            "at /event: it stands there twice",
        ),
    ] {
        let error = parcels().parse(&signed(body), body.as_bytes()).unwrap_err();
        let text = format!("{error} {error:?}");
        assert_eq!(error.fault(), WebhookFault::BadBody, "{body}");
        assert!(
            text.contains(wanted) && !text.contains("canary"),
            "{body}: {text}"
        );
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    }
    let deep = format!("{{\"event\":\"lost\",\"data\":{}", "[".repeat(200_000));
    assert_eq!(
        fault(parcels().parse(&signed(&deep), deep.as_bytes())),
        WebhookFault::BadBody
    );
}

#[test]
fn a_shared_secret_is_compared_whole() {
    let lists = Lists::new(SECRET).unwrap();
    let body = br#"{"data":[1,2]}"#;
    let judge = |given: &[&[u8]]| lists.parse(&headers("x-webhook-key", given), body);
    assert_eq!(judge(&[SECRET.as_bytes()]).unwrap(), [1, 2]);
    for wrong in [
        "canary-s3cre",
        "canary-s3crets",
        "Canary-s3cret",
        "c",
        "*",
        "canary-s3cret,canary-s3cret",
    ] {
        assert_eq!(
            fault(judge(&[wrong.as_bytes()])),
            WebhookFault::WrongSignature,
            "{wrong}"
        );
    }
    assert_eq!(fault(judge(&[b""])), WebhookFault::BadSignature);
    assert_eq!(fault(judge(&[])), WebhookFault::NoSignature);
    let twice = [SECRET.as_bytes(), SECRET.as_bytes()];
    assert_eq!(fault(judge(&twice)), WebhookFault::TwoSignatures);
}

/// A secret is replaced without a gap: the new one is added, deliveries of both come in, the old one is left out.
#[test]
fn secrets_are_replaced_without_a_gap() {
    let lists = Lists::new("new").unwrap().also("old").unwrap();
    for (given, is_known) in [
        ("new", true),
        ("old", true),
        ("older", false),
        ("newold", false),
    ] {
        let headers = headers("x-webhook-key", &[given.as_bytes()]);
        assert_eq!(lists.verify(&headers, b"").is_ok(), is_known, "{given}");
    }
}

/// Row E11: with an empty secret anybody could sign.
#[test]
fn what_cannot_be_a_secret_is_refused_without_an_echo() {
    for secret in ["", " ", "canary\n", "canär", &"canary".repeat(8 * 1024)] {
        for error in [
            Parcels::new(secret).err().unwrap(),
            Lists::new("good").unwrap().also(secret).err().unwrap(),
        ] {
            assert_eq!(error.kind(), Kind::Auth);
            assert!(!format!("{error} {error:?}").contains("canar"), "{error}");
        }
    }
    let error = Parcels::from_env().unwrap_err().to_string();
    assert!(
        error.contains("`ETIQUETTE_TEST_WEBHOOK_THAT_IS_NOT_SET` is not set"),
        "{error}"
    );
}

/// Deliveries come out of order and more than once: the same bytes are believed again, and their time tells.
#[test]
fn the_time_of_a_payload_tells_what_is_newer() {
    let body = |minute: u8| {
        format!(
            r#"{{"event":"moved","data":{{"id":7,"moved_at":"2024-05-01T10:0{minute}:00Z","phone":""}}}}"#
        )
    };
    let mut newest = Newest::new(100);
    let mut seen = Vec::new();
    for minute in [2, 1, 2, 3, 3] {
        let body = body(minute);
        let event = parcels().parse(&signed(&body), body.as_bytes()).unwrap();
        seen.push(newest.see(7, event.newest_by().unwrap()));
    }
    assert_eq!(
        seen,
        [Age::Newer, Age::Older, Age::Same, Age::Newer, Age::Same]
    );
    let single = Single::new(SECRET).unwrap();
    let headers = headers("x-webhook-key", &[SECRET.as_bytes()]);
    let parcel = single
        .parse(&headers, br#"{"data":{"id":1,"phone":""}}"#)
        .unwrap();
    assert_eq!(Single::newest_by(&parcel), None);
}
