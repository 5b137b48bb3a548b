use std::fmt;

/// The name of an error's innermost variant, such as `DigestMismatch`, for machine-readable output.
///
/// An `Error` of the house either carries named fields or wraps one other error; the name is read from its
/// derived `Debug` form by going through the wrappers, so it cannot drift from the code.
///
/// ```
/// #[derive(Debug)]
/// enum Inner { DigestMismatch { uri: String } }
/// #[derive(Debug)]
/// enum Outer { Signature(Inner) }
///
/// let error = Outer::Signature(Inner::DigestMismatch { uri: "#body".into() });
/// assert_eq!(ksz_error::reason(&error), "DigestMismatch");
/// ```
#[must_use]
pub fn reason(error: &dyn fmt::Debug) -> String {
    let text = format!("{error:?}");
    let mut rest = text.as_str();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        match tail.strip_prefix('(') {
            Some(inner) if inner.starts_with(|c: char| c.is_ascii_uppercase()) => rest = inner,
            _ => return name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[derive(Debug)]
    enum Leaf {
        Unit,
        Named {
            #[expect(dead_code, reason = "read through Debug")]
            uri: &'static str,
        },
    }

    #[derive(Debug)]
    enum Wrapper {
        #[expect(dead_code, reason = "read through Debug")]
        Leaf(Leaf),
    }

    #[test]
    fn the_innermost_variant_gives_the_name() {
        assert_eq!(reason(&Wrapper::Leaf(Leaf::Unit)), "Unit");
        assert_eq!(reason(&Wrapper::Leaf(Leaf::Named { uri: "A(B" })), "Named");
        assert_eq!(reason(&Leaf::Unit), "Unit");
    }
}
