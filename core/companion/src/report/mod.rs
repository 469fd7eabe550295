//! The visit report: what was planned and what happened, on one page, for the nurse.
//!
//! It is made from the journal alone, so that every line can be traced to an entry. Private entries stay out.

mod page;

use crate::agenda;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::store::Store;
use chrono::{DateTime, Duration, FixedOffset, NaiveDate, Utc};
use homeline_model::{
    AlarmKind, AttachmentId, CarePlan, Decimal, Entry, EntryBody, Order, OrderId, PumpEvent, PumpEventKind, Quantity,
};
use homeline_pump::{Infusion, InfusionEnd, LedgerEvent, reconcile};
use homeline_schedule::{Adherence, AgendaItem, DoseCounts, Span, adherence};
use homeline_vault::{Direction, TimelineQuery};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most pictures in one report.
const PICTURES: usize = 4;
/// The most days in one report.
const LONGEST: u32 = 400;

/// The report of a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitReport {
    /// A self-contained page: no script, no outside file.
    pub html: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// Doses whose planned start lies in the span and is past.
    pub doses_planned: u32,
    /// Of these, doses about which somebody recorded something.
    pub doses_recorded: u32,
}

/// The visit report.
#[derive(Clone)]
pub struct Report {
    pub(crate) inner: Arc<Inner>,
}

impl Report {
    /// The last `days` days with today, 1 to 400.
    pub async fn visit(&self, days: u32) -> Result<VisitReport, HomelineError> {
        if days == 0 || days > LONGEST {
            return Err(HomelineError::input(
                "days",
                format!("it must be 1 to {LONGEST}"),
                "Give another number of days.",
            ));
        }
        self.inner.with_store(move |store, moment| visit(store, moment, days)).await
    }
}

/// One run of the pump for one dose, as the pump's own record tells it.
struct PumpRun {
    title: String,
    started: Option<DateTime<FixedOffset>>,
    ended: Option<DateTime<FixedOffset>>,
    end: &'static str,
    running: bool,
    ordered: Option<Quantity>,
    certain_ml: Decimal,
    uncertain_ml: Option<Decimal>,
    interruptions: Vec<Interruption>,
}

/// A stretch in which nothing went in.
struct Interruption {
    from: DateTime<FixedOffset>,
    to: Option<DateTime<FixedOffset>>,
    alarm: Option<AlarmKind>,
}

/// Everything that the page shows.
struct Content<'a> {
    plan: &'a CarePlan,
    from: NaiveDate,
    to: NaiveDate,
    written_at: DateTime<FixedOffset>,
    zone: String,
    adherence: Adherence,
    items: Vec<AgendaItem>,
    pump_runs: Vec<PumpRun>,
    entries: Vec<Entry>,
    pictures: Vec<(Entry, String, Vec<u8>)>,
    private_left_out: usize,
    moment: &'a Moment,
}

fn visit(store: &Store, moment: &Moment, days: u32) -> Result<VisitReport, HomelineError> {
    let to = moment.local(moment.now).date_naive();
    let from = to - Duration::days(i64::from(days) - 1);
    let day_from = homeline_schedule::zone::day_span(&moment.here, from).map_or(moment.now, |span| span.from);
    let day_to = homeline_schedule::zone::day_span(&moment.here, to).map_or(moment.now, |span| span.to);
    let view = agenda::view(store, moment, Span::new(day_from, day_to))?;
    let plan = view.plan.clone();
    let adherence = adherence(&view.agenda.items, &moment.here, moment.now);
    let mut entries = entries_between(store, day_from, day_to)?;
    let amended: std::collections::HashSet<_> = entries.iter().filter_map(|entry| entry.amends).collect();
    let private = entries.iter().filter(|entry| entry.private).count();
    entries.retain(|entry| !entry.private && !amended.contains(&entry.id));
    let pump_runs = pump_runs(&plan, &entries, moment);
    let mut pictures = Vec::new();
    for entry in entries.iter().rev() {
        if let EntryBody::Photo { attachment, content_type, .. } = &entry.body
            && pictures.len() < PICTURES
        {
            pictures.push((entry.clone(), content_type.clone(), picture(store, *attachment)?));
        }
    }
    let (planned, recorded) = (
        adherence.orders.iter().map(|order| order.counts.planned).sum(),
        adherence.orders.iter().map(|order| recorded(&order.counts)).sum(),
    );
    let content = Content {
        plan: &plan,
        from,
        to,
        written_at: moment.local(moment.now),
        zone: moment.here.zone.to_string(),
        adherence,
        items: view.agenda.items,
        pump_runs,
        entries,
        pictures,
        private_left_out: private,
        moment,
    };
    Ok(VisitReport { html: page::render(&content), from, to, doses_planned: planned, doses_recorded: recorded })
}

/// Doses about which somebody made a statement.
fn recorded(counts: &DoseCounts) -> u32 {
    counts.planned - counts.not_recorded - counts.open
}

fn picture(store: &Store, attachment: AttachmentId) -> Result<Vec<u8>, HomelineError> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut store.vault()?.open_attachment(attachment)?, &mut bytes).map_err(|error| {
        HomelineError::new(
            crate::ErrorKind::Damaged,
            "vault.attachment",
            format!("a picture cannot be opened ({})", error.kind()),
            "Its entry is still there.",
        )
    })?;
    Ok(bytes)
}

fn entries_between(store: &Store, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Entry>, HomelineError> {
    let mut query = TimelineQuery {
        from: Some(from),
        until: Some(to),
        direction: Direction::OldestFirst,
        limit: 500,
        ..TimelineQuery::default()
    };
    Ok(store.vault()?.read(|tx| {
        let mut entries = Vec::new();
        loop {
            let page = tx.timeline(&query)?;
            entries.extend(page.entries);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(entries),
            }
        }
    })?)
}

/// The record of each pump, reconciled as a whole: where one bag ends and the next begins, its own numbers say, and not
/// the dose that was tapped.
fn pump_runs(plan: &CarePlan, entries: &[Entry], moment: &Moment) -> Vec<PumpRun> {
    let mut of_pump: BTreeMap<&str, Vec<(&Entry, &PumpEvent)>> = BTreeMap::new();
    for entry in entries {
        if let EntryBody::PumpEvent(event) = &entry.body {
            of_pump.entry(event.serial.as_str()).or_default().push((entry, event));
        }
    }
    let mut runs = Vec::new();
    for told in of_pump.into_values() {
        let ledger = reconcile(told.iter().filter_map(|(entry, _)| LedgerEvent::from_entry(entry)));
        for infusion in ledger.infusions {
            let order = order_of(plan, &told, &infusion);
            let ordered = order.and_then(|order| order.volume.clone());
            let ordered_ml = ordered.as_ref().filter(|volume| volume.unit.code == "mL").map(|volume| volume.value);
            let delivered = infusion.delivered(ordered_ml);
            runs.push(PumpRun {
                title: order.map_or_else(|| "Not linked to a dose".to_owned(), |order| order.title.clone()),
                started: infusion.started.as_ref().map(|at| moment.local(at.at)),
                ended: infusion.ended.as_ref().map(|at| moment.local(at.at)),
                end: match infusion.end {
                    InfusionEnd::Completed => "complete",
                    InfusionEnd::Stopped => "stopped",
                    InfusionEnd::Running => "still running",
                    InfusionEnd::Unknown => "not known",
                },
                running: infusion.end == InfusionEnd::Running,
                ordered: ordered.clone(),
                certain_ml: delivered.certain_ml,
                uncertain_ml: delivered.uncertain_ml,
                interruptions: infusion
                    .interruptions
                    .iter()
                    .map(|gap| Interruption {
                        from: moment.local(gap.from.at),
                        to: gap.to.as_ref().map(|to| moment.local(to.at)),
                        alarm: gap.alarm.clone(),
                    })
                    .collect(),
            });
        }
    }
    runs.sort_by_key(|run| run.started);
    runs
}

/// The order to which most of its records were linked when they arrived.
fn order_of<'a>(plan: &'a CarePlan, told: &[(&Entry, &PumpEvent)], infusion: &Infusion) -> Option<&'a Order> {
    let mut counts: BTreeMap<&OrderId, usize> = BTreeMap::new();
    for (entry, event) in told {
        let inside =
            event.record.is_some_and(|record| (infusion.first_record..=infusion.last_record).contains(&record));
        if inside
            && event.epoch == infusion.epoch
            && let Some(order) = &entry.order
        {
            *counts.entry(&order.id).or_default() += 1;
        }
    }
    let (id, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    plan.order(id)
}

/// Whether the page lists this entry among alarms and link events.
fn is_alarm(entry: &Entry) -> bool {
    matches!(
        &entry.body,
        EntryBody::PumpEvent(event)
            if matches!(event.kind, PumpEventKind::AlarmRaised { .. } | PumpEventKind::AlarmCleared { .. } | PumpEventKind::LinkLost | PumpEventKind::RecordGap { .. })
    )
}
