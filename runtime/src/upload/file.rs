//! Files that are sent from the disk, in pieces, on tokio's threads for such work.
//!
//! Each attempt opens the file for itself. It may assume that the length was told to the server, and refuses to send a
//! file that has another one by now.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::fs::File;
use tokio::io::{AsyncRead as _, ReadBuf};

use super::PIECE;
use crate::transport::BoxFuture;

/// A file that was looked at.
#[derive(Clone)]
pub(crate) struct Known {
    path: Arc<PathBuf>,
    pub(super) length: u64,
}

/// A file that is being read.
pub(super) struct Reading {
    state: State,
    buffer: Vec<u8>,
    left: u64,
}

enum State {
    Opening(BoxFuture<'static, io::Result<File>>),
    Open(File),
    Over,
}

impl Known {
    pub(super) async fn new(path: &Path) -> io::Result<Known> {
        let about = tokio::fs::metadata(path).await?;
        if !about.is_file() {
            let text = "only a file can be sent";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(Known {
            path: Arc::new(path.to_owned()),
            length: about.len(),
        })
    }

    pub(super) fn open(&self) -> Reading {
        let (path, length) = (Arc::clone(&self.path), self.length);
        Reading {
            state: State::Opening(Box::pin(async move {
                let file = File::open(&*path).await?;
                if file.metadata().await?.len() != length {
                    return Err(changed());
                }
                Ok(file)
            })),
            buffer: Vec::new(),
            left: length,
        }
    }
}

fn changed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the file has another length than before",
    )
}

impl Reading {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match &mut self.state {
                State::Opening(open) => match ready!(open.as_mut().poll(cx)) {
                    Ok(file) => self.state = State::Open(file),
                    Err(error) => return self.fail(error),
                },
                State::Open(_) if self.left == 0 => self.state = State::Over,
                State::Open(file) => {
                    let room = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
                    self.buffer.resize(room, 0);
                    let mut into = ReadBuf::new(&mut self.buffer);
                    if let Err(error) = ready!(Pin::new(file).poll_read(cx, &mut into)) {
                        return self.fail(error);
                    }
                    let read = into.filled().len();
                    if read == 0 {
                        return self.fail(changed());
                    }
                    let mut piece = std::mem::take(&mut self.buffer);
                    piece.truncate(read);
                    self.left -= read as u64;
                    return Poll::Ready(Some(Ok(piece.into())));
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }

    fn fail(&mut self, error: io::Error) -> Poll<Option<io::Result<Bytes>>> {
        self.state = State::Over;
        Poll::Ready(Some(Err(error)))
    }
}
