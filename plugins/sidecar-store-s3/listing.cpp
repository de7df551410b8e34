// SPDX-License-Identifier: Apache-2.0
#include "listing.hpp"

#include <charconv>
#include <chrono>
#include <cstring>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/utf8.hpp>
#include <optional>
#include <pugixml.hpp>

namespace ktstr::s3_store {
namespace {

constexpr std::size_t kMostObjects = 1000;  // a page has no more, whoever asked
constexpr std::size_t kLongestKey = 1024;
constexpr std::size_t kLongestToken = 16 << 10;
constexpr std::size_t kLongestWords = 300;

/// pugixml knows no entities but the five and reads no DTD, so nothing grows and nothing is fetched.
bool load(pugi::xml_document& document, std::string_view xml) {
  return static_cast<bool>(
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8));
}

/// Servers differ in whether they say a namespace prefix.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
}

std::string_view child_text(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node& child : parent.children()) {
    if (local_name(child) == name) return child.text().get();
  }
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned byte = 0;
      if (i + 2 >= text.size()) return std::nullopt;
      const char* end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr != end) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return out;
}

[[noreturn]] void no_page(const std::string& why) {
  throw sdk::Error(KTSTR_IO, "the server's listing cannot be read: " + why,
                   "is that an S3 server? see AWS_ENDPOINT_URL_S3");
}

ListedObject object_of(const pugi::xml_node& node) {
  ListedObject object;
  const auto key = percent_decoded(child_text(node, "Key"));
  if (!key || key->empty() || key->size() > kLongestKey) no_page("an object has no usable key");
  object.key = *key;
  object.etag = std::string(child_text(node, "ETag").substr(0, kLongestWords));
  const std::string_view size = child_text(node, "Size");
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), object.bytes);
  if (error != std::errc() || end != size.data() + size.size()) no_page("an object has no size");
  object.mtime_ns = parse_date_ns(child_text(node, "LastModified"));
  return object;
}

}  // namespace

ListPage parse_list_page(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) no_page("it is no XML");
  const pugi::xml_node root = document.document_element();
  if (local_name(root) != "ListBucketResult") no_page("it is no ListBucketResult");
  ListPage page;
  for (const pugi::xml_node& node : root.children()) {
    if (local_name(node) != "Contents") continue;
    if (page.objects.size() == kMostObjects) no_page("it has more objects than a page may have");
    page.objects.push_back(object_of(node));
  }
  if (child_text(root, "IsTruncated") != "true") return page;
  page.next = std::string(child_text(root, "NextContinuationToken"));
  if (page.next.empty() || page.next.size() > kLongestToken)
    no_page("it says that there is more, and not where");
  return page;
}

ServerError parse_server_error(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) return {};
  const pugi::xml_node root = document.document_element();
  if (local_name(root) != "Error") return {};
  return {printable_start(child_text(root, "Code"), kLongestWords),
          printable_start(child_text(root, "Message"), kLongestWords),
          printable_start(child_text(root, "Region"), kLongestWords)};
}

std::string element_text(std::string_view xml, const char* name) {
  pugi::xml_document document;
  if (!load(document, xml)) return {};
  // Without recursion, however deep somebody made it.
  pugi::xml_node node = document.document_element();
  while (node) {
    if (local_name(node) == name) return node.text().get();
    if (node.first_child()) {
      node = node.first_child();
      continue;
    }
    while (node && !node.next_sibling()) node = node.parent();
    if (node) node = node.next_sibling();
  }
  return {};
}

std::int64_t parse_date_ns(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const auto number = [&](std::size_t at, std::size_t digits, auto& value) {
    if (at + digits > text.size()) return false;
    const char* end = text.data() + at + digits;
    return std::from_chars(text.data() + at, end, value).ptr == end;
  };
  const bool fields = number(0, 4, year) && number(5, 2, month) && number(8, 2, day) && number(11, 2, hour) &&
                      number(14, 2, minute) && number(17, 2, second);
  if (!fields || text.back() != 'Z' || text[4] != '-' || text[10] != 'T') return 0;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60) return 0;
  std::int64_t nanoseconds = 0, unit = 100'000'000;
  if (text.size() > 20 && text[19] == '.') {
    for (std::size_t i = 20; i + 1 < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return 0;
      nanoseconds += unit * (text[i] - '0');
      unit /= 10;
    }
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return (std::chrono::duration_cast<std::chrono::seconds>(days).count() + hour * 3600 + minute * 60 +
          second) *
             1'000'000'000 +
         nanoseconds;
}

}  // namespace ktstr::s3_store
