/* number.h: which decimal texts satisfy bounds, divisors and lists, exactly.
**
** A magnitude is a whole number of units of 10^-19 in 128 bits. Texts are JSON numbers without
** exponent, at most MN_NUMBER_TOP in magnitude and with at most 19 decimals: mn_number_step
** lets no others through, so a bound beyond either is no loss of exactness. */
#ifndef MOON_CONSTRAIN_NUMBER_H
#define MOON_CONSTRAIN_NUMBER_H

#include "core/base/arena.h"
#include "core/base/error.h"

__extension__ typedef unsigned __int128 mn_units;

enum { MN_NUMBER_DECIMALS = 19, MN_NUMBER_TEXT = 48 };

typedef struct mn_decimal {
  bool negative;
  bool inexact;                 /* there is more behind units */
  bool huge;                    /* beyond what texts can say; units is the largest */
  mn_units units;
} mn_decimal;

/* All that one schema says about a number. */
typedef struct mn_number {
  bool whole;                   /* integers only */
  bool no_fraction;             /* not even 1.0 (draft-04) */
  mn_units least[2], most[2];   /* by sign, of magnitudes; least > most: none */
  mn_units divisor;             /* 0: any */
  const mn_decimal *list;       /* (n_list) when listed: these values only */
  size_t n_list;
  bool listed;
} mn_number;

mn_number mn_number_any(void);
/* From a number's JSON text. */
mn_decimal mn_decimal_read(const char *text, size_t len);
void mn_number_at_least(mn_number *n, mn_decimal bound, bool open);
void mn_number_at_most(mn_number *n, mn_decimal bound, bool open);
/* False when the divisor cannot be held exactly. */
bool mn_number_multiple(mn_number *n, mn_decimal divisor);

/* n becomes what satisfies both; false when that cannot be held (memory, a divisor). */
bool mn_number_meet(mn_number *n, const mn_number *other, mn_arena *arena);
/* Whether a value satisfies n; whether any text does. */
bool mn_number_holds(const mn_number *n, const mn_decimal *value);
bool mn_number_possible(const mn_number *n);

/* Whether byte may follow the text of a number without exponent. */
bool mn_number_step(const char *text, size_t len, char byte);
/* Whether the text can end here. "-0" cannot: readers differ on what it is. */
bool mn_number_whole(const char *text, size_t len);
/* 1: it or a continuation satisfies n; 2: it or one does not. final: no continuations. */
int mn_number_judge(const mn_number *n, const char *text, size_t len, bool final);

#endif
