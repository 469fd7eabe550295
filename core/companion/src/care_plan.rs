//! The care plan: taking it in, and showing it.

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::order_history;
use crate::plan_changes::changes;
use crate::ports::Change;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::{Statement, Store};
use crate::texts::Texts;
use crate::words;
use crate::work::Work;
use chrono::{DateTime, Utc};
use homeline_fhir::{import_plan, plan_from_resources};
use homeline_model::{CarePlan, DeliveryMethod, EntryBody, FlushPlan, KeptResource, Order, OrderStatus, Unreadable};
use homeline_vault::MirrorRow;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest Bundle that is read, in bytes.
pub const LARGEST_BUNDLE: usize = 32 * 1024 * 1024;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanImported {
    /// Orders that are now known.
    pub orders: u64,
    /// What could not be understood: kept, listed, never scheduled.
    pub unreadable: Vec<Unreadable>,
    /// What is kept without being read.
    pub kept: Vec<KeptResource>,
    /// What changed, in words.
    pub changes: Vec<String>,
}

/// The care plan.
#[derive(Clone)]
pub struct Plan {
    pub(crate) inner: Arc<Inner>,
}

impl Plan {
    /// Takes in a FHIR R4 Bundle (profile: docs/care-plan.md) in one transaction. A fault of the Bundle (not JSON, another
    /// patient) refuses the whole; an order that cannot be read is kept, listed and never scheduled.
    pub async fn import(&self, bundle: Vec<u8>) -> Result<PlanImported, HomelineError> {
        self.import_watched(bundle, Work::default()).await
    }

    /// The same as a long piece of work in two parts: read, written.
    ///
    /// Errors: `Cancelled` as well; nothing was taken in then.
    pub async fn import_watched(&self, bundle: Vec<u8>, work: Work) -> Result<PlanImported, HomelineError> {
        let own = work.clone();
        let job = self.inner.allowed(Access::Manage, move |store, moment| import(store, moment, &bundle, &own));
        let imported = self.inner.lend(&work, job).await?;
        self.inner.remember_zones().await?;
        self.inner.announce(Change::Plan);
        Ok(imported)
    }

    /// The plan as it stands; `None` before the first import.
    pub async fn current(&self) -> Result<Option<CarePlan>, HomelineError> {
        self.inner.allowed(Access::See("plan"), |store, _| Ok(store.plan().map(|plan| (**plan).clone()))).await
    }

    /// The plan as a screen.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("plan"), |store, moment| Ok(screen(&*store.require_plan()?, moment))).await
    }
}

fn import(store: &mut Store, moment: &Moment, bundle: &[u8], work: &Work) -> Result<PlanImported, HomelineError> {
    work.check()?;
    work.of_vault.expect(2);
    if bundle.len() > LARGEST_BUNDLE {
        return Err(HomelineError::new(
            ErrorKind::PlanRefused,
            "plan.too-large",
            format!("the Bundle has {} MB, the most is {} MB", bundle.len() >> 20, LARGEST_BUNDLE >> 20),
            "Ask the care team for the plan without its attachments.",
        ));
    }
    let imported = import_plan(bundle, store.profile.patient.as_ref())?;
    work.advance(1)?;
    let received_at = moment.now;
    let rows: Vec<MirrorRow> = imported
        .resources
        .into_iter()
        .map(|resource| MirrorRow {
            resource_type: resource.resource_type,
            id: resource.id,
            version_id: resource.version,
            last_updated: resource.last_updated,
            json: resource.json,
            deleted: false,
            received_at,
        })
        .collect();
    let changes = store.take_plan(moment, rows, &imported.plan.patient.id)?;
    // It is written: whoever takes it back now is late.
    let _ = work.advance(1);
    let plan = store.require_plan()?;
    Ok(PlanImported {
        orders: plan.orders.len() as u64,
        unreadable: plan.unreadable.clone(),
        kept: plan.kept.clone(),
        changes,
    })
}

impl Store {
    /// Keeps `rows` as mirrored and makes the plan from all that is mirrored, with one entry that says what changed. All
    /// of it or nothing.
    fn take_plan(
        &mut self,
        moment: &Moment,
        rows: Vec<MirrorRow>,
        patient: &homeline_model::PatientId,
    ) -> Result<Vec<String>, HomelineError> {
        let mut resources: BTreeMap<(String, String), String> = self.mirrored()?;
        for row in &rows {
            resources.insert((row.resource_type.clone(), row.id.clone()), row.json.clone());
        }
        let mut plan = plan_from_resources(as_pairs(&resources), patient)?;
        let old = self.plan().map(|plan| &**plan);
        plan.versions = order_history::advance(old, &plan, moment.now);
        forget_old_stays(&mut plan, self.profile.since);
        let changes = changes(moment.texts, old, &plan);
        let versions = plan.versions.clone();
        let (old_plan, old_profile) = (self.plan().cloned(), self.profile.clone());
        self.profile.patient = Some(patient.clone());
        self.replace_plan(Some(Arc::new(plan)));
        let profile = self.profile.clone();
        // Doses follow the clock of the place where the first plan was taken in, until a journey is accepted.
        let follows_before = self.followed().cloned();
        let first = follows_before.is_none().then(|| moment.here.zone.clone());
        if let Some(zone) = &first {
            self.set_followed(Some(zone.clone()));
        }
        let write = move |tx: &mut homeline_vault::WriteTx<'_>| {
            for row in &rows {
                tx.put_mirror(row)?;
            }
            order_history::keep(tx, &versions)?;
            if let Some(zone) = &first {
                Store::put_followed(tx, zone)?;
            }
            Store::put_profile(tx, &profile)
        };
        let written = if changes.is_empty() {
            self.vault().and_then(|vault| Ok(vault.write(write)?))
        } else {
            let statement = Statement::by_app(EntryBody::PlanChanged { changes: changes.clone() });
            self.record_all(moment, vec![statement], None, write).map(|_| ())
        };
        if let Err(error) = written {
            self.replace_plan(old_plan);
            self.set_followed(follows_before);
            self.profile = old_profile;
            return Err(error);
        }
        crate::card::refresh(self, moment, true)?;
        Ok(changes)
    }

    /// After a pull: the plan from what is mirrored now.
    pub(crate) fn take_plan_from_mirror(&mut self, moment: &Moment) -> Result<Vec<String>, HomelineError> {
        match self.profile.patient.clone() {
            Some(patient) if !self.mirrored()?.is_empty() => self.take_plan(moment, Vec::new(), &patient),
            Some(_) | None => Ok(Vec::new()),
        }
    }

    fn mirrored(&self) -> Result<BTreeMap<(String, String), String>, HomelineError> {
        Ok(self.vault()?.read(|tx| {
            let mut resources = BTreeMap::new();
            for (resource_type, _) in tx.mirror_types()? {
                for row in tx.mirror_of_type(&resource_type)? {
                    resources.insert((row.resource_type, row.id), row.json);
                }
            }
            Ok(resources)
        })?)
    }
}

/// A stay that was over before this journal was begun: the plan that came then is the fresh one.
pub(crate) fn forget_old_stays(plan: &mut CarePlan, since: DateTime<Utc>) {
    plan.stays.retain(|stay| stay.end.is_none_or(|end| end > since));
}

fn as_pairs(resources: &BTreeMap<(String, String), String>) -> impl Iterator<Item = (&str, &str)> {
    resources.iter().map(|((resource_type, _), json)| (resource_type.as_str(), json.as_str()))
}

fn screen(plan: &CarePlan, moment: &Moment) -> Screen {
    let texts = moment.texts;
    let mut sections = Vec::new();
    let mut add = |title: &'static str, rows: Vec<Row>| {
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    };
    add("plan.orders", plan.orders.iter().map(|order| order_row(order, texts)).collect());
    add(
        "plan.line",
        plan.access_devices
            .iter()
            .map(|device| {
                let mut row = Row::new(device.id.to_string(), device.name.clone());
                row.details.extend(device.inserted.map(|day| texts.fill("plan.in-since", &[("day", &texts.day(day))])));
                row.details.extend(device.removed.map(|day| texts.fill("plan.out-since", &[("day", &texts.day(day))])));
                row.with_spoken_sentence()
            })
            .collect(),
    );
    add(
        "plan.pumps",
        plan.delivery_devices
            .iter()
            .map(|device| {
                let mut row = Row::new(device.id.to_string(), device.name.clone());
                row.details
                    .extend(device.serial.as_ref().map(|serial| texts.fill("plan.serial", &[("serial", serial)])));
                if device.backup {
                    row.details.push(texts.say("plan.spare"));
                }
                row.with_spoken_sentence()
            })
            .collect(),
    );
    let day = |at| moment.shown_with_day(at);
    add(
        "plan.visits",
        soonest_first(&plan.visits, |visit| Some(visit.start))
            .map(|visit| {
                let mut row = Row::new(visit.id.to_string(), words::as_written(texts, &visit.title));
                row.time = Some(day(visit.start));
                row.details.extend(
                    (!visit.with.is_empty()).then(|| texts.fill("plan.with", &[("who", &visit.with.join(", "))])),
                );
                row.details.extend(visit.instructions.as_deref().map(|text| words::as_written(texts, text)));
                row.with_spoken_sentence()
            })
            .collect(),
    );
    add(
        "plan.deliveries",
        soonest_first(&plan.deliveries, |delivery| delivery.expected)
            .map(|delivery| {
                let mut row = Row::new(delivery.id.to_string(), delivery.item.clone());
                row.time = delivery.expected.map(day);
                row.details.extend(delivery.quantity.as_ref().map(ToString::to_string));
                if delivery.cold_chain {
                    row.details.push(texts.say("plan.cold"));
                }
                row.with_spoken_sentence()
            })
            .collect(),
    );
    add(
        "plan.unreadable",
        plan.unreadable
            .iter()
            .map(|unreadable| {
                let mut row = Row::new(unreadable.resource.clone(), unreadable.resource.clone());
                row.emphasis = Emphasis::Attention;
                row.details.push(format!("{}: {}", unreadable.field, unreadable.reason));
                row.with_spoken_sentence()
            })
            .collect(),
    );
    Screen {
        id: "plan".to_owned(),
        title: plan.title.clone(),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer: words::numbers_to_call(plan),
        privacy: Privacy::default(),
    }
}

/// By time, those without one last.
fn soonest_first<T>(all: &[T], time: impl Fn(&T) -> Option<DateTime<Utc>>) -> impl Iterator<Item = &T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by_key(|one| (time(one).is_none(), time(one)));
    sorted.into_iter()
}

fn order_row(order: &Order, texts: Texts) -> Row {
    let mut row = Row::new(order.id.to_string(), words::as_written(texts, &order.title));
    row.state = match order.status {
        OrderStatus::Active => None,
        OrderStatus::OnHold => Some(texts.say("plan.on-hold")),
        OrderStatus::Stopped | OrderStatus::Completed | OrderStatus::NotInForce => Some(texts.say("plan.ended")),
        OrderStatus::Unknown => Some(texts.say("plan.unknown")),
    };
    for dosage in &order.dosages {
        row.details.extend(dosage.text.iter().chain(&dosage.instructions).map(|text| words::as_written(texts, text)));
    }
    let no_line =
        matches!(order.delivery, DeliveryMethod::Oral | DeliveryMethod::Injection | DeliveryMethod::Intraspinal);
    if order.medication.is_some() && !(no_line && order.flush == FlushPlan::NotStated) {
        row.details.push(words::flush_plan(texts, &order.flush));
    }
    row.with_spoken_sentence()
}
