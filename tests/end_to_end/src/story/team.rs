//! A care team's server as far as a sign-in needs it, and the browser that a person comes back with. What a real one refuses
//! is the matter of `tests/stories/sign_in.rs`; here the languages must hand the same things to and fro.

use homeline_companion::{BrowserPort, PortError};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Begins to answer on this machine, and says where: the FHIR base, and an invitation that names it.
pub(super) fn open() -> std::io::Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let answers = origin.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A caller that went away gets no answer.
            let _ = answer(stream, &answers);
        }
    });
    let base = format!("{origin}/fhir");
    let invitation =
        format!("https://team.example.org/join#homeline=1&fhir={base}&client=homeline-app&team=Lakeside%20Infusion");
    Ok(json!({ "base": base, "invitation": invitation }))
}

fn answer(mut stream: TcpStream, origin: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let body = match first.split(' ').nth(1) {
        Some("/fhir/.well-known/smart-configuration") => json!({
            "authorization_endpoint": format!("{origin}/authorize"), "token_endpoint": format!("{origin}/token"),
            "code_challenge_methods_supported": ["S256"],
        }),
        Some("/token") => {
            json!({ "access_token": "once", "token_type": "bearer", "expires_in": 3600, "patient": "rosa" })
        }
        _ => {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    };
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A browser that can fail to open.
#[derive(Default)]
pub(super) struct StoryBrowser {
    opened: Mutex<Option<(String, String)>>,
    pub(super) throws: AtomicBool,
}

impl StoryBrowser {
    /// The address to which the page sent the browser, as for somebody who signed in.
    pub(super) fn came_back(&self) -> Option<String> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (address, redirect_uri) = opened?;
        let state = address.split("state=").nth(1)?.split('&').next()?;
        Some(format!("{redirect_uri}?code=once&state={state}"))
    }
}

impl BrowserPort for StoryBrowser {
    fn open(&self, address: &str, redirect_uri: &str) -> Result<(), PortError> {
        if self.throws.load(Ordering::Relaxed) {
            return Err(PortError { port: "browser".to_owned(), reason: "there is none".to_owned() });
        }
        let opened = Some((address.to_owned(), redirect_uri.to_owned()));
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(())
    }
}
