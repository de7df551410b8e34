// SPDX-License-Identifier: Apache-2.0
#include "plugin/wire.hpp"

namespace ktstr {
namespace {

/// The texts of a struct, for both directions: they stand on the wire in the order of these lists.
constexpr ktstr_str ktstr_create_request::*kOfRequest[] = {
    &ktstr_create_request::options,      &ktstr_create_request::project_dir,
    &ktstr_create_request::cache_dir,    &ktstr_create_request::runs_root,
    &ktstr_create_request::override_dir, &ktstr_create_request::archive_dir};
constexpr ktstr_str ktstr_scenario::*kOfScenario[] = {&ktstr_scenario::test, &ktstr_scenario::topology,
                                                      &ktstr_scenario::scheduler, &ktstr_scenario::work_type,
                                                      &ktstr_scenario::kernel};
constexpr ktstr_str ktstr_comparison::*kOfComparison[] = {&ktstr_comparison::metric, &ktstr_comparison::unit,
                                                          &ktstr_comparison::extra_json};
constexpr ktstr_str ktstr_test_entry::*kOfTest[] = {
    &ktstr_test_entry::name,      &ktstr_test_entry::topology, &ktstr_test_entry::scheduler,
    &ktstr_test_entry::work_type, &ktstr_test_entry::manifest, &ktstr_test_entry::test,
    &ktstr_test_entry::program,   &ktstr_test_entry::demands,  &ktstr_test_entry::inputs};
constexpr ktstr_str ktstr_report_row::*kOfRow[] = {&ktstr_report_row::message, &ktstr_report_row::location,
                                                   &ktstr_report_row::extra_json};
constexpr ktstr_str ktstr_report_end::*kOfEnd[] = {&ktstr_report_end::body_json, &ktstr_report_end::body_text,
                                                   &ktstr_report_end::extra_json};

/// A struct as it lies there, its pointers without meaning, and then its texts.
template <typename T, std::size_t kCount>
void put_with_texts(WireOut& out, const T& value, ktstr_str T::*const (&texts)[kCount]) {
  out.raw(value);
  for (const auto text : texts) out.text(value.*text);
}
template <typename T, std::size_t kCount>
T get_with_texts(WireIn& in, ktstr_str T::*const (&texts)[kCount]) {
  T value = in.raw<T>();
  for (const auto text : texts) value.*text = in.str();
  return value;
}

void put_samples(WireOut& out, const ktstr_samples& samples) {
  out.raw(samples);
  out.array(samples.values, samples.count);
  out.array(samples.blocks, samples.count);
  out.array(samples.seeds, samples.count);
}

void put_test(WireOut& out, const ktstr_test_entry& test) { put_with_texts(out, test, kOfTest); }

/// Whether what a pointer leads to follows.
template <typename T>
bool announce(WireOut& out, const T* pointer) {
  out.raw(static_cast<std::uint8_t>(pointer != nullptr));
  return pointer != nullptr;
}

}  // namespace

void put(WireOut& out, const ktstr_create_request& request) { put_with_texts(out, request, kOfRequest); }

void put(WireOut& out, const ktstr_comparison& comparison) {
  put_with_texts(out, comparison, kOfComparison);
  if (announce(out, comparison.scenario)) put_with_texts(out, *comparison.scenario, kOfScenario);
  put_samples(out, *comparison.baseline);
  put_samples(out, *comparison.head);
  out.raw(*comparison.history);
}

void put(WireOut& out, const ktstr_report_begin& begin) {
  out.raw(begin);
  out.text(begin.extra_json);
  for (std::uint64_t i = 0; i < begin.test_count; ++i) put_test(out, *begin.tests[i]);
}

void put(WireOut& out, const ktstr_report_row& row) {
  put_with_texts(out, row, kOfRow);
  if (announce(out, row.comparison)) put(out, *row.comparison);
  if (announce(out, row.verdict)) out.raw(*row.verdict);
  for (std::uint64_t i = 0; i < row.opinion_count; ++i) {
    const ktstr_gate_opinion& opinion = *row.opinions[i];
    out.raw(opinion);
    out.text(opinion.gate);
    if (announce(out, opinion.verdict)) out.raw(*opinion.verdict);
  }
  if (announce(out, row.test)) put_test(out, *row.test);
}

void put(WireOut& out, std::span<const ktstr_report_row* const> rows) {
  out.raw(static_cast<std::uint64_t>(rows.size()));
  for (const ktstr_report_row* row : rows) put(out, *row);
}

void put(WireOut& out, const ktstr_report_end& end) { put_with_texts(out, end, kOfEnd); }

ktstr_create_request Received::create_request(WireIn& in) {
  return get_with_texts<ktstr_create_request>(in, kOfRequest);
}

const ktstr_samples* Received::samples(WireIn& in) {
  ktstr_samples& made = samples_.emplace_back(in.raw<ktstr_samples>());
  std::vector<double>& values = values_.emplace_back();
  std::vector<std::uint64_t>&blocks = counters_.emplace_back(), &seeds = counters_.emplace_back();
  made.values = in.array(values, made.count) ? values.data() : nullptr;
  made.blocks = in.array(blocks, made.count) ? blocks.data() : nullptr;
  made.seeds = in.array(seeds, made.count) ? seeds.data() : nullptr;
  return &made;
}

const ktstr_comparison* Received::comparison(WireIn& in) {
  ktstr_comparison& made = comparisons_.emplace_back(get_with_texts<ktstr_comparison>(in, kOfComparison));
  const bool has_scenario = in.raw<std::uint8_t>() != 0;
  made.scenario =
      has_scenario ? &scenarios_.emplace_back(get_with_texts<ktstr_scenario>(in, kOfScenario)) : nullptr;
  made.baseline = samples(in);
  made.head = samples(in);
  made.history = &histories_.emplace_back(in.raw<ktstr_history>());
  return &made;
}

const ktstr_test_entry* Received::test(WireIn& in) {
  return &tests_.emplace_back(get_with_texts<ktstr_test_entry>(in, kOfTest));
}

const ktstr_verdict* Received::verdict(WireIn& in) {
  return in.raw<std::uint8_t>() == 0 ? nullptr : &verdicts_.emplace_back(in.raw<ktstr_verdict>());
}

const ktstr_report_begin* Received::begin(WireIn& in) {
  ktstr_report_begin& made = begins_.emplace_back(in.raw<ktstr_report_begin>());
  made.extra_json = in.str();
  std::vector<const ktstr_test_entry*>& tests = test_lists_.emplace_back();
  for (std::uint64_t i = 0; i < made.test_count && in.fine(); ++i) tests.push_back(test(in));
  made.tests = tests.data();
  return &made;
}

const ktstr_report_row* Received::row(WireIn& in) {
  ktstr_report_row& made = rows_.emplace_back(get_with_texts<ktstr_report_row>(in, kOfRow));
  made.comparison = in.raw<std::uint8_t>() == 0 ? nullptr : comparison(in);
  made.verdict = verdict(in);
  std::vector<const ktstr_gate_opinion*>& opinions = opinion_lists_.emplace_back();
  for (std::uint64_t i = 0; i < made.opinion_count && in.fine(); ++i) {
    ktstr_gate_opinion& opinion = opinions_.emplace_back(in.raw<ktstr_gate_opinion>());
    opinion.gate = in.str();
    opinion.verdict = verdict(in);
    opinions.push_back(&opinion);
  }
  made.opinions = opinions.data();
  made.test = in.raw<std::uint8_t>() == 0 ? nullptr : test(in);
  return &made;
}

std::vector<const ktstr_report_row*> Received::rows(WireIn& in) {
  std::vector<const ktstr_report_row*> rows;
  for (auto left = in.raw<std::uint64_t>(); left > 0 && in.fine(); --left) rows.push_back(row(in));
  return rows;
}

const ktstr_report_end* Received::end(WireIn& in) {
  return &ends_.emplace_back(get_with_texts<ktstr_report_end>(in, kOfEnd));
}

}  // namespace ktstr
