//! The door that every request goes through, and every answer.

use std::net::{Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::Role;
use super::caller::Caller;
use super::headers::Headers;
use super::request_id::Ids;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::problem::{Dialect, Problem, fault_of, shaped};

pub(in crate::http) async fn pass(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = app.clock.instant();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = app.guard.ids.of(request.headers());
    request.extensions_mut().insert(id.clone());

    let mut readable_by = None;
    let response = match enter(&app, &mut request, &mut readable_by) {
        Err(fault) => Problem::from(fault).into_response(),
        Ok(()) if readable_by.is_some() && is_preflight(&request) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            Headers::put_preflight(response.headers_mut());
            response
        }
        Ok(()) => next.run(request).await,
    };

    let mut response = shaped(response, Dialect::of(&path));
    let took = app.clock.instant().saturating_duration_since(began);
    let status = response.status();
    if status.is_server_error()
        && status != StatusCode::SERVICE_UNAVAILABLE
        && let Some(fault) = fault_of(&response)
    {
        tracing::error!(id = id.as_str(), code = fault.code, source = ?std::error::Error::source(fault), "{}", fault.what);
    }
    if app.settings.server_access_log.value {
        let status = status.as_u16();
        tracing::info!(target: "docent::access", id = id.as_str(), %method, path, status, ?took);
    }
    app.meters.called(&method, route.as_ref().map_or("", MatchedPath::as_str), status, took);
    app.guard.headers.put(response.headers_mut());
    if let Some(origin) = readable_by {
        Headers::put_origin(response.headers_mut(), origin);
    }
    Ids::put(id, response.headers_mut());
    response
}

/// What tests call without a socket is called from here.
pub(super) const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn enter(app: &App, request: &mut Request, readable_by: &mut Option<HeaderValue>) -> Result<()> {
    let (guard, headers) = (&app.guard, request.headers());
    guard.names.check_host(headers, request.uri())?;
    *readable_by = guard.names.check_origin(request.method(), headers)?;
    if readable_by.is_some() && is_preflight(request) {
        return Ok(());
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(HERE, |info| info.0);
    let client = guard.peers.client(peer, headers);
    let is_open = OPEN.contains(&request.uri().path());
    // Whoever asks only whether the server is well need not show anything, and what they show does not matter.
    let role = match guard.access.role(bearer(headers), guard.peers.is_here(peer, client, headers)) {
        Ok(Role::Nobody) | Err(_) if is_open => Role::User,
        Ok(Role::Nobody) => {
            return Err(
                Fault::caller("no_token", "this server wants a token").hint("send it as `Authorization: Bearer TOKEN`")
            );
        }
        role => role?,
    };
    request.extensions_mut().insert(Caller { client, role });
    Ok(())
}

/// Nothing in here says anything about documents.
const OPEN: [&str; 6] = ["/", "/health", "/ready", "/docs", "/style.css", "/openapi.json"];

/// What is shown in another way is as good as nothing.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
