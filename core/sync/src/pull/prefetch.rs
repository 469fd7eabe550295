//! Many reads in one request: a batch of GETs (R4 §3.1.0.11).
//!
//! The answers are kept under their addresses, and whoever asks for one of those has it without a request. What the
//! batch did not bring is asked for alone, so that a server without batches costs more requests and nothing else.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::error::SyncError;
use crate::profile::Support;
use crate::store::{MirrorStore, ServerMemory};
use crate::transport::{Answer, Call};

use super::Run;
use super::query::search_address;

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(default, borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    response: Option<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    status: String,
    #[serde(borrow)]
    outcome: Option<&'a RawValue>,
}

impl<S> Run<'_, S>
where
    S: MirrorStore + ServerMemory + ?Sized,
{
    /// Everything that a pull from the cursors on begins with.
    pub(super) async fn prefetch_what_is_new(&mut self) -> Result<(), SyncError> {
        let mut addresses = vec![self.patient_address()];
        addresses.extend(self.newest_addresses()?);
        let searches = self.plan.queries().iter().map(|query| (query.resource_type, self.plan.address(query)));
        for (resource_type, address) in searches.chain(self.followed_searches()?) {
            if self.profile.may_search(resource_type) {
                let since = self.since(&self.cursor_key(&address))?.map(|since| ("ge", since));
                addresses.push(search_address(&address, since, self.transport.limits().page_rows.max(1)));
            }
        }
        addresses.extend(self.deletion_addresses(self.oldest_cursor()?)?);
        self.prefetch(&addresses).await
    }

    /// Asks for these in one batch, where the server is not known to refuse that.
    pub(super) async fn prefetch(&mut self, addresses: &[String]) -> Result<(), SyncError> {
        let support = self.profile.batched_reads;
        if support == Support::No || addresses.len() < 2 {
            return Ok(());
        }
        let entries: Vec<_> =
            addresses.iter().map(|address| json!({"request": {"method": "GET", "url": address}})).collect();
        let body = json!({"resourceType": "Bundle", "type": "batch", "entry": entries}).to_string().into_bytes();
        let call = Call::post(self.transport.url("")?, body).header("cache-control", "no-cache");
        self.report.requests += 1;
        let support = match self.transport.call(call).await {
            Ok(answer) if answer.is_success() => match read(&answer.body, addresses.len()) {
                Some(answers) => {
                    let brought = addresses.iter().cloned().zip(answers);
                    self.prefetched.extend(brought.filter_map(|(address, answer)| Some((address, answer?))));
                    Support::Yes
                }
                None => Support::No,
            },
            Ok(_) | Err(SyncError::Unavailable { status: 500, .. }) => Support::No,
            // More than fits at once, today.
            Err(SyncError::TooLarge { .. }) => support,
            Err(SyncError::Unanswered) => {
                // The network, or more than this server can do in the time: the second time in a row, it is the server.
                let once_more = if support == Support::Yes { Support::Unproven } else { Support::No };
                self.remember(|profile| profile.batched_reads = once_more)?;
                return Err(SyncError::Unanswered);
            }
            Err(other) => return Err(other),
        };
        self.remember(|profile| profile.batched_reads = support)
    }
}

/// One place for each question; `None` in a place whose answer has to be asked for alone, and for the whole when the
/// bundle does not account for every question.
fn read(body: &[u8], asked: usize) -> Option<Vec<Option<Answer>>> {
    let bundle: Bundle<'_> = serde_json::from_slice(body).ok()?;
    if bundle.resource_type != "Bundle" || bundle.entry.len() != asked {
        return None;
    }
    Some(bundle.entry.into_iter().map(|entry| read_entry(&entry)).collect())
}

fn read_entry(entry: &Entry<'_>) -> Option<Answer> {
    let response = entry.response.as_ref()?;
    let status: u16 = response.status.split_whitespace().next()?.parse().ok()?;
    let body = match status {
        200..=299 => entry.resource?.get().as_bytes().to_vec(),
        // What these say does not change with asking again.
        403 | 404 | 410 => response.outcome.map(|outcome| outcome.get().as_bytes().to_vec()).unwrap_or_default(),
        _ => return None,
    };
    Some(Answer { status, version_id: None, location: None, last_modified: None::<DateTime<Utc>>, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_place_of_their_question_and_others_are_asked_again() {
        let body = br#"{"resourceType":"Bundle","type":"batch-response","entry":[
            {"resource":{"resourceType":"Patient", "id":"p"},"response":{"status":"200 OK"}},
            {"response":{"status":"429"}}, {"response":{"status":"403 Forbidden"}}, {"response":{"status":"200"}}]}"#;
        let answers = read(body, 4).expect("four answers");
        let read_back: Vec<_> =
            answers.iter().map(|answer| answer.as_ref().map(|answer| (answer.status, answer.body.len()))).collect();
        assert_eq!(read_back, [Some((200, 36)), None, Some((403, 0)), None]);
        assert!(read(body, 3).is_none());
        assert!(read(b"<html>", 0).is_none());
    }
}
