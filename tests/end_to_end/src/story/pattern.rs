//! What an answer must look like: as much of it as the story says, and names for what later steps use.

use serde_json::{Map, Value};

/// Whether `answer` is as `pattern` says; names in it are learned.
pub(super) fn matches(pattern: &Value, answer: &Value, known: &mut Map<String, Value>) -> Result<(), String> {
    match pattern {
        Value::String(text) if text.starts_with('$') => {
            let name = text.trim_start_matches('$');
            match known.get(name) {
                Some(value) if value == answer => Ok(()),
                Some(value) => Err(format!("${name} is {value}, and not {answer}")),
                None => Err(format!("nothing is known as ${name}")),
            }
        }
        Value::Object(fields) if fields.keys().any(|name| name.starts_with('$')) => operators(fields, answer, known),
        Value::Object(fields) => {
            for (name, pattern) in fields {
                let found = answer.get(name).unwrap_or(&Value::Null);
                matches(pattern, found, known).map_err(|reason| format!("{name}: {reason}"))?;
            }
            Ok(())
        }
        Value::Array(patterns) => {
            let items = answer.as_array().ok_or_else(|| format!("a list was expected, not {answer}"))?;
            if items.len() != patterns.len() {
                return Err(format!("{} were expected, not {}: {answer}", patterns.len(), items.len()));
            }
            patterns.iter().zip(items).try_for_each(|(pattern, item)| matches(pattern, item, known))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            if pattern == answer {
                Ok(())
            } else {
                Err(format!("{pattern} was expected, not {answer}"))
            }
        }
    }
}

/// All that are named must hold.
fn operators(fields: &Map<String, Value>, answer: &Value, known: &mut Map<String, Value>) -> Result<(), String> {
    for (operator, operand) in fields {
        match operator.as_str() {
            "$any" => {
                // A try that fails must not leave names behind.
                let found = items(answer)?.iter().find_map(|item| {
                    let mut learned = known.clone();
                    matches(operand, item, &mut learned).ok().map(|()| learned)
                });
                *known = found.ok_or_else(|| format!("none is {operand} in {answer}"))?;
            }
            "$none" => {
                if items(answer)?.iter().any(|item| matches(operand, item, &mut known.clone()).is_ok()) {
                    return Err(format!("one is {operand} in {answer}"));
                }
            }
            "$size" => {
                let size = items(answer)?.len();
                if operand.as_u64() != u64::try_from(size).ok() {
                    return Err(format!("{operand} were expected, not {size}: {answer}"));
                }
            }
            "$least" => {
                if answer.as_i64() < operand.as_i64() || !answer.is_number() {
                    return Err(format!("at least {operand} was expected, not {answer}"));
                }
            }
            "$has" | "$starts" => {
                let (text, part) = (answer.as_str().unwrap_or_default(), operand.as_str().unwrap_or_default());
                let holds = if operator == "$has" { text.contains(part) } else { text.starts_with(part) };
                if !holds {
                    return Err(format!("{operator} {operand} is not so of {answer}"));
                }
            }
            "$as" => {
                let name = operand.as_str().ok_or("$as: a name")?;
                known.insert(name.to_owned(), answer.clone());
            }
            other => return Err(format!("a story knows no {other}")),
        }
    }
    Ok(())
}

fn items(answer: &Value) -> Result<&Vec<Value>, String> {
    answer.as_array().ok_or_else(|| format!("a list was expected, not {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(pattern: Value, answer: Value) -> bool {
        matches(&pattern, &answer, &mut Map::new()).is_ok()
    }

    #[test]
    fn a_pattern_says_as_much_as_it_wants_to_and_all_of_it_must_hold() {
        let answer = json!({"rows": [{"id": "a", "n": 3}, {"id": "b:1", "n": 4}], "next": null});
        assert!(fits(json!({"next": null, "missing": null}), answer.clone()));
        assert!(!fits(json!({"next": "x"}), answer.clone()));
        assert!(fits(json!({"rows": {"$any": {"id": {"$starts": "b:"}, "n": 4}, "$size": 2}}), answer.clone()));
        assert!(!fits(json!({"rows": {"$any": {"id": {"$starts": "b:"}, "n": 3}}}), answer.clone()));
        assert!(!fits(json!({"rows": {"$size": 1}}), answer.clone()));
        assert!(fits(json!({"rows": {"$none": {"n": 5}}}), answer.clone()));
        assert!(!fits(json!({"rows": {"$none": {"n": {"$least": 4}}}}), answer.clone()));
        assert!(!fits(json!({"rows": [{"id": "a"}]}), answer.clone()));
        assert!(fits(json!({"rows": [{"id": "a"}, {"id": {"$has": ":"}}]}), answer.clone()));
        assert!(!fits(json!({"rows": [{"id": {"$has": ":"}}, {"id": {"$has": ":"}}]}), answer.clone()));
        assert!(!fits(json!({"next": {"$as": "n", "$like": 1}}), answer), "an unknown operator is no match");
    }

    #[test]
    fn a_name_is_learned_where_all_the_rest_fits() {
        let mut known = Map::new();
        let pattern = json!({"$any": {"id": {"$as": "it"}, "open": true}});
        matches(&pattern, &json!([{"id": 1, "open": false}, {"id": 2, "open": true}]), &mut known).unwrap();
        assert_eq!(known["it"], 2);
        assert!(matches(&json!("$it"), &json!(2), &mut known).is_ok());
        assert!(matches(&json!("$it"), &json!(1), &mut known).is_err());
        assert!(matches(&json!("$other"), &json!(1), &mut known).is_err());
    }
}
