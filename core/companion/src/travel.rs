//! Journeys: what another zone does to the doses, and whose clock they follow.
//!
//! Doses do not move because a phone lands somewhere. They follow the clock of one zone until the patient has looked at
//! what a journey does to them and accepts it; then they follow the other zone's clock, with an entry in the journal. The
//! home zone is the plan's, and no journey changes it.

use crate::access::Access;
use crate::agenda::{dose_entries, input};
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::ports::Change;
use crate::screen::{Action, Emphasis, Row, Screen};
use crate::store::{Logged, Statement, Store};
use crate::words;
use chrono::{DateTime, Duration, FixedOffset, Offset, TimeZone, Utc};
use homeline_model::{EntryBody, OccurrenceId, OrderId, TimePolicy, ZoneId, ZoneTable};
use homeline_schedule::{Precision, TravelDose, travel_preview};
use serde::Serialize;
use std::sync::Arc;

/// Doses of each order in a preview.
const MOST_DOSES: u32 = 50;
/// Doses of each order on the screen.
const SHOWN_DOSES: u32 = 3;
/// How far ahead a journey may begin: as far as the zone rules are asked for.
const FARTHEST: Duration = Duration::days(300);

/// Whose clock doses follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TravelState {
    /// Where the patient lives, as the plan says.
    pub home: ZoneId,
    /// Whose clock doses by the clock on the wall follow.
    pub followed: ZoneId,
    /// Where the phone is.
    pub here: ZoneId,
    /// The phone is somewhere else than the doses: a journey is to be looked at.
    pub to_accept: bool,
}

/// What a journey would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Journey {
    /// Whose clock doses follow now.
    pub from: ZoneId,
    /// Whose clock they would follow.
    pub to: ZoneId,
    /// From when on.
    pub at: DateTime<Utc>,
    /// One for each order with doses to come.
    pub orders: Vec<JourneyOrder>,
}

/// What a journey would do to one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JourneyOrder {
    /// Which order.
    pub order: OrderId,
    /// Title as shown.
    pub title: String,
    /// How its times travel.
    pub policy: TimePolicy,
    /// Whether any of these doses would be at another instant.
    pub moves: bool,
    /// Two doses are never closer than this, in minutes, as the plan says.
    pub minimum_interval_minutes: Option<u32>,
    /// The next doses.
    pub doses: Vec<JourneyDose>,
}

/// One dose by both clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JourneyDose {
    /// The same dose under the same name, here and there.
    pub occurrence: OccurrenceId,
    /// When it is planned now, by the clock that doses follow now; `None` when that zone has no such day.
    pub now: Option<DateTime<FixedOffset>>,
    /// When it would be, by the other clock; `None` when that zone has no such day.
    pub there: Option<DateTime<FixedOffset>>,
    /// The order says a day and no time.
    pub day_only: bool,
    /// From the dose before to this one there, in minutes.
    pub minutes_after_previous: Option<i64>,
    /// Closer to the dose before than the plan allows: ask the nurse before the journey.
    pub too_close: bool,
    /// By the other clock its time is over already: ask the nurse what becomes of it.
    pub already_past: bool,
}

/// Journeys.
#[derive(Clone)]
pub struct Travel {
    pub(crate) inner: Arc<Inner>,
}

impl Travel {
    /// Whose clock doses follow.
    pub async fn state(&self) -> Result<TravelState, HomelineError> {
        self.inner.allowed(Access::See("travel"), |store, moment| state(store, moment)).await
    }

    /// What a journey to `zone` does to the next `doses` (1 to 50) of each order, from `at` on (now when left out; at most
    /// 300 days ahead). It changes nothing.
    ///
    /// Errors: `BadInput` (unknown zone, too many doses, too far), `NotFound` (no plan).
    pub async fn preview(&self, zone: ZoneId, at: Option<DateTime<Utc>>, doses: u32) -> Result<Journey, HomelineError> {
        if !(1..=MOST_DOSES).contains(&doses) {
            return Err(HomelineError::input("doses", "it must be 1 to 50", "Ask for fewer doses."));
        }
        let there = self.rules(zone).await?;
        self.inner.allowed(Access::See("travel"), move |store, moment| preview(store, moment, &there, at, doses)).await
    }

    /// From now on doses follow the clock of `zone`. It is kept and written into the journal in one transaction; home stays
    /// what the plan says. Accepting the same zone again writes nothing and answers `None`.
    ///
    /// Reminders are to be handed over anew after it.
    ///
    /// Errors: `BadInput` (unknown zone), `NotFound` (no plan).
    pub async fn accept(&self, zone: ZoneId) -> Result<Option<Logged>, HomelineError> {
        let there = self.rules(zone).await?;
        let logged =
            self.inner.allowed(Access::Manage, move |store, moment| accept(store, moment, &there.zone)).await?;
        self.inner.remember_zones().await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }

    /// Whose clock doses follow, as a screen; elsewhere than the doses also what a journey to there would change, and the
    /// action that accepts it.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        let state = self.state().await?;
        let journey = match state.to_accept {
            true => Some(self.preview(state.here.clone(), None, SHOWN_DOSES).await?),
            false => None,
        };
        self.inner.allowed(Access::See("travel"), move |_, moment| Ok(screen(&state, journey.as_ref(), moment))).await
    }

    /// Carries out an action of the screen: as [`Travel::accept`].
    ///
    /// Errors: `BadInput` (not an action), and those of [`Travel::accept`].
    pub async fn act(&self, action: String) -> Result<Option<Logged>, HomelineError> {
        let zone = action.strip_prefix("travel.accept:").and_then(ZoneId::new).ok_or_else(|| {
            HomelineError::input("action", "this is not an action of this screen", "Take the id of a row's action.")
        })?;
        self.accept(zone).await
    }

    async fn rules(&self, zone: ZoneId) -> Result<Arc<ZoneTable>, HomelineError> {
        let now = self.inner.moment().await?.now;
        let unknown = HomelineError::input(
            "zone",
            "this phone knows no rules for it",
            "Give an IANA name such as Europe/Berlin.",
        );
        self.inner.platform.run(move |platform| platform.table(&zone, now).map_err(|_| unknown)).await
    }
}

fn state(store: &Store, moment: &Moment) -> Result<TravelState, HomelineError> {
    let plan = store.require_plan()?;
    Ok(TravelState {
        home: plan.home_zone.clone(),
        followed: moment.followed.zone.clone(),
        here: moment.here.zone.clone(),
        to_accept: moment.here.zone != moment.followed.zone,
    })
}

fn preview(
    store: &Store,
    moment: &Moment,
    there: &ZoneTable,
    at: Option<DateTime<Utc>>,
    doses: u32,
) -> Result<Journey, HomelineError> {
    let at = at.unwrap_or(moment.now);
    if at < moment.now - Duration::days(1) || at > moment.now + FARTHEST {
        return Err(HomelineError::input(
            "at",
            "it must lie between now and 300 days from now",
            "Give the time at which the journey begins.",
        ));
    }
    let plan = store.require_plan()?;
    let entries = dose_entries(store, at - Duration::days(8))?;
    let found = travel_preview(&input(&plan, &entries, moment), there, at, doses as usize);
    let dose = |dose: TravelDose| JourneyDose {
        occurrence: dose.occurrence,
        now: dose.now.map(|at| by_the_clock_of(&moment.followed, at)),
        there: dose.there.map(|at| by_the_clock_of(there, at)),
        day_only: dose.precision == Precision::Day,
        minutes_after_previous: dose.minutes_after_previous,
        too_close: dose.too_close,
        already_past: dose.already_past,
    };
    Ok(Journey {
        from: moment.followed.zone.clone(),
        to: there.zone.clone(),
        at,
        orders: found
            .orders
            .into_iter()
            .map(|order| JourneyOrder {
                moves: order.moves(),
                order: order.order,
                title: order.title,
                policy: order.policy,
                minimum_interval_minutes: order.minimum_interval_minutes,
                doses: order.doses.into_iter().map(dose).collect(),
            })
            .collect(),
    })
}

fn screen(state: &TravelState, journey: Option<&Journey>, moment: &Moment) -> Screen {
    let texts = moment.texts;
    let zone = |id: &str, title: &'static str, zone: &ZoneId| {
        let mut row = Row::new(id, texts.say(title));
        row.state = Some(zone.to_string());
        row.with_spoken_sentence()
    };
    let mut screen = Screen::new("travel", texts.say("travel.title"));
    let mut here = zone("here", "travel.here", &state.here);
    if journey.is_some() {
        here.details.push(texts.say("travel.to-accept"));
        here.emphasis = Emphasis::Attention;
        here.actions.push(Action::new(format!("travel.accept:{}", state.here), texts.say("travel.accept")));
    }
    let followed = zone("followed", "travel.followed", &state.followed);
    screen.add(None, vec![here.with_spoken_sentence(), followed, zone("home", "travel.home", &state.home)]);
    let Some(journey) = journey else { return screen };
    let mut moved: Vec<Row> = journey.orders.iter().filter(|order| order.moves).map(|o| order_row(o, moment)).collect();
    if moved.is_empty() {
        moved.push(Row::new("nothing", texts.say("travel.nothing-moves")));
    }
    screen.add(Some(texts.say("travel.moves")), moved);
    screen
}

fn order_row(order: &JourneyOrder, moment: &Moment) -> Row {
    let (texts, today) = (moment.texts, moment.local(moment.now).date_naive());
    let mut row = Row::new(order.order.to_string(), words::as_written(texts, &order.title));
    let clock = |at: Option<DateTime<FixedOffset>>| at.map_or_else(|| "–".to_owned(), |at| texts.time(at, today));
    for dose in &order.doses {
        row.details.push(texts.fill("travel.dose", &[("now", &clock(dose.now)), ("there", &clock(dose.there))]));
    }
    if order.doses.iter().any(|dose| dose.too_close) {
        row.details.push(texts.say("travel.too-close"));
        row.emphasis = Emphasis::Attention;
    }
    if order.doses.iter().any(|dose| dose.already_past) {
        row.details.push(texts.say("travel.already-past"));
        row.emphasis = Emphasis::Attention;
    }
    row.with_spoken_sentence()
}

fn accept(store: &mut Store, moment: &Moment, zone: &ZoneId) -> Result<Option<Logged>, HomelineError> {
    let plan = store.require_plan()?;
    if store.followed() == Some(zone) {
        return Ok(None);
    }
    let mut changes = vec![moment.texts.fill("travel.follows", &[("zone", zone), ("before", &moment.followed.zone)])];
    if *zone != plan.home_zone {
        changes.push(moment.texts.fill("travel.home-stays", &[("zone", &plan.home_zone)]));
    }
    let statement = Statement::by_hand(EntryBody::PlanChanged { changes });
    let kept = zone.clone();
    let logged = store.record_all(moment, vec![statement], None, move |tx| Store::put_followed(tx, &kept))?;
    store.set_followed(Some(zone.clone()));
    Ok(Some(logged))
}

fn by_the_clock_of(table: &ZoneTable, at: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(table.offset_at(at.timestamp())).unwrap_or_else(|| Utc.fix());
    offset.from_utc_datetime(&at.naive_utc())
}
