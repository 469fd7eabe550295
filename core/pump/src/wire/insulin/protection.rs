//! End-to-end protection (IDS 1.0 §3.1): a counter and a checksum behind each value.
//!
//! It shows a value that was changed, repeated or lost on its way between the two programs. It is no cryptography and keeps
//! nobody out; the link does that.

use crate::wire::crc::Checksum;
use crate::wire::{Fault, WireError};

/// How a pump protects its values: said by its features and, where a model differs from the standard, by its quirks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protection {
    /// Counter and checksum are sent.
    pub on: bool,
    /// Which checksum.
    pub checksum: Checksum,
    /// A quirk of one maker: with protection off, each value ends with a counter of 0 and a checksum of 0xFFFF.
    pub placeholder: bool,
}

/// What stands for counter and checksum where there is no protection.
const PLACEHOLDER: [u8; 3] = [0, 0xFF, 0xFF];

impl Protection {
    /// The value without its protection, and its counter. Refuses a wrong checksum, and a counter of 0, which is not sent.
    pub fn open(self, value: &[u8]) -> Result<(&[u8], Option<u8>), WireError> {
        if !self.on {
            let body = match self.placeholder {
                true => {
                    let missing = Fault::Short { missing: PLACEHOLDER.len().saturating_sub(value.len()).max(1) };
                    value.strip_suffix(&PLACEHOLDER).ok_or(WireError::at("E2E placeholder", value.len(), missing))?
                }
                false => value,
            };
            return Ok((body, None));
        }
        let checked = self.checksum.checked(value)?;
        match checked.split_last() {
            Some((0, body)) => Err(WireError::at("E2E counter", body.len(), Fault::Value { value: 0 })),
            Some((counter, body)) => Ok((body, Some(*counter))),
            None => Err(WireError::at("E2E counter", 0, Fault::Short { missing: 1 })),
        }
    }

    /// A request with its protection, as the pump wants it.
    pub fn seal(self, request: &[u8], counter: &mut Counter) -> Vec<u8> {
        let mut sealed = request.to_vec();
        if self.on {
            sealed.push(counter.next());
            let [low, high] = self.checksum.of(&sealed).to_le_bytes();
            sealed.extend([low, high]);
        } else if self.placeholder {
            sealed.extend(PLACEHOLDER);
        }
        sealed
    }
}

/// The counter of one characteristic in one direction, on one connection: 1 to 255, then 1 again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counter(Option<u8>);

/// How a counter follows on the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// It is the next one, or the first of this connection.
    Next,
    /// It is the last one again: a repeat, to be dropped.
    Repeated,
    /// Values were lost, or the two sides do not agree: begin a new connection.
    Jumped,
}

impl Counter {
    fn after(counter: u8) -> u8 {
        counter.checked_add(1).unwrap_or(1)
    }

    /// Sees the counter of a value that came.
    pub fn see(&mut self, counter: u8) -> Follows {
        let follows = match self.0 {
            None => Follows::Next,
            Some(last) if counter == Self::after(last) => Follows::Next,
            Some(last) if counter == last => Follows::Repeated,
            Some(_) => Follows::Jumped,
        };
        self.0 = Some(counter);
        follows
    }

    /// A value came that could not be read: the next one's counter is one further.
    pub fn skip(&mut self) {
        self.0 = self.0.map(Self::after);
    }

    /// The counter for the next value that is sent.
    fn next(&mut self) -> u8 {
        let next = self.0.map_or(1, Self::after);
        self.0 = Some(next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ON: Protection = Protection { on: true, checksum: Checksum::Mcrf4xx, placeholder: false };

    #[test]
    fn what_is_sealed_opens_with_its_counter() {
        let mut counter = Counter::default();
        for expected in [1, 2] {
            let sealed = ON.seal(&[0x65, 0x03], &mut counter);
            assert_eq!(sealed.len(), 5);
            assert_eq!(ON.open(&sealed), Ok(([0x65, 0x03].as_slice(), Some(expected))));
        }
        assert_eq!(Protection::default().seal(&[1], &mut counter), [1]);
    }

    #[test]
    fn the_counter_goes_from_255_to_1() {
        let mut counter = Counter(Some(254));
        assert_eq!(
            [255, 1, 2, 2, 4].map(|seen| counter.see(seen)),
            [Follows::Next, Follows::Next, Follows::Next, Follows::Repeated, Follows::Jumped]
        );
        assert_eq!(Counter(Some(255)).next(), 1);
    }

    #[test]
    fn a_counter_of_zero_and_a_missing_one_are_refused() {
        let seal = |body: &[u8]| {
            let mut sealed = body.to_vec();
            sealed.extend(Checksum::Mcrf4xx.of(body).to_le_bytes());
            sealed
        };
        assert_eq!(ON.open(&seal(&[7, 0])), Err(WireError::at("E2E counter", 1, Fault::Value { value: 0 })));
        assert_eq!(ON.open(&seal(&[])), Err(WireError::at("E2E counter", 0, Fault::Short { missing: 1 })));
    }

    #[test]
    fn the_placeholder_of_one_maker_is_taken_only_where_the_model_has_it() {
        let value = [0x55, 0x96, 0, 0xFF, 0xFF];
        assert_eq!(Protection::default().open(&value), Ok((value.as_slice(), None)), "then it is part of the value");
        let quirk = Protection { placeholder: true, ..Protection::default() };
        assert_eq!(quirk.open(&value), Ok((&value[..2], None)));
        assert!(quirk.open(&value[..2]).is_err());
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_refused(body in proptest::collection::vec(any::<u8>(), 0..20), place: usize, bit in 0_u8..8) {
            let mut sealed = ON.seal(&body, &mut Counter::default());
            let place = place % sealed.len();
            sealed[place] ^= 1 << bit;
            prop_assert!(ON.open(&sealed).is_err());
        }
    }
}
