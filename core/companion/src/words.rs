//! Facts as words on a screen: short, plain, one thing a line. No diagnosis, no "safe", no "normal", no blame.

use crate::error::HomelineError;
use crate::screen::Emphasis;
use chrono::{DateTime, Utc};
use homeline_clinical::{Language, body_site_name, site_findings, symptom_words, vital_name};
use homeline_model::{
    Administration, AdministrationStatus, AdviceLevel, AlarmKind, BalloonSize, CarePlan, Caregiving, DailyCheck,
    DeviceCheck, DosesDone, Entry, EntryBody, Feeling, FluidDirection, FlushPlan, InfusionMoment, MessageDirection,
    PumpEvent, PumpEventKind, RequestOutcome, Right, Settlement, Severity, SiteLook, SkipDecision, StepKey, Vital,
    ZoneId,
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
pub(crate) fn away(here: &ZoneId, followed: &ZoneId, home: &ZoneId) -> String {
    if here != followed {
        format!(" (times of {here}; doses still follow {followed}: look at the journey)")
    } else if here != home {
        format!(" (times of {here}; home is {home})")
    } else {
        String::new()
    }
}

/// Text of an order or of the care team as it may be shown: marked as written when it holds an error-prone abbreviation.
pub(crate) fn as_written(text: &str) -> String {
    homeline_clinical::as_written(text, Language::English)
}

/// What a locked phone may show of an agenda item.
pub(crate) fn private_title(kind: AgendaKind) -> &'static str {
    match kind {
        AgendaKind::Medication | AgendaKind::Premedication => "Medicine",
        AgendaKind::LineCare | AgendaKind::Service => "Care",
        AgendaKind::Lab => "Lab",
        AgendaKind::Visit => "Visit",
        AgendaKind::Delivery => "Delivery",
        AgendaKind::RefillCheck => "Supplies",
    }
}

/// How far an agenda item is.
pub(crate) fn state(item: &AgendaItem, clock: impl Fn(DateTime<Utc>) -> String) -> String {
    let late = match item.punctuality {
        Some(Punctuality::Late) => ", late",
        Some(Punctuality::Early) => ", early",
        Some(Punctuality::OnTime) | None => "",
    };
    match item.state {
        ItemState::Planned => "planned".to_owned(),
        ItemState::Due => "due now".to_owned(),
        ItemState::Late => "not recorded yet, late".to_owned(),
        ItemState::InProgress => match (item.started_at, item.end) {
            (Some(started), Some(end)) => {
                let planned = end - item.start;
                format!("running since {}{late}, planned end {}", clock(started), clock(started + planned))
            }
            (Some(started), None) => format!("running since {}{late}", clock(started)),
            (None, _) => "running".to_owned(),
        },
        ItemState::Completed => match item.ended_at {
            Some(ended) => format!("done {}{late}", clock(ended)),
            None => format!("done{late}"),
        },
        ItemState::Partial => "a part went in".to_owned(),
        ItemState::Stopped => "stopped".to_owned(),
        ItemState::Skipped(decision) => {
            format!("left out ({})", item.left_out.map_or_else(|| skip_decision(decision), left_out))
        }
        ItemState::NotRecorded => "not recorded".to_owned(),
        ItemState::Unknown => "unknown".to_owned(),
    }
}

fn left_out(why: LeftOut) -> &'static str {
    match why {
        LeftOut::OnHold => "the order is on hold",
        LeftOut::OrderChanged => "the order was changed",
        LeftOut::HospitalStay => "in the hospital",
        LeftOut::NoFreshOrder => "waits for a fresh order after the hospital",
        LeftOut::LineUsed => "the line was used and flushed",
    }
}

fn skip_decision(decision: SkipDecision) -> &'static str {
    match decision {
        SkipDecision::Home => "decided at home",
        SkipDecision::CareTeam => "the care team said so",
        SkipDecision::Order => "by the order",
        SkipDecision::NotStated => "nobody said who decided",
    }
}

/// The steps that come next, at most four of them, each with what there should be to see. While a dose runs, the next look at it
/// comes first: it has a time.
pub(crate) fn next_steps(
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
                Some(at) => format!("{} {}", clock(at), self::step(step)),
                None => self::step(step),
            };
            match expected(step) {
                Some(expected) => format!("{line}. {expected}"),
                None => line,
            }
        })
        .collect();
    if open.len() > 4 {
        lines.push(format!("… and {} more steps", open.len() - 4));
    }
    lines
}

/// A step in words.
pub fn step(step: &AgendaStep) -> String {
    let words = match (&step.text, &step.flush, &step.rate) {
        (Some(text), _, _) => as_written(text),
        (None, Some(flush), _) => {
            let verb = if flush.lock { "Lock with" } else { "Flush with" };
            match &flush.volume {
                Some(volume) => format!("{verb} {volume} {}", as_written(&flush.solution)),
                None => format!("{verb} {} (how much: ask your nurse)", as_written(&flush.solution)),
            }
        }
        (None, None, Some(rate)) => match step.minutes {
            Some(minutes) => format!("Run at {rate} for {minutes} min"),
            None => format!("Run at {rate} to the end"),
        },
        (None, None, None) => step_key(step.key).to_owned(),
    };
    match step.note {
        StepNote::Plain => words,
        StepNote::AskYourNurse => format!("{words} (the plan does not say how: ask your nurse)"),
        StepNote::UsualTime => format!("{words} (a usual time, not your plan's)"),
        StepNote::NeverFlush => "Do not flush this line. It would push medicine in too fast.".to_owned(),
    }
}

/// The step's key as in JSON, e.g. `take-out`.
pub(crate) fn step_code(key: StepKey) -> String {
    serde_json::to_value(key).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn step_key(key: StepKey) -> &'static str {
    match key {
        StepKey::TakeOut => "Take the medicine out of the refrigerator. Do not heat it.",
        StepKey::Premedicate => "Take the drug that comes before",
        StepKey::WashHands => "Wash your hands for 20 seconds",
        StepKey::PrepareSurface => "Clean the surface",
        StepKey::Gather => "Get your supplies",
        StepKey::CheckLabel => "Read the label out loud: name, drug, dose, date",
        StepKey::CheckBag => "Hold it to the light: leaks, cloud, bits? If yes, do not use it.",
        StepKey::Mix => "Mix as you were taught",
        StepKey::MeasureVitals => "Take your vital signs",
        StepKey::Prime => "Prime the tubing as you were taught",
        StepKey::InsertNeedle => "Put the needles in as you were taught",
        StepKey::ScrubHub => "Scrub the hub",
        StepKey::Flush => "Flush as ordered",
        StepKey::Connect => "Connect",
        StepKey::Infuse => "Start the infusion",
        StepKey::MidCheck => "Check yourself, the site and the pump",
        StepKey::Disconnect => "Disconnect",
        StepKey::Lock => "Lock the line as ordered",
        StepKey::Clamp => "Clamp and cap",
        StepKey::RemoveNeedle => "Take the needles out",
        StepKey::ChangeDressing => "Change the dressing",
        StepKey::ChangeConnector => "Change the connector",
        StepKey::Dispose => "Throw the waste away as you were taught",
        StepKey::Log => "Write down how it went",
        StepKey::Other => "As your plan says",
    }
}

/// An entry in words.
pub(crate) fn entry(plan: Option<&CarePlan>, entry: &Entry) -> Said {
    let order_title = || {
        entry
            .order
            .as_ref()
            .and_then(|order| plan.and_then(|plan| plan.order(&order.id)))
            .map_or_else(|| "Dose".to_owned(), |order| as_written(&order.title))
    };
    match &entry.body {
        EntryBody::Administration(administration) => administered(order_title(), administration),
        EntryBody::StepDone { step, note } => {
            // A step in the plan's own words is known by its order; any other needs to say for what it was done.
            let mut said = match step {
                StepKey::Other => Said::plain(order_title()),
                step => Said { details: vec![order_title()], ..Said::plain(step_key(*step)) },
            };
            said.state = Some("done".to_owned());
            said.emphasis = Emphasis::Quiet;
            said.details.extend(note.clone());
            said
        }
        EntryBody::Symptom(symptom) => {
            let mut said = Said::plain(capitalised(symptom_name(&symptom.symptom)));
            said.state = Some(match (symptom.present, symptom.severity) {
                (false, _) => "no".to_owned(),
                (true, None) => "yes".to_owned(),
                (true, Some(severity)) => severity_word(severity).to_owned(),
            });
            said.details.extend(symptom.note.clone());
            said
        }
        EntryBody::Vital(vital) => {
            let mut said = Said::plain(vital_name(vital.vital, Language::English));
            said.state = Some(vital.value.to_string());
            said
        }
        EntryBody::SymptomCourse(course) => {
            let mut said = Said::plain(capitalised(symptom_name(&course.symptom)));
            said.state = Some(if course.ended_at.is_some() { "gone" } else { "what was done" }.to_owned());
            let ended = course.ended_at.map(|at| at.with_timezone(&entry.times.happened.local().timezone()));
            said.details.extend(ended.map(|at| format!("Gone at {}", at.format("%H:%M on %a %-d %b"))));
            said.details.extend(course.action.as_ref().map(|action| format!("Done: {action}")));
            said
        }
        EntryBody::SiteCheck { findings, photos, site, length } => {
            let mut said = Said::plain(match site {
                Some(site) => format!("Site check: {}", body_site_name(site, Language::English)),
                None => "Site check".to_owned(),
            });
            for finding in findings {
                let answer = if finding.present { "yes" } else { "no" };
                said.details.push(format!("{}: {answer}", finding_name(&finding.finding)));
            }
            said.details.extend(length.as_ref().map(|length| format!("Catheter outside: {length}")));
            match photos.len() {
                0 => {}
                1 => said.details.push("1 picture".to_owned()),
                several => said.details.push(format!("{several} pictures")),
            }
            said
        }
        EntryBody::SitesUsed { sites } => {
            let mut said = Said::plain("Needle sites");
            said.details.push(site_names(sites));
            said
        }
        EntryBody::DailyCheck(check) => daily_check(check),
        EntryBody::Fluid(fluid) => {
            let way = match fluid.direction {
                FluidDirection::In => "Fluid in",
                FluidDirection::Out => "Fluid out",
            };
            let mut said = Said::plain(match &fluid.what {
                Some(what) => format!("{way}: {}", what.replace('-', " ")),
                None => way.to_owned(),
            });
            said.state = Some(fluid.volume.to_string());
            said
        }
        EntryBody::Mood { text } => {
            let mut said = Said::plain(text.clone());
            said.state = Some("mood".to_owned());
            said
        }
        EntryBody::Form(form) => {
            let mut said = Said::plain(if form.title.is_empty() { "Form".to_owned() } else { form.title.clone() });
            said.state = Some("answered".to_owned());
            for item in form.answered() {
                let answers: Vec<String> = item.answers.iter().map(|answer| answer.value.to_string()).collect();
                let question = item.text.as_deref().unwrap_or(&item.link_id);
                said.details.push(format!("{question}: {}", answers.join(", ")));
            }
            said
        }
        EntryBody::Note { text } => Said::plain(text.clone()),
        EntryBody::Photo { caption, .. } => {
            let mut said = Said::plain("Photo");
            said.details.extend(caption.clone());
            said
        }
        EntryBody::Question(question) => {
            let mut said = Said::plain(question.text.clone());
            said.state = Some("question".to_owned());
            said
        }
        EntryBody::Message(message) => {
            let closes = !message.acknowledges.is_empty();
            let mut said = Said::plain(match message.text.trim() {
                "" if closes => "Your team has seen this and closed it.",
                text => text,
            });
            if closes {
                said.details.push("Closes what was open on today's screen.".to_owned());
            }
            if message.urgent {
                said.details.push("Marked as urgent. What is urgent is a call.".to_owned());
            }
            said.details.extend(message.attached.iter().map(|attached| format!("With it: {}", attached.text)));
            said.state = Some(match message.direction {
                MessageDirection::ToTeam => format!("to {}", message.with),
                MessageDirection::FromTeam => format!("from {}", message.with),
            });
            if message.direction == MessageDirection::FromTeam {
                said.emphasis = Emphasis::Attention;
            }
            said
        }
        EntryBody::Caregiving(act) => caregiving(order_title, act),
        EntryBody::PumpEvent(event) => pump_event(event),
        EntryBody::DeviceCheck(check) => {
            let mut said = Said::plain("Look at the device");
            said.details = device_check(check);
            said
        }
        EntryBody::Advice(advice) => Said {
            title: advice.text.first().cloned().unwrap_or_default(),
            state: Some(advice_level(advice.level).to_owned()),
            details: advice.text.iter().skip(1).chain(&advice.because).cloned().collect(),
            emphasis: if advice.level >= AdviceLevel::CallNow { Emphasis::Urgent } else { Emphasis::Attention },
        },
        EntryBody::ClockJump { by_ms } => {
            let minutes = by_ms / 60_000;
            let direction = if minutes < 0 { "back" } else { "forward" };
            Said::plain(format!("The phone's clock jumped {direction} by {} min", minutes.abs()))
        }
        EntryBody::PlanChanged { changes } => {
            let mut said = Said::plain("The care plan changed");
            said.details = changes.clone();
            said.emphasis = Emphasis::Attention;
            said
        }
    }
}

/// A symptom by its key; own words are their own name.
pub(crate) fn symptom_name(key: &str) -> &str {
    symptom_words().iter().find(|word| word.key == key).map_or(key, |word| word.name(Language::English))
}

/// A finding at a site by its key.
pub(crate) fn finding_name(key: &str) -> String {
    let word = site_findings().iter().find(|word| word.key == key);
    word.map_or_else(|| capitalised(&key.replace('-', " ")), |word| word.name(Language::English).to_owned())
}

/// Body sites by their names, in one line.
pub(crate) fn site_names(sites: &[String]) -> String {
    sites.iter().map(|site| body_site_name(site, Language::English)).collect::<Vec<_>>().join(", ")
}

/// How full a balloon looks.
pub(crate) fn balloon_words(size: BalloonSize) -> &'static str {
    match size {
        BalloonSize::Full => "full",
        BalloonSize::ThreeQuarters => "three quarters",
        BalloonSize::Half => "half",
        BalloonSize::Quarter => "a quarter",
        BalloonSize::Empty => "empty",
    }
}

/// What was read off a device, one reading a line.
pub(crate) fn device_check(check: &DeviceCheck) -> Vec<String> {
    let mut lines: Vec<String> =
        check.balloon.iter().map(|size| format!("Balloon: {}", balloon_words(*size))).collect();
    lines.extend(check.volume_remaining.as_ref().map(|volume| format!("Left: {volume}")));
    lines.extend(check.volume_infused.as_ref().map(|volume| format!("Infused: {volume}")));
    lines.extend(check.drip_rate.as_ref().map(|drops| format!("Drops: {} a minute", drops.value)));
    lines.extend(check.rate.as_ref().map(|rate| format!("Rate on the screen: {rate}")));
    match check.photos.len() {
        0 => {}
        1 => lines.push("1 picture".to_owned()),
        several => lines.push(format!("{several} pictures")),
    }
    lines.extend(check.note.clone());
    lines
}

fn daily_check(check: &DailyCheck) -> Said {
    let mut said = Said::plain("Daily check");
    said.state = check.feeling.map(|feeling| {
        match feeling {
            Feeling::Better => "better than yesterday",
            Feeling::Same => "about the same as yesterday",
            Feeling::Worse => "worse than yesterday",
        }
        .to_owned()
    });
    said.details.extend(check.site.map(|look| {
        match look {
            SiteLook::NoChange => "Site: nothing new seen",
            SiteLook::Change => "Site: something is different",
            SiteLook::NotLooked => "Site: not looked at",
        }
        .to_owned()
    }));
    said.details.extend(check.doses.map(|doses| {
        match doses {
            DosesDone::All => "Doses: all done",
            DosesDone::NotAll => "Doses: not all done",
            DosesDone::NoneDue => "Doses: none was due yet",
        }
        .to_owned()
    }));
    said
}

/// Where in a dose something was noticed. "After" says when, and not why.
pub(crate) fn infusion_moment(moment: &InfusionMoment, at: DateTime<Utc>) -> String {
    let mut parts = vec![match moment.ended_at.filter(|ended| *ended <= at) {
        Some(ended) => format!("{} after the end of {}", span((at - ended).num_minutes()), moment.title),
        None => format!("{} into {}", span(i64::from(moment.minute)), moment.title),
    }];
    parts.extend(
        moment.rung.as_ref().map(|rung| format!("rate step {} of {} as ordered ({})", rung.number, rung.of, rung.rate)),
    );
    parts.extend(moment.lot.as_ref().map(|lot| format!("lot {lot}")));
    parts.extend((!moment.sites.is_empty()).then(|| site_names(&moment.sites)));
    format!("{}.", parts.join(", "))
}

/// Minutes in words that a tired person reads at once.
pub(crate) fn span(minutes: i64) -> String {
    match minutes {
        ..=119 => format!("{minutes} min"),
        120..=2879 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / 1440),
    }
}

/// A statement about a dose, in a word or two.
pub(crate) fn administration_status(status: AdministrationStatus) -> &'static str {
    match status {
        AdministrationStatus::InProgress => "started",
        AdministrationStatus::Completed => "done",
        AdministrationStatus::Partial => "a part went in",
        AdministrationStatus::Stopped => "stopped",
        AdministrationStatus::Skipped => "left out",
        AdministrationStatus::Unknown => "unknown",
    }
}

/// Rights in words: "see, log and acknowledge alarms".
pub(crate) fn rights(rights: &[Right]) -> String {
    let words: Vec<&str> = rights
        .iter()
        .map(|right| match right {
            Right::See => "see",
            Right::Log => "log",
            Right::Acknowledge => "answer alarms",
            Right::Message => "write to the team",
            Right::Manage => "manage",
        })
        .collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        all => all.concat(),
    }
}

fn caregiving(dose: impl Fn() -> String, act: &Caregiving) -> Said {
    match act {
        Caregiving::AlarmTaken => {
            let mut said = Said::plain(dose());
            said.state = Some("alarm seen and taken over".to_owned());
            said.details.push("That says nothing of the dose itself.".to_owned());
            said
        }
        Caregiving::Viewed { parts, .. } => {
            let mut said = Said::plain(format!("Looked at: {}", parts.join(", ")));
            said.emphasis = Emphasis::Quiet;
            said
        }
        Caregiving::Asked(request) => {
            let mut said = Said::plain(request.text.clone());
            said.state = Some(format!("asked {}", request.name));
            said
        }
        Caregiving::Answered { outcome, note, .. } => {
            let mut said = Said::plain(match outcome {
                RequestOutcome::Done => "What was asked for is done.",
                RequestOutcome::Refused => "What was asked for will not be done.",
            });
            said.details.extend(note.clone());
            said
        }
        Caregiving::Settled { outcome, .. } => {
            let mut said = Said::plain(dose());
            said.state = Some(
                match outcome {
                    Settlement::OneDose => "settled: given once",
                    Settlement::TwoDoses => "settled: given two times",
                    Settlement::Unknown => "settled: nobody can tell",
                }
                .to_owned(),
            );
            said
        }
    }
}

fn administered(title: String, administration: &Administration) -> Said {
    let mut said = Said::plain(title);
    said.state = Some(administration_status(administration.status).to_owned());
    if let Some(volume) = &administration.volume_given {
        said.details.push(format!("{volume} went in"));
    }
    said.details.extend(administration.reason.clone());
    if let Some(decision) = administration.skip_decision {
        said.details.push(skip_decision(decision).to_owned());
    }
    if let Some(lot) = &administration.lot {
        said.details.push(format!("Lot {lot}"));
    }
    said
}

fn pump_event(event: &PumpEvent) -> Said {
    let mut said = Said::plain(match &event.kind {
        PumpEventKind::Started => "Pump started".to_owned(),
        PumpEventKind::Stopped => "Pump stopped".to_owned(),
        PumpEventKind::Completed => "Pump finished".to_owned(),
        PumpEventKind::LinkUp => "Pump heard again".to_owned(),
        PumpEventKind::LinkLost => "Pump not heard any more".to_owned(),
        PumpEventKind::RecordGap { from, to } => format!("The pump's records {from} to {to} are missing"),
        PumpEventKind::AlarmRaised { alarm, .. } => format!("Pump alarm: {}", alarm_words(alarm)),
        PumpEventKind::AlarmCleared { alarm } => format!("Pump alarm over: {}", alarm_words(alarm)),
        PumpEventKind::AlarmSeen { alarm } => format!("Alarm seen: {}", alarm_words(alarm)),
        PumpEventKind::Progress => "Pump progress".to_owned(),
    });
    match &event.kind {
        PumpEventKind::AlarmRaised { text, .. } => {
            said.emphasis = Emphasis::Urgent;
            if !text.is_empty() {
                said.details.push(format!("The pump says: {text}"));
            }
            said.details.push("Always follow the pump's own screen and sound.".to_owned());
        }
        PumpEventKind::LinkLost => {
            said.emphasis = Emphasis::Attention;
            said.details.push("What the pump does now is not known. Look at the pump.".to_owned());
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
        said.state = Some(format!("{volume} so far"));
    }
    said
}

/// A pump alarm in words.
pub(crate) fn alarm_words(alarm: &AlarmKind) -> String {
    match alarm {
        AlarmKind::OcclusionDownstream => "the pump can't push".to_owned(),
        AlarmKind::OcclusionUpstream => "the pump can't draw from the bag".to_owned(),
        AlarmKind::AirInLine => "air in the line".to_owned(),
        AlarmKind::BatteryLow => "battery low".to_owned(),
        AlarmKind::BatteryDepleted => "battery empty, nothing goes in".to_owned(),
        AlarmKind::ReservoirLow => "little left in the bag".to_owned(),
        AlarmKind::ReservoirEmpty => "the bag is empty".to_owned(),
        AlarmKind::InfusionComplete => "infusion complete".to_owned(),
        AlarmKind::DoorOpen => "door open or cassette loose".to_owned(),
        AlarmKind::PumpStopped => "left stopped".to_owned(),
        AlarmKind::SystemFault => "fault of the pump, do not keep using it".to_owned(),
        AlarmKind::Unknown(code) => format!("code {code}"),
    }
}

/// How soon somebody must know.
pub(crate) fn advice_level(level: AdviceLevel) -> &'static str {
    match level {
        AdviceLevel::Emergency => "emergency",
        AdviceLevel::CallNow => "call now",
        AdviceLevel::MessageToday => "message today",
        AdviceLevel::Note => "note",
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Mild => "mild",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
    }
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
pub(crate) fn flush_plan(flush: &FlushPlan) -> String {
    match flush {
        FlushPlan::NotStated => "The plan does not say how to flush: ask your nurse.".to_owned(),
        FlushPlan::Never => "Do not flush this line.".to_owned(),
        FlushPlan::List(flushes) => {
            let one = |flush: &homeline_model::Flush| match &flush.volume {
                Some(volume) => format!("{volume} {}", as_written(&flush.solution)),
                None => format!("{} (how much: ask your nurse)", as_written(&flush.solution)),
            };
            let part = |before: bool| {
                flushes.iter().filter(|flush| flush.before == before).map(one).collect::<Vec<_>>().join(", then ")
            };
            match (part(true), part(false)) {
                (before, after) if before.is_empty() => format!("After: {after}"),
                (before, after) if after.is_empty() => format!("Before: {before}"),
                (before, after) => format!("Before: {before}. After: {after}"),
            }
        }
    }
}
