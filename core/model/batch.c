/* batch.c: memory for rows in work. */
#include "core/model/batch.h"

#include <string.h>

#include "core/base/size.h"

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

void mn_batch_pieces(mn_batch *b, mn_piece pieces[MN_BATCH_PIECES]) {
  const moon_config *c = &b->model->config;
  const moon_engine *e = b->model->engine;
  size_t D = (size_t)c->hidden_size, K = (size_t)c->head_dim, F = (size_t)c->intermediate_size;
  size_t H = (size_t)c->num_attention_heads, G = (size_t)c->num_key_value_heads;
  size_t T = b->most, tile = T < MN_TOKEN_TILE ? T : MN_TOKEN_TILE, f = sizeof(float);
  size_t linear = mn_linear_scratch(e, larger(larger(F, D), H * K), T);
  size_t spans = (b->positions + MK_SPAN - 1) / MK_SPAN;
  size_t workers = (size_t)mn_pool_workers(e->pool);
  b->parts = larger(workers, spans);
  const mn_piece list[MN_BATCH_PIECES] = {
      {&b->rows, sizeof *b->rows, {T}}, {&b->tiles, sizeof *b->tiles, {T}},
      {&b->x, f, {T, D}}, {&b->h, f, {T, D}},
      {&b->q, f, {T, H, K}}, {&b->mixed, f, {T, H, K}},
      {&b->k_new, f, {T, G, K}}, {&b->v_new, f, {T, G, K}},
      {&b->gate, f, {T, F}}, {&b->up, f, {T, F}},
      {&b->cos, f, {T, K / 2}}, {&b->sin, f, {T, K / 2}},
      {&b->linear, f, {linear}},
      {&b->part, f, {b->parts, tile, H, K}}, {&b->mass, sizeof *b->mass, {2, b->parts, tile, H}},
      {&b->wide, f, {b->widest, workers}},
  };
  memcpy(pieces, list, sizeof list);
}

static bool bytes_of(const mn_piece *p, size_t *bytes) {
  int n = 0;
  while (n < 5 && p->dims[n] != 0) n++;
  return mn_size_product(p->dims, n, bytes) && mn_size_mul(*bytes, p->size, bytes) &&
         mn_size_align(*bytes, MN_ALIGN, bytes);
}

moon_status mn_pieces_bytes(const mn_piece *pieces, size_t n, const char *what, size_t *total,
                            moon_error *err) {
  size_t bytes;
  *total = 0;
  for (size_t i = 0; i < n; i++)
    if (!bytes_of(&pieces[i], &bytes) || !mn_size_add(*total, bytes, total))
      return mn_fail(err, MOON_EARG, "the memory of a %s does not fit any address space", what);
  return MOON_OK;
}

moon_status mn_lay_out(mn_arena *arena, const mn_alloc *alloc, const mn_piece *pieces, size_t n,
                       const char *what, moon_error *err) {
  size_t total, bytes;
  moon_status status = mn_pieces_bytes(pieces, n, what, &total, err);
  if (status != MOON_OK) return status;
  if (!mn_arena_fixed(arena, *alloc, total)) return mn_fail_memory(err, what, total);
  for (size_t i = 0; i < n; i++) {
    if (!bytes_of(&pieces[i], &bytes)) continue;
    void *array = mn_arena_take(arena, bytes);
    memcpy(pieces[i].where, &array, sizeof array);
  }
  return MOON_OK;
}
