//! `homeline gatt`: the machine door of the Bluetooth decoders. Every vector is made by hand from the tables; the comment
//! says how.

use homeline_end_to_end::terminal::{Answer, Terminal};
use serde_json::{Value, json};

fn decode(uuid: &str, values: &[&str]) -> Answer {
    let mut arguments = vec!["gatt", "decode", "--uuid", uuid];
    arguments.extend(values.iter().flat_map(|value| ["--hex", value]));
    Terminal::new().run(&arguments)
}

#[track_caller]
fn observations(uuid: &str, values: &[&str]) -> Vec<Value> {
    let answer = decode(uuid, values);
    assert_eq!(answer.status, 0, "{answer:?}");
    answer.json()["observations"].as_array().unwrap().clone()
}

/// Type, value as written, unit.
fn brief(observation: &Value) -> (String, String, String) {
    let text = |key: &str| observation[key].to_string().trim_matches('"').to_owned();
    (text("type"), text("value"), text("unit"))
}

#[track_caller]
fn says(uuid: &str, value: &str, expected: &[(&str, &str, &str)]) {
    let read: Vec<_> = observations(uuid, &[value]).iter().map(brief).collect();
    let expected: Vec<_> =
        expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
    assert_eq!(read, expected, "{uuid} {value}");
}

#[track_caller]
fn refused(answer: &Answer, status: i32, words: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.out.is_empty() && answer.error.contains(words), "{answer:?}");
    assert!(status == 2 || answer.error.lines().count() == 1, "one line: {}", answer.error);
}

#[test]
fn vital_signs_have_their_names_and_keep_digits_and_unit() {
    // FLOAT 378 × 10⁻¹ °C, 2026-11-23 08:30:05, mouth.
    let read = observations("2A1C", &["067a0100ffea070b17081e0506"]);
    let expected = json!({ "type": "body-temperature", "value": 37.8, "unit": "Cel",
        "time": "2026-11-23T08:30:05", "flags": ["site-mouth"] });
    assert_eq!(read, [expected]);
    // 1004 × 10⁻¹ °F.
    says("2A1C", "01ec0300ff", &[("body-temperature", "100.4", "[degF]")]);
    // 118/76 (mean 90) mmHg, pulse 72, user 1, irregular pulse.
    let pressures = [
        ("systolic", "118", "mm[Hg]"),
        ("diastolic", "76", "mm[Hg]"),
        ("mean-arterial", "90", "mm[Hg]"),
        ("pulse", "72", "/min"),
    ];
    says("2A35", "1e76004c005a00ea070b17081e054800010400", &pressures);
    says("2A36", "00a000ff07ff07", &[("cuff-pressure", "160", "mm[Hg]")]);
    says("2A5E", "0061004800", &[("spo2", "97", "%"), ("pulse", "72", "/min")]);
    // 14,400 × 0.005 kg; 15,873 × 0.01 lb.
    says("2A9D", "004038", &[("weight", "72.000", "kg")]);
    says("2A9D", "01013e", &[("weight", "158.73", "[lb_av]")]);
    says("2A19", "37", &[("battery", "55", "%")]);
    says("2BED", "02c10109", &[("battery", "9", "%")]);
}

#[test]
fn what_is_not_available_is_null_and_never_zero() {
    for special in ["ffff7f00", "00008000", "feff7f00", "02008000", "01008000"] {
        says("2A1C", &format!("00{special}"), &[("body-temperature", "null", "Cel")]);
    }
    for special in ["ff07", "0008", "fe07", "0208", "0108"] {
        says("2A5E", &format!("00{special}4800"), &[("spo2", "null", "%"), ("pulse", "72", "/min")]);
    }
    says("2A9D", "00ffff", &[("weight", "null", "kg")]);
    // A demonstration says that it is one.
    let demo = observations("2A5F", &["04610048000004"]);
    assert_eq!((&demo[0]["value"], &demo[0]["flags"]), (&json!(97), &json!(["demo-data"])));
}

#[test]
fn health_observations_have_their_code_and_come_in_segments() {
    // Rate 158014, mL/h 0x0C32, 1660 × 10⁻¹.
    let rate = ("158014", "166.0", "mL/h");
    says("2B8B", "03010f0001003e690200320c7c0600ff", &[rate]);
    let in_three = observations("2B8B", &["01010f000100", "043e690200320c", "0a7c0600ff"]);
    assert_eq!(in_three.iter().map(brief).collect::<Vec<_>>(), [(rate.0.into(), rate.1.into(), rate.2.into())]);
    // Record 9: delivery started (197288) under 68487, 848,736,000 s after 2000 in UTC.
    let stored = observations("2BDD", &["03 09000000 02 1600 0300 870b0100 2200af963200000400 a8020300"]);
    assert_eq!(stored[0]["record"], 9);
    assert_eq!((&stored[0]["type"], &stored[0]["value"]), (&json!(68_487), &json!(197_288)));
    assert_eq!(stored[0]["time"], "2026-11-23T08:00:00Z");
}

#[test]
fn a_missing_segment_a_cut_and_a_wrong_checksum_are_one_line_of_reason() {
    refused(&decode("2A1C", &["067a01"]), 1, "value 1: `temperature` at byte 1 is cut off: 2 more bytes are needed");
    refused(&decode("2A1C", &["087a0100ff"]), 1, "`temperature flags` at byte 0");
    refused(&decode("2B8B", &["01010f000100", "0a7c0600ff"]), 1, "value 2: the segments");
    refused(&decode("2B8B", &["01010f000100"]), 1, "the segments");
    refused(&decode("2A1C", &["067a0"]), 1, "hex");
    refused(&decode("2A1C", &["0x06"]), 1, "hex");
    refused(&decode("2A06", &["00"]), 2, "2A1C");
}

#[test]
fn the_checksum_is_that_of_the_specification() {
    let crc = |hex: &str| Terminal::new().done(&["gatt", "crc", "--hex", hex]).out;
    assert_eq!(crc("3e010203040506070809").trim(), "012f");
    let temperature = "007a0100ff";
    let sealed = format!("{temperature}{}", crc(temperature).trim());
    let decoded = |value: &str| Terminal::new().run(&["gatt", "decode", "--uuid", "2A1C", "--crc", "--hex", value]);
    assert_eq!(decoded(&sealed).json(), decode("2A1C", &[temperature]).json());
    refused(&decoded(&sealed.replacen("7a", "7b", 1)), 1, "`E2E-CRC` at byte 5");
}
