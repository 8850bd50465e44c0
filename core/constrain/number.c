/* number.c: intervals of decimals.
**
** How: the continuations of a text are intervals of magnitudes: for "12": 12 to 13, 120 to 130,
** ... ; for "1.5": 1.5 to 1.6. A text lives if one of them meets what is allowed: between the
** bounds, on a multiple, or on a listed value. */
#include "core/constrain/number.h"

static mn_units power(int exponent) {
  mn_units p = 1;
  while (exponent-- > 0) p *= 10;
  return p;
}

static mn_units one(void) { return power(MN_NUMBER_DECIMALS); }
/* 3 * 10^19: above every 64-bit integer, and ten of it in units still fit 128 bits signed or
** not. */
static mn_units top(void) { return 3 * one() * one(); }

mn_number mn_number_any(void) {
  return (mn_number){.least = {0, 1}, .most = {top(), top()}};
}

/* ---- reading bounds ---- */

mn_decimal mn_decimal_read(const char *text, size_t len) {
  mn_decimal d = {0};
  size_t i = 0;
  if (i < len && text[i] == '-') d.negative = true, i++;
  long point = -1, digits = 0, exponent = 0;
  size_t mantissa = i;
  for (; i < len && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9')); i++) {
    if (text[i] == '.') point = digits;
    else digits++;
  }
  if (point < 0) point = digits;
  if (i < len && (text[i] | 32) == 'e') {
    bool minus = i + 1 < len && text[i + 1] == '-';
    for (i += 1; i < len; i++)
      if (text[i] >= '0' && text[i] <= '9' && exponent < 100000)
        exponent = exponent * 10 + (text[i] - '0');
    if (minus) exponent = -exponent;
  }
  /* Digit number k weighs 10^(point + exponent - 1 - k). */
  long weight = point + exponent - 1 + MN_NUMBER_DECIMALS;
  for (size_t k = mantissa; k < len && digits > 0; k++) {
    if (text[k] == '.') continue;
    mn_units digit = (mn_units)(text[k] - '0');
    digits--;
    if (digit > 0 && weight < 0) d.inexact = true;
    if (digit > 0 && weight > 38) d.huge = true;
    if (weight >= 0 && weight <= 38 && !d.huge) {
      if (digit > 2 && weight == 38) d.huge = true;
      else d.units += digit * power((int)weight);
    }
    if (d.units > top()) d.huge = true;
    weight--;
  }
  if (d.huge) d.units = top(), d.inexact = true;
  return d;
}

/* value >= bound: for its own sign a floor or a ceiling, for the other all or nothing. */
void mn_number_at_least(mn_number *n, mn_decimal b, bool open) {
  if (b.units == 0 && !b.inexact) b.negative = false;
  mn_units none = top() + 1;
  if (b.negative) {
    mn_units most = open && !b.inexact ? b.units - 1 : b.units;
    if (most < n->most[1]) n->most[1] = most;
    return;
  }
  mn_units least = b.units + ((b.inexact || open) && !b.huge ? 1 : 0);
  if (b.huge) least = none;
  if (least > n->least[0]) n->least[0] = least;
  n->least[1] = none;
}

void mn_number_at_most(mn_number *n, mn_decimal b, bool open) {
  if (b.units == 0 && !b.inexact && !open) {    /* zero is among the positives */
    n->most[0] = 0;
    return;
  }
  mn_number mirror = *n;
  for (int sign = 0; sign < 2; sign++) {
    mirror.least[sign] = n->least[1 - sign];
    mirror.most[sign] = n->most[1 - sign];
  }
  b.negative = !b.negative;
  mn_number_at_least(&mirror, b, open);
  for (int sign = 0; sign < 2; sign++) {
    n->least[sign] = mirror.least[1 - sign];
    n->most[sign] = mirror.most[1 - sign];
  }
}

static mn_units gcd(mn_units a, mn_units b) {
  while (b) {
    mn_units rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static bool add_divisor(mn_number *n, mn_units divisor) {
  mn_units step = n->divisor ? divisor / gcd(divisor, n->divisor) : divisor;
  mn_units before = n->divisor ? n->divisor : 1;
  if (step > top() / before) return false;
  n->divisor = before * step;
  return true;
}

bool mn_number_multiple(mn_number *n, mn_decimal d) {
  return !d.inexact && !d.huge && !d.negative && d.units > 0 && add_divisor(n, d.units);
}

static bool is_listed(const mn_number *n, const mn_decimal *d) {
  for (size_t i = 0; i < n->n_list; i++) {
    const mn_decimal *other = &n->list[i];
    bool sign = d->negative == other->negative || d->units == 0;
    if (sign && d->units == other->units && !d->inexact && !other->inexact) return true;
  }
  return false;
}

bool mn_number_meet(mn_number *n, const mn_number *other, mn_arena *arena) {
  n->whole |= other->whole;
  n->no_fraction |= other->no_fraction;
  for (int sign = 0; sign < 2; sign++) {
    if (other->least[sign] > n->least[sign]) n->least[sign] = other->least[sign];
    if (other->most[sign] < n->most[sign]) n->most[sign] = other->most[sign];
  }
  if (other->divisor && !add_divisor(n, other->divisor)) return false;
  if (!other->listed) return true;
  if (n->listed) {
    mn_decimal *both = mn_arena_take(arena, (n->n_list + 1) * sizeof *both);
    size_t kept = 0;
    if (!both) return false;
    for (size_t i = 0; i < n->n_list; i++)
      if (is_listed(other, &n->list[i])) both[kept++] = n->list[i];
    n->list = both;
    n->n_list = kept;
  } else {
    n->listed = true;
    n->list = other->list;
    n->n_list = other->n_list;
  }
  return true;
}

/* ---- texts ---- */

typedef struct parts {
  bool negative, point;
  int whole_digits, decimals;
  mn_units whole;               /* of the digits before the point */
  mn_units units;
} parts;

static parts take_apart(const char *text, size_t len) {
  parts p = {0};
  mn_units weight = one();
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '-') {
      p.negative = true;
    } else if (text[i] == '.') {
      p.point = true;
      p.units = p.whole * one();
    } else if (p.point) {
      weight /= 10;
      p.units += weight * (mn_units)(text[i] - '0');
      p.decimals++;
    } else {
      p.whole = p.whole * 10 + (mn_units)(text[i] - '0');
      p.whole_digits++;
    }
  }
  if (!p.point) p.units = p.whole * one();
  return p;
}

bool mn_number_step(const char *text, size_t len, char byte) {
  if (len + 1 >= MN_NUMBER_TEXT) return false;
  if (byte == '-') return len == 0;
  parts p = take_apart(text, len);
  if (byte == '.') return p.whole_digits > 0 && !p.point;
  if (byte < '0' || byte > '9') return false;
  if (p.point) return p.decimals < MN_NUMBER_DECIMALS;
  if (p.whole_digits > 0 && p.whole == 0) return false;
  return p.whole * 10 + 9 <= top() / one();
}

bool mn_number_whole(const char *text, size_t len) {
  if (len == 0 || text[len - 1] < '0' || text[len - 1] > '9') return false;
  parts p = take_apart(text, len);
  return !p.negative || p.units > 0;
}

/* Does something allowed lie in [low, high]? */
static bool meets(const mn_number *n, bool negative, mn_units low, mn_units high) {
  if (low < n->least[negative]) low = n->least[negative];
  if (high > n->most[negative]) high = n->most[negative];
  if (low > high) return false;
  mn_units step = n->divisor;
  if (n->whole) {
    mn_units times = step ? step / gcd(step, one()) : 1;
    if (times > top() / one()) return low == 0;         /* the next multiple is out of sight */
    step = times * one();
  }
  if (step > 1 && low % step > 0 && step - low % step > high - low) return false;
  if (!n->listed) return true;
  for (size_t i = 0; i < n->n_list; i++) {
    const mn_decimal *d = &n->list[i];
    bool sign = d->negative == negative || d->units == 0;
    if (sign && !d->inexact && d->units >= low && d->units <= high &&
        (step <= 1 || d->units % step == 0))
      return true;
  }
  return false;
}

static bool may_satisfy(const mn_number *n, const parts *p) {
  if (p->whole_digits == 0)     /* without a sign yet: of either */
    return meets(n, true, 0, top()) || (!p->negative && meets(n, false, 0, top()));
  if (p->point) {
    if (n->no_fraction) return false;
    mn_units last = power(MN_NUMBER_DECIMALS - p->decimals) - 1;
    return meets(n, p->negative, p->units, p->units + last);
  }
  mn_units low = p->whole, width = 1;
  while (low <= top() / one()) {
    if (meets(n, p->negative, low * one(), (low + width - 1) * one() + (one() - 1))) return true;
    if (low == 0) break;
    low *= 10;
    width *= 10;
  }
  return false;
}

int mn_number_judge(const mn_number *n, const char *text, size_t len, bool final) {
  parts p = take_apart(text, len);
  if (!final) return may_satisfy(n, &p) ? 3 : 2;
  if (p.point && n->no_fraction) return 2;
  return meets(n, p.negative, p.units, p.units) ? 1 : 2;
}

bool mn_number_possible(const mn_number *n) {
  const parts empty = {0};
  return may_satisfy(n, &empty);
}

bool mn_number_holds(const mn_number *n, const mn_decimal *value) {
  bool negative = value->negative && value->units > 0;
  return !value->inexact && meets(n, negative, value->units, value->units);
}
