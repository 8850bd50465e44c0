/* config.h: config.json for the files of core. The public struct is moon_config. */
#ifndef MOON_MODEL_CONFIG_H
#define MOON_MODEL_CONFIG_H

#include "core/base/alloc.h"
#include "core/base/error.h"

/* From text. name begins error sentences. */
moon_status mn_config_parse(const mn_alloc *alloc, const char *text, size_t len, const char *name,
                            moon_config *config, moon_error *err);
/* A file, or config.json in a directory. */
moon_status mn_config_read(const mn_alloc *alloc, const char *path, moon_config *config,
                           moon_error *err);
/* Runs of each block: 2 with layer sharing. */
static inline int32_t mn_config_runs(const moon_config *config) {
  return config->layer_sharing ? 2 : 1;
}

/* A config.json that reads as this config of a mobilellm or llama. dtype: of the matrices. */
typedef struct mn_config_text { char text[2048]; } mn_config_text;
mn_config_text mn_config_print(const moon_config *config, moon_dtype dtype);

#endif
