//! Controllers, devices and radio as processes, each ended with its owner; and the phone that listens, in real time.

use chrono::{DateTime, Duration, Utc};
use homeline_companion::{
    BluetoothPort, Homeline, JournalFilter, LinkId, PortError, PumpStatus, RadioCommand, RadioEvent,
};
use homeline_end_to_end::phone::Phone;
use homeline_model::{Entry, EntryBody, EntryKind, PumpEvent, PumpEventKind};
use homeline_pump::{Ledger, LedgerEvent, LinkState, reconcile};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tempfile::TempDir;

/// The pump of the plan.
pub const SERIAL: &str = "SIM-IVIG-0304";
/// What the devices show on their screens.
const CODE: u32 = 123_456;

/// A process that does not outlive its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn named(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .unwrap_or_else(|| panic!("{variable}: start with tests/run bluetooth"))
}

/// A pause without a sleeping thread's blindness: nothing ever comes through this channel.
pub fn pause(milliseconds: u64) {
    let (_keep, never) = channel::<()>();
    let _ = never.recv_timeout(std::time::Duration::from_millis(milliseconds));
}

/// The virtual controllers and their air.
pub struct AirSpace {
    _controllers: Process,
    port: u16,
    pub folder: TempDir,
}

impl AirSpace {
    /// On ports that nobody has: a left-over of another run would be used in silence.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let free: Vec<TcpListener> = (0..4).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
        let ports: Vec<u16> = free.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        drop(free);
        let said = folder.path().join("controllers.log");
        let log = std::fs::File::create(&said).unwrap();
        let mut command = Command::new(named("HOMELINE_ROOTCANAL"));
        for (flag, port) in ["-hci_port", "-test_port", "-link_port", "-link_ble_port"].iter().zip(&ports) {
            command.arg(flag).arg(port.to_string());
        }
        // The program itself and not its Python wrapper, which would leave it behind when it is killed.
        let mut controllers = Process(
            command
                .current_dir(folder.path())
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap(),
        );
        let begun = Instant::now();
        // It says when it is ready. A connection would be a controller, or end it.
        while !std::fs::read_to_string(&said).unwrap().contains("initialize: Finished") {
            assert!(controllers.0.try_wait().unwrap().is_none(), "the controllers ended: is a port taken?");
            assert!(begun.elapsed().as_secs() < 30, "the controllers do not listen");
            pause(50);
        }
        Self { _controllers: controllers, port: ports[0], folder }
    }
}

impl Drop for AirSpace {
    /// A story that failed tells what the processes said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for log in std::fs::read_dir(self.folder.path()).into_iter().flatten().flatten() {
                if log.path().extension().is_some_and(|extension| extension == "log") {
                    let text = std::fs::read_to_string(log.path()).unwrap_or_default();
                    let last: Vec<&str> = text.lines().rev().take(20).collect();
                    println!("{}:", log.path().display());
                    last.iter().rev().for_each(|line| println!("    {line}"));
                }
            }
        }
    }
}

/// A device on the foreign host stack.
pub struct Device {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Device {
    /// Starts a device. Its bonds and a pump's record are files, named by `keys`.
    pub fn new(air: &AirSpace, kind: &str, keys: &str, serial: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bluetooth/peripheral.py");
        let log = std::fs::File::create(air.folder.path().join(format!("{kind}-{keys}.log"))).unwrap();
        let mut child = Command::new(named("HOMELINE_BLUETOOTH_PYTHON"))
            .arg(script)
            .args([kind, &air.port.to_string()])
            .arg(air.folder.path().join(keys))
            .arg(serial)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut device = Self { process: Process(child), input, output };
        assert_eq!(device.answer()["ready"], kind);
        device
    }

    pub fn act(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the device answers: {error}: {line}"))
    }

    /// `kill -9`: no goodbye on the air.
    pub fn kill(mut self) {
        self.process.0.kill().unwrap();
    }
}

/// The phone's radio: the other foreign host stack, in a process of its own.
pub struct Radio {
    _process: Process,
    input: Mutex<ChildStdin>,
    events: Mutex<Receiver<(LinkId, RadioEvent)>>,
    /// The last commands and events, for a story that fails.
    trace: Arc<Mutex<VecDeque<String>>>,
}

impl Radio {
    fn new(air: &AirSpace) -> Self {
        let log = std::fs::File::create(air.folder.path().join("radio.log")).unwrap();
        let mut child = Command::new(named("HOMELINE_RADIO"))
            .arg(air.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let input = Mutex::new(child.stdin.take().unwrap());
        let output = BufReader::new(child.stdout.take().unwrap());
        let (said, events) = channel();
        let trace: Arc<Mutex<VecDeque<String>>> = Arc::default();
        let heard = trace.clone();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let mut line: Value = serde_json::from_str(&line).expect("a line of the radio");
                let link = LinkId(line["link"].as_str().expect("a link").to_owned());
                let event: RadioEvent = serde_json::from_value(line["event"].take()).expect("an event");
                note(&heard, format!("{link:?} <- {event:?}"));
                if said.send((link, event)).is_err() {
                    return;
                }
            }
        });
        Self { _process: Process(child), input, events: Mutex::new(events), trace }
    }

    fn line(&self, line: &Value) -> std::io::Result<()> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(input, "{line}").and_then(|()| input.flush())
    }
}

fn note(trace: &Mutex<VecDeque<String>>, line: String) {
    let mut trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
    if trace.len() == 60 {
        trace.pop_front();
    }
    trace.push_back(line);
}

impl Drop for Radio {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.trace.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|line| println!("{line}"));
        }
    }
}

impl BluetoothPort for Radio {
    fn execute(&self, link: &LinkId, command: RadioCommand) -> Result<(), PortError> {
        note(&self.trace, format!("{link:?} -> {command:?}"));
        let line = json!({"command": {"link": link, "do": command}});
        self.line(&line).map_err(|error| PortError { port: "bluetooth".to_owned(), reason: error.to_string() })
    }
}

/// The phone, its core and its person.
pub struct Listener {
    pub phone: Phone,
    pub homeline: Homeline,
    radio: Arc<Radio>,
    last: Mutex<Instant>,
}

impl Listener {
    /// A phone with the plan of the pump, in this air. Its person can type the devices' code.
    pub async fn new(air: &AirSpace) -> Self {
        let radio = Arc::new(Radio::new(air));
        // In real time: the devices' clocks run on this machine's.
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        let phone = Phone::new("America/New_York", &now.to_rfc3339()).with_radio(radio.clone());
        let homeline = phone.begin("ivig-ladder").await;
        let listener = Self { phone, homeline, radio, last: Mutex::new(Instant::now()) };
        listener.person(Some(CODE));
        listener
    }

    /// What the person types when the phone asks for a code; none is a phone without keyboard and screen.
    pub fn person(&self, code: Option<u32>) {
        self.radio.line(&json!({"person": {"code": code}})).unwrap();
    }

    /// The person forgets all devices in the phone's settings.
    pub fn forget_in_settings(&self) {
        self.radio.line(&json!({"forget": {}})).unwrap();
    }

    /// Carries between radio and core what there is, and waits a little for more.
    async fn listen(&self) {
        let passed = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let passed = last.elapsed();
            *last += passed;
            passed
        };
        self.phone.clock.advance(Duration::from_std(passed).unwrap());
        let now = self.phone.clock.monotonic_ms();
        let mut due = Vec::new();
        due.extend(self.homeline.pump().wake_at().await.unwrap().map(|at| (LinkId::pump(), at)));
        due.extend(self.homeline.vital_devices().wake_at().await.unwrap());
        let mut events: BTreeMap<LinkId, Vec<RadioEvent>> = BTreeMap::new();
        {
            let heard = self.radio.events.lock().unwrap_or_else(PoisonError::into_inner);
            let first = heard.recv_timeout(std::time::Duration::from_millis(10)).ok();
            for (link, event) in first.into_iter().chain(heard.try_iter()) {
                events.entry(link).or_default().push(event);
            }
        }
        for (link, _) in due.into_iter().filter(|(_, at)| *at <= now) {
            events.entry(link).or_default().push(RadioEvent::Tick);
        }
        for (link, events) in events {
            self.homeline.radio_events(link, events).await.unwrap();
        }
    }

    /// Listens until it is so. Fails after so many seconds, with the state of the pump.
    pub async fn until(&self, what: &str, seconds: u64, mut so: impl AsyncFnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !so(self).await {
            let status = self.homeline.pump().status().await.unwrap();
            assert!(begun.elapsed().as_secs() < seconds, "not in {seconds} s: {what}; {status:?}");
            self.listen().await;
        }
        println!("{:6.2} s  {what}", begun.elapsed().as_secs_f64());
    }

    /// Listens for so long.
    pub async fn listen_for(&self, seconds: u64) {
        let begun = Instant::now();
        while begun.elapsed().as_secs() < seconds {
            self.listen().await;
        }
    }

    pub async fn status(&self) -> PumpStatus {
        self.homeline.pump().status().await.unwrap().expect("somebody listens")
    }

    pub async fn state(&self) -> LinkState {
        self.status().await.state
    }

    /// Every entry of a kind, oldest first.
    pub async fn entries(&self, kind: EntryKind) -> Vec<Entry> {
        self.newest_entries(kind, usize::MAX).await
    }

    /// The newest entries of a kind, oldest first.
    async fn newest_entries(&self, kind: EntryKind, most: usize) -> Vec<Entry> {
        let filter = JournalFilter { kinds: vec![kind], ..JournalFilter::default() };
        let (mut rows, mut after) = (Vec::new(), None);
        while rows.len() < most {
            let size = u32::try_from(most.min(500)).unwrap();
            let page = self.homeline.journal().timeline(filter.clone(), after, size).await.unwrap();
            rows.extend(page.rows);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut entries = Vec::new();
        for row in rows.into_iter().rev() {
            entries.push(self.homeline.journal().entry(row.id.parse().unwrap()).await.unwrap().unwrap().0);
        }
        entries
    }

    /// The events of the pump in the journal.
    pub async fn pump_events(&self) -> Vec<(Entry, PumpEvent)> {
        events_of(self.entries(EntryKind::PumpEvent).await)
    }

    /// Whether one of the newest events of the pump is so. To read all of a long journal again and again would keep the
    /// phone from listening.
    pub async fn told(&self, so: impl Fn(&PumpEvent) -> bool) -> bool {
        events_of(self.newest_entries(EntryKind::PumpEvent, 8).await).iter().any(|(_, event)| so(event))
    }

    pub async fn count(&self, wanted: impl Fn(&PumpEventKind) -> bool) -> usize {
        self.pump_events().await.iter().filter(|(_, event)| wanted(&event.kind)).count()
    }

    /// The ledger of what the journal holds.
    pub async fn ledger(&self) -> Ledger {
        let events = self.pump_events().await;
        reconcile(events.iter().filter_map(|(entry, _)| LedgerEvent::from_entry(entry)))
    }
}

fn events_of(entries: Vec<Entry>) -> Vec<(Entry, PumpEvent)> {
    let event = |entry: Entry| match entry.body.clone() {
        EntryBody::PumpEvent(event) => Some((entry, event)),
        _ => None,
    };
    entries.into_iter().filter_map(event).collect()
}
