//! The emergency card and the hand-over card for an emergency room: what a stranger must know before they touch the line.
//!
//! It says what the plan says and what is recorded, each with its time, and "not in the plan" where the plan is silent. It
//! can be had without unlocking when the patient chose so: then a copy lies beside the vault in the clear, is written anew
//! when plan, doses or pump change, and goes when the choice is taken back. Without that choice nothing is outside.

mod page;

use crate::access::Access;
use crate::agenda;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::texts::Texts;
use crate::worker::Worker;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{
    AccessDevice, CarePlan, ContactPurpose, DeliveryMethod, FlushPlan, Order, OrderKind, OrderStatus, RateProfile,
};
use homeline_pump::Now;
use homeline_schedule::{ItemState, Span};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The patient's choice.
const ALLOWED: &str = "card/without-unlocking";
/// The copies beside the vault.
const DATA: &str = "emergency-card.json";
const PAGE: &str = "emergency-card.html";
/// A pump that talks every second does not write the card every second.
const QUIET: Duration = Duration::seconds(60);
/// How far around now a running dose is looked for.
const RUNNING_REACH: Duration = Duration::days(8);

/// What stands outside of the vault while the card may be seen without unlocking, in plain words.
const OUTSIDE: [&str; 5] = [
    "your name, date of birth and allergies",
    "your medicines, doses, rates and the weight they were reckoned with",
    "your line, your pumps with their serial numbers, and the battery",
    "whether a dose runs, and since when",
    "the numbers of your care team",
];

/// What was heard and written last.
#[derive(Default)]
pub(crate) struct CardMemory {
    refreshed_at: Option<DateTime<Utc>>,
}

/// The emergency card.
#[derive(Clone)]
pub struct Card {
    pub(crate) inner: Arc<Inner>,
}

/// The card as it lies beside the vault, in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedCard {
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// The card for whoever helps first.
    pub emergency: Screen,
    /// The card for the emergency room.
    pub hand_over: Screen,
}

impl LockedCard {
    /// Reads the card beside a vault, without unlocking it. `None` when the patient did not choose so.
    ///
    /// Errors: `Damaged`, `Platform`.
    pub fn read(vault: &Path) -> Result<Option<Self>, HomelineError> {
        match std::fs::read(vault.join(DATA)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
                HomelineError::new(
                    ErrorKind::Damaged,
                    "card.damaged",
                    "the emergency card beside the vault cannot be read",
                    "Unlock Homeline: it is written anew.",
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error(&error)),
        }
    }

    /// The same for a caller that must not wait for a disk.
    pub async fn read_in(vault: PathBuf) -> Result<Option<Self>, HomelineError> {
        Worker::<()>::once("card", move || Self::read(&vault)).await
    }
}

impl Card {
    /// The card as a screen: for whoever helps first, or with `hand_over` for the emergency room.
    pub async fn screen(&self, hand_over: bool) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("card"), move |store, moment| screen(store, moment, hand_over)).await
    }

    /// The same as one self-contained HTML page that prints.
    pub async fn page(&self, hand_over: bool) -> Result<String, HomelineError> {
        self.inner
            .allowed(Access::See("card"), move |store, moment| Ok(page::render(&[screen(store, moment, hand_over)?])))
            .await
    }

    /// Lets the card be seen without unlocking, from now on. Writes it in the clear beside the vault; see
    /// [`Card::outside_the_vault`] for what then stands there.
    pub async fn allow_locked(&self) -> Result<PathBuf, HomelineError> {
        self.inner
            .allowed(Access::See("card"), |store, moment| {
                store.require_plan()?;
                write(store, moment)?;
                let vault = store.vault()?;
                vault.write(|tx| tx.set_setting(ALLOWED, &true))?;
                Ok(vault.dir().join(PAGE))
            })
            .await
    }

    /// Takes the card back: what lies beside the vault is removed first, then the choice is forgotten.
    pub async fn forbid_locked(&self) -> Result<(), HomelineError> {
        self.inner
            .allowed(Access::Own, |store, _| {
                let vault = store.vault()?;
                remove(vault.dir()).map_err(|error| file_error(&error))?;
                Ok(vault.write(|tx| tx.remove_setting(ALLOWED))?)
            })
            .await
    }

    /// Whether the card can be seen without unlocking. Off unless the patient chose it.
    pub async fn is_allowed_locked(&self) -> Result<bool, HomelineError> {
        self.inner.allowed(Access::Own, |store, _| is_allowed(store)).await
    }

    /// What stands outside of the vault while the card may be seen without unlocking, in plain words.
    pub fn outside_the_vault() -> &'static [&'static str] {
        &OUTSIDE
    }
}

/// What then lies outside of the vault, in the language that is read here.
pub(crate) fn outside_in(texts: Texts) -> [String; 5] {
    ["outside.patient", "outside.medicines", "outside.devices", "outside.running", "outside.numbers"]
        .map(|key| texts.say(key))
}

/// Removes what lies beside the vault: what it says may not be seen any more.
pub(crate) fn remove_locked(store: &Store) -> Result<(), HomelineError> {
    remove(store.vault()?.dir()).map_err(|error| file_error(&error))
}

pub(crate) fn is_allowed(store: &Store) -> Result<bool, HomelineError> {
    Ok(store.vault()?.read(|tx| tx.setting(ALLOWED))?.unwrap_or(false))
}

/// Writes the card anew where it may be seen without unlocking. `urgent` is for what changes the therapy; anything else
/// waits for a quiet minute. What it says is never younger than its time, so a card that cannot be written is removed.
pub(crate) fn refresh(store: &mut Store, moment: &Moment, urgent: bool) -> Result<(), HomelineError> {
    let recent = store.card.refreshed_at.is_some_and(|at| at <= moment.now && moment.now - at < QUIET);
    if (recent && !urgent) || store.plan().is_none() {
        return Ok(());
    }
    store.card.refreshed_at = Some(moment.now);
    if !is_allowed(store)? {
        return Ok(());
    }
    if write(store, moment).is_err() {
        // An old card with an old dose is worse than none; whoever opens Homeline gets a new one.
        let _ = remove(store.vault()?.dir());
    }
    Ok(())
}

fn write(store: &Store, moment: &Moment) -> Result<(), HomelineError> {
    let card = LockedCard {
        written_at: moment.now,
        emergency: screen(store, moment, false)?,
        hand_over: screen(store, moment, true)?,
    };
    let page = page::render(&[card.emergency.clone(), card.hand_over.clone()]);
    let data = serde_json::to_vec(&card).map_err(|_| HomelineError::closed())?;
    let vault = store.vault()?;
    let whole = |name: &str, bytes: &[u8]| {
        let unfinished = vault.dir().join(format!("{name}.unfinished"));
        std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, vault.dir().join(name)))
    };
    whole(DATA, &data).and_then(|()| whole(PAGE, page.as_bytes())).map_err(|error| file_error(&error))
}

fn remove(folder: &Path) -> std::io::Result<()> {
    for name in [DATA, PAGE] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn file_error(error: &std::io::Error) -> HomelineError {
    HomelineError::new(
        ErrorKind::Platform,
        "card.file",
        format!("the emergency card cannot be written or removed ({})", error.kind()),
        "Try again; look into the folder of the vault.",
    )
}

fn screen(store: &Store, moment: &Moment, hand_over: bool) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let mut patient = Row::new("patient", plan.patient.name.clone());
    patient.details.extend(plan.patient.birth_date.map(|born| format!("Born {}", born.format("%-d %B %Y"))));
    patient.details.push(match plan.patient.allergies.as_slice() {
        [] => "Allergies: none are in the plan. That does not say that there are none.".to_owned(),
        known => format!("Allergies: {}", known.join(", ")),
    });
    let mut sections = vec![Section { title: None, rows: vec![patient.with_spoken_sentence()] }];
    let mut add = |title: &str, rows: Vec<Row>| {
        if !rows.is_empty() {
            sections.push(Section { title: Some(title.to_owned()), rows });
        }
    };
    add("Call", numbers(&plan));
    let running = running(store, moment)?;
    let infused = plan.orders.iter().filter(|order| is_infused(order));
    let rows = infused.map(|order| {
        let since = running.iter().find(|(id, _)| *id == order.id).map(|(_, since)| *since);
        order_row(&plan, order, since.map(|at| moment.shown(at)), hand_over)
    });
    add("Medicines by infusion or needle", rows.collect());
    add("Line", plan.access_devices.iter().filter(|device| device.removed.is_none()).map(line_row).collect());
    add("Pumps", pumps(store, &plan, moment, hand_over));
    let mut footer = Vec::new();
    if hand_over {
        footer
            .push("Do not flush or disconnect before you know what is in the line. Call the number above.".to_owned());
    }
    footer.push(format!(
        "Written {} from the care plan and the home journal. The order and the pump itself count.",
        moment.local(moment.now).format("%-d %B %Y %H:%M")
    ));
    Ok(Screen {
        id: if hand_over { "hand-over-card" } else { "emergency-card" }.to_owned(),
        title: if hand_over { "Hand-over card for the emergency room" } else { "Emergency card" }.to_owned(),
        subtitle: Some("Home infusion patient".to_owned()),
        sections,
        footer,
        privacy: Privacy::Locked,
    })
}

/// The on-call nurse first, then the other numbers of the plan.
fn numbers(plan: &CarePlan) -> Vec<Row> {
    let mut contacts: Vec<_> = plan.contacts.iter().collect();
    contacts.sort_by_key(|contact| match contact.purpose {
        ContactPurpose::OnCallNurse => 0,
        ContactPurpose::Pharmacist => 1,
        ContactPurpose::Emergency => 2,
        ContactPurpose::Office => 3,
        ContactPurpose::Other => 4,
    });
    let mut rows: Vec<Row> = contacts
        .into_iter()
        .enumerate()
        .map(|(index, contact)| {
            let mut row = Row::new(format!("call/{index}"), contact.label.clone());
            row.state = Some(contact.phone.clone());
            row.details.extend(contact.hours.clone());
            if contact.purpose == ContactPurpose::OnCallNurse {
                row.emphasis = Emphasis::Urgent;
            }
            row.with_spoken_sentence()
        })
        .collect();
    if !plan.contacts.iter().any(|contact| contact.purpose == ContactPurpose::OnCallNurse) {
        rows.push(Row::new("call/none", "On-call nurse: no number is in the plan."));
    }
    rows
}

/// What goes through a line or a needle and is not known to have ended.
fn is_infused(order: &Order) -> bool {
    let in_force = match order.status {
        OrderStatus::Active | OrderStatus::OnHold | OrderStatus::Unknown => true,
        OrderStatus::Stopped | OrderStatus::Completed | OrderStatus::NotInForce => false,
    };
    in_force && order.kind == OrderKind::Medication && order.delivery != DeliveryMethod::Oral
}

fn running(store: &Store, moment: &Moment) -> Result<Vec<(homeline_model::OrderId, DateTime<Utc>)>, HomelineError> {
    let span = Span::new(moment.now - RUNNING_REACH, moment.now + Duration::days(1));
    let view = agenda::view(store, moment, span)?;
    let items = view.agenda.items.into_iter().filter(|item| item.state == ItemState::InProgress);
    Ok(items.filter_map(|item| Some((item.occurrence?.order.id, item.started_at?))).collect())
}

fn order_row(plan: &CarePlan, order: &Order, since: Option<String>, hand_over: bool) -> Row {
    let mut row = Row::new(order.id.to_string(), order.title.clone());
    let mut states = Vec::new();
    if order.must_not_stop {
        states.push("MUST NOT BE STOPPED".to_owned());
        row.emphasis = Emphasis::Urgent;
    }
    states.push(match (order.status, since) {
        (OrderStatus::OnHold, _) => "on hold by the plan".to_owned(),
        (OrderStatus::Unknown, _) => "not known whether in force".to_owned(),
        (_, Some(since)) => format!("running since {since}, as recorded"),
        (_, None) => "not recorded as running".to_owned(),
    });
    row.state = Some(states.join(", "));
    let not_stated = || "not in the plan".to_owned();
    let mut tell = |name: &str, value: Option<String>| {
        row.details.push(format!("{name}: {}", value.unwrap_or_else(not_stated)));
    };
    let dosage = order.dosages.first();
    tell("Drug", order.medication.as_ref().map(|drug| drug.name.clone()));
    if hand_over {
        let strength = order.medication.as_ref().and_then(|drug| drug.strength.as_ref());
        tell("Concentration", strength.map(|ratio| format!("{} in {}", ratio.numerator, ratio.denominator)));
        tell("Dose as ordered", dosage.and_then(|dosage| dosage.dose.as_ref()).map(ToString::to_string));
        tell("Dosing weight", order.dosing_weight.as_ref().map(ToString::to_string));
    }
    tell(
        "Rate as ordered",
        dosage.and_then(|dosage| match (&dosage.rate, &dosage.rate_profile) {
            (Some(rate), _) => Some(rate.to_string()),
            (None, Some(profile)) => Some(ladder(profile)),
            (None, None) => None,
        }),
    );
    if hand_over {
        tell("Volume of bag or syringe", order.volume.as_ref().map(ToString::to_string));
        tell("Lot as dispensed", order.medication.as_ref().and_then(|drug| drug.lot.clone()));
        row.details.extend(dosage.and_then(|dosage| dosage.text.clone()).map(|text| format!("As written: {text}")));
    }
    let line = order.access_device.as_ref().and_then(|id| plan.access_devices.iter().find(|device| device.id == *id));
    row.details.push(format!("Line: {}", line.map_or_else(not_stated, |line| line.name.clone())));
    let pump = order.delivery_device.as_ref().and_then(|id| plan.delivery_devices.iter().find(|one| one.id == *id));
    row.details
        .push(format!("By: {}", pump.map_or_else(|| delivery(order.delivery).to_owned(), |one| one.name.clone())));
    if order.flush == FlushPlan::Never {
        row.details.push("Never flush this line: it would push the drug in at once.".to_owned());
    }
    row.with_spoken_sentence()
}

fn ladder(profile: &RateProfile) -> String {
    let steps = profile.steps.iter().map(|step| match step.minutes {
        Some(minutes) => format!("{} for {minutes} min", step.rate),
        None => format!("{} to the end", step.rate),
    });
    steps.collect::<Vec<_>>().join(", then ")
}

fn delivery(method: DeliveryMethod) -> &'static str {
    match method {
        DeliveryMethod::IvPush => "pushed by hand",
        DeliveryMethod::Gravity => "gravity",
        DeliveryMethod::Elastomeric => "a balloon pump without electronics",
        DeliveryMethod::AmbulatoryPump => "an electronic pump",
        DeliveryMethod::SyringeMechanical => "a syringe driver with a spring",
        DeliveryMethod::SyringeElectronic => "an electronic syringe driver",
        DeliveryMethod::Injection => "an injection",
        DeliveryMethod::Intraspinal => "a catheter at the spine: never connect another drug",
        DeliveryMethod::Oral => "by mouth",
        DeliveryMethod::Unknown => "not in the plan",
    }
}

fn line_row(device: &AccessDevice) -> Row {
    let mut row = Row::new(device.id.to_string(), device.name.clone());
    row.details.extend(device.inserted.map(|day| format!("In since {}", day.format("%-d %B %Y"))));
    row.details.extend(device.lumens.map(|lumens| format!("Lumens: {lumens}")));
    row.details.extend(device.lumen_uses.iter().map(|used| format!("{} lumen: {}", used.lumen, used.purpose)));
    row.with_spoken_sentence()
}

fn pumps(store: &Store, plan: &CarePlan, moment: &Moment, hand_over: bool) -> Vec<Row> {
    let now = Now { wall: moment.now, monotonic_ms: moment.monotonic_ms };
    let status = store.pump.as_ref().map(|session| session.status(now));
    plan.delivery_devices
        .iter()
        .map(|device| {
            let mut row = Row::new(device.id.to_string(), device.name.clone());
            row.state = Some(if device.backup { "BACKUP" } else { "in use" }.to_owned());
            let maker: Vec<&str> =
                [&device.manufacturer, &device.model].into_iter().flatten().map(String::as_str).collect();
            row.details.extend((!maker.is_empty()).then(|| maker.join(" ")));
            row.details.extend(device.serial.as_ref().filter(|_| hand_over).map(|serial| format!("Serial {serial}")));
            if !device.backup && device.method.has_radio() {
                let heard = status.as_ref().filter(|status| Some(&status.serial) == device.serial.as_ref());
                let readings = heard.and_then(|status| status.current.as_ref().or(status.last_known.as_ref()));
                row.details.push(match readings.and_then(|readings| Some((readings.battery_percent?, readings.at))) {
                    Some((percent, at)) => {
                        format!("Battery {percent} % at {}: look at the pump", moment.shown(at))
                    }
                    None => "Battery: not heard here, look at the pump".to_owned(),
                });
            }
            row.details.push(match device.patient_may_stop {
                Some(true) => "The patient was taught to stop it.".to_owned(),
                Some(false) => "The patient may not stop it.".to_owned(),
                None => "Whether the patient may stop it is not in the plan.".to_owned(),
            });
            row.with_spoken_sentence()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_of_the_vault_is_told_alike_by_the_settings_and_to_an_app() {
        assert_eq!(outside_in(Texts::default()), OUTSIDE.map(str::to_owned));
    }
}
