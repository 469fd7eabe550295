//! What stands on a sheet: text, lines, pictures and forms at their places, in points from the upper left corner.

use std::sync::Arc;

use super::face::Weight;

/// A colour, red, green and blue.
pub(super) type Ink = [u8; 3];

/// Text.
pub(super) const BLACK: Ink = [0x1b, 0x1b, 0x1f];
/// Captions and notes: 8:1 on white.
pub(super) const QUIET: Ink = [0x4b, 0x4f, 0x58];
/// Headings' lines.
pub(super) const ACCENT: Ink = [0x2b, 0x5d, 0x7d];
/// Lines between rows.
pub(super) const PALE: Ink = [0xd6, 0xd9, 0xde];

/// One thing that is drawn.
#[derive(Debug, Clone)]
pub(super) enum Drawing {
    /// Text whose baseline begins at (x, y).
    Text { x: f32, y: f32, size: f32, weight: Weight, ink: Ink, text: String },
    /// A line through points.
    Line { points: Vec<(f32, f32)>, width: f32, ink: Ink },
    /// A filled form.
    Fill { points: Vec<(f32, f32)>, ink: Ink },
    /// A filled circle.
    Dot { x: f32, y: f32, radius: f32, ink: Ink },
    /// A picture file.
    Picture { x: f32, y: f32, width: f32, height: f32, content_type: String, bytes: Arc<Vec<u8>> },
}

/// Drawings that belong together: one leaf of the structure, or decoration.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) drawings: Vec<Drawing>,
    /// Its number among the leaves; `None` is decoration.
    pub(super) leaf: Option<usize>,
}

/// One page.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub(super) marks: Vec<Mark>,
}
