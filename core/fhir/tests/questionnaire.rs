//! Forms of the care team: shown, answered, reckoned, given back; and no form that is sent makes a phone fall over.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use homeline_fhir::questionnaire::{ItemKind, Shown};
use homeline_fhir::{Filling, Place, Questionnaire};
use homeline_model::{FormItem, FormValue};
use proptest::prelude::*;
use serde_json::{Value, json};

const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";
const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/";

fn form(items: Value) -> Questionnaire {
    read(items).unwrap_or_else(|fault| panic!("{fault}"))
}

fn read(items: Value) -> Result<Questionnaire, homeline_fhir::Fault> {
    let resource =
        json!({ "resourceType": "Questionnaire", "id": "q", "status": "active", "title": "Q", "item": items });
    Questionnaire::read(&resource.to_string())
}

fn answer(form: &Questionnaire, filling: &mut Filling, place: &str, typed: &[&str]) -> Result<(), String> {
    let typed: Vec<String> = typed.iter().map(|text| (*text).to_owned()).collect();
    form.answer(filling, &place.parse().unwrap(), &typed).map_err(|error| error.to_string())
}

fn links(shown: &[Shown<'_>]) -> Vec<String> {
    shown.iter().map(|one| one.place.to_string()).collect()
}

#[test]
fn every_type_is_answered_and_comes_back_as_it_was_meant() {
    let unit = |code: &str| json!([{ "url": format!("{HL7}questionnaire-unit"), "valueCoding": { "code": code, "system": "http://unitsofmeasure.org" } }]);
    let options = json!([{ "valueCoding": { "code": "a", "display": "Apple" } }, { "valueString": "Pear" }, { "valueInteger": 3 }]);
    let form = form(json!([
        { "linkId": "boolean", "type": "boolean" }, { "linkId": "decimal", "type": "decimal" },
        { "linkId": "integer", "type": "integer" }, { "linkId": "date", "type": "date" },
        { "linkId": "dateTime", "type": "dateTime" }, { "linkId": "time", "type": "time" },
        { "linkId": "string", "type": "string" }, { "linkId": "text", "type": "text" },
        { "linkId": "url", "type": "url" }, { "linkId": "choice", "type": "choice", "answerOption": options },
        { "linkId": "open", "type": "open-choice", "answerOption": options },
        { "linkId": "quantity", "type": "quantity", "extension": unit("mL") },
        { "linkId": "display", "type": "display", "text": "Thank you." }
    ]));
    for (link, typed, shown) in [
        ("boolean", "Yes", "yes"),
        ("decimal", "2,50", "2.50"),
        ("integer", "-3", "-3"),
        ("date", "2026-11", "2026-11"),
        ("dateTime", "2026-11-23T08:00:00-06:00", "2026-11-23T08:00:00-06:00"),
        ("time", "14:05", "14:05:00"),
        ("string", "one line", "one line"),
        ("text", "two\nlines", "two\nlines"),
        ("url", "https://example.org", "https://example.org"),
        ("choice", "apple", "Apple"),
        ("choice", "Pear", "Pear"),
        ("choice", "3", "3"),
        ("choice", "a", "Apple"),
        ("open", "Plum", "Plum"),
        ("open", "a", "Apple"),
        ("quantity", "250", "250 mL"),
        ("quantity", "250.0 mL", "250.0 mL"),
    ] {
        let mut filling = form.begin();
        answer(&form, &mut filling, link, &[typed]).unwrap_or_else(|error| panic!("{link}: {error}"));
        let answers = form.finish(&filling).unwrap();
        assert_eq!(answers.items.len(), 1);
        assert_eq!(answers.items[0].answers[0].value.to_string(), shown, "{link}");
    }
    for (link, typed) in [
        ("boolean", "maybe"),
        ("decimal", "17."),
        ("integer", "7.7"),
        ("integer", "99999999999"),
        ("date", "2026-02-30"),
        ("dateTime", "noon"),
        ("time", "25:00"),
        ("url", "exemplum"),
        ("choice", "Plum"),
        ("quantity", "250 kg"),
        ("quantity", "much"),
        ("display", "zzz"),
        ("nowhere", "zzz"),
        ("boolean#0", "yes"),
    ] {
        let mut filling = form.begin();
        let error = answer(&form, &mut filling, link, &[typed]).unwrap_err();
        assert!(filling.is_empty() && !error.contains(typed), "{link}: {error}");
    }
}

#[test]
fn a_question_opens_and_closes_with_the_answer_that_it_hangs_on() {
    let form = form(json!([
        { "linkId": "pain", "type": "boolean" },
        { "linkId": "where", "type": "string", "required": true,
          "enableWhen": [{ "question": "pain", "operator": "=", "answerBoolean": true }] }
    ]));
    let mut filling = form.begin();
    assert_eq!(links(&form.shown(&filling)), ["pain"]);
    answer(&form, &mut filling, "pain", &["yes"]).unwrap();
    assert_eq!(links(&form.shown(&filling)), ["pain", "where"]);
    assert_eq!(form.open_questions(&filling)[0].link_id, "where", "required once it is open");
    answer(&form, &mut filling, "where", &["left arm"]).unwrap();
    assert_eq!(form.finish(&filling).unwrap().items.len(), 2);
    answer(&form, &mut filling, "pain", &["no"]).unwrap();
    let items = form.finish(&filling).unwrap().items;
    assert_eq!(items.len(), 1, "what is not asked any more does not go back: {items:?}");
    answer(&form, &mut filling, "pain", &[]).unwrap();
    assert_eq!(links(&form.shown(&filling)), ["pain"], "taken back is not answered");
    assert!(form.finish(&filling).is_err(), "nothing is answered");
}

#[test]
fn all_and_any_join_conditions_as_they_say() {
    let conditions = json!([{ "question": "a", "operator": "exists", "answerBoolean": true },
                            { "question": "b", "operator": ">=", "answerInteger": 5 }]);
    let form = form(json!([
        { "linkId": "a", "type": "string" }, { "linkId": "b", "type": "integer" },
        { "linkId": "all", "type": "string", "enableBehavior": "all", "enableWhen": conditions },
        { "linkId": "any", "type": "string", "enableBehavior": "any", "enableWhen": conditions },
        { "linkId": "unsaid", "type": "string", "enableWhen": conditions },
        { "linkId": "none", "type": "string", "enableWhen": [{ "question": "a", "operator": "exists", "answerBoolean": false }] }
    ]));
    assert_eq!(form.remarks.len(), 1, "enableBehavior is missing once: {:?}", form.remarks);
    let mut filling = form.begin();
    assert_eq!(links(&form.shown(&filling)), ["a", "b", "none"]);
    answer(&form, &mut filling, "b", &["5"]).unwrap();
    assert_eq!(links(&form.shown(&filling)), ["a", "b", "any", "unsaid", "none"]);
    answer(&form, &mut filling, "a", &["x"]).unwrap();
    assert_eq!(links(&form.shown(&filling)), ["a", "b", "all", "any", "unsaid"]);
}

#[test]
fn conditions_in_a_circle_are_dropped_and_told_and_the_questions_are_asked() {
    let hangs_on = |link: &str| json!([{ "question": link, "operator": "=", "answerString": "x" }]);
    let circle = form(json!([
        { "linkId": "a", "type": "string", "enableWhen": hangs_on("b") },
        { "linkId": "b", "type": "string", "enableWhen": hangs_on("c") },
        { "linkId": "c", "type": "string", "enableWhen": hangs_on("a") },
        { "linkId": "self", "type": "string", "enableWhen": hangs_on("self") },
        { "linkId": "after", "type": "string", "enableWhen": hangs_on("a") },
        { "linkId": "group", "type": "group", "enableWhen": hangs_on("inside"),
          "item": [{ "linkId": "inside", "type": "string" }] }
    ]));
    assert_eq!(circle.remarks.len(), 5, "{:?}", circle.remarks);
    let mut filling = circle.begin();
    assert_eq!(links(&circle.shown(&filling)), ["a", "b", "c", "self", "group", "inside"]);
    answer(&circle, &mut filling, "a", &["x"]).unwrap();
    assert!(links(&circle.shown(&filling)).contains(&"after".to_owned()), "outside of the circle it still counts");
}

#[test]
fn a_group_comes_as_often_as_it_was_begun_and_its_conditions_look_into_the_same_repetition() {
    let form = form(json!([
        { "linkId": "medicine", "type": "group", "repeats": true, "item": [
            { "linkId": "name", "type": "string" },
            { "linkId": "stopped", "type": "boolean" },
            { "linkId": "why", "type": "string", "enableWhen": [{ "question": "stopped", "operator": "=", "answerBoolean": true }] }] }
    ]));
    let mut filling = form.begin();
    assert_eq!(links(&form.shown(&filling)), ["medicine#0", "name#0", "stopped#0"]);
    answer(&form, &mut filling, "name#0", &["aspirin"]).unwrap();
    answer(&form, &mut filling, "name#1", &["ibuprofen"]).unwrap();
    answer(&form, &mut filling, "stopped#1", &["yes"]).unwrap();
    answer(&form, &mut filling, "why#1", &["rash"]).unwrap();
    let shown = links(&form.shown(&filling));
    assert_eq!(shown, ["medicine#0", "name#0", "stopped#0", "medicine#1", "name#1", "stopped#1", "why#1"]);
    let items = form.finish(&filling).unwrap().items;
    let inside: Vec<usize> = items.iter().map(|item| item.items.len()).collect();
    assert_eq!((items[0].link_id.as_str(), inside), ("medicine", vec![1, 3]));
    assert!(answer(&form, &mut filling, "name#100", &["x"]).is_err());
    assert!(answer(&form, &mut filling, "name", &["x"]).is_err());
}

#[test]
fn what_hangs_on_an_answer_is_asked_after_it_and_goes_back_below_it() {
    let form = form(json!([
        { "linkId": "fever", "type": "decimal", "item": [
            { "linkId": "help", "type": "display", "text": "Under the tongue." },
            { "linkId": "how", "type": "string" }] }
    ]));
    let mut filling = form.begin();
    assert_eq!(links(&form.shown(&filling)), ["fever", "help"]);
    answer(&form, &mut filling, "fever", &["38.2"]).unwrap();
    answer(&form, &mut filling, "how", &["mouth"]).unwrap();
    let item = &form.finish(&filling).unwrap().items[0];
    assert!(item.items.is_empty());
    assert_eq!(item.answers[0].items[0].link_id, "how");
}

#[test]
fn limits_of_value_length_digits_and_count_hold_and_say_what_they_are() {
    let ext = |name: &str, key: &str, value: Value| json!({ "url": format!("{HL7}{name}"), key: value });
    let amount = |value: u32| json!({ "value": value, "code": "mL", "system": "http://unitsofmeasure.org" });
    let form = form(json!([
        { "linkId": "i", "type": "integer", "extension": [ext("minValue", "valueInteger", json!(0)), ext("maxValue", "valueInteger", json!(10))] },
        { "linkId": "d", "type": "decimal", "extension": [ext("minValue", "valueDecimal", json!(0.5)), ext("maxDecimalPlaces", "valueInteger", json!(1))] },
        { "linkId": "day", "type": "date", "extension": [ext("minValue", "valueDate", json!("2026-01-01"))] },
        { "linkId": "s", "type": "string", "maxLength": 3 },
        { "linkId": "many", "type": "integer", "repeats": true, "extension": [ext("questionnaire-minOccurs", "valueInteger", json!(2)), ext("questionnaire-maxOccurs", "valueInteger", json!(3))] },
        { "linkId": "q", "type": "quantity", "extension": [
            { "url": format!("{SDC}sdc-questionnaire-minQuantity"), "valueQuantity": amount(1) },
            { "url": format!("{SDC}sdc-questionnaire-maxQuantity"), "valueQuantity": amount(500) }] }
    ]));
    let mut filling = form.begin();
    for (link, good, bad, word) in [
        ("i", "0", "-1", "at least 0"),
        ("i", "10", "11", "at most 10"),
        ("d", "0.5", "0.4", "at least 0.5"),
        ("d", "1.50", "1.55", "1 digits"),
        ("day", "2026-01-01", "2025-12-31", "at least 2026-01-01"),
        ("s", "äöü", "äöüß", "3 characters"),
        ("q", "500 mL", "501 mL", "at most 500 mL"),
        ("q", "1 mL", "0 mL", "at least 1 mL"),
    ] {
        answer(&form, &mut filling, link, &[good]).unwrap_or_else(|error| panic!("{link}: {error}"));
        let error = answer(&form, &mut filling, link, &[bad]).err().unwrap_or_else(|| panic!("{link} took {bad}"));
        assert!(error.contains(word), "{link}: {error}");
    }
    assert!(answer(&form, &mut filling, "i", &["1", "2"]).unwrap_err().contains("one answer"));
    answer(&form, &mut filling, "many", &["1"]).unwrap();
    assert!(form.open_questions(&filling)[0].to_string().contains("at least 2"));
    answer(&form, &mut filling, "many", &["1", "2", "3", "4"]).unwrap();
    assert!(form.open_questions(&filling)[0].to_string().contains("at most 3"));
}

#[test]
fn a_form_starts_with_what_the_team_put_in_and_read_only_stays_as_it_is() {
    let form = form(json!([
        { "linkId": "team", "type": "string", "readOnly": true, "initial": [{ "valueString": "Northside" }] },
        { "linkId": "pain", "type": "choice", "answerOption": [{ "valueString": "none", "initialSelected": true }, { "valueString": "some" }] },
        { "linkId": "count", "type": "integer", "initial": [{ "valueInteger": 2 }] }
    ]));
    let mut filling = form.begin();
    let answers = form.finish(&filling).unwrap();
    let values: Vec<String> = answers.items.iter().map(|item| item.answers[0].value.to_string()).collect();
    assert_eq!(values, ["Northside", "none", "2"]);
    assert!(answer(&form, &mut filling, "team", &["Southside"]).is_err());
    answer(&form, &mut filling, "count", &[]).unwrap();
    assert_eq!(form.finish(&filling).unwrap().items.len(), 2, "a suggestion can be taken back");
}

fn scored(expression: &str, kind: &str) -> Questionnaire {
    let option = |code: &str, ordinal: i32| {
        json!({ "valueCoding": { "code": code, "display": code,
        "extension": [{ "url": format!("{HL7}ordinalValue"), "valueDecimal": ordinal }] } })
    };
    let options = json!([option("never", 0), option("some", 1), option("often", 3)]);
    form(json!([
        { "linkId": "g", "type": "group", "item": [
            { "linkId": "q1", "type": "choice", "answerOption": options },
            { "linkId": "q2", "type": "choice", "answerOption": options }] },
        { "linkId": "n", "type": "integer" },
        { "linkId": "score", "type": kind, "readOnly": true, "extension": [{
            "url": format!("{SDC}sdc-questionnaire-calculatedExpression"),
            "valueExpression": { "language": "text/fhirpath", "expression": expression } }] },
        { "linkId": "call", "type": "display", "text": "Call us.",
          "enableWhen": [{ "question": "score", "operator": ">=", "answerDecimal": 4 }, { "question": "score", "operator": ">=", "answerInteger": 4 }],
          "enableBehavior": "any" }
    ]))
}

fn score(form: &Questionnaire, filling: &Filling) -> Option<String> {
    let shown = form.shown(filling);
    shown.iter().find(|one| one.item.link_id == "score")?.values.first().map(ToString::to_string)
}

#[test]
fn a_score_is_reckoned_from_the_answers_and_questions_may_hang_on_it() {
    for (expression, both, half) in [
        ("%resource.item.where(linkId='g').item.answer.value.ordinal().sum()", Some("4"), Some("3")),
        (
            "%resource.descendants().where(linkId='q1' or linkId='q2').answer.valueCoding.weight().sum()",
            Some("4"),
            Some("3"),
        ),
        (
            "%resource.repeat(item).where(linkId='q1').answer.value.ordinal() + %resource.item.item.where(linkId='q2').answer.value.ordinal()",
            Some("4"),
            None,
        ),
        ("(%resource.item.item.answer.value.ordinal().sum() * 3) / 2", Some("6"), Some("4.5")),
        ("%resource.item.item.answer.count()", Some("2"), Some("1")),
        ("%resource.item.where(linkId='n').answer.value - 1", Some("6"), Some("6")),
        ("1 / 0", None, None),
    ] {
        let form = scored(expression, "decimal");
        assert!(form.remarks.is_empty(), "{expression}: {:?}", form.remarks);
        let mut filling = form.begin();
        answer(&form, &mut filling, "n", &["7"]).unwrap();
        answer(&form, &mut filling, "q1", &["often"]).unwrap();
        assert_eq!(score(&form, &filling).as_deref(), half, "{expression}");
        answer(&form, &mut filling, "q2", &["some"]).unwrap();
        assert_eq!(score(&form, &filling).as_deref(), both, "{expression}");
        let calls = links(&form.shown(&filling)).contains(&"call".to_owned());
        assert_eq!(calls, both.is_some_and(|both| both.parse::<f64>().unwrap() >= 4.0), "{expression}");
        let back = form.finish(&filling).unwrap();
        let returned =
            back.items.iter().find(|item| item.link_id == "score").map(|item| item.answers[0].value.to_string());
        assert_eq!(returned.as_deref(), both, "the score goes back with the form");
        assert!(answer(&form, &mut filling, "score", &["9"]).is_err());
    }
    let whole = scored("%resource.item.item.answer.value.ordinal().sum() / 2", "integer");
    let mut filling = whole.begin();
    answer(&whole, &mut filling, "q1", &["often"]).unwrap();
    assert_eq!(score(&whole, &filling), None, "a half is no whole number");
}

#[test]
fn a_score_that_is_not_reckoned_here_is_told_and_keeps_nobody_from_answering() {
    for expression in [
        "today()",
        "%resource.item.answer.value.sum().round(1)",
        "iif(true, 1, 2)",
        "%patient.age",
        "",
        "((1)",
        "1 +",
        "'a'",
    ] {
        let form = scored(expression, "decimal");
        assert_eq!(form.remarks.len(), 1, "{expression}: {:?}", form.remarks);
        let mut filling = form.begin();
        answer(&form, &mut filling, "n", &["7"]).unwrap();
        assert_eq!(form.finish(&filling).unwrap().items.len(), 1, "{expression}");
    }
}

#[test]
fn a_form_that_cannot_be_answered_whole_is_refused_with_the_element() {
    let deep = (0..30).fold(
        json!([{ "linkId": "end", "type": "string" }]),
        |inside, level| json!([{ "linkId": format!("g{level}"), "type": "group", "item": inside }]),
    );
    for (items, field) in [
        (json!([]), "item"),
        (json!([{ "type": "string" }]), "item[0].linkId"),
        (json!([{ "linkId": "a", "type": "string" }, { "linkId": "a", "type": "string" }]), "item[1].linkId"),
        (json!([{ "linkId": "a", "type": "question" }]), "item[0].type"),
        (json!([{ "linkId": "a" }]), "item[0].type"),
        (json!([{ "linkId": "a", "type": "attachment", "required": true }]), "item[0].type"),
        (json!([{ "linkId": "a", "type": "reference", "required": true }]), "item[0].type"),
        (
            json!([{ "linkId": "a", "type": "choice", "required": true, "answerValueSet": "http://x.example/vs" }]),
            "item[0].answerOption",
        ),
        (
            json!([{ "linkId": "a", "type": "string", "enableWhen": [{ "question": "b", "operator": "=", "answerString": "x" }] }]),
            "item[0].enableWhen[0].question",
        ),
        (
            json!([{ "linkId": "a", "type": "string", "enableWhen": [{ "question": "a", "operator": "~", "answerString": "x" }] }]),
            "item[0].enableWhen[0].operator",
        ),
        (
            json!([{ "linkId": "a", "type": "string", "enableWhen": [{ "question": "a", "operator": "=" }] }]),
            "item[0].enableWhen[0].answer[x]",
        ),
        (
            json!([{ "linkId": "a", "type": "string", "modifierExtension": [{ "url": "x" }] }]),
            "item[0].modifierExtension",
        ),
        (deep, "item[0].item[0]"),
    ] {
        let fault = read(items.clone()).expect_err(&items.to_string());
        assert!(fault.field.starts_with(field), "{} is not {field}", fault.field);
        assert!(!fault.reason.is_empty());
    }
    assert!(Questionnaire::read("{}").is_err() && Questionnaire::read("[").is_err());
    let optional = form(
        json!([{ "linkId": "file", "type": "attachment", "text": "A picture" }, { "linkId": "a", "type": "string" }]),
    );
    assert_eq!(optional.item("file").unwrap().kind, ItemKind::NotHere);
    assert!(optional.not_here[0].reason.contains("cannot be answered here"));
}

#[test]
fn choices_may_come_from_a_value_set_inside_the_form() {
    let resource = json!({ "resourceType": "Questionnaire", "id": "q", "url": "https://x.example/q", "version": "3",
        "contained": [{ "resourceType": "ValueSet", "id": "vs", "compose": { "include": [{ "system": "https://x.example/cs",
            "concept": [{ "code": "l", "display": "Left" }, { "code": "r", "display": "Right" }] }] } }],
        "item": [{ "linkId": "side", "type": "choice", "answerValueSet": "#vs" }] });
    let form = Questionnaire::read(&resource.to_string()).unwrap();
    assert_eq!(form.canonical, "https://x.example/q|3");
    let mut filling = form.begin();
    answer(&form, &mut filling, "side", &["left"]).unwrap();
    let FormValue::Choice(choice) = &form.finish(&filling).unwrap().items[0].answers[0].value else { panic!() };
    assert_eq!((choice.system.as_deref(), choice.code.as_deref()), (Some("https://x.example/cs"), Some("l")));
}

#[test]
fn a_filling_of_an_older_form_keeps_what_still_fits() {
    let old = form(
        json!([{ "linkId": "a", "type": "string" }, { "linkId": "b", "type": "string" }, { "linkId": "c", "type": "string" }]),
    );
    let mut filling = old.begin();
    for link in ["a", "b", "c"] {
        answer(&old, &mut filling, link, &["12"]).unwrap();
    }
    let kept: Filling = serde_json::from_str(&serde_json::to_string(&filling).unwrap()).unwrap();
    assert_eq!(kept, filling);
    let new = form(json!([{ "linkId": "a", "type": "string" }, { "linkId": "b", "type": "integer" }]));
    let gone = new.fit(&mut filling);
    assert_eq!(gone.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(filling.at(&Place::of("a")).len(), 1);
}

// ---- Laws over generated forms: no panic, no endless loop, and what goes back is what was asked.

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "group",
        "display",
        "boolean",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "url",
        "choice",
        "open-choice",
        "quantity",
        "attachment",
        "reference",
        "question",
    ])
}

fn condition() -> impl Strategy<Value = Value> {
    let operators = prop::sample::select(vec!["exists", "=", "!=", ">", "<", ">=", "<="]);
    (0u8..12, operators, 0u8..6).prop_map(|(question, operator, answer)| {
        let mut written = json!({ "question": question.to_string(), "operator": operator });
        let (key, value) = match answer {
            0 => ("answerBoolean", json!(true)),
            1 => ("answerInteger", json!(3)),
            2 => ("answerDecimal", json!(2.5)),
            3 => ("answerString", json!("x")),
            4 => ("answerDate", json!("2026-11-23")),
            _ => ("answerQuantity", json!({ "value": 1, "code": "mL" })),
        };
        written[key] = value;
        written
    })
}

fn item() -> impl Strategy<Value = Value> {
    let leaf = (0u8..12, kind(), any::<bool>(), any::<bool>(), prop::collection::vec(condition(), 0..3), any::<bool>());
    let leaf = leaf.prop_map(|(link, kind, required, repeats, conditions, any)| {
        json!({ "linkId": link.to_string(), "type": kind, "required": required, "repeats": repeats,
                "enableWhen": conditions, "enableBehavior": if any { "any" } else { "all" },
                "answerOption": if kind.ends_with("choice") { json!([{ "valueString": "x" }, { "valueInteger": 3 }]) } else { json!([]) },
                "initial": if kind == "integer" { json!([{ "valueInteger": 3 }]) } else { json!([]) },
                "extension": if kind == "decimal" { json!([{ "url": format!("{SDC}sdc-questionnaire-calculatedExpression"),
                    "valueExpression": { "language": "text/fhirpath", "expression": "%resource.descendants().answer.value.sum() + 1" } }]) } else { json!([]) } })
    });
    leaf.prop_recursive(4, 24, 5, |inside| {
        (inside.clone(), prop::collection::vec(inside, 0..4)).prop_map(|(mut item, items)| {
            item["item"] = Value::Array(items);
            item
        })
    })
}

/// Gives every item a number of its own, so that most generated forms can be read; conditions point anywhere.
fn number_items(items: &mut Value, next: &mut u32) {
    for item in items.as_array_mut().into_iter().flatten() {
        item["linkId"] = next.to_string().into();
        *next += 1;
        if let Some(inside) = item.get_mut("item") {
            number_items(inside, next);
        }
    }
}

fn asked(items: &[FormItem], form: &Questionnaire) {
    for item in items {
        let known = form.item(&item.link_id).expect("a question of the form");
        assert_eq!(known.kind == ItemKind::Group, item.answers.is_empty());
        asked(&item.items, form);
        item.answers.iter().for_each(|answer| asked(&answer.items, form));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_form_and_no_answer_makes_it_panic_or_loop(
        items in prop::collection::vec(item(), 1..6),
        renumber in any::<bool>(),
        typed in prop::collection::vec((0u8..14, prop::collection::vec(0u32..3, 0..3), "[a-z0-9 .:#-]{0,12}|yes|3|x|2026-11-23|1 mL"), 0..12),
    ) {
        let mut items = Value::Array(items);
        if renumber {
            number_items(&mut items, &mut 0);
        }
        let Ok(form) = read(items) else { return Ok(()) };
        let mut filling = form.begin();
        for (link, at, text) in typed {
            let _ = form.answer(&mut filling, &Place { link_id: link.to_string(), at }, &[text]);
        }
        let shown = form.shown(&filling);
        prop_assert_eq!(&form.shown(&filling), &shown);
        let open = form.open_questions(&filling);
        match form.finish(&filling) {
            Ok(answers) => {
                prop_assert!(open.is_empty());
                asked(&answers.items, &form);
            }
            Err(unfinished) => prop_assert!(!unfinished.open.is_empty()),
        }
        let mut again = filling.clone();
        prop_assert!(form.fit(&mut again).is_empty(), "what was taken still fits");
    }
}
