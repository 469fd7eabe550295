use homeline_companion::{Consent, ErrorKind, Homeline, Privacy, Recipient, Screen};
use homeline_end_to_end::phone::{Phone, play};
use homeline_model::ZoneId;
use std::collections::HashSet;

/// Every screen that there is, after something was written.
async fn all(homeline: &Homeline) -> Vec<Screen> {
    let entry = homeline.journal().note("Slept well.".to_owned(), false).await.unwrap().entry;
    vec![
        homeline.agenda().today().await.unwrap(),
        homeline.agenda().overdue().await.unwrap(),
        homeline.plan().screen().await.unwrap(),
        homeline.journal().entry_screen(entry).await.unwrap(),
        homeline.messages().threads().await.unwrap(),
        homeline.forms().screen().await.unwrap(),
        homeline.reminders().screen(64).await.unwrap(),
        homeline.travel().screen().await.unwrap(),
        homeline.sync().screen().await.unwrap(),
        homeline.report().preview(7, Consent::default()).await.unwrap(),
        homeline.insight().screen().await.unwrap(),
        homeline.sites().screen().await.unwrap(),
        homeline.pump().screen().await.unwrap(),
        homeline.vital_devices().screen().await.unwrap(),
        homeline.settings().screen().await.unwrap(),
        homeline.clinician().screen().await.unwrap(),
        homeline.card().screen(false).await.unwrap(),
        homeline.card().screen(true).await.unwrap(),
    ]
}

#[test]
fn every_screen_says_what_a_shell_needs_to_draw_it() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.messages().send(Recipient::Pharmacist, "May I shower?".to_owned()).await.unwrap();
        let screens = all(&homeline).await;
        let ids: HashSet<&str> = screens.iter().map(|screen| screen.id.as_str()).collect();
        assert_eq!(ids.len(), screens.len(), "each has an id of its own");
        for screen in &screens {
            // The title of the overdue screen says that nothing is.
            let has_rows = screen.rows().count() > 0 || screen.id == "overdue";
            assert!(!screen.title.is_empty() && has_rows, "{}", screen.id);
            let rows: HashSet<&str> = screen.rows().map(|row| row.id.as_str()).collect();
            assert_eq!(rows.len(), screen.rows().count(), "{}: rows are told apart", screen.id);
            for row in screen.rows() {
                let whole = row.accessibility.contains(&row.title)
                    && row.details.iter().all(|detail| row.accessibility.contains(detail.as_str()));
                assert!(whole && !row.title.is_empty(), "{}: {row:?}", screen.id);
                assert!(row.actions.iter().all(|action| !action.id.is_empty() && !action.label.is_empty()), "{row:?}");
                if let Some(private) = &row.private_title {
                    assert!(!private.to_lowercase().contains("vancomycin"), "{private}");
                }
            }
        }
        let privacy = |id: &str| screens.iter().find(|screen| screen.id == id).unwrap().privacy;
        assert_eq!(privacy("emergency-card"), Privacy::Locked);
        assert_eq!(privacy("today"), Privacy::Unlocked);
        assert_eq!(privacy("clinician"), Privacy::Covered);
    });
}

#[test]
fn the_chosen_language_is_on_the_screens_and_stays() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let headings = async |homeline: &Homeline| -> Vec<String> {
            let today = homeline.agenda().today().await.unwrap();
            today.sections.into_iter().filter_map(|section| section.title).collect()
        };
        let english = headings(&homeline).await;
        homeline.settings().act("language.set:es".to_owned()).await.unwrap();
        let spanish = headings(&homeline).await;
        assert_eq!(english.len(), spanish.len());
        assert!(english.iter().zip(&spanish).all(|(one, other)| one != other), "{spanish:?}");
        assert_eq!(homeline.settings().screen().await.unwrap().title, "Ajustes y seguridad");
        homeline.close().await.unwrap();
        let again = phone.open().await;
        assert_eq!(
            (headings(&again).await, again.settings().language().await.unwrap()),
            (spanish, Some("es".to_owned()))
        );
        let unknown = again.settings().set_language(Some("tlh".to_owned())).await.unwrap_err();
        assert_eq!((unknown.kind, unknown.field.as_deref()), (ErrorKind::BadInput, Some("language")));
        again.settings().act("language.of-plan".to_owned()).await.unwrap();
        assert_eq!(headings(&again).await, english);
    });
}

#[test]
fn a_switch_of_the_settings_shows_what_it_did_and_offers_the_way_back() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let switch = async |id: &str| {
            let screen = homeline.settings().screen().await.unwrap();
            let row = screen.rows().find(|row| row.id == id).unwrap();
            (row.state.clone().unwrap(), row.actions[0].id.clone())
        };
        for id in ["names", "card"] {
            let (off, on) = switch(id).await;
            assert_eq!((off.as_str(), on.as_str()), ("off", format!("{id}.on").as_str()));
            homeline.settings().act(on).await.unwrap();
            let (on, off) = switch(id).await;
            assert_eq!((on.as_str(), off.as_str()), ("on", format!("{id}.off").as_str()));
            homeline.settings().act(off).await.unwrap();
            assert_eq!(switch(id).await.0, "off");
        }
        assert_eq!(homeline.settings().act("passcode.set".to_owned()).await.unwrap_err().kind, ErrorKind::BadInput);
    });
}

#[test]
fn the_travel_screen_accepts_the_journey_that_it_shows() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let at_home = homeline.travel().screen().await.unwrap();
        assert!(at_home.rows().all(|row| row.actions.is_empty()));
        phone.clock.set_zone(ZoneId::new("Europe/Madrid").unwrap());
        let away = homeline.travel().screen().await.unwrap();
        let action = away.rows().find_map(|row| row.actions.first()).unwrap().id.clone();
        assert_eq!(away.sections.len(), 2, "where, and what would change");
        assert!(homeline.travel().act(action).await.unwrap().is_some());
        assert!(homeline.travel().screen().await.unwrap().rows().all(|row| row.actions.is_empty()));
    });
}
