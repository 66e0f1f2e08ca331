// SPDX-License-Identifier: BSL-1.0
//
// state_export.test: a tool sees the states that a start would use, of the types that they have, and touches nothing.

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/state_export.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <boost/serialization/version.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace state_export_test {

/// The same state in an older and a newer program.
struct hits_0 {
    std::int64_t count = 0;
    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count;
    }
};
struct hits_1 {
    std::int64_t count = 0;
    std::int64_t largest = -1;
    template <typename Archive>
    void serialize(Archive& archive, unsigned version)
    {
        archive & count;
        if (version >= 1)
            archive & largest;
    }
};
/// Not what was saved, though its version says so.
struct hits_otherwise {
    std::string count;
    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count;
    }
};

} // namespace state_export_test
BOOST_CLASS_VERSION(state_export_test::hits_1, 1)

namespace {

using namespace tidemark;
using namespace state_export_test;
using Catch::Matchers::Contains;
using journal_cases::options;

using entry = std::tuple<std::string, std::int64_t, std::int64_t>; // key, state, last update
using entries = std::set<entry>;

template <typename State>
group_image group_of(std::uint32_t number, std::vector<std::tuple<std::string, State, std::int64_t>> const& all)
{
    output_archive out;
    for (auto const& [key, state, updated] : all)
        out << key << state << updated;
    return {number, all.size(), {out.bytes().begin(), out.bytes().end()}};
}

/// After batch `n` the key "a" has the state n, and "b" n * 10; the last updates were in batches n and n - 1.
commit_record commit_of(std::int64_t n)
{
    commit_record record;
    record.time = batch_time(n);
    record.batch_ms = 1;
    record.settings["key_groups"] = to_bytes(std::uint64_t{4});
    record.stages.push_back({"counts",
                             "map_with_state",
                             "string",
                             "int64",
                             1,
                             {group_of<std::int64_t>(0, {{"a", n, n}}),
                              group_of<std::int64_t>(3, {{"b", n * 10, n - 1}}),
                              {4, 1, to_bytes(true)}}});
    record.stages.push_back({"hits",
                             "update_state_by_key",
                             "string",
                             "class(version 0)",
                             1,
                             {group_of<hits_0>(1, {{"a", hits_0{200}, 1}}), {4, 1, to_bytes(true)}}});
    record.stages.push_back({"last minute", "window", "", "int64", 2, {}});
    return record;
}

memory_storage some_checkpoint()
{
    memory_storage files;
    auto log = journal::open(files, options()).log;
    for (std::int64_t batch = 1; batch <= 3; ++batch)
        (void)log.commit(commit_of(batch));
    return files;
}

entries expected_after(std::int64_t n) { return {{"a", n, n}, {"b", n * 10, n - 1}}; }

template <typename Storage>
std::pair<exported_stage, entries> counts_in(Storage const& files, std::optional<batch_time> commit = std::nullopt)
{
    entries found;
    auto const about = for_each_state<std::string, std::int64_t>(
        files, "counts",
        [&](std::string key, std::int64_t state, batch_time updated) {
            CHECK(found.emplace(std::move(key), state, updated.count()).second);
        },
        commit);
    return {about, found};
}

/// What is thrown when the states of `stage` are asked for as these types.
template <typename Error, typename Key, typename State>
std::string refusal(memory_storage const& files, std::string_view stage)
{
    try {
        (void)for_each_state<Key, State>(files, stage, [](Key const&, State const&) { FAIL("a state was given"); });
    } catch (Error const& problem) {
        return problem.what();
    }
    FAIL("nothing was thrown");
    return "";
}

auto const ignore_states = [](auto const&...) {};

} // namespace

TEST_CASE("every key, state and time of the newest commit is given once", "[checkpoint][state_export]")
{
    auto const [about, found] = counts_in(some_checkpoint());
    CHECK(found == expected_after(3));
    CHECK(about.stage == "counts");
    CHECK(about.kind == "map_with_state");
    CHECK(about.time == batch_time(3));
    CHECK(about.states == 2);
    CHECK(about.notes.empty());
}

TEST_CASE("a commit can be chosen by its batch", "[checkpoint][state_export]")
{
    auto const files = some_checkpoint();
    auto const [about, found] = counts_in(files, batch_time(2));
    CHECK(found == expected_after(2));
    CHECK(about.time == batch_time(2));
    CHECK_THROWS_WITH(counts_in(files, batch_time(9)),
                      Contains("expected a commit of batch 9 ms") && Contains("found those of 1 ms, 2 ms, 3 ms"));
}

TEST_CASE("states are read without a lock and without a write", "[checkpoint][state_export]")
{
    memory_storage const files;
    auto running = journal::open(files, options()).log;
    (void)running.commit(commit_of(1));
    fault_plan const plan;
    CHECK(counts_in(faulty_storage(files, plan)).second == expected_after(1));
    CHECK(plan.changes() == 0);
    CHECK(plan.operations(storage_operation::lock) == 0);
    (void)running.commit(commit_of(2)); // the application has noticed nothing
    CHECK(counts_in(files).second == expected_after(2));
}

TEST_CASE("whatever byte is damaged, the states are those of the commit that a start would use",
          "[checkpoint][state_export]")
{
    auto const whole = some_checkpoint();
    std::set<std::int64_t> seen;
    for (auto const& name : whole.list()) {
        auto const bytes = whole.read(name);
        for (std::size_t at = 0; at < bytes.size(); at += 5) {
            INFO(name << ", byte " << at);
            auto damaged = bytes;
            damaged[at] ^= std::byte{0x10};
            auto const files = whole.kill();
            files.put(name, damaged);
            std::optional<recovered> start;
            try {
                start = read_checkpoint(files, "test");
            } catch (checkpoint_error const&) {
            }
            if (!start) {
                CHECK_THROWS_AS(counts_in(files), checkpoint_error);
                continue;
            }
            REQUIRE(start->commit);
            auto const [about, found] = counts_in(files);
            CHECK(about.time == start->commit->time);
            CHECK(about.notes == start->notes);
            CHECK(found == expected_after(start->commit->time.count()));
            seen.insert(start->commit->time.count());
        }
    }
    CHECK(seen == std::set<std::int64_t>{2, 3});
}

TEST_CASE("a chosen commit that is damaged is an error, and no other one stands in for it",
          "[checkpoint][state_export]")
{
    auto const files = some_checkpoint();
    for (auto const& name : files.list())
        if (name.starts_with("state-")) {
            auto bytes = files.read(name);
            bytes.back() ^= std::byte{1};
            files.put(name, bytes);
        }
    CHECK_THROWS_AS(counts_in(files, batch_time(2)), corrupt_checkpoint);
    CHECK_THROWS_AS(counts_in(files), corrupt_checkpoint);
}

TEST_CASE("states of other types are refused with what was found and what was expected", "[checkpoint][state_export]")
{
    auto const files = some_checkpoint();
    CHECK_THAT((refusal<incompatible_checkpoint, std::int32_t, std::int64_t>(files, "counts")),
               Contains("stage \"counts\"") && Contains("keys of string") && Contains("expects int32"));
    CHECK_THAT((refusal<incompatible_checkpoint, std::string, double>(files, "counts")),
               Contains("stage \"counts\"") && Contains("states of int64") && Contains("expects float64"));
    CHECK_THAT((refusal<incompatible_checkpoint, std::string, hits_otherwise>(files, "hits")),
               Contains("stage \"hits\", key-group 1") && Contains("serialize"));
    CHECK_THAT((refusal<incompatible_checkpoint, std::string, std::int64_t>(files, "last minute")),
               Contains("is a window") && Contains("map_with_state"));
    CHECK_THAT((refusal<incompatible_checkpoint, std::string, std::int64_t>(files, "sums")),
               Contains("expected a stage \"sums\"") && Contains("found \"counts\", \"hits\", \"last minute\""));
}

TEST_CASE("a newer program reads the states of an older one, as a restart does", "[checkpoint][state_export]")
{
    auto const files = some_checkpoint();
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    auto const about = for_each_state<std::string, hits_1>(
        files, "hits", [&](std::string const&, hits_1 const& hits) { found.emplace_back(hits.count, hits.largest); });
    CHECK(found == std::vector{std::pair<std::int64_t, std::int64_t>(200, -1)});
    CHECK(about.kind == "update_state_by_key");
}

TEST_CASE("where there is no commit, an export says what to name", "[checkpoint][state_export]")
{
    CHECK_THAT((refusal<checkpoint_error, std::string, std::int64_t>(memory_storage(), "counts")),
               Contains("found none") && Contains("checkpoint_directory"));
    memory_storage const begun;
    (void)journal::open(begun, options());
    CHECK_THAT((refusal<checkpoint_error, std::string, std::int64_t>(begun, "counts")), Contains("found none"));

    auto const nowhere = std::filesystem::temp_directory_path() / "tidemark-there-is-no-such-directory";
    CHECK_THROWS_WITH((for_each_state<std::string, std::int64_t>(nowhere, "counts", ignore_states)),
                      Contains("tidemark-there-is-no-such-directory") && Contains("found none"));
    CHECK_FALSE(std::filesystem::exists(nowhere));
}

TEST_CASE("what a visitor throws comes through unchanged", "[checkpoint][state_export]")
{
    auto const refuse = [](std::string const&, std::int64_t) { throw std::runtime_error("enough"); };
    CHECK_THROWS_WITH((for_each_state<std::string, std::int64_t>(some_checkpoint(), "counts", refuse)), "enough");
}
