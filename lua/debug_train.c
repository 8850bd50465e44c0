/* debug_train.c: the tape's operations, and a whole small model, held against finite differences.
**
** What: each case is a small graph over random parameters, ending in a weighted sum or a
**   cross-entropy. moonlet.debug.train compiles twice: in float into the specs' module, in double
**   into train_double.so, where central differences are exact enough to judge by.
**   cases() -> names; gradients(case, {threads=, numeric=}) -> objective, {{name=, grad=,
**   numeric=}, ...}, bytes: what the tape measured and what it took;
**   product(m, n, k, a_turned, b_turned, add) -> worst error of gemm, over the tiers that run here;
**   drops(first, past) -> elements that dropout takes against the cipher, over them too.
*/
#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/train/graph.h"
#include "lua/compat.h"

MOON_API int luaopen_moonlet_debug_train(lua_State *L);

enum { MOST = 64, MOST_TOKENS = 160, MOST_HALF = 8 };

typedef struct bench bench;
typedef struct test_case {
  const char *name;
  void (*declare)(bench *b);
  void (*record)(bench *b);
  int kind;                     /* of binary, unary, model: which */
} test_case;

struct bench {
  moon_engine *engine;
  mn_tape tape;
  const test_case *test;
  bool declaring;
  const char *names[MOST];
  mn_node nodes[MOST];
  size_t n;
  real *mask;                   /* weights of the objective */
  mn_batch batch;
  int32_t ids[MOST_TOKENS], targets[MOST_TOKENS], positions[MOST_TOKENS];
  float weights[MOST_TOKENS];
  size_t borders[5];
  real cos[MOST_TOKENS * MOST_HALF], sin[MOST_TOKENS * MOST_HALF];
  moon_config config;
  mn_graph graph;
  mn_block blocks[2];
  mn_update updates[4 * MN_TARGETS];
};

/* ---- parameters and data ---- */

static void declare(bench *b, const char *name, size_t rows, size_t cols, double middle) {
  size_t n = rows * cols;
  mn_node *node = &b->nodes[b->n];
  *node = (mn_node){.rows = rows, .cols = cols, .wants = true, .parameter = true};
  node->value = mn_new(&b->engine->alloc, n * sizeof(real));
  node->grad = mn_new_zero(&b->engine->alloc, n * sizeof(real));
  for (size_t i = 0; i < n; i++)
    node->value[i] = (real)(middle + 0.5 * mn_random_normal(b->n + 1, i));
  b->names[b->n++] = name;
}

static mn_node *get(bench *b, const char *name) {
  for (size_t i = 0; i < b->n; i++)
    if (strcmp(b->names[i], name) == 0) return &b->nodes[i];
  return NULL;
}

static void make_batch(bench *b, const size_t *lengths, size_t n, size_t V, size_t half) {
  size_t t = 0;
  for (size_t s = 0; s < n; s++) {
    b->borders[s] = t;
    for (size_t i = 0; i < lengths[s]; i++, t++) {
      b->positions[t] = (int32_t)i;
      b->ids[t] = (int32_t)(mn_random_uniform(91, t) * (double)V);
      b->targets[t] = (int32_t)(mn_random_uniform(92, t) * (double)V);
      b->weights[t] = t % 3 == 1 ? 0 : (float)(0.25 + mn_random_uniform(93, t));
    }
  }
  b->borders[n] = t;
  for (size_t p = 0; p < MOST_TOKENS; p++)
    for (size_t i = 0; i < half; i++) {
      double angle = (double)p * pow(100.0, -(double)i / (double)half);
      b->cos[p * half + i] = (real)cos(angle);
      b->sin[p * half + i] = (real)sin(angle);
    }
  b->batch = (mn_batch){.tokens = t, .sequences = n, .ids = b->ids, .targets = b->targets,
                        .weights = b->weights, .positions = b->positions,
                        .borders = b->borders, .cos = b->cos, .sin = b->sin};
}

static void finish(bench *b, mn_node *y) { mn_op_objective(&b->tape, y, b->mask, 0.7); }

/* A node that operations may work on in place. */
static mn_node *copy(bench *b, const char *name) { return mn_op_scale(&b->tape, get(b, name), 1); }

/* ---- the cases ---- */

static void declare_embed(bench *b) {
  make_batch(b, (size_t[]){5, 9}, 2, 6, 1);
  declare(b, "table", 6, 5, 0);
}
static void record_embed(bench *b) { finish(b, mn_op_embed(&b->tape, get(b, "table"), &b->batch)); }

static void declare_linear(bench *b) {
  declare(b, "x", 37, 7, 0);
  declare(b, "w", 9, 7, 0);
  declare(b, "residual", 37, 9, 0);
}
static void record_linear(bench *b) {
  mn_node *y = mn_op_linear(&b->tape, get(b, "x"), get(b, "w"), get(b, "residual"));
  finish(b, mn_op_binary(&b->tape, MN_OP_MUL, y, y));
}

static void declare_lowrank(bench *b) {
  declare(b, "base", 12, 10, 0);
  declare(b, "x", 12, 6, 0);
  declare(b, "a", 2, 6, 0);
  declare(b, "b", 4, 2, 0);
}
static void record_lowrank(bench *b) {
  mn_node *y = mn_op_lowrank(&b->tape, copy(b, "base"), get(b, "x"), get(b, "a"), get(b, "b"),
                             (real)1.5, 3);
  finish(b, mn_op_binary(&b->tape, MN_OP_MUL, y, y));
}

static void declare_rmsnorm(bench *b) {
  declare(b, "x", 140, 6, 0);
  declare(b, "w", 1, 6, 1);
}
static void record_rmsnorm(bench *b) {
  finish(b, mn_op_rmsnorm(&b->tape, get(b, "x"), get(b, "w"), (real)1e-3));
}

static void declare_rope(bench *b) {
  make_batch(b, (size_t[]){7, 4}, 2, 6, 3);
  declare(b, "x", 11, 16, 0);
}
static void record_rope(bench *b) {
  finish(b, mn_op_rope(&b->tape, copy(b, "x"), 2, 6, b->test->kind == 1, &b->batch));
}
static void record_head_norm(bench *b) {
  finish(b, mn_op_head_norm(&b->tape, get(b, "x"), 2, 6, (real)1e-3));
}

static void declare_attention(bench *b) {
  make_batch(b, (size_t[]){3, 70, 1}, 3, 6, 2);
  declare(b, "qkv", 74, (4 + 2 * 2) * 4, 0);
}
static void record_attention(bench *b) {
  finish(b, mn_op_attention(&b->tape, get(b, "qkv"), (mn_heads){4, 2, 4}, &b->batch));
}

static const mn_dropout dropping = {.rate = 0.25, .seed = 5, .step = 2, .batch = 1};

static void declare_dropout(bench *b) {
  declare(b, "x", 40, 65, 0);
  declare(b, "residual", 40, 65, 0);
}
static void record_dropout(bench *b) {
  finish(b, mn_op_dropout(&b->tape, copy(b, "x"), get(b, "residual"), &dropping,
                          (size_t)b->test->kind));
}

static void declare_swiglu(bench *b) { declare(b, "gate_up", 9, 14, 0); }
static void record_swiglu(bench *b) { finish(b, mn_op_swiglu(&b->tape, get(b, "gate_up"))); }

static void declare_cross_entropy(bench *b) {
  make_batch(b, (size_t[]){100, 7}, 2, 13, 1);
  declare(b, "x", 107, 5, 0);
  declare(b, "head", 13, 5, 0);
}
static void record_cross_entropy(bench *b) {
  mn_op_cross_entropy(&b->tape, get(b, "x"), get(b, "head"), &b->batch, NULL, 0.3, NULL);
}

/* The teacher's numbers are the batch's sines and cosines. */
static void record_distill(bench *b) {
  mn_node x = {.value = b->sin, .rows = 107, .cols = 1};
  mn_node head = {.value = b->cos, .rows = 13, .cols = 1};
  mn_teacher teacher = {&x, &head, (real)0.6, (real)1.7};
  mn_op_cross_entropy(&b->tape, get(b, "x"), get(b, "head"), &b->batch, &teacher, 0.3, NULL);
}

/* Values in 1.5 .. 3.5 or so: in the domain of every function. */
static void declare_plain(bench *b) {
  declare(b, "a", 5, 7, 4);
  declare(b, "b", b->test->kind >= 10 ? 1 : 5, 7, 4);
}
static void record_binary(bench *b) {
  finish(b, mn_op_binary(&b->tape, (mn_binary_op)(b->test->kind % 10), get(b, "a"), get(b, "b")));
}
static void declare_unary(bench *b) { declare(b, "x", 5, 7, b->test->kind < 3 ? 3 : 0); }
static void record_unary(bench *b) {
  finish(b, mn_op_unary(&b->tape, (mn_unary_op)b->test->kind, get(b, "x")));
}
static void record_scale(bench *b) { finish(b, mn_op_scale(&b->tape, get(b, "x"), (real)-2.5)); }
static void record_softmax(bench *b) { finish(b, mn_op_softmax(&b->tape, get(b, "x"))); }
static void record_sum(bench *b) {
  mn_node *y = mn_op_sum(&b->tape, get(b, "x"));
  finish(b, mn_op_binary(&b->tape, MN_OP_MUL, y, y));
}
static void record_mean(bench *b) {
  mn_node *y = mn_op_mean(&b->tape, get(b, "x"));
  finish(b, mn_op_binary(&b->tape, MN_OP_MUL, y, y));
}

static void declare_matmul(bench *b) {
  declare(b, "a", 5, 7, 0);
  declare(b, "b", 7, 4, 0);
}
static void record_matmul(bench *b) {
  finish(b, mn_op_matmul(&b->tape, get(b, "a"), get(b, "b")));
}

/* ---- whole models of two layers: 0 plain, 1 shared layers, 2 with low-rank updates, 3 R1, 4 with
** dropout ---- */

static void declare_model(bench *b) {
  static const char *const names[][6] = {
    {"attention_norm.0", "qkv.0", "o.0", "mlp_norm.0", "gate_up.0", "down.0"},
    {"attention_norm.1", "qkv.1", "o.1", "mlp_norm.1", "gate_up.1", "down.1"}};
  enum { V = 11, D = 6, H = 4, G = 2, K = 4, F = 7, RANK = 2 };
  int kind = b->test->kind;
  make_batch(b, (size_t[]){5, 2, 6}, 3, V, K / 2);
  b->config = (moon_config){
    .num_hidden_layers = 2, .hidden_size = D, .num_attention_heads = H, .num_key_value_heads = G,
    .head_dim = K, .intermediate_size = F, .vocab_size = V, .rms_norm_eps = 1e-5,
    .tied = kind != 3, .layer_sharing = kind == 1 || kind == 2, .rope_interleaved = kind == 3,
    .qk_norm = kind == 3};
  declare(b, "embed", V, D, 0);
  declare(b, "norm", 1, D, 1);
  if (kind == 3) declare(b, "head", V, D, 0);
  for (int i = 0; i < 2; i++) {
    declare(b, names[i][0], 1, D, 1);
    declare(b, names[i][1], (H + 2 * G) * K, D, 0);
    declare(b, names[i][2], D, H * K, 0);
    declare(b, names[i][3], 1, D, 1);
    declare(b, names[i][4], 2 * F, D, 0);
    declare(b, names[i][5], D, F, 0);
  }
  if (kind != 2) return;
  const size_t rows[] = {H * K, G * K, G * K, D, F, F, D}, cols[] = {D, D, D, H * K, D, D, F};
  for (int e = 0; e < 4; e += 3)                /* the first and the last evaluation */
    for (int t = 0; t < MN_TARGETS; t++) {
      b->updates[e * MN_TARGETS + t] = (mn_update){&b->nodes[b->n], &b->nodes[b->n + 1]};
      declare(b, "A", RANK, cols[t], 0);
      declare(b, "B", rows[t], RANK, 0);
    }
}

/* Blocks are copies of the nodes: what they point to is shared. */
static void record_model(bench *b) {
  mn_node *at = &b->nodes[2 + (b->test->kind == 3)];
  b->graph = (mn_graph){.config = &b->config, .embed = *get(b, "embed"), .norm = *get(b, "norm"),
                        .blocks = b->blocks, .update_scale = (real)0.5};
  if (b->test->kind == 3) b->graph.head = *get(b, "head");
  if (b->test->kind == 2) b->graph.updates = b->updates;
  for (int i = 0; i < 2; i++, at += 6)
    b->blocks[i] = (mn_block){at[0], at[1], at[2], at[3], at[4], at[5]};
  mn_node *x = mn_graph_hidden(&b->tape, &b->graph, &b->batch,
                               b->test->kind == 4 ? &dropping : NULL);
  mn_op_cross_entropy(&b->tape, x, mn_graph_head(&b->graph), &b->batch, NULL, 0.9, NULL);
}

static const test_case cases[] = {
  {"embed", declare_embed, record_embed, 0}, {"linear", declare_linear, record_linear, 0},
  {"lowrank", declare_lowrank, record_lowrank, 0},
  {"rmsnorm", declare_rmsnorm, record_rmsnorm, 0},
  {"rope of halves", declare_rope, record_rope, 0},
  {"rope of pairs", declare_rope, record_rope, 1},
  {"head_norm", declare_rope, record_head_norm, 0},
  {"attention", declare_attention, record_attention, 0},
  {"dropout", declare_dropout, record_dropout, 0},
  {"dropout at another site", declare_dropout, record_dropout, 1},
  {"swiglu", declare_swiglu, record_swiglu, 0},
  {"cross_entropy", declare_cross_entropy, record_cross_entropy, 0},
  {"distillation", declare_cross_entropy, record_distill, 0},
  {"add", declare_plain, record_binary, 0}, {"sub", declare_plain, record_binary, 1},
  {"mul", declare_plain, record_binary, 2}, {"div", declare_plain, record_binary, 3},
  {"add a row", declare_plain, record_binary, 10},
  {"div by a row", declare_plain, record_binary, 13},
  {"exp", declare_unary, record_unary, 0}, {"log", declare_unary, record_unary, 1},
  {"sqrt", declare_unary, record_unary, 2}, {"tanh", declare_unary, record_unary, 3},
  {"sigmoid", declare_unary, record_unary, 4}, {"silu", declare_unary, record_unary, 5},
  {"scale", declare_unary, record_scale, 5}, {"softmax", declare_unary, record_softmax, 5},
  {"sum", declare_unary, record_sum, 5}, {"mean", declare_unary, record_mean, 5},
  {"matmul", declare_matmul, record_matmul, 0},
  {"model", declare_model, record_model, 0},
  {"model with shared layers", declare_model, record_model, 1},
  {"model with updates for each run", declare_model, record_model, 2},
  {"model with dropout", declare_model, record_model, 4},
  {"model with interleaved rope, head norms, own head", declare_model, record_model, 3},
};
enum { CASES = sizeof cases / sizeof *cases };

/* ---- the window ---- */

enum { MASK = 8192, NODES = 256, BENCH_BYTES = 1 << 22 };

static double objective(bench *b) {
  mn_tape_clear(&b->tape, true);
  b->test->record(b);
  return b->tape.objective;
}

static void push_numbers(lua_State *L, const real *x, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, (lua_Number)x[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_numeric(lua_State *L, bench *b, mn_node *node) {
  size_t n = node->rows * node->cols;
  const double step = 1e-5;
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    real kept = node->value[i];
    node->value[i] = (real)((double)kept + step);
    double up = objective(b);
    node->value[i] = (real)((double)kept - step);
    double down = objective(b);
    node->value[i] = kept;
    lua_pushnumber(L, (up - down) / (2 * step));
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void close_bench(bench *b) {
  for (size_t i = 0; i < b->n; i++) {
    mn_free(&b->engine->alloc, b->nodes[i].value);
    mn_free(&b->engine->alloc, b->nodes[i].grad);
  }
  mn_free(&b->engine->alloc, b->mask);
  mn_tape_close(&b->tape);
  moon_engine_close(b->engine);
}

/* The bytes that a measuring tape finds for the same graph. */
static size_t measured(bench *b, moon_error *err) {
  mn_tape real_tape = b->tape;
  const mk_train *kernels = mk_train_for(b->engine->best);
  if (mn_tape_open(&b->tape, b->engine, kernels, NODES, 0, err) != MOON_OK) return 0;
  b->test->record(b);
  mn_tape_backward(&b->tape);
  size_t bytes = mn_tape_bytes(&b->tape);
  mn_tape_close(&b->tape);
  b->tape = real_tape;
  return bytes;
}

static int gradients(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "threads");
  lua_getfield(L, 2, "numeric");
  bool numeric = lua_toboolean(L, -1);
  moon_engine_options options = moon_engine_defaults();
  options.threads = (int)luaL_optinteger(L, -2, 1);
  bench *b = lua_newuserdatauv(L, sizeof *b, 0);
  memset(b, 0, sizeof *b);
  for (int i = 0; i < CASES; i++)
    if (strcmp(cases[i].name, name) == 0) b->test = &cases[i];
  if (!b->test) return luaL_error(L, "no case '%s'", name);
  moon_error err;
  if (moon_engine_open(&options, &b->engine, &err) != MOON_OK ||
      mn_tape_open(&b->tape, b->engine, mk_train_for(b->engine->best), NODES, BENCH_BYTES,
                   &err) != MOON_OK)
    return luaL_error(L, "%s", err.message);
  b->mask = mn_new(&b->engine->alloc, MASK * sizeof *b->mask);
  for (size_t i = 0; i < MASK; i++) b->mask[i] = (real)mn_random_normal(77, i);
  b->test->declare(b);
  size_t bytes = measured(b, &err);
  for (size_t i = 0; i < b->n; i++)
    memset(b->nodes[i].grad, 0, b->nodes[i].rows * b->nodes[i].cols * sizeof(real));
  mn_tape_clear(&b->tape, false);
  b->test->record(b);
  mn_tape_backward(&b->tape);
  lua_pushnumber(L, b->tape.objective);
  lua_newtable(L);
  for (size_t i = 0; i < b->n; i++) {
    mn_node *node = &b->nodes[i];
    lua_newtable(L);
    lua_pushstring(L, b->names[i]);
    lua_setfield(L, -2, "name");
    push_numbers(L, node->grad, node->rows * node->cols);
    lua_setfield(L, -2, "grad");
    lua_rawseti(L, -2, (int)i + 1);
  }
  moon_status status = b->tape.status;
  err = b->tape.err;
  size_t taken = mn_tape_bytes(&b->tape);
  for (size_t i = 0; numeric && status == MOON_OK && i < b->n; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    push_numeric(L, b, &b->nodes[i]);
    lua_setfield(L, -2, "numeric");
    lua_pop(L, 1);
  }
  close_bench(b);
  if (status != MOON_OK) return luaL_error(L, "%s", err.message);
  lua_pushinteger(L, (lua_Integer)bytes);
  lua_pushinteger(L, (lua_Integer)taken);
  return 4;
}

static int case_names(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; i < CASES; i++) {
    lua_pushstring(L, cases[i].name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* ---- products ---- */

enum { GUARD = 3 };             /* columns behind C that nothing may touch */

static real number_at(uint64_t stream, size_t i) { return (real)mn_random_normal(stream, i); }

typedef struct shape {
  size_t m, n, k;
  bool a_turned, b_turned, add;
} shape;

/* The largest |error| / sum |a b| of one tier's product; 1 if it wrote beside C. */
static double product_error(const mk_train *kernels, const shape *s, real *memory) {
  size_t m = s->m, n = s->n, k = s->k, ldc = n + GUARD;
  real *a = memory, *b = a + m * k, *c = b + k * n, *scratch = c + m * ldc;
  size_t a_row = s->a_turned ? 1 : k, a_col = s->a_turned ? m : 1;
  size_t b_row = s->b_turned ? 1 : n, b_col = s->b_turned ? k : 1;
  for (size_t i = 0; i < m * k; i++) a[i] = number_at(1, i);
  for (size_t i = 0; i < k * n; i++) b[i] = number_at(2, i);
  for (size_t i = 0; i < m * ldc; i++)
    c[i] = s->add || i % ldc >= n ? number_at(3, i) : (real)NAN;
  kernels->gemm(m, n, k, a, a_row, a_col, b, b_row, b_col, c, ldc, s->add, scratch);
  double worst = 0;
  for (size_t i = 0; i < m * ldc; i++) {
    double before = (double)number_at(3, i), got = (double)c[i];
    if (i % ldc >= n) {
      if (got != before) return 1;
      continue;
    }
    double sum = s->add ? before : 0, size = fabs(sum) + 1e-30;
    for (size_t p = 0; p < k; p++) {
      double term = (double)a[i / ldc * a_row + p * a_col] * (double)b[p * b_row + i % ldc * b_col];
      sum += term;
      size += fabs(term);
    }
    double error = fabs(got - sum) / size;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

static const mk_tier tiers[] = {MK_TIER_scalar, MK_TIER_avx2, MK_TIER_avx512};
enum { TIERS = sizeof tiers / sizeof *tiers };

static mk_tier best_tier(lua_State *L) {
  moon_engine *engine;
  moon_error err;
  if (moon_engine_open(NULL, &engine, &err) != MOON_OK) luaL_error(L, "%s", err.message);
  mk_tier best = engine->best;
  moon_engine_close(engine);
  return best;
}

static int product(lua_State *L) {
  shape s = {(size_t)luaL_checkinteger(L, 1), (size_t)luaL_checkinteger(L, 2),
             (size_t)luaL_checkinteger(L, 3), lua_toboolean(L, 4), lua_toboolean(L, 5),
             lua_toboolean(L, 6)};
  mk_tier best = best_tier(L);
  size_t reals = s.m * s.k + s.k * s.n + s.m * (s.n + GUARD) + MK_GEMM_SCRATCH;
  real *memory = lua_newuserdatauv(L, reals * sizeof *memory, 0);
  double worst = 0;
  for (size_t i = 0; i < TIERS; i++) {
    double error = tiers[i] > best ? 0 : product_error(mk_train_for(tiers[i]), &s, memory);
    if (!(error <= worst)) worst = error;
  }
  lua_pushnumber(L, worst);
  return 1;
}

/* ---- dropout ---- */

/* Elements from 0 to past that are not as Philox and the part to be dropped have it. */
static lua_Integer drop_faults(const mk_train *kernels, size_t first, size_t past, real *memory) {
  const mk_drops d = {.key = {5, 7}, .site = 3, .step = 2, .batch = 1, .below = 20000, .keep = 2};
  for (size_t i = 0; i <= past; i++) memory[i] = 1;
  kernels->drop(memory, memory, NULL, first, past, &d);
  lua_Integer faults = 0;
  for (size_t i = 0; i <= past; i++) {
    const uint32_t counter[4] = {(uint32_t)(i / 8), d.site, d.step, d.batch};
    uint32_t words[4];
    mn_philox(counter, d.key, words);
    bool dropped = (words[i % 8 / 2] >> 16 * (i % 2) & 0xffff) < d.below;
    real wanted = i < first || i == past ? 1 : dropped ? 0 : d.keep;
    faults += memory[i] != wanted;
  }
  return faults;
}

static int drops(lua_State *L) {
  size_t first = (size_t)luaL_checkinteger(L, 1), past = (size_t)luaL_checkinteger(L, 2);
  mk_tier best = best_tier(L);
  real *memory = lua_newuserdatauv(L, (past + 1) * sizeof *memory, 0);
  lua_Integer faults = 0;
  for (size_t i = 0; i < TIERS; i++)
    if (tiers[i] <= best) faults += drop_faults(mk_train_for(tiers[i]), first, past, memory);
  lua_pushinteger(L, faults);
  return 1;
}

int luaopen_moonlet_debug_train(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, gradients);
  lua_setfield(L, -2, "gradients");
  lua_pushcfunction(L, product);
  lua_setfield(L, -2, "product");
  lua_pushcfunction(L, drops);
  lua_setfield(L, -2, "drops");
  lua_pushcfunction(L, case_names);
  lua_setfield(L, -2, "cases");
  lua_pushinteger(L, (lua_Integer)sizeof(real));
  lua_setfield(L, -2, "real_size");
  return 1;
}
