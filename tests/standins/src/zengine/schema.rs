//! What there is: the collections by their paths, with what may be written and what is related.
//!
//! The lesser resources have the fewest fields that can be: who made them, when, and a name. The
//! reference does not tell more; chosen here.

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Integer,
    Flag,
    /// A date and time with some offset.
    Instant,
    /// A date and time without one.
    Naive,
    Day,
    /// `{"id": …}` of something in a collection; nothing is looked up when it has no name.
    Reference(&'static str),
    /// An object that is merged into the one that is there.
    Structure,
    List,
    OneOf(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Required,
    Nullable,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) rule: Rule,
}

const fn required(name: &'static str, kind: Kind) -> Field {
    let rule = Rule::Required;
    Field { name, kind, rule }
}

const fn nullable(name: &'static str, kind: Kind) -> Field {
    let rule = Rule::Nullable;
    Field { name, kind, rule }
}

/// What `related` can ask for.
#[derive(Debug)]
pub(super) enum Relation {
    /// The one that a member names, which has the relation's name.
    One(&'static str, &'static str),
    /// All of a collection below this one.
    Below(&'static str, &'static str),
    /// All of a collection whose member names this one.
    Naming(&'static str, &'static str, &'static str),
}

#[derive(Debug)]
pub(super) struct Collection {
    /// With `{}` for each id.
    pub(super) path: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) relations: &'static [Relation],
    /// The verbs beside `GET`.
    pub(super) verbs: &'static [&'static str],
}

const ALL: &[&str] = &["POST", "PUT", "DELETE"];
const NONE: &[&str] = &[];
const TEXT: Kind = Kind::Text;
const WORKSPACE: Field = required("workspace", Kind::Reference("workspaces"));
const NAME: Field = required("name", TEXT);
const ORDER: Field = nullable("order", Kind::Integer);
const NAMED: &[Field] = &[NAME];
const NAMED_IN_WORKSPACE: &[Field] = &[NAME, nullable("workspace", Kind::Reference("workspaces"))];
const JOB: &[Field] = &[
    nullable("workspace", Kind::Reference("workspaces")),
    required("form", Kind::Reference("forms")),
    nullable("attributes", TEXT),
    nullable("filter", Kind::Structure),
    nullable("file", Kind::Reference("")),
];
const WORKSPACE_JOB: &[Field] = &[WORKSPACE, nullable("name", TEXT)];
const TEMPLATE_JOB: &[Field] = &[
    WORKSPACE,
    required("appTemplate", Kind::Reference("app_templates")),
];
const JOB_VERBS: &[&str] = &["POST", "DELETE"];

pub(super) const RECORDS: &str = "forms/{}/records";
pub(super) const MEMBERS: &str = "workspaces/{}/members";
pub(super) const INVITEES: &str = "workspaces/{}/invitees";
pub(super) const CLIENTS: &str = "users/{}/clients";

pub(super) const TYPES_OF_FIELD: &[&str] = &[
    "calculated-field",
    "checkbox",
    "country-select",
    "date-picker",
    "dropdown",
    "file-upload",
    "heading",
    "hidden-field",
    "html",
    "link-counter",
    "linked",
    "member",
    "numeric",
    "page-break",
    "radio",
    "spacer",
    "state-select",
    "summary",
    "text",
    "text-area",
    "text-input",
    "year",
];

const FORM: &[Field] = &[
    NAME,
    required("singularName", TEXT),
    WORKSPACE,
    nullable("slug", TEXT),
    nullable("previewSlug", TEXT),
    nullable("purpose", TEXT),
    ORDER,
    nullable("isPublic", Kind::Flag),
    nullable("start", Kind::Instant),
    nullable("end", Kind::Instant),
    nullable("linkedForms", Kind::List),
    nullable("settings", Kind::Structure),
];
const FIELD: &[Field] = &[
    required("type", Kind::OneOf(TYPES_OF_FIELD)),
    required("label", TEXT),
    nullable("name", TEXT),
    nullable("description", TEXT),
    ORDER,
    nullable("control", Kind::Flag),
    nullable("locked", Kind::Flag),
    nullable("purpose", TEXT),
    nullable("rules", Kind::List),
    nullable("settings", Kind::Structure),
];
const TASK: &[Field] = &[
    required("task", TEXT),
    WORKSPACE,
    nullable("taskList", Kind::Reference("task_lists")),
    ORDER,
    nullable("due", Kind::Day),
    nullable("assignedToUser", Kind::Reference("users")),
    nullable("priority", Kind::Integer),
    nullable(
        "status",
        Kind::OneOf(&["open", "in-progress", "closed", "archived"]),
    ),
];
const DATA_VIEW: &[Field] = &[
    NAME,
    required("form", Kind::Reference("forms")),
    ORDER,
    nullable("isDefault", Kind::Flag),
    nullable("fields", Kind::List),
    nullable("filter", Kind::Structure),
    nullable("sortByFields", Kind::List),
    nullable("columnWidths", Kind::Structure),
];
const WEBHOOK: &[Field] = &[
    required("url", TEXT),
    WORKSPACE,
    nullable("form", Kind::Reference("forms")),
    required("resource", Kind::OneOf(&["records"])),
    nullable("includeRelated", Kind::Flag),
    nullable("filter", Kind::Structure),
    nullable("isActive", Kind::Flag),
    nullable("scope", TEXT),
];
const SCHEDULED_WEBHOOK: &[Field] = &[
    required("url", TEXT),
    WORKSPACE,
    required("frequency", Kind::OneOf(&["daily", "weekly", "monthly"])),
    required("start", Kind::Naive),
    nullable("timezone", TEXT),
    nullable("isActive", Kind::Flag),
];
const USER: &[Field] = &[
    required("username", TEXT),
    required("email", TEXT),
    nullable("displayName", TEXT),
    nullable("profile", Kind::Structure),
    nullable("settings", Kind::Structure),
];

const fn collection(
    path: &'static str,
    fields: &'static [Field],
    relations: &'static [Relation],
    verbs: &'static [&'static str],
) -> Collection {
    Collection {
        path,
        fields,
        relations,
        verbs,
    }
}

const CREATOR: Relation = Relation::One("createdByUser", "users");
const IN_WORKSPACE: Relation = Relation::One("workspace", "workspaces");

/// A table, as the reference has one. A row that fits wins over those behind it.
#[rustfmt::skip]
pub(super) static COLLECTIONS: &[Collection] = &[
    collection("workspaces", &[NAME, nullable("description", TEXT), nullable("settings", Kind::Structure)],
        &[Relation::Naming("forms", "forms", "workspace"), Relation::Below("members", MEMBERS),
          Relation::Below("roles", "workspaces/{}/roles"), Relation::Naming("taskLists", "task_lists", "workspace"),
          Relation::Naming("formGroups", "form_groups", "workspace")], ALL),
    collection(MEMBERS, &[nullable("role", Kind::Reference("workspaces/{}/roles"))],
        &[Relation::One("user", "users"), Relation::One("role", "workspaces/{}/roles")], ALL),
    collection(INVITEES, &[required("email", TEXT), required("role", Kind::Reference("workspaces/{}/roles")),
        nullable("notify", Kind::Flag)], &[CREATOR, IN_WORKSPACE], ALL),
    collection("workspaces/{}/roles", NAMED, &[], ALL),
    collection("workspaces/{}/transfer_requests", &[required("user", Kind::Reference("users"))], &[], ALL),
    collection("workspaces/{}/members/{}/task_preferences", &[ORDER, nullable("name", TEXT)], &[], ALL),
    collection("forms", FORM,
        &[IN_WORKSPACE, CREATOR, Relation::Below("fields", "forms/{}/fields"), Relation::Below("folders", "forms/{}/folders"),
          Relation::Naming("dataViews", "data_views", "form")], ALL),
    collection("forms/{}/fields", FIELD, &[], ALL),
    collection("forms/{}/folders", &[NAME, ORDER], &[], ALL),
    // Beside these it has one attribute for each field of its form.
    collection(RECORDS, &[nullable("name", TEXT), nullable("folder", Kind::Reference("forms/{}/folders"))],
        &[Relation::One("form", "forms"), Relation::One("folder", "forms/{}/folders"), IN_WORKSPACE, CREATOR,
          Relation::Naming("activities", "activities", "record"), Relation::Naming("notes", "notes", "record"),
          Relation::Naming("tasks", "tasks", "record")], ALL),
    collection("tasks", TASK, &[IN_WORKSPACE, CREATOR, Relation::One("taskList", "task_lists"),
        Relation::One("assignedToUser", "users")], ALL),
    collection("task_lists", &[NAME, ORDER, WORKSPACE], &[CREATOR, IN_WORKSPACE], ALL),
    collection("task_priorities", &[], &[], NONE),
    collection("task_statuses", &[], &[], NONE),
    collection("data_views", DATA_VIEW, &[Relation::One("form", "forms"), CREATOR], ALL),
    collection("webhooks", WEBHOOK, &[Relation::One("form", "forms"), IN_WORKSPACE], ALL),
    collection("webhook_events", &[], &[Relation::One("webhook", "webhooks")], NONE),
    collection("scheduled_webhooks", SCHEDULED_WEBHOOK, &[IN_WORKSPACE], ALL),
    collection("users", USER, &[], &["PUT"]),
    collection("users/{}/task_preferences", &[ORDER, nullable("name", TEXT)], &[], ALL),
    collection(CLIENTS, &[required("appName", TEXT)], &[], ALL),
    collection("activities", &[], &[Relation::One("record", ""), CREATOR], NONE),
    collection("app_templates", &[], &[], NONE),
    collection("app_template_install_jobs", TEMPLATE_JOB, &[], JOB_VERBS),
    collection("binary_export_jobs", JOB, &[], JOB_VERBS),
    collection("binary_export_jobs/{}/batches", &[], &[], NONE),
    collection("record_export_jobs", JOB, &[], JOB_VERBS),
    collection("record_import_jobs", JOB, &[], JOB_VERBS),
    collection("record_import_files", NAMED_IN_WORKSPACE, &[], ALL),
    collection("workspace_copy_jobs", WORKSPACE_JOB, &[], JOB_VERBS),
    collection("calculation_settings", NAMED_IN_WORKSPACE, &[CREATOR], ALL),
    collection("events", &[required("event", TEXT), WORKSPACE, nullable("start", Kind::Instant),
        nullable("end", Kind::Instant)], &[CREATOR, IN_WORKSPACE], ALL),
    collection("files", NAMED_IN_WORKSPACE, &[CREATOR], &["PUT", "DELETE"]),
    collection("form_field_taxonomy", &[], &[], NONE),
    collection("form_groups", &[NAME, ORDER, WORKSPACE], &[IN_WORKSPACE], ALL),
    collection("notes", &[required("body", TEXT), WORKSPACE, nullable("record", Kind::Reference(""))],
        &[CREATOR, IN_WORKSPACE, Relation::Below("replies", "notes/{}/replies")], ALL),
    collection("notes/{}/replies", &[required("body", TEXT)], &[CREATOR], ALL),
    collection("notifications", &[nullable("isRead", Kind::Flag)], &[], &["PUT", "DELETE"]),
    collection("notification_emails", NAMED_IN_WORKSPACE, &[], ALL),
    collection("plugins", &[NAME, required("namespace", TEXT), nullable("description", TEXT)], &[CREATOR], ALL),
    collection("plugins/{}/services", &[NAME, nullable("route", TEXT)], &[], ALL),
    collection("workspace_plugin_links", &[required("plugin", Kind::Reference("plugins")), WORKSPACE],
        &[Relation::One("plugin", "plugins"), IN_WORKSPACE], ALL),
    collection("countries", &[], &[], NONE),
    collection("states", &[], &[], NONE),
    collection("subscriptions", NAMED_IN_WORKSPACE, &[], &["PUT"]),
    collection("authorizations", &[], &[], &["DELETE"]),
];

/// The collection that a path names, with what was behind it: nothing, an id, or `count`.
pub(super) fn resolve<'a>(
    parts: &[&'a str],
) -> Option<(&'static Collection, Vec<&'a str>, Option<&'a str>)> {
    let (ids, last) = COLLECTIONS.iter().find_map(|collection| {
        let pattern: Vec<&str> = collection.path.split('/').collect();
        let rest = parts.len().checked_sub(pattern.len())?;
        let fits = |(pattern, part): (&&str, &&str)| *pattern == "{}" || pattern == part;
        if rest > 1 || !pattern.iter().zip(parts).all(fits) {
            return None;
        }
        let ids = pattern
            .iter()
            .zip(parts)
            .filter(|(pattern, _)| **pattern == "{}");
        let ids = ids.map(|(_, part)| *part).collect();
        Some(((collection, ids), parts.get(pattern.len()).copied()))
    })?;
    Some((ids.0, ids.1, last))
}

/// A path with ids in place of its braces.
pub(super) fn fill(path: &str, ids: &[&str]) -> String {
    let mut ids = ids.iter();
    let parts = path.split('/').map(|part| match part {
        "{}" => ids.next().copied().unwrap_or_default(),
        other => other,
    });
    parts.collect::<Vec<_>>().join("/")
}
