use homeline_end_to_end::terminal::Terminal;
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_home::plans;

#[test]
fn the_plan_is_fetched_words_are_sent_and_a_network_that_is_away_loses_nothing() {
    let terminal = Terminal::new();
    terminal.done(&["init", "--name", "Rosa"]);
    let mut server = CareTeamServer::start(ServerConfig::new(terminal.path("team.ndjson"))).unwrap();
    server.load_bundle(plans::named("vancomycin-elastomeric").unwrap()).unwrap();
    let url = server.base_url();

    let answer = terminal.run(&["sync", "--server", &url]);
    assert_eq!(answer.status, 2, "whose plan? {answer:?}");
    let synced = terminal.done(&["sync", "--server", &url, "--patient", "vanc-patient", "--json"]).json();
    assert!(synced["plan_changes"].to_string().contains("New: vancomycin 1.25 g"), "{synced:#}");
    assert!(terminal.done(&["plan", "show"]).out.contains("vancomycin 1.25 g"));

    server.go_offline();
    terminal.done(&["log", "note", "the village without signal"]);
    terminal.done(&["message", "send", "pharmacist", "the bag is cold"]);
    let away = terminal.run(&["sync"]);
    assert_eq!((away.status, away.error.lines().count()), (1, 1), "{away:?}");
    assert!(away.out.contains("wait") && !away.error.contains("127.0.0.1"), "{away:?}");
    let status = terminal.done(&["sync", "--status", "--json"]).json();
    assert!(status["waiting"].as_u64().unwrap() >= 2, "{status}");
    assert_eq!(server.resources("Communication").len(), 0);

    server.go_online().unwrap();
    let back = terminal.done(&["sync", "--json"]).json();
    assert_eq!((back["state"]["waiting"].as_u64(), back["set_aside"].as_u64()), (Some(0), Some(0)), "{back:#}");
    assert_eq!(server.resources("Communication").len(), 1);
    let answered = server.answer_newest_message("Practitioner/vanc-pharmacist", "Let it stand for an hour.").unwrap();
    assert!(answered.is_some());
    let mut messages = 0;
    for _ in 0..2 {
        // A server may date a record a moment before it shows it: the answer comes with the next look.
        messages += terminal.done(&["sync", "--json"]).json()["messages"].as_u64().unwrap();
    }
    assert_eq!(messages, 1);
    assert!(terminal.done(&["message", "list"]).out.contains("Let it stand for an hour."));
    let other = terminal.run(&["sync", "--server", &url, "--patient", "another-patient"]);
    assert_eq!(other.status, 1);
    assert!(other.error.contains("another patient"), "{}", other.error);
}
