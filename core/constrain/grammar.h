/* grammar.h: context-free grammars as automata that call each other.
**
** Each rule is an mn_nfa of its own in one array; a CALL node runs another rule and goes on
** behind it. A text's state is the set of all places it may stand at, each with its stack of
** returns; stacks and sets are interned, so that a state is a number and each step is taken
** once. No rule can reach itself without reading a byte. */
#ifndef MOON_CONSTRAIN_GRAMMAR_H
#define MOON_CONSTRAIN_GRAMMAR_H

#include "core/constrain/automaton.h"
#include "core/constrain/intern.h"

typedef struct mn_grammar {
  mn_nfa nfa;
  mn_intern rules;              /* name -> rule; tag: 1 + its first node, 0: not defined */
  uint32_t root;
} mn_grammar;

moon_status mn_gbnf_parse(mn_arena *arena, const char *text, size_t len, mn_grammar *grammar,
                          moon_error *err);

typedef struct mn_derivation {
  mn_arena arena;
  const mn_grammar *grammar;
  mn_intern stacks, sets, steps;
  uint64_t *items; uint32_t n, room;    /* the set that is being made */
  moon_status status;           /* why a step failed that might have gone on */
} mn_derivation;

moon_status mn_derivation_begin(mn_derivation *d, mn_alloc alloc, const mn_grammar *grammar,
                                uint32_t *start, moon_error *err);
void mn_derivation_end(mn_derivation *d);
/* The state behind a byte; 0: it cannot come, or d->status says what failed. */
uint32_t mn_derivation_step(mn_derivation *d, uint32_t state, uint8_t byte);
bool mn_derivation_complete(const mn_derivation *d, uint32_t state);

#endif
