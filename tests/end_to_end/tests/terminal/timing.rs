use homeline_end_to_end::terminal::{Answer, Terminal};
use serde_json::{Value, json};

const DAY: [&str; 6] =
    ["--zone", "America/New_York", "--from", "2026-11-23T00:00:00-05:00", "--to", "2026-11-24T00:00:00-05:00"];

fn timing(input: &Value, span: &[&str]) -> Answer {
    let arguments: Vec<&str> = ["timing"].iter().chain(span).copied().collect();
    Terminal::new().run_with(&arguments, input.to_string().as_bytes())
}

fn twice_daily() -> Value {
    json!({ "repeat": {
        "frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"],
        "duration": 90, "durationUnit": "min"
    } })
}

fn starts(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 0, "{}", answer.error);
    let document = answer.json();
    let occurrences = document["occurrences"].as_array().unwrap();
    occurrences.iter().map(|o| o["start"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_timing_a_dosage_and_an_order_say_the_same_times() {
    let request = json!({
        "resourceType": "MedicationRequest", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "Vancomycin"}, "subject": {"reference": "Patient/rosa"},
        "dosageInstruction": [{ "timing": twice_daily() }]
    });
    for input in [twice_daily(), json!({ "timing": twice_daily() }), request] {
        let answer = timing(&input, &DAY);
        let expected = json!({
            "occurrences": [
                {"start": "2026-11-23T08:00:00-05:00", "end": "2026-11-23T09:30:00-05:00"},
                {"start": "2026-11-23T20:00:00-05:00", "end": "2026-11-23T21:30:00-05:00"}
            ],
            "questions": [], "skipped": []
        });
        assert_eq!((answer.status, answer.json()), (0, expected), "{}", answer.error);
    }
}

#[test]
fn a_span_holds_its_first_instant_and_not_its_last() {
    let span = |from, to| timing(&twice_daily(), &["--zone", "America/New_York", "--from", from, "--to", to]);
    let both = span("2026-11-23T08:00:00-05:00", "2026-11-23T20:00:00-05:00");
    assert_eq!(starts(&both), ["2026-11-23T08:00:00-05:00"]);
    assert_eq!(starts(&span("2026-11-23T08:00:01-05:00", "2026-11-23T20:00:01-05:00")), ["2026-11-23T20:00:00-05:00"]);
    assert!(starts(&span("2026-11-23T08:00:00-05:00", "2026-11-23T08:00:00-05:00")).is_empty());
}

#[test]
fn an_anchor_of_long_ago_is_read_by_the_clock_of_its_day() {
    let old = json!({ "repeat": {
        "boundsPeriod": {"start": "2016-07-05T09:00:00-04:00"}, "frequency": 1, "period": 1, "periodUnit": "d"
    } });
    assert_eq!(starts(&timing(&old, &DAY)), ["2026-11-23T09:00:00-05:00"]);
}

#[test]
fn what_is_open_is_a_question_with_choices_and_no_occurrence() {
    let answer = timing(&json!({ "repeat": {"frequency": 3, "period": 1, "periodUnit": "wk"} }), &DAY);
    let document = answer.json();
    assert_eq!((answer.status, &document["occurrences"]), (0, &json!([])));
    assert_eq!(
        (&document["questions"][0]["code"], &document["questions"][0]["path"]),
        (&json!("days-missing"), &json!("repeat.dayOfWeek"))
    );
    assert_eq!(document["questions"][0]["choices"][0]["code"], "days-of-week");
}

#[test]
fn a_day_that_the_zone_does_not_have_is_said() {
    let span = ["--zone", "Pacific/Apia", "--from", "2011-12-29T00:00:00-10:00", "--to", "2012-01-01T00:00:00+14:00"];
    let answer = timing(&twice_daily(), &span);
    assert_eq!(starts(&answer).len(), 4);
    assert_eq!(answer.json()["skipped"], json!([{"date": "2011-12-30", "reason": "no-such-day"}]));
}

#[test]
fn the_patients_own_day_can_be_told() {
    let before_meals = json!({ "repeat": {"when": ["ACM"], "offset": 30} });
    let day: Vec<&str> = DAY.iter().copied().chain(["--routine", "CM=07:30"]).collect();
    assert_eq!(starts(&timing(&before_meals, &day)), ["2026-11-23T07:00:00-05:00"]);
}

#[test]
fn wrong_use_is_2_and_an_unreadable_timing_is_1_in_one_line() {
    let good = twice_daily();
    let replaced = |at: usize, value: &'static str| {
        let mut span = DAY;
        span[at] = value;
        timing(&good, &span)
    };
    for answer in [
        replaced(1, "Mars/Olympus"),
        replaced(1, "New York"),
        replaced(3, "yesterday"),
        replaced(5, "2026-11-22T00:00:00-05:00"),
    ] {
        assert_eq!((answer.status, answer.out.as_str()), (2, ""), "{}", answer.error);
    }
    for input in [
        json!({ "repeat": {"timeOfDay": ["08:00:00"], "when": ["CM"]} }),
        json!({ "repeat": {"period": -1, "periodUnit": "d"} }),
        json!([]),
        json!({ "resourceType": "Patient" }),
    ] {
        let answer = timing(&input, &DAY);
        assert_eq!((answer.status, answer.out.as_str()), (1, ""), "{input}");
        assert!(answer.error.starts_with("homeline: ") && answer.error.lines().count() == 1, "{}", answer.error);
    }
    // A dose each second of a year is no answer that anybody reads.
    let endless =
        json!({ "repeat": {"boundsPeriod": {"start": "2026-01-01T00:00:00Z"}, "period": 1, "periodUnit": "s"} });
    assert_eq!(replaced(5, "2027-11-24T00:00:00-05:00").status, 0);
    let mut year = DAY;
    year[5] = "2027-11-24T00:00:00-05:00";
    assert_eq!(timing(&endless, &year).status, 1);
}
