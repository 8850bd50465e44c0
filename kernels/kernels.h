/* kernels.h: the arithmetic of moonlet, written as contracts.
**
** What: every loop that costs time during inference, over plain arrays. No tensor,
**   allocation, thread, file or error lives here.
** How: each kernel is a function type `mk_<kernel>`; MK_KERNELS lists them once, and the
**   table's fields, the overlays and the specs follow from that list. A tier is one file
**   (scalar.c, x86_avx2.c, ...) that exports one const table `mk_<tier>` with the kernels it
**   has, or two of both; mk_select starts from scalar and lays each better tier over it.
** Invariant: for fixed arguments of one row, column or query a kernel's result depends on the
**   tier alone: not on how many others are computed in the same call. This is what makes
**   logits independent of the number of threads and of how a batch is cut.
** Not here: choosing between a kernel and BLIS (core/tensor/linear.c), threads (core/base/pool.c).
**
** Arrays may have any alignment that suits their element type, and any length, 0 included.
** Unless said otherwise outputs do not overlap inputs. eps is FLT_EPSILON; what rounding to
** subnormal numbers loses (2^-150 at a time) comes on top of each bound, and no bound holds where
** a sum on the way overflows. NaN in gives NaN out where a result depends on it.
*/
#ifndef MOON_KERNELS_H
#define MOON_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t mk_bf16;               /* upper half of an f32 */
typedef uint16_t mk_f16;                /* IEEE binary16 */

enum { MK_BLOCK = 16 };                 /* positions in one block of transposed keys */
enum { MK_SPAN = 256 };                 /* positions that attention takes in one call, at most */

/* Matrix times `m` columns: y[j*ldy + i] = sum over k < n of w[i*ldw + k] * x[j*ldx + k], for
** i < rows, j < m. |err| <= n*eps*sum|w*x|. Each sum is taken in an order that depends on n
** only, so (rows, m) may be cut anywhere. Strides count elements. Stored weights are widened
** exactly; sums are f32. */
typedef void mk_matvec_f32(float *y, size_t ldy, const float *w, size_t ldw, const float *x,
                           size_t ldx, size_t rows, size_t n, size_t m);
typedef void mk_matvec_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw, const float *x,
                            size_t ldx, size_t rows, size_t n, size_t m);
typedef void mk_matvec_f16(float *y, size_t ldy, const mk_f16 *w, size_t ldw, const float *x,
                           size_t ldx, size_t rows, size_t n, size_t m);

/* The same product of bf16 weights and activations that are bf16 as well, for many columns. |err|
** <= n*(eps*sum|w*x| + FLT_MIN), and numbers below FLT_MIN, in w, x or on the way, may count as 0.
** Each sum is taken in an order that depends on n only. */
typedef void mk_matmul_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                            const mk_bf16 *x, size_t ldx, size_t rows, size_t n, size_t m);

/* RMSNorm (Zhang & Sennrich 2019, arXiv 1910.07467): y[i] = x[i] * w[i] / sqrt(mean(x^2) + e).
** |err| <= (n/2 + 4)*eps*|y|. y may be x. w may be NULL: all ones. */
typedef void mk_rmsnorm(float *y, const float *x, const float *w, size_t n, float e);

/* Rotary embedding (Su et al. 2021, arXiv 2104.09864) of `heads` vectors of even size `hd`, one
** after the other at x, in place, by the angles whose cos and sin (hd/2 each) are given.
** half: pairs (i, i + hd/2), as Llama stores them. pairs: pairs (2i, 2i+1).
** |err| <= 2*eps*(|a*cos| + |b*sin|). */
typedef void mk_rope_half(float *x, size_t heads, size_t hd, const float *cs, const float *sn);
typedef void mk_rope_pairs(float *x, size_t heads, size_t hd, const float *cs, const float *sn);

/* x[i] = exp(x[i] - max) / sum over j of exp(x[j] - max), in place; entries of -INFINITY give 0.
** Relative error <= (n + 16)*eps where the exact value is a normal number; exact values
** below FLT_MIN may become 0. All -INFINITY, or any NaN or +INFINITY: all results NaN. */
typedef void mk_softmax(float *x, size_t n);

/* SwiGLU gate (Shazeer 2020, arXiv 2002.05202): y[i] = up[i] * g/(1 + exp(-g)), g = gate[i].
** |err| <= 16*eps*|y| + FLT_MIN*|up[i]|. y may be gate or up. */
typedef void mk_swiglu(float *y, const float *gate, const float *up, size_t n);

/* y[i] += x[i], correctly rounded. */
typedef void mk_add(float *y, const float *x, size_t n);

/* How much one query saw: sum over p of exp(score_p - most). Attention over more positions than
** MK_SPAN is that over each span of them, weighted by sum * exp(most). */
typedef struct mk_mass {
  float most, sum;
} mk_mass;

/* Causal attention of `tokens` consecutive tokens over one key/value head (grouped-query
** attention, Ainslie et al. 2023, arXiv 2305.13245). q and out: (tokens, group, hd), the group's
** heads adjacent, ld elements from one token to the next; out may not be q. Keys come transposed
** in blocks of MK_BLOCK positions: kt is (ceil(n/16), hd, 16), so key p's component d is
** kt[(p/16*hd + d)*16 + p%16]; v is (n, hd), n = min(seen + tokens - 1, MK_SPAN). Token t sees
** positions 0 .. min(seen+t, MK_SPAN)-1, seen >= 1. out = sum over p of softmax over p
** (scale * q.k_p) * v_p; mass: (tokens, group). Entries of kt past n may hold anything, NaN too.
** next: the positions whose keys and values the next call will want, counted from these ones'
** first. They are asked for early and not read.
** e = (n + hd + 32)*eps*(1 + max|scale*q.k|): |err| <= e*max|v|, of ln(sum) + most <= e. */
typedef struct mk_ahead {
  size_t first, count;          /* count 0: none */
} mk_ahead;
typedef void mk_attend(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                       size_t group, size_t hd, const float *kt, const float *v, size_t seen,
                       float scale, mk_ahead next);

/* The same attention over keys and values in 8 bits, a position's vector being int8 times one f32
** scale >= 0 (mk_quantize_head). hd is a multiple of 4, at most MK_HEAD_Q8. Component d of position
** p is keys[((p/16*(hd/4) + d/4)*16 + p%16)*4 + d%4] and values[(p/4*hd + d)*4 + p%4]; key_scale,
** value_scale: (n). Blocks of 16 positions of keys and of 4 of values exist whole; entries past n
** may hold anything. A NaN or infinity in a query, a NaN in a scale it sees or an infinite
** value_scale makes all of that query's results NaN, and no other's.
** A query is rounded to whole steps of max|q|/127, a query's weights, softmax times value_scale, to
** steps of at most 2^-14 of the largest of them, w: products of these with bytes are whole numbers
** of 32 bits, exact in any order, so a query's result does not depend on its company.
** With D the largest of max|q|/253*sum|scale*k_p| + 4*eps*|scale*q.k_p| over p, |err| <=
** (min(2, exp(2D) - 1) + (n + 32)*eps) * 128*max(value_scale) + 128*n*(2^-15*w*exp(2D) + 2^-127);
** that of ln(sum) + most is at most D + (n + 32)*eps. */
enum { MK_HEAD_Q8 = 512 };
typedef void mk_attend_q8(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                          size_t group, size_t hd, const int8_t *keys, const float *key_scale,
                          const int8_t *values, const float *value_scale, size_t seen,
                          float scale, mk_ahead next);

/* The same attention over keys and values in 4 bits: byte n of mk_attend_q8's keys or values is
** mk_head_levels[code] and code the low half of byte n/128*64 + n%64 here, or, where n%128 >= 64,
** its high half. hd is a multiple of 32, at most MK_HEAD_Q8. Scales are bf16. The results are the
** same bits as mk_attend_q8's. opened: scratch of 2*MK_SPAN*hd bytes. */
typedef void mk_attend_q4(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                          size_t group, size_t hd, const uint8_t *keys, const mk_bf16 *key_scale,
                          const uint8_t *values, const mk_bf16 *value_scale, size_t seen,
                          float scale, mk_ahead next, int8_t *opened);

#define MK_HEAD_LEVELS -127, -96, -74, -57, -42, -29, -17, -6, 6, 17, 29, 42, 57, 74, 96, 127
extern const int8_t mk_head_levels[16];         /* these, ascending and symmetric */

/* x (hd, as above) to codes, one a byte; the result is the scale >= 0, x[i] being about
** mk_head_levels[code[i]] * scale. Codes and scale approach the least sum of squared errors in two
** of Lloyd's steps (1982, doi 10.1109/TIT.1982.1056489) from scale = 0.97 * max|x|/127 on, for x in
** whole steps of max|x|/127 as mk_quantize_head has it, special numbers too. All tiers give the
** same bits. */
typedef float mk_quantize_head_q4(uint8_t *code, const float *x, size_t hd);

/* Each of `heads` vectors x (hd, as above), in place, times the orthogonal Hadamard matrix, in
** blocks of the greatest power of two, n, that divides hd: y[i] = sum over j < n of
** (-1)^(bits that i and j share) * x[j] / sqrt(n). Its own inverse. It leaves products of vectors
** as they are and makes of a few large components many middling ones, which few bits hold better
** (Ashkboos et al. 2024, arXiv 2404.00456). |err| <= 8*eps times the length of x's block. All tiers
** give the same bits. */
typedef void mk_hadamard(float *x, size_t heads, size_t hd);

/* x (hd) to int8; the result is the scale. The same rule and the same bits as mk_quantize of one
** block as long as the vector, whatever its length. */
typedef float mk_quantize_head(int8_t *q, const float *x, size_t hd);

/* Conversions. widen: exact. narrow: round to nearest, ties to even; overflow gives infinity,
** NaN stays NaN (quiet), subnormals are kept. */
typedef void mk_widen_bf16(float *y, const mk_bf16 *x, size_t n);
typedef void mk_widen_f16(float *y, const mk_f16 *x, size_t n);
typedef void mk_narrow_bf16(mk_bf16 *y, const float *x, size_t n);
typedef void mk_narrow_f16(mk_f16 *y, const float *x, size_t n);

/* ---- weights in 8 and 4 bits ----
**
** A quantised matrix (rows, n), n a multiple of MK_QBLOCK, is kept in groups of MK_QROWS rows,
** the last one filled up with zeros. A group is one after the other:
**   codes    n/32 blocks, for each the codes of 16 rows x 32 columns
**   scales   n/32 blocks, for each 16 f16, one per row
** q8 block: 512 bytes; byte 64j + 4r + i (j < 8, r < 16, i < 4) is row r, column 4j + i; the
**   weight is (byte - 128) * scale.
** q4 block: 256 bytes; byte 64j + 4r + i (j < 4) holds row r, columns 8j + i (low half) and
**   8j + 4 + i (high half); the weight is mk_q4_levels[book][code] * scale, where the two lowest
**   bits of the f16 are the book and the scale is the f16 with those two bits cleared. Four code
**   books, chosen block by block, beat any single one at the same 4.5 bits a weight.
** Activations are quantised to int8 per block of 32 columns (mk_int8), so that a block's product
** is a whole number, exact in any order. */
enum { MK_QBLOCK = 32, MK_QROWS = 16, MK_Q8_BYTES = 512, MK_Q4_BYTES = 256, MK_QBOOKS = 4 };

extern const int8_t mk_q4_levels[MK_QBOOKS][16];        /* ascending, within -127..127 */

typedef struct mk_int8 {        /* m columns of n activations, one after the other */
  const int8_t *q;              /* (m, n), within -127..127 */
  const float *scale;           /* (m, n/32) */
  const int32_t *bias;          /* (m, n/32): -128 times the sum of the block's q */
} mk_int8;

/* Per block of 32: a = max|x|; scale = a / 127; q = x * (127 / a) in f32, rounded to nearest, ties
** to even; where 127 / a is infinite (a = 0, or a < 2^-121) scale and q are 0. A block with a NaN
** or infinity gets scale NaN and q = 0. All tiers give the same bits. n is a multiple of 32. */
typedef void mk_quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n);

/* Matrix times m columns: y[j*ldy + 16*g + r] for g < groups, r < 16 (the rows that fill up the
** last group included). w is the first of the groups, bytes as above. Sums: acc = 0; for each
** block in order: acc = fma((float)(sum of (level or byte - 128) * q), scale_w * scale_x, acc),
** scale_w * scale_x rounded to f32. All tiers give the same bits, for any cut of groups and m; of a
** NaN only that it is one. Any bytes may stand in w: a q8 byte of 0 counts as -128. */
typedef void mk_matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                          size_t groups, size_t m);
typedef void mk_matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                          size_t groups, size_t m);

/* log(sum of exp(x[i] - max)) + max in double, max the largest x; relative error of the sum
** <= 16*eps. NaN if any x is NaN, or all are -INFINITY; +INFINITY if one is. */
typedef double mk_log_sum_exp(const float *x, size_t n);

#define MK_KERNELS(X) \
  X(matvec_f32) X(matvec_bf16) X(matvec_f16) \
  X(rmsnorm) X(rope_half) X(rope_pairs) X(softmax) X(swiglu) X(add) X(attend) \
  X(widen_bf16) X(widen_f16) X(narrow_bf16) X(narrow_f16) \
  X(quantize) X(matmul_q8) X(matmul_q4) X(log_sum_exp) X(attend_q8) X(quantize_head) \
  X(attend_q4) X(quantize_head_q4) X(hadamard) \
  X(matmul_bf16)

#define MK_COUNT_ONE(name) +1
enum { MK_KERNEL_COUNT = 0 MK_KERNELS(MK_COUNT_ONE) };

/* The tiers, worst first. AVX2: avx2+fma+f16c. AVX512: f+bw+dq+vl on top of AVX2. VNNI:
** avx512_vnni+avx512_vbmi on top of AVX512. BF16: avx512_bf16 on top of AVX512. AMX: amx_tile,
** amx_int8 and amx_bf16 on top of VNNI and BF16. DOTPROD: the int8 dot product on top of NEON. */
#define MK_TIERS(X) X(scalar) X(avx2) X(avx512) X(vnni) X(bf16) X(amx) X(neon) X(dotprod) X(i8mm)
#define MK_TIER_ENUM(name) MK_TIER_##name,
typedef enum mk_tier { MK_TIERS(MK_TIER_ENUM) MK_TIER_COUNT } mk_tier;

/* Those that stand on AVX512. */
static inline bool mk_tier_avx512(mk_tier tier) {
  return tier >= MK_TIER_avx512 && tier <= MK_TIER_amx;
}

#define MK_FIELD(name) mk_##name *name;
typedef struct mk_table {               /* in a tier's own table NULL means: not better here */
  MK_KERNELS(MK_FIELD)
} mk_table;

typedef struct mk_cpu {                 /* which tiers may run: built in, CPU has it, OS saves it */
  bool tier[MK_TIER_COUNT];
} mk_cpu;

extern const mk_table mk_scalar;        /* complete; the others only on their architecture */
extern const mk_table mk_avx2, mk_avx2_int8, mk_avx512, mk_vnni, mk_bf16_tier, mk_amx;
extern const mk_table mk_neon, mk_neon_attend8, mk_dotprod, mk_i8mm;

/* What this process may use, no tier above `best`. tier[MK_TIER_scalar] is always true. With AMX
** among them the operating system is asked to let this process use it: from then on a stack for
** signals (sigaltstack) must have room for tiles, sysconf(_SC_MINSIGSTKSZ). */
mk_cpu mk_detect(mk_tier best);

/* Fills *table: scalar first, then every tier that cpu has, in the order of MK_TIERS. Pure.
** serves[i], when serves is not NULL, tells the tier of the i-th kernel of MK_KERNELS. */
void mk_select(mk_table *table, mk_cpu cpu, mk_tier serves[MK_KERNEL_COUNT]);

const char *mk_tier_name(mk_tier tier);         /* "scalar", "avx2", ... */
const char *mk_kernel_name(size_t i);           /* i < MK_KERNEL_COUNT: "matvec_f32", ... */

#endif
