/* moonlet.h: MobileLLM-family language models on a CPU, for C hosts.
**
** A whole use (examples/embed.c is this, compiled and run by the specs):
**
**   moon_error err;
**   moon_engine *engine;  moon_model *model;  moon_session *session;
**   if (moon_engine_open(NULL, &engine, &err) != MOON_OK ||
**       moon_model_open(engine, "path/to/model", NULL, &model, &err) != MOON_OK ||
**       moon_session_open(model, NULL, &session, &err) != MOON_OK)
**     return puts(err.message);
**   int32_t ids[256], id;  size_t n;
**   moon_model_encode(model, prompt, strlen(prompt), MOON_ENCODE_BOS, ids, 256, &n, &err);
**   moon_session_feed(session, ids, n, &err);
**   while (moon_session_sample(session, NULL, &id, NULL, &err) == MOON_OK &&
**          !moon_model_is_eos(model, id)) {
**     size_t len;
**     const char *piece = moon_model_piece(model, id, &len);
**     fwrite(piece, 1, len, stdout);
**     if (moon_session_feed(session, &id, 1, &err) != MOON_OK) break;
**   }
**   moon_session_close(session);  moon_model_close(model);  moon_engine_close(engine);
**
** Rules. Every call that can fail returns a moon_status; the sentence is in the caller's
** moon_error, which may be NULL. On failure outputs are NULL or 0 and nothing is lost.
** Nothing here prints, aborts, exits, raises signals or keeps file-level state. Things opened or
** made are closed or freed by the caller, in any order: an engine lives until its last model
** and tensor is gone, a model until its last session is. close and free accept NULL.
** An engine and a model may be used from several threads at once; a session and a tensor by
** one thread at a time (moon_session_cancel excepted). Dims: T tokens, D model, H heads,
** G kv heads, K head size, F ffn, V vocabulary, L layers. Tensors are row-major, dims from 0.
*/
#ifndef MOONLET_H
#define MOONLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOON_VERSION "0.1.0"    /* and in numbers; while MAJOR is 0, MINOR too may change the ABI */
#define MOON_VERSION_MAJOR 0
#define MOON_VERSION_MINOR 1
#define MOON_VERSION_PATCH 0
#if defined(__GNUC__)
#define MOON_API __attribute__((visibility("default")))
#else
#define MOON_API
#endif

/* ---- errors ---- */

typedef enum moon_status {
  MOON_OK,
  MOON_EARG,            /* the caller's mistake: a shape, an index, an option */
  MOON_EMEM,            /* out of memory */
  MOON_EIO,             /* a file cannot be opened, read or written */
  MOON_EFORMAT,         /* a file is not what it says it is */
  MOON_ESUPPORT,        /* a valid thing that moonlet does not do */
  MOON_EFULL,           /* the session's context is full */
  MOON_ECANCEL,         /* moon_session_cancel was called */
  MOON_EMATH            /* NaN where a number is needed */
} moon_status;

typedef struct moon_error {
  moon_status code;
  char message[500];    /* one sentence, UTF-8, ends in NUL */
} moon_error;

MOON_API const char *moon_status_name(moon_status status);      /* "ok", "arg", "mem", ... */
MOON_API const char *moon_version(void);        /* MOON_VERSION of the library that runs */

/* ---- engine: memory, kernels, threads ---- */

typedef struct moon_engine moon_engine;

/* Like lua_Alloc: ptr NULL allocates, new_size 0 frees (and returns NULL), otherwise resizes.
** Returns NULL when memory ends. May be called from any thread that uses the engine. */
typedef void *(*moon_alloc_fn)(void *data, void *ptr, size_t old_size, size_t new_size);

typedef struct moon_engine_options {
  int threads;          /* that compute, the caller's included; 0 and 1: the caller's alone; -1
                           (default): one per CPU this process may use, at most 16 */
  const char *isa;      /* best tier to use: "scalar", "avx2", ...; one that this CPU lacks is an
                           error. NULL (default): the best there is. With "amx" sigaltstack wants
                           room for tiles from then on, sysconf(_SC_MINSIGSTKSZ) */
  moon_alloc_fn alloc;  /* NULL (default): malloc */
  void *alloc_data;
} moon_engine_options;

MOON_API moon_engine_options moon_engine_defaults(void);
/* options NULL: the defaults. */
MOON_API moon_status moon_engine_open(const moon_engine_options *options, moon_engine **engine,
                                      moon_error *err);
MOON_API void moon_engine_close(moon_engine *engine);
MOON_API int moon_engine_threads(const moon_engine *engine);
MOON_API const char *moon_engine_isa(const moon_engine *engine);        /* best tier in use */
MOON_API const char *moon_engine_blis(const moon_engine *engine);       /* BLIS kernels: "skx" */
/* The i-th kernel's name and the tier that serves it; false past the last. */
MOON_API bool moon_engine_kernel(const moon_engine *engine, size_t i, const char **name,
                                 const char **tier);
/* Bytes a second that the engine's threads read, measured over so many; 0 without memory for it. */
MOON_API double moon_engine_read_speed(moon_engine *engine, size_t bytes);

/* ---- tensors: n-dimensional arrays, strided views on shared storage ---- */

typedef struct moon_tensor moon_tensor;

/* Q8 and Q4: blocks of 8.5 and 4.5 bits a weight, of a model's matrices, never of a tensor. */
typedef enum moon_dtype {
  MOON_F32, MOON_BF16, MOON_F16, MOON_I32, MOON_I8, MOON_Q8, MOON_Q4
} moon_dtype;
enum { MOON_MAX_RANK = 8 };

MOON_API const char *moon_dtype_name(moon_dtype dtype);                 /* "f32", ... */
MOON_API bool moon_dtype_find(const char *name, moon_dtype *dtype);
MOON_API size_t moon_dtype_size(moon_dtype dtype);      /* bytes of an element; 0: Q8 and Q4 */

/* New tensors own fresh storage. Filled with zeros. rank 0 is a scalar; a dim may be 0. */
MOON_API moon_status moon_tensor_new(moon_engine *engine, moon_dtype dtype, int rank,
                                     const size_t *shape, moon_tensor **t, moon_error *err);
MOON_API void moon_tensor_free(moon_tensor *t);
MOON_API int moon_tensor_rank(const moon_tensor *t);
MOON_API const size_t *moon_tensor_shape(const moon_tensor *t);
MOON_API moon_dtype moon_tensor_dtype(const moon_tensor *t);
MOON_API size_t moon_tensor_count(const moon_tensor *t);                /* elements */
MOON_API size_t moon_tensor_storage_bytes(const moon_tensor *t);        /* C memory kept alive */
MOON_API bool moon_tensor_is_contiguous(const moon_tensor *t);
/* First element; NULL if not contiguous. Of a loaded file or of model weights: read-only. */
MOON_API void *moon_tensor_data(const moon_tensor *t);
/* One element as double. index has rank entries, each < its dim (else MOON_EARG). set rounds
** to the dtype; i32 and i8 refuse what is not a whole number in range. */
MOON_API moon_status moon_tensor_get(const moon_tensor *t, const size_t *index, double *value,
                                     moon_error *err);
MOON_API moon_status moon_tensor_set(moon_tensor *t, const size_t *index, double value,
                                     moon_error *err);
MOON_API moon_status moon_tensor_fill(moon_tensor *t, double value, moon_error *err);
/* Normal(0, 1) from the counter-based generator: element i depends on (seed, i) alone. */
MOON_API moon_status moon_tensor_fill_normal(moon_tensor *t, uint64_t seed, moon_error *err);
/* dst := src, same shape, any dtypes, views allowed, overlapping ones too. Numbers that dst's
** dtype refuses (as set does) end the copy with MOON_EARG, part of it done. */
MOON_API moon_status moon_tensor_copy(moon_tensor *dst, const moon_tensor *src, moon_error *err);

/* Views share storage and keep it alive. view: one dim may be (size_t)-1, to be inferred;
** needs contiguous t. select drops dim at index. expand: dims of 1 repeat (broadcasting rule). */
MOON_API moon_status moon_tensor_view(const moon_tensor *t, int rank, const size_t *shape,
                                      moon_tensor **out, moon_error *err);
MOON_API moon_status moon_tensor_transpose(const moon_tensor *t, int a, int b, moon_tensor **out,
                                           moon_error *err);
MOON_API moon_status moon_tensor_narrow(const moon_tensor *t, int dim, size_t first, size_t n,
                                        moon_tensor **out, moon_error *err);
MOON_API moon_status moon_tensor_select(const moon_tensor *t, int dim, size_t index,
                                        moon_tensor **out, moon_error *err);
MOON_API moon_status moon_tensor_expand(const moon_tensor *t, int rank, const size_t *shape,
                                        moon_tensor **out, moon_error *err);
/* A contiguous tensor with the same elements; t's own storage where it already is one. */
MOON_API moon_status moon_tensor_contiguous(const moon_tensor *t, moon_tensor **out,
                                            moon_error *err);
/* A contiguous copy in another (or the same) dtype; refuses what set refuses. */
MOON_API moon_status moon_tensor_to(const moon_tensor *t, moon_dtype dtype, moon_tensor **out,
                                    moon_error *err);

/* Elementwise with broadcasting. Floats compute in f32 and give f32. Whole dtypes (i32, i8) among
** themselves give i32 for add, sub, mul, min, max, neg, abs (wrapping like int32) and f32
** otherwise. A NaN operand gives NaN, in min and max too. */
typedef enum moon_binary {
  MOON_ADD, MOON_SUB, MOON_MUL, MOON_DIV, MOON_POW, MOON_MIN, MOON_MAX
} moon_binary;
typedef enum moon_unary {
  MOON_NEG, MOON_ABS, MOON_EXP, MOON_LOG, MOON_SQRT, MOON_TANH, MOON_SIGMOID, MOON_SILU
} moon_unary;
MOON_API moon_status moon_tensor_binary(moon_binary op, const moon_tensor *a,
                                        const moon_tensor *b, moon_tensor **out, moon_error *err);
MOON_API moon_status moon_tensor_unary(moon_unary op, const moon_tensor *t, moon_tensor **out,
                                       moon_error *err);
/* Over one dim (removed), or over all with dim -1 (rank 0). Sums accumulate in double, so the
** result is the correctly rounded f32 up to n*2^-53. max of an empty dim is MOON_EARG;
** a NaN is the maximum; of whole dtypes it is i32. argmax: i32 (from 0), first of equals. */
typedef enum moon_reduction { MOON_SUM, MOON_MEAN, MOON_MAXIMUM, MOON_ARGMAX } moon_reduction;
MOON_API moon_status moon_tensor_reduce(moon_reduction op, const moon_tensor *t, int dim,
                                        moon_tensor **out, moon_error *err);
/* What the elements are like: of the finite ones least, most, mean and standard deviation (of all,
** divided by their number), in double, NAN where there are none; the others are counted. */
typedef struct moon_statistics {
  double min, max, mean, std;
  size_t finite, nan, inf;
} moon_statistics;
MOON_API moon_statistics moon_tensor_statistics(const moon_tensor *t);
/* counts[i]: how many lie in the i-th of `bins` equal parts of [least, most]; NaN in none. */
MOON_API moon_status moon_tensor_histogram(const moon_tensor *t, double least, double most,
                                           size_t bins, size_t *counts, moon_error *err);
MOON_API moon_status moon_tensor_softmax(const moon_tensor *t, int dim, moon_tensor **out,
                                         moon_error *err);
/* The k largest along the last dim, descending, the lower index first among equals;
** indices i32 (from 0). NaN counts as largest. */
MOON_API moon_status moon_tensor_topk(const moon_tensor *t, size_t k, moon_tensor **values,
                                      moon_tensor **indices, moon_error *err);
/* (.., M, K) x (.., K, N) -> (.., M, N) in f32, leading dims broadcast; rank 1 as in NumPy. */
MOON_API moon_status moon_tensor_matmul(const moon_tensor *a, const moon_tensor *b,
                                        moon_tensor **out, moon_error *err);

/* safetensors (huggingface.co/docs/safetensors). save writes a temporary file beside path, syncs
** and renames: a crash leaves the old file or the new one. names[i] labels tensors[i]. */
MOON_API moon_status moon_tensors_save(const char *path, const char *const *names,
                                       moon_tensor *const *tensors, size_t n, moon_error *err);
/* A checkpoint file or directory as a list of named tensors (views on the mapped file). */
typedef struct moon_tensors moon_tensors;
MOON_API moon_status moon_tensors_open(moon_engine *engine, const char *path, moon_tensors **list,
                                       moon_error *err);
MOON_API size_t moon_tensors_count(const moon_tensors *list);
MOON_API const char *moon_tensors_name(const moon_tensors *list, size_t i);
MOON_API moon_status moon_tensors_get(const moon_tensors *list, size_t i, moon_tensor **t,
                                      moon_error *err);
MOON_API void moon_tensors_close(moon_tensors *list);   /* tensors taken from it live on */

/* ---- models ---- */

typedef struct moon_model moon_model;

enum { MOON_MAX_EOS = 8 };

/* What config.json says, checked; the names are Hugging Face's where one exists. */
typedef struct moon_config {
  char model_type[32];          /* "mobilellm", "llama", "llama4_text" */
  int32_t num_hidden_layers;            /* L, weight sets */
  int32_t hidden_size;                  /* D */
  int32_t num_attention_heads;          /* H */
  int32_t num_key_value_heads;          /* G, divides H */
  int32_t head_dim;                     /* K, even */
  int32_t intermediate_size;            /* F */
  int32_t vocab_size;                   /* V */
  int32_t max_position_embeddings;      /* default context of a session */
  double rope_theta, rms_norm_eps;
  bool tied;                    /* head = embeddings: share_embedding or tie_word_embeddings */
  bool layer_sharing;           /* each block runs twice in a row (MobileLLM-LS) */
  bool rope_interleaved;        /* pairs (2i, 2i+1) instead of (i, i + K/2) */
  bool qk_norm;                 /* weightless RMS norm of q and k per head, after RoPE */
  int32_t bos_token_id;         /* -1: none */
  int32_t eos_token_id[MOON_MAX_EOS];
  int32_t n_eos;
} moon_config;

/* Reads config.json (a file, or the directory that holds it), or a .gguf file's metadata. */
MOON_API moon_status moon_config_read(const char *path, moon_config *config, moon_error *err);
MOON_API uint64_t moon_config_count(const moon_config *config); /* parameters; a shared head once */

typedef struct moon_load_options {
  int dtype;            /* a moon_dtype (f32, bf16, f16, q8, q4) for the matrices; -1 (default): as
                           stored. q8, q4: where rows are a multiple of 32 long, and for good */
  int head_dtype;       /* the same for embeddings and head; -1 (default): dtype, and q8 with q4 */
  int compute;          /* MOON_F32 (default): activations are exact. MOON_BF16: many tokens meet
                           bf16 matrices in bf16, by AMX or AVX512-BF16; MOON_ESUPPORT
                           if the engine's isa has no such instruction and is not scalar */
  int layer_sharing;    /* 1 or 0 override config.json; -1 (default): what it says */
  const char *adapter;  /* directory of a PEFT adapter (LoRA, rsLoRA, DoRA) to merge into the
                           weights, which then are no longer mapped; NULL (default): none */
} moon_load_options;

MOON_API moon_load_options moon_load_defaults(void);
/* path: a Hugging Face directory (config.json, weights, tokenizer.model), or a .gguf file. A
** directory without a tokenizer loads; encode and decode then fail. Weights of the wanted dtype are
** mapped, not copied: the file must not shrink while the model is open. */
MOON_API moon_status moon_model_open(moon_engine *engine, const char *path,
                                     const moon_load_options *options, moon_model **model,
                                     moon_error *err);
MOON_API void moon_model_close(moon_model *model);
/* One more owner, for another thread or lua_State; pair with moon_model_close. */
MOON_API moon_model *moon_model_retain(moon_model *model);
MOON_API const moon_config *moon_model_config(const moon_model *model);
MOON_API moon_engine *moon_model_engine(const moon_model *model);       /* borrowed */
MOON_API uint64_t moon_model_count(const moon_model *model);            /* parameters */
MOON_API uint64_t moon_model_bytes(const moon_model *model);            /* of weights */
/* The i-th parameter by its Hugging Face name, as a read-only tensor on the model's weights,
** which it keeps alive; a matrix in q8 or q4 comes as a fresh f32 tensor of the values that it
** stands for. MOON_EARG past the last. The type that the model holds it in, and its name alone:
** i is in range. */
MOON_API size_t moon_model_parameters(const moon_model *model);
MOON_API moon_status moon_model_parameter(const moon_model *model, size_t i, const char **name,
                                          moon_tensor **t, moon_error *err);
MOON_API moon_dtype moon_model_parameter_dtype(const moon_model *model, size_t i);
MOON_API const char *moon_model_parameter_name(const moon_model *model, size_t i);

/* ---- models in 8 and 4 bits ----
**
** Copies a model, a directory or a GGUF file, to a directory with its matrices in blocks: config,
** vocabulary, and one model.safetensors that is mapped, not converted, when opened. Weights are
** written tensor by tensor, so that a caller can show progress, and put in place by the last step:
** whatever ends the work before, target has its old weights or none. */
typedef struct moon_quantizer moon_quantizer;

/* dtype, head_dtype: as in moon_load_options, dtype MOON_Q8 or MOON_Q4. target: a directory other
** than source, made if need be; MOON_EARG when another model is in it. */
MOON_API moon_status moon_quantizer_open(moon_engine *engine, const char *source,
                                         const char *target, int dtype, int head_dtype,
                                         moon_quantizer **quantizer, moon_error *err);
MOON_API size_t moon_quantizer_count(const moon_quantizer *quantizer);  /* steps in all */
MOON_API moon_model *moon_quantizer_source(const moon_quantizer *quantizer);    /* borrowed */
/* Token ids of a text like those that the model is for, before the first step; more with each call.
** Blocks are then rounded to keep what their matrices give for it, not the matrices themselves
** (GPTQ, Frantar et al. 2022, arXiv 2210.17323). Some 5,000 to 20,000 are enough; a text that
** begins with BOS is computed in windows that do. MOON_EARG for an id outside the vocabulary and
** behind the first step; a step fails with MOON_EMATH where activations are not finite. */
MOON_API moon_status moon_quantizer_calibrate(moon_quantizer *quantizer, const int32_t *ids,
                                              size_t n, moon_error *err);
/* Converts and writes one tensor: its name (borrowed) and the type that it is written in. After
** the last, *name is NULL. After a failure the quantizer can only be closed. */
MOON_API moon_status moon_quantizer_step(moon_quantizer *quantizer, const char **name,
                                         moon_dtype *dtype, moon_error *err);
MOON_API void moon_quantizer_close(moon_quantizer *quantizer);

/* ---- GGUF, the format of llama.cpp ----
**
** A model's directory to a GGUF file, or back, or one such file to another: it ends in ".gguf" and
** is no directory. Weights, config and vocabulary are carried over; chat templates are not. type:
** of the matrices, "f32", "f16", "bf16" and, in GGUF, "q8_0" or "q4_0" (which leave alone a matrix
** whose rows are no multiple of 32 long); NULL: as stored, and f32 for what is stored in blocks. A
** model that shares layers is written with each block twice, since GGUF has no other way, and
** comes back as one of twice the layers. MOON_EARG when target has a model in it. */
MOON_API moon_status moon_convert(moon_engine *engine, const char *source, const char *target,
                                  const char *type, moon_error *err);

/* ---- text ---- */

enum {
  MOON_ENCODE_BOS = 1,          /* begin with the model's BOS, if it has one */
  MOON_ENCODE_SPECIAL = 2       /* text that spells a control or user-defined symbol becomes it;
                                   without this such text is ordinary text */
};

/* Token ids of `len` bytes of text. Writes at most cap ids and sets *n to how many there are:
** *n > cap means call again with room. Bytes that are not UTF-8 become byte tokens' U+FFFD
** replacement as SentencePiece does. */
MOON_API moon_status moon_model_encode(const moon_model *model, const char *text, size_t len,
                                       int flags, int32_t *ids, size_t cap, size_t *n,
                                       moon_error *err);
/* Text of ids (control symbols give nothing, the dummy prefix is taken off again); cap and
** *len as above, no NUL is added. */
MOON_API moon_status moon_model_decode(const moon_model *model, const int32_t *ids, size_t n,
                                       char *text, size_t cap, size_t *len, moon_error *err);
/* The bytes that token adds in the middle of a text; may be part of a character. "" for control
** symbols; NULL for an id outside the vocabulary or a model without tokenizer. Borrowed. */
MOON_API const char *moon_model_piece(const moon_model *model, int32_t id, size_t *len);
/* The id whose piece is spelled so in the vocabulary file ("<|end|>", "<s>"), or -1. */
MOON_API int32_t moon_model_token(const moon_model *model, const char *piece, size_t len);
MOON_API bool moon_model_is_special(const moon_model *model, int32_t id);  /* control, user-def. */
MOON_API bool moon_model_is_eos(const moon_model *model, int32_t id);
/* Leading bytes that are whole characters, or can never become one: what is safe to print now. */
MOON_API size_t moon_utf8_whole(const char *bytes, size_t len);
/* Terminal columns of the text by utf8proc's table; 1 for each byte that is of no character. */
MOON_API size_t moon_utf8_width(const char *bytes, size_t len);
/* In lower case (room for 2 * len); a space for what is no letter, number or '_' (room for len). */
MOON_API size_t moon_utf8_lower(const char *bytes, size_t len, char *out);
MOON_API size_t moon_utf8_words(const char *bytes, size_t len, char *out);

/* ---- adapters: low-rank updates that sessions choose among ---- */

/* W x + scale * B (A x) over the model's weights of any type, which stay shared; a PEFT folder of
** LoRA or rsLoRA, of rank 256 at most, also one whose updates are of single runs of shared blocks.
** DoRA and updates of the head are refused by name: moon_load_options.adapter merges those.
** Immutable, may be shared by threads; keeps its model alive; lives until its last session ends. */
typedef struct moon_adapter moon_adapter;
MOON_API moon_status moon_adapter_open(moon_model *model, const char *directory,
                                       moon_adapter **adapter, moon_error *err);
MOON_API void moon_adapter_close(moon_adapter *adapter);
MOON_API moon_model *moon_adapter_model(const moon_adapter *adapter);   /* borrowed */
MOON_API size_t moon_adapter_rank(const moon_adapter *adapter);         /* the largest */
MOON_API size_t moon_adapter_bytes(const moon_adapter *adapter);

/* ---- sessions: a sequence of tokens and its K/V cache ---- */

typedef struct moon_session moon_session;

typedef struct moon_session_options {
  size_t context;       /* most tokens; 0 (default): the config's max_position_embeddings */
  size_t chunk;         /* most tokens computed at once; 0 (default): 512 */
  int cache;            /* MOON_F32: keys and values exact; MOON_BF16: rounded to nearest even, half
                           the memory; MOON_Q8: in 8 bits, a quarter; MOON_Q4: in 4 bits, an eighth,
                           for heads of a multiple of 32; -1 (default): MOON_F32 */
  moon_adapter *adapter;        /* of this model; kept while it is in use. NULL (default): none */
} moon_session_options;

MOON_API moon_session_options moon_session_defaults(void);

typedef struct moon_plan {
  uint64_t weights;     /* what moon_model_bytes of such a model says, */
  uint64_t mapped;      /* and how much of it stays in the file, shared by all that map it */
  uint64_t session;     /* what moon_session_bytes of each such session says */
} moon_plan;

/* The memory that a model and a session with these options would take; from config and headers
** alone, without reading a weight. Fails as moon_model_open and moon_session_open would for what
** can be seen there. */
MOON_API moon_status moon_model_plan(moon_engine *engine, const char *path,
                                     const moon_load_options *options,
                                     const moon_session_options *session, moon_plan *plan,
                                     moon_error *err);
MOON_API moon_status moon_session_open(moon_model *model, const moon_session_options *options,
                                       moon_session **session, moon_error *err);
MOON_API void moon_session_close(moon_session *session);
/* Another adapter, or NULL: none. Keys and values belong to the weights that computed them, so the
** session must be empty (moon_session_rewind to 0); MOON_EARG if it is not. */
MOON_API moon_status moon_session_adapt(moon_session *session, moon_adapter *adapter,
                                        moon_error *err);
MOON_API moon_model *moon_session_model(const moon_session *session);   /* borrowed */
MOON_API size_t moon_session_context(const moon_session *session);
MOON_API size_t moon_session_bytes(const moon_session *session);        /* cache, activations */
MOON_API const int32_t *moon_session_tokens(const moon_session *session, size_t *n);  /* borrowed */

/* Appends tokens and computes them; the logits of the last are then ready. MOON_EFULL when they
** do not fit, MOON_EARG for an id outside the vocabulary, MOON_ECANCEL after a cancel: the
** session is then as it was before the call, without logits. Allocates nothing. */
MOON_API moon_status moon_session_feed(moon_session *session, const int32_t *ids, size_t n,
                                       moon_error *err);
typedef struct moon_feed_options {
  bool lazy;            /* leave out the output head: logits are computed when they are asked for,
                           and sampling under a mask computes those of the allowed tokens alone */
  const int32_t *guesses; size_t n_guesses;     /* what may be fed next, at most 16: computed along
                           with ids. A later feed that begins so takes what is there; one that
                           does not computes as ever. Results are the same bits with and without */
} moon_feed_options;

/* The same in slices: begin, then step until *done. step computes until the next layer, or the
** head, would end after ms milliseconds: at least one, and ms <= 0: exactly one; INFINITY: all.
** Under a clock a layer is computed over so many tokens that it takes about a quarter of ms.
** options NULL: not lazy, no guesses. */
MOON_API moon_status moon_session_begin(moon_session *session, const int32_t *ids, size_t n,
                                        const moon_feed_options *options, moon_error *err);
MOON_API moon_status moon_session_step(moon_session *session, double ms, bool *done,
                                       moon_error *err);
/* step in the finest slices, to look inside: after begin each call computes one stage and says
** which. stage: "embedding"; then for each run of each block "attention_norm" "qkv" "rope"
** "attention" "attention_out" "mlp_norm" "gate_up" "swiglu" "mlp_out"; then "head". *at is all of
** it; done: there was nothing left to do. */
typedef struct moon_trace {
  const char *stage;            /* static */
  size_t layer;                 /* run of a block, from 0; blocks times runs at "head" */
  size_t first, tokens;         /* positions that the stage worked on */
  bool done;
} moon_trace;
MOON_API moon_status moon_session_trace(moon_session *session, moon_trace *at, moon_error *err);
/* A copy of what a feed in work holds, f32: "x" the residual stream and "h" what was normed last
** (T, D); "q" "attention" (T, H, K); "k" "v" of the new tokens (T, G, K); "gate" "up" (T, F), where
** "swiglu" leaves its product in "gate"; and of the cache of one layer, as far as it is filled,
** "keys" "values" (G, positions, K). MOON_EARG for another name, and where no feed is in work. */
MOON_API moon_status moon_session_peek(const moon_session *session, const char *name, size_t layer,
                                       moon_tensor **copy, moon_error *err);
/* Overwrites what peek would give, all but keys and values; the next stages go on from there. */
MOON_API moon_status moon_session_poke(moon_session *session, const char *name,
                                       const moon_tensor *values, moon_error *err);
/* feed that also gives the logits of every fed token, (n, V) f32. */
MOON_API moon_status moon_session_evaluate(moon_session *session, const int32_t *ids, size_t n,
                                           moon_tensor **logits, moon_error *err);
/* feed that also gives ln p(ids[i] | everything before). logprobs[0] is NaN where the session has
** no logits: empty, or after a rewind. Holds logits of one slice at a time. */
MOON_API moon_status moon_session_score(moon_session *session, const int32_t *ids, size_t n,
                                        double *logprobs, moon_error *err);
/* The logits of the last token, (V) f32: the session's own array, so that a caller may edit
** them before sampling. MOON_EARG when there are none (nothing fed, or just rewound). */
MOON_API moon_status moon_session_logits(moon_session *session, moon_tensor **logits,
                                         moon_error *err);
/* Those of n tokens alone, in any order: the same bits, and only their rows of the head are
** computed where nothing has asked for all. */
MOON_API moon_status moon_session_logits_of(moon_session *session, const int32_t *ids, size_t n,
                                            float *logits, moon_error *err);
/* The *n likeliest next tokens and ln p, best first; *n falls to how many are allowed (NULL: V). */
MOON_API moon_status moon_session_top(moon_session *session, const uint32_t *allowed, size_t *n,
                                      int32_t *ids, double *logprobs, moon_error *err);
/* ln p of one token; both by the logits as they stand. */
MOON_API moon_status moon_session_logprob(moon_session *session, int32_t id, double *logprob,
                                          moon_error *err);
/* A copy with the same tokens and cache, independent from then on. */
MOON_API moon_status moon_session_fork(const moon_session *session, moon_session **copy,
                                       moon_error *err);
/* Keeps the first n tokens. The logits are gone unless n is the present length. */
MOON_API moon_status moon_session_rewind(moon_session *session, size_t n, moon_error *err);
/* To a file (safetensors inside) and back, for the same weights, adapter and config; MOON_EFORMAT
** for those of another model or damaged ones. Written as moon_tensors_save does. */
MOON_API moon_status moon_session_save(moon_session *session, const char *path,
                                       moon_error *err);
MOON_API moon_status moon_session_restore(moon_model *model, const char *path,
                                          const moon_session_options *options,
                                          moon_session **session, moon_error *err);
/* From any thread, or a signal handler: the running or next feed fails with MOON_ECANCEL within
** one layer's work. */
MOON_API void moon_session_cancel(moon_session *session);

/* Several sessions of one model, decoding together: the weights are read once for all of them. The
** batch borrows its sessions, which must outlive it and may be fed alone in between. */
typedef struct moon_batch moon_batch;
MOON_API moon_status moon_batch_open(moon_session *const *sessions, size_t n, moon_batch **batch,
                                     moon_error *err);
MOON_API void moon_batch_close(moon_batch *batch);
/* One token for each session, as moon_session_feed; ids (n), -1 where a session sits out. Fails
** as feed does, for the first session that cannot take its token; then none has been fed. */
MOON_API moon_status moon_batch_feed(moon_batch *batch, const int32_t *ids, moon_error *err);

/* ---- sampling ---- */

typedef struct moon_bias { int32_t id; float bias; } moon_bias;

/* Applied in this order; each step's formula is in core/model/sample.h. */
typedef struct moon_sample_options {
  const uint32_t *allowed;      /* bits as moon_matcher_mask sets them: no other token may come.
                                   NULL (default): all may */
  const moon_bias *bias; size_t n_bias; /* added to logits; -INFINITY bans */
  size_t penalty_last_n;        /* tokens that the penalties look back on; default 64 */
  float repetition_penalty;     /* default 1: off (Keskar et al. 2019) */
  float frequency_penalty;      /* default 0: off (OpenAI) */
  float presence_penalty;       /* default 0: off */
  float dry_multiplier;         /* default 0: off ("don't repeat yourself") */
  float dry_base;               /* default 1.75 */
  size_t dry_allowed_length;    /* default 2 */
  size_t dry_last_n;            /* default 0: all */
  const int32_t *dry_breakers; size_t n_dry_breakers;   /* ids that a repetition cannot cross */
  size_t top_k;                 /* default 0: off */
  float top_p;                  /* default 1: off (Holtzman et al. 2019) */
  float min_p;                  /* default 0: off (Nguyen et al. 2024) */
  float temperature;            /* default 0: the most likely token, the lowest id of equals */
  uint64_t seed;                /* default 0. The draw depends on (seed, length of the session) */
} moon_sample_options;

MOON_API moon_sample_options moon_sample_defaults(void);
/* Chooses the next token; the session is unchanged but for scratch memory. options NULL: the
** defaults, greedy. logprob (may be NULL): ln p by the logits before any option. MOON_EMATH:
** a NaN among the logits, or nothing left to choose. When few tokens are allowed, logprob is NULL
** and the feed was lazy, only their logits are computed, and none when it is one. Allocates
** nothing. */
MOON_API moon_status moon_session_sample(moon_session *session, const moon_sample_options *options,
                                         int32_t *id, double *logprob, moon_error *err);

#include "moonlet_constrain.h"  /* constraints and */
#include "moonlet_train.h"      /* training: parts of this header, in files of their own */

#ifdef __cplusplus
}
#endif
#endif
