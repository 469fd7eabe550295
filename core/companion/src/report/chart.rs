//! Draws a chart, once, on whatever plotters can draw on: SVG for the page, the PDF's surface for paper.

use super::document::{Chart, Series, Vertical};
use chrono::TimeDelta;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Size in the backend's own units: fine enough that whole numbers do not round a curve. Drawn at half this size.
pub(crate) const SIZE: (u32, u32) = (760, 250);
/// Letters in these units.
const LETTERS: u32 = 32;
/// More values than this in one line are drawn as bars from lowest to highest.
const MOST_POINTS: usize = 100;
/// More days than this leave little room for each.
const CROWDED: f64 = 60.0;
/// Dark enough on white for text (WCAG 2.2, 1.4.3) and for marks (1.4.11); told apart also by their form.
const INKS: [RGBColor; 2] = [RGBColor(0x1d, 0x4e, 0x6f), RGBColor(0xa1, 0x26, 0x0d)];
const GRID: RGBColor = RGBColor(0xd6, 0xd9, 0xde);
const TEXT: RGBColor = RGBColor(0x33, 0x36, 0x3d);

type Drawn<T, DB> = Result<T, DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Draws onto a backend of [`SIZE`].
pub(crate) fn draw<DB: DrawingBackend>(backend: DB, chart: &Chart) -> Drawn<(), DB> {
    let area = backend.into_drawing_area();
    match &chart.vertical {
        Vertical::Values => values(&area, chart)?,
        Vertical::Names(names) => marks(&area, chart, names)?,
    }
    area.present()
}

/// Days on the horizontal axis, from 0 to the end of the last day.
fn days(chart: &Chart) -> f64 {
    let days = (chart.to - chart.from).num_days() + 1;
    f64::from(i32::try_from(days).unwrap_or(i32::MAX))
}

fn values<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, chart: &Chart) -> Drawn<(), DB> {
    let points = || chart.series.iter().flat_map(|series| &series.points).map(|(_, value)| *value);
    let (low, high) = points().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    // A flat line lies in the middle, and no axis begins at a value by chance.
    let room = ((high - low) * 0.15).max(0.5);
    let mut drawn = ChartBuilder::on(area)
        .margin(8)
        .margin_right(56)
        .x_label_area_size(40)
        .y_label_area_size(72)
        .build_cartesian_2d(0.0..days(chart), (low - room)..(high + room))?;
    let decimals = usize::from(high - low < 8.0);
    mesh(&mut drawn, chart, 5, &|value| format!("{value:.decimals$}"))?;
    for (number, series) in chart.series.iter().enumerate() {
        let ink = INKS[number % INKS.len()];
        if series.points.len() > MOST_POINTS {
            for (day, low, high) in bars(series, days(chart)) {
                drawn.draw_series([PathElement::new(vec![(day, low), (day, high)], ink.stroke_width(5))])?;
            }
            continue;
        }
        drawn.draw_series(LineSeries::new(series.points.iter().copied(), ink.stroke_width(3)))?;
        if number == 0 {
            drawn.draw_series(series.points.iter().map(|point| Circle::new(*point, 6, ink.filled())))?;
        } else {
            drawn.draw_series(series.points.iter().map(|point| TriangleMarker::new(*point, 8, ink.filled())))?;
        }
    }
    Ok(())
}

/// Lowest and highest of stretches of equal length.
fn bars(series: &Series, days: f64) -> Vec<(f64, f64, f64)> {
    let width = days / f64::from(u32::try_from(MOST_POINTS).unwrap_or(u32::MAX));
    let mut bars: Vec<(f64, f64, f64)> = Vec::new();
    let mut end = 0.0;
    for (day, value) in &series.points {
        match bars.last_mut() {
            Some((_, low, high)) if *day < end => {
                *low = low.min(*value);
                *high = high.max(*value);
            }
            _ => {
                let begin = (day / width).floor() * width;
                end = begin + width;
                bars.push((begin + width / 2.0, *value, *value));
            }
        }
    }
    // A bar of no height is not seen.
    for (_, low, high) in &mut bars {
        if high == low {
            *high += 0.02;
            *low -= 0.02;
        }
    }
    bars
}

fn marks<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, chart: &Chart, names: &[String]) -> Drawn<(), DB> {
    let rows = f64::from(u32::try_from(names.len()).unwrap_or(u32::MAX));
    let mut drawn = ChartBuilder::on(area)
        .margin(8)
        .margin_right(56)
        .x_label_area_size(40)
        .y_label_area_size(250)
        // The first row is on top.
        .build_cartesian_2d(0.0..days(chart), (rows - 0.5)..-0.5)?;
    mesh(&mut drawn, chart, 0, &|_| String::new())?;
    let style =
        TextStyle::from(("sans-serif", LETTERS).into_font()).color(&TEXT).pos(Pos::new(HPos::Right, VPos::Center));
    for (series, name) in chart.series.iter().zip(names) {
        let points = series.points.iter().map(|(day, place)| (*day, place.floor(), (place.fract() * 10.0).round()));
        let mut row = 0.0;
        for (day, place, size) in points {
            row = place;
            // Over months the dots of neighbouring days would run into one.
            let room = if days(chart) > CROWDED { 2 } else { 1 };
            let radius = if size < 1.5 {
                5
            } else if size < 2.5 {
                9
            } else {
                13
            } / room;
            drawn.draw_series([Circle::new((day, place), radius / room, INKS[1].mix(0.85).filled())])?;
        }
        let (_, y) = drawn.backend_coord(&(0.0, row));
        area.draw(&Text::new(shortened(name), (246, y), style.clone()))?;
    }
    Ok(())
}

/// A name that fits its room beside the chart.
fn shortened(name: &str) -> String {
    const FITS: usize = 18;
    if name.chars().count() <= FITS {
        return name.to_owned();
    }
    name.chars().take(FITS - 1).chain(['…']).collect()
}

fn mesh<DB: DrawingBackend>(
    drawn: &mut ChartContext<
        '_,
        DB,
        Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
    >,
    chart: &Chart,
    lines: usize,
    value: &dyn Fn(&f64) -> String,
) -> Drawn<(), DB> {
    let day = |day: &f64| day_words(chart, *day);
    let dates = if chart.from == chart.to { 3 } else { 5 };
    let letters = ("sans-serif", LETTERS).into_font().color(&TEXT);
    let mut mesh = drawn.configure_mesh();
    mesh.disable_x_mesh()
        .axis_style(GRID)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .x_labels(dates)
        .y_labels(lines)
        .x_label_style(letters.clone())
        .y_label_style(letters)
        .x_label_formatter(&day)
        .y_label_formatter(value);
    if lines == 0 {
        mesh.disable_y_axis().disable_y_mesh();
    }
    mesh.draw()
}

/// A place on the horizontal axis as a date; whole days only, so that no date stands there twice. In a report of one day it
/// is a time.
fn day_words(chart: &Chart, day: f64) -> String {
    let minutes = (day * 1440.0).round();
    if !(0.0..=600.0 * 1440.0).contains(&minutes) {
        return String::new();
    }
    #[allow(clippy::cast_possible_truncation, reason = "whole minutes of at most 600 days")]
    let minutes = minutes as i64;
    if chart.from == chart.to {
        return format!("{}:{:02}", minutes / 60, minutes % 60);
    }
    if minutes % 1440 != 0 {
        return String::new();
    }
    let date = chart.from.checked_add_signed(TimeDelta::minutes(minutes));
    date.map(|date| date.format("%-d %b").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_become_bars_that_lose_neither_the_lowest_nor_the_highest() {
        let points: Vec<(f64, f64)> =
            (0..1_460).map(|n| (f64::from(n) / 4.0, 36.0 + f64::from(n % 17) / 10.0)).collect();
        let series = Series { name: "Temperature".into(), points: points.clone() };
        let bars = bars(&series, 365.0);
        assert!(bars.len() <= MOST_POINTS + 1, "{}", bars.len());
        let lowest = bars.iter().map(|(_, low, _)| *low).fold(f64::MAX, f64::min);
        let highest = bars.iter().map(|(_, _, high)| *high).fold(f64::MIN, f64::max);
        assert_eq!((lowest, highest), (36.0, 37.6));
    }

    #[test]
    fn a_place_between_two_days_has_no_date_and_in_one_day_it_is_a_time() {
        let chart = |to: &str| Chart {
            title: String::new(),
            words: String::new(),
            vertical: Vertical::Values,
            series: Vec::new(),
            from: "2026-11-23".parse().unwrap(),
            to: to.parse().unwrap(),
        };
        assert_eq!([0.0, 0.5, 7.0].map(|day| day_words(&chart("2026-11-30"), day)), ["23 Nov", "", "30 Nov"]);
        assert_eq!([0.0, 0.5, 1.0].map(|day| day_words(&chart("2026-11-23"), day)), ["0:00", "12:00", "24:00"]);
    }
}
