use crate::element::Element;

/// What a walk over a document meets, in document order.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'d> {
    /// An element begins.
    Start(Element<'d>),
    /// An element ends.
    End(Element<'d>),
    /// Character data, references resolved, CDATA sections dissolved.
    Text(&'d str),
    /// A comment.
    Comment(&'d str),
    /// A processing instruction.
    ProcessingInstruction {
        /// Its target.
        target: &'d str,
        /// Its data, if any.
        data: Option<&'d str>,
    },
}

/// A walk over a subtree. It keeps no stack: depth costs neither heap nor stack.
#[derive(Clone, Debug)]
pub struct Events<'d> {
    apex: roxmltree::Node<'d, 'd>,
    next: Step<'d>,
}

#[derive(Clone, Debug)]
enum Step<'d> {
    Enter(roxmltree::Node<'d, 'd>),
    Leave(roxmltree::Node<'d, 'd>),
    Done,
}

impl<'d> Events<'d> {
    pub(crate) const fn over(apex: roxmltree::Node<'d, 'd>) -> Self {
        Self { apex, next: Step::Enter(apex) }
    }

    /// Goes on behind the element that has just begun: its content and its end are not met.
    pub fn pass_over(&mut self, element: Element<'d>) {
        self.next = self.after(element.node());
    }

    fn after(&self, node: roxmltree::Node<'d, 'd>) -> Step<'d> {
        if node == self.apex {
            return Step::Done;
        }
        match (node.next_sibling(), node.parent()) {
            (Some(sibling), _) => Step::Enter(sibling),
            (None, Some(parent)) => Step::Leave(parent),
            (None, None) => Step::Done,
        }
    }
}

impl<'d> Iterator for Events<'d> {
    type Item = Event<'d>;

    fn next(&mut self) -> Option<Event<'d>> {
        loop {
            match std::mem::replace(&mut self.next, Step::Done) {
                Step::Done => return None,
                Step::Leave(node) => {
                    self.next = self.after(node);
                    if node.is_element() {
                        return Some(Event::End(Element::new(node)));
                    }
                }
                Step::Enter(node) => {
                    let inside = node.first_child().map_or(Step::Leave(node), Step::Enter);
                    let (next, event) = match node.node_type() {
                        roxmltree::NodeType::Root => (inside, None),
                        roxmltree::NodeType::Element => (inside, Some(Event::Start(Element::new(node)))),
                        roxmltree::NodeType::Text => (self.after(node), node.text().map(Event::Text)),
                        roxmltree::NodeType::Comment => (self.after(node), node.text().map(Event::Comment)),
                        roxmltree::NodeType::PI => (
                            self.after(node),
                            node.pi()
                                .map(|pi| Event::ProcessingInstruction { target: pi.target, data: pi.value }),
                        ),
                    };
                    self.next = next;
                    if event.is_some() {
                        return event;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    fn parse(input: &str) -> Document<'_> {
        Document::parse(input.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn a_walk_meets_everything_once_and_skips_what_is_skipped() {
        let document = parse("<!--0--><a>1<b>2</b><c/>3</a>");
        let mut met = String::new();
        let mut events = document.events();
        while let Some(event) = events.next() {
            match event {
                Event::Start(element) if element.local_name() == "b" => events.pass_over(element),
                Event::Start(element) => met += &format!("<{}", element.local_name()),
                Event::End(element) => met += &format!("{}>", element.local_name()),
                Event::Text(text) | Event::Comment(text) => met += text,
                Event::ProcessingInstruction { .. } => unreachable!("there is none"),
            }
        }
        assert_eq!(met, "0<a1<cc>3a>");
    }
}
