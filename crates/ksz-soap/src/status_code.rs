use crate::Advice;

/// A code of the `status` that services of KSZ answer with, and of the reasons in their faults.
///
/// KSZ uses them for all its services, each of which may have more: the list is the Flemish integrator's ("KSZ Status
/// Codes", MAGDA documentation), whose source is KSZ. Unknown codes are kept, never an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StatusCode {
    /// The code.
    pub code: &'static str,
    /// The `value` that comes with it.
    pub value: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub advice: Advice,
}

impl StatusCode {
    /// Every code of the list.
    pub const ALL: [Self; 10] = [
        row("HAN20200", "INCOMPLETE_DATA", "some sources could not be consulted", Advice::TryLater),
        row("MSG00000", "DATA_FOUND", "the treatment succeeded", Advice::Nothing),
        row("MSG00005", "NO_RESULT", "the person's number does not exist", Advice::Mend),
        row(
            "MSG00006",
            "NO_RESULT",
            "the person's number is replaced by the one in the field newSSIN",
            Advice::Mend,
        ),
        row("MSG00008", "NO_RESULT", "the request holds invalid data", Advice::Mend),
        row("MSG00009", "NO_DATA_FOUND", "the person is deceased", Advice::Nothing),
        row("MSG00011", "NO_RESULT", "the structure of the person's number is invalid", Advice::Mend),
        row(
            "MSG00012",
            "NO_RESULT",
            "the person is not sufficiently integrated for the organisation",
            Advice::AskAccess,
        ),
        row(
            "MSG00013",
            "NO_RESULT",
            "the operation is not allowed with this legal context and these credentials",
            Advice::AskAccess,
        ),
        row("MSG00100", "NO_DATA_FOUND", "the supplier has no data", Advice::Nothing),
    ];

    /// The row of a code; an unknown one is no error.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.code == code)
    }
}

const fn row(code: &'static str, value: &'static str, meaning: &'static str, advice: Advice) -> StatusCode {
    StatusCode { code, value, meaning, advice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatusValue;

    #[test]
    fn each_code_stands_once_with_a_value_of_its_own_kind() {
        for (index, row) in StatusCode::ALL.iter().enumerate() {
            assert_eq!(StatusCode::find(row.code), Some(*row));
            assert!(StatusCode::ALL[..index].iter().all(|before| before.code < row.code), "{}", row.code);
            assert_eq!(StatusValue::from(row.value).as_str(), row.value);
        }
        for unknown in ["", "msg00000", "MSG0021"] {
            assert_eq!(StatusCode::find(unknown), None, "{unknown}");
        }
    }
}
