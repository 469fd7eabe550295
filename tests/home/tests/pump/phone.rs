//! A phone at home: the session, what is on its disk, and the pump in the same room.

use chrono::{DateTime, Duration, Utc};
use homeline_home::{PumpConfig, SimulatedPump, StepClock};
use homeline_model::PumpEventKind;
use homeline_pump::{
    AllowedPump, Ledger, LedgerEvent, LinkState, Now, Output, PumpFact, PumpSession, PumpStatus, RadioCommand,
    RadioEvent, SessionMemory, reconcile,
};

pub const SERIAL: &str = "SIM-0042";

pub struct Phone {
    pub clock: StepClock,
    pub pump: SimulatedPump,
    pub session: PumpSession,
    /// The journal: what was committed, in its order, each identity once.
    pub journal: Vec<PumpFact>,
    /// The memory that was committed with it.
    pub stored: SessionMemory,
    /// Everything that the radio was asked.
    pub asked: Vec<RadioCommand>,
    /// Every state that the link was in, without repeats.
    pub states: Vec<LinkState>,
    /// Durable writes.
    pub commits: usize,
    /// The next durable write fails.
    pub fail_next_commit: bool,
}

pub fn start_time() -> DateTime<Utc> {
    "2026-11-23T13:00:00Z".parse().expect("an instant")
}

impl Phone {
    /// A phone that never saw the pump, which stands beside it.
    pub fn new(config: PumpConfig) -> Self {
        let mut pump = SimulatedPump::new(config, start_time());
        pump.set_in_range(true);
        Self {
            clock: StepClock::at(start_time()),
            pump,
            session: PumpSession::new(AllowedPump { serial: SERIAL.into() }, SessionMemory::default(), 7),
            journal: Vec::new(),
            stored: SessionMemory::default(),
            asked: Vec::new(),
            states: Vec::new(),
            commits: 0,
            fail_next_commit: false,
        }
    }

    /// A phone that is paired and listens.
    pub fn live(config: PumpConfig) -> Self {
        let mut phone = Self::new(config);
        phone.act(PumpSession::enrol);
        assert_eq!(phone.state(), LinkState::Live, "{:?}", phone.states);
        phone
    }

    pub fn now(&self) -> Now {
        Now { wall: self.clock.now(), monotonic_ms: self.clock.monotonic_ms() }
    }

    pub fn status(&self) -> PumpStatus {
        self.session.status(self.now())
    }

    pub fn state(&self) -> LinkState {
        self.status().state
    }

    /// A person does something with the session.
    pub fn act(&mut self, what: impl FnOnce(&mut PumpSession, Now) -> Output) {
        let now = self.now();
        let output = what(&mut self.session, now);
        self.keep(output);
        self.settle();
    }

    pub fn event(&mut self, event: RadioEvent) {
        self.act(|session, now| session.handle(event, now));
    }

    fn keep(&mut self, output: Output) {
        if self.fail_next_commit && (!output.facts.is_empty() || output.memory.is_some()) {
            self.fail_next_commit = false;
            return self.restart_app();
        }
        self.commits += usize::from(!output.facts.is_empty() || output.memory.is_some());
        for fact in output.facts {
            match self.journal.iter().find(|known| known.identity == fact.identity) {
                None => self.journal.push(fact),
                Some(known) => assert_eq!(known.event, fact.event, "one identity, one fact"),
            }
        }
        if let Some(memory) = output.memory {
            self.stored = memory;
        }
        for command in output.commands {
            self.asked.push(command.clone());
            self.pump.execute(command);
        }
        let state = self.state();
        if self.states.last() != Some(&state) {
            self.states.push(state);
        }
    }

    /// The radio's events until none is left.
    fn settle(&mut self) {
        loop {
            let events = self.pump.take_events();
            if events.is_empty() {
                return;
            }
            for event in events {
                let now = self.now();
                let output = self.session.handle(event, now);
                self.keep(output);
            }
        }
    }

    /// Time passes for everybody, second by second.
    pub fn pass(&mut self, time: Duration) {
        for _ in 0..time.num_seconds() {
            self.clock.advance(Duration::seconds(1));
            self.pump.advance(Duration::seconds(1));
            self.settle();
            if self.session.wake_at().is_some_and(|at| at <= self.clock.monotonic_ms()) {
                self.event(RadioEvent::Tick);
            }
        }
    }

    pub fn pass_minutes(&mut self, minutes: i64) {
        self.pass(Duration::minutes(minutes));
    }

    /// The system kills the app, the pump notices, and a person opens the app again.
    pub fn restart_app(&mut self) {
        self.pump.execute(RadioCommand::Disconnect);
        let _ = self.pump.take_events();
        self.session = PumpSession::new(AllowedPump { serial: SERIAL.into() }, self.stored.clone(), 8);
        self.act(PumpSession::start);
    }

    pub fn ledger(&self) -> Ledger {
        reconcile(self.journal.iter().filter_map(LedgerEvent::from_fact))
    }

    pub fn count(&self, what: impl Fn(&PumpEventKind) -> bool) -> usize {
        self.journal.iter().filter(|fact| what(&fact.event.kind)).count()
    }

    /// Record numbers of the journal in its order.
    pub fn records(&self) -> Vec<u32> {
        self.journal.iter().filter_map(|fact| fact.event.record).collect()
    }
}

/// A quantity in a status, as text.
pub fn shown(quantity: Option<&homeline_model::Quantity>) -> Option<String> {
    quantity.map(ToString::to_string)
}
