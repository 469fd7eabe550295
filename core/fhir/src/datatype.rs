//! R4 datatypes, <https://hl7.org/fhir/R4/datatypes.html>. Fields that we neither read nor write stay in `extra`.

use crate::element::elements;
use crate::url;
use serde_json::Number;

elements! {
    /// <https://hl7.org/fhir/R4/resource.html#Meta>
    Meta { one: { version_id: String, last_updated: String, source: String } many: { profile: String } }

    /// <https://hl7.org/fhir/R4/extensibility.html#Extension>, with the value types that we use.
    Extension {
        one: {
            url: String, value_string: String, value_code: String, value_boolean: bool, value_integer: i64,
            value_unsigned_int: u32, value_positive_int: u32, value_decimal: Number, value_quantity: Quantity,
            value_duration: Quantity,
            value_period: Period, value_reference: Reference, value_codeable_concept: CodeableConcept,
            value_date_time: String, value_instant: String, value_uuid: String, value_url: String,
            value_timing: Box<Timing>,
        }
        many: { extension: Extension }
    }

    /// <https://hl7.org/fhir/R4/datatypes.html#Identifier>
    Identifier { one: { r#use: String, r#type: CodeableConcept, system: String, value: String } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Coding>
    Coding { one: { system: String, version: String, code: String, display: String } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#CodeableConcept>
    CodeableConcept { one: { text: String } many: { coding: Coding, extension: Extension } }

    /// <https://hl7.org/fhir/R4/references.html#Reference>
    Reference { one: { reference: String, r#type: String, identifier: Identifier, display: String } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Quantity>, also `SimpleQuantity`, `Duration`, `Age`, `Count`.
    Quantity { one: { value: Number, comparator: String, unit: String, system: String, code: String } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Range>
    Range { one: { low: Quantity, high: Quantity } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Ratio>
    Ratio { one: { numerator: Quantity, denominator: Quantity } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Period>
    Period { one: { start: String, end: String } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#HumanName>
    HumanName { one: { r#use: String, text: String, family: String } many: { given: String, prefix: String, suffix: String } }

    /// <https://hl7.org/fhir/R4/datatypes.html#ContactPoint>
    ContactPoint {
        one: { system: String, value: String, r#use: String, rank: u32, period: Period }
        many: { extension: Extension }
    }

    /// <https://hl7.org/fhir/R4/datatypes.html#Address>
    Address { one: { text: String } many: { extension: Extension } }

    /// <https://hl7.org/fhir/R4/datatypes.html#Annotation>
    Annotation { one: { time: String, text: String, author_string: String, author_reference: Reference } many: {} }

    /// <https://hl7.org/fhir/R4/datatypes.html#Attachment>
    Attachment {
        one: { content_type: String, data: String, url: String, size: u32, hash: String, title: String, creation: String }
        many: {}
    }

    /// <https://hl7.org/fhir/R4/datatypes.html#Timing>
    Timing {
        one: { repeat: TimingRepeat, code: CodeableConcept }
        many: { event: String, extension: Extension, modifier_extension: Extension }
    }

    /// `Timing.repeat`
    TimingRepeat {
        one: {
            bounds_duration: Quantity, bounds_range: Range, bounds_period: Period, count: Number, count_max: Number,
            duration: Number, duration_max: Number, duration_unit: String, frequency: Number, frequency_max: Number,
            period: Number, period_max: Number, period_unit: String, offset: Number,
        }
        many: { day_of_week: String, time_of_day: String, when: String, extension: Extension }
    }

    /// <https://hl7.org/fhir/R4/dosage.html#Dosage>
    Dosage {
        one: {
            sequence: Number, text: String, patient_instruction: String, timing: Timing, as_needed_boolean: bool,
            as_needed_codeable_concept: CodeableConcept, site: CodeableConcept, route: CodeableConcept,
            method: CodeableConcept, max_dose_per_period: Ratio, max_dose_per_administration: Quantity,
            max_dose_per_lifetime: Quantity,
        }
        many: {
            additional_instruction: CodeableConcept, dose_and_rate: DoseAndRate, extension: Extension,
            modifier_extension: Extension,
        }
    }

    /// `Dosage.doseAndRate`
    DoseAndRate {
        one: {
            r#type: CodeableConcept, dose_quantity: Quantity, dose_range: Range, rate_quantity: Quantity,
            rate_range: Range, rate_ratio: Ratio,
        }
        many: { extension: Extension }
    }
}

impl CodeableConcept {
    /// A concept in words alone.
    pub fn of_text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A concept with one code.
    pub fn of_code(system: &str, code: &str, text: &str) -> Self {
        Self { text: Some(text.to_owned()), coding: vec![Coding::new(system, code)], ..Self::default() }
    }

    /// The words to show: the text, else the first display.
    pub fn words(&self) -> Option<&str> {
        let display = || self.coding.iter().find_map(|coding| coding.display.as_deref());
        self.text.as_deref().or_else(display).map(str::trim).filter(|words| !words.is_empty())
    }

    /// The code that it has in `system`.
    pub fn code_in(&self, system: &str) -> Option<&str> {
        self.coding.iter().find(|coding| coding.system.as_deref() == Some(system))?.code.as_deref()
    }
}

impl Coding {
    /// A code of a system.
    pub fn new(system: &str, code: &str) -> Self {
        Self { system: Some(system.to_owned()), code: Some(code.to_owned()), ..Self::default() }
    }

    /// The same with the system's own words.
    pub fn with_display(system: &str, code: &str, display: &str) -> Self {
        Self { display: Some(display.to_owned()), ..Self::new(system, code) }
    }
}

impl Reference {
    /// A reference `Type/id`.
    pub fn to(resource_type: &str, id: impl std::fmt::Display) -> Self {
        Self { reference: Some(format!("{resource_type}/{id}")), ..Self::default() }
    }

    /// The same with a name to show.
    pub fn named(mut self, name: &str) -> Self {
        self.display = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        self
    }

    /// Type and id that a relative or absolute reference points to, without `_history`; `None` for contained (`#x`),
    /// `urn:` and logical references.
    pub fn target(&self) -> Option<(&str, &str)> {
        let reference = self.reference.as_deref()?;
        let current = reference.split_once("/_history/").map_or(reference, |(current, _)| current);
        let mut parts = current.rsplit('/');
        let (id, resource_type) = (parts.next()?, parts.next()?);
        let is_type = resource_type.chars().next().is_some_and(|first| first.is_ascii_uppercase());
        (is_type && !id.is_empty()).then_some((resource_type, id))
    }

    /// The id, when the reference points to that type. `urn:uuid:` counts for any type, with the UUID as id.
    pub fn id_of(&self, resource_type: &str) -> Option<&str> {
        match self.target() {
            Some((found, id)) => (found == resource_type).then_some(id),
            None => self.reference.as_deref()?.strip_prefix("urn:uuid:"),
        }
    }

    /// The version that the reference names.
    pub fn version(&self) -> Option<&str> {
        self.reference.as_deref()?.split_once("/_history/").map(|(_, version)| version)
    }
}

impl HumanName {
    /// The name to show.
    pub fn words(&self) -> Option<String> {
        if let Some(text) = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            return Some(text.to_owned());
        }
        let parts: Vec<&str> = self
            .prefix
            .iter()
            .chain(&self.given)
            .map(String::as_str)
            .chain(self.family.as_deref())
            .chain(self.suffix.iter().map(String::as_str))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

impl Extension {
    /// One of our extensions, or a part of one when `name` is a plain word inside another extension.
    fn named(name: &str) -> Self {
        Self { url: Some(name.to_owned()), ..Self::default() }
    }

    /// Our extension of that name, made of parts.
    pub fn of_parts(name: &str, parts: Vec<Self>) -> Self {
        Self { extension: parts, ..Self::named(&url::extension(name)) }
    }

    /// Turns a part into an extension of its own.
    pub fn alone(mut self) -> Self {
        self.url = self.url.map(|name| url::extension(&name));
        self
    }

    /// A part that holds text; nothing when the text is blank, because FHIR has no empty strings.
    pub fn text(name: &str, value: &str) -> Option<Self> {
        (!value.trim().is_empty()).then(|| Self { value_string: Some(value.to_owned()), ..Self::named(name) })
    }

    /// A part that holds a code.
    pub fn code(name: &str, value: &str) -> Self {
        Self { value_code: Some(value.to_owned()), ..Self::named(name) }
    }

    /// A part that holds yes or no.
    pub fn boolean(name: &str, value: bool) -> Self {
        Self { value_boolean: Some(value), ..Self::named(name) }
    }

    /// A part that holds a quantity.
    pub fn quantity(name: &str, value: Quantity) -> Self {
        Self { value_quantity: Some(value), ..Self::named(name) }
    }

    /// A part that holds an instant with its offset.
    pub fn date_time(name: &str, value: String) -> Self {
        Self { value_date_time: Some(value), ..Self::named(name) }
    }

    /// A part that holds a UUID.
    pub fn uuid(name: &str, value: impl std::fmt::Display) -> Self {
        Self { value_uuid: Some(format!("urn:uuid:{value}")), ..Self::named(name) }
    }

    /// A part that holds a reference.
    pub fn reference(name: &str, value: Reference) -> Self {
        Self { value_reference: Some(value), ..Self::named(name) }
    }

    /// A part that holds a whole number.
    pub fn integer(name: &str, value: i32) -> Self {
        Self { value_integer: Some(i64::from(value)), ..Self::named(name) }
    }
}

/// Finds our extension of that name.
pub fn find<'a>(extensions: &'a [Extension], name: &str) -> Option<&'a Extension> {
    find_all(extensions, name).next().map(|(_, extension)| extension)
}

/// Finds all of our extensions of that name, with their places.
pub fn find_all<'a>(extensions: &'a [Extension], name: &str) -> impl Iterator<Item = (usize, &'a Extension)> {
    let url = url::extension(name);
    extensions.iter().enumerate().filter(move |(_, extension)| extension.url.as_deref() == Some(url.as_str()))
}

/// Finds a part of a complex extension.
pub fn part<'a>(extension: &'a Extension, name: &str) -> Option<&'a Extension> {
    parts(extension, name).next().map(|(_, part)| part)
}

/// Finds all parts of that name, with their places.
pub fn parts<'a>(extension: &'a Extension, name: &str) -> impl Iterator<Item = (usize, &'a Extension)> {
    extension.extension.iter().enumerate().filter(move |(_, part)| part.url.as_deref() == Some(name))
}
