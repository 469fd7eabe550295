use crate::pump::{SERIAL, event, pump_entries, start_dose};
use chrono::{DateTime, Duration, Utc};
use homeline_companion::{
    Emphasis, ErrorKind, Homeline, Inbox, KeyStore, KeyStoreError, LinkId, RadioEvent, Row, VitalDeviceKind,
};
use homeline_end_to_end::phone::{Phone, play};
use homeline_home::SimulatedThermometer;
use homeline_model::{AlarmKind, Decimal, Entry, EntryBody, EntryKind, PumpEventKind};
use homeline_pump::{Characteristic, LinkSecurity, LinkState};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A key that needs nobody's presence once the phone was unlocked since its start. Its wrap is no cryptography: what is tested
/// is what is done with it.
#[derive(Default)]
struct AfterFirstUnlock {
    before: AtomicBool,
}

impl AfterFirstUnlock {
    fn turn(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        match self.before.load(Ordering::Relaxed) {
            true => Err(KeyStoreError::Unavailable),
            false => Ok(secret.iter().map(|byte| !byte).collect()),
        }
    }
}

impl KeyStore for AfterFirstUnlock {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.turn(secret)
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.turn(wrapped)
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        Ok(0)
    }
    fn set_counter(&self, _value: u64) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

async fn lock(phone: &Phone, homeline: &Homeline, keys: &Arc<AfterFirstUnlock>) -> Inbox {
    homeline.close().await.unwrap();
    // What the radio still had to say is for nobody.
    phone.pump().unwrap().take_events();
    listening(phone, keys).await
}

async fn listening(phone: &Phone, keys: &Arc<AfterFirstUnlock>) -> Inbox {
    let open = || Inbox::open(phone.vault(), phone.ports(), keys.clone());
    let mut opened = open().await;
    // One that was dropped lets go of the vault when its threads end.
    for _ in 0..10_000 {
        if !opened.as_ref().is_err_and(|error| error.kind == ErrorKind::AlreadyOpen) {
            break;
        }
        std::thread::yield_now();
        opened = open().await;
    }
    let inbox = opened.unwrap();
    inbox.listen().await.unwrap();
    listen(phone, &inbox).await;
    inbox
}

async fn listen(phone: &Phone, inbox: &Inbox) {
    let now = phone.clock.monotonic_ms();
    for (link, at) in inbox.wake_at().await.unwrap() {
        if at <= now {
            inbox.radio_events(link, vec![RadioEvent::Tick]).await.unwrap();
        }
    }
    loop {
        let events = phone.pump().map(|mut pump| pump.take_events()).unwrap_or_default();
        if events.is_empty() {
            return;
        }
        inbox.radio_events(LinkId::pump(), events).await.unwrap();
    }
}

async fn pass(phone: &Phone, inbox: &Inbox, minutes: i64) {
    for _ in 0..minutes {
        phone.clock.advance(Duration::minutes(1));
        phone.pump().unwrap().advance(Duration::minutes(1));
        listen(phone, inbox).await;
    }
}

async fn unlock(phone: &Phone, inbox: &Inbox, keys: &Arc<AfterFirstUnlock>) -> Homeline {
    inbox.close().await.unwrap();
    phone.pump().unwrap().take_events();
    let homeline = phone.open().await;
    homeline.listen_while_locked(keys.clone()).await.unwrap();
    homeline.pump().listen(SERIAL.to_owned()).await.unwrap();
    phone.listen(&homeline).await;
    homeline
}

/// The journal has each record of the pump once.
async fn assert_whole(phone: &Phone, homeline: &Homeline) -> Vec<Entry> {
    let entries = pump_entries(homeline).await;
    let mut numbers: Vec<u32> = entries.iter().filter_map(|entry| event(entry).record).collect();
    numbers.sort_unstable();
    let known = u32::try_from(phone.pump().unwrap().records()).unwrap();
    assert_eq!(numbers, (numbers[0]..numbers[0] + known).collect::<Vec<_>>());
    assert!(homeline.security().verify().await.unwrap().findings.is_empty());
    entries
}

fn count(entries: &[Entry], wanted: impl Fn(&PumpEventKind) -> bool) -> usize {
    entries.iter().filter(|entry| wanted(&event(entry).kind)).count()
}

fn raised(kind: &PumpEventKind) -> bool {
    matches!(kind, PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, .. })
}

/// Every byte of the inbox.
fn content(vault: &Path) -> Vec<u8> {
    let files = fs::read_dir(vault.join("inbox")).unwrap();
    files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn what_the_pump_says_to_a_locked_phone_is_in_the_journal_once_it_is_unlocked() {
    let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
    let keys = Arc::new(AfterFirstUnlock::default());
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        homeline.listen_while_locked(keys.clone()).await.unwrap();
        homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone.listen(&homeline).await;
        start_dose(&phone, &homeline).await;
        phone.pass(&homeline, 10).await;

        let inbox = lock(&phone, &homeline, &keys).await;
        pass(&phone, &inbox, 5).await;
        phone.pump().unwrap().block_line();
        pass(&phone, &inbox, 5).await;
        let heard = phone.clock.now();
        let screen = inbox.screen().await.unwrap();
        let alarm = screen.rows().find(|row| row.emphasis == Emphasis::Urgent).unwrap();
        let words = serde_json::to_string(&screen).unwrap();
        assert!(words.contains("push") && !words.contains("globulin") && !words.contains("Rosa"), "{words}");
        inbox.act(alarm.actions[0].id.clone()).await.unwrap();

        // The system ends the process and starts it again; the phone stays locked.
        drop(inbox);
        phone.pump().unwrap().take_events();
        {
            let mut pump = phone.pump().unwrap();
            pump.set_in_range(false);
            pump.advance(Duration::minutes(3));
            pump.open_line();
            pump.press_start();
            pump.advance(Duration::minutes(3));
            pump.set_in_range(true);
            pump.take_events();
        }
        phone.clock.advance(Duration::minutes(6));
        let inbox = listening(&phone, &keys).await;
        pass(&phone, &inbox, 10).await;
        let screen = inbox.screen().await.unwrap();
        assert!(screen.rows().all(|row| row.emphasis == Emphasis::Plain), "{screen:?}");

        let clear = content(phone.vault());
        for word in ["SIM-IVIG", "Rosa", "push", "pump", "196940"] {
            assert!(!clear.windows(word.len()).any(|part| part == word.as_bytes()), "{word} lies in the clear");
        }

        let homeline = unlock(&phone, &inbox, &keys).await;
        assert!(homeline.folded().entries > 3, "{:?}", homeline.folded());
        assert_eq!((homeline.folded().damaged, homeline.folded().waits), (0, None));
        phone.pass(&homeline, 5).await;
        assert_eq!(homeline.pump().status().await.unwrap().unwrap().state, LinkState::Live);
        let entries = assert_whole(&phone, &homeline).await;
        assert_eq!(count(&entries, raised), 1);
        assert_eq!(count(&entries, |kind| matches!(kind, PumpEventKind::AlarmSeen { .. })), 1);
        assert_eq!(count(&entries, |kind| matches!(kind, PumpEventKind::AlarmCleared { .. })), 1);
        assert_eq!(count(&entries, |kind| matches!(kind, PumpEventKind::RecordGap { .. })), 0);
        let alarm = entries.iter().find(|entry| raised(&event(entry).kind)).unwrap();
        assert!(alarm.times.recorded_at <= heard, "when the locked phone took it in");
        assert!(alarm.occurrence.is_some(), "of the dose that runs");
    });
}

/// A locked phone that heard an alarm and was closed.
async fn with_a_full_inbox(phone: &Phone, keys: &Arc<AfterFirstUnlock>) {
    let homeline = phone.begin("ivig-ladder").await;
    homeline.listen_while_locked(keys.clone()).await.unwrap();
    homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
    phone.listen(&homeline).await;
    start_dose(phone, &homeline).await;
    phone.pass(&homeline, 5).await;
    let inbox = lock(phone, &homeline, keys).await;
    phone.pump().unwrap().block_line();
    pass(phone, &inbox, 5).await;
    inbox.close().await.unwrap();
    phone.pump().unwrap().take_events();
}

/// The row that says that a part could not be read.
async fn told(homeline: &Homeline) -> Option<Row> {
    let today = homeline.agenda().today().await.unwrap();
    today.rows().find(|row| row.id == "inbox-damaged").cloned()
}

fn sealed(phone: &Phone) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = fs::read_dir(phone.vault().join("inbox")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "seal")).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn an_inbox_that_is_put_back_cut_short_or_damaged_makes_no_double_and_no_hole() {
    for harm in ["put back", "cut short", "damaged", "gone"] {
        let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
        let keys = Arc::new(AfterFirstUnlock::default());
        play(async {
            with_a_full_inbox(&phone, &keys).await;
            let files = sealed(&phone);
            let (path, bytes) = files.last().unwrap();
            match harm {
                "cut short" => fs::write(path, &bytes[..bytes.len() - 5]).unwrap(),
                "damaged" => {
                    let mut bad = bytes.clone();
                    bad[bytes.len() / 2] ^= 1;
                    fs::write(path, bad).unwrap();
                }
                "gone" => fs::remove_file(path).unwrap(),
                _ => {}
            }
            let homeline = phone.open().await;
            assert_eq!(homeline.folded().damaged, usize::from(harm == "damaged"));
            assert_eq!(told(&homeline).await.is_some(), harm == "damaged", "{harm}");
            homeline.close().await.unwrap();
            if harm == "put back" {
                fs::write(path, bytes).unwrap();
            }
            let homeline = phone.open().await;
            homeline.pump().listen(SERIAL.to_owned()).await.unwrap();
            phone.listen(&homeline).await;
            phone.pass(&homeline, 2).await;
            let entries = assert_whole(&phone, &homeline).await;
            assert_eq!(count(&entries, raised), 1, "{harm}");
            assert_eq!(count(&entries, |kind| matches!(kind, PumpEventKind::RecordGap { .. })), 0, "{harm}");
            // Told for three days, at every opening, and then no more.
            let row = told(&homeline).await;
            assert_eq!(row.is_some(), harm == "damaged", "{harm}");
            if let Some(row) = row {
                assert_eq!((row.emphasis, row.actions.len()), (Emphasis::Attention, 0));
                assert!(row.details[0].starts_with("The pump is asked for its record again"), "{row:?}");
                assert!(row.details[1].contains("measure again"), "{row:?}");
            }
            phone.clock.advance(Duration::days(3));
            assert!(told(&homeline).await.is_none());
        });
    }
}

#[test]
fn a_clock_that_was_set_back_while_locked_changes_no_order_and_no_number() {
    let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
    let keys = Arc::new(AfterFirstUnlock::default());
    play(async {
        with_a_full_inbox(&phone, &keys).await;
        phone.clock.set_wall(phone.clock.now() - Duration::hours(3));
        let inbox = listening(&phone, &keys).await;
        phone.pump().unwrap().open_line();
        phone.pump().unwrap().press_start();
        pass(&phone, &inbox, 5).await;
        let homeline = unlock(&phone, &inbox, &keys).await;
        let entries = assert_whole(&phone, &homeline).await;
        assert_eq!(count(&entries, raised), 1);
        assert_eq!(count(&entries, |kind| matches!(kind, PumpEventKind::AlarmCleared { .. })), 1);
        let status = homeline.pump().status().await.unwrap().unwrap();
        assert!(status.alarms.iter().all(|alarm| alarm.cleared_at.is_some()), "{:?}", status.alarms);
    });
}

#[test]
fn before_the_first_unlocking_nothing_is_opened_and_journal_and_inbox_are_never_open_together() {
    let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
    let keys = Arc::new(AfterFirstUnlock::default());
    play(async {
        with_a_full_inbox(&phone, &keys).await;
        keys.before.store(true, Ordering::Relaxed);
        let refused = Inbox::open(phone.vault(), phone.ports(), keys.clone()).await.err().unwrap();
        assert_eq!(refused.kind, ErrorKind::KeyUnavailable);
        keys.before.store(false, Ordering::Relaxed);
        let inbox = listening(&phone, &keys).await;
        let open = phone.try_open("not the one").await.err().unwrap();
        assert_eq!(open.kind, ErrorKind::AlreadyOpen, "one of them is open");
        let homeline = unlock(&phone, &inbox, &keys).await;
        assert_eq!(count(&assert_whole(&phone, &homeline).await, raised), 1);
    });
}

#[test]
fn a_thermometer_that_a_locked_phone_hears_is_in_the_journal_once() {
    let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
    let keys = Arc::new(AfterFirstUnlock::default());
    let reading = |at: DateTime<Utc>| {
        // The clock on its wall is New York's.
        let local = (at - Duration::hours(5)).naive_utc();
        SimulatedThermometer::measurement(Decimal::new(378, 1), local)
    };
    let temperature = Characteristic::TEMPERATURE;
    let said = |value: Vec<u8>| {
        vec![
            RadioEvent::Connected { mtu: 23 },
            RadioEvent::Security(LinkSecurity::Authenticated),
            RadioEvent::Discovered { characteristics: vec![temperature] },
            RadioEvent::Subscribed { characteristic: temperature, result: Ok(()) },
            RadioEvent::Value { characteristic: temperature, value: value.clone() },
            RadioEvent::Value { characteristic: temperature, value },
            RadioEvent::Disconnected { reason: 0x13 },
        ]
    };
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        homeline.listen_while_locked(keys.clone()).await.unwrap();
        let link = homeline.vital_devices().add(VitalDeviceKind::Thermometer, false).await.unwrap();
        let found = vec![RadioEvent::Found { peripheral: "thermometer".to_owned() }];
        homeline.radio_events(link.clone(), found).await.unwrap();
        homeline.radio_events(link.clone(), said(reading(phone.clock.now()))).await.unwrap();
        homeline.close().await.unwrap();

        let inbox = Inbox::open(phone.vault(), phone.ports(), keys.clone()).await.unwrap();
        inbox.listen().await.unwrap();
        phone.clock.advance(Duration::minutes(30));
        inbox.radio_events(link.clone(), said(reading(phone.clock.now()))).await.unwrap();
        inbox.close().await.unwrap();

        let homeline = phone.open().await;
        assert_eq!(homeline.folded().entries, 1);
        let filter = homeline_companion::JournalFilter { kinds: vec![EntryKind::Vital], ..Default::default() };
        let page = homeline.journal().timeline(filter, None, 10).await.unwrap();
        assert_eq!(page.rows.len(), 2);
        let entry = homeline.journal().entry(page.rows[0].id.parse().unwrap()).await.unwrap().unwrap().0;
        assert!(matches!(entry.body, EntryBody::Vital(_)));
        assert_eq!(entry.times.happened.at, phone.clock.now());
    });
}
