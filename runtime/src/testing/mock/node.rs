//! A JSON text that is put together from texts and the places where they stand.
//! Assumes that each part is JSON. Must not read a number, so that each keeps its digits.

use crate::decode::Pointer;
use crate::encode;

/// A value in the making.
pub(super) enum Node {
    Text(String),
    Object(Vec<(&'static str, Node)>),
}

impl Node {
    pub(super) fn new() -> Node {
        Node::Object(Vec::new())
    }

    /// This text, inside of what a pointer leads through.
    pub(super) fn at(at: Pointer<'static>, json: String) -> String {
        let mut node = Node::new();
        node.put(at, json);
        node.json()
    }

    /// Puts a text where a pointer leads. What stands above it and is no object gives way.
    pub(super) fn put(&mut self, at: Pointer<'static>, json: String) {
        let Some((key, rest)) = at.split_first() else {
            *self = Node::Text(json);
            return;
        };
        if let Node::Text(_) = self {
            *self = Node::new();
        }
        let Node::Object(members) = self else { return };
        let known = members.iter().position(|(name, _)| name == key);
        let at = known.unwrap_or_else(|| {
            members.push((key, Node::new()));
            members.len() - 1
        });
        members[at].1.put(rest, json);
    }

    pub(super) fn json(&self) -> String {
        let members = match self {
            Node::Text(json) => return json.clone(),
            Node::Object(members) => members,
        };
        // A number in a pointer leads into a list.
        let places: Option<Vec<usize>> = members.iter().map(|(key, _)| key.parse().ok()).collect();
        if let Some(places) = places.filter(|places| !places.is_empty()) {
            let length = places.iter().max().map_or(0, |last| last + 1);
            let mut items = vec!["null".to_owned(); length];
            for (place, (_, value)) in places.iter().zip(members) {
                items[*place] = value.json();
            }
            return format!("[{}]", items.join(","));
        }
        let members = members
            .iter()
            .map(|(key, value)| format!("{}:{}", encode::quoted(key), value.json()));
        format!("{{{}}}", Vec::from_iter(members).join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn texts_are_put_where_pointers_lead() {
        let mut node = Node::new();
        node.put(&["data", "rows", "1"], "1.50".to_owned());
        node.put(&["data", "total"], "7".to_owned());
        node.put(&["n\"ext"], "null".to_owned());
        assert_eq!(
            node.json(),
            r#"{"data":{"rows":[null,1.50],"total":7},"n\"ext":null}"#
        );
        assert_eq!(Node::at(&[], "[1]".to_owned()), "[1]");
        assert_eq!(Node::new().json(), "{}");
    }
}
