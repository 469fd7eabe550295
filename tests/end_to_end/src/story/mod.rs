//! The stories of `tests/stories`, told in Rust.
//!
//! One list of stories is told in Rust, Kotlin and Swift, each by an interpreter of its own over that language's public
//! API, with the same expected results. So the three cannot drift apart, and a story is written once. The format is in
//! `tests/stories/README.md`.

/// Each call of the API by its name in a story.
mod call;
/// A key store that can be locked or lost.
mod keys;
/// What an answer must look like.
mod pattern;
/// What a pump said.
pub mod radio;
/// A server that is signed in to.
mod team;

use call::World;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// One story.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What it proves, one sentence.
    pub story: String,
    /// The phone at its beginning.
    phone: PhoneAtFirst,
    /// What happens, in order.
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneAtFirst {
    zone: String,
    now: String,
}

#[derive(Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Step {
    Together { together: Vec<Call> },
    One(Call),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    call: String,
    #[serde(default)]
    args: Map<String, Value>,
    /// The answer matches this.
    #[serde(default, deserialize_with = "present")]
    gives: Option<Value>,
    /// The error matches this.
    fails: Option<Value>,
    /// It may be answered or fail.
    #[serde(default)]
    either: bool,
    /// So many at once.
    at_once: Option<usize>,
    /// So many, one after another.
    times: Option<usize>,
    /// The caller goes away as soon as the call was made.
    #[serde(default)]
    given_up: bool,
}

/// `null` is an answer too.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Story {
    /// Tells the story to its end, or to the first step that goes another way: the reason says which.
    ///
    /// # Errors
    /// What the step did and what was expected of it.
    pub async fn tell(&self) -> Result<(), String> {
        let world = Rc::new(World::new(&self.phone.zone, &self.phone.now));
        let mut known = Map::new();
        for (number, step) in self.steps.iter().enumerate() {
            let calls = match step {
                Step::Together { together } => together.clone(),
                Step::One(call) => vec![call.clone(); call.at_once.unwrap_or(1)],
            };
            for _ in 0..calls.first().and_then(|call| call.times).unwrap_or(1) {
                let outcomes = make(&world, &calls, &known).await;
                for (call, outcome) in calls.iter().zip(outcomes) {
                    check(call, &outcome?, &mut known)
                        .map_err(|reason| format!("{}: step {}, {}: {reason}", self.story, number + 1, call.call))?;
                }
            }
        }
        Ok(())
    }
}

/// Makes all calls before the first answer is awaited.
async fn make(world: &Rc<World>, calls: &[Call], known: &Map<String, Value>) -> Vec<Result<Value, String>> {
    let mut running = Vec::new();
    for call in calls {
        let (world, name, given_up) = (world.clone(), call.call.clone(), call.given_up);
        let args = filled_in(&Value::Object(call.args.clone()), known);
        running.push(tokio::task::spawn_local(async move {
            let args = args?;
            let answer = async {
                Ok(match world.call(&name, &args).await? {
                    Ok(answer) => json!({ "gives": answer }),
                    Err(error) => json!({ "fails": call::error_as_json(&error) }),
                })
            };
            if !given_up {
                return answer.await;
            }
            tokio::select! {
                biased;
                _ = answer => {}
                () = std::future::ready(()) => {}
            }
            Ok(json!({ "given_up": true }))
        }));
    }
    let mut outcomes = Vec::new();
    for call in running {
        outcomes.push(call.await.unwrap_or_else(|panicked| Err(panicked.to_string())));
    }
    outcomes
}

fn check(call: &Call, outcome: &Value, known: &mut Map<String, Value>) -> Result<(), String> {
    if call.given_up {
        return Ok(());
    }
    match (outcome.get("gives"), outcome.get("fails"), &call.gives, &call.fails) {
        (_, Some(error), _, Some(expected)) => pattern::matches(expected, error, known),
        (Some(answer), None, Some(expected), None) => pattern::matches(expected, answer, known),
        (Some(_), None, None, None) => Ok(()),
        _ if call.either => Ok(()),
        _ => Err(format!("it was not to answer {outcome}")),
    }
}

/// Arguments with the names of earlier answers filled in, and repeated texts written out.
fn filled_in(value: &Value, known: &Map<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => known.get(name).cloned().ok_or_else(|| format!("nothing is known as ${name}"))?,
            None => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(|item| filled_in(item, known)).collect::<Result<_, _>>()?),
        Value::Object(fields) => match (fields.get("repeat"), fields.get("times")) {
            (Some(Value::String(text)), Some(Value::Number(times))) => {
                let times =
                    times.as_u64().and_then(|times| usize::try_from(times).ok()).ok_or("times: a whole number")?;
                Value::String(text.repeat(times))
            }
            _ => {
                let filled = fields.iter().map(|(name, value)| Ok((name.clone(), filled_in(value, known)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}
