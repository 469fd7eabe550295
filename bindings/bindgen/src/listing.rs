//! The API of a built library as text: one line for each thing that an app can name.
//!
//! `bindings/api/ffi.txt` is this listing, committed, so that a change of the API is a line in a review.

use std::fmt::Write;
use uniffi_bindgen::interface::{Argument, AsType, Callable, Enum, Field, Object, ObjectImpl, TraitKind, Type};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, ComponentInterface, GlobalConfig};

/// The listing of a library, sorted.
///
/// # Errors
/// The library cannot be read, or has no API in it.
pub(crate) fn of_library(library: &str) -> Result<String, String> {
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    let metadata = loader.load_metadata(library.into()).map_err(|error| format!("{library}: {error}"))?;
    let interfaces = loader.load_cis(metadata).map_err(|error| format!("{library}: {error}"))?;
    let mut listed = Vec::new();
    for interface in &interfaces {
        list(interface, &mut listed);
    }
    listed.sort();
    Ok(listed.concat())
}

fn list(interface: &ComponentInterface, listed: &mut Vec<String>) {
    for function in interface.function_definitions() {
        listed.push(format!("function {}\n", call(function.name(), function)));
    }
    for record in interface.record_definitions() {
        listed.push(format!("record {}\n{}", record.name(), fields(record.fields(), "    ")));
    }
    for one_of in interface.enum_definitions() {
        let sort = if interface.is_name_used_as_error(one_of.name()) { "error" } else { "enum" };
        listed.push(format!("{sort} {}\n{}", one_of.name(), variants(one_of)));
    }
    for object in interface.object_definitions() {
        listed.push(object_listing(object));
    }
}

fn object_listing(object: &Object) -> String {
    let lent = matches!(object.imp(), ObjectImpl::Trait(TraitKind::ForeignOnly | TraitKind::Both));
    let mut lines = Vec::new();
    for constructor in object.constructors() {
        lines.push(format!("    constructor {}\n", call(constructor.name(), constructor)));
    }
    for method in object.methods() {
        lines.push(format!("    {}\n", call(method.name(), method)));
    }
    lines.sort();
    // A port is the app's own code: the core calls it.
    format!("{} {}\n{}", if lent { "port" } else { "object" }, object.name(), lines.concat())
}

fn call(name: &str, call: &impl Callable) -> String {
    let arguments: Vec<String> = call.arguments().into_iter().map(argument).collect();
    let mut line = format!("{}{name}({})", if call.is_async() { "async " } else { "" }, arguments.join(", "));
    if let Some(answer) = call.return_type() {
        line += &format!(" -> {}", type_name(answer));
    }
    if let Some(error) = call.throws_type() {
        line += &format!(" throws {}", type_name(error));
    }
    line
}

fn argument(argument: &Argument) -> String {
    let default = if argument.default_value().is_some() { " = …" } else { "" };
    format!("{}: {}{default}", argument.name(), type_name(&argument.as_type()))
}

fn fields(fields: &[Field], indent: &str) -> String {
    let mut lines = String::new();
    for field in fields {
        let default = if field.default_value().is_some() { " = …" } else { "" };
        let _ = writeln!(lines, "{indent}{}: {}{default}", field.name(), type_name(&field.as_type()));
    }
    lines
}

fn variants(one_of: &Enum) -> String {
    let mut lines = String::new();
    for variant in one_of.variants() {
        let _ = writeln!(lines, "    {}", variant.name());
        lines += &fields(variant.fields(), "        ");
    }
    lines
}

fn type_name(of: &Type) -> String {
    match of {
        Type::UInt8 => "u8".to_owned(),
        Type::Int8 => "i8".to_owned(),
        Type::UInt16 => "u16".to_owned(),
        Type::Int16 => "i16".to_owned(),
        Type::UInt32 => "u32".to_owned(),
        Type::Int32 => "i32".to_owned(),
        Type::UInt64 => "u64".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::Float32 => "f32".to_owned(),
        Type::Float64 => "f64".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::String => "text".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Timestamp => "instant".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::CallbackInterface { name, .. }
        | Type::Custom { name, .. } => name.clone(),
        Type::Box { inner_type } => type_name(inner_type),
        Type::Optional { inner_type } => format!("{}?", type_name(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", type_name(inner_type)),
        Type::Set { inner_type } => format!("set of {}", type_name(inner_type)),
        Type::Map { key_type, value_type } => format!("{{{}: {}}}", type_name(key_type), type_name(value_type)),
    }
}
