//! What a person agreed to show: private entries and the words of other helpers stay out of a report unless they are asked
//! for, each time.
//!
//! Facts of the therapy by a helper (a dose, a vital sign, the reason why a dose was left out) are always in: the team has
//! them already, and without them the report would be wrong. What a helper wrote in own words is the helper's.

use homeline_model::{Author, AuthorRole, Caregiving, Entry, EntryBody, EntryId, MessageDirection};
use std::collections::HashSet;

/// What one report may show beyond what it shows without asking. The report says what was agreed to and what was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// Private entries, which otherwise never leave the phone.
    pub private_entries: bool,
    /// Notes, questions, messages and remarks that were written by helpers other than the person who writes the report.
    pub helpers_notes: bool,
}

/// The entries that a report may show.
pub(crate) struct Allowed {
    /// The newest wording of each entry, oldest first.
    pub(crate) entries: Vec<Entry>,
    /// Private entries that were left out.
    pub(crate) private_left_out: usize,
    /// Words of other helpers that were left out.
    pub(crate) notes_left_out: usize,
}

/// Takes out what nobody agreed to. `me` writes the report.
pub(crate) fn allowed(entries: Vec<Entry>, consent: Consent, me: &Author) -> Allowed {
    // A private correction hides what it corrects as well: the old wording is known to be wrong.
    let amended: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
    let mut allowed = Allowed { entries: Vec::with_capacity(entries.len()), private_left_out: 0, notes_left_out: 0 };
    for mut entry in entries {
        if amended.contains(&entry.id) {
            continue;
        }
        if entry.private && !consent.private_entries {
            allowed.private_left_out += 1;
            continue;
        }
        if !consent.helpers_notes && is_another_helper(&entry.author, me) {
            match own_words(&mut entry.body) {
                OwnWords::All => {
                    allowed.notes_left_out += 1;
                    continue;
                }
                OwnWords::Remark(remark) => allowed.notes_left_out += usize::from(remark.take().is_some()),
                OwnWords::None => {}
            }
        }
        allowed.entries.push(entry);
    }
    allowed
}

fn is_another_helper(author: &Author, me: &Author) -> bool {
    let same = match (&author.person, &me.person) {
        (Some(author), Some(me)) => author == me,
        _ => author.name == me.name,
    };
    author.role == AuthorRole::Caregiver && !(me.role == AuthorRole::Caregiver && same)
}

/// Where in an entry somebody's own words are.
enum OwnWords<'a> {
    /// It is nothing but own words.
    All,
    /// A remark beside a fact.
    Remark(&'a mut Option<String>),
    /// Nowhere.
    None,
}

fn own_words(body: &mut EntryBody) -> OwnWords<'_> {
    match body {
        EntryBody::Note { .. } | EntryBody::Mood { .. } | EntryBody::Question(_) | EntryBody::Form(_) => OwnWords::All,
        EntryBody::Message(message) => match message.direction {
            MessageDirection::ToTeam => OwnWords::All,
            MessageDirection::FromTeam => OwnWords::None,
        },
        EntryBody::StepDone { note, .. } => OwnWords::Remark(note),
        EntryBody::Symptom(symptom) => OwnWords::Remark(&mut symptom.note),
        EntryBody::SymptomCourse(course) => OwnWords::Remark(&mut course.action),
        EntryBody::DeviceCheck(check) => OwnWords::Remark(&mut check.note),
        EntryBody::Photo { caption, .. } => OwnWords::Remark(caption),
        EntryBody::Caregiving(Caregiving::Asked(_)) => OwnWords::All,
        EntryBody::Caregiving(Caregiving::Answered { note, .. }) => OwnWords::Remark(note),
        EntryBody::Caregiving(_)
        | EntryBody::Administration(_)
        | EntryBody::Vital(_)
        | EntryBody::SiteCheck { .. }
        | EntryBody::SitesUsed { .. }
        | EntryBody::DailyCheck(_)
        | EntryBody::Fluid(_)
        | EntryBody::PumpEvent(_)
        | EntryBody::Advice(_)
        | EntryBody::ClockJump { .. }
        | EntryBody::PlanChanged { .. } => OwnWords::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeline_model::{EntryTimes, Happened, PatientId, Source, Symptom, TimeBasis, Uuid, ZoneId};

    fn person(role: AuthorRole, name: &str) -> Author {
        Author { role, person: None, name: name.to_owned() }
    }

    fn entry(number: u128, author: Author, private: bool, body: EntryBody) -> Entry {
        let at = "2026-11-23T13:00:00Z".parse().unwrap();
        Entry {
            id: EntryId(Uuid::from_u128(number)),
            patient: PatientId::new("p1").unwrap(),
            author,
            source: Source::ByHand,
            times: EntryTimes {
                happened: Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::PhoneClock },
                recorded_at: at,
                device_clock: None,
            },
            order: None,
            occurrence: None,
            infusion: None,
            amends: None,
            private,
            body,
        }
    }

    fn note(text: &str) -> EntryBody {
        EntryBody::Note { text: text.to_owned() }
    }

    fn symptom() -> EntryBody {
        let note = Some("she hides it".to_owned());
        EntryBody::Symptom(Symptom { symptom: "nausea".into(), present: true, severity: None, note })
    }

    #[test]
    fn a_helpers_words_stay_out_and_the_fact_beside_them_stays_in() {
        let (rosa, luis) = (person(AuthorRole::Patient, "Rosa"), person(AuthorRole::Caregiver, "Luis"));
        let entries = vec![
            entry(1, luis.clone(), false, note("she skips breakfast")),
            entry(2, luis.clone(), false, symptom()),
            entry(3, rosa.clone(), false, note("slept well")),
        ];
        let shown = allowed(entries.clone(), Consent::default(), &rosa);
        assert_eq!((shown.entries.len(), shown.notes_left_out), (2, 2));
        assert!(matches!(&shown.entries[0].body, EntryBody::Symptom(symptom) if symptom.note.is_none()));
        let own = allowed(entries.clone(), Consent::default(), &luis);
        assert_eq!((own.entries.len(), own.notes_left_out), (3, 0), "one's own words are no other helper's");
        let consent = Consent { helpers_notes: true, ..Consent::default() };
        assert_eq!(allowed(entries.clone(), consent, &rosa).entries, entries);
    }

    #[test]
    fn a_private_correction_takes_the_old_wording_with_it() {
        let rosa = person(AuthorRole::Patient, "Rosa");
        let mut correction = entry(2, rosa.clone(), true, note("new"));
        correction.amends = Some(EntryId(Uuid::from_u128(1)));
        let entries = vec![entry(1, rosa.clone(), false, note("old")), correction];
        let shown = allowed(entries.clone(), Consent::default(), &rosa);
        assert_eq!((shown.entries.len(), shown.private_left_out), (0, 1));
        let consent = Consent { private_entries: true, ..Consent::default() };
        assert_eq!(allowed(entries, consent, &rosa).entries.len(), 1);
    }
}
