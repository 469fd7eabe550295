//! Charts and pictures side by side.

use super::face::Weight;
use super::flow::{Flow, LEADING, NOTE, Role, SIDE, STRONG, Style, WIDTH};
use super::ink::InkBackend;
use super::sheet::{Drawing, PALE};
use crate::report::chart;
use crate::report::document::{Chart, Picture};
use krilla::image::Image;

/// Between two things side by side.
const GUTTER: f32 = 14.0;
/// The height of a picture on paper: small enough for the first page, large enough to see redness.
const PICTURE_HEIGHT: f32 = 72.0;

impl Flow<'_> {
    /// Charts, two in a row, each with its title above and its words below.
    pub(super) fn charts(&mut self, charts: &[Chart]) {
        let width = (WIDTH - GUTTER) / 2.0;
        for pair in charts.chunks(2) {
            let title = Style { size: NOTE.size + 0.6, ..STRONG };
            let laid: Vec<(f32, &Chart, Vec<String>)> = pair
                .iter()
                .zip([SIDE, SIDE + width + GUTTER])
                .map(|(chart, x)| {
                    let words = self.drawable(&chart.words);
                    (x, chart, self.faces.of(Weight::Regular).lines(&words, NOTE.size, width))
                })
                .collect();
            let (units_wide, units_high) = chart::SIZE;
            let scale = width / wide(units_wide);
            let drawn_height = wide(units_high) * scale;
            let most_lines = laid.iter().map(|(.., lines)| lines.len()).max().unwrap_or(0);
            let height = title.size * LEADING
                + drawn_height
                + wide(u32::try_from(most_lines).unwrap_or(u32::MAX)) * NOTE.size * LEADING;
            self.need(height);
            let top = self.y;
            for (x, chart, lines) in laid {
                self.open(Role::Paragraph);
                let heading = self.drawable(&chart.title);
                self.put(vec![Self::line(x, top, title, &heading)]);
                self.close();
                let place = (x, top + title.size * LEADING);
                let mut drawings = Vec::new();
                // A chart without room for an axis is left out; its words stand.
                let _ = chart::draw(InkBackend::new(&mut drawings, self.faces, place, scale), chart);
                if !drawings.is_empty() {
                    self.open(Role::Figure(chart.words.clone()));
                    self.put(drawings);
                    self.close();
                }
                self.open(Role::Paragraph);
                let mut y = place.1 + drawn_height;
                for line in &lines {
                    self.put(vec![Self::line(x, y, NOTE, line)]);
                    y += NOTE.size * LEADING;
                }
                self.close();
            }
            self.y = top + height + 3.0;
        }
    }

    /// Pictures in one row, each with what it shows.
    pub(super) fn pictures(&mut self, pictures: &[Picture]) {
        let most = pictures.len().max(1);
        let count = wide(u32::try_from(most).unwrap_or(u32::MAX)).max(2.0);
        let width = (WIDTH - GUTTER * (count - 1.0)) / count;
        let captions: Vec<Vec<String>> = pictures
            .iter()
            .map(|picture| {
                let caption = self.drawable(&picture.caption);
                self.faces.of(Weight::Regular).lines(&caption, NOTE.size, width)
            })
            .collect();
        let most_lines = captions.iter().map(Vec::len).max().unwrap_or(0);
        let caption_height = wide(u32::try_from(most_lines).unwrap_or(u32::MAX)) * NOTE.size * LEADING;
        self.need(PICTURE_HEIGHT + caption_height + 4.0);
        let top = self.y;
        let mut x = SIDE;
        for (picture, caption) in pictures.iter().zip(&captions) {
            let drawn = fitted(picture, (x, top), width);
            self.open(Role::Figure(picture.caption.clone()));
            self.put(vec![drawn]);
            self.close();
            self.open(Role::Paragraph);
            let mut y = top + PICTURE_HEIGHT + 2.0;
            for line in caption {
                self.put(vec![Self::line(x, y, NOTE, line)]);
                y += NOTE.size * LEADING;
            }
            self.close();
            x += width + GUTTER;
        }
        self.y = top + PICTURE_HEIGHT + caption_height + 4.0;
    }
}

/// The picture as large as its room allows, in its own proportions. A file that is no picture leaves a frame.
fn fitted(picture: &Picture, (x, y): (f32, f32), width: f32) -> Drawing {
    let frame = || {
        let (right, bottom) = (x + width, y + PICTURE_HEIGHT);
        let points = vec![(x, y), (right, y), (right, bottom), (x, bottom), (x, y)];
        Drawing::Line { points, width: 0.8, ink: PALE }
    };
    let Some(image) = image(&picture.content_type, &picture.bytes) else { return frame() };
    let (pixels_wide, pixels_high) = image.size();
    if pixels_wide == 0 || pixels_high == 0 {
        return frame();
    }
    let scale = (width / wide(pixels_wide)).min(PICTURE_HEIGHT / wide(pixels_high));
    Drawing::Picture {
        x,
        y,
        width: wide(pixels_wide) * scale,
        height: wide(pixels_high) * scale,
        content_type: picture.content_type.clone(),
        bytes: picture.bytes.clone(),
    }
}

/// The picture file, opened; `None` when its head cannot be read.
pub(super) fn image(content_type: &str, bytes: &std::sync::Arc<Vec<u8>>) -> Option<Image> {
    match content_type {
        "image/png" => Image::from_png(bytes.clone().into(), false).ok(),
        "image/jpeg" => Image::from_jpeg(bytes.clone().into(), false).ok(),
        _ => None,
    }
}

/// A small whole number as a length.
#[allow(clippy::cast_precision_loss, reason = "lengths on paper are far below 2^24")]
fn wide(number: u32) -> f32 {
    number as f32
}
