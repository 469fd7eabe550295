//! A care plan from outside: refused as a whole or imported, the same each time; what was received stays as it was, and an
//! order that is blocked has a reason.
#![no_main]

use homeline_clinical::rule_faults;
use homeline_fhir::{import_plan, plan_from_resources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let imported = match import_plan(bytes, None) {
        Ok(imported) => imported,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let again = import_plan(bytes, None).expect("the same bytes import again");
    assert_eq!(again.plan, imported.plan);

    for received in &imported.resources {
        let text = std::str::from_utf8(bytes).expect("an imported bundle is UTF-8");
        assert!(text.contains(&received.json), "a resource is kept as received");
    }
    for unreadable in &imported.plan.unreadable {
        assert!(!unreadable.reason.is_empty() && !unreadable.resource.is_empty());
    }
    let json = imported.resources.iter().map(|resource| (resource.resource_type.as_str(), resource.json.as_str()));
    let from_mirror =
        plan_from_resources(json, &imported.plan.patient.id).expect("what was imported reads from the mirror");
    assert_eq!(from_mirror, imported.plan, "the mirror gives the same plan");
    let _ = rule_faults(&imported.plan);
});
