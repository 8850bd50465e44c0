/* unpickle.c: the stack machine. See unpickle.h.
**
** A state dict is an OrderedDict of REDUCE(_rebuild_tensor_v2, (storage, offset, size, stride,
** requires_grad, hooks)), where storage is BINPERSID of ('storage', class, key, device, count);
** a BUILD at the end hangs its _metadata on it, which is read and dropped. */
#include "core/formats/unpickle.h"

#include <string.h>

#include "core/base/size.h"

/* A state dict takes some 100 bytes and 17 values a tensor, two of them records, and some items
** with its _metadata; a stack of some 2000, marks 3 deep. Records and items are as large as they
** are cheap to ask for: of what is remembered, 3 or 4 bytes make one. */
enum { PICKLE_MAX = 16 << 20, VALUES_MAX = 1 << 21, STACK_MAX = 1 << 20, MARKS_MAX = 1000,
       RECORDS_MAX = 1 << 18, ITEMS_MAX = 1 << 18 };

typedef enum type { NONE, BOOL, INT, TEXT, TUPLE, DICT, GLOBAL, STORAGE, TENSOR } type;

typedef enum global_kind { MAKES_DICT, MAKES_TENSOR, MAKES_PARAMETER, IS_STORAGE } global_kind;

static const struct global {
  const char *module, *name;
  global_kind kind;
  const char *dtype;            /* of a storage class, as safetensors spells it */
} GLOBALS[] = {
  {"collections", "OrderedDict", MAKES_DICT, NULL},
  {"torch._utils", "_rebuild_tensor_v2", MAKES_TENSOR, NULL},
  {"torch._utils", "_rebuild_parameter", MAKES_PARAMETER, NULL},
  {"torch", "FloatStorage", IS_STORAGE, "F32"},
  {"torch", "BFloat16Storage", IS_STORAGE, "BF16"},
  {"torch", "HalfStorage", IS_STORAGE, "F16"},
  {"torch", "IntStorage", IS_STORAGE, "I32"},
  {"torch", "CharStorage", IS_STORAGE, "I8"},
  {"torch", "DoubleStorage", IS_STORAGE, "F64"},
  {"torch", "LongStorage", IS_STORAGE, "I64"},
  {"torch", "ShortStorage", IS_STORAGE, "I16"},
  {"torch", "ByteStorage", IS_STORAGE, "U8"},
  {"torch", "BoolStorage", IS_STORAGE, "BOOL"},
};

typedef struct value value;
typedef struct pair { const value *key, *value; struct pair *next; } pair;

struct value {
  type type;
  union {
    int64_t integer;                                            /* INT, BOOL */
    struct { const char *bytes; size_t len; } text;             /* TEXT */
    struct { value **items; size_t n; } tuple;                  /* TUPLE */
    struct { pair *first, *last; size_t n; } dict;              /* DICT, in order */
    const struct global *global;                                /* GLOBAL */
    mn_pickled *tensor;                                         /* TENSOR, and STORAGE in part */
  } as;
};

typedef struct values { value **items; size_t n, room; } values;
typedef struct marks { size_t *items; size_t n, room; } marks;

typedef struct machine {
  mn_arena *arena;
  const uint8_t *start, *at, *end;
  const uint8_t *op;            /* the opcode in work, for sentences */
  values stack, memo;
  size_t made, records, items;  /* values, mn_pickled and pairs in the arena */
  marks marks;                  /* heights of the stack */
  moon_error *err;
} machine;

/* ---- the machine's parts ---- */

static moon_status fail(machine *m, const char *problem) {
  return mn_fail(m->err, MOON_EFORMAT, "data.pkl, byte %zu: %s", (size_t)(m->op - m->start),
                 problem);
}

static moon_status fail_memory(machine *m) { return mn_fail_memory(m->err, "data.pkl", 0); }

/* Room for item n of an array that doubles. */
static bool grow(const mn_alloc *alloc, void **items, size_t n, size_t *room, size_t width) {
  size_t wanted = n < 32 ? 64 : n * 2, bytes;
  if (n < *room) return true;
  if (!mn_size_mul(wanted, width, &bytes)) return false;
  void *grown = mn_resize(alloc, *items, bytes);
  if (!grown) return false;
  *items = grown;
  *room = wanted;
  return true;
}

static bool grow_values(machine *m, values *v, size_t n) {
  void *items = v->items;
  bool ok = grow(&m->arena->alloc, &items, n, &v->room, sizeof *v->items);
  v->items = items;
  return ok;
}

static moon_status push(machine *m, value *v) {
  if (m->stack.n >= STACK_MAX) return fail(m, "the stack is too high");
  if (!grow_values(m, &m->stack, m->stack.n)) return fail_memory(m);
  m->stack.items[m->stack.n++] = v;
  return MOON_OK;
}

/* A mark protects what lies below it. */
static value *pop(machine *m) {
  size_t floor = m->marks.n > 0 ? m->marks.items[m->marks.n - 1] : 0;
  return m->stack.n > floor ? m->stack.items[--m->stack.n] : NULL;
}

static value *top(machine *m) {
  value *v = pop(m);
  if (v) m->stack.n++;
  return v;
}

static moon_status push_new(machine *m, value v) {
  if (++m->made > VALUES_MAX) return fail(m, "too many values");
  value *copy = mn_arena_take(m->arena, sizeof *copy);
  if (!copy) return fail_memory(m);
  *copy = v;
  return push(m, copy);
}

static moon_status push_integer(machine *m, type t, int64_t integer) {
  return push_new(m, (value){.type = t, .as.integer = integer});
}

/* The n operand bytes of the opcode; NULL when the pickle ends. */
static const uint8_t *operand(machine *m, size_t n) {
  if ((size_t)(m->end - m->at) < n) return NULL;
  const uint8_t *p = m->at;
  m->at += n;
  return p;
}

static moon_status fail_end(machine *m) { return fail(m, "the pickle ends too early"); }

static bool operand_size(machine *m, int n, size_t *out) {
  const uint8_t *p = operand(m, (size_t)n);
  if (!p) return false;
  *out = 0;
  while (n-- > 0) *out = *out << 8 | p[n];
  return true;
}

/* ---- opcodes ---- */

static moon_status op_integer(machine *m, int n, bool is_signed) {
  const uint8_t *p = operand(m, (size_t)n);
  if (!p) return fail_end(m);
  uint64_t bits = is_signed && n > 0 && (p[n - 1] & 0x80) ? UINT64_MAX : 0;
  while (n-- > 0) bits = bits << 8 | p[n];
  return push_integer(m, INT, (int64_t)bits);
}

static moon_status op_long1(machine *m) {
  size_t n;
  if (!operand_size(m, 1, &n)) return fail_end(m);
  if (n > 8) return fail(m, "an integer of more than 64 bits");
  return op_integer(m, (int)n, true);
}

static moon_status op_text(machine *m) {
  size_t n;
  if (!operand_size(m, 4, &n)) return fail_end(m);
  const uint8_t *p = operand(m, n);
  if (!p) return fail_end(m);
  return push_new(m, (value){.type = TEXT, .as.text = {(const char *)p, n}});
}

static moon_status op_mark(machine *m) {
  if (m->marks.n >= MARKS_MAX) return fail(m, "nested too deeply");
  void *items = m->marks.items;
  bool ok = grow(&m->arena->alloc, &items, m->marks.n, &m->marks.room, sizeof *m->marks.items);
  m->marks.items = items;
  if (!ok) return fail_memory(m);
  m->marks.items[m->marks.n++] = m->stack.n;
  return MOON_OK;
}

/* A tuple of the top n values. */
static moon_status make_tuple(machine *m, size_t n) {
  size_t floor = m->marks.n > 0 ? m->marks.items[m->marks.n - 1] : 0, bytes;
  if (m->stack.n - floor < n) return fail(m, "the stack holds too little for this tuple");
  if (!mn_size_mul(n, sizeof(value *), &bytes)) return fail_memory(m);
  value **items = mn_arena_take(m->arena, bytes);
  if (!items) return fail_memory(m);
  m->stack.n -= n;
  if (n > 0) memcpy(items, m->stack.items + m->stack.n, bytes);
  return push_new(m, (value){.type = TUPLE, .as.tuple = {items, n}});
}

static moon_status op_tuple(machine *m) {
  if (m->marks.n == 0) return fail(m, "a tuple without a mark");
  size_t n = m->stack.n - m->marks.items[m->marks.n - 1];
  moon_status status = make_tuple(m, n);
  m->marks.n--;
  return status;
}

static moon_status op_put(machine *m, int n) {
  size_t i;
  if (!operand_size(m, n, &i)) return fail_end(m);
  value *v = top(m);
  if (!v) return fail(m, "nothing on the stack to remember");
  if (i > m->memo.n || i >= VALUES_MAX) return fail(m, "memo numbers that do not count up");
  if (!grow_values(m, &m->memo, i)) return fail_memory(m);
  m->memo.items[i] = v;
  if (i == m->memo.n) m->memo.n++;
  return MOON_OK;
}

static moon_status op_get(machine *m, int n) {
  size_t i;
  if (!operand_size(m, n, &i)) return fail_end(m);
  if (i >= m->memo.n) return fail(m, "a memo number that nothing was put at");
  return push(m, m->memo.items[i]);
}

static bool operand_line(machine *m, const char **line, size_t *len) {
  const uint8_t *newline = memchr(m->at, '\n', (size_t)(m->end - m->at));
  if (!newline) return false;
  *line = (const char *)m->at;
  *len = (size_t)(newline - m->at);
  m->at = newline + 1;
  return true;
}

static bool is(const char *word, const char *text, size_t len) {
  return strlen(word) == len && memcmp(word, text, len) == 0;
}

static moon_status op_global(machine *m) {
  const char *module, *name;
  size_t module_len, name_len;
  if (!operand_line(m, &module, &module_len) || !operand_line(m, &name, &name_len))
    return fail_end(m);
  for (size_t i = 0; i < sizeof GLOBALS / sizeof *GLOBALS; i++)
    if (is(GLOBALS[i].module, module, module_len) && is(GLOBALS[i].name, name, name_len))
      return push_new(m, (value){.type = GLOBAL, .as.global = &GLOBALS[i]});
  return mn_fail(m->err, MOON_EFORMAT, "data.pkl, byte %zu: the global '%s.%s' is none that "
                 "weights need, and is refused", (size_t)(m->op - m->start),
                 mn_show(module, module_len).text, mn_show(name, name_len).text);
}

static bool size_of(const value *v, size_t *out) {
  if (v->type != INT || v->as.integer < 0 || (uint64_t)v->as.integer > SIZE_MAX) return false;
  *out = (size_t)v->as.integer;
  return true;
}

static moon_status take_record(machine *m, mn_pickled **record) {
  if (++m->records > RECORDS_MAX) return fail(m, "too many tensors");
  *record = mn_arena_take(m->arena, sizeof **record);
  return *record ? MOON_OK : fail_memory(m);
}

/* ('storage', class, key, device, count): a tensor in part. */
static moon_status op_storage(machine *m) {
  value *id = pop(m);
  if (!id || id->type != TUPLE || id->as.tuple.n != 5) return fail(m, "a strange storage id");
  value **part = id->as.tuple.items;
  mn_pickled *t;
  moon_status status = take_record(m, &t);
  if (status != MOON_OK) return status;
  *t = (mn_pickled){0};
  if (part[0]->type != TEXT || !is("storage", part[0]->as.text.bytes, part[0]->as.text.len) ||
      part[1]->type != GLOBAL || part[1]->as.global->kind != IS_STORAGE ||
      part[2]->type != TEXT || part[3]->type != TEXT || !size_of(part[4], &t->storage_count))
    return fail(m, "a strange storage id");
  const char *dtype = part[1]->as.global->dtype;
  t->dtype = mn_file_dtype_find(dtype, strlen(dtype));
  t->storage = part[2]->as.text.bytes;
  t->storage_len = part[2]->as.text.len;
  return push_new(m, (value){.type = STORAGE, .as.tensor = t});
}

static bool sizes_of(const value *tuple, size_t *sizes, size_t *n) {
  if (tuple->type != TUPLE || tuple->as.tuple.n > MOON_MAX_RANK) return false;
  *n = tuple->as.tuple.n;
  for (size_t i = 0; i < *n; i++)
    if (!size_of(tuple->as.tuple.items[i], &sizes[i])) return false;
  return true;
}

/* (storage, offset, size, stride, requires_grad, hooks) and in newer files metadata. */
static moon_status make_tensor(machine *m, const value *args) {
  value **arg = args->as.tuple.items;
  size_t n = args->as.tuple.n, rank, stride_rank;
  if ((n != 6 && n != 7) || arg[0]->type != STORAGE) return fail(m, "a strange tensor");
  mn_pickled *t;
  moon_status status = take_record(m, &t);
  if (status != MOON_OK) return status;
  *t = *arg[0]->as.tensor;
  if (!size_of(arg[1], &t->offset) || !sizes_of(arg[2], t->shape, &rank) ||
      !sizes_of(arg[3], t->stride, &stride_rank) || rank != stride_rank)
    return fail(m, "a tensor's offset, shape or strides are not up to 8 sizes");
  t->rank = (int)rank;
  return push_new(m, (value){.type = TENSOR, .as.tensor = t});
}

static moon_status op_reduce(machine *m) {
  value *args = pop(m), *callee = pop(m);
  if (!args || !callee || args->type != TUPLE || callee->type != GLOBAL)
    return fail(m, "a call of what cannot be called");
  value **arg = args->as.tuple.items;
  switch (callee->as.global->kind) {
    case MAKES_DICT:
      if (args->as.tuple.n != 0) return fail(m, "an OrderedDict made from arguments");
      return push_new(m, (value){.type = DICT});
    case MAKES_TENSOR: return make_tensor(m, args);
    case MAKES_PARAMETER:       /* (tensor, requires_grad, hooks): the tensor itself */
      if (args->as.tuple.n != 3 || arg[0]->type != TENSOR) return fail(m, "a strange parameter");
      return push(m, arg[0]);
    case IS_STORAGE: break;
  }
  return fail(m, "a call of what cannot be called");
}

static moon_status put_pair(machine *m, value *dict, const value *key, const value *item) {
  if (++m->items > ITEMS_MAX) return fail(m, "too many items in dicts");
  pair *p = mn_arena_take(m->arena, sizeof *p);
  if (!p) return fail_memory(m);
  *p = (pair){key, item, NULL};
  if (dict->as.dict.last) dict->as.dict.last->next = p;
  else dict->as.dict.first = p;
  dict->as.dict.last = p;
  dict->as.dict.n++;
  return MOON_OK;
}

static moon_status op_setitem(machine *m) {
  value *item = pop(m), *key = pop(m), *dict = top(m);
  if (!item || !key || !dict || dict->type != DICT) return fail(m, "an item without a dict");
  return put_pair(m, dict, key, item);
}

static moon_status op_setitems(machine *m) {
  if (m->marks.n == 0) return fail(m, "items without a mark");
  size_t first = m->marks.items[--m->marks.n], end = m->stack.n;
  m->stack.n = first;
  value *dict = top(m);
  if (!dict || dict->type != DICT || (end - first) % 2 != 0)
    return fail(m, "items without a dict");
  for (size_t i = first; i < end; i += 2) {
    moon_status status = put_pair(m, dict, m->stack.items[i], m->stack.items[i + 1]);
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

/* The state (_metadata: versions of torch's modules) is dropped. */
static moon_status op_build(machine *m) {
  value *state = pop(m), *object = top(m);
  if (!state || state->type != DICT || !object || object->type != DICT)
    return fail(m, "a state on what is no dict");
  return MOON_OK;
}

static moon_status op_proto(machine *m) {
  const uint8_t *version = operand(m, 1);
  if (!version) return fail_end(m);
  if (*version != 2)
    return mn_fail(m->err, MOON_ESUPPORT, "data.pkl is pickled with protocol %d; torch.save's "
                   "own, 2, is the one that is read", *version);
  return MOON_OK;
}

static moon_status run_op(machine *m, uint8_t op) {
  switch (op) {
    case 0x80: return op_proto(m);
    case '(': return op_mark(m);
    case ')': return make_tuple(m, 0);
    case 't': return op_tuple(m);
    case 0x85: return make_tuple(m, 1);
    case 0x86: return make_tuple(m, 2);
    case 0x87: return make_tuple(m, 3);
    case '}': return push_new(m, (value){.type = DICT});
    case 'N': return push_integer(m, NONE, 0);
    case 0x88: return push_integer(m, BOOL, 1);
    case 0x89: return push_integer(m, BOOL, 0);
    case 'J': return op_integer(m, 4, true);
    case 'K': return op_integer(m, 1, false);
    case 'M': return op_integer(m, 2, false);
    case 0x8a: return op_long1(m);
    case 'X': return op_text(m);
    case 'q': return op_put(m, 1);
    case 'r': return op_put(m, 4);
    case 'h': return op_get(m, 1);
    case 'j': return op_get(m, 4);
    case 'c': return op_global(m);
    case 'Q': return op_storage(m);
    case 'R': return op_reduce(m);
    case 's': return op_setitem(m);
    case 'u': return op_setitems(m);
    case 'b': return op_build(m);
  }
  return mn_fail(m->err, MOON_EFORMAT, "data.pkl, byte %zu: opcode 0x%02x is none that weights "
                 "need, and is refused", (size_t)(m->op - m->start), op);
}

/* ---- the result ---- */

static moon_status collect(machine *m, mn_pickled **tensors, size_t *count) {
  value *root = pop(m);
  size_t bytes, n = 0;
  if (!root || root->type != DICT || m->stack.n != 0 || m->marks.n != 0)
    return fail(m, "the pickle is no dict of tensors");
  if (!mn_size_mul(root->as.dict.n, sizeof **tensors, &bytes)) return fail_memory(m);
  *tensors = mn_arena_take(m->arena, bytes);
  if (!*tensors) return fail_memory(m);
  for (const pair *p = root->as.dict.first; p; p = p->next) {
    if (p->key->type != TEXT || !mn_span_name_ok(p->key->as.text.bytes, p->key->as.text.len))
      return fail(m, "a tensor's name is no text, or over 512 bytes, or has a NUL in it");
    const char *name = p->key->as.text.bytes;
    size_t len = p->key->as.text.len;
    if (p->value->type != TENSOR)
      return mn_fail(m->err, MOON_ESUPPORT, "'%s' is no tensor; what is read is a flat dict of "
                     "tensors, as model.state_dict() gives", mn_show(name, len).text);
    (*tensors)[n] = *p->value->as.tensor;
    (*tensors)[n].name = name;
    (*tensors)[n++].name_len = len;
  }
  *count = n;
  return MOON_OK;
}

moon_status mn_unpickle(mn_arena *arena, const uint8_t *bytes, size_t size, mn_pickled **tensors,
                        size_t *count, moon_error *err) {
  if (size > PICKLE_MAX)
    return mn_fail(err, MOON_EFORMAT, "data.pkl has %zu bytes, at most %d are expected", size,
                   PICKLE_MAX);
  machine m = {.arena = arena, .start = bytes, .at = bytes, .end = bytes + size, .op = bytes,
               .err = err};
  moon_status status = MOON_OK;
  while (status == MOON_OK) {
    m.op = m.at;
    const uint8_t *op = operand(&m, 1);
    if (!op) status = fail_end(&m);
    else if (*op == '.') break;
    else status = run_op(&m, *op);
  }
  if (status == MOON_OK) status = collect(&m, tensors, count);
  mn_free(&arena->alloc, m.stack.items);
  mn_free(&arena->alloc, m.memo.items);
  mn_free(&arena->alloc, m.marks.items);
  return status;
}
