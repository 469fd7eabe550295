//! Orders that hang on other orders ("30 minutes before the infusion"), once all of them are read.

use crate::fault::Fault;
use homeline_model::{Order, OrderId, Unreadable};
use std::collections::HashMap;

/// Takes out the orders whose relative link leads nowhere: to an order that is not there, or in a circle.
pub(crate) fn without_loose_links(mut orders: Vec<(String, Order)>, unreadable: &mut Vec<Unreadable>) -> Vec<Order> {
    let links: HashMap<OrderId, Option<OrderId>> = orders
        .iter()
        .map(|(_, order)| (order.id.clone(), order.relative_to.as_ref().map(|link| link.order.clone())))
        .collect();
    let leads_somewhere = |order: &Order| {
        let mut at = &order.id;
        // A chain longer than there are orders goes in a circle.
        for _ in 0..=links.len() {
            match links.get(at) {
                None => return false,
                Some(None) => return true,
                Some(Some(next)) => at = next,
            }
        }
        false
    };
    orders.retain(|(name, order)| {
        let holds = leads_somewhere(order);
        if !holds {
            let fault = Fault::at(
                "extension('relative-to').order",
                "points to an order that is not in the plan or cannot be read: ask your nurse when to take this",
            );
            unreadable.push(fault.unreadable(name, true));
        }
        holds
    });
    orders.into_iter().map(|(_, order)| order).collect()
}
