//! What is injected into a course: it begins unseen, grows, and is overt at a known hour. Sizes and speeds are drawn for each
//! course; some courses give hardly any time.

use crate::noise::Noise;
use crate::plans::Lived;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Complication {
    /// Bacteria in the line: temperature and pulse rise, then chills and fever.
    LineInfection,
    /// The vein is inflamed: one sign at the site after the other, and pain.
    Phlebitis,
    /// More water than the heart moves: weight rises, then the legs swell.
    FluidOverload,
    /// The line closes slowly: infusions take longer or the pump is blocked more often, then nothing goes in.
    Occlusion,
    /// The drug is not tolerated: tired, sick and a little warm for days, then a rash.
    Reaction,
}

impl Complication {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::LineInfection, Self::Phlebitis, Self::FluidOverload, Self::Occlusion, Self::Reaction];

    /// As in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::LineInfection => "line infection",
            Self::Phlebitis => "phlebitis",
            Self::FluidOverload => "fluid overload",
            Self::Occlusion => "occlusion",
            Self::Reaction => "reaction",
        }
    }

    /// The plan under which course `number` of this kind is lived.
    pub fn lived(self, number: u64) -> Lived {
        match self {
            Self::Phlebitis | Self::Reaction => Lived::Balloon,
            Self::FluidOverload => Lived::Nutrition,
            Self::LineInfection | Self::Occlusion if number.is_multiple_of(2) => Lived::Balloon,
            Self::LineInfection | Self::Occlusion => Lived::Nutrition,
        }
    }
}

/// One complication of one course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Injected {
    /// Which.
    pub kind: Complication,
    /// When it begins, in hours from the start of the course.
    pub onset: f64,
    /// When nobody can overlook it any more, in hours from the start of the course.
    pub overt: f64,
    /// How strong it is when overt, in the unit of its main sign.
    size: f64,
    /// 1 is a straight line; more is slow first and quick later.
    bend: f64,
}

impl Injected {
    /// Draws one.
    pub fn draw(kind: Complication, noise: &mut Noise) -> Self {
        let onset = 24.0 * noise.between(9.0, 18.0);
        let (hours, size, bend) = match kind {
            // Three in ten come within half a day.
            Complication::LineInfection if noise.chance(0.3) => {
                (noise.between(4.0, 12.0), noise.between(1.6, 2.6), 1.0)
            }
            Complication::LineInfection => (noise.between(24.0, 96.0), noise.between(1.6, 2.6), 1.6),
            Complication::Phlebitis => (noise.between(36.0, 120.0), noise.between(3.0, 5.0), 1.0),
            Complication::FluidOverload => (noise.between(72.0, 168.0), noise.between(2.0, 4.5), 1.0),
            Complication::Occlusion => (noise.between(48.0, 144.0), noise.between(0.25, 0.6), 1.3),
            Complication::Reaction => (noise.between(36.0, 120.0), noise.between(3.0, 7.0), 1.2),
        };
        Self { kind, onset, overt: onset + hours, size, bend }
    }

    /// How strong it is at an hour, in the unit of its main sign; 0 before it begins.
    fn strength(&self, hour: f64) -> f64 {
        let part = ((hour - self.onset) / (self.overt - self.onset)).clamp(0.0, 1.0);
        self.size * part.powf(self.bend)
    }

    /// Degrees Celsius above the usual.
    pub fn temperature(&self, hour: f64) -> f64 {
        match self.kind {
            Complication::LineInfection => self.strength(hour),
            Complication::Reaction => 0.1 * self.strength(hour),
            Complication::Phlebitis | Complication::FluidOverload | Complication::Occlusion => 0.0,
        }
    }

    /// Beats a minute above the usual; about ten for each degree (Liebermeister's rule).
    pub fn pulse(&self, hour: f64) -> f64 {
        let of_water = if self.kind == Complication::FluidOverload { 2.0 * self.strength(hour) } else { 0.0 };
        10.0 * self.temperature(hour) + of_water
    }

    /// Kilograms above the usual.
    pub fn weight(&self, hour: f64) -> f64 {
        if self.kind == Complication::FluidOverload { self.strength(hour) } else { 0.0 }
    }

    /// Signs at the site.
    pub fn signs(&self, hour: f64) -> f64 {
        if self.kind == Complication::Phlebitis { self.strength(hour) } else { 0.0 }
    }

    /// By which part an infusion takes longer.
    pub fn slower(&self, hour: f64) -> f64 {
        if self.kind == Complication::Occlusion { self.strength(hour) } else { 0.0 }
    }

    /// Occlusion alarms a day, on a pump that has alarms.
    pub fn alarms(&self, hour: f64) -> f64 {
        6.0 * self.slower(hour)
    }

    /// Points of complaint a day.
    pub fn complaint(&self, hour: f64) -> f64 {
        match self.kind {
            Complication::LineInfection => 1.5 * self.strength(hour),
            Complication::Reaction => self.strength(hour),
            Complication::FluidOverload => 0.4 * self.strength(hour),
            Complication::Phlebitis | Complication::Occlusion => 0.0,
        }
    }

    /// What is said when it is overt: a symptom key that nobody overlooks.
    pub fn overt_symptom(&self) -> &'static str {
        match self.kind {
            Complication::LineInfection => "chills",
            Complication::Phlebitis => "site-pain",
            Complication::FluidOverload => "leg-swelling",
            Complication::Occlusion => "line-wont-flush",
            Complication::Reaction => "rash",
        }
    }
}
