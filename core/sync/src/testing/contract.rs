//! What every implementation of the store traits has to do, as one function that panics where it does not.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::profile::{ServerProfile, UploadMode};
use crate::store::{
    Ack, BatchLimits, KnownVersion, Lane, MirrorPage, MirrorStore, MirroredResource, OutboxCounts, OutboxRow,
    OutboxStore, ParkReason, Parked, ResourceKey, ServerMemory,
};

const PLENTY: BatchLimits = BatchLimits { rows: 100, bytes: 1_000_000 };

/// Runs the contract against a new, empty store. `enqueue` puts a row into it and answers the row's position; it
/// may ignore the position in the row.
///
/// # Panics
/// When the store breaks the contract.
pub fn store_contract<S>(store: &S, enqueue: impl Fn(&S, OutboxRow) -> i64)
where
    S: OutboxStore + MirrorStore + ServerMemory,
{
    outbox(store, &enqueue);
    mirror(store);
    memory(store);
}

fn row(id: u128, lane: Lane) -> OutboxRow {
    let id = Uuid::from_u128(id);
    OutboxRow {
        position: 0,
        resource_type: "Observation".into(),
        id,
        json: format!(r#"{{"resourceType":"Observation","id":"{id}"}}"#).into_bytes(),
        lane,
        enqueued_at: time(1_000),
        base: None,
    }
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("within the range of chrono")
}

fn outbox<S: OutboxStore + MirrorStore>(store: &S, enqueue: &impl Fn(&S, OutboxRow) -> i64) {
    let batch = |lane, after, limits| -> Vec<i64> {
        let rows = store.next_batch(lane, after, limits).expect("next_batch");
        rows.iter().map(|row| row.position).collect()
    };
    assert_eq!(store.counts().expect("counts"), OutboxCounts::default(), "a new store is empty");

    let first = enqueue(store, row(1, Lane::Routine));
    let second = enqueue(store, row(2, Lane::Routine));
    let again = enqueue(store, row(1, Lane::Routine));
    let urgent = enqueue(store, row(3, Lane::Safety));
    assert!(first < second && second < again && again < urgent, "positions grow");

    assert_eq!(batch(Lane::Safety, None, PLENTY), [urgent], "lanes are apart");
    assert_eq!(batch(Lane::Routine, None, PLENTY), [first, second], "a batch ends before a second row of a resource");
    assert_eq!(batch(Lane::Routine, Some(second), PLENTY), [again], "and goes on behind a position");
    assert_eq!(batch(Lane::Routine, None, BatchLimits { rows: 1, ..PLENTY }), [first], "rows are limited");
    assert_eq!(
        batch(Lane::Routine, None, BatchLimits { bytes: 1, ..PLENTY }),
        [first],
        "a row larger than the limit goes alone"
    );
    let sent = store.next_batch(Lane::Routine, None, PLENTY).expect("next_batch");
    let expected = OutboxRow { position: first, ..row(1, Lane::Routine) };
    assert_eq!(sent.first(), Some(&expected), "a row comes back as it went in");

    store.mark_unknown(&[first, second]).expect("mark_unknown");
    let counts = store.counts().expect("counts");
    assert_eq!((counts.waiting, counts.unknown, counts.parked), (4, 2, 0), "rows of unknown outcome go on waiting");
    assert_eq!(counts.oldest_waiting, Some(time(1_000)));

    let ack =
        Ack { position: first, server_id: "s-1".into(), version_id: Some("1".into()), last_updated: Some(time(5)) };
    store.mark_acked(std::slice::from_ref(&ack)).expect("mark_acked");
    store.mark_acked(std::slice::from_ref(&ack)).expect("an ack may come twice");
    assert_eq!(batch(Lane::Routine, None, PLENTY), [second, again], "an acked row no longer waits");
    let own = store.server_id("Observation", Uuid::from_u128(1)).expect("server_id");
    assert_eq!(own.as_deref(), Some("s-1"), "the server's id is remembered");
    assert_eq!(store.server_id("Observation", Uuid::from_u128(2)).expect("server_id"), None);
    let key = ResourceKey { resource_type: "Observation".into(), id: "s-1".into() };
    assert_eq!(store.sent_ids("Observation").expect("sent_ids"), ["s-1"]);
    assert!(store.newest().expect("newest").iter().any(|(newest, _)| *newest == key), "the record that was acked last");
    let known = store.known(&[key]).expect("known");
    let version = |known: &Option<KnownVersion>| known.as_ref().and_then(|known| known.version_id.clone());
    assert_eq!(known.iter().map(version).collect::<Vec<_>>(), [Some("1".to_owned())], "what was acked is known");

    let parked = Parked { position: second, reason: ParkReason::Refused, status: 422, outcome: "no".into() };
    store.park(&[parked]).expect("park");
    assert_eq!(batch(Lane::Routine, None, PLENTY), [again], "a parked row does not hold up the others");
    let counts = store.counts().expect("counts");
    assert_eq!((counts.waiting, counts.unknown, counts.parked), (2, 0, 1));

    for (position, id) in [(urgent, "s-3"), (again, "s-1")] {
        let ack = Ack { position, server_id: id.into(), version_id: Some("2".into()), last_updated: None };
        store.mark_acked(&[ack]).expect("mark_acked");
    }
    let newest = store.newest().expect("newest").into_iter().map(|(key, _)| key.id);
    assert_eq!(newest.collect::<Vec<_>>(), ["s-1"], "acked last, although it was written before the other");
}

fn mirror<S: MirrorStore>(store: &S) {
    let resource = |id: &str, seconds: i64| MirroredResource {
        key: ResourceKey { resource_type: "Task".into(), id: id.into() },
        version: KnownVersion { version_id: Some("1".into()), last_updated: Some(time(seconds)) },
        json: format!(r#"{{ "resourceType":"Task", "id":"{id}", "x": 1.50 }}"#),
    };
    let (a, b) = (resource("a", 100), resource("b", 200));
    assert_eq!(store.cursor("k").expect("cursor"), None);
    let page = MirrorPage {
        resources: vec![a.clone(), b.clone()],
        unreadable: vec!["{}".into()],
        cursors: vec![("k".into(), time(7))],
        ..MirrorPage::default()
    };
    store.apply(&page).expect("apply");
    store.apply(&page).expect("the same page may come twice");
    assert_eq!(store.cursor("k").expect("cursor"), Some(time(7)), "the cursor is there with the rows");
    let mut ids = store.ids("Task").expect("ids");
    ids.sort_unstable();
    assert_eq!(ids, ["a", "b"]);
    let nobody = ResourceKey { resource_type: "Task".into(), id: "nobody".into() };
    let known = store.known(&[b.key.clone(), nobody.clone(), a.key.clone()]).expect("known");
    assert_eq!(known, [Some(b.version.clone()), None, Some(a.version)], "answers stand in the order of the question");
    assert!(store.newest().expect("newest").contains(&(b.key.clone(), b.version.clone())));
    let page = MirrorPage { deletions: vec![b.key.clone(), nobody], ..MirrorPage::default() };
    store.apply(&page).expect("a deletion of what is not here is no fault");
    assert_eq!(store.ids("Task").expect("ids"), ["a"]);
    assert_eq!(store.known(std::slice::from_ref(&b.key)).expect("known"), [None], "what was deleted is not known");
    store.apply(&MirrorPage { resources: vec![b], ..MirrorPage::default() }).expect("apply");
    assert_eq!(store.ids("Task").expect("ids"), ["a", "b"], "the same version may come back");
}

/// Runs the part about lost records, for a store that keeps the bytes of what was sent; another makes them anew after
/// `apply`. `enqueue` as above.
///
/// # Panics
/// When the store breaks the contract.
pub fn lost_records_contract<S>(store: &S, enqueue: impl Fn(&S, OutboxRow) -> i64)
where
    S: OutboxStore + MirrorStore,
{
    let first = enqueue(store, row(1, Lane::Routine));
    let ack = Ack { position: first, server_id: "s-1".into(), version_id: Some("1".into()), last_updated: None };
    store.mark_acked(&[ack]).expect("mark_acked");
    enqueue(store, row(1, Lane::Routine));
    let key = |id: &str| ResourceKey { resource_type: "Observation".into(), id: id.into() };
    let batch = || store.next_batch(Lane::Routine, None, PLENTY).expect("next_batch");
    let sent_ids = || store.sent_ids("Observation").expect("sent_ids");
    let page = MirrorPage { lost: vec![key("s-1"), key("nobody")], ..MirrorPage::default() };
    assert_eq!(sent_ids(), ["s-1"]);
    assert!(store.newest().expect("newest").iter().any(|(newest, _)| *newest == key("s-1")), "the last acked one");

    let newer = batch();
    store.apply(&page).expect("apply");
    assert_eq!(batch(), newer, "what waits anyway is not overtaken by an older state");

    let newer = newer.first().expect("the newer row waits").position;
    let ack = Ack { position: newer, server_id: "s-1".into(), version_id: Some("2".into()), last_updated: None };
    store.mark_acked(&[ack]).expect("mark_acked");
    assert_eq!(batch(), []);
    assert_eq!(sent_ids(), ["s-1"], "taken again");
    store.apply(&page).expect("apply");
    store.apply(&page).expect("the same page may come twice");
    let ids: Vec<Uuid> = batch().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, [Uuid::from_u128(1)], "what was lost waits again, once");
    let own = store.server_id("Observation", Uuid::from_u128(1)).expect("server_id");
    assert_eq!(own, None, "and the server's id of it is gone with it");
    assert_eq!(sent_ids(), [""; 0]);
}

fn memory<S: ServerMemory>(store: &S) {
    assert_eq!(store.profile("https://a").expect("profile"), None);
    let learned = ServerProfile { upload: UploadMode::Single, ..ServerProfile::default() };
    store.remember("https://a", &learned).expect("remember");
    assert_eq!(store.profile("https://a").expect("profile"), Some(learned));
    assert_eq!(store.profile("https://b").expect("profile"), None, "servers are apart");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemoryStore;

    #[test]
    fn the_store_in_memory_keeps_the_contract() {
        store_contract(&MemoryStore::new(), MemoryStore::enqueue);
        lost_records_contract(&MemoryStore::new(), MemoryStore::enqueue);
    }
}
