/* quant_search.c: scales and books by search.
**
** What: for a block x of importances w and levels L, the scale d and the assignment of levels that
** make sum w*(x - d*L)^2 least.
** How: for a given d the best level of each weight is the nearest one. For a given assignment the
** best d is sum(w*x*L) / sum(w*L*L), and the error is then sum(w*x*x) less
** gain = sum(w*x*L)^2 / sum(w*L*L).
** The two steps in turn only find the local optimum next to where they begin, so each book, with
** either sign of d because books need not be symmetric, is tried at RATIOS scales around the one
** that puts the largest weight on the outermost level; the KEPT best are refined. Against a search
** four times as dense this loses 0.1 % of the error on normal weights. Last, the scale is rounded
** to both neighbours that the format has, and the better one decides the codes.
** Invariant: plain f32 in a fixed order: all machines and numbers of threads give the same bytes.
*/
#include "core/tensor/quant_search.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/half.h"

enum { RATIOS = 6, KEPT = 3, ROUNDS = 3 };
static const float least_ratio = 0.75f, ratio_step = 0.12f, fine_step = 0.03f;

/* Below this a block has no scale: the smallest one beside a book is 2^-22, which 3e-5 needs. */
static const float tiny = 0x1p-30f;

void mn_books_set(mn_books *books, const float (*levels)[16]) {
  for (int b = 0; b < MK_QBOOKS; b++) {
    for (int k = 0; k < 16; k++) {
      books->level[b][k] = levels[b][k];
      books->edge[b][k] = k > 0 ? 0.5f * (levels[b][k - 1] + levels[b][k]) : 0;
    }
  }
}

void mn_books_default(mn_books *books) {
  float levels[MK_QBOOKS][16];
  for (int b = 0; b < MK_QBOOKS; b++)
    for (int k = 0; k < 16; k++) levels[b][k] = mk_q4_levels[b][k];
  mn_books_set(books, levels);
}

static float largest(const float *x) {
  float most = 0;
  for (int i = 0; i < MK_QBLOCK; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
  return most;
}

/* ---- 4 bits ---- */

/* The level nearest to each x * inverse. Sixteen comparisons of all weights: no branch, and it
** becomes vector code. */
static void snap(float *restrict nearest, const float *restrict x, const float *level,
                 const float *edge, float inverse) {
  float y[MK_QBLOCK];
  for (int i = 0; i < MK_QBLOCK; i++) {
    y[i] = x[i] * inverse;
    nearest[i] = level[0];
  }
  for (int k = 1; k < 16; k++) {
    float border = edge[k], step = level[k] - level[k - 1];
    for (int i = 0; i < MK_QBLOCK; i++) nearest[i] += y[i] > border ? step : 0;
  }
}

/* Sums in eight lanes, which the compiler can keep in vectors: a fixed order all the same. */
enum { LANES = 8 };

static float total(const float *lane) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

static float dot(const float *w, const float *a, const float *b) {
  float lane[LANES] = {0};
  for (int i = 0; i < MK_QBLOCK; i += LANES)
    for (int j = 0; j < LANES; j++) lane[j] += w[i + j] * a[i + j] * b[i + j];
  return total(lane);
}

typedef struct candidate {
  mn_fit fit;                   /* the best scale of the assignment that a try led to */
  float gain;
} candidate;

/* Assigns levels at this scale; takes the assignment over when it gains more. */
static bool improve(candidate *best, const mn_books *books, int book, const float *x,
                    const float *w, float scale) {
  float nearest[MK_QBLOCK];
  snap(nearest, x, books->level[book], books->edge[book], 1 / scale);
  float xl = dot(w, x, nearest), ll = dot(w, nearest, nearest);
  if (!(ll > 0) || xl == 0) return false;
  float gain = xl / ll * xl;
  if (!(gain > best->gain)) return false;
  *best = (candidate){.fit = {book, xl / ll}, .gain = gain};
  return true;
}

/* Keeps the list of the best, descending. */
static void keep(candidate *kept, candidate c) {
  int at = KEPT;
  while (at > 0 && c.gain > kept[at - 1].gain) at--;
  if (at == KEPT) return;
  for (int i = KEPT - 1; i > at; i--) kept[i] = kept[i - 1];
  kept[at] = c;
}

static void refine(candidate *c, const mn_books *books, const float *x, const float *w) {
  int book = c->fit.book;
  float scale = c->fit.scale;
  improve(c, books, book, x, w, scale * (1 - fine_step));
  improve(c, books, book, x, w, scale * (1 + fine_step));
  for (int i = 0; i < ROUNDS; i++)
    if (!improve(c, books, book, x, w, c->fit.scale)) return;
}

mn_fit mn_search_q4(const mn_books *books, const float *x, const float *w) {
  candidate kept[KEPT] = {{{0}}};
  float unit = largest(x) / 127;
  if (unit < tiny) return (mn_fit){0};
  for (int book = 0; book < MK_QBOOKS; book++) {
    for (int sign = -1; sign <= 1; sign += 2) {
      candidate best = {{0}};
      for (int i = 0; i < RATIOS; i++) {
        float ratio = least_ratio + ratio_step * (float)i;
        improve(&best, books, book, x, w, (float)sign * unit * ratio);
      }
      keep(kept, best);
    }
  }
  for (int i = 0; i < KEPT; i++)
    if (kept[i].gain > 0) refine(&kept[i], books, x, w);
  mn_fit fit = kept[0].fit;
  float most = kept[0].gain;
  for (int i = 1; i < KEPT; i++) {
    if (!(kept[i].gain > most)) continue;
    most = kept[i].gain;
    fit = kept[i].fit;
  }
  return fit;
}

void mn_codes_q4(const mn_books *books, mn_fit fit, const float *x, size_t n, uint8_t *codes) {
  const float *edge = books->edge[fit.book];
  float inverse = fit.scale != 0 ? 1 / fit.scale : 0;
  for (size_t i = 0; i < n; i++) {
    int code = 0;
    for (int k = 1; k < 16; k++) code += x[i] * inverse > edge[k];
    codes[i] = (uint8_t)code;
  }
}

static float error_q4(const mn_books *books, mn_fit fit, const float *x, const float *w) {
  float nearest[MK_QBLOCK];
  snap(nearest, x, books->level[fit.book], books->edge[fit.book], 1 / fit.scale);
  for (int i = 0; i < MK_QBLOCK; i++) nearest[i] = x[i] - fit.scale * nearest[i];
  return dot(w, nearest, nearest);
}

mn_fit mn_fit_q4(mk_f16 half) {
  return (mn_fit){half % MK_QBOOKS, mk_f32_of_f16((mk_f16)(half - half % MK_QBOOKS))};
}

mk_f16 mn_scale_q4(const mn_books *books, const float *x, const float *w) {
  enum { STEP = MK_QBOOKS };            /* the two lowest bits hold the book */
  mn_fit fit = mn_search_q4(books, x, w);
  mk_f16 half = mk_f16_of_f32(fit.scale), best = 0;
  float least = dot(w, x, x);           /* the error of a scale of 0 */
  half -= half % STEP;
  for (int up = 0; up <= 1; up++) {
    mk_f16 tried = (mk_f16)((half + up * STEP) | fit.book);
    float scale = mn_fit_q4(tried).scale;
    if (scale == 0 || isinf(scale)) continue;
    float error = error_q4(books, mn_fit_q4(tried), x, w);
    if (!(error < least)) continue;
    least = error;
    best = tried;
  }
  return best;
}

/* ---- 8 bits ---- */

/* The whole number nearest to x * inverse, within -127 .. 127. Adding 1.5 * 2^23 leaves no room for
** a fraction: the sum is rounded to nearest, ties to even. */
static inline float rounded(float x, float inverse) {
  const float magic = 0x1.8p23f;
  float v = x * inverse;
  v = v > 127 ? 127 : v;
  v = v < -127 ? -127 : v;
  return (v + magic) - magic;
}

void mn_codes_q8(float scale, const float *x, size_t n, uint8_t *codes) {
  float inverse = scale != 0 ? 1 / scale : 0;
  for (size_t i = 0; i < n; i++) codes[i] = (uint8_t)(128 + (int)rounded(x[i], inverse));
}

static float error_q8(const float *x, const float *w, float scale) {
  float y[MK_QBLOCK], inverse = 1 / scale;
  for (int i = 0; i < MK_QBLOCK; i++) y[i] = x[i] - scale * rounded(x[i], inverse);
  return dot(w, y, y);
}

/* Scales from the one that reaches the largest weight downwards: giving up a little of the largest
** weight may serve the others. All of them are numbers that the format has. */
mk_f16 mn_scale_q8(const float *x, const float *w) {
  enum { SCALES = 12 };
  float unit = largest(x) / 127, least = dot(w, x, x);
  mk_f16 top = unit < tiny ? 0 : mk_f16_of_f32(unit), best = 0;
  for (int i = -1; i < SCALES; i++) {
    int half = (int)top - i;
    float scale = half > 0 ? mk_f32_of_f16((mk_f16)half) : 0;
    if (scale == 0 || isinf(scale)) continue;
    float error = error_q8(x, w, scale);
    if (!(error < least)) continue;
    least = error;
    best = (mk_f16)half;
  }
  return best;
}
