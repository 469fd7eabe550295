//! How a FHIR element becomes a Rust struct: what we read has a field, everything else stays in `extra`, so that
//! reading and writing again loses nothing (R4 lets every element carry extensions, <https://hl7.org/fhir/R4/element.html>).
//!
//! Codes are plain text here: a server may send a code of tomorrow, and one odd code must not make a resource
//! unreadable. Decimals are `serde_json::Number`, which keeps its text (`100.0` stays `100.0`); nothing is a float.

/// Declares elements: `one` for cardinality 0..1 and 1..1, `many` for 0..*.
macro_rules! elements {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            one: { $($one:ident: $one_type:ty),* $(,)? }
            many: { $($many:ident: $many_type:ty),* $(,)? }
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $(
                #[doc = concat!("R4 `", stringify!($name), "`: the element `", stringify!($one), "`.")]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $one: Option<$one_type>,
            )*
            $(
                #[doc = concat!("R4 `", stringify!($name), "`: the elements `", stringify!($many), "`.")]
                #[serde(skip_serializing_if = "Vec::is_empty")]
                pub $many: Vec<$many_type>,
            )*
            /// Everything else, as received.
            #[serde(flatten)]
            pub extra: serde_json::Map<String, serde_json::Value>,
        }
    )*};
}

/// Declares resources: elements with `resourceType`, id, meta, extensions and contained resources.
macro_rules! resources {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            one: { $($one:ident: $one_type:ty),* $(,)? }
            many: { $($many:ident: $many_type:ty),* $(,)? }
        }
    )*) => {$(
        $crate::element::elements! {
            $(#[$meta])*
            $name {
                one: {
                    resource_type: String, id: String, meta: $crate::datatype::Meta, implicit_rules: String, language: String,
                    $($one: $one_type),*
                }
                many: {
                    contained: serde_json::Value, extension: $crate::datatype::Extension,
                    modifier_extension: $crate::datatype::Extension, $($many: $many_type),*
                }
            }
        }

        impl $name {
            /// An empty resource of this type with an id.
            pub fn with_id(id: impl Into<String>) -> Self {
                Self { resource_type: Some(stringify!($name).to_owned()), id: Some(id.into()), ..Self::default() }
            }
        }
    )*};
}

pub(crate) use {elements, resources};
