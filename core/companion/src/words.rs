//! Facts as words on a screen: short, plain, one thing a line. No diagnosis, no "safe", no "normal", no blame.

use crate::error::HomelineError;
use crate::screen::Emphasis;
use crate::texts::Texts;
use chrono::{DateTime, Utc};
use homeline_clinical::{body_site_name, site_findings, symptom_words, vital_name};
use homeline_model::{
    Administration, AdministrationStatus, AdviceLevel, AlarmKind, BalloonSize, CarePlan, Caregiving, DailyCheck,
    DeviceCheck, DosesDone, Entry, EntryBody, Feeling, FluidDirection, FlushPlan, InfusionMoment, MessageDirection,
    PumpEvent, PumpEventKind, Quantity, RateProfile, RateStep, RequestOutcome, Right, Settlement, Severity, SiteLook,
    SkipDecision, StepKey, Vital, ZoneId,
};
use homeline_schedule::{AgendaItem, AgendaKind, AgendaStep, ItemState, LeftOut, Punctuality, StepNote};

/// An entry in words.
pub(crate) struct Said {
    pub(crate) title: String,
    pub(crate) state: Option<String>,
    pub(crate) details: Vec<String>,
    pub(crate) emphasis: Emphasis,
}

impl Said {
    fn plain(title: impl Into<String>) -> Self {
        Self { title: title.into(), state: None, details: Vec::new(), emphasis: Emphasis::Plain }
    }
}

pub(crate) fn symptom_key(typed: &str) -> Result<String, HomelineError> {
    Ok(homeline_clinical::symptom_key(typed)?.key.clone())
}

pub(crate) fn vitals(typed: &str) -> Result<Vec<Vital>, HomelineError> {
    Ok(homeline_clinical::parse_vital(typed)?)
}

/// The numbers to call, one a line.
pub(crate) fn numbers_to_call(plan: &CarePlan) -> Vec<String> {
    plan.contacts
        .iter()
        .map(|contact| {
            let hours = contact.hours.as_ref().map(|hours| format!(" ({hours})")).unwrap_or_default();
            format!("{}: {}{hours}", contact.label, contact.phone)
        })
        .collect()
}

/// Away from home, whose clock the times are by; and, before a journey is accepted, whose clock the doses follow. Empty at
/// home.
pub(crate) fn away(texts: Texts, here: &ZoneId, followed: &ZoneId, home: &ZoneId) -> String {
    if here != followed {
        format!(" {}", texts.fill("away.not-followed", &[("here", here), ("followed", followed)]))
    } else if here != home {
        format!(" {}", texts.fill("away.journey", &[("here", here), ("home", home)]))
    } else {
        String::new()
    }
}

/// Text of an order or of the care team as it may be shown: marked as written when it holds an error-prone abbreviation.
pub(crate) fn as_written(texts: Texts, text: &str) -> String {
    homeline_clinical::as_written(text, texts.language)
}

/// What a locked phone may show of an agenda item.
pub(crate) fn private_title(texts: Texts, kind: AgendaKind) -> String {
    texts.say(match kind {
        AgendaKind::Medication | AgendaKind::Premedication => "private.medicine",
        AgendaKind::LineCare | AgendaKind::Service => "private.care",
        AgendaKind::Lab => "private.lab",
        AgendaKind::Visit => "private.visit",
        AgendaKind::Delivery => "private.delivery",
        AgendaKind::RefillCheck => "private.supplies",
    })
}

/// How far an agenda item is.
pub(crate) fn state(texts: Texts, item: &AgendaItem, clock: impl Fn(DateTime<Utc>) -> String) -> String {
    let late = match item.punctuality {
        Some(Punctuality::Late) => format!(", {}", texts.say("dose.late")),
        Some(Punctuality::Early) => format!(", {}", texts.say("dose.early")),
        Some(Punctuality::OnTime) | None => String::new(),
    };
    match item.state {
        ItemState::Planned => texts.say("dose.planned"),
        ItemState::Due => texts.say("dose.due"),
        ItemState::Late => texts.say("dose.not-recorded-late"),
        ItemState::InProgress => match (item.started_at, item.end) {
            (Some(started), Some(end)) => {
                let (since, end) = (clock(started), clock(started + (end - item.start)));
                texts.fill("dose.running-until", &[("since", &since), ("late", &late), ("end", &end)])
            }
            (Some(started), None) => texts.fill("dose.running-since", &[("since", &clock(started)), ("late", &late)]),
            (None, _) => texts.say("dose.running"),
        },
        ItemState::Completed => match item.ended_at {
            Some(ended) => texts.fill("dose.done-at", &[("at", &clock(ended)), ("late", &late)]),
            None => texts.fill("dose.done", &[("late", &late)]),
        },
        ItemState::Partial => texts.say("dose.partial"),
        ItemState::Stopped => texts.say("dose.stopped"),
        ItemState::Skipped(decision) => {
            let why = item.left_out.map_or_else(|| skip_decision(texts, decision), |why| left_out(texts, why));
            texts.fill("dose.left-out", &[("why", &why)])
        }
        ItemState::NotRecorded => texts.say("dose.not-recorded"),
        ItemState::Unknown => texts.say("dose.unknown"),
    }
}

fn left_out(texts: Texts, why: LeftOut) -> String {
    texts.say(match why {
        LeftOut::OnHold => "left-out.on-hold",
        LeftOut::OrderChanged => "left-out.order-changed",
        LeftOut::HospitalStay => "left-out.hospital",
        LeftOut::NoFreshOrder => "left-out.no-fresh-order",
        LeftOut::LineUsed => "left-out.line-used",
    })
}

fn skip_decision(texts: Texts, decision: SkipDecision) -> String {
    texts.say(match decision {
        SkipDecision::Home => "skip.home",
        SkipDecision::CareTeam => "skip.care-team",
        SkipDecision::Order => "skip.order",
        SkipDecision::NotStated => "skip.not-stated",
    })
}

/// The steps that come next, at most four of them, each with what there should be to see. While a dose runs, the next look at it
/// comes first: it has a time.
pub(crate) fn next_steps(
    texts: Texts,
    item: &AgendaItem,
    clock: impl Fn(DateTime<Utc>) -> String,
    expected: impl Fn(&AgendaStep) -> Option<String>,
) -> Vec<String> {
    let mut open: Vec<&AgendaStep> = item.steps.iter().filter(|step| step.is_open()).collect();
    let is_timed_look = |step: &&AgendaStep| step.key == StepKey::MidCheck && step.at.is_some();
    if item.state == ItemState::InProgress
        && let Some(look) = open.iter().position(is_timed_look)
    {
        open[..=look].rotate_right(1);
    }
    let mut lines: Vec<String> = open
        .iter()
        .take(4)
        .map(|step| {
            let timed = matches!(step.key, StepKey::TakeOut | StepKey::MidCheck) || step.rate.is_some();
            let line = match step.at.filter(|_| timed) {
                Some(at) => format!("{} {}", clock(at), self::step(texts, step)),
                None => self::step(texts, step),
            };
            match expected(step) {
                Some(expected) => format!("{line}. {expected}"),
                None => line,
            }
        })
        .collect();
    if open.len() > 4 {
        lines.push(texts.fill("step.more", &[("number", &(open.len() - 4))]));
    }
    lines
}

/// A step in English words, for a story that is told in English.
pub fn step_words(of: &AgendaStep) -> String {
    step(Texts::default(), of)
}

/// A step in words.
pub(crate) fn step(texts: Texts, step: &AgendaStep) -> String {
    let words = match (&step.text, &step.flush, &step.rate) {
        (Some(text), _, _) => as_written(texts, text),
        (None, Some(flush), _) => {
            let what = solution(texts, flush.volume.as_ref(), &flush.solution);
            texts.fill(if flush.lock { "step.lock-with" } else { "step.flush" }, &[("what", &what)])
        }
        (None, None, Some(rate)) => match step.minutes {
            Some(minutes) => texts.fill("step.run-for", &[("rate", rate), ("minutes", &minutes)]),
            None => texts.fill("step.run-to-end", &[("rate", rate)]),
        },
        (None, None, None) => step_key(texts, step.key),
    };
    match step.note {
        StepNote::Plain => words,
        StepNote::AskYourNurse => texts.fill("step.ask", &[("step", &words)]),
        StepNote::UsualTime => texts.fill("step.usual-time", &[("step", &words)]),
        StepNote::NeverFlush => texts.say("step.never-flush"),
    }
}

/// How much of what is flushed with; how much has no default.
fn solution(texts: Texts, volume: Option<&Quantity>, solution: &str) -> String {
    let solution = as_written(texts, solution);
    match volume {
        Some(volume) => format!("{volume} {solution}"),
        None => texts.fill("step.how-much", &[("what", &solution)]),
    }
}

/// The step's key as in JSON, e.g. `take-out`.
pub(crate) fn step_code(key: StepKey) -> String {
    serde_json::to_value(key).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn step_key(texts: Texts, key: StepKey) -> String {
    texts.say(match key {
        StepKey::TakeOut => "step.take-out",
        StepKey::Premedicate => "step.premedicate",
        StepKey::WashHands => "step.wash-hands",
        StepKey::PrepareSurface => "step.prepare-surface",
        StepKey::Gather => "step.gather",
        StepKey::CheckLabel => "step.check-label",
        StepKey::CheckBag => "step.check-bag",
        StepKey::Mix => "step.mix",
        StepKey::MeasureVitals => "step.measure-vitals",
        StepKey::Prime => "step.prime",
        StepKey::InsertNeedle => "step.insert-needle",
        StepKey::ScrubHub => "step.scrub-hub",
        StepKey::Flush => "step.flush-as-ordered",
        StepKey::Connect => "step.connect",
        StepKey::Infuse => "step.infuse",
        StepKey::MidCheck => "step.mid-check",
        StepKey::Disconnect => "step.disconnect",
        StepKey::Lock => "step.lock",
        StepKey::Clamp => "step.clamp",
        StepKey::RemoveNeedle => "step.remove-needle",
        StepKey::ChangeDressing => "step.change-dressing",
        StepKey::ChangeConnector => "step.change-connector",
        StepKey::Dispose => "step.dispose",
        StepKey::Log => "step.log",
        StepKey::Other => "step.other",
    })
}

/// An entry in words.
pub(crate) fn entry(texts: Texts, plan: Option<&CarePlan>, entry: &Entry) -> Said {
    let order_title = || {
        entry
            .order
            .as_ref()
            .and_then(|order| plan.and_then(|plan| plan.order(&order.id)))
            .map_or_else(|| texts.say("journal.dose"), |order| as_written(texts, &order.title))
    };
    match &entry.body {
        EntryBody::Administration(administration) => administered(texts, order_title(), administration),
        EntryBody::StepDone { step, note } => {
            // A step in the plan's own words is known by its order; any other needs to say for what it was done.
            let mut said = match step {
                StepKey::Other => Said::plain(order_title()),
                step => Said { details: vec![order_title()], ..Said::plain(step_key(texts, *step)) },
            };
            said.state = Some(texts.say("journal.done"));
            said.emphasis = Emphasis::Quiet;
            said.details.extend(note.clone());
            said
        }
        EntryBody::Symptom(symptom) => {
            let mut said = Said::plain(capitalised(symptom_name(texts, &symptom.symptom)));
            said.state = Some(match (symptom.present, symptom.severity) {
                (false, _) => texts.say("journal.no"),
                (true, None) => texts.say("journal.yes"),
                (true, Some(severity)) => severity_word(texts, severity),
            });
            said.details.extend(symptom.note.clone());
            said
        }
        EntryBody::Vital(vital) => {
            let mut said = Said::plain(vital_name(vital.vital, texts.language));
            said.state = Some(vital.value.to_string());
            said
        }
        EntryBody::SymptomCourse(course) => {
            let mut said = Said::plain(capitalised(symptom_name(texts, &course.symptom)));
            said.state =
                Some(texts.say(if course.ended_at.is_some() { "journal.gone" } else { "journal.what-was-done" }));
            let ended = course.ended_at.map(|at| at.with_timezone(&entry.times.happened.local().timezone()));
            said.details.extend(ended.map(|at| texts.fill("journal.gone-at", &[("at", &texts.day_and_time(at))])));
            said.details.extend(course.action.as_ref().map(|action| texts.fill("journal.did", &[("what", action)])));
            said
        }
        EntryBody::SiteCheck { findings, photos, site, length } => {
            let mut said = Said::plain(match site {
                Some(site) => texts.fill("journal.site-check-of", &[("site", &body_site_name(site, texts.language))]),
                None => texts.say("journal.site-check"),
            });
            for finding in findings {
                let answer = texts.say(if finding.present { "journal.yes" } else { "journal.no" });
                said.details.push(format!("{}: {answer}", finding_name(texts, &finding.finding)));
            }
            said.details
                .extend(length.as_ref().map(|length| texts.fill("journal.catheter-outside", &[("length", length)])));
            said.details.extend(pictures(texts, photos.len()));
            said
        }
        EntryBody::SitesUsed { sites } => {
            let mut said = Said::plain(texts.say("journal.needle-sites"));
            said.details.push(site_names(texts, sites));
            said
        }
        EntryBody::DailyCheck(check) => daily_check(texts, check),
        EntryBody::Fluid(fluid) => {
            let way = match fluid.direction {
                FluidDirection::In => texts.say("journal.fluid-in"),
                FluidDirection::Out => texts.say("journal.fluid-out"),
            };
            let mut said = Said::plain(match &fluid.what {
                Some(what) => format!("{way}: {}", what.replace('-', " ")),
                None => way,
            });
            said.state = Some(fluid.volume.to_string());
            said
        }
        EntryBody::Mood { text } => {
            let mut said = Said::plain(text.clone());
            said.state = Some(texts.say("journal.mood"));
            said
        }
        EntryBody::Form(form) => {
            let mut said =
                Said::plain(if form.title.is_empty() { texts.say("journal.form") } else { form.title.clone() });
            said.state = Some(texts.say("journal.answered"));
            for item in form.answered() {
                let answers: Vec<String> = item.answers.iter().map(|answer| answer.value.to_string()).collect();
                let question = item.text.as_deref().unwrap_or(&item.link_id);
                said.details.push(format!("{question}: {}", answers.join(", ")));
            }
            said
        }
        EntryBody::Note { text } => Said::plain(text.clone()),
        EntryBody::Photo { caption, .. } => {
            let mut said = Said::plain(texts.say("journal.photo"));
            said.details.extend(caption.clone());
            said
        }
        EntryBody::Question(question) => {
            let mut said = Said::plain(question.text.clone());
            said.state = Some(texts.say("journal.question"));
            said
        }
        EntryBody::Message(message) => {
            let closes = !message.acknowledges.is_empty();
            let mut said = Said::plain(match message.text.trim() {
                "" if closes => texts.say("journal.team-closed"),
                text => text.to_owned(),
            });
            if closes {
                said.details.push(texts.say("journal.closes"));
            }
            if message.urgent {
                said.details.push(texts.say("journal.urgent"));
            }
            said.details.extend(
                message.attached.iter().map(|attached| texts.fill("journal.with-it", &[("what", &attached.text)])),
            );
            said.state = Some(match message.direction {
                MessageDirection::ToTeam => texts.fill("journal.to", &[("whom", &message.with)]),
                MessageDirection::FromTeam => texts.fill("journal.from", &[("whom", &message.with)]),
            });
            if message.direction == MessageDirection::FromTeam {
                said.emphasis = Emphasis::Attention;
            }
            said
        }
        EntryBody::Caregiving(act) => caregiving(texts, order_title, act),
        EntryBody::PumpEvent(event) => pump_event(texts, event),
        EntryBody::DeviceCheck(check) => {
            let mut said = Said::plain(texts.say("journal.device-check"));
            said.details = device_check(texts, check);
            said
        }
        EntryBody::Advice(advice) => Said {
            title: advice.text.first().cloned().unwrap_or_default(),
            state: Some(advice_level(texts, advice.level)),
            details: advice.text.iter().skip(1).chain(&advice.because).cloned().collect(),
            emphasis: if advice.level >= AdviceLevel::CallNow { Emphasis::Urgent } else { Emphasis::Attention },
        },
        EntryBody::ClockJump { by_ms } => {
            let minutes = by_ms / 60_000;
            let key = if minutes < 0 { "journal.clock-back" } else { "journal.clock-forward" };
            Said::plain(texts.fill(key, &[("minutes", &minutes.abs())]))
        }
        EntryBody::PlanChanged { changes } => {
            let mut said = Said::plain(texts.say("journal.plan-changed"));
            said.details = changes.clone();
            said.emphasis = Emphasis::Attention;
            said
        }
    }
}

/// A symptom by its key; own words are their own name.
pub(crate) fn symptom_name(texts: Texts, key: &str) -> &str {
    symptom_words().iter().find(|word| word.key == key).map_or(key, |word| word.name(texts.language))
}

/// A finding at a site by its key.
pub(crate) fn finding_name(texts: Texts, key: &str) -> String {
    let word = site_findings().iter().find(|word| word.key == key);
    word.map_or_else(|| capitalised(&key.replace('-', " ")), |word| word.name(texts.language).to_owned())
}

/// Body sites by their names, in one line.
pub(crate) fn site_names(texts: Texts, sites: &[String]) -> String {
    sites.iter().map(|site| body_site_name(site, texts.language)).collect::<Vec<_>>().join(", ")
}

/// How full a balloon looks.
pub(crate) fn balloon_words(texts: Texts, size: BalloonSize) -> String {
    texts.say(match size {
        BalloonSize::Full => "balloon.full",
        BalloonSize::ThreeQuarters => "balloon.three-quarters",
        BalloonSize::Half => "balloon.half",
        BalloonSize::Quarter => "balloon.quarter",
        BalloonSize::Empty => "balloon.empty",
    })
}

/// What was read off a device, one reading a line.
pub(crate) fn device_check(texts: Texts, check: &DeviceCheck) -> Vec<String> {
    let balloon = check.balloon.map(|size| balloon_words(texts, size));
    let mut lines: Vec<String> = Vec::new();
    lines.extend(balloon.map(|size| texts.fill("check-in.balloon", &[("size", &size)])));
    lines.extend(check.volume_remaining.as_ref().map(|volume| texts.fill("check-in.left", &[("volume", volume)])));
    lines.extend(check.volume_infused.as_ref().map(|volume| texts.fill("check-in.infused", &[("volume", volume)])));
    lines.extend(check.drip_rate.as_ref().map(|drops| texts.fill("check-in.drops", &[("drops", &drops.value)])));
    lines.extend(check.rate.as_ref().map(|rate| texts.fill("check-in.rate", &[("rate", rate)])));
    lines.extend(pictures(texts, check.photos.len()));
    lines.extend(check.note.clone());
    lines
}

/// How many pictures belong to it, where there is one.
fn pictures(texts: Texts, number: usize) -> Option<String> {
    match number {
        0 => None,
        1 => Some(texts.say("journal.picture")),
        several => Some(texts.fill("journal.pictures", &[("number", &several)])),
    }
}

fn daily_check(texts: Texts, check: &DailyCheck) -> Said {
    let mut said = Said::plain(texts.say("daily.title"));
    said.state = check.feeling.map(|feeling| {
        texts.say(match feeling {
            Feeling::Better => "daily.better",
            Feeling::Same => "daily.same",
            Feeling::Worse => "daily.worse",
        })
    });
    said.details.extend(check.site.map(|look| {
        texts.say(match look {
            SiteLook::NoChange => "daily.site-no-change",
            SiteLook::Change => "daily.site-change",
            SiteLook::NotLooked => "daily.site-not-looked",
        })
    }));
    said.details.extend(check.doses.map(|doses| {
        texts.say(match doses {
            DosesDone::All => "daily.doses-all",
            DosesDone::NotAll => "daily.doses-not-all",
            DosesDone::NoneDue => "daily.doses-none",
        })
    }));
    said
}

/// Where in a dose something was noticed. "After" says when, and not why.
pub(crate) fn infusion_moment(texts: Texts, moment: &InfusionMoment, at: DateTime<Utc>) -> String {
    let (key, minutes) = match moment.ended_at.filter(|ended| *ended <= at) {
        Some(ended) => ("noticed.after", (at - ended).num_minutes()),
        None => ("noticed.during", i64::from(moment.minute)),
    };
    let mut parts = vec![texts.fill(key, &[("span", &span(texts, minutes)), ("dose", &moment.title)])];
    parts.extend(
        moment.rung.as_ref().map(|rung| {
            texts.fill("noticed.rung", &[("number", &rung.number), ("of", &rung.of), ("rate", &rung.rate)])
        }),
    );
    parts.extend(moment.lot.as_ref().map(|lot| texts.fill("noticed.lot", &[("lot", lot)])));
    parts.extend((!moment.sites.is_empty()).then(|| site_names(texts, &moment.sites)));
    format!("{}.", parts.join(", "))
}

/// Minutes in words that a tired person reads at once.
pub(crate) fn span(texts: Texts, minutes: i64) -> String {
    match minutes {
        ..=119 => texts.fill("span.minutes", &[("minutes", &minutes)]),
        120..=2879 => texts.fill("span.hours", &[("hours", &(minutes / 60)), ("minutes", &(minutes % 60))]),
        _ => texts.fill("span.days", &[("days", &(minutes / 1440))]),
    }
}

/// A statement about a dose, in a word or two.
pub(crate) fn administration_status(texts: Texts, status: AdministrationStatus) -> String {
    texts.say(match status {
        AdministrationStatus::InProgress => "administration.started",
        AdministrationStatus::Completed => "administration.done",
        AdministrationStatus::Partial => "administration.partial",
        AdministrationStatus::Stopped => "administration.stopped",
        AdministrationStatus::Skipped => "administration.left-out",
        AdministrationStatus::Unknown => "administration.unknown",
    })
}

/// Rights in words: "see, log and acknowledge alarms".
pub(crate) fn rights(texts: Texts, rights: &[Right]) -> String {
    let words: Vec<String> = rights
        .iter()
        .map(|right| {
            texts.say(match right {
                Right::See => "right.see",
                Right::Log => "right.log",
                Right::Acknowledge => "right.acknowledge",
                Right::Message => "right.message",
                Right::Manage => "right.manage",
            })
        })
        .collect();
    listed(texts, &words)
}

/// Words in a row: "see, log and manage".
pub(crate) fn listed(texts: Texts, words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => {
            texts.fill("list.and", &[("first", &first.join(", ")), ("last", last)])
        }
        all => all.concat(),
    }
}

/// A rate and how long it holds.
pub(crate) fn rung(texts: Texts, step: &RateStep) -> String {
    match step.minutes {
        Some(minutes) => texts.fill("rate.for", &[("rate", &step.rate), ("minutes", &minutes)]),
        None => texts.fill("rate.to-end", &[("rate", &step.rate)]),
    }
}

/// A rate that changes, step by step.
pub(crate) fn ladder(texts: Texts, profile: &RateProfile) -> String {
    let steps = profile.steps.iter().map(|step| rung(texts, step));
    steps.reduce(|first, next| texts.fill("flush.then", &[("first", &first), ("next", &next)])).unwrap_or_default()
}

fn caregiving(texts: Texts, dose: impl Fn() -> String, act: &Caregiving) -> Said {
    match act {
        Caregiving::AlarmTaken => {
            let mut said = Said::plain(dose());
            said.state = Some(texts.say("caregiving.alarm-taken"));
            said.details.push(texts.say("caregiving.not-the-dose"));
            said
        }
        Caregiving::Viewed { parts, .. } => {
            let mut said = Said::plain(texts.fill("caregiving.looked", &[("parts", &parts.join(", "))]));
            said.emphasis = Emphasis::Quiet;
            said
        }
        Caregiving::Asked(request) => {
            let mut said = Said::plain(request.text.clone());
            said.state = Some(texts.fill("caregiving.asked", &[("name", &request.name)]));
            said
        }
        Caregiving::Answered { outcome, note, .. } => {
            let mut said = Said::plain(texts.say(match outcome {
                RequestOutcome::Done => "caregiving.done",
                RequestOutcome::Refused => "caregiving.refused",
            }));
            said.details.extend(note.clone());
            said
        }
        Caregiving::Settled { outcome, .. } => {
            let mut said = Said::plain(dose());
            said.state = Some(texts.say(match outcome {
                Settlement::OneDose => "settled.once",
                Settlement::TwoDoses => "settled.twice",
                Settlement::Unknown => "settled.unknown",
            }));
            said
        }
    }
}

fn administered(texts: Texts, title: String, administration: &Administration) -> Said {
    let mut said = Said::plain(title);
    said.state = Some(administration_status(texts, administration.status));
    if let Some(volume) = &administration.volume_given {
        said.details.push(texts.fill("administration.went-in", &[("volume", volume)]));
    }
    said.details.extend(administration.reason.clone());
    if let Some(decision) = administration.skip_decision {
        said.details.push(skip_decision(texts, decision));
    }
    if let Some(lot) = &administration.lot {
        said.details.push(texts.fill("administration.lot", &[("lot", lot)]));
    }
    said
}

fn pump_event(texts: Texts, event: &PumpEvent) -> Said {
    let of = |key, alarm| texts.fill(key, &[("alarm", &alarm_words(texts, alarm))]);
    let mut said = Said::plain(match &event.kind {
        PumpEventKind::Started => texts.say("pump-event.started"),
        PumpEventKind::Stopped => texts.say("pump-event.stopped"),
        PumpEventKind::Completed => texts.say("pump-event.completed"),
        PumpEventKind::LinkUp => texts.say("pump-event.link-up"),
        PumpEventKind::LinkLost => texts.say("pump-event.link-lost"),
        PumpEventKind::RecordGap { from, to } => texts.fill("pump-event.record-gap", &[("from", from), ("to", to)]),
        PumpEventKind::AlarmRaised { alarm, .. } => of("pump-event.alarm", alarm),
        PumpEventKind::AlarmCleared { alarm } => of("pump-event.alarm-over", alarm),
        PumpEventKind::AlarmSeen { alarm } => of("pump-event.alarm-seen", alarm),
        PumpEventKind::Progress => texts.say("pump-event.progress"),
    });
    match &event.kind {
        PumpEventKind::AlarmRaised { text, .. } => {
            said.emphasis = Emphasis::Urgent;
            if !text.is_empty() {
                said.details.push(texts.fill("pump-event.says", &[("text", text)]));
            }
            said.details.push(texts.say("pump-event.follow-pump"));
        }
        PumpEventKind::LinkLost => {
            said.emphasis = Emphasis::Attention;
            said.details.push(texts.say("pump-event.look"));
        }
        PumpEventKind::RecordGap { .. } => said.emphasis = Emphasis::Attention,
        PumpEventKind::Started
        | PumpEventKind::Stopped
        | PumpEventKind::Completed
        | PumpEventKind::LinkUp
        | PumpEventKind::AlarmCleared { .. }
        | PumpEventKind::AlarmSeen { .. }
        | PumpEventKind::Progress => {}
    }
    if let Some(volume) = &event.volume_infused {
        said.state = Some(texts.fill("pump-event.so-far", &[("volume", volume)]));
    }
    said
}

/// A pump alarm in words.
pub(crate) fn alarm_words(texts: Texts, alarm: &AlarmKind) -> String {
    texts.say(match alarm {
        AlarmKind::OcclusionDownstream => "alarm.occlusion-downstream",
        AlarmKind::OcclusionUpstream => "alarm.occlusion-upstream",
        AlarmKind::AirInLine => "alarm.air-in-line",
        AlarmKind::BatteryLow => "alarm.battery-low",
        AlarmKind::BatteryDepleted => "alarm.battery-depleted",
        AlarmKind::ReservoirLow => "alarm.reservoir-low",
        AlarmKind::ReservoirEmpty => "alarm.reservoir-empty",
        AlarmKind::InfusionComplete => "alarm.infusion-complete",
        AlarmKind::DoorOpen => "alarm.door-open",
        AlarmKind::PumpStopped => "alarm.pump-stopped",
        AlarmKind::SystemFault => "alarm.system-fault",
        AlarmKind::Unknown(code) => return texts.fill("alarm.unknown", &[("code", code)]),
    })
}

/// How soon somebody must know.
pub(crate) fn advice_level(texts: Texts, level: AdviceLevel) -> String {
    texts.say(match level {
        AdviceLevel::Emergency => "level.emergency",
        AdviceLevel::CallNow => "level.call-now",
        AdviceLevel::MessageToday => "level.message-today",
        AdviceLevel::Note => "level.note",
    })
}

fn severity_word(texts: Texts, severity: Severity) -> String {
    texts.say(match severity {
        Severity::Mild => "severity.mild",
        Severity::Moderate => "severity.moderate",
        Severity::Severe => "severity.severe",
    })
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Where a default window comes from, in words.
pub(crate) fn window_source(source: &str) -> &'static str {
    match source {
        "plan" => "your plan",
        "hospital-rule-daily" => "2 hours before and after, the hospital rule for daily and rarer doses (ISMP)",
        "hospital-rule-more-than-daily" => "1 hour before and after, the hospital rule for several doses a day (ISMP)",
        "hospital-rule-time-critical" => {
            "30 minutes before and after, the hospital rule for time-critical doses (ISMP)"
        }
        "therapy-scig" => "2 days before and after, usual for weekly immune globulin under the skin",
        "therapy-long-cycle" => "3 days before and after, usual for doses every few weeks",
        "therapy-parenteral-nutrition" => "2 hours before and after, usual for cycled nutrition",
        "therapy-factor" => "the same day, usual for clotting factor",
        "must-not-stop" => "none: it must not stop",
        "usual-refill-lead" => "5 days before it ends, which infusion pharmacies ask for at least (NHIA)",
        _ => "a usual default",
    }
}

/// The flush list of an order in words.
pub(crate) fn flush_plan(texts: Texts, flush: &FlushPlan) -> String {
    match flush {
        FlushPlan::NotStated => texts.say("flush.not-stated"),
        FlushPlan::Never => texts.say("flush.never"),
        FlushPlan::List(flushes) => {
            let part = |before: bool| {
                flushes
                    .iter()
                    .filter(|flush| flush.before == before)
                    .map(|flush| solution(texts, flush.volume.as_ref(), &flush.solution))
                    .reduce(|first, next| texts.fill("flush.then", &[("first", &first), ("next", &next)]))
            };
            match (part(true), part(false)) {
                (None, after) => texts.fill("flush.after", &[("flushes", &after.unwrap_or_default())]),
                (Some(before), None) => texts.fill("flush.before", &[("flushes", &before)]),
                (Some(before), Some(after)) => texts.fill("flush.both", &[("before", &before), ("after", &after)]),
            }
        }
    }
}
