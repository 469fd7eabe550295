//! The formats on the air, little-endian throughout.
//!
//! **Decoders only.** What a pump sends is encoded by the simulated pump in `tests/home`, written from the tables and not
//! from this code: a symmetrical pair would agree with itself about a wrong byte order, and the shipped library would
//! carry the means to speak as a pump. The few requests that we send are in [`crate::radio::AllowedWrite`].
//!
//! **All bytes are hostile.** Every decoder takes a slice and gives a value or a [`WireError`] that names the field. It
//! allocates nothing (reassembly apart, which is capped), and never panics. What is malformed is refused whole.
//! A value that a device marks as not-a-number, not at this resolution, infinite or reserved is "not available".
//!
//! Layouts: Bluetooth SIG GHSS 1.0, ETS 1.0, IDS 1.0, HTS 1.0, BLS 1.1, PLXS 1.0, WSS 1.0, BAS 1.1, DIS 1.2, GATT Specification Supplement
//! (<https://www.bluetooth.com/specifications/specs/>); numbers: IEEE 11073-20601 §A.2.
//!
//! [`WireError`]: crate::wire::WireError

/// Why bytes are refused.
mod error;
/// The cursor that every decoder reads with.
mod reader;

/// The checksum of services with end-to-end protection.
pub mod crc;
/// SFLOAT and FLOAT, kept decimal.
pub mod medical_number;
/// Date Time and the elapsed-time stamp.
pub mod timestamp;

/// First byte of a segment, and the body put together again.
pub mod segment;

/// Health Sensor Features.
pub mod features;
/// One observation, live or stored.
pub mod observation;

/// Answers of the GHS Control Point.
pub mod control_point;
/// Answers of the Record Access Control Point.
pub mod record_access;

/// Valid Range and Accuracy.
pub mod valid_range;

/// The Insulin Delivery Service.
pub mod insulin;

/// Battery level and battery status.
pub mod battery;
/// Serial, maker, model, versions, System ID, UDI.
pub mod device_information;
/// What a device asks of a link.
pub mod security_levels;

/// Blood Pressure Measurement and Intermediate Cuff Pressure.
pub mod blood_pressure;
/// Spot-check and continuous measurements of a pulse oximeter.
pub mod pulse_oximeter;
/// Temperature Measurement of a thermometer.
pub mod thermometer;
/// Weight Measurement of a scale.
pub mod weight_scale;

pub use error::{Fault, WireError};
pub(crate) use reader::Reader;
