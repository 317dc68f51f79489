//! Milliseconds as a description writes them: one integer and one unit.
//! For messages only: assumes that the model keeps milliseconds, and must not be used where a time
//! becomes code, which `emit::words` writes.

const UNITS: [(&str, u64); 5] = [
    ("d", 24 * 60 * 60 * 1_000),
    ("h", 60 * 60 * 1_000),
    ("m", 60 * 1_000),
    ("s", 1_000),
    ("ms", 1),
];

/// With the largest unit that leaves nothing over.
pub(super) fn show(millis: u64) -> String {
    let exact = UNITS
        .iter()
        .find(|(_, unit)| millis > 0 && millis.is_multiple_of(*unit));
    exact.map_or_else(
        || "0s".to_owned(),
        |(name, unit)| format!("{}{name}", millis / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn times_are_shown_as_they_are_written() {
        let shown: Vec<String> = [0, 1, 1_500, 2_000, 90_000, 120_000, 7_200_000, 172_800_000]
            .map(show)
            .into();
        assert_eq!(
            shown,
            ["0s", "1ms", "1500ms", "2s", "90s", "2m", "2h", "2d"]
        );
    }
}
