//! Webhooks of Hive, both versions: objects as the stand-in shows them, signed by an HMAC that shares nothing with
//! ours, and siblings of such a delivery that are refused.

use etiquette_apis::hive;
use etiquette_apis::hive_v2::webhooks::{Updates, UpdatesEvent};
use etiquette_apis::{Age, Newest, WebhookFault};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use crate::flow::world::{KEY, live_hive, live_hive_v2};

/// FIPS 180-4 §5.3.3: the fractional parts of the square roots of the first eight primes.
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// FIPS 180-4 §4.2.2: the first 32 bits behind the point of the cube roots of the first 64 primes.
fn constants() -> [u32; 64] {
    let is_prime = |n: &u128| (2..*n).all(|d| !n.is_multiple_of(d));
    let primes: Vec<u128> = (2..).filter(is_prime).take(64).collect();
    std::array::from_fn(|place| {
        // The whole cube root of the prime shifted by 96 bits has 32 bits behind the point.
        let wanted = primes[place] << 96;
        let (mut low, mut high) = (0_u128, 1 << 36);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if middle * middle * middle <= wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        u32::try_from(low & 0xffff_ffff).unwrap()
    })
}

/// SHA-256 (FIPS 180-4 §6.2).
fn sha256(message: &[u8]) -> [u8; 32] {
    let constants = constants();
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut hash = START;
    for block in padded.chunks(64) {
        let mut w: Vec<u32> = block
            .chunks(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
            .collect();
        for t in 16..64 {
            let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
            let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
            w.push(
                w[t - 16]
                    .wrapping_add(s0)
                    .wrapping_add(w[t - 7])
                    .wrapping_add(s1),
            );
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = hash;
        for t in 0..64 {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let one = h
                .wrapping_add(s1)
                .wrapping_add(choice)
                .wrapping_add(constants[t])
                .wrapping_add(w[t]);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let two = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) =
                (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
        }
        for (held, new) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *held = held.wrapping_add(new);
        }
    }
    let mut out = [0; 32];
    for (place, word) in out.chunks_mut(4).zip(hash) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    out
}

/// HMAC (RFC 2104 §2) in hexadecimal.
fn signed(key: &str, body: &[u8]) -> String {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let inner = [&block.map(|byte| byte ^ 0x36)[..], body].concat();
    let outer = [&block.map(|byte| byte ^ 0x5c)[..], &sha256(&inner)].concat();
    sha256(&outer)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// RFC 4231 §4.3, and the example of FIPS 180-4.
#[test]
fn the_independent_hmac_is_one() {
    assert_eq!(sha256(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(
        signed("Jefe", b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

fn headers(signature: &str) -> HeaderMap {
    let value = HeaderValue::from_str(signature).unwrap();
    HeaderMap::from_iter([("x-hive-signature".parse().unwrap(), value)])
}

/// The first object of a list, as a delivery would hold it.
async fn first(server: &etiquette_standins::Standin, path: &str) -> Value {
    let reply = server.act(Method::GET, path, None).await;
    let page: Value = serde_json::from_slice(reply.body()).unwrap();
    page["data"][0].clone()
}

#[tokio::test]
async fn a_signed_delivery_is_read() {
    let live = live_hive_v2().await;
    let updates = Updates::new(KEY).unwrap();
    for (event, path) in [
        ("shipment_status_updated", "/shipments"),
        ("delivery_status_updated", "/shipments"),
        (
            "restocking_shipment_status_updated",
            "/restocking_shipments",
        ),
        ("return_status_updated", "/returns"),
    ] {
        let object = first(&live.server, path).await;
        let id = object["id"].as_i64().unwrap();
        let body = json!({"event": event, "data": object}).to_string();
        let read = updates
            .parse(&headers(&signed(KEY, body.as_bytes())), body.as_bytes())
            .unwrap();
        let (name, found) = match read {
            UpdatesEvent::ShipmentStatusUpdated(one) => ("shipment_status_updated", one.id),
            UpdatesEvent::DeliveryStatusUpdated(one) => ("delivery_status_updated", one.id),
            UpdatesEvent::RestockingShipmentStatusUpdated(one) => {
                ("restocking_shipment_status_updated", one.id)
            }
            UpdatesEvent::ReturnStatusUpdated(one) => ("return_status_updated", one.id),
            other => panic!("{other:?}"),
        };
        assert_eq!((name, found), (event, id));
    }
    let body = json!({"event": "stock_moved", "data": {"id": 1}}).to_string();
    let read = updates
        .parse(&headers(&signed(KEY, body.as_bytes())), body.as_bytes())
        .unwrap();
    assert!(
        matches!(read, UpdatesEvent::Unknown(_)),
        "newer servers tell more"
    );
}

/// A bit of the body or of the signature, another key, the signature of another body, none, two, or other
/// digits: nothing of it is read, and no error shows a secret.
#[tokio::test]
async fn tampered_deliveries_are_refused() {
    let live = live_hive_v2().await;
    let updates = Updates::new(KEY).unwrap();
    let object = first(&live.server, "/shipments").await;
    let body = json!({"event": "shipment_status_updated", "data": object}).to_string();
    let right = signed(KEY, body.as_bytes());
    let fault = |headers: &HeaderMap, body: &[u8]| {
        let error = updates.parse(headers, body).unwrap_err();
        let text = format!("{error} {error:?} {updates:?}");
        assert!(!text.contains(KEY) && !text.contains(&right), "{text}");
        error.fault()
    };
    for at in (0..body.len()).step_by(7) {
        let mut bytes = body.clone().into_bytes();
        bytes[at] ^= 1;
        assert_eq!(
            fault(&headers(&right), &bytes),
            WebhookFault::WrongSignature
        );
    }
    for at in 0..right.len() {
        let mut digits = right.clone().into_bytes();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        let digits = String::from_utf8(digits).unwrap();
        assert_eq!(
            fault(&headers(&digits), body.as_bytes()),
            WebhookFault::WrongSignature
        );
    }
    let other = signed("another-key", body.as_bytes());
    assert_eq!(
        fault(&headers(&other), body.as_bytes()),
        WebhookFault::WrongSignature
    );
    let shorter = &body.as_bytes()[..body.len() - 1];
    assert_eq!(
        fault(&headers(&right), shorter),
        WebhookFault::WrongSignature
    );
    assert_eq!(
        fault(&HeaderMap::new(), body.as_bytes()),
        WebhookFault::NoSignature
    );
    let mut two = headers(&right);
    two.append("x-hive-signature", HeaderValue::from_str(&right).unwrap());
    assert_eq!(fault(&two, body.as_bytes()), WebhookFault::TwoSignatures);
    for bad in [
        "",
        "xyz",
        &right[..62],
        &format!("{right}00"),
        &format!("sha256={right}"),
    ] {
        assert_eq!(
            fault(&headers(bad), body.as_bytes()),
            WebhookFault::BadSignature,
            "{bad}"
        );
    }
    // The key may be changed: both count for a while.
    let both = Updates::new("another-key").unwrap().also(KEY).unwrap();
    assert!(both.parse(&headers(&right), body.as_bytes()).is_ok());
}

/// The first version's deliveries, which come in any order and twice: the younger one counts.
#[tokio::test]
async fn old_deliveries_are_told_from_new_ones() {
    let live = live_hive().await;
    let updates = hive::webhooks::Updates::new(KEY).unwrap();
    let object = first(&live.server, "/shipments").await;
    let mut newest = Newest::new(100);
    let mut ages = Vec::new();
    for at in [
        "2023-01-02T00:00:00Z",
        "2023-01-01T00:00:00Z",
        "2023-01-02T00:00:00Z",
        "2023-01-03T00:00:00Z",
    ] {
        let mut object = object.clone();
        object["shipped_at"] = json!(at);
        let body = json!({"event": "shipment_status_updated", "data": object}).to_string();
        let read = updates
            .parse(&headers(&signed(KEY, body.as_bytes())), body.as_bytes())
            .unwrap();
        let hive::webhooks::UpdatesEvent::ShipmentStatusUpdated(shipment) = read else {
            panic!("another event");
        };
        ages.push(newest.see(shipment.id, shipment.shipped_at.unwrap()));
    }
    assert_eq!(ages, [Age::Newer, Age::Older, Age::Same, Age::Newer]);
}
