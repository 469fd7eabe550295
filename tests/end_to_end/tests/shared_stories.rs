//! The stories of `tests/stories`, through the public API in Rust. Kotlin and Swift tell the same ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use homeline_end_to_end::phone::play;
use homeline_end_to_end::story::Story;
use std::fs;
use std::path::PathBuf;

/// Every story, by file name. `HOMELINE_STORY` names one to tell alone.
fn stories() -> Vec<(String, Story)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../stories");
    let only = std::env::var("HOMELINE_STORY").ok();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut stories = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_none_or(|only| *only == name) {
            let story = serde_json::from_str(&fs::read_to_string(&file).unwrap());
            stories.push((name.clone(), story.unwrap_or_else(|error| panic!("{name}: {error}"))));
        }
    }
    stories
}

#[test]
fn every_story_goes_as_it_is_told() {
    let stories = stories();
    assert!(!stories.is_empty());
    let failed: Vec<String> = stories
        .iter()
        .filter_map(|(name, story)| play(story.tell()).err().map(|reason| format!("{name}: {reason}")))
        .collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), stories.len(), failed.join("\n"));
}
