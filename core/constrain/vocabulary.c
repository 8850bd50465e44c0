/* vocabulary.c: sorting the pieces, laying out the trie, and once for all the tokens that fit
** inside a JSON string, because that is where most masks are asked for. */
#include "core/constrain/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "core/constrain/escape.h"
#include "core/constrain/machine.h"

typedef struct piece { mn_word word; int32_t id; } piece;

static int order_pieces(const void *a, const void *b) {
  const piece *x = a, *y = b;
  int order = mn_word_order(&x->word, &y->word);
  return order ? order : x->id - y->id;
}

static uint32_t gather(const moon_model *m, piece *pieces) {
  uint32_t n = 0;
  for (int32_t id = 0; id < m->config.vocab_size; id++) {
    mn_piece_kind kind = mn_tokenizer_kind(m->tokenizer, id);
    if (id >= mn_tokenizer_count(m->tokenizer)) break;
    if (kind != MN_PIECE_NORMAL && kind != MN_PIECE_BYTE) continue;
    if (moon_model_is_eos(m, id)) continue;
    size_t len;
    const char *text = mn_tokenizer_piece(m->tokenizer, id, &len);
    if (len > 0) pieces[n++] = (piece){{text, len}, id};
  }
  return n;
}

/* path[d] is the open node of depth d. */
static void lay_out(mn_vocabulary *v, const piece *pieces, uint32_t n, uint32_t *path) {
  uint32_t depth = 0;
  v->nodes[0] = (mn_trie_node){0};
  v->n_nodes = 1;
  path[0] = 0;
  for (uint32_t i = 0; i < n; i++) {
    const mn_word *w = &pieces[i].word;
    uint32_t same = 0;
    while (same < depth && same < w->len && v->nodes[path[same + 1]].byte == (uint8_t)w->text[same])
      same++;
    while (depth > same) v->nodes[path[depth--]].end = v->n_nodes;
    while (depth < w->len) {
      mn_trie_node *node = &v->nodes[v->n_nodes];
      *node = (mn_trie_node){.depth = (uint16_t)(depth + 1), .byte = (uint8_t)w->text[depth],
                             .first = i};
      path[++depth] = v->n_nodes++;
    }
    v->nodes[path[depth]].n++;
    v->tokens[i] = pieces[i].id;
    if (depth > v->depth) v->depth = depth;
  }
  while (depth > 0) v->nodes[path[depth--]].end = v->n_nodes;
  v->nodes[0].end = v->n_nodes;
}

/* ---- inside a string ---- */

static moon_status find_inside(mn_vocabulary *v, mn_alloc alloc, moon_error *err) {
  mn_node *any = mn_arena_take(&v->arena, sizeof *any);
  v->exits = mn_arena_take(&v->arena, v->n_nodes * sizeof *v->exits);
  mn_cursor *at = mn_arena_take(&v->arena, (v->depth + 2) * sizeof *at);
  if (!any || !v->exits || !at) return mn_fail_memory(err, "vocabulary", v->n_nodes);
  *any = mn_node_any();
  any->texts.most = UINT32_MAX - 1;    /* so that characters are counted */
  v->any = (mn_schema){.nodes = any, .n_nodes = 1};
  mn_run run;
  moon_status status = mn_run_begin(&run, alloc, &v->any, MOON_SPACE_NONE, &at[0], err);
  if (status == MOON_OK && !mn_run_step(&run, &at[0], '"', &at[0]))
    status = mn_fail_memory(err, "vocabulary", 0);
  for (uint32_t i = 1; i < v->n_nodes && status == MOON_OK;) {
    const mn_trie_node *node = &v->nodes[i];
    const mn_cursor *before = &at[node->depth - 1];
    mn_cursor *after = &at[node->depth];
    if (!mn_run_step(&run, before, node->byte, after)) {
      i = node->end;
    } else if (after->stand != MN_IN_STRING) {
      v->exits[v->n_exits++] = (mn_exit){i, before->count};
      i = node->end;
    } else {
      /* A half-read escape will be a character too. */
      uint32_t length = after->count + (after->escape >= E_BACKSLASH);
      if (length > v->longest && node->n) v->longest = length;
      uint32_t least = length < MN_LENGTHS - 1 ? length : MN_LENGTHS - 1;
      for (uint32_t t = 0; t < node->n; t++)
        for (uint32_t k = least; k < MN_LENGTHS; k++) {
          int32_t id = v->tokens[node->first + t];
          v->inside[k][id >> 5] |= UINT32_C(1) << (id & 31);
        }
      i++;
    }
  }
  if (status == MOON_OK && run.status != MOON_OK) status = mn_fail(err, run.status, "%s", run.why);
  mn_run_end(&run);
  return status;
}

static moon_status build(const moon_model *m, mn_vocabulary *v, moon_error *err) {
  mn_alloc alloc = m->engine->alloc;
  mn_arena scratch;
  mn_arena_growing(&scratch, alloc, SIZE_MAX);
  size_t count = (size_t)m->config.vocab_size, bytes = 1;
  piece *pieces = mn_arena_take(&scratch, count * sizeof *pieces);
  moon_status status = pieces ? MOON_OK : mn_fail_memory(err, "vocabulary", count);
  uint32_t n = pieces ? gather(m, pieces) : 0;
  if (n > 0) qsort(pieces, n, sizeof *pieces, order_pieces);
  for (uint32_t i = 0; i < n; i++) bytes += pieces[i].word.len;
  v->words = (uint32_t)((count + 31) / 32);
  v->nodes = mn_arena_take(&v->arena, bytes * sizeof *v->nodes);
  v->tokens = mn_arena_take(&v->arena, (n + 1) * sizeof *v->tokens);
  uint32_t *path = mn_arena_take(&scratch, 66000 * sizeof *path);
  bool ok = v->nodes && v->tokens && path;
  for (int k = 0; k < MN_LENGTHS && ok; k++) {
    v->inside[k] = mn_arena_take(&v->arena, v->words * sizeof *v->inside[k]);
    ok = v->inside[k] != NULL;
    if (ok) memset(v->inside[k], 0, v->words * sizeof *v->inside[k]);
  }
  if (status == MOON_OK && !ok) status = mn_fail_memory(err, "vocabulary", bytes);
  if (status == MOON_OK) {
    lay_out(v, pieces, n, path);
    for (int32_t id = 0; id < m->config.vocab_size && v->n_eos < MOON_MAX_EOS; id++)
      if (moon_model_is_eos(m, id)) v->eos[v->n_eos++] = id;
    status = find_inside(v, alloc, err);
  }
  mn_arena_free(&scratch);
  return status;
}

static void release(void *object) {
  mn_vocabulary *v = object;
  mn_alloc alloc = v->arena.alloc;
  mn_arena_free(&v->arena);
  mn_free(&alloc, v);
}

moon_status mn_vocabulary_of(const moon_model *model, const mn_vocabulary **vocabulary,
                             moon_error *err) {
  /* A model's vocabulary is made once; of two threads that make it the slower one yields. */
  moon_model *m = (moon_model *)model;
  *vocabulary = NULL;
  if (!m->tokenizer)
    return mn_fail(err, MOON_ESUPPORT, "constraint: the model has no tokenizer");
  mn_companion *found = atomic_load(&m->companion);
  if (!found) {
    mn_vocabulary *v = mn_new_zero(&m->engine->alloc, sizeof *v);
    mn_companion *made = mn_new(&m->engine->alloc, sizeof *made);
    moon_status status = v && made ? MOON_OK : mn_fail_memory(err, "vocabulary", sizeof *v);
    if (v) mn_arena_growing(&v->arena, m->engine->alloc, SIZE_MAX);
    if (status == MOON_OK) status = build(m, v, err);
    if (status != MOON_OK) {
      if (v) release(v);
      mn_free(&m->engine->alloc, made);
      return status;
    }
    *made = (mn_companion){v, release};
    if (atomic_compare_exchange_strong(&m->companion, &found, made)) {
      found = made;
    } else {
      release(v);
      mn_free(&m->engine->alloc, made);
    }
  }
  *vocabulary = found->object;
  return MOON_OK;
}

uint32_t mn_vocabulary_child(const mn_vocabulary *v, uint32_t node, char byte) {
  uint32_t i = node + 1, end = v->nodes[node].end;
  while (i < end && v->nodes[i].byte != (uint8_t)byte) i = v->nodes[i].end;
  return i < end ? i : MN_NO_NODE;
}
