/* automaton.h: regular languages of bytes: from parts to a nondeterministic automaton, from that
** to a deterministic one with every state's future known.
**
** An mn_nfa is built from fragments as Thompson did; anchors are edges that may be crossed only
** at the text's ends. An mn_dfa is immutable: state 0 is dead, `first` is where texts begin, and
** of each state it is known whether it accepts, whether it can still accept and whether it can
** still refuse. Caps on size give MOON_ESUPPORT, never a long wait. */
#ifndef MOON_CONSTRAIN_AUTOMATON_H
#define MOON_CONSTRAIN_AUTOMATON_H

#include "core/base/arena.h"
#include "core/base/error.h"

enum { MN_ACCEPTS = 1, MN_CAN_ACCEPT = 2, MN_CAN_REFUSE = 4 };

typedef struct mn_dfa {
  uint32_t count, classes, first;
  uint8_t class_of[256];
  const uint32_t *next;         /* (count, classes) */
  const uint8_t *flags;         /* (count) */
  const uint32_t *word;         /* (count) of a list of words: the word that ends here, or -1 */
  const uint32_t *low, *high;   /* (count) of a list: words [low, high) lie ahead */
  const uint32_t *distance;     /* (count) characters to the nearest acceptance */
  const uint32_t *ends, *ahead; /* (count) of a product: outcomes of ending here; here or later */
} mn_dfa;

static inline uint32_t mn_dfa_step(const mn_dfa *dfa, uint32_t state, uint8_t byte) {
  return dfa->next[state * dfa->classes + dfa->class_of[byte]];
}

/* The state after these bytes. */
uint32_t mn_dfa_run(const mn_dfa *dfa, uint32_t state, const char *text, size_t len);

/* ---- nondeterministic ---- */

/* CALL: in grammars only; other is a rule. */
typedef enum mn_nfa_kind {
  MN_NFA_BYTES, MN_NFA_SPLIT, MN_NFA_BEGIN, MN_NFA_END, MN_NFA_MATCH, MN_NFA_CALL
} mn_nfa_kind;

typedef struct mn_nfa_node {
  uint8_t kind, low, high;      /* BYTES: low to high */
  uint32_t out, other;          /* other: SPLIT only */
} mn_nfa_node;

typedef struct mn_nfa {
  mn_arena *arena;
  mn_nfa_node *nodes;
  uint32_t count, room;
} mn_nfa;

/* MN_NO_STATE when there are too many nodes or memory ends. */
enum { MN_NO_STATE = 0xFFFFFFFF, MN_MOST_NFA = 200000, MN_MOST_DFA = 30000 };
uint32_t mn_nfa_add(mn_nfa *nfa, mn_nfa_kind kind, int low, int high, uint32_t out,
                    uint32_t other);

/* what begins error sentences ("pattern '^a'"). scratch is used meanwhile, the result lies in
** arena. */
moon_status mn_dfa_build(mn_arena *arena, mn_arena *scratch, const mn_nfa *nfa, uint32_t start,
                         const char *what, const mn_dfa **dfa, moon_error *err);

/* From next and flags (which states accept) to what lies ahead of each state; those that cannot
** accept any more become the dead one. */
moon_status mn_dfa_look_ahead(mn_arena *arena, mn_dfa *dfa, uint32_t *next, uint8_t *flags,
                              moon_error *err);

/* Of a list of distinct words, sorted by bytes. */
typedef struct mn_word { const char *text; size_t len; } mn_word;
int mn_word_order(const void *a, const void *b);        /* for qsort over mn_word */
moon_status mn_dfa_words(mn_arena *arena, const mn_word *words, size_t n, const mn_dfa **dfa,
                         moon_error *err);

/* Gives each word of a finite language to `each`, which returns false to stop. False: it stopped,
** or the language has words of more than MN_LISTED_BYTES. */
enum { MN_LISTED_BYTES = 255 };
bool mn_dfa_list(const mn_dfa *dfa, bool (*each)(void *of, const char *text, size_t len), void *of);

/* Automata side by side. What ending in these states after `count` characters means is a set of
** outcomes; an empty one is no acceptance. outcomes NULL: one outcome, if all accept and there are
** least to most characters. */
typedef struct mn_joint {
  const mn_dfa *const *dfas; uint32_t n;
  uint32_t counted;             /* characters are told apart up to so many */
  uint32_t least, most;
  uint32_t (*outcomes)(void *of, const uint32_t *states, uint32_t count);
  void *of;
} mn_joint;
/* False when memory ends. *dfa is NULL when it would be too large. */
bool mn_dfa_join(mn_arena *arena, const mn_joint *joint, const mn_dfa **dfa);

/* ---- regular expressions (ECMA-262 without look-around and back-references) ---- */

enum { MN_REGEX_WHOLE = 0, MN_REGEX_SEARCH = 1 };
moon_status mn_regex_compile(mn_arena *arena, const char *pattern, size_t len, int mode,
                             const mn_dfa **dfa, moon_error *err);
/* Adds nodes that match one character of the ranges (sorted, n pairs); the start, or
** MN_NO_STATE. */
uint32_t mn_nfa_ranges(mn_nfa *nfa, const uint32_t (*ranges)[2], size_t n, uint32_t out);
/* Sorts and joins; negate: the complement in Unicode without surrogates. ranges has room for
** n + 2. Returns how many there are. */
size_t mn_ranges_tidy(uint32_t (*ranges)[2], size_t n, bool negate);

/* The regular expression of a format's name; NULL when there is none. *known: the drafts name
** it, so that a NULL means "cannot", not "no meaning". */
const char *mn_format_regex(const char *name, bool *known);

#endif
