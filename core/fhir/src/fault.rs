//! Something in a resource that cannot be understood: the element and why, in plain words.

use homeline_model::Unreadable;

/// One fault. `field` is a FHIRPath inside the resource; `reason` says what is wrong and never repeats a person's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {reason}")]
pub struct Fault {
    /// The element, e.g. `dosageInstruction[0].timing.repeat`.
    pub field: String,
    /// Why, and what to do.
    pub reason: String,
}

impl Fault {
    /// A fault at an element.
    pub fn at(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }

    pub(crate) fn missing(field: impl Into<String>, what: &str) -> Self {
        Self::at(field, format!("{what} is missing: ask the care team to send it"))
    }

    /// The fault as the plan lists it.
    pub(crate) fn unreadable(self, resource: &str, blocks_order: bool) -> Unreadable {
        Unreadable { resource: resource.to_owned(), field: self.field, reason: self.reason, blocks_order }
    }
}

/// A path one element deeper.
pub(crate) fn inside(path: &str, element: &str) -> String {
    if path.is_empty() { element.to_owned() } else { format!("{path}.{element}") }
}

/// A path to one of several elements.
pub(crate) fn at(path: &str, element: &str, index: usize) -> String {
    inside(path, &format!("{element}[{index}]"))
}

/// A path to a part of one of our extensions, as FHIRPath has it: `extension('name')`.
pub(crate) fn extension(path: &str, name: &str) -> String {
    inside(path, &format!("extension('{name}')"))
}

/// Reads a typed resource, or says which element has the wrong form.
pub(crate) fn read_resource<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        // serde's own words may quote the value; only the kind of mismatch is told.
        let reason = match error.inner().classify() {
            serde_json::error::Category::Data => {
                "has a form that R4 does not allow here: ask the care team to send it again"
            }
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => "is not readable JSON: ask the care team to send it again",
        };
        // Neither the whole resource nor an element whose name is empty has a path that says something.
        Fault::at(if matches!(field.as_str(), "." | "") { "resource".to_owned() } else { field }, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_the_element_or_at_least_the_resource() {
        let field = |json: &str| read_resource::<crate::resource::Patient>(json).unwrap_err().field;
        assert_eq!(field(r#"{"birthDate": 7}"#), "birthDate");
        assert_eq!(field(r#"{"":d"}"#), "resource");
        assert_eq!(field("[]"), "resource");
    }
}
