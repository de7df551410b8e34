// SPDX-License-Identifier: Apache-2.0
#include "runner/request.hpp"

#include <ktstr/kit/json_reader.hpp>

namespace ktstr::kvm {
namespace {

/// The member when it is there and not null.
std::optional<Located> member(const Located& object, std::string_view key) {
  const json::value* found = object.value->get_object().if_contains(key);
  if (found == nullptr || found->is_null()) return std::nullopt;
  return Located{found, object.place + ": " + std::string(key)};
}

std::filesystem::path absolute_path(const Located& located) {
  const std::string text = located.text(4096);
  if (!text.starts_with('/') || text.find('\0') != std::string::npos)
    wrong(located.place, "an absolute path", *located.value);
  return text;
}

}  // namespace

namespace {

ShellWish parse_shell(const Located& located) {
  if (!located.value->is_object()) wrong(located.place, "an object", *located.value);
  ShellWish wish;
  if (const auto found = member(located, "test")) wish.test = found->text(4096);
  if (const auto found = member(located, "topology")) wish.topology = found->text(256);
  if (const auto found = member(located, "command")) wish.command = found->text(1U << 16U);
  if (const auto found = member(located, "gdb")) wish.gdb = found->boolean();
  if (const auto found = member(located, "dry_run")) wish.dry_run = found->boolean();
  if (const auto found = member(located, "as_test")) wish.as_test = found->boolean();
  return wish;
}

}  // namespace

RunnerRequest parse_request(std::string_view text) {
  const std::string document = "request to the runner";
  const json::value parsed = kit::read_json(text, document, kit::for_people());
  const Located top{&parsed, document};
  if (!parsed.is_object()) wrong(document, "an object", parsed);
  RunnerRequest request;
  if (const auto found = member(top, "project_dir")) request.project_dir = absolute_path(*found);
  if (const auto found = member(top, "cache_dir")) request.cache_dir = absolute_path(*found);
  if (const auto found = member(top, "manifests")) {
    for (const Located& item : found->items(0, 10'000)) request.manifests.push_back(absolute_path(item));
  }
  if (const auto found = member(top, "tests")) {
    for (const Located& item : found->items(0, 100'000)) request.tests.push_back(item.text(4096));
  }
  if (const auto found = member(top, "kernel")) {
    if (!found->value->is_object()) wrong(found->place, "an object", *found->value);
    KernelChoice kernel;
    const auto image = member(*found, "image");
    if (!image) refuse(found->place, "\"image\" is missing");
    kernel.image = absolute_path(*image);
    if (const auto config = member(*found, "config")) kernel.config = absolute_path(*config);
    if (const auto version = member(*found, "version")) kernel.version = version->text(256);
    if (const auto release = member(*found, "release")) kernel.release = release->text(256);
    request.kernel = std::move(kernel);
  }
  if (const auto found = member(top, "performance_only")) request.performance_only = found->boolean();
  if (const auto found = member(top, "deterministic")) request.deterministic = found->boolean();
  if (const auto found = member(top, "cold")) request.cold = found->boolean();
  if (const auto found = member(top, "trace")) request.trace = found->boolean();
  if (const auto found = member(top, "cost")) request.cost = found->boolean();
  if (const auto found = member(top, "seed")) request.seed = found->integer(0, UINT64_MAX);
  if (const auto found = member(top, "jobs")) request.jobs = found->integer(0, 4096);
  if (const auto found = member(top, "shell")) request.shell = parse_shell(*found);
  if (const auto found = member(top, "schedulers")) {
    for (const Located& item : found->items(0, 1000)) request.schedulers.push_back(item.text(4096));
  }
  return request;
}

}  // namespace ktstr::kvm
