//! Values that have a type in both languages, and texts that are checked as they come in. What does not fit is an error of
//! the call like any other: uniffi hands a [`HomelineError`] from a conversion on to whoever called. None of them may panic:
//! arguments of asynchronous calls are read where nothing catches it.

use crate::error::HomelineError;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use homeline_companion::{LinkId, Place, Refusal};
use homeline_model::{AttachmentId, Decimal, EntryId, EventTiming, OccurrenceId, OrderId, PersonId, ZoneId};
use std::str::FromStr;
use std::time::{Duration, SystemTime};
use uniffi::deps::anyhow;

/// An instant, in UTC.
pub type Timestamp = DateTime<Utc>;
/// A day of the calendar.
pub type Day = NaiveDate;
/// A time of the clock on the wall.
pub type TimeOfDay = NaiveTime;
/// A time with the offset of the place whose clock shows it.
pub type LocalTime = DateTime<FixedOffset>;

/// What a clock without a zone shows, e.g. a pump's.
pub type ClockTime = NaiveDateTime;

/// One of a few words that a docstring lists: stable, and never read back.
pub type Code = &'static str;
/// How many, or at which place of a list.
pub type Count = usize;

fn parsed<T: FromStr>(text: &str, field: &str, remedy: &str) -> anyhow::Result<T> {
    text.trim().parse().map_err(|_| HomelineError::input(field, "it cannot be read", remedy).into())
}

/// The years that have a calendar on both sides of the border.
fn instant(at: SystemTime) -> anyhow::Result<Timestamp> {
    let since = |duration: Duration| {
        let seconds = i64::try_from(duration.as_secs()).ok()?;
        DateTime::from_timestamp(seconds, duration.subsec_nanos())
    };
    let at = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => since(before.duration()).and_then(|mirrored| {
            let before = mirrored.signed_duration_since(DateTime::UNIX_EPOCH);
            DateTime::UNIX_EPOCH.checked_sub_signed(before)
        }),
    };
    at.ok_or_else(|| HomelineError::input("time", "no calendar has it", "Give a time of these years.").into())
}

uniffi::custom_type!(
    /// One of the words that the item's documentation lists.
    Code, String, {
    remote, lower: |code| code.to_owned(), try_lift: |_code| Err(HomelineError::input("code", "the core alone gives it", "Leave it out.").into()) });
uniffi::custom_type!(
    /// How many, or at which place of a list, from 0.
    Count, u64, {
    remote,
    lower: |count| u64::try_from(count).unwrap_or(u64::MAX),
    try_lift: |count| usize::try_from(count)
        .map_err(|_| HomelineError::input("count", "so many are nowhere", "Give a smaller number.").into()) });
uniffi::custom_type!(
    /// Why a pump is not listened to, one sentence without a full stop.
    Refusal, String, {
    remote,
    lower: |refusal| refusal.to_string(),
    try_lift: |_sentence| Err(HomelineError::input("refusal", "the core alone gives it", "Leave it out.").into()) });
uniffi::custom_type!(
    /// An instant.
    Timestamp, SystemTime, { remote, lower: |at| at.into(), try_lift: |at| instant(at) });
uniffi::custom_type!(
    /// A time with its offset from UTC, RFC 3339, e.g. `2026-11-23T08:00:00-06:00`.
    LocalTime, String, {
    remote, lower: |at| at.to_rfc3339(), try_lift: |text| parsed(&text, "time", "Give it like 2026-11-23T08:00:00-06:00.") });
uniffi::custom_type!(
    /// A day of the calendar, `2026-11-23`.
    Day, String, {
    remote, lower: |day| day.to_string(), try_lift: |text| parsed(&text, "day", "Give it like 2026-11-23.") });
uniffi::custom_type!(
    /// A time of the clock on the wall, `14:05`.
    TimeOfDay, String, {
    remote,
    lower: |time| time.format("%H:%M").to_string(),
    try_lift: |text| NaiveTime::parse_from_str(text.trim(), "%H:%M")
        .map_err(|_| HomelineError::input("time", "it is not a time of day", "Give it like 14:05.").into()) });
uniffi::custom_type!(
    /// What a clock without a zone shows, `2026-11-23T14:05:00`.
    ClockTime, String, {
    remote,
    lower: |shown| shown.format("%Y-%m-%dT%H:%M:%S").to_string(),
    try_lift: |text| parsed(&text, "time", "Give it like 2026-11-23T14:05:00.") });
uniffi::custom_type!(
    /// A decimal number with its digits as ordered, typed or measured, e.g. `12.50`.
    Decimal, String, {
    remote, lower: |number| number.to_string(), try_lift: |text| parsed(&text, "number", "Write digits with a decimal point, e.g. 12.5.") });
uniffi::custom_type!(
    /// The IANA name of a zone, e.g. `America/Chicago`.
    ZoneId, String, {
    remote,
    lower: |zone| zone.to_string(),
    try_lift: |name| ZoneId::new(&name).ok_or_else(|| {
        HomelineError::input("zone", "it is not the name of a zone", "Give an IANA name such as Europe/Berlin.").into()
    }) });
uniffi::custom_type!(
    /// The id of a `MedicationRequest` or `ServiceRequest` that is an order.
    OrderId, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |id| OrderId::new(id)
        .map_err(|_| HomelineError::input("order", "it is not the id of an order", "Take the one that the plan names.").into()) });
uniffi::custom_type!(
    /// The id of a person of the plan: of the care team, or a caregiver.
    PersonId, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |id| PersonId::new(id).map_err(|_| {
        HomelineError::input("person", "it is not the id of a person", "Take the one that the plan names.").into()
    }) });
uniffi::custom_type!(
    /// The id of a journal entry: a UUID, and the id of the FHIR resource that carries it.
    EntryId, String, {
    remote, lower: |id| id.to_string(), try_lift: |id| parsed(&id, "entry", "Take the id of a row of the journal.") });
uniffi::custom_type!(
    /// The id of one planned dose or duty: a UUID, on every phone the same.
    OccurrenceId, String, {
    remote, lower: |id| id.to_string(), try_lift: |id| parsed(&id, "occurrence", "Take the id that a screen or reminder names.") });
uniffi::custom_type!(
    /// The id of a sealed picture: a UUID.
    AttachmentId, String, {
    remote, lower: |id| id.to_string(), try_lift: |id| parsed(&id, "attachment", "Take the id that the entry names.") });
uniffi::custom_type!(
    /// A place in the journal from which a page goes on; opaque.
    Place, String, {
    remote, lower: |place| place.to_string(), try_lift: |place| place.parse().map_err(|error| HomelineError::from(error).into()) });
uniffi::custom_type!(
    /// The link to one device: `pump`, or the id under which a device for vital signs was added.
    LinkId, String, { remote, lower: |link| link.0, try_lift: |link| Ok(LinkId(link)) });
uniffi::custom_type!(
    /// FHIR's code of an event of the day: `WAKE`, `CM` breakfast, `CD` lunch, `CV` dinner, `HS` bedtime, `MORN` and the
    /// other parts of the day.
    EventTiming, String, {
    remote,
    lower: |event| serde_json::to_value(event).ok().and_then(|code| Some(code.as_str()?.to_owned())).unwrap_or_default(),
    try_lift: |code| serde_json::from_value(code.into()).map_err(|_| {
        HomelineError::input("event", "it is not the code of an event of the day", "Take one of FHIR's, e.g. CM.").into()
    }) });
