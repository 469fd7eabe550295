//! The report as one self-contained HTML page: readable on a phone, on paper and by a screen reader.

use super::{Content, PumpRun, is_alarm, recorded};
use crate::words;
use chrono::{DateTime, FixedOffset};
use homeline_model::{Decimal, Entry, EntryBody, EntryKind, PumpEventKind};
use homeline_schedule::{AgendaItem, AgendaKind};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(content: &Content<'_>) -> String {
    let plan = content.plan;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Visit report, " (days(content)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Visit report: " (plan.patient.name) }
                    p { (plan.title) }
                    p.quiet {
                        (days(content)) ", written "
                        (content.written_at.format("%-d %B %Y %H:%M")) " (" (content.zone) ")"
                        @if let Some(born) = plan.patient.birth_date { ", born " (born.format("%-d %B %Y")) }
                    }
                    @if !plan.patient.allergies.is_empty() {
                        p.call { "Allergies: " (plan.patient.allergies.join(", ")) }
                    }
                }
                main {
                    (planned_and_given(content))
                    (doses(content))
                    (pump(&content.pump_runs))
                    (alarms(content))
                    (advice(content))
                    (how_it_felt(content))
                    (pictures(content))
                    (questions(content))
                    (messages(content))
                }
                (footnotes(content))
            }
        }
    }
    .into_string()
}

fn day(date: chrono::NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn days(content: &Content<'_>) -> String {
    if content.from == content.to {
        return day(content.from);
    }
    format!("{} to {}", day(content.from), day(content.to))
}

fn clock(at: DateTime<FixedOffset>) -> String {
    at.format("%a %-d %b %H:%M").to_string()
}

fn when(entry: &Entry) -> String {
    clock(entry.times.happened.local())
}

fn planned_and_given(content: &Content<'_>) -> Markup {
    html! {
        section aria-labelledby="given" {
            h2 id="given" { "Planned and recorded" }
            @if content.adherence.orders.is_empty() {
                p { "No dose was planned in these days." }
            } @else {
                div.wide { table {
                    thead { tr {
                        th scope="col" { "Order" }
                        @for name in ["Planned", "Recorded", "On time", "Early", "Late", "Partial", "Stopped", "Left out", "Not recorded"] {
                            th.n scope="col" { (name) }
                        }
                    } }
                    tbody { @for order in &content.adherence.orders { tr {
                        th scope="row" { (order.title) }
                        @let counts = &order.counts;
                        @for count in [counts.planned, recorded(counts), counts.on_time, counts.early, counts.late, counts.partial, counts.stopped, counts.skipped, counts.not_recorded + counts.open] {
                            td.n { (count) }
                        }
                    } } }
                } }
            }
        }
    }
}

fn doses(content: &Content<'_>) -> Markup {
    let doses: Vec<&AgendaItem> = content
        .items
        .iter()
        .filter(|item| {
            item.start <= content.moment.now && matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication)
        })
        .collect();
    html! {
        @if !doses.is_empty() {
            section aria-labelledby="doses" {
                h2 id="doses" { "Doses" }
                table.log {
                    thead { tr { th scope="col" { "Planned" } th scope="col" { "Dose" } th scope="col" { "What is recorded" } th scope="col" { "By" } } }
                    tbody { @for item in doses { tr {
                        td.t { (clock(content.moment.local(item.start))) }
                        td { (item.title) }
                        td {
                            (words::state(item, |at| clock(content.moment.local(at))))
                            @for statement in item.statements.iter().filter(|statement| !statement.superseded) {
                                @if let Some(reason) = &statement.administration.reason { ": " (reason) }
                                @if let Some(lot) = &statement.administration.lot { ", lot " (lot) }
                            }
                        }
                        td { (item.statements.iter().filter(|s| !s.superseded).map(|s| s.author.name.clone()).collect::<Vec<_>>().join(", ")) }
                    } } }
                }
            }
        }
    }
}

fn pump(runs: &[PumpRun]) -> Markup {
    let ml = |value: &Decimal| format!("{} mL", value.normalize());
    html! {
        @if !runs.is_empty() {
            section aria-labelledby="pump" {
                h2 id="pump" { "What the pump says" }
                @for run in runs {
                    p {
                        strong { (run.title) } ": "
                        @match (&run.started, &run.ended) {
                            (Some(from), Some(to)) => { (clock(*from)) " to " (clock(*to)) ", " (run.end) ". " }
                            (Some(from), None) if run.running => { "from " (clock(*from)) ", still running. " }
                            (Some(from), None) => { "from " (clock(*from)) ", end " (run.end) ". " }
                            (None, _) => { "start not known, end " (run.end) ". " }
                        }
                        (ml(&run.certain_ml)) @if run.running { " went in up to its last record," } @else { " went in" }
                        @if let Some(ordered) = &run.ordered { " of " (ordered) " ordered" }
                        "."
                        @if let Some(uncertain) = run.uncertain_ml.as_ref().filter(|uncertain| !uncertain.is_zero() && !run.running) { " Another " (ml(uncertain)) " is not certain." }
                    }
                    @if !run.interruptions.is_empty() {
                        ul { @for gap in &run.interruptions {
                            li {
                                "Interrupted " (clock(gap.from))
                                @match gap.to {
                                    Some(to) => { " for " ((to - gap.from).num_minutes()) " min" }
                                    None => { ", end not known" }
                                }
                                @if let Some(alarm) = &gap.alarm { " (" (words::alarm_words(alarm)) ")" }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn table_of(heading: &str, id: &str, entries: &[&Entry], content: &Content<'_>) -> Markup {
    html! {
        @if !entries.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                table.log { tbody { @for entry in entries {
                    @let said = words::entry(Some(content.plan), entry);
                    tr {
                        td.t { (when(entry)) }
                        td { (said.title) @for detail in &said.details { br; span.quiet { (detail) } } }
                        td { @if let Some(state) = &said.state { (state) } }
                        td.quiet { (entry.author.name) }
                    }
                } } }
            }
        }
    }
}

fn of_kinds<'a>(content: &'a Content<'_>, kinds: &[EntryKind]) -> Vec<&'a Entry> {
    content.entries.iter().filter(|entry| kinds.contains(&entry.kind())).collect()
}

fn link_up(entry: &Entry) -> bool {
    matches!(&entry.body, EntryBody::PumpEvent(event) if event.kind == PumpEventKind::LinkUp)
}

fn link_lost(entry: &Entry) -> bool {
    matches!(&entry.body, EntryBody::PumpEvent(event) if event.kind == PumpEventKind::LinkLost)
}

fn alarms(content: &Content<'_>) -> Markup {
    // That the pump is heard says something only after it was not.
    let mut silent = false;
    let mut listed = |entry: &&Entry| {
        let heard_again = silent && link_up(entry);
        silent = (silent || link_lost(entry)) && !heard_again;
        is_alarm(entry) || heard_again
    };
    let alarms: Vec<&Entry> = content.entries.iter().filter(|entry| listed(entry)).collect();
    html! {
        @if !alarms.is_empty() {
            section aria-labelledby="alarms" {
                h2 id="alarms" { "Alarms and gaps" }
                ul { @for entry in alarms {
                    @let said = words::entry(Some(content.plan), entry);
                    li { (when(entry)) ": " (said.title) @if let Some(state) = said.state { " (" (state) ")" } }
                } }
            }
        }
    }
}

fn advice(content: &Content<'_>) -> Markup {
    let given = of_kinds(content, &[EntryKind::Advice]);
    html! {
        @if !given.is_empty() {
            section aria-labelledby="advice" {
                h2 id="advice" { "Advice that was shown" }
                @for entry in given {
                    @if let EntryBody::Advice(advice) = &entry.body {
                        div.advice {
                            p { strong { (when(entry)) ": " (words::advice_level(advice.level)) } " (rule " (advice.rule) ")" }
                            @for line in &advice.because { p.quiet { (line) } }
                        }
                    }
                }
            }
        }
    }
}

fn how_it_felt(content: &Content<'_>) -> Markup {
    let entries = of_kinds(content, &[EntryKind::Symptom, EntryKind::Vital, EntryKind::SiteCheck, EntryKind::Note]);
    table_of("How it felt, and vital signs", "felt", &entries, content)
}

fn pictures(content: &Content<'_>) -> Markup {
    html! {
        @if !content.pictures.is_empty() {
            section aria-labelledby="pictures" {
                h2 id="pictures" { "Pictures" }
                @for (entry, content_type, bytes) in &content.pictures {
                    @let caption = match &entry.body { EntryBody::Photo { caption: Some(caption), .. } => caption.as_str(), _ => "Picture" };
                    figure {
                        img alt=(caption) src=(data_url(content_type, bytes));
                        figcaption { (when(entry)) ", " (caption) }
                    }
                }
            }
        }
    }
}

fn data_url(content_type: &str, bytes: &[u8]) -> String {
    let mut url = format!("data:{content_type};base64,");
    let _ = write!(url, "{}", base64::display::Base64Display::new(bytes, &base64::engine::general_purpose::STANDARD));
    url
}

fn questions(content: &Content<'_>) -> Markup {
    let asked = of_kinds(content, &[EntryKind::Question]);
    html! {
        @if !asked.is_empty() {
            section aria-labelledby="questions" {
                h2 id="questions" { "Questions" }
                ul { @for entry in asked { @if let EntryBody::Question(question) = &entry.body { li { (question.text) } } } }
            }
        }
    }
}

fn messages(content: &Content<'_>) -> Markup {
    table_of("Messages", "messages", &of_kinds(content, &[EntryKind::Message]), content)
}

fn footnotes(content: &Content<'_>) -> Markup {
    let windows: std::collections::BTreeSet<&str> = content
        .items
        .iter()
        .filter_map(|item| item.window.as_ref())
        .filter(|w| !w.from_plan)
        .map(|w| w.source)
        .collect();
    html! {
        footer {
            ol {
                li { "Planned: doses of the orders in force whose planned time lies in these days and is past. Recorded: doses about which somebody at home or the pump made a statement. A dose that nobody recorded may have been given." }
                @for source in windows { li { "“On time” uses a usual default where the plan states no window: " (words::window_source(source)) "." } }
                li { "Sources: entries of the home journal by the people named; pump data from the pump's own record. Times are those of the place where it happened." }
                @if content.private_left_out > 0 { li { (content.private_left_out) " private entries are left out." } }
            }
            p { "Written by Homeline from the home journal. It names no diagnosis and computes no dose. Nobody watches the journal between visits." }
            @for line in words::numbers_to_call(content.plan) { p.call { (line) } }
        }
    }
}
