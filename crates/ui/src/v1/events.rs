//! Live events (server-sent events, as the HTML standard has them).

use super::packed::{GZIP_HEAD, Packed, Sum};
use crate::asked::{Asked, problem_v1, status};
use crate::limits;
use crate::routes::Shared;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use http_body::Frame;
use serde_json::json;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Tells proxies such as nginx to pass on what there is.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) async fn events(State(app): State<Shared>, asked: Asked) -> Response {
    let Ok(permit) = Arc::clone(&app.streams).try_acquire_owned() else {
        return problem_v1(StatusCode::SERVICE_UNAVAILABLE, "Too many pages listen already.");
    };
    let (pieces, body) = mpsc::channel(1);
    let stream = Stream { pieces, sum: asked.gzip.then(Sum::default) };
    tokio::spawn(async move {
        // Whoever has left is not told any more.
        let _ = stream.tell(&app).await;
        drop(permit);
    });
    let mut response = status(StatusCode::OK);
    *response.body_mut() = Body::new(Pieces(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    if asked.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Nobody listens any more.
struct Left;

struct Stream {
    pieces: mpsc::Sender<Bytes>,
    /// Of a stream that is compressed.
    sum: Option<Sum>,
}

impl Stream {
    /// Tells what happens until the listener leaves or the face closes.
    async fn tell(mut self, app: &Shared) -> Result<(), Left> {
        let (mut snapshots, mut lines, mut closing) =
            (app.board.watch(), app.tail.watch(), app.closing.clone());
        let mut told = *lines.borrow_and_update();
        if self.sum.is_some() {
            self.send(Bytes::from_static(&GZIP_HEAD)).await?;
        }
        self.pass(&Packed::new(b"retry: 2000\n\n".to_vec())).await?;
        self.pass(app.board.sheet().event()).await?;
        loop {
            tokio::select! {
                changed = snapshots.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.pass(app.board.sheet().event()).await?;
                    // What comes meanwhile is in the next one.
                    sleep(limits::EVENTS_APART).await;
                }
                _ = lines.changed() => {
                    let (next, new) = app.tail.since(told);
                    told = next;
                    let new: Vec<&str> = new.iter().map(|line| &**line).collect();
                    let data = json!({ "next": next, "lines": new });
                    self.pass(&Packed::new(format!("event: log\ndata: {data}\n\n").into_bytes())).await?;
                }
                () = sleep(limits::HEARTBEAT) => self.pass(&Packed::new(b":\n\n".to_vec())).await?,
                _ = closing.changed() => break,
                () = self.pieces.closed() => return Err(Left),
            }
        }
        match &self.sum {
            Some(sum) => self.send(sum.end()).await,
            None => Ok(()),
        }
    }

    async fn pass(&mut self, piece: &Packed) -> Result<(), Left> {
        let bytes = match &mut self.sum {
            Some(sum) => {
                sum.add(piece);
                piece.deflated.clone()
            }
            None => piece.plain.clone(),
        };
        self.send(bytes).await
    }

    async fn send(&self, bytes: Bytes) -> Result<(), Left> {
        self.pieces.send(bytes).await.map_err(|_| Left)
    }
}

/// The body of a stream.
struct Pieces(mpsc::Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}
