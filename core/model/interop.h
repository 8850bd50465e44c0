/* interop.h: models in GGUF files, for the other files of core/model.
**
** Metadata to config and tokenizer, by way of config.json's and tokenizer.model's own texts:
** each is checked by the one parser that it has. */
#ifndef MOON_MODEL_INTEROP_H
#define MOON_MODEL_INTEROP_H

#include <string.h>

#include "core/formats/gguf.h"
#include "core/model/config.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"

static inline bool mn_ends_in(const char *text, const char *suffix) {
  size_t len = strlen(text), n = strlen(suffix);
  return len >= n && strcmp(text + len - n, suffix) == 0;
}

/* The config of a file whose architecture is "llama". MOON_ESUPPORT for whatever would change the
** mathematics: an unknown key of the architecture, or a tensor that the model has no place for. */
moon_status mn_gguf_config(const mn_alloc *alloc, const char *path, moon_config *config,
                           moon_error *err);
/* Its vocabulary; *tok is NULL when it has none. most: pieces that the embeddings have rows for. */
moon_status mn_gguf_tokenizer(const mn_alloc *alloc, const char *path, int32_t most,
                              mn_tokenizer **tok, moon_error *err);

/* The same of a file that is in memory. The tokenizer owes it nothing. */
moon_status mn_gguf_config_of(const mn_alloc *alloc, const mn_gguf *file, moon_config *config,
                              moon_error *err);
moon_status mn_gguf_tokenizer_of(const mn_alloc *alloc, mn_arena *scratch, const mn_gguf *file,
                                 int32_t most, mn_tokenizer **tok, moon_error *err);

/* Config, parameters and tokenizer of a file, to be written elsewhere: no session may be opened on
** it. type: of the matrices, F32, F16 or BF16; NULL: as stored, and F32 for blocks. */
moon_status mn_gguf_open(moon_engine *engine, const char *path, const mn_ggml *type,
                         moon_model **model, moon_error *err);

/* Values of a header: everything but tensors. tok may be NULL. MOON_ESUPPORT for what such a file
** cannot say. */
moon_status mn_gguf_describe(mn_gguf_header *h, const moon_config *config,
                             const mn_tokenizer *tok, const mn_ggml *type, moon_error *err);

#endif
