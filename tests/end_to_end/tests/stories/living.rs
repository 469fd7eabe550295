use homeline_companion::{Change, ErrorKind, JournalFilter};
use homeline_end_to_end::phone::{Phone, play};

#[test]
fn changes_that_follow_one_another_quickly_are_announced_once() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let journal = homeline.journal();
        journal.count().await.unwrap();
        phone.ear.take();

        // The platform is busy with the third reading of its clock until both notes are on disk.
        let release = phone.hold_clock_after(2);
        let (_, count) = tokio::join!(
            async {
                let (first, second) =
                    tokio::join!(journal.note("one".to_owned(), false), journal.note("two".to_owned(), false));
                assert!(first.is_ok() && second.is_ok());
                release.send(()).unwrap();
            },
            journal.count()
        );
        let entries = count.unwrap();
        assert_eq!(journal.count().await.unwrap(), entries);
        assert_eq!(phone.ear.take(), [Change::Journal]);
    });
}

#[test]
fn whoever_reads_after_being_told_sees_the_change() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [Change::Plan]);
        homeline.journal().note("one".to_owned(), false).await.unwrap();
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [Change::Journal]);
        homeline.journal().note(String::new(), false).await.unwrap_err();
        homeline.journal().count().await.unwrap();
        assert_eq!(phone.ear.take(), [], "what was refused changed nothing");
    });
}

#[test]
fn closing_in_the_middle_of_calls_answers_each_and_loses_nothing_acknowledged() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = homeline.journal().count().await.unwrap();
        let notes: Vec<_> = (0..60)
            .map(|number| {
                let journal = homeline.journal();
                tokio::task::spawn_local(async move { journal.note(format!("note {number}"), false).await })
            })
            .collect();
        // The first notes are on their way when the phone is put away.
        tokio::task::yield_now().await;
        homeline.close().await.unwrap();
        let mut acknowledged = Vec::new();
        for note in notes {
            match note.await.unwrap() {
                Ok(logged) => acknowledged.push(logged.entry),
                Err(error) => assert_eq!(error.kind, ErrorKind::Closed, "{error}"),
            }
        }
        assert_eq!(homeline.journal().count().await.unwrap_err().kind, ErrorKind::Closed);

        let again = phone.open().await;
        for entry in &acknowledged {
            assert!(again.journal().entry(*entry).await.unwrap().is_some(), "{entry} was acknowledged");
        }
        assert_eq!(again.journal().count().await.unwrap(), before + acknowledged.len() as u64);
        assert!(again.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn a_call_that_nobody_waits_for_any_more_is_done_all_the_same() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = homeline.journal().count().await.unwrap();
        let journal = homeline.journal();
        let task = tokio::task::spawn_local(async move { journal.note("left alone".to_owned(), false).await });
        tokio::task::yield_now().await;
        task.abort();
        let after = homeline.journal().count().await.unwrap();
        assert!(after == before || after == before + 1, "whole or not at all");
        assert!(homeline.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn a_vault_that_is_open_is_not_opened_twice_and_a_wrong_passcode_changes_nothing() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().note("kept".to_owned(), false).await.unwrap();
        let second = phone.try_open("four words on paper").await;
        assert_eq!(second.err().map(|error| error.kind), Some(ErrorKind::AlreadyOpen));
        homeline.close().await.unwrap();
        let before = homeline_end_to_end::terminal::content(&phone.folder().join("vault"));
        let wrong = phone.try_open("four words on glass").await;
        assert_eq!(wrong.err().map(|error| error.kind), Some(ErrorKind::WrongCredential));
        assert_eq!(homeline_end_to_end::terminal::content(&phone.folder().join("vault")), before);
    });
}

#[test]
fn pages_meet_without_a_gap_or_a_double_while_entries_arrive() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        for number in 0..25 {
            // Many in one millisecond: the place must not lean on the time alone.
            homeline.journal().note(format!("note {number}"), false).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = homeline.journal().timeline(JournalFilter::default(), after, 7).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| row.id));
            homeline.journal().note("one more meanwhile".to_owned(), false).await.unwrap();
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
        assert!(count >= 26, "the notes and the plan: {count}");
    });
}
