use crate::value::read_number;
use crate::{Error, PeerText, names};
use ksz_xml::Element;

/// `ResultSummary`: how a request, or a question of it, went.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ResultSummary {
    /// Whether it went well.
    pub ok: ResultSummaryStatus,
    /// `0` if it went well, `1` for a warning, `10000` for an error.
    pub return_code: i64,
    /// Errors and warnings.
    pub details: Vec<ResultDetail>,
}

/// Whether a request went well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResultSummaryStatus {
    /// `YES`.
    Yes,
    /// `NO`.
    No,
    /// `WARNING`: yes, but look at the details.
    Warning,
}

/// `Detail`: an error or warning. What is absent is empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ResultDetail {
    /// `INFORMATION`, `WARNING` or `ERROR`.
    pub severity: PeerText,
    /// The code.
    pub reason_code: PeerText,
    /// The text.
    pub diagnostic: PeerText,
    /// Whose code it is.
    pub author_code_list: PeerText,
    /// The fields it is about.
    pub information: Vec<ResultInformation>,
}

/// A field that an error is about. What is absent is empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ResultInformation {
    /// Its name.
    pub field_name: PeerText,
    /// Its value, which may be the number of a person.
    pub field_value: PeerText,
}

impl ResultSummary {
    /// The summary in a context or answer. Of its details all is kept, and nothing in them is an error.
    pub(super) fn of(parent: Element<'_>) -> Result<Self, Error> {
        let summary = parent.only_child(names::SSDN_COMMON, "ResultSummary")?;
        let ok = match summary.required_attribute("ok")? {
            "YES" => ResultSummaryStatus::Yes,
            "NO" => ResultSummaryStatus::No,
            "WARNING" => ResultSummaryStatus::Warning,
            _ => return Err(Error::Value { element: "ok".into(), expected: "YES, NO or WARNING" }),
        };
        let return_code = summary.only_child(names::SSDN_COMMON, "ReturnCode")?;
        Ok(Self {
            ok,
            return_code: read_number(return_code, "integer", |_| true)?,
            details: named(summary, "Detail").map(ResultDetail::read).collect(),
        })
    }
}

impl ResultDetail {
    fn read(detail: Element<'_>) -> Self {
        Self {
            severity: text(detail, "Severity"),
            reason_code: text(detail, "ReasonCode"),
            diagnostic: text(detail, "Diagnostic"),
            author_code_list: text(detail, "AuthorCodeList"),
            information: named(detail, "Information").map(ResultInformation::read).collect(),
        }
    }
}

impl ResultInformation {
    fn read(information: Element<'_>) -> Self {
        Self { field_name: text(information, "FieldName"), field_value: text(information, "FieldValue") }
    }
}

fn named<'d>(parent: Element<'d>, name: &str) -> impl Iterator<Item = Element<'d>> {
    parent.children().filter(move |child| child.is(names::SSDN_COMMON, name))
}

fn text(parent: Element<'_>, name: &str) -> PeerText {
    named(parent, name).next().map(|child| child.whole_text().trim().into()).unwrap_or_default()
}
