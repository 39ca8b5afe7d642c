//! `GET /docs`: the interface as a page, from the same description as `/openapi.json`. Nothing is loaded from elsewhere.

use std::fmt::{Result as Written, Write};
use std::sync::OnceLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::openapi::api;

pub(in crate::http) async fn docs() -> Response {
    static PAGE: OnceLock<String> = OnceLock::new();
    let page = PAGE.get_or_init(|| {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = write(&serde_json::to_value(api()).unwrap_or_default(), &mut out);
        out
    });
    Html(page.as_str()).into_response()
}

/// For every page: the policy of contents lets none bring its own.
pub(in crate::http) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

/// Where the web page will stand.
pub(in crate::http) async fn page() -> Html<&'static str> {
    Html(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <link rel=stylesheet href=/style.css><title>docent</title><h1>docent</h1>\
         <p>This server answers questions from documents. <a href=/docs>How to ask it</a>.",
    )
}

/// Tags as they are shown: first docent's own, then what it has learned from others.
const PARTS: [(&str, &str); 8] = [
    ("questions", "Questions"),
    ("documents", "Documents"),
    ("collections", "Collections"),
    ("topics", "Topics"),
    ("cache", "Cache"),
    ("operations", "Operations"),
    ("OpenAI", "OpenAI's dialect"),
    ("Ollama", "Ollama's dialect"),
];

type Call<'a> = (&'a str, &'a str, &'a Value);

fn write(api: &Value, out: &mut String) -> Written {
    out.push_str(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/style.css\">\
         <title>docent: the interface</title></head><body>\n",
    );
    let version = api["info"]["version"].as_str().unwrap_or_default();
    writeln!(out, "<h1>docent {}</h1>", plain(version))?;
    out.push_str("<p>The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p>\n<nav><ul>\n");
    for (tag, title) in PARTS {
        write!(out, "<li><a href=\"#{tag}\">{title}</a>:")?;
        for (method, path, _) in calls(api, tag) {
            let name = format!("{} {}", method.to_uppercase(), plain(path));
            write!(out, " <a href=\"#{}\"><code>{name}</code></a>", anchor(method, path))?;
        }
        out.push_str("</li>\n");
    }
    out.push_str("<li><a href=\"#refusals\">When it cannot be done</a></li></ul></nav>\n");
    for (tag, title) in PARTS {
        writeln!(out, "<h2 id=\"{tag}\">{title}</h2>")?;
        for called in calls(api, tag) {
            call(api, called, out)?;
        }
    }
    refusals(api, out)?;
    out.push_str("</body></html>\n");
    Ok(())
}

fn calls<'a>(api: &'a Value, tag: &str) -> Vec<Call<'a>> {
    let paths = api["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    each.filter(|(_, _, operation)| operation["tags"][0] == tag).collect()
}

fn anchor(method: &str, path: &str) -> String {
    format!("{method}{}", path.replace(['{', '}', '*'], ""))
}

fn call(api: &Value, (method, path, operation): Call<'_>, out: &mut String) -> Written {
    let address = plain(path);
    writeln!(out, "<h3 id=\"{}\"><code>{} {address}</code></h3>", anchor(method, path), method.to_uppercase())?;
    for text in ["summary", "description"] {
        if let Some(text) = operation[text].as_str() {
            writeln!(out, "<p>{}</p>", told(text))?;
        }
    }
    let parameters: Vec<Field<'_>> = operation["parameters"].as_array().into_iter().flatten().map(parameter).collect();
    if !parameters.is_empty() {
        out.push_str("<h4>In the address</h4>\n");
        list(api, &parameters, out)?;
    }
    for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        writeln!(out, "<h4>Body: <code>{}</code></h4>", plain(kind))?;
        list(api, &fields(api, &content["schema"]), out)?;
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        let about = response["description"].as_str().unwrap_or_default();
        writeln!(out, "<h4>Answer: {} {}</h4>", plain(status), told(about))?;
        for (kind, content) in response["content"].as_object().into_iter().flatten() {
            writeln!(out, "<p><code>{}</code>: {}</p>", plain(kind), plain(&sort(api, &content["schema"])))?;
            list(api, &fields(api, &content["schema"]), out)?;
        }
    }
    Ok(())
}

/// They are the same everywhere, but for their shape.
fn refusals(api: &Value, out: &mut String) -> Written {
    out.push_str("<h2 id=\"refusals\">When it cannot be done</h2>\n<ul>\n");
    let any = &api["paths"]["/rag/v1/ask"]["post"]["responses"];
    for (status, response) in any.as_object().into_iter().flatten().filter(|(status, _)| !status.starts_with('2')) {
        writeln!(out, "<li>{} {}</li>", plain(status), told(response["description"].as_str().unwrap_or_default()))?;
    }
    out.push_str("</ul>\n");
    for (name, whose) in
        [("ErrorDetailJson", "docent's own"), ("OpenAiErrorDetail", "OpenAI's"), ("OllamaError", "Ollama's")]
    {
        writeln!(out, "<h4>In {whose} words</h4>")?;
        list(api, &fields(api, &api["components"]["schemas"][name]), out)?;
    }
    Ok(())
}

struct Field<'a> {
    name: &'a str,
    about: &'a Value,
    schema: &'a Value,
    is_needed: bool,
}

fn parameter(about: &Value) -> Field<'_> {
    let name = about["name"].as_str().unwrap_or_default();
    Field { name, about, schema: &about["schema"], is_needed: about["required"] == true }
}

/// Of all parts that a schema is made of; what only some of them have is not always needed.
fn fields<'a>(api: &'a Value, schema: &'a Value) -> Vec<Field<'a>> {
    let schema = resolved(api, schema);
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(name, about)| Field { name, about, schema: about, is_needed: needed.contains(&name.as_str()) });
    let mut found: Vec<Field<'a>> = own.collect();
    for (word, is_always) in [("allOf", true), ("oneOf", false), ("anyOf", false)] {
        for part in schema[word].as_array().into_iter().flatten() {
            for field in fields(api, part) {
                if found.iter().all(|known| known.name != field.name) {
                    found.push(Field { is_needed: field.is_needed && is_always, ..field });
                }
            }
        }
    }
    found
}

fn list(api: &Value, fields: &[Field<'_>], out: &mut String) -> Written {
    if fields.is_empty() {
        return Ok(());
    }
    out.push_str("<ul>\n");
    for field in fields {
        let must = if field.is_needed { ", always" } else { "" };
        let about = [field.about, resolved(api, field.schema)].iter().find_map(|about| about["description"].as_str());
        let about = about.map(|about| format!(". {}", told(about))).unwrap_or_default();
        let sort = plain(&sort(api, field.schema));
        writeln!(out, "<li><code>{}</code> {sort}{must}{about}</li>", plain(field.name))?;
    }
    out.push_str("</ul>\n");
    Ok(())
}

/// What sort of value it is, in a few words.
fn sort(api: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        let schema = resolved(api, schema);
        // Names stand for objects; anything else says itself what it is.
        return if schema["type"] == "string" { sort(api, schema) } else { name.trim_end_matches("Json").to_owned() };
    }
    let several = |parts: &[Value]| {
        let mut sorts: Vec<String> = parts.iter().map(|part| sort(api, part)).collect();
        sorts.dedup();
        sorts.join(" or ")
    };
    let word = |kind: &str| match kind {
        "array" if schema["items"].is_object() => format!("list of {}", sort(api, &schema["items"])),
        kind => kind.to_owned(),
    };
    match (&schema["type"], schema["oneOf"].as_array().or(schema["anyOf"].as_array())) {
        (Value::String(kind), _) => word(kind),
        (Value::Array(kinds), _) => kinds.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or "),
        (_, Some(parts)) => several(parts),
        _ => "object".to_owned(),
    }
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
    name.map_or(schema, |name| &api["components"]["schemas"][name])
}

/// A text in which backticks stand around what is typed.
fn told(text: &str) -> String {
    let mut out = String::new();
    for (place, piece) in text.split('`').enumerate() {
        let piece = plain(piece);
        if place % 2 == 1 { out.extend(["<code>", &piece, "</code>"]) } else { out.push_str(&piece) }
    }
    out
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_on_the_page_and_nothing_comes_from_elsewhere() {
        let mut page = String::new();
        let described = serde_json::to_value(api()).unwrap();
        write(&described, &mut page).unwrap();
        for (_, path, _) in PARTS.iter().flat_map(|(tag, _)| calls(&described, tag)) {
            assert!(page.contains(&format!(" {path}</code></h3>")), "{path}");
        }
        let paths = described["paths"].as_object().unwrap().values();
        let all: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
        assert_eq!(page.matches("<h3 id=").count(), all, "every call has a tag that is shown");
        // Also what is put together of several parts.
        for field in ["keep_alive", "learner", "logit_bias"] {
            assert!(page.contains(&format!("<li><code>{field}</code>")), "{field}");
        }
        for call in ["POST /rag/v1/ask", "DELETE /rag/v1/documents/{id}", "GET /health"] {
            assert!(page.contains(call), "{call}");
        }
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"), "{page}");
        assert_eq!(told("say `a<b`, or `c"), "say <code>a&lt;b</code>, or <code>c</code>");
        assert_eq!(plain("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
