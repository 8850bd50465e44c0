/* moonlet_constrain.h: text that cannot be wrong, for C hosts: the part of moonlet.h that serves
** it, whose rules hold here too. Include moonlet.h. */
#ifndef MOONLET_CONSTRAIN_H
#define MOONLET_CONSTRAIN_H

/* A compiled constraint: immutable, may be shared by threads; keeps its model alive. What cannot
** be held exactly is refused (MOON_ESUPPORT) by name; a compiled constraint accepts nothing that
** breaks it. Symbols (control, user-defined) never match as text. */
typedef struct moon_constraint moon_constraint;
/* Where a text stands in a constraint. A matcher and its copies belong to one thread at a time. */
typedef struct moon_matcher moon_matcher;

typedef enum moon_space {
  MOON_SPACE_NONE,      /* no white space between the parts of JSON */
  MOON_SPACE_LINE,      /* at most one space behind a comma or colon */
  MOON_SPACE_INDENT     /* also a line break and at most 18 spaces, as pretty printers write */
} moon_space;

typedef struct moon_constraint_options {
  moon_space whitespace;        /* default MOON_SPACE_INDENT; bounded, so it cannot run away */
  bool ordered;         /* members only in the order the schema lists them; default false: any */
  bool formats;         /* `format` is an assertion (default true); false: a comment */
} moon_constraint_options;

MOON_API moon_constraint_options moon_constraint_defaults(void);
/* JSON Schema (2020-12, and what older drafts wrote differently). options NULL: the defaults.
** MOON_EFORMAT: json is no schema, or nothing satisfies it. */
MOON_API moon_status moon_constraint_schema(moon_model *model, const char *json, size_t len,
                                            const moon_constraint_options *options,
                                            moon_constraint **constraint, moon_error *err);
/* The whole text matches the expression (ECMA-262 without look-around, back-references, \b, \p).
** MOON_EARG: it is malformed. */
MOON_API moon_status moon_constraint_regex(moon_model *model, const char *pattern, size_t len,
                                           moon_constraint **constraint, moon_error *err);
/* One of n texts. */
MOON_API moon_status moon_constraint_choices(moon_model *model, const char *const *texts,
                                             const size_t *lens, size_t n,
                                             moon_constraint **constraint, moon_error *err);
/* llama.cpp's grammar notation; the text is what `root` derives. Left recursion is refused. */
MOON_API moon_status moon_constraint_gbnf(moon_model *model, const char *grammar, size_t len,
                                          moon_constraint **constraint, moon_error *err);
MOON_API moon_constraint *moon_constraint_retain(moon_constraint *constraint);
MOON_API void moon_constraint_free(moon_constraint *constraint);

/* At the beginning of a text. The matcher keeps the constraint alive. */
MOON_API moon_status moon_matcher_new(moon_constraint *constraint, moon_matcher **matcher,
                                      moon_error *err);
MOON_API moon_status moon_matcher_copy(const moon_matcher *matcher, moon_matcher **copy,
                                       moon_error *err);
MOON_API void moon_matcher_free(moon_matcher *matcher);
MOON_API const moon_model *moon_matcher_model(const moon_matcher *matcher);     /* borrowed */
/* bits (V + 31) / 32 words, bit id & 31 of word id / 32: which tokens may come. End-of-sequence
** ids are set exactly when the text is complete. */
MOON_API moon_status moon_matcher_mask(moon_matcher *matcher, uint32_t *bits, moon_error *err);
/* MOON_EARG when the token may not come; the matcher is then as it was. */
MOON_API moon_status moon_matcher_accept(moon_matcher *matcher, int32_t id, moon_error *err);
MOON_API moon_status moon_matcher_accept_bytes(moon_matcher *matcher, const char *text,
                                               size_t len, moon_error *err);
/* This text must come before what the matcher wants now; tokens may reach from the one into the
** other. */
MOON_API moon_status moon_matcher_lead(moon_matcher *matcher, const char *text, size_t len,
                                       moon_error *err);
/* Token healing, where a prompt's last token may be the beginning of a longer one: takes back the
** last of a prompt's n ids, as far as what follows could cut the text otherwise, and leads with
** their text. The first *kept are to be fed; all of them where nothing could. Control and
** user-defined symbols are never taken back. Looks at the last 1,024 bytes. */
MOON_API moon_status moon_matcher_heal(moon_matcher *matcher, const int32_t *ids, size_t n,
                                       size_t *kept, moon_error *err);
/* The tokens of text that must come, as the tokenizer would cut it, but none that what follows
** could cut otherwise. Writes at most cap ids, and to *n how many; the matcher stays. */
MOON_API moon_status moon_matcher_forced(moon_matcher *matcher, int32_t *ids, size_t cap,
                                         size_t *n, moon_error *err);
MOON_API bool moon_matcher_is_complete(moon_matcher *matcher);

#endif
