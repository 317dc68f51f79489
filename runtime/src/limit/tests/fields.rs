//! `RateLimit` and `RateLimit-Policy`: the draft's examples, several policies, and whatever else a server may send.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::super::fields::{self, Told};
use super::*;
use crate::operation::{Learn, RateLimitFields};
use crate::retry::Times;

const ANY: RateLimitFields = RateLimitFields { policy: None };

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn read(limit: &str, policy: &str) -> Told {
    let lines = [("ratelimit", limit), ("ratelimit-policy", policy)];
    let there: Vec<_> = lines
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect();
    fields::read(&ANY, &headers(&there))
}

fn told(limit: Option<u32>, remaining: Option<u32>, reset: Option<u64>) -> Told {
    Told {
        limit,
        remaining,
        reset: reset.map(Duration::from_secs),
        invalid: 0,
    }
}

/// Row B13: the draft's examples.
#[test]
fn the_drafts_examples_are_understood() {
    let none = Told::default();
    for (limit, policy, meant) in [
        ("", "", none),
        (
            "",
            r#""burst";q=100;w=60,"daily";q=1000;w=86400"#,
            told(Some(1_000), None, Some(86_400)),
        ),
        (r#""default";r=50;t=30"#, "", told(None, Some(50), Some(30))),
        (
            r#""default";r=999;pk=:dHJpYWwxMjEzMjM=:"#,
            "",
            told(None, Some(999), None),
        ),
        (
            r#""default";r=50;t=5"#,
            r#""default";q=100;w=10"#,
            told(Some(100), Some(50), Some(5)),
        ),
        (
            "",
            r#""peruser";q=65535;qu="content-bytes";w=10;pk=:sdfjLJUOUH==:"#,
            none,
        ),
        (
            r#""default";r=0;t=10"#,
            r#""default";q=10"#,
            told(Some(10), Some(0), Some(10)),
        ),
        // Tokens, as an earlier draft had them, and its name of the unit.
        (
            "default;r=50;t=30",
            r#"default;q=100;qu="request";w=10"#,
            told(Some(100), Some(50), Some(30)),
        ),
        // Without an effective window, what is left may last for the whole one.
        (
            r#""default";r=7"#,
            r#""default";q=10;w=60"#,
            told(Some(10), Some(7), Some(60)),
        ),
    ] {
        assert_eq!(read(limit, policy), meant, "{limit} / {policy}");
    }
}

/// Row B13: of several policies the strictest one that counts requests.
#[test]
fn the_strictest_policy_counts() {
    let policy = r#""burst";q=100;w=60, "daily";q=1000;w=86400, "size";q=9;qu="content-bytes", "many";q=2;qu="concurrent-requests""#;
    let meant = |limit: &str| {
        let told = read(limit, policy);
        assert_eq!(told.invalid, 0, "{limit}");
        (told.limit, told.remaining)
    };
    assert_eq!(
        meant(r#""burst";r=50;t=3, "daily";r=40;t=8000"#),
        (Some(1_000), Some(40))
    );
    assert_eq!(
        meant(r#""burst";r=5;t=3, "daily";r=40;t=8000"#),
        (Some(100), Some(5))
    );
    assert_eq!(
        meant(r#""burst";r=0;t=3, "daily";r=0;t=8000"#),
        (Some(1_000), Some(0))
    );
    assert_eq!(
        meant(r#""size";r=0;t=3, "many";r=0, "burst";r=9"#),
        (Some(100), Some(9))
    );
    assert_eq!(meant(r#""size";r=0;t=3"#), (Some(1_000), None));
    // Lines of one field are one list (RFC 9651 §4.2).
    let split = headers(&[
        ("ratelimit", r#""burst";r=5"#),
        ("ratelimit", r#""daily";r=4"#),
    ]);
    assert_eq!(fields::read(&ANY, &split).remaining, Some(4));
}

/// Row B13: a bucket may be one policy among several, and policies may be told for partitions.
#[test]
fn a_bucket_may_name_its_policy() {
    let named = RateLimitFields {
        policy: Some("burst"),
    };
    let both = headers(&[
        ("ratelimit", r#""burst";r=50;t=3, "daily";r=4;t=8000"#),
        ("ratelimit-policy", r#""daily";q=1000, "burst";q=100"#),
    ]);
    assert_eq!(
        fields::read(&named, &both),
        told(Some(100), Some(50), Some(3))
    );
    let other = headers(&[
        ("ratelimit", r#""daily";r=4"#),
        ("ratelimit-policy", r#""daily";q=9"#),
    ]);
    assert_eq!(fields::read(&named, &other), Told::default());
    let partitions = read(
        r#""a";r=5;pk=:Mg==:"#,
        r#""a";q=10;pk=:MQ==:, "a";q=20;pk=:Mg==:"#,
    );
    assert_eq!(partitions, told(Some(20), Some(5), None));
}

/// Row B13: what is malformed counts as absent (RFC 9651 §4.2); an item that makes no sense is passed over.
#[test]
fn what_makes_no_sense_is_ignored() {
    let many = vec![r#""a";r=1"#; 17].join(",");
    let long = format!(r#""a";r=1;x="{}""#, "y".repeat(9_000));
    for limit in [
        r#""default";r=50,"#,
        r#""default";r=50,,"b";r=1"#,
        r#""default"#,
        r#""default";r=50 t=30"#,
        ";r=1",
        "r=1",
        r#""a";R=1"#,
        r#""a";r="#,
        r#""a";r=1e3"#,
        r#""a";r=1234567890123456"#,
        r#""a";r=1."#,
        r#""a";r=.5"#,
        r#""a";r=-"#,
        r#"("a" "b");r=1"#,
        r#""a\n";r=1"#,
        r#""a";pk=:!:;r=1"#,
        r#""a";pk=:MQ==;r=1"#,
        "@12;r=1",
        r#""ä";r=1"#,
        r#""a";r=?2"#,
        r#""a";;r=1"#,
        "\"a\"\t;r=1",
        ",",
        many.as_str(),
        long.as_str(),
        // The item is passed over.
        r#""a""#,
        r#""a";t=3"#,
        r#""a";r=-1"#,
        r#""a";r=1.5"#,
        r#""a";r="1""#,
        r#""a";r"#,
        r#""a";r=1;t=?1"#,
        "3;r=1",
        ":MQ==:;r=1",
        "?1;r=1",
        r#""a";r=1;pk=2"#,
    ] {
        let seen = read(limit, "");
        assert_eq!(
            seen,
            Told {
                invalid: 1,
                ..Told::default()
            },
            "{limit}"
        );
    }
    let sound = told(None, Some(1), None);
    for limit in [
        r#"  "a";r=1  "#,
        r#""b";t=3;r=2 	,	"a" ;r=1"#.replace(" ;", ";").as_str(),
        r#""a";r=5;r=1"#,
        r#""a";  r=1"#,
        r#""a\"\\";r=1"#,
        r#""a";r=1;acme-x=?0;y=-1.25;*z=tok/en:1;u"#,
        r#""";r=1"#,
        r#""a";r=-0;r=1"#,
    ] {
        let seen = read(limit, "");
        assert_eq!(
            (seen.remaining, seen.invalid),
            (sound.remaining, 0),
            "{limit}"
        );
    }
    // Windows of more than a day are not believed, counts that do not fit are the largest.
    let seen = read(r#""a";r=999999999999999;t=86401"#, "");
    assert_eq!(
        (seen.remaining, seen.reset, seen.invalid),
        (Some(u32::MAX), None, 1)
    );
}

proptest! {
    /// Row B13: hostile fields neither panic nor yield what is not there.
    #[test]
    fn hostile_fields_do_no_harm(
        limit in r#"[ -~\t\x80-\xff]{0,300}"#,
        pieces in prop::collection::vec(prop::sample::select(vec![
            "\"a\"", "b", ";", "=", ",", "r", "t", "q", "w", "qu", "pk", "1", "-", ".", ":", "MQ==", " ", "\\", "\"", "?1", "(", ")",
        ]), 0..60),
    ) {
        for text in [limit, pieces.concat()] {
            let lines = [("ratelimit", text.as_str()), ("ratelimit-policy", text.as_str())];
            let seen = fields::read(&ANY, &headers(&lines));
            prop_assert!(seen.reset.is_none_or(|reset| reset <= Duration::from_secs(86_400)));
        }
    }
}

/// Row B13: the fields feed the same lesson as the other places, which come first.
#[test]
fn fields_are_one_of_the_places() {
    let learn = Learn {
        fields: Some(ANY),
        remaining: Some(crate::operation::Place::Header("x-left")),
        ..Learn::NEW
    };
    let lines = [
        ("ratelimit", r#""a";r=5;t=30"#),
        ("ratelimit-policy", r#""a";q=10"#),
        ("x-left", "3"),
    ];
    let times = Times {
        date: None,
        wall: std::time::SystemTime::UNIX_EPOCH,
    };
    let see = |lines: &[_]| learn::read(&learn, true, &headers(lines), &|_| None, times, at(100));
    let seen = see(&lines);
    assert_eq!(
        (seen.limit, seen.remaining, seen.reset),
        (Some(10), Some(3), Some(at(130)))
    );
    assert_eq!(see(&lines[..2]).remaining, Some(5));
}

/// Row B13: a learned bucket obeys them: nothing left means a shut gate until the window ends.
#[test]
fn a_bucket_that_learns_from_fields_waits() {
    let limits = Limits::new();
    let want = entry(&[Claim {
        window: None,
        learns: true,
        ..claim("b", 1, 1)
    }]);
    let learn = Learn {
        fields: Some(ANY),
        ..Learn::NEW
    };
    let times = Times {
        date: None,
        wall: std::time::SystemTime::UNIX_EPOCH,
    };
    let answer = headers(&[
        ("ratelimit", r#""a";r=0;t=30"#),
        ("ratelimit-policy", r#""a";q=2;w=60"#),
    ]);
    let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let seen = learn::read(&learn, true, &answer, &|_| None, times, at(1));
    lease.observe(key("b"), &seen, at(1), 0.0);
    lease.complete(at(1));
    let mut next = limits.enter(want);
    assert!(poll(&mut next, at(2)).is_pending());
    assert_eq!(next.earliest(), Some(at(31)));
    assert!(admitted(&mut next, at(31)).is_some());
    assert_eq!(limits.snapshot(at(31)).buckets[0].limit, Some(2));
}
