//! Bluetooth values for machines: hexadecimal digits in, JSON out (`docs/cli.md`).

use crate::arguments::GattCommand;
use crate::failure::Failure;
use crate::output::Output;
use homeline_pump::machine_door::{self, Component, Decoded, Said, UnitCode, What};
use homeline_pump::wire::crc::Checksum;
use serde_json::{Map, Value, json};

/// `homeline gatt …`
pub fn run(command: GattCommand) -> Result<(), Failure> {
    match command {
        GattCommand::Decode { uuid, hex, crc } => {
            let values = hex.iter().map(|digits| bytes(digits)).collect::<Result<Vec<_>, _>>()?;
            let checksum = crc.then(Checksum::default);
            let decoded =
                machine_door::decode(uuid, &values, checksum).map_err(|error| Failure::Failed(error.to_string()))?;
            let observations: Vec<Value> = decoded.iter().map(observation).collect();
            // There is no other form of it than JSON.
            Output { json: true }.answer(&json!({ "observations": observations }), |_| Ok(()))
        }
        GattCommand::Crc { hex } => {
            let [low, high] = Checksum::default().of(&bytes(&hex)?).to_le_bytes();
            Output { json: false }.answer(&(), |out| writeln!(out, "{}", digits(&[low, high])))
        }
    }
}

/// Hexadecimal digits as bytes: two for each, with spaces, colons or dashes between bytes where somebody put them.
fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    let not_hex = || Failure::input("hex", "must be pairs of hexadecimal digits, e.g. 06b0");
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !matches!(c, ' ' | ':' | '-'))
        .map(|c| c.to_digit(16).ok_or_else(not_hex))
        .collect::<Result<_, _>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(not_hex());
    }
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).map_err(|_| not_hex())).collect()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn observation(decoded: &Decoded) -> Value {
    let mut document = Map::new();
    document.insert(
        "type".to_owned(),
        match decoded.what {
            What::Name(name) => name.into(),
            What::Code(code) => code.into(),
            What::NotSaid => Value::Null,
        },
    );
    say(&mut document, &decoded.said, decoded.unit);
    document.insert("time".to_owned(), decoded.time.and_then(|time| time.iso8601()).into());
    document.insert("flags".to_owned(), decoded.flags.clone().into());
    let mut also = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(key.to_owned(), value);
        }
    };
    also("record", decoded.record.map(Value::from));
    also("user", decoded.user.map(Value::from));
    Value::Object(document)
}

/// `value` and `unit`, and for what is no single value a key of its own.
fn say(document: &mut Map<String, Value>, said: &Said, unit: Option<UnitCode>) {
    let (value, also) = match said {
        Said::NotAvailable => (Value::Null, None),
        Said::Number(number) => (json_number(*number), None),
        Said::Code(code) => ((*code).into(), None),
        Said::Text(text) => (text.as_str().into(), None),
        Said::Codes(codes) => (Value::Null, Some(("codes", json!(codes)))),
        Said::States(states) => {
            let bit = |state: &homeline_pump::wire::observation::StateBit| json!({ "bit": state.bit, "event": state.event, "on": state.on });
            (Value::Null, Some(("states", states.iter().map(bit).collect())))
        }
        Said::Components(parts) => (Value::Null, Some(("components", parts.iter().map(component).collect()))),
        Said::Samples { scale, offset, period, samples_per_period, samples } => {
            let number = |value: &Option<rust_decimal::Decimal>| value.map_or(Value::Null, json_number);
            let curve = json!({
                "scale": number(scale),
                "offset": number(offset),
                "period": number(period),
                "samples_per_period": samples_per_period,
                "raw": samples.iter().map(|sample| digits(sample)).collect::<Vec<_>>(),
            });
            (Value::Null, Some(("samples", curve)))
        }
        Said::Triples(triples) => {
            let triple = |(code, format, value): &(u32, u8, Vec<u8>)| json!({ "type": code, "format": format, "hex": digits(value) });
            (Value::Null, Some(("tlvs", triples.iter().map(triple).collect())))
        }
        Said::Raw { class, bytes } => (Value::Null, Some(("raw", json!({ "class": class, "hex": digits(bytes) })))),
    };
    document.insert("value".to_owned(), value);
    let ucum = match unit {
        Some(UnitCode::Ucum(ucum)) => ucum.into(),
        Some(UnitCode::Mdc(_)) | None => Value::Null,
    };
    document.insert("unit".to_owned(), ucum);
    if let Some(UnitCode::Mdc(code)) = unit {
        document.insert("unit_code".to_owned(), code.into());
    }
    if let Some((key, value)) = also {
        document.insert(key.to_owned(), value);
    }
}

fn component(part: &Component) -> Value {
    let mut document = Map::new();
    document.insert("type".to_owned(), part.code.into());
    say(&mut document, &part.said, part.unit);
    Value::Object(document)
}

/// With the digits that were sent: JSON's numbers have no precision of their own.
fn json_number(number: rust_decimal::Decimal) -> Value {
    Value::Number(number.to_string().parse().expect("a decimal is a number of JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_pairs_with_or_without_something_between() {
        assert_eq!(bytes("06b0").unwrap(), [0x06, 0xB0]);
        assert_eq!(bytes("06:B0-ff 00").unwrap(), [0x06, 0xB0, 0xFF, 0]);
        assert!(bytes("").unwrap().is_empty());
        for bad in ["6", "0x06", "06b", "zz", "é0"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_keeps_its_last_zero() {
        assert_eq!(json_number("37.80".parse().unwrap()).to_string(), "37.80");
    }
}
