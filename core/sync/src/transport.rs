//! One HTTP request to the care team's server and an honest account of how it ended.
//!
//! Bounded in time and bytes, no redirects (a token must not travel to another host, and a captive portal must not
//! pass for an answer), fresh searches (`Cache-Control: no-cache`: a real server answers a repeated search from a
//! cache up to 60 s old). The account distinguishes what callers must treat differently: not sent at all, perhaps
//! carried out, asked to wait, sign-in needed, not FHIR. Any other status is an [`Answer`] for the caller to weigh.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response, Url};

use crate::address::ServerAddress;
use crate::authorization::Authorization;
use crate::client::Limits;
use crate::error::SyncError;
use crate::grant::GrantedScopes;
use crate::trust::Trust;

const FHIR_JSON: &str = "application/fhir+json";

pub(crate) struct Transport {
    client: Client,
    address: ServerAddress,
    authorization: Option<HeaderValue>,
    scopes: Option<GrantedScopes>,
    limits: Limits,
}

/// One request.
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// What came back, in full.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `versionId` out of the ETag header.
    pub(crate) version_id: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) last_modified: Option<DateTime<Utc>>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Call {
    pub(crate) fn get(url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Self { method: Method::GET, url, headers, body: None }
    }

    pub(crate) fn put(url: Url, body: Vec<u8>) -> Self {
        Self { method: Method::PUT, url, headers: HeaderMap::new(), body: Some(body) }
    }

    pub(crate) fn post(url: Url, body: Vec<u8>) -> Self {
        Self { method: Method::POST, url, headers: HeaderMap::new(), body: Some(body) }
    }

    /// Adds a header; a value that HTTP does not allow is left out, which the server then answers for.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

impl Transport {
    pub(crate) fn new(
        address: ServerAddress,
        trust: &Trust,
        authorization: &Authorization,
        limits: Limits,
    ) -> Result<Self, SyncError> {
        let client = http_client(&address, trust, &limits)?;
        let mut transport = Self { client, address, authorization: None, scopes: None, limits };
        transport.authorize(authorization)?;
        Ok(transport)
    }

    pub(crate) fn authorize(&mut self, authorization: &Authorization) -> Result<(), SyncError> {
        self.authorization = match authorization.token() {
            None => None,
            Some(token) => {
                let mut value = HeaderValue::from_str(&token.header()).map_err(|_| SyncError::BadToken)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        self.scopes = authorization.scopes().cloned();
        Ok(())
    }

    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// What the sign-in may do; `None` when that is to be found out.
    pub(crate) fn scopes(&self) -> Option<&GrantedScopes> {
        self.scopes.as_ref()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn url(&self, relative: &str) -> Result<Url, SyncError> {
        self.address.join(relative)
    }

    /// Sends and reads the whole answer.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, SyncError> {
        let mut request = self.client.request(call.method, call.url).headers(call.headers).header(ACCEPT, FHIR_JSON);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, FHIR_JSON).body(body);
        }
        let response = request.send().await.map_err(|error| not_answered(&error))?;
        let status = response.status().as_u16();
        let head = Head::of(&response);
        let body = self.read(response).await?;
        classify(status, head, body)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, SyncError> {
        let limit = self.limits.response_bytes;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| SyncError::Unanswered)? {
            if body.len() + chunk.len() > limit {
                return Err(SyncError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

struct Head {
    version_id: Option<String>,
    location: Option<String>,
    last_modified: Option<DateTime<Utc>>,
    content_type: String,
    retry_after: Option<Duration>,
}

impl Head {
    fn of(response: &Response) -> Self {
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = text("date").and_then(http_date);
        Self {
            version_id: text("etag").and_then(version_of_etag),
            location: text("location").or_else(|| text("content-location")).map(str::to_owned),
            last_modified: text("last-modified").and_then(http_date),
            content_type: text("content-type")
                .and_then(|value| value.split(';').next())
                .map_or_else(|| "no media type".to_owned(), |value| value.trim().to_ascii_lowercase()),
            retry_after: text("retry-after").and_then(|value| retry_after(value, date)),
        }
    }
}

fn classify(status: u16, head: Head, body: Vec<u8>) -> Result<Answer, SyncError> {
    match status {
        401 => return Err(SyncError::NeedsSignIn),
        429 => return Err(SyncError::Throttled { retry_after: head.retry_after }),
        // The server or a gateway gave up waiting: the request may have gone through all the same.
        408 | 502 | 504 => return Err(SyncError::Unanswered),
        501 => {}
        500.. => return Err(SyncError::Unavailable { status, retry_after: head.retry_after }),
        _ => {}
    }
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let looks_like_json = first.is_none_or(|byte| *byte == b'{');
    if status < 200 || (300..400).contains(&status) || (status < 300 && !looks_like_json) {
        return Err(SyncError::NotFhir { status, content_type: head.content_type });
    }
    Ok(Answer { status, version_id: head.version_id, location: head.location, last_modified: head.last_modified, body })
}

/// A client for one server and what belongs to it: its trust, its bounds, no redirects.
pub(crate) fn http_client(address: &ServerAddress, trust: &Trust, limits: &Limits) -> Result<Client, SyncError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(trust.client_config()?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.request)
        .user_agent(concat!("homeline/", env!("CARGO_PKG_VERSION")));
    if address.is_loopback() {
        // A name or a proxy of the system's must not carry plain http off this machine.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
    } else {
        builder = builder.https_only(true);
    }
    builder.build().map_err(|_| SyncError::BadTrust { field: "TLS", problem: "the network client cannot be made" })
}

/// Before a connection stands nothing can have arrived; after that nobody knows.
pub(crate) fn not_answered(error: &reqwest::Error) -> SyncError {
    if is_certificate_fault(error) {
        SyncError::Untrusted
    } else if error.is_connect() {
        SyncError::Offline
    } else {
        SyncError::Unanswered
    }
}

fn is_certificate_fault(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    // `source` of an I/O error leaves out the very error that it wraps.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|inner| is_certificate_fault(inner)) || error.source().is_some_and(is_certificate_fault)
}

/// `W/"3"` and `"3"` name version 3.
pub(crate) fn version_of_etag(etag: &str) -> Option<String> {
    let inner = etag.trim().trim_start_matches("W/").trim_matches('"');
    (!inner.is_empty()).then(|| inner.to_owned())
}

/// RFC 9110 §5.6.7, the form that must be sent.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|time| time.to_utc())
}

/// Seconds, or a date against the server's own `Date` (RFC 9110 §10.2.3): its clock, not ours.
fn retry_after(text: &str, server_now: Option<DateTime<Utc>>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    (http_date(text)? - server_now?).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(content_type: &str) -> Head {
        Head {
            version_id: None,
            location: None,
            last_modified: None,
            content_type: content_type.into(),
            retry_after: None,
        }
    }

    fn ended(status: u16, content_type: &str, body: &str) -> Result<u16, SyncError> {
        classify(status, head(content_type), body.as_bytes().to_vec()).map(|answer| answer.status)
    }

    #[test]
    fn a_page_of_html_is_never_an_answer() {
        let page = "<!DOCTYPE html><title>Sign in</title>";
        assert!(matches!(ended(200, "text/html", page), Err(SyncError::NotFhir { status: 200, .. })));
        assert!(matches!(ended(302, "text/html", ""), Err(SyncError::NotFhir { status: 302, .. })));
        assert_eq!(ended(403, "text/html", page), Ok(403), "a refusal stays a refusal whatever it looks like");
    }

    #[test]
    fn json_under_a_wrong_media_type_is_still_read() {
        assert_eq!(ended(200, "text/plain", " \n{}"), Ok(200));
        assert_eq!(ended(204, "", ""), Ok(204));
    }

    #[test]
    fn each_way_of_not_answering_is_told_apart() {
        assert_eq!(ended(401, "", ""), Err(SyncError::NeedsSignIn));
        assert_eq!(ended(504, "", ""), Err(SyncError::Unanswered));
        assert_eq!(ended(503, "", ""), Err(SyncError::Unavailable { status: 503, retry_after: None }));
        assert_eq!(ended(429, "", ""), Err(SyncError::Throttled { retry_after: None }));
        assert_eq!(ended(501, "", ""), Ok(501), "not offered is an answer");
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_by_the_servers_clock() {
        let now = http_date("Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(retry_after("120", None), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:29:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:00:00 GMT", now), None);
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn a_version_is_read_out_of_weak_and_strong_tags() {
        for (etag, version) in
            [("W/\"3\"", Some("3")), ("\"3\"", Some("3")), ("W/\"a-b\"", Some("a-b")), ("\"\"", None)]
        {
            assert_eq!(version_of_etag(etag).as_deref(), version);
        }
    }
}
