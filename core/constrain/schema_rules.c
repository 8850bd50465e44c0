/* schema_rules.c: what a schema says of strings and numbers, and lists of values.
**
** How: patterns, formats and listed strings become automata; bounds become an mn_number; a listed
** object or array becomes a node of its own whose members must be those values. Invariant: a
** keyword of the wrong JSON type is refused, never ignored. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/schema.h"

enum { MOST_LISTED = 4096, MOST_MATCHES = 128, JOINED = 2 };    /* JOINED: behind the regex modes */

/* ---- automata ---- */

/* The place of the automaton with this key; is_new: it is not made yet. */
static const mn_dfa **find_dfa(mn_compiler *c, const void *key, size_t len, bool *is_new) {
  uint32_t before = c->regexes.count;
  uint32_t id = len > UINT32_MAX ? MN_NO_ID : mn_intern_put(&c->regexes, key, (uint32_t)len);
  if (id == MN_NO_ID) return NULL;
  *is_new = c->regexes.count > before;
  if (id >= c->dfa_room) {
    uint32_t room = c->dfa_room ? c->dfa_room * 2 : 16;
    const mn_dfa **dfas = mn_arena_take(c->scratch, room * sizeof *dfas);
    if (!dfas) return NULL;
    if (id > 0) memcpy(dfas, c->dfas, id * sizeof *dfas);
    c->dfas = dfas;
    c->dfa_room = room;
  }
  return &c->dfas[id];
}

moon_status mn_schema_regex(mn_compiler *c, const char *text, size_t len, int mode,
                            const mn_dfa **dfa) {
  bool is_new;
  char *key = mn_arena_take(c->scratch, len + 2);
  if (!key) return mn_schema_memory(c);
  key[0] = (char)mode;
  memcpy(key + 1, text, len);
  const mn_dfa **place = find_dfa(c, key, len + 1, &is_new);
  if (!place) return mn_schema_memory(c);
  if (is_new) {
    moon_status status = mn_regex_compile(c->arena, text, len, mode, place, c->err);
    if (status != MOON_OK)
      return status == MOON_EARG && c->err ? c->err->code = MOON_EFORMAT : status;
  }
  *dfa = *place;
  return MOON_OK;
}

/* *joined: NULL where it would be too large. */
static moon_status join(mn_compiler *c, const mn_dfa *const *dfas, uint32_t n, uint32_t least,
                        uint32_t most, const mn_dfa **joined) {
  struct { uint64_t mode, least, most; const mn_dfa *dfas[MN_MOST_TEXTS + 1]; } key = {
    .mode = JOINED, .least = least, .most = most};
  bool is_new;
  memcpy(key.dfas, dfas, n * sizeof *dfas);
  const mn_dfa **place = find_dfa(c, &key, sizeof key, &is_new);
  if (!place) return mn_schema_memory(c);
  mn_joint joint = {.dfas = dfas, .n = n, .least = least, .most = most,
                    .counted = most == MN_NO_LIMIT ? least : most + 1};
  if (is_new && !mn_dfa_join(c->arena, &joint, place)) return mn_schema_memory(c);
  *joined = *place;
  return MOON_OK;
}

moon_status mn_rules_join(mn_compiler *c, mn_texts *texts) {
  const mn_dfa *joined = NULL;
  if (texts->n == 0 || (texts->n == 1 && texts->least == 0)) return MOON_OK;
  moon_status status = join(c, texts->dfas, texts->n, texts->least, MN_NO_LIMIT, &joined);
  if (status != MOON_OK || !joined) return status;
  texts->dfas[0] = joined;
  texts->n = 1;
  texts->least = 0;
  return MOON_OK;
}

moon_status mn_rules_pattern(mn_compiler *c, const mn_texts *keys, mn_pattern *pattern) {
  const mn_dfa *dfas[MN_MOST_TEXTS + 1] = {pattern->dfa}, *joined = NULL;
  memcpy(dfas + 1, keys->dfas, keys->n * sizeof *keys->dfas);
  moon_status status = join(c, dfas, keys->n + 1, keys->least, keys->most, &joined);
  if (status != MOON_OK || !joined) return status;
  pattern->dfa = joined;
  return mn_rules_names(c, joined, &pattern->names);
}

typedef struct lister { mn_compiler *c; uint32_t *ids, n, most; bool failed; } lister;

static bool list_name(void *of, const char *text, size_t len) {
  lister *l = of;
  if (l->n == l->most) return false;
  l->ids[l->n] = mn_schema_name(l->c, text, len);
  l->failed = l->ids[l->n++] == MN_NO_ID;
  return !l->failed;
}

/* Few keys are known names, so that it is known which are still to come. */
moon_status mn_rules_names(mn_compiler *c, const mn_dfa *dfa, mn_names *names) {
  uint32_t ids[MOST_LISTED];
  lister l = {c, ids, 0, dfa->word ? MOST_LISTED : MOST_MATCHES, false};
  names->listed = mn_dfa_list(dfa, list_name, &l);
  if (l.failed) return mn_schema_memory(c);
  if (!names->listed) return MOON_OK;
  uint32_t *copy = mn_arena_take(c->arena, (l.n + 1) * sizeof *copy);
  if (!copy) return mn_schema_memory(c);
  if (l.n > 0) memcpy(copy, ids, l.n * sizeof *ids);
  names->ids = copy;
  names->n = l.n;
  return MOON_OK;
}

/* ---- strings ---- */

static moon_status add_text(mn_compiler *c, const mn_json *at, mn_texts *texts,
                            const mn_dfa *dfa) {
  if (texts->n == MN_MOST_TEXTS) return mn_refuse(c, at, "pattern", "has too many companions");
  texts->dfas[texts->n++] = dfa;
  return MOON_OK;
}

static moon_status add_format(mn_compiler *c, const mn_json *format, mn_texts *texts) {
  if (format->type != MN_JSON_STRING) return mn_refuse(c, format, "format", "is not a string");
  bool known;
  const char *regex = mn_format_regex(format->text, &known);
  if (!regex && !known) return MOON_OK;
  if (!regex) {
    char why[100] = "cannot be held exactly: ";
    strncat(why, format->text, 60);
    return mn_refuse(c, format, "format", why);
  }
  const mn_dfa *dfa;
  moon_status status = mn_schema_regex(c, regex, strlen(regex), MN_REGEX_WHOLE, &dfa);
  if (status != MOON_OK) return status;
  bool host = strstr(format->text, "host") != NULL;
  if (host && texts->most > 253) texts->most = 253;
  return add_text(c, format, texts, dfa);
}

moon_status mn_rules_string(mn_compiler *c, const mn_json *json, mn_texts *texts) {
  moon_status status = mn_schema_limit(c, json, "minLength", &texts->least);
  if (status == MOON_OK) status = mn_schema_limit(c, json, "maxLength", &texts->most);
  const mn_json *pattern = mn_json_get(json, "pattern"), *format = mn_json_get(json, "format");
  if (status == MOON_OK && pattern) {
    if (pattern->type != MN_JSON_STRING)
      return mn_refuse(c, pattern, "pattern", "is not a string");
    const mn_dfa *dfa;
    status = mn_schema_regex(c, pattern->text, pattern->text_len, MN_REGEX_SEARCH, &dfa);
    if (status == MOON_OK) status = add_text(c, pattern, texts, dfa);
  }
  if (status == MOON_OK && format && c->options->formats) status = add_format(c, format, texts);
  return status;
}

/* ---- numbers ---- */

/* A number's own digits: the tree holds a double, the text holds the truth. */
static mn_decimal decimal_at(const mn_compiler *c, const mn_json *json) {
  size_t at = json->position, end = at;
  while (end < c->len && c->text[end] && strchr("+-.0123456789eE", c->text[end])) end++;
  return mn_decimal_read(c->text + at, end - at);
}

static bool is_number(const mn_json *json) {
  return json->type == MN_JSON_INT || json->type == MN_JSON_NUMBER;
}

static moon_status add_one_bound(mn_compiler *c, const mn_json *bound, const char *key, bool low,
                                 bool open, mn_node *node) {
  if (!is_number(bound)) return mn_refuse(c, bound, key, "is not a number");
  mn_decimal value = decimal_at(c, bound);
  if (value.huge && value.negative != low)
    return mn_refuse(c, bound, key, "leaves only numbers beyond 3e19, which are not written here");
  if (low) mn_number_at_least(&node->number, value, open);
  else mn_number_at_most(&node->number, value, open);
  node->numeric = true;
  return MOON_OK;
}

/* A bound and its exclusive form, which draft-04 writes as a boolean beside it. */
static moon_status add_bound(mn_compiler *c, const mn_json *json, const char *key,
                             const char *exclusive_key, bool low, mn_node *node) {
  const mn_json *bound = mn_json_get(json, key), *exclusive = mn_json_get(json, exclusive_key);
  bool flag = exclusive && exclusive->type == MN_JSON_BOOL;
  moon_status status = MOON_OK;
  if (bound) status = add_one_bound(c, bound, key, low, flag && exclusive->boolean, node);
  if (status == MOON_OK && exclusive && !flag)
    status = add_one_bound(c, exclusive, exclusive_key, low, true, node);
  return status;
}

moon_status mn_rules_number(mn_compiler *c, const mn_json *json, mn_node *node) {
  moon_status status = add_bound(c, json, "minimum", "exclusiveMinimum", true, node);
  if (status == MOON_OK)
    status = add_bound(c, json, "maximum", "exclusiveMaximum", false, node);
  const mn_json *multiple = mn_json_get(json, "multipleOf");
  if (status == MOON_OK && multiple) {
    if (!is_number(multiple) || !mn_number_multiple(&node->number, decimal_at(c, multiple)))
      return mn_refuse(c, multiple, "multipleOf", "is not a divisor that can be held exactly");
    node->numeric = true;
  }
  return status;
}

/* ---- lists of values ---- */

static moon_status exact_object(mn_compiler *c, const mn_json *value, uint32_t *out) {
  mn_node node = mn_node_any();
  uint32_t n = (uint32_t)value->count;
  mn_property *properties = mn_arena_take(c->arena, n * sizeof *properties);
  uint32_t *required = mn_arena_take(c->arena, n * sizeof *required);
  if (!properties || !required) return mn_schema_memory(c);
  uint32_t i = 0;
  for (const mn_json *m = value->first; m; m = m->next, i++) {
    moon_status status = mn_rules_values(c, m, true, NULL, &properties[i].node);
    if (status != MOON_OK) return status;
    properties[i].name = required[i] = mn_schema_name(c, m->key, m->key_len);
    if (required[i] == MN_NO_ID) return mn_schema_memory(c);
  }
  mn_node never = mn_node_any();
  never.types = 0;
  node.types = MN_T_OBJECT;
  node.properties = properties;
  node.required = required;
  node.n_properties = node.n_required = n;
  node.additional = mn_schema_make(c, &never);
  *out = node.additional == MN_NO_NODE ? MN_NO_NODE : mn_schema_make(c, &node);
  return *out == MN_NO_NODE ? mn_schema_memory(c) : MOON_OK;
}

static moon_status exact_array(mn_compiler *c, const mn_json *value, uint32_t *out) {
  mn_node node = mn_node_any();
  uint32_t n = (uint32_t)value->count, i = 0;
  uint32_t *prefix = mn_arena_take(c->arena, n * sizeof *prefix);
  if (!prefix) return mn_schema_memory(c);
  for (const mn_json *m = value->first; m; m = m->next, i++) {
    moon_status status = mn_rules_values(c, m, true, NULL, &prefix[i]);
    if (status != MOON_OK) return status;
  }
  node.types = MN_T_ARRAY;
  node.prefix = prefix;
  node.n_prefix = node.least_items = node.most_items = n;
  *out = mn_schema_make(c, &node);
  return *out == MN_NO_NODE ? mn_schema_memory(c) : MOON_OK;
}

typedef struct values {
  mn_node scalars;
  mn_word *words;
  mn_decimal *decimals;
  uint32_t *others;
  size_t n_words, n_decimals, n_others;
} values;

static moon_status add_decimal(mn_compiler *c, const mn_json *v, const mn_node *own, values *all) {
  mn_decimal value = decimal_at(c, v);
  if (value.huge || value.inexact)
    return mn_refuse(c, v, "enum or const", "lists a number beyond 3e19 or 19 decimals");
  if (!own || mn_number_holds(&own->number, &value)) all->decimals[all->n_decimals++] = value;
  return MOON_OK;
}

static moon_status add_value(mn_compiler *c, const mn_json *v, const mn_node *own, values *all) {
  switch (v->type) {
    case MN_JSON_NULL: all->scalars.types |= MN_T_NULL; break;
    case MN_JSON_BOOL: all->scalars.types |= v->boolean ? MN_T_TRUE : MN_T_FALSE; break;
    case MN_JSON_INT:
    case MN_JSON_NUMBER: return add_decimal(c, v, own, all);
    case MN_JSON_STRING:
      if (!own || mn_texts_accept(&own->texts, v->text, v->text_len))
        all->words[all->n_words++] = (mn_word){v->text, v->text_len};
      break;
    case MN_JSON_ARRAY: return exact_array(c, v, &all->others[all->n_others++]);
    case MN_JSON_OBJECT: return exact_object(c, v, &all->others[all->n_others++]);
  }
  return MOON_OK;
}

static moon_status finish_scalars(mn_compiler *c, values *all) {
  mn_node *node = &all->scalars;
  if (all->n_words > 0) {
    qsort(all->words, all->n_words, sizeof *all->words, mn_word_order);
    size_t kept = 0;
    for (size_t i = 0; i < all->n_words; i++)
      if (kept == 0 || mn_word_order(&all->words[kept - 1], &all->words[i]) != 0)
        all->words[kept++] = all->words[i];
    moon_status status =
        mn_dfa_words(c->arena, all->words, kept, &node->texts.dfas[0], c->err);
    if (status != MOON_OK) return status;
    node->texts.n = 1;
    node->types |= MN_T_STRING;
  }
  if (all->n_decimals > 0) {
    node->types |= MN_T_NUMBER;
    node->numeric = true;
    node->number.listed = true;
    node->number.list = all->decimals;
    node->number.n_list = all->n_decimals;
  }
  return MOON_OK;
}

moon_status mn_rules_values(mn_compiler *c, const mn_json *first, bool alone, const mn_node *own,
                            uint32_t *out) {
  size_t n = 0;
  for (const mn_json *v = first; v && !(alone && n == 1); v = v->next) n++;
  values all = {mn_node_any(), mn_arena_take(c->scratch, n * sizeof *all.words),
                mn_arena_take(c->arena, n * sizeof *all.decimals),
                mn_arena_take(c->arena, (n + 1) * sizeof *all.others), 0, 0, 0};
  if (!all.words || !all.decimals || !all.others) return mn_schema_memory(c);
  all.scalars.types = 0;
  size_t i = 0;
  for (const mn_json *v = first; i < n; v = v->next, i++) {
    moon_status status = add_value(c, v, own, &all);
    if (status != MOON_OK) return status;
  }
  moon_status status = finish_scalars(c, &all);
  if (status != MOON_OK) return status;
  uint32_t scalars = mn_schema_make(c, &all.scalars);
  if (scalars == MN_NO_NODE) return mn_schema_memory(c);
  *out = scalars;
  if (all.n_others == 0) return MOON_OK;
  if (all.scalars.types) all.others[all.n_others++] = scalars;
  mn_node either = mn_node_any();
  mn_group *group = mn_arena_take(c->arena, sizeof *group);
  if (!group) return mn_schema_memory(c);
  *group = (mn_group){MN_ANY_OF, 0, (uint32_t)all.n_others, all.others};
  either.groups = group;
  either.n_groups = 1;
  *out = mn_schema_make(c, &either);
  return *out == MN_NO_NODE ? mn_schema_memory(c) : MOON_OK;
}
