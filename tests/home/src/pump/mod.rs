//! A simulated ambulatory pump behind the radio port.
//!
//! It delivers for real: a programme of rates and a volume, a line that can be blocked so that pressure builds up until the
//! alarm stops the motor, a bag that runs empty, a battery that drains, a clock of its own that drifts and can be set. It
//! keeps a numbered record of all that, serves both over the GATT database of the pump profile, and takes
//! [`RadioCommand`]s and gives [`RadioEvent`]s as a phone's radio would. It knows nothing of the session that listens.
//!
//! Time passes only by [`SimulatedPump::advance`]. Everything follows from the configuration, the seed and the calls: the
//! same calls give the same bytes.
//!
//! What it sends is encoded in [`encode`], from the tables of the Bluetooth specifications and not from the decoder that is
//! tested against it.
//!
//! [`RadioCommand`]: homeline_pump::RadioCommand
//! [`RadioEvent`]: homeline_pump::RadioEvent
//! [`SimulatedPump::advance`]: crate::pump::SimulatedPump::advance
//! [`encode`]: crate::pump::encode

/// What goes into the body: programme, motor, line, bag, battery.
mod delivery;
/// Bytes as the specifications lay them out.
pub mod encode;
/// The pump's own clock.
mod pump_clock;
/// The link: advertising, pairing, GATT database, faults.
mod radio;
/// The numbered record.
mod record;

pub use delivery::{Alarm, Program};
pub use radio::{Fault, Pairing};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use delivery::{Body, Happening};
use homeline_pump::{AdapterState, RadioCommand, RadioEvent};
use pump_clock::PumpClock;
use radio::Air;
use record::{Content, RecordStore};
use rust_decimal::Decimal;

/// How the pump is at the start.
#[derive(Debug, Clone)]
pub struct PumpConfig {
    /// Serial number as on the label.
    pub serial: String,
    /// Model number.
    pub model: String,
    /// Makes the first record number; the same seed, the same bytes.
    pub seed: u64,
    /// Pump clock minus true time at the start.
    pub clock_offset: Duration,
    /// How much faster its clock runs, in parts per million.
    pub drift_ppm: i64,
    /// How it pairs.
    pub pairing: Pairing,
    /// Largest packet of the link.
    pub mtu: u16,
    /// Battery at the start, per mille.
    pub battery_permille: u32,
    /// What is in the bag, mL.
    pub reservoir_ml: Decimal,
    /// Device specialisation that it claims; an infusion pump is 0x1001.
    pub specialization: u16,
    /// A characteristic that this model lacks.
    pub lacks: Option<u16>,
}

impl PumpConfig {
    /// A pump in good order: right clock, full battery, passkey, a bag of one litre.
    pub fn new(serial: &str) -> Self {
        Self {
            serial: serial.to_owned(),
            model: "Simulated".to_owned(),
            seed: 1,
            clock_offset: Duration::zero(),
            drift_ppm: 0,
            pairing: Pairing::Passkey,
            mtu: 185,
            battery_permille: 1_000,
            reservoir_ml: Decimal::from(1_000),
            specialization: 0x1001,
            lacks: None,
        }
    }
}

/// The pump.
#[derive(Debug)]
pub struct SimulatedPump {
    config: PumpConfig,
    body: Body,
    clock: PumpClock,
    record: RecordStore,
    air: Air,
    /// Milliseconds until the next progress record.
    progress_in_ms: u64,
    /// Milliseconds until the next live values.
    live_in_ms: u64,
}

/// A progress record every five minutes of delivery.
const PROGRESS_EVERY_MS: u64 = 300_000;
/// Live values every ten seconds.
const LIVE_EVERY_MS: u64 = 10_000;

impl SimulatedPump {
    /// A pump that was switched on at `at`, true time.
    pub fn new(config: PumpConfig, at: DateTime<Utc>) -> Self {
        Self {
            body: Body::new(config.battery_permille, config.reservoir_ml),
            clock: PumpClock::new(at, config.clock_offset, config.drift_ppm),
            // The record is older than the pairing: its numbers do not begin at zero.
            record: RecordStore::from(u32::try_from(config.seed % 1_000).unwrap_or(0).saturating_add(1)),
            air: Air::default(),
            progress_in_ms: PROGRESS_EVERY_MS,
            live_in_ms: LIVE_EVERY_MS,
            config,
        }
    }

    /// True time passes.
    pub fn advance(&mut self, by: Duration) {
        let mut left = u64::try_from(by.num_milliseconds()).unwrap_or(0);
        while left > 0 {
            let step = left.min(1_000);
            left -= step;
            self.clock.advance(step);
            let happenings = self.body.advance(step);
            self.happened(happenings);
            if self.body.is_delivering() {
                self.progress_in_ms = self.progress_in_ms.saturating_sub(step);
                if self.progress_in_ms == 0 {
                    self.progress_in_ms = PROGRESS_EVERY_MS;
                    self.remember(Content::Progress);
                }
            }
            if self.body.battery_permille() == 0 {
                self.air.power_lost();
            }
            self.live_in_ms = self.live_in_ms.saturating_sub(step);
            if self.live_in_ms == 0 {
                self.live_in_ms = LIVE_EVERY_MS;
                self.send_live_values();
            }
        }
    }

    /// The pharmacist or nurse programs the pump: rates and volume. What ran before is cleared.
    pub fn program(&mut self, program: Program) {
        // Stopped first, so that the record holds the counter of what ran before it is cleared.
        self.press_stop();
        let happenings = self.body.program(program);
        self.happened(happenings);
    }

    /// The start key.
    pub fn press_start(&mut self) {
        let happenings = self.body.press_start();
        if happenings.iter().any(|happening| matches!(happening, Happening::Started)) {
            self.progress_in_ms = PROGRESS_EVERY_MS;
        }
        self.happened(happenings);
    }

    /// The stop key.
    pub fn press_stop(&mut self) {
        let happenings = self.body.press_stop();
        self.happened(happenings);
    }

    /// The programme is cleared at the pump.
    pub fn clear_program(&mut self) {
        self.press_stop();
        let happenings = self.body.clear_program();
        self.happened(happenings);
    }

    /// A clamp closes or the line kinks.
    pub fn block_line(&mut self) {
        self.body.block_line();
    }

    /// The line is free again. The pump waits for a person to press start.
    pub fn open_line(&mut self) {
        self.body.open_line();
    }

    /// Fresh batteries.
    pub fn change_battery(&mut self) {
        let happenings = self.body.change_battery();
        self.happened(happenings);
    }

    /// A new bag of so many millilitres.
    pub fn fill_reservoir(&mut self, millilitres: Decimal) {
        let happenings = self.body.fill_reservoir(millilitres);
        self.happened(happenings);
    }

    /// Somebody raises an alarm of a code that no table has.
    pub fn raise(&mut self, alarm: Alarm) {
        let happenings = self.body.raise(alarm);
        self.happened(happenings);
    }

    /// A person sets the pump's clock, at the pump. Its record keeps the old times, and says that they are old.
    pub fn set_pump_clock(&mut self, reading: NaiveDateTime) {
        self.clock.set(reading);
        self.send_clock();
    }

    /// A service erases the record: numbers begin anew.
    pub fn erase_record(&mut self) {
        self.record = RecordStore::from(1);
    }

    /// The makers put another model number on it.
    pub fn rename_model(&mut self, model: &str) {
        self.config.model = model.to_owned();
    }

    /// The record holds only the last so many from now on.
    pub fn shrink_record(&mut self, capacity: usize) {
        self.record.shrink(capacity);
    }

    /// What the phone's radio is asked.
    pub fn execute(&mut self, command: RadioCommand) {
        self.command(command);
    }

    /// What the phone's radio says, in order.
    pub fn take_events(&mut self) -> Vec<RadioEvent> {
        self.air.take_events()
    }

    /// The phone comes into range, or leaves it.
    pub fn set_in_range(&mut self, in_range: bool) {
        let mtu = self.config.mtu;
        self.air.set_in_range(in_range, mtu);
    }

    /// The phone's Bluetooth is switched.
    pub fn set_radio_of_phone(&mut self, state: AdapterState) {
        self.air.set_adapter(state);
    }

    /// The pump forgets the phone.
    pub fn forget_bond(&mut self) {
        self.air.forget_bond();
    }

    /// Nothing goes wrong on the link any more.
    pub fn heal(&mut self) {
        self.air.heal();
    }

    /// Something goes wrong on the link.
    pub fn fault(&mut self, fault: Fault) {
        self.air.fault(fault);
    }

    /// What is in the body, mL: what was pumped without what a blocked line holds back.
    pub fn infused_ml(&self) -> Decimal {
        self.body.infused_ml()
    }

    /// What the pump's counter shows, mL.
    pub fn counter_ml(&self) -> Decimal {
        self.body.counter_ml()
    }

    /// Whether the motor runs.
    pub fn is_delivering(&self) -> bool {
        self.body.is_delivering()
    }

    /// Pressure in the line, mmHg.
    pub fn line_pressure_mmhg(&self) -> u64 {
        self.body.line_pressure_mmhg()
    }

    /// The pump's own clock.
    pub fn pump_clock(&self) -> NaiveDateTime {
        self.clock.reading()
    }

    /// How many records it keeps.
    pub fn records(&self) -> usize {
        self.record.len()
    }

    fn happened(&mut self, happenings: Vec<Happening>) {
        for happening in happenings {
            self.remember(Content::Happening(happening.clone()));
            self.send_live_happening(&happening);
        }
    }

    fn remember(&mut self, content: Content) {
        self.record.append(&self.clock, content, self.body.counter_ml(), self.body.rate_ml_h());
    }
}
