//! What a request sends and gets besides JSON: forms, texts, bytes and files, and answers that are none of it.
//!
//! As in the rest of the vocabulary, nothing here does I/O, and the first thing that cannot be sent is kept.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;

use super::{Request, Wants};
use crate::call::{Call, Decode};
use crate::decode::{self, Pointer};
use crate::download::Downloading;
use crate::encode;
use crate::follow::{Follow, Following};
use crate::record::{Out, Write};
use crate::upload::{Multipart, Outgoing, Upload};

impl Request {
    /// Sends this as a form (`application/x-www-form-urlencoded`). A list gives its name once for each item; objects in
    /// the object have no such form and make the call fail.
    #[must_use]
    pub fn form(mut self, body: &dyn Write) -> Request {
        let mut out = Out::new();
        body.write(&mut out);
        match out.finish().and_then(|json| encode::form(&json)) {
            Ok(form) => self.bytes("application/x-www-form-urlencoded", form),
            Err(bad) => {
                self.fail(&format!("the body: {bad}"));
                self
            }
        }
    }

    /// Sends this text as it is.
    #[must_use]
    pub fn text(self, body: &str) -> Request {
        self.bytes("text/plain; charset=utf-8", body.to_owned())
    }

    /// Sends these bytes as they are.
    #[must_use]
    pub fn bytes(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Request {
        let content_type = HeaderValue::from_static(content_type);
        self.headers.push((CONTENT_TYPE, content_type));
        self.body = Some(body.into());
        self
    }

    /// Sends a form with files (`multipart/form-data`).
    #[must_use]
    pub fn multipart(mut self, parts: Multipart) -> Request {
        match parts.finish(|| self.core.bits()) {
            Ok(body) => self.outgoing = Some(Arc::new(body)),
            Err(bad) => self.fail(&format!("the body: {bad}")),
        }
        self
    }

    /// Sends a file as it is, without a form around it.
    #[must_use]
    pub fn upload(mut self, upload: &Upload) -> Request {
        match Outgoing::file(upload) {
            Ok(body) => self.outgoing = Some(Arc::new(body)),
            Err(bad) => self.fail(&format!("the body: {bad}")),
        }
        self
    }

    /// Gives the answer as a text.
    pub fn call_text(mut self) -> Call<String> {
        self.wants(Wants::Plain);
        Call::new(
            self,
            Decode::Plain(|raw| decode::text(&raw.body).map(str::to_owned)),
        )
    }

    /// Gives the answer as bytes.
    pub fn call_bytes(mut self) -> Call<Bytes> {
        self.wants(Wants::Plain);
        Call::new(self, Decode::Plain(|raw| Ok(raw.body.clone())))
    }

    /// Gives the answer as a stream.
    pub fn download(mut self) -> Downloading {
        self.wants(Wants::Open);
        Downloading::new(Arc::new(self), None)
    }

    /// Decodes what stands at a pointer of the answer, and can fetch what a temporary URL in the answer leads to.
    pub fn follow<T: DeserializeOwned>(
        self,
        at: Pointer<'static>,
        follow: &'static Follow,
    ) -> Following<T> {
        Following::new(self, at, follow)
    }

    /// Says what the answer is to be. An API that is asked for JSON alone might not give anything else.
    pub(crate) fn wants(&mut self, wants: Wants) {
        self.wants = wants;
        let described = self.operation.headers.iter().map(|(name, _)| *name);
        let mut asked = described.chain(self.headers.iter().map(|(name, _)| name.as_str()));
        if !asked.any(|name| name == ACCEPT.as_str()) {
            self.headers.push((ACCEPT, HeaderValue::from_static("*/*")));
        }
    }

    /// Host and port that it is sent to, as far as they are no secret.
    pub(crate) fn server(&self) -> (&str, u16) {
        match &self.fetch {
            None => self.core.origin().server(),
            Some(_) => ("", 443),
        }
    }
}
