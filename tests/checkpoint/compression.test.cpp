// SPDX-License-Identifier: BSL-1.0
//
// State that is compressed in a checkpoint: read by whoever has its compression, refused in words by others, and never
// another state.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/state_export.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/scratch_directory.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/delta_cases.hpp>
#include <checkpoint/journal_cases.hpp>
#include <checkpoint/run_lengths.hpp>
#include <checkpoint/run_through_crashes.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace delta_cases;
using Catch::Matchers::Contains;
using compression_cases::basic_run_lengths;
using compression_cases::run_lengths;
using journal_cases::names;
using journal_cases::put;
using journal_cases::run_through_crashes;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::corrupt_checkpoint;
using tidemark::incompatible_checkpoint;
using tidemark::journal;
using tidemark::memory_storage;

/// The same way under another number.
using other_way = basic_run_lengths<301>;

any_storage plain(any_storage const& disk) { return disk.with(nullptr); }
template <typename Compression = run_lengths>
any_storage compressing(any_storage const& disk, Compression how = {})
{
    return checkpoint_directory(disk).compressed_by(std::move(how)).storage();
}
any_storage reading(any_storage const& disk)
{
    return checkpoint_directory(disk).decompressed_by(run_lengths{}).storage();
}

/// Commits of the batches 3, 6 ... up to `last`.
memory_storage compressed_up_to(std::int64_t last)
{
    memory_storage disk;
    progress done;
    run(compressing(disk), done, last);
    return disk;
}

/// A commit with one base, which compresses well, and its file.
struct one_base {
    memory_storage disk;
    std::string file;
    tidemark::commit_record record;

    explicit one_base(bytes content, bool is_compressed = true)
    {
        record = commit_after(1);
        auto const storage = is_compressed ? compressing(disk) : any_storage(disk);
        auto opened = journal::open(storage, small_files());
        opened.log.change(batch_time(1), "counts", {true, {{2, 1, std::move(content)}}, {}, {}});
        opened.log.commit(record);
        file = names(disk, "state-").back();
    }

    [[nodiscard]] std::optional<bytes> base_in(any_storage const& storage) const
    {
        auto const found = tidemark::read_checkpoint(storage, "test");
        if (!found.commit || found.commit->stages.front().groups.size() != 1)
            return std::nullopt;
        return found.commit->stages.front().groups.front().bytes;
    }
};

std::uint32_t number_at(bytes const& file, std::size_t at, std::size_t width)
{
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < width; ++i)
        number |= std::to_integer<std::uint32_t>(file.at(at + i)) << 8U * i;
    return number;
}

} // namespace

// ---- What is written is read

TEST_CASE("compressed state takes less space and is read as it was", "[checkpoint][compression]")
{
    bytes const content(3000, std::byte{7});
    one_base const made(content);
    one_base const uncompressed(content, false);
    CHECK(made.base_in(compressing(made.disk)) == content);
    CHECK(made.base_in(reading(made.disk)) == content);
    CHECK(made.disk.size(made.file) < 300);
    CHECK(uncompressed.disk.size(uncompressed.file) > 3000);
    // Version 3 says so to programs from before, and nothing else changes.
    CHECK(number_at(made.disk.read(made.file), 8, 4) == 3);
    CHECK(number_at(uncompressed.disk.read(uncompressed.file), 8, 4) == 2);
    for (auto const* const prefix : {"log-", "manifest"})
        CHECK(number_at(made.disk.read(names(made.disk, prefix).front()), 8, 4) == 2);
}

TEST_CASE("a block that would not be smaller stays as it is", "[checkpoint][compression]")
{
    bytes content;
    for (int i = 0; i < 500; ++i)
        content.push_back(static_cast<std::byte>(i * 7));
    one_base const made(content);
    CHECK(made.base_in(plain(made.disk)) == content); // without the compression, too
    auto const file = made.disk.read(made.file);
    CHECK(std::search(file.begin(), file.end(), content.begin(), content.end()) != file.end());
    CHECK(one_base(bytes{}).base_in(any_storage(one_base(bytes{}).disk)) == bytes{});
}

TEST_CASE("blocks of many pieces, some of which do not get smaller", "[checkpoint][compression]")
{
    constexpr std::size_t piece = std::size_t{1} << 20U;
    for (auto const size : {piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17}) {
        bytes content(size, std::byte{1});
        for (std::size_t i = piece / 2; i < std::min(size, piece * 3 / 2); ++i)
            content[i] = static_cast<std::byte>(i * i >> 3U);
        for (std::size_t i = piece; i < std::min(size, 2 * piece); ++i)
            content[i] = static_cast<std::byte>(i * 7); // nothing to gain
        one_base const made(content);
        CHECK(made.base_in(reading(made.disk)) == content);
    }
}

TEST_CASE("a checkpoint that is compressed in one way, then in none, then in another", "[checkpoint][compression]")
{
    memory_storage const disk;
    progress done;
    std::set<std::uint32_t> versions;
    for (std::int64_t last = 6; last <= 60; last += 6) {
        auto const all = checkpoint_directory(disk).decompressed_by(run_lengths{}).decompressed_by(other_way{});
        switch (last / 6 % 4) {
        case 0:
            run(all.storage(), done, last);
            break;
        case 1:
            run(all.compressed_by(run_lengths{}).storage(), done, last);
            break;
        case 2:
            run(all.compressed_by(run_lengths{}).compressed_by(other_way{}).storage(), done, last);
            break;
        default:
            run(all.storage(), done, last);
        }
        auto const found = tidemark::read_checkpoint(all.storage(), "test");
        CHECK(problem_after(found, done) == "");
        CHECK(found.notes == std::vector<std::string>{});
        for (auto const& name : names(disk, "state-"))
            versions.insert(number_at(disk.read(name), 8, 4));
    }
    CHECK(versions == std::set<std::uint32_t>{2, 3});
}

TEST_CASE("state is compressed by who writes it, not by who hands it over, and once", "[checkpoint][compression]")
{
    memory_storage const disk;
    tidemark::fault_plan const plan;
    run_lengths const how;
    auto opened = journal::open(compressing(any_storage(tidemark::faulty_storage(disk, plan)), how), small_files());
    opened.log.change(batch_time(1), "counts", {true, {{0, 1, bytes(500)}, {1, 1, bytes(600)}}, {}, {}});
    auto handed = opened.log.hand_over(commit_after(1));
    CHECK(how.calls->compressed == 0);
    plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync));
    CHECK_THROWS_AS(opened.log.commit(std::move(handed)), tidemark::checkpoint_error);
    CHECK(how.calls->compressed == 2);
    opened.log.commit(commit_after(1));
    CHECK(how.calls->compressed == 2); // though the blocks were written into another file
    auto const found = tidemark::read_checkpoint(reading(disk), "test");
    REQUIRE(found.commit);
    CHECK(found.commit->stages.front().groups
          == std::vector<tidemark::group_image>{{0, 1, bytes(500)}, {1, 1, bytes(600)}});
}

TEST_CASE("compressed state in files that are used again, past the page cache where that is possible",
          "[checkpoint][compression]")
{
    tidemark::scratch_directory const scratch;
    auto const& disk = scratch.storage();
    progress done;
    for (std::int64_t last = 60; last <= 180; last += 60) {
        run(compressing(disk), done, last);
        auto const found = tidemark::read_checkpoint(reading(disk), "test");
        CHECK(problem_after(found, done) == "");
        CHECK(found.notes == std::vector<std::string>{});
    }
}

// ---- A program without the compression

TEST_CASE("a compression that a program does not have is named, and no older commit is used instead",
          "[checkpoint][compression]")
{
    memory_storage const disk;
    progress done;
    run(any_storage(disk), done, 3);
    run(compressing(disk), done, 6);
    auto const before = disk.read("manifest");
    auto const expect = [&](any_storage const& storage, auto const& matcher) {
        CHECK_THROWS_MATCHES(tidemark::read_checkpoint(storage, "test"), incompatible_checkpoint, matcher);
        auto fresh = small_files();
        fresh.unreadable = tidemark::on_unreadable::start_fresh; // it is not unreadable
        CHECK_THROWS_MATCHES(journal::open(storage, fresh), incompatible_checkpoint, matcher);
    };
    using Catch::Predicate;
    auto const says = [](std::vector<std::string> const& words) {
        return Predicate<incompatible_checkpoint>([words](incompatible_checkpoint const& problem) {
            return std::all_of(words.begin(), words.end(), [&](std::string const& word) {
                return std::string_view(problem.what()).find(word) != std::string_view::npos;
            });
        });
    };
    expect(any_storage(disk), says({"stage \"counts\"", "compression 300", "decompressed_by(your type with that id)"}));
    expect(compressing(disk, other_way{}), says({"stage \"counts\"", "compression 300"}));
    CHECK(disk.read("manifest") == before);
    CHECK(tidemark::read_checkpoint(reading(disk), "test").commit->time == batch_time(6));
}

TEST_CASE("the compressions of the library are named with their headers", "[checkpoint][compression]")
{
    auto const message = [](auto how) {
        memory_storage const disk;
        progress done;
        run(compressing(disk, how), done, 3);
        try {
            static_cast<void>(tidemark::read_checkpoint(any_storage(disk), "test"));
        } catch (incompatible_checkpoint const& problem) {
            return std::string(problem.what());
        }
        return std::string();
    };
    auto const zstd = message(basic_run_lengths<1>{});
    CHECK_THAT(zstd, Contains("is compressed by zstd, which this program does not read"));
    CHECK_THAT(zstd, Contains("include <tidemark/checkpoint/zstd_compression.hpp>"));
    CHECK_THAT(zstd, Contains("decompressed_by(zstd_compression{})"));
    auto const lz4 = message(basic_run_lengths<2>{});
    CHECK_THAT(lz4, Contains("is compressed by lz4, which this program does not read"));
    CHECK_THAT(lz4, Contains("include <tidemark/checkpoint/lz4_compression.hpp>"));
    CHECK_THAT(lz4, Contains("decompressed_by(lz4_compression{})"));
}

TEST_CASE("a compressed block in a file of version 2 is damage", "[checkpoint][compression][damage][payload]")
{
    one_base const made(bytes(300));
    auto file = made.disk.read(made.file);
    file[8] = std::byte{2};
    auto const header = number_at(file, 12, 4);
    auto sum = tidemark::checksum(std::span(file).first(header - 8), 0);
    for (std::size_t i = 0; i < 8; ++i, sum >>= 8U)
        file[header - 8 + i] = static_cast<std::byte>(sum & 0xffU);
    put(made.disk, made.file, file);
    CHECK_THROWS_AS(tidemark::read_checkpoint(reading(made.disk), "test"), corrupt_checkpoint);
}

TEST_CASE("an inspection without the compression shows sizes, and that a start would be refused",
          "[checkpoint][compression]")
{
    memory_storage const disk;
    {
        auto opened = journal::open(any_storage(disk), small_files());
        opened.log.change(batch_time(1), "counts", {true, {{0, 1, bytes(200)}}, {}, {}});
        opened.log.commit(commit_after(1));
    }
    {
        auto opened = journal::open(compressing(disk), small_files());
        opened.log.plan(journal_cases::plan_of(2), true);
        opened.log.change(batch_time(2), "counts", {true, {{0, 1, bytes(1000)}, {1, 1, bytes(10)}}, {}, {}});
        opened.log.commit(commit_after(2));
        opened.log.save("kept");
        opened.log.plan(journal_cases::plan_of(3), true);
    }
    auto const without = tidemark::inspect_checkpoint(any_storage(disk));
    REQUIRE(without.commits.size() >= 2);
    auto const& last = without.commits.back();
    CHECK(last.time == batch_time(2));
    CHECK(last.lacks_compression);
    CHECK_FALSE(last.record);
    CHECK_THAT(last.problem, Contains("compression 300"));
    REQUIRE(last.states.size() == 1);
    CHECK(last.states.front().stage == "counts");
    CHECK(last.states.front().bytes == 1010);
    // 1000 zeros: a number of eight bytes, the length of the only piece, and four runs of up to 255; 10 bytes stay.
    CHECK(last.states.front().stored_bytes == 8 + 4 + 4 * 2 + 10);
    CHECK(last.states.front().compressions == std::set<std::string>{"compression 300"});
    CHECK_FALSE(without.chosen);
    CHECK(without.planned == std::vector<batch_time>{batch_time(3)});
    REQUIRE(without.savepoints.size() == 1);
    CHECK_THAT(without.savepoints.front().problem, Contains("compression 300"));
    auto const& first = without.commits.front();
    CHECK(first.problem == "");
    CHECK(first.states.front().bytes == 200);
    CHECK(first.states.front().stored_bytes == 200);
    CHECK(first.states.front().compressions.empty());
    REQUIRE(first.record);

    auto const with = tidemark::inspect_checkpoint(reading(disk));
    REQUIRE(with.chosen);
    CHECK(*with.chosen == with.commits.size() - 1);
    CHECK_FALSE(with.commits.back().lacks_compression);
    CHECK(with.commits.back().problem == "");
    CHECK(with.commits.back().states.front().bytes == 1010);
    CHECK(with.planned == std::vector<batch_time>{batch_time(3)});
    CHECK(with.savepoints.front().problem == "");
}

// ---- Tools

TEST_CASE("a copy is compressed as its own directory says", "[checkpoint][compression]")
{
    memory_storage const disk;
    progress done;
    run(compressing(disk), done, 9);
    {
        auto opened = journal::open(compressing(disk), small_files());
        opened.log.save("one");
    }
    std::optional<std::string> const savepoint =
        GENERATE(true, false) ? std::optional<std::string>("one") : std::nullopt;
    memory_storage const as_it_is;
    memory_storage const otherwise;
    CHECK_THROWS_AS(tidemark::copy_checkpoint(any_storage(disk), any_storage(memory_storage()), {savepoint}),
                    incompatible_checkpoint);
    tidemark::copy_checkpoint(reading(disk), any_storage(as_it_is), {savepoint});
    CHECK(problem_after(tidemark::read_checkpoint(any_storage(as_it_is), "test"), done) == "");
    tidemark::copy_checkpoint(any_storage(as_it_is), compressing(otherwise, other_way{}));
    CHECK_THROWS_AS(tidemark::read_checkpoint(any_storage(otherwise), "test"), incompatible_checkpoint);
    CHECK(problem_after(tidemark::read_checkpoint(compressing(otherwise, other_way{}), "test"), done) == "");
}

TEST_CASE("states are exported from a compressed checkpoint", "[checkpoint][compression]")
{
    memory_storage const disk;
    tidemark::output_archive out;
    for (std::int64_t key = 0; key < 100; ++key)
        out << std::string(50, 'k') + std::to_string(key) << key << std::int64_t{1};
    auto record = commit_after(1);
    record.settings["key_groups"] = tidemark::to_bytes(std::uint64_t{128});
    record.stages.front().key_schema = tidemark::schema_of<std::string>();
    record.stages.front().state_schema = tidemark::schema_of<std::int64_t>();
    {
        auto opened = journal::open(compressing(disk), small_files());
        opened.log.change(batch_time(1), "counts",
                          {true, {{0, 100, {out.bytes().begin(), out.bytes().end()}}}, {}, {}});
        opened.log.commit(record);
    }
    std::int64_t sum = 0;
    auto const add = [&sum](std::string const&, std::int64_t value) { sum += value; };
    using text = std::string;
    CHECK_THROWS_AS((tidemark::for_each_state<text, std::int64_t>(any_storage(disk), "counts", add)),
                    incompatible_checkpoint);
    auto const directory = checkpoint_directory(disk).decompressed_by(run_lengths{});
    tidemark::for_each_state<text, std::int64_t>(directory, "counts", add);
    CHECK(sum == 99 * 100 / 2);
}

// ---- Damage

TEST_CASE("every flipped bit of compressed state is noticed, and the commit before is used",
          "[checkpoint][compression][damage]")
{
    auto const disk = compressed_up_to(12);
    auto const storage = reading(disk);
    std::size_t fallbacks = 0;
    for (auto const& name : names(disk, "state-")) {
        auto const whole = disk.read(name);
        REQUIRE(number_at(whole, 8, 4) == 3);
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            put(disk, name, journal_cases::flipped(whole, bit));
            INFO(name << ", byte " << bit / 8 << ", bit " << bit % 8);
            try {
                auto const found = tidemark::read_checkpoint(storage, "test");
                REQUIRE(found.commit);
                REQUIRE(problem_with(*found.commit) == "");
                if (found.commit->time != batch_time(12)) {
                    REQUIRE_FALSE(found.notes.empty());
                    ++fallbacks;
                }
            } catch (corrupt_checkpoint const&) { // what both commits need
            }
        }
        put(disk, name, whole);
    }
    CHECK(fallbacks > 1000);
}

namespace {

/// What comes of the payload of a compressed block; nothing when it is refused.
std::optional<bytes> opened(bytes const& payload)
{
    basic_run_lengths<1> const how;
    tidemark::block_compressions ways;
    ways.write_with(how);
    tidemark::detail::located_bytes<std::span<std::byte const>> const located{payload, "file", 0};
    try {
        return tidemark::detail::decompressed(*ways.writer(), located);
    } catch (corrupt_checkpoint const&) {
        return std::nullopt;
    }
}

bytes closed(bytes const& content)
{
    tidemark::block_compressions ways;
    ways.write_with(run_lengths{});
    return tidemark::detail::compressed(*ways.writer(), content);
}

bytes number(std::uint64_t value, std::size_t width)
{
    bytes made;
    for (std::size_t i = 0; i < width; ++i, value >>= 8U)
        made.push_back(static_cast<std::byte>(value & 0xffU));
    return made;
}

bytes operator+(bytes one, bytes const& other)
{
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

} // namespace

TEST_CASE("a compressed payload that is wrong under a right checksum gives as many bytes as it says, or is refused",
          "[checkpoint][compression][damage][payload]")
{
    auto const two = number(2, 1) + number(7, 1);            // a run of two
    CHECK(opened(number(2, 8) + number(2, 4) + two) == two); // a piece that is as long as it was is what it was
    auto const payload = number(4, 8) + number(2, 4) + number(4, 1) + number(7, 1);
    REQUIRE(opened(payload) == bytes(4, std::byte{7}));
    for (std::size_t length = 0; length < payload.size(); ++length)
        CHECK_FALSE(opened(bytes(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length))));
    CHECK_FALSE(opened(payload + number(0, 1)));                                    // something behind the end
    CHECK_FALSE(opened(number(5, 8) + number(2, 4) + number(4, 1) + number(7, 1))); // fewer bytes than it says
    CHECK_FALSE(opened(number(3, 8) + number(2, 4) + number(4, 1) + number(7, 1))); // more
    CHECK_FALSE(opened(number(4, 8) + number(0, 4)));                               // of nothing
    auto const seven = number(1, 1) + number(7, 1);                                 // one
    CHECK_FALSE(opened(number(2, 8) + number(4, 4) + seven + seven));               // longer than what it was made of
    CHECK_FALSE(opened(number(1ULL << 62U, 8) + number(2, 4) + two));               // more than any memory
    CHECK_FALSE(opened(number(~0ULL, 8) + number(0xffffffff, 4) + two));
    CHECK(opened(number(0, 8)) == bytes{});
}

TEST_CASE("whatever bit of a compressed payload is wrong under a right checksum, no more comes of it than it says",
          "[checkpoint][compression][damage][payload]")
{
    bytes content(600, std::byte{1});
    for (std::size_t i = 0; i < content.size(); i += 50)
        content[i] = std::byte{2};
    auto const payload = closed(content);
    REQUIRE_FALSE(payload.empty());
    REQUIRE(payload.size() < content.size());
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
        auto const damaged = journal_cases::flipped(payload, bit);
        auto const found = opened(damaged);
        if (!found)
            ++refused;
        else
            REQUIRE(found->size() == content.size());
    }
    CHECK(refused >= 12 * 8); // both lengths, at least
}

// ---- Crashes

TEST_CASE("a start after a crash at any operation finds all compressed changes of a commit or none",
          "[checkpoint][compression][crash]")
{
    constexpr std::int64_t last_batch = 12;
    auto const whole = plan_of_a_whole_run(last_batch, [](any_storage const& disk) { return compressing(disk); });
    std::uint64_t crashes = 0;
    for (std::uint64_t seed = 0; seed < 6; ++seed) // 0: only processes die, the system never
        for (std::uint64_t at = 0; at <= whole.changes(); ++at) {
            progress done;
            std::uint64_t start = 0;
            auto const disk = run_through_crashes(seed, at, 29, crashes, [&](any_storage const& storage) {
                // Every other start compresses; all of them read what the others have written.
                run(start++ % 2 == 0 ? compressing(storage) : reading(storage), done, last_batch);
            });
            CHECK(done.committed == last_batch);
            CHECK(problem_after(tidemark::read_checkpoint(reading(disk.crash(seed)), "test"), done) == "");
        }
    CHECK(crashes > 500);
}

TEST_CASE("one failed operation costs one call or one start, and no compressed change",
          "[checkpoint][compression][crash]")
{
    constexpr std::int64_t last_batch = 12;
    auto const whole = plan_of_a_whole_run(last_batch, [](any_storage const& disk) { return compressing(disk); });
    for (auto const effect : {tidemark::fault_effect::none, tidemark::fault_effect::all})
        for (std::uint64_t at = 0; at < whole.operations(); ++at) {
            INFO("operation " << at);
            memory_storage const disk;
            tidemark::fault_plan const plan;
            plan.fail(at, effect);
            progress done;
            for (int start = 0; done.committed < last_batch; ++start) {
                REQUIRE(start < 2);
                try {
                    run(compressing(any_storage(tidemark::faulty_storage(disk, plan))), done, last_batch, 1);
                } catch (tidemark::error const&) {
                }
            }
            CHECK(problem_after(tidemark::read_checkpoint(reading(disk.crash(at)), "test"), done) == "");
        }
}
