//! The care plans that the simulated home can live: complete FHIR R4 Bundles, one file each in `tests/home/plans`.

const PLANS: [(&str, &str); 8] = [
    ("vancomycin-elastomeric", include_str!("../plans/vancomycin-elastomeric.json")),
    ("ceftriaxone-iv-push", include_str!("../plans/ceftriaxone-iv-push.json")),
    ("tpn-cycled", include_str!("../plans/tpn-cycled.json")),
    ("ivig-ladder", include_str!("../plans/ivig-ladder.json")),
    ("fluorouracil-46h", include_str!("../plans/fluorouracil-46h.json")),
    ("milrinone-two-pumps", include_str!("../plans/milrinone-two-pumps.json")),
    ("scig-weekly", include_str!("../plans/scig-weekly.json")),
    ("hydromorphone-pca", include_str!("../plans/hydromorphone-pca.json")),
];

/// The Bundle of this name.
pub fn named(name: &str) -> Option<&'static str> {
    PLANS.iter().find(|(known, _)| *known == name).map(|(_, json)| *json)
}

/// All names.
pub fn names() -> Vec<&'static str> {
    PLANS.iter().map(|(name, _)| *name).collect()
}
