/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole gate in C11: compares the worst run of HEAD with the worst run of the baseline. A gate is a pure
 * function, so there is nothing to allocate and every instance is the same.
 */
#include <ktstr/abi/gate.h>
#include <ktstr/abi/plugin.h>
#include <math.h>
#include <stdio.h>

#define TEXT(literal) \
  { (literal), sizeof(literal) - 1 }

/* An instance needs an address that is not null, and nothing behind it. */
static char the_instance;

/* The host has seen to it that there are no options: there is no schema of any. */
static ktstr_status create(const ktstr_host* host, const ktstr_create_request* request, void** self,
                           ktstr_error* error) {
  (void)host;
  (void)request;
  (void)error;
  *self = &the_instance;
  return KTSTR_OK;
}

static void destroy(void* self) { (void)self; }

/* False when there is no value, or one that is no number. */
static int worst_of(const ktstr_samples* side, int higher_is_better, double* worst) {
  uint64_t i;
  if (side->count == 0) return 0;
  *worst = side->values[0];
  for (i = 0; i < side->count; ++i) {
    const double value = side->values[i];
    if (!isfinite(value)) return 0;
    if (higher_is_better ? value < *worst : value > *worst) *worst = value;
  }
  return 1;
}

static void judge(const ktstr_comparison* comparison, ktstr_verdict* verdict) {
  const int higher_is_better = comparison->polarity == KTSTR_HIGHER_IS_BETTER;
  double before, after, delta;
  int absolute, relative;
  if (!worst_of(comparison->baseline, higher_is_better, &before) ||
      !worst_of(comparison->head, higher_is_better, &after)) {
    verdict->outcome = KTSTR_INCONCLUSIVE;
    snprintf(verdict->text, sizeof verdict->text, "a side has no value, or one that is no number");
    return;
  }
  delta = after - before;
  verdict->effect_abs = delta;
  if (delta == 0) {
    verdict->effect_rel = 0;
    verdict->outcome = KTSTR_UNCHANGED;
    return;
  }
  /* From 0 every change is infinitely large, so there the absolute gate decides. */
  verdict->effect_rel = before == 0 ? copysign(INFINITY, delta) : delta / fabs(before);
  absolute = fabs(delta) >= comparison->abs_gate;
  relative = fabs(verdict->effect_rel) >= comparison->rel_gate;
  if (absolute) verdict->flags |= KTSTR_VERDICT_MATERIAL_ABS;
  if (relative) verdict->flags |= KTSTR_VERDICT_MATERIAL_REL;
  snprintf(verdict->text, sizeof verdict->text, "worst run %.6g -> %.6g", before, after);
  if (!relative || (before == 0 && !absolute)) {
    verdict->outcome = KTSTR_UNCHANGED;
  } else {
    verdict->outcome = (higher_is_better ? delta < 0 : delta > 0) ? KTSTR_REGRESSED : KTSTR_IMPROVED;
  }
}

static ktstr_status evaluate(void* self, const ktstr_comparison* const* in, ktstr_verdict* const* out,
                             uint64_t count, ktstr_error* error) {
  uint64_t i;
  (void)self;
  (void)error;
  for (i = 0; i < count; ++i) judge(in[i], out[i]);
  return KTSTR_OK;
}

static const ktstr_gate_v1 gate = {.size = sizeof gate, .min_samples = 1, .evaluate = evaluate};

static const ktstr_impl impls[] = {{
    .size = sizeof(ktstr_impl),
    .interface_id = KTSTR_GATE_INTERFACE,
    .name = TEXT("worst-case"),
    .summary = TEXT("the worst run of each side against the relative gate"),
    .create = create,
    .destroy = destroy,
    .interface_table = &gate,
}};

static const ktstr_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = KTSTR_ABI_MAJOR,
    .abi_minor = KTSTR_ABI_MINOR,
    .id = TEXT("com.example.gate-worst-case"),
    .version = TEXT(KTSTR_PLUGIN_VERSION), /* of CMakeLists.txt, as in the manifest */
    .vendor = TEXT("Example Inc"),
    .license = TEXT("Apache-2.0"),
    .sdk = TEXT("ktstr-sdk 1.0 (C)"),
    .impl_count = sizeof impls / sizeof impls[0],
    .impl_stride = sizeof(ktstr_impl),
    .impls = impls,
};

const ktstr_plugin* ktstr_plugin_entry_v1(void) { return &plugin; }
