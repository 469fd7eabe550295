//! Whom the connection trusts, against a server with a certificate of a private authority.

mod support;

use homeline_sync::{CareTeamClient, ClientConfig, ServerAddress, SyncError, Trust};

use support::block_on;
use support::gateway::{Gateway, answer};
use support::tls_front::TlsFront;

/// A server that answers every request with a CapabilityStatement.
fn plain() -> Gateway {
    Gateway::alone(|_| answer(200, r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}"#))
}

fn ask(server: &TlsFront, trust: Trust) -> Result<bool, SyncError> {
    let address = ServerAddress::parse(&server.base()).expect("https");
    let client = CareTeamClient::new(ClientConfig { trust, ..ClientConfig::new(address) })?;
    block_on(client.capability()).map(|capability| capability.is_r4)
}

#[test]
fn a_private_authority_is_trusted_only_when_it_is_configured() {
    let plain = plain();
    let server = TlsFront::before(&plain.base(), "127.0.0.1");
    assert_eq!(ask(&server, Trust::default()), Err(SyncError::Untrusted));
    assert_eq!(ask(&server, server.trust()), Ok(true));
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let plain = plain();
    let server = TlsFront::before(&plain.base(), "elsewhere.example.org");
    assert_eq!(ask(&server, server.trust()), Err(SyncError::Untrusted));
}

#[test]
fn with_pins_the_key_must_be_a_pinned_one_and_the_chain_must_hold_too() {
    let plain = plain();
    let (server, other) = (TlsFront::before(&plain.base(), "127.0.0.1"), TlsFront::before(&plain.base(), "127.0.0.1"));
    let with_pin = |pin| Trust { pins: vec![pin], ..server.trust() };
    assert_eq!(ask(&server, with_pin(server.pin())), Ok(true));
    assert_eq!(ask(&server, with_pin(other.pin())), Err(SyncError::Untrusted));
    let pin_alone = Trust { private_authorities_pem: Vec::new(), pins: vec![server.pin()] };
    assert_eq!(ask(&server, pin_alone), Err(SyncError::Untrusted), "a pin replaces no verification");
}

#[test]
fn a_certificate_that_has_ended_or_not_begun_is_told_apart_from_one_that_is_not_trusted() {
    let plain = plain();
    let server = TlsFront::before(&plain.base(), "127.0.0.1");
    for (first_year, last_year) in [(2000, 2020), (2090, 2096)] {
        server.show_certificate(first_year, last_year);
        for pins in [Vec::new(), vec![server.pin()]] {
            assert_eq!(ask(&server, Trust { pins, ..server.trust() }), Err(SyncError::CertificateOutOfDate));
        }
    }
    server.show_certificate(2000, 2096);
    assert_eq!(ask(&server, server.trust()), Ok(true), "renewed");
}
