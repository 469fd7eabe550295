//! The network between phone and server, as a thing that can be switched off: a TCP forwarder on loopback.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A forwarder to one server. While it is closed nobody answers at its port.
pub struct NetworkGate {
    target: SocketAddr,
    port: u16,
    open: Option<Open>,
}

struct Open {
    closing: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
    accepting: JoinHandle<()>,
}

impl NetworkGate {
    /// Opens a gate to `target` on a free loopback port.
    pub fn open_to(target: SocketAddr) -> io::Result<Self> {
        let mut gate = Self { target, port: 0, open: None };
        gate.open()?;
        Ok(gate)
    }

    /// The gate's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The network is back.
    pub fn open(&mut self) -> io::Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        self.port = listener.local_addr()?.port();
        let closing = Arc::new(AtomicBool::new(false));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let accepting = std::thread::spawn({
            let (target, closing, connections) = (self.target, closing.clone(), connections.clone());
            move || accept(&listener, target, &closing, &connections)
        });
        self.open = Some(Open { closing, connections, accepting });
        Ok(())
    }

    /// The network goes away: connections break off, new ones are refused.
    pub fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        open.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        for connection in open.connections.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        let _ = open.accepting.join();
    }
}

impl Drop for NetworkGate {
    fn drop(&mut self) {
        self.close();
    }
}

fn accept(listener: &TcpListener, target: SocketAddr, closing: &AtomicBool, connections: &Mutex<Vec<TcpStream>>) {
    for phone in listener.incoming() {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(phone) = phone else { continue };
        let Ok(server) = TcpStream::connect(target) else { continue };
        let mut kept = connections.lock().unwrap_or_else(PoisonError::into_inner);
        for (from, to) in [(&phone, &server), (&server, &phone)] {
            let (Ok(mut from), Ok(mut to), Ok(watched)) = (from.try_clone(), to.try_clone(), from.try_clone()) else {
                continue;
            };
            kept.push(watched);
            std::thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    fn echo_server() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (mut from, mut to) = (connection.try_clone().unwrap(), connection);
                std::thread::spawn(move || io::copy(&mut from, &mut to));
            }
        });
        address
    }

    fn says_hello(port: u16) -> io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"hello")?;
        let mut heard = [0; 5];
        stream.read_exact(&mut heard)?;
        Ok(&heard == b"hello")
    }

    #[test]
    fn nobody_answers_while_it_is_closed_and_the_same_port_answers_again() {
        let mut gate = NetworkGate::open_to(echo_server()).unwrap();
        let port = gate.port();
        assert!(says_hello(port).unwrap());
        gate.close();
        assert!(says_hello(port).is_err());
        gate.open().unwrap();
        assert_eq!(gate.port(), port);
        assert!(says_hello(port).unwrap());
    }
}
