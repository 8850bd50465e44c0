/* constraint.c: the public face: constraints are compiled and shared, matchers walk. */
#include "core/constrain/constraint.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"

enum { MOST_COMPILED = 64 << 20, MOST_IDLE = 32 << 20 };

moon_constraint_options moon_constraint_defaults(void) {
  return (moon_constraint_options){.whitespace = MOON_SPACE_INDENT, .formats = true};
}

/* ---- constraints ---- */

static moon_status constraint_new(moon_model *model, mn_kind kind, moon_constraint **out,
                                  moon_error *err) {
  *out = NULL;
  const mn_vocabulary *vocabulary;
  moon_status status = mn_vocabulary_of(model, &vocabulary, err);
  if (status != MOON_OK) return status;
  moon_constraint *c = mn_new_zero(&model->engine->alloc, sizeof *c);
  if (!c) return mn_fail_memory(err, "constraint", sizeof *c);
  atomic_init(&c->owners, 1);
  atomic_init(&c->idle, NULL);
  c->model = moon_model_retain(model);
  c->vocabulary = vocabulary;
  c->kind = kind;
  mn_arena_growing(&c->arena, model->engine->alloc, MOST_COMPILED);
  *out = c;
  return MOON_OK;
}

/* A first runner shows whether the constraint can be met at all, and waits for a matcher. */
static moon_status constraint_ready(moon_constraint *c, moon_status status,
                                    moon_constraint **out, moon_error *err) {
  mn_runner *first = NULL;
  if (status == MOON_OK) status = mn_runner_new(c, &first, err);
  atomic_store(&c->idle, first);
  *out = status == MOON_OK ? c : NULL;
  if (status != MOON_OK) moon_constraint_free(c);
  return status;
}

moon_status moon_constraint_schema(moon_model *model, const char *json, size_t len,
                                   const moon_constraint_options *options,
                                   moon_constraint **out, moon_error *err) {
  moon_constraint_options defaults = moon_constraint_defaults();
  if (!options) options = &defaults;
  moon_constraint *c;
  moon_status status = constraint_new(model, MN_BY_SCHEMA, &c, err);
  if (status != MOON_OK) return *out = NULL, status;
  c->whitespace = (int)options->whitespace;
  status = mn_schema_compile(&c->arena, json, len, options, &c->schema, err);
  return constraint_ready(c, status, out, err);
}

moon_status moon_constraint_regex(moon_model *model, const char *pattern, size_t len,
                                  moon_constraint **out, moon_error *err) {
  moon_constraint *c;
  moon_status status = constraint_new(model, MN_BY_DFA, &c, err);
  if (status != MOON_OK) return *out = NULL, status;
  status = mn_regex_compile(&c->arena, pattern, len, MN_REGEX_WHOLE, &c->dfa, err);
  if (status == MOON_OK && c->dfa->first == 0)
    status = mn_fail(err, MOON_EARG, "regular expression: nothing matches it");
  return constraint_ready(c, status, out, err);
}

moon_status moon_constraint_choices(moon_model *model, const char *const *texts,
                                    const size_t *lens, size_t n, moon_constraint **out,
                                    moon_error *err) {
  *out = NULL;
  if (n == 0) return mn_fail(err, MOON_EARG, "choices: the list is empty");
  moon_constraint *c;
  moon_status status = constraint_new(model, MN_BY_DFA, &c, err);
  if (status != MOON_OK) return status;
  mn_word *words = n <= MOST_COMPILED / sizeof *words
                       ? mn_arena_take(&c->arena, n * sizeof *words) : NULL;
  if (!words) status = mn_fail_memory(err, "choices", n);
  size_t kept = 0;
  for (size_t i = 0; i < n && words; i++) words[i] = (mn_word){texts[i], lens[i]};
  if (words) qsort(words, n, sizeof *words, mn_word_order);
  for (size_t i = 0; i < n && words; i++)
    if (kept == 0 || mn_word_order(&words[kept - 1], &words[i]) != 0) words[kept++] = words[i];
  if (status == MOON_OK) status = mn_dfa_words(&c->arena, words, kept, &c->dfa, err);
  return constraint_ready(c, status, out, err);
}

moon_status moon_constraint_gbnf(moon_model *model, const char *grammar, size_t len,
                                 moon_constraint **out, moon_error *err) {
  moon_constraint *c;
  moon_status status = constraint_new(model, MN_BY_GRAMMAR, &c, err);
  if (status != MOON_OK) return *out = NULL, status;
  status = mn_gbnf_parse(&c->arena, grammar, len, &c->grammar, err);
  return constraint_ready(c, status, out, err);
}

moon_constraint *moon_constraint_retain(moon_constraint *c) {
  atomic_fetch_add_explicit(&c->owners, 1, memory_order_relaxed);
  return c;
}

void moon_constraint_free(moon_constraint *c) {
  if (!c || atomic_fetch_sub_explicit(&c->owners, 1, memory_order_acq_rel) != 1) return;
  mn_runner_free(c, atomic_load(&c->idle));
  mn_arena_free(&c->arena);
  moon_model *model = c->model;
  mn_free(&model->engine->alloc, c);
  moon_model_close(model);
}

/* ---- matchers ---- */

static moon_status matcher_make(moon_constraint *c, mn_runner *runner, moon_matcher **out,
                                moon_error *err) {
  moon_matcher *m = mn_new_zero(&c->arena.alloc, sizeof *m);
  *out = m;
  if (!m) return mn_fail_memory(err, "matcher", sizeof *m);
  runner->owners++;
  m->constraint = moon_constraint_retain(c);
  m->runner = runner;
  m->at = runner->start;
  return MOON_OK;
}

moon_status moon_matcher_new(moon_constraint *c, moon_matcher **out, moon_error *err) {
  *out = NULL;
  mn_runner *runner = atomic_exchange(&c->idle, NULL);
  moon_status status = runner ? MOON_OK : mn_runner_new(c, &runner, err);
  if (status == MOON_OK) status = matcher_make(c, runner, out, err);
  if (status != MOON_OK) mn_runner_free(c, runner);
  return status;
}

moon_status moon_matcher_copy(const moon_matcher *m, moon_matcher **out, moon_error *err) {
  moon_status status = matcher_make(m->constraint, m->runner, out, err);
  if (status != MOON_OK) return status;
  (*out)->at = m->at;
  (*out)->ended = m->ended;
  if (m->lead_len > 0) status = moon_matcher_lead(*out, m->lead, m->lead_len, err);
  if (status != MOON_OK) moon_matcher_free(*out), *out = NULL;
  return status;
}

void moon_matcher_free(moon_matcher *m) {
  if (!m) return;
  moon_constraint *c = m->constraint;
  mn_runner *r = m->runner, *none = NULL;
  mn_alloc alloc = c->arena.alloc;
  mn_free(&alloc, m->lead);
  mn_free(&alloc, m);
  if (--r->owners == 0) {
    bool keep = mn_runner_bytes(r) < MOST_IDLE && mn_runner_status(r, NULL) == MOON_OK;
    if (!keep || !atomic_compare_exchange_strong(&c->idle, &none, r)) mn_runner_free(c, r);
  }
  moon_constraint_free(c);
}

const moon_model *moon_matcher_model(const moon_matcher *m) { return m->constraint->model; }

moon_status moon_matcher_lead(moon_matcher *m, const char *text, size_t len, moon_error *err) {
  const mn_alloc *alloc = &m->constraint->arena.alloc;
  size_t all;
  if (m->ended) return mn_fail(err, MOON_EARG, "matcher: the text has ended, nothing can come");
  if (len == 0) return MOON_OK;
  if (!mn_size_add(len, m->lead_len, &all)) all = SIZE_MAX;
  char *lead = mn_new(alloc, all);
  if (!lead) return mn_fail_memory(err, "matcher", all);
  memcpy(lead, text, len);
  if (m->lead_len > 0) memcpy(lead + len, m->lead, m->lead_len);
  mn_free(alloc, m->lead);
  m->lead = lead;
  m->lead_len = all;
  return MOON_OK;
}

bool moon_matcher_is_complete(moon_matcher *m) {
  return m->lead_len == 0 && (m->ended || mn_runner_complete(m->constraint, m->runner, &m->at));
}

moon_status moon_matcher_mask(moon_matcher *m, uint32_t *bits, moon_error *err) {
  const mn_vocabulary *v = m->constraint->vocabulary;
  memset(bits, 0, v->words * sizeof *bits);
  if (m->lead_len > 0) {
    mn_lead_mask(m, bits);
  } else if (!m->ended) {
    const uint32_t *mask = mn_runner_mask(m->constraint, m->runner, &m->at);
    if (!mask) return mn_fail_memory(err, "mask", v->words * sizeof *bits);
    moon_status status = mn_runner_status(m->runner, err);
    if (status != MOON_OK) return status;
    memcpy(bits, mask, v->words * sizeof *bits);
  }
  if (moon_matcher_is_complete(m))
    for (int32_t i = 0; i < v->n_eos; i++)
      bits[v->eos[i] >> 5] |= UINT32_C(1) << (v->eos[i] & 31);
  return mn_runner_status(m->runner, err);
}

moon_status moon_matcher_accept_bytes(moon_matcher *m, const char *text, size_t len,
                                      moon_error *err) {
  mn_cursor at = m->at;
  size_t led = len < m->lead_len ? len : m->lead_len;
  for (size_t i = 0; i < len; i++) {
    if (i < led ? text[i] == m->lead[i]
                : !m->ended && mn_runner_step(m->constraint, m->runner, &at, (uint8_t)text[i], &at))
      continue;
    moon_status status = mn_runner_status(m->runner, err);
    if (status != MOON_OK) return status;
    return mn_fail(err, MOON_EARG, "constraint: byte 0x%02x, %zu bytes on, is not allowed",
                   (uint8_t)text[i], i);
  }
  m->at = at;
  m->lead_len -= led;
  if (led > 0) memmove(m->lead, m->lead + led, m->lead_len);
  return MOON_OK;
}

moon_status moon_matcher_accept(moon_matcher *m, int32_t id, moon_error *err) {
  const moon_model *model = m->constraint->model;
  if (moon_model_is_eos(model, id)) {
    if (!moon_matcher_is_complete(m))
      return mn_fail(err, MOON_EARG, "constraint: the text is not complete yet");
    m->ended = true;
    return MOON_OK;
  }
  size_t len;
  mn_piece_kind kind = mn_tokenizer_kind(model->tokenizer, id);
  const char *text = moon_model_piece(model, id, &len);
  bool plain = text && len > 0 && (kind == MN_PIECE_NORMAL || kind == MN_PIECE_BYTE);
  if (!plain) return mn_fail(err, MOON_EARG, "constraint: token %d is no text", (int)id);
  return moon_matcher_accept_bytes(m, text, len, err);
}
