//! Whom the TLS connection trusts: rustls over ring, the public web's roots, and by configuration a private
//! authority and pinned keys.
//!
//! The provider is named in every configuration instead of being installed for the process, so that no order of
//! start-up matters and no second crypto library can slip in. Pins are SHA-256 over the SubjectPublicKeyInfo of the
//! server's own certificate (RFC 7469 §2.4) and are checked after the usual verification, never instead of it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring as ring_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::SyncError;

/// SHA-256 of a public key that the server must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpkiPin([u8; 32]);

impl SpkiPin {
    /// Reads `sha256/` and 44 characters of base64, the form that `openssl` recipes and browsers print.
    ///
    /// # Errors
    /// [`SyncError::BadTrust`].
    pub fn parse(text: &str) -> Result<Self, SyncError> {
        text.strip_prefix("sha256/")
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or(SyncError::BadTrust { field: "pin", problem: "write sha256/ and the base64 of the key's SHA-256" })
    }

    fn of(certificate: &CertificateDer<'_>) -> Result<Self, rustls::Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, parsed.subject_public_key_info().as_ref());
        <[u8; 32]>::try_from(digest.as_ref())
            .map(Self)
            .map_err(|_| rustls::Error::General("a SHA-256 has 32 bytes".into()))
    }
}

impl fmt::Debug for SpkiPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256/{}", STANDARD.encode(self.0))
    }
}

/// Whom to trust beside the roots of the public web.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificates of private authorities, as PEM; each text may hold several.
    pub private_authorities_pem: Vec<String>,
    /// When there is any, the server's key must be one of these.
    pub pins: Vec<SpkiPin>,
}

impl Trust {
    pub(crate) fn client_config(&self) -> Result<ClientConfig, SyncError> {
        let bad = |field, problem| SyncError::BadTrust { field, problem };
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for pem in &self.private_authorities_pem {
            let mut count = 0_usize;
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|_| bad("private authority", "it is not a PEM certificate"))?;
                roots.add(certificate).map_err(|_| bad("private authority", "it is not an authority's certificate"))?;
                count += 1;
            }
            if count == 0 {
                return Err(bad("private authority", "it holds no certificate"));
            }
        }
        let provider = Arc::new(ring_provider::default_provider());
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|_| bad("private authority", "the set of authorities cannot be used"))?;
        let verifier: Arc<dyn ServerCertVerifier> =
            if self.pins.is_empty() { chain } else { Arc::new(PinnedVerifier { chain, pins: self.pins.clone() }) };
        with_verifier(provider, verifier).map_err(|_| bad("TLS", "the versions of TLS cannot be set"))
    }
}

fn with_verifier(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // "dangerous" is rustls' word for a verifier of one's own; ours only adds a check to the standard one.
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// The standard verification, and then the key must be a pinned one.
#[derive(Debug)]
struct PinnedVerifier {
    chain: Arc<WebPkiServerVerifier>,
    pins: Vec<SpkiPin>,
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        if self.pins.contains(&SpkiPin::of(end_entity)?) {
            Ok(verified)
        } else {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_and_printed_alike() {
        let text = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(format!("{:?}", SpkiPin::parse(text).expect("32 zero bytes")), text);
        for bad in ["", "sha256/", "sha256/AAAA", "sha1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert!(SpkiPin::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_public_roots_alone_make_a_configuration() {
        assert!(Trust::default().client_config().is_ok());
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let trust = Trust { private_authorities_pem: vec![pem.into()], pins: Vec::new() };
            assert!(
                matches!(trust.client_config(), Err(SyncError::BadTrust { field: "private authority", .. })),
                "{pem}"
            );
        }
    }
}
