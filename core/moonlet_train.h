/* moonlet_train.h: training, for C hosts: the part of moonlet.h that serves it, whose rules hold
** here too. Include moonlet.h. */
#ifndef MOONLET_TRAIN_H
#define MOONLET_TRAIN_H

/* Sequences of token ids with a weight for each as a target: 8 bytes a token, or 4 when all
** weights are 1. One that is longer than `longest` is cut into windows, each of which begins with
** the last id of the one before, so that every id is predicted once. */
typedef struct moon_corpus moon_corpus;

MOON_API moon_status moon_corpus_new(moon_engine *engine, size_t longest, moon_corpus **corpus,
                                     moon_error *err);
MOON_API void moon_corpus_free(moon_corpus *corpus);
/* At least two ids >= 0. weights NULL: ones; weights[0] is that of no target. */
MOON_API moon_status moon_corpus_add(moon_corpus *corpus, const int32_t *ids,
                                     const float *weights, size_t n, moon_error *err);
/* A JSON Lines file of {"ids": [...], "weights": [...]} or {"text": "..."}. weights may be
** absent; text becomes BOS, its tokens by model, EOS, and needs model. On failure, whose sentence
** names file and line, corpus is as it was. */
MOON_API moon_status moon_corpus_read(moon_corpus *corpus, const char *path,
                                      const moon_model *model, moon_error *err);
MOON_API size_t moon_corpus_count(const moon_corpus *corpus);           /* sequences */
MOON_API size_t moon_corpus_length(const moon_corpus *corpus, size_t i);        /* ids of one */
MOON_API double moon_corpus_weight(const moon_corpus *corpus, size_t i);        /* of its targets */
MOON_API size_t moon_corpus_bytes(const moon_corpus *corpus);

typedef struct moon_trainer moon_trainer;

enum {                          /* matrices that may have low-rank updates */
  MOON_LORA_Q = 1, MOON_LORA_K = 2, MOON_LORA_V = 4, MOON_LORA_O = 8, MOON_LORA_GATE = 16,
  MOON_LORA_UP = 32, MOON_LORA_DOWN = 64
};

enum { MOON_ADAMW, MOON_MUON };         /* optimizers */

typedef struct moon_trainer_options {
  size_t tokens;        /* most targets computed at once; default 4096 */
  size_t length;        /* longest sequence in ids; 0 (default): what the config allows */
  uint64_t seed;        /* of the first weights and of dropout; default 0 */
  int weights;          /* a moon_dtype. MOON_F32 (default), or MOON_BF16: the model's matrices are
                        ** computed with in bf16, rounded to the nearest from f32 ones after each
                        ** step: 2 bytes more a weight that learns (18 with gradient and moments),
                        ** 2 less one that is frozen. Norms and low-rank updates stay in f32 */
  int compute;          /* a moon_dtype. MOON_F32 (default), or MOON_BF16: products round what they
                        ** multiply to bf16 and sum in f32 (Micikevicius et al. 2018, arXiv
                        ** 1710.03740), Muon's as well; everything else is f32. Wants a CPU with
                        ** AMX, MOON_ESUPPORT elsewhere */
  int optimizer;        /* MOON_ADAMW (default), or MOON_MUON: the matrices of the blocks step by
                        ** Muon (Jordan et al. 2024, github.com/KellerJordan/Muon), at AdamW's
                        ** rates (Liu et al. 2025, arXiv 2502.16982): 4 bytes less a weight.
                        ** Embeddings, head, norms and low-rank updates step by AdamW */
  double dropout;       /* 0 (default) to 0.9: how much of the embeddings, and of what attention and
                        ** MLP add to the residual stream, is 0 in batches that give a gradient
                        ** (Srivastava et al. 2014). Follows from seed and steps alone */
  double r_drop;        /* 0 (default) to 1: with dropout, a batch goes through twice, and its loss
                        ** is (1 - r_drop) * -ln p + r_drop * sum of p' ln p'/q', each pass taking
                        ** the other's p' for a teacher's (R-Drop, Liang et al. 2021, arXiv
                        ** 2106.14448): half as fast, twice the activations. Not with a teacher */
  int32_t lora_rank;    /* 0 (default): all weights learn; else only low-rank updates */
  double lora_alpha;    /* updates are scaled by alpha / rank; default 16 */
  unsigned lora_targets;        /* default MOON_LORA_Q | MOON_LORA_V */
  bool lora_runs;       /* with layer sharing: updates of their own for each run of a block */
  struct moon_trainer *teacher;         /* a model of the same vocabulary to imitate; NULL: none.
                        ** It must take batches as large, and is kept as long as needed */
  double teacher_share; /* of the teacher in the loss: (1 - share) * -ln p + share * T^2 * sum over
                        ** the vocabulary of p' ln p'/q', both softened by T; default 0.5 */
  double temperature;   /* T; default 1 */
} moon_trainer_options;

MOON_API moon_trainer_options moon_trainer_defaults(void);
/* A model to be trained, its weights at random (normal, 0.02; what writes to the residual
** stream divided by the root of twice its depth). json: the text of its config.json, which
** export writes again. All memory is taken here. */
MOON_API moon_status moon_trainer_new(moon_engine *engine, const char *json, size_t len,
                                      const moon_trainer_options *options,
                                      moon_trainer **trainer, moon_error *err);
MOON_API void moon_trainer_close(moon_trainer *trainer);
MOON_API const moon_config *moon_trainer_config(const moon_trainer *trainer);
MOON_API size_t moon_trainer_bytes(const moon_trainer *trainer);
MOON_API uint64_t moon_trainer_steps(const moon_trainer *trainer);      /* taken so far */
MOON_API uint64_t moon_trainer_learning(const moon_trainer *trainer);   /* numbers that learn */
/* The i-th weight's name; NULL past the last. */
MOON_API const char *moon_trainer_name(const moon_trainer *trainer, size_t i);
/* Sets the weight of that (Hugging Face) name; gets a copy of it, in f32 (of a weight in bf16 that
** learns: what it was rounded from). */
MOON_API moon_status moon_trainer_set(moon_trainer *trainer, const char *name,
                                      const moon_tensor *t, moon_error *err);
MOON_API moon_status moon_trainer_get(const moon_trainer *trainer, const char *name,
                                      moon_tensor **t, moon_error *err);
/* Computes the loss of some sequences, *loss = sum over targets of weight * -ln p, and adds its
** gradient times scale to what step will use. gradient false: the loss alone. Allocates nothing.
** MOON_EMATH when the loss is no number; all gradients gathered since the last step are then
** forgotten. */
MOON_API moon_status moon_trainer_batch(moon_trainer *trainer, const moon_corpus *corpus,
                                        const size_t *sequences, size_t n, double scale,
                                        bool gradient, double *loss, moon_error *err);

typedef struct moon_step_options {      /* AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) */
  double rate;          /* default 1e-3 */
  double beta1, beta2;  /* defaults 0.9, 0.95 */
  double epsilon;       /* default 1e-8 */
  double decay;         /* default 0.1; norms have none */
  double clip;          /* largest norm of all gradients together; default 1, 0: no limit */
  double momentum;      /* Muon's; default 0.95 */
} moon_step_options;

MOON_API moon_step_options moon_step_defaults(void);
/* Changes the weights by the gradients gathered since the last step, and forgets those. *norm
** (may be NULL): their norm before clipping. MOON_EMATH when it is no number; the weights are
** then as before. Bits do not depend on the number of threads. */
MOON_API moon_status moon_trainer_step(moon_trainer *trainer, const moon_step_options *options,
                                       double *norm, moon_error *err);
/* Logits of one sequence by the training forward, (n, V) f32. */
MOON_API moon_status moon_trainer_logits(moon_trainer *trainer, const int32_t *ids, size_t n,
                                         moon_tensor **logits, moon_error *err);
/* Everything that goes on: weights, moments, number of steps, and the caller's notes (bytes), in
** directory/training.safetensors, written whole or not at all; makes the directory. load wants
** the same config, weights, optimizer and low-rank updates (MOON_EFORMAT otherwise, and the
** trainer as it was); *n is the notes' size, of which up to cap bytes are copied.
** Gradients are not kept: save after a step. MOON_EMATH, and nothing written, when a weight is no
** number. */
MOON_API moon_status moon_trainer_save(const moon_trainer *trainer, const char *directory,
                                       const void *notes, size_t n, moon_error *err);
MOON_API moon_status moon_trainer_load(moon_trainer *trainer, const char *directory, void *notes,
                                       size_t cap, size_t *n, moon_error *err);
/* Writes directory/config.json and model.safetensors in f32, bf16 or f16, low-rank updates merged
** into their matrices (updates of single runs cannot be: MOON_ESUPPORT); makes the directory. */
MOON_API moon_status moon_trainer_export(const moon_trainer *trainer, const char *directory,
                                         moon_dtype dtype, moon_error *err);
/* Writes the low-rank updates as PEFT does: directory/adapter_config.json and
** adapter_model.safetensors. */
MOON_API moon_status moon_trainer_export_lora(const moon_trainer *trainer, const char *directory,
                                              moon_error *err);
/* Adds the low-rank updates of a PEFT directory (LoRA, rsLoRA, DoRA) to the model's weights. */
MOON_API moon_status moon_trainer_merge(moon_trainer *trainer, const char *directory,
                                        moon_error *err);

#endif
