/* calibrate.h: what a model's matrices meet, given text of the kind that it is for.
**
** The text goes through the model block by block, in windows of some hundred tokens; of the inputs
** of each matrix mn_feedback keeps what rounding wants to know. */
#ifndef MOON_MODEL_CALIBRATE_H
#define MOON_MODEL_CALIBRATE_H

#include "core/model/model.h"
#include "core/tensor/feedback.h"

/* Matrices of a block that have one input. */
typedef enum mn_input { MN_INTO_QKV, MN_INTO_O, MN_INTO_GATE_UP, MN_INTO_DOWN, MN_INPUTS } mn_input;

typedef struct mn_calibration mn_calibration;

moon_status mn_calibration_open(moon_model *model, mn_calibration **calibration, moon_error *err);
void mn_calibration_close(mn_calibration *calibration);         /* accepts NULL */
/* One more text, before the first block. It is cut into windows; if it begins with the model's BOS,
** each of them does. */
moon_status mn_calibration_add(mn_calibration *calibration, const int32_t *ids, size_t n,
                               moon_error *err);
/* The next block, the first at first: the text goes through it, as it is stored. *layer: which one.
** MOON_EMATH for activations that are not finite. */
moon_status mn_calibration_next(mn_calibration *calibration, size_t *layer, moon_error *err);
/* Of that block. */
const mn_feedback *mn_calibration_feedback(const mn_calibration *calibration, mn_input input);

#endif
