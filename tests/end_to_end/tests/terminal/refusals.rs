use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::{Answer, Terminal, content};
use std::fs;
use std::path::Path;

fn broken(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../home/plans/broken");
    fs::read(folder.join(name)).unwrap()
}

/// One line on standard error with these words in it, and this exit status.
#[track_caller]
fn refused(answer: &Answer, status: i32, words: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.error.lines().count(), 1, "one line: {}", answer.error);
    assert!(answer.out.is_empty(), "nothing on standard output: {}", answer.out);
    for word in words {
        assert!(answer.error.contains(word), "`{word}` is missing in: {}", answer.error);
    }
    assert!(!answer.error.contains("Ibarra") && !answer.error.contains("vancomycin"), "{}", answer.error);
}

#[test]
fn a_bundle_that_cannot_be_taken_changes_nothing() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let before = terminal.done(&["plan", "show", "--json"]).out;
    let entries = terminal.entries();
    for (file, words) in [
        ("broken-json.json", &["JSON", "line"][..]),
        ("not-utf-8.json", &["UTF-8"][..]),
        ("not-a-bundle.json", &["Bundle"][..]),
        ("another-patient.json", &["patient"][..]),
        ("two-patients.json", &["patient"][..]),
        ("no-patient.json", &["atient"][..]),
    ] {
        fs::write(terminal.path("bad.json"), broken(file)).unwrap();
        let answer = terminal.run(&["plan", "import", "bad.json"]);
        refused(&answer, 1, words);
        assert_eq!(terminal.done(&["plan", "show", "--json"]).out, before, "{file}");
    }
    refused(&terminal.run(&["plan", "import", "nowhere.json"]), 1, &["nowhere.json", "read"]);
    refused(&terminal.run_with(&["plan", "import", "-"], b""), 1, &["JSON"]);
    assert_eq!(terminal.entries(), entries);
}

#[test]
fn an_order_that_cannot_be_understood_is_kept_listed_and_never_on_the_agenda() {
    for file in ["order-without-dose.json", "time-of-day-and-when.json"] {
        let terminal = Terminal::new();
        terminal.done(&["init", "--name", "Rosa"]);
        fs::write(terminal.path("plan.json"), broken(file)).unwrap();
        let imported = terminal.done(&["plan", "import", "plan.json", "--json"]).json();
        let unreadable = imported["unreadable"].as_array().unwrap();
        let order = unreadable.iter().find(|item| item["resource"] == "MedicationRequest/vanc-order");
        let order = order.unwrap_or_else(|| panic!("{file}: {imported}"));
        assert!(order["field"].as_str().is_some_and(|field| field.contains("dosageInstruction")), "{order}");
        assert!(order["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{order}");
        assert!(imported["orders"].as_u64().unwrap() >= 3, "{file}: the rest is there: {imported}");

        let today = terminal.done(&["today", "--json"]).json();
        let sections = today["sections"].as_array().unwrap();
        for section in sections {
            for row in section["rows"].as_array().unwrap() {
                let shown = row["title"].as_str().unwrap();
                let asked = section["title"] == "Ask your nurse";
                // The level of the drug in the blood is an order of its own, "Vancomycin level".
                assert!(asked || !shown.contains("vancomycin"), "{file}: {row}");
                assert!(!asked || row["actions"].as_array().unwrap().is_empty(), "{file}: {row}");
            }
        }
        assert!(sections.iter().any(|section| section["title"] == "Ask your nurse"), "{file}: {today}");
        let reminders = terminal.done(&["reminders", "--json"]).out;
        assert!(!reminders.contains("vancomycin"), "{file}");
        // Kept as it came.
        terminal.done(&["export", "--out", "export"]);
        assert!(fs::read_to_string(terminal.path("export/bundle.json")).unwrap().contains("\"vanc-order\""), "{file}");
    }
}

#[test]
fn words_that_cannot_be_kept_are_refused_whole() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let entries = terminal.entries();
    let long = vec![b'a'; 10 * 1024 * 1024];
    refused(&terminal.run_with(&["log", "note", "-"], &long), 1, &["MB", "large"]);
    refused(&terminal.run_with(&["log", "note", "-"], &long[..70_000]), 1, &["note", "64 kB", "Shorten"]);
    refused(&terminal.run_with(&["log", "note", "-"], b"bien \xe9 mal"), 1, &["UTF-8", "byte 5"]);
    refused(&terminal.run_with(&["log", "note", "-"], b"  \n"), 1, &["note", "empty"]);
    refused(&terminal.run_with(&["log", "question", "-"], &long[..70_000]), 1, &["question", "64 kB"]);
    let words = "a".repeat(70_000);
    refused(&terminal.run(&["message", "send", "nurse", &words]), 1, &["message", "64 kB"]);
    refused(&terminal.run(&["log", "symptom", "nausia"]), 1, &["symptom", "nausea"]);
    refused(&terminal.run(&["log", "symptom", "nausea", "--note", &words]), 1, &["note", "64 kB"]);
    refused(&terminal.run(&["log", "vital", "98.6", "C"]), 1, &["temperature", "C"]);
    refused(&terminal.run(&["log", "vital", "378", "C"]), 1, &["temperature"]);
    refused(&terminal.run(&["log", "vital", "76/118"]), 1, &["blood"]);
    refused(&terminal.run(&["log", "vital", "hot"]), 1, &["vital"]);
    refused(&terminal.run(&["log", "vital", "NaN C"]), 1, &["vital"]);
    assert_eq!(terminal.entries(), entries);
}

#[test]
fn a_picture_that_is_none_is_refused_whole() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let entries = terminal.entries();
    let files = content(&terminal.path("vault")).len();
    for (name, bytes) in [
        ("empty.jpg", &b""[..]),
        ("words.jpg", &b"not a picture"[..]),
        ("cut.png", &b"\x89PNG\r\n\x1a\n\x00\x00"[..]),
        ("cut.jpg", &b"\xff\xd8\xff\xe0\x00\x10JFIF"[..]),
    ] {
        fs::write(terminal.path(name), bytes).unwrap();
        refused(&terminal.run(&["log", "photo", name]), 1, &["p"]);
    }
    refused(&terminal.run(&["log", "photo", "nowhere.jpg"]), 1, &["nowhere.jpg"]);
    refused(&terminal.run(&["log", "photo", "."]), 1, &["read"]);
    assert_eq!(terminal.entries(), entries);
    assert_eq!(content(&terminal.path("vault")).len(), files, "no sealed file without its entry");
}

#[test]
fn a_second_init_leaves_the_first_vault_as_it_is() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let before = content(&terminal.path("vault"));
    refused(&terminal.run(&["init", "--name", "Rosa"]), 1, &["already", "--vault"]);
    terminal.set_passcode("another one altogether");
    refused(&terminal.run(&["init", "--name", "Rosa"]), 1, &["already"]);
    assert!(content(&terminal.path("vault")) == before);
}

#[test]
fn a_wrong_passcode_opens_nothing_and_changes_nothing() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let before = content(&terminal.path("vault"));
    for wrong in ["a long one for this tesT", "", "recovery"] {
        terminal.set_passcode(wrong);
        refused(&terminal.run(&["today"]), 1, &["passcode"]);
    }
    assert!(content(&terminal.path("vault")) == before);
}

#[test]
fn init_without_a_good_passcode_or_name_makes_nothing() {
    let terminal = Terminal::new();
    for short in ["", "1234567", "ÄÖÜäöüß"] {
        terminal.set_passcode(short);
        refused(&terminal.run(&["init", "--name", "Rosa"]), 1, &["passcode", "8 characters"]);
    }
    terminal.set_passcode("a long one for this test");
    refused(&terminal.run(&["init", "--name", "  "]), 1, &["name"]);
    refused(&terminal.run(&["init", "--name", &"R".repeat(101)]), 1, &["name", "100"]);
    assert!(!terminal.path("vault").exists(), "{:?}", content(&terminal.path("vault")));
}

#[test]
fn a_vault_that_is_not_there_is_named_with_what_to_do() {
    let terminal = Terminal::new();
    for command in [&["today"][..], &["journal"], &["search", "x"], &["sync"], &["report"], &["security", "verify"]] {
        refused(&terminal.run(command), 1, &["no vault", "homeline init"]);
    }
    assert!(!terminal.path("vault").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_said_and_nothing_half_done_stays() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    fs::write(terminal.path("file"), "in the way").unwrap();
    refused(&terminal.run(&["init", "--name", "R", "--vault", "file/vault"]), 1, &[]);
    refused(&terminal.run(&["report", "--out", "file/report.html"]), 1, &["file/report.html", "written"]);
    refused(&terminal.run(&["report", "--out", "nowhere/report.html"]), 1, &["nowhere/report.html"]);
    refused(&terminal.run(&["export", "--out", "file/export"]), 1, &["export"]);
    refused(&terminal.run(&["export", "--out", "file"]), 1, &["exist"]);
    assert_eq!(fs::read_to_string(terminal.path("file")).unwrap(), "in the way");
    let left: Vec<_> = content(&terminal.path("")).into_iter().map(|(path, _)| path).collect();
    assert!(!left.iter().any(|path| path.to_string_lossy().contains("unfinished")), "{left:?}");
}

#[test]
fn wrong_use_exits_with_two_and_says_what_to_write() {
    let terminal = Terminal::with_plan(&plan("vancomycin-elastomeric"));
    let entries = terminal.entries();
    refused(&terminal.run(&["today", "--passcode-fd", "77"]), 2, &["--passcode-fd 77", "open it"]);
    refused(&terminal.run(&["dose", "start", "99"]), 2, &["99", "homeline today"]);
    refused(&terminal.run(&["dose", "start", "0"]), 2, &["homeline today"]);
    refused(&terminal.run(&["dose", "start", "1", "--at", "yesterday"]), 2, &["--at", "2026-"]);
    refused(&terminal.run(&["dose", "stop", "1", "--reason", "x", "--volume", "much"]), 2, &["--volume", "mL"]);
    refused(&terminal.run(&["journal", "--kind", "dreams"]), 2, &["--kind dreams", "administration"]);
    refused(&terminal.run(&["journal", "--after", "yesterday"]), 1, &["place"]);
    refused(&terminal.run(&["journal", "--limit", "0"]), 1, &["size"]);
    refused(&terminal.run(&["sync", "--patient", "x"]), 2, &["--server"]);
    refused(&terminal.run(&["sync"]), 1, &["server"]);
    refused(&terminal.run(&["sync", "--server", "http://example.com/fhir"]), 1, &["https"]);
    refused(&terminal.run(&["report", "--days", "0"]), 1, &["days"]);
    for unknown in [&["dose"][..], &["fly"], &["log", "vital"], &["message", "send", "grandmother", "x"]] {
        assert_eq!(terminal.run(unknown).status, 2, "{unknown:?}");
    }
    assert_eq!(terminal.entries(), entries);
}
