//! The Insulin Delivery Service: every decoder, protected and not, and an adapter that takes anything at any time. A protected
//! value that was changed on its way is never heard.
#![no_main]

use homeline_pump::adapter::{Adapter, Ask, Heard, InsulinAdapter};
use homeline_pump::profile::Statement;
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
        if let Ok(record) = HistoryRecord::decode(bytes, protection) {
            assert!(record.data.len() + 8 <= bytes.len(), "more than was sent");
        }
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

/// A record that is plausible: of a type that comes in one or two parts, at one of two offsets.
fn record(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let kind = *input.choose(&[0x000F_u16, 0x0303, 0x033F, 0x0356, 0x005A, 0x0066, 0x0069, 0x0096])?;
    let head = [kind.to_le_bytes().as_slice(), &input.int_in_range(0..=3_u32)?.to_le_bytes()].concat();
    let offset = input.int_in_range(0..=1_u16)?.to_le_bytes();
    let data = <Vec<u8>>::arbitrary(input)?;
    Ok([head.as_slice(), &offset, &data].concat())
}

/// Auxiliary information of an alarm of the record: five pieces in each part.
fn is_of_two_parts_at_most(heard: &Heard) -> bool {
    let Heard::Recorded(record) = heard else { return true };
    let Some(Statement::Alarm(alarm, _)) = &record.statement else { return true };
    alarm.text.split(',').count() <= 10
}

fn story(input: &mut Unstructured<'_>) -> Result<()> {
    let mut adapter = InsulinAdapter::default();
    let mut sender = Counter::default();
    let mut protected = false;
    for _ in 0..input.int_in_range(0..=20)? {
        match input.int_in_range(0..=8)? {
            0 => adapter.connected(),
            1 => drop(adapter.request(Ask::ReportRecords { from: u32::arbitrary(input)? })),
            2 => {
                let covered = [1, 100, 0, 0b11, 0, 0];
                let value = [Checksum::Mcrf4xx.of(&covered).to_le_bytes().as_slice(), &covered].concat();
                protected |= adapter.take(FEATURES, &value, &mut |_| {}).is_ok();
            }
            3 => {
                // The process ended: what was learnt from records is all that is left.
                let memory = adapter.memory();
                adapter = InsulinAdapter::default();
                adapter.restore(memory.clone());
                assert_eq!(adapter.memory(), memory);
                (sender, protected) = (Counter::default(), false);
            }
            seal => {
                let all = [STATUS_CHANGED, STATUS, ANNUNCIATION, STATUS_READER, RECORD_ACCESS, HISTORY];
                let characteristic = *input.choose(&all)?;
                let likely = characteristic == HISTORY && bool::arbitrary(input)?;
                let body = if likely { record(input)? } else { <Vec<u8>>::arbitrary(input)? };
                let value = if seal > 5 { ON.seal(&body, &mut sender) } else { body };
                let mut told = 0;
                let taken = adapter.take(characteristic, &value, &mut |heard| {
                    told += 1;
                    assert!(is_of_two_parts_at_most(&heard), "more than two parts");
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
