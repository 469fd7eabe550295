//! A questionnaire from outside and answers to it: no panic, no endless loop; what is shown is stable, what was taken fits,
//! and what goes back was asked.
#![no_main]

use homeline_fhir::questionnaire::ItemKind;
use homeline_fhir::{Place, Questionnaire};
use homeline_model::FormItem;
use libfuzzer_sys::fuzz_target;

/// The form ends at the first line that is `---`; each line after it is `place=answer`.
const END_OF_FORM: &str = "\n---\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (json, lines) = text.split_once(END_OF_FORM).unwrap_or((text, ""));
    let form = match Questionnaire::read(json) {
        Ok(form) => form,
        Err(fault) => {
            assert!(!fault.field.is_empty() && !fault.reason.is_empty());
            return;
        }
    };
    let mut filling = form.begin();
    for line in lines.lines().take(64) {
        let (place, answer) = line.split_once('=').unwrap_or((line, ""));
        let place: Place = place.parse().expect("any text is a place");
        assert_eq!(place.to_string().parse(), Ok(place.clone()), "a place comes back from its text");
        let before = filling.clone();
        if form.answer(&mut filling, &place, &[answer.to_owned()]).is_err() {
            assert_eq!(filling, before, "what is refused changes nothing");
        }
    }
    let shown = form.shown(&filling);
    assert_eq!(form.shown(&filling), shown);
    let open = form.open_questions(&filling);
    if let Ok(answers) = form.finish(&filling) {
        assert!(open.is_empty());
        asked(&answers.items, &form);
    }
});

fn asked(items: &[FormItem], form: &Questionnaire) {
    for item in items {
        let known = form.item(&item.link_id).expect("a question of the form");
        assert_eq!(known.kind == ItemKind::Group, item.answers.is_empty());
        asked(&item.items, form);
        item.answers.iter().for_each(|answer| asked(&answer.items, form));
    }
}
