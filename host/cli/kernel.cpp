// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/log.hpp"
#include "support/table.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace {

struct KernelFlags {
  bool json = false, print_path = false, if_missing = false;
  std::string name, what;
};

json::object as_json(const Kernel& kernel) {
  return {{"name", kernel.name},
          {"version", kernel.version},
          {"release", kernel.release},
          {"sched_ext", kernel.sched_ext ? json::value(*kernel.sched_ext) : json::value(nullptr)},
          {"source", kernel.source},
          {"image", kernel.image.string()},
          {"config", kernel.config.empty() ? json::value(nullptr) : json::value(kernel.config.string())},
          {"missing_options", kernel.missing
                                  ? json::value(json::array(kernel.missing->begin(), kernel.missing->end()))
                                  : json::value(nullptr)},
          {"problem", kernel.problem.empty() ? json::value(nullptr) : json::value(kernel.problem)}};
}

/// What tests will miss in it, or that nobody can tell.
void tell_options(const Kernel& kernel) {
  if (!kernel.missing)
    return log_inform(
        "its configuration is not known: no config file lies beside it, and none is inside; its options were "
        "not checked");
  if (!kernel.missing->empty()) log_warn("built without what tests need: " + join(*kernel.missing, ", "));
}

ExitCode show(const Kernel& kernel, const KernelFlags& flags, const std::string& done) {
  if (!flags.print_path) tell_options(kernel);
  if (flags.json) return print_out(to_text(document("kernel", as_json(kernel))) + "\n");
  if (flags.print_path) return print_out(kernel.image.string() + "\n");
  return print_out(done + " " + printable(kernel.name) + " (" + printable(kernel.release) +
                   (kernel.sched_ext && *kernel.sched_ext ? ", sched_ext" : "") + ")\n");
}

std::string lacks(const Kernel& kernel) {
  if (!kernel.missing || kernel.missing->empty()) return {};
  std::vector<std::string> names;
  for (const std::string& option : *kernel.missing)
    names.push_back(printable(option.substr(0, option.find(' '))));
  return "; lacks " + join(names, ", ");
}

Result<ExitCode> list_kernels(const KernelCatalogue& kernels, const KernelFlags& flags) {
  const auto found = kernels.list();
  if (!found) return found.error();
  if (flags.json) {
    json::array rows;
    for (const Kernel& kernel : *found) rows.push_back(as_json(kernel));
    return print_out(to_text(document("kernel-list", {{"kernels", std::move(rows)}})) + "\n");
  }
  if (found->empty()) {
    log_inform("no kernels are cached; get one with: ktstr kernel fetch 6.18");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{"NAME", "VERSION", "SCHED_EXT", "SOURCE"}};
  for (const Kernel& kernel : *found) {
    table.push_back({printable(kernel.name), kernel.version.empty() ? "-" : printable(kernel.version),
                     kernel.sched_ext ? (*kernel.sched_ext ? "yes" : "no") : "?",
                     kernel.problem.empty() ? printable(kernel.source) + lacks(kernel)
                                            : "damaged: " + printable(kernel.problem)});
  }
  return print_out(text_table(table));
}

template <typename Work>
void on_kernels(CLI::App* command, CommandAction& chosen, Work work) {
  command->callback([work, &chosen] {
    chosen = [work](Session& session) {
      const auto config = session.config();
      if (!config) return report(config.error());
      const KernelCatalogue kernels((*config)->cache_dir, Session::cancelled());
      const Result<ExitCode> code = [&] {
        if constexpr (std::is_invocable_v<Work, const KernelCatalogue&, Session&>)
          return work(kernels, session);
        else
          return work(kernels);
      }();
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace

void define_kernel_list(CLI::App* listing, CommandAction& chosen) {
  auto flags = std::make_shared<KernelFlags>();
  add_json_flag(*listing, flags->json);
  on_kernels(listing, chosen,
             [flags](const KernelCatalogue& kernels) { return list_kernels(kernels, *flags); });
}

void define_kernel_add(CLI::App* add, CommandAction& chosen) {
  auto flags = std::make_shared<KernelFlags>();
  add->add_option("path", flags->what, "bzImage, vmlinux or the top of a built kernel tree")
      ->required()
      ->type_name("PATH");
  add->add_option("--name", flags->name, "its name in the cache (default: its release)")->type_name("NAME");
  add_json_flag(*add, flags->json);
  on_kernels(add, chosen, [flags](const KernelCatalogue& kernels) -> Result<ExitCode> {
    const auto added = kernels.add(flags->what, flags->name);
    if (!added) return added.error();
    return show(*added, *flags, "added");
  });
}

void define_kernel_fetch(CLI::App* fetch, CommandAction& chosen) {
  auto flags = std::make_shared<KernelFlags>();
  fetch->add_option("version", flags->what, "6.18 is the newest 6.18.x")->required()->type_name("VERSION");
  add_json_flag(*fetch, flags->json);
  fetch->add_flag("--print-path", flags->print_path, "print the image's path only");
  fetch->add_flag("--if-missing", flags->if_missing, "be content with a cached kernel of that version");
  on_kernels(fetch, chosen, [flags](const KernelCatalogue& kernels, Session& session) -> Result<ExitCode> {
    if (flags->if_missing && looks_like_version(flags->what)) {
      if (const auto cached = kernels.find(flags->what)) return show(*cached, *flags, "have");
    }
    const Terminal& terminal = session.terminal();
    const Wait wait(terminal.err_is_terminal, terminal.width, (**session.config()).cache_dir,
                    "getting the kernel " + printable(flags->what) + " from Debian", "kernel from Debian");
    const auto fetched = kernels.fetch(flags->what, log_inform);
    if (!fetched) return fetched.error();
    wait.done();
    return show(*fetched, *flags, "fetched");
  });
}

void define_kernel_remove(CLI::App* remove, CommandAction& chosen) {
  auto flags = std::make_shared<KernelFlags>();
  remove->add_option("name", flags->what, "as ktstr kernel list prints it")->required()->type_name("NAME");
  on_kernels(remove, chosen, [flags](const KernelCatalogue& kernels) -> Result<ExitCode> {
    const auto removed = kernels.remove(flags->what);
    if (!removed) return removed.error();
    return print_out("removed " + printable(removed->name) + "\n");
  });
}

}  // namespace ktstr
