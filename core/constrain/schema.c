/* schema.c: from JSON to nodes.
**
** How: a work list: the root is node 0; whoever meets a subschema asks for its number, and the
** node is filled when its turn comes, so recursion through $ref costs nothing. Only what is
** reached is compiled. Invariant: when it is done no node refers to itself in place (a $ref that
** leads back to the same value). */
#include "core/constrain/schema.h"

#include <string.h>

#include "core/base/size.h"

enum { MOST_NODES = 200000, MOST_NESTING = 400 };

moon_status mn_schema_memory(mn_compiler *c) { return mn_fail_memory(c->err, "schema", 0); }

static size_t line_of(const mn_compiler *c, const mn_json *at) {
  size_t line = 1;
  for (size_t i = 0; i < at->position && i < c->len; i++) line += c->text[i] == '\n';
  return line;
}

moon_status mn_refuse(mn_compiler *c, const mn_json *at, const char *keyword, const char *why) {
  return mn_fail(c->err, MOON_ESUPPORT, "schema: line %zu: '%s' %s", line_of(c, at), keyword,
                 why);
}

mn_node mn_node_any(void) {
  return (mn_node){.types = MN_T_ALL, .number = mn_number_any(),
                   .texts.most = MN_NO_LIMIT, .keys.most = MN_NO_LIMIT,
                   .additional = MN_NO_NODE, .items = MN_NO_NODE, .contains = MN_NO_NODE,
                   .most_members = MN_NO_LIMIT, .most_items = MN_NO_LIMIT,
                   .least_contains = 1, .most_contains = MN_NO_LIMIT};
}

static uint32_t new_node(mn_compiler *c, const mn_node *node, const mn_json *json) {
  mn_schema *s = c->schema;
  if (s->n_nodes == MOST_NODES) return MN_NO_NODE;
  if (s->n_nodes == c->room) {
    uint32_t room = c->room ? c->room * 2 : 64;
    mn_node *nodes = mn_arena_take(c->arena, room * sizeof *nodes);
    const mn_json **queue = mn_arena_take(c->scratch, room * sizeof *queue);
    if (!nodes || !queue) return MN_NO_NODE;
    if (s->n_nodes > 0) {
      memcpy(nodes, s->nodes, s->n_nodes * sizeof *nodes);
      memcpy(queue, c->queue, s->n_nodes * sizeof *queue);
    }
    s->nodes = nodes;
    c->queue = queue;
    c->room = room;
  }
  s->nodes[s->n_nodes] = *node;
  c->queue[s->n_nodes] = json;
  return s->n_nodes++;
}

uint32_t mn_schema_make(mn_compiler *c, const mn_node *node) { return new_node(c, node, NULL); }

uint32_t mn_schema_node(mn_compiler *c, const mn_json *json) {
  uint32_t before = c->done.count;
  uint32_t id = mn_intern_put(&c->done, &json, sizeof json);
  if (id == MN_NO_ID) return mn_schema_memory(c), MN_NO_NODE;
  if (c->done.count > before) {
    mn_node any = mn_node_any();
    uint32_t node = new_node(c, &any, json);
    if (node == MN_NO_NODE) {
      mn_fail(c->err, MOON_ESUPPORT, "schema: has more than %d parts", MOST_NODES);
      return node;
    }
    c->done.entries[id].tag = node;
  }
  return c->done.entries[id].tag;
}

uint32_t mn_schema_name(mn_compiler *c, const char *name, size_t len) {
  return len > UINT32_MAX ? MN_NO_ID : mn_intern_put(&c->schema->names, name, (uint32_t)len);
}

moon_status mn_schema_limit(mn_compiler *c, const mn_json *json, const char *key,
                            uint32_t *value) {
  const mn_json *limit = mn_json_get(json, key);
  if (!limit) return MOON_OK;
  bool number = limit->type == MN_JSON_INT || limit->type == MN_JSON_NUMBER;
  double most = 1e9, wish = number ? limit->number : -1;
  if (wish > most) wish = most;
  if (wish < 0 || wish != (double)(uint32_t)wish)
    return mn_refuse(c, limit, key, "is not a whole number from 0");
  *value = (uint32_t)wish;
  return MOON_OK;
}

/* ---- parts of a node ---- */

static moon_status child(mn_compiler *c, const mn_json *json, const char *keyword,
                         uint32_t *node) {
  if (json->type != MN_JSON_OBJECT && json->type != MN_JSON_BOOL)
    return mn_refuse(c, json, keyword, "holds something that is no schema");
  *node = mn_schema_node(c, json);
  return *node == MN_NO_NODE ? MOON_ESUPPORT : MOON_OK;
}

static moon_status optional_child(mn_compiler *c, const mn_json *json, const char *keyword,
                                  uint32_t *node) {
  const mn_json *at = mn_json_get(json, keyword);
  return at ? child(c, at, keyword, node) : MOON_OK;
}

static moon_status children(mn_compiler *c, const mn_json *list, const char *keyword,
                            const uint32_t **nodes, uint32_t *n) {
  if (list->type != MN_JSON_ARRAY) return mn_refuse(c, list, keyword, "is not a list");
  uint32_t *all = mn_arena_take(c->arena, list->count * sizeof *all);
  if (!all) return mn_schema_memory(c);
  *n = 0;
  for (const mn_json *at = list->first; at; at = at->next) {
    moon_status status = child(c, at, keyword, &all[(*n)++]);
    if (status != MOON_OK) return status;
  }
  *nodes = all;
  return MOON_OK;
}

static moon_status name_list(mn_compiler *c, const mn_json *list, const char *keyword,
                             const uint32_t **names, uint32_t *n) {
  if (list->type != MN_JSON_ARRAY) return mn_refuse(c, list, keyword, "is not a list");
  uint32_t *all = mn_arena_take(c->arena, list->count * sizeof *all);
  if (!all) return mn_schema_memory(c);
  *n = 0;
  for (const mn_json *at = list->first; at; at = at->next) {
    if (at->type != MN_JSON_STRING) return mn_refuse(c, at, keyword, "holds no name");
    all[*n] = mn_schema_name(c, at->text, at->text_len);
    if (all[(*n)++] == MN_NO_ID) return mn_schema_memory(c);
  }
  *names = all;
  return MOON_OK;
}

static moon_status read_types(mn_compiler *c, const mn_json *json, mn_node *node) {
  static const struct { const char *name; uint8_t bits; } types[] = {
    {"null", MN_T_NULL}, {"boolean", MN_T_TRUE | MN_T_FALSE}, {"integer", MN_T_NUMBER},
    {"number", MN_T_NUMBER}, {"string", MN_T_STRING}, {"array", MN_T_ARRAY},
    {"object", MN_T_OBJECT}};
  const mn_json *type = mn_json_get(json, "type");
  if (!type) return MOON_OK;
  bool number = false, integer = false;
  node->types = 0;
  for (const mn_json *at = type->type == MN_JSON_ARRAY ? type->first : type; at; at = at->next) {
    uint8_t bits = 0;
    for (size_t i = 0; i < 7 && at->type == MN_JSON_STRING; i++)
      if (strcmp(at->text, types[i].name) == 0) bits = types[i].bits;
    if (!bits) return mn_refuse(c, at, "type", "names no type of JSON");
    integer |= at->text[0] == 'i';
    number |= bits == MN_T_NUMBER && at->text[0] == 'n';
    node->types |= bits;
    if (type->type != MN_JSON_ARRAY) break;
  }
  if (integer && !number) {
    node->numeric = node->number.whole = true;
    node->number.no_fraction = c->draft == MN_DRAFT4;
  }
  return MOON_OK;
}

/* ---- objects ---- */

static moon_status read_properties(mn_compiler *c, const mn_json *json, mn_node *node) {
  const mn_json *list = mn_json_get(json, "properties");
  if (list) {
    if (list->type != MN_JSON_OBJECT) return mn_refuse(c, list, "properties", "is no object");
    mn_property *all = mn_arena_take(c->arena, list->count * sizeof *all);
    if (!all) return mn_schema_memory(c);
    for (const mn_json *at = list->first; at; at = at->next) {
      mn_property *p = &all[node->n_properties++];
      p->name = mn_schema_name(c, at->key, at->key_len);
      if (p->name == MN_NO_ID) return mn_schema_memory(c);
      moon_status status = child(c, at, "properties", &p->node);
      if (status != MOON_OK) return status;
    }
    node->properties = all;
  }
  list = mn_json_get(json, "patternProperties");
  if (!list) return MOON_OK;
  if (list->type != MN_JSON_OBJECT)
    return mn_refuse(c, list, "patternProperties", "is no object");
  mn_pattern *all = mn_arena_take(c->arena, list->count * sizeof *all);
  if (!all) return mn_schema_memory(c);
  for (const mn_json *at = list->first; at; at = at->next) {
    mn_pattern *p = &all[node->n_patterns++];
    p->names = (mn_names){0};
    moon_status status = mn_schema_regex(c, at->key, at->key_len, MN_REGEX_SEARCH, &p->dfa);
    if (status == MOON_OK) status = mn_rules_names(c, p->dfa, &p->names);
    if (status == MOON_OK) status = child(c, at, "patternProperties", &p->node);
    if (status != MOON_OK) return status;
  }
  node->patterns = all;
  return MOON_OK;
}

/* propertyNames is held to what can be said of a string in one node. */
static moon_status read_key_rules(mn_compiler *c, const mn_json *json, mn_node *node) {
  const mn_json *names = mn_json_get(json, "propertyNames");
  if (!names || (names->type == MN_JSON_BOOL && names->boolean)) return MOON_OK;
  if (names->type == MN_JSON_BOOL) {
    node->most_members = 0;
    return MOON_OK;
  }
  for (const mn_json *at = names->first; at; at = at->next) {
    static const char *const plain[] = {"type", "minLength", "maxLength", "pattern", "format",
      "enum", "const", "description", "title", "$comment", "default", "examples"};
    bool known = false;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
      known |= strcmp(at->key, plain[i]) == 0;
    if (!known) return mn_refuse(c, at, "propertyNames", "holds more than rules for one string");
  }
  mn_node probe = mn_node_any();
  moon_status status = read_types(c, names, &probe);
  if (status == MOON_OK) status = mn_rules_string(c, names, &node->keys);
  if (status != MOON_OK) return status;
  node->keyed = true;
  if (!(probe.types & MN_T_STRING)) node->most_members = 0;
  const mn_json *lists[2] = {mn_json_get(names, "enum"), mn_json_get(names, "const")};
  for (int i = 0; i < 2; i++) {
    if (!lists[i]) continue;
    if (i == 0 && lists[i]->type != MN_JSON_ARRAY)
      return mn_refuse(c, lists[i], "enum", "is not a list");
    uint32_t values;
    status = mn_rules_values(c, i == 0 ? lists[i]->first : lists[i], i == 1, NULL, &values);
    if (status != MOON_OK) return status;
    const mn_node *v = &c->schema->nodes[values];
    if (v->n_groups > 0) return mn_refuse(c, lists[i], "propertyNames", "lists no names");
    if (!(v->types & MN_T_STRING)) node->most_members = 0;
    else if (node->keys.n == MN_MOST_TEXTS) return mn_refuse(c, names, "propertyNames", "is long");
    else node->keys.dfas[node->keys.n++] = v->texts.dfas[0];
  }
  status = mn_rules_join(c, &node->keys);
  for (uint32_t k = 0; status == MOON_OK && k < node->keys.n && !node->key_names.listed; k++)
    status = mn_rules_names(c, node->keys.dfas[k], &node->key_names);
  for (uint32_t k = 0; status == MOON_OK && k < node->n_patterns; k++)
    status = mn_rules_pattern(c, &node->keys, &node->patterns[k]);
  return status;
}

static moon_status read_object(mn_compiler *c, const mn_json *json, mn_node *node) {
  moon_status status = read_properties(c, json, node);
  if (status == MOON_OK)
    status = optional_child(c, json, "additionalProperties", &node->additional);
  const mn_json *required = mn_json_get(json, "required");
  if (status == MOON_OK && required && required->type != MN_JSON_BOOL)
    status = name_list(c, required, "required", &node->required, &node->n_required);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "minProperties", &node->least_members);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "maxProperties", &node->most_members);
  if (status == MOON_OK) status = read_key_rules(c, json, node);
  return status;
}

/* dependentRequired, dependentSchemas and the older dependencies, which is both. */
static moon_status read_dependencies(mn_compiler *c, const mn_json *json, const char *keyword,
                                     mn_node *node, mn_dependency *rules, mn_group *groups) {
  const mn_json *list = mn_json_get(json, keyword);
  if (!list) return MOON_OK;
  if (list->type != MN_JSON_OBJECT) return mn_refuse(c, list, keyword, "is no object");
  for (const mn_json *at = list->first; at; at = at->next) {
    uint32_t name = mn_schema_name(c, at->key, at->key_len);
    if (name == MN_NO_ID) return mn_schema_memory(c);
    moon_status status;
    if (at->type == MN_JSON_ARRAY || at->type == MN_JSON_STRING) {
      mn_dependency *d = &rules[node->n_dependencies++];
      d->name = name;
      if (at->type == MN_JSON_STRING) {
        uint32_t *one = mn_arena_take(c->arena, sizeof *one);
        if (!one) return mn_schema_memory(c);
        *one = mn_schema_name(c, at->text, at->text_len);
        d->names = one;
        d->n = 1;
        status = *one == MN_NO_ID ? mn_schema_memory(c) : MOON_OK;
      } else {
        status = name_list(c, at, keyword, &d->names, &d->n);
      }
    } else {
      uint32_t *one = mn_arena_take(c->arena, sizeof *one);
      if (!one) return mn_schema_memory(c);
      status = child(c, at, keyword, one);
      groups[node->n_groups++] = (mn_group){MN_WHEN, name, 1, one};
    }
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

/* ---- arrays ---- */

static moon_status read_array(mn_compiler *c, const mn_json *json, mn_node *node) {
  const mn_json *items = mn_json_get(json, "items"), *prefix = mn_json_get(json, "prefixItems");
  moon_status status = MOON_OK;
  if (items && items->type == MN_JSON_ARRAY) {
    status = children(c, items, "items", &node->prefix, &node->n_prefix);
    if (status == MOON_OK) status = optional_child(c, json, "additionalItems", &node->items);
  } else {
    if (prefix) status = children(c, prefix, "prefixItems", &node->prefix, &node->n_prefix);
    if (status == MOON_OK && items) status = child(c, items, "items", &node->items);
  }
  if (status == MOON_OK) status = optional_child(c, json, "contains", &node->contains);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "minContains", &node->least_contains);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "maxContains", &node->most_contains);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "minItems", &node->least_items);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "maxItems", &node->most_items);
  const mn_json *unique = mn_json_get(json, "uniqueItems");
  if (status == MOON_OK && unique && unique->type == MN_JSON_BOOL && unique->boolean &&
      node->most_items > 1 && (node->types & MN_T_ARRAY))
    return mn_refuse(c, unique, "uniqueItems", "is not supported");
  return status;
}

/* ---- nodes that judge the same value ---- */

static moon_status add_group(mn_compiler *c, mn_group_op op, const mn_json *list,
                             const char *keyword, mn_group *groups, mn_node *node) {
  if (!list) return MOON_OK;
  mn_group *group = &groups[node->n_groups++];
  *group = (mn_group){op, 0, 0, NULL};
  moon_status status = children(c, list, keyword, &group->nodes, &group->n);
  if (status == MOON_OK && group->n == 0) return mn_refuse(c, list, keyword, "is empty");
  return status;
}

static moon_status add_nodes(mn_compiler *c, mn_group_op op, const uint32_t *nodes, uint32_t n,
                             mn_group *groups, mn_node *node) {
  uint32_t *copy = mn_arena_take(c->arena, n * sizeof *copy);
  if (!copy) return mn_schema_memory(c);
  memcpy(copy, nodes, n * sizeof *copy);
  groups[node->n_groups++] = (mn_group){op, 0, n, copy};
  return MOON_OK;
}

static moon_status add_values(mn_compiler *c, const mn_json *json, mn_group *groups,
                              mn_node *node) {
  const mn_json *lists[2] = {mn_json_get(json, "enum"), mn_json_get(json, "const")};
  for (int i = 0; i < 2; i++) {
    if (!lists[i]) continue;
    if (i == 0 && lists[i]->type != MN_JSON_ARRAY)
      return mn_refuse(c, lists[i], "enum", "is not a list");
    uint32_t values;
    moon_status status =
        mn_rules_values(c, i == 0 ? lists[i]->first : lists[i], i == 1, node, &values);
    if (status == MOON_OK) status = add_nodes(c, MN_ALL_OF, &values, 1, groups, node);
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

static moon_status add_condition(mn_compiler *c, const mn_json *json, mn_group *groups,
                                 mn_node *node) {
  const mn_json *yes = mn_json_get(json, "then"), *no = mn_json_get(json, "else");
  const mn_json *condition = mn_json_get(json, "if");
  if (!condition || (!yes && !no)) return MOON_OK;
  mn_node any = mn_node_any();
  uint32_t three[3];
  moon_status status = child(c, condition, "if", &three[0]);
  for (int i = 1; i < 3 && status == MOON_OK; i++) {
    const mn_json *branch = i == 1 ? yes : no;
    if (branch) status = child(c, branch, i == 1 ? "then" : "else", &three[i]);
    else if ((three[i] = mn_schema_make(c, &any)) == MN_NO_NODE) status = mn_schema_memory(c);
  }
  return status == MOON_OK ? add_nodes(c, MN_IF, three, 3, groups, node) : status;
}

static moon_status add_reference(mn_compiler *c, const mn_json *json, mn_group *groups,
                                 mn_node *node) {
  const mn_json *ref = mn_json_get(json, "$ref"), *target;
  if (!ref) return MOON_OK;
  uint32_t to = MN_NO_NODE;
  moon_status status = mn_refs_find(c, json, ref, &target);
  if (status == MOON_OK) status = child(c, target, "$ref", &to);
  return status == MOON_OK ? add_nodes(c, MN_ALL_OF, &to, 1, groups, node) : status;
}

static moon_status read_groups(mn_compiler *c, const mn_json *json, mn_node *node) {
  static const char *const dependents[] = {"dependencies", "dependentRequired",
                                           "dependentSchemas"};
  size_t most = 8;
  for (size_t i = 0; i < 3; i++) {
    const mn_json *list = mn_json_get(json, dependents[i]);
    if (list && list->type == MN_JSON_OBJECT) most += list->count;
  }
  mn_group *groups = mn_arena_take(c->arena, most * sizeof *groups);
  mn_dependency *rules = mn_arena_take(c->arena, most * sizeof *rules);
  if (!groups || !rules) return mn_schema_memory(c);
  node->groups = groups;
  node->dependencies = rules;
  moon_status status = add_reference(c, json, groups, node);
  if (status == MOON_OK) status = add_values(c, json, groups, node);
  if (status == MOON_OK)
    status = add_group(c, MN_ALL_OF, mn_json_get(json, "allOf"), "allOf", groups, node);
  if (status == MOON_OK)
    status = add_group(c, MN_ANY_OF, mn_json_get(json, "anyOf"), "anyOf", groups, node);
  if (status == MOON_OK)
    status = add_group(c, MN_ONE_OF, mn_json_get(json, "oneOf"), "oneOf", groups, node);
  const mn_json *not = mn_json_get(json, "not");
  if (status == MOON_OK && not) {
    uint32_t inner = MN_NO_NODE;
    status = child(c, not, "not", &inner);
    if (status == MOON_OK) status = add_nodes(c, MN_NOT, &inner, 1, groups, node);
  }
  if (status == MOON_OK) status = add_condition(c, json, groups, node);
  for (size_t i = 0; i < 3 && status == MOON_OK; i++)
    status = read_dependencies(c, json, dependents[i], node, rules, groups);
  return status;
}

/* ---- a node ---- */

static bool says_nothing(const mn_json *json) {
  return json->type == MN_JSON_BOOL ? json->boolean : json->count == 0;
}

/* Without neighbours that look at the same value, "unevaluated" is "additional". */
static moon_status read_unevaluated(mn_compiler *c, const mn_json *json, mn_node *node) {
  const mn_json *members = mn_json_get(json, "unevaluatedProperties");
  const mn_json *items = mn_json_get(json, "unevaluatedItems");
  if (members && !says_nothing(members)) {
    if (node->n_groups > 0)
      return mn_refuse(c, members, "unevaluatedProperties", "is not supported beside others");
    if (node->additional == MN_NO_NODE && !mn_json_get(json, "additionalProperties")) {
      moon_status status = child(c, members, "unevaluatedProperties", &node->additional);
      if (status != MOON_OK) return status;
    }
  }
  if (items && !says_nothing(items)) {
    if (node->n_groups > 0 || node->contains != MN_NO_NODE)
      return mn_refuse(c, items, "unevaluatedItems", "is not supported beside others");
    if (node->items == MN_NO_NODE && !mn_json_get(json, "items"))
      return child(c, items, "unevaluatedItems", &node->items);
  }
  return MOON_OK;
}

static moon_status fill(mn_compiler *c, uint32_t index) {
  const mn_json *json = c->queue[index];
  mn_node node = mn_node_any();
  if (!json) return MOON_OK;
  if (json->type == MN_JSON_BOOL) {
    if (!json->boolean) c->schema->nodes[index].types = 0;
    return MOON_OK;
  }
  static const char *const beyond[] = {"$dynamicRef", "$recursiveRef"};
  for (size_t i = 0; i < 2; i++) {
    const mn_json *at = mn_json_get(json, beyond[i]);
    if (at) return mn_refuse(c, at, beyond[i], "is not supported");
  }
  moon_status status = MOON_OK;
  if (c->draft <= MN_DRAFT7 && mn_json_get(json, "$ref")) {
    mn_group *group = mn_arena_take(c->arena, sizeof *group);
    if (!group) return mn_schema_memory(c);
    node.groups = group;
    status = add_reference(c, json, group, &node);
  } else {
    status = read_types(c, json, &node);
    if (status == MOON_OK) status = mn_rules_string(c, json, &node.texts);
    if (status == MOON_OK) status = mn_rules_join(c, &node.texts);
    if (status == MOON_OK) status = mn_rules_number(c, json, &node);
    if (status == MOON_OK) status = read_groups(c, json, &node);
    if (status == MOON_OK) status = read_object(c, json, &node);
    if (status == MOON_OK) status = read_array(c, json, &node);
    if (status == MOON_OK) status = read_unevaluated(c, json, &node);
  }
  c->schema->nodes[index] = node;
  return status;
}

/* Depth first through the groups; marks: 1 on the way down, 2 done. */
static bool circles(const mn_schema *s, uint32_t node, uint8_t *marks, int depth) {
  if (marks[node] == 2) return false;
  if (marks[node] == 1 || depth > MOST_NESTING) return true;
  marks[node] = 1;
  const mn_node *n = &s->nodes[node];
  for (uint32_t g = 0; g < n->n_groups; g++)
    for (uint32_t i = 0; i < n->groups[g].n; i++)
      if (circles(s, n->groups[g].nodes[i], marks, depth + 1)) return true;
  marks[node] = 2;
  return false;
}

static moon_status check_circles(mn_compiler *c) {
  mn_schema *s = c->schema;
  uint8_t *marks = mn_arena_take(c->scratch, s->n_nodes);
  if (!marks) return mn_schema_memory(c);
  memset(marks, 0, s->n_nodes);
  for (uint32_t i = 0; i < s->n_nodes; i++)
    if (circles(s, i, marks, 0))
      return mn_fail(c->err, MOON_ESUPPORT,
                     "schema: '$ref' leads back to the same value, or is nested too deeply");
  return MOON_OK;
}

static moon_status find_draft(mn_compiler *c, const mn_json *root) {
  static const char *const names[] = {"draft-04", "draft-06", "draft-07", "2019-09", "2020-12"};
  c->draft = MN_DRAFT2020;
  const mn_json *meta = root->type == MN_JSON_OBJECT ? mn_json_get(root, "$schema") : NULL;
  if (!meta || meta->type != MN_JSON_STRING) return MOON_OK;
  const char *host = strstr(meta->text, "json-schema.org/");
  for (int i = 0; i < 5 && host; i++)
    if (strstr(host, names[i])) return c->draft = (mn_draft)i, MOON_OK;
  if (host && strncmp(host, "json-schema.org/schema", 22) == 0) return MOON_OK;
  return mn_refuse(c, meta, "$schema", "names a dialect that is not known here");
}

moon_status mn_schema_compile(mn_arena *arena, const char *text, size_t len,
                              const moon_constraint_options *options, mn_schema *schema,
                              moon_error *err) {
  mn_arena scratch;
  mn_arena_growing(&scratch, arena->alloc, (size_t)128 << 20);
  *schema = (mn_schema){.ordered = options->ordered};
  mn_compiler *c = mn_arena_take(&scratch, sizeof *c);
  if (!c) return mn_fail_memory(err, "schema", sizeof *c);
  *c = (mn_compiler){.arena = arena, .scratch = &scratch, .schema = schema, .text = text,
                     .len = len, .options = options, .err = err};
  mn_intern_begin(&schema->names, arena);
  mn_intern_begin(&c->places, &scratch);
  mn_intern_begin(&c->done, &scratch);
  mn_intern_begin(&c->regexes, &scratch);
  const mn_json *root;
  moon_status status = mn_json_parse(&scratch, text, len, "schema", &root, err);
  if (status == MOON_OK) status = find_draft(c, root);
  if (status == MOON_OK) status = mn_refs_scan(c, root);
  if (status == MOON_OK) status = child(c, root, "schema", &schema->root);
  for (uint32_t i = 0; i < schema->n_nodes && status == MOON_OK; i++) status = fill(c, i);
  if (status == MOON_OK) status = check_circles(c);
  if (status == MOON_OK) mn_schema_narrow(schema);
  mn_arena_free(&scratch);
  return status;
}
