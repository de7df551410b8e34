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

static ktstr_status fail(ktstr_error* error, ktstr_status status, const char* message, const char* hint) {
  if (error != NULL && KTSTR_HAS(ktstr_error, error, hint)) {
    error->code = status;
    snprintf(error->message, sizeof error->message, "%s", message);
    snprintf(error->hint, sizeof error->hint, "%s", hint);
  }
  return status;
}

static uint64_t skip_space(ktstr_str text, uint64_t at) {
  while (at < text.len &&
         (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\r' || text.ptr[at] == '\n'))
    ++at;
  return at;
}

/* The only options that a gate without options takes are "{}". What comes is a JSON object, so its first
 * string is a key. */
static ktstr_status check_options(ktstr_str options, ktstr_error* error) {
  const char* const hint = "the gate worst-case has no options";
  char message[128];
  uint64_t at = skip_space(options, 0), end;
  if (at == options.len || options.ptr[at] != '{')
    return fail(error, KTSTR_INVALID_ARGUMENT, "gate worst-case: options must be a JSON object", hint);
  at = skip_space(options, at + 1);
  if (at < options.len && options.ptr[at] == '}' && skip_space(options, at + 1) == options.len)
    return KTSTR_OK;
  if (at == options.len || options.ptr[at] != '"')
    return fail(error, KTSTR_INVALID_ARGUMENT, "gate worst-case: options must be a JSON object", hint);
  for (end = ++at; end < options.len && end - at < 60 && options.ptr[end] != '"';) ++end;
  snprintf(message, sizeof message, "gate worst-case: unknown option \"%.*s\"", (int)(end - at),
           options.ptr + at);
  return fail(error, KTSTR_INVALID_ARGUMENT, message, hint);
}

/* An instance needs an address that is not null, and nothing behind it. */
static char the_instance;

static ktstr_status create(const ktstr_host* host, ktstr_str options, void** self, ktstr_error* error) {
  const ktstr_status status = check_options(options, error);
  (void)host;
  if (status == KTSTR_OK) *self = &the_instance;
  return status;
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
  if (!worst_of(&comparison->baseline, higher_is_better, &before) ||
      !worst_of(&comparison->head, higher_is_better, &after)) {
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
