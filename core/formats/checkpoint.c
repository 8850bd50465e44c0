/* checkpoint.c: from a path to named spans.
**
** What: see checkpoint.h. How: each weight file is mapped and parsed; a sharded checkpoint's index
** says which tensor is taken from which shard. The maps, and an arena with names, spans and
** recipes, live until the last owner closes. Invariant: `spans` and `sorted` hold every tensor
** once. Does not: know tensors by their meaning (core/model does). */
#include "core/formats/checkpoint.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/names.h"
#include "core/base/size.h"
#include "core/formats/gguf.h"
#include "core/formats/safetensors.h"
#include "core/formats/span.h"
#include "core/formats/torchzip.h"

enum { SHARDS_MAX = 4096, INDEX_MAX = 16 << 20, SHARD_NAME_MAX = 255 };

struct mn_checkpoint {
  atomic_size_t owners;
  moon_engine *engine;          /* retained */
  mn_arena arena;
  char *path;                   /* of the file or index that was opened; in the arena */
  mn_map *maps;                 /* in the arena */
  size_t n_maps;
  mn_span *spans;
  size_t count;
  mn_name *sorted;              /* spans by name */
};

static bool ends_in(const char *text, const char *suffix) {
  size_t len = strlen(text), n = strlen(suffix);
  return len >= n && strcmp(text + len - n, suffix) == 0;
}

static bool is_torch_name(const char *path) {
  return ends_in(path, ".bin") || ends_in(path, ".pt") || ends_in(path, ".pth");
}

static moon_status sort_spans(mn_checkpoint *ck, moon_error *err) {
  size_t bytes;
  if (!mn_size_mul(ck->count, sizeof *ck->sorted, &bytes))
    return mn_fail_memory(err, ck->path, SIZE_MAX);
  ck->sorted = mn_arena_take(&ck->arena, bytes);
  if (!ck->sorted) return mn_fail_memory(err, ck->path, bytes);
  for (size_t i = 0; i < ck->count; i++)
    ck->sorted[i] = (mn_name){ck->spans[i].name, strlen(ck->spans[i].name), &ck->spans[i]};
  mn_names_sort(ck->sorted, ck->count);
  return MOON_OK;
}

/* ---- one weight file ---- */

/* Maps path into ck->maps, which has room. */
static moon_status open_file(mn_checkpoint *ck, const char *path, mn_span **spans, size_t *count,
                             moon_error *err) {
  static const char pointer[] = "version https://git-lfs.github.com/spec/";
  mn_map *map = &ck->maps[ck->n_maps];
  moon_status status = mn_map_open(path, map, err);
  if (status != MOON_OK) return status;
  ck->n_maps++;
  if (map->size >= sizeof pointer && memcmp(map->bytes, pointer, sizeof pointer - 1) == 0)
    return mn_fail(err, MOON_EFORMAT, "%s: holds a git-lfs pointer in place of the weights; "
                   "fetch them with git lfs pull", path);
  if (mn_gguf_is_path(path))
    return mn_gguf_parse(&ck->arena, map->bytes, map->size, path, spans, count, err);
  if (is_torch_name(path))
    return mn_torchzip_parse(&ck->arena, map->bytes, map->size, path, spans, count, err);
  return mn_safetensors_parse(&ck->arena, map->bytes, map->size, path, spans, count, err);
}

static bool take_maps(mn_checkpoint *ck, size_t n) {
  ck->maps = mn_arena_take(&ck->arena, n * sizeof *ck->maps);   /* n <= SHARDS_MAX */
  return ck->maps != NULL;
}

static moon_status open_single(mn_checkpoint *ck, moon_error *err) {
  if (!take_maps(ck, 1)) return mn_fail_memory(err, ck->path, sizeof *ck->maps);
  return open_file(ck, ck->path, &ck->spans, &ck->count, err);
}

/* ---- an index and its shards ---- */

typedef struct shard {
  const char *name;
  mn_span *spans;
  size_t count;
} shard;

/* The index, while it is being opened: everything lives in `scratch`. */
typedef struct sharded {
  const char *dir;              /* with its '/' */
  const mn_json *map;           /* "weight_map" */
  mn_name *weights;             /* tensor -> its node in map, sorted */
  mn_name *files;               /* node -> its shard's name, sorted; equal names are neighbours */
  shard *shards;
  size_t n_shards;
} sharded;

/* Names come from the index: they may not lead out of its directory. */
static bool is_plain_name(const mn_json *node) {
  const char *name = node->text;
  return node->type == MN_JSON_STRING && node->text_len > 0 && name[0] != '.' &&
         node->text_len <= SHARD_NAME_MAX && !memchr(name, '\0', node->text_len) &&
         !strchr(name, '/') && !strchr(name, '\\');
}

static moon_status read_index(mn_arena *scratch, const char *path, char *text, size_t len,
                              sharded *s, moon_error *err) {
  const mn_json *root;
  moon_status status = mn_json_parse(scratch, text, len, path, &root, err);
  if (status != MOON_OK) return status;
  s->map = mn_json_get(root, "weight_map");
  if (!s->map || s->map->type != MN_JSON_OBJECT || s->map->count == 0)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a weight_map from tensors to files", path);
  size_t n = s->map->count, bytes, i = 0;
  if (!mn_size_mul(n, sizeof(mn_name), &bytes)) return mn_fail_memory(err, path, SIZE_MAX);
  s->weights = mn_arena_take(scratch, bytes);
  s->files = mn_arena_take(scratch, bytes);
  if (!s->weights || !s->files) return mn_fail_memory(err, path, bytes);
  for (const mn_json *node = s->map->first; node; node = node->next, i++) {
    if (!mn_span_name_ok(node->key, node->key_len))
      return mn_fail(err, MOON_EFORMAT, "%s: '%s' is no tensor's name", path,
                     mn_show(node->key, node->key_len).text);
    if (!is_plain_name(node))
      return mn_fail(err, MOON_EFORMAT, "%s: '%s' is to be found in what is no plain file name",
                     path, mn_show(node->key, node->key_len).text);
    s->weights[i] = (mn_name){node->key, node->key_len, node};
    s->files[i] = (mn_name){node->text, node->text_len, node};
  }
  mn_names_sort(s->weights, n);
  mn_names_sort(s->files, n);
  return MOON_OK;
}

static bool starts_shard(const sharded *s, size_t i) {
  return i == 0 || strcmp(s->files[i - 1].text, s->files[i].text) != 0;
}

static moon_status open_shards(mn_checkpoint *ck, mn_arena *scratch, sharded *s,
                               moon_error *err) {
  size_t n = 0;
  for (size_t i = 0; i < s->map->count; i++) n += starts_shard(s, i);
  if (n > SHARDS_MAX)
    return mn_fail(err, MOON_EFORMAT, "%s: names %zu files, at most %d are expected", ck->path, n,
                   SHARDS_MAX);
  s->shards = mn_arena_take(scratch, n * sizeof *s->shards);
  if (!s->shards || !take_maps(ck, n)) return mn_fail_memory(err, ck->path, n);
  for (size_t i = 0; i < s->map->count; i++) {
    if (!starts_shard(s, i)) continue;
    shard *one = &s->shards[s->n_shards++];
    one->name = s->files[i].text;
    char *path = mn_path_join(&ck->arena.alloc, s->dir, one->name);
    if (!path) return mn_fail_memory(err, ck->path, SHARD_NAME_MAX);
    moon_status status = open_file(ck, path, &one->spans, &one->count, err);
    mn_free(&ck->arena.alloc, path);
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

/* Is this span of this shard the one that the index means? */
static bool is_meant(const sharded *s, const shard *one, const mn_span *span) {
  const mn_name *found = mn_names_find(s->weights, s->map->count, span->name, strlen(span->name));
  return found && strcmp(((const mn_json *)found->of)->text, one->name) == 0;
}

static moon_status join_shards(mn_checkpoint *ck, const sharded *s, moon_error *err) {
  size_t wanted = s->map->count, bytes;
  if (!mn_size_mul(wanted, sizeof *ck->spans, &bytes))
    return mn_fail_memory(err, ck->path, SIZE_MAX);
  ck->spans = mn_arena_take(&ck->arena, bytes);
  if (!ck->spans) return mn_fail_memory(err, ck->path, bytes);
  for (size_t i = 0; i < s->n_shards; i++)
    for (size_t k = 0; k < s->shards[i].count; k++)
      if (is_meant(s, &s->shards[i], &s->shards[i].spans[k]))
        ck->spans[ck->count++] = s->shards[i].spans[k];
  if (ck->count == wanted) return MOON_OK;
  moon_status status = sort_spans(ck, err);
  if (status != MOON_OK) return status;
  const mn_json *missing = s->map->first;
  while (mn_checkpoint_find(ck, missing->key)) missing = missing->next; /* counts differ */
  return mn_fail(err, MOON_EFORMAT, "%s: '%s' is to be found in %s, but is not there", ck->path,
                 mn_show(missing->key, missing->key_len).text, missing->text);
}

static moon_status open_sharded(mn_checkpoint *ck, const char *dir, moon_error *err) {
  mn_arena scratch;
  sharded s = {.dir = dir};
  char *text = NULL;
  size_t len;
  moon_status status = mn_file_read(&ck->arena.alloc, ck->path, INDEX_MAX, &text, &len, err);
  /* The shortest members of a map take 27 times their text. */
  mn_arena_growing(&scratch, ck->arena.alloc, len * 32 + (4 << 20));
  if (status == MOON_OK) status = read_index(&scratch, ck->path, text, len, &s, err);
  if (status == MOON_OK) status = open_shards(ck, &scratch, &s, err);
  if (status == MOON_OK) status = join_shards(ck, &s, err);
  mn_free(&ck->arena.alloc, text);
  mn_arena_free(&scratch);
  return status;
}

/* ---- the whole ---- */

static moon_status set_path(mn_checkpoint *ck, const char *path, moon_error *err) {
  size_t len = strlen(path);
  ck->path = mn_arena_text(&ck->arena, path, len);
  return ck->path ? MOON_OK : mn_fail_memory(err, path, len);
}

static moon_status open_directory(mn_checkpoint *ck, const char *dir, moon_error *err) {
  static const char *const names[] = {"model.safetensors", "model.safetensors.index.json",
                                      "pytorch_model.bin", "pytorch_model.bin.index.json"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *path = mn_path_join(&ck->arena.alloc, dir, names[i]);
    if (!path) return mn_fail_memory(err, dir, strlen(dir));
    bool there = mn_file_exists(path);
    moon_status status = there ? set_path(ck, path, err) : MOON_OK;
    mn_free(&ck->arena.alloc, path);
    if (status != MOON_OK) return status;
    if (there) return i % 2 ? open_sharded(ck, dir, err) : open_single(ck, err);
  }
  return mn_fail(err, MOON_EIO, "%s: holds no weights; looked for %s, %s, %s and %s", dir,
                 names[0], names[1], names[2], names[3]);
}

moon_status mn_checkpoint_open(moon_engine *engine, const char *path, mn_checkpoint **out,
                               moon_error *err) {
  *out = NULL;
  mn_checkpoint *ck = mn_new_zero(&engine->alloc, sizeof *ck);
  if (!ck) return mn_fail_memory(err, path, sizeof *ck);
  atomic_init(&ck->owners, 1);
  ck->engine = mn_engine_retain(engine);
  mn_arena_growing(&ck->arena, engine->alloc, SIZE_MAX);
  moon_status status;
  if (mn_file_is_directory(path)) {
    status = open_directory(ck, path, err);
  } else {
    status = set_path(ck, path, err);
    if (status == MOON_OK) status = open_single(ck, err);
  }
  if (status == MOON_OK) status = sort_spans(ck, err);
  if (status != MOON_OK) return mn_checkpoint_close(ck), status;
  *out = ck;
  return MOON_OK;
}

mn_checkpoint *mn_checkpoint_retain(mn_checkpoint *ck) {
  atomic_fetch_add_explicit(&ck->owners, 1, memory_order_relaxed);
  return ck;
}

void mn_checkpoint_close(mn_checkpoint *ck) {
  if (!ck) return;
  if (atomic_fetch_sub_explicit(&ck->owners, 1, memory_order_acq_rel) != 1) return;
  for (size_t i = 0; i < ck->n_maps; i++) mn_map_close(&ck->maps[i]);
  mn_arena_free(&ck->arena);
  moon_engine *engine = ck->engine;
  mn_free(&engine->alloc, ck);
  moon_engine_close(engine);
}

size_t mn_checkpoint_count(const mn_checkpoint *ck) { return ck->count; }

const mn_span *mn_checkpoint_at(const mn_checkpoint *ck, size_t i) {
  return i < ck->count ? &ck->spans[i] : NULL;
}

const mn_span *mn_checkpoint_find(const mn_checkpoint *ck, const char *name) {
  const mn_name *found = mn_names_find(ck->sorted, ck->count, name, strlen(name));
  return found ? found->of : NULL;
}

moon_status mn_span_check(const mn_checkpoint *ck, const mn_span *span, const char *name,
                          moon_error *err) {
  if (!span) return mn_fail(err, MOON_EFORMAT, "%s: has no tensor '%s'", ck->path, name);
  if (span->foreign)
    return mn_fail(err, MOON_ESUPPORT, "%s: tensor '%s' is of dtype %s, which moonlet does not "
                   "compute with", ck->path, mn_show(name, strlen(name)).text, span->foreign);
  return MOON_OK;
}

moon_status mn_checkpoint_fill(mn_checkpoint *ck, moon_error *err) {
  moon_status status = mn_spans_fill(ck->spans, ck->count, &ck->arena, err);
  return status == MOON_OK ? status : mn_fail_in(err, status, ck->path);
}

void mn_checkpoint_expect(const mn_checkpoint *ck) {
  for (size_t i = 0; i < ck->n_maps; i++) mn_map_expect(&ck->maps[i]);
}

const char *mn_checkpoint_path(const mn_checkpoint *ck) { return ck->path; }
