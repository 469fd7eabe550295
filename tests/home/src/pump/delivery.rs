//! The delivery model: programme, motor, line, bag, battery.
//!
//! Volumes are whole numbers of µL·ms/h (a rate in µL/h times milliseconds), so that nothing is lost by rounding and a run
//! gives the same figures on every machine: 3,600,000 of them are one µL.
//!
//! The line behaves as lines do: the pump pushes on against a closed clamp, the tubing swells, pressure rises by what went
//! into it, and at the limit the alarm stops the motor. What the tubing holds has passed the pump's counter and not
//! reached the body; it does when the clamp is opened.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// What the pump is to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Rate in mL/h and for how many minutes of delivery; `None` is to the end.
    pub steps: Vec<(Decimal, Option<u32>)>,
    /// Volume to be infused, mL.
    pub volume_ml: Decimal,
}

impl Program {
    /// One rate to the end.
    pub fn constant(rate_ml_h: Decimal, volume_ml: Decimal) -> Self {
        Self { steps: vec![(rate_ml_h, None)], volume_ml }
    }
}

/// An alarm of the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// IEEE 11073-10101 code of the condition.
    pub code: u32,
    /// `PH`, `PM`, `PL` or `PN`.
    pub priority: &'static str,
    /// What the display says.
    pub text: &'static str,
}

pub(super) const OCCLUSION: Alarm = Alarm { code: 196_940, priority: "PH", text: "Downstream occlusion" };
pub(super) const BATTERY_LOW: Alarm = Alarm { code: 196_802, priority: "PL", text: "Battery low" };
pub(super) const BATTERY_EMPTY: Alarm = Alarm { code: 196_800, priority: "PH", text: "Battery depleted" };
pub(super) const RESERVOIR_EMPTY: Alarm = Alarm { code: 196_634, priority: "PH", text: "Reservoir empty" };
pub(super) const RESERVOIR_LOW: Alarm = Alarm { code: 197_334, priority: "PL", text: "Infusion near complete" };

/// What happened at the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happening {
    Started,
    Stopped,
    Completed,
    Cleared,
    RateChanged,
    AlarmOn(Alarm),
    AlarmOff(Alarm),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Motor {
    NoProgram,
    Stopped,
    Running,
    Complete,
}

/// µL·ms/h in one µL.
const UNITS_PER_UL: u64 = 3_600_000;
/// What the tubing takes up for each mmHg, in µL: a swelling of 1 mL at 500 mmHg.
const LINE_UL_PER_MMHG: u64 = 2;
/// Pressure of a free line, mmHg.
const FREE_LINE_MMHG: u64 = 20;
/// Pressure at which the pump stops, mmHg.
const OCCLUSION_MMHG: u64 = 400;
/// "Near complete" is told when so much is left, µL.
const NEAR_COMPLETE_UL: u64 = 10_000;
/// One per mille of battery lasts so long: 55 h of delivery.
const MS_PER_PERMILLE_RUNNING: u64 = 200_000;
/// And so long at rest.
const MS_PER_PERMILLE_IDLE: u64 = 1_000_000;
/// "Battery low" is told at, per mille.
const BATTERY_LOW_PERMILLE: u32 = 200;

#[derive(Debug)]
pub(super) struct Body {
    motor: Motor,
    /// Rate in µL/h and for how many milliseconds of delivery.
    steps: Vec<(u64, Option<u64>)>,
    volume_ul: u64,
    /// Pumped in this infusion, µL·ms/h.
    pumped: u64,
    /// Held back by the blocked line, µL·ms/h.
    in_line: u64,
    /// Milliseconds of delivery in this infusion.
    ran_ms: u64,
    blocked: bool,
    /// What is in the bag, µL·ms/h.
    reservoir: u64,
    battery_permille: u32,
    battery_ms: u64,
    alarms: Vec<Alarm>,
    near_complete_told: bool,
    /// What reached the body in earlier infusions, µL·ms/h.
    infused_before: u64,
}

impl Body {
    pub(super) fn new(battery_permille: u32, reservoir_ml: Decimal) -> Self {
        Self {
            motor: Motor::NoProgram,
            steps: Vec::new(),
            volume_ul: 0,
            pumped: 0,
            in_line: 0,
            ran_ms: 0,
            blocked: false,
            reservoir: microlitres(reservoir_ml) * UNITS_PER_UL,
            battery_permille,
            battery_ms: 0,
            alarms: Vec::new(),
            near_complete_told: false,
            infused_before: 0,
        }
    }

    pub(super) fn program(&mut self, program: Program) -> Vec<Happening> {
        let happenings = self.clear_program();
        self.steps = program
            .steps
            .iter()
            .map(|(rate, minutes)| (microlitres(*rate), minutes.map(|minutes| u64::from(minutes) * 60_000)))
            .collect();
        self.volume_ul = microlitres(program.volume_ml);
        self.motor = Motor::Stopped;
        happenings
    }

    pub(super) fn clear_program(&mut self) -> Vec<Happening> {
        let mut happenings = Vec::new();
        if self.motor != Motor::NoProgram {
            happenings.push(Happening::Cleared);
        }
        self.motor = Motor::NoProgram;
        self.infused_before += self.pumped;
        self.pumped = 0;
        self.ran_ms = 0;
        self.volume_ul = 0;
        self.steps.clear();
        self.near_complete_told = false;
        self.alarm_off(&RESERVOIR_LOW, &mut happenings);
        happenings
    }

    pub(super) fn press_start(&mut self) -> Vec<Happening> {
        let mut happenings = Vec::new();
        if self.motor != Motor::Stopped || self.battery_permille == 0 || self.reservoir == 0 {
            return happenings;
        }
        // Starting again is what acknowledges the alarm at the pump.
        self.alarm_off(&OCCLUSION, &mut happenings);
        self.motor = Motor::Running;
        happenings.push(Happening::Started);
        happenings
    }

    pub(super) fn press_stop(&mut self) -> Vec<Happening> {
        if self.motor == Motor::Running {
            self.motor = Motor::Stopped;
            vec![Happening::Stopped]
        } else {
            Vec::new()
        }
    }

    pub(super) fn block_line(&mut self) {
        self.blocked = true;
    }

    pub(super) fn open_line(&mut self) {
        self.blocked = false;
        self.in_line = 0;
    }

    pub(super) fn change_battery(&mut self) -> Vec<Happening> {
        let mut happenings = Vec::new();
        self.battery_permille = 1_000;
        self.alarm_off(&BATTERY_EMPTY, &mut happenings);
        self.alarm_off(&BATTERY_LOW, &mut happenings);
        happenings
    }

    pub(super) fn fill_reservoir(&mut self, millilitres: Decimal) -> Vec<Happening> {
        let mut happenings = Vec::new();
        self.reservoir = microlitres(millilitres) * UNITS_PER_UL;
        self.alarm_off(&RESERVOIR_EMPTY, &mut happenings);
        happenings
    }

    pub(super) fn raise(&mut self, alarm: Alarm) -> Vec<Happening> {
        let mut happenings = Vec::new();
        self.alarm_on(alarm, &mut happenings);
        happenings
    }

    pub(super) fn advance(&mut self, milliseconds: u64) -> Vec<Happening> {
        let mut happenings = Vec::new();
        self.drain_battery(milliseconds, &mut happenings);
        if self.motor == Motor::Running {
            self.deliver(milliseconds, &mut happenings);
        }
        happenings
    }

    fn deliver(&mut self, milliseconds: u64, happenings: &mut Vec<Happening>) {
        let rate_before = self.programmed_rate();
        let to_the_end = (self.volume_ul * UNITS_PER_UL).saturating_sub(self.pumped);
        let moved = (rate_before * milliseconds).min(to_the_end).min(self.reservoir);
        self.pumped += moved;
        self.reservoir -= moved;
        self.ran_ms += milliseconds;
        if self.blocked {
            self.in_line += moved;
        }
        if self.pumped >= self.volume_ul * UNITS_PER_UL {
            self.motor = Motor::Complete;
            self.alarm_off(&RESERVOIR_LOW, happenings);
            happenings.push(Happening::Completed);
        } else if self.reservoir == 0 {
            self.stop_by(RESERVOIR_EMPTY, happenings);
        } else if self.line_pressure_mmhg() >= OCCLUSION_MMHG {
            self.stop_by(OCCLUSION, happenings);
        } else {
            if self.programmed_rate() != rate_before {
                happenings.push(Happening::RateChanged);
            }
            let left_ul = self.volume_ul.saturating_sub(self.pumped / UNITS_PER_UL);
            if left_ul <= NEAR_COMPLETE_UL && !self.near_complete_told {
                self.near_complete_told = true;
                self.alarm_on(RESERVOIR_LOW, happenings);
            }
        }
    }

    fn stop_by(&mut self, alarm: Alarm, happenings: &mut Vec<Happening>) {
        self.motor = Motor::Stopped;
        self.alarm_on(alarm, happenings);
        happenings.push(Happening::Stopped);
    }

    fn drain_battery(&mut self, milliseconds: u64, happenings: &mut Vec<Happening>) {
        self.battery_ms += milliseconds;
        let each = if self.motor == Motor::Running { MS_PER_PERMILLE_RUNNING } else { MS_PER_PERMILLE_IDLE };
        if self.battery_ms < each || self.battery_permille == 0 {
            return;
        }
        self.battery_ms = 0;
        self.battery_permille -= 1;
        if self.battery_permille == BATTERY_LOW_PERMILLE {
            self.alarm_on(BATTERY_LOW, happenings);
        }
        if self.battery_permille == 0 {
            let ran = self.motor == Motor::Running;
            self.alarm_on(BATTERY_EMPTY, happenings);
            if ran {
                self.motor = Motor::Stopped;
                happenings.push(Happening::Stopped);
            }
        }
    }

    fn alarm_on(&mut self, alarm: Alarm, happenings: &mut Vec<Happening>) {
        if !self.alarms.contains(&alarm) {
            self.alarms.push(alarm.clone());
            happenings.push(Happening::AlarmOn(alarm));
        }
    }

    fn alarm_off(&mut self, alarm: &Alarm, happenings: &mut Vec<Happening>) {
        if self.alarms.contains(alarm) {
            self.alarms.retain(|on| on != alarm);
            happenings.push(Happening::AlarmOff(alarm.clone()));
        }
    }

    fn programmed_rate(&self) -> u64 {
        let mut left = self.ran_ms;
        let mut rate = 0;
        for (step_rate, lasts) in &self.steps {
            rate = *step_rate;
            match lasts {
                Some(lasts) if left >= *lasts => left -= lasts,
                _ => break,
            }
        }
        rate
    }

    pub(super) fn is_delivering(&self) -> bool {
        self.motor == Motor::Running
    }

    pub(super) fn has_program(&self) -> bool {
        self.motor != Motor::NoProgram
    }

    /// What the motor gives now, mL/h.
    pub(super) fn rate_ml_h(&self) -> Decimal {
        if self.is_delivering() { thousandth(self.programmed_rate()) } else { Decimal::ZERO }
    }

    pub(super) fn counter_ml(&self) -> Decimal {
        thousandth(self.pumped / UNITS_PER_UL)
    }

    pub(super) fn infused_ml(&self) -> Decimal {
        thousandth((self.infused_before + self.pumped - self.in_line) / UNITS_PER_UL)
    }

    pub(super) fn volume_ml(&self) -> Decimal {
        thousandth(self.volume_ul)
    }

    pub(super) fn line_pressure_mmhg(&self) -> u64 {
        FREE_LINE_MMHG + self.in_line / UNITS_PER_UL / LINE_UL_PER_MMHG
    }

    pub(super) fn seconds_left(&self) -> Option<u64> {
        let left = (self.volume_ul * UNITS_PER_UL).saturating_sub(self.pumped);
        // Only where one rate goes on to the end is this a division.
        let rate = match self.steps.as_slice() {
            [(rate, _)] => *rate,
            _ => return None,
        };
        (self.is_delivering() && rate > 0).then(|| left.div_ceil(rate).div_ceil(1_000))
    }

    pub(super) fn battery_permille(&self) -> u32 {
        self.battery_permille
    }

    pub(super) fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }
}

fn microlitres(millilitres: Decimal) -> u64 {
    (millilitres * Decimal::ONE_THOUSAND).round().to_u64().unwrap_or(0)
}

fn thousandth(value: u64) -> Decimal {
    Decimal::from(value) / Decimal::ONE_THOUSAND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(rate: u32, volume: u32) -> Body {
        let mut body = Body::new(1_000, Decimal::from(1_000));
        body.program(Program::constant(Decimal::from(rate), Decimal::from(volume)));
        assert_eq!(body.press_start(), [Happening::Started]);
        body
    }

    fn advance(body: &mut Body, seconds: u64) -> Vec<Happening> {
        (0..seconds).flat_map(|_| body.advance(1_000)).collect()
    }

    #[test]
    fn a_hundred_millilitres_an_hour_are_a_hundred_millilitres_after_an_hour() {
        let mut body = running(100, 250);
        advance(&mut body, 3_600);
        assert_eq!(body.counter_ml(), Decimal::from(100));
        assert_eq!(body.infused_ml(), Decimal::from(100));
    }

    #[test]
    fn it_completes_at_its_volume_and_not_a_drop_later() {
        let mut body = running(100, 250);
        let happenings = advance(&mut body, 3 * 3_600);
        assert_eq!(happenings.last(), Some(&Happening::Completed));
        assert_eq!(body.counter_ml(), Decimal::from(250));
        assert!(!body.is_delivering());
    }

    #[test]
    fn a_blocked_line_builds_pressure_then_alarms_and_its_content_reaches_the_body_when_it_opens() {
        let mut body = running(100, 250);
        advance(&mut body, 1_800);
        body.block_line();
        let happenings = advance(&mut body, 120);
        assert_eq!(happenings, [Happening::AlarmOn(OCCLUSION), Happening::Stopped]);
        assert_eq!(body.infused_ml(), Decimal::from(50), "nothing passes a closed clamp");
        let counted = body.counter_ml();
        assert!(counted > Decimal::from(50) && counted < Decimal::from(51), "{counted}");
        assert_eq!(body.rate_ml_h(), Decimal::ZERO);
        body.open_line();
        assert_eq!(body.infused_ml(), counted);
        assert_eq!(body.press_start(), [Happening::AlarmOff(OCCLUSION), Happening::Started]);
    }

    #[test]
    fn starting_against_a_blocked_line_alarms_again() {
        let mut body = running(100, 250);
        body.block_line();
        advance(&mut body, 120);
        assert_eq!(body.press_start().last(), Some(&Happening::Started));
        assert!(advance(&mut body, 5).contains(&Happening::AlarmOn(OCCLUSION)));
    }

    #[test]
    fn a_ladder_changes_its_rate_on_time_of_delivery() {
        let mut body = Body::new(1_000, Decimal::from(1_000));
        let steps = vec![(Decimal::from(30), Some(30)), (Decimal::from(60), Some(30)), (Decimal::from(120), None)];
        body.program(Program { steps, volume_ml: Decimal::from(105) });
        body.press_start();
        let happenings = advance(&mut body, 3_600);
        assert_eq!(happenings.iter().filter(|h| **h == Happening::RateChanged).count(), 2);
        assert_eq!(body.counter_ml(), Decimal::from(45));
        advance(&mut body, 1_800);
        assert_eq!(body.counter_ml(), Decimal::from(105));
    }

    #[test]
    fn an_empty_bag_and_an_empty_battery_stop_delivery() {
        let mut body = Body::new(1_000, Decimal::from(10));
        body.program(Program::constant(Decimal::from(60), Decimal::from(100)));
        body.press_start();
        assert!(advance(&mut body, 700).contains(&Happening::AlarmOn(RESERVOIR_EMPTY)));
        assert_eq!(body.counter_ml(), Decimal::from(10));

        let mut body = Body::new(2, Decimal::from(100));
        body.program(Program::constant(Decimal::from(6), Decimal::from(100)));
        body.press_start();
        let happenings = advance(&mut body, 500);
        assert_eq!(happenings, [Happening::AlarmOn(BATTERY_EMPTY), Happening::Stopped]);
        assert_eq!(body.change_battery(), [Happening::AlarmOff(BATTERY_EMPTY)]);
    }
}
