//! Which of some known words a mistyped one was probably meant to be.
//! Assumes short words. Must not be used for words from descriptions, which the generator answers.

/// ` (did you mean …?)`, or nothing where no word is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_ascii_lowercase();
    let near = known
        .map(|candidate| (distance(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min();
    near.map(|(_, candidate)| format!(" (did you mean `{candidate}`?)"))
        .unwrap_or_default()
}

/// The edit distance of Levenshtein, over bytes.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, left) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance};

    #[test]
    fn counts_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("tidy", ""), 4);
        assert_eq!(distance("", "tidy"), 4);
    }

    #[test]
    fn offers_the_nearest_word_only_if_it_is_near() {
        let known = || ["generate", "tidy", "ci"].into_iter();
        assert_eq!(did_you_mean("tidi", known()), " (did you mean `tidy`?)");
        assert_eq!(
            did_you_mean("Generate", known()),
            " (did you mean `generate`?)"
        );
        assert_eq!(did_you_mean("release", known()), "");
    }
}
