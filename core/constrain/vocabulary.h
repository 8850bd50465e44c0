/* vocabulary.h: a model's tokens as a trie over their bytes, shared by all its constraints.
**
** The trie is an array in depth-first order: what follows a node up to its `end` lies below it,
** so a walk is one loop and leaving out a subtree is one assignment. Control and user-defined
** symbols are not in it: their spelling is not their meaning. Immutable once made. */
#ifndef MOON_CONSTRAIN_VOCABULARY_H
#define MOON_CONSTRAIN_VOCABULARY_H

#include "core/base/arena.h"
#include "core/constrain/schema.h"
#include "core/model/model.h"

typedef struct mn_trie_node {
  uint32_t end;                 /* behind the subtree */
  uint32_t first, n;            /* tokens spelled so: tokens[first .. first + n) */
  uint16_t depth;               /* bytes; the root has 0 */
  uint8_t byte;
} mn_trie_node;

enum { MN_LENGTHS = 24 };

typedef struct mn_exit { uint32_t node, characters; } mn_exit;

typedef struct mn_vocabulary {
  mn_arena arena;
  mn_trie_node *nodes; uint32_t n_nodes;
  int32_t *tokens;
  uint32_t words;               /* 32-bit ones of a mask */
  uint32_t depth;               /* of the deepest node */
  int32_t eos[MOON_MAX_EOS]; int32_t n_eos;
  /* Inside a JSON string that may be any: whole tokens of at most i characters, and where
  ** tokens close the string. Longer tokens than MN_LENGTHS - 1 count as that long in `inside`,
  ** longest is the true length. */
  uint32_t *inside[MN_LENGTHS];
  uint32_t longest;
  mn_exit *exits; uint32_t n_exits;
  mn_schema any;                /* the schema `true`, for that */
} mn_vocabulary;

/* Of a model, made at first use, freed with the model. */
moon_status mn_vocabulary_of(const moon_model *model, const mn_vocabulary **vocabulary,
                             moon_error *err);
/* The node below `node` (0: the root) that adds this byte, or MN_NO_NODE. */
uint32_t mn_vocabulary_child(const mn_vocabulary *v, uint32_t node, char byte);

#endif
