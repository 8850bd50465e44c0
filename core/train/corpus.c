/* corpus.c: gathering sequences, from memory or from JSON Lines.
**
** How: all ids lie one behind the other; weights come into being with the first that is not 1.
**   A file is mapped and read line by line, strictly.
** Invariant: every sequence has 2 .. longest ids, all >= 0; a file that fails in its last line
**   leaves nothing behind. Not here: order and batches (scripts/moonlet/train.lua), the
**   vocabulary's size (checked when a batch is computed).
*/
#include "core/train/corpus.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/size.h"

moon_status moon_corpus_new(moon_engine *engine, size_t longest, moon_corpus **corpus,
                            moon_error *err) {
  *corpus = NULL;
  if (longest < 2)
    return mn_fail(err, MOON_EARG, "the longest sequence is %zu ids; wants at least 2", longest);
  moon_corpus *c = mn_new_zero(&engine->alloc, sizeof *c);
  if (!c) return mn_fail_memory(err, "corpus", sizeof *c);
  c->longest = longest;
  c->largest = -1;
  c->engine = mn_engine_retain(engine);
  *corpus = c;
  return MOON_OK;
}

void moon_corpus_free(moon_corpus *c) {
  if (!c) return;
  moon_engine *engine = c->engine;
  mn_free(&engine->alloc, c->ids);
  mn_free(&engine->alloc, c->weights);
  mn_free(&engine->alloc, c->borders);
  mn_free(&engine->alloc, c);
  moon_engine_close(engine);
}

/* *array gets room for `more` items behind `size`; *room follows. */
static moon_status grow(const mn_alloc *alloc, void *array, size_t item, size_t size, size_t more,
                        size_t *room, moon_error *err) {
  void **block = array;
  size_t wanted, bytes;
  if (!mn_size_add(size, more, &wanted)) wanted = SIZE_MAX;
  if (*block && wanted <= *room) return MOON_OK;
  if (wanted < *room + *room / 2) wanted = *room + *room / 2;
  if (wanted < 1024) wanted = 1024;
  if (!mn_size_mul(wanted, item, &bytes)) bytes = SIZE_MAX;
  void *larger = mn_resize(alloc, *block, bytes);
  if (!larger) return mn_fail_memory(err, "corpus", bytes);
  *block = larger;
  *room = wanted;
  return MOON_OK;
}

static moon_status make_room(moon_corpus *c, size_t n, bool weighted, moon_error *err) {
  const mn_alloc *alloc = &c->engine->alloc;
  size_t room = c->room, weight_room = c->weights ? c->room : 0;
  size_t windows = n / (c->longest - 1) + 2;
  moon_status status = grow(alloc, &c->borders, sizeof *c->borders, c->count, windows,
                            &c->border_room, err);
  /* windows repeat one id each */
  if (status == MOON_OK)
    status = grow(alloc, &c->ids, sizeof *c->ids, c->size, n + windows, &room, err);
  if (status == MOON_OK && (weighted || c->weights)) {
    bool first = !c->weights;
    if (first || weight_room < room)
      status = grow(alloc, &c->weights, sizeof *c->weights, 0, room, &weight_room, err);
    for (size_t i = 0; status == MOON_OK && first && i < c->size; i++) c->weights[i] = 1;
  }
  if (status == MOON_OK) c->room = room;
  return status;
}

static bool all_ones(const float *weights, size_t n) {
  for (size_t i = 1; weights && i < n; i++)
    if (weights[i] != 1) return false;
  return true;
}

moon_status moon_corpus_add(moon_corpus *c, const int32_t *ids, const float *weights, size_t n,
                            moon_error *err) {
  if (n < 2) return mn_fail(err, MOON_EARG, "a sequence of %zu ids; wants at least 2", n);
  for (size_t i = 0; i < n; i++) {
    if (ids[i] < 0) return mn_fail(err, MOON_EARG, "id %zu is %d", i + 1, (int)ids[i]);
    if (weights && !(isfinite(weights[i]) && weights[i] >= 0))
      return mn_fail(err, MOON_EARG, "weight %zu is no number from 0 up", i + 1);
  }
  moon_status status = make_room(c, n, !all_ones(weights, n), err);
  if (status != MOON_OK) return status;
  c->borders[0] = 0;
  for (size_t first = 0; first + 1 < n; first += c->longest - 1) {
    size_t len = n - first < c->longest ? n - first : c->longest;
    memcpy(c->ids + c->size, ids + first, len * sizeof *ids);
    for (size_t i = 0; c->weights && i < len; i++)
      c->weights[c->size + i] = weights ? weights[first + i] : 1;
    c->size += len;
    c->borders[++c->count] = c->size;
  }
  for (size_t i = 0; i < n; i++)
    if (ids[i] > c->largest) c->largest = ids[i];
  return MOON_OK;
}

size_t moon_corpus_count(const moon_corpus *c) { return c->count; }

size_t moon_corpus_length(const moon_corpus *c, size_t i) {
  return i < c->count ? c->borders[i + 1] - c->borders[i] : 0;
}

double moon_corpus_weight(const moon_corpus *c, size_t i) {
  size_t n = moon_corpus_length(c, i);
  if (!c->weights || n == 0) return n == 0 ? 0 : (double)(n - 1);
  double sum = 0;
  for (size_t k = 1; k < n; k++) sum += (double)c->weights[c->borders[i] + k];
  return sum;
}

size_t moon_corpus_bytes(const moon_corpus *c) {
  return c->room * (sizeof *c->ids + (c->weights ? sizeof *c->weights : 0)) +
         c->border_room * sizeof *c->borders;
}

/* ---- JSON Lines ---- */

typedef struct lines {
  moon_corpus *corpus;
  const moon_model *model;
  mn_arena arena;
  const char *name;             /* "FILE:LINE", for sentences */
  moon_error *err;
} lines;

static moon_status add_ids(lines *l, const mn_json *ids, const mn_json *weights) {
  size_t n = ids->count;
  int32_t *numbers = mn_arena_take(&l->arena, n * sizeof *numbers + 1);
  float *of_each = mn_arena_take(&l->arena, n * sizeof *of_each + 1);
  if (!numbers || !of_each) return mn_fail_memory(l->err, "line", n * sizeof *numbers);
  const mn_json *item = ids->first;
  for (size_t i = 0; i < n; i++, item = item->next) {
    if (item->type != MN_JSON_INT || item->integer < 0 || item->integer > INT32_MAX)
      return mn_fail(l->err, MOON_EFORMAT, "%s: entry %zu of 'ids' is no token id", l->name, i + 1);
    numbers[i] = (int32_t)item->integer;
  }
  if (weights && (weights->type != MN_JSON_ARRAY || weights->count != n))
    return mn_fail(l->err, MOON_EFORMAT, "%s: 'weights' wants %zu numbers, as many as 'ids'",
                   l->name, n);
  item = weights ? weights->first : NULL;
  for (size_t i = 0; weights && i < n; i++, item = item->next) {
    bool number = item->type == MN_JSON_INT || item->type == MN_JSON_NUMBER;
    if (!number)
      return mn_fail(l->err, MOON_EFORMAT, "%s: entry %zu of 'weights' is no number", l->name,
                     i + 1);
    of_each[i] = (float)item->number;
  }
  moon_status s = moon_corpus_add(l->corpus, numbers, weights ? of_each : NULL, n, l->err);
  return s == MOON_OK ? s : mn_fail_in(l->err, s == MOON_EARG ? MOON_EFORMAT : s, l->name);
}

static moon_status add_text(lines *l, const mn_json *text) {
  if (!l->model)
    return mn_fail(l->err, MOON_EARG, "%s: has 'text', and no model was given to encode it",
                   l->name);
  const moon_config *config = moon_model_config(l->model);
  size_t cap = text->text_len + 16, n;
  int32_t *ids = mn_arena_take(&l->arena, (cap + 1) * sizeof *ids);
  if (!ids) return mn_fail_memory(l->err, "line", cap * sizeof *ids);
  moon_status s = moon_model_encode(l->model, text->text, text->text_len, MOON_ENCODE_BOS, ids,
                                    cap, &n, l->err);
  if (s != MOON_OK) return mn_fail_in(l->err, s, l->name);
  if (n > cap) return mn_fail(l->err, MOON_EFORMAT, "%s: too many tokens", l->name);
  if (config->n_eos > 0) ids[n++] = config->eos_token_id[0];
  s = moon_corpus_add(l->corpus, ids, NULL, n, l->err);
  return s == MOON_OK ? s : mn_fail_in(l->err, s == MOON_EARG ? MOON_EFORMAT : s, l->name);
}

static moon_status add_line(lines *l, const char *text, size_t len) {
  const mn_json *root;
  moon_status status = mn_json_parse(&l->arena, text, len, l->name, &root, l->err);
  if (status != MOON_OK) return status;
  if (root->type != MN_JSON_OBJECT)
    return mn_fail(l->err, MOON_EFORMAT, "%s: wants a JSON object", l->name);
  const mn_json *ids = mn_json_get(root, "ids"), *words = mn_json_get(root, "text");
  if (ids && ids->type == MN_JSON_ARRAY) return add_ids(l, ids, mn_json_get(root, "weights"));
  if (words && words->type == MN_JSON_STRING) return add_text(l, words);
  return mn_fail(l->err, MOON_EFORMAT, "%s: wants 'ids', an array, or 'text', a string", l->name);
}

moon_status moon_corpus_read(moon_corpus *corpus, const char *path, const moon_model *model,
                             moon_error *err) {
  moon_corpus before = *corpus;
  mn_map map;
  moon_status status = mn_map_open(path, &map, err);
  if (status != MOON_OK) return status;
  const char *text = (const char *)map.bytes;
  size_t at = 0;
  for (size_t line = 1; status == MOON_OK && at < map.size; line++) {
    const char *end = memchr(text + at, '\n', map.size - at);
    size_t len = end ? (size_t)(end - text) - at : map.size - at;
    char name[400];
    snprintf(name, sizeof name, "%.360s:%zu", path, line);
    lines l = {.corpus = corpus, .model = model, .name = name, .err = err};
    mn_arena_growing(&l.arena, corpus->engine->alloc, SIZE_MAX);
    size_t blank = 0;
    while (blank < len && memchr(" \t\r", text[at + blank], 3)) blank++;
    if (blank < len) status = add_line(&l, text + at, len);
    mn_arena_free(&l.arena);
    at += len + 1;
  }
  mn_map_close(&map);
  if (status != MOON_OK) {
    corpus->size = before.size;
    corpus->count = before.count;
    corpus->largest = before.largest;
  }
  return status;
}
