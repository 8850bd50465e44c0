/* attend.c: attention of the rows in work over their caches.
**
** What: mixed = attention of q, tile by tile (batch.h) and K/V head by K/V head.
** How: a cache is taken span by span of MK_SPAN positions, each a softmax of its own with what it
**   weighs (mk_mass), and merged in the order of positions (as Dao et al. 2022, arXiv 2205.14135).
**   A task is a tile of one head; or, where these are too few for the workers, one long span of it,
**   and the caller merges.
** Invariant: spans begin at fixed positions and are merged in one order, so a row's result depends
**   neither on the tasks nor on its tile.
** Not here: what a cache looks like (cache.c). */
#include <math.h>

#include "core/base/pool.h"
#include "core/model/batch.h"

typedef struct attention {
  mn_batch *b;
  size_t slot, H, G, K, group;
  size_t per_head;              /* tasks for each head of a tile: 1 or long spans */
  size_t tasks;
  size_t room;                  /* rows in one part of b->part and b->mass */
} attention;

/* Rows of one tile that see some of one span. */
typedef struct view {
  const mn_tile *tile;
  size_t g, span, skip;         /* skip: rows of the tile that end before the span */
} view;

/* Positions that the tile's last row sees. */
static size_t seen_by(const mn_batch *b, const mn_tile *tile) {
  return b->rows[tile->first].position + tile->tokens;
}

static size_t spans_of(const mn_batch *b, const mn_tile *tile) {
  return (seen_by(b, tile) + MK_SPAN - 1) / MK_SPAN;
}

/* Without a last one that is short: it is not worth asking for, nor a task of its own. */
static size_t long_spans(const mn_batch *b, const mn_tile *tile) {
  size_t last = spans_of(b, tile) - 1;
  bool is_short = last > 0 && seen_by(b, tile) < last * MK_SPAN + MK_SPAN / 2;
  return is_short ? last : last + 1;
}

static view view_of(const attention *a, const mn_tile *tile, size_t g, size_t span) {
  size_t position = a->b->rows[tile->first].position, first = span * MK_SPAN;
  return (view){tile, g, span, first > position ? first - position : 0};
}

/* Of a task: the whole tile's first span, or the one that the task is. */
static view first_view(const attention *a, size_t task) {
  size_t head = task / a->per_head;
  return view_of(a, &a->b->tiles[head / a->G], head % a->G, task % a->per_head);
}

/* Of the tile's first row in an array (rows, H, K). */
static float *head_of(const attention *a, float *rows, size_t row, size_t g) {
  return rows + (row * a->H + g * a->group) * a->K;
}

/* (rows, group) of one head in a worker's or a span's part of b->mass. */
static mk_mass *mass_of(const attention *a, size_t part, size_t row, size_t g) {
  return a->b->mass + part * a->room * a->H + (g * a->room + row) * a->group;
}

/* What a worker reads after a long span of a task, counted from its head: the tile's next long span
** or next head, and after the last task of its share what it begins with in the next slot. */
static mk_ahead next_of(const attention *a, const view *v, size_t task, int worker) {
  const mk_ahead none = {0, 0};
  const mn_cache *cache = a->b->rows[v->tile->first].cache;
  view next = view_of(a, v->tile, v->g, v->span + 1);
  size_t heads = 0, seen = seen_by(a->b, v->tile);
  if (a->per_head > 1 || next.span == long_spans(a->b, v->tile)) {
    size_t end, first = mn_pool_share(a->b->model->engine->pool, a->tasks, worker, &end);
    if (task < first || task >= end) return none;               /* of another's share */
    bool last = task + 1 == end;
    next = first_view(a, last ? first : task + 1);
    heads = (last ? a->G : 0) + next.g - v->g;
  }
  size_t from = next.span * MK_SPAN;
  if (next.tile != v->tile || from >= seen) return none;
  if (a->slot * a->G + v->g + heads >= cache->heads) return none;
  mk_ahead ahead = {from, seen - from < MK_SPAN ? seen - from : MK_SPAN};
  ahead.first += heads * cache->positions;
  return ahead;
}

/* out, mass: of the tile's first row. */
static void attend_span(const attention *a, const view *v, size_t task, int worker, float *out,
                        mk_mass *mass) {
  const mn_row *row = &a->b->rows[v->tile->first + v->skip];
  size_t ld = a->H * a->K;
  bool is_long = v->span < long_spans(a->b, v->tile);
  mn_cache_attend(a->b->model->engine, row->cache, a->slot * a->G + v->g, v->span,
                  out + v->skip * ld, mass + v->skip * a->group,
                  head_of(a, a->b->q, v->tile->first + v->skip, v->g), ld,
                  v->tile->tokens - v->skip, a->group, row->position,
                  is_long ? next_of(a, v, task, worker) : (mk_ahead){0, 0},
                  a->b->wide + (size_t)worker * mn_cache_wide(row->cache));
}

/* Attention over further positions into that over earlier ones. */
static void merge(float *out, mk_mass *mass, const float *more, const mk_mass *more_mass,
                  size_t K) {
  float most = more_mass->most > mass->most ? more_mass->most : mass->most;
  float old = mass->sum * expf(mass->most - most);
  float new = more_mass->sum * expf(more_mass->most - most);
  *mass = (mk_mass){most, old + new};
  old /= mass->sum;
  new /= mass->sum;
  for (size_t i = 0; i < K; i++) out[i] = old * out[i] + new * more[i];
}

static void merge_span(const attention *a, const view *v, mk_mass *mass, const float *more,
                       const mk_mass *more_mass) {
  size_t ld = a->H * a->K;
  float *out = head_of(a, a->b->mixed, v->tile->first, v->g);
  for (size_t t = v->skip; t < v->tile->tokens; t++)
    for (size_t h = 0; h < a->group; h++) {
      size_t at = t * ld + h * a->K, i = t * a->group + h;
      merge(out + at, mass + i, more + at, more_mass + i, a->K);
    }
}

/* A tile's rows of one head, for a cache that wants it. A second turn undoes the first, so that who
** looks at queries afterwards sees them as they were. */
static void turn(const attention *a, const mn_tile *tile, size_t g, float *rows) {
  if (!mn_cache_turned(a->b->rows[tile->first].cache)) return;
  for (size_t t = tile->first; t < tile->first + tile->tokens; t++)
    a->b->model->engine->kernels.hadamard(head_of(a, rows, t, g), a->group, a->K);
}

/* ---- a task for each tile of a head ---- */

static void tile_task(void *context, size_t task, int worker) {
  const attention *a = context;
  view v = first_view(a, task);
  size_t w = (size_t)worker;
  mk_mass *mass = mass_of(a, w, 0, 0), *more_mass = mass_of(a, a->b->parts + w, 0, 0);
  float *more = a->b->part + w * a->room * a->H * a->K;
  turn(a, v.tile, v.g, a->b->q);
  attend_span(a, &v, task, worker, head_of(a, a->b->mixed, v.tile->first, v.g), mass);
  for (size_t span = 1; span < spans_of(a->b, v.tile); span++) {
    v = view_of(a, v.tile, v.g, span);
    attend_span(a, &v, task, worker, more, more_mass);
    merge_span(a, &v, mass, more, more_mass);
  }
  turn(a, v.tile, v.g, a->b->q);
  turn(a, v.tile, v.g, a->b->mixed);
}

/* ---- a task for each long span ---- */

typedef struct place {
  float *out;
  mk_mass *mass;
} place;

/* Where the span of a view goes: the first one where all of them shall be in the end. */
static place place_of(const attention *a, const view *v) {
  const mn_batch *b = a->b;
  float *rows = v->span == 0 ? b->mixed : b->part + v->span * a->room * a->H * a->K;
  return (place){head_of(a, rows, v->tile->first, v->g),
                 mass_of(a, v->span, v->tile->first, v->g)};
}

static void span_task(void *context, size_t task, int worker) {
  const attention *a = context;
  view v = first_view(a, task);
  size_t longs = long_spans(a->b, v.tile), past = v.span + 1;
  if (v.span >= longs) return;
  if (past == longs) past = spans_of(a->b, v.tile);     /* and the short one behind it */
  for (size_t span = v.span; span < past; span++) {
    view one = view_of(a, v.tile, v.g, span);
    place to = place_of(a, &one);
    attend_span(a, &one, task, worker, to.out, to.mass);
  }
}

static void turn_queries(const attention *a) {
  for (size_t i = 0; i < a->b->n_tiles * a->G; i++)
    turn(a, &a->b->tiles[i / a->G], i % a->G, a->b->q);
}

static void merge_all(const attention *a) {
  for (size_t i = 0; i < a->b->n_tiles * a->G; i++) {
    const mn_tile *tile = &a->b->tiles[i / a->G];
    view v = view_of(a, tile, i % a->G, 0);
    mk_mass *mass = place_of(a, &v).mass;
    for (size_t span = 1; span < spans_of(a->b, tile); span++) {
      v = view_of(a, tile, i % a->G, span);
      place more = place_of(a, &v);
      merge_span(a, &v, mass, more.out, more.mass);
    }
    turn(a, tile, v.g, a->b->mixed);
  }
}

void mn_attend(mn_batch *b, size_t slot) {
  const moon_config *c = &b->model->config;
  size_t H = (size_t)c->num_attention_heads, G = (size_t)c->num_key_value_heads;
  attention a = {.b = b, .slot = slot, .H = H, .G = G, .K = (size_t)c->head_dim, .group = H / G,
                 .room = b->most < MN_TOKEN_TILE ? b->most : MN_TOKEN_TILE};
  size_t most = 0;              /* long spans of the row that sees most */
  for (size_t i = 0; i < b->n_tiles; i++) {
    size_t longs = long_spans(b, &b->tiles[i]);
    if (longs > most) most = longs;
  }
  mn_pool *pool = b->model->engine->pool;
  size_t heads = b->n_tiles * G, workers = (size_t)mn_pool_workers(pool);
  bool few = workers > 1 && heads < 2 * workers && b->T <= MN_TOKEN_TILE;
  a.per_head = few ? most : 1;
  a.tasks = heads * a.per_head;
  if (a.per_head == 1) {
    mn_pool_run(pool, a.tasks, tile_task, &a);
    return;
  }
  turn_queries(&a);
  mn_pool_run(pool, a.tasks, span_task, &a);
  merge_all(&a);
  turn_queries(&a);
}
