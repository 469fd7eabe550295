//! Scanning and connecting, one thing at a time for all links: a controller does either, and connects to one device at
//! once. A connect waits until the device is heard, as a phone's `autoConnect` does.

use crate::lines::Mouth;
use crate::{Hci, Host};
use bt_hci::param::LeAdvReportsIter;
use embassy_time::Duration;
use homeline_pump::{LinkId, RadioEvent};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::{Mutex, Notify, oneshot};
use trouble_host::prelude::*;

/// A connection of this stack.
pub type Connected = Connection<'static, DefaultPacketPool>;

/// A device that was heard, and the 16-bit services that it advertises.
pub struct Advertisement {
    address: Address,
    services: Vec<u16>,
}

/// What the controller hears.
pub struct Ears(UnboundedSender<Advertisement>);

impl Ears {
    pub fn new(heard: UnboundedSender<Advertisement>) -> Self {
        Self(heard)
    }
}

impl EventHandler for Ears {
    fn on_adv_reports(&self, reports: LeAdvReportsIter<'_>) {
        for report in reports.flatten() {
            let address = Address { kind: report.addr_kind, addr: report.addr };
            let _ = self.0.send(Advertisement { address, services: services(report.data) });
        }
    }
}

/// The 16-bit services in advertising data (Core Specification Supplement Part A §1.1).
fn services(mut data: &[u8]) -> Vec<u16> {
    let mut services = Vec::new();
    while let [length, rest @ ..] = data {
        let Some((field, next)) = rest.split_at_checked(usize::from(*length)) else { break };
        if let [0x02 | 0x03, list @ ..] = field {
            services.extend(list.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)));
        }
        data = next;
    }
    services
}

/// A link that waits for its device to be heard.
struct Waiting {
    address: Address,
    connected: oneshot::Sender<Connected>,
}

/// Scanning and connecting for all links.
#[derive(Clone)]
pub struct Air(Rc<Shared>);

struct Shared {
    host: &'static Host,
    mouth: Mouth,
    advertisements: Mutex<UnboundedReceiver<Advertisement>>,
    /// Links that look for a service, and what each was told of already.
    looking: RefCell<BTreeMap<LinkId, (u16, BTreeSet<String>)>>,
    waiting: RefCell<BTreeMap<LinkId, Waiting>>,
    changed: Notify,
}

impl Air {
    pub fn new(host: &'static Host, advertisements: UnboundedReceiver<Advertisement>, mouth: Mouth) -> Self {
        Self(Rc::new(Shared {
            host,
            mouth,
            advertisements: Mutex::new(advertisements),
            looking: RefCell::default(),
            waiting: RefCell::default(),
            changed: Notify::new(),
        }))
    }

    pub fn look(&self, link: LinkId, service: u16) {
        self.0.looking.borrow_mut().insert(link, (service, BTreeSet::new()));
        self.0.changed.notify_one();
    }

    pub fn stop_looking(&self, link: &LinkId) {
        self.0.looking.borrow_mut().remove(link);
        self.0.changed.notify_one();
    }

    /// The connection, once the device is heard; none when the wait is given up.
    pub fn connect(&self, link: LinkId, peripheral: &str) -> Option<oneshot::Receiver<Connected>> {
        let address = address(peripheral)?;
        let (connected, wait) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(link, Waiting { address, connected });
        self.0.changed.notify_one();
        Some(wait)
    }

    pub fn give_up(&self, link: &LinkId) {
        self.0.waiting.borrow_mut().remove(link);
        self.0.changed.notify_one();
    }

    fn is_wanted(&self) -> bool {
        !self.0.looking.borrow().is_empty() || !self.0.waiting.borrow().is_empty()
    }

    pub async fn run(self) {
        let mut central = self.0.host.central();
        let mut advertisements = self.0.advertisements.lock().await;
        loop {
            while !self.is_wanted() {
                self.0.changed.notified().await;
            }
            while advertisements.try_recv().is_ok() {}
            let mut scanner = Scanner::new(&mut central);
            let config = ScanConfig {
                interval: Duration::from_millis(60),
                window: Duration::from_millis(60),
                ..ScanConfig::default()
            };
            let Ok(scan) = scanner.scan(&config).await else {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            };
            let heard = loop {
                tokio::select! {
                    advertisement = advertisements.recv() => match advertisement {
                        Some(advertisement) => {
                            self.tell_who_looks(&advertisement);
                            if let Some(link) = self.who_waits(advertisement.address) {
                                break Some((link, advertisement.address));
                            }
                        }
                        None => return,
                    },
                    () = self.0.changed.notified() => if !self.is_wanted() { break None },
                }
            };
            scan.stop().await;
            if let Some((link, address)) = heard {
                self.connect_now(&mut central, &link, address).await;
            }
        }
    }

    fn tell_who_looks(&self, advertisement: &Advertisement) {
        for (link, (service, told)) in self.0.looking.borrow_mut().iter_mut() {
            let peripheral = name(advertisement.address);
            if advertisement.services.contains(service) && told.insert(peripheral.clone()) {
                self.0.mouth.say(link, &RadioEvent::Found { peripheral });
            }
        }
    }

    fn who_waits(&self, address: Address) -> Option<LinkId> {
        let waiting = self.0.waiting.borrow();
        waiting.iter().find(|(_, waiting)| waiting.address == address).map(|(link, _)| link.clone())
    }

    async fn connect_now(
        &self,
        central: &mut Central<'static, Hci, DefaultPacketPool>,
        link: &LinkId,
        address: Address,
    ) {
        let list = [address];
        let config = ConnectConfig {
            connect_params: RequestedConnParams::default(),
            scan_config: ScanConfig { filter_accept_list: &list, ..ScanConfig::default() },
        };
        let limit = std::time::Duration::from_secs(5);
        let connected = tokio::time::timeout(limit, central.connect(&config)).await;
        // A try that failed is made again when the device is heard again, until the link gives up.
        if let Ok(Ok(connection)) = connected
            && let Some(waiting) = self.0.waiting.borrow_mut().remove(link)
            && let Err(unwanted) = waiting.connected.send(connection)
        {
            unwanted.disconnect();
        }
    }
}

/// The peripheral's name to the core: kind and address, as iOS has a UUID and Android the address.
fn name(address: Address) -> String {
    let bytes = address.addr.raw();
    let hex: Vec<String> = bytes.iter().rev().map(|byte| format!("{byte:02X}")).collect();
    format!("{}/{}", address.kind.into_inner(), hex.join(":"))
}

fn address(name: &str) -> Option<Address> {
    let (kind, hex) = name.split_once('/')?;
    let mut bytes = [0; 6];
    let mut parts = hex.split(':').rev();
    for byte in &mut bytes {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    Some(Address { kind: AddrKind::new(kind.parse().ok()?), addr: BdAddr::new(bytes) })
}
