//! The limits, counted token by token before anything enters a tree; and the scan, which does nothing else.

use crate::Error;
use crate::lexer::{Instructions, Lexer, TagToken, Token, text_of};
use crate::limits::Limits;
use crate::name::{Name, Role};
use crate::reader::Bounds;
use std::ops::Range;

/// Checks every character, name and reference of a message and its limits, in one pass that allocates nothing.
///
/// What needs memory is not checked: that tags match, attributes do not repeat and prefixes are bound. A
/// [`Document`](crate::Document) and a [`Reader`](crate::Reader) check all of it on their way.
///
/// # Errors
///
/// [`Error::NotWellFormed`] and its neighbours, each with the place; [`Error::LimitExceeded`].
pub fn scan(input: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut lexer = Lexer::new(text_within(input, limits)?, Instructions::Refused);
    count(&mut lexer, &mut Meter::new(limits)).map_err(|refusal| *refusal)
}

fn count(lexer: &mut Lexer<'_>, meter: &mut Meter) -> Result<(), Box<Error>> {
    loop {
        match lexer.next()? {
            Token::Open => {
                meter.open(lexer)?;
                loop {
                    match lexer.next_in_tag()? {
                        TagToken::Attribute => {
                            let name = lexer.name();
                            meter.attribute(name, name.role(), lexer)?;
                        }
                        end => break meter.tag_end(end, lexer)?,
                    }
                }
            }
            Token::Close => {}
            Token::Text | Token::Comment => meter.node()?,
            Token::Instruction => meter.instruction(lexer)?,
            Token::End => return Ok(()),
        }
    }
}

/// The text of a document that is not too long.
pub(crate) fn text_within<'i>(input: &'i [u8], limits: &Limits) -> Result<&'i str, Error> {
    let limit = limits.octets.min(Limits::LONGEST);
    if input.len() > limit {
        return Err(Error::LimitExceeded { what: "octets", limit });
    }
    text_of(input)
}

/// Counts tokens, and refuses those beyond the limits.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    limits: Limits,
    nodes: usize,
    ids: usize,
    /// The attributes and declarations of the tag that is being read.
    tag: (usize, u32),
    /// The namespace declarations in scope of each open element.
    namespaces: [u32; Limits::DEEPEST + 1],
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), nodes: 0, ids: 0, tag: (0, 0), namespaces: [0; Limits::DEEPEST + 1] }
    }

    /// How many nodes there may be.
    pub(crate) const fn most_nodes(&self) -> usize {
        self.limits.nodes
    }

    /// Counts an element.
    #[inline(always)]
    pub(crate) fn open(&mut self, lexer: &Lexer<'_>) -> Result<(), Box<Error>> {
        self.node()?;
        self.tag = (0, 0);
        if lexer.name_span().length() > self.limits.name {
            self.length_of_name(lexer.name().text())?;
        }
        limit(lexer.depth() + 1, self.limits.depth.min(Limits::DEEPEST), "elements inside each other")
    }

    /// Counts an attribute or declaration.
    #[inline(always)]
    pub(crate) fn attribute(
        &mut self,
        name: Name<'_>,
        role: Role<'_>,
        lexer: &Lexer<'_>,
    ) -> Result<(), Box<Error>> {
        self.tag.0 += 1;
        limit(self.tag.0, self.limits.attributes, "attributes of an element")?;
        self.length_of_name(name.text())?;
        limit(lexer.tag_length(), self.limits.tag, "octets in a tag")?;
        match role {
            Role::Declares(_) => {
                self.tag.1 += 1;
                self.length_of_name(lexer.value().raw())
            }
            Role::Identifies => {
                self.ids += 1;
                limit(self.ids, self.limits.ids, "identifiers")
            }
            Role::Other => Ok(()),
        }
    }

    /// What the limits still allow inside the element that is open at this depth.
    pub(crate) fn bounds(&self, depth: usize) -> Bounds {
        let limits = &self.limits;
        Bounds {
            nodes: limits.nodes.saturating_sub(self.nodes),
            depth: limits.depth.min(Limits::DEEPEST),
            attributes: limits.attributes,
            name: limits.name,
            tag: limits.tag,
            namespaces: limits.namespaces.saturating_sub(self.namespaces[depth] as usize),
        }
    }

    /// Counts nodes within those bounds, after which elements at these depths are open, each with so many declarations in
    /// scope that were not there before.
    pub(crate) fn count_passed(
        &mut self,
        nodes: usize,
        depths: Range<usize>,
        declared: impl Iterator<Item = usize>,
    ) {
        self.nodes += nodes;
        let before = self.namespaces[depths.start];
        for (depth, declared) in depths.zip(declared) {
            let declared = u32::try_from(declared).unwrap_or(u32::MAX);
            self.namespaces[depth + 1] = before.saturating_add(declared);
        }
    }

    /// Counts what a start tag puts in scope.
    #[inline(always)]
    pub(crate) fn tag_end(&mut self, end: TagToken, lexer: &Lexer<'_>) -> Result<(), Box<Error>> {
        limit(lexer.tag_length(), self.limits.tag, "octets in a tag")?;
        let opens = end == TagToken::End;
        let depth = lexer.depth() - usize::from(opens);
        let in_scope = self.namespaces[depth].saturating_add(self.tag.1);
        limit(in_scope as usize, self.limits.namespaces, "namespace declarations in scope")?;
        if opens {
            self.namespaces[depth + 1] = in_scope;
        }
        Ok(())
    }

    /// Counts a processing instruction.
    pub(crate) fn instruction(&mut self, lexer: &Lexer<'_>) -> Result<(), Box<Error>> {
        self.length_of_name(lexer.name().text())?;
        self.node()
    }

    /// Counts a node of any kind.
    #[inline(always)]
    pub(crate) fn node(&mut self) -> Result<(), Box<Error>> {
        self.nodes += 1;
        limit(self.nodes, self.limits.nodes, "nodes")
    }

    /// Names of namespaces count as names.
    #[inline(always)]
    fn length_of_name(&self, name: &str) -> Result<(), Box<Error>> {
        let most = self.limits.name;
        if name.len() > most { limit(name.chars().count(), most, "characters in a name") } else { Ok(()) }
    }
}

#[inline(always)]
fn limit(found: usize, limit: usize, what: &'static str) -> Result<(), Box<Error>> {
    if found > limit { exceeded(limit, what) } else { Ok(()) }
}

#[cold]
fn exceeded(limit: usize, what: &'static str) -> Result<(), Box<Error>> {
    Err(Box::new(Error::LimitExceeded { what, limit }))
}
