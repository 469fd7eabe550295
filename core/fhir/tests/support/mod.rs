//! A plan and one entry of every body, shared by the tests of this folder.

#![allow(dead_code, reason = "each test takes the part that it needs")]

use homeline_model::{
    Administration, AdministrationStatus, Advice, AdviceLevel, AlarmKind, AttachedEntry, AttachmentId, Author,
    AuthorRole, BalloonSize, CarePlan, Caregiving, DailyCheck, DeviceCheck, DeviceClock, DosesDone, Entry, EntryBody,
    EntryId, EntryTimes, Feeling, Fluid, FluidDirection, FormAnswer, FormAnswers, FormChoice, FormItem, FormValue,
    Happened, InfusionId, InfusionMoment, Message, MessageDirection, MessageTopic, OccurrenceId, OrderId, OrderRef,
    PatientId, PersonId, PumpEvent, PumpEventKind, Quantity, Question, RateRung, Request, RequestOutcome, Settlement,
    Severity, SiteFinding, SiteLook, SkipDecision, Source, StepKey, Symptom, SymptomCourse, TimeBasis, Unit, Uuid,
    Vital, VitalKind, ZoneId,
};

pub fn plans_folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/home/plans")
}

pub fn plan_bytes(name: &str) -> Vec<u8> {
    let path = plans_folder().join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn plan(name: &str) -> CarePlan {
    homeline_fhir::import_plan(&plan_bytes(name), None).unwrap_or_else(|error| panic!("{name}: {error}")).plan
}

pub fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x6b1d_0000_0000_4000_8000_0000_0000_0000 + number)
}

pub fn entry(number: u128, patient: &PatientId, body: EntryBody) -> Entry {
    Entry {
        id: EntryId(uuid(number)),
        patient: patient.clone(),
        author: Author { role: AuthorRole::Patient, person: None, name: "Rosa Ibarra".into() },
        source: Source::ByHand,
        times: EntryTimes {
            happened: Happened {
                at: "2026-11-23T14:03:00Z".parse().unwrap(),
                zone: ZoneId::new("America/Chicago").unwrap(),
                offset_seconds: -6 * 3600,
                basis: TimeBasis::PhoneClock,
            },
            recorded_at: "2026-11-23T14:03:02.250Z".parse().unwrap(),
            device_clock: None,
        },
        order: None,
        occurrence: None,
        infusion: None,
        amends: None,
        private: false,
        body,
    }
}

pub fn quantity(value: &str, code: &str) -> Quantity {
    let unit = homeline_fhir::unit::by_code(code).unwrap_or_else(|| Unit::ucum(code));
    Quantity { value: value.parse().unwrap(), unit }
}

/// A moment of an infusion with everything that can be known of it.
pub fn moment() -> InfusionMoment {
    InfusionMoment {
        administration: EntryId(uuid(77)),
        title: "immune globulin 40 g".into(),
        started_at: "2026-11-23T13:33:00Z".parse().unwrap(),
        ended_at: Some("2026-11-23T17:33:00Z".parse().unwrap()),
        minute: 30,
        rung: Some(RateRung { number: 2, of: 5, rate: quantity("60", "mL/h") }),
        lot: Some("LOT-1".into()),
        sites: vec!["left-thigh".into()],
    }
}

/// A form with an answer of every type, in a group and below an answer.
pub fn answered_form() -> FormAnswers {
    let question = |link_id: &str, values: Vec<FormValue>| FormItem {
        link_id: link_id.into(),
        text: Some(format!("Question {link_id}")),
        answers: values.into_iter().map(|value| FormAnswer { value, items: Vec::new() }).collect(),
        items: Vec::new(),
    };
    let choice = |code: &str| {
        FormValue::Choice(FormChoice {
            system: Some("https://homeline.example/fhir/CodeSystem/observed".into()),
            code: Some(code.into()),
            display: Some(code.to_uppercase()),
        })
    };
    let mut yes = question("1", vec![FormValue::Boolean(true)]);
    yes.answers[0].items = vec![question("1.1", vec![FormValue::Text("since noon\nand now".into())])];
    let group = FormItem {
        link_id: "2".into(),
        text: None,
        answers: Vec::new(),
        items: vec![
            question("2.1", vec![FormValue::Decimal("37.80".parse().unwrap())]),
            question("2.2", vec![FormValue::Integer(-3)]),
            question("2.3", vec![FormValue::Date("2026-11".into())]),
            question("2.4", vec![FormValue::DateTime("2026-11-23T08:00:00-06:00".into())]),
            question("2.5", vec![FormValue::Time("14:05:00".into())]),
            question("2.6", vec![FormValue::Url("https://example.org/a".into())]),
            question("2.7", vec![choice("mild"), choice("severe")]),
            question("2.8", vec![FormValue::Quantity(quantity("250.0", "mL"))]),
        ],
    };
    FormAnswers {
        questionnaire: "https://careteam.example/fhir/Questionnaire/weekly|2".into(),
        title: "Weekly questions".into(),
        items: vec![yes, group],
    }
}

/// One entry of every body and of the variants that become another resource or element.
pub fn every_body(plan: &CarePlan) -> Vec<Entry> {
    let order = |index: usize| plan.orders.get(index).map(homeline_model::Order::reference);
    let service = plan.orders.iter().find(|order| order.medication.is_none()).map(homeline_model::Order::reference);
    let mut given = Administration::new(AdministrationStatus::Partial);
    given.started_at = Some("2026-11-23T14:03:00Z".parse().unwrap());
    given.ended_at = Some("2026-11-23T15:20:00Z".parse().unwrap());
    given.volume_given = Some(quantity("200.0", "mL"));
    given.dose_ordered = Some(quantity("1.25", "g"));
    given.reason = Some("The line would not run".into());
    given.lot = Some("LOT-4711".into());
    given.site = Some("right arm".into());
    let mut skipped = Administration::new(AdministrationStatus::Skipped);
    skipped.skip_decision = Some(SkipDecision::CareTeam);
    skipped.reason = Some("Blood is drawn first".into());
    let mut backwards = Administration::new(AdministrationStatus::Unknown);
    backwards.started_at = Some("2026-11-23T16:00:00Z".parse().unwrap());
    backwards.ended_at = Some("2026-11-23T15:00:00Z".parse().unwrap());
    backwards.site = Some("left thigh".into());
    let running = Administration {
        started_at: Some("2026-11-23T14:03:00Z".parse().unwrap()),
        ..Administration::new(AdministrationStatus::InProgress)
    };
    let pump = |kind| {
        EntryBody::PumpEvent(PumpEvent {
            serial: "SIM-0001".into(),
            record: Some(17),
            epoch: 1,
            kind,
            volume_infused: Some(quantity("12.50", "mL")),
            rate: Some(quantity("166.7", "mL/h")),
            samples: None,
        })
    };
    let vital = |vital, value: &str, code: &str| EntryBody::Vital(Vital { vital, value: quantity(value, code) });
    let message = |direction, person: Option<&str>| {
        EntryBody::Message(Message {
            direction,
            with: "Night pharmacist".into(),
            person: person.map(|id| PersonId::new(id).unwrap()),
            text: "May I start an hour late?\nThe nurse comes at nine.".into(),
            in_response_to: Some("msg-1".into()),
            communication: None,
            acknowledges: Vec::new(),
            topic: None,
            urgent: false,
            attached: Vec::new(),
        })
    };
    let photo = AttachmentId(uuid(900));
    let mut bodies = vec![
        EntryBody::Administration(given.clone()),
        EntryBody::Administration(skipped),
        EntryBody::Administration(backwards),
        EntryBody::Administration(running),
        EntryBody::StepDone { step: StepKey::ScrubHub, note: Some("15 seconds".into()) },
        EntryBody::Symptom(Symptom { symptom: "trouble-breathing".into(), present: false, severity: None, note: None }),
        EntryBody::Symptom(Symptom {
            symptom: "My Arm feels odd".into(),
            present: true,
            severity: Some(Severity::Moderate),
            note: Some("since noon".into()),
        }),
        vital(VitalKind::Temperature, "37.80", "Cel"),
        vital(VitalKind::Temperature, "100.4", "[degF]"),
        vital(VitalKind::Pulse, "72", "/min"),
        vital(VitalKind::SystolicBloodPressure, "122", "mm[Hg]"),
        vital(VitalKind::DiastolicBloodPressure, "78", "mm[Hg]"),
        vital(VitalKind::OxygenSaturation, "97", "%"),
        vital(VitalKind::RespiratoryRate, "16", "/min"),
        vital(VitalKind::Weight, "154.0", "[lb_av]"),
        vital(VitalKind::Glucose, "5.4", "mmol/L"),
        vital(VitalKind::Glucose, "102", "mg/dL"),
        vital(VitalKind::Pain, "3", "{score}"),
        vital(VitalKind::Temperature, "310.9", "K"),
        EntryBody::SiteCheck {
            findings: vec![
                SiteFinding { finding: "redness".into(), present: true },
                SiteFinding { finding: "pus".into(), present: false },
            ],
            photos: vec![photo],
            site: Some("left-thigh".into()),
            length: Some(quantity("12.5", "cm")),
        },
        EntryBody::SiteCheck { findings: vec![], photos: vec![], site: Some("my left side".into()), length: None },
        EntryBody::SymptomCourse(SymptomCourse {
            of: EntryId(uuid(6)),
            symptom: "headache".into(),
            ended_at: Some("2026-11-23T16:30:00Z".parse().unwrap()),
            action: Some("Lay down in the dark".into()),
        }),
        EntryBody::SymptomCourse(SymptomCourse {
            of: EntryId(uuid(7)),
            symptom: "My Arm feels odd".into(),
            ended_at: None,
            action: Some("Called the nurse".into()),
        }),
        EntryBody::SitesUsed { sites: vec!["left-thigh".into(), "belly, beside the scar".into()] },
        EntryBody::DailyCheck(DailyCheck {
            feeling: Some(Feeling::Worse),
            site: Some(SiteLook::NoChange),
            doses: Some(DosesDone::NotAll),
        }),
        EntryBody::DailyCheck(DailyCheck { feeling: Some(Feeling::Same), site: None, doses: None }),
        EntryBody::Fluid(Fluid {
            direction: FluidDirection::In,
            what: Some("drink".into()),
            volume: quantity("250", "mL"),
        }),
        EntryBody::Fluid(Fluid { direction: FluidDirection::Out, what: None, volume: quantity("12.0", "[foz_us]") }),
        EntryBody::Mood { text: "Hopeful, a bit bored".into() },
        EntryBody::Caregiving(Caregiving::AlarmTaken),
        EntryBody::Caregiving(Caregiving::Viewed {
            from: "2026-11-23T14:03:00Z".parse().unwrap(),
            until: "2026-11-23T14:40:00Z".parse().unwrap(),
            parts: vec!["journal".into(), "today".into()],
        }),
        EntryBody::Caregiving(Caregiving::Asked(request(Some("vanc-caregiver")))),
        EntryBody::Caregiving(Caregiving::Asked(request(None))),
        EntryBody::Caregiving(Caregiving::Answered {
            request: EntryId(uuid(41)),
            outcome: RequestOutcome::Refused,
            note: Some("I am at work until nine.".into()),
        }),
        EntryBody::Caregiving(Caregiving::Settled {
            outcome: Settlement::OneDose,
            of: vec![EntryId(uuid(42)), EntryId(uuid(43))],
        }),
        EntryBody::Message(Message {
            topic: Some(MessageTopic::Pump),
            urgent: true,
            attached: vec![AttachedEntry {
                entry: EntryId(uuid(44)),
                resource_type: "Observation".into(),
                text: "14:02 Pump alarm: downstream occlusion".into(),
            }],
            ..Message::new(MessageDirection::ToTeam, "Night nurse", "It beeps again.")
        }),
        EntryBody::Form(answered_form()),
        EntryBody::DeviceCheck(DeviceCheck {
            balloon: Some(BalloonSize::ThreeQuarters),
            volume_remaining: Some(quantity("61.50", "mL")),
            volume_infused: Some(quantity("30.5", "mL")),
            drip_rate: Some(quantity("42", "/min")),
            rate: Some(quantity("2.0", "mL/h")),
            photos: vec![photo],
            note: Some("It hung lower than usual".into()),
        }),
        EntryBody::DeviceCheck(DeviceCheck { balloon: Some(BalloonSize::Empty), ..DeviceCheck::default() }),
        EntryBody::Note { text: "Slept well.\n\tArm feels fine — no pain.".into() },
        EntryBody::Photo { attachment: photo, content_type: "image/jpeg".into(), caption: Some("The dressing".into()) },
        EntryBody::Photo { attachment: AttachmentId(uuid(901)), content_type: "image/png".into(), caption: None },
        EntryBody::Question(Question { text: "Can I shower with the line?".into() }),
        message(MessageDirection::ToTeam, None),
        message(MessageDirection::ToTeam, Some("vanc-pharmacist")),
        message(MessageDirection::FromTeam, Some("vanc-pharmacist")),
        pump(PumpEventKind::Started),
        pump(PumpEventKind::Stopped),
        pump(PumpEventKind::Completed),
        pump(PumpEventKind::LinkUp),
        pump(PumpEventKind::LinkLost),
        pump(PumpEventKind::Progress),
        pump(PumpEventKind::RecordGap { from: 3, to: 4_294_967_295 }),
        pump(PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, text: "DOWNSTREAM OCCLUSION".into() }),
        pump(PumpEventKind::AlarmRaised { alarm: AlarmKind::Unknown(4711), text: "E-11".into() }),
        pump(PumpEventKind::AlarmSeen { alarm: AlarmKind::BatteryLow }),
        pump(PumpEventKind::AlarmCleared { alarm: AlarmKind::AirInLine }),
        EntryBody::Advice(Advice {
            rule: "N01".into(),
            level: AdviceLevel::CallNow,
            text: vec!["Call your nurse now.".into(), "Have your last dose ready.".into()],
            because: vec!["Temperature 38.3 °C".into()],
            source: "care plan".into(),
        }),
        EntryBody::ClockJump { by_ms: -3_600_000 },
        EntryBody::PlanChanged { changes: vec!["Vancomycin: new times".into(), "A visit was added".into()] },
    ];
    bodies.push(EntryBody::Administration(Administration { site: None, volume_given: None, ..given.clone() }));
    let mut entries: Vec<Entry> =
        bodies.into_iter().zip(1..).map(|(body, number)| entry(number, &plan.patient.id, body)).collect();
    for (index, entry) in entries.iter_mut().enumerate() {
        match index % 5 {
            0 => entry.order = order(0),
            1 => {
                entry.author = Author {
                    role: AuthorRole::Caregiver,
                    person: plan.caregivers.first().map(|caregiver| caregiver.id.clone()),
                    name: "Tomas".into(),
                };
                entry.occurrence = Some(OccurrenceId(uuid(500)));
            }
            2 => {
                entry.author = Author { role: AuthorRole::Device, person: None, name: "Pump".into() };
                entry.source = Source::Pump;
                entry.times.happened.basis = TimeBasis::DeviceClockCorrected;
                entry.times.device_clock = Some(DeviceClock {
                    reading: "2026-11-23T08:01:07.125".parse().unwrap(),
                    offset_ms: Some(-86_400_123_456),
                });
                entry.infusion = Some(InfusionId(uuid(501)));
            }
            3 => {
                entry.author = Author { role: AuthorRole::App, person: None, name: "Homeline".into() };
                entry.source = Source::App;
                entry.order =
                    Some(OrderRef { id: OrderId::new("not-in-the-plan").unwrap(), version: Some("3".into()) });
            }
            _ => {
                entry.author = Author {
                    role: AuthorRole::CareTeam,
                    person: plan.care_team.first().map(|one| one.id.clone()),
                    name: "Infusion nurse".into(),
                };
                entry.times.happened.offset_seconds = -17_762;
            }
        }
    }
    // A dressing that was changed: a service, not a drug.
    let mut dressing = entry(60, &plan.patient.id, EntryBody::Administration(given));
    dressing.order = service;
    entries.push(dressing);
    entries
}

fn request(to: Option<&str>) -> Request {
    Request {
        to: to.map(|id| PersonId::new(id).unwrap()),
        name: "Tomas Ibarra".into(),
        text: "Please bring the bag down.".into(),
        due: "2026-11-23T20:00:00Z".parse().unwrap(),
    }
}
