//! Search on one type, and the keyset by which its pages follow each other.
//!
//! Parameters: `_id`, `_lastUpdated` (ge, gt, le, lt, eq; may repeat), `identifier`, `patient`/`subject`,
//! `_sort=_lastUpdated|-_lastUpdated`, `_count` (R4 §3.1.1, <https://hl7.org/fhir/R4/search.html>). Anything else
//! is refused by name, because a filter that is silently ignored answers with rows nobody asked for.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::fault::Fault;
use super::kinds::{self, Kind};
use super::records::Version;

/// Rows of a page when the client does not say.
const DEFAULT_COUNT: usize = 50;
/// Rows of a page at most.
const MAX_COUNT: usize = 500;
/// The parameter that carries the keyset in `next` links; opaque to clients.
const CURSOR: &str = "_cursor";

/// What a search asks for.
#[derive(Debug, Default)]
pub(super) struct Criteria {
    ids: Option<Vec<String>>,
    updated: Vec<(Comparison, DateTime<Utc>)>,
    identifiers: Option<Vec<Token>>,
    patient: Option<PatientFilter>,
    pub(super) order: Order,
    pub(super) count: usize,
    pub(super) after: Option<Key>,
}

#[derive(Debug)]
struct PatientFilter {
    elements: &'static [&'static str],
    references: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

/// Position of a row in the result: time, then type and id, so that rows of one instant have one stable order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    millis: i64,
    resource_type: String,
    id: String,
}

impl Key {
    pub(super) fn of(version: &Version) -> Self {
        Self {
            millis: version.last_updated.timestamp_millis(),
            resource_type: version.resource_type.clone(),
            id: version.id.clone(),
        }
    }

    pub(super) fn to_parameter(&self) -> (String, String) {
        (CURSOR.to_owned(), format!("{}~{}~{}", self.millis, self.resource_type, self.id))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        Some(Self {
            millis: parts.next()?.parse().ok()?,
            resource_type: parts.next()?.to_owned(),
            id: parts.next()?.to_owned(),
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    GreaterOrEqual,
    Greater,
    LessOrEqual,
    Less,
    Equal,
}

impl Comparison {
    fn holds(self, value: DateTime<Utc>, bound: DateTime<Utc>) -> bool {
        match self {
            Self::GreaterOrEqual => value >= bound,
            Self::Greater => value > bound,
            Self::LessOrEqual => value <= bound,
            Self::Less => value < bound,
            Self::Equal => value == bound,
        }
    }
}

/// `system|value`, `|value` (no system), `system|` or `value` (R4 §3.1.1.4.10).
#[derive(Debug)]
struct Token {
    system: Option<String>,
    value: Option<String>,
}

impl Token {
    fn parse(text: &str) -> Self {
        match text.split_once('|') {
            None => Self { system: None, value: Some(text.to_owned()) },
            Some((system, value)) => {
                Self { system: Some(system.to_owned()), value: (!value.is_empty()).then(|| value.to_owned()) }
            }
        }
    }

    fn fits(&self, identifier: &Value) -> bool {
        let text = |name| identifier.get(name).and_then(Value::as_str).unwrap_or_default();
        self.system.as_deref().is_none_or(|system| system == text("system"))
            && self.value.as_deref().is_none_or(|value| value == text("value"))
    }
}

impl Criteria {
    /// Reads the parameters of a search on `resource_type`.
    pub(super) fn parse(resource_type: &str, parameters: &[(String, String)]) -> Result<Self, Fault> {
        let kind = kinds::find(resource_type).ok_or_else(|| super::validation::unknown_type(resource_type))?;
        let mut criteria = Self { count: DEFAULT_COUNT, ..Self::default() };
        for (name, value) in parameters {
            match name.as_str() {
                "_id" => criteria.ids = Some(list(value)),
                "_lastUpdated" => criteria.updated.push(time_bound(value)?),
                "identifier" => criteria.identifiers = Some(value.split(',').map(Token::parse).collect()),
                "patient" | "subject" => criteria.patient = Some(patient_filter(kind, name, value)?),
                "_sort" => criteria.order = order(value)?,
                "_count" => criteria.count = count(value)?,
                // Hints that a server may leave unheard (R4 §3.1.1.5.9).
                "_format" | "_pretty" | "_total" | "_elements" => {}
                CURSOR => criteria.after = Some(cursor(value)?),
                other => {
                    return Err(Fault::new(
                        400,
                        "not-supported",
                        format!("The search parameter {other} is not offered for {resource_type}."),
                    ));
                }
            }
        }
        Ok(criteria)
    }

    /// Whether a live resource fits, paging aside.
    pub(super) fn fit(&self, version: &Version, resource: &Value) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&version.id))
            && self.updated.iter().all(|(comparison, bound)| comparison.holds(version.last_updated, *bound))
            && self.identifiers.as_ref().is_none_or(|tokens| {
                identifiers(resource).any(|identifier| tokens.iter().any(|token| token.fits(identifier)))
            })
            && self.patient.as_ref().is_none_or(|filter| filter.fits(resource))
    }

    /// Cuts the page out of all rows that fit; the key is that of the page's last row when more follow.
    pub(super) fn page<'a>(
        &self,
        mut rows: Vec<(&'a Version, &'a Value)>,
    ) -> (Vec<(&'a Version, &'a Value)>, Option<Key>) {
        rows.sort_by_cached_key(|(version, _)| Key::of(version));
        if self.order == Order::NewestFirst {
            rows.reverse();
        }
        if let Some(after) = &self.after {
            rows.retain(|(version, _)| match self.order {
                Order::OldestFirst => Key::of(version) > *after,
                Order::NewestFirst => Key::of(version) < *after,
            });
        }
        let more = rows.len() > self.count;
        rows.truncate(self.count);
        let next = rows.last().filter(|_| more).map(|(version, _)| Key::of(version));
        (rows, next)
    }
}

impl PatientFilter {
    fn fits(&self, resource: &Value) -> bool {
        self.elements
            .iter()
            .any(|path| references(resource, path).iter().any(|reference| self.references.contains(reference)))
    }
}

/// Whether a resource of this kind is about this patient (`Patient/[id]`).
pub(super) fn is_about(kind: &'static Kind, resource: &Value, patient: &str) -> bool {
    PatientFilter { elements: kind.patient, references: vec![patient.to_owned()] }.fits(resource)
}

/// The references under a dotted path, through repeating elements.
fn references(resource: &Value, path: &str) -> Vec<String> {
    let mut nodes = vec![resource];
    for element in path.split('.') {
        nodes = nodes
            .into_iter()
            .filter_map(|node| node.get(element))
            .flat_map(|node| node.as_array().map_or_else(|| vec![node], |items| items.iter().collect()))
            .collect();
    }
    nodes.into_iter().filter_map(|node| node.get("reference")).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn identifiers(resource: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match resource.get("identifier") {
        Some(Value::Array(items)) => (items.as_slice(), None),
        // QuestionnaireResponse has one identifier, not a list.
        Some(single) => (&[][..], Some(single)),
        None => (&[][..], None),
    };
    many.iter().chain(one)
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

fn patient_filter(kind: &'static Kind, parameter: &str, value: &str) -> Result<PatientFilter, Fault> {
    if kind.patient.is_empty() {
        return Err(Fault::new(
            400,
            "not-supported",
            format!("The search parameter {parameter} is not offered for {}.", kind.name),
        ));
    }
    let references =
        value.split(',').map(|one| if one.contains('/') { one.to_owned() } else { format!("Patient/{one}") }).collect();
    Ok(PatientFilter { elements: kind.patient, references })
}

fn time_bound(value: &str) -> Result<(Comparison, DateTime<Utc>), Fault> {
    let prefixes = [
        ("ge", Comparison::GreaterOrEqual),
        ("gt", Comparison::Greater),
        ("le", Comparison::LessOrEqual),
        ("lt", Comparison::Less),
        ("eq", Comparison::Equal),
    ];
    let (comparison, text) = prefixes
        .iter()
        .find_map(|(prefix, comparison)| value.strip_prefix(prefix).map(|text| (*comparison, text)))
        .unwrap_or((Comparison::Equal, value));
    Ok((comparison, parse_instant("_lastUpdated", text)?))
}

/// An instant with zone, as a parameter.
pub(super) fn parse_instant(parameter: &str, text: &str) -> Result<DateTime<Utc>, Fault> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| Fault::invalid(format!("{parameter} must be an instant such as 2026-03-01T08:00:00Z.")))
}

fn order(value: &str) -> Result<Order, Fault> {
    match value {
        "_lastUpdated" => Ok(Order::OldestFirst),
        "-_lastUpdated" => Ok(Order::NewestFirst),
        other => Err(Fault::new(400, "not-supported", format!("_sort={other} is not offered, only _lastUpdated."))),
    }
}

/// `_count`, between 1 and the most that a page holds.
pub(super) fn count(value: &str) -> Result<usize, Fault> {
    let count: usize = value.parse().map_err(|_| Fault::invalid("_count must be a whole number."))?;
    Ok(count.clamp(1, MAX_COUNT))
}

fn cursor(value: &str) -> Result<Key, Fault> {
    Key::parse(value).ok_or_else(|| Fault::new(410, "expired", "This page is no longer known; start the search again."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care_team_server::records::{Method, Version};
    use serde_json::json;

    fn criteria(parameters: &[(&str, &str)]) -> Result<Criteria, Fault> {
        let owned: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Criteria::parse("Observation", &owned)
    }

    fn version(id: &str, millis: i64) -> Version {
        Version {
            resource_type: "Observation".into(),
            id: id.into(),
            number: 1,
            last_updated: DateTime::from_timestamp_millis(millis).expect("in range"),
            method: Method::Put,
            resource: None,
        }
    }

    #[test]
    fn rows_of_one_instant_are_paged_without_loss_or_repetition() {
        let stored: Vec<_> = (0..7).map(|i| version(&format!("o{i}"), 1000)).collect();
        let body = json!({});
        let mut seen = Vec::new();
        let mut search = criteria(&[("_count", "3")]).expect("valid");
        loop {
            let rows = stored.iter().map(|version| (version, &body)).collect();
            let (page, next) = search.page(rows);
            seen.extend(page.iter().map(|(version, _)| version.id.clone()));
            match next {
                Some(key) => search.after = Key::parse(&key.to_parameter().1),
                None => break,
            }
        }
        assert_eq!(seen, ["o0", "o1", "o2", "o3", "o4", "o5", "o6"]);
    }

    #[test]
    fn several_time_bounds_all_hold() {
        let search =
            criteria(&[("_lastUpdated", "ge1970-01-01T00:00:01Z"), ("_lastUpdated", "lt1970-01-01T00:00:02Z")])
                .expect("valid");
        let hits: Vec<bool> =
            [999, 1000, 1999, 2000].iter().map(|at| search.fit(&version("o", *at), &json!({}))).collect();
        assert_eq!(hits, [false, true, true, false]);
    }

    #[test]
    fn identifier_needs_system_and_value_when_both_are_asked() {
        let search = criteria(&[("identifier", "urn:a|1")]).expect("valid");
        let fits = |resource| search.fit(&version("o", 0), &resource);
        assert!(fits(json!({"identifier": [{"system": "urn:b", "value": "1"}, {"system": "urn:a", "value": "1"}]})));
        assert!(fits(json!({"identifier": {"system": "urn:a", "value": "1"}})));
        assert!(!fits(json!({"identifier": [{"system": "urn:b", "value": "1"}]})));
    }

    #[test]
    fn an_unknown_parameter_is_refused_by_name() {
        let fault = criteria(&[("code", "x")]).expect_err("not offered");
        assert!(fault.text.contains("code"));
    }

    #[test]
    fn a_patient_is_found_inside_of_repeating_elements() {
        let kind = kinds::find("Appointment").expect("kept");
        let visit = json!({"participant": [{"actor": {"reference": "Practitioner/n"}},
                                           {"actor": {"reference": "Patient/p"}}]});
        assert!(is_about(kind, &visit, "Patient/p"));
        assert!(!is_about(kind, &visit, "Patient/q"));
    }
}
