use homeline_companion::{ActionInput, Homeline, LockedCard, Screen};
use homeline_end_to_end::phone::{Phone, play};
use std::path::{Path, PathBuf};

/// Every line of a card.
fn words(card: &Screen) -> String {
    card.rows()
        .flat_map(|row| [row.title.clone()].into_iter().chain(row.state.clone()).chain(row.details.clone()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn outside(vault: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(vault).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.to_string_lossy().contains("card")).collect()
}

async fn start(homeline: &Homeline) {
    let today = homeline.agenda().today().await.unwrap();
    let mut actions = today.rows().flat_map(|row| &row.actions);
    let action = actions.find(|action| action.id.starts_with("dose.start")).unwrap().id.clone();
    homeline.agenda().act(action, ActionInput::default()).await.unwrap();
}

#[test]
fn the_hand_over_card_says_what_an_emergency_room_must_know_and_what_the_plan_leaves_out() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    play(async {
        let homeline = phone.begin("milrinone-two-pumps").await;
        let card = homeline.card().screen(true).await.unwrap();
        let told = words(&card);
        for word in [
            "MUST NOT BE STOPPED",
            "Concentration: ",
            "Dosing weight: 80 kg",
            "Rate as ordered: 9 mL/h",
            "Line: ",
            "BACKUP",
            "Serial ",
            "Battery: not heard here",
            "Allergies: ",
            "On-call",
            "+1-555",
            "Never flush this line",
        ] {
            assert!(told.contains(word), "`{word}` is not on the card:\n{told}");
        }
        let first = homeline.card().screen(false).await.unwrap();
        assert!(!words(&first).contains("Dosing weight") && words(&first).contains("MUST NOT BE STOPPED"));
        let page = homeline.card().page(true).await.unwrap();
        assert!(page.contains("MUST NOT BE STOPPED") && page.starts_with("<!DOCTYPE html>"));
        assert!(!page.contains("http://") && !page.contains("https://"), "self-contained");

        let other = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
        let homeline = other.begin("vancomycin-elastomeric").await;
        assert!(words(&homeline.card().screen(true).await.unwrap()).contains("Dosing weight: not in the plan"));
    });
}

#[test]
fn nothing_lies_outside_the_vault_until_the_patient_says_so_and_nothing_after_it_is_taken_back() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    let vault = phone.folder().join("vault");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        start(&homeline).await;
        assert!(outside(&vault).is_empty() && LockedCard::read(&vault).unwrap().is_none());
        assert!(!homeline.card().is_allowed_locked().await.unwrap());

        let page = homeline.card().allow_locked().await.unwrap();
        assert_eq!(outside(&vault).len(), 2);
        assert!(page.starts_with(&vault) && page.exists());
        homeline.close().await.unwrap();
        // Locked: no passcode, and the card is there.
        let card = LockedCard::read(&vault).unwrap().unwrap();
        assert!(words(&card.hand_over).contains("running since 08:02"), "{}", words(&card.hand_over));
        let files: String = outside(&vault).iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert!(!files.contains("Slept well"));

        let homeline = phone.open().await;
        assert!(homeline.card().is_allowed_locked().await.unwrap(), "the choice is remembered");
        homeline.journal().note("Slept well".to_owned(), false).await.unwrap();
        homeline.card().forbid_locked().await.unwrap();
        assert!(outside(&vault).is_empty() && LockedCard::read(&vault).unwrap().is_none());
        start_or_finish(&homeline).await;
        assert!(outside(&vault).is_empty(), "and it does not come back by itself");
    });
}

async fn start_or_finish(homeline: &Homeline) {
    let today = homeline.agenda().today().await.unwrap();
    let mut actions = today.rows().flat_map(|row| &row.actions);
    let action = actions.find(|action| action.id.starts_with("dose.finish")).unwrap().id.clone();
    homeline.agenda().act(action, ActionInput::default()).await.unwrap();
}

#[test]
fn the_card_outside_follows_the_plan_and_the_doses() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:02:00Z");
    let vault = phone.folder().join("vault");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.card().allow_locked().await.unwrap();
        let told = || words(&LockedCard::read(&vault).unwrap().unwrap().emergency);
        assert!(told().contains("not recorded as running"));
        start(&homeline).await;
        assert!(told().contains("running since 08:02"), "{}", told());
        phone.clock.advance(chrono::Duration::minutes(90));
        start_or_finish(&homeline).await;
        assert!(!told().contains("running since"), "{}", told());
        let changed = String::from_utf8(homeline_end_to_end::phone::plan("vancomycin-elastomeric")).unwrap();
        let changed = changed.replace("+1-555-01", "+1-555-77");
        homeline.plan().import(changed.into_bytes()).await.unwrap();
        assert!(told().contains("+1-555-77"), "{}", told());
    });
}
