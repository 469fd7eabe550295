//! Lives that once went wrong, as short as they could be made.

use super::lived;
use super::phone::Fuse;
use super::script::{Fate, Kind, Script, Step};
use super::server::{Dialect, History};

const USUAL: Dialect = Dialect {
    transactions: true,
    batches: true,
    gzip: false,
    everything: false,
    history: History::System,
    takes_our_ids: true,
    pages: true,
    tells_time: true,
};
const BEGIN: Step = Step::Begin { phone: 0, full: false };
const ANSWERED: Step = Step::Deliver { phone: 0, fate: Fate::Answered };
const UNANSWERED: Step = Step::Deliver { phone: 0, fate: Fate::AnswerLost };

fn holds(dialect: Dialect, steps: &[Step]) {
    let script = Script { dialect, skews: vec![0, 5], steps: steps.to_vec() };
    assert_eq!(lived(&script), [""; 0]);
}

fn answered(times: usize) -> Vec<Step> {
    vec![ANSWERED; times]
}

#[test]
fn a_record_written_after_a_restore_does_not_hide_what_the_server_lost() {
    let write = |kind| Step::Write { phone: 0, kind };
    let steps = [vec![write(Kind::Dose), BEGIN], answered(2), vec![Step::Restore { which: 0 }, write(Kind::Note)]];
    holds(USUAL, &steps.concat());
}

#[test]
fn what_is_deleted_while_a_first_pull_is_cut_short_goes_at_the_next_that_is_whole() {
    for everything in [false, true] {
        for history in [History::System, History::Type, History::Nowhere] {
            for reads in 2..12 {
                let first = [vec![Step::Order, BEGIN], answered(reads), vec![Step::Crash { phone: 0 }]];
                let gone = vec![Step::TeamDeletes { which: 0 }, Step::Pass { minutes: 900 }, BEGIN];
                for more in [2, 4] {
                    let second = [answered(more), vec![UNANSWERED]];
                    let steps = [first.concat(), gone.clone(), second.concat()].concat();
                    holds(Dialect { everything, history, ..USUAL }, &steps);
                }
            }
        }
    }
}

#[test]
fn an_edit_of_what_came_from_a_server_that_hands_out_ids_goes_to_the_id_that_it_has_there() {
    let edit = Step::EditRights { phone: 0, own: true };
    let write = Step::Write { phone: 0, kind: Kind::Note };
    let steps = [vec![write, BEGIN], answered(60), vec![edit]];
    holds(Dialect { takes_our_ids: false, ..USUAL }, &steps.concat());
}

#[test]
fn a_record_that_a_server_with_ids_of_its_own_lost_is_made_there_anew() {
    let write = Step::Write { phone: 0, kind: Kind::Dose };
    let steps = [vec![write, BEGIN], answered(60), vec![Step::Restore { which: 0 }]];
    holds(Dialect { takes_our_ids: false, ..USUAL }, &steps.concat());
}

#[test]
fn a_correction_of_a_record_that_a_server_with_ids_of_its_own_lost_waits_until_that_is_known() {
    let write = Step::Write { phone: 0, kind: Kind::Dose };
    let correct = Step::Correct { phone: 0, which: 0 };
    let steps = [vec![write, BEGIN], answered(60), vec![Step::Restore { which: 0 }, correct]];
    holds(Dialect { takes_our_ids: false, ..USUAL }, &steps.concat());
}

#[test]
fn a_correction_reaches_a_server_with_ids_of_its_own_although_the_phone_died_before_it_noted_that_it_has_them() {
    let write = Step::Write { phone: 0, kind: Kind::Dose };
    let correct = Step::Correct { phone: 0, which: 0 };
    for requests in 1..6 {
        let fuse = Step::Fuse { phone: 0, fuse: Fuse { commits: 0, keeps_last: true } };
        let steps = [vec![write, correct, BEGIN], answered(requests), vec![fuse], answered(2)];
        holds(Dialect { takes_our_ids: false, ..USUAL }, &steps.concat());
    }
}

#[test]
fn an_edit_that_is_taken_first_does_not_say_whose_ids_count() {
    let edit = Step::EditRights { phone: 0, own: true };
    let write = Step::Write { phone: 0, kind: Kind::Note };
    let steps = [vec![BEGIN], answered(60), vec![edit, BEGIN], answered(60), vec![write]];
    holds(Dialect { takes_our_ids: false, ..USUAL }, &steps.concat());
}

#[test]
fn a_look_before_sending_that_the_server_failed_on_is_made_up_for() {
    let write = |kind| Step::Write { phone: 0, kind };
    let fails = Step::Deliver { phone: 0, fate: Fate::Sick(500) };
    for requests in 0..4 {
        let lost = [vec![write(Kind::Dose), BEGIN], answered(60), vec![Step::Restore { which: 0 }]];
        let looks = [vec![write(Kind::Note), BEGIN], answered(requests), vec![fails], answered(60)];
        holds(Dialect { batches: false, ..USUAL }, &[lost.concat(), looks.concat()].concat());
    }
}

#[test]
fn what_was_sent_last_is_looked_for_and_not_what_was_written_last() {
    let write = |kind| Step::Write { phone: 0, kind };
    // The request goes first, although it is written last.
    let begun = [vec![write(Kind::Poison), write(Kind::Note), write(Kind::Request), BEGIN], answered(3)];
    let lost = [vec![Step::Backup], answered(2), vec![Step::Restore { which: 1 }]];
    holds(USUAL, &[begun.concat(), lost.concat()].concat());
}
