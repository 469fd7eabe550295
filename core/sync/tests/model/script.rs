//! A life of a home as a list of steps, made from a seed and made shorter when it goes wrong.

use fastrand::Rng;
use homeline_sync::Lane;

use super::phone::Fuse;
use super::server::{Dialect, History};

/// What a person writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Dose,
    Note,
    Message,
    /// An acknowledgement, or a request to another helper.
    Request,
    /// A record that the server finds fault with.
    Poison,
}

impl Kind {
    pub fn sent_as(self) -> (&'static str, Lane) {
        match self {
            Self::Dose => ("MedicationAdministration", Lane::Routine),
            Self::Note | Self::Poison => ("Observation", Lane::Routine),
            Self::Message => ("Communication", Lane::Safety),
            Self::Request => ("Task", Lane::Safety),
        }
    }
}

/// What becomes of the request that a phone waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answered,
    /// The server has begun: it stamps what it writes with this time, and shows it later.
    Begun,
    RequestLost,
    AnswerLost,
    AnswerCut,
    Twice,
    /// The phone gives up, and the request arrives afterwards.
    Late,
    Sick(u16),
}

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Write { phone: usize, kind: Kind },
    Correct { phone: usize, which: u8 },
    EditRights { phone: usize, own: bool },
    Begin { phone: usize, full: bool },
    Deliver { phone: usize, fate: Fate },
    Late,
    Crash { phone: usize },
    Fuse { phone: usize, fuse: Fuse },
    Pass { minutes: u16 },
    Order,
    Answer,
    TeamDeletes { which: u8 },
    Backup,
    Restore { which: u8 },
    Access { phone: usize, allowed: bool },
}

#[derive(Debug, Clone)]
pub struct Script {
    pub dialect: Dialect,
    /// One phone each: minutes by which its clock is wrong.
    pub skews: Vec<i64>,
    pub steps: Vec<Step>,
}

impl Script {
    pub fn of_seed(seed: u64) -> Self {
        let mut chance = Rng::with_seed(seed);
        let mut one_in = |many: u32| chance.u32(0..many) == 0;
        let transactions = !one_in(4);
        let dialect = Dialect {
            transactions,
            batches: transactions || !one_in(3),
            gzip: one_in(4),
            everything: !one_in(3),
            history: if one_in(3) {
                History::Nowhere
            } else if one_in(3) {
                History::Type
            } else {
                History::System
            },
            takes_our_ids: !one_in(8),
            pages: !one_in(4),
            tells_time: !one_in(6),
        };
        let may_be_restored = one_in(5);
        let phones = chance.usize(2..=4);
        let skews = (0..phones).map(|_| chance.i64(-180..=180)).collect();
        let length = chance.usize(20..90);
        let steps = (0..length).map(|_| step(&mut chance, phones, may_be_restored)).collect();
        Self { dialect, skews, steps }
    }

    /// The shortest script found that still goes wrong.
    pub fn shrunk(mut self, goes_wrong: impl Fn(&Self) -> bool) -> Self {
        let mut size = self.steps.len();
        while size > 0 {
            let mut from = 0;
            while from < self.steps.len() {
                let mut shorter = self.clone();
                shorter.steps.drain(from..(from + size).min(self.steps.len()));
                if goes_wrong(&shorter) { self = shorter } else { from += size }
            }
            size /= 2;
        }
        self
    }
}

fn step(chance: &mut Rng, phones: usize, may_be_restored: bool) -> Step {
    let phone = chance.usize(0..phones);
    match chance.u32(0..100) {
        0..=15 => Step::Write { phone, kind: kind(chance) },
        16..=18 => Step::Correct { phone, which: chance.u8(..) },
        19..=21 => Step::EditRights { phone, own: chance.u8(0..4) > 0 },
        22..=35 => Step::Begin { phone, full: chance.u8(0..12) == 0 },
        36..=76 => Step::Deliver { phone, fate: fate(chance) },
        77..=78 => Step::Late,
        79..=80 => Step::Crash { phone },
        81..=84 => Step::Fuse { phone, fuse: Fuse { commits: chance.u8(0..8), keeps_last: chance.bool() } },
        85..=89 => Step::Pass { minutes: chance.u16(1..=8) },
        90 => Step::Pass { minutes: chance.u16(9..=3_000) },
        91..=92 => Step::Order,
        93..=94 => Step::Answer,
        95 => Step::TeamDeletes { which: chance.u8(..) },
        96 => Step::Backup,
        97 if may_be_restored => Step::Restore { which: chance.u8(..) },
        97 => Step::Order,
        _ => Step::Access { phone, allowed: chance.u8(0..3) > 0 },
    }
}

fn kind(chance: &mut Rng) -> Kind {
    match chance.u8(0..16) {
        0..=5 => Kind::Dose,
        6..=8 => Kind::Note,
        9..=12 => Kind::Message,
        13..=14 => Kind::Request,
        _ => Kind::Poison,
    }
}

fn fate(chance: &mut Rng) -> Fate {
    match chance.u8(0..40) {
        0..=26 => Fate::Answered,
        27..=29 => Fate::Begun,
        30 => Fate::RequestLost,
        31..=32 => Fate::AnswerLost,
        33 => Fate::AnswerCut,
        34..=35 => Fate::Twice,
        36..=37 => Fate::Late,
        _ => Fate::Sick([500, 503, 429, 401][chance.usize(0..4)]),
    }
}
