// SPDX-License-Identifier: Apache-2.0
#include "index/pool_index.hpp"

#include <sqlite3.h>
#include <unistd.h>
#include <xxhash.h>

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <set>

#include "sidecar/field.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

// To be raised when the tables, the packing or what makes a file a sidecar change; the head's fields come in
// by themselves.
constexpr std::uint32_t kOwnFormat = 4;
const int kFormat = static_cast<int>((head_format() ^ kOwnFormat) & 0x7fffffff);

template <typename Pack, typename File>
void each_field_of_file(Pack& pack, File& file) {
  pack.next_row();
  (pack(file.entry.name), pack(file.entry.bytes), pack(file.entry.mtime_ns), pack(file.entry.stamp),
   pack(file.problem));
  each_head_field(file.head, [&](auto& field) { pack(field); });
}

std::int64_t checksum(std::string_view bytes) {
  return static_cast<std::int64_t>(::XXH64(bytes.data(), bytes.size(), kFormat));
}

bool by_name(const IndexedFile& a, const IndexedFile& b) { return a.entry.name < b.entry.name; }

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : error_(::sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr)) {}
  ~Statement() { ::sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) {
    expect_parameter();
    ::sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  /// The text is borrowed until the statement ends.
  Statement& bind(std::string_view text, bool blob = false) {
    expect_parameter();
    ++bound_;
    blob ? ::sqlite3_bind_blob64(statement_, bound_, text.data(), text.size(), SQLITE_STATIC)
         : ::sqlite3_bind_text64(statement_, bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  /// True for a row; else `error` is SQLITE_DONE or what went wrong.
  bool step() {
    if (error_ == SQLITE_OK || error_ == SQLITE_ROW) error_ = ::sqlite3_step(statement_);
    return error_ == SQLITE_ROW;
  }
  int error() const { return error_; }
  std::int64_t number(int column) const {
    expect_column(column);
    return ::sqlite3_column_int64(statement_, column);
  }
  std::string_view bytes(int column) const {
    expect_column(column);
    const void* data = ::sqlite3_column_blob(statement_, column);
    return data == nullptr
               ? std::string_view{}
               : std::string_view(static_cast<const char*>(data),
                                  static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column)));
  }

 private:
  void expect_parameter() const {  // a statement that could not be prepared has none, and takes any
    KTSTR_ASSERT(statement_ == nullptr || bound_ < ::sqlite3_bind_parameter_count(statement_));
  }
  void expect_column(int column) const {
    KTSTR_ASSERT(error_ == SQLITE_ROW && column < ::sqlite3_data_count(statement_));
  }

  sqlite3_stmt* statement_ = nullptr;
  int error_;
  int bound_ = 0;
};

int run_sql(sqlite3* db, const char* sql) { return ::sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

}  // namespace

std::vector<fs::path> index_places(const fs::path& beside, const fs::path& cache_dir,
                                   const std::string& store) {
  if (!beside.empty() && ::access(beside.c_str(), W_OK | X_OK) == 0) return {beside / ".index.sqlite"};
  if (!make_directories(cache_dir / "index")) return {};
  return {cache_dir / "index" / (kit::hex64(checksum(store)) + ".sqlite")};
}

void ListingSum::add(const SidecarEntry& entry) {
  (packed_(entry.name), packed_(entry.bytes), packed_(entry.mtime_ns), packed_(entry.stamp));
}

std::uint64_t ListingSum::value() const { return static_cast<std::uint64_t>(checksum(packed_.bytes())); }

RunFacts facts_of(const std::vector<IndexedFile>& files) {
  RunFacts facts;
  std::set<std::string> commits;
  for (const IndexedFile& file : files) {
    if (!file.problem.empty()) {
      ++facts.problems;
      continue;
    }
    ++facts.tests;
    if (!file.head.timestamp.empty() && (facts.date.empty() || file.head.timestamp < facts.date))
      facts.date = file.head.timestamp;
    if (facts.arch.empty()) facts.arch = file.head.arch;
    commits.insert(file.head.project_commit);
  }
  KTSTR_ASSERT(facts.tests + facts.problems == files.size() && commits.size() <= facts.tests);
  facts.commits.assign(commits.begin(), commits.end());
  return facts;
}

class PoolIndex::Database {
 public:
  static std::unique_ptr<Database> open(const fs::path& place) {
    auto opened = std::unique_ptr<Database>(new Database(place));
    int error = opened->prepare();
    if (error == SQLITE_CORRUPT || error == SQLITE_NOTADB) {  // it is only an index
      opened->remove();
      opened.reset(new Database(place));
      error = opened->prepare();
    }
    return error == SQLITE_OK ? std::move(opened) : nullptr;
  }
  ~Database() { ::sqlite3_close_v2(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  sqlite3* get() const { return db_; }
  void remove() {
    ::sqlite3_close_v2(db_);
    db_ = nullptr;
    for (const char* suffix : {"", "-journal"}) {
      std::error_code ignored;
      fs::remove(place_.string() + suffix, ignored);
    }
  }

 private:
  explicit Database(const fs::path& place) : place_(place) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    open_error_ = ::sqlite3_open_v2(place.c_str(), &db_, flags, nullptr);
  }

  int prepare() {
    if (open_error_ != SQLITE_OK) return open_error_;
    if (::sqlite3_db_readonly(db_, "main") != 0) return SQLITE_READONLY;
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    ::sqlite3_busy_timeout(db_, 200);
    // Nothing in here is worth an fsync: what a power cut damages is found out by checksums and read from the
    // sidecars again. A rollback journal, because pages of new runs then are written once, and not to a log
    // before.
    int error = run_sql(db_, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF");
    if (error != SQLITE_OK) return error;
    {
      Statement version(db_, "PRAGMA user_version");
      if (!version.step()) return version.error();
      if (version.number(0) == kFormat) return SQLITE_OK;
    }
    const std::string fresh =
        "BEGIN IMMEDIATE; DROP TABLE IF EXISTS runs;"
        "CREATE TABLE runs(key TEXT PRIMARY KEY, stamp INTEGER, listing INTEGER, facts_sum INTEGER, facts "
        "BLOB, files_sum INTEGER, files BLOB);"
        "PRAGMA user_version=" +
        std::to_string(kFormat) + "; COMMIT";
    error = run_sql(db_, fresh.c_str());
    if (error != SQLITE_OK) run_sql(db_, "ROLLBACK");
    return error;
  }

  fs::path place_;
  sqlite3* db_ = nullptr;
  int open_error_ = SQLITE_OK;
};

PoolIndex::PoolIndex(const std::vector<fs::path>& places) {
  for (const fs::path& place : places) {
    if (database_ == nullptr) database_ = Database::open(place);
  }
}

PoolIndex::~PoolIndex() = default;

/// A damaged file goes, so that the next run starts afresh; anything else just ends the remembering.
void PoolIndex::lose(int error) {
  KTSTR_ASSERT(database_ != nullptr && error != SQLITE_OK);
  if (error == SQLITE_CORRUPT || error == SQLITE_NOTADB) database_->remove();
  database_.reset();
  writing_ = false;
}

std::map<std::string, IndexedRun, std::less<>> PoolIndex::runs() {
  std::map<std::string, IndexedRun, std::less<>> known;
  if (!database_) return known;
  int error = SQLITE_DONE;
  {
    Statement rows(database_->get(), "SELECT key, stamp, listing, facts_sum, facts FROM runs");
    while (rows.step()) {
      const std::string_view packed = rows.bytes(4);
      IndexedRun run{
          static_cast<std::uint64_t>(rows.number(1)), static_cast<std::uint64_t>(rows.number(2)), {}};
      Unpacker unpack(packed);
      std::uint64_t commits = 0;
      (unpack(run.facts.tests), unpack(run.facts.problems), unpack(run.facts.date), unpack(run.facts.arch),
       unpack(commits));
      for (; commits > 0 && unpack.good(); --commits) unpack(run.facts.commits.emplace_back());
      if (unpack.good() && rows.number(3) == checksum(packed)) known.emplace(rows.bytes(0), std::move(run));
    }
    error = rows.error();
  }
  if (error != SQLITE_DONE) lose(error);
  return known;
}

std::vector<IndexedFile> PoolIndex::files(const std::string& run_key) {
  std::vector<IndexedFile> files;
  if (!database_) return files;
  int error = SQLITE_OK;
  {
    Statement row(database_->get(), "SELECT files_sum, files FROM runs WHERE key = ?");
    row.bind(run_key);
    if (row.step() && row.number(0) == checksum(row.bytes(1))) {
      RepeatUnpacker unpack(row.bytes(1));
      while (!unpack.at_end() && unpack.good()) {
        IndexedFile& file = files.emplace_back();
        each_field_of_file(unpack, file);
        file.head.kernel = kernel_id(file.head.kernel_version, file.head.kernel_label);
      }
      if (!unpack.good()) files.clear();
    }
    error = row.error();
  }
  if (error != SQLITE_DONE && error != SQLITE_ROW) lose(error);
  return files;
}

bool PoolIndex::begin_writing() {
  if (!writing_ && database_) {
    const int error = run_sql(database_->get(), "BEGIN IMMEDIATE");
    if (error != SQLITE_OK) lose(error);  // somebody else is writing: what they find is as good
    writing_ = database_ != nullptr;
  }
  KTSTR_ASSERT(!writing_ || database_ != nullptr);
  return writing_;
}

void PoolIndex::put(const std::string& run_key, std::uint64_t stamp, const std::vector<IndexedFile>& files) {
  if (!begin_writing()) return;
  KTSTR_ASSERT(std::is_sorted(files.begin(), files.end(), by_name));
  const RunFacts facts = facts_of(files);
  RepeatPacker packed_files;
  Packer packed_facts;
  ListingSum listing;
  for (const IndexedFile& file : files) {
    each_field_of_file(packed_files, file);
    listing.add(file.entry);
  }
  (packed_facts(facts.tests), packed_facts(facts.problems), packed_facts(facts.date),
   packed_facts(facts.arch), packed_facts(std::uint64_t{facts.commits.size()}));
  for (const std::string& commit : facts.commits) packed_facts(commit);
  KTSTR_ASSERT(writing_ && database_ != nullptr);
  int error = SQLITE_OK;
  {
    Statement insert(database_->get(), "INSERT OR REPLACE INTO runs VALUES(?, ?, ?, ?, ?, ?, ?)");
    insert.bind(run_key)
        .bind(static_cast<std::int64_t>(stamp))
        .bind(static_cast<std::int64_t>(listing.value()));
    insert.bind(checksum(packed_facts.bytes())).bind(packed_facts.bytes(), true);
    insert.bind(checksum(packed_files.bytes())).bind(packed_files.bytes(), true).step();
    error = insert.error();
  }
  if (error != SQLITE_DONE) lose(error);
}

void PoolIndex::forget(const std::string& run_key) {
  if (!begin_writing()) return;
  int error = SQLITE_OK;
  {
    Statement drop(database_->get(), "DELETE FROM runs WHERE key = ?");
    drop.bind(run_key).step();
    error = drop.error();
  }
  if (error != SQLITE_DONE) lose(error);
}

void PoolIndex::save() {
  if (!writing_ || !database_) return;
  writing_ = false;
  if (const int error = run_sql(database_->get(), "COMMIT"); error != SQLITE_OK) lose(error);
}

}  // namespace ktstr
