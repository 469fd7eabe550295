//! The bytes, laid out by hand from the tables of `docs/pump-profile.md`.

use homeline_pump::vitals::Sensor;

/// 166.0 mL/h, live: class, length, flags, type, unit, FLOAT.
pub(crate) fn live() -> Vec<u8> {
    vec![0x01, 15, 0, 0b1, 0, 0x3E, 0x69, 0x02, 0x00, 0x32, 0x0C, 0x7C, 0x06, 0x00, 0xFF]
}

/// The same with the time of the pump's clock: 24 bytes, which the smallest link carries in two packets.
pub(crate) fn live_with_time() -> Vec<u8> {
    let whole = live();
    let (head, value) = whole.split_at(9);
    let mut body = head.to_vec();
    body.extend([0x22, 0x00, 0xAF, 0x96, 0x32, 0, 0, 4, 0]);
    body.extend(value);
    body[1] = 24;
    body[3] = 0b11;
    body
}

/// A downstream occlusion with phase, state, priority, text, counter and rate.
pub(crate) fn alarm() -> Vec<u8> {
    let mut body = vec![0x07, 0, 0, 0b1, 0];
    body.extend(196_616_u32.to_le_bytes());
    body.push(7);
    body.extend(68_487_u32.to_le_bytes());
    body.push(2);
    body.extend(196_940_u32.to_le_bytes());
    for (code, text) in [(68_481_u32, "start"), (68_482, "active"), (68_484, "PH"), (68_546, "Downstream occlusion")] {
        body.extend(code.to_le_bytes());
        body.push(3);
        body.extend([u8::try_from(text.len()).unwrap_or(u8::MAX), 0]);
        body.extend(text.as_bytes());
    }
    for (code, unit) in [(157_993_u32, 0x0652_u16), (158_014, 0x0C32)] {
        body.extend(code.to_le_bytes());
        body.push(1);
        body.extend(unit.to_le_bytes());
        body.extend([0x7C, 0x06, 0, 0xFF]);
    }
    body[1] = u8::try_from(body.len()).unwrap_or(u8::MAX);
    body
}

/// So many numbered readings of the counter, one a second, in packets for this MTU.
pub(crate) fn stored(records: u32, mtu: usize) -> Vec<Vec<u8>> {
    let mut counter = 0;
    let mut packets = Vec::new();
    for record in 0..records {
        let mut bytes = record.to_le_bytes().to_vec();
        bytes.extend([0x01, 24, 0, 0b11, 0]);
        bytes.extend(157_993_u32.to_le_bytes());
        bytes.push(0x22);
        bytes.extend(&(848_736_000_u64 + u64::from(record)).to_le_bytes()[..6]);
        bytes.extend([4, 0]);
        bytes.extend([0x52, 0x06]);
        let [low, middle, high, _] = record.to_le_bytes();
        bytes.extend([low, middle, high & 0x3F, 0xFE]);
        packets.extend(segments(&bytes, mtu, &mut counter));
    }
    packets
}

/// Cuts an observation into packets: a header each, and at most MTU − 4 bytes of it.
pub(crate) fn segments(body: &[u8], mtu: usize, counter: &mut u8) -> Vec<Vec<u8>> {
    let room = mtu - 4;
    let last = body.len().div_ceil(room) - 1;
    let packet = |(place, piece): (usize, &[u8])| {
        let header = u8::from(place == 0) | u8::from(place == last) << 1 | *counter << 2;
        *counter = (*counter + 1) % 64;
        [&[header], piece].concat()
    };
    body.chunks(room).enumerate().map(packet).collect()
}

/// One value of each service, with all of its fields.
pub(crate) fn vital_signs() -> [(&'static str, Sensor, Vec<u8>); 5] {
    let date = [0xEA, 7, 11, 23, 8, 30, 5];
    let with_date = |before: &[u8], after: &[u8]| [before, &date, after].concat();
    [
        ("2A1C, 37.8 °C", Sensor::Temperature, with_date(&[0b110, 0x7A, 0x01, 0, 0xFF], &[6])),
        ("2A35, 118/76 mmHg", Sensor::BloodPressure, with_date(&[0x1E, 118, 0, 76, 0, 90, 0], &[72, 0, 1, 4, 0])),
        ("2A5E, 97 %", Sensor::OximeterSpotCheck, with_date(&[0x0F, 97, 0, 72, 0], &[0x80, 0, 0x20, 0, 0, 0x0E, 0xF0])),
        ("2A9D, 72.000 kg", Sensor::Weight, with_date(&[0x0E, 0x40, 0x38], &[2, 0xEB, 0, 0xD6, 6])),
        ("2A19, 55 %", Sensor::BatteryLevel, vec![55]),
    ]
}
