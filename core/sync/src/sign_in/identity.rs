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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{EncodingKey, Header};
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::{Value, json};

    struct Issuer {
        key: EncodingKey,
        keys: JwkSet,
    }

    impl Issuer {
        fn new() -> Self {
            let random = ring::rand::SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
            let pair =
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).expect("a key");
            let (x, y) = pair.public_key().as_ref().get(1..).expect("a point").split_at(32);
            let encoded = |bytes| URL_SAFE_NO_PAD.encode(bytes);
            let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": encoded(x), "y": encoded(y)}]});
            let keys = serde_json::from_value(keys).expect("a set of keys");
            Self { key: EncodingKey::from_ec_der(pkcs8.as_ref()), keys }
        }

        fn token(&self, claims: &Value) -> String {
            let header = Header { kid: Some("1".into()), ..Header::new(Algorithm::ES256) };
            jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
        }

        fn check(&self, token: &str) -> Result<Option<String>, SignInError> {
            let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
            let (issuer, client_id, nonce) = ("https://sign-in.example.org", "homeline", "n-1");
            verified_user(token, &Expected { keys: &self.keys, issuer, client_id, nonce, now })
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://sign-in.example.org", "sub": "7", "aud": "homeline", "nonce": "n-1", "iat": 1_800_000_000,
            "exp": 1_800_000_600, "fhirUser": "https://fhir.example.org/r4/RelatedPerson/daughter-1"})
    }

    #[test]
    fn a_token_for_this_sign_in_says_who_it_is_with_slack_for_two_clocks() {
        let issuer = Issuer::new();
        assert_eq!(issuer.check(&issuer.token(&claims())), Ok(Some("RelatedPerson/daughter-1".into())));
        for (claim, time) in [("exp", 1_799_999_710), ("iat", 1_800_000_290)] {
            let mut near = claims();
            near[claim] = json!(time);
            assert!(issuer.check(&issuer.token(&near)).is_ok(), "{claim}");
        }
        let mut nobody = claims();
        nobody["fhirUser"] = json!("https://evil.example.org/?x=Patient/..");
        assert_eq!(issuer.check(&issuer.token(&nobody)), Ok(None));
    }

    #[test]
    fn a_token_of_another_issuer_client_sign_in_or_time_is_refused() {
        let issuer = Issuer::new();
        for (claim, value) in [
            ("iss", json!("https://evil.example.org")),
            ("aud", json!("another")),
            ("aud", json!(["homeline", "another"])),
            ("azp", json!("another")),
            ("nonce", json!("n-2")),
            ("nonce", Value::Null),
        ] {
            let mut wrong = claims();
            wrong[claim] = value;
            let refused = issuer.check(&issuer.token(&wrong));
            assert!(matches!(refused, Err(SignInError::BadIdToken { .. })), "{claim}: {refused:?}");
        }
        for (claim, time) in [("exp", 1_799_999_600), ("iat", 1_800_000_400)] {
            let mut far = claims();
            far[claim] = json!(time);
            assert_eq!(issuer.check(&issuer.token(&far)), Err(SignInError::ClockOff), "{claim}");
        }
    }

    #[test]
    fn a_signature_that_proves_nothing_is_refused() {
        let (issuer, other) = (Issuer::new(), Issuer::new());
        let shared = jsonwebtoken::encode(
            &Header { kid: Some("1".into()), ..Header::new(Algorithm::HS256) },
            &claims(),
            &EncodingKey::from_secret(b"the public key"),
        );
        let good = issuer.token(&claims());
        let body = good.split('.').nth(1).expect("three parts");
        let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"1"}"#));
        for token in [other.token(&claims()), shared.expect("a token"), unsigned, format!("{good}x"), String::new()] {
            assert!(matches!(issuer.check(&token), Err(SignInError::BadIdToken { .. })), "{token}");
        }
    }
}
