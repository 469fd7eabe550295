//! Every string that people read, in every crate: no error-prone abbreviation, no promise, no diagnosis, no blame, no
//! streak, and on the screens plain English in short sentences. The texts of the rules have the same test, and one for
//! Spanish, in the clinical crate.

mod source;

use homeline_clinical::{grade_in_hundredths, lint_text};
use proc_macro2::{TokenStream, TokenTree};
use source::{only_for_tests, rust_files, workspace};
use std::collections::BTreeMap;
use std::fs;
use syn::visit::{self, Visit};

/// Where strings for people are made.
const FOR_PEOPLE: [&str; 6] = [
    "core/companion/src",
    "core/schedule/src",
    "core/clinical/src",
    "core/sync/src",
    "bindings/cli/src",
    "bindings/ffi/src",
];

/// What the patient reads on a screen or in a notification, and not in an error.
const SCREENS: [&str; 22] = [
    "core/companion/src/agenda.rs",
    "core/companion/src/care_plan.rs",
    "core/companion/src/audit.rs",
    "core/companion/src/caregivers/request.rs",
    "core/companion/src/caregivers/rights.rs",
    "core/companion/src/caregivers/settle.rs",
    "core/companion/src/infusions/mod.rs",
    "core/companion/src/infusions/pattern.rs",
    "core/companion/src/infusions/planned_look.rs",
    "core/companion/src/infusions/said.rs",
    "core/companion/src/infusions/suggestion.rs",
    "core/companion/src/messages/standing.rs",
    "core/companion/src/messages/thread.rs",
    "core/companion/src/messages/wait.rs",
    "core/companion/src/plan_news.rs",
    "core/companion/src/pump.rs",
    "core/companion/src/pump_alarms.rs",
    "core/companion/src/triage.rs",
    "core/companion/src/words.rs",
    "core/schedule/src/notification_text.rs",
    "core/schedule/src/question.rs",
    "core/sync/src/freshness.rs",
];

/// The words of the screens, which most of their strings are.
const TEXTS: &str = "core/companion/data/texts.en.json";

/// Short texts whose grade comes from one long name that has no shorter one (notification, reminder, medicine, pharmacist,
/// passcode), and lists of names.
const LONG_NAMES: [&str; 15] = [
    "alarms.denied-do",
    "alarms.inexact-do",
    "alarms.not-seen",
    "alarms.not-seen-one",
    "alarms.silent-do",
    "date.months",
    "date.weekdays",
    "devices.of-others",
    "outside.medicines",
    "reminders.until",
    "settings.names",
    "settings.recovery-lost",
    "wait-dose.no-fresh-order",
    "wait.pharmacist-not-said",
    "wait.pharmacist-within",
];

/// Words that promise, diagnose, blame or make a game of it.
const BANNED: [&str; 12] = [
    "safe",
    "unsafe",
    "normal",
    "abnormal",
    "diagnosis",
    "streak",
    "you missed",
    "you forgot",
    "you failed",
    "non-compliant",
    "compliance",
    "well done",
];

/// Diseases. The team reads of them in the report and in the clinician's view, the patient nowhere.
const DISEASES: [&str; 2] = ["infection", "sepsis"];
const FOR_THE_TEAM: [&str; 2] = ["core/companion/src/report/", "core/companion/src/clinician.rs"];

#[test]
fn no_string_for_people_holds_an_error_prone_abbreviation_or_a_banned_word() {
    let mut wrong = Vec::new();
    for (file, string) in strings(&FOR_PEOPLE) {
        // The report says of itself that it names none.
        let spoken = spoken(&string).replace("no diagnosis", "");
        for finding in lint_text(&spoken) {
            wrong.push(format!("{file}: {} ({}): {string}", finding.found, finding.instead));
        }
        let lower = format!(" {} ", spoken.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != '-', " "));
        let for_the_team = FOR_THE_TEAM.iter().any(|place| file.starts_with(place));
        for banned in BANNED.iter().chain(DISEASES.iter().filter(|_| !for_the_team)) {
            if lower.contains(&format!(" {banned} ")) {
                wrong.push(format!("{file}: `{banned}`: {string}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn screens_speak_in_sentences_of_at_most_fifteen_words_at_sixth_grade_or_below() {
    let mut wrong = Vec::new();
    for (file, string) in strings(&SCREENS) {
        let spoken = spoken(&string);
        for sentence in spoken.split_inclusive(['.', '!', '?', ':']) {
            let words = sentence.split_whitespace().count();
            if words > 15 {
                wrong.push(format!("{file}: {words} words: {sentence}"));
            }
        }
        // The formula is made for running text; a few words have no grade. Footnotes of the report cite their source.
        let footnote = [", the hospital rule for ", ", usual for "].iter().any(|cited| spoken.contains(cited));
        let long_name = LONG_NAMES.iter().any(|key| file == format!("{TEXTS}: {key}"));
        let grade = grade_in_hundredths(&spoken);
        if spoken.split_whitespace().count() >= 6 && grade > 600 && !footnote && !long_name {
            wrong.push(format!("{file}: grade {}.{:02}: {string}", grade / 100, grade % 100));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_check_itself_finds_strings_where_they_are_made() {
    let source = "#[doc = \"not this one\"] fn f() { let a = \"one string\"; format!(\"{a} and another\"); }
        #[cfg(test)] mod tests { const T: &str = \"nor this one\"; } const C: &str = \"a third one\";";
    assert_eq!(in_source(source), ["one string", "{a} and another", "a third one"]);
    assert_eq!(spoken("{a} of {b:?} is {{left}}"), "2 of 2 is {{left}}");
}

/// The sentences in the files and folders, each with its file.
fn strings(places: &[&str]) -> Vec<(String, String)> {
    let mut strings = Vec::new();
    for place in places {
        let path = workspace().join(place);
        let files = if path.is_dir() { rust_files(&path) } else { vec![path] };
        for file in files {
            let name = file.strip_prefix(workspace()).expect("in the workspace").display().to_string();
            // A demonstration's script is no text of the app.
            if name.contains("/demo/") {
                continue;
            }
            let source = fs::read_to_string(&file).expect("a readable source file");
            strings.extend(in_source(&source).into_iter().map(|string| (name.clone(), string)));
        }
    }
    let texts: BTreeMap<String, String> =
        serde_json::from_str(&fs::read_to_string(workspace().join(TEXTS)).expect("the texts")).expect("JSON");
    strings.extend(texts.into_iter().map(|(key, text)| (format!("{TEXTS}: {key}"), text)));
    assert!(strings.len() > 500, "the places hold strings");
    strings
}

/// The string literals that read like words: two words or more.
fn in_source(source: &str) -> Vec<String> {
    let mut search = Search::default();
    search.visit_file(&syn::parse_file(source).expect("Rust that compiles"));
    search.found.retain(|string| {
        let words = string.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
        // Neither a list of keys nor a statement for the database.
        words >= 2 && !string.contains("SELECT ") && !string.contains("::")
    });
    search.found
}

/// A format string as it is read: a number stands for what is filled in, and code in backquotes is no word.
fn spoken(string: &str) -> String {
    let mut spoken = String::new();
    let mut rest = string;
    while let Some((before, after)) = rest.split_once('{') {
        spoken.push_str(before);
        match after.strip_prefix('{') {
            Some(after) => {
                spoken.push_str("{{");
                rest = after;
            }
            None => {
                spoken.push('2');
                rest = after.split_once('}').map_or("", |(_, after)| after);
            }
        }
    }
    spoken.push_str(rest);
    spoken.split('`').step_by(2).collect::<Vec<_>>().join("code")
}

#[derive(Default)]
struct Search {
    found: Vec<String>,
}

impl Search {
    /// The arguments of a macro are no syntax tree: its literals are taken as they stand.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(string) = syn::Lit::new(literal) {
                        self.found.push(string.value());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl Visit<'_> for Search {
    fn visit_attribute(&mut self, _: &syn::Attribute) {}

    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if !only_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        if !only_for_tests(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_lit_str(&mut self, string: &syn::LitStr) {
        self.found.push(string.value());
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.tokens(call.tokens.clone());
    }
}
