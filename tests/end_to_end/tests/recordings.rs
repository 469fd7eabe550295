//! The recordings of `tests/stories/recordings` are what the simulated pump says: made anew, they are the same. With
//! `HOMELINE_ACCEPT=1` they are written.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use chrono::Duration;
use homeline_companion::{Homeline, Inbox, KeyStore, KeyStoreError, LinkId, RadioEvent};
use homeline_end_to_end::phone::{Phone, play};
use homeline_end_to_end::story::radio::{Heard, Recording, place, recorded};
use homeline_home::Program;
use homeline_model::Decimal;
use std::fs;
use std::sync::Arc;

const SERIAL: &str = "SIM-IVIG-0304";

/// Whoever listens: an open journal or a locked phone.
enum Listener {
    Journal(Homeline),
    Inbox(Inbox),
}

impl Listener {
    async fn due(&self) -> Option<u64> {
        match self {
            Self::Journal(homeline) => homeline.pump().wake_at().await.unwrap(),
            Self::Inbox(inbox) => inbox.wake_at().await.unwrap().first().map(|(_, at)| *at),
        }
    }

    async fn hear(&self, events: Vec<RadioEvent>) {
        match self {
            Self::Journal(homeline) => homeline.radio_events(LinkId::pump(), events).await.unwrap(),
            Self::Inbox(inbox) => inbox.radio_events(LinkId::pump(), events).await.unwrap(),
        }
    }
}

/// Carries what the radio says to the listener until both are quiet, and writes it down.
async fn listen(phone: &Phone, listener: &Listener, part: &mut Vec<Heard>) {
    if listener.due().await.is_some_and(|due| due <= phone.clock.monotonic_ms()) {
        tell(listener, vec![RadioEvent::Tick], part).await;
    }
    loop {
        let events = phone.pump().unwrap().take_events();
        if events.is_empty() {
            return;
        }
        tell(listener, events, part).await;
    }
}

async fn tell(listener: &Listener, events: Vec<RadioEvent>, part: &mut Vec<Heard>) {
    let written =
        events.iter().map(|event| recorded(event).unwrap_or_else(|| panic!("a new kind of event: {event:?}")));
    part.push(Heard::Events(written.collect()));
    listener.hear(events).await;
}

async fn pass(phone: &Phone, listener: &Listener, minutes: i64, part: &mut Vec<Heard>) {
    for _ in 0..minutes {
        phone.clock.advance(Duration::minutes(1));
        phone.pump().unwrap().advance(Duration::minutes(1));
        part.push(Heard::Pass(1));
        listen(phone, listener, part).await;
    }
}

/// It seals nothing: what is recorded is what the pump says.
struct OpenKeys;

impl KeyStore for OpenKeys {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Ok(secret.to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Ok(wrapped.to_vec())
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        Ok(0)
    }
    fn set_counter(&self, _value: u64) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

/// An infusion of immune globulin: the pump is paired, it runs, the phone is locked, the line is blocked, the phone is
/// unlocked, the line is open again.
async fn ivig_pump() -> Recording {
    let phone = Phone::new("America/New_York", "2026-11-23T14:50:00Z").beside_pump(SERIAL);
    let mut recording = Recording::new();
    let mut part = Vec::new();
    let homeline = phone.begin("ivig-ladder").await;
    homeline.listen_while_locked(Arc::new(OpenKeys)).await.unwrap();
    homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
    let journal = Listener::Journal(homeline.clone());
    listen(&phone, &journal, &mut part).await;
    pass(&phone, &journal, 2, &mut part).await;
    recording.insert("paired".to_owned(), std::mem::take(&mut part));

    {
        let mut pump = phone.pump().unwrap();
        pump.fill_reservoir(Decimal::from(400));
        pump.program(Program::constant(Decimal::from(200), Decimal::from(400)));
        pump.press_start();
    }
    pass(&phone, &journal, 3, &mut part).await;
    recording.insert("runs".to_owned(), std::mem::take(&mut part));

    homeline.close().await.unwrap();
    phone.pump().unwrap().take_events();
    let inbox = Inbox::open(phone.vault(), phone.ports(), Arc::new(OpenKeys)).await.unwrap();
    inbox.listen().await.unwrap();
    let locked = Listener::Inbox(inbox.clone());
    listen(&phone, &locked, &mut part).await;
    phone.pump().unwrap().block_line();
    pass(&phone, &locked, 4, &mut part).await;
    recording.insert("blocked".to_owned(), std::mem::take(&mut part));

    inbox.close().await.unwrap();
    phone.pump().unwrap().take_events();
    let homeline = phone.open().await;
    homeline.pump().listen(SERIAL.to_owned()).await.unwrap();
    let journal = Listener::Journal(homeline);
    listen(&phone, &journal, &mut part).await;
    {
        let mut pump = phone.pump().unwrap();
        pump.open_line();
        pump.press_start();
    }
    pass(&phone, &journal, 2, &mut part).await;
    recording.insert("mended".to_owned(), part);
    recording
}

#[test]
fn a_recording_is_what_the_simulated_pump_says() {
    let made = play(ivig_pump());
    // A line for each step, so that a change can be read.
    let mut text = String::from("{\n");
    for (place, (name, steps)) in made.iter().enumerate() {
        let steps: Vec<String> =
            steps.iter().map(|step| format!("    {}", serde_json::to_string(step).unwrap())).collect();
        let end = if place + 1 == made.len() { "" } else { "," };
        text.push_str(&format!("  \"{name}\": [\n{}\n  ]{end}\n", steps.join(",\n")));
    }
    text.push_str("}\n");
    let file = place("ivig-pump");
    if std::env::var_os("HOMELINE_ACCEPT").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{} is another: HOMELINE_ACCEPT=1 writes it", file.display());
}
