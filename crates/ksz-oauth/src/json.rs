//! JSON objects whose members are named once.

use crate::Error;
use ksz_error::excerpt;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The members of one JSON object, read by name and type.
#[derive(Clone)]
pub(crate) struct Members {
    document: &'static str,
    members: Map<String, Value>,
}

impl Members {
    /// Reads an object. Of a repeated member one reader would take the first value and another the last, so it
    /// is refused (RFC 8259 section 4, RFC 7515 section 4).
    pub(crate) fn parse(document: &'static str, octets: &[u8]) -> Result<Self, Error> {
        let Object { members, repeated } = serde_json::from_slice(octets)
            .map_err(|error| Error::NotJson { document, line: error.line(), column: error.column() })?;
        match repeated {
            Some(member) => Err(Error::RepeatedMember { document, member: excerpt(&member) }),
            None => Ok(Self { document, members }),
        }
    }

    /// Treats members with the value `null` as absent.
    pub(crate) fn without_nulls(mut self) -> Self {
        self.members.retain(|_, value| !value.is_null());
        self
    }

    pub(crate) fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    pub(crate) fn take(&mut self, member: &str) -> Option<Value> {
        self.members.remove(member)
    }

    pub(crate) fn string(&mut self, member: &'static str) -> Result<Option<String>, Error> {
        match self.take(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(member, "a string")),
        }
    }

    pub(crate) fn required_string(&mut self, member: &'static str) -> Result<String, Error> {
        let value = self.string(member)?;
        self.required(member, value)
    }

    /// An array of strings.
    pub(crate) fn strings(&mut self, member: &'static str) -> Result<Option<Vec<String>>, Error> {
        match self.take(member) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    _ => Err(self.wrong(member, "an array of strings")),
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(self.wrong(member, "an array of strings")),
        }
    }

    /// One string or an array of them, as `aud` may be (RFC 7519 section 4.1.3).
    pub(crate) fn one_or_more(&mut self, member: &'static str) -> Result<Vec<String>, Error> {
        if let Some(Value::String(_)) = self.members.get(member) {
            return Ok(vec![self.required_string(member)?]);
        }
        let values = self.strings(member)?;
        self.required(member, values)
    }

    pub(crate) fn required<T>(&self, member: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.missing(member))
    }

    pub(crate) const fn missing(&self, member: &'static str) -> Error {
        Error::MemberMissing { document: self.document, member }
    }

    pub(crate) const fn wrong(&self, member: &'static str, expected: &'static str) -> Error {
        Error::MemberType { document: self.document, member, expected }
    }
}

struct Object {
    members: Map<String, Value>,
    repeated: Option<String>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object, A::Error> {
        let mut object = Object { members: Map::new(), repeated: None };
        while let Some((member, value)) = access.next_entry::<String, Value>()? {
            if object.members.contains_key(&member) {
                object.repeated = Some(member);
            } else {
                object.members.insert(member, value);
            }
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_by_type() {
        let mut members = read(r#"{"a":"x","b":["y","z"],"c":"w","d":null}"#).unwrap();

        assert_eq!(members.string("a"), Ok(Some("x".into())));
        assert_eq!(members.one_or_more("b"), Ok(vec!["y".into(), "z".into()]));
        assert_eq!(members.one_or_more("c"), Ok(vec!["w".into()]));
        assert_eq!(members.required_string("e"), Err(Error::MemberMissing { document: "test", member: "e" }));
        assert!(members.has("d") && !members.without_nulls().has("d"));
    }

    #[test]
    fn values_of_another_type_are_refused() {
        for value in ["1", "null", "{}", "[1]", "true"] {
            let mut members = read(&format!(r#"{{"a":{value},"b":{value}}}"#)).unwrap();
            assert_eq!(members.string("a"), Err(members.wrong("a", "a string")));
            assert_eq!(members.one_or_more("b"), Err(members.wrong("b", "an array of strings")));
        }
    }

    #[test]
    fn a_repeated_member_is_refused_also_when_it_is_escaped() {
        let error = read(r#"{"exp":1,"\u0065xp":2}"#).map(drop).unwrap_err();
        assert_eq!(error, Error::RepeatedMember { document: "test", member: "exp".into() });
    }

    #[test]
    fn what_is_no_object_is_refused_without_quoting_it() {
        for text in ["", "[]", "\"canary\"", "{} {}", "{\"a\":canary}", &"[".repeat(100_000)] {
            let error = read(text).map(drop).unwrap_err();
            assert!(matches!(error, Error::NotJson { document: "test", .. }));
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    fn read(text: &str) -> Result<Members, Error> {
        Members::parse("test", text.as_bytes())
    }
}
