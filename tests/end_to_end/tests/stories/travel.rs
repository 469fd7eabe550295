use chrono::Duration;
use homeline_companion::{ErrorKind, Homeline, JournalFilter};
use homeline_end_to_end::phone::{Phone, at, plan, play};
use homeline_model::{EntryKind, EventTiming, OccurrenceId, ZoneId};
use serde_json::{Value, json};

fn zone(name: &str) -> ZoneId {
    ZoneId::new(name).unwrap()
}

/// The vancomycin plan with another timing of its drug.
fn with_timing(repeat: Value, policy: &str) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        if resource["id"] == "vanc-order" {
            resource["dosageInstruction"][0]["timing"] = json!({ "repeat": repeat.clone() });
            for extension in resource["extension"].as_array_mut().unwrap() {
                if extension["url"].as_str().unwrap().ends_with("/time-policy") {
                    extension["valueCode"] = json!(policy);
                }
            }
        }
    }
    bundle.to_string().into_bytes()
}

/// The doses of the drug in a span: id and planned start, as UTC.
async fn doses(homeline: &Homeline, from: &str, to: &str) -> Vec<(OccurrenceId, String)> {
    let items = homeline.agenda().items(at(from), at(to)).await.unwrap();
    let of_drug = items.into_iter().filter_map(|item| item.occurrence);
    of_drug.filter(|o| o.order.id.as_str() == "vanc-order").map(|o| (o.id, o.start.to_rfc3339())).collect()
}

#[test]
fn no_dose_moves_on_landing_and_all_do_when_the_journey_is_accepted() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = doses(&homeline, "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z").await;
        phone.clock.set_zone(zone("Europe/Berlin"));
        assert_eq!(doses(&homeline, "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z").await, before);
        let today = homeline.agenda().today().await.unwrap().subtitle.unwrap();
        assert!(today.contains("doses still follow America/Chicago"), "{today}");
        assert!(homeline.travel().state().await.unwrap().to_accept);

        let preview = homeline.travel().preview(zone("Europe/Berlin"), None, 3).await.unwrap();
        let order = preview.orders.iter().find(|order| order.order.as_str() == "vanc-order").unwrap();
        assert!(order.moves && order.doses[0].too_close, "seven hours closer than 12 hours: {order:?}");
        assert_eq!(order.doses[0].now.unwrap().to_rfc3339(), "2026-11-23T20:00:00-06:00");
        assert_eq!(order.doses[0].there.unwrap().to_rfc3339(), "2026-11-23T20:00:00+01:00");
        // Looking changes nothing.
        assert_eq!(doses(&homeline, "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z").await, before);

        homeline.travel().accept(zone("Europe/Berlin")).await.unwrap().expect("an entry");
        let after = doses(&homeline, "2026-11-23T17:00:00Z", "2026-11-25T17:00:00Z").await;
        assert_eq!(after[0].1, "2026-11-23T19:00:00+00:00");
        let names = |doses: &[(OccurrenceId, String)]| doses.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!(names(&before), names(&after), "the same doses under the same names");
        let state = homeline.travel().state().await.unwrap();
        assert_eq!(
            (state.home.as_str(), state.followed.as_str(), state.to_accept),
            ("America/Chicago", "Europe/Berlin", false)
        );
    });
}

#[test]
fn an_accepted_journey_is_kept_and_is_one_entry_of_the_journal() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        phone.clock.set_zone(zone("Asia/Kathmandu"));
        assert!(homeline.travel().accept(zone("Asia/Kathmandu")).await.unwrap().is_some());
        assert!(
            homeline.travel().accept(zone("Asia/Kathmandu")).await.unwrap().is_none(),
            "the second time is the first"
        );
        homeline.close().await.unwrap();
        let again = phone.open().await;
        assert_eq!(again.travel().state().await.unwrap().followed.as_str(), "Asia/Kathmandu");
        let filter = JournalFilter { kinds: vec![EntryKind::PlanChanged], ..JournalFilter::default() };
        let rows = again.journal().timeline(filter, None, 10).await.unwrap().rows;
        let told: Vec<&String> = rows.iter().flat_map(|row| &row.details).collect();
        let journeys = told.iter().filter(|line| line.contains("Asia/Kathmandu")).count();
        assert_eq!(journeys, 1, "{rows:?}");
        assert!(told.iter().any(|line| line.contains("Home stays America/Chicago")), "{told:?}");
        // A new version of the plan leaves the journey as it is.
        again.plan().import(plan("vancomycin-elastomeric")).await.unwrap();
        assert_eq!(again.travel().state().await.unwrap().followed.as_str(), "Asia/Kathmandu");
    });
}

#[test]
fn a_journey_to_nowhere_and_one_without_a_plan_are_refused() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let travel = homeline.travel();
        let kind = |error: homeline_companion::HomelineError| error.kind;
        assert_eq!(kind(travel.accept(zone("Mars/Olympus")).await.unwrap_err()), ErrorKind::BadInput);
        assert_eq!(kind(travel.preview(zone("Europe/Berlin"), None, 0).await.unwrap_err()), ErrorKind::BadInput);
        let too_far = Some(at("2028-01-01T00:00:00Z"));
        assert_eq!(kind(travel.preview(zone("Europe/Berlin"), too_far, 3).await.unwrap_err()), ErrorKind::BadInput);
        assert_eq!(travel.state().await.unwrap().followed.as_str(), "America/Chicago");
    });
}

#[test]
fn reminders_are_planned_anew_when_the_phones_zone_rules_change() {
    let phone = Phone::new("America/Chicago", "2026-11-23T16:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.reminders().hand_over(64).await.unwrap();
        let before = homeline.reminders().plan(64).await.unwrap();
        phone.put_clocks_forward(3_600);
        let (added, _) = homeline.reminders().hand_over(64).await.unwrap();
        assert!(added > 10, "{added} reminders were handed over anew");
        let after = homeline.reminders().plan(64).await.unwrap();
        let due = |plan: &homeline_companion::ReminderPlan| {
            let due = plan.notifications.iter().filter(|reminder| reminder.text.starts_with("It is time"));
            due.take(5).map(|reminder| (reminder.occurrence, reminder.fire_at)).collect::<Vec<_>>()
        };
        let moved: Vec<_> = due(&before).into_iter().map(|(dose, at)| (dose, at - Duration::hours(1))).collect();
        assert!(moved.len() == 5 && moved == due(&after), "{moved:?} {:?}", due(&after));
    });
}

#[test]
fn an_order_of_ten_years_counts_from_the_clock_of_its_first_day() {
    // A summer's day: 09:00 in Chicago. In winter 09:00 stays 09:00.
    let repeat = json!({
        "boundsPeriod": {"start": "2016-07-05T09:00:00-05:00"}, "frequency": 1, "period": 1, "periodUnit": "d"
    });
    let phone = Phone::new("America/Chicago", "2026-11-23T16:00:00Z");
    play(async {
        let homeline = phone.begin_with(with_timing(repeat, "wall-clock")).await;
        let doses = doses(&homeline, "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z").await;
        assert_eq!(doses.iter().map(|(_, start)| start.as_str()).collect::<Vec<_>>(), ["2026-11-24T15:00:00+00:00"]);
    });
}

#[test]
fn a_late_start_moves_the_doses_after_it_when_the_plan_says_so_even_weeks_later() {
    let repeat = json!({
        "boundsPeriod": {"start": "2026-11-23T10:00:00-06:00"}, "frequency": 1, "period": 20, "periodUnit": "d"
    });
    let phone = Phone::new("America/Chicago", "2026-11-23T15:30:00Z");
    play(async {
        let homeline = phone.begin_with(with_timing(repeat, "elapsed-from-last-start")).await;
        let (first, start) = doses(&homeline, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z").await.remove(0);
        assert_eq!(start, "2026-11-23T16:00:00+00:00");
        phone.clock.advance(Duration::minutes(150));
        homeline.agenda().act(format!("dose.start:{first}"), Default::default()).await.unwrap();
        // Two hours late, and asked for in a span that begins long after that entry.
        let later = doses(&homeline, "2026-12-10T00:00:00Z", "2027-01-10T00:00:00Z").await;
        let starts: Vec<&str> = later.iter().map(|(_, start)| start.as_str()).collect();
        assert_eq!(starts, ["2026-12-13T18:00:00+00:00", "2027-01-02T18:00:00+00:00"]);
    });
}

#[test]
fn an_order_with_meals_waits_for_the_patients_own_day() {
    let repeat = json!({ "boundsPeriod": {"start": "2026-11-20"}, "when": ["ACM"], "offset": 30 });
    let phone = Phone::new("America/Chicago", "2026-11-23T12:00:00Z");
    play(async {
        let homeline = phone.begin_with(with_timing(repeat, "wall-clock")).await;
        let tomorrow = ("2026-11-24T06:00:00Z", "2026-11-25T06:00:00Z");
        assert_eq!(doses(&homeline, tomorrow.0, tomorrow.1).await, []);
        assert!(
            homeline
                .agenda()
                .today()
                .await
                .unwrap()
                .sections
                .iter()
                .any(|s| s.title.as_deref() == Some("Ask your nurse"))
        );
        homeline.routine().set(EventTiming::Breakfast, "07:30:00".parse().unwrap()).await.unwrap();
        let told = doses(&homeline, tomorrow.0, tomorrow.1).await;
        assert_eq!(told[0].1, "2026-11-24T13:00:00+00:00");
        homeline.close().await.unwrap();
        let again = phone.open().await;
        again.routine().set(EventTiming::Breakfast, "08:30:00".parse().unwrap()).await.unwrap();
        let moved = doses(&again, tomorrow.0, tomorrow.1).await;
        assert_eq!((moved[0].0, moved[0].1.as_str()), (told[0].0, "2026-11-24T14:00:00+00:00"));
        let refused = again.routine().set(EventTiming::BeforeMeal, "08:30:00".parse().unwrap()).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::BadInput);
    });
}
