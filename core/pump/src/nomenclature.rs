//! Codes of IEEE 11073-10101 that are not of a pump alone: units, and the vital signs that a generic health sensor sends.
//!
//! On the air a unit is the low 16 bits of its code; all units are in partition 4, so the whole code is 262144 more. A unit
//! that is not in the table has no UCUM code here, and a number with it is told without a unit rather than with a wrong one.

/// Unit code (low 16 bits) and UCUM code. Prefixes are in the low five bits: kilo 3, centi 17, milli 18, micro 19.
const UNITS: [(u16, &str); 52] = [
    (0x0200, "1"),         // MDC_DIM_DIMLESS 262656
    (0x0220, "%"),         // MDC_DIM_PERCENT 262688
    (0x02E0, "deg"),       // MDC_DIM_ANG_DEG 262880
    (0x0500, "m"),         // MDC_DIM_M 263424
    (0x0511, "cm"),        // 263441
    (0x0512, "mm"),        // 263442
    (0x0560, "[in_i]"),    // MDC_DIM_INCH 263520
    (0x0640, "L"),         // MDC_DIM_L 263744
    (0x0652, "mL"),        // 263762
    (0x0653, "uL"),        // 263763
    (0x06C0, "g"),         // MDC_DIM_G 263872
    (0x06C3, "kg"),        // 263875
    (0x06D2, "mg"),        // 263890
    (0x06D3, "ug"),        // 263891
    (0x06E0, "[lb_av]"),   // MDC_DIM_LB 263904
    (0x0800, "g/L"),       // MDC_DIM_G_PER_L 264192
    (0x0852, "mg/dL"),     // 264274
    (0x0872, "mg/mL"),     // 264306
    (0x0873, "ug/mL"),     // 264307
    (0x0880, "s"),         // MDC_DIM_SEC 264320
    (0x0892, "ms"),        // 264338
    (0x0893, "us"),        // 264339
    (0x08A0, "min"),       // MDC_DIM_MIN 264352
    (0x08C0, "h"),         // MDC_DIM_HR 264384
    (0x08E0, "d"),         // MDC_DIM_DAY 264416
    (0x0AA0, "/min"),      // MDC_DIM_BEAT_PER_MIN 264864
    (0x0AE0, "/min"),      // MDC_DIM_RESP_PER_MIN 264928
    (0x0C00, "L/min"),     // MDC_DIM_L_PER_MIN 265216
    (0x0C12, "mL/min"),    // 265234
    (0x0C13, "uL/min"),    // 265235
    (0x0C32, "mL/h"),      // MDC_DIM_MILLI_L_PER_HR 265266
    (0x0D12, "mg/min"),    // 265490
    (0x0D13, "ug/min"),    // 265491
    (0x0D32, "mg/h"),      // 265522
    (0x0D33, "ug/h"),      // 265523
    (0x0D93, "ug/kg/min"), // MDC_DIM_MICRO_G_PER_KG_PER_MIN 265619
    (0x0DB2, "mg/kg/h"),   // 265650
    (0x0DB3, "ug/kg/h"),   // 265651
    (0x0F03, "kPa"),       // MDC_DIM_KILO_PASCAL 265987
    (0x0F02, "hPa"),       // 265986
    (0x0F20, "mm[Hg]"),    // MDC_DIM_MMHG 266016
    (0x0F40, "cm[H2O]"),   // MDC_DIM_CM_H2O 266048
    (0x10B2, "mV"),        // 266418
    (0x1120, "K"),         // MDC_DIM_KELVIN 266528
    (0x1140, "[degF]"),    // MDC_DIM_FAHR 266560
    (0x1272, "mmol/L"),    // MDC_DIM_MILLI_MOLE_PER_L 266866
    (0x1560, "[iU]"),      // MDC_DIM_INTL_UNIT 267616
    (0x15E0, "[iU]/mL"),   // MDC_DIM_INTL_UNIT_PER_ML 267744
    (0x1640, "[iU]/h"),    // MDC_DIM_INTL_UNIT_PER_HR 267840
    (0x17A0, "Cel"),       // MDC_DIM_DEGC 268192
    (0x1E43, "kg/m2"),     // MDC_DIM_KILO_G_PER_M_SQ 269891
    (0x11F2, "meq"),       // MDC_DIM_MILLI_EQUIV 266738
];

/// The UCUM code of a unit, by the low 16 bits of its IEEE 11073-10101 code.
pub fn ucum(unit: u16) -> Option<&'static str> {
    UNITS.iter().find(|(code, _)| *code == unit).map(|(_, ucum)| *ucum)
}

/// Vital signs.
pub mod vital {
    /// MDC_TEMP_BODY: body temperature.
    pub const BODY_TEMPERATURE: u32 = 150_364;
    /// MDC_PULS_OXIM_SAT_O2: oxygen saturation by pulse oximetry.
    pub const OXYGEN_SATURATION: u32 = 150_456;
    /// MDC_PULS_OXIM_PULS_RATE: pulse rate by pulse oximetry.
    pub const OXIMETER_PULSE: u32 = 149_530;
    /// MDC_PRESS_BLD_NONINV: blood pressure by a cuff, a compound of the next three.
    pub const BLOOD_PRESSURE: u32 = 150_020;
    /// MDC_PRESS_BLD_NONINV_SYS.
    pub const SYSTOLIC: u32 = 150_021;
    /// MDC_PRESS_BLD_NONINV_DIA.
    pub const DIASTOLIC: u32 = 150_022;
    /// MDC_PRESS_BLD_NONINV_MEAN.
    pub const MEAN_ARTERIAL: u32 = 150_023;
    /// MDC_MASS_BODY_ACTUAL: body weight.
    pub const BODY_WEIGHT: u32 = 188_736;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_found_by_the_low_half_of_its_code() {
        for (code, expected) in [
            (265_266_u32, "mL/h"),
            (263_762, "mL"),
            (266_016, "mm[Hg]"),
            (268_192, "Cel"),
            (262_688, "%"),
            (263_875, "kg"),
        ] {
            assert_eq!(ucum(u16::try_from(code - 262_144).unwrap()), Some(expected));
        }
        assert_eq!(ucum(0xFFFF), None);
    }

    #[test]
    fn no_code_is_in_the_table_twice() {
        let mut codes: Vec<u16> = UNITS.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), UNITS.len());
    }
}
