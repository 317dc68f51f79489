//! Signatures by the vectors of RFC 4231, each with siblings that differ in one thing and must fail.
//!
//! Keys of the RFC are bytes, those of applications printable text, so these go in below the check of texts.

use super::*;

static HEX: WebhookTable = WebhookTable {
    name: "Hex",
    header: "x-signature",
    proof: WebhookProof::HmacSha256 {
        encoding: WebhookEncoding::Hex,
        prefix: "",
    },
    env: None,
    event: &[],
    payload: &[],
};
static PREFIXED: WebhookTable = WebhookTable {
    name: "Prefixed",
    proof: WebhookProof::HmacSha256 {
        encoding: WebhookEncoding::Base64,
        prefix: "sha256=",
    },
    ..HEX
};

/// Key, data, and what RFC 4231 §4.2 to §4.8 says of them, without the truncated one.
fn vectors() -> Vec<(Vec<u8>, Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            vec![0x0b; 20],
            text("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            text("Jefe"),
            text("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            (1..=25).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            vec![0xaa; 131],
            text("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            text(
                "This is a test using a larger than block-size key and a larger than block-size data. \
                 The key needs to be hashed before being used by the HMAC algorithm.",
            ),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ]
}

fn knowing(webhook: &'static WebhookTable, keys: &[&[u8]]) -> WebhookVerifier {
    let signs = |key: &&[u8]| Secret::Signs(hmac::Key::new(hmac::HMAC_SHA256, key));
    WebhookVerifier {
        webhook,
        secrets: keys.iter().map(signs).collect(),
        body_cap: BODY_CAP,
    }
}

fn judge(verifier: &WebhookVerifier, signature: &[u8], body: &[u8]) -> Option<WebhookFault> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_bytes(signature).unwrap();
    headers.insert(verifier.webhook.header, value);
    verifier
        .verify(&headers, body)
        .err()
        .map(|error| error.fault())
}

#[test]
fn the_vectors_of_the_rfc_hold() {
    for (key, data, signature) in vectors() {
        let verifier = knowing(&HEX, &[&key]);
        assert_eq!(judge(&verifier, signature.as_bytes(), &data), None);
        let large = signature.to_ascii_uppercase();
        assert_eq!(judge(&verifier, large.as_bytes(), &data), None);
        let digits = Base64::from(unhex(signature).unwrap()).to_string();
        let verifier = knowing(&PREFIXED, &[&key]);
        for digits in [digits.as_str(), digits.trim_end_matches('=')] {
            let signature = format!("sha256={digits}");
            assert_eq!(judge(&verifier, signature.as_bytes(), &data), None);
        }
    }
}

/// Row K8: one bit of the signature, of the body or of the key makes it another one; each bit of the signature counts.
#[test]
fn siblings_that_differ_in_one_bit_fail() {
    let wrong = Some(WebhookFault::WrongSignature);
    for (key, data, signature) in vectors() {
        let verifier = knowing(&HEX, &[&key]);
        let bytes = unhex(signature).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            let other: String = other.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(
                judge(&verifier, other.as_bytes(), &data),
                wrong,
                "bit {bit}"
            );
        }
        for at in [0, data.len() / 2, data.len() - 1] {
            let mut other = data.clone();
            other[at] ^= 1;
            assert_eq!(judge(&verifier, signature.as_bytes(), &other), wrong);
        }
        for other in [[&data[..], b"\n"].concat(), data[1..].to_vec(), Vec::new()] {
            assert_eq!(judge(&verifier, signature.as_bytes(), &other), wrong);
        }
        let mut other = key.clone();
        other[0] ^= 1;
        assert_eq!(
            judge(&knowing(&HEX, &[&other]), signature.as_bytes(), &data),
            wrong
        );
        assert_eq!(
            judge(&knowing(&HEX, &[]), signature.as_bytes(), &data),
            wrong
        );
    }
}

/// RFC 4231 §4.6 among them: a signature that is cut off is none, however right its beginning.
#[test]
fn siblings_of_another_form_fail() {
    let bad = Some(WebhookFault::BadSignature);
    let cut = knowing(&HEX, &[&[0x0c; 20]]);
    let truncated = b"a3b6167473100ee06e0c796c2955552b";
    assert_eq!(judge(&cut, truncated, b"Test With Truncation"), bad);
    for (key, data, signature) in vectors() {
        let verifier = knowing(&HEX, &[&key]);
        let base64 = Base64::from(unhex(signature).unwrap()).to_string();
        for other in [
            String::new(),
            signature[1..].to_owned(),
            signature[2..].to_owned(),
            format!("{signature}0"),
            format!("{signature}00"),
            format!("{signature}{signature}"),
            format!("{signature}, {signature}"),
            format!("{signature} "),
            format!("0x{signature}"),
            format!("sha256={signature}"),
            format!("{}g", &signature[1..]),
            format!("{}é", &signature[2..]),
            base64.clone(),
        ] {
            assert_eq!(judge(&verifier, other.as_bytes(), &data), bad, "{other:?}");
        }
        let verifier = knowing(&PREFIXED, &[&key]);
        for other in [
            base64.clone(),
            format!("SHA256={base64}"),
            format!("sha256= {base64}"),
            format!("sha256={}", base64.replace('=', "==")),
            format!("sha256={}", &base64[1..]),
            format!("sha256={signature}"),
            format!("sha1={base64}"),
            "sha256=".to_owned(),
        ] {
            assert_eq!(judge(&verifier, other.as_bytes(), &data), bad, "{other:?}");
        }
    }
}

/// While a secret is replaced, both count, in any order; the third does not.
#[test]
fn each_of_several_secrets_counts() {
    let all = vectors();
    let (_, data, _) = &all[0];
    let key = |number: usize| all[number].0.as_slice();
    let both = knowing(&HEX, &[key(0), key(1)]);
    for (number, wanted) in [
        (0, None),
        (1, None),
        (3, Some(WebhookFault::WrongSignature)),
    ] {
        let signed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key(number)), data);
        let digits: String = signed
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(judge(&both, digits.as_bytes(), data), wanted);
    }
}
