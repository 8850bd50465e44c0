/* check_attend4.h: checks of attention over keys and values in 4 bits; part of check.c.
**
** What: mk_attend_q4 has the bits of the same tier's mk_attend_q8 over what its codes mean;
**   mk_quantize_head_q4 has scalar's bits, less error than plain rounding has and the
**   scale of least squares; mk_hadamard has scalar's bits and keeps to the formula.
** How: codes are laid out here after kernels.h, byte by byte.
** Invariant: as in check.c.
** Not here: attention itself (check_attend8.h).
*/
#ifndef MOON_SPEC_KERNELS_CHECK_ATTEND4_H
#define MOON_SPEC_KERNELS_CHECK_ATTEND4_H

#include "spec/kernels/fence.h"

/* ---- the codes of a vector ---- */

static double error_of(const float *x, const uint8_t *code, double scale, size_t hd) {
  double sum = 0;
  for (size_t i = 0; i < hd; i++) {
    double off = x[i] - mk_head_levels[code[i]] * scale;
    sum += off * off;
  }
  return sum;
}

static double plain_error(const float *x, double scale, size_t hd) {
  uint8_t code[512];
  for (size_t i = 0; i < hd; i++) {
    code[i] = 0;
    for (uint8_t k = 1; k < 16; k++)
      if (fabs(x[i] - mk_head_levels[k] * scale) <
          fabs(x[i] - mk_head_levels[code[i]] * scale))
        code[i] = k;
  }
  return error_of(x, code, scale, hd);
}

typedef struct errors {
  double plain, got;            /* of squares, summed over vectors */
} errors;

static void quantize_head_q4_of(check *c, const float *x, size_t hd, errors *sum) {
  uint8_t *code = fresh(c, 1, hd), expected[512];
  float scale = c->k.quantize_head_q4(code, x, hd);
  float same = mk_scalar.quantize_head_q4(expected, x, hd), most = 0;
  bool finite = true;
  intact(c, code);
  if (isnan(scale) ? !isnan(same) : memcmp(&scale, &same, sizeof scale) != 0)
    fail(c, "scale is %a, scalar's is %a", scale, same);
  if (memcmp(code, expected, hd) != 0) fail(c, "codes are not those of scalar");
  for (size_t i = 0; i < hd; i++) {
    finite = finite && isfinite(x[i]);
    most = fmaxf(most, fabsf(x[i]));
    if (code[i] > 15) fail(c, "code %zu is %d", i, code[i]);
  }
  if (!finite && !isnan(scale)) fail(c, "scale of what is not finite is %a", scale);
  if (finite && isinf(127 / most) && scale != 0) fail(c, "scale of zeros is %a", scale);
  if (!finite || isinf(127 / most)) return;
  double along = 0, size = 0, levels = 0, step = most / 127.0;
  for (size_t i = 0; i < hd; i++) {
    double level = mk_head_levels[code[i]];
    along += level * x[i];
    size += level * level;
    levels += fabs(level);
  }
  expect(c, 0, scale, along / size, 0.501 * step * levels / size);
  double plain = plain_error(x, step, hd), got = error_of(x, code, scale, hd);
  if (!(sqrt(got) <= sqrt(plain) + step * sqrt((double)hd)))
    fail(c, "error %g, of plain rounding %g", sqrt(got), sqrt(plain));
  sum->plain += plain;
  sum->got += got;
}

static void check_quantize_head_q4(check *c) {
  for (size_t hd = 32; hd <= 512; hd += hd < 128 ? 32 : 128) {
    errors of;
    for (data kind = 0; kind < KINDS; kind++) {
      of = (errors){ 0 };
      for (size_t times = 0; times < 50; times++) {
        at(c, "%s hd=%zu", kind_names[kind], hd);
        quantize_head_q4_of(c, fill(c, floats(c, 0, hd), hd, kind), hd, &of);
      }
      double most = kind == ALTERNATING ? 1 : 0.97;     /* all of one size: nothing to gain */
      if (!(of.got <= most * of.plain))
        fail(c, "error %g, of plain rounding %g", of.got, of.plain);
    }
    for (size_t s = 0; s < SPECIALS; s++)
      for (size_t hit = 0; hit < hd; hit += 7) {
        float *x = floats(c, 0, hd);
        for (size_t i = 0; i < hd; i++) x[i] = i == hit ? special_heads[s] : 0;
        at(c, "hd=%zu with %a at %zu", hd, special_heads[s], hit);
        quantize_head_q4_of(c, x, hd, &of);
      }
  }
}

/* ---- the turn ---- */

static void hadamard_of(check *c, size_t heads, size_t hd, data kind) {
  const size_t n = hd & -hd, count = heads * hd;
  float *x = floats(c, 0, count), *same = floats(c, 1, count), *kept = floats(c, 2, count);
  memcpy(same, fill(c, x, count, kind), count * sizeof *x);
  memcpy(kept, x, count * sizeof *x);
  at(c, "%s heads=%zu hd=%zu", kind_names[kind], heads, hd);
  c->k.hadamard(x, heads, hd);
  mk_scalar.hadamard(same, heads, hd);
  intact(c, x);
  for (size_t first = 0; first < count; first += n) {
    double length = 0;
    for (size_t i = first; i < first + n; i++) length += (double)kept[i] * kept[i];
    length = sqrt(length);
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t j = 0; j < n; j++)
        sum += __builtin_parityll(i & j) ? -kept[first + j] : kept[first + j];
      expect(c, first + i, x[first + i], sum / sqrt((double)n), 8 * EPS * length);
      expect_same(c, "as scalar", first + i, x + first + i, same + first + i);
    }
  }
}

static void check_hadamard(check *c) {
  for (size_t hd = 32; hd <= 512; hd += 32)
    for (size_t heads = 0; heads < 4; heads++)
      for (data kind = 0; kind < KINDS; kind++) hadamard_of(c, heads, hd, kind);
}

/* ---- attention ---- */

/* Any bytes, and what they mean where mk_attend_q8 looks for it. */
static const uint8_t *fill_codes(check *c, size_t slot, int8_t *wide, size_t count) {
  uint8_t *codes = fresh(c, slot, count / 2);
  for (size_t i = 0; i < count / 2; i++) codes[i] = (uint8_t)next(c);
  for (size_t i = 0; i < count; i++) {
    uint8_t pair = codes[i / 128 * 64 + i % 64];
    wide[i] = mk_head_levels[i % 128 < 64 ? pair & 15 : pair >> 4];
  }
  return codes;
}

static void attend_q4_of(check *c, size_t tokens, size_t group, size_t hd, size_t seen,
                         float poison) {
  size_t n = in_span(seen + tokens - 1), ld = group * hd + 5;
  size_t count = (tokens - 1) * ld + group * hd, rows = tokens * group;
  size_t keys = (n + 15) / 16 * 16 * hd, values = (n + 3) / 4 * 4 * hd;
  int8_t *wide = fresh(c, 7, keys + values), *opened = fresh(c, 8, 2 * MK_SPAN * hd);
  const uint8_t *k = fill_codes(c, 2, wide, keys);
  const uint8_t *v = fill_codes(c, 3, wide + keys, values);
  float *q = fill(c, floats(c, 0, count), count, RANDOM);
  mk_bf16 *key_scale = fresh(c, 1, n * sizeof *key_scale);
  mk_bf16 *value_scale = fresh(c, 4, n * sizeof *value_scale);
  float by_key[MK_SPAN], by_value[MK_SPAN];
  float *out = floats(c, 5, count);
  mk_mass *mass = fresh(c, 6, rows * sizeof *mass);
  float *expected = malloc(count * sizeof *expected), scale = 1 / sqrtf((float)hd);
  mk_mass *expected_mass = malloc(rows * sizeof *expected_mass);
  at(c, "tokens=%zu group=%zu hd=%zu seen=%zu poison=%g", tokens, group, hd, seen, poison);
  if (!expected || !expected_mass) fail(c, "no memory");
  for (size_t i = 0; i < n; i++) {
    key_scale[i] = mk_bf16_of_f32(fabsf(uniform(c)) / 64);
    value_scale[i] = mk_bf16_of_f32(fabsf(uniform(c)) + (i + 1 == n ? poison : 0));
    by_key[i] = mk_f32_of_bf16(key_scale[i]);
    by_value[i] = mk_f32_of_bf16(value_scale[i]);
  }
  for (size_t i = 0; i < count; i++) expected[i] = out[i];
  c->k.attend_q8(expected, expected_mass, q, ld, tokens, group, hd, wide, by_key,
                 wide + keys, by_value, seen, scale, (mk_ahead){ 0, 0 });
  c->k.attend_q4(out, mass, q, ld, tokens, group, hd, k, key_scale, v, value_scale, seen,
                 scale, (mk_ahead){ next(c) % 3 * 1000, next(c) % 300 }, opened);
  intact(c, out);
  intact(c, mass);
  intact(c, opened);
  for (size_t i = 0; i < count; i++)
    if (!isnan(out[i]) || !isnan(expected[i]))
      expect_same(c, "as in 8 bits", i, out + i, expected + i);
  expect_same_mass(c, mass, expected_mass, tokens, group, group);
  free(expected);
  free(expected_mass);
}

static void check_attend_q4(check *c) {
  static const size_t groups[] = { 1, 3, 4, 5 },
                      seens[] = { 1, 3, 4, 5, 16, 17, 31, 33, 101, 187, 250, 256, 1000 };
  size_t count = 0;
  for (size_t hd = 32; hd <= 512; hd += hd < 160 ? 32 : 352)
    for (size_t j = 0; j < sizeof seens / sizeof *seens; j++, count++) {
      attend_q4_of(c, 1, groups[count % 4], hd, seens[j], 0);
      attend_q4_of(c, 1 + count % 11, groups[(count + 1) % 4], hd, seens[j], 0);
      attend_q4_of(c, 1 + count % 2, groups[count / 4 % 4], hd, seens[j], NAN);
    }
}

#endif
