use homeline_companion::{Homeline, JournalFilter};
use homeline_end_to_end::phone::{Phone, at, play};
use homeline_model::{Entry, EntryBody, EntryKind, ZoneId};

/// Every entry as written, newest first.
async fn everything(homeline: &Homeline) -> Vec<Entry> {
    let page = homeline.journal().timeline(JournalFilter::default(), None, 500).await.unwrap();
    let mut entries = Vec::new();
    for row in page.rows {
        entries.push(homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
    }
    entries
}

#[test]
fn a_clock_that_is_set_back_is_an_entry_and_rewrites_no_other_time() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        phone.clock.advance(chrono::Duration::minutes(30));
        homeline.journal().note("before the clock was set".to_owned(), false).await.unwrap();
        let before = everything(&homeline).await;

        phone.clock.set_wall(at("2026-11-23T12:30:00Z"));
        homeline.journal().note("after the clock was set".to_owned(), false).await.unwrap();

        let after = everything(&homeline).await;
        let jumps: Vec<i64> = after
            .iter()
            .filter_map(|entry| match entry.body {
                EntryBody::ClockJump { by_ms } => Some(by_ms),
                _ => None,
            })
            .collect();
        assert_eq!(jumps, [-2 * 60 * 60 * 1000]);
        for entry in &before {
            assert!(after.contains(entry), "rewritten: {entry:?}");
        }
        assert_eq!(after.len(), before.len() + 2, "the jump and the note");
        let filter = JournalFilter { kinds: vec![EntryKind::ClockJump], ..JournalFilter::default() };
        let told = homeline.journal().timeline(filter, None, 10).await.unwrap();
        assert_eq!(told.rows[0].title, "The phone's clock jumped back by 120 min");
    });
}

#[test]
fn a_clock_that_runs_as_it_should_is_no_entry_even_over_a_restart() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        for _ in 0..4 {
            phone.clock.advance(chrono::Duration::hours(5));
            homeline.journal().note("still the same time".to_owned(), false).await.unwrap();
        }
        homeline.close().await.unwrap();
        phone.clock.advance(chrono::Duration::hours(50));
        let again = phone.open().await;
        again.journal().note("two days later".to_owned(), false).await.unwrap();
        assert!(everything(&again).await.iter().all(|entry| entry.kind() != EntryKind::ClockJump));
    });
}

#[test]
fn a_journey_does_not_move_what_was_written_at_home() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:05:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().note("breakfast at home".to_owned(), false).await.unwrap();
        let at_home = everything(&homeline).await;
        phone.clock.advance(chrono::Duration::minutes(30));
        phone.clock.set_zone(ZoneId::new("Europe/Berlin").unwrap());
        homeline.journal().note("landed".to_owned(), false).await.unwrap();

        let entries = everything(&homeline).await;
        assert_eq!(entries[1..], at_home[..]);
        let zones: Vec<&str> = entries.iter().map(|entry| entry.times.happened.zone.as_str()).collect();
        assert_eq!(zones[..2], ["Europe/Berlin", "America/Chicago"]);
        let rows = homeline.journal().search("home".to_owned(), 10).await.unwrap();
        assert_eq!(rows[0].time.as_deref(), Some("08:05"), "as the clock on the wall was there");
    });
}

#[test]
fn a_day_with_two_one_oclocks_keeps_every_dose_once() {
    // The night of 1 November 2026, when Chicago sets its clocks back.
    let phone = Phone::new("America/Chicago", "2026-10-31T14:00:00Z");
    play(async {
        let homeline = phone.begin("milrinone-two-pumps").await;
        let mut ids = Vec::new();
        for item in homeline.agenda().items(at("2026-10-25T00:00:00Z"), at("2026-12-25T00:00:00Z")).await.unwrap() {
            ids.push(item.id);
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(count > 28, "a dose each day from 16 November on: {count}");
    });
}
