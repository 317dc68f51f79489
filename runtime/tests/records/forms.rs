//! Datetimes of several forms, datetimes with a zone beside them, and values that are as good as null.

use etiquette_runtime::{
    codegen::{
        DateTime, EpochMillis, EpochSeconds, Forms, NaiveUtc, OffsetNoColon, Rfc3339, Space,
        Timestamp,
    },
    format::Format,
    record::{Shaped, Whole},
};

use crate::json;

fn read<F: Format<Timestamp>>(text: &str) -> Result<Timestamp, String> {
    serde_json::from_str::<Whole<Shaped<F, Timestamp>>>(text)
        .map(|Whole(value)| value.into_inner())
        .map_err(|error| error.to_string())
}

type Texts = Forms<Rfc3339, Forms<OffsetNoColon, Space>>;

/// Row F13: each form gives the same moment, and the first is written.
#[test]
fn every_form_of_a_list_is_read() {
    let at: Timestamp = "2016-11-10T18:33:41Z".parse().unwrap();
    for text in [
        r#""2016-11-10T18:33:41Z""#,
        r#""2016-11-10T18:33:41+0000""#,
        r#""2016-11-10T20:33:41+0200""#,
        r#""2016-11-10T20:33:41.000+02:00""#,
        r#""2016-11-10 18:33:41""#,
    ] {
        assert_eq!(read::<Texts>(text), Ok(at), "{text}");
        assert_eq!(read::<Forms<EpochSeconds, Texts>>(text), Ok(at), "{text}");
    }
    for text in ["1478802821", "1478802821.0"] {
        assert_eq!(read::<Forms<Rfc3339, EpochSeconds>>(text), Ok(at), "{text}");
        assert_eq!(read::<Forms<EpochSeconds, Rfc3339>>(text), Ok(at), "{text}");
    }
    assert_eq!(
        read::<Forms<NaiveUtc, EpochMillis>>("1478802821000"),
        Ok(at)
    );
    assert_eq!(
        read::<Forms<NaiveUtc, EpochMillis>>(r#""2016-11-10T18:33:41""#),
        Ok(at)
    );
}

/// Row G5: another form is an error that does not repeat the value.
#[test]
fn other_forms_are_refused() {
    for text in [
        "1478802821",
        "null",
        "true",
        "[]",
        r#""""#,
        r#""canary""#,
        r#""2016-11-10""#,
        r#""2016-13-10T18:33:41Z""#,
        r#""1478802821""#,
    ] {
        let error = read::<Texts>(text).unwrap_err();
        assert!(!error.contains("canary"), "{error}");
    }
    for text in [r#""1478802821""#, r#""canary""#, "null", "1e400", "{}"] {
        let error = read::<Forms<EpochSeconds, Rfc3339>>(text).unwrap_err();
        assert!(!error.contains("canary"), "{error}");
    }
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Job {
    pub at: Timestamp,
    pub stamped: Option<Timestamp>,
    pub runs: Vec<Timestamp>,
}
etiquette_runtime::both! {
    Job:
    at: Timestamp as Forms<Rfc3339, Forms<OffsetNoColon, Space>>;
    optional stamped: Timestamp as Forms<EpochSeconds, Rfc3339>,
    list runs: Timestamp as Forms<Rfc3339, Space> = "Runs",
}

#[test]
fn the_first_form_is_written() {
    let text = r#"{"at":"2016-11-10 18:33:41","stamped":"2016-11-10T18:33:41Z","Runs":["2016-11-10 18:33:41"]}"#;
    let job: Job = serde_json::from_str(text).unwrap();
    assert_eq!(job, Job::new(job.at).stamped(job.at).runs([job.at]));
    assert_eq!(
        json(&job),
        r#"{"at":"2016-11-10T18:33:41Z","stamped":1478802821,"Runs":["2016-11-10T18:33:41Z"]}"#
    );
}

pub struct Device {
    pub zone: Option<String>,
}

pub struct Run {
    pub at: DateTime,
    pub last: Option<DateTime>,
    pub zone: String,
    pub device: Option<Device>,
}
etiquette_runtime::zoned! {
    Run:
    required at_zoned = at in required zone,
    optional last_zoned = last in optional device & optional zone,
}

/// Row F13: a civil datetime meets its zone, and an unknown one loses nothing.
#[test]
fn a_zone_joins_its_datetime() {
    let at: DateTime = "2024-07-31T10:30:00".parse().unwrap();
    let run = |zone: &str, device: Option<&str>| Run {
        at,
        last: Some(at),
        zone: zone.to_owned(),
        device: Some(Device {
            zone: device.map(str::to_owned),
        }),
    };
    let utc = run("UTC", Some("UTC"));
    assert_eq!(
        utc.at_zoned().unwrap().timestamp().to_string(),
        "2024-07-31T10:30:00Z"
    );
    assert_eq!(utc.last_zoned().unwrap().unwrap().datetime(), at);
    for (zone, device) in [
        ("Mars/Olympus", Some("")),
        ("", None),
        ("../../etc/passwd", Some("/")),
    ] {
        let run = run(zone, device);
        let unknown = run.at_zoned().unwrap_err();
        assert_eq!((unknown.civil, unknown.zone.as_str()), (at, zone));
        let unknown = run.last_zoned().unwrap().unwrap_err();
        assert_eq!(
            (unknown.civil, unknown.zone.as_str()),
            (at, device.unwrap_or_default())
        );
    }
    let none = Run {
        device: None,
        ..run("UTC", None)
    };
    assert_eq!(none.last_zoned().unwrap().unwrap_err().civil, at);
    assert!(Run { last: None, ..none }.last_zoned().is_none());
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Person {
    pub id: Option<i64>,
    pub name: Option<String>,
}
etiquette_runtime::both! { Person: ; optional id: i64, optional name: String }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Invitee {
    pub claimed_by: Option<Person>,
    pub can: Option<bool>,
    pub seen: Option<Timestamp>,
}
etiquette_runtime::both! {
    Invitee: ;
    hollow claimed_by: Person,
    optional can: bool => false,
    optional seen: Timestamp as EpochSeconds => Timestamp::UNIX_EPOCH,
}

#[test]
fn an_object_of_nulls_is_none() {
    for (text, claimed) in [
        ("{}", None),
        (r#"{"claimed_by":null}"#, None),
        (r#"{"claimed_by":{}}"#, None),
        (r#"{"claimed_by":{"id":null,"x":{"y":null}}}"#, None),
        (r#"{"claimed_by":{"id":1}}"#, Some(Person::new().id(1))),
        (r#"{"claimed_by":{"id":null,"x":[]}}"#, Some(Person::new())),
    ] {
        let invitee: Invitee = serde_json::from_str(text).unwrap();
        assert_eq!(invitee.claimed_by, claimed, "{text}");
    }
    for text in [
        r#"{"claimed_by":[]}"#,
        r#"{"claimed_by":"canary"}"#,
        r#"{"claimed_by":{"id":"canary"}}"#,
        r#"{"claimed_by":null,"claimed_by":null}"#,
    ] {
        let error = serde_json::from_str::<Invitee>(text)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("canary"), "{error}");
    }
    assert_eq!(
        json(&Invitee::new().claimed_by(Person::new().id(1))),
        r#"{"claimed_by":{"id":1}}"#
    );
    assert_eq!(json(&Invitee::new()), "{}");
}

/// Absent, null and a value are three things where null has a meaning.
#[test]
fn null_may_have_a_meaning_where_a_member_may_be_absent() {
    for (text, can) in [
        ("{}", None),
        (r#"{"can":null}"#, Some(false)),
        (r#"{"can":true}"#, Some(true)),
    ] {
        let invitee: Invitee = serde_json::from_str(text).unwrap();
        assert_eq!((invitee.can, invitee.seen), (can, None), "{text}");
    }
    let invitee: Invitee = serde_json::from_str(r#"{"seen":null}"#).unwrap();
    assert_eq!(invitee.seen, Some(Timestamp::UNIX_EPOCH));
}
