use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::Terminal;

#[test]
fn a_look_at_nothing_that_runs_is_refused_and_an_empty_list_is_a_list() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let refused = terminal.run(&["pump", "check-in", "--balloon", "half"]);
    assert_eq!((refused.status, refused.out.as_str()), (1, ""), "{refused:?}");
    assert!(refused.error.contains("no dose runs"), "{}", refused.error);
    let wrong = terminal.run(&["pump", "check-in", "--remaining", "much"]);
    assert_eq!(wrong.status, 2, "{wrong:?}");
    assert_eq!(terminal.done(&["infusion", "list", "--json"]).json(), serde_json::json!([]));
    assert!(terminal.done(&["infusion", "list"]).out.contains("No infusion"));
    assert_eq!(terminal.run(&["infusion", "show", "nothing"]).status, 1);
    assert_eq!(terminal.run(&["act", "99"]).status, 2);
    assert!(terminal.done(&["pump"]).out.contains("no radio"), "the pumps of the plan are still shown");
}

#[test]
fn a_picture_of_a_device_is_a_look_of_its_own_and_is_held_against_the_order_with_what_was_read() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let today = terminal.done(&["today", "--json"]).json();
    let rows = today["sections"].as_array().unwrap().iter().flat_map(|section| section["rows"].as_array().unwrap());
    let can_start = |row: &&serde_json::Value| row["actions"].to_string().contains("dose.start");
    let dose = rows.clone().find(can_start).unwrap()["id"].as_str().unwrap().to_owned();
    terminal.done(&["dose", "start", &dose]);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../home/pictures/site.png");
    let looked = terminal.done(&["pump", "check-in", "--dose", &dose, "--photo", picture, "--json"]).json();
    assert_eq!((looked["least_ml"].is_null(), &looked["words"][0]), (true, &serde_json::json!("1 picture")));
    let read = ["pump", "check-in", "--dose", &dose, "--balloon", "full", "--photo", picture, "--json"];
    let looked = terminal.done(&read).json();
    assert_eq!(looked["least_ml"], "0", "{looked:#}");
    assert!(looked["expected_ml"].is_string(), "{looked:#}");
    let shown = terminal.done(&["infusion", "list", "--json"]).json();
    assert_eq!(shown[0]["looks"].as_array().unwrap().len(), 2);
    // A quarter, half and near the end, each with what there should be to see.
    let planned = shown[0]["planned"]["looks"].as_array().unwrap();
    let balloons: Vec<&str> = planned.iter().map(|look| look["balloon"].as_str().unwrap()).collect();
    assert_eq!(balloons, ["three-quarters", "half", "empty"]);
    assert!(planned.iter().all(|look| look["words"].as_str().unwrap().starts_with("By the order about ")));
    let screen = terminal.done(&["infusion", "show", &dose]).out;
    assert!(screen.contains("The balloon is half full"), "{screen}");
    let refused = terminal.run(&["pump", "check-in", "--dose", &dose, "--photo", "nowhere.png"]);
    assert_eq!(refused.status, 1, "{refused:?}");
}
