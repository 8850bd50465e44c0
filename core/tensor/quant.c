/* quant.c: whole matrices through the search, and the layout's two directions; see quant.h.
**
** How: a task is one group of MK_QROWS rows: they are widened into the worker's scratch, their
** blocks searched one after the other, and the codes put where the kernels read them. Invariant: a
** group's bytes are written by its task alone. Does not: choose what is quantised (core/model). */
#include "core/tensor/quant.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "core/base/gemm.h"
#include "core/tensor/quant_search.h"
#include "core/tensor/tensor.h"
#include "kernels/half.h"

enum { Q4_PAIR = 8 };           /* columns that share four bytes: i and i + 4 */

/* ---- the layout ---- */

static size_t code_bytes(moon_dtype dtype) {
  return dtype == MOON_Q8 ? MK_Q8_BYTES : MK_Q4_BYTES;
}

/* Of row r of a block: column c of q8, columns c and c + 4 (c % 8 < 4) of q4. */
static size_t at_q8(size_t r, size_t c) { return 64 * (c / 4) + 4 * r + c % 4; }
static size_t at_q4(size_t r, size_t c) { return 64 * (c / Q4_PAIR) + 4 * r + c % 4; }

static void put_codes(uint8_t *block, moon_dtype dtype, size_t r, const uint8_t *codes) {
  for (size_t c = 0; c < MK_QBLOCK; c++) {
    if (dtype == MOON_Q8) block[at_q8(r, c)] = codes[c];
    else if (c % Q4_PAIR < 4) block[at_q4(r, c)] = (uint8_t)(codes[c] | codes[c + 4] << 4);
  }
}

static void get_q8(const uint8_t *block, size_t r, mk_f16 half, float *y) {
  float scale = mk_f32_of_f16(half);
  for (size_t c = 0; c < MK_QBLOCK; c++) y[c] = (float)(block[at_q8(r, c)] - 128) * scale;
}

static void get_q4(const uint8_t *block, size_t r, mk_f16 half, float *y) {
  mn_fit fit = mn_fit_q4(half);
  const int8_t *level = mk_q4_levels[fit.book];
  for (size_t c = 0; c < MK_QBLOCK; c++) {
    uint8_t pair = block[at_q4(r, c)];
    y[c] = (float)level[c % Q4_PAIR < 4 ? pair & 15 : pair >> 4] * fit.scale;
  }
}

void mn_dequantize_row(const mn_matrix *w, size_t row, float *y) {
  size_t blocks = w->n / MK_QBLOCK, r = row % MK_QROWS, codes = code_bytes(w->dtype);
  const uint8_t *group = w->bytes;
  group += row / MK_QROWS * mn_quant_group(w->dtype, w->n);
  const uint8_t *scales = group + blocks * codes;
  for (size_t b = 0; b < blocks; b++, y += MK_QBLOCK) {
    mk_f16 half;
    memcpy(&half, scales + (b * MK_QROWS + r) * sizeof half, sizeof half);
    if (w->dtype == MOON_Q8) get_q8(group + b * codes, r, half, y);
    else get_q4(group + b * codes, r, half, y);
  }
}

/* ---- matrices ---- */

typedef struct job {
  const moon_engine *engine;
  const mn_matrix *w;
  const mn_feedback *feedback;  /* or NULL */
  moon_dtype to;
  uint8_t *bytes;
  const mn_books *books;
  float *scratch;               /* (workers, 2, MK_QROWS, n) */
  atomic_size_t bad_row;        /* the first that cannot be quantised, or the number of rows */
} job;

/* Rows of one group in work. */
typedef struct rows {
  size_t count;
  const float *x;               /* (MK_QROWS, n) */
  float *error;                 /* (MK_QROWS, n): of the columns that are rounded, given feedback */
  uint8_t *group;               /* where their codes and scales go */
} rows;

static bool row_ok(const float *x, size_t n) {
  bool ok = true;
  for (size_t i = 0; i < n; i++) ok &= fabsf(x[i]) <= MN_QUANT_MAX;     /* false for a NaN */
  return ok;
}

static void note_bad(job *j, size_t row) {
  size_t seen = atomic_load(&j->bad_row);
  while (row < seen && !atomic_compare_exchange_weak(&j->bad_row, &seen, row)) continue;
}

static mn_fit fit_of(const job *j, mk_f16 half) {
  mn_fit fit = {.scale = mk_f32_of_f16(half)};
  return j->to == MOON_Q8 ? fit : mn_fit_q4(half);
}

static void codes_of(const job *j, mn_fit fit, const float *x, size_t n, uint8_t *codes) {
  if (j->to == MOON_Q8) mn_codes_q8(fit.scale, x, n, codes);
  else mn_codes_q4(j->books, fit, x, n, codes);
}

static float value_of(const job *j, mn_fit fit, uint8_t code) {
  return fit.scale *
         (j->to == MOON_Q8 ? (float)(code - 128) : j->books->level[fit.book][code]);
}

/* Weight by weight: each makes up for the errors before it in the block; `wanted` already does for
** those before the block, which begins at column `first`. */
static void codes_in_turn(const job *j, mn_fit fit, const float *x, const float *wanted,
                          float *error, size_t first, uint8_t *codes) {
  size_t n = j->w->n;
  for (size_t k = 0; k < MK_QBLOCK; k++) {
    const float *factor = j->feedback->factor + first * n + first + k;
    float want = wanted[k];
    for (size_t i = 0; i < k; i++) want += error[i] * factor[i * n];
    codes_of(j, fit, &want, 1, codes + k);
    error[k] = x[k] - value_of(j, fit, codes[k]);
  }
}

static void quantize_block(const job *j, const rows *group, size_t b) {
  static const float alike[MK_QBLOCK] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  size_t n = j->w->n, first = b * MK_QBLOCK, bytes = code_bytes(j->to);
  const float *importance = j->feedback ? j->feedback->importance + first : alike;
  float wanted[MK_QROWS][MK_QBLOCK];
  for (size_t r = 0; r < group->count; r++)
    memcpy(wanted[r], group->x + r * n + first, sizeof wanted[r]);
  if (j->feedback && first > 0)
    mn_gemm(group->count, MK_QBLOCK, first, group->error, n, 1, j->feedback->factor + first, n, 1,
            wanted[0], MK_QBLOCK, 1, true);
  for (size_t r = 0; r < group->count; r++) {
    uint8_t codes[MK_QBLOCK];
    size_t at = r * n + first;
    mk_f16 half = j->to == MOON_Q8 ? mn_scale_q8(wanted[r], importance)
                                   : mn_scale_q4(j->books, wanted[r], importance);
    mn_fit fit = fit_of(j, half);
    if (j->feedback)
      codes_in_turn(j, fit, group->x + at, wanted[r], group->error + at, first, codes);
    else codes_of(j, fit, wanted[r], MK_QBLOCK, codes);
    put_codes(group->group + b * bytes, j->to, r, codes);
    memcpy(group->group + n / MK_QBLOCK * bytes + (b * MK_QROWS + r) * sizeof half, &half,
           sizeof half);
  }
}

static void quantize_group(void *context, size_t task, int worker) {
  job *j = context;
  const mn_matrix *w = j->w;
  size_t first = task * MK_QROWS, bytes = w->n * moon_dtype_size(w->dtype);
  float *x = j->scratch + (size_t)worker * 2 * MK_QROWS * w->n;
  rows group = {w->rows - first < MK_QROWS ? w->rows - first : MK_QROWS, x, x + MK_QROWS * w->n,
                j->bytes + task * mn_quant_group(j->to, w->n)};
  if (group.count < MK_QROWS) memset(group.group, 0, mn_quant_group(j->to, w->n));
  for (size_t r = 0; r < group.count; r++) {
    mn_widen(j->engine, x + r * w->n, (const uint8_t *)w->bytes + (first + r) * bytes, w->dtype,
             w->n);
    if (row_ok(x + r * w->n, w->n)) continue;
    note_bad(j, first + r);
    return;
  }
  for (size_t b = 0; b < w->n / MK_QBLOCK; b++) quantize_block(j, &group, b);
}

moon_status mn_quantize_matrix(const moon_engine *engine, const mn_matrix *w,
                               const mn_feedback *feedback, moon_dtype to, uint8_t *bytes,
                               moon_error *err) {
  mn_books books;
  size_t floats;
  mn_books_default(&books);
  if (!mn_size_mul((size_t)mn_pool_workers(engine->pool), 2 * MK_QROWS * sizeof(float), &floats) ||
      !mn_size_mul(floats, w->n, &floats))
    return mn_fail_memory(err, "rows to quantise", SIZE_MAX);
  job j = {.engine = engine, .w = w, .feedback = feedback, .to = to, .bytes = bytes,
           .books = &books};
  atomic_init(&j.bad_row, w->rows);
  j.scratch = mn_new(&engine->alloc, floats);
  if (!j.scratch) return mn_fail_memory(err, "rows to quantise", floats);
  mn_pool_run(engine->pool, (w->rows + MK_QROWS - 1) / MK_QROWS, quantize_group, &j);
  mn_free(&engine->alloc, j.scratch);
  size_t bad = atomic_load(&j.bad_row);
  if (bad == w->rows) return MOON_OK;
  return mn_fail(err, MOON_EMATH, "row %zu holds a NaN, an infinity or a weight over %.0e: %s "
                 "cannot stand for it", bad, (double)MN_QUANT_MAX, moon_dtype_name(to));
}
