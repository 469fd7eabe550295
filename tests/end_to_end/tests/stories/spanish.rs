//! Every screen in Spanish: a word on it is of the Spanish texts, or somebody wrote it.

use chrono::Duration;
use homeline_companion::{
    ActionInput, CheckIn, Homeline, JournalFilter, NewCaregiver, NewMessage, Recipient, Row, Screen,
};
use homeline_end_to_end::phone::{Phone, at, play};
use homeline_home::plans;
use homeline_model::{AuthorRole, BalloonSize, Decimal, Right, Severity, ZoneId};
use std::collections::{BTreeSet, HashSet};

const NOW: &str = "2026-11-23T14:00:00Z";

/// Texts in Spanish, and the names of signs, symptoms and sites, which are beside other languages in one file.
const SPANISH: [&str; 2] = [
    include_str!("../../../../core/companion/data/texts.es.json"),
    include_str!("../../../../core/clinical/data/texts.es.json"),
];
const NAMES: [&str; 3] = [
    include_str!("../../../../core/clinical/data/symptoms.json"),
    include_str!("../../../../core/clinical/data/vitals.json"),
    include_str!("../../../../core/clinical/data/body_sites.json"),
];

/// Units and names that are the same in each language, what the test itself wrote, and where its server would be.
const ANY_LANGUAGE: &str = "mL min Homeline Bluetooth English Español Rosa Ibarra Tomas nota breve pregunta \
    tranquilo motivo ayuda https fhir example org";

/// Zones of the plans and of the journey.
const ZONES: [&str; 10] = [
    "America/Anchorage",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Los_Angeles",
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "Europe/Madrid",
    "Etc/UTC",
];

/// Elements of a plan that hold words for people, and no codes.
const WORDS_OF_A_PLAN: [&str; 15] = [
    "text",
    "display",
    "title",
    "description",
    "name",
    "family",
    "given",
    "value",
    "unit",
    "serialNumber",
    "modelNumber",
    "manufacturer",
    "lotNumber",
    "patientInstruction",
    "valueString",
];

/// A text without its places, `{name}`.
fn without_places(text: &str) -> String {
    text.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.chars().count() > 1).map(str::to_lowercase)
}

/// Every text of a JSON file, or those under some names.
fn texts_of(json: &serde_json::Value, under: Option<&[&str]>, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    serde_json::Value::String(text) if under.is_none_or(|under| under.contains(&name.as_str())) => {
                        found.push(text.clone());
                    }
                    serde_json::Value::Array(items) if under.is_none_or(|under| under.contains(&name.as_str())) => {
                        found.extend(items.iter().filter_map(|item| item.as_str().map(str::to_owned)));
                        texts_of(value, under, found);
                    }
                    _ => texts_of(value, under, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts_of(item, under, found)),
        _ => {}
    }
}

/// What may stand on a Spanish screen.
struct Allowed {
    /// Words of the Spanish texts.
    spanish: HashSet<String>,
    /// Whole texts of the plan, the longest first.
    plan: Vec<String>,
}

impl Allowed {
    fn with(plan: &str) -> Self {
        let mut texts = vec![ANY_LANGUAGE.to_owned()];
        for file in SPANISH {
            let file: serde_json::Value = serde_json::from_str(file).unwrap();
            // Beside its texts a file says in English what it is.
            texts_of(file.get("texts").unwrap_or(&file), None, &mut texts);
        }
        for file in NAMES {
            texts_of(&serde_json::from_str(file).unwrap(), Some(&["es"]), &mut texts);
        }
        let mut of_plan: Vec<String> = ZONES.map(str::to_owned).into();
        texts_of(&serde_json::from_str(plan).unwrap(), Some(&WORDS_OF_A_PLAN), &mut of_plan);
        of_plan.extend(of_plan.clone().iter().map(|text| text.to_lowercase()));
        of_plan.sort_by_key(|text| std::cmp::Reverse(text.len()));
        of_plan.dedup();
        Self {
            spanish: texts.iter().flat_map(|text| words(&without_places(text)).collect::<Vec<_>>()).collect(),
            plan: of_plan,
        }
    }

    /// The words of a line that are neither Spanish nor of the plan.
    fn foreign(&self, line: &str) -> Vec<String> {
        let mut rest = line.to_owned();
        for text in &self.plan {
            rest = without(&rest, text);
        }
        words(&rest).filter(|word| !self.spanish.contains(word)).collect()
    }
}

/// A line without a text, where that stands as whole words.
fn without(line: &str, text: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(text) {
        let joined = before.chars().next_back().or(kept.chars().next_back()).is_some_and(char::is_alphabetic)
            || after.chars().next().is_some_and(char::is_alphabetic);
        kept.push_str(before);
        kept.push_str(if joined { text } else { " " });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The id of the patient of a Bundle.
fn patient_of(plan: &str) -> String {
    let bundle: serde_json::Value = serde_json::from_str(plan).unwrap();
    let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let patient = resources.into_iter().find(|resource| resource["resourceType"] == "Patient").unwrap();
    patient["id"].as_str().unwrap().to_owned()
}

fn lines_of_row(row: &Row) -> Vec<&str> {
    let mut lines = vec![row.title.as_str(), row.accessibility.as_str()];
    lines.extend(row.state.as_deref());
    lines.extend(row.time.as_deref());
    lines.extend(row.private_title.as_deref());
    lines.extend(row.details.iter().map(String::as_str));
    lines.extend(row.actions.iter().map(|action| action.label.as_str()));
    lines
}

/// What was found foreign, each with its place.
struct Walk {
    allowed: Allowed,
    found: BTreeSet<String>,
    lines: usize,
}

impl Walk {
    fn line(&mut self, place: &str, line: &str) {
        self.lines += 1;
        let foreign = self.allowed.foreign(line);
        if !foreign.is_empty() {
            self.found.insert(format!("{place}: {foreign:?} in: {line}"));
        }
    }

    fn row(&mut self, place: &str, row: &Row) {
        lines_of_row(row).into_iter().for_each(|line| self.line(place, line));
    }

    fn screen(&mut self, screen: &Screen) {
        let place = &screen.id;
        self.line(place, &screen.title);
        let titles = screen.sections.iter().filter_map(|section| section.title.as_deref());
        titles.chain(screen.subtitle.as_deref()).for_each(|line| self.line(place, line));
        screen.footer.iter().for_each(|line| self.line(place, line));
        screen.rows().for_each(|row| self.row(place, row));
    }

    /// The screens that the patient reads in Spanish. The cards, the clinician's view and the report are read by others, who
    /// work in English. English so far are reasons of trends, our own forms, and the sentence of the last exchange.
    async fn all(&mut self, homeline: &Homeline) {
        self.screen(&homeline.agenda().today().await.unwrap());
        self.screen(&homeline.agenda().overdue().await.unwrap());
        self.screen(&homeline.plan().screen().await.unwrap());
        self.screen(&homeline.messages().threads().await.unwrap());
        self.screen(&homeline.reminders().screen(64).await.unwrap());
        self.screen(&homeline.travel().screen().await.unwrap());
        self.screen(&homeline.pump().screen().await.unwrap());
        self.screen(&homeline.sites().screen().await.unwrap());
        self.screen(&homeline.vital_devices().screen().await.unwrap());
        self.screen(&homeline.settings().screen().await.unwrap());
        self.screen(&homeline.caregivers().screen().await.unwrap());
        self.screen(&homeline.caregivers().requests().await.unwrap());
        self.screen(&homeline.caregivers().audit(30).await.unwrap());
        self.screen(&homeline.infusions().screen(30).await.unwrap());
        for record in homeline.infusions().list(30).await.unwrap() {
            self.screen(&homeline.infusions().screen_of(record.id).await.unwrap());
        }
        for reminder in homeline.reminders().plan(64).await.unwrap().notifications {
            self.line("reminder", &reminder.text);
            self.line("reminder", &reminder.hidden_text);
            reminder.actions.iter().for_each(|action| self.line("reminder", &action.label));
        }
        let page = homeline.journal().timeline(JournalFilter::default(), None, 200).await.unwrap();
        for row in &page.rows {
            self.row("journal", row);
        }
        let entry = page.rows[0].id.parse().unwrap();
        self.screen(&homeline.journal().entry_screen(entry).await.unwrap());
    }
}

/// A day with something of every sort in it.
async fn live(phone: &Phone, homeline: &Homeline, patient: &str, walk: &mut Walk) {
    let nothing = ActionInput::default;
    let journal = homeline.journal();
    journal.note("Una nota breve".to_owned(), false).await.unwrap();
    journal.question("Una pregunta breve".to_owned()).await.unwrap();
    journal.mood("tranquilo".to_owned(), true).await.unwrap();
    journal.symptom("chills".to_owned(), true, Some(Severity::Moderate), None).await.unwrap();
    journal.vital("38.6 C".to_owned()).await.unwrap();
    walk.all(homeline).await;
    let message = NewMessage::new(Recipient::Pharmacist, "Una pregunta breve".to_owned());
    if let Ok(screen) = homeline.messages().compose(message.clone()).await {
        walk.screen(&screen);
        homeline.messages().keep_draft(None, message).await.unwrap();
        homeline.messages().send(Recipient::Pharmacist, "Una nota breve".to_owned()).await.unwrap();
    }
    let (name, relationship) = ("Tomas".to_owned(), "ayuda".to_owned());
    let invited = NewCaregiver { name, relationship, rights: vec![Right::See, Right::Log], until: None };
    homeline.sync().enrol("https://fhir.example.org/r4".to_owned(), patient.to_owned(), None).await.unwrap();
    let tomas = homeline.caregivers().invite(invited).await.unwrap().person;
    homeline.caregivers().ask(Some(tomas), "Una ayuda breve".to_owned(), at(NOW) + Duration::hours(20)).await.unwrap();
    // Whatever can be done is done, and the screens are read in between.
    for _ in 0..5 {
        let today = homeline.agenda().today().await.unwrap();
        let ids: Vec<String> =
            today.rows().flat_map(|row| &row.actions).map(|action| action.id.clone()).take(6).collect();
        for (place, id) in ids.into_iter().enumerate() {
            let mut input = nothing();
            input.reason = (place % 2 == 1).then(|| "motivo breve".to_owned());
            input.volume_ml = (place % 3 == 2).then(|| Decimal::from(20));
            // Not everything goes: a dose that waits, or one that the tap before has ended.
            let _ = homeline.agenda().act(id, input).await;
        }
        let look = CheckIn { balloon: Some(BalloonSize::Half), ..CheckIn::default() };
        let _ = homeline.infusions().check_in(None, look, None).await;
        walk.all(homeline).await;
        phone.clock.advance(Duration::hours(9));
    }
    phone.clock.set_zone(ZoneId::new("Europe/Madrid").unwrap());
    walk.all(homeline).await;
}

#[test]
fn no_screen_says_a_word_that_is_neither_in_the_spanish_texts_nor_written_by_somebody() {
    let mut found = BTreeSet::new();
    for name in plans::names() {
        let plan = plans::named(name).unwrap();
        let phone = Phone::new("America/Chicago", NOW);
        play(async {
            let homeline = phone.make("Rosa Ibarra", AuthorRole::Patient).await;
            homeline.settings().set_language(Some("es".to_owned())).await.unwrap();
            homeline.plan().import(plan.as_bytes().to_vec()).await.unwrap();
            let mut walk = Walk { allowed: Allowed::with(plan), found: BTreeSet::new(), lines: 0 };
            live(&phone, &homeline, &patient_of(plan), &mut walk).await;
            assert!(walk.lines > 1000, "{name}: {} lines were read", walk.lines);
            found.append(&mut walk.found);
        });
    }
    assert!(found.is_empty(), "{} lines:\n{}", found.len(), found.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_word_of_english_is_found() {
    let allowed = Allowed::with(r#"{"title": "Vancomycin 1.25 g"}"#);
    assert!(allowed.foreign("Vancomycin 1.25 g, sin registrar").is_empty());
    assert_eq!(allowed.foreign("Vancomycin 1.25 g, not recorded"), ["not", "recorded"]);
}
