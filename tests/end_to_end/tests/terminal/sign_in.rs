use homeline_end_to_end::terminal::Terminal;
use homeline_home::browser::browse;
use homeline_home::care_team_server::{CareTeamServer, ServerConfig, SignInRules};
use homeline_home::plans;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const PLAN: &str = "vancomycin-elastomeric";

fn patient() -> String {
    let bundle: Value = serde_json::from_str(plans::named(PLAN).unwrap()).unwrap();
    let mut resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    resources.find(|resource| resource["resourceType"] == "Patient").unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_invitation_and_a_browser_are_all_that_a_sign_in_takes() {
    let terminal = Terminal::with_plan(plans::named(PLAN).unwrap().as_bytes());
    let patient = patient();
    let mut config = ServerConfig::new(terminal.path("team.ndjson"));
    config.sign_in = Some(SignInRules::new("homeline-terminal", &patient));
    let server = CareTeamServer::start(config).unwrap();
    server.load_bundle(plans::named(PLAN).unwrap()).unwrap();
    let fhir = server.base_url().replace(':', "%3A").replace('/', "%2F");
    let link = format!("https://team.example.org/#homeline=1&fhir={fhir}&client=homeline-terminal&patient={patient}");

    let unasked = terminal.run(&["enrol", &link]);
    assert_eq!(unasked.status, 2, "nobody confirmed the server: {}", unasked.error);
    assert!(terminal.done(&["enrol", "--yes", &link]).out.contains("homeline sign-in"));
    terminal.done(&["log", "vital", "37.1 C"]);
    let before = terminal.run(&["sync"]);
    assert!(before.status == 1 && before.error.contains("sign in"), "{before:?}");

    let mut child = terminal.begin(&["sign-in", "--no-browser", "--json"]);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("http") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended before it named its page");
    }
    let back = browse(line.trim(), "http://127.0.0.1:", "p-1").unwrap();
    let host = back.trim_start_matches("http://").split('/').next().unwrap();
    let visit = |target: &str| {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    };
    assert!(visit("/favicon.ico").contains("404"));
    assert!(visit("/signed-in?code=stolen&state=guessed").contains("no answer of your sign-in"));
    assert!(visit(back.split(host).nth(1).unwrap()).contains("You are signed in."));
    let answer = child.wait_with_output().unwrap();
    assert!(answer.status.success());
    let state: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((&state["signIn"], &state["sign_in"]), (&Value::Null, &Value::from("signed-in")), "{state}");

    terminal.done(&["sync"]);
    assert!(server.resources("Observation").iter().any(|it| it["code"].to_string().contains("8310-5")));
    assert!(terminal.done(&["account", "list"]).out.contains("Signed in."));
    assert!(terminal.done(&["account", "sign-out"]).out.contains("You signed out."));
}
