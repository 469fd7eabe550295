//! What a sign-in may do: the scopes that were granted, which may be fewer than were asked for.
//!
//! SMART App Launch 2.2 §Scopes: `patient/Observation.cruds`, and the older `patient/Observation.read` and `.write`. An
//! empty search is no proof that nothing is there, and a refused write is no fault of the record: so what was not granted
//! is not tried.

use serde::{Deserialize, Serialize};

/// The scopes of one sign-in, as the server granted them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantedScopes(String);

/// One way of touching a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    Create,
    Update,
    Search,
}

impl GrantedScopes {
    /// Reads scopes that are parted by spaces.
    pub fn parse(text: &str) -> Self {
        Self(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// As the server wrote them.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a scope was granted under exactly this name.
    pub fn has(&self, scope: &str) -> bool {
        self.0.split(' ').any(|granted| granted == scope)
    }

    /// Whether records of a type may be sent. A `PUT` that creates is an update, and servers that hand out ids are sent a
    /// create: either is enough to try.
    pub fn may_write(&self, resource_type: &str) -> bool {
        self.allows(resource_type, Touch::Update) || self.allows(resource_type, Touch::Create)
    }

    /// Whether records of a type may be searched.
    pub fn may_search(&self, resource_type: &str) -> bool {
        self.allows(resource_type, Touch::Search)
    }

    fn allows(&self, resource_type: &str, touch: Touch) -> bool {
        self.0.split(' ').any(|scope| {
            let Some((level, rest)) = scope.split_once('/') else { return false };
            if !matches!(level, "patient" | "user" | "system") {
                return false;
            }
            // `?category=…` narrows what is granted; whether a record is inside of it only the server knows.
            let rest = rest.split('?').next().unwrap_or(rest);
            let Some((granted_type, verbs)) = rest.rsplit_once('.') else { return false };
            (granted_type == "*" || granted_type == resource_type) && allows(verbs, touch)
        })
    }
}

fn allows(verbs: &str, touch: Touch) -> bool {
    match (verbs, touch) {
        ("*", _) | ("read", Touch::Search) | ("write", Touch::Create | Touch::Update) => true,
        ("read" | "write", _) => false,
        (_, Touch::Create) => verbs.contains('c'),
        (_, Touch::Update) => verbs.contains('u'),
        (_, Touch::Search) => verbs.contains('s'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_both_versions_say_what_may_be_done() {
        let scopes = GrantedScopes::parse("openid  launch/patient patient/*.rs patient/Observation.cu user/Task.write");
        assert!(scopes.may_search("CarePlan") && scopes.may_search("Observation"));
        assert!(scopes.may_write("Observation") && scopes.may_write("Task"));
        assert!(!scopes.may_write("Communication"));
        assert!(scopes.has("openid") && !scopes.has("open"));
        let older = GrantedScopes::parse("patient/*.read patient/Observation.*");
        assert!(older.may_search("Patient") && older.may_write("Observation") && !older.may_write("Patient"));
    }

    #[test]
    fn a_scope_that_is_narrowed_is_tried_and_a_context_grants_nothing() {
        assert!(GrantedScopes::parse("patient/Observation.cu?category=survey").may_write("Observation"));
        for nothing in ["", "launch/patient", "patient/Observation", "fhirUser", "patient/Observation.rs"] {
            assert!(!GrantedScopes::parse(nothing).may_write("Observation"), "{nothing}");
        }
    }
}
