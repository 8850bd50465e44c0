/* matmul.c: products of (batches of) matrices.
**
** How: both operands are seen as matrices over a broadcast batch; f32 of any strides goes to
**   BLIS as it lies, everything else, and what repeats inside a matrix, is copied to contiguous
**   f32 first. The work is cut into panels of PANEL rows or columns of the result, whichever
**   there are more of, and the engine's pool takes them.
** Invariant: the cut depends on the shapes alone and never goes along a sum, so the bits of a
**   result do not depend on the number of threads.
** Not here: y = x W^T of a model's layers, with stored halves (linear.c).
*/
#include "core/base/gemm.h"
#include "core/tensor/tensor.h"

enum { PANEL = 256 };

typedef struct operand {        /* matrices (rows, cols) */
  const float *first;
  size_t row, col;              /* strides of a matrix; never 0 */
  size_t batch[MOON_MAX_RANK];  /* strides over the batch's dims */
} operand;

typedef struct product {
  operand a, b;                 /* (M, K), (K, N) */
  float *c;                     /* (batch, M, N) */
  size_t M, N, K, panels;
  int batch_rank;
  size_t batch[MOON_MAX_RANK];
} product;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void panel_task(void *context, size_t task, int worker) {
  (void)worker;
  const product *p = context;
  size_t matrix = task / p->panels, from = task % p->panels * PANEL;
  const float *a = p->a.first, *b = p->b.first;
  float *c = p->c + matrix * p->M * p->N;
  for (int i = p->batch_rank; i-- > 0; matrix /= p->batch[i]) {
    a += matrix % p->batch[i] * p->a.batch[i];
    b += matrix % p->batch[i] * p->b.batch[i];
  }
  size_t m = p->M, n = p->N;
  if (n >= m) {
    n = smaller(PANEL, n - from);
    b += from * p->b.col;
    c += from;
  } else {
    m = smaller(PANEL, m - from);
    a += from * p->a.row;
    c += from * p->N;
  }
  mn_gemm(m, n, p->K, a, p->a.row, p->a.col, b, p->b.row, p->b.col, c, p->N, 1, false);
}

/* May BLIS read t's matrices, which have t's last `dims` dims, where they lie? */
static bool lies_well(const moon_tensor *t, int dims) {
  if (t->dtype != MOON_F32) return false;
  for (int i = t->rank - dims; i < t->rank; i++)
    if (t->shape[i] > 1 && t->stride[i] == 0) return false;
  return true;
}

/* t, or an f32 copy of it in *copy, as an operand with strides for the product's batch. A dim of
** one element gets a stride that BLIS takes for a stored matrix's. */
static moon_status prepare(const moon_tensor *t, bool left, const product *p, operand *o,
                           moon_tensor **copy, moon_error *err) {
  int dims = t->rank > 1 ? 2 : 1;
  if (!lies_well(t, dims)) {
    moon_status status = moon_tensor_to(t, MOON_F32, copy, err);
    if (status != MOON_OK) return status;
    t = *copy;
  }
  size_t rows = left ? p->M : p->K, cols = left ? p->K : p->N;
  size_t last = t->stride[t->rank - 1];
  o->first = (const void *)t->first;
  if (dims == 2) {
    o->row = t->stride[t->rank - 2];
    o->col = last;
  } else {
    o->row = left ? 1 : last;
    o->col = left ? last : 1;
  }
  if (rows == 1) o->row = o->col == 1 ? cols : 1;
  if (cols == 1) o->col = o->row == 1 ? rows : 1;
  moon_tensor lead = *t;                        /* the batch dims alone */
  lead.rank = t->rank - dims;
  mn_expand_strides(&lead, p->batch_rank, p->batch, o->batch);
  return MOON_OK;
}

/* Sizes of the product, and the shape of its result. */
static moon_status measure(const moon_tensor *a, const moon_tensor *b, product *p, int *rank,
                           size_t *shape, moon_error *err) {
  mn_shape_text at = mn_tensor_text(a), bt = mn_tensor_text(b);
  if (a->rank == 0 || b->rank == 0)
    return mn_fail(err, MOON_EARG, "matmul: %s by %s: both want a dim", at.text, bt.text);
  bool a_matrix = a->rank > 1, b_matrix = b->rank > 1;
  p->M = a_matrix ? a->shape[a->rank - 2] : 1;
  p->K = a->shape[a->rank - 1];
  p->N = b_matrix ? b->shape[b->rank - 1] : 1;
  size_t inner = b->shape[b_matrix ? b->rank - 2 : 0];
  if (p->K != inner)
    return mn_fail(err, MOON_EARG, "matmul: %s by %s: inner sizes %zu and %zu differ", at.text,
                   bt.text, p->K, inner);
  if (!mn_broadcast(a_matrix ? a->rank - 2 : 0, a->shape, b_matrix ? b->rank - 2 : 0, b->shape,
                    &p->batch_rank, p->batch))
    return mn_fail(err, MOON_EARG, "matmul: %s by %s: leading dims do not broadcast", at.text,
                   bt.text);
  p->panels = ((p->N >= p->M ? p->N : p->M) + PANEL - 1) / PANEL;
  *rank = p->batch_rank;
  for (int i = 0; i < p->batch_rank; i++) shape[i] = p->batch[i];
  if (a_matrix) shape[(*rank)++] = p->M;
  if (b_matrix) shape[(*rank)++] = p->N;
  return MOON_OK;
}

moon_status moon_tensor_matmul(const moon_tensor *a, const moon_tensor *b, moon_tensor **out,
                               moon_error *err) {
  product p;
  int rank = 0;
  size_t shape[MOON_MAX_RANK], matrices = 1;
  moon_engine *engine = a->storage->engine;
  moon_tensor *a_copy = NULL, *b_copy = NULL;
  *out = NULL;
  moon_status status = measure(a, b, &p, &rank, shape, err);
  if (status != MOON_OK) return status;
  status = moon_tensor_new(engine, MOON_F32, rank, shape, out, err);
  if (status != MOON_OK || p.K == 0 || moon_tensor_count(*out) == 0) return status;
  status = prepare(a, true, &p, &p.a, &a_copy, err);
  if (status == MOON_OK) status = prepare(b, false, &p, &p.b, &b_copy, err);
  if (status == MOON_OK) {
    p.c = (void *)(*out)->first;
    for (int i = 0; i < p.batch_rank; i++) matrices *= p.batch[i];
    mn_pool_run(engine->pool, matrices * p.panels, panel_task, &p);
  } else {
    moon_tensor_free(*out);
    *out = NULL;
  }
  moon_tensor_free(a_copy);
  moon_tensor_free(b_copy);
  return status;
}
