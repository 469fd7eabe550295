//! The borders between the crates, checked on the source: dependencies point one way, and the pure crates do nothing but
//! compute. Which outside crate may be named by whom is cargo-deny's half of this (`deny.toml`).

mod source;

use proc_macro2::TokenTree;
use source::{only_for_tests, rust_files, workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use syn::visit::{self, Visit};

/// A crate depends only on crates of a lower floor; siblings get what they need from companion, as an argument.
const FLOORS: [&[&str]; 5] =
    [&["model"], &["schedule", "clinical", "pump", "fhir"], &["vault", "sync"], &["companion"], &["ffi", "cli"]];

/// No I/O, no clock, no async, no randomness: what they answer depends on their arguments alone.
const PURE: [&str; 5] = ["model", "schedule", "clinical", "pump", "fhir"];

/// What the pure crates may name besides each other. Each of these computes and nothing else.
const PURE_LIBRARIES: [&str; 8] =
    ["base64", "chrono", "rust_decimal", "serde", "serde_json", "serde_path_to_error", "thiserror", "uuid"];

/// Paths by their last two names, because `use` may have brought in the first ones.
const IMPURE: [(&str, &str); 20] = [
    ("std", "fs"),
    ("std", "io"),
    ("std", "net"),
    ("std", "env"),
    ("std", "process"),
    ("std", "thread"),
    ("std", "os"),
    ("time", "SystemTime"),
    ("time", "Instant"),
    ("SystemTime", "now"),
    ("Instant", "now"),
    ("Utc", "now"),
    ("Local", "now"),
    ("chrono", "Local"),
    ("Uuid", "new_v4"),
    ("Uuid", "now_v1"),
    ("Uuid", "now_v6"),
    ("Uuid", "now_v7"),
    ("hash_map", "RandomState"),
    ("hash", "RandomState"),
];

fn folder(krate: &str) -> PathBuf {
    let floor = FLOORS.iter().position(|floor| floor.contains(&krate)).expect("named in FLOORS");
    workspace().join(if floor == 4 { "bindings" } else { "core" }).join(krate)
}

/// Each crate of the workspace with the names of its ordinary dependencies.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo answers JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let listed = package["dependencies"].as_array().expect("dependencies");
            let ordinary = listed.iter().filter(|dependency| dependency["kind"].is_null());
            (text(&package["name"]), ordinary.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

#[test]
fn dependencies_point_from_the_apps_down_to_the_words_and_never_sideways() {
    let dependencies = dependencies();
    let floor_of = |name: &str| {
        let short = name.strip_prefix("homeline-")?;
        FLOORS.iter().position(|floor| floor.contains(&short))
    };
    let mut wrong = Vec::new();
    for (floor, crates) in FLOORS.iter().enumerate() {
        for krate in *crates {
            for dependency in &dependencies[&format!("homeline-{krate}")] {
                // The terminal shell brings the simulated home for its demo; nothing that is shipped to phones does.
                let simulated_home = dependency == "homeline-home" && *krate == "cli";
                let ours = dependency.starts_with("homeline-");
                if ours && !simulated_home && floor_of(dependency).is_none_or(|below| below >= floor) {
                    wrong.push(format!("homeline-{krate} must not depend on {dependency}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn pure_crates_name_only_libraries_that_compute() {
    let dependencies = dependencies();
    let mut wrong = Vec::new();
    for krate in PURE {
        for dependency in &dependencies[&format!("homeline-{krate}")] {
            if !dependency.starts_with("homeline-") && !PURE_LIBRARIES.contains(&dependency.as_str()) {
                wrong.push(format!("homeline-{krate} must not depend on {dependency}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn pure_crates_do_no_input_or_output_and_ask_for_no_clock_no_chance_and_no_future() {
    let mut found = Vec::new();
    for krate in PURE {
        for file in rust_files(&folder(krate).join("src")) {
            let source = fs::read_to_string(&file).expect("a readable source file");
            for what in impurities(&source) {
                found.push(format!("{}: {what}", file.strip_prefix(workspace()).expect("in the workspace").display()));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn only_the_vault_may_hold_unsafe_code() {
    for krate in FLOORS.concat().iter().filter(|krate| **krate != "vault") {
        let root = ["src/lib.rs", "src/main.rs"].map(|file| folder(krate).join(file));
        let root = root.iter().find(|file| file.exists()).expect("a crate root");
        let source = fs::read_to_string(root).expect("a readable crate root");
        assert!(source.contains("#![forbid(unsafe_code)]"), "{} lacks #![forbid(unsafe_code)]", root.display());
    }
}

#[test]
fn the_check_itself_finds_what_it_is_for() {
    let caught = [
        "use std::fs;",
        "use std::{collections::BTreeMap, io::{self, Read}};",
        "fn f() { let _ = std::env::var(\"HOME\"); }",
        "use chrono::Utc; fn f() { let _ = Utc::now(); }",
        "fn f() { let _ = format!(\"{}\", chrono::Utc::now()); }",
        "use std::time::{Duration, Instant as Tick};",
        "async fn f() {}",
        "fn f() { let _ = async { 1 }; }",
        "fn f() { let _ = uuid::Uuid::new_v4(); }",
        "fn f() { println!(\"x\"); }",
        "fn f() { assert!(std::fs::exists(\"x\").is_ok()); }",
    ];
    for source in caught {
        assert!(!impurities(source).is_empty(), "not caught: {source}");
    }
    let let_through = [
        "use std::collections::BTreeMap; use std::time::Duration;",
        "/// Reads like `std::fs`.\nfn f(now: DateTime<Utc>) -> &'static str { \"Utc::now()\" }",
        "#[cfg(test)] mod tests { fn f() { let _ = std::fs::read(\"x\"); } }",
        "#[test] fn f() { let _ = Uuid::new_v4(); }",
    ];
    for source in let_through {
        assert_eq!(impurities(source), Vec::<String>::new(), "wrongly caught: {source}");
    }
}

fn impurities(source: &str) -> Vec<String> {
    let mut search = Search::default();
    search.visit_file(&syn::parse_file(source).expect("Rust that compiles"));
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<String>,
}

impl Search {
    fn path(&mut self, names: &[String]) {
        for pair in names.windows(2) {
            if let [first, second] = pair
                && IMPURE.contains(&(first.as_str(), second.as_str()))
            {
                self.found.push(names.join("::"));
                return;
            }
        }
    }

    fn use_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let mut names = before.to_vec();
        match tree {
            syn::UseTree::Path(path) => {
                names.push(path.ident.to_string());
                self.use_tree(&names, &path.tree);
            }
            syn::UseTree::Name(name) => {
                names.push(name.ident.to_string());
                self.path(&names);
            }
            syn::UseTree::Rename(rename) => {
                names.push(rename.ident.to_string());
                self.path(&names);
            }
            syn::UseTree::Glob(_) => self.path(&names),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(&names, item)),
        }
    }

    /// The arguments of a macro are no syntax tree: its names are read one after the other.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut names = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(name) => names.push(name.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' => {}
                TokenTree::Group(group) => {
                    self.path(&names);
                    names.clear();
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path(&names);
                    names.clear();
                }
            }
        }
        self.path(&names);
    }
}

impl Visit<'_> for Search {
    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if !only_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        if !only_for_tests(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if !only_for_tests(&item.attrs) {
            self.use_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.path(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_signature(&mut self, signature: &syn::Signature) {
        if signature.asyncness.is_some() {
            self.found.push(format!("async fn {}", signature.ident));
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, _: &syn::ExprAsync) {
        self.found.push("an async block".to_owned());
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if ["print", "println", "eprint", "eprintln", "dbg"].contains(&name.as_str()) {
            self.found.push(format!("{name}!"));
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}
