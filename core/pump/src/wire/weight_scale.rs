//! Weight Measurement (0x2A9D), Weight Scale Service 1.0 §3.2.

use super::{Reader, WireError};
use chrono::NaiveDateTime;
use homeline_model::Quantity;
use rust_decimal::Decimal;

/// The scale's word for "I could not weigh" (§3.2.1.2).
const UNSUCCESSFUL: u16 = 0xFFFF;

/// One weighing, in the units that the scale sent, never converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// In the unit that the scale sent; `None` is not available.
    pub value: Option<Quantity>,
    /// That unit, also when there is no value: `kg` or `[lb_av]`.
    pub unit: &'static str,
    /// The scale's own clock; `None` when it has none.
    pub at: Option<NaiveDateTime>,
    /// The scale's number for the person; 0xFF is "not known". `None` is not sent.
    pub user: Option<u8>,
    /// Body mass index, `kg/m2`; `None` is not sent.
    pub body_mass_index: Option<Quantity>,
    /// The height that the scale holds for the person, `m` or `[in_i]`; `None` is not sent.
    pub height: Option<Quantity>,
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
    let height_of = |raw: u16| {
        let (places, unit) = if imperial { (1, "[in_i]") } else { (3, "m") };
        Quantity::new(Decimal::new(i64::from(raw), places), unit)
    };
    Ok(Weight {
        value: (raw != UNSUCCESSFUL).then(|| Quantity::new(weight, unit)),
        unit,
        at,
        user,
        body_mass_index: body_mass_index.map(|raw| Quantity::new(Decimal::new(i64::from(raw), 1), "kg/m2")),
        height: height.map(height_of),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 72.000 kg (14,400 × 0.005), 2026-11-23 08:30:05, user 2, index 23.5, height 1.750 m.
    const METRIC: [u8; 15] = [0b1110, 0x40, 0x38, 0xEA, 7, 11, 23, 8, 30, 5, 2, 0xEB, 0x00, 0xD6, 0x06];

    fn shown(quantity: Option<Quantity>) -> String {
        quantity.unwrap().to_string()
    }

    #[test]
    fn a_weighing_with_all_fields_is_read() {
        let read = decode(&METRIC).unwrap();
        assert_eq!(shown(read.value), "72.000 kg");
        assert_eq!(read.at.unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(read.user, Some(2));
        assert_eq!((shown(read.body_mass_index), shown(read.height)), ("23.5 kg/m2".into(), "1.750 m".into()));
    }

    #[test]
    fn pounds_stay_pounds_and_inches_inches() {
        let read = decode(&[0b1001, 0x01, 0x3E, 0xEB, 0x00, 0xB1, 0x02]).unwrap();
        assert_eq!(shown(read.value), "158.73 [lb_av]");
        assert_eq!(shown(read.height), "68.9 [in_i]");
    }

    #[test]
    fn a_weighing_that_did_not_succeed_is_not_available() {
        assert_eq!(decode(&[0, 0xFF, 0xFF]).unwrap().value, None);
        assert_eq!(shown(decode(&[0, 0xFE, 0xFF]).unwrap().value), "327.670 kg");
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
