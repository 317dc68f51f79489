//! Calls that are answered already: for fakes that are written by hand, in tests of applications.
//!
//! Such a call has all options and setters of a real one and heeds none of them, because nothing is sent: it waits for
//! no quota, knows no deadline, and gives a clone of its answer each time.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;

use super::{BulkWrite, Call, Decode, Unfiltered};
use crate::client::{Builder, Core};
use crate::download::Downloading;
use crate::error::{Error, Result};
use crate::follow::{Follow, Following};
use crate::operation::{Api, Operation};
use crate::page::ListCall;
use crate::request::Request;
use crate::response::Raw;

static API: Api = Api {
    name: "ready",
    base: "https://ready.invalid",
    ..Api::NEW
};
static READY: Operation = Operation {
    api: &API,
    name: "ready",
    ..Operation::NEW
};
static FOLLOW: Follow = Follow {
    url: &[],
    expires: None,
    origins: &[],
};

/// The answer of a call that is not sent.
pub(crate) struct Ready {
    body: Bytes,
    error: Option<Error>,
    value: Box<dyn Any + Send + Sync>,
}

impl Ready {
    pub(crate) fn raw(&self) -> Result<Raw> {
        match &self.error {
            Some(error) => Err(error.again()),
            None => Ok(Raw {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: self.body.clone(),
                attempts: 0,
                waited: Duration::ZERO,
                key: None,
                rest: None,
            }),
        }
    }

    pub(crate) fn value<T: Clone + 'static>(&self) -> Option<T> {
        self.value.downcast_ref::<T>().cloned()
    }
}

/// Every such call belongs to one client that sends nothing.
fn core() -> &'static Core {
    static CORE: OnceLock<Core> = OnceLock::new();
    CORE.get_or_init(|| Builder::new(&API).build().expect("its base is a URL"))
}

/// A request that is answered so.
pub(crate) fn request<T: Send + Sync + 'static>(answer: Result<T>, body: Bytes) -> Request {
    let mut request = Request::new(core(), &READY);
    let (error, value): (_, Box<dyn Any + Send + Sync>) = match answer {
        Ok(value) => (None, Box::new(value)),
        Err(error) => (Some(error), Box::new(())),
    };
    request.ready = Some(Arc::new(Ready { body, error, value }));
    request
}

/// What stands in a request that is answered already.
pub(crate) fn take<T: Clone + 'static>(request: &Request) -> Result<T> {
    let value = request.ready.as_ref().and_then(|ready| ready.value());
    value.ok_or_else(|| {
        let text = "the call that is answered already has another answer";
        Error::of(request.operation, crate::Kind::Parameter, text)
    })
}

impl<T: Clone + Send + Sync + 'static> Call<T> {
    /// A call that is answered already and sends nothing, for fakes in tests of applications. Clones give the same.
    ///
    /// ```
    /// use etiquette_runtime::testing::VirtualClock;
    /// use etiquette_runtime::{Call, Result};
    ///
    /// async fn greeting(name: Call<String>) -> Result<String> {
    ///     Ok(format!("Hello {}", name.await?))
    /// }
    ///
    /// let name = Call::ready(Ok("Ada".to_owned()));
    /// let greeted = VirtualClock::new().run(greeting(name))?;
    /// assert_eq!(greeted, "Hello Ada");
    /// # Ok::<(), etiquette_runtime::Error>(())
    /// ```
    pub fn ready(answer: Result<T>) -> Call<T> {
        Call::new(request(answer, Bytes::new()), Decode::Ready(take::<T>))
    }
}

impl<T: Clone + Send + Sync + 'static> ListCall<T> {
    /// A list that is here already and is not asked for, for fakes in tests of applications: one page with these items.
    pub fn ready(items: Result<Vec<T>>) -> ListCall<T> {
        ListCall::answered(request(items, Bytes::new()))
    }
}

impl<T: Clone + Send + Sync + 'static> Following<T> {
    /// A call that is answered already and sends nothing. Its answer leads nowhere: to fake what stands there, give the
    /// application [`Downloading::ready`].
    pub fn ready(answer: Result<T>) -> Following<T> {
        Following::answered(Call::ready(answer), &FOLLOW)
    }
}

impl Downloading {
    /// A download that is here already.
    pub fn ready(body: Result<Bytes>) -> Downloading {
        let bytes = body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);
        Downloading::new(Arc::new(request(body, bytes)), None)
    }
}

impl<T: Clone + Send + Sync + 'static> BulkWrite<T, Unfiltered> {
    /// A write over so many rows that is answered already and sends nothing. It still wants a filter.
    pub fn ready(rows: u64, answer: Result<T>) -> BulkWrite<T, Unfiltered> {
        let mut guard = Call::ready(Ok(rows));
        let request = guard.request_mut();
        *request = self::request(Ok(rows), rows.to_string().into());
        request.at = Some(&[]);
        Call::ready(answer).bulk(guard)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ready")
    }
}
