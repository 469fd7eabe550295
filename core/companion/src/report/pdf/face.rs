//! The two fonts, and how wide their letters are. Latin, Greek and Cyrillic; see `font/README.md`.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use std::collections::HashMap;

const REGULAR: &[u8] = include_bytes!("../font/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../font/NotoSans-Bold.ttf");

/// What stands for a letter that the fonts do not have.
pub(super) const MISSING: char = '\u{fffd}';

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both fonts.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

/// One font.
pub(super) struct Face {
    pub(super) font: Font,
    glyphs: HashMap<char, (u32, f32)>,
}

impl Faces {
    /// The embedded fonts.
    pub(super) fn load() -> Self {
        Self { regular: Face::read(REGULAR), bold: Face::read(BOLD) }
    }

    /// The font of a weight.
    pub(super) fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Text that the fonts can show, and whether a letter had to be replaced. Control characters become spaces.
    pub(super) fn drawable(&self, text: &str) -> (String, bool) {
        let mut missing = false;
        let drawable = text
            .chars()
            .map(|letter| match letter {
                letter if letter.is_control() => ' ',
                letter if self.regular.glyphs.contains_key(&letter) => letter,
                _ => {
                    missing = true;
                    MISSING
                }
            })
            .collect();
        (drawable, missing)
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.into(), 0).expect("the embedded font is whole");
        let tables = skrifa::FontRef::new(bytes).expect("the embedded font is whole");
        let widths = tables.glyph_metrics(Size::new(1.0), LocationRef::default());
        let glyphs = tables.charmap().mappings().filter_map(|(code, glyph)| {
            Some((char::from_u32(code)?, (glyph.to_u32(), widths.advance_width(glyph).unwrap_or_default())))
        });
        Self { font, glyphs: glyphs.collect() }
    }

    /// The width of drawable text, in the unit of `size`.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().filter_map(|letter| self.glyphs.get(&letter)).map(|(_, width)| width * size).sum()
    }

    /// The glyphs of drawable text, one after the other.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        text.char_indices()
            .filter_map(|(at, letter)| {
                let (glyph, width) = self.glyphs.get(&letter)?;
                let range = at..at + letter.len_utf8();
                Some(KrillaGlyph::new(GlyphId::new(*glyph), *width, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }

    /// Breaks text into lines of at most `width`. A word that is longer than a line is broken where the line ends.
    pub(super) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for part in text.split('\n') {
            let mut line = String::new();
            let mut used = 0.0;
            for word in part.split(' ').filter(|word| !word.is_empty()) {
                let wide = self.width(word, size);
                let space = if line.is_empty() { 0.0 } else { self.width(" ", size) };
                if used + space + wide <= width {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                    line.push_str(word);
                    used += space + wide;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                (line, used) = self.broken(word, size, width, &mut lines);
            }
            lines.push(line);
        }
        while lines.last().is_some_and(String::is_empty) && lines.len() > 1 {
            lines.pop();
        }
        lines
    }

    /// Breaks a word; answers what begins the next line.
    fn broken(&self, word: &str, size: f32, width: f32, lines: &mut Vec<String>) -> (String, f32) {
        let (mut line, mut used) = (String::new(), 0.0);
        for letter in word.chars() {
            let wide = self.glyphs.get(&letter).map_or(0.0, |(_, width)| width * size);
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(letter);
            used += wide;
        }
        (line, used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_every_word_and_none_is_wider_than_asked() {
        let faces = Faces::load();
        let face = faces.of(Weight::Regular);
        let text =
            "Immune globulin 10% (human) 40 g: interrupted Pneumonoultramicroscopicsilicovolcanoconiosis by an alarm.";
        let lines = face.lines(text, 9.0, 80.0);
        assert!(lines.iter().all(|line| face.width(line, 9.0) <= 80.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn a_letter_that_the_fonts_do_not_have_is_replaced_and_said() {
        let faces = Faces::load();
        assert_eq!(
            faces.drawable("Łukasz Ωμέγα Иван 37.8 °C ≥"),
            ("Łukasz Ωμέγα Иван 37.8 °C \u{fffd}".to_owned(), true)
        );
        assert_eq!(faces.drawable("tab\there"), ("tab here".to_owned(), false));
    }
}
