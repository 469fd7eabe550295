//! Writes laid-out sheets as a tagged PDF.

use super::blocks::image;
use super::face::{Faces, Weight};
use super::flow::{Child, LaidOut, Node, PAGE, Role, SIDE, WIDTH};
use super::sheet::{Drawing, Ink, QUIET};
use crate::report::document::Document;
use chrono::{Datelike, Timelike};
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::Accessibility;
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
    TagTree,
};
use std::num::NonZeroU16;

/// Where the running head and the page's number stand.
const HEAD_Y: f32 = 32.0;
const FOOT_Y: f32 = 820.0;
const RUNNING: f32 = 7.6;

pub(super) fn write(
    document: &Document,
    laid_out: LaidOut,
    faces: &Faces,
    running_head: &str,
) -> Result<Vec<u8>, KrillaError> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .expect("PDF/UA-1 alone contradicts nothing");
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = krilla::Document::new_with(settings);
    pdf.set_metadata(metadata(document));
    let mut outline = Outline::new();
    for bookmark in &laid_out.outline {
        let place = XyzDestination::new(bookmark.sheet, Point::from_xy(SIDE, bookmark.y));
        outline.push_child(OutlineNode::new(bookmark.title.clone(), place));
    }
    pdf.set_outline(outline);

    let mut identifiers: Vec<Option<Identifier>> = vec![None; laid_out.leaves];
    let pages = laid_out.sheets.len();
    let size = PageSettings::from_wh(PAGE.0, PAGE.1).expect("A4 is a size");
    for (number, sheet) in laid_out.sheets.iter().enumerate() {
        let mut page = pdf.start_page_with(size.clone());
        let mut surface = page.surface();
        let foot = format!("Page {} of {pages}", number + 1);
        running(&mut surface, faces, ArtifactType::Header, HEAD_Y, running_head, &foot);
        running(&mut surface, faces, ArtifactType::Footer, FOOT_Y, running_head, &foot);
        for mark in &sheet.marks {
            let text = matches!(mark.drawings.as_slice(), [Drawing::Text { .. }]);
            let tag = match mark.leaf {
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                Some(_) if text => ContentTag::Span(SpanTag::empty()),
                Some(_) => ContentTag::Other,
            };
            let identifier = surface.start_tagged(tag);
            mark.drawings.iter().for_each(|drawing| draw(&mut surface, faces, drawing));
            surface.end_tagged();
            if let Some(slot) = mark.leaf.and_then(|leaf| identifiers.get_mut(leaf)) {
                *slot = Some(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for child in &laid_out.structure {
        match child {
            Child::Node(node) => tree.push(group(node, &identifiers)),
            Child::Leaf(leaf) => {
                if let Some(Some(identifier)) = identifiers.get(*leaf) {
                    tree.push(*identifier);
                }
            }
        }
    }
    pdf.set_tag_tree(tree);
    pdf.finish()
}

fn metadata(document: &Document) -> Metadata {
    let at = document.written_at;
    let number = |value: u32| u8::try_from(value).unwrap_or_default();
    let offset = at.offset().local_minus_utc();
    Metadata::new()
        .title(format!("{}, {}", document.title(), document.period()))
        .creator("Homeline".to_owned())
        .language("en".to_owned())
        .creation_date(
            DateTime::new(u16::try_from(at.year()).unwrap_or_default())
                .month(number(at.month()))
                .day(number(at.day()))
                .hour(number(at.hour()))
                .minute(number(at.minute()))
                .second(number(at.second()))
                .utc_offset_hour(i8::try_from(offset / 3600).unwrap_or_default())
                .utc_offset_minute(u8::try_from(offset.abs() / 60 % 60).unwrap_or_default()),
        )
}

/// What stands on every page: in the head whose report it is and of when, in the foot the page's number.
fn running(surface: &mut Surface<'_>, faces: &Faces, kind: ArtifactType, y: f32, head: &str, foot: &str) {
    let (head, _) = faces.drawable(head);
    let face = faces.of(Weight::Regular);
    let (x, text) = match kind {
        ArtifactType::Header => (SIDE, head.as_str()),
        _ => (SIDE + WIDTH - face.width(foot, RUNNING), foot),
    };
    let drawing = Drawing::Text { x, y, size: RUNNING, weight: Weight::Regular, ink: QUIET, text: text.to_owned() };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
    draw(surface, faces, &drawing);
    surface.end_tagged();
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, drawing: &Drawing) {
    match drawing {
        Drawing::Text { x, y, size, weight, ink, text } => {
            let face = faces.of(*weight);
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*ink)));
            let glyphs = face.glyphs(text);
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, face.font.clone(), text, *size, false);
        }
        Drawing::Line { points, width, ink } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: color(*ink).into(),
                width: *width,
                miter_limit: 4.0,
                line_cap: LineCap::Butt,
                line_join: LineJoin::Round,
                opacity: NormalizedF32::ONE,
                dash: None,
            }));
            if let Some(path) = path(points, false) {
                surface.draw_path(&path);
            }
        }
        Drawing::Fill { points, ink } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*ink)));
            if let Some(path) = path(points, true) {
                surface.draw_path(&path);
            }
        }
        Drawing::Dot { x, y, radius, ink } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*ink)));
            if let Some(path) = circle(*x, *y, *radius) {
                surface.draw_path(&path);
            }
        }
        Drawing::Picture { x, y, width, height, content_type, bytes } => {
            if let (Some(image), Some(size)) = (image(content_type, bytes), Size::from_wh(*width, *height)) {
                surface.push_transform(&Transform::from_translate(*x, *y));
                surface.draw_image(image, size);
                surface.pop();
            }
        }
    }
}

fn color([red, green, blue]: Ink) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: color(ink).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn path(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    builder.move_to(first.0, first.1);
    rest.iter().for_each(|(x, y)| builder.line_to(*x, *y));
    if closed {
        builder.close();
    }
    builder.finish()
}

/// Four curves; their handles' length is the usual one, <https://pomax.github.io/bezierinfo/#circles_cubic>.
fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    const HANDLE: f32 = 0.552_285;
    let (r, h) = (radius, radius * HANDLE);
    let mut builder = PathBuilder::new();
    builder.move_to(x + r, y);
    builder.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    builder.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    builder.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    builder.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    builder.close();
    builder.finish()
}

fn group(node: &Node, identifiers: &[Option<Identifier>]) -> TagGroup {
    let mut group = TagGroup::new(tag(&node.role));
    // In a list the words stand in the body of its item.
    let mut body = TagGroup::new(Tag::LBody);
    let target = if node.role == Role::ListItem { &mut body } else { &mut group };
    for child in &node.children {
        match child {
            Child::Node(node) => target.push(self::group(node, identifiers)),
            Child::Leaf(leaf) => {
                if let Some(Some(identifier)) = identifiers.get(*leaf) {
                    target.push(*identifier);
                }
            }
        }
    }
    if node.role == Role::ListItem {
        group.push(body);
    }
    group
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, words) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(words.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::ListItem => Tag::LI.into(),
        Role::Table => Tag::Table.into(),
        Role::TableHead => Tag::THead.into(),
        Role::TableBody => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeading => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeading => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(words) => Tag::Figure(Some(words.clone())).into(),
    }
}
