//! The words of home infusion, and nothing but the words: no rule, no I/O, no clock.
//!
//! Every other crate speaks in these types, and they carry the names of FHIR R4, IEEE 11073 and the clinic, so that a
//! nurse, a FHIR server and the database mean the same thing. Three habits keep wrong states out: ids are newtypes,
//! quantities carry their unit, and "unknown" is a variant of its own and never a zero.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// The line in the body.
pub mod access_device;
/// What really happened with an occurrence.
pub mod administration;
/// What triage answers, and the care team's own thresholds.
pub mod advice;
/// How far an alarm of the phone came.
pub mod alarm_record;
/// What people at home do for one another beside the doses.
pub mod caregiving;
/// Insurance, and what it has authorised.
pub mod coverage;
/// The pump or other way of delivery.
pub mod delivery_device;
/// The journal's one record type.
pub mod entry;
/// Who is told when nobody answers.
pub mod escalation;
/// A form that was answered.
pub mod form;
/// Newtypes for every id.
pub mod id;
/// Where in an infusion something was noticed.
pub mod infusion_moment;
/// What a message carries, and when the team answers.
pub mod messaging;
/// What is prescribed: medication, line care, labs.
pub mod order;
/// The patient, the care team, the caregivers and how to reach them.
pub mod person;
/// The whole care plan as imported, with what could not be read.
pub mod plan;
/// Decimal values with a UCUM unit.
pub mod quantity;
/// Rate ladders, tapers and plain rates, as ordered.
pub mod rate;
/// Dense readings of a pump.
pub mod samples;
/// A stay in a hospital.
pub mod stay;
/// The steps around a dose, and the flush list.
pub mod step;
/// Deliveries of drug and supplies.
pub mod supply;
/// The three times of a fact, and FHIR's partial dates.
pub mod time;
/// FHIR `Timing`: when an order's doses fall.
pub mod timing;
/// Trends that the care team asked to be told of.
pub mod trend;
/// Nurse visits, in person, by video, by phone.
pub mod visit;
/// Zone rules as a table of transitions, given from outside.
pub mod zone;

pub use access_device::{AccessDevice, AccessDeviceKind, LumenUse};
pub use administration::{Administration, AdministrationStatus, SkipDecision};
pub use advice::{Advice, AdviceLevel, AlarmAdvice, AlarmKind, Comparison, PlanRule, Repeated, Threshold};
pub use alarm_record::AlarmRecord;
pub use caregiving::{Caregiving, Request, RequestOutcome, Settlement};
pub use coverage::Coverage;
pub use delivery_device::{DeliveryDevice, DeliveryMethod, PumpProtocol};
pub use entry::{
    Author, AuthorRole, BalloonSize, DailyCheck, DeviceCheck, DosesDone, Entry, EntryBody, EntryKind, Feeling, Fluid,
    FluidDirection, Message, MessageDirection, PumpEvent, PumpEventKind, Question, Severity, SiteFinding, SiteLook,
    Source, Symptom, SymptomCourse, Vital, VitalKind,
};
pub use escalation::{Duty, Escalation};
pub use form::{FormAnswer, FormAnswers, FormChoice, FormItem, FormValue};
pub use id::{
    AccessDeviceId, AttachmentId, DeliveryDeviceId, DeliveryId, DeviceId, EntryId, IdError, InfusionId, OccurrenceId,
    OrderId, PatientId, PersonId, VisitId,
};
pub use infusion_moment::{InfusionMoment, RateRung};
pub use messaging::{AttachedEntry, MessageTopic, Recipient, ReplyTime};
pub use order::{
    AsNeeded, Dispensed, Dosage, LineCareKind, MaxDose, Medication, Order, OrderKind, OrderRef, OrderStatus,
    OrderVersion, RelativeAnchor, RelativeLink, Storage, TimePolicy, Window,
};
pub use person::{Caregiver, Contact, ContactPurpose, Patient, Practitioner, Right};
pub use plan::{CarePlan, KeptResource, Unreadable};
pub use quantity::{Quantity, QuantityError, Ratio, Unit};
pub use rate::{RateProfile, RateStep};
pub use samples::{Sample, Samples, Series};
pub use stay::HospitalStay;
pub use step::{Flush, FlushPlan, Step, StepKey};
pub use supply::{Delivery, DeliveryStatus};
pub use time::{DeviceClock, EntryTimes, FhirDateTime, Happened, TimeBasis};
pub use timing::{Bounds, DayOfWeek, EventTiming, PeriodUnit, Repeat, Timing};
pub use trend::{TrendDirection, TrendLevel, TrendMethod, TrendRule, TrendSeries};
pub use visit::{Visit, VisitMode, VisitStatus};
pub use zone::{ZoneId, ZoneTable, ZoneTransition};

pub use rust_decimal::Decimal;
pub use uuid::Uuid;
