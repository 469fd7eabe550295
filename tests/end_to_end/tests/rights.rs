//! Every public call of the core with what it needs, checked on the source: a call that stands in no line here fails, and so
//! does one that goes to the store by another door than [`allowed`] and [`allowed_as_of`].
//!
//! [`allowed`]: ../../../core/companion/src/homeline.rs
//! [`allowed_as_of`]: ../../../core/companion/src/homeline.rs

#[allow(dead_code, reason = "what is compiled for tests only does not matter here")]
mod source;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use source::{rust_files, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The public calls, one a line: what each asks for by itself. `-` hands over to another call of this list, asks the platform
/// only, or is before and after there is a holder.
const CALLS: &str = include_str!("rights.txt");

/// Which functions of one file ask for what.
#[derive(Default)]
struct File {
    bodies: BTreeMap<String, Vec<TokenTree>>,
    calls: Vec<(String, String)>,
}

#[test]
fn every_public_call_says_which_right_it_needs_and_no_call_has_another_door() {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut other_doors: Vec<String> = Vec::new();
    for path in rust_files(&workspace().join("core/companion/src")) {
        let text = fs::read_to_string(&path).expect("a readable file");
        let mut file = File::default();
        read(text.parse().expect("Rust"), None, &mut file);
        for (part, name) in &file.calls {
            let mut needs = BTreeSet::new();
            file.needs(part, name, &mut BTreeSet::new(), &mut needs);
            let needs = if needs.is_empty() { "-".to_owned() } else { needs.into_iter().collect::<Vec<_>>().join(" ") };
            found.insert(format!("{part}::{name}: {needs}"));
        }
        if !path.ends_with("homeline.rs") && file.bodies.values().any(|body| goes_to_the_store(body)) {
            other_doors.push(path.display().to_string());
        }
    }
    let listed: BTreeSet<String> = CALLS.lines().map(str::to_owned).collect();
    let missing: Vec<&String> = found.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&found).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not listed: {missing:#?}\nnot in the source: {gone:#?}");
    assert_eq!(other_doors, Vec::<String>::new(), "these go to the store without asking for a right");
}

impl File {
    /// What a function asks for by itself, else through functions of its file: methods of its own type, and free ones.
    fn needs(&self, part: &str, name: &str, visited: &mut BTreeSet<String>, needs: &mut BTreeSet<String>) {
        let key = key(part, name);
        let Some(body) = self.bodies.get(&key).filter(|_| visited.insert(key)) else { return };
        for window in body.windows(4) {
            if let [TokenTree::Ident(access), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(right)] =
                window
                && access == "Access"
            {
                needs.insert(right.to_string());
            }
        }
        if !needs.is_empty() {
            return;
        }
        for window in body.windows(3) {
            let [before, TokenTree::Ident(called), TokenTree::Group(_)] = window else { continue };
            let called = called.to_string();
            if called == "with_store" {
                needs.insert("Manage".to_owned());
            }
            let is_method = matches!(before, TokenTree::Punct(mark) if mark.as_char() == '.');
            self.needs(if is_method { part } else { "" }, &called, visited, needs);
        }
    }
}

/// The name of a method of a type, or of a free function.
fn key(part: &str, name: &str) -> String {
    format!("{part}::{name}")
}

/// `store.run(…)`: the store's own thread, past the question who may.
fn goes_to_the_store(body: &[TokenTree]) -> bool {
    body.windows(3).any(|window| {
        matches!(window, [TokenTree::Ident(store), TokenTree::Punct(_), TokenTree::Ident(run)]
            if store == "store" && run == "run")
    })
}

/// All tokens, with those of groups in their place.
fn flat(tokens: TokenStream, into: &mut Vec<TokenTree>) {
    for token in tokens {
        into.push(token.clone());
        if let TokenTree::Group(group) = token {
            flat(group.stream(), into);
        }
    }
}

/// The functions of a file, by name, and its public asynchronous methods, by type.
fn read(tokens: TokenStream, part: Option<&str>, file: &mut File) {
    let mut body: Vec<TokenTree> = Vec::new();
    let (mut function, mut is_call, mut of) = (None, false, None);
    let mut before: Vec<String> = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                match before.last().map(String::as_str) {
                    Some("fn") => {
                        function = Some(word.clone());
                        is_call = before.iter().any(|word| word == "pub") && before.iter().any(|word| word == "async");
                    }
                    Some(_) | None if before.iter().any(|word| word == "impl") && function.is_none() => {
                        // An implementation of a trait names the type after `for`; its methods are no calls of ours.
                        of = (word != "for" && of != Some(String::new())).then(|| word.clone()).or(Some(String::new()));
                    }
                    Some(_) | None => {}
                }
                before.push(word);
            }
            // `pub(crate)` is not public.
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Parenthesis && before.last().is_some_and(|word| word == "pub") =>
            {
                before.pop();
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                if let Some(name) = function.take() {
                    flat(group.stream(), &mut body);
                    file.bodies.entry(key(part.unwrap_or_default(), &name)).or_default().append(&mut body);
                    if let Some(part) = part.filter(|part| is_call && !part.is_empty()) {
                        file.calls.push((part.to_owned(), name));
                    }
                } else if before.iter().any(|word| word == "impl") {
                    read(group.stream(), of.take().as_deref(), file);
                }
                before.clear();
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => before.clear(),
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
