//! Segments: an observation longer than the link's packet comes in several (GHSS 1.0 §3.2.1.1).
//!
//! The first byte of each packet says first (bit 0), last (bit 1) and a rolling counter of 0 to 63 (bits 2 to 7) that
//! counts segments across observations. A gap or a repeated counter drops the observation as a whole; the caller fetches
//! the pump's record instead. Each characteristic has its own [`Reassembly`], new on every connection. Devices differ in
//! whether the counter is shared between characteristics, so a segment marked "first" starts anew with any counter; a
//! whole observation lost or repeated between two others shows by its record number, not here.
//!
//! [`Reassembly`]: crate::wire::segment::Reassembly

use super::{Fault, WireError};

/// The longest observation that is put together. Real ones have some 300 bytes.
pub const LONGEST_OBSERVATION: usize = 64 * 1024;

/// What one packet gave. The body is owned ([`Reassembly::take`]) or borrowed ([`Reassembly::feed`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<B = Vec<u8>> {
    /// The whole observation.
    Whole(B),
    /// More is to come.
    More,
    /// An observation was lost: a segment is missing, came twice, or makes it too long.
    Lost,
    /// A whole observation, but the one before it was cut off.
    WholeAfterLoss(B),
    /// The beginning of an observation, but the one before it was cut off.
    MoreAfterLoss,
}

impl Segment<&[u8]> {
    fn into_owned(self) -> Segment {
        match self {
            Self::Whole(body) => Segment::Whole(body.to_vec()),
            Self::More => Segment::More,
            Self::Lost => Segment::Lost,
            Self::WholeAfterLoss(body) => Segment::WholeAfterLoss(body.to_vec()),
            Self::MoreAfterLoss => Segment::MoreAfterLoss,
        }
    }
}

/// Puts the segments of one characteristic together.
#[derive(Debug, Clone, Default)]
pub struct Reassembly {
    /// Kept from one observation to the next, so that a link allocates it once.
    body: Vec<u8>,
    /// Counter that the next segment must have; `None` outside of an observation.
    expected: Option<u8>,
}

impl Reassembly {
    /// Takes one packet. Refuses an empty one.
    pub fn take(&mut self, packet: &[u8]) -> Result<Segment, WireError> {
        self.feed(packet).map(Segment::into_owned)
    }

    /// Whether an observation is begun and not whole.
    pub fn is_open(&self) -> bool {
        self.expected.is_some()
    }

    /// As [`Self::take`], without an allocation: the body is the packet's own when it came in one, and otherwise stays here
    /// until the next packet. Refuses an empty packet.
    pub fn feed<'a>(&'a mut self, packet: &'a [u8]) -> Result<Segment<&'a [u8]>, WireError> {
        let (header, payload) =
            packet.split_first().ok_or(WireError::at("segment header", 0, Fault::Short { missing: 1 }))?;
        let (first, last, counter) = (header & 1 != 0, header & 2 != 0, header >> 2);
        let cut_off = first && self.is_open();
        if first {
            self.body.clear();
        } else if self.expected != Some(counter) {
            self.drop_observation();
            return Ok(Segment::Lost);
        }
        if self.body.len() + payload.len() > LONGEST_OBSERVATION {
            self.drop_observation();
            return Ok(Segment::Lost);
        }
        if !last {
            self.body.extend_from_slice(payload);
            self.expected = Some((counter + 1) & 0x3F);
            return Ok(if cut_off { Segment::MoreAfterLoss } else { Segment::More });
        }
        self.expected = None;
        let body = if first {
            payload
        } else {
            self.body.extend_from_slice(payload);
            &self.body
        };
        Ok(if cut_off { Segment::WholeAfterLoss(body) } else { Segment::Whole(body) })
    }

    fn drop_observation(&mut self) {
        self.expected = None;
        self.body.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Header of a segment as the table has it.
    fn header(first: bool, last: bool, counter: u8) -> u8 {
        u8::from(first) | u8::from(last) << 1 | (counter & 0x3F) << 2
    }

    fn split(body: &[u8], size: usize, mut counter: u8) -> Vec<Vec<u8>> {
        let pieces: Vec<&[u8]> = body.chunks(size).collect();
        let count = pieces.len();
        pieces
            .into_iter()
            .enumerate()
            .map(|(place, piece)| {
                let mut packet = vec![header(place == 0, place + 1 == count, counter)];
                packet.extend_from_slice(piece);
                counter = (counter + 1) & 0x3F;
                packet
            })
            .collect()
    }

    #[test]
    fn the_counter_wraps_from_63_to_0_inside_of_an_observation() {
        let body: Vec<u8> = (0..100).collect();
        let mut reassembly = Reassembly::default();
        let mut whole = None;
        for packet in split(&body, 19, 62) {
            if let Segment::Whole(bytes) = reassembly.take(&packet).unwrap() {
                whole = Some(bytes);
            }
        }
        assert_eq!(whole, Some(body));
    }

    #[test]
    fn a_missing_segment_drops_the_observation_and_the_next_one_is_read() {
        let body: Vec<u8> = (0..60).collect();
        let mut packets = split(&body, 19, 0);
        packets.remove(1);
        let mut reassembly = Reassembly::default();
        let results: Vec<Segment> = packets.iter().map(|p| reassembly.take(p).unwrap()).collect();
        assert_eq!(results, [Segment::More, Segment::Lost, Segment::Lost]);
        assert_eq!(reassembly.take(&[header(true, true, 9), 7]), Ok(Segment::Whole(vec![7])));
    }

    #[test]
    fn a_repeated_segment_drops_the_observation() {
        let mut packets = split(&[1; 60], 19, 0);
        packets.insert(1, packets[0].clone());
        packets.insert(3, packets[2].clone());
        let mut reassembly = Reassembly::default();
        let lost = packets.iter().filter(|p| reassembly.take(p) == Ok(Segment::Lost)).count();
        assert!(lost > 0, "the repeat must be seen");
    }

    #[test]
    fn an_observation_that_is_cut_off_by_the_next_is_told() {
        let mut reassembly = Reassembly::default();
        assert_eq!(reassembly.take(&[header(true, false, 0), 1]), Ok(Segment::More));
        assert_eq!(reassembly.take(&[header(true, true, 5), 2]), Ok(Segment::WholeAfterLoss(vec![2])));
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut reassembly = Reassembly::default();
        let mut counter = 0;
        let mut first = true;
        for _ in 0..2_000 {
            let mut packet = vec![header(first, false, counter)];
            packet.extend_from_slice(&[0; 200]);
            let _ = reassembly.take(&packet).unwrap();
            assert!(reassembly.body.len() <= LONGEST_OBSERVATION);
            counter = (counter + 1) & 0x3F;
            first = false;
        }
    }

    #[test]
    fn a_link_allocates_once_and_a_body_in_one_packet_is_not_copied() {
        let mut reassembly = Reassembly::default();
        let packets = split(&[7; 300], 19, 0);
        let give = |reassembly: &mut Reassembly| {
            for packet in &packets {
                let _ = reassembly.feed(packet).unwrap();
            }
        };
        give(&mut reassembly);
        let (place, room) = (reassembly.body.as_ptr(), reassembly.body.capacity());
        give(&mut reassembly);
        assert_eq!((reassembly.body.as_ptr(), reassembly.body.capacity()), (place, room));
        let packet = [header(true, true, 3), 1, 2];
        let Ok(Segment::Whole(body)) = reassembly.feed(&packet) else { panic!("whole") };
        assert_eq!(body.as_ptr(), packet[1..].as_ptr());
    }

    proptest! {
        #[test]
        fn any_body_comes_back_whole_in_segments_of_any_size(
            body in proptest::collection::vec(any::<u8>(), 1..600), size in 1_usize..240, start in 0_u8..64,
        ) {
            let mut reassembly = Reassembly::default();
            let mut whole = Vec::new();
            for packet in split(&body, size, start) {
                if let Segment::Whole(bytes) = reassembly.take(&packet).unwrap() { whole.push(bytes); }
            }
            prop_assert_eq!(whole, vec![body]);
        }

        #[test]
        fn a_body_never_holds_a_byte_of_another_when_packets_are_lost_or_doubled(
            keep in proptest::collection::vec(0_u8..3, 40), size in 1_usize..8,
        ) {
            // Body n is all bytes n: a mixture would show.
            let mut packets = Vec::new();
            let mut counter = 0;
            for n in 0_u8..8 {
                let pieces = split(&[n; 12], size, counter);
                counter = (counter + u8::try_from(pieces.len()).unwrap()) & 0x3F;
                packets.extend(pieces);
            }
            let mut reassembly = Reassembly::default();
            for (place, packet) in packets.iter().enumerate() {
                for _ in 0..keep[place % keep.len()] {
                    match reassembly.take(packet).unwrap() {
                        Segment::Whole(body) | Segment::WholeAfterLoss(body) => {
                            prop_assert_eq!(body.len(), 12);
                            prop_assert!(body.windows(2).all(|pair| pair[0] == pair[1]));
                        }
                        Segment::More | Segment::MoreAfterLoss | Segment::Lost => {}
                    }
                }
            }
        }
    }
}
