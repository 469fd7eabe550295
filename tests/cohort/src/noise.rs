//! Chance from a seed.

/// A source of chance that gives the same again for the same seed.
#[derive(Debug, Clone)]
pub struct Noise(fastrand::Rng);

impl Noise {
    /// The chance of one course of a cohort.
    pub fn new(seed: u64, course: u64) -> Self {
        // Two odd numbers keep neighbours apart.
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ course.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        Self(fastrand::Rng::with_seed(mixed))
    }

    /// Yes with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// Evenly between the two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.f64()
    }

    /// Bell-shaped (Box and Muller 1958).
    pub fn bell(&mut self, middle: f64, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.f64()).ln()).sqrt();
        middle + deviation * radius * (std::f64::consts::TAU * self.0.f64()).cos()
    }

    /// How often something happens whose mean is small (Poisson, by Knuth's product).
    pub fn count(&mut self, mean: f64) -> u32 {
        let (least, mut product, mut count) = ((-mean).exp(), self.0.f64(), 0);
        while product > least && count < 50 {
            product *= self.0.f64();
            count += 1;
        }
        count
    }

    /// A random id.
    pub fn id(&mut self) -> u128 {
        self.0.u128(..)
    }
}
