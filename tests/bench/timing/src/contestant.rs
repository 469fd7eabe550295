//! Who takes part: code in this process, or a program that answers lines.

use crate::case::Case;
use crate::native::{Ours, Rrule};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The sum of all start times in Unix seconds: whoever finds other times has another sum.
pub type Sum = i64;

/// What one contestant found, and how long it took in all.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// For all repetitions.
    pub took: Duration,
    /// Of one repetition.
    pub answer: Sum,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum ContestError {
    /// A pipe or a process.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A rule that cannot be read.
    #[error("{name}: {reason}")]
    Rule {
        /// Whose.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// A peer said something else than a time and a sum.
    #[error("{name} answered `{line}` to {case}")]
    Answer {
        /// Whose answer.
        name: String,
        /// To what.
        case: &'static str,
        /// The line.
        line: String,
    },
    /// Nobody found what we found, so the times say nothing.
    #[error("{case}: no peer found our times (sums {answers:?}, ours first)")]
    Differ {
        /// What was asked.
        case: &'static str,
        /// Everybody's sum.
        answers: Vec<Sum>,
    },
}

/// One of those who take part.
pub struct Contestant {
    /// For the table.
    pub name: String,
    kind: Kind,
}

enum Kind {
    Ours(Box<Ours>),
    Rrule(Box<Rrule>),
    Program { child: Child, ask: ChildStdin, hear: BufReader<ChildStdout> },
}

impl Contestant {
    /// Homeline.
    pub fn ours() -> Result<Self, ContestError> {
        Ok(Self { name: "ours".to_owned(), kind: Kind::Ours(Box::new(Ours::new()?)) })
    }

    /// The crate `rrule`.
    pub fn rrule() -> Result<Self, ContestError> {
        Ok(Self { name: "rrule (Rust)".to_owned(), kind: Kind::Rrule(Box::new(Rrule::new()?)) })
    }

    /// A program. Its words are separated by blanks.
    pub fn program(name: &str, command: &str) -> Result<Self, ContestError> {
        let mut words = command.split_whitespace();
        let missing = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "a peer needs a command");
        let mut child = Command::new(words.next().ok_or_else(missing)?)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(ask), Some(hear)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("a peer without pipes").into());
        };
        let kind = Kind::Program { child, ask, hear: BufReader::new(hear) };
        Ok(Self { name: name.to_owned(), kind })
    }

    /// Answers a case so many times.
    pub fn answer(&mut self, case: Case, repeats: u32) -> Result<Found, ContestError> {
        match &mut self.kind {
            Kind::Ours(ours) => Ok(ours.answer(case, repeats)),
            Kind::Rrule(rrule) => Ok(rrule.answer(case, repeats)),
            Kind::Program { ask, hear, .. } => {
                writeln!(ask, "{} {repeats}", case.key())?;
                ask.flush()?;
                let mut line = String::new();
                hear.read_line(&mut line)?;
                let mut numbers = line.split_whitespace().map(str::parse::<i64>);
                match (numbers.next(), numbers.next()) {
                    (Some(Ok(nanoseconds)), Some(Ok(answer))) => {
                        Ok(Found { took: Duration::from_nanos(nanoseconds.unsigned_abs()), answer })
                    }
                    _ => Err(ContestError::Answer { name: self.name.clone(), case: case.words(), line }),
                }
            }
        }
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        if let Kind::Program { child, .. } = &mut self.kind {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
