/* text.c: a model's tokenizer, with the config's say about BOS and EOS.
**
** Ids come from config.json first: MobileLLM's own tokenizer_config.json holds empty strings.
** The vocabulary file's ids serve where the config is silent. */
#include "core/model/model.h"

static moon_status need_tokenizer(const moon_model *m, moon_error *err) {
  if (m->tokenizer) return MOON_OK;
  return mn_fail(err, MOON_ESUPPORT, "%s: has no tokenizer.model beside it",
                 mn_checkpoint_path(m->checkpoint));
}

int32_t mn_model_bos(const moon_model *m) {
  if (m->config.bos_token_id >= 0) return m->config.bos_token_id;
  return m->tokenizer ? mn_tokenizer_bos(m->tokenizer) : -1;
}

moon_status moon_model_encode(const moon_model *m, const char *text, size_t len, int flags,
                              int32_t *ids, size_t cap, size_t *n, moon_error *err) {
  *n = 0;
  moon_status status = need_tokenizer(m, err);
  if (status != MOON_OK) return status;
  size_t bos = (flags & MOON_ENCODE_BOS) && mn_model_bos(m) >= 0 ? 1 : 0;
  if (bos && cap > 0) ids[0] = mn_model_bos(m);
  size_t skip = cap < bos ? cap : bos;
  status = mn_tokenizer_encode(m->tokenizer, text, len, (flags & MOON_ENCODE_SPECIAL) != 0,
                               ids ? ids + skip : ids, cap - skip, n, err);
  if (status == MOON_OK) *n += bos;
  return status;
}

moon_status moon_model_decode(const moon_model *m, const int32_t *ids, size_t n, char *text,
                              size_t cap, size_t *len, moon_error *err) {
  *len = 0;
  moon_status status = need_tokenizer(m, err);
  if (status != MOON_OK) return status;
  return mn_tokenizer_decode(m->tokenizer, ids, n, text, cap, len, err);
}

const char *moon_model_piece(const moon_model *m, int32_t id, size_t *len) {
  *len = 0;
  return m->tokenizer ? mn_tokenizer_piece(m->tokenizer, id, len) : NULL;
}

int32_t moon_model_token(const moon_model *m, const char *piece, size_t len) {
  return m->tokenizer ? mn_tokenizer_find(m->tokenizer, piece, len) : -1;
}

bool moon_model_is_special(const moon_model *m, int32_t id) {
  if (!m->tokenizer) return false;
  mn_piece_kind kind = mn_tokenizer_kind(m->tokenizer, id);
  return kind == MN_PIECE_CONTROL || kind == MN_PIECE_USER;
}

bool moon_model_is_eos(const moon_model *m, int32_t id) {
  for (int32_t i = 0; i < m->config.n_eos; i++)
    if (m->config.eos_token_id[i] == id) return true;
  return m->config.n_eos == 0 && m->tokenizer && id >= 0 && id == mn_tokenizer_eos(m->tokenizer);
}
