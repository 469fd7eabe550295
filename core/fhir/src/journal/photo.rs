//! Pictures: `DocumentReference`, with the bytes inside where they are small, else in a `Binary` of their own.

use super::head::{self, Head};
use super::observation::{picture_identifier, picture_of};
use super::words;
use crate::datatype::{Attachment, CodeableConcept, Coding, Reference};
use crate::date_time;
use crate::fault::Fault;
use crate::resource::{Binary, DocumentContent, DocumentContext, DocumentReference};
use crate::url;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use homeline_model::{AttachmentId, CarePlan, Entry, EntryBody};

/// LOINC "Photographic image Unspecified body region Document".
const PHOTOGRAPH: (&str, &str) = ("72170-4", "Photographic image Unspecified body region Document");

/// The words of a photo entry.
pub(super) struct Picture<'a> {
    pub attachment: AttachmentId,
    pub content_type: &'a str,
    pub caption: Option<&'a str>,
    /// The opened bytes; `None` when they are not at hand, then only the description goes out.
    pub bytes: Option<&'a [u8]>,
}

/// The DocumentReference, and before it the Binary where the picture is larger than `inline`.
pub(super) fn write(
    entry: &Entry,
    picture: &Picture<'_>,
    plan: Option<&CarePlan>,
    in_error: bool,
    inline: usize,
) -> (Option<Binary>, DocumentReference) {
    let mut attachment = Attachment {
        content_type: words(picture.content_type),
        title: picture.caption.and_then(words),
        creation: Some(date_time::of_happened(&entry.times.happened)),
        size: picture.bytes.and_then(|bytes| u32::try_from(bytes.len()).ok()),
        ..Attachment::default()
    };
    let mut binary = None;
    match picture.bytes {
        Some(bytes) if bytes.len() <= inline => attachment.data = Some(STANDARD.encode(bytes)),
        Some(bytes) => {
            attachment.url = Some(format!("Binary/{}", picture.attachment));
            binary = Some(Binary {
                content_type: words(picture.content_type),
                security_context: Some(Reference::to("Patient", &entry.patient)),
                data: Some(STANDARD.encode(bytes)),
                ..Binary::with_id(picture.attachment.to_string())
            });
        }
        None => {}
    }
    let related: Vec<Reference> = entry.order.iter().map(|order| head::order_reference(order, plan)).collect();
    let author = head::author(entry, plan).filter(|author| author.reference.is_some());
    let document = DocumentReference {
        identifier: vec![head::identifier(entry), picture_identifier(picture.attachment)],
        status: Some(if in_error { "entered-in-error" } else { "current" }.to_owned()),
        r#type: Some(CodeableConcept {
            coding: vec![Coding::with_display(url::LOINC, PHOTOGRAPH.0, PHOTOGRAPH.1)],
            ..CodeableConcept::default()
        }),
        subject: Some(Reference::to("Patient", &entry.patient)),
        date: Some(date_time::of_instant(entry.times.recorded_at)),
        author: author.into_iter().collect(),
        description: picture.caption.and_then(words),
        content: vec![DocumentContent { attachment: Some(attachment), ..DocumentContent::default() }],
        context: (!related.is_empty()).then(|| DocumentContext { related, ..DocumentContext::default() }),
        extension: vec![head::write(entry, plan)],
        ..DocumentReference::with_id(entry.id.to_string())
    };
    (binary, document)
}

/// Reads it back; the bytes stay on the server until somebody asks for them.
pub(super) fn read(resource: &DocumentReference, head: Head) -> Result<Entry, Fault> {
    let attachment = resource.identifier.iter().find_map(picture_of);
    let content = resource.content.first().and_then(|content| content.attachment.as_ref());
    Ok(head.with_body(EntryBody::Photo {
        attachment: attachment.ok_or_else(|| Fault::missing("identifier", "the UUID of the picture"))?,
        content_type: content.and_then(|content| content.content_type.clone()).unwrap_or_default(),
        caption: resource.description.clone(),
    }))
}
