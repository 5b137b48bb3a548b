use crate::Error;
use url::Url;

/// Refuses what is no address of Redis, and an address with something in it that belongs elsewhere.
///
/// A password in an address is printed with it, by us or by others. A fragment is no part of any address; the library for
/// Redis takes one for the order to believe every server.
pub(crate) fn require_address(address: &Url, has_roots: bool) -> Result<(), Error> {
    let is_tls = match address.scheme() {
        "redis" => false,
        "rediss" => true,
        _ => return Err(refusal("it begins with redis:// or rediss://")),
    };
    if address.password().is_some() {
        return Err(refusal("a password does not belong into it"));
    }
    if address.fragment().is_some() {
        return Err(refusal("it has no place for a fragment"));
    }
    if has_roots && !is_tls {
        return Err(refusal("roots are of use with rediss:// alone"));
    }
    Ok(())
}

pub(crate) const fn refusal(detail: &'static str) -> Error {
    Error::SettingNotAccepted { setting: "the address of Redis", detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_where_redis_is_and_nothing_else() {
        let require = |address: &str, has_roots| require_address(&address.parse().unwrap(), has_roots);

        for good in ["redis://localhost", "redis://localhost:6379/0", "redis://user@localhost"] {
            assert_eq!(require(good, false), Ok(()), "{good}");
        }
        assert_eq!(require("rediss://localhost:6379/0", true), Ok(()));
        for (bad, detail) in [
            ("https://localhost", "it begins with redis:// or rediss://"),
            ("redis+unix:///run/redis", "it begins with redis:// or rediss://"),
            ("redis://:geheim@localhost", "a password does not belong into it"),
            ("rediss://user:geheim@localhost", "a password does not belong into it"),
            ("rediss://localhost/#insecure", "it has no place for a fragment"),
            ("redis://localhost#", "it has no place for a fragment"),
        ] {
            assert_eq!(require(bad, false), Err(refusal(detail)), "{bad}");
        }
        let detail = "roots are of use with rediss:// alone";
        assert_eq!(require("redis://localhost", true), Err(refusal(detail)));
    }
}
