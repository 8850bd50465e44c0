/* trainer.c: making a trainer: the list of weights, their first values, the memory.
**
** How: `lay_out` names every weight once, in the order of the array; `connect` makes the graph's
**   parameter nodes from it. A tape that measures records the largest batch, and the tape that
**   computes is opened with what that took.
** Invariant: after moon_trainer_new nothing allocates but save, export, get and logits.
*/
#include "core/train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/names.h"
#include "core/base/random.h"
#include "core/base/size.h"
#include "core/model/config.h"
#include "core/train/muon.h"
#include "kernels/half.h"

moon_trainer_options moon_trainer_defaults(void) {
  return (moon_trainer_options){.tokens = 4096, .lora_alpha = 16,
                                .lora_targets = MOON_LORA_Q | MOON_LORA_V,
                                .teacher_share = 0.5, .temperature = 1};
}

static void *take(moon_trainer *t, size_t n, size_t size) {
  size_t bytes;
  return mn_size_mul(n, size, &bytes) ? mn_arena_take(&t->arena, bytes) : NULL;
}

/* ---- the list of weights ---- */

/* The model's own come first, and n_base is set behind them. */
static bool is_narrow(const moon_trainer *t, const mn_slot *slot) {
  bool base = t->n_base == 0 || slot < t->slots + t->n_base;
  return t->options.weights == MOON_BF16 && base && slot->rank == 2;
}

static bool has_value(const moon_trainer *t, const mn_slot *slot) {
  return slot->learns || !is_narrow(t, slot);
}

static bool has_second(const mn_slot *slot) { return slot->learns && !slot->muon; }

/* NULL name: memory ended. */
static mn_slot *add_slot(moon_trainer *t, const char *name, size_t rows, size_t cols, int rank) {
  mn_slot *slot = &t->slots[t->n_slots++];
  bool update = t->n_base > 0, in_block = strncmp(name, "model.layers.", 13) == 0;
  *slot = (mn_slot){.name = mn_arena_text(&t->arena, name, strlen(name)), .offset = t->n_all,
                    .rows = rows, .cols = cols, .rank = rank, .state = t->n_state,
                    .learns = update || t->options.lora_rank == 0, .decays = rank == 2};
  slot->muon = t->options.optimizer == MOON_MUON && slot->learns && rank == 2 && in_block;
  t->n_all += rows * cols;
  if (is_narrow(t, slot)) t->n_narrow += rows * cols;
  if (has_value(t, slot)) t->n_value += rows * cols;
  if (slot->learns) t->n_state += rows * cols;
  if (has_second(slot)) t->n_second += rows * cols;
  return slot;
}

typedef struct part { const char *name; size_t rows, cols; int rank; } part;

enum { PARTS = 9 };

/* In the order of the array: q, k, v and gate, up are neighbours. */
static void parts_of(const moon_config *c, part parts[PARTS]) {
  size_t D = (size_t)c->hidden_size, F = (size_t)c->intermediate_size;
  size_t Q = (size_t)c->num_attention_heads * (size_t)c->head_dim;
  size_t KV = (size_t)c->num_key_value_heads * (size_t)c->head_dim;
  bool llama4 = strcmp(c->model_type, "llama4_text") == 0;
  const part all[PARTS] = {
    {"input_layernorm", 1, D, 1}, {"self_attn.q_proj", Q, D, 2}, {"self_attn.k_proj", KV, D, 2},
    {"self_attn.v_proj", KV, D, 2}, {"self_attn.o_proj", D, Q, 2},
    {"post_attention_layernorm", 1, D, 1},
    {llama4 ? "feed_forward.gate_proj" : "mlp.gate_proj", F, D, 2},
    {llama4 ? "feed_forward.up_proj" : "mlp.up_proj", F, D, 2},
    {llama4 ? "feed_forward.down_proj" : "mlp.down_proj", D, F, 2}};
  memcpy(parts, all, sizeof all);
}

static size_t update_runs(const moon_trainer *t) {
  return t->options.lora_runs ? (size_t)mn_config_runs(&t->config) : 1;
}

/* Names as PEFT has them; those of a single run have ".runs.R" behind the block's number, which
** is moonlet's own. */
static void add_updates(moon_trainer *t, int layer, const part parts[PARTS]) {
  static const int part_of[MN_TARGETS] = {1, 2, 3, 4, 6, 7, 8};
  size_t r = (size_t)t->options.lora_rank;
  char name[160], run_name[24] = "";
  for (size_t run = 0; run < update_runs(t); run++)
    for (int target = 0; target < MN_TARGETS; target++) {
      if (!(t->options.lora_targets >> target & 1)) continue;
      const part *p = &parts[part_of[target]];
      if (t->options.lora_runs) snprintf(run_name, sizeof run_name, ".runs.%zu", run);
      snprintf(name, sizeof name, "base_model.model.model.layers.%d%s.%s.lora_A.weight", layer,
               run_name, p->name);
      add_slot(t, name, r, p->cols, 2);
      snprintf(name, sizeof name, "base_model.model.model.layers.%d%s.%s.lora_B.weight", layer,
               run_name, p->name);
      add_slot(t, name, p->rows, r, 2);
    }
}

static moon_status lay_out(moon_trainer *t, moon_error *err) {
  const moon_config *c = &t->config;
  size_t D = (size_t)c->hidden_size, V = (size_t)c->vocab_size;
  size_t L = (size_t)c->num_hidden_layers, most = L * (PARTS + 4 * MN_TARGETS) + 3;
  t->slots = take(t, most, sizeof *t->slots);
  if (!t->slots) return mn_fail_memory(err, "list of weights", most * sizeof *t->slots);
  part parts[PARTS];
  parts_of(c, parts);
  char name[96];
  add_slot(t, "model.embed_tokens.weight", V, D, 2);
  for (size_t i = 0; i < L; i++)
    for (int p = 0; p < PARTS; p++) {
      snprintf(name, sizeof name, "model.layers.%zu.%s.weight", i, parts[p].name);
      add_slot(t, name, parts[p].rows, parts[p].cols, parts[p].rank);
    }
  add_slot(t, "model.norm.weight", 1, D, 1);
  if (!c->tied) add_slot(t, "lm_head.weight", V, D, 2);
  t->n_base = t->n_slots;
  for (size_t i = 0; t->options.lora_rank > 0 && i < L; i++) add_updates(t, (int)i, parts);
  for (size_t i = 0; i < t->n_slots; i++)
    if (!t->slots[i].name) return mn_fail_memory(err, "names of weights", sizeof name);
  return MOON_OK;
}

/* ---- first values ---- */

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

typedef struct filling { moon_trainer *t; } filling;

static void fill_slot(void *context, size_t i, int worker) {
  (void)worker;
  moon_trainer *t = ((filling *)context)->t;
  const mn_slot *slot = &t->slots[i];
  double depth = 2.0 * (double)mn_graph_evaluations(&t->config), deviation = 0.02;
  bool to_stream = ends_with(slot->name, "o_proj.weight") ||
                   ends_with(slot->name, "down_proj.weight");
  if (to_stream) deviation /= sqrt(depth);
  if (ends_with(slot->name, "lora_A.weight")) deviation = 1 / sqrt(3.0 * (double)slot->cols);
  if (ends_with(slot->name, "lora_B.weight")) deviation = 0;
  for (size_t k = 0; k < slot->rows * slot->cols; k++) {
    double normal = slot->rank == 1 ? 0 : mn_random_normal(t->options.seed, slot->offset + k);
    float w = slot->rank == 1 ? 1 : (float)(deviation * normal);
    if (slot->value) slot->value[k] = w;
    if (slot->narrow) slot->narrow[k] = mk_bf16_of_f32(w);
  }
}

/* ---- nodes ---- */

static mn_node node_of(moon_trainer *t, const mn_slot *slot, size_t rows) {
  return (mn_node){.value = slot->narrow ? NULL : slot->value, .narrow = slot->narrow,
                   .grad = slot->learns ? t->grad + slot->state : NULL, .rows = rows,
                   .cols = slot->cols, .wants = slot->learns, .parameter = true};
}

/* Updates come in pairs in the order of add_updates; a block that runs twice with one update has
** it at both evaluations. */
static void connect_updates(moon_trainer *t) {
  size_t runs = (size_t)mn_config_runs(&t->config), own = update_runs(t);
  mn_node *node = t->updates;
  for (size_t i = t->n_base; i < t->n_slots; i++)
    t->updates[i - t->n_base] = node_of(t, &t->slots[i], t->slots[i].rows);
  for (size_t layer = 0; layer < (size_t)t->config.num_hidden_layers; layer++)
    for (size_t run = 0; run < own; run++)
      for (size_t target = 0; target < MN_TARGETS; target++) {
        if (!(t->options.lora_targets >> target & 1)) continue;
        mn_update u = {node, node + 1};
        node += 2;
        for (size_t e = own == 1 ? 0 : run; e < (own == 1 ? runs : run + 1); e++)
          t->graph.updates[(layer * runs + e) * MN_TARGETS + target] = u;
      }
}

static moon_status connect(moon_trainer *t, moon_error *err) {
  const moon_config *c = &t->config;
  size_t L = (size_t)c->num_hidden_layers, F = (size_t)c->intermediate_size;
  size_t heads = (size_t)(c->num_attention_heads + 2 * c->num_key_value_heads);
  const mn_slot *slot = t->slots;
  mn_graph *g = &t->graph;
  *g = (mn_graph){.config = c, .embed = node_of(t, slot, slot->rows)};
  g->blocks = take(t, L, sizeof *g->blocks);
  if (!g->blocks) return mn_fail_memory(err, "blocks", L * sizeof *g->blocks);
  slot++;
  for (size_t i = 0; i < L; i++, slot += PARTS)
    g->blocks[i] = (mn_block){
      node_of(t, &slot[0], 1), node_of(t, &slot[1], heads * (size_t)c->head_dim),
      node_of(t, &slot[4], slot[4].rows), node_of(t, &slot[5], 1), node_of(t, &slot[6], 2 * F),
      node_of(t, &slot[8], slot[8].rows)};
  g->norm = node_of(t, slot++, 1);
  if (!c->tied) g->head = node_of(t, slot, slot->rows);
  if (t->options.lora_rank == 0) return MOON_OK;
  size_t places = mn_graph_evaluations(c) * MN_TARGETS;
  g->updates = take(t, places, sizeof *g->updates);
  t->updates = take(t, t->n_slots - t->n_base, sizeof *t->updates);
  if (!g->updates || !t->updates) return mn_fail_memory(err, "updates", places);
  memset(g->updates, 0, places * sizeof *g->updates);
  g->update_scale = (float)(t->options.lora_alpha / t->options.lora_rank);
  connect_updates(t);
  return MOON_OK;
}

/* ---- memory ---- */

static size_t bytes_of_weights(const moon_trainer *t) {
  return (t->n_value + 2 * t->n_state + t->n_second) * sizeof(float) +
         t->n_narrow * sizeof(mk_bf16);
}

static void give_places(moon_trainer *t) {
  float *value = t->value, *second = t->second;
  mk_bf16 *narrow = t->narrow;
  for (size_t i = 0; i < t->n_slots; i++) {
    mn_slot *slot = &t->slots[i];
    size_t n = slot->rows * slot->cols;
    if (has_value(t, slot)) slot->value = value, value += n;
    if (is_narrow(t, slot)) slot->narrow = narrow, narrow += n;
    if (has_second(slot)) slot->second = second, second += n;
  }
}

static moon_status take_muon_room(moon_trainer *t, moon_error *err) {
  for (size_t i = 0; i < t->n_slots; i++) {
    size_t room = t->slots[i].muon ? mn_muon_room(t->slots[i].rows, t->slots[i].cols) : 0;
    if (room > t->muon_each) t->muon_each = room;
  }
  if (t->muon_each == 0) return MOON_OK;
  size_t room = (size_t)mn_pool_workers(t->engine->pool) * t->muon_each;
  t->muon_room = take(t, room, sizeof *t->muon_room);
  return t->muon_room ? MOON_OK : mn_fail_memory(err, "room for Muon", room * sizeof(float));
}

static moon_status take_arrays(moon_trainer *t, moon_error *err) {
  const mn_alloc *alloc = &t->engine->alloc;
  size_t T = mn_trainer_room(t), half = (size_t)t->config.head_dim / 2;
  size_t pieces = t->n_state / MN_PIECE + t->n_slots;
  t->value = mn_new(alloc, t->n_value * sizeof *t->value);
  t->narrow = mn_new(alloc, (t->n_narrow + 1) * sizeof *t->narrow);
  t->grad = mn_new_zero(alloc, t->n_state * sizeof *t->grad);
  t->first = mn_new_zero(alloc, t->n_state * sizeof *t->first);
  t->second = mn_new_zero(alloc, t->n_second * sizeof *t->second);
  if (!t->value || !t->narrow || !t->grad || !t->first || !t->second)
    return mn_fail_memory(err, "weights and their moments", bytes_of_weights(t));
  give_places(t);
  t->ids = take(t, T, sizeof *t->ids);
  t->targets = take(t, T, sizeof *t->targets);
  t->positions = take(t, T, sizeof *t->positions);
  t->weights = take(t, T, sizeof *t->weights);
  t->borders = take(t, T + 2, sizeof *t->borders);      /* as many as open_tape records */
  t->losses = take(t, T, sizeof *t->losses);
  t->norms = take(t, pieces, sizeof *t->norms);
  t->cos = take(t, t->options.length * half, sizeof *t->cos);
  t->sin = take(t, t->options.length * half, sizeof *t->sin);
  if (!t->ids || !t->targets || !t->positions || !t->weights || !t->borders || !t->losses ||
      !t->norms || !t->cos || !t->sin)
    return mn_fail_memory(err, "tables of a batch", T * 32);
  for (size_t p = 0; p < t->options.length; p++)
    for (size_t i = 0; i < half; i++) {
      double angle = (double)p * pow(t->config.rope_theta, -2.0 * (double)i / t->config.head_dim);
      t->cos[p * half + i] = (float)cos(angle);
      t->sin[p * half + i] = (float)sin(angle);
    }
  t->batch = (mn_batch){.ids = t->ids, .targets = t->targets, .weights = t->weights,
                        .positions = t->positions, .borders = t->borders, .cos = t->cos,
                        .sin = t->sin};
  return MOON_OK;
}

static moon_status choose_kernels(moon_trainer *t, moon_error *err) {
  t->kernels = *mk_train_for(t->engine->best);
  if (t->options.compute == MOON_F32) return MOON_OK;
  t->kernels.gemm = mk_gemm_bf16_for(t->engine->best);
  t->kernels.turns = true;
  if (t->kernels.gemm) return MOON_OK;
  return mn_fail(err, MOON_ESUPPORT, "compute 'bf16' wants a CPU with AMX; this engine runs on %s",
                 mk_tier_name(t->engine->best));
}

/* Records a batch without computing, then opens the tape with what that took. It is one token
** larger than the largest: arrays of one size share memory, and no size that follows the batch
** shall by chance be one that does not, since at other sizes those two cannot share. */
static moon_status open_tape(moon_trainer *t, moon_error *err) {
  size_t nodes = mn_graph_nodes(&t->config), T = mn_trainer_room(t) + 1;
  size_t each = t->options.length - 1 < T ? t->options.length - 1 : T;
  moon_status status = mn_tape_open(&t->tape, t->engine, &t->kernels, nodes, 0, err);
  if (status != MOON_OK) return status;
  t->batch.tokens = T;
  for (size_t first = 0; first < T; first += each) t->borders[t->batch.sequences++] = first;
  t->borders[t->batch.sequences] = T;
  const mn_dropout *dropout = t->dropout.rate > 0 ? &t->dropout : NULL;
  mn_node *x = mn_graph_hidden(&t->tape, &t->graph, &t->batch, dropout), seen;
  moon_trainer *by = t->options.teacher ? t->options.teacher : t->options.r_drop > 0 ? t : NULL;
  mn_teacher teacher = {.x = &seen};
  if (by) {
    teacher.head = mn_graph_head(&by->graph);
    seen = (mn_node){.rows = T, .cols = teacher.head->cols};
  }
  mn_op_cross_entropy(&t->tape, x, mn_graph_head(&t->graph), &t->batch,
                      by ? &teacher : NULL, 1, t->losses);
  mn_tape_backward(&t->tape);
  status = t->tape.status;
  if (status != MOON_OK && err) *err = t->tape.err;
  size_t bytes = mn_tape_bytes(&t->tape);
  mn_tape_close(&t->tape);
  if (status != MOON_OK) return status;
  return mn_tape_open(&t->tape, t->engine, &t->kernels, nodes, bytes, err);
}

static moon_status check_teacher(const moon_trainer *t, moon_error *err) {
  const moon_trainer_options *o = &t->options;
  const moon_trainer *teacher = o->teacher;
  if (!teacher) return MOON_OK;
  if (o->r_drop > 0) return mn_fail(err, MOON_EARG, "r_drop is a teacher: wants one teacher");
  if (teacher->config.vocab_size != t->config.vocab_size)
    return mn_fail(err, MOON_EARG, "the teacher has %d tokens, this model %d; wants one vocabulary",
                   (int)teacher->config.vocab_size, (int)t->config.vocab_size);
  if (teacher->options.tokens < o->tokens || teacher->options.length < o->length)
    return mn_fail(err, MOON_EARG, "the teacher takes batches of %zu targets and sequences of %zu "
                   "ids; wants %zu and %zu", teacher->options.tokens, teacher->options.length,
                   o->tokens, o->length);
  if (!(o->teacher_share >= 0 && o->teacher_share <= 1))
    return mn_fail(err, MOON_EARG, "teacher share = %g; wants 0 to 1", o->teacher_share);
  if (!(o->temperature >= 0.01 && o->temperature <= 100))
    return mn_fail(err, MOON_EARG, "temperature = %g; wants 0.01 to 100", o->temperature);
  return MOON_OK;
}

static moon_status check_options(moon_trainer *t, moon_error *err) {
  moon_trainer_options *o = &t->options;
  if (o->length == 0) o->length = (size_t)t->config.max_position_embeddings;
  if (o->length < 2 || o->length > (size_t)1 << 24)
    return mn_fail(err, MOON_EARG, "length = %zu; wants 2 to %d", o->length, 1 << 24);
  if (o->tokens < o->length - 1 || o->tokens > (size_t)1 << 24)
    return mn_fail(err, MOON_EARG, "tokens = %zu; wants the longest sequence (%zu) to fit, and "
                   "at most %d", o->tokens, o->length - 1, 1 << 24);
  if (o->weights != MOON_F32 && o->weights != MOON_BF16)
    return mn_fail(err, MOON_EARG, "weights want f32 or bf16");
  if (o->compute != MOON_F32 && o->compute != MOON_BF16)
    return mn_fail(err, MOON_EARG, "compute wants f32 or bf16");
  if (o->optimizer != MOON_ADAMW && o->optimizer != MOON_MUON)
    return mn_fail(err, MOON_EARG, "optimizer = %d; wants MOON_ADAMW or MOON_MUON", o->optimizer);
  if (!(o->dropout >= 0 && o->dropout <= 0.9))
    return mn_fail(err, MOON_EARG, "dropout = %g; wants 0 to 0.9", o->dropout);
  if (!(o->r_drop >= 0 && o->r_drop <= 1))
    return mn_fail(err, MOON_EARG, "r_drop = %g; wants 0 to 1", o->r_drop);
  if (o->r_drop > 0 && o->dropout == 0)
    return mn_fail(err, MOON_EARG, "r_drop wants dropout: without it both passes are the same");
  t->dropout = (mn_dropout){.rate = o->dropout, .seed = o->seed};
  if (o->lora_rank < 0 || o->lora_rank > 4096)
    return mn_fail(err, MOON_EARG, "lora rank = %d; wants 0 to 4096", (int)o->lora_rank);
  if (o->lora_rank > 0 && (o->lora_targets == 0 || o->lora_targets >> MN_TARGETS))
    return mn_fail(err, MOON_EARG, "lora targets are none of q, k, v, o, gate, up, down");
  return MOON_OK;
}

moon_status moon_trainer_new(moon_engine *engine, const char *json, size_t len,
                             const moon_trainer_options *options, moon_trainer **trainer,
                             moon_error *err) {
  *trainer = NULL;
  moon_trainer *t = mn_new_zero(&engine->alloc, sizeof *t);
  if (!t) return mn_fail_memory(err, "trainer", sizeof *t);
  t->engine = mn_engine_retain(engine);
  t->options = options ? *options : moon_trainer_defaults();
  atomic_init(&t->owners, 1);
  if (t->options.teacher) atomic_fetch_add(&t->options.teacher->owners, 1);
  mn_arena_growing(&t->arena, engine->alloc, SIZE_MAX);
  moon_status status = mn_config_parse(&engine->alloc, json, len, "config", &t->config, err);
  if (status == MOON_OK) status = check_options(t, err);
  if (status == MOON_OK) status = check_teacher(t, err);
  if (status == MOON_OK) status = choose_kernels(t, err);
  t->json = mn_arena_text(&t->arena, json, len);
  t->json_len = len;
  if (status == MOON_OK && !t->json) status = mn_fail_memory(err, "config", len);
  if (status == MOON_OK) status = lay_out(t, err);
  if (status == MOON_OK) status = take_arrays(t, err);
  if (status == MOON_OK) status = take_muon_room(t, err);
  if (status == MOON_OK) status = connect(t, err);
  if (status == MOON_OK) status = open_tape(t, err);
  if (status != MOON_OK) return moon_trainer_close(t), status;
  mn_pool_run(engine->pool, t->n_slots, fill_slot, &(filling){t});
  *trainer = t;
  return MOON_OK;
}

void moon_trainer_close(moon_trainer *t) {
  if (!t || atomic_fetch_sub(&t->owners, 1) > 1) return;
  moon_engine *engine = t->engine;
  moon_trainer_close(t->options.teacher);
  mn_tape_close(&t->tape);
  mn_free(&engine->alloc, t->value);
  mn_free(&engine->alloc, t->narrow);
  mn_free(&engine->alloc, t->grad);
  mn_free(&engine->alloc, t->first);
  mn_free(&engine->alloc, t->second);
  mn_arena_free(&t->arena);
  mn_free(&engine->alloc, t);
  moon_engine_close(engine);
}

/* ---- what a trainer tells ---- */

const moon_config *moon_trainer_config(const moon_trainer *t) { return &t->config; }
uint64_t moon_trainer_steps(const moon_trainer *t) { return t->steps; }
uint64_t moon_trainer_learning(const moon_trainer *t) { return t->n_state; }

size_t moon_trainer_bytes(const moon_trainer *t) {
  return t->tape.size + bytes_of_weights(t) + t->arena.total;
}

const char *moon_trainer_name(const moon_trainer *t, size_t i) {
  return i < t->n_slots ? t->slots[i].name : NULL;
}
