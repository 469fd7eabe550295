use homeline_companion::{Homeline, Work};
use homeline_end_to_end::phone::{Phone, at, play};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use std::fs;
use std::sync::Arc;

const SECRET: &str = "quarrelled with my brother about the will";

async fn html(homeline: &Homeline) -> String {
    homeline.report().visit(7).await.unwrap().html()
}

#[test]
fn a_private_note_is_in_the_journal_and_the_export_and_nowhere_else() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let mut config = ServerConfig::new(phone.folder().join("team.ndjson"));
        config.clock = Arc::new(|| at("2026-11-23T14:00:00Z"));
        let server = CareTeamServer::start(config).unwrap();
        homeline.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.unwrap();

        let waiting = homeline.sync().status().await.unwrap().waiting;
        let private = homeline.journal().note(SECRET.to_owned(), true).await.unwrap().entry;
        assert_eq!(homeline.sync().status().await.unwrap().waiting, waiting, "nothing waits for the team");
        let open = homeline.journal().note("a shared sentence".to_owned(), false).await.unwrap().entry;
        assert_eq!(homeline.sync().now().await.unwrap().state.waiting, 0);

        // The server writes every request that it took into this file.
        let sent = fs::read_to_string(phone.folder().join("team.ndjson")).unwrap();
        assert!(sent.contains("a shared sentence") && sent.contains(&open.to_string()));
        assert!(!sent.contains("quarrelled") && !sent.contains(&private.to_string()));

        let page = html(&homeline).await;
        assert!(page.contains("a shared sentence"));
        assert!(!page.contains("quarrelled") && !page.contains(&private.to_string()));
        assert!(page.contains("1 private entr"), "that something is left out is said");

        assert_eq!(homeline.journal().search("quarrelled".to_owned(), 5).await.unwrap().len(), 1);
        let out = phone.folder().join("export");
        homeline.export().to_folder(out.clone(), Work::default()).await.unwrap();
        assert!(fs::read_to_string(out.join("journal.ndjson")).unwrap().contains(SECRET));
        assert!(
            !fs::read_to_string(out.join("bundle.json")).unwrap().contains("quarrelled"),
            "a bundle is for sending"
        );
    });
}

#[test]
fn what_somebody_typed_is_text_in_the_report_and_never_markup() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let typed = "<script>alert(1)</script> & <img src=x onerror=alert(1)>";
        homeline.journal().note(typed.to_owned(), false).await.unwrap();
        let page = html(&homeline).await;
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x"));
        assert!(!page.contains("<script") && !page.contains("<img src=x"));
        assert!(!page.contains("http://") && !page.contains("src=\"https"), "no outside file");
    });
}

#[test]
fn the_vault_on_disk_holds_no_word_of_the_patient() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        homeline.journal().note(SECRET.to_owned(), true).await.unwrap();
        let photo = include_bytes!("../../../home/pictures/site.png");
        homeline.journal().photo(photo.to_vec(), Some("the skin around the line".to_owned())).await.unwrap();
        homeline.close().await.unwrap();
    });
    let files = homeline_end_to_end::terminal::content(&phone.folder().join("vault"));
    assert!(files.len() >= 2, "{files:?}");
    let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    for (path, bytes) in files {
        for word in ["quarrelled", "vancomycin", "Ibarra", "MedicationRequest", "around the line", "IHDR", "SQLite"] {
            assert!(!holds(&bytes, word.as_bytes()), "{word} lies in {}", path.display());
        }
    }
}
