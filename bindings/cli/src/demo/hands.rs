//! The patient's hands: taking out, connecting, ticking off, disconnecting, each a few minutes after its time.

use super::day::Day;
use super::transcript::Voice;
use crate::failure::Failure;
use chrono::Duration;
use homeline_companion::{ActionInput, CheckIn, Logged, step_words};
use homeline_home::Program;
use homeline_model::{Decimal, OccurrenceId, Order, StepKey};
use homeline_schedule::{AgendaItem, AgendaKind, AgendaStep, ItemState};

/// The longest day, in hours: a pump of 46 hours runs on into the next.
const MOST_HOURS: i64 = 28;

impl Day {
    /// Looks at the agenda and does what is due.
    pub(super) async fn hands(&mut self) -> Result<(), Failure> {
        for item in self.items().await? {
            match item.kind {
                AgendaKind::Visit | AgendaKind::Delivery => {
                    if item.start <= self.now() && item.start >= self.begins && self.announced.insert(item.id.clone()) {
                        let voice = if item.kind == AgendaKind::Visit { Voice::CareTeam } else { Voice::Patient };
                        self.say(voice, &format!("{}.", item.title));
                    }
                }
                AgendaKind::Medication
                | AgendaKind::Premedication
                | AgendaKind::LineCare
                | AgendaKind::Lab
                | AgendaKind::Service => self.dose(&item).await?,
                // The pharmacy calls; nothing is done about it on this day.
                AgendaKind::RefillCheck => {}
            }
        }
        Ok(())
    }

    async fn dose(&mut self, item: &AgendaItem) -> Result<(), Failure> {
        let Some(occurrence) = item.occurrence.as_ref().map(|occurrence| occurrence.id) else { return Ok(()) };
        match item.state {
            ItemState::Planned | ItemState::Due | ItemState::Late | ItemState::NotRecorded => {
                if item.start < self.begins {
                    return self.ran_before(item, occurrence).await;
                }
                for step in item.steps.iter().filter(|step| step.key == StepKey::TakeOut && step.done_at.is_none()) {
                    if step.at.is_some_and(|at| at <= self.now()) {
                        self.step(occurrence, step).await?;
                        self.say(Voice::Patient, &format!("Takes {} out of the refrigerator.", item.title));
                    }
                }
                if self.now() >= item.start + self.delay(occurrence) {
                    self.begin_dose(item, occurrence).await?;
                }
            }
            ItemState::InProgress => self.attend(item, occurrence).await?,
            ItemState::Completed
            | ItemState::Partial
            | ItemState::Stopped
            | ItemState::Skipped(_)
            | ItemState::Unknown => {}
        }
        Ok(())
    }

    /// A continuous infusion that was connected before this journal was begun: it is written down as running.
    async fn ran_before(&mut self, item: &AgendaItem, occurrence: OccurrenceId) -> Result<(), Failure> {
        let still_runs = item.end.is_some_and(|end| end > self.now());
        if still_runs && self.announced.insert(item.id.clone()) {
            let input = ActionInput { at: Some(item.start), ..ActionInput::default() };
            self.act(format!("dose.start:{occurrence}"), input).await?;
            self.say(
                Voice::Patient,
                &format!("Writes down that {} runs since {}.", item.title, self.local(item.start).format("%A %H:%M")),
            );
            self.run_pump(item)?;
        }
        Ok(())
    }

    /// People are a few minutes late, each dose its own.
    fn delay(&self, occurrence: OccurrenceId) -> Duration {
        let (high, low) = occurrence.0.as_u64_pair();
        let mut chances = fastrand::Rng::with_seed(self.seed ^ high ^ low);
        Duration::minutes(chances.i64(0..=6))
    }

    async fn begin_dose(&mut self, item: &AgendaItem, occurrence: OccurrenceId) -> Result<(), Failure> {
        let runs = item.end.is_some() && item.kind == AgendaKind::Medication;
        let before: Vec<&AgendaStep> = item
            .steps
            .iter()
            .filter(|step| step.done_at.is_none() && step.rate.is_none() && step.key != StepKey::MidCheck)
            .take_while(|step| !runs || !matches!(step.key, StepKey::Disconnect | StepKey::RemoveNeedle))
            .collect();
        let before: Vec<&AgendaStep> = match before.iter().position(|step| step.key == StepKey::Infuse) {
            Some(index) if runs => before.into_iter().take(index + 1).collect(),
            Some(_) | None => before,
        };
        let before = if runs { self.until_running(item, before) } else { before };
        for step in &before {
            self.step(occurrence, step).await?;
        }
        let words: Vec<String> = before.iter().map(|step| step_words(step)).collect();
        if runs {
            let lot = Some(format!("LOT-{}", 1000 + self.chances.u32(0..9000)));
            let logged =
                self.act(format!("dose.start:{occurrence}"), ActionInput { lot, ..ActionInput::default() }).await?;
            self.say(Voice::Patient, &format!("Starts {}. {}", item.title, sentences(words)));
            self.tell_advice(&logged);
            self.run_pump(item)?;
            if let Some(end) = item.end {
                let planned_end = self.now() + (end - item.start);
                if self.story.begin_main(self.now(), end - item.start) {
                    let longest = self.begins + Duration::hours(MOST_HOURS);
                    self.ends = self.ends.max((planned_end + Duration::minutes(45)).min(longest));
                }
            }
        } else {
            let logged = self.act(format!("dose.finish:{occurrence}"), ActionInput::default()).await?;
            let steps = sentences(words.into_iter().filter(|step| *step != item.title));
            self.say(Voice::Patient, &format!("Done: {}. {steps}", item.title));
            self.tell_advice(&logged);
            if item.kind == AgendaKind::Medication {
                self.story.begin_main(self.now(), Duration::minutes(60));
            }
        }
        Ok(())
    }

    /// Of the steps before the end, those that come before it runs: up to connecting.
    fn until_running<'a>(&self, item: &AgendaItem, steps: Vec<&'a AgendaStep>) -> Vec<&'a AgendaStep> {
        let first_after = item
            .steps
            .iter()
            .find(|step| matches!(step.key, StepKey::Disconnect | StepKey::RemoveNeedle))
            .map_or(u32::MAX, |step| step.index);
        steps.into_iter().filter(|step| step.index < first_after).collect()
    }

    /// While it runs: the rungs are ticked off; at its end the line is cared for.
    async fn attend(&mut self, item: &AgendaItem, occurrence: OccurrenceId) -> Result<(), Failure> {
        let Some(started) = item.started_at else { return Ok(()) };
        let planned = item.end.map_or(Duration::zero(), |end| end - item.start);
        for step in item.steps.iter().filter(|step| step.done_at.is_none() && step.rate.is_some()) {
            let due = started + Duration::minutes(step.offset_minutes.unwrap_or(0));
            if due <= self.now() {
                self.step(occurrence, step).await?;
                self.say(Voice::Patient, &format!("Ticks off: {}.", step_words(step)));
            }
        }
        self.look(item, occurrence).await?;
        let over = match (self.order(item), self.pump()) {
            (Some(order), Some(pump)) if self.on_the_pump(order) => {
                !pump.is_delivering() && pump.infused_ml() + Decimal::new(5, 2) >= self.pump_full_at
            }
            _ => self.now() >= started + planned,
        };
        if !over {
            return Ok(());
        }
        let after: Vec<&AgendaStep> = item.steps.iter().filter(|step| step.is_open()).collect();
        for step in &after {
            self.step(occurrence, step).await?;
        }
        let words: Vec<String> = after.iter().map(|step| step_words(step)).collect();
        let logged = self.act(format!("dose.finish:{occurrence}"), ActionInput::default()).await?;
        let device = if self.order(item).is_some_and(|order| self.on_the_pump(order)) {
            "The pump says it is complete."
        } else {
            "It is empty."
        };
        self.say(Voice::Patient, &format!("{device} Finishes {}. {}", item.title, sentences(words)));
        self.tell_advice(&logged);
        Ok(())
    }

    /// A device that cannot call is looked at when the time has come. What is seen there is what the order says: the patient's
    /// hands have no balloon.
    async fn look(&mut self, item: &AgendaItem, occurrence: OccurrenceId) -> Result<(), Failure> {
        let now = self.now();
        let has_come = |step: &AgendaStep| {
            step.is_open()
                && step.at.is_some_and(|at| at <= now)
                && step.window.is_some_and(|window| window.contains(now))
        };
        if !item.steps.iter().any(|step| step.key == StepKey::MidCheck && has_come(step)) {
            return Ok(());
        }
        let record =
            self.homeline.infusions().list(1).await?.into_iter().find(|one| one.occurrence == Some(occurrence));
        let looks = record.map(|record| record.planned.looks).unwrap_or_default();
        let Some(due) = looks.into_iter().find(|look| look.state == "due" && look.expected_ml.is_some()) else {
            return Ok(());
        };
        let remaining_ml = due.left_ml.filter(|_| due.balloon.is_none());
        let seen = CheckIn { balloon: due.balloon, remaining_ml, ..CheckIn::default() };
        let looked = self.homeline.infusions().check_in(Some(occurrence), seen, None).await?;
        self.homeline.reminders().hand_over(64).await?;
        self.say(Voice::Patient, &format!("Looks at the device of {}. {}", item.title, sentences(looked.words)));
        self.tell_advice(&looked.logged);
        Ok(())
    }

    async fn step(&self, occurrence: OccurrenceId, step: &AgendaStep) -> Result<(), Failure> {
        self.act(format!("step.done:{occurrence}:{}", step.index), ActionInput::default()).await.map(|_| ())
    }

    async fn act(&self, action: String, input: ActionInput) -> Result<Logged, Failure> {
        let logged = self.homeline.agenda().act(action, input).await?;
        self.homeline.reminders().hand_over(64).await?;
        Ok(logged)
    }

    fn order(&self, item: &AgendaItem) -> Option<&Order> {
        let id = &item.occurrence.as_ref()?.order.id;
        self.plan.order(id)
    }

    fn on_the_pump(&self, order: &Order) -> bool {
        let named = order
            .delivery_device
            .as_ref()
            .and_then(|id| self.plan.delivery_devices.iter().find(|device| device.id == *id));
        named.map_or_else(|| order.delivery.has_radio(), |device| device.method.has_radio() && !device.backup)
    }

    /// The patient's hands on the pump: the program that the pharmacy put in, and start.
    fn run_pump(&mut self, item: &AgendaItem) -> Result<(), Failure> {
        let Some(order) = self.order(item).filter(|order| self.on_the_pump(order)) else { return Ok(()) };
        let volume =
            order.volume.as_ref().map(|volume| volume.value).ok_or_else(|| {
                Failure::Failed(format!("the order {} names no volume for the simulated pump", order.id))
            })?;
        let dosage = order.dosages.first();
        let minutes = item.end.map_or(60, |end| (end - item.start).num_minutes().max(1));
        let mut steps: Vec<(Decimal, Option<u32>)> = match dosage.and_then(|dosage| dosage.rate_profile.as_ref()) {
            Some(profile) => profile.steps.iter().map(|step| (step.rate.value, step.minutes)).collect(),
            None => {
                let ordered = dosage.and_then(|dosage| dosage.rate.as_ref()).filter(|rate| rate.unit.code == "mL/h");
                let spread = volume * Decimal::from(60) / Decimal::from(minutes);
                vec![(ordered.map_or(spread, |rate| rate.value), None)]
            }
        };
        let gone_in = skip(&mut steps, (self.now() - item.start).num_minutes().clamp(0, minutes));
        let volume = (volume - gone_in).max(Decimal::ONE);
        let full_at = self.pump().map(|mut pump| {
            pump.fill_reservoir(volume);
            pump.program(Program { steps, volume_ml: volume });
            pump.press_start();
            pump.infused_ml() + volume
        });
        self.pump_full_at = full_at.unwrap_or_default();
        Ok(())
    }

    /// What Homeline answers to an entry.
    pub(super) fn tell_advice(&mut self, logged: &Logged) {
        for advice in &logged.advice {
            self.say(Voice::Homeline, &advice.text.join(" "));
        }
    }
}

/// Takes the first `minutes` out of a program that began so long ago. Answers what went in during them, in mL.
fn skip(steps: &mut Vec<(Decimal, Option<u32>)>, minutes: i64) -> Decimal {
    // A few minutes late is a start of now, not a program in its middle.
    let mut left = if minutes < 15 { 0 } else { u32::try_from(minutes).unwrap_or(u32::MAX) };
    let mut gone_in = Decimal::ZERO;
    while left > 0 {
        let Some((rate, length)) = steps.first().copied() else { break };
        let passed = length.map_or(left, |length| length.min(left));
        gone_in += rate * Decimal::from(passed) / Decimal::from(60);
        left -= passed;
        match length {
            Some(length) if passed < length => steps[0].1 = Some(length - passed),
            Some(_) if steps.len() > 1 => drop(steps.remove(0)),
            Some(_) | None => break,
        }
    }
    gone_in
}

/// Steps as sentences, each with one full stop.
fn sentences(steps: impl IntoIterator<Item = String>) -> String {
    let whole = |step: String| if step.ends_with(['.', '?', '!']) { step } else { format!("{step}.") };
    steps.into_iter().map(whole).collect::<Vec<_>>().join(" ")
}
