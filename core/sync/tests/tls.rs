//! Whom the connection trusts, against a server with a certificate of a private authority.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use homeline_sync::{CareTeamClient, ClientConfig, ServerAddress, SpkiPin, SyncError, Trust};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

struct TlsServer {
    address: SocketAddr,
    authority_pem: String,
    pin: SpkiPin,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl TlsServer {
    /// A server for `name` that answers every request with a CapabilityStatement.
    fn named(name: &str) -> Self {
        Self::valid_until(name, 2096)
    }

    /// One whose certificate ends with the first day of a year.
    fn valid_until(name: &str, year: i32) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let authority_pem = authority.self_signed(&authority_key).expect("signed").pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(year, 1, 1));
        let certificate = params.signed_by(&key, &issuer).expect("signed");
        let digest = ring::digest::digest(&ring::digest::SHA256, &key.subject_public_key_info());
        let pin = SpkiPin::parse(&format!("sha256/{}", STANDARD.encode(digest))).expect("a pin");

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("a matching key");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let config = Arc::new(config);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that does not trust us hangs up in the handshake; that is its answer.
                let _ = serve(&config, stream);
            }
        });
        Self { address, authority_pem, pin, stopping, thread: Some(thread) }
    }

    fn ask(&self, trust: Trust) -> Result<bool, SyncError> {
        let address = ServerAddress::parse(&format!("https://{}/fhir", self.address)).expect("https");
        let client = CareTeamClient::new(ClientConfig { trust, ..ClientConfig::new(address) })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(client.capability()).map(|capability| capability.is_r4)
    }

    fn authority(&self) -> Vec<String> {
        vec![self.authority_pem.clone()]
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(config: &Arc<ServerConfig>, mut socket: TcpStream) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut line = String::new();
    let mut reader = BufReader::new(&mut stream);
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let body = r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}"#;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    stream.conn.send_close_notify();
    stream.flush()
}

#[test]
fn a_private_authority_is_trusted_only_when_it_is_configured() {
    let server = TlsServer::named("127.0.0.1");
    assert_eq!(server.ask(Trust::default()), Err(SyncError::Untrusted));
    assert_eq!(server.ask(Trust { private_authorities_pem: server.authority(), pins: Vec::new() }), Ok(true));
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let server = TlsServer::named("elsewhere.example.org");
    let trust = Trust { private_authorities_pem: server.authority(), pins: Vec::new() };
    assert_eq!(server.ask(trust), Err(SyncError::Untrusted));
}

#[test]
fn with_pins_the_key_must_be_a_pinned_one_and_the_chain_must_hold_too() {
    let server = TlsServer::named("127.0.0.1");
    let other = TlsServer::named("127.0.0.1");
    let with_pin = |pin| Trust { private_authorities_pem: server.authority(), pins: vec![pin] };
    assert_eq!(server.ask(with_pin(server.pin)), Ok(true));
    assert_eq!(server.ask(with_pin(other.pin)), Err(SyncError::Untrusted));
    let pin_alone = Trust { private_authorities_pem: Vec::new(), pins: vec![server.pin] };
    assert_eq!(server.ask(pin_alone), Err(SyncError::Untrusted), "a pin replaces no verification");
}

#[test]
fn a_certificate_that_has_ended_is_not_trusted() {
    let server = TlsServer::valid_until("127.0.0.1", 2020);
    let trust = Trust { private_authorities_pem: server.authority(), pins: vec![server.pin] };
    assert_eq!(server.ask(trust), Err(SyncError::Untrusted));
}
