//! The codes and fields of errors are for ever: `docs/errors.md` lists them, and this holds the list against the source.
//!
//! A code stands in the source right behind the kind that it belongs to, in every language; that is what is looked for here.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use homeline_ffi::error::ErrorKind;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Where errors are made: files that end so, and what stands in a line's way to a code.
const SOURCES: [(&str, &str); 5] = [
    ("core/companion/src", "rs"),
    ("core/sync/src", "rs"),
    ("bindings/ffi/src", "rs"),
    ("bindings/kotlin/src/main", "kt"),
    ("bindings/swift/Sources/HomelineKit", "swift"),
];

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source file with those endings, without the tests at its end.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if name.ends_with(ending) && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((name, text.split("#[cfg(test)]").next().unwrap().to_owned()));
            }
        }
    }
    let mut found = Vec::new();
    for (folder, ending) in SOURCES {
        walk(&root().join(folder), &format!(".{ending}"), &mut found);
    }
    found
}

/// The text of a literal that begins right here, behind white space.
fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

/// A word right here, and what comes behind the comma after it.
fn word_and_next(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !letter.is_alphanumeric())?;
    let (word, rest) = text.split_at(end);
    Some((word, rest.trim_start().strip_prefix(',')?))
}

/// The codes in the source, each with the kinds that stand before it where one does.
fn made() -> BTreeMap<String, BTreeSet<String>> {
    let mut made: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |code: Option<&str>, kind: Option<&str>| {
        if let Some(code) = code {
            made.entry(code.to_owned()).or_default().extend(kind.map(str::to_owned));
        }
    };
    for (name, source) in sources() {
        // `ErrorKind::NotFound, "plan.missing"`, also by a shorter name of the enum.
        let source = source.replace("(Kind::", "(ErrorKind::");
        for (kind, rest) in source.split("ErrorKind::").skip(1).filter_map(word_and_next) {
            note(literal(rest), Some(kind));
        }
        // The kind was chosen before; the code stands in a field, or first among what a failure of Kotlin says.
        let mut before = vec!["kind,", "code: "];
        before.extend(name.ends_with(".kt").then_some("Failure("));
        // The errors of the exchange say their code themselves.
        before.extend((name.ends_with("error.rs") && name.contains("core/sync")).then_some("=> "));
        for before in before {
            source.split(before).skip(1).for_each(|behind| note(literal(behind), None));
        }
    }
    made
}

/// The rows of the table under a heading of the page, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The words in backquotes.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_code_is_listed_with_its_kinds_and_every_listed_code_is_made() {
    let made = made();
    assert!(made.len() > 90, "{} codes were found", made.len());
    let listed = table("Codes");
    let codes: Vec<String> = listed.iter().flat_map(|row| quoted(&row[0])).collect();
    assert!(codes.is_sorted(), "the codes stand in the order of the alphabet");
    assert_eq!(codes.iter().collect::<BTreeSet<_>>(), made.keys().collect::<BTreeSet<_>>());
    let kinds: BTreeSet<String> = table("Kinds").iter().map(|row| row[1].clone()).collect();
    for row in &listed {
        let its: BTreeSet<String> = row[1].split(", ").map(str::to_owned).collect();
        assert!(its.is_subset(&kinds), "{row:?}");
        let said = quoted(&row[0]).iter().flat_map(|code| made[code].clone()).collect::<BTreeSet<_>>();
        assert!(said.is_subset(&its), "{row:?}: the source says {said:?}");
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}

#[test]
fn every_kind_is_listed_with_its_number_and_its_retry() {
    let rows = table("Kinds");
    let page: Vec<(String, String)> = rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    // `promises.rs` holds each number to its kind; here is that the page has them all in order.
    let kinds = [
        ErrorKind::WrongCredential,
        ErrorKind::KeyUnavailable,
        ErrorKind::KeyLost,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::AlreadyOpen,
        ErrorKind::NewerFormat,
        ErrorKind::Damaged,
        ErrorKind::DiskFull,
        ErrorKind::ReadOnly,
        ErrorKind::BadInput,
        ErrorKind::PlanRefused,
        ErrorKind::Offline,
        ErrorKind::NeedsSignIn,
        ErrorKind::ServerRefused,
        ErrorKind::Platform,
        ErrorKind::Closed,
        ErrorKind::Internal,
        ErrorKind::Cancelled,
        ErrorKind::NotAllowed,
    ];
    let ours: Vec<(String, String)> =
        kinds.iter().zip(1..).map(|(kind, number)| (format!("{number}"), format!("{kind:?}"))).collect();
    assert_eq!(page, ours);
}

#[test]
fn every_field_is_listed_and_every_listed_field_is_named() {
    let listed: BTreeSet<String> = table("Fields").iter().flat_map(|row| quoted(&row[0])).collect();
    let sources = sources();
    let mut named = BTreeSet::new();
    // A setting of the exchange is named in its own words.
    for (_, source) in sources.iter().filter(|(name, _)| !name.contains("core/sync")) {
        // Functions that make such an error, by the place of the field among their arguments.
        for maker in ["::input(", "checked_text(", "not_to_come(", "bad(", "volume("] {
            named.extend(source.split(maker).skip(1).filter_map(literal).map(str::to_owned));
        }
        named.extend(
            source
                .split("parsed(")
                .skip(1)
                .filter_map(|behind| word_and_next(behind.trim_start_matches('&')))
                .filter_map(|(_, rest)| literal(rest))
                .map(str::to_owned),
        );
    }
    assert_eq!(listed, named);
}
