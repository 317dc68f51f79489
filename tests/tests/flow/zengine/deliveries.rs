//! Webhooks of Zengine: the secret that is shown once, and what is delivered with it.

use etiquette_apis::WebhookFault;
use etiquette_apis::zengine::webhooks::RecordChanges;
use etiquette_apis::zengine::{
    Action, Client, FieldValue, NewRecord, NewWebhook, RecordPatch, Ref,
};
use etiquette_standins::zengine::{Delivery, deliveries};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::flow::world::{Live, live_zengine};

const HOOK: &str = "https://app.example.com/hook";

fn headers(delivery: &Delivery) -> HeaderMap {
    let all = delivery.headers.iter();
    all.map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    })
    .collect()
}

/// Makes a webhook and gives its secret.
async fn hooked(live: &Live<Client>, new: &NewWebhook) -> String {
    let made = live.api.webhooks().create(new).await.unwrap();
    let secret = made.secret_key.clone().unwrap();
    assert!(!format!("{made:?}").contains(&secret));
    let again = live.api.webhooks().get(made.id).await.unwrap();
    assert_eq!(again.secret_key, None, "it is shown once");
    assert_eq!((again.url.as_str(), again.is_active), (HOOK, true));
    secret
}

#[tokio::test]
async fn what_happens_to_records_is_delivered() {
    let live = live_zengine().await;
    let new = NewWebhook::new(HOOK, Ref::new(10_001), "records").form(Ref::new(51));
    let secret = hooked(&live, &new).await;
    let records = live.api.forms().records(51);
    let new = NewRecord::new().field(121, FieldValue::from("Bridge"));
    records.create(&new).await.unwrap();
    let patch = RecordPatch::default().field(123, FieldValue::from("approved"));
    records.update(4046, &patch).await.unwrap();
    records.delete(4046).await.unwrap();
    let sent = deliveries(&live.server);
    assert_eq!(sent.len(), 3);
    let verifier = RecordChanges::new(secret.clone()).unwrap();
    assert!(!format!("{verifier:?}").contains(&secret));
    let actions = [Action::Create, Action::Update, Action::Delete];
    for (delivery, action) in sent.iter().zip(actions) {
        let read = verifier
            .parse(&headers(delivery), delivery.body.as_bytes())
            .unwrap();
        let [change] = read.data.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(change.action, action);
        assert_eq!(change.resource, "records");
        let record = change.record.as_ref().unwrap();
        assert_eq!((record.id, record.form.as_ref().unwrap().id), (4046, 51));
        assert_eq!(record.folder.as_ref().unwrap().id, Some(71));
        assert!(read.webhook_event.is_some());
    }
    assert_eq!(
        live.api.webhook_events().list().await.unwrap().total,
        Some(3)
    );
}

/// Records of a form without folders are in none, which is no reason not to hear of them.
#[tokio::test]
async fn a_record_without_a_folder_is_delivered() {
    let live = live_zengine().await;
    let new = NewWebhook::new(HOOK, Ref::new(10_001), "records");
    let verifier = RecordChanges::new(hooked(&live, &new).await).unwrap();
    let patch = RecordPatch::default().field(141, FieldValue::from("Oslo"));
    let schools = live.api.forms().records(52);
    schools.update(3001, &patch).await.unwrap();
    let delivery = deliveries(&live.server).remove(0);
    let read = verifier.parse(&headers(&delivery), delivery.body.as_bytes());
    let read = read.unwrap();
    let record = read.data[0].record.as_ref().unwrap();
    assert_eq!(record.folder.as_ref().unwrap().id, None);
}

/// Who does not know the secret is not believed.
#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let live = live_zengine().await;
    let new = NewWebhook::new(HOOK, Ref::new(10_001), "records");
    let secret = hooked(&live, &new).await;
    live.api.forms().records(51).delete(4001).await.unwrap();
    let delivery = deliveries(&live.server).remove(0);
    let body = delivery.body.as_bytes();
    let refused = |secret: &str, headers: &HeaderMap| {
        let verifier = RecordChanges::new(secret.to_owned()).unwrap();
        let error = verifier.parse(headers, body).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret));
        error.fault()
    };
    let right = headers(&delivery);
    let near = format!("{}x", &secret[..secret.len() - 1]);
    assert_eq!(refused(&near, &right), WebhookFault::WrongSignature);
    assert_eq!(refused("whsec-other", &right), WebhookFault::WrongSignature);
    assert_eq!(
        refused(&secret, &HeaderMap::new()),
        WebhookFault::NoSignature
    );
    let mut twice = right.clone();
    let other = HeaderValue::from_static("whsec-other");
    twice.append("x-zengine-webhook-key", other);
    assert_eq!(refused(&secret, &twice), WebhookFault::TwoSignatures);
    // A secret that is replaced is believed beside the new one.
    let verifier = RecordChanges::new("whsec-new").unwrap();
    assert!(verifier.also(secret).unwrap().parse(&right, body).is_ok());
}
