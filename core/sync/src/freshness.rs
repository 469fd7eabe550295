//! How fresh the exchange with the care team is, in one true sentence.

use chrono::{NaiveDate, NaiveDateTime};

use crate::error::SyncError;
use serde::{Deserialize, Serialize};

/// Why the last try failed, in few words for the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCause {
    /// No connection.
    NoNetwork,
    /// No answer, or too late.
    NoAnswer,
    /// The server is down or asks to wait.
    ServerBusy,
    /// A sign-in is needed.
    SignInNeeded,
    /// The sign-in is no longer allowed to read the record.
    AccessLost,
    /// Something between here and the server answers in its place.
    NotTheServer,
    /// The server's certificate is not trusted.
    Untrusted,
    /// The server's certificate has ended, or this device's clock is wrong.
    CertificateOutOfDate,
    /// The server refuses requests as such.
    Refused,
    /// The address or the trust settings are wrong.
    Settings,
    /// This device could not store the result.
    ThisDevice,
    /// Nothing went wrong: there was more to do than one run may take.
    NotFinished,
}

impl From<&SyncError> for FailureCause {
    fn from(error: &SyncError) -> Self {
        match error {
            SyncError::Offline => Self::NoNetwork,
            SyncError::Unanswered => Self::NoAnswer,
            SyncError::Throttled { .. } | SyncError::Unavailable { .. } => Self::ServerBusy,
            SyncError::NeedsSignIn | SyncError::BadToken => Self::SignInNeeded,
            SyncError::AccessLost { .. } => Self::AccessLost,
            SyncError::NotFhir { .. } | SyncError::WrongOrigin => Self::NotTheServer,
            SyncError::Untrusted => Self::Untrusted,
            SyncError::CertificateOutOfDate => Self::CertificateOutOfDate,
            SyncError::Refused { .. } | SyncError::TooLarge { .. } | SyncError::EndlessPages { .. } => Self::Refused,
            SyncError::BadAddress { .. }
            | SyncError::BadTrust { .. }
            | SyncError::BadPatientId
            | SyncError::NotR4 { .. } => Self::Settings,
            SyncError::RunSpent => Self::NotFinished,
            SyncError::Store(_) => Self::ThisDevice,
        }
    }
}

impl FailureCause {
    /// The cause as the sentence ends with it.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoNetwork => "no network",
            Self::NoAnswer => "no answer",
            Self::ServerBusy => "the server is busy",
            Self::SignInNeeded => "sign in again",
            Self::AccessLost => "access to the record has ended",
            Self::NotTheServer => "something else answers in the server's place",
            Self::Untrusted => "the server's proof of its name is not trusted",
            Self::CertificateOutOfDate => "the server's proof of its name is out of date; check the date here",
            Self::Refused => "the server refused",
            Self::Settings => "the server settings need attention",
            Self::ThisDevice => "this device could not store it",
            Self::NotFinished => "not finished",
        }
    }
}

/// How the last sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastTry {
    /// There was none yet.
    Never,
    /// To the end.
    Succeeded {
        /// Local time.
        at: NaiveDateTime,
    },
    /// Before the end.
    Failed {
        /// Local time.
        at: NaiveDateTime,
        /// Why.
        cause: FailureCause,
    },
}

/// What the sentence is made of. All times are local wall-clock times of the person who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncStatus {
    /// Everything recorded up to then is with the care team (set-aside entries excepted): when the longest waiting
    /// entry was recorded, or when the last push ended with nothing waiting. `None`: nothing was sent yet.
    pub up_to: Option<NaiveDateTime>,
    /// Entries that wait, those of unknown outcome included.
    pub waiting: u64,
    /// Of these, entries that may have arrived.
    pub unknown: u64,
    /// Entries set aside after a refusal.
    pub parked: u64,
    /// How the last sync ended.
    pub last_try: LastTry,
    /// Now, to leave out today's date.
    pub now: NaiveDateTime,
}

impl SyncStatus {
    /// The sentence, in English. It claims nothing that is not so: what is unknown is called so, and a failure is
    /// never hidden behind an older success.
    pub fn sentence(&self) -> String {
        let mut parts = vec![match self.up_to {
            Some(time) => format!("The care team has everything up to {}", clock(time, self.now.date())),
            None => "Nothing has been sent to the care team yet".to_owned(),
        }];
        if self.parked > 0
            && let (Some(first), true) = (parts.first_mut(), self.up_to.is_some())
        {
            first.push_str(&format!(", except {} that {} set aside", entries(self.parked), was(self.parked)));
        } else if self.parked > 0 {
            parts.push(format!("{} {} set aside", entries(self.parked), was(self.parked)));
        }
        if self.waiting > 0 {
            let verb = if self.waiting == 1 { "waits" } else { "wait" };
            let mut part = format!("{} {verb}", entries(self.waiting));
            if self.unknown > 0 && self.unknown == self.waiting {
                part.push_str(" and may already have arrived");
            } else if self.unknown > 0 {
                part.push_str(&format!(", of which {} may already have arrived", self.unknown));
            }
            parts.push(part);
        }
        if let LastTry::Failed { cause: FailureCause::NotFinished, .. } = self.last_try {
            parts.push("the last exchange had more to do than time, and goes on with the next".to_owned());
        } else if let LastTry::Failed { cause, .. } = self.last_try {
            parts.push(format!("last try failed: {}", cause.words()));
        }
        format!("{}.", parts.join("; "))
    }
}

fn entries(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn clock(time: NaiveDateTime, today: NaiveDate) -> String {
    if time.date() == today { time.format("%H:%M").to_string() } else { time.format("%-d %b %Y, %H:%M").to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, day).and_then(|date| date.and_hms_opt(hour, minute, 0)).expect("a time")
    }

    fn status() -> SyncStatus {
        SyncStatus {
            up_to: Some(at(4, 9, 12)),
            waiting: 0,
            unknown: 0,
            parked: 0,
            last_try: LastTry::Succeeded { at: at(4, 9, 12) },
            now: at(4, 10, 0),
        }
    }

    #[test]
    fn everything_sent_is_said_plainly() {
        assert_eq!(status().sentence(), "The care team has everything up to 09:12.");
    }

    #[test]
    fn waiting_entries_and_the_failed_try_are_both_said() {
        let status = SyncStatus {
            waiting: 3,
            last_try: LastTry::Failed { at: at(4, 9, 58), cause: FailureCause::NoNetwork },
            ..status()
        };
        assert_eq!(
            status.sentence(),
            "The care team has everything up to 09:12; 3 entries wait; last try failed: no network."
        );
    }

    #[test]
    fn an_unknown_outcome_is_never_called_failed_or_done() {
        let all = SyncStatus { waiting: 1, unknown: 1, ..status() };
        assert_eq!(
            all.sentence(),
            "The care team has everything up to 09:12; 1 entry waits and may already have arrived."
        );
        let some = SyncStatus { waiting: 5, unknown: 2, ..status() };
        assert!(some.sentence().contains("5 entries wait, of which 2 may already have arrived"));
    }

    #[test]
    fn a_set_aside_entry_limits_the_claim() {
        let status = SyncStatus { parked: 1, ..status() };
        assert_eq!(status.sentence(), "The care team has everything up to 09:12, except 1 entry that was set aside.");
    }

    #[test]
    fn another_days_time_has_its_date_and_a_first_run_claims_nothing() {
        let old = SyncStatus { up_to: Some(at(3, 23, 5)), ..status() };
        assert_eq!(old.sentence(), "The care team has everything up to 3 Mar 2026, 23:05.");
        let first = SyncStatus { up_to: None, waiting: 1, parked: 2, last_try: LastTry::Never, ..status() };
        assert_eq!(
            first.sentence(),
            "Nothing has been sent to the care team yet; 2 entries were set aside; 1 entry waits."
        );
    }
}
