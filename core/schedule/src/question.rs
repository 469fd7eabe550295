//! Questions for the care team: what an order leaves open. A dosage with a question rings for nobody until the team has
//! answered, because each way of guessing is somebody's missed or doubled dose.

use homeline_model::OrderId;

/// Something that the order does not say, or says in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which order; `None` when a bare `Timing` was read.
    pub order: Option<OrderId>,
    /// Which of its dosages.
    pub dosage_sequence: Option<u32>,
    /// What is open.
    pub code: QuestionCode,
    /// The element, as a FHIRPath from the `Timing` or the order, e.g. `repeat.timeOfDay`.
    pub path: String,
    /// The answers that the team can choose from; empty when only a new text of the order helps.
    pub choices: Vec<Choice>,
}

/// One possible answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Kebab-case key of the answer.
    pub code: &'static str,
    /// The answer in words.
    pub text: &'static str,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QuestionCode {
    /// No timing at all.
    TimingMissing,
    /// Only a code such as `BID`, which says how often and not when.
    CodeOnly,
    /// No dose or rate is stated for a drug.
    DoseMissing,
    /// More than once a day, and no times.
    TimesMissing,
    /// More than once a week or month, and no days.
    DaysMissing,
    /// Nothing says from when the days, hours or doses count.
    AnchorMissing,
    /// Hours count from a day without a time.
    AnchorTimeMissing,
    /// Neither a period nor times nor days.
    NoRecurrence,
    /// `frequency` and the listed times and days give different numbers of doses.
    FrequencyMismatch,
    /// The period is a range, e.g. every 4 to 6 hours.
    PeriodRange,
    /// The number of doses is a range.
    CountRange,
    /// The end is a range: doses are planned up to the earlier end.
    EndRange,
    /// The order hangs on meals or sleep, and the patient has not told when these are.
    RoutineMissing,
    /// Before or after a meal, and not how long.
    MealOffsetMissing,
    /// Two elements exclude each other (R4 invariants tim-1 to tim-10).
    Contradiction,
    /// A value is out of range: negative, zero, or too large.
    ValueOutOfRange,
    /// Days of the week together with a period that they do not divide.
    DaysAgainstPeriod,
    /// A later dosage of a sequence has no start, and the one before has no end.
    SequenceStartMissing,
    /// The order hangs on another order that is not in the plan.
    LinkMissing,
    /// Orders hang on each other in a ring.
    LinkRing,
    /// The order counts from the end of another dose, which has no stated length.
    LinkEndMissing,
    /// The server does not know whether the order is in force.
    StatusUnknown,
}

impl QuestionCode {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TimingMissing => "timing-missing",
            Self::CodeOnly => "code-only",
            Self::DoseMissing => "dose-missing",
            Self::TimesMissing => "times-missing",
            Self::DaysMissing => "days-missing",
            Self::AnchorMissing => "anchor-missing",
            Self::AnchorTimeMissing => "anchor-time-missing",
            Self::NoRecurrence => "no-recurrence",
            Self::FrequencyMismatch => "frequency-mismatch",
            Self::PeriodRange => "period-range",
            Self::CountRange => "count-range",
            Self::EndRange => "end-range",
            Self::RoutineMissing => "routine-missing",
            Self::MealOffsetMissing => "meal-offset-missing",
            Self::Contradiction => "contradiction",
            Self::ValueOutOfRange => "value-out-of-range",
            Self::DaysAgainstPeriod => "days-against-period",
            Self::SequenceStartMissing => "sequence-start-missing",
            Self::LinkMissing => "link-missing",
            Self::LinkRing => "link-ring",
            Self::LinkEndMissing => "link-end-missing",
            Self::StatusUnknown => "status-unknown",
        }
    }

    /// The question in plain words, for the patient to pass on.
    pub fn text(self) -> &'static str {
        match self {
            Self::TimingMissing => "When should this be done? The order does not say.",
            Self::CodeOnly => "At what times should this be done? The order only says how often.",
            Self::DoseMissing => "How much should be given? The order does not say.",
            Self::TimesMissing => "At what times of the day should this be done?",
            Self::DaysMissing => "On which days should this be done?",
            Self::AnchorMissing => "From which day does this count?",
            Self::AnchorTimeMissing => "At what time is the first one? The hours count from there.",
            Self::NoRecurrence => "How often should this be done?",
            Self::FrequencyMismatch => "How many times should this be done? The order gives two different numbers.",
            Self::PeriodRange => "How far apart should these be? The order gives a range.",
            Self::CountRange => "How many should there be in all? The order gives a range.",
            Self::EndRange => "When does this end? The order gives a range.",
            Self::RoutineMissing => "When are your meals and your sleep? This order follows them.",
            Self::MealOffsetMissing => "How long before or after the meal should this be done?",
            Self::Contradiction => "Which of two statements in the order holds? They exclude each other.",
            Self::ValueOutOfRange => "What is the right number? One in the order cannot be.",
            Self::DaysAgainstPeriod => {
                "On which days should this be done? The days and the interval do not fit together."
            }
            Self::SequenceStartMissing => "When does the next part of this order begin?",
            Self::LinkMissing => "To which dose does this belong? The other order is not in the plan.",
            Self::LinkRing => "Which order comes first? They point at each other.",
            Self::LinkEndMissing => "How long does the other dose take? This one counts from its end.",
            Self::StatusUnknown => "Is this order in force?",
        }
    }

    /// The answers that the team can choose from.
    pub(crate) fn choices(self) -> Vec<Choice> {
        const TIMES: Choice = Choice { code: "times-of-day", text: "At agreed times by the clock" };
        const FIRST_DOSE: Choice = Choice { code: "first-dose", text: "Counted from an agreed first dose" };
        const DAYS: Choice = Choice { code: "days-of-week", text: "On agreed days of the week" };
        const START_DAY: Choice = Choice { code: "start-day", text: "Counted from an agreed first day" };
        const SHORTER: Choice = Choice { code: "shorter", text: "The smaller number" };
        const LONGER: Choice = Choice { code: "longer", text: "The larger number" };
        match self {
            Self::TimesMissing | Self::CodeOnly | Self::TimingMissing | Self::NoRecurrence => vec![TIMES, FIRST_DOSE],
            Self::AnchorTimeMissing => vec![FIRST_DOSE, TIMES],
            Self::DaysMissing => vec![DAYS, START_DAY],
            Self::DaysAgainstPeriod => vec![DAYS, START_DAY],
            Self::AnchorMissing | Self::SequenceStartMissing => vec![START_DAY, FIRST_DOSE],
            Self::PeriodRange | Self::CountRange | Self::EndRange => vec![SHORTER, LONGER],
            Self::FrequencyMismatch => vec![
                Choice { code: "as-listed", text: "As often as days and times are listed" },
                Choice { code: "as-counted", text: "As often as the number says, at times to be agreed" },
            ],
            Self::RoutineMissing => vec![Choice { code: "routine", text: "The patient tells the usual times" }, TIMES],
            Self::MealOffsetMissing => vec![Choice { code: "minutes", text: "A set time before or after" }, TIMES],
            Self::StatusUnknown => vec![
                Choice { code: "in-force", text: "It is in force" },
                Choice { code: "not-in-force", text: "It is not in force" },
            ],
            Self::DoseMissing
            | Self::Contradiction
            | Self::ValueOutOfRange
            | Self::LinkMissing
            | Self::LinkRing
            | Self::LinkEndMissing => Vec::new(),
        }
    }
}

/// One question of each sort, for whoever says them in another language.
pub fn questions_of_every_sort() -> Vec<Question> {
    let codes = [
        QuestionCode::TimingMissing,
        QuestionCode::CodeOnly,
        QuestionCode::DoseMissing,
        QuestionCode::TimesMissing,
        QuestionCode::DaysMissing,
        QuestionCode::AnchorMissing,
        QuestionCode::AnchorTimeMissing,
        QuestionCode::NoRecurrence,
        QuestionCode::FrequencyMismatch,
        QuestionCode::PeriodRange,
        QuestionCode::CountRange,
        QuestionCode::EndRange,
        QuestionCode::RoutineMissing,
        QuestionCode::MealOffsetMissing,
        QuestionCode::Contradiction,
        QuestionCode::ValueOutOfRange,
        QuestionCode::DaysAgainstPeriod,
        QuestionCode::SequenceStartMissing,
        QuestionCode::LinkMissing,
        QuestionCode::LinkRing,
        QuestionCode::LinkEndMissing,
        QuestionCode::StatusUnknown,
    ];
    codes.into_iter().map(|code| Question::about(code, "")).collect()
}

impl Question {
    /// A question about a bare `Timing`.
    pub(crate) fn about(code: QuestionCode, path: &str) -> Self {
        Self { order: None, dosage_sequence: None, code, path: path.to_owned(), choices: code.choices() }
    }
}
