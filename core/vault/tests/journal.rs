//! The journal through the public API.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, outside of its `#[test]` function too"
)]

mod phone;

use homeline_model::{AdministrationStatus, AlarmRecord, Entry, EntryBody, EntryKind, OrderId};
use homeline_vault::{
    Appended, ChainLink, Direction, MAX_ENTRY_BYTES, OutboxState, PageKey, TimelineQuery, Vault, VaultError,
};
use phone::{Phone, device, dose, entry_id, minutes, note, now, occurrence, outgoing};

#[test]
fn an_appended_entry_is_there_after_reopening_with_its_search_words_and_its_outbox_row() {
    let phone = Phone::new();
    let vault = phone.create();
    let entry = note(1, "Übelkeit after the second bag");
    assert_eq!(vault.append(&entry, vec![outgoing(&entry)]).unwrap(), Appended::New);
    vault.close(now()).unwrap();

    let vault = phone.open().unwrap();
    assert_eq!(vault.read(|r| r.entry(entry.id)).unwrap(), Some(entry.clone()));
    assert_eq!(vault.search("ubelkeit SEC", 10).unwrap(), std::slice::from_ref(&entry));
    let waiting = vault.read(|r| r.outbox_next(10, now())).unwrap();
    assert_eq!(waiting.iter().map(|row| row.entry).collect::<Vec<_>>(), [Some(entry.id)]);
    assert_eq!(vault.verify().unwrap().chain, 1);
}

#[test]
fn the_same_entry_again_is_harmless_and_other_content_under_its_id_is_refused() {
    let phone = Phone::new();
    let vault = phone.create();
    let entry = note(1, "one");
    assert_eq!(vault.append(&entry, vec![outgoing(&entry)]).unwrap(), Appended::New);
    assert_eq!(vault.append(&entry, vec![outgoing(&entry)]).unwrap(), Appended::Already);
    let other = note(1, "two");
    assert_eq!(vault.append(&other, vec![]), Err(VaultError::EntryConflict { id: entry.id }));
    assert_eq!(vault.read(|r| r.entry_count()).unwrap(), 1);
    assert_eq!(vault.read(|r| r.outbox_status()).unwrap().waiting, 1);
}

#[test]
fn what_fails_takes_everything_of_its_own_back_and_nothing_else() {
    let phone = Phone::new();
    let vault = phone.create();
    vault.append(&note(1, "kept"), vec![]).unwrap();
    let failed: Result<(), _> = vault.write(|tx| {
        tx.append(&note(2, "lost"))?;
        tx.enqueue(&outgoing(&note(2, "lost")))?;
        tx.set_setting("a", &1)?;
        tx.append(&note(1, "conflict")).map(drop)
    });
    assert_eq!(failed, Err(VaultError::EntryConflict { id: entry_id(1) }));
    let panicked: Result<(), _> = vault.write(|tx| {
        tx.append(&note(3, "lost"))?;
        std::panic::resume_unwind(Box::new("a fault"))
    });
    assert_eq!(panicked, Err(VaultError::Abandoned));
    vault.append(&note(4, "after"), vec![]).unwrap();
    let left = vault.read(|r| Ok((r.entry_count()?, r.outbox_status()?.waiting, r.setting::<u32>("a")?))).unwrap();
    assert_eq!(left, (2, 0, None));
    assert!(vault.search("lost", 5).unwrap().is_empty());
    assert_eq!(vault.verify().unwrap().chain, 2, "the chain has no gap where something was taken back");
}

#[test]
fn an_amendment_points_to_what_it_corrects_and_both_stay() {
    let phone = Phone::new();
    let vault = phone.create();
    let first = note(1, "37.8");
    let second = Entry { amends: Some(first.id), ..note(2, "38.7") };
    let missing = Entry { amends: Some(entry_id(99)), ..note(3, "x") };
    vault.append(&first, vec![]).unwrap();
    vault.append(&second, vec![]).unwrap();
    assert_eq!(
        vault.append(&missing, vec![]),
        Err(VaultError::AmendedEntryMissing { id: missing.id, amends: entry_id(99) })
    );
    assert_eq!(vault.read(|r| r.amendments_of(first.id)).unwrap(), [second]);
    assert_eq!(vault.read(|r| r.entry(first.id)).unwrap(), Some(first));
}

#[test]
fn ten_megabytes_of_notes_are_refused_by_name_and_nothing_stays() {
    let phone = Phone::new();
    let vault = phone.create();
    let error = vault.append(&note(1, &"a".repeat(10_000_000)), vec![]).unwrap_err();
    assert!(matches!(error, VaultError::TooLarge { field: "entry", limit: MAX_ENTRY_BYTES, .. }), "{error}");
    assert_eq!(vault.read(|r| r.entry_count()).unwrap(), 0);
}

#[test]
fn an_entry_of_another_device_keeps_its_own_link_and_leaves_our_chain_alone() {
    let phone = Phone::new();
    let vault = phone.create();
    vault.append(&note(1, "ours"), vec![]).unwrap();
    let link = ChainLink { device: device(2), sequence: 41, previous: None, hash: [7; 32] };
    vault
        .write(move |tx| {
            assert_eq!(tx.append_foreign(&note(2, "theirs"), Some(&link))?, Appended::New);
            assert_eq!(tx.append_foreign(&note(2, "theirs"), Some(&link))?, Appended::Already);
            assert_eq!(tx.append_foreign(&note(3, "no chain told"), None)?, Appended::New);
            let taken = tx.append_foreign(&note(4, "same place"), Some(&link));
            assert_eq!(taken, Err(VaultError::EntryConflict { id: entry_id(4) }));
            let ours = ChainLink { device: device(1), sequence: 9, ..link };
            assert!(tx.append_foreign(&note(5, "as if ours"), Some(&ours)).is_err());
            Ok(())
        })
        .unwrap();
    vault.append(&note(6, "ours again"), vec![]).unwrap();
    assert_eq!(vault.verify().unwrap().chain, 2);
    let theirs = vault.read(|r| r.entries_of_device_since(device(2), 0, 10)).unwrap();
    assert_eq!(theirs, [(link, note(2, "theirs"))]);
    let ours = vault.read(|r| r.entries_of_device_since(device(1), 1, 10)).unwrap();
    assert_eq!(ours.iter().map(|(link, _)| link.sequence).collect::<Vec<_>>(), [2]);
}

#[test]
fn doses_are_found_by_occurrence_by_order_and_by_date() {
    let phone = Phone::new();
    let vault = phone.create();
    use AdministrationStatus::{Completed, InProgress, Skipped};
    let started = dose(1, "vanco", occurrence(1), InProgress);
    let done = Entry { amends: Some(started.id), ..dose(60, "vanco", occurrence(1), Completed) };
    let skipped = dose(720, "vanco", occurrence(2), Skipped);
    let other = dose(721, "saline", occurrence(3), Completed);
    for entry in [&started, &done, &skipped, &other, &note(5, "not a dose")] {
        vault.append(entry, vec![]).unwrap();
    }
    assert_eq!(vault.read(|r| r.entries_of_occurrence(occurrence(1))).unwrap(), [started.clone(), done.clone()]);
    let rows = vault.read(|r| r.administrations(now(), now() + minutes(721))).unwrap();
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [InProgress, Completed, Skipped]);
    assert_eq!(rows[1].amends, Some(started.id));
    assert_eq!(rows[1].occurrence, Some(occurrence(1)));
    let by_order = TimelineQuery { order: Some(OrderId::new("saline").unwrap()), ..TimelineQuery::default() };
    assert_eq!(vault.timeline(&by_order).unwrap().entries, [other]);
}

#[test]
fn sql_itself_cannot_change_or_remove_an_entry() {
    let plain = rusqlite::Connection::open_in_memory().unwrap();
    plain.execute_batch(homeline_vault::schema::CREATE).unwrap();
    plain
        .execute(
            "INSERT INTO entry (id, kind, happened_at, recorded_at, json) VALUES (zeroblob(16), 'note', 1, 1, '{}')",
            [],
        )
        .unwrap();
    assert!(plain.execute("UPDATE entry SET json = 'x'", []).is_err());
    assert!(plain.execute("DELETE FROM entry", []).is_err());
}

fn walk(vault: &Vault, query: &TimelineQuery) -> Vec<Entry> {
    let mut query = query.clone();
    let mut all = Vec::new();
    loop {
        let page = vault.timeline(&query).unwrap();
        assert!(u32::try_from(page.entries.len()).unwrap() <= query.limit);
        all.extend(page.entries);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

#[test]
fn an_entry_that_arrives_while_somebody_scrolls_hides_and_repeats_nothing() {
    let phone = Phone::new();
    let vault = phone.create();
    for number in 1..=10 {
        vault.append(&note(number, "n"), vec![]).unwrap();
    }
    let mut query = TimelineQuery { limit: 4, ..TimelineQuery::default() };
    let first = vault.timeline(&query).unwrap();
    vault.append(&note(11, "newest"), vec![]).unwrap();
    query.after = first.next;
    let second = vault.timeline(&query).unwrap();
    let ids: Vec<_> = first.entries.iter().chain(&second.entries).map(|entry| entry.id).collect();
    assert_eq!(ids, (3..=10).rev().map(entry_id).collect::<Vec<_>>());
    assert_eq!(first.next, Some(PageKey { happened_at: now() + minutes(7), id: entry_id(7) }));
    let none = TimelineQuery { limit: 0, ..TimelineQuery::default() };
    assert!(matches!(vault.timeline(&none), Err(VaultError::TooLarge { field: "limit", .. })));
}

#[test]
fn nothing_that_a_person_types_is_a_syntax_error_of_the_search() {
    let phone = Phone::new();
    let vault = phone.create();
    let entry = note(1, "Arm hurts near the PICC line, it's warm (37.9)");
    vault.append(&entry, vec![]).unwrap();
    vault.append(&note(2, "arm fine"), vec![]).unwrap();
    for found in ["picc", "arm hurt", "it's", "37.9", "(PICC", "\"arm\" \"hurts", "warm OR", "near* arm", "NEAR("] {
        let ids: Vec<_> = vault.search(found, 5).unwrap().iter().map(|e| e.id).collect();
        let expected = if found == "warm OR" { vec![] } else { vec![entry.id] };
        assert_eq!(ids, expected, "{found}");
    }
    for nothing in ["", "  ", "\"", "*", "AND", "a\0b\0", "-", "col:arm", "^", "\u{301}", "''", "{x}:y"] {
        assert!(vault.search(nothing, 5).is_ok_and(|found| found.is_empty()), "{nothing:?}");
    }
    let newest_first: Vec<_> = vault.search("arm", 5).unwrap().iter().map(|e| e.id).collect();
    assert_eq!(newest_first, [entry_id(2), entry_id(1)]);
}

#[test]
fn readers_see_whole_transactions_while_the_writer_writes() {
    let phone = Phone::new();
    let vault = phone.create();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for pair in 0..100u64 {
                vault
                    .write(move |tx| {
                        let (a, b) = (note(2 * pair, "left"), note(2 * pair + 1, "right"));
                        tx.append(&a)?;
                        tx.enqueue(&outgoing(&a))?;
                        tx.append(&b).map(drop)
                    })
                    .unwrap();
            }
        });
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while last < 200 {
                        let (entries, waiting) =
                            vault.read(|r| Ok((r.entry_count()?, r.outbox_status()?.waiting))).unwrap();
                        assert_eq!((entries % 2, entries / 2), (0, waiting), "half a transaction was seen");
                        assert!(entries >= last, "a reader went back in time");
                        last = entries;
                    }
                })
            })
            .collect();
        writing.join().unwrap();
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert_eq!(vault.verify().unwrap().chain, 200);
}

#[test]
fn many_writers_at_once_each_get_their_own_answer() {
    let phone = Phone::new();
    let vault = phone.create();
    std::thread::scope(|scope| {
        for writer in 0..8u64 {
            let vault = &vault;
            scope.spawn(move || {
                for turn in 0..20 {
                    let entry = note(writer * 100 + turn, "n");
                    assert_eq!(vault.append(&entry, vec![]), Ok(Appended::New));
                    let conflict = vault.append(&note(writer * 100 + turn, "other"), vec![]);
                    assert_eq!(conflict, Err(VaultError::EntryConflict { id: entry.id }));
                }
            });
        }
    });
    let verified = vault.verify().unwrap();
    assert_eq!((verified.entries, verified.chain), (160, 160));
}

#[test]
fn outbox_rows_go_safety_first_then_oldest_first_and_settle() {
    let phone = Phone::new();
    let vault = phone.create();
    let rows: Vec<_> = (1..=3u64).map(|n| outgoing(&note(n, "n"))).collect();
    let ids = vault
        .write(move |tx| {
            let mut urgent = rows[2].clone();
            urgent.lane = homeline_vault::Lane::Safety;
            Ok([tx.enqueue(&rows[0])?, tx.enqueue(&rows[1])?, tx.enqueue(&urgent)?])
        })
        .unwrap();
    let next = |limit, at| -> Vec<_> {
        vault.read(|r| r.outbox_next(limit, at)).unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(next(10, now()), [ids[2], ids[0], ids[1]]);
    vault.write(move |tx| tx.outbox_retry(ids[2], now(), now() + minutes(5), "timeout")).unwrap();
    assert_eq!(next(10, now()), [ids[0], ids[1]]);
    assert_eq!(next(1, now() + minutes(5)), [ids[2]]);
    vault.write(move |tx| tx.outbox_park(ids[0], now() + minutes(1), "422")).unwrap();
    vault.write(move |tx| tx.outbox_ack(ids[1], now() + minutes(2), Some("3"), None)).unwrap();
    let status = vault.read(|r| r.outbox_status()).unwrap();
    assert_eq!((status.waiting, status.parked, status.sent), (1, 1, 1));
    assert_eq!(status.last_sent, Some(now() + minutes(2)));
    assert_eq!(status.last_failure, Some((now() + minutes(1), "422".into())));
    let sent = vault.read(|r| r.outbox_of_entry(entry_id(2))).unwrap().remove(0);
    assert_eq!((sent.state, sent.payload, sent.version), (OutboxState::Sent, None, Some("3".into())));
    vault.write(move |tx| tx.outbox_unpark(ids[0])).unwrap();
    assert_eq!(vault.read(|r| r.outbox_parked()).unwrap(), []);
    let error = vault.write(|tx| tx.outbox_park(homeline_vault::OutboxId(99), now(), "x")).unwrap_err();
    assert_eq!(error, VaultError::NoSuchRow { what: "outbox", id: 99 });
}

#[test]
fn a_resource_queued_again_before_it_is_sent_takes_the_place_of_the_first() {
    let phone = Phone::new();
    let vault = phone.create();
    let first = outgoing(&note(1, "n"));
    let second = homeline_vault::NewOutboxItem { payload: "{}".into(), ..first.clone() };
    let ids = vault.write(move |tx| Ok((tx.enqueue(&first)?, tx.enqueue(&second)?))).unwrap();
    assert_eq!(ids.0, ids.1);
    let rows = vault.read(|r| r.outbox_next(9, now())).unwrap();
    assert_eq!((rows.len(), rows[0].payload.as_deref()), (1, Some("{}")));
}

#[test]
fn a_row_that_was_handed_out_is_frozen_and_a_later_edit_queues_behind_it() {
    let phone = Phone::new();
    let vault = phone.create();
    let first = outgoing(&note(1, "n"));
    let edit = homeline_vault::NewOutboxItem { payload: "{\"edit\":1}".into(), ..first.clone() };
    let last = homeline_vault::NewOutboxItem { payload: "{\"edit\":2}".into(), ..first.clone() };
    let other = outgoing(&note(2, "n"));
    let (batch, second) = vault
        .write(move |tx| {
            tx.enqueue(&first)?;
            tx.enqueue(&other)?;
            let batch = tx.outbox_batch(homeline_vault::Lane::Ordinary, None, 10, 1_000_000)?;
            let edited = tx.enqueue(&edit)?;
            assert_eq!(tx.enqueue(&last)?, edited, "an edit that was not handed out is replaced");
            // Both rows of the resource wait, but never in one batch.
            let again = tx.outbox_batch(homeline_vault::Lane::Ordinary, None, 10, 1_000_000)?;
            Ok((batch, again))
        })
        .unwrap();
    assert_eq!(batch.len(), 2);
    assert_eq!(batch, second, "a try with an unknown outcome goes out again with the same bytes");
    let ids: Vec<_> = batch.iter().map(|row| row.id).collect();
    let rest = vault
        .write(move |tx| {
            tx.outbox_unknown(ids[0], now())?;
            assert_eq!(tx.outbox_status()?.unknown, 1);
            tx.outbox_ack(ids[0], now(), Some("1"), Some("server-7"))?;
            tx.outbox_ack(ids[1], now(), None, None)?;
            tx.outbox_batch(homeline_vault::Lane::Ordinary, Some(ids[1]), 10, 1)
        })
        .unwrap();
    assert_eq!(rest.iter().map(|row| row.payload.as_deref()).collect::<Vec<_>>(), [Some("{\"edit\":2}")]);
    let sent = vault.read(|r| r.outbox_sent("Observation", &entry_id(1).to_string())).unwrap().unwrap();
    assert_eq!((sent.version.as_deref(), sent.server_id.as_str()), (Some("1"), "server-7"));
    let ours = vault.read(|r| r.outbox_sent("Observation", &entry_id(2).to_string())).unwrap().unwrap();
    assert_eq!(ours.server_id, entry_id(2).to_string());
    assert_eq!(vault.read(|r| r.outbox_sent("Observation", "none")).unwrap(), None);
    assert_eq!(vault.read(|r| r.outbox_status()).unwrap().unknown, 0);
}

#[test]
fn a_batch_stops_at_its_bytes_but_holds_at_least_one_row() {
    let phone = Phone::new();
    let vault = phone.create();
    let sizes = vault
        .write(|tx| {
            for number in 1..=4 {
                tx.enqueue(&outgoing(&note(number, "n")))?;
            }
            let bytes = outgoing(&note(1, "n")).payload.len();
            let lane = homeline_vault::Lane::Ordinary;
            let sizes = [0, bytes * 2, usize::MAX].map(|limit| tx.outbox_batch(lane, None, 3, limit).map(|b| b.len()));
            sizes.into_iter().collect::<Result<Vec<_>, _>>()
        })
        .unwrap();
    assert_eq!(sizes, [1, 2, 3]);
}

#[test]
fn a_cursor_moves_only_with_what_the_pull_brought() {
    let phone = Phone::new();
    let vault = phone.create();
    let row = homeline_vault::MirrorRow {
        resource_type: "MedicationRequest".into(),
        id: "m1".into(),
        version_id: Some("1".into()),
        last_updated: Some(now()),
        json: "{\"resourceType\":\"MedicationRequest\"}".into(),
        deleted: false,
        received_at: now(),
    };
    let (a, b) = (row.clone(), row.clone());
    let failed: Result<(), _> = vault.write(move |tx| {
        tx.put_mirror(&a)?;
        tx.set_cursor("pull", "t1", now())?;
        Err(VaultError::Closed)
    });
    assert!(failed.is_err());
    assert_eq!(vault.read(|r| Ok((r.cursor("pull")?, r.mirror_types()?))).unwrap(), (None, vec![]));
    vault
        .write(move |tx| {
            assert!(tx.put_mirror(&b)?);
            assert!(!tx.put_mirror(&b)?, "an overlapping pull brings it again");
            tx.set_cursor("pull", "t2", now())
        })
        .unwrap();
    assert_eq!(vault.read(|r| r.cursor("pull")).unwrap().as_deref(), Some("t2"));
    assert_eq!(vault.read(|r| r.mirror("MedicationRequest", "m1")).unwrap(), Some(row.clone()));
    let gone = homeline_vault::MirrorRow { deleted: true, version_id: Some("2".into()), ..row };
    vault.write(move |tx| tx.put_mirror(&gone)).unwrap();
    assert_eq!(vault.read(|r| r.mirror_of_type("MedicationRequest")).unwrap(), []);
    assert!(vault.read(|r| r.mirror("MedicationRequest", "m1")).unwrap().unwrap().deleted);
    assert_eq!(vault.write(|tx| tx.remove_mirror_of("MedicationRequest")).unwrap(), 1);
}

#[test]
fn settings_and_drafts_are_kept_by_name() {
    let phone = Phone::new();
    let vault = phone.create();
    vault
        .write(|tx| {
            tx.set_setting("zone", "Europe/Vienna")?;
            tx.set_draft("symptom", &["nau"])?;
            tx.set_draft("symptom", &["nausea"])
        })
        .unwrap();
    assert_eq!(vault.read(|r| r.setting::<String>("zone")).unwrap().as_deref(), Some("Europe/Vienna"));
    assert_eq!(vault.read(|r| r.setting::<u8>("zone")), Err(VaultError::BadValue { field: "setting" }));
    assert_eq!(vault.read(|r| r.draft::<Vec<String>>("symptom")).unwrap(), Some(vec!["nausea".to_owned()]));
    vault.write(|tx| tx.remove_draft("symptom")).unwrap();
    assert_eq!(vault.read(|r| r.drafts()).unwrap(), Vec::<String>::new());
}

mod paging {
    use super::*;
    use proptest::prelude::*;

    /// Few distinct instants, so that many entries share a millisecond.
    fn journal() -> impl Strategy<Value = Vec<(u8, bool, u8)>> {
        proptest::collection::vec((0u8..12, any::<bool>(), 0u8..3), 0..40)
    }

    proptest! {
        // Each case makes a vault of its own on disk.
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn pages_joined_are_the_sorted_filtered_list(
            rows in journal(), limit in 1u32..7, oldest in any::<bool>(), kinds in 0u8..4, order in 0u8..3,
            from in proptest::option::of(0i64..12), until in proptest::option::of(0i64..12),
        ) {
            let phone = Phone::new();
            let vault = phone.create();
            let entries: Vec<Entry> = rows.iter().zip(1u64..).map(|((minute, is_dose, order), number)| {
                let mut entry = if *is_dose {
                    dose(number, &format!("o{order}"), occurrence(1), AdministrationStatus::Completed)
                } else {
                    note(number, "n")
                };
                // Ids in another order than numbers, so that the tie-break is by id and not by row.
                entry.id = entry_id(number.wrapping_mul(7919) % 1000);
                entry.times.happened.at = now() + minutes(i64::from(*minute));
                entry
            }).collect();
            let all = entries.clone();
            vault.write(move |tx| { for entry in &all { tx.append(entry)?; } Ok(()) }).unwrap();
            let query = TimelineQuery {
                kinds: match kinds {
                    0 => vec![],
                    1 => vec![EntryKind::Note],
                    2 => vec![EntryKind::Administration],
                    _ => vec![EntryKind::Note, EntryKind::Administration, EntryKind::Note],
                },
                order: (order > 0).then(|| OrderId::new(format!("o{order}")).unwrap()),
                from: from.map(|m| now() + minutes(m)),
                until: until.map(|m| now() + minutes(m)),
                direction: if oldest { Direction::OldestFirst } else { Direction::NewestFirst },
                after: None,
                limit,
            };
            let mut expected: Vec<Entry> = entries.into_iter().filter(|entry| {
                let at = entry.times.happened.at;
                (query.kinds.is_empty() || query.kinds.contains(&entry.kind()))
                    && query.order.as_ref().is_none_or(|o| entry.order.as_ref().is_some_and(|e| e.id == *o))
                    && query.from.is_none_or(|from| at >= from)
                    && query.until.is_none_or(|until| at < until)
            }).collect();
            expected.sort_by_key(|entry| (entry.times.happened.at, entry.id));
            if !oldest { expected.reverse(); }
            prop_assert_eq!(&walk(&vault, &query), &expected);
            prop_assert_eq!(vault.read(|tx| tx.timeline_whole(query)).unwrap(), expected);
        }
    }
}

#[test]
fn a_body_with_every_character_comes_back_as_it_was() {
    let phone = Phone::new();
    let vault = phone.create();
    let text = "\u{0}\u{1f}\"'\\ 漢字 👩🏽‍⚕️ \u{202e}rtl\u{fffd}";
    vault.append(&note(1, text), vec![]).unwrap();
    let back = vault.read(|r| r.entry(entry_id(1))).unwrap().unwrap();
    assert_eq!(back.body, EntryBody::Note { text: text.into() });
}

#[test]
fn an_alarm_is_one_row_for_each_time_and_a_row_goes_only_when_it_is_old() {
    let phone = Phone::new();
    let vault = phone.create();
    let planned = |fire_at| AlarmRecord {
        id: "dose/due".to_owned(),
        fire_at,
        kind: "due".to_owned(),
        occurrence: Some(occurrence(1)),
        content: "It is time.".to_owned(),
        planned_at: now(),
        handed_at: None,
        pending_at: None,
        fired_at: None,
        seen_at: None,
        acted_at: None,
        withdrawn_at: None,
    };
    let handed = AlarmRecord { handed_at: Some(now()), pending_at: Some(now()), ..planned(now() + minutes(5)) };
    let rows = [planned(now() + minutes(5)), planned(now() + minutes(9)), handed.clone()];
    vault.write(move |tx| rows.iter().try_for_each(|row| tx.put_alarm(row))).unwrap();
    vault.close(now()).unwrap();
    let vault = phone.open().unwrap();
    let all = |vault: &Vault| vault.read(|tx| tx.alarms(now(), now() + minutes(60))).unwrap();
    assert_eq!(all(&vault), [handed.clone(), planned(now() + minutes(9))], "what is known of an alarm is written over");
    assert_eq!(vault.read(|tx| tx.alarms(now() + minutes(6), now() + minutes(9))).unwrap(), []);
    assert_eq!(vault.write(|tx| tx.remove_alarms_before(now() + minutes(6))).unwrap(), 1);
    assert_eq!(all(&vault), [planned(now() + minutes(9))]);
}
