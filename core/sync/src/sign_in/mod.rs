//! Sign-in: SMART App Launch 2.2, standalone, as a public client with PKCE S256
//! (<https://hl7.org/fhir/smart-app-launch/app-launch.html>), and keeping it alive.
//!
//! [`SignIn::begin`] gives the page that the system's browser opens and a [`PendingSignIn`] to keep;
//! [`SignIn::finish`] takes what the browser was sent back with. Between the two the app may be killed: what is pending is
//! data. What it promises:
//!
//! * A code is redeemed only where it was asked for: `state`, the redirect address and, where the server names it, `iss`
//!   (RFC 9207) must be those of the pending sign-in, and the token endpoint is the one that was remembered with it, so
//!   that a second server cannot mix itself in (RFC 9700 §4.4).
//! * A code that was stolen is worth nothing without the verifier, which never leaves this device before the exchange.
//! * A [`Grant`] is handed to the caller, who keeps it before it is used: with a server that rotates refresh tokens the
//!   old one is worthless the moment that the new one was sent.
//! * A renewal without an answer is told from one that was refused. The first may have rotated the token: it is tried
//!   again, and when the server then says that the token was used before, the sign-in has ended and nothing else has.
//!
//! The words of OAuth are `oauth2`'s, signatures are `jsonwebtoken`'s; no clock is read.

mod discovery;
mod error;
mod identity;
mod web;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, CsrfToken, EndpointNotSet, EndpointSet, ExtraTokenFields,
    HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::address::ServerAddress;
use crate::authorization::{Authorization, Secret};
use crate::client::Limits;
use crate::error::SyncError;
use crate::grant::GrantedScopes;
use crate::trust::Trust;

pub use discovery::SignInSettings;
pub use error::SignInError;
use identity::Expected;
use web::Web;

/// How long a sign-in page may stay open: time to find a password, and to get a text message.
const PAGE_OPEN: TimeDelta = TimeDelta::minutes(30);
/// A token is renewed this long before it ends, so that no request meets its end on the way.
const RENEW_BEFORE: TimeDelta = TimeDelta::seconds(60);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRequest {
    /// The id under which the care team's server knows the app.
    pub client_id: String,
    /// Where the browser shall come back to, as registered there.
    pub redirect_uri: String,
    /// Scopes, parted by spaces.
    pub scopes: String,
    /// The one-time code of an invitation (SMART's `launch`), where there is one.
    pub launch: Option<Secret>,
}

/// A sign-in whose page is open. To be kept in the vault: it holds the verifier.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingSignIn {
    server: String,
    settings: SignInSettings,
    client_id: String,
    redirect_uri: String,
    scopes: String,
    state: Secret,
    verifier: Secret,
    nonce: Secret,
    begun_at: DateTime<Utc>,
}

impl PendingSignIn {
    /// The FHIR base that it is for.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// How its server is signed in to.
    pub fn settings(&self) -> &SignInSettings {
        &self.settings
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignIn").field("server", &self.server).finish_non_exhaustive()
    }
}

/// What the server granted. To be kept in the vault before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    access: Secret,
    refresh: Option<Secret>,
    /// When the access token is to be renewed, and when it ends, by this device's clock; `None` when the server did not say.
    renew_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    scopes: GrantedScopes,
    patient: Option<String>,
    user: Option<String>,
}

impl Grant {
    /// What a request shows.
    pub fn authorization(&self) -> Authorization {
        Authorization::SignedIn { token: self.access.clone().into(), scopes: self.scopes.clone() }
    }

    /// What was granted, which may be less than was asked for.
    pub fn scopes(&self) -> &GrantedScopes {
        &self.scopes
    }

    /// FHIR id of the patient whose record is open.
    pub fn patient(&self) -> Option<&str> {
        self.patient.as_deref()
    }

    /// `Type/id` of who signed in, where the server proved it.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether it can be renewed without a person.
    pub fn can_be_renewed(&self) -> bool {
        self.refresh.is_some()
    }

    /// Whether it is time to renew it.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.renew_at.is_some_and(|at| at <= now)
    }

    /// Whether the access token has ended. A server that did not say answers by refusing it.
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|at| at <= now)
    }
}

/// What SMART adds to the answer of the token endpoint.
#[derive(Clone, Serialize, Deserialize)]
struct SmartFields {
    patient: Option<String>,
    id_token: Option<String>,
}

impl fmt::Debug for SmartFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmartFields(…)")
    }
}

impl ExtraTokenFields for SmartFields {}

type TokenAnswer = StandardTokenResponse<SmartFields, BasicTokenType>;
type Words = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Signing in to one care-team server.
pub struct SignIn {
    web: Web,
    address: ServerAddress,
}

impl SignIn {
    /// Nothing is sent yet. The trust is that of the FHIR server, and holds for its authorization server too.
    ///
    /// # Errors
    /// [`SyncError::BadTrust`].
    pub fn new(address: ServerAddress, trust: &Trust, limits: &Limits) -> Result<Self, SignInError> {
        Ok(Self { web: Web::new(&address, trust, limits)?, address })
    }

    /// Asks the server how it wants to be signed in to.
    ///
    /// # Errors
    /// [`SignInError::NotOffered`], [`SignInError::BadSettings`], or that of a call.
    pub async fn settings(&self) -> Result<SignInSettings, SignInError> {
        discovery::discover(&self.web, &self.address).await
    }

    /// The address of the page to open in the system's browser, and what to keep until it comes back.
    ///
    /// # Errors
    /// [`SignInError::BadRequest`] or [`SignInError::BadSettings`].
    pub fn begin(
        &self,
        settings: SignInSettings,
        request: SignInRequest,
        now: DateTime<Utc>,
    ) -> Result<(String, PendingSignIn), SignInError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = CsrfToken::new_random();
        let words = words(&settings, &request.client_id, &request.redirect_uri)?;
        let mut authorize = words
            .authorize_url(CsrfToken::new_random)
            .add_scopes(request.scopes.split_ascii_whitespace().map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .add_extra_param("aud", self.address.as_str())
            .add_extra_param("nonce", nonce.secret());
        if request.scopes.split_ascii_whitespace().any(|scope| scope == "offline_access") {
            // OpenID Connect Core §11: without it a server may leave out the lasting sign-in that was asked for.
            authorize = authorize.add_extra_param("prompt", "consent");
        }
        if let Some(launch) = &request.launch {
            authorize = authorize.add_extra_param("launch", launch.reveal());
        }
        let (url, state) = authorize.url();
        let pending = PendingSignIn {
            server: self.address.as_str().to_owned(),
            settings,
            client_id: request.client_id,
            redirect_uri: request.redirect_uri,
            scopes: request.scopes,
            state: Secret::new(state.into_secret()),
            verifier: Secret::new(verifier.into_secret()),
            nonce: Secret::new(nonce.into_secret()),
            begun_at: now,
        };
        Ok((url.into(), pending))
    }

    /// Takes the address that the browser came back with and redeems its code, once.
    ///
    /// # Errors
    /// [`SignInError::NotOurs`] leaves the pending sign-in as it is; every other error ends it.
    pub async fn finish(
        &self,
        pending: &PendingSignIn,
        redirect: &str,
        now: DateTime<Utc>,
    ) -> Result<Grant, SignInError> {
        if pending.server != self.address.as_str() {
            return Err(SignInError::NotOurs { what: "it is of another server" });
        }
        let code = code_of(pending, redirect)?;
        if now - pending.begun_at > PAGE_OPEN {
            return Err(SignInError::TooLate);
        }
        let words = words(&pending.settings, &pending.client_id, &pending.redirect_uri)?;
        let http = |request: HttpRequest| self.web.oauth(request);
        let answer = words
            .exchange_code(code)
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.reveal().to_owned()))
            .request_async(&http)
            .await
            .map_err(refused)?;
        let user = match (&answer.extra_fields().id_token, &pending.settings.keys, &pending.settings.issuer) {
            (Some(token), Some(keys), Some(issuer)) => {
                let (client_id, nonce) = (&pending.client_id, pending.nonce.reveal());
                identity::verified_user(token, &Expected { keys, issuer, client_id, nonce, now })?
            }
            // Nothing to check it with: it is not used.
            _ => None,
        };
        let before = Grant {
            access: Secret::new(String::new()),
            refresh: None,
            renew_at: None,
            ends_at: None,
            scopes: GrantedScopes::parse(&pending.scopes),
            patient: None,
            user,
        };
        granted(before, &answer, now)
    }

    /// Renews a grant. What comes back must be kept before it is used, and the one before is void from then on.
    ///
    /// # Errors
    /// [`SignInError::Ended`] when a person must sign in again. [`SyncError::Unanswered`] when the server may have
    /// renewed it: try once more.
    pub async fn renew(
        &self,
        settings: &SignInSettings,
        client_id: &str,
        grant: &Grant,
        now: DateTime<Utc>,
    ) -> Result<Grant, SignInError> {
        let refresh = grant.refresh.as_ref().ok_or(SignInError::Ended)?;
        let words = words(settings, client_id, self.address.as_str())?;
        let http = |request: HttpRequest| self.web.oauth(request);
        let answer = words
            .exchange_refresh_token(&RefreshToken::new(refresh.reveal().to_owned()))
            .request_async(&http)
            .await
            .map_err(|error| match refused(error) {
                SignInError::Refused { code } if code == "invalid_grant" => SignInError::Ended,
                other => other,
            })?;
        let renewed = granted(grant.clone(), &answer, now)?;
        if renewed.patient != grant.patient && grant.patient.is_some() {
            return Err(SignInError::BadAnswer { field: "patient" });
        }
        Ok(renewed)
    }

    /// Tells the server that a grant is no longer used (RFC 7009). `false` when the server has no way to be told.
    ///
    /// # Errors
    /// Those of a call. The sign-in is over on this device in any case.
    pub async fn revoke(&self, settings: &SignInSettings, client_id: &str, grant: &Grant) -> Result<bool, SignInError> {
        let Some(endpoint) = &settings.revocation_endpoint else { return Ok(false) };
        let url = Url::parse(endpoint).map_err(|_| SignInError::BadSettings { field: "revocation_endpoint" })?;
        let token = grant.refresh.as_ref().unwrap_or(&grant.access);
        let form = oauth2::url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.reveal())
            .append_pair("client_id", client_id)
            .finish();
        Ok((200..300).contains(&self.web.form(url, form).await?))
    }
}

fn words(settings: &SignInSettings, client_id: &str, redirect_uri: &str) -> Result<Words, SignInError> {
    if client_id.trim().is_empty() {
        let problem = "take the id that your care team gave you";
        return Err(SignInError::BadRequest { field: "client id", problem });
    }
    let setting = |field| move |_| SignInError::BadSettings { field };
    let redirect = RedirectUrl::new(redirect_uri.to_owned())
        .map_err(|_| SignInError::BadRequest { field: "redirect address", problem: "write it whole" })?;
    let authorization = AuthUrl::new(settings.authorization_endpoint.clone());
    let token = TokenUrl::new(settings.token_endpoint.clone());
    Ok(oauth2::Client::new(ClientId::new(client_id.to_owned()))
        // A public client: it has no secret, and says who it is in the form.
        .set_auth_type(AuthType::RequestBody)
        .set_redirect_uri(redirect)
        .set_auth_uri(authorization.map_err(setting("authorization_endpoint"))?)
        .set_token_uri(token.map_err(setting("token_endpoint"))?))
}

/// The code in a redirect that belongs to the pending sign-in.
fn code_of(pending: &PendingSignIn, redirect: &str) -> Result<AuthorizationCode, SignInError> {
    let not_ours = |what| SignInError::NotOurs { what };
    let url = Url::parse(redirect).map_err(|_| not_ours("it is no address"))?;
    let expected = Url::parse(&pending.redirect_uri).map_err(|_| not_ours("its address"))?;
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    if bare != expected {
        return Err(not_ours("its address"));
    }
    let one = |name: &str| -> Result<Option<String>, SignInError> {
        let mut found = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let first = found.next();
        if found.next().is_some() { Err(not_ours("something in it stands twice")) } else { Ok(first) }
    };
    if one("state")?.as_deref() != Some(pending.state.reveal()) {
        return Err(not_ours("its state"));
    }
    match (one("iss")?, &pending.settings.issuer) {
        (Some(named), Some(issuer)) if named != *issuer => return Err(not_ours("its issuer")),
        (None, _) if pending.settings.answers_name_issuer => return Err(not_ours("it names no issuer")),
        _ => {}
    }
    if let Some(code) = one("error")? {
        return Err(SignInError::Denied { code: error::printable(&code) });
    }
    one("code")?
        .filter(|code| !code.is_empty())
        .map(AuthorizationCode::new)
        .ok_or(SignInError::BadAnswer { field: "code" })
}

/// The grant after an answer: what it does not say is as before (RFC 6749 §5.1 and §6).
fn granted(before: Grant, answer: &TokenAnswer, now: DateTime<Utc>) -> Result<Grant, SignInError> {
    let access = answer.access_token().secret();
    let usable = !access.is_empty() && access.bytes().all(|byte| byte.is_ascii_graphic());
    if !usable || *answer.token_type() != BasicTokenType::Bearer {
        return Err(SignInError::BadAnswer { field: "access_token" });
    }
    let patient = match &answer.extra_fields().patient {
        Some(id) if !crate::pull::is_id(id) => return Err(SignInError::BadAnswer { field: "patient" }),
        Some(id) => Some(id.clone()),
        None => before.patient,
    };
    let lives = answer.expires_in().map(|lives| TimeDelta::from_std(lives).unwrap_or(TimeDelta::days(1)));
    let scopes = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
    Ok(Grant {
        access: Secret::new(access.clone()),
        refresh: answer.refresh_token().map(|token| Secret::new(token.secret().clone())).or(before.refresh),
        // A token that lives for a minute is not due when it is born.
        renew_at: lives.map(|lives| now + lives - RENEW_BEFORE.min(lives / 4)),
        ends_at: lives.map(|lives| now + lives),
        scopes: scopes.map_or(before.scopes, |scopes| GrantedScopes::parse(&scopes)),
        patient,
        user: before.user,
    })
}

fn refused(error: RequestTokenError<SyncError, BasicErrorResponse>) -> SignInError {
    match error {
        RequestTokenError::ServerResponse(response) => {
            let code = match response.error() {
                BasicErrorResponseType::InvalidGrant => "invalid_grant".to_owned(),
                other => error::printable(other.as_ref()),
            };
            SignInError::Refused { code }
        }
        RequestTokenError::Request(error) => SignInError::Call(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => SignInError::BadAnswer { field: "answer" },
    }
}
