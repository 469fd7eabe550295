//! Infusions as they went: by a pump that was heard, and by eyes on a balloon.

use chrono::Duration;
use homeline_companion::{ActionInput, CheckIn, Emphasis, Homeline, InfusionRecord, JournalFilter, Row};
use homeline_end_to_end::phone::{Phone, at, plan, play};
use homeline_home::Program;
use homeline_model::{
    AdministrationStatus, AdviceLevel, AuthorRole, BalloonSize, Decimal, Entry, EntryBody, EntryKind, PumpEventKind,
    Source,
};

const SERIAL: &str = "SIM-IVIG-0304";

/// The fluorouracil of the simulated home, from a balloon, with limits for a late end and for looks.
fn balloon_of_fluorouracil() -> Vec<u8> {
    let mut bundle: serde_json::Value = serde_json::from_slice(&plan("fluorouracil-46h")).unwrap();
    let url = |name: &str| format!("https://homeline.example/fhir/StructureDefinition/{name}");
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        if resource["id"] != "fu-order" {
            continue;
        }
        let extensions = resource["extension"].as_array_mut().unwrap();
        extensions.retain(|extension| extension["url"] != url("delivery-device"));
        for extension in extensions.iter_mut().filter(|extension| extension["url"] == url("delivery-method")) {
            extension["valueCode"] = "elastomeric".into();
        }
        extensions.push(serde_json::json!({"url": url("late-end-percent"), "valueUnsignedInt": 10}));
        extensions.push(serde_json::json!({"url": url("check-in-tolerance"), "valueUnsignedInt": 20}));
    }
    serde_json::to_vec(&bundle).unwrap()
}

async fn rows(homeline: &Homeline) -> Vec<Row> {
    homeline.agenda().today().await.unwrap().rows().cloned().collect()
}

async fn row(homeline: &Homeline, id: &str) -> Option<Row> {
    rows(homeline).await.into_iter().find(|row| row.id.starts_with(id))
}

/// The first dose of today's screen that can be started.
async fn dose(homeline: &Homeline) -> Row {
    let can_start = |row: &Row| row.actions.iter().any(|action| action.id.starts_with("dose.start"));
    rows(homeline).await.into_iter().find(can_start).expect("a dose")
}

fn action(row: &Row, verb: &str) -> String {
    row.actions
        .iter()
        .find(|action| action.id.starts_with(verb))
        .unwrap_or_else(|| panic!("{verb}: {row:?}"))
        .id
        .clone()
}

async fn act(homeline: &Homeline, action: String) -> homeline_companion::Logged {
    homeline.agenda().act(action, ActionInput::default()).await.unwrap()
}

async fn entries(homeline: &Homeline, kind: EntryKind) -> Vec<Entry> {
    let filter = JournalFilter { kinds: vec![kind], ..JournalFilter::default() };
    let page = homeline.journal().timeline(filter, None, 500).await.unwrap();
    let mut entries = Vec::new();
    for row in page.rows {
        entries.push(homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
    }
    entries
}

async fn only_infusion(homeline: &Homeline) -> InfusionRecord {
    let mut found = homeline.infusions().list(7).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn looks(size: BalloonSize) -> CheckIn {
    CheckIn { balloon: Some(size), ..CheckIn::default() }
}

fn run_pump(phone: &Phone) {
    let mut pump = phone.pump().unwrap();
    pump.fill_reservoir(Decimal::from(400));
    pump.program(Program::constant(Decimal::from(200), Decimal::from(400)));
    pump.press_start();
}

fn mend(phone: &Phone) {
    let mut pump = phone.pump().unwrap();
    pump.open_line();
    pump.press_start();
}

async fn beside_ivig_pump() -> (Phone, Homeline) {
    let phone = Phone::new("America/New_York", "2026-11-23T14:50:00Z").beside_pump(SERIAL);
    let homeline = phone.begin("ivig-ladder").await;
    homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
    phone.listen(&homeline).await;
    phone.pass(&homeline, 10).await;
    (phone, homeline)
}

#[test]
fn a_balloon_of_fluorouracil_that_is_empty_too_early_is_an_emergency_by_a_look_at_it() {
    play(async {
        let phone = Phone::new("America/Phoenix", "2026-11-23T21:00:00Z");
        let homeline = phone.begin_with(balloon_of_fluorouracil()).await;
        // The patient of this plan reads Spanish.
        homeline.settings().set_language(Some("en".to_owned())).await.unwrap();
        let error = homeline.infusions().check_in(None, looks(BalloonSize::Full), None).await.unwrap_err();
        assert!(error.to_string().contains("no dose runs"), "{error}");
        let dose = dose(&homeline).await;
        act(&homeline, action(&dose, "dose.start")).await;

        // After a quarter, half way, once between and near the end somebody is asked to look, and told what to see.
        let rings = homeline.reminders().plan(64).await.unwrap().notifications;
        assert_eq!(rings.iter().filter(|ring| ring.kind == "check-in").count(), 4, "{rings:?}");
        let planned = only_infusion(&homeline).await.planned.looks;
        let expected = [
            ("2026-11-24T08:30:00Z", 23, BalloonSize::ThreeQuarters),
            ("2026-11-24T20:00:00Z", 46, BalloonSize::Half),
            ("2026-11-25T07:00:00Z", 68, BalloonSize::Quarter),
            ("2026-11-25T18:00:00Z", 90, BalloonSize::Empty),
        ];
        assert_eq!(planned.len(), expected.len(), "{planned:?}");
        for (look, (time, infused, balloon)) in planned.iter().zip(expected) {
            assert_eq!((look.at, look.state, look.balloon), (at(time), "planned", Some(balloon)));
            assert_eq!((look.expected_ml, look.left_ml), (Some(infused.into()), Some((92 - infused).into())));
            assert!(look.from < look.at && look.at < look.until, "{look:?}");
        }
        let shown = row(&homeline, &dose.id).await.unwrap();
        let line = "By the order about 23 mL is in then, and 69 mL left. The balloon is three quarters full.";
        assert!(shown.details.iter().any(|detail| detail.contains(line)), "{shown:?}");
        phone.clock.advance(Duration::hours(12));
        let early = homeline.infusions().check_in(None, looks(BalloonSize::ThreeQuarters), None).await.unwrap();
        assert_eq!((early.expected_ml, early.beyond_tolerance), (Some(Decimal::from(24)), Some(false)));
        assert_eq!((early.call, early.logged.advice), (vec![], vec![]));
        let rings = homeline.reminders().plan(64).await.unwrap().notifications;
        assert_eq!(rings.iter().filter(|ring| ring.kind == "check-in").count(), 3, "one look is done");
        let record = only_infusion(&homeline).await;
        assert_eq!((record.source, record.end), ("looks", "running"));
        let states: Vec<&str> = record.planned.looks.iter().map(|look| look.state).collect();
        assert_eq!(states, ["done", "planned", "planned", "planned"]);
        // 92 mL: three quarters are left, read half a quarter wide. The rest may have gone in unseen.
        assert_eq!(
            (record.certain_ml, record.uncertain_ml),
            (Some("11.5".parse().unwrap()), Some("80.5".parse().unwrap()))
        );

        // A look that is no look at all, and one that can not be.
        for (seen, field) in [
            (CheckIn::default(), "check-in"),
            (CheckIn { remaining_ml: Some(Decimal::from(93)), ..CheckIn::default() }, "remaining"),
            (CheckIn { infused_ml: Some(Decimal::from(-1)), ..CheckIn::default() }, "infused"),
        ] {
            let error = homeline.infusions().check_in(None, seen, None).await.unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field));
        }

        // Nobody looked at half; 30 hours are late for that, and too early for the next.
        phone.clock.advance(Duration::hours(18));
        let empty = homeline.infusions().check_in(None, looks(BalloonSize::Empty), None).await.unwrap();
        assert_eq!((empty.expected_ml, empty.beyond_tolerance), (Some(Decimal::from(60)), Some(true)));
        let record = only_infusion(&homeline).await;
        let states: Vec<&str> = record.planned.looks.iter().map(|look| look.state).collect();
        assert_eq!(states, ["done", "done", "planned", "planned"]);
        let screen = homeline.infusions().screen_of(record.id).await.unwrap();
        let late = screen.rows().find(|row| row.id == "planned-look/1").unwrap();
        assert!(late.state.as_ref().is_some_and(|state| state.ends_with("20:00")), "the patient's clock: {late:?}");
        assert!(empty.call[0].contains("+1-555-0154"), "{empty:?}");
        let advice = empty.logged.advice.iter().find(|advice| advice.rule == "E12").expect("the emergency");
        assert_eq!(advice.level, AdviceLevel::Emergency);
        assert!(advice.text[0].contains("911"), "{advice:?}");
        let today = homeline.agenda().today().await.unwrap();
        let first = &today.sections[0];
        assert_eq!((first.title.as_deref(), first.rows[0].emphasis), (Some("Call"), Emphasis::Urgent));
        let page = homeline.report().visit(3).await.unwrap().html();
        assert!(page.contains("80.5 mL of 92 mL ordered"), "{page}");
    });
}

#[test]
fn a_balloon_that_is_not_empty_at_its_time_is_a_call_by_the_plans_own_limit() {
    play(async {
        let phone = Phone::new("America/Phoenix", "2026-11-23T21:00:00Z");
        let homeline = phone.begin_with(balloon_of_fluorouracil()).await;
        let dose = dose(&homeline).await;
        act(&homeline, action(&dose, "dose.start")).await;
        // 46 hours and 10 percent are 50 hours and 36 minutes.
        phone.clock.advance(Duration::minutes(50 * 60 + 36));
        let on_time = homeline.infusions().check_in(None, looks(BalloonSize::Quarter), None).await.unwrap();
        assert!(on_time.logged.advice.iter().all(|advice| advice.rule != "N21"), "{on_time:?}");
        phone.clock.advance(Duration::minutes(1));
        let late = homeline.infusions().check_in(None, looks(BalloonSize::Quarter), None).await.unwrap();
        let advice = late.logged.advice.iter().find(|advice| advice.rule == "N21").expect("the call");
        assert_eq!(advice.level, AdviceLevel::CallNow);
    });
}

#[test]
fn what_the_pump_says_is_suggested_once_and_logged_by_a_tap_with_the_pumps_time() {
    play(async {
        let (phone, homeline) = beside_ivig_pump().await;
        run_pump(&phone);
        phone.pass(&homeline, 20).await;

        // Nobody has written down the start.
        let start = row(&homeline, "suggestion/").await.expect("a start");
        assert!(start.title.starts_with("The pump says it started at 10:0"), "{}", start.title);
        let before = entries(&homeline, EntryKind::Administration).await.len();
        assert_eq!(before, 0, "nothing is logged for anybody");
        let logged = act(&homeline, action(&start, "pump.log")).await;
        assert_eq!(act(&homeline, action(&start, "pump.log")).await.entry, logged.entry, "a second tap is the first");
        let (written, _) = homeline.journal().entry(logged.entry).await.unwrap().unwrap();
        assert_eq!((written.source, written.author.role), (Source::Pump, AuthorRole::Patient));
        let EntryBody::Administration(given) = &written.body else { panic!("{written:?}") };
        assert_eq!(given.status, AdministrationStatus::InProgress);
        let record = only_infusion(&homeline).await;
        assert_eq!((given.started_at, record.difference), (record.started, vec![]), "the pump's time, to the second");
        assert!(row(&homeline, "suggestion/").await.is_none());

        // An occlusion: what to do first, and who saw it.
        phone.pump().unwrap().block_line();
        phone.pass(&homeline, 10).await;
        let alarm = row(&homeline, "pump-alarm/").await.expect("the alarm");
        assert!(alarm.details.iter().any(|line| line.to_lowercase().contains("clamp")), "{alarm:?}");
        assert_eq!(alarm.state.as_deref(), Some("not seen yet"));
        let ringing = async |homeline: &Homeline| {
            let plan = homeline.reminders().plan(64).await.unwrap().notifications;
            plan.iter().filter(|ring| ring.actions.iter().any(|action| action.id.starts_with("alarm.seen:"))).count()
        };
        assert!(ringing(&homeline).await > 0, "it goes on ringing until somebody sees it");
        homeline.reminders().answer(action(&alarm, "alarm.seen"), ActionInput::default()).await.unwrap();
        assert_eq!(ringing(&homeline).await, 0);
        act(&homeline, action(&alarm, "alarm.seen")).await;
        let seen: Vec<Entry> = entries(&homeline, EntryKind::PumpEvent)
            .await
            .into_iter()
            .filter(|entry| matches!(&entry.body, EntryBody::PumpEvent(e) if matches!(e.kind, PumpEventKind::AlarmSeen { .. })))
            .collect();
        assert_eq!(seen.len(), 1, "seen once: {seen:?}");
        assert_eq!((seen[0].author.role, seen[0].author.name.as_str()), (AuthorRole::Patient, "Rosa Ibarra"));
        mend(&phone);
        phone.pass(&homeline, 150).await;
        assert!(row(&homeline, "pump-alarm/").await.is_none(), "it is over on the pump");

        let finish = row(&homeline, "suggestion/").await.expect("an end");
        assert!(finish.title.starts_with("The pump says it finished at "), "{}", finish.title);
        act(&homeline, action(&finish, "pump.log")).await;
        assert!(row(&homeline, "suggestion/").await.is_none());
        let record = only_infusion(&homeline).await;
        assert_eq!((record.source, record.end), ("pump", "completed"));
        assert_eq!((record.certain_ml, record.uncertain_ml), (Some(Decimal::from(400)), Some(Decimal::ZERO)));
        assert_eq!(record.interruptions.len(), 1);
        assert!(record.interruptions[0].pump_clock.is_some() && record.interruptions[0].alarm.is_some());
        let by_hand = record.by_hand.expect("what was logged");
        assert_eq!((by_hand.status, by_hand.ended), (AdministrationStatus::Completed, record.ended));
        assert_eq!(record.difference, Vec::<String>::new());
        let page = homeline.report().visit(1).await.unwrap().html();
        assert!(page.contains("self, Rosa Ibarra"), "the report says who saw it");
        assert!(homeline.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn a_suggestion_that_was_left_never_comes_again() {
    play(async {
        let (phone, homeline) = beside_ivig_pump().await;
        run_pump(&phone);
        phone.pass(&homeline, 5).await;
        let start = row(&homeline, "suggestion/").await.expect("a start");
        act(&homeline, action(&start, "pump.dismiss")).await;
        phone.pass(&homeline, 5).await;
        assert!(row(&homeline, "suggestion/").await.is_none());
        homeline.close().await.unwrap();
        let again = phone.open().await;
        assert!(row(&again, "suggestion/").await.is_none(), "nor after a restart");
        assert_eq!(entries(&again, EntryKind::Administration).await.len(), 0);
        again.pump().listen(SERIAL.to_owned()).await.unwrap();
        phone.listen(&again).await;
        phone.pass(&again, 130).await;
        let finish = row(&again, "suggestion/").await.expect("the end is another thing");
        assert!(finish.id.ends_with("/finish"), "{finish:?}");
    });
}

#[test]
fn a_stop_that_the_pump_tells_is_suggested_and_is_no_stop_before_a_person_says_so() {
    play(async {
        let (phone, homeline) = beside_ivig_pump().await;
        let dose = dose(&homeline).await;
        run_pump(&phone);
        phone.pass(&homeline, 20).await;
        act(&homeline, action(&row(&homeline, "suggestion/").await.unwrap(), "pump.log")).await;

        // Blocked, it stands still too: but it may go on, and nobody is asked whether it was stopped.
        phone.pump().unwrap().block_line();
        phone.pass(&homeline, 10).await;
        assert!(row(&homeline, "pump-alarm/").await.is_some());
        assert!(row(&homeline, "suggestion/").await.is_none());
        mend(&phone);
        phone.pass(&homeline, 10).await;

        phone.pump().unwrap().press_stop();
        phone.pass(&homeline, 5).await;
        let stop = row(&homeline, "suggestion/").await.expect("a stop");
        assert!(stop.title.starts_with("The pump says it stopped before the end at 10:4"), "{}", stop.title);
        assert!(stop.details.iter().any(|line| line.ends_with("mL went in, by its counter.")), "{stop:?}");
        let running = |row: &Row| row.state.as_ref().is_some_and(|state| state.starts_with("running"));
        assert!(running(&row(&homeline, &dose.id).await.unwrap()), "the dose is what a person said");
        phone.clock.advance(Duration::hours(3));
        assert!(running(&row(&homeline, &dose.id).await.unwrap()), "and stays so");
        assert_eq!(entries(&homeline, EntryKind::Administration).await.len(), 1);

        let logged = act(&homeline, action(&row(&homeline, "suggestion/").await.unwrap(), "pump.log")).await;
        let (written, _) = homeline.journal().entry(logged.entry).await.unwrap().unwrap();
        let EntryBody::Administration(given) = &written.body else { panic!("{written:?}") };
        assert_eq!((given.status, written.source), (AdministrationStatus::Stopped, Source::Pump));
        assert_eq!(given.reason.as_deref(), Some("The pump says that it stopped before the end."));
        let record = only_infusion(&homeline).await;
        assert_eq!((given.ended_at, record.end), (record.ended, "stopped"));
        let counted = given.volume_given.as_ref().map(|volume| volume.value);
        assert_eq!((counted, record.difference.len()), (record.certain_ml, 0), "by the counter");
        assert!(row(&homeline, "suggestion/").await.is_none());
        assert_eq!(row(&homeline, &dose.id).await.unwrap().state.as_deref(), Some("stopped"));
    });
}

#[test]
fn a_screen_that_is_photographed_counts_like_any_look_and_its_picture_is_kept_sealed() {
    play(async {
        // The pump is there, and nobody listens to it.
        let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z");
        let homeline = phone.begin("ivig-ladder").await;
        let dose = dose(&homeline).await;
        act(&homeline, action(&dose, "dose.start")).await;
        phone.clock.advance(Duration::minutes(60));
        let picture = include_bytes!("../../../home/pictures/site.png").to_vec();
        let looked = homeline.infusions().check_in(None, CheckIn::default(), Some(picture.clone())).await.unwrap();
        assert_eq!((looked.least_ml, looked.beyond_tolerance), (None, None), "nobody reads a number off a picture");
        assert_eq!(looked.words, ["1 picture"]);
        phone.clock.advance(Duration::minutes(1));
        let screen = CheckIn {
            infused_ml: Some(Decimal::from(55)),
            rate_ml_h: Some(Decimal::from(120)),
            note: Some("Screen of the pump".to_owned()),
            ..CheckIn::default()
        };
        let looked = homeline.infusions().check_in(None, screen, Some(picture.clone())).await.unwrap();
        assert_eq!((looked.least_ml, looked.most_ml), (Some(Decimal::from(55)), Some(Decimal::from(55))));
        let record = only_infusion(&homeline).await;
        assert_eq!((record.source, record.certain_ml, record.looks.len()), ("looks", Some(Decimal::from(55)), 2));
        let last = record.looks.last().unwrap();
        assert_eq!(last.seen.photos.len(), 1);
        assert!(last.words.contains(&"Rate on the screen: 120 mL/h".to_owned()), "{last:?}");
        let kept = homeline.journal().picture(last.seen.photos[0]).await.unwrap();
        assert_eq!(kept, picture, "a picture without a place in it is kept as it is");
        let sealed = std::fs::read_dir(phone.vault().join("attachments")).unwrap();
        for file in sealed {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(8).any(|window| window == &picture[..8]), "no picture lies open on the disk");
        }
        let kinds = entries(&homeline, EntryKind::Photo).await;
        assert_eq!(kinds.len(), 2);
    });
}

#[test]
fn what_hand_and_pump_say_stands_side_by_side_in_plain_words() {
    play(async {
        let (phone, homeline) = beside_ivig_pump().await;
        let dose = dose(&homeline).await;
        let written = |time: &str| ActionInput { at: Some(at(time)), ..ActionInput::default() };
        homeline.agenda().act(action(&dose, "dose.start"), ActionInput::default()).await.unwrap();
        run_pump(&phone);
        phone.pass(&homeline, 150).await;
        let finish = format!("dose.finish:{}", dose.id);
        homeline.agenda().act(finish, written("2026-11-23T16:30:00Z")).await.unwrap();
        assert!(row(&homeline, "suggestion/").await.is_none(), "a person has said how it ended");
        let record = only_infusion(&homeline).await;
        let difference = record.difference.join(" ");
        assert!(difference.contains("End: by hand 11:30, by the pump 12:0"), "{difference}");
        let shown = row(&homeline, &dose.id).await.unwrap();
        assert!(shown.details.iter().any(|line| line.starts_with("End: by hand 11:30")), "{shown:?}");
        let page = homeline.report().visit(1).await.unwrap().html();
        assert!(page.contains("End: by hand 11:30"), "{page}");
        let screen = homeline.infusions().screen_of(record.id.clone()).await.unwrap();
        assert!(screen.sections.iter().any(|section| section.title.as_deref() == Some("Not the same")));
    });
}

#[test]
fn the_same_alarm_three_times_in_a_week_is_a_question_for_the_pharmacist_that_is_asked_once() {
    play(async {
        let (phone, homeline) = beside_ivig_pump().await;
        run_pump(&phone);
        phone.pass(&homeline, 5).await;
        for _ in 0..3 {
            assert!(row(&homeline, "pattern/").await.is_none());
            phone.pump().unwrap().block_line();
            phone.pass(&homeline, 10).await;
            mend(&phone);
            phone.pass(&homeline, 5).await;
        }
        let pattern = row(&homeline, "pattern/").await.expect("the pattern");
        assert!(pattern.title.contains("3 times within 7 days"), "{pattern:?}");
        let asked = act(&homeline, action(&pattern, "pump.ask")).await;
        assert_eq!(act(&homeline, action(&pattern, "pump.ask")).await.entry, asked.entry);
        assert_eq!(entries(&homeline, EntryKind::Question).await.len(), 1);
        assert!(row(&homeline, "pattern/").await.is_none());
        let insight = homeline.insight().screen().await.unwrap();
        assert!(insight.rows().any(|row| row.id.starts_with("pattern/")), "the screen of trends keeps it");
        let page = homeline.report().visit(1).await.unwrap().html();
        assert!(page.contains("3 times within 7 days"));
    });
}
