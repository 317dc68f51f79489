//! A download that becomes a file: written beside its place and put there when it is whole.
//!
//! Whoever looks at the place sees what was there before or all of the new file, also after a crash. What was begun and
//! did not come to its end is taken away again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt as _;

use super::Download;
use crate::error::{Error, Kind, Result};

impl Download {
    /// Writes the body to a file, which is replaced if it is there, and gives its length. The file appears when it is
    /// whole.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Download::chunk), and [`Kind::File`] when it cannot be written. Nothing is left behind then.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let begun = match Begun::beside(path) {
            Ok(begun) => begun,
            Err(error) => return Err(self.failed(&error)),
        };
        let opened = tokio::fs::File::options()
            .write(true)
            .create_new(true)
            .open(&begun.path)
            .await;
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return Err(self.failed(&error)),
        };
        let mut length = 0;
        while let Some(chunk) = self.chunk().await? {
            length += chunk.len() as u64;
            if let Err(error) = file.write_all(&chunk).await {
                return Err(self.failed(&error));
            }
        }
        let synced = async {
            file.flush().await?;
            file.sync_all().await
        };
        if let Err(error) = synced.await {
            return Err(self.failed(&error));
        }
        drop(file);
        match tokio::fs::rename(&begun.path, path).await {
            Ok(()) => begun.keep(),
            Err(error) => return Err(self.failed(&error)),
        }
        Ok(length)
    }

    /// What the system says names no path.
    fn failed(&self, error: &io::Error) -> Error {
        self.error(Kind::File, &error.to_string())
    }
}

/// A file in the making, which is taken away when it is dropped.
struct Begun {
    path: PathBuf,
    is_there: bool,
}

impl Begun {
    /// In the same folder, so that it can be renamed.
    fn beside(path: &Path) -> io::Result<Begun> {
        let Some(name) = path.file_name() else {
            let text = "the path names no file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{:016x}.part", fastrand::u64(..)));
        Ok(Begun {
            path: path.with_file_name(hidden),
            is_there: false,
        })
    }

    fn keep(mut self) {
        self.is_there = true;
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_there {
            let _ = fs::remove_file(&self.path);
        }
    }
}
