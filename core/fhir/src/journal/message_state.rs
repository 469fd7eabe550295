//! How far a message of ours has come, as the care team's server says. Nothing is concluded from silence: without an
//! element that says so, a message is neither received nor read.
//!
//! R4 has `Communication.received`, and no element for "read". A team's system says that with a `Task` whose `focus` is
//! the message (<https://hl7.org/fhir/R4/task.html#statemachine>).

use crate::datatype::Reference;
use crate::date_time;
use crate::fault::read_resource;
use crate::resource::{Communication, Task};
use chrono::{DateTime, Utc};

/// What the team's system does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageHandling {
    /// It is in somebody's list.
    Received,
    /// Somebody has it open, or had.
    Read,
    /// Somebody has dealt with it.
    Settled,
    /// Nobody will answer it here.
    Declined,
}

/// A Task about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTask {
    /// The id of the `Communication`.
    pub communication: String,
    /// What is done with it.
    pub handling: MessageHandling,
    /// Who, as shown; `None` is not said.
    pub who: Option<String>,
    /// When it was last changed; `None` is not said.
    pub at: Option<DateTime<Utc>>,
}

/// When a message of ours was received, by its `Communication` on the server. `None` when the server does not say.
pub fn message_received(json: &str) -> Option<DateTime<Utc>> {
    let found: Communication = read_resource(json).ok()?;
    date_time::instant(found.received.as_deref()?, "received").ok()
}

/// What a `Task` says of a message; `None` when it is about something else or says nothing of it.
pub fn message_task(json: &str) -> Option<MessageTask> {
    let task: Task = read_resource(json).ok()?;
    let communication = task.focus.as_ref()?.id_of("Communication")?.to_owned();
    let handling = match task.status.as_deref()? {
        "requested" | "received" => MessageHandling::Received,
        "accepted" | "ready" | "in-progress" | "on-hold" => MessageHandling::Read,
        "completed" => MessageHandling::Settled,
        "rejected" | "failed" | "cancelled" => MessageHandling::Declined,
        _ => return None,
    };
    let who = task.owner.as_ref().and_then(|owner: &Reference| owner.display.clone());
    let at = task.last_modified.as_deref().and_then(|text| date_time::instant(text, "lastModified").ok());
    Some(MessageTask { communication, handling, who, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(status: &str) -> String {
        format!(
            r#"{{"resourceType":"Task","id":"t","status":"{status}","intent":"order",
                "focus":{{"reference":"Communication/m-1"}},"owner":{{"display":"Dana Okafor"}},
                "lastModified":"2026-11-23T15:00:00Z"}}"#
        )
    }

    #[test]
    fn a_message_is_read_only_when_the_server_says_so() {
        let handling = |status: &str| message_task(&task(status)).map(|task| task.handling);
        assert_eq!(handling("requested"), Some(MessageHandling::Received));
        assert_eq!(handling("in-progress"), Some(MessageHandling::Read));
        assert_eq!(handling("completed"), Some(MessageHandling::Settled));
        assert_eq!(handling("rejected"), Some(MessageHandling::Declined));
        assert_eq!(handling("draft"), None);
        let found = message_task(&task("accepted")).unwrap();
        assert_eq!((found.communication.as_str(), found.who.as_deref()), ("m-1", Some("Dana Okafor")));
        let form = task("requested").replace("Communication/m-1", "Questionnaire/q");
        assert_eq!(message_task(&form), None);
    }

    #[test]
    fn sent_is_not_received() {
        let sent = r#"{"resourceType":"Communication","id":"m","status":"completed","sent":"2026-11-23T15:00:00Z"}"#;
        assert_eq!(message_received(sent), None);
        let received = sent.replace("\"sent\"", "\"received\"");
        assert!(message_received(&received).is_some());
        assert_eq!(message_received("<html>"), None);
    }
}
