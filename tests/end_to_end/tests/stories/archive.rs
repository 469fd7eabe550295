use homeline_companion::{Consent, Credentials, ErrorKind, Homeline, Passcode, ReportFormat, Work};
use homeline_end_to_end::phone::{Phone, play};
use std::fs;
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A handle that is taken back at its first part.
fn impatient() -> Work {
    let work = std::sync::Arc::new(std::sync::OnceLock::<Work>::new());
    let finger = work.clone();
    let watched = Work::watched(move |_| finger.get().unwrap().cancel());
    work.set(watched.clone()).unwrap_or_default();
    watched
}

#[test]
fn a_backup_opens_on_another_phone_and_both_go_on() {
    let (old, new) =
        (Phone::new("America/Chicago", "2026-11-23T14:00:00Z"), Phone::new("America/Chicago", "2026-11-23T15:00:00Z"));
    play(async {
        let homeline = old.begin("vancomycin-elastomeric").await;
        homeline.journal().note("before the backup".to_owned(), false).await.unwrap();
        let code = homeline.security().new_recovery_code().await.unwrap();
        let (file, work) = (old.folder().join("homeline.backup"), Work::default());
        let made = homeline.security().back_up(file.clone(), work.clone()).await.unwrap();
        assert_eq!(made.entries, homeline.journal().count().await.unwrap());
        assert_eq!(Some(work.progress().done), work.progress().of);

        let restore = |code: &str, passcode: &str| {
            let passcode = Some(Passcode::new(passcode));
            Homeline::restore(new.config(), new.ports(), file.clone(), code.to_owned(), passcode)
        };
        let wrong = restore("AAAA", "other words on paper").await.err().unwrap();
        assert_eq!(wrong.kind, ErrorKind::WrongCredential);
        assert_eq!(restore(&code, "short").await.err().unwrap().field.as_deref(), Some("passcode"));
        let restored = restore(&code, "other words on paper").await.unwrap();
        assert_eq!(restored.journal().count().await.unwrap(), made.entries);
        assert!(!restored.agenda().today().await.unwrap().sections.is_empty(), "the plan came with it");
        restored.journal().note("on the new phone".to_owned(), false).await.unwrap();
        assert!(restored.security().verify().await.unwrap().findings.is_empty());
        restored.close().await.unwrap();
        new.try_open("other words on paper").await.unwrap();
        homeline.journal().note("on the old phone".to_owned(), false).await.unwrap();
    });
}

#[test]
fn after_a_new_data_key_the_old_passcode_and_code_open_nothing() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let old_code = homeline.security().new_recovery_code().await.unwrap();
        let entries = homeline.journal().count().await.unwrap();
        let credentials = || Credentials::Recovery(old_code.clone());
        let busy = Homeline::new_data_key(
            phone.config(),
            phone.ports(),
            credentials(),
            Some(Passcode::new("new words on paper")),
        );
        assert_eq!(busy.await.unwrap_err().kind, ErrorKind::AlreadyOpen);
        homeline.close().await.unwrap();
        let code = Homeline::new_data_key(
            phone.config(),
            phone.ports(),
            credentials(),
            Some(Passcode::new("new words on paper")),
        )
        .await
        .unwrap();
        assert_eq!(phone.try_open("four words on paper").await.err().unwrap().kind, ErrorKind::WrongCredential);
        let with_old = Homeline::open(phone.config(), phone.ports(), credentials()).await;
        assert_eq!(with_old.err().unwrap().kind, ErrorKind::WrongCredential);
        let again = Homeline::open(phone.config(), phone.ports(), Credentials::Recovery(code)).await.unwrap();
        assert_eq!(again.journal().count().await.unwrap(), entries);
    });
}

#[test]
fn long_work_that_is_taken_back_says_so_and_leaves_nothing_half_done() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let before = names(phone.folder());
        let place = |name: &str| phone.folder().join(name);
        let kinds = [
            homeline.export().to_folder(place("export"), impatient()).await.err(),
            homeline.security().back_up(place("backup"), impatient()).await.err(),
            homeline.security().verify_watched(impatient()).await.err(),
            homeline.report().write(7, Consent::default(), ReportFormat::Csv, place("report"), impatient()).await.err(),
            homeline.report().write(7, Consent::default(), ReportFormat::Pdf, place("report"), impatient()).await.err(),
            homeline.plan().import_watched(homeline_end_to_end::phone::plan("ivig-ladder"), impatient()).await.err(),
        ]
        .map(|error| error.map(|error| error.kind));
        // The plan of another patient is refused before its first part is done.
        let mut expected = [Some(ErrorKind::Cancelled); 6];
        expected[5] = Some(ErrorKind::PlanRefused);
        assert_eq!(kinds, expected);
        assert_eq!(names(phone.folder()), before);
        let plan = homeline_end_to_end::phone::plan("vancomycin-elastomeric");
        let entries = homeline.journal().count().await.unwrap();
        let again = homeline.plan().import_watched(plan, impatient()).await.unwrap_err();
        assert_eq!((again.kind, homeline.journal().count().await.unwrap()), (ErrorKind::Cancelled, entries));

        let never_begun = Work::default();
        never_begun.cancel();
        assert_eq!(homeline.sync().now_watched(never_begun).await.unwrap_err().kind, ErrorKind::NotFound, "no server");
        let late = Work::default();
        homeline.export().to_folder(place("export"), late.clone()).await.unwrap();
        late.cancel();
        assert_eq!(names(&place("export")), ["attachments", "bundle.json", "journal.ndjson"]);
    });
}

#[test]
fn a_screen_is_drawn_while_long_work_runs_and_closing_takes_the_work_back() {
    let phone = Phone::new("America/Chicago", "2026-11-23T14:00:00Z");
    play(async {
        let homeline = phone.begin("vancomycin-elastomeric").await;
        let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
        let own = std::sync::Arc::new(std::sync::OnceLock::<Work>::new());
        let seen = own.clone();
        // It cannot get on until somebody takes it back.
        let work = Work::watched(move |_| {
            let _ = begun.send(());
            while !seen.get().unwrap().is_cancelled() {
                std::thread::yield_now();
            }
        });
        own.set(work.clone()).unwrap_or_default();
        let security = homeline.security();
        let verifying = tokio::task::spawn_local(async move { security.verify_watched(work).await });
        homeline.agenda().today().await.unwrap();
        has_begun.recv().await.unwrap();
        homeline.agenda().today().await.unwrap();
        homeline.close().await.unwrap();
        assert_eq!(verifying.await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
        assert_eq!(homeline.security().verify().await.unwrap_err().kind, ErrorKind::Closed);
        phone.open().await;
    });
}
