use chrono::Duration;
use homeline_companion::{AccountState, BrowserPort, ErrorKind, Homeline, PortError, Recipient, SignInState, Synced};
use homeline_end_to_end::phone::{Phone, play};
use homeline_home::browser::browse;
use homeline_home::care_team_server::{AuthorizationServer, CareTeamServer, ServerConfig, SignInRules};
use jiff::Timestamp;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const PLAN: &str = "vancomycin-elastomeric";
const CLIENT: &str = "homeline-app";
const CAME_BACK_TO: &str = "org.homeline.app:/signed-in";

/// A browser that is through with the page at once.
#[derive(Default)]
struct QuickBrowser {
    came_back: Mutex<Option<String>>,
    login: Mutex<String>,
}

impl BrowserPort for QuickBrowser {
    fn open(&self, address: &str, redirect_uri: &str) -> Result<(), PortError> {
        let fault = |error: homeline_home::browser::BrowserFault| PortError {
            port: "browser".to_owned(),
            reason: error.to_string(),
        };
        let login = self.login.lock().unwrap().clone();
        *self.came_back.lock().unwrap() = Some(browse(address, redirect_uri, &login).map_err(fault)?);
        Ok(())
    }
}

impl QuickBrowser {
    fn came_back_with(&self) -> String {
        self.came_back.lock().unwrap().take().expect("a page that was opened")
    }
}

struct Home {
    phone: Phone,
    browser: Arc<QuickBrowser>,
    server: CareTeamServer,
    patient: String,
}

impl Home {
    fn new() -> Self {
        let browser = Arc::new(QuickBrowser::default());
        let phone = Phone::new("America/Chicago", "2026-03-03T13:00:00Z").with_browser(browser.clone());
        let patient = patient_of_the_plan();
        let server = Self::server(&phone, "team.ndjson", &patient);
        Self { phone, browser, server, patient }
    }

    fn server(phone: &Phone, file: &str, patient: &str) -> CareTeamServer {
        let mut config = ServerConfig::new(phone.folder().join(file));
        let clock = phone.clock.clone();
        config.clock = Arc::new(move || clock.now());
        config.sign_in = Some(SignInRules::new(CLIENT, patient));
        let server = CareTeamServer::start(config).unwrap();
        server.load_bundle(homeline_home::plans::named(PLAN).unwrap()).unwrap();
        server
    }

    fn team(&self) -> AuthorizationServer {
        self.server.authorization().unwrap()
    }

    fn rules(&self) -> SignInRules {
        SignInRules::new(CLIENT, &self.patient)
    }

    async fn begin(&self) -> Homeline {
        let homeline = self.phone.begin(PLAN).await;
        homeline.accounts().add(self.server.base_url(), Some(CLIENT.to_owned()), None).await.unwrap();
        homeline
    }

    async fn sign_in(&self, homeline: &Homeline) -> AccountState {
        homeline.accounts().begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        homeline.accounts().finish_sign_in(self.browser.came_back_with()).await.unwrap()
    }

    fn temperatures(&self) -> usize {
        temperatures(&self.server)
    }
}

/// Body temperatures on a server (LOINC 8310-5).
fn temperatures(server: &CareTeamServer) -> usize {
    server.resources("Observation").iter().filter(|it| it["code"].to_string().contains("8310-5")).count()
}

fn patient_of_the_plan() -> String {
    let bundle: serde_json::Value = serde_json::from_str(homeline_home::plans::named(PLAN).unwrap()).unwrap();
    let mut resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    resources.find(|resource| resource["resourceType"] == "Patient").unwrap()["id"].as_str().unwrap().to_owned()
}

async fn write_something(homeline: &Homeline) {
    homeline.journal().vital("37.1 C".to_owned()).await.unwrap();
}

async fn sync(homeline: &Homeline) -> Synced {
    homeline.sync().now().await.unwrap()
}

async fn account(homeline: &Homeline) -> AccountState {
    homeline.accounts().list().await.unwrap().remove(0)
}

#[test]
fn signing_in_through_the_browser_opens_the_server_and_outlives_a_restart() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        write_something(&homeline).await;
        let before = sync(&homeline).await;
        assert!(before.state.sentence.ends_with("last try failed: sign in again."), "{}", before.state.sentence);
        assert_eq!((before.state.waiting > 0, home.temperatures()), (true, 0));
        assert_eq!(account(&homeline).await.sign_in, SignInState::Needed);

        let after = home.sign_in(&homeline).await;
        assert_eq!(after.sign_in, SignInState::SignedIn, "{}", after.sentence);
        assert_eq!(after.user, Some(format!("Patient/{}", home.patient)), "the ID token was checked and says so");
        assert!(after.not_let_through.is_empty(), "{:?}", after.not_let_through);
        assert_eq!(sync(&homeline).await.stopped, None);
        assert_eq!(home.temperatures(), 1);

        homeline.close().await.unwrap();
        let homeline = home.phone.open().await;
        write_something(&homeline).await;
        assert_eq!(sync(&homeline).await.stopped, None);
        assert_eq!(home.temperatures(), 2);
        homeline.close().await.unwrap();
    });
}

#[test]
fn an_answer_that_is_not_of_the_sign_in_is_refused_and_the_right_one_still_counts_once() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        let accounts = homeline.accounts();
        accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let right = home.browser.came_back_with();
        let state = right.split("state=").nth(1).unwrap().split('&').next().unwrap();
        for wrong in [
            right.replace(state, "another"),
            right.replace(&format!("&state={state}"), ""),
            right.replace(CAME_BACK_TO, "org.homeline.app:/elsewhere"),
            right.replace(CAME_BACK_TO, "https://evil.example.org/signed-in"),
            right.replace("iss=", "iss=https%3A%2F%2Fevil.example.org%2F"),
            right.replace("iss=", "was="),
            format!("{right}&code=another"),
            "not an address".to_owned(),
        ] {
            let refused = accounts.finish_sign_in(wrong.clone()).await.unwrap_err();
            assert_eq!((refused.kind, refused.code), (ErrorKind::BadInput, "sign-in-not-ours"), "{wrong}");
        }
        assert_eq!(accounts.finish_sign_in(right.clone()).await.unwrap().sign_in, SignInState::SignedIn);
        assert_eq!(accounts.finish_sign_in(right).await.unwrap_err().kind, ErrorKind::NotFound, "a code counts once");
        homeline.close().await.unwrap();
    });
}

#[test]
fn a_page_that_said_no_and_a_page_left_open_begin_anew() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        let accounts = homeline.accounts();
        accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let answer = home.browser.came_back_with();
        let denied = answer.split("&code=").next().unwrap().to_owned() + "&error=access_denied";
        let refused = accounts.finish_sign_in(denied).await.unwrap_err();
        assert_eq!((refused.kind, refused.code), (ErrorKind::NeedsSignIn, "sign-in-denied"));
        assert_eq!(accounts.finish_sign_in(answer).await.unwrap_err().kind, ErrorKind::NotFound);

        accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        home.phone.clock.advance(Duration::minutes(31));
        let late = accounts.finish_sign_in(home.browser.came_back_with()).await.unwrap_err();
        assert_eq!(late.code, "sign-in-too-late");
        assert_eq!(home.sign_in(&homeline).await.sign_in, SignInState::SignedIn);
        homeline.close().await.unwrap();
    });
}

#[test]
fn a_code_that_somebody_else_tries_is_worth_nothing() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        homeline.accounts().begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let answer = home.browser.came_back_with();
        let code = answer.split("code=").nth(1).unwrap();
        let form = format!(
            "grant_type=authorization_code&client_id={CLIENT}&redirect_uri={CAME_BACK_TO}&code={code}&code_verifier={}",
            "x".repeat(43)
        );
        let origin = home.server.base_url().replace("/fhir", "");
        assert!(post(&format!("{origin}/sign-in/token"), &form).contains("invalid_grant"), "the verifier is another");
        let used = homeline.accounts().finish_sign_in(answer).await.unwrap_err();
        assert_eq!((used.kind, used.code), (ErrorKind::NeedsSignIn, "sign-in-refused"), "{used}");
        assert_eq!(account(&homeline).await.sign_in, SignInState::Needed);
        homeline.close().await.unwrap();
    });
}

/// What a server on this machine answers to a form.
fn post(address: &str, form: &str) -> String {
    let (host, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    std::io::read_to_string(stream).unwrap()
}

#[test]
fn a_token_that_runs_out_is_renewed_once_however_many_ask() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        home.phone.clock.advance(Duration::minutes(11));
        write_something(&homeline).await;
        let (one, two) = tokio::join!(sync(&homeline), sync(&homeline));
        assert_eq!((one.stopped, two.stopped), (None, None));
        assert_eq!((home.team().renewals(), home.temperatures()), (1, 1));
        for renewals in 2..5 {
            home.phone.clock.advance(Duration::minutes(11));
            assert_eq!(sync(&homeline).await.stopped, None);
            assert_eq!(home.team().renewals(), renewals, "each refresh token was good for one renewal");
        }
        homeline.close().await.unwrap();
    });
}

#[test]
fn a_token_that_the_server_ends_early_is_renewed_in_the_middle() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        write_something(&homeline).await;
        home.team().end_access_tokens();
        assert_eq!(sync(&homeline).await.stopped, None);
        assert_eq!(home.temperatures(), 1);
        homeline.close().await.unwrap();
    });
}

#[test]
fn the_lost_answer_of_a_renewal_ends_at_worst_in_a_new_sign_in() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        // Due, and still good: the exchange goes on with the token at hand.
        home.phone.clock.advance(Duration::seconds(570));
        write_something(&homeline).await;
        home.team().lose_next_answer();
        assert_eq!(sync(&homeline).await.stopped, None);
        assert_eq!((home.team().renewals(), home.temperatures()), (1, 1));
        assert_eq!(account(&homeline).await.sign_in, SignInState::SignedIn);

        // The server has rotated the token, and takes its second use for theft.
        home.phone.clock.advance(Duration::minutes(2));
        write_something(&homeline).await;
        let ended = sync(&homeline).await;
        assert!(ended.stopped.unwrap().contains("sign in again"));
        let state = account(&homeline).await;
        assert_eq!(state.sign_in, SignInState::Ended);
        assert!(
            state.sentence.contains("connection broke") && state.sentence.contains("kept here"),
            "{}",
            state.sentence
        );
        assert!(ended.state.waiting > 0 && ended.state.sentence.contains("sign in again"), "{}", ended.state.sentence);
        assert_eq!(home.team().renewals(), 2);
        // It is not tried over and over.
        sync(&homeline).await;
        assert_eq!(home.team().renewals(), 2);

        home.sign_in(&homeline).await;
        let after = sync(&homeline).await;
        assert_eq!((after.stopped, after.state.waiting, home.temperatures()), (None, 0, 2));
        homeline.close().await.unwrap();
    });
}

#[test]
fn a_lost_answer_with_no_token_left_is_no_answer_and_not_the_end() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        home.phone.clock.advance(Duration::minutes(11));
        home.team().lose_next_answer();
        let stopped = sync(&homeline).await;
        assert!(stopped.state.sentence.contains("no answer"), "{}", stopped.state.sentence);
        assert_eq!(account(&homeline).await.sign_in, SignInState::SignedIn, "nobody said that it has ended");
        homeline.close().await.unwrap();
    });
}

#[test]
fn a_sign_in_that_is_taken_back_says_what_to_do_and_loses_nothing() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        home.team().revoke_everything();
        write_something(&homeline).await;
        homeline.messages().send(Recipient::Nurse, "the dressing is wet".to_owned()).await.unwrap();
        let stopped = sync(&homeline).await;
        assert!(stopped.state.sentence.contains("sign in again") && stopped.state.waiting >= 2, "{:?}", stopped.state);
        let state = account(&homeline).await;
        assert_eq!(state.sign_in, SignInState::Ended);
        assert!(state.sentence.contains("Sign in again."), "{}", state.sentence);
        home.sign_in(&homeline).await;
        let after = sync(&homeline).await;
        assert_eq!((after.stopped, after.state.waiting, home.temperatures()), (None, 0, 1));
        assert_eq!(home.server.resources("Communication").len(), 1);
        homeline.close().await.unwrap();
    });
}

#[test]
fn what_is_not_granted_is_set_aside_at_once_and_goes_out_when_it_is() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        let all = home.rules();
        let fewer = all.scopes.replace(" patient/Observation.cu", "").replace(" patient/Communication.cu", "");
        home.team().set_rules(SignInRules { scopes: fewer, ..all.clone() });
        let state = home.sign_in(&homeline).await;
        assert_eq!(state.not_let_through, ["symptoms, vital signs and pump events", "messages"]);
        write_something(&homeline).await;
        let first = sync(&homeline).await;
        assert_eq!((first.stopped, home.temperatures()), (None, 0));
        assert!(
            first.set_aside >= 1 && first.state.set_aside.iter().any(|aside| aside.reason.contains("sign in again"))
        );
        assert_eq!(sync(&homeline).await.set_aside, 0, "it is not tried again and again");

        home.team().set_rules(all);
        assert!(home.sign_in(&homeline).await.not_let_through.is_empty());
        let after = sync(&homeline).await;
        assert_eq!((after.stopped, after.state.set_aside.len(), home.temperatures()), (None, 0, 1));
        homeline.close().await.unwrap();
    });
}

#[test]
fn the_record_of_another_patient_does_not_come_into_this_vault() {
    let home = Home::new();
    play(async {
        let homeline = home.begin().await;
        home.team().set_rules(SignInRules::new(CLIENT, "somebody-else"));
        homeline.accounts().begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let refused = homeline.accounts().finish_sign_in(home.browser.came_back_with()).await.unwrap_err();
        assert_eq!((refused.kind, refused.code), (ErrorKind::PlanRefused, "plan.other-patient"));
        assert_eq!(account(&homeline).await.sign_in, SignInState::Needed);
        homeline.close().await.unwrap();
    });
}

#[test]
fn two_servers_have_each_a_sign_in_of_their_own() {
    let home = Home::new();
    let clinic = Home::server(&home.phone, "clinic.ndjson", &home.patient);
    play(async {
        let homeline = home.begin().await;
        home.sign_in(&homeline).await;
        let accounts = homeline.accounts();
        accounts.add(clinic.base_url(), Some(CLIENT.to_owned()), None).await.unwrap();
        accounts.begin_sign_in(Some(clinic.base_url()), CAME_BACK_TO.to_owned()).await.unwrap();
        let second = accounts.finish_sign_in(home.browser.came_back_with()).await.unwrap();
        assert_eq!((second.sign_in, second.in_use), (SignInState::SignedIn, false));

        write_something(&homeline).await;
        sync(&homeline).await;
        assert_eq!((home.temperatures(), temperatures(&clinic)), (1, 0));
        assert!(accounts.use_server(clinic.base_url()).await.unwrap().in_use);
        write_something(&homeline).await;
        assert_eq!(sync(&homeline).await.stopped, None);
        assert_eq!((home.temperatures(), temperatures(&clinic)), (1, 1));

        accounts.sign_out(Some(clinic.base_url())).await.unwrap();
        let states: Vec<_> = accounts.list().await.unwrap().iter().map(|state| (state.in_use, state.sign_in)).collect();
        assert_eq!(states, [(true, SignInState::Ended), (false, SignInState::SignedIn)]);
        homeline.close().await.unwrap();
    });
}

#[test]
fn an_invitation_is_shown_and_then_taken() {
    let home = Home::new();
    play(async {
        let homeline = home.phone.begin(PLAN).await;
        let fhir = home.server.base_url().replace(':', "%3A").replace('/', "%2F");
        let link = format!(
            "https://team.example.org/homeline#homeline=1&fhir={fhir}&client={CLIENT}&patient={}&team=Lindholm&code=c-1",
            home.patient
        );
        let accounts = homeline.accounts();
        let shown = accounts.read_invitation(link.clone()).await.unwrap();
        assert_eq!(
            (shown.host.as_str(), shown.team.as_deref(), shown.needs_sign_in),
            ("127.0.0.1", Some("Lindholm"), true)
        );
        assert!(accounts.list().await.unwrap().is_empty(), "reading changes nothing");
        assert!(accounts.enrol(link.clone()).await.unwrap().in_use);
        let page = accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        assert!(page.opened && page.address.contains("&launch=c-1") && page.address.contains("+launch+"), "{page:?}");
        accounts.finish_sign_in(home.browser.came_back_with()).await.unwrap();
        assert_eq!(sync(&homeline).await.stopped, None);

        let other = link.replace(&home.patient, "somebody-else");
        assert_eq!(accounts.enrol(other).await.unwrap_err().kind, ErrorKind::PlanRefused);
        homeline.close().await.unwrap();
    });
}

/// A gate before the token endpoint of a real authorization server. It hears everything, and does what a bad network and a
/// server that is set up wrongly do.
struct Gate {
    shared: Arc<BeforeTheServer>,
    server: u16,
}

#[derive(Default)]
struct BeforeTheServer {
    /// The next answer is lost after the server has given it.
    lose_next: AtomicBool,
    /// The next answer names this patient in place of that one; not longer than it.
    name_another: Mutex<Option<(String, String)>>,
    asked: Mutex<Vec<u8>>,
    answered: Mutex<Vec<u8>>,
}

impl Gate {
    fn open(port: u16, server: u16) -> Self {
        let shared = Arc::new(BeforeTheServer::default());
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let in_thread = shared.clone();
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let shared = in_thread.clone();
                std::thread::spawn(move || shared.hand_on(&phone, server));
            }
        });
        Self { shared, server }
    }

    fn lose_next_answer(&self) {
        self.shared.lose_next.store(true, Ordering::SeqCst);
    }

    fn name_another_patient(&self, right: &str, wrong: &str) {
        let named = |patient: &str| format!("\"patient\":\"{patient}\"");
        let wrong = format!("{:width$}", named(wrong), width = named(right).len());
        *self.shared.name_another.lock().unwrap() = Some((named(right), wrong));
    }

    /// What a thief who has heard the last question gets for asking it once more.
    fn replay(&self) -> String {
        let asked = String::from_utf8(self.shared.asked.lock().unwrap().clone()).unwrap();
        let form = asked.rsplit("\r\n\r\n").next().unwrap();
        assert!(form.contains("grant_type=refresh_token"), "a renewal");
        post(&format!("http://127.0.0.1:{}/token", self.server), form)
    }

    /// The server's owner takes back what the last answer has granted.
    fn take_back(&self) {
        let answered = String::from_utf8(self.shared.answered.lock().unwrap().clone()).unwrap();
        let token = answered.rsplit("\"access_token\":\"").next().unwrap().split('"').next().unwrap();
        let form = format!("client_id={CLIENT}&token_type_hint=access_token&token={token}");
        let answer = post(&format!("http://127.0.0.1:{}/token/revocation", self.server), &form);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl BeforeTheServer {
    fn hand_on(self: &Arc<Self>, phone: &TcpStream, server: u16) {
        let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let (mut asks, mut asked, listening) = (phone.try_clone().unwrap(), server.try_clone().unwrap(), self.clone());
        self.asked.lock().unwrap().clear();
        self.answered.lock().unwrap().clear();
        std::thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = asks.read(&mut bytes) {
                listening.asked.lock().unwrap().extend(&bytes[..count]);
                if asked.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
        });
        let (mut answers, mut heard, mut bytes) = (server, phone, [0; 16 * 1024]);
        while let Ok(count @ 1..) = answers.read(&mut bytes) {
            let said = String::from_utf8(bytes[..count].to_vec()).unwrap();
            self.answered.lock().unwrap().extend(said.as_bytes());
            let mut another = self.name_another.lock().unwrap();
            let told = match another.take_if(|(right, _)| said.contains(right.as_str())) {
                Some((right, wrong)) => said.replace(&right, &wrong),
                None => said,
            };
            drop(another);
            if self.lose_next.swap(false, Ordering::SeqCst) || heard.write_all(told.as_bytes()).is_err() {
                break;
            }
        }
        let _ = (heard.shutdown(Shutdown::Both), answers.shutdown(Shutdown::Both));
    }
}

/// A second more than an access token lives there.
const TOKEN_LIFE: Duration = Duration::seconds(61);

/// The whole way on servers that nobody here wrote: `tests/run sign-in` starts them and names them.
#[test]
fn on_a_real_authorization_server_the_sign_in_holds_ends_and_begins_again() {
    let named = |name: &str| std::env::var(name).ok();
    let Some(base) = named("HOMELINE_SMART_BASE") else { return };
    let authority = std::fs::read(named("HOMELINE_SMART_CA").unwrap()).unwrap();
    let port = |name: &str| named(name).unwrap().parse::<u16>().unwrap();
    let gate = Gate::open(port("HOMELINE_SMART_GATE"), port("HOMELINE_SMART_PROVIDER"));
    let issuer = format!("http://127.0.0.1:{}", port("HOMELINE_SMART_PROVIDER"));
    let patient = patient_of_the_plan();
    let browser = Arc::new(QuickBrowser { login: Mutex::new(patient.clone()), ..QuickBrowser::default() });
    let now = Timestamp::now().to_string();
    let phone = Phone::new("America/Chicago", &now).with_browser(browser.clone());
    play(async {
        let homeline = phone.begin(PLAN).await;
        let accounts = homeline.accounts();
        let encoded = base.replace(':', "%3A").replace('/', "%2F");
        let link = format!("https://team.example.org/#homeline=1&fhir={encoded}&client={CLIENT}&patient={patient}");
        accounts.enrol(link.clone()).await.unwrap();
        let untrusted = accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap_err();
        assert_eq!(untrusted.code, "sync-untrusted", "a private authority is not known by itself");
        accounts.enrol(format!("{link}&ca={}", base64url_of_pem(&authority))).await.unwrap();

        // Another verifier than the one of the page.
        accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let stolen = browser.came_back_with();
        let code = stolen.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let form = format!(
            "grant_type=authorization_code&client_id={CLIENT}&redirect_uri={CAME_BACK_TO}&code={code}&code_verifier={}",
            "x".repeat(43)
        );
        assert!(post(&format!("{issuer}/token"), &form).contains("invalid_grant"));
        // This server lets the right one try after the wrong one.
        assert_eq!(accounts.finish_sign_in(stolen).await.unwrap().sign_in, SignInState::SignedIn);

        // A sign-in to somebody else's record.
        "somebody-else".clone_into(&mut browser.login.lock().unwrap());
        accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
        let other = accounts.finish_sign_in(browser.came_back_with()).await.unwrap_err();
        assert_eq!(other.kind, ErrorKind::PlanRefused, "{other}");
        patient.clone_into(&mut browser.login.lock().unwrap());

        let sign_in = async || {
            accounts.begin_sign_in(None, CAME_BACK_TO.to_owned()).await.unwrap();
            accounts.finish_sign_in(browser.came_back_with()).await.unwrap()
        };
        let state = sign_in().await;
        assert_eq!(state.user, Some(format!("Patient/{patient}")), "the ID token was checked");
        write_something(&homeline).await;
        let sent = sync(&homeline).await;
        assert_eq!((sent.stopped, sent.state.waiting), (None, 0), "{:?}", sent.state);
        assert!(sent.sent > 0);

        // Another patient's record: a server that is set up wrongly lets somebody else in as this patient. The FHIR server
        // refuses, the phone says so, and what was written is kept until the right one signs in.
        "somebody-else".clone_into(&mut browser.login.lock().unwrap());
        gate.name_another_patient("somebody-else", &patient);
        assert_eq!(sign_in().await.sign_in, SignInState::SignedIn);
        write_something(&homeline).await;
        let refused = sync(&homeline).await;
        assert!(
            refused.stopped.as_deref().unwrap().contains("no longer open to this sign-in (status 403)"),
            "{refused:?}"
        );
        assert!(refused.state.sentence.ends_with("access to the record has ended."), "{}", refused.state.sentence);
        assert_eq!((refused.sent, refused.received), (0, 0));
        let set_aside = &refused.state.set_aside;
        assert!(set_aside.iter().all(|aside| aside.reason.contains("sign in again")), "{set_aside:?}");
        let kept = refused.state.waiting + set_aside.len() as u64;
        assert!(kept > 0);
        patient.clone_into(&mut browser.login.lock().unwrap());
        sign_in().await;
        let again = sync(&homeline).await;
        assert_eq!((again.stopped, again.state.waiting, again.state.set_aside.len()), (None, 0, 0));
        assert_eq!(again.sent, kept, "all of it");

        // Expiry: by the phone's clock the tokens have ended, and each is renewed in its turn.
        for _ in 0..3 {
            phone.clock.advance(TOKEN_LIFE);
            write_something(&homeline).await;
            let again = sync(&homeline).await;
            assert_eq!((again.stopped, again.state.waiting), (None, 0));
        }

        // A sign-in that the server's owner takes back, and one whose refresh token somebody replays: both end.
        let ended_and_begun_again = async || {
            write_something(&homeline).await;
            let ended = sync(&homeline).await;
            let sentence = &ended.state.sentence;
            assert!(sentence.contains("sign in again") && ended.state.waiting > 0, "{sentence}");
            assert_eq!(account(&homeline).await.sign_in, SignInState::Ended);
            sign_in().await;
            let after = sync(&homeline).await;
            assert_eq!((after.stopped, after.state.waiting), (None, 0));
        };
        gate.take_back();
        ended_and_begun_again().await;
        phone.clock.advance(TOKEN_LIFE);
        assert_eq!(sync(&homeline).await.stopped, None, "renewed");
        assert!(gate.replay().contains("invalid_grant"));
        ended_and_begun_again().await;

        // A lost answer.
        phone.clock.advance(TOKEN_LIFE);
        write_something(&homeline).await;
        gate.lose_next_answer();
        let lost = sync(&homeline).await;
        assert!(lost.state.sentence.contains("no answer"), "{}", lost.state.sentence);
        let ended = sync(&homeline).await;
        assert!(ended.state.sentence.contains("sign in again") && ended.state.waiting > 0, "{}", ended.state.sentence);
        let state = account(&homeline).await;
        assert_eq!(state.sign_in, SignInState::Ended);
        assert!(state.sentence.contains("connection broke"), "{}", state.sentence);
        sign_in().await;
        let after = sync(&homeline).await;
        assert_eq!((after.stopped, after.state.waiting), (None, 0));

        accounts.sign_out(None).await.unwrap();
        write_something(&homeline).await;
        assert!(sync(&homeline).await.state.waiting > 0, "what was written stays");
        homeline.close().await.unwrap();
    });
}

/// The DER in a PEM, as an invitation holds it.
fn base64url_of_pem(pem: &[u8]) -> String {
    let text = std::str::from_utf8(pem).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    body.trim_end_matches('=').replace('+', "-").replace('/', "_")
}
