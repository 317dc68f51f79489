//! Datetimes of several forms, and those whose zone another field names.

use super::{codes, find_struct, good, member};
use crate::model::{Format, Forms, Moment, Ty, Zone};

const GET: &str = "resources: {a: {path: /a, type: A, key: id, methods: [get, create]}}\n";

fn several(write: Moment, also: &[Moment]) -> Format {
    let mut rest = also.iter().copied();
    let also = std::array::from_fn(|_| rest.next());
    Format::Several(Forms { write, also })
}

/// What is written is read too, and one type still serves both ways.
#[test]
fn several_forms_are_read_and_one_is_written() {
    let text = format!(
        "{GET}wire: {{datetime: {{read: [offset_no_colon, space], write: rfc3339}}}}
types:
  A:
    fields:
      id: int
      at: datetime
      own: {{type: \"list<datetime>\", format: [epoch_seconds, rfc3339]}}
      utc: {{type: datetime, format: [rfc3339, naive], tz: utc}}
      same: {{type: datetime, format: [space, space]}}
"
    );
    let api = good(&text);
    let one = find_struct(&api, "A");
    let format = |name| member(one, name).format;
    assert_eq!(member(one, "at").ty, Ty::Timestamp);
    assert_eq!(
        format("at"),
        several(Moment::Rfc3339, &[Moment::OffsetNoColon, Moment::Space])
    );
    assert_eq!(
        format("own"),
        several(Moment::EpochSeconds, &[Moment::Rfc3339])
    );
    assert_eq!(format("utc"), several(Moment::Rfc3339, &[Moment::NaiveUtc]));
    assert_eq!(format("same"), Format::Space);
}

#[test]
fn forms_that_look_alike_are_refused() {
    for (bad, code) in [
        ("format: [epoch_seconds, epoch_millis]", "E125"),
        ("format: [rfc3339, naive]", "E125"),
        ("format: [rfc3339, seconds]", "E057"),
        ("format: [rfc3339, space], tz: utc", "E057"),
    ] {
        let text = format!("types: {{A: {{fields: {{at: {{type: datetime, {bad}}}}}}}}}");
        assert_eq!(codes(&text), [code], "{bad}");
    }
    assert_eq!(
        codes("types: {A: {fields: {count: {type: int, format: [string, number]}}}}"),
        ["E057"]
    );
    assert_eq!(
        codes("wire: {datetime: {read: [rfc3339, naive]}}\n"),
        ["E125"]
    );
}

#[test]
fn a_zone_is_named_by_a_field_beside_or_in_an_object() {
    let text = format!(
        "{GET}
types:
  Device: {{fields: {{zone: string}}}}
  A:
    fields:
      id: {{type: int, access: read_only}}
      zone: string
      device: {{type: Device | null, access: read_only}}
      at: {{type: datetime, format: naive, tz: {{field: zone}}}}
      last: {{type: datetime | null, format: naive, tz: {{field: device.zone}}, access: read_only}}
"
    );
    let api = good(&text);
    let zone = |method: &str, member: &str, optional, path: &[(&str, bool)]| Zone {
        method: method.to_owned(),
        member: member.to_owned(),
        optional,
        path: path
            .iter()
            .map(|(step, optional)| ((*step).to_owned(), *optional))
            .collect(),
    };
    assert_eq!(
        find_struct(&api, "A").zones,
        [
            zone("at_zoned", "at", false, &[("zone", false)]),
            zone(
                "last_zoned",
                "last",
                true,
                &[("device", true), ("zone", false)]
            ),
        ]
    );
    // What is written is as civil as it was given.
    assert!(find_struct(&api, "NewA").zones.is_empty());
}

#[test]
fn a_zone_that_is_none_is_refused() {
    for (bad, code) in [
        (
            "at: {type: datetime, format: naive, tz: {field: count}}",
            "E126",
        ),
        (
            "at: {type: datetime, format: naive, tz: {field: zone.x}}",
            "E126",
        ),
        (
            "at: {type: datetime, format: naive, tz: {field: missing}}",
            "E042",
        ),
        ("at: {type: datetime, tz: {field: zone}}", "E057"),
        ("at: {type: string, tz: {field: zone}}", "E057"),
        (
            "at_zoned: int, at: {type: datetime, format: naive, tz: {field: zone}}",
            "E043",
        ),
    ] {
        let text = format!("types: {{A: {{fields: {{count: int, zone: string, {bad}}}}}}}");
        assert_eq!(codes(&text), [code], "{bad}");
    }
}
