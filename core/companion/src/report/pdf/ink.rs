//! A plotters backend that draws onto a sheet, so that a chart on paper is the same drawing as the chart on the page.

use super::face::{Faces, Weight};
use super::sheet::{Drawing, Ink};
use crate::report::chart;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;

/// Plotters' sizes of letters are 1.24 times what its SVG backend writes; the two drawings must look alike.
const LETTER_SCALE: f64 = 1.24;

type Coordinate = (i32, i32);
type Done = Result<(), DrawingErrorKind<Infallible>>;

/// Draws into a list of drawings.
pub(super) struct InkBackend<'a> {
    drawings: &'a mut Vec<Drawing>,
    faces: &'a Faces,
    /// The upper left corner on the sheet.
    place: (f32, f32),
    /// Points for each unit of the chart.
    scale: f32,
}

impl<'a> InkBackend<'a> {
    /// A chart whose upper left corner is at `place`.
    pub(super) fn new(drawings: &'a mut Vec<Drawing>, faces: &'a Faces, place: (f32, f32), scale: f32) -> Self {
        Self { drawings, faces, place, scale }
    }

    #[allow(clippy::cast_precision_loss, reason = "a chart is a few hundred units wide")]
    fn point(&self, (x, y): Coordinate) -> (f32, f32) {
        (self.place.0 + x as f32 * self.scale, self.place.1 + y as f32 * self.scale)
    }

    #[allow(clippy::cast_precision_loss, reason = "a chart is a few hundred units wide")]
    fn length(&self, units: u32) -> f32 {
        units as f32 * self.scale
    }

    fn letters(&self, style: &impl BackendTextStyle) -> f32 {
        #[allow(clippy::cast_possible_truncation, reason = "a size of letters needs no double precision")]
        let size = (style.size() / LETTER_SCALE) as f32;
        size * self.scale
    }
}

/// The colour over white: paper has nothing behind it.
fn over_white(color: BackendColor) -> Option<Ink> {
    let (red, green, blue) = color.rgb;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two numbers of 0 to 255")]
    let mixed = |part: u8| (f64::from(part) * color.alpha + 255.0 * (1.0 - color.alpha)).round() as u8;
    (color.alpha > 0.0).then(|| [red, green, blue].map(mixed))
}

impl DrawingBackend for InkBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        chart::SIZE
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: Coordinate, color: BackendColor) -> Done {
        let (x, y) = self.point(point);
        if let Some(ink) = over_white(color) {
            self.drawings.push(Drawing::Dot { x, y, radius: self.scale / 2.0, ink });
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: Coordinate, to: Coordinate, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: Coordinate,
        lower_right: Coordinate,
        style: &S,
        fill: bool,
    ) -> Done {
        let ((left, top), (right, bottom)) = (upper_left, lower_right);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        if fill { self.fill_polygon(corners, style) } else { self.draw_path(corners, style) }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = Coordinate>>(&mut self, path: I, style: &S) -> Done {
        let points: Vec<(f32, f32)> = path.into_iter().map(|point| self.point(point)).collect();
        if let Some(ink) = over_white(style.color()) {
            self.drawings.push(Drawing::Line { points, width: self.length(style.stroke_width()).max(0.4), ink });
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: Coordinate, radius: u32, style: &S, _fill: bool) -> Done {
        let (x, y) = self.point(center);
        if let Some(ink) = over_white(style.color()) {
            self.drawings.push(Drawing::Dot { x, y, radius: self.length(radius), ink });
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = Coordinate>>(&mut self, corners: I, style: &S) -> Done {
        let points: Vec<(f32, f32)> = corners.into_iter().map(|point| self.point(point)).collect();
        if let Some(ink) = over_white(style.color()) {
            self.drawings.push(Drawing::Fill { points, ink });
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, place: Coordinate) -> Done {
        let Some(ink) = over_white(style.color()) else { return Ok(()) };
        let size = self.letters(style);
        let (text, _) = self.faces.drawable(text);
        let width = self.faces.of(Weight::Regular).width(&text, size);
        let (x, y) = self.point(place);
        let x = match style.anchor().h_pos {
            HPos::Left => x,
            HPos::Center => x - width / 2.0,
            HPos::Right => x - width,
        };
        let y = match style.anchor().v_pos {
            VPos::Top => y + size * 0.76,
            VPos::Center => y + size * 0.26,
            VPos::Bottom => y - size * 0.26,
        };
        if !text.trim().is_empty() {
            self.drawings.push(Drawing::Text { x, y, size, weight: Weight::Regular, ink, text });
        }
        Ok(())
    }
}
