/* calibrate.c: text through a model block by block; see calibrate.h.
**
** How: a session as long as a window lends its cache and activations. The residual stream of all
** windows waits in memory between blocks.
** Not here: what is rounded with it (quantize.c). */
#include "core/model/calibrate.h"

#include <string.h>

#include "core/model/session.h"

enum { WINDOW = 512 };          /* tokens: as much as is computed at once */

struct mn_calibration {
  moon_model *model;            /* borrowed */
  size_t n, room;               /* tokens; of ids */
  int32_t *ids;                 /* (n): windows one after the other */
  bool *begins;                 /* (n): a window does so here */
  moon_session *session;        /* empty; only its arrays are used */
  size_t layer;                 /* the next block */
  mn_arena arena;               /* what follows, once all text is there */
  float *x;                     /* (n, D): before that block */
  mn_feedback feedback[MN_INPUTS];
};

moon_status mn_calibration_open(moon_model *model, mn_calibration **calibration, moon_error *err) {
  moon_session_options options = moon_session_defaults();
  mn_calibration *c = *calibration = mn_new_zero(&model->engine->alloc, sizeof *c);
  if (!c) return mn_fail_memory(err, "calibration", sizeof *c);
  c->model = model;
  options.context = options.chunk = WINDOW;
  moon_status status = moon_session_open(model, &options, &c->session, err);
  if (status == MOON_OK) return MOON_OK;
  mn_calibration_close(c);
  *calibration = NULL;
  return status;
}

void mn_calibration_close(mn_calibration *c) {
  if (!c) return;
  const mn_alloc *alloc = &c->model->engine->alloc;
  moon_session_close(c->session);
  mn_arena_free(&c->arena);
  mn_free(alloc, c->begins);
  mn_free(alloc, c->ids);
  mn_free(alloc, c);
}

/* ---- text ---- */

static moon_status make_room(mn_calibration *c, size_t more, moon_error *err) {
  const mn_alloc *alloc = &c->model->engine->alloc;
  size_t room = c->room > more ? 2 * c->room : c->room + more;
  if (c->n + more <= c->room) return MOON_OK;
  int32_t *ids = mn_resize(alloc, c->ids, room * sizeof *ids);
  if (ids) c->ids = ids;
  bool *begins = mn_resize(alloc, c->begins, room * sizeof *begins);
  if (begins) c->begins = begins;
  if (!ids || !begins) return mn_fail_memory(err, "calibration", room * sizeof *ids);
  c->room = room;
  return MOON_OK;
}

static void append(mn_calibration *c, int32_t id, bool begins) {
  c->begins[c->n] = begins;
  c->ids[c->n++] = id;
}

moon_status mn_calibration_add(mn_calibration *c, const int32_t *ids, size_t n, moon_error *err) {
  bool bos = n > 0 && ids[0] == mn_model_bos(c->model);
  moon_status status = mn_session_check_ids(c->session, ids, n, err);
  if (status == MOON_OK) status = make_room(c, n + n / (WINDOW - 1), err);
  if (status != MOON_OK) return status;
  for (size_t i = 0, in = 0; i < n; i++, in = (in + 1) % WINDOW) {
    if (in == 0 && i > 0 && bos) append(c, ids[0], in++ == 0);
    append(c, ids[i], in == 0);
  }
  return MOON_OK;
}

/* ---- blocks ---- */

static size_t width_of(const moon_config *c, mn_input input) {
  if (input == MN_INTO_O) return (size_t)c->num_attention_heads * (size_t)c->head_dim;
  return (size_t)(input == MN_INTO_DOWN ? c->intermediate_size : c->hidden_size);
}

static moon_status lay_out(mn_calibration *c, moon_error *err) {
  enum { EACH = 3 };
  const moon_config *config = &c->model->config;
  mn_piece pieces[1 + EACH * MN_INPUTS] = {
      {&c->x, sizeof *c->x, {c->n, (size_t)config->hidden_size}}};
  for (int i = 0; i < MN_INPUTS; i++) {
    mn_feedback *f = &c->feedback[i];
    mn_piece *at = pieces + 1 + EACH * i;
    size_t n = f->n = width_of(config, (mn_input)i);
    at[0] = (mn_piece){&f->factor, sizeof(float), {n, n}};
    at[1] = (mn_piece){&f->importance, sizeof(float), {n}};
    at[2] = (mn_piece){&f->scratch, sizeof(float), {n, MK_QBLOCK}};
  }
  return mn_lay_out(&c->arena, &c->model->engine->alloc, pieces, 1 + EACH * MN_INPUTS,
                    "calibration", err);
}

/* The rows of the window that begins at `first`, before the next block. */
static void begin_window(mn_calibration *c, size_t first) {
  mn_batch *b = &c->session->batch;
  size_t D = (size_t)c->model->config.hidden_size, i = first;
  b->T = 0;
  do {
    b->rows[b->T] = (mn_row){&c->session->cache, b->T, c->ids[i++], NULL};
    b->T++;
  } while (i < c->n && !c->begins[i]);
  mn_forward_begin(b);
  if (c->layer > 0) memcpy(b->x, c->x + first * D, b->T * D * sizeof *b->x);
}

/* What a stage leaves for matrices to come; NULL: nothing. */
static const float *left_by(mn_stage stage, const mn_batch *b, mn_input *input) {
  switch (stage) {
    case MN_ATTENTION_NORM: *input = MN_INTO_QKV; return b->h;
    case MN_ATTENTION: *input = MN_INTO_O; return b->mixed;
    case MN_MLP_NORM: *input = MN_INTO_GATE_UP; return b->h;
    case MN_SWIGLU: *input = MN_INTO_DOWN; return b->gate;
    default: return NULL;
  }
}

/* All runs of the next block over the rows. */
static void work_through(mn_calibration *c) {
  mn_batch *b = &c->session->batch;
  size_t runs = (size_t)mn_config_runs(&c->model->config);
  for (size_t slot = c->layer * runs; slot < (c->layer + 1) * runs; slot++)
    for (mn_stage stage = 0; stage < MN_STAGES; stage++) {
      mn_input input;
      mn_forward_stage(b, slot, stage);
      const float *x = left_by(stage, b, &input);
      if (x) mn_feedback_add(c->model->engine, &c->feedback[input], x, b->T);
    }
}

moon_status mn_calibration_next(mn_calibration *c, size_t *layer, moon_error *err) {
  moon_status status = c->x ? MOON_OK : lay_out(c, err);
  if (status != MOON_OK) return status;
  mn_batch *b = &c->session->batch;
  size_t D = (size_t)c->model->config.hidden_size;
  for (int i = 0; i < MN_INPUTS; i++) mn_feedback_clear(&c->feedback[i]);
  for (size_t first = 0; first < c->n; first += b->T) {
    begin_window(c, first);
    work_through(c);
    memcpy(c->x + first * D, b->x, b->T * D * sizeof *b->x);
  }
  *layer = c->layer++;
  for (int i = 0; i < MN_INPUTS; i++)
    if (!mn_feedback_solve(c->model->engine, &c->feedback[i]))
      return mn_fail(err, MOON_EMATH, "block %zu of the model gives numbers that are not finite, "
                     "for the text to calibrate with", c->layer);
  return MOON_OK;
}

const mn_feedback *mn_calibration_feedback(const mn_calibration *c, mn_input input) {
  return &c->feedback[input];
}
