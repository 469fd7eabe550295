//! The calls of a sign-in: to the FHIR server for its settings, to the authorization server for tokens.
//!
//! The same trust, the same bounds and as few liberties as for records: no redirects, no answer above 256 KiB.

use oauth2::{HttpRequest, HttpResponse};
use reqwest::header::ACCEPT;
use reqwest::{Client, Response, Url};
use serde_json::Value;

use crate::address::ServerAddress;
use crate::client::Limits;
use crate::error::SyncError;
use crate::transport::{http_client, not_answered};
use crate::trust::Trust;

/// Settings, keys and tokens are small.
const LARGEST_ANSWER: usize = 256 * 1024;

pub(super) struct Web {
    client: Client,
}

impl Web {
    pub(super) fn new(address: &ServerAddress, trust: &Trust, limits: &Limits) -> Result<Self, SyncError> {
        Ok(Self { client: http_client(address, trust, limits)? })
    }

    /// A JSON document; `None` where there is none (404 and its like, or something that is not JSON).
    pub(super) async fn json(&self, url: Url) -> Result<Option<Value>, SyncError> {
        let request = self.client.get(url).header(ACCEPT, "application/json, application/fhir+json;q=0.9");
        let response = answered(request.send().await)?;
        if !response.status().is_success() {
            return Ok(None);
        }
        Ok(serde_json::from_slice(&body(response).await?).ok())
    }

    /// A request that the OAuth library wrote.
    pub(super) async fn oauth(&self, request: HttpRequest) -> Result<HttpResponse, SyncError> {
        let malformed = |_| SyncError::BadAddress { problem: "a request of the sign-in cannot be made from it" };
        let request = reqwest::Request::try_from(request).map_err(malformed)?;
        let response = answered(self.client.execute(request).await)?;
        let mut answer = HttpResponse::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = body(response).await?;
        Ok(answer)
    }

    /// A form, whose answer does not matter beyond its status.
    pub(super) async fn form(&self, url: Url, form: String) -> Result<u16, SyncError> {
        let kind = "application/x-www-form-urlencoded";
        let request = self.client.post(url).header(reqwest::header::CONTENT_TYPE, kind).body(form);
        Ok(answered(request.send().await)?.status().as_u16())
    }
}

/// What is no answer of the server at all; every other status is for the caller.
fn answered(result: Result<Response, reqwest::Error>) -> Result<Response, SyncError> {
    let response = result.map_err(|error| not_answered(&error))?;
    match response.status().as_u16() {
        408 | 502 | 504 => Err(SyncError::Unanswered),
        429 => Err(SyncError::Throttled { retry_after: None }),
        status @ 500.. => Err(SyncError::Unavailable { status, retry_after: None }),
        _ => Ok(response),
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, SyncError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| SyncError::Unanswered)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(SyncError::TooLarge { limit: LARGEST_ANSWER });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
