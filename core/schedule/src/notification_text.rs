//! What an alarm says: a key with arguments, so that it can be said in the patient's language, and the English words.
//! Each text has a twin for a locked screen that names no drug and no therapy.

/// A text as key and arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Key of the text.
    pub key: &'static str,
    /// Values for its places.
    pub arguments: Vec<(&'static str, String)>,
    /// It may name a drug or a therapy: not for a locked screen.
    pub names_drug: bool,
    /// The words that are shown: English, until somebody says them in another language.
    pub words: String,
}

/// The English words, at most sixth grade; `{title}` and `{time}` are filled in.
const ENGLISH: &[(&str, &str)] = &[
    ("notification.dose-due", "It is time for {title} ({time})."),
    ("notification.dose-due.hidden", "It is time for your {time} treatment."),
    ("notification.duty-due", "Today: {title}."),
    ("notification.duty-due.hidden", "You have something to do today."),
    ("notification.snoozed", "You asked to be reminded: {title} ({time})."),
    ("notification.snoozed.hidden", "You asked to be reminded of your {time} treatment."),
    ("notification.end", "{title} should be done. Check it, and finish as you were taught."),
    ("notification.end.hidden", "Your treatment should be done. Check it."),
    ("notification.overdue", "{title} ({time}) is not recorded yet. Not sure what to do? Call your nurse."),
    ("notification.overdue.hidden", "Your {time} treatment is not recorded yet."),
    ("notification.escalation", "{title} ({time}) has no answer yet. Please check."),
    ("notification.escalation.hidden", "The {time} treatment has no answer yet. Please check."),
    ("notification.call-team", "{title} ({time}) has no answer yet. Call {team}."),
    ("notification.call-team.hidden", "The {time} treatment has no answer yet. Call {team}."),
    ("notification.lab-first", "{time}: {title}. Do not start yet. First: {lab}."),
    ("notification.lab-first.hidden", "Your {time} treatment waits for something. Open Homeline before you start."),
    ("notification.check-in", "{title} runs. Look at yourself, the site and the device."),
    ("notification.check-in.hidden", "Your treatment runs. Have a look at it."),
    ("notification.pump-alarm", "Pump alarm at {time}: {title}. {step}"),
    ("notification.pump-alarm.hidden", "Your device calls for you. Look at it."),
    ("notification.pump-alarm.escalation", "Pump alarm at {time}: {title}. Nobody has seen it yet. Please check."),
    ("notification.pump-alarm.escalation.hidden", "A device has called since {time}. Please check."),
    ("notification.pump-alarm.call-team", "Pump alarm at {time}: {title}. Nobody has seen it yet. Call {team}."),
    ("notification.pump-alarm.call-team.hidden", "A device has called since {time}. Call {team}."),
    ("notification.refill", "Time to ask for more: {title}."),
    ("notification.refill.hidden", "Time to check your supplies."),
    ("notification.take-out", "Take {title} out of the refrigerator now. It is for {time}."),
    ("notification.take-out.hidden", "Get ready for your {time} treatment."),
    ("notification.repeat", "Still to do: {title} ({time})."),
    ("notification.repeat.hidden", "Still to do: your {time} treatment."),
    ("notification.visit", "Visit at {time}: {title}."),
    ("notification.visit.hidden", "You have a visit at {time}."),
    ("notification.delivery", "Delivery expected: {title}."),
    ("notification.delivery.hidden", "A delivery is expected."),
    ("notification.open-me", "Please open Homeline, so that it can go on reminding you."),
];

impl Text {
    pub(crate) fn new(key: &'static str, arguments: Vec<(&'static str, String)>, names_drug: bool) -> Self {
        let mut text = Self { key, arguments, names_drug, words: String::new() };
        text.words = text.english();
        text
    }

    /// The text in English.
    pub fn english(&self) -> String {
        let words = ENGLISH.iter().find(|(key, _)| *key == self.key).map_or(self.key, |(_, words)| words);
        let fill = |words: String, (name, value): &(&str, String)| words.replace(&format!("{{{name}}}"), value);
        self.arguments.iter().fold(words.to_owned(), fill)
    }

    /// Every key with its English words.
    pub fn all_english() -> impl Iterator<Item = (&'static str, &'static str)> {
        ENGLISH.iter().copied()
    }
}
