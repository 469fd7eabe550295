//! From top to bottom, sheet after sheet: where the next thing stands, and what it is to a screen reader.

use super::face::{Faces, Weight};
use super::sheet::{ACCENT, BLACK, Drawing, Ink, Mark, QUIET, Sheet};

/// A4 in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// The left and right margin.
pub(super) const SIDE: f32 = 42.0;
/// Where text begins, under the running head.
const TOP: f32 = 44.0;
/// Where text ends, above the page's number.
const BOTTOM: f32 = 804.0;
/// The width of a line.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;
/// Size of text, and its lines' distance.
pub(super) const TEXT: f32 = 8.3;
/// Size of notes and captions.
pub(super) const SMALL: f32 = 7.4;
/// A line's height for a size.
pub(super) const LEADING: f32 = 1.28;
/// From the top of a line to its baseline, for a size.
const ASCENT: f32 = 1.02;

/// What something is to a screen reader.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Section,
    /// Its level, and its words again: PDF/UA wants them as a title.
    Heading(u16, String),
    Paragraph,
    List,
    ListItem,
    Table,
    TableHead,
    TableBody,
    Row,
    ColumnHeading,
    RowHeading,
    Cell,
    /// With its words.
    Figure(String),
}

/// The structure of the text.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) role: Role,
    pub(super) children: Vec<Child>,
}

/// A part of a node.
#[derive(Debug, Clone)]
pub(super) enum Child {
    Node(Node),
    /// The number of a mark's leaf.
    Leaf(usize),
}

/// A heading's place, for the outline.
#[derive(Debug, Clone)]
pub(super) struct Bookmark {
    pub(super) title: String,
    pub(super) sheet: usize,
    pub(super) y: f32,
}

/// Everything laid out.
pub(super) struct LaidOut {
    pub(super) sheets: Vec<Sheet>,
    pub(super) structure: Vec<Child>,
    pub(super) outline: Vec<Bookmark>,
    /// How many leaves there are.
    pub(super) leaves: usize,
}

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
}

pub(super) const PLAIN: Style = Style { size: TEXT, weight: Weight::Regular, ink: BLACK };
pub(super) const STRONG: Style = Style { size: TEXT, weight: Weight::Bold, ink: BLACK };
pub(super) const NOTE: Style = Style { size: SMALL, weight: Weight::Regular, ink: QUIET };

/// The layout on its way.
pub(super) struct Flow<'a> {
    pub(super) faces: &'a Faces,
    sheets: Vec<Sheet>,
    /// The next free line's top.
    pub(super) y: f32,
    /// Open nodes, the outermost first.
    open: Vec<Node>,
    outline: Vec<Bookmark>,
    leaves: usize,
    missing: bool,
}

impl<'a> Flow<'a> {
    /// An empty first sheet.
    pub(super) fn new(faces: &'a Faces) -> Self {
        // The outermost node is the document; its role is never written.
        let document = Node { role: Role::Section, children: Vec::new() };
        Self {
            faces,
            sheets: vec![Sheet::default()],
            y: TOP,
            open: vec![document],
            outline: Vec::new(),
            leaves: 0,
            missing: false,
        }
    }

    /// Ends the layout.
    pub(super) fn finish(mut self) -> LaidOut {
        while self.open.len() > 1 {
            self.close();
        }
        let structure = self.open.pop().map(|document| document.children).unwrap_or_default();
        LaidOut { sheets: self.sheets, structure, outline: self.outline, leaves: self.leaves }
    }

    /// Begins a node in which everything stands until [`Self::close`].
    pub(super) fn open(&mut self, role: Role) {
        self.open.push(Node { role, children: Vec::new() });
    }

    /// Ends the innermost node.
    pub(super) fn close(&mut self) {
        if let (Some(node), Some(parent)) = (self.open.pop(), self.open.last_mut()) {
            parent.children.push(Child::Node(node));
        }
    }

    /// Whether a letter had to be replaced.
    pub(super) fn has_missing_letters(&self) -> bool {
        self.missing
    }

    /// Text that can be drawn; remembers what cannot.
    pub(super) fn drawable(&mut self, text: &str) -> String {
        let parts: Vec<String> = text
            .split('\n')
            .map(|part| {
                let (drawable, missing) = self.faces.drawable(part);
                self.missing |= missing;
                drawable
            })
            .collect();
        parts.join("\n")
    }

    /// Begins the next sheet, unless nothing stands on this one.
    pub(super) fn page_break(&mut self) {
        if self.y > TOP {
            self.sheets.push(Sheet::default());
            self.y = TOP;
        }
    }

    /// Begins the next sheet when `height` does not fit on this one. Says whether it did.
    pub(super) fn need(&mut self, height: f32) -> bool {
        let full = self.y + height > BOTTOM && self.y > TOP;
        if full {
            self.page_break();
        }
        full
    }

    /// A little room.
    pub(super) fn gap(&mut self) {
        self.y += 4.0;
    }

    /// Puts drawings on this sheet as a leaf of the innermost node.
    pub(super) fn put(&mut self, drawings: Vec<Drawing>) {
        let leaf = self.leaves;
        self.leaves += 1;
        if let Some(node) = self.open.last_mut() {
            node.children.push(Child::Leaf(leaf));
        }
        self.mark(Mark { drawings, leaf: Some(leaf) });
    }

    /// Puts drawings on this sheet that say nothing.
    pub(super) fn decorate(&mut self, drawings: Vec<Drawing>) {
        self.mark(Mark { drawings, leaf: None });
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.marks.push(mark);
        }
    }

    /// A line of text whose top is at `y`.
    pub(super) fn line(x: f32, y: f32, style: Style, text: &str) -> Drawing {
        let Style { size, weight, ink } = style;
        Drawing::Text { x, y: y + size * ASCENT, size, weight, ink, text: text.to_owned() }
    }

    /// Lines of text from here on, each where there is room.
    fn text(&mut self, x: f32, width: f32, style: Style, text: &str) {
        let text = self.drawable(text);
        for line in self.faces.of(style.weight).lines(&text, style.size, width) {
            self.need(style.size * LEADING);
            self.put(vec![Self::line(x, self.y, style, &line)]);
            self.y += style.size * LEADING;
        }
    }

    fn styled_paragraph(&mut self, style: Style, text: &str) {
        self.open(Role::Paragraph);
        self.text(SIDE, WIDTH, style, text);
        self.close();
        self.y += 1.5;
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.styled_paragraph(PLAIN, text);
    }

    /// A paragraph that stands out.
    pub(super) fn strong(&mut self, text: &str) {
        self.styled_paragraph(STRONG, text);
    }

    /// A note.
    pub(super) fn small(&mut self, text: &str) {
        self.styled_paragraph(NOTE, text);
    }

    /// A heading with its line, and an entry in the outline.
    pub(super) fn heading(&mut self, level: u16, text: &str) {
        let size = if level == 1 { 14.0 } else { 9.8 };
        // A heading never stands alone at the foot of a sheet.
        self.need(size * LEADING + 3.0 * TEXT * LEADING);
        if level > 1 && self.y > TOP {
            self.y += 3.5;
        }
        let text = self.drawable(text);
        self.outline.push(Bookmark { title: text.clone(), sheet: self.sheets.len() - 1, y: self.y });
        self.open(Role::Heading(level, text.clone()));
        self.text(SIDE, WIDTH, Style { size, weight: Weight::Bold, ink: BLACK }, &text);
        self.close();
        if level > 1 {
            let points = vec![(SIDE, self.y + 0.5), (SIDE + WIDTH, self.y + 0.5)];
            self.decorate(vec![Drawing::Line { points, width: 1.0, ink: ACCENT }]);
            self.y += 2.5;
        }
    }

    /// Short sentences with a dot before each.
    pub(super) fn list(&mut self, lines: &[String]) {
        const INDENT: f32 = 9.0;
        self.open(Role::List);
        for line in lines {
            self.open(Role::ListItem);
            self.need(TEXT * LEADING);
            self.decorate(vec![Drawing::Dot { x: SIDE + 3.0, y: self.y + TEXT * 0.72, radius: 1.2, ink: ACCENT }]);
            self.text(SIDE + INDENT, WIDTH - INDENT, PLAIN, line);
            self.close();
            self.y += 0.6;
        }
        self.close();
    }
}
