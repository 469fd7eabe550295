//! Ids. Two families: ids that a FHIR server gave (`[A-Za-z0-9\-.]{1,64}`, R4 §2.24.0.1 `id`) and UUIDs of our own,
//! which are also the ids of the resources that we send.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// An id that does not have the form which FHIR R4 allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{what}` must be 1 to 64 of A-Z a-z 0-9 - . (FHIR id), it has {length} characters: ask the sender for a valid id"
)]
pub struct IdError {
    /// Which id was read, e.g. `OrderId`.
    pub what: &'static str,
    /// How long the refused text was, in characters.
    pub length: usize,
}

fn is_fhir_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

macro_rules! fhir_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a FHIR id. Errors when it has another form than R4 allows.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                if is_fhir_id(&text) {
                    Ok(Self(text))
                } else {
                    Err(IdError { what: stringify!($name), length: text.chars().count() })
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

fhir_id! {
    /// The `Patient` resource's id.
    PatientId;
    /// The id of the `MedicationRequest` or `ServiceRequest` that is the order.
    OrderId;
    /// The id of a `Practitioner`, `PractitionerRole`, `Organization` or `RelatedPerson`.
    PersonId;
    /// The id of the `Device` that is the line in the body.
    AccessDeviceId;
    /// The id of the `Device` that is a pump or other way of delivery.
    DeliveryDeviceId;
    /// The id of the `Appointment`.
    VisitId;
    /// The id of the `SupplyDelivery`.
    DeliveryId;
}

uuid_id! {
    /// One planned instance of an order. A version 5 UUID of patient, order, dosage sequence and nominal slot, so that
    /// every phone computes the same one, in any zone.
    OccurrenceId;
    /// One journal entry; also the id of the FHIR resource that carries it. Ids of entries that follow one another lie beside
    /// one another in the vault's index (versions 7 and 8 of RFC 9562), so that a long transaction touches few pages of it.
    EntryId;
    /// One installation of Homeline: the owner of one hash chain in the journal.
    DeviceId;
    /// One sealed attachment, e.g. a photo.
    AttachmentId;
    /// One delivery by a pump, as reconciled.
    InfusionId;
}

impl OccurrenceId {
    /// The namespace of occurrence ids: the version 5 UUID of `https://homeline.example/occurrence` in the URL
    /// namespace of RFC 9562.
    pub fn namespace() -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://homeline.example/occurrence")
    }

    /// The id of one occurrence. `slot` is the nominal slot as ordered: a local date and time (`2026-11-23T08:00`) or
    /// the ordinal from the anchor (`#17`), never a UTC instant, so that new zone rules do not rename a dose.
    pub fn new(patient: &PatientId, order: &OrderId, dosage_sequence: u32, slot: &str) -> Self {
        let name = format!("{patient}|{order}|{dosage_sequence}|{slot}");
        Self(Uuid::new_v5(&Self::namespace(), name.as_bytes()))
    }
}

impl EntryId {
    /// The id of an entry that carries record `record` of a pump: a version 8 UUID of 16 bits of the name of pump and epoch,
    /// the record's number, and the rest of the fact's own name. The same fact has the same id, however often it is fetched.
    pub fn of_pump_record(serial: &str, epoch: u32, record: u32, fact: &str) -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://homeline.example/pump-record");
        let pump = Uuid::new_v5(&namespace, format!("{serial}|{epoch}").as_bytes()).into_bytes();
        let mut id = Uuid::new_v5(&namespace, fact.as_bytes()).into_bytes();
        id[..2].copy_from_slice(&pump[..2]);
        id[2..6].copy_from_slice(&record.to_be_bytes());
        Self(uuid::Builder::from_custom_bytes(id).into_uuid())
    }
}

impl InfusionId {
    /// The infusion of an occurrence: one delivery for one planned dose, on every phone the same.
    pub fn of(occurrence: OccurrenceId) -> Self {
        Self(Uuid::new_v5(&occurrence.0, b"infusion"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_one_pump_have_ids_in_their_order_and_every_fact_its_own() {
        let of = |epoch, record, fact| EntryId::of_pump_record("SIM-1", epoch, record, fact);
        let ids: Vec<EntryId> = [1, 2, 255, 256, 70_000, u32::MAX].map(|record| of(0, record, "x")).to_vec();
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(of(0, 7, "SIM-1/0/7"), of(0, 7, "SIM-1/0/7"));
        assert_ne!(of(0, 7, "SIM-1/0/7"), of(1, 7, "SIM-1/0/7"));
        assert_ne!(of(0, 7, "SIM-1/0/7"), of(0, 7, "SIM-1/0/7/volume"));
        // Pinned: a change here would store every fetched record twice.
        assert_eq!(of(0, 7, "SIM-1/0/7").to_string(), "b9a60000-0007-84d6-9b80-fcb752379cdf");
    }

    #[test]
    fn an_id_with_a_slash_is_refused_and_the_error_does_not_repeat_it() {
        let error = OrderId::new("MedicationRequest/jane-doe").unwrap_err();
        assert_eq!(error.what, "OrderId");
        assert!(!error.to_string().contains("jane"));
        assert!(serde_json::from_str::<OrderId>("\"a b\"").is_err());
    }

    #[test]
    fn the_same_slot_gives_the_same_occurrence_on_every_phone() {
        let patient = PatientId::new("p1").unwrap();
        let order = OrderId::new("vanco").unwrap();
        let id = OccurrenceId::new(&patient, &order, 1, "2026-11-23T08:00");
        assert_eq!(id, OccurrenceId::new(&patient, &order, 1, "2026-11-23T08:00"));
        assert_ne!(id, OccurrenceId::new(&patient, &order, 2, "2026-11-23T08:00"));
        // Pinned: a change here would orphan every recorded dose.
        assert_eq!(id.to_string(), "26f8ac74-7012-5ca4-a6e2-2ac69db472fe");
    }
}
