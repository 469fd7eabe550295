//! HTTP around the service: headers, tokens, gzip, and being offline.
//!
//! Each time online is a thread with a current-thread runtime of its own. Going offline ends the thread,
//! which closes the listener and every open connection at once: the client sees what it sees when a network is lost.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;
use tokio::sync::oneshot;

use super::ServerError;
use super::fault::Fault;
use super::request::{Reply, Request, Verb, parameters};
use super::service::Service;
use super::sign_in::{Allowed, AuthorizationServer};

/// Bytes of a request at most, before and after gzip.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// Answers below this size gain nothing from gzip.
const GZIP_FROM: usize = 1024;

#[derive(Clone)]
pub(super) struct Shared {
    pub(super) service: Arc<Mutex<Service>>,
    pub(super) token: Option<Arc<str>>,
    pub(super) sign_in: Option<AuthorizationServer>,
    pub(super) port: u16,
}

/// One period of being online.
pub(super) struct Online {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Takes a port, a free one for 0.
pub(super) fn bind(port: u16) -> Result<TcpListener, ServerError> {
    let fault = |source| ServerError::Port { port, source };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(fault)?;
    listener.set_nonblocking(true).map_err(fault)?;
    Ok(listener)
}

impl Online {
    /// Serves until [`Online::end`]; returns when requests are accepted.
    pub(super) fn begin(listener: TcpListener, shared: Shared) -> Result<Self, ServerError> {
        let port = shared.port;
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("care-team-server".into())
            .spawn(move || {
                let started = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = match started {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = ready.send(Err(error));
                        return;
                    }
                };
                // Dropping the runtime at the end of this thread drops every connection with it.
                runtime.block_on(async move {
                    match tokio::net::TcpListener::from_std(listener) {
                        Ok(listener) => {
                            let _ = ready.send(Ok(()));
                            tokio::select! {
                                _ = axum::serve(listener, router(shared)) => {}
                                _ = stopped => {}
                            }
                        }
                        Err(error) => {
                            let _ = ready.send(Err(error));
                        }
                    }
                });
            })
            .map_err(|source| ServerError::Port { port, source })?;
        match is_ready.recv() {
            Ok(Ok(())) => Ok(Self { stop, thread }),
            Ok(Err(source)) => Err(ServerError::Port { port, source }),
            Err(_) => Err(ServerError::Port { port, source: std::io::ErrorKind::BrokenPipe.into() }),
        }
    }

    pub(super) fn end(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn router(shared: Shared) -> Router {
    Router::new().fallback(serve).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(shared)
}

async fn serve(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let host = text(&headers, &header::HOST).unwrap_or_else(|| format!("127.0.0.1:{}", shared.port));
    let base = format!("http://{host}/fhir");
    let accepts_gzip = text(&headers, &header::ACCEPT_ENCODING).is_some_and(|value| value.contains("gzip"));
    if let Some(answer) =
        shared.sign_in.as_ref().and_then(|sign_in| sign_in.answer(&method, &uri, &body, &format!("http://{host}")))
    {
        return answer;
    }
    if method == Method::GET && uri.path() == "/" {
        let page = lock(&shared).page(&base);
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    let reply = understand(&shared, &method, &uri, &headers, &body)
        .and_then(|(request, allowed)| {
            let reply = lock(&shared).answer(&request, &base);
            allowed.map_or(Ok(()), |allowed| allowed.check_answer(reply.body.as_ref()))?;
            Ok(reply)
        })
        .unwrap_or_else(|fault| Reply::from(&fault));
    respond(reply, &base, accepts_gzip)
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Service> {
    // A handler that panicked left the records as they were: changes are admitted only when whole.
    shared.service.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The request, and what its token allows where the server has sign-ins.
fn understand(
    shared: &Shared,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Request, Option<Allowed>), Fault> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let relative = target
        .strip_prefix("/fhir")
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        .ok_or_else(|| Fault::not_found("The FHIR base is /fhir."))?;
    let (mut path, mut query) = Request::target(relative)?;
    let open = path.first().is_some_and(|first| first == "metadata");
    if let Some(token) = shared.token.as_deref().filter(|_| !open) {
        let offered = text(headers, &header::AUTHORIZATION);
        if offered.as_deref().and_then(|value| value.strip_prefix("Bearer ")) != Some(token) {
            return Err(Fault::new(401, "login", "A valid bearer token is required."));
        }
    }
    let allowed = match shared.sign_in.as_ref().filter(|_| !open) {
        Some(sign_in) => Some(sign_in.admit(headers)?),
        None => None,
    };
    let mut verb = Verb::parse(method.as_str())?;
    let bytes = unpacked(headers, body)?;
    let mut resource = None;
    if verb == Verb::Post && path.last().is_some_and(|last| last == "_search") {
        path.pop();
        let form = std::str::from_utf8(&bytes).map_err(|_| Fault::invalid("The form is not UTF-8."))?;
        query.extend(parameters(form)?);
        verb = Verb::Get;
    } else if matches!(verb, Verb::Post | Verb::Put) {
        resource = Some(parse(headers, &bytes)?);
    }
    let request = Request {
        verb,
        path,
        query,
        if_match: text(headers, &header::IF_MATCH),
        if_none_exist: text(headers, &HeaderName::from_static("if-none-exist")),
        body: resource,
    };
    if let Some(allowed) = &allowed {
        allowed.check(&request)?;
    }
    Ok((request, allowed))
}

fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, Fault> {
    let kind = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    if !kind.contains("json") {
        return Err(Fault::new(415, "not-supported", "Send application/fhir+json."));
    }
    serde_json::from_slice(bytes).map_err(|error| Fault::invalid(format!("The body is not JSON: {error}.")))
}

fn unpacked(headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Fault> {
    match text(headers, &header::CONTENT_ENCODING).as_deref() {
        None | Some("identity") => Ok(body.to_vec()),
        Some("gzip") => {
            let limit = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
            let mut plain = Vec::new();
            GzDecoder::new(body)
                .take(limit + 1)
                .read_to_end(&mut plain)
                .map_err(|_| Fault::invalid("The body is not gzip."))?;
            if plain.len() > MAX_BODY {
                return Err(Fault::new(413, "too-long", "The unpacked body is too large."));
            }
            Ok(plain)
        }
        Some(other) => Err(Fault::new(415, "not-supported", format!("Content-Encoding {other} is not offered."))),
    }
}

fn respond(reply: Reply, base: &str, accepts_gzip: bool) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    if let Some(etag) = reply.etag {
        set(header::ETAG, etag);
    }
    if let Some(location) = reply.location {
        set(header::LOCATION, format!("{base}/{location}"));
    }
    if let Some(time) = reply.last_modified.and_then(|text| chrono::DateTime::parse_from_rfc3339(&text).ok()) {
        set(header::LAST_MODIFIED, time.to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    }
    if status == StatusCode::UNAUTHORIZED {
        set(header::WWW_AUTHENTICATE, "Bearer".into());
    }
    let Some(body) = reply.body else { return (status, headers).into_response() };
    set(header::CONTENT_TYPE, "application/fhir+json; charset=utf-8".into());
    let mut bytes = body.to_string().into_bytes();
    if accepts_gzip && bytes.len() >= GZIP_FROM {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        if let Ok(packed) = encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
            bytes = packed;
            set(header::CONTENT_ENCODING, "gzip".into());
        }
    }
    (status, headers, bytes).into_response()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
