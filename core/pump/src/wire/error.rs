//! Why bytes are refused. The error names the field and the place, and never repeats what was sent beyond one number.

use std::fmt;

/// Bytes that do not have the form which the standard gives them. The whole value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireError {
    /// Which field, in the words of its standard.
    pub field: &'static str,
    /// Where it begins, counted in bytes from 0; of an observation in segments, in the observation put together. `None`
    /// when it is not of one place.
    pub offset: Option<usize>,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end inside of it.
    Short {
        /// How many bytes are missing.
        missing: usize,
    },
    /// It must be there and is not.
    Missing,
    /// Bytes follow after it, and it is the last.
    Trailing {
        /// How many.
        extra: usize,
    },
    /// It is a length, and contradicts the bytes that came.
    Length {
        /// What it says.
        said: usize,
        /// What came.
        came: usize,
    },
    /// It has a value that the standard does not allow.
    Value {
        /// The value.
        value: u64,
    },
    /// It is a number that a decimal of 96 bits, or a time that a calendar, cannot hold.
    Range,
    /// It is not UTF-8 text, or has characters that cannot be shown.
    Text,
    /// It is longer than what is taken.
    TooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The checksum does not fit.
    Checksum,
    /// It comes in a unit that its meaning does not have here.
    Unit {
        /// The low 16 bits of the unit's code.
        unit: u16,
    },
}

impl WireError {
    pub(crate) fn at(field: &'static str, offset: usize, fault: Fault) -> Self {
        Self { field, offset: Some(offset), fault }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.field)?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        match self.fault {
            Fault::Short { missing } => write!(f, " is cut off: {missing} more bytes are needed"),
            Fault::Missing => write!(f, " must be there and is not"),
            Fault::Trailing { extra } => write!(f, " is the last field, and {extra} bytes follow after it"),
            Fault::Length { said, came } => write!(f, " says {said} bytes, and {came} came"),
            Fault::Value { value } => write!(f, " has the value {value}, which the standard does not allow"),
            Fault::Range => write!(f, " is beyond what can be kept exactly"),
            Fault::Text => write!(f, " is not UTF-8 text that can be shown"),
            Fault::TooLong { limit } => write!(f, " is longer than {limit} bytes"),
            Fault::Checksum => write!(f, " does not fit to the bytes before it: read the value again"),
            Fault::Unit { unit } => write!(f, " comes in unit code {unit}, which is not a unit of the profile for it"),
        }
    }
}

impl std::error::Error for WireError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_one_line_with_field_and_place() {
        let error = WireError::at("temperature", 1, Fault::Short { missing: 3 });
        assert_eq!(error.to_string(), "`temperature` at byte 1 is cut off: 3 more bytes are needed");
        let error = WireError { field: "rate", offset: None, fault: Fault::Unit { unit: 1618 } };
        assert_eq!(error.to_string(), "`rate` comes in unit code 1618, which is not a unit of the profile for it");
    }
}
