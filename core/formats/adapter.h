/* adapter.h: low-rank updates in PEFT's files, to be merged into a model's weights.
**
** What: adapter_config.json and adapter_model.safetensors as huggingface/peft writes them. For a
**   weight W (N, n) with A (r, n) and B (N, r):
**     LoRA    W' = W + alpha/r B A             (Hu et al. 2021, arXiv 2106.09685)
**     rsLoRA  W' = W + alpha/sqrt(r) B A       (Kalajdzievski 2023, arXiv 2312.03732)
**     DoRA    W'' = W' * m / |W'|, row by row  (Liu et al. 2024, arXiv 2402.09353)
** Invariant: a setting that would change the result and is not computed here is refused by name,
**   and so is a tensor that belongs to no weight that was asked for. */
#ifndef MOON_FORMATS_ADAPTER_H
#define MOON_FORMATS_ADAPTER_H

#include "core/formats/checkpoint.h"

typedef struct mn_adapter mn_adapter;

typedef struct mn_low_rank {    /* one weight's update; a NULL: it has none */
  const mn_span *a, *b, *m;     /* m NULL: no DoRA */
  double scale;
} mn_low_rank;

moon_status mn_adapter_open(moon_engine *engine, const char *directory, mn_adapter **adapter,
                            moon_error *err);
void mn_adapter_close(mn_adapter *adapter);             /* accepts NULL */
/* The update of the weight (rows, n) of that Hugging Face name, ending in ".weight". */
moon_status mn_adapter_find(mn_adapter *adapter, const char *weight, size_t rows, size_t n,
                            mn_low_rank *update, moon_error *err);
/* After the last find: whether all of the file's tensors have been found. */
moon_status mn_adapter_check(const mn_adapter *adapter, moon_error *err);
/* w (rows, n) becomes what the update makes of it. row: room for n numbers. */
void mn_adapter_apply(const mn_adapter *adapter, const mn_low_rank *update, float *w, size_t rows,
                      size_t n, float *row);

#endif
