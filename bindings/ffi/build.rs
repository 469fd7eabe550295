//! What crosses the border as it is, and the contract's checksum.
//!
//! The records and enums that `crossing.txt` names are read off the core's own source, with their docs, and told to uniffi
//! (`#[uniffi::remote]`, included by `src/crossing.rs`). So each is written down once, and a new field cannot be forgotten.
//!
//! The contract is the sum of all sources that say what crosses. `bindings/generate.sh` computes the same of the same files
//! (POSIX `cksum`), and writes it beside the code that it generates. And what the linker does so that the shipped library is small.

#![allow(clippy::panic, reason = "a build that cannot go on says why and stops")]

use quote::{ToTokens, quote};
use std::path::{Path, PathBuf};
use std::{env, fs};
use syn::{Attribute, Expr, Field, Item, Lit, Meta, Type, parse_quote};

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let core = here.join("../../core");
    let list = here.join("crossing.txt");
    let mut contract = Vec::new();
    let mut sources: Vec<_> = fs::read_dir(here.join("src"))
        .expect("the crate has sources")
        .map(|entry| entry.expect("an entry of a folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    sources.sort();
    sources.push(list.clone());
    println!("cargo::rerun-if-changed={}", here.join("src").display());
    for source in &sources {
        contract.extend(read(source).into_bytes());
    }
    let mut generated = String::new();
    for line in read(&list).lines().filter(|line| !line.starts_with('#')) {
        let (file, names) =
            line.split_once(": ").unwrap_or_else(|| panic!("crossing.txt: {line}: a file and its types"));
        let text = read(&core.join(file));
        let home = if file.starts_with("model/") { quote!(homeline_model) } else { quote!(homeline_companion) };
        let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}")).items;
        contract.extend(text.into_bytes());
        for name in names.split_whitespace() {
            generated.push_str(&Crossing::of(name).told(&items, &home, file));
        }
    }
    fs::write(Path::new(&variable("OUT_DIR")).join("crossing.rs"), generated).expect("the folder of this build");
    println!("cargo::rustc-env=HOMELINE_CONTRACT={}", cksum(&contract));
    if let Some(argument) = packed_relocations() {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
}

/// Addresses that the loader adjusts take 24 bytes each, and almost all of them only add where the library lies: packed, they
/// are some bits. For what is shipped alone (the one profile that asks for size), because on Linux it wants glibc 2.36. Android
/// unpacks its own form since API 23; the form of Linux it knows since API 30 only. Apple's linker packs by itself.
fn packed_relocations() -> Option<&'static str> {
    let shipped = env::var("OPT_LEVEL").is_ok_and(|level| level == "s" || level == "z");
    match env::var("CARGO_CFG_TARGET_OS").ok()?.as_str() {
        "android" if shipped => Some("-Wl,--pack-dyn-relocs=android"),
        "linux" if shipped => Some("-Wl,-z,pack-relative-relocs"),
        _ => None,
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo says {name}"))
}

fn read(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One word of `crossing.txt`: `Name`, `Name?` or `Name=NameThere`.
struct Crossing<'a> {
    name: &'a str,
    /// Its name in Kotlin and Swift, where it has another.
    there: Option<&'a str>,
    /// What may be missing may be left out by who makes one.
    has_defaults: bool,
}

impl<'a> Crossing<'a> {
    fn of(word: &'a str) -> Self {
        let (name, there) = word.split_once('=').map_or((word, None), |(name, there)| (name, Some(there)));
        let has_defaults = name.ends_with('?');
        Self { name: name.trim_end_matches('?'), there, has_defaults }
    }

    fn told(&self, items: &[Item], home: &impl ToTokens, file: &str) -> String {
        let mut item = items
            .iter()
            .find(|item| match item {
                Item::Struct(item) => item.ident == self.name,
                Item::Enum(item) => item.ident == self.name,
                _ => false,
            })
            .unwrap_or_else(|| panic!("{file} has no {}", self.name))
            .clone();
        let (ident, sort) = match &mut item {
            Item::Struct(record) => {
                docs_alone(&mut record.attrs, self.name);
                record.fields.iter_mut().for_each(|field| self.field(field));
                (record.ident.clone(), quote!(Record))
            }
            Item::Enum(choice) => {
                docs_alone(&mut choice.attrs, self.name);
                for variant in &mut choice.variants {
                    docs_alone(&mut variant.attrs, self.name);
                    // A variant without names has one value, which the variant's own words are about.
                    variant.fields.iter_mut().filter(|field| field.ident.is_some()).for_each(|field| self.field(field));
                }
                (choice.ident.clone(), quote!(Enum))
            }
            _ => unreachable!("only these were looked for"),
        };
        let there = self.there.map(|name| quote!(#[uniffi(name = #name)]));
        quote!(pub use #home::#ident; #[uniffi::remote(#sort)] #there #item).to_string() + "\n"
    }

    fn field(&self, field: &mut Field) {
        docs_alone(&mut field.attrs, self.name);
        let written = field.ty.to_token_stream().to_string();
        let narrow =
            written.split(|c: char| !c.is_alphanumeric()).find(|word| ["u8", "u16", "i8", "i16"].contains(word));
        assert!(
            narrow.is_none(),
            "{}: {written} does not cross: neither language has it as a number of its own",
            self.name
        );
        if let Some(default) = if self.has_defaults { default_of(&field.ty) } else { None } {
            field.attrs.push(parse_quote!(#[uniffi(default = #default)]));
        }
    }
}

/// What stands for "nothing said" in a field of this type.
fn default_of(ty: &Type) -> Option<Expr> {
    let Type::Path(path) = ty else { return None };
    match path.path.segments.last()?.ident.to_string().as_str() {
        "Option" => Some(parse_quote!(None)),
        "Vec" => Some(parse_quote!([])),
        "bool" => Some(parse_quote!(false)),
        _ => None,
    }
}

/// Keeps the docs and nothing else. They must be there: Kotlin and Swift have no others.
fn docs_alone(attributes: &mut Vec<Attribute>, of: &str) {
    attributes.retain(|attribute| attribute.path().is_ident("doc"));
    assert!(!attributes.is_empty(), "{of}: something in it has no documentation");
    for attribute in attributes {
        if let Meta::NameValue(doc) = &mut attribute.meta
            && let Expr::Lit(literal) = &mut doc.value
            && let Lit::Str(text) = &literal.lit
        {
            literal.lit = Lit::Str(syn::LitStr::new(&for_everybody(&text.value()), text.span()));
        }
    }
}

/// A line of documentation without what only Rust has: links by path, and `None`.
fn for_everybody(line: &str) -> String {
    let mut plain = String::new();
    for (place, part) in line.split('`').enumerate() {
        let is_code = place % 2 == 1;
        if is_code && part == "None" {
            let begins = plain.trim_end().is_empty() || plain.trim_end().ends_with('.');
            plain.push_str(if begins { "None" } else { "none" });
        } else if is_code {
            plain.push_str(&format!("`{}`", part.rsplit("::").next().unwrap_or(part)));
        } else {
            plain.push_str(part);
        }
    }
    plain.replace("[`", "`").replace("`]", "`")
}

/// POSIX `cksum`: CRC-32 with the polynomial 0x04C11DB7, most significant bit first, over the bytes and their number.
fn cksum(bytes: &[u8]) -> u32 {
    let length = (0..8).map(|byte| bytes.len() >> (8 * byte)).take_while(|rest| *rest > 0);
    let length = length.map(|rest| u8::try_from(rest & 0xFF).expect("eight bits"));
    let crc = bytes.iter().copied().chain(length).fold(0u32, |crc, byte| {
        (0..8).fold(
            crc ^ (u32::from(byte) << 24),
            |crc, _| if crc >> 31 == 1 { (crc << 1) ^ 0x04C1_1DB7 } else { crc << 1 },
        )
    });
    !crc
}
