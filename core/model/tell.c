/* tell.c: what a model tells of itself: config, counts, parameters.
**
** Invariant: a parameter's tensor keeps the model alive, or owns what it holds. */
#include "core/base/blocks.h"
#include "core/model/model.h"
#include "core/tensor/quant.h"
#include "core/tensor/tensor.h"

const moon_config *moon_model_config(const moon_model *m) { return &m->config; }
moon_engine *moon_model_engine(const moon_model *m) { return m->engine; }
size_t moon_model_parameters(const moon_model *m) { return m->n_parameters; }

static uint64_t elements(const mn_parameter *p) {
  return (uint64_t)p->shape[0] * (p->rank == 2 ? p->shape[1] : 1);
}

uint64_t moon_model_count(const moon_model *m) {
  uint64_t count = 0;
  for (size_t i = 0; i < m->n_parameters; i++) count += elements(&m->parameters[i]);
  return count;
}

static uint64_t bytes_of(const mn_parameter *p) {
  size_t blocks;
  return mn_quant_bytes(p->dtype, p->shape[0], p->shape[1], &blocks)
             ? blocks : elements(p) * moon_dtype_size(p->dtype);
}

uint64_t moon_model_bytes(const moon_model *m) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < m->n_parameters; i++) bytes += bytes_of(&m->parameters[i]);
  return bytes;
}

uint64_t mn_model_mapped(const moon_model *m) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < m->n_parameters; i++)
    if (m->parameters[i].mapped) bytes += bytes_of(&m->parameters[i]);
  return bytes;
}

const char *moon_model_parameter_name(const moon_model *m, size_t i) {
  return m->parameters[i].name;
}

moon_dtype moon_model_parameter_dtype(const moon_model *m, size_t i) {
  return m->parameters[i].dtype;
}

static moon_status dequantize(const moon_model *m, const mn_parameter *p, moon_tensor **t,
                              moon_error *err) {
  mn_matrix w = {.bytes = p->bytes, .dtype = p->dtype, .rows = p->shape[0], .n = p->shape[1]};
  moon_status status = mn_tensor_blank(m->engine, MOON_F32, 2, p->shape, t, err);
  if (status != MOON_OK) return status;
  float *y = moon_tensor_data(*t);
  for (size_t r = 0; r < w.rows; r++) mn_dequantize_row(&w, r, y + r * w.n);
  return MOON_OK;
}

static void release_model(void *model) { moon_model_close(model); }

moon_status moon_model_parameter(const moon_model *m, size_t i, const char **name,
                                 moon_tensor **t, moon_error *err) {
  *name = NULL;
  *t = NULL;
  if (i >= m->n_parameters)
    return mn_fail(err, MOON_EARG, "parameter %zu of %zu", i, m->n_parameters);
  const mn_parameter *p = &m->parameters[i];
  *name = p->name;
  if (mn_is_quant(p->dtype)) return dequantize(m, p, t, err);
  /* Counting owners is the one thing that changes in a const model. */
  moon_model *owner = moon_model_retain((moon_model *)m);
  return mn_tensor_wrap(m->engine, p->dtype, p->rank, p->shape, (void *)p->bytes, true, owner,
                        release_model, t, err);
}
