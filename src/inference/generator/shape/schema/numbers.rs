//! Which numbers may be written? Those that a number in 64 bits tells apart, in digits.
//!
//! Without bounds a number could be `1e999`, which many readers of JSON refuse.

use serde_json::{Map, Number, Value, json};

use super::super::place::Place;
use super::super::unfit::Unfit;

/// Up to here every whole number is told from its neighbours.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Digits of a bound, with those before which there is nothing but zeros.
const MOST_DIGITS: usize = 40;

/// What a multiple is of, without its point; and how many digits are behind that.
const LARGEST_STEP: f64 = 1000.0;
const MOST_PLACES: i32 = 9;

/// Writes the bounds, as the least and the greatest that may be written; where nothing else is to fit too, also those that
/// nobody asked for.
pub(super) fn bounds(
    schema: &Map<String, Value>,
    place: &Place<'_>,
    is_alone: bool,
    is_open: bool,
    written: &mut Map<String, Value>,
) -> Result<(), Unfit> {
    let is = |names: &[&str]| match written.get("type") {
        Some(Value::Array(types)) => types.iter().any(|name| names.iter().any(|other| name == other)),
        Some(name) => names.iter().any(|other| name == other),
        None => false,
    };
    let whole = is(&["integer"]) && !is(&["number"]);
    let least = bound(schema, ["minimum", "exclusiveMinimum"], place, Side { up: 1.0, whole })?;
    let most = bound(schema, ["maximum", "exclusiveMaximum"], place, Side { up: -1.0, whole })?;
    let out_of_reach = |bound: &f64| place.unfit(format!("{} has more digits than are kept", json!(bound)));
    if let Some(bound) = least.filter(|least| *least >= LARGEST).or(most.filter(|most| *most <= -LARGEST)) {
        return Err(out_of_reach(&bound));
    }
    let is_open = is_open && (is(&["number", "integer"]) || !written.contains_key("type"));
    let open = |number: f64| is_open.then_some(number);
    let least = least.map(|least| least.max(-LARGEST)).or(open(-LARGEST));
    let most = most.map(|most| most.min(LARGEST)).or(open(LARGEST));
    written.extend(least.map(|least| ("minimum".to_owned(), json!(least))));
    written.extend(most.map(|most| ("maximum".to_owned(), json!(most))));
    if let Some(step) = schema.get("multipleOf") {
        if !is_alone {
            return Err(place.unfit("\"multipleOf\" beside other schemas for the same value is not supported"));
        }
        written.insert("multipleOf".to_owned(), json!(multiple(step, &place.key("multipleOf"))?));
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Side {
    /// In which direction numbers fit.
    up: f64,
    /// All of them are whole.
    whole: bool,
}

impl Side {
    /// What is certainly beyond `number`, also when it was rounded as it was read.
    fn beyond(self, number: f64) -> f64 {
        if self.whole {
            (number * self.up).floor() * self.up + self.up
        } else {
            number + self.up * number.abs().max(1.0) * 1e-12
        }
    }
}

/// The tighter of both, if there are both.
fn bound(
    schema: &Map<String, Value>,
    [including, excluding]: [&str; 2],
    place: &Place<'_>,
    side: Side,
) -> Result<Option<f64>, Unfit> {
    let number = |key: &str, value: &Value| {
        let number = value.as_f64().ok_or_else(|| place.key(key).unfit("is no number"))?;
        if number != 0.0 && number.to_string().len() > MOST_DIGITS && number.abs() < 1.0 {
            return Err(place.key(key).unfit("has more digits than are kept"));
        }
        Ok(number)
    };
    let at = schema.get(including).map(|value| number(including, value)).transpose()?;
    let (at, beyond) = match schema.get(excluding) {
        // As it was once written.
        Some(Value::Bool(true)) => (None, at),
        Some(Value::Bool(false)) | None => (at, None),
        Some(value) => (at, Some(number(excluding, value)?)),
    };
    let both = [at, beyond.map(|number| side.beyond(number))].into_iter().flatten();
    Ok(both.reduce(|a, b| (a * side.up).max(b * side.up) * side.up))
}

/// Counted in decimal digits, so it has to have few.
fn multiple(step: &Value, place: &Place<'_>) -> Result<f64, Unfit> {
    let unfit = || place.unfit(format!("{step} has more digits than are kept"));
    let step = step.as_f64().filter(|step| *step > 0.0).ok_or_else(|| place.unfit("is no number above 0"))?;
    let (mut whole, mut places) = (step, 0);
    while whole.fract() != 0.0 && places <= MOST_PLACES {
        whole *= 10.0;
        places += 1;
    }
    if places > MOST_PLACES || whole > LARGEST_STEP || whole / 10_f64.powi(places) != step {
        return Err(unfit());
    }
    Ok(step)
}

/// Whether it is written again as it was.
pub(super) fn is_exact(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.abs() < LARGEST && number.to_string().len() <= MOST_DIGITS)
}
