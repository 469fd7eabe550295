//! TLS in front of a server that speaks plain http, with certificates of a private authority of its own.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use homeline_sync::{SpkiPin, Trust};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::gateway::{address_of, forward, read_request};

pub struct TlsFront {
    address: SocketAddr,
    name: String,
    issuer: Issuer<'static, KeyPair>,
    authority_pem: String,
    key: KeyPair,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    upstream: SocketAddr,
    config: Mutex<Arc<ServerConfig>>,
    stopping: AtomicBool,
}

impl TlsFront {
    /// In front of the server at `base`, with a certificate for `name` that is good today.
    pub fn before(base: &str, name: &str) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let authority_pem = authority.self_signed(&authority_key).expect("signed").pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().expect("a key");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            upstream: address_of(base),
            config: Mutex::new(certified(&issuer, &key, name, 2000, 2096)),
            stopping: AtomicBool::new(false),
        });
        let in_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if in_thread.stopping.load(Ordering::SeqCst) {
                    return;
                }
                // A client that does not trust us hangs up in the handshake; that is its answer.
                let _ = serve(&in_thread, stream);
            }
        });
        Self { address, name: name.to_owned(), issuer, authority_pem, key, shared, thread: Some(thread) }
    }

    /// From now on it shows another certificate, good from the first day of a year to that of another.
    pub fn show_certificate(&self, first_year: i32, last_year: i32) {
        *self.shared.config.lock().unwrap_or_else(PoisonError::into_inner) =
            certified(&self.issuer, &self.key, &self.name, first_year, last_year);
    }

    pub fn base(&self) -> String {
        format!("https://{}/fhir", self.address)
    }

    /// Its key.
    pub fn pin(&self) -> SpkiPin {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.key.subject_public_key_info());
        SpkiPin::parse(&format!("sha256/{}", STANDARD.encode(digest))).expect("a pin")
    }

    /// Trust in its authority.
    pub fn trust(&self) -> Trust {
        Trust { private_authorities_pem: vec![self.authority_pem.clone()], pins: Vec::new() }
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn certified(
    issuer: &Issuer<'static, KeyPair>,
    key: &KeyPair,
    name: &str,
    first_year: i32,
    last_year: i32,
) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(first_year, 1, 1), date_time_ymd(last_year, 1, 1));
    let certificate = params.signed_by(key, issuer).expect("signed");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("a matching key");
    Arc::new(config)
}

fn serve(shared: &Shared, mut socket: TcpStream) -> std::io::Result<()> {
    let config = Arc::clone(&shared.config.lock().unwrap_or_else(PoisonError::into_inner));
    let mut connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    let Some(request) = read_request(&mut stream)? else { return Ok(()) };
    let answer = forward(shared.upstream, &request)?;
    stream.write_all(&answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}
