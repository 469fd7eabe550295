//! Why bytes are refused. The error names the field and never repeats what was sent.

/// Bytes that do not have the form which the standard gives them. The whole value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end inside a field.
    #[error("`{field}` is cut off: {missing} more bytes are needed")]
    Short {
        /// Which field.
        field: &'static str,
        /// How many bytes are missing.
        missing: usize,
    },
    /// Bytes follow after the last field.
    #[error("{extra} bytes follow after `{field}`, which is the last field")]
    Trailing {
        /// The last field.
        field: &'static str,
        /// How many bytes follow.
        extra: usize,
    },
    /// A length field contradicts the bytes that came.
    #[error("`{field}` says {said} bytes, {came} came")]
    Length {
        /// Which field.
        field: &'static str,
        /// What it says.
        said: usize,
        /// What came.
        came: usize,
    },
    /// A field has a value that the standard does not allow.
    #[error("`{field}` has the value {value}, which the standard does not allow")]
    Value {
        /// Which field.
        field: &'static str,
        /// The value.
        value: u64,
    },
    /// A number that a decimal of 96 bits cannot hold.
    #[error("`{field}` is a number beyond what can be kept exactly")]
    Range {
        /// Which field.
        field: &'static str,
    },
    /// Text that is not UTF-8.
    #[error("`{field}` is not UTF-8 text")]
    Text {
        /// Which field.
        field: &'static str,
    },
    /// More than the bound of what is taken.
    #[error("`{field}` is longer than {limit} bytes")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The checksum does not fit.
    #[error("the checksum of `{field}` is wrong: read it again")]
    Checksum {
        /// Which value.
        field: &'static str,
    },
    /// A value comes in a unit that its meaning does not have here.
    #[error("`{field}` comes in unit code {unit}, which is not a unit of the profile for it")]
    Unit {
        /// Which value.
        field: &'static str,
        /// The low 16 bits of the unit code.
        unit: u16,
    },
}
