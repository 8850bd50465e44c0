/* gguf_describe.c: config and tokenizer to the metadata of a GGUF file; see interop.h.
**
** How: the keys that llama.cpp's own converter writes for a Llama with a SentencePiece
** vocabulary. What has no such key goes under "moonlet.", which other readers pass over. Layer
** sharing becomes twice the blocks. Invariant: what such a file cannot say is refused by name.
** Not here: the chat template and other files of tokenizers; a normaliser's table is written,
** and llama.cpp does not use it for this kind of vocabulary. */
#include <stdio.h>
#include <string.h>

#include "core/model/interop.h"
#include "core/text/pieces.h"

/* llama.cpp's numbers for "mostly of this type". */
static uint32_t file_type(const mn_ggml *type) {
  switch (type->type) {
    case MN_GGML_F16: return 1;
    case MN_GGML_Q4_0: return 2;
    case MN_GGML_Q8_0: return 7;
    case MN_GGML_BF16: return 32;
    default: return 0;
  }
}

static void put_text(mn_gguf_header *h, const char *key, const char *text) {
  mn_gguf_put_text(h, key, text, strlen(text));
}

static void put_id(mn_gguf_header *h, const char *key, int32_t id) {
  if (id >= 0) mn_gguf_put_whole(h, key, (uint32_t)id);
}

static void put_sizes(mn_gguf_header *h, const moon_config *c, const mn_ggml *type) {
  put_text(h, "general.architecture", "llama");
  mn_gguf_put_whole(h, "general.alignment", MN_GGUF_ALIGN);
  mn_gguf_put_whole(h, "general.file_type", file_type(type));
  if (type->block > 1) mn_gguf_put_whole(h, "general.quantization_version", 2);
  put_text(h, "moonlet.model_type", c->model_type);
  put_id(h, "llama.vocab_size", c->vocab_size);
  put_id(h, "llama.context_length", c->max_position_embeddings);
  put_id(h, "llama.embedding_length", c->hidden_size);
  put_id(h, "llama.block_count", c->num_hidden_layers * mn_config_runs(c));
  put_id(h, "llama.feed_forward_length", c->intermediate_size);
  put_id(h, "llama.attention.head_count", c->num_attention_heads);
  put_id(h, "llama.attention.head_count_kv", c->num_key_value_heads);
  put_id(h, "llama.attention.key_length", c->head_dim);
  put_id(h, "llama.attention.value_length", c->head_dim);
  put_id(h, "llama.rope.dimension_count", c->head_dim);
  mn_gguf_put_number(h, "llama.rope.freq_base", (float)c->rope_theta);
  mn_gguf_put_number(h, "llama.attention.layer_norm_rms_epsilon", (float)c->rms_norm_eps);
}

/* Our list where there are several; otherwise the one key says it. */
static void put_ends(mn_gguf_header *h, const moon_config *c, int32_t bos, int32_t eos) {
  put_id(h, "tokenizer.ggml.bos_token_id", bos);
  put_id(h, "tokenizer.ggml.eos_token_id", eos);
  if (c->n_eos == 1) return;
  mn_gguf_put_array(h, "moonlet.eos_token_ids", MN_GGUF_I32, (size_t)c->n_eos);
  mn_gguf_put_raw(h, c->eos_token_id, (size_t)c->n_eos * sizeof *c->eos_token_id);
}

/* Pieces, then "[PAD<id>]" for the rows of the embeddings that no piece has. */
static void put_pieces(mn_gguf_header *h, const mn_pieces *p, size_t rows) {
  static const float none = 0;
  static const int32_t unused = MN_TYPE_UNUSED;
  char pad[32];
  mn_gguf_put_array(h, "tokenizer.ggml.tokens", MN_GGUF_STRING, rows);
  for (size_t i = 0; i < p->count; i++)
    mn_gguf_put_element(h, p->items[i].text, p->items[i].len);
  for (size_t i = p->count; i < rows; i++)
    mn_gguf_put_element(h, pad, (size_t)snprintf(pad, sizeof pad, "[PAD%zu]", i));
  mn_gguf_put_array(h, "tokenizer.ggml.scores", MN_GGUF_F32, rows);
  for (size_t i = 0; i < rows; i++)
    mn_gguf_put_raw(h, i < p->count ? &p->items[i].score : &none, sizeof none);
  mn_gguf_put_array(h, "tokenizer.ggml.token_type", MN_GGUF_I32, rows);
  for (size_t i = 0; i < rows; i++)
    mn_gguf_put_raw(h, i < p->count ? &p->items[i].type : &unused, sizeof unused);
}

static moon_status put_tokenizer(mn_gguf_header *h, const moon_config *c, const mn_pieces *p,
                                 moon_error *err) {
  if (p->suffix || !p->escape_spaces)
    return mn_fail(err, MOON_ESUPPORT, "GGUF cannot say that the tokenizer %s",
                   p->suffix ? "puts its space at the end" : "keeps spaces as they are");
  put_text(h, "tokenizer.ggml.model", "llama");
  put_text(h, "tokenizer.ggml.pre", "default");
  put_pieces(h, p, (size_t)c->vocab_size);
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].type == MN_TYPE_UNKNOWN)
      put_id(h, "tokenizer.ggml.unknown_token_id", (int32_t)i);
  int32_t bos = c->bos_token_id >= 0 ? c->bos_token_id : p->bos;
  put_ends(h, c, bos, c->n_eos > 0 ? c->eos_token_id[0] : p->eos);
  mn_gguf_put_flag(h, "tokenizer.ggml.add_bos_token", bos >= 0);
  mn_gguf_put_flag(h, "tokenizer.ggml.add_eos_token", false);
  mn_gguf_put_flag(h, "tokenizer.ggml.add_space_prefix", p->dummy_prefix);
  mn_gguf_put_flag(h, "tokenizer.ggml.remove_extra_whitespaces", p->squeeze_spaces);
  mn_gguf_put_text(h, "moonlet.unknown_surface", p->unknown, p->unknown_len);
  if (!p->table) return MOON_OK;
  mn_gguf_put_array(h, "tokenizer.ggml.precompiled_charsmap", MN_GGUF_U8, p->table_size);
  mn_gguf_put_raw(h, p->table, p->table_size);
  return MOON_OK;
}

moon_status mn_gguf_describe(mn_gguf_header *h, const moon_config *c, const mn_tokenizer *tok,
                             const mn_ggml *type, moon_error *err) {
  mn_arena scratch;
  mn_pieces p;
  if (c->qk_norm)
    return mn_fail(err, MOON_ESUPPORT, "the model normalises q and k after RoPE (use_qk_norm), "
                   "which llama.cpp has for no dense model: it cannot be written as GGUF");
  put_sizes(h, c, type);
  if (!tok) {
    put_text(h, "tokenizer.ggml.model", "none");
    put_ends(h, c, c->bos_token_id, c->n_eos > 0 ? c->eos_token_id[0] : -1);
    return MOON_OK;
  }
  mn_arena_growing(&scratch, *h->alloc, SIZE_MAX);
  moon_status status = mn_pieces_of(tok, &scratch, &p, err);
  if (status == MOON_OK) status = put_tokenizer(h, c, &p, err);
  mn_arena_free(&scratch);
  return status;
}
