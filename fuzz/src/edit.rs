//! Changing a signed message as an attacker does: elements are moved, doubled and wrapped, identifiers exchanged.
//!
//! Random octets rarely move a whole element; here four of them do.

/// What is put into a message: elements and attributes that readers have confused before.
const INSERTED: [&str; 20] = [
    "<w>",
    "</w>",
    "<ds:Object>",
    "</ds:Object>",
    "<!-- -->",
    "<![CDATA[x]]>",
    " Id=\"id-1\"",
    " ID=\"id-1\"",
    " wsu:Id=\"id-1\"",
    " wsu:Id=\"TS-1\"",
    " AssertionID=\"_1\"",
    " xml:id=\"id-1\"",
    " xmlns=\"urn:other\"",
    " xmlns:wsu=\"urn:other\"",
    " xmlns:soapenv=\"urn:other\"",
    "<soapenv:Header/>",
    "<soapenv:Body/>",
    "<wsse:Security/>",
    "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>",
    "<ds:DigestValue/>",
];

/// The most changes of one message.
const MOST: usize = 12;

/// The message after the changes that `data` describes, four octets each.
#[must_use]
pub fn edited(message: &str, data: &[u8]) -> String {
    let mut tokens: Vec<String> = tokens(message).into_iter().map(str::to_owned).collect();
    for change in data.chunks_exact(4).take(MOST) {
        let &[kind, a, b, c] = change else { continue };
        let count = tokens.len();
        if count == 0 {
            break;
        }
        let (from, to) = (usize::from(a) % count, usize::from(b) % count);
        match kind % 8 {
            0 => drop(tokens.drain(element(&tokens, from))),
            1 => {
                let copy = tokens[element(&tokens, from)].to_vec();
                tokens.splice(to..to, copy);
            }
            2 => {
                let moved: Vec<_> = tokens.drain(element(&tokens, from)).collect();
                let to = to.min(tokens.len());
                tokens.splice(to..to, moved);
            }
            3 => {
                let place = element(&tokens, from);
                tokens.insert(place.end, "</w>".into());
                tokens.insert(place.start, "<w>".into());
            }
            4 => tokens.swap(from, to),
            5 => insert(&mut tokens[from], usize::from(b), INSERTED[usize::from(c) % INSERTED.len()]),
            6 => tokens.insert(from, INSERTED[usize::from(c) % INSERTED.len()].into()),
            _ => replace(&mut tokens[from], usize::from(b), c),
        }
    }
    tokens.concat()
}

/// Tags and texts.
fn tokens(message: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('<') {
            Some(_) => rest.find('>').map_or(rest.len(), |end| end + 1),
            None => rest.find('<').unwrap_or(rest.len()),
        };
        let (token, behind) = rest.split_at(end);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// The tokens of the element that begins at `from`; one token if none begins there.
fn element(tokens: &[String], from: usize) -> std::ops::Range<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(from) {
        if token.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if token.starts_with('<') && !token.starts_with("<!") && !token.ends_with("/>") {
            depth += 1;
        }
        if depth == 0 {
            return from..index + 1;
        }
    }
    from..from + 1
}

/// Puts a piece before a character of the token, or before the end of the tag that it is.
fn insert(token: &mut String, at: usize, piece: &str) {
    let at =
        if token.starts_with('<') { token.trim_end_matches(['>', '/']).len() } else { at.min(token.len()) };
    if token.is_char_boundary(at) {
        token.insert_str(at, piece);
    }
}

fn replace(token: &mut String, at: usize, octet: u8) {
    let at = at % token.len().max(1);
    if octet.is_ascii() && token.get(at..at + 1).is_some() {
        let character = [octet];
        token.replace_range(at..at + 1, std::str::from_utf8(&character).unwrap_or(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "<a><b Id=\"1\">x</b><c/></a>";

    #[test]
    fn nothing_to_change_leaves_the_message_as_it_is() {
        assert_eq!(edited(MESSAGE, &[]), MESSAGE);
    }

    #[test]
    fn whole_elements_are_doubled_moved_and_wrapped() {
        assert_eq!(edited(MESSAGE, &[0, 1, 0, 0]), "<a><c/></a>");
        assert_eq!(edited(MESSAGE, &[1, 1, 4, 0]), "<a><b Id=\"1\">x</b><b Id=\"1\">x</b><c/></a>");
        assert_eq!(edited(MESSAGE, &[2, 1, 2, 0]), "<a><c/><b Id=\"1\">x</b></a>");
        assert_eq!(edited(MESSAGE, &[3, 1, 0, 0]), "<a><w><b Id=\"1\">x</b></w><c/></a>");
        assert_eq!(edited(MESSAGE, &[5, 4, 0, 6]), "<a><b Id=\"1\">x</b><c Id=\"id-1\"/></a>");
    }
}
