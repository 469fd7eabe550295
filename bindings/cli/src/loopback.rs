//! Where the browser comes back to after a sign-in: a port of this machine that is open for as long as it takes
//! (RFC 8252 §7.3).

use crate::failure::Failure;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

const PATH: &str = "/signed-in";
/// A request line of a browser; codes and states are short.
const LONGEST_LINE: u64 = 16 * 1024;

/// An open port.
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// A browser that came back, and waits for a page.
pub struct CameBack {
    address: String,
    stream: TcpStream,
}

impl Loopback {
    /// Opens a port on 127.0.0.1, a free one for 0.
    pub fn open(port: u16) -> Result<Self, Failure> {
        let fault = |error: std::io::Error| {
            Failure::Failed(format!("port {port} of this machine: {error}; give another --port"))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(fault)?;
        let port = listener.local_addr().map_err(fault)?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser shall come back to.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// Waits for a browser to come back.
    pub fn wait(&self) -> Result<CameBack, Failure> {
        for stream in self.listener.incoming().flatten() {
            let Some(target) = target(&stream) else { continue };
            if target.split('?').next() == Some(PATH) {
                return Ok(CameBack { address: format!("http://127.0.0.1:{}{target}", self.port), stream });
            }
            // A browser asks for an icon too.
            respond(stream, "404 Not Found", "");
        }
        Err(Failure::Failed("the port of this machine was closed".to_owned()))
    }
}

/// The target of a GET; `None` for whatever else knocks.
fn target(stream: &TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream.take(LONGEST_LINE));
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    first.strip_prefix("GET ")?.split(' ').next().map(str::to_owned)
}

impl CameBack {
    /// The whole address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Shows a sentence and lets the browser go.
    pub fn answer(self, sentence: &str) {
        respond(self.stream, "200 OK", sentence);
    }
}

fn respond(mut stream: TcpStream, status: &str, sentence: &str) {
    let page = include_str!("loopback.html").replace("{sentence}", sentence);
    // A browser that is gone needs no page.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
}
