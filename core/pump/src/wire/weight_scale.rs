//! Weight Measurement (0x2A9D), Weight Scale Service 1.0 §3.2.

use super::{Reader, WireError};
use chrono::NaiveDateTime;
use rust_decimal::Decimal;

/// The scale's word for "I could not weigh" (§3.2.1.2).
const UNSUCCESSFUL: u16 = 0xFFFF;

/// One weighing, in the units that the scale sent, never converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// In the unit that the scale sent; `None` is not available.
    pub value: Option<Decimal>,
    /// That unit in UCUM: `kg` or `[lb_av]`.
    pub unit: &'static str,
    /// The scale's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// The scale's number for the person; 0xFF is "not known". `None` is not sent.
    pub user: Option<u8>,
    /// Body mass index, kg/m²; `None` is not sent.
    pub body_mass_index: Option<Decimal>,
    /// The height that the scale holds for the person; `None` is not sent.
    pub height: Option<Decimal>,
    /// The unit of the height in UCUM: `m` or `[in_i]`.
    pub height_unit: &'static str,
}

/// Reads the value.
pub fn decode(value: &[u8]) -> Result<Weight, WireError> {
    let mut reader = Reader::new(value);
    let flags = reader.flags("weight flags", 0b1111)?;
    let imperial = flags.has(0);
    let raw = reader.u16("weight")?;
    let at = flags.when(1, || reader.date_time("time of the measurement"))?.flatten();
    let user = flags.when(2, || reader.u8("user id"))?;
    let body_mass_index = flags.when(3, || reader.u16("body mass index"))?;
    let height = flags.when(3, || reader.u16("height"))?;
    reader.end("weight measurement")?;
    // 0.005 kg has three decimal places, 0.01 lb two.
    let (weight, unit) = if imperial {
        (Decimal::new(i64::from(raw), 2), "[lb_av]")
    } else {
        (Decimal::new(i64::from(raw) * 5, 3), "kg")
    };
    let (height_places, height_unit) = if imperial { (1, "[in_i]") } else { (3, "m") };
    Ok(Weight {
        value: (raw != UNSUCCESSFUL).then_some(weight),
        unit,
        at,
        user,
        body_mass_index: body_mass_index.map(|raw| Decimal::new(i64::from(raw), 1)),
        height: height.map(|raw| Decimal::new(i64::from(raw), height_places)),
        height_unit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 72.000 kg (14,400 × 0.005), 2026-11-23 08:30:05, user 2, index 23.5, height 1.750 m.
    const METRIC: [u8; 15] = [0b1110, 0x40, 0x38, 0xEA, 7, 11, 23, 8, 30, 5, 2, 0xEB, 0x00, 0xD6, 0x06];

    fn shown(number: Option<Decimal>) -> String {
        number.unwrap().to_string()
    }

    #[test]
    fn a_weighing_with_all_fields_is_read() {
        let read = decode(&METRIC).unwrap();
        assert_eq!((shown(read.value), read.unit), ("72.000".into(), "kg"));
        assert_eq!(read.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(read.user, Some(2));
        assert_eq!(shown(read.body_mass_index), "23.5");
        assert_eq!((shown(read.height), read.height_unit), ("1.750".into(), "m"));
    }

    #[test]
    fn pounds_stay_pounds_and_inches_inches() {
        let read = decode(&[0b1001, 0x01, 0x3E, 0xEB, 0x00, 0xB1, 0x02]).unwrap();
        assert_eq!((shown(read.value), read.unit), ("158.73".into(), "[lb_av]"));
        assert_eq!((shown(read.height), read.height_unit), ("68.9".into(), "[in_i]"));
    }

    #[test]
    fn a_weighing_that_did_not_succeed_is_not_available() {
        assert_eq!(decode(&[0, 0xFF, 0xFF]).unwrap().value, None);
        assert_eq!(shown(decode(&[0, 0xFE, 0xFF]).unwrap().value), "327.670");
    }

    #[test]
    fn any_cut_and_any_byte_more_is_refused() {
        for end in 0..METRIC.len() {
            assert!(decode(&METRIC[..end]).is_err(), "cut off at {end}");
        }
        assert!(decode(&[METRIC.as_slice(), &[0]].concat()).is_err());
        assert!(decode(&[0b1_0000, 0, 0]).is_err(), "a flag that is not defined");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = decode(&bytes);
        }
    }
}
