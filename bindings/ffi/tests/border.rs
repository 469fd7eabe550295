//! What crosses the border: values, errors, ports and panics, from the Rust side of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use homeline_companion as companion;
use homeline_ffi::agenda::ActionInput;
use homeline_ffi::call::{panic_on_purpose, panic_on_purpose_later};
use homeline_ffi::error::{ErrorKind, HomelineError, Retry};
use homeline_ffi::ports::{Clock, KeyStore, KeyStoreError, Platform, PortError, ZoneOffset, ZoneRules, ZoneTable};
use homeline_ffi::values::{Day, TimeOfDay, Timestamp};
use homeline_model::{EntryId, EventTiming, ZoneId};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};
use uniffi::Lift;

fn lifted<T: Lift<homeline_ffi::UniFfiTag, FfiType = uniffi::RustBuffer>>(text: &str) -> Result<T, HomelineError> {
    let buffer = <String as uniffi::Lower<homeline_ffi::UniFfiTag>>::lower(text.to_owned());
    T::try_lift(buffer).map_err(|error| error.downcast().expect("a conversion fails with the public error"))
}

fn field(error: HomelineError) -> Option<String> {
    let HomelineError::Failed { field, kind, .. } = error;
    assert_eq!(kind, ErrorKind::BadInput);
    field
}

#[test]
fn a_text_that_is_no_value_is_refused_by_its_name() {
    assert_eq!(field(lifted::<EntryId>("yesterday").unwrap_err()).as_deref(), Some("entry"));
    assert_eq!(field(lifted::<Day>("2026-02-30").unwrap_err()).as_deref(), Some("day"));
    assert_eq!(field(lifted::<TimeOfDay>("25:00").unwrap_err()).as_deref(), Some("time"));
    assert_eq!(field(lifted::<ZoneId>("the moon").unwrap_err()).as_deref(), Some("zone"));
    assert_eq!(field(lifted::<EventTiming>("TEA").unwrap_err()).as_deref(), Some("event"));
    assert_eq!(lifted::<EventTiming>("CM").unwrap(), EventTiming::Breakfast);
    assert_eq!(lifted::<Day>("2026-11-23").unwrap().to_string(), "2026-11-23");
}

#[test]
fn an_instant_that_no_calendar_has_is_refused_and_is_no_panic() {
    let crossed = |at: SystemTime| {
        let buffer = <SystemTime as uniffi::Lower<homeline_ffi::UniFfiTag>>::lower(at);
        <Timestamp as Lift<homeline_ffi::UniFfiTag>>::try_lift(buffer)
    };
    let far = crossed(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 60)).unwrap_err();
    assert_eq!(field(far.downcast().unwrap()).as_deref(), Some("time"));
    let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1500);
    assert_eq!(crossed(before).unwrap().timestamp_millis(), -1500);
}

#[test]
fn a_volume_keeps_the_digits_as_typed_and_is_refused_by_name_when_it_is_none() {
    let typed = |text: &str| {
        let input = ActionInput { volume_ml: Some(text.to_owned()), ..ActionInput::default() };
        companion::ActionInput::try_from(input)
    };
    assert_eq!(typed(" 12.50 ").unwrap().volume_ml.unwrap().to_string(), "12.50");
    assert_eq!(field(typed("half").unwrap_err()).as_deref(), Some("volume_ml"));
}

#[test]
fn an_error_crosses_with_every_field_and_reads_as_before() {
    let ours = companion::HomelineError {
        kind: ErrorKind::KeyUnavailable,
        code: "vault.key-unavailable",
        field: Some("passcode".to_owned()),
        what: "the phone is locked".to_owned(),
        remedy: "Unlock it.".to_owned(),
    };
    let said = ours.to_string();
    let theirs = HomelineError::from(ours);
    assert_eq!(theirs.to_string(), said);
    let HomelineError::Failed { kind, code, field, retry, .. } = theirs;
    assert_eq!((kind, retry), (ErrorKind::KeyUnavailable, Retry::Later));
    assert_eq!((code.as_str(), field.as_deref()), ("vault.key-unavailable", Some("passcode")));
}

/// Everything that a platform lends, wrong in one way or another.
struct Wrong;

impl Clock for Wrong {
    fn now(&self) -> Result<Timestamp, PortError> {
        // What generated code makes of an exception that the port does not name.
        Err(uniffi::UnexpectedUniFFICallbackError::new("Rosa's own exception").into())
    }

    fn monotonic_ms(&self) -> Result<u64, PortError> {
        Err(PortError::Failed { reason: "no clock".to_owned() })
    }
}

impl ZoneRules for Wrong {
    fn current_zone(&self) -> Result<String, PortError> {
        Ok("not a zone".to_owned())
    }

    fn table(&self, _: String, from: i64, to: i64) -> Result<ZoneTable, PortError> {
        let transitions = [to, from].map(|at| ZoneOffset { at, offset_seconds: 0 }).to_vec();
        Ok(ZoneTable { version: String::new(), initial_offset_seconds: 0, transitions })
    }
}

impl KeyStore for Wrong {
    fn wrap(&self, _: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
        Err(uniffi::UnexpectedUniFFICallbackError::new("anything").into())
    }

    fn unwrap(&self, _: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Invalidated)
    }

    fn counter(&self) -> Result<u64, KeyStoreError> {
        Ok(0)
    }

    fn set_counter(&self, _: u64) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

fn ports() -> companion::Ports {
    let wrong = Arc::new(Wrong);
    let (clock, zones, key_store) = (wrong.clone(), wrong.clone(), wrong);
    Platform { clock, zones, key_store, bluetooth: None, notifications: None, browser: None, observer: None }.into()
}

#[test]
fn an_exception_of_a_port_is_an_error_that_tells_nothing_of_it() {
    let error = ports().clock.now().unwrap_err();
    assert_eq!(error.port, "clock");
    assert!(!error.to_string().contains("Rosa"), "{error}");
    assert_eq!(
        ports().key_store.wrap(&[1]).unwrap_err(),
        companion::KeyStoreError::Unavailable,
        "no proof of a lost key"
    );
    assert_eq!(ports().key_store.unwrap(&[1]).unwrap_err(), companion::KeyStoreError::Invalidated);
}

#[test]
fn zone_rules_that_cannot_be_true_are_refused() {
    let zones = ports().zones;
    assert!(zones.current_zone().is_err());
    assert!(zones.table(&ZoneId::utc(), Timestamp::UNIX_EPOCH, Timestamp::MAX_UTC).is_err());
}

#[test]
fn a_panic_in_an_asynchronous_call_is_an_error_with_a_kind() {
    let mut call = std::pin::pin!(panic_on_purpose_later());
    let Poll::Ready(Err(HomelineError::Failed { kind, code, .. })) =
        call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("it answers at once");
    };
    assert_eq!((kind, code.as_str()), (ErrorKind::Internal, "internal.panic"));
    assert!(std::panic::catch_unwind(panic_on_purpose).is_err(), "and in a synchronous one uniffi catches it");
}
