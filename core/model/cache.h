/* cache.h: the keys and values of a session.
**
** One slot per *run* of a block: with layer sharing a block runs twice, and each run sees its own
** keys and values. A head is one of slots * G; all its positions are adjacent. A cache consists of
** parts, arrays (heads, positions, width) of which each head has used the first some positions, so
** that copying and saving need not know what a part means. The kernel mk_attend says how keys and
** values lie in theirs. */
#ifndef MOON_MODEL_CACHE_H
#define MOON_MODEL_CACHE_H

#include "core/base/engine.h"
#include "core/model/config.h"

typedef struct mn_part {
  uint8_t *bytes;
  size_t width;                 /* bytes of one position of one head */
  bool blockwise;               /* used in whole blocks of MK_BLOCK positions */
} mn_part;

/* f32: keys, values as mk_attend reads them; bf16: the same, rounded to nearest even. q8: keys,
** values, key scales, value scales as mk_attend_q8 reads them. q4: the same parts for mk_attend_q4,
** keys and values turned by mk_hadamard before they were rounded, scales by mk_bf16_of_f32. */
enum { MN_KEYS, MN_VALUES, MN_KEY_SCALES, MN_VALUE_SCALES, MN_PARTS };
typedef struct mn_cache {
  moon_dtype dtype;             /* F32, BF16, Q8 or Q4 */
  int parts;                    /* 2 or MN_PARTS */
  size_t positions;             /* room of a head: a multiple of MK_BLOCK */
  size_t heads;                 /* slots * G */
  size_t K;                     /* head size */
  mn_part part[MN_PARTS];
} mn_cache;

/* Can a cache of that type serve such a model? mk_attend_q8 wants whole groups of four components,
** mk_attend_q4 of 32, and no more than MK_HEAD_Q8. */
static inline bool mn_cache_fits(const moon_config *config, moon_dtype dtype) {
  int group = dtype == MOON_Q8 ? 4 : 32;
  if (dtype == MOON_F32 || dtype == MOON_BF16) return true;
  return (dtype == MOON_Q8 || dtype == MOON_Q4) && config->head_dim % group == 0 &&
         config->head_dim <= MK_HEAD_Q8;
}

/* Sizes of a cache for `context` tokens; the owner then gives each part its bytes. */
void mn_cache_plan(mn_cache *cache, const moon_config *config, moon_dtype dtype, size_t context);
/* All of it will be in use (mn_prefer_huge_pages). Parts lie in their order in one block. */
void mn_cache_expect_all(const mn_cache *cache);
/* A part's bytes are the product of these three. */
void mn_cache_dims(const mn_cache *cache, int part, size_t dims[3]);
/* What one head has in use after n tokens: its first byte, and how many. */
uint8_t *mn_cache_span(const mn_cache *cache, int part, size_t head, size_t n, size_t *bytes);
/* The first n tokens of one cache into another of the same model and type. */
void mn_cache_copy(const mn_cache *to, const mn_cache *from, size_t n);

/* Asks for the memory that mn_cache_put at that position will write. */
void mn_cache_expect_put(const mn_cache *cache, size_t head, size_t position);
/* Stores key and value (K) of one head at a position. */
void mn_cache_put(const moon_engine *engine, const mn_cache *cache, size_t head, size_t position,
                  const float *k, const float *v);
/* The key or value (part: MN_KEYS or MN_VALUES) of one head at a position, as numbers (K). */
void mn_cache_get(const moon_engine *engine, const mn_cache *cache, int part, size_t head,
                  size_t position, float *out);
/* Its scale in q8 and q4 (part: MN_KEY_SCALES or MN_VALUE_SCALES). */
float mn_cache_scale(const mn_cache *cache, int part, size_t head, size_t position);
/* Does mn_cache_attend want queries that mk_hadamard has turned, and give results so? */
static inline bool mn_cache_turned(const mn_cache *cache) { return cache->dtype == MOON_Q4; }
/* Floats that mn_cache_attend wants for keys and values of a span, opened: to f32, or to bytes; 0
** where it reads them as they are stored. */
static inline size_t mn_cache_wide(const mn_cache *cache) {
  size_t numbers = 2 * MK_SPAN * cache->K;
  if (cache->dtype == MOON_BF16) return numbers;
  return cache->dtype == MOON_Q4 ? numbers / sizeof(float) : 0;
}
/* mk_attend, mk_attend_q8 or mk_attend_q4 over the positions of a span, its number times MK_SPAN
** and on, for `tokens` tokens at consecutive positions from `position` on, which see some of it.
** next: what the caller's next call will want, counted from the head's first position. wide:
** scratch of mn_cache_wide floats. */
void mn_cache_attend(const moon_engine *engine, const mn_cache *cache, size_t head, size_t span,
                     float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                     size_t group, size_t position, mk_ahead next, float *wide);

#endif
