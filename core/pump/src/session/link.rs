//! All that lives and dies with one connection: the queue of operations, the one in flight, segments, the report.
//!
//! Bluetooth stacks lose or mix up operations that overlap, so exactly one is in flight. A control-point procedure counts
//! as one operation from its write to its answer, whichever of the two the platform tells first. Each has a time limit
//! of 10 s; the attribute protocol itself gives up after 30 s (Core Specification Vol 3 Part F §3.3.3).

use crate::adapter::{Adapter, Ask};
use crate::radio::{AllowedWrite, Characteristic, LARGEST_MTU, LinkSecurity, RadioCommand, WriteRefused};
use crate::wire::control_point::ControlAnswer;
use crate::wire::record_access::RecordAccessAnswer;
use std::collections::VecDeque;

/// One step of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    RequestMtu,
    Discover,
    Read(Characteristic),
    Subscribe {
        characteristic: Characteristic,
        indications: bool,
        courtesy: bool,
    },
    CountRecords {
        from: u32,
    },
    ReportRecords {
        from: u32,
    },
    /// Ends a report that has brought enough for once.
    AbortReport,
    StartLive,
}

/// Answer of a control point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Records(RecordAccessAnswer),
    Control(ControlAnswer),
}

/// The one in flight.
#[derive(Debug, Clone)]
pub(super) struct InFlight {
    pub(super) operation: Operation,
    pub(super) deadline_ms: u64,
    /// The control point and the opcode that it wrote there.
    pub(super) request: Option<(Characteristic, u8)>,
    pub(super) written: bool,
    pub(super) answer: Option<Answer>,
    /// It was refused for want of security and is tried a second time.
    pub(super) second_try: bool,
    /// The services changed under it: whatever it brings is of yesterday's table. Its end is awaited all the same, for
    /// nothing else may be begun before.
    pub(super) abandoned: bool,
}

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) queue: VecDeque<Operation>,
    pub(super) in_flight: Option<InFlight>,
    /// Refused for want of security: goes first once the link is protected.
    pub(super) waits_for_security: Option<Operation>,
    pub(super) report: Report,
    /// How it is protected, as the radio said.
    pub(super) security: Option<LinkSecurity>,
    /// The pump said which serial number it has, over a protected link, and it is the right one.
    pub(super) serial_proven: bool,
    /// Something happened that the pump has a record of.
    pub(super) records_wanted: bool,
    /// Since live values were started: the codes of the alarms that are on, until the pump has named all of them.
    pub(super) survey: Option<Vec<u32>>,
    /// Alarms that we held for on and the survey did not name.
    pub(super) unconfirmed: Vec<(u32, Option<u16>)>,
    /// This one could not be read and is being read once more.
    pub(super) read_again: Option<Characteristic>,
    /// Since when values come in live.
    pub(super) live_since_ms: Option<u64>,
    /// When the last live value was understood.
    pub(super) live_heard_ms: Option<u64>,
    /// When records and clock are read again without a cause.
    pub(super) next_look_ms: Option<u64>,
    /// When a pump that tells only changes is asked how it is.
    pub(super) next_present_ms: Option<u64>,
}

/// The report of stored records that runs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Report {
    /// The number of the newest record that came.
    pub(super) newest: Option<u32>,
    /// Whole observations that came, each once.
    pub(super) received: u32,
    /// A record is missing, or one could not be read: the rest is asked for again.
    pub(super) gap: bool,
    /// Records taken in this report.
    pub(super) taken: u32,
    /// The pump was asked for the gap already and did not have it: what is missing now is a hole.
    pub(super) accept_holes: bool,
    /// No record was known when it began, so that a lost first one would not show as a missing number.
    pub(super) from_nothing: bool,
    /// It brought as many records as one report may, and is being ended.
    pub(super) full: bool,
    /// What the pump counted before it.
    pub(super) counted: Option<u32>,
}

impl Operation {
    /// Time limit for an answer, in milliseconds.
    pub(super) fn limit_ms(self) -> u64 {
        match self {
            // Many small exchanges in one, on slow links.
            Self::Discover => 30_000,
            // Without a record or an answer for so long, nothing will come.
            Self::ReportRecords { .. } => Self::REPORT_SILENCE_MS,
            Self::RequestMtu
            | Self::Read(_)
            | Self::Subscribe { .. }
            | Self::CountRecords { .. }
            | Self::AbortReport
            | Self::StartLive => 10_000,
        }
    }

    /// Whether the pump is listened to all the same when this one is refused or not answered.
    pub(super) fn is_courtesy(self) -> bool {
        match self {
            Self::RequestMtu => true,
            Self::Read(characteristic) => matches!(
                characteristic,
                Characteristic::BATTERY_LEVEL
                    | Characteristic::MODEL_NUMBER
                    | Characteristic::FIRMWARE_REVISION
                    | Characteristic::SECURITY_LEVELS
            ),
            Self::Subscribe { courtesy, .. } => courtesy,
            Self::Discover
            | Self::CountRecords { .. }
            | Self::ReportRecords { .. }
            | Self::AbortReport
            | Self::StartLive => false,
        }
    }

    /// Silence that ends a report, in milliseconds.
    pub(super) const REPORT_SILENCE_MS: u64 = 5_000;

    /// The command for the radio. A write is made by the adapter, and passes the allow-list here and nowhere else.
    fn command(self, adapter: &mut dyn Adapter) -> Result<Option<RadioCommand>, WriteRefused> {
        let ask = match self {
            Self::RequestMtu => return Ok(Some(RadioCommand::RequestMtu { mtu: LARGEST_MTU })),
            Self::Discover => return Ok(Some(RadioCommand::Discover)),
            Self::Read(characteristic) => return Ok(Some(RadioCommand::Read { characteristic })),
            Self::Subscribe { characteristic, indications, .. } => {
                return Ok(Some(RadioCommand::Subscribe { characteristic, indications }));
            }
            Self::CountRecords { from } => Ask::CountRecords { from },
            Self::ReportRecords { from } => Ask::ReportRecords { from },
            Self::AbortReport => Ask::AbortReport,
            Self::StartLive => Ask::StartLive,
        };
        let write = adapter.request(ask).map(|request| AllowedWrite::new(request.characteristic, &request.value));
        Ok(write.transpose()?.map(RadioCommand::Write))
    }
}

impl InFlight {
    /// Whether the answer is one to this request, and not a late one to another.
    pub(super) fn is_answered_by(&self, answer: Answer) -> bool {
        match (self.operation, answer) {
            (Operation::CountRecords { .. }, Answer::Records(RecordAccessAnswer::Count(_)))
            | (Operation::ReportRecords { .. }, Answer::Records(RecordAccessAnswer::Reported(_)))
            | (Operation::StartLive, Answer::Control(_)) => true,
            (_, Answer::Records(RecordAccessAnswer::Response { request, .. })) => {
                self.request.is_some_and(|(_, opcode)| opcode == request)
            }
            _ => false,
        }
    }

    pub(super) fn writes_to(&self, characteristic: Characteristic) -> bool {
        self.request.is_some_and(|(control_point, _)| control_point == characteristic)
    }
}

/// What came of the wish to begin an operation.
#[derive(Debug)]
pub(super) enum Begun {
    /// This is for the radio.
    Command(RadioCommand),
    /// The protocol has no need of it.
    NotNeeded(Operation),
    /// The adapter asked for a write that Homeline never makes.
    Refused(WriteRefused),
}

impl Link {
    /// Begins the next operation when none is in flight.
    pub(super) fn next(&mut self, adapter: &mut dyn Adapter, monotonic_ms: u64) -> Option<Begun> {
        if self.in_flight.is_some() || self.waits_for_security.is_some() {
            return None;
        }
        let operation = self.queue.pop_front()?;
        Some(self.begin(operation, adapter, false, monotonic_ms))
    }

    pub(super) fn begin(
        &mut self,
        operation: Operation,
        adapter: &mut dyn Adapter,
        second_try: bool,
        monotonic_ms: u64,
    ) -> Begun {
        let command = match operation.command(adapter) {
            Ok(Some(command)) => command,
            Ok(None) => return Begun::NotNeeded(operation),
            Err(refused) => return Begun::Refused(refused),
        };
        let request = match &command {
            RadioCommand::Write(write) => write.value().first().map(|opcode| (write.characteristic(), *opcode)),
            _ => None,
        };
        let deadline_ms = monotonic_ms.saturating_add(operation.limit_ms());
        self.in_flight = Some(InFlight {
            operation,
            deadline_ms,
            request,
            written: false,
            answer: None,
            second_try,
            abandoned: false,
        });
        Begun::Command(command)
    }

    /// Takes the operation in flight when it is this one.
    pub(super) fn finish(&mut self, operation: impl FnOnce(Operation) -> bool) -> Option<InFlight> {
        self.in_flight.take_if(|in_flight| operation(in_flight.operation)).filter(|in_flight| !in_flight.abandoned)
    }

    /// Takes the procedure in flight when it writes there.
    pub(super) fn finish_write(&mut self, characteristic: Characteristic) -> Option<InFlight> {
        self.in_flight.take_if(|one| one.writes_to(characteristic)).filter(|in_flight| !in_flight.abandoned)
    }

    /// Takes a procedure that is both written and answered.
    pub(super) fn finish_procedure(&mut self) -> Option<(Operation, Answer)> {
        let done = |one: &mut InFlight| one.written && (one.answer.is_some() || one.abandoned);
        let in_flight = self.in_flight.take_if(done).filter(|in_flight| !in_flight.abandoned)?;
        Some((in_flight.operation, in_flight.answer?))
    }

    /// The link after its services changed: nothing of the old conversation goes on, and the one in flight comes to its end.
    pub(super) fn begin_anew(&mut self) {
        let in_flight = self.in_flight.take().map(|one| InFlight { abandoned: true, ..one });
        *self = Self { security: self.security, in_flight, ..Self::default() };
    }

    /// Forgets an operation whose time is over and that nobody needs: an abandoned one, or a wish for larger packets that a
    /// phone never answers.
    pub(super) fn forget_overdue(&mut self, monotonic_ms: u64) {
        self.in_flight.take_if(|one| {
            monotonic_ms >= one.deadline_ms && (one.abandoned || one.operation == Operation::RequestMtu)
        });
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.queue.is_empty() && self.waits_for_security.is_none()
    }

    pub(super) fn is_reporting(&self) -> bool {
        matches!(self.in_flight, Some(InFlight { operation: Operation::ReportRecords { .. }, abandoned: false, .. }))
    }
}
