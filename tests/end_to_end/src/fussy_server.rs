//! A care team's server that refuses one record: whatever holds a certain word gets 422, alone or in a bundle; the rest
//! goes through to the server behind it. Real servers do this with a code or a length that they do not take.
//! It can also be shut: then nobody may read anything, as after a withdrawn sign-in.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const REFUSAL: &str = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value","diagnostics":"This value is not taken here.","expression":["Observation.value"]}]}"#;

/// The server's front. It answers until the story is over.
pub struct FussyServer {
    port: u16,
    refused: Arc<AtomicUsize>,
    shut: Arc<AtomicBool>,
}

impl FussyServer {
    /// Stands before the server at `base_url` and refuses what holds `word`.
    pub fn before(base_url: &str, word: &str) -> io::Result<Self> {
        let behind = base_url.trim_start_matches("http://").trim_end_matches("/fhir").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let refused = Arc::new(AtomicUsize::new(0));
        let shut = Arc::new(AtomicBool::new(false));
        let (word, counter, closed) = (word.to_owned(), refused.clone(), shut.clone());
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                // A phone that hangs up early is its own affair.
                let _ = serve(&phone, &behind, &word, &counter, &closed);
            }
        });
        Ok(Self { port, refused, shut })
    }

    /// Its address.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/fhir", self.port)
    }

    /// Shuts it, or opens it again: 403 to everything.
    pub fn shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::SeqCst);
    }

    /// How often it refused.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

/// One request, one answer, one connection.
fn serve(phone: &TcpStream, behind: &str, word: &str, refused: &AtomicUsize, shut: &AtomicBool) -> io::Result<()> {
    let mut reader = BufReader::new(phone);
    let mut head = Vec::new();
    let mut length = 0;
    let mut packed = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let name = line.to_ascii_lowercase();
        if let Some(value) = name.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        packed |= name.starts_with("content-encoding:");
        if line.trim().is_empty() {
            break;
        }
        if !name.starts_with("connection:") {
            head.push(line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut answer = phone;
    if packed {
        // It does not read gzip either, as some servers do not.
        return write!(answer, "HTTP/1.1 415 Unsupported Media Type\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    }
    let status = if shut.load(Ordering::SeqCst) {
        Some("403 Forbidden")
    } else if String::from_utf8_lossy(&body).contains(word) {
        refused.fetch_add(1, Ordering::SeqCst);
        Some("422 Unprocessable Entity")
    } else {
        None
    };
    if let Some(status) = status {
        let length = REFUSAL.len();
        return write!(
            answer,
            "HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{REFUSAL}"
        );
    }
    let mut server = TcpStream::connect(behind)?;
    write!(server, "{}Connection: close\r\n\r\n", head.concat())?;
    server.write_all(&body)?;
    io::copy(&mut server, &mut answer)?;
    Ok(())
}
