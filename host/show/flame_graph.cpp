// SPDX-License-Identifier: Apache-2.0
#include "show/flame_graph.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <memory>
#include <optional>

namespace ktstr {
namespace {

constexpr double kWidth = 1400, kRow = 17, kMargin = 10, kNarrowest = 0.3, kLetter = 6.6;
constexpr std::size_t kDeepest = 256;

struct Tower {
  std::uint64_t total = 0;
  std::map<std::string, std::unique_ptr<Tower>, std::less<>> on_top;
};

/// Stack and number of a line.
std::optional<std::pair<std::string_view, std::uint64_t>> parts_of(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  std::uint64_t count = 0;
  const char* end = line.data() + line.size();
  const auto [at, failed] = std::from_chars(line.data() + space + 1, end, count);
  if (failed != std::errc{} || at != end || count == 0 || count > UINT64_MAX / 1'000'000) return std::nullopt;
  return std::pair(line.substr(0, space), count);
}

void add(Tower& root, std::string_view stack, std::uint64_t count) {
  Tower* at = &root;
  at->total += count;
  for (std::size_t depth = 0; !stack.empty() && depth < kDeepest; ++depth) {
    const std::size_t end = std::min(stack.find(';'), stack.size());
    auto& next = at->on_top[std::string(stack.substr(0, end))];
    if (!next) next = std::make_unique<Tower>();
    at = next.get();
    at->total += count;
    stack.remove_prefix(std::min(end + 1, stack.size()));
  }
}

std::size_t height_of(const Tower& tower, double scale) {
  std::size_t height = 0;
  for (const auto& [name, next] : tower.on_top) {
    if (static_cast<double>(next->total) * scale >= kNarrowest)
      height = std::max(height, height_of(*next, scale));
  }
  return height + 1;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// The same for a name everywhere; the scheduler's own code in other colours than the kernel's.
std::string colour_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  const bool bpf = name.starts_with("bpf "), operation = name.starts_with("sched_ext ");
  const unsigned hue = (operation ? 200 : bpf ? 110 : 15) + hash % 35;
  return "hsl(" + std::to_string(hue) + "," + std::to_string(60 + hash / 64 % 25) + "%,68%)";
}

class Drawing {
 public:
  Drawing(double scale, double bottom, std::uint64_t whole) : scale_(scale), bottom_(bottom), whole_(whole) {}

  void draw(std::string_view name, const Tower& tower, double x, std::size_t level) {
    const double width = static_cast<double>(tower.total) * scale_;
    const double y = bottom_ - kRow * static_cast<double>(level + 1);
    const std::string shown = escaped(name);
    out_ += "<g><title>" + shown + ": " + std::to_string(tower.total) + " instructions, " +
            fixed(static_cast<double>(tower.total) * 100 / static_cast<double>(whole_), 2) +
            " %</title><rect x=\"" + fixed(x, 2) + "\" y=\"" + fixed(y, 1) + "\" width=\"" + fixed(width, 2) +
            "\" height=\"" + fixed(kRow - 1, 1) + "\" fill=\"" + colour_of(name) + "\"/>";
    if (const auto room = static_cast<std::size_t>(std::max(width - 4, 0.0) / kLetter); room >= 3) {
      const std::string label = name.size() <= room ? shown : escaped(printable_start(name, room - 2)) + "..";
      out_ += "<text x=\"" + fixed(x + 3, 2) + "\" y=\"" + fixed(y + kRow - 5, 1) + "\">" + label + "</text>";
    }
    out_ += "</g>\n";
    for (const auto& [above, next] : tower.on_top) {
      const double its = static_cast<double>(next->total) * scale_;
      if (its >= kNarrowest) draw(above, *next, x, level + 1);
      x += its;
    }
  }

  std::string out_;

 private:
  double scale_, bottom_;
  std::uint64_t whole_;
};

}  // namespace

std::string flame_graph(std::string_view folded, std::string_view title) {
  Tower root;
  while (!folded.empty()) {
    const std::size_t end = std::min(folded.find('\n'), folded.size());
    if (const auto parts = parts_of(folded.substr(0, end))) add(root, parts->first, parts->second);
    folded.remove_prefix(std::min(end + 1, folded.size()));
  }
  const std::uint64_t whole = std::max<std::uint64_t>(root.total, 1);
  const double scale = (kWidth - 2 * kMargin) / static_cast<double>(whole);
  const double height = kRow * static_cast<double>(height_of(root, scale) + 2) + 2 * kMargin;
  Drawing drawing(scale, height - kMargin, whole);
  drawing.draw("all", root, kMargin, 0);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
         fixed(kWidth, 0) + "\" height=\"" + fixed(height, 0) + "\" viewBox=\"0 0 " + fixed(kWidth, 0) + " " +
         fixed(height, 0) +
         "\">\n<style>text{font:11px monospace;pointer-events:none}rect{stroke:white;stroke-width:0.3}"
         "g:hover rect{stroke:black}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text "
         "x=\"" +
         fixed(kMargin, 0) + "\" y=\"" + fixed(kMargin + 10, 0) + "\">" + escaped(title) + "</text>\n" +
         drawing.out_ + "</svg>\n";
}

}  // namespace ktstr
