use homeline_end_to_end::phone::{Phone, play};

#[test]
fn words_are_found_in_any_language_with_or_without_their_marks() {
    let phone = Phone::new("Europe/Berlin", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        for text in [
            "Schwindel und Übelkeit nach der Infusion",
            "Mareos por la mañana, después mejor",
            "Кашель ночью",
            "slept well",
        ] {
            homeline.journal().note(text.to_owned(), false).await.unwrap();
        }
        for (words, text) in [
            ("Übelkeit", "Schwindel und Übelkeit nach der Infusion"),
            ("ubelkeit", "Schwindel und Übelkeit nach der Infusion"),
            ("ÜBEL", "Schwindel und Übelkeit nach der Infusion"),
            ("infusion schwindel", "Schwindel und Übelkeit nach der Infusion"),
            ("mañana", "Mareos por la mañana, después mejor"),
            ("manan", "Mareos por la mañana, después mejor"),
            ("кашель", "Кашель ночью"),
            ("SLEPT", "slept well"),
        ] {
            let rows = homeline.journal().search(words.to_owned(), 10).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), [text], "for {words}");
        }
        assert!(homeline.journal().search("slept Übelkeit".to_owned(), 10).await.unwrap().is_empty(), "all words");
    });
}

#[test]
fn what_a_person_types_is_words_and_never_a_query_language() {
    let phone = Phone::new("Europe/Berlin", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().note("she said \"it burns\" and NOT a bit of pain".to_owned(), false).await.unwrap();
        for typed in [
            "\"",
            "\"it burns",
            "'; DROP TABLE entries; --",
            "NEAR(burns pain)",
            "burns*",
            "*",
            "^burns",
            "-pain",
            "burns OR",
            "text:burns",
            "(burns",
            "{burns}",
            "burns AND",
            "NOT",
            "a\0b",
            "%",
            "\\",
            "👍",
        ] {
            let found = homeline.journal().search(typed.to_owned(), 10).await;
            assert!(found.is_ok(), "{typed}: {found:?}");
        }
        for words in ["\"it burns\"", "NOT", "burns"] {
            assert_eq!(homeline.journal().search(words.to_owned(), 10).await.unwrap().len(), 1, "{words}");
        }
        let error = homeline.journal().search("  ".to_owned(), 10).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("words"));
    });
}
