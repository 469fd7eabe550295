//! One link: its commands, and the connection while there is one.

use crate::air::{Air, Connected};
use crate::lines::{Mouth, Person};
use crate::{Hci, Host};
use homeline_pump::{AttError, Characteristic, LinkId, LinkSecurity, RadioCommand, RadioEvent};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::sync::mpsc::UnboundedReceiver;
use trouble_host::connection::{ConnectionEvent, SecurityLevel};
use trouble_host::prelude::*;

/// Services and characteristics of one device.
const SERVICES: usize = 16;
const CHARACTERISTICS: usize = 16;
/// Reason when the host ended the link: Connection Terminated By Local Host.
const ENDED_HERE: u8 = 0x16;
/// Reason when pairing failed: Authentication Failure.
const AUTHENTICATION_FAILURE: u8 = 0x05;
/// Unlikely Error: the platform says no more.
const UNLIKELY: u8 = 0x0E;

type Client = GattClient<'static, Hci, DefaultPacketPool, SERVICES>;

/// One link.
pub struct Link {
    host: &'static Host,
    id: LinkId,
    air: Air,
    mouth: Mouth,
    person: Rc<Person>,
    commands: UnboundedReceiver<RadioCommand>,
}

#[derive(Clone, Copy)]
struct Handles {
    value: u16,
    configuration: Option<u16>,
    /// It has indications; otherwise notifications, or neither.
    indicates: bool,
    notifies: bool,
}

/// What the tasks of one connection share.
#[derive(Default)]
struct Talk {
    handles: RefCell<BTreeMap<u16, Handles>>,
    /// A `Secure` is open.
    securing: Cell<bool>,
}

impl Link {
    pub fn new(
        host: &'static Host,
        id: LinkId,
        air: Air,
        mouth: Mouth,
        person: Rc<Person>,
        commands: UnboundedReceiver<RadioCommand>,
    ) -> Self {
        Self { host, id, air, mouth, person, commands }
    }

    fn say(&self, event: RadioEvent) {
        self.mouth.say(&self.id, &event);
    }

    pub async fn run(mut self) {
        while let Some(command) = self.commands.recv().await {
            match command {
                RadioCommand::Scan { service } => self.air.look(self.id.clone(), service),
                RadioCommand::StopScan => self.air.stop_looking(&self.id),
                RadioCommand::Connect { peripheral, .. } => self.connect(&peripheral).await,
                // Without a connection there is nothing to do; the session has given it up as well.
                RadioCommand::Secure
                | RadioCommand::RequestMtu { .. }
                | RadioCommand::Discover
                | RadioCommand::Read { .. }
                | RadioCommand::Write(_)
                | RadioCommand::Subscribe { .. }
                | RadioCommand::Disconnect => {}
            }
        }
    }

    async fn connect(&mut self, peripheral: &str) {
        let Some(mut wait) = self.air.connect(self.id.clone(), peripheral) else {
            return self.say(RadioEvent::Disconnected { reason: 0 });
        };
        let connection = loop {
            tokio::select! {
                connection = &mut wait => match connection {
                    Ok(connection) => break connection,
                    Err(_) => return self.say(RadioEvent::Disconnected { reason: 0 }),
                },
                command = self.commands.recv() => match command {
                    Some(RadioCommand::Disconnect) | None => {
                        self.air.give_up(&self.id);
                        return self.say(RadioEvent::Disconnected { reason: ENDED_HERE });
                    }
                    Some(_) => {}
                },
            }
        };
        let reason = self.serve(&connection).await;
        connection.disconnect();
        drop(connection);
        self.say(RadioEvent::Disconnected { reason });
    }

    /// Serves one connection to its end, and gives the reason of it.
    async fn serve(&mut self, connection: &Connected) -> u8 {
        let Ok(client) = Client::new(self.host, connection).await else { return UNLIKELY };
        let Ok(mut values) = client.listen_all() else { return UNLIKELY };
        self.say(RadioEvent::Connected { mtu: connection.att_mtu() });
        let talk = Talk::default();
        let (id, mouth) = (self.id.clone(), self.mouth);
        let listening = async {
            loop {
                let value = values.next().await;
                let characteristic =
                    talk.handles.borrow().iter().find(|(_, one)| one.value == value.handle()).map(|(uuid, _)| *uuid);
                if let Some(uuid) = characteristic {
                    let value = value.as_ref().to_vec();
                    mouth.say(&id, &RadioEvent::Value { characteristic: Characteristic(uuid), value });
                }
            }
        };
        let events = happenings(self.host, connection, &talk, &id, &mouth, &self.person);
        let operations = operations(connection, &client, &talk, &id, &mouth, &mut self.commands);
        tokio::select! {
            // The events first: they know why a connection ended.
            biased;
            reason = events => reason,
            reason = operations => reason,
            () = listening => UNLIKELY,
            _ = client.task() => connection_reason(connection).await,
        }
    }
}

/// The client saw the end of the connection first: its reason comes with the events.
async fn connection_reason(connection: &Connected) -> u8 {
    let wait = async {
        loop {
            if let ConnectionEvent::Disconnected { reason } = connection.next().await {
                return reason.into_inner();
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_millis(500), wait).await.unwrap_or(UNLIKELY)
}

fn security(level: SecurityLevel) -> LinkSecurity {
    match level {
        SecurityLevel::NoEncryption => LinkSecurity::None,
        SecurityLevel::Encrypted => LinkSecurity::Encrypted,
        SecurityLevel::EncryptedAuthenticated => LinkSecurity::Authenticated,
    }
}

/// Pairing, encryption, the end.
async fn happenings(
    host: &'static Host,
    connection: &Connected,
    talk: &Talk,
    id: &LinkId,
    mouth: &Mouth,
    person: &Person,
) -> u8 {
    loop {
        match connection.next().await {
            ConnectionEvent::Disconnected { reason } => return reason.into_inner(),
            ConnectionEvent::PassKeyInput => {
                let typed = match person.code.get() {
                    Some(code) => connection.pass_key_input(code),
                    None => connection.pass_key_cancel(),
                };
                if typed.is_err() {
                    return AUTHENTICATION_FAILURE;
                }
            }
            ConnectionEvent::PassKeyConfirm(_) => {
                // A person compares the numbers; these tests have none who does.
                let _ = connection.pass_key_cancel();
            }
            ConnectionEvent::PairingComplete { security_level, .. }
            | ConnectionEvent::Encrypted { security_level, .. } => {
                if talk.securing.replace(false) {
                    mouth.say(id, &RadioEvent::Security(security(security_level)));
                }
            }
            ConnectionEvent::PairingFailed(_) => {
                connection.disconnect();
                return AUTHENTICATION_FAILURE;
            }
            ConnectionEvent::BondLost => {
                // As a person does in a phone's settings before pairing again: the old bond is forgotten.
                let _ = host.remove_bond_information(connection.peer_identity());
                mouth.say(id, &RadioEvent::BondLost);
            }
            ConnectionEvent::PhyUpdated { .. }
            | ConnectionEvent::ConnectionParamsUpdated { .. }
            | ConnectionEvent::SubratingParamsUpdated { .. }
            | ConnectionEvent::DataLengthUpdated { .. }
            | ConnectionEvent::FrameSpaceUpdated { .. }
            | ConnectionEvent::ConnectionRateChanged { .. }
            | ConnectionEvent::RequestConnectionParams(_)
            | ConnectionEvent::PassKeyDisplay(_)
            | ConnectionEvent::OobRequest => {}
        }
    }
}

/// The commands, one after the other.
async fn operations(
    connection: &Connected,
    client: &Client,
    talk: &Talk,
    id: &LinkId,
    mouth: &Mouth,
    commands: &mut UnboundedReceiver<RadioCommand>,
) -> u8 {
    let say = |event: RadioEvent| mouth.say(id, &event);
    while let Some(command) = commands.recv().await {
        match command {
            RadioCommand::Secure => {
                talk.securing.set(true);
                match connection.security_level() {
                    // A bonded device was encrypted while the client was made.
                    Ok(level) if level.encrypted() => {
                        if talk.securing.replace(false) {
                            say(RadioEvent::Security(security(level)));
                        }
                    }
                    Ok(_) | Err(_) => {
                        let asked = connection.set_bondable(true).and_then(|()| connection.request_security());
                        if asked.is_err() {
                            return AUTHENTICATION_FAILURE;
                        }
                    }
                }
            }
            RadioCommand::RequestMtu { .. } => say(RadioEvent::MtuChanged { mtu: connection.att_mtu() }),
            RadioCommand::Discover => match discover(client).await {
                Ok(found) => {
                    let characteristics = found.keys().copied().map(Characteristic).collect();
                    *talk.handles.borrow_mut() = found;
                    say(RadioEvent::Discovered { characteristics });
                }
                Err(_) => return UNLIKELY,
            },
            RadioCommand::Read { characteristic } => {
                let mut value = [0; 512];
                let result = match handles(talk, characteristic) {
                    Some(one) => client.read_handle(one.value, &mut value).await.map_err(att),
                    None => Err(AttError(0x0A)),
                };
                let result = result.map(|length| value.iter().copied().take(length).collect());
                say(RadioEvent::Read { characteristic, result });
            }
            RadioCommand::Write(write) => {
                let characteristic = write.characteristic();
                let result = match handles(talk, characteristic) {
                    Some(one) => client.write_handle(one.value, write.value()).await.map_err(att),
                    None => Err(AttError(0x0A)),
                };
                say(RadioEvent::Written { characteristic, result });
            }
            RadioCommand::Subscribe { characteristic, indications } => {
                let found = handles(talk, characteristic);
                let result = match found.and_then(|one| Some((one, one.configuration?))) {
                    Some((one, handle)) => {
                        let indications = one.indicates && (indications || !one.notifies);
                        let bits: u16 = if indications { 2 } else { 1 };
                        client.write_handle(handle, &bits.to_le_bytes()).await.map_err(att)
                    }
                    None => Err(AttError(0x0A)),
                };
                say(RadioEvent::Subscribed { characteristic, result });
            }
            RadioCommand::Disconnect => return ENDED_HERE,
            RadioCommand::Scan { .. } | RadioCommand::StopScan | RadioCommand::Connect { .. } => {}
        }
    }
    ENDED_HERE
}

fn handles(talk: &Talk, characteristic: Characteristic) -> Option<Handles> {
    talk.handles.borrow().get(&characteristic.0).copied()
}

async fn discover(
    client: &Client,
) -> Result<BTreeMap<u16, Handles>, BleHostError<<Hci as embedded_io::ErrorType>::Error>> {
    let mut found = BTreeMap::new();
    for service in client.services().await? {
        for one in client.characteristics::<CHARACTERISTICS>(&service).await? {
            if let Uuid::Uuid16(uuid) = one.uuid {
                let handles = Handles {
                    value: one.handle,
                    configuration: one.cccd_handle,
                    indicates: one.props.any(&[CharacteristicProp::Indicate]),
                    notifies: one.props.any(&[CharacteristicProp::Notify]),
                };
                found.insert(u16::from_le_bytes(uuid), handles);
            }
        }
    }
    Ok(found)
}

fn att<E>(error: BleHostError<E>) -> AttError {
    match error {
        BleHostError::BleHost(Error::Att(code)) => AttError(code.to_u8()),
        BleHostError::BleHost(_) | BleHostError::Controller(_) => AttError(UNLIKELY),
    }
}
