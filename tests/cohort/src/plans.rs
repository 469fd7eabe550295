//! The shipped care plans that are lived, with the trends that they turn on.

use homeline_fhir::import_plan;
use homeline_model::CarePlan;

// The files themselves: the simulated home around them would bring a web server into this build.
const BALLOON: &str = include_str!("../../home/plans/vancomycin-elastomeric.json");
const NUTRITION: &str = include_str!("../../home/plans/tpn-cycled.json");

/// Which plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lived {
    /// `vancomycin-elastomeric`: a balloon every 12 hours, by PICC.
    Balloon,
    /// `tpn-cycled`: nutrition over night by an ambulatory pump, by a central line.
    Nutrition,
}

/// Both plans, read as the phone reads them.
#[derive(Debug, Clone)]
pub struct Plans {
    balloon: CarePlan,
    nutrition: CarePlan,
}

impl Plans {
    /// Reads them. Errors with what was wrong when a plan does not import.
    pub fn shipped() -> Result<Self, String> {
        let read = |name: &str, bundle: &str| -> Result<CarePlan, String> {
            Ok(import_plan(bundle.as_bytes(), None).map_err(|error| format!("{name}: {error}"))?.plan)
        };
        Ok(Self { balloon: read("vancomycin-elastomeric", BALLOON)?, nutrition: read("tpn-cycled", NUTRITION)? })
    }

    /// The same plans without a trend.
    pub fn without_trends(mut self) -> Self {
        self.balloon.trends.clear();
        self.nutrition.trends.clear();
        self
    }

    /// One of them.
    pub fn plan(&self, lived: Lived) -> &CarePlan {
        match lived {
            Lived::Balloon => &self.balloon,
            Lived::Nutrition => &self.nutrition,
        }
    }
}
