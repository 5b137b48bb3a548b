use crate::value::{TEXT, is_text, is_xml, read_number, read_text, require};
use crate::writer::{element, optional};
use crate::{Error, PeerText, names};
use ksz_xml::Element;
use std::fmt;

/// `AuthorizedUser`: the person or program that asks (CommonDataTypes `AuthorizedUserType`). It does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct AuthorizedUser {
    user_id: String,
    email: String,
    org_unit: Option<PeerText>,
    matrix_id: i64,
    matrix_sub_id: Option<i64>,
}

impl AuthorizedUser {
    /// A user by the person's number, or the number of a program that has the same form, the address for mail, and the
    /// sector in the primary network of social security.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if the number has anything but eleven digits, or the address has no `@` in its middle, a
    /// blank, or more than 100 characters.
    pub fn new(user_id: &str, email: &str, matrix_id: i64) -> Result<Self, Error> {
        require(is_user_id(user_id), "UserID", USER_ID)?;
        require(is_email(email), "Email", EMAIL)?;
        Ok(Self {
            user_id: user_id.to_owned(),
            email: email.to_owned(),
            org_unit: None,
            matrix_id,
            matrix_sub_id: None,
        })
    }

    /// With the enterprise number of the organisation.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if it holds a character that XML cannot hold.
    pub fn with_org_unit(mut self, org_unit: &str) -> Result<Self, Error> {
        require(is_xml(org_unit), "OrgUnit", TEXT)?;
        self.org_unit = Some(org_unit.into());
        Ok(self)
    }

    /// With the place in the secondary network of social security.
    #[must_use]
    pub const fn with_matrix_sub_id(mut self, matrix_sub_id: i64) -> Self {
        self.matrix_sub_id = Some(matrix_sub_id);
        self
    }

    /// The number of the person or program.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The address for mail.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The enterprise number.
    #[must_use]
    pub fn org_unit(&self) -> Option<&str> {
        self.org_unit.as_ref().map(PeerText::as_str)
    }

    /// The sector.
    #[must_use]
    pub const fn matrix_id(&self) -> i64 {
        self.matrix_id
    }

    /// The place in the secondary network.
    #[must_use]
    pub const fn matrix_sub_id(&self) -> Option<i64> {
        self.matrix_sub_id
    }

    pub(super) fn write(&self, xml: &mut String) {
        xml.push_str("<service:AuthorizedUser>");
        element(xml, "service:UserID", &self.user_id);
        element(xml, "service:Email", &self.email);
        optional(xml, "service:OrgUnit", self.org_unit());
        element(xml, "service:MatrixID", &self.matrix_id.to_string());
        optional(xml, "service:MatrixSubID", self.matrix_sub_id.map(|id| id.to_string()).as_deref());
        xml.push_str("</service:AuthorizedUser>");
    }

    pub(super) fn read(element: Element<'_>) -> Result<Self, Error> {
        let child = |name| element.only_child(names::SSDN_SERVICE, name);
        let optional = |name| element.optional_child(names::SSDN_SERVICE, name);
        let any = |_: &i64| true;
        Ok(Self {
            user_id: read_text(child("UserID")?.only_text()?, "UserID", USER_ID, is_user_id)?,
            email: read_text(child("Email")?.only_text()?, "Email", EMAIL, is_email)?,
            org_unit: optional("OrgUnit")?.map(|found| found.whole_text().into()),
            matrix_id: read_number(child("MatrixID")?, INTEGER, any)?,
            matrix_sub_id: optional("MatrixSubID")?
                .map(|found| read_number(found, INTEGER, any))
                .transpose()?,
        })
    }
}

impl fmt::Debug for AuthorizedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizedUser(…)")
    }
}

const USER_ID: &str = "number of eleven digits";
const EMAIL: &str = "address for mail of at most 100 characters";
const INTEGER: &str = "integer";

fn is_user_id(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// The schema asks for something around an `@`; blanks it would collapse.
fn is_email(text: &str) -> bool {
    let has_sides = text.char_indices().any(|(at, c)| c == '@' && at > 0 && at + 1 < text.len());
    has_sides && is_text::<100>(text) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_number_and_an_address_and_prints_neither() {
        let user = AuthorizedUser::new("79021802145", "jan@example.be", 17).unwrap();
        assert_eq!(format!("{user:?}"), "AuthorizedUser(…)");

        for user_id in ["", "7902180214", "790218021455", "79.02.18-021", "7902180214x"] {
            let refused = Error::ValueNotAllowed { element: "UserID", expected: USER_ID };
            assert_eq!(AuthorizedUser::new(user_id, "jan@example.be", 17), Err(refused), "{user_id}");
        }
        for email in
            ["", "@", "jan@", "@example.be", "jan@example .be", "jan", &format!("{}@b", "x".repeat(99))]
        {
            assert!(AuthorizedUser::new("79021802145", email, 17).is_err(), "{email}");
        }
    }
}
