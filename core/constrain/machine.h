/* machine.h: a schema run over the bytes of a JSON text.
**
** JSON tells where each value begins and ends, so all subschemas that judge a value can read it
** side by side, and allOf, anyOf, oneOf, not, if and dependencies are plain logic over their
** verdicts. While a value is read each of its nodes is in one of three states: may still be
** true, may still be false, or both; a byte is refused as soon as the whole can no longer be
** true. At the end of a value every verdict is known, so nothing wrong is ever accepted.
** Rules that read one string or number together are judged together where that is affordable,
** because each may be possible where all are not.
**
** A cursor is where a reading stands: a plain value, copied freely. What encloses the present
** value is a chain of frames, interned in the run: equal surroundings are equal numbers. The run
** grows as texts are read and belongs to one thread at a time. */
#ifndef MOON_CONSTRAIN_MACHINE_H
#define MOON_CONSTRAIN_MACHINE_H

#include "core/constrain/schema.h"

enum { MN_MOST_DFAS = 24, MN_MOST_NESTING = 64 };
enum { MN_MAY = 1, MN_MAY_NOT = 2, MN_UNDECIDED = 3 };  /* a verdict's possible values */

typedef enum mn_stand {
  MN_AT_VALUE,          /* a value must come */
  MN_AT_FIRST,          /* behind '[' */
  MN_AT_OPEN,           /* behind '{' */
  MN_AT_KEY,            /* behind ',' in an object */
  MN_AT_COLON,
  MN_AT_NEXT,           /* behind a value in an object or array */
  MN_AT_END,            /* behind the whole */
  MN_IN_STRING, MN_IN_KEY, MN_IN_NUMBER, MN_IN_LITERAL
} mn_stand;

typedef struct mn_cursor {
  uint8_t stand;
  uint8_t gap;          /* white space so far: 0, 1 a space, 2 + n a line break and n spaces */
  uint8_t escape;       /* of a string: what is half read */
  uint8_t n;            /* dfas in use; bytes of a number's text; progress of a literal */
  uint32_t frame;       /* what encloses the value; 0: nothing */
  uint32_t edge;        /* how the value hangs in it */
  uint32_t count;       /* code points of a string; phase of a number */
  uint32_t code;        /* code point that is half read; a literal's type */
  uint64_t hash;        /* of a key that may be any; of a string: 1 if it may fail its rules */
  uint32_t dfa[MN_MOST_DFAS];
} mn_cursor;

/* ---- positions: the nodes that judge one value ---- */

typedef struct mn_members {     /* what positions know when the value is an object */
  const mn_word *names;         /* (n_names) sorted: all that some rule mentions */
  const uint32_t *ids, *order;  /* (n_names) in the schema; place in the schema's order */
  uint32_t n_names, words;      /* words: 64-bit ones of a set of names */
  const mn_dfa *keys[MN_MOST_DFAS];     /* first the names, then patterns, then propertyNames */
  uint32_t n_keys, n_patterns;
  uint64_t listed;              /* patterns whose matches are all among the names */
  bool keyed;                   /* some propertyNames looks at keys: their characters count */
  const uint64_t *const *required;      /* (n) sets; NULL: none */
  const uint64_t *const *allowed;       /* (n) sets: all that may ever come; NULL: also others */
} mn_members;

typedef struct mn_position {
  uint32_t n, n_roots;
  const uint32_t *nodes;        /* (n) each behind the nodes of its groups */
  const uint32_t *roots;        /* (n_roots) indices into nodes */
  const uint32_t *kids;         /* indices, group by group, node by node */
  bool plain;                   /* all must hold: one root and nothing but allOf */
  bool bare;                    /* numbers need no text: no rule looks at their value */
  bool limited;                 /* characters of strings count */
  bool judged;                  /* texts[0] is a product; outcome v of it: root r is bit r of v */
  uint8_t types;                /* plain: those that can be satisfied */
  uint32_t least, most;         /* plain: of a string */
  const mn_dfa *texts[MN_MOST_DFAS];
  uint32_t n_texts;
  const uint8_t (*text_of)[MN_MOST_TEXTS];      /* (n) indices into texts; not plain, not judged */
  const mn_number *number;      /* plain: what all rules together say; NULL: nothing as one */
  uint32_t n_numbers;           /* nodes with rules for numbers */
  mn_members *members;          /* made when first needed */
  uint32_t most_index, count_cap, member_cap, contains_cap, words;      /* words: of alive */
} mn_position;

typedef struct mn_duty { uint32_t member, root; bool counts; } mn_duty;

typedef struct mn_edge {        /* what a child's verdicts mean to its parent's nodes */
  uint32_t position;            /* of the child */
  uint32_t n;
  const mn_duty *duties;        /* (n) */
} mn_edge;

/* Followed by: seen names (members->words), nodes that have not failed (position->words) as
** 64-bit words, then matches of contains (position->n) as 32-bit ones in arrays. */
typedef struct mn_frame {
  uint32_t parent, edge, position, count, keys, depth;
  uint32_t is_array, last;      /* last: 1 + order of the last member, when ordered */
} mn_frame;

typedef struct mn_choices {     /* which keys may come; (words) behind it */
  bool any, free;               /* any key at all; one that no name and no pattern matches */
  uint64_t patterns;            /* one that matches this pattern alone */
} mn_choices;

typedef struct mn_run {
  mn_arena arena;
  const mn_schema *schema;
  int whitespace;
  mn_intern positions, edges, frames, keys;
  mn_position **position_of; uint32_t position_room;
  mn_edge *edge_of; uint32_t edge_room;
  mn_choices **choices_of; uint32_t n_choices, choice_room;
  uint8_t *pool; size_t pool_used;      /* scratch for statuses */
  moon_status status;           /* why a step failed that might have gone on */
  const char *why;
} mn_run;

/* The run's memory comes from alloc; start is where texts begin. */
moon_status mn_run_begin(mn_run *run, mn_alloc alloc, const mn_schema *schema, int whitespace,
                         mn_cursor *start, moon_error *err);
void mn_run_end(mn_run *run);
/* False: the byte cannot come (or run->status says what failed). next may be cur. */
bool mn_run_step(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next);
bool mn_run_complete(mn_run *run, const mn_cursor *cur);

/* ---- between the files of the machine ---- */

enum { MN_POOL = 1 << 20 };

bool mn_run_fail(mn_run *run, moon_status status, const char *why);
uint8_t *mn_pool_take(mn_run *run, size_t n);

static inline mn_position *mn_run_position(const mn_run *run, uint32_t id) {
  return run->position_of[id];
}
static inline const mn_edge *mn_run_edge(const mn_run *run, uint32_t id) {
  return &run->edge_of[id];
}
static inline const mn_frame *mn_run_frame(const mn_run *run, uint32_t id) {
  return mn_intern_get(&run->frames, id);
}
static inline const mn_node *mn_member(const mn_run *run, const mn_position *p, uint32_t i) {
  return &run->schema->nodes[p->nodes[i]];
}
static inline bool mn_bit(const uint64_t *set, uint32_t i) { return set[i >> 6] >> (i & 63) & 1; }
static inline void mn_set_bit(uint64_t *set, uint32_t i) { set[i >> 6] |= UINT64_C(1) << (i & 63); }

/* position.c. MN_NO_ID when memory or a cap ends. */
uint32_t mn_position_of(mn_run *run, uint32_t *nodes, uint32_t n);
/* statuses (n): each node's own verdict comes in, with its groups' goes out. seen: names of the
** object so far; NULL: no object, or not known yet to be one. closed: nothing more comes. */
void mn_position_judge(mn_run *run, const mn_position *p, uint8_t *statuses,
                       const uint64_t *seen, bool is_object, bool closed);
/* Own verdicts when no more is known than the type (one of MN_T_*). */
void mn_position_typed(mn_run *run, const mn_position *p, uint8_t type, uint8_t *statuses);
bool mn_node_says_nothing(const mn_node *node);

/* names.c */
mn_members *mn_members_of(mn_run *run, mn_position *p);
/* The number of a name of the schema; MN_NO_ID: no rule mentions it. */
uint32_t mn_members_find(const mn_run *run, const mn_members *m, uint32_t id);
/* Where an automaton is among keys. */
uint32_t mn_members_key(const mn_members *m, const mn_dfa *dfa);
/* Whether a key fulfils what a node's propertyNames says of it. keys: states of the automata at its
** end; NULL: it is this name. */
bool mn_key_fits(const mn_members *m, const mn_node *node, uint32_t name, const uint32_t *keys,
                 uint32_t count);

/* members.c: objects and arrays. */
static inline uint64_t *mn_frame_sets(const mn_frame *f) { return (uint64_t *)(f + 1); }
mn_frame *mn_frame_copy(mn_run *run, const mn_frame *f);        /* in the pool, to be changed */
uint32_t mn_frame_put(mn_run *run, const mn_frame *f);
/* A new object or array at this place. */
mn_frame *mn_frame_open(mn_run *run, uint32_t parent, uint32_t edge, bool is_array);
/* The edge of a member: name index, or MN_NO_ID with the patterns that match; of an item. */
uint32_t mn_edge_member(mn_run *run, const mn_frame *f, uint32_t name, uint64_t patterns);
uint32_t mn_edge_item(mn_run *run, const mn_frame *f);
/* Verdicts of the roots of f's position into roots. */
void mn_frame_judge(mn_run *run, const mn_frame *f, bool closed, uint8_t *roots);
/* Can the whole text still be true, when the child on this edge of f (NULL: the whole text) has
** these verdicts? */
bool mn_frame_admits(mn_run *run, const mn_frame *f, const mn_edge *edge, const uint8_t *roots);
/* The child is finished: its verdicts go into f. */
void mn_frame_settle(mn_run *run, mn_frame *f, const mn_edge *edge, const uint8_t *roots);
const mn_choices *mn_frame_choices(mn_run *run, uint32_t frame);
/* Could the whole be true behind such a key, if the nodes of the set dead (NULL: none) fail by it?
** Of a name that is not listed (MN_NO_ID) only lists of propertyNames are reckoned with. */
bool mn_frame_try(mn_run *run, const mn_frame *f, uint32_t name, uint64_t patterns,
                  const uint64_t *dead);
/* Marks the member as seen; keys: states of the key's automata, or NULL for a listed name. */
void mn_frame_see(mn_run *run, mn_frame *f, uint32_t name, const uint32_t *keys, uint32_t count);

/* machine.c. The frame (NULL: none) and the position of the value that is read. */
const mn_frame *mn_cursor_frame(const mn_run *run, uint32_t frame);
const mn_position *mn_cursor_position(const mn_run *run, const mn_cursor *cur);
/* The value on this edge of this frame has ended with these verdicts of its roots. */
bool mn_value_leave(mn_run *run, uint32_t frame, uint32_t edge, const uint8_t *roots,
                    mn_cursor *next);
/* From each node's own verdict: the end of a value that is no object; is the whole possible? */
bool mn_value_finish(mn_run *run, const mn_cursor *cur, uint8_t *statuses, mn_cursor *next);
bool mn_value_possible(mn_run *run, const mn_frame *f, const mn_edge *edge, uint8_t *statuses,
                       bool is_object);
/* Is there a type that a value on this edge of f (NULL: the whole text) may have? */
bool mn_value_begins(mn_run *run, const mn_frame *f, const mn_edge *edge);

/* texts.c. Behind the quote of a string (next holds frame and edge) or key; a byte inside. */
bool mn_run_begin_string(mn_run *run, mn_cursor *next);
/* Could the whole be true, if a string there ended with one of these outcomes? */
bool mn_outcomes_possible(mn_run *run, const mn_frame *f, const mn_edge *edge,
                          uint32_t outcomes);
bool mn_run_begin_key(mn_run *run, const mn_cursor *cur, mn_cursor *next);
bool mn_run_text(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next);
/* A byte of the decoded text of a string or key; starts: of a new character. false: it cannot
** come. */
bool mn_run_feed(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts);
/* escape.c. A byte behind a backslash; can a backslash come at all? */
bool mn_escape_step(mn_run *run, mn_cursor *cur, uint8_t byte);
bool mn_escape_possible(mn_run *run, const mn_cursor *cur);

#endif
