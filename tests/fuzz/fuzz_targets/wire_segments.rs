//! Segments: bodies cut at any size come back whole; with packets lost, doubled and out of order, none comes back that was not
//! sent, and never a mixture.
#![no_main]

use homeline_pump::wire::segment::{LONGEST_OBSERVATION, Reassembly, Segment};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

fn packets(body: &[u8], size: usize, counter: &mut u8) -> Vec<Vec<u8>> {
    let last = body.len().div_ceil(size) - 1;
    let packet = |(place, piece): (usize, &[u8])| {
        let header = u8::from(place == 0) | u8::from(place == last) << 1 | *counter << 2;
        *counter = (*counter + 1) % 64;
        [&[header], piece].concat()
    };
    body.chunks(size).enumerate().map(packet).collect()
}

fn story(input: &mut Unstructured<'_>) -> Result<()> {
    let mut counter = input.int_in_range(0..=63)?;
    let mut air = Vec::new();
    for body in 0..input.int_in_range(1..=8_u8)? {
        // All bytes of a body are its number: a mixture would show.
        let bytes = vec![body; input.int_in_range(1..=400)?];
        air.push(packets(&bytes, input.int_in_range(1..=243)?, &mut counter));
    }
    let lengths: Vec<usize> = air.iter().map(|packets| packets.iter().map(|packet| packet.len() - 1).sum()).collect();
    let mut packets = air.concat();
    let mut whole = Reassembly::default();
    let came = packets.iter().filter(|packet| matches!(whole.feed(packet), Ok(Segment::Whole(_)))).count();
    assert_eq!(came, lengths.len(), "undisturbed, every body comes back");

    // Nothing moves by a whole turn of the counter: what a link does, and what the counter can show.
    for _ in 0..input.int_in_range(0..=6)? {
        let place = input.choose_index(packets.len())?;
        match input.int_in_range(0..=2)? {
            0 if packets.len() > 1 => drop(packets.remove(place)),
            1 => packets.insert(place, packets[place].clone()),
            _ => {
                let other = (place + input.int_in_range(1..=8)?).min(packets.len() - 1);
                packets.swap(place, other);
            }
        }
    }
    let mut disturbed = Reassembly::default();
    for packet in &packets {
        if let Ok(Segment::Whole(body) | Segment::WholeAfterLoss(body)) = disturbed.feed(packet) {
            let number = body[0];
            assert!(body.iter().all(|byte| *byte == number), "a mixture");
            assert_eq!(Some(&body.len()), lengths.get(usize::from(number)), "a part");
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let mut reassembly = Reassembly::default();
    for packet in bytes.chunks(20) {
        if let Ok(Segment::Whole(body) | Segment::WholeAfterLoss(body)) = reassembly.feed(packet) {
            assert!(body.len() <= LONGEST_OBSERVATION && body.len() <= bytes.len());
        }
    }
    // Too few bytes for a story are no story.
    let _ = story(&mut Unstructured::new(bytes));
});
