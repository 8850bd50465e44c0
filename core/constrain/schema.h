/* schema.h: a JSON Schema as a list of nodes that the machine can run.
**
** Each subschema that is reached is one node: what it says of each type, and groups of other
** nodes that judge the same value (allOf, anyOf, $ref, ...). Nodes are numbered; names of
** properties are numbered too. Everything is immutable once compiled and lies in the
** constraint's arena. What cannot be done exactly is refused here, by its keyword. */
#ifndef MOON_CONSTRAIN_SCHEMA_H
#define MOON_CONSTRAIN_SCHEMA_H

#include "core/base/json.h"
#include "core/constrain/automaton.h"
#include "core/constrain/intern.h"
#include "core/constrain/number.h"

enum {
  MN_T_NULL = 1, MN_T_TRUE = 2, MN_T_FALSE = 4, MN_T_NUMBER = 8, MN_T_STRING = 16,
  MN_T_ARRAY = 32, MN_T_OBJECT = 64, MN_T_ALL = 127
};
enum { MN_NO_NODE = 0xFFFFFFFF, MN_NO_LIMIT = 0xFFFFFFFF };

/* How the verdicts of a group's nodes become one. IF: condition, then, else. WHEN: the node
** counts only in objects that have the member `name`. */
typedef enum mn_group_op { MN_ALL_OF, MN_ANY_OF, MN_ONE_OF, MN_NOT, MN_IF, MN_WHEN } mn_group_op;

typedef struct mn_group {
  mn_group_op op;
  uint32_t name;
  uint32_t n;
  const uint32_t *nodes;        /* (n) */
} mn_group;

typedef struct mn_property { uint32_t name, node; } mn_property;
typedef struct mn_names {       /* all that a rule lists; listed: it has no others */
  bool listed;
  uint32_t n;
  const uint32_t *ids;          /* (n) */
} mn_names;
typedef struct mn_pattern { const mn_dfa *dfa; uint32_t node; mn_names names; } mn_pattern;
typedef struct mn_dependency {  /* if name is there, so are these */
  uint32_t name, n;
  const uint32_t *names;        /* (n) */
} mn_dependency;

enum { MN_MOST_TEXTS = 6 };

typedef struct mn_texts {       /* what is said of a string: all of these */
  const mn_dfa *dfas[MN_MOST_TEXTS];
  uint32_t n, least, most;      /* least, most: code points */
} mn_texts;

typedef struct mn_node {
  uint8_t types;                /* of MN_T_* */
  bool numeric;                 /* number holds rules */
  bool keyed;                   /* keys holds rules */
  mn_texts texts, keys;
  mn_names key_names;           /* keys that fulfil keys, where they are few */
  mn_number number;
  const mn_property *properties; uint32_t n_properties;
  mn_pattern *patterns; uint32_t n_patterns;
  const uint32_t *required; uint32_t n_required;
  const mn_dependency *dependencies; uint32_t n_dependencies;
  uint32_t additional;          /* node, or MN_NO_NODE: anything */
  uint32_t least_members, most_members;
  const uint32_t *prefix; uint32_t n_prefix;
  uint32_t items, contains;     /* nodes, or MN_NO_NODE */
  uint32_t least_contains, most_contains, least_items, most_items;
  const mn_group *groups; uint32_t n_groups;
} mn_node;

typedef struct mn_schema {
  mn_node *nodes;
  uint32_t n_nodes;
  uint32_t root;
  mn_intern names;              /* id -> bytes */
  bool ordered;                 /* members only in the order that the schema lists them in */
} mn_schema;

bool mn_texts_accept(const mn_texts *t, const char *text, size_t len);
/* Whether each of the automata alone accepts a text of least to most characters. */
bool mn_texts_possible(const mn_dfa *const *dfas, uint32_t n, uint32_t least, uint32_t most);
/* Whether a member of this name can satisfy the node, and whether all that can are known names. */
bool mn_node_allows(const mn_schema *s, const mn_node *node, uint32_t name);
bool mn_node_closed(const mn_schema *s, const mn_node *node);

/* text: JSON. Everything goes into arena. */
moon_status mn_schema_compile(mn_arena *arena, const char *text, size_t len,
                              const moon_constraint_options *options, mn_schema *schema,
                              moon_error *err);

/* ---- between schema.c, schema_rules.c and schema_refs.c ---- */

typedef enum mn_draft { MN_DRAFT4, MN_DRAFT6, MN_DRAFT7, MN_DRAFT2019, MN_DRAFT2020 } mn_draft;

typedef struct mn_resource { const char *uri; size_t len; const mn_json *root; } mn_resource;
typedef struct mn_anchor {
  const char *name; size_t len;
  uint32_t resource;
  const mn_json *at;
  bool dynamic;
} mn_anchor;

enum { MN_MOST_RESOURCES = 256 };

typedef struct mn_compiler {
  mn_arena *arena;              /* what stays */
  mn_arena *scratch;
  mn_schema *schema;
  const char *text; size_t len;
  const moon_constraint_options *options;
  mn_draft draft;
  mn_resource resources[MN_MOST_RESOURCES];
  mn_anchor anchors[MN_MOST_RESOURCES];
  uint32_t n_resources, n_anchors;
  mn_intern places;             /* address of a schema object -> its resource (tag) */
  mn_intern done;               /* address -> node: the id is the index in node_of */
  const mn_json **queue;        /* (room) of node i */
  uint32_t room;
  mn_intern regexes;            /* mode and text -> dfa_of */
  const mn_dfa **dfas;
  uint32_t dfa_room;
  moon_error *err;
} mn_compiler;

/* The node of a subschema, to be filled later if new; MN_NO_NODE with err when that fails. */
uint32_t mn_schema_node(mn_compiler *c, const mn_json *json);
/* A node that stands in no text. */
uint32_t mn_schema_make(mn_compiler *c, const mn_node *node);
mn_node mn_node_any(void);
moon_status mn_refuse(mn_compiler *c, const mn_json *at, const char *keyword, const char *why);
moon_status mn_schema_memory(mn_compiler *c);
uint32_t mn_schema_name(mn_compiler *c, const char *name, size_t len);
/* Number of a whole, non-negative limit; absent: *value stays. */
moon_status mn_schema_limit(mn_compiler *c, const mn_json *json, const char *key,
                            uint32_t *value);

/* schema_rules.c: keywords about strings and numbers; enum and const as a node. */
moon_status mn_schema_regex(mn_compiler *c, const char *text, size_t len, int mode,
                            const mn_dfa **dfa);
/* Makes one automaton of all that is said of a string but its longest length, if not too large. */
moon_status mn_rules_join(mn_compiler *c, mn_texts *texts);
/* Leaves of a pattern's keys those that fulfil what the same node's propertyNames says. */
moon_status mn_rules_pattern(mn_compiler *c, const mn_texts *keys, mn_pattern *pattern);
/* The keys that an automaton accepts as names, where they are few. */
moon_status mn_rules_names(mn_compiler *c, const mn_dfa *dfa, mn_names *names);
moon_status mn_rules_string(mn_compiler *c, const mn_json *json, mn_texts *texts);
moon_status mn_rules_number(mn_compiler *c, const mn_json *json, mn_node *node);
/* A node that accepts exactly these values; children of list, or the one value. Without those
** that break what own (may be NULL) says of strings and numbers. */
moon_status mn_rules_values(mn_compiler *c, const mn_json *first, bool alone, const mn_node *own,
                            uint32_t *node);

/* schema_narrow.c: takes from all nodes the types that nothing satisfies. */
void mn_schema_narrow(mn_schema *s);

/* schema_refs.c */
moon_status mn_refs_scan(mn_compiler *c, const mn_json *root);
moon_status mn_refs_find(mn_compiler *c, const mn_json *from, const mn_json *ref,
                         const mn_json **target);

#endif
