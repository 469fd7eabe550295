//! The address of the care team's server: https, or plain http on this very machine.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::SyncError;

/// A FHIR base address that is safe to send health data to.
///
/// `https` is a must, except on loopback, where a simulated or tunnelled server lives. Credentials, queries and
/// fragments in the address are refused: they would end up in logs and in every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    text: String,
    url: Url,
}

impl ServerAddress {
    /// Reads an address such as `https://fhir.example.org/r4`.
    ///
    /// # Errors
    /// [`SyncError::BadAddress`] with what to write instead.
    pub fn parse(text: &str) -> Result<Self, SyncError> {
        let bad = |problem| SyncError::BadAddress { problem };
        let trimmed = text.trim().trim_end_matches('/');
        let url = Url::parse(trimmed).map_err(|_| bad("write it whole, such as https://fhir.example.org/r4"))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(bad("use https; http is for a server on this machine only")),
            _ => return Err(bad("use https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("leave user name and password out; sign in instead"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("leave out everything from '?' or '#' on"));
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), url })
    }

    /// The address without a slash at its end; also the name under which things are remembered about this server.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, as a person holds it against a letter.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// An address below the base; `relative` starts without a slash, and is empty for the base itself.
    pub(crate) fn join(&self, relative: &str) -> Result<Url, SyncError> {
        let whole = if relative.is_empty() { self.text.clone() } else { format!("{}/{relative}", self.text) };
        Url::parse(&whole).map_err(|_| SyncError::BadAddress { problem: "a request address cannot be made from it" })
    }

    /// Reads a link that the server gave; only one on the same scheme, host and port is followed.
    pub(crate) fn same_origin(&self, link: &str) -> Result<Url, SyncError> {
        let url = self.url.join(link).map_err(|_| SyncError::WrongOrigin)?;
        if url.origin() == self.url.origin() && url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(SyncError::WrongOrigin)
        }
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_loopback_are_taken() {
        for good in [
            "https://fhir.example.org/r4/",
            "http://127.0.0.1:8090/fhir",
            "http://localhost:1",
            "http://[::1]:8090/fhir",
        ] {
            let address = ServerAddress::parse(good).expect(good);
            assert!(!address.as_str().ends_with('/'));
        }
    }

    #[test]
    fn anything_that_could_leak_is_refused() {
        for bad in [
            "http://fhir.example.org/r4",
            "http://127.0.0.1.example.org",
            "ftp://fhir.example.org",
            "https://user:secret@fhir.example.org",
            "https://fhir.example.org/r4?token=1",
            "https://fhir.example.org/#x",
            "fhir.example.org",
            "",
        ] {
            assert!(matches!(ServerAddress::parse(bad), Err(SyncError::BadAddress { .. })), "{bad}");
        }
    }

    #[test]
    fn only_links_to_the_same_origin_are_followed() {
        let address = ServerAddress::parse("https://fhir.example.org/r4").expect("good");
        assert!(address.same_origin("https://fhir.example.org:443/r4?_getpages=1").is_ok());
        assert_eq!(
            address.same_origin("/r4/Observation?page=2").map(String::from),
            Ok("https://fhir.example.org/r4/Observation?page=2".to_owned())
        );
        for elsewhere in [
            "http://fhir.example.org/r4",
            "https://evil.example.org/r4",
            "https://fhir.example.org:8443/r4",
            "https://me@fhir.example.org/r4",
            "file:///etc/passwd",
        ] {
            assert_eq!(address.same_origin(elsewhere), Err(SyncError::WrongOrigin), "{elsewhere}");
        }
    }
}
