/* config.c: config.json to moon_config.
**
** What: the keys of MobileLLM, Llama and MobileLLM-R1 (llama4_text, dense) as Hugging Face's
** classes read them, with those classes' defaults. How: fetch, then check every number against
** a cap, then refuse by name whatever would change the mathematics and is not implemented here.
** Invariant: a config that passes describes a model that the forward pass computes exactly; its
** sizes are small enough that products of two of them fit 64 bits.
*/
#include "core/model/config.h"

#include <math.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/interop.h"

enum {
  MOST_LAYERS = 1024, MOST_DIM = 1 << 16, MOST_HEADS = 1024, MOST_HEAD_DIM = 1024,
  MOST_FFN = 1 << 20, MOST_VOCAB = 1 << 22, MOST_CONTEXT = 1 << 24, MOST_FILE = 1 << 24
};

/* The first failure stays in status; later fetches do nothing. */
typedef struct reader {
  const mn_json *root;
  const char *name;
  moon_status status;
  moon_error *err;
} reader;

/* The member, or NULL when it is absent or null, which Hugging Face treats alike. */
static const mn_json *member(const reader *r, const char *key) {
  const mn_json *value = mn_json_get(r->root, key);
  return value && value->type != MN_JSON_NULL ? value : NULL;
}

static void fail(reader *r, moon_status code, const char *key, const char *wanted) {
  if (r->status == MOON_OK)
    r->status = mn_fail(r->err, code, "%s: '%s' %s", r->name, key, wanted);
}

enum { REQUIRED = -1 };

static int32_t whole(reader *r, const char *key, int32_t fallback, int32_t least, int32_t most) {
  const mn_json *value = member(r, key);
  if (r->status != MOON_OK) return 0;
  if (!value && fallback == REQUIRED) return fail(r, MOON_EFORMAT, key, "is missing"), 0;
  if (!value && fallback >= least && fallback <= most) return fallback;
  if (!value) {                         /* what other keys make of it */
    r->status = mn_fail(r->err, MOON_EFORMAT, "%s: '%s' is missing and so %d; wants one from %d to "
                        "%d", r->name, key, fallback, least, most);
    return 0;
  }
  if (value->type != MN_JSON_INT || value->integer < least || value->integer > most) {
    r->status = mn_fail(r->err, MOON_EFORMAT, "%s: '%s' wants a whole number from %d to %d",
                        r->name, key, least, most);
    return 0;
  }
  return (int32_t)value->integer;
}

static double positive(reader *r, const char *key, double fallback, double most) {
  const mn_json *value = member(r, key);
  if (!value) return fallback;
  bool number = value->type == MN_JSON_INT || value->type == MN_JSON_NUMBER;
  if (!number || !(value->number > 0 && value->number <= most))
    fail(r, MOON_EFORMAT, key, "wants a positive number");
  return value->number;
}

static bool flag(reader *r, const char *key, bool fallback) {
  const mn_json *value = member(r, key);
  if (!value) return fallback;
  if (value->type != MN_JSON_BOOL) fail(r, MOON_EFORMAT, key, "wants true or false");
  return value->boolean;
}

static const char *text(reader *r, const char *key, const char *fallback) {
  const mn_json *value = member(r, key);
  if (!value) return fallback;
  if (value->type == MN_JSON_STRING) return value->text;
  fail(r, MOON_EFORMAT, key, "wants a string");
  return fallback;
}

/* What llama4_text's class has where a key is absent; null stands for Llama's rule there too. */
enum { LLAMA4_KV_HEADS = 8, LLAMA4_HEAD_DIM = 128, LLAMA4_EXPERTS = 16, LLAMA4_CHUNK = 8192,
       LLAMA4_CONTEXT = 4096 * 32, LLAMA4_THETA = 500000 };

static void read_sizes(reader *r, moon_config *c, bool llama4) {
  c->num_hidden_layers = whole(r, "num_hidden_layers", REQUIRED, 1, MOST_LAYERS);
  c->hidden_size = whole(r, "hidden_size", REQUIRED, 1, MOST_DIM);
  c->num_attention_heads = whole(r, "num_attention_heads", REQUIRED, 1, MOST_HEADS);
  bool own_kv = llama4 && !mn_json_get(r->root, "num_key_value_heads");
  c->num_key_value_heads = whole(r, "num_key_value_heads",
                                 own_kv ? LLAMA4_KV_HEADS : c->num_attention_heads, 1, MOST_HEADS);
  const char *ffn = llama4 ? "intermediate_size_mlp" : "intermediate_size";
  c->intermediate_size = whole(r, ffn, REQUIRED, 1, MOST_FFN);
  c->vocab_size = whole(r, "vocab_size", REQUIRED, 1, MOST_VOCAB);
  c->max_position_embeddings =
      whole(r, "max_position_embeddings", llama4 ? LLAMA4_CONTEXT : 2048, 1, MOST_CONTEXT);
  if (r->status != MOON_OK) return;
  bool own_head = llama4 && !mn_json_get(r->root, "head_dim");
  int32_t head = own_head ? LLAMA4_HEAD_DIM : c->hidden_size / c->num_attention_heads;
  if (!own_head && !member(r, "head_dim") && head * c->num_attention_heads != c->hidden_size)
    fail(r, MOON_EFORMAT, "head_dim", "is missing, and hidden_size is no multiple of the heads");
  c->head_dim = whole(r, "head_dim", head, 2, MOST_HEAD_DIM);
  if (c->head_dim % 2 != 0) fail(r, MOON_ESUPPORT, "head_dim", "is odd; RoPE turns pairs");
  if (c->num_attention_heads % c->num_key_value_heads != 0)
    fail(r, MOON_EFORMAT, "num_attention_heads", "is no multiple of num_key_value_heads");
}

/* RoPE's base moved into rope_parameters in later transformers; scaled variants are refused. */
static void read_rope(reader *r, moon_config *c, bool llama4) {
  static const char *const places[] = {"rope_scaling", "rope_parameters"};
  c->rope_theta = positive(r, "rope_theta", llama4 ? LLAMA4_THETA : 10000, 1e12);
  for (int i = 0; i < 2; i++) {
    reader inner = *r;
    inner.root = member(r, places[i]);
    if (!inner.root) continue;
    const char *kind = text(&inner, "rope_type", text(&inner, "type", "default"));
    if (inner.root->type != MN_JSON_OBJECT || strcmp(kind, "default") != 0)
      fail(r, MOON_ESUPPORT, places[i], "asks for scaled RoPE, which is not supported");
    c->rope_theta = positive(&inner, "rope_theta", c->rope_theta, 1e12);
    if (inner.status != MOON_OK) r->status = inner.status;
  }
}

static void read_eos(reader *r, moon_config *c) {
  const mn_json *value = member(r, "eos_token_id");
  if (!value) return;
  const mn_json *item = value->type == MN_JSON_ARRAY ? value->first : value;
  size_t n = value->type == MN_JSON_ARRAY ? value->count : 1;
  if (n > MOON_MAX_EOS) return fail(r, MOON_ESUPPORT, "eos_token_id", "lists more than 8 ids");
  for (; n > 0; n--, item = item->next) {
    if (item->type != MN_JSON_INT || item->integer < 0 || item->integer >= c->vocab_size)
      return fail(r, MOON_EFORMAT, "eos_token_id", "is no id of the vocabulary");
    c->eos_token_id[c->n_eos++] = (int32_t)item->integer;
  }
}

/* Whether there is a list with a 1, "this layer has RoPE", for each layer. Without one, as with an
** empty one, llama4_text's class leaves RoPE out of every fourth layer. */
static bool all_have_rope(const mn_json *list, const moon_config *c) {
  if (!list || list->type != MN_JSON_ARRAY || list->count < (size_t)c->num_hidden_layers)
    return false;
  for (const mn_json *layer = list->first; layer; layer = layer->next)
    if (layer->type != MN_JSON_INT || layer->integer != 1) return false;
  return true;
}

/* What would change the result and is not computed here. */
static void refuse_others(reader *r, const moon_config *c, bool llama4) {
  const char *act = text(r, "hidden_act", "silu");
  if (strcmp(act, "silu") != 0) fail(r, MOON_ESUPPORT, "hidden_act", "is not silu");
  if (flag(r, "attention_bias", false))
    fail(r, MOON_ESUPPORT, "attention_bias", "is true; biases are not supported");
  if (flag(r, "mlp_bias", false))
    fail(r, MOON_ESUPPORT, "mlp_bias", "is true; biases are not supported");
  const mn_json *quantization = member(r, "quantization_config");
  if (quantization) {
    reader inner = *r;
    inner.root = quantization;
    const char *method = text(&inner, "quant_method", "unknown");
    if (r->status == MOON_OK)
      r->status = mn_fail(r->err, MOON_ESUPPORT,
                          "%s: quantised checkpoints (quant_method '%.40s') are not supported",
                          r->name, method);
  }
  if (!llama4) return;
  if (whole(r, "num_local_experts", LLAMA4_EXPERTS, 0, 1 << 20) > 0)
    fail(r, MOON_ESUPPORT, "num_local_experts", "is not 0 (missing, it is 16); mixtures of experts "
         "are not supported");
  if (flag(r, "attn_temperature_tuning", false))
    fail(r, MOON_ESUPPORT, "attn_temperature_tuning", "is true, which is not supported");
  if (!all_have_rope(member(r, "no_rope_layers"), c))
    fail(r, MOON_ESUPPORT, "no_rope_layers", "wants a 1 for each layer; layers without RoPE (every "
         "fourth, where the list is missing) are not supported");
  const mn_json *types = member(r, "layer_types");
  for (const mn_json *type = types ? types->first : NULL; type; type = type->next)
    if (type->type != MN_JSON_STRING || strcmp(type->text, "sliding_attention") == 0)
      return fail(r, MOON_ESUPPORT, "layer_types", "has sliding attention");
}

static void read_config(reader *r, moon_config *c) {
  const char *type = text(r, "model_type", "");
  bool mobilellm = strcmp(type, "mobilellm") == 0, llama = strcmp(type, "llama") == 0;
  bool llama4 = strcmp(type, "llama4_text") == 0;
  if (r->status == MOON_OK && !mobilellm && !llama && !llama4) {
    r->status = mn_fail(r->err, MOON_ESUPPORT,
                        "%s: model_type '%.40s' is not supported; mobilellm, llama and "
                        "llama4_text are", r->name, type);
    return;
  }
  strcpy(c->model_type, mobilellm ? "mobilellm" : llama ? "llama" : "llama4_text");
  read_sizes(r, c, llama4);
  read_rope(r, c, llama4);
  c->rms_norm_eps = positive(r, "rms_norm_eps", llama4 ? 1e-5 : 1e-6, 1);
  c->tied = flag(r, "share_embedding", mobilellm) || flag(r, "tie_word_embeddings", false);
  c->layer_sharing = flag(r, "layer_sharing", false);
  c->rope_interleaved = llama4;
  c->qk_norm = llama4 && flag(r, "use_qk_norm", true);
  if (llama4) {                         /* chunked attention differs only past one chunk */
    int32_t chunk = whole(r, "attention_chunk_size", LLAMA4_CHUNK, 1, MOST_CONTEXT);
    if (chunk < c->max_position_embeddings) c->max_position_embeddings = chunk;
  }
  c->bos_token_id = member(r, "bos_token_id")
                        ? whole(r, "bos_token_id", REQUIRED, 0, c->vocab_size - 1) : -1;
  read_eos(r, c);
  refuse_others(r, c, llama4);
}

moon_status mn_config_parse(const mn_alloc *alloc, const char *json, size_t len, const char *name,
                            moon_config *config, moon_error *err) {
  mn_arena arena;
  mn_arena_growing(&arena, *alloc, (size_t)1 << 28);
  memset(config, 0, sizeof *config);
  reader r = {.name = name, .err = err};
  r.status = mn_json_parse(&arena, json, len, name, &r.root, err);
  if (r.status == MOON_OK && r.root->type != MN_JSON_OBJECT)
    r.status = mn_fail(err, MOON_EFORMAT, "%s: wants a JSON object", name);
  if (r.status == MOON_OK) read_config(&r, config);
  if (r.status != MOON_OK) memset(config, 0, sizeof *config);
  mn_arena_free(&arena);
  return r.status;
}

moon_status mn_config_read(const mn_alloc *alloc, const char *path, moon_config *config,
                           moon_error *err) {
  char *joined = NULL, *json = NULL;
  size_t len;
  moon_status status;
  memset(config, 0, sizeof *config);
  if (mn_gguf_is_path(path)) return mn_gguf_config(alloc, path, config, err);
  if (mn_file_is_directory(path)) {
    joined = mn_path_join(alloc, path, "config.json");
    if (!joined) return mn_fail_memory(err, "path", strlen(path));
    path = joined;
  }
  status = mn_file_read(alloc, path, MOST_FILE, &json, &len, err);
  if (status != MOON_OK) goto done;
  status = mn_config_parse(alloc, json, len, path, config, err);
done:
  mn_free(alloc, json);
  mn_free(alloc, joined);
  return status;
}

moon_status moon_config_read(const char *path, moon_config *config, moon_error *err) {
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  return mn_config_read(&alloc, path, config, err);
}

uint64_t moon_config_count(const moon_config *c) {
  uint64_t L = (uint64_t)c->num_hidden_layers, D = (uint64_t)c->hidden_size;
  uint64_t F = (uint64_t)c->intermediate_size, V = (uint64_t)c->vocab_size;
  uint64_t Q = (uint64_t)c->num_attention_heads * (uint64_t)c->head_dim;
  uint64_t KV = (uint64_t)c->num_key_value_heads * (uint64_t)c->head_dim;
  uint64_t attention = D * Q + 2 * D * KV + Q * D, mlp = 3 * D * F, norms = 2 * D;
  return V * D * (c->tied ? 1 : 2) + L * (attention + mlp + norms) + D;
}
