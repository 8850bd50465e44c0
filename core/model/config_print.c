/* config_print.c: moon_config back to a config.json.
**
** Numbers are printed with as few digits as read back exactly, with a point whatever the
** locale is. Invariant: mn_config_parse of the text gives the same config
** (spec/core/gguf_spec.lua). Does not: print llama4_text, which no GGUF file is read as. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/config.h"

/* The text has room for every value that a checked config can have. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void put(mn_config_text *t, const char *format, ...) {
  size_t len = strlen(t->text);
  va_list args;
  va_start(args, format);
  vsnprintf(t->text + len, sizeof t->text - len, format, args);
  va_end(args);
}

static void put_number(mn_config_text *t, const char *key, double value) {
  char text[40];
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  if (value < 1e15 && value == floor(value)) snprintf(text, sizeof text, "%.1f", value);
  for (char *c = text; *c; c++)
    if (!strchr("0123456789+-e", *c)) *c = '.';
  put(t, "  \"%s\": %s,\n", key, text);
}

static void put_whole(mn_config_text *t, const char *key, int32_t value) {
  put(t, "  \"%s\": %d,\n", key, (int)value);
}

static void put_flag(mn_config_text *t, const char *key, bool value) {
  put(t, "  \"%s\": %s,\n", key, value ? "true" : "false");
}

static void put_eos(mn_config_text *t, const moon_config *c) {
  if (c->n_eos == 0) return;
  if (c->n_eos == 1) return put_whole(t, "eos_token_id", c->eos_token_id[0]);
  put(t, "  \"eos_token_id\": [");
  for (int32_t i = 0; i < c->n_eos; i++) put(t, i ? ", %d" : "%d", (int)c->eos_token_id[i]);
  put(t, "],\n");
}

mn_config_text mn_config_print(const moon_config *c, moon_dtype dtype) {
  mn_config_text t = {"{\n"};
  bool mobilellm = strcmp(c->model_type, "mobilellm") == 0;
  put(&t, "  \"architectures\": [\"%sForCausalLM\"],\n", mobilellm ? "MobileLLM" : "Llama");
  put(&t, "  \"model_type\": \"%s\",\n", c->model_type);
  put_whole(&t, "vocab_size", c->vocab_size);
  put_whole(&t, "hidden_size", c->hidden_size);
  put_whole(&t, "intermediate_size", c->intermediate_size);
  put_whole(&t, "num_hidden_layers", c->num_hidden_layers);
  put_whole(&t, "num_attention_heads", c->num_attention_heads);
  put_whole(&t, "num_key_value_heads", c->num_key_value_heads);
  put_whole(&t, "head_dim", c->head_dim);
  put_whole(&t, "max_position_embeddings", c->max_position_embeddings);
  put_number(&t, "rope_theta", c->rope_theta);
  put_number(&t, "rms_norm_eps", c->rms_norm_eps);
  put_flag(&t, mobilellm ? "share_embedding" : "tie_word_embeddings", c->tied);
  put_flag(&t, "layer_sharing", c->layer_sharing);
  put_flag(&t, "attention_bias", false);
  put_flag(&t, "mlp_bias", false);
  if (c->bos_token_id >= 0) put_whole(&t, "bos_token_id", c->bos_token_id);
  put_eos(&t, c);
  put(&t, "  \"hidden_act\": \"silu\",\n  \"torch_dtype\": \"%s\"\n}\n",
      dtype == MOON_BF16 ? "bfloat16" : dtype == MOON_F16 ? "float16" : "float32");
  return t;
}
