//! A request's body, within limits of size and time, and what is said when it does not fit.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use tokio::time::timeout;
use tokio_stream::StreamExt;

use super::problem::Problem;
use crate::fault::{Fault, Result};

/// A body in JSON, whatever its content type says: `curl -d` calls everything a form.
#[derive(Debug)]
pub(crate) struct Body<T>(pub T);

/// Of anything but documents.
const LARGEST: usize = 1 << 20;
/// How long a body may take.
const LONGEST: Duration = Duration::from_secs(30);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Body<T>, Problem> {
        Ok(Body(parse(&read(request, LARGEST).await?)?))
    }
}

pub(super) async fn read(request: Request, largest: usize) -> Result<Bytes> {
    let declared = request.headers().get(axum::http::header::CONTENT_LENGTH);
    if declared.and_then(|length| length.to_str().ok()?.parse().ok()).is_some_and(|length: u64| length > largest as u64)
    {
        return Err(too_large(largest));
    }
    let mut stream = request.into_body().into_data_stream();
    let all = async {
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| broken().because_of(error))?;
            if bytes.len() + piece.len() > largest {
                return Err(too_large(largest));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Bytes::from(bytes))
    };
    timeout(LONGEST, all).await.unwrap_or_else(|_| Err(late()))
}

pub(super) fn too_large(largest: usize) -> Fault {
    let what = format!("the body has more than {largest} bytes");
    Fault::caller("body_too_large", what).hint("send less at once")
}

fn broken() -> Fault {
    Fault::caller("body_broken", "the body broke off").hint("send it again")
}

pub(super) fn late() -> Fault {
    Fault::caller("body_late", "the body did not come in good time").hint("send it again, and without pauses")
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.trim_ascii().is_empty() {
        return Err(Fault::caller("bad_json", "the body is empty").hint("send a JSON object"));
    }
    if is_too_deep(bytes) {
        let what = format!("the body is nested deeper than {DEEPEST} levels");
        return Err(Fault::caller("bad_json", what).hint("`/docs` shows what this call takes"));
    }
    serde_json::from_slice(bytes).or_else(|error| with_whole_numbers(bytes).ok_or(error)).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            Category::Eof => "the body ends in the middle of its JSON".to_owned(),
            Category::Data => format!("the body does not fit this call: {} ({place})", reason(&error.to_string())),
            Category::Syntax | Category::Io => format!("the body is not JSON at {place}"),
        };
        Fault::caller("bad_json", what).hint("`/docs` shows what this call takes").because_of(error)
    })
}

/// `5.0` is a whole number too, and beyond the largest is the largest: JSON knows no kinds of numbers.
fn with_whole_numbers<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut value = serde_json::from_slice(bytes).ok()?;
    make_whole(&mut value);
    serde_json::from_value(value).ok()
}

fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_i64().is_none() => {
            if let Some(whole) = number.as_f64().filter(|number| number.fract() == 0.0) {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_whole),
        Value::Object(fields) => fields.values_mut().for_each(make_whole),
        _ => {}
    }
}

const DEEPEST: usize = 64;

/// Also where a call takes no notice of what is nested.
fn is_too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut in_text, mut is_escaped) = (0, false, false);
    bytes.iter().any(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = usize::saturating_sub(depth, 1),
            _ => {}
        }
        depth > DEEPEST
    })
}

/// Of what serde says about our own types, the part about them.
fn reason(message: &str) -> String {
    let plain = message.rsplit_once(" at line ").map_or(message, |(plain, _)| plain);
    plain.chars().filter(|c| !c.is_control()).take(200).collect::<String>().replace('`', "\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::AskJson;

    #[test]
    fn what_does_not_fit_is_named() {
        for (body, expected) in [
            ("", "the body is empty"),
            ("{\"question\": 5}", "does not fit this call: invalid type: integer \"5\", expected a string (line 1"),
            ("{}", "missing field \"question\""),
            ("{\"question\": ", "ends in the middle"),
            ("question=x", "is not JSON at line 1, column 1"),
            ("[[[[", "does not fit"),
        ] {
            let fault = parse::<AskJson>(body.as_bytes()).unwrap_err();
            assert!(fault.what.contains(expected), "{body}: {}", fault.what);
            assert_eq!(fault.code, "bad_json");
        }
        let deep = format!("{{\"question\": \"x\", \"more\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse::<AskJson>(deep.as_bytes()).unwrap_err().what.contains("nested deeper"));
        let quoted = format!("{{\"question\": \"\\\"{}\"}}", "[".repeat(5000));
        assert!(parse::<AskJson>(quoted.as_bytes()).is_ok());
        let whole = |k: &str| parse::<AskJson>(format!("{{\"question\": \"x\", \"k\": {k}}}").as_bytes());
        assert_eq!((whole("5.0").unwrap().k, whole("1e300").unwrap().k), (Some(5), Some(i64::MAX as usize)));
        for wrong in ["5.5", "-1", "\"5\"", "1e999"] {
            assert_eq!(whole(wrong).unwrap_err().code, "bad_json", "{wrong}");
        }
        assert_eq!(parse::<AskJson>(b"{\"question\": \"\xff\"}").unwrap_err().code, "bad_json");
    }
}
