//! One HTTP request to the care team's server and an honest account of how it ended.
//!
//! Bounded in time and bytes, each request and the run that it belongs to; large bodies packed with gzip as long as
//! the server reads that; no redirects (a token must not travel to another host, and a captive portal must not
//! pass for an answer), fresh searches (`Cache-Control: no-cache`: a real server answers a repeated search from a
//! cache up to 60 s old). The account distinguishes what callers must treat differently: not sent at all, perhaps
//! carried out, asked to wait, sign-in needed, not FHIR. Any other status is an [`Answer`] for the caller to weigh.

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::{Client, Method, Response, Url};
use rustls::CertificateError;

use crate::address::ServerAddress;
use crate::authorization::Authorization;
use crate::client::Limits;
use crate::error::SyncError;
use crate::grant::GrantedScopes;
use crate::profile::Support;
use crate::trust::Trust;

const FHIR_JSON: &str = "application/fhir+json";
/// Bodies below this size gain nothing from gzip.
const GZIP_FROM: usize = 1024;

pub(crate) struct Transport {
    way: Way,
    address: ServerAddress,
    authorization: Option<HeaderValue>,
    scopes: Option<GrantedScopes>,
    limits: Limits,
    run: Mutex<RunSoFar>,
}

/// How requests reach the server.
enum Way {
    Http(Client),
    /// A server in the same process, for tests that need ten thousand of them.
    #[cfg(feature = "testing")]
    Carried(std::sync::Arc<dyn crate::testing::Carrier>),
}

/// What the run that is under way has used up, and what it knows of the server.
struct RunSoFar {
    began: Instant,
    traffic: Traffic,
    gzip: Support,
}

/// Bytes of bodies, as they were sent, and as they were read out of what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Sent, packed where the server takes that.
    pub sent: usize,
    /// Received, unpacked.
    pub received: usize,
}

/// One request.
#[derive(Clone)]
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
        let mut transport = Self::on(Way::Http(client), address, limits);
        transport.authorize(authorization)?;
        Ok(transport)
    }

    /// Without a network.
    #[cfg(feature = "testing")]
    pub(crate) fn carried(
        carrier: std::sync::Arc<dyn crate::testing::Carrier>,
        address: ServerAddress,
        limits: Limits,
    ) -> Self {
        Self::on(Way::Carried(carrier), address, limits)
    }

    fn on(way: Way, address: ServerAddress, limits: Limits) -> Self {
        let run = RunSoFar { began: Instant::now(), traffic: Traffic::default(), gzip: Support::default() };
        Self { way, address, authorization: None, scopes: None, limits, run: Mutex::new(run) }
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

    fn run(&self) -> MutexGuard<'_, RunSoFar> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on time and bytes count for another run.
    pub(crate) fn begin_run(&self) {
        let mut run = self.run();
        run.began = Instant::now();
        run.traffic = Traffic::default();
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.run().traffic
    }

    /// Whether the server reads gzip, as far as is known.
    pub(crate) fn gzip(&self) -> Support {
        self.run().gzip
    }

    /// Takes over what an earlier run found out.
    pub(crate) fn set_gzip(&self, support: Support) {
        self.run().gzip = support;
    }

    fn may_begin(&self) -> Result<(), SyncError> {
        let run = self.run();
        let bytes = run.traffic.sent.saturating_add(run.traffic.received);
        if run.began.elapsed() >= self.limits.run || bytes >= self.limits.run_bytes {
            return Err(SyncError::RunSpent);
        }
        Ok(())
    }

    /// Sends and reads the whole answer. A server that does not read gzip is asked again with the plain bytes, and that
    /// is remembered once it takes them.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, SyncError> {
        self.may_begin()?;
        let support = self.gzip();
        let worth_it = |body: &&Vec<u8>| body.len() >= GZIP_FROM && support != Support::No;
        let Some(packed) = call.body.as_ref().filter(worth_it).and_then(|body| pack(body)) else {
            return self.send(call).await;
        };
        let mut in_gzip = Call { body: Some(packed), ..call.clone() };
        in_gzip.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let answer = self.send(in_gzip).await;
        let understood = match &answer {
            Ok(answer) if answer.is_success() => {
                self.set_gzip(Support::Yes);
                true
            }
            Ok(answer) if answer.status == 415 => false,
            Ok(answer) => support == Support::Yes || !matches!(answer.status, 400 | 406 | 422 | 501),
            Err(SyncError::Unavailable { status: 500, .. } | SyncError::NotFhir { .. }) => support == Support::Yes,
            Err(_) => true,
        };
        if understood {
            return answer;
        }
        self.may_begin()?;
        let plain = self.send(call).await?;
        if plain.is_success() {
            self.set_gzip(Support::No);
        }
        Ok(plain)
    }

    #[cfg_attr(
        not(feature = "testing"),
        expect(clippy::infallible_destructuring_match, reason = "the other way is there in tests alone")
    )]
    async fn send(&self, call: Call) -> Result<Answer, SyncError> {
        let client = match &self.way {
            Way::Http(client) => client,
            #[cfg(feature = "testing")]
            Way::Carried(carrier) => return self.carry(carrier.as_ref(), call).await,
        };
        let mut request = client.request(call.method, call.url).headers(call.headers).header(ACCEPT, FHIR_JSON);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if let Some(body) = call.body {
            self.run().traffic.sent += body.len();
            request = request.header(CONTENT_TYPE, FHIR_JSON).body(body);
        }
        let response = request.send().await.map_err(|error| not_answered(&error))?;
        let status = response.status().as_u16();
        let head = Head::of(&response);
        let body = self.read(response).await?;
        classify(status, head, body)
    }

    /// The same over a carrier: everything but the network itself.
    #[cfg(feature = "testing")]
    async fn carry(&self, carrier: &dyn crate::testing::Carrier, call: Call) -> Result<Answer, SyncError> {
        self.run().traffic.sent += call.body.as_ref().map_or(0, Vec::len);
        let text = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let carried = crate::testing::Carried {
            method: call.method.to_string(),
            url: call.url.to_string(),
            if_match: text("if-match"),
            if_none_exist: text("if-none-exist"),
            is_packed: call.headers.contains_key(CONTENT_ENCODING),
            body: call.body,
        };
        let reply = carrier.carry(carried).await?;
        if reply.body.len() > self.limits.response_bytes {
            return Err(SyncError::TooLarge { limit: self.limits.response_bytes });
        }
        self.run().traffic.received += reply.body.len();
        let head = Head {
            version_id: reply.etag.as_deref().and_then(version_of_etag),
            location: reply.location,
            last_modified: reply.last_modified,
            content_type: FHIR_JSON.to_owned(),
            retry_after: None,
        };
        classify(reply.status, head, reply.body)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, SyncError> {
        let limit = self.limits.response_bytes;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| SyncError::Unanswered)? {
            if body.len() + chunk.len() > limit {
                return Err(SyncError::TooLarge { limit });
            }
            self.run().traffic.received += chunk.len();
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// `None` where packing fails, which memory does not: the plain bytes go out then.
fn pack(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
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
    match certificate_fault(error) {
        Some(fault) => fault,
        None if error.is_connect() => SyncError::Offline,
        None => SyncError::Unanswered,
    }
}

fn certificate_fault(error: &(dyn std::error::Error + 'static)) -> Option<SyncError> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        let rustls::Error::InvalidCertificate(fault) = tls else { return None };
        return Some(match fault {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => SyncError::CertificateOutOfDate,
            _ => SyncError::Untrusted,
        });
    }
    // `source` of an I/O error leaves out the very error that it wraps.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.and_then(|inner| certificate_fault(inner)).or_else(|| error.source().and_then(certificate_fault))
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
