//! The card as one self-contained HTML page: large, black on white, one sheet of paper for each card.

use crate::screen::{Emphasis, Row, Screen};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

pub(super) fn render(cards: &[Screen]) -> String {
    let title = cards.first().map_or("Emergency card", |card| card.title.as_str());
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { @for card in cards { (sheet(card)) } } }
        }
    }
    .into_string()
}

fn sheet(card: &Screen) -> Markup {
    html! {
        article {
            h1 { (card.title) }
            @if let Some(subtitle) = &card.subtitle { p.under { (subtitle) } }
            @for section in &card.sections {
                section {
                    @if let Some(title) = &section.title { h2 { (title) } }
                    @for row in &section.rows { (entry(row)) }
                }
            }
            footer { @for line in &card.footer { p { (line) } } }
        }
    }
}

fn entry(row: &Row) -> Markup {
    let urgent = row.emphasis == Emphasis::Urgent;
    html! {
        div.row.urgent[urgent] {
            h3 { (row.title) }
            @if let Some(state) = &row.state { p.state { (state) } }
            @if !row.details.is_empty() { ul { @for detail in &row.details { li { (detail) } } } }
        }
    }
}
