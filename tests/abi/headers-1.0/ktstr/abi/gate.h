/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.gate/1: is it a regression? One call judges all comparisons of an invocation, so that a rule may look
 * at them together (false discovery rate, moderation of variances). A gate is a pure function of its options
 * and its input: the same input gives the same output, bit by bit; no I/O, no clock, no state between calls.
 *
 * When several gates are selected the host combines them: a row is a finding when every gate says so, each in
 * the same direction. Counting findings against --fail-threshold is the host's policy, not a gate's.
 */
#ifndef KTSTR_ABI_GATE_H
#define KTSTR_ABI_GATE_H

#include <ktstr/abi/base.h>

/* Which way is worse. Informational metrics are judged like lower-is-better ones and never gate. */
#define KTSTR_LOWER_IS_BETTER 0u
#define KTSTR_HIGHER_IS_BETTER 1u
#define KTSTR_INFORMATIONAL 2u

/* What kind of number a metric is. */
#define KTSTR_CLASS_RATIO 0u   /* positive, multiplicative noise: latencies, rates; judge logarithms */
#define KTSTR_CLASS_COUNT 1u   /* a count that may be 0 */
#define KTSTR_CLASS_EXACT 2u   /* deterministic: any difference is a change */
#define KTSTR_CLASS_EXTREME 3u /* a maximum: heavy-tailed, shown rather than gated */

/* One side's values in the order in which they were measured; arrays of `count` elements each. `blocks`
 * numbers the block of the run plan, `seeds` the runner's seed: values of both sides with the same block and
 * seed are a pair. `values` are finite: the host drops runs that did not report the metric. `blocks` and
 * `seeds` may be null (no plan known: not paired). */
typedef struct ktstr_samples {
  uint32_t size;
  uint32_t reserved; /* 0 */
  uint64_t count;
  const double* values;
  const uint64_t* blocks;
  const uint64_t* seeds;
} ktstr_samples;

/* Which test the values come from. */
typedef struct ktstr_scenario {
  uint32_t size;
  uint32_t reserved; /* 0 */
  ktstr_str test, topology, scheduler, work_type, kernel;
} ktstr_scenario;

/* What earlier sessions know of a metric's noise. NaN where nothing is known; variances of natural
 * logarithms. */
typedef struct ktstr_history {
  uint32_t size;
  uint32_t reserved;          /* 0 */
  double log_variance;        /* within one side */
  double log_variance_df;     /* its degrees of freedom */
  double paired_log_variance; /* of the logarithms of pairwise ratios */
  double paired_log_variance_df;
  uint64_t sessions;
} ktstr_history;

#define KTSTR_COMPARISON_PAIRED 1u        /* blocks and seeds pair the two sides */
#define KTSTR_COMPARISON_DETERMINISTIC 2u /* measured so that equal inputs give equal values */
#define KTSTR_COMPARISON_CACHED 4u        /* the sides were measured in different sessions */

/* One metric of one scenario on both sides; no pointer is null. */
typedef struct ktstr_comparison {
  uint32_t size;
  uint32_t polarity;     /* KTSTR_LOWER_IS_BETTER … */
  uint32_t metric_class; /* KTSTR_CLASS_* */
  uint32_t flags;        /* KTSTR_COMPARISON_* */
  const ktstr_scenario* scenario;
  ktstr_str metric, unit;
  double abs_gate; /* smallest absolute change that matters, in `unit` */
  double rel_gate; /* smallest relative change that matters; 0.25 is 25 % */
  const ktstr_samples *baseline, *head;
  /* One number per side, folded as the metric asks (mean; for rates the sum of numerators over the sum of
   * denominators). */
  double baseline_estimate, head_estimate;
  const ktstr_history* history;
  double resolution;    /* smallest step the metric can show, 0 when unknown */
  ktstr_str extra_json; /* reserved for the long tail; "{}" in 1.0 */
} ktstr_comparison;

#define KTSTR_UNCHANGED 0u
#define KTSTR_IMPROVED 1u
#define KTSTR_REGRESSED 2u
#define KTSTR_EQUIVALENT 3u   /* shown to be within the gate, not merely not shown to be outside */
#define KTSTR_INCONCLUSIVE 4u /* too few values, no spread, …: `text` says what is missing */

#define KTSTR_VERDICT_SEPARATED_T 1u     /* the t test separates the sides */
#define KTSTR_VERDICT_SEPARATED_BANDS 2u /* min-max bands are disjoint */
#define KTSTR_VERDICT_MATERIAL_ABS 4u    /* the change reaches abs_gate */
#define KTSTR_VERDICT_MATERIAL_REL 8u    /* the change reaches rel_gate */
#define KTSTR_VERDICT_UNDERPOWERED                                    \
  16u /* no value is missing; noise could have hidden a change of the \
         gate's size */

/* Allocated by the host with every number NaN and text empty; a gate fills what it knows. NaN and infinities
 * are legal. */
typedef struct ktstr_verdict {
  uint32_t size;
  uint32_t outcome;              /* KTSTR_UNCHANGED … */
  uint32_t flags;                /* KTSTR_VERDICT_* */
  uint32_t reserved;             /* 0 */
  double effect_abs;             /* head - baseline, in the metric's unit */
  double effect_rel;             /* (head - baseline) / |baseline|; signed */
  double statistic, df;          /* of the test, as its gate documents */
  double p_value, q_value;       /* q: adjusted for all comparisons of the call */
  double ratio, ci_low, ci_high; /* head / baseline and its 95 % interval */
  double mde;         /* smallest relative change this comparison would have shown with 80 % power */
  double false_alarm; /* how probably this gate had called it regressed if nothing had changed, 0 to 1; the
                         host warns when luck alone is enough for a red comparison */
  char text[160];     /* one line for people, NUL-terminated; may be empty */
} ktstr_verdict;

/* Capabilities of a gate. */
#define KTSTR_GATE_EACH_METRIC                                                                               \
  1u                             /* --fail-threshold counts metrics, not the families they belong to, unless \
                                    a gate beside it says KTSTR_GATE_FAMILIES */
#define KTSTR_GATE_FAMILIES 2u   /* --fail-threshold counts families; so it does when no gate says anything */
#define KTSTR_GATE_SIZE_ALONE 4u /* judges by the size of a change alone, whatever the noise */

typedef struct ktstr_gate_v1 {
  uint32_t size;
  uint32_t capabilities; /* KTSTR_GATE_* */
  uint32_t min_samples;  /* values a side below which the verdict can only be KTSTR_INCONCLUSIVE; the host
                            warns early */
  uint32_t reserved;     /* 0 */

  /* Judges `count` comparisons: (*out[i]) is the verdict on (*in[i]). Arrays of pointers, because the structs
   * may grow. Must have a defined answer for no values, one value, no spread, huge and tiny values.
   * [serialised] */
  ktstr_status (*evaluate)(void* self, const ktstr_comparison* const* in, ktstr_verdict* const* out,
                           uint64_t count, ktstr_error* error) KTSTR_NOEXCEPT;
} ktstr_gate_v1;

#endif
