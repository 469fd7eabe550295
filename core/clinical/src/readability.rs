//! How hard a text is to read: the Flesch-Kincaid grade level (Kincaid et al., Derivation of new readability formulas for
//! Navy enlisted personnel, Research Branch Report 8-75, 1975), a school year of the United States. Patient texts are at
//! the 6th grade or below (AHRQ, Health Literacy Universal Precautions Toolkit). For English only.
//!
//! grade = 0.39 × words / sentences + 11.8 × syllables / words − 15.59

/// The grade times 100, rounded down. A text without words has the lowest grade.
pub fn grade_in_hundredths(text: &str) -> i64 {
    let words: Vec<&str> = text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    let sentences = text.split(['.', '!', '?', ':']).filter(|part| part.chars().any(char::is_alphanumeric)).count();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    let [words, sentences, syllables] =
        [words.len(), sentences, syllables].map(|n| i64::try_from(n).unwrap_or(i64::MAX / 2000).max(1));
    39 * words / sentences + 1180 * syllables / words - 1559
}

/// Vowel groups, without a silent final e; at least one. Near enough to a dictionary for plain words.
fn syllables(word: &str) -> usize {
    let letters: Vec<char> = word.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut groups = 0;
    let mut before = false;
    for letter in &letters {
        if vowel(*letter) && !before {
            groups += 1;
        }
        before = vowel(*letter);
    }
    let silent = match letters.as_slice() {
        [.., 'l', 'e'] => false,
        [.., last_but_one, 'e'] => !vowel(*last_but_one) && groups > 1,
        _ => false,
    };
    (groups - usize::from(silent)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grade_is_that_of_the_formula() {
        // 6 words, 1 sentence, 6 syllables: 0.39 × 6 + 11.8 × 1 − 15.59 = −1.45.
        assert_eq!(grade_in_hundredths("The cat sat on the mat."), -145);
        assert!(grade_in_hundredths("Subcutaneous immunoglobulin administration necessitates premedication.") > 2000);
        assert_eq!(grade_in_hundredths(""), 39 + 1180 - 1559);
    }

    #[test]
    fn syllables_are_counted_as_they_are_heard_in_plain_words() {
        for (word, heard) in [("infusion", 3), ("take", 1), ("needle", 2), ("nurse", 1), ("the", 1), ("hours", 1)] {
            assert_eq!(syllables(word), heard, "{word}");
        }
    }
}
