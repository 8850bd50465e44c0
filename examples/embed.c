/* embed.c: moonlet in a C program: embed MODEL PROMPT continues the prompt on stdout.
**
** The usage program at the top of core/moonlet.h, with its arguments and its exit codes. */
#include <stdio.h>
#include <string.h>

#include <moonlet.h>

enum { MOST_PROMPT = 256, MOST_NEW = 64 };

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: embed MODEL PROMPT\n"), 2;
  const char *prompt = argv[2];
  moon_error err;
  moon_engine *engine = NULL;
  moon_model *model = NULL;
  moon_session *session = NULL;
  int32_t ids[MOST_PROMPT], id;
  size_t n;
  int code = 1;
  if (moon_engine_open(NULL, &engine, &err) != MOON_OK ||
      moon_model_open(engine, argv[1], NULL, &model, &err) != MOON_OK ||
      moon_session_open(model, NULL, &session, &err) != MOON_OK ||
      moon_model_encode(model, prompt, strlen(prompt), MOON_ENCODE_BOS, ids, MOST_PROMPT, &n,
                        &err) != MOON_OK) {
    fprintf(stderr, "embed: %s\n", err.message);
    goto done;
  }
  if (n > MOST_PROMPT) {
    fprintf(stderr, "embed: the prompt has %zu tokens, %d fit\n", n, MOST_PROMPT);
    goto done;
  }
  moon_status status = moon_session_feed(session, ids, n, &err);
  for (int i = 0; status == MOON_OK && i < MOST_NEW; i++) {
    status = moon_session_sample(session, NULL, &id, NULL, &err);
    if (status != MOON_OK || moon_model_is_eos(model, id)) break;
    size_t len;
    const char *piece = moon_model_piece(model, id, &len);
    if (piece) fwrite(piece, 1, len, stdout);
    status = moon_session_feed(session, &id, 1, &err);
  }
  putchar('\n');
  if (status == MOON_OK) code = 0;
  else fprintf(stderr, "embed: %s\n", err.message);
done:
  moon_session_close(session);
  moon_model_close(model);
  moon_engine_close(engine);
  return code;
}
