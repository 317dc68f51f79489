//! Row I25: what is taken for a secret and what is not. Secrets are put together here, so that no
//! scanner takes this file for a leak.

use super::{find, masked};
use crate::model::Origin;

fn hex() -> String {
    "7f3a9c1e5b8d2046".repeat(2)
}

fn jwt() -> String {
    [
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
        "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    ]
    .join(".")
}

#[test]
fn keys_of_vendors_are_found_alone_and_in_a_sentence() {
    let key = ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_");
    for text in [
        key.clone(),
        format!("try `{key}`."),
        format!("(={key})"),
        format!("curl -u {key}: …"),
        format!("k=\"{key}\""),
    ] {
        assert_eq!(find(&text), Some((key.as_str(), "a secret key")), "{text}");
    }
}

#[test]
fn tokens_are_found_by_their_parts() {
    let jwt = jwt();
    assert_eq!(
        find(&format!("Authorization: Bearer {jwt}")),
        Some((jwt.as_str(), "a JSON Web Token"))
    );
    assert_eq!(find("eyJhbGci.eyJzdWIi.short"), None);
}

#[test]
fn random_words_are_found_where_they_are_announced() {
    let hex = hex();
    for text in [
        format!("api key: {hex}"),
        format!("the token is {hex}"),
        format!("password=\"{hex}\""),
        format!("?api_key={hex}&a=b"),
        format!("X-Auth-Token {hex}"),
        format!("client_secret={hex}"),
    ] {
        assert_eq!(find(&text), Some((hex.as_str(), "a secret")), "{text}");
    }
}

#[test]
fn words_hashes_placeholders_and_identifiers_are_not_secrets() {
    let hex = hex();
    for text in [
        format!("commit {hex}"),
        format!("the key of the table of all things that were stored: {hex}"),
        "token: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned(),
        "key 00000000000000000000000000000000000000000".to_owned(),
        "token 123e4567".to_owned(),
        "the key USERS_API_KEY_OF_THE_PRODUCTION_ENVIRONMENT_2".to_owned(),
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx".to_owned(),
        "a secret between the two of us".to_owned(),
        String::new(),
    ] {
        assert_eq!(find(&text), None, "{text}");
    }
}

#[test]
fn the_secret_is_blotted_out_of_the_line_that_is_shown() {
    let hex = hex();
    let origin = Origin {
        path: "schema/a.yaml".to_owned(),
        line: 3,
        column: 1,
        width: 3,
        yaml_path: "doc".to_owned(),
        source_line: format!("doc: token {hex}"),
    };
    let place = masked(&origin, &hex);
    assert_eq!((place.column, place.width), (12, 32));
    assert_eq!(
        &*place.source_line,
        format!("doc: token {}", "*".repeat(32))
    );
}
