/* constraint.h: what a constraint and its matchers are made of.
**
** A constraint is immutable. What grows while texts are read (interned states, masks) is a
** runner: matchers that are copies of each other share one, and an idle one waits in the
** constraint for the next matcher, warm. */
#ifndef MOON_CONSTRAIN_CONSTRAINT_H
#define MOON_CONSTRAIN_CONSTRAINT_H

#include <stdatomic.h>

#include "core/constrain/grammar.h"
#include "core/constrain/machine.h"
#include "core/constrain/vocabulary.h"

typedef enum mn_kind { MN_BY_SCHEMA, MN_BY_DFA, MN_BY_GRAMMAR } mn_kind;

typedef struct mn_runner mn_runner;

struct moon_constraint {
  atomic_size_t owners;
  moon_model *model;            /* retained */
  const mn_vocabulary *vocabulary;
  mn_arena arena;
  mn_kind kind;
  int whitespace;
  mn_schema schema;
  const mn_dfa *dfa;
  mn_grammar grammar;
  _Atomic(mn_runner *) idle;
};

enum { MN_MASKS = 1024 };       /* cached per runner, a power of two */

typedef struct mn_mask_entry { mn_cursor at; bool used; uint32_t *bits; } mn_mask_entry;

struct mn_runner {
  mn_alloc alloc;
  mn_arena arena;               /* masks and the stack of a walk */
  size_t owners;
  mn_run run;                   /* by schema */
  mn_derivation derivation;     /* by grammar */
  mn_cursor start;
  mn_cursor *path;              /* (vocabulary->depth + 1) */
  mn_mask_entry *masks;         /* (MN_MASKS) by hash of the cursor */
};

struct moon_matcher {
  moon_constraint *constraint;  /* retained */
  mn_runner *runner;            /* owned with its other copies */
  mn_cursor at;                 /* by DFA and by grammar: the state is at.frame */
  char *lead; size_t lead_len;  /* text that must come before what `at` wants */
  bool ended;                   /* behind an end-of-sequence token */
};

moon_status mn_runner_new(const moon_constraint *c, mn_runner **runner, moon_error *err);
void mn_runner_free(const moon_constraint *c, mn_runner *runner);
size_t mn_runner_bytes(const mn_runner *runner);
/* One byte; false: it cannot come, or the runner failed (mn_runner_status). */
bool mn_runner_step(const moon_constraint *c, mn_runner *r, const mn_cursor *at, uint8_t byte,
                    mn_cursor *next);
bool mn_runner_complete(const moon_constraint *c, mn_runner *r, const mn_cursor *at);
moon_status mn_runner_status(const mn_runner *r, moon_error *err);
/* mask.c: the mask of a cursor without end-of-sequence bits; lives until the next call. */
const uint32_t *mn_runner_mask(const moon_constraint *c, mn_runner *r, const mn_cursor *at);
/* Sets the tokens that a matcher's lead leaves, whose rest the constraint allows. */
void mn_lead_mask(const moon_matcher *m, uint32_t *bits);
/* Whether a token goes on from the one spelled as that node by what the cursor allows. */
bool mn_runner_goes_on(const moon_constraint *c, mn_runner *r, const mn_cursor *at,
                       uint32_t node);

#endif
