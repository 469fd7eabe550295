//! Places of the body by key, for the site map: where needles went in and what each place did.

use crate::language::Language;
use serde::Deserialize;
use std::sync::LazyLock;

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BodySite {
    /// Stable key, e.g. `left-thigh`.
    pub key: String,
    /// Name in English.
    pub en: String,
    /// Name in Spanish; needs review by a qualified translator.
    pub es: String,
}

impl BodySite {
    /// The name to show.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::English | Language::Other(_) => &self.en,
            Language::Spanish => &self.es,
        }
    }
}

#[derive(Deserialize)]
struct SiteFile {
    sites: Vec<BodySite>,
}

static SITES: LazyLock<SiteFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/body_sites.json")).expect("embedded, and read by the tests")
});

/// All places, in the order in which they are shown.
pub fn body_sites() -> &'static [BodySite] {
    &SITES.sites
}

/// The name of a place; own words are their own name.
pub fn body_site_name(key: &str, language: Language) -> &str {
    body_sites().iter().find(|site| site.key == key).map_or(key, |site| site.name(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_place_has_a_key_and_names_of_its_own() {
        for names in [
            body_sites().iter().map(|site| &site.key).collect::<BTreeSet<_>>(),
            body_sites().iter().map(|site| &site.en).collect(),
            body_sites().iter().map(|site| &site.es).collect(),
        ] {
            assert_eq!(names.len(), body_sites().len());
        }
        assert_eq!(body_site_name("left-thigh", Language::English), "Left thigh");
        assert_eq!(body_site_name("beside the scar", Language::English), "beside the scar");
    }
}
