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
