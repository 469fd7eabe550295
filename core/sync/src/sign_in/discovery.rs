//! How a server wants to be signed in to: `[base]/.well-known/smart-configuration` (SMART App Launch 2.2 §Conformance),
//! else the OAuth extension of its CapabilityStatement, as servers of SMART 1 have it.
//!
//! It is asked over the connection that records would take, so that it is as true as the server's certificate. Every
//! address in it must be https, or on this machine where the FHIR server is too.

use jsonwebtoken::jwk::JwkSet;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::SignInError;
use super::web::Web;
use crate::address::ServerAddress;

const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

/// Where and how to sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInSettings {
    /// The authorization server's name for itself.
    pub(super) issuer: Option<String>,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) revocation_endpoint: Option<String>,
    /// Whether every answer names its issuer (RFC 9207): one that does not is then not from this server.
    pub(super) answers_name_issuer: bool,
    /// The keys that sign ID tokens; without them an ID token proves nothing and is left aside.
    pub(super) keys: Option<JwkSet>,
}

impl SignInSettings {
    /// Where the person will be asked, for the screen.
    pub fn host(&self) -> String {
        Url::parse(&self.authorization_endpoint)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

pub(super) async fn discover(web: &Web, address: &ServerAddress) -> Result<SignInSettings, SignInError> {
    if let Some(document) = web.json(address.join(".well-known/smart-configuration")?).await? {
        return from_configuration(web, address, &document).await;
    }
    let statement = web.json(address.join("metadata")?).await?.ok_or(SignInError::NotOffered)?;
    from_capability_statement(address, &statement)
}

async fn from_configuration(
    web: &Web,
    address: &ServerAddress,
    document: &Value,
) -> Result<SignInSettings, SignInError> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let methods = document.get("code_challenge_methods_supported").and_then(Value::as_array);
    // A server that names methods and not this one would take the plain one, which protects nothing.
    if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err(SignInError::BadSettings { field: "code_challenge_methods_supported" });
    }
    let endpoint = |field| usable(address, text(field), field);
    let required = |field| endpoint(field)?.ok_or(SignInError::BadSettings { field });
    let issuer = endpoint("issuer")?;
    let keys = match endpoint("jwks_uri")? {
        Some(jwks) => {
            let jwks = Url::parse(&jwks).map_err(|_| SignInError::BadSettings { field: "jwks_uri" })?;
            web.json(jwks).await?.and_then(|keys| serde_json::from_value(keys).ok())
        }
        None => None,
    };
    Ok(SignInSettings {
        issuer,
        authorization_endpoint: required("authorization_endpoint")?,
        token_endpoint: required("token_endpoint")?,
        revocation_endpoint: endpoint("revocation_endpoint")?,
        answers_name_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
        keys,
    })
}

fn from_capability_statement(address: &ServerAddress, statement: &Value) -> Result<SignInSettings, SignInError> {
    let uris = each(statement, "rest")
        .flat_map(|rest| rest.get("security").into_iter().flat_map(|security| each(security, "extension")))
        .find(|extension| extension.get("url").and_then(Value::as_str) == Some(OAUTH_URIS))
        .ok_or(SignInError::NotOffered)?;
    let endpoint = |name, field| {
        let found = each(uris, "extension").find(|part| part.get("url").and_then(Value::as_str) == Some(name));
        let text = found.and_then(|part| part.get("valueUri")).and_then(Value::as_str);
        usable(address, text.map(str::to_owned), field)
    };
    let required = |name, field| endpoint(name, field)?.ok_or(SignInError::BadSettings { field });
    Ok(SignInSettings {
        issuer: None,
        authorization_endpoint: required("authorize", "oauth-uris authorize")?,
        token_endpoint: required("token", "oauth-uris token")?,
        revocation_endpoint: endpoint("revoke", "oauth-uris revoke")?,
        answers_name_issuer: false,
        keys: None,
    })
}

fn each<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// An address to which a code, a token or a person may be sent. A query is allowed in it (RFC 6749 §3.1).
fn usable(address: &ServerAddress, text: Option<String>, field: &'static str) -> Result<Option<String>, SignInError> {
    let Some(text) = text else { return Ok(None) };
    let bad = SignInError::BadSettings { field };
    let Ok(url) = Url::parse(&text) else { return Err(bad) };
    let nameless = url.host_str().is_none_or(str::is_empty);
    let loopback_both = address.is_loopback() && crate::address::is_loopback(&url);
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback_both);
    if nameless || !safe || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(bad);
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn address(text: &str) -> ServerAddress {
        ServerAddress::parse(text).expect("an address")
    }

    #[test]
    fn the_extension_of_an_older_server_is_read() {
        let statement = json!({"rest": [{"security": {"extension": [{"url": OAUTH_URIS, "extension": [
            {"url": "authorize", "valueUri": "https://sign-in.example.org/authorize"},
            {"url": "token", "valueUri": "https://sign-in.example.org/token"}]}]}}]});
        let settings =
            from_capability_statement(&address("https://fhir.example.org"), &statement).expect("both are there");
        assert_eq!(settings.token_endpoint, "https://sign-in.example.org/token");
        assert_eq!(settings.host(), "sign-in.example.org");
        let none = from_capability_statement(&address("https://fhir.example.org"), &json!({"rest": [{}]}));
        assert_eq!(none, Err(SignInError::NotOffered));
    }

    #[test]
    fn a_token_is_sent_to_no_address_that_could_leak_it() {
        let remote = address("https://fhir.example.org");
        for bad in [
            "http://sign-in.example.org/token",
            "http://127.0.0.1:8080/token",
            "https://me:secret@sign-in.example.org/token",
            "https://sign-in.example.org/token#part",
            "javascript:alert(1)",
            "/token",
        ] {
            let settings = usable(&remote, Some(bad.to_owned()), "token_endpoint");
            assert_eq!(settings, Err(SignInError::BadSettings { field: "token_endpoint" }), "{bad}");
        }
        let here = address("http://127.0.0.1:8090/fhir");
        assert!(usable(&here, Some("http://127.0.0.1:8080/token".into()), "token_endpoint").is_ok());
        assert!(usable(&here, Some("http://sign-in.example.org/token".into()), "token_endpoint").is_err());
    }
}
