use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;

/// The system's resolver, whose failures can be told from other failures to connect.
#[derive(Debug)]
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses =
                tokio::net::lookup_host((name.as_str(), 0)).await.map_err(LookupFailed)?.collect::<Vec<_>>();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A name was not resolved.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LookupFailed(pub(crate) io::Error);
