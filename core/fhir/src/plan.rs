//! The typed plan, put together from resources. Whatever cannot be understood is listed and kept out of the schedule;
//! one bad resource never takes the others with it.

use crate::fault::{Fault, at, read_resource};
use crate::import::ImportError;
use crate::questionnaire::Questionnaire;
use crate::read::device::{Found, device};
use crate::read::dosage::DoseRule;
use crate::read::{Findings, advice, consent, escalation, logistics, order, people, reply_time, service, stay, trend};
use crate::relative_link::without_loose_links;
use crate::resource::{
    AllergyIntolerance, Appointment, CarePlan as PlanResource, CareTeam, Consent, Coverage, Device, Encounter,
    Medication, MedicationRequest, Organization, Patient, Practitioner as PractitionerResource, PractitionerRole,
    RelatedPerson, ServiceRequest, SupplyDelivery,
};
use crate::subject::other_patient;
use crate::url;
use homeline_model::{
    CarePlan, Contact, ContactPurpose, KeptResource, Order, OrderId, PatientId, PersonId, Practitioner, TimePolicy,
    Unreadable, ZoneId,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What to do with a resource about another patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// Refuse everything: the file is somebody else's or mixed up.
    Refuse,
    /// List it and go on.
    List,
}

/// Types that hold the journal and its company: read by [`crate::resource_to_entry`], no part of the plan.
const JOURNAL: &[&str] = &[
    "MedicationAdministration",
    "Observation",
    "Communication",
    "DocumentReference",
    "QuestionnaireResponse",
    "Provenance",
    "Binary",
    "OperationOutcome",
];

/// Reads the plan.
pub(crate) fn assemble<'a>(
    resources: impl IntoIterator<Item = (&'a str, &'a str)>,
    patient: &PatientId,
    foreign: Foreign,
) -> Result<CarePlan, ImportError> {
    let mut builder = Builder::default();
    for (given_type, json) in resources {
        builder.sort_in(given_type, json, patient, foreign)?;
    }
    builder.finish(patient)
}

/// A resource that was parsed, with the name that findings about it carry.
struct Named<T> {
    name: String,
    resource: T,
}

#[derive(Default)]
struct Builder {
    patient: Option<Named<Patient>>,
    medications: HashMap<String, Medication>,
    medication_requests: Vec<Named<MedicationRequest>>,
    service_requests: Vec<Named<ServiceRequest>>,
    plans: Vec<Named<PlanResource>>,
    care_teams: Vec<Named<CareTeam>>,
    practitioners: Vec<Named<PractitionerResource>>,
    roles: Vec<PractitionerRole>,
    organizations: Vec<Named<Organization>>,
    caregivers: Vec<Named<RelatedPerson>>,
    devices: Vec<Named<Device>>,
    visits: Vec<Named<Appointment>>,
    deliveries: Vec<Named<SupplyDelivery>>,
    coverages: Vec<Named<Coverage>>,
    allergies: Vec<Named<AllergyIntolerance>>,
    encounters: Vec<Named<Encounter>>,
    consents: Vec<Named<Consent>>,
    kept: Vec<KeptResource>,
    unreadable: Vec<Unreadable>,
}

impl Builder {
    fn sort_in(
        &mut self,
        given_type: &str,
        json: &str,
        patient: &PatientId,
        foreign: Foreign,
    ) -> Result<(), ImportError> {
        let value: Option<Value> = serde_json::from_str(json).ok();
        let text = |name: &str| value.as_ref().and_then(|value| value.get(name)?.as_str()).map(str::to_owned);
        let kind = text("resourceType").unwrap_or_else(|| given_type.to_owned());
        let id = text("id").unwrap_or_default();
        if JOURNAL.contains(&kind.as_str()) || kind == "Task" && value.as_ref().is_some_and(carries_an_entry) {
            return Ok(());
        }
        let name = format!("{kind}/{id}");
        if let Some(field) = value.as_ref().and_then(|value| other_patient(value, &kind, patient)) {
            match foreign {
                Foreign::Refuse => return Err(ImportError::ForeignResource { resource: name, field }),
                Foreign::List => {
                    let fault = Fault::at(field, "points to another patient, so it is not used: ask the care team");
                    self.unreadable.push(fault.unreadable(&name, is_order(&kind)));
                    return Ok(());
                }
            }
        }
        match kind.as_str() {
            "Patient" if id == patient.as_str() => self.patient = parse(name, json, &mut self.unreadable),
            "Patient" => {
                let fault = Fault::at("id", "is another patient, so it is not used: ask the care team");
                self.unreadable.push(fault.unreadable(&name, false));
            }
            "Medication" => {
                let medication: Option<Named<Medication>> = parse(name, json, &mut self.unreadable);
                self.medications.extend(medication.map(|found| (id, found.resource)));
            }
            "MedicationRequest" => self.medication_requests.extend(parse(name, json, &mut self.unreadable)),
            "ServiceRequest" => self.service_requests.extend(parse(name, json, &mut self.unreadable)),
            "CarePlan" => self.plans.extend(parse(name, json, &mut self.unreadable)),
            "CareTeam" => self.care_teams.extend(parse(name, json, &mut self.unreadable)),
            "Practitioner" => self.practitioners.extend(parse(name, json, &mut self.unreadable)),
            "PractitionerRole" => {
                let role: Option<Named<PractitionerRole>> = parse(name, json, &mut self.unreadable);
                self.roles.extend(role.map(|role| role.resource));
            }
            "Organization" => self.organizations.extend(parse(name, json, &mut self.unreadable)),
            "RelatedPerson" => self.caregivers.extend(parse(name, json, &mut self.unreadable)),
            "Consent" => self.consents.extend(parse(name, json, &mut self.unreadable)),
            "Device" => self.devices.extend(parse(name, json, &mut self.unreadable)),
            "Appointment" => self.visits.extend(parse(name, json, &mut self.unreadable)),
            "SupplyDelivery" => self.deliveries.extend(parse(name, json, &mut self.unreadable)),
            "Encounter" => self.encounters.extend(parse(name, json, &mut self.unreadable)),
            "Coverage" => self.coverages.extend(parse(name, json, &mut self.unreadable)),
            // A form is kept as received; here it only shows whether it can be answered.
            "Questionnaire" => match Questionnaire::read(json) {
                Ok(form) => {
                    let told = form.remarks.into_iter().chain(form.not_here);
                    self.unreadable.extend(told.map(|fault| fault.unreadable(&name, false)));
                }
                Err(fault) => self.unreadable.push(fault.unreadable(&name, false)),
            },
            "AllergyIntolerance" => self.allergies.extend(parse(name, json, &mut self.unreadable)),
            _ => self.kept.push(KeptResource { resource_type: kind, id }),
        }
        Ok(())
    }

    fn finish(mut self, id: &PatientId) -> Result<CarePlan, ImportError> {
        let Some(patient) = self.patient.take() else { return Err(ImportError::NoPatient) };
        let mut unreadable = std::mem::take(&mut self.unreadable);
        let (mut person, zone) = listing(&patient.name, &mut unreadable, |findings| {
            (people::patient(&patient.resource, id.clone(), findings), people::home_zone(&patient.resource, findings))
        });
        for found in &self.allergies {
            person.allergies.extend(listing(&found.name, &mut unreadable, |f| people::allergy(&found.resource, f)));
        }
        let (care_team, contacts) = self.team(&mut unreadable);
        let mut caregivers = Vec::new();
        for found in &self.caregivers {
            let Some(id) = person_id(found.resource.id.as_deref()) else { continue };
            caregivers.extend(listing(&found.name, &mut unreadable, |f| people::caregiver(&found.resource, id, f)));
        }
        let mut grants = Vec::new();
        for found in &self.consents {
            grants.extend(listing(&found.name, &mut unreadable, |f| consent::grants(&found.resource, f)));
        }
        for caregiver in &mut caregivers {
            // A consent stands above the extension; the end that the RelatedPerson names holds in both cases.
            if let Some(held) = consent::effective(&grants, &caregiver.id) {
                caregiver.rights = held.rights;
                caregiver.since = held.since;
                caregiver.until = caregiver.until.into_iter().chain(held.until).min();
            }
        }
        let (mut access_devices, mut delivery_devices) = (Vec::new(), Vec::new());
        for found in &self.devices {
            match listing(&found.name, &mut unreadable, |f| device(&found.resource, f)) {
                Some(Found::Access(access)) => access_devices.push(access),
                Some(Found::Delivery(delivery)) => delivery_devices.push(delivery),
                None => self.kept.push(KeptResource {
                    resource_type: "Device".to_owned(),
                    id: found.resource.id.clone().unwrap_or_default(),
                }),
            }
        }
        let mut visits = Vec::new();
        for found in &self.visits {
            visits.extend(listing(&found.name, &mut unreadable, |f| logistics::visit(&found.resource, f)));
        }
        let mut deliveries = Vec::new();
        for found in &self.deliveries {
            deliveries.extend(listing(&found.name, &mut unreadable, |f| logistics::delivery(&found.resource, f)));
        }
        let mut coverages = Vec::new();
        for found in &self.coverages {
            coverages.push(listing(&found.name, &mut unreadable, |f| logistics::coverage(&found.resource, f)));
        }
        let in_force: Vec<&Named<PlanResource>> = self
            .plans
            .iter()
            .filter(|plan| matches!(plan.resource.status.as_deref(), Some("active" | "on-hold" | "unknown")))
            .collect();
        let (mut thresholds, mut rules, mut alarm_advice) = (Vec::new(), Vec::new(), Vec::new());
        let mut trends = Vec::new();
        for plan in &in_force {
            let extensions = &plan.resource.extension;
            thresholds.extend(listing(&plan.name, &mut unreadable, |f| advice::thresholds(extensions, f)));
            rules.extend(listing(&plan.name, &mut unreadable, |f| advice::rules(extensions, f)));
            alarm_advice.extend(listing(&plan.name, &mut unreadable, |f| {
                f.unknown_extensions(
                    extensions,
                    &["threshold", "triage-rule", "alarm-advice", "escalation", "trend"],
                    "",
                );
                advice::alarm_advice(extensions, f)
            }));
            let read = listing(&plan.name, &mut unreadable, |f| trend::trends(extensions, &trends, f));
            trends.extend(read);
        }
        let escalation = in_force.iter().find_map(|plan| {
            listing(&plan.name, &mut unreadable, |f| escalation::escalation(&plan.resource.extension, f))
        });
        let mut duties = Vec::new();
        for team in self.care_teams.iter().filter(|team| team.resource.status.as_deref() != Some("inactive")) {
            for (index, part) in team.resource.participant.iter().enumerate() {
                let path = at("", "participant", index);
                duties.extend(listing(&team.name, &mut unreadable, |f| escalation::duty(part, &path, f)));
            }
        }
        let mut reply_times = Vec::new();
        for team in &self.care_teams {
            let read = |f: &mut Findings| reply_time::reply_times(&team.resource.extension, f);
            reply_times.extend(listing(&team.name, &mut unreadable, read));
        }
        let mut stays = Vec::new();
        for found in &self.encounters {
            stays.extend(listing(&found.name, &mut unreadable, |f| stay::hospital_stay(&found.resource, f)));
        }
        let title = in_force.iter().find_map(|plan| plan.resource.title.clone());
        let mut orders = self.orders(zone.as_ref(), &mut unreadable);
        for order in &mut orders {
            let device = delivery_devices.iter().find(|device| Some(&device.id) == order.delivery_device.as_ref());
            if let (homeline_model::DeliveryMethod::Unknown, Some(device)) = (order.delivery, device) {
                order.delivery = device.method;
            }
        }
        Ok(CarePlan {
            title: title.unwrap_or_else(|| "Care plan".to_owned()),
            patient: person,
            home_zone: zone.unwrap_or_else(ZoneId::utc),
            orders,
            access_devices,
            delivery_devices,
            visits,
            deliveries,
            care_team,
            caregivers,
            coverages,
            contacts,
            thresholds,
            rules,
            alarm_advice,
            escalation,
            duties,
            stays,
            versions: Vec::new(),
            trends,
            reply_times,
            unreadable,
            kept: self.kept,
        })
    }

    fn team(&self, unreadable: &mut Vec<Unreadable>) -> (Vec<Practitioner>, Vec<Contact>) {
        let mut care_team = Vec::new();
        let mut contacts = Vec::new();
        for found in &self.care_teams {
            let owner = found.resource.name.clone().unwrap_or_else(|| "Care team".to_owned());
            contacts.extend(listing(&found.name, unreadable, |f| people::contacts(&found.resource.telecom, &owner, f)));
        }
        for found in &self.practitioners {
            if found.resource.active == Some(false) {
                continue;
            }
            let Some(id) = person_id(found.resource.id.as_deref()) else { continue };
            let role = self.role_of(id.as_str());
            let practitioner = listing(&found.name, unreadable, |f| {
                let name = people::name(&found.resource.name, f).unwrap_or_default();
                let mut own = people::contacts(&found.resource.telecom, &name, f);
                for held in self.roles.iter().filter(|held| is_of(held, id.as_str())) {
                    own.extend(people::contacts(&held.telecom, &name, f));
                }
                Practitioner { id, name, role: role.unwrap_or_else(|| "Care team".to_owned()), contacts: own }
            });
            contacts.extend(practitioner.contacts.iter().filter(|c| c.purpose != ContactPurpose::Other).cloned());
            care_team.push(practitioner);
        }
        for found in &self.organizations {
            let owner = found.resource.name.clone().unwrap_or_default();
            let own = listing(&found.name, unreadable, |f| people::contacts(&found.resource.telecom, &owner, f));
            contacts.extend(own.into_iter().filter(|contact| contact.purpose != ContactPurpose::Other));
        }
        if !contacts.iter().any(|contact| contact.purpose == ContactPurpose::OnCallNurse) {
            unreadable.push(
                Fault::at(
                    "telecom.extension('contact')",
                    "no number of an on-call nurse is in the plan: ask the care team for it, and keep it by the phone",
                )
                .unreadable("CareTeam", false),
            );
        }
        (care_team, contacts)
    }

    /// What somebody is on the team, in words: `CareTeam.participant.role` first, then `PractitionerRole.code`.
    fn role_of(&self, id: &str) -> Option<String> {
        let participants = self.care_teams.iter().flat_map(|team| &team.resource.participant);
        let of_team = participants
            .filter(|part| part.member.as_ref().and_then(|member| member.id_of("Practitioner")) == Some(id))
            .find_map(|part| part.role.iter().find_map(|role| role.words()));
        let of_role = || {
            let mut held = self.roles.iter().filter(|held| is_of(held, id));
            held.find_map(|held| held.code.iter().find_map(|role| role.words()))
        };
        of_team.or_else(of_role).map(str::to_owned)
    }

    fn orders(&mut self, zone: Option<&ZoneId>, unreadable: &mut Vec<Unreadable>) -> Vec<Order> {
        let mut found: Vec<(String, Findings, Option<Order>)> = Vec::new();
        for request in &self.medication_requests {
            let mut findings = Findings::default();
            let lookup = |id: &str| self.medications.get(id).cloned();
            let order = order::medication_order(&request.resource, lookup, DoseRule::Required, &mut findings);
            found.push((request.name.clone(), findings, order));
        }
        for request in &self.service_requests {
            let mut findings = Findings::default();
            let order = service::service_order(&request.resource, &mut findings);
            found.push((request.name.clone(), findings, order));
        }
        let mut orders: Vec<(String, Order)> = Vec::new();
        let mut taken: HashSet<OrderId> = HashSet::new();
        for (name, mut findings, order) in found {
            if let Some(order) = &order {
                if order.time_policy == TimePolicy::HomeZone && zone.is_none() {
                    findings.blocks.push(Fault::at(
                        "extension('time-policy')",
                        "needs the home zone, and the plan names none: ask the care team to send it",
                    ));
                }
                if !taken.insert(order.id.clone()) {
                    findings.blocks.push(Fault::at(
                        "id",
                        "is also the id of another order, so doses could be mixed up: ask the care team to rename one",
                    ));
                }
            }
            let blocked = !findings.blocks.is_empty();
            unreadable.extend(findings.blocks.into_iter().map(|fault| fault.unreadable(&name, true)));
            unreadable.extend(findings.remarks.into_iter().map(|fault| fault.unreadable(&name, false)));
            if let Some(order) = order.filter(|_| !blocked) {
                orders.push((name, order));
            }
        }
        without_loose_links(orders, unreadable)
    }
}

fn parse<T: DeserializeOwned>(name: String, json: &str, unreadable: &mut Vec<Unreadable>) -> Option<Named<T>> {
    match read_resource(json) {
        Ok(resource) => Some(Named { name, resource }),
        Err(fault) => {
            let blocks = is_order(name.split('/').next().unwrap_or_default());
            unreadable.push(fault.unreadable(&name, blocks));
            None
        }
    }
}

/// Runs a reader and lists its findings under the resource's name; none of them blocks an order.
fn listing<T>(name: &str, unreadable: &mut Vec<Unreadable>, read: impl FnOnce(&mut Findings) -> T) -> T {
    let mut findings = Findings::default();
    let value = read(&mut findings);
    let faults = findings.blocks.into_iter().chain(findings.remarks);
    unreadable.extend(faults.map(|fault| fault.unreadable(name, false)));
    value
}

/// A request between people at home: it belongs to the journal.
fn carries_an_entry(task: &Value) -> bool {
    let identifiers = task.get("identifier").and_then(Value::as_array).into_iter().flatten();
    identifiers.filter_map(|identifier| identifier.get("system")?.as_str()).any(|system| system == url::ENTRY_ID)
}

fn is_order(kind: &str) -> bool {
    matches!(kind, "MedicationRequest" | "ServiceRequest")
}

fn is_of(role: &PractitionerRole, practitioner: &str) -> bool {
    role.active != Some(false)
        && role.practitioner.as_ref().and_then(|who| who.id_of("Practitioner")) == Some(practitioner)
}

fn person_id(id: Option<&str>) -> Option<PersonId> {
    PersonId::new(id?).ok()
}
