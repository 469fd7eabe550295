//! What a request shows to be let in.

use std::fmt;

use zeroize::Zeroizing;

/// A bearer token (RFC 6750); wiped from memory when dropped, never printed.
#[derive(Clone)]
pub struct BearerToken(Zeroizing<String>);

impl BearerToken {
    /// Takes a token over.
    pub fn new(token: String) -> Self {
        Self(Zeroizing::new(token))
    }

    pub(crate) fn header(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", self.0.as_str()))
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(…)")
    }
}

/// How this device is known to the server.
#[derive(Debug, Clone, Default)]
pub enum Authorization {
    /// The server asks for nothing.
    #[default]
    None,
    /// An access token, from a sign-in or handed out by the team.
    Bearer(BearerToken),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let authorization = Authorization::Bearer(BearerToken::new("very-secret".into()));
        assert!(!format!("{authorization:?}").contains("very-secret"));
    }
}
