//! One thing to do inside an occurrence, and the flush list of an order.

use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};

/// What the step is. The keys are those of infusion nursing checklists; the words come from the text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKey {
    /// Take the drug out of the refrigerator, so that it is at room temperature at the start.
    TakeOut,
    /// Take the pre-medication as ordered.
    Premedicate,
    /// Wash hands for 20 seconds.
    WashHands,
    /// Clear and clean the surface.
    PrepareSurface,
    /// Gather the supplies.
    Gather,
    /// Read the label: name, drug, dose, route, date.
    CheckLabel,
    /// Look at the bag: leaks, cloud, particles.
    CheckBag,
    /// Mix, add vitamins, or break the seal, as taught.
    Mix,
    /// Take vital signs.
    MeasureVitals,
    /// Prime the tubing.
    Prime,
    /// Insert the subcutaneous needle or needles.
    InsertNeedle,
    /// Scrub the hub.
    ScrubHub,
    /// Flush as the order's flush list says.
    Flush,
    /// Connect.
    Connect,
    /// Start, and infuse as the rate profile says.
    Infuse,
    /// Look at the patient, the site and the pump while it runs.
    MidCheck,
    /// Disconnect.
    Disconnect,
    /// Lock the line as the order's flush list says.
    Lock,
    /// Clamp and cap.
    Clamp,
    /// Take the subcutaneous needle out.
    RemoveNeedle,
    /// Change the dressing.
    ChangeDressing,
    /// Change the connector.
    ChangeConnector,
    /// Dispose of the waste.
    Dispose,
    /// Write down what happened.
    Log,
    /// As the order's own text says.
    Other,
}

/// One step as ordered or as composed from the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is.
    pub key: StepKey,
    /// The order's own words; `None` takes the words of the key.
    pub text: Option<String>,
    /// Minutes before (negative) or after the start of the infusion; `None` is in its place in the list.
    pub offset_minutes: Option<i32>,
}

impl Step {
    /// A step with the words of its key.
    pub fn new(key: StepKey) -> Self {
        Self { key, text: None, offset_minutes: None }
    }
}

/// One flush or lock. Solution and volume are the order's: there is no default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flush {
    /// Solution as ordered, e.g. `0.9% sodium chloride`.
    pub solution: String,
    /// Volume as ordered; `None` is "ask your nurse".
    pub volume: Option<Quantity>,
    /// `true` before the drug, `false` after it.
    pub before: bool,
    /// It stays in the line (a lock) instead of going through it.
    pub lock: bool,
}

/// The flush list of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlushPlan {
    /// The order does not say: "ask your nurse".
    #[default]
    NotStated,
    /// Never flush this line: a flush would push the drug in as a bolus (vasoactive drugs, continuous biologics).
    Never,
    /// In this order.
    List(Vec<Flush>),
}
