/// A Rust source twice, line for line: what is compiled, and what is said about it.
pub(super) struct Blanked {
    /// Comments and literals are spaces.
    pub(super) code: String,
    /// Everything but comments is spaces.
    pub(super) comments: String,
}

enum Piece {
    Code(usize),
    Comment(usize),
    Literal(usize),
}

pub(super) fn blank(source: &str) -> Blanked {
    let mut blanked = Blanked { code: String::new(), comments: String::new() };
    let mut rest = source;
    while let Some(piece) = first_piece(rest) {
        let (Piece::Code(length) | Piece::Comment(length) | Piece::Literal(length)) = piece;
        let (text, after) = rest.split_at(length);
        let spaces = spaces(text);
        blanked.code.push_str(if matches!(piece, Piece::Code(_)) { text } else { &spaces });
        blanked.comments.push_str(if matches!(piece, Piece::Comment(_)) { text } else { &spaces });
        rest = after;
    }
    blanked
}

/// Code without the items that only tests compile; lines keep their numbers.
pub(super) fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(start) =
        ["#[cfg(test)]", "#[cfg(all(test,"].iter().filter_map(|mark| rest.find(mark)).min()
    {
        let (before, item) = rest.split_at(start);
        let (item, after) = item.split_at(item_length(item));
        kept.push_str(before);
        kept.push_str(&spaces(item));
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn spaces(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

/// The first piece of the text, with its length; none at the end.
fn first_piece(rest: &str) -> Option<Piece> {
    let first = rest.chars().next()?;
    let to_end_of = |end: Option<usize>, mark: usize| end.map_or(rest.len(), |at| at + mark);
    Some(match first {
        '/' if rest.starts_with("//") => Piece::Comment(to_end_of(rest.find('\n'), 0)),
        '/' if rest.starts_with("/*") => Piece::Comment(block_comment(rest)),
        '"' => Piece::Literal(string(rest)),
        '\'' => character(rest).map_or(Piece::Code(1), Piece::Literal),
        'r' if rest[1..].trim_start_matches('#').starts_with('"') => {
            let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
            let end = format!("\"{}", "#".repeat(hashes));
            let content = hashes + 2;
            Piece::Literal(to_end_of(rest[content..].find(&end).map(|at| at + content), end.len()))
        }
        other => Piece::Code(other.len_utf8()),
    })
}

/// The length of a block comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let step = if rest[at..].starts_with("/*") {
            depth += 1;
            2
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest[at..].chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal; none if this is the mark of a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut after = rest.char_indices().skip(1);
    let (_, content) = after.next()?;
    if content == '\\' {
        after.next()?;
        return after.find(|(_, c)| *c == '\'').map(|(at, _)| at + 1);
    }
    after.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}

/// The length of an item with its attributes: to its `;`, or to the `}` that closes it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return at + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = "a(\"//x\\\"\"); // y\nb /* c /* d */ e */ f(r#\"g\"h\"#, b'i', '\\'', '\"') // j";

        let blanked = blank(source);

        let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&blanked.code), "a( ); b f( , b , , )");
        assert_eq!(words(&blanked.comments), "// y /* c /* d */ e */ // j");
        assert_eq!(blanked.code.lines().count(), 2);
    }

    #[test]
    fn a_lifetime_does_not_open_a_literal() {
        assert_eq!(blank("fn f<'a>(x: &'a str) {}").code, "fn f<'a>(x: &'a str) {}");
    }

    #[test]
    fn items_for_tests_are_left_out() {
        let code = "a;\n#[cfg(test)]\nmod tests {\n fn f(x: [u8; 3]) { g() }\n}\nb;\n#[cfg(test)] use c; d;";

        let kept = without_tests(code);

        assert_eq!(kept.split_whitespace().collect::<Vec<_>>(), ["a;", "b;", "d;"]);
        assert_eq!(kept.lines().count(), code.lines().count());
    }
}
