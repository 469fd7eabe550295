//! What the border promises as a whole, read off its own source.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use homeline_ffi::error::ErrorKind;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each source file of the library with its name.
fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The head of an exported function: from its name to its body.
struct Exported {
    name: String,
    is_async: bool,
    answer: String,
    has_docs: bool,
}

/// Everything that a foreign caller can call. Functions of foreign traits are called by us, and are not among them.
fn exported() -> Vec<Exported> {
    let mut found = Vec::new();
    for (_, source) in sources() {
        let mut lines = source.lines().peekable();
        let mut exporting = false;
        let mut docs = false;
        while let Some(line) = lines.next() {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            if bare.starts_with("#[uniffi::export") {
                exporting = !bare.contains("foreign");
            } else if indent == 0 && bare == "}" {
                exporting = false;
            }
            if bare.starts_with("///") {
                docs = true;
            } else if let Some(rest) = bare.strip_prefix("pub async fn ").or_else(|| bare.strip_prefix("pub fn ")) {
                let mut head = bare.to_owned();
                while !head.ends_with('{') {
                    head.push_str(lines.next().expect("a function has a body").trim());
                }
                if exporting {
                    let name = rest.split(['(', '<']).next().unwrap().to_owned();
                    let answer =
                        head.rsplit_once("->").map(|(_, answer)| answer.trim_end_matches('{').trim().to_owned());
                    let is_async = bare.starts_with("pub async");
                    found.push(Exported { name, is_async, answer: answer.unwrap_or_default(), has_docs: docs });
                }
                docs = false;
            } else if !bare.starts_with("#[") {
                docs = false;
            }
        }
    }
    found
}

/// What answers at once: it reads nothing but memory or what is built in.
const AT_ONCE: [&str; 7] =
    ["build_info", "symptom_choices", "outside_the_vault", "new", "cancel", "progress", "panic_on_purpose"];

#[test]
fn no_call_blocks_its_caller() {
    let exported = exported();
    assert!(exported.len() > 90, "{} exported functions were found", exported.len());
    let synchronous: BTreeSet<&str> =
        exported.iter().filter(|function| !function.is_async).map(|function| function.name.as_str()).collect();
    assert_eq!(synchronous, BTreeSet::from(AT_ONCE));
}

#[test]
fn every_call_can_fail_with_the_one_error_and_says_what_it_is_for() {
    for function in exported() {
        assert!(function.has_docs, "{} has no documentation", function.name);
        // The one constructor that makes a handle out of nothing cannot fail: `Arc<Self>`.
        let answers_an_error = function.answer.ends_with(", HomelineError>") || function.name == "new";
        assert!(answers_an_error, "{} answers {}", function.name, function.answer);
    }
}

#[test]
fn no_number_of_eight_or_sixteen_bits_and_no_bytes_in_records_cross() {
    for (file, source) in sources() {
        let mut in_record = false;
        for line in source.lines() {
            in_record = match line {
                _ if line.contains("uniffi::Record") || line.contains("remote(Record)") => true,
                "}" => false,
                _ => in_record,
            };
            let field = line.trim_start().strip_prefix("pub ").unwrap_or_default();
            for narrow in ["u8>", "u16", "i8", "i16"] {
                assert!(!(in_record && field.contains(narrow)), "{file}: {line}");
            }
        }
    }
}

#[test]
fn what_crosses_as_it_is_has_documentation_and_no_narrow_numbers() {
    let generated = include_str!(concat!(env!("OUT_DIR"), "/crossing.rs"));
    assert!(generated.lines().count() > 80, "the types of crossing.txt");
    for item in generated.lines() {
        let fields: Vec<&str> = item.split("pub ").skip(2).collect();
        for field in &fields {
            assert!(!["u8", "u16", "i8", "i16"].iter().any(|narrow| field.contains(&format!(" {narrow} "))), "{field}");
        }
        assert!(item.matches("# [doc").count() > fields.len().saturating_sub(1), "{item}");
        // Links and words of Rust mean nothing in the other languages.
        assert!(!item.contains("[`") && !item.contains("`None`"), "{item}");
    }
}

#[test]
fn the_border_stays_under_three_thousand_lines() {
    let lines: usize = sources().iter().map(|(_, source)| source.lines().count()).sum();
    assert!(lines < 3_000, "{lines}");
}

#[test]
fn the_number_of_a_kind_of_error_stays() {
    let pinned = [
        (ErrorKind::WrongCredential, 1),
        (ErrorKind::KeyUnavailable, 2),
        (ErrorKind::KeyLost, 3),
        (ErrorKind::NotFound, 4),
        (ErrorKind::AlreadyExists, 5),
        (ErrorKind::AlreadyOpen, 6),
        (ErrorKind::NewerFormat, 7),
        (ErrorKind::Damaged, 8),
        (ErrorKind::DiskFull, 9),
        (ErrorKind::ReadOnly, 10),
        (ErrorKind::BadInput, 11),
        (ErrorKind::PlanRefused, 12),
        (ErrorKind::Offline, 13),
        (ErrorKind::NeedsSignIn, 14),
        (ErrorKind::ServerRefused, 15),
        (ErrorKind::Platform, 16),
        (ErrorKind::Closed, 17),
        (ErrorKind::Internal, 18),
        (ErrorKind::Cancelled, 19),
        (ErrorKind::NotAllowed, 20),
    ];
    // The numbers live where uniffi reads them: `    Kind = number,` under `    /// number: …`.
    let (_, source) = sources().into_iter().find(|(file, _)| file == "error").unwrap();
    let kinds = source.split("pub enum ErrorKind {").nth(1).unwrap().split("\n}").next().unwrap();
    let written: Vec<String> =
        kinds.lines().filter(|line| line.contains(" = ")).map(|line| line.trim().to_owned()).collect();
    let expected: Vec<String> = pinned.iter().map(|(kind, number)| format!("{kind:?} = {number},")).collect();
    assert_eq!(written, expected);
    for (_, number) in pinned {
        assert!(kinds.contains(&format!("/// {number}: ")), "the documentation of {number} says it");
    }
}
