//! What a request shows to be let in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::grant::GrantedScopes;

/// Something that nobody may read: wiped from memory when dropped, never printed. It is serialized as it is, and so only
/// into the vault.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A bearer token (RFC 6750); wiped from memory when dropped, never printed.
#[derive(Debug, Clone)]
pub struct BearerToken(Secret);

impl BearerToken {
    /// Takes a token over.
    pub fn new(token: String) -> Self {
        Self(Secret::new(token))
    }

    pub(crate) fn header(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", self.0.reveal()))
    }
}

impl From<Secret> for BearerToken {
    fn from(token: Secret) -> Self {
        Self(token)
    }
}

/// How this device is known to the server.
#[derive(Debug, Clone, Default)]
pub enum Authorization {
    /// The server asks for nothing.
    #[default]
    None,
    /// An access token that the team handed out; what it may do is found out.
    Bearer(BearerToken),
    /// An access token of a sign-in, and what it may do.
    SignedIn {
        /// The token.
        token: BearerToken,
        /// What was granted.
        scopes: GrantedScopes,
    },
}

impl Authorization {
    pub(crate) fn token(&self) -> Option<&BearerToken> {
        match self {
            Self::None => None,
            Self::Bearer(token) | Self::SignedIn { token, .. } => Some(token),
        }
    }

    pub(crate) fn scopes(&self) -> Option<&GrantedScopes> {
        match self {
            Self::None | Self::Bearer(_) => None,
            Self::SignedIn { scopes, .. } => Some(scopes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = BearerToken::new("very-secret".into());
        let scopes = GrantedScopes::parse("openid");
        for authorization in [Authorization::Bearer(token.clone()), Authorization::SignedIn { token, scopes }] {
            assert!(!format!("{authorization:?}").contains("very-secret"));
        }
    }
}
