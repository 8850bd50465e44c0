/* corpus.h: sequences to train on, packed: what moon_corpus is, for the files of core. */
#ifndef MOON_TRAIN_CORPUS_H
#define MOON_TRAIN_CORPUS_H

#include "core/base/engine.h"
#include "core/base/error.h"

struct moon_corpus {
  moon_engine *engine;          /* retained */
  size_t longest;               /* ids of a sequence */
  int32_t *ids;                 /* (size) */
  float *weights;               /* (size), or NULL: all are 1 */
  size_t size, room;
  size_t *borders;              /* (count + 1) */
  size_t count, border_room;
  int32_t largest;              /* id */
};

#endif
