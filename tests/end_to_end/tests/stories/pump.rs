use homeline_companion::{ActionInput, BluetoothPort, Homeline, JournalFilter, LinkId, PortError, RadioCommand};
use homeline_end_to_end::phone::{Phone, plan, play};
use homeline_home::Program;
use homeline_model::{AlarmKind, Decimal, Entry, EntryBody, EntryKind, PumpEvent, PumpEventKind};
use std::sync::{Arc, Mutex};

pub(crate) const SERIAL: &str = "SIM-IVIG-0304";

/// Every entry of the pump, oldest first.
pub(crate) async fn pump_entries(homeline: &Homeline) -> Vec<Entry> {
    let filter = JournalFilter { kinds: vec![EntryKind::PumpEvent], ..JournalFilter::default() };
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = homeline.journal().timeline(filter.clone(), after, 500).await.unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    rows.reverse();
    let mut entries = Vec::new();
    for row in rows {
        entries.push(homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
    }
    entries
}

pub(crate) fn event(entry: &Entry) -> &PumpEvent {
    match &entry.body {
        EntryBody::PumpEvent(event) => event,
        other => panic!("not of the pump: {other:?}"),
    }
}

pub(crate) async fn start_dose(phone: &Phone, homeline: &Homeline) {
    let today = homeline.agenda().today().await.unwrap();
    let start = today.rows().flat_map(|row| &row.actions).find(|action| action.id.starts_with("dose.start"));
    let start = start.expect("the infusion of today").id.clone();
    homeline.agenda().act(start, ActionInput::default()).await.unwrap();
    let mut pump = phone.pump().unwrap();
    pump.fill_reservoir(Decimal::from(250));
    pump.program(Program::constant(Decimal::from(150), Decimal::from(250)));
    pump.press_start();
}

/// A radio that only remembers what it was asked.
#[derive(Default)]
struct Asked(Mutex<Vec<RadioCommand>>);

impl BluetoothPort for Asked {
    fn execute(&self, _: &LinkId, command: RadioCommand) -> Result<(), PortError> {
        self.0.lock().unwrap().push(command);
        Ok(())
    }
}

#[test]
fn the_plans_device_says_which_protocol_its_pump_speaks() {
    for (specialization, service) in [(None, 0x1840), (Some("528385"), 0x1840), (Some("528403"), 0x183A)] {
        let radio = Arc::<Asked>::default();
        let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").with_radio(radio.clone());
        let mut bundle: serde_json::Value = serde_json::from_slice(&plan("ivig-ladder")).unwrap();
        let resources = bundle["entry"].as_array_mut().unwrap().iter_mut().map(|entry| &mut entry["resource"]);
        for device in resources.filter(|resource| resource["serialNumber"] == SERIAL) {
            if let Some(code) = specialization {
                let coding = serde_json::json!([{"system": "urn:iso:std:iso:11073:10101", "code": code}]);
                device["specialization"] = serde_json::json!([{"systemType": {"coding": coding}}]);
            }
        }
        play(async {
            let homeline = phone.begin_with(serde_json::to_vec(&bundle).unwrap()).await;
            homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
            assert_eq!(*radio.0.lock().unwrap(), [RadioCommand::Scan { service }], "{specialization:?}");
        });
    }
}

#[test]
fn an_app_that_dies_in_the_middle_of_an_infusion_loses_no_event_and_doubles_none() {
    let mut phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump(SERIAL);
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone.listen(&homeline).await;
        start_dose(&phone, &homeline).await;
        phone.pass(&homeline, 30).await;
        assert!(homeline.pump().status().await.unwrap().unwrap().current.is_some(), "it is heard");

        // The system kills the app; the pump goes on, blocks, alarms and is mended, and nobody hears it.
        phone.lose_power();
        {
            let mut pump = phone.pump().unwrap();
            pump.set_in_range(false);
            pump.take_events();
            pump.advance(chrono::Duration::minutes(5));
            pump.block_line();
            pump.advance(chrono::Duration::minutes(10));
            pump.open_line();
            pump.press_start();
            pump.advance(chrono::Duration::minutes(5));
            pump.set_in_range(true);
            pump.take_events();
        }
        phone.clock.advance(chrono::Duration::minutes(20));
        drop(homeline);

        let again = phone.open().await;
        again.pump().listen(SERIAL.to_owned()).await.unwrap();
        phone.listen(&again).await;
        phone.pass(&again, 120).await;

        let entries = pump_entries(&again).await;
        let numbers: Vec<u32> = entries.iter().filter_map(|entry| event(entry).record).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), numbers.len(), "a record twice: {numbers:?}");
        let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
        let whole: Vec<u32> = (first..=last).collect();
        assert_eq!(sorted, whole, "a record is missing");
        assert_eq!(sorted.len(), phone.pump().unwrap().records(), "all that the pump remembers");
        let count =
            |wanted: &dyn Fn(&PumpEventKind) -> bool| entries.iter().filter(|entry| wanted(&event(entry).kind)).count();
        assert_eq!(
            count(&|kind| matches!(kind, PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, .. })),
            1
        );
        assert_eq!(count(&|kind| *kind == PumpEventKind::AlarmCleared { alarm: AlarmKind::OcclusionDownstream }), 1);
        assert_eq!(count(&|kind| *kind == PumpEventKind::Completed), 1);
        assert_eq!(count(&|kind| matches!(kind, PumpEventKind::RecordGap { .. })), 0);
        assert!(entries.iter().all(|entry| entry.occurrence.is_some() || event(entry).kind == PumpEventKind::LinkUp));
        let page = again.report().visit(1).await.unwrap().html();
        assert!(page.contains("250 mL of 400 mL ordered"), "{page}");
        assert!(again.security().verify().await.unwrap().findings.is_empty());
    });
}

#[test]
fn a_pump_that_the_plan_does_not_name_is_not_listened_to() {
    let phone = Phone::new("America/New_York", "2026-11-23T15:00:00Z").beside_pump("SIM-OTHER");
    play(async {
        let homeline = phone.begin("ivig-ladder").await;
        let error = homeline.pump().enrol("SIM-OTHER".to_owned()).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("serial"));
        // Another pump in the room under the right name on the screen: its own number tells.
        homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone.listen(&homeline).await;
        phone.pass(&homeline, 2).await;
        let status = homeline.pump().status().await.unwrap().unwrap();
        assert!(status.current.is_none(), "{status:?}");
        assert!(pump_entries(&homeline).await.iter().all(|entry| event(entry).record.is_none()));
    });
}
