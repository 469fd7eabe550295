//! Records of the Insulin Delivery Service that are too long for one packet of the smallest link: they come as two records,
//! and the second belongs to the first that has the same relative offset (IDS 1.0 §3.11).
//!
//! Between them the link may end, or the process. So the first is part of the adapter's memory, until its second comes or any
//! record with another offset shows that it will not.

use serde::{Deserialize, Serialize};

/// The first of two parts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPart {
    /// Its number in the record.
    pub record: u32,
    /// Its type.
    pub kind: u16,
    /// Seconds since the last reference time.
    pub relative_offset: u16,
    /// Its data, without protection.
    pub data: Vec<u8>,
}

/// What a pump said is the patient's: `Debug` tells its place and how long it is.
impl core::fmt::Debug for FirstPart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FirstPart({} {:04X}, {} bytes)", self.record, self.kind, self.data.len())
    }
}

/// Types of first parts, with the types of their second ones.
const PAIRS: [(u16, u16); 3] = [
    // Bolus programmed, bolus delivered, annunciation.
    (0x005A, 0x0066),
    (0x0069, 0x0096),
    (0x033F, 0x0356),
];

/// Takes the next record. Answers with the first part when this one is its second; otherwise a first part that waited is let go.
pub(super) fn join(
    waiting: &mut Option<FirstPart>,
    record: u32,
    kind: u16,
    relative_offset: u16,
    data: &[u8],
) -> Option<FirstPart> {
    let first = waiting.take();
    if PAIRS.iter().any(|(first, _)| *first == kind) {
        *waiting = Some(FirstPart { record, kind, relative_offset, data: data.to_vec() });
        return None;
    }
    first.filter(|first| {
        let belongs = PAIRS.contains(&(first.kind, kind)) && first.relative_offset == relative_offset;
        belongs && first.record < record
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of `(number, type, offset)` that were found to be a second part, with the number of their first.
    fn joined(records: &[(u32, u16, u16)]) -> Vec<(u32, u32)> {
        let mut waiting = None;
        let mut pairs = Vec::new();
        for (number, kind, offset) in records {
            // What is kept between two records survives the process.
            waiting = serde_json::from_str(&serde_json::to_string(&waiting).unwrap()).unwrap();
            pairs.extend(join(&mut waiting, *number, *kind, *offset, &[1]).map(|first| (first.record, *number)));
        }
        pairs
    }

    #[test]
    fn parts_are_joined_by_their_type_and_an_equal_offset() {
        assert_eq!(joined(&[(1, 0x033F, 60), (2, 0x0356, 60), (3, 0x0069, 61), (4, 0x0096, 61)]), [(1, 2), (3, 4)]);
        assert_eq!(joined(&[(1, 0x033F, 60), (2, 0x0356, 61)]), [], "another offset");
        assert_eq!(joined(&[(1, 0x0069, 60), (2, 0x0356, 60)]), [], "another event");
        assert_eq!(joined(&[(1, 0x033F, 60), (2, 0x0303, 60), (3, 0x0356, 60)]), [], "something between them");
        assert_eq!(joined(&[(2, 0x0356, 60)]), [], "no first");
        assert_eq!(joined(&[(1, 0x033F, 60), (2, 0x0356, 60), (3, 0x0356, 60)]), [(1, 2)], "one second for a first");
    }
}
