//! Webhooks, from the description to the bytes of a delivery: what a generated verifier believes, and what it reads.

use etiquette_cases::deliveries::webhooks::{Changes, Schedule, Updates, UpdatesEvent};
use etiquette_cases::{Age, Newest, WebhookFault};
use http::{HeaderMap, HeaderValue};

const SECRET: &str = "canary-s3cret";
const MOVED: &str = r#"{"event":"parcel_status_updated","data":{"id":7,"status":"out","moved_at":"2024-05-01T10:00:00Z","phone":"canary-phone"}}"#;
/// As `openssl dgst -sha256 -hmac canary-s3cret` prints it for [`MOVED`].
const MOVED_SIGNED: &str = "33073af0cf726a93ae97af29768d1b63d5d1a5169ca684f998a011e4b26d89eb";
const SCHEDULED: &str = r#"{"at":"2024-05-01T10:00:00Z"}"#;
/// The same in base64, for [`SCHEDULED`].
const SCHEDULED_SIGNED: &str = "ALlmRuuTkMI4pJUUhyZ/EGBUVZd5ZcEKfXP0LO8zl7o=";

fn header(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())])
}

#[test]
fn a_signed_event_is_read_as_its_type() {
    let updates = Updates::new(SECRET).unwrap();
    let event = updates
        .parse(
            &header("x-parcel-signature", MOVED_SIGNED),
            MOVED.as_bytes(),
        )
        .unwrap();
    let UpdatesEvent::ParcelStatusUpdated(parcel) = &event else {
        panic!("another event");
    };
    assert_eq!((parcel.id, parcel.status.as_str()), (7, "out"));
    // What is sensitive stays hidden, and the time tells what is newer.
    assert!(!format!("{event:?} {updates:?}").contains("canary"));
    let time = event.newest_by().unwrap();
    let mut newest = Newest::new(10);
    assert_eq!(newest.see(parcel.id, time), Age::Newer);
    assert_eq!(newest.see(parcel.id, time), Age::Same);
}

/// Row K8: the description's header, key and digits, and siblings that differ in one of them.
#[test]
fn siblings_of_a_delivery_are_refused() {
    let updates = Updates::new(SECRET).unwrap();
    let judge = |updates: &Updates, name: &'static str, value: &str, body: &str| {
        let error = updates
            .parse(&header(name, value), body.as_bytes())
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
        error.fault()
    };
    let name = "x-parcel-signature";
    let other = Updates::new("canary-other").unwrap();
    let body = MOVED.replace("out", "in");
    let upset = format!("{}0", &MOVED_SIGNED[..63]);
    let upset = if upset == MOVED_SIGNED {
        format!("{}1", &MOVED_SIGNED[..63])
    } else {
        upset
    };
    for (updates, name, value, body, wanted) in [
        (
            &updates,
            "x-signature",
            MOVED_SIGNED,
            MOVED,
            WebhookFault::NoSignature,
        ),
        (
            &updates,
            name,
            upset.as_str(),
            MOVED,
            WebhookFault::WrongSignature,
        ),
        (
            &updates,
            name,
            &MOVED_SIGNED[..62],
            MOVED,
            WebhookFault::BadSignature,
        ),
        (
            &updates,
            name,
            SCHEDULED_SIGNED,
            MOVED,
            WebhookFault::BadSignature,
        ),
        (
            &updates,
            name,
            MOVED_SIGNED,
            &body,
            WebhookFault::WrongSignature,
        ),
        (
            &other,
            name,
            MOVED_SIGNED,
            MOVED,
            WebhookFault::WrongSignature,
        ),
    ] {
        assert_eq!(judge(updates, name, value, body), wanted);
    }
    let rotated = other.also(SECRET).unwrap();
    assert!(
        rotated
            .parse(&header(name, MOVED_SIGNED), MOVED.as_bytes())
            .is_ok()
    );
}

#[test]
fn each_webhook_has_its_own_proof_and_payload() {
    let schedule = Schedule::new(SECRET).unwrap();
    let signed = format!("sha256={SCHEDULED_SIGNED}");
    let name = "x-hub-signature-256";
    let scheduled = schedule
        .parse(&header(name, &signed), SCHEDULED.as_bytes())
        .unwrap();
    assert_eq!(Schedule::newest_by(&scheduled), Some(scheduled.at));
    let bare = schedule.parse(&header(name, SCHEDULED_SIGNED), SCHEDULED.as_bytes());
    assert_eq!(bare.unwrap_err().fault(), WebhookFault::BadSignature);
    let changes = Changes::new(SECRET).unwrap();
    let body =
        br#"{"webhook":{"id":1},"data":[{"id":3,"action":"create"},{"id":4,"action":"merge"}]}"#;
    let all = changes
        .parse(&header("x-webhook-key", SECRET), body)
        .unwrap();
    assert_eq!(
        all.iter().map(|change| change.id).collect::<Vec<_>>(),
        [3, 4]
    );
    let wrong = changes.parse(&header("x-webhook-key", "canary-s3creT"), body);
    assert_eq!(wrong.unwrap_err().fault(), WebhookFault::WrongSignature);
}
