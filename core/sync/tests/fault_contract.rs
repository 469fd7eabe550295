//! Everything that a network, a proxy and a server under load do to an exchange. Whatever it is and whichever request it
//! hits: nothing is lost, nothing arrives twice, and the report says what happened in words that are true.

mod support;

use homeline_sync::testing::MemoryStore;
use homeline_sync::{
    CareTeamClient, ClientConfig, FailureCause, MirrorStore, OutboxStore, ParkReason, Retry, ServerAddress, SyncError,
    SyncReport,
};
use serde_json::json;
use uuid::Uuid;

use support::gateway::{Action, Gateway, answer};
use support::server::Server;
use support::tls_front::TlsFront;
use support::{block_on, client, client_with, impatient, observation, plan, row};

scenarios![
    an_answer_cut_anywhere_loses_nothing,
    a_request_cut_anywhere_loses_nothing,
    an_answer_that_stalls_ends_in_time_and_loses_nothing,
    a_request_that_arrives_twice_changes_nothing,
    one_wrong_answer_at_any_place_loses_nothing,
    a_storm_of_failures_leaves_everything_waiting_and_says_why,
    a_refusal_of_every_record_sets_aside_with_reason_and_remedy_and_loses_nothing,
    a_certificate_out_of_date_sends_nothing_names_the_remedy_and_its_renewal_brings_everything,
];

/// Records that wait at home, and as many that the team has written.
const RECORDS: usize = 12;
/// Requests of a first exchange that a fault may hit: the statement, a bundle, the patient, `$everything`, searches.
const PLACES: usize = 8;
/// Which of them carries the records.
const BUNDLE: usize = 1;

struct Exchange {
    store: MemoryStore,
    home: Vec<Uuid>,
    team: Vec<Uuid>,
}

impl Exchange {
    fn new(server: &Server) -> Self {
        let store = MemoryStore::new();
        let home: Vec<Uuid> = (0..RECORDS).map(|_| Uuid::new_v4()).collect();
        let team: Vec<Uuid> = (0..RECORDS).map(|_| Uuid::new_v4()).collect();
        for id in &home {
            store.enqueue(row(&observation(*id, &server.patient, "from home")));
        }
        let by_team: Vec<_> =
            team.iter().map(|id| json!({"resource": observation(*id, &server.patient, "by the team")})).collect();
        server.load(&json!({"resourceType": "Bundle", "type": "collection", "entry": by_team}));
        Self { store, home, team }
    }

    /// One exchange whose request number `place` meets the fault.
    fn with_fault(&self, server: &Server, place: usize, fault: impl Fn() -> Action + Send + 'static) -> SyncReport {
        let mut at = 0;
        let gateway = Gateway::before(&server.base, move |_| {
            at += 1;
            if at == place + 1 { fault() } else { Action::Forward }
        });
        block_on(client_with(&gateway.base(), impatient()).sync(&plan(&server.patient), &self.store))
    }

    /// After the fault: exchanges without one until nothing waits, and then both sides hold the same.
    fn heals(&self, server: &Server, fault: &str) {
        let gateway = Gateway::before(&server.base, |_| Action::Forward);
        let client = client(&gateway.base());
        let mut tries = 0;
        loop {
            let report = block_on(client.sync(&plan(&server.patient), &self.store));
            tries += 1;
            if report.stopped().is_none() && self.store.counts().expect("counts").waiting == 0 {
                break;
            }
            assert!(tries < 5, "{fault}: it does not heal: {report:?}");
        }
        let counts = self.store.counts().expect("counts");
        assert_eq!((counts.parked, counts.unknown), (0, 0), "{fault}: {:?}", self.store.parked());
        let mut expected: Vec<String> = self.home.iter().chain(&self.team).map(Uuid::to_string).collect();
        expected.sort();
        let there: Vec<String> = server.observations().into_iter().map(|(id, _)| id).collect();
        assert_eq!(there, expected, "{fault}: on the server, each once");
        let mirrored = self.store.ids("Observation").expect("ids");
        assert!(self.team.iter().all(|id| mirrored.contains(&id.to_string())), "{fault}: at home");
    }
}

fn every_place_and_cut(server: &Server, name: &str, cut: fn(usize) -> Action) {
    // Thirteen cuts of the bytes on the request that carries the records, and a few of every other.
    for place in 0..PLACES {
        let step = if place == BUNDLE { 80 } else { 333 };
        for thousandths in (1..1000).step_by(step) {
            let exchange = Exchange::new(server);
            exchange.with_fault(server, place, move || cut(thousandths));
            exchange.heals(server, &format!("{name} of request {place} after {thousandths} ‰"));
            server.forget_observations(&exchange.home, &exchange.team);
        }
    }
}

fn an_answer_cut_anywhere_loses_nothing(server: &Server) {
    every_place_and_cut(server, "answer", |thousandths| Action::CutAnswer { thousandths });
}

fn a_request_cut_anywhere_loses_nothing(server: &Server) {
    every_place_and_cut(server, "request", |thousandths| Action::CutRequest { thousandths });
}

fn an_answer_that_stalls_ends_in_time_and_loses_nothing(server: &Server) {
    for place in [1, 2, 4] {
        let exchange = Exchange::new(server);
        let report = exchange.with_fault(server, place, || Action::StallAnswer { thousandths: 500 });
        assert_eq!(report.stopped(), Some(&SyncError::Unanswered));
        exchange.heals(server, &format!("stalled answer {place}"));
        server.forget_observations(&exchange.home, &exchange.team);
    }
}

fn a_request_that_arrives_twice_changes_nothing(server: &Server) {
    for place in 0..PLACES {
        let exchange = Exchange::new(server);
        exchange.with_fault(server, place, || Action::Twice);
        exchange.heals(server, &format!("request {place} twice"));
        server.forget_observations(&exchange.home, &exchange.team);
    }
}

const FHIR: &str = "Content-Type: application/fhir+json\r\n";
const HTML: &str = "Content-Type: text/html\r\n";
const WRONG_ANSWERS: [(u16, &str, &str); 22] = [
    (200, HTML, "<!DOCTYPE html><title>Sign in to the network</title>"),
    (200, FHIR, "{"),
    (200, FHIR, "{}"),
    (200, FHIR, "[]"),
    (200, FHIR, "null"),
    (200, FHIR, r#"{"resourceType":"Bundle","type":"searchset","entry":[{"resource":7}]}"#),
    (200, FHIR, r#"{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201"}}]}"#),
    (200, FHIR, r#"{"resourceType":"OperationOutcome","issue":[]}"#),
    (204, "", ""),
    (302, "Location: https://login.example.org/\r\n", ""),
    (401, "", ""),
    (403, HTML, "<h1>Forbidden</h1>"),
    (408, "", ""),
    (409, FHIR, "{}"),
    (410, FHIR, "{}"),
    (412, FHIR, "{}"),
    (413, "", ""),
    (429, "Retry-After: 5\r\n", ""),
    (500, FHIR, "{}"),
    (502, HTML, "<h1>Bad gateway</h1>"),
    (503, "Retry-After: 120\r\n", ""),
    (504, "", ""),
];

fn one_wrong_answer_at_any_place_loses_nothing(server: &Server) {
    // A real server takes its time: the statement, the bundle, and what brings the record.
    let places = if server.embedded.is_some() { (0..PLACES).collect() } else { vec![0, BUNDLE, 3] };
    for (status, headers, body) in WRONG_ANSWERS {
        for &place in &places {
            let exchange = Exchange::new(server);
            exchange.with_fault(server, place, move || Action::Answer { status, headers, body: body.to_owned() });
            exchange.heals(server, &format!("{status} {body} at request {place}"));
            server.forget_observations(&exchange.home, &exchange.team);
        }
    }
}

fn a_storm_of_failures_leaves_everything_waiting_and_says_why(server: &Server) {
    let storms = [
        (401, "", FailureCause::SignInNeeded),
        (408, "", FailureCause::NoAnswer),
        (429, "", FailureCause::ServerBusy),
        (500, "", FailureCause::ServerBusy),
        (503, "", FailureCause::ServerBusy),
        (504, "", FailureCause::NoAnswer),
        (200, "<html>Welcome to our hotel</html>", FailureCause::NotTheServer),
        (200, "{", FailureCause::NotTheServer),
    ];
    for (status, body, cause) in storms {
        let exchange = Exchange::new(server);
        let gateway = Gateway::alone(move |_| Action::Answer { status, headers: "", body: body.to_owned() });
        let client = client_with(&gateway.base(), impatient());
        for _ in 0..3 {
            let report = block_on(client.sync(&plan(&server.patient), &exchange.store));
            assert_eq!(report.stopped().map(FailureCause::from), Some(cause), "{status}");
        }
        let counts = exchange.store.counts().expect("counts");
        assert_eq!((counts.waiting, counts.parked), (RECORDS as u64, 0), "{status}");
        assert!(gateway.seen().len() <= 36, "{status}: {} requests in three tries", gateway.seen().len());
        exchange.heals(server, &format!("storm of {status}"));
        server.forget_observations(&exchange.home, &exchange.team);
    }
}

fn a_certificate_out_of_date_sends_nothing_names_the_remedy_and_its_renewal_brings_everything(server: &Server) {
    let exchange = Exchange::new(server);
    let gateway = Gateway::before(&server.base, |_| Action::Forward);
    let front = TlsFront::before(&gateway.base(), "127.0.0.1");
    let address = ServerAddress::parse(&front.base()).expect("https");
    let config = ClientConfig { trust: front.trust(), ..ClientConfig::new(address) };
    let client = CareTeamClient::new(config).expect("a client");
    for (first_year, last_year) in [(2000, 2020), (2090, 2096)] {
        front.show_certificate(first_year, last_year);
        let report = block_on(client.sync(&plan(&server.patient), &exchange.store));
        let error = report.stopped().expect("it stops");
        assert_eq!(error, &SyncError::CertificateOutOfDate);
        assert!(matches!(error.retry(), Retry::Later { .. }), "renewed or not, it is tried again by itself");
        let words = FailureCause::from(error).words();
        assert!(words.contains("out of date") && words.contains("check the date here"), "{words}");
        let counts = exchange.store.counts().expect("counts");
        assert_eq!((counts.waiting, counts.unknown, counts.parked), (RECORDS as u64, 0, 0));
        assert!(gateway.seen().is_empty(), "nothing has left this device");
    }
    front.show_certificate(2000, 2096);
    assert_eq!(block_on(client.sync(&plan(&server.patient), &exchange.store)).stopped(), None);
    assert_eq!(exchange.store.counts().expect("counts").waiting, 0);
    exchange.heals(server, "a certificate out of date");
    server.forget_observations(&exchange.home, &exchange.team);
}

fn a_refusal_of_every_record_sets_aside_with_reason_and_remedy_and_loses_nothing(server: &Server) {
    let refusals = [
        (400, Some(ParkReason::Refused)),
        (410, Some(ParkReason::Gone)),
        // Somebody else writes all the time: they wait for the next run.
        (412, None),
        (413, Some(ParkReason::TooLarge)),
        (422, Some(ParkReason::Refused)),
    ];
    for (status, reason) in refusals {
        let exchange = Exchange::new(server);
        let gateway =
            Gateway::before(
                &server.base,
                move |seen| {
                    if seen.method == "GET" { Action::Forward } else { answer(status, "{}") }
                },
            );
        let report = block_on(client(&gateway.base()).sync(&plan(&server.patient), &exchange.store));
        assert_eq!(report.stopped(), None, "{status}");
        let (parked, counts) = (exchange.store.parked(), exchange.store.counts().expect("counts"));
        let waiting = if reason.is_none() { RECORDS } else { 0 };
        assert_eq!((parked.len(), report.push.held_back), (RECORDS - waiting, waiting), "{status}");
        assert_eq!((counts.waiting, counts.unknown), (waiting as u64, 0), "{status}");
        for row in parked {
            assert_eq!((row.status, Some(row.reason)), (status, reason));
            assert!(!row.reason.remedy().is_empty());
        }
        server.forget_observations(&[], &exchange.team);
    }
}
