//! What the plan leaves open, as questions that the patient passes on to the team.

use crate::texts::Texts;
use homeline_schedule::{Choice, QuestionCode};

/// A question in words.
pub(crate) fn words(texts: Texts, code: QuestionCode) -> String {
    texts.say(match code {
        QuestionCode::TimingMissing => "question.timing-missing",
        QuestionCode::CodeOnly => "question.code-only",
        QuestionCode::DoseMissing => "question.dose-missing",
        QuestionCode::TimesMissing => "question.times-missing",
        QuestionCode::DaysMissing => "question.days-missing",
        QuestionCode::AnchorMissing => "question.anchor-missing",
        QuestionCode::AnchorTimeMissing => "question.anchor-time-missing",
        QuestionCode::NoRecurrence => "question.no-recurrence",
        QuestionCode::FrequencyMismatch => "question.frequency-mismatch",
        QuestionCode::PeriodRange => "question.period-range",
        QuestionCode::CountRange => "question.count-range",
        QuestionCode::EndRange => "question.end-range",
        QuestionCode::RoutineMissing => "question.routine-missing",
        QuestionCode::MealOffsetMissing => "question.meal-offset-missing",
        QuestionCode::Contradiction => "question.contradiction",
        QuestionCode::ValueOutOfRange => "question.value-out-of-range",
        QuestionCode::DaysAgainstPeriod => "question.days-against-period",
        QuestionCode::SequenceStartMissing => "question.sequence-start-missing",
        QuestionCode::LinkMissing => "question.link-missing",
        QuestionCode::LinkRing => "question.link-ring",
        QuestionCode::LinkEndMissing => "question.link-end-missing",
        QuestionCode::StatusUnknown => "question.status-unknown",
    })
}

/// An answer that the team can choose. The schedule names it by a code.
pub(crate) fn choice(texts: Texts, choice: &Choice) -> String {
    texts.say(match choice.code {
        "times-of-day" => "choice.times-of-day",
        "first-dose" => "choice.first-dose",
        "days-of-week" => "choice.days-of-week",
        "start-day" => "choice.start-day",
        "shorter" => "choice.shorter",
        "longer" => "choice.longer",
        "as-listed" => "choice.as-listed",
        "as-counted" => "choice.as-counted",
        "routine" => "choice.routine",
        "minutes" => "choice.minutes",
        "in-force" => "choice.in-force",
        "not-in-force" => "choice.not-in-force",
        _ => return choice.text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_clinical::Language;
    use homeline_schedule::questions_of_every_sort;

    #[test]
    fn a_question_and_its_answers_say_in_english_what_the_schedule_says_and_have_words_in_spanish() {
        let spanish = Texts { language: Language::Spanish };
        for question in questions_of_every_sort() {
            assert_eq!(words(Texts::default(), question.code), question.code.text());
            assert_ne!(words(spanish, question.code), question.code.text());
            for answer in &question.choices {
                assert_eq!(choice(Texts::default(), answer), answer.text);
                assert_ne!(choice(spanish, answer), answer.text, "{}", answer.code);
            }
        }
    }
}
