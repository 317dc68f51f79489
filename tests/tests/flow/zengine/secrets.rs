//! What Zengine shows once, over TCP: keys of clients and codes of invitations; and the people who come by them.

use etiquette_apis::zengine::{
    Fault, JoinMembersBody, NewApiClient, NewInvitee, RoleRef, UpdateMembersBody,
};
use serde_json::json;

use super::lists::values;
use crate::flow::world::{KEY, live_zengine, zengine_at};

#[tokio::test]
async fn the_key_of_a_client_is_shown_once() {
    let live = live_zengine().await;
    let clients = live.api.users().clients(1);
    let made = clients.create(&NewApiClient::new().app_name("Mine")).await;
    let made = made.unwrap();
    let key = made.api_key.clone().unwrap();
    assert!(!format!("{made:?}").contains(&key));
    assert_eq!(made.app_name.as_deref(), Some("Mine"));
    let again = clients.list().await.unwrap();
    assert_eq!(
        (again.items[0].id, &again.items[0].api_key),
        (made.id, &None)
    );

    // It opens what is public, and nothing else.
    let public = zengine_at((&live.server, &live.clock), |builder| {
        builder.key(key.clone())
    });
    let templates = public.app_templates().list().await.unwrap();
    assert_eq!(templates.total, Some(1));
    let last = live.server.arrivals().pop().unwrap();
    assert_eq!(last.path, "/v1/app_templates");
    assert_eq!(values(&last, "client_id"), [key]);
    assert_eq!(last.header("authorization"), None);
    let sent = live.server.arrivals().len();
    public.tasks().count().await.unwrap_err();
    assert_eq!(
        live.server.arrivals().len(),
        sent,
        "there is no token to send"
    );
}

#[tokio::test]
async fn an_invitation_is_taken_with_its_code() {
    let live = live_zengine().await;
    let invitees = live.api.workspaces().invitees(10_001);
    let new = NewInvitee::new("eve@example.com", RoleRef::new(3)).notify(false);
    let invited = invitees.create(&new).await.unwrap();
    let code = invited.invite_code.clone().unwrap();
    assert!(!format!("{invited:?}").contains(&code));
    // All of a person is null until there is one.
    let nobody = invited.claimed_by_user.as_ref().unwrap();
    assert_eq!((nobody.id, &nobody.email), (None, &None));
    let again = invitees.get(invited.id).await.unwrap();
    assert_eq!(again.invite_code, None);

    let members = live.api.workspaces().members(10_001);
    let wrong = members.join(&JoinMembersBody::new("invite-x")).await;
    let wrong = wrong.unwrap_err();
    assert_eq!(Fault::of(&wrong), Some(Fault::Invalid));
    assert_eq!(
        wrong.messages().last().unwrap().target.as_deref(),
        Some("inviteCode")
    );
    members
        .join(&JoinMembersBody::new(code.clone()))
        .await
        .unwrap();
    let claimed = invitees.get(invited.id).await.unwrap();
    assert_eq!(claimed.claimed_by_user.unwrap().id, Some(1));
    assert_eq!(members.count().await.unwrap(), 3);

    let changed = members.update(502, &UpdateMembersBody::new(RoleRef::new(1)));
    assert_eq!(changed.await.unwrap().role.id, 1);
    let write = live.server.writes().pop().unwrap();
    assert_eq!(write.path, "/v1/workspaces/10001/members/502");
    assert_eq!(write.body, json!({"role": {"id": 1}}).to_string());
    let ledger = format!("{:?}", live.server.arrivals());
    assert!(!ledger.contains(KEY));
}
