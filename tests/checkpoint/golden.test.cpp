// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/part_file.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/golden/small_checkpoint.hpp>
#include <checkpoint/journal_cases.hpp>
#include <checkpoint/run_lengths.hpp>
#include <support/catch.hpp>
#include <support/hex.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace journal_cases;
using tidemark::batch_time;
using tidemark_test::from_hex;

void put_file(tidemark::any_storage storage, std::string const& name, std::string_view hex)
{
    put(storage, name, from_hex(hex));
}

tidemark::plan_record const plan{batch_time(2000), {{"plays", from_hex("0102")}}};
tidemark::done_record const done{batch_time(2000), "top-10", {{"hits", from_hex("07")}}};

tidemark::commit_record commit(bytes const& one = from_hex("aa"), bytes const& other = from_hex("bbcc"))
{
    tidemark::commit_record record;
    record.time = batch_time(2000);
    record.zero = batch_time(1000);
    record.batch_ms = 1000;
    record.graph = "plays -> video-hits";
    record.settings["partitions"] = from_hex("08");
    record.positions["plays"] = from_hex("2a");
    record.accumulators["hits"] = from_hex("07");
    record.stages.push_back({"video-hits", "map_with_state", "text", "int64", 1, {}});
    record.stages.back().groups = {{0, 1, one}, {3, 2, other}};
    return record;
}

/// What the batch of 3000 changes.
tidemark::group_run const put_run{batch_time(3000), 1, 0, from_hex("ab")};
tidemark::group_run const gone{batch_time(3000), 0, 1, from_hex("cd")};

/// The commit after that.
tidemark::commit_record next_commit(bytes const& one = from_hex("aa"), bytes const& other = from_hex("bbcc"))
{
    auto record = commit(one, other);
    record.time = batch_time(3000);
    record.stages.front().groups.at(0).runs = {put_run};
    record.stages.front().groups.at(1).runs = {gone};
    return record;
}

tidemark::journal_options golden_options()
{
    tidemark::journal_options options;
    options.application = "golden";
    options.log_room_bytes = 0; // nothing behind the last record
    options.store_id = 0x0123456789abcdef;
    return options;
}

} // namespace

namespace {

/// Writes the checkpoint of which the golden bytes are, with these two bases.
void write_all(tidemark::any_storage const& storage, bytes const& one, bytes const& other)
{
    auto opened = tidemark::journal::open(storage, golden_options());
    opened.log.plan(plan, true);
    opened.log.done(done, true);
    opened.log.commit(commit(one, other));
    tidemark::stage_changes changes;
    changes.runs = {{0, put_run}, {3, gone}};
    opened.log.change(batch_time(3000), "video-hits", changes);
    auto record = commit();
    record.time = batch_time(3000);
    record.stages.front().groups.clear(); // they are as they were, but for the changes
    opened.log.commit(record);
    opened.log.save("before-upgrade");
}

} // namespace

TEST_CASE("a journal writes the bytes that the format's page describes", "[checkpoint][journal][format]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    write_all(storage, from_hex("aa"), from_hex("bbcc"));
    CHECK(names(storage, "log-") == std::vector<std::string>{"log-0000000001-0000000001"});
    CHECK(names(storage, "state-") == std::vector<std::string>{"state-0000000001-0000000001"});
    CHECK(names(storage, "savepoint") == std::vector<std::string>{"savepoint-before-upgrade"});
    CHECK(storage.read("savepoint-before-upgrade") == from_hex(golden::version_2::savepoint));
    CHECK(storage.read("manifest") == from_hex(golden::version_2::manifest));
    CHECK(storage.read("log-0000000001-0000000001") == from_hex(golden::version_2::log));
    CHECK(storage.read("state-0000000001-0000000001") == from_hex(golden::version_2::state));
}

TEST_CASE("a journal that compresses writes the bytes that the format's page describes",
          "[checkpoint][journal][format]")
{
    auto const storage = tidemark::checkpoint_directory(tidemark::memory_storage())
                             .compressed_by(compression_cases::run_lengths{})
                             .storage();
    write_all(storage, bytes(40, std::byte{0xaa}), bytes(40, std::byte{0xbb}));
    CHECK(storage.read("savepoint-before-upgrade") == from_hex(golden::compressed::savepoint));
    CHECK(storage.read("manifest") == from_hex(golden::compressed::manifest));
    CHECK(storage.read("log-0000000001-0000000001") == from_hex(golden::compressed::log));
    CHECK(storage.read("state-0000000001-0000000001") == from_hex(golden::compressed::state));
}

namespace {

/// Reads a checkpoint of these bytes in each way. `expected` is its newest commit.
void check_reading(std::string_view manifest, std::string_view log, std::string_view state, std::string_view savepoint,
                   tidemark::commit_record const& expected)
{
    auto const storage = tidemark::checkpoint_directory(tidemark::memory_storage())
                             .decompressed_by(compression_cases::run_lengths{})
                             .storage();
    put_file(storage, "manifest", manifest);
    put_file(storage, "log-0000000001-0000000001", log);
    put_file(storage, "state-0000000001-0000000001", state);

    auto const found = tidemark::read_checkpoint(storage, "golden");
    REQUIRE(found.commit);
    CHECK(*found.commit == expected);
    CHECK(found.plans.empty());
    CHECK(found.dones.empty());
    CHECK(found.notes.empty());
    CHECK(found.records_dropped == 0);

    put_file(storage, "savepoint-before-upgrade", savepoint);
    auto const all = tidemark::inspect_checkpoint(storage);
    REQUIRE(all.savepoints.size() == 1);
    CHECK(all.savepoints.front().problem == "");
    CHECK(all.savepoints.front().record == expected);

    storage.remove("manifest"); // which is said
    auto const rebuilt = tidemark::read_checkpoint(storage, "golden");
    REQUIRE(rebuilt.commit);
    CHECK(*rebuilt.commit == expected);
    CHECK_FALSE(rebuilt.notes.empty());
}

} // namespace

TEST_CASE("the bytes that the format's page describes are read back", "[checkpoint][journal][format]")
{
    namespace golden_bytes = golden::version_2;
    check_reading(golden_bytes::manifest, golden_bytes::log, golden_bytes::state, golden_bytes::savepoint,
                  next_commit());
}

TEST_CASE("the bytes of compressed state are read", "[checkpoint][journal][format]")
{
    namespace golden_bytes = golden::compressed;
    check_reading(golden_bytes::manifest, golden_bytes::log, golden_bytes::state, golden_bytes::savepoint,
                  next_commit(bytes(40, std::byte{0xaa}), bytes(40, std::byte{0xbb})));
}

TEST_CASE("the bytes of version 1 are read", "[checkpoint][journal][format]")
{
    namespace golden_bytes = golden::version_1;
    check_reading(golden_bytes::manifest, golden_bytes::log, golden_bytes::state, golden_bytes::savepoint, commit());
}

TEST_CASE("a checkpoint of version 1 goes on in the present version", "[checkpoint][journal][format]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    put_file(storage, "manifest", golden::version_1::manifest);
    put_file(storage, "log-0000000001-0000000001", golden::version_1::log);
    put_file(storage, "state-0000000001-0000000001", golden::version_1::state);
    put_file(storage, "savepoint-before-upgrade", golden::version_1::savepoint);
    {
        auto opened = tidemark::journal::open(storage, golden_options());
        CHECK(*opened.state.commit == commit());
        CHECK(*tidemark::read_checkpoint(storage, "golden").commit == commit()); // it was carried over
        tidemark::stage_changes changes;
        changes.runs = {{0, put_run}, {3, gone}};
        opened.log.change(batch_time(3000), "video-hits", changes);
        auto record = next_commit();
        record.stages.front().groups.clear();
        opened.log.commit(record);
    }
    auto const found = tidemark::inspect_checkpoint(storage);
    REQUIRE(found.chosen);
    CHECK(found.commits[*found.chosen].record == next_commit());
    CHECK(found.savepoints.front().record == commit());
    CHECK(found.notes == std::vector<std::string>{});
}

TEST_CASE("a segment of version 1 whose header is damaged still gives its commit", "[checkpoint][journal][format]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    put_file(storage, "manifest", golden::version_1::manifest);
    put(storage, "log-0000000001-0000000001", flipped(from_hex(golden::version_1::log), 20 * 8));
    put_file(storage, "state-0000000001-0000000001", golden::version_1::state);
    auto const found = tidemark::read_checkpoint(storage, "golden");
    CHECK(found.commit == commit());
    CHECK_FALSE(found.notes.empty());
}

namespace {

constexpr std::uint64_t rdd_id = 0x0123456789abcdef;

/// Each row of a part.
std::vector<bytes> rows_of(tidemark::any_storage const& folder, std::size_t partition,
                           tidemark::dataset_mark const& mark)
{
    std::vector<bytes> rows;
    tidemark::part_reader part(folder, rdd_id, partition, mark.parts.at(partition));
    while (auto const row = part.next())
        rows.emplace_back(row->begin(), row->end());
    return rows;
}

void check_reading_rdd(std::string_view part_0, std::string_view part_1, std::string_view mark)
{
    tidemark::any_storage const folder{tidemark::memory_storage()};
    put_file(folder, "part-00000", part_0);
    put_file(folder, "part-00001", part_1);
    put_file(folder, "mark", mark);
    auto const found = tidemark::read_mark(folder);
    CHECK(found.id == rdd_id);
    CHECK(found.schema == "int64");
    REQUIRE(found.parts.size() == 2);
    CHECK(found.parts[0].records == 3);
    CHECK(found.parts[1].records == 0);
    REQUIRE(found.partitioning);
    CHECK(found.partitioning->partitions == 2);
    CHECK(found.partitioning->groups == 8);
    tidemark::expect_parts(folder, found);
    CHECK(rows_of(folder, 0, found) == std::vector{from_hex("0102"), from_hex("03")});
    CHECK(rows_of(folder, 1, found).empty());
}

} // namespace

TEST_CASE("the checkpoint of an rdd has the bytes that the format's page describes", "[checkpoint][part_file][format]")
{
    tidemark::any_storage const folder{tidemark::memory_storage()};
    tidemark::dataset_mark mark{rdd_id, "int64", {}, tidemark::key_partitioning{2, 8, nullptr}};
    {
        tidemark::part_writer part(folder, rdd_id, 0, mark.schema);
        part.append(from_hex("0102"), 2);
        part.append(from_hex("03"), 1);
        mark.parts.push_back(part.finish());
    }
    mark.parts.push_back(tidemark::part_writer(folder, rdd_id, 1, mark.schema).finish());
    tidemark::write_mark(folder, mark);
    CHECK(folder.list() == std::vector<std::string>{"mark", "part-00000", "part-00001"});
    CHECK(folder.read("part-00000") == from_hex(golden::rdd_version_2::part_0));
    CHECK(folder.read("part-00001") == from_hex(golden::rdd_version_2::part_1));
    CHECK(folder.read("mark") == from_hex(golden::rdd_version_2::mark));
}

TEST_CASE("the checkpoint of an rdd is read, that of version 1, too", "[checkpoint][part_file][format]")
{
    check_reading_rdd(golden::rdd_version_2::part_0, golden::rdd_version_2::part_1, golden::rdd_version_2::mark);
    check_reading_rdd(golden::rdd_version_1::part_0, golden::rdd_version_1::part_1, golden::rdd_version_1::mark);
}
