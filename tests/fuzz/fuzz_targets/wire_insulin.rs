//! The Insulin Delivery Service: every decoder, protected and not, and an adapter that takes anything at any time. A protected
//! value that was changed on its way is never heard.
#![no_main]

use homeline_pump::adapter::{Adapter, Ask, Heard, InsulinAdapter};
use homeline_pump::wire::crc::Checksum;
use homeline_pump::wire::insulin::annunciation::Annunciation;
use homeline_pump::wire::insulin::features::Features;
use homeline_pump::wire::insulin::history::HistoryRecord;
use homeline_pump::wire::insulin::protection::{Counter, Protection};
use homeline_pump::wire::insulin::status::{Changed, Status};
use homeline_pump::wire::insulin::{
    ANNUNCIATION, FEATURES, HISTORY, RECORD_ACCESS, STATUS, STATUS_CHANGED, STATUS_READER, record_access, status_reader,
};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;

const ON: Protection = Protection { on: true, checksum: Checksum::Mcrf4xx, placeholder: false };
const OFF: Protection = Protection { on: false, ..ON };

fn plain(bytes: &[u8]) {
    if Status::decode(bytes).is_ok() {
        assert!((0..bytes.len()).all(|end| Status::decode(&bytes[..end]).is_err()), "a part is no whole");
    }
    if Annunciation::decode(bytes).is_ok() {
        assert!((0..bytes.len()).all(|end| Annunciation::decode(&bytes[..end]).is_err()), "a part is no whole");
    }
    let _ = Changed::decode(bytes);
    let _ = record_access::decode(bytes);
    let _ = status_reader::decode(bytes);
    for protection in [ON, OFF, Protection { placeholder: true, ..OFF }] {
        let _ = protection.open(bytes);
        let _ = HistoryRecord::decode(bytes, protection);
    }
    for checksum in [Checksum::Mcrf4xx, Checksum::CcittFalse] {
        let _ = Features::decode(bytes, checksum);
    }
}

fn changed_on_the_way(bytes: &[u8]) {
    let [place, bit, body @ ..] = bytes else { return };
    let mut sealed = ON.seal(body, &mut Counter::default());
    assert_eq!(ON.open(&sealed), Ok((body, Some(1))));
    let place = usize::from(*place) % sealed.len();
    sealed[place] ^= 1 << (bit % 8);
    assert!(ON.open(&sealed).is_err() && HistoryRecord::decode(&sealed, ON).is_err());
}

fn story(input: &mut Unstructured<'_>) -> Result<()> {
    let mut adapter = InsulinAdapter::default();
    let mut sender = Counter::default();
    let mut protected = false;
    for _ in 0..input.int_in_range(0..=20)? {
        match input.int_in_range(0..=7)? {
            0 => adapter.connected(),
            1 => drop(adapter.request(Ask::ReportRecords { from: u32::arbitrary(input)? })),
            2 => {
                let covered = [1, 100, 0, 0b11, 0, 0];
                let value = [Checksum::Mcrf4xx.of(&covered).to_le_bytes().as_slice(), &covered].concat();
                protected |= adapter.take(FEATURES, &value, &mut |_| {}).is_ok();
            }
            seal => {
                let all = [STATUS_CHANGED, STATUS, ANNUNCIATION, STATUS_READER, RECORD_ACCESS, HISTORY];
                let characteristic = *input.choose(&all)?;
                let body = <Vec<u8>>::arbitrary(input)?;
                let value = if seal > 4 { ON.seal(&body, &mut sender) } else { body };
                let mut told = 0;
                let taken = adapter.take(characteristic, &value, &mut |heard| {
                    told += 1;
                    if let Heard::Recorded(record) = heard {
                        assert!(record.reading.is_none() || record.number <= u32::MAX);
                    }
                });
                assert!(taken.is_ok() || told <= 1, "of what is refused nothing is told, a loss before it apart");
                let genuine = ON.open(&value).is_ok() || characteristic == HISTORY || characteristic == STATUS_READER;
                assert!(!protected || genuine || taken.is_err(), "an unprotected value was heard");
            }
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    plain(bytes);
    changed_on_the_way(bytes);
    // Too few bytes for a story are no story.
    let _ = story(&mut Unstructured::new(bytes));
});
