//! Who signed in, as the ID token proves it (OpenID Connect Core 1.0 §3.1.3.7; SMART App Launch 2.2 `fhirUser`).
//!
//! The signature must be of a key of the authorization server, by an algorithm of two keys: `none` and the shared-secret
//! ones are no proof. The token must be for this client, of this issuer, for this very sign-in (nonce), and of now, with
//! five minutes of slack for two clocks.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::error::SignInError;

const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(5);
const PROVING: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    iat: i64,
    aud: Audience,
    azp: Option<String>,
    nonce: Option<String>,
    #[serde(rename = "fhirUser")]
    fhir_user: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(#[expect(dead_code, reason = "compared by the library")] String),
    Several(Vec<String>),
}

/// What the token must be held against.
pub(super) struct Expected<'a> {
    pub(super) keys: &'a JwkSet,
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// `Type/id` of the person who signed in, where the token says so.
pub(super) fn verified_user(id_token: &str, expected: &Expected<'_>) -> Result<Option<String>, SignInError> {
    let bad = |problem| SignInError::BadIdToken { problem };
    let header = jsonwebtoken::decode_header(id_token).map_err(|_| bad("it is no JSON web token"))?;
    if !PROVING.contains(&header.alg) {
        return Err(bad("its signature is of a kind that proves nothing"));
    }
    let key = match &header.kid {
        Some(id) => expected.keys.find(id),
        None => expected.keys.keys.first().filter(|_| expected.keys.keys.len() == 1),
    };
    let key = key.ok_or(bad("it is signed with a key that the server does not name"))?;
    let key = DecodingKey::from_jwk(key).map_err(|_| bad("the server's key cannot be read"))?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    // By the clock of the caller: this crate reads none.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(id_token, &key, &validation)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidIssuer => bad("it is of another issuer"),
            jsonwebtoken::errors::ErrorKind::InvalidAudience => bad("it is for another client"),
            jsonwebtoken::errors::ErrorKind::InvalidSignature => bad("its signature is wrong"),
            _ => bad("it is incomplete"),
        })?
        .claims;
    let for_another = claims.azp.as_deref().is_some_and(|party| party != expected.client_id);
    if for_another || (claims.azp.is_none() && matches!(&claims.aud, Audience::Several(all) if all.len() > 1)) {
        return Err(bad("it is for another client"));
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(bad("it is of another sign-in"));
    }
    let (now, slack) = (expected.now.timestamp(), CLOCK_SLACK.num_seconds());
    if claims.exp < now.saturating_sub(slack) || claims.iat > now.saturating_add(slack) {
        return Err(SignInError::ClockOff);
    }
    Ok(claims.fhir_user.as_deref().and_then(relative))
}

/// `https://fhir.example.org/Patient/1` and `Patient/1` are `Patient/1`.
fn relative(user: &str) -> Option<String> {
    let mut parts = user.trim_end_matches('/').rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    let people = ["Patient", "RelatedPerson", "Person", "Practitioner", "PractitionerRole"];
    (people.contains(&kind) && crate::pull::is_id(id)).then(|| format!("{kind}/{id}"))
}
