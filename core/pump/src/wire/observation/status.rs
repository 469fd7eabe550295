//! The measurement status of an observation (GHSS 1.0 §3.2.1.2): whether its value may be taken as what it says.

/// Bits of the measurement status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status(pub u16);

/// Bit and name of what a status can say, in the order of the bits. The others are not defined.
const NAMES: [(u8, &str); 10] = [
    (0, "invalid"),
    (1, "questionable"),
    (2, "not-available"),
    (3, "calibrating"),
    (4, "test-data"),
    (5, "early-estimate"),
    (6, "manually-entered"),
    (7, "setting"),
    (14, "threshold-error"),
    (15, "thresholding-disabled"),
];

impl Status {
    fn bit(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }
    /// The value is invalid.
    pub fn invalid(self) -> bool {
        self.bit(0)
    }
    /// The value is questionable.
    pub fn questionable(self) -> bool {
        self.bit(1)
    }
    /// There is no value.
    pub fn not_available(self) -> bool {
        self.bit(2)
    }
    /// The device is calibrating.
    pub fn calibrating(self) -> bool {
        self.bit(3)
    }
    /// Test or demonstration data, never a patient's.
    pub fn test_data(self) -> bool {
        self.bit(4)
    }
    /// It is not settled yet.
    pub fn early_estimate(self) -> bool {
        self.bit(5)
    }
    /// A person typed it in at the device.
    pub fn manually_entered(self) -> bool {
        self.bit(6)
    }
    /// A setting, not a measurement.
    pub fn setting(self) -> bool {
        self.bit(7)
    }
    /// Whether the value may be shown and counted as what it says.
    pub fn usable(self) -> bool {
        !self.invalid() && !self.questionable() && !self.not_available() && !self.calibrating() && !self.test_data()
    }
    /// The names of the bits that are set, e.g. `test-data`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(bit, _)| self.bit(*bit)).map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_bits_that_are_set() {
        assert_eq!(Status(0b1001_0000).names().collect::<Vec<_>>(), ["test-data", "setting"]);
        assert_eq!(Status(0x3F00).names().count(), 0, "bits without a meaning have no name");
        assert!(!Status(1 << 4).usable() && Status(1 << 7).usable());
    }
}
