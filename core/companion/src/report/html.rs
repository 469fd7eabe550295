//! The report as one self-contained HTML page: readable on a phone, on paper and by a screen reader.

use super::chart;
use super::document::{Block, Chart, Document, Holds, Picture, Section, Table};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plotters::prelude::SVGBackend;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(document: &Document) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (document.title()) ", " (document.period()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (document.title()) }
                    p.period { (document.period()) }
                    @for line in &document.subtitles { p { (line) } }
                    @for line in &document.warnings { p.call { (line) } }
                }
                main {
                    div.front { @for section in &document.front { (self::section(document, section)) } }
                    div.details {
                        h2.part id="details" { "Details" }
                        nav aria-label="Details" { ul.contents {
                            @for section in &document.details { li { a href=(format!("#{}", section.key)) { (section.title) } } }
                        } }
                        @for section in &document.details { (self::section(document, section)) }
                        section aria-labelledby="notes-heading" {
                            h2 id="notes-heading" { "Period, sources and denominators" }
                            p { (document.period()) ", written " (document.written_at.format("%-d %B %Y %H:%M")) "." }
                            ol.notes { @for note in &document.footnotes { li id=(format!("note-{}", note.key)) { (note.text) } } }
                        }
                    }
                }
                footer { @for line in &document.closing { p { (line) } } }
            }
        }
    }
    .into_string()
}

fn section(document: &Document, section: &Section) -> Markup {
    html! {
        section aria-labelledby=(section.key) {
            h2 id=(section.key) {
                (section.title)
                @for (key, number) in section.footnotes.iter().filter_map(|key| Some((key, document.footnote_number(key)?))) {
                    " " a.note href=(format!("#note-{key}")) aria-label=(format!("note {number}")) { "[" (number) "]" }
                }
            }
            @for block in &section.blocks { (self::block(block)) }
        }
    }
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Text(text) => html! { p { (text) } },
        Block::List(lines) => html! { ul { @for line in lines { li { (line) } } } },
        Block::Table(table) => self::table(table),
        Block::Charts(charts) => html! { div.charts { @for chart in charts { (figure(chart)) } } },
        Block::Pictures(pictures) => html! { div.pictures { @for picture in pictures { (self::picture(picture)) } } },
    }
}

fn table(table: &Table) -> Markup {
    let (rows, _) = table.rows_on_paper();
    let class = |holds: Holds| match holds {
        Holds::Words => None,
        Holds::Number => Some("n"),
        Holds::Time => Some("t"),
    };
    // Headings above cards would be read out over nothing: each cell carries its own.
    html! {
        @if let Some(said) = table.left_out_words() { p.quiet { (said) } }
        table {
            caption { (table.caption) }
            @if table.columns_on_paper().any(|(.., heading)| !heading.is_empty()) {
                thead { tr { @for (_, column, heading) in table.columns_on_paper() { th scope="col" class=[class(column.holds)] { (heading) } } } }
            }
            tbody { @for row in rows { tr {
                @for (place, (index, column, heading)) in table.columns_on_paper().enumerate() {
                    @let shown = row.get(index).map(|cell| cell.shown.as_str()).unwrap_or_default();
                    @if place == 0 {
                        th scope="row" class=[class(column.holds)] { (shown) }
                    } @else {
                        td class=[class(column.holds)] data-heading=(heading) { (shown) }
                    }
                }
            } } }
        }
    }
}

fn figure(chart: &Chart) -> Markup {
    html! {
        figure.chart {
            figcaption { (chart.title) }
            (PreEscaped(svg(chart)))
            p.quiet { (chart.words) }
        }
    }
}

/// The chart as SVG inside the page. What it shows stands below it in words.
fn svg(chart: &Chart) -> String {
    let mut drawn = String::new();
    // A chart without room for an axis is left out; its words stand.
    if chart::draw(SVGBackend::with_string(&mut drawn, chart::SIZE), chart).is_err() {
        return String::new();
    }
    let (width, height) = chart::SIZE;
    // The page gives it its size, and inside a page SVG needs no name space.
    let inside = drawn.split_once('>').map(|(_, inside)| inside).unwrap_or_default();
    let label =
        html! { svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(chart.title) {} }.into_string();
    label.replacen("</svg>", inside, 1)
}

fn picture(picture: &Picture) -> Markup {
    html! {
        figure {
            img alt=(picture.caption) src=(data_url(picture));
            figcaption { (picture.caption) }
        }
    }
}

fn data_url(picture: &Picture) -> String {
    let mut url = format!("data:{};base64,", picture.content_type);
    let bytes = picture.bytes.as_slice();
    let _ = write!(url, "{}", base64::display::Base64Display::new(bytes, &base64::engine::general_purpose::STANDARD));
    url
}
