//! Which of the known words somebody probably meant.
//!
//! The distance counts insertions, deletions, replacements and swaps of neighbours, because those
//! are how people mistype. It is bounded: long or wildly different words are never compared whole.

/// The candidate that is nearest to what was given, if it is near enough to be worth a question;
/// of equally near ones the first.
pub(crate) fn did_you_mean<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// No key of the language is longer, so a longer word is no typing mistake.
    const LONGEST: usize = 64;
    let given: Vec<char> = given
        .chars()
        .take(LONGEST + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if given.is_empty() || given.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate
            .chars()
            .take(LONGEST)
            .flat_map(char::to_lowercase)
            .collect();
        let allowed = (given.len().max(letters.len()) / 3).max(1);
        if given.len().abs_diff(letters.len()) > allowed {
            continue;
        }
        let distance = edit_distance(&given, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The optimal string alignment distance.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
