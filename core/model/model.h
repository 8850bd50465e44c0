/* model.h: weights, found by name in a checkpoint and checked against the config. */
#ifndef MOON_MODEL_H
#define MOON_MODEL_H

#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/formats/checkpoint.h"
#include "core/model/config.h"
#include "core/tensor/linear.h"
#include "core/text/tokenizer.h"

typedef struct mn_layer {
  const float *attention_norm;  /* (D) */
  mn_matrix q;                  /* (H*K, D) */
  mn_matrix k, v;               /* (G*K, D) */
  mn_matrix o;                  /* (D, H*K) */
  const float *mlp_norm;        /* (D) */
  mn_matrix gate, up;           /* (F, D) */
  mn_matrix down;               /* (D, F) */
} mn_layer;

typedef struct mn_parameter {   /* for moon_model_parameter */
  const char *name;             /* Hugging Face's */
  const void *bytes;
  moon_dtype dtype;
  int rank;
  size_t shape[2];
  bool mapped;                  /* bytes lie in the file */
} mn_parameter;

/* Something that another part of the library makes of a model and that dies with it. */
typedef struct mn_companion {
  void *object;
  void (*release)(void *object);
} mn_companion;

/* The type that embeddings and head get where nothing was said. Four bits cost them more than they
** cost the other matrices, see spec/core/quant_spec.lua. */
static inline int mn_head_dtype(int dtype, int head_dtype) {
  if (head_dtype >= 0) return head_dtype;
  return dtype == MOON_Q4 ? MOON_Q8 : dtype;
}

/* tell.c. Bytes of the parameters that lie in the mapped file. */
uint64_t mn_model_mapped(const moon_model *model);

/* text.c. The id that texts begin with, -1: none. */
int32_t mn_model_bos(const moon_model *model);

/* Whether the parameter is the embeddings or the head. */
bool mn_is_end(const char *name);

struct moon_model {
  atomic_size_t owners;
  moon_engine *engine;          /* retained */
  moon_config config;
  mn_checkpoint *checkpoint;    /* the mapped file that matrices point into */
  mn_arena arena;               /* widened norms, converted matrices, names, layers */
  mn_matrix embed;              /* (V, D) */
  mn_matrix head;               /* (V, D); embed where shared */
  const float *norm;            /* (D) */
  mn_layer *layers;             /* (L) */
  const double *inv_freq;       /* (K/2): theta^(-2i/K) */
  mn_parameter *parameters;
  size_t n_parameters;
  size_t alone;                 /* mn_linear_alone of all matrices */
  mn_tokenizer *tokenizer;      /* NULL: the directory has none */
  _Atomic(mn_companion *) companion;    /* the vocabulary of constraints; NULL: not asked for */
};

#endif
