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
        path: "schema/a.yaml".into(),
        line: 3,
        column: 1,
        width: 3,
        yaml_path: "doc".to_owned(),
        source_line: format!("doc: token {hex}").into(),
    };
    let place = masked(&origin, &hex);
    assert_eq!((place.column, place.width), (12, 32));
    assert_eq!(
        &*place.source_line,
        format!("doc: token {}", "*".repeat(32))
    );
}

fn check_all(texts: &[String], wanted: &str) {
    for text in texts {
        let found = find(text).map(|(_, kind)| kind);
        assert_eq!(found, Some(wanted), "{text}");
        // In a sentence, in JSON, in YAML and in the middle of other words.
        for around in [
            format!("see `{text}`, please"),
            format!(r#"{{"a":"{text}"}}"#),
            format!("doc: {text} # as it is"),
            format!("({text})"),
        ] {
            assert_eq!(
                find(&around).map(|(_, kind)| kind),
                Some(wanted),
                "{around}"
            );
        }
    }
}

fn join(parts: &[&str]) -> String {
    parts.concat()
}

/// Keys of vendors, each in the form that it is issued in.
#[test]
fn the_corpus_of_keys_is_found() {
    check_all(
        &[
            join(&["sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc"]),
            join(&["rk_", "live_", "51H8xkELf9aBcDeFgHiJkLmN"]),
            join(&["sk_", "test_", "BQokikJOvBiI2HlWgH4olfQ2"]),
            join(&["whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
            join(&["gh", "p_", "16C7e42F292c6912E7710c838347Ae178B4a"]),
            join(&["gh", "s_", "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"]),
            join(&[
                "github_",
                "pat_",
                "11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ012345",
            ]),
            join(&["glpat", "-", "x7Kq2_9vTz-Lm4NpR8sW"]),
            join(&[
                "xox",
                "b-",
                "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
            ]),
            join(&["AK", "IA", "Z3MGQ7T2LWXR5K9N"]),
            join(&["AS", "IA", "Y34FZKBOKMUTVV7A"]),
            join(&["AI", "za", "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"]),
            join(&["ya29", ".", "a0AfH6SMBx3k-Jq9Zt7vLw2PcRn8"]),
            join(&[
                "SG",
                ".",
                "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
            ]),
            join(&["shp", "at_", "7f3a9c1e5b8d2046af17c3e98b5d602f"]),
            join(&["npm", "_", "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gH3jK5"]),
            join(&["hf", "_", "aBcDeFgHiJkLmNoPqRsTuVwXyZabcdefgh"]),
            join(&[
                "dop_",
                "v1_",
                "7f3a9c1e5b8d2046af17c3e98b5d602f7f3a9c1e5b8d2046",
            ]),
            join(&["sk-", "ant-", "api03-Qm9vZ1xT4rLk8WnYp2"]),
        ],
        "a secret key",
    );
    check_all(&[jwt()], "a JSON Web Token");
}

#[test]
fn passwords_in_urls_and_in_basic_are_found() {
    check_all(
        &[
            join(&["https://admin:", "hunter2", "@api.example.com/v1"]),
            join(&["http://u:", "s3cr3t-Pw!", "@10.0.0.1:8080"]),
            join(&["postgres://app:", "Tr0ub4dor&3", "@db/app?sslmode=require"]),
            join(&["https://:", "k3y-0f-mine", "@host"]),
        ],
        "a password in a url",
    );
    // `admin:hunter2!`, and a key as the user with no password.
    for digits in [
        join(&["YWRtaW46", "aHVudGVyMiE="]),
        join(&["N2YzYTljMWU1YjhkMjA0N", "mFmMTdjM2U5OGI1ZDYwMmY6"]),
    ] {
        check_all(
            &[
                format!("Authorization: Basic {digits}"),
                format!("basic {digits}"),
            ],
            "a user and a password",
        );
    }
}

#[test]
fn private_keys_are_found_with_what_is_in_them() {
    let material = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
    for (kind, between) in [
        ("", "\n"),
        ("RSA ", "\\n"),
        ("EC ", " "),
        ("OPENSSH ", "\n  "),
    ] {
        let text = format!("-----BEGIN {kind}PRIVATE KEY-----{between}{material}{between}-----END");
        let (secret, what) = find(&text).unwrap();
        assert_eq!(what, "a private key");
        assert!(secret.contains(material));
    }
}

/// What descriptions are full of and no secret: each looks like one in something.
#[test]
fn near_misses_are_left_alone() {
    let long = "x".repeat(40);
    for text in [
        // Formats and placeholders.
        "a PEM text, from `-----BEGIN PRIVATE KEY-----` to `-----END PRIVATE KEY-----`",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ8p7gJ5k0yJkGg",
        "keys begin with `sk_live_` or `sk_test_`",
        "sk_live_...",
        "sk_live_your_key_goes_here",
        "sk_test_placeholder",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_YOUR_PERSONAL_ACCESS_TOKEN",
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA................",
        "ASIA_PACIFIC_SOUTHEAST_1",
        "ASIAPACIFICNORTHEAST1",
        "npm_config_registry_of_the_whole_project",
        "npm_package_dependencies_version_2_with_more",
        "pypi-some-package-name-with-many-words-in-it",
        "hf_model_name_that_is_quite_long_indeed",
        "glpat-is-how-they-begin",
        "SG.is.the.code.of.singapore.and.not.a.key.of.anyone",
        "eyJ0.eyJ1.sig",
        "header.payload.signature",
        "Authorization: Bearer <token>",
        "Authorization: Bearer {access_token}",
        "Authorization: Basic <credentials>",
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Basic authentication as in RFC 7617",
        "basic usage: 12345678901234567890",
        // Urls.
        "https://api.example.com:8443/v1",
        "https://user:password@api.example.com/v1",
        "https://USER:PASS@host/",
        "https://{user}:{password}@host/",
        "https://$USER:$PASSW0RD@host/",
        "https://<key>:@host/",
        "https://user@host:8080/a:b@c1d2e3",
        "https://host/path?at=12:30:00&mail=a1b2c3@d4e5f6",
        "git@github.com:etiquette/etiquette.git",
        "mailto:first.last1@example.com",
        // Identifiers, hashes and numbers.
        "the token's id is 123e4567-e89b-12d3-a456-426614174000",
        "key: 2024-05-01T10:00:00.000000000Z/2025-05-01T10:00Z",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "etag \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
        "password must have 8 to 64 characters, one digit and one capital",
        "secret_key_base, client_secret, api_key, access_token, refresh_token",
        "the idempotency key is a uuid of the version 4",
        "X-RateLimit-Remaining-Tokens-This-Minute-For-The-Key",
        "token_bucket_with_250_requests_in_5_minutes_per_key",
        "/v1/workspaces/{workspaceId}/members/{memberId}/task_preferences",
        "USERS_API_KEY_OF_THE_PRODUCTION_ENVIRONMENT_NUMBER_2",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
    assert_eq!(find(&format!("api_key={long}")), None);
}

/// A line is shown with all of its secrets blotted out, not only the one that was found first.
#[test]
fn all_secrets_of_a_line_are_blotted_out() {
    let (hex, key) = (hex(), join(&["sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc"]));
    let origin = Origin {
        path: "schema/a.yaml".into(),
        line: 3,
        column: 1,
        width: 3,
        yaml_path: "doc".to_owned(),
        source_line: format!(
            "doc: {key} and token {hex}, {key} and https://u:{}@h",
            "hunter2"
        )
        .into(),
    };
    let line = masked(&origin, &key).source_line;
    for secret in [key.as_str(), hex.as_str(), "hunter2"] {
        assert!(!line.contains(secret), "{line}");
    }
}
