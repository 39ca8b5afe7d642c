//! `GET /docs`: the interface as a page, from the same description as `/openapi.json`. Nothing is loaded from elsewhere.

use std::fmt::{Result as Written, Write};
use std::sync::OnceLock;

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

/// Where the web page will stand.
pub(in crate::http) async fn page() -> Html<&'static str> {
    Html(
        "<!doctype html><html lang=en><meta charset=utf-8><title>docent</title><h1>docent</h1>\
         <p>This server answers questions from documents. <a href=/docs>How to ask it</a>.",
    )
}

fn write(api: &Value, out: &mut String) -> Written {
    out.push_str(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>docent: the interface</title></head><body>\n",
    );
    let version = api["info"]["version"].as_str().unwrap_or_default();
    writeln!(out, "<h1>docent {}</h1>", plain(version))?;
    out.push_str("<p>The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p>\n");
    let paths = api["paths"].as_object();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            call(api, path, method, operation, out)?;
        }
    }
    out.push_str("</body></html>\n");
    Ok(())
}

fn call(api: &Value, path: &str, method: &str, operation: &Value, out: &mut String) -> Written {
    writeln!(out, "<hr><h2><code>{} {}</code></h2>", method.to_uppercase(), plain(path))?;
    for text in ["summary", "description"] {
        if let Some(text) = operation[text].as_str() {
            writeln!(out, "<p>{}</p>", plain(text))?;
        }
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let told = parameter["description"].as_str().unwrap_or_default();
        let (name, place) = (&parameter["name"], &parameter["in"]);
        writeln!(out, "<p><code>{}</code> ({}) {}</p>", text(name), text(place), plain(told))?;
    }
    for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        writeln!(out, "<h3>Body: {}</h3>", plain(kind))?;
        fields(api, &content["schema"], out)?;
    }
    out.push_str("<h3>Answers</h3><ul>\n");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let told = response["description"].as_str().unwrap_or_default();
        let shape = response["content"].as_object().and_then(|content| content.values().next());
        let name = shape.and_then(|shape| shape["schema"]["$ref"].as_str()).and_then(|name| name.rsplit('/').next());
        let name = name.map(|name| format!(" <code>{}</code>", plain(name))).unwrap_or_default();
        writeln!(out, "<li>{}{name} {}</li>", plain(status), plain(told))?;
        if status.starts_with('2')
            && let Some(shape) = shape
        {
            fields(api, &shape["schema"], out)?;
        }
    }
    out.push_str("</ul>\n");
    Ok(())
}

fn fields(api: &Value, schema: &Value, out: &mut String) -> Written {
    let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
    let schema = name.map_or(schema, |name| &api["components"]["schemas"][name]);
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    out.push_str("<ul>\n");
    for (field, about) in schema["properties"].as_object().into_iter().flatten() {
        let kind = match &about["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
            _ => String::new(),
        };
        let must = if needed.contains(&field.as_str()) { ", always" } else { "" };
        let told = about["description"].as_str().unwrap_or_default();
        writeln!(out, "<li><code>{}</code> {}{must}. {}</li>", plain(field), plain(&kind), plain(told))?;
    }
    out.push_str("</ul>\n");
    Ok(())
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or_default())
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
        write(&serde_json::to_value(api()).unwrap(), &mut page).unwrap();
        for call in ["POST /rag/v1/ask", "DELETE /rag/v1/documents/{id}", "GET /health"] {
            assert!(page.contains(call), "{call}");
        }
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"), "{page}");
        assert_eq!(plain("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
