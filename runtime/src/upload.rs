//! What is sent besides JSON: files and streams, and the forms in which they go.
//!
//! A body is a row of pieces. What is in memory or in a file can be sent as often as it takes; a stream of the caller's
//! is taken by the first attempt that reads of it, and no other attempt is made then. Nothing here sends.

#[cfg(feature = "files")]
mod file;
mod multipart;
mod sending;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::Stream;
use http::header::HeaderValue;

use crate::transport::Payload;
pub use multipart::Multipart;
pub(crate) use sending::Meter;
use sending::{Opened, Sending};

/// The type of a file of which nothing else is known (RFC 2046 §4.5.1).
const UNKNOWN: &str = "application/octet-stream";

/// A file to send: from memory, from a path, or from a stream.
///
/// The server is told the last part of its name only, never the folders before it.
#[derive(Clone, Debug)]
pub struct Upload {
    name: String,
    content_type: Option<String>,
    source: Source,
}

/// Where the bytes come from.
#[derive(Clone)]
pub(crate) enum Source {
    Bytes(Bytes),
    #[cfg(feature = "files")]
    File(file::Known),
    Stream(Arc<OneShot>),
}

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A stream that can be read once.
pub(crate) struct OneShot {
    /// `None` while an attempt has it, and for ever once anything was read of it.
    stream: Mutex<Option<Chunks>>,
    length: Option<u64>,
}

impl Upload {
    /// A file that is in memory.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Upload {
        Upload {
            name: name.into(),
            content_type: None,
            source: Source::Bytes(bytes.into()),
        }
    }

    /// A file that is on the disk. Each attempt opens it anew, so that it can be sent again; one that has another
    /// length by then makes the call fail.
    ///
    /// # Errors
    ///
    /// When it is not there, or is no file.
    #[cfg(feature = "files")]
    pub async fn from_path(path: impl AsRef<std::path::Path>) -> io::Result<Upload> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default();
        Ok(Upload {
            name: name.to_string_lossy().into_owned(),
            content_type: None,
            source: Source::File(file::Known::new(path).await?),
        })
    }

    /// A file that comes from somewhere else, piece by piece. With its length the server is told what to expect;
    /// without it the body is sent in chunks, which some servers do not take.
    ///
    /// A stream is read once: when an attempt fails after it was begun, the call is not sent again.
    pub fn from_stream(
        name: impl Into<String>,
        stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        length: Option<u64>,
    ) -> Upload {
        Upload {
            name: name.into(),
            content_type: None,
            source: Source::Stream(Arc::new(OneShot {
                stream: Mutex::new(Some(Box::pin(stream))),
                length,
            })),
        }
    }

    /// Says what it is, `image/png` for example. Without this it is `application/octet-stream`.
    #[must_use]
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Upload {
        self.content_type = Some(content_type.into());
        self
    }

    fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or(UNKNOWN)
    }
}

/// Says how long it is, and nothing of what it holds.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Source::Bytes(_) => "Bytes",
            #[cfg(feature = "files")]
            Source::File(_) => "File",
            Source::Stream(_) => "Stream",
        };
        f.debug_struct(name)
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl Source {
    fn length(&self) -> Option<u64> {
        match self {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            #[cfg(feature = "files")]
            Source::File(file) => Some(file.length),
            Source::Stream(stream) => stream.length,
        }
    }

    fn open(&self) -> Option<Opened> {
        Some(match self {
            Source::Bytes(bytes) => Opened::Bytes(bytes.clone()),
            #[cfg(feature = "files")]
            Source::File(file) => Opened::File(Box::new(file.open())),
            Source::Stream(stream) => Opened::stream(stream)?,
        })
    }
}

impl OneShot {
    fn take(&self) -> Option<Chunks> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take()
    }

    /// Nothing was read of it.
    fn put_back(&self, unread: Chunks) {
        *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(unread);
    }

    fn is_there(&self) -> bool {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.is_some()
    }
}

/// A body in pieces, as often as it can be sent.
pub(crate) struct Outgoing {
    pub(crate) content_type: HeaderValue,
    pieces: Vec<Source>,
    /// Fields that are texts, for finding their values again in what a server says.
    pub(crate) texts: Vec<(String, String)>,
}

impl Outgoing {
    /// One file, as it is.
    ///
    /// # Errors
    ///
    /// When its type cannot be sent.
    pub(crate) fn file(upload: &Upload) -> Result<Outgoing, &'static str> {
        let content_type = upload.content_type();
        Ok(Outgoing {
            content_type: multipart::media_type(content_type)?,
            pieces: vec![upload.source.clone()],
            texts: Vec::new(),
        })
    }

    /// All pieces that are in memory.
    #[cfg(feature = "testing")]
    pub(crate) fn in_memory(&self) -> Vec<Bytes> {
        let bytes = |piece: &Source| match piece {
            Source::Bytes(bytes) => Some(bytes.clone()),
            #[cfg(feature = "files")]
            Source::File(_) => None,
            Source::Stream(_) => None,
        };
        self.pieces.iter().filter_map(bytes).collect()
    }

    /// None of its streams was begun.
    pub(crate) fn is_replayable(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Source::Stream(stream) => stream.is_there(),
            Source::Bytes(_) => true,
            #[cfg(feature = "files")]
            Source::File(_) => true,
        })
    }

    /// The body for one attempt, and what tells how far it has got. `None`: a stream of it was sent already.
    pub(crate) fn open(&self) -> Option<(Payload, Arc<Meter>)> {
        let length = self
            .pieces
            .iter()
            .try_fold(0_u64, |sum, piece| sum.checked_add(piece.length()?));
        let opened: Option<Vec<Opened>> = self.pieces.iter().map(Source::open).collect();
        Some(Sending::payload(opened?, length))
    }
}

/// A body that is in memory and too long for one piece.
pub(crate) fn long(bytes: Bytes) -> (Payload, Arc<Meter>) {
    let length = bytes.len() as u64;
    Sending::payload(vec![Opened::Bytes(bytes)], Some(length))
}

/// Longer bodies go out in pieces of this size, and it is seen how fast.
pub(crate) const PIECE: usize = 64 * 1024;
