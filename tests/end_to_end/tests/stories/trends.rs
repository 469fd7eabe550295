use chrono::Duration;
use homeline_companion::{ErrorKind, Homeline, JournalFilter, Logged};
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_model::{Advice, AdviceLevel, EntryBody, EntryKind};

const ASKED: &str = "Your team asked to be told when your temperature rises 2 days in a row.";

/// The trends among the advice that was given.
fn trends(advice: &[Advice]) -> Vec<&str> {
    advice.iter().map(|advice| advice.rule.as_str()).filter(|rule| rule.starts_with("trend/")).collect()
}

async fn measure(homeline: &Homeline, value: &str) -> Logged {
    let mut logged = homeline.journal().vital(value.to_owned()).await.unwrap();
    logged.pop().unwrap()
}

/// What the journal holds of trends, newest first.
async fn journaled(homeline: &Homeline) -> Vec<Advice> {
    let filter = JournalFilter { kinds: vec![EntryKind::Advice], ..JournalFilter::default() };
    let page = homeline.journal().timeline(filter, None, 100).await.unwrap();
    let mut notices = Vec::new();
    for row in page.rows {
        let entry = homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap();
        if let EntryBody::Advice(advice) = entry.0.body
            && advice.rule.starts_with("trend/")
        {
            notices.push(advice);
        }
    }
    notices
}

#[test]
fn a_temperature_that_rises_two_days_in_a_row_is_told_once_as_the_plan_asks() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        for value in ["98.2 F", "98.9 F"] {
            assert_eq!(trends(&measure(&homeline, value).await.advice), [""; 0]);
            phone.clock.advance(Duration::days(1));
        }
        let logged = measure(&homeline, "99.8 F").await;
        assert_eq!(trends(&logged.advice), ["trend/temperature-two-days"]);

        let report = homeline.insight().trends().await.unwrap();
        let [notice] = report.notices.as_slice() else { panic!("{report:?}") };
        assert_eq!(notice.level, AdviceLevel::MessageToday);
        assert_eq!(notice.text[1], ASKED);
        assert_eq!(notice.data, ["It did: 98.2, 98.9, 99.8 °F (2026-11-23 to 2026-11-25)."]);
        assert!(report.silent.len() == 6 && report.faults.is_empty(), "{report:?}");
        assert!(homeline.journal().entry(notice.id).await.unwrap().is_some(), "on disk under the id of its facts");

        let today = homeline.agenda().today().await.unwrap();
        let row = today.rows().find(|row| row.title == ASKED).expect("on today's screen");
        assert_eq!(row.state.as_deref(), Some("message today"));
        let screen = homeline.insight().screen().await.unwrap();
        assert!(screen.rows().any(|row| row.title == ASKED));
        assert!(homeline.report().visit(7).await.unwrap().html().contains("98.2, 98.9, 99.8"));

        // More of the same, the same evening and the next day: it stands there, and is not written again.
        phone.clock.advance(Duration::hours(8));
        assert_eq!(trends(&measure(&homeline, "99.9 F").await.advice), [""; 0]);
        phone.clock.advance(Duration::days(1));
        assert_eq!(trends(&measure(&homeline, "100.1 F").await.advice), [""; 0]);
        assert_eq!(journaled(&homeline).await.len(), 1);
        assert_eq!(homeline.insight().trends().await.unwrap().notices.len(), 1);

        // Triage is asked apart from it, and its word is the louder one.
        let logged = measure(&homeline, "100.6 F").await;
        assert_eq!(logged.advice[0].level, AdviceLevel::CallNow);
        assert_eq!(trends(&logged.advice), [""; 0]);
        assert!(homeline.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn where_the_plan_asks_for_no_trend_nothing_is_watched_and_that_is_said() {
    let phone = Phone::new("America/St_Johns", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        for value in ["98.2 F", "98.9 F", "99.8 F"] {
            assert_eq!(trends(&measure(&homeline, value).await.advice), [""; 0]);
            phone.clock.advance(Duration::days(1));
        }
        assert!(journaled(&homeline).await.is_empty());
        let report = homeline.insight().trends().await.unwrap();
        assert!(report.notices.is_empty() && report.silent.is_empty());
        let screen = homeline.insight().screen().await.unwrap();
        assert!(screen.rows().any(|row| row.title.contains("Nothing is watched")));
    });
}

async fn next_step(homeline: &Homeline, dose: &str) -> Option<String> {
    let screen = homeline.agenda().today().await.unwrap();
    let row = screen.rows().find(|row| row.id == dose).unwrap();
    row.actions.iter().find(|action| action.id.starts_with("step.done")).map(|action| action.id.clone())
}

#[test]
fn steps_that_are_left_out_more_and_more_are_a_note() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let mut said = Vec::new();
        for day in 0..9 {
            let screen = homeline.agenda().today().await.unwrap();
            let due = screen.rows().find(|row| {
                let starts = row.actions.iter().any(|action| action.id.starts_with("dose.start"));
                starts && row.state.as_deref() == Some("due now")
            });
            let dose = due.expect("vancomycin is due at 8").id.clone();
            // The first week every step is ticked, then none.
            if day < 6 {
                while let Some(step) = next_step(&homeline, &dose).await {
                    homeline.agenda().act(step, Default::default()).await.unwrap();
                }
            }
            homeline.agenda().act(format!("dose.start:{dose}"), Default::default()).await.unwrap();
            phone.clock.advance(Duration::minutes(90));
            let logged = homeline.agenda().act(format!("dose.finish:{dose}"), Default::default()).await.unwrap();
            said.extend(trends(&logged.advice).into_iter().map(|rule| (day, rule.to_owned())));
            phone.clock.advance(Duration::hours(24) - Duration::minutes(90));
        }
        // One day alone says nothing, whatever its value.
        assert_eq!(said, [(7, "trend/steps".to_owned())]);
        let report = homeline.insight().trends().await.unwrap();
        assert_eq!(report.notices[0].level, AdviceLevel::Note);
    });
}

#[test]
fn a_trend_that_cannot_be_read_is_shown_and_the_rest_of_the_plan_stands() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let text = String::from_utf8(plan("vancomycin-elastomeric")).unwrap();
        let broken = text.replace("\"valueCode\": \"site-signs\"\n", "\"valueCode\": \"tea-leaves\"\n");
        assert_ne!(broken, text);
        let imported = homeline.plan().import(broken.into_bytes()).await.unwrap();
        assert_eq!(imported.unreadable.len(), 1, "{:?}", imported.unreadable);
        let report = homeline.insight().trends().await.unwrap();
        assert!(report.faults[0].reason.contains("series"), "{:?}", report.faults);
        assert_eq!(report.silent.len(), 6, "the other six are watched");
        let refused = homeline.plan().import(b"{}".to_vec()).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::PlanRefused);
    });
}
