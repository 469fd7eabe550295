//! Deliveries of drug and supplies (FHIR `SupplyDelivery`).

use crate::id::DeliveryId;
use crate::quantity::Quantity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `SupplyDelivery.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStatus {
    /// On its way.
    InProgress,
    /// It came.
    Completed,
    /// It will not come.
    Abandoned,
    /// Entered in error.
    EnteredInError,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Id on the care team's server.
    pub id: DeliveryId,
    /// What comes, as shown.
    pub item: String,
    /// How many.
    pub quantity: Option<Quantity>,
    /// When it comes or came.
    pub expected: Option<DateTime<Utc>>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// It travels cold: a warm box on arrival is a call to the pharmacist.
    pub cold_chain: bool,
}
