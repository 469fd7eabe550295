//! A gateway between client and server that loses, answers and spoils as a test tells it.
//!
//! One request per connection over plain sockets, so that a lost answer is really lost: the server has carried the
//! request out, and the client sees the connection break.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A request as the gateway saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub head: String,
    /// Unpacked.
    pub body: Vec<u8>,
    /// As it came.
    pub raw: Vec<u8>,
}

impl Seen {
    pub fn is_bundle(&self) -> bool {
        self.method == "POST" && self.target == "/fhir"
    }

    pub fn is_packed(&self) -> bool {
        self.head.to_ascii_lowercase().contains("content-encoding: gzip")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What the gateway does with a request.
pub enum Action {
    /// Hands it to the server and the answer back.
    Forward,
    /// Hands it to the server and loses the answer.
    LoseAnswer,
    /// Loses the request.
    LoseRequest,
    /// Keeps it without ever answering.
    Hang,
    /// Hands it to the server, and so many thousandths of the answer back before the connection breaks.
    CutAnswer { thousandths: usize },
    /// So many thousandths of the answer, and then silence on an open connection.
    StallAnswer { thousandths: usize },
    /// Hands so many thousandths of the request to the server, and breaks both connections.
    CutRequest { thousandths: usize },
    /// Hands it to the server twice; the second answer goes back.
    Twice,
    /// Answers in the server's place.
    Answer { status: u16, headers: &'static str, body: String },
}

/// An answer in FHIR.
pub fn answer(status: u16, body: impl ToString) -> Action {
    Action::Answer { status, headers: "Content-Type: application/fhir+json\r\n", body: body.to_string() }
}

type Script = Box<dyn FnMut(&Seen) -> Action + Send>;

struct Shared {
    upstream: Option<SocketAddr>,
    script: Mutex<Script>,
    seen: Mutex<Vec<Seen>>,
    held: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
}

pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Gateway {
    /// A gateway in front of the server at `base`.
    pub fn before(base: &str, script: impl FnMut(&Seen) -> Action + Send + 'static) -> Self {
        Self::start(Some(address_of(base)), script)
    }

    /// No server at all: the script answers everything.
    pub fn alone(script: impl FnMut(&Seen) -> Action + Send + 'static) -> Self {
        Self::start(None, script)
    }

    fn start(upstream: Option<SocketAddr>, script: impl FnMut(&Seen) -> Action + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            upstream,
            script: Mutex::new(Box::new(script)),
            seen: Mutex::default(),
            held: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let in_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if in_thread.stopping.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    let _ = serve(&in_thread, stream);
                }
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub fn base(&self) -> String {
        format!("http://{}/fhir", self.address)
    }

    /// Changes what happens from now on.
    pub fn now(&self, script: impl FnMut(&Seen) -> Action + Send + 'static) {
        *self.shared.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn bundles(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(Seen::is_bundle).collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.held.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(shared: &Shared, mut stream: TcpStream) -> std::io::Result<()> {
    let Some(request) = read_request(&stream)? else { return Ok(()) };
    let upstream = || shared.upstream.expect("a script without a server forwards nothing");
    let action = (shared.script.lock().unwrap_or_else(PoisonError::into_inner))(&request);
    shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    match action {
        Action::Forward => {
            let whole = forward(upstream(), &request)?;
            stream.write_all(&whole)?;
        }
        Action::LoseAnswer => drop(forward(upstream(), &request)?),
        Action::LoseRequest => {}
        Action::CutAnswer { thousandths } => {
            let whole = forward(upstream(), &request)?;
            stream.write_all(share(&whole, thousandths))?;
        }
        Action::StallAnswer { thousandths } => {
            let whole = forward(upstream(), &request)?;
            stream.write_all(share(&whole, thousandths))?;
            shared.held.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
            return Ok(());
        }
        Action::CutRequest { thousandths } => {
            let whole = [request.head.as_bytes(), &request.raw].concat();
            let mut server = TcpStream::connect(upstream())?;
            server.write_all(share(&whole, thousandths))?;
            server.shutdown(Shutdown::Both)?;
        }
        Action::Twice => {
            drop(forward(upstream(), &request)?);
            let whole = forward(upstream(), &request)?;
            stream.write_all(&whole)?;
        }
        Action::Hang => {
            shared.held.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
            return Ok(());
        }
        Action::Answer { status, headers, body } => {
            let head =
                format!("HTTP/1.1 {status} -\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())?;
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn share(whole: &[u8], thousandths: usize) -> &[u8] {
    whole.get(..whole.len() * thousandths / 1000).unwrap_or(whole)
}

/// Where the server at a base address (`http://127.0.0.1:PORT/fhir`) listens.
pub(super) fn address_of(base: &str) -> SocketAddr {
    base.trim_start_matches("http://").trim_end_matches("/fhir").parse().expect("a loopback base")
}

/// One request, or `None` when nothing comes.
pub(super) fn read_request(stream: impl Read) -> std::io::Result<Option<Seen>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let raw = body.clone();
    if head.to_ascii_lowercase().contains("content-encoding: gzip") {
        body.clear();
        flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut body)?;
    }
    let mut words = head.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default().to_owned();
    Ok(Some(Seen { method, target, head, body, raw }))
}

/// The whole answer of the server to a request.
pub(super) fn forward(upstream: SocketAddr, request: &Seen) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream)?;
    let head = request.head.trim_end_matches("\r\n");
    server.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())?;
    server.write_all(&request.raw)?;
    let mut whole = Vec::new();
    server.read_to_end(&mut whole)?;
    Ok(whole)
}
