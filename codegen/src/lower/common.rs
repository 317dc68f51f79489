//! What most methods of an API have in common, so that an operation's row says only what differs.
//! Assumes that everything inherited is in the methods. Must not change a method.

use crate::model::{Common, Method, Resource};

/// The most frequent combination; the first in file order where two are equally frequent.
pub(super) fn find(resources: &[Resource], security: &[Vec<usize>]) -> Common {
    let mut counted: Vec<(&Method, usize)> = Vec::new();
    visit(resources, &mut |method| match counted
        .iter_mut()
        .find(|(known, _)| is_same(known, method))
    {
        Some((_, count)) => *count += 1,
        None => counted.push((method, 1)),
    });
    let most = counted.iter().map(|(_, count)| *count).max();
    match counted.iter().find(|(_, count)| Some(*count) == most) {
        Some((method, _)) => Common {
            charges: method.charges.clone(),
            retry: method.retry,
            timeout_ms: method.timeout_ms,
            security: method.security.clone(),
        },
        None => Common {
            charges: Vec::new(),
            retry: None,
            timeout_ms: 30_000,
            security: security.to_vec(),
        },
    }
}

fn is_same(one: &Method, other: &Method) -> bool {
    one.charges == other.charges
        && one.retry == other.retry
        && one.timeout_ms == other.timeout_ms
        && one.security == other.security
}

fn visit<'a>(resources: &'a [Resource], see: &mut dyn FnMut(&'a Method)) {
    for resource in resources {
        resource.methods.iter().for_each(&mut *see);
        visit(&resource.children, see);
    }
}
