/* gguf_model.c: a GGUF file's metadata to config and tokenizer; see interop.h.
**
** How: keys become a moon_config with no more than their types checked, its config.json is
** printed and parsed: ranges, divisibility and what is not supported are config.c's matter.
** Vocabularies go the same way through tokenizer.model. Invariant: the tensors are exactly
** those that the config asks for, because names are unique, each one has a place, and their
** number is right. Not here: vocabularies of byte-level BPE ("gpt2"), chat templates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"
#include "core/model/interop.h"
#include "core/text/pieces.h"

enum { TENSORS_OF_LAYER = 9, CONTEXT = 2048 };

/* ---- config ---- */

/* The first failure stays in status. */
typedef struct reader {
  const mn_gguf *file;
  moon_status status;
  moon_error *err;
} reader;

enum { REQUIRED = -2 };

static int32_t whole(reader *r, const char *key, int32_t fallback) {
  int64_t value = fallback;
  if (r->status != MOON_OK) return 0;
  r->status = mn_gguf_whole(r->file, key, 0, INT32_MAX, &value, r->err);
  if (r->status == MOON_OK && value == REQUIRED)
    r->status = mn_fail(r->err, MOON_EFORMAT, "%s: has no '%s'", r->file->name, key);
  return (int32_t)value;
}

/* An f32 stands for the shortest decimal that becomes it: 1e-5, not 9.99999975e-6. */
static double number(reader *r, const char *key, double fallback) {
  double value = fallback;
  char text[40];
  if (r->status != MOON_OK) return 0;
  r->status = mn_gguf_number(r->file, key, &value, r->err);
  const mn_gguf_value *v = mn_gguf_find(r->file, key);
  if (r->status == MOON_OK && !(value > 0 && value < 1e30))
    r->status = mn_fail(r->err, MOON_EFORMAT, "%s: '%s' %s", r->file->name, key,
                        v ? "wants a positive number" : "is missing");
  if (r->status != MOON_OK || !v || v->type != MN_GGUF_F32) return value;
  for (int digits = 1; digits <= 9; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if ((float)strtod(text, NULL) == (float)value) break;
  }
  return strtod(text, NULL);
}

/* Every key of the architecture is one that is known to change nothing else. */
static moon_status check_keys(const reader *r) {
  static const char *const known[] = {
    "block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "rope.dimension_count",
    "rope.freq_base", "rope.scaling.type", "expert_count", "expert_used_count",
    "tensor_data_layout"};
  enum { KNOWN = sizeof known / sizeof *known };
  for (size_t i = 0; i < r->file->n_values; i++) {
    const mn_gguf_value *v = &r->file->values[i];
    if (v->key_len < 6 || memcmp(v->key, "llama.", 6) != 0) continue;
    int k = 0;
    while (k < KNOWN && (strlen(known[k]) != v->key_len - 6 ||
                         memcmp(known[k], v->key + 6, v->key_len - 6) != 0)) k++;
    if (k == KNOWN)
      return mn_fail(r->err, MOON_ESUPPORT, "%s: '%s' is not supported", r->file->name,
                     mn_show(v->key, v->key_len).text);
  }
  if (mn_gguf_find(r->file, "llama.rope.scaling.type") &&
      !mn_gguf_is(r->file, "llama.rope.scaling.type", "none"))
    return mn_fail(r->err, MOON_ESUPPORT, "%s: asks for scaled RoPE, which is not supported",
                   r->file->name);
  return MOON_OK;
}

/* All names differ, each is one of the model's, and there are as many as the model has. */
static moon_status check_tensors(const reader *r, const moon_config *c) {
  static const char layer[] = "model.layers.";
  char ours[MN_NAME_MAX + 1];
  for (size_t i = 0; i < r->file->n_tensors; i++) {
    const char *name = r->file->tensors[i].name;
    bool ok = mn_gguf_name_in(name, ours);
    if (ok && strncmp(ours, layer, strlen(layer)) == 0)
      ok = strtol(ours + strlen(layer), NULL, 10) < c->num_hidden_layers;
    if (!ok)
      return mn_fail(r->err, MOON_ESUPPORT, "%s: tensor '%s' has no place in a llama of %d "
                     "blocks", r->file->name, mn_show(name, strlen(name)).text,
                     (int)c->num_hidden_layers);
  }
  uint64_t wanted = (uint64_t)c->num_hidden_layers * TENSORS_OF_LAYER + (c->tied ? 2 : 3);
  if (r->file->n_tensors == wanted) return MOON_OK;
  return mn_fail(r->err, MOON_EFORMAT, "%s: has %zu tensors; %d blocks make it %llu",
                 r->file->name, r->file->n_tensors, (int)c->num_hidden_layers,
                 (unsigned long long)wanted);
}

static const mn_gguf_tensor *find_tensor(const mn_gguf *file, const char *name) {
  for (size_t i = 0; i < file->n_tensors; i++)
    if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
  return NULL;
}

static void read_vocabulary_size(reader *r, moon_config *c) {
  const mn_gguf_tensor *embed = find_tensor(r->file, "token_embd.weight");
  if (r->status != MOON_OK) return;
  if (embed && embed->rank == 2 && embed->shape[0] <= INT32_MAX) {
    c->vocab_size = (int32_t)embed->shape[0];
    if (whole(r, "llama.vocab_size", c->vocab_size) == c->vocab_size || r->status != MOON_OK)
      return;
    r->status = mn_fail(r->err, MOON_EFORMAT, "%s: 'llama.vocab_size' is not the %d rows of the "
                        "embeddings", r->file->name, (int)c->vocab_size);
    return;
  }
  r->status = mn_fail(r->err, MOON_EFORMAT, "%s: has no matrix 'token_embd.weight'",
                      r->file->name);
}

static void add_eos(moon_config *c, int32_t id) {
  for (int32_t i = 0; i < c->n_eos; i++)
    if (c->eos_token_id[i] == id) return;
  if (id >= 0 && c->n_eos < MOON_MAX_EOS) c->eos_token_id[c->n_eos++] = id;
}

/* What ends a text: our own list, or what llama.cpp takes for it. */
static void read_ends(reader *r, moon_config *c) {
  static const char *const keys[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                     "tokenizer.ggml.eom_token_id"};
  const mn_gguf_value *list = NULL;
  c->bos_token_id = whole(r, "tokenizer.ggml.bos_token_id", -1);
  if (r->status == MOON_OK)
    r->status = mn_gguf_array(r->file, "moonlet.eos_token_ids", MN_GGUF_I32, SIZE_MAX, &list,
                              r->err);
  if (r->status != MOON_OK) return;
  if (list && list->count > MOON_MAX_EOS)
    r->status = mn_fail(r->err, MOON_ESUPPORT, "%s: 'moonlet.eos_token_ids' lists more than %d "
                        "ids", r->file->name, MOON_MAX_EOS);
  for (size_t i = 0; list && i < list->count && r->status == MOON_OK; i++) {
    int32_t id;
    memcpy(&id, list->bytes + i * sizeof id, sizeof id);
    if (id < 0)
      r->status = mn_fail(r->err, MOON_EFORMAT, "%s: 'moonlet.eos_token_ids' has an id below 0",
                          r->file->name);
    add_eos(c, id);
  }
  for (size_t i = 0; !list && i < sizeof keys / sizeof *keys; i++)
    add_eos(c, whole(r, keys[i], -1));
}

static void read_sizes(reader *r, moon_config *c) {
  c->num_hidden_layers = whole(r, "llama.block_count", REQUIRED);
  c->hidden_size = whole(r, "llama.embedding_length", REQUIRED);
  c->intermediate_size = whole(r, "llama.feed_forward_length", REQUIRED);
  c->num_attention_heads = whole(r, "llama.attention.head_count", REQUIRED);
  c->num_key_value_heads = whole(r, "llama.attention.head_count_kv", c->num_attention_heads);
  c->max_position_embeddings = whole(r, "llama.context_length", CONTEXT);
  int32_t head = c->num_attention_heads > 0 ? c->hidden_size / c->num_attention_heads : 0;
  c->head_dim = whole(r, "llama.attention.key_length", head);
  bool same = whole(r, "llama.attention.value_length", c->head_dim) == c->head_dim &&
              whole(r, "llama.rope.dimension_count", c->head_dim) == c->head_dim;
  bool dense = whole(r, "llama.expert_count", 0) == 0;
  if (r->status != MOON_OK) return;
  if (!same)
    r->status = mn_fail(r->err, MOON_ESUPPORT, "%s: keys, values and RoPE of different sizes are "
                        "not supported", r->file->name);
  else if (!dense)
    r->status = mn_fail(r->err, MOON_ESUPPORT, "%s: 'llama.expert_count' is not 0; mixtures of "
                        "experts are not supported", r->file->name);
}

static moon_status read_config(reader *r, moon_config *c) {
  if (!mn_gguf_is(r->file, "general.architecture", "llama"))
    r->status = mn_fail(r->err, MOON_ESUPPORT, "%s: is of an architecture other than llama",
                        r->file->name);
  bool mobilellm = mn_gguf_is(r->file, "moonlet.model_type", "mobilellm");
  strcpy(c->model_type, mobilellm ? "mobilellm" : "llama");
  c->tied = find_tensor(r->file, "output.weight") == NULL;
  read_sizes(r, c);
  read_vocabulary_size(r, c);
  c->rope_theta = number(r, "llama.rope.freq_base", 10000);
  c->rms_norm_eps = number(r, "llama.attention.layer_norm_rms_epsilon", -1);
  read_ends(r, c);
  if (r->status == MOON_OK) r->status = check_keys(r);
  if (r->status == MOON_OK) r->status = check_tensors(r, c);
  return r->status;
}

moon_status mn_gguf_config_of(const mn_alloc *alloc, const mn_gguf *file, moon_config *config,
                              moon_error *err) {
  moon_config raw = {.bos_token_id = -1};
  reader r = {.file = file, .err = err};
  memset(config, 0, sizeof *config);
  if (read_config(&r, &raw) != MOON_OK) return r.status;
  mn_config_text json = mn_config_print(&raw, MOON_F32);
  return mn_config_parse(alloc, json.text, strlen(json.text), file->name, config, err);
}

/* ---- tokenizer ---- */

/* "[PAD7]" is what converters put where the embeddings have a row 7 and the vocabulary no piece. */
static bool is_padding(const mn_one_piece *piece, size_t id) {
  char text[32];
  int len = snprintf(text, sizeof text, "[PAD%zu]", id);
  return piece->type == MN_TYPE_UNUSED && piece->len == (size_t)len &&
         memcmp(piece->text, text, piece->len) == 0;
}

static moon_status read_pieces(const mn_gguf *file, mn_arena *arena, mn_pieces *p,
                               moon_error *err) {
  const mn_gguf_value *tokens, *scores = NULL, *kinds = NULL;
  size_t at = 0, bytes;
  moon_status status = mn_gguf_array(file, "tokenizer.ggml.tokens", MN_GGUF_STRING, SIZE_MAX,
                                     &tokens, err);
  size_t n = tokens ? tokens->count : 0;
  if (status == MOON_OK)
    status = mn_gguf_array(file, "tokenizer.ggml.scores", MN_GGUF_F32, n, &scores, err);
  if (status == MOON_OK)
    status = mn_gguf_array(file, "tokenizer.ggml.token_type", MN_GGUF_I32, n, &kinds, err);
  if (status != MOON_OK) return status;
  if (!tokens || !scores || !kinds)
    return mn_fail(err, MOON_EFORMAT, "%s: wants tokenizer.ggml.tokens, .scores and .token_type",
                   file->name);
  if (!mn_size_mul(n, sizeof *p->items, &bytes)) bytes = SIZE_MAX;
  p->items = mn_arena_take(arena, bytes);
  if (!p->items) return mn_fail_memory(err, "pieces", bytes);
  for (size_t i = 0; i < n; i++) {
    mn_one_piece *piece = &p->items[i];
    mn_gguf_next(tokens, &at, &piece->text, &piece->len);
    memcpy(&piece->score, scores->bytes + i * sizeof piece->score, sizeof piece->score);
    memcpy(&piece->type, kinds->bytes + i * sizeof piece->type, sizeof piece->type);
  }
  while (n > 0 && is_padding(&p->items[n - 1], n - 1)) n--;
  p->count = n;
  return MOON_OK;
}

static moon_status read_specials(const mn_gguf *file, mn_pieces *p, moon_error *err) {
  const mn_gguf_value *table = mn_gguf_find(file, "tokenizer.ggml.precompiled_charsmap");
  int64_t bos = -1, eos = -1;
  p->squeeze_spaces = false;            /* llama.cpp's defaults */
  moon_status status =
      mn_gguf_whole(file, "tokenizer.ggml.bos_token_id", 0, INT32_MAX, &bos, err);
  if (status == MOON_OK)
    status = mn_gguf_whole(file, "tokenizer.ggml.eos_token_id", 0, INT32_MAX, &eos, err);
  if (status == MOON_OK)
    status = mn_gguf_flag(file, "tokenizer.ggml.add_space_prefix", &p->dummy_prefix, err);
  if (status == MOON_OK)
    status = mn_gguf_flag(file, "tokenizer.ggml.remove_extra_whitespaces", &p->squeeze_spaces,
                          err);
  if (status == MOON_OK)
    status = mn_gguf_text(file, "moonlet.unknown_surface", &p->unknown, &p->unknown_len, err);
  if (status != MOON_OK) return status;
  p->bos = (int32_t)bos;
  p->eos = (int32_t)eos;
  if (!table) return MOON_OK;
  if (!table->array || (table->type != MN_GGUF_U8 && table->type != MN_GGUF_I8))
    return mn_fail(err, MOON_EFORMAT, "%s: 'tokenizer.ggml.precompiled_charsmap' wants an array of "
                   "bytes", file->name);
  p->table = table->bytes;
  p->table_size = table->size;
  return MOON_OK;
}

moon_status mn_gguf_tokenizer_of(const mn_alloc *alloc, mn_arena *scratch, const mn_gguf *file,
                                 int32_t most, mn_tokenizer **tok, moon_error *err) {
  const char *kind = "none";
  size_t len = 4, size;
  uint8_t *bytes;
  mn_pieces p = mn_pieces_defaults();
  *tok = NULL;
  moon_status status = mn_gguf_text(file, "tokenizer.ggml.model", &kind, &len, err);
  if (status != MOON_OK) return status;
  mn_shown shown = mn_show(kind, len);
  if (strcmp(shown.text, "none") == 0 || strcmp(shown.text, "no_vocab") == 0) return MOON_OK;
  if (strcmp(shown.text, "llama") != 0)
    return mn_fail(err, MOON_ESUPPORT, "%s: has a vocabulary of kind '%s'; llama (SentencePiece) "
                   "is supported", file->name, shown.text);
  status = read_pieces(file, scratch, &p, err);
  if (status == MOON_OK) status = read_specials(file, &p, err);
  if (status != MOON_OK) return status;
  if (p.count > (size_t)most)
    return mn_fail(err, MOON_EFORMAT, "%s: has %zu pieces, the embeddings have %d rows", file->name,
                   p.count, (int)most);
  status = mn_pieces_write(&p, scratch, &bytes, &size, err);
  if (status == MOON_OK) status = mn_tokenizer_parse(alloc, bytes, size, file->name, tok, err);
  return status;
}

/* ---- the file, open for as long as it takes ---- */

typedef struct source {
  mn_map map;
  mn_arena arena;
  mn_gguf file;
} source;

static moon_status open_source(const mn_alloc *alloc, const char *path, source *s,
                               moon_error *err) {
  mn_arena_growing(&s->arena, *alloc, SIZE_MAX);
  moon_status status = mn_map_open(path, &s->map, err);
  if (status != MOON_OK) return status;
  return mn_gguf_read(&s->arena, s->map.bytes, s->map.size, path, &s->file, err);
}

static void close_source(source *s) {
  mn_arena_free(&s->arena);
  mn_map_close(&s->map);
}

moon_status mn_gguf_config(const mn_alloc *alloc, const char *path, moon_config *config,
                           moon_error *err) {
  source s = {.map = {NULL, 0}};
  memset(config, 0, sizeof *config);
  moon_status status = open_source(alloc, path, &s, err);
  if (status == MOON_OK) status = mn_gguf_config_of(alloc, &s.file, config, err);
  close_source(&s);
  return status;
}

moon_status mn_gguf_tokenizer(const mn_alloc *alloc, const char *path, int32_t most,
                              mn_tokenizer **tok, moon_error *err) {
  source s = {.map = {NULL, 0}};
  *tok = NULL;
  moon_status status = open_source(alloc, path, &s, err);
  if (status == MOON_OK)
    status = mn_gguf_tokenizer_of(alloc, &s.arena, &s.file, most, tok, err);
  close_source(&s);
  return status;
}
