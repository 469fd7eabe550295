//! The authorization server beside the embedded FHIR server, for demonstration and tests: a subset of OAuth 2 and of SMART
//! App Launch 2.2, and no place for patients' data.
//!
//! What it does offer it does as the standards say: discovery, the code flow with PKCE S256 and nothing else, one use of a
//! code, rotation of refresh tokens with the end of the whole family when one is used twice (RFC 9700 §4.14), revocation,
//! signed ID tokens, and a FHIR server that keeps to the scopes and to the patient of a token.
//!
//! What it leaves out: it asks nobody. Whoever comes with a browser is the patient of its rules. It knows one client, keeps
//! everything in memory, and reads only the elements `subject`, `patient` and `for` to find whose a record is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ServerClock;
use super::fault::Fault;
use super::request::{Request, Verb, parameters};

/// A code is for the moment (RFC 6749 §4.1.2 allows ten minutes).
const CODE_LIVES: TimeDelta = TimeDelta::seconds(60);

/// Who may sign in, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRules {
    /// The one client.
    pub client_id: String,
    /// Who signs in: FHIR id of the patient.
    pub patient: String,
    /// What is granted of what is asked for; parted by spaces.
    pub scopes: String,
    /// Seconds that an access token lives.
    pub token_lives: i64,
}

impl SignInRules {
    /// For this patient: everything that a phone asks for, for ten minutes at a time.
    pub fn new(client_id: &str, patient: &str) -> Self {
        let writes = ["MedicationAdministration", "Observation", "QuestionnaireResponse", "Communication"];
        let writes = writes.into_iter().chain(["DocumentReference", "Provenance", "Consent", "Task", "RelatedPerson"]);
        let writes: Vec<String> = writes.map(|kind| format!("patient/{kind}.cu")).collect();
        Self {
            client_id: client_id.to_owned(),
            patient: patient.to_owned(),
            scopes: format!("openid fhirUser offline_access launch/patient patient/*.rs {}", writes.join(" ")),
            token_lives: 600,
        }
    }
}

/// A handle on the authorization server, to see what it did and to play the team's part.
#[derive(Clone)]
pub struct AuthorizationServer(Arc<Shared>);

struct Shared {
    clock: ServerClock,
    key: EncodingKey,
    public_key: Value,
    state: Mutex<State>,
}

struct State {
    rules: SignInRules,
    codes: HashMap<String, Code>,
    families: Vec<Family>,
    /// Token to family and end.
    access: HashMap<String, (usize, DateTime<Utc>)>,
    /// Refresh token to family; all that there ever were.
    refresh: HashMap<String, usize>,
    renewals: usize,
    lose_next_answer: bool,
}

struct Code {
    challenge: String,
    redirect_uri: String,
    scopes: String,
    nonce: Option<String>,
    ends_at: DateTime<Utc>,
}

/// All tokens of one sign-in.
struct Family {
    scopes: String,
    patient: String,
    current: Option<String>,
    revoked: bool,
}

/// What the token of a request allows.
pub(super) struct Allowed {
    patient: String,
    scopes: String,
}

/// An answer, or the lack of one.
enum Answer {
    Json(StatusCode, Value),
    Lost,
}

impl AuthorizationServer {
    pub(super) fn new(rules: SignInRules, clock: ServerClock) -> Option<Self> {
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).ok()?;
        // SEC 1 §2.3.3: 4, then x and y of 32 bytes each.
        let (_, point) = pair.public_key().as_ref().split_first()?;
        let (x, y) = point.split_at_checked(32)?;
        let encoded = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        let public_key = json!({"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256", "x": encoded(x), "y": encoded(y)});
        let state = State {
            rules,
            codes: HashMap::new(),
            families: Vec::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            renewals: 0,
            lose_next_answer: false,
        };
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        Some(Self(Arc::new(Shared { clock, key, public_key, state: Mutex::new(state) })))
    }

    /// Other rules for the sign-ins to come.
    pub fn set_rules(&self, rules: SignInRules) {
        self.state().rules = rules;
    }

    /// The team takes back every sign-in.
    pub fn revoke_everything(&self) {
        let mut state = self.state();
        state.families.iter_mut().for_each(|family| family.revoked = true);
    }

    /// Every access token ends now, before its time; they can be renewed.
    pub fn end_access_tokens(&self) {
        self.state().access.clear();
    }

    /// The next answer of the token endpoint is lost on its way: what it says has happened all the same.
    pub fn lose_next_answer(&self) {
        self.state().lose_next_answer = true;
    }

    /// How many renewals were asked for.
    pub fn renewals(&self) -> usize {
        self.state().renewals
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    /// Answers what is about signing in; `None` for everything else.
    pub(super) fn answer(&self, method: &Method, uri: &Uri, body: &Bytes, origin: &str) -> Option<Response> {
        let answer = match (method, uri.path()) {
            (&Method::GET, "/fhir/.well-known/smart-configuration") => Answer::Json(StatusCode::OK, settings(origin)),
            (&Method::GET, "/sign-in/keys") => Answer::Json(StatusCode::OK, json!({"keys": [self.0.public_key]})),
            (&Method::GET, "/sign-in/authorize") => return Some(self.authorize(uri, origin)),
            (&Method::POST, "/sign-in/token") => self.token(body, origin),
            (&Method::POST, "/sign-in/revoke") => self.revoke(body),
            _ => return None,
        };
        Some(match answer {
            Answer::Json(status, body) => {
                let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
                (status, headers, body.to_string()).into_response()
            }
            Answer::Lost => Response::new(Body::new(BrokenOff)),
        })
    }

    fn authorize(&self, uri: &Uri, origin: &str) -> Response {
        let refused = |reason: &str| (StatusCode::BAD_REQUEST, reason.to_owned()).into_response();
        let Some(asked) = Form::read(uri.query().unwrap_or_default()) else {
            return refused("the query cannot be read");
        };
        let mut state = self.state();
        let redirect_uri = asked.get("redirect_uri").unwrap_or_default().to_owned();
        // What is not registered is never redirected to (RFC 9700 §4.1).
        if asked.get("client_id") != Some(&state.rules.client_id) || !is_registered(&redirect_uri) {
            return refused("no such client or redirect address");
        }
        let mut answer = format!("{redirect_uri}?iss={}", encoded(origin));
        if let Some(given) = asked.get("state") {
            answer.push_str(&format!("&state={}", encoded(given)));
        }
        let is_pkce = asked.get("code_challenge_method") == Some("S256") && asked.get("code_challenge").is_some();
        let is_ours = asked.get("aud") == Some(&*format!("{origin}/fhir"));
        if asked.get("response_type") != Some("code") || !is_pkce || !is_ours {
            return Redirect::to(&format!("{answer}&error=invalid_request")).into_response();
        }
        let code = token();
        let granted = |scope: &&str| state.rules.scopes.split(' ').any(|known| known == *scope);
        let scopes: Vec<&str> = asked.get("scope").unwrap_or_default().split(' ').filter(granted).collect();
        let (challenge, nonce) = (asked.get("code_challenge").unwrap_or_default(), asked.get("nonce"));
        let entry = Code {
            challenge: challenge.to_owned(),
            redirect_uri,
            scopes: scopes.join(" "),
            nonce: nonce.map(str::to_owned),
            ends_at: self.now() + CODE_LIVES,
        };
        state.codes.insert(code.clone(), entry);
        Redirect::to(&format!("{answer}&code={code}")).into_response()
    }

    fn token(&self, body: &Bytes, origin: &str) -> Answer {
        let refused = |code: &str| Answer::Json(StatusCode::BAD_REQUEST, json!({"error": code}));
        let Some(asked) = std::str::from_utf8(body).ok().and_then(Form::read) else {
            return refused("invalid_request");
        };
        let mut state = self.state();
        if asked.get("client_id") != Some(&state.rules.client_id) {
            return Answer::Json(StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"}));
        }
        let (answer, family) = match asked.get("grant_type") {
            Some("authorization_code") => match self.redeem(&mut state, &asked, origin) {
                Some(granted) => granted,
                None => return refused("invalid_grant"),
            },
            Some("refresh_token") => {
                state.renewals += 1;
                let given = asked.get("refresh_token").unwrap_or_default();
                let Some(family) = state.refresh.get(given).copied() else { return refused("invalid_grant") };
                let Some(there) = state.families.get_mut(family) else { return refused("invalid_grant") };
                if there.revoked || there.current.as_deref() != Some(given) {
                    there.revoked = true;
                    return refused("invalid_grant");
                }
                (json!({}), family)
            }
            _ => return refused("unsupported_grant_type"),
        };
        let answer = self.issue(&mut state, answer, family);
        if std::mem::take(&mut state.lose_next_answer) {
            return Answer::Lost;
        }
        Answer::Json(StatusCode::OK, answer)
    }

    /// One code, once, against its verifier.
    fn redeem(&self, state: &mut State, asked: &Form, origin: &str) -> Option<(Value, usize)> {
        let code = state.codes.remove(asked.get("code")?)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, asked.get("code_verifier")?.as_bytes());
        let proven = URL_SAFE_NO_PAD.encode(digest) == code.challenge;
        if !proven || asked.get("redirect_uri")? != code.redirect_uri || code.ends_at < self.now() {
            return None;
        }
        let patient = state.rules.patient.clone();
        let mut answer = json!({});
        if code.scopes.split(' ').any(|scope| scope == "openid") {
            let now = self.now().timestamp();
            let claims = json!({"iss": origin, "sub": patient, "aud": state.rules.client_id, "iat": now, "exp": now + 600,
                "nonce": code.nonce, "fhirUser": format!("Patient/{patient}")});
            let header = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::ES256) };
            answer = json!({"id_token": jsonwebtoken::encode(&header, &claims, &self.0.key).ok()?});
        }
        state.families.push(Family { scopes: code.scopes, patient, current: None, revoked: false });
        Some((answer, state.families.len() - 1))
    }

    fn issue(&self, state: &mut State, mut answer: Value, family: usize) -> Value {
        let lives = state.rules.token_lives;
        let ends_at = self.now() + TimeDelta::seconds(lives);
        let (access, refresh) = (token(), token());
        state.access.insert(access.clone(), (family, ends_at));
        let Some(there) = state.families.get_mut(family) else { return answer };
        answer["access_token"] = json!(access);
        answer["token_type"] = json!("Bearer");
        answer["expires_in"] = json!(lives);
        answer["scope"] = json!(there.scopes);
        answer["patient"] = json!(there.patient);
        if there.scopes.split(' ').any(|scope| scope == "offline_access") {
            there.current = Some(refresh.clone());
            answer["refresh_token"] = json!(refresh);
            state.refresh.insert(refresh, family);
        }
        answer
    }

    fn revoke(&self, body: &Bytes) -> Answer {
        let mut state = self.state();
        let asked = std::str::from_utf8(body).ok().and_then(Form::read);
        let token = asked.as_ref().and_then(|asked| asked.get("token")).unwrap_or_default();
        let family = state.refresh.get(token).copied().or(state.access.get(token).map(|(family, _)| *family));
        if let Some(there) = family.and_then(|family| state.families.get_mut(family)) {
            there.revoked = true;
        }
        // RFC 7009 §2.2: a token that nobody knows is revoked already.
        Answer::Json(StatusCode::OK, json!({}))
    }

    /// What the bearer token of a request allows.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<Allowed, Fault> {
        let offered = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = offered.and_then(|value| value.strip_prefix("Bearer "));
        let state = self.state();
        let found = token.and_then(|token| state.access.get(token)).filter(|(_, ends_at)| *ends_at > self.now());
        found
            .and_then(|(family, _)| state.families.get(*family))
            .filter(|family| !family.revoked)
            .map(|family| Allowed { patient: family.patient.clone(), scopes: family.scopes.clone() })
            .ok_or_else(|| Fault::new(401, "login", "A valid bearer token is required."))
    }
}

impl Allowed {
    /// Keeps a request to its scopes and its patient.
    pub(super) fn check(&self, request: &Request) -> Result<(), Fault> {
        let mut kind_and_id = request.path.iter().map(String::as_str);
        let (kind, id) = (kind_and_id.next(), kind_and_id.next());
        match (request.verb, kind) {
            (Verb::Post, None) => {
                let entries = request.body.as_ref().and_then(|bundle| bundle.get("entry")).and_then(Value::as_array);
                entries
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| entry.get("resource"))
                    .try_for_each(|it| self.write(it))
            }
            (Verb::Get, Some(kind)) => {
                let asked = request.query.iter().filter(|(name, _)| matches!(&**name, "patient" | "subject"));
                let mut others = asked.map(|(_, value)| value.trim_start_matches("Patient/"));
                let other = others.any(|patient| patient != self.patient)
                    || (kind == "Patient" && id.is_some_and(|id| id != self.patient && !id.starts_with('_')));
                if other { Err(forbidden("This sign-in is for another patient.")) } else { self.may(kind, 's') }
            }
            (Verb::Delete, _) => Err(forbidden("This sign-in may not delete.")),
            (Verb::Get, None) => Ok(()),
            (Verb::Post | Verb::Put, _) => request.body.iter().try_for_each(|resource| self.write(resource)),
        }
    }

    /// Keeps an answer to its patient, whatever was asked.
    pub(super) fn check_answer(&self, body: Option<&Value>) -> Result<(), Fault> {
        let entries = body.and_then(|body| body.get("entry")).and_then(Value::as_array).into_iter().flatten();
        let mut resources = body.into_iter().chain(entries.filter_map(|entry| entry.get("resource")));
        if resources.all(|resource| self.is_ours(resource)) {
            Ok(())
        } else {
            Err(forbidden("This sign-in is for another patient."))
        }
    }

    fn write(&self, resource: &Value) -> Result<(), Fault> {
        if !self.is_ours(resource) {
            return Err(forbidden("This sign-in is for another patient."));
        }
        self.may(resource.get("resourceType").and_then(Value::as_str).unwrap_or_default(), 'u')
    }

    fn is_ours(&self, resource: &Value) -> bool {
        let ours = format!("Patient/{}", self.patient);
        let is_patient = resource.get("resourceType").and_then(Value::as_str) == Some("Patient");
        let is_other = |name: &str| {
            let reference = resource.get(name).and_then(|it| it.get("reference")).and_then(Value::as_str);
            reference.is_some_and(|it| it.starts_with("Patient/") && it != ours)
        };
        !["subject", "patient", "for"].into_iter().any(is_other)
            && (!is_patient || resource.get("id").and_then(Value::as_str) == Some(&self.patient))
    }

    fn may(&self, kind: &str, verb: char) -> Result<(), Fault> {
        let allowed = self
            .scopes
            .split(' ')
            .filter_map(|scope| scope.strip_prefix("patient/")?.rsplit_once('.'))
            .any(|(granted, verbs)| (granted == "*" || granted == kind) && verbs.contains(verb));
        if allowed { Ok(()) } else { Err(forbidden("The scopes of this sign-in do not allow that.")) }
    }
}

fn forbidden(reason: &str) -> Fault {
    Fault::new(403, "forbidden", reason)
}

fn settings(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/sign-in/keys"),
        "authorization_endpoint": format!("{origin}/sign-in/authorize"),
        "token_endpoint": format!("{origin}/sign-in/token"),
        "revocation_endpoint": format!("{origin}/sign-in/revoke"),
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "capabilities": ["launch-standalone", "client-public", "context-standalone-patient", "sso-openid-connect",
            "permission-offline", "permission-patient", "permission-v2"],
    })
}

/// Loopback at any port (RFC 8252 §7.3), and the address of an app.
fn is_registered(redirect_uri: &str) -> bool {
    redirect_uri == "org.homeline.app:/signed-in"
        || redirect_uri
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix("/signed-in"))
            .is_some_and(|port| port.parse::<u16>().is_ok())
}

fn token() -> String {
    Uuid::new_v4().simple().to_string()
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A form, each name once.
struct Form(HashMap<String, String>);

impl Form {
    fn read(text: &str) -> Option<Self> {
        Some(Self(parameters(text).ok()?.into_iter().collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The body of an answer whose connection breaks.
struct BrokenOff;

impl HttpBody for BrokenOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}
