/* trainer_step.c: a batch's loss and gradient, and the step of AdamW and Muon.
**
** Invariants: nothing allocates (logits excepted). AdamW's work is cut into pieces of fixed size,
** Muon's into matrices, and the gradients' norm is the sum of the pieces' in order, so a step's
** bits do not depend on the number of threads.
*/
#include <math.h>
#include <string.h>

#include "core/tensor/tensor.h"
#include "core/train/muon.h"
#include "core/train/trainer.h"

/* ---- a batch ---- */

/* Appends one sequence of n ids: n - 1 inputs and their targets. */
static void place(moon_trainer *t, const int32_t *ids, const float *weights, size_t n) {
  mn_batch *b = &t->batch;
  t->borders[b->sequences++] = b->tokens;
  for (size_t i = 0; i + 1 < n; i++, b->tokens++) {
    t->ids[b->tokens] = ids[i];
    t->targets[b->tokens] = ids[i + 1];
    t->weights[b->tokens] = weights ? weights[i + 1] : 1;
    t->positions[b->tokens] = (int32_t)i;
  }
  t->borders[b->sequences] = b->tokens;
}

/* Appends n sequences. */
static moon_status place_all(moon_trainer *t, const moon_corpus *corpus, const size_t *sequences,
                             size_t n, moon_error *err) {
  size_t past = t->batch.tokens + t->options.tokens;
  if (n == 0) return mn_fail(err, MOON_EARG, "a batch of no sequences");
  if (corpus->largest >= t->config.vocab_size)
    return mn_fail(err, MOON_EARG, "the corpus has id %d, the vocabulary %d tokens",
                   (int)corpus->largest, (int)t->config.vocab_size);
  for (size_t i = 0; i < n; i++) {
    if (sequences[i] >= corpus->count)
      return mn_fail(err, MOON_EARG, "sequence %zu of %zu", sequences[i] + 1, corpus->count);
    size_t first = corpus->borders[sequences[i]], len = moon_corpus_length(corpus, sequences[i]);
    if (len > t->options.length)
      return mn_fail(err, MOON_EARG, "a sequence has %zu ids, the trainer takes %zu", len,
                     t->options.length);
    if (len - 1 > past - t->batch.tokens)
      return mn_fail(err, MOON_EARG, "the batch has more than %zu targets", t->options.tokens);
    place(t, corpus->ids + first, corpus->weights ? corpus->weights + first : NULL, len);
  }
  return MOON_OK;
}

/* twins: each sequence twice, the second time as many tokens behind as all of them are. */
static moon_status fill(moon_trainer *t, const moon_corpus *corpus, const size_t *sequences,
                        size_t n, bool twins, moon_error *err) {
  t->batch.tokens = t->batch.sequences = 0;
  moon_status status = place_all(t, corpus, sequences, n, err);
  if (status == MOON_OK && twins) status = place_all(t, corpus, sequences, n, err);
  return status;
}

/* The gradients gathered so far are of no use. */
static void forget(moon_trainer *t) {
  memset(t->grad, 0, t->n_state * sizeof *t->grad);
  t->gathered = 0;
}

/* The status of the tape, or a sentence about a loss that is no number. */
static moon_status finish(moon_trainer *t, double sum, moon_error *err) {
  if (t->tape.status != MOON_OK) {
    if (err) *err = t->tape.err;
    return t->tape.status;
  }
  if (isfinite(sum)) return MOON_OK;
  forget(t);
  return mn_fail(err, MOON_EMATH, "the loss after %llu steps is no number",
                 (unsigned long long)t->steps);
}

/* The teacher's hidden states of t's batch, on the teacher's own tape. */
static moon_status ask_teacher(moon_trainer *t, mn_teacher *out, mn_batch *batch,
                               moon_error *err) {
  moon_trainer *teacher = t->options.teacher;
  *batch = t->batch;
  batch->cos = teacher->cos;
  batch->sin = teacher->sin;
  mn_tape_clear(&teacher->tape, true);
  *out = (mn_teacher){.x = mn_graph_hidden(&teacher->tape, &teacher->graph, batch, NULL),
                      .head = mn_graph_head(&teacher->graph),
                      .share = (float)t->options.teacher_share,
                      .temperature = (float)t->options.temperature};
  if (teacher->tape.status != MOON_OK && err) *err = teacher->tape.err;
  return teacher->tape.status;
}

/* Of twins each the other's. */
static mn_teacher other_twin(moon_trainer *t, const mn_node *x) {
  return (mn_teacher){.x = x, .head = mn_graph_head(&t->graph), .share = (float)t->options.r_drop,
                      .temperature = 1, .shift = t->batch.tokens / 2};
}

/* What the next batch that gives a gradient drops; NULL: nothing. */
static const mn_dropout *next_dropout(moon_trainer *t) {
  if (t->dropout.rate == 0) return NULL;
  t->dropout.step = (uint32_t)t->steps;
  t->dropout.batch = t->gathered++;
  return &t->dropout;
}

moon_status moon_trainer_batch(moon_trainer *t, const moon_corpus *corpus,
                               const size_t *sequences, size_t n, double scale, bool gradient,
                               double *loss, moon_error *err) {
  bool twins = gradient && t->options.r_drop > 0, taught = gradient && t->options.teacher;
  double of_one = twins ? 0.5 : 1;
  *loss = 0;
  moon_status status = fill(t, corpus, sequences, n, twins, err);
  if (status != MOON_OK) return status;
  mn_teacher teacher;
  mn_batch asked;
  if (taught) status = ask_teacher(t, &teacher, &asked, err);
  if (status != MOON_OK) return status;
  mn_tape_clear(&t->tape, !gradient);
  mn_node *x = mn_graph_hidden(&t->tape, &t->graph, &t->batch, gradient ? next_dropout(t) : NULL);
  if (twins) teacher = other_twin(t, x);
  mn_op_cross_entropy(&t->tape, x, mn_graph_head(&t->graph), &t->batch,
                      taught || twins ? &teacher : NULL, of_one * scale, t->losses);
  double sum = 0;
  for (size_t i = 0; x && i < t->batch.tokens; i++) sum += of_one * t->weights[i] * t->losses[i];
  if (gradient && isfinite(sum)) mn_tape_backward(&t->tape);
  status = finish(t, sum, err);
  if (status == MOON_OK) *loss = sum;
  return status;
}

/* ---- a step ---- */

moon_step_options moon_step_defaults(void) {
  return (moon_step_options){.rate = 1e-3, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8,
                             .decay = 0.1, .clip = 1, .momentum = 0.95};
}

typedef struct step_work {
  moon_trainer *t;
  mk_adamw plain, decayed;
  mn_muon muon;
} step_work;

static void norm_piece(void *context, size_t piece, int worker) {
  (void)worker;
  moon_trainer *t = ((step_work *)context)->t;
  size_t first = piece * MN_PIECE, n = t->n_state - first;
  t->norms[piece] = t->tape.kernels->square_sum(t->grad + first, n < MN_PIECE ? n : MN_PIECE);
}

/* A slot's pieces in turn: large slots are many tasks' work, so tasks are pieces of the state,
** each of which may touch several slots. */
static void adamw_piece(void *context, size_t piece, int worker) {
  (void)worker;
  const step_work *w = context;
  moon_trainer *t = w->t;
  size_t first = piece * MN_PIECE, past = first + MN_PIECE;
  for (size_t i = 0; i < t->n_slots; i++) {
    const mn_slot *slot = &t->slots[i];
    if (!slot->second) continue;
    size_t begin = slot->state > first ? slot->state : first;
    size_t end = slot->state + slot->rows * slot->cols;
    if (end > past) end = past;
    if (begin >= end) continue;
    size_t at = begin - slot->state, n = end - begin;
    t->tape.kernels->adamw(slot->value + at, t->grad + begin, t->first + begin,
                           slot->second + at, n, slot->decays ? &w->decayed : &w->plain);
    mn_slot_round(t, slot, at, n);
  }
}

static void muon_slot(void *context, size_t i, int worker) {
  const step_work *w = context;
  moon_trainer *t = w->t;
  const mn_slot *slot = &t->slots[i];
  if (!slot->muon) return;
  mn_muon_step(t->tape.kernels, &w->muon, slot->rows, slot->cols, slot->value,
               t->grad + slot->state, t->first + slot->state,
               t->muon_room + (size_t)worker * t->muon_each, mn_tape_scratch(&t->tape, worker));
  mn_slot_round(t, slot, 0, slot->rows * slot->cols);
}

static moon_status check_step(const moon_step_options *o, moon_error *err) {
  bool good = o->rate >= 0 && isfinite(o->rate) && o->beta1 >= 0 && o->beta1 < 1 &&
              o->beta2 >= 0 && o->beta2 < 1 && o->momentum >= 0 && o->momentum < 1 &&
              o->epsilon > 0 && o->decay >= 0 && o->clip >= 0;
  if (good) return MOON_OK;
  return mn_fail(err, MOON_EARG, "a step wants rate, decay and clip from 0 up, beta1, beta2 "
                 "and momentum from 0 to below 1, epsilon above 0");
}

moon_status moon_trainer_step(moon_trainer *t, const moon_step_options *options, double *norm,
                              moon_error *err) {
  moon_step_options o = options ? *options : moon_step_defaults();
  if (norm) *norm = 0;
  moon_status status = check_step(&o, err);
  if (status != MOON_OK) return status;
  size_t pieces = (t->n_state + MN_PIECE - 1) / MN_PIECE;
  step_work w = {.t = t};
  mn_pool_run(t->engine->pool, pieces, norm_piece, &w);
  double sum = 0;
  for (size_t i = 0; i < pieces; i++) sum += t->norms[i];
  double length = sqrt(sum);
  if (!isfinite(length)) {
    forget(t);
    return mn_fail(err, MOON_EMATH, "the gradients after %llu steps are no numbers",
                   (unsigned long long)t->steps);
  }
  double count = (double)++t->steps;
  t->gathered = 0;
  w.plain = (mk_adamw){
    .rate = (float)o.rate, .beta1 = (float)o.beta1, .beta2 = (float)o.beta2,
    .epsilon = (float)o.epsilon, .correct1 = (float)(1 / (1 - pow(o.beta1, count))),
    .correct2 = (float)(1 / (1 - pow(o.beta2, count))),
    .scale = o.clip > 0 && length > o.clip ? (float)(o.clip / length) : 1};
  w.decayed = w.plain;
  w.decayed.decay = (float)o.decay;
  w.muon = (mn_muon){.rate = (float)o.rate, .decay = (float)o.decay,
                     .momentum = (float)o.momentum, .scale = w.plain.scale};
  mn_pool_run(t->engine->pool, pieces, adamw_piece, &w);
  if (t->muon_each > 0) mn_pool_run(t->engine->pool, t->n_slots, muon_slot, &w);
  if (norm) *norm = length;
  return MOON_OK;
}

/* ---- logits ---- */

moon_status moon_trainer_logits(moon_trainer *t, const int32_t *ids, size_t n,
                                moon_tensor **logits, moon_error *err) {
  size_t D = (size_t)t->config.hidden_size, V = (size_t)t->config.vocab_size;
  const size_t shape[2] = {n, V};
  *logits = NULL;
  if (n == 0 || n > t->options.tokens || n >= t->options.length)
    return mn_fail(err, MOON_EARG, "%zu ids; wants 1 to %zu", n, t->options.length - 1);
  for (size_t i = 0; i < n; i++)
    if (ids[i] < 0 || ids[i] >= t->config.vocab_size)
      return mn_fail(err, MOON_EARG, "id %d; the vocabulary has %d", (int)ids[i], (int)V);
  moon_status status = moon_tensor_new(t->engine, MOON_F32, 2, shape, logits, err);
  if (status != MOON_OK) return status;
  t->batch.tokens = t->batch.sequences = 0;
  place(t, ids, NULL, n);               /* the last id has no target, and is placed by hand */
  t->ids[n - 1] = ids[n - 1];
  t->positions[n - 1] = (int32_t)(n - 1);
  t->batch.tokens = t->borders[1] = n;
  mn_tape_clear(&t->tape, true);
  mn_node *x = mn_graph_hidden(&t->tape, &t->graph, &t->batch, NULL);
  const mn_node *head = mn_graph_head(&t->graph);
  const real *rows = mn_tape_read(&t->tape, head);
  if (x && rows)
    mn_tape_gemm(&t->tape, n, V, D, (mn_operand){x->value, D, 1}, (mn_operand){rows, 1, D},
                 moon_tensor_data(*logits), V, false);
  status = finish(t, 0, err);
  if (status == MOON_OK) return status;
  moon_tensor_free(*logits);
  *logits = NULL;
  return status;
}
