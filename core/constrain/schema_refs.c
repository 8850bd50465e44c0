/* schema_refs.c: where a $ref leads inside one document.
**
** How: one walk over the document notes every $id (a resource with a URI of its own), every
** anchor, and of every object which resource it is in. A reference is resolved against its
** resource's URI; what names a document that is not here is refused. Only values of keywords that
** hold schemas are walked: an $id elsewhere is data. */
#include <string.h>

#include "core/constrain/schema.h"

typedef struct span { const char *at; size_t len; } span;

/* ---- URIs: as much of RFC 3986 as identifiers use ---- */

static size_t scheme_len(span u) {
  for (size_t i = 0; i < u.len; i++) {
    char c = u.at[i];
    if (c == ':') return i;
    if (c == '/' || c == '?' || c == '#') return 0;
  }
  return 0;
}

/* Bytes up to the path: "http://host". */
static size_t origin_len(span u) {
  size_t i = scheme_len(u);
  if (i) i++;
  if (u.len >= i + 2 && u.at[i] == '/' && u.at[i + 1] == '/')
    for (i += 2; i < u.len && u.at[i] != '/'; i++) {}
  return i;
}

static span join(mn_compiler *c, span a, span b) {
  char *text = mn_arena_take(c->scratch, a.len + b.len + 1);
  if (!text) return (span){NULL, 0};
  if (a.len > 0) memcpy(text, a.at, a.len);
  if (b.len > 0) memcpy(text + a.len, b.at, b.len);
  return (span){text, a.len + b.len};
}

static span resolve(mn_compiler *c, span base, span ref) {
  if (ref.len == 0) return base;
  if (scheme_len(ref)) return ref;
  size_t origin = origin_len(base), keep = base.len;
  if (ref.at[0] == '/') return join(c, (span){base.at, origin}, ref);
  while (keep > origin && base.at[keep - 1] != '/') keep--;
  while (ref.len >= 2 && ref.at[0] == '.') {
    if (ref.at[1] == '/') {
      ref = (span){ref.at + 2, ref.len - 2};
    } else if (ref.len >= 3 && ref.at[1] == '.' && ref.at[2] == '/') {
      ref = (span){ref.at + 3, ref.len - 3};
      if (keep > origin) keep--;
      while (keep > origin && base.at[keep - 1] != '/') keep--;
    } else {
      break;
    }
  }
  return join(c, (span){base.at, keep}, ref);
}

static span before_fragment(span u, span *fragment) {
  *fragment = (span){"", 0};
  for (size_t i = 0; i < u.len; i++)
    if (u.at[i] == '#') {
      *fragment = (span){u.at + i + 1, u.len - i - 1};
      return (span){u.at, i};
    }
  return u;
}

/* ---- the walk ---- */

static span text_of(const mn_json *json) {
  return json && json->type == MN_JSON_STRING ? (span){json->text, json->text_len}
                                              : (span){NULL, 0};
}

static moon_status note_anchor(mn_compiler *c, span name, uint32_t resource, const mn_json *at,
                               bool dynamic) {
  if (!name.at) return MOON_OK;
  if (c->n_anchors == MN_MOST_RESOURCES) return mn_refuse(c, at, "$anchor", "there are too many");
  c->anchors[c->n_anchors++] = (mn_anchor){name.at, name.len, resource, at, dynamic};
  return MOON_OK;
}

static moon_status walk(mn_compiler *c, const mn_json *at, uint32_t resource);

static moon_status walk_object(mn_compiler *c, const mn_json *at, uint32_t resource) {
  span id = text_of(mn_json_get(at, c->draft == MN_DRAFT4 ? "id" : "$id"));
  bool hidden = c->draft <= MN_DRAFT7 && mn_json_get(at, "$ref");
  if (id.at && !hidden) {
    span base = {c->resources[resource].uri, c->resources[resource].len}, fragment;
    span own = before_fragment(id, &fragment);
    if (own.len > 0) {
      span uri = resolve(c, base, own);
      if (!uri.at) return mn_schema_memory(c);
      if (c->n_resources == MN_MOST_RESOURCES)
        return mn_refuse(c, at, "$id", "there are too many");
      resource = c->n_resources++;
      c->resources[resource] = (mn_resource){uri.at, uri.len, at};
    }
    if (fragment.len > 0 && c->draft <= MN_DRAFT7) {
      moon_status status = note_anchor(c, fragment, resource, at, false);
      if (status != MOON_OK) return status;
    }
  }
  moon_status status = note_anchor(c, text_of(mn_json_get(at, "$anchor")), resource, at, false);
  if (status == MOON_OK)
    status = note_anchor(c, text_of(mn_json_get(at, "$dynamicAnchor")), resource, at, true);
  uint32_t place = mn_intern_put(&c->places, &at, sizeof at);
  if (place == MN_NO_ID) return mn_schema_memory(c);
  c->places.entries[place].tag = resource;
  for (const mn_json *child = at->first; child && status == MOON_OK; child = child->next)
    status = walk(c, child, resource);
  return status;
}

/* A keyword's value: a schema, a list of them, or an object of them. */
static moon_status walk(mn_compiler *c, const mn_json *at, uint32_t resource) {
  static const char *const schemas[] = {"additionalProperties", "additionalItems", "items",
    "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "allOf", "anyOf", "oneOf", "prefixItems"};
  static const char *const maps[] = {"properties", "patternProperties", "$defs", "definitions",
    "dependentSchemas", "dependencies"};
  bool schema = false, map = false;
  for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
    schema |= strcmp(at->key, schemas[i]) == 0;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) map |= strcmp(at->key, maps[i]) == 0;
  if (schema && at->type == MN_JSON_OBJECT) return walk_object(c, at, resource);
  moon_status status = MOON_OK;
  if ((schema && at->type == MN_JSON_ARRAY) || (map && at->type == MN_JSON_OBJECT))
    for (const mn_json *child = at->first; child && status == MOON_OK; child = child->next)
      if (child->type == MN_JSON_OBJECT) status = walk_object(c, child, resource);
  return status;
}

moon_status mn_refs_scan(mn_compiler *c, const mn_json *root) {
  c->resources[0] = (mn_resource){"", 0, root};
  c->n_resources = 1;
  return root->type == MN_JSON_OBJECT ? walk_object(c, root, 0) : MOON_OK;
}

/* ---- finding ---- */

static int hex(char c) {
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 87 : -1;
}

/* One step of a JSON pointer: %xx, then ~1 and ~0. */
static span unescape(mn_compiler *c, span part) {
  char *text = mn_arena_take(c->scratch, part.len + 1);
  size_t n = 0;
  for (size_t i = 0; text && i < part.len; i++) {
    char byte = part.at[i];
    if (byte == '%' && i + 2 < part.len && hex(part.at[i + 1]) >= 0 && hex(part.at[i + 2]) >= 0) {
      byte = (char)(hex(part.at[i + 1]) * 16 + hex(part.at[i + 2]));
      i += 2;
    }
    bool tilde = n > 0 && text[n - 1] == '~' && (byte == '0' || byte == '1');
    if (tilde) text[n - 1] = byte == '1' ? '/' : '\x01';
    else text[n++] = byte;
  }
  for (size_t i = 0; text && i < n; i++)
    if (text[i] == '\x01') text[i] = '~';
  return (span){text, text ? n : 0};
}

static const mn_json *child_of(const mn_json *at, span name) {
  size_t index = 0;
  bool number = name.len > 0 && name.len < 9;
  for (size_t i = 0; i < name.len; i++) {
    number &= name.at[i] >= '0' && name.at[i] <= '9';
    if (number) index = index * 10 + (size_t)(name.at[i] - '0');
  }
  size_t i = 0;
  for (const mn_json *child = at->first; child; child = child->next, i++) {
    if (at->type == MN_JSON_ARRAY && number && i == index) return child;
    if (at->type == MN_JSON_OBJECT && child->key_len == name.len &&
        memcmp(child->key, name.at, name.len) == 0)
      return child;
  }
  return NULL;
}

static const mn_json *follow(mn_compiler *c, const mn_json *at, span pointer) {
  size_t i = 0;
  while (at && i < pointer.len) {
    size_t first = ++i;
    while (i < pointer.len && pointer.at[i] != '/') i++;
    span name = unescape(c, (span){pointer.at + first, i - first});
    if (!name.at) return NULL;
    at = child_of(at, name);
  }
  return at;
}

static bool same(span a, const char *text, size_t len) {
  return a.len == len && (len == 0 || memcmp(a.at, text, len) == 0);
}

/* The schema's own URI without its empty fragment, or a resource's. */
static const mn_resource *find_resource(const mn_compiler *c, span uri) {
  for (uint32_t i = c->n_resources; i-- > 0;)
    if (same(uri, c->resources[i].uri, c->resources[i].len)) return &c->resources[i];
  return NULL;
}

moon_status mn_refs_find(mn_compiler *c, const mn_json *from, const mn_json *ref,
                         const mn_json **target) {
  *target = NULL;
  if (ref->type != MN_JSON_STRING) return mn_refuse(c, ref, "$ref", "is not a string");
  uint32_t place = mn_intern_put(&c->places, &from, sizeof from);
  if (place == MN_NO_ID) return mn_schema_memory(c);
  const mn_resource *resource = &c->resources[c->places.entries[place].tag];
  span fragment, uri = before_fragment((span){ref->text, ref->text_len}, &fragment);
  if (uri.len > 0) {
    uri = resolve(c, (span){resource->uri, resource->len}, uri);
    if (!uri.at) return mn_schema_memory(c);
    resource = find_resource(c, uri);
    if (!resource) return mn_refuse(c, ref, "$ref", "leads to another document");
  }
  if (fragment.len == 0 || fragment.at[0] == '/') {
    *target = follow(c, resource->root, fragment);
  } else {
    uint32_t index = (uint32_t)(resource - c->resources);
    for (uint32_t i = 0; i < c->n_anchors; i++)
      if (c->anchors[i].resource == index && same(fragment, c->anchors[i].name, c->anchors[i].len))
        *target = c->anchors[i].at;
  }
  if (!*target) return mn_refuse(c, ref, "$ref", "leads nowhere");
  if ((*target)->type != MN_JSON_OBJECT && (*target)->type != MN_JSON_BOOL)
    return mn_refuse(c, ref, "$ref", "leads to something that is no schema");
  return MOON_OK;
}
