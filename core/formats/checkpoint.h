/* checkpoint.h: one interface to every weight file: a name gives a span of numbers.
**
** Opens a safetensors file, a pytorch_model.bin, a .gguf, or a directory with model.safetensors,
** model.safetensors.index.json, pytorch_model.bin or pytorch_model.bin.index.json (looked for in
** that order; two weight sources beside each other are no error, the first is taken).
** Everything a file claims is checked before it is believed; spans lie inside the mapped file,
** contiguous and row-major, aligned to their dtype. What a file has in another form (misaligned,
** transposed, in blocks of GGUF) has no bytes at first but a recipe, so that shapes can be held
** against a config before memory is taken. Opening reads headers alone; a tensor's pages come when
** it is used.
** A dtype that moonlet does not compute with (F64, I64, U8, BOOL, F8, ...) is no error: its tensor
** is checked and listed, and mn_span_check says so when somebody wants it. A matrix in blocks of 8
** or 4 bits (see safetensors.h) has the rank 2 and the shape (rows, n) that it stands for. */
#ifndef MOON_FORMATS_CHECKPOINT_H
#define MOON_FORMATS_CHECKPOINT_H

#include "core/base/arena.h"
#include "core/base/engine.h"
#include "core/base/error.h"

typedef struct mn_span mn_span;

typedef struct mn_recipe {      /* begins a struct with what else make needs */
  void (*make)(const mn_span *span, uint8_t *to);       /* span->size bytes */
  const uint8_t *from;          /* in the file */
} mn_recipe;

struct mn_span {
  const char *name;
  const void *bytes;            /* in the file; with a recipe NULL, until mn_spans_fill */
  moon_dtype dtype;
  int rank;
  size_t shape[MOON_MAX_RANK];
  size_t size;                  /* bytes: product of shape times dtype size (Q8, Q4:
                                   mn_quant_bytes), checked */
  const char *foreign;          /* NULL; or the dtype's name, when it is none of moonlet's: then
                                   dtype means nothing and bytes is NULL */
  const mn_recipe *recipe;      /* NULL; or how the bytes are made that the file does not hold as
                                   they are wanted */
};

typedef struct mn_checkpoint mn_checkpoint;

moon_status mn_checkpoint_open(moon_engine *engine, const char *path, mn_checkpoint **ck,
                               moon_error *err);
/* Owners are counted: spans live as long as one is left. */
mn_checkpoint *mn_checkpoint_retain(mn_checkpoint *ck);
void mn_checkpoint_close(mn_checkpoint *ck);            /* accepts NULL */
size_t mn_checkpoint_count(const mn_checkpoint *ck);
const mn_span *mn_checkpoint_at(const mn_checkpoint *ck, size_t i);     /* file order */
const mn_span *mn_checkpoint_find(const mn_checkpoint *ck, const char *name);   /* or NULL */
/* For a span's user: MOON_EFORMAT when span is NULL (the checkpoint has no tensor `name`),
** MOON_ESUPPORT when its dtype is foreign. */
moon_status mn_span_check(const mn_checkpoint *ck, const mn_span *span, const char *name,
                          moon_error *err);
/* A span's bytes: those in the file or, with a recipe, what it makes, in arena. */
moon_status mn_span_bytes(const mn_span *span, mn_arena *arena, const void **bytes,
                          moon_error *err);
/* Bytes for every span that has a recipe. Not while another owner is at work. */
moon_status mn_checkpoint_fill(mn_checkpoint *ck, moon_error *err);
/* All of its files will be read (mn_map_expect). */
void mn_checkpoint_expect(const mn_checkpoint *ck);
const char *mn_checkpoint_path(const mn_checkpoint *ck);        /* for error sentences */

#endif
