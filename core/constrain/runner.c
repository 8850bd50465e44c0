/* runner.c: what grows while texts are read; one step for all kinds of constraints. */
#include <string.h>

#include "core/constrain/constraint.h"

moon_status mn_runner_new(const moon_constraint *c, mn_runner **out, moon_error *err) {
  *out = NULL;
  mn_alloc alloc = c->arena.alloc;
  mn_runner *r = mn_new_zero(&alloc, sizeof *r);
  if (!r) return mn_fail_memory(err, "matcher", sizeof *r);
  r->alloc = alloc;
  mn_arena_growing(&r->arena, alloc, SIZE_MAX);
  size_t path = (c->vocabulary->depth + 2) * sizeof *r->path;
  r->path = mn_arena_take(&r->arena, path);
  r->masks = mn_arena_take(&r->arena, MN_MASKS * sizeof *r->masks);
  moon_status status = MOON_OK;
  if (!r->path || !r->masks) status = mn_fail_memory(err, "matcher", path);
  else memset(r->masks, 0, MN_MASKS * sizeof *r->masks);
  if (status != MOON_OK) {
  } else if (c->kind == MN_BY_SCHEMA) {
    status = mn_run_begin(&r->run, alloc, &c->schema, c->whitespace, &r->start, err);
  } else if (c->kind == MN_BY_GRAMMAR) {
    status = mn_derivation_begin(&r->derivation, alloc, &c->grammar, &r->start.frame, err);
  } else {
    r->start.frame = c->dfa->first;
  }
  if (status == MOON_OK) *out = r;
  else mn_runner_free(c, r);
  return status;
}

void mn_runner_free(const moon_constraint *c, mn_runner *r) {
  if (!r) return;
  if (c->kind == MN_BY_SCHEMA) mn_run_end(&r->run);
  if (c->kind == MN_BY_GRAMMAR) mn_derivation_end(&r->derivation);
  mn_arena_free(&r->arena);
  mn_alloc alloc = r->alloc;
  mn_free(&alloc, r);
}

size_t mn_runner_bytes(const mn_runner *r) {
  return r->arena.total + r->run.arena.total + r->derivation.arena.total;
}

bool mn_runner_step(const moon_constraint *c, mn_runner *r, const mn_cursor *at, uint8_t byte,
                    mn_cursor *next) {
  if (c->kind == MN_BY_SCHEMA) return mn_run_step(&r->run, at, byte, next);
  uint32_t state = c->kind == MN_BY_DFA ? mn_dfa_step(c->dfa, at->frame, byte)
                                        : mn_derivation_step(&r->derivation, at->frame, byte);
  *next = (mn_cursor){.frame = state};
  return state != 0;
}

bool mn_runner_complete(const moon_constraint *c, mn_runner *r, const mn_cursor *at) {
  if (c->kind == MN_BY_SCHEMA) return mn_run_complete(&r->run, at);
  if (c->kind == MN_BY_DFA) return c->dfa->flags[at->frame] & MN_ACCEPTS;
  return mn_derivation_complete(&r->derivation, at->frame);
}

moon_status mn_runner_status(const mn_runner *r, moon_error *err) {
  if (r->run.status != MOON_OK)
    return mn_fail(err, r->run.status, "constraint: %s", r->run.why);
  if (r->derivation.status != MOON_OK)
    return mn_fail(err, r->derivation.status, "grammar: too many derivations at once");
  return MOON_OK;
}
