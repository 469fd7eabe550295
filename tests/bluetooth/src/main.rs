//! The radio port on a Bluetooth host stack that is not ours (trouble-host), as a program: the shape in which a phone's
//! system gives it to an app, for stories that run on a computer.
//!
//! `homeline-radio PORT` speaks HCI (H4) over TCP with a controller on this machine. Lines of JSON come in on standard input:
//! `{"command": {"link": "pump", "do": "secure"}}`, and what a person does, `{"person": {"code": 123456}}` (types this code
//! whenever the system asks) or `{"person": {"code": null}}` (has neither keyboard nor screen, so that pairing is Just
//! Works), or `{"forget": {}}` (forgets all pairings in the phone's settings). Lines go out: `{"link": "pump", "event": …}`. Commands and events are those of `homeline-pump`; a write passes
//! its allow-list when it is read. Bonds live as long as the program, as they do in a phone's system.

/// Scanning and connecting: one thing at a time, for all links.
mod air;
/// One connection.
mod connection;
/// Lines in and out.
mod lines;

use air::Air;
use bt_hci::controller::ExternalController;
use bt_hci_serial::SerialTransport;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_adapters::tokio_1::FromTokio;
use homeline_pump::LinkId;
use lines::{Line, Mouth, Person};
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::io::{AsyncBufReadExt, BufReader, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedSender};
use trouble_host::prelude::*;

/// HCI over TCP.
type Hci = ExternalController<
    SerialTransport<NoopRawMutex, FromTokio<ReadHalf<TcpStream>>, FromTokio<WriteHalf<TcpStream>>>,
    10,
>;
/// The host stack.
type Host = Stack<'static, Hci, DefaultPacketPool>;

/// Connections at once: the pump, four devices for vital signs, and one that is being taken down.
const CONNECTIONS: usize = 6;
/// L2CAP channels: the fixed ones of each connection.
const CHANNELS: usize = CONNECTIONS * 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("usage: homeline-radio PORT")?.parse()?;
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    // A round trip is two small packets; waiting for more to send costs 40 ms each.
    stream.set_nodelay(true)?;
    let (reader, writer) = tokio::io::split(stream);
    let hci: Hci = ExternalController::new(SerialTransport::new(FromTokio::new(reader), FromTokio::new(writer)));
    // One stack for the life of the program: every task borrows it.
    let resources = Box::leak(Box::new(HostResources::<DefaultPacketPool, CONNECTIONS, CHANNELS>::new()));
    let host: &'static Host = Box::leak(Box::new(
        trouble_host::new(hci, resources)
            .set_random_address(Address::random([0x42, 0x5A, 0xE3, 0x1E, 0x83, 0xE7]))
            .set_io_capabilities(IoCapabilities::KeyboardOnly)
            .build(),
    ));
    tokio::task::LocalSet::new().run_until(serve(host)).await
}

async fn serve(host: &'static Host) -> Result<(), Box<dyn std::error::Error>> {
    let mouth = Mouth;
    let person = Rc::new(Person::default());
    let (heard, advertisements) = mpsc::unbounded_channel();
    let ears = air::Ears::new(heard);
    let air = Air::new(host, advertisements, mouth);
    let mut runner = host.runner();
    let listening = air.clone();
    tokio::task::spawn_local(async move { listening.run().await });
    let mut links: BTreeMap<LinkId, UnboundedSender<homeline_pump::RadioCommand>> = BTreeMap::new();
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let commands = async {
        while let Some(line) = input.next_line().await? {
            match serde_json::from_str(&line)? {
                Line::Person { code } => {
                    let able =
                        if code.is_some() { IoCapabilities::KeyboardOnly } else { IoCapabilities::NoInputNoOutput };
                    host.set_io_capabilities(able);
                    person.code.set(code);
                }
                Line::Forget {} => {
                    let known =
                        host.with_bond_information(|bonds| bonds.iter().map(|bond| bond.identity).collect::<Vec<_>>());
                    for identity in known {
                        let _ = host.remove_bond_information(identity);
                    }
                }
                Line::Command { link, command } => {
                    let sender = links.entry(link.clone()).or_insert_with(|| {
                        let (sender, receiver) = mpsc::unbounded_channel();
                        let link = connection::Link::new(host, link, air.clone(), mouth, person.clone(), receiver);
                        tokio::task::spawn_local(link.run());
                        sender
                    });
                    sender.send(command)?;
                }
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = runner.run_with_handler(&ears) => Err(format!("the controller is gone: {ended:?}").into()),
        ended = commands => ended,
    }
}
