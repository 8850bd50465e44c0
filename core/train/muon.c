/* muon.c: the step of Muon for one matrix.
**
** What: a matrix moves along its gradients' momentum made orthogonal, so that each direction
**   learns about as fast as any other (Jordan et al. 2024, github.com/KellerJordan/Muon). The
**   step's numbers are in the mean as large as AdamW's, so both take the same rates and decay
**   (Liu et al. 2025, arXiv 2502.16982).
** How: x := c0 x + c1 (x x^T) x + c2 (x x^T)^2 x, five times, takes singular values from 0.01
**   to 1 into 0.7 to 1.2 and leaves the vectors (a Newton-Schulz iteration). x x^T is taken on
**   the smaller side.
** Invariant: allocates nothing, uses one thread: bits depend on the arguments and the tier alone.
*/
#include "core/train/muon.h"

#include <math.h>

enum { ITERATIONS = 5 };

typedef struct shape {
  const mk_train *kernels;
  size_t rows, cols, least;     /* least: the smaller of both */
  float *scratch;
} shape;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

size_t mn_muon_room(size_t rows, size_t cols) {
  size_t n = smaller(rows, cols);
  return 2 * rows * cols + 2 * n * n;
}

/* gram (least, least) := x x^T, or x^T x where there are more rows. */
static void gram_of(const shape *s, const float *x, float *gram) {
  bool tall = s->rows > s->cols;
  size_t n = s->least, across = tall ? 1 : s->cols, along = tall ? s->cols : 1;
  s->kernels->gemm(n, n, tall ? s->rows : s->cols, x, across, along, x, along, across, gram, n,
                   false, s->scratch);
}

/* y := p x, or x p where there are more rows. */
static void apply(const shape *s, const float *p, const float *x, float *y) {
  size_t n = s->least, C = s->cols;
  if (s->rows > C)
    s->kernels->gemm(s->rows, n, n, x, C, 1, p, n, 1, y, C, false, s->scratch);
  else
    s->kernels->gemm(n, C, n, p, n, 1, x, C, 1, y, C, false, s->scratch);
}

/* x made orthogonal, in x or in y. */
static const float *orthogonal(const shape *s, float *x, float *y, float *gram, float *p) {
  static const float c0 = 3.4445f, c1 = -4.7750f, c2 = 2.0315f;
  size_t n = s->least, count = s->rows * s->cols;
  float shrink = (float)(1 / (sqrt(s->kernels->square_sum(x, count)) + 1e-12));
  for (size_t i = 0; i < count; i++) x[i] *= shrink;
  for (int step = 0; step < ITERATIONS; step++) {
    gram_of(s, x, gram);
    s->kernels->gemm(n, n, n, gram, n, 1, gram, n, 1, p, n, false, s->scratch);
    for (size_t i = 0; i < n * n; i++) p[i] = c1 * gram[i] + c2 * p[i];
    for (size_t i = 0; i < n; i++) p[i * n + i] += c0;
    apply(s, p, x, y);
    float *turned = x;
    x = y;
    y = turned;
  }
  return x;
}

void mn_muon_step(const mk_train *kernels, const mn_muon *step, size_t rows, size_t cols,
                  float *w, float *grad, float *momentum, float *room, float *scratch) {
  const shape s = {kernels, rows, cols, smaller(rows, cols), scratch};
  size_t count = rows * cols;
  float *x = room, *y = x + count, *gram = y + count, *p = gram + s.least * s.least;
  float kept = step->momentum, fresh = 1 - kept;
  for (size_t i = 0; i < count; i++) {  /* Nesterov's: the gradient counts once more */
    float g = fresh * step->scale * grad[i];
    momentum[i] = kept * momentum[i] + g;
    x[i] = kept * momentum[i] + g;
    grad[i] = 0;
  }
  const float *turn = orthogonal(&s, x, y, gram, p);
  float large = 0.2f * sqrtf((float)(rows > cols ? rows : cols));
  for (size_t i = 0; i < count; i++) w[i] -= step->rate * (large * turn[i] + step->decay * w[i]);
}
